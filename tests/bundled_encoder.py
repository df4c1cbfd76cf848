"""The real bundled encoder, loaded once for all tests, and a wrapper that notes what it is asked to encode."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from bot.config import PROJECT
from bot.embedding import Encoder, Progress, Vectors, load_encoder

MODEL_CACHE = PROJECT / "var" / "models"


@cache
def bundled_encoder() -> Encoder:
    return load_encoder("default", MODEL_CACHE)


class NotingEncoder:
    """Encodes with another encoder and keeps the passages it was given."""

    def __init__(self, encoder: Encoder, name: str = "") -> None:
        self.encoder = encoder
        self.name = name or encoder.name
        self.dimension = encoder.dimension
        self.passages: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.passages += texts
        return self.encoder.encode_passages(texts, progress)
