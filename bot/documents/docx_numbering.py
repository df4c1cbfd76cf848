"""Word's automatic numbering -> the numbers as the paper shows them: 一、（一）1. 第三条 ① 2.1.3."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.documents.docx_styles import Element, Styles, W, child_is_on, child_number, child_value

_CHINESE_DIGITS = "零一二三四五六七八九"
_LEGAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_CLOSING_MARKS = re.compile(r"[、，。．.：:）)】〕\]\u2460-\u24ff]$")
"""After these a number stands close to its text; after others (第一章, 2.1.3) a blank stands for the tab."""


def counting(number: int, digits: str, units: str) -> str:
    """A number below 10,000 in Chinese: 105 -> 一百零五 with digits 零一二…九 and units 十百千."""
    text, gap = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit:
            text += ("零" if gap and text else "") + digits[digit] + (units[power - 1] if power else "")
        gap = not digit
    return text or digits[0]


def chinese(number: int) -> str:
    """12 -> 十二, 20 -> 二十, 105 -> 一百零五."""
    return re.sub(r"^一十", "十", counting(number, _CHINESE_DIGITS, "十百千"))


def roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def letters(number: int) -> str:
    """1 -> a, 26 -> z, 27 -> aa, as Word repeats letters."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _from(first: str, last_number: int = 20) -> Callable[[int], str]:
    return lambda n: chr(ord(first) + n - 1) if 1 <= n <= last_number else str(n)


def _digitwise(digits: str) -> Callable[[int], str]:
    return lambda n: "".join(digits[int(digit)] for digit in str(n))


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda n: signs[(n - 1) % len(signs)]


def _legal(number: int) -> str:
    return counting(number, _LEGAL_DIGITS, "拾佰仟")


_FORMATS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "koreanCounting"), chinese
    ),
    **dict.fromkeys(("taiwaneseCounting", "taiwaneseCountingThousand"), chinese),
    **dict.fromkeys(("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"), _legal),
    **dict.fromkeys(
        ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"),
        _digitwise("〇一二三四五六七八九"),
    ),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _from("①")),
    "decimalEnclosedParen": _from("⑴"),
    "decimalEnclosedFullstop": _from("⒈"),
    "ideographEnclosedCircle": _from("㊀", 10),
    **dict.fromkeys(("decimalFullWidth", "decimalFullWidth2"), _digitwise("０１２３４５６７８９")),
    "ideographTraditional": _cycle("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _cycle("子丑寅卯辰巳午未申酉戌亥"),
    "upperLetter": lambda n: letters(n).upper(),
    "lowerLetter": letters,
    "upperRoman": lambda n: roman(n).upper(),
    "lowerRoman": roman,
    "decimalZero": lambda n: f"{n:02d}",
    "none": lambda n: "",
}


def format_number(number: int, format: str) -> str:
    """`format` is a w:numFmt value; unknown ones and numbers that it cannot write come out as digits."""
    if not 0 < number < 10_000:
        return str(number)
    return _FORMATS.get(format, str)(number)


def _level_index(element: Element) -> int:
    """Level, from 0, that a w:lvl or w:lvlOverride is about; 0 where that is no number."""
    index: str = element.get(W + "ilvl", "0")
    return int(index) if index.isdecimal() and len(index) < 4 else 0


