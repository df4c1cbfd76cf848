"""Chunks -> facts: typed values (dates, phones, amounts ...) with the words that state them, and who acts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.actors import act_of_date, actor_of_date, clause_actor
from bot.chunking import sentences
from bot.datamodels import Chunk, ChunkKind, Fact, FactKind, Notice
from bot.values import is_clock, values_in

_ADDRESS = re.compile(
    r"(?:地址|地点|寄送|邮寄|邮寄至|寄至|寄到|送至|送到|报送至|报至|受理点|受理地点|办公地点|现场)\s*[:：为至]?\s*"
    r"(?P<address>[\u4e00-\u9fff]{2,}?(?:省|市|区|县|镇|街道|路|街|大道|巷|号|楼|园)[\u4e00-\u9fffA-Za-z0-9（）()\-—]{2,60})"
)
_PERSON_LINE = re.compile(
    r"(?:联\s*系\s*人|经办人|负责人|咨询人|联络人|受理人)\s*[:：为]?\s*(?P<names>[\u4e00-\u9fff·]{2,4}(?:[、，,/\s]+(?!联系|电话|手机|传真|邮箱|地址)[\u4e00-\u9fff·]{2,4}(?![\u4e00-\u9fff]))*)"
)


def extract_facts(chunks: Sequence[Chunk], notice: Notice) -> tuple[Fact, ...]:
    """Facts of the chunks of one notice, each with its clause, in reading order."""
    by_id = {chunk.id: chunk for chunk in chunks}
    return tuple(
        fact
        for chunk in chunks
        if chunk.kind is not ChunkKind.HEADER
        for fact in _facts(chunk, by_id, notice)
    )


def _facts(chunk: Chunk, by_id: dict[str, Chunk], notice: Notice) -> Iterator[Fact]:
    inherited = ""
    parent = by_id.get(chunk.parent_id or "")
    if parent is not None and parent.kind is ChunkKind.CLAUSE:
        inherited = clause_actor(parent.text)
    for begin, end in sentences(chunk.text):
        sentence = chunk.text[begin:end]
        actor = clause_actor(sentence) or inherited
        inherited = inherited or actor
        for value in values_in(sentence, notice.year, notice.issued_on):
            if is_clock(value):
                continue
            at = chunk.start + begin
            yield Fact(
                kind=value.kind,
                value=value.value,
                text=sentence[value.start : value.end],
                chunk_id=chunk.id,
                start=at + value.start,
                end=at + value.end,
                actor=(actor_of_date(sentence, value.start, value.end) if value.kind is FactKind.DATE else "")
                or actor,
                act=act_of_date(sentence, value.start, value.end)
                if value.kind in {FactKind.DATE, FactKind.DURATION}
                else "",
                year_inferred=value.year_missing and not value.value.startswith("--"),
            )
        for pattern, kind, group in (
            (_ADDRESS, FactKind.ADDRESS, "address"),
            (_PERSON_LINE, FactKind.PERSON, "names"),
        ):
            for match in pattern.finditer(sentence):
                at = chunk.start + begin
                yield Fact(
                    kind=kind,
                    value=match.group(group).strip(),
                    text=match.group(group).strip(),
                    chunk_id=chunk.id,
                    start=at + match.start(group),
                    end=at + match.start(group) + len(match.group(group).strip()),
                    actor=actor,
                )
