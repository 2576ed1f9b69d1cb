"""The claim checker: what stands in a source, what does not, and what stands reversed."""

import pytest

from tests.fakes import ScriptedModel, WordEmbedder
from tutor.errors import ModelUnavailableError
from tutor.notes.polarity import agreed_pairs, count_negations, opposed_pairs
from tutor.search.gate import GateResult
from tutor.study import claims
from tutor.study.claims import ClaimChecker, load_weights
from tutor.study.clash import find_clash, miscounts
from tutor.study.measures import NAMES
from tutor.study.pairs import holds_alike, places, read_pair
from tutor.study.perturb import swap_number, swap_side
from tutor.study.wording import clip

SOURCE = (
    "GRU 有两个门：更新门和重置门。更新门控制保留多少旧状态，接近 0 时直接保留旧状态。"
    "GRU 的参数约为 LSTM 的四分之三，训练更快，效果通常相当。"
)


@pytest.fixture
def checker() -> ClaimChecker:
    return ClaimChecker(WordEmbedder())


def test_a_verbatim_sentence_is_supported_and_its_words_are_found(checker: ClaimChecker) -> None:
    result = checker.check("GRU 有两个门：更新门和重置门。", SOURCE)
    assert result.label == "supported"
    assert "更新门和重置门" in result.span.of(SOURCE)


@pytest.mark.parametrize(
    "claim",
    [
        "Transformer 在 2017 年由谷歌提出，用了八块 P100 显卡。",
        "卷积神经网络用池化层扩大感受野。",
    ],
)
def test_what_the_source_does_not_say_is_not_supported(checker: ClaimChecker, claim: str) -> None:
    assert checker.check(claim, SOURCE).label == "unsupported"


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("GRU 有两个门：更新门和重置门。", "GRU 有五个门：更新门和重置门。"),
        ("更新门接近 0 时直接保留旧状态。", "更新门接近 0 时不保留旧状态。"),
        ("GRU 训练更快，效果通常相当。", "GRU 训练更慢，效果通常相当。"),
    ],
)
def test_a_changed_number_negation_or_side_costs_support(
    checker: ClaimChecker, true: str, false: str
) -> None:
    good, bad = checker.check_all([true, false], SOURCE)
    assert bad.support < good.support
    assert bad.contradiction > good.contradiction


def test_an_empty_source_supports_nothing(checker: ClaimChecker) -> None:
    assert checker.check("GRU 有两个门。", "").label == "unsupported"


@pytest.mark.parametrize(
    ("said", "label"), [("两个", "supported"), ("3", "contradicted"), ("2", "supported")]
)
def test_an_answer_must_stand_in_the_source(checker: ClaimChecker, said: str, label: str) -> None:
    result = checker.check(f"问：GRU 有几个门？ 答：{said}", "GRU 有 2 个门，也就是两个门。")
    assert (result.label == "supported") == (label == "supported")


@pytest.mark.parametrize(
    ("said", "source", "count"),
    [
        ("3", "2023 年有 3 个，占 3.5%", 1),
        ("SGD", "sgd 与 SGDM", 1),
        ("武 汉", "在武汉举办", 1),
        ("", "x", 0),
    ],
)
def test_numbers_and_names_are_found_only_whole(said: str, source: str, count: int) -> None:
    assert len(places(said, source)) == count


def test_pairs_are_told_from_statements() -> None:
    assert read_pair("问：几个门？ 答：两个。") == ("几个门？", "两个")
    assert read_pair("GRU 有两个门。") is None


def test_the_model_is_asked_once_about_a_claim_in_doubt_and_decides() -> None:
    doubtful = "更新门控制保留多少旧状态，重置门则不同。"
    plain = ClaimChecker(WordEmbedder()).check(doubtful, SOURCE)
    assert 0.04 < plain.support < 0.9
    supports = []
    for yes, no in ((-0.1, -5.0), (-5.0, -0.1)):
        model = ScriptedModel().enqueue_choices({"是": yes, "否": no})
        checker = ClaimChecker(WordEmbedder(), model)
        first = checker.check(doubtful, SOURCE)
        assert checker.check(doubtful, SOURCE) == first
        assert first.judge == "llm"
        supports.append(first.support)
    assert supports[0] > plain.support > supports[1]


