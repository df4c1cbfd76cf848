"""A .pdf with a text layer -> Markdown: lines reflowed into paragraphs, tables stitched over page breaks."""

from __future__ import annotations

import io
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from bot.datamodels import Converted
from bot.documents.blocks import Block, Piece, assemble
from bot.documents.pdf_layout import PageLayout, PageTable, TextLine, close_up, join_lines, page_layout
from bot.documents.tables import Cell, Row, table_blocks
from bot.errors import DamagedDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument

MAX_PAGES = 1_000
MAX_STREAM_BYTES = 96 << 20
"""Most that one compressed stream (not a picture) may unpack to."""
_NUMBERED = re.compile(
    r"[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、]|第[一二三四五六七八九十百\d]+[章条]|附件"
)
MAX_HEADING = 120
"""Characters of the longest heading; larger type beyond that is text."""
SAME_COLUMNS = 3.0
"""Points by which the column edges of a continued table may differ."""
_RUNNING_HEAD_SHARE = 0.09
"""Running heads and feet stand within this share of the page's height."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """How the body text of the document is set."""

    size: int
    left: float
    right: float
    """Where full lines end; beyond any line where no text is wide enough to have been wrapped."""
    indented: bool
    """True where first lines of paragraphs are set in."""


@dataclass(frozen=True, slots=True)
class _Flow:
    """A paragraph while lines are still being joined to it."""

    pieces: Block
    last: TextLine
    page: int
    heading: bool

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def _refuse_inflating_streams(data: bytes) -> None:
    """pdfminer unpacks whole streams into memory, so a small file could fill it."""
    for match in re.finditer(rb"stream\r?\n", data):
        if (
            data[max(0, match.start() - 3) : match.start()] == b"end"
            or b"/Image" in data[match.start() - 400 : match.start()]
        ):
            continue
        if data[match.end() : match.end() + 1] != b"\x78":  # every zlib stream of a PDF begins with it
            continue
        unpacker = zlib.decompressobj()
        unpacked, at = 0, match.end()
        try:
            while at < len(data) and not unpacker.eof:
                unpacked += len(
                    unpacker.decompress(unpacker.unconsumed_tail or data[at : at + 65536], 1 << 20)
                )
                at += 0 if unpacker.unconsumed_tail else 65536
                if unpacked > MAX_STREAM_BYTES:
                    raise DocumentTooLarge(
                        "PDF 里有解压后过大的内容，可能是压缩炸弹。请用 PDF 软件打开核对，另存后放回原处。"
                    )
        except zlib.error:
            continue


def _layouts(data: bytes) -> list[PageLayout]:
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            if len(document.pages) > MAX_PAGES:
                raise DocumentTooLarge(
                    f"PDF 有 {len(document.pages)} 页，超过上限 {MAX_PAGES} 页。请拆分后放回原处。"
                )
            layouts = []
            for page in document.pages:
                layouts.append(page_layout(page))
                page.close()
            return layouts
    except (DocumentTooLarge, RecursionError, MemoryError):
        raise
    except Exception as error:  # pdfminer raises almost anything on a broken file
        causes = (error, error.__cause__, error.__context__, *error.args)
        if any(isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError) for cause in causes):
            raise EncryptedDocument("PDF 有打开密码。请去掉密码后另存，再放回原处。") from error
        detail = (
            type(error.args[0]).__name__
            if isinstance(error, PdfminerException) and error.args
            else type(error).__name__
        )
        raise DamagedDocument(
            f"PDF 不完整或已损坏（{detail}）。请重新下载，或用 PDF 软件打开后另存再放回原处。"
        ) from error


def _pages(numbers: Sequence[int]) -> str:
    """`第1—3、7页`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return "第" + "、".join("—".join(map(str, run)) for run in runs) + "页"


