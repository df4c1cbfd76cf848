"""What staff may do -> handlers behind the door, menus for staff alone, and what a restart must take up again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from telegram import Bot
from telegram.ext import Application, CommandHandler, MessageHandler, filters

from bot.channels.telegram import messages
from bot.channels.telegram import staff_messages as words
from bot.channels.telegram.staff import Door, remove_staff_menu, set_staff_menu
from bot.channels.telegram.staff_broadcast import StaffBroadcast
from bot.channels.telegram.staff_index import StaffIndex
from bot.channels.telegram.staff_receipts import some_of
from bot.channels.telegram.staff_reports import Drafts, Report, StaffReports
from bot.channels.telegram.staff_uploads import ALBUM_SECONDS, StaffUploads, names_new_folder
from bot.publishing import Publishing
from bot.questions.announcements import Announcements
from bot.questions.audit import Audit
from bot.questions.database import Database
from bot.questions.heartbeat import Heartbeats
from bot.questions.inbox import Inbox
from bot.questions.menus import StaffMenus
from bot.questions.outbox import Outbox
from bot.questions.recipients import Recipients

THREADS: Final = 4
"""One builds; the others serve the staff's lists meanwhile."""
MENU_PAUSE_SECONDS: Final = 60.0
HEARTBEAT: Final = "telegram"
"""The name under which the service notes that Telegram was heard."""


@dataclass(frozen=True, slots=True)
class StaffWork:
    """What the desk works with, beside the database."""

    publishing: Publishing
    drafts: Drafts
    report: Report
    held_back: Callable[[], Sequence[str]] = tuple
    """Questions of the FAQ entries that are not used because their clauses have changed."""


class StaffDesk:
    """Everything that only staff may do in Telegram."""

    def __init__(
        self,
        staff: frozenset[int],
        work: StaffWork,
        database: Database,
        clock: Callable[[], datetime],
        open_questions: Callable[[], int],
        album_seconds: float = ALBUM_SECONDS,
    ) -> None:
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="staff")
        self._inbox = Inbox(database, clock)
        self._door = Door(staff, self._settle)
        self._menus = StaffMenus(database)
        self._heartbeats = Heartbeats(database, clock)
        self._announcements = Announcements(database, clock)
        self._held_back = work.held_back
        self._open_questions = open_questions
        self._clock = clock
        audit = Audit(database, clock)
        self._uploads = StaffUploads(work.publishing, audit, clock, self._executor, album_seconds)
        self._index = StaffIndex(work.publishing, audit, self._executor, self._more_status)
        self._reports = StaffReports(work.report, work.drafts, clock, self._executor)
        self._broadcast = StaffBroadcast(
            self._announcements,
            Recipients(database, clock),
            Outbox(database, clock),
            audit,
            self._executor,
        )

    def add_handlers(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Adds the handlers; to be called before those for everybody, which take what is left."""
        door = self._door
        commands = {
            "status": self._index.status,
            "refresh": self._index.refresh,
            "rollback": self._index.rollback,
            "broadcast": self._broadcast.broadcast,
            **self._reports.commands,
        }
        for command, handle in commands.items():
            application.add_handler(CommandHandler(command, door.for_messages(handle), filters=door.typed()))
        application.add_handler(
            MessageHandler(
                door.sent() & filters.Document.ALL,
                door.for_messages(self._uploads.document, typed=False, repeatable=True),
            )
        )
        application.add_handler(
            MessageHandler(door.sent() & filters.PHOTO, door.for_messages(self._uploads.picture, typed=False))
        )
        application.add_handler(
            MessageHandler(
                door.typed() & filters.TEXT & ~filters.COMMAND & _NamesNewFolder(),
                door.for_messages(self._uploads.folder_name),
            )
        )
        presses = {
            **self._uploads.presses,
            **self._index.presses,
            **self._reports.presses,
            **self._broadcast.presses,
        }
        application.add_handler(door.for_presses(presses))

    async def open(self, bot: Bot) -> None:
        """After the start: interrupted uploads, menus for staff, none for those who left."""
        self._broadcast.open(bot, self._door.ids)
        menu = {**words.COMMANDS, **messages.PRIVATE_COMMANDS["zh"]}
        loop = asyncio.get_running_loop()
        former = await loop.run_in_executor(self._executor, self._menus.shown)
        gone = [each for each in former - self._door.ids if await remove_staff_menu(bot, each)]
        await self._uploads.resume(bot)
        shown = former - set(gone)
        missing = set(self._door.ids)
        while missing:  # a chat exists once its member has started the bot
            done = {each for each in sorted(missing) if await set_staff_menu(bot, each, menu)}
            shown, missing = shown | done, missing - done
            await loop.run_in_executor(self._executor, self._menus.keep, shown)
            if missing:
                await asyncio.sleep(MENU_PAUSE_SECONDS)

    def hold(self, version: str, notice_id: str, title: str, lines: Sequence[str]) -> None:
        """Keeps a notice's changes until staff decide, and asks them; called from any thread, any number of times."""
        self._broadcast.hold(version, notice_id, title, lines)

    def _more_status(self) -> list[str]:
        """How the running bot fares, and what waits for staff."""
        lines = [words.STATUS_QUEUE.format(count=self._open_questions())]
        if beat := self._heartbeats.last(HEARTBEAT):
            seconds = max(0, round((self._clock() - beat.at).total_seconds()))
            lines.append(words.STATUS_HEARD.format(seconds=seconds))
        if undecided := sum(change.decided_at is None for change in self._announcements.recent()):
            lines.append(words.STATUS_UNDECIDED.format(count=undecided))
        if held := self._held_back():
            lines.append(words.STATUS_HELD.format(entries=some_of(held)))
        return lines

    async def _settle(self, update_id: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._inbox.settle, update_id)

    def close(self) -> None:
        """Takes no more work; a build that runs is finished before the process ends."""
        self._uploads.close()
        self._broadcast.close()
        self._executor.shutdown(wait=False, cancel_futures=True)


class _NamesNewFolder(filters.MessageFilter):
    def filter(self, message: Any) -> bool:
        return names_new_folder(message)
