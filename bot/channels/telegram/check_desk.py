"""/check: the criteria of a notice one by one, with buttons; numbers and short words may be typed instead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from weakref import WeakValueDictionary

from telegram import InlineKeyboardMarkup, Message, User

from bot.agenda import short_title
from bot.catalogue import Catalogue
from bot.channels.telegram import messages
from bot.channels.telegram.addressing import conversation_key
from bot.channels.telegram.delivery import send_parts
from bot.channels.telegram.keyboards import Action, Press, column, rows_of, short_id
from bot.channels.telegram.rendering import text_to_html
from bot.channels.telegram.stores import Stores
from bot.criteria import criteria_of, levels_of
from bot.criterion import Criterion
from bot.datamodels import Notice
from bot.index.store import Index
from bot.self_check import (
    Outcome,
    Resumed,
    SelfCheck,
    Step,
    Verdict,
    asked,
    back,
    begun,
    current,
    place_of,
    replied,
    resumed,
    step,
)
from bot.self_check_words import (
    STOPPED,
    labels,
    level_text,
    no_criteria_text,
    opening_text,
    question_text,
    step_text,
    summary_text,
)
from bot.thresholds import thresholds_in
from bot.today import day_in_china

NOTICES_OFFERED: Final = 10
VERDICTS: Final = (Verdict.MET, Verdict.FAILED, Verdict.OPEN)
"""In the order of the buttons, from 1."""
BACK, STOP = 4, 5


class CheckDesk:
    """Works in private chats only: how a person stands is nobody else's business."""

    def __init__(self, catalogue: Catalogue, stores: Stores, clock: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """By conversation: replies that come together are taken one after the other."""

    async def check(self, message: Message, user: User) -> None:
        """Begins with the chosen notice or the only one, else asks which."""
        notices = await asyncio.to_thread(self._catalogue.notices)
        key = conversation_key(message, user.id)
        chosen = (await self._stores.run(self._stores.conversations.get, key)).notice_id
        notice = next((each for each in notices if each.id == chosen), None)
        if notice is None and len(notices) == 1:
            notice = notices[0]
        if notice is not None:
            await self._start(message, key, notice.id)
        elif not notices:
            await _say(message, messages.NOTICES_NONE)
        else:
            buttons = [
                (short_title(each.title), Press(Action.CHECK_NOTICE, short_id(each.id)))
                for each in notices[:NOTICES_OFFERED]
            ]
            await _say(message, messages.CHECK_WHICH, column(buttons))

    async def press(self, message: Message, user: User, press: Press) -> None:
        key = conversation_key(message, user.id)
        notice = await self._notice(press.id[:10])
        if notice is None:
            await _say(message, messages.NOTICE_GONE)
            return
        async with self._turn(key):
            match press.action:
                case Action.CHECK_NOTICE:
                    await self._start(message, key, notice.id)
                case Action.CHECK_AGAIN:
                    await self._start(message, key, notice.id, afresh=True)
                case Action.CHECK_LEVEL:
                    await self._choose_level(message, key, notice.id, press.n)
                case Action.CHECK_REPLY:
                    await self._reply(message, key, notice.id, press.id[10:], press.n)

    async def takes(self, message: Message, user: User, text: str) -> bool:
        """True where typed words are a reply to the check that stands in this chat; they are taken then."""
        key = conversation_key(message, user.id)
        async with self._turn(key):
            return await self._taken(message, key, text)

    def _turn(self, key: str) -> asyncio.Lock:
        return self._turns.setdefault(key, asyncio.Lock())

    async def _taken(self, message: Message, key: str, text: str) -> bool:
        check = await self._stores.run(self._stores.self_checks.asking, key)
        if check is None:
            return False
        version = await asyncio.to_thread(lambda: self._catalogue.published)
        if check.notice_id not in version.notices:
            return False
        going_on = await asyncio.to_thread(resumed, check, version, version.version)
        criteria = await asyncio.to_thread(asked, going_on.check, version)
        if going_on.level_gone or current(going_on.check, criteria) is None:
            return False
        taken = step(going_on.check, criteria, text)
        if taken.outcome is Outcome.NOT_UNDERSTOOD:
            return False
        await self._go_on(message, key, version, taken, _told(going_on, criteria, version))
        return True

    # ------------------------------------------------------------ steps

    async def _start(self, message: Message, key: str, notice_id: str, *, afresh: bool = False) -> None:
        version = await asyncio.to_thread(lambda: self._catalogue.published)
        criteria = await asyncio.to_thread(criteria_of, version, notice_id)
        title = version.notices[notice_id].title
        if not criteria:
            await _say(message, await asyncio.to_thread(no_criteria_text, version, notice_id))
            return
        kept = None if afresh else await self._stores.run(self._stores.self_checks.get, key, notice_id)
        going_on = (
            resumed(kept, version, version.version)
            if kept
            else Resumed(begun(version, notice_id, version.version))
        )
        levels = levels_of(criteria)
        if levels and not going_on.check.level:
            buttons = [
                (level, Press(Action.CHECK_LEVEL, short_id(notice_id), n))
                for n, level in enumerate(levels, 1)
            ]
            await _say(message, level_text(title, levels), column(buttons))
            return
        await self._open(message, key, version, going_on)

    async def _choose_level(self, message: Message, key: str, notice_id: str, n: int) -> None:
        version = await asyncio.to_thread(lambda: self._catalogue.published)
        levels = levels_of(await asyncio.to_thread(criteria_of, version, notice_id))
        if not 1 <= n <= len(levels):
            await _say(message, messages.CHECK_GONE)
            return
        check = begun(version, notice_id, version.version, levels[n - 1])
        await self._open(message, key, version, Resumed(check))

    async def _open(self, message: Message, key: str, version: Index, going_on: Resumed) -> None:
        """Puts the next question under an opening; what is asked in between is about this notice."""
        check = going_on.check
        criteria = await asyncio.to_thread(asked, check, version)
        if current(check, criteria) is None:
            await self._put(message, key, version, check, "")
            return
        await self._stores.run(self._stores.conversations.set_notice, key, check.notice_id)
        opening = opening_text(going_on, criteria, version.notices[check.notice_id].title)
        await self._put(message, key, version, check, f"{opening}\n{messages.CHECK_SCOPE}")

    async def _reply(self, message: Message, key: str, notice_id: str, criterion_id: str, n: int) -> None:
        """A button under a question: of the one that stands, or of an earlier one, whose reply it changes."""
        kept = await self._stores.run(self._stores.self_checks.get, key, notice_id)
        version = await asyncio.to_thread(lambda: self._catalogue.published)
        if kept is None:
            await _say(message, messages.CHECK_GONE)
            return
        going_on = await asyncio.to_thread(resumed, kept, version, version.version)
        criteria = await asyncio.to_thread(asked, going_on.check, version)
        told = _told(going_on, criteria, version)
        criterion = next((each for each in criteria if each.id == criterion_id), None)
        if going_on.level_gone or criterion is None:
            await self._start(message, key, notice_id)
            return
        if n == STOP:
            await self._stores.run(
                lambda: self._stores.self_checks.save(key, going_on.check, is_asking=False)
            )
            await _say(message, STOPPED)
        elif n == BACK:
            await self._go_on(message, key, version, _back_from(going_on.check, criteria, criterion), told)
        elif 1 <= n <= len(VERDICTS):
            await self._go_on(
                message, key, version, replied(going_on.check, criterion, VERDICTS[n - 1]), told
            )

    async def _go_on(self, message: Message, key: str, version: Index, taken: Step, told: str) -> None:
        words = "\n".join(part for part in (told, step_text(taken)) if part)
        if taken.outcome is Outcome.STOPPED:
            await self._stores.run(lambda: self._stores.self_checks.save(key, taken.check, is_asking=False))
            await _say(message, words)
        else:
            await self._put(message, key, version, taken.check, words)

    async def _put(self, message: Message, key: str, version: Index, check: SelfCheck, before: str) -> None:
        """Keeps the check and puts its next question, or sums it up; `before` stands above."""
        criteria = await asyncio.to_thread(asked, check, version)
        criterion = current(check, criteria)
        await self._stores.run(
            lambda: self._stores.self_checks.save(key, check, is_asking=criterion is not None)
        )
        if criterion is None:
            today = day_in_china(self._clock())
            summary = await asyncio.to_thread(summary_text, check, criteria, version, today)
            again = [
                (messages.CHECK_AGAIN, Press(Action.CHECK_AGAIN, short_id(check.notice_id))),
                (messages.CHECK_LAST, _press(check, criteria[-1], BACK)),
            ]
            await _say(message, "\n\n".join(part for part in (before, summary) if part), column(again))
            return
        question = question_text(criterion, place_of(criterion, criteria), len(criteria))
        if not criterion.alternatives and thresholds_in(criterion.quote.text):
            question += "\n" + messages.CHECK_NUMBER
        text = "\n\n".join(part for part in (before, question) if part)
        await _say(message, text, _choices(check, criterion, first=criterion is criteria[0]))

    async def _notice(self, short: str) -> Notice | None:
        notices = await asyncio.to_thread(self._catalogue.notices)
        return next((notice for notice in notices if short_id(notice.id) == short), None)


def _back_from(check: SelfCheck, criteria: Sequence[Criterion], criterion: Criterion) -> Step:
    """Back from the question that the button stands under: the one before it is asked again.

    Under the summary the button names the last criterion, which is asked again itself.
    """
    if current(check, criteria) is None:
        return back(check, criteria)
    place = place_of(criterion, criteria)
    if place == 1:
        return Step(check, Outcome.AT_START)
    before = criteria[place - 2].id
    kept = {id: reply for id, reply in check.replies.items() if id != before}
    return Step(replace(check, replies=kept), Outcome.BACK)


def _told(going_on: Resumed, criteria: Sequence[Criterion], version: Index) -> str:
    """That the notice changed in the middle of the check; else empty."""
    if not (going_on.changed or going_on.dropped):
        return ""
    return opening_text(going_on, criteria, version.notices[going_on.check.notice_id].title)


def _choices(check: SelfCheck, criterion: Criterion, *, first: bool) -> InlineKeyboardMarkup:
    words = labels(criterion)
    verdicts = [(words[verdict], _press(check, criterion, n)) for n, verdict in enumerate(VERDICTS, 1)]
    steps = [(messages.CHECK_STOP, _press(check, criterion, STOP))]
    if not first:
        steps.insert(0, (messages.CHECK_BACK, _press(check, criterion, BACK)))
    return rows_of(*([each] for each in verdicts), steps)


def _press(check: SelfCheck, criterion: Criterion, n: int) -> Press:
    return Press(Action.CHECK_REPLY, short_id(check.notice_id) + criterion.id, n)


async def _say(message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    await send_parts(message, text_to_html(text), keyboard)
