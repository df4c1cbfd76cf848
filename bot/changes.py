"""Two versions of the index -> what changed between them, as facts: the old date and the new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from bot.datamodels import Chunk, Document, Fact, FactKind, Notice
from bot.deadlines import is_deadline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAME_CLAUSE = 0.5
"""Share of common character pairs from which two different texts are two wordings of one clause."""
NEIGHBOURS = 12
"""How many places apart the two wordings of a clause without a number of its own may stand."""
CONTEXT = 12
"""Characters shown on each side of what differs between two wordings."""

_LABELS: dict[FactKind, str] = {
    FactKind.DATE: "日期",
    FactKind.DURATION: "期限",
    FactKind.PHONE: "电话",
    FactKind.EMAIL: "邮箱",
    FactKind.URL: "网址",
    FactKind.ADDRESS: "地址",
    FactKind.AMOUNT: "金额",
    FactKind.PERCENT: "比例",
    FactKind.COUNT: "数量",
    FactKind.DOC_NUMBER: "文号",
    FactKind.PERSON: "联系人",
}
DEADLINE, ISSUED, TITLE, DOC_NUMBER, ATTACHMENT = "截止日期", "成文日期", "标题", "发文字号", "附件"
_ORDER = (TITLE, DOC_NUMBER, ISSUED, ATTACHMENT, DEADLINE, *_LABELS.values())
"""What a reader must see first."""


class Version(Protocol):
    """What is compared of an index."""

    @property
    def notices(self) -> Mapping[str, Notice]: ...
    @property
    def documents(self) -> Mapping[str, Document]: ...
    @property
    def chunks(self) -> Sequence[Chunk]: ...
    @property
    def notice_rows(self) -> Mapping[str, NDArray[np.int64]]: ...
    @property
    def facts(self) -> Mapping[str, tuple[Fact, ...]]: ...


@dataclass(frozen=True, slots=True)
class FactChange:
    """One value of a notice that is new, gone or another one now."""

    notice_id: str
    notice: str
    """Title of the notice."""
    label: str
    """What the value is: 截止日期, 电话, 金额 ..."""
    before: str
    """As written, a date in full; empty where the value is new."""
    after: str
    """Empty where the value is gone."""
    section: str
    """Where it stands, or stood: `二、（二）1.`, `附件2 表1第3行`."""
    actor: str = ""
    act: str = ""

    @property
    def is_deadline(self) -> bool:
        return self.label == DEADLINE

    def __str__(self) -> str:
        """`截止日期：2024年11月22日 → 2024年11月29日（二、（二）1.，申报主体）`."""
        where = "，".join(filter(None, (self.section, self.actor)))
        change = f"{self.before or '（无）'} → {self.after or '（删去）'}"
        return f"{self.label}：{change}" + (f"（{where}）" if where else "")


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause whose words are new, gone or others now."""

    section: str
    before: str
    """Empty where the clause is new."""
    after: str
    """Empty where it is gone."""

    def __str__(self) -> str:
        """Both wordings, cut to what differs: `……在湖南省内注册…… → ……在中国境内注册……（一、1.）`."""
        if self.before and self.after:
            before, after = _difference(self.before, self.after)
            what = f"{before} → {after}"
        else:
            what = f"新增：{_start(self.after)}" if self.after else f"删去：{_start(self.before)}"
        return what + (f"（{self.section}）" if self.section else "")


