"""The self-check: what each reply does, how it goes on after a change of the notice, what the summary says and keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from bot.criterion import Criterion, CriterionKind
from bot.index.store import Index
from bot.questions.database import open_database
from bot.questions.privacy import PersonalData
from bot.questions.self_checks import SelfChecks
from bot.self_check import (
    Outcome,
    SelfCheck,
    Verdict,
    asked,
    begun,
    current,
    replied,
    result_of,
    resumed,
    step,
    unsupplied,
)
from bot.self_check_words import labels, question_text, step_text, summary_text
from tests.check_fixtures import MADE, NOTICE, REAL, publish, write_knowledge

TODAY = date(2026, 11, 22)
KEY = "telegram:7:0:7"
REVENUE, CHOICE, ACCIDENT, RUNNING, CONTROL = 1, 2, 3, 4, 5
"""Places of criteria of the made notice, from 0."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("check")
    return publish(write_knowledge(folder / "knowledge"), folder / "index")


@pytest.fixture(scope="module")
def reworded(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The revenue went up, one ban is gone."""
    folder = tmp_path_factory.mktemp("reworded")
    notice = NOTICE.replace("不低于2000万元", "不低于3000万元").replace(
        "1.近三年发生较大以上安全事故的；\n\n2.", "1."
    )
    return publish(write_knowledge(folder / "knowledge", notice=notice), folder / "index")


def started(index: Index, level: str = "示范级") -> tuple[SelfCheck, tuple[Criterion, ...]]:
    check = begun(index, MADE, index.version, level)
    return check, asked(check, index)


def at(index: Index, place: int) -> tuple[SelfCheck, tuple[Criterion, ...]]:
    """The check when the criterion at this place is asked."""
    check, criteria = started(index)
    for criterion in criteria[:place]:
        check = replied(check, criterion, Verdict.MET).check
    return check, criteria


def answered(index: Index, replies: Sequence[str]) -> tuple[SelfCheck, tuple[Criterion, ...]]:
    check, criteria = started(index)
    for words in replies:
        check = step(check, criteria, words).check
    return check, criteria


# ---------------------------------------------------------------- one step


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("1", Verdict.MET),
        ("是", Verdict.MET),
        (" 符合。", Verdict.MET),
        ("有", Verdict.MET),
        ("2", Verdict.FAILED),
        ("不符合", Verdict.FAILED),
        ("没有", Verdict.FAILED),
        ("3", Verdict.OPEN),
        ("不清楚", Verdict.OPEN),
        ("？", Verdict.OPEN),
    ],
    ids=["1", "yes", "met", "have", "2", "fails", "have_not", "3", "unclear", "mark"],
)
def test_short_words_are_replies(index: Index, words: str, verdict: Verdict) -> None:
    check, criteria = started(index)
    taken = step(check, criteria, words)
    assert (taken.outcome, taken.decided) == (Outcome.REPLIED, verdict)
    assert taken.check.replies[criteria[0].id].verdict is verdict
    assert current(taken.check, criteria) is criteria[1]
    assert not check.replies  # the earlier state is left as it was


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("没有", Verdict.MET),
        ("1", Verdict.MET),
        ("有", Verdict.FAILED),
        ("2", Verdict.FAILED),
        ("3", Verdict.OPEN),
    ],
    ids=["none", "1", "have", "2", "3"],
)
def test_of_a_ban_not_to_have_it_is_to_meet_it(index: Index, words: str, verdict: Verdict) -> None:
    check, criteria = at(index, ACCIDENT)
    assert criteria[ACCIDENT].kind is CriterionKind.BAN
    assert step(check, criteria, words).decided is verdict
    assert labels(criteria[ACCIDENT])[Verdict.MET] == "符合（没有这种情况）"


@pytest.mark.parametrize("words", ["是", "否", "不", "yes"])
def test_yes_and_no_to_a_ban_are_asked_back(index: Index, words: str) -> None:
    check, criteria = at(index, ACCIDENT)
    taken = step(check, criteria, words)
    assert taken.outcome is Outcome.AMBIGUOUS and taken.check == check
    assert "1（没有这种情况，符合）" in step_text(taken)


def test_a_number_that_is_all_that_is_asked_decides(index: Index) -> None:
    check, criteria = at(index, REVENUE)
    enough = step(check, criteria, "营业收入 3000 万元")
    assert enough.decided is Verdict.MET
    assert enough.check.replies[criteria[REVENUE].id].compared == (
        "3000 万元 ≥ 2000万元：成立（上年度营业收入不低于2000万元）",
    )
    assert step(check, criteria, "1999.9万").decided is Verdict.FAILED
    assert step(check, criteria, "2000万元").decided is Verdict.MET


def test_a_number_for_a_row_and_for_a_ban_decides(index: Index) -> None:
    check, criteria = at(index, CONTROL)
    assert [step(check, criteria, words).decided for words in ("69.9%", "70%")] == [
        Verdict.FAILED,
        Verdict.MET,
    ]
    check, criteria = at(index, RUNNING)
    assert step(check, criteria, "8个月").decided is Verdict.MET
    assert step(check, criteria, "1年").decided is Verdict.MET
    failing = step(check, criteria, "3个月")
    assert failing.decided is Verdict.FAILED and "3个月 < 6个月：成立" in step_text(failing)


def test_a_number_beside_other_demands_fails_but_does_not_suffice(index: Index) -> None:
    check, criteria = started(index)
    both = replace(
        criteria[0], quote=replace(criteria[0].quote, text="在本市注册，上年度营业收入不低于2000万元。")
    )
    assert step(check, [both], "1000万元").decided is Verdict.FAILED
    enough = step(check, [both], "3000万元")
    assert enough.outcome is Outcome.COMPARED and enough.decided is None and enough.check == check
    assert "请看完整条文后选择" in step_text(enough)
    either = replace(both, quote=replace(both.quote, text="营业收入不低于2000万元，或者近两年融资到账。"))
    assert step(check, [either], "1000万元").outcome is Outcome.COMPARED


@pytest.mark.parametrize(
    "words", ["什么时候截止", "3000万", "我们公司去年的营业收入大概有三千万元左右算不算符合这一条呢？", ""]
)
def test_what_is_no_reply_changes_nothing(index: Index, words: str) -> None:
    check, criteria = started(index)
    taken = step(check, criteria, words)
    assert taken.outcome is Outcome.NOT_UNDERSTOOD and taken.check == check


def test_back_asks_the_one_before_again_and_stop_keeps_all(index: Index) -> None:
    check, criteria = answered(index, ["1", "2"])
    before = step(check, criteria, "返回")
    assert before.outcome is Outcome.BACK and current(before.check, criteria) is criteria[1]
    assert step(started(index)[0], criteria, "返回").outcome is Outcome.AT_START
    stopped = step(check, criteria, "退出")
    assert stopped.outcome is Outcome.STOPPED and stopped.check == check


def test_an_earlier_reply_can_be_replaced(index: Index) -> None:
    check, criteria = answered(index, ["2", "1"])
    changed = replied(check, criteria[0], Verdict.MET).check
    assert changed.replies[criteria[0].id].verdict is Verdict.MET and len(changed.replies) == 2


# ---------------------------------------------------------------- after a change of the notice


def test_after_a_change_only_what_is_new_is_asked_anew(index: Index, reworded: Index) -> None:
    check, criteria = answered(index, ["1", "1", "3", "1"])
    going_on = resumed(check, reworded, reworded.version)
    now = asked(going_on.check, reworded)
    assert (going_on.changed, going_on.dropped) == (1, 2)  # the old revenue and the ban are gone
    asked_now = current(going_on.check, now)
    assert asked_now is not None and "3000万元" in asked_now.quote.text
    assert going_on.check.replies == {criteria[n].id: check.replies[criteria[n].id] for n in (0, 2)}
    assert going_on.check.index_version == reworded.version
    again = resumed(going_on.check, reworded, reworded.version)
    assert (again.changed, again.dropped) == (0, 0)


def test_another_version_with_the_same_words_changes_nothing(index: Index) -> None:
    check, _ = answered(index, ["1", "2"])
    going_on = resumed(replace(check, index_version="older"), index, index.version)
    assert (going_on.changed, going_on.dropped, going_on.check) == (0, 0, check)


def test_a_level_that_is_gone_begins_anew(index: Index) -> None:
    check, _ = started(index)
    going_on = resumed(replace(check, level="卓越级", criteria=("gone",)), index, index.version)
    assert going_on.level_gone and going_on.check.level == "" and not going_on.check.replies


# ---------------------------------------------------------------- the summary


def test_the_summary_names_what_fails_and_what_is_open_and_promises_nothing(index: Index) -> None:
    check, criteria = answered(index, ["1", "1500万元", "3", "没有", "2", "80%", "1", "1"])
    result = result_of(check, criteria)
    assert [len(each) for each in (result.failed, result.open, result.met)] == [2, 1, 5]
    words = summary_text(check, criteria, index, TODAY)
    lines = words.split("\n")
    assert lines[0] == "自查结果：《2026年江海市数字工厂申报》（示范级）共 8 项：符合 5，不符合 2，待核实 1。"
    assert "自查不代表认定" in lines[1]
    assert "· 一、（一）2. “2.上年度营业收入不低于2000万元。”" in lines
    assert "  你填的数值：1500万元 ≥ 2000万元：不成立（上年度营业收入不低于2000万元）" in lines
    assert "· 一、（一）3. “3.符合下列条件之一：”" in lines
    assert "截止：企业完成网上填报 2026年12月1日（周二）17:00（还剩 9 天）二、（一）" in lines
    assert lines[-1].startswith("可咨询：") and "0731-88950011" in lines[-1] and "四、" in lines[-1]


def test_when_all_is_met_the_summary_still_promises_nothing(index: Index) -> None:
    check, criteria = answered(index, ["1"] * 8)
    words = summary_text(check, criteria, index, TODAY)
    assert "符合 8，不符合 0，待核实 0" in words and "自查不代表认定" in words
    for promise in ("可以申报", "通过", "获得认定", "恭喜"):
        assert promise not in words


def test_what_was_not_asked_yet_is_open(index: Index) -> None:
    check, criteria = answered(index, ["1"])
    assert len(result_of(check, criteria).open) == len(criteria) - 1


def test_the_real_notice_says_that_it_is_over_and_which_attachment_is_missing(index: Index) -> None:
    check = begun(index, REAL, index.version)
    criteria = asked(check, index)
    for words in ("是", "是", "是"):
        check = step(check, criteria, words).check
    text = summary_text(check, criteria, index, TODAY)
    assert "已截止，逾期 730 天" in text and "0731-88955383" in text
    assert unsupplied(index, REAL, criteria) == ("《智能工厂梯度培育要素条件》(附件2)",)
    assert "没有收录、因此没有自查的附件：《智能工厂梯度培育要素条件》(附件2)" in text


def test_a_question_shows_the_clause_and_the_choice_to_the_letter(index: Index) -> None:
    _, criteria = started(index)
    words = question_text(criteria[CHOICE], 3, 8)
    assert words.split("\n") == [
        "第 3/8 项 · 条件",
        "《2026年江海市数字工厂申报》一、（一）3.　基本条件",
        "“3.符合下列条件之一：”",
        "下列 2 项中满足 1 项，即为符合：",
        "· 一、（一）3.（1） “（1）近三年获得市级以上科技奖励；”",
        "· 一、（一）3.（2） “（2）拥有有效发明专利3项以上。”",
        "是否符合？",
    ]


# ---------------------------------------------------------------- what is kept


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_check_is_kept_to_the_letter_over_a_restart(index: Index, tmp_path: Path) -> None:
    check, _ = answered(index, ["1", "1500万元", "3"])
    url, clock = f"sqlite:///{tmp_path / 'questions.db'}", Clock()
    SelfChecks(open_database(url), clock).save(KEY, check, is_asking=True)
    again = SelfChecks(open_database(url), clock)
    assert again.get(KEY, MADE) == check == again.asking(KEY)
    assert again.get(KEY, REAL) is None and again.asking("telegram:8:0:8") is None


def test_typed_words_belong_to_the_latest_check_and_not_after_a_long_silence(
    index: Index, tmp_path: Path
) -> None:
    clock = Clock()
    checks = SelfChecks(open_database(f"sqlite:///{tmp_path / 'questions.db'}"), clock)
    checks.save(KEY, begun(index, MADE, index.version, "示范级"), is_asking=True)
    real = begun(index, REAL, index.version)
    checks.save(KEY, real, is_asking=True)
    assert checks.asking(KEY) == real
    checks.save(KEY, real, is_asking=False)
    assert checks.asking(KEY) is None and checks.get(KEY, MADE) is not None
    checks.save(KEY, real, is_asking=True)
    clock.now += timedelta(minutes=31)
    assert checks.asking(KEY) is None and checks.get(KEY, REAL) == real


def test_a_person_can_take_and_delete_it_and_time_does(index: Index, tmp_path: Path) -> None:
    clock = Clock()
    database = open_database(f"sqlite:///{tmp_path / 'questions.db'}")
    checks, people = SelfChecks(database, clock), PersonalData(database, clock)
    check = begun(index, REAL, index.version)
    for key in (KEY, "telegram:8:0:8"):
        checks.save(key, check, is_asking=True)
    assert [row["notice_id"] for row in people.export("hash", 7)["self_checks"]] == [REAL]
    people.erase("hash", 7)
    assert checks.get(KEY, REAL) is None and checks.get("telegram:8:0:8", REAL) == check
    clock.now += timedelta(days=31)
    people.forget_old(0)
    assert checks.get("telegram:8:0:8", REAL) is None


def test_a_database_that_fails_costs_the_progress_only(
    index: Index, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'questions.db'}")
    with database.engine.begin() as connection:
        connection.execute(sql("DROP TABLE self_checks"))
    checks = SelfChecks(database, Clock())
    checks.save(KEY, begun(index, REAL, index.version), is_asking=True)
    assert checks.get(KEY, REAL) is None and checks.asking(KEY) is None
    assert "自查进度不能保存或读取" in caplog.text
