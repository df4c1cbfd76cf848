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
    is_submission,
    state,
    suffix_after,
)
from bot.facts import clause_actor, values_in
from bot.index.store import Index
from bot.numbering import number_end
from bot.question import expected_facts
from bot.ranking import Ranker, features

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
"""Other conditions shown beside the one that a question is about; of more only their number is told."""
INTRODUCTION = 60
"""A longer introducing line is not repeated before its item."""
_BINDING = re.compile(r"下列|以下|情形|之一|不|除外|符合|具备|满足")
_GOES_ON = re.compile(r"^(?:但|其中|逾期|否则|除|上述|同时|未|对)|除外|例外|不受.{0,6}限制")
"""A sentence that the one before it cannot do without: an exception, a consequence."""


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
    spans = sentences(chunk.text)
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


def clause_blocks(desk: Desk, chunk: Chunk, kind: BlockKind = BlockKind.ANSWER) -> list[Block]:
    """The answer that one clause gives: whole where it is short, else its best sentence and the exceptions to it."""
    if chunk.kind in {ChunkKind.ROW, ChunkKind.HEADER}:
        return row_blocks(desk, chunk, kind)
    ranked = answering_sentences(desk, chunk)
    if not ranked:
        return []
    if chunk.end - chunk.start <= SHORT_CLAUSE:
        chosen = sorted(ranked, key=lambda s: s.start)
    else:
        best = ranked[0]
        in_order = sorted(ranked, key=lambda s: s.start)
        chosen = [best]
        at = in_order.index(best)
        for near in in_order[at + 1 : at + 2]:
            if _GOES_ON.search(near.text) and len(near.text) <= LONG_SENTENCE:
                chosen.append(near)
        for other in ranked[1:2]:
            if (
                other.score > best.score - 1.0
                and other not in chosen
                and len(best.text) + len(other.text) < 140
            ):
                chosen.append(other)
        chosen.sort(key=lambda s: s.start)
    marks = [mark for sentence in chosen for mark in answer_marks(desk, sentence)]
    n = desk.citer.cite(chunk, marks or [(s.start, s.end) for s in chosen])
    spans: list[Span] = []
    for sentence in chosen:
        spans += _shortened_sentence(desk, _without_number(sentence), marks)
    numbers = [n]
    above = _introduction(desk, chunk)
    if above is not None:
        spans.insert(0, plain(_bare(above.text.lstrip("#").strip()) + "："))
        numbers.append(desk.citer.cite(above))
    block = Block(kind, tuple(spans), tuple(numbers))
    return [_with_states(desk, block, chosen)]


def _introduction(desk: Desk, chunk: Chunk) -> Chunk | None:
    """The line without which an item is half a rule: `有下列情形之一的，不予受理：`, a heading that denies."""
    parent = desk.parent(chunk)
    if parent is None or parent.document_id != chunk.document_id or len(parent.text) > INTRODUCTION:
        return None
    last = re.split(r"[。；，]", parent.text)[-1]
    if (
        parent.kind is ChunkKind.CLAUSE
        and chunk.number
        and re.search(r"[：:]\s*$", last)
        and _BINDING.search(last)
    ):
        return parent
    return parent if parent.kind is ChunkKind.HEADING and re.search(r"不|禁|除外|情形", parent.text) else None


def _shortened_sentence(desk: Desk, sentence: Sentence, marks: Sequence[tuple[int, int]]) -> list[Span]:
    """A long sentence from its first part that answers, after its subject; the quotation has all of it."""
    if len(sentence.text) <= LONG_SENTENCE:
        return _styled(sentence, marks)
    parts = [(m.start(), m.end()) for m in re.finditer(r"[^，,；;]+[，,；;]?", sentence.text)]
    words = [w for w in (*desk.question.terms, *desk.question.synonyms) if len(w) > 1]
    marked = [
        n for n, (a, b) in enumerate(parts)
        if any(sentence.start + a < end and start < sentence.start + b for start, end in marks)
    ]  # fmt: skip
    telling = marked or [
        n for n, (a, b) in enumerate(parts) if any(word in sentence.text[a:b] for word in words)
    ]
    actor = clause_actor(sentence.text)
    if not telling or telling[0] == 0 or parts[telling[0]][0] < 30:
        return _styled(sentence, marks)
    at = parts[telling[0]][0]
    rest = replace(sentence, start=sentence.start + at, text=sentence.text[at:])
    return [plain(f"{actor}……"), *_styled(rest, marks)]


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
    return replace(block, spans=(*block.spans, computed(remark))) if remark else block


