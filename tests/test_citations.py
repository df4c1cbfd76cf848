"""Quotations and the fact lock: no value in an answer that no cited clause states."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.chunking import chunk_document
from bot.citations import WHOLE_CLAUSE_CHARACTERS, Citer, check_answer, check_facts
from bot.datamodels import (
    Answer,
    AnswerStatus,
    Block,
    BlockKind,
    Chunk,
    ChunkKind,
    Citation,
    Document,
    DocumentRole,
    Edit,
    Intent,
    Question,
    Span,
    SpanStyle,
)
from bot.errors import FactLockError

FILE = "通知/正文.txt"
LONG = "申报主体应当如实填写申报材料并对其真实性负责，不得弄虚作假，不得提交涉密内容。" * 8
TEXT = f"""关于申报的通知
各单位：
一、申报
1.申报主体于2024年11月22日前完成线上申报。
2.市州工信局于12月13日17:00前报送申报书12份，联系电话0731-88955383。
3.奖补最高不超过250万元，比例为项目投资的百分之十五，共三十家；网址https://www.miit-imps.com/a。
4.执行湘工信〔2024〕31号文件，咨询zbc@example.gov.cn，公示期为十五个工作日，10至13日除外。
5.{LONG}名额为25个。
"""
DOCUMENT = Document(FILE, "通知", "关于申报的通知", DocumentRole.ATTACHMENT, TEXT, "txt")
CHUNKS = chunk_document(DOCUMENT)
QUESTION = Question("问", "问", (Intent.OTHER,), date(2026, 11, 22))


def clause(words: str) -> Chunk:
    return next(chunk for chunk in CHUNKS if words in chunk.text)


def quotation(n: int, words: str) -> Citation:
    start = TEXT.index(words)
    line = TEXT.index("\n", start)
    return Citation(n, f"{FILE}#{n}", DOCUMENT.title, "通知", FILE, "一、", TEXT[start:line], start, line)


QUOTED = (quotation(1, "1.申报"), quotation(2, "2.市州"), quotation(3, "3.奖补"), quotation(4, "4.执行"))


def block(*spans: Span | str, kind: BlockKind = BlockKind.ANSWER, citations: tuple[int, ...] = (1,)) -> Block:
    return Block(kind, tuple(Span(span) if isinstance(span, str) else span for span in spans), citations)


def answer(*blocks: Block, citations: tuple[Citation, ...] = QUOTED) -> Answer:
    return Answer(QUESTION, AnswerStatus.ANSWERED, blocks, citations)


def refused(words: str) -> None:
    with pytest.raises(FactLockError):
        check_facts([block(words)], QUOTED)


# ---------------------------------------------------------------- the fact lock


@pytest.mark.parametrize(
    "words",
    [
        "企业于2024年11月22日前申报",
        "截止11月22日",
        "12月13日17:00前",
        "12月13日前",
        "12月13日下午5点前",
        "电话 0731-88955383",
        "电话（0731）88955383",
        "最高250万元",
        "最高二百五十万元",
        "最高2500000元",
        "15%",
        "百分之十五",
        "三十家",
        "30家",
        "十二份",
        "15个工作日",
        "10至13日",
        "https://www.miit-imps.com/a",
        "zbc@example.gov.cn",
        "文号：湘工信〔2024〕31号",
        "文号：湘工信(2024)31号",
        "没有数字",
        "",
    ],
)
def test_what_a_cited_clause_states_passes_in_every_form(words: str) -> None:
    check_facts([block(words)], QUOTED)


@pytest.mark.parametrize(
    "words",
    [
        "企业于2024年11月23日前申报",
        "企业于2025年11月22日前申报",
        "企业于25年11月22日前申报",
        "企业于二〇二五年十一月二十二日前申报",
        "企业于二〇二四年十一月二十三日前申报",
        "截止1月22日",
        "截止11月2日",
        "11月22日18:00前",
        "12月13日18:00前",
        "18:00前",
        "12月3日前",
        "12月13日（周五）18:00前",
        "2024-11-23",
        "2024/11/23",
        "20241123",
        "每月15日前",
        "11月22日至25日",
        "11月底前",
        "电话 0731-88955384",
        "电话 0731-8895538",
        "电话 0732-88955383",
        "电话（0731）88955384",
        "电话 0731 8895 5384",
        "电话0731-88955383/88955384",
        "电话０７３１－８８９５５３８４",
        "电话：88955384",
        "手机138-0013-8000",
        "最高50万元",
        "最高500万元",
        "最高250亿元",
        "最高二百六十万元",
        "最高2,500万元",
        "最高贰佰万元",
        "最高２６０万元",
        "最高260万",
        "200至250万元",
        "5%",
        "15‰",
        "百分之五",
        "百分之五十",
        "１６％",
        "十家",
        "三家",
        "31家",
        "3-30家",
        "2份",
        "112份",
        "二份",
        "5个工作日",
        "五个工作日",
        "半年",
        "https://www.miit-imps.com/b",
        "https://www.miit-imps.cn/a",
        "www.miit-imps.cn",
        "miit-imps.org",
        "abc@example.gov.cn",
        "c@example.gov.cn",
        "zbc@example.gov.com",
        "湘工信〔2024〕1号",
        "湘工信〔2025〕31号",
        "湘工信【2024】32号",
        "2024年第31号",
    ],
)
def test_a_value_that_no_cited_clause_states_is_refused(words: str) -> None:
    refused(words)


@pytest.mark.parametrize("position", [i for i, c in enumerate("2024年11月22日") if c.isdigit()])
def test_any_changed_digit_of_a_date_is_refused(position: int) -> None:
    right = "2024年11月22日"
    for digit in "0123456789":
        if digit != right[position]:
            refused(f"于{right[:position]}{digit}{right[position + 1 :]}前完成")


@pytest.mark.parametrize("position", [i for i, c in enumerate("0731-88955383") if c.isdigit()][1:])
def test_any_changed_digit_of_a_phone_is_refused(position: int) -> None:
    right = "0731-88955383"
    for digit in "0123456789":
        if digit != right[position]:
            refused(f"电话{right[:position]}{digit}{right[position + 1 :]}")


def test_the_error_names_the_value() -> None:
    with pytest.raises(FactLockError, match="11月24日"):
        check_facts([block("于11月24日前")], QUOTED)


def test_a_value_of_a_clause_that_is_not_cited_is_refused() -> None:
    check_facts([block("12份")], QUOTED)
    with pytest.raises(FactLockError):
        check_facts([block("12份")], QUOTED[:1])


def test_computed_words_are_outside_the_lock() -> None:
    computed = Span("（已截止，逾期730天；2025年3月1日）", SpanStyle.COMPUTED)
    check_facts([block("2024年11月22日前", computed)], QUOTED)


def test_a_value_cannot_be_put_together_across_computed_words() -> None:
    year = Span("2025年", SpanStyle.COMPUTED)
    check_facts([block(year, "11月22日")], QUOTED)
    with pytest.raises(FactLockError):
        check_facts([block(year, "11月25日")], QUOTED)


def test_a_value_split_over_two_spans_is_seen_whole() -> None:
    with pytest.raises(FactLockError):
        check_facts([block("11月", Span("25日", SpanStyle.STRONG))], QUOTED)


# ---------------------------------------------------------------- quotations and markers


def test_an_answer_of_literal_quotations_passes() -> None:
    check_answer(answer(block("2024年11月22日前")), {FILE: DOCUMENT})


def test_a_quotation_that_is_not_literal_is_refused() -> None:
    forged = replace(QUOTED[0], quote=QUOTED[0].quote.replace("22", "23"))
    with pytest.raises(FactLockError, match=r"\[1\]"):
        check_answer(answer(block("申报"), citations=(forged,)), {FILE: DOCUMENT})
    moved = replace(QUOTED[0], start=QUOTED[0].start + 1)
    with pytest.raises(FactLockError):
        check_answer(answer(block("申报"), citations=(moved,)), {FILE: DOCUMENT})


def test_a_marker_without_citation_is_refused() -> None:
    with pytest.raises(FactLockError, match="不存在"):
        check_answer(answer(block("申报", citations=(9,))), {FILE: DOCUMENT})


@pytest.mark.parametrize("kind", [BlockKind.ANSWER, BlockKind.ITEM, BlockKind.CARD])
def test_an_answering_block_without_marker_is_refused(kind: BlockKind) -> None:
    with pytest.raises(FactLockError, match="没有出处"):
        check_answer(answer(block("可以申报。", kind=kind, citations=())), {FILE: DOCUMENT})


def test_a_remark_needs_no_marker_but_is_under_the_lock() -> None:
    check_answer(answer(block("以正文为准。", kind=BlockKind.NOTE, citations=())), {FILE: DOCUMENT})
    with pytest.raises(FactLockError):
        check_answer(
            answer(block("可致电0731-12345678。", kind=BlockKind.NOTE, citations=())), {FILE: DOCUMENT}
        )


# ---------------------------------------------------------------- numbering of quotations


def test_quotations_are_numbered_in_order_of_first_use_and_reused() -> None:
    citer = Citer({FILE: DOCUMENT})
    assert [citer.cite(clause("3.奖补")), citer.cite(clause("1.申报")), citer.cite(clause("3.奖补"))] == [
        1,
        2,
        1,
    ]
    assert [(c.n, c.quote[:2], c.section) for c in citer.citations] == [
        (1, "3.", "一、3."),
        (2, "1.", "一、1."),
    ]
    assert all(TEXT[c.start : c.end] == c.quote for c in citer.citations)


def test_the_answering_words_are_marked_within_the_quotation() -> None:
    citer = Citer({FILE: DOCUMENT})
    at = TEXT.index("2024年11月22日前")
    citer.cite(clause("1.申报"), [(at, at + 12)])
    (citation,) = citer.citations
    assert [citation.quote[a:b] for a, b in citation.marks] == ["2024年11月22日前"]


def test_marks_of_a_clause_cited_twice_are_joined() -> None:
    citer = Citer({FILE: DOCUMENT})
    day, copies = TEXT.index("12月13日"), TEXT.index("12份")
    citer.cite(clause("2.市州"), [(day, day + 6)])
    citer.cite(clause("2.市州"), [(copies, copies + 3), (day + 3, day + 11)])
    (citation,) = citer.citations
    assert [citation.quote[a:b] for a, b in citation.marks] == ["12月13日17:00", "12份"]


def test_of_a_long_clause_the_sentences_that_answer_are_quoted() -> None:
    chunk = next(c for c in CHUNKS if "名额为25个" in c.text)
    long = replace(chunk, start=clause("5.申报").start, end=chunk.end)
    long = replace(long, text=TEXT[long.start : long.end])
    assert len(long.text) > WHOLE_CLAUSE_CHARACTERS
    citer = Citer({FILE: DOCUMENT})
    at = TEXT.index("名额为25个")
    citer.cite(long, [(at, at + 6)])
    assert citer.citations[0].quote == "名额为25个。"


def test_a_quotation_can_reach_through_a_later_clause() -> None:
    citer = Citer({FILE: DOCUMENT})
    citer.cite(clause("1.申报"), until=clause("3.奖补"))
    quote = citer.citations[0].quote
    assert quote.startswith("1.申报主体") and quote.endswith("www.miit-imps.com/a。")


def test_a_quotation_of_repaired_text_says_so() -> None:
    chunk = clause("1.申报")
    edit = Edit(0, 1, chunk.start + 2, chunk.start + 4, "gloss", "申(shēn)報", "申报")
    citer = Citer({FILE: replace(DOCUMENT, edits=(edit,))})
    citer.cite(chunk)
    citer.cite(clause("3.奖补"))
    assert [c.repaired for c in citer.citations] == [True, False]


def test_a_quotation_from_a_page_that_was_read_as_a_picture_says_so() -> None:
    scanned = replace(DOCUMENT, ocr_pages=(3,))
    citer = Citer({FILE: scanned})
    words = TEXT.split("\n")[0]
    citer.cite(replace(clause(words), page=3))
    citer.cite(replace(clause(TEXT.split("\n")[-1]), id="other#2", page=4))
    assert [c.recognised for c in citer.citations] == [True, False]


def test_a_table_row_is_quoted_whole() -> None:
    row = replace(clause("5.申报"), kind=ChunkKind.ROW)
    citer = Citer({FILE: DOCUMENT})
    citer.cite(row, [(row.start, row.start + 2)])
    assert citer.citations[0].quote == row.text
