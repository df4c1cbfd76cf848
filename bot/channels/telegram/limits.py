"""Who asks how much -> whether he is served now: decided in memory, before any work is done.

A person's questions in private chats and in groups count together; so do his inline queries. The counts begin
anew when the bot starts.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MINUTE, DAY = 60.0, 86_400.0
KEPT: Final = 10_000
"""Counters; beyond that, those that have run out are dropped."""


class Kind(StrEnum):
    QUESTION = "question"
    INLINE = "inline"
    """A query typed behind the bot's name in another chat; a client sends several while one types."""
    TOUCH = "touch"
    """A command or the press of a button."""


class Verdict(StrEnum):
    SERVED = "served"
    TELL = "tell"
    """Refused, and to be told so."""
    TELL_GROUP = "tell_group"
    """Refused because of all that the group asks, and to be told so."""
    REFUSED = "refused"
    """Refused, and told before."""


@dataclass(frozen=True, slots=True)
class Allowance:
    a_minute: int
    a_day: int


PERSON: Final = {
    Kind.QUESTION: Allowance(6, 100),
    Kind.INLINE: Allowance(30, 500),
    Kind.TOUCH: Allowance(30, 1000),
}
GROUP: Final = {Kind.QUESTION: Allowance(20, 500)}
"""All people of a group together; Telegram lets the bot say no more than 20 things a minute there."""


class Limiter:
    """Counts in sliding windows."""

    def __init__(
        self,
        person: dict[Kind, Allowance] | None = None,
        group: dict[Kind, Allowance] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._person = PERSON if person is None else person
        self._group = GROUP if group is None else group
        self._clock = clock
        self._served: dict[tuple[str, int, Kind], deque[float]] = {}
        self._told: set[tuple[str, int, Kind]] = set()

    def admit(self, kind: Kind, person: int, group: int | None = None) -> Verdict:
        """Counts one use and serves it, or refuses it and counts nothing."""
        counters = [(("person", person, kind), self._person.get(kind))]
        if group is not None:
            counters.append((("group", group, kind), self._group.get(kind)))
        now = self._clock()
        for key, allowance in counters:
            if allowance and not self._room(key, allowance, now):
                told = key in self._told
                self._told.add(key)
                if told:
                    return Verdict.REFUSED
                return Verdict.TELL_GROUP if key[0] == "group" else Verdict.TELL
        for key, allowance in counters:
            if allowance:
                self._count(key, allowance, now)
        return Verdict.SERVED

    def _room(self, key: tuple[str, int, Kind], allowance: Allowance, now: float) -> bool:
        served = self._served.get(key, deque())
        while served and served[0] <= now - DAY:
            served.popleft()
        lately = served[-allowance.a_minute] if len(served) >= allowance.a_minute else -DAY
        return len(served) < allowance.a_day and lately <= now - MINUTE

    def _count(self, key: tuple[str, int, Kind], allowance: Allowance, now: float) -> None:
        if key not in self._served and len(self._served) >= KEPT:
            self._served = {other: times for other, times in self._served.items() if times[-1] > now - DAY}
        self._served.setdefault(key, deque(maxlen=max(allowance.a_day, allowance.a_minute))).append(now)
        self._told.discard(key)
