"""Which sentences of a note are quoted, and what a checked reply lacks."""

from dataclasses import replace

import numpy as np
import pytest

from tests.fakes import WordEmbedder
from tests.study.values import BATCHNORM, GRU, note
from tutor.notes.types import KeyPoint, Note, Source, Span
from tutor.study.compose import Citations, quote_passages, readable
from tutor.study.mend import Place, find_missing
from tutor.study.passages import Passage, excerpt, read_passage, row_words, split_note
from tutor.study.quoting import asks_whole, choose_quotes

LISTED = (
    "自注意力让每个位置看到所有位置。它分三步：\n\n1. 算出查询、键和值。\n2. 点积除以根号 dk。\n3. 加权求和。"
    "\n\n代价是平方复杂度。天气很好，适合散步。"
)


def read(held: Note, question: str) -> Passage:
    return read_passage(held, question, WordEmbedder())


def words(passage: Passage, question: str) -> list[str]:
    return [span.of(passage.note.answer) for span in choose_quotes(passage, question)]


def test_the_sentence_that_answers_is_quoted_and_not_the_whole_note() -> None:
    asked = "重置门和更新门是 GRU 的几个门？"
    quoted = "".join(words(read(note("gru", "GRU 有什么特点？", GRU), asked), asked))
    assert "更新门和重置门" in quoted


def test_a_sentence_comes_with_the_one_it_leans_on() -> None:
    held = note("x", "池化", "最大池化取窗口里最大的值。因此它对小的平移不敏感。颜色不变。")
    asked = "对小的平移不敏感吗"
    quoted = words(read(held, asked), asked)
    assert any("取窗口里最大的值。因此它对" in text for text in quoted)


def test_a_sentence_without_a_subject_comes_with_the_two_it_leans_on() -> None:
    held = note("x", "损失函数", "平方误差惩罚大的偏差。它处处可导。缺点是怕离群点。绝对误差不怕。")
    asked = "怕离群点"
    read_well = replace(read(held, asked), answers=np.array([0.1, 0.1, 0.9, 0.1]))
    assert words(read_well, asked) == ["平方误差惩罚大的偏差。它处处可导。缺点是怕离群点。"]


ITEMS = (
    "常见的激活函数：\n\n- **sigmoid**：把输入压到 0 到 1。输出恒为正，使下一层的梯度同号。\n"
    "- **tanh**：以零为中心。两端照样饱和，梯度很小。\n\n选择时先试 ReLU，通常够用。"
)


@pytest.mark.parametrize(
    ("asked", "with_label", "without"),
    [
        ("输出恒为正，使下一层的梯度同号", "sigmoid", "tanh"),
        ("两端照样饱和，梯度很小", "tanh", "sigmoid"),
        ("选择时先试 ReLU，通常够用", "", "tanh"),
    ],
)
def test_a_sentence_of_an_item_comes_with_the_items_label(
    asked: str, with_label: str, without: str
) -> None:
    passage = read(note("x", "激活函数", ITEMS), asked)
    at = next(i for i, text in enumerate(passage.texts) if asked in text)
    answers = np.zeros(len(passage.texts))
    answers[at] = 0.9
    quoted = "".join(words(replace(passage, answers=answers), "哪一个？"))
    assert asked in quoted
    assert with_label in quoted
    assert without not in quoted


def test_what_goes_on_behind_a_semicolon_comes_with_its_beginning() -> None:
    text = "The L1 gradient keeps its size; many weights end up at zero. L2 fades with the weight."
    asked = "many weights end up at zero"
    quoted = "".join(words(read(note("x", "L1", text), asked), asked))
    assert "keeps its size; many weights end up at zero" in quoted


def test_a_misconception_is_quoted_whole_and_called_one() -> None:
    held = replace(
        note("p", "p 值是什么？", "p 值在原假设成立的前提下算出。它小于 α 就拒绝原假设。"),
        misconception="以为 p 值是原假设为真的概率。那需要先验。",
    )
    passage = read(held, "p 值就是原假设为真的概率，对吗？")
    last = len(passage.spans) - 1
    assert passage.texts[last] == "常见误区：以为 p 值是原假设为真的概率。那需要先验。"
    assert passage.words(last) == passage.texts[last]
    assert passage.scores[last] == passage.scores.max()
    quoted = choose_quotes(passage, "p 值就是原假设为真的概率，对吗？")
    citations = Citations()
    composed = quote_passages([(passage, span) for span in quoted], citations)
    assert "常见误区：以为 p 值是原假设为真的概率。那需要先验。" in composed.text
    assert citations.held[-1].quote.endswith("那需要先验。")
    assert "误区" not in excerpt(passage, 12)
    assert excerpt(passage, 12) in held.answer


