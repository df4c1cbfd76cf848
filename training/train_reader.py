"""Examples of `reader_examples.py` and an encoder -> a reader, a small cross-encoder, with its figures.

    python training/train_reader.py EXAMPLES ENCODER_FOLDER OUTPUT_FOLDER [--minutes 85] [--start WEIGHTS]

One forward pass over `<s> question </s></s> passage </s>` gives three things: the passage's relevance (from the
first token), and the start and the end of the answering words. Over the passages of one question the relevances
compete in a softmax with a fixed 0 that stands for "none of them answers": so ranking and answerability are one
score and one loss. The reader begins as the encoder's lowest LAYERS layers, which know most about words and are
least bent to sentence vectors.

A training that goes on from an earlier one (`--start`) draws a question the oftener the worse the earlier reader does
on it: three tenths of the questions hold nine tenths of the loss (online batch selection: Loshchilov and Hutter, 2015,
arXiv:1511.06343). The losses are kept in OUTPUT_FOLDER and follow what the training learns.

Every fifth notice is held out (`notice_sets.py`); so are the trial part of CMRC 2018 and the test
part of DRCD, watched as foreign text. The seed is fixed, but a training that is bounded by time repeats itself only
on a like machine. On a GPU where there is one, else on the processor in bfloat16, embeddings and lowest layers frozen.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from notice_sets import json_lines
from numpy.typing import NDArray
from rewording import Rewording
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.agenda import bare_title
from bot.onnx_model import PAD
from bot.reading import QUESTION_TOKENS, best_span, pair_ids, passage_at

LAYERS, FROZEN = 8, 2
READ, TRAINED_ON = 8, 6
"""Passages of a question in use, and in one step of training."""
NOTICES_SHARE = 0.75
"""Of the questions trained on; the rest are of the reading-comprehension sets."""
WITHOUT_GOLD = 0.24
"""Share of the answerable questions that are shown without the passages that answer them."""
NEAR_MISS = 0.7
"""Of those, shown with what is left of the right passage when its answer is cut out."""
WITHOUT_PATH, WITH_TITLE, REWORDED, FROM_ELSEWHERE = 0.2, 0.12, 0.6, 0.08
SHORTEST_LEFT = 16
JOINED, LONGEST_JOINED = 0.2, 260
"""Share of the passages that are read together with another of their notice, as one long clause, up to this many
characters: real offices put into one sentence what these notices say in three."""
NAMED = 0.15
"""Share of the questions that begin with the notice's name or the end of it: which notice is meant has been decided
before the reader reads, so that these words say nothing about the clause."""
SPAN_WEIGHT = 0.4
QUESTIONS, RATE, WARM_UP, CLIP = 6, 1.5e-4, 150, 1.0
LEAST_SHARE, MOST_SHARE, UNSEEN_SHARE = 0.12, 2.0, 1.0
"""How often a question is drawn, by its loss: the rest after the first is the loss itself, at most this, for a wrong label
has the greatest; that of one whose loss is not known yet."""

Example = Mapping[str, Any]


@dataclass
class Pair:
    """A question with one passage, as tokens."""

    ids: list[int]
    passage_at: int
    gold: bool
    answers: list[tuple[int, int]]
    """First and last token of each answer that is marked."""


class ReaderModel(nn.Module):
    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        size = encoder.config.hidden_size
        self.relevance = nn.Sequential(nn.Linear(size, size), nn.Tanh(), nn.Dropout(0.1), nn.Linear(size, 1))
        self.span = nn.Linear(size, 2)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """(n, tokens) ids and mask -> relevance (n,), start and end logits (n, tokens, 2)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.relevance(hidden[:, 0]).squeeze(-1).float(), self.span(hidden).float()


def reader_of(encoder_folder: Path, weights: Path | None = None) -> ReaderModel:
    """An untrained reader on the encoder's lowest layers, or one with the weights of a training."""
    encoder = BertModel.from_pretrained(encoder_folder, add_pooling_layer=False)
    encoder.encoder.layer = encoder.encoder.layer[:LAYERS]
    encoder.config.num_hidden_layers = LAYERS
    model = ReaderModel(encoder)
    if weights is not None:
        model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return model


