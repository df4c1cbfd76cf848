"""Text -> typed values: dates, phones, amounts ... each in one form, so that equal values compare equal.

The one place that says what counts as a value: facts, questions and the fact lock read texts by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.datamodels import FactKind
from bot.numbering import chinese_to_int

_CN = "零〇○一二三四五六七八九十百千两"
_NUM = rf"(?:(?<![\d.])(?:\d{{1,3}}(?:[,，]\d{{3}}(?!\d))++|\d++)(?:\.\d++)?|(?<![{_CN}])[{_CN}]++(?:点[{_CN}]++)?)"
_SCALE = "万亿|千万|百万|亿|万|千"
_QUANTITY = rf"{_NUM}\s*(?:(?:{_SCALE})(?:{_NUM}\s*(?:千万|百万|万|千)){{0,2}})?"
"""`2000`, `1.5亿`, `五十万`, `1亿2000万`."""
_TO = r"\s*(?:至|到|[-—–～~]{1,2})\s*"
_RANGE = rf"(?:{_QUANTITY}{_TO})?{_QUANTITY}"
_BRACKETED = r"(?:\s*[（(][^（）()\d]{1,6}[）)])?"
_MONTH, _DAY_OF_MONTH = (
    r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})\s*月\s*",
    r"(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})",
)
_DAY = rf"{_MONTH}{_DAY_OF_MONTH}\s*(?:[日号]|(?=\s*(?:至|[-—–～~]{{1,2}})\s*\d{{1,2}}\s*[日号]))"
_YEAR = r"(?<!\d)(?P<year>\d{4}|[一二][零〇○一二三四五六七八九]{3})\s*年\s*"
_CLOCK = rf"(?:{_BRACKETED}\s*(?P<half>上午|下午|晚上|晚|中午|凌晨)?\s*(?P<hour>\d{{1,2}})\s*(?:[:：](?P<minute>\d{{2}})|[时点](?:(?P<minute2>\d{{1,2}})分|(?P<half_past>半)|整)?))?"
_LINE = r"(?:\s*(?:转|[-－—])\s*(?P<line>\d{1,6})(?!\d))?"
_CODE = "[\u4e00-\u9fffA-Za-z]"
_PATTERNS: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (FactKind.URL, re.compile(r"(?i:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'*+,;=%]+[A-Za-z0-9/]")),
    (
        FactKind.EMAIL,
        re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)+"),
    ),
    (
        FactKind.URL,
        re.compile(
            r"(?<![A-Za-z0-9@.\-])(?:[A-Za-z0-9][A-Za-z0-9\-]*+\.)+(?:cn|com|net|org|gov|top|vip)(?![A-Za-z0-9\-])"
            r"(?:[:/][A-Za-z0-9\-._~:/?#\[\]@!$&'*+,;=%]*[A-Za-z0-9/])?"
        ),
    ),
    (
        FactKind.DOC_NUMBER,
        re.compile(
            rf"{_CODE}{{0,20}}\s?[〔\[［【(（]\s?(?:19|20)\d{{2}}\s?[〕\]］】)）]\s?第?\s?\d{{1,5}}\s?号"
        ),
    ),
    (
        FactKind.DOC_NUMBER,
        re.compile(r"(?:19|20)\d{2}\s*年\s*第\s*\d{1,4}\s*号|(?:令|公告|通告)\s*第\s*\d{1,4}\s*号"),
    ),
    (
        FactKind.PHONE,
        re.compile(
            rf"(?<![\d.])(?<!\d{{4}} )(?:(?:\+?86[-－—–\s]?)?(?:[(（](?=0\d{{2,3}}[)）]))?(?P<area>0\d{{2,3}})[)）]?[-－—–\s]?(?P<local>\d{{3,4}}[-\s]?\d{{4}}|\d{{4}}\s\d{{3}}){_LINE}"
            r"|(?:\+?86[-－—–\s]?)?(?P<mobile>1[3-9]\d[-\s]?\d{4}[-\s]?\d{4})"
            r"|(?P<free>[48]00[-－—–]?\d{3,4}[-－—–]?\d{3,4}|[48]00\d[-－—–]\d{3}[-－—–]\d{3}))(?!\d| \d{3})"
        ),
    ),
    (
        FactKind.PHONE,
        re.compile(
            r"(?<![\d.])(?<!\d{4} )"
            r"(?:(?:[(（](?=0\d{2,3}[)）]))?(?P<hotline_area>0\d{2,3})[)）]?[-－—–\s]?(?:12\d{3}|96\d{3,4})"
            r"|(?<=客服|热线|电话|拨打|致电)95\d{3,4}"
            r"|(?<!掌上)(?<!年度)(?:12345|12315|12333|12366|12329|12348|12309|96\d{3,4}))"
            r"(?:\s*转\s*(?P<line>\d{1,6})(?!\d))?(?=热线|服务|平台|政务|[^\d年月元万人份个家%％]|$)(?! \d{3})"
        ),
    ),
    (
        FactKind.PHONE,
        re.compile(
            rf"(?<=\d{{7}})\s?[/、，,或和及]\s?(?P<value>(?P<local>[2-8]\d{{6,7}}){_LINE})(?![\d.元万人份个家%])"
        ),
    ),
    (
        FactKind.PHONE,
        re.compile(
            r"(?:电\s*话|热\s*线|传\s*真|总\s*机)\s*[:：]?\s*(?P<value>(?P<local>[2-8]\d{6,7}))(?![\d.元万人份个家%])"
        ),
    ),
    (FactKind.DATE, re.compile(_YEAR + _DAY + _CLOCK)),
    (FactKind.DATE, re.compile(r"(?<!\d)(?P<short_year>\d{2})\s*年\s*" + _DAY + _CLOCK)),
    (FactKind.DATE, re.compile(r"(?P<yearly>每年|次年|当年|上年|翌年)\s*(?:的)?\s*" + _DAY + _CLOCK)),
    (
        FactKind.DATE,
        re.compile(
            r"(?P<monthly>每月|当月|次月|下月|本月)\s*(?:的)?\s*" + _DAY_OF_MONTH + r"\s*[日号]" + _CLOCK
        ),
    ),
    (FactKind.DATE, re.compile(r"(?<![\d年一二三四五六七八九十])" + _DAY + _CLOCK)),
    (
        FactKind.DATE,
        re.compile(
            rf"月\s*\d{{1,2}}\s*[日号]?{_BRACKETED}(?:\s*\d{{1,2}}[:：]\d{{2}})?\s*起?{_TO}(?P<value>(?P<only_day>\d{{1,2}})\s*[日号]{_CLOCK})"
        ),
    ),
    (
        FactKind.DATE,
        re.compile(r"(?<!\d)(?P<year>20\d{2})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)" + _CLOCK),
    ),
    (FactKind.DATE, re.compile(r"(?<!\d)(?P<year>20\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)")),
    (
        FactKind.DATE,
        re.compile(
            rf"(?:{_YEAR}|(?P<yearly>每年|次年|当年|上年|翌年)\s*)?(?<![\d一二三四五六七八九十]){_MONTH}(?:份|底|末|上旬|中旬|下旬)"
        ),
    ),
    (FactKind.DATE, re.compile(_YEAR + _MONTH)),
    (
        FactKind.DURATION,
        re.compile(
            rf"(?P<number>{_RANGE}|半)\s*(?P<unit>个?(?:工作日|自然日|日历天|小时|季度|学期|学年|会计年度)|个半?月|周年|年(?!度|第|代|级|龄|检)半?|天"
            r"|日(?=内|前|以|起|的|，|。|；|、|历|[）)]|$)|周(?!岁|[一二三四五六日至末])|分钟)"
        ),
    ),
    (
        FactKind.PERCENT,
        re.compile(
            rf"(?P<number>(?:{_NUM}[%‰]?{_TO})?{_NUM})\s*(?P<unit>[%‰]|个百分点)"
            rf"|(?<![{_CN}])(?P<whole>[{_CN}]++)分之(?P<part>\d++(?:\.\d++)?|[{_CN}]++(?:点[{_CN}]++)?)"
        ),
    ),
    (
        FactKind.AMOUNT,
        re.compile(
            rf"(?P<number>(?:{_QUANTITY}元?{_TO})?{_QUANTITY}|(?<![零壹贰叁肆伍陆柒捌玖拾佰仟])[零壹贰叁肆伍陆柒捌玖拾佰仟]++[万亿]?)\s*(?P<unit>元|美元|欧元|港元|日元|英镑)"
        ),
    ),
    (
        FactKind.COUNT,
        re.compile(
            rf"(?P<number>{_RANGE})\s*(?:多|余)?\s*(?P<unit>"
            r"份|套|件|家|个(?!工作日|月|自然日|百分点|小时)|人(?:次)?|名|项|次(?!性|数|序)|批|台|岁|周岁|篇|张|页|本|种|类|级|分(?!别|之|支|公|为|级|批|配|类|期|析|包|散|局|钟)"
            r"|字|位(?!一体)|户|亩|吨|公里|千米|米|平方米|㎡|公斤|千克|G(?=以|，|。|）|$)|GB|MB|M|KB|寸|档|条|点|倍|支|只|门|间|所|学时|学分|课时|处(?!理|罚|分|置|于))"
        ),
    ),
    (FactKind.COUNT, re.compile(r"(?<![\d.])(?P<number>\d++(?:\.\d++)?\s?(?:万亿|亿|万))(?P<unit>)")),
    (FactKind.COUNT, re.compile(r"(?<!\d)(?<!\d[:：])(?P<clock>\d{1,2}[:：]\d{2})(?![\d:：])")),
)
_CITED_BY = re.compile(rf"{_CODE}*(?:根据|依据|按照|参照|依照|执行|印发|转发|文号|文件|通知|[即是为见的])")


@dataclass(frozen=True, slots=True)
class Value:
    """A typed value found in a text."""

    kind: FactKind
    value: str
    start: int
    end: int
    year_missing: bool = False


def values_in(text: str, year: int | None = None, issued_on: date | None = None) -> list[Value]:
    """All typed values of a text in reading order, not overlapping.

    A date that is written without its year gets that of the date before it in a range or later in the
    text, else the year in which it comes round next at `issued_on`, else `year`. Dates are ISO 8601
    (`2024-11-22`, `2024-11-22T17:00`, `2024-11`, `--01-31` where it recurs or no year is known, `---15`
    a day of every month); amounts are in yuan (`2000000 元`, a range `500000-1000000 元`); Chinese and
    Arabic numerals give equal values. A time of day that belongs to no date is a count (`17:00 时`).
    """
    words = _half_width(text)
    taken = [False] * len(words)
    found: list[Value] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(words):
            start, end = match.span("value" if "value" in pattern.groupindex else 0)
            while end > start and words[end - 1].isspace():
                end -= 1
            while start < end and words[start].isspace():
                start += 1
            if kind is FactKind.DOC_NUMBER and (cited := _CITED_BY.match(words, start, end)):
                start = cited.end()
            if start == end or any(taken[start:end]):
                continue
            value, missing = _normalised(kind, match, words[start:end], found)
            if value:
                found.append(Value(kind, value, start, end, missing))
                taken[start:end] = [True] * (end - start)
    return _dated(sorted(found, key=lambda v: v.start), words, year, issued_on)


def is_clock(value: Value) -> bool:
    """True for a time of day that belongs to no date."""
    return value.kind is FactKind.COUNT and value.value.endswith(_CLOCK_UNIT)


def _half_width(text: str) -> str:
    """Full-width letters, digits and signs of numbers and addresses as ASCII, character for character."""
    return re.sub(r"(?<=[０-９])．(?=[０-９])", ".", text).translate(_HALF_WIDTH)


_HALF_WIDTH = {ord("％"): "%", ord("＠"): "@", ord("－"): "-"} | {
    c: chr(c - 0xFEE0) for first, last in ("０９", "ＡＺ", "ａｚ") for c in range(ord(first), ord(last) + 1)
}


# ---------------------------------------------------------------- one form for each value

_CLOCK_UNIT = "时"
_SCALES = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_CHAINED = re.compile(rf"({_NUM})\s*({_SCALE})?")


def _number(text: str) -> float | None:
    """`1亿2000万` -> 120000000, `三点五` -> 3.5; None where it is no number."""
    total = 0.0
    for words, scale in _CHAINED.findall(re.sub(r"[,，\s]", "", text).translate(_FORMAL)):
        whole, _, fraction = words.partition("点")
        try:
            number = float(words)
        except ValueError:
            units, parts = chinese_to_int(whole), chinese_to_int(f"零{fraction}") if fraction else 0
            if units is None or parts is None:
                return None
            number = units + parts / 10 ** len(fraction)
        total += number * _SCALES[scale]
    return total


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{number:.10g}"


def _quantity(text: str) -> str:
    """A number, or the two ends of a range joined by `-`; a scale that only the upper end has holds for both."""
    ends = [end for end in re.split(_TO, text) if end]
    scale = re.search(rf"(?:{_SCALE})$", ends[-1].strip())
    if len(ends) == 2 and scale and not re.search(rf"(?:{_SCALE})元?$", ends[0]) and "元" not in ends[0]:
        ends[0] += scale.group()
    numbers = [_number(end.rstrip("元%‰")) for end in ends]
    return "-".join(_plain(number) for number in numbers if number is not None)


def _normalised(
    kind: FactKind, match: re.Match[str], words: str, before: Sequence[Value]
) -> tuple[str, bool]:
    """(value, whether a date lacks its year); an empty value where the words are none."""
    if kind is FactKind.DATE:
        return _date(match)
    if kind is FactKind.PHONE:
        return _phone(match, words, before), False
    if kind in {FactKind.URL, FactKind.EMAIL}:
        return words.rstrip(".,;"), False
    if kind is FactKind.DOC_NUMBER:
        return re.sub(r"\s", "", words).translate(
            str.maketrans("[［【(（]］】)）", "〔〔〔〔〔〕〕〕〕〕")
        ), False
    if kind is FactKind.PERCENT and match.group("whole"):
        whole, part = _number(match.group("whole")), _number(match.group("part"))
        return (f"{_plain(part / whole * 100)} %", False) if whole and part is not None else ("", False)
    if kind is FactKind.PERCENT:
        number = _quantity(match.group("number"))
        if match.group("unit") == "‰":
            number = "-".join(_plain(float(end) / 10) for end in number.split("-"))
        return f"{number} {'百分点' if '点' in match.group('unit') else '%'}", False
    if "clock" in match.re.groupindex:
        return f"{words.replace('：', ':').zfill(5)} {_CLOCK_UNIT}", False
    unit = re.sub(r"^个(?=工作日|自然日|月|小时|季度)", "", match.group("unit"))
    number = "0.5" if match.group("number") == "半" else _quantity(match.group("number"))
    if kind is FactKind.DURATION and "年" in unit and re.fullmatch(r"(?:19|20)\d{2}", number):
        return "", False
    if kind is FactKind.DURATION and unit in {"个半月", "年半"} and "-" not in number:
        number, unit = _plain(float(number) + 0.5), unit.strip("个半")
    return f"{number} {unit}".strip() if number else "", False


def _phone(match: re.Match[str], words: str, before: Sequence[Value]) -> str:
    """`（0731） 8895 5383转3` -> `0731-88955383转3`, `（0719）12345` -> `0719-12345`; a further number of a list gets the
    area code of the one before."""
    parts = match.groupdict()
    area, local = parts.get("area"), re.sub(r"\D", "", parts.get("local") or "")
    digits = re.sub(r"\D", "", words)
    if local:
        if area and len(area + local) not in {10, 11, 12}:
            return ""
        if area is None:
            last = next(
                (v for v in reversed(before) if v.kind is FactKind.PHONE and v.start < match.start("value")),
                None,
            )
            area = last.value.partition("-")[0] if last and last.value.startswith("0") else ""
        if area and len(area) == 4 and area[1] in "12":
            area, local = area[:3], area[3] + local
        return (f"{area}-" if area else "") + local + (f"转{parts['line']}" if parts.get("line") else "")
    if parts.get("mobile"):
        return digits[-11:]
    if parts.get("free"):
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    area, line = parts.get("hotline_area"), parts.get("line")
    hotline = digits[len(area or "") : len(digits) - len(line or "")]
    return (f"{area}-" if area else "") + hotline + (f"转{line}" if line else "")


def _date(match: re.Match[str]) -> tuple[str, bool]:
    """The date as written; one without its year begins with `--`, one without its month with `---`."""
    parts = match.groupdict()
    day = chinese_to_int(parts.get("day") or parts.get("only_day") or "0") or 0
    month = chinese_to_int(parts.get("month") or "0") or 0
    year = chinese_to_int(parts.get("year") or "")
    if parts.get("short_year"):
        year = 2000 + int(parts["short_year"])
    if (month or "month" not in parts) and not _exists(year or 2000, month or 1, day or 1):
        return "", False
    clock = ""
    if parts.get("hour"):
        hour = int(parts["hour"])
        minute = 30 if parts.get("half_past") else int(parts.get("minute") or parts.get("minute2") or 0)
        if parts.get("half") in {"下午", "晚上", "晚"} and hour < 12:
            hour += 12
        if hour > 24 or minute > 59:
            return "", False
        clock = f"T{hour:02d}:{minute:02d}"
    if "month" not in parts:
        return f"---{day:02d}{clock}", False
    if not month:
        return "", False
    tail = f"{month:02d}-{day:02d}{clock}" if day else f"{month:02d}"
    return (f"--{tail}", not parts.get("yearly")) if year is None else (f"{year:04d}-{tail}", False)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


_JOINED = re.compile(rf"{_BRACKETED}\s*起?{_TO}")


def _dated(found: Sequence[Value], words: str, year: int | None, issued_on: date | None) -> list[Value]:
    """Gives every date that lacks its year, or in a range its month, the one that it stands for."""
    dated: list[Value] = []
    last: Value | None = None
    for value in found:
        if value.kind is not FactKind.DATE:
            dated.append(value)
            continue
        joined = last is not None and bool(_JOINED.fullmatch(words, last.end, value.start))
        if value.value.startswith("---") and last is not None and joined and "-" in last.value[2:]:
            value = replace(value, value=f"{last.value.partition('T')[0][:-2]}{value.value[3:]}")
        elif value.year_missing:
            value = _with_year(value, last, joined, year, issued_on)
        dated.append(value)
        last = value
    return dated


def _with_year(
    value: Value, last: Value | None, joined: bool, year: int | None, issued_on: date | None
) -> Value:
    month = int(value.value[2:4])
    stated = int(last.value[:4]) if last is not None and last.value[:4].isdecimal() else None
    if last is not None and joined and stated is None and not last.year_missing:
        return replace(value, year_missing=False)
    if stated is not None and last is not None and joined:
        stated += value.value[2:] < last.value[5:]
        return replace(value, value=f"{stated}{value.value[1:]}", year_missing=last.year_missing)
    if issued_on is not None:
        coming = issued_on.year + (issued_on.month - month > 6)
        known: int | None = max(coming, stated or 0)
    else:
        known = year if year is not None and (stated or 0) <= year else stated
    return value if known is None else replace(value, value=f"{known}{value.value[1:]}")
