"""Lists in running text: where they begin, what is in them, and what is none."""

from __future__ import annotations

import pytest

from bot.enumerations import enumerations


def found(text: str) -> list[tuple[str, list[str]]]:
    return [
        (text[slice(*each.opener)], [text[slice(*item)] for item in each.items])
        for each in enumerations(text)
    ]


def test_a_list_reaches_from_its_colon_to_the_full_stop() -> None:
    text = "企业应在本市注册。有下列情形之一的，不得申报：被列入失信名单的；正在破产清算的。其他按规定执行。"
    assert found(text) == [
        ("有下列情形之一的，不得申报：", ["被列入失信名单的；", "正在破产清算的。"]),
    ]


def test_two_lists_of_one_clause_are_two() -> None:
    text = "应同时符合：甲条件；乙条件。不予支持：丙情形；丁情形。"
    assert [opener for opener, _ in found(text)] == ["应同时符合：", "不予支持："]


def test_half_width_signs_count_as_well() -> None:
    assert found("取消资格: 材料不实的; 拖欠工资的.") == [("取消资格:", ["材料不实的;", "拖欠工资的."])]


def test_a_numbered_list_goes_on_over_its_full_stops() -> None:
    text = "下列情形不予支持：（1）欠税的。（2）欠薪的。其他情形另行研究。"
    assert found(text) == [("下列情形不予支持：", ["（1）欠税的。", "（2）欠薪的。"])]


def test_a_digit_right_behind_the_colon_is_a_number_where_asked() -> None:
    text = "不予支持：1.欠税的；2.欠薪的。"
    assert enumerations(text) == ()
    assert [text[slice(*item)] for item in enumerations(text, numbered=True)[0].items] == [
        "1.欠税的；",
        "2.欠薪的。",
    ]
    assert enumerations("每天8:00至17:00；比例1:7；逾期不候。", numbered=True) == ()


@pytest.mark.parametrize(
    "text",
    ["", "联系人：陈明。", "开放至17:00；逾期不候。", "网址：https://a.cn。", "没有冒号；也没有列表。"],
    ids=["nothing", "one", "clock", "address", "no_colon"],
)
def test_other_texts_hold_no_list(text: str) -> None:
    assert found(text) == []
