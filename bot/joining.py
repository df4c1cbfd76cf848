"""Answers of several parts or several notices -> one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot import messages
from bot.agenda import short_title
from bot.citations import Citer
from bot.comparing import compared
from bot.datamodels import Answer, AnswerStatus, Block, BlockKind, Citation, Notice, Question, SpanStyle
from bot.desk import Desk, note
from bot.index.store import Index
from bot.question import places_in
from bot.ranking import Ranker
from bot.refusals import whom_to_ask

OFFERED = 3
"""Other notices of the programme that are named beside the one that answers."""


def joined(question: Question, answers: Sequence[Answer], *, repeats: bool = False) -> Answer:
    """One answer of several: blocks in order, citations numbered anew by first use.

    With `repeats` a sentence that an earlier part has said is said again: each part stands by itself.
    """
    answered = next((part for part in answers if not part.status.abstained), None)
    dropped = {messages.ASK, messages.RECORDED} if answered else set()
    blocks: list[Block] = []
    citations: list[Citation] = []
    for part in answers:
        begun = len(blocks)
        for block in part.blocks:
            if (
                block.kind is BlockKind.RELATED
                or block.text in dropped
                or (
                    not repeats
                    and block.kind is not BlockKind.NOTE
                    and any(_says(b, block) or _is_card_of(block, b) for b in blocks)
                )
            ):
                continue
            numbers = []
            for citation in (c for c in part.citations if c.n in block.citations):
                same = next(
                    (c for c in citations if (c.file, c.quote) == (citation.file, citation.quote)), None
                )
                if same is None:
                    same = replace(citation, n=len(citations) + 1)
                    citations.append(same)
                numbers.append(same.n)
            here = replace(block, citations=tuple(numbers))
            if repeats or not numbers or block.kind is not BlockKind.NOTE or here not in blocks:
                blocks.append(here)
        if [block.text for block in blocks[begun:]] == [messages.NEAREST]:
            del blocks[begun:]
    first = answered or answers[0]
    return replace(
        first,
        question=question,
        status=AnswerStatus.ANSWERED if answered else first.status,
        blocks=tuple(blocks),
        citations=tuple(citations),
        facts=tuple(fact for part in answers for fact in part.facts),
        passages=tuple(passage for part in answers for passage in part.passages),
        notice_ids=tuple(dict.fromkeys(n for part in answers for n in part.notice_ids)),
    )


def _says(told: Block, block: Block) -> bool:
    """True where a block says what another one says: the same, with or without what is computed about its dates, or a
    sentence of it."""
    if block.kind is BlockKind.ANSWER is told.kind and block.quoted and block.quoted == told.quoted:
        return True
    return told.text == block.text or (block.text.endswith(("。", "；")) and block.text in told.text)


def _is_card_of(card: Block, told: Block) -> bool:
    """True for a card whose names and numbers all stand in what has been told."""
    marked = [span.text for span in card.spans if span.style is SpanStyle.STRONG]
    return card.kind is BlockKind.CARD and bool(marked) and all(words in told.text for words in marked)


def left_open(answer: Answer, asked: str) -> Answer:
    """The answer to one of several questions, or in short that the notice doesn't give it."""
    if not answer.status.abstained or answer.status is AnswerStatus.ATTACHMENT_MISSING:
        return answer
    said = note(messages.PART_NOT_FOUND.format(asked=asked))
    return replace(answer, blocks=(said,), citations=(), facts=())


def answer_over_notices(
    question: Question, answers: Sequence[Answer], index: Index, programme: Sequence[Notice], named: bool
) -> Answer:
    """The answer of the notice that is meant, with a line that says which it is; or of several, each under its name."""
    if len(answers) == 1:
        only = replace(answers[0], question=question)
        others = [n for n in programme if n.id not in only.notice_ids][:OFFERED]
        if named or not others or not only.notice_ids:
            return only
        here = index.notices[only.notice_ids[0]]
        names = "、".join(_name(n, [here, *others]) for n in others)
        offered = note(messages.WHICH_NOTICE.format(this=_name(here, [here, *others]), others=names))
        return replace(only, blocks=(*only.blocks, offered))
    if all(a.status.abstained for a in answers):
        return replace(answers[0], question=question)
    told = [a for a in answers if a.notice_ids]
    notices = [index.notices[a.notice_ids[0]] for a in told]
    if table := table_over_notices(question, [answers], index):
        return table
    parts = [
        replace(
            a, blocks=(note(f"【{_name(n, notices)}】"), *(a.blocks[:1] if a.status.abstained else a.blocks))
        )
        for a, n in zip(told, notices, strict=True)
    ]
    return joined(question, parts, repeats=True)


