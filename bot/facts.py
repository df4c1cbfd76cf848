"""Chunks -> facts: typed values (dates, phones, amounts ...) with the words that state them.

Also the one place that says what counts as a value: `values_in` finds them in any text, so that
the fact lock compares answers and clauses by the same rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.chunking import sentences
from bot.datamodels import Chunk, ChunkKind, Fact, FactKind, Notice
from bot.numbering import chinese_to_int, line_number

_CN = "零〇一二三四五六七八九十百千两"
_DAY = r"(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]"
_CLOCK = r"(?:\s*(?P<half>上午|下午|晚上|晚|中午)?\s*(?P<hour>\d{1,2})\s*(?:[:：](?P<minute>\d{2})|[时点](?:(?P<minute2>\d{1,2})分|(?P<sharp>整))?))?"
_PATTERNS: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (FactKind.URL, re.compile(r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'*+,;=%]+[A-Za-z0-9/]")),
    (FactKind.EMAIL, re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")),
    (
        FactKind.DOC_NUMBER,
        re.compile(r"[\u4e00-\u9fffA-Za-z]{2,20}\s*[〔\[【(（]\s*(?:19|20)\d{2}\s*[〕\]】)）]\s*\d{1,5}\s*号"),
    ),
    (
        FactKind.PHONE,
        re.compile(
            r"(?<![\d.])(?:\(?0\d{2,3}\)?[-－—–\s]?\d{7,8}(?:\s*(?:转|[-－—])\s*\d{1,6}(?!\d))?|1[3-9]\d{9}|[48]00[-－—]?\d{3,4}[-－—]?\d{3,4}|"
            r"(?:12345|12315|12333|12366|12329|12348|12309|96\d{3,4})(?=热线|服务|平台|政务|[^\d年月元万人份个家%％]|$))(?!\d)"
        ),
    ),
    (FactKind.DATE, re.compile(r"(?P<year>(?:19|20)\d{2})\s*年\s*" + _DAY + _CLOCK)),
    (FactKind.DATE, re.compile(r"(?P<yearly>每年|次年|当年|上年|翌年)\s*(?:的)?\s*" + _DAY + _CLOCK)),
    (FactKind.DATE, re.compile(r"(?<![\d年])" + _DAY + _CLOCK)),
    (FactKind.DATE, re.compile(r"(?<!\d)(?P<year>20\d{2})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)" + _CLOCK)),
    (FactKind.DATE, re.compile(r"(?:(?P<year>(?:19|20)\d{2})\s*年\s*)?(?<!\d)(?P<month>\d{1,2})\s*月(?:份|底|末|上旬|中旬|下旬)")),
    (FactKind.DATE, re.compile(r"(?P<year>(?:19|20)\d{2})\s*年\s*(?P<month>\d{1,2})\s*月")),
    (
        FactKind.DURATION,
        re.compile(
            rf"(?:\d+(?:\.\d+)?|[{_CN}半]+)\s*(?:至|到|—|-|～)?\s*(?:\d+|[{_CN}]+)?\s*"
            r"(?:个?(?:工作日|自然日|日历天|小时|季度|学期|学年|会计年度)|个月|周年|年(?!度|第|代|级|龄|检)|天|日(?=内|前|以|起|的|，|。|；|历|[）)])|周(?!岁|[一二三四五六日至末])|分钟)"
        ),
    ),
    (FactKind.PERCENT, re.compile(rf"\d+(?:\.\d+)?\s*[%％‰]|百分之[{_CN}]+|[{_CN}]分之[{_CN}]+|\d+(?:\.\d+)?\s*个百分点")),
    (FactKind.AMOUNT, re.compile(rf"(?:\d[\d,，]*(?:\.\d+)?|[{_CN}]+)\s*(?:万亿|亿|千万|百万|万|千)?\s*(?:元|美元|欧元|港元)")),
    (
        FactKind.COUNT,
        re.compile(
            rf"(?:\d[\d,]*(?:\.\d+)?|[{_CN}]+)\s*(?:多|余)?\s*(?:万|亿)?\s*"
            r"(?:份|套|件|家|个(?!工作日|月|自然日|百分点|小时)|人|名|项|次|批|台|岁|周岁|篇|张|页|本|种|类|级|分(?!别|之|支|公|为|级|批|配|类|期|析|期|包|散|局|类)|字|位|户|亩|吨|公里|千米|米|平方米|㎡|公斤|千克|G|MB|M|KB|寸|档|条|点|倍|支|只|门|间|所|处(?!理|罚|分|置|于))"
        ),
    ),
)
_YEAR_BEFORE = re.compile(r"((?:19|20)\d{2})\s*年")
_ACTOR = re.compile(
    r"^(?P<actor>[\u4e00-\u9fffA-Za-z（）()、“”]{2,36}?)"
    r"(?=(?:会同|会商|参考|按照|按(?!钮)|应|须|需|于|可|登录|填写|对照|根据|将|负责|组织|在|要|通过|自|向|联合|对|从|提出|直接|原则上|每|收到|完成|提交|报送|统一|不得|不|采用|\d))"
)
_ADDRESS = re.compile(
    r"(?:地址|地点|寄送|邮寄|邮寄至|寄至|寄到|送至|送到|报送至|报至|受理点|受理地点|办公地点|现场)\s*[:：为至]?\s*"
    r"(?P<address>[\u4e00-\u9fff]{2,}?(?:省|市|区|县|镇|街道|路|街|大道|巷|号|楼|园)[\u4e00-\u9fffA-Za-z0-9（）()\-—]{2,60})"
)
_PERSON_LINE = re.compile(
    r"(?:联\s*系\s*人|经办人|负责人|咨询人|联络人|受理人)\s*[:：为]?\s*(?P<names>[\u4e00-\u9fff·]{2,4}(?:(?:[、，,/ ]|\s)+[\u4e00-\u9fff·]{2,4}(?![\u4e00-\u9fff]))*)"
)


@dataclass(frozen=True, slots=True)
class Value:
    """A typed value found in a text."""

    kind: FactKind
    value: str
    start: int
    end: int
    year_missing: bool = False


def values_in(text: str, year: int | None = None) -> list[Value]:
    """All typed values of a text in reading order, not overlapping.

    `year` is given to a date that is written without one. Dates are ISO 8601 (`2024-11-22`,
    `2024-11-22T17:00`, `2024-11`, `--01-31` where it recurs or no year is known); amounts are
    in yuan (`2000000 元`); Chinese and Arabic numerals give equal values.
    """
    taken = [False] * len(text)
    found: list[Value] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.start(), match.end()
            while end > start and text[end - 1].isspace():
                end -= 1
            if start == end or any(taken[start:end]):
                continue
            value, missing = _normalised(kind, match, text, year)
            if value:
                found.append(Value(kind, value, start, end, missing))
                taken[start:end] = [True] * (end - start)
    return sorted(found, key=lambda v: v.start)


def extract_facts(chunks: Sequence[Chunk], notice: Notice) -> tuple[Fact, ...]:
    """Facts of the chunks of one notice, each with its clause, in reading order."""
    by_id = {chunk.id: chunk for chunk in chunks}
    return tuple(fact for chunk in chunks if chunk.kind is not ChunkKind.HEADER for fact in _facts(chunk, by_id, notice))


def clause_actor(text: str) -> str:
    """Who acts in a sentence: its subject, where it opens with one; else empty."""
    number = line_number(text)
    words = text[number.end :] if number else text
    words = re.sub(r"^[^，。：:；]{2,10}[。：:]", "", words) if re.match(r"^[^，。；]{2,8}[。：:]", words) else words
    match = _ACTOR.match(words)
    actor = match.group("actor").strip("（）()").rpartition("由")[2] if match else ""
    return actor if _is_actor(actor) else ""


def _is_actor(words: str) -> bool:
    return bool(
        re.search(r"(?:企业|单位|主体|机构|个人|人员|申请人|申报人|局|厅|部门|委|部|处|中心|协会|公司|学校|院|办|政府|者|人|机关|银行|基地|平台|集团|街道|社区|项目|学生|职工)$", words)
    )


def _facts(chunk: Chunk, by_id: dict[str, Chunk], notice: Notice) -> Iterator[Fact]:
    inherited = ""
    parent = by_id.get(chunk.parent_id or "")
    if parent is not None and parent.kind is ChunkKind.CLAUSE:
        inherited = clause_actor(parent.text)
    for begin, end in sentences(chunk.text):
        sentence = chunk.text[begin:end]
        actor = clause_actor(sentence) or inherited
        inherited = inherited or actor
        for value in values_in(sentence, notice.year):
            at = chunk.start + begin
            yield Fact(
                kind=value.kind,
                value=value.value,
                text=sentence[value.start : value.end],
                chunk_id=chunk.id,
                start=at + value.start,
                end=at + value.end,
                actor=actor,
                act=_act(sentence, value) if value.kind in {FactKind.DATE, FactKind.DURATION} else "",
                year_inferred=value.year_missing and not value.value.startswith("--"),
            )
        for pattern, kind, group in ((_ADDRESS, FactKind.ADDRESS, "address"), (_PERSON_LINE, FactKind.PERSON, "names")):
            for match in pattern.finditer(sentence):
                at = chunk.start + begin
                yield Fact(
                    kind=kind,
                    value=match.group(group).strip(),
                    text=match.group(group).strip(),
                    chunk_id=chunk.id,
                    start=at + match.start(group),
                    end=at + match.start(group) + len(match.group(group).strip()),
                    actor=actor,
                )


def _act(sentence: str, value: Value) -> str:
    """`于2024年11月22日前完成线上申报` -> `完成线上申报`."""
    after = re.match(r"(?:\d{1,2}[:：]\d{2})?(?:之?前|以前|内|止|为止|截止|起)?[，,]?(?P<act>[^，。；;]{2,40})", sentence[value.end :])
    return after.group("act").strip("（）() ") if after else ""


def _number(text: str) -> float | None:
    text = re.sub(r"[,，\s]", "", text)
    try:
        return float(text)
    except ValueError:
        whole = chinese_to_int(text)
        return None if whole is None else float(whole)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{number:.10g}"


_SCALES = {"千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}


def _normalised(kind: FactKind, match: re.Match[str], text: str, year: int | None) -> tuple[str, bool]:
    words = match.group()
    if kind is FactKind.DATE:
        return _date(match, text, year)
    if kind is FactKind.PHONE:
        return re.sub(r"[－—–\s]", "-", words).replace("(", "").replace(")", "-"), False
    if kind in {FactKind.URL, FactKind.EMAIL}:
        return words.rstrip(".,;"), False
    if kind is FactKind.DOC_NUMBER:
        return re.sub(r"\s", "", words).translate(str.maketrans("[【(（]】)）", "〔〔〔〔〕〕〕〕")), False
    if kind is FactKind.PERCENT:
        if "分之" in words and "%" not in words:
            whole, part = words.split("分之")
            a, b = _number("100" if whole == "百" else whole), _number(part)
            return (f"{_plain(b / a * 100)} %", False) if a and b is not None else ("", False)
        number = _number(re.sub(r"[%％‰个百分点\s]", "", words))
        unit = "‰" if "‰" in words else ("百分点" if "百分点" in words else "%")
        return (f"{_plain(number)} {unit}", False) if number is not None else ("", False)
    if kind is FactKind.AMOUNT:
        parts = re.fullmatch(rf"(?P<n>[\d,，.]+|[{_CN}]+?)\s*(?P<scale>万亿|亿|千万|百万|万|千)?\s*(?P<unit>\D+)", words)
        if parts:
            number = _number(parts.group("n"))
            if number is not None:
                return f"{_plain(number * _SCALES.get(parts.group('scale') or '', 1))} {parts.group('unit').strip()}", False
        return "", False
    counted = re.fullmatch(rf"(?P<n>[\d,.]+|[{_CN}]+)\s*(?:多|余)?\s*(?P<scale>万|亿)?\s*(?P<unit>.+)", words)
    if counted:
        number = _number(counted.group("n"))
        if number is not None and not (kind is FactKind.DURATION and "年" in words and number >= 1900):
            unit = re.sub(r"^个(?=工作日|自然日|月|小时)", "", counted.group("unit"))
            return f"{_plain(number * _SCALES.get(counted.group('scale') or '', 1))} {unit.strip()}", False
    ranged = kind is FactKind.DURATION and re.search(r"\d\s*(?:至|到|—|-|～)\s*\d", words)
    return (unicodedata.normalize("NFKC", words), False) if ranged else ("", False)


def _date(match: re.Match[str], text: str, notice_year: int | None) -> tuple[str, bool]:
    parts = match.groupdict()
    month, day = int(parts["month"]), int(parts.get("day") or 0)
    if not 1 <= month <= 12 or day > 31:
        return "", False
    tail = f"-{day:02d}" if day else ""
    clock = ""
    if parts.get("hour"):
        hour = int(parts["hour"])
        minute = int(parts.get("minute") or parts.get("minute2") or 0)
        if parts.get("half") in {"下午", "晚上", "晚"} and hour < 12:
            hour += 12
        if hour > 24 or minute > 59:
            return "", False
        clock = f"T{hour:02d}:{minute:02d}"
    year, missing = parts.get("year"), False
    if year is None and parts.get("yearly"):
        return f"--{month:02d}{tail}{clock}", False
    if year is None:
        missing = True
        before = _YEAR_BEFORE.findall(text[: match.start()])
        year = before[-1] if before else (str(notice_year) if notice_year else None)
    if year is None:
        return f"--{month:02d}{tail}{clock}", True
    return f"{year}-{month:02d}{tail}{clock}", missing
