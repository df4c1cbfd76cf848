"""The pipeline of a question, in order: understand, retrieve, answer; over whatever index is published now."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.agenda import is_open
from bot.answering import KEPT_PASSAGES, answer, small_talk
from bot.comparing import aspects_of
from bot.config import Settings
from bot.contacts import asked_holder
from bot.datamodels import Answer, AnswerStatus, FactKind, Intent, Notice, Passage, Question
from bot.embedding import Encoder, load_encoder
from bot.errors import FactLockError, NoticeAssistantError
from bot.faq_answer import faq_answer
from bot.follow_ups import in_full
from bot.frequent import FrequentQuestions
from bot.index.store import Index, IndexStore
from bot.index.versions import current_version, versions
from bot.joining import (
    answer_over_notices,
    joined,
    left_open,
    other_region_answer,
    other_year_answer,
    table_over_notices,
    unscoped,
)
from bot.notice_words import in_notice_words
from bot.open_notices import asks_for_open_notices, open_notices
from bot.parts import asked_part
from bot.question import understand
from bot.ranking import Ranker
from bot.rephrasing import Complete, rephrase
from bot.reranking import Reranker
from bot.retrieval import Retrieved, in_scope, retrieve, speaking_of, survey
from bot.scoping import Scope, scope_of, scope_unnamed, things_of, without_scope_words
from bot.several_questions import Part, is_told, kind_is_told, parts_of, place_is_told

logger = logging.getLogger(__name__)

HISTORY_READ = 5
"""Questions before, newest first, among which one is looked for that says which notice is meant."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A whole clause, for `/source` and the button that shows the original."""

    document_title: str
    section: str
    heading_path: tuple[str, ...]
    text: str
    place: str
    file: str


