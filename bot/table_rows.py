"""A question and a table -> the rows that it means and the columns that it asks for.

Words are compared as runs of tokens: a Chinese character, a number or a foreign word each, with Chinese and
Arabic numbers made equal. What is not certain is not picked: more rows or columns are given then, never fewer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, takewhile

from bot.datamodels import Chunk, ChunkKind, FactKind, Intent, Question
from bot.glossary import written_terms
from bot.lexicon import ASPECTS, GENERIC
from bot.number_ranges import NumberRange, ranges_in
from bot.numbering import CHINESE_DIGITS, chinese_to_int
from bot.question import asked_units, content_terms, expected_facts, stated_values, with_yuan
from bot.thresholds import Interval
from bot.values import values_in

MOST_ROWS = 6
"""More rows than this are not told apart by what a question names."""
SHORTEST_CODE = 3
"""Digits from which on a bare number is a code of its row (0402) and not its number in the table."""
SAMPLED = 30
"""Rows that are read for the kind of value that a column holds."""
MARKS = "①-⑳*＊★☆※▲△"
"""Signs behind a word that refer to a note below the table."""

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[a-z]+|[\u3400-\u9fff]")
_CHINESE_NUMBER = re.compile(rf"[{''.join(CHINESE_DIGITS)}十百]+")
_NUMBER = re.compile(r"[A-Za-z\d.,，\-—–\s]*")
"""A number, a code, or nothing."""
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_COUNTER = re.compile(r"序号|行号|no\.?", re.IGNORECASE)
_NAMING = re.compile(r"(?:名称|姓名|对象|岗位|职位|[聘人报担请头施]单位)$")
"""Of a column that says whom or what a row is about."""
LONGEST_NAME = 30
"""Characters of a cell that still names."""
_OTHER_CONDITIONS = re.compile(r"其[他它](?:条件|要求|说明|限制)?|限制(?:条件)?|特殊要求")
_REMARKS = re.compile(r"备注|说明")
_RESTRICTS = re.compile(r"[限仅须应不除]|定向|必须")
_OF_PERSONS = re.compile(r"年龄|学历|学位|户籍|性别|条件|要求")
"""Names of columns that say who may apply."""
_GENERALLY = re.compile(r"要求|条件|要啥|要什么|资格|情况")
"""Asks for all that a row says, where no column is named before it (`学历要求`)."""
_WHICH = re.compile(r"哪[些几家个]")
_BRACKETED = re.compile(r"\s*[（(][^（）()]*[）)]$")
_UNIT = re.compile(r"[（(][^（）()]*(?:元|㎡|%|/)[^（）()]*[）)]")
_REMARK = re.compile(r"(?:说明|备注|附注|填表说明|注)\s*\d?[：:.、\n]|(?:说明|备注|注)$")
"""Opens the remarks below a table."""
_REMARK_ITEM = re.compile(r"\d{1,2}[.．、]|[（(]\d{1,2}[）)]|(?:说明|备注|注)\s*\d?[：:]")
_OF_ALL = re.compile(r"[本上此]表|本?标准[均不]|以上(?:标准|金额|比例)|均[按指为以含不]")
"""In a remark that holds for every row."""
_PARTS = re.compile(r"[、，,；;/（）()“”\"\s]+")
_BLANK = re.compile(r"[-—–－/\s]*")
_ASKS = re.compile(r"多[少大高长久远]|几|什么|啥|哪|谁|吗|还是|怎么|如何|是否|能不能|有没有|是不是")
_EXTREME = re.compile(
    r"哪.*最(?P<word>便宜|贵|高|低|多|少|早|晚)(?![^，,。？?]{0,6}(?:多少|几)|[能可补奖给拿获享])|最(?P<last>便宜|贵|高|低|多|少|早|晚)的.{0,6}哪"
)
_SMALLEST = frozenset("便宜 低 少 早".split())
_KIND_OF_EXTREME = {"便宜": FactKind.AMOUNT, "贵": FactKind.AMOUNT, "早": FactKind.DATE, "晚": FactKind.DATE}
_WITH_UNIT = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*(\D*)")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table below their header, in reading order."""

    header: Chunk | None
    rows: tuple[Chunk, ...]
    notes: tuple[Chunk, ...]
    """What stands below it, up to the next table."""
    names: tuple[str, ...]
    """The columns' names."""
    keys: tuple[int, ...]
    """The first column of words, and the further ones without which two rows would read the same."""
    codes: tuple[int, ...]
    """Columns of codes before these."""
    naming: tuple[int, ...]
    """The keys, and further columns that name what a row is about (岗位名称, 保障对象)."""


