"""(Question, contacts of a notice) -> those that are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.contacts import (
    Contact,
    asked_holder,
    by_fitness,
    contacts_in,
    is_for,
    is_for_all,
    is_for_one_case,
    is_for_sending,
    is_for_trouble,
    is_side_line,
    most_for,
    named_in,
    same_number,
    speaks_of_trouble,
    those_of,
)
from bot.datamodels import Chunk, FactKind, Intent, Question
from bot.desk import Desk
from bot.glossary import written_terms
from bot.lexicon import GENERIC, MONEY, PREMISE
from bot.question import expected_facts
from bot.values import values_in

SHOWN_CONTACTS = 4
_WRITTEN_FOR_MONEY = re.compile(f"{GENERIC}|{MONEY}|万元|支持")
"""What notices write where people say `补助`: it names no subject of a contact."""
_ASKS_FOR_CONTACT = re.compile(
    r"谁|哪[位个](?:人|部门|单位|科|处|局)|(?:哪|什么)(?:部门|单位|科室|处室)|负责人|电话|热线|客服|号码|手机|座机|打哪|打什么|问哪|找哪|联[系络](?:方式|人)|"
    r"邮箱|电邮|邮件|who|phone|call|contact|e-?mail"
)
_ASKS_WHOSE_BUSINESS = re.compile(r"管|负责|找|问|归|是谁|是干[什啥嘛]|做什么的|是哪个")
_ASKS_FOR_HOURS = re.compile(
    r"几点|[上下]班|有人|没人|时间段|工作时间|接听|接电话|周末|[周星期拜](?:[一二三四五六日天]|几)|节假日|中午|晚上"
)
_ASKS_IF_THERE_IS_A_NUMBER = re.compile(
    r"(?:有|给|告诉|知道)[^,，。?？]{0,8}(?:电话|号码|手机|座机|热线|邮箱|联系方式|联系人)(?:吗|么|嘛|没有?|不)?[?？!！。\s]*$"
)


def contacts_of(desk: Desk, chunk: Chunk) -> list[Contact]:
    """Contacts that one clause states; none of a table row, which answers as a row."""
    return [c for c in contacts_in(desk.chunks, desk.index.facts) if c.chunk.id == chunk.id]


def contacts_for(desk: Desk) -> list[Contact]:
    """Contacts for a general question, the best first; those that say when somebody can be reached, where that is
    asked. Empty where no contact is asked for."""
    contacts = list(contacts_in(desk.chunks, desk.index.facts))
    if stated := _stating(desk, contacts):
        return stated[:SHOWN_CONTACTS]
    if _ASKS_FOR_HOURS.search(desk.question.normalised):
        contacts = [c for c in contacts if c.hours]
    elif not asks_for_contact(desk.question):
        return []
    words = desk.question.normalised
    if speaks_of_trouble(words) and (helping := [c for c in contacts if is_for_trouble(c)]):
        return helping[:SHOWN_CONTACTS]
    text = " ".join(c.purpose + c.rest for c in contacts)
    for said in (words, *desk.question.history[-1:]):
        said = " ".join((said, *written_terms(said, text)))
        if for_this := most_for(by_fitness(contacts, said, desk.notice.issuer), said):
            return for_this[:SHOWN_CONTACTS]
    ranked = by_fitness(contacts, words, desk.notice.issuer)
    for_any = [c for c in ranked if not is_for_one_case(c, words)]
    return (for_any or ranked)[:SHOWN_CONTACTS]


def holders_of_stated(desk: Desk) -> list[Contact]:
    """Whose the number or the address is that a question states to have it confirmed, and who else is there for what it
    says (`举报电话是0731-…吗`); empty where it states none of the notice's, or asks for something else (`打12345几天有回复`)."""
    words = desk.question.normalised
    contacts = contacts_in(desk.chunks, desk.index.facts)
    asks = desk.question.yes_no and not _ASKS_FOR_HOURS.search(words)
    holders = _stating(desk, contacts) if asks else []
    if not holders:
        return []
    most = most_for(contacts, words)
    others = [] if any(c in most for c in holders) else most
    return [*holders, *others][:SHOWN_CONTACTS]


def others_meant(desk: Desk, contacts: Sequence[Contact]) -> list[Contact]:
    """Of the holders of a stated number and those behind them: these, where the question wants the number confirmed as
    theirs, and the holder is there for something else (`园区电话是…吗`)."""
    words, holders = desk.question.normalised, _stating(desk, contacts)
    of_else = all(c.purpose + c.rest and not is_for_all(c) for c in holders)
    return [c for c in contacts if c not in holders] if of_else and re.search(PREMISE, words) else []


def contacts_named(desk: Desk) -> list[Contact]:
    """The contacts of the persons whom a question names in full to have their numbers or to know what they are there
    for; behind them who else is there for what it says (`章立管延续吗`). Empty where it asks for something else."""
    words = desk.question.normalised
    contacts = contacts_in(desk.chunks, desk.index.facts)
    named = named_in(contacts, words)
    if FactKind.EMAIL in expected_facts(words)[:1]:
        return _with_email(named) if asks_for_contact(desk.question) else []
    named = most_for(named, words) or named
    if asks_for_contact(desk.question):
        return named[:SHOWN_CONTACTS]
    if not named or not _ASKS_WHOSE_BUSINESS.search(words):
        return []
    others = [] if is_for(named[0], words) else most_for(contacts, words)
    return [*named, *others][:SHOWN_CONTACTS]


