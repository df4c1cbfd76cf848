"""Scans, stamps, photographs and pictures, printed and worn by `scans_made`, read back."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from bot.datamodels import OcrPage
from bot.documents import read_file
from bot.documents.images import read_image
from bot.documents.page_cleaning import ink_of, levelled, skew_of, without_stamps
from bot.documents.page_pictures import image_pages, page_picture, pdf_pages
from bot.documents.pdf import read_pdf
from bot.documents.pdf_layout import PageLayout, PageTable, TextLine, is_garbled
from bot.documents.recognised_text import doubts, mended
from bot.documents.ruled_cells import ruled_tables
from bot.documents.scan_evening import evened
from bot.documents.tables import Cell
from bot.errors import DamagedDocument, DocumentTooLarge, EmptyDocument
from tests import documents_made as made
from tests import scans_made as sm

LETTERHEAD = "江南省工业和信息化厅文件"
OFFICE, DATE = "江南省工业和信息化厅", "2024年11月4日"

# ---------------------------------------------------------------- whole files, really recognised


def notice_sheets(dpi: int = 150) -> list[sm.Picture]:
    pages = sm.sheets(
        made.notice_lines(), dpi, title=made.TITLE, letterhead=LETTERHEAD, signature=[OFFICE, DATE]
    )
    return [pages[0], sm.stamped(pages[1], dpi, OFFICE, (0.76, 0.31))]


def test_a_stamped_notice_scanned_askew_and_upside_down_reads_as_printed() -> None:
    first, second = notice_sheets()
    scans = [
        sm.scanned(first, 1, skew=1.5),
        sm.scanned(second, 2, skew=-1.0).transpose(Image.Transpose.ROTATE_180),
    ]
    converted = read_pdf(sm.scan_pdf(scans, 150))
    blocks = converted.text.split("\n\n")
    assert blocks[:2] == [LETTERHEAD, f"# {made.TITLE}"]
    assert blocks[2:-2] == made.notice_lines()  # paragraphs joined over lines and pages, no page numbers
    assert blocks[-2:] == [OFFICE, DATE]  # the stamp lies over both
    assert (converted.pages, [page.page for page in converted.ocr]) == (2, [1, 2])
    assert all(page.confidence > 0.95 for page in converted.ocr)
    assert converted.warnings == ()
    assert [place.page for place in converted.places] == [1, 2]


def table_pages() -> list[sm.Picture]:
    """A table over two pages: the header is repeated, and the second row is cut by the page break."""
    header = ["序号", "环节", "基础级", "先进级"]
    widths = (50, 90, 150, 150)
    first = [
        header,
        ["1", "工厂设计", "数字化率不低于30%。", "联网率≥51%。"],
        ["2", "", "建立模型，与MES", ""],
    ]
    second = [
        header,
        ["", "", "系统集成。", ""],
        ["3", "计划调度", "满足GB/T39116—2020要求。", "联网率≥53%。"],
    ]
    return [
        sm.table_sheet(first, [(1, 1, 2, 1), (1, 3, 2, 3)], widths, 150),
        sm.table_sheet(second, [(1, 1, 1, 1)], widths, 150),
    ]


def test_a_scanned_table_over_two_pages_is_one_table_with_its_cells_in_place() -> None:
    first, second = table_pages()
    scans = [sm.scanned(first, 3, skew=-0.6), sm.scanned(second, 4, skew=0.8)]
    assert made.pipe_rows(read_pdf(sm.scan_pdf(scans, 150)).text) == [
        [
            ("序号", "环节", "基础级", "先进级"),
            ("1", "工厂设计", "数字化率不低于30%。", "联网率≥51%。"),
            ("2", "工厂设计", "建立模型，与MES系统集成。", "联网率≥51%。"),
            ("3", "计划调度", "满足GB/T39116—2020要求。", "联网率≥53%。"),
        ]
    ]


def test_a_photograph_that_the_camera_turned_is_read() -> None:
    texts, merges = made.criteria_layout()
    sheet = sm.table_sheet(texts, merges, (50, 90, 190, 190), 220)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn clockwise to view
    sideways = sm.photographed(sheet, 5).transpose(Image.Transpose.ROTATE_90)
    converted = read_image(sm.encoded(sideways, "JPEG", quality=85, exif=exif))
    assert made.pipe_rows(converted.text) == [made.criteria_rows()]
    assert (converted.format, converted.pages, len(converted.ocr)) == ("image", 1, 1)


def test_text_pages_and_scanned_pages_of_one_file_are_read_each_in_its_way(tmp_path: Path) -> None:
    made.canvas_pdf(tmp_path / "a.pdf", [["第一条的全部文字都在文字层里。"]])
    scan = sm.sheets(["第二条只有图片。"], 150)
    with pypdfium2.PdfDocument.new() as mixed:
        for data in ((tmp_path / "a.pdf").read_bytes(), sm.scan_pdf(scan, 150)):
            mixed.import_pages(pypdfium2.PdfDocument(data))
        mixed.save(str(tmp_path / "b.pdf"))
    converted = read_file(tmp_path / "b.pdf")
    assert converted.text == "第一条的全部文字都在文字层里。\n\n第二条只有图片。"
    assert [(place.page, place.start) for place in converted.places] == [(1, 0), (2, 17)]
    assert [page.page for page in converted.ocr] == [2]


WITHOUT_NETWORK = """
import socket, sys
def refuse(*args, **kwargs): raise AssertionError("network or download")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from rapidocr.utils.download_file import DownloadFile
DownloadFile.run = refuse
from bot.documents.pdf import read_pdf
converted = read_pdf(open(sys.argv[1], "rb").read())
print(len(converted.ocr), converted.text)
"""


def test_a_rubbish_text_layer_is_read_from_the_picture_without_any_download(tmp_path: Path) -> None:
    made.unmapped_pdf(tmp_path / "d.pdf")
    command = [sys.executable, "-c", WITHOUT_NETWORK, str(tmp_path / "d.pdf")]
    root = Path(__file__).resolve().parent.parent
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    pages, _, text = run.stdout.strip().partition(" ")
    assert pages == "1" and text.upper().startswith("ÀÉÎÕÜ")


# ---------------------------------------------------------------- what is on the page, without recognition


def pixels_of(picture: sm.Picture) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])


def test_a_stamp_goes_and_the_red_letterhead_and_the_text_under_the_stamp_stay() -> None:
    first, second = notice_sheets()
    bare = sm.sheets(
        made.notice_lines(), 150, title=made.TITLE, letterhead=LETTERHEAD, signature=[OFFICE, DATE]
    )
    unit = 72 / 150
    assert np.array_equal(without_stamps(pixels_of(first), unit), pixels_of(first))
    cleaned = without_stamps(pixels_of(second), unit).astype(int)
    stamped = pixels_of(second).astype(int)
    red, left = (page[:, :, 2] - page[:, :, 0] > 60 for page in (stamped, cleaned))
    assert left.sum() < 0.01 * red.sum()
    printed, dark = pixels_of(bare[1]).max(axis=2), cleaned.max(axis=2) < 140
    assert dark[printed < 100].mean() > 0.97
    assert dark[printed > 200].mean() < 0.0002


def test_cells_are_found_with_merged_ones_whole_and_frayed_rules_closed() -> None:
    texts, merges = made.criteria_layout()
    sheet = sm.table_sheet(texts, merges, (50, 90, 190, 190), 200)
    unit = 72 / 200
    cells = len(texts) * 4 - sum((b - t + 1) * (r - left + 1) - 1 for t, left, b, r in merges)
    for picture in (sheet, sm.faxed(sheet, 1), sm.scanned(sheet, 2, blur=0.8)):
        (table,) = ruled_tables(ink_of(pixels_of(picture), unit), unit)
        assert len(table.cells) == cells
        left, right = min(c[0] for c in table.cells), max(c[2] for c in table.cells)
        assert (right - left) * unit == pytest.approx(520, abs=3)


def test_low_rows_between_merged_ones_are_cut_at_the_columns_and_not_at_a_character() -> None:
    """Rows 13.5 points high, and a character's stroke that touches the rules above and below it."""
    ink = np.zeros((600, 1000), np.uint8)
    tops, edges = [100 + 38 * i for i in range(8)], [100, 300, 500, 900]
    for y in tops:
        ink[y : y + 2, 100:902] = 255
    for i, row in enumerate(tops[:-1]):
        merged = i in {1, 3}
        for x in (edges[0], edges[-1]) if merged else edges:
            ink[row : row + 40, x : x + 2] = 255
    ink[tops[2] : tops[3], 700:703] = 255
    (table,) = ruled_tables(ink, 72 / 200)
    assert len(table.cells) == 5 * 3 + 2


