"""Repaired text of a notice -> what its head, foot and list of attachments say about it (a `Notice`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.datamodels import DeclaredAttachment, Document, Notice
from bot.documents.declared import QUOTED, declared_attachments, embedded_attachments
from bot.documents.letterhead import GENRES, document_numbers, is_offices, lines_of, read_foot, read_head

_YEAR = re.compile(r"(20\d\d)(?:\s*[-—–~～至]\s*20\d\d)?\s*年(?!\s*(?:版|修订|试行|\d{1,2}\s*月))")
_PROGRAMME_YEAR = re.compile(r"(20\d\d)(?:\s*[-—–~～至]\s*20\d\d)?\s*年度")
_BATCH = re.compile(r"第[一二三四五六七八九十百\d]+批")
_LEVEL = re.compile(r"(?:领航|卓越|先进|基础|国家|自治区|省|市|州|区|县|校|部|示范)级(?![别联])")
_ABOVE_REGION = re.compile(
    r"^(?:中共|共青团|国家税务总局|中国人民银行|国家金融监督管理总局|中华人民共和国|政协)"
)
_REGION = re.compile(
    r"(?:[\u4e00-\u9fff]{2,3}省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区|(?:香港|澳门)特别行政区)?"
    r"(?:[\u4e00-\u9fff]{2,10}?(?:自治州|州(?!市)|盟(?!市)|地区|(?<!城)市(?![场政容民级直])))?"
    r"(?:[\u4e00-\u9fff]{1,7}?(?:自治县|县(?![级域])|旗|(?<![社园地城校小])区(?![域级])))?"
)
_ZONE = re.compile(r"^[\u4e00-\u9fff]{2,12}?(?:开发区|综合保税区|新区|高新区|示范区|试验区)")
_REPEAL = re.compile(
    r"(?:同时|即行|一并|予以|相应|随之|自[^。；，]{0,20}起|日起)\s*(?:废止|停止执行|停止使用|失效|终止执行)|(?<![已未])废止"
)


def programme_year(title: str, issued_on: date | None) -> int | None:
    """The year that a title names, else the year of issue."""
    for pattern in (_PROGRAMME_YEAR, _YEAR):
        if match := pattern.search(title):
            return int(match[1])
    return issued_on.year if issued_on else None


def _region(office: str) -> str:
    office = _ABOVE_REGION.sub("", office)
    for pattern in (_REGION, _ZONE):
        if (match := pattern.match(office)) and match[0]:
            return match[0]
    return ""


def superseded(text: str) -> tuple[str, ...]:
    """Titles and document numbers that a notice repeals: 《…》（…号）同时废止."""
    found: dict[str, None] = {}
    for sentence in re.split(r"[。；\n]", text):
        repeal = _REPEAL.search(sentence)
        if repeal is None:
            continue
        subject = sentence[: repeal.start()]
        named = [*QUOTED.findall(subject), *document_numbers(subject)]
        bare = re.search(rf"(?:^|[，,])\s*原?([^，,]{{2,40}}?(?:{GENRES}))$", subject)
        if not named and bare and not bare[1].startswith("本"):
            named = [bare[1]]
        found.update(dict.fromkeys(named))
    return tuple(found)


def _with_supplied(
    declared: Sequence[DeclaredAttachment], document_id: str, text: str, supplied: Sequence[Document]
) -> tuple[DeclaredAttachment, ...]:
    """The declared attachments with the documents that hold them; those supplied without a number come last."""
    merged = {entry.number: entry for entry in declared}
    for embedded in embedded_attachments(text):
        merged[embedded.number] = replace(merged[embedded.number], document_id=document_id)
    extra = []
    for document in supplied:
        number = document.attachment_number
        entry = merged.get(number) or DeclaredAttachment(number, document.title, None)
        if not number or entry.document_id not in {None, document_id}:
            extra.append(DeclaredAttachment(number, document.title, document.id))
        else:
            merged[number] = replace(entry, document_id=document.id)
    return (*sorted(merged.values(), key=lambda entry: int(entry.number)), *extra)


def read_metadata(
    notice_id: str, document_id: str, text: str, attachments: Sequence[Document] = ()
) -> Notice:
    """What a repaired main document says about itself.

    `attachments` are the supplied ones; their `attachment_number` ties them to those that the text declares.
    Where the text does not say something the field stays empty: nothing is guessed.
    """
    lines = lines_of(text)
    head = read_head(lines)
    foot = read_foot(lines, head.end)
    before_about = head.title.split("关于", 1)[0].strip() if "关于" in head.title else ""
    in_title = before_about if is_offices(before_about) else ""
    issuer = foot.offices or head.offices or in_title
    issued_on = foot.issued_on or head.issued_on
    offices = f"{issuer} {foot.sealed_by} {in_title}".split()
    batch = _BATCH.search(head.title)
    return Notice(
        id=notice_id,
        title=head.title,
        document_id=document_id,
        doc_number=head.doc_number,
        issuer=issuer,
        addressees=head.addressees,
        issued_on=issued_on,
        year=programme_year(head.title, issued_on),
        batch=batch[0] if batch else "",
        level=" ".join(dict.fromkeys(_LEVEL.findall(head.title))),
        region=next((region for region in map(_region, offices) if region), ""),
        supersedes=superseded(text),
        references=tuple(number for number in document_numbers(text) if not head.doc_number.endswith(number)),
        attachments=_with_supplied(declared_attachments(text), document_id, text, attachments),
    )
