"""Answers -> messages, judged by TDLib's own parser."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram import rendering
from bot.channels.telegram.rendering import answer_to_html, clause_to_html, html_to_plain, text_to_html
from bot.datamodels import Answer, AnswerStatus, Block, BlockKind, Citation, Span, SpanStyle
from tests.botapi_server import MAX_RAW_BYTES, MAX_TEXT, parse_html
from tests.example_answers import FILE, TITLE, WholeClause, deadline_answer, question

MAX_ENTITIES = 100
TRICKY = st.sampled_from(
    [
        "<b>",
        "</b>",
        "</blockquote>",
        "&lt;",
        "&",
        "<",
        ">",
        "\n\n",
        "\r\n",
        "\t",
        "\x00",
        "\u202e",
        "\u2028",
        "👨\u200d👩\u200d👧\u200d👦",
        "👍🏽",
        "é",
        "é",
        "𠮷",
        "🇨🇳",
        "（一）",
        "《》",
        "[1]",
        "。",
    ]
)
TEXTS = st.lists(TRICKY | st.text(max_size=20), max_size=12).map("".join)
LONG_TEXTS = st.builds(lambda text, times: text * times, TEXTS, st.integers(0, 400))
SPANS = st.builds(Span, TEXTS | LONG_TEXTS, st.sampled_from(SpanStyle))
MANY_SPANS = st.integers(0, 150).map(
    lambda n: tuple(Span(f"词{row}", list(SpanStyle)[row % 3]) for row in range(n))
)
BLOCKS = st.builds(
    Block,
    st.sampled_from(BlockKind),
    st.lists(SPANS, max_size=4).map(tuple) | MANY_SPANS,
    st.lists(st.integers(1, 9), max_size=3).map(tuple),
)
CITATIONS = st.builds(
    Citation,
    n=st.integers(1, 99),
    chunk_id=st.just("文件#1"),
    document=TEXTS,
    notice=st.just("通知"),
    file=st.sampled_from(["甲.txt", "乙.txt"]),
    section=TEXTS,
    quote=TEXTS | LONG_TEXTS,
    start=st.just(0),
    end=st.just(0),
    page=st.none() | st.integers(1, 300),
    marks=st.lists(st.tuples(st.integers(-5, 300), st.integers(-5, 9000)), max_size=60).map(tuple),
    repaired=st.booleans(),
)
ANSWERS = st.builds(
    lambda blocks, citations: Answer(question("问"), AnswerStatus.ANSWERED, blocks, citations),
    st.lists(BLOCKS, max_size=6).map(tuple),
    st.lists(CITATIONS, max_size=3).map(tuple),
)


def visible(text: str) -> str:
    """The characters that a person sees: no blanks, controls, direction marks."""
    return "".join(char for char in text if unicodedata.category(char)[0] not in "CZ")


def check_limits(parts: list[str]) -> list[str]:
    """The parts' visible texts, after TDLib has accepted each."""
    texts = []
    for part in parts:
        text, entities = parse_html(part)
        assert text.strip()
        assert len(text.encode("utf-16-le")) // 2 <= MAX_TEXT
        assert len(part.encode()) <= MAX_RAW_BYTES
        assert len(entities) <= MAX_ENTITIES
        texts.append(text)
    return texts


def without_numbering(texts: list[str]) -> list[str]:
    if len(texts) == 1:
        return texts
    for number, text in enumerate(texts, 1):
        assert text.endswith(f"\n({number}/{len(texts)})")
    return [text[: text.rindex("\n(")] for text in texts]


@settings(max_examples=120, deadline=None)
@given(ANSWERS)
def test_every_part_parses_within_the_limits_and_nothing_visible_is_lost(answer: Answer) -> None:
    texts = check_limits(answer_to_html(answer))
    shown = visible("".join(without_numbering(texts)))
    position = 0
    notes_last = [block for block in answer.blocks if visible(block.text)]
    while notes_last and notes_last[-1].kind is BlockKind.NOTE:
        notes_last.pop()
    for block in notes_last or answer.blocks:
        words = visible(block.text)
        assert words in shown[position:]
        position = shown.index(words, position) + len(words)
    for block in answer.blocks:
        assert visible(block.text) in shown
    for citation in answer.citations:
        assert visible(citation.quote) in shown


@settings(max_examples=60, deadline=None)
@given(LONG_TEXTS, TEXTS)
def test_a_clause_of_any_text_parses_and_shows_where_it_stands(text: str, title: str) -> None:
    clause = WholeClause(title, "第三条", ("一、总则",), text, "第7行", "甲/乙.txt")
    shown = "".join(without_numbering(check_limits(clause_to_html(clause, 2))))
    assert visible(text[: rendering.CLAUSE_CHARACTERS]) in visible(shown)
    assert "甲/乙.txt，第7行" in shown


def test_the_real_deadline_answer_reads_as_designed() -> None:
    (part,) = answer_to_html(deadline_answer())
    assert part == (
        "企业线上申报：<b>2024年11月22日前</b><i>（已截止，逾期 730 天）</i>[1]\n\n"
        "• 市州工信局报送推荐文件：<b>11月23日前</b>[2]\n\n"
        "湖南省工业和信息化厅装备工业处\n潘晓军 0731-88955383 [1][2]\n\n"
        "该批次申报已结束。\n\n"
        "相关内容（不是对问题的直接回答）：\n"
        "• 纸质申报书一式两份。[2]\n\n"
        f"<blockquote expandable>[1] 《{TITLE}》二、（二）1.：\n"
        "1.申报主体登录智能制造数据资源公共服务平台（https://www.miit-imps.com），进行注册、申报，编制申报书，"
        "<b>于2024年11月22日前完成线上申报</b>。（原网页文字有误，已校正）</blockquote>\n"
        "<blockquote expandable>[2] 同上，二、（二）2.：\n"
        "2.各市州工信局完成推荐，<b>于11月23日前</b>将推荐文件和纸质申报书报送至省工业和信息化厅装备工业处。"
        "（原网页文字有误，已校正）</blockquote>"
    )


