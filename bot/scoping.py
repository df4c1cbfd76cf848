"""(Question, notices) -> which notice is meant: programme, year, batch and level; the newest in force where none is named.

Notices whose titles differ only in year, batch, level or office form a programme. A question names a
programme by words of its title; what it leaves out is taken from the question before, and then from
the day of asking. Several notices come back only where a question compares them, or where offices of
several levels run the same programme and none is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from bot.datamodels import FactKind, Notice, Question
from bot.glossary import in_chinese
from bot.question import content_terms, stated_values, things_named, with_yuan, words_in

TITLE_WEIGHT = 1.2
"""What each pair of characters that a question shares with a programme's title adds to its score."""
NAMED_BEFORE = 0.6
"""The same for a title named in the question before, as a share."""
CERTAIN = 1.2
"""What a question shares with a title from which on it names the programme: two pairs, of the question before as well."""
TOLD_WEIGHT = 1.0
"""What each thing that a question names adds to the score of a notice that speaks of it."""
TELLING = 3
"""Characters of a thing named from which on it tells the one notice that speaks of it: `卓越级`, not `逾期`."""
NO_THING = r"明年|去年|大?前年|(?:国家|省|市|区|县)级?|[a-z].*"
"""Words for a year or a level of office, and English ones that the list of terms doesn't know."""
NEWEST = 50
"""Notices, newest first, that are looked at for one that is still open."""
NAME = 4
"""Least characters of a stretch of a question that is taken for a programme's name."""
SAME_PROGRAMME = 0.5
"""Least Jaccard similarity of two bare titles."""

