"""The report counts people and not clicks, and shows what is asked, what is missing and what was answered weakly."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from bundled_encoder import MODEL_CACHE, bundled_encoder
from example_answers import deadline_answer, greeting_answer, subsidy_answer

from bot.assistant import Assistant
from bot.datamodels import Answer
from bot.index.building import build_index
from bot.index.store import IndexStore, load_index
from bot.questions.commands import main as faq
from bot.questions.database import Database, open_database
from bot.questions.groups import GroupStore
from bot.questions.log import FeedbackReason, LoggedQuestion, QuestionLog
from bot.questions.report import FaqReport, counted, faq_report
from bot.questions.report_page import share_line, sparkline, stacked_bars, to_html
from bot.questions.report_rendering import CSV_COLUMNS, to_csv, to_json, to_markdown
from bot.questions.report_words import percent
from bot.questions.reporting import Reporter
from bot.ranking import Ranker

SINCE, UNTIL = date(2026, 11, 9), date(2026, 11, 22)
MONDAY = datetime(2026, 11, 9, 1, tzinfo=UTC)
"""Nine in the morning in China."""
HOSTILE = "=cmd|'/c calc'!A1 <script>alert(1)</script> | **粗** 补多少钱"


@pytest.fixture
def database(database_url: str) -> Database:
    return open_database(database_url)


Ask = Callable[..., str]


@pytest.fixture
def ask(database: Database) -> Ask:
    """Logs a question with its answer: user, day of the period, minute after nine."""
    log = QuestionLog(database)

    def ask(answer: Answer, user: str = "", day: int = 0, minute: float = 0, channel: str = "web") -> str:
        at = MONDAY + timedelta(days=day, minutes=minute)
        return log.record(answer, channel=channel, user=user, asked_at=at)

    return ask


def report_of(database: Database, ask: Callable[[str, str | None], Answer] | None = None) -> FaqReport:
    store = GroupStore(database, bundled_encoder())
    store.refresh({})
    return faq_report(QuestionLog(database), store, None, SINCE, UNTIL, ask)


# ---------------------------------------------------------------- counting


def test_repeats_of_one_person_within_minutes_count_once(database: Database, ask: Ask) -> None:
    ask(deadline_answer(), "anna", minute=0)
    ask(deadline_answer(), "anna", minute=4)
    ask(deadline_answer(), "anna", minute=12)  # eight minutes after the repeat: still the same go
    ask(deadline_answer(), "anna", minute=300)
    ask(deadline_answer(), "bert", minute=1)
    (group,) = report_of(database).groups
    assert (group.count, group.people) == (3, 2)
    assert len(group.question_ids) == 5


def test_of_unknown_users_every_question_counts_and_a_channel_is_one_person_a_day(
    database: Database, ask: Ask
) -> None:
    for day in (0, 0, 1):
        ask(deadline_answer(), channel="cli", day=day)
    (group,) = report_of(database).groups
    assert (group.count, group.people) == (3, 2)


def test_counted_keeps_the_first_of_a_go(database: Database, ask: Ask) -> None:
    ids = [ask(deadline_answer(), "anna", minute=minute) for minute in (0, 9.9, 19.7, 40)]
    asked: tuple[LoggedQuestion, ...] = QuestionLog(database).between(MONDAY, MONDAY + timedelta(days=1))
    assert [q.id for q in counted(asked[::-1])] == [ids[0], ids[3]]


def test_shares_and_votes_of_a_group(database: Database, ask: Ask) -> None:
    log = QuestionLog(database)
    ids = [ask(subsidy_answer(), f"u{n}", day=n) for n in range(3)]
    ids += [ask(replace(deadline_answer("补多少钱？"), citations=()), "u9", day=9)]
    log.feedback(ids[0], "u0", -1, FeedbackReason.WRONG)
    log.feedback(ids[1], "u1", -1, FeedbackReason.WRONG)
    log.feedback(ids[3], "u9", 1)
    report = report_of(database)
    (group,) = report.groups
    assert group.unanswered == 0.75
    assert (group.up, group.down, group.down_share) == (1, 2, 0.5)
    assert group.reasons == (("wrong", 2),)
    assert group.down_ids == (ids[1], ids[0])
    assert f"faq explain）：`{ids[1]}`、`{ids[0]}`" in to_markdown(report)
    assert f"faq explain）：{ids[1]}、{ids[0]}" in to_html(report)
    assert (report.asked, report.unanswered, report.up, report.down) == (4, 3, 1, 2)
    assert [g.id for g in report.missing] == [group.id]


def test_trend_and_weeks(database: Database, ask: Ask) -> None:
    """Of four questions one falls into the first week and three into the second: (3 - 1) / 4."""
    for number, day in enumerate((6, 7, 10, 13)):
        ask(deadline_answer(), f"u{number}", day=day)
    (group,) = report_of(database).groups
    assert group.by_week == (1, 3)
    assert group.trend == 0.5


def test_the_period_is_whole_days_in_china(database: Database, ask: Ask) -> None:
    ask(deadline_answer(), "early", minute=-9 * 60)  # midnight of the first day
    ask(deadline_answer(), "too early", minute=-9 * 60 - 1)
    ask(deadline_answer(), "late", day=13, minute=15 * 60 - 1)  # 23:59 of the last day
    ask(deadline_answer(), "too late", day=13, minute=15 * 60)
    report = report_of(database)
    assert report.asked == 2
    assert [day.asked for day in report.days] == [1, *[0] * 12, 1]
    assert (report.hours[0], report.hours[23], sum(report.hours)) == (1, 1, 2)


def test_small_talk_is_counted_apart(database: Database, ask: Ask) -> None:
    ask(greeting_answer(), "anna")
    ask(deadline_answer(), "anna")
    report = report_of(database)
    assert (report.small_talk, report.asked, len(report.groups)) == (1, 1, 1)


def test_weak_answers_are_those_whose_best_passage_hardly_stands_out(database: Database, ask: Ask) -> None:
    """Twelve passages a hundredth apart: the best of the ten logged has about a tenth of the share."""
    weak = ask(deadline_answer(), "anna")
    sure = deadline_answer("企业什么时候截止")
    passages = tuple(replace(p, score=9.0 if n == 0 else 0.0) for n, p in enumerate(sure.passages))
    ask(replace(sure, passages=passages), "bert")
    report = report_of(database)
    assert [each.question_id for each in report.weak] == [weak]
    assert report.weak[0].confidence == pytest.approx(0.1, abs=0.01)
    assert report.weak[0].section.endswith("二、（二）1.")


def test_weak_answers_to_one_question_are_told_once_with_their_number(database: Database, ask: Ask) -> None:
    for day in range(3):
        ask(deadline_answer(), f"u{day}", day=day)
    (weak,) = report_of(database).weak
    assert weak.times == 3
    assert "同类共 3 次" in to_markdown(report_of(database)) and "同类共 3 次" in to_html(report_of(database))


def test_deletion_of_a_persons_questions_leaves_the_report_sound(database: Database, ask: Ask) -> None:
    from bot.questions.privacy import PersonalData

    ask(deadline_answer(), "anna")
    ask(deadline_answer(), "bert", day=1)
    (before,) = report_of(database).groups
    PersonalData(database).erase(QuestionLog(database).user_hash("anna"), 0)
    (after,) = report_of(database).groups
    assert (before.id, before.people, after.id, after.people) == (after.id, 2, before.id, 1)


def test_an_empty_period_is_refused_and_an_empty_log_is_not(database: Database) -> None:
    store = GroupStore(database, bundled_encoder())
    with pytest.raises(ValueError, match="ends"):
        faq_report(QuestionLog(database), store, None, UNTIL, SINCE)
    report = report_of(database)
    assert (report.asked, report.groups, len(report.days)) == (0, (), 14)
    for render in (to_markdown, to_html):
        assert "没有人提问" in render(report)
    assert to_csv(report).count("\r\n") == 1


# ---------------------------------------------------------------- rendering


@pytest.fixture
def report(database: Database, ask: Ask) -> FaqReport:
    for number in range(5):
        ask(deadline_answer(), f"u{number}", day=number + 8)
    for number in range(2):
        ask(subsidy_answer(HOSTILE), f"v{number}", day=number)

    def today(text: str, notice_id: str | None) -> Answer:
        return deadline_answer(text) if "截止" in text else subsidy_answer(text)

    return report_of(database, today)


def test_groups_come_with_todays_answer_and_its_citation(report: FaqReport) -> None:
    deadline, money = report.groups
    assert deadline.today is not None and deadline.today.text.startswith("企业线上申报：2024年11月22日前")
    assert [c.section for c in deadline.today.citations] == ["二、（二）1.", "二、（二）2."]
    assert money.today is not None and money.today.status.abstained
    assert [group.id for group in report.missing] == [money.id]


def test_markdown_says_it_all_and_escapes_what_people_typed(report: FaqReport) -> None:
    text = to_markdown(report)
    assert text.startswith("# 常见问题报告 2026年11月9日至2026年11月22日\n")
    assert "7 人提问 7 次" in text and "2 次没答上来（29 %）" in text
    assert "### 什么时候截止申报？" in text and "↑ 增多" in text
    assert "未答 100 %，现在问也答不上来" in text and "> 企业线上申报：2024年11月22日前" in text
    assert "二、（二）1." in text and "## 没答上来的（该补充什么）" in text
    assert "<script>" not in text and r"\<script\>" in text and r"\*\*粗\*\*" in text
    table = [line for line in text.split("\n") if line.startswith("| g")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 8 for line in table)


class Page(HTMLParser):
    """Tags that are open, those that stand in the page, and what it loads from elsewhere."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [v or "" for name, v in attrs if name in {"src", "href", "xlink:href"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_stands_alone_is_well_formed_and_runs_nothing(report: FaqReport) -> None:
    text = to_html(report)
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == [] and page.outside == []
    assert "script" not in page.tags and "url(" not in text and "@import" not in text
    assert page.tags.count("figure") == 3 and "viewport" in text and "@media print" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_pictures_are_drawn_to_scale() -> None:
    """The tallest bar is 160 - 2 * 24 = 112 high; half of it is 56."""
    bars = stacked_bars([4, 2, 0], [2, 0, 0], ["一", "二", "三"])
    assert re.findall(r'height="([\d.]+)" fill="(#\w+)"', bars) == [
        ("112.0", "#2f6fab"),
        ("56.0", "#c2483d"),
        ("56.0", "#2f6fab"),
        ("0.0", "#2f6fab"),
    ]
    line = share_line([1.0, None, 0.5], ["一", "二", "三"])
    assert re.findall(r'cy="([\d.]+)"', line) == ["24.0", "80.0"] and 'stroke="#c2483d"' not in line
    assert 'aria-label="每周 1 2 次"' in sparkline([1, 2])


