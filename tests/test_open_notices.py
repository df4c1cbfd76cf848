"""Which notices are open is answered over all of them: the soonest first, each with its next date and its clause."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from shipped_assistant import shipped_assistant

from bot.assistant import Assistant
from bot.datamodels import AnswerStatus, BlockKind
from bot.open_notices import MOST_NOTICES, asks_for_open_notices
from bot.question import understand

TODAY = date(2026, 3, 1)
NOTICE = """\
关于组织开展2026年{programme}申报工作的通知

各企业：
一、申报主体须在本市注册。
二、申报主体于{day}前完成线上申报。

2026年1月5日
"""
OPEN = {f"第{n}类示范": f"2026年3月{30 - n}日" for n in range(1, MOST_NOTICES + 2)}


def assistant_over(folder: Path, days: dict[str, str]) -> Assistant:
    for programme, day in days.items():
        (folder / "notices" / programme).mkdir(parents=True)
        text = NOTICE.format(programme=programme, day=day)
        (folder / "notices" / programme / "通知.txt").write_text(text, "utf-8")
    return shipped_assistant(folder / "notices", folder / "index")


def test_open_notices_are_listed_and_those_past_are_not(tmp_path: Path) -> None:
    days = {"绿色工厂": "2026年4月30日", "智能工厂": "2026年3月11日", "单项冠军": "2026年2月10日"}
    answer = assistant_over(tmp_path, days).ask("现在有哪些通知可以报呀？", today=TODAY)
    items = [block for block in answer.blocks if block.kind is BlockKind.ITEM]
    assert [item.text for item in items] == [
        "【2026年智能工厂申报】2026年3月11日（周三）（还剩 10 天）：申报主体：完成线上申报",
        "【2026年绿色工厂申报】2026年4月30日（周四）（还剩 60 天）：申报主体：完成线上申报",
    ]
    quoted = {citation.n: citation.quote for citation in answer.citations}
    assert "2026年3月11日前" in quoted[items[0].citations[0]]
    assert "2026年4月30日前" in quoted[items[1].citations[0]]
    assert answer.notice_ids == ("智能工厂", "绿色工厂")


def test_of_many_the_soonest_are_listed_and_counted(tmp_path: Path) -> None:
    answer = assistant_over(tmp_path, OPEN).ask("目前能报什么", today=TODAY)
    items = [block.text for block in answer.blocks if block.kind is BlockKind.ITEM]
    assert len(items) == MOST_NOTICES and f"第{MOST_NOTICES + 1}类示范" in items[0]
    assert f"共 {MOST_NOTICES + 1} 项" in answer.blocks[-1].text


def test_where_none_is_open_that_is_said(tmp_path: Path) -> None:
    answer = assistant_over(tmp_path, {"单项冠军": "2026年2月10日"}).ask("哪些通知还没截止", today=TODAY)
    assert answer.status is AnswerStatus.NOT_FOUND
    assert "都已过" in answer.blocks[0].text


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("现在有哪些通知可以报", True),
        ("有什么通知还能申报吗", True),
        ("眼下能申请什么项目", True),
        ("Which notices are still open?", True),
        ("哪些项目可以申报", False),
        ("哪些通知被废止了", False),
        ("现在能报名吗", False),
        ("通知什么时候可以报", False),
    ],
)
def test_only_a_question_for_notices_is_one(words: str, meant: bool) -> None:
    assert asks_for_open_notices(understand(words, today=TODAY)) is meant
    assert not asks_for_open_notices(understand(words, today=TODAY, notice_id="绿色工厂"))
