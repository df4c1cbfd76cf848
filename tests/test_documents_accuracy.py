"""The scores of `benchmarks/documents_scores.py` worked out by hand, and the targets on one document a format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.documents_made import MadeFile, convert_packages, write_packages
from benchmarks.documents_scores import Expected, Score, plain, score
from benchmarks.documents_truth import HELD_OUT, TUNED_ON, Span, TableTruth
from bot.documents.isolation import ReaderProcess
from bot.documents.office import find_program

TABLE = TableTruth(
    heading="附件2",
    title="要素表",
    introduction="说明。",
    rows=(
        (Span("序号", down=2), Span("环节", down=2), Span("要求", across=2)),
        (Span("一级"), Span("二级")),
        (Span("一、设计", across=4),),
        (Span("1"), Span("工厂", down=2), Span("甲"), Span("乙")),
        (Span("2"), Span("丙丁", across=2)),
    ),
    header_rows=2,
    key_column=0,
    widths=(1, 1, 1, 1),
)
LINES = ("关于申报的通知", "一、申报条件", "（一）在本省注册。")
NUMBERED = LINES[1:]
RIGHT = """# 关于申报的通知

一、申报条件

（一）在本省注册。

| 序号 | 环节 | 要求 一级 | 要求 二级 |
| --- | --- | --- | --- |
| 一、设计 |  |  |  |
| 1 | 工厂 | 甲 | 乙 |
| 2 | 工厂 | 丙丁 | 丙丁 |
"""
WHOLE = Expected(LINES, NUMBERED, TABLE)


def test_a_table_is_expanded_into_every_place_that_a_cell_covers() -> None:
    assert TABLE.expanded() == [
        ["序号", "环节", "要求", "要求"],
        ["序号", "环节", "一级", "二级"],
        ["一、设计"] * 4,
        ["1", "工厂", "甲", "乙"],
        ["2", "工厂", "丙丁", "丙丁"],
    ]


def test_all_that_is_right_scores_one_each() -> None:
    assert score(RIGHT, WHOLE) == Score(1.0, 1.0, 1.0)
    assert score(RIGHT, WHOLE).sum == 3.0


def test_a_two_row_header_and_html_score_as_the_joined_header_does() -> None:
    page = (
        "<table><tr><th rowspan=2>序号</th><th rowspan=2>环节</th><th colspan=2>要求</th></tr>"
        "<tr><th>一级</th><th>二级</th></tr><tr><td colspan=4>一、设计</td></tr>"
        "<tr><td>1</td><td rowspan=2>工厂</td><td>甲</td><td>乙</td></tr><tr><td>2</td><td colspan=2>丙丁</td></tr></table>"
    )
    assert score("\n".join((*LINES, page)), WHOLE) == Score(1.0, 1.0, 1.0)


def test_a_header_with_two_groups_may_be_read_by_rows_or_by_columns() -> None:
    rows = (
        (Span("名称", down=2), Span("完成", across=2), Span("计划", across=2)),
        (Span("人数"), Span("金额"), Span("人次"), Span("预算")),
        (Span("甲"), Span("1"), Span("2"), Span("3"), Span("4")),
    )
    expected = Expected(("表",), table=TableTruth("", "", "", rows, 2, 0, (1,) * 5))
    by_columns = "表\n| 名称 | 完成 人数 | 完成 金额 | 计划 人次 | 计划 预算 |\n| 甲 | 1 | 2 | 3 | 4 |"
    by_rows = "表\n| 名称 | 完成 |  | 计划 |  |\n|  | 人数 | 金额 | 人次 | 预算 |\n| 甲 | 1 | 2 | 3 | 4 |"
    assert score(by_columns, expected).characters == 1.0
    assert score(by_rows, expected).characters == 1.0
    assert score("表 名称 完成 计划 人数 金额 人次 预算 甲 1 2 3 4", expected).characters == 1.0


def test_characters_are_counted_by_edits() -> None:
    # 22 characters are expected; one is replaced, two are left out, one is too many.
    assert sum(map(len, LINES)) == 22
    found = score("关于申报的通告\n\n一、申报条\n\n(一)在本省注册。", Expected(LINES))
    assert found.characters == pytest.approx(1 - (1 + 1 + 2) / 22)
    assert score("", Expected(LINES)).characters == 0.0


def test_blank_merged_cells_cost_cells_and_no_characters() -> None:
    blank = RIGHT.replace("要求 二级", "二级").replace("| 2 | 工厂 | 丙丁 | 丙丁 |", "| 2 |  | 丙丁 |  |")
    found = score(blank, WHOLE)
    # 4 headers, 2 rows of 4 cells, 1 row over the full width; wrong are one header and two cells.
    assert found.cells == pytest.approx(10 / 13)
    assert found.characters == 1.0


def test_cells_shifted_from_under_their_header_are_wrong() -> None:
    found = score(RIGHT.replace("| 2 | 工厂 | 丙丁 | 丙丁 |", "| 2 | 丙丁 |  |  |"), WHOLE)
    assert found.cells == pytest.approx(10 / 13)


def test_columns_may_stand_in_another_order_under_their_headers() -> None:
    turned = RIGHT.replace("| 要求 一级 | 要求 二级 |", "| 要求 二级 | 要求 一级 |").replace(
        "| 甲 | 乙 |", "| 乙 | 甲 |"
    )
    # Each cell stands under its header; only the headers' own places are wrong.
    assert score(turned, WHOLE).cells == pytest.approx(11 / 13)


def test_a_lost_or_changed_number_is_missed() -> None:
    assert score(RIGHT.replace("（一）", ""), WHOLE).numbers == 0.5
    assert score(RIGHT.replace("一、申报", "1. 申报"), WHOLE).numbers == 0.5
    assert score(RIGHT.replace("一、申报条件", "- 一、 **申报条件**"), WHOLE).numbers == 1.0


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("## 一、总则\n\n> 按 照", "一、总则按照"),
        ("[申报平台](https://example.gov.cn)，<https://a.example>", "申报平台，https://a.example"),
        (r"1\. \*\*甲\*\* &amp; <b>乙</b>", "1.**甲**&乙"),
        ("2026—2030 — 年\n---\n- 项", "2026—2030—年项"),
    ],
    ids=["heading", "links", "escapes", "dashes"],
)
def test_marks_are_no_characters(markdown: str, text: str) -> None:
    assert plain(markdown) == text


def test_the_truth_numbers_its_lines_as_the_paper_does() -> None:
    assert TUNED_ON.numbered_lines()[6:9] == [
        "1.在江南省内注册并具有独立法人资格，建成投产满2年，上年度主营业务收入不少于2,000万元。",
        "2.近三年单位产品能耗年均下降率不低于3.5%，清洁能源使用比例不低于15%。",
        "3.近三年未发生较大及以上安全、环保、质量事故，且没有下列情形：",
    ]
    assert TUNED_ON.numbered_lines()[9].startswith("（1）被列入")
    assert HELD_OUT.numbered_lines()[-4] == "十一、附则"
    assert HELD_OUT.numbered_lines()[10].startswith("①专职教师")


# ---------------------------------------------------------------- the targets


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess() as process:
        yield process


def missed(files: list[MadeFile], reader: ReaderProcess) -> dict[str, Score]:
    """The files that are below a target."""
    scores = {}
    for file in files:
        parts = reader.read(file.path)
        text = "\n\n".join(part.converted.text for part in parts if part.converted)
        scores[file.format] = score(text, file.expected)
    return {format: found for format, found in scores.items() if not reaches_the_targets(found)}


def reaches_the_targets(found: Score) -> bool:
    return (
        found.characters >= 0.999
        and (found.cells is None or found.cells >= 0.99)
        and (found.numbers is None or found.numbers == 1.0)
    )


def test_what_python_writes_is_read_right(tmp_path: Path, reader: ReaderProcess) -> None:
    assert missed(write_packages(TUNED_ON, tmp_path), reader) == {}


@pytest.mark.skipif(find_program() is None, reason="LibreOffice is not installed")
def test_what_libreoffice_writes_is_read_right(tmp_path: Path, reader: ReaderProcess) -> None:
    write_packages(TUNED_ON, tmp_path)
    formats = ("doc", "rtf", "html, typed numbers", "pdf", "xls", "ods", "ppt")
    assert missed(convert_packages(TUNED_ON, tmp_path, formats), reader) == {}
