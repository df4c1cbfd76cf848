"""Whether there is still time: the day that counts is the one on which the person would act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from desks import desk_about

from bot import messages
from bot.asked_dates import deadlines, due_for_asked, due_meant, period_of
from bot.datamodels import Chunk, Fact, FactKind, Notice, Passage
from bot.dated import deadline_blocks
from bot.desk import Desk
from bot.question import expected_facts, understand
from bot.timeliness import Period, asks_for_start, asks_for_time_left, days_of_acting, time_left

TODAY = date(2024, 11, 20)  # a Wednesday
DEADLINES = [Period(date.min, date(2024, 11, 22)), Period(date.min, date(2024, 11, 23))]


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("还来得及吗", TODAY, TODAY),
        ("12月1号还能报吗", date(2024, 12, 1), date(2024, 12, 1)),
        ("1月5号还能报吗", date(2025, 1, 5), date(2025, 1, 5)),
        ("2024年11月21日交可以吗", date(2024, 11, 21), date(2024, 11, 21)),
        ("明天交行吗", date(2024, 11, 21), date(2024, 11, 21)),
        ("大后天还能报么", date(2024, 11, 23), date(2024, 11, 23)),
        ("24号交来得及不", date(2024, 11, 24), date(2024, 11, 24)),
        ("周五交行吗", date(2024, 11, 22), date(2024, 11, 22)),
        ("下周一交行不行", date(2024, 11, 25), date(2024, 11, 25)),
        ("下周还能交吗", date(2024, 11, 25), date(2024, 12, 1)),
        ("月底还能报吗", date(2024, 11, 25), date(2024, 11, 30)),
        ("28号交申报书还行吗", date(2024, 11, 28), date(2024, 11, 28)),
        ("15号交还行吗", date(2024, 12, 15), date(2024, 12, 15)),
        ("本月28号交还行吗", date(2024, 11, 28), date(2024, 11, 28)),
        ("材料28号才能弄好，还来得及吗", date(2024, 11, 28), date(2024, 11, 28)),
        ("周一交还行吗", date(2024, 11, 25), date(2024, 11, 25)),
        ("这周五交还行吗", date(2024, 11, 22), date(2024, 11, 22)),
        ("这周末交还来得及吗", date(2024, 11, 23), date(2024, 11, 24)),
        ("这个月还能报吗", TODAY, date(2024, 11, 30)),
        ("三天后交还行吗", date(2024, 11, 23), date(2024, 11, 23)),
        ("年底还能报吗", date(2024, 12, 25), date(2024, 12, 31)),
        ("12月底还能报吗", date(2024, 12, 25), date(2024, 12, 31)),
        ("12月初还能报吗", date(2024, 12, 1), date(2024, 12, 10)),
        ("12月中旬交还来得及吗", date(2024, 12, 11), date(2024, 12, 20)),
        ("11月25日到30日交行吗", date(2024, 11, 25), date(2024, 11, 30)),
        ("12月5号之前交行吗", TODAY, date(2024, 12, 5)),
        ("12月5号以后还能报吗", date(2024, 12, 6), date.max),
        ("什么时候截止，还来得及吗", TODAY, TODAY),
        ("2024年度的还能报吗", TODAY, TODAY),
        ("下个月还能报吗", date(2024, 12, 1), date(2024, 12, 31)),
    ],
)
def test_the_day_on_which_a_person_would_act(question: str, first: date, last: date) -> None:
    assert days_of_acting(understand(question, today=TODAY)) == Period(first, last)


@pytest.mark.parametrize(
    "question",
    [
        "2月30号还能报吗",
        "周三交还行吗",  # today, or in a week
        "这周一交还行吗",
        "上周五交的算晚了吗",
        "昨天交的算晚了吗",
        "上个月28号交行吗",
        "28号交了还来得及吗",
        "11月18号交行吗",
        "过完年还能报吗",
        "国庆后还能报吗",
        "过两周还能交吗",
        "晚一天交还来得及吗",
        "明年还能报吗",
        "12月1号或者12月5号交行吗",
        "12/1交还来得及吗",
        "展会11月28日闭幕，还来得及吗",
        "11月28日成立的公司还能报吗",
        "展会结束60天了还能报吗",
        "公示三天后还能报吗",
    ],
)
def test_a_day_that_is_not_certain_is_none(question: str) -> None:
    assert days_of_acting(understand(question, today=TODAY)) is None
    assert time_left(understand(question, today=TODAY), DEADLINES) == ""


@pytest.mark.parametrize(
    ("question", "for_time"),
    [
        ("已经拿了省首台套还能报市里的吗", False),
        ("拿过省里补助现在还能报市里吗", False),
        ("没评上规范级还可以申报示范级吗", False),
        ("今年2月注册的公司还能报吗", False),
        ("昨天才拿到通知，还能报吗", True),
        ("申请过期了还能报吗", True),
        ("已经拿了省首台套，还来得及报市里的吗", True),
    ],
)
def test_whether_one_may_who_has_become_something_is_no_question_for_time(
    question: str, for_time: bool
) -> None:
    asked = understand(question, today=TODAY)
    assert asks_for_time_left(asked) is for_time
    assert (expected_facts(asked.normalised)[:1] == (FactKind.DATE,)) is for_time


@pytest.mark.parametrize(
    ("question", "hour"),
    [("今天下午6点送到还收吗", "18:00"), ("明早9点交行吗", "09:00"), ("明天交行吗", "")],
)
def test_the_hour_of_acting(question: str, hour: str) -> None:
    acting = days_of_acting(understand(question, today=TODAY))
    assert acting is not None
    assert acting.hour == hour


@pytest.mark.parametrize(
    ("question", "hour", "said"),
    [
        ("11月22号晚上8点交还行吗", "17:30", messages.CLOSED_BY_THEN),
        ("11月22号下午5点交还行吗", "17:30", messages.STILL_OPEN),
        ("11月22号交还行吗", "17:30", ""),
        ("11月22号交还行吗", "", messages.STILL_OPEN),
        ("11月22号晚上8点交还行吗", "", ""),
        ("11月22号晚上8点交还行吗", "?", ""),
        ("11月21号晚上8点交还行吗", "17:30", messages.STILL_OPEN),
    ],
)
def test_on_the_last_day_the_hours_decide(question: str, hour: str, said: str) -> None:
    period = Period(date.min, date(2024, 11, 22), hour)
    assert time_left(understand(question, today=TODAY), [period]) == said


def test_before_the_beginning_nothing_is_said() -> None:
    period = Period(date(2024, 11, 25), date(2024, 11, 30))
    assert time_left(understand("现在可以填报吗，还来得及吗", today=TODAY), [period]) == ""
    assert time_left(understand("11月26号还能报吗", today=TODAY), [period]) == messages.STILL_OPEN
    assert time_left(understand("12月6号还能报吗", today=TODAY), [period]) == messages.CLOSED_BY_THEN


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("还来得及吗", messages.STILL_OPEN),
        ("明天交行吗", messages.STILL_OPEN),
        ("11月22号交来得及吗", messages.STILL_OPEN),
        ("11月23号还能交吗", ""),
        ("周一交还行吗", messages.CLOSED_BY_THEN),
        ("这周末交还来得及吗", ""),
        ("12月1号还能报吗", messages.CLOSED_BY_THEN),
        ("12月1号报行不行", messages.CLOSED_BY_THEN),
        ("下周还能交吗", messages.CLOSED_BY_THEN),
        ("截止是12月1号吧", ""),
        ("什么时候截止", ""),
    ],
)
def test_what_is_said_of_the_deadlines(question: str, said: str) -> None:
    assert time_left(understand(question, today=TODAY), DEADLINES) == said


def test_after_all_deadlines_it_is_closed() -> None:
    question = understand("现在还能报吗", today=date(2026, 11, 22))
    assert time_left(question, DEADLINES) == messages.ALREADY_CLOSED
    assert time_left(question, []) == ""


def test_a_stated_deadline_is_no_question_for_time_left() -> None:
    assert not asks_for_time_left(understand("截止日期是12月1日对吗", today=TODAY))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("申报几号开始", True),
        ("系统什么时候开放", True),
        ("申报几号截止", False),
        ("什么时候开始什么时候截止", False),
        ("现在开始报还来得及吗", False),
    ],
)
def test_whether_the_start_is_asked_for(question: str, asked: bool) -> None:
    assert asks_for_start(understand(question, today=TODAY)) is asked


# ---------------------------------------------------------------- of a whole notice


def desk_of(clauses: Sequence[str], question: str, today: date = TODAY) -> Desk:
    """A notice of 4 November 2024 with these clauses, asked on a day."""
    lines = [f"{n}.{words}" for n, words in enumerate(clauses, 1)]
    text = "\n".join(("关于申报的通知", "各单位：", "一、申报程序", *lines, ""))
    notice = Notice("n", "关于申报的通知", "n/t.txt", year=2024, issued_on=date(2024, 11, 4))
    return desk_about(notice, text, question, today)


def said_of(clauses: Sequence[str], question: str, today: date = TODAY) -> str:
    desk = desk_of(clauses, question, today)
    periods = [period_of(desk, chunk, fact) for chunk, fact in due_meant(desk)]
    return time_left(desk.question, [period for period in periods if period])


ENTERPRISE_ONLY = "企业于11月22日前在系统提交申请。"


@pytest.mark.parametrize(
    ("clauses", "question", "said"),
    [
        pytest.param([ENTERPRISE_ONLY], "11月25号报还行吗", messages.CLOSED_BY_THEN, id="one"),
        pytest.param([f"{ENTERPRISE_ONLY}孵化楼全年受理入驻申请。"], "11月25号报还行吗", "", id="open-all-year"),
        pytest.param(
            [ENTERPRISE_ONLY, "区县工信局于12月20日前审核后上报。"], "11月25号报还行吗", "", id="two-actors"
        ),
        pytest.param(
            [ENTERPRISE_ONLY, "区县工信局于12月20日前审核后上报。"],
            "企业11月25号报还行吗",
            messages.CLOSED_BY_THEN,
            id="its-actor",
        ),
        pytest.param(["区县工信局于12月20日前审核后上报。"], "11月25号报还行吗", "", id="an-office-only"),
        pytest.param(
            ["第一批申报于11月22日前提交，第二批申报于12月20日前提交。"], "第一批11月25号报还行吗",
            messages.CLOSED_BY_THEN, id="its-batch",
        ),
        pytest.param(
            ["第一批申报于11月22日前提交，第二批申报于12月20日前提交。"], "11月25号报还行吗", "", id="no-batch"
        ),
        pytest.param(
            ["第二批申报于12月20日前提交。"], "第一批11月25号报还行吗", "", id="another-batch"
        ),
        pytest.param(
            ["网上报名时间为11月18日9:00至11月20日17:00。", "缴费截止时间为11月22日24:00。",
             "准考证打印截止时间为12月6日。"],
            "11月20号晚上6点还能报名吗", messages.CLOSED_BY_THEN, id="another-act",
        ),
        pytest.param(
            ["10月31日前完成报名的企业可优先选择。", "请于11月10日至12月5日登录就业网，点击报名。",
             "11月25日前完成报名的企业可优先选择展位。"],
            "11月27号还能报名吗", "", id="another-date-in-the-notice",
        ),
        pytest.param(["受理单位于12月15日前反馈受理情况。"], "今天下午6点送到还收吗", "", id="answering-only"),
        pytest.param(
            ["展会闭幕后60日内提交申领材料，且不晚于2025年1月10日。"], "12月20号交还行吗", "", id="from-an-event"
        ),
        pytest.param(["申报时间：2024年11月25日—12月20日。"], "现在还能报吗", "", id="not-yet-begun"),
        pytest.param(
            ["申报时间：2024年11月15日—12月20日。"], "现在还能报吗", messages.STILL_OPEN, id="begun"
        ),
        pytest.param(["企业于11月20日下午五点前提交申请。"], "今天交行吗", "", id="hour-in-words"),
    ],
)  # fmt: skip
def test_only_deadlines_that_could_be_meant_decide(clauses: list[str], question: str, said: str) -> None:
    assert said_of(clauses, question) == said


def listed(clauses: Sequence[str], question: str) -> tuple[Desk, list[tuple[Chunk, Fact]]]:
    desk = desk_of(clauses, question)
    passages = [Passage(chunk, 1.0) for chunk in desk.chunks if desk.facts(chunk)]
    return desk, deadlines(desk, passages)


def test_the_start_is_told_with_its_sentence() -> None:
    desk, due = listed(["企业于11月25日至12月20日登录系统填报。"], "填报几号开始")
    assert [fact.value for _, fact in due] == ["2024-11-25"]
    (block,) = deadline_blocks(desk, due)
    assert block.text == "企业于11月25日至12月20日登录系统填报。"
    assert listed([ENTERPRISE_ONLY], "申报几号开始")[1] == []
    assert listed(["11月25日以后不再受理申报。"], "申报几号开始")[1] == []


def test_another_actors_dates_are_named_and_judge_no_premise() -> None:
    desk, due = listed(["推荐单位于12月8日前将申报书报送我厅。"], "企业12月15日截止对吧")
    assert due_for_asked(desk, due) == []
    assert [block.text for block in deadline_blocks(desk, due)] == [
        "推荐单位将申报书报送我厅：12月8日前（原文未写年份，按本通知推定为2024年；还剩 18 天）"
    ]
    desk, due = listed([ENTERPRISE_ONLY], "企业12月15日截止对吧")
    assert len(due_for_asked(desk, due)) == 1


def test_the_remark_stands_behind_its_date() -> None:
    desk, due = listed(["申报时间截至2024年11月27日，纸质材料自2024年11月30日起寄送。"], "什么时候截止")
    assert "2024年11月27日（还剩 7 天），纸质材料" in deadline_blocks(desk, due)[0].text
    desk, due = listed(["展会闭幕后60日内提交申请，不晚于2025年1月10日。"], "什么时候截止")
    assert "还剩" not in "".join(block.text for block in deadline_blocks(desk, due))
