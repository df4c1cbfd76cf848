"""Which dates are deadlines, and where they stand on the day of asking."""

from __future__ import annotations

from datetime import date

import pytest

from bot.datamodels import Fact, FactKind, Notice
from bot.deadlines import (
    closing_hour,
    computed_deadline,
    day_of,
    is_deadline,
    is_of_another_act,
    is_open_date,
    is_submission,
    opens_on,
    runs_from_event,
    state,
    suffix_after,
)
from bot.values import values_in

TODAY = date(2026, 11, 22)
OFFSET = 100
"""Where the clause begins in its document."""


def dates(text: str) -> list[Fact]:
    return [
        Fact(v.kind, v.value, text[v.start : v.end], "通知/正文.txt#1", OFFSET + v.start, OFFSET + v.end)
        for v in values_in(text, 2024)
        if v.kind is FactKind.DATE
    ]


@pytest.mark.parametrize(
    ("text", "deadlines"),
    [
        ("于2024年11月22日前完成线上申报。", [True]),
        ("于2024年11月22日之前完成。", [True]),
        ("于2024年11月22日以前完成。", [True]),
        ("于2024年11月22日17:00前完成。", [True]),
        ("于2024年11月22日（星期五）前完成。", [True]),
        ("于2024年11月22日（含）前完成。", [True]),
        ("截止2025年08月22日。", [True]),
        ("报名截止时间为2025年8月22日。", [True]),
        ("申报时间：10月13日至10月31日。", [False, True]),
        ("10月13日至31日报名。", [False, True]),
        ("申报时间：10月13日—10月31日。", [False, True]),
        ("申报时间：10月13日（周一）-10月31日（周五）。", [False, True]),
        ("自3月1日起至3月8日止。", [False, True]),
        ("最迟11月8日。", [True]),
        ("不晚于11月8日提交。", [True]),
        ("9月30日截止。", [True]),
        ("11月底前完成复核。", [True]),
        ("自2025年7月1日起施行。", [False]),
        ("2024年7月1日以后发证。", [False]),
        ("2025年7月1日后成立的企业。", [False]),
        ("11月8日开始报名。", [False]),
        ("2024年11月4日", [False]),
        ("3月1日至31日、9月1日至30日申请。", [False, True, False, True]),
        ("报到注册：8月25日至26日。", [False, True]),
        ("合同期限：2026年1月1日至2028年12月31日。", [False, True]),
        ("于2024年11月4日召开会议。", [False]),
    ],
)
def test_a_deadline_is_a_date_to_act_by(text: str, deadlines: list[bool]) -> None:
    assert [is_deadline(fact, text, OFFSET) for fact in dates(text)] == deadlines


def test_only_dates_are_deadlines() -> None:
    fact = Fact(FactKind.DURATION, "15 工作日", "15个工作日", "通知/正文.txt#1", OFFSET, OFFSET + 6)
    assert not is_deadline(fact, "15个工作日内办结。", OFFSET)


def test_handing_in_is_told_from_the_end_of_a_period() -> None:
    (submission,) = dates("于11月22日前完成线上申报。")
    assert is_submission(submission, "于11月22日前完成线上申报。")
    (end,) = dates("目录有效期至2025年12月31日。")
    assert not is_submission(end, "目录有效期至2025年12月31日。")


