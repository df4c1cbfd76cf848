"""Question log -> groups of questions with stable ids, kept in the database and brought up to date by what is new.

A wording is encoded and grouped once, when it first comes; a repeat of it costs nothing. A group keeps its id
as it grows. Where groups become one, the id that is gone leads to the one that stays. Of a wording only a
digest and its vector are kept: the words stand in the log alone, and with the last question of a wording its
digest and vector go too.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count, islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.datamodels import AnswerStatus
from bot.embedding import Encoder
from bot.questions.database import (
    Database,
    grouped_questions,
    insert_missing,
    question_groups,
    questions,
    wordings,
)
from bot.questions.grouping import COMPARED, UNGROUPED, Grouping, Neighbours, grouped
from bot.questions.likeness import Likeness, Wording, Wordings, comparison
from bot.questions.log import LoggedQuestion, QuestionLog
from bot.questions.privacy import forget_orphans
from bot.questions.wordings import asked_words, logged_wording, nearest_rows, wording_digest
from bot.today import day_in_china

logger = logging.getLogger(__name__)
Item = TypeVar("Item")

NO_WORDING = ""
"""Stands for the wording of small talk and of what only changes the question before."""
NO_GROUP = ""
SAVED_AT_ONCE = 256
"""New wordings that are encoded before they are saved: so many are lost at most when the work is cut off."""
ROWS_AT_ONCE = 500
"""Values in one SQL statement: databases limit them."""
Progress = Callable[[int], None]
"""Called with the number of wordings encoded since the last call."""
WordsOf = Callable[[str, int], tuple[str, tuple[int, ...]] | None]
"""(question, year in which it was asked) -> its normalised words and the years that it means."""


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions of a period that ask the same."""

    id: str
    """`g` and eight hexadecimal digits."""
    questions: tuple[LoggedQuestion, ...]
    """Oldest first, never empty."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh of the groups did."""

    questions: int
    """New questions, small talk included."""
    wordings: int
    """New wordings: so many were encoded."""
    groups: int
    """New groups."""
    merged: int
    """Groups that became part of another one."""


