"""How well and how fast the questions of a log are grouped, beside clustering of plain vectors.

    python -m benchmarks.grouping LOG_DIR --notices DIR [--scale 100000]

LOG_DIR holds `log.jsonl` ({"asked_at", "user", "channel", "question", "cluster" or null} a line) and
`clusters.json` ({slug: {"question", "answerable", "notice"}}). Every question is asked of an index of the
notices that the clusters name, logged, and grouped by the product; `cluster` null is a question of its own.
B-cubed and pairwise scores are printed for all questions and for those of a cluster, for:

  product                  bot.questions, as shipped
  product, no answers      the same without what the questions were answered from
  agglomerative            average linkage on the encoder's cosines, threshold chosen on training/question_groups.jsonl
  agglomerative, oracle    the threshold that is best for this very log: no one could know it
  HDBSCAN                  scikit-learn's, min_cluster_size 2 (its best here), noise alone

`--scale` adds the time for a log of so many questions, and for a thousand more (see `_scaled`).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN, AgglomerativeClustering
from sqlalchemy import insert

from benchmarks.grouping_scores import Scores, scores_of
from bot.assistant import Assistant
from bot.config import load_settings
from bot.embedding import Encoder, Vectors, load_encoder
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.question import understand
from bot.questions.database import open_database, questions
from bot.questions.groups import GroupStore
from bot.questions.log import QuestionLog
from bot.ranking import Ranker
from bot.reranking import Reranker
from bot.today import day_in_china

TRAINING = Path(__file__).resolve().parent.parent / "training" / "question_groups.jsonl"
THRESHOLDS = np.linspace(0.40, 0.99, 119)
HEADS = ("请问", "你好，", "想问下", "麻烦问一下，", "急！", "老师，", "再问一个：", "")
TAILS = ("谢谢", "呀", "（急）", "，谢谢老师", "？？", "，在线等", "")
RATED = 400
"""Questions that are encoded to tell how long one takes."""
ALWAYS = (datetime(2000, 1, 1).astimezone(), datetime(2100, 1, 1).astimezone())


@dataclass(frozen=True)
class Line:
    asked_at: datetime
    user: str
    channel: str
    question: str
    cluster: str
    """`alone 17` for a question without a cluster."""


class KeptEncoder:
    """The given encoder, which encodes every question once in this run and counts the seconds."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._kept: dict[str, NDArray[np.float32]] = {}
        self.name, self.dimension = encoder.name, encoder.dimension
        self.encode_passages = encoder.encode_passages
        self.seconds = 0.0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        started = time.perf_counter()
        new = list(dict.fromkeys(text for text in texts if text not in self._kept))
        self._kept.update(zip(new, self._encoder.encode_queries(new), strict=True))
        self.seconds += time.perf_counter() - started
        return np.asarray([self._kept[text] for text in texts], np.float32).reshape(-1, self.dimension)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", type=Path)
    parser.add_argument("--notices", type=Path, required=True)
    parser.add_argument("--scale", type=int, default=0)
    options = parser.parse_args(arguments)
    settings = load_settings()
    encoder = KeptEncoder(load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads))
    lines = _lines(options.log / "log.jsonl")
    clusters = json.loads((options.log / "clusters.json").read_text("utf-8"))
    notices = sorted({c["notice"] for c in clusters.values() if c["notice"]})
    with tempfile.TemporaryDirectory() as folder:
        assistant = _assistant(Path(folder), [options.notices / name for name in notices], encoder)
        titles = {notice.id: notice.title for notice in assistant.notices()}
        ids = _logged(lines, assistant, f"sqlite:///{folder}/log.db")
        _print("product", lines, _found(f"sqlite:///{folder}/log.db", ids, encoder, titles))
        _blank(f"sqlite:///{folder}/log.db", f"sqlite:///{folder}/blank.db")
        _print("product, no answers", lines, _found(f"sqlite:///{folder}/blank.db", ids, encoder, {}))
        _baselines(lines, encoder)
        _weeks(lines, f"sqlite:///{folder}/log.db", f"sqlite:///{folder}/weeks.db", ids, encoder, titles)
        if options.scale:
            _scaled(
                f"sqlite:///{folder}/log.db", f"sqlite:///{folder}/scale.db", options.scale, encoder, titles
            )
    return 0


def _lines(path: Path) -> list[Line]:
    items = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return [
        Line(
            datetime.fromisoformat(item["asked_at"]),
            item["user"],
            item["channel"],
            item["question"],
            item["cluster"] or f"alone {number}",
        )
        for number, item in enumerate(items)
    ]


