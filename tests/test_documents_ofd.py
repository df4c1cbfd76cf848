"""OFD packages: characters and rules where they stand, whatever the writer's habits."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from bot.datamodels import Place
from bot.documents import read_parts
from bot.documents.ofd import read_ofd
from bot.documents.ofd_package import open_ofd
from bot.errors import DamagedDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument
from tests import documents_made as made
from tests import ofd_made as ofd


def text_of(*pages: ofd.Page) -> str:
    return read_ofd(ofd.package([pages])).text


def test_a_notice_is_reflowed_and_its_table_ruled(tmp_path: Path) -> None:
    ofd.notice_ofd(tmp_path / "通知.ofd")
    (part,) = read_parts(tmp_path / "通知.ofd")
    converted = part.converted
    assert converted
    blocks = converted.text.split("\n\n")
    assert blocks[:-1] == [f"# {made.TITLE}", *made.notice_lines()]
    assert made.pipe_rows(converted.text) == [made.criteria_rows()]
    assert (converted.format, converted.pages, converted.ocr, converted.warnings) == ("ofd", 2, (), ())
    assert converted.places == (Place(0, "第1页", 1), Place(converted.text.index("| 序号"), "第2页", 2))


def test_positions_are_in_points_from_the_page_corner() -> None:
    """25.4 mm are 72 points: a character of 5 mm at (50.8, 25.4) mm on a page that begins at (25.4, 0)."""
    page = ofd.Page([ofd.text_object("甲乙", 50.8, 25.4, 5.0)], box="25.4 0 184.6 297")
    (read,) = open_ofd(ofd.package([[page]])).pages
    assert (round(read.width, 2), round(read.height, 2)) == (523.28, 841.89)
    first, second = read.characters
    assert (round(first["x0"], 2), round(first["top"], 2), round(first["size"], 2)) == (72.0, 72.0, 14.17)
    assert round(second["x0"], 2) == 86.17


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        ('DeltaX="g 2 5 10"', [0, 5, 10, 20]),
        ('DeltaX="5 g 2 7"', [0, 5, 12, 19]),
        ('DeltaX="5"', [0, 5, 10, 15]),
        ("", [0, 5, 10, 15]),
        ('DeltaX="g 999999999 5"', [0, 5, 10, 15]),
        ('DeltaX="g x y 5"', [0, 5, 10, 15]),
    ],
    ids=["run-first", "run-last", "too-few", "none", "endless", "nonsense"],
)
def test_distances_between_characters(deltas: str, expected: list[float]) -> None:
    words = f'<ofd:TextObject Boundary="0 0 50 5" Size="5"><ofd:TextCode X="0" Y="4" {deltas}>甲乙丙丁</ofd:TextCode></ofd:TextObject>'
    (page,) = open_ofd(ofd.package([[ofd.Page([words])]])).pages
    assert [round(c["x0"] * 25.4 / 72, 2) for c in page.characters] == expected


def test_matrices_move_and_scale_text_and_rules() -> None:
    words = ofd.text_object("甲", 10, 10, 5.0, 'CTM="2 0 0 2 3 4"')
    (page,) = open_ofd(ofd.package([[ofd.Page([words])]])).pages
    (character,) = page.characters
    assert round(character["size"] * 25.4 / 72, 2) == 10.0
    assert round(character["x0"] * 25.4 / 72, 2) == 13.0
    # base line: 10 + 4 + 2 * 0.88 * 5
    assert round((character["top"] + 0.88 * character["size"]) * 25.4 / 72, 2) == 22.8


def test_letters_of_a_word_stay_together() -> None:
    words = (
        '<ofd:TextObject Boundary="20 20 100 6" Size="5"><ofd:TextCode X="0" Y="4" '
        'DeltaX="4.4 3.2 3.4 1.4 4.4 3.2 2.6">MES, WMS</ofd:TextCode></ofd:TextObject>'
    )
    assert text_of(ofd.Page([words])) == "MES, WMS"


def test_the_letterhead_of_a_template_comes_with_its_pages() -> None:
    head = ofd.Page([ofd.text_object("江南省工业和信息化厅文件", 40, 25, 10.0)])
    page = ofd.Page([ofd.text_object("关于开展智能工厂梯度培育行动的通知", 40, 60)], template=True)
    assert read_ofd(ofd.package([[page]], template=head)).text.split("\n\n") == [
        "江南省工业和信息化厅文件",
        "关于开展智能工厂梯度培育行动的通知",
    ]


def test_rules_may_be_drawn_as_boxes_or_thin_fills() -> None:
    def box(x: float, y: float, w: float, h: float) -> str:
        path = f"M 0 0 L {w} 0 L {w} {h} L 0 {h} C"
        return f'<ofd:PathObject Boundary="{x} {y} {w} {h}"><ofd:AbbreviatedData>{path}</ofd:AbbreviatedData></ofd:PathObject>'

    def fill(x: float, y: float, w: float, h: float) -> str:
        return box(x, y, w, h).replace("<ofd:PathObject", '<ofd:PathObject Fill="true" Stroke="false"')

    texts = [
        ofd.text_object(t, x, y, 4)
        for t, x, y in (("甲", 25, 32), ("乙", 65, 32), ("1", 25, 42), ("2", 65, 42))
    ]
    boxes = [box(x, y, 40, 10) for x in (20, 60) for y in (30, 40)]
    fills = [fill(20, y, 80, 0.3) for y in (30, 40, 50)] + [fill(x, 30, 0.3, 20) for x in (20, 60, 100)]
    for rules in (boxes, fills):
        assert made.pipe_rows(text_of(ofd.Page([*texts, *rules]))) == [[("甲", "乙"), ("1", "2")]]


def test_blocks_and_composed_objects_are_read_in_their_place() -> None:
    block = f"<ofd:PageBlock>{ofd.text_object('第一行文字', 30, 40)}</ofd:PageBlock>"
    unit = (
        '<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="55" Width="100" Height="10"><ofd:Content>'
        f"{ofd.text_object('第二行文字', 0, 0)}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>"
    )
    used = '<ofd:CompositeObject Boundary="30 60 100 10" ResourceID="55"/>'
    data = ofd.package([[ofd.Page([used, block])]], resources=unit)
    assert read_ofd(data).text == "第一行文字\n\n第二行文字"


def test_watermarks_and_invisible_objects_are_left_out() -> None:
    page = ofd.Page(
        [
            ofd.text_object("正文文字在这里，共有十几个字。", 30, 40),
            ofd.text_object("内部资料", 60, 120, 12, 'CTM="0.7 -0.7 0.7 0.7 0 0"'),
            ofd.text_object("样本", 60, 150, 12, 'Alpha="40"'),
            ofd.text_object("不可见", 60, 180, 5, 'Visible="false"'),
        ]
    )
    assert text_of(page) == "正文文字在这里，共有十几个字。"


def test_several_documents_and_attached_files() -> None:
    first, second = (ofd.Page([ofd.text_object(words, 30, 40)]) for words in ("第一份", "第二份"))
    converted = read_ofd(ofd.package([[first], [second]], attachments=["附件1.xlsx"]))
    assert converted.text == "第一份\n\n第二份"
    assert [place.label for place in converted.places] == ["第1页", "第2页"]
    assert "“附件1.xlsx”" in converted.warnings[0]


def test_addresses_from_the_root_are_found() -> None:
    page = ofd.Page([ofd.text_object("从根目录起的地址", 30, 40)])
    assert read_ofd(ofd.package([[page]], from_root=True)).text == "从根目录起的地址"


def test_packages_without_text_or_pages_say_what_to_do() -> None:
    with pytest.raises(EmptyDocument, match="PDF"):
        read_ofd(ofd.package([[ofd.Page()]]))
    with pytest.raises(DamagedDocument, match="没有找到页面"):
        read_ofd(ofd.package([[]]))
    buffer = io.BytesIO(ofd.package([[ofd.Page()]]))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("Encryptions.xml", "<x/>")
    with pytest.raises(EncryptedDocument, match="密码"):
        read_ofd(buffer.getvalue())


def test_nested_blocks_and_loops_are_contained() -> None:
    loop = '<ofd:CompositeGraphicUnit ID="55"><ofd:Content><ofd:CompositeObject ResourceID="55" Boundary="0 0 1 1"/></ofd:Content></ofd:CompositeGraphicUnit>'
    page = ofd.Page(['<ofd:CompositeObject ResourceID="55" Boundary="0 0 1 1"/>'])
    with pytest.raises(DamagedDocument, match="嵌套"):
        read_ofd(ofd.package([[page]], resources=loop))


def test_objects_that_multiply_are_bounded() -> None:
    used = '<ofd:CompositeObject ResourceID="{}" Boundary="0 0 1 1"/>'
    units = "".join(
        f'<ofd:CompositeGraphicUnit ID="{i}"><ofd:Content>{used.format(i + 1) * 20}</ofd:Content></ofd:CompositeGraphicUnit>'
        for i in range(50, 56)
    )
    with pytest.raises(DocumentTooLarge, match="图元过多"):
        read_ofd(ofd.package([[ofd.Page([used.format(50)])]], resources=units))


def test_a_scanned_page_is_read_from_its_picture(tmp_path: Path) -> None:
    pypdfium2 = pytest.importorskip("pypdfium2")
    made.canvas_pdf(
        tmp_path / "a.pdf", [["申报主体于2024年11月22日前完成线上申报。", "联系电话：0731-88955383"]]
    )
    picture = io.BytesIO()
    pypdfium2.PdfDocument(tmp_path / "a.pdf")[0].render(scale=200 / 72).to_pil().save(picture, "PNG")
    page = ofd.Page([ofd.picture_object(100, 0, 0, 210, 297)])
    text = ofd.Page([ofd.text_object("第二页有文字层，不必识别。", 30, 40)])
    converted = read_ofd(ofd.package([[page, text]], pictures=[picture.getvalue()]))
    assert converted.text.split("\n\n") == [
        "申报主体于2024年11月22日前完成线上申报。",
        "联系电话：0731-88955383",
        "第二页有文字层，不必识别。",
    ]
    assert [read.page for read in converted.ocr] == [1]
    assert converted.ocr[0].confidence > 0.9
