"""Texts and tables -> pictures of printed pages, worn as scanners, stamps, fax machines and cameras wear them.

`sheets` and `table_sheet` print with the fonts of the package pylopdf-fonts-zh-cn (Noto Sans SC and Noto Serif
SC, SIL OFL 1.1); `rasterised` takes the pages of any PDF. Every wear takes the picture and its resolution
and returns a picture; what is random is seeded.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Picture = Image.Image
RED = (214, 24, 32)
A4 = (595, 842)
"""Points."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 74, 100, 90
"""Margins in points, as GB/T 9704 sets them."""
NO_LINE_STARTS_WITH = "，。、；：？！）》”"


@cache
def _font(pixels: int, serif: bool) -> ImageFont.FreeTypeFont:
    name = f"Noto{'Serif' if serif else 'Sans'}SC-Regular.otf"
    with as_file(files("pylopdf_fonts_zh_cn") / name) as path:
        return ImageFont.truetype(str(Path(path)), pixels)


# ---------------------------------------------------------------- printing


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float, first: float) -> list[str]:
    """Lines no wider than `width`, the first one `first` narrower; a closing mark hangs rather than starts a line."""
    lines, line, room = [], "", width - first
    for character in text:
        if font.getlength(line + character) > room and character not in NO_LINE_STARTS_WITH:
            lines.append(line)
            line, room = "", width
        line += character
    return [*lines, line]


def sheets(
    paragraphs: Sequence[str],
    dpi: int,
    *,
    title: str = "",
    letterhead: str = "",
    signature: Sequence[str] = (),
    serif: bool = True,
) -> list[Picture]:
    """A notice as it is printed: red letterhead, centred title, paragraphs set in by two characters, page numbers.

    The lines of `signature` stand at the right, below the text.
    """
    unit = dpi / 72
    size, leading = round(16 * unit), round(28 * unit)
    font = _font(size, serif)
    pages: list[Picture] = []
    y = 0.0

    def page() -> ImageDraw.ImageDraw:
        nonlocal y
        pages.append(Image.new("RGB", (round(A4[0] * unit), round(A4[1] * unit)), "white"))
        y = _TOP * unit
        drawing = ImageDraw.Draw(pages[-1])
        number = f"— {len(pages)} —"
        drawing.text(
            (A4[0] / 2 * unit, (A4[1] - 48) * unit), number, "black", _font(round(14 * unit), serif), "mm"
        )
        return drawing

    drawing = page()
    if letterhead:
        drawing.text((A4[0] / 2 * unit, y), letterhead, RED, _font(round(30 * unit), serif), "mm")
        drawing.rectangle((_LEFT * unit, y + 45 * unit, (A4[0] - _RIGHT) * unit, y + 47 * unit), RED)
        y += 80 * unit
    for line in _wrapped(title, _font(round(22 * unit), serif), (A4[0] - 160) * unit, 0) if title else []:
        drawing.text((A4[0] / 2 * unit, y), line, "black", _font(round(22 * unit), serif), "mm")
        y += 34 * unit
    for text in paragraphs:
        for i, line in enumerate(_wrapped(text, font, (A4[0] - _LEFT - _RIGHT) * unit, 2 * size)):
            if y > (A4[1] - _BOTTOM) * unit - leading:
                drawing = page()
            drawing.text((_LEFT * unit + (2 * size if i == 0 else 0), y), line, "black", font, "lm")
            y += leading
    for line in signature:
        y += leading
        drawing.text(((A4[0] - _RIGHT - 130) * unit, y), line, "black", font, "mm")
    return pages


def table_sheet(
    texts: Sequence[Sequence[str]],
    merges: Sequence[tuple[int, int, int, int]],
    widths: Sequence[float],
    dpi: int,
    *,
    heading: str = "",
    serif: bool = False,
) -> Picture:
    """A ruled table; `merges` are (top, left, bottom, right) with both ends included, `widths` are points."""
    unit = dpi / 72
    font = _font(round(10.5 * unit), serif)
    leading, pad = round(14 * unit), round(4 * unit)
    wide = sum(widths) > A4[0] - 60
    size = (A4[1], A4[0]) if wide else A4
    picture = Image.new("RGB", (round(size[0] * unit), round(size[1] * unit)), "white")
    drawing = ImageDraw.Draw(picture)
    y = 60 * unit
    if heading:
        drawing.text((size[0] / 2 * unit, y), heading, "black", _font(round(18 * unit), serif), "mm")
        y += 30 * unit
    x = [(size[0] - sum(widths)) / 2 * unit]
    for width in widths:
        x.append(x[-1] + width * unit)
    spans = {(top, left): (bottom, right) for top, left, bottom, right in merges}
    covered = {
        (i, j)
        for t, left, b, r in merges
        for i in range(t, b + 1)
        for j in range(left, r + 1)
        if (i, j) != (t, left)
    }
    wrapped = {
        (i, j): _wrapped(text, font, x[spans.get((i, j), (i, j))[1] + 1] - x[j] - 2 * pad, 0)
        for i, row in enumerate(texts)
        for j, text in enumerate(row)
        if (i, j) not in covered
    }
    tops = [y]
    for i in range(len(texts)):
        lines = [len(w) for (row, j), w in wrapped.items() if row == i and spans.get((i, j), (i, j))[0] == i]
        tops.append(tops[-1] + max(lines, default=1) * leading + 2 * pad)
    for (i, j), lines in wrapped.items():
        bottom, right = spans.get((i, j), (i, j))
        box = (x[j], tops[i], x[right + 1], tops[bottom + 1])
        drawing.rectangle(box, outline="black", width=max(1, round(0.75 * unit)))
        first = (box[1] + box[3]) / 2 - (len(lines) - 1) * leading / 2
        for n, line in enumerate(lines):
            drawing.text((box[0] + pad, first + n * leading), line, "black", font, "lm")
    return picture


