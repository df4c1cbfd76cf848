"""What can go wrong under a build or under a bot: the last good version answers, and `doctor` says what is the matter."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import PROJECT
from bot.datamodels import FilePart
from bot.documents import read_parts
from bot.errors import BuildLocked, IndexNotWritten, KnowledgeIndexError
from bot.index.building import IndexBuilder
from bot.index.health import index_health
from bot.index.locking import LOCK, build_lock
from bot.index.objects import FOLDERS
from bot.index.store import IndexStore, load_index
from bot.index.versions import current_version, leftovers, read_manifest, versions
from tests.plain_encoder import PlainEncoder

ENCODER = PlainEncoder()
NOTICE = """关于组织申报补助的通知

各有关企业：

一、申报时间
企业于2024年11月{day}日前完成线上申报。

江海市工业和信息化局
2024年10月8日
"""


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    for n in range(3):
        (folder / f"通知{n}").mkdir(parents=True)
        write_day(folder, n, 22)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


def write_day(knowledge: Path, n: int, day: int) -> None:
    (knowledge / f"通知{n}" / "通知.txt").write_text(NOTICE.format(day=day) + f"第{n}号", "utf-8")


def build(knowledge: Path, root: Path) -> str:
    with IndexBuilder(knowledge, root, ENCODER, read_parts) as builder:
        return builder.build().version


def days(root: Path) -> list[str]:
    """Deadlines that the published version gives, whole and checked."""
    facts = [fact for facts in load_index(root, ENCODER.name).facts.values() for fact in facts]
    return [fact.value[-2:] for fact in facts if fact.value.startswith("2024-11")]


# ---------------------------------------------------------------- a full disk


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A file system of its own; skips where only root may have one."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(["mount", *options], capture_output=True).returncode != 0:
        pytest.skip("a file system of its own can be mounted by root alone")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_publishes_nothing_and_loses_nothing(knowledge: Path, tmp_path: Path) -> None:
    root = tmp_path / "disk" / "index"
    with small_disk(tmp_path / "disk", 2000):
        good = build(knowledge, root)
        filler = tmp_path / "disk" / "filler"
        free = shutil.disk_usage(root).free
        refused, day = 0, 22
        for left in (0, 4, 8, 12, 16, 20, 24, 28, 40, 60, 80, 100, 140, 200, 400):
            filler.write_bytes(bytes(max(0, free - left * 1024)))
            write_day(knowledge, 1, day := 23 if day == 22 else 22)
            before = days(root)
            try:
                version = build(knowledge, root)
                assert days(root) == ["22", str(day), "22"] and version == current_version(root)
            except IndexNotWritten as error:
                refused += 1
                assert "磁盘" in str(error)
                assert days(root) == before
            finally:
                filler.unlink()
                free = min(free, shutil.disk_usage(root).free)
            assert not list(root.glob(".new-*"))
        assert refused >= 5
        assert "22" in days(root)
        write_day(knowledge, 1, 30)
        assert build(knowledge, root) == current_version(root) != good
        assert days(root) == ["22", "30", "22"]
        assert leftovers(root) == 0


def test_a_refused_write_of_any_size_publishes_nothing(knowledge: Path, root: Path) -> None:
    """As a full disk does it, but for each file by itself: what is longer than the limit cannot be written."""
    build(knowledge, root)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    refused = 0
    for turn, limit in enumerate((0, 1, 20, 100, 200, 400, 700, 1000, 2000, 4000, 20_000)):
        write_day(knowledge, 1, day := 1 + turn)
        old = days(root)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            build(knowledge, root)
        except KnowledgeIndexError:
            refused += 1
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            assert days(root) == old
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            assert days(root) == ["22", f"{day:02d}", "22"]
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert refused >= 5
    build(knowledge, root)
    assert leftovers(root) == 0 and not list(root.glob(".new-*"))


# ---------------------------------------------------------------- two builders


def test_a_second_builder_waits_for_the_first(knowledge: Path, root: Path) -> None:
    said: list[str] = []
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with build_lock(root):
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(5)
    with IndexBuilder(knowledge, root, ENCODER, read_parts) as builder:
        with pytest.raises(BuildLocked, match=rf"进程 {os.getpid()}，20\d\d-\d\d-\d\d \d\d:\d\d:\d\d 开始"):
            builder.build()
        threading.Timer(0.5, leave.set).start()
        receipt = builder.build(wait_seconds=10, waiting=said.append)
    holder.join()
    assert receipt.published
    assert len(said) == 1 and f"进程 {os.getpid()}" in said[0] and "最多等 10 秒" in said[0]


def test_the_lock_ends_with_a_process_that_was_killed(knowledge: Path, root: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from bot.index.locking import build_lock\n"
        "with build_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(root)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        with pytest.raises(BuildLocked, match=f"进程 {process.pid}"):
            build(knowledge, root)
        process.kill()
        process.wait()
    assert (root / LOCK).exists()
    assert build(knowledge, root) == current_version(root)


# ---------------------------------------------------------------- damage under a bot


def test_a_bot_outlives_any_damage_and_a_new_one_starts_from_what_is_whole(
    knowledge: Path, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Every file in turn is damaged, cut and removed: of the published version, and one copy of each object."""
    build(knowledge, root)
    write_day(knowledge, 1, 29)
    version = build(knowledge, root)
    running = IndexStore(root, seconds_between_looks=0.01)
    good = running.current(ENCODER.name)
    needed = list(read_manifest(root, version).objects)
    victims = [path for path in (root / version).rglob("*") if path.is_file() and path.suffix != ".lock"]
    victims += [root / FOLDERS[number % 2] / name for number, name in enumerate(needed)]
    assert len(victims) > 20
    for path in victims:
        whole = path.read_bytes()
        for bad in (whole[: len(whole) // 2], whole[:10] + b"\xff" * 8 + whole[18:], None):
            path.unlink()
            if bad is not None:
                path.write_bytes(bad)
            started = IndexStore(root).current(ENCODER.name)
            deadlines = {f.value for facts in started.facts.values() for f in facts if "2024-11" in f.value}
            same = started.version == version
            assert deadlines == ({"2024-11-22", "2024-11-29"} if same else {"2024-11-22"}), path
            assert same or "改用完好的版本" in caplog.text
            caplog.clear()
        path.write_bytes(whole)
    assert running.current(ENCODER.name) is good
    assert load_index(root, ENCODER.name).version == version
    running.close()


# ---------------------------------------------------------------- doctor


def findings(root: Path, knowledge: Path, later: timedelta = timedelta()) -> dict[str, tuple[bool, str]]:
    checks = index_health(root, knowledge, datetime.now(UTC) + later)
    return {what: (well, words) for what, well, words in checks}


def test_doctor_tells_version_age_and_that_all_is_well(knowledge: Path, root: Path) -> None:
    version = build(knowledge, root)
    found = findings(root, knowledge, timedelta(hours=3, minutes=5))
    assert found["已发布版本"] == (True, f"{version}，3 小时前建立")
    assert found["索引文件"] == (True, "完好，每个文件两份，保留 1 个版本")
    assert found["文件"] == (True, "3 个文件都已读取")
    assert found["未发布的改动"] == (True, "没有")


def test_doctor_tells_a_fallback_leftovers_failures_and_changes(knowledge: Path, root: Path) -> None:
    good = build(knowledge, root)
    (knowledge / "通知2" / "图纸.dwg").write_bytes(bytes(range(256)) * 20)
    bad = build(knowledge, root)
    assert findings(root, knowledge)["文件"][1].startswith("1 个文件没有读成：通知2/图纸.dwg")
    (root / ".new-interrupted").mkdir()
    (root / FOLDERS[0] / ".new-object").write_bytes(b"half")
    assert "中断的更新留下 2 个文件" in findings(root, knowledge)["索引文件"][1]
    write_day(knowledge, 0, 1)
    (knowledge / "通知1" / "通知.txt").unlink()
    assert findings(root, knowledge)["未发布的改动"] == (
        False,
        "2 个文件有改动：通知0/通知.txt、通知1/通知.txt。发布请运行：python index_builder.py",
    )
    name = next(read_manifest(root, bad).objects)
    (root / FOLDERS[0] / name).write_bytes(b"damaged")
    assert findings(root, knowledge)["索引文件"][0] is False
    (root / bad / "manifest.json").write_text("{", "utf-8")
    well, words = findings(root, knowledge)["已发布版本"]
    assert not well and f"助手正用完好的版本 {good}" in words and "manifest.json" in words
    shutil.rmtree(root / good)
    assert findings(root, knowledge).keys() == {"已发布版本"}


def test_doctor_without_an_index_names_the_command(knowledge: Path, root: Path) -> None:
    assert findings(root, knowledge)["已发布版本"][0] is False
    assert "python index_builder.py" in findings(root, knowledge)["已发布版本"][1]


def test_an_empty_pointer_does_not_keep_the_next_build_from_publishing(knowledge: Path, root: Path) -> None:
    before = build(knowledge, root)
    (root / "current").write_bytes(b"")
    reader_calls: list[Path] = []

    def read(path: Path) -> tuple[FilePart, ...]:
        reader_calls.append(path)
        return read_parts(path)

    with IndexBuilder(knowledge, root, ENCODER, read) as builder:
        receipt = builder.build()
    assert receipt.published and receipt.version == current_version(root) != before
    assert reader_calls == [] and receipt.encoded == 0
    assert versions(root) == [before, receipt.version]
