"""(Question, candidates) -> scores: one linear model over a few readable features.

The weights are fitted by `training/fit_ranking.py` on questions whose clause is known; the
features compare words by form, by sound and by meaning, and what is asked for with what a
clause states. Larger is better throughout.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.actors import clause_actor
from bot.datamodels import Chunk, ChunkKind, Fact, FactKind, Intent, Notice, Question
from bot.errors import ModelError
from bot.lexicon import QUESTION_WORDS
from bot.mistyped import sound_of
from bot.question import asked_units, content_terms, expected_facts, places_in
from bot.sides import actors_of, asked_side

FEATURES: tuple[str, ...] = (
    "dense",
    "dense_gap",
    "lexical",
    "form",
    "form_with_path",
    "sound",
    "written_words",
    "written_words_in_path",
    "states_what_is_asked",
    "states_something_asked",
    "same_value",
    "actor_fits",
    "actor_is_another",
    "heading_fits_intent",
    "is_title",
    "is_heading",
    "is_closing",
    "is_row",
    "is_introduction",
    "length",
    "best_run",
)

EVIDENCE_FEATURES: tuple[str, ...] = (
    "best_score",
    "lead",
    "confidence",
    "confidence_of_three",
    "dense",
    "lexical",
    "form",
    "form_with_path",
    "sound",
    "best_run",
    "stated_by_best",
    "stated_by_three",
    "stated_anywhere",
    "asks_for_value",
    "unknown_form",
    "unknown_sound",
    "unknown_share",
    "unknown_count",
    "longest_unknown",
    "terms",
    "terms_length",
    "in_best",
    "in_three",
    "names_missing_attachment",
    "unknown_place",
    "unknown_place_contact",
    "asked_length",
    "english",
    "yes_no",
    "best_is_title",
    "best_is_closing",
    "best_is_row",
    "written_words",
    "size",
    *(f"asks_for_{kind}" for kind in FactKind),
)
WEIGHTS_FILE = Path(__file__).with_name("ranking_weights.json")

HEADING_CUES: Mapping[Intent, str] = {
    Intent.DEADLINE: r"时间|期限|进度|安排|截止|日程",
    Intent.CONTACT: r"联系|咨询|受理|方式",
    Intent.MATERIALS: r"材料|报送|提交|要求|清单",
    Intent.AMOUNT: r"标准|补助|奖励|支持|资金|政策|扶持|待遇|费用|收费|评分|分值",
    Intent.ELIGIBILITY: r"条件|对象|范围|资格|要求|主体",
    Intent.AUTHORITY: r"组织|程序|审|认定|职责|管理",
    Intent.SCOPE: r"范围|对象|名额|数量|类别|类型",
    Intent.PROCESS: r"程序|流程|步骤|方式|办理|实施|组织",
    Intent.DEFINITION: r"定义|释义|说明|总则",
    Intent.ATTACHMENT: r"附件|附表",
}

_WORDLIKE = re.compile(r"[\u3400-\u9fff]|[a-z0-9]+(?:\.[0-9]+)?%?")
_QUESTION_WORDS = re.compile(QUESTION_WORDS)
_FRAME = frozenset({ChunkKind.TITLE, ChunkKind.CLOSING})
"""A date or number in the head or foot of a notice answers only questions about the notice itself."""


@dataclass(frozen=True, slots=True)
class Ranker:
    """Fitted weights: how well a passage answers, and how likely it is that anything does."""

    weights: NDArray[np.float64]
    """(len(FEATURES),)"""
    evidence_weights: NDArray[np.float64]
    """(len(EVIDENCE_FEATURES),)"""
    evidence_bias: float
    threshold: float
    """Below this probability a question is taken as not answered by the documents."""

    @classmethod
    def from_file(cls, path: Path = WEIGHTS_FILE) -> Ranker:
        """Raises ModelError where the file's features are not those of this program."""
        data = json.loads(path.read_text("utf-8"))
        if list(data["weights"]) != list(FEATURES) or list(data["evidence_weights"]) != list(
            EVIDENCE_FEATURES
        ):
            raise ModelError(
                f"{path} 与程序版本不符。请重新安装程序，或运行 training/fit_ranking.py 重新生成。"
            )
        return cls(
            np.asarray(list(data["weights"].values())),
            np.asarray(list(data["evidence_weights"].values())),
            float(data["evidence_bias"]),
            float(data["threshold"]),
        )

    def scores(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, len(FEATURES)) -> (n,)."""
        scores: NDArray[np.float64] = matrix @ self.weights
        return scores

    def fused(self, dense: NDArray[np.float64], lexical: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores of passages, (n,), by their cosines and their shares of the best BM25 score alone."""
        at = {name: float(weight) for name, weight in zip(FEATURES, self.weights, strict=True)}
        return 10 * dense * (at["dense"] + at["dense_gap"]) + lexical * at["lexical"]

    def answerability(self, evidence: NDArray[np.float64]) -> float:
        """Probability, by the fitted logistic model, that the documents answer the question."""
        return float(1 / (1 + np.exp(-(evidence @ self.evidence_weights + self.evidence_bias))))


