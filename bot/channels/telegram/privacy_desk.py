"""/privacy, /my_data, /forget_me: what is kept of a person, and its end."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from telegram import InlineKeyboardMarkup, Message, User

from bot.channels.telegram import messages
from bot.channels.telegram.addressing import conversation_key
from bot.channels.telegram.answers import Answers
from bot.channels.telegram.delivery import send_parts
from bot.channels.telegram.keyboards import Action, Press, column
from bot.channels.telegram.rendering import text_to_html
from bot.channels.telegram.stores import Stores
from bot.questions.privacy import CONVERSATION_DAYS

YES: Final = "yes"
FILE_NAME: Final = "my_data.json"


class PrivacyDesk:
    """Works in private chats only."""

    def __init__(self, stores: Stores, answers: Answers, retention_days: int) -> None:
        self._stores = stores
        self._answers = answers
        self._retention_days = retention_days

    async def privacy(self, message: Message) -> None:
        kept = messages.KEPT_DAYS.format(days=self._retention_days)
        text = messages.PRIVACY.format(
            questions=kept if self._retention_days else messages.KEPT_FOR_GOOD,
            conversations=min(CONVERSATION_DAYS, self._retention_days or CONVERSATION_DAYS),
        )
        await _say(message, text)

    async def my_data(self, message: Message, user: User, now: datetime) -> None:
        """Sends all that is kept of a person as a JSON document."""
        found = await self._stores.run(self._stores.personal_data.export, self._hash(user), user.id)
        if not any(name != "updates" for name in found):
            await _say(message, messages.MY_DATA_NONE)
            return
        values = {"exported_at": now.isoformat(), **found}
        document = json.dumps(values, ensure_ascii=False, indent=1).encode()
        await message.reply_document(document, filename=FILE_NAME, caption=messages.MY_DATA_CAPTION)

    async def forget_me(self, message: Message) -> None:
        """Asks once."""
        buttons = [
            (messages.FORGET_YES, Press(Action.FORGET, YES)),
            (messages.FORGET_NO, Press(Action.FORGET, "no")),
        ]
        await _say(message, messages.FORGET_SURE, column(buttons))

    async def press(self, message: Message, user: User, press: Press) -> None:
        """Deletes behind the questions that the person has asked here before, so that none is logged after it."""
        if press.id != YES:
            await _say(message, messages.FORGET_KEPT)
            return
        erase = self._stores.personal_data.erase
        person = self._hash(user)
        await self._answers.queue.run(conversation_key(message, user.id), lambda: erase(person, user.id))
        self._answers.forget_person(user.id)
        await _say(message, messages.FORGET_DONE)

    def _hash(self, user: User) -> str:
        return self._stores.question_log.user_hash(str(user.id))


async def _say(message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    await send_parts(message, text_to_html(text), keyboard)
