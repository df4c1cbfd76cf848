"""Which notice a question means: by programme, year, batch and level; the newest in force where none is named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from bot.datamodels import Notice
from bot.question import understand
from bot.scoping import Scope, scope_of, scope_unnamed, things_of, without_scope_words


def notice(id: str, title: str, issued: date, region: str = "湖南省", batch: str = "") -> Notice:
    return Notice(id, title, f"{id}/通知.txt", issued_on=issued, year=issued.year, region=region, batch=batch)


FACTORY = [
    notice(
        f"factory{year}",
        f"湖南省工业和信息化厅关于组织申报{year}年湖南省先进级智能工厂的通知",
        date(year, 4, 9),
    )
    for year in (2023, 2024, 2025)
]
GREEN = [
    notice(
        "green2024a",
        "关于组织开展2024年度第一批省级绿色制造体系创建申报工作的通知",
        date(2024, 3, 12),
        batch="第一批",
    ),
    notice(
        "green2024b",
        "关于组织开展2024年度第二批省级绿色制造体系创建申报工作的通知",
        date(2024, 8, 20),
        batch="第二批",
    ),
]
SUBSIDY = [
    notice(
        "province", "湖南省工业和信息化厅关于申报2025年度省级中小企业数字化转型补贴的通知", date(2025, 6, 3)
    ),
    notice(
        "city",
        "长沙市工业和信息化局关于申报2025年度市级中小企业数字化转型补贴的通知",
        date(2025, 6, 16),
        "长沙市",
    ),
    notice(
        "district",
        "长沙市岳麓区科技和工业信息化局关于申报2025年度区级中小企业数字化转型补贴的通知",
        date(2025, 7, 1),
        "长沙市岳麓区",
    ),
]
ALL = [*FACTORY, *GREEN, *SUBSIDY]


def scope(text: str, today: date = date(2025, 8, 1), history: Sequence[str] = ()) -> Scope:
    question = understand(text, today=today, history=history)
    before = understand(history[-1], today=today) if history else None
    issued = [n for n in ALL if n.issued_on is not None and n.issued_on <= today]
    return scope_of(question, before, issued, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("智能工厂什么时候截止", ("factory2025",), id="newest"),
        pytest.param("2023年智能工厂什么时候截止", ("factory2023",), id="year"),
        pytest.param("去年智能工厂奖多少", ("factory2024",), id="last-year"),
        pytest.param("绿色制造第一批的报送时间", ("green2024a",), id="batch"),
        pytest.param("绿色制造体系要交什么材料", ("green2024b",), id="newest-batch"),
        pytest.param("市级数字化转型补贴比例", ("city",), id="level"),
        pytest.param("岳麓区转型补贴找谁", ("district",), id="region"),
        pytest.param("数字化转型补贴最高多少", ("district", "city", "province"), id="all-levels"),
        pytest.param(
            "2023年和2024年智能工厂的奖励有什么区别", ("factory2024", "factory2023"), id="comparison"
        ),
        pytest.param("公司2022年9月成立，能报智能工厂吗", ("factory2025",), id="year-of-a-condition"),
    ],
)
def test_a_question_means_the_notice_that_it_names(text: str, expected: tuple[str, ...]) -> None:
    assert scope(text).notice_ids == expected


def test_a_notice_issued_later_is_not_there_yet() -> None:
    assert scope("智能工厂什么时候截止", date(2024, 5, 1)).notice_ids == ("factory2024",)


def test_a_year_without_a_notice_gets_none() -> None:
    found = scope("2027年智能工厂什么时候截止")
    assert found.notice_ids == () and not found.elsewhere


@pytest.mark.parametrize(
    ("text", "certain"), [("智能工厂奖多少", True), ("岳麓区找谁", True), ("认定低保了退不退", False)]
)
def test_it_is_known_whether_a_question_names_a_programme(text: str, certain: bool) -> None:
    assert scope(text).certain is certain


def test_another_place_gets_none() -> None:
    found = scope("株洲市自己的数字化转型补贴给多少")
    assert found.notice_ids == () and found.elsewhere


def test_a_follow_up_keeps_the_programme_and_the_year() -> None:
    assert scope("评上奖多少", history=("2024年智能工厂什么时候截止",)).notice_ids == ("factory2024",)


def test_a_follow_up_changes_the_year() -> None:
    assert scope("那2023年呢", history=("2024年智能工厂什么时候截止",)).notice_ids == ("factory2023",)


def test_a_follow_up_changes_the_level() -> None:
    assert scope("区里的呢", history=("市级数字化转型补贴按什么比例给",)).notice_ids == ("district",)


def test_the_scope_is_taken_out_of_the_words() -> None:
    question = understand("2024年智能工厂奖励标准", today=date(2025, 8, 1))
    assert without_scope_words(question, FACTORY).normalised == "奖励标准"


def test_what_tells_the_parts_of_a_notice_from_one_another_is_not_taken_out() -> None:
    question = understand("2024年智能工厂奖励标准", today=date(2025, 8, 1))
    assert without_scope_words(question, FACTORY, {"工厂"}).normalised == "智能工厂奖励标准"
    assert without_scope_words(question, FACTORY, {"车间"}).normalised == "奖励标准"


def test_a_batch_of_which_no_notice_is_stays_in_the_words() -> None:
    question = understand("2024年智能工厂第二批奖励标准", today=date(2025, 8, 1))
    assert without_scope_words(question, FACTORY).normalised == "第二批奖励标准"


def test_a_question_that_is_nothing_but_scope_stays() -> None:
    question = understand("2024年智能工厂", today=date(2025, 8, 1))
    assert without_scope_words(question, FACTORY) == question


def unnamed(text: str, told: dict[str, int], opened: str, earlier: Scope | None = None) -> Scope:
    question = understand(text, today=date(2025, 8, 1))
    return scope_unnamed(question, ALL, {}, told, lambda n: n.id == opened, earlier)


def test_a_question_that_names_nothing_means_a_notice_that_is_still_open() -> None:
    found = unnamed("还来得及报吗", {}, "green2024b")
    assert found.notice_ids == ("green2024b",) and not found.certain


def test_what_only_one_notice_speaks_of_tells_it() -> None:
    found = unnamed("卓越级补多少钱", {"factory2025": 1}, "green2024b")
    assert found.notice_ids == ("factory2025",) and found.certain


def test_what_several_notices_speak_of_tells_none_and_the_others_are_offered() -> None:
    found = unnamed("公示几天", {"factory2025": 1, "green2024b": 1}, "green2024b")
    assert found.notice_ids == ("green2024b",) and not found.certain
    found = unnamed("公示几天", {"factory2025": 1, "green2024b": 1}, "")
    assert found.notice_ids == ("factory2025",) and found.others == ("green2024b",)


def test_a_question_that_names_nothing_is_about_the_notice_of_the_question_before() -> None:
    earlier = scope("2023年智能工厂什么时候截止")
    found = unnamed("那电话呢", {}, "green2024b", earlier)
    assert found.notice_ids == ("factory2023",) and found.certain


def test_a_question_that_another_notice_speaks_of_leaves_the_notice_of_the_question_before() -> None:
    earlier = scope("2023年智能工厂什么时候截止")
    found = unnamed("卓越级补多少钱", {"green2024b": 1}, "green2024b", earlier)
    assert found.notice_ids == ("green2024b",)


def test_a_level_is_named_with_its_whole_word() -> None:
    assert things_of(understand("卓越级补多少钱", today=date(2025, 8, 1))) == ["卓越级"]
