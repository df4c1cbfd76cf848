"""Trial, build receipt, status -> the words that staff read in Telegram."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from bot.changes import NoticeChange, NoticeState
from bot.channels.telegram import staff_messages as words
from bot.index.receipts import BuildReceipt
from bot.publishing import KnowledgeStatus, Trial
from bot.quarantine import Placement, Upload, UploadState
from bot.receipts import Line, LineKind, notice_change_lines, notice_lines, receipt_lines
from bot.today import CHINA

LINES: Final = 15
"""Of a list of changes or files; more are counted."""
_MARKS: Final = {
    LineKind.HEADING: "■ ",
    LineKind.GOOD: "✓ ",
    LineKind.ERROR: "✗ ",
    LineKind.WARNING: "! ",
    LineKind.CHANGE: "· ",
}


def file_size(size: int) -> str:
    """Bytes as a person reads them: `812 B`, `12 KB`, `3.4 MB`."""
    if size < 1 << 10:
        return f"{size} B"
    return f"{size / (1 << 10):.0f} KB" if size < 1 << 20 else f"{size / (1 << 20):.1f} MB"


def local_time(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def receipt_text(trial: Trial, folders: Sequence[str]) -> str:
    """What publishing would do: where the files go, what was read, what looks wrong, which values change."""
    new = trial.upload.notice_id not in folders
    lines = [(words.RECEIPT_NEW if new else words.RECEIPT_OLD).format(notice=trial.upload.notice_id)]
    lines += [_placement_line(placement) for placement in trial.placements]
    if trial.problem:
        return "\n".join([*lines, "", words.RECEIPT_PROBLEM.format(problem=trial.problem)])
    lines.append("")
    if trial.receipt:
        own = replace(trial.receipt, files=trial.files)
        within = f"{trial.upload.notice_id}/"
        lines += limited(marked(line).replace(within, "", 1) for line in islice(notice_lines(own), 1, None))
    lines += [f"! {remark}" for remark in trial.remarks]
    return "\n".join([*lines, "", *_change_lines(trial.change), "", words.RECEIPT_QUESTION])


def _placement_line(placement: Placement) -> str:
    path, old = placement.path.partition("/")[2], placement.replaces.partition("/")[2]
    if not old:
        return words.RECEIPT_ADDS.format(path=path)
    return words.RECEIPT_REPLACES.format(path=old if old == path else f"{old} → {path}")


def _change_lines(change: NoticeChange | None) -> list[str]:
    if change is None:
        return [words.RECEIPT_UNCHANGED]
    if change.state is NoticeState.ADDED:
        return [words.RECEIPT_NOTICE_ADDED]
    return [words.RECEIPT_CHANGES, *changed_values(change)]


def changed_values(change: NoticeChange) -> list[str]:
    """Changed values and clauses of one notice, the old and the new, at most LINES of them."""
    return limited(f"· {line.text}" for line in islice(notice_change_lines(change), 1, None))


def refreshed_lines(receipt: BuildReceipt) -> list[str]:
    """What a build of the whole folder gave; the outcome first, since the list may be long."""
    *lines, outcome = map(marked, receipt_lines(receipt))
    return [outcome, *limited(lines, LINES * 2)]


def marked(line: Line) -> str:
    """A line of a receipt as a person tells good from bad at a glance."""
    return "  " * max(0, line.depth - 1) + _MARKS.get(line.kind, "") + line.text


def status_lines(status: KnowledgeStatus) -> list[str]:
    counts = status.counts
    if status.built_at is None:
        lines = [words.STATUS_NONE]
    else:
        built = local_time(status.built_at)
        lines = [
            words.STATUS_VERSION.format(version=status.version, built=built),
            words.COUNTS.format(
                notices=counts.notices, documents=counts.documents, chunks=counts.chunks, facts=counts.facts
            ),
            words.STATUS_KEPT.format(count=len(status.kept)),
        ]
        if status.failed:
            lines.append(words.STATUS_FAILED.format(files=some_of(status.failed)))
        changed = words.STATUS_CHANGED.format(count=len(status.changed), files=some_of(status.changed))
        lines.append(changed if status.changed else words.STATUS_UNCHANGED)
    lines.append(words.STATUS_WORK.format(work=status.work) if status.work else words.STATUS_IDLE)
    if status.pending:
        lines.append(words.STATUS_PENDING.format(count=len(status.pending)))
        lines += [_upload_line(number, upload) for number, upload in enumerate(status.pending, 1)]
    return lines


def _upload_line(number: int, upload: Upload) -> str:
    names = "、".join(file.name for file in upload.files)
    interrupted = upload.state is UploadState.PLACING
    return words.STATUS_UPLOAD.format(
        number=number,
        files=names,
        by=upload.by_name,
        at=local_time(upload.received_at),
        state=words.STATUS_INTERRUPTED if interrupted else "",
    )


def limited(lines: Iterable[str], limit: int = LINES) -> list[str]:
    """The first lines, and how many there are besides."""
    every = list(lines)
    more = len(every) - limit
    return [*every[:limit], words.RECEIPT_MORE.format(count=more)] if more > 0 else every


def some_of(names: Sequence[str], limit: int = 5) -> str:
    """The first names, and how many there are."""
    shown = "、".join(names[:limit])
    return f"{shown} 等 {len(names)} 个" if len(names) > limit else shown
