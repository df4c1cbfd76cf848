"""(Question, passages, index) -> Answer, or a refusal: the policy of the assistant.

The steps, in order: small talk; the notice's own data and its attachment list; what the documents
do not say; then the form that fits the question (contacts, deadlines, a list, a clause); what a wrong
premise or an exception adds; the fact lock. An answer that fails the lock is not sent.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from bot import messages
from bot.asked_contacts import (
    asks_for_contact,
    contacts_for,
    contacts_named,
    contacts_of,
    contacts_of_part,
    fitting,
    holders_of_stated,
    is_business_of,
    others_meant,
)
from bot.asked_dates import (
    all_past,
    announced_later,
    dates_another_stage,
    deadlines,
    deadlines_named,
    due_for_asked,
    due_meant,
    ends_without_start,
    first_of,
    of_those_meant,
    period_of,
    states_other_dates,
)
from bot.asked_deciders import deciding_sentences
from bot.asked_sites import filed_elsewhere, site_clause
from bot.asked_steps import steps
from bot.attachment_kinds import holds_asked
from bot.cards import contact_blocks
from bot.citations import Citer, check_answer
from bot.composition import clause_blocks, list_blocks, sibling_blocks
from bot.contacts import Contact
from bot.datamodels import (
    Answer,
    AnswerStatus,
    Block,
    BlockKind,
    Chunk,
    ChunkKind,
    Fact,
    FactKind,
    Intent,
    Notice,
    Passage,
    Question,
)
from bot.dated import deadline_blocks, labelled, part_of, postmark_rule
from bot.desk import Desk, computed, note, strong
from bot.documents.metadata import superseded
from bot.errors import FactLockError
from bot.index.store import Index
from bot.lexicon import THANKS
from bot.own_data import asks_for_date_of_issue, own_data
from bot.parts import asked_part, levels_beside
from bot.premises import corrected, exception, nothing_paid, premise, under_verdict
from bot.question import asked_units, expected_facts
from bot.quoting import sentence_at
from bot.ranking import Ranker, evidence_features
from bot.refusals import (
    asks_how_it_is_sent,
    asks_only_for_attachment,
    attachment_refusal,
    far_from_everything,
    holds_things_named,
    missing_attachment,
    missing_directory,
    names_nobody,
    not_found,
    of_another,
    of_other_levels,
    other_year,
    refers_to,
    stated_nowhere,
    states_what_is_asked,
    whom_to_ask,
)
from bot.reranking import ReadingWeights, reading_evidence
from bot.retrieval import Retrieved, may_answer
from bot.selection import (
    asks_unknown_level,
    children,
    introduces,
    is_generic,
    is_generic_of_tier,
    listing,
    names_one_kind,
)
from bot.stated_seat import seat_outcome
from bot.supersession import repealed_by
from bot.table_answers import asked_row, blank_rows, is_neighbour, row_first
from bot.tiers import states_dates_of_others
from bot.timeliness import asks_for_time_left, time_left
from bot.verdicts import case_verdict

logger = logging.getLogger(__name__)

CLOSE = 3.0
"""A second passage is shown beside the first where its score is within this of it."""
LONG_ANSWER = 200
"""Characters of an answer to which no second passage is added: it is read on a phone."""
HEDGED = 0.7
"""Below this probability an answer is introduced as the nearest clause."""
KEPT_PASSAGES = 20
ABOUT_CONTENTS = {Intent.MATERIALS, Intent.ELIGIBILITY, Intent.PROCESS, Intent.ATTACHMENT}
"""Intents of a question that a missing attachment could say more about."""


def answer(
    question: Question,
    retrieved: Retrieved,
    index: Index,
    ranker: Ranker,
    weights: ReadingWeights | None = None,
    *,
    eager: bool = False,
) -> Answer:
    """The answer to one question. Pure but for the log: the same values give the same answer.

    `weights`: of the reader whose readings came with the passages. `eager` halves the probability from which
    on an answer is given.
    """
    if question.intents[0] in {Intent.GREETING, Intent.HELP}:
        return small_talk(question, index)
    if not retrieved.passages:
        words = messages.NOT_YET_ISSUED.format(day=question.today) if index.notices else messages.NO_NOTICES
        return _without_evidence(question, AnswerStatus.NOT_FOUND, words)
    notice = index.notices[retrieved.passages[0].chunk.notice_id]
    rows = [i for i, p in enumerate(retrieved.passages) if p.chunk.notice_id == notice.id]
    rows = [i for i in rows if may_answer(question, retrieved.passages[i].chunk)] or rows
    part = asked_part(question, notice.title, [index.chunks[row] for row in index.notice_rows[notice.id]])
    rows = [i for i in rows if not part.leaves_out(retrieved.passages[i].chunk)] or rows
    rows = [
        i
        for i in rows
        if not states_dates_of_others(
            question,
            index.facts.get(retrieved.passages[i].chunk.id, ()),
            retrieved.passages[i].chunk.text,
        )
    ] or rows
    passages = [retrieved.passages[i] for i in rows]
    read = {
        p.chunk.id: (p.chunk.start + r.start, p.chunk.start + r.end)
        for p, r in zip(retrieved.passages, retrieved.readings, strict=False)
        if r is not None and r.start < r.end
    }
    desk = Desk(question, notice, index, ranker, Citer(index.documents), read, part)
    passages = row_first(desk, passages, CLOSE)
    sure, threshold = (
        (1.0, 0.0)
        if states_what_is_asked(desk, passages[0].chunk) or _decides_by_seat(desk, passages[0].chunk)
        else _sureness(question, retrieved, rows, index, notice, ranker, weights)
    )
    status, blocks = _decided(desk, passages, sure, threshold / 2 if eager else threshold)
    if not status.abstained and names_nobody(desk, blocks):
        status, blocks = not_found(desk, passages, expected_facts(question.normalised), sure)
    if not status.abstained:
        blocks = [*blocks, *postmark_rule(desk, "\n".join(block.quoted for block in blocks))]
    blocks = [*repealed(desk), *blocks]
    found = replace(
        Answer(question, status, tuple(blocks)),
        citations=desk.citer.citations,
        passages=retrieved.passages[:KEPT_PASSAGES],
        notice_ids=(notice.id,),
        suggestions=() if not status.abstained else messages.EXAMPLES[:1],
    )
    found = replace(found, facts=_facts_stated(desk, found))
    try:
        check_answer(found, index.documents)
    except FactLockError as error:
        logger.error("fact lock: %s | %s", error, question.text[:200])
        failed = _without_evidence(question, AnswerStatus.ERROR_INTERNAL, messages.FAILED)
        return replace(failed, passages=found.passages)
    return found


def small_talk(question: Question, index: Index) -> Answer:
    """A greeting, thanks or a call for help: one sentence and three examples."""
    if re.match(THANKS, question.normalised):
        return _without_evidence(question, AnswerStatus.GREETING, messages.THANKS)
    if not question.normalised:
        return _without_evidence(question, AnswerStatus.CLARIFY, messages.EMPTY_QUESTION)
    if not index.notices:
        return _without_evidence(question, AnswerStatus.GREETING, messages.NO_NOTICES)
    greeting = _without_evidence(question, AnswerStatus.GREETING, messages.GREETING)
    examples = [note(f"· {example}") for example in messages.EXAMPLES]
    return replace(greeting, blocks=(*greeting.blocks, *examples), suggestions=messages.EXAMPLES)


# ---------------------------------------------------------------- the policy


def _sureness(
    question: Question,
    retrieved: Retrieved,
    rows: Sequence[int],
    index: Index,
    notice: Notice,
    ranker: Ranker,
    weights: ReadingWeights | None,
) -> tuple[float, float]:
    """(probability that the passages in these rows answer the question, probability from which on to answer)."""
    scores = ranker.scores(retrieved.matrix[list(rows)])
    by_first_stage = [int(i) for i in np.argsort(-scores, kind="stable")]
    matrix = retrieved.matrix[[rows[i] for i in by_first_stage]]
    chunks = [retrieved.passages[rows[i]].chunk for i in by_first_stage]
    first = ranker.answerability(evidence_features(question, chunks, matrix, scores[by_first_stage], notice))
    if weights is None or not retrieved.readings:
        return first, ranker.threshold
    answering = [retrieved.passages[row].chunk for row in rows]
    readings = [retrieved.readings[row] for row in rows]
    evidence = reading_evidence(question, first, answering, readings, index.facts)
    if evidence is None:
        return first, ranker.threshold
    return weights.answerability(evidence), weights.threshold


def _decided(
    desk: Desk, passages: Sequence[Passage], sure: float, threshold: float
) -> tuple[AnswerStatus, list[Block]]:
    """What to say: `sure` is the probability that the documents answer the question."""
    question = desk.question
    kinds = expected_facts(question.normalised)
    answers = sure >= threshold and not (
        stated_nowhere(desk, kinds, passages)
        or of_another(desk, passages[0].chunk)
        or of_other_levels(desk, passages)
        or asks_unknown_level(question, levels_beside(question, desk.chunks), desk.text)
        or far_from_everything(desk, passages, kinds)
        or dates_another_stage(desk, passages[0].chunk)
    )
    if own := own_data(desk):
        return AnswerStatus.ANSWERED, own
    if year := other_year(desk):
        return AnswerStatus.NOT_FOUND, year
    if holders := holders_of_stated(desk):
        return AnswerStatus.ANSWERED, _of_holders(desk, holders)
    if named := contacts_named(desk):
        return AnswerStatus.ANSWERED, _of_the_named(desk, named)
    if for_part := contacts_of_part(desk):
        return AnswerStatus.ANSWERED, _contact_answer(desk, for_part)
    if directory := missing_directory(desk):
        return AnswerStatus.ATTACHMENT_MISSING, attachment_refusal(desk, directory)
    generic = _asks_for_deadline(desk, kinds)
    due = deadlines(desk, passages) if generic else deadlines_named(desk, passages)
    if due and asks_for_time_left(question):
        meant = due_meant(desk)
        meant = meant if generic or not set(due) <= set(meant) else due
        blocks = deadline_answer(desk, [pair for pair in due if pair in meant] or due, named=not generic)
        return AnswerStatus.ANSWERED, [*_time_left(desk, _whether_time(desk, meant), meant, blocks), *blocks]
    if due:
        blocks = deadline_answer(desk, due, named=not generic)
        return AnswerStatus.ANSWERED, corrected(desk, blocks, due_for_asked(desk, due))
    if ends := ends_without_start(desk, passages):
        return AnswerStatus.ANSWERED, [note(messages.START_NOT_STATED), *deadline_answer(desk, ends)]
    if later := announced_later(desk):
        return AnswerStatus.ANSWERED, clause_blocks(desk, later)
    if elsewhere := filed_elsewhere(desk):
        return AnswerStatus.ANSWERED, clause_blocks(desk, elsewhere)
    if process := steps(desk):
        blocks = list_blocks(desk, *process)
        return AnswerStatus.ANSWERED, [*blocks, *_not_held(desk, blocks)]
    certain = answers and sure >= HEDGED
    if not certain and (deciding := deciding_sentences(desk, passages)):
        return AnswerStatus.ANSWERED, [block for each in deciding for block in clause_blocks(desk, each)]
    if is_generic(desk):
        if FactKind.PHONE in kinds[:2] and (contacts := contacts_for(desk)):
            return AnswerStatus.ANSWERED, _contact_answer(desk, contacts)
        if site := site_clause(desk, passages):
            return AnswerStatus.ANSWERED, clause_blocks(desk, site)
    attachment = missing_attachment(desk)
    if (
        attachment
        and not asks_how_it_is_sent(question)
        and (not answers or asks_only_for_attachment(question))
    ):
        return AnswerStatus.ATTACHMENT_MISSING, attachment_refusal(desk, attachment)
    unpaid = nothing_paid(desk)
    if unpaid and (not answers or unpaid.id == passages[0].chunk.id):
        return AnswerStatus.ANSWERED, clause_blocks(desk, unpaid)
    if not answers:
        return not_found(desk, passages, kinds, sure)
    if blank := blank_rows(desk, passages[0].chunk):
        blocks = [note(messages.BLANK), *blank, *whom_to_ask(desk), note(messages.RECORDED)]
        return AnswerStatus.NOT_FOUND, blocks
    if enumeration := listing(desk, passages):
        blocks = list_blocks(desk, *enumeration)
    else:
        blocks = _by_passages(desk, passages, judged=sure >= HEDGED)
    return AnswerStatus.ANSWERED, [*blocks, *_not_held(desk, blocks)]


def _decides_by_seat(desk: Desk, clause: Chunk) -> bool:
    """True where the question is whether somebody may who is registered in a place, and the clause says where one must
    be: a model sees two names of places that have nothing in common."""
    return desk.question.yes_no and seat_outcome(desk, clause) is not None


def _asks_for_deadline(desk: Desk, kinds: Sequence[FactKind]) -> bool:
    """True for a question that names nothing but whose date it wants, or whether there is time."""
    question = desk.question
    asks_for_date = FactKind.DATE in kinds[:1] or asks_for_time_left(question)
    of_issue = asks_for_date_of_issue(question.normalised)
    return asks_for_date and not of_issue and is_generic_of_tier(desk)


def deadline_answer(desk: Desk, due: Sequence[tuple[Chunk, Fact]], *, named: bool = False) -> list[Block]:
    """The dates, a line each; of many the first that matter, and how many there are. Of one or two things that the
    question names whole sentences."""
    shown = first_of(desk, due)
    whole = named and len({sentence_at(chunk, fact.start) for chunk, fact in shown}) <= 2
    blocks = deadline_blocks(desk, shown, closed=all_past(desk), whole=whole)
    more = messages.FIRST_OF_DATES.format(count=len(due), shown=len(shown))
    return [*blocks, note(more)] if len(due) > len(shown) else blocks


def _by_passages(desk: Desk, passages: Sequence[Passage], *, judged: bool) -> list[Block]:
    """The best passage's answer, with what a premise or an exception adds; the second's where it is as good.

    Without `judged` the clauses are quoted as the nearest and nothing is said of the case or the premise; whether
    there is time hangs on the dates alone.
    """
    hedge = [] if judged else [note(messages.NEAREST)]
    best = asked_row(desk, passages[0].chunk)
    for_contact = asks_for_contact(desk.question)
    contacts = fitting(desk, contacts_of(desk, best)) if for_contact else []
    if contacts:
        blocks = _contact_answer(desk, contacts, judged=judged)
    elif introduces(best) and (items := children(desk, best)):
        blocks = list_blocks(desk, best, items)
    else:
        due = _due_by(desk, best)
        said = _whether_time(desk, due)
        if len(due) > 1 and not said:
            return deadline_answer(desk, of_those_meant(desk, due))
        blocks = clause_blocks(desk, best)
        if said:
            return [*_time_left(desk, said, due, blocks), *blocks]
        shown = "".join(block.text for block in blocks)
        if judged and (decided := case_verdict(desk, best, shown)):
            return [decided, *blocks, *sibling_blocks(desk, best)]
        if judged and (verdict := premise(desk, best) or exception(desk, best, shown)):
            return [replace(blocks[0], spans=(strong(verdict),)), *blocks, *sibling_blocks(desk, best)]
        if siblings := sibling_blocks(desk, best):
            return [*hedge, *blocks, *siblings]
    told = {citation.chunk_id for citation in desk.citer.citations}
    shown = "\n".join(block.text for block in blocks)
    others = (p for p in passages[1:] if not is_neighbour(desk, best, p.chunk))
    for passage in islice(others, 1):
        if (
            len(shown) <= LONG_ANSWER
            and passage.score > passages[0].score - CLOSE
            and passage.chunk.kind in {ChunkKind.CLAUSE, ChunkKind.ROW}
            and passage.chunk.id not in told
            and passage.chunk.text not in shown
        ):
            blocks += _of_part(
                best,
                passage.chunk,
                [block for block in clause_blocks(desk, passage.chunk) if block.text not in shown],
            )
    return [*hedge, *blocks]


def _of_part(best: Chunk, chunk: Chunk, blocks: list[Block]) -> list[Block]:
    """The words of a clause, behind what its part of the notice is about where that is another than the best clause's."""
    part = part_of(chunk)
    if not blocks or chunk.kind is not ChunkKind.CLAUSE or part == part_of(best):
        return blocks
    return [replace(blocks[0], spans=tuple(labelled(part, blocks[0].spans))), *blocks[1:]]


