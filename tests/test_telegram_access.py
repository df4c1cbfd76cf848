"""Nobody but staff gets anything done, by whatever path a staff command or button comes."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.channels.telegram import messages, staff_messages
from bot.channels.telegram.flood_control import Limits
from bot.channels.telegram.keyboards import short_id
from bot.channels.telegram.staff import StaffAction, StaffPress
from bot.index.versions import current_version
from bot.questions.menus import StaffMenus
from tests.botapi_server import BotApiServer, Json, Person, entities_found_in
from tests.staff_fixtures import LATER, NOTICE, OTHER_STAFF, STAFF, STRANGER, StaffedBot, staffed_bot
from tests.telegram_bot_process import NOW
from tests.telegram_fixtures import until

GROUP, CHANNEL, ANONYMOUS_ADMIN = -1001, -1002, 1087968824
COMMANDS = [f"/{name}" for name in staff_messages.COMMANDS]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StaffedBot]:
    """One bot for all tests: each of them asserts that nothing has happened to it."""
    limits = Limits(chat_burst=10_000, group_a_minute=10_000)
    async with staffed_bot(tmp_path_factory.mktemp("bot"), limits=limits) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def upload_id(bot: StaffedBot) -> str:
    """An upload that is checked and waits for 发布."""
    upload = bot.publishing.quarantine.open(f"telegram:{STAFF}", "李四", NOW)
    bot.publishing.quarantine.add(upload.id, "通知.txt", LATER.encode())
    return bot.publishing.quarantine.choose(upload.id, NOTICE).id


_strangers = itertools.count(1000)


@pytest.fixture
def stranger(bot: StaffedBot) -> Person:
    """Somebody who never wrote before."""
    return bot.api.person(next(_strangers))


@pytest.fixture
def member(bot: StaffedBot) -> Person:
    """A member of the staff who has read everything that was said so far."""
    bot.api.outbox[STAFF] = asyncio.Queue()
    return bot.api.person(STAFF)


class Unmoved:
    """What must be the same afterwards: files, uploads, version, audit, drafts; and what was said meanwhile."""

    def __init__(self, bot: StaffedBot) -> None:
        self._bot = bot
        self._before = self._state()
        self._messages = frozenset(bot.api.messages)

    def _state(self) -> tuple[Any, ...]:
        bot = self._bot
        return (
            bot.files(),
            bot.publishing.quarantine.all(),
            current_version(bot.index_root),
            bot.acts,
            tuple(bot.drafts.drafted),
            tuple(bot.drafts.approved),
            len(bot.api.called("getFile")),
            len(bot.api.called("sendPhoto")),
        )

    async def check(self, *people: Person) -> None:
        """Once each of them has been answered a last, harmless command."""
        for person in people:
            await person.say("/help")
            await until(lambda person=person: _help_texts(self._said_to(person)))
            says_nothing_of_staff([text for text in self._said_to(person) if not _help_texts([text])])
        assert self._state() == self._before

    def _said_to(self, person: Person) -> list[str]:
        return [
            message.get("text", "")
            for (chat, number), message in self._bot.api.messages.items()
            if chat == person.chat_id
            and (chat, number) not in self._messages
            and message["from"]["id"] == self._bot.api.me["id"]
        ]


def _help_texts(texts: list[str]) -> list[str]:
    return [text for text in texts if text.startswith("直接发问题")]


async def answered(bot: StaffedBot, query: str) -> str:
    """What a press was answered with."""
    await until(lambda: bot.api.callback_answers[query] is not None)
    return str((bot.api.callback_answers[query] or {}).get("text", ""))


def says_nothing_of_staff(texts: list[str]) -> None:
    words = ("版本", "索引", "待审", "上传", "发布", "李四", str(STAFF))
    assert [text for text in texts if any(word in text for word in words)] == []


# ---------------------------------------------------------------- strangers


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[1:])
async def test_a_stranger_is_told_that_there_is_no_such_command(
    bot: StaffedBot, stranger: Person, command: str
) -> None:
    unmoved = Unmoved(bot)
    await stranger.say(command)
    assert (await stranger.hears())["text"] == messages.COMMAND_UNKNOWN
    await unmoved.check(stranger)


async def test_a_strangers_document_is_not_even_downloaded(bot: StaffedBot, stranger: Person) -> None:
    unmoved = Unmoved(bot)
    await stranger.send_document("通知.txt", LATER.encode())
    assert (await stranger.hears())["text"] == messages.ONLY_TEXT
    await unmoved.check(stranger)


@pytest.mark.parametrize("action", list(StaffAction))
async def test_a_forged_press_is_an_outdated_one(
    bot: StaffedBot, stranger: Person, upload_id: str, action: StaffAction
) -> None:
    """The stranger knows everything: the upload, the folder, the form of the data."""
    unmoved = Unmoved(bot)
    await stranger.say("/start")
    own = await stranger.hears()
    for what in ("-", short_id(NOTICE), "d1", "0"):
        query = await stranger.press_data(own, StaffPress(action, upload_id, what).data)
        assert await answered(bot, query) == messages.EXPIRED
    await unmoved.check(stranger)


async def test_a_stranger_cannot_press_a_button_in_a_members_chat(
    bot: StaffedBot, member: Person, stranger: Person, upload_id: str
) -> None:
    """As if a client could name any message: the chat is the member's, the finger is not."""
    await member.say("/status")
    status = await member.hears()
    assert "待发布的上传" in status["text"]
    unmoved = Unmoved(bot)
    finger = Person(bot.api, int(stranger.user["id"]), STAFF, "zh-hans", None)
    query = await finger.press_data(status, StaffPress(StaffAction.PUBLISH, upload_id).data)
    assert await answered(bot, query) == messages.EXPIRED
    await unmoved.check(member)


