"""Text of one file -> the documents that follow in it: a forwarded notice, a second notice, 附件 behind the signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.documents.declared import attachment_mark, embedded_attachments
from bot.documents.letterhead import (
    GENRE_END,
    OWN_NUMBER,
    Line,
    addressees_of,
    ends_body,
    is_offices,
    lines_of,
    only_date,
    read_foot,
    read_head,
)

_BRACKETED_YEAR = re.compile(r"[〔\[【(（]\s*(?:19|20)\d\d\s*[〕\]】)）]")
_FORWARDS = re.compile(r"转发|批转|印发")
_LETTERHEAD = re.compile(r"文\s*件$")
_IMPRINT = re.compile(r"^(?:抄\s*送|抄\s*报|主题词|印\s*发)\s*[:：]?|.*印发$")
"""Lines of the 版记."""
_NO_TITLE = re.compile(r"[:：。|]|^附\s*[件表录]|^\d")
_TITLE_LINES = 5
_SHORTEST_TITLE = 8
_LONGEST_TITLE_LINE = 60
_SHORTEST_NOTICE = 80
"""Characters under a second head; below it, it is a reference or a web page's link."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document that follows in the text of another one."""

    name: str
    """What a file of its own would be called: `附件2 要素条件`, `关于开展…的通知`."""
    start: int
    """Offset at which it begins; it reaches to the next one."""
    notice: bool
    """True where it is a notice with a head of its own, False for an attachment."""


def enclosed_documents(text: str) -> tuple[Enclosed, ...]:
    """The documents behind the first one of a text, in order.

    A notice shows itself by its title with a 发文字号 or a 主送机关 of its own, after the signature of the
    notice before it or, where that one forwards, anywhere behind its head. Attachments are those of
    `embedded_attachments`; a notice that stands under a line 附件2 is that attachment.
    """
    attachments = embedded_attachments(text)
    found = [Enclosed(_file_name(f"附件{a.number}", a.title), a.start, notice=False) for a in attachments]
    lines = lines_of(text)
    marks = {a.start for a in attachments}
    for position in _second_heads(lines, stop=min(marks, default=len(text))):
        title = read_head(lines[position:]).title
        found.append(Enclosed(_file_name(title), lines[position].start, notice=True))
    return tuple(sorted(found, key=lambda enclosed: enclosed.start))


def _file_name(*words: str) -> str:
    name = re.sub(r"[/\\\s]+", " ", " ".join(dict.fromkeys(filter(None, words)))).strip()
    return name if len(name) <= _LONGEST_TITLE_LINE else name[: _LONGEST_TITLE_LINE - 1] + "…"


def _second_heads(lines: Sequence[Line], stop: int) -> list[int]:
    """Numbers of the lines in which further notices begin, up to the offset `stop`."""
    found: list[int] = []
    begin = 0
    while True:
        head = read_head(lines[begin:])
        first = begin + max(head.end, 1)
        foot = read_foot(lines, first)
        signed = foot.end if foot.start < len(lines) else len(lines)
        earliest = first if _FORWARDS.search(head.title) else signed
        position = _head_below_signature(lines, signed, stop)
        if position is None:
            starts = (_head_around(lines, i, earliest, stop) for i in range(earliest, len(lines)))
            position = next((start for start in starts if start is not None), None)
        if position is None:
            return found
        found.append(position)
        begin = position


def _head_below_signature(lines: Sequence[Line], signed: int, stop: int) -> int | None:
    """The line right below a signature, its remarks and its 版记, where a notice with a signature, a number or a
    主送机关 of its own begins there."""
    start = signed
    while start < len(lines) and (ends_body(lines[start].text) or _IMPRINT.match(lines[start].text)):
        if only_date(lines[start].text) is None and is_offices(lines[start].text):
            break  # an office's name below a date opens the next letterhead
        start += 1
    if start >= len(lines) or lines[start].start >= stop or _NO_TITLE.search(lines[start].text):
        return None
    head = read_head(lines[start:])
    first = start + head.end
    if len(head.title) < _SHORTEST_TITLE or not GENRE_END.search(head.title) or "|" in head.title:
        return None
    foot = read_foot(lines, first)
    own = head.doc_number or head.addressees or (foot.offices and foot.issued_on)
    return start if own and _size(lines[first:]) >= _SHORTEST_NOTICE else None


def _size(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines[:60])


def _head_around(lines: Sequence[Line], anchor: int, earliest: int, stop: int) -> int | None:
    """The line in which a notice's head begins, where line `anchor` is its 发文字号 or its 主送机关.

    GB/T 9704-2012 has 发文机关标志, 发文字号, 标题, 主送机关; web pages put the title above the number.
    """
    if lines[anchor].start >= stop:
        return None
    words = lines[anchor].text
    number = OWN_NUMBER.fullmatch(words) is not None and _BRACKETED_YEAR.search(words) is not None
    if not number and not (words.endswith(("：", ":")) and addressees_of(lines[anchor:])[1]):
        return None
    start = _title_above(lines, anchor, earliest)
    if start is None and number:
        start = (
            anchor if _title_above(lines, _title_end(lines, anchor + 1), anchor + 1) == anchor + 1 else None
        )
    if start is None:
        return None
    while start > earliest and (
        is_offices(lines[start - 1].text) or _LETTERHEAD.search(lines[start - 1].text)
    ):
        if only_date(lines[start].text):
            break
        start -= 1
    return start if _size(lines[anchor + 1 :]) >= _SHORTEST_NOTICE else None


def _title_end(lines: Sequence[Line], start: int) -> int:
    """The line behind a title that begins in line `start`."""
    for end in range(start + 1, min(start + _TITLE_LINES, len(lines)) + 1):
        whole = "".join(line.text for line in lines[start:end])
        if GENRE_END.search(whole):
            return end
    return start


def _title_above(lines: Sequence[Line], end: int, earliest: int) -> int | None:
    """The first line of a title whose last line stands right above line `end`; None where there is none."""
    if (
        end <= earliest
        or not GENRE_END.search(lines[end - 1].text)
        or "关于" not in "".join(line.text for line in lines[max(earliest, end - _TITLE_LINES) : end])
    ):
        return None
    start = end - 1
    while not _is_whole("".join(line.text for line in lines[start:end])):
        if start == earliest or end - start == _TITLE_LINES:
            return None
        start -= 1
    block = lines[start:end]
    if any(len(line.text) > _LONGEST_TITLE_LINE or re.search(r"[。；：|]", line.text) for line in block):
        return None
    return None if any(attachment_mark(line.text) for line in block) else start


def _is_whole(title: str) -> bool:
    """Whether a title's first line is among these: it has its 关于, and every 》 its 《."""
    return "关于" in title and title.count("》") <= title.count("《")
