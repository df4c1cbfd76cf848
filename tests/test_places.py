"""Which prefecture lies in which province."""

from __future__ import annotations

import pytest

from bot.places import lies_within, places_named, province_of


@pytest.mark.parametrize(
    ("place", "area", "within"),
    [
        ("株洲", "湖南", True),
        ("武汉", "湖南", False),
        ("湖南", "湖南", True),
        ("长沙", "株洲", False),
        ("湖南", "长沙", None),
        ("湖北", "长沙", False),
    ],
)
def test_a_place_lies_in_its_province_and_in_itself(place: str, area: str, within: bool | None) -> None:
    assert lies_within(place, area) is within


def test_longer_names_come_first_and_districts_are_no_prefectures() -> None:
    assert places_named("黔西南和黔南") == ["黔西南", "黔南"]
    assert places_named("大同区的企业") == [] and places_named("长沙县") == []
    assert province_of("张家口") == "河北"
