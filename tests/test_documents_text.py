"""Text files in the encodings that offices use, wrong names, and files that are no documents."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents import MAX_FILE_BYTES, read_file, read_parts, supported_formats
from bot.documents.charset import decode_text
from bot.documents.plain import normalise_line_ends, read_plain
from bot.errors import (
    DamagedDocument,
    DocumentError,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
    UnsupportedFormat,
)
from tests import documents_made as made

NOTICE = "\n".join([made.TITLE, made.DOC_NUMBER, *made.notice_lines()])
TRADITIONAL = "關於開展智慧工廠梯度培育行動的通知\n申報主體應於十一月二十二日前完成線上申報。"


def read_bytes(data: bytes, folder: Path, name: str = "通知.txt") -> str:
    path = folder / name
    path.write_bytes(data)
    return read_file(path).text


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_chinese_encodings_come_out_unchanged(encoding: str, tmp_path: Path) -> None:
    assert read_bytes(NOTICE.encode(encoding), tmp_path) == NOTICE


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le"])
def test_rare_characters_and_signs(encoding: str, tmp_path: Path) -> None:
    text = "企业名称含生僻字𬭊、㛃、䶮，另见“〇”与①②③、㎡、℃、№。" * 3
    assert read_bytes(text.encode(encoding), tmp_path) == text


@pytest.mark.parametrize(
    "text", ["联系人：张三", "Notice 2024\nhttps://www.example.com\n" * 50 + "截止日期：11月22日"]
)
def test_short_and_mostly_latin_gbk(text: str, tmp_path: Path) -> None:
    assert read_bytes(text.encode("gbk"), tmp_path) == text


@pytest.mark.parametrize("text", [TRADITIONAL, "申請須知"])
def test_big5(text: str, tmp_path: Path) -> None:
    assert read_bytes(text.encode("big5"), tmp_path) == text


def test_pure_han_utf_16_without_a_mark(tmp_path: Path) -> None:
    assert (
        read_bytes("关于开展智能工厂梯度培育行动的通知".encode("utf-16-le"), tmp_path)
        == "关于开展智能工厂梯度培育行动的通知"
    )


def test_a_few_bad_bytes_are_shown_and_counted(tmp_path: Path) -> None:
    data = NOTICE.encode("gbk")
    (tmp_path / "a.txt").write_bytes(data[:400] + b"\xff" + data[400:])
    converted = read_file(tmp_path / "a.txt")
    assert "\ufffd" in converted.text and made.TITLE in converted.text
    assert "处字符无法识别" in converted.warnings[0]


def test_a_cut_last_character_is_dropped_with_a_warning() -> None:
    decoded = decode_text("申报截止日期".encode()[:-1])
    assert decoded.text == "申报截止日" and "末尾" in decoded.warnings[0]


def test_a_web_page_label_counts_only_after_strict_utf_8() -> None:
    assert decode_text("通知".encode(), "gb2312").text == "通知"
    assert decode_text("镕—通知".encode("gbk"), "gb2312") == decode_text("镕—通知".encode("gbk"))


def test_line_ends_are_normalised_and_nothing_else_is_a_line_end(tmp_path: Path) -> None:
    text = "一\r\n二\r三\n四\u2028五\x85六\x0c七\x0b八\u2029九\ufeff十\t　尾  \n\n"
    assert read_bytes(b"\xef\xbb\xbf" + text.encode(), tmp_path) == text.replace("\r\n", "\n").replace(
        "\r", "\n"
    )


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t\x0c\x85"),
        min_size=1,
    )
)
def test_any_utf_8_text_comes_out_character_for_character(text: str) -> None:
    assert read_plain(b"\xef\xbb\xbf" + text.encode()).text == text


@given(st.text(st.sampled_from("关于开展智能工厂梯度培育行动的通知，。（一）1234567890\nABCabc"), min_size=1))
def test_any_gb18030_notice_comes_out_character_for_character(text: str) -> None:
    assert decode_text(text.encode("gb18030")).text == text


@given(st.text())
def test_line_ends_never_contain_a_carriage_return(text: str) -> None:
    assert "\r" not in normalise_line_ends(text)


def test_the_extension_only_tells_markdown_from_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 题\n\n<div>见 **附件**</div>\n| a | b |\n", encoding="utf-8")
    converted = read_file(tmp_path / "a.md")
    assert (converted.format, converted.text) == ("md", "# 题\n\n<div>见 **附件**</div>\n| a | b |\n")
    (tmp_path / "b.md").write_text('<div align="center">题</div>\n', encoding="utf-8")
    assert read_file(tmp_path / "b.md").text == '<div align="center">题</div>\n'
    assert read_bytes("- 1. *原样* \\| #".encode(), tmp_path) == "- 1. *原样* \\| #"


def test_a_wrong_extension_is_read_by_content_and_noted(tmp_path: Path) -> None:
    made.notice_docx(tmp_path / "a.pdf")
    made.notice_pdf(tmp_path / "b.docx")
    made.criteria_xlsx(tmp_path / "c.xls")
    (tmp_path / "d.doc").write_text("<html><body><p>网页另存的文档。</p></body></html>", encoding="utf-8")
    (tmp_path / "e.docx").write_text(NOTICE, encoding="gbk")
    formats = {path.name: read_file(path) for path in sorted(tmp_path.iterdir())}
    assert {name: converted.format for name, converted in formats.items()} == {
        "a.pdf": "docx", "b.docx": "pdf", "c.xls": "xlsx", "d.doc": "html", "e.docx": "txt",
    }  # fmt: skip
    assert all("扩展名是" in converted.warnings[0] for converted in formats.values())


@pytest.mark.parametrize("name", ["a.json", "a.docx"])
def test_data_for_programs_is_no_document(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormat, match="数据或程序文件"):
        read_bytes('{"id": 1, "title": "通知"}'.encode(), tmp_path, name)


def test_supported_formats_are_named() -> None:
    assert set(supported_formats()) >= {"txt", "md", "html", "docx", "pdf", "xlsx"}


def archive(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in members.items():
            target.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


def tar_gz() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz"):
        pass
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        pytest.param(made.ole_file("__properties_version1.0"), ".eml", id="outlook"),
        pytest.param(made.ole_file("CONTENTS"), "复合文件", id="other-ole"),
        pytest.param(archive(mimetype="application/epub+zip"), "EPUB", id="epub"),
        pytest.param(b"Rar!\x1a\x07\x01\x00", "RAR", id="rar"),
        pytest.param(b"7z\xbc\xaf\x27\x1c", "7-Zip", id="7z"),
        pytest.param(b"MZ\x90\x00", "Windows 程序", id="exe"),
        pytest.param(
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "2003 XML",
            id="excel-2003",
        ),
        pytest.param(tar_gz(), "gzip", id="gzip"),
        pytest.param(random.Random(7).randbytes(50_000), "无法识别", id="rubbish"),
    ],
)
def test_unsupported_files_are_named_with_advice(data: bytes, named: str, tmp_path: Path) -> None:
    (tmp_path / "附件.docx").write_bytes(data)
    with pytest.raises(UnsupportedFormat, match="请") as raised:
        read_file(tmp_path / "附件.docx")
    assert named in str(raised.value)


def test_an_encrypted_office_file_asks_for_its_password_to_be_removed(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(made.ole_file("EncryptionInfo", "EncryptedPackage"))
    with pytest.raises(EncryptedDocument, match="去掉密码"):
        read_file(tmp_path / "a.docx")


@pytest.mark.parametrize("name", ["a.txt", "a.docx", "a.pdf", "a.html", "a.xlsx"])
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t"], ids=["nothing", "mark", "blanks"])
def test_empty_files(name: str, data: bytes, tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument):
        read_bytes(data, tmp_path, name)


def test_a_cut_docx_is_damaged(tmp_path: Path) -> None:
    made.notice_docx(tmp_path / "a.docx")
    data = (tmp_path / "a.docx").read_bytes()
    with pytest.raises(DamagedDocument, match="重新下载"):
        read_bytes(data[: len(data) * 2 // 3], tmp_path)


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(DocumentTooLarge, match="50 MB"):
        read_file(tmp_path / "a.txt")


@pytest.mark.parametrize("seed", range(40))
def test_a_file_with_flipped_bytes_reads_or_fails_cleanly(seed: int, tmp_path: Path) -> None:
    makers = (made.notice_docx, made.criteria_docx, made.criteria_xlsx, made.criteria_xls, made.notice_pdf)
    path = tmp_path / "a.bin"
    makers[seed % len(makers)](path)
    data, source = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(1 + seed):
        data[source.randrange(len(data))] = source.randrange(256)
    path.write_bytes(data)
    try:
        parts = read_parts(path)  # a .docx whose list of contents is broken may come out as an archive
    except DocumentError as error:
        assert "请" in str(error)
        return
    assert parts
    for part in parts:
        assert part.converted.text.strip() if part.converted else "请" in part.error
