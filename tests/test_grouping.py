"""Questions that ask the same stand in one group, look-alikes do not, and a group keeps its id as it grows."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from bundled_encoder import bundled_encoder
from example_answers import greeting_answer, question, subsidy_answer
from plain_encoder import PlainEncoder
from sqlalchemy import delete, insert, select

from bot.config import PROJECT
from bot.datamodels import Answer, AnswerStatus, Block, BlockKind, Chunk, ChunkKind, Passage, Span
from bot.embedding import Encoder, Vectors
from bot.errors import ModelError
from bot.questions.database import (
    Database,
    grouped_questions,
    open_database,
    question_groups,
    questions,
    wordings,
)
from bot.questions.grouping import UNGROUPED, Neighbours, grouped
from bot.questions.groups import GroupStore, Refreshed, grouped_log
from bot.questions.likeness import (
    FEATURES,
    WEIGHTS_FILE,
    Evidence,
    Likeness,
    Rows,
    Wording,
    Wordings,
    asked_section,
    forbidden,
    without_title,
    wording_of,
)
from bot.questions.log import QuestionLog
from bot.questions.privacy import PersonalData
from bot.questions.titles import title_of
from bot.questions.wordings import nearest_rows

TODAY = date(2025, 4, 20)
START = datetime(2025, 4, 20, 1, tzinfo=UTC)
ALL = (START - timedelta(days=400), START + timedelta(days=400))
NOTICE = "智能工厂2025"
TITLES = {NOTICE: "关于开展2025年智能工厂申报工作的通知"}


def wording(text: str, evidence: Evidence | None = None, title: str = TITLES[NOTICE]) -> Wording:
    found = wording_of(text, TODAY, evidence or Evidence(), title)
    assert found is not None
    return found


def features(one: Wording, other: Wording) -> dict[str, float]:
    vectors = np.ones((2, 1), np.float32)
    row = Wordings([one, other], vectors).compare(np.asarray([0]), np.asarray([1]))
    return dict(zip(FEATURES, row[0].tolist(), strict=True))


def apart(one: str, other: str) -> bool:
    """Whether two wordings must never be in one group."""
    row = np.asarray([list(features(wording(one), wording(other)).values())])
    return bool(forbidden(row)[0])


# ---------------------------------------------------------------- pairs


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024年智能工厂什么时候截止", "2025年智能工厂什么时候截止"),
        ("去年智能工厂什么时候截止", "今年智能工厂什么时候截止"),
        ("高企第一批什么时候截止", "高企第二批什么时候截止"),
        ("头一批什么时候截止", "第2批什么时候截止"),
        ("襄阳找谁报名", "宜昌找谁报名"),
        ("一等奖奖多少", "二等奖奖多少"),
    ],
    ids=["year", "relative-year", "batch", "batch-said-otherwise", "place", "prize"],
)
def test_another_year_batch_place_or_rank_is_never_the_same_question(one: str, other: str) -> None:
    assert apart(one, other)
    assert not apart(one, one)


@pytest.mark.parametrize(
    ("whole", "narrower"),
    [
        ("报名要交什么材料", "纸质材料要什么"),
        ("报名条件", "研发人员的条件"),
        ("怎么报名", "怎么变更法人"),
        ("在哪报名", "复印件在哪盖章"),
        ("报名时间", "什么时候交材料"),
        ("电话多少", "平台打不开找谁"),
        ("补多少钱", "设备最多补多少钱"),
    ],
)
def test_a_section_is_asked_for_where_nothing_else_is_named(whole: str, narrower: str) -> None:
    assert asked_section(whole)
    assert not asked_section(narrower)


def test_a_question_that_leaves_the_year_out_may_be_the_same() -> None:
    assert not apart("2025年智能工厂什么时候截止", "智能工厂什么时候截止")


def test_phone_and_email_are_other_kinds_of_value() -> None:
    both = features(wording("咨询电话多少"), wording("电子邮箱多少"))
    assert both["other_kind"] == 1.0
    assert features(wording("咨询电话多少"), wording("打哪个电话问"))["other_kind"] == 0.0


def test_enterprise_and_authority_are_other_sides() -> None:
    both = features(wording("企业什么时候截止"), wording("市州推荐什么时候截止"))
    assert (both["other_side"], both["side_of_one"]) == (1.0, 0.0)


def test_shared_passages_are_the_overlap_of_their_shares() -> None:
    """Equal scores share a question's attention equally: (1/2, 1/2) with (1/2, 1/2) of which one is common."""
    same = Evidence((NOTICE,), (("a", 3.0), ("b", 3.0)))
    half = Evidence((NOTICE,), (("b", 7.0), ("c", 7.0)))
    one, other = wording("几号截止", same), wording("什么时候截止", half)
    assert features(one, one)["same_passages"] == pytest.approx(1.0, abs=1e-6)
    assert features(one, other)["same_passages"] == pytest.approx(0.5, abs=1e-6)
    uneven = Evidence((NOTICE,), (("a", math.log(9)), ("b", 0.0)))  # shares 0.9 and 0.1
    expected = math.sqrt(0.9 * 0.5) + math.sqrt(0.1 * 0.5)
    assert features(wording("几号截止", uneven), one)["same_passages"] == pytest.approx(expected, abs=1e-6)


