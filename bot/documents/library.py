"""A knowledge folder -> notices with their documents, and a report for every file."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.datamodels import Converted, DeclaredAttachment, Document, DocumentRole, Notice
from bot.documents import read_file
from bot.documents.declared import declared_attachments
from bot.documents.metadata import read_metadata
from bot.documents.repair import Repaired, repair, repair_summary, repaired_offset
from bot.documents.roles import (
    declared_number,
    looks_attached,
    main_score,
    name_number,
    name_title,
    text_number,
    text_title,
)
from bot.errors import DocumentError, SettingsError

Read = Callable[[Path], Converted]
"""Reads one file; raises a DocumentError whose message says what to do."""

FAQ_FOLDER = "faq"
_JUNK = {"thumbs.db", "desktop.ini", "__macosx"}
_HEADING = re.compile(
    r"(?:#{1,6}\s+\S|[ \u3000]*(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]"
    r"|第[一二三四五六七八九十百\d]+[章节条编]))"
)
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)*\|?\s*")


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file of the knowledge folder."""

    file: str
    """Path under the knowledge folder, with forward slashes."""
    format: str = ""
    """txt, md, html, docx, pdf, xlsx; empty where the file could not be read."""
    characters: int = 0
    """Of the repaired text."""
    headings: int = 0
    tables: int = 0
    repairs: str = ""
    """`去除拼音注音 298 处，…`; empty where nothing was repaired."""
    warnings: tuple[str, ...] = ()
    error: str = ""
    """Chinese sentence that says why the file was not taken and what to do; empty where it was."""


@dataclass(frozen=True, slots=True)
class LoadedNotice:
    """One notice folder, read."""

    id: str
    """The folder's name; for a file right under the knowledge folder its name without suffix."""
    notice: Notice | None
    """None where no file of it could be read."""
    documents: tuple[Document, ...]
    """The main document first, then the attachments by number."""
    reports: tuple[FileReport, ...]
    """One for each file, in the order of their paths."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that was read and repaired, its role still open."""

    file: str
    """Path under the knowledge folder, with forward slashes."""
    name: str
    """The file's name without suffix."""
    converted: Converted
    repaired: Repaired

    @property
    def text(self) -> str:
        return self.repaired.text

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self.converted.warnings, *self.repaired.warnings)


# ---------------------------------------------------------------- the folder's files