def _not_held(desk: Desk, blocks: Sequence[Block]) -> list[Block]:
    """That the attachments to which the answer sends the reader are not supplied, where their contents matter: not where
    it is asked how many copies of them are wanted."""
    question = desk.question
    copies = "份" in asked_units(question.normalised)
    if asks_for_time_left(question) or copies:
        return []
    contents = bool(ABOUT_CONTENTS & set(question.intents))
    shown = "\n".join(block.text for block in blocks)
    missing = [
        a
        for a in desk.notice.attachments
        if a.document_id is None and refers_to(a, shown) and (contents or holds_asked(question, a))
    ]
    if not missing:
        return []
    naming = next(
        (b.citations for b in blocks if b.citations and any(refers_to(a, b.text) for a in missing)),
        next(b.citations for b in blocks if b.citations),
    )
    named = "、".join(
        f"附件{a.number}" if a.number and f"附件{a.number}" in shown else f"《{a.title}》" for a in missing
    )
    words = computed(messages.NOT_HELD.format(attachments=named))
    return [Block(BlockKind.NOTE, (words,), naming)]


def _contact_answer(desk: Desk, contacts: Sequence[Contact], *, judged: bool = True) -> list[Block]:
    blocks = contact_blocks(desk, contacts)
    if not judged:
        return blocks
    facts = [
        f
        for c in contacts
        for f in desk.facts(c.chunk, c.start, c.end)
        if f.kind in {FactKind.PHONE, FactKind.EMAIL}
    ]
    return corrected(desk, blocks, facts)


