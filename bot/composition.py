"""Evidence -> blocks of an answer, one function for each form that an answer takes.

Every function writes the answer's words from the notice's own clauses, and cites them as it goes.
Computed words (days left, an inferred year) are marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot import messages
from bot.chunking import ANSWER_MARK, sentences
from bot.citations import Citer
from bot.contacts import Contact
from bot.datamodels import (
    Block,
    BlockKind,
    Chunk,
    ChunkKind,
    Fact,
    FactKind,
    Notice,
    Question,
    Span,
    SpanStyle,
)
from bot.deadlines import (
    computed_deadline,
    day_of,
    is_deadline,
    is_open_date,
    is_start,
    is_submission,
    runs_from_event,
    state,
    suffix_after,
)
from bot.enumerations import Enumeration, enumerations
from bot.facts import clause_actor, values_in
from bot.index.store import Index
from bot.numbering import number_end
from bot.question import content_terms, expected_facts
from bot.ranking import Ranker, features
from bot.table_rows import (
    Table,
    asked_columns,
    asks_for_extreme,
    cell_places,
    extreme_rows,
    is_blank,
    label_columns,
    names_only,
    notes_for,
    rows_meant,
    table_of,
)

SHORT_CLAUSE = 90
"""A clause up to this length answers whole."""
LONG_SENTENCE = 100
"""Of a longer sentence only the parts that answer are shown."""
LISTED_ITEMS = 12
READ_BONUS = 2.0
"""Added to the score of the sentence in which the reader finds the answer."""
LONGEST_MARK = 30
"""Longer stretches are no longer "the answering words" of a sentence."""
SIBLINGS_SHOWN = 2
"""Other conditions shown beside the one that a question is about; of more only their heading is told."""
SHORT_LIST = 140
"""A list in running text up to this length is shown whole with any of its items."""
LEFT_OUT = "……"
"""Stands where words of the clause were left out between those shown."""
BETWEEN_CELLS = " · "
"""A blank would make one value of two cells, 11月15日 and 9:00."""
_BINDING = re.compile(r"下列|以下|情形|之一|不|除外|符合|具备|满足")
_GOES_ON = re.compile(r"^(?:但|其中|逾期|否则|除|上述|同时|未|对)|除外|例外|放宽|不享受|不受.{0,6}限制")
"""A sentence that the one before it cannot do without: an exception, a consequence."""
_LIMITS = re.compile(r"不享受|不得|不予|不能|除外|例外|放宽|但")
_BANS = re.compile(r"不予|不得(?![低少高多大超])|不能|不享受|情形|之一|禁止")
_TOGETHER = re.compile(r"条件|要求|具备|(?:符合|满足)(?:下列|以下)|同时(?:符合|满足)")
"""In the heading or opener of conditions."""
_APART = re.compile(r"不|禁|除外|例外|限制|情形|之一|任[一意]|或|材料|程序|流程|工作要求|有关要求|其他要求")
"""In one whose items are bans, alternatives, exceptions or matters of procedure."""
_TITLED = re.compile(r"[^。；，：:,;]{2,16}[。：:.](?=\s*[^\s\d])|[^。；，]{1,8}$")
"""An item that is a title or opens with one (`报废更新。……`), and with it a part of the notice."""
_ANNOUNCES = re.compile(r"(?:下列|如下)[^：:]*$|[：:]$")
"""A sentence whose list or account stands below it."""
_LABELLED = re.compile(r"[^：:。；]{2,10}[：:]")
_GROUP_END = re.compile(r"[。；;]|[：:](?!//|\d)|(?<=元)[，,]")
"""Where a long sentence may be cut: `……每月1700元，` ends a group, any other comma does not."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a clause, with its place in the document and how well it answers."""

    chunk: Chunk
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Desk:
    """What a composer works with: the question, the notice's clauses and facts, and the citer."""

    question: Question
    notice: Notice
    index: Index
    ranker: Ranker
    citer: Citer
    read: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Id of a chunk -> where in the document the words stand that the reader takes for the answer."""

    def facts(self, chunk: Chunk, start: int = 0, end: int | None = None) -> list[Fact]:
        """Facts of a clause, or of its stretch [start, end)."""
        return [
            f
            for f in self.index.facts.get(chunk.id, ())
            if f.start >= start and (end is None or f.end <= end)
        ]

    @property
    def chunks(self) -> list[Chunk]:
        """The notice's chunks in reading order."""
        return [self.index.chunks[row] for row in self.index.notice_rows[self.notice.id]]

    @property
    def text(self) -> str:
        """All that the notice's chunks say."""
        return " ".join(chunk.text for chunk in self.chunks)

    def parent(self, chunk: Chunk) -> Chunk | None:
        """The heading or line that introduces a chunk."""
        row = self.index.rows.get(chunk.parent_id or "")
        return None if row is None else self.index.chunks[row]