def table_of(chunks: Sequence[Chunk], row: Chunk) -> Table:
    """The table in which a row, or a header, stands, among its notice's chunks."""
    own = [c for c in chunks if c.document_id == row.document_id]
    heads = [c for c in own if c.kind is ChunkKind.HEADER]
    header = next((c for c in reversed(heads) if c.start <= row.start), None)
    first = header.start if header else 0
    after = next((c.start for c in heads if c.start > row.start), None)
    below = [c for c in own if c.start > first and (after is None or c.start < after)]
    rows = tuple(c for c in below if c.kind is ChunkKind.ROW)
    notes = tuple(c for c in below if c.start > (rows[-1].start if rows else first))
    columns = list(zip(*(each.cells for each in rows), strict=False)) or [()] * len(row.cells)
    names = (*row.table_header, *[""] * len(columns))[: len(columns)]
    keys = _key_columns(columns)
    before = range(keys[0] if keys else 0)
    codes = tuple(n for n in before if _is_code(columns[n]))
    named = (n for n, name in enumerate(names) if _NAMING.search(name) and _are_short(columns[n]))
    return Table(header, rows, notes, names, keys, codes, tuple(sorted({*keys, *named})))


def _are_short(cells: Sequence[str]) -> bool:
    return all(len(cell) <= LONGEST_NAME for cell in cells)


def _key_columns(columns: Sequence[Sequence[str]]) -> tuple[int, ...]:
    words = [n for n, cells in enumerate(columns) if not all(_NUMBER.fullmatch(cell) for cell in cells)]
    kept, told_apart = words[:1], len(set(columns[words[0]])) if words else 0
    for n in words[1:]:
        more = len(set(zip(*(columns[k] for k in (*kept, n)), strict=True)))
        if more > told_apart:
            kept, told_apart = [*kept, n], more
    return tuple(kept)


def _is_code(cells: Sequence[str]) -> bool:
    """True for numbers of some length, no two alike."""
    return len(set(cells)) == len(cells) and all(len(cell) >= SHORTEST_CODE for cell in cells)


def is_blank(cell: str) -> bool:
    """True for a cell with nothing in it, or only a dash."""
    return bool(_BLANK.fullmatch(cell))


# ---------------------------------------------------------------- rows


def rows_meant(question: Question, table: Table, row: Chunk) -> list[Chunk]:
    """The rows whose key cells a question names, none of which another row's outdo; else the row alone.

    `机车新村两室` means the one row that has both, `机车新村` each of its rows, `蓝领A` that of 蓝领公寓A座.
    """
    named = [(each, _named(question, table, each)) for each in table.rows]
    meant = [each for each, words in named if words and not any(words < others for _, others in named)]
    meant = meant or _told_by_sign(question, table) or _told_by_terms(question, table)
    meant = _of_size(question, table, meant) if meant else _in_range(question, table, row)
    if row.kind is ChunkKind.HEADER and not meant:
        meant = [*table.rows]
    return meant if 0 < len(meant) <= MOST_ROWS else [row]


def _told_by_sign(question: Question, table: Table) -> list[Chunk]:
    """The rows with which a question shares words, and the letters and numbers that tell these apart."""
    signs = {sign for sign in _tokens(question.normalised) if re.fullmatch(r"[a-z]|\d+", sign)}
    of_row: dict[str, set[str]] = {
        each.id: signs & {*_tokens(" ".join(each.cells[n] for n in table.keys))}
        for each in table.rows
        if _touched(question, table, each)
    }
    telling = set[str]().union(*of_row.values())
    return [each for each in table.rows if telling and of_row.get(each.id) == telling]


