"""(Question, approved FAQ entry) -> Answer: the staff's words, the clauses they cite, deadlines with their state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot import messages
from bot.answering import repealed
from bot.citations import Citer, check_answer
from bot.datamodels import (
    Answer,
    AnswerStatus,
    Block,
    BlockKind,
    CitedClause,
    Fact,
    FactKind,
    Passage,
    Question,
    Span,
    SpanStyle,
)
from bot.dated import deadline_remark, with_remarks
from bot.deadlines import day_of, is_deadline, is_open_date, suffix_after
from bot.desk import Desk, computed, note
from bot.faq import Clause
from bot.faq_markdown import MARKER
from bot.frequent import Frequent
from bot.index.store import Index
from bot.ranking import Ranker
from bot.values import values_in

_ITEM = re.compile(r"\s*(?:[-*•·]\s+|(\d{1,2}[.、)）])\s*(?!\d))")
_STRONG = re.compile(r"\*\*(.+?)\*\*")


def faq_answer(
    question: Question, found: Frequent, index: Index, ranker: Ranker, passages: Sequence[Passage] = ()
) -> Answer:
    """The entry's answer: `常见问题（2026-11-20 审定）：`, its lines, its clauses quoted.

    A line without a marker is a remark; where no line has one, the first stands on all clauses. Raises
    FactLockError where a line states a value that no quotation states.
    """
    entry = found.entry
    desk = Desk(question, found.notice, index, ranker, Citer(index.documents))
    lines = [line for line in entry.answer.split("\n") if line.strip()]
    everything = range(1, len(found.clauses) + 1)
    marked = any(MARKER.search(line) for line in lines)
    numbers = {n: _cite(desk, entry.clauses[n - 1], found.clauses[n - 1], entry.answer) for n in everything}
    deadlines = _deadlines(desk, found.clauses)
    blocks, due = [], []
    for row, line in enumerate(lines):
        own = [int(n) for n in MARKER.findall(line)] if marked else list(everything) if row == 0 else []
        block, facts = _block(desk, line, tuple(dict.fromkeys(numbers[n] for n in own)), deadlines)
        blocks.append(block)
        due += facts
    label = messages.FAQ_LABEL.format(day=entry.approved_on.isoformat() if entry.approved_on else "")
    days = [day_of(fact.value) for fact in due]
    closed = days and all(day is not None and day < question.today for day in days)
    answer = Answer(
        question,
        AnswerStatus.ANSWERED_FAQ,
        (note(label), *repealed(desk), *blocks, *([note(messages.CLOSED)] if closed else [])),
        citations=desk.citer.citations,
        facts=_stated(desk, found.clauses, entry.answer),
        passages=tuple(passages),
        notice_ids=tuple(dict.fromkeys(clause.chunk.notice_id for clause in found.clauses)),
    )
    check_answer(answer, index.documents)
    return answer


def _cite(desk: Desk, cited: CitedClause, clause: Clause, answer: str) -> int:
    """The number of the entry's quotation, found again in the clause, whose text may have other blanks now."""
    document = desk.index.documents[clause.chunk.document_id]
    start, end = clause.chunk.start, clause.end
    letters = [re.escape(character) for character in cited.quote if not character.isspace()]
    if letters and (match := re.search(r"\s*".join(letters), document.text[start:end])):
        start, end = start + match.start(), start + match.end()
    marks = [(f.start, f.end) for f in _facts(desk, (clause,)) if f.text in answer and start <= f.start < end]
    return desk.citer.quote(clause.chunk, start, end, marks)


def _facts(desk: Desk, clauses: Iterable[Clause]) -> list[Fact]:
    return [fact for clause in clauses for part in clause.parts for fact in desk.facts(part)]


def _stated(desk: Desk, clauses: Sequence[Clause], answer: str) -> tuple[Fact, ...]:
    """Facts of the clauses whose words the answer repeats."""
    return tuple(dict.fromkeys(fact for fact in _facts(desk, clauses) if fact.text in answer))


def _deadlines(desk: Desk, clauses: Sequence[Clause]) -> list[Fact]:
    """The dates of the clauses that are dates to act by."""
    found = [
        fact
        for clause in clauses
        for part in clause.parts
        for fact in desk.facts(part)
        if is_deadline(fact, part.text, part.start)
    ]
    return [fact for fact in found if is_open_date(fact, desk.notice)]


# ---------------------------------------------------------------- lines


def _block(
    desk: Desk, line: str, numbers: tuple[int, ...], deadlines: Sequence[Fact]
) -> tuple[Block, list[Fact]]:
    """(a line of the answer with the states of the deadlines that it tells, those deadlines)."""
    words = MARKER.sub("", line).strip()
    item = _ITEM.match(words)
    number = f"{item[1]} " if item and item[1] else ""
    spans = _styled(words[item.end() :] if item else words)
    remarks, due = _remarks(desk, "".join(span.text for span in spans), deadlines)
    spans = with_remarks(spans, remarks)
    kind = BlockKind.NOTE if not numbers else BlockKind.ITEM if item else BlockKind.ANSWER
    return Block(kind, (*([computed(number)] if number else []), *spans), numbers), due


def _styled(words: str) -> list[Span]:
    """Plain words, and strong ones where they stand between `**`."""
    parts = _STRONG.split(words)
    return [
        Span(part, SpanStyle.STRONG if place % 2 else SpanStyle.PLAIN)
        for place, part in enumerate(parts)
        if part
    ]


def _remarks(desk: Desk, words: str, deadlines: Sequence[Fact]) -> tuple[list[tuple[int, str]], list[Fact]]:
    """([offset in the words, what is computed about the deadline before it], those deadlines)."""
    remarks, due = [], []
    for value in values_in(words):
        text = words[value.start : value.end]
        same = [f for f in deadlines if f.text == text or f.value == value.value]
        if value.kind is not FactKind.DATE or not same:
            continue
        due.append(same[0])
        if remark := deadline_remark(
            replace(same[0], year_inferred=_without_year(same[0], text)), desk.question.today
        ):
            remarks.append((value.end + len(suffix_after(words, value.end)), remark))
    return remarks, due


def _without_year(fact: Fact, words: str) -> bool:
    return fact.year_inferred and not re.search(r"\d{4}|[〇零一二]{2}", words)