class Pairs:
    """Examples -> pairs; those for training are varied by chance."""

    def __init__(self, tokenizer: Tokenizer, examples: Sequence[Example], seed: int) -> None:
        self._tokenizer = tokenizer
        self._chance = random.Random(seed)
        self._elsewhere = [p for e in examples if e["source"] == "notices" for p in e["passages"][:3]]
        self._reworded = Rewording((e["question"] for e in examples), self._chance)

    def varied(self, example: Example) -> list[Pair]:
        chance = self._chance
        gold = [p for p in example["passages"] if p["gold"]]
        rest = [p for p in example["passages"] if not p["gold"]]
        near: list[Example] = []
        if chance.random() < WITHOUT_GOLD:
            near = [p for p in map(without_answer, gold) if p] if chance.random() < NEAR_MISS else []
            gold = []
        gold, near = chance.sample(gold, min(len(gold), 2)), near[:2]
        places = TRAINED_ON - len(gold)
        rest = rest[: places - len(near) + 3]
        others = near + chance.sample(rest, min(len(rest), places - len(near)))
        if len(others) < places or chance.random() < FROM_ELSEWHERE:
            others = [*others[: places - 1], {**chance.choice(self._elsewhere), "gold": False, "spans": []}]
        question = example["question"] if chance.random() < 0.5 else example["normalised"]
        if chance.random() < REWORDED:
            question = self._reworded(question)
        if chance.random() < NAMED and (name := bare_title(example["passages"][0]["title"])):
            question = (
                f"{name[chance.choice((0, -8, -6, -4)) :]}{chance.choice(('', ' ', '，', '的'))}{question}"
            )
        path, title = chance.random() >= WITHOUT_PATH, chance.random() < WITH_TITLE
        passages = [*gold, *others]
        fillers = [p for p in rest if p["text"] not in {other["text"] for other in others}]
        if fillers:
            passages = [
                joined(p, chance.choice(fillers), chance.random() < 0.5) if chance.random() < JOINED else p
                for p in passages
            ]
        return [self._pair(question, passage, path, title) for passage in passages]

    def as_in_use(self, example: Example) -> list[Pair]:
        return [self._pair(example["normalised"], p, True, False) for p in example["passages"][:READ]]

    def _pair(self, question: str, passage: Example, path: bool, title: bool) -> Pair:
        text, shift = passage["text"], 0
        if not path and "\n" in text:
            cut = text.index("\n") + 1
            text, shift = text[cut:], -cut
        if title and passage["title"]:
            text, shift = f"{passage['title']}\n{text}", shift + len(passage["title"]) + 1
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
        said = self._tokenizer.encode(text, add_special_tokens=False)
        ids, first = pair_ids(asked, said.ids), passage_at(asked)
        answers = []
        for a, b in passage["spans"] if passage["gold"] else ():
            offsets = enumerate(said.offsets[: len(ids) - first - 1])
            inside = [i for i, (x, y) in offsets if x < b + shift and y > a + shift]
            if inside:
                answers.append((first + inside[0], first + inside[-1]))
        return Pair(ids, first, passage["gold"], answers)


def joined(passage: Example, other: Example, before: bool) -> Example:
    """A passage with the words of another, which do not answer, before or after its own; its heading path stays.
    The passage itself where they would be too long together, or the other is a row of a table."""
    head, _, own = passage["text"].rpartition("\n")
    words = other["text"].rpartition("\n")[2]
    if len(own) + len(words) > LONGEST_JOINED or "|" in own + words:
        return passage
    above = f"{head}\n" if head else ""
    text = above + (words + own if before else own + words)
    shift = len(words) if before else 0
    spans = [[a + shift, b + shift] if a >= len(above) else [a, b] for a, b in passage["spans"]]
    return {**passage, "text": text, "spans": spans}


def without_answer(passage: Example) -> Example | None:
    """A right passage without the parts of its sentences that answer, which answers no more; None where too little
    is left. It is what a near miss looks like: of the same thing, in the same words."""
    text, parts = passage["text"], re.compile(r"[^，。；：、\n|]*[，。；：、\n|]?")
    if not passage["spans"]:
        return None
    left = [
        m[0]
        for m in parts.finditer(text)
        if not any(m.start() < end and start < m.end() for start, end in passage["spans"])
    ]
    short = "".join(left)
    if len(short) < SHORTEST_LEFT or len(short) == len(text):
        return None
    return {**passage, "text": short, "gold": False, "spans": []}


def forward(
    model: nn.Module, pairs: Sequence[Pair], device: torch.device, parts: int
) -> tuple[Tensor, list[Tensor]]:
    """Relevance of all, and span logits of each, run in parts of like length so that little is padded."""
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids))
    relevance: list[Tensor] = [torch.empty(0)] * len(pairs)
    spans: list[Tensor] = [torch.empty(0)] * len(pairs)
    size = math.ceil(len(order) / parts)
    for at in range(0, len(order), size):
        rows = order[at : at + size]
        ids = torch.full((len(rows), max(len(pairs[i].ids) for i in rows)), PAD)
        for place, i in enumerate(rows):
            ids[place, : len(pairs[i].ids)] = torch.tensor(pairs[i].ids)
        scores, logits = model(ids.to(device), (ids != PAD).long().to(device))
        for place, i in enumerate(rows):
            relevance[i], spans[i] = scores[place], logits[place, : len(pairs[i].ids)]
    return torch.stack(relevance), spans