class NoticeState(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class NoticeChange:
    """What changed in one notice."""

    notice_id: str
    title: str
    state: NoticeState
    facts: tuple[FactChange, ...] = ()
    """Of a changed notice, the most important first."""
    clauses: tuple[ClauseChange, ...] = ()
    """Of a changed notice, in reading order, without those in which only values of `facts` differ."""


def changes_between(old: Version, new: Version) -> tuple[NoticeChange, ...]:
    """Every notice that is new, gone or changed, by its id."""
    found = []
    for notice_id in sorted(old.notices.keys() | new.notices.keys()):
        if notice_id not in old.notices:
            found.append(NoticeChange(notice_id, new.notices[notice_id].title, NoticeState.ADDED))
        elif notice_id not in new.notices:
            found.append(NoticeChange(notice_id, old.notices[notice_id].title, NoticeState.REMOVED))
        elif change := _changed(notice_id, old, new):
            found.append(change)
    return tuple(found)


def changed_facts(old: Version, new: Version) -> tuple[FactChange, ...]:
    """The values that changed in notices that both versions hold."""
    return tuple(fact for change in changes_between(old, new) for fact in change.facts)


# ---------------------------------------------------------------- one notice


def _changed(notice_id: str, old: Version, new: Version) -> NoticeChange | None:
    before, after = _chunks(old, notice_id), _chunks(new, notice_id)
    was, now = old.notices[notice_id], new.notices[notice_id]
    if was == now and before == after and _values(old, before) == _values(new, after):
        return None
    pairs = _aligned(before, after)
    title = now.title or notice_id
    clauses = tuple(
        ClauseChange(_section(b, old) if b else _section(a, new) if a else "", _text(b), _text(a))
        for b, a in pairs
        if _wording(old, b) != _wording(new, a)
    )
    facts = [
        FactChange(notice_id, title, *change)
        for change in (*_head_changes(was, now), *_value_changes(pairs, old, new))
    ]
    facts.sort(key=lambda fact: _ORDER.index(fact.label))  # stable: reading order within a label
    if not (facts or clauses):
        return None
    return NoticeChange(notice_id, title, NoticeState.CHANGED, tuple(facts), clauses)


def _chunks(version: Version, notice_id: str) -> list[Chunk]:
    return [version.chunks[int(row)] for row in version.notice_rows.get(notice_id, ())]


def _values(version: Version, chunks: Sequence[Chunk]) -> list[tuple[Fact, ...]]:
    return [version.facts.get(chunk.id, ()) for chunk in chunks]


Change = tuple[str, str, str, str, str, str]
"""Label, before, after, section, actor, act."""


def _head_changes(was: Notice, now: Notice) -> Iterator[Change]:
    heads = (
        (TITLE, was.title, now.title),
        (DOC_NUMBER, was.doc_number, now.doc_number),
        (ISSUED, _day(was.issued_on), _day(now.issued_on)),
    )
    yield from ((label, before, after, "", "", "") for label, before, after in heads if before != after)
    supplied = {a.number: a for a in was.attachments}
    for attachment in now.attachments:
        earlier = supplied.get(attachment.number)
        if earlier and (earlier.document_id is None) != (attachment.document_id is None):
            name = f"附件{attachment.number}" + (f"《{attachment.title}》" if attachment.title else "")
            given = attachment.document_id is not None
            yield ATTACHMENT, "未提供" if given else "已提供", "已提供" if given else "未提供", name, "", ""


def _value_changes(pairs: Sequence[Pair], old: Version, new: Version) -> Iterator[Change]:
    """Values of paired clauses against one another; one that only moved to another clause is none."""
    gone: list[tuple[Fact, Chunk]] = []
    fresh: list[tuple[Fact, Chunk]] = []
    changed: list[tuple[tuple[Fact, Chunk] | None, tuple[Fact, Chunk] | None]] = []
    for before, after in pairs:
        was = _facts(old, before)
        now = _facts(new, after)
        lost = _without(was, now)
        won = _without(now, was)
        for kind in dict.fromkeys(fact.kind for fact in (*lost, *won)):
            of_kind = ([f for f in lost if f.kind is kind], [f for f in won if f.kind is kind])
            both = min(map(len, of_kind))
            if before and after:
                changed += [((b, before), (a, after)) for b, a in zip(*of_kind, strict=False)]
            if before:
                gone += [(fact, before) for fact in of_kind[0][both:]]
            if after:
                fresh += [(fact, after) for fact in of_kind[1][both:]]
    moved = Counter(_value(f) for f, _ in gone) & Counter(_value(f) for f, _ in fresh)
    changed += [(pair, None) for pair in _unmoved(gone, moved)]
    changed += [(None, pair) for pair in _unmoved(fresh, moved)]
    for b, a in changed:
        fact, chunk, version = (*a, new) if a else (*b, old) if b else (None, None, None)
        if fact is None or chunk is None or version is None:
            continue
        label = _label(fact, chunk)
        if label != ISSUED:  # told from the notice's head already
            yield (
                label,
                _written(b[0]) if b else "",
                _written(a[0]) if a else "",
                _section(chunk, version),
                fact.actor,
                fact.act,
            )


def _facts(version: Version, chunk: Chunk | None) -> tuple[Fact, ...]:
    return version.facts.get(chunk.id, ()) if chunk else ()


def _value(fact: Fact) -> tuple[FactKind, str]:
    return fact.kind, fact.value


def _without(facts: Sequence[Fact], others: Sequence[Fact]) -> list[Fact]:
    """Facts whose value the others do not state; a value stated twice needs two."""
    left = Counter(map(_value, others))
    kept = []
    for fact in facts:
        if left[_value(fact)]:
            left[_value(fact)] -= 1
        else:
            kept.append(fact)
    return kept


def _unmoved(
    placed: Sequence[tuple[Fact, Chunk]], moved: Counter[tuple[FactKind, str]]
) -> list[tuple[Fact, Chunk]]:
    left = moved.copy()
    kept = []
    for fact, chunk in placed:
        if left[_value(fact)]:
            left[_value(fact)] -= 1
        else:
            kept.append((fact, chunk))
    return kept


def _label(fact: Fact, chunk: Chunk) -> str:
    if fact.kind is FactKind.DATE and chunk.section == "文末":
        return ISSUED
    return DEADLINE if is_deadline(fact, chunk.text, chunk.start) else _LABELS[fact.kind]


def _written(fact: Fact) -> str:
    """The value as written; a date with its year, whether or not it was written."""
    written = fact.kind is not FactKind.DATE or "年" in fact.text or not fact.value[:4].isdecimal()
    return fact.text if written else f"{fact.value[:4]}年{fact.text}"


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _section(chunk: Chunk, version: Version) -> str:
    document = version.documents.get(chunk.document_id)
    number = document.attachment_number if document else ""
    return " ".join(filter(None, (f"附件{number}" if number else "", chunk.section)))


# ---------------------------------------------------------------- which clause is which

Pair = tuple[Chunk | None, Chunk | None]


def _text(chunk: Chunk | None) -> str:
    return chunk.text if chunk else ""


def _key(chunk: Chunk | None) -> str:
    return "".join(_text(chunk).split())


def _wording(version: Version, chunk: Chunk | None) -> str:
    """A clause without its blanks and its values."""
    text = _text(chunk)
    for fact in sorted(_facts(version, chunk), key=lambda fact: -fact.start):
        if chunk:
            text = text[: fact.start - chunk.start] + "\0" + text[fact.end - chunk.start :]
    return "".join(text.split())


def _aligned(before: Sequence[Chunk], after: Sequence[Chunk]) -> list[Pair]:
    """Each clause of both sides once: unchanged ones in pairs, then the reworded, the gone, the new.

    In the order of `after`; what is gone stands where it stood.
    """
    matcher = SequenceMatcher(None, [_key(c) for c in before], [_key(c) for c in after], autojunk=False)
    pairs: list[Pair] = []
    for tag, b_from, b_to, a_from, a_to in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(before[b_from:b_to], after[a_from:a_to], strict=True)
        else:
            pairs += _reworded(before[b_from:b_to], after[a_from:a_to])
    return pairs


def _reworded(before: Sequence[Chunk], after: Sequence[Chunk]) -> Iterator[Pair]:
    bigrams = [_bigrams(_key(chunk)) for chunk in before]
    free = set(range(len(before)))
    partner: dict[int, int] = {}
    for position, chunk in enumerate(after):
        own = _bigrams(_key(chunk))
        near = [
            row
            for row in free
            if abs(row - position) <= NEIGHBOURS or (chunk.section and before[row].section == chunk.section)
        ]
        best = max(near, key=lambda row: (_overlap(bigrams[row], own), -abs(row - position)), default=None)
        if best is not None and _overlap(bigrams[best], own) >= SAME_CLAUSE:
            partner[position] = best
            free.discard(best)
    yield from ((before[row], None) for row in sorted(free))
    for position, chunk in enumerate(after):
        yield (before[partner[position]] if position in partner else None, chunk)


def _bigrams(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1)) or frozenset([text])


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Sørensen-Dice coefficient of two sets of character pairs, 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other))


def _difference(before: str, after: str) -> tuple[str, str]:
    """Both texts from the first to the last character that differ, with a little on both sides."""
    short = min(len(before), len(after))
    head = next((at for at in range(short) if before[at] != after[at]), short)
    tail = next(
        (at for at in range(short - head) if before[len(before) - 1 - at] != after[len(after) - 1 - at]),
        short - head,
    )
    return _window(before, head, len(before) - tail), _window(after, head, len(after) - tail)


def _window(text: str, start: int, end: int) -> str:
    begin, stop = max(0, start - CONTEXT), min(len(text), end + CONTEXT)
    return "…" * (begin > 0) + _start(text[begin:stop], 80) + "…" * (stop < len(text))


def _start(text: str, limit: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[:limit] + "…"
