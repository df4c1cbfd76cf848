"""Several questions in one line: which they are, and what of a line belongs to each."""

from __future__ import annotations

from datetime import date

import pytest

from bot.datamodels import FactKind
from bot.several_questions import is_told, parts_of, place_is_told

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("保证金交到几点 账号多少", ["保证金交到几点", "账号多少"]),
        (
            "总承包二级 多少个建造师 净资产多少 找谁",
            ["总承包二级 多少个建造师", "总承包二级 净资产多少", "总承包二级 净资产 找谁"],
        ),
        ("报废补贴什么时候截止，找谁问", ["报废补贴什么时候截止", "报废 找谁问"]),
        ("补多少 什么时候截止 找谁", ["补多少", "什么时候截止", "找谁"]),
        ("延续找谁办 电话", []),
        ("12月5号截止 对吗", []),
        ("我们是做机械的 分公司能报吗", []),
        ("去年已经交了400 现在认定低保了 退不退", []),
        ("what is the deadline and whom to call", []),
    ],
    ids=["two", "case-told-first", "thing", "general", "same", "tail", "case", "story", "english"],
)
def test_the_questions_of_a_line(line: str, texts: list[str]) -> None:
    assert [part.text for part in parts_of(line, TODAY)] == texts


def test_who_is_to_be_asked_is_about_what_the_parts_before_name() -> None:
    assert [part.for_contact for part in parts_of("高级技工证补多少，找谁问", TODAY)] == [False, True]


@pytest.mark.parametrize(
    ("words", "told"),
    [("应于12月2日17:00前到账。", False), ("账号：7020 0188。", True)],
    ids=["other", "said"],
)
def test_a_part_is_told_by_words_that_hold_what_it_names(words: str, told: bool) -> None:
    account = parts_of("保证金交到几点 账号多少", TODAY)[1]
    assert is_told(account, words, {FactKind.DATE}, "") is told


def test_a_part_is_not_told_by_a_value_of_another_kind() -> None:
    _, whom = parts_of("报废补贴什么时候截止，找谁问", TODAY)
    assert not is_told(whom, "报废补贴回收截止12月15日。", {FactKind.DATE}, "")


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("申报时间和条件", ["申报时间", "条件"]),
        ("截止時間同聯絡電話係咩", ["截止时间", "联络电话"]),
        ("区里几号前报市里 几份", ["区里几号前报市里", "区里 几份"]),
    ],
    ids=["and", "cantonese", "which-day"],
)
def test_things_of_every_notice_are_asked_for_by_their_names(line: str, texts: list[str]) -> None:
    assert [part.text for part in parts_of(line, TODAY)] == texts


def test_how_long_must_be_said_of_the_thing_itself() -> None:
    shown = parts_of("公示几天，有异议找谁", TODAY)[0]
    words = "公示期内有异议的，应以书面形式实名提出，由市局在收到异议之日起10个工作日内组织复核。"
    assert not is_told(shown, words, {FactKind.DURATION}, words)
    assert is_told(shown, f"在局门户网站公示7天；{words}", {FactKind.DURATION}, words)


def test_where_something_is_handed_in_is_told_by_the_name_of_an_office() -> None:
    where = parts_of("材料交几份 交哪里 盖什么章", TODAY)[1]
    assert place_is_told(where, "将申请材料一式2份报送所在区市商务主管部门；")
    assert not place_is_told(where, "申请表加盖公章。")
