"""Notices with questions, and the reader -> bot/reading_weights.json: what the reader's word counts for.

    python training/fit_reading.py NOTICES_DIR... [--threshold 0.4]

Only notices that the reader was not trained on are used (`notice_sets.py`). The first stage is
fitted anew on the others, so that it meets these as it meets any new notice. Figures are by cross-validation over
the held-out notices; the weights written are fitted on all of them. Prints the rank of the right passage by the
first stage, by the reader and by both, how well "there is no answer" is told, and the reliability of the
probability. Deterministic.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fit_ranking import OFF_TOPIC, Example, _examples, _probability, fit_evidence, fit_ranker, off_topic
from notice_sets import gathered, held_out

from bot.config import load_settings
from bot.datamodels import Chunk, Fact, Passage
from bot.embedding import load_encoder
from bot.index.building import build_index
from bot.index.store import Index, load_index
from bot.ranking import EVIDENCE_FEATURES, FEATURES, Ranker, evidence_features
from bot.reading import Reader, Reading, load_reader
from bot.reranking import EVIDENCE, WEIGHTS_FILE, reading_evidence, readings_of, relevances
from bot.retrieval import Retrieved

FOLDS = 6
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """A question with its passages, best first by the first stage."""

    example: Example
    first: Floats
    """Scores of the first stage."""
    gold: list[int]
    chunks: tuple[Chunk, ...]
    facts: Mapping[str, Sequence[Fact]]
    readings: tuple[Reading | None, ...]
    sure: float
    """Probability of an answer, by the first stage."""

    def scores(self, share: float, first: float = 1.0) -> Floats:
        return first * self.first + share * relevances(self.readings)

    def place(self, scores: Floats) -> int:
        order = list(np.argsort(-scores, kind="stable"))
        return min(order.index(row) for row in self.gold)

    def evidence(self, share: float) -> Floats:
        order = np.argsort(-self.scores(share), kind="stable")
        found = reading_evidence(
            self.example.question,  # type: ignore[arg-type]
            self.sure,
            [self.chunks[i] for i in order],
            [self.readings[i] for i in order],
            self.facts,
        )
        assert found is not None
        return found


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notices", type=Path, nargs="+")
    parser.add_argument("--index", type=Path, default=Path("var/training-index"))
    parser.add_argument("--reader", default="default")
    parser.add_argument("--threshold", type=float, default=0.4, help="least probability to answer")
    options = parser.parse_args(arguments)

    settings = load_settings()
    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    reader = load_reader(options.reader, settings.threads)
    assert reader is not None
    root = gathered(options.notices, options.index.with_name("training-notices"))
    build_index(root, options.index, encoder)
    index = load_index(options.index, encoder.name)
    blank = Ranker(np.ones(len(FEATURES)), np.zeros(len(EVIDENCE_FEATURES)), 0.0, 0.5)
    notices = sorted(index.notices)
    held = held_out() & set(notices)
    of_notice = {
        n: [*_examples(root, n, index, encoder, blank), *off_topic(n, index, encoder, blank)]
        for n in track(notices, "first stage")
    }
    others = [e for n in notices if n not in held for e in of_notice[n]]
    ranker = fit_ranker([e for e in others if e.gold])
    x = np.asarray([_evidence(e, ranker, index)[0] for e in track(others, "evidence")])
    answerability = fit_evidence(x, np.asarray([e.answerable for e in others]))
    read = [
        _read(e, ranker, answerability, index, reader)
        for e in track([e for n in sorted(held) for e in of_notice[n]], "reading")
    ]

    fold = {n: number % FOLDS for number, n in enumerate(sorted(held))}
    folds = np.asarray([fold[r.example.notice_id] for r in read])
    y = np.asarray([r.example.answerable for r in read])
    asked = np.asarray([r.example.style != OFF_TOPIC for r in read])
    probability, places = np.zeros(len(read)), {"first stage": [], "reader": [], "both": []}  # type: ignore[var-annotated]
    for number in range(FOLDS):
        inside = [r for r, f in zip(read, folds, strict=True) if f != number]
        share = fit_share(inside)
        model = fit_answerability(inside, share)
        for row in np.flatnonzero(folds == number):
            probability[row] = model.predict_proba([read[row].evidence(share)])[0, 1]
            if read[row].gold:
                places["first stage"].append(read[row].place(read[row].first))
                places["reader"].append(read[row].place(read[row].scores(1.0, first=1e-6)))
                places["both"].append(read[row].place(read[row].scores(share)))
    for name, found in (_alone(read) | places).items():
        ranks = np.asarray(found)
        print(
            f"{name:12} {len(ranks)} questions: first {np.mean(ranks < 1):.3f}  in three {np.mean(ranks < 3):.3f}"
        )
    first_stage = np.asarray([r.sure for r in read])
    any_answers = [r.evidence(1.0)[EVIDENCE.index("any_answers")] for r in read]
    for name, values in (("first stage", first_stage), ("reader", any_answers), ("both", probability)):
        print(f"answerability AUC, {name}: {roc_auc_score(y[asked], np.asarray(values)[asked]):.3f}")
    for limit in (0.03, 0.06, 0.08, 0.10):
        threshold = float(np.quantile(probability[y], limit))
        print(
            f"  false refusals {limit:.2f}: refused rightly {np.mean(probability[asked & ~y] < threshold):.3f} (threshold {threshold:.3f})"
        )
    print("reliability: said, true, questions")
    for low in np.arange(0, 1, 0.1):
        inside_bin = asked & (probability >= low) & (probability < low + 0.1 + 1e-9)
        if inside_bin.any():
            print(f"  {probability[inside_bin].mean():.2f}  {y[inside_bin].mean():.2f}  {inside_bin.sum()}")

    share = fit_share(read)
    final = fit_answerability(read, share)
    WEIGHTS_FILE.write_text(
        json.dumps(
            {
                "share": round(share, 4),
                "evidence_weights": {
                    n: round(float(w), 4) for n, w in zip(EVIDENCE, final.coef_[0], strict=True)
                },
                "evidence_bias": round(float(final.intercept_[0]), 4),
                "threshold": options.threshold,
                "reader": reader.name,
                "fitted_on": f"{len(held)} notices that the reader was not trained on, {len(read)} questions",
            },
            indent=2,
        )
        + "\n",
        "utf-8",
    )
    print(f"share {share:.3f}; written: {WEIGHTS_FILE.name}")
    return 0


def _alone(read: Sequence[Read]) -> dict[str, list[int]]:
    """Places of the right passages by the vectors alone, by BM25 alone, and by both (reciprocal rank fusion with
    k = 60: Cormack, Clarke and Büttcher, 2009)."""
    places: dict[str, list[int]] = {"encoder": [], "BM25": [], "both by rank": []}
    for each in read:
        if each.gold:
            matrix = each.example.matrix
            ranks = [
                np.argsort(np.argsort(-matrix[:, FEATURES.index(name)], kind="stable"), kind="stable")
                for name in ("dense", "lexical")
            ]
            ranks.append(np.argsort(np.argsort(-sum(1 / (60 + r) for r in ranks), kind="stable")))
            for name, rank in zip(places, ranks, strict=True):
                places[name].append(int(rank[each.example.gold].min()))
    return places


def _evidence(example: Example, ranker: Floats, index: Index) -> tuple[Floats, list[int], Floats]:
    """(features of answerability, rows best first, scores in that order) by the first stage."""
    scores = example.matrix @ ranker
    order = [int(i) for i in np.argsort(-scores, kind="stable")]
    found = evidence_features(
        example.question,  # type: ignore[arg-type]
        [example.chunks[i] for i in order],
        example.matrix[order],
        scores[order],
        index.notices[example.notice_id],
    )
    return found, order, scores[order]


def _read(
    example: Example, ranker: Floats, model: tuple[Floats, float], index: Index, reader: Reader
) -> Read:
    evidence, order, scores = _evidence(example, ranker, index)
    passages = tuple(
        Passage(example.chunks[row], float(score)) for row, score in zip(order, scores, strict=True)
    )
    retrieved = Retrieved(passages, example.matrix[order])
    readings = readings_of(example.question, retrieved, index, reader)  # type: ignore[arg-type]
    gold = [order.index(row) for row in example.gold]
    chunks = tuple(passage.chunk for passage in passages)
    return Read(example, scores, gold, chunks, index.facts, readings, float(_probability(*model, evidence)))


def fit_share(read: Sequence[Read]) -> float:
    """The reader's weight under which the right passages are likeliest, in a softmax over a question's passages."""

    def loss(share: float) -> float:
        total = 0.0
        for each in read:
            if each.gold:
                scores = each.scores(share)
                total += np.logaddexp.reduce(scores) - np.logaddexp.reduce(scores[each.gold])
        return total

    return float(minimize_scalar(loss, bounds=(0.0, 4.0), method="bounded").x)


def fit_answerability(read: Sequence[Read], share: float) -> LogisticRegression:
    x = np.asarray([r.evidence(share) for r in read])
    return LogisticRegression(C=1.0, max_iter=3000).fit(x, np.asarray([r.example.answerable for r in read]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
