"""Groups of wordings + notices with questions -> bot/questions/likeness_weights.json.

    python training/fit_grouping.py NOTICES_DIR [NOTICES_DIR ...] [--without FOLDER ...]

`training/question_groups.jsonl` holds wordings of one question a line ("notice", "group", "wordings"); each
notice is a folder in one of the NOTICES_DIRs. The wordings are asked once among all these notices and once
with their notice as scope, so that the model sees right and wrong answers. Questions of the other folders'
`qa.jsonl` are all different from one another and give pairs that look alike but are not. `--without` names
folders to be left out of everything, as those of the log on which the grouping is measured.

The figures printed are by five-fold cross-validation over notices, so that no notice is measured by weights
that saw it; the weights written are then fitted on all of them. Five minutes on two cores. Deterministic.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from notice_sets import json_lines
from numpy.typing import NDArray
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.grouping_scores import Scores, scores_of
from bot.assistant import Assistant
from bot.config import load_settings
from bot.datamodels import Answer
from bot.embedding import Encoder, load_encoder
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.questions.grouping import UNGROUPED, grouped
from bot.questions.likeness import (
    FEATURES,
    WEIGHTS_FILE,
    Likeness,
    Rows,
    Wording,
    Wordings,
    comparison,
    wording_of,
)
from bot.questions.wordings import evidence_of, nearest_rows
from bot.ranking import Ranker
from bot.reranking import Reranker

GROUPS_FILE = Path(__file__).with_name("question_groups.jsonl")
TODAY = date(2026, 11, 22)
FOLDS = 5
OTHERS = 3
"""Every third of the other notices gives its questions: enough of them, and half the time."""
THRESHOLDS = tuple(step / 4 for step in range(-12, 7))

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Asked:
    notice: str
    group: str
    """The same for wordings of one question; empty where it is unlike every other one."""
    wording: Wording
    vector: Vectors
    """(dimension,)"""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notices", type=Path, nargs="+")
    parser.add_argument("--without", nargs="*", default=[], metavar="FOLDER")
    parser.add_argument("--work", type=Path, default=Path("var/training-groups"))
    options = parser.parse_args(arguments)

    settings = load_settings()
    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    lines = json_lines(GROUPS_FILE)
    folders = {f.name: f for root in options.notices for f in sorted(root.iterdir()) if f.is_dir()}
    named = sorted({line["notice"] for line in lines if line["notice"]} - set(options.without))
    other = [n for n in sorted(folders) if n not in {*named, *options.without}][::OTHERS]
    other = [n for n in other if (folders[n] / "qa.jsonl").exists()]

    among = _assistant(encoder, options.work / "named", [folders[n] for n in named])
    sets = [list(_wordings(lines, among, encoder, scoped)) for scoped in (False, True)]
    single = list(_single_questions(other, folders, options.work, encoder))
    notices = sorted({each.notice for each in sets[0]})
    fold = {notice: number % FOLDS for number, notice in enumerate(notices)}

    pairs = [
        _pairs([a for a in each if fold[a.notice] == number]) for each in sets for number in range(FOLDS)
    ]
    fold_of = [number for _ in sets for number in range(FOLDS)]
    unlike = _pairs(single, alike=False)
    found: dict[float, list[Scores]] = {}
    for number in range(FOLDS):
        seen = [p for p, f in zip(pairs, fold_of, strict=True) if f != number]
        model = Likeness(*_weights([*seen, unlike]), joins=0.0)
        for each in sets:
            inside = [a for a in each if fold[a.notice] == number]
            for threshold, scores in _measured(inside, model, THRESHOLDS).items():
                found.setdefault(threshold, []).append(scores)
    joins = _middle_of_the_best({t: float(np.mean([s.bcubed_f1 for s in found[t]])) for t in found})
    print(f"joins at {joins:+.2f}; on notices not seen: {_mean(found[joins])}")
    weights, bias = _weights([*pairs, unlike])
    counted = (
        f"{len(notices)} notices, {len(lines)} questions in {len(sets[0])} wordings, {len(single)} others"
    )
    WEIGHTS_FILE.write_text(
        json.dumps(
            {
                "weights": {n: round(float(w), 4) for n, w in zip(FEATURES, weights, strict=True)},
                "bias": round(bias, 4),
                "joins": joins,
                "encoder": encoder.name,
                "fitted_on": counted,
            },
            indent=2,
        )
        + "\n",
        "utf-8",
    )
    print(f"written: {WEIGHTS_FILE.name}; {counted}")
    return 0


# ---------------------------------------------------------------- questions, asked


def _assistant(encoder: Encoder, work: Path, folders: Sequence[Path]) -> Assistant:
    """Over an index of these folders alone."""
    shutil.rmtree(work / "knowledge", ignore_errors=True)
    for folder in folders:
        shutil.copytree(folder, work / "knowledge" / folder.name, ignore=shutil.ignore_patterns("*.jsonl"))
    build_index(work / "knowledge", work / "index", encoder)
    return Assistant(
        IndexStore(work / "index"), encoder, Ranker.from_file(), reranker=Reranker.load("default")
    )


def _wordings(
    lines: Sequence[dict],
    assistant: Assistant,
    encoder: Encoder,
    scoped: bool,  # type: ignore[type-arg]
) -> Iterator[Asked]:
    for line in track(lines, "scoped" if scoped else "among all"):
        for text in line["wordings"]:
            scope = line["notice"] if scoped and line["notice"] else None
            answer = assistant.ask(text, today=TODAY, notice_id=scope)
            if asked := _asked(text, line["notice"], line["group"], answer, assistant, encoder):
                yield asked


def _single_questions(
    notices: Sequence[str], folders: dict[str, Path], work: Path, encoder: Encoder
) -> Iterator[Asked]:
    assistant = _assistant(encoder, work / "others", [folders[n] for n in notices])
    for notice in track(notices, "others"):
        for line in (folders[notice] / "qa.jsonl").read_text("utf-8").split("\n"):
            if not line.strip():
                continue
            item = json.loads(line)
            answer = assistant.ask(item["question"], today=TODAY, notice_id=notice)
            # questions with one answer may be the same one; those without an answer are told apart by nothing
            if item["answers"] and (
                asked := _asked(item["question"], notice, item["answers"][0], answer, assistant, encoder)
            ):
                yield asked


def _asked(
    text: str, notice: str, group: str, answer: Answer, assistant: Assistant, encoder: Encoder
) -> Asked | None:
    titles = " ".join(assistant.index.notices[n].title for n in answer.notice_ids)
    wording = wording_of(text, TODAY, evidence_of(answer), titles)
    if wording is None:
        return None
    return Asked(notice, f"{notice}/{group}", wording, encoder.encode_queries([wording.words])[0])


# ---------------------------------------------------------------- the weights


def _rows(asked: Sequence[Asked]) -> Wordings:
    return Wordings([a.wording for a in asked], np.asarray([a.vector for a in asked]))


def _pairs(asked: Sequence[Asked], alike: bool = True) -> tuple[Floats, NDArray[np.bool_]]:
    """(features, whether both are wordings of one question) of every pair that is worth comparing.

    Without `alike` pairs of one answer are left out: nobody said whether they ask the same.
    """
    rows = _rows(asked)
    near = nearest_rows(rows.vectors, 30)
    pairs = {(min(i, j), max(i, j)) for i, found in enumerate(near.tolist()) for j in found if j >= 0}
    by_notice: dict[str, list[int]] = {}
    for row, each in enumerate(asked):
        by_notice.setdefault(each.notice, []).append(row)
    inside = {(i, j) for rows_ in by_notice.values() for k, i in enumerate(rows_) for j in rows_[k + 1 :]}
    chosen = sorted(pairs | inside) if alike else sorted(inside)
    groups = [a.group for a in asked]
    if not alike:
        chosen = [(i, j) for i, j in chosen if groups[i] != groups[j]]
    left, right = np.asarray(chosen, np.int64).T
    return rows.compare(left, right), np.asarray([groups[i] == groups[j] for i, j in chosen])


def _weights(pairs: Sequence[tuple[Floats, NDArray[np.bool_]]]) -> tuple[Floats, float]:
    """Weights and bias of a logistic model on the features as they are (scaling folded in)."""
    x = np.concatenate([features for features, _ in pairs])
    y = np.concatenate([same for _, same in pairs])
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(max_iter=5000).fit(scaler.transform(x), y)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - (scaler.mean_ * weights).sum())


def _measured(asked: Sequence[Asked], model: Likeness, thresholds: Sequence[float]) -> dict[float, Scores]:
    """How the groups of these wordings, coming in any order, agree with the true ones."""
    order = random.Random(0).sample(range(len(asked)), len(asked))
    asked = [asked[row] for row in order]
    rows = _rows(asked)
    near = nearest_rows(rows.vectors)
    size = len(asked)
    everyone = np.arange(size)
    scores, never = comparison(rows, model)(np.repeat(everyone, size), np.tile(everyone, size))

    def compare(left: Rows, right: Rows) -> tuple[Floats, NDArray[np.bool_]]:
        pairs = left * size + right
        return scores[pairs], never[pairs]

    true = [a.group for a in asked]
    return {t: scores_of(true, grouped([UNGROUPED] * size, near, compare, t).group_of) for t in thresholds}


def _middle_of_the_best(scores: dict[float, float]) -> float:
    """The threshold in the middle of those that score about as well as the best one."""
    good = [t for t, score in scores.items() if score > max(scores.values()) - 0.01]
    return min(scores, key=lambda t: (abs(t - (good[0] + good[-1]) / 2), t))


def _mean(scores: Sequence[Scores]) -> str:
    return "  ".join(
        f"{name} {np.mean([getattr(s, name) for s in scores]):.3f}"
        for name in ("bcubed_precision", "bcubed_recall", "bcubed_f1", "pairwise_f1")
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
