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

from bot import messages
from bot.citations import Citer, check_answer
from bot.composition import (
    Desk,
    answering_sentences,
    clause_blocks,
    computed,
    contact_blocks,
    deadline_blocks,
    list_blocks,
    plain,
    strong,
)
from bot.contacts import Contact, best_contact, contacts_in
from bot.datamodels import (
    Answer,
    AnswerStatus,
    Block,
    BlockKind,
    Chunk,
    ChunkKind,
    DeclaredAttachment,
    DocumentRole,
    Fact,
    FactKind,
    Intent,
    Notice,
    Passage,
    Question,
)
from bot.deadlines import is_deadline, is_submission
from bot.errors import FactLockError
from bot.facts import values_in
from bot.index.store import Index
from bot.lexicon import AUTHORITY, AUTHORITY_ACTOR, ENTERPRISE, ENTERPRISE_ACTOR, GENERIC, THANKS
from bot.question import expected_facts
from bot.ranking import Ranker, evidence_features, missing_overlap
from bot.retrieval import Retrieved

logger = logging.getLogger(__name__)

CLOSE = 1.0
"""A second passage is shown beside the first where its score is within this of it."""
KEPT_PASSAGES = 20
SHOWN_CONTACTS = 3
SHOWN_DEADLINES = 4
SHORTEST_TITLE_OVERLAP = 3

_ASKS_FOR_LIST = re.compile(
    r"哪些|有什么(?:要求|条件|材料|资料)|什么(?:条件|材料|资料|要求|手续|流程)|(?:条件|要求|材料|资料|流程|步骤|程序)(?:是什么|有什么|都?有哪些|呢|是啥|要啥)?[?？。\s]*$|"
    r"几个条件|清单|流程|步骤|requirements|conditions|criteria|what (?:documents|materials)|eligib"
)
_ASKS_FOR_NUMBER = re.compile(r"文号|几号文|第几号|document number|reference number")
_ASKS_FOR_ISSUER = re.compile(r"谁发的|哪个(?:单位|部门|机关)(?:发|印发|出)|发文(?:单位|机关|部门)|who issued|issuer")
_ASKS_FOR_DATE_OF_ISSUE = re.compile(r"(?:什么时候|哪天|何时|几号|几月).{0,4}(?:发布|印发|发的|出的|公布的)|(?:发布|印发|成文|落款)(?:日期|时间)|when was (?:it|the notice) issued")
_ASKS_FOR_ATTACHMENTS = re.compile(r"(?:有|哪|几|多少).{0,4}(?:个|份)?附件|附件(?:有|是)?(?:哪|几|多少|清单|列表|都)|(?:which|what|how many) attachments")
_NAMES_ATTACHMENT = re.compile(r"附件\s*([0-9一二三四五六七八九十]{1,2})")
_EXCEPTION_CLAUSE = re.compile(r"[（(]([^（）()]*(?:允许|可以|除外|不受|不限)[^（）()]*)[）)]")
_OTHER_YEAR = re.compile(r"(20\d{2})\s*年(?:度)?(?:的)?(?:通知|申报|截止|什么时候|啥时候|几号|第[一二三]批|报名|政策|补贴|奖补|还|名单|呢|有)|(20\d{2})\s*(?:申报|截止|deadline)|(?:今年|明年)")


def answer(question: Question, retrieved: Retrieved, index: Index, ranker: Ranker) -> Answer:
    """The answer to one question. Pure but for the log: the same values give the same answer."""
    if question.intents[0] in {Intent.GREETING, Intent.HELP}:
        return small_talk(question, index)
    if not retrieved.passages:
        return _refusal(question, AnswerStatus.NOT_FOUND, [_note(messages.NO_NOTICES)])
    notice = index.notices[retrieved.passages[0].chunk.notice_id]
    rows = [i for i, p in enumerate(retrieved.passages) if p.chunk.notice_id == notice.id]
    passages = [retrieved.passages[i] for i in rows]
    desk = Desk(question, notice, index, ranker, Citer(index.documents))
    scores = ranker.scores(retrieved.matrix[rows])
    evidence = evidence_features(question, [p.chunk for p in passages], retrieved.matrix[rows], scores, notice)
    sure = ranker.answerability(evidence)
    status, blocks = _decided(desk, passages, sure)
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
        return _refusal(question, AnswerStatus.ERROR_INTERNAL, [_note(messages.FAILED)], retrieved.passages)
    return found


