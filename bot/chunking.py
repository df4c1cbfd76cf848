"""Document -> chunks along its numbering tree.

A question of a policy's questions and answers heads its answer, as a heading heads its section.
Blocks come from markdown-it-py's tokens (headings, tables, list items, paragraphs, with their
line maps); inside them every line of a notice is a paragraph of its own. Numbers decide the
tree: a form that is already open closes down to it, a new form opens one level deeper. Chunks
are in reading order and every visible character of the text lies in exactly one of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt

from bot.datamodels import Chunk, ChunkKind, Document, DocumentRole, Notice
from bot.numbering import LineNumber, line_number, number_end

CHUNKER = "numbering-tree/4"
"""Name and version of the rules below; an index built by others is rebuilt."""

MAX_CHARACTERS = 240
"""A longer clause is cut at sentence ends."""
HEADING_CHARACTERS = 40
QUESTION_CHARACTERS = 90
TITLE_LINES = 8
QUESTION = "问"
"""The style of a level that a question opens."""
BRACKETED = "【】"
"""The style of a level that a line in these brackets opens, as guides to a procedure have them: `【办理流程】`."""
_BRACKETED = re.compile(r"【[^【】：:]{2,20}】")

_MARKDOWN = MarkdownIt("js-default").disable("inline")
"""Blocks only: emphasis and links are left as written."""
_SENTENCE_END = re.compile(r"(?<=[。；！？;])(?![”’）)])|(?<=[。！？][”’）)])")
_INLINE_NUMBER = re.compile(
    r"(?<=[；;。：:，,])(?=\s?(?:[（(]\d{1,2}[）)]|[①-⑳]|\d{1,2}[.．](?!\d)|[（(][一二三四五六七八九十]+[）)]))"
)
_ATTACHMENT_LIST = re.compile(r"^[\s\u3000]*附\s*件\s*(?:[:：]|\d|$)")
_DATE_LINE = re.compile(
    r"^[\s\u3000]*(?:\d{4}|[二〇零一三四五六七八九]{4})\s*年\s*\w{1,3}\s*月\s*\w{1,3}\s*日[\s\u3000]*$"
)
_ADDRESSEES = re.compile(
    r"(?=.*(?:各|有关|全体|广大|局|厅|委|部门|单位|企业|学校|学院))(?!.*(?:如下|事项|通知|公告|本\w{0,4}[：:]))[^。；！？]{2,110}[：:]"
)
"""主送机关, as GB/T 9704-2012, 7.3.2 has it: flush left above the body, ending in a colon."""
_QUESTION = re.compile(
    r"(?P<mark>【?问题?\s*[0-9一二三四五六七八九十]{0,3}(?:】[：:]?|[：:、.．\s])|Q\s*\d*[：:.．、])?\s*(?P<words>.{2,}[？?])\s*"
)
ANSWER_MARK = re.compile(r"\s*(?:【答】[：:]?|答\d{0,2}[：:]|A\d{0,2}[：:])\s*")
"""Opens the answer to a question of the same document."""
_CLOSED = tuple("。；！？?;…")


@dataclass(frozen=True, slots=True)
class _Line:
    """One visible line of the document and what markdown says of it."""

    start: int
    end: int
    text: str
    heading_level: int = 0
    table: int = 0
    """Running number of the table, from 1, where the line is a table row."""
    table_role: str = ""
    """header or row."""


@dataclass(frozen=True, slots=True)
class _Node:
    """An open level of the tree."""

    style: str
    chunk_id: str
    label: str
    heading: str
    """Its words in a heading path; empty for an introducing clause."""
    depth: int
    """Markdown heading level; 0 for a numbered line or an introducing clause."""


def chunk_document(document: Document) -> tuple[Chunk, ...]:
    """Chunks of a document in reading order; `text[start:end]` of all of them covers every visible character."""
    lines = _lines(document.text)
    closing = _closing_start(lines) if document.role is DocumentRole.MAIN else len(lines)
    title_end = _title_end(lines)
    chunks = list(_chunks(document, lines, title_end, closing))
    parents = {chunk.parent_id for chunk in chunks}
    return tuple(
        replace(chunk, kind=ChunkKind.CLAUSE)
        if chunk.kind is ChunkKind.HEADING and chunk.id not in parents and chunk.number
        else chunk
        for chunk in chunks
    )


def embedding_text(chunk: Chunk, notice: Notice, document: Document) -> str:
    """The words that are encoded for a chunk: where it stands, then what it says."""
    where = [document.title] if document.role is DocumentRole.ATTACHMENT else []
    where += [_bare(heading) for heading in chunk.heading_path]
    if chunk.kind is ChunkKind.ROW:
        says = "；".join(
            f"{name}：{cell}" if name and name != cell else cell
            for name, cell in zip(chunk.table_header, chunk.cells, strict=False)
            if cell
        )
    else:
        says = chunk.text
    return "\n".join(part for part in (" > ".join(where), says) if part)


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a text; together they cover it, blanks aside."""
    spans, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        if match.start() > start:
            spans.append((start, match.start()))
            start = match.start()
    if start < len(text):
        spans.append((start, len(text)))
    return [_stripped(text, a, b) for a, b in spans if text[a:b].strip()]


