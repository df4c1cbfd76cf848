"""Buttons under a message, and what a press means: callback data of the form `version:action:id[:n]`.

Callback data holds at most 64 bytes, so it names rows and indices, never texts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram import messages
from bot.datamodels import Answer, AnswerStatus, Notice
from bot.messages import EXAMPLES
from bot.questions.log import FeedbackReason

VERSION: Final = "1"
MAX_SOURCES: Final = 4
MAX_SUGGESTIONS: Final = 3
NOTICES_A_PAGE: Final = 8
NOTICE_TITLE_CHARACTERS: Final = 40
ALL_NOTICES: Final = "all"


class Action(StrEnum):
    SOURCE = "c"
    """id: question-log row; n: citation."""
    SUGGESTION = "s"
    """id: question-log row; the words stand on the button."""
    EXAMPLE = "x"
    """id: index into the examples; the words stand on the button."""
    VOTE_UP = "u"
    VOTE_DOWN = "d"
    NOTICE = "n"
    """id: short id of a notice, or `all`."""
    PAGE = "p"
    """id: page of the list of notices, from 0."""
    REASON = "r"
    """id: question-log row; n: which reason, from 1."""
    AGAIN = "a"
    """id: question-log row of an answer that may not have arrived."""
    REMIND_NOTICE = "m"
    """id: short id of the notice whose deadlines are offered."""
    REMIND = "t"
    """id: short id of a notice, then the deadline's id."""
    DROP_REMINDER = "td"
    """id: the reminder's."""
    ZONE = "tz"
    """id: index into the zones offered."""
    SUBSCRIBE = "w"
    """id: short id of a notice."""
    UNSUBSCRIBE = "wd"
    """id: short id of a notice."""
    FORGET = "f"
    """id: `yes` or `no`."""
    CALENDAR = "i"
    """id: short id of the notice whose deadlines are wanted as a file, or `all`."""
    CHECK_NOTICE = "k"
    """id: short id of the notice to be checked."""
    CHECK_AGAIN = "ka"
    """id: short id of the notice to be checked from the start."""
    CHECK_LEVEL = "kl"
    """id: short id of a notice; n: which of its levels, from 1."""
    CHECK_REPLY = "kr"
    """id: short id of a notice, then the criterion's id; n: 1 met, 2 failed, 3 open, 4 back, 5 stop."""


PRIVATE_ACTIONS: Final = frozenset(
    {
        Action.REMIND_NOTICE,
        Action.REMIND,
        Action.DROP_REMINDER,
        Action.ZONE,
        Action.SUBSCRIBE,
        Action.UNSUBSCRIBE,
        Action.FORGET,
        Action.CHECK_NOTICE,
        Action.CHECK_AGAIN,
        Action.CHECK_LEVEL,
        Action.CHECK_REPLY,
    }
)
"""Obeyed in a private chat only: they are about one person."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button's callback data, taken apart."""

    action: Action
    id: str
    n: int = 0

    @property
    def data(self) -> str:
        return ":".join((VERSION, self.action, self.id, *([str(self.n)] if self.n else [])))


def press_from(data: str | None) -> Press | None:
    """None where the data is not of this version's form: a button of an older bot, or a forged one."""
    version, *fields = (data or "").split(":")
    if version != VERSION or not 2 <= len(fields) <= 3 or fields[0] not in set(Action):
        return None
    n = fields[2] if len(fields) == 3 else "0"
    return Press(Action(fields[0]), fields[1], int(n)) if re.fullmatch("[0-9]{1,3}", n) else None


def answer_keyboard(
    answer: Answer, question_id: str, remind_of: str | None = None
) -> InlineKeyboardMarkup | None:
    """Sources, votes and further questions of an answer; None where there is nothing to press.

    `remind_of` is the notice whose deadlines a button offers to remind of.
    """
    sources = [
        _button(messages.SOURCE_BUTTON.format(n=citation.n), Press(Action.SOURCE, question_id, citation.n))
        for citation in answer.citations[:MAX_SOURCES]
    ]
    votes = [] if answer.status is AnswerStatus.GREETING else [_vote_buttons(question_id)]
    suggestions = [
        [_button(text, Press(Action.SUGGESTION, question_id, index))]
        for index, text in enumerate(answer.suggestions[:MAX_SUGGESTIONS], 1)
    ]
    remind = (
        [[_button(messages.REMIND_BUTTON, Press(Action.REMIND_NOTICE, short_id(remind_of)))]]
        if remind_of
        else []
    )
    rows = [*_rows(sources, 2), *remind, *votes, *suggestions]
    return InlineKeyboardMarkup(rows) if rows else None


