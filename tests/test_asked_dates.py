"""Which of a notice's many dates a question means."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot.answering import deadline_answer
from bot.asked_dates import (
    all_past,
    announced_later,
    dates_another_stage,
    deadlines,
    deadlines_named,
    due_meant,
    ends_without_start,
    states_other_dates,
)
from bot.datamodels import ChunkKind, Notice, Passage
from bot.dated import deadline_blocks, postmark_rule
from bot.desk import Desk
from bot.sides import asked_side, is_authority
from bot.tiers import asked_tier, states_dates_of_others, tiers_of

TITLE = "关于组织申报2025年度绿色车间的通知"
TEXT = f"""{TITLE}

一、（一）申报单位应于2025年9月1日至9月19日登录省产业平台在线填写申报书，填报数据统计期为2024年1月1日至12月31日；审核通过后打印纸质材料一式三份，9月28日前送所在县工业和信息化局。系统于9月19日17时准时关闭。
（二）县（市、区）工业和信息化局逐家核查，于10月10日前提出初审意见，市州工业和信息化局汇总后于10月20日前报送省厅，推荐名单于10月22日前报省厅备案。
（三）省属企业由省国资委汇总，于10月12日前推荐；中央企业集团于10月15日前径送省厅；省属高校由科研管理部门盖章后，于10月16日前报送。
（四）入选单位应于每年3月底前在平台更新运行数据，提供虚假材料的，自查实之日起24个月内不再接受申报。
（五）材料以寄出邮戳日期为准。