class GroupStore:
    """The groups of a question log. Raises SQLAlchemyError where the database cannot be read or written."""

    def __init__(self, database: Database, encoder: Encoder, model: Likeness | None = None) -> None:
        """Raises ModelError where the fitted model cannot be read."""
        self._engine = database.engine
        self._encoder = encoder
        self._model = model or Likeness.from_file(encoder.name)

    def refresh(self, titles: Mapping[str, str], progress: Progress | None = None) -> Refreshed:
        """Brings the groups up to date with the log. `titles`: id of a notice -> its title.

        What is encoded is saved at once: a refresh that was cut off goes on where it stopped.
        """
        with self._engine.begin() as connection:
            forget_orphans(connection)
        new_questions, new_wordings = self._read(progress)
        self._encode_again(progress)
        try:
            founded, merged = self._group(titles)
        except IntegrityError:  # another process founded the same groups just now: go on from there
            founded, merged = self._group(titles)
        return Refreshed(new_questions, new_wordings, founded, merged)

    def group_ids(self, since: datetime, until: datetime) -> dict[str, str]:
        """Id of each question asked from `since` on and before `until` -> id of its group.

        Small talk and mere follow-ups are not in it.
        """
        found = (
            select(grouped_questions.c.question_id, wordings.c.group_id)
            .join(wordings, wordings.c.digest == grouped_questions.c.wording)
            .join(questions, questions.c.id == grouped_questions.c.question_id)
            .where(questions.c.asked_at >= since, questions.c.asked_at < until)
            .where(wordings.c.group_id != NO_GROUP)
        )
        with self._engine.connect() as connection:
            return {question_id: group_id for question_id, group_id in connection.execute(found)}

    def resolve(self, group_id: str) -> str | None:
        """The id under which a group is known now; None for an unknown one."""
        seen: set[str] = set()
        with self._engine.connect() as connection:
            while group_id not in seen:
                seen.add(group_id)
                row = connection.execute(select(question_groups).filter_by(id=group_id)).one_or_none()
                if row is None:
                    return None
                if row.became is None:
                    return group_id
                group_id = row.became
        return None

    # ------------------------------------------------------------ new questions -> wordings with vectors

    def _read(self, progress: Progress | None) -> tuple[int, int]:
        """Gives every new question its wording; encodes wordings that are new."""
        total, new = 0, 0
        words_of = cache(asked_words)  # of this call alone: nobody's words are kept in memory
        while waiting := self._new_questions():  # again: some were asked meanwhile
            for some in _batches(waiting, SAVED_AT_ONCE):
                read, encoded = self._place(some, words_of)
                total, new = total + read, new + encoded
                if progress:
                    progress(encoded)
        return total, new

    def _place(self, question_ids: Sequence[str], words_of: WordsOf) -> tuple[int, int]:
        """Gives these questions their wordings, all at once; how many there are, and how many wordings are new."""
        with self._engine.connect() as connection:
            rows = _rows_by_id(connection, question_ids)
        digests: dict[str, str] = {}
        texts: dict[str, tuple[str, datetime]] = {}
        for row in rows:
            talk = row["status"] == AnswerStatus.GREETING
            asked = None if talk else words_of(row["question"], day_in_china(row["asked_at"]).year)
            digests[row["id"]] = digest = wording_digest(*asked, row["notice_ids"]) if asked else NO_WORDING
            if asked:
                texts.setdefault(digest, (asked[0], row["asked_at"]))
        with self._engine.connect() as connection:
            unknown = sorted(set(texts) - _known(connection, texts))
        vectors = self._encoder.encode_queries([texts[digest][0] for digest in unknown])
        new = [
            {
                "digest": digest,
                "group_id": NO_GROUP,
                "asked_at": texts[digest][1],
                "encoder": self._encoder.name,
                "vector": _packed(vector),
            }
            for digest, vector in zip(unknown, vectors, strict=True)
        ]
        with self._engine.begin() as connection:
            insert_missing(connection, wordings, new)
            still = _still_new(connection, list(digests))
            placed = [{"question_id": each, "wording": digests[each]} for each in digests if each in still]
            insert_missing(connection, grouped_questions, placed)
        return len(rows), len(unknown)

    def _new_questions(self) -> list[str]:
        """Ids of the questions that have no wording yet, oldest first."""
        placed = select(grouped_questions.c.question_id).where(
            grouped_questions.c.question_id == questions.c.id
        )
        new = select(questions.c.id).where(~exists(placed)).order_by(questions.c.asked_at, questions.c.id)
        with self._engine.connect() as connection:
            return list(connection.execute(new).scalars())

    def _encode_again(self, progress: Progress | None) -> None:
        """Vectors of another encoder are made anew; the groups stay."""
        stale = select(wordings.c.digest).where(wordings.c.encoder != self._encoder.name)
        with self._engine.connect() as connection:
            digests = list(connection.execute(stale).scalars())
        for some in _batches(digests, SAVED_AT_ONCE):
            with self._engine.connect() as connection:
                rows = _rows_of(connection, some)
            texts = {d: w.words for d, row in rows.items() if (w := logged_wording(row, {}))}
            vectors = self._encoder.encode_queries(list(texts.values()))
            with self._engine.begin() as connection:
                for digest, vector in zip(texts, vectors, strict=True):
                    values = {"encoder": self._encoder.name, "vector": _packed(vector)}
                    connection.execute(update(wordings).filter_by(digest=digest).values(**values))
            if progress:
                progress(len(texts))

    # ------------------------------------------------------------ wordings -> groups

    def _group(self, titles: Mapping[str, str]) -> tuple[int, int]:
        """Groups the wordings that have none; how many groups were founded, how many became part of others."""
        with self._engine.connect() as connection:
            stock = self._stock(connection)
            if not stock.fresh:
                return 0, 0
            loaded = _to_load(stock)
            rows = _rows_of(connection, [stock.digests[row] for row in loaded])
        found: dict[int, Wording] = {}
        for row in loaded:
            logged = rows.get(stock.digests[row])
            if logged and (wording := logged_wording(logged, titles)):
                found[row] = wording
        given = [stock.groups[row] for row in found]
        wordings_here = Wordings(list(found.values()), stock.vectors[list(found)])
        grouping = grouped(
            given,
            _local(nearest_rows(stock.vectors, of=np.asarray(list(found), np.int64)), list(found)),
            comparison(wordings_here, self._model),
            self._model.joins,
            fixed=_in_part(stock.groups, given),
        )
        with self._engine.begin() as connection:
            return _save(connection, stock, list(found), grouping)

    def _stock(self, connection: Connection) -> _Stock:
        """Every wording, in the order in which they came, with its vector and its group."""
        stock = _Stock()
        kept = select(wordings).where(wordings.c.encoder == self._encoder.name)
        in_order = kept.order_by(wordings.c.asked_at, wordings.c.digest)
        parts: list[NDArray[np.float32]] = []
        for some in _batches(connection.execute(in_order), 10_000):
            parts.append(np.stack([np.frombuffer(row.vector, np.float16) for row in some]).astype(np.float32))
            for row in some:
                stock.digests.append(row.digest)
                stock.groups.append(stock.number_of(row.group_id))
                stock.asked_at.append(row.asked_at)
        if parts:
            stock.vectors = np.concatenate(parts)
        return stock