def loss_of(
    groups: Sequence[Sequence[Pair]], model: nn.Module, device: torch.device
) -> tuple[Tensor, list[float]]:
    """Mean over questions of -log softmax of the right passages, or of "none", and of the answers' starts
    and ends, of which any will do where there are several; and the first of these of each question."""
    flat = [pair for group in groups for pair in group]
    relevance, spans = forward(model, flat, device, 4 if device.type == "cpu" else 1)
    each, at = [], 0
    for group in groups:
        each.append(choice_loss(relevance[at : at + len(group)], group))
        at += len(group)
    span, marked = relevance.new_zeros(()), 0
    for pair, logits in zip(flat, spans, strict=True):
        if pair.answers:
            places = torch.tensor(pair.answers, device=logits.device) - pair.passage_at
            likelihoods = nn.functional.log_softmax(logits[pair.passage_at :], 0).gather(0, places)
            span = span - torch.logsumexp(likelihoods, 0).mean()
            marked += 1
    total = torch.stack(each).mean() + SPAN_WEIGHT * span / max(marked, 1)
    return total, [loss.item() for loss in each]


def choice_loss(relevance: Tensor, group: Sequence[Pair]) -> Tensor:
    """-log softmax of a question's right passages, or of "none", whose relevance is 0."""
    gold = torch.tensor([pair.gold for pair in group], device=relevance.device)
    right = torch.logsumexp(relevance[gold], 0) if gold.any() else relevance.new_zeros(())
    return torch.logsumexp(torch.cat([relevance, relevance.new_zeros(1)]), 0) - right


# ---------------------------------------------------------------- measuring


@torch.no_grad()
def measured(
    model: nn.Module, examples: Sequence[Example], pairs: Pairs, device: torch.device
) -> dict[str, float]:
    """Right passage first and in the first three, by the reader alone and with the first stage; span F1 of the right
    passage in tokens; AUC of "is there an answer"."""
    model.eval()
    hits: dict[str, list[bool]] = {"first": [], "three": [], "fused_first": [], "fused_three": []}
    overlaps, probabilities, answerable = [], [], []
    for example in examples:
        group = pairs.as_in_use(example)
        relevance, spans = forward(model, group, device, 1)
        scores = relevance.cpu().numpy()
        probabilities.append(1 - 1 / (1 + np.exp(scores).sum()))
        answerable.append(example["answerable"])
        gold = [i for i, pair in enumerate(group) if pair.gold]
        if not example["answerable"]:
            continue
        first_stage = np.array([p.get("first", 0.0) for p in example["passages"][:READ]])
        for prefix, values in (("", scores), ("fused_", scores + first_stage)):
            order = list(np.argsort(-values, kind="stable"))
            place = min((order.index(i) for i in gold), default=READ)
            hits[f"{prefix}first"].append(place < 1)
            hits[f"{prefix}three"].append(place < 3)
        if gold and group[gold[0]].answers:
            pair = group[gold[0]]
            overlaps.append(_overlap(spans[gold[0]][pair.passage_at : -1].cpu().numpy(), pair))
    found = {"questions": float(len(examples)), **{name: float(np.mean(hit)) for name, hit in hits.items()}}
    found["span_f1"] = float(np.mean(overlaps)) if overlaps else 0.0
    if 0 < np.mean(answerable) < 1:
        found["auc"] = float(roc_auc_score(answerable, probabilities))
    model.train()
    return {name: round(value, 4) for name, value in found.items()}


def _overlap(logits: NDArray[np.float32], pair: Pair) -> float:
    """F1 of the best span's tokens against the marked answer's: the nearest one of several, as in SQuAD."""
    a, b = best_span(logits)
    found = set(range(a, b + 1))
    answers = [set(range(x - pair.passage_at, y - pair.passage_at + 1)) for x, y in pair.answers]
    return max(2 * len(truth & found) / (len(truth) + len(found)) for truth in answers)


def split(
    examples: Sequence[Example], without: Sequence[str] = ()
) -> tuple[list[Example], list[Example], list[Example]]:
    """(trained on, held-out notices, held-out reading comprehension); the notices of `without` are in none."""
    examples = [e for e in examples if e["notice"] not in without]
    held = [e for e in examples if e["held_out"]]
    return (
        [e for e in examples if not e["held_out"]],
        [e for e in held if e["source"] == "notices"],
        [e for e in held if e["source"] != "notices"],
    )


# ---------------------------------------------------------------- training