def deadline_remark(fact: Fact, today: date) -> str:
    """`（原文未写年份，按本通知推定为2024年；还剩 12 天）`: what is computed about a deadline; empty where nothing is."""
    parts = []
    if fact.year_inferred and (day := day_of(fact.value)):
        parts.append(messages.YEAR_INFERRED.format(year=day.year))
    if where := state(fact.value, today):
        parts.append(where)
    return f"（{'；'.join(parts)}）" if parts else ""


def _remark(desk: Desk, chunk: Chunk, fact: Fact, sentence: str) -> str:
    """What is computed about a deadline of a clause, a date or a length of time; empty where nothing is.

    `（按工作日推算：2024年12月20日；还剩 12 天）` stands behind a time that runs from the notice's day of issue;
    whether it is past is told of what must be handed in alone.
    """
    if fact.kind is FactKind.DATE:
        return deadline_remark(fact, desk.question.today)
    day = computed_deadline(fact, chunk.text, chunk.start, desk.notice)
    if day is None:
        return ""
    form = messages.BY_WORKDAYS if fact.value.endswith("工作日") else messages.BY_CALENDAR_DAYS
    words = form.format(year=day.year, month=day.month, day=day.day)
    where = state(day.isoformat(), desk.question.today) if is_submission(fact, sentence) else ""
    return f"（{'；'.join(part for part in (words, where) if part)}）"


# ---------------------------------------------------------------- tables


def row_blocks(desk: Desk, chunk: Chunk, kind: BlockKind = BlockKind.ANSWER) -> list[Block]:
    """A table row: what it is about, then the cells asked for, each with its column's name."""
    pairs = [(name, cell) for name, cell in zip(chunk.table_header, chunk.cells, strict=False) if cell]
    if not pairs:
        return []
    subject = next((cell for _, cell in pairs if not re.fullmatch(r"[\d.]+", cell)), pairs[0][1])
    asked = _asked_columns(desk.question, pairs, subject)
    marks = []
    spans = [plain(f"{subject}：")]
    for position, (name, cell) in enumerate(asked):
        if position:
            spans.append(plain("；"))
        if name and name != cell:
            spans.append(plain(f"{name} "))
        spans.append(strong(cell))
        at = chunk.text.find(cell.replace("|", "\\|"))
        if at >= 0:
            marks.append((chunk.start + at, chunk.start + at + len(cell)))
    numbers = [desk.citer.cite(chunk, marks)]
    if any(re.search(r"\d", name) or values_in(name) for name, _ in asked):
        numbers += [desk.citer.cite(header) for header in _header_of(desk, chunk)]
    return [Block(kind, tuple(spans), tuple(numbers))]


def _header_of(desk: Desk, row: Chunk) -> list[Chunk]:
    """The header of a row's table: cited where a column's name states a value itself (满分100分)."""
    before = [
        c for c in desk.chunks
        if c.document_id == row.document_id and c.kind is ChunkKind.HEADER and c.start < row.start
    ]  # fmt: skip
    return before[-1:]


def _asked_columns(
    question: Question, pairs: Sequence[tuple[str, str]], subject: str
) -> list[tuple[str, str]]:
    """The cells that a question asks for; all but the subject where it names none."""
    others = [(name, cell) for name, cell in pairs if cell != subject]
    named = [
        (name, cell)
        for name, cell in others
        if any(part in question.normalised for part in re.findall(r"[\u4e00-\u9fffA-Za-z]{2,}", name))
    ]
    kinds = set(expected_facts(question.normalised))
    by_kind = [(name, cell) for name, cell in others if kinds & {value.kind for value in values_in(cell)}]
    chosen = named or by_kind
    if FactKind.PHONE in kinds:
        chosen = others
    return chosen or others or list(pairs)


