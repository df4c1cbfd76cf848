"""What goes wrong between the bot and Telegram: each message arrives once, or not at all."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import pytest

from bot.channels.telegram import messages
from bot.channels.telegram.requests import CarefulRequest
from bot.channels.telegram.service import TIMEOUTS
from bot.errors import SettingsError
from tests.botapi_server import BotApiServer, Fault, labels
from tests.telegram_fixtures import free_port, running_bot, until

pytestmark = pytest.mark.asyncio
QUESTION = "什么时候截止申报？"
HASTY = {**TIMEOUTS, "read_timeout": 0.3}


async def test_a_halted_chat_waits_alone_and_gets_its_answer_once(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        halted, other = bot.api.person(7), bot.api.person(8)
        bot.api.fail("sendMessage", 429, "Too Many Requests", chat_id=7, parameters={"retry_after": 1})
        begun = time.monotonic()
        await halted.say(QUESTION)
        await until(lambda: not bot.api.faults)
        await other.say(QUESTION)
        await other.hears()
        assert bot.api.sent_to(7) == []
        assert "2024年11月22日" in (await halted.hears())["text"]
        assert time.monotonic() - begun >= 1.0
        assert await halted.hears_nothing()


async def test_a_halt_of_hours_is_not_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        bot.api.fail("sendMessage", 429, "Too Many Requests", parameters={"retry_after": 13938})
        await person.say(QUESTION)
        await until(lambda: "gave up on a halted chat" in caplog.text)
        assert bot.api.sent_to(7) == []
        other = bot.api.person(8)
        await other.say(QUESTION)
        await other.hears()


async def test_typing_that_is_halted_does_not_hold_up_the_answer(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        bot.api.fail("sendChatAction", 500, "Internal Server Error")
        await person.say("慢，什么时候截止")
        assert "2024年11月22日" in (await person.hears())["text"]


@pytest.mark.parametrize("delivered", [True, False], ids=["delivered", "not_delivered"])
@pytest.mark.parametrize("garbage", [False, True], ids=["reset", "malformed"])
async def test_an_answer_of_unknown_fate_is_not_sent_again_unless_the_person_says_so(
    tmp_path: Path, delivered: bool, garbage: bool
) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        bot.api.faults.append(Fault("sendMessage", delivered=delivered, garbage=garbage))
        await person.say(QUESTION)
        answers = [await person.hears()] if delivered else []
        offer = await person.hears()
        assert offer["text"] == messages.MAYBE_LOST and labels(offer) == [messages.AGAIN_BUTTON]
        assert await person.hears_nothing()
        await person.press(offer, messages.AGAIN_BUTTON)
        answers.append(await person.hears())
        assert all("2024年11月22日" in answer["text"] for answer in answers)
        assert bot.api.messages[7, offer["message_id"]]["text"] == messages.SENT_AGAIN
        assert await person.hears_nothing()


async def test_nobody_has_anothers_question_sent_again(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        asker, other = bot.api.person(7, -5), bot.api.person(8, -5)
        bot.api.cut("sendMessage", delivered=False)
        await asker.say(f"/ask {QUESTION}")
        offer = await asker.hears()
        await other.press(offer, messages.AGAIN_BUTTON)
        assert (await asker.hears())["text"] == messages.EXPIRED


async def test_a_time_out_after_delivery_never_makes_a_second_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_bot(tmp_path, timeouts=HASTY) as bot:
        person = bot.api.person(7)
        bot.api.cut("sendMessage", delivered=True, silent_seconds=0.6)
        await person.say(QUESTION)
        await until(lambda: "not sent again" in caplog.text)
        await asyncio.sleep(0.8)
        assert len(bot.api.sent_to(7)) == 2
        assert bot.api.sent_to(7)[1] == messages.MAYBE_LOST


async def test_a_part_of_unknown_fate_does_not_end_a_long_answer(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        bot.api.cut("sendMessage", delivered=True)
        await person.say("长，什么时候截止")
        parts = [await person.hears() for _ in range(3)]
        assert [part["text"][-5:] for part in parts] == ["(1/3)", "(2/3)", "(3/3)"]
        assert labels(parts[-1])
        assert (await person.hears())["text"] == messages.MAYBE_LOST


@pytest.mark.parametrize("code", [500, 502, 503])
async def test_what_telegram_itself_turns_away_is_tried_again(tmp_path: Path, code: int) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        bot.api.fail("sendMessage", code, "Bad Gateway", times=2)
        await person.say(QUESTION)
        assert "2024年11月22日" in (await person.hears())["text"]
        assert await person.hears_nothing()
        assert len(bot.api.called("sendMessage")) == 1


async def test_an_edit_of_unknown_fate_is_done_again(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        await person.say(QUESTION)
        answer = await person.hears()
        bot.api.cut("editMessageReplyMarkup", delivered=True)
        await person.press(answer, "👍")
        shown = bot.api.messages[7, answer["message_id"]]
        await until(lambda: "👍 1" in labels(shown) and not bot.api.faults)
        assert await person.hears_nothing()


async def test_someone_who_blocked_the_bot_is_left_alone(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        bot.api.fail("sendMessage", 403, "Forbidden: bot was blocked by the user")
        await person.say("长，什么时候截止")
        await until(lambda: not bot.api.faults)
        assert await person.hears_nothing(0.5)


async def test_refused_mark_up_is_sent_as_plain_text_and_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        bot.api.fail("sendMessage", 400, "Bad Request: can't parse entities: Unsupported start tag")
        await person.say(QUESTION)
        answer = await person.hears()
        assert answer["text"].startswith("企业线上申报：2024年11月22日前（已截止")
        assert "<" not in answer["text"] and "entities" not in answer
        assert labels(answer)
        assert [record.levelno for record in caplog.records if "mark-up" in record.message] == [logging.ERROR]


async def test_a_press_that_is_too_old_to_acknowledge_is_still_obeyed(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        await person.say(QUESTION)
        answer = await person.hears()
        bot.api.fail("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired")
        await person.press(answer, "📄 [1]")
        assert "第12行" in (await person.hears())["text"]
        bot.api.fail("editMessageReplyMarkup", 400, "Bad Request: message is not modified")
        await person.press(answer, "👍")
        await until(lambda: not bot.api.faults)
        assert await person.hears_nothing()


async def test_an_update_delivered_twice_is_answered_once_even_after_a_restart(tmp_path: Path) -> None:
    def repeated(message: dict[str, object]) -> dict[str, object]:
        return {"update_id": 900, "message": message}

    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        message = bot.api.new_message(person.user, 7, text=QUESTION)
        for _ in range(2):
            await bot.api.deliver(repeated(message))
        await person.hears()
        assert await person.hears_nothing()
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        await bot.api.deliver(repeated(message))
        assert await person.hears_nothing()


async def test_a_request_that_finds_nobody_listening_is_tried_again() -> None:
    port = free_port()
    request = CarefulRequest(connection_pool_size=1)
    await request.initialize()
    api = BotApiServer(port=port)
    asking = asyncio.create_task(request.post(f"{api.root}/bot{api.token}/getMe"))
    await asyncio.sleep(0.2)
    assert not asking.done()
    async with api:
        assert await asking == api.me
    await request.shutdown()


async def test_a_request_without_a_free_connection_is_tried_again() -> None:
    async with BotApiServer() as api:
        request = CarefulRequest(connection_pool_size=1, pool_timeout=0.1)
        await request.initialize()
        polling = asyncio.create_task(
            request.do_request(f"{api.root}/bot{api.token}/getUpdates?timeout=0.5", "POST")
        )
        await asyncio.sleep(0.1)
        assert await request.post(f"{api.root}/bot{api.token}/getMe") == api.me
        assert (await polling)[0] == 200
        assert len(api.called("getMe")) == 1
        await request.shutdown()


async def test_the_bot_waits_for_a_telegram_that_cannot_be_reached_yet(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reached, api = asyncio.Event(), BotApiServer(port=free_port())

    class Late(BotApiServer):
        async def __aenter__(self) -> BotApiServer:
            return self

        async def __aexit__(self, *error: object) -> None:
            if reached.is_set():
                await super().__aexit__(*error)

    api = Late(port=api.port)
    async with running_bot(tmp_path, api):
        await until(lambda: "TELEGRAM_PROXY" in caplog.text)
        await BotApiServer.__aenter__(api)
        reached.set()
        person = api.person(7)
        await person.say(QUESTION)
        assert "2024年11月22日" in (await person.hears())["text"]


async def test_a_bot_that_cannot_reach_telegram_still_stops_at_once(tmp_path: Path) -> None:
    class Absent(BotApiServer):
        async def __aenter__(self) -> BotApiServer:
            return self

        async def __aexit__(self, *error: object) -> None:
            pass

    async with running_bot(tmp_path, Absent(port=free_port())):
        await asyncio.sleep(0.2)
        begun = time.monotonic()
    assert time.monotonic() - begun < 3


async def test_failing_polls_are_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(tmp_path) as bot:
        person = bot.api.person(7)
        bot.api.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request")
        await person.say("/help")
        await person.hears()
        await until(lambda: messages.TOKEN_IN_USE in caplog.text)
        await person.say("/help")
        assert (await person.hears())["text"] == messages.HELP["zh"]


async def test_a_token_withdrawn_while_running_ends_the_bot_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TELEGRAM_BOT_TOKEN"):
        async with running_bot(tmp_path) as bot:
            person = bot.api.person(7)
            await person.say("/help")
            await person.hears()
            bot.api.token = "110201543:another"
            await person.say("/help")
            await asyncio.wait_for(asyncio.shield(bot.serving), 5)
