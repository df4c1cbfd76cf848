"""Cells of ruled tables, drawn by hand at 150 dpi (0.48 points a pixel)."""

from __future__ import annotations

import cv2
import numpy as np

from bot.documents.page_cleaning import Mask
from bot.documents.ruled_cells import ruled_tables

POINTS_PER_PIXEL = 72 / 150
X = (100, 300, 500, 700)
LOW_ROW = 29
"""Pixels of a row of 14 points."""


def ruled(rows: list[tuple[int, int]]) -> Mask:
    """A table of these rows: (height, cells), a cell 200 wide, or one over all columns."""
    ink = np.zeros((1200, 1000), np.uint8)
    y = 200
    for height, cells in rows:
        for x in X if cells == 3 else (X[0], X[-1]):
            cv2.line(ink, (x, y), (x, y + height), 255, 2)
        cv2.line(ink, (X[0], y), (X[-1], y), 255, 2)
        y += height
    cv2.line(ink, (X[0], y), (X[-1], y), 255, 2)
    return ink


def test_a_low_header_above_a_section_row_keeps_its_cells() -> None:
    (table,) = ruled_tables(ruled([(LOW_ROW, 3), (LOW_ROW, 1), (3 * LOW_ROW, 3)]), POINTS_PER_PIXEL)
    assert len(table.cells) == 3 + 1 + 3


def test_upright_strokes_of_characters_in_a_low_row_are_no_rules() -> None:
    ink = ruled([(LOW_ROW, 1), (3 * LOW_ROW, 3)])
    for x in range(120, 680, 12):  # 10.5 points high, a point from the rules above and below
        ink[204:226, x : x + 2] = 255
    (table,) = ruled_tables(ink, POINTS_PER_PIXEL)
    assert len(table.cells) == 1 + 3
