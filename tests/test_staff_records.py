"""What is kept of the staff's work and of the running bot: audit, announcements, signs of life, menus."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.questions.announcements import Announcements
from bot.questions.audit import Audit
from bot.questions.database import Database, open_database
from bot.questions.heartbeat import Heartbeats
from bot.questions.menus import StaffMenus

NOW = datetime(2026, 11, 22, 17, 30, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def database(database_url: str) -> Database:
    return open_database(database_url)


def test_audit_tells_who_did_what_newest_first(database: Database) -> None:
    audit, name = Audit(database, lambda: NOW), "王" * 120
    audit.record(f"cli:{name}", "faq.approved", "g0000001", "前\0", "后")
    audit.record("telegram:7000000007", "index.refreshed", "v2")
    second, first = audit.recent()
    assert (second.actor, second.action, second.object) == ("telegram:7000000007", "index.refreshed", "v2")
    assert (first.actor, first.before, first.after) == (f"cli:{name}", "前\ufffd", "后")
    assert first.at == NOW and first.at.tzinfo is UTC
    assert audit.recent(1) == (second,)


def test_a_change_is_kept_once_and_decided_once(database: Database) -> None:
    announcements, notice = Announcements(database, lambda: NOW), "n" * 255
    assert announcements.note("v2", notice, "关于申报的通知", ["截止日期：11月22日 → 11月29日"])
    assert not announcements.note("v2", notice, "关于申报的通知", [])
    change = announcements.find("v2", notice)
    assert change is not None and change.lines == ("截止日期：11月22日 → 11月29日",)
    assert change.decided_at is None and not change.sent
    assert announcements.decide(change.id, "telegram:7", sent=True)
    assert not announcements.decide(change.id, "telegram:8", sent=False)
    (decided,) = announcements.recent()
    assert (decided.decided_by, decided.decided_at, decided.sent) == ("telegram:7", NOW, True)


def test_the_last_sign_of_life_counts(database: Database) -> None:
    moments = iter((NOW, NOW + timedelta(seconds=10)))
    heartbeats = Heartbeats(database, lambda: next(moments))
    assert heartbeats.last("telegram") is None
    heartbeats.beat("telegram", {"pid": 1})
    heartbeats.beat("telegram", {"pid": 2, "host": "办公室"})
    beat = heartbeats.last("telegram")
    assert beat is not None and (beat.at, beat.detail) == (
        NOW + timedelta(seconds=10),
        {"pid": 2, "host": "办公室"},
    )


def test_menus_that_were_shown_are_known_after_a_restart(database: Database) -> None:
    StaffMenus(database).keep([7_000_000_007, 8])
    StaffMenus(database).keep([8])
    assert StaffMenus(database).shown() == frozenset({8})
