"""Answer -> Telegram HTML, in parts that Telegram accepts.

An answer becomes paragraphs of styled spans; paragraphs are packed into parts; each part is
written as HTML by itself, so that no tag ever reaches across two messages.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.channels.telegram import messages
from bot.datamodels import Answer, Block, BlockKind, Citation, Span, SpanStyle
from bot.messages import CELL_SEPARATOR
from bot.rendering import RELATED_INTRODUCTION, citation_place, markers, merged_marks

if TYPE_CHECKING:
    from bot.assistant import Clause

MAX_UTF16_UNITS: Final = 4096
"""Telegram counts code points after parsing; UTF-16 units are never fewer."""
MAX_BYTES: Final = 32_768
"""Of the text with its tags, in UTF-8."""
MAX_ENTITIES: Final = 90
"""100 are allowed; the links and phone numbers that Telegram finds by itself count too."""
CLAUSE_CHARACTERS: Final = 12_000
"""A longer clause is cut here; the whole stands in the file."""

_TAGS: Final = {
    SpanStyle.PLAIN: ("", ""),
    SpanStyle.STRONG: ("<b>", "</b>"),
    SpanStyle.COMPUTED: ("<i>", "</i>"),
}
_TABLE: Final = (BlockKind.ROW, BlockKind.CELL)
_QUOTE_TAGS: Final = ("<blockquote expandable>", "</blockquote>")
_NUMBERING_UNITS: Final = 24
"""Kept free in each part for `(12/34)` and its line break."""
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # line separators, direction marks and overrides
    r"\ufeff\ufffe\uffff\ud800-\udfff]"
)
_SOFT_BREAK: Final = re.compile(r"[\n。；！？;!?]|(?<=[,，、\s])")
_NUMBERED: Final = re.compile(
    r"\s*(?:[（(]?[0-9０-９一二三四五六七八九十]+[）)、.．]|第[^ ]{1,4}[条款项]|[①-⑳·•-])"
)
"""A list entry that brings its own number or bullet."""
_TAG: Final = re.compile(r"</?(?:b|i|blockquote)(?: expandable)?>")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Styled spans that stand together; quoted ones fold away."""

    spans: tuple[Span, ...]
    quoted: bool = False
    gap: str = "\n\n"
    """What separates it from the paragraph before, within one message."""

    @property
    def visible(self) -> bool:
        return any(unicodedata.category(char)[0] not in "CZ" for span in self.spans for char in span.text)


@dataclass(frozen=True, slots=True)
class Size:
    """What a stretch of a message counts against Telegram's limits."""

    units: int = 0
    bytes: int = 0
    entities: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(self.units + other.units, self.bytes + other.bytes, self.entities + other.entities)

    def fits(self, limit: Size) -> bool:
        return self.units <= limit.units and self.bytes <= limit.bytes and self.entities <= limit.entities


_PART_LIMIT: Final = Size(MAX_UTF16_UNITS - _NUMBERING_UNITS, MAX_BYTES - _NUMBERING_UNITS, MAX_ENTITIES)


# ---------------------------------------------------------------- what is said


def answer_to_html(answer: Answer, asked: str = "") -> list[str]:
    """Message parts in Telegram HTML, at least one; `asked` repeats the question above the answer.

    A block that only offers one of the answer's suggestions is left out: it stands on a button.
    """
    head = [_plain(messages.ASKED.format(question=asked))] if asked else []
    on_buttons = set(answer.suggestions)
    blocks, closing_notes = _closing_notes_apart(
        [block for block in answer.blocks if block.text.lstrip("·•- ") not in on_buttons]
    )
    return _to_parts(
        [
            *head,
            *_block_paragraphs(blocks),
            *_citation_paragraphs(answer.citations),
            *_block_paragraphs(closing_notes),
        ]
    )


