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
    ("spoken", "written"),
    [
        ("能拿几个钱", "能拿多少钱"),
        ("一亩补好多钱", "一亩补多少钱"),
        ("最高给几多", "最高给多少"),
        ("系咪要盖章", "是否要盖章"),
        ("有冇补贴攞", "有没补贴拿"),
        ("边个部门批", "哪个部门批"),
        ("唔盖章得唔得", "不盖章得不得"),
    ],
)
def test_spoken_words_are_read_as_written_ones_that_are_as_long(spoken: str, written: str) -> None:
    assert as_meant(spoken) == written
    assert len(spoken) == len(written)


@pytest.mark.parametrize(
    "words",
    [
        "人身保险",  # 身保 stands in a word of the dictionary
        "不贴照片行吗",  # 不 is a word of its own
        "要十件材料",
        "截至几号",
        "一边个人申请一边单位申请",
        "重点解决什么问题",
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