def test_a_date_before_the_day_of_issue_is_no_longer_open() -> None:
    notice = Notice("通知", "通知", "通知/正文.txt", issued_on=date(2024, 11, 4))
    before, same, after = (
        dates(f"{text}前")[0] for text in ("2024年11月3日", "2024年11月4日", "2024年11月5日")
    )
    assert [is_open_date(fact, notice) for fact in (before, same, after)] == [False, True, True]
    assert is_open_date(before, Notice("通知", "通知", "通知/正文.txt"))
    assert is_open_date(dates("每年3月1日前")[0], notice)


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("2024年11月22日前完成", "前"),
        ("2024年11月22日之前完成", "之前"),
        ("2024年11月22日以前完成", "以前"),
        ("2024年11月22日（含）前完成", "（含）前"),
        ("2024年11月22日（含当日）以前完成", "（含当日）以前"),
        ("2024年11月22日17:00前完成", "前"),
        ("2024年11月22日止。", "止"),
        ("2024年11月22日截止。", "截止"),
        ("2024年11月22日起施行", ""),
        ("2024年11月22日", ""),
    ],
)
def test_the_words_that_belong_to_a_date_after_it(text: str, suffix: str) -> None:
    (fact,) = dates(text)
    assert suffix_after(text, fact.end - OFFSET) == suffix


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-11-22", date(2024, 11, 22)),
        ("2024-11-22T17:00", date(2024, 11, 22)),
        ("2024-11", date(2024, 11, 30)),
        ("2024-12", date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2025-02", date(2025, 2, 28)),
        ("2100-02", date(2100, 2, 28)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2025-02-29", None),
        ("2024-13", None),
        ("--03-15", None),
        ("---15", None),
        ("", None),
    ],
)
def test_the_day_of_a_value(value: str, day: date | None) -> None:
    assert day_of(value) == day


@pytest.mark.parametrize(
    ("value", "words"),
    [
        # 22 November 2024 to 22 November 2026: two years, no 29 February between them: 2 x 365 = 730
        ("2024-11-22", "已截止，逾期 730 天"),
        ("2026-11-21", "已截止，逾期 1 天"),
        ("2026-11-22", "今天截止"),
        ("2026-11-22T17:00", "今天 17:00 截止"),
        ("2026-11-23", "还剩 1 天"),
        ("2026-12-04", "还剩 12 天"),
        ("2026-11", "还剩 8 天"),
        ("2026-10", "已截止，逾期 22 天"),
        # to 1 March 2028: 8 days of November, 31, 365 days of 2027, 31, 29 (a leap year), 1
        ("2028-03-01", "还剩 465 天"),
        ("--03-15", ""),
    ],
)
def test_the_state_of_a_deadline(value: str, words: str) -> None:
    assert state(value, TODAY) == words


@pytest.mark.parametrize(
    ("text", "first", "hour"),
    [
        ("申报时间：4月7日9:00至4月30日17:30。", date(2024, 4, 7), "17:30"),
        ("系统于4月7日起开放，4月30日下午五点关闭，请于4月30日前提交。", date(2024, 4, 7), ""),
        ("请于4月30日下午五点前提交。", date.min, "?"),
        ("请于4月30日前提交。", date.min, ""),
    ],
)
def test_the_first_day_and_the_last_hour(text: str, first: date, hour: str) -> None:
    facts = dates(text)
    assert opens_on(facts[-1], facts, text, OFFSET) == first
    assert closing_hour(facts[-1], text, OFFSET) == hour


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("展会闭幕后60日内提交申请，最迟不晚于1月10日。", True),
        ("取得证书之日起三个月内，最迟于1月10日前申报。", True),
        ("县局收到申请后10个工作日内完成审核，于8月29日前联合行文上报市局。", False),
        ("民政局应在受理之日起45日内完成评定;申报二级的,应于3月20日前报送。", False),
        ("企业应于1月10日前提交申请。", False),
    ],
)
def test_a_time_that_runs_from_an_event(text: str, runs: bool) -> None:
    assert runs_from_event(text) is runs


