"""An .ofd (GB/T 33190-2016) -> Markdown: laid out and reflowed like a PDF; scanned pages are read from their pictures."""

from __future__ import annotations

from bot.datamodels import Converted, OcrPage
from bot.documents.ofd_package import OfdPage, open_ofd
from bot.documents.pdf_layout import (
    ENOUGH_TEXT,
    HARDLY_ANY_TEXT,
    PageLayout,
    is_garbled,
    lay_out,
    tables_of_rules,
)
from bot.documents.progress import step_done
from bot.documents.recognised_text import doubts
from bot.documents.reflow import reflow
from bot.documents.scan_evening import evened
from bot.errors import DocumentError, EmptyDocument


def _page_layout(page: OfdPage) -> PageLayout:
    """The page as its text objects have it; without items where it must be read from its picture."""
    shown = [c for c in page.characters if c["text"].strip() or c["text"] == " "]
    upright = [c for c in shown if c["upright"]]
    characters = upright if len(upright) > 0.5 * len(shown) else shown
    text = "".join(c["text"] for c in characters)
    if is_garbled(text) or _only_pictured(page, len("".join(text.split()))):
        return PageLayout(page.number, page.width, page.height, (), only_pictured=True)
    return lay_out(page.number, page.width, page.height, characters, tables_of_rules(page.rules))


def _only_pictured(page: OfdPage, size: int) -> bool:
    """Whether the page says more in its pictures than in its `size` characters."""
    area = sum(abs((x1 - x0) * (y1 - y0)) for x0, y0, x1, y1 in (picture.box for picture in page.pictures))
    share = area / max(1.0, page.width * page.height)
    return share > (0.5 if size >= HARDLY_ANY_TEXT else 0.03) and size < ENOUGH_TEXT


def _read_pictures(page: OfdPage) -> tuple[PageLayout, float] | None:
    """The page's largest picture read by OCR, and the mean confidence; None where it cannot be read."""
    if not page.pictures:
        return None
    from bot.documents.page_pictures import image_pages
    from bot.documents.scanned import read_page

    largest = max(page.pictures, key=lambda p: abs((p.box[2] - p.box[0]) * (p.box[3] - p.box[1])))
    try:
        found = read_page(next(image_pages(largest.data)), page.number)
    except DocumentError:  # JBIG2 and other pictures that only OFD programs decode
        return None
    finally:
        step_done()
    return (found.layout, found.confidence) if found.layout.items else None


def read_ofd(data: bytes) -> Converted:
    """The document as Markdown; places are pages, counted through where a package holds several documents.

    Raises DamagedDocument, DocumentTooLarge, EncryptedDocument, EmptyDocument (no text, in words or pictures).
    """
    file = open_ofd(data)
    layouts = [_page_layout(page) for page in file.pages]
    pictured = [page for page, layout in zip(file.pages, layouts, strict=True) if layout.only_pictured]
    read = {page.number: found for page in pictured if (found := _read_pictures(page))}
    layouts = evened([read[page.number][0] if page.number in read else page for page in layouts], read)
    if not any(layout.items for layout in layouts):
        raise EmptyDocument(
            "OFD 里没有可读的文字，图片里也没有识别出文字。请用 OFD 阅读器打印成 PDF，或换成原 Word 文件放回原处。"
        )
    text, places = reflow(layouts)
    ocr = tuple(OcrPage(number, confidence) for number, (_, confidence) in read.items())
    warnings = doubts(ocr, [page.number for page in pictured if page.number not in read])
    if file.attachments:
        names = "、".join(f"“{name}”" for name in file.attachments)
        warnings += (f"OFD 里附有文件{names}，没有读取；请用 OFD 阅读器另存出来，放进同一文件夹。",)
    return Converted(text, "ofd", places, warnings, pages=len(file.pages), ocr=ocr)