def test_an_answer_is_the_same_on_another_day() -> None:
    first = Evidence((NOTICE,), (), "企业线上申报：2024年11月22日前（还剩 3 天）[1]")
    later = Evidence((NOTICE,), (), "企业线上申报：2024年11月22日前（已截止，逾期 7 天）[1][2]")
    other = Evidence((NOTICE,), (), "市州推荐：2024年11月25日前（还剩 6 天）[2]")
    one, again, cities = wording("几号截止", first), wording("截止时间", later), wording("截止日", other)
    assert features(one, again)["same_answer"] == 1.0
    assert features(one, cities)["same_answer"] == 0.0
    assert features(wording("几号截止"), wording("截止时间"))["same_answer"] == 0.0, (
        "no answer is no likeness"
    )


def test_the_programmes_name_is_no_part_of_what_is_asked() -> None:
    assert without_title("2025年智能工厂纸质材料交几份", TITLES[NOTICE]) == "纸质材料交几份"
    assert without_title("纸质材料交几份", TITLES[NOTICE]) == "纸质材料交几份"
    assert without_title("", TITLES[NOTICE]) == without_title("智能工厂", "智能工厂") == ""


@pytest.mark.parametrize("text", ["你好", "谢谢", "第二批呢？", "那2023年呢", "？？", "", "1", "你能做什么"])
def test_small_talk_and_mere_follow_ups_have_no_wording(text: str) -> None:
    assert wording_of(text, TODAY, Evidence()) is None


def test_features_are_symmetric_and_finite() -> None:
    texts = ("智能工厂几号截止", "市州什么时候推荐", "How much is the award?", "補助多少錢", "第二批名额几个")
    made = [wording(text, Evidence((NOTICE,), ((text[:2], 1.0),), text)) for text in texts]
    rows = Wordings(made, PlainEncoder().encode_queries(list(texts)))
    left, right = np.repeat(np.arange(5), 5), np.tile(np.arange(5), 5)
    there, back = rows.compare(left, right), rows.compare(right, left)
    assert there.shape == (25, len(FEATURES)) and np.isfinite(there).all()
    assert np.allclose(there, back)


# ---------------------------------------------------------------- the model


def test_model_is_refused_where_its_features_are_not_those_of_the_program(tmp_path: Path) -> None:
    data = json.loads(WEIGHTS_FILE.read_text("utf-8"))
    data["weights"].pop(FEATURES[0])
    path = tmp_path / WEIGHTS_FILE.name
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(ModelError, match=r"fit_grouping\.py"):
        Likeness.from_file(data["encoder"], path)
    with pytest.raises(ModelError, match="重新安装"):
        Likeness.from_file("any", tmp_path / "nowhere.json")


def test_another_encoder_than_the_fitted_one_is_named_on_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert Likeness.from_file(bundled_encoder().name).weights.shape == (len(FEATURES),)
    assert not caplog.records
    Likeness.from_file("another@1")
    assert "another@1" in caplog.text and "fit_grouping.py" in caplog.text


# ---------------------------------------------------------------- groups of a given comparison


def compared(
    scores: Sequence[Sequence[float]], never: Sequence[tuple[int, int]] = ()
) -> Callable[..., object]:
    table = np.asarray(scores, float)
    barred = np.zeros(table.shape, bool)
    for one, other in never:
        barred[one, other] = barred[other, one] = True

    def compare(left: Rows, right: Rows) -> tuple[object, object]:
        return table[left, right], barred[left, right]

    return compare


def everyone(count: int) -> Neighbours:
    return np.asarray([[row for row in range(count) if row != me] for me in range(count)], np.int64)