def _assistant(work: Path, folders: Sequence[Path], encoder: Encoder) -> Assistant:
    for folder in folders:
        ignored = shutil.ignore_patterns("*.jsonl")
        shutil.copytree(folder, work / "knowledge" / folder.name, ignore=ignored)
    build_index(work / "knowledge", work / "index", encoder)
    return Assistant(
        IndexStore(work / "index"), encoder, Ranker.from_file(), reranker=Reranker.load("default")
    )


def _logged(lines: Sequence[Line], assistant: Assistant, url: str) -> list[str]:
    log = QuestionLog.open(url)
    return [
        log.record(
            assistant.ask(line.question, today=day_in_china(line.asked_at)),
            channel=line.channel,
            user=line.user,
            asked_at=line.asked_at,
        )
        for line in lines
    ]


def _rows(url: str) -> list[dict[str, Any]]:
    with open_database(url).engine.connect() as connection:
        return [dict(row) for row in connection.execute(questions.select()).mappings()]


def _blank(url: str, blank: str) -> None:
    """The same log, as if nothing had been answered."""
    empty = {"notice_ids": [], "citations": [], "passages": [], "answer": "", "status": "not_found"}
    rows = [{**row, **(empty if row["status"] != "greeting" else {})} for row in _rows(url)]
    with open_database(blank).engine.begin() as connection:
        connection.execute(insert(questions), rows)


def _found(url: str, ids: Sequence[str], encoder: Encoder, titles: dict[str, str]) -> list[str]:
    store = GroupStore(open_database(url), encoder)
    store.refresh(titles)
    group_of = store.group_ids(*ALWAYS)
    return [group_of.get(question_id, f"alone {question_id}") for question_id in ids]


def _print(name: str, lines: Sequence[Line], found: Sequence[object]) -> None:
    true = [line.cluster for line in lines]
    named = [row for row, cluster in enumerate(true) if not cluster.startswith("alone ")]
    every = scores_of(true, [str(f) for f in found])
    clustered = scores_of([true[row] for row in named], [str(found[row]) for row in named])
    print(f"{name:24} all {_words(every)}   of a cluster {_words(clustered)}", flush=True)


def _words(scores: Scores) -> str:
    return (
        f"B-cubed P {scores.bcubed_precision:.3f} R {scores.bcubed_recall:.3f} F1 {scores.bcubed_f1:.3f} "
        f"pairwise F1 {scores.pairwise_f1:.3f} groups {scores.groups}"
    )


# ---------------------------------------------------------------- baselines


def _baselines(lines: Sequence[Line], encoder: Encoder) -> None:
    true = [line.cluster for line in lines]
    vectors = _vectors([(line.question, line.asked_at) for line in lines], encoder)
    texts = [json.loads(line) for line in TRAINING.read_text("utf-8").split("\n") if line]
    wordings = [(w, f"{t['notice']}/{t['group']}") for t in texts for w in t["wordings"]]
    beside = _vectors([(w, ALWAYS[0]) for w, _ in wordings], encoder)
    groups = [group for _, group in wordings]
    chosen = max(THRESHOLDS, key=lambda t: scores_of(groups, _linked(beside, t)).bcubed_f1)
    _print("agglomerative", lines, _linked(vectors, chosen))
    best = max(THRESHOLDS, key=lambda t: scores_of(true, _linked(vectors, t)).bcubed_f1)
    _print("agglomerative, oracle", lines, _linked(vectors, best))
    apart = np.clip(1 - vectors.astype(np.float64) @ vectors.T, 0, None)
    found = HDBSCAN(min_cluster_size=2, metric="precomputed", copy=True).fit_predict(apart)
    _print("HDBSCAN", lines, [f"noise {n}" if label < 0 else label for n, label in enumerate(found.tolist())])


def _vectors(asked: Sequence[tuple[str, datetime]], encoder: Encoder) -> Vectors:
    words = [understand(text, today=day_in_china(at)).normalised for text, at in asked]
    return encoder.encode_queries(words)


def _linked(vectors: Vectors, threshold: float) -> list[int]:
    model = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - float(threshold)
    )
    labels: list[int] = model.fit_predict(vectors).tolist()
    return labels


# ---------------------------------------------------------------- week by week


