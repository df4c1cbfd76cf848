"""Hostile files: each is refused or contained within limits of time and memory, named, and the others go on.

Every file here goes through the real confined process.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bot.documents import MAX_FILE_BYTES
from bot.documents.isolation import ReaderProcess
from bot.documents.library import load_notice
from bot.errors import (
    DamagedDocument,
    DocumentError,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
)
from tests import documents_made as made
from tests import hostile_made as hostile

SECONDS = 30.0
"""Far more than any of them takes on a quiet machine, half of what a file may take."""
MEMORY = 1 << 30
NOTICE = "申报截止日期为2024年11月22日。"


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess() as process:
        yield process


def peak_memory() -> int:
    """Most memory that a confined process of this one has taken, in bytes; 0 where the system does not tell."""
    peaks = [0]
    for child in psutil.Process().children():
        try:
            status = Path(f"/proc/{child.pid}/status").read_text()
        except OSError:
            continue
        peaks += [int(kilobytes) << 10 for kilobytes in re.findall(r"VmHWM:\s+(\d+) kB", status)]
    return max(peaks)


def outcome(reader: ReaderProcess, path: Path) -> tuple[type[DocumentError] | None, str]:
    """Kind of the error and its words, or None and the text; checks time, memory and that the next file is read."""
    started = time.monotonic()
    try:
        parts = reader.read(path)
        result = None, "".join(part.converted.text if part.converted else part.error for part in parts)
    except DocumentError as error:
        result = type(error), str(error)
        assert "请" in str(error), "it says what to do"
    assert time.monotonic() - started < SECONDS
    assert peak_memory() < MEMORY
    path.with_name("next.txt").write_text(NOTICE, encoding="utf-8")
    (part,) = reader.read(path.with_name("next.txt"))
    assert part.converted is not None and part.converted.text == NOTICE
    return result


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        pytest.param(hostile.docx_bomb, DocumentTooLarge, "压缩炸弹", id="docx-bomb"),
        pytest.param(hostile.xlsx_bomb, DocumentTooLarge, "压缩炸弹", id="xlsx-bomb"),
        pytest.param(hostile.docx_bomb_with_a_false_size, DamagedDocument, "损坏", id="docx-bomb-false-size"),
        pytest.param(hostile.flate_bomb_pdf, DocumentTooLarge, "压缩炸弹", id="pdf-bomb"),
        pytest.param(hostile.picture_of_2_500_000_000_pixels, DocumentTooLarge, "像素", id="picture"),
        pytest.param(hostile.docx_of_laughs, DamagedDocument, "安全", id="billion-laughs"),
        pytest.param(lambda: hostile.docx_of_laughs("utf-16"), DamagedDocument, "", id="billion-laughs-utf-16"),
        pytest.param(hostile.xlsx_of_laughs, DamagedDocument, "安全", id="billion-laughs-xlsx"),
        pytest.param(hostile.docx_of_nested_tables, DamagedDocument, "", id="nested-tables"),
        pytest.param(hostile.xlsx_with_a_far_cell, DocumentTooLarge, "使用区域过大", id="far-cell"),
        pytest.param(hostile.ods_of_repeated_cells, DocumentTooLarge, "使用区域过大", id="repeated-cells"),
        pytest.param(hostile.pdf_of_a_million_objects, DocumentTooLarge, "对象", id="pdf-objects"),
        pytest.param(hostile.pdf_of_a_million_pages, DocumentTooLarge, "对象", id="pdf-pages"),
        pytest.param(hostile.pdf_of_a_page_tree_in_a_circle, EmptyDocument, "", id="pdf-circle"),
        pytest.param(hostile.deep_html, DamagedDocument, "嵌套过深", id="html-deep"),
        pytest.param(hostile.html_of_wide_spans, DamagedDocument, "表格过大", id="html-spans"),
        pytest.param(hostile.html_of_attributes, DamagedDocument, "属性过多", id="html-attributes"),
        pytest.param(hostile.html_of_open_comments, EmptyDocument, "", id="html-open-comments"),
        pytest.param(hostile.endless_list, DocumentTooLarge, "万行", id="lines"),
        pytest.param(hostile.encrypted_docx, EncryptedDocument, "密码", id="encrypted-docx"),
        pytest.param(hostile.encrypted_zip_office, EncryptedDocument, "密码", id="encrypted-members"),
    ],
)  # fmt: skip
def test_it_is_refused(
    make: Callable[[], bytes], kind: type[DocumentError], words: str, tmp_path: Path, reader: ReaderProcess
) -> None:
    (tmp_path / "附件.bin").write_bytes(make())
    found, text = outcome(reader, tmp_path / "附件.bin")
    assert found is kind and words in text


def test_a_pdf_with_a_password_is_refused(tmp_path: Path, reader: ReaderProcess) -> None:
    made.canvas_pdf(tmp_path / "a.pdf", [["申报截止日期"]], encrypt="secret")
    assert outcome(reader, tmp_path / "a.pdf")[0] is EncryptedDocument


def test_a_text_of_200_megabytes_is_refused(tmp_path: Path, reader: ReaderProcess) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.write(NOTICE.encode())
        file.truncate(200 << 20)
    assert outcome(reader, tmp_path / "a.txt") == (
        DocumentTooLarge,
        "文件有 200 MB，超过上限 50 MB。请拆分，或压缩其中的图片后放回原处。",
    )


def test_a_text_just_under_the_size_limit_is_refused_by_its_length(
    tmp_path: Path, reader: ReaderProcess
) -> None:
    (tmp_path / "a.txt").write_bytes(NOTICE.encode() * ((MAX_FILE_BYTES - 1000) // len(NOTICE.encode())))
    assert outcome(reader, tmp_path / "a.txt")[0] is DocumentTooLarge


def test_an_external_entity_brings_nothing_in(tmp_path: Path, reader: ReaderProcess) -> None:
    (tmp_path / "secret").write_text(hostile.SECRET, encoding="utf-8")
    (tmp_path / "a.docx").write_bytes(hostile.docx_with_external_entity(tmp_path / "secret"))
    found, text = outcome(reader, tmp_path / "a.docx")
    assert found is DamagedDocument and hostile.SECRET not in text


# ---------------------------------------------------------------- read, and contained


@pytest.mark.parametrize(
    ("make", "text"),
    [
        pytest.param(hostile.docx_of_endless_numbers, "申报条件", id="numbers"),
        pytest.param(hostile.docx_of_wide_spans, "甲", id="docx-spans"),
        pytest.param(hostile.xlsx_with_everything_merged, "标题", id="merged-sheet"),
        pytest.param(hostile.xlsx_with_many_merges, "标题", id="merges"),
        pytest.param(hostile.html_of_comments_before_nothing, "申报须知", id="html-comments"),
        pytest.param(hostile.docx_with_macros, "申报截止日期为2024年11月22日。", id="macros"),
        pytest.param(lambda: hostile.nested_zip(2), "申报截止日期为11月22日。", id="zip-in-zip"),
        pytest.param(lambda: hostile.nested_zip(20), "嵌套", id="zip-in-20-zips"),
        pytest.param(hostile.nested_zip_bomb, "嵌套", id="nested-zip-bomb"),
        pytest.param(hostile.zip_bomb, "压缩炸弹", id="zip-bomb"),
        pytest.param(hostile.crowded_zip, "超过 500 个", id="crowded-zip"),
        pytest.param(hostile.nested_mail, "嵌套", id="nested-mail"),
    ],
)
def test_it_is_read_within_limits(
    make: Callable[[], bytes], text: str, tmp_path: Path, reader: ReaderProcess
) -> None:
    (tmp_path / "附件.bin").write_bytes(make())
    found, read = outcome(reader, tmp_path / "附件.bin")
    assert found is None and text in read and len(read) < 100_000


def test_scripts_and_frames_of_a_page_are_not_read(tmp_path: Path, reader: ReaderProcess) -> None:
    (tmp_path / "a.html").write_bytes(hostile.scripted_html())
    _, text = outcome(reader, tmp_path / "a.html")
    assert "2024年11月22日" in text
    assert not [word for word in ("脚本", "alert", "javascript", "框架", "对象", "root:") if word in text]


def test_macros_are_named_in_the_warnings(tmp_path: Path, reader: ReaderProcess) -> None:
    (tmp_path / "a.docm").write_bytes(hostile.docx_with_macros())
    (part,) = reader.read(tmp_path / "a.docm")
    assert part.converted is not None and part.converted.warnings == ("文件带有宏；宏没有运行，也没有收录。",)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: hostile.pdf_of_lines(20_000), id="pdf-lines"),
        pytest.param(hostile.pdf_of_nested_arrays, id="pdf-arrays"),
        pytest.param(hostile.mail_of_many_headers, id="mail-headers"),
    ],
)
def test_it_ends_whatever_comes_of_it(
    make: Callable[[], bytes], tmp_path: Path, reader: ReaderProcess
) -> None:
    (tmp_path / "附件.bin").write_bytes(make())
    assert outcome(reader, tmp_path / "附件.bin")


# ---------------------------------------------------------------- a folder of them


def test_in_a_folder_each_hostile_file_is_named_and_the_others_go_on(
    tmp_path: Path, reader: ReaderProcess
) -> None:
    root, folder = tmp_path / "knowledge", tmp_path / "knowledge" / "通知"
    folder.mkdir(parents=True)
    (tmp_path / "outside.txt").write_text(hostile.SECRET, encoding="utf-8")
    made.notice_docx(folder / "关于开展培育行动的通知.docx")
    hostile_files = {
        "附件1-炸弹.docx": hostile.docx_bomb(),
        "附件2-实体.docx": hostile.docx_of_laughs(),
        "附件3-加密.docx": hostile.encrypted_docx(),
        "附件4-图片.png": hostile.picture_of_2_500_000_000_pixels(),
        "附件5-对象.pdf": hostile.pdf_of_a_million_objects(),
        "附件6-\x1b[2J控制\n字符.docx": hostile.docx_of_nested_tables(),
        "附" * 83 + ".docx": b"PK\x03\x04",
    }
    for name, data in hostile_files.items():
        (folder / name).write_bytes(data)
    (folder / "链接.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "链接文件夹").symlink_to(tmp_path)
    os.mkfifo(folder / "管道.txt")
    escaping = {
        "../../../etc/逃.txt": "第一份材料的内容。",
        "/根.txt": "第二份材料的内容。",
        "长" * 150 + ".txt": "第三份材料的内容。",
        "a\x07b\n.txt": "第四份材料的内容。",
    }
    (folder / "附件7.zip").write_bytes(hostile.zipped(escaping.items()))

    loaded = load_notice(folder, root, reader.read)
    assert loaded.notice is not None and loaded.notice.title == made.TITLE
    errors = {report.file.rpartition("/")[2]: report.error for report in loaded.reports if report.error}
    for name in (*hostile_files, "链接.txt", "链接文件夹", "管道.txt"):
        assert "请" in errors[name], name
    assert hostile.SECRET not in "".join(document.text for document in loaded.documents)
    members = [document.id for document in loaded.documents if "附件7.zip/" in document.id]
    assert len(members) == 4
    assert all(".." not in member and "\n" not in member and "\x07" not in member for member in members)
    assert all(len(member.rpartition("/")[2]) <= 100 for member in members)
