"""Word 97, WPS, RTF, OpenDocument and PowerPoint 97 files, by way of LibreOffice; and .ods without it."""

from __future__ import annotations

import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import xlwt
from docx import Document

from bot.documents import read_bytes, read_file
from bot.documents.isolation import ReaderProcess
from bot.documents.office import CONVERSION_SECONDS, find_program, install_command
from bot.errors import DamagedDocument, DocumentError, EncryptedDocument, UnsupportedFormat
from tests import documents_made as made
from tests import hostile_made as hostile

needs_libreoffice = pytest.mark.skipif(find_program() is None, reason="LibreOffice is not installed")


def converted(source: Path, suffix: str) -> bytes:
    """What LibreOffice makes of a document: the real writer of old formats."""
    program = find_program()
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        command = [
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            suffix,
        ]
        subprocess.run(
            [*command, "--outdir", folder, str(source)], check=True, capture_output=True, timeout=90
        )
        return Path(folder, f"{source.stem}.{suffix}").read_bytes()


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess() as process:
        yield process


def text_of(reader: ReaderProcess, path: Path) -> str:
    (part,) = reader.read(path)
    assert part.converted is not None
    return part.converted.text


# ---------------------------------------------------------------- what comes out


@pytest.fixture(scope="module")
def word_97(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The notice and the criteria table in one Word 97 file."""
    folder = tmp_path_factory.mktemp("word")
    made.notice_docx(folder / "a.docx")
    document = Document(str(folder / "a.docx"))
    made.fill_word_table(document.add_table(rows=len(made.criteria_layout()[0]), cols=4))
    document.add_paragraph("（此件公开发布）")  # a table at the very end is no document that Word would write
    document.save(str(folder / "a.docx"))
    return converted(folder / "a.docx", "doc")


def assert_it_is_the_notice(text: str) -> None:
    lines = [line.lstrip("# ") for line in text.split("\n\n") if not line.startswith("|")]
    assert lines == [made.TITLE, *made.notice_lines(), "（此件公开发布）"]
    assert made.pipe_rows(text) == [made.criteria_rows()]


@needs_libreoffice
def test_word_97_and_wps_keep_automatic_numbers_and_merged_cells(
    word_97: bytes, tmp_path: Path, reader: ReaderProcess
) -> None:
    (tmp_path / "通知.wps").write_bytes(word_97)
    assert_it_is_the_notice(text_of(reader, tmp_path / "通知.wps"))


@needs_libreoffice
def test_open_document_keeps_automatic_numbers_and_merged_cells(
    word_97: bytes, tmp_path: Path, reader: ReaderProcess
) -> None:
    (tmp_path / "a.doc").write_bytes(word_97)
    (tmp_path / "通知.odt").write_bytes(converted(tmp_path / "a.doc", "odt"))
    assert_it_is_the_notice(text_of(reader, tmp_path / "通知.odt"))


@needs_libreoffice
def test_rich_text_keeps_automatic_numbers(tmp_path: Path, reader: ReaderProcess) -> None:
    """As Word writes it in China: GBK bytes, the list levels with their marks in GBK too."""
    (tmp_path / "通知.rtf").write_bytes(
        hostile.numbered_rtf(
            [(0, "申报条件"), (1, "基本条件"), (2, "具有独立法人资格；"), (1, "其他条件"), (0, "附则")]
        )
    )
    assert text_of(reader, tmp_path / "通知.rtf").split("\n\n") == [
        "一、申报条件", "（一）基本条件", "1.具有独立法人资格；", "（二）其他条件", "二、附则",
    ]  # fmt: skip


_SLIDES = (
    '<draw:page draw:name="1"><draw:frame presentation:class="title" svg:width="20cm" svg:height="3cm">'
    "<draw:text-box><text:p>申报政策解读</text:p></draw:text-box></draw:frame></draw:page>"
    '<draw:page draw:name="2"><draw:frame svg:width="20cm" svg:height="3cm">'
    "<draw:text-box><text:p>截止日期为2024年11月22日</text:p></draw:text-box></draw:frame></draw:page>"
)


@needs_libreoffice
def test_slides_of_both_old_formats(tmp_path: Path, reader: ReaderProcess) -> None:
    (tmp_path / "a.odp").write_bytes(hostile.open_document("presentation", _SLIDES))
    (tmp_path / "a.dps").write_bytes(converted(tmp_path / "a.odp", "ppt"))
    for name in ("a.odp", "a.dps"):
        (part,) = reader.read(tmp_path / name)
        assert part.converted is not None and part.converted.format == "pptx"
        text = part.converted.text
        assert text.index("申报政策解读") < text.index("截止日期为2024年11月22日")
        assert [place.label for place in part.converted.places] == ["第1张幻灯片", "第2张幻灯片"]


@needs_libreoffice
def test_old_formats_are_found_by_content(tmp_path: Path, reader: ReaderProcess) -> None:
    (tmp_path / "通知.docx").write_bytes(hostile.rtf("关于申报的通知", "截止日期为11月22日。"))
    (part,) = reader.read(tmp_path / "通知.docx")
    assert part.converted is not None
    assert part.converted.text == "关于申报的通知\n\n截止日期为11月22日。"
    assert "内容其实是RTF" in part.converted.warnings[0]


def test_a_sheet_of_open_document_shows_what_the_program_shows(tmp_path: Path) -> None:
    head = "".join(
        f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in ("项目", "比例", "日期")
    )
    cells = (
        '<table:table-cell table:number-rows-spanned="2"><text:p>设备</text:p></table:table-cell>'
        '<table:table-cell office:value-type="percentage" office:value="0.125"><text:p>12.5%</text:p></table:table-cell>'
        "<table:table-cell><text:p>2024年<text:span>11月</text:span>22日</text:p></table:table-cell>"
    )
    below = (
        '<table:covered-table-cell/><table:table-cell office:value="2000"/>'
        "<table:table-cell><office:annotation><text:p>批注</text:p></office:annotation><text:p>甲<text:s/>乙</text:p></table:table-cell>"
    )
    gap = '<table:table-cell table:number-columns-repeated="16000"/>'
    rows = "".join(f"<table:table-row>{row}{gap}</table:table-row>" for row in (head, cells, below))
    rows += f'<table:table-row table:number-rows-repeated="1048000">{gap}</table:table-row>'
    style = (
        '<office:automatic-styles><style:style style:name="h" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    hidden = '<table:table table:name="底稿" table:style-name="h"><table:table-row><table:table-cell><text:p>不应出现</text:p></table:table-cell></table:table-row></table:table>'
    data = hostile.open_document(
        "spreadsheet", f'<table:table table:name="汇总">{rows}</table:table>{hidden}', scripts=style
    )
    (part,) = read_bytes(data, "a.ods")
    assert part.converted is not None
    assert made.pipe_rows(part.converted.text) == [
        [("项目", "比例", "日期"), ("设备", "12.5%", "2024年11月22日"), ("设备", "2000", "甲 乙")]
    ]
    assert "不应出现" not in part.converted.text and "“底稿”是隐藏的" in part.converted.warnings[0]
    assert part.converted.places[-1].label.startswith("工作表“汇总”第3行")


@needs_libreoffice
def test_an_ods_of_libreoffice_reads_as_the_xlsx_that_it_was(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["环节", "联网率", "投资额"])
    sheet.append(["设计", 0.515, 12345.6])
    sheet.append([None, 0.52, 2000])
    sheet["B2"].number_format, sheet["B3"].number_format, sheet["C2"].number_format = "0.0%", "0%", "#,##0.00"
    sheet.merge_cells("A2:A3")
    workbook.save(tmp_path / "a.xlsx")
    (tmp_path / "a.ods").write_bytes(converted(tmp_path / "a.xlsx", "ods"))
    table = made.pipe_rows(read_file(tmp_path / "a.ods").text)
    assert table == made.pipe_rows(read_file(tmp_path / "a.xlsx").text)
    assert table == [[("环节", "联网率", "投资额"), ("设计", "51.5%", "12,345.60"), ("设计", "52%", "2000")]]


# ---------------------------------------------------------------- without LibreOffice


def test_without_libreoffice_the_message_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if find_program() is not None:
        pytest.skip("LibreOffice stands where macOS keeps its programs")
    with pytest.raises(UnsupportedFormat, match="需要 LibreOffice") as raised:
        read_bytes(hostile.rtf("通知"), "a.rtf")
    assert "另存为 .docx" in str(raised.value)


@pytest.mark.parametrize(
    ("system", "release", "command"),
    [
        ("Linux", 'NAME="Debian GNU/Linux"\nID=debian\n', "sudo apt install"),
        ("Linux", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', "sudo apt install"),
        ("Linux", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', "sudo dnf install"),
        ("Linux", 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "sudo zypper install"),
        ("Linux", "ID=something\n", ""),
        ("Linux", "", ""),
        ("Darwin", "", "brew install --cask libreoffice"),
        ("Windows", "", "winget install TheDocumentFoundation.LibreOffice"),
    ],
)
def test_the_command_that_installs_libreoffice(system: str, release: str, command: str) -> None:
    found = install_command(system, release)
    assert found.startswith(command) if command else found == ""


# ---------------------------------------------------------------- what must not happen


class _Listening(socketserver.BaseRequestHandler):
    asked: list[bytes]

    def handle(self) -> None:
        self.server.asked.append(self.request.recv(100))  # type: ignore[attr-defined]


@pytest.fixture
def asked() -> Iterator[tuple[str, list[bytes]]]:
    """Address of a server, and what it has been asked."""
    with socketserver.TCPServer(("127.0.0.1", 0), _Listening) as server:
        server.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/x.png", server.asked  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


@needs_libreoffice
def test_nothing_is_fetched_and_no_other_file_comes_out(
    tmp_path: Path, asked: tuple[str, list[bytes]], reader: ReaderProcess
) -> None:
    address, requests = asked
    secret = tmp_path / "secret.txt"
    secret.write_text(hostile.SECRET, encoding="utf-8")
    (tmp_path / "a.odt").write_bytes(hostile.odt_that_includes(address, secret.as_uri()))
    (tmp_path / "b.rtf").write_bytes(hostile.rtf_that_includes(address))
    for path in (tmp_path / "a.odt", tmp_path / "b.rtf"):
        assert "申报须知" in (text := text_of(reader, path)) and hostile.SECRET not in text
    (tmp_path / "c.rtf").write_bytes(hostile.rtf_that_includes(secret.as_uri()))
    try:
        assert hostile.SECRET not in text_of(reader, tmp_path / "c.rtf")
    except DocumentError as error:
        assert hostile.SECRET not in str(error)
    assert requests == []


@needs_libreoffice
def test_nothing_is_fetched_even_where_the_network_cannot_be_left(
    tmp_path: Path, asked: tuple[str, list[bytes]]
) -> None:
    """In this process, which has its network: LibreOffice's own settings alone."""
    address, requests = asked
    (tmp_path / "a.odt").write_bytes(hostile.odt_that_includes(address))
    assert "申报须知" in read_file(tmp_path / "a.odt").text
    assert requests == []


@needs_libreoffice
def test_no_macro_runs(tmp_path: Path, reader: ReaderProcess) -> None:
    (tmp_path / "a.odt").write_bytes(hostile.odt_with_a_macro(tmp_path / "mark"))
    assert text_of(reader, tmp_path / "a.odt") == "申报须知"
    assert not (tmp_path / "mark").exists()


@needs_libreoffice
@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_cut_word_97_file_is_told(
    share: float, word_97: bytes, tmp_path: Path, reader: ReaderProcess
) -> None:
    (tmp_path / "a.doc").write_bytes(word_97[: int(len(word_97) * share)])
    with pytest.raises(DamagedDocument, match="请"):
        reader.read(tmp_path / "a.doc")


@pytest.mark.parametrize(
    "streams",
    [("EncryptedSummary", "PowerPoint Document"), ("EncryptionInfo", "EncryptedPackage")],
    ids=["PowerPoint-97", "Office-2007"],
)
def test_a_password_of_an_ole_file_is_told(streams: tuple[str, ...]) -> None:
    with pytest.raises(EncryptedDocument, match="去掉密码"):
        read_bytes(made.ole_file(*streams), "a.ppt")


@needs_libreoffice
def test_a_password_of_word_97_is_told(word_97: bytes) -> None:
    data = bytearray(word_97)
    data[data.find(b"\xec\xa5") + 11] |= 1  # [MS-DOC] FibBase: wIdent, and fEncrypted in its twelfth byte
    with pytest.raises(EncryptedDocument, match="去掉密码"):
        read_bytes(bytes(data), "a.doc")


@needs_libreoffice
def test_a_rich_text_of_100_000_groups_ends_within_the_limit(tmp_path: Path, reader: ReaderProcess) -> None:
    (tmp_path / "a.rtf").write_bytes(hostile.deep_rtf())
    try:
        assert reader.read(tmp_path / "a.rtf")
    except DocumentError as error:
        assert "请" in str(error)
    assert CONVERSION_SECONDS < 60


@needs_libreoffice
def test_shares_in_an_excel_97_sheet_are_shares(tmp_path: Path) -> None:
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("汇总")
    for column, (head, value, form) in enumerate(
        (("企业", "甲厂", ""), ("增长率", 0.125, "0.0%"), ("系数", 0.8, "0.0"))
    ):
        sheet.write(0, column, head)
        sheet.write(1, column, value, xlwt.easyxf(num_format_str=form or "General"))
    workbook.save(str(tmp_path / "a.xls"))
    converted = read_file(tmp_path / "a.xls")
    assert made.pipe_rows(converted.text) == [[("企业", "增长率", "系数"), ("甲厂", "12.5%", "0.8")]]
    assert (converted.format, converted.warnings) == ("xls", ())


@needs_libreoffice
def test_sums_of_an_xls_keep_the_decimals_that_it_shows(tmp_path: Path) -> None:
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("汇总")
    for column, (name, value) in enumerate(
        (("单位", "甲厂"), ("补贴（万元）", 10.5), ("预算（万元）", 12.0))
    ):
        sheet.write(0, column, name)
        sheet.write(1, column, value, xlwt.easyxf(num_format_str="0.00" if column else "General"))
    workbook.save(str(tmp_path / "a.xls"))
    rows = made.pipe_rows(read_file(tmp_path / "a.xls").text)
    assert rows == [[("单位", "补贴（万元）", "预算（万元）"), ("甲厂", "10.50", "12.00")]]
