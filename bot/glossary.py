"""A question's words -> the same question in the words of notices: two term lists, `terms/*.tsv`.

The reader is too small to know by itself that 打钱 is 拨付, or what most English words are called in a notice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from bot.lexicon import SAID_TO_WRITTEN

TERMS = Path(__file__).with_name("terms")
TERM = 4
"""Characters from which on a word of `SAID_TO_WRITTEN`, which is a field of words for searching, is a term that means the
same as what was said."""

_LEFT_OUT = frozenset(
    "a about also an and any are as at be been but by did do does doing for from get gets got had has have here i "
    "i'd i'll i'm if in into is it its just me my of on or our please s so some such t than that the their them then "
    "there these they this those to too up us was we were will with would you your".split()
)
_WORD = re.compile(r"[a-z0-9][a-z0-9.\-]*[a-z0-9]|\d")


def in_written_words(words: str, text: str) -> str:
    """The question with what is said exchanged for what a passage calls it: `钱啥时候打下来` -> `钱啥时候拨付`; as it is where the
    passage has no such word."""
    for said, written in _colloquial():
        match = said.search(words)
        term = next((w for w in written if w in text and w not in words), "") if match else ""
        if match and term:
            return words[: match.start()] + term + words[match.end() :]
    return words


def written_terms(words: str, text: str) -> list[str]:
    """The words of a text for what is said otherwise: `最低生活保障` for `低保户交多少`; none that the words have, too."""
    rows = (written for said, written in _colloquial() if said.search(words))
    return [term for written in rows for term in written if term in text and term not in words]


def in_chinese(words: str) -> str:
    """An English question, in lower case, word by word: `how many paper copies` -> `多少 纸质 份`. What the list does not
    know stays as it is; words that carry nothing are left out."""
    found: list[str] = []
    at = 0
    any_term, chinese = _english()
    for match in any_term.finditer(words):
        found += _own_words(words[at : match.start()])
        found.append(chinese[int((match.lastgroup or "_0")[1:])])
        at = match.end()
    return " ".join(dict.fromkeys((*found, *_own_words(words[at:]))))


def _own_words(words: str) -> list[str]:
    return [word for word in _WORD.findall(words) if word not in _LEFT_OUT]


def _rows(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """(regular expression, written words) of each row of a list; lines that begin with # are remarks."""
    lines = (TERMS / f"{name}.tsv").read_text("utf-8").split("\n")
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [(said, tuple(written.split())) for said, written in pairs]


@lru_cache(maxsize=1)
def _colloquial() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    broad = [(said, _terms(written.split())) for said, written in SAID_TO_WRITTEN]
    return tuple((re.compile(said), written) for said, written in (*_rows("colloquial"), *broad))


def _terms(written: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in written if len(word) >= TERM)


@lru_cache(maxsize=1)
def _english() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """One expression for all English terms, with a group a row, and each row's most usual Chinese."""
    rows = _rows("english")
    any_term = "|".join(rf"(?P<_{n}>\b(?:{said})\b)" for n, (said, _) in enumerate(rows))
    return re.compile(any_term), tuple(written[0] for _, written in rows)