2025年8月20日
"""


def desk_for(question: str, today: str = "2025-09-05", text: str = TEXT) -> Desk:
    notice = Notice("n", TITLE, "n/t.txt", year=2025, issued_on=date(2025, 8, 20))
    return desk_about(notice, text, question, date.fromisoformat(today))


def shown(question: str, today: str = "2025-09-05") -> list[str]:
    desk = desk_for(question, today)
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    return [fact.text for _, fact in deadlines(desk, passages)]


@pytest.mark.parametrize(
    ("question", "dates"),
    [
        ("企业什么时候截止", ["9月19日", "9月28日", "10月12日"]),
        ("县里几号前报", ["10月10日"]),
        ("市州啥时候交名单", ["10月20日", "10月22日"]),
        ("央企几号截止", ["10月15日"]),
        ("高校最晚哪天", ["10月16日"]),
        ("deadline for city bureaus", ["10月20日", "10月22日"]),
    ],
)
def test_dates_are_those_of_whom_the_question_names(question: str, dates: list[str]) -> None:
    assert set(shown(question)) & set(dates) == set(shown(question)) != set()


def test_those_who_apply_come_before_those_who_examine() -> None:
    assert {"9月19日", "9月28日"} <= set(shown("什么时候截止"))
    assert "10月20日" not in shown("还来得及吗")


def test_a_day_of_the_system_s_closing_is_shown_once_with_its_hour() -> None:
    desk = desk_for("什么时候截止", "2025-09-19")
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    lines = [block.text for block in deadline_blocks(desk, deadlines(desk, passages))]
    assert sum("9月19日" in line for line in lines) == 1
    assert any("2025年9月1日至9月19日" in line and "今天 17:00 截止" in line for line in lines)


def test_before_the_window_opens_no_days_are_counted() -> None:
    desk = desk_for("什么时候截止", "2025-08-25")
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    first = deadline_blocks(desk, deadlines(desk, passages))[0].text
    assert "尚未开始" in first and "还剩" not in first


def test_one_remark_tells_the_year_of_several_dates() -> None:
    desk = desk_for("市州什么时候报")
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    lines = [block.text for block in deadline_blocks(desk, deadlines(desk, passages))]
    assert sum("推定为2025年" in line for line in lines) == 1


def test_a_list_of_past_dates_is_closed_only_where_no_other_is_to_come() -> None:
    assert not all_past(desk_for("企业什么时候截止", "2025-09-20"))
    assert all_past(desk_for("企业什么时候截止", "2025-11-20"))


@pytest.mark.parametrize(
    ("question", "meant", "not_meant"),
    [("网上还来得及交吗", "9月19日", "9月28日"), ("纸质的还来得及送吗", "9月28日", "9月19日")],
)
def test_paper_and_web_have_their_own_dates(question: str, meant: str, not_meant: str) -> None:
    found = [fact.text for _, fact in due_meant(desk_for(question))]
    assert meant in found and not_meant not in found


def test_a_clause_with_another_open_date_gives_no_verdict_by_the_first() -> None:
    desk = desk_for("还来得及吗")
    clause = next(chunk for chunk in desk.chunks if "9月28日" in chunk.text)
    due = due_meant(desk)
    assert states_other_dates(desk, clause, due[:1])


def test_the_postmark_is_told_where_something_is_mailed() -> None:
    assert "邮戳" in "".join(block.text for block in postmark_rule(desk_for("9月28号寄出算迟吗"), ""))
    assert postmark_rule(desk_for("9月28号算迟吗"), "") == []
    assert postmark_rule(desk_for("寄到哪里"), "") == []


@pytest.mark.parametrize(
    ("actor", "tiers"),
    [
        ("县（市、区）工业和信息化局", {"county"}),
        ("各市州工信局", {"city"}),
        ("设区市工信局", {"city"}),
        ("省级工业和信息化主管部门", {"province"}),
        ("中央企业集团", {"central"}),
        ("省属高校", {"university"}),
        ("市场监管部门", set()),
        ("申报单位", set()),
        ("市、县财政局", {"city", "county"}),
        ("申请人", {"person"}),
        ("省有关行业主管部门所属中等职业学校", set()),
        ("农垦集团、省供销社所属企业", {"central"}),
        ("省直单位、中央企业在云单位和高校", {"province", "central", "university"}),
    ],
)
def test_the_tier_of_who_acts(actor: str, tiers: set[str]) -> None:
    assert tiers_of(actor) == tiers


@pytest.mark.parametrize(
    ("words", "tier"),
    [
        ("市州啥时候交", "city"),
        ("省厅几号前报", "province"),
        ("县局和市局分别几号", ""),
        ("我们公司几号截止", ""),
        ("青岭县几号前出意见", "county"),
        ("集团啥时候推荐", "central"),
        ("我们是中车株洲所，几号前报", "central"),
        ("其中车间的材料几号前报", ""),
        ("全国网上几号截止", ""),
        ("集团下属公司啥时候交", ""),
        ("材料啥时候交给协会", ""),
        ("我们走学会推荐的，几号前交", ""),
        ("商会推荐的企业几号截止", ""),
        ("商会推荐的截止时间", "association"),
        ("协会几号前报市局", "association"),
        ("通过高校报的老师几号前交", "person"),
        ("大学生几号前报名", ""),
        ("个人填报完了，县里审核几号截止", "county"),
        ("县里审核完了吗，个人几号截止", "person"),
        ("省直单位推荐几号截止", "province"),
    ],
)
def test_the_tier_that_is_asked_about(words: str, tier: str) -> None:
    assert asked_tier(words) == tier


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("教育局还能报吗", "authority"),
        ("推荐单位几号前报", "authority"),
        ("省直单位推荐几号截止", "authority"),
        ("单位推荐还来得及吗", ""),
        ("用人单位推荐还来得及吗", "enterprise"),
        ("材料交到农业局还来得及吗", ""),
        ("产业布局怎么写", ""),
        ("商会推荐的企业几号截止", "enterprise"),
        ("企业申报完了，推荐还来得及吗", "authority"),
        ("企业申报完了吗，推荐还来得及吗", ""),
        ("公司年审过了，推荐还来得及吗", ""),
        ("个人" * 100, "enterprise"),
    ],
)
def test_the_side_that_is_asked_about(words: str, side: str) -> None:
    assert asked_side(words) == side


def test_a_school_that_belongs_to_an_office_is_no_office() -> None:
    assert not is_authority("省有关行业主管部门所属中等职业学校")
    assert is_authority("省有关行业主管部门") and is_authority("县（市、区）教育局")


def test_a_clause_with_dates_of_others_alone_is_known() -> None:
    desk = desk_for("县局几号前审完")
    others = next(chunk for chunk in desk.chunks if "中央企业" in chunk.text)
    own = next(chunk for chunk in desk.chunks if "初审意见" in chunk.text)
    assert states_dates_of_others(desk.question, desk.facts(others))
    assert not states_dates_of_others(desk.question, desk.facts(own))
    assert not states_dates_of_others(desk_for("县局要审什么").question, desk.facts(others))


PERSONS = f"""{TITLE}

