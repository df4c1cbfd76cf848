"""Answer -> one row of the question log; the module that staff's reports and feedback buttons read from."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.datamodels import Answer, AnswerStatus, Citation
from bot.questions.database import (
    Database,
    feedback,
    insert_missing,
    insert_or_replace,
    meta,
    open_database,
    questions,
    storable,
)
from bot.rendering import body_to_plain

logger = logging.getLogger(__name__)

PASSAGES_KEPT = 10


class FeedbackReason(StrEnum):
    """Why an answer got a 👎."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    OUTDATED = "outdated"
    NOT_ASKED = "not_asked"
    """It answers another question."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LoggedPassage:
    """A passage that was read for a question. Every score is larger-is-better."""

    chunk_id: str
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    id: str
    asked_at: datetime
    """In UTC."""
    channel: str
    user_hash: str
    """Empty where the channel knows no user."""
    question: str
    status: AnswerStatus
    notice_ids: tuple[str, ...]
    citations: tuple[Citation, ...]
    passages: tuple[LoggedPassage, ...]
    """The best ten, best first."""
    suggestions: tuple[str, ...]
    answer: str
    """The answer's blocks with their markers."""
    took_ms: float
    index_version: str


class QuestionLog:
    """Every question with its answer, and what people thought of it. Thread-safe.

    Writing never breaks an answer: a database that is locked, full or gone is reported on the error log.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = database.engine
        self._clock = clock
        self.problem = database.problem
        self._salt = self._load_salt()

    @classmethod
    def open(cls, database_url: str, clock: Callable[[], datetime] = utc_now) -> QuestionLog:
        """Never raises; `problem` says in Chinese why a database cannot be used, and is empty otherwise."""
        return cls(open_database(database_url), clock)

    def _load_salt(self) -> bytes:
        """The salt of this database, made at random when it was first opened."""
        try:
            with self._engine.begin() as connection:
                insert_missing(connection, meta, [{"name": "salt", "value": secrets.token_hex(32)}])
        except SQLAlchemyError as error:
            _report("盐值未能写入", error)
        try:
            with self._engine.connect() as connection:
                salt = select(meta.c.value).filter_by(name="salt")
                return bytes.fromhex(connection.execute(salt).scalar_one())
        except SQLAlchemyError as error:
            _report("盐值未能读出", error)
            return secrets.token_bytes(32)

    def user_hash(self, user: str) -> str:
        """96 bits of a keyed hash of the user's id, as 24 hexadecimal digits; empty for no user."""
        if not user:
            return ""
        return hmac.new(self._salt, user.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:24]

    def record(
        self,
        answer: Answer,
        *,
        channel: str,
        user: str = "",
        asked_at: datetime | None = None,
        index_version: str = "",
    ) -> str:
        """Logs one question; its id is 11 characters of A-Z a-z 0-9 _ -, given even if the log failed."""
        while (question_id := secrets.token_urlsafe(8)).startswith("-"):
            pass  # a command line would take it for an option
        row = {
            "id": question_id,
            "asked_at": asked_at or self._clock(),
            "channel": channel,
            "user_hash": self.user_hash(user),
            "question": answer.question.text,
            "status": answer.status.value,
            "notice_ids": list(answer.notice_ids),
            "citations": [asdict(citation) for citation in answer.citations],
            "passages": [
                {
                    "chunk_id": passage.chunk.id,
                    "score": float(passage.score),
                    "dense": float(passage.dense),
                    "lexical": float(passage.lexical),
                }
                for passage in answer.passages[:PASSAGES_KEPT]
            ],
            "suggestions": list(answer.suggestions),
            "answer": body_to_plain(answer),
            "took_ms": float(answer.took_ms),
            "index_version": index_version,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(questions).values(**_storable(row)))
        except SQLAlchemyError as error:
            _report("这次提问没有记下", error)
        return question_id

    def get(self, question_id: str) -> LoggedQuestion | None:
        """The logged question; None for an unknown id or an unreadable database."""
        try:
            with self._engine.connect() as connection:
                row = connection.execute(select(questions).filter_by(id=storable(question_id))).one_or_none()
        except SQLAlchemyError as error:
            _report("读不出提问记录", error)
            return None
        return None if row is None else _logged_question(row)

    def recent(self, limit: int = 50) -> tuple[LoggedQuestion, ...]:
        """The last `limit` questions, newest first. Raises SQLAlchemyError where it cannot be read."""
        newest = select(questions).order_by(questions.c.asked_at.desc(), questions.c.id).limit(limit)
        with self._engine.connect() as connection:
            return tuple(_logged_question(row) for row in connection.execute(newest))

    def between(self, since: datetime, until: datetime) -> tuple[LoggedQuestion, ...]:
        """The questions asked from `since` on and before `until`, oldest first. Raises SQLAlchemyError."""
        asked = (questions.c.asked_at >= since, questions.c.asked_at < until)
        period = select(questions).where(*asked).order_by(questions.c.asked_at, questions.c.id)
        with self._engine.connect() as connection:
            return tuple(_logged_question(row) for row in connection.execute(period))

    def votes_between(
        self, since: datetime, until: datetime
    ) -> dict[str, tuple[tuple[int, FeedbackReason | None], ...]]:
        """Id of each question asked in the period that was voted on -> its votes (+1 or -1, reason).

        Raises SQLAlchemyError.
        """
        found = (
            select(feedback.c.question_id, feedback.c.vote, feedback.c.reason)
            .join(questions, questions.c.id == feedback.c.question_id)
            .where(questions.c.asked_at >= since, questions.c.asked_at < until)
            .order_by(feedback.c.at)
        )
        votes: dict[str, list[tuple[int, FeedbackReason | None]]] = {}
        with self._engine.connect() as connection:
            for question_id, vote, reason in connection.execute(found):
                votes.setdefault(question_id, []).append((vote, FeedbackReason(reason) if reason else None))
        return {question_id: tuple(each) for question_id, each in votes.items()}

    def feedback(self, question_id: str, user: str, vote: int, reason: FeedbackReason | None = None) -> bool:
        """Keeps a person's vote, +1 or -1, and the reason of a -1, in place of an earlier vote.

        False where there is no such question or the vote could not be kept. Raises ValueError for another
        number, and for a reason with +1.
        """
        if vote not in {1, -1} or (reason and vote == 1):
            raise ValueError(f"vote is +1 or -1, and only -1 has a reason, not {vote!r} with {reason!r}")
        row = {
            "question_id": storable(question_id),
            "user_hash": self.user_hash(user),
            "vote": vote,
            "reason": reason,
            "at": self._clock(),
        }
        try:
            with self._engine.begin() as connection:
                insert_or_replace(connection, feedback, row)
        except IntegrityError:
            return False  # no such question
        except SQLAlchemyError as error:
            _report("评价没有记下", error)
            return False
        return True

    def votes(self, question_id: str) -> tuple[int, int]:
        """How many people voted (+1, -1)."""
        count = (
            select(feedback.c.vote, func.count())
            .filter_by(question_id=storable(question_id))
            .group_by(feedback.c.vote)
        )
        try:
            with self._engine.connect() as connection:
                votes = {vote: number for vote, number in connection.execute(count)}
        except SQLAlchemyError as error:
            _report("读不出评价", error)
            return (0, 0)
        return votes.get(1, 0), votes.get(-1, 0)

    def reasons(self, question_id: str) -> dict[FeedbackReason, int]:
        """How many people gave which reason with their 👎, most frequent first."""
        count = (
            select(feedback.c.reason, func.count())
            .where(feedback.c.question_id == storable(question_id), feedback.c.reason.is_not(None))
            .group_by(feedback.c.reason)
            .order_by(func.count().desc(), feedback.c.reason)
        )
        try:
            with self._engine.connect() as connection:
                return {FeedbackReason(reason): number for reason, number in connection.execute(count)}
        except SQLAlchemyError as error:
            _report("读不出评价", error)
            return {}


def _report(what: str, error: SQLAlchemyError) -> None:
    cause = str(getattr(error, "orig", None) or error).split("\n")[0]
    logger.error("问题记录库：%s（%s）。回答不受影响。", what, cause)


def _storable(value: Any) -> Any:
    """The value with every text in it made storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {key: _storable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(part) for part in value]
    return value


def _logged_question(row: Row[Any]) -> LoggedQuestion:
    values = dict(row._mapping)
    return LoggedQuestion(
        **{
            **values,
            "status": AnswerStatus(values["status"]),
            "notice_ids": tuple(values["notice_ids"]),
            "citations": tuple(_citation(each) for each in values["citations"]),
            "passages": tuple(LoggedPassage(**each) for each in values["passages"]),
            "suggestions": tuple(values["suggestions"]),
        }
    )


_CITATION_FIELDS = frozenset(field.name for field in fields(Citation))


def _citation(values: Mapping[str, Any]) -> Citation:
    known = {name: value for name, value in values.items() if name in _CITATION_FIELDS}
    return Citation(**{**known, "marks": tuple((start, end) for start, end in known.get("marks", ()))})
