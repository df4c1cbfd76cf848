"""BuildReceipt -> one HTML page that a person reads, keeps or prints: it needs no other file and runs no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape

from bot.changes import FactChange, NoticeChange, NoticeState
from bot.index.receipts import BuildReceipt, FileReceipt, NoticeReceipt
from bot.receipts import Line, LineKind, attachment_name, faq_lines

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--good:#187a3c;--warn:#9a6200;--bad:#b3261e}
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.2rem 0 .3rem}
.verdict{font-size:1.15rem;font-weight:600;padding:.6rem 1rem;border-left:.4rem solid;margin:1rem 0}
.good{color:var(--good)}.warning{color:var(--warn)}.error{color:var(--bad)}
table{border-collapse:collapse;width:100%;font-size:.95rem}th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
td.number{text-align:right;white-space:nowrap}del{color:var(--bad)}ins{color:var(--good);text-decoration:none;font-weight:600}
ul{margin:.2rem 0;padding-left:1.2rem}.wide{overflow-x:auto}footer{margin:2rem 0;color:GrayText;font-size:.9rem}
"""


def receipt_page(receipt: BuildReceipt, *, published: bool, now: datetime) -> str:
    """The page: the verdict, what changes, what looks wrong, every file. `now` stands in its foot."""
    parts = [
        *_verdict(receipt, published),
        *_changes(receipt.changes),
        *_problems(receipt.notices),
        *_faq(tuple(faq_lines(receipt))),
        *_files(receipt.notices),
        f"<footer>{escape(f'{now:%Y-%m-%d %H:%M}')}，用时 {receipt.seconds:.1f} 秒，新算向量 {receipt.encoded} 条。</footer>",
    ]
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>知识库回执</title><style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


# ---------------------------------------------------------------- parts of the page


def _verdict(receipt: BuildReceipt, published: bool) -> Iterator[str]:
    counts = receipt.counts
    yield "<h1>知识库回执</h1>"
    warned = sum(1 for _ in _warnings(receipt.notices))
    if receipt.failures:
        kind, words = "error", f"有 {receipt.failures} 个文件没有读成"
    elif warned:
        kind, words = "warning", f"都读成了，有 {warned} 处需要看一眼"
    else:
        kind, words = "good", "都读成了，没有发现问题"
    if published:
        state = "没有变化，沿用" if receipt.unchanged else "已发布"
        words += f"；{state}版本 {receipt.version}"
    else:
        words += "；这是检查，还没有发布"
    yield f'<p class="verdict {kind}">{escape(words)}。</p>'
    yield (
        f"<p>共 {counts.notices} 份通知、{counts.documents} 个文件、"
        f"{counts.chunks} 条条款、{counts.facts} 条事实。</p>"
    )


def _changes(changes: Sequence[NoticeChange]) -> Iterator[str]:
    if not changes:
        return
    yield "<h2>与已发布版本相比</h2>"
    for state, words in ((NoticeState.ADDED, "新增的通知"), (NoticeState.REMOVED, "删去的通知")):
        titles = [change.title for change in changes if change.state is state]
        if titles:
            yield f"<h3>{words}</h3>{_list(map(escape, titles))}"
    for change in changes:
        if change.state is not NoticeState.CHANGED:
            continue
        yield f"<h3>{escape(change.title)}</h3>"
        if change.facts:
            rows = "".join(map(_fact_row, change.facts))
            yield (
                '<div class="wide"><table><tr><th>内容</th><th>原来</th><th>现在</th><th>出处</th></tr>'
                f"{rows}</table></div>"
            )
        if change.clauses:
            yield f"<p>措辞有变的条款：</p>{_list(escape(str(clause)) for clause in change.clauses)}"


def _fact_row(fact: FactChange) -> str:
    where = "，".join(filter(None, (fact.section, fact.actor)))
    before = f"<del>{escape(fact.before)}</del>" if fact.before else "（无）"
    after = f"<ins>{escape(fact.after)}</ins>" if fact.after else "（删去）"
    return f"<tr><td>{escape(fact.label)}</td><td>{before}</td><td>{after}</td><td>{escape(where)}</td></tr>"


def _problems(notices: Sequence[NoticeReceipt]) -> Iterator[str]:
    errors, warnings = list(_errors(notices)), list(_warnings(notices))
    if errors:
        yield f'<h2 class="error">没有读成</h2>{_list(_named(*each) for each in errors)}'
    if warnings:
        yield f'<h2 class="warning">需要看一眼</h2>{_list(_named(*each) for each in warnings)}'


def _errors(notices: Iterable[NoticeReceipt]) -> Iterator[tuple[str, str]]:
    for notice in notices:
        if notice.error:
            yield notice.id, notice.error
        yield from ((file.report.file, file.report.error) for file in notice.files if file.report.error)


def _warnings(notices: Iterable[NoticeReceipt]) -> Iterator[tuple[str, str]]:
    """(what it is about, what looks wrong)."""
    for notice in notices:
        yield from ((notice.title, warning) for warning in notice.warnings)
        if notice.missing_attachments:
            names = "、".join(map(attachment_name, notice.missing_attachments))
            yield notice.title, f"通知提到但没有提供的附件：{names}"
        for file in notice.files:
            yield from ((file.report.file, warning) for warning in file.report.warnings)


def _named(name: str, words: str) -> str:
    return f"<strong>{escape(name)}</strong>：{escape(words)}"


def _faq(lines: Sequence[Line]) -> Iterator[str]:
    if lines:
        yield f"<h2>常见问题</h2>{_list(escape(line.text) for line in lines if line.kind is not LineKind.HEADING)}"


def _files(notices: Sequence[NoticeReceipt]) -> Iterator[str]:
    yield "<h2>读到的文件</h2>"
    for notice in notices:
        rows = "".join(_file_row(file) for file in notice.files)
        yield (
            f'<h3>{escape(notice.title)}</h3><div class="wide"><table><tr><th>文件</th><th>格式</th><th>页</th>'
            "<th>图片识别</th><th>字</th><th>标题</th><th>表格</th><th>条款</th><th>事实</th></tr>"
            f"{rows}</table></div>"
        )


def _file_row(file: FileReceipt) -> str:
    report = file.report
    name = f"<td>{escape(report.file)}</td>"
    if report.error:
        return f'<tr>{name}<td colspan="8" class="error">{escape(report.error)}</td></tr>'
    recognised = ""
    if report.ocr:
        mean = sum(page.confidence for page in report.ocr) / len(report.ocr)
        recognised = f"{len(report.ocr)} 页，{mean:.0%}"
    numbers = (report.characters, report.headings, report.tables, file.chunks, file.facts)
    return (
        f"<tr>{name}<td>{escape(report.format)}</td><td class='number'>{report.pages or ''}</td>"
        f"<td>{recognised}</td>"
        + "".join(f"<td class='number'>{number}</td>" for number in numbers)
        + "</tr>"
    )


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