一、绿色工匠评选
（一）申报人于2025年9月1日至9月20日在线填报，用人单位于9月30日前完成推荐，省属高校直接于10月8日前报送。
二、绿色车间补助
（一）运营单位于2025年11月30日前向所在县工业和信息化局提交申报表。

2025年8月20日
"""


@pytest.mark.parametrize(
    ("question", "dates"),
    [
        ("我个人什么时候截止", ["9月20日"]),
        ("省属高校的老师个人几号截止", ["9月20日"]),
        ("绿色工匠评选还来得及吗", ["9月20日", "9月30日"]),
        ("车间补助还来得及申报吗", ["2025年11月30日"]),
    ],
)
def test_a_person_s_date_and_that_of_a_part_of_the_notice(question: str, dates: list[str]) -> None:
    desk = desk_for(question, text=PERSONS)
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    assert [fact.text for _, fact in deadlines(desk, passages)] == dates


CHANGED = f"""{TITLE}的补充通知

一、申报单位在线提交的截止时间由原通知规定的2025年9月10日17:00延长至9月20日24:00，系统届时自动关闭。9月10日前已经提交的项目无须重新填报。
二、对2024年1月1日至12月31日期间招用职工的企业给予补助，补助由省财政厅于次年3月底前下达。
三、揭榜单位在线填写申报书，9月22日24:00系统自动关闭，未提交的视同放弃。
四、纸质材料于9月28日前报送，逾期寄达的视同未报送。

2025年8月20日
"""


@pytest.mark.parametrize(
    ("question", "shown_dates", "never"),
    [
        ("什么时候截止", {"9月20日24:00"}, {"2025年9月10日17:00", "9月10日", "12月31日"}),
        ("揭榜单位几号截止", {"9月22日24:00"}, {"12月31日"}),
    ],
)
def test_a_replaced_date_and_a_period_are_no_deadlines(
    question: str, shown_dates: set[str], never: set[str]
) -> None:
    desk = desk_for(question, text=CHANGED)
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    found = {fact.text for _, fact in deadlines(desk, passages)}
    assert shown_dates <= found and not never & found


def test_when_money_comes_is_no_question_for_the_deadline() -> None:
    desk = desk_for("补助什么时候到账", text=CHANGED)
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    assert deadlines(desk, passages) == []


def test_two_dates_of_one_sentence_quote_it_once() -> None:
    text = f"{TITLE}\n\n一、审核时间相应调整，其中市科技局由6月17日延至9月27日，省级部门由6月17日延至9月25日。\n\n2025年8月20日\n"
    desk = desk_for("市州什么时候报", text=text)
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    lines = [block.text for block in deadline_blocks(desk, deadlines(desk, passages))]
    assert sum("相应调整" in line for line in lines) <= 1
    assert any("延至9月27日" in line and "还剩 22 天" in line for line in lines)


@pytest.mark.parametrize("question", ["几号前报省厅", "材料什么时候送到市局"])
def test_to_whom_something_is_handed_in_is_not_who_acts(question: str) -> None:
    assert asked_tier(question) == ""


def test_of_many_dates_it_is_told_how_many_there_are() -> None:
    towns = "甲乙丙丁戊己庚辛"
    lines = [f"{n}.{town}县企业应于2025年10月{n}日前报送申报书。" for n, town in enumerate(towns, 1)]
    desk = desk_for("什么时候截止", "2025-10-03", "\n".join((TITLE, "", "一、申报时间", *lines)))
    due = deadlines(desk, [Passage(c, 0.0) for c in desk.chunks if c.kind is ChunkKind.CLAUSE])
    blocks = deadline_answer(desk, due)
    assert [block.text[:2] for block in blocks[:-1]] == [f"{town}县" for town in towns[2:]]
    assert blocks[-1].text.startswith("通知里这类时间共 8 个，这里列出 6 个")


STAGES = f"""{TITLE}

