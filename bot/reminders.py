"""A notice's deadlines -> when to remind of them; and which deadline of a newer version is the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from difflib import SequenceMatcher
from zoneinfo import ZoneInfo

from bot.changes import Version
from bot.datamodels import Chunk, Document, DocumentRole, Notice
from bot.deadlines import day_of
from bot.due_dates import DueDate, due_dates

DAYS_BEFORE = (14, 7, 1)
FIRST_HOUR, LAST_HOUR = 9, 20
"""Nobody is woken: messages leave from 9:00 to 20:00 of the reader's own day."""
DEFAULT_ZONE = "Asia/Shanghai"
SAME_ACT = 0.6
"""Share of common characters from which two acts are two wordings of one."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date by which somebody must act: hand something in, recommend, confirm."""

    notice_id: str
    notice: str
    """Title of the notice."""
    value: str
    """Normalised: `2024-11-22` or `2024-11-22T17:00`."""
    actor: str = ""
    act: str = ""
    section: str = ""

    @property
    def id(self) -> str:
        """10 letters and digits; another value is another deadline."""
        words = "\n".join((self.notice_id, self.actor, self.act, self.section, self.value))
        return hashlib.sha256(words.encode()).hexdigest()[:10]

    @property
    def day(self) -> date:
        """The last day, as people in China reckon it. Raises ValueError for a value without a day."""
        day = day_of(self.value)
        if day is None:
            raise ValueError(f"no day in {self.value!r}")
        return day


# ---------------------------------------------------------------- which deadlines there are


@dataclass(frozen=True, slots=True)
class Stated:
    """A deadline with the clause or the table row that states it."""

    deadline: Deadline
    """Without a value where its day cannot be computed."""
    due: DueDate
    chunk: Chunk


def deadlines_of(version: Version, notice_id: str) -> tuple[Deadline, ...]:
    """The deadlines that a notice and its attachments state as dates, earliest first; without computed ones."""
    return tuple(each.deadline for each in stated_deadlines(version, notice_id) if not each.due.computed)


def stated_deadlines(version: Version, notice_id: str) -> tuple[Stated, ...]:
    """All deadlines of a notice and its attachments, also those that are computed from its day of issue.

    Earliest first, those whose day cannot be computed last. What an attachment only repeats stands once.
    """
    notice = version.notices.get(notice_id)
    if notice is None:
        return ()
    found: dict[tuple[str, str, str], Stated] = {}
    for chunk in _main_first(version, notice_id):
        document = version.documents[chunk.document_id]
        main = document.role is DocumentRole.MAIN
        for due in due_dates(chunk, version.facts.get(chunk.id, ()), _as_issued(document, notice)):
            if due.computed and not main and document.issued_on is None:
                continue  # the attachment's own day of issue, which nobody knows
            if not main and any(_repeats(due, each) for each in found.values()):
                continue
            deadline = Deadline(notice_id, notice.title, due.value, due.actor, due.act, chunk.section)
            found.setdefault((due.actor, due.act, due.value), Stated(deadline, due, chunk))
    return tuple(sorted(found.values(), key=lambda each: (not each.due.value, each.due.value[:10])))


def _main_first(version: Version, notice_id: str) -> list[Chunk]:
    chunks = [version.chunks[int(row)] for row in version.notice_rows.get(notice_id, ())]
    return sorted(chunks, key=lambda c: version.documents[c.document_id].role is not DocumentRole.MAIN)


def _as_issued(document: Document, notice: Notice) -> Notice:
    """The notice with the day of issue that counts for a document: its own where it is a notice, too."""
    return replace(notice, issued_on=document.issued_on) if document.issued_on else notice


def _repeats(due: DueDate, stated: Stated) -> bool:
    """True where a clause gives the same day for the same act: most of its character pairs stand there."""
    if not due.value or stated.due.value[:10] != due.value[:10]:
        return False
    pairs = [due.act[at : at + 2] for at in range(len(due.act) - 1)]
    return sum(pair in stated.chunk.text for pair in pairs) * 2 >= len(pairs)


def followed(deadline: Deadline, now: Sequence[Deadline]) -> Deadline | None:
    """The same deadline among those that its notice sets now, whatever its date; None where it is gone.

    Looked for by what is to be done and by whom, then by the section, then by the only date that this actor
    is given.
    """
    own = [each for each in now if each.actor == deadline.actor]
    tests = (
        [each for each in own if each.act == deadline.act],
        [each for each in own if each.section == deadline.section],
        [each for each in own if _alike(each.act, deadline.act) >= SAME_ACT],
        own if len(own) == 1 else [],
        [each for each in now if each.act == deadline.act and each.section == deadline.section],
    )
    for matching in tests:
        if matching:
            return min(
                matching,
                key=lambda each: (each.section != deadline.section, abs((each.day - deadline.day).days)),
            )
    return None


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


# ---------------------------------------------------------------- when


def reminder_moments(day: date, zone: ZoneInfo, now: datetime) -> tuple[tuple[int, datetime], ...]:
    """(days before, moment) of each reminder that still lies ahead: 9:00 of the reader's day. `now` is aware."""
    moments = (
        (days, datetime.combine(day - timedelta(days=days), time(FIRST_HOUR), zone)) for days in DAYS_BEFORE
    )
    return tuple((days, moment) for days, moment in moments if moment > now)


def decent(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself where it falls between 9:00 and 20:00 in the zone, else the next 9:00 there."""
    local = moment.astimezone(zone)
    if FIRST_HOUR <= local.hour < LAST_HOUR:
        return moment
    later = local.date() + timedelta(days=local.hour >= LAST_HOUR)
    return datetime.combine(later, time(FIRST_HOUR), zone)
