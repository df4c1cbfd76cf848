"""Damaged text -> clean Simplified Chinese, with a map back to the original offsets.

One gate decides whether a text is damaged (`gloss.find_glosses`). A text that is not comes out unchanged,
character for character, Traditional or Simplified; only radicals and compatibility ideographs that PDF
writers put in place of common characters (⽅ for 方) are mended in any text. No normalisation of width,
of brackets or of ①, ㎡, № takes place here.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from bot.datamodels import Edit
from bot.documents.gloss import BROKEN_GLOSSES, HAN, Gloss, find_glosses, to_simplified, toned_brackets


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text after repair."""

    text: str
    edits: tuple[Edit, ...] = ()
    """In order, not overlapping; `start`, `end` count in the original, `new_start`, `new_end` in `text`."""
    warnings: tuple[str, ...] = ()
    """Chinese sentences for the receipt: what still looks damaged."""


class _Piece(NamedTuple):
    """A stretch of the original that has become `text` (one character, or none)."""

    start: int
    end: int
    text: str
    kind: str


# Radicals of U+2E80 to U+2EFF that fonts show as whole characters; Unicode gives most of them no
# compatibility mapping (EquivalentUnifiedIdeograph.txt lists them).
_RADICALS = "⺒巳⺓幺⺟母⺠民⺪疋⺬示⺶羊⺻聿⺽臼⻁虎⻄西⻅见⻆角⻉贝⻋车⻑長⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻬齐⻮齿⻰龙⻱龜⻳龟"
_COMPATIBILITY_RANGES = (range(0x2F00, 0x2FD6), range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))


def _compatibility_table() -> dict[int, str]:
    table = {ord(_RADICALS[i]): _RADICALS[i + 1] for i in range(0, len(_RADICALS), 2)}
    for code in chain(*_COMPATIBILITY_RANGES):
        character = unicodedata.normalize("NFKC", chr(code))
        if (
            len(character) == 1
            and character != chr(code)
            and unicodedata.name(character, "").startswith("CJK")
        ):
            table[code] = character
    return table


_COMPATIBILITY = _compatibility_table()

_KNOWN_LOSSES = {"yōu": "優", "nèi": "內"}
"""Characters that scrapers are known to lose behind 目, by reading."""
_CONFUSIONS = ((re.compile("(?<!选)择扰(?![动乱])"), "择优"),)
"""Wrong characters seen in damaged texts, after conversion to Simplified; each pair is equally long."""
_FULL_WIDTH = {",": "，", ":": "：", ";": "；"}
_HALF_WIDTH_MARK = re.compile(
    rf"(?<=[{HAN}）》”’])[,:;](?=[{HAN}（《“‘0-9]|$)|(?<=[)\]])[,:;](?=[{HAN}《“‘]|$)", re.MULTILINE
)
_LEFT_OVER = re.compile(
    r"[?？][a-zà-ǜ]{1,6}[)）]|[(（][a-z]{0,4}[à-åè-ïò-öù-üāēěīńňōūǎǐǒǔǖǘǚǜ][a-z]{0,4}[)）]?"
)
_CONTEXT = 6


def _mend_confusions(text: str) -> str:
    for pattern, right in _CONFUSIONS:
        text = pattern.sub(right, text)
    return text


def _widen_marks(text: str) -> str:
    return _HALF_WIDTH_MARK.sub(lambda match: _FULL_WIDTH[match[0]], text)


_STAGES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("simplified", to_simplified),
    ("confusion", _mend_confusions),
    ("punctuation", _widen_marks),
)
"""What a damaged text goes through once its glosses are cut; each stage keeps the length."""


def _lost_character(text: str, match: re.Match[str], glosses: Sequence[Gloss]) -> str | None:
    """The character that a broken gloss stands for, None where nothing tells.

    The last reading of the run is the lost character's. The text's own glosses tell which character is read
    so in front of the same next character (優(yōu)先 elsewhere); a list of known losses stands behind them.
    """
    readings = re.findall(r"[?？]([^)）]+)[)）]", match[0])
    if len(readings) > 2:
        return None
    following = text[match.end() : match.end() + 1]
    seen = Counter(
        gloss.character
        for gloss in glosses
        if gloss.reading == readings[-1] and following and text[gloss.end : gloss.end + 1] == following
    )
    return seen.most_common(1)[0][0] if seen else _KNOWN_LOSSES.get(readings[-1])


def _cuts(text: str, glosses: Sequence[Gloss]) -> list[_Piece]:
    """Glosses to delete and broken glosses to replace, in order."""
    cuts = [_Piece(gloss.start, gloss.end, "", "gloss") for gloss in glosses]
    for match in BROKEN_GLOSSES.finditer(text):
        character = _lost_character(text, match, glosses)
        if character is not None:
            cuts.append(_Piece(match.start(), match.end(), character, "broken_gloss"))
    return sorted(cuts)


