"""A question -> the same question as other people would type it, by rule and by chance.

For training only: typos by sound, Traditional characters, keywords alone, numerals of the other script, and the
words that people put around a question. The meaning stays, so that the answer does.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import opencc
import pypinyin

DIGITS = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))
SMALL = {str(n): name for n, name in enumerate("一二三四五六七八九十", start=1)}
BEFORE = ("请问", "问一下", "你好，", "麻烦问下", "老师，", "那个", "我想知道", "急，", "想咨询一下")
AFTER = ("啊", "呀", "呢", "哈", "谢谢", "？？", "，急", "来着", "，知道吗", "有人知道么")
EMPTY = re.compile(
    r"请问|是不是|什么|怎么|如何|吗|呢|么|啊|吧|的|了|是|我们|我|你们|一下|需要|应该|可以|有没有"
)
PAIRS = (
    ("分支机构", "分公司"), ("申报", "报名"), ("申报", "报"), ("截止时间", "最后一天"), ("截止日期", "最晚哪天"),
    ("联系电话", "打哪个电话"), ("联系人", "找谁"), ("补助", "补钱"), ("补贴", "给的钱"), ("奖励", "奖"),
    ("提交", "交"), ("材料", "资料"), ("纸质", "打印的"), ("企业", "公司"), ("企业", "厂子"), ("单位", "公司"),
    ("什么时候", "啥时候"), ("什么时候", "几时"), ("什么", "啥"), ("怎么", "咋"), ("如何", "怎么"), ("是否", "是不是"),
    ("可以", "能"), ("能否", "能不能"), ("多少", "几"), ("哪里", "哪儿"), ("哪个部门", "归谁"), ("审核", "审"),
    ("条件", "要求"), ("注册", "登记"), ("加盖公章", "盖章"), ("电子邮箱", "邮箱"), ("网址", "网站"), ("营业收入", "营收"),
    ("工作日", "天"), ("有效期", "管几年"), ("认定", "评"), ("推荐", "推"), ("最高", "顶天"), ("不超过", "最多"),
    ("不少于", "至少"), ("需要", "要"), ("没有", "没"), ("员工", "职工"), ("费用", "钱"), ("办理", "办"), ("地址", "在哪"),
)  # fmt: skip
"""(word of an office, word of the street)"""
TYPO, SCRIPT, KEYWORDS, NUMERALS, STREET, AROUND = 0.14, 0.08, 0.08, 0.1, 0.22, 0.14
"""Chance of each change; several can meet in one question."""


class Rewording:
    """Rewords by the characters of the `texts`: a typo is a character of theirs that sounds the same."""

    def __init__(self, texts: Iterable[str], chance: random.Random) -> None:
        self._chance = chance
        self._alike = _homophones(texts)
        self._traditional = opencc.OpenCC("s2t")

    def __call__(self, question: str) -> str:
        """The question, changed in some ways or in none (about one time in two)."""
        ways: tuple[tuple[float, Callable[[str], str]], ...] = (
            (STREET, self.street), (NUMERALS, self.numerals), (KEYWORDS, self.keywords),
            (TYPO, self.typo), (AROUND, self.around), (SCRIPT, self._traditional.convert),
        )  # fmt: skip
        for share, way in ways:
            if self._chance.random() < share:
                question = way(question)
        return question

    def typo(self, question: str) -> str:
        """A character, and one more for every sixteen, for another of the same sound."""
        places = [at for at, c in enumerate(question) if self._alike.get(c)]
        letters = list(question)
        for at in self._chance.sample(places, min(len(places), 1 + len(question) // 16)):
            letters[at] = self._chance.choice(self._alike[letters[at]])
        return "".join(letters)

    def keywords(self, question: str) -> str:
        """Without the words that only make it a sentence."""
        short = " ".join(re.sub(r"[，。？?！、；]", " ", EMPTY.sub(" ", question)).split())
        return short if len(short) >= 4 else question

    def numerals(self, question: str) -> str:
        """2026年 -> 二〇二六年, 3份 -> 三份."""
        question = re.sub(r"\d{4}(?=年)", lambda m: "".join(DIGITS[c] for c in m[0]), question)
        return re.sub(r"(?<![\d.])(?:10|[1-9])(?![\d.%])", lambda m: SMALL[m[0]], question)

    def street(self, question: str) -> str:
        """An office's word for one of the street."""
        possible = [(office, people) for office, people in PAIRS if office in question]
        for office, people in self._chance.sample(possible, min(len(possible), 2)):
            question = question.replace(office, people, 1)
        return question

    def around(self, question: str) -> str:
        """With the courtesies and noises of a chat."""
        if self._chance.random() < 0.5:
            return self._chance.choice(BEFORE) + question
        return question.rstrip("？?。") + self._chance.choice(AFTER)


def _homophones(texts: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Character -> others of the same syllable, each as often as its rank in use suggests (the commonest five)."""
    counts = Counter(c for text in texts for c in text if "\u4e00" <= c <= "\u9fff")
    by_sound: dict[str, list[str]] = defaultdict(list)
    for character, _ in counts.most_common(2500):
        by_sound[pypinyin.lazy_pinyin(character)[0]].append(character)
    return {c: [other for other in same[:6] if other != c] for same in by_sound.values() for c in same}
