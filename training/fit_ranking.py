"""Notices with questions -> bot/ranking_weights.json: the linear ranker and the answerability model.

    python training/fit_ranking.py NOTICES_DIR... [--false-refusals 0.08]

A NOTICES_DIR holds one folder a notice with its files and a `qa.jsonl` (a question a line: "question",
"answerable", "evidence": [{"file", "text"}], "answers"). The notices are indexed by the product's own
builder. Figures are by five-fold cross-validation over notices, so that no notice is measured by
weights that saw it (the encoder did see most of them, so that the figures of `fit_reading.py`, on notices that it did
not see, are the ones to believe); the weights written are then fitted on all of them. Two minutes on two cores once
the vectors are there. Deterministic.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from notice_sets import gathered, json_lines

from bot.config import load_settings
from bot.datamodels import Chunk, ChunkKind
from bot.embedding import Encoder, load_encoder
from bot.index.building import build_index
from bot.index.store import Index, load_index
from bot.question import understand
from bot.ranking import EVIDENCE_FEATURES, FEATURES, WEIGHTS_FILE, Ranker, evidence_features
from bot.retrieval import retrieve

FOLDS = 5
TODAY = date(2026, 11, 22)
L2 = 1e-3
OFF_TOPIC, OFF_TOPIC_EACH = "off_topic", 3
OFF_TOPIC_FILE = Path(__file__).with_name("off_topic.txt")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    notice_id: str
    style: str
    answerable: bool
    matrix: Floats
    """Features of all passages of the notice, (n, len(FEATURES))."""
    gold: list[int]
    """Rows of `matrix` that hold an answer."""
    chunks: tuple[Chunk, ...]
    question: object


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notices", type=Path, nargs="+")
    parser.add_argument("--index", type=Path, default=Path("var/training-index"))
    parser.add_argument("--false-refusals", type=float, default=0.08)
    options = parser.parse_args(arguments)

    settings = load_settings()
    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    root = gathered(options.notices, options.index.with_name("training-notices"))
    build_index(root, options.index, encoder)
    index = load_index(options.index, encoder.name)
    blank = Ranker(np.ones(len(FEATURES)), np.zeros(len(EVIDENCE_FEATURES)), 0.0, 0.5)
    examples = [
        example
        for n in track(sorted(index.notices))
        for example in (
            *_examples(root, n, index, encoder, blank),
            *off_topic(n, index, encoder, blank),
        )
    ]
    notices = sorted({example.notice_id for example in examples})
    fold = {notice: number % FOLDS for number, notice in enumerate(notices)}

    ranks: dict[int, int] = {}
    evidence: dict[int, Floats] = {}
    for number in range(FOLDS):
        weights = fit_ranker([e for e in examples if e.gold and fold[e.notice_id] != number])
        for position, example in enumerate(examples):
            if fold[example.notice_id] != number:
                continue
            scores = example.matrix @ weights
            order = np.argsort(-scores, kind="stable")
            if example.gold:
                ranks[position] = min(int(np.flatnonzero(order == row)[0]) for row in example.gold)
            evidence[position] = evidence_features(
                example.question,
                [example.chunks[i] for i in order],
                example.matrix[order],
                scores[order],
                index.notices[example.notice_id],
            )
    report_ranks(examples, ranks)
    x = np.asarray([evidence[i] for i in range(len(examples))])
    y = np.asarray([e.answerable for e in examples])
    asked = np.asarray([e.style != OFF_TOPIC for e in examples])
    folds = np.asarray([fold[e.notice_id] for e in examples])
    probability = np.zeros(len(y))
    for number in range(FOLDS):
        probability[folds == number] = _probability(
            *fit_evidence(x[folds != number], y[folds != number]), x[folds == number]
        )
    print(f"answerability AUC {roc_auc_score(y[asked], probability[asked]):.3f}")
    for share in (0.03, 0.06, 0.08, 0.10, 0.15):
        threshold = float(np.quantile(probability[y], share))
        print(
            f"  false refusals {share:.2f}: refused rightly {float((probability[asked & ~y] < threshold).mean()):.3f} (threshold {threshold:.3f})"
        )

    weights = fit_ranker([e for e in examples if e.gold])
    evidence_weights, bias = fit_evidence(x, y)
    threshold = float(np.quantile(probability[y], options.false_refusals))
    WEIGHTS_FILE.write_text(
        json.dumps(
            {
                "weights": {name: round(float(w), 4) for name, w in zip(FEATURES, weights, strict=True)},
                "evidence_weights": {
                    n: round(float(w), 4) for n, w in zip(EVIDENCE_FEATURES, evidence_weights, strict=True)
                },
                "evidence_bias": round(float(bias), 4),
                "threshold": round(threshold, 4),
                "encoder": encoder.name,
                "fitted_on": f"{len(notices)} notices, {len(examples)} questions",
            },
            indent=2,
        )
        + "\n",
        "utf-8",
    )
    print(f"written: {WEIGHTS_FILE.name}")
    return 0


def _examples(root: Path, notice_id: str, index: Index, encoder, ranker: Ranker) -> list[Example]:  # type: ignore[no-untyped-def]
    found = []
    for item in json_lines(root / notice_id / "qa.jsonl"):
        question = understand(item["question"], today=TODAY, notice_id=notice_id)
        retrieved = retrieve(question, index, encoder, ranker)
        chunks = tuple(passage.chunk for passage in retrieved.passages)
        gold = [row for row, chunk in enumerate(chunks) if holds_answer(chunk, item, notice_id, index)]
        if item["answerable"] and not gold:
            continue
        found.append(
            Example(notice_id, item["style"], item["answerable"], retrieved.matrix, gold, chunks, question)
        )
    return found


def off_topic(notice_id: str, index: Index, encoder: Encoder, ranker: Ranker) -> list[Example]:
    """What has nothing to do with the notice is not answered by it: of the questions written for the notices, those
    without an answer are all near misses. For fitting only: they are too easy to be counted."""
    lines = [line for line in OFF_TOPIC_FILE.read_text("utf-8").split("\n") if line]
    chosen = random.Random(notice_id).sample(lines, OFF_TOPIC_EACH)
    questions = [understand(line, today=TODAY, notice_id=notice_id) for line in chosen]
    read = [retrieve(question, index, encoder, ranker) for question in questions]
    return [
        Example(notice_id, OFF_TOPIC, False, found.matrix, [], tuple(p.chunk for p in found.passages), q)
        for q, found in zip(questions, read, strict=True)
    ]


def holds_answer(chunk: Chunk, item: dict, notice_id: str, index: Index) -> bool:  # type: ignore[type-arg]
    """True where the chunk overlaps an evidence of the question `item` and holds one of its answers."""
    if chunk.kind is ChunkKind.HEADER:
        return False
    for evidence in item["evidence"]:
        if chunk.document_id != f"{notice_id}/{evidence['file']}":
            continue
        start = index.documents[chunk.document_id].text.find(evidence["text"])
        inside = start >= 0 and chunk.start < start + len(evidence["text"]) and chunk.end > start
        if inside and any(answer in chunk.text for answer in item["answers"]):
            return True
    return False


def fit_ranker(examples: Sequence[Example]) -> Floats:
    """Weights that make the gold passages likeliest under a softmax over each question's passages."""
    size = max(len(e.matrix) for e in examples)
    x = torch.zeros(len(examples), size, len(FEATURES))
    absent = torch.full((len(examples), size), -1e9)
    gold = torch.zeros(len(examples), size)
    for i, example in enumerate(examples):
        x[i, : len(example.matrix)] = torch.tensor(example.matrix, dtype=torch.float32)
        absent[i, : len(example.matrix)] = 0
        gold[i, example.gold] = 1
    weights = torch.zeros(len(FEATURES), requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        scores = x @ weights + absent
        likelihood = torch.logsumexp(scores + torch.log(gold + 1e-30), 1) - torch.logsumexp(scores, 1)
        loss = -likelihood.mean() + L2 * (weights * weights).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return weights.detach().numpy().astype(np.float64)


def fit_evidence(x: Floats, y: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Weights and bias of a logistic model on the features as they are (scaling folded in)."""
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=0.3, max_iter=3000).fit(scaler.transform(x), y)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - (scaler.mean_ * weights).sum())


def _probability(weights: Floats, bias: float, x: Floats) -> Floats:
    return 1 / (1 + np.exp(-(x @ weights + bias)))


def report_ranks(examples: Sequence[Example], ranks: dict[int, int]) -> None:
    def line(name: str, chosen: list[int]) -> None:
        found = np.asarray(chosen)
        print(
            f"{name:14} {len(found):5} first {np.mean(found < 1):.3f}  in two {np.mean(found < 2):.3f}  in three {np.mean(found < 3):.3f}  in ten {np.mean(found < 10):.3f}"
        )

    line("all", list(ranks.values()))
    for style in sorted({example.style for example in examples if example.gold}):
        line(style, [rank for i, rank in ranks.items() if examples[i].style == style])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
