"""(Question's words, clause's words) -> whether the clause allows or forbids this in so many words."""

from __future__ import annotations

import re

from bot.chunking import sentences
from bot.numbering import number_end

_ALLOWS = re.compile(
    r"(?P<who>[^，。；：]{2,40}?)(?:的，?)?(?:(?P<no>不得|不能|不可以?)|均?可以?|允许)(?P<act>[^，。；：不]{2,14})[。；]?$"
)
_CONDITIONAL = re.compile(r"除|原则|经")
_ASKING = re.compile(
    r"我[们司]?|请问|(?:这次|今年)|能不能|可不可以|可以|能否|是否|能|[也还来吗么嘛呢不?!。，,\s]|行$"
)


def permission(question: str, text: str) -> bool | None:
    """True where a clause allows what is asked in the very same words, False where it forbids that, else None."""
    asked = _as_applying(_ASKING.sub("", question))
    first = number_end(text)
    for begin, end in sentences(text):
        match = _ALLOWS.fullmatch(text[max(begin, first) : end])
        if match is None or _CONDITIONAL.search(match.group()):
            continue
        if asked in {_as_applying(who + match["act"]) for who in re.split(r"[、和及与]", match["who"])}:
            return match["no"] is None
    return None


def _as_applying(words: str) -> str:
    return re.sub(r"申报|申请|报名|参评|报$", "报", words)
