"""Words -> the tier of those who act: a county's office, a city's, the province's, a central enterprise, a university,
a person.

Each hands in by a date of its own, and a date of another's is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actors import without_owner
from bot.datamodels import Fact, FactKind, Question
from bot.deadlines import names_act
from bot.due_dates import without_asides
from bot.lexicon import AUTHORITY, ENTERPRISE, TIERS
from bot.question import asks_for_date
from bot.timeliness import asks_of_a_day

_NAMED = "|".join(asked for _, asked, _ in TIERS)
_RECEIVER = (
    r"(?:所在|属地|行业|上级)?(?:[省市县区州][\u4e00-\u9fff]{0,6}?(?:[厅局委处部]|里|级)|"
    r"[\u4e00-\u9fff]{2,4}局|主管部门|协会|学会|商会|集团|总部|高校|大学)"
)
_TO_WHOM = re.compile(
    rf"(?:走|找|通过|经由?){_RECEIVER}(?:推荐|[上申]?报送?)?的?|[报送交寄到给至向](?:给|到|至)?{_RECEIVER}"
)
"""To whom something is handed in, or by way of whom: `几号前报省厅` asks for the date of whoever hands it in."""
_WHOSE = re.compile(
    rf"(?:{_NAMED})(?:的?(?:会员|下属|所属|旗下)|(?:推荐|上报|报送|审核|初审)[过了]?的(?=企业|公司|单位|我们|项目|厂|人))"
)
"""To whom those who act belong, or who put them forward: `协会推荐的企业`."""
_OVER = re.compile(
    rf"^(?:{_NAMED}|{ENTERPRISE}|{AUTHORITY}|单位|已经?|都|刚刚?|网上|线上|系统|端|这边|那边|材料){{0,4}}"
    r"(?:报名|填报|申报|填写|提交|推荐|上报|报送|审核|初审){1,2}(?:时间|通道|系统|阶段|已经?|都){0,2}"
    r"(?:过|完|关|截止|结束)了(?![吗嘛么没吧不])[，,。；;、\s]*(?=.)"
)
"""The stage that a question reports as over before it asks about another. Its repeats are counted: words that fit two
of these choices would else cost the power of their number."""
_AS_OTHERS = re.compile(
    r"([^，。；,;]{2,20}?)的?(?:报送|申报|推荐|提交|截止)?(?:时间|时限|期限)[^，。；,;]{0,4}(?:与|同|参照|按)"
)
"""Whose time is as that of others."""
_OFFICE = r"[\u4e00-\u9fff]{2,4}局"


def still_asked(words: str) -> str:
    """A question without the stage that it reports as over, where the rest says who acts or what is to be done:
    `网上填报关了，单位审核还来得及吗` -> `单位审核还来得及吗`."""
    rest = _OVER.sub("", words)
    return rest if names_act(rest) or re.search(f"{_NAMED}|{ENTERPRISE}|{AUTHORITY}|单位", rest) else words


def acting_words(words: str) -> str:
    """The words of a question that may name who acts: not those to whom something is handed in, to whom the one who
    asks belongs, or who are done."""
    return _TO_WHOM.sub(" ", _WHOSE.sub(" ", still_asked(words)))


def asked_tier(words: str) -> str:
    """The tier that a question names, a person before the office or the university that is named too; empty where it
    names none or several."""
    acting = acting_words(words)
    named = [tier for tier, asked, _ in TIERS if re.search(asked, acting)]
    return "person" if "person" in named else named[0] if len(named) == 1 else ""


def tiers_of(actor: str) -> frozenset[str]:
    """Tiers of who acts in a clause: of `县（市、区）工信局` the county's, of `市、县财政局` both."""
    name = without_owner(without_asides(actor))
    return frozenset(tier for tier, _, pattern in TIERS if re.search(pattern, name))


def without_tiers(words: str) -> str:
    """What is still asked, without the words that name a tier or an office."""
    return re.sub(f"{_NAMED}|{_OFFICE}", " ", still_asked(words))


def states_date_of_tier(question: Question, facts: Sequence[Fact]) -> bool:
    """True where a date is asked for of a tier, and one of these facts is its."""
    tier = _tier_of_date(question)
    return bool(tier) and any(tier in tiers for tiers in _tiers_of_dates(facts))


def states_dates_of_others(question: Question, facts: Sequence[Fact], text: str = "") -> bool:
    """True where a date is asked for of a tier, and these facts hold dates, but only of other tiers; not where their
    clause says in its `text` that the one asked about has the same: `中央企业报送时间与省级主管部门相同`."""
    tier, dates = _tier_of_date(question), _tiers_of_dates(facts)
    if any(tier in tiers_of(who) for who in _AS_OTHERS.findall(text)):
        return False
    return bool(tier and dates) and all(tiers and tier not in tiers for tiers in dates)


def _tier_of_date(question: Question) -> str:
    words = question.normalised
    asks = asks_for_date(words) or asks_of_a_day(question)
    return asked_tier(words) if asks else ""


def _tiers_of_dates(facts: Sequence[Fact]) -> list[frozenset[str]]:
    return [tiers_of(fact.actor) for fact in facts if fact.kind is FactKind.DATE]
