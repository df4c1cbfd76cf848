"""Passages -> what of them to show: the deadlines, the contacts, or the whole enumeration that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.chunking import sentences
from bot.contacts import Contact, asked_holder, best_contact, contacts_in, is_for_all, is_of, same_number
from bot.datamodels import Chunk, ChunkKind, DocumentRole, Fact, FactKind, Intent, Notice, Passage, Question
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
    opens_on,
    runs_from_event,
)
from bot.desk import Desk
from bot.due_dates import due_dates
from bot.facts import values_in
from bot.lexicon import AUTHORITY, AUTHORITY_ACTOR, ENTERPRISE, ENTERPRISE_ACTOR, GENERIC
from bot.question import content_terms, expected_facts
from bot.timeliness import Period, asks_for_start

NEAR = 5.0
"""Of a general question about dates, passages within this of the best are read for their deadlines."""
LISTED_FROM = 6
"""Passages whose headings are looked at for an enumeration."""
SHOWN_CONTACTS = 3
SHOWN_DEADLINES = 4
_ASKS_FOR_LIST = re.compile(
    r"哪些|有什么(?:要求|条件|材料|资料)|什么(?:条件|材料|资料|要求|手续|流程)|(?:条件|要求|材料|资料|流程|步骤|程序)(?:是什么|有什么|都?有哪些|呢|是啥|要啥)?[?？。\s]*$|"
    r"几个条件|清单|流程|步骤|requirements|conditions|criteria|what (?:documents|materials)|eligib"
)
_ENUMERABLE = r"条件|要求|材料|资料|手续|流程|程序|步骤|情形|清单|满足|需要|具备|提供|准备|符合|requirements"
_ASKS_FOR_CONTACT = re.compile(
    r"谁|哪[位个](?:人|部门|单位|科|处|局)|(?:哪|什么)(?:部门|单位|科室|处室)|负责人|电话|热线|客服|号码|手机|座机|打哪|打什么|问哪|找哪|联系方式|联系人|"
    r"邮箱|电邮|邮件|who|phone|call|contact|e-?mail"
)
_ASKS_FOR_HOURS = re.compile(
    r"几点|[上下]班|有人|没人|时间段|工作时间|接听|接电话|周末|[周星期拜](?:[一二三四五六日天]|几)|节假日|中午|晚上"
)
_ASKS_IF_THERE_IS_A_NUMBER = re.compile(
    r"(?:有|给|告诉|知道)[^,，。?？]{0,8}(?:电话|号码|手机|座机|热线|邮箱|联系方式|联系人)(?:吗|么|嘛|没有?|不)?[?？!！。\s]*$"
)

_LEVEL = r"(?:(?!国家)[\u4e00-\u9fff]{2}|[一二三四五六七八九十])级"
_LEVELS = re.compile(rf"{_LEVEL}(?:(?:、|，|和|及|与|或){_LEVEL})+")
_NUMBERED_LEVEL = re.compile(r"(?<![上下同第])[一二三四五六七八九]级")


def is_generic(question: Question, notice: Notice) -> bool:
    """True where, beside the words of its kind and of the notice's title, a question says nothing particular."""
    rest = question.normalised
    for value in reversed([v for v in values_in(rest) if v.kind not in {FactKind.COUNT, FactKind.DURATION}]):
        rest = f"{rest[: value.start]} {rest[value.end :]}"
    rest = re.sub(GENERIC, " ", rest)
    for size in range(min(8, len(notice.title)), 3, -1):
        for start in range(len(notice.title) - size + 1):
            piece = notice.title[start : start + size]
            if piece in rest:
                rest = rest.replace(piece, " ")
    return not re.search(r"[\u3400-\u9fff]{2,}|[a-z]{3,}|\d{2,}", rest)


