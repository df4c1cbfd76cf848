"""A truth document -> the files that real writers make of it: python-docx, openpyxl, python-pptx, LibreOffice, a scanner.

OFD has no free writer: its package is written as printing programs write it (`tests/ofd_made.py`).
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pypdfium2
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from openpyxl.styles import Alignment, Border, Side
from pptx import Presentation
from pptx.slide import Slide
from pptx.util import Cm as SlideCm
from pptx.util import Pt as SlidePt

from benchmarks.documents_scores import Expected
from benchmarks.documents_truth import DocumentTruth, TableTruth
from bot.documents.office import find_program
from tests import documents_made as made
from tests import ofd_made as ofd
from tests import scans_made as scans

SCAN_DPI = 150
SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
_BODY_LIST, _ATTACHMENT_LIST = 90, 91
_LINES_A_SLIDE = 7


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file, what must be read in it, and how many printed pages it is."""

    format: str
    """As the report names it: `docx`, `docx, typed numbers`, `pdf, scanned at 150 dpi`."""
    writer: str
    path: Path
    expected: Expected
    pages: int = 0


def make_files(truth: DocumentTruth, folder: Path) -> list[MadeFile]:
    """Every format's file of a document; an old folder is replaced.

    Raises RuntimeError where LibreOffice is missing or writes nothing.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    packages = write_packages(truth, folder)
    converted = convert_packages(truth, folder)
    files = (*packages, *converted, *_renamed(converted), write_scan(truth, folder))
    pages = len(pypdfium2.PdfDocument(folder / "automatic.pdf"))
    return [replace(file, pages=pages) for file in files]


def write_packages(truth: DocumentTruth, folder: Path) -> list[MadeFile]:
    """The files that need no LibreOffice; their pages are not known."""
    automatic, typed, notice_alone = (folder / f"{name}.docx" for name in ("automatic", "typed", "notice"))
    workbook, deck = folder / "table.xlsx", folder / "slides.pptx"
    _write_docx(truth, automatic)
    _write_docx(truth, typed, automatic_numbers=False)
    _write_docx(truth, notice_alone, with_table=False)
    _write_xlsx(truth.table, workbook)
    _write_pptx(truth, deck)
    mail = _written(folder / "mail.eml", _mail(truth, workbook))
    archive = _written(folder / "files.zip", _archive(notice_alone, workbook))
    whole, notice, sheet = _whole(truth), _notice(truth), _sheet(truth.table)
    both = Expected(notice.lines + sheet.lines, notice.numbered, truth.table)
    return [
        MadeFile("docx", "python-docx", automatic, whole),
        MadeFile("docx, typed numbers", "python-docx", typed, whole),
        MadeFile("xlsx", "openpyxl", workbook, sheet),
        MadeFile("pptx", "python-pptx", deck, whole),
        MadeFile("ofd", "tests/ofd_made.py", _written(folder / "print.ofd", _ofd(truth)), whole),
        MadeFile("txt, GB18030", "Python", _written(folder / "notice.txt", _text(truth)), notice),
        MadeFile("eml: text, xlsx attached", "Python, openpyxl", mail, both),
        MadeFile("zip: docx, xlsx", "Python, python-docx, openpyxl", archive, both),
    ]


_SOURCES = {
    "odt": ("automatic.docx", "odt"),
    "doc": ("automatic.docx", "doc:MS Word 97"),
    "rtf": ("automatic.docx", "rtf"),
    "html, typed numbers": ("typed.docx", "html:HTML (StarWriter)"),
    "pdf": ("automatic.docx", "pdf"),
    "xls": ("table.xlsx", "xls:MS Excel 97"),
    "ods": ("table.xlsx", "ods"),
    "ppt": ("slides.pptx", "ppt:MS PowerPoint 97"),
    "odp": ("slides.pptx", "odp"),
}
"""Format -> what LibreOffice makes it of, and its suffix or export filter."""


def convert_packages(
    truth: DocumentTruth, folder: Path, formats: Collection[str] = tuple(_SOURCES)
) -> list[MadeFile]:
    """What LibreOffice makes of the folder's packages. Raises RuntimeError where it is missing or writes nothing."""
    program = find_program()
    if program is None:
        raise RuntimeError("The benchmark needs LibreOffice (writer, calc, impress): it writes most formats.")
    made_files = []
    for format in formats:
        source, target = _SOURCES[format]
        expected = _sheet(truth.table) if source == "table.xlsx" else _whole(truth)
        path = _converted(program, folder / source, target)
        made_files.append(MadeFile(format, "LibreOffice", path, expected))
    return made_files


