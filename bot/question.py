"""A person's words, the day and the turns before -> Question.

Understanding is by rule and lexicon: script and language, intent, the kinds of value asked for,
values that the question itself states, years, and the notice's own words for what was said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import opencc
import rjieba

from bot.datamodels import FactKind, Intent, Question
from bot.lexicon import (
    ADDRESS,
    ASKED_UNIT,
    CLOSING_WORDS,
    ENGLISH,
    EXPECTED_FACTS,
    FILLERS,
    GENERIC,
    GREETINGS,
    HELP,
    INTENT_CUES,
    LEVELS,
    NO_PLACES,
    QUESTION_WORDS,
    SAID_TO_WRITTEN,
    TECHNICAL,
    TECHNICAL_GLOSS,
    THANKS,
    UNITS,
)
from bot.mistyped import as_meant
from bot.values import Value, values_in

MAX_CHARACTERS = 500
"""Of a longer question only the beginning and the end are read."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_ADDRESS, _CLOSING_WORDS = re.compile(ADDRESS), re.compile(CLOSING_WORDS)
_FOLLOW_UP = re.compile(
    r"^(?:那|那么|还有|另外|然后|它|他们|这个|那个|上面|刚才|and |what about|how about)|呢[?？!！。]*$|^(?:为什么|为啥|具体呢|详细|比如)"
)
_YES_NO = re.compile(
    r"(?:吗|么|嘛|吧|不|没|没有|对不对?|是不是|行不行|可不可以|能不能|能否|是否|可否|算不算|要不要|有没有|用不用)[?？!！。\s]*$"
    r"|能不能|可不可以|是不是|能否|是否|可否|算不算|要不要|用不用|行不行|^(?:can|is|are|do|does|may|must|should|will) "
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=\s*年|年度|$|[^\d])|(?<!\d)(\d{2})年(?!\d|内|以|后|前|之)")
_CONDITION_YEAR = re.compile(
    r"(?:20)?\d{2}\s*年(?=\s*\d{1,2}\s*月|底|末|以[前后来]|之[前后]|.{0,8}(?:营收|收入|销售|研发费|成立|注册|取得|获得|产值|利润|纳税|社保|出生|毕业|建成|投产|公告的|认定的|审计|财务|报表|年报|汇算|核算))"
)
_OWN_YEAR = re.compile(
    r"(?:大?前年|去年|今年|上年度)(?:[^,，。;；?？!！\s]{0,10}?(?:已经?(?!截止|结束|过)|了(?![吗嘛么没吧不?？多几什哪谁]|\s*$)|过(?![吗嘛么没吧不了期?？]|\s*$))"
    r"|(?=[^,，。;；?？!！\s]{0,6}(?:注册|成立|才|刚|营收|营业额|销售额)))"
)
"""A year of what the one who asks has done, not of a notice: `去年已经交了400，退不退`."""
_HAS_BECOME = re.compile(
    r"(?:拿|获|得|领|享受|评|认定|入选|立项|取得|通过)[上选]?[过了到](?![^,，。]{0,4}(?:通知|文件|消息|材料|表))|(?:报|申请)过(?![期时])"
    r"|(?:已经?|[还也]?没有?|未)(?:拿|获|领|享受|评[上选]|认定|入选|立项|取得|通过)(?![^,，。]{0,4}(?:通知|文件|消息|材料|表))"
    r"|(?:[年月日号]|刚|才|新)(?:注册|成立)|(?:注册|成立)(?:的(?=公司|企业|单位|厂|店)|不?[满到足]|才|[未没]满)"
)
"""What who asks has got, is or has been before: `已经拿了省首台套`, `2月注册的公司`."""
_STILL_MAY = re.compile(r"(?:现在|目前)?还(?=(?:能|可以)[^,，。]{0,6}[报申享领评])")
_SUM_WITHOUT_YUAN = re.compile(
    r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百]+)\s*(?:万|亿|千万|百万)(?=$|[?!,。;\s吧吗么嘛的了对是呢啊能可够行就])"
)
_SIGN_LEFT_OUT = (
    (
        re.compile(
            r"(?<!\d)(?:1[0-2]|[1-9])月(?:3[01]|[12]\d|[1-9])(?=$|[?!,。;\s吧吗么嘛的了对是呢前就截])"
        ),
        r"\g<0>日",
    ),
    (re.compile(r"(?<=\d)平(?=$|[?!,。;\s吧吗么嘛的了对是呢啊能可够行就])"), "平方米"),
)
"""`11月30`, `5000平`."""
_OWN_RULES = re.compile(r"([\u4e00-\u9fff]{2,3}?)[市区县州](?:自己|本级|[市区县]里|出台)")
_MODIFIERS = re.compile(
    r"那么?|还有|另外|然后|呢|的|了|吗|啊|是|(?:20)?\d{2}\s*年(?:度)?|大?前年|去年|今年|明年|第.批|头一批|首批(?!次)|省里|省级|市里|市级|市州|区里|区级|县里|县级|企业|我们|个人|"
    r"and|what about|how about|the|for|in"
)