class Assistant:
    """Answers questions; safe to share by threads. Follows the published index.

    Every answer is made of clauses first; a language model, where there is one, may then put it in other words.
    """

    def __init__(
        self,
        store: IndexStore,
        encoder: Encoder,
        ranker: Ranker,
        language_model: Complete | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._ranker = ranker
        self._language_model = language_model
        self._reranker = reranker
        self._frequent = FrequentQuestions(encoder, ranker)
        self.index  # noqa: B018  (raises now where there is no index)

    @classmethod
    def open(cls, settings: Settings, language_model: Complete | None = None) -> Assistant:
        """The assistant over the published index. Raises IndexMissing, IndexDamaged, IndexMismatch, ModelError."""
        if not versions(settings.index_dir):
            current_version(settings.index_dir)  # says at once that nothing is published
        encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
        reranker = Reranker.load(settings.reader_model, settings.threads)
        return cls(IndexStore(settings.index_dir), encoder, Ranker.from_file(), language_model, reranker)

    def without_language_model(self) -> Assistant:
        """The same assistant in the clauses' own words alone: for drafts that staff approve."""
        quoting = copy.copy(self)
        quoting._language_model = None
        return quoting

    @property
    def index(self) -> Index:
        return self._store.current(self._encoder.name)

    @property
    def encoder(self) -> Encoder:
        """What made the index's vectors: a build in this process shares it."""
        return self._encoder

    @property
    def version(self) -> str:
        """Name of the published index version."""
        return self.index.version

    def ask(
        self, text: str, *, today: date, history: Sequence[str] = (), notice_id: str | None = None
    ) -> Answer:
        """The answer to a question. `history`: earlier questions of the chat, oldest first; `notice_id`: its scope."""
        started = time.perf_counter()
        index = self.index
        whole = self._of_subject(text, index, today, history, notice_id) or self._ask(
            text, index, today, history, notice_id
        )
        if parts := parts_of(text, today):
            whole = self._with_parts(whole, parts, index, today, history)
        if self._language_model is not None:
            whole = rephrase(whole, self._language_model, index.documents)
        return replace(whole, took_ms=(time.perf_counter() - started) * 1000)

    def _of_subject(
        self, text: str, index: Index, today: date, history: Sequence[str], notice_id: str | None
    ) -> Answer | None:
        """The answer to the question that a follow-up stands for; None where it stands for none, or where the answer does
        not speak of what that is about."""
        meant = in_full(text, history)
        if meant is None:
            return None
        found = self._ask(meant.asked, index, today, history, notice_id)
        about = understand(meant.subject, today=today)
        cited = [index.chunks[index.rows[c.chunk_id]] for c in found.citations if c.chunk_id in index.rows]
        said = " ".join(
            words for chunk in cited for words in (*chunk.heading_path, *chunk.table_header, chunk.text)
        )
        spoken = _gives_contact(found) or any(
            word in said for word in (meant.subject.removesuffix("级"), *about.synonyms)
        )
        if found.status.abstained or not spoken:
            return None
        return replace(found, question=replace(found.question, text=text))

    def _with_parts(
        self, whole: Answer, parts: Sequence[Part], index: Index, today: date, history: Sequence[str]
    ) -> Answer:
        """The answer to a line of several questions, with those answered beside it that it leaves open; as it is where
        none of these is, and where it is a refusal of something that is named: a part alone says less of what is meant."""
        named = any(part.terms for part in parts)
        if whole.status not in {AnswerStatus.ANSWERED, AnswerStatus.NOT_FOUND} or (
            whole.status.abstained and named
        ):
            return whole
        answered = not whole.status.abstained and named
        words = "\n".join(block.text for block in whole.blocks)
        stated = {fact.kind for fact in whole.facts} if answered else set()
        notice = " ".join(index.chunks[row].text for n in whole.notice_ids for row in index.notice_rows[n])
        answers: list[Answer] = []
        for part in parts:
            if answered and is_told(part, words, stated, notice):
                if whole not in answers:
                    answers.append(whole)
                continue
            found = self._part(part, parts, answers, whole, index, today, history)
            shown = "\n".join(block.text for answer in answers for block in answer.blocks)
            if not found.status.abstained:
                answers.append(found)
            elif found.status is AnswerStatus.ATTACHMENT_MISSING or not (
                (answered and kind_is_told(part, stated)) or place_is_told(part, shown)
            ):
                answers.append(left_open(found, part.asked))
        if all(answer.status.abstained for answer in answers):
            return whole
        return joined(whole.question, answers)

    def _part(
        self,
        part: Part,
        parts: Sequence[Part],
        answers: Sequence[Answer],
        whole: Answer,
        index: Index,
        today: date,
        history: Sequence[str],
    ) -> Answer:
        """The answer to one of several questions. Where it wants somebody to ask and names nothing, it is about what the
        other parts name and the clauses that answer them say; where the notice does not say it of the thing that an
        earlier part names, it is asked of no thing."""
        scope = whole.question.notice_id or _notice_of(answers)
        others = [p.text for p in parts if p is not part]
        leans = part.for_contact and not asked_holder(part.text)
        beside = [*history, " ".join(others)] if leans and part.text == part.asked else history
        found = self._ask(part.text, index, today, beside, scope)
        if leans and not _gives_contact(found):
            about = " ".join((*others, *_headings(answers, index)))
            return self._ask(part.asked, index, today, [*history, about], scope)
        if found.status is AnswerStatus.NOT_FOUND and not part.terms and part.text != part.asked:
            return self._ask(part.asked, index, today, history, scope)
        return found

    def _ask(
        self, text: str, index: Index, today: date, history: Sequence[str], notice_id: str | None
    ) -> Answer:
        question = understand(text, today=today, history=history, notice_id=notice_id)
        if question.intents[0] in {Intent.GREETING, Intent.HELP}:
            return small_talk(question, index)
        if asks_for_open_notices(question):
            return open_notices(question, index)
        notices = [index.notices[n] for n in in_scope(question, index)]
        vector = self._encoder.encode_queries([question.normalised])[0]
        if len(notices) < 2:
            own = _in_words_of(notices, question, index)
            of_own = vector if own is question else None
            found = retrieve(own, index, self._encoder, self._ranker, of_own)
            approved = self._approved(question, vector, index, [n.id for n in notices], found.passages)
            if approved:
                return approved
            weights = self._reranker.weights if self._reranker else None
            return answer(own, self._read(own, found, index), index, self._ranker, weights)
        scope = self._scope(question, index, vector, notices)
        programme = [index.notices[n] for n in scope.programme]
        if scope.elsewhere:
            return other_region_answer(question, index, self._ranker, programme)
        if not scope.notice_ids:
            refusal = other_year_answer(question, index, self._ranker, programme)
            return refusal if scope.certain else unscoped(refusal, index, scope.others)
        bare = without_scope_words(
            question, programme, self._names_of_parts(question, scope.notice_ids, index)
        )
        scoped = [
            _in_words_of([index.notices[n]], replace(bare, notice_id=n), index) for n in scope.notice_ids
        ]
        vectors = {question.normalised: vector}
        for words in {q.normalised for q in scoped} - {*vectors}:
            vectors[words] = self._encoder.encode_queries([words])[0]
        read = [retrieve(q, index, self._encoder, self._ranker, vectors[q.normalised]) for q in scoped]
        if len(scope.notice_ids) == 1:
            approved = self._approved(question, vector, index, scope.notice_ids, read[0].passages)
            if approved:
                return answer_over_notices(question, [approved], index, programme, scope.named)
        elif aspects := aspects_of(bare):
            columns = [self._column(aspect.question, scope.notice_ids, index) for aspect in aspects]
            if table := table_over_notices(question, columns, index, [aspect.label for aspect in aspects]):
                return table
        answers = self._each(scoped, read, index)
        whole = answer_over_notices(question, answers, index, programme, scope.named)
        return whole if scope.certain else unscoped(whole, index, scope.others)

    def _scope(
        self, question: Question, index: Index, vector: NDArray[np.float32], notices: Sequence[Notice]
    ) -> Scope:
        """The notices that a question means: by its own words, else by the questions before, newest first."""
        best = survey(question, index, vector, self._ranker)
        *older, last = question.history[-HISTORY_READ:] or ("",)
        before = understand(last, today=question.today, history=older) if last else None
        found = scope_of(question, before, notices, best)
        if found.certain:
            return found
        earlier = None
        if before is not None:
            earlier = self._scope(
                before, index, self._encoder.encode_queries([before.normalised])[0], notices
            )
        told = speaking_of(things_of(question), best, index)
        return scope_unnamed(
            question, notices, best, told, lambda n: is_open(index, n, question.today), earlier
        )

    def _names_of_parts(self, question: Question, notice_ids: Sequence[str], index: Index) -> frozenset[str]:
        """The words for the programmes of these notices that a question names."""
        parts = (
            asked_part(question, index.notices[n].title, [index.chunks[row] for row in index.notice_rows[n]])
            for n in notice_ids
        )
        return frozenset[str]().union(*(part.named for part in parts))

    def _column(self, question: Question, notice_ids: Sequence[str], index: Index) -> list[Answer]:
        """What each of several notices answers to one thing of a comparison."""
        vector = self._encoder.encode_queries([question.normalised])[0]
        scoped = [replace(question, notice_id=n) for n in notice_ids]
        read = [retrieve(q, index, self._encoder, self._ranker, vector) for q in scoped]
        return self._each(scoped, read, index)

    def _each(self, scoped: Sequence[Question], read: Sequence[Retrieved], index: Index) -> list[Answer]:
        """The answer of each notice; what one of several answers, the others may answer too."""
        read = [self._read(q, found, index) for q, found in zip(scoped, read, strict=True)]
        weights = self._reranker.weights.among_several() if self._reranker else None
        answers = [
            answer(q, found, index, self._ranker, weights) for q, found in zip(scoped, read, strict=True)
        ]
        if any(not a.status.abstained for a in answers):
            answers = [
                answer(q, found, index, self._ranker, weights, eager=True) if a.status.abstained else a
                for q, found, a in zip(scoped, read, answers, strict=True)
            ]
        return answers

    def _read(self, question: Question, found: Retrieved, index: Index) -> Retrieved:
        """The passages as the reader orders them; as they are where there is none."""
        return self._reranker.read(question, found, index) if self._reranker else found

    def _approved(
        self,
        question: Question,
        vector: NDArray[np.float32],
        index: Index,
        notice_ids: Sequence[str],
        passages: tuple[Passage, ...],
    ) -> Answer | None:
        """The approved FAQ entry's answer, where one surely answers the question."""
        found = self._frequent.find(question, vector, index, notice_ids, passages)
        if found is None:
            return None
        try:
            return faq_answer(question, found, index, self._ranker, passages[:KEPT_PASSAGES])
        except FactLockError as error:
            logger.error("faq %s: %s | %s", found.entry.id, error, question.text[:200])
            return None

    def passages(self, text: str, *, today: date) -> tuple[Passage, ...]:
        """The clauses nearest to some words, best first, over all notices in force: nothing is answered."""
        index, question = self.index, understand(text, today=today)
        vector = self._encoder.encode_queries([question.normalised])[0]
        found = retrieve(question, index, self._encoder, self._ranker, vector)
        return self._read(question, found, index).passages

    def earlier(self, version: str) -> Index | None:
        """A version that was published before; None where it is no longer kept or no longer sound."""
        return self._store.kept(version)

    def notices(self) -> tuple[Notice, ...]:
        """Notices of the index, newest first."""
        return tuple(
            sorted(
                self.index.notices.values(), key=lambda n: (n.issued_on or date.min, n.title), reverse=True
            )
        )

    def clause(self, chunk_id: str) -> Clause | None:
        """The whole clause of a citation; None where the index no longer holds it."""
        index = self.index
        row = index.rows.get(chunk_id)
        if row is None:
            return None
        chunk = index.chunks[row]
        return Clause(
            document_title=index.documents[chunk.document_id].title,
            section=chunk.section,
            heading_path=chunk.heading_path,
            text=chunk.text,
            place=chunk.place,
            file=chunk.document_id,
        )

    def health(self) -> tuple[tuple[str, bool, str], ...]:
        """(what, whether it works, detail) for `doctor`."""
        try:
            index = self.index
        except NoticeAssistantError as error:
            return (("索引", False, str(error)),)
        reader = self._reranker.reader.name if self._reranker else "没有用阅读模型（READER_MODEL=none）"
        missing = sum(a.document_id is None for n in index.notices.values() for a in n.attachments)
        return (
            ("索引", True, f"版本 {index.version}：{len(index.notices)} 份通知，{len(index.chunks)} 个片段"),
            ("附件", True, f"{missing} 份附件被通知提到但没有收录" if missing else "通知提到的附件都已收录"),
            ("模型", True, f"{index.encoder_name}，{reader}"),
        )


def _headings(answers: Sequence[Answer], index: Index) -> list[str]:
    """The nearest headings of the clauses that answers cite."""
    cited = [c.chunk_id for answer in answers if not answer.status.abstained for c in answer.citations]
    rows = [index.rows[chunk_id] for chunk_id in cited if chunk_id in index.rows]
    return list(dict.fromkeys(heading for row in rows for heading in index.chunks[row].heading_path[-1:]))


def _in_words_of(notices: Sequence[Notice], question: Question, index: Index) -> Question:
    """The question in the words of the notice that it is put to; as it is where there is none."""
    rows = [row for notice in notices for row in index.notice_rows.get(notice.id, ())]
    return in_notice_words(question, (index.chunks[row].text for row in rows))


def _gives_contact(answer: Answer) -> bool:
    """True for an answer that gives a number or an address at which somebody is reached."""
    return not answer.status.abstained and any(
        fact.kind in {FactKind.PHONE, FactKind.EMAIL} for fact in answer.facts
    )


def _notice_of(answers: Sequence[Answer]) -> str | None:
    """The notice that answered the parts so far, where it is one: the parts of one line are about the same."""
    found = {n for answer in answers if not answer.status.abstained for n in answer.notice_ids}
    return next(iter(found)) if len(found) == 1 else None
