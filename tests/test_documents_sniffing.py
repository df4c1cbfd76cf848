"""The kind of a file by its content, whatever its name says."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from bot.documents.sniffing import FileKind, has_macros, sniff
from bot.errors import DamagedDocument, EncryptedDocument
from tests import documents_made as made
from tests import hostile_made as hostile

MAIL = b"Return-Path: <a@example.com>\r\nFrom: a@example.com\r\nSubject: x\r\n\r\n"
SAVED_PAGE = b'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html"; boundary="b"\r\n\r\n--b\r\n'


def picture(format: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, format)
    return buffer.getvalue()


def package(*members: str) -> bytes:
    return hostile.zipped((name, "x") for name in members)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(made.ole_file("WordDocument", "1Table"), FileKind.DOC, id="doc"),
        pytest.param(made.ole_file("Workbook"), FileKind.XLS, id="xls"),
        pytest.param(made.ole_file("Book"), FileKind.XLS, id="xls-5"),
        pytest.param(made.ole_file("Current User", "PowerPoint Document"), FileKind.PPT, id="ppt"),
        pytest.param(b"{\\rtf1 x}", FileKind.RTF, id="rtf"),
        pytest.param(package("[Content_Types].xml", "word/document.xml"), FileKind.DOCX, id="docx"),
        pytest.param(package("[Content_Types].xml", "xl/workbook.xml"), FileKind.XLSX, id="xlsx"),
        pytest.param(package("[Content_Types].xml", "xl/workbook.bin"), FileKind.XLS, id="xlsb"),
        pytest.param(package("[Content_Types].xml", "ppt/presentation.xml"), FileKind.PPTX, id="pptx"),
        pytest.param(package("OFD.xml", "Doc_0/Document.xml"), FileKind.OFD, id="ofd"),
        pytest.param(hostile.open_document("text", ""), FileKind.ODT, id="odt"),
        pytest.param(hostile.open_document("spreadsheet", ""), FileKind.ODS, id="ods"),
        pytest.param(hostile.open_document("presentation", ""), FileKind.ODP, id="odp"),
        pytest.param(package("word/通知.txt"), FileKind.ZIP, id="zip-with-a-folder-word"),
        pytest.param(package("a.txt"), FileKind.ZIP, id="zip"),
        pytest.param(MAIL, FileKind.EML, id="eml"),
        pytest.param(SAVED_PAGE, FileKind.EML, id="mht"),
        pytest.param(b"%PDF-1.4\n", FileKind.PDF, id="pdf"),
        pytest.param(b"\xef\xbb\xbf\r\n%PDF-1.7\n", FileKind.PDF, id="pdf-after-a-mark"),
        pytest.param(b"<!-- made by x -->\n<!DOCTYPE html><html>", FileKind.HTML, id="html-after-a-comment"),
        pytest.param(b'<?xml version="1.0"?><html xmlns="x">', FileKind.HTML, id="xhtml"),
        pytest.param(
            b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>',
            FileKind.DOC,
            id="word-2003-xml",
        ),
        *(
            pytest.param(picture(format), FileKind.IMAGE, id=format.lower())
            for format in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP")
        ),
    ],
)
@pytest.mark.parametrize("suffix", [".docx", ".pdf", ""])
def test_the_content_tells_the_kind(data: bytes, kind: FileKind, suffix: str) -> None:
    assert sniff(data, suffix) is kind


@pytest.mark.parametrize(
    "text",
    [
        "From: 各市州工信局\nTo: 各企业\n\n申报须知",
        "注意: 请按时申报\n联系人: 张三",
        "Notice: x\nSubject matter: y",
        "讲义第一页：%PDF- 是文件的开头",
    ],
)
def test_a_text_that_looks_like_something_is_a_text(text: str) -> None:
    assert sniff(text.encode(), ".txt") is FileKind.TEXT


def test_a_pdf_stored_in_a_zip_does_not_make_it_a_pdf() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("附件.pdf", b"%PDF-1.7\n")
    assert sniff(buffer.getvalue(), ".zip") is FileKind.ZIP


def test_a_document_that_embeds_another_is_what_its_own_streams_say(tmp_path: Path) -> None:
    """Names of an embedded sheet's streams may stand anywhere in the file; only the root's count."""
    embedded = "Workbook".encode("utf-16-le").ljust(64, b"\0") + b"\x12\x00"
    assert sniff(made.ole_file("WordDocument") + embedded + bytes(62), ".doc") is FileKind.DOC


def test_a_password_is_seen_in_open_document_and_in_office_packages() -> None:
    manifest = '<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    text = [("mimetype", "application/vnd.oasis.opendocument.text"), ("META-INF/manifest.xml", manifest)]
    for data in (hostile.zipped(text), hostile.encrypted_zip_office(), hostile.encrypted_docx()):
        with pytest.raises(EncryptedDocument, match="去掉密码"):
            sniff(data, ".odt")


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04" + bytes(100), made.ole_file("WordDocument")[:700]],
    ids=["zip", "ole"],
)
def test_a_cut_container_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedDocument, match="请重新下载"):
        sniff(data, ".docx")


def test_macros_are_seen_in_both_generations() -> None:
    assert has_macros(hostile.docx_with_macros()) and has_macros(
        made.ole_file("WordDocument", "_VBA_PROJECT")
    )
    assert not has_macros(made.ole_file("WordDocument"))
