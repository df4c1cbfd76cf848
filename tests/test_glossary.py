"""The two term lists, and a question in the words of a notice."""

from __future__ import annotations

import re

import pytest

from bot.glossary import TERMS, in_chinese, in_written_words

LINES = [
    pytest.param(line, id=f"{name}-{n}")
    for name in ("colloquial", "english")
    for n, line in enumerate((TERMS / f"{name}.tsv").read_text("utf-8").split("\n"), 1)
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("line", LINES)
def test_a_row_is_an_expression_and_the_words_for_it(line: str) -> None:
    said, written = line.split("\t")
    assert not re.fullmatch(said, "") and 1 <= len(written.split()) <= 5
    assert re.compile(said).groups == 0  # the rows are joined into one expression, whose groups are its own
    assert re.search(r"[\u4e00-\u9fff]", written)


@pytest.mark.parametrize("name", ["colloquial", "english"])
def test_no_row_stands_twice(name: str) -> None:
    lines = (TERMS / f"{name}.tsv").read_text("utf-8").split("\n")
    said = [line.split("\t")[0] for line in lines if line and not line.startswith("#")]
    assert len(said) == len({*said})


@pytest.mark.parametrize(
    ("asked", "clause", "reworded"),
    [
        pytest.param("钱啥时候打下来", "资金于公示后30日内拨付。", "钱啥时候拨付", id="money"),
        pytest.param("老板能换吗", "变更法定代表人的，应当备案。", "法定代表人能换吗", id="person"),
        pytest.param("分公司能报吗", "允许法人的分支机构申报。", "分支机构能报吗", id="form"),
        pytest.param("找谁", "联系电话0731-88955383。", "联系电话", id="contact"),
        pytest.param("分公司能报吗", "分公司另行通知。", "分公司能报吗", id="said-so"),
        pytest.param("老板能换吗", "材料一式三份。", "老板能换吗", id="not-in-the-clause"),
        pytest.param("法定代表人能换吗", "变更法定代表人的，应当备案。", "法定代表人能换吗", id="written"),
    ],
)
def test_a_question_takes_the_word_of_the_clause(asked: str, clause: str, reworded: str) -> None:
    assert in_written_words(asked, clause) == reworded


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        pytest.param("how many paper copies do we need", "几份 必须", id="phrase-before-word"),
        pytest.param("can a branch apply", "可以 分支机构 申报", id="word-by-word"),
        pytest.param(
            "what is the deadline for the 2027 refund?", "什么 截止时间 2027 退款", id="numbers-stay"
        ),
        pytest.param("is the widget of mianyang subsidised", "widget mianyang 补贴", id="unknown-words-stay"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_an_english_question_word_by_word(english: str, chinese: str) -> None:
    assert in_chinese(english) == chinese