def two_and_two(cross: float) -> list[list[float]]:
    """0 and 1 are alike, 2 and 3 are alike, and across they compare so."""
    return [[4 if (a < 2) == (b < 2) else cross for b in range(4)] for a in range(4)]


def partition(group_of: Sequence[int]) -> set[frozenset[int]]:
    return {frozenset(r for r, g in enumerate(group_of) if g == group) for group in group_of}


def test_alike_wordings_are_grouped_and_unlike_ones_are_not() -> None:
    found = grouped([UNGROUPED] * 4, everyone(4), compared(two_and_two(-4)), 0.0)
    assert partition(found.group_of) == {frozenset({0, 1}), frozenset({2, 3})}
    assert len(partition(grouped([UNGROUPED] * 4, everyone(4), compared(two_and_two(1)), 0.0).group_of)) == 1


def test_the_mean_over_a_group_decides_and_not_one_likeness() -> None:
    """2 is like 0 (+2) and unlike 1 (-3): the mean is below nothing, so it stays alone."""
    scores = [[0, 4, 2], [4, 0, -3], [2, -3, 0]]
    assert partition(grouped([UNGROUPED] * 3, everyone(3), compared(scores), 0.0).group_of) == {
        frozenset({0, 1}),
        frozenset({2}),
    }


def test_a_forbidden_pair_is_kept_apart_however_alike() -> None:
    alike = [[9.0] * 3 for _ in range(3)]
    found = grouped([UNGROUPED] * 3, everyone(3), compared(alike, [(0, 1)]), 0.0).group_of
    assert found[0] != found[1] and found[2] in (found[0], found[1])


def test_a_new_wording_that_links_two_groups_makes_them_one_and_the_older_stays() -> None:
    scores = [[0, -1, 8], [-1, 0, 8], [8, 8, 0]]
    found = grouped([0, 1, UNGROUPED], everyone(3), compared(scores), 0.0)
    assert len(set(found.group_of)) == 1
    assert set(found.group_of) == {0} and found.became == {1: 0}


def test_a_group_that_is_known_in_part_keeps_its_rows() -> None:
    scores = [[0, -9, -9], [-9, 0, 9], [-9, 9, 0]]
    found = grouped([5, 5, UNGROUPED], everyone(3), compared(scores), 0.0, fixed={5})
    assert found.group_of[:2] == (5, 5) and found.became == {}


def test_no_rows_are_no_groups() -> None:
    assert grouped([], np.empty((0, 3), np.int64), compared([[]]), 0.0).group_of == ()


def test_nearest_rows_are_the_nearest_others() -> None:
    angles = np.radians([0, 10, 90, 100])
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    near = nearest_rows(vectors, 2)
    assert near[:, 0].tolist() == [1, 0, 3, 2]
    assert nearest_rows(vectors, 9)[0].tolist() == [1, 2, 3, -1, -1, -1, -1, -1, -1]
    assert nearest_rows(vectors, 1, np.asarray([2])).tolist() == [[3]]


# ---------------------------------------------------------------- titles


def test_title_is_a_typical_well_formed_simplified_wording() -> None:
    asked = {
        "截止 智能工厂": 4,
        "智能工廠申報什麼時候截止？": 3,
        "智能工厂申报什么时候截止？": 2,
        "智能工厂深报什么时候结止": 1,
        "When is the deadline?": 5,
        "您好，我们厂想问下智能工厂几号截止啊，急急急！！": 1,
    }
    assert title_of(asked) == "智能工厂申报什么时候截止？"


@pytest.mark.parametrize("only", ["deadline?", "幾號截止", "截止  日期"])
def test_title_of_one_wording_is_that_wording(only: str) -> None:
    assert title_of({only: 3}) == " ".join(only.split())


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        (("老师，流程是什么？？谢谢", "急！流程是什么"), "流程是什么？"),
        (("请问企业什么时候截止，在线等", "你好，企业什么时候截止呀"), "企业什么时候截止"),
        (("急需资金怎么申报",), "急需资金怎么申报"),
        (("截止是12月31日吧？？",), "截止是12月31日吧？"),
        (("你好，谢谢",), "你好，谢谢"),
    ],
    ids=["marks", "thanks", "urgent-need", "premise", "nothing-else"],
)
def test_title_has_no_address_no_thanks_and_one_mark(asked: tuple[str, ...], title: str) -> None:
    assert title_of(dict.fromkeys(asked, 1)) == title


