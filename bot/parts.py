"""(Question, a notice's chunks) -> which of the things that a notice stands for side by side is asked about.

A notice may be about several programmes (`第一部分 高新技术企业认定`, `第二部分 研发投入后补助`; `认定企业：`, `复核企业：`) or
levels (`先进级、卓越级`). Its title names the programmes, and so do the headings, or the words that open a clause, of
what is said of one of them alone. Whoever asks for one is not told the rules of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.datamodels import Chunk, ChunkKind, Question
from bot.glossary import in_chinese, in_written_words
from bot.lexicon import GENERIC
from bot.numbering import number_end
from bot.question import words_in

_NUMERALS = "一二三四五六七八九十"
_LEVEL = rf"(?:(?!国家)[\u4e00-\u9fff](?![{_NUMERALS}])[\u4e00-\u9fff]|[{_NUMERALS}])级"
_RANGE = re.compile(rf"([{_NUMERALS}])级?(?:至|到|—+|-)([{_NUMERALS}])级")
_LEVELS = re.compile(rf"{_LEVEL}(?:(?:、|，|和|及|与|或){_LEVEL})+")
_REACHES = re.compile(r"[各每均至到—]|其[他余它]|以[上下]")
"""What may extend words about one level to others: `二级及以上`, `一级至三级`, `均`."""
_OPENING = re.compile(r"[^。；，：:,;|]{2,24}")
"""What a clause says first: `专精特新中小企业复核`, `认定企业纸质材料一式两份`."""
_SAYS_NOTHING = re.compile(
    r"第[一二三四五六七八九十]+(?:部分|篇|批)|(?:20)?\d{2}\s*年(?:度)?|年度|工作|有关|事项|部分|组织|关于|做好|开展|\W+|[和及与的]"
)
"""Words of a heading that name nothing."""
_FRAME = {ChunkKind.TITLE, ChunkKind.CLOSING}
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class AskedPart:
    """What a question names of the things that a notice has side by side; all empty where it names none of them."""

    named: frozenset[str] = frozenset()
    """The notice's words for the programmes that are asked about."""
    programmes: frozenset[str] = frozenset()
    """Words for the other programmes."""
    levels: frozenset[str] = frozenset()
    """The other levels."""
    own_levels: frozenset[str] = frozenset()
    """Those that are asked about."""
    title: str = ""
    """What the notice's title says it is about."""
    rest: str = ""
    """What a question in Chinese says beside all these."""

    def leaves_out(self, chunk: Chunk) -> bool:
        """True where a clause is about others alone: of the levels it names only others; or its headings or its first
        words name another programme, and nothing in it the one that is asked about."""
        where = " ".join((*chunk.heading_path, *chunk.table_header, chunk.text))
        if _holds(where, self.levels) and not _holds(where, self.own_levels):
            return True
        return _is_of(chunk, self.programmes, self.title) and not _holds(where, self.named)

    def is_for_others(self, words: str) -> bool:
        """True where words name others, and not what is asked about: the actor of a date, `认定企业`."""
        others, own = self.programmes | self.levels, self.named | self.own_levels
        return _holds(words, others) and not _holds(words, own)

    def is_for_others_alone(self, words: str) -> bool:
        """True where words are for levels that the question does not name, as said: `申报二级的，护理型床位占比不低于40%`."""
        return (
            bool(self.own_levels)
            and _holds(words, self.levels)
            and not (_holds(words, self.own_levels) or _REACHES.search(words))
        )

    def opens_for_others(self, chunk: Chunk) -> bool:
        """True for a clause that opens with another level, and says nothing in any part of it of the one that is asked
        about: `标杆级由省厅从示范级企业中推荐。`"""
        if not self.levels:
            return False
        words = chunk.text.lstrip("#| ")
        parts = re.split(r"[，。；：、,;:|\s]", words[number_end(words) :])
        return parts[0].startswith(tuple(self.levels)) and not any(
            part.startswith(tuple(self.own_levels)) for part in parts
        )


def asked_part(question: Question, title: str, chunks: Sequence[Chunk]) -> AskedPart:
    """What a question names of the programmes and levels of the notice with these chunks and this title."""
    levels = levels_beside(question, chunks)
    own_levels = frozenset(level for level in levels if level in question.normalised)
    title = re.sub(r"^.*?关于|\s", "", title)
    named, others, rest = _programmes(question, title, chunks)
    return AskedPart(
        named=named,
        programmes=others,
        levels=levels - own_levels if own_levels else frozenset(),
        own_levels=own_levels,
        title=title,
        rest="" if question.language == "en" else _without(rest, own_levels),
    )