@pytest.mark.parametrize(
    ("question", "about", "other"),
    [
        ("还能报名吗", "缴费时间截至", True),
        ("还能缴费吗", "缴费时间截至", False),
        ("还能缴费吗", "网上报名截至", True),
        ("还能报名吗", "网上报名并缴费", False),
        ("还来得及吗", "前反馈受理情况", True),
        ("还来得及吗", "截止时间为", False),
        ("资金啥时候拨下来", "完成申报", True),
        ("补贴的钱啥时候下来", "报送材料", True),
        ("钱啥时候到", "报送材料", True),
        ("补贴申请到哪天截止", "完成申报", False),
        ("补助几号截止", "完成申报", False),
    ],
)
def test_a_date_for_another_act(question: str, about: str, other: bool) -> None:
    assert is_of_another_act(question, about) is other


ISSUED = date(2024, 11, 22)
NOTICE = Notice("n", "关于申报的通知", "n/通知.txt", issued_on=ISSUED)


def computed(text: str, notice: Notice = NOTICE) -> date | None:
    (value,) = (v for v in values_in(text) if v.kind is FactKind.DURATION)
    fact = Fact(
        value.kind, value.value, text[value.start : value.end], "c", OFFSET + value.start, OFFSET + value.end
    )
    return computed_deadline(fact, text, OFFSET, notice)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        # Friday 2024-11-22 is not counted: 25 to 29 November, 2 to 6, 9 to 13, 16 to 20 December
        ("自印发之日起20个工作日内报送材料。", date(2024, 12, 20)),
        ("请自本通知印发之日起20个工作日内报送材料。", date(2024, 12, 20)),
        ("各单位应在本通知发布之日起二十个工作日内提交。", date(2024, 12, 20)),
        ("本公告发布后5个工作日内提出意见。", date(2024, 11, 29)),
        # 30 days from 23 November: Sunday 22 December, a day off, moves to Monday
        ("自公布之日起30日内提出申请。", date(2024, 12, 23)),
        ("通知下发后10天内报名。", date(2024, 12, 2)),
        ("自发布之日起1个月内提交。", date(2024, 12, 23)),
        ("自本通知印发之日起两周内提交。", date(2024, 12, 6)),
        ("本公示发布之日起5个工作日。", date(2024, 11, 29)),
        ("收到通知后5个工作日内答复。", None),
        ("自收到通知之日起20个工作日内报送。", None),
        ("自受理之日起20个工作日内作出决定。", None),
        ("自名单公布之日起20个工作日内签约。", None),
        ("通过认定的企业，应在公布之日起10个工作日内报送。", None),
        ("结果于公示后发布之日起5个工作日内寄送。", None),
        ("项目批复下发后20个工作日内拨付。", None),
        ("自印发之日起施行，有效期5年。", None),
        ("所有权人应当在公布后6个月内设置标志。", None),
        ("20个工作日内完成审核。", None),
        ("自发布之日起20个工作日后受理。", None),
        ("自发布之日起不少于20个工作日。", None),
        ("自发布之日起2年内有效。", None),
        ("自发布之日起10至15个工作日内办结。", None),
        ("自发布之日起99999个工作日内办结。", None),
    ],
    ids=range(24),
)
def test_a_time_that_runs_from_the_issue_ends_on_a_day(text: str, day: date | None) -> None:
    assert computed(text) == day


def test_a_month_ends_on_its_last_day_where_it_has_no_such_day() -> None:
    issued = Notice("n", "t", "d", issued_on=date(2024, 10, 31))
    assert computed("自发布之日起1个月内提交。", issued) == date(2024, 12, 2)  # 30 November is a Saturday
    issued = Notice("n", "t", "d", issued_on=date(2025, 1, 31))
    assert computed("自发布之日起1个月内提交。", issued) == date(2025, 2, 28)


def test_without_a_day_of_issue_or_a_calendar_nothing_is_computed() -> None:
    assert computed("自印发之日起20个工作日内报送。", Notice("n", "t", "d")) is None
    assert (
        computed("自印发之日起20个工作日内报送。", Notice("n", "t", "d", issued_on=date(2098, 12, 30)))
        is None
    )
    assert computed("自印发之日起30日内报送。", Notice("n", "t", "d", issued_on=date(1990, 1, 1))) is None
