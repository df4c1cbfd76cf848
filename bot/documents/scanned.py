"""A picture of a page -> its text lines and ruled tables, where they stand on the paper."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from bot.documents.ocr import Quads, Recognised, find_lines, read_lines
from bot.documents.page_cleaning import Mask, ink_of, levelled, skew_of, turned, without_stamps
from bot.documents.page_pictures import PagePicture, Pixels
from bot.documents.pdf_layout import Character, PageLayout, lay_out
from bot.documents.recognised_text import mended
from bot.documents.ruled_cells import Box, RuledTable, ruled_tables

CERTAIN = 0.5
"""Lines read with less confidence are stains, logos and what is left of stamps."""
UPRIGHT_CONFIDENCE = 0.85
"""A page whose lines are read better than this does not stand on its head."""
LEAST_SKEW = 0.08
"""Degrees; a line of 16 cm then climbs by 0.2 mm."""
MOST_OUTSIDE = 2.0
"""Heights of a line that its end may lie outside the box that was found."""
OPENING_MARKS, CLOSING_MARKS = frozenset("（《〈“〔【"), frozenset("，。、；：？！）》〉”〕】")
"""Full-width marks whose ink fills the far or the near half of their square."""
_SAMPLE = 8
"""Lines read both ways to tell which way up a page is."""
_LEAST_INK_POINTS = 2.5
"""Height and width of the smallest thing in a cell that may be a character."""
LEAST_MARK = 0.012
"""Ink of the smallest mark at the end of a line, as a share of its box's height squared; a 。 has 0.03."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    layout: PageLayout
    confidence: float
    """Mean over all characters that were read, 0 to 1; 0 where none were."""
    inked: bool
    """False where the paper is blank."""


@dataclass(frozen=True, slots=True, eq=False)
class _LevelPage:
    """A page the right way up, with what was found on it; lengths are pixels."""

    pixels: Pixels
    lines: Quads
    ink: Mask
    points_per_pixel: float


def _crop(pixels: Pixels, quad: np.ndarray) -> Pixels:
    """The line in this quadrilateral, straightened."""
    width = max(2, round(float(max(np.hypot(*(quad[1] - quad[0])), np.hypot(*(quad[2] - quad[3]))))))
    height = max(2, round(float(max(np.hypot(*(quad[3] - quad[0])), np.hypot(*(quad[2] - quad[1]))))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    crop = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(crop, dtype=np.uint8)


def _sides(quads: Quads) -> tuple[np.ndarray, np.ndarray]:
    """Extents of the lines along x and along y."""
    return np.ptp(quads[:, :, 0], axis=1), np.ptp(quads[:, :, 1], axis=1)


def _is_sideways(quads: Quads) -> bool:
    across, down = _sides(quads)
    return float(down[down > 2 * across].sum()) > float(across[across > 1.5 * down].sum())


def _is_overturned(page: _LevelPage) -> bool:
    """Whether the page's longest lines read better upside down."""
    across, _ = _sides(page.lines)
    crops = [_crop(page.pixels, quad) for quad in page.lines[np.argsort(-across)[:_SAMPLE]]]
    upright = _mean_confidence(read_lines(crops))
    return _mean_confidence(read_lines([turned(crop, 2) for crop in crops])) > upright + 0.05


def _mean_confidence(lines: Sequence[Recognised]) -> float:
    """Weighted by length."""
    size = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / size if size else 0.0


def _level_page(picture: PagePicture, overturned: bool = False) -> _LevelPage:
    pixels = without_stamps(picture.pixels, picture.points_per_pixel)
    quads = find_lines(pixels)
    if quarters := int(_is_sideways(quads)) + 2 * overturned:
        pixels = turned(pixels, quarters)
        quads = find_lines(pixels)
    skew = skew_of(quads)
    if abs(skew) > LEAST_SKEW:
        pixels, quads = levelled(pixels, quads, skew)
    return _LevelPage(pixels, quads, ink_of(pixels, picture.points_per_pixel), picture.points_per_pixel)


def _ink_box(ink: Mask, box: Box, least: float) -> Box | None:
    """The part of the box that is inked, specks at its ends aside; None where that is smaller than a character."""
    x0, top, x1, bottom = (max(0, round(value)) for value in box)
    part = ink[top:bottom, x0:x1] > 0
    rows = np.flatnonzero(part.any(axis=1))
    if not rows.size or rows[-1] - rows[0] < least:
        return None
    height = rows[-1] - rows[0] + 1
    inked = np.concatenate([[0], np.cumsum(part.sum(axis=0))])  # ink to the left of each column
    reach, mark = max(1, round(0.5 * height)), min(LEAST_MARK * height**2, 0.5 * inked[-1])
    ahead = inked[np.minimum(np.arange(len(inked)) + reach, len(inked) - 1)] - inked
    behind = inked - inked[np.maximum(np.arange(len(inked)) - reach, 0)]
    columns = part.any(axis=0)
    starts = np.flatnonzero((ahead[:-1] >= mark) & columns)
    ends = np.flatnonzero((behind[1:] >= mark) & columns)
    if not starts.size or not ends.size or ends[-1] - starts[0] < least:
        return None
    return (float(x0 + starts[0]), float(top + rows[0]), float(x0 + ends[-1] + 1), float(top + rows[-1] + 1))


def _in_cells(box: Box, cells: Sequence[Box]) -> list[Box]:
    """The pieces into which the rules of a table cut a line's box."""
    pieces = []
    for x0, top, x1, bottom in cells:
        piece = (max(x0, box[0]), max(top, box[1]), min(x1, box[2]), min(bottom, box[3]))
        height = min(box[3] - box[1], bottom - top)
        if piece[3] - piece[1] > 0.45 * height and piece[2] - piece[0] > 0.3 * height:
            pieces.append(piece)
    return pieces


def _rows_of_ink(ink: Mask, box: Box, least: float) -> list[Box]:
    """The lines of a box, told apart by the paper between them."""
    x0, top, x1, bottom = (round(value) for value in box)
    inked = (ink[top:bottom, x0:x1] > 0).any(axis=1).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked, [0]])))
    rows = [(float(x0), float(top + a), float(x1), float(top + b)) for a, b in edges.reshape(-1, 2)]
    merged: list[Box] = []
    for row in rows:  # the parts of 二 or 三 belong together
        if merged and (row[1] - merged[-1][3] < least or row[3] - row[1] < 1.5 * least):
            merged[-1] = (x0, merged[-1][1], x1, row[3])
        else:
            merged.append(row)
    return merged


