"""Text of a notice -> the attachments that it names, and those that follow in the same file.

They are named in the list at the end (附件：1.…) and in the body (《…》（附件3）); either may be incomplete.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.datamodels import DeclaredAttachment
from bot.documents.letterhead import NUMERALS, Line, ends_body, han_number, lines_of, read_foot, read_head

_LIST_START = re.compile(r"^附\s*件\s*[:：]\s*(?P<rest>.*)$")
_MARK = re.compile(
    rf"^附\s*件\s*(?P<number>\d{{1,2}}(?!\d)|[{NUMERALS}]{{1,3}})\s*(?P<mark>[:：.．、\-—_]?)\s*(?P<rest>.*)$"
)
"""附件2, 附件2：标题, 附件二 标题."""
_ITEM = re.compile(r"^(?P<number>\d{1,2})(?!\d)\s*(?:[.．、:：)）]|(?<=\d)\s)\s*(?P<title>.+)$")
_NEXT_ITEM = re.compile(r"[；;。]\s*(?=\d{1,2}\s*[.．、])|\s+(?=\d{1,2}\s*[.．、](?!\d))")
_FILE_END = re.compile(r"\.(?:docx?|xlsx?|pptx?|pdf|wps|et|ofd|zip|rar|txt|md|jpe?g|png)$", re.IGNORECASE)
_LONGEST_TITLE = 100
_SHORTEST_ATTACHMENT = 40
"""Characters that stand under 附件2 where an attachment follows there; below it, it is a list of links."""

_SITE_FOOT = re.compile(
    r"版权所有|ICP备|网站标识码|网站地图|主办单位|相关链接|上一篇|下一篇|【?打印】?\s*【?关闭"
)

_MENTION = re.compile(
    r"[（(]\s*(?:请?(?:详见|参见|见)\s*)?(?:本通知|本公告|本通告)?附\s*件\s*"
    r"(?P<numbers>\d{1,2}(?:\s*(?:[、，,和及]|至|[-—~～])\s*(?:附件)?\s*\d{1,2})*)\s*[）)]"
)
_SEE = re.compile(r"(?:详见|参见|见)附\s*件\s*(\d{1,2})(?!\d)")
QUOTED = re.compile(r"《((?:[^《》]|《[^《》]*》)*)》")
"""A title in 《》, which may quote another one."""
_QUOTED_BEFORE = re.compile(rf"(?:{QUOTED.pattern}[、，和及与\s]*)+$")
_PAPER_END = re.compile(
    r"(?:表|书|清单|目录|名单|指南|方案|办法|标准|细则|模板|样式|样本|范本|格式|提纲|说明|要求|条件|指引|要点|材料|函|报告|"
    r"意见|协议|合同|预案|规则|制度|回执|声明|证明|安排|计划|一览|名额|联系方式|通讯录)(?:[（(][^（）()]*[）)])?$"
)
_BEFORE_PAPER = re.compile(
    r"^.*(?:填写|填报|填好|填制|提交|报送|递交|上报|编制|编写|制定|印制|印发|按照|依照|参照|参考|根据|依据|对照|下载|上传|打印|"
    r"签署|签订|出具|提供|附上|附|持|包括|包含|使用|采用|领取|公布|将|把|由|以及|并|需|须|应|填|按|报|份|的|和|及|与|或|为|"
    r"是|[①-⑳])(?=.{2})"
)
"""Words of the sentence in front of a paper's name that stands without 《》."""


def attachment_mark(words: str) -> tuple[str, str] | None:
    """`附件2：推荐汇总表` -> (`2`, `推荐汇总表`), `附件2` -> (`2`, ``); None for a line that is no such mark."""
    match = _MARK.match(words)
    if match is None or (match["rest"] and _is_sentence(match["rest"], match["mark"])):
        return None
    number = match["number"]
    try:
        return str(int(number) if number.isdecimal() else han_number(number)), clean_title(match["rest"])
    except (KeyError, ValueError):  # 附件十十
        return None


