"""From a frequent question to an approved answer and back to review, by the commands that staff type."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from bundled_encoder import MODEL_CACHE, bundled_encoder

from bot.assistant import Assistant
from bot.datamodels import Answer, AnswerStatus, Block, BlockKind, Span, SpanStyle
from bot.errors import FaqError
from bot.faq_markdown import ANSWER_WANTED, page_from_markdown
from bot.index.building import build_index
from bot.index.receipts import BuildReceipt
from bot.index.store import IndexStore
from bot.questions.audit import Audit
from bot.questions.commands import main
from bot.questions.database import open_database
from bot.questions.drafts import (
    Approval,
    Draft,
    DraftOutcome,
    approve,
    draft_entry,
    wordings_for,
    write_drafts,
)
from bot.questions.log import FeedbackReason, QuestionLog
from bot.questions.report import FrequentGroup
from bot.ranking import Ranker

NOW = datetime(2026, 5, 1, 2, tzinfo=UTC)
TODAY = date(2026, 5, 1)
NOTICE_ID = "2026年度技改补助"
NOTICE = """\
# 潍坊市工业和信息化局关于组织申报2026年度技改补助的通知

各县市区工信局：

一、申报时间

（一）企业于5月16日前在市技改平台完成网上填报，逾期系统关闭。

（二）各县市区工信局于5月30日前将推荐文件报送市工信局投资处。

二、申报材料

企业须提交下列材料：

1.申请表一式两份；

2.营业执照复印件。

三、联系方式

政策咨询：市工信局投资处  周敏  0536-8791234

潍坊市工业和信息化局

