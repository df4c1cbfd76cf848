"""A clause or a table row with its facts -> the days by which it asks somebody to act, with who and what.

Left out is what only looks like it: ends of validity, of periods and of publication, days of events and of payment,
conditions (`6月30日前完成备案的机构`) and days as of which something is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.actors import clause_actor
from bot.datamodels import Chunk, ChunkKind, Fact, FactKind, Notice
from bot.deadlines import computed_deadline, day_of, is_deadline, is_open_date, runs_from_issue, suffix_after
from bot.messages import LEFT_OUT
from bot.numbering import bare_heading, number_end

LONGEST_ACT = 40
"""Characters of what must be done by a date; of a longer list the first things are told."""


@dataclass(frozen=True, slots=True)
class DueDate:
    """A day to act by, and the words that give it."""

    fact: Fact
    """A date as written; a length of time where the day is computed."""
    value: str
    """`2026-12-01` or `2026-12-01T17:00`; empty where it cannot be computed: no holidays are known for that year."""
    actor: str
    act: str

    @property
    def computed(self) -> bool:
        """True where the day is reckoned from the day of issue, not written."""
        return self.fact.kind is FactKind.DURATION


def due_dates(chunk: Chunk, facts: Sequence[Fact], notice: Notice) -> tuple[DueDate, ...]:
    """The days of one chunk, in reading order. `notice` is that of the document: its day of issue counts."""
    if chunk.kind in {ChunkKind.TITLE, ChunkKind.CLOSING, ChunkKind.HEADER}:
        return ()
    if chunk.kind is ChunkKind.ROW or chunk.text.startswith("|"):
        return tuple(_in_row(chunk, facts, notice))
    return tuple(_in_clause(chunk, facts, notice))


# ---------------------------------------------------------------- clauses

_STOPS = "。；;\n"
_TASK = re.compile(
    r"申报|报送|提交|填报|推荐|报名|申请|上报|寄送|报至|送至|送达|送交|递交|缴纳|缴费|补缴|登记|受理|填写|上传|完成|初审|初核|审核|汇总|办理|征集"
    r"|投稿|确认|注册|补正|补齐|补传|改报|核验|复核|核对|预约|年审|返回|修改|签订|签约|打印|下载|获取|发至|发送|转账|汇入|开放时间|调剂"
)
_HANDING_IN = re.compile(r"提交|报送|上报|递交|寄|送|上传|填报|申请|申报|报名|发至|备案|答复")
"""What may be asked for even among conditions."""
_PROCESS = re.compile(
    r"程序|流程|步骤|时间安排|工作安排|进度|申报|报名|受理|填报|推荐|缴费|报送|办理时间|组织实施|揭榜"
)
_CONDITIONS = re.compile(r"条件|资格$|对象|适用范围|参赛项目要求|项目要求$")
_PERIOD = re.compile(
    r"有效期|施行|生效|失效|执行至|执行期|实施期|服务期|考核期|建设期|改造期内|享受期|合同期|所属期|周期|学习时间|会计年度"
    r"|统计(?:期|时间)|年限|计算|时点|基准日|放假|节假日|免征|暂免|减半收取"
)
_OF_THE_DATE = re.compile(
    r"出生|成立|竣工|完工|投产|开工|注册时间|公示期|承诺|次年|翌年|来年|每年|业绩[^，]{0,8}截止|执行|结转"
)
"""Right before a date: it is no day to act by, or its year is not the one written."""
_ANOTHER_DATE = re.compile(r"延[长至]|\d\s*月\s*\d+\s*日")
"""In what stands behind a date: it is of the next one."""
_EXTENDED = re.compile(r"(?:延长?|顺延|推迟|放宽)(?:至|到)$")
_EVENT = re.compile(
    r"公示|公布|发布|公告|反馈(?:形式审查|评审|审查)?结果|发文|(?:补助|补贴|奖补|奖励)资金[^，]{0,4}(?:转入|划入)|举行|举办|召开|停诊|停[水电气供]|拨付|发放|下达资金|下达|发出|(?:书面|短信)通知|资金下达|开幕|考察"
)
_EVENT_LABEL = re.compile(r"公示|公布|发布|停诊|展期|拨付|资金下达|查询")
_DAYS_OF_EVENT = re.compile(r"决赛|复赛|答辩|评审$|培训|会议|笔试|面试|复试(?!费)|年会")
"""Of a range: the days on which it takes place."""
_CASE = re.compile(
    r"(?!将|把|向|提交|报送|上传|填写|寄|送|登录|通过)[^，。；]{0,20}的"
    r"(?:$|，|可|[^，。；]{0,14}(?:企业|项目|单位|机构|证书|除外|人员|产品|工作通知|通知如下))"
)
"""`完成备案的养老机构`, `书面退会的，`: the date describes whom the rule is for."""
_NO_ACT = re.compile(
    r"^(?:尚未|未|已|不|无|为\d|之间|期间完工|取得|到期|起|参保率|停|午|开工|启动|除外|不含)|达到\s*\d|率应?达到|取得$"
)
_REMARK = re.compile(
    r"^(?:逾期|→|但|超时|系统|网址|地点|国庆|工作日|每?周|每天|持续|具体|错过|为|前$|期间$|以.{0,12}为准|其中|结果|只?收|不|\d|第.批|乙类|甲类)"
)
"""After a date, words that say nothing of what is to be done by it."""
_BARE_TIME = re.compile(r"(?:起止|办理|具体)?(?:时间|日期|期限)")
"""A label that leaves it to the heading to say what the time is for: `三、获取采购文件` / `时间：11月20日至26日`."""
_STEP = re.compile(r"第[一二三四五六七八九\d]+步[：:\s]*")
_ASIDE = re.compile(r"[（(][^（）()]{6,}[）)]|https?://[\w./:?=&-]+")
_OFFICE = re.compile(
    r"^[\u4e00-\u9fff（）()、]{1,14}(?:区|县|市|州|镇|街|街道|家长|考生|秘书处|省厅|各地|工作站|科协|残联|医院|学院|高校|镇街|导师)$"
)
"""Who acts, though no word of it says so to `clause_actor`."""
_NAMED_OFFICE = re.compile(r"局|部门|单位|企业|权人|协会|高校")
_NO_ACTOR = re.compile(r"的$|或者$|^收到|开始前|^递交人$|^要求")
_PART_ONLY = re.compile(r"^(?:第.{1,2}批|.{0,6}批次|.{2,8}(?:补助|补贴|奖励))$")
_TAIL = re.compile(
    r"(?:不超过|不晚于|最迟|最晚|起止|截止|截至|可?延长?|系统|开放|自|时间|时限|日期|期限|于|在|为|是|至|到|应当?|须|需|可以?|务必|统一|[：:（(\s])+$"
)
"""Before a date: what joins it to what is to be done."""
_SHORT_VERB = re.compile(r"^(?:完成|报送|提交|前|返回|受理|办理|送交|寄出|上报)$")


def _in_clause(chunk: Chunk, facts: Sequence[Fact], notice: Notice) -> Iterator[DueDate]:
    for fact in facts:
        around = _around(chunk, fact)
        if fact.kind is FactKind.DURATION:
            if runs_from_issue(fact, chunk.text, chunk.start, notice) and _is_asked(around, chunk, fact):
                day = computed_deadline(fact, chunk.text, chunk.start, notice)
                yield DueDate(fact, day.isoformat() if day else "", *_who_what(around, chunk, fact))
        elif (
            is_deadline(fact, chunk.text, chunk.start)
            and day_of(fact.value)
            and is_open_date(fact, notice)
            and _is_asked(around, chunk, fact)
        ):
            yield DueDate(fact, fact.value, *_who_what(around, chunk, fact))


@dataclass(frozen=True, slots=True)
class _Around:
    """The words about a date."""

    before: str
    """From the last stop, without the clause's number."""
    lead: str
    """From the last comma, to the first date of a range."""
    suffix: str
    """`前`, `止`; empty behind a range."""
    act: str
    """Behind the suffix, to the next comma or stop."""
    after: str
    """Behind the date, to the next stop."""
    label: str
    """`网上报名` of `1.网上报名：4月21日至5月12日`, `年审` of `（一）年审。3月3日至6月30日。`"""


