"""A word for filing that a notice does not have is taken for the one that it has."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from shipped_assistant import shipped_assistant

from benchmarks.real_notice import with_questions
from bot.notice_words import in_notice_words
from bot.question import understand

TODAY = date(2024, 11, 20)
FILED = ("申报主体于11月22日前完成线上申报。", "推荐单位审核申报材料。")


@pytest.mark.parametrize(
    ("asked", "texts", "words"),
    [
        ("怎么报名", FILED, "怎么申报"),
        ("怎么报?", FILED, "怎么申报?"),
        ("咋报", ("报名时间为3月,申请人须到场报名",), "咋报名"),
        ("报名条件", (*FILED, "网上报名"), "报名条件"),
        ("报名费多少", FILED, "报名费多少"),
        ("啥时候报名单", FILED, "啥时候报名单"),
        ("怎么报销", FILED, "怎么报销"),
        ("报考条件", FILED, "申报条件"),
        ("报考条件", (*FILED, "报考岗位"), "报考条件"),
        ("怎么报名", ("评审结果在网站公示。",), "怎么报名"),
    ],
)
def test_only_a_word_that_the_notice_lacks_is_exchanged(
    asked: str, texts: tuple[str, ...], words: str
) -> None:
    question = understand(asked, today=TODAY)
    own = in_notice_words(question, texts)
    assert own.normalised == words
    assert (own is question) == (words == question.normalised)
    assert own.text == asked


def test_signing_up_is_answered_like_applying(tmp_path: Path) -> None:
    """The real notice says 申报 throughout, and never 报名."""
    assistant = shipped_assistant(with_questions(tmp_path / "notices"), tmp_path / "index")
    applying, signing_up, short = (assistant.ask(q, today=TODAY) for q in ("怎么申报", "怎么报名", "怎么报"))
    assert not applying.status.abstained
    assert [b.text for b in signing_up.blocks] == [b.text for b in applying.blocks]
    assert [b.text for b in short.blocks] == [b.text for b in applying.blocks]
    # A remark that stands under both parts of a line is told once.
    both = assistant.ask("纸质的要交几份 寄哪", today=TODAY)
    assert len({block.text for block in both.blocks}) == len(both.blocks)
