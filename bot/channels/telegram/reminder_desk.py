"""/remind, /reminders, /timezone, /subscribe, /unsubscribe: what a person wants to be told, and when."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telegram import InlineKeyboardMarkup, Message, User

from bot.catalogue import Catalogue
from bot.channels.telegram import keyboards, messages
from bot.channels.telegram.addressing import conversation_key
from bot.channels.telegram.answers import Answers
from bot.channels.telegram.delivery import send_parts
from bot.channels.telegram.keyboards import Action, Press, column, short_id
from bot.channels.telegram.rendering import text_to_html
from bot.channels.telegram.stores import Stores
from bot.datamodels import Notice
from bot.questions.recipients import MOST_REMINDERS, MOST_SUBSCRIPTIONS, TooMany
from bot.reminders import Deadline
from bot.today import day_in_china

NOTICES_OFFERED: Final = 10
WORDS_OF_ACT: Final = 24
_ZONE_NAME: Final = re.compile(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*")


class ReminderDesk:
    """Works in private chats only: a person's reminders are nobody else's business."""

    def __init__(
        self, catalogue: Catalogue, stores: Stores, answers: Answers, clock: Callable[[], datetime]
    ) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._answers = answers
        self._clock = clock

    # ------------------------------------------------------------ commands

    async def remind(self, message: Message, user: User) -> None:
        """Offers the open deadlines of the notice that the talk is about, or the notices that have some."""
        notice = await self._notice_in_question(message, user)
        if notice is not None:
            await self.offer_deadlines(message, notice)
            return
        notices = [notice for notice, _ in await asyncio.to_thread(self._with_open_deadlines)]
        if not notices:
            await _say(message, messages.REMIND_NONE_AT_ALL)
            return
        if len(notices) == 1:
            await self.offer_deadlines(message, notices[0])
            return
        await _say(
            message,
            messages.REMIND_WHICH_NOTICE,
            _of_notices(notices[:NOTICES_OFFERED], Action.REMIND_NOTICE),
        )

    async def offer_deadlines(self, message: Message, notice: Notice) -> None:
        """The open deadlines of one notice, a button each."""
        deadlines = await asyncio.to_thread(self._open_deadlines, notice.id)
        if not deadlines:
            await _say(message, messages.REMIND_NONE.format(title=notice.title))
            return
        buttons = [
            (
                messages.REMIND_DEADLINE_BUTTON.format(what=what(deadline), day=day_words(deadline)),
                Press(Action.REMIND, short_id(notice.id) + deadline.id),
            )
            for deadline in deadlines
        ]
        await _say(message, messages.REMIND_WHICH.format(title=notice.title), column(buttons))

    async def reminders(self, message: Message, user: User) -> None:
        own = await self._stores.run(self._stores.recipients.reminders, user.id)
        if not own:
            await _say(message, messages.REMINDERS_NONE)
            return
        buttons = [
            (
                messages.REMINDER_BUTTON.format(
                    what=what(reminder.deadline), day=day_words(reminder.deadline)
                ),
                Press(Action.DROP_REMINDER, reminder.id),
            )
            for reminder in own
        ]
        await _say(message, messages.REMINDERS_TITLE, column(buttons))

    async def time_zone(self, message: Message, user: User, name: str) -> None:
        if name:
            await self._set_zone(message, user, name)
            return
        zone = await self._stores.run(self._stores.recipients.time_zone, user.id)
        buttons = [
            (words, Press(Action.ZONE, str(number))) for number, words in enumerate(messages.ZONES.values())
        ]
        await _say(message, messages.ZONE_TITLE.format(zone=zone_words(zone)), column(buttons))

    async def subscribe(self, message: Message, user: User) -> None:
        notice = await self._notice_in_question(message, user)
        notices = [notice] if notice else list(await asyncio.to_thread(self._catalogue.notices))
        if not notices:
            await _say(message, messages.NOTICES_NONE)
            return
        await _say(
            message, messages.SUBSCRIBE_WHICH, _of_notices(notices[:NOTICES_OFFERED], Action.SUBSCRIBE)
        )

    async def unsubscribe(self, message: Message, user: User) -> None:
        own = await self._stores.run(self._stores.recipients.subscriptions, user.id)
        if not own:
            await _say(message, messages.UNSUBSCRIBE_NONE)
            return
        titles = {notice.id: notice.title for notice in await asyncio.to_thread(self._catalogue.notices)}
        buttons = [
            (titles.get(notice_id, notice_id), Press(Action.UNSUBSCRIBE, short_id(notice_id)))
            for notice_id in own
        ]
        await _say(message, messages.UNSUBSCRIBE_WHICH, column(buttons))

    # ------------------------------------------------------------ presses

    async def press(self, message: Message, user: User, press: Press) -> None:
        """A press of one of the buttons above, by the person whose private chat it is."""
        match press.action:
            case Action.REMIND_NOTICE:
                notice = await self._notice(press.id)
                if notice is None:
                    await _say(message, messages.NOTICE_GONE)
                else:
                    await self.offer_deadlines(message, notice)
            case Action.REMIND:
                await self._set_reminder(message, user, press.id)
            case Action.DROP_REMINDER:
                dropped = await self._stores.run(self._stores.recipients.drop_reminder, user.id, press.id)
                await _say(message, messages.REMINDER_DROPPED if dropped else messages.EXPIRED)
            case Action.ZONE:
                names = list(messages.ZONES)
                number = int(press.id) if press.id.isdecimal() else len(names)
                await self._set_zone(message, user, names[number] if number < len(names) else press.id)
            case Action.SUBSCRIBE:
                await self._subscribe(message, user, press.id)
            case Action.UNSUBSCRIBE:
                await self._unsubscribe(message, user, press.id)

    async def _set_reminder(self, message: Message, user: User, ids: str) -> None:
        notice = await self._notice(ids[:10])
        found = await asyncio.to_thread(self._open_deadlines, notice.id) if notice else ()
        deadline = next((each for each in found if each.id == ids[10:]), None)
        if deadline is None:
            await _say(message, messages.REMIND_GONE)
            return
        try:
            _, moments = await self._stores.run(
                self._stores.recipients.remind, user.id, self._hash(user), deadline
            )
        except TooMany:
            await _say(message, messages.REMIND_TOO_MANY.format(n=MOST_REMINDERS, command="/reminders"))
            return
        zone = await self._stores.run(self._stores.recipients.time_zone, user.id)
        words = {"deadline": deadline_words(deadline), "zone": zone_words(zone)}
        if moments:
            days = "、".join(_moment_words(moment, zone) for moment in moments)
            await _say(message, messages.REMIND_DONE.format(moments=days, **words))
        else:
            await _say(message, messages.REMIND_TOO_LATE.format(**words))

    async def _set_zone(self, message: Message, user: User, name: str) -> None:
        zone = zone_from(name)
        if zone is None:
            await _say(message, messages.ZONE_UNKNOWN.format(name=name[:40]))
            return
        await self._stores.run(self._stores.recipients.set_time_zone, user.id, self._hash(user), zone)
        await _say(message, messages.ZONE_DONE.format(zone=zone_words(zone)))

    async def _subscribe(self, message: Message, user: User, short: str) -> None:
        notice = await self._notice(short)
        if notice is None:
            await _say(message, messages.NOTICE_GONE)
            return
        try:
            await self._stores.run(self._stores.recipients.subscribe, user.id, self._hash(user), notice.id)
        except TooMany:
            await _say(message, messages.REMIND_TOO_MANY.format(n=MOST_SUBSCRIPTIONS, command="/unsubscribe"))
            return
        await _say(message, messages.SUBSCRIBE_DONE.format(title=notice.title))

    async def _unsubscribe(self, message: Message, user: User, short: str) -> None:
        own = await self._stores.run(self._stores.recipients.subscriptions, user.id)
        for notice_id in own:
            if short_id(notice_id) == short:
                await self._stores.run(self._stores.recipients.unsubscribe, user.id, notice_id)
                await _say(message, messages.UNSUBSCRIBE_DONE)
                return
        await _say(message, messages.EXPIRED)

    # ------------------------------------------------------------ which notice, which deadlines

    async def _notice_in_question(self, message: Message, user: User) -> Notice | None:
        """The notice of the answer that is replied to, of the last answer, or the one chosen by hand."""
        replied = message.reply_to_message
        key = conversation_key(message, user.id)
        question_id = (
            keyboards.question_id_in(replied.reply_markup) if replied else None
        ) or self._answers.last_question_id(key)
        notice_ids: tuple[str, ...] = ()
        if question_id:
            logged = await self._stores.run(self._stores.question_log.get, question_id)
            notice_ids = logged.notice_ids if logged else ()
        if not notice_ids:
            chosen = (await self._stores.run(self._stores.conversations.get, key)).notice_id
            notice_ids = (chosen,) if chosen else ()
        notices = {notice.id: notice for notice in await asyncio.to_thread(self._catalogue.notices)}
        return next((notices[each] for each in notice_ids if each in notices), None)

    async def _notice(self, short: str) -> Notice | None:
        notices = await asyncio.to_thread(self._catalogue.notices)
        return next((notice for notice in notices if short_id(notice.id) == short), None)

    def _open_deadlines(self, notice_id: str) -> tuple[Deadline, ...]:
        today = day_in_china(self._clock())
        return tuple(each for each in self._catalogue.deadlines(notice_id) if each.day >= today)

    def _with_open_deadlines(self) -> list[tuple[Notice, tuple[Deadline, ...]]]:
        found = [(notice, self._open_deadlines(notice.id)) for notice in self._catalogue.notices()]
        return [(notice, deadlines) for notice, deadlines in found if deadlines]

    def _hash(self, user: User) -> str:
        return self._stores.question_log.user_hash(str(user.id))


# ---------------------------------------------------------------- words


def zone_from(name: str) -> ZoneInfo | None:
    """The zone of a name of the IANA data base; None for any other name."""
    if not _ZONE_NAME.fullmatch(name) or len(name) > 40:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_words(zone: ZoneInfo) -> str:
    return messages.ZONES.get(zone.key, zone.key)


def what(deadline: Deadline) -> str:
    """Who must do what: `申报主体完成线上申报`; the section where the notice says neither."""
    act = deadline.act if len(deadline.act) <= WORDS_OF_ACT else deadline.act[: WORDS_OF_ACT - 1] + "…"
    return f"{deadline.actor}{act}" or deadline.section or messages.DEADLINE_WITHOUT_ACT


def day_words(deadline: Deadline) -> str:
    day = deadline.day
    clock = f" {deadline.value[11:]}" if "T" in deadline.value else ""
    return f"{day.year}年{day.month}月{day.day}日{clock}"


def deadline_words(deadline: Deadline) -> str:
    return messages.DEADLINE.format(title=deadline.notice, what=what(deadline), day=day_words(deadline))


def _moment_words(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.month}月{local.day}日{local.hour}点"


def _of_notices(notices: Sequence[Notice], action: Action) -> InlineKeyboardMarkup:
    return column((notice.title, Press(action, short_id(notice.id))) for notice in notices)


async def _say(message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    await send_parts(message, text_to_html(text), keyboard)
