"""Staff's acts on the knowledge folder -> a published index: try an upload, publish it, take it back, refresh.

Synchronous and slow: a channel calls it in a thread. One act at a time; a second person is told who is at
work. What a person reads while waiting is said through `tell`, a sentence at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from bot.changes import NoticeChange, NoticeState
from bot.embedding import Encoder
from bot.errors import BuildLocked, IndexMissing, KnowledgeIndexError, NoticeAssistantError, UploadError
from bot.index.building import IndexBuilder
from bot.index.locking import build_lock
from bot.index.receipts import (
    BuildProgress,
    BuildReceipt,
    BuildStage,
    FileReceipt,
    NoticeReceipt,
    Progress,
)
from bot.index.sources import source_hashes
from bot.index.versions import Counts, current_version, read_manifest, rollback, versions
from bot.quarantine import Placement, Quarantine, Upload, UploadState
from bot.today import CHINA

Tell = Callable[[str], None]
"""Hears how far the work is, in Chinese; called from the working thread, often."""

LOCK_WAIT_SECONDS: Final = 60.0
"""How long another program (a builder that watches the folder) may hold the index before we give up."""

_STAGES: Final = {
    BuildStage.READING: "读取通知 {done}/{total}",
    BuildStage.ENCODING: "计算向量 {done}/{total}",
    BuildStage.WRITING: "写入索引",
    BuildStage.CHECKING: "自检",
}


class Build(Protocol):
    """Builds an index; raises as `IndexBuilder.build` does."""

    def __call__(self, progress: Progress, *, wait_seconds: float, waiting: Tell) -> BuildReceipt: ...


@dataclass(frozen=True, slots=True)
class Work:
    """What is being done now, and by whom."""

    what: str
    by_name: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.by_name}正在{self.what}（{self.since.astimezone(CHINA):%H:%M:%S} 开始）"


@dataclass(frozen=True, slots=True)
class Trial:
    """What publishing an upload would do."""

    upload: Upload
    placements: tuple[Placement, ...]
    receipt: NoticeReceipt | None
    """Of the upload's notice; None where no file of it could be read."""
    change: NoticeChange | None
    """Against the published version; None where the notice would say the same."""
    remarks: tuple[str, ...]
    """Chinese sentences about what looks wrong beside the receipt's own warnings."""
    problem: str
    """Why it cannot be published and what to do; empty where it can."""

    @property
    def files(self) -> tuple[FileReceipt, ...]:
        """Receipts of the uploaded files, without those of the notice's other files."""
        if self.receipt is None:
            return ()
        paths = [placement.path for placement in self.placements]
        return tuple(
            file for file in self.receipt.files if any(_belongs(file.report.file, path) for path in paths)
        )


@dataclass(frozen=True, slots=True)
class KnowledgeStatus:
    version: str
    """Empty where nothing is published."""
    built_at: datetime | None
    counts: Counts
    failed: tuple[str, ...]
    """Files that could not be read at the last build."""
    changed: tuple[str, ...]
    """Files that differ from those the version was built of."""
    kept: tuple[str, ...]
    """Versions kept, oldest first."""
    work: Work | None
    pending: tuple[Upload, ...]