def small_talk(question: Question, index: Index) -> Answer:
    """A greeting, thanks or a call for help: one sentence and three examples."""
    if re.match(THANKS, question.normalised):
        return _refusal(question, AnswerStatus.GREETING, [_note(messages.THANKS)])
    if not question.normalised:
        return _refusal(question, AnswerStatus.CLARIFY, [_note(messages.EMPTY_QUESTION)])
    note = _note(messages.GREETING if index.notices else messages.NO_NOTICES)
    examples = [Block(BlockKind.ITEM, (computed(example),)) for example in messages.EXAMPLES]
    blocks = [note, *(replace(b, kind=BlockKind.NOTE, spans=(computed(f"· {b.text}"),)) for b in examples)]
    return replace(_refusal(question, AnswerStatus.GREETING, blocks), suggestions=messages.EXAMPLES)


# ---------------------------------------------------------------- the policy


def _decided(desk: Desk, passages: Sequence[Passage], sure: float) -> tuple[AnswerStatus, list[Block]]:
    question, notice = desk.question, desk.notice
    own = _own_data(desk)
    if own:
        return AnswerStatus.ANSWERED, own
    if year := _other_year(desk):
        have = "、".join(sorted({f"{n.year}年度《{n.title}》" for n in [notice]}))
        text = messages.OTHER_YEAR.format(years=year, have=have)
        return AnswerStatus.NOT_FOUND, [_note(text), *_whom_to_ask(desk)]
    kinds = expected_facts(question.normalised)
    if FactKind.DATE in kinds[:1] and _is_generic(question, notice):
        due = _deadlines(desk)
        if due:
            return AnswerStatus.ANSWERED, _corrected(question, deadline_blocks(desk, due), [f for _, f in due])
    if FactKind.PHONE in kinds[:2] and _is_generic(question, notice):
        contacts = _contacts(desk)
        if contacts:
            return AnswerStatus.ANSWERED, _contact_answer(desk, contacts)
    listing = _listing(desk, passages)
    if listing and sure >= desk.ranker.threshold:
        return AnswerStatus.ANSWERED, listing
    attachment = _missing_attachment(desk, passages)
    unstated = _stated_nowhere(desk, kinds)
    if attachment and (sure < 0.9 or _asks_only_for_attachment(question)):
        return AnswerStatus.ATTACHMENT_MISSING, _attachment_refusal(desk, attachment)
    if unstated or sure < desk.ranker.threshold:
        return _not_found(desk, passages, kinds)
    return AnswerStatus.ANSWERED, _by_passages(desk, passages)


def _by_passages(desk: Desk, passages: Sequence[Passage]) -> list[Block]:
    """The best passage's answer, the second's where it is as good, and what a premise or an exception adds."""
    best = passages[0].chunk
    contacts = _contacts_in(desk, [best]) if FactKind.PHONE in expected_facts(desk.question.normalised) else []
    if contacts and best.kind is not ChunkKind.ROW:
        blocks = _contact_answer(desk, _fitting(desk, contacts))
    elif _introduces(best):
        children = _children(desk, best)
        blocks = list_blocks(desk, best, children) if children else clause_blocks(desk, best)
    else:
        blocks = clause_blocks(desk, best)
        verdict = _premise(desk, best) or _exception(desk, best)
        if verdict:
            blocks.insert(0, replace(blocks[0], spans=(strong(verdict),)))
    for passage in passages[1:2]:
        if passage.score > passages[0].score - CLOSE and passage.chunk.kind in {ChunkKind.CLAUSE, ChunkKind.ROW}:
            blocks += clause_blocks(desk, passage.chunk)
    return blocks


