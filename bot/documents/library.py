"""A knowledge folder -> notices with their documents, and a report for every file."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from bot.datamodels import (
    Converted,
    DeclaredAttachment,
    Document,
    DocumentRole,
    Edit,
    FilePart,
    Notice,
    OcrPage,
    Place,
)
from bot.documents import read_parts
from bot.documents.declared import declared_attachments
from bot.documents.enclosed import enclosed_documents
from bot.documents.leftovers import is_leftover
from bot.documents.metadata import programme_year, read_metadata
from bot.documents.repair import original_span, repair, repair_summary, repaired_offset
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

Read = Callable[[Path], tuple[FilePart, ...]]
"""The documents of one file; raises a DocumentError whose message says what to do."""

FAQ_FOLDER = "faq"
_SHEET_FORMATS = frozenset({"xlsx", "xls", "ods"})
_HEADING = re.compile(
    r"(?:#{1,6}\s+\S|[ \u3000]*(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]"
    r"|第[一二三四五六七八九十百\d]+[章节条编]))"
)
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)*\|?\s*")


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file of the knowledge folder, or of one document in such a file."""

    file: str
    """Id of the document: the file's path under the knowledge folder, with forward slashes, and the
    document's own name behind it where the file holds others too."""
    format: str = ""
    """The form that was parsed, as in `Converted`; empty where the file could not be read."""
    characters: int = 0
    """Of the repaired text."""
    pages: int = 0
    """Pages, slides or sheets; 0 where the format has none."""
    ocr: tuple[OcrPage, ...] = ()
    """The pages that were read from their pictures."""
    headings: int = 0
    tables: int = 0
    tables_without_header: int = 0
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
    """A document that was read and repaired, its role still open."""

    id: str
    file: str
    """Path under the knowledge folder of the file that holds it; a member of an archive is a file, too."""
    name: str
    """The document's name without suffix."""
    text: str
    """Repaired."""
    format: str
    places: tuple[Place, ...]
    """With offsets in `text`."""
    edits: tuple[Edit, ...]
    warnings: tuple[str, ...]
    pages: int
    ocr: tuple[OcrPage, ...]
    start: int = 0
    """Offset of `text` in the file's whole text; more than 0 for a document that follows in its file."""
    second_notice: bool = False
    """True for a notice that follows in another one's file."""
    holds: tuple[str, ...] = ()
    """Names of the documents that follow in its file."""


# ---------------------------------------------------------------- the folder's files


