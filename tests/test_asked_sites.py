"""On which site one files."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot.asked_sites import filed_elsewhere, site_clause
from bot.datamodels import Notice, Passage
from bot.desk import Desk

TODAY = date(2026, 11, 22)
TEXT = """关于开展项目申报工作的通知

一、申报条件。在本省注册的企业均可申报。
二、政策解读见省厅门户网站（https://gxt.example.gov.cn）。
三、申报单位登录省产业项目管理系统（https://xm.example.gov.cn）在线填报，逾期系统自动关闭。
四、纸质材料送省政务大厅三楼。
"""


def desk_of(question: str, text: str = TEXT) -> Desk:
    notice = Notice("n", "关于开展项目申报工作的通知", "n/t.txt")
    return desk_about(notice, text, question, TODAY)


def sites(question: str, text: str = TEXT) -> str:
    desk = desk_of(question, text)
    found = site_clause(desk, [Passage(chunk, 0.0) for chunk in desk.chunks])
    return found.text if found else ""


@pytest.mark.parametrize(
    "question",
    [
        "网址",
        "网上填报地址",
        "在哪个网站上填",
        "系统叫什么",
        "平台叫啥名字",
        "企业在哪填报",
        "登录哪个系统",
        "which website do we use",
        "where do I apply online",
        "how do I submit the application online",
        "在哪个软件上填",
    ],
)
def test_the_clause_that_names_the_site_is_found(question: str) -> None:
    assert "xm.example.gov.cn" in sites(question)


def test_a_system_without_an_address_is_named() -> None:
    text = TEXT.replace("（https://xm.example.gov.cn）", "").replace("（https://gxt.example.gov.cn）", "")
    assert "省产业项目管理系统" in sites("在哪个网站填", text)


@pytest.mark.parametrize("question", ["材料送到哪里", "办公地址在哪", "系统什么时候关", "联系电话"])
def test_what_asks_for_no_site_gets_none(question: str) -> None:
    assert sites(question) == ""


def test_a_notice_without_a_site_has_none() -> None:
    assert sites("网址", "关于领取补贴的通知\n\n一、持身份证到社区领取。\n") == ""


def test_what_is_not_filed_on_the_site_gets_the_sentence_that_says_so() -> None:
    text = TEXT.replace(
        "系统自动关闭。", "系统自动关闭。匠心奖申报不使用该系统。示范街区材料请勿在系统内上传。"
    )
    elsewhere = filed_elsewhere(desk_of("匠心奖申报网址", text))
    assert elsewhere is not None and elsewhere.text == "匠心奖申报不使用该系统。"
    assert filed_elsewhere(desk_of("产业项目申报网址", text)) is None
    assert sites("匠心奖申报网址", text) == ""
    assert sites("示范街区申报网址", text) == ""
    assert "xm.example.gov.cn" in sites("产业项目申报网址", text)