_SAID = tuple((re.compile(pattern), written.split()) for pattern, written in SAID_TO_WRITTEN)
_SAID_IN_ENGLISH = tuple((re.compile(pattern), written.split()) for pattern, written in ENGLISH)


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def understand(
    text: str, *, today: date, history: Sequence[str] = (), notice_id: str | None = None
) -> Question:
    """What a question asks for. `history` holds the earlier questions of the chat, oldest first."""
    words = _clean(text)
    simplified = _to_simplified().convert(words)
    polite = unicodedata.normalize("NFKC", simplified).casefold().strip()
    asked = without_courtesies(polite)
    normalised = as_meant(asked or polite)
    language = "en" if _is_english(words) else ("zh-hant" if simplified != words else "zh")
    own_words = normalised
    if history and leans_on_history(normalised):
        normalised = f"{_normalised(history[-1])} {normalised}"
    if _HAS_BECOME.search(normalised):  # whether one may, not whether there is time
        normalised = _STILL_MAY.sub("", normalised)
    if re.search(TECHNICAL, normalised):
        normalised = f"{normalised} {TECHNICAL_GLOSS}"
    synonyms = _synonyms(normalised, language)
    return Question(
        text=text,
        normalised=normalised,
        intents=_intents(normalised) if asked else (Intent.GREETING,),
        today=today,
        language=language,
        terms=_terms(normalised),
        synonyms=synonyms,
        values=tuple(value.value for value in stated_values(normalised)),
        years=_years(own_words, today) or _years(normalised, today),
        batches=_batches(own_words) or _batches(normalised),
        levels=_levels(own_words) or _levels(normalised),
        places=tuple(dict.fromkeys(_OWN_RULES.findall(normalised))),
        notice_id=notice_id,
        yes_no=bool(_YES_NO.search(normalised)),
        history=tuple(history),
    )


def leans_on_history(normalised: str) -> bool:
    """True where a question only changes the one before: `2023年呢`, `那市州呢`."""
    if len(normalised) > 20 or not _FOLLOW_UP.search(normalised):
        return False
    return not re.search(r"[\u3400-\u9fff]{2,}|[a-z]{3,}", _MODIFIERS.sub(" ", normalised))


def expected_facts(normalised: str) -> tuple[FactKind, ...]:
    """Kinds of value that would answer the question, most telling first; empty where words answer it."""
    if re.search(TECHNICAL, normalised):
        return ()
    kinds = [kind for pattern, found in EXPECTED_FACTS if re.search(pattern, normalised) for kind in found]
    return tuple(dict.fromkeys(kinds))


def asks_for_date(normalised: str) -> bool:
    """True where a date is what would answer the question first."""
    return FactKind.DATE in expected_facts(normalised)[:1]


def stated_values(normalised: str) -> list[Value]:
    """Typed values that a question itself states; a sum of money may leave its 元 out (`100万`), a day its 日 (`11月30`)."""
    return values_in(with_yuan(normalised))


def with_yuan(normalised: str) -> str:
    """The words in which `stated_values` counts its places: `100万` -> `100万元`, `11月30` -> `11月30日`."""
    for left_out, written in _SIGN_LEFT_OUT:
        normalised = left_out.sub(written, normalised)
    return _SUM_WITHOUT_YUAN.sub(r"\g<0>元", normalised)


def asked_units(normalised: str) -> frozenset[str]:
    """Measure words of the count that is asked for (几家 -> 家 个 户 项); empty where none is named."""
    named = re.findall(ASKED_UNIT, normalised)
    return frozenset[str]().union(*(units for unit in named for units in UNITS if unit in units))


def places_in(normalised: str) -> tuple[str, ...]:
    """Names of places in a question, without 省 市 县 区: 泰州, 惠安."""
    found = [word for word, tag in rjieba.tag(normalised) if tag == "ns" and len(word) >= 2]
    named = [word for word in found if word not in NO_PLACES and not re.fullmatch(r".?[省市区县州]", word)]
    return tuple(dict.fromkeys(re.sub(r"(?<=..)[省市县区州旗镇乡]$", "", word) for word in named))


def words_in(text: str) -> list[str]:
    """The words of a text in their order, without blanks."""
    return [word for word in rjieba.cut(text) if word.strip()]


