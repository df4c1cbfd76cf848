"""Date facts and the day of asking -> which dates are deadlines, and where they stand."""

from __future__ import annotations

import re
from calendar import IllegalMonthError, monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.datamodels import Fact, FactKind, Notice
from bot.workdays import next_workday, workdays_after

_BEFORE = re.compile(
    r"^\s*(?:（[^（）]{0,12}）|\([^()]{0,12}\))?\s*(?:\d{1,2}[:：]\d{2}|\d{1,2}[时点](?:\d{1,2}分)?)?\s*(?:（含[^）]*）|\(含[^)]*\))?\s*(?:之?前|以前|前后|止|为止|截止|截至|(?:申报|填报)?(?:系统|平台|通道|入口|端口)?(?:将|会)?(?:准时|自动|正式)?(?:关闭|停止|关停)|内)"
)
_UNTIL = re.compile(
    r"(?:截止|截至|至|(?<![报收达送])到|止于|期限为|期限|不晚于|最迟|最晚)[^，。；、]{0,10}$|\d\s*(?:[日号时点分]|:\d\d)[^，。；、\d]{0,8}[-—－–～~]{1,2}\s*$"
)
_START = re.compile(
    r"^\s*(?:[（(][^（）()]{0,12}[）)])?\s*(?:\d{1,2}[:：]\d{2})?\s*(?:起|开始|开放|启动|以后|之后|后|(?:至|到|[-—–～~]{1,2})\s*(?:次|当|翌|[\d一二三四五六七八九十]))"
)
_CLOSES_AFTER = re.compile(r"^\s*(?:之|以)?后[^，。；]{0,6}(?:关闭|停止|截止|不再受理)")
_REPLACED = re.compile(
    r"^\s*(?:之?前|止)?[”\"]?\s*(?:统一|均)?(?:延长?|顺延|推迟|提前|调整|变更|改|放宽|修改)(?:至|到|为)"
)
_SUBMISSION = re.compile(
    r"申报|报送|提交|填报|登[录陆]|补[传交报]|推荐|报名|申请|上报|寄|报至|送至|缴纳|登记|受理|填写|上传|完成|初审|审核|汇总|办理|征集|投稿|确认|注册"
)
_PERIOD = re.compile(
    r"服务期|有效期|实施期|执行期|建设期|所属期|施行|统计(?:期|时间)|会计年度|成立|出生|注册时间|公示期"
)
_SINCE_ISSUE = re.compile(
    r"(?:^|[自从于在应须请，。；：:（(\s])(?P<own>本?(?:通知|公告|通告|公示|办法|细则|规定|意见|方案|指南|文件|文))?"
    r"(?:印发|发布|公布|下发|发出|发文|公告|刊发)(?:之?日|当日)?(?:起|后|之后|以后)[，,]?(?:的)?\s*$"
)
"""Before a length of time: it runs from the day on which the notice itself was issued."""
_ISSUED_OTHERWISE = re.compile(r"名单|结果|公示|认定|立项|榜单|成绩|目录|入围|入选|评审|中标|批复|证书")
"""Before such words without their own subject: it may be something else that is issued."""
_MADE_PUBLIC = re.compile(r"(?:发布|公布|公告)(?:后|之后|以后)[，,]?(?:的)?\s*$")
"""Without a subject, `公布后` is said of results; a notice counts from `公布之日起` or from being 印发."""
_OTHER_ACT = re.compile(
    r"缴费|缴纳|交费|付费|退费|反馈|[初复会]审|审[核查]|复核|评审|核查|打印|准考证|公示|公布|异议|笔试|面试|体检|答辩|领取|发放|拨付|兑付|到账|打款|下[发达]|发[了没钱证布]|拨款|账号|验收|补正|整改|签约|签订"
    r"|(?:钱|款|资金|补[贴助]|奖金|奖[励补]).{0,8}?(?:到(?![底期哪几什\d])|拨|下来|打过?来|打给|发(?!票))"
)
"""What is done at another stage than handing in."""
_HANDING_IN = re.compile(
    r"申报|报名|报送|提交|填报|申请|推荐|上报|递交|寄|送(?:[至达交所我]|[市省县区])|报(?:[至所我]|[市省县区])|交[至到]|上传|投稿|征集|登记"
)
_PAPER = re.compile(
    r"纸|胶装|装订|打印|本子|寄|快递|邮政|送(?:[至达交到所]|[市省县区])|by (?:post|mail)|paper|cop(?:y|ies)"
)
_ONLINE = re.compile(r"网上|线上|在线|系统|平台|登[录陆]|小程序|公众号|online|website")
_RUNS = re.compile(
    rf"(?:后|之日起|之日)[^，。；,;]{{0,8}}?[\d一二三四五六七八九十]+个?(?:工作日|自然日|日|天|周|月)(?:以|之)?内(?!不)(?:[^，。；,;不]{{0,12}}?(?:{_HANDING_IN.pattern})|[，,]?[且并但]?(?:最迟|最晚|不得?晚于))"
)
_HOUR_BEHIND = re.compile(
    r"^[^，,。；;]{0,4}(?:上午|下午|晚|中午|下班|\d{1,2}\s*[:：时点]|[一二三四五六七八九十]+[时点])"
)
_BATCH = re.compile(r"第[一二三四五六七八九十]批")
_UNITS = frozenset({"工作日", "日", "天", "自然日", "日历天", "周", "月"})
LONGEST = 1_000
"""A larger number is misread."""
_WITHIN = re.compile(r"^\s*(?:以内|之内|内|[，。；、,;）)]|$)")


