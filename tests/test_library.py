"""A knowledge folder becomes notices, and every file in it gets a report."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.datamodels import Converted, DocumentRole, FilePart, OcrPage, Place
from bot.documents.library import (
    FileReport,
    LoadedNotice,
    list_notice_folders,
    load_knowledge,
    load_notice,
    notice_of,
)
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


def whole(converted: Converted) -> tuple[FilePart, ...]:
    """What a reader returns for a file that holds one document."""
    return (FilePart("", converted),)


def text_of(path: Path) -> Converted:
    (part,) = read_text(path)
    assert part.converted
    return part.converted


def read_text(path: Path) -> tuple[FilePart, ...]:
    """A reader of .txt and .md; the tests do not depend on the real ones."""
    if path.suffix not in {".txt", ".md"}:
        raise UnsupportedFormat(f"还不能读取 {path.suffix} 文件。请另存为 .docx。")
    return whole(Converted(path.read_text(encoding="utf-8"), path.suffix[1:]))


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
    def failing(path: Path) -> tuple[FilePart, ...]:
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
    def workbook(path: Path) -> tuple[FilePart, ...]:
        return whole(replace(text_of(path), format="xlsx" if path.suffix == ".md" else "txt"))

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

    def reader(path: Path) -> tuple[FilePart, ...]:
        return whole(
            replace(
                text_of(path),
                places=(Place(0, "第1页", 1), Place(second, "第2页", 2)),
                warnings=("第2页是扫描件。",),
            )
        )

    root = folder({"甲/通知.txt": damaged})
    loaded = load_notice(root / "甲", root, reader)
    (document,) = loaded.documents
    assert document.text == "关于开展业务的通知\n第二页的内容"
    assert [document.text[place.start :][:2] for place in document.places] == ["关于", "第二"]
    assert loaded.reports[0].warnings == document.warnings == ("第2页是扫描件。",)


# ---------------------------------------------------------------- several documents in one file

LONG = "申报主体应当具备独立法人资格，近三年无重大安全、环保、质量事故，并完成线上填报工作，逾期不予受理。"
FORWARDING = f"""关于转发《关于申报2025年度智能工厂的通知》的通知
星沙经信〔2025〕7号
各有关企业：
{LONG}请于3月20日前将材料报至我局。
星沙市经济和信息化局
2025年3月8日

