"""A page of a PDF or of a picture file -> pixels: the only module that knows Pillow and renders with pypdfium2.

What a page would take is known from its header before anything is decoded, and bounded.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from bot.errors import DamagedDocument, DocumentTooLarge, EmptyDocument

Pixels = npt.NDArray[np.uint8]
"""Shape (height, width, 3), blue-green-red as OpenCV has them."""

DPI = 200
"""Pixels per inch in which a PDF page is rendered to be read."""
MAX_RENDERED_PIXELS = 12_000_000
"""An A3 page takes 7.7 million at 200 dpi."""
MAX_PICTURE_PIXELS = 80_000_000
"""An A3 page scanned at 600 dpi has 70 million."""
MAX_FRAMES = 300
"""Pages of a TIFF file."""
PICTURE_SIDE = 2_600
"""Pixels to which a larger picture is reduced: its long side, or 1.5 times the short one where that is less."""
MAX_RATIO = 50
"""Long side to short side; a long screenshot of a notice has 10 to 30."""
MAX_SHOWN_WIDTH = 3_000
A4_POINTS, A3_POINTS = (595.3, 841.9), (841.9, 1190.6)
_CREDIBLE_DPI = (60.0, 1_300.0)
_CREDIBLE_POINTS = (550.0, 1_300.0)
"""Long side of the paper: A5 to a little over A3."""
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
_DECODING_ERRORS = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError,
    OverflowError, EOFError, struct.error, zlib.error,
)  # fmt: skip
"""Pillow's decoders raise any of these on a broken file."""
_DAMAGED_PICTURE = "图片不完整或已损坏，打不开。请重新拍摄、扫描或下载后放回原处。"


@dataclass(frozen=True, slots=True, eq=False)
class PagePicture:
    pixels: Pixels
    width: float
    """Of the paper, in points."""
    height: float

    @property
    def points_per_pixel(self) -> float:
        return self.width / float(self.pixels.shape[1])


def _paper(width: float, height: float) -> tuple[float, float]:
    """Points of the paper: some programs save a scan as if each of its pixels were a point wide."""
    long = max(width, height)
    factor = A4_POINTS[1] / long if long > 1.05 * A3_POINTS[1] else 1.0
    return width * factor, height * factor


def _rendered(page: pypdfium2.PdfPage, scale: float) -> Pixels:
    width, height = page.get_size()
    scale = min(scale, math.sqrt(MAX_RENDERED_PIXELS / max(1.0, width * height)))
    bitmap = page.render(scale=scale)
    try:
        return np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
    finally:
        bitmap.close()


def pdf_pages(data: bytes, numbers: Iterable[int]) -> Iterator[PagePicture]:
    """The pages with these numbers (from 1), rendered one at a time.

    Raises DamagedDocument where a page cannot be rendered.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise DamagedDocument(_DAMAGED_PDF) from error
    try:
        for number in numbers:
            try:
                page = document[number - 1]
                width, height = _paper(*page.get_size())
                pixels = _rendered(page, DPI / 72 * width / page.get_size()[0])
                page.close()
            except (pypdfium2.PdfiumError, IndexError, ZeroDivisionError) as error:
                raise DamagedDocument(_DAMAGED_PDF) from error
            yield PagePicture(pixels, width, height)
    finally:
        document.close()


_DAMAGED_PDF = "PDF 的页面画不出来，可能已损坏。请用 PDF 软件打开后另存再放回原处。"


def _bounded(picture: Image.Image) -> Image.Image:
    """Raises DocumentTooLarge by what the header says, before anything is decoded."""
    width, height = picture.size
    if width * height > MAX_PICTURE_PIXELS:
        raise DocumentTooLarge(
            f"图片有 {width}×{height} 像素，超过上限 {MAX_PICTURE_PIXELS // 10_000} 万像素。请缩小后放回原处。"
        )
    if min(width, height) < 8 or max(width, height) > MAX_RATIO * min(width, height):
        raise EmptyDocument("图片太小或太窄，看不出文字。请换成清晰的扫描件或照片后放回原处。")
    return picture


def _side(width: int, height: int) -> float:
    """Long side of a page of usual shape: of a long screenshot, only a page's worth counts."""
    return min(max(width, height), 1.5 * min(width, height))


