"""Blocks and quotes reach the reader whole, in plain text, in the terminal and as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from example_answers import CITIES_CLAUSE, FILE, ONLINE_CLAUSE, TITLE, citation, deadline_answer, question
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from bot.datamodels import Answer, AnswerStatus, Block, BlockKind, Citation, Span, SpanStyle
from bot.rendering import (
    citation_place,
    kept_spans,
    markers,
    merged_marks,
    printable,
    to_json,
    to_plain,
    to_terminal,
    wrapped,
)

ANY_TEXT = st.text(st.characters(), max_size=60)  # surrogates and controls too


@st.composite
def citations(draw: st.DrawFn, n: int) -> Citation:
    quote = draw(st.text(st.characters() | st.sampled_from("。；，\n“”[]"), min_size=1, max_size=400))
    offsets = st.integers(0, len(quote))
    marks = tuple(draw(st.lists(st.tuples(offsets, offsets).map(lambda m: (min(m), max(m))), max_size=4)))
    title, section = draw(ANY_TEXT), draw(st.sampled_from(["", "二、（二）1.", "表1第3行"]))
    file = draw(st.sampled_from(["a.txt", "b.pdf"]))
    page = draw(st.none() | st.integers(1, 99))
    return Citation(n, f"{file}#{n}", title, "n", file, section, quote, 0, len(quote), page, "", marks)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    quoted = tuple(draw(citations(n)) for n in range(1, draw(st.integers(0, 3)) + 1))
    spans = st.lists(st.builds(Span, ANY_TEXT, st.sampled_from(SpanStyle)), max_size=3).map(tuple)
    numbers = (
        st.lists(st.sampled_from(range(1, len(quoted) + 1)), max_size=2).map(tuple) if quoted else st.just(())
    )
    blocks = st.lists(st.builds(Block, st.sampled_from(BlockKind), spans, numbers), max_size=5).map(tuple)
    suggestions = st.lists(ANY_TEXT, max_size=2).map(tuple)
    return Answer(question("问"), AnswerStatus.ANSWERED, draw(blocks), quoted, suggestions=draw(suggestions))


def squashed(text: str) -> str:
    return re.sub(r"\s", "", text)


# ---------------------------------------------------------------- plain text


def test_plain_text_of_the_deadline_answer() -> None:
    assert to_plain(deadline_answer()) == (
        "企业线上申报：2024年11月22日前（已截止，逾期 730 天）[1]\n"
        "- 市州工信局报送推荐文件：11月23日前[2]\n"
        "湖南省工业和信息化厅装备工业处\n"
        "潘晓军 0731-88955383 [1][2]\n"
        "该批次申报已结束。\n"
        "相关内容（不是对问题的直接回答）：\n"
        "- 纸质申报书一式两份。[2]\n"
        "\n"
        f"[1] 《{TITLE}》二、（二）1.：“{ONLINE_CLAUSE}”\n"
        f"[2] 同上，二、（二）2.：“{CITIES_CLAUSE}”"
    )


def test_answer_without_citations_has_no_empty_tail() -> None:
    answer = Answer(
        question("天气"), AnswerStatus.OUT_OF_SCOPE, (Block(BlockKind.ANSWER, (Span("无关。"),)),)
    )
    assert to_plain(answer) == "无关。"


def test_related_blocks_are_introduced_once() -> None:
    related = Block(BlockKind.RELATED, (Span("条款"),))
    plain = to_plain(Answer(question("问"), AnswerStatus.NOT_FOUND, (related, related)))
    assert plain == "相关内容（不是对问题的直接回答）：\n- 条款\n- 条款"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("前）", "[1]"),
        ("88955383", " [1]"),
        ("https://www.miit-imps.com", " [1]"),
        ("", "[1]"),
        ("x ", "[1]"),
    ],
    ids=["chinese", "phone", "url", "empty", "blank"],
)
def test_marker_keeps_clear_of_ascii(text: str, expected: str) -> None:
    assert markers(Block(BlockKind.ANSWER, (Span(text),), (1,))) == expected


def test_place_names_the_page_and_nests_title_marks() -> None:
    paged = Citation(1, "c", "关于转发《工作方案》的通知", "n", "a.pdf", "三", "原文", 0, 2, page=3)
    assert citation_place(paged) == "《关于转发〈工作方案〉的通知》三（第3页）"
    assert citation_place(paged, paged) == "同上，三（第3页）"


def test_long_quote_keeps_the_sentence_with_the_answer() -> None:
    filler = "各有关单位要高度重视，精心组织，确保工作取得实效，并及时总结经验做法，形成典型案例予以推广。"
    quote = filler * 6 + "申报截止时间为2024年11月22日。" + filler * 5
    cited = citation(1, quote, "2024年11月22日")
    plain = to_plain(Answer(question("问"), AnswerStatus.ANSWERED, (), (cited,)))
    # the sentence with the mark has 19 characters, each other one 46: 19 + 5 * 46 = 249, a sixth is too much
    assert len(filler) == 46 and len("申报截止时间为2024年11月22日。") == 19
    assert plain.endswith("：“……申报截止时间为2024年11月22日。" + filler * 5 + "”")


def test_long_quote_without_marks_keeps_its_beginning() -> None:
    sentence = "一" * 99 + "。"
    assert kept_spans(sentence * 3, ()) == ((0, 200),)


def test_mark_over_a_sentence_border_is_not_cut() -> None:
    quote = "甲" * 150 + "。" + "乙" * 150 + "。" + "丙" * 150 + "。"
    assert kept_spans(quote, [(140, 160)]) == ((0, 302),)


def test_two_distant_marks_are_both_kept() -> None:
    quote = "甲" * 99 + "。" + "乙" * 99 + "。" + "丙" * 99 + "。"
    assert kept_spans(quote, [(0, 5), (290, 295)]) == ((0, 100), (200, 300))


def test_marks_are_merged_clipped_and_sorted() -> None:
    assert merged_marks([(5, 9), (-3, 2), (2, 4), (8, 99), (4, 4)], 12) == ((0, 4), (5, 12))


@given(answers())
@settings(max_examples=150, deadline=None)
def test_plain_text_loses_no_block_and_no_mark(answer: Answer) -> None:
    plain = to_plain(answer)
    for block in answer.blocks:
        assert block.text in plain
    for cited in answer.citations:
        for start, end in cited.marks:
            assert squashed(cited.quote[start:end]) in squashed(plain)


@given(citations(1))
@settings(max_examples=150, deadline=None)
def test_kept_spans_are_ordered_stretches_that_hold_every_mark(cited: Citation) -> None:
    kept = kept_spans(cited.quote, cited.marks)
    assert kept and all(0 <= start < end <= len(cited.quote) for start, end in kept)
    assert all(end < start for (_, end), (start, _) in pairwise(kept))
    for start, end in cited.marks:
        assert start == end or any(low <= start and end <= high for low, high in kept)


# ---------------------------------------------------------------- terminal


def styles_of(text: Text, words: str) -> set[str]:
    """Styles that cover the whole of the first occurrence of the words."""
    start = text.plain.index(words)
    return {str(span.style) for span in text.spans if span.start <= start and span.end >= start + len(words)}


def test_terminal_marks_the_answering_words() -> None:
    text = to_terminal(deadline_answer(), 200)
    assert "bold green" in styles_of(text, "2024年11月22日前")
    assert "yellow" in styles_of(text, "（已截止，逾期 730 天）")
    assert "bold underline" in styles_of(text, "于2024年11月22日前完成线上申报")
    assert not styles_of(text, "编制申报书")
    assert text.plain.endswith("可以接着问：要交哪些材料？\n            有问题找谁？")


def test_terminal_shows_mark_up_as_words_and_lets_no_control_through() -> None:
    hostile = "[bold red]红[/] \x1b[31m\x07\x9b2J\u202e反\ud800"
    answer = Answer(question("问"), AnswerStatus.ANSWERED, (Block(BlockKind.ANSWER, (Span(hostile),)),))
    assert to_terminal(answer, 80).plain == "[bold red]红[/] [31m2J反\ufffd"


@given(answers(), st.integers(20, 120))
@settings(max_examples=100, deadline=None)
def test_terminal_loses_no_word_and_keeps_to_the_width(answer: Answer, width: int) -> None:
    plain = to_terminal(answer, width).plain
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e]", plain)
    assert all(cell_len(line) <= width for line in plain.split("\n"))
    words = re.sub(r"[\s•│]", "", plain)
    for text in (*(block.text for block in answer.blocks), *(cited.quote for cited in answer.citations)):
        assert re.sub(r"[\s•│]", "", printable(text)) in words


@given(st.text(st.sampled_from("申报材料，。（）“”ab 12-\n"), max_size=120), st.integers(20, 60))
@settings(max_examples=200, deadline=None)
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    result = wrapped(Text(text), width, "- ", "  ").plain
    assert all(cell_len(line) <= width for line in result.split("\n"))
    assert squashed(result.removeprefix("- ")) == squashed(text)


def test_wrapping_follows_chinese_rules() -> None:
    # 20 cells hold ten characters; the tenth would be 11. and its comma must not begin a line
    assert wrapped(Text("一二三四五六七八九十，甲乙"), 20).plain == "一二三四五六七八九\n十，甲乙"
    assert wrapped(Text("一二三四五六七八九（甲乙）"), 20).plain == "一二三四五六七八九\n（甲乙）"
    assert wrapped(Text("电话是一二三四 0731-88955383"), 20).plain == "电话是一二三四\n0731-88955383"


# ---------------------------------------------------------------- JSON


def test_json_object_is_the_contract() -> None:
    values = to_json(deadline_answer(), "q1")
    assert json.loads(json.dumps(values)) == values
    assert list(values) == ["id", "status", "answer", "abstained", "citations", "facts", "took_ms"]
    assert values["id"] == "q1" and values["status"] == "answered" and values["abstained"] is False
    assert values["answer"].startswith("企业线上申报：2024年11月22日前（已截止，逾期 730 天）[1]\n")
    assert values["citations"][0] == {
        "n": 1,
        "document": TITLE,
        "notice": "2024年度智能工厂梯度培育行动",
        "file": FILE,
        "section": "二、（二）1.",
        "quote": ONLINE_CLAUSE,
        "start": 900,
        "end": 900 + len(ONLINE_CLAUSE),
        "page": None,
    }
    assert values["facts"] == [
        {"kind": "date", "value": "2024-11-22", "text": "2024年11月22日", "actor": "申报主体"}
    ]
    assert values["took_ms"] == 12.3


@pytest.mark.parametrize("status", AnswerStatus)
def test_json_says_where_the_documents_hold_no_answer(status: AnswerStatus) -> None:
    abstained = to_json(Answer(question("问"), status, ()), None)["abstained"]
    assert abstained is (status.value in {"not_found", "attachment_missing", "out_of_scope"})


def test_a_citation_of_a_recognised_page_asks_for_a_look_at_the_original() -> None:
    read = Citation(1, "a#1", "通知", "a", "a/扫描.pdf", "二、", "于11月22日前完成。", 0, 11, page=3)
    assert citation_place(read) == "《通知》二、（第3页）"
    assert citation_place(replace(read, recognised=True)) == "《通知》二、（第3页，由图片识别，请核对原件）"
