"""Test documents made by real writers: python-docx, openpyxl, xlwt, reportlab. All names in them are invented."""

from __future__ import annotations

import datetime
import io
import struct
from pathlib import Path

import openpyxl
import xlwt
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

TITLE = "江南省工业和信息化厅关于开展2024年度智能工厂梯度培育行动的通知"
DOC_NUMBER = "江工信装备〔2024〕12号"

# ---------------------------------------------------------------- a notice: (level of its number, number, text)

NOTICE: tuple[tuple[int | None, str, str], ...] = (
    (0, "一、", "构建梯度培育体系"),
    (
        None,
        "",
        "按照《智能工厂梯度培育行动实施方案》，分基础级、先进级、卓越级和领航级四个层级开展培育。其中：",
    ),
    (
        1,
        "（一）",
        "鼓励制造业企业对照基础级要素条件，参考智能制造能力成熟度评估结果，制定智能工厂建设提升计划并开展自建自评。",
    ),
    (1, "（二）", "省工业和信息化厅组织先进级智能工厂评审认定工作，并择优推荐申报卓越级智能工厂。"),
    (0, "二、", "申报工作"),
    (1, "（一）", "申报条件"),
    (
        2,
        "1.",
        "在江南省内注册，具有独立法人资格（石油石化、有色金属等有行业特殊情况的，允许法人的分支机构申报）。",
    ),
    (2, "2.", "近三年营业收入年均增长率不低于5%，无以下情形："),
    (3, "（1）", "被列入严重失信主体名单；"),
    (3, "（2）", "提供虚假申报材料。"),
    (1, "（二）", "组织实施"),
    (2, "1.", "申报主体于2024年11月22日17:00前完成线上申报，逾期不予受理。"),
    (2, "2.", "各市州工信局于11月23日前将纸质版申报书各2份报送至省工业和信息化厅装备工业处。"),
    (0, "三、", "联系方式"),
    (None, "", "联系电话：0731-88955383"),
)


def notice_lines() -> list[str]:
    """The numbered paragraphs as the paper shows them."""
    return [number + text for _, number, text in NOTICE]


# ---------------------------------------------------------------- a criteria table, with what it must come out as

CRITERIA_HEADER = ("序号", "环节", "层级要求 基础级", "层级要求 先进级")
CRITERIA_SECTIONS = (
    (
        "一、智能化设计",
        (
            ("1", "工厂设计", "应用信息系统开展工厂规划。", "关键设备联网率≥51%。"),
            ("2", "工厂设计", "开展工艺布局优化。", "关键设备联网率≥52%。"),
            ("3", "产品设计", "两级要求相同，覆盖率≥70%。", "两级要求相同，覆盖率≥70%。"),
        ),
    ),
    ("二、智能化生产", (("4", "计划调度", "数字化率不低于30%。", "实现与MES、ERP等系统集成。"),)),
)
CRITERIA_NOTE = "注：表中比例按上一年度末数据计算。"


def criteria_rows() -> list[tuple[str, ...]]:
    """Header, sections, rows and note as a reader must write them."""
    rows: list[tuple[str, ...]] = [CRITERIA_HEADER]
    for section, data in CRITERIA_SECTIONS:
        rows += [(section, "", "", ""), *data]
    return [*rows, (CRITERIA_NOTE, "", "", "")]


def criteria_layout() -> tuple[list[list[str]], list[tuple[int, int, int, int]]]:
    """The table as an office draws it: texts (blank where covered) and merges (row, column, row, column), from 0."""
    texts = [["序号", "环节", "层级要求", ""], ["", "", "基础级", "先进级"]]
    merges = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3)]
    for section, data in CRITERIA_SECTIONS:
        merges.append((len(texts), 0, len(texts), 3))
        texts.append([section, "", "", ""])
        for i, row in enumerate(data):
            cells = list(row)
            if i and data[i - 1][1] == row[1]:
                cells[1] = ""
                merges.append((len(texts) - 1, 1, len(texts), 1))
            if row[2] == row[3]:
                cells[3] = ""
                merges.append((len(texts), 2, len(texts), 3))
            texts.append(cells)
    merges.append((len(texts), 0, len(texts), 3))
    texts.append([CRITERIA_NOTE, "", "", ""])
    return texts, merges


def pipe_rows(text: str) -> list[list[tuple[str, ...]]]:
    """The pipe tables of a Markdown text, rule rows left out."""
    tables: list[list[tuple[str, ...]]] = []
    inside = False
    for line in text.split("\n"):
        if line.startswith("|"):
            if not inside:
                tables.append([])
            cells = tuple(
                c.strip().replace("\0", "|") for c in line.replace("\\|", "\0").strip("|").split("|")
            )
            if not all(set(cell) == {"-"} for cell in cells):
                tables[-1].append(cells)
        inside = line.startswith("|")
    return tables


# ---------------------------------------------------------------- docx