def test_tdlib_sees_the_quotes_and_the_answering_words() -> None:
    text, entities = parse_html(answer_to_html(deadline_answer())[0])
    words = {
        (entity["type"], text[entity["offset"] : entity["offset"] + entity["length"]])
        for entity in entities  # no character outside the basic plane here: offsets are code points too
    }
    assert ("bold", "2024年11月22日前") in words
    assert ("italic", "（已截止，逾期 730 天）") in words
    assert ("bold", "于2024年11月22日前完成线上申报") in words
    assert sum(kind == "expandable_blockquote" for kind, _ in words) == 2


def test_an_entry_with_its_own_number_gets_no_bullet() -> None:
    entries = ("1.申报主体", "（二）材料", "申报书", "第三条 申报")
    blocks = tuple(Block(BlockKind.ITEM, (Span(entry),)) for entry in entries)
    answer = replace(deadline_answer(), blocks=blocks, citations=())
    assert answer_to_html(answer) == ["1.申报主体\n（二）材料\n• 申报书\n第三条 申报"]


def test_words_of_the_bot_alone_are_upright_and_offers_on_buttons_are_not_repeated() -> None:
    lines = ("你好！可以这样问：", "· 要交哪些材料？", "· 别的")
    blocks = tuple(Block(BlockKind.NOTE, (Span(line, SpanStyle.COMPUTED),)) for line in lines)
    answer = replace(deadline_answer(), blocks=blocks, citations=(), suggestions=("要交哪些材料？",))
    assert answer_to_html(answer) == ["你好！可以这样问：\n\n· 别的"]


def test_notes_at_the_end_stand_below_the_quotes_and_banners_above_the_answer() -> None:
    answer = deadline_answer()
    banner = Block(BlockKind.NOTE, (Span("本通知已被替代。"),))
    closing = Block(BlockKind.NOTE, (Span("请以新通知为准。"),))
    answer = replace(answer, blocks=(banner, answer.blocks[0], closing))
    (part,) = answer_to_html(answer)
    assert part.startswith("本通知已被替代。\n\n企业线上申报")
    assert part.endswith("</blockquote>\n\n请以新通知为准。")


def test_mark_up_in_the_document_is_shown_and_not_obeyed() -> None:
    answer = deadline_answer()
    hostile = replace(
        answer.citations[0],
        document="<b>通知</b>",
        quote="</blockquote><a href='x'>&lt;点</a>",
        marks=((0, 4),),
    )
    (text,) = check_limits(answer_to_html(replace(answer, citations=(hostile,))))
    assert "《<b>通知</b>》" in text
    assert "</blockquote><a href='x'>&lt;点</a>" in text


def test_control_and_direction_characters_are_removed() -> None:
    assert text_to_html("a\x00b\x1bc\u202ed\ue000e\r\nf\tg") == ["abcd\ue000e\nf\tg"]


def test_a_long_quote_is_split_behind_sentences_with_its_tags_closed_and_reopened() -> None:
    sentence = "申报主体应当如实填报<有关>情况并对真实性负责。"
    quote = sentence * 400
    answer = deadline_answer()
    long = replace(answer.citations[0], quote=quote, marks=((0, len(quote)),))
    parts = answer_to_html(replace(answer, citations=(long,)))
    check_limits(parts)
    assert len(parts) == 1 + -(-len(quote) // MAX_TEXT)
    for part in parts[1:-1]:
        assert part.startswith("<blockquote expandable><b>申报主体") or "[1]" in part
        assert re.search(r"负责。</b></blockquote>\n\(\d/\d\)$", part)


def test_a_family_emoji_and_an_accent_stay_whole_at_a_cut() -> None:
    for cluster in ("👨‍👩‍👧‍👦", "e\u0301", "👍🏽"):
        parts = text_to_html(cluster * 3000)
        for text in without_numbering(check_limits(parts)):
            assert len(text) % len(cluster) == 0


def test_an_answer_without_anything_visible_still_makes_a_message() -> None:
    empty = replace(
        deadline_answer(), blocks=(Block(BlockKind.ANSWER, (Span("\u200b \x00"),)),), citations=()
    )
    check_limits(answer_to_html(empty))


@pytest.mark.parametrize("part", answer_to_html(deadline_answer()) + text_to_html("1 < 2 && <b>x</b>"))
def test_the_plain_form_is_what_tdlib_shows(part: str) -> None:
    assert html_to_plain(part) == parse_html(part)[0]


def test_the_whole_clause_names_its_headings_and_its_file() -> None:
    clause = WholeClause(TITLE, "二、（二）1.", ("二、申报工作", "（二）程序"), "1.申报。", "第12行", FILE)
    assert clause_to_html(clause, 1) == [
        f"<b>[1] 《{TITLE}》二、（二）1.</b>\n二、申报工作\n（二）程序\n\n"
        f"<blockquote expandable>1.申报。</blockquote>\n\n出处：{FILE}，第12行"
    ]