def _renamed(files: Sequence[MadeFile]) -> list[MadeFile]:
    """The .doc as .wps and the .xls as .et: WPS writes the same container."""
    renamed = []
    for file in files:
        if suffix := {"doc": "wps", "xls": "et"}.get(file.format):
            path = Path(shutil.copyfile(file.path, file.path.with_suffix(f".{suffix}")))
            writer = f"{file.writer}, the .{file.format} renamed"
            renamed.append(replace(file, format=suffix, writer=writer, path=path))
    return renamed


def write_scan(truth: DocumentTruth, folder: Path) -> MadeFile:
    """The folder's PDF, printed and scanned."""
    path = _written(folder / "scan.pdf", _scan(truth, folder / "automatic.pdf"))
    format = f"pdf, scanned at {SCAN_DPI} dpi"
    return MadeFile(format, "LibreOffice, tests/scans_made.py", path, _whole(truth))


def _whole(truth: DocumentTruth) -> Expected:
    table = truth.table
    lines = (*truth.lines(), table.heading, table.title, table.introduction)
    return Expected(lines, tuple(truth.numbered_lines()), table)


def _notice(truth: DocumentTruth) -> Expected:
    return Expected(tuple(truth.lines()), tuple(truth.numbered_lines()))


def _sheet(table: TableTruth) -> Expected:
    """The sheet's name is the table's title."""
    return Expected((table.title, table.heading, table.introduction), table=table)


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# ---------------------------------------------------------------- docx


def _write_docx(
    truth: DocumentTruth, path: Path, *, automatic_numbers: bool = True, with_table: bool = True
) -> None:
    """Set as GB/T 9704 sets a notice; the table is printed across, on pages of its own."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.size, normal.font.name = Pt(16), SERIF
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), SERIF)
    normal.paragraph_format.line_spacing = Pt(28)
    normal.paragraph_format.space_after = Pt(0)
    _set_page(document)
    _add_head(document, truth)
    levels = [(number_format, frame, "") for number_format, frame in truth.levels]
    made.add_numbering(document, _BODY_LIST, levels)
    # The first attachment's number stands behind 附件：, so the list starts at 2. Not by w:startOverride, which
    # LibreOffice drops when it writes a .doc: there the paper itself would show another number.
    made.add_numbering(document, _ATTACHMENT_LIST, [("decimal", "%1.", "")])
    *_, last = document.part.numbering_part.element.findall(qn("w:abstractNum"))
    last.find(f"{qn('w:lvl')}/{qn('w:start')}").set(qn("w:val"), "2")
    for line, number in zip(truth.body, truth.numbers(), strict=True):
        if automatic_numbers and line.level is not None:
            paragraph = made.numbered(document, line.text, _BODY_LIST, line.level)
        else:
            paragraph = document.add_paragraph(number + line.text)
        paragraph.paragraph_format.first_line_indent = Pt(32)
        if line.level == 0:
            _set_font(paragraph, SANS)
    _add_closing(document, truth, automatic_numbers)
    if with_table:
        _add_table(document, truth.table)
    document.save(str(path))


def _set_page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    made.append_xml(
        footer,
        "<w:r><w:t>— </w:t></w:r>"
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> —</w:t></w:r>',
    )


def _set_font(paragraph: Paragraph, name: str = SERIF, size: float | None = None) -> None:
    for run in paragraph.runs:
        run.font.name = name
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
        if size:
            run.font.size = Pt(size)


def _add_head(document: WordDocument, truth: DocumentTruth) -> None:
    letterhead, doc_number, title, addressees = truth.head_lines()
    paragraph = document.add_paragraph(letterhead)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = Pt(44)
    _set_font(paragraph, size=28)
    paragraph.runs[0].font.color.rgb = RGBColor(214, 24, 32)
    document.add_paragraph()
    document.add_paragraph(doc_number).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph()
    # Long titles are broken by hand, where the words allow it.
    issuer, about, subject = title.partition("关于")
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = Pt(34)
    paragraph.add_run(issuer).add_break()
    paragraph.add_run(about + subject)
    _set_font(paragraph, size=22)
    document.add_paragraph()
    document.add_paragraph(addressees)


def _add_closing(document: WordDocument, truth: DocumentTruth, automatic_numbers: bool) -> None:
    document.add_paragraph()
    lines = truth.attachment_lines()
    document.add_paragraph(lines[0]).paragraph_format.first_line_indent = Pt(32)
    for line, title in zip(lines[1:], truth.attachments[1:], strict=True):
        if automatic_numbers:
            paragraph = made.numbered(document, title, _ATTACHMENT_LIST, 0)
        else:
            paragraph = document.add_paragraph(line)
        paragraph.paragraph_format.left_indent = Pt(80)
    for _ in range(2):
        document.add_paragraph()
    for line in (truth.issuer, truth.date):
        paragraph = document.add_paragraph(line)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(64)
    document.add_paragraph()
    document.add_paragraph(truth.note).paragraph_format.first_line_indent = Pt(32)
    for line in truth.copies:
        _set_font(document.add_paragraph(line), size=14)


def _add_table(document: WordDocument, truth: TableTruth) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    _set_font(document.add_paragraph(truth.heading), SANS)
    title = document.add_paragraph(truth.title)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set_font(title, size=22)
    document.add_paragraph(truth.introduction).paragraph_format.first_line_indent = Pt(32)
    table = document.add_table(rows=len(truth.rows), cols=truth.columns, style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, truth.widths, strict=True):
        for cell in column.cells:
            cell.width = Cm(width)
    for row, column, span in truth.placed():
        cell = table.cell(row, column)
        if span.across > 1 or span.down > 1:
            cell = cell.merge(table.cell(row + span.down - 1, column + span.across - 1))
        cell.text = span.text
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.line_spacing = Pt(14)
        _set_font(paragraph, size=10.5)
    for row in table.rows[: truth.header_rows]:
        properties = row._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:tblHeader")))


# ---------------------------------------------------------------- xlsx, pptx


def _write_xlsx(truth: TableTruth, path: Path) -> None:
    """Numbers as numbers; two rows above the table, merged over its columns."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = truth.title
    for row, text in enumerate((truth.heading, truth.introduction), 1):
        sheet.cell(row, 1, text)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=truth.columns)
    edge = Side(style="thin")
    for i, column, span in truth.placed():
        row, left = i + 3, column + 1
        cell = sheet.cell(row, left, span.text)
        number_format = truth.number_formats[column] if truth.number_formats else ""
        if i >= truth.header_rows and span.across == 1 and (number_format or span.text.isdecimal()):
            cell.value = float(span.text) if "." in span.text else int(span.text)
            cell.number_format = number_format or "General"
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.border = Border(edge, edge, edge, edge)
        if span.across > 1 or span.down > 1:
            sheet.merge_cells(
                start_row=row, start_column=left,
                end_row=row + span.down - 1, end_column=left + span.across - 1,
            )  # fmt: skip
    workbook.save(path)


