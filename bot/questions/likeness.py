"""Pairs of wordings -> log-odds that both ask the same, by a fitted linear model over a few readable features.

A wording is a question as it was typed, with what was understood of it and what it was answered from. The
comparison is vectorised: every wording is a row of small arrays, sets of words are bit masks by hash, and
a feature of many pairs is one NumPy expression. `training/fit_grouping.py` fits the weights.
"""

from __future__ import annotations

import json
import logging
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import FactKind, Intent, Question
from bot.errors import ModelError
from bot.lexicon import ENGLISH, GENERIC, QUESTION_WORDS, SAID_TO_WRITTEN
from bot.question import expected_facts, leans_on_history, places_in, understand
from bot.ranking import grams
from bot.sameness import batches_of
from bot.sides import asked_side

logger = logging.getLogger(__name__)

FEATURES: tuple[str, ...] = (
    "meaning",
    "sounds_in_common",
    "things_in_common",
    "subjects_in_common",
    "other_kind",
    "kind_of_one",
    "other_year",
    "year_of_one",
    "other_level",
    "other_place",
    "other_ordinal",
    "ordinal_of_one",
    "other_value",
    "other_side",
    "side_of_one",
    "same_notice",
    "same_passages",
    "same_answer",
    "other_numbers",
    "one_is_english",
)
FORBIDDING: tuple[str, ...] = ("other_year", "other_place", "other_ordinal")
"""Two wordings of which one of these is true are never in one group, however near they are."""
WEIGHTS_FILE = Path(__file__).with_name("likeness_weights.json")
PASSAGES = 10
"""Passages by which two wordings are compared: as many as the log keeps."""
WORDS = 8
"""64-bit words of a set of characters or sounds: at 40 members two sets share one by chance in 1 of 13 cases."""
SHORTEST_TITLE = 3
"""So many characters in a row of a notice's title name the notice and not what is asked about it."""

Masks = NDArray[np.uint64]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_SUBJECTS = tuple(re.compile(pattern) for pattern, _ in SAID_TO_WRITTEN)
_ANY_SUBJECT = re.compile("|".join(f"(?:{pattern})" for pattern, _ in SAID_TO_WRITTEN))
_ENGLISH = tuple((re.compile(pattern), written) for pattern, written in ENGLISH)
_QUESTION_WORDS = re.compile(QUESTION_WORDS)
_GENERIC = re.compile(GENERIC)
_WORDLIKE = re.compile(r"[\u3400-\u9fff]|[a-z0-9]+")
_ORDINAL = re.compile(
    r"[一二三四五六七八九十]等|第(?:[七八九十]|十[一二三四五六七八九])批|第[一二三四五六七八九十0-9]+[条轮]|(?<![a-z])[a-z]类|附件\d"
)
_SECTIONS = tuple(
    re.compile(pattern)
    for pattern in (
        r"条件|资格|够格|门槛",
        r"材料|资料|手续|证件|[交带]什么|[交带]啥|准备什么|准备啥",
        r"流程|步骤|程序|(?:怎么|怎样|如何|咋)(?:申报|申请|申领|报名|报考|报|办理|办|弄|申)",
        r"什么时候|啥时候?|几时|何时|哪天|几号|几月|多会儿|时间|日期|截止|截至|最晚|期限|deadline",
        r"找谁|问谁|问哪|打哪|打给谁|联系|咨询|热线|客服|电话|手机",
        r"地址|地点|[在去到上]哪(?:里|儿|个地方)?(?:申报|申请|申领|报名|报考|办|交|领)",
        r"多少钱|[补奖给]多少|金额|标准",
    )
)
"""What stands in sections of its own in a notice: 报名条件, 报名材料, 怎么报名, 报名时间 ask for four of them."""
_PARTIES = tuple(
    re.compile(pattern)
    for pattern in (
        r"分公司|分支机构|分厂|办事处",
        r"子公司",
        r"个体户|个体工商户",
        r"外地|异地|外省|省外|外市|市外",
        r"国企|国有|央企|中央企业",
        r"民企|民营",
        r"外资|外企|合资",
        r"高校|大学|学院|院校",
        r"个人|自然人",
        r"事业单位",
        r"合作社",
        r"社会组织|协会",
    )
)
"""Kinds of who asks for himself: what holds for one of them says nothing of another."""
_FILING = re.compile(r"申报|申请|申领|报名|报考|报|办理|办|需要|一下")
_COMPUTED = re.compile(r"[（(](?:已截止|还剩|今天截止|原文未写)[^）)]*[）)]|\s*(?:\[\d+\])+$")
_NUMBER = re.compile(r"\d[\d.,:-]*")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a wording was answered from, as the log keeps it."""

    notice_ids: tuple[str, ...] = ()
    passages: tuple[tuple[str, float], ...] = ()
    """(chunk id, score), best first."""
    answer: str = ""
    """Its first line, markers and computed remarks included; empty where there was no answer."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to ask a question about one notice, as it is compared with others."""

    words: str
    """Normalised: what is encoded."""
    language: str
    kinds: tuple[FactKind, ...]
    subjects: frozenset[int]
    """Numbers of the ideas of SAID_TO_WRITTEN that it speaks of, without the programme's name."""
    sounds: frozenset[str]
    things: frozenset[str]
    """Characters that are neither the programme's name, nor a subject, nor words of asking."""
    section: str
    """Number of the one of _SECTIONS that it asks for; empty where it asks for more or names a thing beside it."""
    parties: frozenset[int]
    """Numbers of the _PARTIES that it names."""
    years: frozenset[int]
    levels: frozenset[str]
    places: frozenset[str]
    ordinals: frozenset[str]
    """第二批, 一等, A类, 附件2."""
    values: frozenset[str]
    side: str
    evidence: Evidence
    answer: str
    """The answer's first line without what was computed on the day."""
    numbers: frozenset[str]
    """Numbers of that line."""


