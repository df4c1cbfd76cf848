"""Reminders, subscriptions and a person's own data, as people meet them in the chat."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from bot.catalogue import Change
from bot.changes import FactChange
from bot.channels.telegram import messages
from bot.channels.telegram.keyboards import short_id
from bot.reminders import Deadline
from tests.botapi_server import labels
from tests.example_answers import NOTICE_ID, TITLE
from tests.telegram_fixtures import RunningBot, SettableClock, running_bot, until

pytestmark = pytest.mark.asyncio
CHINA = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 1, 10, 0, tzinfo=CHINA)
DEADLINE = Deadline(NOTICE_ID, TITLE, "2026-12-01", "申报主体", "完成线上申报", "二、（二）1.")
PAST = replace(DEADLINE, value="2024-11-22", section="旧")
BUTTON = "申报主体完成线上申报 2026年12月1日"


@pytest_asyncio.fixture
async def bot(tmp_path: Path) -> AsyncIterator[RunningBot]:
    async with running_bot(tmp_path, clock=SettableClock(START)) as running:
        running.catalogue.by_notice = {NOTICE_ID: (PAST, DEADLINE)}
        yield running


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


async def set_reminder(bot: RunningBot, id: int = 7) -> None:
    person = bot.api.person(id)
    await person.say("/remind")
    await person.press(await person.hears(), BUTTON)
    assert "我会在" in (await person.hears())["text"]


# ---------------------------------------------------------------- setting


async def test_after_an_answer_remind_offers_the_open_deadlines_of_its_notice(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("什么时候截止申报？")
    await person.hears()
    await person.say("/remind")
    offer = await person.hears()
    assert offer["text"] == messages.REMIND_WHICH.format(title=TITLE) and labels(offer) == [BUTTON]
    await person.press(offer, BUTTON)
    done = (await person.hears())["text"]
    assert "11月17日9点、11月24日9点、11月30日9点" in done and "北京时间" in done
    assert f"《{TITLE}》申报主体完成线上申报：2026年12月1日截止" in done
    await person.say("/reminders")
    listed = await person.hears()
    assert labels(listed) == [f"🗑 {BUTTON}"]
    await person.press(listed, "🗑")
    assert (await person.hears())["text"] == messages.REMINDER_DROPPED
    await person.press(listed, "🗑")
    assert (await person.hears())["text"] == messages.EXPIRED
    await person.say("/reminders")
    assert (await person.hears())["text"] == messages.REMINDERS_NONE


async def test_without_an_open_deadline_remind_says_so(bot: RunningBot) -> None:
    bot.catalogue.by_notice = {NOTICE_ID: (PAST,)}
    person = bot.api.person(7)
    await person.say("/remind")
    assert (await person.hears())["text"] == messages.REMIND_NONE_AT_ALL
    await person.press_data(
        bot.api.new_message(bot.api.me, 7, text="旧"), f"1:t:{short_id(NOTICE_ID)}{PAST.id}"
    )
    assert (await person.hears())["text"] == messages.REMIND_GONE


async def test_a_group_is_sent_to_the_private_chat(bot: RunningBot) -> None:
    person = bot.api.person(7, -1001)
    for command in ("/remind", "/my_data", "/forget_me"):
        await person.say(f"{command}@notice_bot")
        sent = await person.hears()
        assert sent["text"] == messages.ONLY_IN_PRIVATE
        url = sent["reply_markup"]["inline_keyboard"][0][0]["url"]
        assert url == "https://t.me/notice_bot?start=private"
    query = await person.press_data(sent, "1:f:yes")
    await until(lambda: bot.api.callback_answers[query] is not None)
    assert bot.api.callback_answers[query]["text"] == messages.EXPIRED


async def test_the_time_zone_is_chosen_by_button_or_by_name(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("/timezone")
    offer = await person.hears()
    assert "北京时间" in offer["text"] and labels(offer) == list(messages.ZONES.values())
    await person.press(offer, "伦敦")
    assert (await person.hears())["text"] == messages.ZONE_DONE.format(zone="伦敦")
    await person.say("/timezone America/Sao_Paulo")
    assert (await person.hears())["text"] == messages.ZONE_DONE.format(zone="America/Sao_Paulo")
    for wrong in ("Mars/Olympus", "../../etc/passwd", "Asia", "<b>"):
        await person.say(f"/timezone {wrong}")
        assert (await person.hears())["text"] == messages.ZONE_UNKNOWN.format(name=wrong)
    assert bot.stores.recipients.time_zone(7).key == "America/Sao_Paulo"


# ---------------------------------------------------------------- being told


async def test_a_reminder_is_told_once_on_its_day(bot: RunningBot) -> None:
    await set_reminder(bot)
    person = bot.api.person(7)
    bot.clock.now = at("2026-11-17T09:00")
    told = (await person.hears())["text"]
    assert told == f"⏰ 《{TITLE}》申报主体完成线上申报：2026年12月1日截止，还剩 14 天。"
    assert await person.hears_nothing(0.5)


async def test_after_a_downtime_only_the_latest_is_told_and_says_that_it_is_late(tmp_path: Path) -> None:
    clock = SettableClock(START)
    async with running_bot(tmp_path, clock=clock) as bot:
        bot.catalogue.by_notice = {NOTICE_ID: (DEADLINE,)}
        await set_reminder(bot)
    clock.now = at("2026-11-25T15:00")
    async with running_bot(tmp_path, clock=clock) as bot:
        bot.catalogue.by_notice = {NOTICE_ID: (DEADLINE,)}
        person = bot.api.person(7)
        told = (await person.hears())["text"]
        assert "还剩 6 天" in told and "本应在 11月24日9点 提醒" in told
        assert await person.hears_nothing(0.5)


async def test_at_night_a_late_reminder_waits_for_the_morning(bot: RunningBot) -> None:
    await set_reminder(bot)
    person = bot.api.person(7)
    bot.clock.now = at("2026-11-17T20:30")
    assert await person.hears_nothing(0.4)
    bot.clock.now = at("2026-11-18T09:00")
    assert "还剩 13 天" in (await person.hears())["text"]


async def test_a_moved_and_a_vanished_deadline_are_told(bot: RunningBot) -> None:
    await set_reminder(bot)
    person = bot.api.person(7)
    bot.catalogue.by_notice = {NOTICE_ID: (replace(DEADLINE, value="2026-12-08"),)}
    bot.catalogue.version = "v2"
    moved = (await person.hears())["text"]
    assert "原来：2026年12月1日" in moved and "现在：2026年12月8日（还剩 37 天）" in moved
    bot.catalogue.by_notice, bot.catalogue.version = {}, "v3"
    assert "已经没有这个截止日期了：申报主体完成线上申报，2026年12月8日" in (await person.hears())["text"]
    bot.clock.now = at("2026-12-07T12:00")
    assert await person.hears_nothing(0.4)


async def test_subscribers_hear_of_changed_facts_old_and_new(bot: RunningBot) -> None:
    person, other = bot.api.person(7), bot.api.person(8)
    await person.say("/subscribe")
    await person.press(await person.hears(), TITLE)
    assert TITLE in (await person.hears())["text"]
    await until(lambda: bot.stores.recipients.followed_version() == bot.catalogue.version)
    phone = FactChange(NOTICE_ID, TITLE, "电话", "0731-1", "0731-2<b>", "三、")
    bot.catalogue.changes = (Change(NOTICE_ID, TITLE, (phone,)), Change("第二份", "另一份", (phone,)))
    bot.catalogue.version = "v2"
    assert (await person.hears())["text"] == f"📌 《{TITLE}》有改动：\n· 电话：0731-1 → 0731-2<b>（三、）"
    assert await other.hears_nothing()
    await person.say("/unsubscribe")
    await person.press(await person.hears(), TITLE)
    assert (await person.hears())["text"] == messages.UNSUBSCRIBE_DONE
    bot.catalogue.version = "v3"
    assert await person.hears_nothing(0.4)


async def test_a_withdrawn_notice_is_told_too(bot: RunningBot) -> None:
    bot.stores.recipients.subscribe(7, "hash", NOTICE_ID)
    await until(lambda: bot.stores.recipients.followed_version() == bot.catalogue.version)
    bot.catalogue.changes, bot.catalogue.version = (Change(NOTICE_ID, TITLE, removed=True),), "v2"
    assert (await bot.api.person(7).hears())["text"] == messages.NOTICE_REMOVED.format(title=TITLE)


# ---------------------------------------------------------------- when sending fails


async def test_who_has_blocked_the_bot_is_told_when_he_writes_again(bot: RunningBot) -> None:
    await set_reminder(bot)
    person = bot.api.person(7)
    bot.api.fail("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=7)
    bot.clock.now = at("2026-11-17T09:00")
    await until(lambda: not bot.api.faults)
    assert await person.hears_nothing(0.4)
    assert bot.stores.recipients.blocked_chats() == {7}
    await person.say("/help")
    texts = {(await person.hears())["text"][:1] for _ in range(2)}
    assert "⏰" in texts
    assert bot.stores.recipients.blocked_chats() == frozenset()


async def test_a_reminder_that_was_turned_away_is_sent_later(bot: RunningBot) -> None:
    await set_reminder(bot)
    person = bot.api.person(7)
    bot.api.fail("sendMessage", 502, "Bad Gateway", chat_id=7)
    bot.api.fail("sendMessage", 429, "Too Many Requests", chat_id=7, parameters={"retry_after": 1})
    bot.clock.now = at("2026-11-17T09:00")
    await until(lambda: len(bot.api.faults) == 1)
    assert await person.hears_nothing(0.3)
    bot.clock.now += timedelta(seconds=10)
    await until(lambda: not bot.api.faults)
    bot.clock.now += timedelta(seconds=10)
    told = (await person.hears())["text"]
    assert told.startswith("⏰") and messages.MAYBE_TOLD not in told
    bot.clock.now += timedelta(hours=1)
    assert await person.hears_nothing()


@pytest.mark.parametrize("delivered", [True, False], ids=["delivered", "not_delivered"])
async def test_a_reminder_of_unknown_fate_is_repeated_once_and_says_so(
    bot: RunningBot, delivered: bool
) -> None:
    await set_reminder(bot)
    person = bot.api.person(7)
    bot.api.cut("sendMessage", delivered=delivered)
    bot.clock.now = at("2026-11-17T09:00")
    await until(lambda: not bot.api.faults)
    if delivered:
        assert (await person.hears())["text"].startswith("⏰")
    assert await person.hears_nothing(0.4)
    bot.clock.now += timedelta(minutes=1)
    assert (await person.hears())["text"].startswith(messages.MAYBE_TOLD)
    bot.clock.now += timedelta(hours=5)
    assert await person.hears_nothing(0.4)


# ---------------------------------------------------------------- privacy


async def test_privacy_says_what_is_kept_and_for_how_long(tmp_path: Path) -> None:
    for days, words in ((90, "保留 90 天"), (0, "不定期清理")):
        async with running_bot(tmp_path / str(days), retention_days=days) as bot:
            person = bot.api.person(7)
            await person.say("/privacy")
            text = (await person.hears())["text"]
            assert words in text and "/forget_me" in text and "散列" in text


async def test_ones_own_data_come_as_a_document_and_go_on_request(bot: RunningBot) -> None:
    person, other = bot.api.person(7), bot.api.person(8)
    await person.say("/my_data")
    assert (await person.hears())["text"] == messages.MY_DATA_NONE
    for each in (person, other):
        await each.say("什么时候截止申报？")
        await each.hears()
    await set_reminder(bot)
    await person.say("/my_data")
    sent = await person.hears()
    data = json.loads(bot.api.files[sent["document"]["file_id"]])
    assert [row["question"] for row in data["questions"]] == ["什么时候截止申报？"]
    assert data["reminders"][0]["deadline"]["value"] == "2026-12-01"

    await person.say("/forget_me")
    ask = await person.hears()
    await person.press(ask, messages.FORGET_NO)
    assert (await person.hears())["text"] == messages.FORGET_KEPT
    await person.press(ask, messages.FORGET_YES)
    assert (await person.hears())["text"] == messages.FORGET_DONE
    await person.say("/my_data")
    assert (await person.hears())["text"] == messages.MY_DATA_NONE
    await person.say("/source 1")
    assert (await person.hears())["text"] == messages.SOURCE_NONE_YET
    assert len(bot.question_log.recent()) == 1
    bot.clock.now = at("2026-11-17T09:00")
    assert await person.hears_nothing(0.4)


async def test_a_question_still_being_answered_is_forgotten_with_the_rest(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("/forget_me")
    ask = await person.hears()
    await person.say("慢，什么时候截止")
    await person.press(ask, messages.FORGET_YES)
    texts = [(await person.hears())["text"] for _ in range(2)]
    assert messages.FORGET_DONE in texts
    assert bot.question_log.recent() == ()
