"""Exact inner-product search."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.errors import IndexDamaged
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


def test_a_saved_index_searches_the_same(tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    VectorIndex.from_vectors(ROWS).save(path)
    loaded = VectorIndex.load(path)
    assert (len(loaded), loaded.dimension) == (4, 2)
    assert loaded.vectors().tolist() == ROWS.tolist()
    assert loaded.search(QUERY, 4) == VectorIndex.from_vectors(ROWS).search(QUERY, 4)


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    path.write_bytes(b"not an index")
    with pytest.raises(IndexDamaged, match=r"index_builder\.py"):
        VectorIndex.load(path)
