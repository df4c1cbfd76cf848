"""Words behind the bot's name in any chat -> clauses to cite there. Nothing of a person is read or kept."""

from __future__ import annotations

import asyncio
import html
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
)
from telegram.error import TelegramError

from bot.catalogue import Catalogue, CitedClause
from bot.channels.telegram import messages
from bot.channels.telegram.question_queue import QuestionQueue, QueueFull
from bot.channels.telegram.rendering import without_invisible
from bot.today import day_in_china

log = logging.getLogger(__name__)

RESULTS: Final = 10
CACHE_SECONDS: Final = 300
"""Telegram repeats an answer for so long to everybody who types the same words."""
REMEMBERED: Final = 500
DESCRIPTION_CHARACTERS: Final = 120
QUOTE_CHARACTERS: Final = 1500


class InlineDesk:
    """Answers inline queries; the newest of a person's only, since a client sends one a keystroke."""

    def __init__(self, catalogue: Catalogue, queue: QuestionQueue, clock: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._queue = queue
        self._clock = clock
        self._newest: OrderedDict[int, str] = OrderedDict()
        self._found: OrderedDict[tuple[str, str], tuple[CitedClause, ...]] = OrderedDict()

    async def answer(self, query: InlineQuery, username: str) -> None:
        words = " ".join(query.query.split())[:256]
        person = query.from_user.id
        self._newest[person] = query.id
        self._newest.move_to_end(person)
        if len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)
        clauses = await self._clauses(words, person, query.id) if words else ()
        if clauses is None:
            return  # a newer query of this person has come, which its client waits for
        results = [article(clause, username) for clause in clauses]
        await _reply(query, results, CACHE_SECONDS, messages.INLINE_OPEN)

    async def refuse(self, query: InlineQuery) -> None:
        await _reply(query, [], 0, messages.INLINE_TOO_MANY)

    async def _clauses(self, words: str, person: int, query_id: str) -> tuple[CitedClause, ...] | None:
        key = (await asyncio.to_thread(lambda: self._catalogue.version), words.casefold())
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        look = partial(self._catalogue.clauses, words, today=day_in_china(self._clock()), limit=RESULTS)
        try:
            found = await self._queue.run(
                f"inline:{person}", lambda: look() if self._newest.get(person) == query_id else None
            )
        except (QueueFull, TimeoutError):
            return None
        if found is not None:
            self._found[key] = found
            if len(self._found) > REMEMBERED:
                self._found.popitem(last=False)
        return found


def article(clause: CitedClause, username: str) -> InlineQueryResultArticle:
    """One clause to choose, and the message that it becomes: quote, notice, section, a link to the whole."""
    text = without_invisible(clause.text)
    short = text if len(text) <= QUOTE_CHARACTERS else text[:QUOTE_CHARACTERS] + "……"
    place = html.escape(f"《{clause.document}》{clause.section}", quote=False)
    link = f"https://t.me/{username}?start=c_{clause.link}"
    content = InputTextMessageContent(
        f"<blockquote>{html.escape(short, quote=False)}</blockquote>\n—— {place}"
    )
    return InlineQueryResultArticle(
        clause.link,
        f"{clause.section} 《{clause.document}》".strip()[:120],
        content,
        description=text[:DESCRIPTION_CHARACTERS],
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton(messages.INLINE_LINK, url=link)]]),
    )


async def _reply(
    query: InlineQuery, results: list[InlineQueryResultArticle], cache_seconds: int, button: str
) -> None:
    try:
        await query.answer(
            results,
            cache_time=cache_seconds,
            is_personal=False if results else None,
            button=None if results else InlineQueryResultsButton(button, start_parameter="inline"),
        )
    except TelegramError as error:
        log.debug("an inline query was not answered: %s", error.message)