def levels_beside(question: Question, chunks: Iterable[Chunk]) -> frozenset[str]:
    """The levels that a notice lists side by side (`基础级、先进级、卓越级和领航级`, `一级至五级`); none where the question, which
    names no level, does not turn on them."""
    if "级" not in question.normalised:
        return frozenset()
    texts = [chunk.text for chunk in chunks]
    listed = {level for text in texts for each in _LEVELS.findall(text) for level in re.findall(_LEVEL, each)}
    ranges = (
        _NUMERALS[_NUMERALS.find(a) : _NUMERALS.find(b) + 1] for t in texts for a, b in _RANGE.findall(t)
    )
    return frozenset(listed).union(f"{numeral}级" for each in ranges for numeral in each)


def opening(chunk: Chunk) -> str:
    """The first words of a clause or heading, without its number, up to the first mark."""
    words = chunk.text.lstrip("#| ")
    match = _OPENING.match(words, number_end(words))
    return match.group().strip() if match else ""


def programmes(title: str, chunks: Iterable[Chunk]) -> Iterator[dict[str, frozenset[str]]]:
    """The programmes that headings beside each other name, each with the words that no other of them has.

    A heading names a programme where all that it says stands in the notice's title: `复核企业`, not `申报条件`.
    """
    beside: dict[str | None, dict[str, tuple[str, ...]]] = {}
    for chunk in chunks:
        label = opening(chunk) if chunk.number and chunk.kind in {ChunkKind.HEADING, ChunkKind.CLAUSE} else ""
        if label and (words := _words_of(label, title)):
            beside.setdefault(chunk.parent_id, {})[label] = words
    for labels in beside.values():
        own = {
            label: frozenset(w for w in words if not any(w in other for other in labels if other != label))
            for label, words in labels.items()
        }
        own = {label: words for label, words in own.items() if words}
        if len(own) > 1:
            yield own


@lru_cache(maxsize=20_000)
def _words_of(label: str, title: str) -> tuple[str, ...]:
    """The telling words of a heading all of whose words stand in the title; empty for any other. Kept, for every question
    about a notice asks for those of all its headings."""
    tokens = words_in(_SAYS_NOTHING.sub(" ", label))
    said = [token for token in tokens if not re.fullmatch(GENERIC, token)]
    if not said or any(token not in title for token in said):
        return ()
    joined = [a + b for a, b in pairwise(tokens) if 1 in {len(a), len(b)} and a + b in title]
    return tuple(word for word in (*said, *joined) if _HAN.fullmatch(word))


def _programmes(
    question: Question, title: str, chunks: Sequence[Chunk]
) -> tuple[frozenset[str], frozenset[str], str]:
    """(words of the programmes that a question names, words of those beside them, the question without the first); the
    first two empty where it names none.

    Of several that it names one is only mentioned, where the clauses of the other speak of it too, and its own don't
    speak of the other: `我们是高企，后补助最高多少`.
    """
    named, others, words = frozenset[str](), frozenset[str](), question.normalised
    found = list(programmes(title, chunks))
    if found and question.language == "en":
        words = in_chinese(words)
    for beside in found:
        asked = {label: in_written_words(words, label) for label in beside}
        said = {label: frozenset(w for w in own if w in asked[label]) for label, own in beside.items()}
        meant = [label for label in beside if said[label]]
        under = {label: _under(chunks, beside, label, title) for label in meant}
        mentioned = {
            label
            for label in meant
            for other in meant
            if _holds(under[other], said[label]) and not _holds(under[label], said[other])
        }
        for label in meant:
            if label not in mentioned:
                named |= beside[label]
                words = _without(asked[label], beside[label])
        if named:
            others |= frozenset[str]().union(
                *(beside[label] for label in beside if label not in meant or label in mentioned)
            )
    return named, others - named, words


def _under(chunks: Sequence[Chunk], beside: Mapping[str, frozenset[str]], label: str, title: str) -> str:
    """What the clauses say whose headings or first words name this programme alone."""
    others = frozenset[str]().union(*(own for other, own in beside.items() if other != label))
    return " ".join(
        c.text
        for c in chunks
        if c.kind not in _FRAME and _is_of(c, beside[label], title) and not _is_of(c, others, title)
    )


def _is_of(chunk: Chunk, names: Iterable[str], title: str) -> bool:
    """True where the headings of a clause have one of these names, or its first words do with nothing before it that
    the title does not say: `认定企业纸质材料一式两份`, not `近三年发生过事故并被认定负有主要责任的`."""
    first = opening(chunk)
    return any(
        name in " ".join(chunk.heading_path) or (name in first and first[: first.index(name)] in title)
        for name in names
    )


def _holds(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


def _without(words: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        words = words.replace(name, " ")
    return words
