"""Unit vectors -> rows: exact inner-product search; the only module that knows FAISS."""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray


class VectorIndex:
    """Rows of unit vectors, numbered from 0."""

    def __init__(self, index: faiss.IndexFlatIP) -> None:
        self._index = index

    @classmethod
    def from_vectors(cls, vectors: NDArray[np.float32]) -> VectorIndex:
        """Index of (n, dimension) vectors; row i is vectors[i]."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def view(self) -> NDArray[np.float32]:
        """All vectors, (n, dimension), by row, in the index's own memory: not to be changed."""
        if not len(self):
            return np.empty((0, self.dimension), np.float32)
        values: NDArray[np.float32] = faiss.rev_swig_ptr(self._index.get_xb(), len(self) * self.dimension)
        return values.reshape(len(self), self.dimension)

    def vectors(self) -> NDArray[np.float32]:
        """All vectors, (n, dimension), by row."""
        values: NDArray[np.float32] = self._index.reconstruct_n(0, len(self))
        return values

    def scores(self, query_vector: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Inner products of a query, (dimension,), with some rows, in their order: (len(rows),)."""
        found: NDArray[np.float32] = self._index.reconstruct_batch(rows) @ query_vector
        return found

    def search(
        self, query_vector: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The k rows with the largest inner product, best first, equals by row; only among `rows` if given.

        Shorter than k where there are fewer rows.
        """
        k = min(k, len(self) if rows is None else len(rows))
        if k < 1:
            return []
        selector = None if rows is None else faiss.IDSelectorBatch(rows)
        parameters = faiss.SearchParameters(sel=selector) if selector else None  # type: ignore[call-arg]
        scores, found = self._index.search(query_vector.reshape(1, -1), k, params=parameters)
        # FAISS pads a short result with row -1, which Python would take for the last row,
        # and gives equal scores in the order of its heap.
        hits = [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def search_many(
        self, query_vectors: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The k rows with the largest inner product with each query, best first: scores and rows, (queries, k).

        Where there are fewer rows than k the row is -1.
        """
        scores, rows = self._index.search(np.ascontiguousarray(query_vectors, np.float32), k)
        return scores, rows
