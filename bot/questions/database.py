"""Database URL -> engine with all tables: question log, conversations, reminders, what is to be sent."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

logger = logging.getLogger(__name__)

MEMORY_URL = "sqlite://"
BUSY_TIMEOUT_MS = 5000
POSTGRESQL_CONNECT_SECONDS = 10
"""A server that does not answer at all would otherwise hold up the start for minutes."""
TABLES_LOCK = 0x6E6F7469
"""Of the advisory lock in PostgreSQL under which tables are made; any number that others do not use."""
NO_POSTGRESQL_DRIVER = '缺少 PostgreSQL 的驱动，请运行：pip install "psycopg[binary]"'
CHECK_FILE = "请检查 DATABASE_URL 和所在目录的权限、磁盘空间"
CHECK_SERVER = "请检查数据库服务器是否在运行，DATABASE_URL 里的地址、库名、用户名和密码是否正确"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC without a zone, whatever zone the database server or its session is in."""

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
    Column("reason", String(20)),
)

question_groups = Table(
    "question_groups",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("founded_at", UtcDateTime, nullable=False),
    Column("became", String(12)),
)

wordings = Table(
    "wordings",
    metadata,
    Column("digest", String(32), primary_key=True),
    Column("group_id", String(12), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("encoder", String(200), nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index("wordings_by_group", "group_id"),
)

grouped_questions = Table(
    "grouped_questions",
    metadata,
    Column("question_id", ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    Column("wording", String(32), nullable=False),
    Index("grouped_questions_by_wording", "wording"),
)

updates = Table(
    "updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("payload", Text),
    Column("user_hash", String(32)),
    Column("tries", Integer),
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

self_checks = Table(
    "self_checks",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("notice_id", String(200), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("is_asking", Boolean, nullable=False),
    Column("state", JSON, nullable=False),
)

# What needs a person's chat stands apart from the log, which knows hashes only, and goes with the person.

recipients = Table(
    "recipients",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_hash", String(32), nullable=False),
    Column("time_zone", String(40), nullable=False),
    Column("blocked_at", UtcDateTime),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("deadline", JSON, nullable=False),
    Column("ended", String(20)),
    Column("created_at", UtcDateTime, nullable=False),
    Index("reminders_by_chat", "chat_id"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("notice_id", String(255), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("body", JSON, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("outbox_by_time", "state", "due_at"),
    Index("outbox_by_chat", "chat_id"),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("detail", JSON, nullable=False),
)

announcements = Table(
    "announcements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("version", String(80), nullable=False),
    Column("notice_id", String(255), nullable=False),
    Column("title", Text, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", String(80), nullable=False),
    Column("sent", Integer, nullable=False),
    Index("announcements_by_change", "version", "notice_id", unique=True),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index("audit_by_time", "at"),
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
            f"提问照常回答，但不会留下记录；{_check(url, error)}。"
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


def storable(words: str) -> str:
    """Text that every database takes: NUL and lone surrogates become U+FFFD."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", words)


def insert_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows but those whose key is there already, put there by whichever process."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), list(rows))


def insert_or_replace(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Inserts a row, in place of one of the same key."""
    key = [column.name for column in table.primary_key]
    new = _insert(connection, table).values(**row)
    rest = {name: new.excluded[name] for name in row if name not in key}
    connection.execute(new.on_conflict_do_update(index_elements=key, set_=rest))


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Both databases know ON CONFLICT; SQL itself does not."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _check(url: str, error: Exception) -> str:
    """What to do about a database that cannot be used."""
    if isinstance(error, ImportError) and "psycopg" in str(error):
        return NO_POSTGRESQL_DRIVER
    return CHECK_SERVER if url.startswith("postgres") else CHECK_FILE


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
        timeout = {"connect_timeout": str(POSTGRESQL_CONNECT_SECONDS), **parsed.query}
        return create_engine(parsed.set(query=timeout), pool_pre_ping=True)
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
        if connection.dialect.name == "postgresql":  # IF NOT EXISTS does not keep two makers apart there
            connection.execute(select(func.pg_advisory_xact_lock(TABLES_LOCK)))
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            _add_new_columns(connection, table)
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))


def _add_new_columns(connection: Connection, table: Table) -> None:
    """Brings a table of an older program up to date; every column added later may be empty."""
    present = {column["name"] for column in inspect(connection).get_columns(table.name)}
    quoted = connection.dialect.identifier_preparer.quote
    unless = "IF NOT EXISTS " if connection.dialect.name == "postgresql" else ""
    for column in table.columns:
        if column.name in present:
            continue
        kind = column.type.compile(connection.dialect)
        try:
            connection.execute(
                text(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {unless}{quoted(column.name)} {kind}")
            )
        except OperationalError as error:
            if "duplicate column" not in str(error):  # another process that starts now was first
                raise