def _opaque(picture: Image.Image) -> Image.Image:
    """Grey or RGB, on white paper."""
    if picture.mode.startswith("I") or picture.mode == "F":  # 16 bits a pixel, or more
        values = np.asarray(picture, dtype=np.float64)
        return Image.fromarray((values / max(1.0, values.max()) * 255).astype(np.uint8))
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        paper.alpha_composite(layer)
        return paper.convert("RGB")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")


def _decoded(frame: Image.Image, side: float) -> Image.Image:
    """The frame upright by its EXIF note, reduced so that `_side` of it is at most `side` pixels."""
    width, height = frame.size
    scale = min(1.0, side / _side(width, height))
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    frame.draft(
        "RGB", (2 * target[0], 2 * target[1])
    )  # a JPEG is decoded at a smaller size where that will do
    picture = ImageOps.exif_transpose(_opaque(frame))
    if picture.size[0] * picture.size[1] > target[0] * target[1]:
        turned = target if (picture.size[0] >= picture.size[1]) == (target[0] >= target[1]) else target[::-1]
        picture = picture.resize(turned, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture


def _paper_of(picture: Image.Image, original: tuple[int, int], dpi: object) -> tuple[float, float]:
    """Points of the paper: by the file's resolution where that gives a usual sheet, else A4."""
    width, height = picture.size
    if isinstance(dpi, tuple) and len(dpi) == 2:
        try:
            resolution = float(dpi[0])
        except (TypeError, ValueError, ZeroDivisionError, ArithmeticError):
            resolution = 0.0
        long = max(original) / resolution * 72 if _CREDIBLE_DPI[0] <= resolution <= _CREDIBLE_DPI[1] else 0.0
        if _CREDIBLE_POINTS[0] <= long <= _CREDIBLE_POINTS[1]:
            factor = long / max(width, height)
            return width * factor, height * factor
    across = A4_POINTS[0] if height >= width else A4_POINTS[1]
    return across, across * height / width


def image_pages(data: bytes, side: float = PICTURE_SIDE) -> Iterator[PagePicture]:
    """The pictures of a PNG, JPEG, TIFF, BMP, GIF or WebP file: all pages of a TIFF, the first picture of others.

    Raises DocumentTooLarge, EmptyDocument (a few pixels), DamagedDocument.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow only warns of damaged metadata and of large pictures
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                pages = opened.format == "TIFF"
                for number, frame in enumerate(ImageSequence.Iterator(opened)):
                    if number == MAX_FRAMES:
                        raise DocumentTooLarge(f"图片有 {MAX_FRAMES} 页以上。请拆分后放回原处。")
                    original, dpi = _bounded(frame).size, frame.info.get("dpi")
                    picture = _decoded(frame, side)
                    pixels = np.asarray(picture.convert("RGB"), dtype=np.uint8)[:, :, ::-1]
                    yield PagePicture(np.ascontiguousarray(pixels), *_paper_of(picture, original, dpi))
                    if not pages:
                        return
        except Image.DecompressionBombError as error:
            raise DocumentTooLarge("图片的像素数超过上限。请缩小后放回原处。") from error
        except _DECODING_ERRORS as error:
            raise DamagedDocument(_DAMAGED_PICTURE) from error


def page_picture(path: Path, page: int, width: int) -> bytes:
    """The page (from 1) of a PDF or picture file as a PNG `width` pixels wide (at most MAX_SHOWN_WIDTH).

    Raises IndexError where there is no such page, OSError, DamagedDocument, DocumentTooLarge.
    """
    width = max(16, min(width, MAX_SHOWN_WIDTH))
    data = path.read_bytes()
    if b"%PDF-" in data[:1024]:
        pixels = _pdf_page(data, page, width)
    else:
        pages = image_pages(data, side=1.5 * width)
        pixels = next((found.pixels for number, found in enumerate(pages, 1) if number == page), None)
    if pixels is None:
        raise IndexError(f"{path.name} has no page {page}")
    picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    if picture.width != width:
        height = max(1, round(picture.height * width / picture.width))
        if width * height > MAX_RENDERED_PIXELS:
            width, height = picture.size
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _pdf_page(data: bytes, page: int, width: int) -> Pixels | None:
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            if not 1 <= page <= len(document):
                return None
            found = document[page - 1]
            return _rendered(found, width / max(1.0, found.get_size()[0]))
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise DamagedDocument(_DAMAGED_PDF) from error
