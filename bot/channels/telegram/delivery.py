"""Message parts -> Telegram, each at most once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from telegram import InlineKeyboardMarkup, Message
from telegram.error import BadRequest, NetworkError

from bot.channels.telegram.rendering import html_to_plain
from bot.channels.telegram.requests import fate_unknown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the parts of a message."""

    message_ids: tuple[int, ...]
    """Of the parts that Telegram confirmed."""
    doubtful: bool = False
    """True where a part may or may not have arrived."""


async def send_parts(
    message: Message, parts: Sequence[str], keyboard: InlineKeyboardMarkup | None = None
) -> Delivery:
    """Answers `message` with the parts in order, the keyboard under the last; in groups each quotes it.

    Raises TelegramError where a part was certainly not delivered.
    """
    sent = [
        await _send_part(message, part, keyboard if number == len(parts) else None)
        for number, part in enumerate(parts, 1)
    ]
    return Delivery(tuple(each for each in sent if each is not None), None in sent)


async def replace_parts(
    message: Message,
    earlier: Sequence[int],
    parts: Sequence[str],
    keyboard: InlineKeyboardMarkup | None = None,
) -> Delivery:
    """Writes the parts over the `earlier` answer to `message`; what is more is sent, what was more is deleted.

    Raises TelegramError where a part was certainly not delivered.
    """
    for message_id, part in zip(earlier, parts, strict=False):
        under = keyboard if part is parts[-1] else None
        await _edit_part(message, message_id, part, under)
    for message_id in earlier[len(parts) :]:
        try:
            await message.get_bot().delete_message(message.chat_id, message_id)
        except BadRequest as error:
            log.debug("a part of an earlier answer stays: %s", error.message)
    more = await send_parts(message, parts[len(earlier) :], keyboard)
    return Delivery((*earlier[: len(parts)], *more.message_ids), more.doubtful)


async def _edit_part(
    message: Message, message_id: int, part: str, keyboard: InlineKeyboardMarkup | None
) -> None:
    edit = partial(
        message.get_bot().edit_message_text,
        chat_id=message.chat_id,
        message_id=message_id,
        reply_markup=keyboard,
    )
    try:
        await edit(part)
    except BadRequest as error:
        reason = error.message.lower()
        if "not modified" in reason:
            return
        if "can't parse entities" not in reason:
            raise
        log.error("Telegram refused our mark-up, sent as plain text: %s", error.message)
        await edit(html_to_plain(part), parse_mode=None)


async def _send_part(message: Message, part: str, keyboard: InlineKeyboardMarkup | None) -> int | None:
    """The id of the sent message; None where its fate is unknown."""
    try:
        return (await message.reply_text(part, reply_markup=keyboard)).message_id
    except BadRequest as error:
        if "can't parse entities" not in error.message.lower():
            raise
        log.error("Telegram refused our mark-up, sent as plain text: %s", error.message)
    except NetworkError as error:
        if not fate_unknown(error):
            raise
        log.warning("no reply to a sent message, not sent again: %s", error.message)
        return None
    plain = html_to_plain(part)
    return (await message.reply_text(plain, parse_mode=None, reply_markup=keyboard)).message_id
