"""Web pages as Chinese government sites write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents import read_file
from bot.errors import DamagedDocument
from tests import documents_made as made

NAVIGATION = "".join(
    f'<li><a href="/c{i}">{name}</a></li>'
    for i, name in enumerate(("首页", "政务公开", "通知公告", "办事服务"))
)


def paragraphs() -> str:
    """The notice cut into spans, as pasted from a word processor."""
    lines = []
    for line in made.notice_lines():
        spans = "".join(
            f'<span style="font-size:16pt">{line[i : i + 7]}</span>' for i in range(0, len(line), 7)
        )
        lines.append(f'<p style="text-indent:2em">&nbsp;&nbsp;　　{spans}</p>')
    return "\n".join(lines)


def page(content: str, charset: str = "utf-8") -> str:
    return f"""<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"/>
<title>{made.TITLE}_通知公告_江南省工业和信息化厅</title><style>.nav li{{float:left}}</style><script>var a="统计";</script></head>
<body><div class="nav"><ul>{NAVIGATION}</ul></div>
<table class="xxgk"><tr><td>索引号：</td><td>430S00/2024-12</td></tr><tr><td>文号：</td><td>{made.DOC_NUMBER}</td></tr></table>
{content}
<div class="share">分享到：<a>微信</a></div><div class="fujian"><a href="./P02024.docx">附件1：实施方案.docx</a></div>
<div class="footer">主办：江南省工业和信息化厅　版权所有　建议使用1024*768分辨率浏览</div></body></html>"""


def html_table() -> str:
    texts, merges = made.criteria_layout()
    spans = {(t, left): (b - t + 1, r - left + 1) for t, left, b, r in made._joined(merges)}
    covered = {
        (i, j)
        for (t, left), (tall, wide) in spans.items()
        for i in range(t, t + tall)
        for j in range(left, left + wide)
    } - set(spans)
    rows = []
    for i, row in enumerate(texts):
        cells = [
            f'<td rowspan="{spans.get((i, j), (1, 1))[0]}" colspan="{spans.get((i, j), (1, 1))[1]}"><p>{text}</p></td>'
            for j, text in enumerate(row)
            if (i, j) not in covered
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table border="1"><tbody>{"".join(rows)}</tbody></table>'


def read(source: str, folder: Path, encoding: str = "utf-8") -> list[str]:
    (folder / "通知.html").write_bytes(source.encode(encoding))
    return read_file(folder / "通知.html").text.split("\n\n")


@pytest.mark.parametrize(
    "wrapper",
    ['<div class="TRS_Editor">{}</div>', '<div id="zoom">{}</div>', '<div class="abc"><div>{}</div></div>'],
)
def test_the_notice_comes_out_without_the_site_around_it(wrapper: str, tmp_path: Path) -> None:
    assert read(page(wrapper.format(paragraphs())), tmp_path) == [
        f"# {made.TITLE}",
        made.DOC_NUMBER,
        *made.notice_lines(),
        "[附件1：实施方案.docx](./P02024.docx)",
    ]


def test_a_page_labelled_gb2312_is_read_as_gb18030(tmp_path: Path) -> None:
    text = "朱镕基、㎡与“—”等字符在旧标签里也要读对。" * 4
    blocks = read(page(f'<div class="TRS_Editor"><p>{text}</p></div>', "gb2312"), tmp_path, "gb18030")
    assert blocks[2] == text


def test_the_title_among_the_first_paragraphs_becomes_the_heading(tmp_path: Path) -> None:
    content = f'<div class="TRS_Editor"><p align="center"><b>{made.TITLE[:10]}<br/>{made.TITLE[10:]}</b></p>{paragraphs()}</div>'
    blocks = read(page(content), tmp_path)
    assert blocks.count(f"# {made.TITLE}") == 1 and made.TITLE not in blocks
    assert blocks[:2] == [made.DOC_NUMBER, f"# {made.TITLE}"]


def test_merged_cells_sections_and_two_row_header(tmp_path: Path) -> None:
    blocks = read(page(f'<div class="TRS_Editor"><p>{"说明。" * 20}</p>{html_table()}</div>'), tmp_path)
    assert made.pipe_rows("\n\n".join(blocks)) == [made.criteria_rows()]


def test_marked_header_rows_and_line_breaks_in_cells(tmp_path: Path) -> None:
    source = (
        "<html><body><table><thead><tr><th>序<br>号</th><th>要求</th></tr></thead>"
        "<tr><td>1</td><td><p>甲</p><p>乙|丙</p></td></tr></table></body></html>"
    )
    assert read(source, tmp_path) == ["| 序号 | 要求 |\n| --- | --- |\n| 1 | 甲 乙\\|丙 |"]


def test_layout_tables_are_no_tables(tmp_path: Path) -> None:
    inner = "<table border=1><tr><td>姓名</td><td>电话</td></tr><tr><td>张三</td><td>0731-1</td></tr></table>"
    source = f"<html><body><table><tr><td><p>{'正文。' * 30}</p>{inner}</td></tr></table></body></html>"
    assert read(source, tmp_path) == ["正文。" * 30, "| 姓名 | 电话 |\n| --- | --- |\n| 张三 | 0731-1 |"]


def test_list_numbers_are_written_out_and_hidden_parts_go(tmp_path: Path) -> None:
    source = (
        "<html><body><ol start=3><li>甲</li><li>乙</li></ol><ul><li>丙</li></ul>"
        '<p style="display: none">隐藏</p><!-- 注释 --><p>一<br>二<br><br>三</p><h2>标题</h2>\n<p>换\n行，<a href="javascript:x()">点击</a></p></body></html>'
    )
    assert read(source, tmp_path) == ["3.甲", "4.乙", "- 丙", "一\n二", "三", "## 标题", "换行，点击"]


def test_the_foot_of_the_pages_that_an_office_program_saved_goes(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<body><p>一、请于6月1日前报送。</p><div title="footer"><p>— <span>3</span> —</p></div></body>',
        "utf-8",
    )
    assert read_file(tmp_path / "a.html").text == "一、请于6月1日前报送。"


def test_two_hundred_thousand_nested_elements_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedDocument, match="嵌套过深"):
        read("<html>" + "<div>" * 200_000 + "文" + "</div>" * 200_000, tmp_path)


def test_absurd_spans_are_capped(tmp_path: Path) -> None:
    source = '<html><table><tr><td>甲</td><td rowspan="65534" colspan="1000">乙</td></tr><tr><td colspan="999999999">丙</td></tr></table>'
    assert len("\n".join(read(source, tmp_path))) < 20_000


def test_nothing_outside_the_page_is_fetched_or_copied(tmp_path: Path) -> None:
    source = '<html><body><img src="http://127.0.0.1:9/a.png"><iframe src="file:///etc/hostname"></iframe><p>正文</p></body></html>'
    assert read(source, tmp_path) == ["正文"]
