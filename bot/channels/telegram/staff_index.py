"""/status, /refresh, /rollback: what is published, and staff's acts on the whole index."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

from telegram import Message

from bot.channels.telegram import staff_messages as words
from bot.channels.telegram.keyboards import short_id
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
from bot.channels.telegram.staff_progress import with_progress
from bot.channels.telegram.staff_receipts import refreshed_lines, status_lines
from bot.channels.telegram.staff_uploads import file_lines, sure_keyboard
from bot.errors import UploadError
from bot.publishing import Publishing
from bot.questions.audit import Audit

T = TypeVar("T")

Facts = Callable[[], Sequence[str]]
"""Lines about another part of the running bot: its polling, its queue, held-back FAQ entries."""


class StaffIndex:
    """The handlers of the commands that act on the whole index."""

    def __init__(
        self, publishing: Publishing, audit: Audit, executor: Executor, more_status: Facts = tuple
    ) -> None:
        self._publishing = publishing
        self._audit = audit
        self._executor = executor
        self._more_status = more_status

    @property
    def presses(self) -> dict[StaffAction, PressHandling]:
        return {StaffAction.ROLLBACK_SURE: self._roll_back, StaffAction.NO: self._leave}

    async def status(self, member: Member, message: Message, context: Context) -> None:
        status = await self._in_thread(self._publishing.status)
        lines = [*status_lines(status), *await self._in_thread(self._more_status)]
        buttons = [
            [(words.CONTINUE.format(number=number), StaffPress(StaffAction.CONTINUE, upload.id))]
            for number, upload in enumerate(status.pending, 1)
        ]
        await say(message, "\n".join(lines), staff_keyboard(*buttons) if buttons else None)

    async def refresh(self, member: Member, message: Message, context: Context) -> None:
        receipt = await with_progress(
            message,
            self._executor,
            words.REFRESHING,
            lambda tell: self._publishing.refresh(member.name, tell),
        )
        await self._note(member, "index.refreshed", receipt.version, "unchanged" * receipt.unchanged)
        await say(message, "\n".join(refreshed_lines(receipt)))

    async def rollback(self, member: Member, message: Message, context: Context) -> None:
        """Asks for confirmation; a version that an upload made is rolled back together with its files."""
        upload = await self._in_thread(self._publishing.upload_of_current_version)
        if upload:
            text = words.ROLLBACK_UPLOAD.format(by=upload.by_name, files=file_lines(upload))
            await say(message, text, sure_keyboard(upload))
            return
        current, previous = await self._in_thread(self._publishing.current_and_previous)
        if not previous:
            await say(message, words.ROLLBACK_NONE)
            return
        sure = StaffPress(StaffAction.ROLLBACK_SURE, short_id(current))
        keyboard = staff_keyboard([(words.SURE, sure), (words.NO, StaffPress(StaffAction.NO))])
        await say(message, words.ROLLBACK_SURE.format(previous=previous, current=current), keyboard)

    async def _roll_back(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        current, _ = await self._in_thread(self._publishing.current_and_previous)
        if short_id(current) != press.id:  # another version has been published since the question
            raise UploadError(words.EXPIRED)
        await drop_buttons(message)
        version = await self._in_thread(self._publishing.roll_back, member.name)
        await self._note(member, "index.rolled_back", version, current)
        await say(message, words.ROLLED_BACK.format(version=version))

    async def _leave(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        await drop_buttons(message)
        await say(message, words.KEPT_AS_IS)

    async def _note(self, member: Member, action: str, version: str, before: str = "") -> None:
        await self._in_thread(self._audit.record, member.actor, action, "index", before, version)

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)