class Numbering:
    """Counts along a document: `label_of` must be called once for each paragraph, in document order."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstracts: dict[str, Element] = {}
        self._instances: dict[str, Element] = {}
        self._by_style_link: dict[str, Element] = {}
        for abstract in root.iter(W + "abstractNum") if root is not None else ():
            self._abstracts[abstract.get(W + "abstractNumId", "")] = abstract
            if link := child_value(abstract, "styleLink"):
                self._by_style_link[link] = abstract
        for instance in root.findall(W + "num") if root is not None else ():
            self._instances[instance.get(W + "numId", "")] = instance
        self._counters: dict[str, dict[int, int]] = {}
        """Last number of each level, by abstract numbering: instances of one abstract count on together."""
        self._used: set[str] = set()

    def label_of(self, paragraph: Element) -> str:
        """The paragraph's number with its punctuation, as printed; a bullet is `- `; "" where it has none."""
        num_id, level = self._place_of(paragraph)
        abstract = self._abstract(num_id)
        if abstract is None:
            return ""
        levels, starts = self._levels(num_id, abstract)
        if level not in levels:
            return ""
        counter = self._counters.setdefault(abstract.get(W + "abstractNumId", ""), {})
        self._restart(num_id, counter)
        for above in range(level):
            counter.setdefault(above, starts.get(above, 1))
        counter[level] = counter[level] + 1 if level in counter else starts[level]
        for below in [k for k in counter if k > level and self._restarts(levels.get(k), level)]:
            del counter[below]
        return self._written(levels, level, {k: counter.get(k, starts.get(k, 1)) for k in levels})

    def _place_of(self, paragraph: Element) -> tuple[str, int]:
        """numId ("" for none) and level, from the paragraph itself or from its style."""
        properties = paragraph.find(W + "pPr")
        own = None if properties is None else properties.find(W + "numPr")
        num_id, level = child_value(own, "numId"), child_value(own, "ilvl")
        if num_id is None:
            for style in self._styles.of_paragraph(paragraph):
                in_style = style.find(f"{W}pPr/{W}numPr")
                num_id = child_value(in_style, "numId")
                if num_id is None:
                    continue
                bound = self._level_bound_to(num_id, style.get(W + "styleId", ""))
                level = level or bound or child_value(in_style, "ilvl")
                break
        if num_id in (None, "0"):
            return "", 0
        return num_id or "", int(level) if level and level.isdecimal() and len(level) < 4 else 0

    def _level_bound_to(self, num_id: str, style_id: str) -> str | None:
        abstract = self._abstract(num_id)
        for level in abstract.findall(W + "lvl") if abstract is not None else ():
            if child_value(level, "pStyle") == style_id:
                return str(level.get(W + "ilvl", "0"))
        return None

    def _abstract(self, num_id: str) -> Element | None:
        instance = self._instances.get(num_id)
        if instance is None:
            return None
        abstract = self._abstracts.get(child_value(instance, "abstractNumId") or "")
        if abstract is not None and abstract.find(W + "lvl") is None:
            return self._by_style_link.get(child_value(abstract, "numStyleLink") or "", abstract)
        return abstract

    def _levels(self, num_id: str, abstract: Element) -> tuple[dict[int, Element], dict[int, int]]:
        levels = {_level_index(level): level for level in abstract.findall(W + "lvl")}
        override_starts: dict[int, int] = {}
        for override in self._instances[num_id].findall(W + "lvlOverride"):
            k = _level_index(override)
            replaced = override.find(W + "lvl")
            if replaced is not None:
                levels[k] = replaced
            if override.find(W + "startOverride") is not None:
                override_starts[k] = child_number(override, "startOverride", 1)
        starts = {k: child_number(level, "start", 1) for k, level in levels.items()}
        return levels, starts | override_starts

    def _restart(self, num_id: str, counter: dict[int, int]) -> None:
        """An instance with w:startOverride restarts those levels when it is first used."""
        if num_id in self._used:
            return
        self._used.add(num_id)
        for override in self._instances[num_id].findall(W + "lvlOverride"):
            if override.find(W + "startOverride") is not None:
                counter.pop(_level_index(override), None)

    @staticmethod
    def _restarts(level: Element | None, after: int) -> bool:
        """Whether a deeper level starts anew after a paragraph of level `after` (from 0).

        w:lvlRestart names the level (from 1) after which it restarts; 0 is never (第X条 over chapters).
        """
        restart = child_number(level, "lvlRestart", -1)
        return restart < 0 or (restart > 0 and after + 1 <= restart)

    @staticmethod
    def _written(levels: dict[int, Element], level: int, numbers: dict[int, int]) -> str:
        shown = levels[level]
        if child_value(shown, "numFmt") == "bullet":
            return "- "
        legal = child_is_on(shown, "isLgl")

        def number_at(match: re.Match[str]) -> str:
            k = int(match[1]) - 1
            format = child_value(levels.get(k), "numFmt") or "decimal"
            return format_number(
                numbers.get(k, 1), "decimal" if legal and format != "decimalZero" else format
            )

        text = re.sub(r"%([1-9])", number_at, child_value(shown, "lvlText") or "")
        close = not text or child_value(shown, "suff") == "nothing" or _CLOSING_MARKS.search(text)
        return text if close else text + " "