def plain(text: str) -> Span:
    return Span(text)


def strong(text: str) -> Span:
    return Span(text, SpanStyle.STRONG)


def computed(text: str) -> Span:
    return Span(text, SpanStyle.COMPUTED)


def note(text: str) -> Block:
    """A remark of the assistant in its own words."""
    return Block(BlockKind.NOTE, (computed(text),))


# ---------------------------------------------------------------- sentences


def answering_sentences(desk: Desk, chunk: Chunk) -> list[Sentence]:
    """Sentences of a clause, best first."""
    spans = _unbroken(chunk.text)
    parts = [
        replace(chunk, id=f"{chunk.id}/{n}", start=chunk.start + a, end=chunk.start + b, text=chunk.text[a:b])
        for n, (a, b) in enumerate(spans)
    ]
    facts = {part.id: desk.facts(chunk, part.start, part.end) for part in parts}
    level = [0.0] * len(parts)
    scores = desk.ranker.scores(features(desk.question, parts, level, level, facts))
    start, end = desk.read.get(chunk.id, (0, 0))
    found = [
        Sentence(
            chunk,
            part.start,
            part.end,
            part.text,
            float(score) + READ_BONUS * (part.start <= start < end <= part.end),
        )
        for part, score in zip(parts, scores, strict=True)
    ]
    return sorted(found, key=lambda s: (-s.score, s.start))


