"""A file's name and text -> whether it is the notice itself, or which attachment, and its title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.datamodels import DeclaredAttachment
from bot.documents.declared import attachment_mark, clean_title
from bot.documents.letterhead import GENRES, lines_of, read_foot, read_head

_NAME_NUMBER = re.compile(r"附\s*件\s*[(（]?(\d{1,2})(?!\d)|attachment[\s_-]*(\d{1,2})(?!\d)", re.IGNORECASE)
_HAN_NAME_NUMBER = re.compile(r"附\s*件\s*[一二三四五六七八九十]{1,3}")
_ATTACHMENT_NAME = re.compile(
    r"^附\s*[件表录]|附\s*件\s*[(（]?[\d一二三四五六七八九十:：_\-]|attachment[\s_-]*\d|^(?:attachment|annex|appendix)",
    re.IGNORECASE,
)
_ATTACHMENT_LINE = re.compile(r"附\s*[件表录]")
_BARE_MARK = re.compile(r"附\s*[件表录]\s*[:：]?")
_NAME_LEAD = re.compile(
    r"^(?:附\s*件\s*[(（]?[\d一二三四五六七八九十]*[)）]?|attachment[\s_-]*\d*|\d{1,2}(?!\d))[\s.．、:：_\-—]*",
    re.IGNORECASE,
)
_LIST = re.compile(r"(?m)^[ \u3000*#]*附\s*件\s*[:：]")
_GENRE = re.compile(rf"(?:{GENRES})(?:[（(][^（）()]*[）)])*$")
_SHEET = re.compile(r"^(?:工作表|sheet\s*\d*)", re.IGNORECASE)
_LONGEST_TITLE = 80
_SHORTEST_COMMON_TITLE = 4


def _first_line(text: str) -> str:
    return next((line.text for line in lines_of(text[:2000])), "")


def looks_attached(name: str, text: str) -> bool:
    """True where the file's name or its first line says 附件."""
    return bool(_ATTACHMENT_NAME.search(name) or _ATTACHMENT_LINE.match(_first_line(text)))


def main_score(name: str, text: str) -> int:
    """How much a file looks like the notice itself and not like an attachment; larger is more.

    `name` is the file's name without suffix, `text` its repaired text.
    """
    lines = lines_of(text)
    head = read_head(lines)
    foot = read_foot(lines, head.end)
    return (
        (-10 if looks_attached(name, text) else 0)
        + (3 if _GENRE.search(head.title) else 0)
        + (1 if _GENRE.search(name) else 0)
        + (2 if foot.offices and foot.issued_on else 0)
        + (2 if _LIST.search(text) else 0)
        + (1 if head.addressees else 0)
        + (1 if head.doc_number else 0)
    )


def name_number(name: str) -> str:
    """`附件2-推荐汇总表`, `附件二`, `attachment_2` -> `2`; empty where the name has none."""
    if match := _NAME_NUMBER.search(name):
        return str(int(match[1] or match[2]))
    if match := _HAN_NAME_NUMBER.search(name):
        mark = attachment_mark(match[0])
        return mark[0] if mark else ""
    return ""


def text_number(text: str) -> str:
    """The number in a first line 附件2 or 附件2：标题; empty where there is none."""
    mark = attachment_mark(_first_line(text))
    return mark[0] if mark else ""


def name_title(name: str) -> str:
    """`附件2-推荐汇总表`, `2.推荐汇总表` -> `推荐汇总表`."""
    return _NAME_LEAD.sub("", name).strip()


def text_title(text: str) -> str:
    """The title that an attachment gives itself: behind 附件2, or its heading.

    Empty where the text begins with a table, a sheet's name or a sentence.
    """
    lines = lines_of(text[:2000])
    first = lines[0].text if lines else ""
    mark = attachment_mark(first)
    if mark and mark[1]:
        return mark[1]
    if mark or _BARE_MARK.fullmatch(first):
        lines = lines[1:]
        first = lines[0].text if lines else ""
    if (
        not first
        or first.startswith("|")
        or len(first) > _LONGEST_TITLE
        or "。" in first
        or _SHEET.match(first)
    ):
        return ""
    whole = read_head(lines).title
    return clean_title(whole if whole.startswith(first) and _GENRE.search(whole) else first)


def _key(title: str) -> str:
    """A title for comparison: letters, digits and Han characters only."""
    return re.sub(r"[\W_]+", "", title).lower()


def declared_number(titles: Iterable[str], declared: Sequence[DeclaredAttachment]) -> str:
    """Number of the declared attachment whose title equals one of `titles`, or the only one that holds one or
    lies in one; empty where there is none."""
    keys = [key for key in map(_key, titles) if len(key) >= _SHORTEST_COMMON_TITLE]
    listed = [(entry.number, _key(entry.title)) for entry in declared]
    equal = [number for number, title in listed if title in keys]
    near = {
        number
        for number, title in listed
        for key in keys
        if len(title) >= _SHORTEST_COMMON_TITLE and (key in title or title in key)
    }
    if equal:
        return equal[0]
    return near.pop() if len(near) == 1 else ""