def wording_of(text: str, asked_on: date, evidence: Evidence, title: str = "") -> Wording | None:
    """What a question is compared by; None for small talk, a mere follow-up and what holds no words.

    `title` is that of the notices which answered; their words name the programme and do not tell apart what
    is asked about it.
    """
    question = understand(text, today=asked_on)
    if not stands_alone(question):
        return None
    glossed = _glossed(question)
    own = without_title(glossed, title.casefold())
    things = "" if question.language == "en" else _things(own)
    answer = _COMPUTED.sub("", evidence.answer).strip()
    return Wording(
        words=question.normalised,
        language=question.language,
        kinds=expected_facts(glossed),
        subjects=frozenset(n for n, subject in enumerate(_SUBJECTS) if subject.search(own)),
        sounds=grams(_QUESTION_WORDS.sub(" ", glossed))[1],
        things=frozenset(_WORDLIKE.findall(things)),
        section=asked_section(own),
        parties=frozenset(n for n, party in enumerate(_PARTIES) if party.search(own)),
        years=frozenset(question.years),
        levels=frozenset(question.levels),
        places=frozenset(places_in(question.normalised)),
        ordinals=batches_of(question) | frozenset(_ORDINAL.findall(question.normalised)),
        values=frozenset(question.values),
        side=asked_side(question.normalised),
        evidence=evidence,
        answer=answer,
        numbers=frozenset(_NUMBER.findall(answer)),
    )


def stands_alone(question: Question) -> bool:
    """False for small talk, for what only changes the question before, and for what holds no words."""
    if question.intents[0] in {Intent.GREETING, Intent.HELP} or leans_on_history(question.normalised):
        return False
    return len(re.findall(r"[\u3400-\u9fff]|[a-z]{2,}", question.normalised)) >= 2


