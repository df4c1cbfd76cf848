"""A bot with staff: real knowledge folder, real builds, a report written down here."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.channels.telegram.staff_desk import StaffDesk, StaffWork
from bot.channels.telegram.staff_reports import DraftPage, Report
from bot.errors import UploadError
from bot.index.building import build_index
from bot.index.store import load_index
from bot.publishing import Build, Publishing
from bot.quarantine import Quarantine
from bot.questions.announcements import Announcements
from bot.questions.audit import Audit
from bot.questions.database import Database, open_database
from bot.questions.report import Day, FaqReport, FrequentGroup
from tests.botapi_server import BotApiServer
from tests.bundled_encoder import bundled_encoder
from tests.telegram_bot_process import NOW
from tests.telegram_fixtures import RunningBot, running_bot

STAFF, OTHER_STAFF, STRANGER = 7, 8, 66
NOTICE = "数字化补助"
TEXT = """关于组织申报2025年度数字化改造补助的通知

各县（市、区）工信局：

一、申报时间
企业于2025年6月30日前在线提交，逾期不予受理。

二、联系方式
联系人：陈明，电话0799-6661234。

江海市工业和信息化局
2025年5月6日
"""
LATER = TEXT.replace("6月30日", "7月15日")


@dataclass
class WrittenDrafts:
    """Drafts that stand here; approving one notes who did."""

    drafted: list[str] = field(default_factory=list)
    approved: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""

    def draft(self, group: FrequentGroup, period: str, actor: str) -> DraftPage:
        self.drafted.append(group.id)
        text = f"# {group.title}\n\n答：2025年6月30日前。[1]"
        return DraftPage(group.id, group.title, text, "d1", f"faq/drafts/{group.id}.md", self.problem)

    def approve(self, entry_id: str, digest: str, by: str, actor: str) -> str:
        if digest != "d1":
            raise UploadError("草稿在你看过之后又改动了，请重新查看后再审定。")
        self.approved.append((entry_id, actor))
        return "什么时候截止？"


def group(number: int, title: str, count: int, **values: Any) -> FrequentGroup:
    whole: dict[str, Any] = {
        "people": count,
        "by_week": (count,),
        "trend": 0.0,
        "unanswered": 0.0,
        "up": 0,
        "down": 0,
        "down_share": 0.0,
        "reasons": (),
        "notice_ids": (NOTICE,),
        "wordings": (title, f"{title}呢"),
        "question_ids": ("q1",),
        "first_asked": NOW,
        "last_asked": NOW,
        **values,
    }
    return FrequentGroup(f"g{number:08x}", title, count, **whole)


def report(
    since: date, until: date, *, answered: int = 0, progress: Callable[[int], None] | None = None
) -> FaqReport:
    """The same groups for whatever days are asked."""
    missing = group(2, "设备联网率要求多少", 5, unanswered=1.0, trend=0.6, down=2)
    days = (until - since).days + 1
    return FaqReport(
        since,
        until,
        asked=25,
        people=21,
        unanswered=5,
        small_talk=3,
        up=4,
        down=2,
        groups=(group(1, "什么时候截止？", 20), missing),
        missing=(missing,),
        weak=(),
        days=tuple(Day(since + timedelta(days=n), n % 4, n % 2) for n in range(days)),
        hours=(0,) * 24,
        deadlines=(),
    )


@dataclass
class StaffedBot:
    running: RunningBot
    knowledge: Path
    index_root: Path
    publishing: Publishing
    drafts: WrittenDrafts
    database: Database

    @property
    def api(self) -> BotApiServer:
        return self.running.api

    @property
    def acts(self) -> list[tuple[str, str]]:
        """(who, what) of the audit, oldest first."""
        return [(entry.actor, entry.action) for entry in reversed(Audit(self.database).recent())]

    @property
    def announcements(self) -> Announcements:
        return Announcements(self.database)

    def published_dates(self) -> set[str]:
        facts = load_index(self.index_root).facts.values()
        return {fact.value for of_chunk in facts for fact in of_chunk if fact.value.startswith("2025-0")}

    def files(self) -> dict[str, str]:
        """The knowledge folder, hidden files included."""
        paths = [path for path in self.knowledge.rglob("*") if path.is_file()]
        return {path.relative_to(self.knowledge).as_posix(): path.read_text("utf-8") for path in paths}


@cache
def published_notice() -> Path:
    """A folder with the notice in `knowledge/` and its index in `index/`: built once, copied for each test."""
    directory = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    (directory / "knowledge" / NOTICE).mkdir(parents=True)
    (directory / "knowledge" / NOTICE / "通知.txt").write_text(TEXT, "utf-8")
    build_index(directory / "knowledge", directory / "index", bundled_encoder())
    return directory


@asynccontextmanager
async def staffed_bot(
    directory: Path,
    api: BotApiServer | None = None,
    *,
    staff: Sequence[int] = (STAFF, OTHER_STAFF),
    build: Build | None = None,
    prepared: Quarantine | None = None,
    reporting: Report = report,
    **settings: Any,
) -> AsyncIterator[StaffedBot]:
    """The bot with its desk over a published notice; a second one in the same directory goes on where it stopped."""
    knowledge, index_root = directory / "knowledge", directory / "index"
    if not knowledge.exists():
        shutil.copytree(published_notice(), directory, dirs_exist_ok=True)
    quarantine = prepared or Quarantine(directory / "var", knowledge)
    publishing = Publishing(
        knowledge, index_root, bundled_encoder(), quarantine, build=build, lock_wait_seconds=1
    )
    database = open_database(f"sqlite:///{directory / 'questions.db'}")
    drafts = WrittenDrafts()
    work = StaffWork(publishing, drafts, reporting, lambda: ("补多少钱？",))
    desk = StaffDesk(frozenset(staff), work, database, lambda: NOW, lambda: 3, album_seconds=0.2)
    try:
        async with running_bot(directory, api, desk=desk, **settings) as running:
            yield StaffedBot(running, knowledge, index_root, publishing, drafts, database)
    finally:
        publishing.close()
