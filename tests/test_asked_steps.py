"""The process as a whole is answered with the steps that a notice lists, whatever it heads them with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from bundled_encoder import bundled_encoder

from benchmarks.real_notice import with_questions
from bot.assistant import Assistant
from bot.datamodels import Answer, BlockKind
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.ranking import Ranker
from bot.reranking import Reranker

Ask = Callable[[Path, str], Answer]
"""(folder of notices, question) -> the answer of the program as it is shipped."""
TODAY = date(2024, 11, 23)
OPEN = """\
关于组织开展2025年绿色工厂申报工作的通知

各企业：
一、申报条件
（一）在本市注册。
（二）近三年无重大安全事故。
二、{heading}
（一）企业于2025年3月31日前登录平台填报。
（二）县级部门于4月10日前初审。
（三）市级部门组织评审并公示。
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    def asked(folder: Path, question: str) -> Answer:
        index = tmp_path_factory.mktemp("index")
        build_index(folder, index, bundled_encoder())
        reranker = Reranker.load("default", threads=1)
        assistant = Assistant(IndexStore(index), bundled_encoder(), Ranker.from_file(), reranker=reranker)
        return assistant.ask(question, today=TODAY)

    return asked


@pytest.mark.parametrize(
    "question", ["流程是什么", "申报流程", "报名要走哪些步骤", "what is the application process"]
)
def test_the_real_notice_heads_its_steps_with_other_words(ask: Ask, tmp_path: Path, question: str) -> None:
    answer = ask(with_questions(tmp_path), question)
    items = [block.text for block in answer.blocks if block.kind is BlockKind.ITEM]
    assert [text[:2] for text in items] == ["1.", "2.", "3.", "4.", "5."]
    assert answer.blocks[0].text == "组织实施："
    assert "于2024年11月22日前（已截止，逾期 1 天）完成线上申报" in items[0]
    assert "11月23日前（原文未写年份，按本通知推定为2024年；今天截止）" in items[1]


@pytest.mark.parametrize(
    ("heading", "question", "listed"),
    [
        ("申报程序", "流程是啥", True),
        ("办理流程", "怎么走流程", True),
        ("申报程序", "评审流程", False),
        ("工作要求", "流程是啥", False),
    ],
)
def test_only_the_whole_process_is_listed(
    ask: Ask, tmp_path: Path, heading: str, question: str, listed: bool
) -> None:
    folder = tmp_path / "notices" / "绿色工厂"
    folder.mkdir(parents=True)
    (folder / "通知.txt").write_text(OPEN.format(heading=heading), "utf-8")
    answer = ask(folder.parent, question)
    steps = [block.text for block in answer.blocks if block.kind is BlockKind.ITEM]
    assert (len(steps) == 3 and steps[0].startswith("（一）企业于")) == listed, answer.blocks
