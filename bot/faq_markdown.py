"""FAQ entry <-> the Markdown page that staff write: a question, its wordings, an answer and its clauses.

```
# 什么时候截止申报？                       the question
- 通知：2024年度智能工厂梯度培育行动          the notice's folder; without this line the entry is for all
- 审定：2026-11-20 王敏                    written by `faq approve`
## 其他问法                               a line a wording
## 答案                                  `[1]` names a clause below, `**` marks the answering words
## 依据
### [1] 二、（二）1.                      the clause's section
- 文件：2024年度…/关于…的通知.txt
- 校验：3fa9c1d2e4b5a697                  the clause as it read then; without it, as it reads on approval
> 1.申报主体……                           the quotation
## 统计                                  written by `faq draft`, read by nobody but people
<!-- 指纹：9f86d081884c7d65 -->            the text above as the program last wrote it
```
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.datamodels import CitedClause, FaqEntry
from bot.today import date_from

ANSWER_WANTED = "（请在这里写答案，写好后删掉这一行）"
"""Stands in a draft for which there is no answer yet; a page that still holds it has none."""
CLAUSE_WANTED = """\
<!-- 请在这一行下面写依据，每条两行，写好后在答案句末加 [1]：
### [1] 二、（一）1.
- 文件：通知文件夹/通知文件名
-->"""
_SECTIONS = {
    "wordings": ("其他问法", "其它问法", "问法", "别的问法"),
    "answer": ("答案", "回答", "答"),
    "clauses": ("依据", "出处", "引用", "条款"),
}
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s*(.*?)[\s#]*")
_SETTING = re.compile(r"\s*(?:[-*•·]\s*)?([\u4e00-\u9fff]{2,4})\s*[:：]\s*(.*?)\s*")
_BULLET = re.compile(r"\s*(?:[-*•·]|\d{1,2}[.、)）])\s*")
_CLAUSE_HEADING = re.compile(r"[\[［【]\s*(\d{1,2})\s*[\]］】]\s*(.*)")
MARKER = re.compile(r"[\[［【]\s*(\d{1,2})\s*[\]］】]")
"""`[1]` in an answer; full-width brackets and digits are taken too."""
_SEAL = re.compile(r"\s*<!--\s*指纹\s*[:：]\s*([0-9a-f]{16})\s*-->\s*")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a page, and where."""

    line: int
    """From 1."""
    message: str
    """Chinese sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class FaqPage:
    """One Markdown page, read."""

    entry: FaqEntry
    statistics: tuple[str, ...] = ()
    """Lines about who asked how often, for people to read."""
    untouched: bool = False
    """True where the page reads as the program last wrote it."""
    problems: tuple[Problem, ...] = ()


# ---------------------------------------------------------------- writing


def page_to_markdown(entry: FaqEntry, statistics: tuple[str, ...] = ()) -> str:
    """The page of an entry, with its fingerprint."""
    lines = [f"# {_one_line(entry.question)}", ""]
    if entry.notice_id:
        lines.append(f"- 通知：{entry.notice_id}")
    if entry.approved_on:
        lines.append(f"- 审定：{entry.approved_on.isoformat()} {_one_line(entry.approved_by)}".rstrip())
    lines += ["", "## 其他问法", "", *(f"- {_one_line(wording)}" for wording in entry.wordings)]
    lines += ["", "## 答案", "", entry.answer.strip() or ANSWER_WANTED, "", "## 依据"]
    if not entry.clauses:
        lines += ["", CLAUSE_WANTED]
    for n, clause in enumerate(entry.clauses, 1):
        lines += ["", f"### [{n}] {clause.section}".rstrip(), "", f"- 文件：{clause.document_id}"]
        if clause.digest:
            lines.append(f"- 校验：{clause.digest}")
        lines += ["", *(f"> {line}".rstrip() for line in clause.quote.split("\n"))]
    if statistics:
        lines += ["", "## 统计", "", *(f"- {_one_line(line)}" for line in statistics)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"
    return f"{text}\n<!-- 指纹：{fingerprint(text)} -->\n"


def fingerprint(text: str) -> str:
    """16 hexadecimal digits that stay the same where an editor only changed blanks and line ends."""
    kept = _SEAL.sub("", text)
    return hashlib.sha256(re.sub(r"\s+", "", kept).encode()).hexdigest()[:16]


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ---------------------------------------------------------------- reading


@dataclass
class _Reader:
    """What has been read of a page so far."""

    question: str = ""
    settings: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Setting -> (its line, its value)."""
    wordings: list[str] = field(default_factory=list)
    answer: list[tuple[int, str]] = field(default_factory=list)
    clauses: dict[int, tuple[int, CitedClause]] = field(default_factory=dict)
    """Number -> (line of its heading, clause)."""
    statistics: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def page_from_markdown(text: str, entry_id: str) -> FaqPage:
    """The page, as far as it can be read; `problems` names, by line, what cannot be used as it is.

    Lenient about blanks, bullets, full-width marks and the names of headings.
    """
    seal = _SEAL.search(text)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    bare = _COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), text)
    read = _Reader()
    section, number = "head", 0
    for at, line in enumerate(bare.split("\n"), 1):
        heading = _HEADING.fullmatch(line)
        if heading and len(heading[1]) == 1:
            read.question, section = heading[2].strip(), "head"
        elif heading and (named := _section(heading[2])):
            section, number = named, 0
        elif section == "clauses" and (clause := _CLAUSE_HEADING.fullmatch(heading[2] if heading else "")):
            number = int(clause[1])
            if number in read.clauses:
                read.problems.append(Problem(at, f"依据 [{number}] 写了两次，请改成不同的编号。"))
            read.clauses[number] = (at, CitedClause("", clause[2].strip(), "", ""))
        elif line.strip():
            _take(read, section, number, at, line)
    _check(read)
    return FaqPage(
        _entry(read, entry_id),
        tuple(read.statistics),
        untouched=seal is not None and seal[1] == fingerprint(text),
        problems=tuple(sorted(read.problems, key=lambda problem: problem.line)),
    )


