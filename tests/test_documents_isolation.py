"""The confined process: many files in one, another after a crash or a hang, nothing left behind, nothing given away."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bot.documents import read_bytes, read_parts
from bot.documents.isolation import PROJECT, Message, ReaderProcess
from bot.documents.progress import on_step
from bot.errors import DamagedDocument, DocumentChanging, DocumentTooLarge, EmptyDocument
from bot.records import record_from_json, record_to_json
from tests import documents_made as made
from tests import hostile_made as hostile

NOTICE = "申报截止日期为2024年11月22日。"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which this process, and so its readers, make their temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "通知.txt"
    path.write_text(NOTICE, encoding="utf-8")
    return path


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A file that a reader waits for: it opens only when somebody writes."""
    path = tmp_path / "慢.txt"
    os.mkfifo(path)
    return path


def readers() -> list[psutil.Process]:
    """The confined processes of this one."""
    found = psutil.Process().children()
    return [child for child in found if "bot.documents.reader_process" in child.cmdline()]


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)


def opened_to_write(pipe: Path) -> int:
    """Descriptor of the pipe's other end; there is none before somebody reads."""
    until = time.monotonic() + 20
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            assert error.errno == errno.ENXIO and time.monotonic() < until
            time.sleep(0.02)


def while_reading(reader: ReaderProcess, pipe: Path, act: Callable[[int], None]) -> BaseException | None:
    """What `reader.read(pipe)` raises; once it waits for the pipe's content, `act` gets the other end."""
    raised: list[BaseException] = []

    def read() -> None:
        try:
            reader.read(pipe)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    writer = opened_to_write(pipe)
    act(writer)
    os.close(writer)
    thread.join(60)
    assert not thread.is_alive()
    return raised[0] if raised else None


def text_of(reader: ReaderProcess, path: Path) -> str:
    (part,) = reader.read(path)
    assert part.converted is not None
    return part.converted.text


# ---------------------------------------------------------------- what it reads


def test_it_reads_what_the_readers_read(tmp_path: Path) -> None:
    made.criteria_docx(tmp_path / "a.docx")
    made.criteria_xlsx(tmp_path / "b.xlsx")
    (tmp_path / "c.zip").write_bytes(hostile.nested_zip(1))
    with ReaderProcess() as reader:
        for path in sorted(tmp_path.iterdir()):
            assert reader.read(path) == read_parts(path)


