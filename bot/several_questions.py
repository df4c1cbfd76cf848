"""A person's words -> the several questions in one line, each to be asked by itself: `补多少，找谁问`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bot.datamodels import FactKind
from bot.lexicon import GENERIC, QUESTION_WORDS
from bot.question import content_terms, expected_facts, in_simplified, understand
from bot.values import values_in

MOST_PARTS = 3
LONGEST = 60
"""Characters of a line beyond which it tells a case rather than asks several things."""

_APART = re.compile(r"[\s，,；;。？?！!]+|(?:还有(?!没有|[吗么没])|以及|和(?=找谁|电话|联系))")
_ASKS = re.compile(
    r"谁|哪|(?<![好前十有缓])几(?![乎百十千万])(?=.{0,3}$|[号点时月])|[交报送管付给要招]几|多[少久长大高远]|什么|啥|怎[么样]|咋|如何|何时|吗|[么呢]$|不$|[了过]没有?$|"
    r"(?P<verb>[\u4e00-\u9fff])不(?P=verb)|能否|是否|可否|有没有|(?:电话|号码|联系方式|联系人|邮箱|网址|地址|截止(?:时间|日期)?)$"
)
THING = r"(?:时间|日期|截止|条件|材料|流程|程序|要求|对象|范围|金额|标准|联[系络](?:人|电话|方式)|电话|邮箱|网址|地址)"
"""What every notice states."""
_LISTED = re.compile(
    rf"(?P<first>[^，,。；;？?！!\s]*{THING})(?:以及|[和同跟及与、])(?P<second>{THING})"
    r"(?:[都分各别自]*(?:有哪些|[是系]?(?:什么|咩|乜嘢?|啥|多少|怎样|几时|哪些)?))?[呢啊？?。\s]*"
)
"""Two of them asked for by their names alone: `申报时间和条件`."""
_SENT_TO = re.compile(
    r"(?:报送?|提交|递交|[寄发]送?|送|交)(?:至|到|给|所在)?[^，。；]{0,20}(?:[局厅委办处科室]|部门?|中心|窗口|街道|乡镇|平台|系统)"
)
"""Says where something is handed in."""
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
    text = in_simplified(text).strip()
    before, asked, after = _told_and_asked([p for p in _APART.split(text) if p.strip()])
    if listed := _LISTED.fullmatch(text):
        asked = [*re.split(f"、(?={THING})", listed["first"]), listed["second"]]
        before, after = [], []
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


def asks(words: str) -> bool:
    """True for words that hold one that asks."""
    return bool(_ASKS.search(words))


def is_told(part: Part, words: str, stated: Collection[FactKind], notice: str) -> bool:
    """True where words of a notice that state values of these kinds can be taken to answer a part too: they state the
    kind that it asks for, and hold a thing that it names, where the notice has any of these; all of them, where it asks
    for no value. Of a duration the value must stand by the thing: `公示期内……10个工作日内组织复核` is not how long 公示 is."""
    kinds = _kinds(part)
    if not kinds:
        things = [thing for thing in part.terms or _said(part.asked) if thing in notice]
        return all(thing in words for thing in things or part.terms)
    terms = [term for term in part.terms if term in notice]
    if terms and kinds[0] is FactKind.DURATION:
        pieces = [piece for piece in re.split(r"[，,。；;\n]", words) if any(term in piece for term in terms)]
        return any(value.kind in kinds for piece in pieces for value in values_in(piece))
    return kind_is_told(part, stated) and (not terms or any(term in words for term in terms))


def place_is_told(part: Part, words: str) -> bool:
    """True where a part asks where something is handed in, and words say it by the name of an office or a platform."""
    return _kinds(part)[:1] == (FactKind.ADDRESS,) and bool(_SENT_TO.search(words))


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


def _said(words: str) -> list[str]:
    """What a question says beside the words that ask: `推荐` of `谁推荐`."""
    return re.findall(r"[\u4e00-\u9fff]{2,}", re.sub(QUESTION_WORDS, " ", words))


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