# ---------------------------------------------------------------- the store


class CountingEncoder:
    """Another encoder, and what it was asked to encode."""

    def __init__(self, encoder: Encoder, name: str = "") -> None:
        self._encoder = encoder
        self.name = name or encoder.name
        self.dimension = encoder.dimension
        self.encode_passages = encoder.encode_passages
        self.queries: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.queries += texts
        return self._encoder.encode_queries(texts)


def answered(text: str, clause: str = "", line: str = "") -> Answer:
    """An answer from a clause; without one nothing was found."""
    chunks = [
        Chunk(f"{NOTICE}/通知.txt#{c}", "", NOTICE, ChunkKind.CLAUSE, 0, 2, "条款") for c in (clause, "z")
    ]
    return Answer(
        replace(question(text), normalised=text),
        AnswerStatus.ANSWERED if clause else AnswerStatus.NOT_FOUND,
        (Block(BlockKind.ANSWER, (Span(line or f"见{clause}"),)),),
        passages=tuple(Passage(c, s) for c, s in zip(chunks, (4.0, 0.0), strict=True)) if clause else (),
        notice_ids=(NOTICE,),
    )


ASKED: tuple[tuple[str, str], ...] = (
    # (clause that answers, wording): what stands on one clause need not be one question
    ("deadline", "企业什么时候截止申报"),
    ("deadline", "智能工厂申报截止日期"),
    ("deadline", "智能工廠申報什麼時候截止"),
    ("deadline", "智能工厂申报什么时候截至"),
    ("deadline", "What is the deadline for smart factory applications?"),
    ("cities", "市州推荐什么时候截止"),
    ("cities", "市州工信局推荐截止日期"),
    ("contact", "咨询电话是多少"),
    ("contact", "联系电话多少"),
    ("contact", "電話是多少"),
    ("contact", "电子邮箱是多少"),
    ("contact", "邮箱地址多少"),
    ("copies", "纸质材料要交几份"),
    ("copies", "纸质申报书一式几份"),
)


@pytest.fixture
def database(database_url: str) -> Database:
    return open_database(database_url)


def record(database: Database, asked: Sequence[tuple[str, str]], day: int = 0) -> list[str]:
    log = QuestionLog(database)
    return [
        log.record(
            answered(text, clause),
            channel="web",
            user=f"u{number}",
            asked_at=START + timedelta(days=day, minutes=number),
        )
        for number, (clause, text) in enumerate(asked)
    ]


def groups_of(database: Database, store: GroupStore) -> set[frozenset[str]]:
    found, _ = grouped_log(QuestionLog(database), store, *ALL)
    return {frozenset(q.question for q in group.questions) for group in found}


def test_paraphrase_typos_traditional_and_english_merge_and_look_alikes_stay_apart(
    database: Database,
) -> None:
    record(database, ASKED)
    store = GroupStore(database, bundled_encoder())
    done = store.refresh(TITLES)
    assert (done.questions, done.wordings) == (14, 14)
    of = {text: group for group in groups_of(database, store) for text in group}
    deadline = {text for clause, text in ASKED if clause == "deadline"}
    assert of["企业什么时候截止申报"] == deadline
    assert of["市州推荐什么时候截止"] == {text for clause, text in ASKED if clause == "cities"}
    assert {"咨询电话是多少", "联系电话多少", "電話是多少"} <= of["咨询电话是多少"]
    assert of["电子邮箱是多少"] == {"电子邮箱是多少", "邮箱地址多少"}
    assert of["纸质材料要交几份"] == {"纸质材料要交几份", "纸质申报书一式几份"}


def test_a_wording_is_encoded_once_and_a_repeat_joins_its_group(database: Database) -> None:
    record(database, ASKED)
    encoder = CountingEncoder(bundled_encoder())
    store = GroupStore(database, encoder)
    store.refresh(TITLES)
    assert len(encoder.queries) == 14
    before = store.group_ids(*ALL)
    again = record(database, [ASKED[0], ("deadline", "  企业什么时候截止申报 ")], day=7)
    done = store.refresh(TITLES)
    assert (done.questions, done.wordings, done.groups, len(encoder.queries)) == (2, 0, 0, 14)
    after = store.group_ids(*ALL)
    first = next(question_id for question_id in before)
    assert before.items() <= after.items()
    assert {after[question_id] for question_id in again} == {
        after[q.id] for q in QuestionLog(database).between(*ALL) if q.question == ASKED[0][1]
    }
    assert first in after and store.refresh(TITLES).questions == 0


