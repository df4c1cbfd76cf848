"""Answers about a time that runs from a notice's own issue: quoted as written, the day computed beside it."""

from __future__ import annotations

from datetime import date

import pytest
from bundled_encoder import bundled_encoder

from bot.assistant import Assistant
from bot.citations import check_answer
from bot.datamodels import Answer, SpanStyle
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.ranking import Ranker
from bot.reranking import Reranker

NOTICE = """关于组织申报绿色工厂的通知
各有关单位：
一、申报时间
请各申报企业自本通知印发之日起20个工作日内提交申报材料。
二、意见反馈
各单位收到本通知后5个工作日内反馈意见。
三、联系方式
联系人：王小明，电话：010-12345678
某某局
2024年11月22日
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    root = tmp_path_factory.mktemp("relative")
    (root / "knowledge" / "绿色工厂").mkdir(parents=True)
    (root / "knowledge" / "绿色工厂" / "通知.txt").write_text(NOTICE, "utf-8")
    build_index(root / "knowledge", root / "index", bundled_encoder())
    store, reader = IndexStore(root / "index"), Reranker.load("default")
    return Assistant(store, bundled_encoder(), Ranker.from_file(), reranker=reader)


def ask(assistant: Assistant, text: str, today: date) -> Answer:
    answer = assistant.ask(text, today=today)
    check_answer(answer, assistant.index.documents)
    return answer


@pytest.mark.parametrize("question", ["什么时候截止", "申报企业多久内提交申报材料", "最晚哪天交材料"])
def test_the_day_stands_beside_the_quoted_words_as_computed(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question, date(2024, 12, 8))
    assert "自本通知印发之日起20个工作日内" in answer.text
    remarks = [s.text for b in answer.blocks for s in b.spans if s.style is SpanStyle.COMPUTED]
    assert "（按工作日推算：2024年12月20日；还剩 12 天）" in remarks
    assert all("12月20日" not in citation.quote for citation in answer.citations)
    assert all("12-20" not in fact.value for fact in answer.facts)


def test_a_day_that_is_past_is_said_to_be_so(assistant: Assistant) -> None:
    assert "已截止，逾期 2 天" in ask(assistant, "什么时候截止", date(2024, 12, 22)).text


def test_nothing_is_computed_from_a_day_that_nobody_knows(assistant: Assistant) -> None:
    answer = ask(assistant, "收到通知后几个工作日内反馈意见", date(2024, 12, 8))
    assert "5个工作日内" in answer.text
    assert "推算" not in answer.text