def without_title(words: str, title: str) -> str:
    """The words without every stretch of at least SHORTEST_TITLE characters that stands in the title."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        size = 0
        while (
            at + size < len(words) and not words[at + size].isspace() and words[at : at + size + 1] in title
        ):
            size += 1
        kept.append(" " if size >= SHORTEST_TITLE else words[at])
        at += size if size >= SHORTEST_TITLE else 1
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def asked_section(words: str) -> str:
    """Number of the section of a notice that is asked for as a whole: 报名要什么材料; empty for 纸质材料要什么."""
    named = [(str(number), section) for number, section in enumerate(_SECTIONS) if section.search(words)]
    if len(named) != 1:
        return ""
    ((number, section),) = named
    for said in (section, _FILING, _QUESTION_WORDS, _GENERIC):
        words = said.sub(" ", words)
    return "" if _WORDLIKE.search(words) else number


def _glossed(question: Question) -> str:
    """The normalised words, those of an English question with the Chinese that they stand for."""
    if question.language != "en":
        return question.normalised
    glosses = (written for pattern, written in _ENGLISH if pattern.search(question.normalised))
    return " ".join((question.normalised, *glosses))


def _things(own: str) -> str:
    for pattern in (_QUESTION_WORDS, _ANY_SUBJECT, _GENERIC):
        own = pattern.sub(" ", own)
    return own


# ---------------------------------------------------------------- many wordings at once


class Wordings:
    """Wordings as arrays, a row each; `compare` gives the features of any pairs of rows."""

    def __init__(self, wordings: Sequence[Wording], vectors: NDArray[np.float32]) -> None:
        """`vectors`: (len(wordings), dimension), unit rows."""
        self.vectors = vectors
        self._sounds, self._sounds_size = _sets(w.sounds for w in wordings)
        self._things, self._things_size = _sets(w.things for w in wordings)
        self._subjects = _masks(w.subjects for w in wordings)[:, None]
        self._subjects_size = np.bitwise_count(self._subjects).sum(axis=1, dtype=np.int64)
        self._kinds = _hashed(w.kinds for w in wordings)
        self._years = _masks(w.years for w in wordings)
        self._levels, self._places, self._ordinals, self._values, self._numbers = (
            _hashed(getattr(w, name) for w in wordings)
            for name in ("levels", "places", "ordinals", "values", "numbers")
        )
        self._section = _hashes(w.section for w in wordings)
        self._parties = _masks(w.parties for w in wordings)
        self._side = _hashes(w.side for w in wordings)
        self._notices = _hashed(w.evidence.notice_ids for w in wordings)
        self._answer = _hashes(w.answer for w in wordings)
        self._english = np.asarray([w.language == "en" for w in wordings], bool)
        self._passages, self._shares = _passages(wordings)

    def __len__(self) -> int:
        return len(self.vectors)

    def compare(self, left: Rows, right: Rows) -> Floats:
        """Features of the pairs (left[i], right[i]), shape (len(left), len(FEATURES))."""

        def dice(sets: Masks, sizes: NDArray[np.int64]) -> Floats:
            share: Floats = 2 * _common(sets[left], sets[right]) / np.maximum(1, sizes[left] + sizes[right])
            return share

        def other(masks: Masks) -> NDArray[np.bool_]:
            return _disjoint(masks[left], masks[right])

        def of_one(masks: Masks) -> NDArray[np.bool_]:
            found: NDArray[np.bool_] = (masks[left] != 0) != (masks[right] != 0)
            return found

        def same(hashes: Masks) -> NDArray[np.bool_]:
            found: NDArray[np.bool_] = (hashes[left] == hashes[right]) & (hashes[left] != 0)
            return found

        columns = (
            np.einsum("ij,ij->i", self.vectors[left], self.vectors[right]),
            dice(self._sounds, self._sounds_size),
            dice(self._things, self._things_size),
            dice(self._subjects, self._subjects_size),
            other(self._kinds),
            of_one(self._kinds),
            other(self._years),
            of_one(self._years),
            other(self._levels),
            other(self._places),
            other(self._ordinals),
            of_one(self._ordinals),
            other(self._values),
            _unlike(self._side[left], self._side[right]),
            of_one(self._side),
            self._notices[left] & self._notices[right] != 0,
            self._passages_in_common(left, right),
            same(self._answer),
            other(self._numbers),
            self._english[left] != self._english[right],
        )
        return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)

    def apart(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        """Whether the two ask for different sections of a notice, or for different kinds of applicants: (len(left),)."""
        sections = _unlike(self._section[left], self._section[right])
        return sections | _disjoint(self._parties[left], self._parties[right])

    def _passages_in_common(self, left: Rows, right: Rows) -> Floats:
        """Bhattacharyya coefficient of the two softmax distributions over passages, 0 to 1."""
        same = self._passages[left][:, :, None] == self._passages[right][:, None, :]
        together = self._shares[left][:, :, None] * self._shares[right][:, None, :]
        total: Floats = (same * together).sum(axis=(1, 2), dtype=np.float64)
        return total


def _disjoint(a: Masks, b: Masks) -> NDArray[np.bool_]:
    """Whether both sets have members, and none in common: (n,) and (n,) -> (n,)."""
    found: NDArray[np.bool_] = (a != 0) & (b != 0) & (a & b == 0)
    return found


def _unlike(a: Masks, b: Masks) -> NDArray[np.bool_]:
    """Hashes -> whether both are there and differ: (n,) and (n,) -> (n,)."""
    found: NDArray[np.bool_] = (a != 0) & (b != 0) & (a != b)
    return found


def _common(a: Masks, b: Masks) -> NDArray[np.int64]:
    """How many members two sets have in common: (n, words) -> (n,)."""
    counts: NDArray[np.int64] = np.bitwise_count(a & b).sum(axis=1, dtype=np.int64)
    return counts


@lru_cache(maxsize=200_000)
def _hash(value: str) -> int:
    """The same on every run and machine, unlike the built-in one."""
    return zlib.crc32(value.encode("utf-8", "replace")) or 1


def _hashes(values: Iterable[str]) -> Masks:
    """A number for each text, 0 for the empty one."""
    return np.asarray([_hash(value) if value else 0 for value in values], np.uint64)


def _masks(sets: Iterable[Iterable[int]]) -> Masks:
    """Sets of small numbers -> one 64-bit word each."""
    return np.asarray([sum(1 << bit for bit in {n % 64 for n in numbers}) for numbers in sets], np.uint64)


def _hashed(sets: Iterable[Iterable[str]]) -> Masks:
    return _masks((_hash(value) for value in values) for values in sets)


def _sets(sets: Iterable[frozenset[str]]) -> tuple[Masks, NDArray[np.int64]]:
    """(n, WORDS) bit masks by hash, and how many bits are set in each."""
    rows = []
    for each in sets:
        bits = 0
        for value in each:
            bits |= 1 << (_hash(value) % (64 * WORDS))
        rows.append(np.frombuffer(bits.to_bytes(8 * WORDS, "little"), "<u8"))
    masks = np.asarray(rows, np.uint64).reshape(-1, WORDS)
    return masks, np.bitwise_count(masks).sum(axis=1, dtype=np.int64)


def _passages(wordings: Sequence[Wording]) -> tuple[Masks, NDArray[np.float32]]:
    """Hashes of each wording's passages and the roots of their softmax shares, both (n, PASSAGES)."""
    ids = np.zeros((len(wordings), PASSAGES), np.uint64)
    shares = np.zeros((len(wordings), PASSAGES), np.float32)
    for row, wording in enumerate(wordings):
        best = wording.evidence.passages[:PASSAGES]
        if not best:
            continue
        scores = np.asarray([score for _, score in best])
        weights = np.exp(scores - scores.max())
        ids[row, : len(best)] = [_hash(chunk_id) for chunk_id, _ in best]
        shares[row, : len(best)] = np.sqrt(weights / weights.sum())
    return ids, shares