一、（一）个人填报。申报人于2025年9月1日至9月12日登录平台填报，逾期不予受理。
（二）单位推荐。用人单位将申报材料在本单位公示不少于5个工作日，公示无异议后于9月20日前在线提交。
（三）逐级审核。县级工业和信息化部门对材料的真实性进行核验，9月26日前提交上级；市（州）工业和信息化局、省直主管部门人事处进行资格复审，于10月9日前通过系统上报并将名册（一式两份，盖章）送评审中心。
（四）评审中心承担形式审查，于10月15日前反馈结果。

2025年8月20日
"""


def lines_of(question: str, today: str, text: str) -> list[str]:
    desk = desk_for(question, today, text)
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    return [block.text for block in deadline_answer(desk, deadlines(desk, passages))]


@pytest.mark.parametrize(
    "question",
    [
        "单位推荐还来得及吗",
        "个人填报过了单位提交还来得及吗",
        "还来得及吗",
        "网上填报关了，单位提交还来得及吗",
    ],
)
def test_the_stage_that_is_over_does_not_hide_the_next(question: str) -> None:
    lines = "".join(lines_of(question, "2025-09-15", STAGES))
    assert "用人单位在线提交：9月20日前" in lines and "还剩 5 天" in lines
    assert "9月26日" not in lines and "10月9日" not in lines


def test_a_county_is_told_its_own_date_alone() -> None:
    desk = desk_for("县工信局10月3号提交行不行", "2025-09-25", STAGES)
    assert [fact.text for _, fact in due_meant(desk)] == ["9月26日"]
    assert "".join(lines_of("县工信局10月3号提交行不行", "2025-09-25", STAGES)).startswith(
        "县级工业和信息化部门提交上级：9月26日前"
    )


def test_of_an_office_s_date_no_days_are_counted_to_one_who_is_late() -> None:
    lines = lines_of("昨天没填完，现在还能补交吗", "2025-09-22", STAGES)
    assert any("9月12日（已截止" in line for line in lines)
    assert any("9月26日" in line for line in lines)
    assert "还剩" not in "".join(lines)
    assert "还剩 4 天" in "".join(lines_of("县里还来得及吗", "2025-09-22", STAGES))


def test_what_an_office_gives_back_is_no_date_to_act_by() -> None:
    assert not any("10月15日" in line for line in lines_of("什么时候截止", "2025-09-05", STAGES))


SCHOOLS = f"""{TITLE}

一、（一）学校申报。中等职业学校于9月5日前报送至所在地设区市教育局。
（二）市级审核。各设区市教育局组织初审，于9月19日前行文报送省教育厅。
（三）直接报送。省属高等职业学校以及省有关行业主管部门所属中等职业学校不经设区市，于9月26日前直接报送。
（四）行业协会推荐。省直单位推荐不超过5个，行业协会推荐不超过3个，于9月28日前完成。

2025年8月20日
"""


def test_never_past_dates_alone_while_another_s_is_open() -> None:
    lines = "".join(lines_of("还能报名吗", "2025-09-10", SCHOOLS))
    assert "9月5日前（原文" in lines or "9月5日前（已截止" in lines
    assert "9月26日前（还剩 16 天）" in lines
    assert lines_of("教育局还能报不", "2025-09-10", SCHOOLS)[0].startswith("各设区市教育局")


def test_a_date_of_several_is_that_of_each() -> None:
    for question in ("省直单位推荐什么时候截止", "协会推荐什么时候截止"):
        lines = lines_of(question, "2025-09-10", SCHOOLS)
        assert len(lines) == 1 and "9月28日前" in lines[0] and "还剩 18 天" in lines[0]


def test_who_acts_is_told_where_another_sentence_names_them() -> None:
    text = f"{TITLE}\n\n1.县级工业和信息化局逐项审核，有关部门未反馈的视为无意见；于9月20日前将推荐文件报送市局。\n\n2025年8月20日\n"
    (line,) = lines_of("县里几号前报", "2025-09-10", text)
    assert line.startswith("县级工业和信息化局……于9月20日前")


MEMBERS = f"""{TITLE}

