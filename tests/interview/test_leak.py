"""Follow-ups and hints point at what is missing without telling it."""

from dataclasses import replace

import pytest

from tests.fakes import WordEmbedder
from tests.interview.values import NOW, make_critique, make_notes
from tutor.errors import InterviewError, ModelUnavailableError
from tutor.interview import machine
from tutor.interview.followup import Aim, ask_follow_up, hint_text, leaks
from tutor.interview.types import Choices, Contrast, FollowUp, Session, Style
from tutor.notes.types import KeyPoint, Note, Source

NOTES = make_notes()
LSTM = Note(
    "lstm",
    "LSTM 有哪些门？",
    "遗忘门决定丢弃多少旧的细胞状态。输入门决定写入多少新信息。输出门决定暴露多少细胞状态，共 3 个门。",
    Source("n.md", 1, 2),
    key_points=(
        KeyPoint("a", "遗忘门决定丢弃多少旧的细胞状态"),
        KeyPoint("b", "输入门决定写入多少新信息"),
        KeyPoint("c", "共有 3 个门，AdamW 与此无关"),
    ),
)


def judged(said: str, labels: str, **choices: object) -> Session:
    session = machine.start("s", "u", Choices(count=1, **choices), [NOTES["n0"]], NOW)  # type: ignore[arg-type]
    session = machine.apply(
        session, machine.next_move(session, NOTES, NOW), NOW, prompt="动量法解决了什么问题？"
    )
    session = machine.receive(session, said, NOW)
    return machine.attach(session, make_critique(NOTES["n0"], said, labels))


@pytest.mark.parametrize(
    "text",
    [
        "你能说说遗忘门怎样丢弃细胞状态吗？",
        "是不是由输入门决定写入多少新信息？",
        "一共有 3 个门，对吗？",
        "AdamW 呢？",
        "输出门决定暴露多少细胞状态，是这样吗？",  # in the answer, though in no key point
    ],
)
def test_question_that_tells_a_hidden_point_leaks(text: str) -> None:
    assert leaks(text, LSTM)


@pytest.mark.parametrize(
    "text", ["你能再补充一点吗？", "LSTM 的门还有哪些作用？", "为什么需要它们？请举个例子。"]
)
def test_question_that_only_points_does_not_leak(text: str) -> None:
    assert not leaks(text, LSTM)


def test_other_language_leaks_by_the_concepts_it_names() -> None:
    note = replace(
        LSTM,
        question="怎样防止过拟合？",
        answer="用 Dropout 和权重衰减。早停也行。",
        key_points=(KeyPoint("a", "常用随机失活和权重衰减"), KeyPoint("b", "也可以早停")),
    )
    assert leaks("Could you use dropout together with weight decay?", note)
    assert not leaks("Which other ways are there, and what do they cost?", note)
    assert not leaks("Could you use dropout and weight decay?", note, said="随机失活和权重衰减")


def test_what_the_learner_said_or_saw_may_be_used() -> None:
    question = "遗忘门丢弃旧的细胞状态，还有呢？"
    assert leaks(question, LSTM)
    assert not leaks(question, LSTM, said="遗忘门会丢弃一些旧的细胞状态")
    assert not leaks(question, LSTM, ["a"])


def test_same_meaning_in_other_words_leaks_with_an_encoder() -> None:
    english = Note(
        "n",
        "What does dropout do?",
        "It disables units.",
        Source("n.md", 1, 2),
        key_points=(KeyPoint("a", "switches random units off while training"),),
        lang="en",
    )

    class Synonyms(WordEmbedder):
        """Reads "disables neurons by chance" as the point itself."""

        def encode(self, texts, *, side="query"):  # type: ignore[no-untyped-def]
            same = [
                t.replace("disables neurons by chance", "switches random units off while training")
                for t in texts
            ]
            return super().encode(same, side=side)

    text = "disables neurons by chance"
    assert not leaks(text, english)
    assert leaks(text, english, encoder=Synonyms())


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_template_leaks(style: Style, lang: str) -> None:
    for note in [*NOTES.values(), LSTM]:
        for point in note.key_points:
            session = judged("不知道", "mmm", style=style, lang=lang)
            move = FollowUp(note.id, point.id)
            assert not leaks(ask_follow_up(session, note, move), note, said="不知道")


def test_wording_of_the_model_is_used_only_if_it_is_fit() -> None:
    session = judged("动量会累积", "cmm")
    move = FollowUp("n0", "p1")
    template = ask_follow_up(session, NOTES["n0"], move)
    good = "那么它还有什么别的好处？"

    def says(text: str) -> str:
        return ask_follow_up(session, NOTES["n0"], move, phrase=lambda aim: text)

    assert says(good) == good
    for unfit in (
        "它会减小来回震荡，对吗？",  # tells the point
        "What else does it do?",  # not the interview's language
        "请继续。",  # no question
        "再想一想好吗？" * 40,
        "",
    ):
        assert says(unfit) == template


def test_model_that_fails_leaves_the_template() -> None:
    session = judged("动量会累积", "cmm")

    def fails(aim: Aim) -> str:
        raise ModelUnavailableError("no model", "没有模型")

    move = FollowUp("n0", "p1")
    assert ask_follow_up(session, NOTES["n0"], move, phrase=fails) == ask_follow_up(
        session, NOTES["n0"], move
    )


def test_styles_speak_differently_and_both_languages_are_there() -> None:
    texts = {
        ask_follow_up(
            judged("动量", "cmm", style=style, lang=lang), NOTES["n0"], FollowUp("n0", "p1")
        )
        for style in Style
        for lang in ("zh", "en")
    }
    assert len(texts) == 6


def test_contrast_quotes_the_learner_only() -> None:
    session = judged("动量让震荡更大。", "mxm")
    text = ask_follow_up(session, NOTES["n0"], Contrast("n0", "p1", "动量让震荡更大。"))
    assert "动量让震荡更大" in text
    assert "减小来回震荡" not in text


def test_hint_before_it_was_asked_for_is_refused() -> None:
    session = machine.start("s", "u", Choices(count=1), [NOTES["n0"]], NOW)
    with pytest.raises(InterviewError):
        hint_text(session, NOTES["n0"])
