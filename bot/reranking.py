"""(Question, retrieved passages, reader) -> the passages in the order in which they answer, each with its reading.

The first stage compares words; the reader reads the best few of it together with the question. Neither alone is
as good as both: the order is by the first stage's score plus a share of the reader's, and whether anything
answers at all is judged from both. The weights are fitted by `training/fit_reading.py` on notices that the reader
was not trained on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.chunking import embedding_text
from bot.datamodels import Chunk, Fact, Question
from bot.errors import ModelError
from bot.glossary import in_chinese, in_written_words
from bot.index.store import Index
from bot.question import expected_facts
from bot.reading import Reader, Reading, load_reader
from bot.retrieval import Retrieved, may_answer

READ = 8
"""Passages that are read: the first stage has the right one among its best eight nineteen times in twenty."""
WEIGHTS_FILE = Path(__file__).with_name("reading_weights.json")
EVIDENCE: tuple[str, ...] = (
    "first_stage",
    "any_answers",
    "best_answers",
    "best_against_others",
    "english",
    "yes_no",
    "certainty",
    "states_kind",
)
THRESHOLD_AMONG_SEVERAL = 0.14
"""Of a question that lost the words that say which notice is meant the reader is less sure: of 104 questions about
nine notices of three programmes 0.09 were refused wrongly with the threshold for one notice, and 0.03 with this, when it
was set."""
CERTAINTY_UNREAD = -4.0
"""Stands for the certainty of a passage that was not read: about the median."""
NEAR_ANSWER = 10
"""Characters around the answering words in which the value that is asked for may stand."""
CLIP = 12.0
"""Log-odds beyond this say no more."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReadingWeights:
    """How much the reader counts beside the first stage, in the order and in whether there is an answer."""

    share: float
    """Of a relevance, in a passage's score."""
    evidence_weights: Floats
    """(len(EVIDENCE),)"""
    bias: float
    threshold: float
    """Below this probability a question is taken as not answered by the documents."""

    @classmethod
    def from_file(cls, reader_name: str, path: Path = WEIGHTS_FILE) -> ReadingWeights:
        """Raises ModelError where the file is not this program's, or was fitted for another reader."""
        again = "请重新安装程序，或运行 training/fit_reading.py 重新生成；也可以设 READER_MODEL=none 不用阅读模型。"
        try:
            data = json.loads(path.read_text("utf-8"))
            weights, bias = data["evidence_weights"], float(data["evidence_bias"])
            share, threshold, fitted_for = float(data["share"]), float(data["threshold"]), data["reader"]
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{path} 无法读取（{error}）。{again}") from error
        if list(weights) != list(EVIDENCE):
            raise ModelError(f"{path} 与程序版本不符。{again}")
        if fitted_for != reader_name:
            raise ModelError(f"{path} 是为阅读模型 {fitted_for} 定的，现在的是 {reader_name}。{again}")
        return cls(share, np.asarray(list(weights.values())), bias, threshold)

    def among_several(self) -> ReadingWeights:
        """The same for a question that was asked of several notices and lost the words that say which is meant."""
        return replace(self, threshold=THRESHOLD_AMONG_SEVERAL)

    def answerability(self, evidence: Floats) -> float:
        """Probability that the passages answer the question; `evidence`: (len(EVIDENCE),)."""
        return float(1 / (1 + np.exp(-(evidence @ self.evidence_weights + self.bias))))


@dataclass(frozen=True, slots=True)
class Reranker:
    """The second stage: a reader and what its word counts for."""

    reader: Reader
    weights: ReadingWeights

    @classmethod
    def load(cls, model: str, threads: int = 0) -> Reranker | None:
        """The second stage with the reader named by `model` (see `load_reader`); None for `none`. Raises ModelError."""
        reader = load_reader(model, threads)
        return cls(reader, ReadingWeights.from_file(reader.name)) if reader is not None else None

    def read(self, question: Question, retrieved: Retrieved, index: Index) -> Retrieved:
        """The same passages, the best READ of them read, all ordered by both scores."""
        readings = readings_of(question, retrieved, index, self.reader)
        return ordered(retrieved, readings, self.weights.share)


def readings_of(
    question: Question, retrieved: Retrieved, index: Index, reader: Reader
) -> tuple[Reading | None, ...]:
    """A reading of each of the best READ passages that may answer, None for the others; start and end of an answer
    are those in the chunk's text."""
    answering = [row for row, passage in enumerate(retrieved.passages) if may_answer(question, passage.chunk)]
    rows = answering[:READ]
    chunks = [retrieved.passages[row].chunk for row in rows]
    texts = [embedding_text(c, index.notices[c.notice_id], index.documents[c.document_id]) for c in chunks]
    readings: list[Reading | None] = [None] * len(retrieved.passages)
    read = read_in_english if question.language == "en" else read_in_chinese
    for row, text, reading in zip(rows, texts, read(question.normalised, texts, reader), strict=True):
        readings[row] = _within(retrieved.passages[row].chunk, text, reading)
    return tuple(readings)


