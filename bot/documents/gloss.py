"""Text -> pinyin glosses that a scraper wrote behind its characters: 關(guān)于開(kāi)展.

The only module that knows pypinyin and OpenCC. Both are loaded when a text holds toned glosses and not
before: a clean text costs one pass of a regular expression.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
"""Han characters, for use inside a regular expression's brackets."""

_TONE_MARKS = re.compile("[\u0300\u0301\u0304\u030c]")
_LETTERS = "a-zɑɡ\u00e0-\u00fc\u0100-\u01dc\u0300-\u030c\u1e3f\u1ebf\u1ec1"
_GLOSS = re.compile(rf"(?<=[{HAN}])[ \u3000]*[(（]\s*([{_LETTERS}]{{1,8}})\s*[)）]")
BROKEN_GLOSSES = re.compile(rf"(?:[?？][{_LETTERS}]{{1,8}}[)）])+")
"""Relic of a character whose bytes were lost with its opening bracket: 項目?jī)?yōu)先 for 項目優(yōu)先."""
_INITIALS = (
    "",
    *[
        "b",
        "p",
        "m",
        "f",
        "d",
        "t",
        "n",
        "l",
        "g",
        "k",
        "h",
        "j",
        "q",
        "x",
        "zh",
        "ch",
        "sh",
        "r",
        "z",
        "c",
        "s",
        "y",
        "w",
    ],
)
_FINALS = [
    "a",
    "o",
    "e",
    "ai",
    "ei",
    "ao",
    "ou",
    "an",
    "en",
    "ang",
    "eng",
    "ong",
    "i",
    "ia",
    "ie",
    "iao",
    "iu",
    "iou",
    "ian",
    "in",
    "iang",
    "ing",
    "iong",
    "u",
    "ua",
    "uo",
    "uai",
    "ui",
    "uei",
    "uan",
    "un",
    "uen",
    "uang",
    "ueng",
    "v",
    "ve",
    "van",
    "vn",
    "ue",
    "er",
    "m",
    "n",
    "ng",
    "hm",
    "hng",
]
_SYLLABLES = frozenset(initial + final for initial in _INITIALS for final in _FINALS)

_FEWEST_GLOSSES = 3
"""A text with fewer true glosses is a clean text that explains how a rare character is read."""
_THROUGHOUT = 20
_COVERAGE = 0.2
"""Share of a damaged text's Traditional characters that carry a gloss; a clean text glosses a few rare ones."""


@dataclass(frozen=True, slots=True)
class Gloss:
    """A bracket behind a Han character that holds one pinyin syllable."""

    start: int
    """Offset of the bracket, or of the blanks before it."""
    end: int
    character: str
    """The character in front of it."""
    reading: str
    """As written, with tone marks."""
    toned: bool
    true: bool
    """True where the syllable is a reading of that very character."""
    traditional: bool
    """True where the character has another, Simplified form."""


def _plain_syllable(reading: str) -> tuple[str, bool]:
    """`guān` -> (`guan`, True): without tone marks, ü as v, and whether it had a tone mark."""
    decomposed = unicodedata.normalize("NFD", reading.replace("ɑ", "a").replace("ɡ", "g"))
    plain = unicodedata.normalize("NFC", _TONE_MARKS.sub("", decomposed)).replace("ü", "v").replace("ê", "e")
    return plain, _TONE_MARKS.search(decomposed) is not None


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


@lru_cache(maxsize=20_000)
def _readings(character: str) -> frozenset[str]:
    """Every reading of one character, without tones."""
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.TONE, heteronym=True)
    return frozenset(_plain_syllable(reading)[0] for reading in found[0])


def to_simplified(text: str) -> str:
    """Traditional -> Simplified by phrase (OpenCC `t2s`), character for character: the length stays."""
    converted = _converter()(text)
    if len(converted) == len(text):
        return converted
    single = ((character, _converter()(character)) for character in text)
    return "".join(after if len(after) == 1 else before for before, after in single)


def _brackets(text: str) -> list[tuple[re.Match[str], str, bool]]:
    """Brackets that hold a pinyin syllable, with the plain syllable and whether it is toned."""
    found = ((match, *_plain_syllable(match[1])) for match in _GLOSS.finditer(text))
    return [(match, plain, toned) for match, plain, toned in found if plain in _SYLLABLES]


def toned_brackets(text: str) -> int:
    """How many brackets of a text hold one syllable with a tone mark."""
    return sum(1 for _, _, toned in _brackets(text) if toned)


def find_glosses(text: str) -> tuple[Gloss, ...]:
    """The glosses to strip from a text, in order; empty where the text is not damaged.

    A text is damaged where at least three Traditional characters carry a toned gloss that is a reading
    of that very character, and such glosses stand throughout: twenty of them, or a fifth of the text's
    Traditional characters. In a damaged text a toned syllable is a gloss; a toneless one (們(men)) only if
    it is a reading of a Traditional character. (MES), (kg) and (一) never match, and neither does (de)
    behind a character that is not read so.
    """
    brackets = _brackets(text)
    if sum(1 for _, _, toned in brackets if toned) < _FEWEST_GLOSSES:
        return ()
    glosses = []
    for match, plain, toned in brackets:
        character = text[match.start() - 1]
        true = plain in _readings(character)
        traditional = to_simplified(character) != character
        glosses.append(Gloss(match.start(), match.end(), character, match[1], toned, true, traditional))
    telling = sum(1 for gloss in glosses if gloss.toned and gloss.true and gloss.traditional)
    if telling < _FEWEST_GLOSSES:
        return ()
    if telling < _THROUGHOUT:
        simplified = to_simplified(text)
        traditional_characters = sum(
            1 for before, after in zip(text, simplified, strict=True) if before != after
        )
        if telling < _COVERAGE * traditional_characters:
            return ()
    return tuple(gloss for gloss in glosses if gloss.toned or (gloss.true and gloss.traditional))
