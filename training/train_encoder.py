"""Examples of `reader_examples.py` and an encoder -> the encoder, tuned to tell clauses and questions apart.

    python training/train_encoder.py EXAMPLES ENCODER_FOLDER OUTPUT_FOLDER [--steps 400]

ENCODER_FOLDER is where it begins: the cut model, or the result of an earlier run.

Three kinds of rows, all learnt with in-batch and hard negatives (multiple negatives ranking, van den Oord et al.,
2018, arXiv:1807.03748; temperature 1 / SCALE):

- a question, its clause, and the first stage's best clause that does not answer it;
- two questions that the same words of a notice answer, and a question of that notice that other words answer
  (look-alikes: 企业截止, 市州截止); where a question has no twin, it is reworded by rule; so are two wordings of a
  group of `encoder_groups.jsonl`, and one of another group of the notice;
- a question of a reading-comprehension set, its passage, and another of the same paragraph.

A batch is made of two blocks, each of one notice and without two rows of one clause, so that what counts as wrong
is wrong. Every fifth notice is held out, as everywhere in training. On a GPU where there is one, else on the
processor in bfloat16 with the word table and the lowest layers frozen. Seeds are fixed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from notice_sets import held_out, json_lines
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch.utils.data import BatchSampler
from train_reader import split

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rewording import Rewording

from benchmarks.grouping_scores import twins_nearer
from bot.embedding_default import PASSAGE_PREFIX, QUERY_PREFIX

GROUPS = Path(__file__).with_name("encoder_groups.jsonl")
BLOCK, BLOCKS = 12, 2
SCALE = 50.0
"""Of the cosines: E5's own lie between 0.7 and 1, which 20, the usual, would pull apart more than ranking needs."""
RATE, WARM_UP, FROZEN = 4e-5, 0.1, 4
LONGEST = 160
"""Tokens of a passage in training."""
PASSES, FOREIGN = 3, 2500
MEASURED, NOTICES, ARTICLES = 8, 6, 90
"""Passages of a question, the first stage's best, held-out notices and foreign articles that figures are taken over."""

Example = Mapping[str, Any]
Row = tuple[str, str, str]
"""(anchor, positive, negative), with their prefixes."""