@dataclass(slots=True)
class _Stock:
    """All wordings while they are being grouped."""

    digests: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    """Number of each wording's group; UNGROUPED where it has none yet."""
    ids: list[str] = field(default_factory=list)
    """Id of each group by number."""
    asked_at: list[datetime] = field(default_factory=list)
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 1), np.float32))
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def fresh(self) -> list[int]:
        return [row for row, group in enumerate(self.groups) if group == UNGROUPED]

    def number_of(self, group_id: str) -> int:
        if group_id == NO_GROUP:
            return UNGROUPED
        if group_id not in self._numbers:
            self._numbers[group_id] = len(self.ids)
            self.ids.append(group_id)
        return self._numbers[group_id]


def _to_load(stock: _Stock) -> list[int]:
    """Rows that must be compared: the new ones and those that stand for the groups near to them, in order."""
    if len(stock.fresh) == len(stock.digests):
        return stock.fresh
    near = nearest_rows(stock.vectors, of=np.asarray(stock.fresh, np.int64))
    groups = {stock.groups[row] for row in near.ravel().tolist() if row >= 0} - {UNGROUPED}
    members: dict[int, list[int]] = {}
    for row, group in enumerate(stock.groups):
        if group in groups:
            members.setdefault(group, []).append(row)
    beside = set(near.ravel().tolist()) - {-1}
    chosen = set(stock.fresh)
    for rows in members.values():
        standing = rows if len(rows) <= 2 * COMPARED else rows[:COMPARED] + rows[-COMPARED:]
        chosen.update(standing, beside.intersection(rows))
    return sorted(chosen)


def _local(near: Neighbours, rows: Sequence[int]) -> Neighbours:
    """Neighbours among all wordings -> among the loaded ones, by their place in `rows`; -1 for the others."""
    place = {row: number for number, row in enumerate(rows)}
    return np.asarray([[place.get(row, -1) for row in each] for each in near.tolist()], np.int64)


def _in_part(groups: Sequence[int], given: Sequence[int]) -> set[int]:
    """Groups of which only some wordings are given."""
    all_of, here = Counter(groups), Counter(given)
    return {group for group, count in here.items() if group != UNGROUPED and count < all_of[group]}


def _save(connection: Connection, stock: _Stock, rows: Sequence[int], grouping: Grouping) -> tuple[int, int]:
    """Writes what became of the wordings of `rows`; a wording that another process has moved meanwhile stays there."""
    ids = dict(enumerate(stock.ids))
    taken = set(connection.execute(select(question_groups.c.id)).scalars())
    founded: dict[str, datetime] = {}
    for row, group in zip(rows, grouping.group_of, strict=True):
        if group not in ids:
            ids[group] = _new_id(stock.digests[row], taken)
            founded[ids[group]] = stock.asked_at[row]
    if founded:
        new = [{"id": group_id, "founded_at": day} for group_id, day in founded.items()]
        connection.execute(insert(question_groups), new)
    moves = [
        {"moved": stock.digests[row], "from_group": ids.get(before, NO_GROUP), "to_group": ids[group]}
        for row, group in zip(rows, grouping.group_of, strict=True)
        if (before := stock.groups[row]) != group
    ]
    if moves:
        still = (wordings.c.digest == bindparam("moved")) & (wordings.c.group_id == bindparam("from_group"))
        connection.execute(update(wordings).where(still).values(group_id=bindparam("to_group")), moves)
    for gone, stays in grouping.became.items():
        connection.execute(update(question_groups).filter_by(id=ids[gone]).values(became=ids[stays]))
        logger.info("问题组 %s 并入 %s", ids[gone], ids[stays])
    return len(founded), len(grouping.became)


