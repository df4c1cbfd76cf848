"""Updates -> what the bot does with each command, message, button press and inline query."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from telegram import CallbackQuery, Message, Update, User
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.ext import ContextTypes

from bot.catalogue import Catalogue
from bot.channels.telegram import keyboards, messages
from bot.channels.telegram.addressing import asked_by_command, asked_in_group, conversation_key
from bot.channels.telegram.answers import EDITABLE_SECONDS, Answers
from bot.channels.telegram.check_desk import CheckDesk
from bot.channels.telegram.courier import Courier
from bot.channels.telegram.deadline_desk import DeadlineDesk
from bot.channels.telegram.delivery import send_parts
from bot.channels.telegram.inline import InlineDesk
from bot.channels.telegram.keyboards import PRIVATE_ACTIONS, Action, Press
from bot.channels.telegram.limits import PERSON, Kind, Limiter, Verdict
from bot.channels.telegram.privacy_desk import PrivacyDesk
from bot.channels.telegram.reminder_desk import ReminderDesk
from bot.channels.telegram.rendering import clause_to_html, text_to_html
from bot.channels.telegram.requests import fate_unknown
from bot.channels.telegram.stores import Stores
from bot.questions.log import FeedbackReason

log = logging.getLogger(__name__)

_HARMLESS: Final = ("message is not modified", "query is too old", "query id is invalid")
_VOTES: Final = {Action.VOTE_UP: 1, Action.VOTE_DOWN: -1}

Context = ContextTypes.DEFAULT_TYPE
Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]


class TelegramChannel:
    """The handlers; what they share stands behind them: answers, stores, limits and the desks."""

    def __init__(
        self,
        catalogue: Catalogue,
        stores: Stores,
        answers: Answers,
        courier: Courier,
        clock: Callable[[], datetime],
        *,
        retention_days: int,
        limiter: Limiter | None = None,
    ) -> None:
        self._catalogue = catalogue
        self.stores = stores
        self.answers = answers
        self._courier = courier
        self._clock = clock
        self._limiter = limiter or Limiter()
        self._reminders = ReminderDesk(catalogue, stores, answers, clock)
        self._deadlines = DeadlineDesk(catalogue, clock)
        self._check = CheckDesk(catalogue, stores, clock)
        self._privacy = PrivacyDesk(stores, answers, retention_days)
        self._inline = InlineDesk(catalogue, answers.queue, clock)
        self._last_album: str | None = None

    # ------------------------------------------------------------ before the handlers

    def quick(self, handler: Handler) -> Handler:
        """A command or press: served unless its sender is too fast, and never repeated after a restart."""

        async def served(update: Update, context: Context) -> None:
            settled = self.stores.run(self.stores.inbox.settle, update.update_id)
            settling = asyncio.create_task(settled)
            message, user = update.effective_message, update.effective_user
            if message is None or user is None or await self._admitted(Kind.TOUCH, message, user):
                await handler(update, context)
            await settling

        return served

    def in_private(self, handler: Callable[[Message, User, Context], Coroutine[Any, Any, None]]) -> Handler:
        """A command about one person: elsewhere than in his private chat he is sent there."""

        async def served(update: Update, context: Context) -> None:
            message, user = _sender(update)
            if message.chat.type == ChatType.PRIVATE:
                await handler(message, user, context)
            else:
                keyboard = keyboards.private_chat_keyboard(context.bot.username, "private")
                await send_parts(message, text_to_html(messages.ONLY_IN_PRIVATE), keyboard)

        return self.quick(served)

    async def _admitted(self, kind: Kind, message: Message, user: User) -> bool:
        """False where this person, or this group, is too fast; said once."""
        group = None if message.chat.type == ChatType.PRIVATE else message.chat_id
        if group is None:
            await self._courier.writes(message.chat_id)
        verdict = self._limiter.admit(kind, user.id, group)
        if verdict is Verdict.TELL:
            allowance = PERSON[kind]
            words = messages.TOO_MANY[kind].format(a_minute=allowance.a_minute, a_day=allowance.a_day)
            await send_parts(message, text_to_html(words))
        elif verdict is Verdict.TELL_GROUP:
            await send_parts(message, text_to_html(messages.TOO_MANY_IN_GROUP))
        return verdict is Verdict.SERVED

    async def _ask(
        self,
        message: Message,
        user: User,
        question: str,
        update: Update,
        context: Context,
        *,
        by_button: bool = False,
    ) -> None:
        if await self._admitted(Kind.QUESTION, message, user):
            self.answers.begin(message, user, question, update, context, by_button=by_button)
        else:
            await self.stores.run(self.stores.inbox.settle, update.update_id)

    # ------------------------------------------------------------ commands

    async def start(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        payload = context.args[0] if context.args else ""
        if payload.startswith("n_"):
            await self._choose_notice(message, user, payload.removeprefix("n_"))
        elif payload.startswith("c_"):
            await self._show_linked(message, payload.removeprefix("c_"))
        else:
            words = messages.START["en" if _speaks_english(user) else "zh"]
            await send_parts(message, text_to_html(words), keyboards.examples_keyboard())

    async def help(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        words = messages.HELP["en" if _speaks_english(user) else "zh"]
        await send_parts(message, text_to_html(words))

    async def notices(self, update: Update, context: Context) -> None:
        message, _ = _sender(update)
        notices = await self.stores.run(self._catalogue.notices)
        if notices:
            keyboard = keyboards.notices_keyboard(notices)
            await send_parts(message, text_to_html(messages.NOTICES_TITLE), keyboard)
        else:
            await send_parts(message, text_to_html(messages.NOTICES_NONE))

    async def source(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        number = re.search(r"\d{1,3}", " ".join(context.args or ["1"]))
        if number is None:
            await send_parts(message, text_to_html(messages.SOURCE_USAGE))
            return
        replied = message.reply_to_message
        question_id = (
            keyboards.question_id_in(replied.reply_markup) if replied else None
        ) or self.answers.last_question_id(conversation_key(message, user.id))
        if question_id is None:
            await send_parts(message, text_to_html(messages.SOURCE_NONE_YET))
            return
        await self._show_source(message, question_id, int(number.group()))

    async def reset(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        key = conversation_key(message, user.id)
        self.answers.forget(key)
        await self.stores.run(self.stores.conversations.reset, key)
        await send_parts(message, text_to_html(messages.RESET_DONE))

    async def unknown_command(self, update: Update, context: Context) -> None:
        message, _ = _sender(update)
        await send_parts(message, text_to_html(messages.COMMAND_UNKNOWN))

    async def deadlines(self, update: Update, context: Context) -> None:
        message, _ = _sender(update)
        await self._deadlines.deadlines(message)

    async def check(self, message: Message, user: User, context: Context) -> None:
        await self._check.check(message, user)

    async def remind(self, message: Message, user: User, context: Context) -> None:
        await self._reminders.remind(message, user)

    async def reminders(self, message: Message, user: User, context: Context) -> None:
        await self._reminders.reminders(message, user)

    async def time_zone(self, message: Message, user: User, context: Context) -> None:
        await self._reminders.time_zone(message, user, " ".join(context.args or ()))

    async def subscribe(self, message: Message, user: User, context: Context) -> None:
        await self._reminders.subscribe(message, user)

    async def unsubscribe(self, message: Message, user: User, context: Context) -> None:
        await self._reminders.unsubscribe(message, user)

    async def privacy(self, message: Message, user: User, context: Context) -> None:
        await self._privacy.privacy(message)

    async def my_data(self, message: Message, user: User, context: Context) -> None:
        await self._privacy.my_data(message, user, self._clock())

    async def forget_me(self, message: Message, user: User, context: Context) -> None:
        await self._privacy.forget_me(message)

    # ------------------------------------------------------------ messages

    async def ask(self, update: Update, context: Context) -> None:
        """/ask, in groups above all."""
        message, user = _sender(update)
        await self._asked(message, user, asked_by_command(message), update, context)

    async def private_text(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        if await self._check.takes(message, user, message.text or ""):
            await self.stores.run(self.stores.inbox.settle, update.update_id)
            return
        await self._asked(message, user, asked_by_command(message), update, context)

    async def group_text(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        question = asked_in_group(message, context.bot.id, context.bot.username)
        if question is None or (user.is_bot and message.sender_chat is None):
            await self.stores.run(self.stores.inbox.settle, update.update_id)
            return
        await self._asked(message, user, question, update, context)

    async def _asked(
        self, message: Message, user: User, question: str, update: Update, context: Context
    ) -> None:
        if question:
            await self._ask(message, user, question, update, context)
        else:
            await self.stores.run(self.stores.inbox.settle, update.update_id)
            await send_parts(message, text_to_html(messages.ASK_USAGE))

    async def edited(self, update: Update, context: Context) -> None:
        """An edited question is answered in place of the earlier answer, for a few minutes."""
        message, user = _sender(update)
        question: str | None = asked_by_command(message)
        is_command = (message.text or "").startswith("/ask")
        if message.chat.type != ChatType.PRIVATE and not is_command:
            question = asked_in_group(message, context.bot.id, context.bot.username)
        late = message.edit_date and (message.edit_date - message.date).total_seconds() > EDITABLE_SECONDS
        before = self.answers.question_of(message)
        if late or not question or question == before or (question.startswith("/") and not is_command):
            await self.stores.run(self.stores.inbox.settle, update.update_id)
            return
        await self._ask(message, user, question, update, context)

    async def no_text(self, update: Update, context: Context) -> None:
        """A picture, voice message, file: one line, and one for a whole album."""
        message, _ = _sender(update)
        if message.media_group_id and message.media_group_id == self._last_album:
            return
        self._last_album = message.media_group_id
        await send_parts(message, text_to_html(messages.ONLY_TEXT))

    async def nothing_to_do(self, update: Update, context: Context) -> None:
        """What no other handler is for: people joining a group, messages between others."""
        await self.stores.run(self.stores.inbox.settle, update.update_id)

    async def inline(self, update: Update, context: Context) -> None:
        query = update.inline_query
        if query is None:
            return
        if self._limiter.admit(Kind.INLINE, query.from_user.id) is Verdict.SERVED:
            await self._inline.answer(query, context.bot.username)
        else:
            await self._inline.refuse(query)

    # ------------------------------------------------------------ button presses

    async def press(self, update: Update, context: Context) -> None:
        query = update.callback_query
        if query is None:
            return
        press = keyboards.press_from(query.data)
        message = query.message if isinstance(query.message, Message) else None
        if press and press.action in {Action.SUGGESTION, Action.EXAMPLE, Action.AGAIN} and message:
            await self._ask_button(query, message, press, update, context)
            return
        await self.stores.run(self.stores.inbox.settle, update.update_id)
        private = message is not None and message.chat.type == ChatType.PRIVATE
        if press is None or message is None or (press.action in PRIVATE_ACTIONS and not private):
            await _acknowledge(query, messages.EXPIRED)
            return
        await _acknowledge(query, _said_at_once(press))
        if not await self._admitted(Kind.TOUCH, message, query.from_user):
            return
        match press.action:
            case Action.SOURCE:
                await self._show_source(message, press.id, press.n)
            case Action.VOTE_UP | Action.VOTE_DOWN:
                await self._vote(query, message, press, _VOTES[press.action], None)
            case Action.REASON:
                await self._vote(query, message, press, -1, keyboards.reason_from(press))
            case Action.NOTICE:
                await self._choose_notice(message, query.from_user, press.id)
            case Action.PAGE:
                await self._turn_page(message, press.id)
            case Action.CALENDAR:
                await self._deadlines.press(message, press)
            case Action.CHECK_NOTICE | Action.CHECK_AGAIN | Action.CHECK_LEVEL | Action.CHECK_REPLY:
                await self._check.press(message, query.from_user, press)
            case Action.FORGET:
                await self._privacy.press(message, query.from_user, press)
            case _:
                await self._reminders.press(message, query.from_user, press)

    async def _vote(
        self, query: CallbackQuery, message: Message, press: Press, vote: int, reason: FeedbackReason | None
    ) -> None:
        """Keeps a person's vote; after a 👎 without a reason, the reasons stand under the votes."""
        question_log = self.stores.question_log
        kept = await self.stores.run(
            lambda: question_log.feedback(press.id, str(query.from_user.id), vote, reason)
        )
        if not kept:
            await send_parts(message, text_to_html(messages.EXPIRED))
            return
        if message.reply_markup:
            ups, downs = await self.stores.run(question_log.votes, press.id)
            asking_why = vote < 0 and reason is None
            marked = keyboards.with_votes(message.reply_markup, press.id, ups, downs, asking_why=asking_why)
            if marked != message.reply_markup:
                await message.edit_reply_markup(marked)

    async def _ask_button(
        self, query: CallbackQuery, message: Message, press: Press, update: Update, context: Context
    ) -> None:
        """Asks the words on the pressed button, which the bot wrote and Telegram keeps, or a logged question."""
        await _acknowledge(query, None)
        if press.action is Action.AGAIN:
            text = await self._asked_before(press.id, query.from_user)
        else:
            text = keyboards.text_on_button(message.reply_markup, str(query.data))
        if text is None:
            await self.stores.run(self.stores.inbox.settle, update.update_id)
            await send_parts(message, text_to_html(messages.EXPIRED))
            return
        if press.action is Action.AGAIN:
            with suppress(TelegramError):
                await message.edit_text(messages.SENT_AGAIN)
        await self._ask(message, query.from_user, text, update, context, by_button=True)

    async def _asked_before(self, question_id: str, user: User) -> str | None:
        """The words of this person's own logged question."""
        logged = await self.stores.run(self.stores.question_log.get, question_id)
        own = self.stores.question_log.user_hash(str(user.id))
        return logged.question if logged and logged.user_hash == own else None

    async def _choose_notice(self, message: Message, user: User, short_id: str) -> None:
        key = conversation_key(message, user.id)
        conversations = self.stores.conversations
        if short_id == keyboards.ALL_NOTICES:
            await self.stores.run(conversations.set_notice, key, None)
            await send_parts(message, text_to_html(messages.NOTICE_ALL_CHOSEN))
            return
        notices = await self.stores.run(self._catalogue.notices)
        chosen = next((notice for notice in notices if keyboards.short_id(notice.id) == short_id), None)
        if chosen is None:
            await send_parts(message, text_to_html(messages.NOTICE_GONE))
            return
        await self.stores.run(conversations.set_notice, key, chosen.id)
        text = messages.NOTICE_CHOSEN.format(title=chosen.title)
        await send_parts(message, text_to_html(text), keyboards.examples_keyboard())

    async def _turn_page(self, message: Message, page: str) -> None:
        notices = await self.stores.run(self._catalogue.notices)
        if page.isdecimal():
            await message.edit_reply_markup(keyboards.notices_keyboard(notices, int(page)))

    async def _show_source(self, message: Message, question_id: str, n: int) -> None:
        logged = await self.stores.run(self.stores.question_log.get, question_id)
        if logged is None:
            await send_parts(message, text_to_html(messages.EXPIRED))
            return
        citation = next((each for each in logged.citations if each.n == n), None)
        if citation is None:
            await send_parts(message, text_to_html(messages.SOURCE_UNKNOWN.format(n=n)))
            return
        clause = await self.stores.run(self._catalogue.clause, citation.chunk_id)
        if clause is None:
            await send_parts(message, text_to_html(messages.EXPIRED))
            return
        await send_parts(message, clause_to_html(clause, n))

    async def _show_linked(self, message: Message, link: str) -> None:
        """The clause behind a link that somebody cited, and its notice to ask about."""
        found = await self.stores.run(self._catalogue.clause_by_link, link)
        if found is None:
            await send_parts(message, text_to_html(messages.LINK_UNKNOWN))
            return
        clause, notice = found
        await send_parts(message, clause_to_html(clause, 1), keyboards.notices_keyboard([notice]))