def _pieces(text: str, cuts: Sequence[_Piece]) -> Iterator[_Piece]:
    """The whole text in order: a piece a character, and the cuts between them."""
    position = 0
    for cut in cuts:
        yield from (_Piece(i, i + 1, text[i], "") for i in range(position, cut.start))
        yield cut
        position = cut.end
    yield from (_Piece(i, i + 1, text[i], "") for i in range(position, len(text)))


def _edits(original: str, pieces: Sequence[_Piece]) -> tuple[Edit, ...]:
    edits, offset = [], 0
    for piece in pieces:
        before = original[piece.start : piece.end]
        if before != piece.text:
            end = offset + len(piece.text)
            edits.append(Edit(piece.start, piece.end, offset, end, piece.kind, before, piece.text))
        offset += len(piece.text)
    return tuple(edits)


def _mend_damage(original: str, text: str, glosses: Sequence[Gloss]) -> Repaired:
    """Repairs a damaged text; `text` is the original with its compatibility characters mended."""
    pieces = list(_pieces(text, _cuts(text, glosses)))
    kept = [i for i, piece in enumerate(pieces) if piece.text]
    current = "".join(pieces[i].text for i in kept)
    for kind, stage in _STAGES:
        following = stage(current)
        for i, before, after in zip(kept, current, following, strict=True):
            if before != after:
                lost = pieces[i].kind == "broken_gloss"
                pieces[i] = pieces[i]._replace(text=after, kind=pieces[i].kind if lost else kind)
        current = following
    pieces = [piece if piece.kind else piece._replace(kind="compatibility") for piece in pieces]
    left = [
        current[max(0, match.start() - _CONTEXT) : match.end() + _CONTEXT].replace("\n", " ")
        for match in _LEFT_OVER.finditer(current)
    ]
    shown = "、".join(f"“{words}”" for words in left[:3])
    warnings = (f"修复后仍有 {len(left)} 处疑似乱码，请核对原文：{shown}。",) if left else ()
    return Repaired(current, _edits(original, pieces), warnings)


def repair(text: str) -> Repaired:
    """A text as it was meant, every change recorded. Never fails; an undamaged text comes back as it is."""
    mended = text.translate(_COMPATIBILITY)
    glosses = find_glosses(mended)
    if glosses:
        return _mend_damage(text, mended, glosses)
    edits = tuple(
        Edit(i, i + 1, i, i + 1, "compatibility", before, after)
        for i, (before, after) in (enumerate(zip(text, mended, strict=True)) if mended != text else ())
        if before != after
    )
    toned = toned_brackets(mended)
    warnings = (f"文中有 {toned} 处拼音注音，未达到乱码的程度，没有改动。",) if toned >= 3 else ()
    return Repaired(mended, edits, warnings)


def original_span(edits: Sequence[Edit], start: int, end: int) -> tuple[int, int]:
    """The span [start, end) of a repaired text -> the span of the original text that it came from.

    A gloss belongs to the character before it. A border inside a replaced stretch takes in all of it.
    """
    passed = bisect_right(edits, start, key=lambda edit: edit.new_end)
    shift = edits[passed - 1].end - edits[passed - 1].new_end if passed else 0
    inside = passed < len(edits) and edits[passed].new_start < start
    original_start = edits[passed].start if inside else start + shift

    passed = bisect_right(edits, end, key=lambda edit: edit.new_end)
    shift = edits[passed - 1].end - edits[passed - 1].new_end if passed else 0
    inside = passed < len(edits) and edits[passed].new_start < end
    original_end = edits[passed].end if inside else end + shift
    return original_start, max(original_start, original_end)


def repaired_offset(edits: Sequence[Edit], offset: int) -> int:
    """An offset of the original text -> the offset in the repaired one; inside an edit, where that begins."""
    passed = bisect_right(edits, offset, key=lambda edit: edit.end)
    shift = edits[passed - 1].new_end - edits[passed - 1].end if passed else 0
    inside = passed < len(edits) and edits[passed].start < offset
    return edits[passed].new_start if inside else offset + shift


_SUMMARY = (
    ("gloss", "去除拼音注音 {} 处"),
    ("broken_gloss", "补回注音残缺的字 {} 处"),
    ("confusion", "改正错字 {} 处"),
    ("simplified", "繁转简 {} 字"),
    ("punctuation", "标点改全角 {} 处"),
    ("compatibility", "兼容字形改常用字 {} 字"),
)


def repair_summary(edits: Sequence[Edit]) -> str:
    """`去除拼音注音 298 处，繁转简 300 字` for a receipt; empty where nothing was repaired."""
    counts = Counter(edit.kind for edit in edits)
    return "，".join(sentence.format(counts[kind]) for kind, sentence in _SUMMARY if counts[kind])
