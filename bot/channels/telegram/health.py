"""What a running channel counts -> its health: how long ago Telegram was heard, what waits, what was done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bot.channels.telegram.flood_control import FloodControl
from bot.channels.telegram.metrics import Metric

if TYPE_CHECKING:
    from bot.channels.telegram.channel import TelegramChannel
    from bot.channels.telegram.courier import Courier


class Pulse:
    """When Telegram was last heard, and how many updates came in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: float | None = None
        self._started = clock()
        self.beats = 0
        self.updates = 0

    def beat(self) -> None:
        """Telegram answered a poll, or told how its webhook fares."""
        self._last = self._clock()
        self.beats += 1

    def update(self) -> None:
        """A new update came in."""
        self.updates += 1

    @property
    def age(self) -> float:
        """Seconds since Telegram was last heard; since the start where it never was."""
        return self._clock() - (self._started if self._last is None else self._last)


def metrics_of(
    pulse: Pulse, flood_control: FloodControl, channel: TelegramChannel, courier: Courier
) -> Iterator[Metric]:
    """What Prometheus reads."""
    answers = channel.answers
    yield Metric(
        "notice_bot_last_poll_age_seconds", "gauge", "Seconds since Telegram last answered.", pulse.age
    )
    yield Metric("notice_bot_updates_total", "counter", "New updates taken in.", pulse.updates)
    name, words = "notice_bot_answers_total", "Answers by status."
    for status, count in sorted(answers.statuses.items()):
        yield Metric(name, "counter", words, count, f'status="{status}"')
    yield Metric(
        "notice_bot_answer_seconds_total", "counter", "Time from question to answer, summed.", answers.seconds
    )
    yield Metric(
        "notice_bot_questions_waiting", "gauge", "Questions in the queue or at work.", answers.queue.open
    )
    yield Metric("notice_bot_outbox_sent_total", "counter", "Reminders and news that left.", courier.sent)
    yield Metric(
        "notice_bot_blocked_people", "gauge", "People with reminders who block the bot.", len(courier.blocked)
    )
    yield Metric(
        "notice_bot_requests_retried_total", "counter", "Requests tried again.", flood_control.retries
    )
    yield Metric("notice_bot_halts_total", "counter", "429s from Telegram.", flood_control.halts)
