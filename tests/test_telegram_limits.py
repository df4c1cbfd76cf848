"""Nobody asks without end, nobody is told so twice, and Telegram's own limits are kept."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter

from bot.channels.telegram import messages
from bot.channels.telegram.flood_control import ChatPace, FloodControl, Limits, Pace, in_bulk
from bot.channels.telegram.limits import DAY, Allowance, Kind, Limiter, Verdict
from bot.channels.telegram.requests import NotCarriedOut, ReplyLost
from tests.telegram_fixtures import running_bot, until

pytestmark = pytest.mark.asyncio
QUESTION = "什么时候截止申报？"
SMALL = {Kind.QUESTION: Allowance(2, 3), Kind.TOUCH: Allowance(5, 50), Kind.INLINE: Allowance(1, 10)}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# ---------------------------------------------------------------- people


async def test_a_person_has_so_many_a_minute_and_so_many_a_day() -> None:
    clock = Clock()
    limiter = Limiter(SMALL, {}, clock)

    def ask() -> Verdict:
        return limiter.admit(Kind.QUESTION, 7)

    assert [ask() for _ in range(4)] == [Verdict.SERVED, Verdict.SERVED, Verdict.TELL, Verdict.REFUSED]
    clock.now += 60
    assert [ask(), ask()] == [Verdict.SERVED, Verdict.TELL], "three a day"
    clock.now += DAY - 61
    assert ask() is Verdict.REFUSED
    clock.now += 2
    assert ask() is Verdict.SERVED


async def test_private_and_group_count_together_and_a_group_has_its_own_limit() -> None:
    limiter = Limiter(SMALL, {Kind.QUESTION: Allowance(3, 100)}, Clock())
    assert limiter.admit(Kind.QUESTION, 7) is Verdict.SERVED
    assert limiter.admit(Kind.QUESTION, 7, -1) is Verdict.SERVED
    assert limiter.admit(Kind.QUESTION, 7, -1) is Verdict.TELL
    assert limiter.admit(Kind.QUESTION, 8, -1) is Verdict.SERVED
    assert limiter.admit(Kind.QUESTION, 8, -1) is Verdict.SERVED
    assert limiter.admit(Kind.QUESTION, 9, -1) is Verdict.TELL_GROUP
    assert limiter.admit(Kind.QUESTION, 10, -1) is Verdict.REFUSED
    assert limiter.admit(Kind.QUESTION, 9) is Verdict.SERVED, "what was refused does not count"


async def test_a_million_people_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.limits.KEPT", 100)
    clock = Clock()
    limiter = Limiter(SMALL, {}, clock)
    for person in range(500):
        limiter.admit(Kind.QUESTION, person)
        clock.now += DAY / 50
    assert len(limiter._served) <= 101


async def test_who_asks_too_much_is_told_once_and_nothing_is_asked_of_the_assistant(tmp_path: Path) -> None:
    async with running_bot(tmp_path, limiter=Limiter(SMALL, {})) as bot:
        person = bot.api.person(7)
        for _ in range(6):
            await person.say(QUESTION)
        heard = [(await person.hears())["text"] for _ in range(3)]
        told = messages.TOO_MANY["question"].format(a_minute=6, a_day=100)
        assert heard.count(told) == 1
        assert await person.hears_nothing()
        assert len(bot.assistant.asked) == 2
        group = bot.api.person(7, -1001)
        await group.say(f"/ask {QUESTION}")
        assert await group.hears_nothing(), "the same person, told before"
        other = bot.api.person(8)
        await other.say(QUESTION)
        assert "2024年11月22日" in (await other.hears())["text"]
        await person.say("/help")
        assert (await person.hears())["text"] == messages.HELP["zh"]


async def test_inline_queries_are_limited_too(tmp_path: Path) -> None:
    async with running_bot(tmp_path, limiter=Limiter(SMALL, {})) as bot:
        person = bot.api.person(7)
        first = await person.types_inline("截止时间")
        await until(lambda: first in bot.api.inline_answers)
        second = await person.types_inline("截止日期")
        await until(lambda: second in bot.api.inline_answers)
        assert bot.api.inline_answers[second]["results"] == []
        assert bot.catalogue.searched == ["截止时间"]


async def test_chatter_in_a_group_costs_nobody_anything(tmp_path: Path) -> None:
    async with running_bot(tmp_path, limiter=Limiter(SMALL, {})) as bot:
        person = bot.api.person(7, -1001)
        for _ in range(8):
            await person.say("今天天气不错")
        await person.say(f"/ask {QUESTION}")
        assert "2024年11月22日" in (await person.hears())["text"]


# ---------------------------------------------------------------- Telegram's limits


async def test_a_pace_lets_a_burst_through_and_then_one_a_second() -> None:
    pace, left = Pace(a_second=1.0, burst=3), []
    for _ in range(6):
        at = pace.earliest(100.0)
        pace.take(at)
        left.append(at)
    assert left == [100, 100, 100, 101, 102, 103]


async def test_a_group_gets_twenty_in_any_minute() -> None:
    pace, left = ChatPace(Pace(1.0, 5), 20), []
    for _ in range(45):
        at = pace.earliest(0.0)
        pace.take(at)
        left.append(at)
    assert all(later - earlier >= 60 for earlier, later in zip(left, left[20:], strict=False))
    assert left[19] < 60 and pace.idle(left[-1] + 60) and not pace.idle(left[-1])


class Wire:
    """What the library would do, with failures to come."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.at = list(failures), []

    async def __call__(self) -> bool:
        self.at.append(time.monotonic())
        if self.failures:
            raise self.failures.pop(0)
        return True


