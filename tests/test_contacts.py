"""Whom to ask: contacts in the clauses of a notice, and what of them is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from desks import desk_about

from bot.asked_contacts import (
    asks_for_contact,
    contacts_about,
    contacts_for,
    contacts_named,
    fitting,
    holders_of_stated,
    is_business_of,
)
from bot.cards import contact_blocks
from bot.chunking import chunk_document
from bot.citations import check_facts
from bot.contacts import (
    Contact,
    asked_holder,
    best_contact,
    contacts_in,
    is_for_all,
    is_of,
    is_of_row,
    most_for,
    same_number,
    those_of,
)
from bot.datamodels import ChunkKind, Document, DocumentRole, Fact, Notice
from bot.desk import Desk
from bot.documents.library import load_notice
from bot.facts import extract_facts
from bot.own_data import own_data
from bot.question import understand
from bot.refusals import of_another

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"


def contacts_of(body: str) -> tuple[Contact, ...]:
    text = f"关于申报的通知\n各单位：\n{body}\n"
    return _contacts(
        Document("通知/正文.txt", "通知", "关于申报的通知", DocumentRole.ATTACHMENT, text, "txt")
    )


def _contacts(document: Document, notice: Notice | None = None) -> tuple[Contact, ...]:
    chunks = chunk_document(document)
    facts: dict[str, list[Fact]] = {}
    for fact in extract_facts(chunks, notice or Notice("通知", "关于申报的通知", document.id)):
        facts.setdefault(fact.chunk_id, []).append(fact)
    contacts = contacts_in(chunks, facts)
    for contact in contacts:
        words = document.text[contact.start : contact.end]
        assert all(part in words for part in (contact.person, *contact.phones, *contact.emails))
        assert contact.purpose in document.text[contact.chunk.start : contact.end]
        assert contact.office in words or contact.introduced_by is not None
    return contacts


def card(contact: Contact) -> tuple[str, str, tuple[str, ...], tuple[str, ...], str]:
    return contact.office, contact.person, contact.phones, contact.emails, contact.purpose


def test_the_contact_of_the_real_notice_has_its_office_from_the_line_above() -> None:
    loaded = load_notice(KNOWLEDGE / "2024年度智能工厂梯度培育行动", KNOWLEDGE)
    (contact,) = _contacts(loaded.documents[0], loaded.notice)
    assert card(contact) == ("湖南省工业和信息化厅装备工业处", "潘晓军", ("0731-88955383",), (), "")
    assert contact.introduced_by is not None
    assert contact.chunk.section == "二、（三）"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "联系人：省工信厅装备处 李明，0731-88955383",
            ("省工信厅装备处", "李明", ("0731-88955383",), (), ""),
        ),
        (
            "政策咨询：市科技局资源配置科　韦燕　029-55536177",
            ("市科技局资源配置科", "韦燕", ("029-55536177",), (), "政策咨询"),
        ),
        (
            "系统技术：0523-55536722，邮箱：zph@yjlm.example.cn",
            ("", "", ("0523-55536722",), ("zph@yjlm.example.cn",), "系统技术"),
        ),
        ("省财政厅经济建设处　0471-5550803", ("省财政厅经济建设处", "", ("0471-5550803",), (), "")),
        ("市商务局 王老师，（0591）5556201", ("市商务局", "王老师", ("（0591）5556201",), (), "")),
        (
            "投诉举报：区农业农村局机关纪委，0455-5550110。",
            ("区农业农村局机关纪委", "", ("0455-5550110",), (), "投诉举报"),
        ),
    ],
    ids=["person", "purpose", "email", "office", "teacher", "complaints"],
)
def test_the_parts_of_a_contact_line(
    line: str, expected: tuple[str, str, tuple[str, ...], tuple[str, ...], str]
) -> None:
    (contact,) = contacts_of(f"一、联系方式\n{line}")
    assert card(contact) == expected


def test_each_sentence_of_a_line_is_a_contact_of_its_own() -> None:
    contacts = contacts_of(
        "一、联系方式\n政策：省厅规划处 程立，0551-65552031；系统：省中心 吴敏，0551-65552046。"
    )
    assert [(c.purpose, c.office, c.person, c.phones) for c in contacts] == [
        ("政策", "省厅规划处", "程立", ("0551-65552031",)),
        ("系统", "省中心", "吴敏", ("0551-65552046",)),
    ]


def test_a_label_names_a_numbered_part_and_holds_for_all_contacts_behind_it() -> None:
    found = contacts_of(
        "一、支持方向\n（一）开拓国际市场。支持企业参加境外展会。\n（二）跨境电商海外仓。支持租赁海外仓的企业。\n四、联系方式\n"
        "第（一）方向：市商务局对外贸易科 丛珊珊 0631-5223418；第（二）方向：市商务局电子商务科 毕晓东 0631-5223431，"
        "市商务局财务科 邹卫国 0631-5223406。市财政局企业科 0631-5221139（只受理资金拨付进度查询）。"
    )
    assert [c.purpose for c in found] == ["第（一）方向", "第（二）方向", "第（二）方向", ""]
    assert [c.person for c in most_for(found, "海外仓找谁问")] == ["毕晓东", "邹卫国"]
    assert [c.person for c in most_for(found, "11月的展会几号前报")] == ["丛珊珊"]


def test_of_two_contacts_the_one_for_the_longer_stretch_is_meant() -> None:
    found = contacts_of(
        "一、联系方式\n省工信厅节能处：覃慧敏，0731-88955417（绿色工厂、绿色供应链）\n省工信厅节能处：邹立群，0731-88955425（绿色工业园区）"
    )
    assert [c.person for c in most_for(found, "省级绿色工厂申报书")] == ["覃慧敏"]


def test_numbers_in_running_text_are_told_apart_by_whose_they_are() -> None:
    contacts = contacts_of(
        "一、联系方式\n资金政策问题请与省商务厅财务处（郑书宁，0591-87270193）联系，系统操作问题由运维单位解答，"
        "电话0971-6150388转2，或者发送邮件至help@qhyjj.example.cn，举报请拨打12345。"
    )
    assert [(c.purpose, c.office, c.person, c.phones, c.emails) for c in contacts] == [
        ("资金政策问题", "省商务厅财务处", "郑书宁", ("0591-87270193",), ()),
        ("系统操作问题", "", "", ("0971-6150388转2",), ("help@qhyjj.example.cn",)),
        ("举报", "", "", ("12345",), ()),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "护理津贴由区民政局养老科负责解释，电话0531-8655 1201；床位补助由区财政局社保科受理，电话0531-8655 1202。",
            [("护理津贴", "区民政局养老科", True), ("床位补助", "区财政局社保科", True)],
        ),
        (
            "账号操作问题请联系市信息中心0531-8655 1203，检测方法问题请咨询相应行业协会，政策问题请联系发展司规划处0531-8655 1204。",
            [("账号操作问题", "市信息中心", True), ("政策问题", "发展司规划处", False)],
        ),
        (
            "联系方式：省商务厅消费处（老字号）0531-8655 1205，流通处（示范街区）0531-8655 1206。",
            [("老字号", "省商务厅消费处", True), ("示范街区", "流通处", True)],
        ),
        ("答辩安排咨询省评价研究院，电话0531-8655 1207。", [("答辩安排", "省评价研究院", True)]),
        (
            "系统入口为https://sb.example.cn，密码遗忘、材料传不上等问题请联系云服务公司0531-8655 1208。",
            [("密码遗忘、材料传不上等问题", "云服务公司", False)],
        ),
        ("小程序使用：由数智科技公司提供服务，电话0531-8655 1209。", [("小程序使用", "数智科技公司", True)]),
        ("具体由区金融办负责解释，电话0531-8655 1210。", [("", "区金融办", False)]),
        ("各县（市、区）窗口电话可拨打0531-8655 1211查询。", [("", "", False)]),
        ("省厅装备处（李明）0531-8655 1212。", [("", "省厅装备处", True)]),
        ("省厅装备处（工作日）0531-8655 1214。", [("", "省厅装备处", False)]),
        ("陕西丰禾咨询有限公司 雷经理 0531-8655 1213。", [("", "陕西丰禾咨询有限公司", True)]),
    ],
    ids=[
        "in-charge",
        "for-each",
        "bracket",
        "bare-verb",
        "website",
        "label",
        "no-subject",
        "places",
        "person-in-bracket",
        "hours-in-bracket",
        "company",
    ],
)
def test_whose_business_something_is_in_running_text(
    line: str, expected: list[tuple[str, str, bool]]
) -> None:
    """(purpose, office, nothing else said) of each."""
    contacts = contacts_of(f"一、联系方式\n{line}")
    assert [(c.purpose, c.office, not c.rest) for c in contacts] == expected


def test_a_number_in_the_name_of_an_app_or_in_a_statistic_is_no_contact() -> None:
    assert (
        contacts_of("一、办理\n登录“掌上12333”办理；年度12345有效投诉办理满意率低于85%的，扣减补贴。") == ()
    )


def test_an_open_bracket_before_a_number_is_not_part_of_it() -> None:
    (contact,) = contacts_of("一、联系方式\n平台技术问题由开发单位解答（0731—5829 9005）。")
    assert contact.phones == ("0731—5829 9005",)


def test_both_numbers_of_a_list_are_given() -> None:
    (contact,) = contacts_of("一、联系方式\n省工信厅装备处 李明，0731-88955383、88955384")
    assert contact.phones == ("0731-88955383", "88955384")


def test_a_date_line_above_is_no_office() -> None:
    (contact,) = contacts_of("一、联系方式\n工作日上午受理。\n联系电话：0731-88955383")
    assert contact.office == ""
    assert contact.introduced_by is None


def test_rows_of_a_table_and_clauses_without_a_number_are_no_contacts() -> None:
    assert contacts_of("\n| 区 | 电话 |\n| --- | --- |\n| 江岸区 | 027-55561101 |\n\n请与区局联系。") == ()


def test_questions_of_policy_go_before_technical_and_complaint_lines() -> None:
    contacts = contacts_of(
        "一、联系方式\n投诉举报：省厅机关纪委 王强，0731-88950001\n技术支持：平台客服 李敏，0731-88950002\n"
        "政策咨询：省厅装备处 潘晓军，0731-88955383"
    )
    assert len(contacts) == 3
    best = best_contact(contacts)
    assert best is not None and best.person == "潘晓军"


@pytest.mark.parametrize(
    ("question", "holder"),
    [
        ("市里金融办电话呢", "金融办"),
        ("请问省工信厅的联系电话是多少", "省工信厅"),
        ("蔺工手机多少", "蔺工"),
        ("技术支持单位电话", "技术支持单位"),
        ("省档案局 联系电话", "省档案局"),
        ("报名电话", ""),
        ("平台登不上去打哪个电话", ""),
        ("收费投诉打哪个电话", ""),
    ],
)
def test_whose_number_is_asked_for(question: str, holder: str) -> None:
    assert asked_holder(question) == holder


def test_a_contact_is_that_of_an_office_named_in_short() -> None:
    (contact,) = contacts_of("一、联系方式\n省工业和信息化厅装备处 李明，0731-88955383")
    assert is_of(contact, "省工信厅")
    assert is_of(contact, "李明")
    assert not is_of(contact, "金融办")
    assert not is_of(contact, "长沙市工信局")


@pytest.mark.parametrize(
    ("holder", "persons"),
    [("连处长", ["连疏桐"]), ("王老师", []), ("陈科长", []), ("连疏桐", ["连疏桐"])],
    ids=["one", "none", "two", "full-name"],
)
def test_who_is_named_by_surname_is_meant_where_there_is_one_of_that_surname(
    holder: str, persons: list[str]
) -> None:
    contacts = contacts_of(
        "一、联系方式\n政策咨询：省厅装备处 连疏桐，0591-87502246。\n材料受理：省厅装备处 陈立，0591-87502247。\n"
        "系统操作：省中心 陈敏，0591-87502248。"
    )
    assert [c.person for c in those_of(contacts, holder)] == persons


def test_nobody_can_be_asked_where_there_is_no_contact() -> None:
    assert best_contact(()) is None


def test_what_a_card_would_leave_out_is_known() -> None:
    contacts = contacts_of(
        "一、联系方式\n政策咨询：市科技局成果科 韦燕，029-55536177。\n公告内容：智能化处 冯骏、蒲红 023-55571120。\n"
        "项目合作（越南、老挝方向）：对外处 娜仁 0471-5556327。\n平台操作：惠企客服 0536-5554400（9:00—17:00，节假日除外）。\n"
        "资金拨付：市财政局经建科 029-55536180，备用号0290-12。"
    )
    assert [bool(c.rest) for c in contacts] == [False, True, True, True, True]
    assert [c.hours for c in contacts] == [False, False, False, True, False]
    assert contacts[2].person == ""


def test_a_fax_is_not_shown_as_a_phone() -> None:
    fax, both = contacts_of("一、联系方式\n传真：010-82260317。\n电话：010-82260318（兼传真）。")
    assert fax.rest == "传真" and both.rest == ""


def test_who_stands_in_a_bracket_behind_the_number_is_whose_it_is() -> None:
    contacts = contacts_of(
        "一、联系方式\n报名咨询：0857-4226183（县人社局）；场地搭建：0523-55536701（裴工）。"
    )
    assert [(c.office, c.person, c.rest) for c in contacts] == [("县人社局", "", ""), ("", "裴工", "")]


LINES = (
    "资金拨付：市财政局经济建设科 孟庆梅 0536-5557392。",
    "保险业务：金融监管分局财险科 漆红梅 0536-5557461。",
    "项目与政策：市工信局技术改造科 庞志刚 0536-5551836。",
    "平台操作：0536-5554400。",
)


@pytest.mark.parametrize(
    ("question", "person"),
    [("食堂在哪", "庞志刚"), ("保险理赔要什么材料", "漆红梅"), ("资金什么时候拨付", "孟庆梅")],
    ids=["anything", "insurance", "payment"],
)
def test_who_is_asked_is_there_for_the_question_or_for_all(question: str, person: str) -> None:
    best = best_contact(contacts_of("一、联系方式\n" + "\n".join(LINES)), question, "潍坊市工业和信息化局")
    assert best is not None and best.person == person


def test_a_line_for_one_subject_only_is_not_for_all() -> None:
    contacts = contacts_of("一、联系方式\n" + "\n".join((*LINES, "业务咨询：市科技局 王宁 0536-5551840。")))
    assert [is_for_all(c) for c in contacts] == [False, False, True, False, True]


def test_of_equal_offices_the_issuers_own_is_asked() -> None:
    contacts = contacts_of(
        "一、联系方式\n省文物局博物馆处 苗青 0871-65194407；省商务厅流通处 翁竞舟 0871-65120936。"
    )
    best = best_contact(contacts, "", "南岭省商务厅")
    assert best is not None and best.person == "翁竞舟"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("12345", "0719-12345", True),
        ("88955383", "0731-88955383转2", True),
        ("0731-88955383", "0731-88955384", False),
        ("383", "0731-88955383", False),
    ],
    ids=["hotline", "extension", "another", "too-short"],
)
def test_a_number_is_the_same_without_its_area_code(one: str, other: str, same: bool) -> None:
    assert same_number(one, other) is same


# ---------------------------------------------------------------- what of them is shown

NOTICE = """洛阳市科技局关于申报项目的通知
洛科〔2025〕9号
各单位：
一、联系方式
政策咨询：合作处 苏日娜 0471-5556320，朝鲁 0471-5556324。政府间项目（蒙古国、俄罗斯方向）：合作处 娜仁 0471-5556327。系统操作：信息中心 0471-5558116。监督举报请发送邮件至jb@example.gov.cn，来信须注明姓名。
二、受理窗口
| 单位 | 联系人 | 电话 |
| --- | --- | --- |
| 渝北区经信委 | 段云鹏 | 023-55583021 |
| 海曲区 | 乔丽 | 0633-8772105 |

