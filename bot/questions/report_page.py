"""FaqReport -> one HTML page that stands alone: no script, no font, no picture from elsewhere; prints well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from bot.questions.report import FaqReport, FrequentGroup, WeakAnswer
from bot.questions.report_words import (
    ANSWER_LINES,
    NO_ANSWER,
    NOTHING_ASKED,
    day_words,
    deadline_words,
    facts_of,
    gone_words,
    hours_words,
    now_words,
    percent,
    replay_words,
    summary_words,
    trend_words,
    weak_words,
)
from bot.rendering import citation_place

OPEN = 20
"""Groups with all their details; the rest have a line in the table."""
WIDTH, HEIGHT = 640, 160
"""Of a picture, in its own units; it is as wide as the page."""
MARGIN = 24
LABELS = 8
"""Labels under a picture at most."""
STYLE = """
:root{--ink:#1d2733;--soft:#5c6b7a;--line:#d9dfe5;--blue:#2f6fab;--red:#c2483d;--pale:#f4f7fa}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;color:var(--ink);background:#fff;line-height:1.6;
 font-family:"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:2px solid var(--line)}
h3{font-size:1rem;margin:0}
.cards{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0;padding:0;list-style:none}
.cards li{flex:1 1 7rem;background:var(--pale);border-radius:.5rem;padding:.6rem .8rem}
.cards b{display:block;font-size:1.5rem;line-height:1.3}
.soft{color:var(--soft);font-size:.9rem}
figure{margin:1rem 0}figcaption{color:var(--soft);font-size:.9rem}
svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font-size:11px}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}td.t{white-space:nowrap}
article{border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;margin:.8rem 0;break-inside:avoid}
blockquote{margin:.5rem 0;padding:.4rem .8rem;background:var(--pale);border-left:3px solid var(--blue)}
blockquote p{margin:.15rem 0;overflow-wrap:anywhere}
.no{border-left-color:var(--red)}ul.w{margin:.3rem 0;padding-left:1.2rem}
@media print{body{max-width:none;padding:0;font-size:10.5pt}h2{break-after:avoid}a{color:inherit}}
"""


def to_html(report: FaqReport) -> str:
    """The page; everything that people typed or notices say is escaped."""
    title = f"常见问题报告 {day_words(report.since)}至{day_words(report.until)}"
    body = _body(report) if report.asked else [f"<p>{escape(NOTHING_ASKED)}</p>"]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="zh-CN">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{escape(title)}</title><style>{STYLE}</style></head>",
            f"<body><h1>{escape(title)}</h1>",
            *body,
            "</body></html>",
            "",
        ]
    )


def _body(report: FaqReport) -> Iterable[str]:
    share = report.unanswered / report.asked
    yield _cards(
        (str(report.asked), "次提问"),
        (str(report.people), "人"),
        (str(len(report.groups)), "个问题"),
        (percent(share), "没答上来"),
        (f"👍 {report.up} 👎 {report.down}", "评价"),
    )
    yield f'<p class="soft">{escape(summary_words(report))}</p>'
    days = [f"{day.day.month}/{day.day.day}" for day in report.days]
    yield _figure(
        "每天的提问（红色是没答上来的）",
        stacked_bars([day.asked for day in report.days], [day.unanswered for day in report.days], days),
    )
    shares = [day.unanswered / day.asked if day.asked else None for day in report.days]
    yield _figure("每天没答上来的比例", share_line(shares, days))
    hours = [f"{hour} 时" for hour in range(24)]
    yield _figure(
        f"一天里的钟点：{hours_words(report.hours)}最多", stacked_bars(report.hours, [0] * 24, hours)
    )
    yield "<h2>问得最多的</h2>"
    yield _table(report.groups)
    yield from map(_article, report.groups[:OPEN])
    yield "<h2>没答上来的（该补充什么）</h2>"
    yield _items(
        f"<b>{escape(g.title)}</b>（{g.count} 次，{g.people} 人，未答 {percent(g.unanswered)}{now_words(g)}，{g.id}）<br>"
        f'<span class="soft">{escape("；".join(g.samples[:3]))}</span>'
        for g in report.missing
    )
    yield "<h2>依据可能不对的回答</h2>"
    yield _items(map(_weak, report.weak))
    yield "<h2>截止前的忙时</h2>"
    yield _items(escape(deadline_words(load)) for load in report.deadlines)


def _cards(*cards: tuple[str, str]) -> str:
    return f'<ul class="cards">{"".join(f"<li><b>{escape(n)}</b>{escape(w)}</li>" for n, w in cards)}</ul>'


def _figure(caption: str, picture: str) -> str:
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"


def _items(items: Iterable[str]) -> str:
    found = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{found}</ul>" if found else "<p>没有。</p>"


def _table(groups: Sequence[FrequentGroup]) -> str:
    head = '<th>问题</th><th class="n">次数</th><th class="n">人数</th><th>趋势</th><th class="n">未答</th><th class="n">👎</th>'
    rows = "".join(
        f'<tr><td>{escape(g.title)}</td><td class="n">{g.count}</td><td class="n">{g.people}</td>'
        f'<td class="t">{sparkline(g.by_week)} {escape(trend_words(g))}</td>'
        f'<td class="n">{percent(g.unanswered)}</td><td class="n">{percent(g.down_share)}</td></tr>'
        for g in groups
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _article(group: FrequentGroup) -> str:
    parts = [f'<article id="{escape(group.id)}"><h3>{escape(group.title)}</h3>']
    parts.append(f'<p class="soft">{escape(group.id)} · {escape(facts_of(group))}</p>')
    for remark in (replay_words(group), gone_words(group)):
        if remark:
            parts.append(f'<p class="soft">{escape(remark)}</p>')
    if group.today is not None:
        lines = [line for line in group.today.text.split("\n") if line][:ANSWER_LINES] or [NO_ANSWER]
        refused = ' class="no"' if group.today.status.abstained else ""
        cited = (
            f'<p class="soft">[{c.n}] {escape(citation_place(c))}：“{escape(" ".join(c.quote.split()))}”</p>'
            for c in group.today.citations
        )
        words = "".join(f"<p>{escape(line)}</p>" for line in lines)
        parts.append(f"<blockquote{refused}>{words}{''.join(cited)}</blockquote>")
    wordings = "".join(f"<li>{escape(words)}</li>" for words in group.samples)
    parts.append(f'<ul class="w soft">{wordings}</ul></article>')
    return "".join(parts)


def _weak(weak: WeakAnswer) -> str:
    return (
        f"<b>{escape(weak.question)}</b>（{escape(weak_words(weak))}）<br>"
        f'<span class="soft">{escape(weak.section)}：“{escape(" ".join(weak.quote.split()))}”</span>'
    )


# ---------------------------------------------------------------- pictures


def stacked_bars(heights: Sequence[int], lower: Sequence[int], labels: Sequence[str]) -> str:
    """Bars of these heights, their lowest part in red; `lower` is at most the height."""
    most = max([*heights, 1])
    step = (WIDTH - MARGIN) / max(1, len(heights))
    scale = (HEIGHT - 2 * MARGIN) / most
    floor = HEIGHT - MARGIN
    bars = []
    for place, (height, part) in enumerate(zip(heights, lower, strict=True)):
        left, width = MARGIN + place * step, max(1.0, step * 0.8)
        title = f"<title>{escape(labels[place])}：{height}{f'，未答 {part}' if part else ''}</title>"
        bars.append(_bar(left, floor - height * scale, width, height * scale, "#2f6fab", title))
        if part:
            bars.append(_bar(left, floor - part * scale, width, part * scale, "#c2483d", title))
    return _svg("".join(bars) + _axis(str(most), labels, step))


def share_line(shares: Sequence[float | None], labels: Sequence[str]) -> str:
    """A line from 0 to 100 %; a day without questions breaks it."""
    step = (WIDTH - MARGIN) / max(1, len(shares))
    points = [
        None
        if share is None
        else (MARGIN + (place + 0.4) * step, HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN))
        for place, share in enumerate(shares)
    ]
    lines = "".join(
        f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" stroke="#c2483d" stroke-width="2"/>'
        for a, b in pairwise(points)
        if a and b
    )
    dots = "".join(
        f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2.5" fill="#c2483d">'
        f"<title>{escape(label)}：{percent(share or 0.0)}</title></circle>"
        for point, share, label in zip(points, shares, labels, strict=True)
        if point
    )
    return _svg(lines + dots + _axis("100 %", labels, step))


def sparkline(counts: Sequence[int]) -> str:
    """A small picture of a few counts, as high as a line of text."""
    most = max([*counts, 1])
    bars = "".join(
        _bar(place * 6, 16 - 16 * count / most, 5, 16 * count / most, "#2f6fab", "")
        for place, count in enumerate(counts)
    )
    width = 6 * len(counts)
    return (
        f'<svg viewBox="0 0 {width} 16" style="width:{width}px;height:16px;display:inline-block" '
        f'role="img" aria-label="每周 {" ".join(map(str, counts))} 次">{bars}</svg>'
    )


def _svg(content: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{content}</svg>'


def _bar(left: float, top: float, width: float, height: float, colour: str, title: str) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}">'
        f"{title}</rect>"
    )


def _axis(top: str, labels: Sequence[str], step: float) -> str:
    every = max(1, -(-len(labels) // LABELS))
    floor = HEIGHT - MARGIN
    words = "".join(
        f'<text x="{MARGIN + (place + 0.4) * step:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
        for place, label in enumerate(labels)
        if place % every == 0
    )
    return (
        f'<line x1="{MARGIN}" y1="{floor}" x2="{WIDTH}" y2="{floor}" stroke="#d9dfe5"/>'
        f'<text x="0" y="{MARGIN - 8}">{escape(top)}</text>{words}'
    )