def deadlines(desk: Desk, passages: Sequence[Passage]) -> list[tuple[Chunk, Fact]]:
    """Dates to hand something in by, of the passages that come close to the best, in reading order; those of the
    actor that is named, else those that name another. Where the start is asked for, dates to begin on, if any.
    Empty where neither of the two best passages states one."""
    stated = _starting if asks_for_start(desk.question) else _due
    due: list[tuple[Chunk, Fact]] = []
    for rank, passage in enumerate(passages):
        if not _is_read_for_dates(desk, passage.chunk) or passage.score < passages[0].score - NEAR:
            continue
        due += stated(desk, passage.chunk)
        if rank >= 1 and not due:
            return []
    due.sort(key=lambda pair: pair[1].start)
    sides = [_of_asked_side(desk.question, fact) for _, fact in due]
    for wanted in (True, None):
        if wanted in sides:
            return [pair for pair, side in zip(due, sides, strict=True) if side is wanted][:SHOWN_DEADLINES]
    return [(c, f) for c, f in due if f.act or f.actor in _sentence(c, f)][:SHOWN_DEADLINES]


def due_for_asked(desk: Desk, due: Sequence[tuple[Chunk, Fact]]) -> list[Fact]:
    """Of dates those by which a date that the question states is judged: of the actor that it names, if any."""
    return [fact for _, fact in due if _of_asked_side(desk.question, fact)]


def due_meant(desk: Desk) -> list[tuple[Chunk, Fact]]:
    """All dates of the notice to hand something in by that a question for the time left could mean: of its batch and
    its act, and of no other actor than the one it names. Empty where this is not certain, as where the only dates
    are an office's and the question names nobody."""
    question, named_actor = desk.question, actor_meant(desk.question)
    found = []
    for chunk in desk.chunks:
        for fact in _could_be_due(desk, chunk) if _is_read_for_dates(desk, chunk) else ():
            side, batch = _of_asked_side(question, fact), batch_of(fact, chunk.text, chunk.start)
            named = batch or " ".join((*chunk.heading_path, *chunk.table_header, desk.notice.title))
            if side is False or is_of_another_act(question.normalised, _about(chunk, fact)):
                continue
            if question.batches and not any(asked in named for asked in question.batches):
                continue
            found.append((chunk, fact, side))
    if not any(side and (named_actor or not _is_of_office(fact)) for _, fact, side in found):
        return []
    for chunk, fact, _ in found:
        event = fact.kind is FactKind.DATE and runs_from_event(chunk.text)
        if event or "旬" in fact.text or period_of(desk, chunk, fact) is None:
            return []
    return [(chunk, fact) for chunk, fact, _ in found]


def period_of(desk: Desk, chunk: Chunk, fact: Fact) -> Period | None:
    """The days in which one may act by a date; None for a date that comes round again."""
    last = day_of(fact.value) or computed_deadline(fact, chunk.text, chunk.start, desk.notice)
    if last is None:
        return None
    first = opens_on(fact, desk.facts(chunk), chunk.text, chunk.start)
    return Period(first, last, closing_hour(fact, chunk.text, chunk.start))


def _is_read_for_dates(desk: Desk, chunk: Chunk) -> bool:
    main = desk.index.documents[chunk.document_id].role is DocumentRole.MAIN
    return main and chunk.kind not in {ChunkKind.TITLE, ChunkKind.CLOSING}


def _due(desk: Desk, chunk: Chunk) -> list[tuple[Chunk, Fact]]:
    """Dates of a clause to hand something in by."""
    return [(chunk, f) for f in _dates_to_act_by(desk, chunk) if is_submission(f, _sentence(chunk, f))]


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
        f for f in _dates_to_act_by(desk, chunk) if is_submission(replace(f, act=""), _sentence(chunk, f))
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
        and is_submission(f, _sentence(chunk, f))
    ]


def _of_asked_side(question: Question, fact: Fact) -> bool | None:
    """Whether a date is that of the actor whom the question names, or of anyone where it names none; None where the
    date names nobody that is known."""
    actor = actor_meant(question)
    if re.search(actor, fact.actor):
        return True
    other = AUTHORITY_ACTOR if actor == ENTERPRISE_ACTOR else ENTERPRISE_ACTOR
    return False if re.search(other, fact.actor) else None


def _is_of_office(fact: Fact) -> bool:
    return bool(re.search(AUTHORITY_ACTOR, fact.actor)) and not re.search(ENTERPRISE_ACTOR, fact.actor)


