"""Words -> the tier of those who act: a county's office, a city's, the province's, a central enterprise, a university,
a person.

Each hands in by a date of its own, and a date of another's is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.datamodels import Fact, FactKind, Question
from bot.due_dates import without_asides
from bot.lexicon import TIERS
from bot.question import expected_facts

_TO_WHOM = re.compile(
    r"[报送交寄到给至向找](?:给|到|至)?[省市县区州][\u4e00-\u9fff]{0,6}?(?:[厅局委处部]|里|级)"
)
"""To whom something is handed in: `几号前报省厅` asks for the date of whoever hands it in."""


def asked_tier(words: str) -> str:
    """The tier that a question names, a person before the office or the university that is named too; empty where it
    names none or several."""
    acting = _TO_WHOM.sub(" ", words)
    named = [tier for tier, asked, _ in TIERS if re.search(asked, acting)]
    return "person" if "person" in named else named[0] if len(named) == 1 else ""


def tiers_of(actor: str) -> frozenset[str]:
    """Tiers of who acts in a clause: of `县（市、区）工信局` the county's, of `市、县财政局` both."""
    name = without_asides(actor)
    return frozenset(tier for tier, _, pattern in TIERS if re.search(pattern, name))


def without_tiers(words: str) -> str:
    """A question without the words that name a tier."""
    return re.sub("|".join(asked for _, asked, _ in TIERS), " ", words)


def states_date_of_tier(question: Question, facts: Sequence[Fact]) -> bool:
    """True where a date is asked for of a tier, and one of these facts is its."""
    tier = _tier_of_date(question)
    return bool(tier) and any(tier in tiers for tiers in _tiers_of_dates(facts))


def states_dates_of_others(question: Question, facts: Sequence[Fact]) -> bool:
    """True where a date is asked for of a tier, and these facts hold dates, but only of other tiers."""
    tier, dates = _tier_of_date(question), _tiers_of_dates(facts)
    return bool(tier and dates) and all(tiers and tier not in tiers for tiers in dates)


def _tier_of_date(question: Question) -> str:
    asks = FactKind.DATE in expected_facts(question.normalised)[:1]
    return asked_tier(question.normalised) if asks else ""


def _tiers_of_dates(facts: Sequence[Fact]) -> list[frozenset[str]]:
    return [tiers_of(fact.actor) for fact in facts if fact.kind is FactKind.DATE]
