"""Groups of questions that ask the same -> bot/frequent_weights.json: which question an approved FAQ entry answers.

    python training/fit_frequent.py NOTICES_DIR [--precision 0.97]

NOTICES_DIR holds one folder a notice; `training/question_groups.jsonl` says which wordings about them ask the
same. Of each group some wordings make an entry, and the others are asked: they should be caught by it, and by
no entry of another group of that notice. Figures are by cross-validation over notices; the weights written are
then fitted on all of them. A minute on two cores once the vectors are there. Deterministic.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from notice_sets import json_lines
from numpy.typing import NDArray
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.answering import answer
from bot.config import load_settings
from bot.datamodels import Passage, Question
from bot.embedding import Encoder, load_encoder
from bot.frequent import WEIGHTS_FILE
from bot.index.building import build_index
from bot.index.store import Index, load_index
from bot.question import understand
from bot.ranking import Ranker
from bot.retrieval import retrieve
from bot.sameness import FEATURES, conflict, features, says_the_same, shares_of

GROUPS = Path(__file__).with_name("question_groups.jsonl")
FOLDS = 5
TODAY = date(2026, 11, 22)
LEAST_WORDINGS = 3
SPLITS: tuple[tuple[int, int], ...] = ((1, 10), (2, 2), (3, 10), (4, 4))
"""(seed, most wordings of an entry): half of a group's wordings make its entry."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """One wording, read against its notice."""

    question: Question
    vector: NDArray[np.float32]
    passages: tuple[Passage, ...]
    cited: tuple[str, ...]
    """Chunks that today's answer cites."""


@dataclass(frozen=True)
class Trial:
    """A question put to an entry."""

    notice_id: str
    asked: tuple[int, str, str, str]
    """Split, notice, group, wording: one question of one split."""
    row: Floats
    same: bool
    barred: bool
    """True where a conflict forbids a match."""
    exact: bool


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notices", type=Path)
    parser.add_argument("--precision", type=float, default=0.97)
    options = parser.parse_args(arguments)
    trials = _trials(options.notices)
    x = np.asarray([trial.row for trial in trials])
    y = np.asarray([trial.same for trial in trials])
    barred = np.asarray([trial.barred for trial in trials])
    print(
        f"{len(trials)} trials, {y.sum()} the same; conflicts bar {barred[y].mean():.3f} of these, "
        f"{barred[~y].mean():.3f} of the others"
    )
    notices = sorted({trial.notice_id for trial in trials})
    fold = np.asarray([notices.index(trial.notice_id) % FOLDS for trial in trials])
    probability = np.zeros(len(y))
    for number in range(FOLDS):
        chosen = (fold != number) & ~barred
        weights, bias = fit(x[chosen], y[chosen])
        probability[fold == number] = 1 / (1 + np.exp(-(x[fold == number] @ weights + bias)))
    probability[barred] = 0
    probability[np.asarray([trial.exact for trial in trials]) & ~barred] = 1
    threshold = _threshold(trials, probability, options.precision)
    weights, bias = fit(x[~barred], y[~barred])
    WEIGHTS_FILE.write_text(
        json.dumps(
            {
                "weights": {name: round(float(w), 4) for name, w in zip(FEATURES, weights, strict=True)},
                "bias": round(bias, 4),
                "threshold": round(threshold, 4),
                "fitted_on": f"{len(notices)} notices, {len(trials)} pairs of a question and an entry",
            },
            indent=2,
        )
        + "\n",
        "utf-8",
    )
    print(f"written: {WEIGHTS_FILE.name}, threshold {threshold:.3f}")
    return 0


