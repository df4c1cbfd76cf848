"""Words -> the side of those who act, an enterprise or an authority, and whether that is whom a question means.

Finer than sides are tiers: a county's, a city's, a central enterprise's.
"""

from __future__ import annotations

import re

from bot.actors import without_owner
from bot.datamodels import Question
from bot.lexicon import AUTHORITY, AUTHORITY_ACTOR, ENTERPRISE, ENTERPRISE_ACTOR
from bot.tiers import acting_words, asked_tier, tiers_of
from bot.timeliness import asks_for_time_left

_CALLED = re.compile(r"([\u4e00-\u9fff]{2})(?:公司|企业|机构|单位|银行)")


def asked_side(words: str) -> str:
    """`enterprise` or `authority`, whose duty a question asks about; empty where it names neither or both."""
    acting = acting_words(words)
    enterprise, authority = bool(re.search(ENTERPRISE, acting)), bool(re.search(AUTHORITY, acting))
    return "" if enterprise == authority else ("enterprise" if enterprise else "authority")


def is_authority(actor: str) -> bool:
    """True for who acts in a clause where that is an authority, and no enterprise beside it."""
    acting = without_owner(actor)
    return bool(re.search(AUTHORITY_ACTOR, acting)) and not re.search(ENTERPRISE_ACTOR, acting)


def actors_of(side: str) -> tuple[str, str]:
    """(who acts for a side, who acts for the other one), as regular expressions on the actor of a fact; of no side
    everybody and nobody."""
    sides = {
        "enterprise": (ENTERPRISE_ACTOR, AUTHORITY_ACTOR),
        "authority": (AUTHORITY_ACTOR, ENTERPRISE_ACTOR),
    }
    return sides.get(side, ("", r"(?!)"))


def is_asked_about(words: str, actor: str) -> bool | None:
    """Whether who acts in a clause is whom a question names, or anyone where it names nobody; None where that is not
    known, as of the enterprises of one tier where any enterprise asks."""
    tier, tiers, acting = asked_tier(words), tiers_of(actor), without_owner(actor)
    if tier and tiers:
        return tier in tiers
    side = asked_side(words)
    own, other = actors_of(side)
    if re.search(own, acting):
        return None if tier or (side == "enterprise" and tiers) else True
    return False if re.search(other, acting) else None


def names_actor(words: str, actor: str) -> bool:
    """True where a question calls who acts in a clause by what tells them from others: `保险公司` for 承保保险机构."""
    called = _CALLED.findall(acting_words(words))
    return bool(_CALLED.search(actor)) and any(name in actor for name in called)


def is_time_of_another(question: Question, actor: str) -> bool:
    """True where the days left until a date of this actor would mislead: it is of another tier than the one asked about,
    or an office's where somebody asks whether there is time and names no office."""
    words = question.normalised
    tier, tiers = asked_tier(words), tiers_of(actor)
    if tier and tiers:
        return tier not in tiers
    own_time = asks_for_time_left(question) and asked_side(words) != "authority" and not tier
    return own_time and is_authority(actor)
