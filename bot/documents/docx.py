"""A .docx -> Markdown: numbers written out, tracked deletions and hidden text dropped, tables expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from bot.datamodels import Converted
from bot.documents.blocks import Block, assemble, block_text, paragraph
from bot.documents.docx_numbering import Numbering
from bot.documents.docx_styles import Element, Styles, W, child_is_on, child_number, child_value
from bot.documents.ooxml import OFFICE_RELATIONSHIPS, OfficePackage, Relationship
from bot.documents.tables import MAX_HEADER_ROWS, Cell, Row, cell_text, table_blocks
from bot.errors import DamagedDocument

R = f"{{{OFFICE_RELATIONSHIPS}}}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
V = "{urn:schemas-microsoft-com:vml}"

TITLE_HALF_POINTS = 36
"""Centred text of at least 18 pt is a title: GB/T 9704 sets titles in 22 pt and text in 16 pt."""
MAX_SPAN = 200
_HEAD_BLOCKS = 12
"""Blocks of the body in which a page header's words are looked for, so as not to say them twice."""
DOC_NUMBER = re.compile(r"[〔\[【（(]\d{4}[〕\]】）)]\s*\d{1,5}\s*号")
LETTERHEAD = re.compile(r"[\u4e00-\u9fff（）()\s]{4,40}文\s*件")


