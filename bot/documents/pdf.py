"""A .pdf -> Markdown: the text layer where it is good, else what the page's picture shows."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from bot.datamodels import Converted, OcrPage
from bot.documents.pdf_layout import PageLayout, page_layout
from bot.documents.progress import step_done
from bot.documents.recognised_text import doubts
from bot.documents.reflow import reflow
from bot.documents.scan_evening import evened
from bot.errors import DamagedDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument

if TYPE_CHECKING:
    from bot.documents.scanned import ScannedPage

MAX_PAGES = 1_000
MAX_STREAM_BYTES = 96 << 20
"""Most that one compressed stream (not a picture) may unpack to."""
MAX_OBJECTS = 300_000
"""Objects, and references among them; 1,000 printed pages have some 20,000."""


def _refuse_crowds(data: bytes) -> None:
    """pdfminer takes a minute for a million objects, or for a page tree that names a page a million times."""
    if max(data.count(b" obj"), data.count(b" R ") // 2) > MAX_OBJECTS:
        raise DocumentTooLarge(
            f"PDF 里的对象超过上限 {MAX_OBJECTS // 10_000} 万个，可能是伪造的文件。请用 PDF 软件打开核对，另存或拆分后放回原处。"
        )


def _refuse_inflating_streams(data: bytes) -> None:
    """pdfminer unpacks whole streams into memory, so a small file could fill it."""
    for match in re.finditer(rb"stream\r?\n", data):
        if (
            data[max(0, match.start() - 3) : match.start()] == b"end"
            or b"/Image" in data[match.start() - 400 : match.start()]
        ):
            continue
        if data[match.end() : match.end() + 1] != b"\x78":  # every zlib stream of a PDF begins with it
            continue
        unpacker = zlib.decompressobj()
        unpacked, at = 0, match.end()
        try:
            while at < len(data) and not unpacker.eof:
                unpacked += len(
                    unpacker.decompress(unpacker.unconsumed_tail or data[at : at + 65536], 1 << 20)
                )
                at += 0 if unpacker.unconsumed_tail else 65536
                if unpacked > MAX_STREAM_BYTES:
                    raise DocumentTooLarge(
                        "PDF 里有解压后过大的内容，可能是压缩炸弹。请用 PDF 软件打开核对，另存后放回原处。"
                    )
        except zlib.error:
            continue


def _layouts(data: bytes) -> list[PageLayout]:
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            if len(document.pages) > MAX_PAGES:
                raise DocumentTooLarge(
                    f"PDF 有 {len(document.pages)} 页，超过上限 {MAX_PAGES} 页。请拆分后放回原处。"
                )
            layouts = []
            for page in document.pages:
                layouts.append(page_layout(page))
                page.close()
            return layouts
    except (DocumentTooLarge, RecursionError, MemoryError):
        raise
    except Exception as error:  # pdfminer raises almost anything on a broken file
        causes = (error, error.__cause__, error.__context__, *error.args)
        if any(isinstance(cause, MemoryError) for cause in causes):
            raise MemoryError from error
        if any(isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError) for cause in causes):
            raise EncryptedDocument("PDF 有打开密码。请去掉密码后另存，再放回原处。") from error
        detail = (
            type(error.args[0]).__name__
            if isinstance(error, PdfminerException) and error.args
            else type(error).__name__
        )
        raise DamagedDocument(
            f"PDF 不完整或已损坏（{detail}）。请重新下载，或用 PDF 软件打开后另存再放回原处。"
        ) from error


def _read_pictured(data: bytes, numbers: Sequence[int]) -> dict[int, ScannedPage]:
    """The pages with these numbers, read from their rendered pictures."""
    if not numbers:
        return {}
    from bot.documents.page_pictures import pdf_pages
    from bot.documents.scanned import read_page

    pages = {}
    for number, picture in zip(numbers, pdf_pages(data, numbers), strict=True):
        pages[number] = read_page(picture, number)
        step_done()
    return pages


def _merged(layouts: Sequence[PageLayout], read: dict[int, ScannedPage]) -> list[PageLayout]:
    return evened([read[page.number].layout if page.number in read else page for page in layouts], read)


def read_pdf(data: bytes) -> Converted:
    """The document as Markdown; places are pages.

    A page whose text layer is missing or rubbish is read from its picture, one by one.
    Raises EncryptedDocument, DamagedDocument, EmptyDocument (nothing to read, in text or picture),
    DocumentTooLarge.
    """
    _refuse_crowds(data)
    _refuse_inflating_streams(data)
    layouts = _layouts(data)
    read = _read_pictured(data, [layout.number for layout in layouts if layout.only_pictured])
    layouts = _merged(layouts, read)
    if not any(layout.items for layout in layouts):
        raise EmptyDocument(
            "PDF 里没有文字层，图片里也没有识别出文字。请检查内容，或换成更清晰的扫描件、原 Word 文件放回原处。"
        )
    text, places = reflow(layouts)
    ocr = tuple(OcrPage(number, page.confidence) for number, page in read.items() if page.layout.items)
    blank = [number for number, page in read.items() if page.inked and not page.layout.items]
    return Converted(
        text=text, format="pdf", places=places, warnings=doubts(ocr, blank), pages=len(layouts), ocr=ocr
    )