def _told_by_terms(question: Question, table: Table) -> list[Chunk]:
    """The rows whose key cells hold words of a question, also shortened (`高企`) or said otherwise (`低保户`), and not
    fewer than another row's; none where this tells no row from the others."""
    terms = _terms_for(question, " ".join(row.cells[n] for row in table.rows for n in table.naming))
    header = " ".join(table.names)
    terms = [term for term in terms if term not in header] or terms
    held = {row.id: frozenset(t for t in terms if _holds(row, table, t)) for row in table.rows}
    meant = [
        row
        for row in table.rows
        if held[row.id] and not any(held[row.id] < others for others in held.values())
    ]
    return meant if len(meant) < len(table.rows) else []


def _terms_for(question: Question, text: str) -> list[str]:
    """The words of a question, and what a text calls them; not `高企` of `不是高企`."""
    words = question.normalised
    for term in content_terms(question):
        words = re.sub(rf"(?:不是|不属于|不算|没有?|非|除了){re.escape(term)}", " ", words)
    return [*(t for t in content_terms(question) if t in words), *written_terms(words, text)]


def names_of_row(question: Question, table: Table, row: Chunk) -> list[str]:
    """The words of a question that name a row, whole, shortened or said otherwise, and not every row of its table."""
    terms = _terms_for(question, row.text)
    alone = len(table.rows) == 1
    return [
        term
        for term in terms
        if _holds(row, table, term) and (alone or not all(_holds(each, table, term) for each in table.rows))
    ]


def _holds(row: Chunk, table: Table, term: str) -> bool:
    """True where a part of a row's key cells has a term, or the characters of a short one in order."""
    parts = [part for n in table.naming for part in _PARTS.split(row.cells[n])]
    return any(not re.match("[非不]", part) and is_short_for(term, part) for part in parts)


def is_short_for(term: str, words: str) -> bool:
    """True for `高企` and 高新技术企业, `低保户` and 最低生活保障对象, and for what stands in the words whole."""
    if term in words:
        return True
    short = re.sub("(?<=..)[户人者]$", "", term)
    return bool(re.fullmatch("[\u4e00-\u9fff]{2,4}", short) and re.search(".*?".join(short), words))


def _of_size(question: Question, table: Table, rows: Sequence[Chunk]) -> list[Chunk]:
    """Of these rows those in whose range a number of the question lies, and those without a range of its unit; all where
    it lies in none."""
    fitting = _fitting(question, table, rows)
    free = [row for row in rows if not _compared(question, table, row)]
    return [row for row in rows if row in fitting or row in free] if fitting else [*rows]


def _in_range(question: Question, table: Table, row: Chunk) -> list[Chunk]:
    """The rows of a table, those of the same thing as this one, in whose range a number of the question lies."""
    things = table.keys[:1] if len(table.keys) > 1 and row.kind is ChunkKind.ROW else ()
    same = [each for each in table.rows if all(each.cells[n] == row.cells[n] for n in things)]
    return _fitting(question, table, same)


def _fitting(question: Question, table: Table, rows: Sequence[Chunk]) -> list[Chunk]:
    """The rows in whose range a number of the question lies wholly; where there is none, in part."""
    compared = [(row, _compared(question, table, row)) for row in rows]
    within = [row for row, pairs in compared if any(one.within(other) for one, other in pairs)]
    return within or [row for row, pairs in compared if any(not one.apart(other) for one, other in pairs)]


def _compared(question: Question, table: Table, row: Chunk) -> list[tuple[Interval, Interval]]:
    """The numbers of the question, each with a range of its unit for which the row holds."""
    asked = ranges_in(with_yuan(question.normalised))
    own = [each for n in table.keys for each in _ranges(row, n)]
    return [(one.interval, other.interval) for one in asked for other in own if one.of_same_unit(other)]


