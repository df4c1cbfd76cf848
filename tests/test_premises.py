"""What is said to a question that states a value and wants it confirmed: yes, no, or nothing but the clause."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot import messages
from bot.composition import clause_blocks
from bot.datamodels import Chunk, ChunkKind, FactKind, Notice
from bot.desk import Desk
from bot.premises import corrected, exception, nothing_paid, premise, same_value

RIGHT, WRONG, NOTHING = messages.PREMISE_RIGHT, messages.PREMISE_WRONG, ""


def asked(question: str, *clauses: str) -> tuple[Desk, Chunk]:
    """The desk for a question about a notice with these clauses, and the first of them."""
    lines = [f"{n}.{words}" for n, words in enumerate(clauses, 1)]
    text = "\n".join(("湖南省关于申报的通知", "各单位：", "一、申报要求", *lines, ""))
    notice = Notice("n", "关于申报的通知", "n/t.txt", region="湖南省", issued_on=date(2024, 1, 1))
    desk = desk_about(notice, text, question, date(2024, 6, 1))
    return desk, next(chunk for chunk in desk.chunks if clauses[0] in chunk.text)


LIMITS = "职工总数不超过500人、年销售收入不超过2亿元、资产总额不超过2亿元。"
TEAM = "申请企业具备较强的开发能力，技术团队不少于10人。"
LENGTH = "经验描述不少于3000字，不得附宣传画册。"
KINDS = "省级财政对“综合型”给予30万元奖励，“场景型”没有奖励。"
NATIONAL = "省级财政对省质量标杆不设奖励；对获得全国质量标杆的，给予50万元一次性奖励。"
POST = "岗位补贴。对C类人才给予补贴，每人每年最高不超过8万元，最多补贴3年。"
PRIZES = "一等奖奖励30万元，二等奖奖励20万元。"


@pytest.mark.parametrize(
    ("clause", "question", "expected"),
    [
        pytest.param(LIMITS, "职工是不是要500人以上才能报", WRONG, id="the-other-direction"),
        pytest.param(LIMITS, "职工总数是不是不能超过500人", RIGHT, id="the-same-direction"),
        pytest.param(LIMITS, "职工是500人吧", RIGHT, id="a-bare-number"),
        pytest.param(LIMITS, "职工总数不能超过300人，对吧", WRONG, id="another-number"),
        pytest.param(LIMITS, "资产总额是不是不能超过2亿", RIGHT, id="of-two-the-one-that-is-named"),
        pytest.param(LIMITS, "是不是不能超过2亿", NOTHING, id="of-two-none-is-named"),
        pytest.param(LIMITS, "职工不超过500人就行，不是必须的吧", NOTHING, id="not-obligatory"),
        pytest.param(LIMITS, "不需要职工500人以上吧", NOTHING, id="not-needed"),
        pytest.param(LIMITS, "我们职工300人，能报的吧", NOTHING, id="a-case"),
        pytest.param(TEAM, "技术团队10人以内才能申报是吗", WRONG, id="within-and-at-least"),
        pytest.param(TEAM, "技术团队要8人对吧", WRONG, id="below-the-bound"),
        pytest.param(TEAM, "技术团队12人对吧", NOTHING, id="within-the-bound"),
        pytest.param(TEAM, "管理团队要10人对吧", NOTHING, id="another-team"),
        pytest.param(LENGTH, "经验描述是不是不能超过3000字", WRONG, id="at-most-and-at-least"),
        pytest.param("展会报名不足8家的，取消组团。", "报名满8家就取消组团对吗", NOTHING, id="condition-of-a-denial"),
        pytest.param(KINDS, "场景型奖励30万对吧", NOTHING, id="denied-in-the-sentence"),
        pytest.param(KINDS, "综合型奖励50万对吧", WRONG, id="another-sum-of-that-kind"),
        pytest.param("对“综合型”给予30万元奖励。", "综合型奖励30万对吧", RIGHT, id="the-sum-of-that-kind"),
        pytest.param("综合型和场景型分别奖励30万元和20万元。", "场景型奖励30万对吧", NOTHING, id="respectively"),
        pytest.param(POST, "岗位补贴最多8万对吧", RIGHT, id="under-the-title"),
        pytest.param(POST, "安家补贴最多8万对吧", NOTHING, id="under-another-title"),
        pytest.param("岗位补贴。对企业负责人不再给予8万元。", "岗位补贴8万对吧", NOTHING, id="denied-under-the-title"),
        pytest.param(PRIZES, "二等奖奖励30万对吧", WRONG, id="sum-of-another-prize"),
        pytest.param(PRIZES, "二等奖奖励20万对吧", RIGHT, id="sum-of-that-prize"),
        pytest.param(NATIONAL, "省质量标杆奖50万对吧", NOTHING, id="of-another-level"),
        pytest.param("市工信局于6月30日前报送纸质申报书2份。", "纸质申报书是不是要报2份", NOTHING, id="the-authority-acts"),
        pytest.param("市工信局于6月30日前报送纸质申报书2份。", "市工信局报送的纸质申报书是不是2份", RIGHT, id="the-authority-is-named"),
        pytest.param("企业提交纸质申报书2份。", "纸质申报书是不是要2份", RIGHT, id="the-enterprise-acts"),
        pytest.param("资助额度依次为40万元、20万元、10万元。", "资助额度是40万对吧", NOTHING, id="in-turn"),
        pytest.param("资助额度为40万元、20万元、10万元三档。", "资助额度是40万对吧", NOTHING, id="of-a-series"),
        pytest.param("资助额度为40万元。", "资助额度是40万对吧", RIGHT, id="of-no-series"),
        pytest.param("资助额度为40万元。", "资助额度都是40万对吧", NOTHING, id="said-of-all"),
        pytest.param("每个领域原则上不超过2个。", "每个领域不超过2个对吧", NOTHING, id="in-principle"),
        pytest.param("每个领域原则上不超过2个。", "每个领域能推3个对吧", NOTHING, id="in-principle-not-denied"),
        pytest.param("每个领域不超过2个。", "每个领域只能推2个对吧", NOTHING, id="only"),
        pytest.param("每个领域不超过2个。", "每个领域最多2个对吧", RIGHT, id="at-most"),
        pytest.param("面试定于2024年9月中旬。", "面试是9月15号对吧", NOTHING, id="day-within-the-span"),
        pytest.param("面试定于2024年9月中旬。", "面试是9月底对吧", NOTHING, id="another-part-of-the-month"),
        pytest.param("面试定于2024年9月15日。", "面试是9月底对吧", NOTHING, id="part-of-the-month-for-a-day"),
        pytest.param("面试定于2024年9月15日。", "面试是9月15号对吧", RIGHT, id="the-day"),
        pytest.param("面试定于2024年9月中旬。", "面试是11月15号对吧", WRONG, id="another-month"),
        pytest.param("面试初定于2024年9月中旬。", "面试是11月15号对吧", NOTHING, id="not-yet-settled"),
        pytest.param("低保户减免50%。", "低保户又是二级残疾，能减50%吗", NOTHING, id="nothing-to-confirm"),
        pytest.param("低保户减免50%。", "低保户减免是50%吗", RIGHT, id="to-confirm"),
    ],
)  # fmt: skip
def test_a_stated_value_is_confirmed_or_denied_only_where_number_direction_and_subject_are_certain(
    clause: str, question: str, expected: str
) -> None:
    assert premise(*asked(question, clause)) == expected


SENT = "各市州工信局填写推荐汇总表，于2024年11月23日前报送推荐汇总表和纸质版申报书各2份。"
FILED = "申报主体于2024年11月22日前完成线上申报。"
CHECKED = "按不低于30%的比例进行现场核查（国家绿色工厂须全部现场核查）。"


@pytest.mark.parametrize(
    ("clause", "question", "expected"),
    [
        pytest.param(SENT, "推荐汇总表11月22日前交对吧", WRONG, id="day-of-another-actor"),
        pytest.param(SENT, "推荐汇总表11月23日前交对吧", RIGHT, id="day-of-this-one"),
        pytest.param(SENT, "纸质申报书一式三份对吗", WRONG, id="copies-in-words"),
        pytest.param(SENT, "纸质版要4份是吧", WRONG, id="copies"),
        pytest.param(CHECKED, "国家绿色工厂现场核查比例是30%吗", NOTHING, id="named-in-the-exception"),
        pytest.param(CHECKED, "现场核查比例是30%吗", RIGHT, id="the-general-rate"),
        pytest.param(FILED, "不是11月30截止吗", WRONG, id="a-day-without-its-sign"),
    ],
)
def test_a_value_of_something_else_is_denied_of_what_the_question_names(
    clause: str, question: str, expected: str
) -> None:
    assert premise(*asked(question, clause, FILED if clause is SENT else SENT)) == expected


def test_a_value_that_stands_elsewhere_in_the_notice_is_not_denied() -> None:
    question = "技术团队要8人对吧"
    assert premise(*asked(question, TEAM)) == WRONG
    assert premise(*asked(question, TEAM, "医疗机构技术团队不少于8人。")) == NOTHING


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        pytest.param("电话是0731-88955555吧", True, id="another-number"),
        pytest.param("电话是0731-88955383吧", False, id="the-number"),
        pytest.param("电话是0731-82212345吧", False, id="a-number-of-somebody-else"),
        pytest.param("咨询电话12333前面要加区号吗", False, id="nothing-to-confirm"),
    ],
)
def test_a_phone_is_denied_only_where_it_is_to_be_confirmed_and_stands_nowhere(
    question: str, denied: bool
) -> None:
    clause = "联系人：潘晓军，电话：0731-88955383。"
    desk, chunk = asked(question, clause, "监督电话：0731-82212345。")
    phones = [fact for fact in desk.facts(chunk) if fact.kind is FactKind.PHONE]
    blocks = corrected(desk, clause_blocks(desk, chunk), phones)
    assert (blocks[0].text == WRONG) is denied


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        ("截止是6月20日吧", True),
        ("我们6月20日交，对吧", False),
        ("截止是6月30日吧", False),
        ("截止是6月30日晚上12点吧", False),
        ("截止是6月20日晚上12点吧", True),
    ],
    ids=["deadline", "day-of-acting", "the-day", "another-hour-of-the-day", "another-day-with-an-hour"],
)
def test_a_day_is_denied_only_as_the_deadline(question: str, denied: bool) -> None:
    for clause in ("企业于2024年6月30日前完成线上申报。", "系统于2024年6月30日18时关闭。"):
        desk, chunk = asked(question, clause)
        blocks = corrected(desk, clause_blocks(desk, chunk), desk.facts(chunk))
        assert (blocks[0].text == WRONG) is denied


def test_a_day_that_is_not_yet_settled_is_not_denied() -> None:
    desk, chunk = asked("截止是6月20日吧", "申报截止时间暂定为2024年6月30日。")
    blocks = corrected(desk, clause_blocks(desk, chunk), desk.facts(chunk))
    assert blocks[0].text != WRONG


def test_who_says_to_be_of_those_excepted_is_not_told_that_it_is_generally_not_allowed() -> None:
    clause = "申报主体具有独立法人资格（石油石化等有行业特殊情况的，允许法人的分支机构申报）。"
    for question, expected in (
        ("分公司能报吗", messages.EXCEPTION_ONLY),
        ("石油石化企业的分公司可以申报吗", NOTHING),
    ):
        desk, chunk = asked(question, clause)
        assert exception(desk, chunk, chunk.text) == expected
        assert exception(desk, chunk, "申报主体具有独立法人资格") == NOTHING


@pytest.mark.parametrize(
    ("asked", "stated", "same"),
    [
        ("www.miit-imps.com", "https://www.miit-imps.com", True),
        ("WWW.A.CN/", "http://a.cn/login", True),
        ("https://a.cn", "https://b.cn", False),
        ("--06-30", "2024-06-30", True),
        ("2 万元", "2.5 万元", False),
    ],
)
def test_an_address_is_the_same_however_it_is_said(asked: str, stated: str, same: bool) -> None:
    assert same_value(asked, stated) is same


FEE = "定级评审由协会承担，费用列入部门预算，任何单位不得以评审费、会员费等名目向企业收取；评审人员应当回避。"
ENTRY = "参赛队伍于6月15日前报名；报名不收取任何费用，不接收实物。"
AWARD = "入选名单由主办单位公布，颁发证书，不设奖金。"
SOME = "正高级每人收取评审费450元，残疾人不收取评审费。"


@pytest.mark.parametrize(
    ("clause", "question", "said"),
    [
        pytest.param(FEE, "评审要交多少钱", "不得以评审费", id="nobody-may-take-it"),
        pytest.param(ENTRY, "报名费多少钱", "报名不收取任何费用", id="nothing-is-taken"),
        pytest.param(ENTRY, "报名要交钱吗", "报名不收取任何费用", id="whether-anything-is-taken"),
        pytest.param(ENTRY, "报名得花多少钱", "报名不收取任何费用", id="what-it-costs"),
        pytest.param(AWARD, "入选给多少奖金", "不设奖金", id="nothing-is-given"),
        pytest.param(ENTRY, "报名给多少奖金", "", id="taken-is-not-given"),
        pytest.param(AWARD, "评审要交多少钱", "", id="given-is-not-taken"),
        pytest.param(ENTRY, "培训费多少钱", "", id="of-another-thing"),
        pytest.param(SOME, "评审费多少钱", "", id="the-clause-states-a-sum"),
        pytest.param("对已获国家奖励的企业不给予资金补助。", "补助多少钱", "", id="only-for-some"),
        pytest.param(ENTRY, "报名截止到几号", "", id="no-sum-is-asked-for"),
    ],
)
def test_that_nothing_is_paid_answers_who_asks_how_much(clause: str, question: str, said: str) -> None:
    desk, _ = asked(question, clause, "愿意配合现场核查。")
    found = nothing_paid(desk)
    assert (found is not None) is bool(said)
    assert found is None or said in found.text


def test_a_value_of_another_column_of_the_row_is_not_denied() -> None:
    table = """2026年定报报送时间表

| 表号 | 表名 | 开网时间 | 关网时间 |
|---|---|---|---|
| 103-1 | 财务状况（工业） | 2026年2月1日 | 2026年4月15日24:00 |
| 103-2 | 从业人员 | 2026年2月5日 | 2026年4月20日24:00 |
"""
    notice = Notice("n", "2026年定报报送时间表", "n/t.txt", year=2026)
    desk = desk_about(notice, table, "103-1 工业 截止是2026年4月15日24:00对吧", date(2026, 3, 1))
    rows = [chunk for chunk in desk.chunks if chunk.kind is ChunkKind.ROW]
    assert len(rows) == 2
    assert not any(premise(desk, row) == WRONG for row in rows)