def test_one_question_about_two_notices_is_two_wordings(database: Database) -> None:
    log = QuestionLog(database)
    log.record(answered("什么时候截止申报", "a"), channel="web", asked_at=START)
    other = replace(answered("什么时候截止申报", "b"), notice_ids=("绿色工厂2025",))
    log.record(other, channel="web", asked_at=START)
    assert GroupStore(database, bundled_encoder()).refresh(TITLES).wordings == 2


def test_questions_for_other_sections_are_never_in_one_group(database: Database) -> None:
    """However alike their words are, and though all of them are answered alike."""
    asked = ("怎么报名", "报名条件", "报名要交什么材料", "报名时间", "在哪报名")
    record(database, [("", text) for text in (*asked, "报名流程", "报名要什么材料")])
    store = GroupStore(database, bundled_encoder())
    store.refresh(TITLES)
    groups, _ = grouped_log(QuestionLog(database), store, *ALL)
    together = [{q.question for q in group.questions} for group in groups]
    assert sum(map(len, together)) == 7
    assert all(len(members & set(asked)) <= 1 for members in together), together


def test_what_is_asked_for_one_kind_of_applicant_is_not_asked_for_another(database: Database) -> None:
    asked = ("外省企业能报吗", "我们是分公司能报吗", "个体户能报吗")
    record(database, [("who", text) for text in (*asked, "分公司可以报吗")])
    store = GroupStore(database, bundled_encoder())
    store.refresh(TITLES)
    assert {frozenset(each & set(asked)) for each in groups_of(database, store)} == {
        frozenset({text}) for text in asked
    }


def test_small_talk_is_in_no_group(database: Database) -> None:
    log = QuestionLog(database)
    log.record(greeting_answer(), channel="web", asked_at=START)
    log.record(subsidy_answer("第二批呢？"), channel="web", asked_at=START)
    store = GroupStore(database, bundled_encoder())
    done = store.refresh(TITLES)
    assert (done.questions, done.wordings, done.groups) == (2, 0, 0)
    groups, loose = grouped_log(log, store, *ALL)
    assert groups == () and len(loose) == 2


def test_groups_keep_their_ids_as_they_grow(database: Database) -> None:
    record(database, ASKED[::2])
    store = GroupStore(database, bundled_encoder())
    store.refresh(TITLES)
    before = store.group_ids(*ALL)
    record(database, ASKED[1::2], day=7)
    store.refresh(TITLES)
    after = store.group_ids(*ALL)
    assert {question_id: store.resolve(group_id) for question_id, group_id in before.items()} == {
        question_id: after[question_id] for question_id in before
    }


def test_ids_are_the_same_whenever_the_log_is_grouped_anew(tmp_path: Path) -> None:
    ids = []
    for name in ("one", "two"):
        database = open_database(f"sqlite:///{tmp_path / name}.db")
        record(database, ASKED)
        store = GroupStore(database, bundled_encoder())
        store.refresh(TITLES)
        ids.append(sorted(set(store.group_ids(*ALL).values())))
    assert ids[0] == ids[1]
    assert all(len(group_id) == 9 and group_id.startswith("g") for group_id in ids[0])


def test_week_by_week_comes_out_as_all_at_once(tmp_path: Path) -> None:
    """140 wordings of 25 questions, in five weeks, without what they were answered from."""
    lines = [
        json.loads(line)
        for line in (PROJECT / "training" / "question_groups.jsonl").read_text("utf-8").split("\n")
        if line
    ][:90:4]
    asked = [("", text) for line in lines for text in line["wordings"]]
    shuffled = [asked[place * 37 % len(asked)] for place in range(len(asked))]
    once, weekly = (open_database(f"sqlite:///{tmp_path / name}.db") for name in ("once", "weekly"))
    record(once, shuffled)
    whole = GroupStore(once, bundled_encoder())
    whole.refresh({})
    store = GroupStore(weekly, bundled_encoder())
    moved = stayed = 0
    for week in range(5):
        before = store.group_ids(*ALL)
        record(weekly, shuffled[week::5], day=7 * week)
        store.refresh({})
        after = store.group_ids(*ALL)
        stays = [store.resolve(before[question_id]) == after[question_id] for question_id in before]
        stayed, moved = stayed + sum(stays), moved + stays.count(False)
    assert moved <= 0.05 * (moved + stayed), f"{moved} of {moved + stayed} questions changed their group"
    together = pairs_of(groups_of(once, whole))
    again = pairs_of(groups_of(weekly, store))
    assert len(together & again) >= 0.75 * len(together | again)


