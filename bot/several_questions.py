"""A person's words -> the several questions in one line, each to be asked by itself: `补多少，找谁问`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bot.datamodels import FactKind
from bot.lexicon import GENERIC
from bot.question import content_terms, expected_facts, understand

MOST_PARTS = 3
LONGEST = 60
"""Characters of a line beyond which it tells a case rather than asks several things."""

_APART = re.compile(r"[\s，,；;。？?！!]+|(?:还有(?!没有|[吗么没])|以及|和(?=找谁|电话|联系))")
_ASKS = re.compile(
    r"谁|哪|(?<![好前十有缓])几(?![乎百十千万])(?=.{0,3}$)|[交报送管付给要招]几|多[少久长大高远]|什么|啥|怎[么样]|咋|如何|何时|吗|[么呢]$|不$|[了过]没有?$|"
    r"(?P<verb>[\u4e00-\u9fff])不(?P=verb)|能否|是否|可否|有没有|(?:电话|号码|联系方式|联系人|邮箱|网址|地址|截止(?:时间|日期)?)$"
)
_TOLD = re.compile(r"[^什么]了$")
"""The end of what is told and not asked: `我们昨天交了`."""
_TAIL = re.compile(
    r"(?:这样|那|还|现在)*(?:对|是|行|可以|好|能|成|够|算|要紧|来得及)(?:不.{0,2}|吗|么|嘛|吧|没有?)?|(?:该|要|那)?(?:怎么|咋)[办弄整搞]|为什么|为啥"
)
"""What only makes a question of the words before it: `12月5号截止 对吗`."""
_COUNTED = re.compile(
    r"几.*|多[久长大]|最.|\d+|[昨今明]天|已经|自己|\d*[天日月年周次份家个人元块点]+之?[内前后]?"
)
"""A measure, which says of nothing what it is."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of several questions."""

    asked: str
    """Its own words."""
    text: str
    """These with what the line says for them beside: the case that it tells, the thing that an earlier part names."""
    terms: tuple[str, ...]
    """What its own words name; empty for `什么时候截止`."""
    for_contact: bool
    """True where its own words want somebody to ask and name nothing: about what, the parts before say."""


def parts_of(text: str, today: date) -> tuple[Part, ...]:
    """The questions of a line, in order; none where it asks one thing, or too many."""
    if len(text) > LONGEST or not re.search(r"[\u3400-\u9fff]", text):
        return ()
    before, asked, after = _told_and_asked([p for p in _APART.split(text.strip()) if p.strip()])
    if not 2 <= len(asked) <= MOST_PARTS:
        return ()
    asked[-1] = " ".join((asked[-1], *after))
    parts: list[Part] = []
    thing = ""
    for words in asked:
        terms = _terms(words, today)
        said = " ".join(w for w in (*before, "" if terms else thing, words) if w)
        for_contact = bool(parts) and not terms and FactKind.PHONE in expected_facts(words.casefold())
        parts.append(Part(words, said, tuple(terms), for_contact))
        thing = " ".join(terms) or thing
    return tuple(parts)


def is_told(part: Part, words: str, stated: Collection[FactKind], notice: str) -> bool:
    """True where words of a notice that state values of these kinds can be taken to answer a part too: they state the
    kind that it asks for, and hold a thing that it names, where the notice has any of these."""
    terms = [term for term in part.terms if term in notice] if _kinds(part) else part.terms
    return kind_is_told(part, stated) and (not terms or any(term in words for term in terms))


def kind_is_told(part: Part, stated: Collection[FactKind]) -> bool:
    """True where a value of the kind that a part asks for is among those stated, or it asks for none."""
    kinds = _kinds(part)
    return not kinds or any(kind in stated for kind in kinds)


def _kinds(part: Part) -> tuple[FactKind, ...]:
    """The kind of value that a part asks for; two where one of two answers it, as a date does `几天内`."""
    kinds = expected_facts(part.asked.casefold())
    return kinds[:2] if kinds[:1] in ((FactKind.AMOUNT,), (FactKind.DURATION,)) else kinds[:1]


def _terms(words: str, today: date) -> list[str]:
    """The words of a question that name a thing."""
    terms = content_terms(understand(words, today=today))
    return [term for term in terms if re.sub(GENERIC, "", term) and not _COUNTED.fullmatch(term)]


def _told_and_asked(pieces: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """(what is told before all questions, the questions, what is told behind them). What is told between two belongs
    to the later one; a piece that asks again for the same kind of value and names nothing, to the one before."""
    before: list[str] = []
    asked: list[str] = []
    told: list[str] = []
    for piece in pieces:
        if _TOLD.search(piece) or not (_ASKS.search(piece) or _TAIL.fullmatch(piece)):
            (told if asked else before).append(piece)
        elif told:
            asked.append(" ".join((*told, piece)))
            told = []
        elif asked and (_TAIL.fullmatch(piece) or _repeats(asked[-1], piece)):
            asked[-1] = f"{asked[-1]} {piece}"
        else:
            asked.append(piece)
    return before, asked, told


def _repeats(earlier: str, later: str) -> bool:
    """True for `电话` after `延续找谁办`, and for `电话呢` after `省厅谁负责`: whose number, the earlier one says."""
    kinds = expected_facts(later.casefold())[:1]
    rest = re.sub(GENERIC, "", later.casefold())
    whose = kinds == (FactKind.PHONE,) and "谁" in earlier
    return len(rest) < 2 and bool(kinds) and (whose or kinds[0] in expected_facts(earlier.casefold()))
