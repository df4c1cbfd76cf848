"""Open deadlines -> an iCalendar file (RFC 5545): the only module that knows icalendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone

from bot.agenda import AgendaItem, clock_of, short_title
from bot.messages import YEAR_INFERRED
from bot.reminders import DEFAULT_ZONE, FIRST_HOUR, reminder_moments

FILE_NAME = "deadlines.ics"
PRODUCT = "-//notice-assistant//deadlines//ZH"
DOMAIN = "notice-assistant.invalid"
"""Behind the @ of a UID (RFC 7986, 5.3 advises against host names); `.invalid` is nobody's (RFC 2606)."""
CALENDAR_NAME = "通知截止日期"
WITHOUT_ACT = "截止"
SUMMARY = "截止：{what}（{title}）"
DESCRIPTION = (
    "{clause}\n——《{document}》{section}（{file}）\n{remarks}\n"
    "以通知原文为准。日期如有改动，请重新下载，新的日期是新的日程，旧的请删去。"
)
COMPUTED = "日期是推算的，原文没有写明：{computed}。\n"
ALARM = "还有 {days} 天截止：{what}（{title}）"
LAST_MINUTE = time(23, 59)


def calendar_of(items: Sequence[AgendaItem], made_at: datetime) -> bytes:
    """One VEVENT a deadline, in UTF-8 with CRLF, lines folded; valid without any deadline, too.

    Each of `items` has a day: what cannot be computed has no place in a calendar.

    A date without an hour is an all-day event, one with an hour an event of that moment, Asia/Shanghai, with
    its VTIMEZONE. Alarms stand 14, 7 and 1 days before at 9:00, those that lie ahead of `made_at` (aware). A
    UID is made of the deadline's id: the same as long as notice, actor, act, section and date are, so that a
    file that is imported again adds nothing. A moved date is another deadline and gets another UID, and the
    description says so: which one it was before is not known here, so SEQUENCE stays 0.
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", CALENDAR_NAME)
    calendar.add("X-WR-TIMEZONE", DEFAULT_ZONE)
    zone = ZoneInfo(DEFAULT_ZONE)
    if any(clock_of(item.deadline) for item in items):
        years = [item.deadline.day.year for item in items]
        calendar.add_component(
            Timezone.from_tzid(
                DEFAULT_ZONE, first_date=date(min(years), 1, 1), last_date=date(max(years), 12, 31)
            )
        )
    for item in items:
        calendar.add_component(_event(item, made_at, zone))
    return bytes(calendar.to_ical())


def _event(item: AgendaItem, made_at: datetime, zone: ZoneInfo) -> Event:
    deadline = item.deadline
    words = {"what": item.what or WITHOUT_ACT, "title": short_title(deadline.notice)}
    inferred = YEAR_INFERRED.format(year=deadline.day.year) + "。\n" if item.year_inferred else ""
    computed = COMPUTED.format(computed=item.computed) if item.computed else ""
    event = Event()
    event.add("UID", f"{deadline.id}@{DOMAIN}")
    event.add("DTSTAMP", made_at.astimezone(UTC).replace(microsecond=0))
    event.add("SEQUENCE", 0)
    event.add("SUMMARY", SUMMARY.format(**words))
    event.add(
        "DESCRIPTION",
        DESCRIPTION.format(
            clause=item.clause,
            document=item.document,
            section=deadline.section,
            file=item.file,
            remarks=inferred + computed,
        ),
    )
    event.add("TRANSP", "TRANSPARENT")
    clock = clock_of(deadline)
    starts_at = _moment(deadline.day, clock)
    if clock:
        event.add("DTSTART", starts_at.replace(tzinfo=zone))
    else:
        event.add("DTSTART", deadline.day)
        event.add("DTEND", deadline.day + timedelta(days=1))
    for days, _ in reminder_moments(deadline.day, zone, made_at):
        at_nine = datetime.combine(deadline.day - timedelta(days=days), time(FIRST_HOUR))
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("TRIGGER", at_nine - starts_at)
        alarm.add("DESCRIPTION", ALARM.format(days=days, **words))
        event.add_component(alarm)
    return event


def _moment(day: date, clock: str) -> datetime:
    """The local moment; midnight without an hour. `24:00`, which iCalendar does not know, is its last minute."""
    if not clock:
        return datetime.combine(day, time())
    return datetime.combine(day, LAST_MINUTE if clock.startswith("24") else time.fromisoformat(clock))