def stretch(chunk: Chunk, start: int, end: int) -> Chunk:
    """A chunk cut to `chunk.text[start:end]`, with its places in the document."""
    return replace(chunk, start=chunk.start + start, end=chunk.start + end, text=chunk.text[start:end])


# ---------------------------------------------------------------- lines


def _lines(text: str) -> list[_Line]:
    """Visible lines; a table's header row and the rule under it are one line."""
    raw = text.split("\n")
    starts = [0]
    for line in raw:
        starts.append(starts[-1] + len(line) + 1)
    heading: dict[int, int] = {}
    role: dict[int, tuple[int, str]] = {}
    in_header, table = False, 0
    for token in _MARKDOWN.parse(text):
        if token.type == "table_open":
            table += 1
        elif token.type in {"thead_open", "thead_close"}:
            in_header = token.type == "thead_open"
        elif token.type == "tr_open" and token.map:
            role[token.map[0]] = (table, "header" if in_header else "row")
        elif token.type == "heading_open" and token.map and token.markup.startswith("#"):
            heading[token.map[0]] = int(token.tag[1])
    lines: list[_Line] = []
    number = 0
    while number < len(raw):
        if not raw[number].strip():
            number += 1
            continue
        last = number
        table_number, table_role = role.get(number, (0, ""))
        if table_role == "header" and number + 1 < len(raw):
            last = number + 1
        start, end = _stripped(text, starts[number], starts[last] + len(raw[last]))
        lines.append(_Line(start, end, text[start:end], heading.get(number, 0), table_number, table_role))
        number = last + 1
    return lines


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _title_end(lines: list[_Line]) -> int:
    """How many lines at the top are title, issuer, document number and addressees."""
    for index, line in enumerate(lines[:TITLE_LINES]):
        if line.heading_level == 1:
            continue
        if line.table or line.heading_level or line_number(line.text) or len(line.text) > 80:
            return index
        if _ADDRESSEES.fullmatch(line.text):
            return index + 1
        if line.text.endswith((*_CLOSED, "：", ":")) or (index and _BRACKETED.fullmatch(line.text)):
            return index
    return min(len(lines), TITLE_LINES) if len(lines) > TITLE_LINES else max(0, min(1, len(lines)))


def _closing_start(lines: list[_Line]) -> int:
    """Index of the first line of the attachment list, the signature or the date, whichever comes first."""
    date_line = next(
        (i for i in range(len(lines) - 1, max(-1, len(lines) - 12), -1) if _DATE_LINE.match(lines[i].text)),
        None,
    )
    end = len(lines) if date_line is None else date_line
    first = end
    while first > 0 and end - first < 6:
        text = lines[first - 1].text
        if (
            len(text) > 60
            or text.endswith((*_CLOSED, "：", ":"))
            or lines[first - 1].table
            or re.search(r"\d{5}", text)
        ):
            break
        if line_number(text) or _ATTACHMENT_LIST.match(text):
            break
        first -= 1
    if date_line is None and first < end:
        first = end
    for index in range(first - 1, max(-1, first - 25), -1):
        text = lines[index].text
        if _ATTACHMENT_LIST.match(text):
            return index
        if len(text) > 60 or text.endswith("。") or lines[index].table:
            break
    return first


# ---------------------------------------------------------------- the tree