@pytest.mark.parametrize(
    "payload", ["status", "refresh", "S1:pu:{upload}:-", "S1_pu_{upload}", "rollback", "staff"]
)
async def test_a_deep_link_opens_nothing(
    bot: StaffedBot, stranger: Person, upload_id: str, payload: str
) -> None:
    unmoved = Unmoved(bot)
    await stranger.say(f"/start {payload.format(upload=upload_id)}")
    await unmoved.check(stranger)


async def test_a_reply_to_a_forged_staff_message_names_no_folder(
    bot: StaffedBot, stranger: Person, upload_id: str
) -> None:
    unmoved = Unmoved(bot)
    button = {
        "text": "换一份通知",
        "callback_data": StaffPress(StaffAction.OTHER_FOLDER, upload_id, "new").data,
    }
    receipt = bot.api.new_message(bot.api.me, stranger.chat_id, text="文件夹名：x")
    receipt["reply_markup"] = {"inline_keyboard": [[button]]}
    await stranger.say("我的文件夹", reply_to=receipt)
    await unmoved.check(stranger)


async def test_inline_queries_give_nothing_of_staff(
    bot: StaffedBot, member: Person, stranger: Person, upload_id: str
) -> None:
    unmoved, before = Unmoved(bot), len(bot.api.called("answerInlineQuery"))
    for person in (member, stranger):
        for number, text in enumerate((*COMMANDS, f"S1:pu:{upload_id}:-")):
            query = {"id": f"i{number}", "from": person.user, "query": text, "offset": ""}
            await person.deliver(inline_query=query)
    await unmoved.check(member, stranger)
    await until(lambda: len(bot.api.called("answerInlineQuery")) >= before + 2)
    for call in bot.api.called("answerInlineQuery")[before:]:
        titles = [result["title"] for result in json.loads(call.arguments["results"])]
        says_nothing_of_staff(titles)


# ---------------------------------------------------------------- a member's account, by another path


def chat(id: int, kind: str) -> Json:
    return {"id": id, "type": kind, "title": "群"}


async def test_a_member_is_nobody_special_in_a_group(bot: StaffedBot, upload_id: str) -> None:
    unmoved, member = Unmoved(bot), bot.api.person(STAFF, GROUP)
    for command in COMMANDS:
        await member.say(command)
        await member.say(f"{command}@notice_bot")
    await member.send_document("通知.txt", LATER.encode())
    question = await member.say("大家看看")
    query = await member.press_data(question, StaffPress(StaffAction.PUBLISH, upload_id).data)
    assert await answered(bot, query) == messages.EXPIRED
    await unmoved.check(member)


@pytest.mark.parametrize(
    "more",
    [
        {"sender_chat": chat(GROUP, "supergroup")},
        {"sender_chat": chat(CHANNEL, "channel")},
        {"sender_chat": chat(CHANNEL, "channel"), "is_automatic_forward": True},
    ],
    ids=["as-the-group", "as-a-channel", "from-the-linked-channel"],
)
async def test_who_writes_in_the_name_of_a_chat_is_not_staff(
    bot: StaffedBot, member: Person, more: Json
) -> None:
    unmoved = Unmoved(bot)
    for sender in (ANONYMOUS_ADMIN, STAFF):
        for place in (GROUP, STAFF):
            someone = Person(bot.api, sender, place, "zh-hans", None)
            for command in COMMANDS:
                await someone.say(command, **more)
            await someone.send_document("通知.txt", LATER.encode(), **more)
    await unmoved.check(member, bot.api.person(STAFF, GROUP))


