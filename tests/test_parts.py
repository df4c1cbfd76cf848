"""Which of the programmes and levels of one notice a question names, and what is left out for it."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot.asked_dates import deadlines
from bot.datamodels import Notice, Passage
from bot.desk import Desk
from bot.selection import is_generic, listing

TODAY = date(2026, 11, 23)
TWO = """关于做好2026年第四批高新技术企业认定申报和2025年度企业研发投入后补助工作的通知

各有关企业：

第一部分　高新技术企业认定

一、时间节点

第四批企业应于2026年10月16日18:00前在科学技术部政务服务平台提交电子材料。纸质申报材料一式一份由企业留存备查，不需报送。

第二部分　2025年度企业研发投入后补助

二、补助标准

单户最高补助额，有效期内高新技术企业为200万元，其他企业为30万元。

三、申报程序

企业于2026年11月2日至11月25日在线填报，并在提交后2个工作日内将申请表一式两份交所在地科技主管部门。

四、咨询电话

高新技术企业认定：市科技局高新处　0816-2399137
研发后补助：市科技局资源配置处　0816-2399145

绵阳市科学技术局
2026年9月22日
"""
REVIEWED = """关于组织开展2026年度专精特新中小企业认定、复核工作的通知

各有关企业：

一、时间安排

复核企业申报时间为2026年11月9日至11月24日，认定企业申报时间为2026年11月16日至12月2日。

二、申报材料

（一）认定企业：申请书、2024年度和2025年度审计报告。
（二）复核企业：申请书、2025年度审计报告。不需提交纸质材料。
（三）认定企业纸质材料一式两份，送所在区工业和信息化局。

三、不予受理的情形

近三年发生过事故并被认定负有主要责任的，不予受理。

常州市工业和信息化局
2026年10月28日
"""


def asked(text: str, question: str) -> Desk:
    title = text.split("\n")[0]
    notice = Notice("n", title, "n/通知.txt", issued_on=date(2026, 9, 22), year=2026, batch="第四批")
    return desk_about(notice, text, question, TODAY)


def left_out(text: str, question: str) -> str:
    desk = asked(text, question)
    return "\n".join(c.text for c in desk.chunks if c not in desk.asked_chunks)


@pytest.mark.parametrize("question", ["后补助要交纸质材料吗", "我们是高企，后补助最高多少"])
def test_clauses_of_the_other_programme_are_left_out(question: str) -> None:
    others = left_out(TWO, question)
    assert "留存备查" in others and "一式两份" not in others and "200万元" not in others


def test_a_programme_is_known_by_its_everyday_name() -> None:
    others = left_out(TWO, "高企还能报吗")
    assert "一式两份" in others and "留存备查" not in others


def test_a_clause_that_names_what_is_asked_about_stays_wherever_it_stands() -> None:
    assert "2399137" not in left_out(TWO, "高企认定电话")


def test_nothing_is_left_out_of_a_question_that_names_no_programme() -> None:
    assert left_out(TWO, "什么时候截止申报") == ""


def test_a_clause_may_name_its_programme_in_its_first_words() -> None:
    others = left_out(REVIEWED, "复核要交纸质材料吗")
    assert "一式两份" in others and "不需提交" not in others


def test_a_clause_for_all_stays_though_it_has_a_word_of_the_other_programme() -> None:
    assert "负有主要责任" not in left_out(REVIEWED, "复核企业出过事故还受理吗")


def test_headings_of_matters_are_no_programmes() -> None:
    text = TWO.replace("第一部分　高新技术企业认定", "一、认定条件").replace(
        "第二部分　2025年度企业研发投入后补助", "二、认定程序"
    )
    assert left_out(text, "认定程序是什么") == ""


def test_the_dates_are_those_of_the_programme_that_is_asked_about() -> None:
    for question, day in (("后补助还来得及吗", "2026-11-25"), ("高企还来得及吗", "2026-10-16")):
        desk = asked(TWO, question)
        found = deadlines(desk, [Passage(desk.asked_chunks[-1], 0.0)])
        assert is_generic(desk)
        assert {fact.value.partition("T")[0] for _, fact in found} == {day}


def test_a_list_holds_the_items_of_the_programme_that_is_asked_about() -> None:
    desk = asked(REVIEWED, "复核要交什么材料")
    passages = [Passage(c, 1.0) for c in desk.asked_chunks if "申请书" in c.text]
    found = listing(desk, passages)
    assert found is not None and [item.number for item in found[1]] == ["（二）"]
