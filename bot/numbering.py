"""A line -> the number it opens with: 第X章 第X条 一、（一）1.（1）① 1.1 and their variants.

The forms and their usual order are those of GB/T 9704-2012 (Chinese official documents, 7.3.3);
other orders occur, so nesting is decided by the chunker, not here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CHINESE_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def chinese_to_int(text: str) -> int | None:
    """`二十三` -> 23, `二〇二四` -> 2024, `12` -> 12; None where the text is no such number."""
    if text.isdecimal():
        return int(text)
    if not text or any(c not in CHINESE_DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return int("".join(str(CHINESE_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in _UNITS:
            total += (digit or 1) * _UNITS[c]
            digit = 0
        else:
            digit = CHINESE_DIGITS[c]
    return total + digit


@dataclass(frozen=True, slots=True)
class LineNumber:
    style: str
    """Which form: `chapter`, `article`, `一、`, `（一）`, `1.`, `（1）`, `①`, `1.1`, `1.1.1` ..."""
    value: int
    text: str
    """As written, without blanks: `(一)`, `1．`."""
    end: int
    """Offset in the line after the number and the blanks that follow it."""

    @property
    def label(self) -> str:
        """As a person cites it: full-width brackets, one kind of full stop."""
        label = self.text.translate(str.maketrans("()．", "（）."))
        return label + " " if self.style[-1] == "1" else label


_CN = "[零〇一二三四五六七八九十百]{1,5}"
_FORMS: tuple[tuple[str, str], ...] = (
    ("part", rf"第({_CN}|\d{{1,2}})(?:部分|编(?=[\s\u3000]))"),
    ("chapter", rf"第({_CN}|\d{{1,2}})章"),
    ("section", rf"第({_CN}|\d{{1,2}})节"),
    ("article", rf"第({_CN}|\d{{1,3}})条"),
    ("一、", rf"({_CN})(?:、|[．.](?!\d))"),
    ("（一）", rf"[（(]({_CN})[）)]、?"),
    ("（1）", r"[（(](\d{1,2})[）)]、?"),
    (
        "1.1",
        r"(\d{1,2}(?:\.\d{1,2}){1,3})(?=[\s\u3000\u4e00-\u9fff])"
        r"(?!\s*(?:万|亿|元|%|％|倍|米|吨|月|个(?:百分|月|点)|分(?![别类级工期配项析包])))",
    ),
    ("1.", r"(\d{1,2})(?:[．、]|\.(?!\d))"),
    ("1.", r"(\d{1,2})\.(?=\d{4}年|\d{1,2}月)"),
    ("1)", r"(\d{1,2})[）)]"),
    ("①", r"([①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳])"),
    ("a)", r"([a-h])[.)）](?![a-z])"),
    (
        "1",
        r"(\d{1,2})(?=[ \t\u3000]+(?![年月日号时个家万亿元项人名份套件天周点条种类次批台])[\u4e00-\u9fff、（）《》“”]{2,20}$)",
    ),
)
_COMPILED = tuple(
    (style, re.compile(r"[\s\u3000]*(?P<text>" + form + r")[ \t\u3000]*")) for style, form in _FORMS
)


def line_number(line: str) -> LineNumber | None:
    """The number at the start of a line, or None."""
    for style, pattern in _COMPILED:
        match = pattern.match(line)
        if not match:
            continue
        digits = match.group(2)
        if style == "①":
            value: int | None = ord(digits) - ord("①") + 1
        elif style == "1.1":
            value = int(digits.rsplit(".", 1)[1])
            style = ".".join("1" * (digits.count(".") + 1))
        elif style == "a)":
            value = ord(digits) - ord("a") + 1
        else:
            value = chinese_to_int(digits)
        if value is not None:
            return LineNumber(style, value, match.group("text"), match.end())
    return None


def number_end(line: str) -> int:
    """Offset of a line's words, after its number and the blanks that follow it; 0 where it has none."""
    number = line_number(line)
    return number.end if number else 0


def bare_heading(heading: str) -> str:
    """`## 三、申报程序：`, `【申报程序】` -> `申报程序`."""
    words = re.sub(r"^【([^【】]*)】$", r"\1", heading.lstrip("#").strip())
    return words[number_end(words) :].rstrip("：:").strip()