def with_votes(
    keyboard: InlineKeyboardMarkup, question_id: str, ups: int, downs: int, *, asking_why: bool = False
) -> InlineKeyboardMarkup:
    """The same keyboard with the votes counted, and under them the reasons to choose from or none."""
    rows: list[Sequence[InlineKeyboardButton]] = []
    for row in keyboard.inline_keyboard:
        press = press_from(str(row[0].callback_data)) if row else None
        action = press.action if press else None
        if action in {Action.VOTE_UP, Action.VOTE_DOWN}:
            rows.append(_vote_buttons(question_id, ups, downs))
            rows += _reason_rows(question_id) if asking_why else []
        elif action is not Action.REASON:
            rows.append(row)
    return InlineKeyboardMarkup(rows)


def _reason_rows(question_id: str) -> list[Sequence[InlineKeyboardButton]]:
    return _rows(
        [
            _button(messages.REASONS[reason], Press(Action.REASON, question_id, number))
            for number, reason in enumerate(FeedbackReason, 1)
        ],
        2,
    )


def reason_from(press: Press) -> FeedbackReason | None:
    reasons = list(FeedbackReason)
    return reasons[press.n - 1] if 1 <= press.n <= len(reasons) else None


def again_keyboard(question_id: str) -> InlineKeyboardMarkup:
    return column([(messages.AGAIN_BUTTON, Press(Action.AGAIN, question_id))])


def column(buttons: Iterable[tuple[str, Press]]) -> InlineKeyboardMarkup:
    """A button a row; long words are cut."""
    return InlineKeyboardMarkup([[_button(_shortened(words), press)] for words, press in buttons])


def rows_of(*rows: Sequence[tuple[str, Press]]) -> InlineKeyboardMarkup:
    """Rows of buttons as given; long words are cut."""
    return InlineKeyboardMarkup([[_button(_shortened(words), press) for words, press in row] for row in rows])


def private_chat_keyboard(username: str, payload: str) -> InlineKeyboardMarkup:
    url = f"https://t.me/{username}?start={payload}"
    return InlineKeyboardMarkup([[InlineKeyboardButton(messages.OPEN_PRIVATE_BUTTON, url=url)]])


def examples_keyboard() -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[_button(text, Press(Action.EXAMPLE, str(index)))] for index, text in enumerate(EXAMPLES)]
    )


def notices_keyboard(notices: Sequence[Notice], page: int = 0) -> InlineKeyboardMarkup:
    """One notice a row, newest as the assistant lists them, in pages; `全部` stands last on each."""
    pages = max(1, -(-len(notices) // NOTICES_A_PAGE))
    page = min(max(page, 0), pages - 1)
    shown = notices[page * NOTICES_A_PAGE : (page + 1) * NOTICES_A_PAGE]
    rows = [
        [_button(_shortened(notice.title), Press(Action.NOTICE, short_id(notice.id)))] for notice in shown
    ]
    turns = []
    if page > 0:
        turns.append(_button(messages.NOTICES_PREVIOUS, Press(Action.PAGE, str(page - 1))))
    if page < pages - 1:
        turns.append(_button(messages.NOTICES_NEXT, Press(Action.PAGE, str(page + 1))))
    everything = [_button(messages.NOTICES_ALL, Press(Action.NOTICE, ALL_NOTICES))]
    return InlineKeyboardMarkup([*rows, *([turns] if turns else []), everything])


def short_id(notice_id: str) -> str:
    """10 letters and digits for a notice: fits a button and a deep link (`start=n_<short id>`)."""
    return hashlib.sha256(notice_id.encode()).hexdigest()[:10]


def text_on_button(keyboard: InlineKeyboardMarkup | None, data: str) -> str | None:
    """The words on the button that carries this data."""
    for row in keyboard.inline_keyboard if keyboard else ():
        for button in row:
            if button.callback_data == data:
                return button.text
    return None


def question_id_in(keyboard: InlineKeyboardMarkup | None) -> str | None:
    """The question-log row that a message's buttons refer to."""
    for row in keyboard.inline_keyboard if keyboard else ():
        for button in row:
            press = press_from(str(button.callback_data))
            if press and press.action in {Action.SOURCE, Action.VOTE_UP}:
                return press.id
    return None


def _vote_buttons(question_id: str, ups: int = 0, downs: int = 0) -> list[InlineKeyboardButton]:
    def label(thumb: str, count: int) -> str:
        return f"{thumb} {count}" if count else thumb

    return [
        _button(label(messages.VOTE_UP, ups), Press(Action.VOTE_UP, question_id)),
        _button(label(messages.VOTE_DOWN, downs), Press(Action.VOTE_DOWN, question_id)),
    ]


def _button(text: str, press: Press) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=press.data)


def _rows(buttons: Sequence[InlineKeyboardButton], width: int) -> list[Sequence[InlineKeyboardButton]]:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def _shortened(title: str) -> str:
    return title if len(title) <= NOTICE_TITLE_CHARACTERS else title[: NOTICE_TITLE_CHARACTERS - 1] + "…"
