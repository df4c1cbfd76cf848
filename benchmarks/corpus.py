"""A few notices -> a folder of as many as wanted: the same notices with other years, places, days, sums and phones.

Deterministic: notice number i depends on the sources, the seed and i, and on nothing else.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.documents import read_parts
from bot.documents.library import list_notice_folders, load_notice

SUFFIXES = (".txt", ".md")
YEARS_BACK, YEARS_ON = 5, 1
PLACES = (
    "北京", "天津", "河北", "山西", "辽宁", "吉林", "上海", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南",
    "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "宁夏", "新疆",
    "长沙", "株洲", "湘潭", "岳阳", "武汉", "宜昌", "合肥", "芜湖", "南京", "苏州", "无锡", "常州", "杭州", "宁波",
    "温州", "福州", "厦门", "泉州", "南昌", "赣州", "济南", "青岛", "烟台", "潍坊", "郑州", "洛阳", "广州", "深圳",
    "佛山", "东莞", "南宁", "柳州", "海口", "成都", "绵阳", "贵阳", "昆明", "西安", "宝鸡", "兰州", "西宁", "银川",
    "大连", "沈阳", "长春", "哈尔滨", "石家庄", "唐山", "沧州", "太原",
)  # fmt: skip
BATCHES = ("", "", "（第一批）", "（第二批）", "（第三批）")
FACTORS = (1, 1, 2, 3, 5)
"""What a sum of money is multiplied by."""

_YEAR = re.compile(r"(?<!\d)20[12]\d(?!\d)")
_WRITTEN_YEAR = re.compile(r"二[〇○零][一二][〇○零一二三四五六七八九]")
_DIGITS = "〇一二三四五六七八九"
_MONTH_DAY = re.compile(r"(?<!\d)(\d{1,2})(月|-)(\d{1,2})(?=日|[^\d-])")
_MONEY = re.compile(r"(\d+)(?=(?:\.0+)?\s*(?:万元|亿元|元))")
_PHONE = re.compile(r"(?<!\d)(0\d{2,3}-)\d{7,8}(?!\d)|(?<!\d)(1[3-9]\d)\d{8}(?!\d)")
_DOC_NUMBER = re.compile(r"(〕\s*(?:第\s*)?)\d{1,4}(?=\s*号)")
_TITLE_END = re.compile(r"(的(?:通知|公告|函|通告|意见|办法))(?=\s*$)", re.MULTILINE)
_PLACE = re.compile("|".join(PLACES))


@dataclass(frozen=True, slots=True)
class SourceNotice:
    id: str
    texts: tuple[tuple[str, str], ...]
    """(file name, repaired text), the main document first."""


def read_sources(folder: Path) -> tuple[SourceNotice, ...]:
    """Every notice of a knowledge folder, read and repaired as the product does."""
    found = []
    for path in list_notice_folders(folder):
        loaded = load_notice(path, folder, read_parts)
        if loaded.notice is not None:
            texts = tuple(
                (f"{Path(d.id).stem}{Path(d.id).suffix if Path(d.id).suffix in SUFFIXES else '.md'}", d.text)
                for d in loaded.documents
            )
            found.append(SourceNotice(path.name, texts))
    return tuple(found)


def make_corpus(sources: Sequence[SourceNotice], count: int, seed: int, folder: Path) -> dict[str, str]:
    """Write `count` notices, made of the sources in turn, into `folder`, which is emptied first.

    Gives the name of each made notice with the id of its source.
    """
    shutil.rmtree(folder, ignore_errors=True)
    made = {}
    for number in range(count):
        source = sources[number % len(sources)]
        change = variation(random.Random(f"{seed}:{number}"))
        name = f"{number:05d}-{source.id}"
        (folder / name).mkdir(parents=True)
        for position, (file, text) in enumerate(source.texts):
            (folder / name / file).write_text(change(text, position == 0), "utf-8")
        made[name] = source.id
    return made


def variation(rng: random.Random) -> Callable[[str, bool], str]:
    """A change of texts: the same for all documents of a notice; the flag says whether it is the main one."""
    years = rng.randint(-YEARS_BACK, YEARS_ON)
    days = timedelta(rng.randint(-60, 60))
    factor = rng.choice(FACTORS)
    batch = rng.choice(BATCHES)
    places = dict(zip(PLACES, rng.sample(PLACES, len(PLACES)), strict=True))
    doc_number = str(rng.randint(1, 600))
    phone_seed = rng.random()

    def change(text: str, is_main: bool) -> str:
        digits = random.Random(phone_seed)
        text = _DOC_NUMBER.sub(lambda m: m[1] + doc_number, text)
        text = _YEAR.sub(lambda m: str(int(m[0]) + years), text)
        text = _WRITTEN_YEAR.sub(lambda m: _written(_value(m[0]) + years), text)
        text = _MONTH_DAY.sub(lambda m: _moved(m, days), text)
        text = _MONEY.sub(lambda m: str(int(m[1]) * factor), text)
        text = _PHONE.sub(lambda m: (m[1] or m[2]) + f"{digits.randrange(10**7, 10**8)}", text)
        text = _PLACE.sub(lambda m: places[m[0]], text)
        return _TITLE_END.sub(lambda m: m[1] + batch, text, count=1) if is_main else text

    return change


def _value(written: str) -> int:
    return int("".join(str(_DIGITS.index("〇" if c in "○零" else c)) for c in written))


def _written(year: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(year))


def _moved(match: re.Match[str], days: timedelta) -> str:
    """Month and day some days on; what is no date stays."""
    try:
        day = date(2025, int(match[1]), int(match[3])) + days
    except ValueError:
        return match[0]
    return f"{day.month}月{day.day}" if match[2] == "月" else f"{day.month:02d}-{day.day:02d}"
