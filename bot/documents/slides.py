"""A .pptx -> Markdown: a heading a slide, its text, tables, diagrams and notes in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from bot.datamodels import Converted
from bot.documents.blocks import Block, assemble, paragraph
from bot.documents.docx_numbering import format_number
from bot.documents.ooxml import OFFICE_RELATIONSHIPS, OfficePackage, Relationship
from bot.documents.tables import Cell, Row, cell_text, table_blocks
from bot.errors import DamagedDocument

Element: TypeAlias = "etree._Element"

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = f"{{{OFFICE_RELATIONSHIPS}}}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
MAX_SPAN = 200
MAX_DEPTH = 40
"""Groups inside one another."""

_TITLES = {"title", "ctrTitle"}
_PAGE_FURNITURE = {"dt", "ftr", "sldNum", "hdr", "sldImg"}
"""Placeholders for the date, the footer and the slide's number."""
_AUTOMATIC = {
    "arabic": "decimal",
    "ea1Chs": "chineseCounting",
    "ea1Cht": "chineseCounting",
    "ea1JpnKor": "chineseCounting",
    "circleNum": "decimalEnclosedCircle",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
"""Beginnings of ST_TextAutonumberScheme (ECMA-376-1, 20.1.10.61) -> the same numbers' name in Word."""


@dataclass(slots=True)
class _Slide:
    """What one slide adds up to, filled while it is read."""

    title: str
    blocks: list[Block]
    pictures: int = 0
    charts: int = 0


class _Reader:
    """Walks the shapes of one slide."""

    def __init__(self, package: OfficePackage, part: str, label: str, number: int) -> None:
        self._package = package
        self._links = package.relationships(part)
        self._label, self._number = label, number
        self.slide = _Slide("", [])

    def read(self, shapes: Element, depth: int = 0) -> None:
        if depth > MAX_DEPTH:
            raise DamagedDocument(
                "演示文稿的形状嵌套过深，可能是伪造或损坏的文件。请用原软件打开后另存再放回原处。"
            )
        for shape in shapes:
            match shape.tag:
                case t if t == P + "sp":
                    self._text_shape(shape)
                case t if t == P + "grpSp":
                    self.read(shape, depth + 1)
                case t if t == P + "graphicFrame":
                    self._graphic(shape)
                case t if t == P + "pic":
                    self.slide.pictures += 1
                case t if t == MC + "AlternateContent":
                    choice = shape.find(MC + "Choice")
                    self.read(shape if choice is None else choice, depth + 1)

    def _text_shape(self, shape: Element) -> None:
        placeholder = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
        kind = "" if placeholder is None else placeholder.get("type", "body")
        body = shape.find(P + "txBody")
        if body is None or kind in _PAGE_FURNITURE or _is_hidden(shape):
            return
        lines = list(_lines(body))
        if kind in _TITLES and not self.slide.title:
            self.slide.title = "".join(lines)
        else:
            self.slide.blocks += [self._block(line) for line in lines]

    def _graphic(self, frame: Element) -> None:
        if _is_hidden(frame):
            return
        table = next(frame.iter(A + "tbl"), None)
        diagram = next(frame.iter(DGM + "relIds"), None)
        if table is not None:
            self.slide.blocks += table_blocks(
                [Row(cells, self._label, self._number) for cells in _rows(table)]
            )
        elif diagram is not None:
            link = self._links.get(diagram.get(R + "dm", ""))
            root = self._package.xml(link.target) if link else None
            self.slide.blocks += [self._block(line) for line in _diagram_lines(root)]
        else:
            content = frame.find(f"{A}graphic/{A}graphicData")
            self.slide.charts += content is not None and "chart" in content.get("uri", "")

    def notes(self) -> Iterator[Block]:
        """The speaker's notes."""
        for link in self._links.values():
            root = self._package.xml(link.target) if link.kind == "notesSlide" else None
            for shape in root.iter(P + "sp") if root is not None else ():
                placeholder = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
                body = shape.find(P + "txBody")
                if body is None or placeholder is None or placeholder.get("type", "body") != "body":
                    continue
                lines = [line for line in _lines(body) if line]
                if lines:
                    yield self._block("备注：" + lines[0])
                    yield from map(self._block, lines[1:])

    def _block(self, text: str) -> Block:
        return paragraph(text, self._label, self._number)


def _is_hidden(shape: Element) -> bool:
    properties = shape.find(f"*/{P}cNvPr")
    return properties is not None and properties.get("hidden") in {"1", "true"}


def _lines(body: Element) -> Iterator[str]:
    """Paragraphs of a text body, with their automatic numbers; a break inside one is closed up."""
    counters: dict[int, tuple[str, int]] = {}
    for element in body.findall(A + "p"):
        properties = element.find(A + "pPr")
        level = (
            int(properties.get("lvl", "0"))
            if properties is not None and properties.get("lvl", "0").isdecimal()
            else 0
        )
        text = re.sub(r"\s*\v\s*", "", _paragraph_text(element)).strip()
        if not text:
            continue
        scheme = None if properties is None else properties.find(A + "buAutoNum")
        counters = {k: v for k, v in counters.items() if k <= level}
        if scheme is None:
            counters.pop(level, None)
            yield text
            continue
        form, start = scheme.get("type", "arabicPeriod"), scheme.get("startAt", "1")
        known, last = counters.get(level, ("", 0))
        number = last + 1 if known == f"{form}/{start}" else int(start) if start.isdecimal() else 1
        counters[level] = (f"{form}/{start}", number)
        yield _automatic_number(form, number) + text


def _paragraph_text(element: Element) -> str:
    parts = []
    for run in element:
        if run.tag in {A + "r", A + "fld"}:
            parts.append(run.findtext(A + "t") or "")
        elif run.tag == A + "br":
            parts.append("\v")
    return "".join(parts)


def _automatic_number(form: str, number: int) -> str:
    name = next((name for start, name in _AUTOMATIC.items() if form.startswith(start)), "decimal")
    written = format_number(number, name)
    if form.startswith("ea1"):
        return f"{written}、" if form.endswith("Period") else written
    if form.endswith("ParenBoth"):
        return f"（{written}）"
    if form.endswith("ParenR"):
        return f"{written}）"
    return f"{written}." if form.endswith("Period") else written


def _rows(table: Element) -> Iterator[tuple[Cell, ...]]:
    """Rows of a DrawingML table: covered positions are cells too, marked hMerge or vMerge."""
    above: list[Cell] = []
    for row in table.findall(A + "tr"):
        cells: list[Cell] = []
        for column, source in enumerate(row.findall(A + "tc")):
            if _is_on(source, "vMerge") and column < len(above):
                cells.append(above[column])
            elif _is_on(source, "hMerge") and cells:
                cells.append(cells[-1])
            else:
                body = source.find(A + "txBody")
                cells.append(Cell(cell_text(list(_lines(body)) if body is not None else [])))
        yield tuple(cells)
        above = cells


def _is_on(element: Element, name: str) -> bool:
    return element.get(name, "0") in {"1", "true"}


def _diagram_lines(root: Element | None) -> Iterator[str]:
    """Texts of a SmartArt diagram's nodes, parents before children (ECMA-376-1, 21.4)."""
    if root is None:
        return
    points = {point.get("modelId", ""): point for point in root.iter(DGM + "pt")}
    children: dict[str, list[tuple[int, str]]] = {}
    for link in root.iter(DGM + "cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd", "0")
            children.setdefault(link.get("srcId", ""), []).append(
                (int(order) if order.isdecimal() else 0, link.get("destId", ""))
            )
    tops = [name for name, point in points.items() if point.get("type") == "doc"]
    waiting, seen = list(reversed(tops)), set(tops)
    while waiting:
        name = waiting.pop()
        point = points.get(name)
        body = None if point is None else point.find(DGM + "t")
        if body is not None:
            yield from _lines(body)
        below = [child for _, child in sorted(children.get(name, ())) if child not in seen]
        seen.update(below)
        waiting += reversed(below)


def _slide_links(package: OfficePackage) -> list[Relationship]:
    """The slides in the order of the show. Raises DamagedDocument."""
    main = package.main_part("ppt/presentation.xml")
    root = package.xml(main)
    if root is None:
        raise DamagedDocument(
            "演示文稿里没有主部件，文件已损坏。请用 PowerPoint 或 WPS 打开后另存为 .pptx 再放回原处。"
        )
    links = package.relationships(main)
    named = (links.get(slide.get(R + "id", "")) for slide in root.iter(P + "sldId"))
    return [link for link in named if link is not None]


def read_pptx(data: bytes) -> Converted:
    """The slides as Markdown; a Place a slide (`第3张幻灯片`, its number as the page). Hidden ones are left out.

    Raises DamagedDocument, DocumentTooLarge.
    """
    package = OfficePackage(data)
    links = _slide_links(package)
    blocks: list[Block] = []
    hidden, pictures, charts = [], 0, 0
    for number, link in enumerate(links, 1):
        root = package.xml(link.target)
        shapes = None if root is None else root.find(f"{P}cSld/{P}spTree")
        if root is None or shapes is None:
            continue
        if root.get("show", "1") in {"0", "false"}:
            hidden.append(number)
            continue
        label = f"第{number}张幻灯片"
        reader = _Reader(package, link.target, label, number)
        reader.read(shapes)
        slide = reader.slide
        if slide.title:
            blocks.append(paragraph(f"# {slide.title}" if not blocks else f"## {slide.title}", label, number))
        blocks += [*slide.blocks, *reader.notes()]
        pictures, charts = pictures + slide.pictures, charts + slide.charts
    text, places = assemble(blocks)
    return Converted(text, "pptx", places, tuple(_warnings(hidden, pictures, charts)), pages=len(links))


def _warnings(hidden: list[int], pictures: int, charts: int) -> Iterator[str]:
    if hidden:
        yield f"第{'、'.join(map(str, hidden))}张幻灯片是隐藏的，没有读取；如需读取，请取消隐藏后保存。"
    if pictures:
        yield f"文中有 {pictures} 张图片，图片里的文字没有读取。"
    if charts:
        yield f"文中有 {charts} 张图表，图表里的数据没有读取。"
