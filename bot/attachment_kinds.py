"""(Question, notice) -> the attachment, named but not supplied, whose title says that it holds what is asked for.

`名额表` holds how many each may recommend, `材料清单` what is handed in, `要素条件` how much is enough, `机构名录` who is on it.
"""

from __future__ import annotations

import re

from bot.datamodels import DeclaredAttachment, FactKind, Question
from bot.desk import Desk
from bot.question import content_terms, expected_facts
from bot.ranking import missing_overlap

PAPER = (
    r"(?:要|需|交|提供|附|带|备|缺)[^，。,?？]{0,8}(?:报告|证明|证书|证件|身份证|执照|合同|发票|凭证|承诺书|复印件|材料|资料|报表)|"
    r"(?:报告|证明|证书|证件|身份证|执照|合同|发票|凭证|承诺书|复印件|报表)[^，。,?？]{0,4}(?:要|需|交|附|带)"
)
"""Words of a question whether a paper is handed in (regular expression)."""
_HELD_IN = (
    # what is asked for, the title of what holds it (regular expressions)
    (r"名额|指标|[推报](?:荐|送)?(?:几|多少)[家个项名]", r"名额|指标.{0,4}分配|分配表|计划表"),
    (
        rf"{PAPER}|材料.{{0,4}}(?:哪些|什么|啥|清单)|what.{{0,10}}(?:documents|materials)|材料清单",
        r"材料.{0,6}(?:清单|目录|明细)",
    ),
    (
        r"\d[\d.]*%?[^，。?？]{0,6}(?:够|达标|合格|行)|(?:达到?|要|得|至少|最低)(?:多少|几)(?![份分家个钱天页字])|多少才|几分才|门槛",
        r"条件|标准|指标|评分|评价[表细]|要素",
    ),
)
_LIST = r"名单|名录|目录"
_ON_IT = r"哪些|哪几[家个]|有没有|在不在|里"
LISTED = 3
"""Characters that a question shares with the title of a list of what it asks for."""


def attachment_for(desk: Desk) -> DeclaredAttachment | None:
    """The first missing attachment that holds, by its title, what the question asks for."""
    missing = (a for a in desk.notice.attachments if a.document_id is None)
    return next((a for a in missing if holds_asked(desk.question, a)), None)


def holds_asked(question: Question, attachment: DeclaredAttachment) -> bool:
    """True where the title says that an attachment holds what is asked for; a day or a number to call is in none."""
    words, title = question.normalised, attachment.title
    if {FactKind.DATE, FactKind.PHONE} & set(expected_facts(words)[:1]):
        return False
    if any(re.search(asks, words) and re.search(holds, title) for asks, holds in _HELD_IN):
        return True
    if not re.search(_LIST, title) or not re.search(_ON_IT, words):
        return False
    named = [term for term in content_terms(question) if term in title]
    by_name = re.search(_LIST, words) and any(not re.fullmatch(_LIST, term) for term in named)
    return bool(by_name) or missing_overlap(re.split(_LIST, words)[0], re.split(_LIST, title)[0]) >= LISTED