def test_a_model_that_fails_leaves_the_measures_in_charge() -> None:
    doubtful = "更新门控制保留多少旧状态，重置门则不同。"
    model = ScriptedModel().enqueue_choices(ModelUnavailableError("gone", "没了"))
    result = ClaimChecker(WordEmbedder(), model).check(doubtful, SOURCE)
    assert result == ClaimChecker(WordEmbedder()).check(doubtful, SOURCE)


def test_the_weights_fit_the_measures() -> None:
    assert load_weights().coefficients.shape == (3, len(NAMES))


@pytest.mark.parametrize(
    ("text", "count"),
    [("不会爆炸", 1), ("不得不用", 0), ("是不是", 0), ("it does not", 1), ("会", 0)],
)
def test_negations_are_counted(text: str, count: int) -> None:
    assert count_negations(text) == count


def test_opposites_need_one_side_each() -> None:
    assert opposed_pairs("方差变大，参数增加", "参数减少") == 1
    assert opposed_pairs("非线性变换", "线性变换") == 1
    assert agreed_pairs("参数增加", "层数变多") == 1
    assert opposed_pairs("训练时用", "推理时不用，训练时用") == 0


def test_a_clause_clashes_only_with_its_counterpart() -> None:
    assert find_clash("更新门接近 0 时不保留旧状态", SOURCE) > 0.5
    assert find_clash("更新门接近 0 时直接保留旧状态", SOURCE) == 0.0
    assert find_clash("池化没有参数", SOURCE) == 0.0


def test_edits_make_statements_false() -> None:
    assert swap_number("GRU 有 2 个门") == "GRU 有 5 个门"
    assert swap_number("β2 与 1×1 卷积") == "β2 与 3×1 卷积"
    assert swap_side("这会增大方差") == "这会减小方差"
    assert swap_side("not known") == ""


def test_a_quotation_is_cut_at_a_clause_and_never_inside_a_formula() -> None:
    text = "第一句说明原因，后面是公式 $a + b，c + d$，然后结束。"
    assert clip(text, 24) == "第一句说明原因，"
    assert clip("$" + "x" * 50 + "$ 是很长的式子，完", 20) == "$" + "x" * 50 + "$ 是很长的式子，"


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        ("GRU 有三个门。", True),  # three sets of weights do not make three gates
        ("GRU 有两个门，三组权重。", False),
        ("GRU 有 5 组权重。", True),
        ("第三个门不存在。", False),
        ("GRU 没有细胞状态。", False),
    ],
)
def test_a_thing_counted_otherwise_is_a_miscount(claim: str, wrong: bool) -> None:
    assert miscounts(claim, "GRU 有两个门，共有三组权重。") is wrong


def test_english_counts_are_compared_too() -> None:
    source = "A GRU has two gates and three weight matrices."
    assert miscounts("A GRU has three gates.", source)
    assert not miscounts("A GRU has two gates.", source)


@pytest.mark.parametrize(
    ("claim", "source", "wrong"),
    [
        ("It is one of the leads, 一个门。", "It has leads.", False),
        ("One of the 12 layers is frozen.", "There are 12 layers.", False),
        ("这是一个 12 层的网络。", "网络有 12 层。", False),
        ("Layer 1 is frozen.", "Layers are frozen.", True),
        ("LSTM 有１个门。", "LSTM 有门。", True),
        ("GRU has one gate.", "GRU has two gates.", True),
        ("It has two leads.", "It has leads.", True),
    ],
)
def test_one_is_an_article_unless_it_is_a_figure_or_counts(
    claim: str, source: str, wrong: bool
) -> None:
    assert miscounts(claim, source) is wrong


@pytest.mark.parametrize(
    "claim",
    [
        "It opened in 1986 and closed in 1990.",
        "In 1986 singer Bob formed the band.",
        "It was released on 3 January 1990.",
        "A €10 coin was issued in 1990.",
        "A € 10 coin was issued in 1990.",
    ],
)
def test_years_days_and_prices_count_nothing(claim: str) -> None:
    source = "From 1986, 1990 on: 3 singers, two coins, 10 euro, in 1990 singer Ann; on 10 January."
    assert not miscounts(claim, source)


@pytest.mark.parametrize("thing", ["decoders", "marks", "separators", "augmentations"])
def test_a_thing_that_begins_like_a_month_is_counted(thing: str) -> None:
    assert miscounts(f"It has two {thing}.", f"It has three {thing} and two heads.")


def test_counts_after_a_comma_are_compared() -> None:
    assert miscounts("It has 3 layers,3 gates.", "It has 3 layers, 2 gates.")