def test_a_question_that_is_the_notes_own_gets_its_key_points() -> None:
    points = (
        KeyPoint(
            "1", "点积除以根号 dk", span=Span(LISTED.index("点积"), LISTED.index("点积") + 10)
        ),
        KeyPoint(
            "2", "代价是平方复杂度", span=Span(LISTED.index("代价"), LISTED.index("代价") + 8)
        ),
    )
    held = Note("x", "自注意力分哪几步？", LISTED, Source("n.md", 1, 9), key_points=points)
    assert asks_whole("自注意力分哪几步？", held)
    assert not asks_whole("除以根号 dk 是为什么？", held)
    quoted = "".join(words(read(held, held.question), held.question))
    assert "除以根号" in quoted
    assert "平方复杂度" in quoted
    assert "天气" not in quoted


def test_what_a_reply_lacks_is_found_and_what_it_says_is_not() -> None:
    passage = read(note("bn", "批归一化", BATCHNORM), "推理时批归一化用什么统计量")
    second = passage.spans[1]
    assert [lost.span for lost in find_missing([passage], "归一化有用。", [], [])] == [second]
    assert find_missing([passage], "推理时批归一化用训练中累积的滑动平均统计量。", [], []) == []
    told = "Running averages are used at inference."
    assert find_missing([passage], told, [Place(0, second)], []) == []


def test_what_a_cut_leaves_open_is_closed() -> None:
    assert readable("**第二阶段：整体微调。") == "第二阶段：整体微调。"
    assert readable("- 先训练最底层的 RBM；") == "先训练最底层的 RBM。"
    assert readable("It keeps the order;") == "It keeps the order."
    assert readable("**层级特征**：浅层学边缘。") == "**层级特征**：浅层学边缘。"


TABLE = (
    "三者不同：\n\n| 结构 | 状态 | 门 |\n|---|---|---|\n| RNN | h | 无 |\n| GRU | 只有 h | 更新、重置 |"
    "\n\n后面的话与此无关。"
)


def test_a_row_is_read_with_the_names_of_its_columns() -> None:
    texts = read(note("t", "RNN 与 GRU", TABLE), "GRU 有哪些门").texts
    assert [row_words(TABLE, at) for at in range(len(texts))] == [
        "三者不同：",
        "| 结构 | 状态 | 门 |",
        "RNN: 状态 h; 门 无",
        "GRU: 状态 只有 h; 门 更新、重置",
        "后面的话与此无关。",
    ]


def test_rows_are_not_cut_and_two_tables_stay_two() -> None:
    text = (
        "| 方法 | 优点 |\n|:--|--:|\n| L1 | 稀疏；可做特征选择。稳 |\n| L2 | 平滑 |\n\n"
        "| 名 | 数 |\n|---|---|\n| a\\|b | 3 |\n\n| 不是表 | 没有线 |\n| 也不是 | 行 |"
    )
    words_ = [row_words(text, at) for at in range(len(split_note(text)))]
    assert words_ == [
        "| 方法 | 优点 |",
        "L1: 优点 稀疏；可做特征选择。稳",
        "L2: 优点 平滑",
        "| 名 | 数 |",
        "a\\|b: 数 3",
        "| 不是表 | 没有线 |",
        "| 也不是 | 行 |",
    ]


def test_a_row_is_quoted_with_its_table_above_it() -> None:
    passage = read(note("t", "RNN 与 GRU", TABLE), "GRU 有哪些门")
    chosen = replace(passage, answers=np.array([0.0, 0.0, 0.0, 0.9, 0.0]))
    assert words(chosen, "GRU 有哪些门") == [TABLE[TABLE.index("| 结构") : TABLE.index("\n\n后面")]]


@pytest.mark.parametrize("text", ["$$F=ma$$", "两个。"])
def test_a_note_of_a_few_letters_is_quoted_whole(text: str) -> None:
    passage = read(note("f", "牛顿第二定律", text), "力是多少？")
    assert words(passage, "力是多少？") == [text]
    assert words(replace(passage, answers=np.array([0.9])), "力是多少？") == [text]


def test_a_note_without_words_is_not_quoted() -> None:
    assert words(read(note("e", "空", ""), "什么？"), "什么？") == []


def test_the_mark_of_a_table_is_no_row_of_it() -> None:
    passage = read(note("t", "RNN 与 GRU", TABLE), "GRU 有哪些门")
    span = Span(TABLE.index("| 结构"), TABLE.index("\n\n后面"))
    assert quote_passages([(passage, span)], Citations()).text.endswith("更新、重置 |\n\n[1]")