def is_deadline(fact: Fact, text: str, offset: int) -> bool:
    """True where a date is one to act by. `text` is the clause, `offset` its place in the document."""
    if fact.kind is not FactKind.DATE:
        return False
    before, after = text[: fact.start - offset], text[fact.end - offset :]
    if is_replaced(fact, text, offset):
        return False
    if _CLOSES_AFTER.match(after):
        return True
    if _START.match(after):
        return False
    return bool(_BEFORE.match(after) or _UNTIL.search(before))


def is_replaced(fact: Fact, text: str, offset: int) -> bool:
    """True for a value in whose place the clause puts another: `由6月17日延至6月27日`."""
    return bool(_REPLACED.match(text[fact.end - offset :]))


def is_submission(fact: Fact, sentence: str) -> bool:
    """True where the date is for handing something in, not the end of a period or a condition."""
    return bool(_SUBMISSION.search(fact.act or sentence)) and not _PERIOD.search(sentence)


def is_open_date(fact: Fact, notice: Notice) -> bool:
    """False for a date before the notice was issued: that is a condition or history, nothing to be late for."""
    day = day_of(fact.value)
    return day is None or notice.issued_on is None or day >= notice.issued_on


def is_start(fact: Fact, text: str, offset: int) -> bool:
    """True where a date is one from which on to act: `4月7日起`, the first of `4月7日至30日`."""
    return fact.kind is FactKind.DATE and bool(_START.match(text[fact.end - offset :]))


def opens_on(fact: Fact, facts: Sequence[Fact], text: str, offset: int) -> date:
    """The first day on which to act where a clause names one before the last, `fact`; else the first of all days."""
    starts = [f for f in facts if f.start < fact.start and is_start(f, text, offset)]
    return (day_of(starts[-1].value) if starts else None) or date.min


def closing_hour(fact: Fact, text: str, offset: int) -> str:
    """Until when on the last day, `17:30`; empty where no hour is stated, `?` where it is not understood."""
    hour, after = fact.value.partition("T")[2], text[fact.end - offset :]
    if re.match(r"\s*(?:至|到|[-—－–～~]+)\s*\d{1,2}[:：时点]", after):
        return "?"
    return hour or ("?" if _HOUR_BEHIND.match(after) else "")


def with_hour(fact: Fact, facts: Sequence[Fact], text: str, offset: int) -> Fact:
    """A deadline with the closing hour that its clause states of the same day elsewhere: `系统于6月26日18时关闭`."""
    if "T" in fact.value:
        return fact
    for other in facts:
        if other.value.startswith(f"{fact.value}T") and is_deadline(other, text, offset):
            return replace(fact, value=other.value)
    return fact


