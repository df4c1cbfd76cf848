"""A folder of notices with gold questions -> figures: what is found, answered rightly, refused rightly, and wrong.

Two forms: folders with a `qa.jsonl`, each question asked with its notice as scope; and a corpus with a
`series_qa.jsonl`, where finding the right notice is part of the question.

*Right*: the answer's text holds every gold answer, and its first or second citation overlaps a gold clause.
*Refused rightly*: an unanswerable question gets a refusal. *Wrong fact*: a date, number or phone of the answer
that stands in no cited clause. *Not literal*: a quotation that is not in the document.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bot.assistant import Assistant
from bot.citations import check_facts
from bot.config import load_settings
from bot.datamodels import Answer, BlockKind, ChunkKind
from bot.embedding import load_encoder
from bot.errors import FactLockError, SettingsError
from bot.index.building import build_index
from bot.index.store import Index, IndexStore
from bot.ranking import Ranker
from bot.rendering import to_plain
from bot.reranking import Reranker

SHOWN_GROUPS = ("type", "style")


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    id: str
    text: str
    answerable: bool
    answers: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]
    """(document id, literal text) of each gold clause."""
    today: date
    notice_id: str | None
    history: tuple[str, ...]
    groups: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    question: GoldQuestion
    status: str
    right: bool
    refused: bool
    rank: int | None
    """Place of the first gold passage among those read, from 1; None where it is not among them."""
    wrong_fact: bool
    not_literal: bool
    characters: int
    """Of the answer before its quotes."""
    citations: int
    took_ms: float
    answer: str


def gold_questions(folder: Path, today: date) -> list[GoldQuestion]:
    """Gold questions of a folder in either form. Raises SettingsError where there are none."""
    found = []
    for file in sorted(folder.rglob("*qa.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").split("\n"), 1):
            if line.strip():
                item = json.loads(line)
                scoped = file.name == "qa.jsonl"
                scope = file.parent.name if scoped else None
                found.append(
                    GoldQuestion(
                        id=f"{file.relative_to(folder)}:{number}",
                        text=item["question"],
                        answerable=item["answerable"],
                        answers=tuple(item["answers"]),
                        evidence=tuple(
                            (f"{scope or e.get('notice')}/{e['file']}", e["text"]) for e in item["evidence"]
                        ),
                        today=date.fromisoformat(item["today"]) if "today" in item else today,
                        notice_id=scope,
                        history=tuple(item.get("history") or ()),
                        groups={key: str(item[key]) for key in SHOWN_GROUPS if key in item},
                    )
                )
    if not found:
        raise SettingsError(f"{folder} 里没有 qa.jsonl 或 series_qa.jsonl。")
    return found


def judge(gold: GoldQuestion, answer: Answer, index: Index) -> Outcome:
    """What one answer is worth."""
    text = to_plain(answer)
    gold_spans = []
    for file, words in gold.evidence:
        for document in index.documents.values():
            at = document.text.find(words) if file in {document.id, document.file} else -1
            if at >= 0:
                gold_spans.append((document.id, at, at + len(words)))

    def is_gold(document_id: str, start: int, end: int) -> bool:
        return any(d == document_id and s < end and start < e for d, s, e in gold_spans)

    rank = next(
        (
            place
            for place, p in enumerate(answer.passages, 1)
            if p.chunk.kind is not ChunkKind.HEADER
            and is_gold(p.chunk.document_id, p.chunk.start, p.chunk.end)
        ),
        None,
    )
    cited = any(is_gold(c.document_id, c.start, c.end) for c in answer.citations[:2])
    quotes = "\n".join(c.quote for c in answer.citations)
    holds = all(a in text or a in quotes or _key(a) in _key(text) for a in gold.answers)
    try:
        check_facts(answer.blocks, answer.citations)
        wrong = False
    except FactLockError:
        wrong = True
    body = [b for b in answer.blocks if b.kind is not BlockKind.RELATED]
    return Outcome(
        question=gold,
        status=str(answer.status),
        right=gold.answerable and not answer.status.abstained and holds and cited,
        refused=answer.status.abstained,
        rank=rank,
        wrong_fact=wrong,
        not_literal=any(
            index.documents[c.document_id].text[c.start : c.end] != c.quote for c in answer.citations
        ),
        characters=sum(len(b.text) for b in body),
        citations=len(answer.citations),
        took_ms=answer.took_ms,
        answer=text,
    )


def _key(text: str) -> str:
    return re.sub(r"\s|\|", "", text)


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The figures, a line each, over all and by group."""
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups["", "all"].append(outcome)
        for key, value in outcome.question.groups.items():
            groups[key, value].append(outcome)
    yield f"{'':24}{'n':>6}{'right':>8}{'refused':>9}{'false':>8}{'R@1':>7}{'R@3':>7}{'R@10':>7}"
    yield f"{'':24}{'':6}{'':8}{'rightly':>9}{'refusal':>8}"
    for (key, value), members in sorted(groups.items()):
        yield _row(f"{key} {value}".strip(), members)
    answered = [o for o in outcomes if not o.refused]
    yield f"wrong facts {sum(o.wrong_fact for o in outcomes)}, quotations not literal {sum(o.not_literal for o in outcomes)}"
    if answered:
        yield (
            f"answer before its quotes: median {statistics.median(o.characters for o in answered):.0f} characters, "
            f"citations: median {statistics.median(o.citations for o in answered):.0f}, "
            f"more than three: {sum(o.citations > 3 for o in answered)}"
        )
    times = sorted(o.took_ms for o in outcomes)
    yield f"time: p50 {times[len(times) // 2]:.0f} ms, p95 {times[int(len(times) * 0.95)]:.0f} ms"
    yield "statuses: " + ", ".join(f"{s} {n}" for s, n in Counter(o.status for o in outcomes).most_common())