def _around(chunk: Chunk, fact: Fact) -> _Around:
    text, at, end = chunk.text, fact.start - chunk.start, fact.end - chunk.start
    first = number_end(text)
    begin = max(first, *(text.rfind(stop, first, at) + 1 for stop in _STOPS)) if at > first else at
    last = min((found for stop in _STOPS if (found := text.find(stop, end)) >= 0), default=len(text))
    before, after = text[begin:at], text[end:last]
    suffix = suffix_after(text, end).strip()
    rest = after.strip()[len(suffix) :] if suffix and after.strip().startswith(suffix) else after
    rest = re.sub(r"^[（(][^（）()]*[）)]", "", rest.lstrip("）)期间 "))
    act = re.match(r"[，,]?([^，,。；;]*)", rest)
    step = _STEP.match(text[first:])
    label = re.match(
        r"[^。；，：:(（→\d]{2,16}(?=[。：:(（\s\u3000])", text[first + (step.end() if step else 0) :]
    )
    lead = re.split(r"[，,→]", _ASIDE.sub("", before))[-1]
    lead = re.split(r"自?(?:\d|[一二三四五六七八九十]+月|即日)", lead)[0]
    return _Around(
        before,
        lead,
        suffix,
        act.group(1).strip() if act else "",
        after,
        label.group() if label else "",
    )


