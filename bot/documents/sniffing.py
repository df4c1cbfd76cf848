"""Bytes -> the kind of file they are, whatever its name says."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

from bot.errors import DamagedDocument, EncryptedDocument, UnsupportedFormat

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_DIRECTORY_ENTRY = 128
"""Bytes of an entry in an OLE directory; entries start at multiples of it."""


class FileKind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    XLS = "xls"
    """Excel 97-2003 and WPS 表格 (.et), and the binary .xlsb."""
    HTML = "html"
    TEXT = "txt"


_RESAVE = "请用 Word 或 WPS 打开，另存为 .docx 后放回原处。"
_RESAVE_SHEET = "请用 Excel 或 WPS 打开，另存为 .xlsx 后放回原处。"
_UNPACK = "请解压，把里面的文件分别放进文件夹。"
_TYPE_OUT = "请识别成文字，存为 .docx、.txt 或带文字层的 PDF 后放回原处。"

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"{\\rtf", "RTF 文档", _RESAVE),
    (b"\x89PNG\r\n", "PNG 图片", _TYPE_OUT),
    (b"\xff\xd8\xff", "JPEG 图片", _TYPE_OUT),
    (b"GIF8", "GIF 图片", _TYPE_OUT),
    (b"II*\x00", "TIFF 图片", _TYPE_OUT),
    (b"MM\x00*", "TIFF 图片", _TYPE_OUT),
    (b"Rar!\x1a\x07", "RAR 压缩包", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip 压缩包", _UNPACK),
    (b"\x1f\x8b\x08", "gzip 压缩包", _UNPACK),
    (b"MZ", "Windows 程序", "它不是文档，请移出文件夹。"),
    (b"\x7fELF", "Linux 程序", "它不是文档，请移出文件夹。"),
    (b"SQLite format 3\x00", "SQLite 数据库", "它不是文档，请移出文件夹。"),
)
_ZIP_MEMBERS: tuple[tuple[str, str, str], ...] = (
    ("ppt/", "PowerPoint 演示文稿（.pptx）", "请另存为带文字层的 PDF 后放回原处。"),
    ("OFD.xml", "OFD 版式文件", "请用 OFD 阅读器转换为 PDF 或 .docx 后放回原处。"),
)
_ODF: dict[bytes, tuple[str, str]] = {
    b"application/vnd.oasis.opendocument.text": ("ODT 文档", _RESAVE),
    b"application/vnd.oasis.opendocument.spreadsheet": ("ODS 表格", _RESAVE_SHEET),
    b"application/vnd.oasis.opendocument.presentation": (
        "ODP 演示文稿",
        "请另存为带文字层的 PDF 后放回原处。",
    ),
    b"application/epub+zip": ("EPUB 电子书", "请转换为 .docx 或 PDF 后放回原处。"),
}
_DATA_SUFFIXES = frozenset(
    [
        ".json",
        ".jsonl",
        ".ndjson",
        ".yaml",
        ".yml",
        ".toml",
        ".ini",
        ".cfg",
        ".env",
        ".log",
        ".sql",
        ".py",
        ".js",
        ".css",
        ".sh",
        ".bat",
    ]
)
_NOT_A_DOCUMENT = "它是给程序用的，不是通知或附件，没有收入索引；如果要收入，请把内容存为 .txt 或 .docx。"
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(
    rb"\s*<(?:body|meta|title|table|div|section|article|p|h[1-6]|center|font|span|style|script)\b",
    re.IGNORECASE,
)


def unsupported(name: str, advice: str) -> UnsupportedFormat:
    return UnsupportedFormat(f"这是{name}，目前不能读取。{advice}")


def _sniff_zip(data: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            encrypted = any(info.flag_bits & 1 for info in archive.infolist())
            mimetype = archive.open("mimetype").read(100) if "mimetype" in names and not encrypted else b""
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError) as error:
        raise DamagedDocument(
            "文件不完整或已损坏（Office 文档或压缩包的目录读不出来）。请重新下载，或用原软件打开后另存再放回原处。"
        ) from error
    if encrypted:
        raise EncryptedDocument("文件有密码保护。请去掉密码后另存，再放回原处。")
    if any(name.startswith("word/") for name in names):
        return FileKind.DOCX
    if any(name.startswith("xl/") for name in names):
        return FileKind.XLS if "xl/workbook.bin" in names else FileKind.XLSX
    for prefix, name, advice in _ZIP_MEMBERS:
        if any(member.startswith(prefix) for member in names):
            raise unsupported(name, advice)
    if mimetype.strip() in _ODF:
        raise unsupported(*_ODF[mimetype.strip()])
    raise unsupported("ZIP 压缩包", _UNPACK)


def _ole_entry(data: bytes, name: str) -> int:
    """Offset of the directory entry with this name, -1 where the file has none.

    An entry holds its name in UTF-16, padded to 64 bytes, and then the name's size with its final zero.
    """
    wanted = name.encode("utf-16-le")
    entry = wanted.ljust(64, b"\0") + (len(wanted) + 2).to_bytes(2, "little")
    at = data.find(entry)
    while at >= 0 and at % OLE_DIRECTORY_ENTRY:
        at = data.find(entry, at + 1)
    return at


def _sniff_ole(data: bytes) -> FileKind:
    if _ole_entry(data, "EncryptedPackage") >= 0:
        raise EncryptedDocument(
            "Office 文档有密码保护。请在 Word、Excel 或 WPS 里去掉密码后另存，再放回原处。"
        )
    entries = {
        name: _ole_entry(data, name) for name in ("WordDocument", "Workbook", "Book", "PowerPoint Document")
    }
    # A document may embed one of another kind; its own stream is the first in the directory.
    found = (
        min((at, name) for name, at in entries.items() if at >= 0)[1] if max(entries.values()) >= 0 else ""
    )
    match found:
        case "Workbook" | "Book":
            return FileKind.XLS
        case "WordDocument":
            raise unsupported("旧版 Word 文档（.doc）或 WPS 文字（.wps）", _RESAVE)
        case "PowerPoint Document":
            raise unsupported("旧版 PowerPoint 演示文稿（.ppt）", "请另存为带文字层的 PDF 后放回原处。")
    raise unsupported(
        "旧版 Office 复合文件（或已损坏）", "请用原软件打开，另存为 .docx 或 .xlsx 后放回原处。"
    )


def sniff(data: bytes, suffix: str) -> FileKind:
    """What kind of file these bytes are.

    `suffix` (lower case, with its dot) only tells a web page's fragment from Markdown or text that begins
    with a tag. Raises UnsupportedFormat with the format's name and what to do, EncryptedDocument,
    DamagedDocument.
    """
    if b"%PDF-" in data[:1024]:
        return FileKind.PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(data)
    if data.startswith(OLE_MAGIC):
        return _sniff_ole(data)
    for magic, name, advice in _MAGIC:
        if data.startswith(magic):
            raise unsupported(name, advice)
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        raise unsupported("BMP 图片", _TYPE_OUT)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise unsupported("WebP 图片", _TYPE_OUT)

    head = (
        data[:8192]
        .replace(b"\0", b"")
        .removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
    )
    if _HTML_START.match(head):
        return FileKind.HTML
    if suffix in {".txt", ".text", ".md", ".markdown"}:
        return FileKind.TEXT
    if suffix in _DATA_SUFFIXES or re.match(rb'\s*(?:\[\s*)?\{\s*"', head):
        raise unsupported(f"数据或程序文件（{suffix or 'JSON'}）", _NOT_A_DOCUMENT)
    if _HTML_TAG.match(head):
        return FileKind.HTML
    if re.match(rb"\s*<\?xml", head):
        if b"Word.Document" in head or b"wordDocument" in head:
            raise unsupported("Word 2003 XML 文档", _RESAVE)
        if b"Excel.Sheet" in head or b"schemas-microsoft-com:office:spreadsheet" in head:
            raise unsupported("Excel 2003 XML 表格", _RESAVE_SHEET)
        return FileKind.HTML if b"<html" in head.lower() else FileKind.TEXT
    if re.match(rb"(?:From: |MIME-Version: |Date: )", head) and b"Content-Type:" in head:
        raise unsupported(
            "网页归档（.mht）或邮件", "请在浏览器或 Word 里打开，另存为 .html 或 .docx 后放回原处。"
        )
    return FileKind.TEXT
