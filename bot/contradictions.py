"""A notice's clauses and facts -> what in it contradicts itself, for whoever publishes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from bot.chunking import sentences
from bot.datamodels import Chunk, ChunkKind, Fact, Notice
from bot.deadlines import day_of, is_deadline

SAME_ACT = 0.7
"""Share of common character pairs from which two acts are the same one."""
_HANDING_IN = re.compile(r"申报|报送|提交|报名|填报|上传|推荐上报|受理")
_NOT_THIS_YEAR = re.compile(r"上年|去年|往年|首次|上一年度|登记|注册|成立|取得|获得|完工|竣工|投产|认定|以来")


def contradictions(
    notice: Notice, chunks: Sequence[Chunk], facts: Mapping[str, Sequence[Fact]]
) -> tuple[str, ...]:
    """Chinese sentences, each with both places: one act with two dates, a deadline before the day of issue.

    `chunks` are the notice's, in reading order; `facts` are by chunk id.
    """
    deadlines = [
        (fact, chunk)
        for chunk in chunks
        if chunk.kind not in {ChunkKind.ROW, ChunkKind.HEADER}
        for fact in facts.get(chunk.id, ())
        if is_deadline(fact, chunk.text, chunk.start) and day_of(fact.value)
    ]
    return tuple(dict.fromkeys((*_two_dates(deadlines), *_over_before_issue(notice, deadlines))))


def _two_dates(deadlines: Sequence[tuple[Fact, Chunk]]) -> Iterator[str]:
    for (one, its), (other, others) in combinations(deadlines, 2):
        # Under two headings of one document the same act belongs to two levels or batches.
        apart = its.document_id == others.document_id and its.heading_path != others.heading_path
        if apart or its.id == others.id or one.value[:10] == other.value[:10]:
            continue
        # A clause may leave out who must act; it never names somebody else for the same act.
        if (not one.actor or not other.actor or one.actor == other.actor) and _same_act(one.act, other.act):
            yield (
                f"{one.actor or other.actor}“{one.act}”有两个日期：{_place(its)}写{one.text}，{_place(others)}写{other.text}。"
                "请核对哪一个对。"
            )


def _over_before_issue(notice: Notice, deadlines: Sequence[tuple[Fact, Chunk]]) -> Iterator[str]:
    for fact, chunk in deadlines:
        day = day_of(fact.value)
        sentence = next(
            (
                chunk.text[begin:end]
                for begin, end in sentences(chunk.text)
                if begin <= fact.start - chunk.start < end
            ),
            chunk.text,
        )
        after = chunk.text[fact.end - chunk.start :]
        case = fact.act.startswith(("已", "未"))  # `11月10日前已经完成网上提交的企业`: whom a rule is for
        stated = not case and not fact.year_inferred and not after.lstrip().startswith(("至", "到", "起"))
        over = notice.issued_on is not None and day is not None and day < notice.issued_on
        if stated and over and _HANDING_IN.search(fact.act) and not _NOT_THIS_YEAR.search(sentence):
            yield f"{_place(chunk)}的截止日期{fact.text}早于成文日期 {notice.issued_on}。请核对年份。"


def _place(chunk: Chunk) -> str:
    return chunk.section or f"“{chunk.text[:12]}…”"


def _same_act(one: str, other: str) -> bool:
    a, b = (_pairs(act) for act in (one, other))
    return bool(a and b) and 2 * len(a & b) / (len(a) + len(b)) >= SAME_ACT


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))
