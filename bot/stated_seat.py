"""(Question that states where somebody is registered, clause) -> whether that lies where the clause has it."""

from __future__ import annotations

import re

from bot.chunking import sentences
from bot.datamodels import Chunk
from bot.desk import Desk
from bot.outcomes import Outcome
from bot.places import PLACES, lies_within, places_named
from bot.stated_cases import tells_only

_REQUIRED = re.compile(
    rf"(?:在|于)(?P<where>(?:{PLACES}(?:省|自治区|市)?)+|[本我全][省市])(?:行政区域|境|辖区|区域|范围)?(?:内|范围内)?(?:依法|工商)?(?:登记)?(?:注册|登记|设立)"
)
_STATED = re.compile(
    rf"在?({PLACES})(?:省|自治区|市)?(?:那边|这边)?(?:注册|登记|的?(?:企业|公司))|(?:注册|登记)(?:地址?)?(?:是|在|于)*({PLACES})(?:省|市)?(?![\u4e00-\u9fff]{{1,4}}[区县])|"
    r"(外省|省外)(?:注册|登记|的?(?:企业|公司)|的(?=[能可行]))"
)
_THE_NOTICE_OF = re.compile(rf"(?:报|申请?|参加|享受){PLACES}(?:省|市)?的?")
_SEVERAL_SEATS = re.compile(r"分公司|分支|分厂|子公司|总部|母公司|集团|迁|搬|外|不在|没在")
_ASIDE = re.compile(r"[（(][^（）()]*[)）]")
"""In brackets: an exception there is one to the words before it, `独立法人资格（……允许分支机构申报）`."""
_WIDENED = re.compile(r"除外|例外|但|放宽|不限|或|以外|允许|可以")


def seat_outcome(desk: Desk, clause: Chunk) -> Outcome | None:
    """How the province or prefecture comes out in which somebody is registered; None where that stays open."""
    said = (clause.text[begin:end] for begin, end in sentences(clause.text))
    sentence = next((each for each in said if _REQUIRED.search(each)), "")
    words = _THE_NOTICE_OF.sub("", desk.question.normalised)
    required, stated = _REQUIRED.search(sentence), list(_STATED.finditer(words))
    if required is None or len(stated) != 1:
        return None
    of_the_seat = _ASIDE.sub(lambda aside: aside[0] if aside.start() == required.end() else "", sentence)
    if _WIDENED.search(of_the_seat):
        return None
    areas = places_named(required["where"]) or places_named(desk.notice.region)
    seat = next(part for part in stated[0].groups() if part)
    outside = seat in {"外省", "省外"}
    several = _SEVERAL_SEATS.search(words.replace(seat, "") if outside else words)
    if not areas or several or len(places_named(words)) > 1:
        return None
    if not all(lies_within(areas[-1], place) for place in places_named(sentence)):
        return None
    lies = False if outside else lies_within(seat, areas[-1])
    if lies is None or (lies and not tells_only(words.replace(seat, " "), sentence)):
        return None
    return Outcome(lies, required.group(), seat)