class Publishing:
    """The knowledge folder, its index and the quarantine, under one lock. Thread-safe."""

    def __init__(
        self,
        knowledge: Path,
        index_root: Path,
        encoder: Encoder,
        quarantine: Quarantine,
        *,
        build: Build | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        lock_wait_seconds: float = LOCK_WAIT_SECONDS,
    ) -> None:
        self.quarantine = quarantine
        self._knowledge = knowledge
        self._index_root = index_root
        self._encoder = encoder
        self._builder = IndexBuilder(knowledge, index_root, encoder)
        self._build: Build = build or self._builder.build
        self._clock = clock
        self._lock_wait_seconds = lock_wait_seconds
        self._busy = threading.Lock()
        self.work: Work | None = None
        """What is being done now; None where nothing is."""

    def close(self) -> None:
        """Ends the process that reads files."""
        self._builder.close()

    # ------------------------------------------------------------ uploads

    def try_out(self, upload_id: str, by_name: str, tell: Tell) -> Trial:
        """Reads the upload's notice as it would be, checks it, and publishes nothing.

        Raises BuildLocked where another act goes on, UploadError where there is nothing to try.
        """
        with self._working("检查上传的文件", by_name):
            upload = self.quarantine.get(upload_id)
            if upload is None or upload.state is not UploadState.RECEIVED or not upload.notice_id:
                raise UploadError("这批文件已经处理过了，或还没有选定放进哪一份通知。现在的状态见 /status。")
            placements = self.quarantine.placements(upload)
            with (
                self.quarantine.staged(upload) as staging,
                IndexBuilder(staging, self._index_root, self._encoder) as builder,
            ):
                try:
                    receipt = self._run(partial(builder.build, publishing=False), tell)
                except IndexMissing as error:  # no text at all: the error names each file with its reason
                    problem = str(error).partition("\n")[2] or str(error)
                    return Trial(upload, placements, None, None, (), problem)
        own = next((notice for notice in receipt.notices if notice.id == upload.notice_id), None)
        change = next((each for each in receipt.changes if each.notice_id == upload.notice_id), None)
        if own and not self._version():  # nothing is published to compare with
            change = NoticeChange(own.id, own.title, NoticeState.ADDED)
        return Trial(upload, placements, own, change, self._remarks(upload), _problem(placements, own))

    def publish(self, upload_id: str, by_name: str, tell: Tell) -> tuple[Upload, BuildReceipt]:
        """Moves the upload into the knowledge folder, builds and publishes.

        Where the build fails, the folder is put back as it was and the upload stays in quarantine. Raises
        BuildLocked while another act or another builder is at work, UploadError where the upload is decided
        already or the disk refuses, and what a build raises.
        """
        with self._working("发布上传的文件", by_name):
            upload = self.quarantine.place(upload_id, self._version())
            try:
                receipt = self._run(self._build, tell)
            except Exception:
                self.quarantine.put_back(upload_id)
                raise
            return self.quarantine.published(upload.id, receipt.version), receipt

    def take_back(self, upload_id: str, by_name: str, tell: Tell) -> tuple[Upload, str, tuple[str, ...]]:
        """Undoes a publication: (upload, in quarantine again; current version; files left as somebody changed them).

        The index goes back to the version before where nothing has been published since, and is built anew
        otherwise. Raises as `publish` does.
        """
        with self._working("退回已发布的文件", by_name):
            published = self.quarantine.get(upload_id)
            upload, left = self.quarantine.put_back(upload_id)
            if published and not left and self._can_step_back(published):
                version = self._step_back()
            else:
                version = self._rebuilt(tell)
            return upload, version, left

    def discard(self, upload_id: str) -> Upload:
        """Deletes an upload; one that an interrupted publication left half way is put back first.

        Raises UploadError where it is decided already.
        """
        upload = self.quarantine.get(upload_id)
        if upload is not None and upload.state is UploadState.PLACING:
            with self._working("撤回没有发布完的文件", upload.by_name):
                self.quarantine.put_back(upload_id)
        return self.quarantine.discard(upload_id)

    # ------------------------------------------------------------ the whole index

    def refresh(self, by_name: str, tell: Tell) -> BuildReceipt:
        """Builds and publishes what the knowledge folder holds. Raises as `build_index` does, and BuildLocked."""
        with self._working("更新索引", by_name):
            return self._run(self._build, tell)

    def upload_of_current_version(self) -> Upload | None:
        """The upload whose publication made the current version; None where it came about otherwise."""
        version = self._version()
        return next(
            (
                upload
                for upload in reversed(self.quarantine.all())
                if upload.state is UploadState.PUBLISHED and upload.version_after == version
            ),
            None,
        )

    def current_and_previous(self) -> tuple[str, str]:
        """Names of the current version and of the one that a rollback would give; empty where there is none."""
        current = self._version()
        older = [version for version in versions(self._index_root) if version < current]
        return current, older[-1] if older else ""

    def roll_back(self, by_name: str) -> str:
        """Makes the version before current again and gives its name; no file is touched.

        Raises IndexMissing where there is none, BuildLocked while another act goes on.
        """
        with self._working("退回上一版本", by_name):
            return self._step_back()

    def status(self) -> KnowledgeStatus:
        """What is published and what waits; hashes every file of the folder."""
        pending = self.quarantine.pending()
        try:
            version = current_version(self._index_root)
            manifest = read_manifest(self._index_root, version)
        except KnowledgeIndexError:
            return KnowledgeStatus("", None, Counts(0, 0, 0, 0), (), (), (), self.work, pending)
        before = {source.path: source.sha256 for source in manifest.sources}
        now = {source.path: source.sha256 for source in source_hashes(self._knowledge)}
        changed = {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}
        return KnowledgeStatus(
            version,
            datetime.fromisoformat(manifest.built_at),
            manifest.counts,
            manifest.failed,
            tuple(sorted(changed)),
            tuple(versions(self._index_root)),
            self.work,
            pending,
        )

    # ------------------------------------------------------------ steps

    @contextmanager
    def _working(self, what: str, by_name: str) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise BuildLocked(f"{self.work or '另一位工作人员正在更新'}。请等它完成后再试。")
        self.work = Work(what, by_name, self._clock())
        try:
            yield
        finally:
            self.work = None
            self._busy.release()

    def _run(self, build: Build, tell: Tell) -> BuildReceipt:
        """What the build returns; waits a while for another program that holds the index."""
        return build(
            lambda progress: tell(_sentence(progress)), wait_seconds=self._lock_wait_seconds, waiting=tell
        )

    def _version(self) -> str:
        try:
            return current_version(self._index_root)
        except KnowledgeIndexError:
            return ""

    def _can_step_back(self, upload: Upload) -> bool:
        return self.current_and_previous() == (upload.version_after, upload.version_before)

    def _step_back(self) -> str:
        with build_lock(self._index_root, self._lock_wait_seconds):
            return rollback(self._index_root)

    def _rebuilt(self, tell: Tell) -> str:
        return self._run(self._build, tell).version

    def _remarks(self, upload: Upload) -> tuple[str, ...]:
        """Other notices' files that have the content of an uploaded one."""
        try:
            sources = read_manifest(self._index_root, current_version(self._index_root)).sources
        except NoticeAssistantError:
            return ()
        within = f"{upload.notice_id}/"
        elsewhere = {s.sha256: s.path for s in sources if not s.path.startswith(within)}
        return tuple(
            f"“{file.name}”与另一份通知的“{elsewhere[file.sha256]}”内容相同，请核对是否放错了文件夹。"
            for file in upload.files
            if file.sha256 in elsewhere
        )


def _sentence(progress: BuildProgress) -> str:
    sentence = _STAGES[progress.stage].format(done=progress.done, total=progress.total)
    return f"{sentence}：{progress.what}" if progress.what else sentence


def _belongs(file: str, path: str) -> bool:
    """Whether a document stands in the file at this path: it is the file, or a part of it."""
    return file == path or file.startswith(f"{path}/")


def _problem(placements: Sequence[Placement], receipt: NoticeReceipt | None) -> str:
    """Names the uploaded files of which nothing could be read."""
    if receipt is None or receipt.error:
        return receipt.error if receipt else "没有读出任何内容。请检查文件后重新发送。"
    unread = []
    for placement in placements:
        reports = [file.report for file in receipt.files if _belongs(file.report.file, placement.path)]
        errors = [report.error for report in reports if report.error]
        if not reports or len(errors) == len(reports):
            unread.append(f"{placement.name}：{errors[0] if errors else '没有读出内容。'}")
    return "\n".join(unread)