def _about(chunk: Chunk, fact: Fact) -> str:
    """The words that say what a date is for: those next to it, else its sentence, else the headings."""
    if chunk.kind is ChunkKind.ROW:
        return " ".join((*chunk.table_header, chunk.text))
    before = re.split(r"[，；。,;\n]", chunk.text[: fact.start - chunk.start])[-1]
    label = re.split(r"[。：:]", chunk.text)[0]
    near, sentence = f"{before} {fact.act}", _sentence(chunk, fact)
    said = (words for words in (near, sentence, label) if names_act(words))
    return next(said, " ".join((*chunk.heading_path, chunk.text)))


def actor_meant(question: Question) -> str:
    """Whose dates are asked for, as a regular expression on the actor of a fact; empty, which fits all, where the
    question names neither side or both."""
    words = question.normalised
    enterprise, authority = re.search(ENTERPRISE, words), re.search(AUTHORITY, words)
    if enterprise and not authority:
        return ENTERPRISE_ACTOR
    return AUTHORITY_ACTOR if authority and not enterprise else ""


def _sentence(chunk: Chunk, fact: Fact) -> str:
    """The sentence of a clause that states a fact."""
    spans = [(a, b) for a, b in sentences(chunk.text) if chunk.start + a <= fact.start < chunk.start + b]
    return chunk.text[slice(*spans[0])] if spans else chunk.text


def contacts_of(desk: Desk, chunk: Chunk) -> list[Contact]:
    """Contacts that one clause states; none of a table row, which answers as a row."""
    return [c for c in contacts_in(desk.chunks, desk.index.facts) if c.chunk.id == chunk.id]


def contacts_for(desk: Desk) -> list[Contact]:
    """Contacts for a general question: the best first, then the others; those that say when somebody can be reached,
    where that is asked. Empty where no contact is asked for."""
    contacts = list(contacts_in(desk.chunks, desk.index.facts))
    if stated := _stating(desk, contacts):
        return stated[:SHOWN_CONTACTS]
    if _ASKS_FOR_HOURS.search(desk.question.normalised):
        contacts = [c for c in contacts if c.hours]
    elif not asks_for_contact(desk.question):
        return []
    first = best_contact(contacts, desk.question.normalised, desk.notice.issuer)
    if first is None:
        return []
    return [first, *(c for c in contacts if c is not first)][:SHOWN_CONTACTS]


def asks_for_contact(question: Question) -> bool:
    """True where a question wants a number, an e-mail or somebody to ask; not where it wants to know when somebody is
    there, or whether something may be done by phone: the clause says that, and a card would not."""
    words = question.normalised
    about = Intent.CONTACT in question.intents or FactKind.PHONE in expected_facts(words)
    if not about or not _ASKS_FOR_CONTACT.search(words):
        return False
    stated = any(value.kind in {FactKind.PHONE, FactKind.EMAIL} for value in values_in(words))
    whether = question.yes_no and not stated and not _ASKS_IF_THERE_IS_A_NUMBER.search(words)
    return not whether and not _ASKS_FOR_HOURS.search(words)


def fitting(desk: Desk, contacts: Sequence[Contact]) -> list[Contact]:
    """Of the contacts of one clause, those of whom the question names; else those whose words share most with it, or
    who are there for all questions. Empty where the question is about something for which none of them is."""
    question = desk.question
    everywhere = contacts_in(desk.chunks, desk.index.facts)
    if FactKind.EMAIL in expected_facts(question.normalised)[:1]:
        contacts, everywhere = _with_email(contacts), tuple(_with_email(everywhere))
    if holder := asked_holder(question.normalised):
        found = [c for some in (contacts, everywhere) for c in some if is_of(c, holder)]
        return list(dict.fromkeys(found))[:SHOWN_CONTACTS]
    if stated := _stating(desk, everywhere):
        return stated[:SHOWN_CONTACTS]
    terms = () if question.language == "en" else question.terms
    named = [word for term in terms if len(word := re.sub(GENERIC, "", term)) > 1]
    written = [word for word in question.synonyms if not re.fullmatch(GENERIC, word)]
    shared = [_shared(contact, (*named, *written)) for contact in contacts]
    if most := max(shared, default=0):
        return [c for c, share in zip(contacts, shared, strict=True) if share == most][:SHOWN_CONTACTS]
    if any(word not in desk.notice.title for word in named):
        contacts = [c for c in contacts if is_for_all(c)]
    best = best_contact(contacts, question.normalised, desk.notice.issuer)
    return [best] if best else []


