"""The ink of a page -> the cells of its ruled tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from bot.documents.page_cleaning import Mask

Box = tuple[float, float, float, float]
"""x0, top, x1, bottom."""
LONG_RULE_POINTS = 20.0
"""Shortest stroke that is taken for a rule: no stroke of a table's characters is so long."""
LOW_ROW_POINTS = 9.0
"""Shortest upright stroke that is a rule where both its ends touch rules; a spreadsheet's rows are 13.5 high."""
SAME_PLACE_POINTS = 0.7
"""How far such a stroke may end from a rule, or stand beside the column's edge."""
HOLE_POINTS = 1.4
"""A hole that a fax machine frays into a rule; gaps between characters can be as narrow."""
FRAYED_RULE_POINTS = 70.0
"""Shortest rule with such holes: so far no row of characters runs straight."""
GAP_POINTS = 4.0
"""A break in a rule that is bridged."""
SAME_RULE_POINTS = 5.0
"""Edges nearer than this lie on one rule."""
_SMALLEST_CELL_POINTS = 5.0
_TABLE_SHARE = 0.2, 0.015
"""Least width and height of a table, as shares of the page's width."""


@dataclass(frozen=True, slots=True, eq=False)
class RuledTable:
    """A table of at least two cells; lengths are pixels."""

    box: Box
    cells: tuple[Box, ...]
    """A merged cell is one box; the edges of neighbours are equal."""
    rules: Mask
    """Shape of the page; 255 on the ink of the table's rules."""


def _strokes(ink: Mask, horizontal: bool, points_per_pixel: float) -> Mask:
    """Ink that runs straight for LONG_RULE_POINTS at least; breaks between such runs are bridged."""

    def along(points: float) -> Mask:
        pixels = max(3, round(points / points_per_pixel))
        return np.ones((1, pixels) if horizontal else (pixels, 1), np.uint8)

    # A leaning rule runs in steps, so it is made thicker first.
    thick = cv2.dilate(ink, np.ones((3, 1) if horizontal else (1, 3), np.uint8))
    strokes = cv2.morphologyEx(thick, cv2.MORPH_OPEN, along(LONG_RULE_POINTS))
    mended = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, along(HOLE_POINTS))
    strokes = cv2.bitwise_or(strokes, cv2.morphologyEx(mended, cv2.MORPH_OPEN, along(FRAYED_RULE_POINTS)))
    return np.asarray(cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, along(GAP_POINTS)), dtype=np.uint8)


def _low_rules(ink: Mask, across: Mask, down: Mask, points_per_pixel: float) -> Mask:
    """Upright strokes from one rule to the next in a low row, where they are no longer than a character's.

    A character that touches both rules has such strokes too, so a stroke counts only where a long rule
    (`down`) runs above or below it: a column's edge.
    """
    length = max(3, round(LOW_ROW_POINTS / points_per_pixel))
    thick = cv2.dilate(ink, np.ones((1, 3), np.uint8))
    strokes = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    reach = round(SAME_RULE_POINTS / 2 / points_per_pixel)
    rules = across > 0
    edges = np.flatnonzero(down.any(axis=0))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(strokes)
    kept = np.zeros(count, np.uint8)
    for label in range(1, count):
        x, y, width, height = (int(value) for value in boxes[label][:4])
        if (
            width * 2 < height
            and rules[y, x : x + width].any()
            and rules[y + height - 1, x : x + width].any()
            and np.any((edges >= x - reach) & (edges < x + width + reach))
        ):
            kept[label] = 255
    return np.asarray(kept[labels], dtype=np.uint8)


def _snapped(values: Sequence[float], tolerance: float) -> dict[float, float]:
    """Each value -> the mean of the run of neighbours that it belongs to."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= tolerance:
            groups[-1].append(value)
        else:
            groups.append([value])
    return {value: sum(group) / len(group) for group in groups for value in group}


def _on_common_rules(boxes: Sequence[Box], tolerance: float) -> tuple[Box, ...]:
    x = _snapped([edge for box in boxes for edge in (box[0], box[2])], tolerance)
    y = _snapped([edge for box in boxes for edge in (box[1], box[3])], tolerance)
    snapped = [(x[x0], y[top], x[x1], y[bottom]) for x0, top, x1, bottom in boxes]
    return tuple(box for box in snapped if box[0] < box[2] and box[1] < box[3])


def ruled_tables(ink: Mask, points_per_pixel: float) -> list[RuledTable]:
    """The tables whose cells are closed by rules, from top to bottom.

    A cell is a hole in the network of rules, so merged cells come out as one.
    """
    across = _strokes(ink, True, points_per_pixel)
    down = _strokes(ink, False, points_per_pixel)
    upright = cv2.bitwise_or(down, _low_rules(ink, across, down, points_per_pixel))
    reach = max(3, round(2.5 / points_per_pixel)) | 1  # rules meet although a corner is worn
    network = cv2.bitwise_or(
        cv2.dilate(across, np.ones((3, reach), np.uint8)), cv2.dilate(upright, np.ones((reach, 3), np.uint8))
    )
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(network)
    page_width = ink.shape[1]
    smallest = _SMALLEST_CELL_POINTS / points_per_pixel
    tables = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in boxes[label][:4])
        if width < _TABLE_SHARE[0] * page_width or height < _TABLE_SHARE[1] * page_width:
            continue
        rules = np.where(labels[y : y + height, x : x + width] == label, 255, 0).astype(np.uint8)
        holes = [
            (x + left, y + top, x + left + w, y + top + h)
            for left, top, w, h in _holes(rules)
            if w > smallest and h > smallest
        ]
        cells = _on_common_rules(holes, SAME_RULE_POINTS / points_per_pixel)
        if len(cells) > 1:
            whole = np.zeros_like(ink)
            whole[y : y + height, x : x + width] = rules & ink[y : y + height, x : x + width]
            tables.append(RuledTable(_frame(cells), cells, whole))
    return sorted(tables, key=lambda table: table.box[1])


def _frame(cells: Sequence[Box]) -> Box:
    """Box around the cells: text that touches the outer rules is not within it."""
    return (
        min(cell[0] for cell in cells), min(cell[1] for cell in cells),
        max(cell[2] for cell in cells), max(cell[3] for cell in cells),
    )  # fmt: skip


def _holes(rules: Mask) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, width, height) of the areas that the rules enclose."""
    contours, hierarchy = cv2.findContours(rules, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if hierarchy is None:
        return []
    parents: npt.NDArray[np.int32] = hierarchy[0][:, 3]
    return [
        (int(x), int(y), int(w), int(h))
        for contour, parent in zip(contours, parents, strict=True)
        if parent >= 0
        for x, y, w, h in [cv2.boundingRect(contour)]
    ]
