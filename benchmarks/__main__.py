"""Two corpora -> a report in Markdown: build time, question latency, memory, cold start, each beside its baselines.

    python -m benchmarks [--sources DIR] [--notices 1000] [--sample-build 90]

Everything that is compared is measured in turn, in the same minutes, so that other work on the machine weighs
on all alike: read the ratios first.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from benchmarks.corpus import make_corpus, read_sources
from benchmarks.processes import WorkerProcess, has_peer, seconds_of, worker_command
from benchmarks.questions import ABOUT_THE_REAL_NOTICE, GoldQuestion, chosen, read_gold
from bot.config import load_settings

TODAY = date(2026, 11, 22).isoformat()
ASKED = 200
"""Questions of a latency run."""
COLD_RUNS = 5
GROUP = 12
"""Made notices that are built at a time, in turn with the baselines."""
RECALL_NOTICES = 20
LATENCY_FACTOR, LATENCY_MS = 1.5, 10.0
BUILD_FACTOR = 1.2
COLD_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Corpus:
    """A knowledge folder with its indexes and what to ask of it."""

    name: str
    knowledge: Path
    index: Path
    peer_index: Path
    questions: tuple[tuple[str, str | None], ...]
    """(question, notice as scope or None)."""


class Bench:
    """One run: a work folder, the environment of every process, and the lines of the report."""

    def __init__(self, work: Path) -> None:
        settings = load_settings()
        self.work = work
        self.knowledge = settings.knowledge_dir
        self.with_peer = has_peer()
        self.environment = {
            **os.environ,
            "MODEL_CACHE_DIR": str(settings.model_cache_dir),
            "DATABASE_URL": f"sqlite:///{work / 'questions.db'}",
        }
        self.targets: list[tuple[str, float, float, str]] = []
        """(what, measured, limit, unit)"""

    def worker(self, kind: str) -> WorkerProcess:
        return WorkerProcess(kind, self.environment)

    def say(self, *lines: str) -> None:
        print("\n".join(lines), flush=True)

    def progress(self, what: str) -> None:
        print(f"… {what}", file=sys.stderr, flush=True)

    # ------------------------------------------------------------ build

    def build(self, name: str, folders: Sequence[Path], indexes: Sequence[Path], warm_texts: int) -> None:
        """Each folder built, encoded by the encoder alone, and indexed by the peer, in turn."""
        built, alone, peer, inside, chunks, encoded = [], [], [], [], 0, 0
        with ExitStack() as stack:
            product = stack.enter_context(self.worker("product"))
            product.call("warm", texts=["预热"] * warm_texts)
            rival = stack.enter_context(self.worker("peer")) if self.with_peer else None
            for position, (folder, index) in enumerate(zip(folders, indexes, strict=True)):
                self.progress(f"build {name}, {position + 1} of {len(folders)}")
                shutil.rmtree(index, ignore_errors=True)
                result = product.call("build", knowledge=str(folder), index=str(index))
                if rival and position == 0:  # loads its model
                    rival.call("build", index=str(index), peer_index=str(index / "peer"))
                built.append(result["s"])
                inside.append(result["inside_encoder_s"])
                chunks, encoded = chunks + result["chunks"], encoded + result["encoded"]
                alone.append(product.call("encode_built", index=str(index))["s"])
                if rival:
                    peer.append(rival.call("build", index=str(index), peer_index=str(index / "peer"))["s"])
            product_mb = product.call("memory")["mb"]
            peer_mb = rival.call("memory")["mb"] if rival else 0.0

        def row(what: str, seconds: Sequence[float], memory: str) -> str:
            each = 1000 * sum(seconds) / chunks
            ratio = sum(seconds) / sum(alone)
            return f"| {what} | {sum(seconds):.1f} | {each:.1f} | {ratio:.2f} | {_median_ratio(seconds, alone):.2f} | {memory} |"

        rounds = f"{len(folders)} builds, {chunks} chunks, {encoded} of them encoded (the others are repeats)"
        self.say("", f"**Build** ({rounds}; each followed by its baselines on the same passages)", "")
        self.say("| | s in all | ms a chunk | to the encoder alone | the same, median of builds | peak MB |")
        self.say("|---|--:|--:|--:|--:|--:|")
        self.say(row("encoder alone, `encode_passages`", alone, ""))
        self.say(row("`build_index`, from files to a published version", built, f"{product_mb:.0f}"))
        self.say(
            row("… of which outside the encoder", [b - i for b, i in zip(built, inside, strict=True)], "")
        )
        if rival:
            self.say(row("txtai, the same passages indexed and saved", peer, f"{peer_mb:.0f}"))
        for how, ratio in (
            ("in all", sum(built) / sum(alone)),
            ("median of builds", _median_ratio(built, alone)),
        ):
            self.targets.append((f"build, {name}, {how}", ratio, BUILD_FACTOR, "× the encoder alone"))

    # ------------------------------------------------------------ questions

    def latency(self, corpus: Corpus, label: str, questions: Sequence[tuple[str, str | None]]) -> None:
        """Every question to every side, in turn and in changing order; then what each process took of memory."""
        times: dict[str, list[tuple[float, float]]] = {
            key: [] for key in ("alone", "first", "again", "bare", "peer")
        }
        statuses: dict[str, int] = {}
        with ExitStack() as stack:
            product = stack.enter_context(self.worker("product"))
            bare = stack.enter_context(self.worker("bare"))
            rival = stack.enter_context(self.worker("peer")) if self.with_peer else None
            self.progress(f"questions, {corpus.name}, {label}")
            opened = product.call("open", index=str(corpus.index))
            if rival:
                rival.call("open", peer_index=str(corpus.peer_index))
                rival.call("search", question="预热")
            product.call("encode", question="预热")
            product.call("ask", question="预热", today=TODAY)
            bare.call("encode", question="预热")
            seen: set[str] = set()
            for number, (question, notice) in enumerate(islice(cycle(questions), ASKED)):
                alone = product.call("encode", question=question)["ms"] if number % 2 else 0.0
                asked = product.call("ask", question=question, today=TODAY, notice=notice)
                alone = alone or product.call("encode", question=question)["ms"]
                times["alone"].append((alone, alone))
                times["again" if question in seen else "first"].append((asked["ms"], alone))
                times["bare"].append((bare.call("encode", question=question)["ms"], alone))
                if rival and notice is None:
                    times["peer"].append((rival.call("search", question=question)["ms"], alone))
                statuses[asked["status"]] = statuses.get(asked["status"], 0) + 1
                seen.add(question)
            memory = (
                product.call("memory")["mb"],
                bare.call("memory")["mb"],
                rival.call("memory")["mb"] if rival else 0.0,
            )

        self.say("", f"**Questions, {label}** ({ASKED} asked, {len(seen)} of them different)", "")
        self.say(
            "| | p50 ms | p95 ms | the encoder alone then | ratio | peak MB |", "|---|--:|--:|--:|--:|--:|"
        )
        for what, key, mb in (
            ("encoder alone, `encode_queries`", "alone", 0.0),
            ("assistant, whole answer, asked for the first time", "first", memory[0]),
            ("assistant, the same question again", "again", 0.0),
            ("sentence-transformers, `encode`", "bare", memory[1]),
            ("txtai, ten passages and no answer", "peer", memory[2]),
        ):
            if times[key]:
                own, base = (_percentiles(side) for side in zip(*times[key], strict=True))
                self.say(
                    f"| {what} | {own[0]:.1f} | {own[1]:.1f} | {base[0]:.1f}, {base[1]:.1f} "
                    f"| {own[0] / base[0]:.2f}, {own[1] / base[1]:.2f} | {f'{mb:.0f}' if mb else ''} |"
                )
        for key, when in (("first", ""), ("again", ", again")):
            if times[key]:
                own, base = (_percentiles(side) for side in zip(*times[key], strict=True))
                for name, value, limit in zip(("p50", "p95"), own, base, strict=True):
                    what = f"question {name}, {corpus.name}, {label}{when}"
                    self.targets.append((what, value, LATENCY_FACTOR * limit + LATENCY_MS, "ms"))
        counted = ", ".join(
            f"{name} {count}" for name, count in sorted(statuses.items(), key=lambda item: -item[1])
        )
        self.say("", f"Index loaded in {opened['s']:.2f} s. Statuses: {counted}.")

    # ------------------------------------------------------------ cold start

    def cold(self, corpus: Corpus) -> None:
        """Fresh processes in turn, the first round not counted: it warms the disk cache."""
        environment = {
            **self.environment,
            "KNOWLEDGE_DIR": str(corpus.knowledge),
            "INDEX_DIR": str(corpus.index),
        }
        question = corpus.questions[0][0]
        open_and_search = f'{{"do": "open", "peer_index": "{corpus.peer_index}"}}\n{{"do": "search", "question": "{question}"}}\n'
        commands = {
            "`python -m bot ask`": ([sys.executable, "-m", "bot", "ask", question], ""),
            "sentence-transformers imported, the model loaded": (
                [sys.executable, "-c", "from benchmarks.workers import bare_model; bare_model()"], "",
            ),
        }  # fmt: skip
        if self.with_peer:
            commands["txtai loaded, one search"] = (worker_command("peer"), open_and_search)
        seconds: dict[str, list[float]] = {what: [] for what in commands}
        for run in range(COLD_RUNS + 1):
            self.progress(f"cold start, {corpus.name}, {run} of {COLD_RUNS}")
            for what, (command, stdin) in commands.items():
                took = seconds_of(command, environment, stdin)
                if run:
                    seconds[what].append(took)
        self.say("", f"**Cold start** (a fresh process, warm disk cache, median of {COLD_RUNS})", "")
        self.say("| | s | fastest | slowest |", "|---|--:|--:|--:|")
        for what, values in seconds.items():
            self.say(f"| {what} | {statistics.median(values):.2f} | {min(values):.2f} | {max(values):.2f} |")
        own = statistics.median(seconds["`python -m bot ask`"])
        self.targets.append((f"cold ask, {corpus.name}", own, COLD_SECONDS, "s"))

    # ------------------------------------------------------------ recall

    def recall(self, sources: Path, gold: Sequence[GoldQuestion]) -> None:
        """How often a gold clause is among the first passages, each question asked of its own notice."""
        every = sorted({question.notice_id for question in gold})
        notices = every[:: max(1, len(every) // RECALL_NOTICES)][:RECALL_NOTICES]
        knowledge, index = self.work / "recall", self.work / "recall-index"
        for folder in (knowledge, index):
            shutil.rmtree(folder, ignore_errors=True)
        for notice in notices:
            shutil.copytree(sources / notice, knowledge / notice, ignore=shutil.ignore_patterns("*.jsonl"))
        self.progress("recall")
        ranks: dict[str, list[int]] = {"product": [], "peer": []}
        with ExitStack() as stack:
            product = stack.enter_context(self.worker("product"))
            product.call("build", knowledge=str(knowledge), index=str(index))
            product.call("open", index=str(index))
            product.call("export_chunks", index=str(index))
            rival = stack.enter_context(self.worker("peer")) if self.with_peer else None
            if rival:
                rival.call("build_by_notice", index=str(index))
            for question in (q for q in gold if q.notice_id in notices and q.evidence):
                right = product.call("gold_chunks", notice=question.notice_id, evidence=question.evidence)[
                    "ids"
                ]
                scope = {"question": question.text, "notice": question.notice_id}
                ranks["product"].append(_rank(product.call("passages", today=TODAY, **scope)["ids"], right))
                if rival:
                    ranks["peer"].append(_rank(rival.call("passages", **scope)["ids"], right))
        self.say(
            "", f"## Retrieval: {len(notices)} notices, {len(ranks['product'])} answerable questions", ""
        )
        self.say("| a gold clause is among the first | 1 | 3 | 10 |", "|---|--:|--:|--:|")
        for what, key in (
            ("assistant", "product"),
            ("txtai, dense only, the same chunks and encoder", "peer"),
        ):
            if ranks[key]:
                shares = (np.mean([rank <= k for rank in ranks[key]]) for k in (1, 3, 10))
                self.say(f"| {what} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")

    def verdict(self) -> None:
        self.say("", "## Targets", "", "| | measured | limit | |", "|---|--:|--:|---|")
        for what, value, limit, unit in self.targets:
            met = "met" if value < limit else "**missed**"
            self.say(f"| {what} | {value:.2f} | {limit:.2f} {unit} | {met} |")


def _rank(found: Sequence[str], right: Sequence[str]) -> int:
    """Place of the first right id, from 1; far behind where there is none."""
    return next((place for place, chunk_id in enumerate(found, 1) if chunk_id in right), 1_000_000)


def _median_ratio(values: Sequence[float], bases: Sequence[float]) -> float:
    return statistics.median(value / base for value, base in zip(values, bases, strict=True))


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    p50, p95 = np.percentile(values, [50, 95])
    return float(p50), float(p95)


def _machine() -> str:
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("torch", "sentence-transformers", "numpy", "faiss-cpu")
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {packages}; load average {load}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--sources",
        type=Path,
        help="notices to vary, a folder each, with or without qa.jsonl (default: the knowledge folder)",
    )
    parser.add_argument("--notices", type=int, default=1000, help="notices of the made corpus (default 1000)")
    parser.add_argument(
        "--sample-build",
        type=int,
        default=90,
        metavar="M",
        help="made notices that are encoded for real (default 90)",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("var/benchmarks"),
        help="where corpora and indexes go (default var/benchmarks)",
    )
    options = parser.parse_args(argv)
    if not 1 <= options.sample_build <= options.notices:
        parser.error("--sample-build must be from 1 to --notices")

    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(work)
    peer = (
        f"txtai {version('txtai')}"
        if bench.with_peer
        else "not installed (pip install -r benchmarks/requirements.txt)"
    )
    bench.say(f"Machine: {_machine()}.", f"Peer: {peer}.")

    runs = 5
    real = Corpus(
        "knowledge/", bench.knowledge, work / f"real-{runs - 1}", work / f"real-{runs - 1}" / "peer",
        tuple((question, None) for question in ABOUT_THE_REAL_NOTICE),
    )  # fmt: skip
    bench.say("", f"## This corpus: {bench.knowledge.name}/")
    bench.build(real.name, [bench.knowledge] * runs, [work / f"real-{run}" for run in range(runs)], 1)
    bench.latency(real, "over all notices", real.questions)
    bench.cold(real)

    sources_folder = options.sources or bench.knowledge
    sources = read_sources(sources_folder)
    gold = read_gold(sources_folder)
    made_of = make_corpus(sources, options.notices, options.seed, work / "made")
    bench.say(
        "", f"## Made corpus: {options.notices} notices, varied from {len(sources)} (seed {options.seed})"
    )
    samples, indexes = _sample(work, list(made_of)[: options.sample_build])
    bench.build(f"{options.sample_build} made notices", samples, indexes, 300)
    made = _made_corpus(bench, options.notices, indexes, _made_questions(gold, made_of, options.seed))
    bench.latency(made, "over all notices", [(question, None) for question, _ in made.questions])
    bench.latency(made, "one notice as scope", made.questions)
    bench.cold(made)
    if gold:
        bench.recall(sources_folder, gold)
    bench.verdict()
    bench.say("", f"Load average at the end: {', '.join(f'{value:.1f}' for value in os.getloadavg())}.")
    return 0


def _sample(work: Path, names: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """Made notices copied into knowledge folders of a group each, and the folders of their indexes."""
    shutil.rmtree(work / "sample", ignore_errors=True)
    for position, name in enumerate(names):
        shutil.copytree(work / "made" / name, work / "sample" / str(position // GROUP) / name)
    groups = sorted((work / "sample").iterdir(), key=lambda path: int(path.name))
    return groups, [work / f"sample-index-{group.name}" for group in groups]


def _made_corpus(
    bench: Bench, notices: int, sample_indexes: Sequence[Path], questions: tuple[tuple[str, str | None], ...]
) -> Corpus:
    """The made corpus indexed whole: real but for its vectors, which are the sample's, moved a little."""
    index = bench.work / "made-index"
    shutil.rmtree(index, ignore_errors=True)
    corpus = Corpus(f"{notices} notices", bench.work / "made", index, index / "peer", questions)
    bench.progress(f"build {notices} notices with vectors made of the sample's")
    with bench.worker("product") as product:
        encoded = [str(path) for path in sample_indexes]
        result = product.call(
            "build_standing_in", knowledge=str(corpus.knowledge), index=str(index), encoded=encoded
        )
        product.call("export_vectors", index=str(index))
        memory = product.call("memory")["mb"]
    bench.say(
        "",
        f"All {notices} notices: {result['chunks']} chunks. The vectors are made: each is that of the sample's passage that "
        f"says the same but for names and numbers, moved a little ({result['strangers']} of {result['encoded']} had none and got "
        "another's). Latency at this size does not depend on what exactly the vectors say; reading, chunks, facts, word "
        "index, store, retrieval and answers are real. "
        f"Everything but the encoding took {result['s']:.1f} s, {1000 * result['s'] / result['chunks']:.2f} ms a chunk, "
        f"peak {memory:.0f} MB.",
    )
    if bench.with_peer:
        with bench.worker("peer") as peer:
            peer.call("build_of_vectors", index=str(index), peer_index=str(corpus.peer_index))
    return corpus


def _made_questions(
    gold: Sequence[GoldQuestion], made_of: dict[str, str], seed: int
) -> tuple[tuple[str, str | None], ...]:
    """Questions with a made notice each as scope: the gold ones with a notice of their source, else the forty."""
    if not gold:
        return tuple(zip(ABOUT_THE_REAL_NOTICE, cycle(made_of), strict=False))
    made_from = {source: name for name, source in made_of.items()}
    asked = chosen([question for question in gold if question.notice_id in made_from], ASKED // 2, seed)
    return tuple((question.text, made_from[question.notice_id]) for question in asked)


if __name__ == "__main__":
    sys.exit(main())
