"""Workbooks -> Markdown: a heading a sheet, merged cells repeated, numbers as the sheet shows them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

import python_calamine
from lxml import etree

from bot.datamodels import Converted
from bot.documents.blocks import Block, assemble, paragraph
from bot.documents.number_formats import BUILT_IN, format_moment, format_number, general
from bot.documents.ooxml import OFFICE_RELATIONSHIPS, OfficePackage
from bot.documents.sniffing import FileKind
from bot.documents.tables import Cell, Row, table_blocks
from bot.errors import DamagedDocument, DocumentError, DocumentTooLarge, EncryptedDocument

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = f"{{{OFFICE_RELATIONSHIPS}}}"
MAX_CELLS = 1_000_000
"""Cells of a sheet's used block, after merged cells are repeated."""
MAX_COLUMNS = 4_000
_DEFAULT_SHEET_NAME = re.compile(r"(?:Sheet|工作表)\s*\d*", re.IGNORECASE)

_Position = tuple[int, int]
"""Row and column, from 1."""
_Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 1."""


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    values: Mapping[_Position, str]
    merges: tuple[_Merge, ...] = ()


@dataclass(slots=True)
class Workbook:
    """What the readers of sheets fill, whatever the format."""

    sheets: list[Sheet] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def note_hidden(self, name: str) -> None:
        self.warnings.append(f"工作表“{name}”是隐藏的，没有读取；如需读取，请取消隐藏后保存。")


def too_large(name: str) -> DocumentTooLarge:
    return DocumentTooLarge(
        f"工作表“{name}”的使用区域过大（可能在很远的地方有一个多余的单元格）。请删去空白区域里的内容，另存后放回原处。"
    )


# ---------------------------------------------------------------- sheet -> blocks


def _grid(sheet: Sheet) -> list[Row]:
    """Rows of the used block, blank ones included, merged cells repeated. Raises DocumentTooLarge."""
    used = {position for position, text in sheet.values.items() if text}
    if not used:
        return []
    last_row, last_column = max(row for row, _ in used), max(column for _, column in used)
    shown = {merge[:2]: merge for merge in sheet.merges if sheet.values.get(merge[:2])}.values()
    # A merged block may reach past the last filled cell, but never far: beyond, it only decorates.
    last_column = max([last_column, *(min(merge[3], last_column + 60) for merge in shown)])
    last_row = max([last_row, *(min(merge[2], last_row + 60) for merge in shown)])
    if last_column > MAX_COLUMNS or last_row * last_column > MAX_CELLS:
        raise too_large(sheet.name)
    cells = {position: Cell(text) for position, text in sheet.values.items() if text}
    covered = 0
    for top, left, bottom, right in shown:
        cell, bottom, right = cells[top, left], min(bottom, last_row), min(right, last_column)
        covered += (bottom - top + 1) * (right - left + 1)
        if covered > MAX_CELLS:  # merges that overlap: no office program writes them
            raise too_large(sheet.name)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                cells[row, column] = cell
    first_column = min(column for _, column in cells)
    return [
        Row(
            tuple(cells.get((row, column)) or Cell("") for column in range(first_column, last_column + 1)),
            f"工作表“{sheet.name}”第{row}行（{_column_letters(first_column)}{row}:{_column_letters(last_column)}{row}）",
        )
        for row in range(1, last_row + 1)
    ]


def _column_letters(column: int) -> str:
    """1 -> A, 27 -> AA."""
    letters = ""
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _distinct(row: Row) -> int:
    return len({id(cell) for cell in row.cells if cell.text})


def _regions(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows grouped into tables: a single cell after a blank row opens a new one (its title or a note)."""
    regions: list[list[Row]] = []
    after_blank = True
    for row in rows:
        if not _distinct(row):
            after_blank = True
            continue
        if not regions or (after_blank and _distinct(row) == 1):
            regions.append([])
        regions[-1].append(row)
        after_blank = False
    return regions


def _trimmed(rows: list[Row]) -> list[Row]:
    """Without columns that are blank in all rows."""
    kept = [i for i in range(len(rows[0].cells)) if any(row.cells[i].text for row in rows)]
    return [replace(row, cells=tuple(row.cells[i] for i in kept)) for row in rows]


def _sheet_blocks(sheet: Sheet, with_heading: bool) -> list[Block]:
    blocks: list[Block] = []
    if with_heading:
        blocks.append(paragraph(f"# {sheet.name}", f"工作表“{sheet.name}”"))
    for region in _regions(_grid(sheet)):
        head = next((i for i, row in enumerate(region) if _distinct(row) > 1), len(region))
        shown: set[int] = set()
        for row in region[:head]:
            cell = next(cell for cell in row.cells if cell.text)
            if id(cell) not in shown:  # a title merged over several rows
                blocks.append(paragraph(cell.text, row.label))
            shown.add(id(cell))
        if head < len(region):
            blocks.extend(table_blocks(_trimmed(region[head:])))
    return blocks