def lies_in_range(question: Question, table: Table, row: Chunk) -> bool:
    """True where a number of the question lies in the range of a row, or of another one of the same thing."""
    return bool(_in_range(question, table, row))


def _ranges(row: Chunk, n: int) -> list[NumberRange]:
    """The ranges of numbers for which a row holds by this cell: those of `100马力及以上`."""
    return [each for each in ranges_in(row.cells[n]) if not each.exact]


def names_only(question: Question, table: Table, row: Chunk, other_table: Table, other: Chunk) -> bool:
    """True where a question names the row, and not, or less, the other one: that one is no answer beside it."""
    if other in table.rows and _named(question, table, row):
        return True
    own, others = (
        _touched(question, of, each) | _shared(" ".join(of.names), question)
        for of, each in ((table, row), (other_table, other))
    )
    return bool(own - others)


def label_columns(question: Question, table: Table, row: Chunk) -> list[int]:
    """The columns that say which row it is: its first words, what tells it from its namesakes, the range of numbers for
    which it holds, what else names it, a code that is asked for."""
    keys = [n for n in table.keys if row.cells[n]]
    namesakes = [r for r in table.rows if keys and r.cells[keys[0]] == row.cells[keys[0]]]
    kept = [n for n in keys if n == keys[0] or len({r.cells[n] for r in namesakes}) > 1 or _ranges(row, n)]
    kept += [n for n in table.naming if row.cells[n] and _NAMING.search(table.names[n])]
    codes = [n for n in table.codes if _whole(row.cells[n], question)]
    first = next((n for n, cell in enumerate(row.cells) if cell), 0)
    return sorted({*kept, *codes}) or [first]


def _named(question: Question, table: Table, row: Chunk) -> frozenset[int]:
    """Places, in the question's tokens, of the parts of a row's key cells and codes that stand there whole."""
    parts = [part for n in table.naming for part in (row.cells[n], *_PARTS.split(row.cells[n]))]
    codes = [row.cells[n] for n in table.codes]
    telling = [p for p in parts if len(p) > 1 and not _NUMBER.fullmatch(p) and not re.fullmatch(GENERIC, p)]
    return frozenset[int]().union(*(_whole(words, question) for words in (*telling, *codes)))


def _touched(question: Question, table: Table, row: Chunk) -> frozenset[int]:
    """Places, in the question's tokens, of what its words share with a row's key cells."""
    return frozenset[int]().union(*(_shared(row.cells[n], question) for n in table.naming))


# ---------------------------------------------------------------- columns


def asked_columns(question: Question, table: Table, row: Chunk) -> list[int]:
    """The columns of a row that a question asks for, beside those that say which row it is.

    Those that its words name; one that alone holds the kind of value asked for; where it asks whether somebody may
    apply, what is asked of persons. All where these are fewer than what is asked, or leave that kind out, and where it asks generally (`A06要求`).
    """
    others = _other_columns(question, table, row)
    kinds = set(expected_facts(question.normalised))
    filled = [n for n in others if row.cells[n]]
    asking = replace(question, normalised=_GENERALLY.sub(" ", question.normalised))
    if FactKind.PHONE in kinds or (asking != question and not _names_one(asking, table, others)):
        return filled
    chosen = {*named_columns(asking, table, others, _touched(question, table, row))}
    chosen |= {n for n in others if _has_aspect(table.names[n], question)}
    if not chosen and stated_values(question.normalised):
        return filled  # to be compared with what the person states
    exact = any(
        _whole(_BRACKETED.sub("", table.names[n]), question) and _DIGITS.fullmatch(row.cells[n])
        for n in chosen
    )
    if kinds and not exact and not any(kinds & column_kinds(table, n) for n in chosen):
        fitting = [n for n in others if kinds & column_kinds(table, n)]
        if len(fitting) != 1:
            return filled
        chosen |= {*fitting}
    label = " ".join(row.cells[n] for n in label_columns(question, table, row))
    terms = [term for term in content_terms(question) if term not in label]
    chosen |= {n for n in others if any(term in row.cells[n] for term in terms)}
    if not chosen or len(chosen) < len(_ASKS.findall(question.normalised)):
        return sorted({*chosen, *filled})
    if question.yes_no and Intent.ELIGIBILITY in question.intents:
        chosen |= {n for n in filled if _OF_PERSONS.search(table.names[n])}
    return sorted(chosen)


