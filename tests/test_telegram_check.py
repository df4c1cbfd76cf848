"""/check and /deadlines as people meet them in Telegram, over HTTP against the Bot API server of the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import pytest_asyncio

from bot.catalogue import Catalogue
from bot.channels.telegram import messages
from tests.botapi_server import BotApiServer, labels
from tests.check_fixtures import MADE, NOTICE, REAL, assistant_over, publish, write_knowledge
from tests.telegram_fixtures import RunningBot, SettableClock, running_bot, until

pytestmark = pytest.mark.asyncio
START = datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
BUTTONS = ["符合", "不符合", "待核实"]
BAN_BUTTONS = ["符合（没有这种情况）", "不符合（有这种情况）", "待核实"]


@pytest_asyncio.fixture
async def bot(tmp_path: Path) -> AsyncIterator[RunningBot]:
    publish(write_knowledge(tmp_path / "knowledge"), tmp_path / "index")
    assistant = assistant_over(tmp_path / "index")
    clock = SettableClock(START)
    async with running_bot(
        tmp_path, clock=clock, assistant=assistant, catalogue=Catalogue(assistant)
    ) as running:
        yield running


async def at_first_question(bot: RunningBot, level: str = "示范级") -> dict[str, Any]:
    """The first question of the made notice, as person 7 sees it."""
    person = bot.api.person(7)
    await person.say("/check")
    await person.press(await person.hears(), "2026年江海市数字工厂")
    await person.press(await person.hears(), level)
    return await person.hears()


# ---------------------------------------------------------------- self-check


async def test_a_check_is_pressed_through_to_its_summary(bot: RunningBot) -> None:
    person = bot.api.person(7)
    question = await at_first_question(bot)
    assert "共 8 项" in question["text"] and "自查不代表认定" in question["text"]
    assert messages.CHECK_SCOPE in question["text"]
    assert "“1.在江海市注册登记、具有独立法人资格的制造业企业。”" in question["text"]
    assert labels(question) == [*BUTTONS, messages.CHECK_STOP]
    for place, button in enumerate(["符合", "不符合", "待核实", "符合", "符合", "符合", "符合", "符合"], 2):
        await person.press(question, button)
        question = await person.hears()
        if place == 5:
            assert labels(question) == [*BAN_BUTTONS, messages.CHECK_BACK, messages.CHECK_STOP]
            assert "有没有这种情况？" in question["text"]
        if place <= 8:
            assert f"第 {place}/8 项" in question["text"]
    summary = question["text"]
    assert "符合 6，不符合 1，待核实 1" in summary and "自查不代表认定" in summary
    assert "2.上年度营业收入不低于2000万元。" in summary and "0731-88950011" in summary
    assert "2026年12月1日（周二）17:00（还剩 9 天）" in summary
    assert labels(question) == [messages.CHECK_AGAIN, messages.CHECK_LAST]
    await person.press(question, messages.CHECK_LAST)
    assert "第 8/8 项" in (await person.hears())["text"]


async def test_numbers_and_words_may_be_typed_and_a_question_is_still_answered(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await at_first_question(bot)
    await person.say("是")
    asked = await person.hears()
    assert messages.CHECK_NUMBER in asked["text"]
    await person.say("什么时候截止申报？")
    assert "2026年12月1日17:00前" in (await person.hears())["text"]
    await person.say("营业收入 1500 万元")
    answered = (await person.hears())["text"]
    assert (
        "1500 万元 ≥ 2000万元：不成立" in answered and "记为“不符合”" in answered and "第 3/8 项" in answered
    )
    await person.say("返回")
    assert "第 2/8 项" in (await person.hears())["text"]


async def test_without_a_check_short_words_are_questions(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("有")
    await person.hears()
    assert [row.question for row in bot.question_log.recent()] == ["有"]
    await at_first_question(bot)
    bot.clock.now += timedelta(minutes=31)
    await person.say("有")
    await person.hears()
    assert len(bot.question_log.recent()) == 2


async def test_a_stopped_check_goes_on_after_a_restart(tmp_path: Path) -> None:
    publish(write_knowledge(tmp_path / "knowledge"), tmp_path / "index")
    assistant = assistant_over(tmp_path / "index")
    options = {"clock": SettableClock(START), "assistant": assistant, "catalogue": Catalogue(assistant)}
    async with running_bot(tmp_path, **options) as bot:
        person = bot.api.person(7)
        await person.press(await at_first_question(bot), "符合")
        await person.press(await person.hears(), messages.CHECK_STOP)
        assert "进度已保存" in (await person.hears())["text"]
    async with running_bot(tmp_path, BotApiServer(first_update=1000), **options) as bot:
        person = bot.api.person(7)
        await person.say("/check")  # its notice is the chosen one since
        text = (await person.hears())["text"]
        assert "共 8 项，已答 1 项" in text and "第 2/8 项" in text


async def test_an_old_button_changes_its_own_reply(bot: RunningBot) -> None:
    person = bot.api.person(7)
    first = await at_first_question(bot)
    await person.press(first, "符合")
    await person.hears()
    await person.press(first, "不符合")
    assert "第 2/8 项" in (await person.hears())["text"]
    kept = bot.stores.self_checks.get("telegram:7:0:7", MADE)
    assert kept is not None and [reply.verdict for reply in kept.replies.values()] == ["failed"]


async def test_replies_typed_at_once_are_taken_one_after_the_other(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await at_first_question(bot)
    for _ in range(3):
        await person.say("1")
    texts = [(await person.hears())["text"] for _ in range(3)]
    assert [place for place in (2, 3, 4) if any(f"第 {place}/8 项" in text for text in texts)] == [2, 3, 4]


async def test_a_notice_that_changes_in_the_middle_is_told_and_asked_anew(
    bot: RunningBot, tmp_path: Path
) -> None:
    person = bot.api.person(7)
    question = await at_first_question(bot)
    for _ in range(2):
        await person.press(question, "符合")
        question = await person.hears()
    notice = NOTICE.replace("不低于2000万元", "不低于3000万元").format(day="2026年12月1日")
    (tmp_path / "knowledge" / MADE / "通知.txt").write_text(notice, "utf-8")
    version = publish(tmp_path / "knowledge", tmp_path / "index").version
    await until(lambda: bot.assistant.version == version)
    await person.press(question, "符合")
    text = (await person.hears())["text"]
    assert "通知改过：1 项是新的或改了文字" in text and "第 2/8 项" in text and "3000万元" in text


async def test_a_group_is_sent_to_the_private_chat(bot: RunningBot) -> None:
    person = bot.api.person(7, -1001)
    await person.say("/check@notice_bot")
    assert (await person.hears())["text"] == messages.ONLY_IN_PRIVATE


async def test_forget_me_deletes_the_progress_and_my_data_shows_it(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.press(await at_first_question(bot), "符合")
    await person.hears()
    await person.say("/my_data")
    sent = await person.hears()
    assert b'"self_checks"' in bot.api.files[sent["document"]["file_id"]]
    await person.say("/forget_me")
    await person.press(await person.hears(), messages.FORGET_YES)
    assert (await person.hears())["text"] == messages.FORGET_DONE
    assert bot.stores.self_checks.get("telegram:7:0:7", MADE) is None


@pytest.mark.parametrize(
    "data", ["1:kr:", "1:kr:0123456789abcdefghij:1", "1:kl:x:9", "1:k:", "1:ka:x", "1:i:x"]
)
async def test_a_forged_button_does_nothing(bot: RunningBot, data: str) -> None:
    person = bot.api.person(7)
    await person.press_data(bot.api.new_message(bot.api.me, 7, text="旧"), data)
    assert (await person.hears())["text"] == messages.NOTICE_GONE


# ---------------------------------------------------------------- deadlines


async def test_open_deadlines_are_listed_with_calendar_files(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("/deadlines")
    listed = await person.hears()
    lines = listed["text"].split("\n")
    assert lines[0].startswith("• 2026年12月1日（周二）17:00 还剩 9 天 · 企业：完成网上填报")
    assert lines[1].startswith("• 2026年12月11日（周五） 还剩 19 天") and "另有 2 个截止日期已过。" in lines
    assert labels(listed) == [messages.ICS_ALL]  # one notice only has open ones
    await person.press(listed, messages.ICS_ALL)
    sent = await person.hears()
    assert sent["caption"] == messages.ICS_CAPTION.format(n=2)
    calendar = icalendar.Calendar.from_ical(bot.api.files[sent["document"]["file_id"]])
    assert len(calendar.walk("VEVENT")) == 2 and len(calendar.walk("VTIMEZONE")) == 1


async def test_with_several_notices_each_has_its_file(bot: RunningBot) -> None:
    bot.clock.now = datetime(2024, 11, 20, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    person = bot.api.person(7)
    await person.say("/deadlines")
    listed = await person.hears()
    assert "2024年11月22日（周五） 还剩 2 天" in listed["text"] and REAL not in labels(listed)
    await person.press(listed, messages.ICS_ALL)
    sent = await person.hears()
    calendar = icalendar.Calendar.from_ical(bot.api.files[sent["document"]["file_id"]])
    assert [event["DTSTART"].dt.isoformat() for event in calendar.walk("VEVENT")] == [
        "2024-11-22",
        "2024-11-23",
    ]


async def test_a_group_may_see_the_deadlines_and_when_none_is_open_it_is_said(bot: RunningBot) -> None:
    person = bot.api.person(7, -1001)
    await person.say("/deadlines@notice_bot")
    listed = await person.hears()
    assert "还剩 9 天" in listed["text"]
    bot.clock.now = datetime(2027, 1, 1, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    await person.press(listed, messages.ICS_ALL)
    assert (await person.hears())["text"] == messages.DEADLINES_NONE


async def test_the_menu_offers_both(bot: RunningBot) -> None:
    await until(lambda: len(bot.api.called("setMyCommands")) >= 4)
    for language in ("zh", "en"):
        assert {"deadlines", "check"} <= set(messages.PRIVATE_COMMANDS[language])
        assert "deadlines" in messages.GROUP_COMMANDS[language]
        assert "check" not in messages.GROUP_COMMANDS[language]
