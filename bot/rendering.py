"""Answer -> plain text, terminal text, JSON; a channel with its own mark-up has a renderer of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from bot import messages
from bot.datamodels import Answer, Block, BlockKind, Citation, SpanStyle

RELATED_INTRODUCTION = "相关内容（不是对问题的直接回答）："
SUGGESTION_INTRODUCTION = "可以接着问："
ELISION = "……"
QUOTE_LIMIT = 260
"""Characters of a quote from which plain text elides what surrounds the answering words."""

# ---------------------------------------------------------------- plain text


def to_plain(answer: Answer) -> str:
    """What a person reads without colours: the answer's blocks, a blank line, the quoted clauses."""
    body, citations = body_to_plain(answer), "\n".join(_citation_lines(answer.citations))
    return "\n\n".join(part for part in (body, citations) if part)


def body_to_plain(answer: Answer) -> str:
    """The answer's blocks with their [n] markers, a block a line, without the quoted clauses.

    Every block's text stands in it unchanged.
    """
    return "\n".join(_block_lines(answer.blocks))


def _block_lines(blocks: Sequence[Block]) -> Iterator[str]:
    previous: BlockKind | None = None
    for line in lines_of(blocks):
        kind = line[0].kind
        if kind is BlockKind.RELATED and previous is not BlockKind.RELATED:
            yield RELATED_INTRODUCTION
        bullet = "- " if kind in {BlockKind.ITEM, BlockKind.RELATED} else ""
        yield bullet + messages.CELL_SEPARATOR.join(f"{block.text}{markers(block)}" for block in line)
        previous = kind