def _warnings(layouts: Sequence[PageLayout]) -> tuple[str, ...]:
    """Names the pages that could not be read; raises where none could."""
    garbled = [layout.number for layout in layouts if layout.garbled]
    pictures = [layout.number for layout in layouts if not layout.readable and not layout.garbled]
    if not any(layout.items for layout in layouts):
        if garbled:
            raise DamagedDocument(
                "PDF 的文字层是乱码（字体没有字符对照表），不能读取。请用原 Word 文件，或重新导出、识别（OCR）后放回原处。"
            )
        if pictures:
            raise EmptyDocument(
                "PDF 只有图片，没有文字层（扫描件）。请识别（OCR）成文字后另存，或换成原 Word 文件放回原处。"
            )
        raise EmptyDocument("PDF 里没有可读的文字。请检查内容，或换成原 Word 文件放回原处。")
    warnings = []
    if garbled:
        warnings.append(
            f"{_pages(garbled)}的文字层是乱码，没有读取；请换用原 Word 文件或识别（OCR）后的版本。"
        )
    if pictures:
        warnings.append(
            f"{_pages(pictures)}只有图片，没有文字层（可能是扫描页），没有读取；请识别（OCR）后放回原处。"
        )
    return tuple(warnings)


def _running_heads(layouts: Sequence[PageLayout]) -> set[str]:
    """Lines that stand at the top or the foot of most pages, their digits aside."""
    if len(layouts) < 3:
        return set()
    counts: Counter[str] = Counter()
    for layout in layouts:
        lines = [item for item in layout.items if isinstance(item, TextLine)]
        counts.update({_without_digits(line.text) for line in lines if _at_rim(line, layout)})
    return {text for text, count in counts.items() if count >= max(3, 0.6 * len(layouts))}


def _at_rim(line: TextLine, layout: PageLayout) -> bool:
    rim = _RUNNING_HEAD_SHARE * layout.height
    return line.bottom < rim or line.top > layout.height - rim


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _body_size(lines: Iterable[TextLine]) -> int:
    """The font size of most characters."""
    sizes: Counter[int] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: sizes[size], default=12)


def _setting_of(lines: Sequence[TextLine], size: int, width: float) -> _Setting:
    """The left margin is the leftmost edge that many body lines share, the right one the farthest end."""
    body = [line for line in lines if line.size == size] or list(lines)
    edges = Counter(round(line.x0) for line in body if len(line.text) > 8) or Counter(
        round(line.x0) for line in body
    )
    left = min((edge for edge, _ in edges.most_common(6)), default=0)
    right = max((line.x1 for line in body), default=0.0)
    indents = sum(1.5 * size < line.x0 - left < 3 * size for line in body)
    return _Setting(
        size, float(left), right if right > 0.6 * width else float("inf"), indents > 0.1 * len(body)
    )


def _continues(flow: _Flow, line: TextLine, page: int, setting: _Setting) -> bool:
    """Whether `line` goes on with the paragraph of `flow`."""
    last, size = flow.last, line.size
    if last.size != size or page > flow.page + 1:
        return False
    gap = line.top - last.bottom if flow.page == page else 0.0
    if size > 1.15 * setting.size:  # a title broken over several lines
        return gap < 1.2 * size and flow.page == page
    if last.x1 <= setting.right - 1.6 * size or gap >= 1.8 * size:
        return False
    sentence_ended = re.search(r"[。；：！？.;:]$", last.text)
    if sentence_ended and (_NUMBERED.match(line.text) or not setting.indented):
        return False
    flush_left = line.x0 - setting.left < 0.8 * size
    hanging = not sentence_ended and abs(line.x0 - last.x0) <= 4 * size
    return flush_left or hanging