def _introduces(chunk: Chunk) -> bool:
    """True for a heading, and for a short line that ends in a colon: the answer is what follows."""
    return chunk.kind is ChunkKind.HEADING or (len(chunk.text) <= 60 and chunk.text.rstrip().endswith(("：", ":")))


def _contact_answer(desk: Desk, contacts: Sequence[Contact]) -> list[Block]:
    facts = [f for c in contacts for f in desk.facts(c.chunk, c.start, c.end) if f.kind in {FactKind.PHONE, FactKind.EMAIL}]
    return _corrected(desk.question, contact_blocks(desk, contacts), facts)


def _corrected(question: Question, blocks: list[Block], facts: Sequence[Fact]) -> list[Block]:
    """Puts `不是。` first where the question states a value of a kind of which these facts are, and none of them is it."""
    for value in values_in(question.normalised):
        rivals = [fact.value for fact in facts if fact.kind is value.kind]
        if rivals and not any(_same_value(value.value, rival) for rival in rivals):
            verdict = Block(BlockKind.ANSWER, (strong(messages.PREMISE_WRONG),), blocks[0].citations)
            return [verdict, *blocks]
    return blocks


def _same_value(asked: str, stated: str) -> bool:
    """Equal, or the same day of the year where the question names no year."""
    if asked.startswith("--"):
        return stated[4:].startswith(asked[1:])
    return stated == asked or (stated[:10] == asked and "T" in stated)


# ---------------------------------------------------------------- the notice's own data


def _own_data(desk: Desk) -> list[Block]:
    words, notice = desk.question.normalised, desk.notice
    if _ASKS_FOR_ATTACHMENTS.search(words) and notice.attachments:
        return _attachment_list(desk)
    if len(words) > 24:
        return []
    if _ASKS_FOR_NUMBER.search(words):
        return _document_number(desk)
    if _ASKS_FOR_DATE_OF_ISSUE.search(words) and _is_generic(desk.question, notice):
        closing = [c for c in desk.chunks if c.kind is ChunkKind.CLOSING and any(f.kind is FactKind.DATE for f in desk.facts(c))]
        if closing:
            n = desk.citer.cite(closing[-1])
            return [Block(BlockKind.ANSWER, (plain("成文日期："), strong(closing[-1].text)), (n,))]
    if _ASKS_FOR_ISSUER.search(words) and notice.issuer:
        first = notice.issuer.split(" ")[0]
        signed = next((c for c in reversed(desk.chunks) if c.kind in {ChunkKind.CLOSING, ChunkKind.TITLE} and first in c.text), None)
        if signed:
            n = desk.citer.cite(signed)
            return [Block(BlockKind.ANSWER, (plain("发文机关："), strong(notice.issuer)), (n,))]
    return []


def _document_number(desk: Desk) -> list[Block]:
    notice = desk.notice
    generic = _is_generic(desk.question, notice)
    if notice.doc_number and generic:
        holder = next((c for c in desk.chunks if notice.doc_number in c.text), None)
        if holder:
            n = desk.citer.cite(holder)
            return [Block(BlockKind.ANSWER, (plain("文号："), strong(notice.doc_number)), (n,))]
    if generic and not notice.doc_number and notice.references:
        holders = [(r, c) for r in notice.references for c in desk.chunks if r in c.text][:2]
        if holders:
            blocks = [_note(messages.NO_OWN_NUMBER)]
            for reference, chunk in holders:
                at = chunk.start + chunk.text.index(reference)
                n = desk.citer.cite(chunk, [(at, at + len(reference))])
                blocks.append(Block(BlockKind.ANSWER, (strong(reference),), (n,)))
            return blocks
    return []


def _attachment_list(desk: Desk) -> list[Block]:
    blocks = [_note(messages.LIST_OF_ATTACHMENTS)]
    for attachment in desk.notice.attachments:
        holder = next((c for c in desk.chunks if attachment.title in c.text), None)
        have = messages.SUPPLIED if attachment.document_id else messages.NOT_SUPPLIED
        name = f"附件{attachment.number}《{attachment.title}》"
        if holder is None:
            blocks.append(_note(f"{name}（{have}）"))
            continue
        at = holder.start + holder.text.index(attachment.title)
        n = desk.citer.cite(holder, [(at, at + len(attachment.title))])
        blocks.append(Block(BlockKind.ITEM, (computed(f"附件{attachment.number}"), plain(f"《{attachment.title}》"), computed(f"（{have}）")), (n,)))
    return blocks