def _is_asked(around: _Around, chunk: Chunk, fact: Fact) -> bool:
    """Whether somebody is asked to act by the day."""
    act, label = around.act, around.label
    if _EXTENDED.search(around.before) or re.search("关闭|停止|关停", around.suffix):
        return True
    if re.match(r"\s*(?:期间|之间)", around.after) and not _HANDING_IN.search(act):
        return False
    headings = [re.sub(r"^#*\s*", "", heading) for heading in chunk.heading_path]
    if _PERIOD.search(around.before) and not _HANDING_IN.search(act):
        return False
    if _OF_THE_DATE.search(around.before[-14:]) or _NO_ACT.search(act) or _CASE.match(act):
        return False
    if re.search(r"(?:^|[，,])截[至止]$", around.before) and re.match(r"\s*[，,]", around.after):
        return False  # 截至某日，…：counted as of it
    told = "" if _REMARK.match(act) else re.sub(r"《[^《》]*》", "", act)
    if _EVENT.search(told[:18]) and not act.startswith("完成"):
        return False
    by_then = around.suffix.endswith(("前", "内")) or fact.kind is FactKind.DURATION
    lead = re.sub(r"^.*后[于在]?\s*$", "", around.lead)  # 公示无异议后于：what has gone before
    about = f"{lead} {label if around.before.startswith(label) else ''}"
    if _EVENT_LABEL.search(about) or (not by_then and _DAYS_OF_EVENT.search(about)):
        return False
    if _CONDITIONS.search(" ".join((*headings[-1:], label))) and not _HANDING_IN.search(act or around.lead):
        return False
    if by_then or _TASK.search(f"{act} {around.before} {label}") or re.search(r"截[止至]", around.lead):
        return True
    heads = "|".join((_PROCESS.pattern, _TASK.pattern)) if _BARE_TIME.fullmatch(label) else _PROCESS.pattern
    return bool(headings and re.search(heads, headings[-1]))


def _who_what(around: _Around, chunk: Chunk, fact: Fact) -> tuple[str, str]:
    """(actor, act), as the words about the date name them; else as the fact has them."""
    lead = re.split(r"[：:]", _TAIL.sub("", around.lead).strip("：:（(” "))[-1]
    lead = re.sub(r"^(?:请|并|其中|其)|(?:由|由原.{2,8}的)$", "", lead)
    own = "" if _NO_ACTOR.search(fact.actor) else fact.actor
    actor = (
        lead if _OFFICE.match(lead) else clause_actor(f"{lead}于") or own or clause_actor(f"{around.label}于")
    )
    act = around.act
    if act.count("（") > act.count("）") or act.count("(") > act.count(")"):
        act = re.split(r"[（(]", act)[0]
    if _REMARK.match(act) or _ANOTHER_DATE.search(act) or re.fullmatch(r"[^\u4e00-\u9fff]*", act):
        act = ""
    if not act or _SHORT_VERB.match(act):
        told = lead if lead and lead != actor else around.label if around.label != actor else ""
        if _PART_ONLY.match(told):
            about = (
                around.label
                if around.label not in {told, ""}
                else bare_heading("".join(chunk.heading_path[-1:]))
            )
            told = f"{about}：{told}" if about else told
        if _NAMED_OFFICE.search(told):
            return actor if actor and actor not in told else "", _joined(told, act)
        act = _joined(told, act)
    actor = re.sub(r"^(?:[一二三四五六七八九十\d]{1,2}[)）、]|在(?![校职岗读])|由)", "", actor)
    return actor, shortened_act(act.strip("，, "))


def shortened_act(act: str) -> str:
    """An act of bearable length, cut between the things of a list and never within an address."""
    if len(act) <= LONGEST_ACT:
        return act
    kept = act[:LONGEST_ACT]
    if re.match(r"[!-~]{2}", act[LONGEST_ACT - 1 :]):
        kept = re.sub(r"(?:发送?至|[报寄送]至|至|登[录陆])?[!-~]+$", "", kept)
    return (kept.rpartition("、")[0] or kept) + LEFT_OUT


def without_asides(act: str) -> str:
    """`提交申请表（附件1）` -> `提交申请表`."""
    return re.sub(r"[（(][^（）()]*[）)]", "", act)


def _joined(told: str, act: str) -> str:
    return shortened_act(told if told.endswith(act) else f"{told}{act if act != '前' else ''}")


# ---------------------------------------------------------------- rows

