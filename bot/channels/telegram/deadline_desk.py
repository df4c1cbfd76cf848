"""/deadlines: what is still to be handed in, soonest first, and the same as a calendar file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from telegram import Message

from bot.agenda import Agenda, agenda_lines
from bot.calendar_file import FILE_NAME, calendar_of
from bot.catalogue import Catalogue
from bot.channels.telegram import messages
from bot.channels.telegram.delivery import send_parts
from bot.channels.telegram.keyboards import ALL_NOTICES, Action, Press, column, short_id
from bot.channels.telegram.rendering import text_to_html
from bot.today import day_in_china

SHOWN: Final = 20
NOTICES_OFFERED: Final = 6


class DeadlineDesk:
    """Nothing here is about a person: it works in groups as well."""

    def __init__(self, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._clock = clock

    async def deadlines(self, message: Message) -> None:
        """The open deadlines, a line each, with a button for the calendar file of all and of each notice."""
        found = await self._agenda(None)
        shown = Agenda(found.today, found.items[:SHOWN], found.passed, found.undated)
        lines = [f"• {line}" if n < len(shown.items) else line for n, line in enumerate(agenda_lines(shown))]
        if len(found.items) > SHOWN:
            lines.insert(SHOWN, messages.DEADLINES_MORE.format(n=len(found.items) - SHOWN))
        titles = {item.deadline.notice_id: item.deadline.notice for item in found.items}
        buttons = [(messages.ICS_ALL, Press(Action.CALENDAR, ALL_NOTICES))] if found.items else []
        if len(titles) > 1:
            buttons += [
                (messages.ICS_ONE.format(title=title), Press(Action.CALENDAR, short_id(notice_id)))
                for notice_id, title in list(titles.items())[:NOTICES_OFFERED]
            ]
        await send_parts(message, text_to_html("\n".join(lines)), column(buttons) if buttons else None)

    async def press(self, message: Message, press: Press) -> None:
        """Sends the calendar file of all notices or of one."""
        notice_id = None
        if press.id != ALL_NOTICES:
            notices = await asyncio.to_thread(self._catalogue.notices)
            notice_id = next((each.id for each in notices if short_id(each.id) == press.id), None)
            if notice_id is None:
                await send_parts(message, text_to_html(messages.NOTICE_GONE))
                return
        found = await self._agenda(notice_id)
        if not found.items:
            await send_parts(message, text_to_html(messages.DEADLINES_NONE))
            return
        document = calendar_of(found.items, self._clock())
        caption = messages.ICS_CAPTION.format(n=len(found.items))
        await message.reply_document(document, filename=FILE_NAME, caption=caption)

    async def _agenda(self, notice_id: str | None) -> Agenda:
        return await asyncio.to_thread(self._catalogue.agenda, day_in_china(self._clock()), notice_id)