def _row(name: str, members: Sequence[Outcome]) -> str:
    yes = [o for o in members if o.question.answerable]
    no = [o for o in members if not o.question.answerable]

    def share(flags: Iterable[bool]) -> str:
        flags = list(flags)
        return f"{sum(flags) / len(flags):.3f}" if flags else "-"

    def recall(k: int) -> str:
        return share(o.rank is not None and o.rank <= k for o in yes)

    return (
        f"{name:24}{len(members):6}{share(o.right for o in yes):>8}{share(o.refused for o in no):>9}"
        f"{share(o.refused for o in yes):>8}{recall(1):>7}{recall(3):>7}{recall(10):>7}"
    )


def evaluate(
    assistant: Assistant, questions: Sequence[GoldQuestion], advance: Callable[[], None] = lambda: None
) -> list[Outcome]:
    """Every question asked and judged. Raises SettingsError where the index does not hold their notices."""
    known = set(assistant.index.notices)
    missing = {q.notice_id for q in questions if q.notice_id is not None} - known
    if missing:
        raise SettingsError(
            f"这些通知没有读出来：{'、'.join(sorted(missing)[:5])}。请用 python index_builder.py --check 查看原因。"
        )
    outcomes = []
    for question in questions:
        answer = assistant.ask(
            question.text, today=question.today, history=question.history, notice_id=question.notice_id
        )
        outcomes.append(judge(question, answer, assistant.index))
        advance()
    return outcomes


def save(outcomes: Sequence[Outcome], path: Path) -> None:
    """One JSON object a question, so that two runs can be compared."""
    lines = [
        json.dumps(
            {"id": o.question.id, "question": o.question.text, "right": o.right, "refused": o.refused, "rank": o.rank,
             "answerable": o.question.answerable, "status": o.status, "answer": o.answer, "gold": o.question.answers},
            ensure_ascii=False,
        )
        for o in outcomes
    ]  # fmt: skip
    path.write_text("\n".join(lines) + "\n", "utf-8")


def compare(outcomes: Sequence[Outcome], path: Path) -> Iterator[str]:
    """Questions whose outcome differs from a saved run."""
    before = {}
    for line in path.read_text("utf-8").split("\n"):
        if line.strip():
            item = json.loads(line)
            before[item["id"]] = item["right"] if item["answerable"] else item["refused"]
    won: list[Outcome] = []
    lost: list[Outcome] = []
    for o in outcomes:
        good = o.right if o.question.answerable else o.refused
        if o.question.id in before and before[o.question.id] != good:
            (won if good else lost).append(o)
    yield f"better {len(won)}, worse {len(lost)}"
    yield from (f"  + {o.question.id} {o.question.text}" for o in won)
    yield from (f"  - {o.question.id} {o.question.text} -> {o.answer[:120]!r}" for o in lost)


def main(argv: Sequence[str]) -> int:
    """`python -m bot evaluate DIR`: indexes the folder, asks every question, prints the figures; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bot evaluate",
        description="在带答案的问题集上评测。",
        epilog="索引建在 VAR_DIR/evaluation 下，不影响已发布的索引。",
    )
    parser.add_argument(
        "folder", type=Path, metavar="目录", help="每份通知一个文件夹，内有 qa.jsonl；或含 series_qa.jsonl"
    )
    parser.add_argument("--today", type=date.fromisoformat, default=date.today(), metavar="YYYY-MM-DD")
    parser.add_argument("--save", type=Path, metavar="文件", help="逐题保存结果")
    parser.add_argument("--compare", type=Path, metavar="文件", help="与保存的结果逐题比较")
    options = parser.parse_args(argv)
    questions = gold_questions(options.folder, options.today)
    settings = load_settings()
    index_dir = settings.index_dir.parent / "evaluation" / options.folder.resolve().name
    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("建索引", total=None)
        build_index(
            options.folder, index_dir, encoder, lambda at: bar.update(task, total=at.total, completed=at.done)
        )
        bar.remove_task(task)
        task = bar.add_task("提问", total=len(questions))
        reranker = Reranker.load(settings.reader_model, settings.threads)
        assistant = Assistant(IndexStore(index_dir), encoder, Ranker.from_file(), reranker=reranker)
        outcomes = evaluate(assistant, questions, lambda: bar.advance(task))
    print("\n".join(report(outcomes)))
    if options.compare:
        print("\n".join(compare(outcomes, options.compare)))
    if options.save:
        save(outcomes, options.save)
    return 0