# ---------------------------------------------------------------- lists


def list_blocks(desk: Desk, introduction: Chunk, items: Sequence[Chunk]) -> list[Block]:
    """An enumeration: the line that introduces it, then each item with its own citation number.

    Neighbouring items of one document are quoted together, so that a list costs one citation.
    """
    shown = list(items[:LISTED_ITEMS])
    blocks = []
    head = introduction.text.lstrip("#").strip()
    cited = introduction.kind is not ChunkKind.HEADING or values_in(head) or re.search(r"\d", head)
    first = desk.citer.cite(introduction) if cited else 0
    if shown and all(item.document_id == shown[0].document_id for item in shown):
        n = desk.citer.cite(shown[0], until=shown[-1])
        numbers = [n] * len(shown)
    else:
        numbers = [desk.citer.cite(item) for item in shown]
    blocks.append(Block(BlockKind.ANSWER, (strong(_bare(head)), plain("：")), (first or numbers[0],)))
    for item, n in zip(shown, numbers, strict=True):
        blocks.append(Block(BlockKind.ITEM, (plain(item.text.strip()),), (n,)))
    if len(items) > len(shown):
        blocks.append(Block(BlockKind.NOTE, (computed(f"共 {len(items)} 项，这里列出前 {len(shown)} 项。"),)))
    return blocks


def _bare(heading: str) -> str:
    return heading[number_end(heading) :].rstrip("：:").strip()


def sibling_blocks(desk: Desk, chunk: Chunk) -> list[Block]:
    """The other conditions that hold beside one condition, each cited; how many there are, where they are many."""
    parent = desk.parent(chunk)
    if parent is None or not chunk.number or not re.search(r"条件|资格|要求|具备|符合|满足", parent.text):
        return []
    others = [
        c for c in desk.chunks if c.parent_id == parent.id and c.id != chunk.id and c.number != chunk.number
    ]
    if not others:
        return []
    if len(others) > SIBLINGS_SHOWN:
        return [note(messages.MORE_CONDITIONS.format(count=len(others), section=parent.section))]
    items = []
    for other in others:
        first = sentences(other.text)[0]
        whole = _without_number(
            Sentence(other, other.start + first[0], other.start + first[1], other.text[slice(*first)], 0.0)
        )
        items.append(Block(BlockKind.ITEM, (plain(whole.text),), (desk.citer.cite(other),)))
    return [note(messages.ALSO_REQUIRED), *items]


# ---------------------------------------------------------------- deadlines


def deadline_blocks(desk: Desk, facts: Sequence[tuple[Chunk, Fact]]) -> list[Block]:
    """One line a date: who must do what, until when, and where that stands on the day of asking."""
    blocks = []
    for chunk, fact in facts:
        sentence = _sentence_at(chunk, fact.start)
        words = chunk.text[fact.start - chunk.start : fact.end - chunk.start]
        suffix = suffix_after(chunk.text, fact.end - chunk.start)
        n = desk.citer.cite(chunk, [(fact.start, fact.end + len(suffix))])
        said = chunk.text[sentence[0] - chunk.start : sentence[1] - chunk.start]
        remark = _remark(desk, chunk, fact, said)
        if fact.kind is FactKind.DATE and fact.actor and fact.act:
            spans = [plain(f"{fact.actor}{_shortened(fact.act)}："), strong(words + suffix)]
        else:
            spans = _styled(
                _without_number(Sentence(chunk, *sentence, said, 0.0)),
                [(fact.start, fact.end + len(suffix))],
            )
        if remark:
            spans.append(computed(remark))
        blocks.append(Block(BlockKind.ANSWER, tuple(spans), (n,)))
    days = [day_of(fact.value) for _, fact in facts]
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