# ---------------------------------------------------------------- the model


@dataclass(frozen=True, slots=True)
class Likeness:
    """Fitted weights: how likely it is that two wordings ask the same."""

    weights: Floats
    """(len(FEATURES),)"""
    bias: float
    joins: float
    """Mean log-odds from which on a wording joins a group, and two groups become one."""

    @classmethod
    def from_file(cls, encoder_name: str, path: Path = WEIGHTS_FILE) -> Likeness:
        """The model for vectors of this encoder; with another one than it was fitted with it is used all the
        same, and says so on the log. Raises ModelError where the file is not this program's."""
        try:
            data = json.loads(path.read_text("utf-8"))
            weights, bias, joins = data["weights"], float(data["bias"]), float(data["joins"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{path} 无法读取（{error}）。请重新安装程序。") from error
        if list(weights) != list(FEATURES):
            raise ModelError(
                f"{path} 与程序版本不符。请重新安装程序，或运行 training/fit_grouping.py 重新生成。"
            )
        if data["encoder"] != encoder_name:
            logger.warning(
                "问题归组的权重是用 %s 定的，现在的模型是 %s，归组会差一些。请运行 training/fit_grouping.py 重新生成。",
                data["encoder"],
                encoder_name,
            )
        return cls(np.asarray(list(weights.values())), bias, joins)

    def log_odds(self, features: Floats) -> Floats:
        """(n, len(FEATURES)) -> (n,): larger where both wordings likelier ask the same."""
        scores: Floats = np.clip(features @ self.weights + self.bias, -CLIP, CLIP)
        return scores


CLIP = 12.0
"""No single pair outweighs many others in a group's mean."""
_FORBIDDING = [FEATURES.index(name) for name in FORBIDDING]


def forbidden(features: Floats) -> NDArray[np.bool_]:
    """(n, len(FEATURES)) -> (n,): True where the two must not be in one group."""
    return np.asarray(features[:, _FORBIDDING].any(axis=1), np.bool_)


Compare = Callable[[Rows, Rows], tuple[Floats, NDArray[np.bool_]]]
"""Pairs of rows -> (log-odds that both ask the same, whether they must not be in one group)."""


def comparison(wordings: Wordings, model: Likeness) -> Compare:
    """How two rows of `wordings` compare under the model."""

    def compare(left: Rows, right: Rows) -> tuple[Floats, NDArray[np.bool_]]:
        scores = np.empty(len(left))
        never = np.empty(len(left), bool)
        for start in range(0, len(left), BATCH):
            part = slice(start, start + BATCH)
            features = wordings.compare(left[part], right[part])
            scores[part] = model.log_odds(features)
            never[part] = forbidden(features) | wordings.apart(left[part], right[part])
        return scores, never

    return compare


BATCH = 100_000
"""Pairs compared at once: some 100 MB of intermediate arrays."""