def _names_one(question: Question, table: Table, columns: Sequence[int]) -> bool:
    """True where words name one of these columns that holds no codes."""
    bare = (_UNIT.sub("", table.names[n]) for n in columns if n not in table.codes)
    return any(_shared(name, question) for name in bare)


def restricts(table: Table, row: Chunk, n: int) -> bool:
    """True for a cell that says who may not apply, or what else is asked of a row: 其他条件, and 备注 that limits."""
    name, cell = table.names[n], row.cells[n]
    if is_blank(cell):
        return False
    return bool(_OTHER_CONDITIONS.fullmatch(name) or (_REMARKS.fullmatch(name) and _RESTRICTS.search(cell)))


def _other_columns(question: Question, table: Table, row: Chunk) -> list[int]:
    """The columns that do not say which row it is, its number left out."""
    label = label_columns(question, table, row)
    return [n for n in range(len(row.cells)) if n not in label and not _COUNTER.fullmatch(table.names[n])]


def _has_aspect(name: str, question: Question) -> bool:
    """True for `单户最高返还额` where `最多返多少` is asked."""
    words = question.normalised
    return any(re.search(marks, words) and re.search(marks, name) for _, marks in ASPECTS)


def blank_columns(question: Question, table: Table, row: Chunk) -> list[int]:
    """The columns that a question names, where the row has nothing in any of them and no more is asked; else empty."""
    others = _other_columns(question, table, row)
    named = named_columns(question, table, others, _touched(question, table, row))
    asked = len(_ASKS.findall(question.normalised))
    return named if asked <= len(named) and all(is_blank(row.cells[n]) for n in named) else []


def named_columns(
    question: Question, table: Table, columns: Sequence[int], row: frozenset[int] = frozenset()
) -> list[int]:
    """Of these columns those whose names share words with a question, and none of which another one shares more.

    The words at these places of the question name the row: `小型企业最多返多少` does not ask for 划型参考（工业企业）.
    `第二年减免多少` names 第2年减免比例, and not 第1年减免比例, `幼儿园类` not 非幼儿园类; `几份` names 份数.
    """
    units = asked_units(question.normalised)
    bare = {n: _UNIT.sub("", table.names[n]) for n in columns}
    shared = {n: _shared(bare[n], question) for n in columns}
    shared = {n: frozenset[int]() if places <= row else places for n, places in shared.items()}
    whole = {n: _whole(bare[n], question) for n in columns}

    def outdone(n: int) -> bool:
        return any(
            shared[n] < shared[other] or (shared[n] <= whole[other] and not whole[n]) for other in columns
        )

    return [
        n
        for n in columns
        if (shared[n] and not outdone(n))
        or any(f"{unit}数" in table.names[n] and not shared[n] for unit in units)
    ]


def column_kinds(table: Table, n: int) -> set[FactKind]:
    """The kinds of value that a column holds, by its name and by the cells of its first rows."""
    name = table.names[n]
    by_name = {*expected_facts(name)}
    if "元" in name:
        by_name.add(FactKind.AMOUNT)
    if re.search(r"[^额系]数(?:量)?(?:[（(]|$)", name):
        by_name.add(FactKind.COUNT)
    return by_name | {value.kind for row in table.rows[:SAMPLED] for value in values_in(row.cells[n])}


# ---------------------------------------------------------------- all with one property