_LEVEL = '<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{format}"/>{extra}<w:suff w:val="nothing"/><w:lvlText w:val="{text}"/></w:lvl>'


def add_numbering(document: WordDocument, abstract_id: int, levels: list[tuple[str, str, str]]) -> None:
    """A multilevel list: (w:numFmt, w:lvlText, further elements) a level; its instance has the same id."""
    numbering = document.part.numbering_part.element
    body = "".join(_LEVEL.format(i=i, format=f, text=t, extra=e) for i, (f, t, e) in enumerate(levels))
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{abstract_id}"><w:multiLevelType w:val="multilevel"/>{body}</w:abstractNum>'
    )
    numbering.find(qn("w:num")).addprevious(abstract)
    add_instance(document, abstract_id, abstract_id)


def add_instance(
    document: WordDocument, num_id: int, abstract_id: int, restart_at: int | None = None
) -> None:
    override = (
        ""
        if restart_at is None
        else f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{restart_at}"/></w:lvlOverride>'
    )
    document.part.numbering_part.element.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{num_id}"><w:abstractNumId w:val="{abstract_id}"/>{override}</w:num>'
        )
    )


def numbered(document: WordDocument, text: str, num_id: int, level: int) -> WordParagraph:
    paragraph = document.add_paragraph(text)
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = num_id
    return paragraph


def append_xml(paragraph: WordParagraph, xml: str) -> None:
    """Puts WordprocessingML that python-docx cannot write into a paragraph; `w:` is bound."""
    for element in parse_xml(f"<w:x {nsdecls('w', 'r')}>{xml}</w:x>"):
        paragraph._p.append(element)


def notice_docx(path: Path) -> None:
    """The notice with automatic numbering: first level by style, the others by w:numPr."""
    document = Document()
    chinese = "chineseCountingThousand"
    add_numbering(
        document,
        90,
        [
            (chinese, "%1、", '<w:pStyle w:val="GW1"/>'),
            (chinese, "（%2）", ""),
            ("decimal", "%3.", ""),
            ("decimal", "（%4）", ""),
        ],
    )
    document.styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="paragraph" w:customStyle="1" w:styleId="GW1"><w:name w:val="公文一级标题"/>'
            '<w:basedOn w:val="Normal"/><w:pPr><w:numPr><w:numId w:val="90"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        )
    )
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = head.add_run(TITLE[:10])
    run.add_break()
    run.add_text(TITLE[10:])
    run.font.size = Pt(22)
    for level, _, text in NOTICE:
        if level is None:
            document.add_paragraph(text)
        elif level == 0:
            document.add_paragraph(text, style="公文一级标题")
        else:
            numbered(document, text, 90, level)
    document.save(str(path))


def fill_word_table(table: WordTable) -> None:
    texts, merges = criteria_layout()
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            if text:
                table.cell(i, j).text = text
    for top, left, bottom, right in merges:
        text = table.cell(top, left).text
        table.cell(top, left).merge(table.cell(bottom, right)).text = text


def criteria_docx(path: Path) -> None:
    document = Document()
    document.add_paragraph("附件2")
    fill_word_table(document.add_table(rows=len(criteria_layout()[0]), cols=4))
    document.save(str(path))


# ---------------------------------------------------------------- xlsx, xls


def criteria_xlsx(path: Path) -> None:
    """The criteria table, a summary with number formats, and a hidden sheet."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "要素条件"
    texts, merges = criteria_layout()
    sheet["A1"] = "附件2"
    for i, row in enumerate(texts, 2):
        for j, text in enumerate(row, 1):
            if text:
                sheet.cell(i, j, int(text) if text.isdecimal() else text)
    for top, left, bottom, right in _joined(merges):
        sheet.merge_cells(start_row=top + 2, start_column=left + 1, end_row=bottom + 2, end_column=right + 1)
    summary = workbook.create_sheet("汇总表")
    summary.append(["企业名称", "投资额（万元）", "增长率", "申报日期", "代码"])
    summary.append(["江南重工", 12345.6, 0.125, datetime.date(2024, 11, 20), "00731"])
    summary.append(["湘江电子|一厂", 2000.0, 0.05, datetime.datetime(2024, 11, 21, 17, 0), 731])
    for cell, code in (("B2", "#,##0.00"), ("C2", "0.0%"), ("C3", "0%"), ("E3", "00000")):
        summary[cell].number_format = code
    hidden = workbook.create_sheet("底稿")
    hidden["A1"] = "不应出现"
    hidden.sheet_state = "hidden"
    workbook.save(path)


def _joined(merges: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Merges of pairs of rows that overlap, as one: a sheet allows no overlapping merges."""
    joined: list[tuple[int, int, int, int]] = []
    for merge in merges:
        last = next(
            (m for m in joined if m[1] == merge[1] and m[3] == merge[3] and m[2] == merge[0] and m[2] > m[0]),
            None,
        )
        if last:
            joined[joined.index(last)] = (*last[:2], *merge[2:])
        else:
            joined.append(merge)
    return joined