一、（一）企业于9月12日前将申报表报所在地县级工业和信息化局；通过行业协会推荐的，同时抄送县级工业和信息化局。
（二）县级工业和信息化局于9月20日前将推荐文件报送市局。行业协会于9月16日前报送，并附会议纪要。

2025年8月20日
"""


@pytest.mark.parametrize(
    ("question", "dates"),
    [
        ("我是协会会员企业，材料啥时候交给协会", ["9月12日"]),
        ("协会推荐的企业啥时候截止交材料", ["9月12日"]),
        ("我们走协会推荐的，9月20日前交就行？", ["9月12日"]),
        ("协会几号前报", ["9月16日"]),
        ("县局几号前报市局", ["9月20日"]),
    ],
)
def test_a_member_s_date_is_not_the_association_s(question: str, dates: list[str]) -> None:
    desk = desk_for(question, text=MEMBERS)
    passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
    assert [fact.text for _, fact in deadlines(desk, passages)] == dates


LEVELS = """关于组织开展2026年度智能工厂梯度培育工作的通知

二、申报程序
（一）企业申报。先进级第一批申报企业于2026年11月25日17:30前、第二批于2027年3月20日17:30前登录平台填报，卓越级申报企业于2026年12月4日前完成填报。
（二）市级推荐。各设区市工业和信息化局先进级第一批于2026年12月9日前将推荐函报送省厅。
三、获取采购文件
时间：2026年11月20日至2026年11月26日，每天上午8:30至12:00
方式：供应商登录平台后申请，经审核通过后下载。
四、一次性扩岗补助
（一）申请受理截止2027年3月31日。
五、其他
（一）办税服务厅周六照常办理，10月1日至7日除外。
（二）资质证书有效期于2026年12月31日届满的，应当在届满60日前提出延续申请；因系统升级，本年度可放宽至2026年12月10日。

2026年9月20日
"""


def named(question: str) -> Desk:
    notice = Notice("n", LEVELS.split("\n")[0], "n/t.txt", year=2026, issued_on=date(2026, 9, 20))
    return desk_about(notice, LEVELS, question, date(2026, 11, 23))


def clauses(desk: Desk) -> list[Passage]:
    return [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]


@pytest.mark.parametrize(
    ("question", "dates"),
    [
        ("卓越级还来得及吗", ["11月25日", "3月20日", "12月4日"]),
        ("现在还能下载采购文件吗", ["11月26日"]),
        ("扩岗补助啥时候截止", ["3月31日"]),
        ("领航级还来得及吗", []),
        ("分公司还能报吗", []),
        ("去年被罚过款还来得及吗", []),
    ],
)
def test_of_a_thing_that_is_named_the_dates_under_its_name(question: str, dates: list[str]) -> None:
    desk = named(question)
    found = sorted(fact.text for _, fact in deadlines_named(desk, clauses(desk)))
    assert len(found) == len(dates) and all(any(day in text for text in found) for day in dates)


def test_dates_of_several_parts_stand_behind_what_these_are_about() -> None:
    desk = named("什么时候截止")
    lines = [block.text for block in deadline_blocks(desk, deadlines(desk, clauses(desk)))]
    assert any(line.startswith("一次性扩岗补助：申请受理截止2027年3月31日") for line in lines)
    assert any(line.startswith("获取采购文件：时间：2026年11月20日") for line in lines)
    assert not any(line.startswith("申报程序：") for line in lines)
    assert not any("10月" in line for line in lines)


def test_all_dates_of_a_quoted_sentence_are_told_in_it() -> None:
    desk = named("卓越级还来得及吗")
    lines = [block.text for block in deadline_blocks(desk, deadlines_named(desk, clauses(desk)))]
    assert len(lines) == 1 and lines[0].count("还剩") == 3


def test_of_a_thing_that_is_named_the_sentence_goes_to_its_full_stop() -> None:
    desk = named("资质证书延续最晚哪天")
    [line] = [b.text for b in deadline_answer(desk, deadlines_named(desk, clauses(desk)), named=True)]
    assert line.startswith("资质证书有效期于2026年12月31日届满的，") and "12月10日（还剩 17 天）" in line


def test_the_place_of_the_notice_tells_no_date_from_another() -> None:
    text = LEVELS.replace("截止2027年3月31日", "截止2027年3月31日，在常州市内注册的均可")
    notice = Notice(
        "n", LEVELS.split("\n")[0], "n/t.txt", year=2026, issued_on=date(2026, 9, 20), region="常州市"
    )
    desk = desk_about(notice, text, "常州什么时候截止", date(2026, 11, 23))
    assert len(deadlines_named(desk, clauses(desk))) > 1


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("复核几号截止", ["11月24日"]),
        ("认定的还能报吗", ["12月2日"]),
        ("认定复核什么时候截止", ["11月24日", "12月2日", "12月10日"]),
    ],
    ids=["one", "other", "both"],
)
def test_a_word_of_the_title_tells_dates_apart_where_it_stands_by_one(question: str, days: list[str]) -> None:
    text = """关于组织开展专精特新中小企业认定、复核及创新型中小企业评价工作的通知