def evidence_features(
    question: Question,
    chunks: Sequence[Chunk],
    matrix: NDArray[np.float64],
    scores: NDArray[np.float64],
    notice: Notice,
) -> NDArray[np.float64]:
    """What speaks for and against an answer in one notice, shape (len(EVIDENCE_FEATURES),).

    `chunks`, `matrix` and `scores` are the notice's passages, best first.
    """
    at = {name: column for column, name in enumerate(FEATURES)}
    best = matrix[0]
    share = np.exp(scores - scores[0])
    share = share / share.sum()
    asked = _QUESTION_WORDS.sub(" ", question.normalised)
    asked_form, asked_sound = grams(asked)
    texts = [" ".join((*chunk.heading_path, *chunk.table_header, chunk.text)) for chunk in chunks]
    of_texts = [grams(_key(text)) for text in texts]
    form = frozenset[str]().union(*(g[0] for g in of_texts))
    sound = frozenset[str]().union(*(g[1] for g in of_texts))
    everything, three = " ".join(texts), " ".join(texts[:3])
    terms = content_terms(question)
    unknown = [t for t in terms if t not in everything and not (grams(t)[1] and grams(t)[1] <= sound)]
    strange = [place for place in places_in(question.normalised) if place not in everything]
    kinds = expected_facts(question.normalised)
    stated = matrix[:, at["states_what_is_asked"]]
    overlap = max(
        (missing_overlap(asked, a.title) for a in notice.attachments if a.document_id is None), default=0
    )
    return np.asarray(
        (
            scores[0],
            scores[0] - scores[1] if len(scores) > 1 else 3.0,
            math.log(share[0]),
            float(share[:3].sum()),
            best[at["dense"]],
            best[at["lexical"]],
            best[at["form"]],
            best[at["form_with_path"]],
            best[at["sound"]],
            best[at["best_run"]],
            stated[0],
            float(stated[:3].max()),
            float(stated.max()) if kinds else 1.0,
            float(bool(kinds)),
            sum(g not in form for g in asked_form) / (len(asked_form) or 1),
            sum(g not in sound for g in asked_sound) / (len(asked_sound) or 1),
            len(unknown) / (len(terms) or 1),
            min(len(unknown), 3),
            max((len(term) for term in unknown), default=0),
            len(terms),
            sum(map(len, terms)) / 10,
            sum(term in texts[0] for term in terms) / (len(terms) or 1),
            sum(term in three for term in terms) / (len(terms) or 1),
            min(overlap, 6) / 6,
            float(bool(strange)),
            float(bool(strange) and Intent.CONTACT in question.intents),
            len(asked) / 20,
            float(question.language == "en"),
            float(question.yes_no),
            best[at["is_title"]],
            best[at["is_closing"]],
            best[at["is_row"]],
            best[at["written_words"]],
            math.log(len(chunks)),
            *(float(bool(kinds) and kinds[0] is kind) for kind in FactKind),
        ),
        dtype=np.float64,
    )


def missing_overlap(asked: str, title: str) -> int:
    """Length of the longest stretch, of at least two characters, that a question shares with a title."""
    best = 0
    for start in range(len(asked)):
        while start + best + 1 <= len(asked) and asked[start : start + best + 1] in title:
            best += 1
    return best if best >= 2 else 0