@pytest.mark.parametrize(
    "origin",
    [
        {"type": "user", "date": 1, "sender_user": {"id": STRANGER, "is_bot": False, "first_name": "某"}},
        {"type": "user", "date": 1, "sender_user": {"id": STAFF, "is_bot": False, "first_name": "李"}},
        {"type": "hidden_user", "date": 1, "sender_user_name": "某"},
        {"type": "channel", "date": 1, "chat": chat(CHANNEL, "channel"), "message_id": 1},
    ],
    ids=["a-stranger", "oneself", "hidden", "a-channel"],
)
async def test_words_that_a_member_forwards_are_no_command(
    bot: StaffedBot, member: Person, origin: Json
) -> None:
    unmoved = Unmoved(bot)
    for command in COMMANDS:
        await member.say(command, forward_origin=origin)
        assert (await member.hears())["text"] == messages.COMMAND_UNKNOWN
    await unmoved.check(member)


async def test_words_sent_through_another_bot_are_no_command(bot: StaffedBot, member: Person) -> None:
    unmoved = Unmoved(bot)
    via = {"id": 999, "is_bot": True, "first_name": "other", "username": "other_bot"}
    for command in COMMANDS:
        await member.say(command, via_bot=via)
        assert (await member.hears())["text"] == messages.COMMAND_UNKNOWN
    await unmoved.check(member)


@pytest.mark.parametrize(
    "kind", ["edited_message", "channel_post", "edited_channel_post", "business_message", "guest_message"]
)
async def test_only_a_new_message_is_a_command(bot: StaffedBot, member: Person, kind: str) -> None:
    unmoved = Unmoved(bot)
    for command in COMMANDS:
        entities = entities_found_in(command)
        message = bot.api.new_message(member.user, STAFF, text=command, entities=entities, edit_date=2)
        if "channel" in kind:
            message["chat"] = chat(CHANNEL, "channel")
        if kind == "business_message":
            message["business_connection_id"] = "b1"
        await member.deliver(**{kind: message})
    await unmoved.check(member)


async def test_a_bot_with_a_members_number_is_no_member(bot: StaffedBot, member: Person) -> None:
    unmoved = Unmoved(bot)
    member.user["is_bot"] = True
    for command in COMMANDS:
        await member.say(command)
        assert (await member.hears())["text"] == messages.COMMAND_UNKNOWN
    await unmoved.check(member)


async def test_a_button_of_an_inline_message_is_not_obeyed(
    bot: StaffedBot, member: Person, upload_id: str
) -> None:
    unmoved = Unmoved(bot)
    bot.api.callback_answers["inline1"] = None
    await member.deliver(
        callback_query={
            "id": "inline1",
            "from": member.user,
            "chat_instance": "1",
            "inline_message_id": "abc",
            "data": StaffPress(StaffAction.PUBLISH, upload_id).data,
        }
    )
    assert await answered(bot, "inline1") == messages.EXPIRED
    await unmoved.check(member)


@pytest.mark.parametrize(
    "data",
    ["S1", "S1:", "S1:pu", "S1:pu::", "S1:pu:../../x:-", "S1:xx:a:b", "S1:pu:a:b:c", "S1:ts:0000000:-"],
)
async def test_broken_data_does_nothing_even_for_a_member(
    bot: StaffedBot, member: Person, upload_id: str, data: str
) -> None:
    unmoved = Unmoved(bot)
    await member.say("/start")
    query = await member.press_data(await member.hears(), data)
    await answered(bot, query)
    await member.say("/help")
    while "直接发问题" not in (await member.hears())["text"]:
        pass
    await unmoved.check()


# ---------------------------------------------------------------- menus and people


async def test_the_menu_of_staff_is_shown_in_their_chats_alone(bot: StaffedBot) -> None:
    await until(lambda: len(bot.api.commands) == 6)
    for (scope, _), menu in bot.api.commands.items():
        names = {each["command"] for each in menu}
        is_staff = scope in {"chat:7", "chat:8"}
        assert (names >= set(staff_messages.COMMANDS)) is is_staff
        assert is_staff or not names & set(staff_messages.COMMANDS)


async def test_the_menu_is_taken_from_who_is_no_longer_staff(tmp_path: Path) -> None:
    async with staffed_bot(tmp_path) as bot:
        await until(lambda: ("chat:8", "") in bot.api.commands)
        await until(lambda: StaffMenus(bot.database).shown() == {STAFF, OTHER_STAFF})
    async with staffed_bot(tmp_path, BotApiServer(first_update=1000), staff=(STAFF,)) as bot:
        await until(lambda: ("chat:7", "") in bot.api.commands)
        (call,) = bot.api.called("deleteMyCommands")
        assert json.loads(call.arguments["scope"]) == {"type": "chat", "chat_id": OTHER_STAFF}
        former = bot.api.person(OTHER_STAFF)
        await former.say("/status")
        assert (await former.hears())["text"] == messages.COMMAND_UNKNOWN


async def test_without_staff_nobody_has_the_commands(tmp_path: Path) -> None:
    async with staffed_bot(tmp_path, staff=()) as bot:
        someone = bot.api.person(STAFF)
        await someone.say("/status")
        assert (await someone.hears())["text"] == messages.COMMAND_UNKNOWN
