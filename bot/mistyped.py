"""A question -> the same with the field's words as they are written: `申保条件` -> `申报条件`.

Whoever types Chinese by sound picks a wrong character of the right sound. Two characters that are no word of the
dictionary, sound as a word of the field and share a character with it, are taken for that word. Whoever types as
people speak at home uses words that no notice has: `有冇几个钱攞` is read as `有没多少钱拿`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

import rjieba

from bot.lexicon import FIELD_WORDS

_FUNCTION = frozenset(
    "不是的十几和在有要能个自其了吗没就也都把被给让还又再很太这那我你他她它一二三四五六七八九两"
)
_IN_TIME = re.compile(r"([来赶])(?:(?<=来)[得的][急级及]|(?<=赶)的上)")
_SPOKEN = tuple(
    (re.compile(spoken), written)
    for spoken, written in (
        ("几个钱|几多钱|好多钱", "多少钱"),
        ("有冇", "有没"),
        ("几多", "多少"),
        ("[乜咩]嘢", "什么"),
        ("边个(?!人)", "哪个"),
        ("边度", "哪里"),
        ("点样|点解(?!决)", "怎样"),
        ("[系係]咪", "是否"),
        ("使唔使", "要不要"),
        ("唔使", "不用"),
        ("唔", "不"),
        ("冇", "没"),
        ("嘅", "的"),
        ("咩", "啥"),
        ("啲", "些"),
        ("喺", "在"),
        ("攞", "拿"),
        ("俾", "给"),
        ("睇", "看"),
        ("佢", "他"),
        ("嘢", "的"),
    )
)
"""Words of Cantonese and of the south-west, each with one of the written language that is as long."""


def as_meant(words: str) -> str:
    """The question with mistyped words of the field corrected; places in it stay where they are."""
    words = _IN_TIME.sub(lambda m: f"{m[1]}得{'及' if m[1] == '来' else '上'}", words)
    for spoken, written in _SPOKEN:
        words = spoken.sub(written, words)
    pieces = rjieba.cut(words, False)
    corrected = list(pieces)
    for at, (first, second) in enumerate(pairwise(pieces)):
        if len(first) == len(second) == 1 and not {first, second} & _FUNCTION:
            alike = _by_sound().get(_heard(first + second), ())
            term = next((word for word in alike if {first, second} & {*word}), "")
            if term and corrected[at] == first:
                corrected[at : at + 2] = term
    return "".join(corrected)


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for word in FIELD_WORDS:
        words[_heard(word)] = (*words.get(_heard(word), ()), word)
    return words


def _heard(word: str) -> str:
    return " ".join(sound_of(c) if "\u3400" <= c <= "\u9fff" else c for c in word)


@lru_cache(maxsize=30_000)
def sound_of(character: str) -> str:
    """A Han character's commonest syllable, without its tone."""
    from pypinyin import Style, pinyin

    return pinyin(character, style=Style.NORMAL)[0][0]