def clause_to_html(clause: Clause, n: int) -> list[str]:
    """Message parts that show the whole clause behind [n], the headings above it and where it stands."""
    head = Paragraph((Span(f"[{n}] 《{clause.document_title}》{clause.section}", SpanStyle.STRONG),))
    path = [_plain("\n".join(clause.heading_path), gap="\n")] if clause.heading_path else []
    text = Paragraph((Span(clause.text[:CLAUSE_CHARACTERS]),), quoted=True)
    cut = [_plain(messages.SOURCE_CUT)] if len(clause.text) > CLAUSE_CHARACTERS else []
    file = "，".join(part for part in (clause.file, clause.place) if part)
    return _to_parts([head, *path, text, *cut, _plain(messages.SOURCE_PLACE.format(file=file))])


def text_to_html(text: str) -> list[str]:
    """Message parts that show a plain text as it stands."""
    return _to_parts([_plain(text)])


def html_to_plain(part: str) -> str:
    """The visible text of a part made here: what is sent when Telegram refuses the tags."""
    return html.unescape(_TAG.sub("", part))


def _closing_notes_apart(blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """Notes at the end go below the quotes; a note above or between the answers stays there."""
    end = len(blocks)
    while end and blocks[end - 1].kind is BlockKind.NOTE:
        end -= 1
    return (blocks[:end], blocks[end:]) if end else (blocks, ())


def _block_paragraphs(blocks: Sequence[Block]) -> Iterator[Paragraph]:
    previous: BlockKind | None = None
    for block in blocks:
        if block.kind is BlockKind.RELATED and previous is not BlockKind.RELATED:
            yield _plain(RELATED_INTRODUCTION)
            previous = block.kind
        listed = block.kind in {BlockKind.ITEM, BlockKind.RELATED}
        bullet = [Span("• ")] if listed and not _NUMBERED.match(block.text) else []
        if block.kind is BlockKind.CELL and previous in _TABLE:
            gap = CELL_SEPARATOR
        elif (listed and previous is block.kind) or (block.kind is BlockKind.ROW and previous in _TABLE):
            gap = "\n"
        else:
            gap = "\n\n"
        yield Paragraph((*bullet, *_toned(block.spans), Span(markers(block))), gap=gap)
        previous = block.kind


def _toned(spans: Sequence[Span]) -> Sequence[Span]:
    """Computed words are set apart from quoted ones; where a block has no others, there is nothing to set apart."""
    if any(span.style is not SpanStyle.COMPUTED and span.text.strip() for span in spans):
        return spans
    return [Span(span.text) for span in spans]


def _citation_paragraphs(citations: Sequence[Citation]) -> Iterator[Paragraph]:
    previous: Citation | None = None
    for citation in citations:
        head = Span(f"[{citation.n}] {citation_place(citation, previous)}：\n")
        repaired = Span(messages.REPAIRED if citation.repaired else "")
        gap = "\n" if previous else "\n\n"
        yield Paragraph((head, *_marked_quote(citation), repaired), quoted=True, gap=gap)
        previous = citation


def _marked_quote(citation: Citation) -> Iterator[Span]:
    """The quote with the answering words bold."""
    position = 0
    for start, end in merged_marks(citation.marks, len(citation.quote)):
        yield Span(citation.quote[position:start])
        yield Span(citation.quote[start:end], SpanStyle.STRONG)
        position = end
    yield Span(citation.quote[position:])


def _plain(text: str, gap: str = "\n\n") -> Paragraph:
    return Paragraph((Span(text),), gap=gap)


# ---------------------------------------------------------------- how it is split


def _to_parts(paragraphs: Iterable[Paragraph]) -> list[str]:
    cleaned = [paragraph for paragraph in map(_cleaned, paragraphs) if paragraph.visible]
    packed = list(_packed(cleaned or [_plain(messages.NOTHING_TO_SHOW)]))
    parts = [_part_to_html(part) for part in packed]
    if len(parts) == 1:
        return parts
    return [f"{part}\n({number}/{len(parts)})" for number, part in enumerate(parts, 1)]


def _cleaned(paragraph: Paragraph) -> Paragraph:
    """Without characters that Telegram drops, without empty spans, equal neighbours joined."""
    spans: list[Span] = []
    for span in paragraph.spans:
        text = without_invisible(span.text)
        if not text:
            continue
        if spans and spans[-1].style is span.style:
            spans[-1] = Span(spans[-1].text + text, span.style)
        else:
            spans.append(Span(text, span.style))
    return Paragraph(tuple(spans), paragraph.quoted, paragraph.gap)


def _packed(paragraphs: Iterable[Paragraph]) -> Iterator[list[Paragraph]]:
    """Paragraphs in as few parts as their order allows; one too long for a part is cut."""
    part: list[Paragraph] = []
    size = Size()
    for paragraph in paragraphs:
        for piece in _cut(paragraph):
            grown = size + _size(piece) + Size(len(piece.gap), len(piece.gap))
            if part and not grown.fits(_PART_LIMIT):
                yield part
                part, grown = [], _size(piece)
            part.append(piece)
            size = grown
    if part:
        yield part


def _size(paragraph: Paragraph) -> Size:
    quote = Size(0, sum(map(len, _QUOTE_TAGS)), 1) if paragraph.quoted else Size()
    return sum((_span_overhead(span) + _text_size(span.text) for span in paragraph.spans), quote)


def _span_overhead(span: Span) -> Size:
    tags = sum(map(len, _TAGS[span.style]))
    return Size(0, tags, 1 if tags else 0)


def _text_size(text: str) -> Size:
    return Size(len(text.encode("utf-16-le")) // 2, len(_escaped(text).encode()))


def _cut(paragraph: Paragraph) -> Iterator[Paragraph]:
    """The paragraph itself where it fits in one part, else pieces that do."""
    if _size(paragraph).fits(_PART_LIMIT):
        yield paragraph
        return
    room = Size() if not paragraph.quoted else Size(0, sum(map(len, _QUOTE_TAGS)), 1)
    piece: list[Span] = []
    size = room
    for span in paragraph.spans:
        rest = span
        while rest.text:
            head = _longest_head(rest, size)
            if head:
                piece.append(Span(rest.text[:head], rest.style))
                size = size + _span_overhead(rest) + _text_size(rest.text[:head])
            if head == len(rest.text):
                break
            yield Paragraph(tuple(piece), paragraph.quoted, paragraph.gap)
            piece, size, rest = [], room, Span(rest.text[head:], rest.style)
    if piece:
        yield Paragraph(tuple(piece), paragraph.quoted, paragraph.gap)


def _longest_head(span: Span, used: Size) -> int:
    """How many characters of the span still fit; a cut falls behind a sentence where one ends late enough."""
    size = used + _span_overhead(span)
    if not size.fits(_PART_LIMIT):
        return 0
    head = 0
    for char in span.text:
        size = size + _text_size(char)
        if not size.fits(_PART_LIMIT):
            break
        head += 1
    if head == len(span.text):
        return head
    late = head - head // 4
    breaks = [match.end() for match in _SOFT_BREAK.finditer(span.text, late, head)]
    return breaks[-1] if breaks else _between_clusters(span.text, head)


def _between_clusters(text: str, cut: int) -> int:
    """`cut` moved back, by a few characters at most, so that an emoji or an accented letter stays whole."""
    for earlier in range(cut, max(cut - 12, 1), -1):
        joined = text[earlier - 1] == "\u200d" or text[earlier] in "\u200d\ufe0e\ufe0f"
        if not joined and unicodedata.category(text[earlier])[0] != "M" and not "🏻" <= text[earlier] <= "🏿":
            return earlier
    return cut


# ---------------------------------------------------------------- how it is written


def _part_to_html(part: Sequence[Paragraph]) -> str:
    first, *others = part
    return _paragraph_to_html(first) + "".join(other.gap + _paragraph_to_html(other) for other in others)


def _paragraph_to_html(paragraph: Paragraph) -> str:
    opening, closing = _QUOTE_TAGS if paragraph.quoted else ("", "")
    return opening + "".join(map(_span_to_html, paragraph.spans)) + closing


def _span_to_html(span: Span) -> str:
    opening, closing = _TAGS[span.style]
    return opening + _escaped(span.text) + closing


def without_invisible(text: str) -> str:
    """Text without the characters that Telegram refuses, hides or turns round; line ends as "\\n"."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