def test_a_page_of_text_has_no_tables() -> None:
    assert ruled_tables(ink_of(pixels_of(notice_sheets(200)[0]), 0.36), 0.36) == []


def quads(angle: float) -> np.ndarray:
    """Two lines 1000 pixels long, 40 high, that run downhill by so many degrees, and an upright one."""
    slope = np.tan(np.radians(angle))
    lines = [
        [[100, y], [1100, y + 1000 * slope], [1100, y + 40 + 1000 * slope], [100, y + 40]] for y in (200, 400)
    ]
    return np.array([*lines, [[50, 100], [90, 100], [90, 900], [50, 900]]], np.float32)


@pytest.mark.parametrize("angle", [-1.9, 0.0, 0.4, 12.0])
def test_skew_is_measured_and_taken_out(angle: float) -> None:
    lines = quads(angle)
    assert skew_of(lines) == pytest.approx(angle, abs=0.05)
    _, level = levelled(np.full((1000, 1300, 3), 255, np.uint8), lines, skew_of(lines))
    assert skew_of(level) == pytest.approx(0, abs=0.05)


# ---------------------------------------------------------------- pages made even


def line(text: str, x0: float, x1: float, top: float, size: int = 16) -> TextLine:
    return TextLine(text, x0, x1, top, top + size, size)