class Draw:
    """Which questions a step shows: by chance, the oftener the greater their loss was last."""

    def __init__(self, examples: Sequence[Example], losses: Mapping[str, float], seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._on_notices = np.asarray([e["source"] == "notices" for e in examples])
        self._weights = np.asarray([self._weight(losses.get(key_of(e))) for e in examples])

    @staticmethod
    def _weight(loss: float | None) -> float:
        return UNSEEN_SHARE if loss is None else LEAST_SHARE + min(loss, MOST_SHARE)

    def some(self) -> list[int]:
        """Places of the next QUESTIONS examples."""
        shares = self._weights.copy()
        for kind, share in ((self._on_notices, NOTICES_SHARE), (~self._on_notices, 1 - NOTICES_SHARE)):
            if kind.any():
                shares[kind] *= share / shares[kind].sum()
        return [int(place) for place in self._chance.choice(len(shares), QUESTIONS, p=shares / shares.sum())]

    def learnt(self, places: Sequence[int], losses: Sequence[float]) -> None:
        """Takes in the losses of examples that were shown: half by what was known before, for they vary by chance."""
        for place, loss in zip(places, losses, strict=True):
            self._weights[place] = (self._weights[place] + self._weight(loss)) / 2


def key_of(example: Example) -> str:
    return f"{example['notice']}\t{example['question']}"


@torch.no_grad()
def losses_of(
    model: nn.Module, examples: Sequence[Example], pairs: Pairs, device: torch.device, file: Path
) -> dict[str, float]:
    """What a reader loses on each question, as in use; kept in `file`, a line each, so that it is reckoned once."""
    known = {line["key"]: line["loss"] for line in json_lines(file)} if file.exists() else {}
    model.eval()
    with file.open("a", encoding="utf-8") as kept:
        for example in examples:
            if key_of(example) in known:
                continue
            group = pairs.as_in_use(example)
            with torch.autocast(device.type, torch.bfloat16):
                loss = choice_loss(forward(model, group, device, 1)[0], group).item()
            known[key_of(example)] = loss
            kept.write(
                json.dumps({"key": key_of(example), "loss": round(loss, 4)}, ensure_ascii=False) + "\n"
            )
    model.train()
    return known


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
    parser.add_argument("--start", type=Path, help="weights of an earlier training to go on from")
    parser.add_argument("--rate", type=float, default=RATE, help="highest learning rate")
    parser.add_argument("--minutes", type=float, default=85)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)

    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(options.encoder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    examples = json_lines(options.examples)
    train, test, foreign = split(examples, options.without)
    on_notices = sum(e["source"] == "notices" for e in train)
    print(
        f"trained on {len(train)} questions, {on_notices} of them on notices; held out {len(test)}",
        flush=True,
    )
    model = reader_of(options.encoder, options.start).to(device)
    if device.type == "cpu":
        model.encoder.embeddings.requires_grad_(False)
        model.encoder.encoder.layer[:FROZEN].requires_grad_(False)
    pairs = Pairs(tokenizer, train, options.seed)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in trained if p.ndim > 1], "weight_decay": 0.01},
            {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=options.rate,
        betas=(0.9, 0.98),
    )
    options.output.mkdir(parents=True, exist_ok=True)
    asked = [e for e in train if e["source"] == "notices"] if options.start else []
    known = losses_of(model, asked, pairs, device, options.output / "losses.jsonl")
    draw = Draw(train, known, options.seed)
    watched_on = random.Random(1).sample(test, min(len(test), 200))
    started = shown = watched = time.monotonic()
    running, steps = 0.0, 0
    while (done := (time.monotonic() - started) / (options.minutes * 60)) < 1:
        for group in optimiser.param_groups:  # warm up, then fall to nothing along a cosine
            group["lr"] = (
                options.rate
                * min(1, (steps + 1) / WARM_UP)
                * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
            )
        chosen = draw.some()
        with torch.autocast(device.type, torch.bfloat16):
            loss, of_each = loss_of([pairs.varied(train[place]) for place in chosen], model, device)
        draw.learnt(chosen, of_each)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trained, CLIP)
        optimiser.step()
        steps += 1
        running += loss.item()
        if steps % 50 == 0:
            now = time.monotonic()
            print(
                f"step {steps}  loss {running / 50:.4f}  {(now - shown) / 50:.2f} s/step  {done:.0%}",
                flush=True,
            )
            running, shown = 0.0, now
        if time.monotonic() - watched > 900:
            print("held out", measured(model, watched_on, pairs, device), flush=True)
            torch.save(model.state_dict(), options.output / "reader.pt")
            watched = shown = time.monotonic()
    torch.save(model.state_dict(), options.output / "reader.pt")
    print("held out", measured(model, test, pairs, device), flush=True)
    foreign = random.Random(1).sample(foreign, min(len(foreign), 300))
    print("foreign", measured(model, foreign, pairs, device), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
