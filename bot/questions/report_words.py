"""The sentences of the report on frequent questions: values -> Chinese words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.questions.report import DeadlineLoad, FaqReport, FrequentGroup, WeakAnswer, answered_now
from bot.today import CHINA

ANSWER_LINES = 6
"""Lines of today's answer that a report shows."""
STEEP = 0.3
"""From such a trend on, a group is said to rise or to fall."""
FEW = 4
"""Of fewer questions no trend is told."""
REPLAYED = 5
"""Ids of disliked answers that a report names of one group."""
NOTHING_ASKED = "这段时间没有人提问。可以用 --since 放宽时间。"
NO_ANSWER = "（没有回答）"
REASONS = {"wrong": "答错了", "incomplete": "不完整", "outdated": "过时了", "not_asked": "答非所问"}


def percent(share: float) -> str:
    """0.125 -> `12 %`, halves to the even side; a share that is not nothing is never shown as nothing."""
    return "<1 %" if 0 < share < 0.005 else f"{round(share * 100)} %"


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def moment_words(moment: datetime) -> str:
    """In China, to the minute."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def direction(group: FrequentGroup) -> int:
    """1 where the question is asked more and more, -1 where less and less, else 0; of a few nothing is told."""
    if group.count < FEW or abs(group.trend) < STEEP:
        return 0
    return 1 if group.trend > 0 else -1


def trend_words(group: FrequentGroup) -> str:
    return "—" if group.count < FEW else ("→ 平稳", "↑ 增多", "↓ 减少")[direction(group)]


def summary_words(report: FaqReport) -> str:
    """The first paragraph: how much was asked, by how many, and how much got no answer."""
    share = report.unanswered / report.asked if report.asked else 0.0
    return (
        f"{report.people} 人提问 {report.asked} 次，归为 {len(report.groups)} 个问题；"
        f"{report.unanswered} 次没答上来（{percent(share)}）；👍 {report.up}，👎 {report.down}；"
        f"另有寒暄 {report.small_talk} 次。同一个人十分钟内重复问同一个问题只算一次。"
    )


def facts_of(group: FrequentGroup) -> str:
    """The numbers of one group on a line."""
    parts = [
        f"{group.count} 次",
        f"{group.people} 人",
        trend_words(group).replace("—", ""),
        f"未答 {percent(group.unanswered)}" if group.unanswered else "",
        f"👍 {group.up}" if group.up else "",
        f"👎 {group.down}（{percent(group.down_share)}{_reasons(group)}）" if group.down else "",
        f"最近 {moment_words(group.last_asked)}",
    ]
    return " · ".join(part for part in parts if part)


def now_words(group: FrequentGroup) -> str:
    """Of a question that was not answered: whether it is now, so that nobody looks for what is there already."""
    answered = answered_now(group)
    return "" if answered is None else "，现在已能答上来" if answered else "，现在问也答不上来"


def gone_words(group: FrequentGroup) -> str:
    """Names the notices that answered and are gone; empty where all are there."""
    return f"回答过它的通知已不在知识库里：{'、'.join(group.gone_notices)}" if group.gone_notices else ""


def replay_words(group: FrequentGroup, quote: str = "") -> str:
    """Ids of the last questions whose answers people did not like; empty where there are none."""
    ids = "、".join(f"{quote}{question_id}{quote}" for question_id in group.down_ids[:REPLAYED])
    return f"得到 👎 的提问（重放：python -m bot faq explain）：{ids}" if ids else ""


def weak_words(weak: WeakAnswer) -> str:
    """When a weak answer was given, how weak, and its id for `faq explain`."""
    more = f"，同类共 {weak.times} 次" if weak.times > 1 else ""
    return (
        f"{moment_words(weak.asked_at)}，把握 {percent(weak.confidence)}，提问编号 {weak.question_id}{more}"
    )


def _reasons(group: FrequentGroup) -> str:
    return "".join(f"，{REASONS.get(reason, reason)} {count}" for reason, count in group.reasons)


def deadline_words(load: DeadlineLoad) -> str:
    """What went on in a deadline's last week."""
    busiest = f"，多在 {'、'.join(f'{hour} 时' for hour in load.busiest_hours)}" if load.asked else ""
    return (
        f"{load.day.isoformat()} {load.what}（{load.notice_title}）："
        f"截止前一周提问 {load.asked} 次，平时每周 {load.usual:.1f} 次{busiest}。"
    )


def hours_words(hours: Sequence[int]) -> str:
    """The three busiest hours of the day, busiest first."""
    busiest = sorted((hour for hour in range(24) if hours[hour]), key=lambda hour: (-hours[hour], hour))[:3]
    return "、".join(f"{hour} 时（{hours[hour]} 次）" for hour in busiest) or "没有"