def blocks_of(
    examples: Sequence[Example], groups: Sequence[Mapping[str, Any]], chance: random.Random
) -> Iterator[list[Row]]:
    """Blocks of at most BLOCK rows: clause rows and question rows of each notice, and foreign rows; `groups`: lines
    of `encoder_groups.jsonl`."""
    reworded = Rewording((e["question"] for e in examples), chance)
    notices: dict[str, list[Example]] = defaultdict(list)
    foreign = []
    for example in examples:
        if example["source"] != "notices":
            foreign.append(example)
        elif example["answerable"]:
            notices[example["notice"]].append(example)
    wordings: dict[str, list[Sequence[str]]] = defaultdict(list)
    for line in groups:
        wordings[line["notice"]].append(line["wordings"])
    for _ in range(PASSES):
        for name in sorted(wordings):
            yield from _group_blocks(wordings[name], reworded, chance)
        for name in sorted(notices):
            for block in _cut(notices[name], chance):
                yield [_clause_row(e, reworded(e["question"]), chance) for e in block]
            twins = defaultdict(list)
            for example in notices[name]:
                twins[_clause(example)].append(example)
            for block in _cut(notices[name], chance):
                yield [_question_row(e, twins[_clause(e)], notices[name], reworded, chance) for e in block]
        chosen = chance.sample(foreign, min(FOREIGN // PASSES, len(foreign)))
        for at in range(0, len(chosen), BLOCK):
            yield [_clause_row(e, e["question"], chance) for e in chosen[at : at + BLOCK]]


def _group_blocks(
    groups: Sequence[Sequence[str]], reworded: Rewording, chance: random.Random
) -> Iterator[list[Row]]:
    """Every group of a notice once in a block: two of its wordings, and one of another group."""
    if len(groups) < 2:
        return
    order = chance.sample(range(len(groups)), len(groups))
    for at in range(0, len(order), BLOCK):
        block = []
        for own in order[at : at + BLOCK]:
            first, second = chance.sample(list(groups[own]), 2)
            wrong = chance.choice(groups[chance.choice([i for i in order if i != own])])
            block.append((QUERY_PREFIX + reworded(first), QUERY_PREFIX + second, QUERY_PREFIX + wrong))
        yield block


def _cut(examples: Sequence[Example], chance: random.Random) -> Iterator[list[Example]]:
    """All examples in blocks in which no clause occurs twice."""
    rest = chance.sample(examples, len(examples))
    while rest:
        block: list[Example] = []
        left: list[Example] = []
        seen: set[str] = set()
        for example in rest:
            if len(block) < BLOCK and _clause(example) not in seen:
                seen.add(_clause(example))
                block.append(example)
            else:
                left.append(example)
        yield block
        rest = left


def _clause(example: Example) -> str:
    return min(str(p["text"]) for p in example["passages"] if p["gold"])


def _answers(example: Example) -> frozenset[str]:
    """The answering words that are marked in the right passages."""
    return frozenset(p["text"][a:b] for p in example["passages"] if p["gold"] for a, b in p["spans"])


def _clause_row(example: Example, question: str, chance: random.Random) -> Row:
    gold = [p["text"] for p in example["passages"] if p["gold"]]
    wrong = [p["text"] for p in example["passages"] if not p["gold"]][:5] or [" "]
    return QUERY_PREFIX + question, PASSAGE_PREFIX + gold[0], PASSAGE_PREFIX + chance.choice(wrong)


def _question_row(
    example: Example, twins: Sequence[Example], others: Sequence[Example], reworded: Rewording, chance: random.Random
) -> Row:  # fmt: skip
    answers = _answers(example)
    same = [e for e in twins if e is not example and _answers(e) == answers]
    other = reworded(chance.choice(same)["question"]) if same else reworded(example["question"])
    wrong = [e for e in others if _clause(e) != _clause(example) and not _answers(e) & answers]
    near = [e for e in wrong if e["type"] == example["type"]] or wrong or [{"question": " "}]
    return (
        QUERY_PREFIX + reworded(example["question"]),
        QUERY_PREFIX + other,
        QUERY_PREFIX + chance.choice(near)["question"],
    )


class TwoBlocks(BatchSampler):
    """Batches of BLOCKS whole blocks of the data, in an order of chance."""

    def __init__(self, *_: Any, sizes: Sequence[int], seed: int = 0, **__: Any) -> None:
        ends = np.cumsum([0, *sizes])
        self._blocks = [list(range(a, b)) for a, b in pairwise(ends)]
        self._chance = random.Random(seed)

    def __iter__(self) -> Iterator[list[int]]:
        order = self._chance.sample(self._blocks, len(self._blocks))
        for at in range(0, len(order) - BLOCKS + 1, BLOCKS):
            yield [row for block in order[at : at + BLOCKS] for row in block]

    def __len__(self) -> int:
        return len(self._blocks) // BLOCKS


# ---------------------------------------------------------------- measuring


def measured(model: SentenceTransformer, examples: Sequence[Example], most: int) -> dict[str, float]:
    """By cosine alone: right clause first and in three among the example's passages; and of a question's twins
    and the other questions of its notice, the share of twins that are nearer (AUC): look-alikes told apart."""
    first, three, aucs = [], [], []
    notices = defaultdict(list)
    for example in examples:
        if example["answerable"]:
            notices[example["notice"]].append(example)
    for name in sorted(notices)[:: max(1, len(notices) // most)]:
        group = notices[name]
        asked = model.encode([QUERY_PREFIX + e["question"] for e in group], normalize_embeddings=True)
        texts = sorted({p["text"] for e in group for p in _shown(e)})
        place = {text: i for i, text in enumerate(texts)}
        said = model.encode([PASSAGE_PREFIX + text for text in texts], normalize_embeddings=True)
        for vector, example in zip(asked, group, strict=True):
            near = [float(said[place[p["text"]]] @ vector) for p in _shown(example)]
            best = max((c for c, p in zip(near, _shown(example), strict=True) if p["gold"]), default=-1.0)
            above = sum(c > best for c in near)
            first.append(above < 1)
            three.append(above < 3)
        if group[0]["source"] == "notices":
            answers = [_answers(e) for e in group]
            same = np.asarray([[a == b for b in answers] for a in answers])
            other = np.asarray([[not a & b for b in answers] for a in answers])
            aucs += twins_nearer(asked @ asked.T, same, other)
    return {
        "first": round(float(np.mean(first)), 4),
        "three": round(float(np.mean(three)), 4),
        "twins nearer": round(float(np.mean(aucs)), 4) if aucs else 0.0,
    }


def _shown(example: Example) -> Sequence[Any]:
    shown: Sequence[Any] = example["passages"][:MEASURED]
    return shown


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("examples", type=Path)
    parser.add_argument("encoder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument(
        "--without", nargs="*", default=[], metavar="NOTICE", help="notices of a measured log"
    )
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)

    torch.manual_seed(options.seed)
    chance = random.Random(options.seed)
    train, test, foreign = split(json_lines(options.examples), options.without)
    left_out = {*held_out(), *options.without}
    groups = [
        line for line in json_lines(GROUPS) if line["notice"] not in left_out and len(line["wordings"]) > 1
    ]
    blocks = list(blocks_of(train, groups, chance))
    rows = [row for block in blocks for row in block]
    print(f"{len(rows)} rows in {len(blocks)} blocks; held out {len(test)} questions", flush=True)

    model = SentenceTransformer(str(options.encoder))
    model.max_seq_length = LONGEST

    def report(when: str) -> None:
        held, other = measured(model, test, NOTICES), measured(model, foreign, ARTICLES)
        print(f"{when:7} held out {held}  foreign {other}", flush=True)

    report("before")
    bert: Any = model[0].auto_model
    if not torch.cuda.is_available():
        bert.embeddings.requires_grad_(False)
        bert.encoder.layer[:FROZEN].requires_grad_(False)
    data = Dataset.from_dict(
        {n: [r[i] for r in rows] for i, n in enumerate(("anchor", "positive", "negative"))}
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=str(options.output / "checkpoints"),
            max_steps=options.steps,
            per_device_train_batch_size=BLOCK * BLOCKS,
            learning_rate=RATE,
            warmup_steps=WARM_UP,
            lr_scheduler_type="cosine",
            bf16=True,
            use_cpu=not torch.cuda.is_available(),
            seed=options.seed,
            save_strategy="steps",
            save_steps=100,
            save_total_limit=1,
            logging_steps=20,
            report_to="none",
            disable_tqdm=True,
            batch_sampler=partial(TwoBlocks, sizes=[len(b) for b in blocks]),
        ),
        train_dataset=data,
        loss=MultipleNegativesRankingLoss(model, scale=SCALE),
    )
    trainer.train()
    report("after")
    model.max_seq_length = 512
    model.save(str(options.output))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
