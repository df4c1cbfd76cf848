"""Several documents in one file: where each begins, and that nothing is cut that belongs together."""

from __future__ import annotations

import pytest

from bot.documents.enclosed import enclosed_documents

BODY = "各单位要高度重视，明确责任分工，按时保质完成各项工作，并于规定期限内报送有关材料，逾期不予受理。"
FORWARDED = f"""江南省工业和信息化厅文件
江工信装备〔2024〕12号

江南省工业和信息化厅关于开展2024年度
智能工厂梯度培育行动的通知

各市州工业和信息化局：
一、总体要求
{BODY}
二、申报工作
{BODY}于2024年11月22日前完成线上申报。
江南省工业和信息化厅
2024年11月4日"""
FORWARDING = f"""关于转发《江南省工业和信息化厅关于开展2024年度智能工厂梯度培育行动的通知》的通知
星沙经信〔2024〕7号
各有关企业：
{BODY}请于2024年11月15日前将材料报至我局。
星沙市经济和信息化局
2024年11月8日
"""


def names(text: str) -> list[tuple[str, bool, str]]:
    """Name, whether it is a notice, and its first line, of each document that follows in a text."""
    return [
        (other.name, other.notice, text[other.start :].split("\n", 1)[0])
        for other in enclosed_documents(text)
    ]


@pytest.mark.parametrize(
    "between",
    ["", "\n抄送：市政府办公室。\n星沙市经济和信息化局办公室　2024年11月8日印发\n"],
    ids=["at-once", "imprint"],
)
def test_a_forwarded_notice_begins_with_its_letterhead(between: str) -> None:
    assert names(f"{FORWARDING}{between}\n{FORWARDED}") == [
        ("江南省工业和信息化厅关于开展2024年度智能工厂梯度培育行动的通知", True, "江南省工业和信息化厅文件")
    ]


def test_a_forwarded_notice_of_a_web_page_has_its_title_above_its_number() -> None:
    title = "关于开展2024年度智能工厂梯度培育行动的通知"
    forwarded = FORWARDED.split("\n各市州", 1)[1]
    text = f"{FORWARDING}\n# {title}\n\n江工信装备〔2024〕12号\n\n各市州{forwarded}"
    assert names(text) == [(title, True, f"# {title}")]


def test_two_notices_one_after_the_other() -> None:
    first = FORWARDED.replace("12号", "11号").replace("智能工厂", "绿色工厂")
    text = f"{first}\n\n{FORWARDED}"
    assert [name for name, _, _ in names(text)] == [
        "江南省工业和信息化厅关于开展2024年度智能工厂梯度培育行动的通知"
    ]


def test_a_notice_under_a_mark_is_that_attachment() -> None:
    text = f"{FORWARDING}\n附件\n\n{FORWARDED}"
    ((name, notice, first),) = names(text)
    assert (name.startswith("附件1 "), notice, first) == (True, False, "附件")


def test_attachments_behind_the_signature() -> None:
    text = f"{FORWARDED}\n\n附件1\n智能工厂要素条件\n{BODY}\n附件2：推荐汇总表\n{BODY}\n附件1\n{BODY}"
    assert names(text) == [
        ("附件1 智能工厂要素条件", False, "附件1"),
        ("附件2 推荐汇总表", False, "附件2：推荐汇总表"),
    ]


def test_a_file_of_attachments_one_behind_the_other() -> None:
    text = f"附件3\n申报书\n{BODY}\n附件1\n营业执照\n{BODY}\n附件4\n汇总表\n{BODY}"
    assert names(text) == [("附件4 汇总表", False, "附件4")]


def test_attachments_of_a_notice_without_signature() -> None:
    text = f"关于申报的通知\n各单位：\n{BODY}\n附件：1.要素条件\n2.汇总表\n\n附件1\n要素条件\n{BODY}"
    assert names(text) == [("附件1 要素条件", False, "附件1")]


@pytest.mark.parametrize(
    "tail",
    [
        "附件：\n1.要素条件.docx\n2.推荐汇总表.xlsx\n主办单位：江南省工业和信息化厅　版权所有　江ICP备05000618号　网站标识码4300000001",
        "附件1：要素条件\n附件2：推荐汇总表\n" + BODY,
        "[附件1：要素条件](http://example.cn/a.docx)\n" + BODY,
        "附件1：要素条件.docx\n" + BODY,
        "附件1：要素条件\n版权所有：江南省工业和信息化厅　江ICP备05000618号　网站标识码4300000001　技术支持：某某公司",
        "（此件公开发布）",
        f"相关链接：\n关于印发《智能制造指南》的通知\n工信部装〔2024〕1号\n{BODY[:30]}",
    ],
    ids=["list", "titles", "link", "file", "site-foot", "remark", "see-also"],
)
def test_what_stands_below_a_signature_is_not_always_a_document(tail: str) -> None:
    assert names(f"{FORWARDED}\n\n{tail}") == []


def test_a_notice_that_quotes_numbers_and_lists_offices_stays_whole() -> None:
    text = FORWARDED.replace(
        "二、申报工作",
        "二、依据\n《关于印发〈智能制造发展规划〉的通知》\n（工信部规〔2021〕207号）\n三、分工\n各牵头单位：\n（一）省厅：负责统筹。",
    )
    assert names(text) == []
