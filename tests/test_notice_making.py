"""What an index holds of one notice: each document's facts with its own dates; copies in other notices are told."""

from __future__ import annotations

from pathlib import Path

from bot.citations import Citer
from bot.documents.library import FileReport, load_notice
from bot.index.making import make_notice
from bot.index.receipts import FileReceipt, NoticeReceipt, with_copies_told
from bot.index.versions import FileHash

FORWARDING = """关于转发《关于申报2024年度智能工厂的通知》的通知
星沙经信〔2025〕2号
各有关企业：
请申报主体于1月20日前完成线上申报。
星沙市经济和信息化局
2025年1月8日

关于申报2024年度智能工厂的通知
湘工信〔2024〕12号
各市州工信局：
一、申报要求
申报主体应当具备独立法人资格，近三年无重大安全、环保、质量事故，材料须真实、完整、有效。
二、申报时间
申报主体于11月22日前完成线上申报。
湖南省工业和信息化厅
2024年11月4日
"""


def test_a_forwarded_notice_has_its_own_year_and_contradicts_nobody(tmp_path: Path) -> None:
    (tmp_path / "甲").mkdir()
    (tmp_path / "甲" / "通知.txt").write_text(FORWARDING, encoding="utf-8")
    made = make_notice(load_notice(tmp_path / "甲", tmp_path))
    assert made.shard
    dates = {
        (fact.chunk_id.rpartition("#")[0], fact.value) for fact in made.shard.facts if fact.year_inferred
    }
    assert dates == {
        ("甲/通知.txt", "2025-01-20"),
        ("甲/通知.txt/关于申报2024年度智能工厂的通知", "2024-11-22"),
    }
    assert made.receipt.warnings == ()
    assert [file.chunks > 0 for file in made.receipt.files] == [True, True]


def test_two_dates_within_the_forwarded_notice_are_still_told(tmp_path: Path) -> None:
    (tmp_path / "甲").mkdir()
    text = FORWARDING.replace("二、申报时间\n", "申报主体于11月15日前完成线上申报。\n")
    (tmp_path / "甲" / "通知.txt").write_text(text, encoding="utf-8")
    (warning,) = make_notice(load_notice(tmp_path / "甲", tmp_path)).receipt.warnings
    assert "11月15日" in warning
    assert "11月22日" in warning


def test_a_file_that_stands_in_an_earlier_notice_too_is_told() -> None:
    def receipt(notice_id: str) -> NoticeReceipt:
        return NoticeReceipt(notice_id, notice_id, (FileReceipt(FileReport(f"{notice_id}/a.txt"), 1, 0),))

    sources = [
        FileHash("甲/a.txt", "1"),
        FileHash("甲/b.txt", "1"),
        FileHash("乙/a.txt", "1"),
        FileHash("丙/a.txt", ""),
        FileHash("丁/a.txt", ""),
    ]
    told = with_copies_told([receipt(name) for name in "甲乙丙丁"], sources)
    warnings = {file.report.file: file.report.warnings for notice in told for file in notice.files}
    assert [file for file, words in warnings.items() if words] == ["乙/a.txt"]
    assert "“甲/a.txt”" in warnings["乙/a.txt"][0]


def test_a_citation_names_the_file_and_the_place_in_it(tmp_path: Path) -> None:
    (tmp_path / "甲").mkdir()
    (tmp_path / "甲" / "通知.txt").write_text(FORWARDING, encoding="utf-8")
    loaded = load_notice(tmp_path / "甲", tmp_path)
    shard = make_notice(loaded).shard
    assert shard
    documents = {document.id: document for document in shard.documents}
    citer = Citer(documents)
    chunk = next(chunk for chunk in shard.chunks if "11月22日" in chunk.text)
    citer.cite(chunk)
    (citation,) = citer.citations
    assert citation.file == "甲/通知.txt"
    assert documents[citation.document_id].text[citation.start : citation.end] == citation.quote
    start = citation.file_start + citation.start
    assert FORWARDING[start:].startswith(citation.quote)
    assert citation.document == "关于申报2024年度智能工厂的通知"
    assert citation.place == f"第{FORWARDING[:start].count(chr(10)) + 1}行"
