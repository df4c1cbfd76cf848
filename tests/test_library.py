"""A knowledge folder becomes notices, and every file in it gets a report."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.datamodels import Converted, DocumentRole, Place
from bot.documents.library import FileReport, LoadedNotice, list_notice_folders, load_knowledge, load_notice
from bot.errors import SettingsError, UnsupportedFormat

PROJECT_KNOWLEDGE = Path(__file__).parent.parent / "knowledge"

NOTICE = """关于申报2025年度智能工厂的通知
湘工信〔2025〕12号
各市州工信局：
一、按照要素条件（附件1）申报。
附件：1.智能工厂要素条件
2.智能工厂推荐汇总表
3.专家名单
湖南省工业和信息化厅
2025年3月5日
"""
CONDITIONS = "# 附件1：智能工厂要素条件\n\n一、基本要求\n\n| 要素 | 条件 |\n|---|---|\n| 联网率 | 70% |\n"


def read_text(path: Path) -> Converted:
    """A reader of .txt and .md; the tests do not depend on the real ones."""
    if path.suffix not in {".txt", ".md"}:
        raise UnsupportedFormat(f"还不能读取 {path.suffix} 文件。请另存为 .docx。")
    return Converted(path.read_text(encoding="utf-8"), path.suffix[1:])


Folder = Callable[[dict[str, str]], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes files below a new knowledge folder, which it returns."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "knowledge"
        root.mkdir(exist_ok=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return write


def load(root: Path, name: str = "甲") -> LoadedNotice:
    return load_notice(root / name, root, read_text)


def report_of(loaded: LoadedNotice, file: str) -> FileReport:
    return next(report for report in loaded.reports if report.file == file)


def roles(loaded: LoadedNotice) -> list[tuple[str, str, str, str]]:
    return [
        (document.id, document.role, document.attachment_number, document.title)
        for document in loaded.documents
    ]


# ---------------------------------------------------------------- the project's own knowledge


def test_real_notice_is_loaded_with_a_receipt_of_its_repair() -> None:
    loaded = next(iter(load_knowledge(PROJECT_KNOWLEDGE, read_text)))
    assert loaded.notice is not None
    assert loaded.notice.title == "关于开展2024年度智能工厂梯度培育行动的通知"
    assert [entry.document_id for entry in loaded.notice.attachments] == [None] * 5
    (report,) = loaded.reports
    (document,) = loaded.documents
    assert report.file == document.id == loaded.notice.document_id
    assert report.file == f"{loaded.id}/关于开展2024年度智能工厂梯度培育行动的通知.txt"
    assert report.characters == len(document.text)
    assert report.headings == 9
    assert report.repairs.startswith("去除拼音注音 298 处")
    assert (report.warnings, report.error) == ((), "")


# ---------------------------------------------------------------- folders and files


def test_each_folder_and_each_lone_file_is_a_notice_and_faq_is_none(folder: Folder) -> None:
    root = folder(
        {"乙/a.txt": NOTICE, "甲/a.txt": NOTICE, "丙.txt": NOTICE, "faq/常见问题.md": "问：", ".git/x": ""}
    )
    assert [path.name for path in list_notice_folders(root)] == sorted(["乙", "甲", "丙.txt"])
    assert {loaded.id for loaded in load_knowledge(root, read_text)} == {"乙", "甲", "丙"}


def test_lone_file_keeps_its_suffix_where_a_neighbour_has_its_name(folder: Folder) -> None:
    root = folder(
        {"甲/a.txt": NOTICE, "甲.txt": NOTICE + "一", "乙.txt": NOTICE + "二", "乙.md": NOTICE + "三"}
    )
    assert sorted(loaded.id for loaded in load_knowledge(root, read_text)) == sorted(
        ["甲", "甲.txt", "乙.txt", "乙.md"]
    )


def test_missing_knowledge_folder_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="KNOWLEDGE_DIR"):
        list_notice_folders(tmp_path / "missing")


def test_files_in_sub_folders_belong_to_the_notice(folder: Folder) -> None:
    loaded = load(folder({"甲/通知.txt": NOTICE, "甲/附件/附件1.md": CONDITIONS}))
    assert roles(loaded) == [
        ("甲/通知.txt", "main", "", "关于申报2025年度智能工厂的通知"),
        ("甲/附件/附件1.md", "attachment", "1", "智能工厂要素条件"),
    ]


def test_leftovers_of_programs_are_ignored(folder: Folder) -> None:
    junk = {
        f"甲/{name}": "x"
        for name in (".DS_Store", "~$通知.docx", "Thumbs.db", "desktop.ini", "__MACOSX/通知.txt")
    }
    loaded = load(folder({"甲/通知.txt": NOTICE, **junk}))
    assert [report.file for report in loaded.reports] == ["甲/通知.txt"]


def test_unreadable_files_are_reported_and_the_others_go_on(folder: Folder) -> None:
    loaded = load(folder({"甲/通知.txt": NOTICE, "甲/附件2.et": "x"}))
    assert report_of(loaded, "甲/附件2.et") == FileReport(
        "甲/附件2.et", error="还不能读取 .et 文件。请另存为 .docx。"
    )
    assert loaded.notice is not None
    assert [entry.document_id for entry in loaded.notice.attachments] == [None, None, None]


def test_a_folder_without_a_readable_file_has_reports_and_no_notice(folder: Folder) -> None:
    root = folder({"甲/通知.wps": "x"})
    (root / "空").mkdir()
    loaded = load(root)
    assert (loaded.notice, loaded.documents) == (None, ())
    assert loaded.reports[0].error
    assert load(root, "空") == LoadedNotice("空", None, (), ())


def test_an_error_of_the_file_system_is_a_report(folder: Folder) -> None:
    def failing(path: Path) -> Converted:
        raise PermissionError(13, "denied", str(path))

    root = folder({"甲/通知.txt": NOTICE})
    loaded = load_notice(root / "甲", root, failing)
    assert loaded.notice is None
    assert "无法读取文件" in loaded.reports[0].error


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links")
def test_links_that_lead_outside_are_refused(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("密码", encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_text("密码", encoding="utf-8")
    root = folder({"甲/通知.txt": NOTICE, "乙/附件1.md": CONDITIONS})
    (root / "甲" / "链接.txt").symlink_to(tmp_path / "secret.txt")
    (root / "甲" / "目录").symlink_to(tmp_path / "outside")
    (root / "甲" / "断.txt").symlink_to(root / "没有")
    (root / "甲" / "圈.txt").symlink_to(root / "甲" / "圈.txt")
    (root / "甲" / "附件1.md").symlink_to(root / "乙" / "附件1.md")
    (root / "丙").symlink_to(tmp_path / "outside")
    loaded = load(root)
    assert [document.id for document in loaded.documents] == ["甲/通知.txt", "甲/附件1.md"]
    assert "指向知识文件夹以外" in report_of(loaded, "甲/链接.txt").error
    assert "指向知识文件夹以外" in report_of(loaded, "甲/目录").error
    assert "不存在" in report_of(loaded, "甲/断.txt").error
    assert report_of(loaded, "甲/圈.txt").error
    outside = load(root, "丙")
    assert outside.notice is None
    assert "指向知识文件夹以外" in outside.reports[0].error


# ---------------------------------------------------------------- main document and attachments


@pytest.mark.parametrize(
    "others",
    [
        {"附件1.md": CONDITIONS * 40},
        {
            "attachment_2.md": "关于开展智能工厂培育的通知（节录）\n各市州：\n"
            + "要求。" * 900
            + "\n工业和信息化部\n2024年1月2日"
        },
        {"0要素条件.md": CONDITIONS * 40},
        {"政策解读.txt": "《通知》政策解读\n" + "解读文字。" * 900},
        {"1.智能工厂推荐汇总表.md": "| 序号 | 企业 |\n|---|---|\n" + "| 1 | 甲公司 |\n" * 400},
    ],
    ids=["long", "forwarded", "first-line", "explanation", "table"],
)
def test_the_notice_itself_is_found_among_longer_files(folder: Folder, others: dict[str, str]) -> None:
    loaded = load(folder({"甲/文件.txt": NOTICE, **{f"甲/{name}": text for name, text in others.items()}}))
    assert loaded.documents[0].id == "甲/文件.txt"
    assert [document.role for document in loaded.documents] == [DocumentRole.MAIN, DocumentRole.ATTACHMENT]


def test_longest_of_equal_files_is_the_notice(folder: Folder) -> None:
    loaded = load(folder({"甲/a.txt": "第一段文字。", "甲/b.txt": "第一段文字。第二段文字。"}))
    assert loaded.documents[0].id == "甲/b.txt"


@pytest.mark.parametrize(
    ("name", "text", "number", "title"),
    [
        ("附件2-汇总表.md", "| 序号 | 企业 |\n|---|---|\n", "2", "智能工厂推荐汇总表"),
        ("附件二 汇总.md", "| 序号 | 企业 |\n|---|---|\n", "2", "智能工厂推荐汇总表"),
        ("attachment_2.md", "# 附件2：推荐汇总表（样式）\n\n| 序号 |\n|---|\n", "2", "推荐汇总表（样式）"),
        ("汇总.md", "附件2\n\n智能工厂推荐汇总表\n\n| 序号 |\n|---|\n", "2", "智能工厂推荐汇总表"),
        ("智能工厂推荐汇总表.md", "| 序号 |\n|---|\n", "2", "智能工厂推荐汇总表"),
        ("2.推荐汇总表.md", "| 序号 |\n|---|\n", "2", "智能工厂推荐汇总表"),
        ("x.md", "# 2025年智能工厂推荐汇总表\n\n| 序号 |\n|---|\n", "2", "2025年智能工厂推荐汇总表"),
        ("附件7 承诺书.md", "我单位承诺如下。", "7", "承诺书"),
        ("政策解读.md", "# 政策解读\n\n一、背景", "", "政策解读"),
    ],
    ids=["name", "han", "first-line", "own-line", "title", "numbered", "heading", "undeclared", "other"],
)
def test_attachment_gets_its_number_and_title(
    folder: Folder, name: str, text: str, number: str, title: str
) -> None:
    loaded = load(folder({"甲/通知.txt": NOTICE, f"甲/{name}": text}))
    assert roles(loaded)[1] == (f"甲/{name}", "attachment", number, title)
    assert loaded.notice is not None
    holders = {entry.document_id: entry.number for entry in loaded.notice.attachments if entry.document_id}
    assert holders == {f"甲/{name}": number}
    assert len(loaded.notice.attachments) == (3 if number == "2" else 4)


def test_a_workbook_is_titled_as_declared_and_not_by_its_sheet(folder: Folder) -> None:
    def workbook(path: Path) -> Converted:
        return replace(read_text(path), format="xlsx" if path.suffix == ".md" else "txt")

    root = folder({"甲/通知.txt": NOTICE, "甲/附件2.md": "## 汇总2025\n\n| 序号 |\n|---|\n"})
    assert load_notice(root / "甲", root, workbook).documents[1].title == "智能工厂推荐汇总表"


def test_doubtful_attachments_are_reported(folder: Folder) -> None:
    loaded = load(
        folder(
            {
                "甲/通知.txt": NOTICE,
                "甲/附件2.md": "附件3\n名单",
                "甲/附件2（新）.md": "附件2\n汇总表",
                "甲/解读.md": "# 政策解读",
            }
        )
    )
    assert "正文首行写的是附件3" in report_of(loaded, "甲/附件2.md").warnings[0]
    assert "“甲/附件2.md”也是附件2" in report_of(loaded, "甲/附件2（新）.md").warnings[0]
    assert "看不出是通知的第几个附件" in report_of(loaded, "甲/解读.md").warnings[0]


def test_an_attachment_alone_stands_in_for_the_notice_with_a_warning(folder: Folder) -> None:
    loaded = load(folder({"甲/附件1.md": CONDITIONS}))
    assert loaded.documents[0].role is DocumentRole.MAIN
    assert "没有找到通知正文" in loaded.reports[0].warnings[0]


def test_a_copy_is_reported_and_left_out(folder: Folder) -> None:
    loaded = load(folder({"甲/通知.txt": NOTICE, "甲/通知（副本）.txt": NOTICE.replace("\n", "\n\n")}))
    assert len(loaded.documents) == 1
    assert [bool(report.warnings) for report in loaded.reports] == [False, True]
    assert "内容与“甲/通知.txt”相同" in loaded.reports[1].warnings[0]


def test_the_same_file_in_two_notices_is_kept_and_reported(folder: Folder) -> None:
    root = folder({"a/通知.txt": NOTICE, "b/通知.txt": NOTICE})
    first, second = load_knowledge(root, read_text)
    assert (first.reports[0].warnings, len(second.documents)) == ((), 1)
    assert "“a/通知.txt”相同" in second.reports[0].warnings[0]


# ---------------------------------------------------------------- reports and places


def test_report_counts_characters_headings_and_tables(folder: Folder) -> None:
    loaded = load(folder({"甲/通知.txt": NOTICE, "甲/附件1.md": CONDITIONS}))
    assert report_of(loaded, "甲/附件1.md") == FileReport(
        "甲/附件1.md", format="md", characters=len(CONDITIONS), headings=2, tables=1
    )


def test_places_move_with_the_repair_and_warnings_of_the_reader_are_kept(folder: Folder) -> None:
    damaged = "關(guān)于開(kāi)展業(yè)務(wù)的通知\n第二頁(yè)的內(nèi)容"
    second = damaged.index("第二")

    def reader(path: Path) -> Converted:
        return replace(
            read_text(path),
            places=(Place(0, "第1页", 1), Place(second, "第2页", 2)),
            warnings=("第2页是扫描件。",),
        )

    root = folder({"甲/通知.txt": damaged})
    loaded = load_notice(root / "甲", root, reader)
    (document,) = loaded.documents
    assert document.text == "关于开展业务的通知\n第二页的内容"
    assert [document.text[place.start :][:2] for place in document.places] == ["关于", "第二"]
    assert loaded.reports[0].warnings == document.warnings == ("第2页是扫描件。",)
