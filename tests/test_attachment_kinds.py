"""Which attachment that is not supplied holds what is asked for."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot.attachment_kinds import attachment_for
from bot.datamodels import DeclaredAttachment, Notice

TITLES = ("智能工厂梯度培育要素条件", "推荐名额表", "项目申报材料清单", "第三方成熟度评估机构名录")
MISSING = tuple(DeclaredAttachment(str(n), title, None) for n, title in enumerate(TITLES, 1))
TEXT = """关于开展智能工厂梯度培育行动的通知

一、申报主体按照要素条件开展自评，在评估机构名录内选择机构。
"""


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("设备联网率85%够先进级吗", "1"),
        ("数控化率要达到多少才是基础级", "1"),
        ("湖南能推几个中试平台", "2"),
        ("需不需要财务审计报告", "3"),
        ("材料清单有哪些", "3"),
        ("What materials are needed?", "3"),
        ("评估机构有哪些", "4"),
        ("补多少钱", None),
        ("推荐文件什么时候报", None),
        ("公司改名了还能报吗", None),
        ("食堂有哪些菜", None),
        ("要交多少钱", None),
        ("纸质的要几分", None),
        ("县里几号之前要把材料给市里", None),
    ],
)
def test_the_title_of_an_attachment_says_that_it_holds_what_is_asked(
    question: str, number: str | None
) -> None:
    notice = Notice("n", "关于开展智能工厂梯度培育行动的通知", "n/t.txt", attachments=MISSING)
    found = attachment_for(desk_about(notice, TEXT, question, date(2026, 11, 24)))
    assert (found.number if found else None) == number
