"""Wordings of one question -> the one that stands for all: typical, well formed, in Simplified Chinese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date

from bot.mistyped import as_meant
from bot.question import understand, without_courtesies
from bot.ranking import grams

COMPARED = 60
"""Wordings, most frequent first, among which the title is looked for."""
GOOD_LENGTH = range(7, 31)
"""Characters of a question that says all and no more."""
_ASKS = re.compile(r"[?？]$|什么|多少|哪|谁|几|怎么|如何|吗|是否|能否|能不能|可否|有没有|何时|多久")
_KEYWORDS = re.compile(r"[\u3400-\u9fff]\s+[\u3400-\u9fff]")
_OWN_CASE = re.compile(r"我[们司]?|咱|您好|你好|请问|麻烦|谢谢|急|[!！~～…]")
_MARKS = re.compile(r"[？?！!。～~…\s]+$")
_SLANG = re.compile(r"啥|咋|几时|[啊呀呢嘛呗哈]|前儿|没得|来着|整")


def title_of(wordings: Mapping[str, int]) -> str:
    """The most typical well-formed wording; `wordings` maps each to how often it was asked, not empty.

    Typical is the one whose sounds are shared most by the others, however they are spelt: a typo of many
    people counts for the right spelling. Deterministic.
    """
    counts: Counter[str] = Counter()
    marks: dict[str, str] = {}
    for wording, times in wordings.items():
        words, mark = bare(wording)
        counts[words] += times
        marks[words] = max(marks.get(words, ""), mark)
    wordings = counts
    chosen = sorted(wordings, key=lambda w: (-wordings[w], len(w), w))[:COMPARED]
    questions = {wording: understand(wording, today=date.min.replace(year=2000)) for wording in chosen}
    sounds = {wording: grams(question.normalised)[1] for wording, question in questions.items()}
    spelt = Counter(form for q in questions.values() for form in grams(q.normalised)[0])

    def typical(wording: str) -> float:
        own = sounds[wording]
        shares = [
            2 * len(own & other) / ((len(own) + len(other)) or 1) * wordings[each]
            for each, other in sounds.items()
            if each != wording
        ]
        others = sum(wordings[each] for each in chosen if each != wording)
        return sum(shares) / others if others else 0.0

    def usual_spelling(wording: str) -> float:
        form = grams(questions[wording].normalised)[0]
        return sum(spelt[each] > 1 for each in form) / (len(form) or 1)

    def fitness(wording: str) -> float:
        words = wording.strip()
        return (
            typical(wording)
            + 0.3 * usual_spelling(wording)
            + 0.4 * (questions[wording].language == "zh")
            + 0.2 * (len(words) in GOOD_LENGTH)
            + 0.2 * bool(marks[wording] or _ASKS.search(words))
            - 0.3 * bool(_KEYWORDS.search(words))
            - 0.2 * bool(_OWN_CASE.search(words))
            - 0.1 * bool(_SLANG.search(words))
            - 0.3 * (as_meant(words) != words)
        )

    best = max(chosen, key=lambda wording: (fitness(wording), wordings[wording], -len(wording), wording))
    return best + marks[best]


def bare(wording: str) -> tuple[str, str]:
    """A wording on one line without address, thanks and final marks; and its question mark, where it has one.

    `老师，流程是什么？？谢谢` -> `流程是什么`, `？`. What is nothing else stays as it is.
    """
    words = " ".join(wording.split())
    middle = without_courtesies(words)
    asked = _MARKS.sub("", middle)
    if not asked:
        return words, ""
    marks = middle[len(asked) :]
    mark = next((mark for mark in "？?" if mark in marks), "")
    return asked, mark
