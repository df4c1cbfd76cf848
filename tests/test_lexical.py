"""Terms and BM25."""

from __future__ import annotations

import math
import random
import time
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import IndexDamaged
from bot.index.lexical import SEGMENTS, LexicalIndex, lexical_terms, terms_of

Text = tuple[str, str, str]
"""Notice, text, headings."""

TEXTS: list[Text] = [
    ("甲", "对获评企业给予一次性奖励二百万元。", "三、支持政策"),
    ("甲", "申报主体须具有独立法人资格。", "一、申报条件"),
    ("甲", "联系电话：0731-88955383，邮箱 ZBC@example.gov.cn。", "四、联系方式"),
    ("乙", "专精特新企业优先。AND OR NOT 不是命令。", "一、申报条件"),
    ("乙", "补助资金2,000万元。", "奖励办法"),
]


def written(path: Path, texts: Sequence[Text], changed: Collection[str] | None = None) -> LexicalIndex:
    """The index of these texts, row i being texts[i]; those of a notice stand together."""
    notice_ids = list(dict.fromkeys(notice_id for notice_id, *_ in texts))

    def terms(notice_id: str) -> list[tuple[str, str]]:
        return [lexical_terms(text, headings) for n, text, headings in texts if n == notice_id]

    LexicalIndex.write(path, notice_ids, terms, changed)
    owners = [notice_id for notice_id, *_ in texts]
    return LexicalIndex.open(path, {notice_id: owners.index(notice_id) for notice_id in notice_ids})


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return written(tmp_path_factory.mktemp("index") / "lexical", TEXTS)


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
    index = written(tmp_path / "lexical", [("甲", "alpha", ""), ("甲", "beta", "")])
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
    index = written(tmp_path / "lexical", [("甲", "截止日期", "")] * 7)
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
    texts = [("甲", common, "")] * 3 + [("甲", common + "奖励", "")]
    index = written(tmp_path / "lexical", texts)
    assert rows(index.search(common + "奖励", 1)) == [3]


def test_an_index_is_opened_again(tmp_path: Path) -> None:
    written(tmp_path / "lexical", TEXTS)
    opened = LexicalIndex.open(tmp_path / "lexical", {"甲": 0, "乙": 3})
    assert len(opened) == len(TEXTS)
    assert rows(opened.search("奖励", 5)) == [0, 4]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    assert written(tmp_path / "lexical", []).search("奖励", 5) == []


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match=r"index_builder\.py"):
        LexicalIndex.open(tmp_path, {})


# ---------------------------------------------------------------- changed notices


def clauses(rng: random.Random, notice_id: str) -> list[Text]:
    """Some clauses out of few words, so that many of them tie."""
    words = ["申报条件", "截止日期", "独立法人资格", "奖励二百万元", "联系电话", "材料清单", "专精特新"]
    return [
        (notice_id, "，".join(rng.choices(words, k=rng.randint(1, 4))), rng.choice(words))
        for _ in range(rng.randint(1, 5))
    ]


def test_after_any_changes_every_search_is_that_of_a_fresh_index(tmp_path: Path) -> None:
    """Notices come, change and go; scores and order stay those of an index that never saw the others."""
    rng = random.Random(7)
    notices = {f"通知{n:02d}": clauses(rng, f"通知{n:02d}") for n in range(40)}
    path = tmp_path / "lexical"
    written(path, [text for name in sorted(notices) for text in notices[name]])
    for turn in range(25):
        changed = set(rng.sample(sorted(notices), rng.randint(1, 3)))
        for name in changed:
            if rng.random() < 0.3:
                del notices[name]
            else:
                notices[name] = clauses(rng, name)
        new = f"新通知{turn:02d}"
        notices[new] = clauses(rng, new)
        texts = [text for name in sorted(notices) for text in notices[name]]
        changed_index = written(path, texts, changed | {new})
        fresh = written(tmp_path / f"fresh-{turn}", texts)
        assert len(changed_index) == len(fresh) == len(texts)
        for query in ("奖励", "申报条件和截止日期", "专精特新企业的联系电话"):
            for scope in (None, sorted(notices)[::3]):
                assert changed_index.search(query, 10, scope) == fresh.search(query, 10, scope)


def test_ties_at_the_end_are_broken_by_row_across_segments(tmp_path: Path) -> None:
    """Notices lie in several segments in an order of their own; of equals the first rows are given."""
    texts = [(f"通知{n:03d}", "截止日期", "") for n in range(200)]
    index = written(tmp_path / "lexical", texts)
    assert len({zlib.crc32(notice_id.encode()) % SEGMENTS for notice_id, *_ in texts}) == SEGMENTS
    assert rows(index.search("截止", 5)) == [0, 1, 2, 3, 4]
    assert rows(index.search("截止", 150)) == list(range(150))