2026年4月8日
"""
DEADLINE = "企业网上填报什么时候截止"


class Office:
    """A knowledge folder with its index and database, and the commands run on them."""

    def __init__(self, folder: Path) -> None:
        self.knowledge, self.root = folder / "knowledge", folder / "index"
        self.faq = self.knowledge / "faq"
        self.url = f"sqlite:///{folder / 'questions.db'}"
        self.write(NOTICE)
        self.build()

    def write(self, text: str) -> None:
        (self.knowledge / NOTICE_ID).mkdir(parents=True, exist_ok=True)
        (self.knowledge / NOTICE_ID / "通知.md").write_text(text, "utf-8")

    def build(self) -> BuildReceipt:
        receipt = build_index(self.knowledge, self.root, bundled_encoder())
        self.assistant = Assistant(IndexStore(self.root), bundled_encoder(), Ranker.from_file())
        return receipt

    def ask(self, text: str, notice_id: str | None = None) -> Answer:
        return self.assistant.ask(text, today=TODAY, notice_id=notice_id)

    def draft(self, *groups: FrequentGroup) -> tuple[Draft, ...]:
        return write_drafts(self.faq, groups, "2026-04-01 至 2026-05-01", self.ask, self.assistant.index)

    def run(self, *arguments: str) -> int:
        return main(arguments, lambda: NOW)

    def edit(self, path: str, before: str, after: str) -> None:
        text = (self.faq / path).read_text("utf-8")
        assert before in text
        (self.faq / path).write_text(text.replace(before, after, 1), "utf-8")

    def page(self, path: str) -> str:
        return (self.faq / path).read_text("utf-8")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    office = Office(tmp_path)
    monkeypatch.setenv("KNOWLEDGE_DIR", str(office.knowledge))
    monkeypatch.setenv("INDEX_DIR", str(office.root))
    monkeypatch.setenv("DATABASE_URL", office.url)
    monkeypatch.setenv("MODEL_CACHE_DIR", str(MODEL_CACHE))
    return office


def group(title: str = DEADLINE, *wordings: str, id: str = "g0000001", **more: object) -> FrequentGroup:
    values = FrequentGroup(
        id=id,
        title=title,
        count=12,
        people=9,
        by_week=(2, 10),
        trend=0.6,
        unanswered=0.25,
        up=3,
        down=1,
        down_share=1 / 12,
        reasons=(("wrong", 1),),
        notice_ids=(NOTICE_ID,),
        wordings=(title, *wordings),
        question_ids=(),
        first_asked=NOW,
        last_asked=NOW,
    )
    return replace(values, **more)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the whole loop


def test_a_question_becomes_an_answer_is_held_back_and_comes_back(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    (draft,) = office.draft(group(DEADLINE, "網上填報幾號截止", "企业网上填报什么时候截止呀？"))
    assert (draft.outcome, draft.answered) == (DraftOutcome.WRITTEN, True)
    page = office.page("drafts/g0000001.md")
    assert page.startswith(f"# {DEADLINE}\n")
    assert "- 网上填报几号截止\n" in page and "截止呀" not in page
    assert "### [1] 一、（一）" in page and "> （一）企业于5月16日前在市技改平台" in page
    assert "问了 12 次，9 人，没答上来的占 25%" in page and "👎 1（答错了 1）" in page
    assert "还剩" not in page
    assert office.ask(DEADLINE).status is AnswerStatus.ANSWERED

    assert office.run("approve", "g000", "--by", "王敏") == 0
    assert "python index_builder.py" in capsys.readouterr().out
    assert not (office.faq / "drafts" / "g0000001.md").exists()
    assert office.ask(DEADLINE).status is AnswerStatus.ANSWERED  # until the next build
    office.build()
    assert office.run("list") == 0
    assert "g0000001  " in (shown := capsys.readouterr().out) and "已审定 2026-05-01 王敏" in shown
    answer = office.ask(DEADLINE)
    assert answer.status is AnswerStatus.ANSWERED_FAQ
    assert answer.blocks[0].text == "常见问题（2026-05-01 审定）：" and "还剩 15 天" in answer.text

    office.write(NOTICE.replace("5月16日", "5月20日"))
    receipt = office.build()
    assert [held.entry.id for held in receipt.faq_held] == ["g0000001"]
    answer = office.ask(DEADLINE)
    assert answer.status is AnswerStatus.ANSWERED and "5月20日" in answer.text
    assert office.run("review") == 0
    shown = capsys.readouterr().out
    assert "审定时：（一）企业于5月16日前" in shown and "现在：　（一）企业于5月20日前" in shown
    office.run("list")
    assert "搁置" in capsys.readouterr().out

    (revision,) = office.draft()
    assert revision.outcome is DraftOutcome.REVISION
    with pytest.raises(FaqError, match="5月16日"):
        office.run("approve", "g0000001")
    office.edit("drafts/g0000001.md", "**5月16日前**", "**5月20日前**")
    assert office.run("approve", "g0000001", "--by", "李强") == 0
    assert office.build().faq_held == ()
    answer = office.ask(DEADLINE)
    assert answer.status is AnswerStatus.ANSWERED_FAQ and "5月20日" in answer.text

    acts = Audit(open_database(office.url)).recent()
    assert [(a.actor, a.action, a.object) for a in acts] == [
        ("cli:李强", "faq.approved", "g0000001"),
        ("cli:王敏", "faq.approved", "g0000001"),
    ]
    assert acts[0].at == NOW and "**5月20日前**" in acts[0].after and "审定：" not in acts[0].before


def test_the_list_says_why_a_page_is_not_in_use(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    office.draft(group())
    office.run("approve", "g0000001", "--by", "王敏")
    office.edit("g0000001.md", "5月16日", "5月18日")
    (office.faq / "g0000002.md").write_text("# 电话多少\n", "utf-8")
    capsys.readouterr()
    assert office.run("list") == 0
    shown = capsys.readouterr().out
    assert "g0000001  " in shown and "g0000002  " in shown and shown.count("没有使用：") == 2


# ---------------------------------------------------------------- drafts


def test_an_edited_draft_is_left_alone_and_an_untouched_one_is_written_anew(office: Office) -> None:
    office.draft(group())
    assert office.draft(group(count=20))[0].outcome is DraftOutcome.UPDATED
    assert "问了 20 次" in office.page("drafts/g0000001.md")
    office.edit("drafts/g0000001.md", "## 答案\n", "## 答案\n\n请尽早。\n")
    edited = office.page("drafts/g0000001.md")
    assert office.draft(group(count=30))[0].outcome is DraftOutcome.EDITED
    assert office.page("drafts/g0000001.md") == edited


def test_an_unanswered_question_gets_an_empty_draft_with_hints(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    (draft,) = office.draft(group("技改补助拿到后要交税吗"))
    assert not draft.answered
    page = office.page("drafts/g0000001.md")
    assert ANSWER_WANTED in page and "可能有关的条款：文件 2026年度技改补助/通知.md" in page
    assert page_from_markdown(page, "g0000001").entry.answer == ""
    office.run("list")
    assert "还要写答案" in capsys.readouterr().out
    with pytest.raises(FaqError, match=r"drafts/g0000001.md 第1行：没有依据|g0000001.md 第1行：没有依据"):
        office.run("approve", "g0000001")


def test_a_clerk_fills_an_empty_draft_by_section_and_file(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.draft(group("技改补助晚交了怎么办"))
    office.edit("drafts/g0000001.md", ANSWER_WANTED, "逾期系统就关闭了，请在5月16日前填。[1]")
    clause = f"## 依据\n\n### [1] 一、(三)\n- 文件：{NOTICE_ID}/通知.md\n"
    office.edit("drafts/g0000001.md", "## 依据\n", clause)
    with pytest.raises(FaqError, match=r"没有“一、\(三\)”"):
        office.run("approve", "g0000001")
    office.edit("drafts/g0000001.md", "一、(三)", "一、(一)")
    assert office.run("approve", "g0000001", "--publish") == 0
    shown = capsys.readouterr().out
    assert "依据 [1] 按现在的条文记下" in shown and "索引已更新" in shown
    assert "### [1] 一、（一）" in office.page("g0000001.md") and "- 校验：" in office.page("g0000001.md")
    assert office.build().unchanged
    assert office.ask("技改补助晚交了怎么办").status is AnswerStatus.ANSWERED_FAQ


def test_an_enumeration_is_drafted_with_the_clause_that_introduces_it(office: Office) -> None:
    answer = office.ask("需要提交哪些材料")
    entry = draft_entry("g1", "需要提交哪些材料", (), answer, office.assistant.index)
    assert "- 1.申请表一式两份；[" in entry.answer
    assert any("2.营业执照复印件" in c.quote for c in entry.clauses)
    office.draft(group("需要提交哪些材料"))
    office.run("approve", "g0000001")
    office.write(NOTICE.replace("2.营业执照复印件。", "2.营业执照复印件；\n\n3.审计报告。"))
    assert [held.entry.id for held in office.build().faq_held] == ["g0000001"]


def test_a_clause_without_a_number_is_found_by_its_words(office: Office) -> None:
    office.draft(group("技改补助拿到后要交税吗"))
    office.edit("drafts/g0000001.md", ANSWER_WANTED, "请打0536-8791234问周敏。[1]")
    clause = f"## 依据\n\n### [1]\n- 文件：{NOTICE_ID}/通知.md\n"
    office.edit("drafts/g0000001.md", "## 依据\n", clause)
    with pytest.raises(FaqError, match="抄上要引的那一句"):
        office.run("approve", "g0000001")
    office.edit("drafts/g0000001.md", clause, f"{clause}> 政策咨询：市工信局投资处 周敏 0536-8791234\n")
    assert office.run("approve", "g0000001") == 0


def test_what_is_said_of_an_answer_stays_in_its_draft_unless_it_is_of_the_day(office: Office) -> None:
    answer = office.assistant.ask("网上填报什么时候截止", today=date(2026, 6, 1))
    remark = Block(BlockKind.NOTE, (Span("以下只适用于企业。", SpanStyle.COMPUTED),))
    answer = replace(answer, blocks=(remark, *answer.blocks))
    lines = draft_entry("g1", "网上填报什么时候截止", (), answer, office.assistant.index).answer.split("\n")
    assert lines[0] == "以下只适用于企业。" and "5月16日前" in lines[1]
    assert len(lines) == 2 and "推定" not in lines[1]


def test_wordings_are_taken_over_without_address_and_thanks() -> None:
    asked = ("老师，几号截止呀", "请问几号截止，在线等", "最晚哪天交？？谢谢")
    assert wordings_for(DEADLINE, asked, TODAY) == ("几号截止", "最晚哪天交？")


def test_wordings_that_tell_a_persons_own_case_or_number_are_not_taken_over() -> None:
    long = "我们是潍坊一家做机械加工的小企业去年刚刚注册今年想申报这个补助请问最晚什么时候提交材料呢"
    mine = "我电话13812345678，截止了告诉我"
    assert wordings_for(DEADLINE, (long, mine, "几号截止"), TODAY) == ("几号截止",)


def test_rejected_groups_are_not_drafted_again(office: Office) -> None:
    office.draft(group())
    assert office.run("reject", "g0000001", "--by", "王敏") == 0
    assert office.draft(group())[0].outcome is DraftOutcome.REJECTED
    (act,) = Audit(open_database(office.url)).recent()
    assert (act.action, act.before.split("\n")[0]) == ("faq.rejected", f"# {DEADLINE}")


# ---------------------------------------------------------------- approval refuses


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param("**5月16日前**", "**5月18日前**", "5月18日", id="a-date-no-clause-states"),
        pytest.param("**5月16日前**", "**5月16日前**，补200万元", "200万元", id="an-amount"),
        pytest.param("[1]\n", "[3]\n", "[3]", id="a-marker-without-clause"),
        pytest.param("- 校验：", "- 校验：00000000000000001", "16 位", id="a-broken-digest"),
        pytest.param(f"- 通知：{NOTICE_ID}", "- 通知：2025年度技改补助", "不在索引里", id="no-such-notice"),
    ],
)
def test_what_is_wrong_with_a_draft_is_said_and_it_stays_a_draft(
    office: Office, before: str, after: str, words: str
) -> None:
    office.draft(group())
    office.edit("drafts/g0000001.md", before, after)
    with pytest.raises(FaqError) as error:
        office.run("approve", "g0000001")
    assert words in str(error.value)
    assert (office.faq / "drafts" / "g0000001.md").exists() and not (office.faq / "g0000001.md").exists()
    assert Audit(open_database(office.url)).recent() == ()


def test_a_clause_that_changed_since_the_draft_is_named_with_its_text_now(office: Office) -> None:
    office.draft(group())
    office.write(NOTICE.replace("逾期系统关闭", "逾期不再受理"))
    office.build()
    with pytest.raises(FaqError, match=r"逾期不再受理.*删掉这条依据的“校验”一行"):
        office.run("approve", "g0000001")
    page = office.page("drafts/g0000001.md")
    (digest,) = [line for line in page.split("\n") if line.startswith("- 校验")]
    office.edit("drafts/g0000001.md", f"{digest}\n", "")
    assert office.run("approve", "g0000001") == 0
    assert "> （一）企业于5月16日前在市技改平台完成网上填报，逾期不再受理。" in office.page("g0000001.md")


def test_two_entries_may_not_share_a_wording(office: Office) -> None:
    office.draft(group(), group("填报系统哪天关", DEADLINE, id="g0000002"))
    office.run("approve", "g0000001")
    with pytest.raises(FaqError, match="g0000001"):
        office.run("approve", "g0000002")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("g1000001", "是不是 g0000001", id="near"),
        pytest.param("g", "不止一个：g0000001、g0000002", id="several"),
        pytest.param("nothing", "faq list", id="none"),
    ],
)
def test_an_unknown_id_is_answered_with_the_way_on(office: Office, name: str, words: str) -> None:
    office.draft(group(), group("咨询电话", id="g0000002"))
    with pytest.raises(FaqError) as error:
        approve(office.faq, name, "", TODAY, office.assistant.index, Ranker.from_file())
    assert words in str(error.value)


# ---------------------------------------------------------------- explain, export


def logged(office: Office, question: str) -> str:
    log = QuestionLog(open_database(office.url), lambda: NOW)
    answer = office.ask(question)
    question_id = log.record(answer, channel="test", user="u", index_version=office.assistant.version)
    log.feedback(question_id, "someone", -1, FeedbackReason.OUTDATED)
    return question_id


def test_a_question_is_replayed_with_what_was_read_then_and_now(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    question_id = logged(office, DEADLINE)
    old = office.assistant.version
    office.write(NOTICE.replace("5月16日", "5月20日"))
    office.build()
    assert office.run("explain", question_id, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["votes"] == {"up": 0, "down": 1, "reasons": {"outdated": 1}}
    assert told["understood"]["intents"][0] == "deadline"
    assert told["then"]["index_version"] == old != told["now"]["index_version"]
    assert "5月16日" in told["then"]["answer"] and "5月20日" in told["now"]["answer"] and told["changed"]
    best = told["now"]["passages"][0]
    assert best["cited"] and {"dense", "lexical", "score", "score_then"} <= set(best)
    assert sum(best["contributions"].values()) == pytest.approx(best["score"], abs=0.2)

    assert office.run("explain", question_id) == 0
    text = capsys.readouterr().out
    for words in (
        "过时了 1",
        "【当时的回答】已回答",
        "【现在的回答】已回答",
        "1. 总分",
        "states_what_is_asked",
    ):
        assert words in text


def test_an_unknown_question_says_where_ids_are_found(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert office.run("explain", "nothing") == 1
    assert "faq report" in capsys.readouterr().err


@pytest.mark.parametrize(("format", "first"), [("md", "# 常见问题"), ("json", '{"id":"g0000001"')])
def test_what_is_in_use_is_exported(
    office: Office, capsys: pytest.CaptureFixture[str], format: str, first: str
) -> None:
    office.draft(group(), group("咨询电话", id="g0000002"))
    office.run("approve", "g0000001")
    capsys.readouterr()
    office.run("export", "--format", format)
    exported = capsys.readouterr().out
    assert exported.startswith(first) and "5月16日" in exported and "0536" not in exported


def test_without_a_database_nothing_is_approved(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office.draft(group())
    monkeypatch.setenv("DATABASE_URL", "sqlite:////proc/nowhere/questions.db")
    assert office.run("approve", "g0000001") == 1
    assert "没有审定" in capsys.readouterr().err and not (office.faq / "g0000001.md").exists()


def test_what_cannot_be_recorded_is_not_approved(office: Office) -> None:
    office.draft(group())

    def record(approval: Approval) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        approve(office.faq, "g0000001", "", TODAY, office.assistant.index, Ranker.from_file(), record)
    assert (office.faq / "drafts" / "g0000001.md").exists() and not (office.faq / "g0000001.md").exists()


# ---------------------------------------------------------------- from the log


def test_what_the_log_asks_often_is_drafted(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    log = QuestionLog(open_database(office.url), lambda: NOW)
    asked = (
        "企业网上填报什么时候截止",
        "企业网上填报几号截止？",
        "企業網上填報什麼時候截止",
        "咨询电话多少",
        "你好",
    )
    for person, words in enumerate(asked):
        log.record(office.ask(words), channel="test", user=f"u{person}")
    assert office.run("draft", "--min-count", "3") == 0
    shown = capsys.readouterr().out
    (path,) = (office.faq / "drafts").glob("*.md")
    assert f"{path.stem}  企业网上填报" in shown and "新写" in shown
    assert "2026-04-04 至 2026-05-01：问了 3 次，3 人" in path.read_text("utf-8")
    (act,) = Audit(open_database(office.url)).recent()
    assert (act.action, act.object) == ("faq.drafted", path.stem)
    assert office.run("draft", "--min-count", "9") == 0 and "--min-count 2" in capsys.readouterr().out
    assert office.run("draft", "--since", "2026-06-01") == 2
