"""FaqReport -> Markdown, CSV, JSON; `report_page` makes the HTML page."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from bot.questions.report import FaqReport, FrequentGroup
from bot.questions.report_words import (
    ANSWER_LINES,
    NO_ANSWER,
    NOTHING_ASKED,
    day_words,
    deadline_words,
    facts_of,
    gone_words,
    hours_words,
    moment_words,
    now_words,
    percent,
    replay_words,
    summary_words,
    trend_words,
    weak_words,
)
from bot.rendering import citation_place

LISTED = 50
"""Groups that are written out one by one; the rest stands in the table."""
CSV_COLUMNS: tuple[tuple[str, Callable[[FrequentGroup], object]], ...] = (
    ("编号", lambda g: g.id),
    ("问题", lambda g: g.title),
    ("次数", lambda g: g.count),
    ("人数", lambda g: g.people),
    ("每周次数", lambda g: " ".join(map(str, g.by_week))),
    ("趋势", lambda g: f"{g.trend:+.2f}"),
    ("未答比例", lambda g: f"{g.unanswered:.2f}"),
    ("赞", lambda g: g.up),
    ("踩", lambda g: g.down),
    ("踩的比例", lambda g: f"{g.down_share:.2f}"),
    ("通知", lambda g: " | ".join(g.notice_ids)),
    ("今天的回答", lambda g: g.today.text if g.today else ""),
    ("依据", lambda g: " | ".join(citation_place(c) for c in g.today.citations) if g.today else ""),
    ("问法", lambda g: " | ".join(g.samples)),
    ("首次", lambda g: moment_words(g.first_asked)),
    ("最近", lambda g: moment_words(g.last_asked)),
)
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_MARKER = re.compile(r"\\\[(\d+)\\\](?![(\[:])")
_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")


# ---------------------------------------------------------------- Markdown


def to_markdown(report: FaqReport) -> str:
    """A document with headings and tables, in Chinese; what people typed is escaped."""
    lines = [f"# 常见问题报告 {day_words(report.since)}至{day_words(report.until)}", ""]
    if not report.asked:
        return "\n".join([*lines, NOTHING_ASKED, ""])
    lines += [summary_words(report), "", "## 问得最多的", ""]
    lines += ["| 编号 | 问题 | 次数 | 人数 | 趋势 | 未答 | 👎 |", "|---|---|---:|---:|---|---:|---:|"]
    for group in report.groups:
        cells = (
            group.id,
            _escaped(group.title),
            group.count,
            group.people,
            trend_words(group),
            percent(group.unanswered),
            percent(group.down_share),
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines.append("")
    for group in report.groups[:LISTED]:
        lines += [f"### {_escaped(group.title)}", "", f"{group.id} · {facts_of(group)}", ""]
        for remark in (replay_words(group, "`"), _escaped(gone_words(group))):
            lines += [remark, ""] if remark else []
        lines += _answer_lines(group)
        lines += ["问法：", "", *(f"- {_escaped(words)}" for words in group.samples), ""]
    lines += ["## 没答上来的（该补充什么）", ""]
    lines += [
        f"- **{_escaped(g.title)}**（{g.id}，{g.count} 次，{g.people} 人，未答 {percent(g.unanswered)}{now_words(g)}）："
        + "；".join(_escaped(words) for words in g.samples[:3])
        for g in report.missing
    ] or ["没有。"]
    lines += ["", "## 依据可能不对的回答", ""]
    lines += [
        f"- {_escaped(weak.question)}（{weak_words(weak)}）"
        f"→ {_escaped(weak.section)}：“{_escaped(_one_line(weak.quote))}”"
        for weak in report.weak
    ] or ["没有。"]
    lines += ["", "## 截止前的忙时", ""]
    lines += [f"- {_escaped(deadline_words(load))}" for load in report.deadlines] or [
        "这段时间没有截止日期。"
    ]
    lines += ["", f"一天里问得最多的钟点：{hours_words(report.hours)}。", "", "## 每天", ""]
    lines += ["| 日期 | 提问 | 未答 |", "|---|---:|---:|"]
    lines += [f"| {day.day.isoformat()} | {day.asked} | {day.unanswered} |" for day in report.days]
    return "\n".join([*lines, ""])


def _answer_lines(group: FrequentGroup) -> list[str]:
    if group.today is None:
        return []
    answer = group.today.text.split("\n")[:ANSWER_LINES]
    lines = ["今天的回答：", "", *(f"> {_answer_line(line)}  " for line in answer or [NO_ANSWER]), ""]
    for citation in group.today.citations:
        lines.append(
            f"> [{citation.n}] {_escaped(citation_place(citation))}：“{_escaped(_one_line(citation.quote))}”  "
        )
    return [*lines, ""]


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKS.sub(r"\\\1", _one_line(text))


def _answer_line(line: str) -> str:
    """The same, but for the markers [n], which no reader of Markdown takes for anything else."""
    return _MARKER.sub(r"[\1]", _escaped(line))


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ---------------------------------------------------------------- CSV and JSON


def to_csv(report: FaqReport) -> str:
    """A line a group, with a byte order mark, without which Excel takes Chinese for another encoding.

    A cell that a spreadsheet would take for a formula begins with an apostrophe: people type what they like.
    """
    output = io.StringIO()
    output.write("\ufeff")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([name for name, _ in CSV_COLUMNS])
    for group in report.groups:
        writer.writerow([_cell(value(group)) for _, value in CSV_COLUMNS])
    return output.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text) is not None


def to_json(report: FaqReport) -> str:
    """The report's fields as they are named in `report`, dates and moments in ISO form."""
    return json.dumps(_plain(report), ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value