def _write_pptx(truth: DocumentTruth, path: Path) -> None:
    """A title slide, the lines in text boxes, the table on a slide of its own."""
    deck = Presentation()
    letterhead, doc_number, title, addressees = truth.head_lines()
    opening = deck.slides.add_slide(deck.slide_layouts[6])
    _add_box(opening, [letterhead, doc_number, title, addressees])
    lines = truth.lines()[len(truth.head_lines()) :]
    for start in range(0, len(lines), _LINES_A_SLIDE):
        _add_box(deck.slides.add_slide(deck.slide_layouts[6]), lines[start : start + _LINES_A_SLIDE])
    table = truth.table
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _add_box(slide, [table.heading, table.title, table.introduction])
    frame = slide.shapes.add_table(
        len(table.rows), table.columns, SlideCm(1), SlideCm(5), SlideCm(23), SlideCm(13)
    )
    for row, column, span in table.placed():
        cell = frame.table.cell(row, column)
        if span.across > 1 or span.down > 1:
            cell.merge(frame.table.cell(row + span.down - 1, column + span.across - 1))
        cell.text = span.text
        cell.text_frame.paragraphs[0].font.size = SlidePt(7)
    deck.save(str(path))


def _add_box(slide: Slide, lines: list[str]) -> None:
    box = slide.shapes.add_textbox(SlideCm(1), SlideCm(0.5), SlideCm(23), SlideCm(4))
    box.text_frame.word_wrap = True
    box.text_frame.text = "\n".join(lines)


# ---------------------------------------------------------------- what LibreOffice writes


