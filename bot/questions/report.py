"""(Question log, groups) -> FaqReport: what is asked often, what is missing, what was answered weakly, and when.

Counting rules: a person's repeats of one group within `REPEAT` count once; small talk is counted apart and
belongs to no group.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.datamodels import Answer, AnswerStatus, Citation, Fact
from bot.deadlines import day_of
from bot.due_dates import due_dates
from bot.index.store import Index
from bot.questions.groups import GroupStore, QuestionGroup, grouped_log
from bot.questions.log import FeedbackReason, LoggedQuestion, QuestionLog
from bot.questions.titles import title_of
from bot.rendering import body_to_plain, citation_place
from bot.today import CHINA, day_in_china

REPEAT = timedelta(minutes=10)
"""A person who asks the same again within so long has not asked twice."""
ANSWERED_TODAY = 60
"""Groups, most frequent first, whose title is asked for the report."""
MISSING = 0.5
"""From this share of unanswered questions on, a group is one that the knowledge lacks."""
WEAK = 0.35
"""An answer is weak where the best passage's share among those read is below this."""
WEAK_LISTED = 20
BEFORE_DEADLINE = timedelta(days=6)
"""A deadline's last week: this and the day itself."""
_UNANSWERED = {
    AnswerStatus.NOT_FOUND,
    AnswerStatus.ATTACHMENT_MISSING,
    AnswerStatus.OUT_OF_SCOPE,
    AnswerStatus.ERROR_INTERNAL,
}
_SMALL_TALK = {AnswerStatus.GREETING}

AskToday = Callable[[str, str | None], Answer]
"""(question, notice that it is about or None) -> the answer of today."""
Votes = Mapping[str, tuple[tuple[int, FeedbackReason | None], ...]]
"""Id of a question -> the votes on it."""


@dataclass(frozen=True, slots=True)
class TodaysAnswer:
    """What the assistant answers now to a group's title."""

    status: AnswerStatus
    text: str
    """The answer's blocks with their markers [n]."""
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class FrequentGroup:
    """One question that people asked, in whatever words."""

    id: str
    """Stable from report to report: `g` and eight hexadecimal digits."""
    title: str
    """The group's most typical well-formed wording."""
    count: int
    """Times asked in the period; repeats of one person within minutes count once."""
    people: int
    """Different people; all of a channel that knows no users count as one a day."""
    by_week: tuple[int, ...]
    """Times asked in each week of the period, the last one ending with the period, oldest first."""
    trend: float
    """Times asked in the later half of the period, less the earlier half, as a share of all: -1 to 1."""
    unanswered: float
    """Share of `count` that got no answer from the documents, 0 to 1."""
    up: int
    """People's 👍 and 👎 on the answers of the period."""
    down: int
    down_share: float
    """`down` as a share of `count`, 0 to 1."""
    reasons: tuple[tuple[str, int], ...]
    """Reasons given with 👎 and how often, most frequent first."""
    notice_ids: tuple[str, ...]
    """Notices that answered, most frequent first."""
    wordings: tuple[str, ...]
    """Different wordings in the period, most frequent first."""
    question_ids: tuple[str, ...]
    """The log's ids of its questions of the period, oldest first."""
    first_asked: datetime
    last_asked: datetime
    down_ids: tuple[str, ...] = ()
    """Those of `question_ids` whose answer got a 👎, newest first: to be replayed."""
    gone_notices: tuple[str, ...] = ()
    """Those of `notice_ids` that the knowledge no longer holds."""
    today: TodaysAnswer | None = None
    """None where the report was made without asking."""

    @property
    def samples(self) -> tuple[str, ...]:
        """A few wordings to read."""
        return self.wordings[:5]


@dataclass(frozen=True, slots=True)
class WeakAnswer:
    """A question that was answered from a passage that hardly fits it."""

    question_id: str
    question: str
    asked_at: datetime
    group_id: str
    """Empty where it belongs to no group."""
    section: str
    """Document and section of the best passage cited."""
    quote: str
    confidence: float
    """The best passage's share among the ten best, 0 to 1: how far it stands out."""
    times: int = 1
    """Weak answers to this question in the period; the weakest is shown."""


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    asked: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class DeadlineLoad:
    """How busy the days before a deadline were."""

    day: date
    notice_id: str
    notice_title: str
    what: str
    """Who must do what by that day, as the notice states it."""
    asked: int
    """Questions about that notice in the seven days up to and with the deadline, within the period."""
    usual: float
    """Questions about it in an average seven days of the rest of the period."""
    busiest_hours: tuple[int, ...]
    """Hours of the day (0 to 23, China) with most of these questions, busiest first, at most three."""


