"""The only module that decides who is staff: one door for messages, button presses and menus.

Staff write from their own account, in their private chat with the bot, and nowhere else. A command menu
hides commands but protects nothing; the door is asked before every handler and again inside it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Final

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    Update,
    User,
)
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import BaseHandler, ContextTypes, filters

from bot.channels.telegram import staff_messages
from bot.channels.telegram.delivery import send_parts
from bot.channels.telegram.rendering import text_to_html
from bot.errors import NoticeAssistantError

log = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE
Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]
MessageHandling = Callable[["Member", Message, Context], Coroutine[Any, Any, None]]
Settle = Callable[[int], Coroutine[Any, Any, None]]
"""Notes that an update is dealt with, so that a restart does not repeat it."""
PressHandling = Callable[["Member", Message, "StaffPress", Context], Coroutine[Any, Any, None]]

VERSION: Final = "S1"


class StaffAction(StrEnum):
    """What a staff button means. `id` names an upload where nothing else is said."""

    PAGE = "pg"
    """what: page of the list of folders."""
    FOLDER = "fo"
    """what: short id of a folder."""
    NEW_FOLDER = "nf"
    ADD_FILE = "af"
    REPLACE_FILE = "rf"
    """what: short id of a file of the chosen folder."""
    OTHER_FOLDER = "of"
    PUBLISH = "pu"
    DISCARD = "di"
    TAKE_BACK = "tb"
    TAKE_BACK_SURE = "ts"
    CONTINUE = "co"
    ROLLBACK_SURE = "rs"
    """id: short id of the version that the person saw."""
    NO = "no"
    FAQ_DRAFT = "fd"
    """id: group of questions."""
    FAQ_APPROVE = "fa"
    """id: short id of an entry; what: digest of the text that the person saw."""
    BROADCAST_PICK = "bp"
    BROADCAST_SEND = "bs"
    BROADCAST_DROP = "bd"


@dataclass(frozen=True, slots=True)
class StaffPress:
    """A staff button's callback data, taken apart; at most 64 bytes together."""

    action: StaffAction
    id: str = "-"
    what: str = "-"

    @property
    def data(self) -> str:
        return ":".join((VERSION, self.action, self.id, self.what))


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the staff."""

    id: int
    name: str

    @property
    def actor(self) -> str:
        """As the audit names people."""
        return f"telegram:{self.id}"


def staff_press_from(data: str | None) -> StaffPress | None:
    """None where the data is none of a staff button."""
    version, *fields = (data or "").split(":")
    if version != VERSION or len(fields) != 3 or fields[0] not in set(StaffAction):
        return None
    return StaffPress(StaffAction(fields[0]), fields[1], fields[2])


def staff_keyboard(*rows: Iterable[tuple[str, StaffPress]]) -> InlineKeyboardMarkup:
    """Rows of (words, what a press means)."""
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(words, callback_data=press.data) for words, press in row] for row in rows]
    )


class Door:
    """Lets staff through, by numeric id."""

    def __init__(self, staff: Iterable[int], settle: Settle) -> None:
        self._staff = frozenset(staff)
        self._settle = settle

    @property
    def ids(self) -> frozenset[int]:
        return self._staff

    def member(self, update: Update, *, typed: bool = True) -> Member | None:
        """Who of the staff sent this message; None for everybody else and every other kind of update.

        Typed messages only (`typed`) leaves out what was forwarded or sent through another bot: words that a
        stranger wrote must not become a command because a member of the staff passed them on.
        """
        message = update.message  # no edits, channel posts or business messages
        if message is None or message.sender_chat is not None:
            return None
        if typed and (message.forward_origin is not None or message.via_bot is not None):
            return None
        return self._member(message.from_user, message)

    def pressing_member(self, query: CallbackQuery | None) -> Member | None:
        """Who of the staff pressed a button in the private chat with the bot."""
        if query is None or not isinstance(query.message, Message):
            return None
        return self._member(query.from_user, query.message)

    def typed(self) -> filters.BaseFilter:
        return _Through(lambda update: self.member(update) is not None)

    def sent(self) -> filters.BaseFilter:
        """Also what staff forward to the bot: files often come from another chat."""
        return _Through(lambda update: self.member(update, typed=False) is not None)

    def for_messages(
        self, handle: MessageHandling, *, typed: bool = True, repeatable: bool = False
    ) -> Handler:
        """The handler behind the door; an error that staff can mend is told to them.

        After a restart in the middle, a `repeatable` one begins anew; any other is not repeated.
        """

        @wraps(handle)
        async def guarded(update: Update, context: Context) -> None:
            member, message = self.member(update, typed=typed), update.message
            if member is None or message is None:
                return
            if not repeatable:
                await self._settle(update.update_id)
            try:
                await handle(member, message, context)
            except NoticeAssistantError as error:
                await say(message, staff_messages.FAILED.format(reason=error))
            finally:
                if repeatable:
                    await self._settle(update.update_id)

        return guarded

    def for_presses(self, handlers: dict[StaffAction, PressHandling]) -> BaseHandler[Update, Any, None]:
        """One handler for all staff buttons; a press by anybody else is left to the handlers for everybody."""

        async def guarded(update: Update, context: Context) -> None:
            query = update.callback_query
            member = self.pressing_member(query)
            press = staff_press_from(query.data) if query else None
            if query is None or member is None or press is None or not isinstance(query.message, Message):
                return
            await self._settle(update.update_id)
            try:
                await query.answer()
            except TelegramError as error:
                log.debug("a press was not acknowledged: %s", error.message)
            try:
                await handlers[press.action](member, query.message, press, context)
            except NoticeAssistantError as error:
                await say(query.message, staff_messages.FAILED.format(reason=error))

        return _StaffPresses(self, guarded)

    def _member(self, user: User | None, message: Message) -> Member | None:
        if user is None or user.is_bot or user.id not in self._staff:
            return None
        if message.chat.type != ChatType.PRIVATE or message.chat.id != user.id:
            return None
        return Member(user.id, user.full_name)


class _StaffPresses(BaseHandler[Update, Any, None]):
    """Takes the presses of staff buttons by staff."""

    def __init__(self, door: Door, callback: Handler) -> None:
        super().__init__(callback, block=False)
        self._door = door

    def check_update(self, update: object) -> bool:
        query = update.callback_query if isinstance(update, Update) else None
        pressed = staff_press_from(query.data) if query else None
        return pressed is not None and self._door.pressing_member(query) is not None


class _Through(filters.UpdateFilter):
    def __init__(self, test: Callable[[Update], bool]) -> None:
        super().__init__()
        self._test = test

    def filter(self, update: Update) -> bool:
        return self._test(update)


async def say(message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Answers with a plain text, in as many messages as it takes."""
    await send_parts(message, text_to_html(text), keyboard)


async def drop_buttons(message: Message) -> None:
    """Takes the buttons off a message whose question is answered."""
    if message.reply_markup is None:
        return
    try:
        await message.edit_reply_markup(None)
    except TelegramError as error:
        log.debug("buttons stay: %s", error.message)


async def set_staff_menu(bot: Bot, member_id: int, menu: dict[str, str]) -> bool:
    """Shows commands with their descriptions in one member's private chat; False where that chat does not exist yet.

    A chat's own menu goes before the menus of all private chats, whatever the client's language.
    """
    commands = [BotCommand(name, words) for name, words in menu.items()]
    try:
        return await bot.set_my_commands(commands, scope=BotCommandScopeChat(member_id))
    except TelegramError as error:
        log.info("no staff menu yet: %s", error.message)
        return False


async def remove_staff_menu(bot: Bot, former_id: int) -> bool:
    """Takes staff's commands away from somebody who is no longer staff; False where that failed."""
    try:
        return await bot.delete_my_commands(scope=BotCommandScopeChat(former_id))
    except TelegramError as error:
        log.info("a former member's menu stays: %s", error.message)
        return False
