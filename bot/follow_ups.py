"""(Follow-up, questions before it) -> the question in full that it stands for: `那储备级呢` after `培育级什么时候截止`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.lexicon import GENERIC, MONEY, QUESTION_WORDS
from bot.question import expected_facts, in_simplified, leans_on_history, tagged_words
from bot.several_questions import THING, asks

LONGEST = 20
"""Characters of a follow-up beyond which it says by itself what it asks."""

_OTHER = re.compile(
    r"(?P<then>那么?|换成|(?:那么?)?(?:如果|要是|假如)是?)?(?P<what>[^，,。；;？?！!]{2,12}?)(?:的话|的)?呢?[？?。\s]*"
)
"""What is asked about instead; a follow-up begins with `那` or ends in `呢`."""
_FIRST = re.compile(r"我们(?:公司|单位|厂)?|我|咱们?")
_OF_ANY_SUBJECT = re.compile(f"(?:{GENERIC}|{MONEY}|{THING}|标准|级)*")
_PLACE = re.compile(r"[\u4e00-\u9fff]+[省市州区县旗镇乡]")
_MAY = re.compile(r"[能可要有没是想]|[补奖]$")
"""How words begin that say what is asked of a subject: `能报`."""
_NAMES = re.compile(r"[nbajmqslf]|vn|eng|x")
"""How the tags of words begin that can name a thing."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a follow-up stands for."""

    asked: str
    """The question in full."""
    subject: str
    """What it is about, which its answer must speak of."""


def in_full(text: str, history: Sequence[str]) -> FollowUp | None:
    """The question before, asked of what a follow-up names; or what a follow-up asks, of the subject of the question
    before, where it begins with `那` and names none. None for any other."""
    words = in_simplified(text).strip()
    other = _OTHER.fullmatch(words)
    if not history or other is None or len(words) > LONGEST or leans_on_history(words.casefold()):
        return None
    then, what = other["then"], other["what"]
    before = in_full(history[-1], history[:-1])
    earlier = before.asked if before else in_simplified(history[-1]).strip()
    if asks(what) or expected_facts(what.casefold()):
        parts = _parts(earlier)
        subject = "".join(word for word, _ in parts[: _end_of_subject(parts)])
        bare = then and subject and not _FIRST.fullmatch(subject) and _says_no_subject(what)
        return FollowUp(f"{subject} {what}", subject) if bare else None
    asked = _asked_of(what, earlier) if (then or "呢" in words) and _names_thing(what) else ""
    return FollowUp(asked, what) if asked else None


def _asked_of(what: str, earlier: str) -> str:
    """A question with another level in the place of its own, another place, or another subject; empty where it has none
    and names something else."""
    parts = _parts(earlier)
    levels = [i for i, (word, _) in enumerate(parts) if re.fullmatch(r".+级", word)]
    places = [i for i, (word, _) in enumerate(parts) if _PLACE.fullmatch(word)]
    if re.search(r".级", what) and levels:
        return _exchanged(parts, levels[0], levels[0] + 1, what)
    if _PLACE.fullmatch(what) and places:
        return _exchanged(parts, places[0], places[0] + 1, what)
    if end := _end_of_subject(parts):
        for at, (word, _) in enumerate(parts[:end]):  # 存量, 增量
            if word != what and len(word) == len(what) and word[-1] == what[-1] and end > 1:
                return _exchanged(parts, at, at + 1, what)
        end += end < len(parts) and what.endswith(parts[end][0])
        return _exchanged(parts, 0, end, what)
    return what + earlier if _says_no_subject(earlier) else ""


def _says_no_subject(words: str) -> bool:
    return bool(_OF_ANY_SUBJECT.fullmatch(re.sub(rf"{QUESTION_WORDS}|[\s?？。]", "", words)))


def _end_of_subject(parts: Sequence[tuple[str, str]]) -> int:
    """How many words at the beginning of a question name what it is about, none of those that every subject has."""
    if parts and _FIRST.fullmatch(parts[0][0]):
        return 1
    end = 0
    for word, tag in parts:
        named = _NAMES.match(tag) or (end == 0 and tag == "v" and len(word) > 1)
        if not named or _MAY.match(word) or asks(word) or expected_facts(word.casefold()):
            break
        end += 1
    while end and _OF_ANY_SUBJECT.fullmatch(parts[end - 1][0]):
        end -= 1
    return end


def _exchanged(parts: Sequence[tuple[str, str]], start: int, end: int, what: str) -> str:
    words = [word for word, _ in parts]
    return "".join((*words[:start], what, *words[end:]))


def _names_thing(what: str) -> bool:
    parts = _parts(what)
    return all(_NAMES.match(tag) for _, tag in parts) and not _OF_ANY_SUBJECT.fullmatch(what)


def _parts(words: str) -> list[tuple[str, str]]:
    """The words of a question with their tags, `培育` and `级` as one."""
    parts: list[tuple[str, str]] = []
    for word, tag in tagged_words(words):
        if word == "级" and parts:
            parts[-1] = (parts[-1][0] + word, "n")
        else:
            parts.append((word, tag))
    return parts