class _Reflow:
    """Collects blocks from page items in reading order."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._flow: _Flow | None = None
        self._rows: list[Row] = []
        self._edges: tuple[float, ...] = ()

    def add_line(self, line: TextLine, layout: PageLayout, setting: _Setting) -> None:
        self._end_table()
        label, flow = f"第{layout.number}页", self._flow
        if flow and _continues(flow, line, layout.number, setting):
            joined = join_lines(flow.text, line.text)[len(flow.text) :]
            pieces = (*flow.pieces, Piece(joined, label, layout.number))
            self._flow = replace(flow, pieces=pieces, last=line, page=layout.number)
            return
        self._end_paragraph()
        centred = abs((line.x0 + line.x1) / 2 - layout.width / 2) < line.size
        heading = line.size > (1.15 if centred else 1.3) * setting.size
        self._flow = _Flow((Piece(line.text, label, layout.number),), line, layout.number, heading)

    def add_table(self, table: PageTable, page: int, opens_page: bool) -> None:
        """A table that opens a page with the columns of the last one goes on with it."""
        self._end_paragraph()
        label = f"第{page}页"
        rows = [Row(cells, label, page) for cells in table.rows]
        same = len(self._edges) == len(table.edges) and all(
            abs(a - b) <= SAME_COLUMNS for a, b in zip(self._edges, table.edges, strict=True)
        )
        if self._rows and opens_page and same:
            self._rows = _stitched(self._rows, rows)
            return
        self._end_table()
        self._rows, self._edges = rows, table.edges

    def blocks(self) -> list[Block]:
        self._end_paragraph()
        self._end_table()
        return self._blocks

    def _end_paragraph(self) -> None:
        flow, self._flow = self._flow, None
        if flow is None:
            return
        letterhead = flow.text.endswith("文件") and "《" not in flow.text
        if flow.heading and not letterhead and len(flow.text) <= MAX_HEADING:
            self._blocks.append((replace(flow.pieces[0], text="# " + flow.pieces[0].text), *flow.pieces[1:]))
        else:
            self._blocks.append(flow.pieces)

    def _end_table(self) -> None:
        if self._rows:
            self._blocks.extend(table_blocks(self._rows))
        self._rows, self._edges = [], ()


def _stitched(before: list[Row], after: list[Row]) -> list[Row]:
    """Rows of a table and of its continuation on the next page.

    A repeated header is dropped. A first row without its first cell is the rest of a row that the page
    break cut. An empty merged cell at the top of the page takes the value that it continues.
    """
    repeated = 0
    while repeated < min(3, len(after), len(before)) and after[repeated].texts == before[repeated].texts:
        repeated += 1
    rest = after[repeated:]
    if not rest:
        return before
    first = rest[0]
    empty_on_top = {id(cell) for cell in first.cells if not cell.text}
    last = before[-1]
    if not first.cells[0].text and any(first.texts) and not first.full_width:
        before = [*before[:-1], replace(last, cells=_joined_cells(last.cells, first.cells))]
        rest = rest[1:]
    above = before[-1].cells
    stitched = list(before)
    for row in rest:
        cells = tuple(
            up if id(own) in empty_on_top else own for own, up in zip(row.cells, above, strict=True)
        )
        stitched.append(replace(row, cells=cells))
        above = cells
    return stitched


def _joined_cells(upper: tuple[Cell, ...], lower: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The two halves of a row that a page break cut; merged cells stay merged."""
    made: dict[tuple[int, int], Cell] = {}
    for top, bottom in zip(upper, lower, strict=True):
        whole = close_up(join_lines(top.text, bottom.text)) if bottom.text else top.text
        made.setdefault((id(top), id(bottom)), top if whole == top.text else Cell(whole))
    return tuple(made[id(top), id(bottom)] for top, bottom in zip(upper, lower, strict=True))


def _kept_items(layouts: Sequence[PageLayout]) -> Iterator[tuple[PageLayout, list[TextLine | PageTable]]]:
    heads = _running_heads(layouts)
    for layout in layouts:
        yield (
            layout,
            [
                item
                for item in layout.items
                if isinstance(item, PageTable)
                or not (_at_rim(item, layout) and _without_digits(item.text) in heads)
            ],
        )


def read_pdf(data: bytes) -> Converted:
    """The document as Markdown; places are pages.

    Raises EncryptedDocument, DamagedDocument (broken, or its text layer is rubbish), EmptyDocument
    (pictures only), DocumentTooLarge.
    """
    _refuse_inflating_streams(data)
    layouts = _layouts(data)
    warnings = _warnings(layouts)
    pages = list(_kept_items(layouts))
    lines = [(layout, item) for layout, items in pages for item in items if isinstance(item, TextLine)]
    size = _body_size(line for _, line in lines)
    widths = {round(layout.width) for layout in layouts}  # upright and landscape pages have their own margins
    settings = {w: _setting_of([line for on, line in lines if round(on.width) == w], size, w) for w in widths}
    reflow = _Reflow()
    for layout, items in pages:
        for position, item in enumerate(items):
            if isinstance(item, TextLine):
                reflow.add_line(item, layout, settings[round(layout.width)])
            else:
                reflow.add_table(item, layout.number, opens_page=position == 0)
    text, places = assemble(reflow.blocks())
    return Converted(text=text, format="pdf", places=places, warnings=warnings)
