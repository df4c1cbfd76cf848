"""More than 2,000 damaged files of every format: each gives documents or an error that says what to do.

All go through the confined process, which none of them may crash, hang or make leak.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import psutil
import pytest
from pptx import Presentation
from reportlab.pdfgen.canvas import Canvas

from bot.documents.isolation import ReaderProcess
from bot.documents.sniffing import sniff
from bot.errors import DocumentError
from tests import documents_made as made
from tests import hostile_made as hostile
from tests import ofd_made
from tests.mutations import mutated_bytes, mutated_lines, mutated_package

Mutate = Callable[[bytes, random.Random], bytes]

CONTAINED = re.compile("意外|仍未完成|内存")
"""Errors by which the confined process, not a reader, refuses: safe, but a reader should have known."""
OF_PDFMINER = "所需的内存超过上限"
"""pdfminer unfolds a font's table of widths, whatever range it names: nothing but the limit stops it."""


def notice_html() -> bytes:
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in made.criteria_rows()
    )
    text = "".join(f'<p style="text-indent:2em">{line}</p>' for line in made.notice_lines())
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{made.TITLE}</title></head><body><div class="nav">'
        f'首页</div><div class="TRS_Editor"><h1>{made.TITLE}</h1>{text}<table rowspan="2">{rows}</table><ol start="3">'
        '<li>甲</li><li>乙</li></ol><a href="附件2.docx">附件2</a></div></body></html>'
    ).encode()


def small_pdf(folder: Path) -> bytes:
    """One small page: where a change takes its text away, its picture is recognised soon."""
    canvas = Canvas(str(folder / "made.pdf"), pagesize=(220, 160), pageCompression=0)
    canvas.setFont("STSong-Light", 10)
    for i, line in enumerate(("关于申报的通知", "截止日期为2024年11月22日", "联系电话0731-88955383")):
        canvas.drawString(20, 130 - 15 * i, line)
    canvas.grid([20, 90, 160], [20, 40, 60])
    canvas.drawString(25, 25, "企业")
    canvas.drawString(95, 25, "2份")
    canvas.save()
    return (folder / "made.pdf").read_bytes()