def test_sizes_and_margins_of_scanned_pages_become_those_of_the_typed_ones() -> None:
    long = "二十二个字一行的正文二十二个字一行的正文"
    typed = PageLayout(1, 595, 842, tuple(line(long, 80, 520, 100 + 28 * i) for i in range(5)))
    scan = PageLayout(
        2, 597, 840,
        (
            line("关于申报的通知", 190, 410, 60, 21),
            *(line(long, 91.0 + i % 2, 531, 100 + 28 * i, 15 + i % 3) for i in range(4)),
            line("结束。", 91.5, 130, 240, 20),
        ),
    )  # fmt: skip
    first, second = evened([typed, scan], {2})
    assert first is typed
    assert second.width == 595
    lines = [item for item in second.items if isinstance(item, TextLine)]
    assert [item.size for item in lines] == [21, 16, 16, 16, 16, 16]
    assert len({item.x0 for item in lines[1:]}) == 1 and lines[1].x0 == pytest.approx(80, abs=1)


def test_a_table_that_goes_on_gets_the_edges_and_the_header_of_its_first_page() -> None:
    def table(edges: tuple[float, ...], *rows: tuple[str, ...]) -> PageTable:
        return PageTable(tuple(tuple(map(Cell, row)) for row in rows), edges, 60)

    header = ("序号", "智能制造环节", "基础级要求")
    first = table((70, 120, 200, 400), header, ("1", "设计", "甲"))
    second = table((78.5, 128, 209.5, 408), ("序号", "智能制造环书", "基础级要求"), ("2", "排产", "乙"))
    other = table((78, 150, 209, 408), ("序号", "智能制造环书", "基础级要求"), ("2", "排产", "乙"))
    pages = [PageLayout(i, 595, 842, (item,)) for i, item in enumerate((first, second, other), 1)]
    _, joined, apart = (page.items[0] for page in evened(pages, {1, 2, 3}))
    assert isinstance(joined, PageTable) and isinstance(apart, PageTable)
    assert joined.edges == first.edges
    assert tuple(cell.text for cell in joined.rows[0]) == header
    assert joined.rows[1] == second.rows[1]
    assert apart.edges == other.edges and apart.rows == other.rows