def criteria_xls(path: Path) -> None:
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("要素条件")
    texts, merges = criteria_layout()
    covered = {(i, j) for t, left, b, r in merges for i in range(t, b + 1) for j in range(left, r + 1)}
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            if text and (i, j) not in covered:
                sheet.write(i, j, float(text) if text.isdecimal() else text)
    for top, left, bottom, right in _joined(merges):
        sheet.write_merge(top, bottom, left, right, texts[top][left])
    workbook.save(str(path))


# ---------------------------------------------------------------- pdf

_FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(_FONT))  # its metrics come with reportlab, so no font file is needed
_BODY = ParagraphStyle("body", fontName=_FONT, fontSize=16, leading=28, firstLineIndent=32, wordWrap="CJK")
_HEAD = ParagraphStyle("head", parent=_BODY, fontSize=22, leading=32, firstLineIndent=0, alignment=TA_CENTER)
_CELL = ParagraphStyle("cell", fontName=_FONT, fontSize=10, leading=13, wordWrap="CJK")


def _page_number(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(_FONT, 14)
    canvas.drawCentredString(document.pagesize[0] / 2, 40, f"— {canvas.getPageNumber()} —")


def _build(story: list[object], pagesize: tuple[float, float] = A4) -> bytes:
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=pagesize, leftMargin=80, rightMargin=74, topMargin=100, bottomMargin=90
    )
    document.build(story, onFirstPage=_page_number, onLaterPages=_page_number)
    return buffer.getvalue()


def notice_pdf(path: Path) -> None:
    """The notice over two pages, set as GB/T 9704 sets it: indented first lines, page numbers between dashes."""
    path.write_bytes(_build([Paragraph(TITLE, _HEAD), *(Paragraph(line, _BODY) for line in notice_lines())]))


def criteria_pdf(path: Path) -> None:
    texts, merges = criteria_layout()
    path.write_bytes(_build([_pdf_table(texts, merges, (50, 90, 190, 190))], landscape(A4)))


def paged_table_pdf(
    path: Path, pages: list[list[list[str]]], merges: list[list[tuple[int, int, int, int]]]
) -> None:
    """One table drawn as a word processor draws it over several pages: each page with its rows and merges."""
    story: list[object] = []
    for texts, page_merges in zip(pages, merges, strict=True):
        story += [PageBreak()] if story else []
        story.append(_pdf_table(texts, page_merges, (50, 90, 140, 140)))
    path.write_bytes(_build(story))


def _pdf_table(
    texts: list[list[str]], merges: list[tuple[int, int, int, int]], widths: tuple[int, ...]
) -> Table:
    style = [("GRID", (0, 0), (-1, -1), 0.7, colors.black)]
    style += [("SPAN", (left, top), (right, bottom)) for top, left, bottom, right in _joined(merges)]
    cells = [[Paragraph(text, _CELL) if text else "" for text in row] for row in texts]
    return Table(cells, colWidths=widths, style=TableStyle(style))


def canvas_pdf(path: Path, pages: list[list[str]], encrypt: str | None = None) -> None:
    """A page a list; its lines are drawn one below the other, a page without lines shows a grey picture."""
    canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt)
    for lines in pages:
        canvas.setFont(_FONT, 16)
        for i, line in enumerate(lines):
            canvas.drawString(112, 700 - 28 * i, line)
        if not lines:
            canvas.drawInlineImage(_grey_picture(), 100, 300, 300, 300)
        canvas.showPage()
    canvas.save()


def unmapped_pdf(path: Path) -> None:
    """Text whose font has lost its table of characters, as some printer drivers leave it."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))  # comes with reportlab
    canvas = Canvas(str(path), pagesize=A4, pageCompression=0)
    canvas.setFont("Vera", 16)
    canvas.drawString(112, 700, "ÀÉÎÕÜàéîõüßçñ")
    canvas.save()
    path.write_bytes(path.read_bytes().replace(b"/ToUnicode", b"/XxUnicode"))


def _grey_picture() -> object:
    from PIL import Image

    return Image.new("L", (60, 60), 128)


# ---------------------------------------------------------------- OLE


def ole_file(*streams: str) -> bytes:
    """The smallest OLE compound file whose directory has these streams, all empty."""
    sector, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    table = struct.pack("<II", 0xFFFFFFFD, end) + struct.pack("<I", free) * 126
    entries = b""
    for i, name in enumerate(("Root Entry", *streams)):
        encoded = name.encode("utf-16-le")
        entry = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2, 2 if i else 5, 1)
        following = i + 1 if 0 < i < len(streams) else free
        entry += struct.pack("<III", free, following, 1 if not i and streams else free) + bytes(36)
        entries += entry + struct.pack("<IQ", end, 0)
    return (header + table + entries).ljust(sector * 4, b"\0")
