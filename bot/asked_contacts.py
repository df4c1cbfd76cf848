"""(Question, contacts of a notice) -> those that are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.contacts import Contact, asked_holder, best_contact, contacts_in, is_for_all, is_of, same_number
from bot.datamodels import Chunk, FactKind, Intent, Question
from bot.desk import Desk
from bot.facts import values_in
from bot.lexicon import GENERIC
from bot.question import expected_facts

SHOWN_CONTACTS = 3
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
    return sum(len(word) for word in words if word in contact.text or word in contact.office)
