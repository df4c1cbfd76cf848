"""Notices with questions, and reading-comprehension sets -> one file of examples for the reader.

    python training/reader_examples.py NOTICES_DIR... --cmrc FILE... --drcd FILE... --output FILE

An example is a question with some passages: `{"source", "notice", "held_out", "style", "question",
"answerable", "passages": [{"title", "text", "gold", "spans": [[start, end], ...], "first": score}]}`. The passages of
a question about a notice are the best of the product's own first stage, which are the ones that the reader
will meet; those of a reading-comprehension set are cut from the set's text at sentence ends. `first` is the
first stage's score (larger is better), absent where there was none. Deterministic.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fit_ranking import TODAY, holds_answer
from notice_sets import gathered, held_out, json_lines

from bot.chunking import embedding_text, sentences
from bot.config import load_settings
from bot.embedding import load_encoder
from bot.index.building import build_index
from bot.index.store import load_index
from bot.question import understand
from bot.ranking import Ranker
from bot.retrieval import retrieve

PASSAGES = 14
"""Of the first stage; gold ones beyond them are added."""
HELD_OUT_PARTS = ("cmrc-trial", "drcd-test")
"""Of the reading-comprehension sets; watched as foreign text."""
SHORTEST, LONGEST = 60, 220
"""Characters of a passage cut from running text."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notices", type=Path, nargs="+")
    parser.add_argument("--cmrc", type=Path, nargs="*", default=[])
    parser.add_argument("--drcd", type=Path, nargs="*", default=[])
    parser.add_argument("--index", type=Path, default=Path("var/training-index"))
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    with options.output.open("w", encoding="utf-8") as file:
        for example in (
            *_of_notices(options.notices, options.index),
            *_of_comprehension("cmrc", options.cmrc),
            *_of_comprehension("drcd", options.drcd),
        ):
            file.write(json.dumps(example, ensure_ascii=False) + "\n")
    return 0


# ---------------------------------------------------------------- notices


def _of_notices(sets: Sequence[Path], index_dir: Path) -> Iterator[dict]:  # type: ignore[type-arg]
    settings = load_settings()
    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    root, held = gathered(sets, index_dir.with_name("training-notices")), held_out()
    build_index(root, index_dir, encoder)
    index = load_index(index_dir, encoder.name)
    ranker = Ranker.from_file()
    for notice_id in track(sorted(index.notices)):
        for item in json_lines(root / notice_id / "qa.jsonl"):
            question = understand(item["question"], today=TODAY, notice_id=notice_id)
            ranked = retrieve(question, index, encoder, ranker).passages
            passages = []
            for place, passage in enumerate(ranked):
                chunk = passage.chunk
                gold = item["answerable"] and holds_answer(chunk, item, notice_id, index)
                if not (gold or place < PASSAGES):
                    continue
                notice, document = index.notices[notice_id], index.documents[chunk.document_id]
                text = embedding_text(chunk, notice, document)
                spans = _spans(text, item["answers"]) if gold else []
                passages.append(
                    {
                        "title": notice.title,
                        "text": text,
                        "gold": gold,
                        "spans": spans,
                        "first": round(passage.score, 4),
                    }
                )
            if item["answerable"] and not any(passage["gold"] for passage in passages):
                continue
            yield {
                "source": "notices",
                "notice": notice_id,
                "held_out": notice_id in held,
                "style": item["style"],
                "type": item.get("type", ""),
                "question": item["question"],
                "normalised": question.normalised,
                "answerable": item["answerable"],
                "passages": passages,
            }


def _spans(text: str, answers: Sequence[str]) -> list[list[int]]:
    return [[at, at + len(answer)] for answer in answers if (at := text.rfind(answer)) >= 0]


# ---------------------------------------------------------------- reading comprehension


def _of_comprehension(source: str, files: Sequence[Path]) -> Iterator[dict]:  # type: ignore[type-arg]
    for file in files:
        part = next((f"-{name}" for name in ("trial", "test") if name in file.stem.casefold()), "")
        for article in json.loads(file.read_text("utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                context = paragraph["context"]
                cuts = _cut(context, random.Random(str(paragraph.get("id", context[:20]))))
                for item in paragraph["qas"]:
                    answer = item["answers"][0]
                    start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
                    if context[start:end] != answer["text"]:
                        start = context.find(answer["text"])
                        end = start + len(answer["text"])
                    passages = []
                    for a, b in cuts:
                        gold = a <= start and end <= b
                        spans = [[start - a, end - a]] if gold else []
                        passages.append(
                            {
                                "title": article.get("title", ""),
                                "text": context[a:b],
                                "gold": gold,
                                "spans": spans,
                            }
                        )
                    if start >= 0 and sum(passage["gold"] for passage in passages) == 1 and len(passages) > 1:
                        yield {
                            "source": source,
                            "notice": f"{source}{part} {article.get('id', paragraph.get('id', ''))}",
                            "held_out": f"{source}{part}" in HELD_OUT_PARTS,
                            "style": source,
                            "type": "",
                            "question": item["question"],
                            "normalised": item["question"],
                            "answerable": True,
                            "passages": passages,
                        }


def _cut(context: str, chance: random.Random) -> list[tuple[int, int]]:
    """Spans of whole sentences, each of a length drawn at random between SHORTEST and LONGEST."""
    spans: list[tuple[int, int]] = []
    wanted = chance.randint(SHORTEST, LONGEST)
    for a, b in sentences(context):
        if spans and b - spans[-1][0] <= wanted:
            spans[-1] = (spans[-1][0], b)
        else:
            spans.append((a, b))
            wanted = chance.randint(SHORTEST, LONGEST)
    return spans


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