_DUE_COLUMN = re.compile(
    r"截止|时限|关网|关闭时间|(?:报送|提交|申报|报名|推荐|填报|缴费|上报|完成)(?:时间|日期|期限)"
)
_NOT_A_DUE_COLUMN = re.compile(r"有效|公示|进场|开网|开始|实施|贷款|展期|施工")
_TIME_COLUMN = re.compile(
    r"^(?:时间|日期|工作时间|办理时间|起止时间|起止日期|时间安排|时间节点|时间要求|进度安排|进度)"
)
_ACTOR_COLUMN = re.compile(r"责任|主体|承担|单位$|部门$|实施方|^谁")
_NOT_A_TASK = re.compile(
    r"公示|发布|公布|答疑会|开启|评审|发放|查询|开幕|报到|会议|搭建|考察|下达|拨付|布展|培训|举行|停"
)
_ROW_TASK = re.compile(
    _TASK.pattern + r"|体检|核算|比对|整改|自评|自查|验收|答疑截止|审查|评价|评估|编制|选报|初选"
)
_COLUMN_WORDS = re.compile(r"(?:截止)?(?:时间|日期|时限|期限)?(?:要求|安排)?(?:[（(][^（）()]*[）)])?$")


def _in_row(chunk: Chunk, facts: Sequence[Fact], notice: Notice) -> Iterator[DueDate]:
    cells = _cells(chunk)
    for fact in facts:
        at = next((i for i, (start, end, _) in enumerate(cells) if start <= fact.start < end), None)
        if fact.kind is not FactKind.DATE or at is None or not day_of(fact.value):
            continue
        start, end, _ = cells[at]
        before = chunk.text[start - chunk.start : fact.start - chunk.start]
        after = chunk.text[fact.end - chunk.start : end - chunk.start].strip()
        if not is_open_date(fact, notice) or re.match(r"起|以?后|[（(]?不得早于", after):
            continue
        clock = re.match(r"(?:[-—–～~]+|至|到)\s*([01]?\d|2[0-4])[:：]([0-5]\d)(?!\d)", after)
        if not clock and re.match(r"(?:[-—–～~]+|至|到|起)\s*[\d次]", after):
            continue  # the first day of a range
        due = bool(
            clock
            or suffix_after(after, 0)
            or re.search(r"(?:[-—–～~]+|至|到|止|截止|最迟|最晚)\s*$", before.strip())
        )
        column = chunk.table_header[at] if at < len(chunk.table_header) else ""
        words = [(i, text) for i, (_, _, text) in enumerate(cells) if i != at and _tells(text)]
        found = _of_column(column, words) or _of_task(chunk, column, words, due)
        if found is not None:
            value = f"{fact.value[:10]}T{int(clock[1]):02d}:{clock[2]}" if clock else fact.value
            yield DueDate(fact, value, *found)


def _of_column(column: str, words: Sequence[tuple[int, str]]) -> tuple[str, str] | None:
    """(actor, act) where a column's name says what is to be done: `第一批：企业网上提交`."""
    if not _DUE_COLUMN.search(column) or _NOT_A_DUE_COLUMN.search(column) or _TIME_COLUMN.match(column):
        return None
    act = _COLUMN_WORDS.sub("", column)
    subject = words[0][1] if words else ""
    told = "：".join(part for part in (subject, act or column) if part)
    return clause_actor(f"{act}于"), shortened_act(told)


def _of_task(
    chunk: Chunk, column: str, words: Sequence[tuple[int, str]], due: bool
) -> tuple[str, str] | None:
    """(actor, act) where the row's other cells say what is to be done: `网上填报 | 企业 | 6月26日前`."""
    if column and not (_TIME_COLUMN.match(column) or _DUE_COLUMN.search(column)):
        return None

    def name(i: int) -> str:
        return chunk.table_header[i] if i < len(chunk.table_header) else ""

    actor = next((text for i, text in words if _ACTOR_COLUMN.search(name(i))), "")
    actor = actor or next((text for _, text in words if clause_actor(f"{text}于") == text), "")
    act = next((text for _, text in words if text != actor), "")
    if not act or _NOT_A_TASK.search(act) or not _ROW_TASK.search(act):
        return None
    if not due and not re.search(r"截止|递交|提交|报送", act):
        return None
    return actor, shortened_act(act)


def _tells(cell: str) -> bool:
    """False for an empty cell, a number, a date or a time."""
    return bool(re.search(r"[\u4e00-\u9fffA-Za-z]{2,}", cell)) and not re.search(r"\d\s*[月日时:：]\s*", cell)


def _cells(chunk: Chunk) -> list[tuple[int, int, str]]:
    """(start, end, words) of each cell, as offsets in the document."""
    bars = [match.start() for match in re.finditer(r"(?<!\\)\|", chunk.text)]
    edges = bars if chunk.text.startswith("|") else [-1, *bars]
    if not chunk.text.endswith("|"):
        edges = [*edges, len(chunk.text)]
    return [
        (chunk.start + start + 1, chunk.start + end, chunk.text[start + 1 : end].strip())
        for start, end in pairwise(edges)
    ]