def _converted(program: str, source: Path, target: str) -> Path:
    """`target` is a suffix, with an export filter behind a colon where several share it.

    Raises RuntimeError where LibreOffice writes nothing.
    """
    made_file = source.with_suffix(f".{target.partition(':')[0]}")
    with tempfile.TemporaryDirectory(prefix="libreoffice-", ignore_cleanup_errors=True) as profile:
        command = [program, f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", target, "--outdir", str(source.parent), str(source)]
        subprocess.run(command, capture_output=True, timeout=180, check=True)
    if not made_file.exists():
        raise RuntimeError(
            f"LibreOffice made no {made_file.name}: are its writer, calc and impress installed?"
        )
    return made_file


# ---------------------------------------------------------------- ofd


def _ofd(truth: DocumentTruth) -> bytes:
    """The notice's lines and the table as a printing program lays them out."""
    table = truth.table
    lines = [*truth.lines(), table.heading, table.title, table.introduction]
    return ofd.package([[*ofd.set_text(lines), *_ofd_table(table)]])


def _ofd_table(truth: TableTruth) -> list[ofd.Page]:
    """Pages across with ruled cells; no page ends inside a cell that is merged downwards. The header is repeated."""
    size, leading, height = 3.2, 4.2, 180.0
    scale = 257 / sum(truth.widths)
    edges = [20.0]
    for width in truth.widths:
        edges.append(edges[-1] + width * scale)
    wrapped: dict[tuple[int, int], list[str]] = {}
    spans = {(row, column): span for row, column, span in truth.placed()}
    heights = [0.0] * len(truth.rows)
    for (row, column), span in spans.items():
        room = int((edges[column + span.across] - edges[column] - 2) / size)
        wrapped[row, column] = [span.text[i : i + room] for i in range(0, len(span.text), room)]
        if span.down == 1:
            heights[row] = max(heights[row], len(wrapped[row, column]) * leading + 2)
    header = list(range(truth.header_rows))
    groups: list[list[int]] = []
    until = truth.header_rows
    for row in range(truth.header_rows, len(truth.rows)):
        if row >= until:
            groups.append([])
        groups[-1].append(row)
        until = max(until, *(row + span.down for (i, _), span in spans.items() if i == row))
    pages: list[list[int]] = [header[:]]
    for group in groups:
        if sum(heights[row] for row in [*pages[-1], *group]) > height:
            pages.append(header[:])
        pages[-1] += group
    drawn = []
    for rows in pages:
        page = ofd.Page(box="0 0 297 210")
        tops = {}
        y = 15.0
        for row in rows:
            tops[row] = y
            y += heights[row]
        for (row, column), span in spans.items():
            if row not in tops:
                continue
            x, top, right = edges[column], tops[row], edges[column + span.across]
            bottom = top + sum(heights[row : row + span.down])
            for line in ((x, top, right, top), (x, bottom, right, bottom), (x, top, x, bottom), (right, top, right, bottom)):  # fmt: skip
                page.objects.append(ofd.line_object(*line))
            for i, text in enumerate(wrapped[row, column]):
                page.objects.append(ofd.text_object(text, x + 1, top + 1 + i * leading, size))
        drawn.append(page)
    return drawn


# ---------------------------------------------------------------- txt, eml, zip


def _text(truth: DocumentTruth) -> bytes:
    return "\r\n".join(truth.lines()).encode("gb18030")


def _mail(truth: DocumentTruth, workbook: Path) -> bytes:
    """The notice as the body, its title also as the subject, the table attached."""
    message = EmailMessage()
    message["From"], message["To"] = "office@example.gov.cn", "list@example.gov.cn"
    message["Subject"] = truth.title
    message.set_content("\n\n".join(truth.lines()), charset="utf-8")
    sheet = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    message.add_attachment(workbook.read_bytes(), "application", sheet, filename="附件2.xlsx")
    return message.as_bytes()


def _archive(notice: Path, workbook: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1通知.docx", notice.read_bytes())
        archive.writestr("2附件.xlsx", workbook.read_bytes())
    return buffer.getvalue()


# ---------------------------------------------------------------- scan


def _scan(truth: DocumentTruth, pdf: Path) -> bytes:
    """The printed pages as a scanner gives them back: no text layer, askew, grainy, a stamp over the signature."""
    pages = scans.rasterised(pdf.read_bytes(), SCAN_DPI)
    signed, centre = _signature_place(pdf, truth)
    pages[signed] = scans.stamped(pages[signed], SCAN_DPI, truth.issuer, centre)
    worn = [scans.scanned(page, seed, skew=0.5 if seed % 2 else -0.4) for seed, page in enumerate(pages)]
    return scans.scan_pdf(worn, SCAN_DPI)


def _signature_place(pdf: Path, truth: DocumentTruth) -> tuple[int, tuple[float, float]]:
    """The page of the date under the signature, from 0, and the place just above it in shares of width and height."""
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        found = page.get_textpage().search(truth.date).get_next()
        if found:
            left, bottom, right, top = page.get_textpage().get_charbox(found[0] + found[1] // 2)
            return number, (
                (left + right) / 2 / page.get_width(),
                1 - (bottom + top + 40) / 2 / page.get_height(),
            )
    raise RuntimeError("The printed notice shows no date.")
