"""Date facts and the day of asking -> which dates are deadlines, and where they stand."""

from __future__ import annotations

import re
from calendar import IllegalMonthError, monthrange
from datetime import date

from bot.datamodels import Fact, FactKind, Notice

_BEFORE = re.compile(
    r"^\s*(?:（[^（）]{0,12}）|\([^()]{0,12}\))?\s*(?:\d{1,2}[:：]\d{2}|\d{1,2}[时点](?:\d{1,2}分)?)?\s*(?:（含[^）]*）|\(含[^)]*\))?\s*(?:之?前|以前|前后|止|为止|截止|截至|内)"
)
_UNTIL = re.compile(r"(?:截止|截至|至|到|止于|期限为|期限|不晚于|最迟|最晚)[^，。；]{0,10}$")
_START = re.compile(r"^\s*(?:\d{1,2}[:：]\d{2})?\s*(?:起|开始|开放|启动|以后|之后|后)")
_SUBMISSION = re.compile(
    r"申报|报送|提交|填报|推荐|报名|申请|上报|寄|报至|送至|缴纳|登记|受理|填写|上传|完成|初审|审核|汇总|办理|征集|投稿|确认|注册"
)
_PERIOD = re.compile(
    r"服务期|有效期|实施期|执行期|建设期|所属期|施行|统计(?:期|时间)|会计年度|成立|出生|注册时间|公示期"
)


def is_deadline(fact: Fact, text: str, offset: int) -> bool:
    """True where a date is one to act by. `text` is the clause, `offset` its place in the document."""
    if fact.kind is not FactKind.DATE:
        return False
    before, after = text[: fact.start - offset], text[fact.end - offset :]
    if _START.match(after):
        return False
    return bool(_BEFORE.match(after) or _UNTIL.search(before))


def is_submission(fact: Fact, sentence: str) -> bool:
    """True where the date is for handing something in, not the end of a period or a condition."""
    return bool(_SUBMISSION.search(fact.act or sentence)) and not _PERIOD.search(sentence)


def is_open_date(fact: Fact, notice: Notice) -> bool:
    """False for a date before the notice was issued: that is a condition or history, nothing to be late for."""
    day = day_of(fact.value)
    return day is None or notice.issued_on is None or day >= notice.issued_on


def suffix_after(text: str, end: int) -> str:
    """The words that belong to a date after it: `前`, `17:00前`, `（含）以前`, `止`; empty where there are none."""
    match = _BEFORE.match(text[end:])
    return match.group() if match else ""


def day_of(value: str) -> date | None:
    """The day of a normalised date; the last day of a month that has no day; None where it recurs."""
    match = re.match(r"(\d{4})-(\d{2})(?:-(\d{2}))?", value)
    if not match:
        return None
    year, month, day = int(match[1]), int(match[2]), match[3]
    try:
        if day:
            return date(year, month, int(day))
        return date(year, month, monthrange(year, month)[1])
    except (ValueError, IllegalMonthError):
        return None


def state(value: str, today: date) -> str:
    """Where a deadline stands: `已截止，逾期 730 天`, `今天截止`, `还剩 12 天`; empty where it recurs."""
    day = day_of(value)
    if day is None:
        return ""
    left = (day - today).days
    if left < 0:
        return f"已截止，逾期 {-left} 天"
    return "今天截止" if left == 0 else f"还剩 {left} 天"
