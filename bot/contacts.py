"""Clauses with a phone or an e-mail -> contacts: office, person, numbers, and what for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.chunking import sentences
from bot.datamodels import Chunk, ChunkKind, Fact, FactKind
from bot.lexicon import SURNAMES

_OFFICE = re.compile(
    r"(?:厅|局|处|科|室|部|委|办|中心|公司|协会|学校|学院|大学|医院|所|站|院|集团|基地|银行|支行|街道|社区|平台|窗口|大厅|组|馆|队|会|党支部)(?:[（(][^（）()]*[）)])?$"
)

_CONTACT_WORDS = re.compile(
    r"(?:业务|政策)?(?:联\s*系|联\s*络|咨\s*询)\s*(?:人\s*及\s*电\s*话|人|电\s*话|方\s*式)\s*[:：]?|(?:^|(?<=[\s\u3000，,；;]))电\s*话\s*[:：]?|(?:电子)?邮\s*箱\s*[:：]?|手\s*机\s*[:：]?"
)


@dataclass(frozen=True, slots=True)
class Contact:
    office: str
    person: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    purpose: str
    """What it is for, as the clause or its heading says; empty where nothing is said."""
    chunk: Chunk
    """The clause that states the numbers."""
    start: int
    """Where its sentence begins in the document's text."""
    end: int
    introduced_by: Chunk | None = None
    """The line above it, where that line names the office."""


def contacts_in(chunks: Sequence[Chunk], facts: Mapping[str, Sequence[Fact]]) -> tuple[Contact, ...]:
    """Contacts of the chunks of one notice, in reading order; rows of tables are left to the table answer."""
    found = []
    for position, chunk in enumerate(chunks):
        reached = [f for f in facts.get(chunk.id, ()) if f.kind in {FactKind.PHONE, FactKind.EMAIL}]
        if not reached or chunk.kind in {ChunkKind.ROW, ChunkKind.HEADER}:
            continue
        before = chunks[position - 1] if position else None
        for begin, end in sentences(chunk.text):
            stated = [f for f in reached if chunk.start + begin <= f.start < chunk.start + end]
            if not stated:
                continue
            office, person, purpose = _parts(chunk.text[begin:end], stated)
            introduced_by = None
            if not office and before is not None and _names_an_office(before, chunk, facts):
                office, introduced_by = before.text.strip(), before
            found.append(
                Contact(
                    office=office,
                    person=person,
                    phones=tuple(dict.fromkeys(f.text for f in stated if f.kind is FactKind.PHONE)),
                    emails=tuple(dict.fromkeys(f.text for f in stated if f.kind is FactKind.EMAIL)),
                    purpose=purpose,
                    chunk=chunk,
                    start=chunk.start + begin,
                    end=chunk.start + end,
                    introduced_by=introduced_by,
                )
            )
    return tuple(found)


def best_contact(contacts: Sequence[Contact], words: str = "") -> Contact | None:
    """Whom to ask: a phone for questions about the policy before technical, complaint and other lines."""

    def fitness(contact: Contact) -> float:
        about = contact.purpose + contact.office + " ".join(contact.chunk.heading_path)
        score = float(bool(contact.phones)) * 2 + float(bool(contact.person))
        score += 2 * bool(re.search(r"政策|业务|咨询|联系|申报|受理", about))
        score -= 3 * bool(re.search(r"投诉|举报|监督|纪检|信访", about))
        score -= 2 * bool(re.search(r"技术|系统|平台|账号|客服|住宿|会务|发票", about))
        return score + sum(0.5 for word in set(re.findall(r"[\u4e00-\u9fff]{2}", words)) if word in about)

    return max(contacts, key=fitness, default=None)


def _names_an_office(before: Chunk, chunk: Chunk, facts: Mapping[str, Sequence[Fact]]) -> bool:
    return (
        before.document_id == chunk.document_id
        and before.kind is ChunkKind.CLAUSE
        and len(before.text) <= 40
        and bool(_OFFICE.search(before.text.strip()))
        and not any(f.kind is FactKind.PHONE for f in facts.get(before.id, ()))
    )


def _parts(text: str, stated: Sequence[Fact]) -> tuple[str, str, str]:
    """(office, person, purpose) of a contact line, each literally in it or empty."""
    words = re.sub(r"^[\s\u3000]*(?:[（(]?[\d一二三四五六七八九十]+[）).、．]\s*)", "", text.strip())
    head = words
    for fact in stated:
        head = head.split(fact.text)[0]
    head = _CONTACT_WORDS.sub(" ", head)
    purpose = ""
    label = re.match(r"([^：:，。；]{2,20})[：:]", head)
    if label:
        purpose = label.group(1).strip()
        head = head[label.end() :]
    pieces = [p for p in re.split(r"[\s\u3000，,、；;：:。（）()]+", head) if p]
    person = next((p for p in reversed(pieces) if _is_person(p)), "")
    office = next((p for p in reversed(pieces) if p != person and _OFFICE.search(p) and len(p) >= 3), "")
    if not office and purpose and _OFFICE.search(purpose):
        office, purpose = purpose, ""
    return office, person, purpose


def _is_person(piece: str) -> bool:
    bare = piece
    for suffix in (
        "老师",
        "医生",
        "女士",
        "先生",
        "主任",
        "科长",
        "处长",
        "同志",
        "经理",
        "护士长",
        "教授",
        "会计",
        "工",
    ):
        bare = bare.removesuffix(suffix)
    if not re.fullmatch(r"[\u4e00-\u9fff·]{1,4}", bare) or bare[0] not in SURNAMES or _OFFICE.search(piece):
        return False
    return (2 <= len(bare) <= 3 or bare != piece) and not re.search(
        r"电话|邮箱|联系|咨询|投诉|传真|热线|地址|方式", piece
    )