def _weeks(
    lines: Sequence[Line], url: str, weekly: str, ids: Sequence[str], encoder: Encoder, titles: dict[str, str]
) -> None:
    """Groups the log a week at a time and says how far that differs from grouping it all at once."""
    rows = {row["id"]: row for row in _rows(url)}
    database = open_database(weekly)
    store = GroupStore(database, encoder)
    first = min(line.asked_at for line in lines)
    weeks = [(line.asked_at - first) // timedelta(days=7) for line in lines]
    kept, moved, before = 0, 0, dict[str, str]()
    for week in range(max(weeks) + 1):
        new = [rows[question_id] for question_id, w in zip(ids, weeks, strict=True) if w == week]
        if new:
            with database.engine.begin() as connection:
                connection.execute(insert(questions), new)
        store.refresh(titles)
        now = store.group_ids(*ALWAYS)
        for question_id, group_id in before.items():
            stays = store.resolve(group_id) == now.get(question_id)
            kept, moved = kept + stays, moved + (not stays)
        before = now
    found = [before.get(question_id, f"alone {question_id}") for question_id in ids]
    at_once = GroupStore(open_database(url), encoder).group_ids(*ALWAYS)
    whole = [at_once.get(question_id, f"alone {question_id}") for question_id in ids]
    agree = scores_of(whole, found)
    _print("product, week by week", lines, found)
    print(
        f"week by week against all at once: B-cubed F1 {agree.bcubed_f1:.3f}; from one week to the next "
        f"{kept} of {kept + moved} questions kept their group's id ({kept / (kept + moved):.1%})"
    )


# ---------------------------------------------------------------- scale


def _scaled(url: str, scaled: str, count: int, encoder: KeptEncoder, titles: dict[str, str]) -> None:
    """Times a log of `count` questions and a thousand more.

    Two in three questions repeat the words of an earlier one; the others are a question of the log with polite
    words and a number, whose vector is the question's own, moved by chance to a cosine of 0.97: encoding so
    many takes most of an hour, and is reported by its rate.
    """
    drawn = random.Random(1)
    rows = _rows(url)
    start = min(row["asked_at"] for row in rows)
    made: list[dict[str, Any]] = []
    like: dict[str, str] = {}
    for number in range(count + 1000):
        if made and drawn.random() < 2 / 3:
            row = drawn.choice(made)
        else:
            row = drawn.choice(rows)
            words = f"{drawn.choice(HEADS)}{row['question']}{drawn.choice(TAILS)} {number}"
            like[_normalised(words)] = _normalised(row["question"])
            row = {**row, "question": words}
        made.append({**row, "id": f"s{number:08d}", "asked_at": start + timedelta(seconds=40 * number)})
    moved = _MovedEncoder(encoder, like)
    database = open_database(scaled)
    store = GroupStore(database, moved)
    for part in (made[:count], made[count:]):
        with database.engine.begin() as connection:
            for at in range(0, len(part), 5000):
                connection.execute(insert(questions), part[at : at + 5000])
        moved.seconds, started = 0.0, time.perf_counter()
        done = store.refresh(titles)
        seconds = time.perf_counter() - started - moved.seconds
        print(
            f"{done.questions} questions in {done.wordings} new wordings, {done.groups} new groups: {seconds:.1f} s, "
            f"and {done.wordings * _rate(encoder):.0f} s to encode the wordings",
            flush=True,
        )


def _normalised(text: str) -> str:
    return understand(text, today=ALWAYS[0].date()).normalised


def _rate(encoder: KeptEncoder) -> float:
    """Seconds for one question."""
    started = encoder.seconds
    encoder.encode_queries([f"第{number}家企业什么时候截止申报" for number in range(RATED)])
    return (encoder.seconds - started) / RATED


class _MovedEncoder:
    """Stands in for the encoding of made questions: the vector of the question it is made of, moved by chance."""

    def __init__(self, encoder: KeptEncoder, like: dict[str, str]) -> None:
        self._encoder = encoder
        self._like = like
        self.name, self.dimension = encoder.name, encoder.dimension
        self.encode_passages = encoder.encode_passages
        self.seconds = 0.0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        started = time.perf_counter()
        own = self._encoder.encode_queries([self._like.get(text, text) for text in texts])
        noise = np.random.default_rng(len(texts)).standard_normal(own.shape, np.float32)
        moved = own + noise * np.float32(0.25 / np.sqrt(self.dimension))
        vectors: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        self.seconds += time.perf_counter() - started
        return vectors


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