def _section(heading: str) -> str:
    words = re.sub(r"[\s:：（(].*", "", unicodedata.normalize("NFKC", heading).strip())
    if words == "统计":
        return "statistics"
    return next((name for name, words_for in _SECTIONS.items() if words in words_for), "")


def _take(read: _Reader, section: str, number: int, at: int, line: str) -> None:
    """One line that is no heading, in the section where it stands."""
    setting = _SETTING.fullmatch(line)
    match section:
        case "head" if setting:
            read.settings[setting[1]] = (at, setting[2])
        case "wordings":
            read.wordings.append(_BULLET.sub("", line, count=1).strip())
        case "answer":
            read.answer.append((at, line.rstrip()))
        case "clauses" if number:
            heading_line, clause = read.clauses[number]
            if line.lstrip().startswith((">", "＞")):
                words = line.lstrip()[1:].removeprefix(" ")
                clause = replace(clause, quote="\n".join(filter(None, (clause.quote, words))))
            elif setting and setting[1] == "文件":
                clause = replace(clause, document_id=setting[2].replace("\\", "/"))
            elif setting and setting[1] == "校验":
                clause = replace(clause, digest=setting[2].strip("`").casefold())
                if clause.digest and not re.fullmatch(r"[0-9a-f]{16}", clause.digest):
                    read.problems.append(
                        Problem(at, "校验应是 16 位数字和字母。看过现在的条文后，可以把这一行删掉再审定。")
                    )
            read.clauses[number] = (heading_line, clause)
        case "statistics":
            read.statistics.append(_BULLET.sub("", line, count=1).strip())


def _check(read: _Reader) -> None:
    """Adds what is missing from a page or does not fit."""
    problem = read.problems.append
    if not read.question:
        problem(Problem(1, "没有问题。第一行请写成：# 什么时候截止申报？"))
    if read.clauses and not _answer(read):
        problem(Problem(_first_line(read), "没有答案。请在“## 答案”下面写，句末用 [1] 注明依据。"))
    elif not read.clauses:
        problem(Problem(1, "没有依据。请在“## 依据”下写“### [1] 条款号”，下一行写“- 文件：…”。"))
    numbers = set(read.clauses)
    for at, line in read.answer:
        for named in _numbers(line):
            if named not in numbers:
                problem(Problem(at, f"答案里的 [{named}] 在“## 依据”里没有。请补上这条依据，或改正编号。"))
    for number, (at, clause) in read.clauses.items():
        if not clause.document_id:
            problem(Problem(at, f"依据 [{number}] 没有写明文件。请在下一行写“- 文件：通知文件夹/文件名”。"))
    if "审定" in read.settings:
        at, value = read.settings["审定"]
        if date_from(value.split(" ")[0]) is None:
            problem(Problem(at, "审定日期应写成 2026-11-20。这一行由 faq approve 填写，可以删掉重新审定。"))


def _first_line(read: _Reader) -> int:
    return read.answer[0][0] if read.answer else 1


def _answer(read: _Reader) -> str:
    return "\n".join(line for _, line in read.answer if line.strip() != ANSWER_WANTED).strip()


def _numbers(line: str) -> Iterator[int]:
    return (int(found) for found in MARKER.findall(line))


def _entry(read: _Reader, entry_id: str) -> FaqEntry:
    """The entry, its clauses numbered from 1 in the order of their numbers on the page."""
    order = sorted(read.clauses)
    place = {number: n for n, number in enumerate(order, 1)}
    answer = MARKER.sub(lambda found: f"[{place.get(int(found[1]), int(found[1]))}]", _answer(read))
    day, _, who = read.settings.get("审定", (0, ""))[1].partition(" ")
    return FaqEntry(
        id=entry_id,
        question=read.question,
        wordings=tuple(dict.fromkeys(filter(None, read.wordings))),
        answer=answer,
        clauses=tuple(read.clauses[number][1] for number in order),
        notice_id=read.settings.get("通知", (0, ""))[1],
        approved_on=date_from(day),
        approved_by=who.strip(),
    )
