"""What a build tells while it works and at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.changes import NoticeChange
from bot.datamodels import DeclaredAttachment, Notice
from bot.documents.library import FileReport
from bot.faq import FaqProblem, HeldEntry
from bot.index.versions import Counts, FileHash
from bot.supersession import repealed_by

REPEALED = "已被《{}》废止。有人问到时会照原文回答，并说明已经废止。"


class BuildStage(StrEnum):
    READING = "reading"
    ENCODING = "encoding"
    WRITING = "writing"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class BuildProgress:
    stage: BuildStage
    done: int
    total: int
    """Notices to read while reading, chunks to encode while encoding, 1 otherwise."""
    what: str = ""
    """The notice at work."""


Progress = Callable[[BuildProgress], None]


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What became of one file."""

    report: FileReport
    chunks: int
    facts: int


@dataclass(frozen=True, slots=True)
class NoticeReceipt:
    id: str
    title: str
    files: tuple[FileReceipt, ...]
    missing_attachments: tuple[DeclaredAttachment, ...] = ()
    """Named by the notice, supplied by nobody."""
    warnings: tuple[str, ...] = ()
    """Chinese sentences: what in the notice contradicts itself, or which notice repeals it."""
    error: str = ""
    """Why the whole notice was left out, or stays as it was; empty where it was read."""
    doc_number: str = ""
    supersedes: tuple[str, ...] = ()
    """Titles or document numbers that the notice repeals."""


@dataclass(frozen=True, slots=True)
class BuildReceipt:
    notices: tuple[NoticeReceipt, ...]
    """All of the folder; those that have not changed as they were when they were read."""
    counts: Counts
    version: str
    """The current version after this build; empty where there is none."""
    published: bool
    """False where nothing had changed, or publishing was not asked for."""
    unchanged: bool
    encoded: int
    """Chunks that were encoded anew; the others' vectors came from the version before."""
    seconds: float
    changes: tuple[NoticeChange, ...] = ()
    """Against the version that was published before; empty where there was none."""
    read: tuple[str, ...] = ()
    """Ids of the notices that were read anew."""
    unsettled: tuple[str, ...] = ()
    """Files and folders that were being written, or could not be opened: a build soon after may read them."""
    faq_held: tuple[HeldEntry, ...] = ()
    """Approved answers that are not given, since a clause they stand on has changed."""
    faq_problems: tuple[FaqProblem, ...] = ()

    @property
    def failures(self) -> int:
        """Files and whole notices that could not be read."""
        files = [file for notice in self.notices for file in notice.files]
        return sum(bool(file.report.error) for file in files) + sum(
            bool(notice.error) for notice in self.notices
        )


COPY = "与另一份通知的“{}”是同一份文件，请核对是否放错了文件夹。"


def with_copies_told(
    receipts: Sequence[NoticeReceipt], sources: Iterable[FileHash]
) -> tuple[NoticeReceipt, ...]:
    """The receipts with a warning at each file whose bytes stand in an earlier notice, too.

    Not kept with a notice's own receipt, since it depends on the other notices.
    """
    first: dict[str, str] = {}
    copies: dict[str, str] = {}
    for source in sources:
        other = first.setdefault(source.sha256, source.path)
        if source.sha256 and other.split("/")[0] != source.path.split("/")[0]:
            copies[source.path] = other
    return tuple(
        replace(receipt, files=tuple(_told(file, copies) for file in receipt.files)) for receipt in receipts
    )


def with_repeals_told(receipts: Sequence[NoticeReceipt]) -> tuple[NoticeReceipt, ...]:
    """The receipts with a warning at each notice that another one repeals.

    Not kept with a notice's own receipt, since it depends on the other notices.
    """
    notices = [Notice(r.id, r.title, "", doc_number=r.doc_number, supersedes=r.supersedes) for r in receipts]
    repealing = [notice for notice in notices if notice.supersedes]
    return tuple(
        replace(receipt, warnings=(*receipt.warnings, REPEALED.format(newer.title)))
        if (newer := repealed_by(notice, repealing))
        else receipt
        for receipt, notice in zip(receipts, notices, strict=True)
    )


def _told(file: FileReceipt, copies: dict[str, str]) -> FileReceipt:
    other = copies.get(file.report.file)
    if other is None:
        return file
    report = replace(file.report, warnings=(*file.report.warnings, COPY.format(other)))
    return replace(file, report=report)
