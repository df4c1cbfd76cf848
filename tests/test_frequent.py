"""An approved entry answers what it is about, first, with its date and its clauses; and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from bundled_encoder import bundled_encoder

from bot.assistant import Assistant
from bot.citations import check_answer
from bot.datamodels import Answer, AnswerStatus, BlockKind, CitedClause, FaqEntry, SpanStyle
from bot.errors import FactLockError
from bot.faq import Clauses
from bot.faq_answer import faq_answer
from bot.faq_markdown import page_to_markdown
from bot.frequent import Frequent, FrequentQuestions, Sameness, clauses_of
from bot.index.building import build_index
from bot.index.store import Index, IndexStore
from bot.question import understand
from bot.ranking import Ranker
from bot.rendering import to_json, to_plain
from bot.sameness import conflict

TODAY = date(2026, 5, 1)
NOTICE_ID = "2026年度技改补助"
NOTICES = {
    NOTICE_ID: """\
# 潍坊市工业和信息化局关于组织申报2026年度技改补助的通知

各县市区工信局：

一、申报条件

在潍坊市注册、设备投资不低于500万元的制造业企业。

二、申报时间

（一）企业于5月16日前在市技改平台完成网上填报，逾期系统关闭。

（二）各县市区工信局于5月30日前将推荐文件报送市工信局投资处。

三、补助标准

按设备投资额的10%给予补助，单个项目最高200万元。

四、联系方式

政策咨询：市工信局投资处  周敏  0536-8791234

潍坊市工业和信息化局

2026年4月8日
""",
    "2025年度技改补助": """\
# 潍坊市工业和信息化局关于组织申报2025年度技改补助的通知

一、申报时间

（一）企业于6月20日前在市技改平台完成网上填报。

二、补助标准

按设备投资额的8%给予补助，单个项目最高100万元。

潍坊市工业和信息化局

