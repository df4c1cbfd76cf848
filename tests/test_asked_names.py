"""Which firm is hired, and who the experts are."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot.asked_names import lacks_asked_name
from bot.datamodels import Notice

NOTICE = "关于组织申报技术改造项目的通知"


def lacks(question: str, clause: str) -> bool:
    desk = desk_about(Notice("n", NOTICE, "n/t.txt"), f"{NOTICE}\n\n{clause}\n", question, date(2024, 11, 20))
    return lacks_asked_name(desk.question, desk.chunks)


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("专项审计请的哪家事务所", "市工业和信息化局委托会计师事务所进行专项审计。"),
        ("第三方审核机构是哪家", "评审工作由市经信局委托第三方评审机构承担。"),
        ("承保的是哪家保险公司", "企业应当向具备资质的商业保险公司投保。"),
        ("共管户开在哪家银行", "首付款打入在指定银行开立的共管账户。"),
        ("評審機構是哪家公司", "组织专业机构开展评审。"),
        ("评审专家都有谁", "组织不少于5名专家进行评审，专家由省厅随机抽取。"),
    ],
)
def test_a_kind_of_firm_is_no_name(question: str, clause: str) -> None:
    assert lacks(question, clause)


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("专项审计请的哪家事务所", "专项审计由安永华明会计师事务所承担。"),
        ("第三方是哪家来评", "市卫生健康委委托湘澜医学院公共卫生学院开展评估。"),
        ("共管户开在哪家银行", "首付款打入管委会与芜湖扬子农村商业银行共管的账户。"),
        ("开户行是哪家", "账户：医药园区管委会，中国建设银行泰州医药园区支行。"),
        ("评审专家都有谁", "专家组组长为王建国教授。"),
    ],
)
def test_a_name_is_one(question: str, clause: str) -> None:
    assert not lacks(question, clause)


@pytest.mark.parametrize(
    "question",
    [
        "叫我们找哪个公司写材料，合规不",
        "保函哪家银行开都行吗",
        "哪个公司能报",
        "审核单位是哪个",
        "我公司哪个材料要盖章",
    ],
)
def test_other_questions_ask_for_no_name(question: str) -> None:
    assert not lacks(question, "不得指定中介机构代理申报。")
