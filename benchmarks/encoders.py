"""Encoders put around the product's own: one that takes the time, one that stands in for a long encoding."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Sequence

import numpy as np

from bot.embedding import Encoder, Progress, Vectors

NOISE = 0.25
"""Length of the noise added to a unit vector: leaves a cosine of about 0.97."""
_VARIED = re.compile(r"[\d\s]+")


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
    """The given encoder's questions; for passages its vectors of some real chunks, each moved a little.

    The time a question takes does not depend on what the vectors say, and 1,000 notices take half an hour
    to encode. Texts that differ in numbers only get vectors near each other.
    """

    def __init__(self, encoder: Encoder, vectors: Vectors) -> None:
        self._encoder = encoder
        self._vectors = vectors
        self.name = encoder.name
        self.dimension = encoder.dimension

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        rows = [zlib.crc32(_VARIED.sub("", text).encode()) % len(self._vectors) for text in texts]
        noise = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dimension), np.float32)
        moved = self._vectors[rows] + noise * np.float32(NOISE / np.sqrt(self.dimension))
        vectors: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return vectors
