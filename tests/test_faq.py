"""FAQ pages as a clerk writes them, and the clauses they stand on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.chunking import chunk_document
from bot.datamodels import Chunk, CitedClause, Document, DocumentRole, FaqEntry
from bot.faq import Clauses, clause_digest, held_back, read_entries
from bot.faq_markdown import ANSWER_WANTED, page_from_markdown, page_to_markdown

FILE = "2026年度技改补助/通知.md"
NOTICE = """\
# 关于申报2026年度技改补助的通知

一、申报时间

（一）企业于2026年5月16日前完成网上填报。

（二）各县区工信局于5月30日前报送推荐文件。

二、申报材料

企业须提交下列材料：

1.申请表一式两份；

2.营业执照复印件。
"""


def chunks_of(text: str, file: str = FILE) -> tuple[Chunk, ...]:
    document = Document(file, file.split("/")[0], "通知", DocumentRole.MAIN, text, "md")
    return tuple(chunk_document(document))


def clause(section: str, text: str = NOTICE) -> CitedClause:
    found = Clauses(chunks_of(text)).at(FILE, section)[0]
    return CitedClause(FILE, section, found.chunk.text, found.digest)


def entry(*clauses: CitedClause, **more: object) -> FaqEntry:
    values: dict[str, object] = {
        "id": "g1",
        "question": "企业网上填报什么时候截止？",
        "wordings": ("企业填报最晚哪天",),
        "answer": "企业网上填报：**2026年5月16日前**。[1]",
        "clauses": clauses or (clause("一、（一）"),),
        "notice_id": "2026年度技改补助",
        "approved_on": date(2026, 4, 1),
        "approved_by": "王敏",
    }
    return FaqEntry(**{**values, **more})  # type: ignore[arg-type]


# ---------------------------------------------------------------- pages


def test_a_page_reads_back_as_the_entry_it_was_written_of() -> None:
    two = entry(clause("一、（一）"), clause("二、"), answer="- 第一行。[1]\n- 第二行。[2]")
    page = page_from_markdown(page_to_markdown(two, ("问了 3 次",)), "g1")
    assert page.entry == two
    assert (page.problems, page.untouched, page.statistics) == ((), True, ("问了 3 次",))


def test_a_clerk_may_write_it_with_full_width_marks_windows_line_ends_and_other_bullets() -> None:
    text = (
        "\ufeff#企业网上填报什么时候截止？\r\n通知: 2026年度技改补助\r\n审定：2026-04-01 王敏\r\n\r\n"
        "## 其它问法：\r\n1. 企业填报最晚哪天\r\n* 几号关系统\r\n\r\n##回答\r\n企业：5月16日前［１］\r\n\r\n"
        "## 依据（条款）\r\n###【1】 一、（一）\r\n• 文件: 2026年度技改补助\\通知.md\r\n＞（一）企业于2026年5月16日前\r\n"
    )
    page = page_from_markdown(text, "g1")
    assert page.problems == ()
    assert page.entry.wordings == ("企业填报最晚哪天", "几号关系统")
    assert page.entry.answer == "企业：5月16日前[1]"
    assert page.entry.clauses == (CitedClause(FILE, "一、（一）", "（一）企业于2026年5月16日前", ""),)
    assert page.entry.approved_on == date(2026, 4, 1)
    assert not page.untouched


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        pytest.param("# 企业网上", "企业网上", 1, "没有问题", id="no-question"),
        pytest.param("日前**。[1]", "日前**。[2]", 12, "[2] 在“## 依据”里没有", id="marker-without-clause"),
        pytest.param("- 文件：2026年度技改补助/通知.md\n", "", 16, "没有写明文件", id="clause-without-file"),
        pytest.param("- 校验：", "- 校验：x", 19, "16 位", id="wrong-digest"),
        pytest.param("审定：2026-04-01", "审定：2026年4月1日", 4, "2026-11-20", id="wrong-date"),
        pytest.param("企业网上填报：**2026年5月16日前**。[1]", ANSWER_WANTED, 12, "没有答案", id="no-answer"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(before: str, after: str, line: int, words: str) -> None:
    text = page_to_markdown(entry())
    assert before in text
    problems = page_from_markdown(text.replace(before, after, 1), "g1").problems
    assert [(p.line, words in p.message) for p in problems] == [(line, True)]


def test_only_an_edit_of_the_words_counts_as_an_edit() -> None:
    text = page_to_markdown(entry())
    assert page_from_markdown(text.replace("\n", "\r\n") + "\n\n", "g1").untouched
    assert not page_from_markdown(text.replace("5月16日", "5月17日"), "g1").untouched


# ---------------------------------------------------------------- holding back


def test_the_digest_is_of_the_text_without_blanks() -> None:
    # printf '企业于5月16日前' | sha256sum
    assert clause_digest(" 企业于 5月16日\n前") == clause_digest("企业于5月16日前") == "30ba26b34f9b2952"


def test_an_entry_holds_while_its_clause_reads_the_same() -> None:
    moved = NOTICE.replace("二、申报材料", "二、申报对象\n\n本市企业。\n\n三、申报材料")
    assert held_back((entry(),), chunks_of(moved)) == ((entry(),), ())
    renumbered = entry(clause("二、"))
    assert held_back((renumbered,), chunks_of(moved))[0] == ()


def test_a_changed_date_holds_the_entry_back_and_shows_both_texts() -> None:
    kept, held = held_back((entry(),), chunks_of(NOTICE.replace("5月16日", "5月20日")))
    assert kept == () and held[0].entry == entry()
    (change,) = held[0].changes
    assert (change.number, change.text_now) == (1, "（一）企业于2026年5月20日前完成网上填报。")
    assert "5月16日" in change.before.quote


def test_an_item_added_to_a_list_changes_the_clause_that_introduces_it() -> None:
    materials = entry(clause("二、"))
    assert held_back((materials,), chunks_of(NOTICE))[0] == (materials,)
    longer = NOTICE + "\n3.审计报告。\n"
    (held,) = held_back((materials,), chunks_of(longer))[1]
    assert "3.审计报告。" in held.changes[0].text_now


def test_a_clause_that_is_gone_is_said_to_be_gone() -> None:
    (held,) = held_back((entry(),), chunks_of("# 通知\n\n一、无关内容\n\n天气晴。\n"))[1]
    assert held.changes[0].now is None
    (held,) = held_back((entry(),), ())[1]
    assert held.changes[0].now is None


def test_a_file_saved_under_another_name_keeps_its_entries() -> None:
    assert held_back((entry(),), chunks_of(NOTICE, "2026年度技改补助/通知（盖章版）.docx"))[1] == ()
    assert len(held_back((entry(),), chunks_of(NOTICE, "另一份通知/通知.md"))[1]) == 1


# ---------------------------------------------------------------- the folder


def test_the_folder_gives_approved_pages_and_names_the_others(tmp_path: Path) -> None:
    (tmp_path / "g1.md").write_text(page_to_markdown(entry()), "utf-8")
    (tmp_path / "g2.md").write_text(page_to_markdown(entry(id="g2", approved_on=None)), "utf-8")
    edited = page_to_markdown(entry(id="g3")).replace("5月16日前**", "5月18日前**")
    (tmp_path / "g3.md").write_text(edited, "utf-8")
    (tmp_path / "g4.md").write_bytes(b"\x00\x01\x02\xff" * 40)
    (tmp_path / "说明.md").write_text("这里放常见问题。", "gb18030")
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "g5.md").write_text(page_to_markdown(entry(id="g5")), "utf-8")
    entries, problems = read_entries(tmp_path)
    assert entries == (entry(),)
    wrong = {problem.file: str(problem) for problem in problems}
    assert set(wrong) == {"g2.md", "g3.md", "g4.md", "说明.md"}
    assert "faq approve g2" in wrong["g2.md"] and "改动过" in wrong["g3.md"]
    assert wrong["说明.md"].startswith("faq/说明.md 第1行：")


def test_a_page_saved_by_a_windows_editor_in_gb18030_is_read(tmp_path: Path) -> None:
    (tmp_path / "g1.md").write_bytes(page_to_markdown(entry()).replace("\n", "\r\n").encode("gb18030"))
    assert read_entries(tmp_path) == ((entry(),), ())


def test_a_folder_that_is_not_there_has_no_entries(tmp_path: Path) -> None:
    assert read_entries(tmp_path / "faq") == ((), ())


def test_of_two_clauses_with_one_text_the_one_at_the_same_section_is_taken() -> None:
    text = "# 通知\n\n一、甲\n\n（一）逾期不予受理。\n\n二、乙\n\n（一）逾期不予受理。\n"
    clauses = Clauses(chunks_of(text))
    second = clauses.at(FILE, "二、（一）")[0]
    cited = CitedClause(FILE, "二、（一）", second.text, second.digest)
    assert clauses.find(cited) == second
    elsewhere = clauses.find(replace(cited, section="三、（一）"))
    assert elsewhere is not None and elsewhere.chunk.section == "一、（一）"