def pairs_of(groups: set[frozenset[str]]) -> set[tuple[str, str]]:
    return {(a, b) for group in groups for a in group for b in group if a < b}


def test_another_encoder_makes_new_vectors_and_leaves_the_groups(database: Database) -> None:
    record(database, ASKED)
    GroupStore(database, bundled_encoder()).refresh(TITLES)
    before = GroupStore(database, bundled_encoder()).group_ids(*ALL)
    other = CountingEncoder(PlainEncoder())
    store = GroupStore(database, other)
    done = store.refresh(TITLES)
    assert len(other.queries) == 14 and (done.questions, done.wordings) == (0, 0)
    assert store.group_ids(*ALL) == before
    store.refresh(TITLES)
    assert len(other.queries) == 14


def test_deleting_questions_takes_their_digests_and_vectors_with_them(database: Database) -> None:
    ids = record(database, ASKED)
    store = GroupStore(database, bundled_encoder())
    store.refresh(TITLES)
    gone = [q for q, (clause, _) in zip(ids, ASKED, strict=True) if clause == "copies"]
    with database.engine.begin() as connection:
        connection.execute(delete(questions).where(questions.c.id.in_(gone)))
        assert connection.execute(select(grouped_questions)).all().__len__() == 12
    store.refresh(TITLES)
    with database.engine.connect() as connection:
        assert len(connection.execute(select(wordings)).all()) == 12
        kept = set(connection.execute(select(question_groups.c.id)).scalars())
    assert kept == set(store.group_ids(*ALL).values())
    assert not any("份" in text for group in groups_of(database, store) for text in group)


def test_what_a_forgotten_person_alone_asked_leaves_no_digest(database: Database) -> None:
    record(database, ASKED)
    store = GroupStore(database, bundled_encoder())
    store.refresh(TITLES)
    own = QuestionLog(database).user_hash("u0")
    assert PersonalData(database).erase(own, 0) == 2  # the question, and the digest of its words
    with database.engine.connect() as connection:
        assert len(connection.execute(select(wordings)).all()) == len(ASKED) - 1


def test_no_words_are_kept_beside_the_log(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'log.db'}")
    record(database, ASKED)
    GroupStore(database, bundled_encoder()).refresh(TITLES)
    with database.engine.begin() as connection:
        connection.execute(delete(questions))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert "截止".encode() not in stored and "邮箱".encode() not in stored


def test_an_id_that_is_gone_leads_to_the_group_that_it_became(database: Database) -> None:
    record(database, ASKED[:1])
    store = GroupStore(database, bundled_encoder())
    store.refresh(TITLES)
    (group_id,) = set(store.group_ids(*ALL).values())
    with database.engine.begin() as connection:
        old = [{"id": "gold00001", "founded_at": START, "became": "gold00002"}]
        connection.execute(insert(question_groups), old)
        connection.execute(insert(question_groups).values(id="gold00002", founded_at=START, became=group_id))
    assert store.resolve("gold00001") == store.resolve(group_id) == group_id
    assert store.resolve("gffffffff") is None


def test_processes_that_group_at_once_come_to_the_same_groups(database: Database) -> None:
    record(database, ASKED)
    stores = [GroupStore(database, bundled_encoder()) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda store: store.refresh(TITLES), stores))
    at_once = groups_of(database, stores[0])
    assert {words for group in at_once for words in group} == {words for _, words in ASKED}
    assert all(group_id for group_id in stores[0].group_ids(*ALL).values())
    assert stores[0].refresh(TITLES) == Refreshed(0, 0, 0, 0)


def test_a_refresh_that_was_cut_off_goes_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.questions.groups.SAVED_AT_ONCE", 4)
    record(database, ASKED)

    class Failing(CountingEncoder):
        def encode_queries(self, texts: Sequence[str]) -> Vectors:
            if len(self.queries) >= 8:
                raise KeyboardInterrupt
            return super().encode_queries(texts)

    with pytest.raises(KeyboardInterrupt):
        GroupStore(database, Failing(bundled_encoder())).refresh(TITLES)
    encoder = CountingEncoder(bundled_encoder())
    store = GroupStore(database, encoder)
    store.refresh(TITLES)
    assert len(encoder.queries) == 6
    assert len(store.group_ids(*ALL)) == 14
