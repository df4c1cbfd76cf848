"""One notice's part of an index <-> objects: its records, its vectors, and what the next build can use again."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import Chunk, Document, Fact, FaqEntry, FilePart, Notice
from bot.errors import IndexDamaged
from bot.index.lexical import Terms
from bot.records import record_from_json, record_to_json

DIGEST_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Shard:
    """What a running assistant needs of a notice, but for its vectors."""

    notice: Notice
    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class FaqShard:
    """The approved answers to frequent questions that a version may give."""

    entries: tuple[FaqEntry, ...]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file of the knowledge folder as it was read, so that it need not be read again."""

    path: str
    """From the knowledge folder."""
    sha256: str
    parts: tuple[FilePart, ...]


@dataclass(frozen=True, slots=True)
class EmbeddedTexts:
    """Vectors, each with the digest of the text that it was made of."""

    digests: NDArray[np.bytes_]
    """(texts,), ASCII."""
    vectors: NDArray[np.float32]
    """(texts, dimension), unit rows."""


def shard_to_bytes(shard: Shard | FaqShard) -> bytes:
    return record_to_json(shard).encode()


def shard_from_bytes(data: bytes) -> Shard:
    """Raises IndexDamaged."""
    try:
        return record_from_json(Shard, data.decode())
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(error) from error


def faq_from_bytes(data: bytes) -> FaqShard:
    """Raises IndexDamaged."""
    try:
        return record_from_json(FaqShard, data.decode())
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(error) from error


def embedded_to_bytes(digests: Sequence[str], vectors: NDArray[np.float32]) -> bytes:
    """A structured NumPy array: (digest, vector) a text."""
    kind = np.dtype([("digest", f"S{DIGEST_CHARACTERS}"), ("vector", "<f4", (vectors.shape[1],))])
    table = np.zeros(len(digests), kind)
    table["digest"] = np.array(digests, f"S{DIGEST_CHARACTERS}")
    table["vector"] = vectors
    file = io.BytesIO()
    np.save(file, table, allow_pickle=False)
    return file.getvalue()


def embedded_from_bytes(data: bytes) -> EmbeddedTexts:
    """Raises IndexDamaged."""
    try:
        table = np.load(io.BytesIO(data), allow_pickle=False)
        return EmbeddedTexts(table["digest"], np.ascontiguousarray(table["vector"], np.float32))
    except (ValueError, IndexError, OSError) as error:
        raise _unreadable(error) from error


def workings_to_bytes(terms: Sequence[Terms], files: Sequence[ReadFile]) -> bytes:
    """The terms on the first line, a file on each line after it; compressed."""
    lines = (json.dumps(terms, ensure_ascii=False), *map(record_to_json, files))
    return zlib.compress("\n".join(lines).encode(), 1)


def terms_from_workings(data: bytes) -> tuple[Terms, ...]:
    """The search terms of each chunk. Raises IndexDamaged."""
    try:
        line = zlib.decompress(data).decode().split("\n", 1)[0]
        return tuple((text, headings) for text, headings in json.loads(line))
    except (ValueError, TypeError, zlib.error) as error:
        raise _unreadable(error) from error


def files_from_workings(data: bytes) -> tuple[ReadFile, ...]:
    """Raises IndexDamaged."""
    try:
        lines = zlib.decompress(data).decode().split("\n")[1:]
        return tuple(record_from_json(ReadFile, line) for line in lines)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> IndexDamaged:
    return IndexDamaged(f"索引的内容无法读取（{error}）。请重新运行：python index_builder.py")
