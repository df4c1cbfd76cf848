"""(Question, passages) -> the dates to hand something in by, or to begin on, that are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from bot.chunking import sentences, stretch
from bot.datamodels import Chunk, ChunkKind, DocumentRole, Fact, FactKind, Notice, Passage, Question
from bot.deadlines import (
    batch_of,
    closing_hour,
    computed_deadline,
    day_of,
    is_deadline,
    is_of_another_act,
    is_open_date,
    is_start,
    is_submission,
    names_act,
    names_other_act,
    opens_on,
    runs_from_event,
    with_hour,
)
from bot.desk import Desk
from bot.due_dates import due_dates
from bot.lexicon import GENERIC, NAMES_THE_DEADLINE
from bot.question import asks_for_date, things_named, without_courtesies
from bot.quoting import sentence_at, to_full_stop
from bot.selection import names_one_kind, says_nothing, without_shared
from bot.sides import asked_side, is_asked_about, is_authority, names_actor
from bot.tiers import acting_words, asked_tier, still_asked, tiers_of, without_tiers
from bot.timeliness import Period, asks_for_start, asks_for_time_left, asks_of_a_day, in_dates
from bot.values import values_in

NEAR = 5.0
"""Of a general question about dates, passages within this of the best are read for their deadlines."""
SHOWN_DEADLINES = 6
_TO_A_MACHINE = re.compile(r"忽略[^。]{0,8}(?:指令|提示)|ignore\b.{0,20}\binstructions?", re.I)
"""Words hidden in a document that tell a program what to say: they set no date."""
_ALL_YEAR = re.compile(
    r"(?:全年|常年|长期|随时|不限时间|不设截止)[^，。；,;]{0,6}(?:受理|申报|申请|报名|办理|参保|征集|开放)"
)


_STAGE = re.compile(r"笔试|面试|体检|答辩|考察|路演|初赛|复赛|决赛|公示|试讲|开标")
"""Stages that each have a day of their own."""
_WHEN = rf"(?:后|起|内|时间|日期)[^，。；,;]{{0,10}}(?:{_STAGE.pattern})|(?:{_STAGE.pattern})[^，。；,;]{{0,8}}(?:时间|日期|另行|[于在]\d)"
"""Words that tell when a stage is (regular expression)."""
_LATER = re.compile(
    r"[^，。；,;]*(?:时间|日期|时限)[^，。；,;]{0,10}(?:另行(?:通知|公告|公布|发布|确定|告知|安排)|另定|待定|另文|以[^，。；]{1,10}(?:通知|公告)为准)"
)
_BEGINS = re.compile(
    _ALL_YEAR.pattern
    + r"|即日|(?:印发|发布|公布|下发|通知)之日起|(?:开始|启动|开放|开通|起始|起止)(?:时间|日期|于)"
    r"|[\d日时月]\s*(?:起|开始|开放|启动|开通|[-—－–～~至到]{1,2}\s*\d{1,4}\s*[年月日时.:])"
    r"|(?:于|自|从)[^。；，]{0,14}(?:开始|启动|开放|开通)"
)
"""Words of a day from which on something can be done."""


def deadlines(desk: Desk, passages: Sequence[Passage], *, ends: bool = False) -> list[tuple[Chunk, Fact]]:
    """Dates to hand something in by, of the passages that come close to the best, in reading order. Where the start is
    asked for, dates to begin on, if any. Where neither of the two best passages states one, or only those of others
    than who asks and the notice has one of theirs, those of the whole notice. `ends`: the last days in any case."""
    stated = _starting if asks_for_start(desk.question) and not ends else _due
    near = [p.chunk for p in passages if p.score >= passages[0].score - NEAR]

    def own(dates: Sequence[tuple[Chunk, Fact]]) -> bool:
        return any(_may_be_own(desk.question, fact) for _, fact in dates)

    best = _dates_of(desk, _with_rest(desk, near[:2]), stated)
    near = _with_rest(desk, near)
    if not best or (not own(best) and own(_dates_of(desk, desk.asked_chunks, stated))):
        near = desk.asked_chunks
    due = sorted(_dates_of(desk, near, stated), key=lambda pair: pair[1].start)
    words = still_asked(desk.question.normalised)
    if names_other_act(words):
        due = [(c, f) for c, f in due if not is_of_another_act(words, _about(c, f))]
    shown = _shown(desk, due)
    past = [_is_past(desk, fact) for _, fact in shown]
    return [*shown, *_still_open(desk)] if stated is _due and past and all(past) else shown


def ends_without_start(desk: Desk, passages: Sequence[Passage]) -> list[tuple[Chunk, Fact]]:
    """The dates to hand something in by, where a question that names nothing asks when one may begin, and the notice says
    nothing of that."""
    question = desk.question
    rest = re.sub(r"开[始放通]|启动", " ", without_tiers(desk.part.rest or question.normalised))
    if not asks_for_start(question) or not says_nothing(rest, desk.notice) or _BEGINS.search(desk.text):
        return []
    return deadlines(desk, passages, ends=True)


def announced_later(desk: Desk) -> Chunk | None:
    """The sentence that leaves a date which the question asks for to another notice: `申报时间另行通知`, under the name of
    what is asked about. None where nothing is named."""
    words, things = desk.question.normalised, things_named(desk.question)
    if not asks_for_date(words) or not things:
        return None
    for chunk in desk.asked_chunks:
        above = " ".join(chunk.heading_path)
        for start, end in sentences(chunk.text) if chunk.kind is ChunkKind.CLAUSE else ():
            said = chunk.text[start:end]
            if not (later := _LATER.search(said)) or is_of_another_act(words, later.group()):
                continue
            if all(thing in f"{above} {said}" for thing in things):
                return stretch(chunk, start, end)
    return None


def dates_another_stage(desk: Desk, best: Chunk) -> bool:
    """True where the date of a stage is asked for (`面试是什么时候`) of which the notice gives none, and the best clause
    has only those of another (`笔试时间为12月19日，……低于60分的不得进入面试`)."""
    words = desk.question.normalised
    asked = {stage for stage in _STAGE.findall(words) if stage in desk.text}
    if not asked or not asks_for_date(words) or best.kind is not ChunkKind.CLAUSE:
        return False
    if not any(fact.kind is FactKind.DATE for fact in desk.facts(best)):
        return False

    def dated(chunk: Chunk) -> bool:
        headed = any(stage in heading for stage in asked for heading in chunk.heading_path[-1:])
        facts = [f for f in desk.facts(chunk) if f.kind in {FactKind.DATE, FactKind.DURATION}]
        if headed and (facts or re.search("时间|日期|另行", chunk.text)):
            return True
        parts = list(re.finditer(r"[^，。；,;\n]+", chunk.text))
        for n, part in enumerate(parts):
            if not any(stage in part.group() for stage in asked):
                continue
            near = (
                parts[max(0, n - 1)].start() + chunk.start,
                parts[min(n + 1, len(parts) - 1)].end() + chunk.start,
            )
            if re.search(_WHEN, part.group()) or any(near[0] <= f.start < near[1] for f in facts):
                return True
        return False

    return not any(
        dated(chunk) for chunk in desk.asked_chunks if chunk.id == best.id or _is_headed(chunk, asked)
    )


def _is_headed(chunk: Chunk, stages: Collection[str]) -> bool:
    return any(stage in heading for stage in stages for heading in chunk.heading_path)


def _with_rest(desk: Desk, chunks: Sequence[Chunk]) -> list[Chunk]:
    """Chunks with the others into which their long clauses were cut."""
    near = {chunk.id for chunk in chunks}
    for order in (desk.asked_chunks, desk.asked_chunks[::-1]):
        for one, other in pairwise(order):
            if one.id in near and (one.end == other.start or other.end == one.start):
                near.add(other.id)
    return [*chunks, *(c for c in desk.asked_chunks if c.id in near and c not in chunks)]


def deadlines_named(desk: Desk, passages: Sequence[Passage]) -> list[tuple[Chunk, Fact]]:
    """The dates of the thing whose deadline is asked for by name (`卓越级还来得及吗`): those whose sentence and headings
    have most of what the question names, where these, and the notice's own names, have all of it. Where only the notice
    is named those of the notice, as `deadlines` gives them. Empty where anything else is named."""
    question, notice = desk.question, desk.notice
    if not _asks_by_when(question) or any(year < (notice.year or 0) for year in question.years):
        return []
    words = _without_days(without_tiers(question.normalised), question.today)
    words = f"{without_shared(words, '', notice.region)} {_of_scope(question, notice)}"
    own_names = f"{notice.title} {notice.issuer}"
    found = []
    for chunk, fact in _dates_of(desk, desk.chunks, _due):
        headings = " ".join(chunk.heading_path)
        said = to_full_stop(sentence_at(chunk, fact.start)).text
        rest, below = without_shared(words, headings, said), without_shared(words, headings)
        own = without_shared(below, own_names)  # what names all of the notice, in a sentence tells nothing
        named = _told(words) - _told(below) + _told(own) - _told(without_shared(own, "", said))
        apart = without_shared(below, "", _near(chunk, fact))
        if _told(apart) <= _told(own):  # unless all of it stands by the date
            named += _told(below) - _told(own)
        if _told(below) < _told(words):  # its part of the notice is named: of that may be the rest
            rest = without_shared(rest, "", _beside(desk, chunk))
        if says_nothing(without_shared(rest, own_names), notice):
            found.append((named, (chunk, fact)))
    most = max((named for named, _ in found), default=0)
    due = [pair for named, pair in found if named == most]
    if not most and len(due) > SHOWN_DEADLINES:
        return deadlines(desk, passages)
    return _shown(desk, [pair for pair in due if _is_applicant(pair[1].actor)] or due)


def _asks_by_when(question: Question) -> bool:
    """True for a question for a deadline, or whether there is still time, of whatever thing."""
    by_when = re.search(NAMES_THE_DEADLINE, question.normalised) or asks_for_time_left(question)
    return bool(by_when) and question.language != "en" and not names_one_kind(question.normalised)


def _of_scope(question: Question, notice: Notice) -> str:
    """What a question says of the notice's name and of the batch, which it has been parted from where it was put to
    no notice."""
    lost = without_shared(without_courtesies(question.text.casefold()), "", question.normalised)
    rest = without_shared(lost, "", notice.title)
    batches = [batch for batch in question.batches if batch not in question.normalised]
    named = [stretch for stretch in lost.split() if stretch not in rest.split()]
    return " ".join((*named, *batches)) if question.language == "zh" else ""


def _without_days(words: str, today: date) -> str:
    words = in_dates(words, today)
    for value in reversed([v for v in values_in(words) if v.kind is FactKind.DATE]):
        words = f"{words[: value.start]} {words[value.end :]}"
    return words


def _near(chunk: Chunk, fact: Fact) -> str:
    """The words about a date between two commas: `其中复核企业申报时间为11月9日至11月24日`."""
    before = re.split(r"[，；。,;\n]", chunk.text[: fact.start - chunk.start])[-1]
    return before + re.split(r"[，；。,;\n]", chunk.text[fact.start - chunk.start :])[0]


def _told(words: str) -> int:
    """Characters of words that name something."""
    return len(re.findall(r"[\u3400-\u9fffa-z\d]", re.sub(GENERIC, " ", words)))


def _beside(desk: Desk, chunk: Chunk) -> str:
    return " ".join(c.text for c in desk.chunks if c.parent_id == chunk.parent_id)


def _dates_of(
    desk: Desk, chunks: Sequence[Chunk], stated: Callable[[Desk, Chunk], list[tuple[Chunk, Fact]]]
) -> list[tuple[Chunk, Fact]]:
    """The dates of those of the chunks that are read for dates, as `stated` gives them."""
    return [pair for chunk in chunks if _is_read_for_dates(desk, chunk) for pair in stated(desk, chunk)]


def _may_be_own(question: Question, fact: Fact) -> bool:
    """Whether a date may be that of those whom a question names, or of who applies where it names nobody."""
    if _would_act(question) and not asked_side(question.normalised):
        return _is_applicant(fact.actor)
    return is_asked_about(question.normalised, fact.actor) is not False


def _still_open(desk: Desk) -> list[tuple[Chunk, Fact]]:
    """The dates of the whole notice that are still to come and may be meant, to stand beside those that are past: who
    acts is told with each, and one may be of whoever asks."""
    words = still_asked(desk.question.normalised)
    due = _dates_of(desk, desk.asked_chunks, _due)
    return [
        (chunk, fact)
        for chunk, fact in _of_asked_part(desk, [pair for pair in due if not _recurs(pair[1])])
        if not _is_past(desk, fact)
        and is_asked_about(words, fact.actor) is not False
        and not is_of_another_act(words, _about(chunk, fact))
    ]


def _is_past(desk: Desk, fact: Fact) -> bool:
    day = day_of(fact.value)
    return day is not None and day < desk.question.today


def of_those_meant(desk: Desk, due: Sequence[tuple[Chunk, Fact]]) -> list[tuple[Chunk, Fact]]:
    """Of the dates that could be meant those to show: none that is rather a condition beside others."""
    return _shown(desk, [pair for pair in due if pair in _due(desk, pair[0])] or due)


def _shown(desk: Desk, due: Sequence[tuple[Chunk, Fact]]) -> list[tuple[Chunk, Fact]]:
    """Of dates those to show: of the actor that is named, else those that name another; where somebody asks of a day
    or of now and names no actor, those of who applies. None that comes round every year beside others."""
    due = _once_a_day([pair for pair in due if not _recurs(pair[1])] or due)
    due = [(c, f) for c, f in due if names_actor(desk.question.normalised, f.actor)] or due
    due = _of_asked_part(desk, due)
    if not asked_side(desk.question.normalised) and _would_act(desk.question):
        due = [pair for pair in due if _is_applicant(pair[1].actor)] or due
    sides = [is_asked_about(desk.question.normalised, fact.actor) for _, fact in due]
    for wanted in (True, None):
        own = [pair for pair, side in zip(due, sides, strict=True) if side is wanted]
        if own and (wanted or any(not tiers_of(fact.actor) for _, fact in own)):
            return own
    return [(c, f) for c, f in due if f.act or f.actor in sentence_at(c, f.start).text]


def _of_asked_part(desk: Desk, due: Sequence[tuple[Chunk, Fact]]) -> list[tuple[Chunk, Fact]]:
    """Of dates those under the headings that have most words of the question, where a notice is about two things
    (`星级评定`, `老年食堂`); of these those whose sentence has its other words, if any has. Who acts is no such word. None of other levels."""
    due = [(c, f) for c, f in due if not desk.part.is_for_others_alone(_before(c, f))]
    due = [pair for pair in due if not _is_of_another_part(desk, *pair)] or due
    about = without_tiers(acting_words(desk.question.normalised))
    place = desk.notice.region
    things = [thing for thing in things_named(desk.question) if thing in about and thing not in place]
    above = [" ".join(chunk.heading_path) for chunk, _ in due]
    most = max((sum(thing in words for thing in things) for words in above), default=0)
    kept = [
        pair
        for pair, words in zip(due, above, strict=True)
        if sum(thing in words for thing in things) == most
    ]
    others = [t for t in things if t not in desk.notice.title and not any(t in words for words in above)]
    own = [(c, f) for c, f in kept if any(thing in sentence_at(c, f.start).text for thing in others)]
    return own or kept


def _before(chunk: Chunk, fact: Fact) -> str:
    """The words of its sentence that stand before a date."""
    return chunk.text[sentence_at(chunk, fact.start).start - chunk.start : fact.start - chunk.start]


def _is_of_another_part(desk: Desk, chunk: Chunk, fact: Fact) -> bool:
    """True for a date of another batch, programme or level than a question names."""
    asked = desk.question.batches
    batch = batch_of(fact, chunk.text, chunk.start)
    named = batch or " ".join((*chunk.heading_path, *chunk.table_header, desk.notice.title))
    if asked and not any(each in named for each in asked):
        return True
    return desk.part.opens_for_others(chunk) or desk.part.is_for_others(f"{_about(chunk, fact)} {fact.actor}")


def _recurs(fact: Fact) -> bool:
    return fact.kind is FactKind.DATE and day_of(fact.value) is None


def _once_a_day(due: Sequence[tuple[Chunk, Fact]]) -> list[tuple[Chunk, Fact]]:
    """The first date of each day of a clause: `6月26日`, of which it says later that the system closes at 18:00."""
    days = {(chunk.id, fact.value.partition("T")[0]): (chunk, fact) for chunk, fact in reversed(due)}
    return [pair for pair in due if pair in days.values()]


def _would_act(question: Question) -> bool:
    """True where somebody asks of a day, or of now, whether it will do: rather one who applies than an office."""
    return asks_of_a_day(question) and not asked_tier(question.normalised)


def _is_applicant(actor: str) -> bool:
    return not is_authority(actor) and tiers_of(actor) <= {"person"}


def first_of(desk: Desk, due: Sequence[tuple[Chunk, Fact]]) -> list[tuple[Chunk, Fact]]:
    """As many dates as are shown, in their order: rather those still to come than past ones, rather of those who apply
    than of those who examine."""

    def rank(pair: tuple[Chunk, Fact]) -> tuple[bool, bool]:
        return _is_past(desk, pair[1]), not _is_applicant(pair[1].actor)

    ranked = sorted(due, key=rank)[:SHOWN_DEADLINES]
    return [pair for pair in due if pair in ranked]


def all_past(desk: Desk) -> bool:
    """True where no date of the notice by which those asked about could have to act is still to come."""
    could = [
        fact
        for chunk in desk.asked_chunks
        if _is_read_for_dates(desk, chunk)
        for fact in _could_be_due(desk, chunk)
        if is_asked_about(desk.question.normalised, fact.actor) is not False
    ]
    days = [day_of(fact.value) for fact in could if fact.kind is FactKind.DATE]
    return all(day is None or day < desk.question.today for day in days)


def due_for_asked(desk: Desk, due: Sequence[tuple[Chunk, Fact]]) -> list[Fact]:
    """Of dates those by which a date that the question states is judged: of the actor that it names, if any."""
    return [fact for _, fact in due if is_asked_about(desk.question.normalised, fact.actor)]


def due_meant(desk: Desk) -> list[tuple[Chunk, Fact]]:
    """All dates of the notice to hand something in by that a question for the time left could mean: of its batch and
    its act, and of no other actor than the one it names. Empty where this is not certain, as where the only dates
    are an office's and the question names nobody, or where something is open all year."""
    if _ALL_YEAR.search(desk.text):
        return []
    question, named_side = desk.question, asked_side(desk.question.normalised)
    words = still_asked(question.normalised)
    found = []
    for chunk in desk.asked_chunks:
        for fact in _could_be_due(desk, chunk) if _is_read_for_dates(desk, chunk) else ():
            side = is_asked_about(question.normalised, fact.actor)
            if side is False or is_of_another_act(words, _about(chunk, fact)):
                continue
            if _is_of_another_part(desk, chunk, fact):
                continue
            found.append((chunk, fact, side))
    found = [each for each in found if not _recurs(each[1])] or found
    if not any(side and (named_side or not is_authority(fact.actor)) for _, fact, side in found):
        return []
    for chunk, fact, _ in found:
        event = fact.kind is FactKind.DATE and runs_from_event(sentence_at(chunk, fact.start).text)
        if event or "旬" in fact.text or period_of(desk, chunk, fact) is None:
            return []
    return [(chunk, fact) for chunk, fact, _ in found]


