"""A person's question -> its answer in the chat: queued, logged, sent once, written over when it is edited."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from telegram import Message, Update, User
from telegram.constants import ChatAction, ChatType
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot.channels.telegram import keyboards, messages
from bot.channels.telegram.addressing import conversation_key, typing_topic_of
from bot.channels.telegram.delivery import Delivery, replace_parts, send_parts
from bot.channels.telegram.flood_control import noting
from bot.channels.telegram.inbox_queue import AnswerDeparture
from bot.channels.telegram.question_queue import QuestionQueue
from bot.channels.telegram.rendering import answer_to_html, text_to_html
from bot.channels.telegram.stores import Stores
from bot.datamodels import Answer, AnswerStatus, FactKind, Intent
from bot.deadlines import day_of
from bot.today import day_in_china

if TYPE_CHECKING:
    from bot.assistant import Assistant

log = logging.getLogger(__name__)

TYPING_SECONDS: Final = 4.0
"""Telegram shows `typing` for 5 s."""
TYPING_TO: Final = 16
"""With more questions than these open, `typing` is shown once and not kept up: it would slow the answers."""
TOLD_AFTER_SECONDS: Final = 3.0
"""Who still waits then is told how many are ahead."""
EDITABLE_SECONDS: Final = 300.0
"""So long an edited question is answered again, in place."""
REMEMBERED_ANSWERS: Final = 10_000
"""Conversations whose last answer /source can still name, and answers that an edit can still reach."""
DOUBT_TRIES: Final = 5
_NOT_REMEMBERED: Final = {AnswerStatus.GREETING, AnswerStatus.ERROR_INPUT, AnswerStatus.ERROR_INTERNAL}

Context = ContextTypes.DEFAULT_TYPE
Place = tuple[int, int]
"""Chat and message."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was sent."""

    question: str
    message_ids: tuple[int, ...]


