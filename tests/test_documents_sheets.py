"""Workbooks, made with openpyxl and xlwt, read back."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from bot.documents import read_file
from bot.documents.number_formats import format_moment, format_number
from bot.errors import DamagedDocument, DocumentTooLarge
from tests import documents_made as made


def test_merged_cells_numbers_dates_and_percentages(tmp_path: Path) -> None:
    made.criteria_xlsx(tmp_path / "b.xlsx")
    converted = read_file(tmp_path / "b.xlsx")
    assert made.pipe_rows(converted.text) == [
        made.criteria_rows(),
        [
            ("企业名称", "投资额（万元）", "增长率", "申报日期", "代码"),
            ("江南重工", "12,345.60", "12.5%", "2024年11月20日", "00731"),
            ("湘江电子|一厂", "2000", "5%", "2024年11月21日17:00", "00731"),
        ],
    ]
    assert converted.text.startswith("# 要素条件\n\n附件2\n\n| 序号 |")


def test_a_hidden_sheet_is_skipped_and_named(tmp_path: Path) -> None:
    made.criteria_xlsx(tmp_path / "b.xlsx")
    converted = read_file(tmp_path / "b.xlsx")
    assert "不应出现" not in converted.text
    assert [warning for warning in converted.warnings if "“底稿”是隐藏的" in warning]


def test_every_row_has_its_place(tmp_path: Path) -> None:
    made.criteria_xlsx(tmp_path / "b.xlsx")
    converted = read_file(tmp_path / "b.xlsx")
    by_label = {place.label: converted.text[place.start :].split("\n")[0] for place in converted.places}
    assert by_label["工作表“要素条件”第1行（A1:D1）"] == "附件2"
    assert by_label["工作表“要素条件”第6行（A6:D6）"].startswith("| 2 | 工厂设计 |")
    assert by_label["工作表“汇总表”第3行（A3:E3）"].startswith("| 湘江电子\\|一厂 |")


def test_an_old_xls_reads_the_same_and_whatever_its_name(tmp_path: Path) -> None:
    made.criteria_xls(tmp_path / "b.et")
    assert made.pipe_rows(read_file(tmp_path / "b.et").text) == [made.criteria_rows()]


def test_a_formula_without_a_stored_value_is_warned_of(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["名称", "合计"])
    workbook.active.append(["甲", "=1+1"])
    workbook.save(tmp_path / "f.xlsx")
    converted = read_file(tmp_path / "f.xlsx")
    assert converted.text == "| 名称 | 合计 |\n| --- | --- |\n| 甲 |  |"
    assert "1 个公式没有保存结果" in converted.warnings[0]


def test_titles_notes_and_a_second_table_on_one_sheet(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (
        ["推荐汇总表"],
        ["名称", "数量"],
        ["甲", 1],
        [],
        ["注：数量为上限。"],
        [],
        ["联系人"],
        ["姓名", "电话"],
        ["张三", "0731-1"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:B1")
    workbook.save(tmp_path / "g.xlsx")
    assert read_file(tmp_path / "g.xlsx").text.split("\n\n") == [
        "推荐汇总表",
        "| 名称 | 数量 |\n| --- | --- |\n| 甲 | 1 |",
        "注：数量为上限。",
        "联系人",
        "| 姓名 | 电话 |\n| --- | --- |\n| 张三 | 0731-1 |",
    ]


def test_line_breaks_in_a_cell_stay_on_one_line(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["项目", "说明"])
    workbook.active.append(["甲", "第一行\n第二行\r\n第三行"])
    workbook.save(tmp_path / "h.xlsx")
    assert read_file(tmp_path / "h.xlsx").text.split("\n")[-1] == "| 甲 | 第一行 第二行 第三行 |"


def test_a_stray_far_cell_is_refused_at_once(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "标题"
    workbook.active["XFD1048576"] = "x"
    workbook.save(tmp_path / "i.xlsx")
    with pytest.raises(DocumentTooLarge, match="多余的单元格"):
        read_file(tmp_path / "i.xlsx")


def test_a_merge_over_the_whole_sheet_costs_nothing(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "标题"
    workbook.save(tmp_path / "j.xlsx")
    with zipfile.ZipFile(tmp_path / "j.xlsx") as old, zipfile.ZipFile(tmp_path / "k.xlsx", "w") as new:
        merge = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</sheetData>", merge))
    assert read_file(tmp_path / "k.xlsx").text == "标题"


def test_a_cut_workbook_is_damaged(tmp_path: Path) -> None:
    made.criteria_xlsx(tmp_path / "b.xlsx")
    made.criteria_xls(tmp_path / "b.xls")
    for name in ("b.xlsx", "b.xls"):
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(
            data[: len(data) * 9 // 10] if name == "b.xlsx" else data[:1024] + bytes(3000)
        )
    with pytest.raises(DamagedDocument, match="重新下载"):
        read_file(tmp_path / "b.xlsx")


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-7, "General", "0.0000001"),
        (91430000123456789.0, "General", "91430000123456784"),
        (0.035, "0.0%", "3.5%"),
        (0.125, "0%", "13%"),
        (-1234.5, "#,##0.00", "-1,234.50"),
        (-1234.5, "#,##0.00;(#,##0.00)", "(1,234.50)"),
        (2000, '0"万元"', "2000万元"),
        (1.5, "[$¥-804]#,##0.00", "¥1.50"),
        (1.5, "0.##", "1.5"),
        (45618, "yyyy-mm-dd", "2024年11月22日"),
        (45618, 'yyyy"年"m"月"', "2024年11月"),
        (45618, 'm"月"d"日"', "11月22日"),
        (45618.708333333336, "yyyy/m/d h:mm", "2024年11月22日17:00"),
        (0.375, "h:mm", "09:00"),
        (12345.678, "0.00E+00", "12345.678"),
    ],
)
def test_numbers_are_written_as_the_sheet_shows_them(number: float, code: str, shown: str) -> None:
    assert format_number(number, code) == shown


def test_workbooks_that_count_from_1904() -> None:
    assert format_number(0, "yyyy-m-d", from_1904=True) == "1904年1月1日"
    assert format_moment(datetime(2024, 11, 22, 17, 0), "yyyy-m-d h:mm") == "2024年11月22日17:00"
    assert format_moment(date(2024, 1, 2)) == "2024年1月2日"