def states_other_dates(desk: Desk, chunk: Chunk, due: Sequence[tuple[Chunk, Fact]]) -> bool:
    """True where a clause has a date still to come that may be meant too, and is not among these."""
    return any(
        pair not in due
        and is_asked_about(desk.question.normalised, pair[1].actor) is not False
        and (day_of(pair[1].value) or desk.question.today) >= desk.question.today
        for pair in _due(desk, chunk)
    )


def period_of(desk: Desk, chunk: Chunk, fact: Fact) -> Period | None:
    """The days in which one may act by a date; None for a date that comes round again."""
    fact = with_hour(fact, desk.facts(chunk), chunk.text, chunk.start)
    last = day_of(fact.value) or computed_deadline(fact, chunk.text, chunk.start, desk.notice)
    if last is None:
        return None
    first = opens_on(fact, desk.facts(chunk), chunk.text, chunk.start)
    return Period(first, last, closing_hour(fact, chunk.text, chunk.start))


def _is_read_for_dates(desk: Desk, chunk: Chunk) -> bool:
    main = desk.index.documents[chunk.document_id].role is DocumentRole.MAIN
    return main and chunk.kind not in {ChunkKind.TITLE, ChunkKind.CLOSING}


def _due(desk: Desk, chunk: Chunk) -> list[tuple[Chunk, Fact]]:
    """Dates of a clause to act by."""
    return [
        (chunk, due.fact)
        for due in due_dates(chunk, desk.facts(chunk), desk.notice)
        if due.value and not _TO_A_MACHINE.search(sentence_at(chunk, due.fact.start).text)
    ]