def rows_holding(question: Question, table: Table) -> tuple[list[int], list[Chunk]]:
    """(columns, rows) where it is asked which rows have what cells say that name no row: `大专能报哪些岗`, `哪些要原件`.

    All rows where such a cell gives a bound (`大专及以上`), for which others may do as well. Else empty.
    """
    if not _WHICH.search(question.normalised):
        return [], []
    header, columns = " ".join(table.names), [n for n in range(len(table.names)) if n not in table.naming]
    names = " ".join(row.cells[n] for row in table.rows for n in table.naming)
    terms = [t for t in content_terms(question) if t not in header and t not in names]
    terms = [t for t in terms if any(t in row.cells[n].casefold() for row in table.rows for n in columns)]
    telling = [n for n in columns if any(t in row.cells[n].casefold() for row in table.rows for t in terms)]
    rows = [
        row for row in table.rows if all(any(t in row.cells[n].casefold() for n in telling) for t in terms)
    ]
    if not terms or not rows:
        return [], []
    bounded = any(re.search(r"以[上下]", row.cells[n]) for row in rows for n in telling)
    asked = [n for n in columns if _whole(table.names[n], question)]
    return sorted({*telling, *asked}), [*table.rows] if bounded else rows


# ---------------------------------------------------------------- the one that is cheapest, latest


def asks_for_extreme(question: Question, table: Table) -> bool:
    """True for `哪个小区租金最低`; not where the word belongs to a column's name (最低学历) or asks for a limit."""
    word = _extreme(question)
    return bool(word) and not any(f"最{word}" in name for name in table.names)


def extreme_rows(question: Question, table: Table, title: str) -> tuple[list[int], list[Chunk]]:
    """(the columns that can be meant, all rows that share the least or greatest value of the one).

    The rows are empty where they cannot be compared with certainty: where not one column is meant, where a cell
    is not one plain number or date of the same unit, or where the question has a word that stands neither in the
    header nor in the table's title, which may be a condition.
    """
    word = _extreme(question)
    columns = [n for n in range(len(table.names)) if n not in (*table.keys, *table.codes)]
    telling = [n for n in columns if any(_plain_value(row.cells[n]) for row in table.rows)]
    kind = _KIND_OF_EXTREME.get(word)
    fitting = [n for n in columns if kind in column_kinds(table, n)]
    meant = named_columns(question, table, [n for n in telling if kind is None or n in fitting]) or fitting
    if len(meant) != 1:
        return meant or telling, []
    named = [(row, _named(question, table, row)) for row in table.rows]
    most = max((words for _, words in named), key=len, default=frozenset[int]())
    rows = [row for row, words in named if words == most]
    known = " ".join((*table.names, title, *(rows[0].cells[n] for n in table.keys if most)))
    terms = [term for term in content_terms(question) if not re.fullmatch(rf"最?{word}", term)]
    values = [value for row in rows if (value := _plain_value(row.cells[meant[0]]))]
    if (
        len(values) < len(rows)
        or len({unit for _, unit in values}) != 1
        or any(t not in known for t in terms)
    ):
        return meant, []
    best = (min if word in _SMALLEST else max)(number for number, _ in values)
    return meant, [row for row, (number, _) in zip(rows, values, strict=True) if number == best]


def _extreme(question: Question) -> str:
    """`便宜` of `哪个小区最便宜`; empty where no row is to be picked."""
    match = _EXTREME.search(question.normalised)
    return (match["word"] or match["last"]) if match else ""


def _plain_value(cell: str) -> tuple[float, str] | None:
    """(number, unit) of a cell that is one number, or (day, `date`) of one that is a date; else None."""
    dates = [v for v in values_in(cell) if v.kind is FactKind.DATE]
    if dates:
        digits = re.sub(r"\D", "", dates[0].value)
        whole = len(dates) == 1 and len(digits) == 8 and dates[0].end - dates[0].start >= len(cell) - 3
        return (float(digits), "date") if whole else None
    number = _WITH_UNIT.fullmatch(cell.strip())
    return (float(re.sub(r"[,，]", "", number[1])), number[2].strip()) if number else None


# ---------------------------------------------------------------- notes