def test_csv_is_for_excel_and_holds_no_formula(report: FaqReport) -> None:
    text = to_csv(report)
    assert text.startswith("\ufeff编号,问题,")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [len(row) for row in rows] == [len(CSV_COLUMNS)] * 3
    assert rows[1][1:4] == ["什么时候截止申报？", "5", "5"]
    assert rows[2][1].startswith("'=cmd")
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)


def test_json_has_every_field(report: FaqReport) -> None:
    values = json.loads(to_json(report))
    assert values["since"] == "2026-11-09" and values["asked"] == 7
    assert values["groups"][0]["id"] == report.groups[0].id
    assert values["groups"][0]["today"]["status"] == "answered"
    assert values["groups"][0]["today"]["citations"][0]["section"] == "二、（二）1."
    assert len(values["days"]) == 14 and len(values["hours"]) == 24


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.004, "<1 %"), (0.125, "12 %"), (1.0, "100 %")],
    ids=["none", "little", "some", "all"],
)
def test_percent(share: float, words: str) -> None:
    assert percent(share) == words


# ---------------------------------------------------------------- with an index, and the command

NOTICE = """\
关于组织申报2026年度技改补助的通知

各县市区工信局：

一、申报时间

（一）企业于2026年11月18日前在市技改平台完成网上填报。

（二）各县市区工信局于2026年12月5日前将推荐文件报送市工信局投资处。

潍坊市工业和信息化局

2026年10月8日
"""
NOTICE_ID = "2026年度技改补助"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    (folder / "knowledge" / NOTICE_ID).mkdir(parents=True)
    (folder / "knowledge" / NOTICE_ID / "通知.txt").write_text(NOTICE, "utf-8")
    build_index(folder / "knowledge", folder / "index", bundled_encoder())
    return folder


