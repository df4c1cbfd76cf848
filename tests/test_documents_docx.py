"""Word documents, made with python-docx, read back."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from bot.datamodels import Converted
from bot.documents import read_file
from bot.documents.docx_numbering import chinese, format_number
from bot.errors import DamagedDocument, DocumentTooLarge
from tests import documents_made as made


def read(document: object, folder: Path) -> Converted:
    path = folder / "通知.docx"
    document.save(str(path))  # type: ignore[attr-defined]
    return read_file(path)


def blocks(converted: Converted) -> list[str]:
    return converted.text.split("\n\n")


def test_automatic_numbers_stand_as_on_paper(tmp_path: Path) -> None:
    made.notice_docx(tmp_path / "a.docx")
    expected = [("# " if level == 0 else "") + number + text for level, number, text in made.NOTICE]
    assert blocks(read_file(tmp_path / "a.docx")) == [f"# {made.TITLE}", *expected]


def test_articles_count_on_over_chapters_and_legal_levels_use_digits(tmp_path: Path) -> None:
    document = Document()
    counting = "japaneseCounting"
    made.add_numbering(
        document,
        91,
        [
            (counting, "第%1章　", ""),
            (counting, "第%2条　", '<w:lvlRestart w:val="0"/>'),
            ("decimalEnclosedCircleChinese", "%3", ""),
            ("decimal", "%1.%2.%4 ", "<w:isLgl/>"),
        ],
    )
    for level, text in (
        (0, "总则"),
        (1, "目的。"),
        (1, "范围："),
        (2, "甲；"),
        (2, "乙。"),
        (0, "程序"),
        (1, "步骤。"),
        (3, "初审"),
    ):
        made.numbered(document, text, 91, level)
    assert blocks(read(document, tmp_path)) == [
        "第一章　总则", "第一条　目的。", "第二条　范围：", "①甲；", "②乙。", "第二章　程序", "第三条　步骤。", "2.3.1 初审",
    ]  # fmt: skip


def test_a_restarted_list_begins_anew_and_another_instance_counts_on(tmp_path: Path) -> None:
    document = Document()
    made.add_numbering(document, 92, [("decimal", "%1.", "")])
    made.add_instance(document, 93, 92, restart_at=1)
    made.add_instance(document, 94, 92)
    for num_id, text in ((92, "甲"), (92, "乙"), (93, "丙"), (93, "丁"), (94, "戊")):
        made.numbered(document, text, num_id, 0)
    assert blocks(read(document, tmp_path)) == ["1.甲", "2.乙", "1.丙", "2.丁", "3.戊"]


def test_numbering_switched_off_in_a_styled_paragraph_shows_no_number(tmp_path: Path) -> None:
    document = Document()
    made.notice_docx(tmp_path / "base.docx")
    document = Document(str(tmp_path / "base.docx"))
    paragraph = document.add_paragraph("不编号的标题", style="公文一级标题")
    paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="0"/></w:numPr>'))
    document.add_paragraph("编号继续", style="公文一级标题")
    assert blocks(read(document, tmp_path))[-2:] == ["# 不编号的标题", "# 四、编号继续"]


@pytest.mark.parametrize(
    ("number", "format", "text"),
    [
        (10, "chineseCounting", "十"),
        (21, "chineseCountingThousand", "二十一"),
        (105, "chineseCountingThousand", "一百零五"),
        (110, "chineseCountingThousand", "一百一十"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (20, "decimalEnclosedCircle", "⑳"),
        (3, "ideographTraditional", "丙"),
        (27, "lowerLetter", "aa"),
        (14, "upperRoman", "XIV"),
        (24, "ideographDigital", "二四"),
        (7, "decimalZero", "07"),
        (5, "somethingNew", "5"),
    ],
)
def test_number_formats(number: int, format: str, text: str) -> None:
    assert format_number(number, format) == text


def test_chinese_numbers_up_to_the_thousands() -> None:
    assert [chinese(n) for n in (1, 11, 20, 99, 100, 1001, 2024)] == [
        "一", "十一", "二十", "九十九", "一百", "一千零一", "二千零二十四",
    ]  # fmt: skip


def test_tracked_deletions_go_and_insertions_stay(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("截止日期为")
    made.append_xml(
        paragraph,
        '<w:del w:id="1" w:author="甲"><w:r><w:delText>11月20日</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="甲"><w:r><w:t>11月22日</w:t></w:r></w:ins>'
        '<w:moveFrom w:id="3" w:author="甲"><w:r><w:t>（旧）</w:t></w:r></w:moveFrom>',
    )
    assert read(document, tmp_path).text == "截止日期为11月22日"


def test_a_deleted_paragraph_leaves_no_gap_in_the_numbers(tmp_path: Path) -> None:
    document = Document()
    made.add_numbering(document, 95, [("decimal", "%1.", "")])
    made.numbered(document, "甲", 95, 0)
    gone = made.numbered(document, "", 95, 0)
    mark = f'<w:rPr {nsdecls("w")}><w:del w:id="4" w:author="甲"/></w:rPr>'
    gone._p.get_or_add_pPr().append(parse_xml(mark))
    made.append_xml(gone, '<w:del w:id="5" w:author="甲"><w:r><w:delText>旧条款</w:delText></w:r></w:del>')
    made.numbered(document, "乙", 95, 0)
    assert blocks(read(document, tmp_path)) == ["1.甲", "2.乙"]


def test_hidden_text_is_dropped_and_content_controls_are_read(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("可见")
    paragraph.add_run("隐藏").font.hidden = True
    made.append_xml(paragraph, "<w:sdt><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt>")
    body = document.element.body
    body.insert(
        len(body) - 1,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>申报书一式两份</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    assert blocks(read(document, tmp_path)) == ["可见控件", "申报书一式两份"]


def test_a_text_box_is_read_once_though_word_writes_it_twice(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("正文")
    box = "<w:txbxContent><w:p><w:r><w:t>咨询电话0731-12345678</w:t></w:r></w:p></w:txbxContent>"
    run = parse_xml(
        f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>'
        f"{box}</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )
    paragraph._p.append(run)
    assert blocks(read(document, tmp_path)) == ["正文", "咨询电话0731-12345678"]


def test_a_link_keeps_its_address_unless_the_text_shows_it(tmp_path: Path) -> None:
    document = Document()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link_id = document.part.relate_to("https://www.example-imps.com/login", kind, is_external=True)
    for text in ("申报平台", "https://www.example-imps.com/login"):
        paragraph = document.add_paragraph("登录")
        made.append_xml(
            paragraph, f'<w:hyperlink r:id="{link_id}"><w:r><w:t>{text}</w:t></w:r></w:hyperlink>'
        )
    assert blocks(read(document, tmp_path)) == [
        "登录[申报平台](https://www.example-imps.com/login)",
        "登录https://www.example-imps.com/login",
    ]


def test_headings_and_title_become_markdown_headings_and_contents_lists_go(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("评审办法", 0)
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("总则\t1", style="toc 1")
    document.add_heading("总则", 1)
    document.add_heading("目的", 2)
    assert blocks(read(document, tmp_path)) == ["# 评审办法", "# 总则", "## 目的"]


def test_a_page_header_is_read_only_for_its_document_number(tmp_path: Path) -> None:
    document = Document()
    header = document.sections[0].header
    header.paragraphs[0].text = made.DOC_NUMBER
    header.add_paragraph("江南省工业和信息化厅办公室制")
    document.add_paragraph("正文。")
    assert blocks(read(document, tmp_path)) == [made.DOC_NUMBER, "正文。"]


def test_merged_cells_sections_and_two_row_header(tmp_path: Path) -> None:
    made.criteria_docx(tmp_path / "b.docx")
    converted = read_file(tmp_path / "b.docx")
    assert made.pipe_rows(converted.text) == [made.criteria_rows()]
    assert converted.text.startswith("附件2\n\n| 序号 | 环节 | 层级要求 基础级 | 层级要求 先进级 |\n| --- |")


def test_a_cell_never_breaks_its_row(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("项目", "要求", "甲|乙", "第一段\n第二段"), strict=True
    ):
        cell.text = text
    nested = table.cell(1, 0).add_table(rows=1, cols=2)
    nested.cell(0, 0).text, nested.cell(0, 1).text = "嵌套一", "嵌套二"
    lines = read(document, tmp_path).text.split("\n")
    assert lines == ["| 项目 | 要求 |", "| --- | --- |", "| 甲\\|乙 嵌套一，嵌套二 | 第一段 第二段 |"]


def test_places_name_paragraphs_and_table_rows(tmp_path: Path) -> None:
    made.criteria_docx(tmp_path / "b.docx")
    converted = read_file(tmp_path / "b.docx")
    by_label = {place.label: converted.text[place.start :].split("\n")[0] for place in converted.places}
    assert by_label["第1段"] == "附件2"
    assert by_label["第1个表格第5行"].startswith("| 2 | 工厂设计 |")


def rewritten(source: Path, target: Path, change: object) -> None:
    """A copy of a docx whose document.xml went through `change`."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == "word/document.xml" else data)  # type: ignore[operator]