def _boxes_to_read(page: _LevelPage, tables: Sequence[RuledTable], ink: Mask) -> list[Box]:
    """Upright boxes of all lines: those found, cut at the rules, and those of cells in which none was found."""
    least = _LEAST_INK_POINTS / page.points_per_pixel
    found: list[Box] = [
        (float(q[:, 0].min()), float(q[:, 1].min()), float(q[:, 0].max()), float(q[:, 1].max()))
        for q in page.lines
    ]
    boxes: list[Box] = []
    for box in found:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        table = next((t for t in tables if t.box[0] < x < t.box[2] and t.box[1] < y < t.box[3]), None)
        boxes.extend([box] if table is None else _in_cells(box, table.cells))
    boxes = _bridged(boxes, tables, ink)
    for cell in (cell for table in tables for cell in table.cells):
        if any(_overlaps(box, cell) for box in boxes):
            continue
        inside = _ink_box(ink, (cell[0] + least, cell[1] + least, cell[2] - least, cell[3] - least), least)
        if inside:
            pad = 2 * least
            rows = _rows_of_ink(ink, inside, least)
            boxes.extend((r[0] - pad, r[1] - pad, r[2] + pad, r[3] + pad) for r in rows)
    return boxes


def _bridged(boxes: Sequence[Box], tables: Sequence[RuledTable], ink: Mask) -> list[Box]:
    """The boxes, with two of one line made one where what stands between them is inked like text.

    The detector leaves words out that a stamp or a marker covers.
    """
    left: list[Box] = []
    for box in sorted(boxes):
        height = box[3] - box[1]
        before = next((b for b in reversed(left) if _is_beside(b, box)), None)
        walls = [
            edge
            for t in tables
            for cell in t.cells
            for edge in (cell[0], cell[2])
            if cell[1] < box[3] and cell[3] > box[1]
        ]
        if before is None or any(before[2] - 2 < wall < box[0] + 2 for wall in walls):
            left.append(box)
            continue
        gap = ink[round(box[1]) : round(box[3]), round(before[2]) : round(box[0])] > 0
        own = ink[round(box[1]) : round(box[3]), round(box[0]) : round(box[2])] > 0
        alike = gap.shape[1] > 0.8 * height and 0.6 * own.mean() < gap.mean() < 2 * own.mean()
        if alike and gap.any(axis=0).mean() > 0.6:
            left[left.index(before)] = (before[0], min(before[1], box[1]), box[2], max(before[3], box[3]))
        else:
            left.append(box)
    return left


def _is_beside(before: Box, box: Box) -> bool:
    """Whether `box` goes on with the line of `before`, a few words further right."""
    height = min(before[3] - before[1], box[3] - box[1])
    overlap = min(before[3], box[3]) - max(before[1], box[1])
    return overlap > 0.7 * height and 0 <= box[0] - before[2] < 8 * height


