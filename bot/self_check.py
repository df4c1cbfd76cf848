"""Criteria, replies so far and what a person says next -> the check's next state: a pure state machine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.changes import Version
from bot.contacts import Contact, best_contact, contacts_in
from bot.criteria import criteria_of, for_level, levels_of
from bot.criterion import Criterion, CriterionKind
from bot.datamodels import Chunk
from bot.thresholds import Comparison, comparisons, thresholds_in


class Verdict(StrEnum):
    MET = "met"
    FAILED = "failed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Reply:
    verdict: Verdict
    compared: tuple[str, ...] = ()
    """Comparisons of the numbers that the person stated, as shown to him."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """How far a check has come; what is kept between two sessions."""

    notice_id: str
    index_version: str
    """Version of the index that the criteria were last read from."""
    criteria: tuple[str, ...]
    """Ids (digests) of the criteria of that version, of all levels, in order."""
    level: str = ""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    """By criterion id."""


class Outcome(StrEnum):
    REPLIED = "replied"
    BACK = "back"
    AT_START = "at_start"
    """Asked to go back before the first criterion."""
    STOPPED = "stopped"
    COMPARED = "compared"
    """A number was compared, but the person must still decide."""
    AMBIGUOUS = "ambiguous"
    """`是` about a ban: the case, or that it has not befallen?"""
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Step:
    """What a person's words did."""

    check: SelfCheck
    outcome: Outcome
    compared: tuple[Comparison, ...] = ()
    decided: Verdict | None = None
    """The verdict that was taken or computed."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A kept check, carried over to the criteria of now."""

    check: SelfCheck
    changed: int = 0
    """How many criteria are new or reworded since."""
    dropped: int = 0
    """How many are no longer there."""
    level_gone: bool = False
    """True where the level that was asked is no longer told apart: the check begins anew."""


# ---------------------------------------------------------------- beginning and resuming


def begun(version: Version, notice_id: str, index_version: str, level: str = "") -> SelfCheck:
    ids = tuple(each.id for each in criteria_of(version, notice_id))
    return SelfCheck(notice_id, index_version, ids, level)


def resumed(check: SelfCheck, version: Version, index_version: str) -> Resumed:
    """The check with the replies to criteria that read as they did; the others are asked anew."""
    criteria = criteria_of(version, check.notice_id)
    ids = tuple(each.id for each in criteria)
    if ids == check.criteria:
        return Resumed(replace(check, index_version=index_version))
    levels = levels_of(criteria)
    if (check.level and check.level not in levels) or (levels and not check.level):
        return Resumed(SelfCheck(check.notice_id, index_version, ids), level_gone=True)
    now = {each.id for each in for_level(criteria, check.level)}
    kept = {id: reply for id, reply in check.replies.items() if id in now}
    carried = SelfCheck(check.notice_id, index_version, ids, check.level, kept)
    return Resumed(
        carried, changed=len(now - set(check.criteria)), dropped=len(set(check.criteria) - set(ids))
    )


def asked(check: SelfCheck, version: Version) -> tuple[Criterion, ...]:
    """The criteria that this check goes through, in order."""
    return for_level(criteria_of(version, check.notice_id), check.level)


def current(check: SelfCheck, criteria: Sequence[Criterion]) -> Criterion | None:
    """The first criterion without a reply; None where all have one."""
    return next((each for each in criteria if each.id not in check.replies), None)


def place_of(criterion: Criterion, criteria: Sequence[Criterion]) -> int:
    """From 1."""
    return next(n for n, each in enumerate(criteria, 1) if each.id == criterion.id)


# ---------------------------------------------------------------- one step

_WORDS: tuple[tuple[Verdict, re.Pattern[str]], ...] = (
    (
        Verdict.MET,
        re.compile(
            r"1|一|是|是的|对|有|符合|满足|达到|具备|可以|能|y|yes|ok|没有这种情况|无此情况", re.IGNORECASE
        ),
    ),
    (
        Verdict.FAILED,
        re.compile(
            r"2|二|否|不是|不|不对|不符合|不满足|达不到|没达到|不具备|不能|n|no|有这种情况", re.IGNORECASE
        ),
    ),
    (
        Verdict.OPEN,
        re.compile(
            r"3|三|待核实|不清楚|不知道|不确定|不了解|说不清|待定|再看看|跳过|\?|？|skip", re.IGNORECASE
        ),
    ),
)
_YES_OR_NO = re.compile(r"是|是的|对|否|不|不是|不对|能|不能|可以|y|n|yes|no|ok", re.IGNORECASE)
_BACK = re.compile(r"返回|上一[步题项条]|后退|back|b", re.IGNORECASE)
_STOP = re.compile(r"退出|停止|结束|暂停|不做了|quit|exit|stop|q", re.IGNORECASE)
_UNSURE = re.compile(
    r"或|放宽|除外|不足[^，。；]*的，|之一|其中|另|（[^（）]*(?:行业|领域|企业)[^（）]*[\d一二三四五六七八九十]"
)
LONGEST_REPLY = 30
"""Characters; longer words are a question, not a reply."""


def step(check: SelfCheck, criteria: Sequence[Criterion], words: str) -> Step:
    """The check after a person's words about the current criterion. Raises ValueError where none is left."""
    criterion = current(check, criteria)
    if criterion is None:
        raise ValueError("every criterion has its reply")
    said = words.strip().strip("。.！!").strip()
    if _STOP.fullmatch(said):
        return Step(check, Outcome.STOPPED)
    if _BACK.fullmatch(said):
        return back(check, criteria)
    if criterion.kind is CriterionKind.BAN and _YES_OR_NO.fullmatch(said):
        return Step(check, Outcome.AMBIGUOUS)
    verdict = verdict_of(said, criterion)
    if verdict is not None:
        return replied(check, criterion, verdict)
    return compared(check, criterion, said)