def workbook_text(workbook: Workbook, format: str) -> Converted:
    sheets = [sheet for sheet in workbook.sheets if sheet.values]
    blocks = [
        block
        for sheet in sheets
        for block in _sheet_blocks(sheet, len(sheets) > 1 or not _DEFAULT_SHEET_NAME.fullmatch(sheet.name))
    ]
    text, places = assemble(blocks)
    return Converted(
        text=text, format=format, places=places, warnings=tuple(workbook.warnings), pages=len(sheets)
    )


def one_line(text: str) -> str:
    return re.sub(r"\s*[\r\n]+\s*", " ", text.replace("_x000D_", "")).strip()


# ---------------------------------------------------------------- xlsx


@dataclass(frozen=True, slots=True)
class _Context:
    """What cells refer to: shared strings, format codes by style index, the epoch of dates."""

    strings: tuple[str, ...]
    formats: tuple[str, ...]
    from_1904: bool


def _rich_text(element: etree._Element) -> str:
    """Text of a string item; phonetic readings (rPh) are left out."""
    parts = [element.findtext(S + "t") or ""]
    parts += [run.findtext(S + "t") or "" for run in element.findall(S + "r")]
    return "".join(parts)


def _formats(root: etree._Element | None) -> tuple[str, ...]:
    """Format code of each cell style (xf), by its index."""
    if root is None:
        return ()
    declared = {f.get("numFmtId", ""): f.get("formatCode", "") for f in root.iter(S + "numFmt")}
    styles = root.find(S + "cellXfs")
    ids = [style.get("numFmtId", "0") for style in styles] if styles is not None else []
    return tuple(declared.get(i) or BUILT_IN.get(int(i) if i.isdecimal() else 0, "General") for i in ids)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _position(reference: str) -> _Position | None:
    match = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", reference)
    return (int(match[2]), _column_number(match[1])) if match else None


def _cell_value(cell: etree._Element, context: _Context) -> str:
    kind, value = cell.get("t", "n"), cell.findtext(S + "v") or ""
    if kind == "inlineStr":
        inline = cell.find(S + "is")
        return "" if inline is None else _rich_text(inline)
    if kind == "s":
        return context.strings[int(value)] if value.isdecimal() and int(value) < len(context.strings) else ""
    if kind == "b":
        return "是" if value == "1" else "否"
    if kind == "d" and value:
        try:
            return _moment_text(datetime.fromisoformat(value.removesuffix("Z")))
        except ValueError:
            return value
    if kind != "n" or not value:
        return value  # a formula's text, or an error such as #N/A
    style = cell.get("s", "0")
    index = int(style) if style.isdecimal() else 0
    try:
        number = float(value)
        return format_number(
            number, context.formats[index] if index < len(context.formats) else "General", context.from_1904
        )
    except (ValueError, ArithmeticError):
        return value


def _xlsx_sheet(name: str, root: etree._Element, context: _Context) -> tuple[Sheet, int]:
    """The sheet, and how many of its formulas have no stored value."""
    values: dict[_Position, str] = {}
    without_value = row_number = 0
    for row in root.iter(S + "row"):
        reference = row.get("r", "")
        row_number = int(reference) if reference.isdecimal() else row_number + 1
        column = 0
        for cell in row.iter(S + "c"):
            column = (_position(cell.get("r", "")) or (row_number, column + 1))[1]
            text = one_line(_cell_value(cell, context))
            if text:
                values[row_number, column] = text
            elif cell.find(S + "f") is not None:
                without_value += 1
    merges = []
    for element in root.iter(S + "mergeCell"):
        first, _, last = element.get("ref", "").partition(":")
        start, end = _position(first), _position(last)
        if start and end:
            merges.append((*start, *end))
    return Sheet(name, values, tuple(merges)), without_value


