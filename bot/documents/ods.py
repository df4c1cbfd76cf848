"""An .ods -> Markdown: the visible sheets as they are shown, merged cells repeated (ODF 1.2, part 1, chapter 9)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bot.datamodels import Converted
from bot.documents.number_formats import general
from bot.documents.ooxml import OfficePackage
from bot.documents.sheets import MAX_CELLS, Sheet, Workbook, one_line, too_large, workbook_text
from bot.errors import DamagedDocument

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"

_ROW_GROUPS = {TABLE + "table-row-group", TABLE + "table-header-rows", TABLE + "table-rows"}
_CELLS = {TABLE + "table-cell", TABLE + "covered-table-cell"}


def _count(element: etree._Element, name: str) -> int:
    """A repetition or a span: 1 where none is written."""
    value = element.get(TABLE + name, "1")
    return max(1, int(value)) if value.isdecimal() and len(value) < 10 else 1


def _rows(container: etree._Element) -> Iterator[etree._Element]:
    for element in container:
        if element.tag == TABLE + "table-row":
            yield element
        elif element.tag in _ROW_GROUPS:
            yield from _rows(element)


def _paragraph_text(element: etree._Element) -> str:
    """Text of a paragraph with its blanks; what is noted on it (annotations) is left out."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == TEXT + "s":
            count = child.get(TEXT + "c", "1")
            parts.append(" " * min(80, int(count) if count.isdecimal() else 1))
        elif child.tag in {TEXT + "tab", TEXT + "line-break"}:
            parts.append(" ")
        elif child.tag != OFFICE + "annotation":
            parts.append(_paragraph_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _cell_text(cell: etree._Element) -> str:
    """The text that is shown; for a cell that stores none, its value."""
    shown = one_line("\n".join(_paragraph_text(p) for p in cell.findall(TEXT + "p")))
    if shown:
        return shown
    value: str = cell.get(OFFICE + "value", "")
    if value:
        try:
            return general(float(value))
        except (ValueError, ArithmeticError):
            return value
    return str(cell.get(OFFICE + "date-value") or cell.get(OFFICE + "string-value") or "")


def _sheet(table: etree._Element) -> Sheet:
    """Raises DocumentTooLarge where repeated cells fill more than MAX_CELLS."""
    name = table.get(TABLE + "name", "")
    values: dict[tuple[int, int], str] = {}
    merges: list[tuple[int, int, int, int]] = []
    row_number = 1
    for row in _rows(table):
        rows, column = _count(row, "number-rows-repeated"), 1
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            columns = _count(cell, "number-columns-repeated")
            text = _cell_text(cell) if cell.tag == TABLE + "table-cell" else ""
            if text:
                if len(values) + rows * columns > MAX_CELLS:
                    raise too_large(name)
                values |= {
                    (row_number + down, column + right): text
                    for down in range(rows)
                    for right in range(columns)
                }
                down, right = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
                if down > 1 or right > 1:
                    merges.append((row_number, column, row_number + down - 1, column + right - 1))
            column += columns
        row_number += rows
    return Sheet(name, values, tuple(merges))


def read_ods(data: bytes) -> Converted:
    """The visible sheets; a Place a row. Raises DamagedDocument, DocumentTooLarge."""
    root = OfficePackage(data).xml("content.xml")
    spreadsheet = None if root is None else root.find(f"{OFFICE}body/{OFFICE}spreadsheet")
    if root is None or spreadsheet is None:
        raise DamagedDocument("表格文件里没有内容部件，文件已损坏。请用原软件打开后另存为 .xlsx 再放回原处。")
    hidden_styles = {
        style.get(STYLE + "name")
        for style in root.iter(STYLE + "style")
        if (properties := style.find(STYLE + "table-properties")) is not None
        and properties.get(TABLE + "display") == "false"
    }
    workbook = Workbook()
    for table in spreadsheet.findall(TABLE + "table"):
        if table.get(TABLE + "style-name") in hidden_styles:
            workbook.note_hidden(table.get(TABLE + "name", ""))
        else:
            workbook.sheets.append(_sheet(table))
    return workbook_text(workbook, "ods")