def verdict_of(said: str, criterion: Criterion) -> Verdict | None:
    """The verdict that words stand for. Of a ban, a bare `有` and `没有` are of the case itself."""
    if criterion.kind is CriterionKind.BAN and said in {"有", "没有", "没", "无"}:
        return Verdict.FAILED if said == "有" else Verdict.MET
    if said in {"没有", "没", "无"}:
        return Verdict.FAILED
    return next((verdict for verdict, pattern in _WORDS if pattern.fullmatch(said)), None)


def replied(
    check: SelfCheck, criterion: Criterion, verdict: Verdict, compared: tuple[Comparison, ...] = ()
) -> Step:
    """The check with the reply to a criterion, whichever it is; an earlier reply to it is replaced."""
    reply = Reply(verdict, tuple(map(str, compared)))
    replies = {**check.replies, criterion.id: reply}
    return Step(replace(check, replies=replies), Outcome.REPLIED, compared, verdict)


def back(check: SelfCheck, criteria: Sequence[Criterion]) -> Step:
    """The check without the reply before the current criterion."""
    now = current(check, criteria)
    before = criteria[: place_of(now, criteria) - 1] if now else criteria
    if not before:
        return Step(check, Outcome.AT_START)
    last = before[-1].id
    kept = {id: reply for id, reply in check.replies.items() if id != last}
    return Step(replace(check, replies=kept), Outcome.BACK)


def compared(check: SelfCheck, criterion: Criterion, said: str) -> Step:
    """A number that the person states: a reply where it decides the criterion, else only shown."""
    if len(said) > LONGEST_REPLY:
        return Step(check, Outcome.NOT_UNDERSTOOD)
    text = criterion.quote.text
    found = comparisons(said, text) if not criterion.alternatives else ()
    if not found:
        return Step(check, Outcome.NOT_UNDERSTOOD)
    verdict = decided(criterion, found)
    if verdict is None:
        return Step(check, Outcome.COMPARED, found)
    return replied(check, criterion, verdict, found)


def decided(criterion: Criterion, found: Sequence[Comparison]) -> Verdict | None:
    """What one comparison settles; None where the criterion has several numbers, ways out or other parts.

    A number that falls short fails a condition; one that suffices meets it only where nothing else is asked.
    The case of a ban that does not hold has not befallen; one that holds may still want its other parts.
    """
    text = criterion.quote.text
    thresholds = thresholds_in(text)
    if len(found) != 1 or len(thresholds) != 1 or criterion.notes or _UNSURE.search(text):
        return None
    alone = _asks_one_thing(criterion)
    if criterion.kind is CriterionKind.BAN:
        if not found[0].holds:
            return Verdict.MET
        return Verdict.FAILED if alone else None
    if not found[0].holds:
        return Verdict.FAILED
    return Verdict.MET if alone else None


def _asks_one_thing(criterion: Criterion) -> bool:
    text = criterion.quote.text
    if criterion.kind is CriterionKind.ROW:
        text = text.rpartition("：")[2]
    return len([part for part in re.split(r"[，。；、]|且|并", text) if part.strip()]) == 1


# ---------------------------------------------------------------- what it comes to


@dataclass(frozen=True, slots=True)
class Result:
    """All criteria by what was replied, in reading order."""

    failed: tuple[Criterion, ...]
    open: tuple[Criterion, ...]
    """待核实, and what was not asked yet."""
    met: tuple[Criterion, ...]
    optional: tuple[Criterion, ...]
    """Easier or other ways, whatever was replied: nobody fails by them."""


def result_of(check: SelfCheck, criteria: Sequence[Criterion]) -> Result:
    def with_verdict(*verdicts: Verdict | None) -> tuple[Criterion, ...]:
        return tuple(
            each
            for each in criteria
            if each.kind is not CriterionKind.OPTIONAL
            and (check.replies[each.id].verdict if each.id in check.replies else None) in verdicts
        )

    return Result(
        with_verdict(Verdict.FAILED),
        with_verdict(Verdict.OPEN, None),
        with_verdict(Verdict.MET),
        tuple(each for each in criteria if each.kind is CriterionKind.OPTIONAL),
    )


def contact_of(version: Version, notice_id: str) -> Contact | None:
    """Whom to ask about a notice; None where it names nobody."""
    chunks: list[Chunk] = [version.chunks[int(row)] for row in version.notice_rows.get(notice_id, ())]
    return best_contact(contacts_in(chunks, version.facts), "申报条件")


_NAMED_ATTACHMENT = re.compile(
    r"《[^《》]{2,40}》\s*[（(]附件\s*(\d{1,2}|[一二三四五六七八九十]+)[）)]|附件\s*(\d{1,2})(?!\d)"
)


def unsupplied(version: Version, notice_id: str, criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Attachments that the criteria refer to and that nobody supplied, as the criteria name them."""
    supplied = {d.attachment_number for d in version.documents.values() if d.notice_id == notice_id}
    found: dict[str, str] = {}
    for criterion in criteria:
        for quote in criterion.quotes:
            for match in _NAMED_ATTACHMENT.finditer(quote.text):
                number = match[1] or match[2]
                if number not in supplied:
                    found.setdefault(number, match.group())
    return tuple(found.values())