def rasterised(pdf: bytes, dpi: int) -> list[Picture]:
    """The pages of a PDF as a printer would print them."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    document.close()
    return pages


# ---------------------------------------------------------------- wear


def stamped(picture: Picture, dpi: int, text: str, centre: tuple[float, float]) -> Picture:
    """With an issuer's round stamp of 4.2 cm; `centre` in shares of width and height."""
    radius = round(dpi * 2.1 / 2.54)
    seal = Image.new("RGBA", (2 * radius, 2 * radius), (0, 0, 0, 0))
    drawing, ink, width = ImageDraw.Draw(seal), (*RED, 190), max(3, dpi // 40)
    drawing.ellipse((width, width, 2 * radius - width, 2 * radius - width), outline=ink, width=width)
    star = []
    for i in range(10):
        reach, angle = radius * (0.13 if i % 2 else 0.32), math.pi * (i / 5 - 0.5)
        star.append((radius + reach * math.cos(angle), radius + reach * math.sin(angle)))
    drawing.polygon(star, fill=ink)
    font, side = _font(round(radius * 0.24), False), round(radius * 0.4)
    for i, character in enumerate(text):
        angle = math.radians(-225 + i * 270 / (len(text) - 1))
        glyph = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        ImageDraw.Draw(glyph).text((side / 2, side / 2), character, font=font, fill=ink, anchor="mm")
        glyph = glyph.rotate(-math.degrees(angle) - 90, resample=Image.Resampling.BICUBIC)
        place = (radius + 0.76 * radius * math.cos(angle), radius + 0.76 * radius * math.sin(angle))
        seal.alpha_composite(glyph, (round(place[0] - side / 2), round(place[1] - side / 2)))
    page = picture.convert("RGBA")
    corner = (round(picture.width * centre[0] - radius), round(picture.height * centre[1] - radius))
    page.alpha_composite(seal, corner)
    return page.convert("RGB")


def scanned(
    picture: Picture,
    seed: int,
    *,
    skew: float = 0.0,
    noise: float = 9.0,
    blur: float = 0.5,
    quality: int = 60,
) -> Picture:
    """As an office scanner gives it: a little askew (degrees, clockwise), soft, grainy, dusty, darker at the foot."""
    random = np.random.default_rng(seed)
    tilted = picture.rotate(-skew, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    pixels = np.asarray(tilted.filter(ImageFilter.GaussianBlur(blur)), dtype=np.float64)
    light = 0.97 - 0.05 * np.linspace(0, 1, pixels.shape[0])[:, None, None]
    pixels = pixels * light + random.normal(0, noise, pixels.shape)
    pixels[random.random(pixels.shape[:2]) < 0.0005] = 40
    return _as_jpeg(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), quality)


def faxed(picture: Picture, seed: int) -> Picture:
    """Black and white, with ragged edges."""
    random = np.random.default_rng(seed)
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    return Image.fromarray(
        np.where(grey + random.normal(0, 28, grey.shape) > 150, 255, 0).astype(np.uint8)
    ).convert("1")


def photographed(picture: Picture, seed: int, *, lean: float = 0.03, turn: float = 2.0) -> Picture:
    """As a telephone sees it on a table: in perspective (`lean` in shares of the width), turned, in uneven light."""
    random = np.random.default_rng(seed)
    width, height = picture.size
    margin = round(0.06 * width)
    table = Image.new("RGB", (width + 2 * margin, height + 2 * margin), (120, 96, 74))
    table.paste(picture, (margin, margin))
    wide, high = table.size
    d = lean * width
    seen = table.transform(
        (wide, high), Image.Transform.QUAD, (-d, d / 2, d / 3, high + d, wide - d / 3, high - d, wide + d, -d / 2),
        resample=Image.Resampling.BICUBIC,
    ).rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=(120, 96, 74))  # fmt: skip
    pixels = np.asarray(seen.filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float64)
    x, y = np.meshgrid(np.linspace(0, 1, pixels.shape[1]), np.linspace(0, 1, pixels.shape[0]))
    light = 0.62 + 0.36 * np.exp(-((x - 0.3) ** 2 + (y - 0.25) ** 2) / 0.5)
    pixels = pixels * light[:, :, None] * np.array([1.0, 0.97, 0.9]) + random.normal(0, 6, pixels.shape)
    return _as_jpeg(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), 75)


def _as_jpeg(picture: Picture, quality: int) -> Picture:
    return Image.open(io.BytesIO(encoded(picture, "JPEG", quality=quality)))


# ---------------------------------------------------------------- files


def encoded(picture: Picture, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def scan_pdf(pictures: Sequence[Picture], dpi: int) -> bytes:
    """A PDF whose pages are these pictures, without a text layer."""
    return encoded(pictures[0], "PDF", resolution=dpi, save_all=True, append_images=list(pictures[1:]))
