"""Answers of several notices to one question -> a small table: a row a notice, a cell an asked value, each cell cited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot import messages
from bot.datamodels import Answer, Block, BlockKind, Question, Span, SpanStyle
from bot.question import understand

SHOWN_COLUMNS = 2
"""Beside the notices' names: more cannot be read on a phone."""
CELL_CHARACTERS = 70
"""What says more than this fits no cell: the answers then stand under the names of their notices."""
_ASPECTS: tuple[tuple[str, str], ...] = (
    ("奖补", r"奖励|奖补|补贴|补助|资助|资金|奖金|金额"),
    ("截止时间", r"截止(?:时间|日期)?|(?:申报|填报|报名)(?:时间|期限)|最晚"),
    ("名额", r"名额|推荐(?:数量|限额|指标)"),
    ("比例", r"比例|占比"),
    ("年限", r"(?:成立|经营|注册)年限|年限"),
    ("份数", r"份数|几份"),
)
"""(a column's name, words of a question that ask for it)"""
_AND = re.compile(r"(?:标准|金额|要求|情况)?\s*(?:以及|还有|和|与|跟|及|、)\s*(?:推荐|申报)?")
_PART = re.compile(r"[^，；。]*[，；。]|[^，；。]+")
_BELONGS = re.compile(r"除外|例外|不限|不受|^(?:但|其中)")


@dataclass(frozen=True, slots=True)
class Aspect:
    """One of several things that a comparison asks for."""

    label: str
    question: Question
    """The question as it would be put for this thing alone."""


def aspects_of(question: Question) -> tuple[Aspect, ...]:
    """The two things that `奖励和截止时间有什么不同` asks for, in order; none where it asks for one."""
    words = question.normalised
    found = sorted(
        (match.start(), match.end(), label) for label, cue in _ASPECTS for match in re.finditer(cue, words)
    )
    for (start, end, label), (other_start, other_end, other_label) in pairwise(found):
        if label != other_label and _AND.fullmatch(words, end, other_start):
            texts = (words[:end] + words[other_end:], words[:start] + words[other_start:])
            first, second = (understand(text, today=question.today) for text in texts)
            return Aspect(label, first), Aspect(other_label, second)
    return ()


def compared(
    names: Sequence[str], columns: Sequence[Sequence[Answer]], labels: Sequence[str] = ()
) -> list[Answer] | None:
    """The answers of the notices in `names` as cells, row by row; None where one of them fits no cell.

    `columns` holds for each asked value the answers of all notices; `labels` names the values, where there are
    several.
    """
    if len(names) < 2 or not 1 <= len(columns) <= SHOWN_COLUMNS:
        return None
    rows: list[Answer] = []
    for row, name in enumerate(names):
        for column, answers in enumerate(columns):
            cell = _cell(answers[row])
            if cell is None:
                return None
            name_or_mark = name + messages.CELL_SEPARATOR if column == 0 else ""
            kind = BlockKind.CELL if column else BlockKind.ROW
            spans = (Span(name_or_mark, SpanStyle.COMPUTED), *cell.spans) if name_or_mark else cell.spans
            rows.append(replace(answers[row], blocks=(replace(cell, kind=kind, spans=spans),)))
    if labels:
        heading = messages.CELL_SEPARATOR.join((messages.NOTICE_COLUMN, *labels))
        header = Block(BlockKind.ROW, (Span(heading, SpanStyle.COMPUTED),))
        rows[0] = replace(rows[0], blocks=(header, *rows[0].blocks))
    return rows


def _cell(answer: Answer) -> Block | None:
    """The words of an answer that hold its value, with what is computed about it; None where they are too many."""
    if answer.status.abstained:
        return Block(BlockKind.CELL, (Span(messages.NOT_STATED, SpanStyle.COMPUTED),))
    told = [block for block in answer.blocks if block.kind is not BlockKind.NOTE]
    notes = {block.text for block in answer.blocks if block.kind is BlockKind.NOTE}
    if (
        not told
        or not notes <= {messages.CLOSED, messages.NEAREST}
        or any(block.kind is not BlockKind.ANSWER or block.text in messages.VERDICTS for block in told)
    ):
        return None
    if any(_is_strong(span) for block in told for span in block.spans):
        told = [block for block in told if any(_is_strong(span) for span in block.spans)]
    spans: list[Span] = []
    for block in told:
        if spans:
            spans.append(Span("；"))
        spans += _trimmed(_valued(block))
    if sum(len(span.text) for span in spans if span.style is not SpanStyle.COMPUTED) > CELL_CHARACTERS:
        return None
    if messages.NEAREST in notes:
        spans.append(Span(messages.CHECK_CELL, SpanStyle.COMPUTED))
    return Block(BlockKind.CELL, tuple(spans), tuple(dict.fromkeys(n for b in told for n in b.citations)))


def _is_strong(span: Span) -> bool:
    return span.style is SpanStyle.STRONG


def _valued(block: Block) -> list[Span]:
    """A block from its first part that holds a strong span through the last, with the exceptions that follow.

    What stands between is kept: it may be the condition of the later value. All of it where nothing is strong.
    """
    parts = list(_parts(block))
    strong = [n for n, part in enumerate(parts) if any(map(_is_strong, part))]
    if not strong:
        return list(block.spans)
    last = strong[-1]
    while last + 1 < len(parts) and _BELONGS.search("".join(span.text for span in parts[last + 1])):
        last += 1
    remarks = [span for part in parts[last + 1 :] for span in part if span.style is SpanStyle.COMPUTED]
    return [*(span for part in parts[strong[0] : last + 1] for span in part), *remarks]


def _parts(block: Block) -> Iterator[list[Span]]:
    """A block's spans, cut behind every comma, semicolon and full stop; computed spans stay whole, by themselves."""
    part: list[Span] = []
    for span in block.spans:
        if span.style is SpanStyle.COMPUTED:
            if part:
                yield part
            yield [span]
            part = []
            continue
        for match in _PART.finditer(span.text):
            part.append(replace(span, text=match.group()))
            if match.group()[-1] in "，；。":
                yield part
                part = []
    if part:
        yield part


def _trimmed(spans: Sequence[Span]) -> list[Span]:
    """Without the comma or full stop that the cell would end in."""
    last = max((n for n, span in enumerate(spans) if span.style is not SpanStyle.COMPUTED), default=-1)
    trimmed = [replace(s, text=s.text.rstrip("，；。")) if n == last else s for n, s in enumerate(spans)]
    return [span for span in trimmed if span.text]