def test_a_document_with_entities_is_refused(tmp_path: Path) -> None:
    made.notice_docx(tmp_path / "a.docx")
    entity = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    rewritten(tmp_path / "a.docx", tmp_path / "b.docx", lambda data: data.replace(b"?>", b"?>" + entity, 1))
    with pytest.raises(DamagedDocument, match="另存"):
        read_file(tmp_path / "b.docx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    made.notice_docx(tmp_path / "a.docx")
    filler = b"<w:p><w:r><w:t>" + b"A" * 4000 + b"</w:t></w:r></w:p>"
    rewritten(
        tmp_path / "a.docx",
        tmp_path / "b.docx",
        lambda data: data.replace(b"<w:body>", b"<w:body>" + filler * 15_000, 1),
    )
    assert (tmp_path / "b.docx").stat().st_size < 1 << 20
    with pytest.raises(DocumentTooLarge, match="拆分"):
        read_file(tmp_path / "b.docx")


def test_three_thousand_nested_tables_are_refused(tmp_path: Path) -> None:
    made.notice_docx(tmp_path / "a.docx")
    deep = b"<w:tbl><w:tr><w:tc>" * 3000 + b"<w:p/>" + b"</w:tc></w:tr></w:tbl>" * 3000
    rewritten(
        tmp_path / "a.docx",
        tmp_path / "b.docx",
        lambda data: data.replace(b"<w:body>", b"<w:body>" + deep, 1),
    )
    with pytest.raises(DamagedDocument):
        read_file(tmp_path / "b.docx")


# ---------------------------------------------------------------- notes, comments, heads, broken tables


def add_notes(document: WordDocument, kind: str, notes: dict[str, str]) -> None:
    """A footnotes or endnotes part, which python-docx cannot write; `kind` is footnote or endnote."""
    body = "".join(
        f'<w:{kind} w:id="{i}"><w:p><w:r><w:t>{t}</w:t></w:r></w:p></w:{kind}>' for i, t in notes.items()
    )
    part = Part(
        PackURI(f"/word/{kind}s.xml"),
        f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml",
        f"<w:{kind}s {nsdecls('w')}>{body}</w:{kind}s>".encode(),
        document.part.package,
    )
    document.part.relate_to(
        part, f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}s"
    )


