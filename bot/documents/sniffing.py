"""Bytes -> the kind of file they are, whatever its name says."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from enum import StrEnum

import olefile

from bot.errors import DamagedDocument, EncryptedDocument, UnsupportedFormat

ZIP_ENCRYPTED = 1
"""Bit of a member's flags: a password guards it."""


class FileKind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    DOC = "doc"
    """Word 6 to 2003 and WPS 文字 (.wps), and Word 2003 XML."""
    XLS = "xls"
    """Excel 97-2003 and WPS 表格 (.et), and the binary .xlsb."""
    PPT = "ppt"
    """PowerPoint 97-2003 and WPS 演示 (.dps)."""
    RTF = "rtf"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    OFD = "ofd"
    HTML = "html"
    TEXT = "txt"
    EML = "eml"
    """An e-mail, or a web page saved with its pictures (.mht), also where Word named that .doc."""
    ZIP = "zip"
    IMAGE = "image"
    """PNG, JPEG, GIF, TIFF, BMP or WebP."""


_RESAVE = "请用 Word 或 WPS 打开，另存为 .docx 后放回原处。"
_RESAVE_SHEET = "请用 Excel 或 WPS 打开，另存为 .xlsx 后放回原处。"
_RESAVE_BOOK = "请转换为 .docx 或 PDF 后放回原处。"
_UNPACK = "请解压，把里面的文件分别放进文件夹。"

_MAIN_PARTS = {"word/document.xml", "xl/workbook.xml", "xl/workbook.bin", "ppt/presentation.xml"}
_ENCRYPTED_STREAMS = {"EncryptedPackage", "EncryptionInfo", "EncryptedSummary"}
WORD_ENCRYPTED = 1
"""Bit of the twelfth byte of a WordDocument stream."""
SLIDES_ENCRYPTED = b"\xdf\xc4\xd1\xf3"
"""The headerToken of a "Current User" stream."""
_MACRO_PROJECT = (b"vbaProject.bin", "_VBA_PROJECT".encode("utf-16-le"))
"""Name of the member that holds macros in a zip package, start of that of the stream in an OLE file."""