def tagged_words(text: str) -> list[tuple[str, str]]:
    """The words of a text in their order, each with its part of speech: `n`, `v`, `r` ..."""
    return list(rjieba.tag(text))


def verbs_in(text: str) -> set[str]:
    """Verbs of two characters or more, by which sentences say the same of others; none that every notice has."""
    found = (word for word, tag in rjieba.tag(text) if tag == "v" and len(word) > 1)
    return {word for word in found if not re.fullmatch(GENERIC, word)}


def content_terms(question: Question) -> list[str]:
    """Words of a question that name a thing: none that ask, none that only say of which kind the question is.

    Empty for a question in English, whose words cannot be looked up in a Chinese text.
    """
    if question.language == "en":
        return []
    return [term for term in question.terms if len(term) > 1 and not re.fullmatch(GENERIC, term)]


def things_named(question: Question) -> list[str]:
    """The words of a question that name a thing, numbers aside."""
    return [term for term in content_terms(question) if not re.search(r"\d", term)]


def without_courtesies(words: str) -> str:
    """`老师，流程是什么？谢谢` -> `流程是什么？`: how politely one asks must not change the answer.

    Empty where nothing else was said.
    """
    asked = _CLOSING_WORDS.sub("", _ADDRESS.sub("", words))
    return asked if re.search(r"\w", asked) else ""


def in_simplified(text: str) -> str:
    """A text in simplified characters."""
    return str(_to_simplified().convert(text))


def _normalised(text: str) -> str:
    simplified = in_simplified(_clean(text))
    words = unicodedata.normalize("NFKC", simplified).casefold().strip()
    return as_meant(without_courtesies(words) or words)


def _clean(text: str) -> str:
    words = _CONTROL.sub(" ", text)
    words = re.sub(r"\s+", " ", words).strip()
    if len(words) > MAX_CHARACTERS:
        words = f"{words[: MAX_CHARACTERS * 3 // 5]} {words[-MAX_CHARACTERS * 2 // 5 :]}"
    return words


def _is_english(words: str) -> bool:
    han = len(re.findall(r"[\u3400-\u9fff]", words))
    return han == 0 and len(re.findall(r"[A-Za-z]{2,}", words)) >= 2


def _intents(normalised: str) -> tuple[Intent, ...]:
    if not normalised or re.match(GREETINGS, normalised) or re.match(THANKS, normalised):
        return (Intent.GREETING,)
    if re.match(HELP, normalised):
        return (Intent.HELP,)
    found = [intent for intent, cues in INTENT_CUES if re.search(cues, normalised)]
    return tuple(found) or (Intent.OTHER,)


def _terms(normalised: str) -> tuple[str, ...]:
    words = [
        word
        for word in rjieba.cut(re.sub(QUESTION_WORDS, " ", normalised))
        if re.search(r"[\w%]", word) and word not in FILLERS
    ]
    return tuple(dict.fromkeys(words))


def _synonyms(normalised: str, language: str) -> tuple[str, ...]:
    table = _SAID + _SAID_IN_ENGLISH if language == "en" else _SAID
    found = [word for pattern, written in table if pattern.search(normalised) for word in written]
    return tuple(dict.fromkeys(word for word in found if word not in normalised))


def _batches(normalised: str) -> tuple[str, ...]:
    found = re.findall(
        r"第([一二三四五六1-6])批|(头一批|首批)(?!次)|(\bfirst|second|third)\b.{0,12}batch", normalised
    )
    names = {
        "1": "一",
        "2": "二",
        "3": "三",
        "4": "四",
        "5": "五",
        "6": "六",
        "first": "一",
        "second": "二",
        "third": "三",
    }
    return tuple(
        dict.fromkeys(f"第{'一' if first else names.get(n or word, n)}批" for n, first, word in found)
    )


def _levels(normalised: str) -> tuple[str, ...]:
    return tuple(level for level, pattern in LEVELS if re.search(pattern, normalised))


def _years(normalised: str, today: date) -> tuple[int, ...]:
    normalised = re.sub(r"《[^》]*》", " ", normalised)
    normalised = _OWN_YEAR.sub(" ", _CONDITION_YEAR.sub(" ", normalised))
    years = [int(full or f"20{short}") for full, short in _YEAR.findall(normalised)]
    relative = (
        ("大前年", -3),
        ("前年", -2),
        ("去年", -1),
        ("上年度", -1),
        ("今年", 0),
        ("本年度", 0),
        (r"明年(?!\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2})月|[初底末])", 1),
    )
    for word, offset in relative:
        if re.search(word, normalised) and not (word == "前年" and "大前年" in normalised):
            years.append(today.year + offset)
    return tuple(dict.fromkeys(years))