def _with_email(contacts: Sequence[Contact]) -> list[Contact]:
    return [c for c in contacts if c.emails]


def _stating(desk: Desk, contacts: Sequence[Contact]) -> list[Contact]:
    """The contacts that have a number that the question itself states."""
    asked = [v.value for v in values_in(desk.question.normalised) if v.kind is FactKind.PHONE]
    return [
        c
        for c in contacts
        if any(same_number(value, f.value) for value in asked for f in desk.facts(c.chunk, c.start, c.end))
    ]


def _shared(contact: Contact, words: Sequence[str]) -> int:
    """How many characters of a question's words the own words of a contact hold."""
    own = contact.chunk.text[contact.start - contact.chunk.start : contact.end - contact.chunk.start]
    return sum(len(word) for word in words if word in own or word in contact.office)


def children(desk: Desk, parent: Chunk) -> list[Chunk]:
    return [c for c in desk.chunks if c.parent_id == parent.id and c.kind is not ChunkKind.HEADING]


def listing(desk: Desk, passages: Sequence[Passage]) -> tuple[Chunk, list[Chunk]] | None:
    """(heading or introducing line, its items), where a question asks for an enumeration and one fits it."""
    question = desk.question
    if not _ASKS_FOR_LIST.search(question.normalised):
        return None
    wanted = set(question.terms) | set(question.synonyms)
    particular = [
        t for t in content_terms(question) if not re.search(_ENUMERABLE, t) and t not in desk.notice.title
    ]
    best: tuple[float, Chunk] | None = None
    for rank, passage in enumerate(passages[:LISTED_FROM]):
        chunk = passage.chunk
        for candidate in (chunk, desk.parent(chunk)):
            if candidate is None or not introduces(candidate):
                continue
            where = " ".join((*candidate.heading_path, candidate.text))
            if any(term not in where for term in particular):
                continue
            fit = sum(len(word) for word in wanted if len(word) > 1 and word in candidate.text) - rank * 0.5
            if fit > 1 and (best is None or fit > best[0]) and len(children(desk, candidate)) >= 2:
                best = (fit, candidate)
    return (best[1], children(desk, best[1])) if best else None


def levels_beside(question: Question, chunks: Sequence[Chunk]) -> frozenset[str]:
    """The levels that a notice lists side by side (`基础级、先进级、卓越级和领航级`); none where the question, which
    names no level, does not turn on them."""
    if "级" not in question.normalised:
        return frozenset()
    lists = (match.group() for chunk in chunks for match in _LEVELS.finditer(chunk.text))
    return frozenset(level for each in lists for level in re.findall(_LEVEL, each))


def of_another_level(question: Question, chunk: Chunk, levels: frozenset[str]) -> bool:
    """True where the question names one of the notice's levels, and the clause, with its headings, only others."""
    asked = {level for level in levels if level in question.normalised}
    where = " ".join((*chunk.heading_path, *chunk.table_header, chunk.text))
    named = {level for level in levels if level in where}
    return bool(asked and named) and not asked & named


def asks_unknown_level(question: Question, levels: frozenset[str], text: str) -> bool:
    """True for `二级要什么条件` where a notice lists levels, and none of them nor anything else in it is called so."""
    return bool(levels) and any(level not in text for level in _NUMBERED_LEVEL.findall(question.normalised))


def introduces(chunk: Chunk) -> bool:
    """True for a heading, and for a short line that ends in a colon: the answer is what follows."""
    return chunk.kind is ChunkKind.HEADING or (
        len(chunk.text) <= 60 and chunk.text.rstrip().endswith(("：", ":"))
    )
