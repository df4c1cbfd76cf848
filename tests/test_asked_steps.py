"""The process as a whole is answered with the steps that a notice lists, whatever it heads them with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from shipped_assistant import shipped_assistant

from benchmarks.real_notice import with_questions
from bot.assistant import Assistant
from bot.datamodels import Answer, BlockKind

TODAY = date(2024, 11, 23)
OPEN = """\
关于组织开展2025年绿色工厂申报工作的通知

各企业：
一、申报条件
（一）在本市注册。
（二）近三年无重大安全事故。
{heading}
（一）企业于2025年3月31日前登录平台填报。
（二）县级部门于4月10日前初审。
（三）市级部门组织评审并公示。
"""


GUIDE = OPEN.replace("一、申报条件", "【申报条件】")


def items_of(answer: Answer) -> list[str]:
    return [block.text for block in answer.blocks if block.kind is BlockKind.ITEM]


@pytest.fixture(scope="module")
def of_the_real_notice(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return shipped_assistant(
        with_questions(tmp_path_factory.mktemp("knowledge")), tmp_path_factory.mktemp("index")
    )


@pytest.mark.parametrize(
    "question", ["流程是什么", "申报流程", "报名要走哪些步骤", "分几步走", "what is the application process"]
)
def test_the_real_notice_heads_its_steps_with_other_words(
    of_the_real_notice: Assistant, question: str
) -> None:
    answer = of_the_real_notice.ask(question, today=TODAY)
    items = items_of(answer)
    assert [text[:2] for text in items] == ["1.", "2.", "3.", "4.", "5."]
    assert answer.blocks[0].text == "组织实施："
    assert "于2024年11月22日前（已截止，逾期 1 天）完成线上申报" in items[0]
    assert "11月23日前（原文未写年份，按本通知推定为2024年；今天截止）" in items[1]


@pytest.mark.parametrize(
    ("heading", "question", "listed"),
    [
        ("二、申报程序", "流程是啥", True),
        ("二、办理流程", "怎么走流程", True),
        ("二、申报程序", "评审流程", False),
        ("二、工作要求", "流程是啥", False),
    ],
)
def test_only_the_whole_process_is_listed(tmp_path: Path, heading: str, question: str, listed: bool) -> None:
    folder = tmp_path / "notices" / "绿色工厂"
    folder.mkdir(parents=True)
    (folder / "通知.txt").write_text(OPEN.format(heading=heading), "utf-8")
    steps = items_of(shipped_assistant(folder.parent, tmp_path / "index").ask(question, today=TODAY))
    assert (len(steps) == 3 and steps[0].startswith("（一）企业于")) == listed, steps


def test_a_heading_in_square_brackets_is_one_too(tmp_path: Path) -> None:
    folder = tmp_path / "notices" / "绿色工厂"
    folder.mkdir(parents=True)
    (folder / "指南.txt").write_text(GUIDE.format(heading="【申报流程】"), "utf-8")
    answer = shipped_assistant(folder.parent, tmp_path / "index").ask("怎么报名", today=TODAY)
    assert answer.blocks[0].text == "申报流程："
    assert [text[:3] for text in items_of(answer)] == ["（一）", "（二）", "（三）"]
