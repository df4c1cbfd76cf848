"""Contacts -> the cards of an answer, or the sentences that say more than a card can."""

from __future__ import annotations

from collections.abc import Sequence

from bot.contacts import Contact
from bot.datamodels import Block, BlockKind, FactKind, Span
from bot.dated import with_states
from bot.desk import Desk, plain, strong
from bot.quoting import Sentence, sentence_at, styled, without_number


def contact_blocks(desk: Desk, contacts: Sequence[Contact], kind: BlockKind = BlockKind.CARD) -> list[Block]:
    """A card each: office, person, phone, e-mail, what for; the sentence of the clause where that says more (hours, a
    second person), or where nothing says whose a number is."""
    by_sentence: dict[Sentence, list[Contact]] = {}
    for contact in contacts:
        by_sentence.setdefault(sentence_at(contact.chunk, contact.start), []).append(contact)
    blocks = []
    for sentence, together in by_sentence.items():
        if any(c.rest or c.hours or not (c.office or c.person or c.purpose) for c in together):
            blocks.append(_contact_sentence(desk, sentence, together, kind))
        else:
            blocks += [_card(desk, contact, kind) for contact in together]
    return blocks


def _contact_sentence(desk: Desk, sentence: Sentence, contacts: Sequence[Contact], kind: BlockKind) -> Block:
    """The sentence of these contacts as it stands in their clause, after the office that the line above it names, with
    where its deadline stands."""
    first = contacts[0]
    marks = [mark for contact in contacts for mark in _numbers(desk, contact)]
    spans = styled(without_number(sentence), marks)
    above = [plain(f"{first.office} ")] if first.introduced_by else []
    n = desk.citer.cite(first.chunk, marks, since=first.introduced_by)
    return with_states(desk, Block(kind, (*above, *spans), (n,)), [sentence])


def _card(desk: Desk, contact: Contact, kind: BlockKind) -> Block:
    """`政策咨询：市科技局 韦燕　电话 029-55536177`."""
    n = desk.citer.cite(contact.chunk, _numbers(desk, contact), since=contact.introduced_by)
    who = " ".join(part for part in (contact.office, contact.person) if part)
    spans: list[Span] = []
    if contact.purpose:
        spans.append(plain(f"{contact.purpose}："))
    if who:
        spans.append(strong(who))
    for label, values in (("电话 ", contact.phones), ("邮箱 ", contact.emails), ("", contact.groups)):
        if values:
            apart = "　" if spans and (who or values != contact.phones) and spans[-1].text[-1] != "：" else ""
            spans += [plain(f"{apart}{label}"), strong("、".join(values))]
    return Block(kind, tuple(spans), (n,))


def _numbers(desk: Desk, contact: Contact) -> list[tuple[int, int]]:
    """Where the numbers and e-mails of a contact stand in the document."""
    facts = desk.facts(contact.chunk, contact.start, contact.end)
    reached = [(f.start, f.end) for f in facts if f.kind in {FactKind.PHONE, FactKind.EMAIL}]
    found = [(contact.start + contact.text.index(group), len(group)) for group in contact.groups]
    return [*reached, *((start, start + size) for start, size in found)]