def _chunks(document: Document, lines: list[_Line], title_end: int, closing: int) -> Iterator[Chunk]:
    place_of = _places(document)
    stack: list[_Node] = []
    last_number: dict[str, tuple[int, list[_Node]]] = {}
    header: tuple[str, ...] = ()
    row_number = 0
    running = 0

    def make(kind: ChunkKind, start: int, end: int, **more: object) -> Chunk:
        nonlocal running
        running += 1
        label, page = place_of(start)
        path = tuple(node.heading for node in stack if node.heading)
        chunk = Chunk(
            id=f"{document.id}#{running}",
            document_id=document.id,
            notice_id=document.notice_id,
            kind=kind,
            start=start,
            end=end,
            text=document.text[start:end],
            heading_path=path,
            section=_section(stack),
            parent_id=stack[-1].chunk_id if stack else None,
            page=page,
            place=label,
        )
        return replace(chunk, **more)  # type: ignore[arg-type]

    for index, line in enumerate(lines):
        if line.table_role == "header":
            header, row_number = _cells(line.text.split("\n")[0]), 0
            yield make(
                ChunkKind.HEADER,
                line.start,
                line.end,
                table_header=header,
                cells=header,
                section=_join(stack, f"表{line.table}表头"),
            )
            continue
        if line.table_role == "row":
            row_number += 1
            cells = _cells(line.text)
            cells = (cells + ("",) * len(header))[: max(len(header), 1)]
            yield make(
                ChunkKind.ROW,
                line.start,
                line.end,
                table_header=header,
                cells=cells,
                section=_join(stack, f"表{line.table}第{row_number}行"),
            )
            continue
        if index >= closing:
            stack.clear()
            yield make(ChunkKind.CLOSING, line.start, line.end, section="文末")
            continue
        if index < title_end:
            yield make(ChunkKind.TITLE, line.start, line.end, section="标题")
            if line.heading_level > 1:
                stack.append(_Node("#", f"{document.id}#{running}", "", _bare(line.text), line.heading_level))
            continue
        words = line.text.lstrip("#").strip() if line.heading_level else line.text
        number = line_number(words)
        following = lines[index + 1].text if index + 1 < closing else ""
        asked = _asked(words, number, following)
        bracketed = _is_bracketed(words, following)
        is_heading = bool(line.heading_level or asked or bracketed) or _looks_like_heading(words, number)
        _close_levels(stack, line, number, last_number)
        unnumbered = QUESTION if asked else BRACKETED if bracketed else "："
        if number is None and unnumbered != "：":
            _close_style(stack, unnumbered)
        kind = ChunkKind.HEADING if is_heading else ChunkKind.CLAUSE
        own = number.text if number else ""
        label = number.label if number else _question_label(asked) if asked else ""
        first = None
        for start, end in _pieces(document.text, line.start, line.end):
            chunk = make(kind, start, end, number=own, section=_section(stack, label))
            first = first or chunk
            yield chunk
        assert first is not None
        if number or line.heading_level or asked or bracketed or words.endswith(("：", ":")):
            heading = _bare(words) if is_heading else _run_in_heading(words, number)
            node = _Node(
                style="#" if line.heading_level else number.style if number else unnumbered,
                chunk_id=first.id,
                label=label,
                heading=asked["words"] if asked else heading,
                depth=line.heading_level,
            )
            if number and not line.heading_level:
                last_number[number.style] = (number.value, list(stack))
            stack.append(node)


def _close_levels(
    stack: list[_Node],
    line: _Line,
    number: LineNumber | None,
    last_number: dict[str, tuple[int, list[_Node]]],
) -> None:
    """Closes the levels that end before this line."""
    if line.heading_level:
        while stack and not (stack[-1].depth and stack[-1].depth < line.heading_level):
            stack.pop()
        last_number.clear()
        return
    if number is None:
        while stack and not stack[-1].depth and not stack[-1].heading:
            stack.pop()
        return
    if _close_style(stack, number.style):
        return
    if number.style in {"part", "chapter", "一、"} and all(node.style == "：" for node in stack):
        stack.clear()
    value, parents = last_number.get(number.style, (0, []))
    if number.value == value + 1 and value and stack[: len(parents)] == parents:
        del stack[len(parents) :]