def _is_junk(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _JUNK


def list_notice_folders(root: Path) -> tuple[Path, ...]:
    """The folders, and the files of their own, that are a notice each, by name; `faq/` is none of them.

    Raises SettingsError where the knowledge folder does not exist.
    """
    if not root.is_dir():
        raise SettingsError(f"没有找到知识文件夹“{root}”。请建立这个文件夹并放入通知，或改正 KNOWLEDGE_DIR。")
    entries = (entry for entry in root.iterdir() if not _is_junk(entry.name))
    return tuple(sorted(entry for entry in entries if entry.name.lower() != FAQ_FOLDER or not entry.is_dir()))


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder, and what is no file but must be reported: links, folders that do not open."""
    for entry in sorted(folder.iterdir()):
        if _is_junk(entry.name):
            continue
        if entry.is_dir() and not entry.is_symlink() and os.access(entry, os.R_OK | os.X_OK):
            yield from _files(entry)
        else:
            yield entry


def _refusal(path: Path, root: Path) -> str:
    """Why a path is not read at all; empty where it may be."""
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        return "这是指向知识文件夹以外的链接，没有读取。请把文件本身复制进来。"
    if path.is_symlink() and path.is_dir():
        return "这是指向文件夹的链接，没有读取。请把其中的文件复制进来。"
    if path.is_dir():
        return "没有权限打开这个文件夹，其中的文件没有读取。请改正文件夹的权限。"
    if path.is_symlink() and not path.exists():
        return "链接指向的文件不存在。请把文件本身复制进来。"
    if not path.is_file():
        return "这不是普通文件，没有读取。请移走。"
    return ""


def _read_source(path: Path, root: Path, read: Read) -> _Source | FileReport:
    file = path.relative_to(root).as_posix()
    if refusal := _refusal(path, root):
        return FileReport(file, error=refusal)
    try:
        converted = read(path)
    except DocumentError as error:
        return FileReport(file, error=str(error))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return FileReport(file, error=f"无法读取文件（{reason}）。请检查文件权限和磁盘后重试。")
    return _Source(file, path.stem, converted, repair(converted.text))


# ---------------------------------------------------------------- documents


def _document(source: _Source, notice_id: str, title: str, role: DocumentRole, number: str = "") -> Document:
    edits = source.repaired.edits
    return Document(
        id=source.file,
        notice_id=notice_id,
        title=title,
        role=role,
        text=source.text,
        format=source.converted.format,
        attachment_number=number,
        places=tuple(
            replace(place, start=repaired_offset(edits, place.start)) for place in source.converted.places
        ),
        edits=edits,
        warnings=source.warnings,
    )


def _attachment(source: _Source, notice_id: str, declared: Sequence[DeclaredAttachment]) -> Document:
    """An attachment with its number and title: by its name, its first lines, or the notice's own list."""
    own, named = text_title(source.text), name_title(source.name)
    number = name_number(source.name) or text_number(source.text) or declared_number([own, named], declared)
    listed = next((entry.title for entry in declared if entry.number == number), "")
    # A workbook's first heading is the name of its first sheet.
    titles = [listed, own] if source.converted.format == "xlsx" else [own, listed]
    title = next(filter(None, [*titles, named]), source.name)
    return _document(source, notice_id, title, DocumentRole.ATTACHMENT, number)


# ---------------------------------------------------------------- reports


def _report(source: _Source, remarks: Sequence[str]) -> FileReport:
    lines = source.text.split("\n")
    return FileReport(
        file=source.file,
        format=source.converted.format,
        characters=len(source.text),
        headings=sum(1 for line in lines if _HEADING.match(line)),
        tables=sum(1 for line in lines if "|" in line and _TABLE_RULE.fullmatch(line)),
        repairs=repair_summary(source.repaired.edits),
        warnings=(*source.warnings, *remarks),
    )


def content_digest(text: str) -> str:
    """SHA-256 of a text without its blanks: two files of one content have the same."""
    return hashlib.sha256("".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()


def _without_copies(sources: Sequence[_Source]) -> tuple[list[_Source], dict[str, str]]:
    """The first file of each content, and for each copy the file that it repeats."""
    first: dict[str, _Source] = {}
    copies: dict[str, str] = {}
    for source in sources:
        kept = first.setdefault(content_digest(source.text), source)
        if kept is not source:
            copies[source.file] = kept.file
    return list(first.values()), copies


def _remarks(
    source: _Source, main: _Source, copies: dict[str, str], documents: Sequence[Document]
) -> list[str]:
    """Chinese sentences for the receipt about the file's part in its notice."""
    if source.file in copies:
        return [f"内容与“{copies[source.file]}”相同，只收录前一份。请删去多余的一份。"]
    if source is main:
        alone = looks_attached(source.name, source.text)
        return ["没有找到通知正文，暂以本文件为正文。请补充通知正文。"] if alone else []
    own = next(document for document in documents if document.id == source.file)
    remarks = []
    written = text_number(source.text)
    if written and written != own.attachment_number:
        remarks.append(
            f"文件名是附件{own.attachment_number}，正文首行写的是附件{written}，已按文件名处理。请核对。"
        )
    if not own.attachment_number:
        remarks.append(
            "看不出是通知的第几个附件，已按其他材料收录。如是附件，请把文件名改为“附件2-标题”的样子。"
        )
    else:
        before = documents[: documents.index(own)]
        same = next((other.id for other in before if other.attachment_number == own.attachment_number), None)
        if same:
            remarks.append(f"“{same}”也是附件{own.attachment_number}，请核对两份文件的编号。")
    return remarks


# ---------------------------------------------------------------- the whole


def _notice_id(path: Path, root: Path) -> str:
    """The folder's name, or the file's without suffix unless a neighbour has that name already."""
    if path.is_dir():
        return path.name
    neighbours = (other for other in root.iterdir() if other != path and not _is_junk(other.name))
    taken = {other.name if other.is_dir() else other.stem for other in neighbours}
    return path.name if path.stem in taken else path.stem


def load_notice(folder: Path, root: Path, read: Read = read_file) -> LoadedNotice:
    """Reads a folder right under `root`, or a single file there, as one notice.

    Every file that is not hidden or an office program's leftover gets a report. A file with the content of
    an earlier one is reported and left out. Raises nothing for a bad file: its report holds the error.
    """
    linked = folder.is_symlink() and folder.is_dir()
    paths = [folder] if linked or not folder.is_dir() else list(_files(folder))
    notice_id = _notice_id(folder, root)
    outcomes = [_read_source(path, root, read) for path in paths]
    failed = [outcome for outcome in outcomes if isinstance(outcome, FileReport)]
    sources, copies = _without_copies([outcome for outcome in outcomes if isinstance(outcome, _Source)])
    if not sources:
        return LoadedNotice(notice_id, None, (), tuple(failed))

    main = max(sources, key=lambda source: (main_score(source.name, source.text), len(source.text)))
    declared = declared_attachments(main.text)
    attached = [_attachment(source, notice_id, declared) for source in sources if source is not main]
    attached.sort(key=lambda document: (int(document.attachment_number or 100), document.id))
    notice = read_metadata(notice_id, main.file, main.text, attached)
    documents = (_document(main, notice_id, notice.title or main.name, DocumentRole.MAIN), *attached)
    reports = tuple(
        outcome
        if isinstance(outcome, FileReport)
        else _report(outcome, _remarks(outcome, main, copies, documents))
        for outcome in outcomes
    )
    return LoadedNotice(notice_id, notice, documents, reports)


def load_knowledge(root: Path, read: Read = read_file) -> Iterator[LoadedNotice]:
    """The notices of a knowledge folder, one after the other in the order of `list_notice_folders`.

    A document whose content stands in an earlier notice too is kept, with a warning in its report.
    """
    seen: dict[str, str] = {}
    for folder in list_notice_folders(root):
        loaded = load_notice(folder, root, read)
        repeated = {
            document.id: seen[digest]
            for document in loaded.documents
            if (digest := content_digest(document.text)) in seen
        }
        for document in loaded.documents:
            seen.setdefault(content_digest(document.text), document.id)
        yield replace(
            loaded,
            reports=tuple(
                replace(
                    report,
                    warnings=(
                        *report.warnings,
                        f"内容与另一通知的“{repeated[report.file]}”相同，请核对是否放错了文件夹。",
                    ),
                )
                if report.file in repeated
                else report
                for report in loaded.reports
            ),
        )
