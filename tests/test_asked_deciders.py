"""Which office decides on a level."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot.asked_deciders import deciding_sentences
from bot.datamodels import Notice, Passage

TEXT = """关于开展智能工厂梯度培育行动的通知

一、分基础级、先进级、卓越级和领航级四个层级开展智能工厂梯度培育。
（一）鼓励企业对照基础级智能工厂要素条件开展自建自评，由市州工信局联合相关部门组织开展评审认定工作。
（二）省工业和信息化厅联合相关部门组织开展先进级智能工厂评审认定工作，并推荐符合条件的申报卓越级智能工厂。
（三）省工业和信息化厅择优提出卓越级智能工厂推荐名单，向工业和信息化部推荐上报。
（四）工业和信息化部会同国家发展改革委组织卓越级智能工厂评审认定和宣传推广。
"""


def deciding(question: str) -> str:
    notice = Notice("n", "关于开展智能工厂梯度培育行动的通知", "n/t.txt")
    desk = desk_about(notice, TEXT, question, date(2024, 11, 20))
    return "".join(c.text for c in deciding_sentences(desk, [Passage(c, 0.0) for c in desk.chunks]))


@pytest.mark.parametrize(
    ("question", "office", "other"),
    [
        ("卓越级最后谁说了算", "工业和信息化部会同", "省工业"),
        ("卓越级是谁评的", "工业和信息化部会同", "省工业"),
        ("先进级找谁认定", "省工业和信息化厅联合", "市州"),
        ("先进级由市州工信局认定对吧", "省工业和信息化厅联合", "市州"),
        ("基础级是市里评还是省里评", "市州工信局", "省工业"),
        ("基础级去哪个部门评", "市州工信局", "省工业"),
    ],
)
def test_who_decides_is_told_and_not_who_recommends(question: str, office: str, other: str) -> None:
    assert office in deciding(question) and other not in deciding(question)


@pytest.mark.parametrize(
    "question",
    ["领航级谁认定", "谁说了算", "先进级什么时候评审", "谁可以被认定为先进级", "先进级认定条件是什么"],
)
def test_nothing_is_told_where_no_clause_says_it_or_it_is_not_asked(question: str) -> None:
    assert not deciding(question)