def list_notice_folders(root: Path) -> tuple[Path, ...]:
    """The folders, and the files of their own, that are a notice each, by name; `faq/` is none of them.

    Raises SettingsError where the knowledge folder does not exist.
    """
    if not root.is_dir():
        raise SettingsError(f"没有找到知识文件夹“{root}”。请建立这个文件夹并放入通知，或改正 KNOWLEDGE_DIR。")
    entries = (entry for entry in root.iterdir() if not is_leftover(entry.name))
    return tuple(sorted(entry for entry in entries if entry.name.lower() != FAQ_FOLDER or not entry.is_dir()))


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder, and what is no file but must be reported: links, folders that do not open."""
    for entry in sorted(folder.iterdir()):
        if is_leftover(entry.name):
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


def _read_sources(path: Path, root: Path, read: Read) -> Iterator[_Source | FileReport]:
    """The documents of a file, and a report for each that could not be read."""
    file = path.relative_to(root).as_posix()
    if refusal := _refusal(path, root):
        yield FileReport(file, error=refusal)
        return
    try:
        parts = read(path)
    except DocumentError as error:
        yield FileReport(file, error=str(error))
        return
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        yield FileReport(file, error=f"无法读取文件（{reason}）。请检查文件权限和磁盘后重试。")
        return
    for part in parts:
        part_file = f"{file}/{part.name}" if part.name else file
        if part.converted is None:
            yield FileReport(part_file, error=part.error)
        else:
            yield from _separated(_source(part_file, part.converted))


def _source(file: str, converted: Converted) -> _Source:
    repaired = repair(converted.text)
    return _Source(
        id=file,
        file=file,
        name=PurePosixPath(file).stem,
        text=repaired.text,
        format=converted.format,
        places=tuple(
            replace(place, start=repaired_offset(repaired.edits, place.start)) for place in converted.places
        ),
        edits=repaired.edits,
        warnings=(*converted.warnings, *repaired.warnings),
        pages=converted.pages,
        ocr=converted.ocr,
    )


# ---------------------------------------------------------------- several documents in one file


def _separated(source: _Source) -> Iterator[_Source]:
    """The documents of one text: the first one, and those that follow in it."""
    enclosed = enclosed_documents(source.text) if source.format not in _SHEET_FORMATS else ()
    if not enclosed:
        yield source
        return
    names = _distinct([other.name for other in enclosed])
    yield replace(_slice(source, 0, enclosed[0].start), holds=names)
    ends = [*(other.start for other in enclosed[1:]), len(source.text)]
    for other, name, end in zip(enclosed, names, ends, strict=True):
        part = _slice(source, other.start, end)
        yield replace(part, id=f"{source.id}/{name}", name=name, second_notice=other.notice, warnings=())


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        f"{name}（{before + 1}）" if (before := names[:i].count(name)) else name
        for i, name in enumerate(names)
    )


def _slice(source: _Source, start: int, end: int) -> _Source:
    """The part [start, end) of a document as one of its own, offsets counted from its beginning."""
    original = original_span(source.edits, start, start)[0]
    places = _places_within(source.places or _line_places(source.text), start, end)
    pages = {place.page for place in places}
    return replace(
        source,
        text=source.text[start:end].rstrip(),
        places=places,
        edits=tuple(
            replace(
                edit,
                start=edit.start - original,
                end=edit.end - original,
                new_start=edit.new_start - start,
                new_end=edit.new_end - start,
            )
            for edit in source.edits
            if start <= edit.new_start and edit.new_end <= end
        ),
        pages=len(pages) if source.pages else 0,
        ocr=tuple(page for page in source.ocr if page.page in pages),
        start=start,
    )


def _line_places(text: str) -> tuple[Place, ...]:
    """Places of a text whose reader gave none: its lines, as the file counts them."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return tuple(Place(start, f"第{number}行") for number, start in enumerate(starts, 1))


def _places_within(places: Sequence[Place], start: int, end: int) -> tuple[Place, ...]:
    before = [place for place in places if place.start <= start][-1:]
    inside = [place for place in places if start < place.start < end]
    return tuple(replace(place, start=max(0, place.start - start)) for place in (*before, *inside))


# ---------------------------------------------------------------- documents


def _document(source: _Source, notice_id: str, title: str, role: DocumentRole, number: str = "") -> Document:
    return Document(
        id=source.id,
        notice_id=notice_id,
        title=title,
        role=role,
        text=source.text,
        format=source.format,
        attachment_number=number,
        places=source.places,
        edits=source.edits,
        warnings=source.warnings,
        ocr_pages=tuple(page.page for page in source.ocr),
        file=source.file if source.id != source.file else "",
        file_start=source.start,
    )


def _attachment(source: _Source, notice_id: str, declared: Sequence[DeclaredAttachment]) -> Document:
    """An attachment with its number and title: by its name, its first lines, or the notice's own list."""
    if source.second_notice:
        return _second_notice(source, notice_id, declared)
    own, named = text_title(source.text), name_title(source.name)
    number = name_number(source.name) or text_number(source.text) or declared_number([own, named], declared)
    listed = next((entry.title for entry in declared if entry.number == number), "")
    # A workbook's first heading is the name of its first sheet.
    titles = [listed, own] if source.format in _SHEET_FORMATS else [own, listed]
    title = next(filter(None, [*titles, named]), source.name)
    return _document(source, notice_id, title, DocumentRole.ATTACHMENT, number)


def _second_notice(source: _Source, notice_id: str, declared: Sequence[DeclaredAttachment]) -> Document:
    """A notice that follows in another one's file: forwarded, with its own number and dates."""
    own = read_metadata(notice_id, source.id, source.text)
    number = declared_number([own.title], declared)
    document = _document(source, notice_id, own.title or source.name, DocumentRole.ATTACHMENT, number)
    return replace(document, doc_number=own.doc_number, issued_on=own.issued_on)


def notice_of(document: Document, notice: Notice) -> Notice:
    """The notice whose dates complete those of a document: its own where it is a notice in another one's file."""
    if not (document.issued_on or document.doc_number):
        return notice
    issued_on = document.issued_on or notice.issued_on
    return replace(
        notice,
        title=document.title,
        doc_number=document.doc_number,
        issued_on=issued_on,
        year=programme_year(document.title, issued_on),
    )


