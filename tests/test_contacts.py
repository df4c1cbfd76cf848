"""Whom to ask: contacts in the clauses of a notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.chunking import chunk_document
from bot.contacts import Contact, asked_holder, best_contact, contacts_in, is_of
from bot.datamodels import Document, DocumentRole, Fact, Notice
from bot.documents.library import load_notice
from bot.facts import extract_facts

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
        assert all(
            part in words for part in (contact.person, contact.purpose, *contact.phones, *contact.emails)
        )
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


def test_nobody_can_be_asked_where_there_is_no_contact() -> None:
    assert best_contact(()) is None