@pytest.fixture
def folder(tmp_path: Path, published: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("KNOWLEDGE_DIR", str(tmp_path / "knowledge"))
    monkeypatch.setenv("INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("MODEL_CACHE_DIR", str(MODEL_CACHE))
    return tmp_path


def test_busy_hours_before_a_deadline(folder: Path, database: Database, ask: Ask) -> None:
    """Deadline on Wednesday 18 November: its last week is 12 to 18; three of five questions fall into it."""
    answer = replace(deadline_answer(), notice_ids=(NOTICE_ID,))
    for number, (day, minute) in enumerate(((0, 0), (3, 60), (8, 65), (9, 360), (13, 0))):
        ask(answer, f"u{number}", day=day, minute=minute)
    store = GroupStore(database, bundled_encoder())
    store.refresh({})
    index = load_index(folder / "index")
    report = faq_report(QuestionLog(database), store, index, SINCE, UNTIL)
    (load,) = report.deadlines
    assert (load.day, load.notice_id, load.asked) == (date(2026, 11, 18), NOTICE_ID, 3)
    assert load.busiest_hours == (10, 15)
    assert load.usual == pytest.approx(7 * 2 / 7)  # the other two fell into the other seven days
    assert "填报" in load.what
    assert "截止前一周提问 3 次" in to_markdown(report)


def test_of_a_notice_that_is_gone_the_report_says_so_and_asks_over_all(
    folder: Path, database: Database, ask: Ask
) -> None:
    for number in range(2):
        ask(replace(deadline_answer(), notice_ids=("2025年度技改补助",)), f"u{number}", day=number)
    assistant = Assistant(IndexStore(folder / "index"), bundled_encoder(), Ranker.from_file())
    reporter = Reporter(assistant, database, lambda: datetime(2026, 11, 22, 4, tzinfo=UTC))
    report = reporter.report(SINCE, UNTIL)
    (group,) = report.groups
    assert group.gone_notices == ("2025年度技改补助",)
    assert group.today is not None and "2026年11月18日" in group.today.text
    for render in (to_markdown, to_html):
        assert "回答过它的通知已不在知识库里：2025年度技改补助" in render(report)
    assert reporter.report(SINCE, UNTIL, answered=0).groups[0].today is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", ["md", "html", "csv", "json"])
def test_command_writes_the_report(
    folder: Path, ask: Ask, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        ask(replace(deadline_answer(), notice_ids=(NOTICE_ID,)), f"u{number}", day=number)
    output = folder / f"report.{form}"
    now = datetime(2026, 11, 22, 4, tzinfo=UTC)
    code = faq(["report", "--since", "2026-11-09", "--format", form, "--output", str(output)], lambda: now)
    assert code == 0 and capsys.readouterr().out == ""
    text = output.read_text("utf-8")
    assert "什么时候截止申报？" in text and "2026年11月18日" in text  # what is answered today, not then
    assert faq(["report", "--since", "2026-11-09", "--format", form], lambda: now) == 0
    assert capsys.readouterr().out.replace("\r\n", "\n") == text.replace("\r\n", "\n")


def test_command_refuses_a_period_that_ends_before_it_begins(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    period = ["--since", "2026-11-09", "--until", "2026-11-08"]
    assert faq(["report", *period], lambda: MONDAY) == 2
    assert "早于" in capsys.readouterr().err