def fit(x: Floats, y: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Weights and bias of a logistic model on the features as they are (scaling folded in)."""
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=1.0, max_iter=3000).fit(scaler.transform(x), y)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - (scaler.mean_ * weights).sum())


def _threshold(trials: Sequence[Trial], probability: Floats, precision: float) -> float:
    """The least threshold from which on the best entries are right so often; prints precision and recall."""
    by_question: dict[tuple[int, str, str, str], list[tuple[float, bool]]] = defaultdict(list)
    for trial, each in zip(trials, probability, strict=True):
        by_question[trial.asked].append((float(each), trial.same))
    best = sorted((max(found) for found in by_question.values()), reverse=True)
    right = np.cumsum([same for _, same in best])
    shares = right / np.arange(1, len(best) + 1)
    for level in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        n = sum(p >= level for p, _ in best)
        if n:
            print(
                f"  from {level:.2f} on: precision {shares[n - 1]:.3f}, recall {right[n - 1] / len(best):.3f}"
            )
    last = int(np.flatnonzero(shares >= precision)[-1])
    print(f"precision {shares[last]:.3f} at recall {right[last] / len(best):.3f}")
    return best[last][0]


# ---------------------------------------------------------------- trials


def _trials(root: Path) -> list[Trial]:
    groups = json_lines(GROUPS)
    groups = [g for g in groups if (root / (g["notice"] or "-")).is_dir()]
    settings = load_settings()
    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    index = _index(root, sorted({g["notice"] for g in groups}), encoder)
    ranker = Ranker.from_file()
    asked: dict[tuple[str, str], Asked] = {}
    for group in track(groups):
        for words in group["wordings"]:
            asked[group["notice"], words] = _asked(words, group["notice"], index, encoder, ranker)
    by_notice: dict[str, list[dict[str, object]]] = defaultdict(list)
    for group in groups:
        if len(group["wordings"]) >= LEAST_WORDINGS:
            by_notice[group["notice"]].append(group)
    return [
        trial
        for number, (seed, most) in enumerate(SPLITS)
        for notice_id, own in sorted(by_notice.items())
        for trial in _of_notice(number, seed, most, notice_id, own, asked, index)
    ]


def _index(root: Path, notice_ids: Sequence[str], encoder: Encoder) -> Index:
    with TemporaryDirectory() as folder:
        knowledge = Path(folder) / "knowledge"
        knowledge.mkdir()
        for notice_id in notice_ids:
            (knowledge / notice_id).mkdir()
            for path in (root / notice_id).iterdir():
                if path.suffix != ".jsonl":
                    (knowledge / notice_id / path.name).write_bytes(path.read_bytes())
        build_index(knowledge, Path(folder) / "index", encoder)
        return load_index(Path(folder) / "index", encoder.name)


def _asked(words: str, notice_id: str, index: Index, encoder: Encoder, ranker: Ranker) -> Asked:
    question = understand(words, today=TODAY, notice_id=notice_id)
    vector = encoder.encode_queries([question.normalised])[0]
    retrieved = retrieve(question, index, encoder, ranker, vector)
    cited = tuple(citation.chunk_id for citation in answer(question, retrieved, index, ranker).citations)
    return Asked(question, vector, retrieved.passages, cited)


def _of_notice(
    number: int,
    seed: int,
    most: int,
    notice_id: str,
    groups: Sequence[dict[str, object]],
    asked: dict[tuple[str, str], Asked],
    index: Index,
) -> list[Trial]:
    chance = random.Random(seed)
    entries: list[tuple[str, list[Asked]]] = []
    questions: list[tuple[str, str, Asked]] = []
    for group in groups:
        name, wordings = str(group["group"]), list(group["wordings"])  # type: ignore[call-overload]
        chance.shuffle(wordings)
        size = min(most, (len(wordings) + 1) // 2)
        entries.append((name, [asked[notice_id, words] for words in wordings[:size]]))
        questions += [(name, words, asked[notice_id, words]) for words in wordings[size:]]
    trials = []
    for name, members in entries:
        count = Counter(chunk_id for member in members for chunk_id in member.cited)
        clause_ids = frozenset(c for c, times in count.items() if times == max(count.values()))
        wordings_asked = [member.question for member in members]
        shares = [shares_of(member.passages) for member in members]
        said = " ".join(index.chunks[index.rows[chunk_id]].text for chunk_id in clause_ids)
        for group_name, words, each in questions:
            cosines = [float(each.vector @ member.vector) for member in members]
            trials.append(
                Trial(
                    notice_id,
                    (number, notice_id, group_name, words),
                    features(each.question, wordings_asked, cosines, each.passages, shares, clause_ids),
                    group_name == name,
                    bool(conflict(each.question, wordings_asked, index.notices[notice_id], said)),
                    any(says_the_same(each.question, wording) for wording in wordings_asked),
                )
            )
    return trials


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
