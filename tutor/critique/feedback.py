"""Two or three sentences about an answer, made from its verdicts and checked against note and answer."""

import re
from collections.abc import Mapping, Sequence

from tutor.critique.types import Label, Verdict
from tutor.critique.units import content_units
from tutor.notes.text import numbers, shorten, split_sentences
from tutor.notes.types import KeyPoint

_GUARDS: Mapping[str, tuple[str, str]] = {
    "empty": ("没有收到回答，这题计 0 分。想到什么先说什么，哪怕只有一个要点。",
              "No answer came, so this one scores 0. Say what you have, even a single point."),
    "dont_know": ("你说不知道，这题计 0 分。可以先看提示，再用自己的话试一次。",
                  "You said you do not know, so this one scores 0. Take the hint and try it in your own words."),
    "echo": ("这只是重复了题目，没有作答，计 0 分。请说出你的理解。",
             "This repeats the question without answering it, so it scores 0. Say what you think the answer is."),
    "gibberish": ("这段内容读不出意思，计 0 分。请用完整的句子回答。",
                  "This cannot be read as an answer, so it scores 0. Please answer in sentences."),
    "off_topic": ("这段回答没有谈到这道题，计 0 分。请对照题目再答一次。",
                  "This does not speak about the question, so it scores 0. Read the question again and retry."),
    "injection": ("写给评分者的话不参与评分，这题没有其他内容，计 0 分。",
                  "Words addressed to the grader are not judged, and nothing else was said, so this scores 0."),
}  # fmt: skip
_NOTICES: Mapping[str, tuple[str, str]] = {
    "injection": ("写给评分者的话已忽略，只评其余内容。",
                  "Words addressed to the grader were set aside; only the rest was judged."),
    "keywords": ("只列关键词，听不出你是否理解；面试时请连成句子。",
                 "A list of terms does not show that you understand; put them into sentences."),
    "copied": ("这与笔记原文几乎一样；再用自己的话说一遍记得更牢。",
               "This is almost the note word for word; saying it in your own words sticks better."),
}  # fmt: skip
_QUOTE = 60


def guard_comment(code: str, lang: str) -> str:
    """What is said when a rule alone decided; empty for a code that decides nothing."""
    return _choose(_GUARDS.get(code, ("", "")), lang)


def template_comment(
    answer: str,
    verdicts: Sequence[Verdict],
    points: Sequence[KeyPoint],
    lang: str,
    *,
    guard: str = "",
    reveal: bool = True,
) -> str:
    """The comment that needs no model: what was good, what is wrong, what to add.

    With ``reveal`` off (Real mode before its end) no key point is named.
    """
    texts = {point.id: point.text for point in points}
    found = [v for v in verdicts if v.label in (Label.COVERED, Label.PARTIAL)]
    wrong = [v for v in verdicts if v.label is Label.CONTRADICTED]
    open_points = [v for v in verdicts if v.label in (Label.MISSED, Label.PARTIAL)]
    zh = lang == "zh"
    lines = [_choose(_NOTICES[guard], lang)] if guard in _NOTICES else []
    best = best_quote(answer, verdicts)
    total = sum(v.label is not Label.UNSCORED for v in verdicts)
    halves = sum(v.label is Label.PARTIAL for v in found)
    lines.append(_opening(len(found), halves, total, best, zh))
    if wrong and reveal:
        point = shorten(texts.get(wrong[0].point_id, ""), 80)
        lines.append(
            f"有一处与笔记相反，笔记说的是：{point}。"
            if zh
            else f"One statement goes against the note, which says: {point}."
        )
    elif wrong:
        lines.append(
            "有一处说法与笔记相反，请再想想。"
            if zh
            else "One statement goes against the note; think it over."
        )
    if open_points and reveal and len(lines) < 3:
        first = _first_open(open_points, points)
        point = shorten(texts.get(first.point_id, ""), 80)
        if first.label is Label.PARTIAL:
            lines.append(
                f"这一点还可以说得更完整：{point}。"
                if zh
                else f"This point could be fuller: {point}."
            )
        else:
            lines.append(f"还可以补充：{point}。" if zh else f"You could add: {point}.")
    return _tidy("".join(lines) if zh else " ".join(lines))


def _opening(found: int, halves: int, total: int, best: str, zh: bool) -> str:
    """How many points were reached, and the learner's best words."""
    if not found:
        return (
            f"{total} 个要点都还没有说到。"
            if zh
            else f"None of the {total} points has been reached yet."
        )
    if zh:
        part = f"，其中 {halves} 个只说到一部分" if halves else ""
        quote = f"，说得最好的一句是“{best}”" if best else ""
        return f"{total} 个要点说到了 {found} 个{part}{quote}。"
    part = f", {halves} of them in part" if halves else ""
    quote = f'; your best line was "{best}"' if best else ""
    return f"You reached {found} of {total} points{part}{quote}."


def best_quote(answer: str, verdicts: Sequence[Verdict]) -> str:
    """The learner's own words behind the surest covered point; empty if there are none."""
    chosen = best_verdict(verdicts)
    if chosen is None or chosen.learner_span is None:
        return ""
    return shorten(chosen.learner_span.of(answer).strip(" ，,。.;；"), _QUOTE)


def best_verdict(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The surest covered point, or the surest partial one; None if nothing was found."""
    found = [v for v in verdicts if v.label in (Label.COVERED, Label.PARTIAL) and v.learner_span]
    return max(found, key=lambda v: (v.label is Label.COVERED, v.confidence), default=None)


def check_comment(
    comment: str, answer: str, allowed: Sequence[str], fallback: str
) -> tuple[str, bool]:
    """Keep the sentences of a model's comment that rest on the note or the answer.

    A sentence passes if its concepts and numbers all stand in the answer or in the ``allowed``
    texts (question, key points that may be named), it names no score, and its quotations are
    verbatim. If any fails, or nothing is left, ``fallback`` is returned.

    Returns:
        The comment and whether the model's own words were kept.
    """
    grounds = " ".join([answer, *allowed])
    known = content_units(grounds)
    for span in split_sentences(comment):
        sentence = span.of(comment)
        concepts = {unit for unit in content_units(sentence) if unit.startswith("#")}
        quotes = re.findall(r"[“\"「『]([^”\"」』]{2,})[”\"」』]", sentence)
        if (
            concepts - known
            or numbers(sentence) - numbers(grounds)
            or re.search(r"\d\s*(?:分|/\s*10|points?\b|marks?\b)|满分|full marks", sentence, re.I)
            or any(quote.strip("…") not in grounds for quote in quotes)
        ):
            return fallback, False
    clean = " ".join(comment.split())
    if not 8 <= len(clean) <= 400 or len(split_sentences(clean)) > 4:
        return fallback, False
    return clean, True


def _first_open(open_points: Sequence[Verdict], points: Sequence[KeyPoint]) -> Verdict:
    required = {point.id for point in points if point.required}
    return min(open_points, key=lambda v: (v.point_id not in required, v.label is Label.PARTIAL))


def _choose(pair: tuple[str, str], lang: str) -> str:
    return pair[0] if lang == "zh" else pair[1]


def _tidy(text: str) -> str:
    return re.sub(r"([。.])[。.]+", r"\1", text)
