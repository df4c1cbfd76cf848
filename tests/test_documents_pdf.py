"""PDF files, made with reportlab, read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents import read_file
from bot.documents.pdf_layout import close_up, join_lines
from bot.errors import DamagedDocument, EmptyDocument, EncryptedDocument
from tests import documents_made as made


def test_wrapped_lines_become_paragraphs_and_page_numbers_go(tmp_path: Path) -> None:
    made.notice_pdf(tmp_path / "通知.pdf")
    converted = read_file(tmp_path / "通知.pdf")
    assert converted.text.split("\n\n") == [f"# {made.TITLE}", *made.notice_lines()]
    assert "— 1 —" not in converted.text


def test_places_are_pages_and_a_paragraph_over_two_pages_has_both(tmp_path: Path) -> None:
    made.notice_pdf(tmp_path / "通知.pdf")
    converted = read_file(tmp_path / "通知.pdf")
    assert [(place.label, place.page) for place in converted.places] == [("第1页", 1), ("第2页", 2)]
    assert converted.places[0].start == 0
    assert "联系电话" in converted.text[converted.places[1].start :]


def test_merged_cells_sections_and_two_row_header(tmp_path: Path) -> None:
    made.criteria_pdf(tmp_path / "b.pdf")
    assert made.pipe_rows(read_file(tmp_path / "b.pdf").text) == [made.criteria_rows()]


HEADER = ["序号", "环节", "场景", "要求"]
PAGES = [
    [HEADER, ["1", "工厂设计", "工厂规划", "联网率≥51%。"], ["2", "", "布局优化", "建立模型，与MES"]],
    [
        HEADER,
        ["", "", "", "系统集成。"],
        ["3", "", "虚拟调试", "联网率≥53%。"],
        ["4", "计划调度", "排产", "甲"],
    ],
    [HEADER, ["5", "", "资源配置", "乙"]],
]
MERGES = [[(1, 1, 2, 1)], [(1, 1, 2, 1)], []]


def test_a_table_over_three_pages_is_one_table_with_its_cut_row_mended(tmp_path: Path) -> None:
    made.paged_table_pdf(tmp_path / "c.pdf", PAGES, MERGES)
    converted = read_file(tmp_path / "c.pdf")
    assert made.pipe_rows(converted.text) == [
        [
            tuple(HEADER),
            ("1", "工厂设计", "工厂规划", "联网率≥51%。"),
            ("2", "工厂设计", "布局优化", "建立模型，与MES系统集成。"),
            ("3", "工厂设计", "虚拟调试", "联网率≥53%。"),
            ("4", "计划调度", "排产", "甲"),
            ("5", "计划调度", "资源配置", "乙"),
        ]
    ]


def test_rows_of_a_stitched_table_know_their_page(tmp_path: Path) -> None:
    made.paged_table_pdf(tmp_path / "c.pdf", PAGES, MERGES)
    converted = read_file(tmp_path / "c.pdf")
    starts = {place.page: converted.text[place.start :].split("|")[1].strip() for place in converted.places}
    assert starts == {1: "序号", 2: "3", 3: "5"}


def test_two_tables_with_other_columns_stay_two(tmp_path: Path) -> None:
    made.criteria_pdf(tmp_path / "b.pdf")
    made.paged_table_pdf(
        tmp_path / "c.pdf",
        [PAGES[0], [["姓名", "电话", "邮箱", ""], ["张三", "0731-1", "a@b.cn", ""]]],
        [[], [(0, 2, 0, 3), (1, 2, 1, 3)]],
    )
    assert [len(table[0]) for table in made.pipe_rows(read_file(tmp_path / "c.pdf").text)] == [4, 3]


def test_a_page_without_text_is_named(tmp_path: Path) -> None:
    made.canvas_pdf(tmp_path / "d.pdf", [["第一页的文字"], [], [], ["第四页的文字"]])
    converted = read_file(tmp_path / "d.pdf")
    assert converted.text == "第一页的文字\n\n第四页的文字"
    assert len(converted.warnings) == 1 and converted.warnings[0].startswith("第2—3页只有图片")


def test_a_file_of_pictures_without_text_is_refused_with_advice(tmp_path: Path) -> None:
    made.canvas_pdf(tmp_path / "d.pdf", [[], []])
    with pytest.raises(EmptyDocument, match=r"没有识别出文字.*换成更清晰的扫描件"):
        read_file(tmp_path / "d.pdf")


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    made.canvas_pdf(tmp_path / "d.pdf", [["机密"]], encrypt="abc")
    with pytest.raises(EncryptedDocument, match="去掉密码"):
        read_file(tmp_path / "d.pdf")


def test_a_cut_file_is_damaged(tmp_path: Path) -> None:
    made.notice_pdf(tmp_path / "通知.pdf")
    data = (tmp_path / "通知.pdf").read_bytes()
    (tmp_path / "通知.pdf").write_bytes(data[: len(data) // 2])
    with pytest.raises(DamagedDocument, match="重新下载"):
        read_file(tmp_path / "通知.pdf")


def test_running_heads_are_dropped_and_text_between_them_stays(tmp_path: Path) -> None:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(tmp_path / "e.pdf"), pagesize=A4)
    for page in (1, 2, 3):
        canvas.setFont("STSong-Light", 12)
        canvas.drawString(80, 800, "江南省工业和信息化厅网站打印件")
        canvas.drawString(80, 600, f"这是第{'一二三'[page - 1]}段。")
        canvas.showPage()
    canvas.save()
    assert read_file(tmp_path / "e.pdf").text == "这是第一段。\n\n这是第二段。\n\n这是第三段。"


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("开展申", "报工作", "开展申报工作"),
        ("the smart", "factory", "the smart factory"),
        ("关键设备联网率≥", "51%", "关键设备联网率≥51%"),
        ("电话0731-8895", "5383", "电话0731-88955383"),
    ],
)
def test_lines_join_without_a_blank_in_chinese(before: str, after: str, joined: str) -> None:
    assert join_lines(before, after) == joined


def test_blanks_of_justified_setting_go_but_latin_words_stay_apart() -> None:
    assert close_up("关 于 开展 2024 年度 MES and ERP 系统") == "关于开展2024年度MES and ERP系统"
