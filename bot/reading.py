"""(Question, passages) -> how well each answers, and where: the reader, a small cross-encoder.

Question and passage go through one transformer together, so that every word of the one can look at every
word of the other. For each passage it gives a relevance, in log-odds against "none of these passages answers",
and the stretch of words that most likely is the answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.errors import ModelError
from bot.hashes import changed_file, recorded_hashes
from bot.onnx_model import MODEL, TOKENIZER, run, session_of, tokenizer_of

FOLDER = Path(__file__).with_name("models") / "notice-reader"
QUESTION_TOKENS = 56
TOKENS = 232
"""Longest question, and longest question with its passage; what lies beyond is not read."""
SPAN_TOKENS = 40
"""Longest answer that is marked."""
START, END = 0, 2
"""Ids of <s> and </s>."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one passage."""

    relevance: float
    """Log-odds that this passage answers, against that none of those read together does."""
    start: int
    end: int
    """The likeliest answer is passage[start:end]."""
    certainty: float = 0.0
    """Log-probability of exactly these words among all of the passage's."""


class Reader(Protocol):
    @property
    def name(self) -> str:
        """Name and digest of the weights."""

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """A reading for each passage, in the order given."""


def load_reader(model: str, threads: int = 0) -> Reader | None:
    """The reader named by `model`: `default`, a folder like the default one's, or `none` for no reader.

    `threads`: 0 leaves it to the machine. Raises ModelError, which says what to install or to set.
    """
    if model == "none":
        return None
    return OnnxReader(FOLDER if model == "default" else Path(model), threads)


class OnnxReader:
    """A reader in ONNX form with its tokenizer; every file is compared with its recorded hash. Threads may share it."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """Raises ModelError where the folder is not a reader's or one of its files is damaged."""
        self.name = f"{folder.name}@{_checked(folder)}"
        self._tokenizer = tokenizer_of(folder)
        self._session = session_of(folder, threads)

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        if not passages:
            return []
        rows, first, offsets = self._rows(question, passages)
        readings: list[Reading] = [Reading(0.0, 0, 0)] * len(rows)
        for batch in _of_like_length(rows):
            relevance, spans = run(self._session, [rows[i] for i in batch])
            for place, i in enumerate(batch):
                logits = spans[place, first : len(rows[i]) - 1]
                a, b = best_span(logits)
                start, end = (offsets[i][a][0], offsets[i][b][1]) if offsets[i] else (0, 0)
                readings[i] = Reading(float(relevance[place]), start, end, certainty(logits, a, b))
        return readings

    def _rows(
        self, question: str, passages: Sequence[str]
    ) -> tuple[list[list[int]], int, list[list[tuple[int, int]]]]:
        """(token ids of each passage with the question, place of a passage's first token, its tokens' offsets)."""
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
        said = self._tokenizer.encode_batch(list(passages), add_special_tokens=False)
        rows = [pair_ids(asked, each.ids) for each in said]
        return rows, passage_at(asked), [each.offsets for each in said]


def passage_at(asked: Sequence[int]) -> int:
    """Place of the passage's first token in `pair_ids`."""
    return len(asked) + 3


def pair_ids(asked: Sequence[int], said: Sequence[int]) -> list[int]:
    """`<s> question </s></s> passage </s>`, the passage cut so that all are at most TOKENS; `asked` is at most
    QUESTION_TOKENS long."""
    return [START, *asked, END, END, *said[: TOKENS - passage_at(asked) - 1], END]


def best_span(logits: Floats) -> tuple[int, int]:
    """(tokens, 2) start and end logits -> first and last token of the best span of at most SPAN_TOKENS."""
    if not len(logits):
        return 0, 0
    ends = np.full(len(logits) + SPAN_TOKENS, -np.inf, np.float32)
    ends[: len(logits)] = logits[:, 1]
    windows = np.lib.stride_tricks.sliding_window_view(ends, SPAN_TOKENS)[: len(logits)]
    start = int(np.argmax(logits[:, 0] + windows.max(axis=1)))
    return start, start + int(np.argmax(windows[start]))


def certainty(logits: Floats, first: int, last: int) -> float:
    """(tokens, 2) start and end logits -> log-probability of the span from the first to the last token."""
    if not len(logits):
        return 0.0
    likelihood = logits - np.logaddexp.reduce(logits, axis=0)
    return float(likelihood[first, 0] + likelihood[last, 1])


def _of_like_length(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Places of the rows in two batches, the short and the long ones: little of a batch is padding."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    half = (len(order) + 1) // 2
    return [part for part in (order[:half], order[half:]) if part]


# ---------------------------------------------------------------- loading


def _checked(folder: Path) -> str:
    """First 12 hexadecimal digits of the hash of all recorded hashes, each compared with its file."""
    again = "请重新安装程序；READER_MODEL 指定了别的文件夹时，请换回完整的一份，或设为 default。"
    recorded = {name: entry["sha256"] for name, entry in recorded_hashes(folder).items()}
    if not {MODEL, TOKENIZER} <= recorded.keys():
        raise ModelError(f"{folder} 里没有完整的阅读模型。{again}")
    if damaged := changed_file(folder):
        raise ModelError(f"阅读模型的文件 {folder / damaged} 已损坏。{again}")
    return hashlib.sha256(json.dumps(recorded, sort_keys=True).encode()).hexdigest()[:12]
