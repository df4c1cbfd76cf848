"""A version that is not published yet -> whether it holds and finds what it should."""

from __future__ import annotations

import random
from collections.abc import Collection
from itertools import accumulate
from pathlib import Path

import numpy as np

from bot.errors import IndexDamaged
from bot.index.lexical import LexicalIndex
from bot.index.objects import ObjectStore
from bot.index.shards import embedded_from_bytes, shard_from_bytes
from bot.index.vectors import VectorIndex
from bot.index.versions import LEXICAL, Counts, Manifest, NoticeEntry, check_files

SAME_TEXT_SCORE = 0.999
"""Inner product of a unit vector with itself, rounding allowed."""
UNIT_TOLERANCE = 1e-3
SAMPLE = 10
"""Unchanged notices that are looked at again."""


def check_staged(root: Path, folder: Path, manifest: Manifest, changed: Collection[str]) -> None:
    """Compares counts and hashes, and finds a chunk of each changed notice by its own vector and by its own words.

    `folder` holds the version, `changed` the ids of the notices that the version before did not hold so. Of
    the others a sample is looked at, and that their objects are there. Raises IndexDamaged.
    """
    check_files(folder, manifest.files)
    entries = [entry for entry in manifest.notices if entry.is_read]
    first_rows = dict(
        zip((e.id for e in entries), accumulate((e.counts.chunks for e in entries), initial=0), strict=False)
    )
    lexical = LexicalIndex.open(folder / LEXICAL, first_rows)
    if len(lexical) != manifest.counts.chunks:
        raise IndexDamaged(
            f"新版本自检未通过：应有 {manifest.counts.chunks} 条条款，全文索引里有 {len(lexical)} 条，未发布。请重新运行。"
        )
    objects = ObjectStore(root)
    others = [entry for entry in entries if entry.id not in changed]
    sample = random.Random(manifest.built_at).sample(others, min(SAMPLE, len(others)))
    for entry in (*(entry for entry in entries if entry.id in changed), *sample):
        _check_notice(entry, objects, lexical, first_rows[entry.id], manifest.dimension)
    there = objects.names()
    if lost := next((entry for entry in others if not {entry.records, entry.vectors} <= there), None):
        raise IndexDamaged(f"新版本自检未通过：“{lost.id}”的内容不见了，未发布。请重新运行。")


def _check_notice(
    entry: NoticeEntry, objects: ObjectStore, lexical: LexicalIndex, first_row: int, dimension: int
) -> None:
    shard = shard_from_bytes(objects.get(entry.records))
    embedded = embedded_from_bytes(objects.get(entry.vectors))
    counts = Counts(1, len(shard.documents), len(shard.chunks), len(shard.facts))
    if counts != entry.counts or embedded.vectors.shape != (len(shard.chunks), dimension):
        raise IndexDamaged(f"新版本自检未通过：“{entry.id}”的条数不符，未发布。请重新运行或报告此问题。")
    if not shard.chunks:
        return
    if not np.allclose(np.linalg.norm(embedded.vectors, axis=1), 1, atol=UNIT_TOLERANCE):
        raise IndexDamaged("新版本里有长度不是 1 的向量，未发布。请检查 EMBEDDING_MODEL 指定的模型。")
    number = len(shard.chunks) // 2
    text = shard.chunks[number].text
    ((_, score),) = VectorIndex.from_vectors(embedded.vectors).search(embedded.vectors[number], 1)
    found = lexical.search(text, 10, [entry.id])
    same_text = [shard.chunks[row - first_row].text == text for row, _ in found]
    if score < SAME_TEXT_SCORE or not (any(same_text) or not found):
        raise IndexDamaged(
            f"新版本自检未通过：在“{entry.id}”里查不到它自己的条款，未发布。请重新运行或报告此问题。"
        )
