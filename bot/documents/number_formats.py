"""A cell's number and its Excel format code -> the text that the sheet shows: 12.5%, 12,345.60, 2024年11月22日."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 37: "#,##0", 38: "#,##0", 39: "#,##0.00",
    40: "#,##0.00", 14: "yyyy-m-d", 15: "yyyy-m-d", 16: "m-d", 17: "yyyy-m", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy-m-d h:mm", 27: "yyyy-m", 28: "m-d", 29: "m-d", 30: "yyyy-m-d", 31: "yyyy-m-d", 32: "h:mm",
    33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss", 36: "yyyy-m", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 50: "yyyy-m",
    51: "m-d", 52: "yyyy-m", 53: "m-d", 54: "m-d", 55: "yyyy-m", 56: "m-d", 57: "yyyy-m", 58: "m-d",
}  # fmt: skip
"""Format ids that a workbook uses without declaring them; 27 to 36 and 50 to 58 as Chinese Excel shows them."""

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]')
"""Quoted text, an escaped sign, padding, a currency, a colour or condition."""
_NUMBER = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?")
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)


def is_date_format(code: str) -> bool:
    section = _LITERAL.sub(" ", code.split(";")[0])
    return bool(_DATE_LETTERS.search(section)) and not re.search(
        r"[#0?]", section.lower().replace("ss.0", "")
    )


def general(number: float) -> str:
    """At most 15 digits, whole numbers without `.0`, never an exponent below 10^20."""
    if number == int(number) and abs(number) < 1e20:
        return str(int(number))
    text = format(Decimal(repr(number)).normalize(), "f")
    return format(Decimal(f"{number:.15g}").normalize(), "f") if len(text) > 16 else text


def format_moment(moment: datetime | date, code: str = "yyyy-m-d") -> str:
    """`2024年11月22日`, with `17:00` where there is a time; as much of it as the format shows."""
    shown = _LITERAL.sub(" ", code.split(";")[0]).lower()
    hours = isinstance(moment, datetime) and "h" in shown
    text = ""
    if "y" in shown:
        text += f"{moment.year}年"
    if re.search(r"m", shown.split("h")[0] if hours else shown) and (
        not hours or "y" in shown or "d" in shown
    ):
        text += f"{moment.month}月"
    if "d" in shown:
        text += f"{moment.day}日"
    if hours and isinstance(moment, datetime):
        text += moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    return text or moment.isoformat()


def serial_to_moment(serial: float, from_1904: bool = False) -> datetime:
    """Excel's count of days. Raises OverflowError outside the years that a date can have."""
    epoch = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    return epoch + timedelta(seconds=round(serial * 86_400))


def format_number(number: float, code: str, from_1904: bool = False) -> str:
    """The number as the format shows it; as `general` does where the format is beyond this module."""
    if is_date_format(code):
        try:
            moment = serial_to_moment(number, from_1904)
        except OverflowError:
            return general(number)
        shown = code if number >= 1 or not re.search("h", code, re.IGNORECASE) else "h:mm"
        whole_day = number == int(number) and "h" in shown.lower() and number >= 1
        return format_moment(moment, "yyyy-m-d" if whole_day and "y" in shown.lower() else shown)
    sections = code.split(";")
    section = sections[1] if number < 0 and len(sections) > 1 and _NUMBER.search(sections[1]) else sections[0]
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(match[1] or match[2] or match[3] or "")
        return chr(0xE000 + len(literals) - 1)

    section = _LITERAL.sub(keep, section)
    found = _NUMBER.search(section)
    if code in {"General", "@", ""} or found is None or re.search(r"[Ee][+-]|/|,$", section):
        return general(number)
    percent = "%" in section
    pattern = found[0]
    whole, _, fraction = pattern.partition(".")
    value = Decimal(repr(abs(number) if number < 0 and section is not sections[0] else number)) * (
        100 if percent else 1
    )
    value = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    digits = format(abs(value), ",f" if "," in whole else "f")
    shortest = len(fraction.rstrip("#?"))
    if "." in digits:
        left, right = digits.split(".")
        right = right[:shortest] + right[shortest:].rstrip("0")
        digits = f"{left}.{right}" if right else left
    if "," not in whole:
        head, dot, tail = digits.partition(".")
        digits = head.rjust(whole.count("0"), "0") + dot + tail
    sign = "-" if value < 0 else ""
    text = section[: found.start()] + sign + digits + section[found.end() :]
    for position, literal in enumerate(literals):
        text = text.replace(chr(0xE000 + position), literal)
    return text.replace("?", "").strip()
