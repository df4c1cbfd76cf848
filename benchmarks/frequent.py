"""A question log with its clusters -> how precisely approved FAQ entries catch what they answer, and nothing else.

    python -m benchmarks.frequent DATA_DIR

DATA_DIR holds `questionlog/` (log.jsonl, clusters.json) and `notices/`. The wordings of each answerable cluster
are split in half by their digest: one half makes an approved entry whose answer is the one given today, the
other half is asked, with every question of the log that belongs to no such cluster. An entry that catches a
question of its own cluster is right; anything else it catches is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.assistant import Assistant
from bot.config import load_settings
from bot.datamodels import AnswerStatus
from bot.documents.library import FAQ_FOLDER
from bot.embedding import load_encoder
from bot.faq_markdown import page_to_markdown
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.questions.drafts import draft_entry
from bot.ranking import Ranker
from bot.reranking import Reranker

APPROVED_ON = date(2025, 5, 1)
"""Also the day of asking: within the period of the log."""
LEAST_WORDINGS = 3


@dataclass(frozen=True)
class Cluster:
    id: str
    notice_id: str
    wordings: tuple[str, ...]
    asked: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--show", action="store_true", help="print what was caught wrongly")
    options = parser.parse_args(arguments)
    clusters, others = read_log(options.data / "questionlog")
    settings = load_settings()
    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    with TemporaryDirectory() as folder:
        knowledge, root = Path(folder) / "knowledge", Path(folder) / "index"
        for notice_id in {cluster.notice_id for cluster in clusters}:
            source = options.data / "notices" / notice_id
            shutil.copytree(source, knowledge / notice_id, ignore=shutil.ignore_patterns("*.jsonl"))
        build_index(knowledge, root, encoder)
        assistant = Assistant(
            IndexStore(root), encoder, Ranker.from_file(), reranker=Reranker.load("default")
        )
        (knowledge / FAQ_FOLDER).mkdir()
        owners = _approve(clusters, assistant, knowledge / FAQ_FOLDER)
        build_index(knowledge, root, encoder)
        assistant = Assistant(
            IndexStore(root), encoder, Ranker.from_file(), reranker=Reranker.load("default")
        )
        report(clusters, others, owners, assistant, show=options.show)
    return 0


def read_log(folder: Path) -> tuple[list[Cluster], list[str]]:
    """(answerable clusters with enough wordings, all other questions)."""
    about = json.loads((folder / "clusters.json").read_text("utf-8"))
    wordings: dict[str | None, dict[str, None]] = defaultdict(dict)
    for line in (folder / "log.jsonl").read_text("utf-8").split("\n"):
        if line.strip():
            item = json.loads(line)
            wordings[item["cluster"]].setdefault(item["question"])
    clusters, others = [], []
    for name, found in wordings.items():
        of_notice = about[name]["notice"] if name else None
        in_order = sorted(found, key=lambda words: hashlib.sha256(words.encode()).hexdigest())
        if name and of_notice and about[name]["answerable"] and len(found) >= LEAST_WORDINGS:
            half = (len(found) + 1) // 2
            clusters.append(Cluster(name, of_notice, tuple(in_order[:half]), tuple(in_order[half:])))
        else:
            others += in_order
    return clusters, others


def _approve(clusters: Sequence[Cluster], assistant: Assistant, folder: Path) -> dict[str, str]:
    """Writes an approved page a cluster; the text of each answer with the cluster that it belongs to."""
    owners = {}
    for cluster in clusters:
        answer = assistant.ask(cluster.wordings[0], today=APPROVED_ON, notice_id=cluster.notice_id)
        for words in cluster.wordings[1:]:
            if answer.status is AnswerStatus.ANSWERED:
                break
            answer = assistant.ask(words, today=APPROVED_ON, notice_id=cluster.notice_id)
        entry = draft_entry(cluster.id, cluster.wordings[0], cluster.wordings[1:], answer, assistant.index)
        if not entry.answer:
            continue
        name = cluster.id.replace("_", " ").translate(str.maketrans("0123456789", "ABCDEFGHIJ"))
        entry = replace(
            entry,
            answer=f"{entry.answer}\n（{name}）",
            approved_on=APPROVED_ON,
            approved_by="benchmark",
        )
        (folder / f"{cluster.id}.md").write_text(page_to_markdown(entry), "utf-8")
        owners[f"（{name}）"] = cluster.id
    return owners


def report(
    clusters: Sequence[Cluster],
    others: Sequence[str],
    owners: dict[str, str],
    assistant: Assistant,
    *,
    show: bool,
) -> None:
    """Prints how many questions were caught, rightly and wrongly."""
    usable = set(owners.values())
    asked = [(words, c.id) for c in clusters for words in c.asked] + [(words, "") for words in others]
    right = wrong = possible = 0
    for words, cluster_id in asked:
        possible += cluster_id in usable
        answer = assistant.ask(words, today=APPROVED_ON)
        if answer.status is not AnswerStatus.ANSWERED_FAQ:
            continue
        caught = next(owners[name] for name in owners if name in answer.text)
        if caught == cluster_id:
            right += 1
        else:
            wrong += 1
            if show:
                print(f"  {words} ({cluster_id or 'no cluster'}) -> {caught}")
    print(f"entries {len(usable)}, questions {len(asked)}, of which {possible} have an entry")
    print(
        f"caught rightly {right}, wrongly {wrong}: precision {right / max(1, right + wrong):.3f}, "
        f"recall {right / max(1, possible):.3f}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