_TRANSPARENT = {
    W + tag
    for tag in ("ins", "moveTo", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo")
}
"""Wrappers whose content is read. w:del and w:moveFrom are not among them: their content is dropped."""
_WINGDINGS = {
    0x6F: "□",
    0x71: "□",
    0xA8: "□",
    0xFE: "☑",
    0xFC: "✓",
    0xFB: "✗",
    0xFD: "☒",
    0x6C: "●",
    0x6E: "■",
}
_WINGDINGS_2 = {0xA3: "□", 0x2A: "□", 0x52: "☑", 0x53: "☒", 0x50: "✓"}


@dataclass(slots=True)
class _Line:
    """What the runs of one paragraph add up to, filled while they are read."""

    text: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    """Text boxes anchored in the paragraph."""
    largest: int = 0
    """Largest font size, in half-points."""


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    level: int = 0
    """Heading level from 1; 0 for body text."""


class _Reader:
    """Walks one document in order; numbering and footnotes are counted on the way."""

    def __init__(self, package: OfficePackage, main: str) -> None:
        self._links = package.relationships(main)
        self._styles = Styles(self._xml_of(package, "styles"))
        self._numbering = Numbering(self._xml_of(package, "numbering"), self._styles)
        self._notes = {
            (kind, note.get(W + "id", "")): note
            for kind in ("footnote", "endnote")
            for note in _children(self._xml_of(package, f"{kind}s"))
        }
        self._cited: list[tuple[str, str]] = []
        """Kinds and ids of the notes that were referred to, in order."""
        self._told = 0
        """How many of them `notes` has given."""
        self.pictures = 0

    def _xml_of(self, package: OfficePackage, kind: str) -> Element | None:
        target = next((link.target for link in self._links.values() if link.kind == kind), None)
        return None if target is None else package.xml(target)

    def items(self, container: Element) -> Iterator[_Paragraph | list[Row]]:
        """Paragraphs and tables of a body, cell, text box or header, in order."""
        carried = ""
        for element in container:
            if element.tag == W + "p":
                line = self._read_runs(element)
                text = carried + "".join(line.text)
                carried = ""
                if self._mark_is_gone(element):
                    carried = text
                else:
                    yield self._paragraph(element, text, line.largest, inside=container.tag)
                for box in line.boxes:
                    yield from self.items(box)
            elif element.tag == W + "tbl":
                yield self._rows(element)
            elif element.tag in _TRANSPARENT:
                yield from self.items(element)
            elif element.tag == MC + "AlternateContent":
                yield from self.items(_chosen(element))
        if carried.strip():
            yield _Paragraph(carried.strip())

    def notes(self) -> Iterator[Block]:
        """The foot- and endnotes that were referred to since the last call."""
        while self._told < len(self._cited):
            kind, note_id = self._cited[self._told]
            self._told += 1
            note = self._notes.get((kind, note_id))
            text = " ".join(self.texts(note)) if note is not None else ""
            if text:
                yield paragraph(f"[^{self._told}]: {text}", "脚注" if kind == "footnote" else "尾注")

    def texts(self, container: Element) -> list[str]:
        """Texts of all paragraphs and tables inside, without headings and pipe tables."""
        found = []
        for item in self.items(container):
            if isinstance(item, _Paragraph):
                found.append(item.text)
            else:
                found.append("；".join("，".join(dict.fromkeys(t for t in row.texts if t)) for row in item))
        return [text for text in found if text.strip()]

    # ------------------------------------------------------------ paragraphs

    def _mark_is_gone(self, element: Element) -> bool:
        """True where the paragraph mark is deleted by a tracked change, or hidden: the next paragraph joins on."""
        mark = element.find(f"{W}pPr/{W}rPr")
        deleted = mark is not None and (
            mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None
        )
        return deleted or bool(child_is_on(mark, "vanish"))

    def _paragraph(self, element: Element, text: str, largest: int, inside: str) -> _Paragraph:
        label = self._numbering.label_of(element)
        names = self._styles.names_of(element)
        text = text.strip()
        if not text or any(re.match(r"toc \d", name) for name in names):
            return _Paragraph("")
        centred = self._styles.paragraph_property(element, lambda p: child_value(p, "jc")) in {
            "center",
            "both-center",
        }
        level = 0 if inside in {W + "tc", W + "txbxContent"} else self._heading_level(element, names)
        letterhead = text.endswith("文件") and "《" not in text
        if not level and centred and largest >= TITLE_HALF_POINTS and not letterhead and inside != W + "tc":
            level = 1
        if level or centred:
            text = re.sub(r"\s*\n\s*", "", text)
        return _Paragraph(label + text, level)

    def _heading_level(self, element: Element, names: list[str]) -> int:
        outline = self._styles.paragraph_property(element, lambda p: child_value(p, "outlineLvl"))
        if outline is not None and outline.isdecimal():
            return int(outline) + 1 if int(outline) < 6 else 0
        for name in names:
            if match := re.match(r"(?:heading|标题)\s*([1-6])", name):
                return int(match[1])
            if name in {"title", "标题"}:
                return 1
        return 0

    def _read_runs(self, element: Element) -> _Line:
        line = _Line()
        self._collect(element, element, line)
        return line

    def _collect(self, container: Element, owner: Element, line: _Line) -> None:
        for element in container:
            if element.tag == W + "r":
                self._collect_run(element, owner, line)
            elif element.tag in _TRANSPARENT:
                self._collect(element, owner, line)
            elif element.tag == W + "hyperlink":
                inner = _Line(boxes=line.boxes)
                self._collect(element, owner, inner)
                line.text.append(_linked("".join(inner.text), self._links.get(element.get(R + "id", ""))))
                line.largest = max(line.largest, inner.largest)
            elif element.tag in {M + "oMath", M + "oMathPara"}:
                line.text.extend(t.text or "" for t in element.iter(M + "t"))

    def _collect_run(self, run: Element, owner: Element, line: _Line) -> None:
        if self._styles.run_property(run, owner, lambda p: child_is_on(p, "vanish")):
            return
        size = self._styles.run_property(run, owner, lambda p: child_value(p, "sz"))
        for element in run:
            match etree.QName(element).localname:
                case "t":
                    line.text.append(element.text or "")
                    if (element.text or "").strip() and size and size.isdecimal():
                        line.largest = max(line.largest, int(size))
                case "tab" | "ptab":
                    line.text.append(" ")
                case "br" | "cr":
                    line.text.append("" if element.get(W + "type") in {"page", "column"} else "\n")
                case "noBreakHyphen":
                    line.text.append("-")
                case "sym":
                    line.text.append(_symbol(element))
                case "ruby":
                    for base in element.findall(W + "rubyBase"):
                        self._collect(base, owner, line)
                case "footnoteReference" | "endnoteReference" as name:
                    self._cited.append((name.removesuffix("Reference"), element.get(W + "id", "")))
                    line.text.append(f"[^{len(self._cited)}]")
                case "pict" | "drawing" | "object" | "AlternateContent":
                    source = _chosen(element) if element.tag == MC + "AlternateContent" else element
                    line.boxes.extend(_outermost_boxes(source))
                    self.pictures += sum(1 for _ in source.iter(A + "blip", V + "imagedata"))

    # ------------------------------------------------------------ tables

    def _rows(self, table: Element) -> list[Row]:
        rows: list[Row] = []
        for element in _rows_of(table):
            properties = element.find(W + "trPr")
            if properties is not None and properties.find(W + "del") is not None:
                continue
            cells = [Cell("") for _ in range(min(MAX_SPAN, child_number(properties, "gridBefore", 0)))]
            for source in _cells_of(element):
                self._add_cell(source, cells, rows)
            rows.append(Row(tuple(cells), header=bool(child_is_on(properties, "tblHeader"))))
        return rows

    def _add_cell(self, source: Element, cells: list[Cell], rows: list[Row]) -> None:
        properties = source.find(W + "tcPr")
        span = max(1, min(MAX_SPAN, child_number(properties, "gridSpan", 1)))
        above = rows[-1].cells if rows else ()
        if _continues(properties, "vMerge") and len(above) > len(cells):
            cell = above[len(cells)]
        elif _continues(properties, "hMerge") and cells:
            cell = cells[-1]
        else:
            cell = Cell(cell_text(self.texts(source)))
        cells.extend([cell] * span)


def _chosen(alternatives: Element) -> Element:
    """The variant of an mc:AlternateContent to read; its fallback holds the same text again."""
    choice = alternatives.find(MC + "Choice")
    return alternatives if choice is None else choice


def _outermost_boxes(element: Element) -> Iterator[Element]:
    if element.tag == W + "txbxContent":
        yield element
        return
    for child in element:
        yield from _outermost_boxes(_chosen(child) if child.tag == MC + "AlternateContent" else child)


def _rows_of(table: Element) -> Iterator[Element]:
    for element in table:
        if element.tag == W + "tr":
            yield element
        elif element.tag in _TRANSPARENT:
            yield from _rows_of(element)


def _cells_of(row: Element) -> Iterator[Element]:
    for element in row:
        if element.tag == W + "tc":
            yield element
        elif element.tag in _TRANSPARENT:
            yield from _cells_of(element)


def _continues(properties: Element | None, tag: str) -> bool:
    merge = None if properties is None else properties.find(W + tag)
    return merge is not None and merge.get(W + "val", "continue") == "continue"


def _linked(text: str, link: Relationship | None) -> str:
    """`[text](address)` for an outside link whose address the text does not already show."""
    if link is None or not link.external or not text.strip():
        return text
    address = link.target.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    shown = link.target.removeprefix("mailto:").rstrip("/")
    return (
        text
        if shown in text or not re.match(r"https?://|mailto:|ftp://", link.target)
        else f"[{text}]({address})"
    )


def _symbol(element: Element) -> str:
    """A w:sym from a symbol font; check boxes and ticks have Unicode equivalents, the rest is dropped."""
    code = element.get(W + "char", "")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,6}", code):
        return ""
    point = int(code, 16)
    font = element.get(W + "font", "").lower()
    if "wingdings" in font:
        return (_WINGDINGS_2 if "2" in font else _WINGDINGS).get(point & 0xFF, "")
    return "" if 0xE000 <= point <= 0xF8FF or point > 0x10FFFF else chr(point)