{NOTICE.replace("一、", f"一、{LONG}于11月22日前完成填报。")}"""


def test_members_of_an_archive_take_part_as_files_do(folder: Folder) -> None:
    def reader(path: Path) -> tuple[FilePart, ...]:
        if path.suffix != ".zip":
            return read_text(path)
        return (
            FilePart("通知.docx", Converted(NOTICE, "docx")),
            FilePart("附件/附件1.md", Converted(CONDITIONS, "md", warnings=("原名不规范。",))),
            FilePart("附件/附件2.rar", None, "这是 RAR 压缩包。"),
        )

    root = folder({"甲/材料.zip": "", "甲/附件3.md": "名单"})
    loaded = load_notice(root / "甲", root, reader)
    assert roles(loaded) == [
        ("甲/材料.zip/通知.docx", "main", "", "关于申报2025年度智能工厂的通知"),
        ("甲/材料.zip/附件/附件1.md", "attachment", "1", "智能工厂要素条件"),
        ("甲/附件3.md", "attachment", "3", "名单"),
    ]
    assert report_of(loaded, "甲/材料.zip/附件/附件1.md").warnings == ("原名不规范。",)
    assert report_of(loaded, "甲/材料.zip/附件/附件2.rar").error == "这是 RAR 压缩包。"


def test_attachments_behind_the_signature_are_documents_of_their_own(folder: Folder) -> None:
    text = f"{NOTICE}\n附件1\n智能工厂要素条件\n{LONG}\n附件2\n智能工厂推荐汇总表\n{LONG}\n"
    loaded = load(folder({"甲/通知.txt": text}))
    assert roles(loaded) == [
        ("甲/通知.txt", "main", "", "关于申报2025年度智能工厂的通知"),
        ("甲/通知.txt/附件1 智能工厂要素条件", "attachment", "1", "智能工厂要素条件"),
        ("甲/通知.txt/附件2 智能工厂推荐汇总表", "attachment", "2", "智能工厂推荐汇总表"),
    ]
    assert loaded.notice is not None
    assert [bool(entry.document_id) for entry in loaded.notice.attachments] == [True, True, False]
    for document in loaded.documents[1:]:
        assert document.file == "甲/通知.txt"
        assert text[document.file_start :].startswith(document.text)
        line = text[: document.file_start].count("\n") + 1
        assert document.places[0] == Place(0, f"第{line}行")
    assert "已分开收录" in report_of(loaded, "甲/通知.txt").warnings[0]
    assert report_of(loaded, "甲/通知.txt/附件2 智能工厂推荐汇总表").warnings == ()


def test_a_forwarded_notice_keeps_its_own_number_and_dates(folder: Folder) -> None:
    loaded = load(folder({"甲/通知.txt": FORWARDING}))
    main, forwarded = loaded.documents
    assert loaded.notice is not None
    assert (loaded.notice.doc_number, str(loaded.notice.issued_on)) == ("星沙经信〔2025〕7号", "2025-03-08")
    assert loaded.notice.issuer == "星沙市经济和信息化局"
    assert "11月22日" not in main.text
    assert forwarded.id == "甲/通知.txt/关于申报2025年度智能工厂的通知"
    assert (forwarded.title, forwarded.doc_number) == ("关于申报2025年度智能工厂的通知", "湘工信〔2025〕12号")
    assert str(forwarded.issued_on) == "2025-03-05"
    own = notice_of(forwarded, loaded.notice)
    assert (own.title, str(own.issued_on), own.year) == (forwarded.title, "2025-03-05", 2025)
    assert notice_of(main, loaded.notice) is loaded.notice


def test_a_forwarded_notice_that_is_declared_is_that_attachment(folder: Folder) -> None:
    text = FORWARDING.replace("星沙市经济", "附件：关于申报2025年度智能工厂的通知\n\n星沙市经济")
    loaded = load(folder({"甲/通知.txt": text}))
    assert [document.attachment_number for document in loaded.documents] == ["", "1"]
    assert loaded.notice is not None
    assert [entry.document_id for entry in loaded.notice.attachments] == [loaded.documents[1].id]


def test_repairs_and_pages_are_told_of_the_document_that_they_stand_in(folder: Folder) -> None:
    glossed = "關(guān)于開(kāi)展業(yè)務(wù)的通知\n各單(dān)位：\n" + "請(qǐng)按時(shí)報(bào)送。" * 20
    text = f"{glossed}\n某某局\n2025年3月5日\n附件1\n條(tiáo)件\n" + "應(yīng)當(dāng)。" * 30

    def reader(path: Path) -> tuple[FilePart, ...]:
        second = text.index("附件1")
        return whole(
            Converted(
                text,
                "pdf",
                places=(Place(0, "第1页", 1), Place(second, "第2页", 2), Place(second + 10, "第3页", 3)),
                warnings=("第3页不清楚。",),
                pages=3,
                ocr=(OcrPage(1, 0.9), OcrPage(3, 0.8)),
            )
        )

    root = folder({"甲/通知.pdf": ""})
    loaded = load_notice(root / "甲", root, reader)
    main, attachment = loaded.documents
    assert attachment.text.startswith("附件1\n条件\n应当。")
    assert (attachment.places[0].start, attachment.places[0].page) == (0, 2)
    assert (main.ocr_pages, attachment.ocr_pages) == ((1,), (3,))
    for document, original in ((main, text), (attachment, text[text.index("附件1") :])):
        for edit in document.edits:
            assert original[edit.start : edit.end] == edit.before
            assert document.text[edit.new_start : edit.new_end] == edit.after
    reports = {report.file: report for report in loaded.reports}
    assert (reports[main.id].pages, reports[attachment.id].pages) == (1, 2)
    assert [page.page for page in reports[attachment.id].ocr] == [3]
    assert "第3页不清楚。" in reports[main.id].warnings


def test_a_table_without_header_is_counted(folder: Folder) -> None:
    table = "| 1 | 2025 | 30% |\n|---|---|---|\n| 2 | 2026 | 40% |\n"
    loaded = load(folder({"甲/通知.txt": NOTICE, "甲/附件1.md": CONDITIONS + "\n\n" + table}))
    report = report_of(loaded, "甲/附件1.md")
    assert (report.tables, report.tables_without_header) == (2, 1)
    assert any("没有表头" in warning for warning in report.warnings)
    assert report_of(loaded, "甲/通知.txt").warnings == ()