_BARE = re.compile(
    r"^.*?关于|(?:19|20)\d{2}\s*[-—至]?\s*(?:20\d{2})?\s*年(?:度)?|第[一二三四五六七八九十]+批次?|"
    r"(?:组织)?(?:开展|做好|申报|推荐|征集|遴选|认定|实施|印发|公布)|(?:有关)?工作|的?(?:通知|公告|通告|指南|办法|函)$|"
    r"[\u4e00-\u9fff]{2,3}(?:省|自治区)|[\u4e00-\u9fff]{2}市|省级|市级|区级|县级|国家级"
)
_COMPARES = re.compile(
    r"分别|各自|各是|相比|比较|对比|区别|不同|变化|差别|差在|一样|放宽|严了|松了|提高了|降低了|比去年|跟去年|和去年|两批|三家|哪级|"
    r"[省市区]、[省市区]|省市区|省里.{0,8}市里|compare|differ"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The notices to answer from."""

    notice_ids: tuple[str, ...]
    """One; several where the question compares them; none where the year asked for is not there."""
    programme: tuple[str, ...] = ()
    """All notices of the programme that are in force or past on the day of asking, newest first."""
    named: bool = False
    """True where the question itself says which of them."""
    certain: bool = True
    """False where neither the question nor the one before says which programme it means."""
    elsewhere: bool = False
    """True where it asks for the rules of a place that has no notice here."""
    others: tuple[str, ...] = ()
    """Notices of other programmes that may be meant as well, open ones first; empty where it is certain."""


def scope_of(
    question: Question,
    before: Question | None,
    notices: Sequence[Notice],
    best: Mapping[str, float],
) -> Scope:
    """The scope of a question among the notices issued by the day of asking.

    `before` is the question before in the same chat; `best` the score of each notice's best passage.
    """
    asked = _pairs(_in_chinese(question))
    own_hits: dict[str, float] = {n.id: _title_hits(asked, n) for n in notices}
    if before is not None and not any(own_hits.values()):
        question = _inherited(question, before)
        asked = _pairs(before.normalised)
        own_hits = {n.id: NAMED_BEFORE * _title_hits(asked, n) for n in notices}
    floor = min(best.values(), default=0.0)
    fitness = {n.id: best.get(n.id, floor - 1) + TITLE_WEIGHT * own_hits[n.id] for n in notices}
    region = {n.id: 2.0 * _names_region(question.normalised, n) for n in notices}
    first = max(notices, key=lambda n: (fitness[n.id] + region[n.id], n.issued_on or date.min, n.id))
    certain = own_hits[first.id] >= CERTAIN or region[first.id] > 0
    return replace(_within(question, _programme_of(first, notices)), certain=certain)


def scope_unnamed(
    question: Question,
    notices: Sequence[Notice],
    best: Mapping[str, float],
    told: Mapping[str, int],
    is_open: Callable[[Notice], bool],
    earlier: Scope | None = None,
) -> Scope:
    """The scope of a question that names no programme: that of the question before (`earlier`), else a notice that
    speaks of all that the question names, one with time left first; else the one that comes nearest.

    `told` counts the things named of which each notice speaks, `is_open` says whether a deadline of it lies ahead.
    """
    things = things_of(question)
    most = max(told.values(), default=0)
    if earlier and earlier.notice_ids and told.get(earlier.notice_ids[0], 0) >= most:
        certain = earlier.certain and most == len(things)
        by_id = {n.id: n for n in notices}
        programme = [by_id[n] for n in earlier.programme]
        other_one = question.years or question.batches or question.levels
        return replace(_within(question, programme) if other_one else earlier, certain=certain)
    floor = min(best.values(), default=0.0)
    asked = _pairs(_in_chinese(question))
    score = {
        n.id: best.get(n.id, floor - 1)
        + TITLE_WEIGHT * _title_hits(asked, n)
        + TOLD_WEIGHT * told.get(n.id, 0)
        for n in notices
    }
    names_nothing = not content_terms(_undated(question)) and question.language != "en"
    able = [n for n in notices if names_nothing or (things and told.get(n.id, 0) == len(things))]
    if question.years:
        able = [n for n in able if n.year in question.years] or able
    able = sorted(able, key=lambda n: (n.issued_on or date.min, n.id), reverse=True)
    still_open = {n.id for n in able[:NEWEST] if len(able) > 1 and is_open(n)}
    able.sort(key=lambda n: (n.id in still_open, 0.0 if names_nothing else score[n.id]), reverse=True)
    first = able[0] if able else max(notices, key=lambda n: (score[n.id], n.issued_on or date.min, n.id))
    programme = _programme_of(first, notices)
    others = tuple(n.id for n in able if n not in programme and (n.id in still_open or not still_open))
    telling = able and question.language != "en" and max(map(len, things), default=0) >= TELLING
    certain = all(n in programme for n in (able if telling else notices))
    return replace(_within(question, programme), certain=certain, others=others)


def things_of(question: Question) -> list[str]:
    """What a question names that a notice may speak of; of a level with its `级`, `卓越级`."""
    words = _in_chinese(question)
    if question.language == "en":
        question = replace(question, language="zh", terms=tuple(words_in(words)))
    things = [term for term in things_named(_undated(question)) if not re.fullmatch(NO_THING, term)]
    return [f"{thing}级" if f"{thing}级" in words else thing for thing in things]


def _in_chinese(question: Question) -> str:
    return in_chinese(question.normalised) if question.language == "en" else question.normalised


def _undated(question: Question) -> Question:
    """The question without its dates, which say only when one would act."""
    words = with_yuan(question.normalised)
    days = [words[v.start : v.end] for v in stated_values(question.normalised) if v.kind is FactKind.DATE]
    return replace(question, terms=tuple(t for t in question.terms if not any(t in day for day in days)))


def _programme_of(first: Notice, notices: Sequence[Notice]) -> list[Notice]:
    """The notices of a notice's programme, newest first."""
    found = (n for n in notices if n is first or _same_programme(n, first))
    return sorted(found, key=lambda n: (n.issued_on or date.min, n.id), reverse=True)


def without_scope_words(
    question: Question, notices: Sequence[Notice], kept: Collection[str] = ()
) -> Question:
    """The question as it would be put to one of these notices alone: no year, no batch, no programme's name.

    The words in `kept` stay, which tell the parts of one notice from one another; and so does a batch that is none of
    the notices': `第二批` of a notice that speaks of two.
    """
    words = question.normalised
    if not question.batches or {n.batch for n in notices} & {*question.batches}:
        words = re.sub(r"第[一二三四五]批|头一批|首批", " ", words)
    words = re.sub(
        r"(?:20)?\d{2}\s*年(?:度|那一?回|那一?批)?(?!\d{1,2}\s*月)(?:的)?|大?前年|去年|今年|(?<![\d])20\d{2}(?!\d)|"
        r"跟(?:之前|以前)?|比(?=\s|$)|相比|有(?:啥|什么|没有)?(?:变化|区别|不同)|差在(?:哪儿?|哪里)|一样[吗么]?|分别|各自|两批|[省市区]、[省市区](?:、区)?|省市区|三家|哪级",
        " ",
        question.normalised,
    )
    if len({_level(n) for n in notices}) > 1:
        offices = "|".join(
            sorted({name for n in notices for name in region_names(n.region)}, key=len, reverse=True)
        )
        words = re.sub(
            rf"(?:{offices})?[省市区县](?:里的?|级的?|这(?:笔|个)的?)|(?:{offices})[省市区县]?(?:那边|的)?",
            " ",
            words,
        )
    for bare in sorted({_bare(n.title) for n in notices}, key=len, reverse=True):
        words = _without_name(words, bare, kept)
    words = re.sub(r"\s+", " ", words).strip()
    if len(re.findall(r"[\u3400-\u9fff]", words)) < 2:
        return question
    terms = tuple(t for t in question.terms if t in words)
    return replace(question, normalised=words, terms=terms)


def _without_name(words: str, title: str, kept: Collection[str]) -> str:
    """The words without stretches of at least NAME characters that are pieces of the title, one after another:
    `数字化补贴` is a name of 中小企业数字化转型补贴. Those that hold a word of `kept` stay."""
    left, at = "", 0
    while at < len(words):
        end = at
        while piece := _longest_piece(words, end, title):
            end += piece
        if end - at >= NAME:
            held = any(word in words[at:end] for word in kept)
            left, at = left + (words[at:end] if held else " "), end
        else:
            left, at = left + words[at], at + 1
    return left


def _longest_piece(words: str, at: int, title: str) -> int:
    """Length of the longest piece of the title, of two characters or more, that the words go on with at `at`; or 0."""
    size = 0
    while at + size < len(words) and words[at : at + size + 1].strip() and words[at : at + size + 1] in title:
        size += 1
    return size if size > 1 else 0


# ---------------------------------------------------------------- inside a programme


def _within(question: Question, programme: Sequence[Notice]) -> Scope:
    ids = tuple(n.id for n in programme)
    covered = "".join(n.region for n in programme)
    if covered and question.places and not any(place in covered for place in question.places):
        return Scope((), ids, named=True, elsewhere=True)
    compares = bool(_COMPARES.search(question.normalised))
    left = list(programme)
    named = False
    years = [y for y in question.years if any(n.year == y for n in programme)]
    if question.years and not years:
        newest = [n for n in programme if n.year is not None]
        if newest and all(
            (y > max(n.year or 0 for n in newest) or y < min(n.year or 0 for n in newest))
            and not any(str(y) in n.title for n in programme)
            for y in question.years
        ):
            return Scope((), ids, named=True)
    if years:
        if (
            compares
            and len(years) == 1
            and re.search(r"(?:跟|和|与|比).{0,4}去年|比去年|去年.{0,6}今年", question.normalised)
        ):
            years.append(years[0] - 1)
        left, named = [n for n in left if n.year in years], True
    if question.batches:
        left, named = [n for n in left if n.batch in question.batches] or left, True
    levels = {_level(n) for n in left}
    if len(levels) > 1 and question.levels:
        left, named = [n for n in left if _level(n) in question.levels] or left, True
    regions = [n for n in left if _names_region(question.normalised, n)]
    if regions and len(regions) < len(left) and not len(question.levels) > 1:
        left, named = regions, True
    if compares and len(years) > 1:
        chosen = left
    elif compares and "批" in question.normalised and not question.batches:
        chosen = [n for n in left if n.year == left[0].year]
    else:
        chosen = _newest_of_each_level(left)
    return Scope(tuple(n.id for n in chosen), ids, named)


def _newest_of_each_level(notices: Sequence[Notice]) -> list[Notice]:
    found: dict[str, Notice] = {}
    for notice in notices:
        found.setdefault(_level(notice), notice)
    return list(found.values())


def _level(notice: Notice) -> str:
    if re.search(r"[\u4e00-\u9fff](?:区|县|街道|镇)$", notice.region) and not notice.region.endswith(
        "自治区"
    ):
        return "district"
    return "city" if notice.region.endswith("市") else "province"


@lru_cache(maxsize=2_000)
def region_names(region: str) -> tuple[str, ...]:
    return tuple(re.findall(r"([\u4e00-\u9fff]{2,4}?)(?:省|自治区|市|区|县)", region))


def _names_region(words: str, notice: Notice) -> bool:
    """True where a question names the city or district of a notice's office (长沙, 岳麓)."""
    names = region_names(notice.region)
    return bool(names) and names[-1] in words and not notice.region.endswith("省")


# ---------------------------------------------------------------- programmes


def _inherited(question: Question, before: Question) -> Question:
    """What a question leaves out about its notice, from the one before."""
    return replace(
        question,
        years=question.years or before.years,
        batches=question.batches or before.batches,
        levels=question.levels or before.levels,
    )


@lru_cache(maxsize=20_000)
def _bare(title: str) -> str:
    return _BARE.sub(" ", title).replace("  ", " ").strip()


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1) if " " not in text[i : i + 2])


@lru_cache(maxsize=20_000)
def _title_pairs(title: str) -> frozenset[str]:
    return _pairs(_bare(title))


def _title_hits(pairs: frozenset[str], notice: Notice) -> int:
    return len(_title_pairs(notice.title) & pairs)


def _same_programme(one: Notice, other: Notice) -> bool:
    a, b = _title_pairs(one.title), _title_pairs(other.title)
    return bool(a and b) and len(a & b) / len(a | b) >= SAME_PROGRAMME