def _unbroken(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a text, none of which ends within brackets: `（6人以下；含6人）`."""
    spans: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if (
            spans
            and _in_brackets(text[spans[-1][0] :], start - spans[-1][0])
            and re.search(r"[）)]", text[start:])
        ):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def clause_blocks(desk: Desk, chunk: Chunk, kind: BlockKind = BlockKind.ANSWER) -> list[Block]:
    """The answer that one clause gives: whole where it is short, else its best sentence with what belongs to it;
    then what the clause only announces (`汇入下列账户。`)."""
    if chunk.kind in {ChunkKind.ROW, ChunkKind.HEADER}:
        return row_blocks(desk, chunk, kind)
    ranked = answering_sentences(desk, chunk)
    if not ranked:
        return []
    in_order = sorted(ranked, key=lambda s: s.start)
    lists = _lists(desk, chunk)
    chosen = in_order
    if chunk.end - chunk.start > SHORT_CLAUSE:
        chosen = _chosen(desk, ranked, in_order, kind)
    chosen = _with_openers(desk, chosen, in_order, lists)
    marks = [mark for sentence in chosen for mark in answer_marks(desk, sentence)]
    own = [s for s in chosen if s.chunk.id == chunk.id]
    n = desk.citer.cite(chunk, marks or [(s.start, s.end) for s in own])
    desk.citer.quote(chunk, own[0].start, own[-1].end)
    numbers = [n, *(desk.citer.cite(s.chunk) for s in chosen if s.chunk.id != chunk.id)]
    spans: list[Span] = []
    for before, sentence in zip([None, *chosen], chosen, strict=False):
        if before is not None and not _adjoin(desk, before, sentence):
            spans.append(plain(LEFT_OUT))
        spans += _shortened_sentence(desk, _without_number(sentence), marks)
    if any(each.start < chosen[-1].end < each.end for each in lists):
        spans.append(plain(LEFT_OUT))
    above = _introduction(desk, chunk)
    if above is not None:
        spans.insert(0, plain(_bare(above.text.lstrip("#").strip()) + "："))
        numbers.append(desk.citer.cite(above.chunk))
    block = Block(kind, tuple(spans), tuple(dict.fromkeys(numbers)))
    announced = _announced(desk, chosen[-1]) if kind is BlockKind.ANSWER else []
    return [_with_states(desk, block, chosen), *_item_blocks(desk, announced)]


def _chosen(
    desk: Desk, ranked: Sequence[Sentence], in_order: Sequence[Sentence], kind: BlockKind
) -> list[Sentence]:
    """Of a long clause the best sentence, with the exception to it, the next best, and the one on the asker's case."""
    best = ranked[0]
    chosen = [best]
    at = in_order.index(best)
    for near in in_order[at + 1 : at + 2]:
        if _GOES_ON.search(near.text) and len(near.text) <= LONG_SENTENCE:
            chosen.append(near)
    for other in ranked[1:2]:
        if other.score > best.score - 1.0 and other not in chosen and len(best.text) + len(other.text) < 140:
            chosen.append(other)
    if kind is BlockKind.ANSWER and (named := _on_the_case(desk, chosen, ranked)):
        chosen.append(named)
    return sorted(chosen, key=lambda s: s.start)


def _on_the_case(desk: Desk, chosen: Sequence[Sentence], ranked: Sequence[Sentence]) -> Sentence | None:
    """The sentence that holds words of the question which the chosen ones lack, one that sets a limit before others:
    `高新技术企业不享受本条奖励。`"""
    known = "".join((desk.notice.title, *ranked[0].chunk.heading_path, *(s.text for s in chosen)))
    missing = [
        term
        for term in content_terms(desk.question)
        if re.fullmatch(r"[\u4e00-\u9fff]+", term) and term not in known
    ]
    held = {s: [term for term in missing if term in s.text] for s in ranked if s not in chosen}
    naming = [s for s, terms in held.items() if terms]
    return max(
        naming,
        key=lambda s: (bool(_LIMITS.search(s.text)), sum(map(len, held[s])), s.score),
        default=None,
    )


def _lists(desk: Desk, chunk: Chunk) -> list[Enumeration]:
    """The lists in running text of the line that a clause is, or is a piece of; offsets in the document.

    What stands behind `答：` is none: the opener binds its items, or these have numbers.
    """
    begin, end = _line(desk, chunk)
    line = desk.index.documents[chunk.document_id].text[begin:end]
    found = [
        Enumeration(
            (begin + each.opener[0], begin + each.opener[1]),
            tuple((begin + a, begin + b) for a, b in each.items),
        )
        for each in enumerations(line, number_end(line), numbered=True)
        if _BINDING.search(line[slice(*each.opener)]) or number_end(line[slice(*each.items[0])])
    ]
    return [each for each in found if each.end > chunk.start and each.start < chunk.end]


def _with_openers(
    desk: Desk, chosen: Sequence[Sentence], in_order: Sequence[Sentence], lists: Sequence[Enumeration]
) -> list[Sentence]:
    """The chosen sentences; with an item of a list in running text the whole list, where it is short, else its
    opener, without which `企业欠税的；` of a ban reads as a condition."""
    found = {s.start: s for s in chosen}
    for each in lists:
        items = [s for s in chosen if each.start <= s.start < each.end]
        inside = [s for s in in_order if each.start < s.end and s.start < each.end]
        opened = any(s.start <= each.start for s in chosen if s.end > each.start)
        if not (items or opened):
            continue
        if each.end - each.start <= SHORT_LIST and inside[0].start <= each.start:
            found |= {s.start: s for s in inside}
        elif not opened and (above := _chunk_at(desk, in_order[0].chunk, each.start)):
            start, end = each.opener[0], min(each.opener[1], above.end)
            text = above.text[start - above.start : end - above.start]
            found[start] = Sentence(above, start, end, text, 0.0)
    return [found[start] for start in sorted(found)]


def _line(desk: Desk, chunk: Chunk) -> tuple[int, int]:
    """The line that a clause is or, where that is long, a piece of; offsets in the document."""
    text = desk.index.documents[chunk.document_id].text
    end = text.find("\n", chunk.end)
    return text.rfind("\n", 0, chunk.start) + 1, end if end >= 0 else len(text)


def _chunk_at(desk: Desk, beside: Chunk, offset: int) -> Chunk | None:
    """The clause of the same document that an offset lies in."""
    here = (c for c in desk.chunks if c.document_id == beside.document_id)
    return next((c for c in here if c.start <= offset < c.end), None)


def _adjoin(desk: Desk, before: Sentence, after: Sentence) -> bool:
    """True where nothing but blanks stands between two sentences."""
    text = desk.index.documents[after.chunk.document_id].text
    return not text[before.end : after.start].strip()


def _introduction(desk: Desk, chunk: Chunk) -> Sentence | None:
    """The line without which an item is half a rule: `有下列情形之一的，不予受理：`, a heading that denies."""
    parent = desk.parent(chunk)
    if parent is None or parent.document_id != chunk.document_id:
        return None
    if parent.kind is ChunkKind.HEADING:
        denies = re.search(r"不|禁|除外|情形", parent.text)
        return Sentence(parent, parent.start, parent.end, parent.text, 0.0) if denies else None
    begin, end = _line(desk, parent)
    last = [c for c in desk.chunks if c.document_id == parent.document_id and begin <= c.start < end][-1]
    a, b = sentences(last.text)[-1]
    said = Sentence(last, last.start + a, last.start + b, last.text[a:b], 0.0)
    opens = last.kind is ChunkKind.CLAUSE and chunk.number and said.text.endswith(("：", ":"))
    return said if opens and _BINDING.search(said.text) else None


def _announced(desk: Desk, last: Sentence) -> list[Chunk]:
    """What the last sentence of a clause announces and the lines below it say: its items, the rows of a table, the
    lines of an account (`户名：……`); empty where it says so itself."""
    if last.end != last.chunk.end or not _ANNOUNCES.search(last.text):
        return []
    begin, _ = _line(desk, last.chunk)
    here = [c for c in desk.chunks if c.document_id == last.chunk.document_id and c.start >= begin]
    line = {c.id for c in here if c.start < last.end}
    if items := [c for c in here if c.parent_id in line and c.kind is not ChunkKind.HEADING]:
        return items
    below = [c for c in here if c.start >= last.end]
    found: list[Chunk] = []
    for chunk in below:
        goes_on = chunk.kind in {ChunkKind.HEADER, ChunkKind.ROW} or (
            chunk.kind is ChunkKind.CLAUSE and not chunk.number and _LABELLED.match(chunk.text)
        )
        if not goes_on:
            break
        found.append(chunk)
    return found


def _shortened_sentence(desk: Desk, sentence: Sentence, marks: Sequence[tuple[int, int]]) -> list[Span]:
    """A long sentence from the group that answers (`托大班……每月1300元`), after its subject; the quotation has all of it.

    What the question names is never left out.
    """
    if len(sentence.text) <= LONG_SENTENCE:
        return _styled(sentence, marks)
    words = [*(content_terms(desk.question) or desk.question.synonyms), *desk.question.batches]
    found = [sentence.text.find(word) for word in words]
    marked = [
        start - sentence.start for start, end in marks if sentence.start <= start and end <= sentence.end
    ]
    telling = min([at for at in (*found, *marked) if at >= 0], default=0)
    starts = [
        0,
        *(m.end() for m in _GROUP_END.finditer(sentence.text) if not _in_brackets(sentence.text, m.start())),
    ]
    at = max(start for start in starts if start <= telling)
    if at < 30:
        return _styled(sentence, marks)
    rest = replace(sentence, start=sentence.start + at, text=sentence.text[at:])
    colon = re.match(r"[^：:；;]+：", sentence.text[:at])
    head = colon.group() if colon else clause_actor(sentence.text)
    return [plain(head if colon and colon.end() == at else f"{head}{LEFT_OUT}"), *_styled(rest, marks)]


def _in_brackets(text: str, at: int) -> bool:
    """True where a bracket is open at an offset."""
    before = text[:at]
    return len(re.findall(r"[（(]", before)) > len(re.findall(r"[）)]", before))


def _without_number(sentence: Sentence) -> Sentence:
    """A sentence without the clause's own number, which the citation shows, or the `答：` before it."""
    first = sentence.start == sentence.chunk.start
    mark = ANSWER_MARK.match(sentence.text) if first else None
    at = mark.end() if mark else number_end(sentence.text) if first else 0
    if at >= len(sentence.text):
        return sentence
    return replace(sentence, start=sentence.start + at, text=sentence.text[at:])


def answer_marks(desk: Desk, sentence: Sentence) -> list[tuple[int, int]]:
    """Spans, in the document, of the words that answer: the values asked for, with what belongs to them."""
    kinds = expected_facts(desk.question.normalised)
    facts = desk.facts(sentence.chunk, sentence.start, sentence.end)
    for kind in kinds:
        marks = [
            (
                f.start,
                f.end + len(suffix_after(sentence.text, f.end - sentence.start))
                if f.kind is FactKind.DATE
                else f.end,
            )
            for f in facts
            if f.kind is kind
        ]
        if marks:
            return marks
    start, end = desk.read.get(sentence.chunk.id, (0, 0))
    telling = 2 <= end - start <= min(LONGEST_MARK, len(sentence.text) / 2)
    return [(start, end)] if telling and sentence.start <= start < end <= sentence.end else []


def _styled(sentence: Sentence, marks: Iterable[tuple[int, int]]) -> list[Span]:
    spans, at = [], sentence.start
    for start, end in sorted(marks):
        if start < at or end > sentence.end:
            continue
        if start > at:
            spans.append(plain(sentence.text[at - sentence.start : start - sentence.start]))
        spans.append(strong(sentence.text[start - sentence.start : end - sentence.start]))
        at = end
    if at < sentence.end:
        spans.append(plain(sentence.text[at - sentence.start :]))
    return spans


def _with_states(desk: Desk, block: Block, chosen: Sequence[Sentence]) -> Block:
    """Adds to words that show one deadline where that stands on the day of asking."""
    dates = [
        (fact, sentence)
        for sentence in chosen
        for fact in desk.facts(sentence.chunk, sentence.start, sentence.end)
        if (
            is_deadline(fact, sentence.chunk.text, sentence.chunk.start)
            and is_open_date(fact, desk.notice)
            and is_submission(fact, sentence.text)
        )
        or computed_deadline(fact, sentence.chunk.text, sentence.chunk.start, desk.notice)
    ]
    if len(dates) != 1 or dates[0][0].text not in block.text:
        return block
    fact, sentence = dates[0]
    remark = _remark(desk, sentence.chunk, fact, sentence.text)
    words = fact.text + suffix_after(sentence.text, fact.end - sentence.start)
    return replace(block, spans=_remarked(block.spans, words, remark))


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


def deadline_remark(fact: Fact, today: date) -> str:
    """`（原文未写年份，按本通知推定为2024年；还剩 12 天）`: what is computed about a deadline; empty where nothing is."""
    parts = []
    if fact.year_inferred and (day := day_of(fact.value)):
        parts.append(messages.YEAR_INFERRED.format(year=day.year))
    if (where := state(fact.value, today)) and not re.search("[上中]旬", fact.text):
        parts.append(where)
    return f"（{'；'.join(parts)}）" if parts else ""


def _remark(desk: Desk, chunk: Chunk, fact: Fact, sentence: str) -> str:
    """What is computed about a deadline of a clause, a date or a length of time; empty where nothing is.

    `（按工作日推算：2024年12月20日；还剩 12 天）` stands behind a time that runs from the notice's day of issue;
    whether it is past is told of what must be handed in alone. Nothing is told of
    a date beside a time that runs from an event.
    """
    if fact.kind is FactKind.DATE:
        return "" if runs_from_event(chunk.text) else deadline_remark(fact, desk.question.today)
    day = computed_deadline(fact, chunk.text, chunk.start, desk.notice)
    if day is None:
        return ""
    form = messages.BY_WORKDAYS if fact.value.endswith("工作日") else messages.BY_CALENDAR_DAYS
    words = form.format(year=day.year, month=day.month, day=day.day)
    where = state(day.isoformat(), desk.question.today) if is_submission(fact, sentence) else ""
    return f"（{'；'.join(part for part in (words, where) if part)}）"


# ---------------------------------------------------------------- tables


def row_blocks(desk: Desk, chunk: Chunk, kind: BlockKind = BlockKind.ANSWER) -> list[Block]:
    """The rows of its table that a question means, each with the cells asked for, and the notes to which these refer."""
    table = table_of(desk.chunks, chunk)
    if asks_for_extreme(desk.question, table):
        return _extreme_blocks(desk, table, chunk, kind)
    return _rows_shown(desk, table, rows_meant(desk.question, table, chunk), kind)


def asked_row(desk: Desk, chunk: Chunk) -> Chunk:
    """The row that a question names where this is another one of its table; else the chunk itself."""
    if chunk.kind is not ChunkKind.ROW:
        return chunk
    rows = rows_meant(desk.question, table_of(desk.chunks, chunk), chunk)
    return chunk if chunk in rows else rows[0]


def is_neighbour(desk: Desk, best: Chunk, other: Chunk) -> bool:
    """True for what is no answer beside a row: another one that is shown with it, or that the question names less;
    anything beside rows that were compared."""
    if best.kind not in {ChunkKind.ROW, ChunkKind.HEADER}:
        return False
    table = table_of(desk.chunks, best)
    if asks_for_extreme(desk.question, table):
        return True
    shown = rows_meant(desk.question, table, best)
    return other.kind is ChunkKind.ROW and (
        other in shown or names_only(desk.question, table, shown[0], table_of(desk.chunks, other), other)
    )


def _extreme_blocks(desk: Desk, table: Table, row: Chunk, kind: BlockKind) -> list[Block]:
    """The rows with the least or greatest value of a column; the whole column, where the rows cannot be compared."""
    title = " ".join((desk.index.documents[row.document_id].title, *row.heading_path))
    columns, rows = extreme_rows(desk.question, table, title)
    if rows:
        words = messages.COMPARED_ROWS.format(column=table.names[columns[0]])
        return [*_rows_shown(desk, table, rows, kind, columns), note(words)]
    if columns and len(table.rows) <= LISTED_ITEMS:
        return [*_rows_shown(desk, table, table.rows, kind, columns), note(messages.NOT_COMPARED)]
    return [note(messages.NOT_COMPARED), *_rows_shown(desk, table, [row], kind)]


def _rows_shown(
    desk: Desk, table: Table, rows: Sequence[Chunk], kind: BlockKind, columns: Sequence[int] | None = None
) -> list[Block]:
    """A line for each row, with these columns or those asked for; then the notes to which their marks refer.

    A whole table is quoted together, so that it costs one citation.
    """
    blocks, shown = [], []
    whole = len(rows) > 1 and len(rows) == len(table.rows)
    quoted = desk.citer.cite(rows[0], until=rows[-1]) if whole else 0
    for row in rows:
        label = label_columns(desk.question, table, row)
        asked = asked_columns(desk.question, table, row) if columns is None else columns
        blocks.append(_row_block(desk, table, row, label, asked, kind, quoted))
        shown += [words for n in (*label, *asked) for words in (table.names[n], row.cells[n])]
    for chunk, start, end in notes_for(table, shown):
        n = desk.citer.cite(chunk, [(start, end)])
        blocks.append(Block(kind, (plain(chunk.text[start - chunk.start : end - chunk.start]),), (n,)))
    return blocks


def _row_block(
    desk: Desk,
    table: Table,
    row: Chunk,
    label: Sequence[int],
    asked: Sequence[int],
    kind: BlockKind,
    quoted: int,
) -> Block:
    """`机车新村 · 两室：租金（元/㎡·月） 4.3`: which row it is, then cells with their columns' names.

    `quoted` is the number of the citation in which the row stands already, or 0.
    """
    places = cell_places(row)
    which = BETWEEN_CELLS.join(row.cells[n] for n in label)
    spans = [plain(f"{which}：" if asked else which)]
    for position, n in enumerate(asked):
        name, cell = table.names[n], row.cells[n]
        spans += [plain("；")] if position else []
        spans += [plain(f"{name} ")] if name and name != cell else []
        spans += [strong(cell)] if cell else []
        remark = messages.CELL_EMPTY if is_blank(cell) else _cell_state(desk, row, name, places[n])
        spans += [computed(remark)] if remark else []
    numbers = [quoted or desk.citer.cite(row, [places[n] for n in asked if row.cells[n]])]
    names = [table.names[n] for n in asked]
    if table.header and any(re.search(r"\d", name) or values_in(name) for name in names):
        numbers.append(desk.citer.cite(table.header))
    return Block(kind, tuple(spans), tuple(numbers))


def _cell_state(desk: Desk, row: Chunk, name: str, place: tuple[int, int]) -> str:
    """Where the one date of a cell stands on the day of asking, where its column is one of deadlines."""
    dates = [f for f in desk.facts(row, *place) if f.kind is FactKind.DATE and is_open_date(f, desk.notice)]
    due = len(dates) == 1 and re.search(r"截止|截至|期限", name)
    return deadline_remark(dates[0], desk.question.today) if due else ""


# ---------------------------------------------------------------- lists


def list_blocks(desk: Desk, introduction: Chunk, items: Sequence[Chunk]) -> list[Block]:
    """An enumeration: the line that introduces it, then each item with its own citation number.

    Neighbouring items of one document are quoted together, so that a list costs one citation.
    """
    items = _of_one_list(items)
    if not items:
        return clause_blocks(desk, introduction)
    head = introduction.text.lstrip("#").strip()
    cited = introduction.kind is not ChunkKind.HEADING or values_in(head) or re.search(r"\d", head)
    first = desk.citer.cite(introduction) if cited else 0
    blocks = _item_blocks(desk, items)
    opener = Block(
        BlockKind.ANSWER, (strong(_bare(head)), plain("：")), (first,) if first else blocks[0].citations[:1]
    )
    return [opener, *blocks]


def _of_one_list(items: Sequence[Chunk]) -> list[Chunk]:
    """The items without the header and the empty rows of a table, and without the paragraphs behind a numbered list, unless these limit
    it (`但……的除外`)."""
    items = [
        item
        for item in items
        if item.kind is not ChunkKind.HEADER and (item.kind is not ChunkKind.ROW or any(item.cells))
    ]
    last = max((n for n, item in enumerate(items) if item.number), default=len(items))
    return [
        item
        for n, item in enumerate(items)
        if n <= last or item.kind is ChunkKind.ROW or _LIMITS.search(item.text)
    ]


def _item_blocks(desk: Desk, items: Sequence[Chunk]) -> list[Block]:
    """Items, each with its citation number; lines that are no table rows are quoted together."""
    items = [item for item in items if item.kind is not ChunkKind.HEADER]
    shown = items[:LISTED_ITEMS]
    blocks = []
    together = len({item.document_id for item in shown}) == 1 and all(
        item.kind is not ChunkKind.ROW for item in shown
    )
    n = desk.citer.cite(shown[0], until=shown[-1]) if together else 0
    for item in shown:
        if item.kind is ChunkKind.ROW:
            blocks += row_blocks(desk, item, BlockKind.ITEM)
        else:
            blocks.append(Block(BlockKind.ITEM, (plain(item.text.strip()),), (n or desk.citer.cite(item),)))
    if len(items) > len(shown):
        blocks.append(note(f"共 {len(items)} 项，这里列出前 {len(shown)} 项。"))
    return blocks


def _bare(heading: str) -> str:
    return heading[number_end(heading) :].rstrip("：:").strip()


def sibling_blocks(desk: Desk, chunk: Chunk) -> list[Block]:
    """The other conditions under the heading of one, each cited; only that there are others, where they are many.

    Empty for bans, for alternatives, and where the items are parts of a notice, each with its own title.
    """
    parent = desk.parent(chunk)
    if parent is None or not _is_condition(desk, chunk):
        return []
    above = parent.text.lstrip("#").strip()
    if parent.kind is not ChunkKind.HEADING:
        above = above[slice(*sentences(above)[-1])] if above.endswith(("：", ":")) else ""
    if not _TOGETHER.search(above) or _APART.search(above):
        return []
    below = {c.number: c for c in reversed(desk.chunks) if c.parent_id == parent.id and c.number}
    others = [c for c in reversed(below.values()) if c.number != chunk.number and _is_condition(desk, c)]
    if not others:
        return []
    section = above.rstrip("：:")
    if len(others) > SIBLINGS_SHOWN:
        return [note(messages.MORE_CONDITIONS.format(section=section))]
    items = []
    for other in others:
        first = sentences(other.text)[0]
        whole = _without_number(
            Sentence(other, other.start + first[0], other.start + first[1], other.text[slice(*first)], 0.0)
        )
        items.append(Block(BlockKind.ITEM, (plain(whole.text),), (desk.citer.cite(other),)))
    return [note(messages.OTHER_CONDITIONS.format(section=section)), *items]


def _is_condition(desk: Desk, item: Chunk) -> bool:
    """True for a numbered item that states one thing: it bans nothing, and opens no list or part of its own, as an
    article (`第六条`) does."""
    words = item.text[number_end(item.text) :]
    first = sentences(words)[:1]
    return (
        item.kind is ChunkKind.CLAUSE
        and bool(item.number and first)
        and not item.number.startswith("第")
        and not _BANS.search(words[slice(*first[0])])
        and not _TITLED.match(words)
        and not any(c.parent_id == item.id for c in desk.chunks)
    )


# ---------------------------------------------------------------- deadlines


def deadline_blocks(desk: Desk, facts: Sequence[tuple[Chunk, Fact]]) -> list[Block]:
    """One line a date: who must do what, until when, and where that stands on the day of asking; of a date from which
    on to act its sentence."""
    blocks = []
    for chunk, fact in facts:
        sentence = _sentence_at(chunk, fact.start)
        words = chunk.text[fact.start - chunk.start : fact.end - chunk.start]
        suffix = suffix_after(chunk.text, fact.end - chunk.start)
        n = desk.citer.cite(chunk, [(fact.start, fact.end + len(suffix))])
        said = chunk.text[sentence[0] - chunk.start : sentence[1] - chunk.start]
        starts = is_start(fact, chunk.text, chunk.start)
        remark = "" if starts else _remark(desk, chunk, fact, said)
        if not starts and fact.kind is FactKind.DATE and fact.actor and fact.act:
            spans = [plain(f"{fact.actor}{_shortened(fact.act)}："), strong(words + suffix)]
        else:
            spans = _styled(
                _without_number(Sentence(chunk, *sentence, said, 0.0)),
                [(fact.start, fact.end + len(suffix))],
            )
        blocks.append(Block(BlockKind.ANSWER, _remarked(spans, words + suffix, remark), (n,)))
    days = [None if is_start(fact, c.text, c.start) else day_of(fact.value) for c, fact in facts]
    if days and all(day is not None and day < desk.question.today for day in days):
        blocks.append(Block(BlockKind.NOTE, (computed(messages.CLOSED),)))
    return blocks


def _shortened(act: str) -> str:
    act = re.sub(r"[（(][^（）()]*[）)]", "", act)
    return act if len(act) <= 40 else act[:40].rstrip("，、") + "……"


def _sentence_at(chunk: Chunk, offset: int) -> tuple[int, int]:
    for a, b in sentences(chunk.text):
        if chunk.start + a <= offset < chunk.start + b:
            return chunk.start + a, chunk.start + b
    return chunk.start, chunk.end


# ---------------------------------------------------------------- contacts


def contact_blocks(desk: Desk, contacts: Sequence[Contact], kind: BlockKind = BlockKind.CARD) -> list[Block]:
    """A card each: office, person, phone, e-mail, what for; the sentence of the clause where that says more (hours, a
    second person), or where nothing says whose a number is."""
    by_sentence: dict[tuple[str, int, int], list[Contact]] = {}
    for contact in contacts:
        place = (contact.chunk.id, *_sentence_at(contact.chunk, contact.start))
        by_sentence.setdefault(place, []).append(contact)
    blocks = []
    for (_, start, end), together in by_sentence.items():
        if any(c.rest or c.hours or not (c.office or c.person or c.purpose) for c in together):
            blocks.append(_contact_sentence(desk, together, start, end, kind))
        else:
            blocks += [_card(desk, contact, kind) for contact in together]
    return blocks


def _contact_sentence(
    desk: Desk, contacts: Sequence[Contact], start: int, end: int, kind: BlockKind
) -> Block:
    """The sentence of these contacts as it stands in their clause, after the office that the line above it names."""
    first = contacts[0]
    words = first.chunk.text[start - first.chunk.start : end - first.chunk.start]
    marks = [mark for contact in contacts for mark in _numbers(desk, contact)]
    spans = _styled(_without_number(Sentence(first.chunk, start, end, words, 0.0)), marks)
    above = [plain(f"{first.office} ")] if first.introduced_by else []
    return Block(kind, (*above, *spans), (desk.citer.cite(first.chunk, marks, since=first.introduced_by),))


def _card(desk: Desk, contact: Contact, kind: BlockKind) -> Block:
    """`政策咨询：市科技局 韦燕　电话 029-55536177`."""
    n = desk.citer.cite(contact.chunk, _numbers(desk, contact), since=contact.introduced_by)
    who = " ".join(part for part in (contact.office, contact.person) if part)
    spans: list[Span] = []
    if contact.purpose:
        spans.append(plain(f"{contact.purpose}："))
    if who:
        spans.append(strong(who))
    for label, values in (("电话", contact.phones), ("邮箱", contact.emails)):
        if values:
            spans += [
                plain(f"{'　' if spans and (who or label == '邮箱') else ''}{label} "),
                strong("、".join(values)),
            ]
    return Block(kind, tuple(spans), (n,))


def _numbers(desk: Desk, contact: Contact) -> list[tuple[int, int]]:
    """Where the phones and e-mails of a contact stand in the document."""
    facts = desk.facts(contact.chunk, contact.start, contact.end)
    return [(f.start, f.end) for f in facts if f.kind in {FactKind.PHONE, FactKind.EMAIL}]
