"""Staff's acts on the knowledge folder, with real builds: tried, published, taken back, one at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.changes import NoticeState
from bot.config import PROJECT
from bot.errors import BuildLocked, IndexDamaged, IndexMissing, UploadError
from bot.index.building import build_index
from bot.index.receipts import BuildReceipt, Progress
from bot.index.store import load_index
from bot.index.versions import current_version
from bot.publishing import Publishing, Tell
from bot.quarantine import Quarantine, Upload, UploadState
from tests.bundled_encoder import bundled_encoder

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
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
PARK = """关于开展绿色园区评价的通知

各园区：

一、评价范围
省级以上园区。

江海市生态环境局
2025年3月1日
"""


def quiet(sentence: str) -> None:
    """Hears how far the work is, and lets it go."""


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    (folder / NOTICE).mkdir(parents=True)
    (folder / NOTICE / "通知.txt").write_text(TEXT, "utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path, knowledge: Path) -> Path:
    build_index(knowledge, tmp_path / "index", bundled_encoder())
    return tmp_path / "index"


@pytest.fixture
def publishing(tmp_path: Path, knowledge: Path, root: Path) -> Iterator[Publishing]:
    quarantine = Quarantine(tmp_path / "var", knowledge)
    publishing = Publishing(knowledge, root, bundled_encoder(), quarantine, lock_wait_seconds=0.2)
    yield publishing
    publishing.close()


def sent(publishing: Publishing, name: str, text: str, notice: str = NOTICE) -> Upload:
    upload = publishing.quarantine.open("telegram:7", "李四", AT)
    publishing.quarantine.add(upload.id, name, text.encode())
    return publishing.quarantine.choose(upload.id, notice)


def deadline(root: Path) -> str:
    """The date that the published index gives."""
    values = [fact.value for facts in load_index(root).facts.values() for fact in facts]
    return next(value for value in values if value in {"2025-06-30", "2025-07-15"})


# ---------------------------------------------------------------- trying


def test_a_trial_tells_the_changed_date_and_changes_nothing(
    publishing: Publishing, knowledge: Path, root: Path
) -> None:
    version = current_version(root)
    upload = sent(publishing, "通知.txt", LATER)
    trial = publishing.try_out(upload.id, "李四", quiet)
    assert trial.problem == ""
    assert trial.change is not None
    assert [str(fact) for fact in trial.change.facts] == [
        "截止日期：2025年6月30日 → 2025年7月15日（一、，企业）"
    ]
    (file,) = trial.files
    assert (file.report.file, file.report.error, file.chunks > 3) == (f"{NOTICE}/通知.txt", "", True)
    assert (knowledge / NOTICE / "通知.txt").read_text("utf-8") == TEXT
    assert (current_version(root), deadline(root)) == (version, "2025-06-30")


def test_a_trial_of_a_new_notice_says_that_it_is_new(publishing: Publishing) -> None:
    upload = sent(publishing, "通知.txt", PARK, "绿色园区")
    trial = publishing.try_out(upload.id, "李四", quiet)
    assert trial.change is not None and trial.change.state is NoticeState.ADDED
    assert trial.receipt is not None and trial.receipt.title == "关于开展绿色园区评价的通知"


def test_a_file_that_cannot_be_read_is_a_problem_and_named(publishing: Publishing) -> None:
    for notice in (NOTICE, "新的"):
        upload = sent(publishing, "附件1.docx", "PK\x03\x04 not a document", notice)
        trial = publishing.try_out(upload.id, "李四", quiet)
        assert "附件1.docx" in trial.problem


def test_a_file_of_another_notice_is_remarked(publishing: Publishing) -> None:
    upload = sent(publishing, "通知.txt", TEXT, "另一份")
    trial = publishing.try_out(upload.id, "李四", quiet)
    assert [NOTICE in remark and "相同" in remark for remark in trial.remarks] == [True]


# ---------------------------------------------------------------- publishing


def test_a_published_file_is_answered_from_and_taken_back(
    publishing: Publishing, knowledge: Path, root: Path
) -> None:
    before = current_version(root)
    upload = sent(publishing, "通知.txt", LATER)
    told: list[str] = []
    published, receipt = publishing.publish(upload.id, "李四", told.append)
    assert deadline(root) == "2025-07-15"
    assert receipt.version == current_version(root) == published.version_after != before
    assert published.version_before == before
    assert any("读取" in sentence for sentence in told)
    assert publishing.upload_of_current_version() == published

    back, version, left = publishing.take_back(upload.id, "王五", quiet)
    assert (version, left) == (before, ())
    assert current_version(root) == before
    assert deadline(root) == "2025-06-30"
    assert (knowledge / NOTICE / "通知.txt").read_text("utf-8") == TEXT
    assert publishing.quarantine.pending() == (back,)


def test_taking_back_after_a_later_publication_builds_anew_and_keeps_that_one(
    publishing: Publishing, root: Path
) -> None:
    first = sent(publishing, "通知.txt", LATER)
    publishing.publish(first.id, "李四", quiet)
    second = sent(publishing, "通知.txt", PARK, "绿色园区")
    publishing.publish(second.id, "王五", quiet)
    publishing.take_back(first.id, "李四", quiet)
    assert deadline(root) == "2025-06-30"
    assert set(load_index(root).notices) == {NOTICE, "绿色园区"}


def test_a_build_that_fails_puts_the_folder_back_and_keeps_the_upload(
    tmp_path: Path, knowledge: Path, root: Path
) -> None:
    def failing(progress: Progress, *, wait_seconds: float, waiting: Tell) -> BuildReceipt:
        assert (knowledge / NOTICE / "通知.txt").read_text("utf-8") == LATER
        raise IndexDamaged("新版本自检未通过。")

    quarantine = Quarantine(tmp_path / "var", knowledge)
    publishing = Publishing(knowledge, root, bundled_encoder(), quarantine, build=failing)
    upload = sent(publishing, "通知.txt", LATER)
    with pytest.raises(IndexDamaged):
        publishing.publish(upload.id, "李四", quiet)
    assert (knowledge / NOTICE / "通知.txt").read_text("utf-8") == TEXT
    assert [each.id for each in quarantine.pending()] == [upload.id]


def test_an_interrupted_publication_can_be_finished_or_dropped(
    publishing: Publishing, knowledge: Path, root: Path
) -> None:
    upload = sent(publishing, "通知.txt", LATER)
    publishing.quarantine.place(upload.id, current_version(root))  # and here the process ends
    (pending,) = publishing.quarantine.pending()
    assert pending.state is UploadState.PLACING
    publishing.publish(upload.id, "李四", quiet)
    assert deadline(root) == "2025-07-15"

    other = sent(publishing, "通知.txt", TEXT)
    publishing.quarantine.place(other.id, current_version(root))
    publishing.discard(other.id)
    assert (knowledge / NOTICE / "通知.txt").read_text("utf-8") == LATER
    assert publishing.quarantine.pending() == ()


def test_the_first_notice_of_an_empty_folder_is_published(tmp_path: Path) -> None:
    knowledge = tmp_path / "empty"
    knowledge.mkdir()
    quarantine = Quarantine(tmp_path / "var", knowledge)
    publishing = Publishing(knowledge, tmp_path / "first", bundled_encoder(), quarantine)
    upload = sent(publishing, "通知.txt", PARK, "绿色园区")
    assert publishing.status().version == ""
    assert publishing.try_out(upload.id, "李四", quiet).problem == ""
    _, receipt = publishing.publish(upload.id, "李四", quiet)
    assert publishing.status().version == receipt.version
    with pytest.raises(IndexMissing):
        publishing.roll_back("李四")


# ---------------------------------------------------------------- one at a time


def test_the_second_person_is_told_who_is_at_work(tmp_path: Path, knowledge: Path, root: Path) -> None:
    started, gate = threading.Event(), threading.Event()

    def slow(progress: Progress, *, wait_seconds: float, waiting: Tell) -> BuildReceipt:
        started.set()
        assert gate.wait(10)
        return build_index(knowledge, root, bundled_encoder(), progress)

    quarantine = Quarantine(tmp_path / "var", knowledge)
    publishing = Publishing(knowledge, root, bundled_encoder(), quarantine, build=slow, clock=lambda: AT)
    upload = sent(publishing, "通知.txt", LATER)
    working = threading.Thread(target=publishing.publish, args=(upload.id, "李四", quiet))
    working.start()
    try:
        assert started.wait(10)
        assert str(publishing.status().work) == "李四正在发布上传的文件（16:00:00 开始）"
        for act in (
            lambda: publishing.refresh("王五", quiet),
            lambda: publishing.publish(upload.id, "王五", quiet),
            lambda: publishing.roll_back("王五"),
        ):
            with pytest.raises(BuildLocked, match="李四正在发布上传的文件"):
                act()
    finally:
        gate.set()
        working.join(20)
    assert publishing.work is None
    assert deadline(root) == "2025-07-15"


def test_another_program_that_builds_is_waited_for(publishing: Publishing, root: Path) -> None:
    """A builder that watches the folder holds the lock in a process of its own."""
    code = (
        "import sys, time; from pathlib import Path; from bot.index.locking import build_lock\n"
        "with build_lock(Path(sys.argv[1])):\n"
        "    print('held', flush=True); sys.stdin.readline()"
    )
    command = [sys.executable, "-c", code, str(root)]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        told: list[str] = []
        with pytest.raises(BuildLocked, match="正在工作"):
            publishing.refresh("李四", told.append)
        assert any("正在工作" in sentence for sentence in told)
        other.communicate("\n")
    assert publishing.refresh("李四", quiet).unchanged


# ---------------------------------------------------------------- status


def test_the_status_names_what_is_not_published_and_what_waits(
    publishing: Publishing, knowledge: Path, root: Path
) -> None:
    clean = publishing.status()
    assert (clean.version, clean.changed, clean.pending) == (current_version(root), (), ())
    assert (clean.counts.notices, clean.counts.documents) == (1, 1)
    (knowledge / NOTICE / "附件1.txt").write_text("附件1\n申报书", "utf-8")
    upload = sent(publishing, "通知.txt", LATER)
    status = publishing.status()
    assert status.changed == (f"{NOTICE}/附件1.txt",)
    assert status.pending == (upload,)


def test_an_unknown_or_decided_upload_is_refused(publishing: Publishing) -> None:
    upload = sent(publishing, "通知.txt", LATER)
    publishing.discard(upload.id)
    for upload_id in (upload.id, "00000000", "../x"):
        with pytest.raises(UploadError):
            publishing.publish(upload_id, "李四", quiet)
        with pytest.raises(UploadError):
            publishing.try_out(upload_id, "李四", quiet)
    assert publishing.work is None
