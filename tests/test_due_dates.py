"""Which days a clause or a table row asks to act by, who must act, and what only looks like such a day."""

from __future__ import annotations

from datetime import date

import pytest

from bot.chunking import chunk_document
from bot.datamodels import Document, DocumentRole, Notice
from bot.due_dates import due_dates
from bot.facts import extract_facts

TITLE = "关于组织申报的通知"
NOTICE = Notice("n", TITLE, "n/通知.txt", issued_on=date(2026, 6, 2), year=2026)


def found(body: str, notice: Notice = NOTICE) -> list[tuple[str, str, str]]:
    """(day, who, what) of all that a notice of one section says."""
    return [(value, actor, act) for value, actor, act, _ in with_computed(body, notice)]


def with_computed(body: str, notice: Notice = NOTICE) -> list[tuple[str, str, str, bool]]:
    text = f"# {TITLE}\n\n各有关单位：\n\n{body}\n"
    chunks = chunk_document(Document("n/通知.txt", "n", TITLE, DocumentRole.MAIN, text, "txt"))
    facts = extract_facts(chunks, notice)
    return [
        (due.value, due.actor, due.act, due.computed)
        for chunk in chunks
        for due in due_dates(chunk, [fact for fact in facts if fact.chunk_id == chunk.id], notice)
    ]


# ---------------------------------------------------------------- who and what


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("企业于2026年8月15日前向市工信局报送材料。", ("2026-08-15", "企业", "向市工信局报送材料")),
        ("1.网上报名：7月1日至7月31日17:00。", ("2026-07-31T17:00", "", "网上报名")),
        (
            "（一）年审。2026年7月1日至8月30日。用人单位通过平台办理。",
            ("2026-08-30", "", "年审"),
        ),
        ("摘要提交截止2026年7月10日。", ("2026-07-10", "", "摘要提交")),
        ("专家评审、现场核验在9月底前完成。", ("2026-09", "", "专家评审、现场核验完成")),
        (
            "县（市、区）商务主管部门会同财政部门于8月29日前完成初审。",
            ("2026-08-29", "县（市、区）商务主管部门", "完成初审"),
        ),
        ("各市科协应在7月31日前完成实地核实。", ("2026-07-31", "各市科协", "完成实地核实")),
        (
            "用人单位将材料公示五个工作日，公示无异议后于7月10日前在线提交。",
            ("2026-07-10", "用人单位", "在线提交"),
        ),
        ("各市工信局于7月9日前反馈意见。", ("2026-07-09", "各市工信局", "反馈意见")),
        (
            "二、受理时间\n\n补助分批申报：第一批为7月1日至7月31日。",
            ("2026-07-31", "", "补助分批申报：第一批"),
        ),
    ],
    ids=[
        "before",
        "range",
        "year_check",
        "until",
        "short_verb",
        "bracket",
        "office",
        "batch",
        "after_publication",
        "opinion",
    ],
)
def test_a_day_has_its_actor_and_its_act(body: str, expected: tuple[str, str, str]) -> None:
    assert found(body) == [expected]


def test_two_actors_of_one_sentence_are_told_apart() -> None:
    body = "申报单位于7月20日前向所在社区提交材料，社区7月31日前汇总报街道。"
    assert found(body) == [
        ("2026-07-20", "申报单位", "向所在社区提交材料"),
        ("2026-07-31", "社区", "汇总报街道"),
    ]


# ---------------------------------------------------------------- what is no such day


@pytest.mark.parametrize(
    "body",
    [
        "本通知自2026年7月1日起施行，有效期至2028年6月30日。",
        "目录有效期至2027年12月31日，可在网站下载。",
        "项目实施期为2026年7月1日至2027年9月30日。",
        "公示期自2026年7月1日至7月15日。",
        "主办部门组织形式审查，于7月13日前反馈结果。",
        "公示无异议后于11月底前核准备案并发文。",
        "县财政局于12月15日前将补助资金直接转入企业账户。",
        "市财政局于2026年11月30日前下达资金。",
        "奖金于2026年12月底前拨付至申报人所在学校。",
        "确定后于2026年10月底前公布。",
        "新建并于2026年7月1日至2026年9月30日期间完成备案的机构，给予补贴。",
        "7月31日前完成报名的企业，可优先选择展位。",
        "截至2026年6月30日，在本市参加社会保险累计满12个月。",
        "任职年限计算截止到2026年12月31日。",
        "一、申报条件\n\n1.项目于2026年6月10日至2026年9月30日期间完工并通过验收；",
        "一、参赛项目要求\n\n（一）创意组项目须在2026年7月31日前尚未完成登记。",
        "会议时间为2026年8月20日至22日。",
        "省级决赛（8月20日至22日）在省会举行。",
        "国庆假期（10月1日至8日）不顺延，系统照常开放。",
        "由科技部门于次年3月底前核对。",
        "企业应于2026年5月31日前成立。",
    ],
    ids=[
        "effect",
        "validity",
        "running",
        "publicity",
        "result",
        "approval",
        "paid_in",
        "funds",
        "payment",
        "result",
        "case",
        "case_before",
        "as_of",
        "counted",
        "condition",
        "not_yet",
        "meeting",
        "final",
        "holidays",
        "next_year",
        "before_issue",
    ],
)
def test_what_only_looks_like_a_deadline_is_none(body: str) -> None:
    assert found(body) == []