@lru_cache(maxsize=60_000)
def grams(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """(bigrams and words by form, bigrams by sound) of a text."""
    tokens = _WORDLIKE.findall(text.casefold())
    form = {a + b for a, b in itertools.pairwise(tokens)} | {t for t in tokens if len(t) > 1}
    heard = [sound_of(t) if "\u3400" <= t[0] <= "\u9fff" else t for t in tokens]
    sound = {f"{a} {b}" for a, b in itertools.pairwise(heard)}
    return frozenset(form), frozenset(sound)


def features(
    question: Question,
    chunks: Sequence[Chunk],
    dense: Sequence[float],
    lexical: Sequence[float],
    facts: Mapping[str, Sequence[Fact]],
) -> NDArray[np.float64]:
    """Feature matrix, shape (len(chunks), len(FEATURES))."""
    asked = _QUESTION_WORDS.sub(" ", question.normalised)
    if question.language == "en":
        asked += " " + " ".join(question.synonyms)
    asked_form, asked_sound = grams(asked)
    paths = [" ".join(chunk.heading_path) + " " + " ".join(chunk.table_header) for chunk in chunks]
    text_grams = [grams(_key(chunk.text)) for chunk in chunks]
    path_form = [grams(_key(path))[0] for path in paths]
    weight = _rarity([form | path for (form, _), path in zip(text_grams, path_form, strict=True)])
    sound_weight = _rarity([sound for _, sound in text_grams])
    total = sum(weight(g) for g in asked_form) or 1.0
    sound_total = sum(sound_weight(g) for g in asked_sound) or 1.0
    kinds = expected_facts(question.normalised)
    units = asked_units(question.normalised)
    side = asked_side(question.normalised)
    best_dense = max(dense, default=0.0)
    best_lexical = max(lexical, default=0.0) or 1.0
    rows = []
    for chunk, path, (form, sound), above, near, words in zip(
        chunks, paths, text_grams, path_form, dense, lexical, strict=True
    ):
        of_chunk = (
            ()
            if chunk.kind in _FRAME and Intent.METADATA not in question.intents
            else facts.get(chunk.id, ())
        )
        stated = {
            fact.kind
            for fact in of_chunk
            if not units or fact.kind is not FactKind.COUNT or fact.value.rpartition(" ")[2] in units
        }
        values = {fact.value for fact in of_chunk}
        rows.append(
            (
                near * 10,
                (near - best_dense) * 10,
                words / best_lexical,
                sum(weight(g) for g in asked_form & form) / total,
                sum(weight(g) for g in asked_form & (form | above)) / total,
                sum(sound_weight(g) for g in asked_sound & sound) / sound_total,
                _share(question.synonyms, chunk.text),
                _share(question.synonyms, path),
                float(bool(kinds) and kinds[0] in stated),
                float(bool(stated.intersection(kinds))),
                float(bool(values.intersection(question.values))),
                *_actor_features(side, chunk, of_chunk),
                float(any(re.search(HEADING_CUES.get(i, "$^"), path) for i in question.intents[:2])),
                float(chunk.kind is ChunkKind.TITLE),
                float(chunk.kind in {ChunkKind.HEADING, ChunkKind.HEADER}),
                float(chunk.kind is ChunkKind.CLOSING),
                float(chunk.kind is ChunkKind.ROW),
                float(chunk.text.endswith(("：", ":"))),
                math.log(max(10, len(chunk.text)) / 80),
                _longest_run(asked, chunk.text) / 6,
            )
        )
    return np.asarray(rows, dtype=np.float64).reshape(len(chunks), len(FEATURES))


def _actor_features(side: str, chunk: Chunk, facts: Sequence[Fact]) -> tuple[float, float]:
    """(whether who acts in the clause is on the side asked about, whether it is on the other one)."""
    if not side:
        return 0.0, 0.0
    actors = {fact.actor for fact in facts if fact.kind is FactKind.DATE and fact.actor} or {
        clause_actor(chunk.text)
    }
    actors.discard("")
    if not actors:
        return 0.0, 0.0
    own, other = actors_of(side)
    fits = any(re.search(own, actor) for actor in actors)
    return float(fits), float(not fits and any(re.search(other, actor) for actor in actors))


def _key(text: str) -> str:
    return text.replace("|", " ")


def _rarity(documents: Sequence[frozenset[str]]) -> Callable[[str], float]:
    """Inverse document frequency among the candidates: log((N + 1) / (df + 0.5))."""
    count = Counter(gram for document in documents for gram in document)
    size = len(documents) + 1
    return lambda gram: math.log(size / (count[gram] + 0.5)) if count[gram] else math.log(size)


def _share(words: Sequence[str], text: str) -> float:
    return sum(word in text for word in words) / math.sqrt(len(words) or 1)


def _longest_run(asked: str, text: str) -> int:
    """Length of the longest stretch of Han characters of the question that stands in the text, at most 6."""
    best = 0
    for run in re.findall(r"[\u3400-\u9fffa-z0-9]{2,}", asked):
        for start in range(len(run)):
            size = best + 1
            while start + size <= len(run) and size <= 6 and run[start : start + size] in text:
                best = size
                size += 1
    return best
