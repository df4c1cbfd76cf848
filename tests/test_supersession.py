"""A notice that another one repeals stays in the index, and says so."""

from __future__ import annotations

from datetime import date

import pytest
from bundled_encoder import bundled_encoder

from bot.assistant import Assistant
from bot.citations import check_answer
from bot.datamodels import BlockKind, Notice
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.ranking import Ranker
from bot.supersession import repealed_by

OLD = """\
关于加强排污许可证管理工作的通知

苏环办字〔2021〕119号

各区生态环境局：

一、申领单位应于每年3月31日前提交执行报告。

联系人：王敏 0512-65550001

苏州市生态环境局

2021年6月1日
"""
NEW = """\
关于规范排污许可执行报告管理的通知

苏环办字〔2025〕33号

各区生态环境局：

一、申领单位应于每年1月31日前提交执行报告。

二、本通知自2025年7月1日起执行，《关于加强排污许可证管理工作的通知》（苏环办字〔2021〕119号）同时废止。

联系人：李强 0512-65550002

苏州市生态环境局

2025年6月1日
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    knowledge, root = tmp_path_factory.mktemp("knowledge"), tmp_path_factory.mktemp("index")
    for name, text in {"排污许可2021": OLD, "排污许可2025": NEW}.items():
        (knowledge / name).mkdir()
        (knowledge / name / "通知.txt").write_text(text, encoding="utf-8")
    build_index(knowledge, root, bundled_encoder())
    return Assistant(IndexStore(root), bundled_encoder(), Ranker.from_file())


def test_an_answer_from_a_repealed_notice_begins_with_what_repeals_it(assistant: Assistant) -> None:
    answer = assistant.ask("执行报告什么时候交", today=date(2026, 1, 5), notice_id="排污许可2021")
    check_answer(answer, assistant.index.documents)
    assert answer.blocks[0].kind is BlockKind.NOTE
    assert "已被《关于规范排污许可执行报告管理的通知》（苏环办字〔2025〕33号）废止" in answer.blocks[0].text
    (n,) = answer.blocks[0].citations
    cited = answer.citations[n - 1]
    assert cited.notice == "排污许可2025"
    assert "苏环办字〔2021〕119号）同时废止" in cited.quote


def test_before_the_repeal_was_issued_there_is_no_banner(assistant: Assistant) -> None:
    answer = assistant.ask("执行报告什么时候交", today=date(2025, 3, 1), notice_id="排污许可2021")
    assert "废止" not in answer.text


def test_the_notice_in_force_has_no_banner(assistant: Assistant) -> None:
    answer = assistant.ask("执行报告什么时候交", today=date(2026, 1, 5), notice_id="排污许可2025")
    assert "1月31日" in answer.text
    assert "以下是原规定" not in answer.text


@pytest.mark.parametrize(
    ("named", "found"),
    [
        pytest.param("苏环办字[2021]119号", True, id="number-in-other-brackets"),
        pytest.param("关于加强排污许可证管理工作的通知", True, id="whole-title"),
        pytest.param("苏州市生态环境局关于加强排污许可证管理工作的通知", False, id="longer-than-the-title"),
        pytest.param("工作的通知", False, id="a-tail-that-many-titles-have"),
        pytest.param("苏环办字〔2021〕11号", False, id="another-number"),
    ],
)
def test_what_a_repeal_names(named: str, found: bool) -> None:
    old = Notice(
        "old", "关于加强排污许可证管理工作的通知", "old/通知.txt", doc_number="苏环办字〔2021〕119号"
    )
    new = Notice("new", "另一份通知", "new/通知.txt", supersedes=(named,))
    assert (repealed_by(old, [old, new]) is new) == found