@dataclass(frozen=True, slots=True)
class FaqReport:
    since: date
    until: date
    """Both inclusive, days in China."""
    asked: int
    """All questions of the period without small talk."""
    people: int
    unanswered: int
    small_talk: int
    up: int
    down: int
    groups: tuple[FrequentGroup, ...]
    """Every group of the period, most people first."""
    missing: tuple[FrequentGroup, ...]
    """The groups that mostly got no answer, or get none today: what to add to the knowledge."""
    weak: tuple[WeakAnswer, ...]
    """Weakest first."""
    days: tuple[Day, ...]
    """Every day of the period, without small talk."""
    hours: tuple[int, ...]
    """Questions by hour of the day in China, 24 numbers."""
    deadlines: tuple[DeadlineLoad, ...]
    """By day."""


# ---------------------------------------------------------------- making it


def faq_report(
    log: QuestionLog,
    store: GroupStore,
    index: Index | None,
    since: date,
    until: date,
    ask: AskToday | None = None,
    answered: int = ANSWERED_TODAY,
) -> FaqReport:
    """The report of the days from `since` to `until`, both inclusive, in China.

    The groups are as of the last `store.refresh`. Without an index there are no deadlines; without `ask` the
    groups have no answer of today, with it the first `answered` ones have. Raises ValueError where the period is empty, SQLAlchemyError where the
    log cannot be read.
    """
    if until < since:
        raise ValueError(f"the period ends ({until}) before it begins ({since})")
    start, end = _midnight(since), _midnight(until + timedelta(days=1))
    groups, loose = grouped_log(log, store, start, end)
    votes = log.votes_between(start, end)
    small_talk = sum(question.status in _SMALL_TALK for question in loose)
    asked = [
        question
        for question in (*(q for group in groups for q in counted(group.questions)), *loose)
        if question.status not in _SMALL_TALK
    ]
    found = sorted(
        (_frequent(group, votes, start, end, index) for group in groups),
        key=lambda group: (-group.people, -group.count, group.first_asked, group.id),
    )
    if ask:
        found = [_answered_today(g, ask) if n < answered else g for n, g in enumerate(found)]
    group_of = {question.id: group.id for group in groups for question in group.questions}
    all_votes = [vote for each in votes.values() for vote, _ in each]
    return FaqReport(
        since=since,
        until=until,
        asked=len(asked),
        people=_people(asked),
        unanswered=sum(question.status in _UNANSWERED for question in asked),
        small_talk=small_talk,
        up=all_votes.count(1),
        down=all_votes.count(-1),
        groups=tuple(found),
        missing=tuple(group for group in found if _is_missing(group)),
        weak=_weak(asked, group_of),
        days=_days(asked, since, until),
        hours=_hours(asked),
        deadlines=_deadlines(asked, index, since, until) if index else (),
    )


def counted(questions: Sequence[LoggedQuestion]) -> list[LoggedQuestion]:
    """The questions of one group without a person's repeats within REPEAT of the time before; oldest first.

    Of a channel that knows no users every question counts.
    """
    last: dict[str, datetime] = {}
    kept = []
    for question in sorted(questions, key=lambda q: (q.asked_at, q.id)):
        before = last.get(question.user_hash)
        if question.user_hash:
            last[question.user_hash] = question.asked_at
        if before is None or question.asked_at - before > REPEAT:
            kept.append(question)
    return kept


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _people(questions: Iterable[LoggedQuestion]) -> int:
    return len({q.user_hash or f"{q.channel} {day_in_china(q.asked_at)}" for q in questions})


