"""What staff read after a build: the changed facts, the files, what looks wrong, in the terminal and as a page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import lxml.html
import pytest
from plain_encoder import PlainEncoder
from test_changes import NOTICE

from bot.index.building import build_index
from bot.index.receipts import BuildReceipt
from bot.receipt_page import receipt_page
from bot.receipts import LineKind, receipt_lines

NOW = datetime(2026, 11, 22, 9, 30)


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge" / "智能工厂"
    folder.mkdir(parents=True)
    (folder / "通知.txt").write_text(NOTICE, encoding="utf-8")
    return tmp_path / "knowledge"


def build(knowledge: Path, *, publishing: bool = True) -> BuildReceipt:
    return build_index(knowledge, knowledge.parent / "index", PlainEncoder(), publishing=publishing)


def texts(receipt: BuildReceipt, kind: LineKind) -> list[str]:
    return [line.text for line in receipt_lines(receipt) if line.kind is kind]


def page_of(receipt: BuildReceipt, *, published: bool = True) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(receipt_page(receipt, published=published, now=NOW))


def test_a_first_receipt_names_each_file_and_what_is_missing(knowledge: Path) -> None:
    receipt = build(knowledge)
    (file,) = texts(receipt, LineKind.GOOD)
    assert file.startswith("智能工厂/通知.txt：txt，")
    assert "通知提到但没有提供的附件：附件1《申报书》、附件2《要素条件》" in texts(receipt, LineKind.WARNING)
    assert texts(receipt, LineKind.CHANGE) == []


def test_a_check_tells_the_new_date_beside_the_old_one_and_publishes_nothing(knowledge: Path) -> None:
    published = build(knowledge)
    notice = knowledge / "智能工厂" / "通知.txt"
    notice.write_text(NOTICE.replace("11月22日", "11月29日"), encoding="utf-8")
    receipt = build(knowledge, publishing=False)
    assert receipt.version == published.version
    assert texts(receipt, LineKind.CHANGE) == [
        "截止日期：2024年11月22日 → 2024年11月29日（二、1.，申报主体）"
    ]


def test_new_and_deleted_notices_are_told(knowledge: Path) -> None:
    build(knowledge)
    (knowledge / "另一份").mkdir()
    (knowledge / "另一份" / "通知.txt").write_text(
        NOTICE.replace("智能工厂梯度培育行动", "绿色工厂创建"), encoding="utf-8"
    )
    assert "新增通知《关于开展2024年度绿色工厂创建的通知》" in texts(build(knowledge), LineKind.CHANGE)
    (knowledge / "另一份" / "通知.txt").unlink()
    (knowledge / "另一份").rmdir()
    assert "删去通知《关于开展2024年度绿色工厂创建的通知》" in texts(build(knowledge), LineKind.CHANGE)


def test_a_contradiction_in_a_notice_is_told(knowledge: Path) -> None:
    notice = knowledge / "智能工厂" / "通知.txt"
    notice.write_text(NOTICE.replace("2024年11月22日前", "2023年11月22日前"), encoding="utf-8")
    assert any("早于成文日期" in warning for warning in texts(build(knowledge), LineKind.WARNING))


def test_a_notice_that_another_one_repeals_is_told(knowledge: Path) -> None:
    (knowledge / "新").mkdir()
    (knowledge / "新" / "通知.txt").write_text(
        "关于智能工厂培育管理的通知\n\n一、《关于开展2024年度智能工厂梯度培育行动的通知》同时废止。\n\n"
        "湖南省工业和信息化厅\n\n2025年3月4日\n",
        encoding="utf-8",
    )
    warnings = texts(build(knowledge), LineKind.WARNING)
    assert any("已被《关于智能工厂培育管理的通知》废止" in warning for warning in warnings)


def test_a_file_that_cannot_be_read_is_told_in_red_and_the_others_go_on(knowledge: Path) -> None:
    (knowledge / "智能工厂" / "附件2.docx").write_bytes(b"PK\x03\x04 nothing of a document")
    receipt = build(knowledge)
    errors = texts(receipt, LineKind.ERROR)
    assert any(error.startswith("智能工厂/附件2.docx：") for error in errors)
    assert "有 1 个文件没有读成，见上面标 ✗ 的行。" in errors
    assert receipt.published


def test_the_page_shows_the_verdict_the_changes_and_the_files(knowledge: Path) -> None:
    build(knowledge)
    notice = knowledge / "智能工厂" / "通知.txt"
    notice.write_text(NOTICE.replace("11月22日", "11月29日"), encoding="utf-8")
    page = page_of(build(knowledge, publishing=False), published=False)
    assert "还没有发布" in page.find(".//p[@class]").text_content()
    row = next(row for row in page.iter("tr") if "截止日期" in row.text_content())
    assert [cell.text_content() for cell in row] == [
        "截止日期", "2024年11月22日", "2024年11月29日", "二、1.，申报主体",
    ]  # fmt: skip
    assert any("智能工厂/通知.txt" in cell.text_content() for cell in page.iter("td"))


def test_the_page_takes_no_mark_up_from_names_and_texts(knowledge: Path) -> None:
    hostile = knowledge / "智能工厂" / "附件2 <script>alert(1)<_script>.txt"
    hostile.write_text("附件2\n\n<b onclick=x>要素条件</b>\n\n1.联网率不低于60%。\n", encoding="utf-8")
    page = page_of(build(knowledge))
    assert list(page.iter("script")) == []
    assert not any(element.get("onclick") for element in page.iter())