2025年4月20日
""",
}
FILE = f"{NOTICE_ID}/通知.md"


def cited(index: Index, section: str, quote: str) -> CitedClause:
    clause = Clauses(index.chunks).at(FILE, section)[0]
    assert quote in clause.text
    return CitedClause(FILE, section, quote, clause.digest)


def entries(index: Index) -> tuple[FaqEntry, ...]:
    deadline = cited(index, "二、（一）", "企业于5月16日前在市技改平台完成网上填报，逾期系统关闭。")
    amount = cited(index, "三、", "按设备投资额的10%给予补助，单个项目最高200万元。")
    return (
        FaqEntry(
            "deadline",
            "企业网上填报什么时候截止？",
            ("技改补助企业申报截止时间", "企业最晚哪天提交", "网上填报几号截止"),
            "企业请在**5月16日**前提交。[1]\n1. 到期系统会关闭，不能补报。[1]\n请早一些准备。",
            (deadline,),
            NOTICE_ID,
            date(2026, 4, 10),
            "王敏",
        ),
        FaqEntry(
            "amount",
            "技改补助补多少钱？",
            ("技改补贴标准", "设备投资能补多少"),
            "按设备投资额的10%补，最高200万元。",
            (amount,),
            NOTICE_ID,
            date(2026, 4, 10),
            "王敏",
        ),
    )


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    root = tmp_path_factory.mktemp("frequent")
    for notice_id, text in NOTICES.items():
        (root / "knowledge" / notice_id).mkdir(parents=True)
        (root / "knowledge" / notice_id / "通知.md").write_text(text, "utf-8")
    build_index(root / "knowledge", root / "index", bundled_encoder())
    index = IndexStore(root / "index").current()
    (root / "knowledge" / "faq").mkdir()
    for entry in entries(index):
        (root / "knowledge" / "faq" / f"{entry.id}.md").write_text(page_to_markdown(entry), "utf-8")
    receipt = build_index(root / "knowledge", root / "index", bundled_encoder())
    assert (receipt.faq_held, receipt.faq_problems) == ((), ())
    return Assistant(IndexStore(root / "index"), bundled_encoder(), Ranker.from_file())


def ask(assistant: Assistant, text: str, today: date = TODAY, **more: object) -> Answer:
    answer = assistant.ask(text, today=today, **more)  # type: ignore[arg-type]
    check_answer(answer, assistant.index.documents)
    return answer


# ---------------------------------------------------------------- answered first


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("企业网上填报什么时候截止？", id="its-question"),
        pytest.param("请问企业最晚哪天提交呀", id="a-wording-said-politely"),
        pytest.param("企業網上填報什麼時候截止", id="traditional"),
        pytest.param("企业网上填报哪天截止", id="paraphrase"),
    ],
)
def test_its_wordings_and_their_like_get_the_staffs_answer(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert answer.status is AnswerStatus.ANSWERED_FAQ
    assert answer.blocks[0].text == "常见问题（2026-04-10 审定）："
    assert "请在5月16日" in answer.text and answer.citations[0].file == FILE


def test_the_answer_is_shown_with_its_state_its_items_and_its_remark(assistant: Assistant) -> None:
    answer = ask(assistant, "企业网上填报什么时候截止？")
    first, second, remark = answer.blocks[1:4]
    assert first.text == "企业请在5月16日前（原文未写年份，按本通知推定为2026年；还剩 15 天）提交。"
    assert [span.text for span in first.spans if span.style is SpanStyle.STRONG] == ["5月16日"]
    assert (second.kind, second.text) == (BlockKind.ITEM, "1. 到期系统会关闭，不能补报。")
    assert (remark.kind, remark.text, remark.citations) == (BlockKind.NOTE, "请早一些准备。", ())
    assert "常见问题（2026-04-10 审定）" in to_plain(answer)
    assert to_json(answer, 1)["status"] == "answered_faq"
    assert [fact.value for fact in answer.facts] == ["2026-05-16"]


def test_a_deadline_that_has_passed_is_said_to_have_passed(assistant: Assistant) -> None:
    answer = ask(assistant, "企业网上填报什么时候截止？", date(2026, 5, 20))
    assert "已截止，逾期 4 天" in answer.blocks[1].text
    assert answer.blocks[-2].text == "以上时间均已过；如有新的通知，请以新通知为准。"


def test_a_newer_notice_of_the_programme_is_told_apart_as_in_other_answers(assistant: Assistant) -> None:
    assert "另有2025年的通知" in ask(assistant, "企业网上填报什么时候截止？").blocks[-1].text


def test_without_markers_the_first_line_stands_on_all_clauses(assistant: Assistant) -> None:
    answer = ask(assistant, "技改补助补多少钱？")
    assert answer.status is AnswerStatus.ANSWERED_FAQ
    assert answer.blocks[1].citations == (1,)
    quote = answer.citations[0].quote
    assert [quote[a:b] for a, b in answer.citations[0].marks] == ["10%", "200万元"]


# ---------------------------------------------------------------- nothing else


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("2025年企业网上填报什么时候截止", id="another-year"),
        pytest.param("去年企业网上填报什么时候截止", id="last-year"),
        pytest.param("2027年企业网上填报什么时候截止", id="a-year-without-notice"),
        pytest.param("县区推荐文件什么时候报到市里", id="another-side"),
        pytest.param("第二批企业网上填报什么时候截止", id="another-batch"),
        pytest.param("企业网上填报是5月20日截止吗", id="another-value"),
        pytest.param("企业网上填报什么时候开始", id="start"),
        pytest.param("青岛的企业网上填报什么时候截止", id="another-place"),
        pytest.param("技改补助最高多少钱", id="the-cap-alone"),
        pytest.param("咨询电话多少", id="another-kind-of-value"),
        pytest.param("你好", id="small-talk"),
        pytest.param("今天天气怎么样", id="elsewhere"),
    ],
)
def test_look_alikes_are_answered_from_the_notice(assistant: Assistant, question: str) -> None:
    assert ask(assistant, question).status is not AnswerStatus.ANSWERED_FAQ


def test_a_follow_up_and_another_chosen_notice_are_not_caught(assistant: Assistant) -> None:
    history = ["县区推荐文件什么时候报送"]
    assert ask(assistant, "那企业呢", history=history).status is not AnswerStatus.ANSWERED_FAQ
    chosen = ask(assistant, "企业网上填报什么时候截止？", notice_id="2025年度技改补助")
    assert chosen.status is not AnswerStatus.ANSWERED_FAQ and "6月20日" in chosen.text


def test_before_its_notice_was_issued_an_entry_does_not_answer(assistant: Assistant) -> None:
    earlier = ask(assistant, "企业网上填报什么时候截止？", date(2025, 5, 1))
    assert earlier.status is AnswerStatus.ANSWERED and "6月20日" in earlier.text


def test_an_entry_about_all_notices_answers_in_any_of_them(assistant: Assistant) -> None:
    index = assistant.index
    common = replace(entries(index)[1], notice_id="")
    broad = replace(index, faq=(common,), faq_owner=(0, 0, 0), faq_vectors=index.faq_vectors[:3])
    question = understand("技改补贴标准", today=TODAY)
    vector = bundled_encoder().encode_queries([question.normalised])[0]
    frequent = FrequentQuestions(bundled_encoder(), Ranker.from_file())
    found = frequent.find(question, vector, broad, ["2025年度技改补助"])
    assert found is not None and found.entry == common


# ---------------------------------------------------------------- the lock


def test_a_value_that_no_clause_states_is_not_sent(assistant: Assistant) -> None:
    index = assistant.index
    wrong = replace(entries(index)[0], answer="企业请在5月18日前提交。[1]")
    clauses = clauses_of(wrong, index)
    assert clauses is not None
    found = Frequent(wrong, clauses, index.notices[NOTICE_ID], 1.0)
    question = understand(wrong.question, today=TODAY)
    with pytest.raises(FactLockError, match="5月18日"):
        faq_answer(question, found, index, Ranker.from_file())


def test_a_clause_that_reads_otherwise_gives_no_clauses(assistant: Assistant) -> None:
    entry = entries(assistant.index)[0]
    changed = replace(entry, clauses=(replace(entry.clauses[0], digest="0" * 16),))
    assert clauses_of(changed, assistant.index) is None


# ---------------------------------------------------------------- conflicts


@pytest.mark.parametrize(
    ("question", "wording", "expected"),
    [
        pytest.param("2027年什么时候截止", "什么时候截止", "year", id="year"),
        pytest.param("二批什么时候截止", "第一批什么时候截止", "batch", id="batch"),
        pytest.param("宜昌找谁", "襄阳找谁", "place", id="place"),
        pytest.param("找谁", "襄阳找谁", "place", id="place-left-out"),
        pytest.param("补助是300万元吗", "补助多少", "value", id="value"),
        pytest.param("市州什么时候推荐", "企业什么时候提交", "side", id="side"),
        pytest.param("企业什么时候可以填", "企业哪天截止", "aspect", id="aspect"),
        pytest.param("企业什么时候提交", "企业哪天提交", "", id="none"),
    ],
)
def test_conflicts_are_named(assistant: Assistant, question: str, wording: str, expected: str) -> None:
    notice = assistant.index.notices[NOTICE_ID]
    asked, other = understand(question, today=TODAY), understand(wording, today=TODAY)
    assert conflict(asked, [other], notice, "补助200万元") == expected


def test_the_probability_is_the_logistic_of_the_weighted_features() -> None:
    # 0.5 * 2 + (-1) * 1 + 1 = 1;  1 / (1 + exp(-1)) = 0.7311
    model = Sameness(np.array([0.5, -1.0]), 1.0, 0.9)
    assert model.probability(np.array([2.0, 1.0])) == pytest.approx(0.7311, abs=1e-4)