def notes_for(table: Table, words: Sequence[str]) -> list[tuple[Chunk, int, int]]:
    """(clause, its stretch) of the notes below a table to which marks behind these words refer (`奖补比例②`)."""
    marks = [mark for word in words for mark in re.findall(rf"[{MARKS}](?=[{MARKS}]*$)", word)]
    found = []
    for mark in dict.fromkeys(marks):
        for chunk in table.notes:
            note = re.search(rf"(?:^|[：:；;。\s])({re.escape(mark)}[^①-⑳]*[^①-⑳\s])", chunk.text)
            if note:
                found.append((chunk, chunk.start + note.start(1), chunk.start + note.end(1)))
                break
    return found


def remarks_for(table: Table, question: Question, words: Sequence[str]) -> list[Chunk]:
    """The remarks below a table (`说明：……`, and what is numbered under it) that limit all of it (`不适用本表`), or name what
    these words, the shown columns' names and keys, or the question name; none that name other rows."""
    below = list(table.notes)
    first = next((n for n, chunk in enumerate(below[:1]) if _REMARK.match(chunk.text)), None)
    if first is None:
        return []
    others = takewhile(lambda c: bool(_REMARK_ITEM.match(c.text)), below[1:])
    names = [_UNIT.sub("", part) for word in words for part in (word, *_PARTS.split(word))]
    names = [name for name in names if len(name) > 2 and not re.fullmatch(GENERIC, name)]
    common = [
        sum(term in row.text for row in table.rows) * 2 > len(table.rows) for term in content_terms(question)
    ]
    names += [t for t, everywhere in zip(content_terms(question), common, strict=True) if not everywhere]
    return [
        chunk
        for chunk in (below[0], *others)
        if not re.search(rf"[{MARKS}]", chunk.text)
        and not _of_other_rows(table, chunk.text, words)
        and (_OF_ALL.search(chunk.text) or any(name in chunk.text for name in names))
    ]


def _of_other_rows(table: Table, remark: str, words: Sequence[str]) -> bool:
    """True where a remark names rows of the table by their first cell, and none of those whose cells are among these words."""
    keys = {row.cells[n] for row in table.rows for n in table.keys[:1]}
    named = {key for key in keys if len(bare := _BRACKETED.sub("", key)) > 3 and bare in remark}
    return bool(named) and bool(words) and not named & {*words}


# ---------------------------------------------------------------- words


def cell_places(row: Chunk) -> list[tuple[int, int]]:
    """Where the cells of a row stand in the document."""
    pipes = [m.start() for m in re.finditer(r"(?<!\\)\|", row.text)]
    bounds = [*([] if row.text.startswith("|") else [-1]), *pipes, len(row.text)]
    places = []
    for before, after in pairwise(bounds):
        words = row.text[before + 1 : after]
        start = row.start + before + 1 + len(words) - len(words.lstrip())
        places.append((start, start + len(words.strip())))
    return places


@lru_cache(maxsize=20_000)
def _tokens(words: str) -> tuple[str, ...]:
    """`第二辆（元）` -> 第 2 辆 元."""
    bare = unicodedata.normalize("NFKC", re.sub(rf"[{MARKS}]", " ", words)).casefold()
    return tuple(_TOKEN.findall(_CHINESE_NUMBER.sub(lambda m: f" {_arabic(m.group())} ", bare)))


def _arabic(words: str) -> str:
    number = chinese_to_int(words)
    return words if number is None else str(number)


def _whole(words: str, question: Question) -> frozenset[int]:
    """Places, in the question's tokens, of words that stand there whole."""
    said, own = _tokens(question.normalised), _tokens(words)
    return frozenset(
        at + step
        for at in range(len(said) - len(own) + 1)
        if own and said[at : at + len(own)] == own
        for step in range(len(own))
    )


def _shared(words: str, question: Question) -> frozenset[int]:
    """Places, in the question's tokens, of two neighbours that stand so in the words, too."""
    said, own = _tokens(question.normalised), _tokens(words)
    pairs = set(pairwise(own))
    return frozenset(at + step for at, pair in enumerate(pairwise(said)) if pair in pairs for step in (0, 1))