def table_over_notices(
    question: Question, columns: Sequence[Sequence[Answer]], index: Index, labels: Sequence[str] = ()
) -> Answer | None:
    """The answers of several notices as a table, earliest notice first; None where they are too long for one.

    `columns` holds for each asked value, named by `labels`, the answers of the same notices.
    """
    if not all(answer.notice_ids for answers in columns for answer in answers):
        return None
    notices = [index.notices[answer.notice_ids[0]] for answer in columns[0]]
    order = sorted(range(len(notices)), key=lambda row: (notices[row].issued_on or date.min, row))
    names = [_name(notices[row], notices) for row in order]
    rows = compared(names, [[answers[row] for row in order] for answers in columns], labels)
    return joined(question, rows, repeats=True) if rows else None


def unscoped(answer: Answer, index: Index, others: Sequence[str] = ()) -> Answer:
    """The answer to a question that says of no notice that it means it: under the name of its notice, with those that
    may be meant as well; a refusal without the contacts of whichever was nearest, unless the question names its region."""
    if answer.status is AnswerStatus.OUT_OF_SCOPE:
        return replace(answer, blocks=answer.blocks[:1], citations=(), facts=())
    titles = " ".join(index.notices[n].title for n in answer.notice_ids)
    if answer.status is AnswerStatus.NOT_FOUND and not any(
        place in titles for place in places_in(answer.question.normalised)
    ):
        said = (note(messages.NO_PROGRAMME), note(messages.RECORDED))
        return replace(answer, blocks=said, citations=(), facts=())
    if len(answer.notice_ids) != 1:
        return answer
    title, *more = (
        f"《{short_title(index.notices[n].title)}》" for n in (*answer.notice_ids, *others[:OFFERED])
    )
    whose = (messages.GUESSED_AMONG if more else messages.GUESSED).format(title=title, others="、".join(more))
    return replace(answer, blocks=(note(whose), *answer.blocks))


def other_region_answer(
    question: Question, index: Index, ranker: Ranker, programme: Sequence[Notice]
) -> Answer:
    """The refusal to a question about the office of a place that has no notice of this programme."""
    have = "、".join(dict.fromkeys(n.region for n in programme if n.region))
    words = messages.OTHER_REGION.format(place="、".join(question.places), have=have)
    return _refused(question, index, ranker, programme[0], words)


def other_year_answer(
    question: Question, index: Index, ranker: Ranker, programme: Sequence[Notice]
) -> Answer:
    """The refusal to a question about a year of which the programme has no notice."""
    newest = programme[0]
    have = "、".join(dict.fromkeys(f"{n.year}年度" for n in programme if n.year)) + f"的《{newest.title}》等"
    words = messages.OTHER_YEAR.format(years="、".join(map(str, question.years)), have=have)
    return _refused(question, index, ranker, newest, words)


def _refused(question: Question, index: Index, ranker: Ranker, newest: Notice, words: str) -> Answer:
    """A refusal in these words, with whom to ask at the office of the programme's newest notice."""
    desk = Desk(question, newest, index, ranker, Citer(index.documents))
    blocks = (note(words), *whom_to_ask(desk))
    return Answer(question, AnswerStatus.NOT_FOUND, blocks, desk.citer.citations, notice_ids=(newest.id,))


def _name(notice: Notice, among: Sequence[Notice]) -> str:
    """The shortest name that tells a notice from the others: year and batch, else its office, else its title."""
    short = f"{notice.year}年{notice.batch}" if notice.year else ""
    if short and sum(f"{n.year}年{n.batch}" == short for n in among) == 1:
        return short
    if notice.region and sum(n.region == notice.region for n in among) == 1:
        return f"{notice.region}{short}"
    return f"《{notice.title}》"
