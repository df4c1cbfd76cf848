"""Terms and BM25."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import IndexDamaged
from bot.index.lexical import LexicalIndex, LexicalText, terms_of

TEXTS = [
    LexicalText("甲", "对获评企业给予一次性奖励二百万元。", "三、支持政策"),
    LexicalText("甲", "申报主体须具有独立法人资格。", "一、申报条件"),
    LexicalText("甲", "联系电话：0731-88955383，邮箱 ZBC@example.gov.cn。", "四、联系方式"),
    LexicalText("乙", "专精特新企业优先。AND OR NOT 不是命令。", "一、申报条件"),
    LexicalText("乙", "补助资金2,000万元。", "奖励办法"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return LexicalIndex.build(tmp_path_factory.mktemp("index") / "lexical", TEXTS)


def rows(hits: list[tuple[int, float]]) -> list[int]:
    return [row for row, _ in hits]


def test_terms_are_characters_pairs_and_words() -> None:
    assert terms_of("申报书") == ["申", "报", "书", "申报", "报书", "申报"]
    assert terms_of("附件2") == ["附", "件", "附件", "附件", "2"]
    assert terms_of("，。 \n") == []


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        pytest.param("申報條件", "申报条件", id="traditional"),
        pytest.param("ＡＢｃ２０２４", "abc2024", id="full width"),
        pytest.param("ZBC@Example.gov.cn", "zbc example gov cn", id="case and punctuation"),
        pytest.param("2,000万元", "2000万元", id="thousands"),
        pytest.param("工信厅〔2024〕399号", "工信厅(2024) 399 号", id="brackets"),
    ],
)
def test_both_spellings_give_the_same_terms(written: str, searched: str) -> None:
    assert terms_of(written) == terms_of(searched)


def test_a_two_character_word_is_found(index: LexicalIndex) -> None:
    assert rows(index.search("奖励", 5)) == [0, 4]


def test_the_text_weighs_more_than_the_headings(index: LexicalIndex) -> None:
    (first, text_score), (second, heading_score) = index.search("奖励", 5)
    assert (first, second) == (0, 4)
    assert text_score > 2 * heading_score


def test_a_score_is_bm25_as_worked_out_by_hand(tmp_path: Path) -> None:
    """One field, two texts of one term each, so that tf = 1 and length = average length."""
    index = LexicalIndex.build(tmp_path / "lexical", [LexicalText("甲", "alpha"), LexicalText("甲", "beta")])
    # idf = ln(1 + (2 - 1 + 0.5) / (1 + 0.5)) = ln 2;  tf part = 1 * 2.2 / (1 + 1.2) = 1
    assert index.search("alpha", 5) == [(0, pytest.approx(math.log(2), abs=1e-5))]


def test_a_word_that_no_dictionary_has_is_found(index: LexicalIndex) -> None:
    assert rows(index.search("专精特新", 1)) == [3]


def test_numbers_and_addresses_are_found(index: LexicalIndex) -> None:
    assert rows(index.search("0731-88955383", 1)) == [2]
    assert rows(index.search("zbc@example.gov.cn", 1)) == [2]
    assert rows(index.search("2000万元", 1)) == [4]


@pytest.mark.parametrize(
    "query",
    ["奖励 AND (", '" : 奖励', "奖励^9 +-!{}[]~*?\\/", "text:奖励", "NOT 奖励 OR", "奖励\x00\u202e\n"],
    ids=["open", "quote", "signs", "field", "operators", "controls"],
)
def test_syntax_in_a_question_is_only_words(index: LexicalIndex, query: str) -> None:
    assert 0 in rows(index.search(query, 5))


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_can_be_searched(index: LexicalIndex, query: str) -> None:
    scores = [score for _, score in index.search(query, 5)]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)


def test_only_the_notices_asked_for_are_searched(index: LexicalIndex) -> None:
    assert rows(index.search("申报条件", 5, ["甲"])) == [1]
    assert rows(index.search("申报条件", 5, {"乙"})) == [3]
    assert index.search("申报条件", 5, []) == []
    assert index.search("申报条件", 5, ["丙"]) == []


def test_a_notice_scope_keeps_the_scores(index: LexicalIndex) -> None:
    everywhere = dict(index.search("申报条件", 5))
    assert index.search("申报条件", 5, ["甲"]) == [(1, pytest.approx(everywhere[1], abs=1e-5))]


def test_equal_scores_stand_by_row(tmp_path: Path) -> None:
    index = LexicalIndex.build(tmp_path / "lexical", [LexicalText("甲", "截止日期")] * 7)
    assert rows(index.search("截止", 7)) == list(range(7))


def test_nothing_is_found_where_no_word_occurs(index: LexicalIndex) -> None:
    assert index.search("ｘｙｚ", 5) == []
    assert index.search("？！", 5) == []
    assert index.search("奖励", 0) == []


def test_a_question_of_100000_characters_does_not_hang(index: LexicalIndex) -> None:
    question = "".join(chr(0x4E00 + n % 20_000) for n in range(100_000))
    started = time.perf_counter()
    index.search(question, 10)
    assert time.perf_counter() - started < 1


def test_the_rare_words_of_a_long_question_are_kept(tmp_path: Path) -> None:
    common = "".join(chr(0x4E00 + n) for n in range(100))
    texts = [LexicalText("甲", common)] * 3 + [LexicalText("甲", common + "奖励")]
    index = LexicalIndex.build(tmp_path / "lexical", texts)
    assert rows(index.search(common + "奖励", 1)) == [3]


def test_an_index_is_opened_again(tmp_path: Path) -> None:
    LexicalIndex.build(tmp_path / "lexical", TEXTS)
    opened = LexicalIndex.open(tmp_path / "lexical")
    assert len(opened) == len(TEXTS)
    assert rows(opened.search("奖励", 5)) == [0, 4]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    assert LexicalIndex.build(tmp_path / "lexical", []).search("奖励", 5) == []


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match=r"index_builder\.py"):
        LexicalIndex.open(tmp_path)