def contacts_of_part(desk: Desk) -> list[Contact]:
    """The contacts for the part of the notice that holds what a question for a contact names, where they name that part by
    its number alone: `第（三）方向` for `海外仓找谁问`; empty for any other."""
    if not asks_for_contact(desk.question) or asked_holder(desk.question.normalised):
        return []
    best = most_for(contacts_in(desk.chunks, desk.index.facts), desk.question.normalised)
    return best[:SHOWN_CONTACTS] if all(c.subject for c in best) else []


def is_business_of(desk: Desk, contacts: Sequence[Contact]) -> bool | None:
    """Whether what a question says is the business of the first contact, which it names; None where it does not ask
    that, or where the notice does not say what that one is there for, or who else is there for it."""
    words = desk.question.normalised
    if not desk.question.yes_no or asks_for_contact(desk.question):
        return None
    if is_for(contacts[0], words):
        return True
    elsewhere = any(is_for(c, words) for c in contacts[1:])
    return False if contacts[0].purpose and not is_for_all(contacts[0]) and elsewhere else None


def contacts_about(desk: Desk, title: str = "") -> list[Contact]:
    """Whom to ask about the question, or about an attachment of this title: the best, where it is there for that or for
    all questions, else those for one subject each. Empty where the notice gives numbers for single cases alone; to whom
    an attachment is sent is such a case."""
    words = desk.question.normalised
    contacts = contacts_in(desk.chunks, desk.index.facts)
    contacts = tuple(c for c in contacts if not is_for_one_case(c, "" if title else words))
    contacts = tuple(c for c in contacts if not is_for_sending(c)) or contacts
    return _best_or_all(desk, contacts, title or words)


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
    who are there for all questions; else, where it names nothing that tells them apart, all of them. Empty where the
    question is about something for which none of them is."""
    question = desk.question
    everywhere = contacts_in(desk.chunks, desk.index.facts)
    if FactKind.EMAIL in expected_facts(question.normalised)[:1]:
        contacts, everywhere = _with_email(contacts), tuple(_with_email(everywhere))
    if holder := asked_holder(question.normalised):
        found = [c for some in (contacts, everywhere) for c in those_of(some, holder)]
        return list(dict.fromkeys(found))[:SHOWN_CONTACTS]
    if stated := _stating(desk, everywhere):
        return stated[:SHOWN_CONTACTS]
    helping = [c for c in everywhere if is_for_trouble(c)] if speaks_of_trouble(question.normalised) else []
    if helping:
        return helping[:SHOWN_CONTACTS]
    terms = () if question.language == "en" else question.terms
    named = [word for term in terms if len(word := re.sub(GENERIC, "", term)) > 1]
    money = [term for term in terms if re.fullmatch(MONEY, term)]
    written = [word for word in question.synonyms if len(word) > 1 and not _WRITTEN_FOR_MONEY.fullmatch(word)]
    shared = [_shared(c, (*named, *written)) + sum(word in c.purpose for word in money) for c in contacts]
    if most := max(shared, default=0):
        return [c for c, share in zip(contacts, shared, strict=True) if share == most][:SHOWN_CONTACTS]
    if any(word not in desk.notice.title for word in named):
        contacts = [c for c in contacts if is_for_all(c)]
    if question.language == "en":
        return by_fitness(contacts, issuer=desk.notice.issuer)[:SHOWN_CONTACTS]
    return _best_or_all(desk, contacts, question.normalised)


def _best_or_all(desk: Desk, contacts: Sequence[Contact], words: str) -> list[Contact]:
    """The best contact, where it is there for these words or for all questions; else those for one subject each, as
    nothing tells which of these is meant, rather than side lines."""
    ranked = by_fitness(contacts, words, desk.notice.issuer)
    if any(is_for_all(c) or is_for(c, words) for c in ranked[:1]):
        return ranked[:1]
    for_subjects = [c for c in contacts if not (is_for_one_case(c, words) or is_side_line(c))]
    return for_subjects[:SHOWN_CONTACTS] or ranked[:1]


def _with_email(contacts: Sequence[Contact]) -> list[Contact]:
    return [c for c in contacts if c.emails]


def _stating(desk: Desk, contacts: Sequence[Contact]) -> list[Contact]:
    """The contacts that have a number or an address that the question itself states."""
    asked = values_in(desk.question.normalised)
    phones = [v.value for v in asked if v.kind is FactKind.PHONE]
    emails = {v.value.casefold() for v in asked if v.kind is FactKind.EMAIL}
    return [
        c
        for c in contacts
        if any(same_number(value, f.value) for value in phones for f in desk.facts(c.chunk, c.start, c.end))
        or any(email.casefold() in emails for email in c.emails)
    ]


def _shared(contact: Contact, words: Sequence[str]) -> int:
    """How many characters of a question's words the own words of a contact hold."""
    return sum(len(word) for word in words if word in contact.text or word in contact.office)
