"""Many questions at once: a bounded queue, and commands that never wait behind it."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from bot.channels.telegram import messages
from bot.channels.telegram.question_queue import QuestionQueue, QueueFull
from bot.channels.telegram.service import CONCURRENT_UPDATES
from tests.botapi_server import Person
from tests.telegram_fixtures import RunningBot, running_bot, until

pytestmark = pytest.mark.asyncio


async def test_at_most_the_workers_run_and_the_rest_waits_in_order() -> None:
    queue, order, running, most = QuestionQueue(workers=2), [], [0], [0]
    lock = threading.Lock()

    def work(number: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
            order.append(number)
        time.sleep(0.02)
        with lock:
            running[0] -= 1
        return number

    results = await asyncio.gather(
        *(queue.run(f"chat {number}", lambda number=number: work(number)) for number in range(8))
    )
    assert results == list(range(8)) and sorted(order) == results
    assert most[0] == 2
    assert queue.ahead == 0
    queue.close()


async def test_one_conversation_is_answered_one_by_one() -> None:
    queue, order = QuestionQueue(workers=2), []

    def work(number: int) -> None:
        time.sleep(0.05 if number == 0 else 0)
        order.append(number)

    await asyncio.gather(*(queue.run("chat", lambda number=number: work(number)) for number in range(4)))
    assert order == [0, 1, 2, 3]
    queue.close()


async def test_a_full_queue_refuses_at_once_and_recovers() -> None:
    queue, go = QuestionQueue(workers=1, capacity=1), threading.Event()
    first, second = (asyncio.create_task(queue.run(chat, go.wait)) for chat in "ab")
    await asyncio.sleep(0.01)
    assert queue.ahead == 2
    with pytest.raises(QueueFull):
        await queue.run("c", go.wait)
    go.set()
    assert await first and await second
    assert await queue.run("c", go.wait)
    queue.close()


async def test_a_question_past_its_deadline_gives_up_and_its_worker_returns_when_it_ends() -> None:
    queue, go = QuestionQueue(workers=1, deadline_seconds=0.05), threading.Event()
    with pytest.raises(TimeoutError):
        await queue.run("a", go.wait)
    with pytest.raises(TimeoutError):  # waited for the worker that is still held
        await queue.run("b", go.wait)
    go.set()
    await asyncio.sleep(0.02)
    assert await queue.run("c", go.wait)
    queue.close()


async def test_what_the_work_raises_reaches_the_asker() -> None:
    queue = QuestionQueue()
    with pytest.raises(ZeroDivisionError):
        await queue.run("a", lambda: 1 // 0)
    assert await queue.run("a", lambda: 1) == 1
    queue.close()


def answered(bot: RunningBot, asker: Person) -> bool:
    return any("2024年11月22日" in text for text in bot.api.sent_to(asker.chat_id))


async def test_help_and_votes_do_not_wait_for_questions_however_many_there_are(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        reader = bot.api.person(7)
        await reader.say("什么时候截止")
        answer = await reader.hears()
        askers = [bot.api.person(100 + number) for number in range(CONCURRENT_UPDATES + 4)]
        for asker in askers:
            await asker.say("等，什么时候截止")
        await reader.say("/help")
        assert (await reader.hears())["text"] == messages.HELP["zh"]
        await reader.press(answer, "👍")
        await until(lambda: bool(bot.api.called("editMessageReplyMarkup")))
        assert not any(answered(bot, asker) for asker in askers)
        bot.assistant.gate.set()
        await until(lambda: all(answered(bot, asker) for asker in askers), 15)


async def test_help_is_fast_under_twenty_slow_questions(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        reader, askers = bot.api.person(7), [bot.api.person(100 + number) for number in range(20)]
        for asker in askers:
            await asker.say("慢，什么时候截止")
        begun = time.monotonic()
        await reader.say("/help")
        await reader.hears()
        took = time.monotonic() - begun
        await until(lambda: all(answered(bot, asker) for asker in askers), 15)
        assert took < 0.5 and took < (time.monotonic() - begun) / 2


async def test_who_still_waits_after_a_while_is_told_once_how_many_are_ahead(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        askers = [bot.api.person(100 + number) for number in range(8)]
        for asker in askers:
            await asker.say("等，什么时候截止")
        told = [(await asker.hears())["text"] for asker in askers[2:]]
        assert told == [messages.WAITING.format(n=number) for number in range(1, 7)]
        bot.assistant.gate.set()
        for asker in askers:
            assert "2024年11月22日" in (await asker.hears())["text"]
            assert bot.api.outbox[asker.chat_id].empty()


async def test_a_full_queue_says_so_at_once(tmp_path: Path) -> None:
    async with running_bot(tmp_path, queue=QuestionQueue(workers=1, capacity=1)) as bot:
        askers = [bot.api.person(100 + number) for number in range(3)]
        for asker in askers:
            await asker.say("等，什么时候截止")
        assert (await askers[2].hears())["text"] == messages.BUSY
        bot.assistant.gate.set()
        for asker in askers[:2]:
            heard = (await asker.hears())["text"]
            if heard == messages.WAITING.format(n=1):  # on a slow machine one hears first that it waits
                heard = (await asker.hears())["text"]
            assert "2024年11月22日" in heard


async def test_a_question_that_takes_too_long_gets_an_apology(tmp_path: Path) -> None:
    async with running_bot(tmp_path, queue=QuestionQueue(deadline_seconds=0.15)) as bot:
        person = bot.api.person(7)
        await person.say("等")
        assert (await person.hears())["text"] == messages.TOO_SLOW
        bot.assistant.gate.set()
        await person.say("什么时候截止")
        assert "2024年11月22日" in (await person.hears())["text"]


async def test_a_stop_answers_what_is_open_and_fetched(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        askers = [bot.api.person(100 + number) for number in range(6)]
        for asker in askers:
            await asker.say("慢，什么时候截止")
        await until(lambda: not bot.api.updates.waiting)
        bot.stop.set()
        await asyncio.wait_for(asyncio.shield(bot.serving), 5)
        for asker in askers:
            assert answered(bot, asker)