def _of_holders(desk: Desk, holders: Sequence[Contact]) -> list[Block]:
    """The holders of the number that a question states; first those whose number it is taken for, where it is not theirs."""
    others = others_meant(desk, holders)
    if not others:
        return _contact_answer(desk, holders)
    blocks = contact_blocks(desk, [*others, *(c for c in holders if c not in others)])
    return under_verdict(messages.PREMISE_WRONG, blocks)


def _of_the_named(desk: Desk, contacts: Sequence[Contact]) -> list[Block]:
    """The contacts of the persons named, behind whether what is asked is the first one's business."""
    blocks = contact_blocks(desk, contacts)
    whether = is_business_of(desk, contacts)
    if whether is None:
        return blocks
    return under_verdict(messages.PREMISE_RIGHT if whether else messages.PREMISE_WRONG, blocks)


def repealed(desk: Desk) -> list[Block]:
    """That the notice is no longer in force, with the clause that says so."""
    newer = repealed_by(desk.notice, desk.index.notices.values(), desk.question.today)
    if newer is None:
        return []
    number = f"（{newer.doc_number}）" if newer.doc_number else ""
    rows = desk.index.notice_rows[newer.id]
    clauses = [desk.index.chunks[row] for row in rows if superseded(desk.index.chunks[row].text)]
    banner = note(messages.REPEALED.format(title=newer.title, number=number))
    return [replace(banner, citations=(desk.citer.cite(clauses[0]),) if clauses else ())]


