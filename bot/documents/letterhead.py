"""Text of a notice -> its lines, its head (标题, 发文字号, 主送机关) and its foot (署名, 成文日期).

Follows the parts of GB/T 9704-2012. Where the text does not say something, the field stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

GENRES = (
    "通知|公告|通告|公示|通报|函|意见|办法|指南|方案|简章|决定|批复|细则|规定|规程|规范|规划|计划|纲要|报告|请示|纪要|"
    "启事|须知|章程|措施|条例|说明|要点|决议|倡议书|指引|政策|标准|目录"
)
"""文种, the words that a title ends with, for use inside a regular expression's group."""
_BRACKETED_END = r"(?:\s*(?:（[^（）]*）|\([^()]*\)))*"
GENRE_END = re.compile(rf"(?:{GENRES}){_BRACKETED_END}$")
_FINAL_END = re.compile(rf"的(?:{GENRES}){_BRACKETED_END}$")

_OFFICES = (
    "局|厅|部|委员会|委|办|室|院|会|中心|政府|公司|集团|学校|中学|小学|大学|行|处|科|站|所|社|海关|领导小组|指挥部|"
    "专班|党组|司|署|队|街道|管理区|开发区|部门|单位"
)
_OFFICE_END = re.compile(rf"(?:{_OFFICES})(?:[（(][^（）()]*(?:代章|印章|盖章)[）)])?$")
_SEALED_BY = re.compile(r"[（(](?P<office>[^（）()]*?)(?:代章|印章|盖章)[）)]")

NUMERALS = "零〇○一二三四五六七八九十"
_BLANK = r"[ \t\u00a0\u3000]"
_OPEN, _CLOSE = "〔\\[【(（", "〕\\]】)）"
_SERIAL = rf"[{_OPEN}]{_BLANK}*(?:19|20)\d\d{_BLANK}*[{_CLOSE}]{_BLANK}*(?:第{_BLANK}*)?\d{{1,5}}{_BLANK}*号"
_DOC_NUMBER = re.compile(rf"(?P<office>[A-Za-z\u4e00-\u9fff]{{1,20}}){_SERIAL}")
OWN_NUMBER = re.compile(
    rf"[（(]?(?:(?:发文字号|文\s*号|公告编号|编\s*号)\s*[:：]\s*)?"
    rf"(?P<number>[A-Za-z\u4e00-\u9fff（）()]{{0,20}}{_SERIAL}"
    rf"|[\u4e00-\u9fff]{{0,20}}(?:19|20)\d\d年{_BLANK}*第{_BLANK}*\d{{1,5}}{_BLANK}*号"
    rf"|第{_BLANK}*\d{{1,5}}{_BLANK}*号)"
    rf"[）)]?(?:{_BLANK}+签发人.*)?"
)
_LABELLED_NUMBER = re.compile(
    r"[（(]?(?:发文字号|文\s*号|公告编号|编\s*号)\s*[:：]\s*(?P<number>[^\s（）()]{3,40})[）)]?"
)
_NUMBER_LEAD = re.compile(
    r"^.*(?:根据|按照|依照|依据|执行|印发|以及|关于|详见|参照|落实|贯彻)(?:的|原)?(?=[\u4e00-\u9fff]{2})|^原"
)
"""Words of the running sentence in front of a number that stands without brackets."""