def _children(element: Element | None) -> Iterator[Element]:
    return iter(()) if element is None else iter(element)


def _letterhead_lines(package: OfficePackage, reader: _Reader, links: dict[str, Relationship]) -> list[str]:
    """Lines of the page headers that hold a 发文字号 or a 发文机关标志 (letters 信函 print them there)."""
    found: dict[str, None] = {}
    for link in links.values():
        root = package.xml(link.target) if link.kind == "header" else None
        for text in reader.texts(root) if root is not None else ():
            if DOC_NUMBER.search(text) or LETTERHEAD.fullmatch(text):
                found[text] = None
    return list(found)


def _body_blocks(reader: _Reader, body: Element) -> Iterator[Block]:
    """The body's blocks: a note behind the block that refers to it, the pieces of a broken table as one table."""
    paragraphs = tables = 0
    table: list[Row] = []
    blanks = 0
    waiting: list[Block] = []
    for item in reader.items(body):
        if isinstance(item, list):
            tables += 1
            label = f"第{tables}个表格第{{}}行"
            rows = [Row(row.cells, label.format(i), header=row.header) for i, row in enumerate(item, 1)]
            rest = _continuation(table, rows, blanks)
            if rest is None:
                yield from (*table_blocks(table), *waiting)
                table, waiting = rows, []
            else:
                table += rest
            waiting += reader.notes()
            blanks = 0
        elif not item.text and table:
            blanks += 1
        else:
            yield from (*table_blocks(table), *waiting)
            table, waiting = [], []
            paragraphs += bool(item.text)
            heading = "#" * item.level + " " if item.level else ""
            yield paragraph(heading + item.text if item.text else "", f"第{paragraphs}段")
            yield from reader.notes()
    yield from (*table_blocks(table), *waiting)


def _continuation(table: list[Row], rows: list[Row], blanks: int) -> list[Row] | None:
    """The rows that go on with a table which stands `blanks` empty paragraphs above; None where they are another one.

    A table that was cut at a page's end begins again with the same header, or follows at once.
    """
    if not table or not rows or len(rows[0].cells) != len(table[0].cells):
        return None
    repeated = 0
    while (
        repeated < min(MAX_HEADER_ROWS, len(table), len(rows))
        and rows[repeated].texts == table[repeated].texts
    ):
        repeated += 1
    named = repeated and any(rows[0].texts)
    return rows[repeated:] if named or (not blanks and not rows[0].header) else None


def read_docx(data: bytes) -> Converted:
    """The document as Markdown. Places: `第N段` for the N-th paragraph with text, `第N个表格第M行` for a row.

    Raises DamagedDocument, DocumentTooLarge.
    """
    package = OfficePackage(data)
    main = package.main_part("word/document.xml")
    root = package.xml(main)
    body = None if root is None else root.find(W + "body")
    if body is None:
        raise DamagedDocument(
            "Word 文档里没有正文部件，文件已损坏。请用 Word 或 WPS 打开后另存为 .docx 再放回原处。"
        )
    reader = _Reader(package, main)
    head = _letterhead_lines(package, reader, package.relationships(main))
    blocks = list(_body_blocks(reader, body))
    shown = {block_text(block) for block in blocks[:_HEAD_BLOCKS]}
    blocks = [*(paragraph(text, "页眉") for text in head if text not in shown), *blocks]
    text, places = assemble(blocks)
    warnings = (f"文中有 {reader.pictures} 张图片，图片里的文字没有读取。",) if reader.pictures else ()
    return Converted(text=text, format="docx", places=places, warnings=warnings)