async def send(control: FloodControl, wire: Wire, chat: int = 7, endpoint: str = "sendMessage") -> Any:
    return await control.process_request(wire, (), {}, endpoint, {"chat_id": chat}, None)


async def test_a_429_halts_its_own_chat_and_no_other() -> None:
    control, wire, other = FloodControl(), Wire(RetryAfter(1)), Wire()
    begun = time.monotonic()
    halted = asyncio.create_task(send(control, wire))
    await asyncio.sleep(0.05)
    for _ in range(3):
        await send(control, other, chat=8)
    assert time.monotonic() - begun < 0.5
    await halted
    assert [round(at - begun, 1) for at in wire.at] == [0.0, 1.0]
    assert control.halts == 1


async def test_a_message_of_unknown_fate_is_never_tried_again_but_an_edit_is() -> None:
    control = FloodControl()
    message, edit = Wire(ReplyLost("?")), Wire(ReplyLost("?"), BadRequest("Message is not modified: …"))
    with pytest.raises(NetworkError):
        await send(control, message)
    assert len(message.at) == 1
    assert await send(control, edit, endpoint="editMessageText") is True
    assert len(edit.at) == 2


async def test_what_was_turned_away_is_tried_again_and_bulk_is_left_to_the_outbox() -> None:
    control, wire = FloodControl(), Wire(NotCarriedOut("502"), NotCarriedOut("502"))
    assert await send(control, wire) is True
    assert len(wire.at) == 3 and control.retries == 2
    bulk = Wire(NotCarriedOut("502"))
    with in_bulk(), pytest.raises(NotCarriedOut):
        await send(control, bulk)


async def test_bulk_leaves_room_for_answers() -> None:
    control = FloodControl(Limits(overall_a_second=100, bulk_a_second=20))

    async def in_bulk_to(chat: int) -> None:
        with in_bulk():
            await send(control, Wire(), chat=chat)

    bulk = [asyncio.create_task(in_bulk_to(chat)) for chat in range(100, 140)]
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    await send(control, Wire(), chat=7)
    assert time.monotonic() - begun < 0.3
    assert sum(task.done() for task in bulk) < 30
    for task in bulk:
        task.cancel()


async def test_typing_waits_for_nobody() -> None:
    control = FloodControl()
    with pytest.raises(RetryAfter):
        await send(control, Wire(RetryAfter(3000)))
    typing = Wire()
    assert await send(control, typing, endpoint="sendChatAction") is True
    assert typing.at == []