def test_a_paper_that_is_handed_in_may_be_about_payment() -> None:
    body = "各县于12月15日前将工作总结和《资金拨付情况统计表》报市人社局。"
    assert [value for value, _, _ in found(body)] == ["2026-12-15"]


def test_of_a_range_only_the_last_day_counts() -> None:
    body = "服务商于每年3月1日至31日、9月1日至30日集中申请兑付。"
    assert found(body) == [("2026-09-30", "", "集中申请兑付")]


# ---------------------------------------------------------------- tables


def test_a_row_gives_the_act_and_a_column_the_actor() -> None:
    table = (
        "三、时间安排\n\n| 序号 | 环节 | 责任主体 | 时间 |\n|---|---|---|---|\n"
        "| 1 | 网上填报 | 企业 | 7月8日9:00至7月26日16:00 |\n| 2 | 市级推荐 | 市工信局 | 2026年8月20日前 |\n"
        "| 3 | 结果公示 | 省工信厅 | 9月1日至9月7日 |\n| 4 | 递交文件 | 企业 | 9月24日9:00—14:30 |\n"
        "| 5 | 集中答疑会 | 省工信厅 | 7月14日10:00 |\n"
    )
    assert found(table) == [
        ("2026-07-26T16:00", "企业", "网上填报"),
        ("2026-08-20", "市工信局", "市级推荐"),
        ("2026-09-24T14:30", "企业", "递交文件"),
    ]


def test_a_column_may_say_what_is_due() -> None:
    table = (
        "| 批次 | 开网时间 | 企业提交截止 | 区县推荐截止时间 | 专家评审（预计） |\n|---|---|---|---|---|\n"
        "| 第一批 | 2026-06-10 | 2026-07-09 17:00 | 2026-07-30 | 8月中旬 |\n"
    )
    assert found(table) == [
        ("2026-07-09T17:00", "企业", "第一批：企业提交"),
        ("2026-07-30", "", "第一批：区县推荐"),
    ]


def test_days_of_events_and_forms_in_tables_are_no_deadlines() -> None:
    table = "| 片区 | 停水时间 |\n|---|---|\n| 红港片 | 11月18日8:00—18:00 |\n\n| 栏目 | 说明 |\n|---|---|\n| 离店日期 | 最晚8月23日 |\n"
    assert found(table) == []


# ---------------------------------------------------------------- computed


def test_a_time_from_the_issue_gives_a_computed_day() -> None:
    # from Tuesday 2 June 2026, not counted: 3 days of June to the 5th, 5, 4 (19 June is the Dragon Boat day off),
    # 5, 5, 5, and Monday to Wednesday, 13 to 15 July: 3 + 5 + 4 + 5 + 5 + 5 + 3 = 30
    body = "企业自本通知印发之日起30个工作日内向县工信局提出申请。"
    assert with_computed(body) == [("2026-07-15", "企业", "向县工信局提出申请", True)]


def test_without_the_holidays_of_a_year_the_day_stays_open() -> None:
    notice = Notice("n", TITLE, "n/通知.txt", issued_on=date(2098, 12, 30), year=2098)
    assert with_computed("企业自本通知印发之日起30个工作日内提出申请。", notice) == [
        ("", "企业", "提出申请", True)
    ]


@pytest.mark.parametrize(
    "body",
    [
        "企业收到通知后5个工作日内答复。",
        "所有权人应当在公布后6个月内设置标志。",
        "市财政局在公布后45日内拨付。",
        "自印发之日起施行，有效期5年。",
    ],
    ids=["receipt", "result", "payment", "validity"],
)
def test_other_times_give_none(body: str) -> None:
    assert with_computed(body) == []
