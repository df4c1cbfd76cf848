"""Exact inner-product search."""

from __future__ import annotations

import numpy as np
import pytest

from bot.index.vectors import VectorIndex

ROWS = np.array([[1, 0], [0, 1], [0.6, 0.8], [1, 0]], np.float32)
QUERY = np.array([0.8, 0.6], np.float32)


def test_scores_are_inner_products_and_equals_stand_by_row() -> None:
    # (0.8, 0.6) . (1, 0) = 0.8;  . (0, 1) = 0.6;  . (0.6, 0.8) = 0.48 + 0.48 = 0.96
    hits = VectorIndex.from_vectors(ROWS).search(QUERY, 4)
    assert [row for row, _ in hits] == [2, 0, 3, 1]
    assert [score for _, score in hits] == pytest.approx([0.96, 0.8, 0.8, 0.6])


def test_only_the_allowed_rows_are_found() -> None:
    hits = VectorIndex.from_vectors(ROWS).search(QUERY, 4, np.array([1, 3], np.int64))
    assert [row for row, _ in hits] == [3, 1]


def test_a_short_result_is_not_padded() -> None:
    index = VectorIndex.from_vectors(ROWS)
    assert len(index.search(QUERY, 100)) == 4
    assert index.search(QUERY, 100, np.array([], np.int64)) == []
    assert index.search(QUERY, 0) == []


def test_a_row_that_does_not_exist_is_never_returned() -> None:
    """FAISS answers -1 for what it cannot fill, which would be the last chunk."""
    hits = VectorIndex.from_vectors(ROWS).search(QUERY, 4, np.array([2, 70, 71], np.int64))
    assert [row for row, _ in hits] == [2]


def test_the_view_is_the_index_s_own_rows() -> None:
    index = VectorIndex.from_vectors(ROWS)
    assert index.view().tolist() == index.vectors().tolist() == ROWS.tolist()
    assert VectorIndex.from_vectors(np.empty((0, 2), np.float32)).view().shape == (0, 2)