class Answers:
    """Answers questions by the assistant, behind a bounded queue."""

    def __init__(
        self,
        assistant: Assistant,
        stores: Stores,
        clock: Callable[[], datetime],
        queue: QuestionQueue,
        told_after_seconds: float = TOLD_AFTER_SECONDS,
    ) -> None:
        self._assistant = assistant
        self._stores = stores
        self._clock = clock
        self.queue = queue
        self._told_after_seconds = told_after_seconds
        self._last_question: OrderedDict[str, str] = OrderedDict()
        self._given: OrderedDict[Place, Given] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        """The latest answer of each conversation that is not sent yet."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.statuses: Counter[str] = Counter()
        """Answers since the start, by status."""
        self.seconds = 0.0
        """Sum of the time from a question's arrival to its answer being ready."""

    # ------------------------------------------------------------ what handlers call

    def begin(
        self,
        message: Message,
        user: User,
        question: str,
        update: Update,
        context: Context,
        *,
        by_button: bool = False,
    ) -> None:
        """Starts answering and returns at once: a waiting question holds up no command.

        A conversation's answers are sent in the order of its questions.
        """
        key = conversation_key(message, user.id)
        work = self._answer(message, user, question, update, by_button, self._under_way.get(key))
        task = self._under_way[key] = self.spawn(work, update, context)
        task.add_done_callback(lambda done: self._ended(key, done))

    async def warm_up(self) -> None:
        """Lets the assistant load what it loads with its first question, before anybody waits."""
        today = day_in_china(self._clock())
        await asyncio.to_thread(lambda: self._assistant.ask(messages.WARM_UP, today=today))

    def question_of(self, message: Message) -> str | None:
        """The words that this message's answer was given to; None where there is none yet."""
        given = self._given.get((message.chat_id, message.message_id))
        return given.question if given else None

    def last_question_id(self, key: str) -> str | None:
        """Question-log row of a conversation's last answer."""
        return self._last_question.get(key)

    def forget(self, key: str) -> None:
        self._last_question.pop(key, None)

    def forget_person(self, user_id: int) -> None:
        """Drops what is remembered of a person in this process."""
        for key in [key for key in self._last_question if key.endswith(f":{user_id}")]:
            del self._last_question[key]
        for place in [place for place in self._given if place[0] == user_id]:
            del self._given[place]

    def spawn(self, work: Coroutine[Any, Any, None], update: Update, context: Context) -> asyncio.Task[None]:
        """Lets the work go on after the handler has returned, and then lets go of the update."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:
                await context.application.process_error(update, error)
            await self._stores.run(self._stores.inbox.settle, update.update_id)

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self) -> None:
        """Returns when every question taken in so far is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def abandon(self) -> None:
        """Ends what is still open; the next start takes it up again."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1)
        self.queue.close()

    # ------------------------------------------------------------ one question

    async def _answer(
        self,
        message: Message,
        user: User,
        question: str,
        update: Update,
        by_button: bool,
        before: asyncio.Task[None] | None,
    ) -> None:
        """Sends the answer to a question, or says why there is none."""
        begun = time.monotonic()
        key = conversation_key(message, user.id)
        if self.queue.full:
            await send_parts(message, text_to_html(messages.BUSY))
            return
        done, ahead = asyncio.Event(), self.queue.ahead
        for beside in (self._keep_typing(message, done), self._tell_if_waiting(message, done, ahead)):
            task = asyncio.create_task(beside)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            answer, question_id = await self.queue.run(
                key, partial(self._ask, key, user.id, question, update)
            )
        except TimeoutError:
            log.warning("a question passed the deadline of %.0f s", self.queue.deadline_seconds)
            await send_parts(message, text_to_html(messages.TOO_SLOW))
            return
        finally:
            done.set()
        self.statuses[answer.status.value] += 1
        self.seconds += time.monotonic() - begun
        _remember(self._last_question, key, question_id)
        if before is not None:
            await asyncio.wait({before})
        place = (message.chat_id, message.message_id)
        earlier = None if by_button else self._given.get(place)
        parts = answer_to_html(answer, asked=question if by_button else "")
        remind_of = _remindable(answer, day_in_china(self._clock()))
        if message.chat.type != ChatType.PRIVATE:
            remind_of = None
        keyboard = keyboards.answer_keyboard(answer, question_id, remind_of)
        with noting(AnswerDeparture(self._stores, update)):
            if earlier and earlier.message_ids:
                delivery = await replace_parts(message, earlier.message_ids, parts, keyboard)
            else:
                delivery = await send_parts(message, parts, keyboard)
        if not by_button:
            _remember(self._given, place, Given(question, delivery.message_ids))
        if delivery.doubtful:
            await self._offer_again(message, question_id)

    def _ask(self, key: str, user_id: int, question: str, update: Update) -> tuple[Answer, str]:
        """The answer and its row in the question log; runs in a worker thread."""
        self._stores.inbox.begun(update.update_id)
        now = self._clock()
        conversation = self._stores.conversations.get(key)
        answer = self._assistant.ask(
            question,
            today=day_in_china(now),
            history=conversation.history,
            notice_id=conversation.notice_id,
        )
        if answer.status not in _NOT_REMEMBERED:
            self._stores.conversations.remember(key, question)
        question_id = self._stores.question_log.record(
            answer,
            channel="telegram",
            user=str(user_id),
            asked_at=now,
            index_version=self._assistant.version,
        )
        return answer, question_id

    async def _offer_again(self, message: Message, question_id: str) -> None:
        """Nobody but the person can tell whether the answer arrived: a button sends it once more."""
        keyboard = keyboards.again_keyboard(question_id)
        delivery = Delivery((), doubtful=True)
        for _ in range(DOUBT_TRIES):
            if delivery.doubtful:
                delivery = await send_parts(message, text_to_html(messages.MAYBE_LOST), keyboard)

    async def _keep_typing(self, message: Message, done: asyncio.Event) -> None:
        """Shows `typing` until done, and at most as long as a question may take."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.queue.deadline_seconds):
                first = True
                while not done.is_set():
                    if not first and self.queue.open > TYPING_TO:
                        return
                    first = False
                    with suppress(TelegramError):
                        await message.chat.send_action(
                            ChatAction.TYPING, message_thread_id=typing_topic_of(message)
                        )
                    with suppress(TimeoutError):
                        await asyncio.wait_for(done.wait(), TYPING_SECONDS)

    async def _tell_if_waiting(self, message: Message, done: asyncio.Event, ahead: int) -> None:
        finished = self.queue.finished
        if not ahead:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), self._told_after_seconds)
            return
        still_ahead = ahead - (self.queue.finished - finished)
        if still_ahead > 0:
            with suppress(TelegramError):
                await send_parts(message, text_to_html(messages.WAITING.format(n=still_ahead)))

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        if self._under_way.get(key) is task:
            del self._under_way[key]


def _remember(remembered: OrderedDict[Any, Any], key: object, value: object) -> None:
    remembered[key] = value
    remembered.move_to_end(key)
    if len(remembered) > REMEMBERED_ANSWERS:
        remembered.popitem(last=False)


def _remindable(answer: Answer, today: date) -> str | None:
    """The notice of an answer about a deadline that still lies ahead."""
    if Intent.DEADLINE not in answer.question.intents or not answer.notice_ids:
        return None
    days = (day_of(fact.value) for fact in answer.facts if fact.kind is FactKind.DATE)
    return answer.notice_ids[0] if any(day and day > today for day in days) else None