# ---------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("满足GB/T·39116一2020要求", "满足GB/T 39116—2020要求"),
        ("上，且满足GB/T 39116一", "上，且满足GB/T 39116—"),
        ("附件1一览表", "附件1一览表"),
        ("2025年一2027年", "2025年一2027年"),
        ("江工信装备[2024]399号", "江工信装备〔2024〕399号"),
        ("工信厅函(2024〕399号", "工信厅函〔2024〕399号"),
        ("皖政办(2024)12号", "皖政办（2024）12号"),
        ("(一)申报条件", "（一）申报条件"),
        ("(二）组织实施", "（二）组织实施"),
        ("(1)提供虚假申报材料;", "（1）提供虚假申报材料；"),
        ("《要素条件》(附件1、2),分基础级", "《要素条件》（附件1、2），分基础级"),
        ("报),并满足", "报），并满足"),
        ("系统(MES)集成", "系统（MES）集成"),
        ("f(x) = 2", "f(x) = 2"),
        ("于2024年11月22日17:00前完成", "于2024年11月22日17:00前完成"),
        ("联系人:张三", "联系人：张三"),
        ("不少于2,000万元", "不少于2,000万元"),
        ("1. 申报主体", "1.申报主体"),
        ("1.5万元", "1.5万元"),
        ("6月.30日", "6月30日"),
        ("每日加收5%0的滞纳金", "每日加收5‰的滞纳金"),
        ("提高30%。", "提高30%。"),
        ("联网率≥60%°", "联网率≥60%。"),
        ("一3一", "— 3 —"),
        ("MES and ERP 系统", "MES and ERP系统"),
    ],
)
def test_confusions_are_mended_only_where_they_are_certain(read: str, printed: str) -> None:
    assert mended(read) == printed
    assert mended(printed) == printed


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        ("".join(made.notice_lines()), False),
        ("為貫徹落實《製造業數字化轉型行動方案》，加快發展智慧工廠，經省發展改革委員會同意，現將有關事項通知如下，請各單位認真組織實施。" * 2, False),
        ("Notice on the 2024 programme of smart factories, issued by the department on 4 November", False),
        ("2024 1,234.5 17% 88955383 " * 5, False),
        ("(cid:12)(cid:7)(cid:33)(cid:12)" * 2, True),
        ("申报\ue012\ue013\ue044工作\ue055", True),
        ("锟斤拷" * 30, False),  # common characters: what they say is the reader's business
        ("丮乛亅佄侎倕偁僀儣兯凅刢" * 8, True),
        ("½ñÌìÊÇ2024Äê11ÔÂ¹¤ÒµºÍÐÅÏ¢»¯Ìü¹ØÓÚ¿ªÕ¹ÖÇÄÜ¹¤³§", True),
        ("KHQBWZRXTPLMNVCKJHGFDSQWRTPLKJHGF BCDFGHJKLMNPQRSTVWXZ" * 2, True),
        ("", False),
    ],
)  # fmt: skip
def test_a_text_layer_of_rubbish_is_told_from_text(text: str, garbled: bool) -> None:
    assert is_garbled(text) is garbled


def test_doubtful_and_unread_pages_are_named() -> None:
    pages = [OcrPage(1, 0.99), OcrPage(2, 0.81), OcrPage(3, 0.7), OcrPage(7, 0.89)]
    low, unread = doubts(pages, [5])
    assert low.startswith("第2—3、7页是从图片识别的，把握较低（最低 70%）")
    assert unread.startswith("第5页只有图片，没有识别出文字")
    assert doubts(pages[:1]) == ()


# ---------------------------------------------------------------- files


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is this large and has hardly any data."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", header)
        + part(b"IDAT", zlib.compress(bytes(99)))
        + part(b"IEND", b"")
    )


def test_a_huge_picture_is_refused_by_its_header() -> None:
    for width, height in ((50_000, 50_000), (12_000, 8_000)):
        with pytest.raises(DocumentTooLarge, match="缩小"):
            read_image(png_header(width, height))


