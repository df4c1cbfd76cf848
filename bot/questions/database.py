"""Database URL -> engine with the tables of the question log and of the conversations."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

logger = logging.getLogger(__name__)

MEMORY_URL = "sqlite://"
BUSY_TIMEOUT_MS = 5000


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; SQLite would otherwise give it back without its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("user_hash", String(32), nullable=False),
    Column("question", Text, nullable=False),
    Column("status", String(40), nullable=False),
    Column("notice_ids", JSON, nullable=False),
    Column("citations", JSON, nullable=False),
    Column("passages", JSON, nullable=False),
    Column("suggestions", JSON, nullable=False),
    Column("answer", Text, nullable=False),
    Column("took_ms", Float, nullable=False),
    Column("index_version", String(80), nullable=False),
    Index("questions_by_time", "asked_at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("question_id", ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    Column("user_hash", String(32), primary_key=True),
    Column("vote", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

updates = Table(
    "updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Index("updates_by_time", "seen_at"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("notice_id", Text),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False),
    Column("question", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("turns_by_key", "key"),
)


@dataclass(frozen=True, slots=True)
class Database:
    engine: Engine
    problem: str = ""
    """A Chinese sentence where the database asked for cannot be used and memory stands in; else empty."""


def open_database(url: str) -> Database:
    """The database with all its tables.

    Never raises: where the database cannot be opened or written, a warning is logged, `problem` says why, and
    one in memory stands in until the process ends, so that questions are still answered.
    """
    try:
        _make_folder(url)
        engine = _create_engine(url)
        _create_tables(engine)
        return Database(engine)
    except (SQLAlchemyError, OSError, ImportError) as error:
        problem = (
            f"问题记录库 {hidden_url(url)} 不能写入（{_cause(error)}）。"
            "提问照常回答，但不会留下记录；请检查 DATABASE_URL 和所在目录的权限、磁盘空间。"
        )
        logger.warning(problem)
        engine = _create_engine(MEMORY_URL)
        _create_tables(engine)
        return Database(engine, problem)


def hidden_url(url: str) -> str:
    """The URL without its password; a text that is no URL is not shown at all."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "（不是有效的 DATABASE_URL）"


def storable(text: str) -> str:
    """Text that every database takes: NUL and lone surrogates become U+FFFD."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).split("\n")[0]


def _make_folder(url: str) -> None:
    """Creates a SQLite file readable by its owner only: it holds what people asked."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return
    path = Path(str(parsed.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _create_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database in {None, "", ":memory:"}:
        engine = create_engine(parsed, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _create_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
