"""Message -> whose conversation it belongs to, and the question in it that is meant for the bot."""

from __future__ import annotations

import re
from typing import Final

from telegram import Message, MessageEntity

_ASK_COMMAND: Final = re.compile(r"^/ask(@\w+)?\s*", re.IGNORECASE)
GENERAL_TOPIC: Final = 1
"""Typing in a forum's General topic must name it; a message there must not."""


def topic_of(message: Message) -> int | None:
    """The forum topic; None elsewhere: a thread id alone may be no more than a chain of replies."""
    return message.message_thread_id if message.is_topic_message else None


def typing_topic_of(message: Message) -> int | None:
    return topic_of(message) or (GENERAL_TOPIC if message.chat.is_forum else None)


def conversation_key(message: Message, user_id: int) -> str:
    """One conversation a person, chat and topic, so that nothing of a private chat shows in a group."""
    return f"telegram:{message.chat_id}:{topic_of(message) or 0}:{user_id}"


def asked_by_command(message: Message) -> str:
    """The words after /ask; where there are none, those of the message it replies to."""
    return _ASK_COMMAND.sub("", message.text or "").strip() or _text_replied_to(message)


def asked_in_group(message: Message, bot_id: int, username: str) -> str | None:
    """The question of a group message that mentions the bot or replies to it; None where it does neither."""
    mentions = message.parse_entities([MessageEntity.MENTION]).values()
    mentioned = any(mention.casefold() == f"@{username}".casefold() for mention in mentions)
    if not mentioned and not _replies_to(message, bot_id):
        return None
    text = re.sub(rf"@{re.escape(username)}\b", " ", message.text or "", flags=re.IGNORECASE).strip()
    return text or _text_replied_to(message)


def _replies_to(message: Message, user_id: int) -> bool:
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.forum_topic_created:
        return False
    return replied.from_user.id == user_id


def _text_replied_to(message: Message) -> str:
    replied = message.reply_to_message
    return (replied.text or replied.caption or "").strip() if replied else ""
