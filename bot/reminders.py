"""A notice's deadlines -> when to remind of them; and which deadline of a newer version is the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import SequenceMatcher
from zoneinfo import ZoneInfo

from bot.changes import Version
from bot.chunking import sentences
from bot.datamodels import Chunk, ChunkKind, DocumentRole, Fact
from bot.deadlines import day_of, is_deadline, is_open_date, is_submission

DAYS_BEFORE = (14, 7, 1)
FIRST_HOUR, LAST_HOUR = 9, 20
"""Nobody is woken: messages leave from 9:00 to 20:00 of the reader's own day."""
DEFAULT_ZONE = "Asia/Shanghai"
SAME_ACT = 0.6
"""Share of common characters from which two acts are two wordings of one."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date by which somebody must hand something in."""

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


def deadlines_of(version: Version, notice_id: str) -> tuple[Deadline, ...]:
    """The deadlines that a notice's main document sets for handing something in, earliest first."""
    return tuple(deadline for deadline, _ in stated_deadlines(version, notice_id))


def stated_deadlines(version: Version, notice_id: str) -> tuple[tuple[Deadline, Chunk], ...]:
    """The same deadlines, each with the clause that states it."""
    notice = version.notices.get(notice_id)
    if notice is None:
        return ()
    found: dict[tuple[str, str, str], tuple[Deadline, Chunk]] = {}
    for row in version.notice_rows.get(notice_id, ()):
        chunk = version.chunks[int(row)]
        main = version.documents[chunk.document_id].role is DocumentRole.MAIN
        if not main or chunk.kind in {ChunkKind.TITLE, ChunkKind.HEADING, ChunkKind.CLOSING}:
            continue
        for fact in version.facts.get(chunk.id, ()):
            if (
                is_deadline(fact, chunk.text, chunk.start)
                and is_open_date(fact, notice)
                and is_submission(fact, _sentence(chunk, fact))
                and day_of(fact.value)
            ):
                deadline = Deadline(notice_id, notice.title, fact.value, fact.actor, fact.act, chunk.section)
                found.setdefault((fact.actor, fact.act, fact.value), (deadline, chunk))
    return tuple(sorted(found.values(), key=lambda stated: stated[0].day))


def _sentence(chunk: Chunk, fact: Fact) -> str:
    spans = [(a, b) for a, b in sentences(chunk.text) if chunk.start + a <= fact.start < chunk.start + b]
    return chunk.text[slice(*spans[0])] if spans else chunk.text


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
