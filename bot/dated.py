"""Deadlines -> lines of an answer, and what is computed about a deadline behind the words that state it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot import messages
from bot.chunking import sentences
from bot.datamodels import Block, BlockKind, Chunk, Fact, FactKind, Span
from bot.deadlines import (
    computed_deadline,
    day_of,
    is_start,
    is_submission,
    opens_on,
    runs_from_event,
    state,
    suffix_after,
    with_hour,
)
from bot.desk import Desk, computed, note, plain, strong
from bot.due_dates import due_dates, shortened_act, without_asides
from bot.lexicon import GENERIC
from bot.numbering import number_end
from bot.question import stated_values
from bot.quoting import Sentence, along_time_line, eases, sentence_at, shortened, to_full_stop, without_number
from bot.sides import is_asked_about, is_time_of_another
from bot.values import values_in

_TO = re.compile(r"\s*起?\s*(?:至|到|[-—－–～~]{1,2})\s*")


_BARE_TIME = re.compile(r"(?:起止|截止|办理|具体)?(?:时间|日期|期限)[：:]")
"""Opens a sentence that leaves it to its heading to say what the time is for."""
_OF_ANY_NOTICE = (
    r"程序|流程|步骤|要求|安排|方式|方法|办法|渠道|条件|对象|范围|其[他它]|有关|相关|事项|事宜|组织|实施|保障|管理|监督|职责|责任|分工|工作|开展"
    r"|办理|受理|标准|内容|总体|说明|附则|审核|评审|初审|复核|公示|公布|填写|缴费|联系|服务|纪律|注意|补充|第[一二三四五六七八九十]+部分|进度|批次|资格|情况|概况"
)
"""Words of the headings that every notice has (regular expression)."""
_YEAR = re.compile(r"20\d\d\s*年(?:度)?")
_IN_THAT_TIME = re.compile(r"在?(?:此|该|上述)(?:期间|时段|时间)|逾期")
_SOME = re.compile(r"的(?:项目|单位|企业|机构|人员)?[，,]")
"""Opens what holds for some only: `申请四星级的，`, `涉及国家秘密的项目，`."""
_NO_SUBJECT = re.compile(r"(?:并|且|应当?|须|需|务必|最[迟晚])*[于在]?\s*")
"""Before a date that opens a sentence: who acts stands in another."""
_MAILED = re.compile(r"寄|邮戳|快递|签收|\bpost(?:ed|mark)?\b|\bmail(?:ed)?\b")
_IN_TIME = re.compile(r"迟|晚|来得及|截[止至]|还能|算|几号|什么时候|\blate\b|\bdeadline\b")
_COUNTS_FROM = re.compile(r"邮戳|(?:寄出|收到|送达|到达)[^，。；]{0,8}为准|逾期[^，。；]{0,4}[寄送]达")


def deadline_blocks(
    desk: Desk, facts: Sequence[tuple[Chunk, Fact]], *, closed: bool = False, whole: bool = False
) -> list[Block]:
    """One line a date: who must do what, until when, and where that stands on the day of asking; of a date from which
    on to act its sentence. `closed` adds that all is over, where these dates are; `whole` gives sentences to their full
    stop."""
    blocks: list[Block] = []
    quoted: dict[int, int] = {}
    needed = {
        sentence.start
        for chunk, fact in facts
        if (sentence := sentence_at(chunk, fact.start))
        and (whole or _needs_its_sentence(sentence, fact, _suffix(chunk, fact)))
    }
    parts = [part_of(chunk) for chunk, _ in facts]
    inferred = {fact.value[:4] for _, fact in facts if fact.year_inferred}
    together = len(inferred) == 1 and sum(fact.year_inferred for _, fact in facts) > 1
    for (chunk, fact), part in zip(facts, parts, strict=True):
        sentence = sentence_at(chunk, fact.start)
        first = _range_start(desk, chunk, fact)
        words = chunk.text[first - chunk.start : fact.end - chunk.start]
        suffix = _suffix(chunk, fact)
        mark = (first, fact.end + len(suffix))
        n = desk.citer.cite(chunk, [mark])
        starts = is_start(fact, chunk.text, chunk.start)
        dated = replace(fact, year_inferred=fact.year_inferred and not together)
        remark = "" if starts else _remark(desk, chunk, dated, sentence.text)
        told = fact.kind is FactKind.DATE and fact.actor and fact.act and sentence.start not in needed
        shown = to_full_stop(sentence) if whole or eases(sentence) else sentence
        shown = along_time_line(shown) if whole else shown
        if quoted.get(shown.start) is not None and not (told and not starts):
            at = quoted[shown.start]
            blocks[at] = replace(blocks[at], spans=_remarked(blocks[at].spans, words + suffix, remark))
            continue
        if told and not starts:
            spans = [
                plain(f"{fact.actor}{shortened_act(without_asides(fact.act))}："),
                strong(words + suffix),
            ]
        else:
            said = shortened(desk, without_number(shown), [mark])
            spans = [*_left_out_actor(shown, fact), *said, *_more(shown)]
            quoted[shown.start] = len(blocks)
        if part and (len(set(parts)) > 1 or _BARE_TIME.match(sentence.text)):
            spans = labelled(part, spans)
        blocks.append(Block(BlockKind.ANSWER, _remarked(spans, words + suffix, remark), (n,)))
    if together:
        blocks.append(note(messages.YEARS_INFERRED.format(year=min(inferred))))
    days = [None if is_start(fact, c.text, c.start) else day_of(fact.value) for c, fact in facts]
    if closed and days and all(day is not None and day < desk.question.today for day in days):
        blocks.append(note(messages.CLOSED))
    return blocks


def _suffix(chunk: Chunk, fact: Fact) -> str:
    return suffix_after(chunk.text, fact.end - chunk.start)


def part_of(chunk: Chunk) -> str:
    """What the part of a notice is about in which a clause stands: the first heading above it that names a thing
    (`一次性扩岗补助`), not one that every notice has (`申报程序`), a question, or one with a value, which would want a
    clause that states it; empty where none does."""
    for heading in chunk.heading_path:
        bare = heading.lstrip("# ")
        bare = _YEAR.sub("", bare[number_end(bare) :])
        if _thing(bare) and not re.search(r"[?？]", bare) and not values_in(bare):
            return bare
    return ""


def _thing(heading: str) -> str:
    """What a heading names, in its own words without those of any heading."""
    rest = re.sub(rf"{GENERIC}|{_OF_ANY_NOTICE}", " ", heading)
    return max(rest.split(), key=len, default="") if re.search(r"[\u4e00-\u9fff]{2}", rest) else ""


def labelled(part: str, spans: Sequence[Span]) -> list[Span]:
    """The words, behind the part of the notice in which they stand where they do not name it."""
    words = "".join(span.text for span in spans)
    return [*spans] if not part or _thing(part) in words else [plain(f"{part}："), *spans]


def _more(sentence: Sentence) -> list[Span]:
    """The sentence that says what holds in the time that the one before it gives: `在此期间缴费的，……`."""
    rest = sentence.chunk.text[sentence.end - sentence.chunk.start :]
    after = sentences(rest)[:1]
    return [plain(rest[start:end]) for start, end in after if _IN_THAT_TIME.match(rest[start:end])]


def _needs_its_sentence(sentence: Sentence, fact: Fact, suffix: str) -> bool:
    """True where actor, act and date alone would mislead: who acts stands in another sentence, the date is for some of
    them only (`申请四星级的，……于3月25日前`), a thing acts (`系统于……关闭`), or the act holds another date or half a
    bracket."""
    if fact.act.count("（") != fact.act.count("）"):
        return True
    if re.search("[关停]", suffix) or re.search(r"\d\s*[月日]|延长?至|顺延", fact.act):
        return True
    before = sentence.text[: fact.start - sentence.start]
    return fact.actor not in sentence.text or bool(_SOME.search(before))


def _left_out_actor(sentence: Sentence, fact: Fact) -> list[Span]:
    """Who acts, where a sentence opens with its date and has that from the one before it: `于6月20日前报送市局。`"""
    opens = _NO_SUBJECT.fullmatch(sentence.text[: fact.start - sentence.start])
    named = fact.actor and fact.actor in sentence.chunk.text[: sentence.start - sentence.chunk.start]
    return [plain(f"{fact.actor}{messages.LEFT_OUT}")] if opens and named else []


def _range_start(desk: Desk, chunk: Chunk, fact: Fact) -> int:
    """Where the words of a date begin, those of the first day before it where both make a range: `9月1日至9月19日`."""
    for other in desk.facts(chunk):
        between = chunk.text[other.end - chunk.start : fact.start - chunk.start]
        if other.kind is FactKind.DATE and other.end <= fact.start and _TO.fullmatch(between):
            return other.start
    return fact.start


def postmark_rule(desk: Desk, shown: str) -> list[Block]:
    """The sentence by which a thing that is mailed counts as handed in (`以邮戳日期为准`), where a question is about when
    something is mailed and `shown` does not have it."""
    words = desk.question.normalised
    if not (_MAILED.search(words) and (_IN_TIME.search(words) or stated_values(words))):
        return []
    for chunk in desk.chunks:
        for start, end in sentences(chunk.text):
            said = without_number(Sentence.from_span(chunk, chunk.start + start, chunk.start + end))
            if _COUNTS_FROM.search(said.text) and said.text not in shown:
                numbers = (desk.citer.cite(chunk, [(said.start, said.end)]),)
                return [Block(BlockKind.ANSWER, (plain(said.text),), numbers)]
    return []


def with_states(desk: Desk, block: Block, chosen: Sequence[Sentence]) -> Block:
    """Adds to every deadline that words show where it stands on the day of asking, unless the question names another
    actor than the one who must keep it."""
    for sentence in chosen:
        stated = [
            due.fact
            for due in due_dates(sentence.chunk, desk.facts(sentence.chunk), desk.notice)
            if due.value and sentence.start <= due.fact.start and due.fact.end <= sentence.end
        ]
        for fact in stated:
            if is_asked_about(desk.question.normalised, fact.actor) is not False:
                remark = _remark(desk, sentence.chunk, fact, sentence.text)
                words = fact.text + suffix_after(sentence.text, fact.end - sentence.start)
                block = replace(block, spans=_remarked(block.spans, words, remark))
    return block


def _remarked(spans: Sequence[Span], words: str, remark: str) -> tuple[Span, ...]:
    """The spans with a remark right behind the date it is about; as they are where the date is not found just once."""
    text = "".join(span.text for span in spans)
    if not remark or text.count(words) != 1:
        return tuple(spans)
    return tuple(with_remarks(spans, [(text.index(words) + len(words), remark)]))


def with_remarks(spans: Sequence[Span], remarks: Sequence[tuple[int, str]]) -> list[Span]:
    """The spans, cut where a remark stands: (offset in the words, remark)."""
    result: list[Span] = []
    at = 0
    for span in spans:
        begin = 0
        for offset, remark in remarks:
            if at < offset <= at + len(span.text):
                result.append(replace(span, text=span.text[begin : offset - at]))
                result.append(computed(remark))
                begin = offset - at
        if span.text[begin:]:
            result.append(replace(span, text=span.text[begin:]))
        at += len(span.text)
    return result


def deadline_remark(fact: Fact, today: date, opens: date = date.min, *, of_another: bool = False) -> str:
    """`（原文未写年份，按本通知推定为2024年；还剩 12 天）`: what is computed about a deadline; empty where nothing is.

    `opens` is the first day on which to act: before it the days that are left say nothing. Nor do they where the date
    is `of_another` than who asks."""
    parts = []
    if fact.year_inferred and (day := day_of(fact.value)):
        parts.append(messages.YEAR_INFERRED.format(year=day.year))
    where = messages.NOT_OPEN if opens > today else state(fact.value, today)
    if where and not of_another and not re.search("[上中]旬", fact.text):
        parts.append(where)
    return f"（{'；'.join(parts)}）" if parts else ""


def _remark(desk: Desk, chunk: Chunk, fact: Fact, sentence: str) -> str:
    """What is computed about a deadline of a clause, a date or a length of time; empty where nothing is.

    `（按工作日推算：2024年12月20日；还剩 12 天）` stands behind a time that runs from the notice's day of issue;
    whether it is past is told of what must be handed in alone, and by whom it is asked about. Nothing is told of
    a date beside a time that runs from an event.
    """
    of_another = is_time_of_another(desk.question, fact.actor)
    if fact.kind is FactKind.DATE:
        if runs_from_event(sentence):
            return ""
        fact = with_hour(fact, desk.facts(chunk), chunk.text, chunk.start)
        here = sentence_at(chunk, fact.start)
        opens = opens_on(fact, desk.facts(chunk, here.start, here.end), chunk.text, chunk.start)
        return deadline_remark(fact, desk.question.today, opens, of_another=of_another)
    day = computed_deadline(fact, chunk.text, chunk.start, desk.notice)
    if day is None:
        return ""
    form = messages.BY_WORKDAYS if fact.value.endswith("工作日") else messages.BY_CALENDAR_DAYS
    words = form.format(year=day.year, month=day.month, day=day.day)
    told = is_submission(fact, sentence) and not of_another
    where = state(day.isoformat(), desk.question.today) if told else ""
    return f"（{'；'.join(part for part in (words, where) if part)}）"