def lines_of(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks that stand on one line each: the cells of a row together, any other block by itself."""
    lines: list[list[Block]] = []
    for block in blocks:
        if block.kind is BlockKind.CELL and lines and lines[-1][0].kind is BlockKind.ROW:
            lines[-1].append(block)
        else:
            lines.append([block])
    return lines


def markers(block: Block) -> str:
    """`[1][2]` for a block's citations, after a blank where the block ends in ASCII (a phone, a URL)."""
    if not block.citations:
        return ""
    last = block.text[-1:]
    blank = " " if last and last.isascii() and not last.isspace() else ""
    return blank + "".join(f"[{n}]" for n in block.citations)


def _citation_lines(citations: Iterable[Citation]) -> Iterator[str]:
    previous: Citation | None = None
    for citation in citations:
        kept = kept_spans(citation.quote, citation.marks)
        yield f"[{citation.n}] {citation_place(citation, previous)}：“{_elided(citation.quote, kept)}”"
        previous = citation


def citation_place(citation: Citation, previous: Citation | None = None) -> str:
    """`《title》二、（二）1.`, or `同上，二、（二）2.` after a citation of the same file."""
    check = messages.RECOGNISED if citation.recognised else ""
    page = f"（第{citation.page}页{check}）" if citation.page is not None else ""
    if previous is not None and previous.document_id == citation.document_id:
        return f"同上，{citation.section}{page}" if citation.section else f"同上{page}"
    inner = citation.document.replace("《", "〈").replace("》", "〉")
    return f"《{inner}》{citation.section}{page}"


_SENTENCE_END = re.compile(r"(?:[。！？；\n]|[;!?](?=\s|[\u4e00-\u9fff]|$))[”’」』）)》]*")


def kept_spans(
    quote: str, marks: Iterable[tuple[int, int]], limit: int = QUOTE_LIMIT
) -> tuple[tuple[int, int], ...]:
    """The stretches of a quote to show, cut at sentence borders only and never inside a mark.

    A quote of at most `limit` characters is kept whole. Of a longer one, the sentences that hold a mark are
    kept (the first one where there is no mark), then their neighbours while the sum stays within the limit.
    """
    if len(quote) <= limit:
        return ((0, len(quote)),)
    clean_marks = merged_marks(marks, len(quote))
    ends = (match.end() for match in _SENTENCE_END.finditer(quote))
    borders = {end for end in ends if not any(start < end < stop for start, stop in clean_marks)}
    sentences = list(pairwise(sorted(borders | {0, len(quote)})))
    kept = {
        row
        for row, (start, end) in enumerate(sentences)
        if any(start < mark_end and mark_start < end for mark_start, mark_end in clean_marks)
    } or {0}
    total = sum(sentences[row][1] - sentences[row][0] for row in kept)
    while neighbours := [
        row
        for row in range(len(sentences))
        if row not in kept
        and {row - 1, row + 1} & kept
        and total + sentences[row][1] - sentences[row][0] <= limit
    ]:
        kept.add(neighbours[-1])
        total += sentences[neighbours[-1]][1] - sentences[neighbours[-1]][0]
    return _joined(sentences[row] for row in sorted(kept))


def merged_marks(marks: Iterable[tuple[int, int]], length: int) -> tuple[tuple[int, int], ...]:
    """Marks within [0, length), sorted; touching and overlapping ones become one, empty ones go."""
    clipped = sorted((max(0, start), min(length, end)) for start, end in marks)
    return _joined((start, end) for start, end in clipped if start < end)


def _joined(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _elided(quote: str, kept: tuple[tuple[int, int], ...]) -> str:
    """The kept stretches on one line, with …… for each gap that holds words."""
    pieces: list[str] = []
    position = 0
    for start, end in (*kept, (len(quote), len(quote))):
        if quote[position:start].strip():
            pieces.append(ELISION)
        pieces.append(quote[start:end])
        position = end
    return re.sub(r"\s*\n\s*", " ", "".join(pieces).strip())


# ---------------------------------------------------------------- terminal

_SPAN_STYLES = {SpanStyle.PLAIN: "", SpanStyle.STRONG: "bold green", SpanStyle.COMPUTED: "yellow"}
_BLOCK_STYLES = {BlockKind.NOTE: "italic", BlockKind.RELATED: "dim"}
_INDENTS = {  # of a block's first line, of its other lines
    BlockKind.ANSWER: ("", ""),
    BlockKind.ITEM: ("  • ", "    "),
    BlockKind.CARD: ("  │ ", "  │ "),
    BlockKind.ROW: ("", "    "),
    BlockKind.CELL: ("", "    "),
    BlockKind.NOTE: ("", ""),
    BlockKind.RELATED: ("  • ", "    "),
}
_MARK_STYLE = "bold underline"
_QUIET_STYLE = "dim"
_QUOTE_INDENT = "    "
_MINIMAL_WIDTH = 20

_NOT_FIRST_ON_LINE = frozenset("，。、；：！？）》〉”’」』】〕％…—,.;:!?)]}%")
_NOT_LAST_ON_LINE = frozenset("（《〈“‘「『【〔([{")

_UNPRINTABLE = {
    **{code: None for code in (*range(0x20), *range(0x7F, 0xA0))},
    **{code: None for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))},
    **{code: "\ufffd" for code in range(0xD800, 0xE000)},
    **{ord("\n"): "\n", ord("\t"): " ", 0x2028: " ", 0x2029: " "},
}


def printable(text: str) -> str:
    """Text that cannot steer a terminal: no control or direction characters but "\\n", no surrogates."""
    return text.translate(_UNPRINTABLE)


def to_terminal(answer: Answer, width: int) -> Text:
    """The answer with colours, wrapped to `width` cells by Chinese rules; no word of it acts as mark-up."""
    paragraphs = [*_terminal_blocks(answer.blocks, width)]
    if answer.citations:
        paragraphs.append(Text())
        paragraphs.extend(_terminal_citations(answer.citations, width))
    if answer.suggestions:
        paragraphs.append(Text())
        paragraphs.extend(_terminal_suggestions(answer.suggestions, width))
    return Text("\n").join(paragraphs)


def _terminal_blocks(blocks: Sequence[Block], width: int) -> Iterator[Text]:
    previous: BlockKind | None = None
    for line in lines_of(blocks):
        kind = line[0].kind
        if kind is BlockKind.RELATED and previous is not BlockKind.RELATED:
            yield wrapped(Text(RELATED_INTRODUCTION, style=_QUIET_STYLE), width)
        between = Text.assemble((messages.CELL_SEPARATOR, _QUIET_STYLE))
        text = between.join(map(_terminal_block, line))
        yield wrapped(text, width, *_INDENTS[kind])
        previous = kind


