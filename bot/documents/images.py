"""A picture file (.png .jpg .tiff .bmp .gif .webp) -> Markdown of the text that it shows."""

from __future__ import annotations

from bot.datamodels import Converted, OcrPage
from bot.documents.page_pictures import image_pages
from bot.documents.progress import step_done
from bot.documents.recognised_text import doubts
from bot.documents.reflow import reflow
from bot.documents.scan_evening import evened
from bot.documents.scanned import read_page
from bot.errors import EmptyDocument


def read_image(data: bytes) -> Converted:
    """The picture's text; places are pages, of which only a TIFF file has several.

    Raises EmptyDocument (no text in it), DamagedDocument, DocumentTooLarge, UnsupportedFormat (recogniser
    not installed).
    """
    pages = []
    for number, picture in enumerate(image_pages(data), 1):
        pages.append(read_page(picture, number))
        step_done()
    if not any(page.layout.items for page in pages):
        raise EmptyDocument(
            "图片里没有识别出文字。如果上面有文字，请换成更清晰、端正的扫描件或照片，或换成原 Word 文件；如果没有，请移出文件夹。"
        )
    ocr = tuple(OcrPage(page.layout.number, page.confidence) for page in pages if page.layout.items)
    blank = [page.layout.number for page in pages if page.inked and not page.layout.items]
    text, places = reflow(evened([page.layout for page in pages], [page.layout.number for page in pages]))
    return Converted(
        text=text, format="image", places=places, warnings=doubts(ocr, blank), pages=len(pages), ocr=ocr
    )