def _frequent(
    group: QuestionGroup, votes: Votes, start: datetime, end: datetime, index: Index | None
) -> FrequentGroup:
    asked = counted(group.questions)
    wordings = Counter(question.question.strip() for question in group.questions)
    cast = [vote for question in group.questions for vote in votes.get(question.id, ())]
    down = sum(vote == -1 for vote, _ in cast)
    weeks = math.ceil((end - start) / timedelta(days=7))
    by_week = [0] * weeks
    for question in asked:
        by_week[weeks - 1 - (end - question.asked_at - timedelta(microseconds=1)) // timedelta(days=7)] += 1
    later = sum(question.asked_at >= start + (end - start) / 2 for question in asked)
    notices = Counter(notice_id for question in group.questions for notice_id in question.notice_ids)
    return FrequentGroup(
        id=group.id,
        title=title_of(wordings),
        count=len(asked),
        people=_people(asked),
        by_week=tuple(by_week),
        trend=(2 * later - len(asked)) / len(asked),
        unanswered=sum(question.status in _UNANSWERED for question in asked) / len(asked),
        up=len(cast) - down,
        down=down,
        down_share=down / len(asked),
        reasons=tuple(Counter(str(reason) for _, reason in cast if reason).most_common()),
        notice_ids=tuple(notice_id for notice_id, _ in notices.most_common()),
        wordings=tuple(words for words, _ in wordings.most_common()),
        question_ids=tuple(question.id for question in group.questions),
        first_asked=group.questions[0].asked_at,
        last_asked=group.questions[-1].asked_at,
        down_ids=tuple(
            question.id
            for question in reversed(group.questions)
            if any(vote == -1 for vote, _ in votes.get(question.id, ()))
        ),
        gone_notices=tuple(n for n, _ in notices.most_common() if n not in index.notices) if index else (),
    )


def _answered_today(group: FrequentGroup, ask: AskToday) -> FrequentGroup:
    answer = ask(group.title, group.notice_ids[0] if len(group.notice_ids) == 1 else None)
    return replace(group, today=TodaysAnswer(answer.status, body_to_plain(answer), answer.citations))


def _is_missing(group: FrequentGroup) -> bool:
    return group.unanswered >= MISSING or answered_now(group) is False


def answered_now(group: FrequentGroup) -> bool | None:
    """Whether the group's title is answered today; None where nobody asked it."""
    return None if group.today is None else group.today.status not in _UNANSWERED


# ---------------------------------------------------------------- beside the groups


def _weak(questions: Iterable[LoggedQuestion], group_of: Mapping[str, str]) -> tuple[WeakAnswer, ...]:
    found: dict[str, WeakAnswer] = {}
    times: Counter[str] = Counter()
    for question in questions:
        confidence = _confidence(question)
        if question.status is AnswerStatus.ANSWERED and question.citations and confidence < WEAK:
            best = question.citations[0]
            weak = WeakAnswer(
                question.id,
                question.question,
                question.asked_at,
                group_of.get(question.id, ""),
                citation_place(best),
                best.quote,
                confidence,
            )
            key = weak.group_id or question.question.strip()
            times[key] += 1
            if key not in found or confidence < found[key].confidence:
                found[key] = weak
    counted_ones = (replace(weak, times=times[key]) for key, weak in found.items())
    return tuple(sorted(counted_ones, key=lambda weak: (weak.confidence, weak.asked_at))[:WEAK_LISTED])


def _confidence(question: LoggedQuestion) -> float:
    """Softmax share, among the passages logged, of the best one; 1 where none was logged."""
    scores = [passage.score for passage in question.passages]
    return 1 / sum(math.exp(score - max(scores)) for score in scores) if scores else 1.0


def _days(questions: Sequence[LoggedQuestion], since: date, until: date) -> tuple[Day, ...]:
    asked = Counter(day_in_china(question.asked_at) for question in questions)
    not_answered = Counter(day_in_china(q.asked_at) for q in questions if q.status in _UNANSWERED)
    days = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return tuple(Day(day, asked[day], not_answered[day]) for day in days)


def _hours(questions: Iterable[LoggedQuestion]) -> tuple[int, ...]:
    hours = Counter(question.asked_at.astimezone(CHINA).hour for question in questions)
    return tuple(hours[hour] for hour in range(24))


def _deadlines(
    questions: Sequence[LoggedQuestion], index: Index, since: date, until: date
) -> tuple[DeadlineLoad, ...]:
    """Deadlines for handing something in, of the notices asked about, whose last week touches the period."""
    by_notice: dict[str, list[LoggedQuestion]] = {}
    for question in questions:
        for notice_id in question.notice_ids:
            by_notice.setdefault(notice_id, []).append(question)
    loads = []
    for notice_id, asked in by_notice.items():
        for day, what in _deadlines_of(notice_id, index):
            first = max(since, day - BEFORE_DEADLINE)
            last = min(until, day)
            if last < first:
                continue
            near = [q for q in asked if first <= day_in_china(q.asked_at) <= last]
            rest = (until - since).days + 1 - ((last - first).days + 1)
            hours = Counter(question.asked_at.astimezone(CHINA).hour for question in near)
            loads.append(
                DeadlineLoad(
                    day=day,
                    notice_id=notice_id,
                    notice_title=index.notices[notice_id].title,
                    what=what,
                    asked=len(near),
                    usual=7 * (len(asked) - len(near)) / rest if rest else 0.0,
                    busiest_hours=tuple(h for h, _ in sorted(hours.items(), key=lambda h: (-h[1], h[0]))[:3]),
                )
            )
    return tuple(sorted(loads, key=lambda load: (load.day, load.notice_id)))


def _deadlines_of(notice_id: str, index: Index) -> list[tuple[date, str]]:
    """(day, who must do what), a line a day."""
    notice = index.notices.get(notice_id)
    found: dict[date, str] = {}
    if notice is None:
        return []
    for row in index.notice_rows.get(notice_id, ()):
        chunk = index.chunks[row]
        for due in due_dates(chunk, index.facts.get(chunk.id, ()), notice):
            if day := day_of(due.value):
                found.setdefault(day, _what(due.fact))
    return sorted(found.items())


def _what(fact: Fact) -> str:
    return f"{fact.actor}{fact.act}" or fact.text