def _due_by(desk: Desk, best: Chunk) -> list[tuple[Chunk, Fact]]:
    """The dates that a question for the time left means, where the best clause states one of them and holds all that
    the question names; empty for `去年被罚过款还能申吗`."""
    question = desk.question
    if not asks_for_time_left(question) or names_one_kind(question.normalised):
        return []
    if not holds_things_named(question, best):
        return []
    due = due_meant(desk)
    if states_other_dates(desk, best, due):
        return []
    return due if any(chunk.id == best.id for chunk, _ in due) else []


def _time_left(
    desk: Desk, words: str, due: Sequence[tuple[Chunk, Fact]], blocks: Sequence[Block]
) -> list[Block]:
    """Whether there is time by the dates that are meant, in the words to be said first, and the dates themselves unless
    `blocks` show one; empty where there are no such words."""
    if not words:
        return []
    shown = any(fact.text in block.text for _, fact in due for block in blocks)
    return [note(words), *([] if shown else deadline_answer(desk, of_those_meant(desk, due)))]


def _whether_time(desk: Desk, due: Sequence[tuple[Chunk, Fact]]) -> str:
    """`还来得及。`, or what else is said first of the dates that are meant; empty where it is not certain."""
    periods = [period_of(desk, chunk, fact) for chunk, fact in due]
    return time_left(desk.question, [period for period in periods if period])


def _without_evidence(question: Question, status: AnswerStatus, words: str) -> Answer:
    return Answer(question, status, (note(words),))


def _facts_stated(desk: Desk, found: Answer) -> tuple[Fact, ...]:
    """Facts of the cited clauses whose words the answer repeats."""
    words = "\n".join(block.text for block in found.blocks if block.kind is not BlockKind.RELATED)
    stated = []
    for citation in found.citations:
        row = desk.index.rows.get(citation.chunk_id)
        if row is None:
            continue
        stated += [
            f
            for f in desk.index.facts.get(citation.chunk_id, ())
            if citation.start <= f.start and f.end <= citation.end and f.text in words
        ]
    return tuple(dict.fromkeys(stated))