def _dates_to_act_by(desk: Desk, chunk: Chunk) -> list[Fact]:
    return [
        f
        for f in desk.facts(chunk)
        if (is_deadline(f, chunk.text, chunk.start) and is_open_date(f, desk.notice))
        or computed_deadline(f, chunk.text, chunk.start, desk.notice)
    ]


def _could_be_due(desk: Desk, chunk: Chunk) -> list[Fact]:
    """All dates of a clause or a row that may be for handing something in: rather one too many, which must agree."""
    clause = [
        f
        for f in _dates_to_act_by(desk, chunk)
        if is_submission(replace(f, act=""), sentence_at(chunk, f.start).text)
    ]
    asked = [due.fact for due in due_dates(chunk, desk.facts(chunk), desk.notice)]
    return sorted({*clause, *asked}, key=lambda f: f.start)


def _starting(desk: Desk, chunk: Chunk) -> list[tuple[Chunk, Fact]]:
    """Dates of a clause from which on to hand something in."""
    return [
        (chunk, f)
        for f in desk.facts(chunk)
        if is_start(f, chunk.text, chunk.start)
        and not re.match(r"\s*[以之]?后", chunk.text[f.end - chunk.start :])
        and is_open_date(f, desk.notice)
        and is_submission(f, sentence_at(chunk, f.start).text)
    ]


def _about(chunk: Chunk, fact: Fact) -> str:
    """The words that say what a date is for: those next to it, else its sentence, else the headings."""
    if chunk.kind is ChunkKind.ROW:
        return " ".join((*chunk.table_header, chunk.text))
    before = re.split(r"[，；。,;\n]", chunk.text[: fact.start - chunk.start])[-1]
    label = re.split(r"[。：:]", chunk.text)[0]
    near, sentence = f"{before} {fact.act}", sentence_at(chunk, fact.start).text
    said = (words for words in (near, sentence, label) if names_act(words))
    return next(said, " ".join((*chunk.heading_path, chunk.text)))
