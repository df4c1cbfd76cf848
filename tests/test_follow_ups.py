"""A follow-up stands for the question before, asked of something else; one with a question of its own does not."""

from __future__ import annotations

import pytest

from bot.follow_ups import in_full


@pytest.mark.parametrize(
    ("before", "then", "asked"),
    [
        ("培育级什么时候截止", "那储备级呢", "储备级什么时候截止"),
        ("第一方向找谁", "那海外仓呢", "海外仓找谁"),
        ("低保家庭在汇川区租金一平方多少", "那新蒲新区呢", "低保家庭在新蒲新区租金一平方多少"),
        ("我们怎么申报", "如果是央企呢", "央企怎么申报"),
        ("医生岗年龄最大多少", "那护士岗呢", "护士岗年龄最大多少"),
        ("保险补偿材料交到哪里", "那要几份", "保险补偿 要几份"),
        ("什么时候截止", "那储备级呢", "储备级什么时候截止"),
        ("科技型中小企业存量补助比例是多少", "那增量呢", "科技型中小企业增量补助比例是多少"),
    ],
    ids=["level", "subject", "place", "asker", "kind", "asked", "none-before", "word-of-many"],
)
def test_a_follow_up_in_full(before: str, then: str, asked: str) -> None:
    meant = in_full(then, [before])
    assert meant is not None and meant.asked == asked


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("分公司能报吗", "那我们能报吗"),
        ("怎么申报", "那材料呢"),
        ("什么时候截止", "那逾期了呢"),
        ("没有发明专利能报吗", "那个体户呢"),
    ],
    ids=["own-question", "names-nothing", "case", "no-place-for-it"],
)
def test_other_words_stay_as_they_are(before: str, then: str) -> None:
    assert in_full(then, [before]) is None
