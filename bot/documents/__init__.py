"""A file of the knowledge folder -> its documents as Markdown text: the reader is chosen by content, never by the name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from bot.datamodels import Converted, FilePart
from bot.documents.progress import step_done
from bot.documents.sniffing import FileKind, has_macros, sniff
from bot.errors import DamagedDocument, DocumentTooLarge, EmptyDocument

MAX_FILE_BYTES = 50 << 20
MAX_CHARACTERS = 5_000_000
"""Characters of all documents of one file together: some 5,000 printed pages."""
MAX_LINES = 200_000
"""Lines of all documents of one file together: each may become a clause that is encoded for itself."""
_MARKDOWN_SUFFIXES = {".md", ".markdown"}
_USUAL_SUFFIXES: dict[FileKind, set[str]] = {
    FileKind.TEXT: {".txt", ".text", ""} | _MARKDOWN_SUFFIXES,
    FileKind.HTML: {".html", ".htm", ".shtml", ".xhtml"},
    FileKind.DOCX: {".docx", ".docm", ".dotx", ".dotm"},
    FileKind.PDF: {".pdf"},
    FileKind.XLSX: {".xlsx", ".xlsm", ".xltx"},
    FileKind.XLS: {".xls", ".et", ".xlsb", ".xlt", ".ett"},
    FileKind.PPTX: {".pptx", ".pptm", ".ppsx", ".potx"},
    FileKind.DOC: {".doc", ".wps", ".dot", ".wpt", ".xml"},
    FileKind.PPT: {".ppt", ".dps", ".pps", ".pot", ".dpt"},
    FileKind.RTF: {".rtf"},
    FileKind.ODT: {".odt", ".ott"},
    FileKind.ODS: {".ods", ".ots"},
    FileKind.ODP: {".odp", ".otp"},
    FileKind.OFD: {".ofd"},
    FileKind.EML: {".eml", ".mht", ".mhtml"},
    FileKind.ZIP: {".zip"},
    FileKind.IMAGE: {".png", ".jpg", ".jpeg", ".jpe", ".gif", ".tif", ".tiff", ".bmp", ".webp"},
}
_MAY_HOLD_MACROS = {
    FileKind.DOCX, FileKind.XLSX, FileKind.PPTX, FileKind.DOC, FileKind.XLS, FileKind.PPT,
}  # fmt: skip
_NAMES: dict[FileKind, str] = {
    FileKind.TEXT: "纯文本",
    FileKind.HTML: "网页",
    FileKind.DOCX: "Word 文档（.docx）",
    FileKind.PDF: "PDF",
    FileKind.XLSX: "Excel 表格（.xlsx）",
    FileKind.XLS: "旧版 Excel 表格（.xls）",
    FileKind.PPTX: "PowerPoint 演示文稿（.pptx）",
    FileKind.DOC: "旧版 Word 文档（.doc）",
    FileKind.PPT: "旧版 PowerPoint 演示文稿（.ppt）",
    FileKind.RTF: "RTF 文档",
    FileKind.ODT: "ODT 文档",
    FileKind.ODS: "ODS 表格",
    FileKind.ODP: "ODP 演示文稿",
    FileKind.OFD: "OFD 版式文件",
    FileKind.EML: "邮件或网页归档",
    FileKind.ZIP: "ZIP 压缩包",
    FileKind.IMAGE: "图片",
}


def supported_formats() -> tuple[str, ...]:
    """Usual suffixes of the formats that are read, without the dot."""
    return (
        "txt", "md", "html", "docx", "pdf", "xlsx", "xls", "et", "pptx", "ofd", "eml", "mht", "zip",
        "png", "jpg", "tiff", "bmp", "gif", "webp", "doc", "wps", "rtf", "odt", "ods", "ppt", "dps", "odp",
    )  # fmt: skip


def _converted(kind: FileKind, data: bytes, suffix: str) -> Converted:
    # Each reader is imported when first needed: pdfplumber and lxml take longer to load than a text to read.
    match kind:
        case FileKind.PDF:
            from bot.documents.pdf import read_pdf

            return read_pdf(data)
        case FileKind.DOCX:
            from bot.documents.docx import read_docx

            return read_docx(data)
        case FileKind.XLSX:
            from bot.documents.sheets import read_xlsx

            return read_xlsx(data)
        case FileKind.XLS:
            from bot.documents.sheets import read_xls

            return read_xls(data)
        case FileKind.ODS:
            from bot.documents.ods import read_ods

            return read_ods(data)
        case FileKind.PPTX:
            from bot.documents.slides import read_pptx

            return read_pptx(data)
        case FileKind.OFD:
            from bot.documents.ofd import read_ofd

            return read_ofd(data)
        case FileKind.IMAGE:
            from bot.documents.images import read_image

            return read_image(data)
        case FileKind.HTML:
            from bot.documents.html import read_html

            return read_html(data)
        case FileKind.DOC | FileKind.PPT | FileKind.RTF | FileKind.ODT | FileKind.ODP:
            from bot.documents.office import read_office

            return read_office(data, kind)
        case _:
            from bot.documents.plain import read_plain

            return read_plain(data, "md" if suffix in _MARKDOWN_SUFFIXES else "txt")


def _members(kind: FileKind, data: bytes) -> tuple[FilePart, ...]:
    from bot.documents.containers import read_eml, read_zip

    return read_eml(data) if kind is FileKind.EML else read_zip(data)


def _checked(converted: Converted) -> Converted:
    """Without halves of characters, which no file can hold. Raises EmptyDocument where there is no text."""
    if not converted.text.strip():
        reasons = "".join(converted.warnings)
        raise EmptyDocument(f"文件里没有可读的文字。{reasons}请检查内容，或换成有文字的版本后放回原处。")
    return replace(converted, text=re.sub("[\ud800-\udfff]", "\ufffd", converted.text))


def _endless(limit: str) -> DocumentTooLarge:
    return DocumentTooLarge(f"文件里的文字超过上限 {limit}。请拆分后放回原处。")


def _refuse_endless(parts: Iterable[FilePart]) -> None:
    texts = [part.converted.text for part in parts if part.converted]
    if sum(map(len, texts)) > MAX_CHARACTERS:
        raise _endless(f"{MAX_CHARACTERS // 10_000} 万字")
    if sum(text.count("\n") for text in texts) > MAX_LINES:
        raise _endless(f"{MAX_LINES // 10_000} 万行")


def _noted(part: FilePart, note: str) -> FilePart:
    if part.converted is None:
        return part
    return replace(part, converted=replace(part.converted, warnings=(note, *part.converted.warnings)))


def read_bytes(data: bytes, name: str) -> tuple[FilePart, ...]:
    """The documents in these bytes: one part named "" for an ordinary file, a part a member for a container.

    `name` is the file's own name: its suffix tells Markdown from text, and a wrong one is noted in the
    warnings. Raises a DocumentError (UnsupportedFormat, EmptyDocument, EncryptedDocument, DamagedDocument,
    DocumentTooLarge) whose message says what to do. Nothing is repaired here.
    """
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xfe\xff"):
        raise EmptyDocument("文件是空的。请重新下载或重新保存后放回原处。")
    suffix = PurePosixPath(name).suffix.lower()
    kind = sniff(data, suffix)
    if kind is FileKind.TEXT and len(data) > 4 * MAX_CHARACTERS:  # no encoding takes more bytes a character
        raise _endless(f"{MAX_CHARACTERS // 10_000} 万字")
    try:
        if kind in {FileKind.EML, FileKind.ZIP}:
            parts = _members(kind, data)
        else:
            parts = (FilePart("", _checked(_converted(kind, data, suffix))),)
    except RecursionError as error:
        raise DamagedDocument(
            "文件的结构嵌套过深，可能是伪造或损坏的文件。请用原软件打开后另存再放回原处。"
        ) from error
    _refuse_endless(parts)
    step_done()
    if kind in _MAY_HOLD_MACROS and has_macros(data):
        parts = tuple(_noted(part, "文件带有宏；宏没有运行，也没有收录。") for part in parts)
    if suffix not in _USUAL_SUFFIXES[kind]:
        note = f"扩展名是“{suffix or '（无）'}”，内容其实是{_NAMES[kind]}，已按{_NAMES[kind]}读取。"
        parts = tuple(_noted(part, note) for part in parts)
    return parts


def read_parts(path: Path) -> tuple[FilePart, ...]:
    """`read_bytes` of a file. Raises OSError where it cannot be opened, else a DocumentError."""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise DocumentTooLarge(
            f"文件有 {size / (1 << 20):.0f} MB，超过上限 {MAX_FILE_BYTES >> 20} MB。请拆分，或压缩其中的图片后放回原处。"
        )
    return read_bytes(path.read_bytes(), path.name)


def read_file(path: Path) -> Converted:
    """`read_parts` of a file that holds one document."""
    (part,) = read_parts(path)
    assert part.converted is not None
    return part.converted