def _new_id(digest: str, taken: set[str]) -> str:
    """An id by the digest of the wording that founds the group: the same whenever the log is grouped anew."""
    for attempt in count():
        group_id = f"g{hashlib.sha256(f'{digest} {attempt}'.encode()).hexdigest()[:8]}"
        if group_id not in taken:
            taken.add(group_id)
            return group_id
    raise AssertionError("unreachable")


# ---------------------------------------------------------------- rows


def _rows_by_id(connection: Connection, question_ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """What tells the wording of each question, oldest first; those deleted meanwhile are left out."""
    told = (
        questions.c.id,
        questions.c.asked_at,
        questions.c.question,
        questions.c.status,
        questions.c.notice_ids,
    )
    rows = (
        select(*told).where(questions.c.id.in_(question_ids)).order_by(questions.c.asked_at, questions.c.id)
    )
    return [dict(row) for row in connection.execute(rows).mappings()]


def _still_new(connection: Connection, question_ids: Sequence[str]) -> set[str]:
    """Those of the questions that are in the log and have no wording yet: another process may have been faster."""
    placed = select(grouped_questions.c.question_id).where(grouped_questions.c.question_id == questions.c.id)
    found: set[str] = set()
    for some in _batches(question_ids, ROWS_AT_ONCE):
        new = select(questions.c.id).where(questions.c.id.in_(some), ~exists(placed))
        found.update(connection.execute(new).scalars())
    return found


def _known(connection: Connection, digests: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in _batches(digests, ROWS_AT_ONCE):
        known = select(wordings.c.digest).where(wordings.c.digest.in_(some))
        found.update(connection.execute(known).scalars())
    return found


def _rows_of(connection: Connection, digests: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Digest of a wording -> one question of the log that was asked so, always the same one."""
    found: dict[str, Mapping[str, Any]] = {}
    for some in _batches(digests, ROWS_AT_ONCE):
        first = (
            select(grouped_questions.c.wording, func.min(grouped_questions.c.question_id).label("id"))
            .where(grouped_questions.c.wording.in_(some))
            .group_by(grouped_questions.c.wording)
            .subquery()
        )
        rows = select(questions, first.c.wording).join(first, first.c.id == questions.c.id)
        found.update((row["wording"], dict(row)) for row in connection.execute(rows).mappings())
    return found


def _batches(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    rest = iter(items)
    while some := tuple(islice(rest, size)):
        yield some


def _packed(vector: NDArray[np.float32]) -> bytes:
    """Half precision: moves a cosine by less than 0.001."""
    return vector.astype(np.float16).tobytes()


# ---------------------------------------------------------------- for reports and drafts


def grouped_log(
    log: QuestionLog, store: GroupStore, since: datetime, until: datetime
) -> tuple[tuple[QuestionGroup, ...], tuple[LoggedQuestion, ...]]:
    """(groups of the period, the questions of the period that are in none: small talk, mere follow-ups).

    Groups with most questions come first. The groups are as of the last refresh.
    """
    group_of = store.group_ids(since, until)
    groups: dict[str, list[LoggedQuestion]] = {}
    loose: list[LoggedQuestion] = []
    for question in log.between(since, until):
        group_id = group_of.get(question.id)
        (groups.setdefault(group_id, []) if group_id else loose).append(question)
    ordered = sorted(groups.items(), key=lambda each: (-len(each[1]), each[1][0].asked_at, each[0]))
    return tuple(QuestionGroup(group_id, tuple(asked)) for group_id, asked in ordered), tuple(loose)


def question_groups_of(
    log: QuestionLog, store: GroupStore, since: datetime, until: datetime
) -> tuple[QuestionGroup, ...]:
    """The groups of the period, those with most questions first."""
    return grouped_log(log, store, since, until)[0]