def _overlaps(box: Box, cell: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return cell[0] < x < cell[2] and cell[1] < y < cell[3]


def _characters(page: _LevelPage, tables: Sequence[RuledTable]) -> tuple[list[Character], float]:
    """Pieces of lines as a text layer would give characters, in points, and their mean confidence."""
    ink, pixels = _without_rules(page, tables)
    height, width = ink.shape
    boxes, crops = [], []
    found = _boxes_to_read(page, tables, ink)
    for x0, top, x1, bottom in _to_their_ends(found, tables, ink):
        clipped = (max(0.0, x0), max(0.0, top), min(float(width), x1), min(float(height), bottom))
        tight = _ink_box(ink, clipped, 2)
        crop = pixels[int(clipped[1]) : int(np.ceil(clipped[3])), int(clipped[0]) : int(np.ceil(clipped[2]))]
        if tight is not None and min(crop.shape[:2]) >= 4:
            boxes.append((tight[0], clipped[1], tight[2], clipped[3]))
            crops.append(_laid_flat(crop))
    lines = read_lines(crops)
    read = [
        (mended(line.text), box)
        for line, box in zip(lines, boxes, strict=True)
        if line.confidence >= CERTAIN and line.text.strip()
    ]
    heights = [_ink_height(ink, box) for _, box in read]
    return _as_characters(read, heights, page.points_per_pixel), _mean_confidence(lines)


def _without_rules(page: _LevelPage, tables: Sequence[RuledTable]) -> tuple[Mask, Pixels]:
    ink, pixels = page.ink, page.pixels
    for table in tables:
        on_rule = table.rules > 0
        ink, pixels = np.where(on_rule, 0, ink).astype(np.uint8), pixels.copy()
        pixels[on_rule] = 255
    return ink, pixels


def _to_their_ends(boxes: Sequence[Box], tables: Sequence[RuledTable], ink: Mask) -> list[Box]:
    """The boxes, drawn out over a number such as 一、 or a mark that the detector has left outside."""
    cells = [cell for table in tables for cell in table.cells]
    drawn = []
    for x0, top, x1, bottom in boxes:
        height = bottom - top
        cell = next((c for c in cells if _overlaps((x0, top, x1, bottom), c)), None)
        walls = (cell[0] + 1, cell[2] - 1) if cell else (0.0, float(ink.shape[1]))
        others = [b for b in boxes if b[1] < bottom - height / 3 and b[3] > top + height / 3]
        left = max([walls[0], x0 - MOST_OUTSIDE * height, *(b[2] for b in others if b[2] < x0 + 2)])
        right = min([walls[1], x1 + MOST_OUTSIDE * height, *(b[0] for b in others if b[0] > x1 - 2)])
        inked = ink[round(top + 0.1 * height) : round(bottom - 0.1 * height)] > 0
        before, after = inked[:, round(left) : round(x0)], inked[:, round(x1) : round(right)]
        drawn.append((x0 - _reach(before[:, ::-1], height), top, x1 + _reach(after, height), bottom))
    return drawn


def _reach(beside: npt.NDArray[np.bool_], height: float) -> float:
    """How many columns beside a line of this height belong to it: up to a blank of most of a character."""
    columns = np.flatnonzero(beside.any(axis=0))
    gaps = np.flatnonzero(np.diff(columns, prepend=0) > 0.75 * height)
    columns = columns[: gaps[0]] if gaps.size else columns
    if not columns.size or beside[:, : columns[-1] + 1].sum() <= LEAST_MARK * height**2:
        return 0.0
    return float(min(columns[-1] + 3, beside.shape[1]))


def _ink_height(ink: Mask, box: Box) -> float:
    """Height in pixels of the line in the box: of its well inked rows, specks and neighbouring lines aside."""
    x0, top, x1, bottom = (max(0, round(value)) for value in box)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(ink[top:bottom, x0:x1])
    height = bottom - top
    strokes = boxes[:, cv2.CC_STAT_AREA] > LEAST_MARK * height**2
    strokes[0] = False  # the paper
    rows = strokes[labels].sum(axis=1)
    inked = rows > 0.2 * np.percentile(rows[rows > 0], 75) if rows.any() else rows > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8), [0]]))).reshape(-1, 2)
    runs: list[tuple[int, int]] = []
    for first, last in edges:  # brackets and descenders are thinly inked
        if runs and first - runs[-1][1] < 0.12 * height:
            runs[-1] = (runs[-1][0], int(last))
        else:
            runs.append((int(first), int(last)))
    first, last = max(runs, key=lambda run: rows[run[0] : run[1]].sum(), default=(0, 0))
    return float(last - first) if last - first > 0.4 * height else 0.74 * height


