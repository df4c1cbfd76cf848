"""BuildReceipt -> the lines of a receipt that staff read: what changes, what was read, what looks wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.changes import NoticeChange, NoticeState
from bot.datamodels import DeclaredAttachment
from bot.index.receipts import BuildReceipt, FileReceipt, NoticeReceipt


class LineKind(StrEnum):
    HEADING = "heading"
    CHANGE = "change"
    """A value, clause, file or notice that is not what it was in the published version."""
    GOOD = "good"
    DETAIL = "detail"
    WARNING = "warning"
    ERROR = "error"
    TOTAL = "total"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Line:
    kind: LineKind
    text: str
    """One sentence or figure, without a mark and without indentation."""
    depth: int = 0
    """0 for what concerns all, 1 for a file or a change, 2 for a remark on it."""


def receipt_lines(receipt: BuildReceipt, *, publishing: bool = True) -> tuple[Line, ...]:
    """The whole receipt: the notices, what changes, the sums, and what became of it.

    Of a check all notices; of a build those that were read anew, or that could not be read.
    """
    shown = [
        notice
        for notice in receipt.notices
        if not publishing or notice.id in receipt.read or _has_error(notice)
    ]
    lines = [line for notice in shown for line in notice_lines(notice)]
    if shown and len(shown) < len(receipt.notices):
        lines.append(Line(LineKind.DETAIL, f"其余 {len(receipt.notices) - len(shown)} 份通知没有变化。"))
    return (
        *lines,
        *change_lines(receipt),
        *faq_lines(receipt),
        *_sums(receipt),
        _outcome(receipt, publishing),
    )


def notice_lines(notice: NoticeReceipt) -> Iterator[Line]:
    """One notice: its title, a line a file with its remarks, what looks wrong with the whole."""
    yield Line(LineKind.HEADING, notice.title)
    if notice.error:
        yield Line(LineKind.ERROR, f"{notice.id}：{notice.error}", 1)
    for file in notice.files:
        yield from _file_lines(file)
    for warning in notice.warnings:
        yield Line(LineKind.WARNING, warning, 1)
    if notice.missing_attachments:
        names = "、".join(map(attachment_name, notice.missing_attachments))
        yield Line(LineKind.WARNING, f"通知提到但没有提供的附件：{names}", 1)


def attachment_name(attachment: DeclaredAttachment) -> str:
    """`附件2《要素条件》`."""
    return f"附件{attachment.number}" + (f"《{attachment.title}》" if attachment.title else "")


def change_lines(receipt: BuildReceipt) -> Iterator[Line]:
    """What is not as it was published, as facts; nothing where nothing was published before."""
    if not receipt.changes:
        return
    yield Line(LineKind.HEADING, "与已发布版本相比")
    for change in receipt.changes:
        yield from notice_change_lines(change)


def notice_change_lines(change: NoticeChange) -> Iterator[Line]:
    match change.state:
        case NoticeState.ADDED:
            yield Line(LineKind.CHANGE, f"新增通知《{change.title}》", 1)
        case NoticeState.REMOVED:
            yield Line(LineKind.CHANGE, f"删去通知《{change.title}》", 1)
        case NoticeState.CHANGED:
            yield Line(LineKind.DETAIL, f"《{change.title}》", 1)
            yield from (Line(LineKind.CHANGE, str(fact), 2) for fact in change.facts)
            yield from (Line(LineKind.CHANGE, f"条款 {clause}", 2) for clause in change.clauses)


def faq_lines(receipt: BuildReceipt) -> Iterator[Line]:
    """Approved answers that are not given now, and pages of the FAQ folder that cannot be used."""
    if receipt.faq_held or receipt.faq_problems:
        yield Line(LineKind.HEADING, "常见问题")
    for held in receipt.faq_held:
        places = "、".join(c.before.section or c.before.document_id for c in held.changes)
        yield Line(
            LineKind.WARNING,
            f"“{held.entry.question}”所依据的条款已变（{places}），暂不使用。请运行 python -m bot faq review 核对。",
            1,
        )
    for problem in receipt.faq_problems:
        yield Line(LineKind.WARNING, str(problem), 1)


def _sums(receipt: BuildReceipt) -> Iterator[Line]:
    counts = receipt.counts
    yield Line(
        LineKind.TOTAL,
        f"共 {counts.notices} 份通知、{counts.documents} 个文件、{counts.chunks} 条条款、{counts.facts} 条事实；"
        f"新读 {len(receipt.read)} 份通知，新算向量 {receipt.encoded} 条，用时 {receipt.seconds:.1f} 秒。",
    )
    if receipt.failures:
        yield Line(LineKind.ERROR, f"有 {receipt.failures} 个文件没有读成，见上面标 ✗ 的行。")


def _outcome(receipt: BuildReceipt, publishing: bool) -> Line:
    if not publishing:
        return Line(LineKind.OUTCOME, "检查完毕，未发布。")
    if receipt.unchanged:
        return Line(LineKind.OUTCOME, f"没有变化，沿用已发布版本 {receipt.version}。")
    return Line(LineKind.OUTCOME, f"已发布版本 {receipt.version}")


def _has_error(notice: NoticeReceipt) -> bool:
    return bool(notice.error or any(file.report.error for file in notice.files))


def _file_lines(file: FileReceipt) -> Iterator[Line]:
    report = file.report
    if report.error:
        yield Line(LineKind.ERROR, f"{report.file}：{report.error}", 1)
        return
    figures = [report.format, f"{report.characters} 字"]
    if report.pages:
        figures.append(f"{report.pages} 页")
    if report.ocr:
        mean = sum(page.confidence for page in report.ocr) / len(report.ocr)
        figures.append(f"其中 {len(report.ocr)} 页由图片识别，平均置信度 {mean:.0%}")
    figures += [
        f"标题 {report.headings}",
        f"表格 {report.tables}",
        f"条款 {file.chunks}",
        f"事实 {file.facts}",
    ]
    yield Line(LineKind.GOOD, f"{report.file}：{'，'.join(figures)}", 1)
    if report.repairs:
        yield Line(LineKind.DETAIL, f"修复：{report.repairs}", 2)
    yield from (Line(LineKind.WARNING, warning, 2) for warning in report.warnings)
