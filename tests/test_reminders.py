"""Which dates of a notice can be reminded of, when a reminder leaves, and which date follows which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.chunking import chunk_document
from bot.datamodels import Chunk, Document, DocumentRole, Fact, Notice
from bot.facts import extract_facts
from bot.reminders import Deadline, deadlines_of, decent, followed, reminder_moments

CHINA = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
ENTERPRISE = Deadline("n", "通知", "2026-12-01", "申报主体", "完成线上申报", "二、（二）1.")
CITY = Deadline("n", "通知", "2026-12-02", "各市州工信局", "将推荐文件报送至省厅", "二、（二）2.")


def at(text: str, zone: ZoneInfo = CHINA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# ---------------------------------------------------------------- when


def test_reminders_leave_at_nine_14_7_and_1_days_before() -> None:
    assert reminder_moments(date(2026, 12, 1), CHINA, at("2026-11-01T12:00")) == (
        (14, at("2026-11-17T09:00")),
        (7, at("2026-11-24T09:00")),
        (1, at("2026-11-30T09:00")),
    )


def test_only_what_lies_ahead_is_promised() -> None:
    days = [days for days, _ in reminder_moments(date(2026, 12, 1), CHINA, at("2026-11-24T09:00"))]
    assert days == [1]
    assert reminder_moments(date(2026, 12, 1), CHINA, at("2026-11-30T09:01")) == ()


def test_nine_is_nine_on_both_sides_of_a_change_to_winter_time() -> None:
    moments = reminder_moments(date(2026, 11, 8), NEW_YORK, at("2026-10-01T00:00", NEW_YORK))
    assert [moment.astimezone(UTC).hour for _, moment in moments] == [13, 14, 14]
    assert [moment.hour for _, moment in moments] == [9, 9, 9]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24T09:00", "2026-11-24T09:00"),
        ("2026-11-24T19:59", "2026-11-24T19:59"),
        ("2026-11-24T20:00", "2026-11-25T09:00"),
        ("2026-11-24T03:10", "2026-11-24T09:00"),
        ("2026-11-24T23:59", "2026-11-25T09:00"),
    ],
)
def test_nobody_is_woken(moment: str, expected: str) -> None:
    assert decent(at(moment), CHINA) == at(expected)


def test_the_hour_is_the_readers_own() -> None:
    assert decent(at("2026-11-24T12:00"), NEW_YORK) == at("2026-11-24T09:00", NEW_YORK)


# ---------------------------------------------------------------- which deadlines


@dataclass(frozen=True)
class Version:
    notices: dict[str, Notice]
    documents: dict[str, Document]
    chunks: tuple[Chunk, ...]
    notice_rows: dict[str, NDArray[np.int64]]
    facts: dict[str, tuple[Fact, ...]]


def version_of(text: str) -> Version:
    notice = Notice("n", "关于申报的通知", "n/通知.txt", issued_on=date(2026, 11, 1), year=2026)
    document = Document("n/通知.txt", "n", notice.title, DocumentRole.MAIN, text, "txt")
    chunks = chunk_document(document)
    by_chunk: dict[str, list[Fact]] = {}
    for fact in extract_facts(chunks, notice):
        by_chunk.setdefault(fact.chunk_id, []).append(fact)
    facts = {chunk_id: tuple(found) for chunk_id, found in by_chunk.items()}
    rows = np.arange(len(chunks), dtype=np.int64)
    return Version({"n": notice}, {document.id: document}, chunks, {"n": rows}, facts)


NOTICE = """# 关于申报的通知

二、申报流程

1.申报主体登录平台进行申报，编制申报书，于2026年12月1日前完成线上申报。

2.各市州工信局完成推荐，于12月2日前将推荐文件报送至省工业和信息化厅。

3.企业应在2020年1月1日以前成立，项目建设期截止到2027年12月31日。
"""


def test_the_deadlines_of_a_notice_are_those_for_handing_in_with_their_actors() -> None:
    found = deadlines_of(version_of(NOTICE), "n")
    assert [(each.actor, each.value, each.day) for each in found] == [
        ("申报主体", "2026-12-01", date(2026, 12, 1)),
        ("各市州工信局", "2026-12-02", date(2026, 12, 2)),
    ]
    assert len({each.id for each in found}) == 2
    assert deadlines_of(version_of(NOTICE), "another") == ()


def test_a_date_that_moves_is_followed_through_a_real_change_of_the_text() -> None:
    before, _ = deadlines_of(version_of(NOTICE), "n")
    moved = deadlines_of(version_of(NOTICE.replace("12月1日前完成", "12月15日前完成")), "n")
    latest = followed(before, moved)
    assert latest is not None and (latest.actor, latest.value) == ("申报主体", "2026-12-15")


# ---------------------------------------------------------------- which follows which


def test_the_actor_and_the_act_say_which_date_it_is() -> None:
    later = replace(ENTERPRISE, value="2026-12-05", section="三、1.")
    assert followed(ENTERPRISE, [CITY, later]) == later
    assert followed(CITY, [CITY, later]) == CITY


def test_another_wording_of_the_act_or_the_same_section_will_do() -> None:
    reworded = replace(ENTERPRISE, act="在线完成申报", value="2026-12-05", section="四、")
    assert followed(ENTERPRISE, [CITY, reworded]) == reworded
    same_place = replace(ENTERPRISE, act="提交材料", value="2026-12-05")
    assert followed(ENTERPRISE, [CITY, same_place]) == same_place


def test_a_date_for_somebody_else_is_no_successor() -> None:
    assert followed(ENTERPRISE, [CITY]) is None
    assert followed(ENTERPRISE, []) is None