# ---------------------------------------------------------------- what is not there


def _other_year(desk: Desk) -> str:
    """The year that a question asks the notice of, where the notice is of another one and never names it."""
    question, notice = desk.question, desk.notice
    if not question.years or notice.year is None or notice.year in question.years:
        return ""
    if not _OTHER_YEAR.search(question.normalised):
        return ""
    text = " ".join(chunk.text for chunk in desk.chunks)
    unknown = [year for year in question.years if str(year) not in text]
    return "、".join(map(str, unknown)) if len(unknown) == len(question.years) else ""


def _stated_nowhere(desk: Desk, kinds: Sequence[FactKind]) -> bool:
    """True where the question asks for a kind of value that no clause of the notice states at all."""
    if not kinds or kinds[0] not in {FactKind.EMAIL, FactKind.AMOUNT, FactKind.PHONE, FactKind.URL}:
        return False
    wanted = set(kinds) if kinds[0] is FactKind.AMOUNT else {kinds[0]}
    return not any(f.kind in wanted for c in desk.chunks for f in desk.facts(c))


def _missing_attachment(desk: Desk, passages: Sequence[Passage]) -> DeclaredAttachment | None:
    """The attachment, named but not supplied, that a question is about."""
    words = desk.question.normalised
    missing = [a for a in desk.notice.attachments if a.document_id is None]
    numbers = _NAMES_ATTACHMENT.findall(words)
    for attachment in missing:
        if attachment.number in numbers:
            return attachment
    common = desk.notice.title
    scored = [(missing_overlap(words, _without(a.title, common)), a) for a in missing]
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    if best[1] is None or best[0] < SHORTEST_TITLE_OVERLAP:
        return None
    text = " ".join(chunk.text for chunk in desk.chunks)
    unknown = [t for t in _content_terms(desk.question) if t not in text]
    return best[1] if unknown or _asks_only_for_attachment(desk.question) else None


def _without(title: str, common: str) -> str:
    """A title without the stretches of four or more characters that it shares with the notice's title."""
    kept, at = [], 0
    while at < len(title):
        size = 0
        while at + size < len(title) and title[at : at + size + 1] in common:
            size += 1
        if size < 4:
            kept.append(title[at])
            at += 1
        else:
            kept.append("\n")
            at += size
    return "".join(kept)


def _asks_only_for_attachment(question: Question) -> bool:
    return bool(re.search(r"内容|写了什么|是什么|有什么|模板|样表|下载|哪里有|在哪|怎么填|要写|content", question.normalised))


def _attachment_refusal(desk: Desk, attachment: DeclaredAttachment) -> list[Block]:
    form = messages.ATTACHMENT_MISSING if attachment.number else messages.ATTACHMENT_MISSING_UNNUMBERED
    holder = next((c for c in desk.chunks if attachment.title in c.text), None)
    numbers = (desk.citer.cite(holder),) if holder else ()
    note = Block(BlockKind.NOTE, (computed(form.format(number=attachment.number, title=attachment.title)),), numbers)
    return [note, *_whom_to_ask(desk), _note(messages.RECORDED)]


def _not_found(desk: Desk, passages: Sequence[Passage], kinds: Sequence[FactKind]) -> tuple[AnswerStatus, list[Block]]:
    best = passages[0]
    if not kinds and _has_nothing_in_common(desk):
        return AnswerStatus.OUT_OF_SCOPE, [_note(messages.OUT_OF_SCOPE), *_whom_to_ask(desk)]
    text = messages.NOT_FOUND
    if kinds and kinds[0] is FactKind.AMOUNT:
        text = messages.NOT_FOUND_AMOUNT
    elif kinds and kinds[0] is FactKind.EMAIL:
        text = messages.NOT_FOUND_EMAIL
    blocks = [_note(text), *_whom_to_ask(desk)]
    if best.chunk.kind in {ChunkKind.CLAUSE, ChunkKind.ROW} and _shares_words(desk.question, best.chunk):
        blocks += clause_blocks(desk, best.chunk, BlockKind.RELATED)
    return AnswerStatus.NOT_FOUND, [*blocks, _note(messages.RECORDED)]