_HAN_DIGITS = {
    **{character: i for i, character in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "○": 0,
    "0": 0,
}
_DATE = re.compile(
    rf"(?P<year>(?:19|20)\d\d){_BLANK}*"
    rf"(?:年{_BLANK}*(?P<month>\d{{1,2}}){_BLANK}*月{_BLANK}*(?P<day>\d{{1,2}}){_BLANK}*日"
    r"|[-/.．](?P<plain_month>\d{1,2})[-/.．](?P<plain_day>\d{1,2}))"
    rf"|(?P<han_year>[一二][零〇○0一二三四五六七八九]{{3}}){_BLANK}*年"
    rf"{_BLANK}*(?P<han_month>[一二三四五六七八九十]{{1,2}}){_BLANK}*月"
    rf"{_BLANK}*(?P<han_day>[一二三四五六七八九十]{{1,3}}){_BLANK}*日"
)

_LABEL = re.compile(
    r"^(?P<label>索\s*引\s*号|主题分类|主题词|发文机关|发文单位|发布机构|发布单位|发布机关|来\s*源|成文日期|发文日期|"
    r"发布日期|发布时间|公开日期|实施日期|生效日期|有效性|有效期|名\s*称|标\s*题|信息分类|公开方式|文\s*种|浏览次数|"
    r"点击数|阅读次数|字体|字号|签发人|份号|密级|发文字号|文\s*号)\s*[:：]\s*(?P<value>.*)$"
)
_URGENCY = re.compile(r"^(?:特急|加急|平急|急件|特提|机密|秘密|内部|公开|0{2,}\d+)(?:★.*)?$")
_BREADCRUMB = re.compile(r"当前位置|^首页|\s[>»›]\s")
_HEADING = re.compile(
    rf"^(?:[{NUMERALS}]{{1,3}}[、.．]|[（(][{NUMERALS}]{{1,3}}[）)]|第[{NUMERALS}百\d]+[章节条]|\d{{1,2}}[.．、])"
)
_PAGE_NUMBER = re.compile(r"^[-—－–\s]*\d{1,3}[-—－–\s]*$")
_HEAD_LINES = 25
_TITLE_LINES = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something, without Markdown marks and surrounding blanks."""

    text: str
    start: int
    """Offset in the text of the line that it comes from."""
    gap: bool
    """True where an empty line stands before it."""


def lines_of(text: str) -> tuple[Line, ...]:
    """The lines of a text that hold something; page numbers and Markdown marks are left out."""
    lines, offset, gap = [], 0, False
    for raw in text.split("\n"):
        words = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", raw)
        words = re.sub(r"^[\s>]*(?:#{1,6}\s+)?", "", words.replace("**", "").replace("\\", ""))
        words = words.strip(" \t\r\f\v\u00a0\u3000\ufeff")
        if words and not _PAGE_NUMBER.match(words):
            lines.append(Line(words, offset, gap))
            gap = False
        elif not words:
            gap = True
        offset += len(raw) + 1
    return tuple(lines)


def _close_up(words: str) -> str:
    """`湖 南 省 财 政 厅` -> `湖南省财政厅`; other words with single blanks between names."""
    parts = words.split()
    if len(parts) > 3 and all(len(part) == 1 for part in parts):
        return "".join(parts)
    return " ".join(parts)


# ---------------------------------------------------------------- dates and numbers


def han_number(words: str) -> int:
    """`十一` -> 11, `三十` -> 30, `二〇二四` -> 2024. Raises KeyError or ValueError for other words."""
    if "十" in words:
        tens, units = words.split("十", 1)
        return 10 * (_HAN_DIGITS[tens] if tens else 1) + (_HAN_DIGITS[units] if units else 0)
    return int("".join(str(_HAN_DIGITS[character]) for character in words))


def _match_to_date(match: re.Match[str]) -> date | None:
    try:
        if match["han_year"]:
            parts = (match["han_year"], match["han_month"], match["han_day"])
            year, month, day = (han_number(part) for part in parts)
        else:
            year = int(match["year"])
            month, day = int(match["month"] or match["plain_month"]), int(match["day"] or match["plain_day"])
        return date(year, month, day)
    except (ValueError, KeyError):
        return None


def _first_date(words: str) -> date | None:
    match = _DATE.search(words)
    return _match_to_date(match) if match else None


def only_date(words: str) -> date | None:
    """The date of a line that holds nothing else, but for round brackets."""
    match = _DATE.fullmatch(words.strip("（）()"))
    return _match_to_date(match) if match else None


def _without_blanks(words: str) -> str:
    return re.sub(r"\s", "", words)


def document_numbers(text: str) -> tuple[str, ...]:
    """Document numbers (发文字号) in a text, without blanks, each once, in order."""
    found: dict[str, None] = {}
    for match in _DOC_NUMBER.finditer(text):
        lead = _NUMBER_LEAD.match(match["office"])
        found[_without_blanks(match[0][lead.end() if lead else 0 :])] = None
    return tuple(found)


# ---------------------------------------------------------------- head


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the body."""

    title: str = ""
    """标题, joined where it is broken, without a line of offices above it."""
    doc_number: str = ""
    offices: str = ""
    """Issuers named in lines of their own above the title, or in a label."""
    addressees: str = ""
    issued_on: date | None = None
    end: int = 0
    """Number of the first line of the body."""


def is_offices(words: str) -> bool:
    """True for a line of nothing but names of offices: `山西省工业和信息化厅　山西省文物局`."""
    words = re.sub(r"文件$", "", words)
    if not 3 <= len(words) <= 120 or "关于" in words or re.search(r"[。；：:，,、《“|]", words):
        return False
    if _HEADING.match(words) or re.match(r"附\s*件", words):
        return False
    return all(_OFFICE_END.search(part) and len(part) >= 3 for part in _close_up(words).split())


_NOT_ADDRESSEES = re.compile(
    r"如下|现将|根据|为了|以下(?:事项|内容|问题|几)|^附\s*件|^为|^关于|^[一二三四五六七八九十]+、"
)


def addressees_of(lines: Sequence[Line]) -> tuple[str, int]:
    """主送机关 without the final colon and the number of lines it takes; ("", 0) where there is none."""
    words = ""
    for taken, line in enumerate(lines[:3], start=1):
        words += line.text
        if "。" in words or len(words) > 500 or _NOT_ADDRESSEES.search(words):
            return "", 0
        if words.endswith(("：", ":")):
            return words[:-1].strip(), taken
        if not words.endswith(("，", ",", "、", "；", ";")):
            return "", 0
    return "", 0


def _labels(words: str) -> Iterator[tuple[str, str]]:
    """`标签：值` pairs of a web page's head, in a line or in a table row."""
    cells = [cell.strip() for cell in words.strip("|").split("|")]
    if words.startswith("|"):
        pairs = [
            f"{label.rstrip('：:')}：{value}" for label, value in zip(cells[::2], cells[1::2], strict=False)
        ]
    else:
        pairs = re.split(r"[\s\u3000]{2,}", words)
    for pair in pairs:
        match = _LABEL.match(pair.strip())
        if match:
            yield _without_blanks(match["label"]), match["value"].strip()


def _joined(title: Sequence[Line]) -> str:
    words = ""
    for line in title:
        latin = words[-1:].isascii() and words[-1:].isalnum() and line.text[:1].isascii()
        words += (" " if latin else "") + line.text
    return re.sub(r"\s+", " ", words)


def _is_complete(title: Sequence[Line], following: Line) -> bool:
    """True where the title is at its end before the line `following`."""
    if not title or not GENRE_END.search(_joined(title)):
        return False
    if _FINAL_END.search(title[-1].text):
        return True
    # 关于编制 … 工作方案 / 的通知: a title that breaks behind a word like 方案 goes on.
    words = following.text
    goes_on = len(words) < 60 and not words.endswith(("：", ":")) and _FINAL_END.search(words) is not None
    return not goes_on


def _is_body(words: str) -> bool:
    return "。" in words or _HEADING.match(words) is not None or len(words) > 160


def read_head(lines: Sequence[Line]) -> Head:
    """The head of a notice whose lines are given."""
    title: list[Line] = []
    offices: list[str] = []
    labels: dict[str, str] = {}
    numbers: list[str] = []
    dates: list[date] = []
    end = 0
    for position, line in enumerate(lines[:_HEAD_LINES]):
        words = line.text
        number = OWN_NUMBER.fullmatch(words) or _LABELLED_NUMBER.fullmatch(words)
        found = dict(_labels(words))
        if number:
            numbers.append(_without_blanks(number["number"]))
        elif found or words.startswith("|"):
            labels = {**found, **labels}
        elif (day := only_date(words)) is not None:
            dates.append(day)
        elif not title and is_offices(words):
            offices.append(re.sub(r"文件$", "", _close_up(words)))
        elif _URGENCY.match(words) or (not title and _BREADCRUMB.search(words)):
            pass
        elif (
            _is_complete(title, line)
            or len(title) == _TITLE_LINES
            or _is_body(words)
            or addressees_of(lines[position:])[1]
        ):
            break
        else:
            title.append(line)
        end = position + 1

    whole = _joined(title)
    if not GENRE_END.search(whole):  # then only its first line is sure to be the title
        whole = labels.get("标题", "") or labels.get("名称", "") or (title[0].text if title else "")
    if not whole:
        whole = offices[0] if offices else re.split("[。：]", lines[0].text)[0][:80] if lines else ""
    numbers += [
        _without_blanks(labels[name])
        for name in ("发文字号", "文号")
        if re.search(r"\d", labels.get(name, ""))
    ]
    dates += [day for name in ("成文日期", "发文日期") if (day := _first_date(labels.get(name, "")))]
    names = ("发文机关", "发文单位", "发布机构", "发布单位", "发布机关")
    office = next((_close_up(labels[name]) for name in names if labels.get(name)), "")
    addressees, taken = addressees_of(lines[end:])
    return Head(
        title=whole,
        doc_number=numbers[0] if numbers else "",
        offices=" ".join(dict.fromkeys(offices)) or office,
        addressees=addressees,
        issued_on=dates[0] if dates else None,
        end=end + taken,
    )


# ---------------------------------------------------------------- foot

_SIGNED = re.compile(rf"(?P<offices>.{{3,100}}?){_BLANK}+(?P<date>{_DATE.pattern})")
_REMARK = re.compile(r"^[（(](?:此件|联系人|联系电话|公开|本文).*[）)]$")
_PRINTED = re.compile(rf"(?:{_DATE.pattern}){_BLANK}*印发")
_SIGNATURE_LINES = 12


@dataclass(frozen=True, slots=True)
class Foot:
    """Signature and date of issue."""

    offices: str
    """署名; several joined by one space."""
    sealed_by: str
    """Office whose seal stands in for the issuer's (代章); mostly empty."""
    issued_on: date | None
    start: int
    """Number of the first line of the signature; the number of all lines where there is none."""
    end: int
    """Number of the line behind the date."""


def ends_body(words: str) -> bool:
    """True for a line that belongs to a signature or to a remark below it."""
    signed = _SIGNED.fullmatch(words)
    return (
        only_date(words) is not None
        or is_offices(words)
        or (signed is not None and is_offices(signed["offices"]))
        or _REMARK.match(words) is not None
        or _SEALED_BY.fullmatch(words) is not None
    )


def _signature_above(lines: Sequence[Line], position: int, first: int, head: str) -> tuple[int, list[str]]:
    """Signature lines that end just above line `position`: the number of the first one, and their words."""
    words: list[str] = []
    while position > first and len(words) < _SIGNATURE_LINES:
        above = lines[position - 1].text
        if _SEALED_BY.fullmatch(above):
            words.insert(0, above)
        elif is_offices(above):
            words.insert(0, above)
            broken = position - 1 > first and not lines[position - 1].gap
            upper = lines[position - 2].text if broken else ""
            # A name broken in two: the head has it in one piece.
            if upper and not is_offices(upper) and upper + _SEALED_BY.sub("", above) in head:
                words[0] = upper + above
                position -= 1
        elif not _REMARK.match(above):
            break
        position -= 1
    return position, words


def _foot(words: Sequence[str], issued_on: date | None, start: int, end: int) -> Foot:
    joined = " ".join(_close_up(line) for line in words)
    sealed_by = " ".join(match["office"] for match in _SEALED_BY.finditer(joined))
    return Foot(" ".join(_SEALED_BY.sub(" ", joined).split()), sealed_by, issued_on, start, end)


def read_foot(lines: Sequence[Line], first: int) -> Foot:
    """The signature below line `first`: the first date under names of offices, else the last lone date.

    A notice without a signature may still have 印发日期 in its 版记.
    """
    head = "".join(_without_blanks(line.text) for line in lines[:first])
    lone: Foot | None = None
    for position in range(first, len(lines)):
        words = lines[position].text
        day, on_one_line = only_date(words), _SIGNED.fullmatch(words)
        if day is not None:
            start, offices = _signature_above(lines, position, first, head)
            if any(not _SEALED_BY.fullmatch(line) for line in offices):
                return _foot(offices, day, start, position + 1)
            above = lines[position - 1].text if position > first else ""
            named = above if 3 <= len(above) < 40 and above in head else ""
            lone = _foot([named], day, position - bool(named), position + 1)
        elif on_one_line and is_offices(on_one_line["offices"]):
            start, offices = _signature_above(lines, position, first, head)
            words = on_one_line["offices"]
            return _foot([*offices, words], _first_date(on_one_line["date"]), start, position + 1)
    if lone is not None:
        return lone
    for position in range(len(lines) - 1, first - 1, -1):
        if printed := _PRINTED.search(lines[position].text):
            return _foot([], _match_to_date(printed), position, position + 1)
    return _foot([], None, len(lines), len(lines))