一、评价
创新型中小企业评价按季公告，参加复核的企业也可参加，本季度受理截止时间为2026年12月10日。
二、时间安排
认定企业和复核企业均须登录平台，其中复核企业申报时间为2026年11月9日至11月24日，认定企业申报时间为2026年11月16日至12月2日。

2026年10月28日
"""
    notice = Notice("n", text.split("\n")[0], "n/t.txt", year=2026, issued_on=date(2026, 10, 28))
    desk = desk_about(notice, text, question, date(2026, 11, 23))
    found = [fact.text for _, fact in deadlines_named(desk, clauses(desk))]
    assert len(found) == len(days) and all(any(day in text for text in found) for day in days)


INSURED = """关于组织开展2026年度首台（套）装备认定和保险补偿申报工作的通知

一、首台套认定

（一）企业应于2026年12月4日17:00前登录平台填报《首台（套）认定申请书》。

二、保险补偿

（一）装备制造企业应于2026年11月27日前将《保险补偿资金申请表》（附件3）、保险单和保费发票复印件、销售合同复印件、认定文件复印件各一式2份（加盖企业公章，保险单另须加盖承保保险公司业务章）送所在地县级财政部门，同时将扫描件发送至dysttbc@163.com；县级财政部门会同经信部门于12月8日前完成审核，联合行文报市财政局工贸科。承保保险机构应于12月1日前将承保明细报监管分局财产保险监管科。逾期未提交的，本年度不再受理，可并入下一年度申报，但保险期限已终止超过1年的除外。

三、首批次奖励

（一）申报单位应为本市新材料生产企业，对同一用户累计销售额达到100万元以上。

（二）申报时间另行通知，由市经济和信息化局材料科负责受理。

2026年11月6日
"""
LADDER = """关于开展2026年度数字化水平梯度培育工作的通知

一、培育层级

制造业企业数字化水平分为起步级、规范级、示范级、标杆级四个层级。

二、组织实施

（一）示范级由市（州）工信局推荐、省工信厅评审认定。企业应于2026年12月11日前在平台提交申请。

（二）标杆级由省工信厅从示范级企业中择优推荐。有意愿的企业应于2026年12月4日前提交书面意向书。