def read_in_chinese(words: str, texts: Sequence[str], reader: Reader) -> list[Reading]:
    """Each passage read with the question as it is and, where it has another word for what is said, with that."""
    readings = reader.read(words, texts)
    reworded: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if (wording := in_written_words(words, text)) != words:
            reworded.setdefault(wording, []).append(place)
    for wording, places in reworded.items():
        for place, reading in zip(places, reader.read(wording, [texts[i] for i in places]), strict=True):
            readings[place] = max(readings[place], reading, key=lambda r: r.relevance)
    return readings


def read_in_english(words: str, texts: Sequence[str], reader: Reader) -> list[Reading]:
    """Each passage read with the question and with its words in Chinese: the better reading, with the mean relevance,
    for each alone errs where the other does not."""
    pairs = zip(reader.read(words, texts), reader.read(in_chinese(words), texts), strict=True)
    return [
        replace(max(pair, key=lambda r: r.relevance), relevance=(pair[0].relevance + pair[1].relevance) / 2)
        for pair in pairs
    ]


def _within(chunk: Chunk, text: str, reading: Reading) -> Reading:
    """The reading with its answer counted in the chunk's own text; (0, 0) where it lies outside of that, as in a
    heading, or where the text read is not the chunk's, as for a table row."""
    above = len(text) - len(chunk.text)
    if reading.start < above or not text.endswith(chunk.text):
        return replace(reading, start=0, end=0)
    return replace(reading, start=reading.start - above, end=reading.end - above)


def relevances(readings: Sequence[Reading | None]) -> Floats:
    """Relevance of each passage; one that was not read counts as the least relevant of those that were."""
    least = min((r.relevance for r in readings if r is not None), default=0.0)
    return np.asarray([least if r is None else r.relevance for r in readings], np.float64)


def ordered(retrieved: Retrieved, readings: Sequence[Reading | None], share: float) -> Retrieved:
    """Passages by the first stage's score and `share` of the relevance."""
    added = share * relevances(readings)
    scores = np.asarray([passage.score for passage in retrieved.passages]) + added
    order = np.argsort(-scores, kind="stable")
    return replace(
        retrieved,
        passages=tuple(
            replace(retrieved.passages[i], score=float(scores[i]), read=float(added[i])) for i in order
        ),
        matrix=retrieved.matrix[order],
        readings=tuple(readings[i] for i in order),
    )


def reading_evidence(
    question: Question,
    first_stage: float,
    chunks: Sequence[Chunk],
    readings: Sequence[Reading | None],
    facts: Mapping[str, Sequence[Fact]],
) -> Floats | None:
    """What speaks for an answer, (len(EVIDENCE),), or None where nothing was read.

    `first_stage`: the probability by the first stage's evidence; `chunks` and `readings`: of the passages, best
    first; `facts`: by chunk.
    """
    read = [r.relevance for r in readings if r is not None]
    if not read:
        return None
    chosen = float(relevances(readings)[0])
    any_answers = float(np.logaddexp.reduce(read))
    odds = float(np.clip(first_stage, 1e-6, 1 - 1e-6))
    evidence = (
        float(np.log(odds / (1 - odds))),
        any_answers,
        chosen,
        chosen - any_answers,
        float(question.language == "en"),
        float(question.yes_no),
        readings[0].certainty if readings[0] is not None else CERTAINTY_UNREAD,
        states_kind(question, chunks[0], readings[0], facts.get(chunks[0].id, ())),
    )
    clipped: Floats = np.clip(np.asarray(evidence), -CLIP, CLIP)
    return clipped


def states_kind(question: Question, chunk: Chunk, reading: Reading | None, facts: Sequence[Fact]) -> float:
    """Whether a value of the kind that is asked for (a date, a phone ...) stands at the answering words, 1, elsewhere
    in the passage, 0.3, or not at all, -1; 0 where no kind is asked for."""
    kinds = expected_facts(question.normalised)
    if not kinds:
        return 0.0
    places = [(f.start - chunk.start, f.end - chunk.start) for f in facts if f.kind in kinds]
    if not places:
        return -1.0
    if reading is None or reading.start >= reading.end:
        return 0.3
    begin, end = reading.start - NEAR_ANSWER, reading.end + NEAR_ANSWER
    return 1.0 if any(a < end and begin < b for a, b in places) else 0.3
