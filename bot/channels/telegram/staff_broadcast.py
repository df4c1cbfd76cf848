"""/broadcast: what a newer version says otherwise -> those who subscribed to the notice, after a confirmation.

The messages go through the outbox, as reminders do: within the limits of Telegram, at a decent hour of each
reader, once each, and on after a restart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, Final, TypeVar

from telegram import Bot, InlineKeyboardMarkup, Message
from telegram.error import TelegramError

from bot.channels.telegram import staff_messages as words
from bot.channels.telegram.courier import changes_text
from bot.channels.telegram.rendering import text_to_html
from bot.channels.telegram.staff import (
    Context,
    Member,
    PressHandling,
    StaffAction,
    StaffPress,
    drop_buttons,
    say,
    staff_keyboard,
)
from bot.channels.telegram.staff_progress import Tasks
from bot.channels.telegram.staff_receipts import local_time
from bot.errors import UploadError
from bot.questions.announcements import Announcement, Announcements
from bot.questions.audit import Audit
from bot.questions.outbox import Outbox, State
from bot.questions.recipients import Recipients, change_key

log = logging.getLogger(__name__)
T = TypeVar("T")

WATCHED_SECONDS: Final = 60.0
"""So long the sending is shown; after that /broadcast tells how far it is."""
SECONDS_BETWEEN_LOOKS: Final = 3.0
LABEL_CHARACTERS: Final = 40


class StaffBroadcast:
    """The handlers of /broadcast and its buttons."""

    def __init__(
        self,
        announcements: Announcements,
        recipients: Recipients,
        outbox: Outbox,
        audit: Audit,
        executor: Executor,
    ) -> None:
        self._announcements = announcements
        self._recipients = recipients
        self._outbox = outbox
        self._audit = audit
        self._executor = executor
        self._bot: Bot | None = None
        self._members: frozenset[int] = frozenset()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks = Tasks()

    def open(self, bot: Bot, members: frozenset[int]) -> None:
        """From now on staff are asked as soon as something is held."""
        self._bot, self._members, self._loop = bot, members, asyncio.get_running_loop()

    def close(self) -> None:
        """Ends what only shows how far the sending is."""
        self._loop = None
        self._tasks.cancel()

    def hold(self, version: str, notice_id: str, title: str, lines: Sequence[str]) -> None:
        """Keeps a notice's changes until staff decide, and asks them once; called from any thread."""
        if self._announcements.note(version, notice_id, title, lines) and self._loop:
            self._loop.call_soon_threadsafe(lambda: self._tasks.start(self._ask_staff(version, notice_id)))

    async def _ask_staff(self, version: str, notice_id: str) -> None:
        """Asks every member; where nobody has subscribed there is nothing to ask."""
        change = await self._in_thread(self._announcements.find, version, notice_id)
        people = await self._in_thread(self._recipients.subscribers, notice_id)
        if change is None or not people or self._bot is None:
            return
        text, keyboard = _question(change, len(people))
        for member in sorted(self._members):
            try:
                parts = text_to_html(text)
                for part in parts:
                    under = keyboard if part is parts[-1] else None
                    await self._bot.send_message(member, part, reply_markup=under)
            except TelegramError as error:
                log.info("a member was not asked: %s", error.message)

    @property
    def presses(self) -> dict[StaffAction, PressHandling]:
        return {
            StaffAction.BROADCAST_PICK: self._ask,
            StaffAction.BROADCAST_SEND: self._send,
            StaffAction.BROADCAST_DROP: self._drop,
        }

    async def broadcast(self, member: Member, message: Message, context: Context) -> None:
        """Lists the latest changes: those that nobody was told of can be picked."""
        recent = await self._in_thread(self._announcements.recent)
        if not recent:
            await say(message, words.BROADCAST_NONE)
            return
        lines = [words.BROADCAST_TITLE]
        for number, change in enumerate(recent, 1):
            lines.append(words.BROADCAST_LINE.format(number=number, title=change.title, n=len(change.lines)))
            lines.append("   " + await self._state(change))
        buttons = [
            [(_label(number, change), StaffPress(StaffAction.BROADCAST_PICK, str(change.id)))]
            for number, change in enumerate(recent, 1)
            if change.decided_at is None
        ]
        await say(message, "\n".join(lines), staff_keyboard(*buttons) if buttons else None)

    async def _state(self, change: Announcement) -> str:
        if change.decided_at is None:
            people = len(await self._in_thread(self._recipients.subscribers, change.notice_id))
            return words.BROADCAST_OPEN.format(people=people)
        at = local_time(change.decided_at)
        if not change.sent:
            return words.BROADCAST_DROPPED.format(at=at)
        return words.BROADCAST_TOLD.format(at=at) + await self._in_thread(self._how_far, change)

    def _how_far(self, change: Announcement) -> str:
        counts = self._outbox.counts(change_key(change.version, change.notice_id))
        return words.BROADCAST_SO_FAR.format(
            sent=counts.get(State.SENT, 0), all=sum(counts.values()) - counts.get(State.CANCELLED, 0)
        )

    async def _ask(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        """Shows the words that people will get, and how many people that is."""
        change = await self._change(press)
        people = len(await self._in_thread(self._recipients.subscribers, change.notice_id))
        if not people:
            text = changes_text(change.title, change.lines)
            await say(message, words.BROADCAST_NOBODY.format(text=text))
            return
        await say(message, *_question(change, people))

    async def _send(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        change = await self._change(press)
        await drop_buttons(message)
        # The messages are put down first: if the process ends between the two, a second press adds none.
        people = await self._in_thread(
            self._recipients.tell_subscribers, change.version, change.notice_id, change.title, change.lines
        )
        await self._in_thread(lambda: self._announcements.decide(change.id, member.actor, sent=True))
        subject = f"{change.notice_id}@{change.version}"
        await self._in_thread(
            self._audit.record,
            member.actor,
            "broadcast.sent",
            subject,
            "",
            f"{people}\n" + "\n".join(change.lines),
        )
        shown = await message.reply_text(text_to_html(words.BROADCAST_SENDING.format(people=people))[0])
        self._tasks.start(self._watch(shown, change))

    async def _drop(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        change = await self._change(press)
        await drop_buttons(message)
        await self._in_thread(lambda: self._announcements.decide(change.id, member.actor, sent=False))
        subject = f"{change.notice_id}@{change.version}"
        await self._in_thread(self._audit.record, member.actor, "broadcast.dropped", subject)
        await say(message, words.BROADCAST_NOT_SENT)

    async def _watch(self, shown: Message, change: Announcement) -> None:
        """Edits the message until everything has left, or for so long as somebody may be looking."""
        loop = asyncio.get_running_loop()
        end, last = loop.time() + WATCHED_SECONDS, ""
        while loop.time() < end:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            counts = await self._in_thread(self._outbox.counts, change_key(change.version, change.notice_id))
            text = words.BROADCAST_PROGRESS.format(state=self._how_far(change))
            if text != last:
                last = text
                await shown.edit_text(text_to_html(text)[0])
            if not {State.WAITING, State.SENDING, State.DOUBTFUL} & counts.keys():
                return

    async def _change(self, press: StaffPress) -> Announcement:
        found = (
            await self._in_thread(self._announcements.get, int(press.id)) if press.id.isdecimal() else None
        )
        if found is None or found.decided_at is not None:
            raise UploadError(words.BROADCAST_DONE)
        return found

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)


def _question(change: Announcement, people: int) -> tuple[str, InlineKeyboardMarkup]:
    """The words that people will get, how many people that is, and the buttons to decide."""
    send = StaffPress(StaffAction.BROADCAST_SEND, str(change.id), str(people))
    keyboard = staff_keyboard(
        [
            (words.BROADCAST_SURE.format(people=people), send),
            (words.BROADCAST_NO, StaffPress(StaffAction.BROADCAST_DROP, str(change.id))),
        ]
    )
    text = changes_text(change.title, change.lines)
    return words.BROADCAST_ASK.format(people=people, text=text), keyboard


def _label(number: int, change: Announcement) -> str:
    label = f"{words.TELL_SUBSCRIBERS} {number}. {change.title}"
    return label if len(label) <= LABEL_CHARACTERS else label[: LABEL_CHARACTERS - 1] + "…"