def test_one_process_reads_many_files_and_ends_with_the_context(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.txt" for i in range(200)]
    for i, path in enumerate(paths):
        path.write_text(f"第{i}号通知", encoding="utf-8")
    with ReaderProcess() as reader:
        assert [text_of(reader, path) for path in paths] == [f"第{i}号通知" for i in range(200)]
        (process,) = readers()
        assert process.create_time() > 0
    assert not process.is_running() and not readers()


def test_no_process_is_started_before_the_first_file() -> None:
    with ReaderProcess():
        assert not readers()


@pytest.mark.parametrize(
    "name", ["a\nb.txt", "\x1b[2J.txt", "“引号”\\.txt", os.fsdecode(b"\xcd\xa8\xd6\xaa.txt")],
    ids=["line-end", "escape", "quotes", "not-utf-8"],
)  # fmt: skip
def test_any_file_name_reaches_the_reader(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(NOTICE, encoding="utf-8")
    with ReaderProcess() as reader:
        assert text_of(reader, tmp_path / name) == NOTICE


def test_an_error_of_a_reader_arrives_with_its_kind_and_its_words(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    with ReaderProcess() as reader, pytest.raises(EmptyDocument, match="重新下载"):
        reader.read(tmp_path / "a.txt")


def test_a_file_that_does_not_open_raises_what_the_system_says(tmp_path: Path) -> None:
    with ReaderProcess() as reader:
        with pytest.raises(FileNotFoundError):
            reader.read(tmp_path / "nothing.txt")
        with pytest.raises(IsADirectoryError):
            reader.read(tmp_path)


def test_a_relative_path_means_this_process_s_folder(notice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(notice.parent)
    with ReaderProcess() as reader:
        assert text_of(reader, Path(notice.name)) == NOTICE


def test_halves_of_characters_cross_the_pipe() -> None:
    message = Message(error="DamagedDocument", text="文件“\udccd”")
    line = record_to_json(message).encode("utf-8", "surrogatepass")
    assert record_from_json(Message, line.decode("utf-8", "surrogatepass")) == message


def test_every_member_of_a_container_is_a_step() -> None:
    steps: list[None] = []
    on_step(lambda: steps.append(None))
    read_bytes(hostile.zipped((f"{i}.txt", NOTICE) for i in range(5)), "a.zip")
    assert len(steps) >= 5


# ---------------------------------------------------------------- what may go wrong


def test_a_hang_is_ended_and_the_next_file_read(notice: Path, pipe: Path, temporary: Path) -> None:
    with ReaderProcess(step_seconds=1.5) as reader:
        started = time.monotonic()
        with pytest.raises(DocumentTooLarge, match=r"超过 1\.5 秒"):
            reader.read(pipe)
        assert time.monotonic() - started < 10
        assert not readers()
        assert text_of(reader, notice) == NOTICE
    assert list(temporary.iterdir()) == []


def kill_reader(by: signal.Signals) -> None:
    (process,) = readers()
    process.send_signal(by)
    wait_for(lambda: is_dead(process))


def is_dead(process: psutil.Process) -> bool:
    """True for one that is gone or waits to be reaped, also where it goes while it is looked at."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(
    ("killed_by", "kind", "words"),
    [
        pytest.param(signal.SIGSEGV, DamagedDocument, "意外退出（SIGSEGV）", id="crash"),
        pytest.param(signal.SIGABRT, DamagedDocument, "意外退出（SIGABRT）", id="abort"),
        pytest.param(signal.SIGKILL, DocumentTooLarge, "内存", id="out-of-memory-killer"),
        pytest.param(signal.SIGXCPU, DocumentTooLarge, "仍未完成", id="processor-time"),
    ],
)
def test_a_crash_is_told_and_the_next_file_read(
    killed_by: signal.Signals,
    kind: type[Exception],
    words: str,
    notice: Path,
    pipe: Path,
    temporary: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with ReaderProcess() as reader:
        error = while_reading(reader, pipe, lambda _: kill_reader(killed_by))
        assert type(error) is kind and words in str(error) and "请" in str(error)
        assert any(
            record.levelno == logging.ERROR and pipe.name in record.message for record in caplog.records
        )
        assert text_of(reader, notice) == NOTICE
    assert list(temporary.iterdir()) == []


def test_a_process_that_died_while_nobody_asked_is_replaced(notice: Path) -> None:
    with ReaderProcess() as reader:
        assert text_of(reader, notice) == NOTICE
        (process,) = readers()
        process.kill()
        wait_for(lambda: process.status() == psutil.STATUS_ZOMBIE)
        assert text_of(reader, notice) == NOTICE
        assert readers()[0].pid != process.pid


@pytest.mark.skipif(sys.platform != "linux", reason="macOS knows no limit of address space")
def test_too_much_memory_is_told_and_the_next_file_read(notice: Path, tmp_path: Path) -> None:
    (tmp_path / "长.txt").write_bytes(hostile.endless_line())
    with ReaderProcess(memory_bytes=160 << 20) as reader:
        assert text_of(reader, notice) == NOTICE
        with pytest.raises(DocumentTooLarge, match="内存超过上限"):
            reader.read(tmp_path / "长.txt")
        assert text_of(reader, notice) == NOTICE


@pytest.mark.parametrize("how", ["written", "replaced", "removed"])
def test_a_file_that_changes_while_it_is_read_is_left_for_later(how: str, pipe: Path) -> None:
    def change(writer: int) -> None:
        if how == "written":
            os.utime(pipe, (0, 0))
        else:
            pipe.rename(pipe.with_name("旧.txt"))
        if how == "replaced":
            pipe.write_text("新的通知", encoding="utf-8")
        os.write(writer, "旧的通".encode())

    with ReaderProcess() as reader:
        error = while_reading(reader, pipe, change)
        assert isinstance(error, DocumentChanging) and "稍后再试" in str(error)


def test_a_damaged_file_that_is_still_being_written_is_not_called_damaged(pipe: Path) -> None:
    def change(writer: int) -> None:
        os.utime(pipe, (0, 0))
        os.write(writer, b"PK\x03\x04 the first half of a .docx")

    with ReaderProcess() as reader:
        assert isinstance(while_reading(reader, pipe, change), DocumentChanging)


# ---------------------------------------------------------------- what it can reach


@pytest.fixture
def running(notice: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psutil.Process]:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123:secret")
    with Path(os.devnull).open("rb") as opened, ReaderProcess() as reader:
        os.set_inheritable(opened.fileno(), True)
        text_of(reader, notice)
        (process,) = readers()
        yield process


def test_it_knows_no_secret_of_the_environment(running: psutil.Process) -> None:
    assert not [name for name in running.environ() if "TELEGRAM" in name or "DATABASE" in name]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_inherits_nothing_but_its_pipes(running: psutil.Process) -> None:
    folder = Path(f"/proc/{running.pid}/fd")
    opened = [os.readlink(link) for link in folder.iterdir()]
    assert {target.split(":")[0] for target in opened if not target.endswith("/stderr")} == {"pipe"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_has_limits(running: psutil.Process) -> None:
    assert running.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert 0 < running.rlimit(psutil.RLIMIT_AS)[1] <= 4 << 30
    assert 0 < running.rlimit(psutil.RLIMIT_FSIZE)[1] <= 1 << 30
    assert 0 < running.rlimit(psutil.RLIMIT_CPU)[0] <= 100 * (os.cpu_count() or 1)
    assert Path(f"/proc/{running.pid}/oom_score_adj").read_text() == "1000\n", "it goes before the bot does"


def network_can_be_left() -> bool:
    try:
        return subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not network_can_be_left(), reason="this system forbids namespaces")
def test_it_has_no_network(running: psutil.Process) -> None:
    own = Path("/proc/self/net/dev").read_text()
    theirs = Path(f"/proc/{running.pid}/net/dev").read_text().strip().split("\n")[2:]
    assert "eth" not in "".join(theirs) and [line.split(":")[0].strip() for line in theirs] == ["lo"]
    assert os.readlink(f"/proc/{running.pid}/ns/net") != os.readlink("/proc/self/ns/net"), own


# ---------------------------------------------------------------- the end of its parent


_PARENT = """
import sys
from pathlib import Path
from bot.documents.isolation import ReaderProcess
with ReaderProcess() as reader:
    reader.read(Path(sys.argv[1]))
    print("read", flush=True)
    reader.read(Path(sys.argv[2]))
"""


@pytest.mark.parametrize("busy", [True, False], ids=["reading", "idle"])
def test_it_ends_soon_after_a_parent_that_was_killed(
    busy: bool, notice: Path, pipe: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    second = pipe if busy else notice
    code = _PARENT if busy else _PARENT + "    sys.stdin.read()\n"
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(notice), str(second)],
        cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(folder)},
    )  # fmt: skip
    assert parent.stdin is not None and parent.stdout is not None
    with parent.stdin, parent.stdout:
        assert parent.stdout.readline() == b"read\n"
        (child,) = psutil.Process(parent.pid).children()
        parent.kill()
        parent.wait()
        wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
        wait_for(lambda: not list(folder.iterdir()))