# ---------------------------------------------------------------- reports


def _report(source: _Source, remarks: Sequence[str]) -> FileReport:
    lines = source.text.split("\n")
    return FileReport(
        file=source.id,
        format=source.format,
        characters=len(source.text),
        pages=source.pages,
        ocr=source.ocr,
        headings=sum(1 for line in lines if _HEADING.match(line)),
        tables=len(_table_headers(source.text)),
        tables_without_header=_tables_without_header(source.text),
        repairs=repair_summary(source.edits),
        warnings=(*source.warnings, *remarks),
    )


def _table_headers(text: str) -> list[str]:
    lines = text.split("\n")
    return [lines[i - 1] for i, line in enumerate(lines) if i and "|" in line and _TABLE_RULE.fullmatch(line)]


def _tables_without_header(text: str) -> int:
    return sum(map(_is_no_header, _table_headers(text)))


def _is_no_header(row: str) -> bool:
    """Whether the first row of a table names no columns: half of what it says is numbers or sentences.

    Blank cells do not count: the first row of a form has a blank beside each label.
    """
    cells = [cell.strip() for cell in row.strip().strip("|").split("|") if cell.strip()]
    doubtful = [c for c in cells if re.fullmatch(r"[\d.,%\s-]+", c) or len(c) > 40 or c.endswith("。")]
    return 2 * len(doubtful) >= len(cells)


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
            copies[source.id] = kept.id
    return list(first.values()), copies


def _remarks(
    source: _Source, main: _Source, copies: dict[str, str], documents: Sequence[Document]
) -> list[str]:
    """Chinese sentences for the receipt about the file's part in its notice."""
    if source.id in copies:
        return [f"内容与“{copies[source.id]}”相同，只收录前一份。请删去多余的一份。"]
    remarks = []
    if headless := _tables_without_header(source.text):
        remarks.append(f"有 {headless} 个表格没有表头，读不出每一列是什么；请在原文件里给表格加上表头。")
    if source.holds:
        remarks.append(f"文件里还有{'、'.join(f'“{name}”' for name in source.holds)}，已分开收录。")
    if source is main:
        if looks_attached(source.name, source.text):
            remarks.append("没有找到通知正文，暂以本文件为正文。请补充通知正文。")
        return remarks
    if source.second_notice:
        return remarks
    own = next(document for document in documents if document.id == source.id)
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
    neighbours = (other for other in root.iterdir() if other != path and not is_leftover(other.name))
    taken = {other.name if other.is_dir() else other.stem for other in neighbours}
    return path.name if path.stem in taken else path.stem


def load_notice(folder: Path, root: Path, read: Read = read_parts) -> LoadedNotice:
    """Reads a folder right under `root`, or a single file there, as one notice.

    Every file that is not hidden or an office program's leftover gets a report. A file with the content of
    an earlier one is reported and left out. Raises nothing for a bad file: its report holds the error.
    """
    linked = folder.is_symlink() and folder.is_dir()
    paths = [folder] if linked or not folder.is_dir() else list(_files(folder))
    notice_id = _notice_id(folder, root)
    outcomes = [outcome for path in paths for outcome in _read_sources(path, root, read)]
    failed = [outcome for outcome in outcomes if isinstance(outcome, FileReport)]
    sources, copies = _without_copies([outcome for outcome in outcomes if isinstance(outcome, _Source)])
    if not sources:
        return LoadedNotice(notice_id, None, (), tuple(failed))

    main = max(
        (source for source in sources if source.id == source.file),
        key=lambda source: (main_score(source.name, source.text), len(source.text)),
        default=sources[0],
    )
    declared = declared_attachments(main.text)
    attached = [_attachment(source, notice_id, declared) for source in sources if source is not main]
    attached.sort(key=lambda document: (int(document.attachment_number or 100), document.id))
    notice = read_metadata(notice_id, main.id, main.text, attached)
    documents = (_document(main, notice_id, notice.title or main.name, DocumentRole.MAIN), *attached)
    reports = tuple(
        outcome
        if isinstance(outcome, FileReport)
        else _report(outcome, _remarks(outcome, main, copies, documents))
        for outcome in outcomes
    )
    return LoadedNotice(notice_id, notice, documents, reports)


def load_knowledge(root: Path, read: Read = read_parts) -> Iterator[LoadedNotice]:
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
