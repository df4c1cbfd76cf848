"""The calendar file, read back by the calendar library's own parser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from bot.agenda import AgendaItem
from bot.calendar_file import calendar_of
from bot.reminders import Deadline

CHINA = ZoneInfo("Asia/Shanghai")
MADE_AT = datetime(2026, 11, 22, 8, 0, 0, 500, tzinfo=UTC)
CLAUSE = "1.申报主体登录平台，填写；上传材料，\n于2026年12月1日前完成线上申报\\逾期不补。" + "长" * 80
DAY = AgendaItem(
    Deadline("n", "关于申报智能工厂的通知", "2026-12-01", "申报主体", "完成线上申报", "二、（二）1."),
    "关于申报智能工厂的通知",
    "n/通知.txt",
    "n/通知.txt#9",
    CLAUSE,
    "于2026年12月1日前完成线上申报",
)
HOUR = replace(DAY, deadline=replace(DAY.deadline, value="2026-12-08T17:00"))


def parsed(*items: AgendaItem, made_at: datetime = MADE_AT) -> icalendar.Calendar:
    return icalendar.Calendar.from_ical(calendar_of(items, made_at))


def events(*items: AgendaItem, made_at: datetime = MADE_AT) -> list[icalendar.Event]:
    calendar = parsed(*items, made_at=made_at)
    assert not calendar.errors
    found = calendar.walk("VEVENT")
    assert all(not event.errors for event in found)
    return list(found)


def test_the_file_is_a_calendar_of_this_century() -> None:
    data = calendar_of([DAY, HOUR], MADE_AT)
    assert data.startswith(b"BEGIN:VCALENDAR\r\n") and data.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))  # RFC 5545, 3.1: octets of a line
    calendar = parsed(DAY, HOUR)
    assert (calendar["VERSION"], calendar["CALSCALE"], calendar["METHOD"]) == ("2.0", "GREGORIAN", "PUBLISH")
    assert calendar["PRODID"]


def test_a_date_without_an_hour_is_a_whole_day() -> None:
    (event,) = events(DAY)
    assert event["DTSTART"].dt == date(2026, 12, 1) and event["DTEND"].dt == date(2026, 12, 2)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["DTSTAMP"].dt == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_a_date_with_an_hour_is_that_moment_in_china_with_its_zone() -> None:
    (event,) = events(HOUR)
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert event["DTSTART"].dt.astimezone(UTC) == datetime(2026, 12, 8, 9, 0, tzinfo=UTC)
    (zone,) = parsed(HOUR).walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    assert zone.to_tz().utcoffset(datetime(2026, 12, 8, 17)) == timedelta(hours=8)
    assert not parsed(DAY).walk("VTIMEZONE")


def test_midnight_at_the_end_of_a_day_stays_on_that_day() -> None:
    (event,) = events(replace(DAY, deadline=replace(DAY.deadline, value="2026-12-08T24:00")))
    assert event["DTSTART"].dt == datetime(2026, 12, 8, 23, 59, tzinfo=CHINA)


def test_the_clause_is_quoted_to_the_letter_with_its_citation() -> None:
    (event,) = events(replace(DAY, year_inferred=True))
    words = str(event["DESCRIPTION"])
    assert words.startswith(CLAUSE) and "——《关于申报智能工厂的通知》二、（二）1.（n/通知.txt）" in words
    assert "推定为2026年" in words and "旧的请删去" in words
    assert "推定" not in str(events(DAY)[0]["DESCRIPTION"])
    assert str(event["SUMMARY"]) == "截止：申报主体：完成线上申报（申报智能工厂）"


def test_a_computed_day_is_called_so_in_the_description() -> None:
    how = "按工作日推算：自2026年6月2日印发起30个工作日内"
    (event,) = events(replace(DAY, computed=how))
    assert f"日期是推算的，原文没有写明：{how}。" in str(event["DESCRIPTION"])
    assert "推算的" not in str(events(DAY)[0]["DESCRIPTION"])


def test_alarms_ring_at_nine_14_7_and_1_days_before_where_that_lies_ahead() -> None:
    def rings(item: AgendaItem, start: datetime, made_at: datetime = MADE_AT) -> list[str]:
        (event,) = events(item, made_at=made_at)
        alarms = event.walk("VALARM")
        assert all(alarm["ACTION"] == "DISPLAY" and alarm["DESCRIPTION"] for alarm in alarms)
        return [(start + alarm["TRIGGER"].dt).isoformat(" ", "minutes") for alarm in alarms]

    midnight, five = datetime(2026, 12, 1), datetime(2026, 12, 8, 17)
    assert rings(DAY, midnight) == ["2026-11-24 09:00", "2026-11-30 09:00"]  # the 17th is past
    assert rings(HOUR, five) == ["2026-11-24 09:00", "2026-12-01 09:00", "2026-12-07 09:00"]
    assert rings(DAY, midnight, datetime(2026, 12, 1, tzinfo=UTC)) == []


def test_the_same_deadline_keeps_its_uid_and_a_moved_one_is_another() -> None:
    (first,), (again,) = events(DAY), events(DAY, made_at=MADE_AT + timedelta(days=1))
    (moved,) = events(replace(DAY, deadline=replace(DAY.deadline, value="2026-12-02")))
    assert first["UID"] == again["UID"] != moved["UID"]
    assert first["SEQUENCE"] == moved["SEQUENCE"] == 0
    assert str(first["UID"]).startswith(DAY.deadline.id)


def test_without_a_deadline_the_file_is_an_empty_calendar() -> None:
    assert events() == []