def _has_nothing_in_common(desk: Desk) -> bool:
    """True where no content word of the question occurs anywhere in the notice."""
    text = " ".join(chunk.text for chunk in desk.chunks) + desk.notice.title
    terms = _content_terms(desk.question)
    return bool(terms) and not any(term in text for term in (*terms, *desk.question.synonyms))


def _shares_words(question: Question, chunk: Chunk) -> bool:
    return any(term in chunk.text for term in _content_terms(question))


def _content_terms(question: Question) -> list[str]:
    """Words of a question that name a thing: no question words, none that only say of which kind it is."""
    return [
        t
        for t in question.terms
        if len(t) > 1 and not re.search(r"[谁哪啥咋几怎何么吗呢多]", t) and not re.fullmatch(GENERIC, t)
    ]


def _whom_to_ask(desk: Desk) -> list[Block]:
    contact = best_contact(contacts_in(desk.chunks, desk.index.facts), desk.question.normalised)
    if contact is not None:
        return [_note(messages.ASK), *contact_blocks(desk, [contact])]
    if desk.notice.issuer:
        return [_note(messages.ASK_ISSUER.format(issuer=desk.notice.issuer))]
    return []


# ---------------------------------------------------------------- forms


def _is_generic(question: Question, notice: Notice) -> bool:
    """True where, beside the words of its kind and of the notice's title, a question says nothing particular."""
    rest = question.normalised
    for value in reversed(values_in(rest)):
        rest = f"{rest[: value.start]} {rest[value.end :]}"
    rest = re.sub(GENERIC, " ", rest)
    for size in range(min(8, len(notice.title)), 1, -1):
        for start in range(len(notice.title) - size + 1):
            piece = notice.title[start : start + size]
            if piece in rest:
                rest = rest.replace(piece, " ")
    return not re.search(r"[\u3400-\u9fff]{2,}|[a-z]{3,}|\d{2,}", rest)


def _deadlines(desk: Desk) -> list[tuple[Chunk, Fact]]:
    """Dates to hand something in by, of the main document, in reading order; those of the actor that is named."""
    due = []
    for chunk in desk.chunks:
        document = desk.index.documents[chunk.document_id]
        if document.role is not DocumentRole.MAIN or chunk.kind in {ChunkKind.TITLE, ChunkKind.CLOSING}:
            continue
        for fact in desk.facts(chunk):
            if is_deadline(fact, chunk.text, chunk.start) and is_submission(fact, chunk.text):
                due.append((chunk, fact))
    words = desk.question.normalised
    for asked, actor in ((ENTERPRISE, ENTERPRISE_ACTOR), (AUTHORITY, AUTHORITY_ACTOR)):
        other = AUTHORITY if asked is ENTERPRISE else ENTERPRISE
        if re.search(asked, words) and not re.search(other, words):
            due = [(c, f) for c, f in due if re.search(actor, f.actor)] or due
    return due[:SHOWN_DEADLINES]


def _contacts_in(desk: Desk, chunks: Sequence[Chunk]) -> list[Contact]:
    wanted = {chunk.id for chunk in chunks}
    return [c for c in contacts_in(desk.chunks, desk.index.facts) if c.chunk.id in wanted]


def _contacts(desk: Desk) -> list[Contact]:
    """Contacts for a general question: the best first, then the others."""
    contacts = list(contacts_in(desk.chunks, desk.index.facts))
    first = best_contact(contacts, desk.question.normalised)
    if first is None:
        return []
    return [first, *(c for c in contacts if c is not first)][:SHOWN_CONTACTS]


def _fitting(desk: Desk, contacts: Sequence[Contact]) -> list[Contact]:
    """Of several contacts in one clause, the one that the question names."""
    if len(contacts) == 1:
        return list(contacts)
    by_sentence = {(s.start, s.end): s.score for s in answering_sentences(desk, contacts[0].chunk)}
    ranked = sorted(contacts, key=lambda c: -by_sentence.get((c.start, c.end), -99.0))
    return ranked[:1]