def clean_title(words: str) -> str:
    """A title without a file's suffix, without 《》 around the whole and without marks at its end."""
    words = _FILE_END.sub("", words.strip()).strip(" \u3000；;。")
    whole = re.fullmatch(r"《([^《》]*)》", words)
    return whole[1] if whole else words


def _is_sentence(words: str, mark: str = "：") -> bool:
    """True for words of the body that happen to follow 附件1: 附件1中的“案例”，是指…"""
    if len(words) > 60 or re.search(r"[。；]", words):
        return True
    return not mark and bool(re.search(r"[，、：:]|^[中的所和与及有要为按另表第]", words))


# ---------------------------------------------------------------- the list at the end


def _listed_after(lines: Sequence[Line], start: int) -> dict[str, str]:
    """Titles by number of the list that begins in line `start`.

    A list without numbers gets them in order. A line without a number goes on with the title above it.
    """
    match = _LIST_START.match(lines[start].text)
    numbered: list[tuple[int, str]] = []
    loose: list[str] = []
    entries = [(match["rest"].strip() if match else "", False)]
    entries += [(line.text, line.gap) for line in lines[start + 1 :]]
    for words, gap in entries:
        if words and (_ends_list(words) or (gap and (numbered or loose) and not _ITEM.match(words))):
            break
        for part in _NEXT_ITEM.split(words) if words else ():
            item = _ITEM.match(part)
            if item and not loose and (not numbered or int(item["number"]) > numbered[-1][0]):
                numbered.append((int(item["number"]), item["title"]))
            elif numbered:
                numbered[-1] = (numbered[-1][0], numbered[-1][1] + part)
            else:
                loose.append(part)
    items = numbered or list(enumerate(loose, start=1))
    return {str(number): clean_title(title) for number, title in items}


def _ends_list(words: str) -> bool:
    if _ITEM.match(words):
        return False
    return (
        ends_body(words)
        or _LIST_START.match(words) is not None
        or _MARK.match(words) is not None
        or len(words) > _LONGEST_TITLE
        or "。" in words[:-1]
    )


# ---------------------------------------------------------------- mentions in the body


def _mention_numbers(words: str) -> list[str]:
    """`1、2` -> 1, 2; `2至4` -> 2, 3, 4."""
    span = re.fullmatch(r"(\d{1,2})\s*(?:至|[-—~～])\s*(?:附件)?\s*(\d{1,2})", words)
    if span and int(span[1]) < int(span[2]):
        return [str(number) for number in range(int(span[1]), int(span[2]) + 1)]
    return [str(int(number)) for number in re.findall(r"\d{1,2}", words)]


def _titles_before(before: str, count: int) -> list[str]:
    """Titles that stand in front of `（附件…）`: quoted ones, else one name that reads like a paper's."""
    quoted = _QUOTED_BEFORE.search(before)
    if quoted:
        return QUOTED.findall(quoted[0])[-count:]
    words = re.split(r"[，。；：、,;:！？!?“”《》【】\n|]", before)[-1]
    if not words.endswith(("）", ")")):
        words = re.split(r"[（(）)]", words)[-1]
    words = re.sub(r"^[\d.．\s]+", "", _BEFORE_PAPER.sub("", words)).strip()
    return [words] if count == 1 and 2 <= len(words) <= 30 and _PAPER_END.search(words) else []


def _mentioned(body: str) -> dict[str, str]:
    """Titles by number of the attachments that the body names as `《…》（附件3）` or `推荐汇总表（附件5）`.

    A title is empty where the words in front tell none.
    """
    found: dict[str, str] = {}
    for match in _MENTION.finditer(body):
        numbers = _mention_numbers(match["numbers"])
        titles = _titles_before(body[max(0, match.start() - 300) : match.start()], len(numbers))
        titles = titles if len(titles) == len(numbers) else [""] * len(numbers)
        for number, title in zip(numbers, titles, strict=True):
            found[number] = found.get(number) or title
    for match in _SEE.finditer(body):
        found.setdefault(str(int(match[1])), "")
    return found


# ---------------------------------------------------------------- the whole