2026年10月19日
"""


def desk_of(text: str, question: str) -> Desk:
    notice = Notice("n", text.partition("\n")[0], "n/t.txt", year=2026, issued_on=date(2026, 10, 19))
    return desk_about(notice, text, question, date(2026, 11, 24))


@pytest.mark.parametrize(
    ("question", "dates"),
    [
        ("不是说保险补偿12月4号截止吗", ["2026年11月27日", "12月1日"]),
        ("保险公司要报什么，几号前", ["12月1日"]),
        ("保险补偿企业几号前报", ["2026年11月27日"]),
    ],
)
def test_dates_of_a_long_clause_that_was_cut_are_those_of_all_its_pieces(
    question: str, dates: list[str]
) -> None:
    desk = desk_of(INSURED, question)
    pieces = [chunk for chunk in desk.asked_chunks if "承保保险机构" in chunk.text or "附件3" in chunk.text]
    assert len(pieces) == 2
    for piece in pieces:
        assert [fact.text for _, fact in deadlines(desk, [Passage(piece, 0.0)])] == dates


def test_who_acts_is_told_without_the_number_of_the_item() -> None:
    desk = desk_of(INSURED, "首台套认定企业几号截止")
    passages = [Passage(chunk, 0.0) for chunk in desk.asked_chunks if chunk.kind is ChunkKind.CLAUSE]
    assert [fact.actor for _, fact in deadlines(desk, passages)] == ["企业"]


def test_a_clause_that_opens_with_another_level_is_about_that_one() -> None:
    desk = desk_of(LADDER, "示范级企业几号截止")
    passages = [Passage(chunk, 0.0) for chunk in desk.asked_chunks if chunk.kind is ChunkKind.CLAUSE]
    assert [fact.text for _, fact in deadlines(desk, passages)] == ["2026年12月11日"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("首批次奖励什么时候截止", "（二）申报时间另行通知，由市经济和信息化局材料科负责受理。"),
        ("首批次奖励什么时候公示", None),
        ("首批次奖励给多少钱", None),
        ("保险补偿什么时候截止", None),
    ],
)
def test_a_date_that_is_left_to_another_notice(question: str, said: str | None) -> None:
    later = announced_later(desk_of(INSURED, question))
    assert (later.text.strip() if later else None) == said


EXAMINED = """2026年下半年公开招聘事业单位工作人员公告

一、招聘程序

（一）报名

报名截止时间为2026年11月27日16:00。

（二）笔试

笔试时间为2026年12月19日（星期六），合成后60分为合格线，低于合格线的不得进入面试。

（三）面试

面试满分100分，60分合格。

（四）体检

体检于面试结束后10日内进行。

2026年11月10日
"""


@pytest.mark.parametrize(
    ("question", "another"), [("面试是什么时候", True), ("笔试是什么时候", False), ("体检是什么时候", False)]
)
def test_the_date_of_another_stage_is_no_answer(question: str, another: bool) -> None:
    desk = desk_of(EXAMINED, question)
    best = next(chunk for chunk in desk.chunks if "笔试时间" in chunk.text)
    assert dates_another_stage(desk, best) is another


def test_when_to_begin_is_not_written() -> None:
    for question, ends in (("报名几号开始", ["2026年11月27日16:00"]), ("面试几号开始", [])):
        desk = desk_of(EXAMINED, question)
        passages = [Passage(chunk, 0.0) for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE]
        assert [fact.text for _, fact in ends_without_start(desk, passages)] == ends
    begun = desk_of(EXAMINED.replace("报名截止时间为", "报名时间为2026年11月23日至"), "报名几号开始")
    assert not ends_without_start(begun, [Passage(c, 0.0) for c in begun.chunks])


def test_a_tier_whose_time_is_that_of_others_has_their_dates() -> None:
    text = "省级主管部门于12月25日前提交推荐意见。中央企业集团报送时间与省级主管部门相同。"
    desk = desk_of(f"关于申报中试平台的通知\n\n一、申报\n\n{text}\n", "央企最晚哪天报")
    clause = next(chunk for chunk in desk.chunks if "推荐意见" in chunk.text)
    assert states_dates_of_others(desk.question, desk.facts(clause))
    assert not states_dates_of_others(desk.question, desk.facts(clause), clause.text)


GRADES = f"""{TITLE}

一、养老机构等级从低到高为一级至五级。
二、申报一级的机构可随时向县民政局提出；申报二级、三级的机构应于2025年9月20日前将申报书报县民政局。

某省民政厅
2025年8月20日
"""


@pytest.mark.parametrize(
    ("question", "dated"), [("一级几号截止", False), ("二级几号截止", True), ("几号截止", True)]
)
def test_another_level_s_date_is_no_answer(question: str, dated: bool) -> None:
    assert bool(lines_of(question, "2025-09-01", GRADES)) is dated