def _terminal_block(block: Block) -> Text:
    text = Text(style=_BLOCK_STYLES.get(block.kind, ""))
    for span in block.spans:
        text.append(printable(span.text), style=_SPAN_STYLES[span.style])
    return text.append(markers(block), style="cyan")


def _terminal_citations(citations: Iterable[Citation], width: int) -> Iterator[Text]:
    previous: Citation | None = None
    for citation in citations:
        head = Text(f"[{citation.n}] ", style="cyan")
        head.append(printable(citation_place(citation, previous)), style=_QUIET_STYLE)
        yield wrapped(head, width, "", _QUOTE_INDENT)
        yield wrapped(marked_quote(citation), width, _QUOTE_INDENT, _QUOTE_INDENT)
        previous = citation


def marked_quote(citation: Citation) -> Text:
    """The whole quote in quotation marks, the answering words bold and underlined."""
    text, position = Text("“"), 0
    for start, end in merged_marks(citation.marks, len(citation.quote)):
        text.append(printable(citation.quote[position:start]))
        text.append(printable(citation.quote[start:end]), style=_MARK_STYLE)
        position = end
    return text.append(printable(citation.quote[position:])).append("”")


def _terminal_suggestions(suggestions: Iterable[str], width: int) -> Iterator[Text]:
    first, rest = SUGGESTION_INTRODUCTION, " " * cell_len(SUGGESTION_INTRODUCTION)
    for row, suggestion in enumerate(suggestions):
        line = Text(printable(suggestion).replace("\n", " "), style="cyan")
        yield wrapped(line, width, rest if row else first, rest)


def wrapped(text: Text, width: int, first_indent: str = "", indent: str = "") -> Text:
    """Text broken into lines of at most `width` terminal cells, indent included.

    A line neither begins with a closing mark nor ends with an opening one; an ASCII word is cut only where
    it is wider than a line. Widths under 20 count as 20.
    """
    room = max(width, _MINIMAL_WIDTH) - max(cell_len(first_indent), cell_len(indent))
    lines: list[Text] = []
    for paragraph in text.split("\n", allow_blank=True) or [Text()]:
        for line in paragraph.divide(_line_breaks(paragraph.plain, room)):
            line.rstrip()
            lines.append(Text().append(indent if lines else first_indent, _QUIET_STYLE).append_text(line))
    return Text("\n").join(lines)


def _line_breaks(line: str, width: int) -> list[int]:
    """Offsets at which a line is cut so that no part is wider than `width` cells."""
    breaks: list[int] = []
    start = used = 0
    last_chance = 0
    for position, character in enumerate(line):
        cells = cell_len(character)
        if position > start and _may_break(line[position - 1], character):
            last_chance = position
        if used + cells > width and position > start and not character.isspace():
            start = last_chance if last_chance > start else position
            breaks.append(start)
            used = cell_len(line[start:position])
        used += cells
    return breaks


def _may_break(before: str, after: str) -> bool:
    if after in _NOT_FIRST_ON_LINE or before in _NOT_LAST_ON_LINE or after.isspace():
        return False
    return before.isspace() or cell_len(before) > 1 or cell_len(after) > 1


# ---------------------------------------------------------------- JSON


def to_json(answer: Answer, id: str | int | None) -> dict[str, Any]:
    """One output object of `ask --jsonl`; `answer` holds the blocks with their markers, not the quotes."""
    return {
        "id": id,
        "status": answer.status.value,
        "answer": to_plain(answer),
        "abstained": answer.status.abstained,
        "citations": [
            {
                "n": citation.n,
                "document": citation.document,
                "notice": citation.notice,
                "file": citation.file,
                "section": citation.section,
                "quote": citation.quote,
                "start": citation.file_start + citation.start,
                "end": citation.file_start + citation.end,
                "page": citation.page,
            }
            for citation in answer.citations
        ],
        "facts": [
            {"kind": fact.kind.value, "value": fact.value, "text": fact.text, "actor": fact.actor}
            for fact in answer.facts
        ],
        "took_ms": round(answer.took_ms, 1),
    }


def without_surrogates(text: str) -> str:
    """Lone surrogates, which UTF-8 cannot hold and tokenisers refuse, become U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
