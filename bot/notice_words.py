"""A question -> the same with the notice's own word for filing: `怎么报名` of a notice that knows only 申报.

Whoever asks takes the word that comes first to mind. The reader, which compares words with words, finds no 报名 in
a notice that says 申报 throughout, and would take the answer to be absent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from bot.datamodels import Question

_FILING = ("申报", "申请", "报名")
_ALL = "|".join((*_FILING, "报考"))
_ASKED = re.compile(rf"(?:{_ALL})(?!费|(?<=报名)[单册额])")
"""Not `报名单`, a list that is sent."""
_HOW_TO_FILE = re.compile(r"(怎么|咋|如何|怎样|怎么样)报(?=$|[?!,。;\s呢啊呀的])")
_SAID = re.compile(_ALL)


def in_notice_words(question: Question, texts: Iterable[str]) -> Question:
    """The question with a word for filing that stands in none of the notice's texts exchanged for the commonest that
    does; as it is where the notice has none of them, or has the word."""
    if not (_ASKED.search(question.normalised) or _HOW_TO_FILE.search(question.normalised)):
        return question
    said = Counter(word for text in texts for word in _SAID.findall(text))
    if not any(said[word] for word in _FILING):
        return question
    own = max(_FILING, key=lambda word: said[word])
    words = _ASKED.sub(lambda m: m[0] if said[m[0]] else own, question.normalised)
    words = _HOW_TO_FILE.sub(rf"\g<1>{own}", words)
    terms = tuple(dict.fromkeys(own if _ASKED.fullmatch(t) and not said[t] else t for t in question.terms))
    return replace(question, normalised=words, terms=terms) if words != question.normalised else question
