"""Updates -> answers: what the bot does with each command, message and button press."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from telegram import CallbackQuery, Message, Update, User
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.channels.telegram import keyboards, messages
from bot.channels.telegram.addressing import (
    asked_by_command,
    asked_in_group,
    conversation_key,
    typing_topic_of,
)
from bot.channels.telegram.delivery import fate_unknown, send_parts
from bot.channels.telegram.keyboards import Action, Press
from bot.channels.telegram.question_queue import QuestionQueue
from bot.channels.telegram.rendering import answer_to_html, clause_to_html, text_to_html
from bot.conversation import Conversations
from bot.datamodels import Answer, AnswerStatus
from bot.questions.log import QuestionLog
from bot.today import day_in_china

if TYPE_CHECKING:
    from bot.assistant import Assistant

log = logging.getLogger(__name__)
T = TypeVar("T")

TYPING_SECONDS: Final = 4.0
"""Telegram shows `typing` for 5 s."""
MANY_AHEAD: Final = 4
"""From so many questions ahead on, the asker is told."""
REMEMBERED_ANSWERS: Final = 10_000
"""Conversations whose last answer /source can still name."""
_HARMLESS: Final = ("message is not modified", "query is too old", "query id is invalid")
_VOTES: Final = {Action.VOTE_UP: 1, Action.VOTE_DOWN: -1}
_NOT_REMEMBERED: Final = {AnswerStatus.GREETING, AnswerStatus.ERROR_INPUT, AnswerStatus.ERROR_INTERNAL}

Context = ContextTypes.DEFAULT_TYPE


class TelegramChannel:
    """The handlers, and what they share: the assistant, the stores and the queue of questions."""

    def __init__(
        self,
        assistant: Assistant,
        conversations: Conversations,
        question_log: QuestionLog,
        clock: Callable[[], datetime],
        queue: QuestionQueue,
    ) -> None:
        self._assistant = assistant
        self._conversations = conversations
        self._question_log = question_log
        self._clock = clock
        self._queue = queue
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._last_question: OrderedDict[str, str] = OrderedDict()
        self._last_album: str | None = None
        self._background: set[asyncio.Task[None]] = set()

    async def drain(self) -> None:
        """Returns when every question taken in so far is answered."""
        while self._background:
            await asyncio.wait(self._background)

    def close(self) -> None:
        """Takes no more work."""
        self._queue.close()
        self._quick.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------ before every handler

    async def skip_repeated(self, update: Update, context: Context) -> None:
        """Ends the handling of an update that Telegram delivers a second time."""
        try:
            repeated = await self._in_store(self._question_log.seen_update, update.update_id)
        except Exception:
            log.exception("cannot tell whether update %d is a repeat; handled", update.update_id)
            return
        if repeated:
            raise ApplicationHandlerStop

    # ------------------------------------------------------------ commands

    async def start(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        payload = context.args[0] if context.args else ""
        if payload.startswith("n_"):
            await self._choose_notice(message, user, payload.removeprefix("n_"))
            return
        await send_parts(
            message, text_to_html(_in_language(messages.START, user)), keyboards.examples_keyboard()
        )

    async def help(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        await send_parts(message, text_to_html(_in_language(messages.HELP, user)))

    async def ask(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        question = asked_by_command(message)
        if question:
            self._spawn(self._answer(message, user, question, update, context), update, context)
        else:
            await send_parts(message, text_to_html(messages.ASK_USAGE))

    async def notices(self, update: Update, context: Context) -> None:
        message, _ = _sender(update)
        notices = await self._in_store(self._assistant.notices)
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
        ) or self._last_question.get(conversation_key(message, user.id))
        if question_id is None:
            await send_parts(message, text_to_html(messages.SOURCE_NONE_YET))
            return
        await self._show_source(message, question_id, int(number.group()))

    async def reset(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        key = conversation_key(message, user.id)
        self._last_question.pop(key, None)
        await self._in_store(self._conversations.reset, key)
        await send_parts(message, text_to_html(messages.RESET_DONE))

    async def unknown_command(self, update: Update, context: Context) -> None:
        message, _ = _sender(update)
        await send_parts(message, text_to_html(messages.COMMAND_UNKNOWN))

    # ------------------------------------------------------------ messages

    async def private_text(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        question = asked_by_command(message)
        self._spawn(self._answer(message, user, question, update, context), update, context)

    async def group_text(self, update: Update, context: Context) -> None:
        message, user = _sender(update)
        question = asked_in_group(message, context.bot.id, context.bot.username)
        if question is None or (user.is_bot and message.sender_chat is None):
            return
        if question:
            self._spawn(self._answer(message, user, question, update, context), update, context)
        else:
            await send_parts(message, text_to_html(messages.ASK_USAGE))

    async def no_text(self, update: Update, context: Context) -> None:
        """A picture, voice message, file: one line, and one for a whole album."""
        message, _ = _sender(update)
        if message.media_group_id and message.media_group_id == self._last_album:
            return
        self._last_album = message.media_group_id
        await send_parts(message, text_to_html(messages.ONLY_TEXT))

    # ------------------------------------------------------------ button presses

    async def press(self, update: Update, context: Context) -> None:
        query = update.callback_query
        if query is None:
            return
        press = keyboards.press_from(query.data)
        if press is None or not isinstance(query.message, Message):
            await _acknowledge(query, messages.EXPIRED)
            return
        await _acknowledge(query, messages.VOTE_THANKS if press.action in _VOTES else None)
        match press.action:
            case Action.SOURCE:
                await self._show_source(query.message, press.id, press.n)
            case Action.VOTE_UP | Action.VOTE_DOWN:
                await self._vote(query, query.message, press)
            case Action.SUGGESTION | Action.EXAMPLE:
                await self._ask_button(query, query.message, update, context)
            case Action.NOTICE:
                await self._choose_notice(query.message, query.from_user, press.id)
            case Action.PAGE:
                await self._turn_page(query.message, press.id)

    async def _vote(self, query: CallbackQuery, message: Message, press: Press) -> None:
        vote = _VOTES[press.action]
        if not await self._in_store(self._question_log.feedback, press.id, str(query.from_user.id), vote):
            await send_parts(message, text_to_html(messages.EXPIRED))
            return
        if message.reply_markup:
            votes = await self._in_store(self._question_log.votes, press.id)
            marked = keyboards.with_votes(message.reply_markup, press.id, *votes)
            if marked != message.reply_markup:
                await message.edit_reply_markup(marked)

    async def _ask_button(
        self, query: CallbackQuery, message: Message, update: Update, context: Context
    ) -> None:
        """Asks the words on the pressed button: the bot wrote them, and Telegram keeps them."""
        text = keyboards.text_on_button(message.reply_markup, str(query.data))
        if text is None:
            await send_parts(message, text_to_html(messages.EXPIRED))
            return
        answering = self._answer(message, query.from_user, text, update, context, by_button=True)
        self._spawn(answering, update, context)

    async def _choose_notice(self, message: Message, user: User, short_id: str) -> None:
        key = conversation_key(message, user.id)
        if short_id == keyboards.ALL_NOTICES:
            await self._in_store(self._conversations.set_notice, key, None)
            await send_parts(message, text_to_html(messages.NOTICE_ALL_CHOSEN))
            return
        notices = await self._in_store(self._assistant.notices)
        chosen = next((notice for notice in notices if keyboards.short_id(notice.id) == short_id), None)
        if chosen is None:
            await send_parts(message, text_to_html(messages.NOTICE_GONE))
            return
        await self._in_store(self._conversations.set_notice, key, chosen.id)
        text = messages.NOTICE_CHOSEN.format(title=chosen.title)
        await send_parts(message, text_to_html(text), keyboards.examples_keyboard())

    async def _turn_page(self, message: Message, page: str) -> None:
        notices = await self._in_store(self._assistant.notices)
        if page.isdecimal():
            await message.edit_reply_markup(keyboards.notices_keyboard(notices, int(page)))

    async def _show_source(self, message: Message, question_id: str, n: int) -> None:
        logged = await self._in_store(self._question_log.get, question_id)
        if logged is None:
            await send_parts(message, text_to_html(messages.EXPIRED))
            return
        citation = next((citation for citation in logged.citations if citation.n == n), None)
        if citation is None:
            await send_parts(message, text_to_html(messages.SOURCE_UNKNOWN.format(n=n)))
            return
        clause = await self._in_store(self._assistant.clause, citation.chunk_id)
        if clause is None:
            await send_parts(message, text_to_html(messages.EXPIRED))
            return
        await send_parts(message, clause_to_html(clause, n))

    # ------------------------------------------------------------ questions

    async def _answer(
        self,
        message: Message,
        user: User,
        question: str,
        update: Update,
        context: Context,
        *,
        by_button: bool = False,
    ) -> None:
        """Queues the question and sends its answer, or says why there is none."""
        key = conversation_key(message, user.id)
        ahead = self._queue.ahead
        if self._queue.full:
            await send_parts(message, text_to_html(messages.BUSY))
            return
        done = asyncio.Event()
        self._spawn(_keep_typing(message, done, self._queue.deadline_seconds), update, context)
        if ahead >= MANY_AHEAD:
            waiting = text_to_html(messages.WAITING.format(n=ahead))
            self._spawn(send_parts(message, waiting), update, context)
        try:
            answer, question_id = await self._queue.run(
                key, partial(self._answer_now, key, user.id, question)
            )
        except TimeoutError:
            log.warning("a question passed the deadline of %.0f s", self._queue.deadline_seconds)
            await send_parts(message, text_to_html(messages.TOO_SLOW))
            return
        finally:
            done.set()
        self._remember_last(key, question_id)
        parts = answer_to_html(answer, asked=question if by_button else "")
        await send_parts(message, parts, keyboards.answer_keyboard(answer, question_id))

    def _answer_now(self, key: str, user_id: int, question: str) -> tuple[Answer, str]:
        """The answer and its row in the question log; runs in a worker thread."""
        now = self._clock()
        conversation = self._conversations.get(key)
        answer = self._assistant.ask(
            question,
            today=day_in_china(now),
            history=conversation.history,
            notice_id=conversation.notice_id,
        )
        if answer.status not in _NOT_REMEMBERED:
            self._conversations.remember(key, question)
        question_id = self._question_log.record(
            answer,
            channel="telegram",
            user=str(user_id),
            asked_at=now,
            index_version=self._assistant.version,
        )
        return answer, question_id

    def _remember_last(self, key: str, question_id: str) -> None:
        self._last_question[key] = question_id
        self._last_question.move_to_end(key)
        if len(self._last_question) > REMEMBERED_ANSWERS:
            self._last_question.popitem(last=False)

    def _spawn(self, work: Coroutine[Any, Any, None], update: Update, context: Context) -> None:
        """Lets the work go on after the handler has returned: a waiting question holds up no command."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:
                await context.application.process_error(update, error)

        task = asyncio.create_task(guarded())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _in_store(self, work: Callable[..., T], *args: Any) -> T:
        """Runs short work on the stores in their own thread: in order, and never behind a question."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work, *args)


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


async def _acknowledge(query: CallbackQuery, text: str | None) -> None:
    """Ends the button's waiting mark; a press that waited too long for that is still obeyed."""
    try:
        await query.answer(text)
    except TelegramError as error:
        log.debug("a press was not acknowledged: %s", error.message)


async def _keep_typing(message: Message, done: asyncio.Event, longest_seconds: float) -> None:
    """Shows `typing` until done, and at most as long as a question may take."""
    with suppress(TimeoutError):
        async with asyncio.timeout(longest_seconds):
            while not done.is_set():
                with suppress(TelegramError):
                    await message.chat.send_action(
                        ChatAction.TYPING, message_thread_id=typing_topic_of(message)
                    )
                with suppress(TimeoutError):
                    await asyncio.wait_for(done.wait(), TYPING_SECONDS)


def _sender(update: Update) -> tuple[Message, User]:
    message, user = update.effective_message, update.effective_user
    if message is None or user is None:
        raise ValueError("the filters let only messages with a sender through")
    return message, user


def _in_language(texts: dict[str, str], user: User) -> str:
    return texts["en" if (user.language_code or "").startswith("en") else "zh"]
