"""An encoder without a model: a text's vector is made of its characters, so that builds cost no time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from bot.embedding import Progress, Vectors


class PlainEncoder:
    """Equal texts get equal unit vectors, texts with common character pairs near ones."""

    def __init__(self, name: str = "plain@1", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.passages: list[str] = []
        """All that was encoded as passages."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for at in range(max(1, len(text) - 1)):
                vectors[row, zlib.crc32(text[at : at + 2].encode()) % self.dimension] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[:, :1] += lengths == 0
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.passages += texts
        if progress:
            progress(len(texts))
        return self.encode_queries(texts)