@pytest.mark.parametrize(
    ("claim", "source", "right"),
    [
        (
            "It was shown at the National Air and Space Museum (NASM) in Washington.",
            "It was shown at the National Air and Space Museum in Washington until 1999.",
            True,
        ),
        (
            "It was shown at the National Air and Space Museum (NGA) in Washington.",
            "It was shown at the National Air and Space Museum in Washington until 1999.",
            False,
        ),
        (
            "The network uses gated residual fusion (GRF) in every block.",
            "The network uses convolution in every block.",
            False,
        ),
        (
            "It was paid by the Department of Defense (DoD) in 1999.",
            "It was paid by the Department of Defense in 1999.",
            True,
        ),
    ],
)
def test_a_short_form_of_words_that_are_spoken_of_is_not_invented(
    checker: ClaimChecker, claim: str, source: str, right: bool
) -> None:
    assert (checker.check(claim, source).label == "supported") is right


def test_a_miscounted_claim_is_never_supported(checker: ClaimChecker) -> None:
    source = "GRU 有两个门，共有三组权重。"
    assert checker.check("GRU 有三个门，共有三组权重。", source).label != "supported"


def test_a_negation_taken_over_from_the_question_is_no_contradiction(checker: ClaimChecker) -> None:
    claim = "不看细胞状态时，GRU 训练更快。"
    alone = checker.check(claim, SOURCE)
    asked = checker.check(claim, SOURCE, "不看细胞状态时，哪个快？")
    assert asked.support > alone.support


def test_what_is_said_of_one_compared_thing_does_not_support_the_other() -> None:
    source = (
        "RoPE 把查询和键按位置旋转，内积只和相对距离有关，实现简单，被多数大模型采用，"
        "长度外推时要调整旋转的频率，否则困惑度会迅速上升，需要少量继续训练才能恢复原来的效果。"
        "ALiBi 在注意力分数上加一个与距离成正比的负偏置。"
    )
    question = "RoPE 和 ALiBi 有什么区别？"
    checker = ClaimChecker(WordEmbedder())
    right = checker.check("ALiBi 在注意力分数上加与距离成正比的负偏置。", source, question)
    wrong = checker.check("RoPE 在注意力分数上加与距离成正比的负偏置。", source, question)
    assert right.label == "supported"
    assert wrong.label != "supported"


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        ("LSTM 的三个门是输入门、候选内容门和输出门。", False),
        ("门控用 sigmoid 输出 0 到 1 之间的数，再逐元素相乘。", True),
        ("门控用 Swish 输出 0 到 1 之间的数，再逐元素相乘。", False),
    ],
)
def test_a_name_that_the_note_does_not_speak_of_is_invented(claim: str, label: bool) -> None:
    source = (
        "LSTM 用三个门控制信息流：遗忘门、输入门和输出门。门控用 sigmoid 输出 0 到 1 之间的数，"
        "再逐元素相乘。候选内容由 tanh 产生。"
    )
    assert (ClaimChecker(WordEmbedder()).check(claim, source).label == "supported") is label


@pytest.mark.parametrize(
    ("said", "source", "held"),
    [
        ("2011年2月12日", "该版本于 2021年 2月 12日 发布", True),
        ("2011年2月12日", "该版本发布于2021年", False),
        ("12.5%", "学习率降到原来的 10%", True),
        ("12.5%", "学习率降了很多", False),
        ("Version 2", "version 3 came later", True),
        ("64", "共有 128 层", None),
        ("两个门", "GRU 有三个门", None),
    ],
)
def test_a_source_is_searched_for_values_of_the_answers_form(
    said: str, source: str, held: bool | None
) -> None:
    assert holds_alike(said, source) is held


def test_another_date_denies_and_no_date_leaves_open(monkeypatch: pytest.MonkeyPatch) -> None:
    about = GateResult(0.3, answerable=False)  # by likeness alone it would be left open
    monkeypatch.setattr(claims, "gate", lambda *_: about)
    checker = ClaimChecker(WordEmbedder())
    claim = "问：Adam 发布于哪一天？ 答：2011年2月12日"
    denied = checker.check(claim, "Adam 发布于2014年12月22日。")
    open_ = checker.check(claim, "Adam 发布于 2014 年冬天，发布时已有代码。")
    assert (denied.label, open_.label) == ("contradicted", "unsupported")
