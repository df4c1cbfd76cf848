"""Slides, written by python-pptx; what it cannot write is put into its XML."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Cm

from bot.datamodels import Converted, Place
from bot.documents import read_parts
from bot.documents.slides import read_pptx
from bot.errors import DamagedDocument
from tests import documents_made as made

A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
D = 'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'


def saved(deck: Deck) -> Converted:
    buffer = io.BytesIO()
    deck.save(buffer)
    return read_pptx(buffer.getvalue())


def slide_of(deck: Deck, title: str, *lines: str) -> Slide:
    slide: Slide = deck.slides.add_slide(deck.slide_layouts[1])
    assert slide.shapes.title is not None
    slide.shapes.title.text = title
    slide.placeholders[1].text = "\n".join(lines)
    return slide


def test_slides_come_in_the_order_of_the_show_with_titles_as_headings(tmp_path: Path) -> None:
    deck = Presentation()
    slide_of(deck, "关于开展智能工厂梯度培育的解读", "省工业和信息化厅", "2024年11月")
    slide_of(deck, "申报条件", "在江南省内注册", "具有独立法人资格")
    slide_of(deck, "时间安排", "11月22日前完成线上申报")
    ids = deck.slides._sldIdLst
    ids.insert(1, ids[2])  # the last one is shown second
    deck.save(str(tmp_path / "解读.pptx"))
    (part,) = read_parts(tmp_path / "解读.pptx")
    converted = part.converted
    assert converted
    assert converted.text.split("\n\n") == [
        "# 关于开展智能工厂梯度培育的解读",
        "省工业和信息化厅",
        "2024年11月",
        "## 时间安排",
        "11月22日前完成线上申报",
        "## 申报条件",
        "在江南省内注册",
        "具有独立法人资格",
    ]
    assert (converted.format, converted.pages, converted.warnings) == ("pptx", 3, ())
    assert converted.places == (
        Place(0, "第1张幻灯片", 1),
        Place(converted.text.index("## 时间安排"), "第2张幻灯片", 2),
        Place(converted.text.index("## 申报条件"), "第3张幻灯片", 3),
    )


def test_merged_cells_are_repeated() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    texts, merges = made.criteria_layout()
    table = slide.shapes.add_table(len(texts), 4, Cm(1), Cm(1), Cm(20), Cm(12)).table
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            if text:
                table.cell(i, j).text = text
    for top, left, bottom, right in made._joined(merges):
        table.cell(top, left).merge(table.cell(bottom, right))
    converted = saved(deck)
    assert made.pipe_rows(converted.text) == [made.criteria_rows()]


def test_groups_automatic_numbers_and_notes_are_read() -> None:
    deck = Presentation()
    slide = slide_of(deck, "申报流程", "第一点", "第二点", "其中一", "其中二", "第三点")
    body = slide.placeholders[1].text_frame
    for paragraph, (level, scheme) in zip(
        body.paragraphs,
        [
            (0, "ea1ChsPeriod"),
            (0, "ea1ChsPeriod"),
            (1, "arabicParenBoth"),
            (1, "arabicParenBoth"),
            (0, "ea1ChsPeriod"),
        ],
        strict=True,
    ):
        paragraph.level = level
        paragraph._p.get_or_add_pPr().append(parse_xml(f'<a:buAutoNum {A} type="{scheme}"/>'))
    group = slide.shapes.add_group_shape()
    inner = group.shapes.add_group_shape()
    inner.shapes.add_textbox(Cm(1), Cm(1), Cm(5), Cm(1)).text_frame.text = "联系电话：0731-88955383"
    notes = slide.notes_slide.notes_text_frame
    assert notes is not None
    notes.text = "此页请强调截止日期。"
    assert saved(deck).text.split("\n\n")[1:] == [
        "一、第一点",
        "二、第二点",
        "（1）其中一",
        "（2）其中二",
        "三、第三点",
        "联系电话：0731-88955383",
        "备注：此页请强调截止日期。",
    ]


def test_page_furniture_and_hidden_slides_are_left_out() -> None:
    deck = Presentation()
    slide = slide_of(deck, "标题", "正文")
    for kind, words in (("sldNum", "7"), ("dt", "2020年1月1日"), ("ftr", "内部资料")):
        slide.shapes._spTree.append(
            parse_xml(
                f'<p:sp {P} {A}><p:nvSpPr><p:cNvPr id="9" name="x"/><p:cNvSpPr/><p:nvPr><p:ph type="{kind}" idx="12"/></p:nvPr></p:nvSpPr>'
                f"<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp>"
            )
        )
    slide_of(deck, "底稿", "不应出现")._element.set("show", "0")
    converted = saved(deck)
    assert converted.text == "# 标题\n\n正文"
    assert converted.warnings == ("第2张幻灯片是隐藏的，没有读取；如需读取，请取消隐藏后保存。",)


def test_a_diagram_is_read_from_parent_to_child() -> None:
    deck = Presentation()
    slide = slide_of(deck, "层级", "正文")
    texts = {"1": "领航级", "2": "卓越级", "3": "先进级"}
    points = '<dgm:pt modelId="0" type="doc"/>' + "".join(
        f'<dgm:pt modelId="{i}"><dgm:t><a:bodyPr/><a:p><a:r><a:t>{t}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        for i, t in reversed(texts.items())
    )
    links = (
        '<dgm:cxn modelId="a" srcId="0" destId="1" srcOrd="0"/><dgm:cxn modelId="b" srcId="0" destId="3" srcOrd="1"/>'
        '<dgm:cxn modelId="c" srcId="1" destId="2" srcOrd="0"/><dgm:cxn modelId="d" type="presOf" srcId="0" destId="3"/>'
    )
    blob = f"<dgm:dataModel {D} {A}><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>"
    part = Part(
        PackURI("/ppt/diagrams/data1.xml"),
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
        slide.part.package,
        blob.encode(),
    )
    link = slide.part.relate_to(
        part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
    )
    slide.shapes._spTree.append(
        parse_xml(
            f'<p:graphicFrame {P} {A} {R} {D}><p:nvGraphicFramePr><p:cNvPr id="8" name="d"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>'
            '<p:xfrm><a:off x="0" y="0"/><a:ext cx="1" cy="1"/></p:xfrm><a:graphic><a:graphicData '
            'uri="http://schemas.openxmlformats.org/drawingml/2006/diagram">'
            f'<dgm:relIds r:dm="{link}" r:lo="x" r:qs="x" r:cs="x"/></a:graphicData></a:graphic></p:graphicFrame>'
        )
    )
    assert saved(deck).text.split("\n\n")[2:] == ["领航级", "卓越级", "先进级"]


def test_pictures_and_charts_are_told(tmp_path: Path) -> None:
    deck = Presentation()
    slide = slide_of(deck, "数据", "见图")
    made._grey_picture().save(tmp_path / "a.png")  # type: ignore[attr-defined]
    slide.shapes.add_picture(str(tmp_path / "a.png"), Cm(1), Cm(1))
    chart: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    chart.categories = ["甲"]
    chart.add_series("系列", (1,))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(1), Cm(5), Cm(5), chart)
    assert [warning[:9] for warning in saved(deck).warnings] == ["文中有 1 张图片", "文中有 1 张图表"]


def test_a_deck_without_its_main_part_is_damaged() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ppt/slides/slide1.xml", "<x/>")
    with pytest.raises(DamagedDocument, match="pptx"):
        read_pptx(buffer.getvalue())