_KNOWN: tuple[tuple[bytes, FileKind], ...] = (
    (b"{\\rtf", FileKind.RTF),
    (b"\x89PNG\r\n", FileKind.IMAGE),
    (b"\xff\xd8\xff", FileKind.IMAGE),
    (b"GIF8", FileKind.IMAGE),
    (b"II*\x00", FileKind.IMAGE),
    (b"MM\x00*", FileKind.IMAGE),
)
_UNREADABLE: tuple[tuple[bytes, str, str], ...] = (
    (b"Rar!\x1a\x07", "RAR 压缩包", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip 压缩包", _UNPACK),
    (b"\x1f\x8b\x08", "gzip 压缩包", _UNPACK),
    (b"BZh", "bzip2 压缩包", _UNPACK),
    (b"\xfd7zXZ\x00", "xz 压缩包", _UNPACK),
    (b"MZ", "Windows 程序", "它不是文档，请移出文件夹。"),
    (b"\x7fELF", "Linux 程序", "它不是文档，请移出文件夹。"),
    (b"SQLite format 3\x00", "SQLite 数据库", "它不是文档，请移出文件夹。"),
)
_ODF: dict[bytes, FileKind] = {
    b"application/vnd.oasis.opendocument.text": FileKind.ODT,
    b"application/vnd.oasis.opendocument.text-template": FileKind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileKind.ODS,
    b"application/vnd.oasis.opendocument.spreadsheet-template": FileKind.ODS,
    b"application/vnd.oasis.opendocument.presentation": FileKind.ODP,
    b"application/vnd.oasis.opendocument.presentation-template": FileKind.ODP,
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
    rb"\s*+(?:<\?xml[^>]*>\s*+)?(?:(?><!--.{0,2000}?-->)\s*+)*+<(?:!doctype\s+html|html|head)\b",
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
            members = archive.infolist()
            names = {info.filename for info in members}
            office = "[content_types].xml" in {name.lower() for name in names} or not names.isdisjoint(
                _MAIN_PARTS
            )
            ofd = "OFD.xml" in names
            mimetype = _small_member(archive, "mimetype")
            manifest = _small_member(archive, "META-INF/manifest.xml")
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError) as error:
        raise DamagedDocument(
            "文件不完整或已损坏（Office 文档或压缩包的目录读不出来）。请重新下载，或用原软件打开后另存再放回原处。"
        ) from error
    if (office or ofd or mimetype) and any(info.flag_bits & ZIP_ENCRYPTED for info in members):
        raise EncryptedDocument("文件有密码保护。请去掉密码后另存，再放回原处。")
    if b":encryption-data" in manifest:
        raise EncryptedDocument("文件有密码保护。请在 LibreOffice 或 WPS 里去掉密码后另存，再放回原处。")
    if mimetype in _ODF:
        return _ODF[mimetype]
    if mimetype == b"application/epub+zip":
        raise unsupported("EPUB 电子书", _RESAVE_BOOK)
    if ofd:
        return FileKind.OFD
    if office:
        if any(name.startswith("word/") for name in names):
            return FileKind.DOCX
        if any(name.startswith("xl/") for name in names):
            return FileKind.XLS if "xl/workbook.bin" in names else FileKind.XLSX
        if any(name.startswith("ppt/") for name in names):
            return FileKind.PPTX
    return FileKind.ZIP


def _small_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first 64 KB of a member; empty where there is none of this name, or a password guards it."""
    try:
        with archive.open(name) as member:
            return member.read(1 << 16).strip()
    except (KeyError, RuntimeError):  # RuntimeError is what zipfile raises for want of a password
        return b""


def _sniff_ole(data: bytes) -> FileKind:
    """By the streams right under the root: a document may embed another of a different kind further down.

    [MS-OFFCRYPTO] 2.2 and 2.3 name the streams of encrypted files, [MS-DOC] 2.5.2 (FibBase) and
    [MS-PPT] 2.3.2 (CurrentUserAtom) the flags.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = {entry[0] for entry in ole.listdir(streams=True, storages=True)}
            word = ole.openstream("WordDocument").read(12) if "WordDocument" in streams else b""
            slides = ole.openstream("Current User").read(16) if "Current User" in streams else b""
    except (OSError, ValueError, IndexError, RecursionError, struct.error) as error:
        raise DamagedDocument(
            "文件不完整或已损坏（Office 97 格式的目录读不出来）。请重新下载，或用原软件打开后另存再放回原处。"
        ) from error
    flagged = len(word) == 12 and word[11] & WORD_ENCRYPTED
    if streams & _ENCRYPTED_STREAMS or flagged or slides[12:] == SLIDES_ENCRYPTED:
        raise EncryptedDocument(
            "Office 文档有密码保护。请在 Word、Excel、PowerPoint 或 WPS 里去掉密码后另存，再放回原处。"
        )
    if "WordDocument" in streams:
        return FileKind.DOC
    if "Workbook" in streams or "Book" in streams:
        return FileKind.XLS
    if "PowerPoint Document" in streams:
        return FileKind.PPT
    if "__properties_version1.0" in streams:
        raise unsupported("Outlook 邮件（.msg）", "请在 Outlook 里打开，另存为 .eml 或 .html 后放回原处。")
    raise unsupported(
        "旧版 Office 复合文件（或已损坏）", "请用原软件打开，另存为 .docx 或 .xlsx 后放回原处。"
    )


def _is_mail(head: bytes, suffix: str) -> bool:
    """Whether a text begins with the header of an e-mail or of a saved page (RFC 5322, RFC 2557)."""
    header, _, _ = head.replace(b"\r", b"").lstrip().partition(b"\n\n")
    fields: set[bytes] = set()
    for line in header.split(b"\n"):
        if match := re.match(rb"([A-Za-z][A-Za-z0-9-]*):", line):
            fields.add(match[1].lower())
        elif not line.startswith((b" ", b"\t")):
            break
    technical = fields & {b"mime-version", b"content-type", b"message-id", b"received", b"return-path"}
    usual = fields & {b"from", b"to", b"subject", b"date"}
    return len(technical) + len(usual) > 1 and (bool(technical) or suffix == ".eml")


def has_macros(data: bytes) -> bool:
    """Whether an Office file holds macros: names of members and streams stand in it uncompressed."""
    return any(name in data for name in _MACRO_PROJECT)


def sniff(data: bytes, suffix: str) -> FileKind:
    """What kind of file these bytes are.

    `suffix` (lower case, with its dot) only tells a web page's fragment from Markdown or text that begins
    with a tag. Raises UnsupportedFormat with the format's name and what to do, EncryptedDocument,
    DamagedDocument.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(data)
    if data.startswith(olefile.MAGIC):
        return _sniff_ole(data)
    for magic, kind in _KNOWN:
        if data.startswith(magic):
            return kind
    for magic, name, advice in _UNREADABLE:
        if data.startswith(magic):
            raise unsupported(name, advice)
    if (data.startswith(b"BM") and data[6:10] == b"\0\0\0\0") or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    ):
        return FileKind.IMAGE
    if re.search(rb"%PDF-\d", data[:1024]):
        return FileKind.PDF

    head = (
        data[:8192]
        .replace(b"\0", b"")
        .removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
    )
    if _HTML_START.match(head):
        return FileKind.HTML
    if _is_mail(head, suffix):
        return FileKind.EML
    if suffix in {".txt", ".text", ".md", ".markdown"}:
        return FileKind.TEXT
    if suffix in _DATA_SUFFIXES or re.match(rb'\s*(?:\[\s*)?\{\s*"', head):
        raise unsupported(f"数据或程序文件（{suffix or 'JSON'}）", _NOT_A_DOCUMENT)
    if _HTML_TAG.match(head):
        return FileKind.HTML
    if re.match(rb"\s*<\?xml", head):
        if b"Word.Document" in head or b"wordDocument" in head:
            return FileKind.DOC
        if b"Excel.Sheet" in head or b"schemas-microsoft-com:office:spreadsheet" in head:
            raise unsupported("Excel 2003 XML 表格", _RESAVE_SHEET)
        return FileKind.HTML if b"<html" in head.lower() else FileKind.TEXT
    return FileKind.TEXT