async def report_error(update: object, context: Context) -> None:
    """What no handler expected: logged, and told to the user with a number to quote."""
    error = context.error
    if isinstance(error, BadRequest) and any(words in error.message.lower() for words in _HARMLESS):
        log.debug("ignored: %s", error.message)
    elif isinstance(error, Forbidden):
        log.info("not allowed to write there: %s", error.message)
    elif isinstance(error, RetryAfter):
        log.warning("gave up on a halted chat: %s", error.message)
    elif error is not None and fate_unknown(error):
        log.warning("no reply from Telegram, not sent again: %s", error)
    else:
        number = secrets.token_hex(4).upper()
        log.error("incident %s", number, exc_info=error)
        message = update.effective_message if isinstance(update, Update) else None
        if message:
            with suppress(TelegramError):
                await send_parts(message, text_to_html(messages.INCIDENT.format(number=number)))


def _said_at_once(press: Press) -> str | None:
    """What the pressed button itself answers."""
    match press.action:
        case Action.VOTE_UP:
            return messages.VOTE_THANKS
        case Action.VOTE_DOWN:
            return messages.VOTE_WHY
        case Action.REASON:
            reason = keyboards.reason_from(press)
            return messages.REASON_THANKS.format(reason=messages.REASONS[reason]) if reason else None
    return None


async def _acknowledge(query: CallbackQuery, text: str | None) -> None:
    """Ends the button's waiting mark; a press that waited too long for that is still obeyed."""
    try:
        await query.answer(text)
    except TelegramError as error:
        log.debug("a press was not acknowledged: %s", error.message)


def _sender(update: Update) -> tuple[Message, User]:
    message, user = update.effective_message, update.effective_user
    if message is None or user is None:
        raise ValueError("the filters let only messages with a sender through")
    return message, user


def _speaks_english(user: User) -> bool:
    return (user.language_code or "").startswith("en")
