"""Whether a case that a question states meets a clause: by comparison, and only where that decides it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import cast

import pytest

from bot.chunking import chunk_document
from bot.citations import Citer, check_facts
from bot.composition import Desk
from bot.datamodels import Block, Document, DocumentRole, Notice, SpanStyle
from bot.index.store import Index
from bot.question import understand
from bot.ranking import Ranker
from bot.verdicts import case_verdict

MEETS, FAILS = "符合这条要求。", "不符合这条要求。"


def ask(
    clause: str, question: str, *others: str, heading: str = "一、申报条件"
) -> tuple[Block | None, Citer]:
    """The verdict on the first clause of a notice with these."""
    clauses = (clause, *(others or ("愿意配合现场核查。",)))
    lines = [f"{n}.{words}" for n, words in enumerate(clauses, 1)]
    text = "\n".join(("湖南省关于申报的通知", "各单位：", heading, *lines, ""))
    document = Document("n/t.txt", "n", "关于申报的通知", DocumentRole.MAIN, text, "txt")
    chunks = chunk_document(document)
    notice = Notice("n", document.title, document.id, region="湖南省", issued_on=date(2024, 1, 1))
    index = SimpleNamespace(
        chunks=chunks,
        notice_rows={"n": range(len(chunks))},
        rows={chunk.id: row for row, chunk in enumerate(chunks)},
    )
    citer = Citer({document.id: document})
    desk = Desk(
        understand(question, today=date(2024, 6, 1)), notice, cast(Index, index), cast(Ranker, None), citer
    )
    return case_verdict(desk, next(chunk for chunk in chunks if clause in chunk.text)), citer


def verdict(clause: str, question: str, *others: str, heading: str = "一、申报条件") -> str:
    block, _ = ask(clause, question, *others, heading=heading)
    return block.text if block else ""


@pytest.mark.parametrize(
    ("clause", "question", "expected"),
    [
        ("成立满2年，具有独立法人资格。", "我公司成立1年半能申报吗", f"{FAILS}（通知写的是满2年，你说的是1年半）"),
        ("企业注册成立2年以上。", "成立3年的公司可以报吗", f"{MEETS}（通知写的是2年以上，你说的是3年）"),
        ("企业成立满24个月。", "我们成立3年能报吗", f"{MEETS}（通知写的是满24个月，你说的是3年）"),
        ("企业成立满2年。", "成立不到2年能报吗", f"{FAILS}（通知写的是满2年，你说的是不到2年）"),
        ("企业成立满2年。", "成立两年多了能报吗", f"{MEETS}（通知写的是满2年，你说的是两年多）"),
        ("年营业收入不低于2亿元。", "我们去年营收1.8亿，能报吗", f"{FAILS}（通知写的是不低于2亿元，你说的是1.8亿元）"),
        ("年营业收入不低于2亿元。", "营业收入刚好2亿元，够不够", f"{MEETS}（通知写的是不低于2亿元，你说的是2亿元）"),
        ("年营业收入超过2亿元。", "营业收入2亿元，够不够", f"{FAILS}（通知写的是超过2亿元，你说的是2亿元）"),
        ("总投资1000万元以上。", "我们总投资八百万，能申报吗", f"{FAILS}（通知写的是1000万元以上，你说的是八百万元）"),
        ("年龄不超过45周岁。", "我46岁能申请吗", f"{FAILS}（通知写的是不超过45周岁，你说的是46岁）"),
        ("年龄在45周岁以下。", "今年40岁可以申请吗", f"{MEETS}（通知写的是45周岁以下，你说的是40岁）"),
        ("职工人数不少于50人。", "职工有60人够不够", f"{MEETS}（通知写的是不少于50人，你说的是60人）"),
        ("资产负债率不超过70%。", "资产负债率75%能报吗", f"{FAILS}（通知写的是不超过70%，你说的是75%）"),
        (
            "2023年1月1日以前注册成立。",
            "我们2022年3月成立能报吗",
            f"{MEETS}（通知写的是2023年1月1日以前，你说的是2022年3月）",
        ),
        (
            "2023年1月1日以前注册成立。",
            "2023年5月注册的公司能报吗",
            f"{FAILS}（通知写的是2023年1月1日以前，你说的是2023年5月）",
        ),
        ("在湖南省内注册，具有独立法人资格。", "外省企业能报吗", f"{FAILS}（通知写的是在湖南省内注册，你说的是外省）"),
        ("在本省行政区域内注册。", "广东注册的公司能报吗", f"{FAILS}（通知写的是在本省行政区域内注册，你说的是广东）"),
        ("在湖南省内注册，具有独立法人资格。", "湖南的企业能报吗", f"{MEETS}（通知写的是在湖南省内注册，你说的是湖南）"),
    ],
    ids=range(18),
)  # fmt: skip
def test_a_comparison_that_decides_is_told_with_both_sides(clause: str, question: str, expected: str) -> None:
    block, citer = ask(clause, question)
    assert block is not None and block.text == expected
    assert block.citations == (1,) and clause in citer.citations[0].quote
    assert [span.style for span in block.spans] == [SpanStyle.STRONG, SpanStyle.COMPUTED]
    check_facts([block], citer.citations)


@pytest.mark.parametrize(
    ("clause", "question"),
    [
        pytest.param("企业成立满2年。", "成立两年能报吗", id="on-the-very-bound"),
        pytest.param("年龄不超过45周岁。", "我45岁能申请吗", id="age-on-the-bound"),
        pytest.param("2023年1月1日以前成立。", "我们2023年1月成立能报吗", id="month-of-the-bound"),
        pytest.param("企业成立满2年。", "成立大概1年能报吗", id="about"),
        pytest.param("合同额不低于100万元。", "合同额90万元左右行吗", id="about-after"),
        pytest.param("项目实施一年以上。", "实施了大半年可以申报吗", id="nearly"),
        pytest.param("合同额500万元以上。", "合同额480万，外加200万技术服务，够吗", id="two-sums"),
        pytest.param("企业成立满2年。", "成立不到3年能报吗", id="open"),
        pytest.param("总投资1000万元以上。", "设备投资1200万能报吗", id="another-thing"),
        pytest.param("总投资1000万元以上。", "我们有1200万能报吗", id="no-thing"),
        pytest.param("研发费用占比不低于3%。", "研发人员占比2%能报吗", id="another-share"),
        pytest.param("从业满2年。", "毕业1年能报吗", id="another-event"),
        pytest.param("工期不超过30个工作日。", "工期40天可以吗", id="another-unit"),
        pytest.param("子女年龄不超过18周岁。", "我40岁能申请吗", id="another-person"),
        pytest.param("年龄18周岁以上、60周岁以下。", "我17岁能申请吗", id="two-bounds"),
        pytest.param("年龄18至60周岁。", "我17岁能申请吗", id="range"),
        pytest.param("大型企业营业收入2亿元以上，中型5000万元以上。", "营业收入1亿能报吗", id="levels"),
        pytest.param("企业成立满2年（高新技术企业除外）。", "成立1年能报吗", id="exception"),
        pytest.param("原则上企业成立满2年。", "成立1年能报吗", id="in-principle"),
        pytest.param("企业成立满2年或者营业收入1亿元以上。", "成立1年能报吗", id="alternative"),
        pytest.param("成立不满2年的不得申报。", "成立1年能报吗", id="ban"),
        pytest.param("营业收入超过5亿元的企业优先。", "营业收入3亿能报吗", id="preference"),
        pytest.param("近三年营业收入平均不低于2亿元。", "营业收入1亿能报吗", id="mean"),
        pytest.param("每个企业申报项目不超过2个。", "申报项目3个可以吗", id="each"),
        pytest.param("给予不超过投资额500万元的补助。", "投资600万能报吗", id="subsidy"),
        pytest.param("年营业收入不低于2亿元。", "要求营业收入2亿，是不是", id="asks-for-the-rule"),
        pytest.param("年营业收入不低于2亿元。", "营业收入1亿和3亿都能报吗", id="two-values"),
        pytest.param("年营业收入不低于2亿元。", "营业收入1亿到3亿能报吗", id="range-asked"),
        pytest.param("年营业收入不低于2亿元。", "营业收入1亿怎么申报", id="no-yes-or-no"),
        pytest.param("年营业收入2亿元。", "营业收入1亿能报吗", id="no-bound"),
        pytest.param("在湖南省内注册。", "注册在株洲能报吗", id="city"),
        pytest.param("在长沙市注册。", "外省企业能报吗", id="city-required"),
        pytest.param("在湖南省内注册，央企分支机构除外。", "外省企业能报吗", id="province-with-exception"),
        pytest.param("在湖南省内注册。", "广东公司在湖南设的分公司能报吗", id="seat-in-two"),
        pytest.param("在湖南省内注册。", "不在湖南注册的公司能报吗", id="denied"),
    ],
)
def test_what_a_comparison_does_not_decide_gets_no_verdict(clause: str, question: str) -> None:
    assert verdict(clause, question) == ""


def test_another_clause_on_the_same_thing_leaves_it_open() -> None:
    clause, question = "年营业收入不低于2亿元。", "营业收入1亿能报吗"
    assert verdict(clause, question, "软件企业可放宽，营业收入5000万元即可。") == ""
    assert verdict(clause, question, "注册资本1000万元。") != ""


@pytest.mark.parametrize("heading", ["一、有下列情形之一的", "一、不予受理的情形", "一、支持标准"])
def test_a_heading_that_denies_offers_a_choice_or_pays_leaves_it_open(heading: str) -> None:
    assert verdict("年营业收入不低于2亿元。", "营业收入1亿能报吗", heading=heading) == ""
