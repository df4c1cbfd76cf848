"""Which deadlines are open, in which order, and how they are said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.agenda import agenda, agenda_lines, agenda_object, bare_title, is_open, short_title
from bot.chunking import chunk_document
from bot.datamodels import Chunk, Document, DocumentRole, Fact, Notice
from bot.facts import extract_facts
from bot.index.store import Index
from tests.check_fixtures import MADE, MADE_TITLE, REAL, publish, write_knowledge

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("agenda")
    return publish(write_knowledge(folder / "knowledge"), folder / "index")


@dataclass(frozen=True)
class OtherNotices:
    """A version whose notices say something else about themselves."""

    index: Index
    notices: dict[str, object]

    def __getattr__(self, name: str) -> object:
        return getattr(self.index, name)


def test_open_deadlines_stand_soonest_first_and_the_past_ones_are_counted(index: Index) -> None:
    found = agenda(index, TODAY)
    assert [(item.deadline.value, item.what) for item in found.items] == [
        ("2026-12-01T17:00", "企业：完成网上填报"),
        ("2026-12-11", "各区县工业和信息化局：将推荐文件报送市工业和信息化局"),
    ]
    assert found.passed == 2  # the enterprise's and the city's date of the real notice, both of 2024
    for item in found.items:
        (document,) = (d for d in index.documents.values() if d.id == item.file)
        assert item.clause in document.text


def test_a_line_says_day_weekday_days_left_who_what_notice_and_section(index: Index) -> None:
    assert agenda_lines(agenda(index, TODAY)) == (
        "2026年12月1日（周二）17:00 还剩 9 天 · 企业：完成网上填报 · 《2026年江海市数字工厂申报》二、（一）",
        "2026年12月11日（周五） 还剩 19 天（原文未写年份） · 各区县工业和信息化局：将推荐文件报送市工业和信息化局"
        " · 《2026年江海市数字工厂申报》二、（二）",
        "另有 2 个截止日期已过。",
        "天数按北京时间 2026-11-22 计算；日期以通知原文为准。",
    )
    assert agenda_lines(agenda(index, date(2027, 1, 1))) == (
        "没有还没到期的截止日期。",
        "另有 4 个截止日期已过。",
    )


def test_a_deadline_is_open_on_its_day_and_past_on_the_next(index: Index) -> None:
    assert [len(agenda(index, date(2026, 12, day)).items) for day in (1, 2, 11, 12)] == [2, 1, 1, 0]


def test_one_notice_alone_can_be_asked_for(index: Index) -> None:
    real = agenda(index, date(2024, 11, 20), REAL)
    assert [item.deadline.day.isoformat() for item in real.items] == ["2024-11-22", "2024-11-23"]
    assert agenda(index, TODAY, REAL).items == () and agenda(index, TODAY, "另一份").passed == 0


def test_a_notice_that_is_not_issued_yet_sets_no_deadline(index: Index) -> None:
    ids = {item.deadline.notice_id for item in agenda(index, date(2024, 11, 20)).items}
    assert ids == {REAL}  # the made one is of October 2026


def test_a_repealed_notice_sets_no_deadline_from_the_day_of_its_repeal(index: Index) -> None:
    repealing = replace(index.notices[REAL], supersedes=(MADE_TITLE,), issued_on=date(2026, 11, 10))
    version = OtherNotices(index, {**index.notices, REAL: repealing})
    assert [item.deadline.notice_id for item in agenda(version, TODAY).items] == []  # type: ignore[arg-type]
    before = agenda(version, date(2026, 11, 9)).items  # type: ignore[arg-type]
    assert {item.deadline.notice_id for item in before} == {MADE}


def test_json_holds_all_that_the_line_says(index: Index) -> None:
    values = agenda_object(agenda(index, TODAY))
    assert (values["today"], values["passed"]) == ("2026-11-22", 2)
    first, second = values["deadlines"]
    assert (first["day"], first["time"], first["weekday"], first["days_left"]) == (
        "2026-12-01",
        "17:00",
        "周二",
        9,
    )
    assert (second["time"], second["year_inferred"], second["section"]) == (None, True, "二、（二）")
    assert first["notice"] == MADE and "2026年12月1日17:00前" in first["quote"]


# ---------------------------------------------------------------- computed days, attachments


@dataclass(frozen=True)
class Made:
    """A version of one notice and its attachment, made in memory."""

    notices: dict[str, Notice]
    documents: dict[str, Document]
    chunks: tuple[Chunk, ...]
    notice_rows: dict[str, NDArray[np.int64]]
    facts: dict[str, tuple[Fact, ...]]


def made(text: str, issued_on: date, attachment: str = "") -> Made:
    notice = Notice("n", "关于申报的通知", "n/通知.txt", issued_on=issued_on, year=issued_on.year)
    documents = [Document("n/通知.txt", "n", notice.title, DocumentRole.MAIN, text, "txt")]
    if attachment:
        documents.append(
            Document("n/附件1.md", "n", "时间表", DocumentRole.ATTACHMENT, attachment, "md", "1")
        )
    chunks = tuple(chunk for document in documents for chunk in chunk_document(document))
    facts: dict[str, list[Fact]] = {}
    for fact in extract_facts(chunks, notice):
        facts.setdefault(fact.chunk_id, []).append(fact)
    rows = np.arange(len(chunks), dtype=np.int64)
    by_chunk = {chunk_id: tuple(found) for chunk_id, found in facts.items()}
    return Made({"n": notice}, {d.id: d for d in documents}, chunks, {"n": rows}, by_chunk)


APPLY = "# 关于申报的通知\n\n各企业：\n\n一、申报\n\n企业自本通知印发之日起30个工作日内向县工信局提出申请。\n"


def test_a_day_that_is_computed_says_so_and_from_what() -> None:
    found = agenda(made(APPLY, date(2026, 6, 2)), date(2026, 7, 1))
    assert agenda_lines(found)[0] == (
        "2026年7月15日（周三） 还剩 14 天（按工作日推算：自2026年6月2日印发起30个工作日内）"
        " · 企业：向县工信局提出申请 · 《申报》一、"
    )
    (item,) = agenda_object(found)["deadlines"]
    assert (item["day"], item["computed"]) == ("2026-07-15", "按工作日推算：自2026年6月2日印发起30个工作日内")
    assert "30个工作日内" in item["quote"]


def test_a_written_day_is_not_marked_as_computed(index: Index) -> None:
    assert {each["computed"] for each in agenda_object(agenda(index, TODAY))["deadlines"]} == {None}


def test_without_a_calendar_for_the_year_no_day_is_guessed() -> None:
    found = agenda(made(APPLY, date(2098, 12, 30)), date(2099, 1, 2))
    assert (found.items, found.passed, len(found.undated)) == ((), 0, 1)
    (line,) = agenda_lines(found)
    assert line.startswith("日期待定（按工作日推算：自2098年12月30日印发起30个工作日内；")
    assert "不作推算" in line
    (item,) = agenda_object(found)["deadlines"]
    assert (item["day"], item["weekday"], item["days_left"], item["actor"]) == (None, None, None, "企业")


def test_rows_of_an_attachment_are_listed_and_what_they_repeat_is_not() -> None:
    text = (
        "# 关于申报的通知\n\n各企业：\n\n一、申报\n\n1.网上报名：2026年7月1日至7月20日，企业登录平台报名。\n"
    )
    table = "# 时间表\n\n| 环节 | 时间 |\n|---|---|\n| 网上报名 | 7月1日至7月20日 |\n| 市级推荐 | 2026年8月20日前 |\n"
    found = agenda(made(text, date(2026, 6, 2), table), date(2026, 7, 1))
    assert [(item.deadline.value, item.what, item.file) for item in found.items] == [
        ("2026-07-20", "企业登录平台报名", "n/通知.txt"),
        ("2026-08-20", "市级推荐", "n/附件1.md"),
    ]
    assert found.items[1].clause == "| 市级推荐 | 2026年8月20日前 |"


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("关于开展2024年度智能工厂梯度培育行动的通知", "2024年度智能工厂梯度培育行动"),
        ("某市科技局关于组织申报2026年重大专项的通知", "申报2026年重大专项"),
        ("关于印发《创业担保贷款办理指南》的通知", "创业担保贷款办理指南"),
        ("办事指南", "办事指南"),
        ("关于" + "长" * 40 + "的通知", "长" * 27 + "…"),
    ],
    ids=["plain", "issuer", "printed", "bare", "long"],
)
def test_a_title_is_shortened_to_what_tells_it_apart(title: str, short: str) -> None:
    assert short_title(title) == short
    assert bare_title(title).startswith(short.rstrip("…"))


def test_a_notice_is_open_up_to_the_day_of_its_last_deadline(index: Index) -> None:
    made = next(n for n in index.notices.values() if n.title == MADE_TITLE)
    assert is_open(index, made, date(2026, 12, 11)) and not is_open(index, made, date(2026, 12, 12))