def read_xlsx(data: bytes) -> Converted:
    """The visible sheets as Markdown; a Place a row.

    Read straight from the XML: a stray far cell costs nothing until the size is known, and number formats
    are at hand. Raises DamagedDocument, DocumentTooLarge.
    """
    package = OfficePackage(data)
    main = package.main_part("xl/workbook.xml")
    root = package.xml(main)
    if root is None:
        raise DamagedDocument(
            "表格文件里没有工作簿部件，文件已损坏。请用 Excel 或 WPS 打开后另存为 .xlsx 再放回原处。"
        )
    links = package.relationships(main)
    parts = {link.kind: link.target for link in links.values()}
    strings = package.xml(parts.get("sharedStrings", "xl/sharedStrings.xml"))
    properties = root.find(S + "workbookPr")
    context = _Context(
        strings=tuple(_rich_text(item) for item in strings.iter(S + "si")) if strings is not None else (),
        formats=_formats(package.xml(parts.get("styles", "xl/styles.xml"))),
        from_1904=properties is not None and properties.get("date1904") in {"1", "true"},
    )
    workbook = Workbook()
    for sheet in root.iter(S + "sheet"):
        name, link = sheet.get("name", ""), links.get(sheet.get(R + "id", ""))
        if link is None or link.kind != "worksheet":
            continue
        if sheet.get("state", "visible") != "visible":
            workbook.note_hidden(name)
            continue
        content = package.xml(link.target)
        if content is None:
            raise DamagedDocument(
                f"工作表“{name}”的内容缺失，文件已损坏。请用 Excel 或 WPS 打开后另存再放回原处。"
            )
        read, without_value = _xlsx_sheet(name, content, context)
        workbook.sheets.append(read)
        if without_value:
            workbook.warnings.append(
                f"工作表“{name}”有 {without_value} 个公式没有保存结果，读出来是空的；请用 Excel 或 WPS 打开后保存一次。"
            )
    return workbook_text(workbook, "xlsx")


# ---------------------------------------------------------------- xls, et


def _moment_text(moment: datetime | date) -> str:
    timed = isinstance(moment, datetime) and moment.time() != time(0)
    return format_moment(moment, "yyyy-m-d h:mm" if timed else "yyyy-m-d")


def _calamine_text(value: object) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case int() | float():
            return general(value)
        case datetime() | date():
            return _moment_text(value)
        case time():
            return value.strftime("%H:%M")
        case timedelta():
            minutes = int(value.total_seconds()) // 60
            return f"{minutes // 60}:{minutes % 60:02d}"
    return one_line(str(value))


def _calamine_workbook(data: bytes) -> Workbook:
    """Raises DocumentTooLarge, and what calamine raises."""
    workbook = Workbook()
    source = python_calamine.load_workbook(io.BytesIO(data))
    for meta in source.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != python_calamine.SheetVisibleEnum.Visible:
            workbook.note_hidden(meta.name)
            continue
        sheet = source.get_sheet_by_name(meta.name)
        if sheet.height * sheet.width > MAX_CELLS:
            raise too_large(meta.name)
        values = {
            (i, j): text
            for i, row in enumerate(sheet.to_python(skip_empty_area=False), 1)
            for j, value in enumerate(row, 1)
            if (text := _calamine_text(value))
        }
        merges = tuple(
            (top + 1, left + 1, bottom + 1, right + 1)
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        )
        workbook.sheets.append(Sheet(meta.name, values, merges))
    return workbook


def _is_panic(error: BaseException) -> bool:
    """Whether calamine, which is written in Rust, stumbled; PyO3 exports no class to catch."""
    return type(error).__name__ == "PanicException"


def _with_number_formats(data: bytes) -> Converted | None:
    """The workbook by way of LibreOffice, which knows that 0.125 is shown as 12.5%; None where it cannot."""
    from bot.documents.office import convert_office

    try:
        return replace(read_xlsx(convert_office(data, FileKind.XLS)), format="xls")
    except DocumentError:
        return None


def read_xls(data: bytes) -> Converted:
    """Visible sheets of an .xls, .et or .xlsb.

    calamine gives no number formats: where there are fractions (0.125 for 12.5%, 10.5 for 10.50), LibreOffice
    is asked for them, and without it a warning says where percentages may be missing. Raises EncryptedDocument, DamagedDocument, DocumentTooLarge.
    """
    try:
        workbook = _calamine_workbook(data)
    except python_calamine.PasswordError as error:
        raise EncryptedDocument("表格有打开密码。请去掉密码后另存，再放回原处。") from error
    except BaseException as error:
        if not (isinstance(error, python_calamine.CalamineError) or _is_panic(error)):
            raise
        raise DamagedDocument(
            "表格不完整或已损坏。请用 Excel 或 WPS 打开，另存为 .xlsx 后放回原处。"
        ) from error
    fractions = [
        sheet.name
        for sheet in workbook.sheets
        if any(re.fullmatch(r"-?0\.\d+", text) for text in sheet.values.values())
    ]
    has_fractions = any(
        re.fullmatch(r"-?\d+\.\d+", text) for sheet in workbook.sheets for text in sheet.values.values()
    )
    if has_fractions and (formatted := _with_number_formats(data)) is not None:
        return formatted
    workbook.warnings += [
        f"工作表“{name}”是旧版格式，百分比会读成小数（12.5% 读成 0.125）；请安装 LibreOffice，或另存为 .xlsx 后放回原处。"
        for name in fractions
    ]
    return workbook_text(workbook, "xls")
