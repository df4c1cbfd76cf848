"""Merged cells -> pipe tables: header depth, joined headers, sections."""

from __future__ import annotations

from bot.documents.blocks import assemble
from bot.documents.tables import Cell, Row, cell_text, header_depth, join_header, table_blocks


def rows_of(*layout: str, header: int = 0) -> list[Row]:
    """Rows from strings of cells; `^` repeats the cell above, `<` the one to the left."""
    rows: list[Row] = []
    for i, line in enumerate(layout):
        cells: list[Cell] = []
        for j, text in enumerate(line.split(",")):
            cells.append(rows[-1].cells[j] if text == "^" else cells[-1] if text == "<" else Cell(text))
        rows.append(Row(tuple(cells), f"第{i + 1}行", header=i < header))
    return rows


def written(rows: list[Row]) -> str:
    return assemble(table_blocks(rows))[0]


def test_a_two_row_header_is_joined_column_by_column() -> None:
    rows = rows_of("序号,层级要求,<", "^,基础级,先进级", "1,甲,乙")
    assert header_depth(rows) == 2
    assert join_header(rows[:2]) == ["序号", "层级要求 基础级", "层级要求 先进级"]


def test_a_header_whose_lower_row_is_left_blank_instead_of_merged() -> None:
    assert header_depth(rows_of("序号,层级要求,<", ",基础级,先进级", "1,甲,乙")) == 2


def test_a_form_whose_first_cells_are_merged_downwards_keeps_one_header_row() -> None:
    assert header_depth(rows_of("申报单位,名称,某厂,<", "^,地址,某路,<", "^,电话,1,<")) == 1
    assert header_depth(rows_of("分组,名称", "^,甲", "^,乙")) == 1


def test_rows_that_the_source_marks_are_the_header() -> None:
    assert header_depth(rows_of("a,b", "c,d", "e,f", header=2)) == 2


def test_three_header_rows() -> None:
    rows = rows_of("序号,要求,<,<", "^,省级,<,国家级", "^,基础,先进,^", "1,甲,乙,丙")
    assert header_depth(rows) == 3
    assert join_header(rows[:3]) == ["序号", "要求 省级 基础", "要求 省级 先进", "要求 国家级"]


def test_titles_above_the_header_are_paragraphs_and_sections_fill_one_cell() -> None:
    rows = rows_of("汇总表,<", "名称,数量", "第一类,<", "甲,1", ",", "注：略。,<")
    assert (
        written(rows)
        == "汇总表\n\n| 名称 | 数量 |\n| --- | --- |\n| 第一类 |  |\n| 甲 | 1 |\n| 注：略。 |  |"
    )


def test_one_column_is_no_table_and_ragged_rows_are_filled_up() -> None:
    assert written(rows_of("抄送：甲。", "某厅办公室印发")) == "抄送：甲。\n\n某厅办公室印发"
    assert written(rows_of("甲,乙,丙", "1,2")) == "| 甲 | 乙 | 丙 |\n| --- | --- | --- |\n| 1 | 2 |  |"


def test_every_row_keeps_its_place() -> None:
    text, places = assemble(table_blocks(rows_of("汇总表,<", "名称,数量", "甲,1", "乙,2")))
    assert [(place.label, text[place.start :].split("\n")[0]) for place in places] == [
        ("第1行", "汇总表"),
        ("第2行", "| 名称 | 数量 |"),
        ("第3行", "| 甲 | 1 |"),
        ("第4行", "| 乙 | 2 |"),
    ]


def test_lines_of_a_cell_join_with_a_blank_but_upright_words_close_up() -> None:
    assert cell_text(["第一段。", " 第二段 "]) == "第一段。 第二段"
    assert cell_text(["序", "号"]) == "序号"
    assert cell_text(["张三", "李四"]) == "张三 李四"