def test_notes_stand_behind_the_paragraph_or_table_that_refers_to_them(tmp_path: Path) -> None:
    document = Document()
    add_notes(document, "footnote", {"-1": "分隔线", "1": "指上一自然年度。"})
    add_notes(document, "endnote", {"2": "见国家标准。"})
    made.append_xml(
        document.add_paragraph("近三年营业收入"),
        '<w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:t>不低于5%。</w:t></w:r>',
    )
    document.add_paragraph("第二段。")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("项目", "要求", "成熟度", "二级"), strict=True
    ):
        cell.text = text
    made.append_xml(table.cell(1, 1).paragraphs[0], '<w:r><w:endnoteReference w:id="2"/></w:r>')
    document.add_paragraph("第三段。")
    converted = read(document, tmp_path)
    assert blocks(converted) == [
        "近三年营业收入[^1]不低于5%。",
        "[^1]: 指上一自然年度。",
        "第二段。",
        "| 项目 | 要求 |\n| --- | --- |\n| 成熟度 | 二级[^2] |",
        "[^2]: 见国家标准。",
        "第三段。",
    ]
    assert [place.label for place in converted.places] == [
        "第1段", "脚注", "第2段", "第1个表格第1行", "第1个表格第2行", "尾注", "第3段",
    ]  # fmt: skip


def test_comments_are_left_out(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("于11月22日前完成")
    document.add_comment(paragraph.runs, text="这里是不是应该是20日？", author="甲", initials="甲")
    assert read(document, tmp_path).text == "于11月22日前完成"


def test_the_letterhead_of_a_page_header_comes_first_and_once(tmp_path: Path) -> None:
    document = Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "江南省工业和信息化厅文件"
    section.header.add_paragraph(made.DOC_NUMBER)
    section.footer.paragraphs[0].text = "— 1 —"
    document.add_paragraph(made.DOC_NUMBER)
    document.add_paragraph("正文。")
    assert blocks(read(document, tmp_path)) == ["江南省工业和信息化厅文件", made.DOC_NUMBER, "正文。"]


def word_table(document: WordDocument, *rows: str) -> None:
    cells = [row.split("|") for row in rows]
    table = document.add_table(rows=len(cells), cols=len(cells[0]))
    for i, row in enumerate(cells):
        for j, text in enumerate(row):
            table.cell(i, j).text = text


def test_a_table_broken_at_a_page_end_is_one_table(tmp_path: Path) -> None:
    document = Document()
    word_table(document, "序号|企业", "1|甲", "2|乙")
    document.add_page_break()  # type: ignore[no-untyped-call]
    word_table(document, "序号|企业", "3|丙")
    word_table(document, "4|丁")
    converted = read(document, tmp_path)
    assert made.pipe_rows(converted.text) == [
        [("序号", "企业"), ("1", "甲"), ("2", "乙"), ("3", "丙"), ("4", "丁")]
    ]
    by_row = {converted.text[p.start :].split("\n")[0]: p.label for p in converted.places}
    assert by_row["| 3 | 丙 |"] == "第2个表格第2行"


@pytest.mark.parametrize("between", ["表2 服务商", ""], ids=["caption", "blank"])
def test_tables_of_their_own_stay_apart(between: str, tmp_path: Path) -> None:
    document = Document()
    word_table(document, "序号|企业", "1|甲")
    document.add_paragraph(between)
    word_table(document, "序号|服务商", "1|乙")
    assert len(made.pipe_rows(read(document, tmp_path).text)) == 2