def _children(desk: Desk, parent: Chunk) -> list[Chunk]:
    return [c for c in desk.chunks if c.parent_id == parent.id and c.kind is not ChunkKind.HEADING]


def _listing(desk: Desk, passages: Sequence[Passage]) -> list[Block]:
    """The whole enumeration, where a question asks for one and a heading or introducing line fits it."""
    question = desk.question
    if not _ASKS_FOR_LIST.search(question.normalised):
        return []
    wanted = set(question.terms) | set(question.synonyms)
    best: tuple[float, Chunk] | None = None
    for rank, passage in enumerate(passages[:12]):
        chunk = passage.chunk
        row = desk.index.rows.get(chunk.parent_id or "")
        for candidate in (chunk, desk.index.chunks[row] if row is not None else None):
            if candidate is None or not _introduces(candidate):
                continue
            fit = sum(len(word) for word in wanted if len(word) > 1 and word in candidate.text) - rank * 0.5
            if fit > 1 and (best is None or fit > best[0]) and len(_children(desk, candidate)) >= 2:
                best = (fit, candidate)
    return list_blocks(desk, best[1], _children(desk, best[1])) if best else []


def _premise(desk: Desk, chunk: Chunk) -> str:
    """`不是。……` where a question states a value and the clause states another of the same kind and unit."""
    question = desk.question
    stated = values_in(question.normalised)
    if not stated or not (question.yes_no or re.search(r"[吧对]", question.normalised)):
        return ""
    best = answering_sentences(desk, chunk)
    if not best:
        return ""
    facts = desk.facts(chunk, best[0].start, best[0].end)
    for value in stated:
        unit = value.value.rpartition(" ")[2] if " " in value.value else ""
        rivals = [f for f in facts if f.kind is value.kind and (not unit or f.value.endswith(f" {unit}"))]
        if any(f.value == value.value for f in rivals):
            return ""
        if len(rivals) == 1 and value.kind is not FactKind.DATE:
            return messages.PREMISE_WRONG
        if len(rivals) == 1 and value.kind is FactKind.DATE and not value.value.startswith("--") and value.value[:10] != rivals[0].value[:10]:
            return messages.PREMISE_WRONG
    return ""


def _exception(desk: Desk, chunk: Chunk) -> str:
    """`一般不能，有例外。` where what is asked about is allowed only in an exception in brackets."""
    question = desk.question
    if not question.yes_no or Intent.ELIGIBILITY not in question.intents:
        return ""
    match = _EXCEPTION_CLAUSE.search(chunk.text)
    if not match or not re.search(r"允许|可以", match.group(1)):
        return ""
    words = [w for w in (*question.terms, *question.synonyms) if len(w) >= 3]
    inside = [w for w in words if w in match.group(1)]
    outside = chunk.text[: match.start()] + chunk.text[match.end() :]
    return messages.EXCEPTION_ONLY if inside and not any(w in outside for w in inside) else ""


# ---------------------------------------------------------------- pieces


def _note(text: str) -> Block:
    return Block(BlockKind.NOTE, (computed(text),))


def _refusal(
    question: Question, status: AnswerStatus, blocks: Sequence[Block], passages: tuple[Passage, ...] = ()
) -> Answer:
    return Answer(question, status, tuple(blocks), passages=passages[:KEPT_PASSAGES])


def _facts_stated(desk: Desk, found: Answer) -> tuple[Fact, ...]:
    """Facts of the cited clauses whose words the answer repeats."""
    words = "\n".join(block.text for block in found.blocks if block.kind is not BlockKind.RELATED)
    stated = []
    for citation in found.citations:
        row = desk.index.rows.get(citation.chunk_id)
        if row is None:
            continue
        stated += [f for f in desk.index.facts.get(citation.chunk_id, ()) if citation.start <= f.start and f.end <= citation.end and f.text in words]
    return tuple(dict.fromkeys(stated))