def _close_style(stack: list[_Node], style: str) -> bool:
    """Closes down to the last level of a style, itself too; False where none is open."""
    open_at = next((i for i in range(len(stack) - 1, -1, -1) if stack[i].style == style), None)
    if open_at is not None:
        del stack[open_at:]
    return open_at is not None


def _asked(words: str, number: LineNumber | None, following: str) -> re.Match[str] | None:
    """The mark and the words of a line that asks what the following lines answer, or None for any other line."""
    match = _QUESTION.fullmatch(words[number.end if number else 0 :])
    if match is None or len(words) > QUESTION_CHARACTERS or not following:
        return None
    if match["mark"] is None and not ANSWER_MARK.match(following):
        below = line_number(following)
        if number is None or (below is not None and below.style == number.style):
            return None
    return match


def _is_bracketed(words: str, following: str) -> bool:
    """True for `【申报条件】` above what it heads; not for the buttons of a web page, `【打印】` above `【关闭】`."""
    return bool(_BRACKETED.fullmatch(words) and following and not _BRACKETED.fullmatch(following))


def _question_label(asked: re.Match[str]) -> str:
    """`问2` of `问2：谁可以申报？`; empty where the question has no mark."""
    return re.sub(r"[^问题Q0-9一二三四五六七八九十]", "", asked["mark"] or "")


def question_words(line: str) -> str:
    """`二、问：谁可以申报？` -> `谁可以申报？`; the line without its number where it is no question."""
    words = line[number_end(line) :]
    match = _QUESTION.fullmatch(words)
    return match["words"] if match else words


def _looks_like_heading(words: str, number: LineNumber | None) -> bool:
    if number is None:
        return False
    rest = words[number.end :]
    return (
        0 < len(rest) <= HEADING_CHARACTERS
        and not rest.endswith((*_CLOSED, "，", "、", ","))
        and not re.search(r"[：:。；].", rest)
    )


def _run_in_heading(words: str, number: LineNumber | None) -> str:
    """`（一）加强组织领导。各地要……` -> `（一）加强组织领导`; empty where no heading runs in."""
    if number is None:
        return ""
    match = re.match(r"[^。；，：:]{2,16}(?=[。：:])", words[number.end :])
    return words[: number.end] + match.group() if match else ""


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A clause, cut at inline numbers and sentence ends where it is long."""
    if end - start <= MAX_CHARACTERS:
        yield start, end
        return
    clause = text[start:end]
    cuts = [0, *(m.start() for m in _INLINE_NUMBER.finditer(clause)), len(clause)]
    if len(cuts) < 4:
        cuts = [0, *(m.start() for m in _SENTENCE_END.finditer(clause) if m.start()), len(clause)]
    begin = 0
    for here, after in zip(cuts[1:], [*cuts[2:], len(clause)], strict=False):
        if here - begin >= MAX_CHARACTERS // 2 or after - begin > MAX_CHARACTERS or here == len(clause):
            piece = _stripped(text, start + begin, start + here)
            if piece[0] < piece[1]:
                yield piece
            begin = here


def _cells(row: str) -> tuple[str, ...]:
    inner = row.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return tuple(cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner))


def _bare(heading: str) -> str:
    words = heading.lstrip("#").strip().rstrip("：:").strip()
    return words[1:-1] if _BRACKETED.fullmatch(words) else words


def _section(stack: list[_Node], own: str = "") -> str:
    """Numbers of the open levels, then the own one; `1.1` stands for its `1`, too."""
    labels: list[str] = []
    for label in (*(node.label for node in stack), own):
        while label and labels and label.startswith(labels[-1].strip()):
            labels.pop()
        labels.append(label)
    return "".join(labels).strip()


def _join(stack: list[_Node], own: str) -> str:
    return f"{_section(stack)} {own}".strip()


def _places(document: Document) -> Callable[[int], tuple[str, int | None]]:
    """Offset -> (label, page) of the source file; line numbers where the reader gave no places."""
    if document.places:
        starts = [place.start for place in document.places]

        def by_place(offset: int) -> tuple[str, int | None]:
            place = document.places[max(0, bisect_right(starts, offset) - 1)]
            return place.label, place.page

        return by_place
    ends = [i for i, c in enumerate(document.text) if c == "\n"]

    def by_line(offset: int) -> tuple[str, int | None]:
        return f"第{bisect_right(ends, offset - 1) + 1}行", None

    return by_line