def test_a_cut_picture_is_damaged_and_a_dot_or_a_thread_is_empty() -> None:
    whole = sm.encoded(notice_sheets(100)[0], "PNG")
    with pytest.raises(DamagedDocument, match="重新拍摄"):
        read_image(whole[: len(whole) // 2])
    with pytest.raises(DamagedDocument):
        read_image(b"\xff\xd8\xff\xe0 no picture")
    for size in ((1, 1), (30, 20_000)):
        with pytest.raises(EmptyDocument, match="太小或太窄"):
            read_image(sm.encoded(Image.new("L", size), "PNG"))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_every_form_comes_out_as_dark_ink_on_light_paper(form: str, mode: str) -> None:
    picture = Image.new("L", (300, 400), 255)
    picture.paste(0, (50, 100, 250, 120))
    mode = "RGB" if form in {"JPEG", "WEBP"} and mode in {"1", "P"} else mode
    (page,) = image_pages(sm.encoded(picture.convert(mode), form))
    assert page.pixels.shape == (400, 300, 3)
    assert page.pixels[110, 150].max() < 40 and page.pixels[300, 150].min() > 215


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_paper_is_white(mode: str) -> None:
    picture = Image.new(mode, (40, 40))
    (page,) = image_pages(sm.encoded(picture, "PNG"))
    assert page.pixels.min() == 255


def test_sixteen_bits_a_pixel_and_printing_colours_are_understood() -> None:
    deep = Image.fromarray(np.full((40, 60), 40_000, np.uint16))
    deep.paste(0, (0, 0, 60, 10))
    (page,) = image_pages(sm.encoded(deep, "PNG"))
    assert page.pixels[5, 5, 0] == 0 and page.pixels[30, 30, 0] == 255
    (page,) = image_pages(sm.encoded(Image.new("CMYK", (40, 40), (0, 0, 0, 0)), "JPEG"))
    assert page.pixels.min() > 250


def test_pages_of_a_tiff_and_only_the_first_picture_of_an_animation() -> None:
    frames = [Image.new("L", (100 + 10 * i, 140), 255 - i) for i in range(3)]
    tiff = sm.encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    assert [page.pixels.shape[1] for page in image_pages(tiff)] == [100, 110, 120]
    gif = sm.encoded(
        frames[0], "GIF", save_all=True, append_images=[f.resize((100, 140)) for f in frames[1:]]
    )
    assert len(list(image_pages(gif))) == 1


def test_the_paper_is_taken_from_a_credible_resolution_else_a4() -> None:
    picture = Image.new("L", (1240, 1754), 255)
    sizes = []
    for dpi in (150, 300, 72):  # A4, A6 (not credible) and 44 cm (not credible)
        (page,) = image_pages(sm.encoded(picture, "PNG", dpi=(dpi, dpi)))
        sizes.append(round(page.width))
    assert sizes == [595, 595, 595]
    (a5,) = image_pages(sm.encoded(picture, "PNG", dpi=(212, 212)))
    assert round(a5.width) == 421


def test_large_pictures_are_reduced_and_long_ones_keep_their_width() -> None:
    (page,) = image_pages(sm.encoded(Image.new("L", (6000, 8000), 255), "JPEG"))
    assert page.pixels.shape[:2] == (2600, 1950)
    (long,) = image_pages(sm.encoded(Image.new("L", (1000, 9000), 255), "PNG"))
    assert long.pixels.shape[:2] == (9000, 1000)


def test_a_page_of_seventy_metres_takes_no_more_pixels_than_a_sheet(tmp_path: Path) -> None:
    with pypdfium2.PdfDocument.new() as document:
        document.new_page(200_000, 200_000)
        document.save(str(tmp_path / "a.pdf"))
    data = (tmp_path / "a.pdf").read_bytes()
    (page,) = pdf_pages(data, [1])
    assert max(page.pixels.shape) <= 2_400
    assert (page.width, page.height) == (pytest.approx(841.9), pytest.approx(841.9))
    shown = Image.open(io.BytesIO(page_picture(tmp_path / "a.pdf", 1, 10_000)))
    assert shown.size[0] <= 3_464


def test_page_pictures_of_pdfs_and_pictures_are_pngs_of_the_wanted_width(tmp_path: Path) -> None:
    made.notice_pdf(tmp_path / "a.pdf")
    first, second = notice_sheets(100)
    (tmp_path / "b.tiff").write_bytes(sm.encoded(first, "TIFF", save_all=True, append_images=[second]))
    for name in ("a.pdf", "b.tiff"):
        pictures = [Image.open(io.BytesIO(page_picture(tmp_path / name, page, 400))) for page in (1, 2)]
        assert {(p.format, p.size[0]) for p in pictures} == {("PNG", 400)}
        assert np.asarray(pictures[0]).mean() < np.asarray(pictures[1]).mean()  # the last page is half empty
        for page in (0, 3):
            with pytest.raises(IndexError):
                page_picture(tmp_path / name, page, 400)
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n no picture")
    with pytest.raises(DamagedDocument):
        page_picture(tmp_path / "c.png", 1, 400)