def deck(folder: Path) -> bytes:
    presentation = Presentation()
    for title in ("申报政策解读", "申报条件"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "截止日期为2024年11月22日"
    cells = slide.shapes.add_table(2, 2, 0, 0, 900_000, 900_000).table
    cells.cell(0, 0).merge(cells.cell(0, 1))
    cells.cell(1, 0).text = "设备联网率"
    presentation.save(str(folder / "made.pptx"))
    return (folder / "made.pptx").read_bytes()


def mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "申报通知", "a@example.com", "b@example.com"
    message.set_content("请各单位于2024年11月22日前报送申报材料，逾期不予受理。联系电话0731-88955383。")
    message.add_attachment(notice_html(), maintype="text", subtype="html", filename="附件1.html")
    message.add_attachment(
        "附件的正文".encode("gbk"), maintype="application", subtype="octet-stream", filename="附件2.txt"
    )
    return message.as_bytes()


def ods() -> bytes:
    cells = '<table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="2"><text:p>设备<text:s text:c="3"/>联网率</text:p></table:table-cell>'
    rows = (
        f'<table:table-row table:number-rows-repeated="3">{cells * 3}<table:covered-table-cell/></table:table-row>'
        * 4
    )
    return hostile.open_document("spreadsheet", f'<table:table table:name="表">{rows}</table:table>')


def samples(folder: Path) -> dict[str, bytes]:
    written = {
        name: hostile.written(make, folder)
        for name, make in (
            ("notice.docx", made.notice_docx),
            ("criteria.docx", made.criteria_docx),
            ("criteria.xlsx", made.criteria_xlsx),
            ("criteria.xls", made.criteria_xls),
            ("notice.ofd", ofd_made.notice_ofd),
        )
    }
    texts = {"通知.txt": "\n".join(made.notice_lines()).encode("gbk"), "附件/通知.html": notice_html()}
    return written | {
        "a.pptx": deck(folder),
        "a.pdf": small_pdf(folder),
        "a.html": notice_html(),
        "a.eml": mail(),
        "a.ods": ods(),
        "a.txt": "\n".join((made.TITLE, made.DOC_NUMBER, *made.notice_lines())).encode("gb18030"),
        "b.txt": "\n".join(made.notice_lines()).encode("utf-16"),
        "a.zip": hostile.zipped([*texts.items(), ("附件/附件2.docx", written["criteria.docx"])]),
    }


PLAN: tuple[tuple[str, Mutate, int], ...] = (
    ("notice.docx", mutated_package, 200),
    ("criteria.docx", mutated_package, 160),
    ("notice.docx", mutated_bytes, 40),
    ("criteria.xlsx", mutated_package, 300),
    ("criteria.xls", mutated_bytes, 200),
    ("a.ods", mutated_package, 150),
    ("a.pptx", mutated_package, 200),
    ("notice.ofd", mutated_package, 160),
    ("a.pdf", mutated_bytes, 30),
    ("a.pdf", mutated_lines, 40),
    ("a.html", mutated_bytes, 260),
    ("a.eml", mutated_bytes, 100),
    ("a.eml", mutated_lines, 80),
    ("a.zip", mutated_bytes, 160),
    ("a.txt", mutated_bytes, 100),
    ("b.txt", mutated_bytes, 60),
)


def test_the_plan_is_large_enough() -> None:
    assert sum(count for _, _, count in PLAN) >= 2000


@pytest.fixture(scope="module")
def made_samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess(step_seconds=20, memory_bytes=3 << 29) as process:
        yield process


def confined() -> list[psutil.Process]:
    """The confined processes of this one."""
    children = psutil.Process().children()
    return [child for child in children if "bot.documents.reader_process" in child.cmdline()]


def descriptors() -> int:
    """Files that the confined processes have open."""
    return sum(child.num_fds() for child in confined())


def leftovers() -> list[Path]:
    """Conversions that a confined process has left in its folder for temporary files, its last argument."""
    return [path for child in confined() for path in Path(child.cmdline()[-1]).glob("conversion-*")]


@pytest.mark.parametrize(
    ("name", "mutate", "count"), PLAN, ids=[f"{name}-{mutate.__name__}" for name, mutate, _ in PLAN]
)
def test_damaged_files_are_read_or_refused(
    name: str,
    mutate: Mutate,
    count: int,
    made_samples: dict[str, bytes],
    reader: ReaderProcess,
    tmp_path: Path,
) -> None:
    path = tmp_path / name
    path.write_bytes(made_samples[name])
    assert all(part.converted is not None for part in reader.read(path)), "the sample itself is read"
    opened = descriptors()
    refused = 0
    for seed in range(count):
        path.write_bytes(mutate(made_samples[name], random.Random(f"{name} {seed}")))
        try:
            errors = [part.error for part in reader.read(path) if part.converted is None]
        except DocumentError as error:
            errors = [str(error)]
        refused += bool(errors)
        assert all("请" in error or "它不是" in error for error in errors), f"seed {seed}: {errors}"
        contained = [error for error in errors if CONTAINED.search(error)]
        assert not contained or (name == "a.pdf" and OF_PDFMINER in contained[0]), f"seed {seed}: {errors}"
    assert refused < count, "some are read"
    assert descriptors() <= opened + 8, "what a library opens once, when it is first needed"
    assert not leftovers()


@pytest.mark.parametrize(
    "streams",
    [("WordDocument", "1Table"), ("Workbook",), ("PowerPoint Document", "Current User")],
    ids=["doc", "xls", "ppt"],
)
def test_damaged_ole_files_are_sniffed_or_refused(streams: tuple[str, ...]) -> None:
    data = made.ole_file(*streams)
    for seed in range(100):
        try:
            assert sniff(mutated_bytes(data, random.Random(seed)), ".doc")
        except DocumentError as error:
            assert "请" in str(error)
