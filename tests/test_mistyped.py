"""Words of the field that were mistyped by sound."""

from __future__ import annotations

import pytest

from bot.lexicon import FIELD_WORDS
from bot.mistyped import as_meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("申保条件", "申报条件"),
        ("节至几号申保", "截至几号申报"),
        ("截只日期", "截止日期"),
        ("联系店话", "联系电话"),
        ("补帖多少", "补贴多少"),
        ("神报书要几份", "申报书要几份"),
        ("平抬操作 邮相", "平台操作 邮箱"),
        ("what is 申保", "what is 申报"),
    ],
)
def test_a_word_mistyped_by_sound_is_read_as_it_is_written(typed: str, meant: str) -> None:
    assert as_meant(typed) == meant


@pytest.mark.parametrize(
    "words",
    [
        "人身保险",  # 身保 stands in a word of the dictionary
        "不贴照片行吗",  # 不 is a word of its own
        "要十件材料",
        "截至几号",
        "公式怎么算",  # a word, if not the one that was meant
        "",
        "phone number?",
    ],
)
def test_other_words_stay(words: str) -> None:
    assert as_meant(words) == words


@pytest.mark.parametrize("word", FIELD_WORDS)
def test_the_fields_own_words_stay(word: str) -> None:
    assert as_meant(f"{word}是什么") == f"{word}是什么"