def _laid_flat(crop: Pixels) -> Pixels:
    """A line of characters below each other, as a line of characters side by side."""
    height, width = crop.shape[:2]
    if height < 1.8 * width:
        return crop
    count = max(2, round(height / width))
    edges = np.linspace(0, height, count + 1).astype(int)
    spread = np.ptp(crop.min(axis=2), axis=1)
    reach = max(1, height // count // 3)
    for i in range(1, count):  # cut where the paper shows
        low = edges[i] - reach
        edges[i] = low + int(np.argmin(spread[low : edges[i] + reach]))
    tallest = int(np.diff(edges).max())
    glyphs = [
        cv2.copyMakeBorder(crop[a:b], 0, tallest - (b - a), 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
        for a, b in pairwise(edges)
    ]
    return np.asarray(np.hstack(glyphs), dtype=np.uint8)


def _size_by_width(text: str, box: Box) -> float:
    """Font size in pixels of a line of Chinese characters, which are square; 0 where it cannot be told so."""
    wide = sum(1 for character in text if unicodedata.east_asian_width(character) in "WF")
    if wide < 5 or wide < 0.85 * len(text):
        return 0.0
    blank = 0.5 * ((text[:1] in OPENING_MARKS) + (text[-1:] in CLOSING_MARKS))
    size = (box[2] - box[0]) / (wide + 0.55 * (len(text) - wide) - blank)
    return size if 0.5 < size / (box[3] - box[1]) < 1.3 else 0.0


def _as_characters(
    read: Sequence[tuple[str, Box]], ink_heights: Sequence[float], unit: float
) -> list[Character]:
    """Pieces of lines with their boxes in pixels -> in points, with font sizes.

    The size is read off the height of the ink, which is a share of it that the page's long lines tell: their
    width gives the size too. A mark at either end fills half of its square, so the line is as much longer
    than its ink.
    """
    by_width = [_size_by_width(text, box) for text, box in read]
    shares = sorted(size / height for size, height in zip(by_width, ink_heights, strict=True) if size)
    share = shares[len(shares) // 2] if len(shares) > 2 else 1.04
    is_han = [bool(re.search(r"[\u4e03-\u9fff]", text)) for text, _ in read]
    usual = sorted(share * height for height, han in zip(ink_heights, is_han, strict=True) if han)
    characters: list[Character] = []
    for (text, (x0, top, x1, bottom)), height, han in zip(read, ink_heights, is_han, strict=True):
        size = share * height
        if not han and usual and 0.4 < height / usual[len(usual) // 2] < 1.4:
            size = usual[
                len(usual) // 2
            ]  # figures and small letters are lower, those with descenders as high
        x0 -= 0.5 * size * (text[:1] in OPENING_MARKS)
        x1 += 0.5 * size * (text[-1:] in CLOSING_MARKS)
        middle = (top + bottom) / 2
        characters.append(
            {
                "text": text,
                "x0": x0 * unit,
                "x1": x1 * unit,
                "top": (middle - size / 2) * unit,
                "bottom": (middle + size / 2) * unit,
                "size": size * unit,
            }
        )
    return characters


def _shows_something(pixels: Pixels) -> bool:
    """Whether more than dust and a shadow stands on the paper."""
    small = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), (256, 256), interpolation=cv2.INTER_AREA)
    return bool((small < np.median(small) - 35).mean() > 0.004)


def read_page(picture: PagePicture, number: int) -> ScannedPage:
    """The page's lines and tables with page numbers left out; no items where no text is found.

    Turned and skewed pages are set right first. Raises UnsupportedFormat where the recogniser is not installed.
    """
    page = _level_page(picture)
    tables = ruled_tables(page.ink, page.points_per_pixel)
    characters, confidence = _characters(page, tables)
    if page.lines.size and confidence < UPRIGHT_CONFIDENCE and _is_overturned(page):
        page = _level_page(picture, overturned=True)
        tables = ruled_tables(page.ink, page.points_per_pixel)
        characters, confidence = _characters(page, tables)
    unit = page.points_per_pixel
    height, width = page.pixels.shape[:2]
    boxes = [
        [(x0 * unit, top * unit, x1 * unit, bottom * unit) for x0, top, x1, bottom in table.cells]
        for table in tables
    ]
    layout = PageLayout(number, width * unit, height * unit, ())
    if characters:
        layout = lay_out(number, layout.width, layout.height, characters, boxes)
    return ScannedPage(layout, confidence, bool(characters) or _shows_something(picture.pixels))
