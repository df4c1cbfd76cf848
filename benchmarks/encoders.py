"""Encoders put around the product's own: one that takes the time, one that stands in for a long encoding."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Sequence

import numpy as np

from benchmarks.corpus import PLACES
from bot.embedding import Encoder, Progress, Vectors

NOISE = 0.1
"""Length of the noise added to a unit vector: leaves a cosine of 0.995."""
_VARIED = re.compile(rf"[\d\s〇○零一二三四五六七八九十]+|（第.批）|{'|'.join(PLACES)}")


class TimedEncoder:
    """The given encoder, which remembers the passages it was given and how long they took."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.texts: list[str] = []
        self.seconds = 0.0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        started = time.perf_counter()
        vectors = self._encoder.encode_passages(texts, progress)
        self.seconds += time.perf_counter() - started
        self.texts += texts
        return vectors


class StandInEncoder:
    """The given encoder's questions; for a passage the vector of one that says the same but for what was varied.

    Encoding 1,000 notices takes half an hour, and the time a question takes does not hang on a vector's last
    digits. A passage that has no such counterpart gets any of the vectors.
    """

    def __init__(self, encoder: Encoder, texts: Sequence[str], vectors: Vectors) -> None:
        self._encoder = encoder
        self._vectors = vectors
        self._rows = {_skeleton(text): row for row, text in enumerate(texts)}
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.strangers = 0
        """Passages that had no counterpart."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        rows = [self._row(_skeleton(text)) for text in texts]
        noise = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dimension), np.float32)
        moved = self._vectors[rows] + noise * np.float32(NOISE / np.sqrt(self.dimension))
        vectors: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return vectors

    def _row(self, skeleton: str) -> int:
        if skeleton not in self._rows:
            self.strangers += 1
        return self._rows.get(skeleton, zlib.crc32(skeleton.encode()) % len(self._vectors))


def _skeleton(text: str) -> str:
    return _VARIED.sub("", text)