def declared_attachments(text: str) -> tuple[DeclaredAttachment, ...]:
    """The attachments that a notice names, in its list or in its body, by number.

    A single one without a number gets `1`. One that only has a number (见附件2) is titled `附件2`; words
    without a number (见附件) name none. `document_id` is None: the text does not tell what was supplied.
    """
    lines = lines_of(text)
    head = read_head(lines)
    foot = read_foot(lines, head.end)
    starts = [i for i, line in enumerate(lines) if i >= head.end and _LIST_START.match(line.text)]
    above = [i for i in starts if i < foot.start]
    titles = _listed_after(lines, above[-1] if above else starts[0]) if starts else {}
    for line in lines[head.end :]:
        mark = attachment_mark(line.text)
        if mark and mark[1]:
            titles.setdefault(*mark)
    for embedded in embedded_attachments(text):
        titles[embedded.number] = titles.get(embedded.number) or embedded.title
    body_end = lines[foot.start].start if foot.start < len(lines) else len(text)
    for number, title in _mentioned(text[:body_end]).items():
        titles[number] = titles.get(number) or title
    ordered = sorted(titles.items(), key=lambda entry: int(entry[0]))
    return tuple(DeclaredAttachment(number, title or f"附件{number}", None) for number, title in ordered)


@dataclass(frozen=True, slots=True)
class EmbeddedAttachment:
    """An attachment that follows in the same file."""

    number: str
    title: str
    start: int
    """Offset in the file's text of the line 附件2 or 附件2：标题 that it begins with."""


def embedded_attachments(text: str) -> tuple[EmbeddedAttachment, ...]:
    """The attachments that follow in the same text: below a notice's signature, or one behind another.

    Their numbers rise. A web page's list of links, a list of titles and a list 附件：1.… do not count.
    """
    lines = lines_of(text)
    first, last_number, only_bare = _first_possible(lines)
    marks: list[tuple[int, str, str]] = []
    for position in range(first, len(lines)):
        mark = _opening_mark(text, lines, position)
        if mark and int(mark[0]) > last_number and not (only_bare and mark[1]):
            marks.append((position, *mark))
            last_number = int(mark[0])
    ends = [*(mark[0] for mark in marks[1:]), len(lines)]
    found = []
    for (position, number, title), end in zip(marks, ends, strict=False):
        below = lines[position + 1 : end]
        if sum(len(line.text) for line in below) >= _SHORTEST_ATTACHMENT:
            name = title or clean_title(re.sub(r"^\|.*", "", below[0].text)) or f"附件{number}"
            found.append(EmbeddedAttachment(number, name, lines[position].start))
    return tuple(found)


def _first_possible(lines: Sequence[Line]) -> tuple[int, int, bool]:
    """The first line that an embedded attachment may begin in, the number it must exceed, and whether only a
    line of 附件N alone counts."""
    own = attachment_mark(lines[0].text) if lines else None
    if own:  # a file of attachments, one behind another
        return 1, int(own[0]), True
    foot = read_foot(lines, read_head(lines).end)
    if foot.start < len(lines):
        return foot.end, 0, False
    # A notice without signature and date: below its list of attachments.
    listed = next((i + 1 for i, line in enumerate(lines) if _LIST_START.match(line.text)), len(lines))
    return listed, 0, True


def _opening_mark(text: str, lines: Sequence[Line], position: int) -> tuple[str, str] | None:
    """Number and title (may be empty) where the line opens an attachment and is no entry of a list."""
    line = lines[position]
    below = lines[position + 1].text if position + 1 < len(lines) else ""
    bare = re.fullmatch(r"附\s*件\s*[:：]?", line.text)
    mark = ("1", "") if bare else attachment_mark(line.text)
    if mark is None or not below or _FILE_END.search(line.text) or _FILE_END.search(below):
        return None
    raw = text[line.start :].split("\n", 1)[0]
    if "](" in raw or attachment_mark(below) or (not mark[1] and _ITEM.match(below)):
        return None
    above = attachment_mark(lines[position - 1].text) if position else None
    if mark[1] and (
        above or any(_SITE_FOOT.search(other.text) for other in lines[position + 1 : position + 4])
    ):
        return None
    return mark
