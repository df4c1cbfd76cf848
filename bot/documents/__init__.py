"""A file of the knowledge folder -> Markdown text: the reader is chosen by content, never by the name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.datamodels import Converted
from bot.documents.sniffing import FileKind, sniff
from bot.errors import DamagedDocument, DocumentTooLarge, EmptyDocument

MAX_FILE_BYTES = 50 << 20
_MARKDOWN_SUFFIXES = {".md", ".markdown"}
_USUAL_SUFFIXES: dict[str, set[str]] = {
    FileKind.TEXT: {".txt", ".text", ""} | _MARKDOWN_SUFFIXES,
    FileKind.HTML: {".html", ".htm", ".shtml", ".xhtml"},
    FileKind.DOCX: {".docx", ".docm", ".dotx"},
    FileKind.PDF: {".pdf"},
    FileKind.XLSX: {".xlsx", ".xlsm", ".xltx"},
    FileKind.XLS: {".xls", ".et", ".xlsb", ".xlt"},
}
_NAMES: dict[str, str] = {
    FileKind.TEXT: "纯文本",
    FileKind.HTML: "网页",
    FileKind.DOCX: "Word 文档（.docx）",
    FileKind.PDF: "PDF",
    FileKind.XLSX: "Excel 表格（.xlsx）",
    FileKind.XLS: "旧版 Excel 表格（.xls）",
}


def supported_formats() -> tuple[str, ...]:
    """Usual suffixes of the formats that `read_file` reads, without the dot."""
    return ("txt", "md", "html", "docx", "pdf", "xlsx", "xls", "et")


def _convert(kind: FileKind, data: bytes, suffix: str) -> Converted:
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
        case FileKind.HTML:
            from bot.documents.html import read_html

            return read_html(data)
        case FileKind.TEXT:
            from bot.documents.plain import read_plain

            return read_plain(data, "md" if suffix in _MARKDOWN_SUFFIXES else "txt")


def read_file(path: Path) -> Converted:
    """The file's text as Markdown, with places and warnings; nothing is repaired here.

    Raises a DocumentError (UnsupportedFormat, EmptyDocument, EncryptedDocument, DamagedDocument,
    DocumentTooLarge) whose message says what to do.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise DocumentTooLarge(
            f"文件有 {size / (1 << 20):.0f} MB，超过上限 {MAX_FILE_BYTES >> 20} MB。请拆分，或压缩其中的图片后放回原处。"
        )
    data = path.read_bytes()
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xfe\xff"):
        raise EmptyDocument("文件是空的。请重新下载或重新保存后放回原处。")
    suffix = path.suffix.lower()
    kind = sniff(data, suffix)
    try:
        converted = _convert(kind, data, suffix)
    except RecursionError as error:
        raise DamagedDocument(
            "文件的结构嵌套过深，可能是伪造或损坏的文件。请用原软件打开后另存再放回原处。"
        ) from error
    if not converted.text.strip():
        reasons = "".join(converted.warnings)
        raise EmptyDocument(f"文件里没有可读的文字。{reasons}请检查内容，或换成有文字的版本后放回原处。")
    if suffix in _USUAL_SUFFIXES[kind]:
        return converted
    note = f"扩展名是“{suffix or '（无）'}”，内容其实是{_NAMES[kind]}，已按{_NAMES[kind]}读取。"
    return replace(converted, warnings=(note, *converted.warnings))