def runs_from_event(clause: str) -> bool:
    """True for `展会闭幕后60日内提交，不晚于1月10日`: time can be over before the date."""
    return bool(_RUNS.search(clause))


def names_act(words: str) -> bool:
    return bool(_OTHER_ACT.search(words) or _HANDING_IN.search(words))


def names_other_act(words: str) -> bool:
    """True for words of another stage than handing in: `补助什么时候到账`."""
    return bool(_OTHER_ACT.search(words))


def is_of_another_act(words: str, about: str) -> bool:
    """True where a date is for another stage than the question, or for paper where that is about the web: `about` are its
    words in the clause (`缴费时间为`)."""
    media = (_PAPER, _ONLINE), (_ONLINE, _PAPER)
    if any(
        own.search(words) and not other.search(words) and other.search(about) and not own.search(about)
        for own, other in media
    ):
        return True
    asked, stated = set(_OTHER_ACT.findall(words)), set(_OTHER_ACT.findall(about))
    return not asked & stated if asked else bool(stated) and not _HANDING_IN.search(about)


def batch_of(fact: Fact, text: str, offset: int) -> str:
    """The batch named last before a date: `第二批`; empty where none is."""
    named = _BATCH.findall(text[: fact.start - offset])
    return named[-1] if named else ""


def computed_deadline(fact: Fact, text: str, offset: int, notice: Notice) -> date | None:
    """The last day of a length of time that runs from the notice's own issue: `印发之日起20个工作日内`.

    `text` is the clause, `offset` its place in the document. None where it runs from another day (收到通知后,
    名单公布之日起), where the day of issue is not known, or where the holidays of a year are not.

    The day of issue is not counted. Workdays are those of the public holiday calendar. Of days and months the
    last day, where it is a day off, moves to the next workday; a month ends on the day of the same number, or
    on its last. 民法典第二百零一条：开始的当日不计入；第二百零二条：到期月的对应日，没有对应日的为月末日；
    第二百零三条：最后一日是法定休假日的，以法定休假日结束的次日为最后一日；行政许可法第八十二条：以工作日
    计算的期限不含法定节假日。
    """
    if notice.issued_on is None or not runs_from_issue(fact, text, offset, notice):
        return None
    number, _, unit = fact.value.partition(" ")
    return _last_day(notice.issued_on, int(number), unit)


def runs_from_issue(fact: Fact, text: str, offset: int, notice: Notice) -> bool:
    """True for a length of time that can be reckoned from the notice's own, known day of issue.

    Where `computed_deadline` then gives None, the holidays of a year are not known.
    """
    number, _, unit = fact.value.partition(" ")
    if fact.kind is not FactKind.DURATION or notice.issued_on is None or not number.isdecimal():
        return False
    if unit not in _UNITS or not 0 < int(number) < LONGEST:
        return False
    before, after = text[: fact.start - offset], text[fact.end - offset :]
    sentence = re.split(r"[。；\n]", before)[-1]
    since = _SINCE_ISSUE.search(sentence)
    if since is None or not _WITHIN.match(after):
        return False
    return bool(since["own"]) or not (_ISSUED_OTHERWISE.search(sentence) or _MADE_PUBLIC.search(sentence))


def _last_day(start: date, count: int, unit: str) -> date | None:
    match unit:
        case "工作日":
            return workdays_after(start, count)
        case "日" | "天" | "自然日" | "日历天":
            return next_workday(start + timedelta(days=count))
        case "周":
            return next_workday(start + timedelta(weeks=count))
        case "月":
            year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
            last = monthrange(year, month + 1)[1]
            return next_workday(date(year, month + 1, min(start.day, last)))
    return None


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
    """Where a deadline stands: `已截止，逾期 730 天`, `今天截止`, `今天 17:30 截止`, `还剩 12 天`; empty where it recurs."""
    day = day_of(value)
    if day is None:
        return ""
    left = (day - today).days
    if left < 0:
        return f"已截止，逾期 {-left} 天"
    hour = value.partition("T")[2]
    return (f"今天 {hour} 截止" if hour else "今天截止") if left == 0 else f"还剩 {left} 天"
