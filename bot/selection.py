"""(Question, passages) -> the list that it asks for, and whether it asks anything particular."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.datamodels import Chunk, ChunkKind, FactKind, Notice, Passage, Question
from bot.desk import Desk
from bot.lexicon import GENERIC
from bot.question import content_terms
from bot.scoping import region_names
from bot.tiers import without_tiers
from bot.values import values_in

LISTED_FROM = 6
"""Passages whose headings are looked at for an enumeration."""
SHORT_ITEM = 60
"""Characters of an item that names a thing, rather than say something of it."""
_ASKS_FOR_LIST = re.compile(
    r"哪些|有什么(?:要求|条件|材料|资料)|什么(?:条件|材料|资料|要求|手续|流程)|(?:条件|要求|材料|资料|流程|步骤|程序)(?:是什么|有什么|都?有哪些|呢|是啥|要啥)?[?？。\s]*$|"
    r"几个条件|清单|流程|步骤|requirements|conditions|criteria|what (?:documents|materials)|eligib"
)
_ENUMERABLE = r"条件|要求|材料|资料|手续|流程|程序|步骤|情形|清单|满足|需要|具备|提供|准备|符合|requirements"
_MATERIALS, _NO_MATERIALS = r"材料|资料", r"条件|流程|程序|步骤"
_AND_MATERIALS = re.compile(
    rf"(?:{_NO_MATERIALS})(?:以及|[与和及、]).{{0,4}}(?:{_MATERIALS})|(?:{_MATERIALS})(?:以及|[与和及、]).{{0,4}}(?:{_NO_MATERIALS})"
)
"""In a heading that is about two things."""
_HANDED_IN = re.compile(rf"{_MATERIALS}|提交|递交|提供|上传|另附")
_ONE_OF_ITS_KIND = re.compile(r"[分子母总老旧原新外大](?:公司|系统|平台|单位|企业|项目|厂)")
"""A noun that would be general but for the word before it: `分公司`, `老系统`."""
_SHORT = re.compile(r"[\u4e00-\u9fff]{2}")
_NUMBERED_LEVEL = re.compile(r"(?<![上下同第])[一二三四五六七八九]级")


def is_generic(desk: Desk) -> bool:
    """True where, beside the words of its kind, of the notice's title and of its part, a question says nothing
    particular."""
    return _says_nothing_more(_beside_part(desk), desk.notice)


def is_generic_of_tier(desk: Desk) -> bool:
    """The same for a question that may say whose duty is meant: `省厅什么时候报`."""
    return _says_nothing_more(without_tiers(_beside_part(desk)), desk.notice)


def _beside_part(desk: Desk) -> str:
    """A question without what says which part of the notice it is about, programme or level, and the notice's own batch."""
    words = desk.part.rest or desk.question.normalised
    return words.replace(desk.notice.batch, " ") if desk.notice.batch else words


def names_one_kind(words: str) -> bool:
    """True for `分公司还能报吗`, `老系统`: not any company or system is meant."""
    return bool(_ONE_OF_ITS_KIND.search(words))


def _says_nothing_more(rest: str, notice: Notice) -> bool:
    return not names_one_kind(rest) and says_nothing(rest, notice)


def without_shared(words: str, names: str, text: str = "") -> str:
    """Words without the stretches of two characters or more that they share with names of things or a text, and
    without short forms of the names (`高企` of 高新技术企业)."""
    kept, at = "", 0
    while at < len(words):
        end = at
        while end < len(words) and (words[at : end + 1] in names or words[at : end + 1] in text):
            end += 1
        if shared := end - at >= 2 or _is_short_for(words[at : at + 2], names):
            end = max(end, at + 2)
        kept += " " if shared else words[at]
        at = end if shared else at + 1
    return kept


def _is_short_for(short: str, where: str) -> bool:
    """True for `高企` of 高新技术企业, `医保` of 医疗保险."""
    return bool(_SHORT.fullmatch(short) and re.search(rf"{short[0]}[\u4e00-\u9fff]{{1,4}}{short[1]}", where))


def says_nothing(rest: str, notice: Notice) -> bool:
    """True of words that say nothing beside those of a question's kind, values and the notice's title."""
    for value in reversed([v for v in values_in(rest) if v.kind not in {FactKind.COUNT, FactKind.DURATION}]):
        rest = f"{rest[: value.start]} {rest[value.end :]}"
    for name in region_names(notice.region):
        rest = rest.replace(name, " ")
    rest = re.sub(GENERIC, " ", rest)
    for size in range(min(8, len(notice.title)), 3, -1):
        for start in range(len(notice.title) - size + 1):
            piece = notice.title[start : start + size]
            if piece in rest:
                rest = rest.replace(piece, " ")
    return not re.search(r"[\u3400-\u9fff]{2,}|[a-z]{3,}|\d{2,}", rest)


def children(desk: Desk, parent: Chunk) -> list[Chunk]:
    return [c for c in desk.chunks if c.parent_id == parent.id and c.kind is not ChunkKind.HEADING]


def listing(desk: Desk, passages: Sequence[Passage]) -> tuple[Chunk, list[Chunk]] | None:
    """(heading or introducing line, its items), where a question asks for an enumeration and one fits it."""
    question = desk.question
    if not _ASKS_FOR_LIST.search(question.normalised):
        return None
    wanted = set(question.terms) | set(question.synonyms)
    particular = [
        t for t in content_terms(question) if not re.search(_ENUMERABLE, t) and t not in desk.notice.title
    ]
    best: tuple[float, Chunk] | None = None
    for rank, passage in enumerate(passages[:LISTED_FROM]):
        chunk = passage.chunk
        for candidate in (chunk, desk.parent(chunk)):
            if candidate is None or not introduces(candidate):
                continue
            where = " ".join((*candidate.heading_path, candidate.text))
            if any(term not in where for term in particular):
                continue
            fit = sum(len(word) for word in wanted if len(word) > 1 and word in candidate.text) - rank * 0.5
            if fit > 1 and (best is None or fit > best[0]) and len(children(desk, candidate)) >= 2:
                best = (fit, candidate)
    return (
        (best[1], _of_materials(question, best[1], _of_part(desk, children(desk, best[1])))) if best else None
    )


def _of_part(desk: Desk, items: list[Chunk]) -> list[Chunk]:
    """The items that are not about another part of the notice than the one that is asked about; all, if that is none."""
    return [item for item in items if not desk.part.leaves_out(item)] or items


def _of_materials(question: Question, heading: Chunk, items: list[Chunk]) -> list[Chunk]:
    """Under `申请条件与材料` the items that speak of materials, where only these are asked for, some do, and all are
    paragraphs: a short item says only with its heading what it is."""
    words = question.normalised
    asked = re.search(_MATERIALS, words) and not re.search(_NO_MATERIALS, words)
    both = heading.kind is ChunkKind.HEADING and _AND_MATERIALS.search(heading.text)
    if not (asked and both) or any(len(item.text) <= SHORT_ITEM for item in items):
        return items
    return [item for item in items if _HANDED_IN.search(item.text)] or items


def introduces(chunk: Chunk) -> bool:
    """True for a heading, and for a short line that ends in a colon: the answer is what follows."""
    return chunk.kind is ChunkKind.HEADING or (
        len(chunk.text) <= 60 and chunk.text.rstrip().endswith(("：", ":"))
    )


def asks_unknown_level(question: Question, levels: frozenset[str], text: str) -> bool:
    """True for `二级要什么条件` where a notice lists levels, and none of them nor anything else in it is called so."""
    return bool(levels) and any(level not in text for level in _NUMBERED_LEVEL.findall(question.normalised))