洛阳市科技局
2025年9月9日
"""


def desk_for(question: str, text: str = NOTICE) -> Desk:
    title, issuer = "洛阳市科技局关于申报项目的通知", "洛阳市科技局"
    notice = Notice("n", title, "n/t.txt", doc_number="洛科〔2025〕9号", issuer=issuer)
    return desk_about(notice, text, question, date(2025, 9, 20))


def shown(question: str, text: str = NOTICE) -> list[str]:
    """What is shown of the clause with the contacts; each shown line must keep the fact lock."""
    desk = desk_for(question, text)
    contacts = contacts_in(desk.chunks, desk.index.facts)
    blocks = contact_blocks(desk, fitting(desk, contacts))
    check_facts(blocks, desk.citer.citations)
    return [block.text for block in blocks]


SENTENCE = "政策咨询：合作处 苏日娜 0471-5556320，朝鲁 0471-5556324。"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("朝鲁电话", [SENTENCE]),
        ("蒙古国方向找谁", ["政府间项目（蒙古国、俄罗斯方向）：合作处 娜仁 0471-5556327。"]),
        ("系统操作打哪个电话", ["系统操作：信息中心　电话 0471-5558116"]),
        ("举报电话", ["监督举报请发送邮件至jb@example.gov.cn，来信须注明姓名。"]),
        ("电话是0471-5556324吧", [SENTENCE]),
        ("食堂订餐打哪个电话", ["政策咨询：合作处 苏日娜　电话 0471-5556320"]),
        ("苏日娜的邮箱", []),
    ],
    ids=["second-person", "bracket", "card", "email-only", "stated", "for-all", "no-email"],
)
def test_the_contact_that_the_question_names_is_shown(question: str, expected: list[str]) -> None:
    assert shown(question) == expected


def test_a_number_of_nobody_is_shown_in_its_sentence() -> None:
    text = "关于申报的通知\n各单位：\n一、联系\n联系电话：0471-5556320。\n二、时间\n申报。\n"
    assert shown("联系电话多少", text) == ["联系电话：0471-5556320。"]


def test_a_line_for_something_else_is_not_shown() -> None:
    text = "关于申报的通知\n各单位：\n一、联系\n人才类别咨询找人才科，电话0574-86901173；技术问题加群。\n"
    assert shown("技术问题打哪个电话", text) == []
    assert shown("人才类别打哪个电话问", text) == ["人才类别咨询：人才科　电话 0574-86901173"]


BY_SUBJECT = (
    "关于申报的通知\n各单位：\n一、联系\n护理津贴由区民政局养老科负责解释，电话0531-86551201；助餐补助由区民政局福利科负责解释，"
    "电话0531-86551202；资金拨付问题咨询区财政局社保科，电话0531-86551203；系统技术支持：0531-86551204；投诉举报请拨打12345。\n"
)


@pytest.mark.parametrize(
    ("question", "offices"),
    [
        ("助餐补助打哪个电话问", ["福利科"]),
        ("补助问哪个电话", ["福利科"]),
        ("资金什么时候拨付，问谁", ["社保科"]),
        ("护理津贴找谁", ["养老科"]),
        ("咨询电话多少", ["养老科", "福利科", "社保科"]),
        ("phone number for meals", ["养老科", "福利科", "社保科", "0531-86551204"]),
        ("食堂打哪个电话", []),
    ],
    ids=["subject", "money-word", "payment", "other", "none-named", "english", "unknown"],
)
def test_where_each_contact_is_for_one_subject_that_or_all_are_shown(
    question: str, offices: list[str]
) -> None:
    lines = shown(question, BY_SUBJECT)
    assert len(lines) == len(offices)
    assert all(office in line for office, line in zip(offices, lines, strict=True))


def test_the_state_of_a_date_is_told_beside_an_e_mail() -> None:
    text = "关于申报的通知\n各单位：\n一、报送\n各县区应于2025年9月10日前将推荐函扫描件发至kjj@example.cn，逾期不予受理。\n"
    (line,) = shown("推荐函扫描件发哪个邮箱", text)
    assert "9月10日前（已截止" in line and "kjj@example.cn" in line


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("咨询电话多少", True),
        ("有联系电话吗", True),
        ("能告诉我邮箱吗", True),
        ("电话是0471-5556320吧", True),
        ("有问题找谁", True),
        ("号码多少", True),
        ("客服周六有人吗", False),
        ("周末打咨询电话有人吗", False),
        ("客服几点下班", False),
        ("电话里说有意见行不行", False),
        ("能打电话报名吗", False),
        ("窗口地址在哪", False),
    ],
)
def test_a_card_is_for_who_asks_for_a_number(question: str, asks: bool) -> None:
    assert asks_for_contact(understand(question, today=date(2025, 9, 20))) is asks


def test_who_asks_when_somebody_is_there_gets_the_lines_that_say_it() -> None:
    text = "关于申报的通知\n各单位：\n一、联系\n咨询电话0537-2960315，工作日9:00—17:00接听。\n举报电话0537-2960311。\n"
    desk = desk_for("周末打咨询电话有人吗", text)
    assert [b.text for b in contact_blocks(desk, contacts_for(desk))] == [
        "咨询电话0537-2960315，工作日9:00—17:00接听。"
    ]
    assert contacts_for(desk_for("周末打咨询电话有人吗")) == []


@pytest.mark.parametrize(
    ("question", "row", "other"),
    [
        ("渝中区经信委电话多少", 0, True),
        ("渝北区经信委电话多少", 0, False),
        ("海曲区教育局电话多少", 1, False),
        ("渝北区税务局电话多少", 0, True),
        ("受理窗口电话", 0, False),
        ("段云鹏电话", 0, False),
    ],
)
def test_the_row_of_another_office_is_no_answer(question: str, row: int, other: bool) -> None:
    desk = desk_for(question)
    rows = [c for c in desk.chunks if c.kind is ChunkKind.ROW]
    assert of_another(desk, rows[row]) is other


def test_the_branch_of_another_bank_is_not_meant() -> None:
    text = "各网点\n\n| 网点 | 电话 |\n| --- | --- |\n| 农商银行茅坪支行 | 0719-7790815 |\n\n"
    (row,) = (c for c in desk_for("电话", text).chunks if c.kind is ChunkKind.ROW)
    assert not is_of_row(row, "银行网点一览表", "建设银行茅坪支行")
    assert is_of_row(row, "银行网点一览表", "茅坪支行")
    assert is_of_row(row, "银行网点一览表", "银行网点")


# ---------------------------------------------------------------- the notice's data about itself


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("文件编号是多少", ["文号：洛科〔2025〕9号"]),
        ("发文字号", ["文号：洛科〔2025〕9号"]),
        ("谁发的，什么时候发的", ["发文机关：洛阳市科技局", "成文日期：2025年9月9日"]),
        (
            "这公告谁发的，文号多少，哪天发的",
            ["文号：洛科〔2025〕9号", "发文机关：洛阳市科技局", "成文日期：2025年9月9日"],
        ),
        ("项目编号怎么填", []),
        ("补贴哪个单位发", []),
        ("钱谁发的", []),
        ("这个补贴通知哪个单位发的", ["发文机关：洛阳市科技局"]),
    ],
    ids=["file-number", "number", "two", "three", "another-number", "who-pays", "money", "notice-of-money"],
)
def test_all_that_is_asked_about_the_notice_is_told(question: str, expected: list[str]) -> None:
    assert [block.text for block in own_data(desk_for(question))] == expected


# ---------------------------------------------------------------- a number that the question states


SENTENCES = """平台故障请联系市信息中心，0917-5528306；业务问题请联系质量科祁明薇，0917-5528219；食品类企业也可咨询食品科，0917-5528247。
任何单位和个人可向驻局纪检监察组举报，电话0917-5528110。
各县局应确定一名联系人，于2025年10月30日前将回执传真至0917-5528999。"""


def desk_of_lines(question: str) -> Desk:
    notice = Notice("n", "关于申报的通知", "n/t.txt", issued_on=date(2025, 9, 1))
    return desk_about(notice, f"关于申报的通知\n各单位：\n{SENTENCES}\n", question, date(2025, 9, 20))


@pytest.mark.parametrize(
    ("question", "phones"),
    [
        pytest.param("平台密码忘了是不是打0917-5528306", ["0917-5528306"], id="confirmed"),
        pytest.param(
            "举报电话是0917-5528306吧", ["0917-5528306", "0917-5528110"], id="another-is-there-for-it"
        ),
        pytest.param("打0917-5528306几天有回复", [], id="something-else-is-asked"),
        pytest.param("0917-5528306几点有人接吗", [], id="hours"),
        pytest.param("是不是打0917-1234567", [], id="nobody-s"),
    ],
)
def test_a_number_in_a_question_brings_whose_it_is(question: str, phones: list[str]) -> None:
    found = holders_of_stated(desk_of_lines(question))
    assert [phone for contact in found for phone in contact.phones] == phones


def test_who_is_there_for_one_kind_and_where_things_are_sent_are_not_whom_to_ask() -> None:
    asked = contacts_about(desk_of_lines("评审怎么打分"))
    assert [contact.phones for contact in asked] == [("0917-5528219",)]
    assert ("0917-5528247",) in [c.phones for c in contacts_about(desk_of_lines("食品企业报什么类"))]


QUALIFICATION = (
    "关于申报的通知\n各单位：\n一、联系人\n资质核查：建筑业管理处 章立 0575-85137716；资质延续：行政审批服务处 倪晓雯 "
    "0575-85208841；系统技术支持 QQ群 617204838。越城区企业请联系越城区住建局 0575-88316052。\n"
)


@pytest.mark.parametrize(
    ("question", "persons", "whether"),
    [
        ("章立管延续吗", ["章立", "倪晓雯"], False),
        ("倪晓雯负责延续吗", ["倪晓雯"], True),
        ("章立电话多少", ["章立"], None),
        ("找章立还是倪晓雯 延续的事", ["倪晓雯"], None),
        ("章立今年多大", [], None),
    ],
    ids=["another", "right", "number", "which", "something-else"],
)
def test_a_person_named_is_shown_with_who_else_is_there_for_what_is_asked(
    question: str, persons: list[str], whether: bool | None
) -> None:
    desk = desk_for(question, QUALIFICATION)
    named = contacts_named(desk)
    assert [c.person for c in named] == persons
    assert (is_business_of(desk, named) if named else None) is whether


def test_who_cannot_file_in_the_system_gets_its_support_and_be_it_a_group() -> None:
    desk = desk_for("系统填报出问题找谁", QUALIFICATION)
    blocks = contact_blocks(desk, contacts_for(desk))
    check_facts(blocks, desk.citer.citations)
    assert [b.text for b in blocks] == ["系统技术支持：QQ群 617204838"]


def test_a_number_belongs_to_each_person_of_the_line_above() -> None:
    text = (
        "关于申报的通知\n各单位：\n一、联系\n项目联系人：韦丽娟（采购文件、质疑）、陆涛（保证金、服务费）\n"
        "电话：0772-2867731、0772-2867735\n"
    )
    assert shown("陆涛电话", text) == ["保证金、服务费：陆涛　电话 0772-2867731、0772-2867735"]


def test_a_name_set_apart_by_a_blank_is_one_name() -> None:
    (contact,) = contacts_of("一、联系方式\n市工信局中小企业处：周　敏（复核）　0519-85681267")
    assert (contact.person, those_of([contact], "周敏")) == ("周　敏", [contact])


def test_a_number_is_asked_for_what_the_question_before_was_about() -> None:
    text = (
        "关于申报的通知\n各单位：\n一、联系\n扩岗补助：市人才中心 郑启亮 0710-3601143\n"
        "技能提升补贴：市失业保险局待遇科 0710-3601139\n"
    )
    desk = desk_for("那电话呢", text)
    asked = replace(desk.question, history=("技能提升补贴怎么申请",))
    assert [c.office for c in contacts_for(replace(desk, question=asked))] == ["市失业保险局待遇科"]
