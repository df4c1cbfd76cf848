"""A logged question -> why it was answered so: what was understood, what was read with which scores, then and now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from bot.assistant import Assistant
from bot.datamodels import Answer, Question
from bot.index.store import Index
from bot.questions.log import LoggedQuestion, QuestionLog
from bot.questions.report_words import REASONS, moment_words
from bot.ranking import FEATURES, Ranker, features
from bot.rendering import body_to_plain
from bot.today import day_in_china

SHOWN_PASSAGES = 10
SHOWN_FEATURES = 5
SHOWN_CHARACTERS = 70
STATUSES = {
    "answered": "已回答",
    "answered_faq": "用常见问题回答",
    "clarify": "请用户说明",
    "not_found": "没有写明",
    "attachment_missing": "附件未收录",
    "out_of_scope": "超出范围",
    "greeting": "寒暄",
    "error_input": "输入有误",
    "error_internal": "没有通过核对",
}


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A clause that was read for the question. Every score is larger-is-better."""

    chunk_id: str
    section: str
    text: str
    score: float
    """Of the second stage: all features weighted."""
    dense: float
    """Of the first stage: cosine with the question."""
    lexical: float
    """Of the first stage: BM25."""
    score_then: float | None
    """As it was logged; None where the clause was not among the best then."""
    contributions: tuple[tuple[str, float], ...]
    """(feature, its value times its weight), largest first by size."""
    cited: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    logged: LoggedQuestion
    up: int
    down: int
    reasons: tuple[tuple[str, int], ...]
    """Why people pressed 👎, most frequent first."""
    question: Question
    """As it is understood now."""
    answer: Answer
    """The answer given now, without the turns before it, which the log does not keep."""
    index_version: str
    passages: tuple[ReadPassage, ...]
    gone: tuple[str, ...]
    """Chunks that were read then and that no version of today holds."""

    @property
    def changed(self) -> bool:
        """True where the answer given now reads otherwise."""
        return body_to_plain(self.answer) != self.logged.answer


def explained(
    logged: LoggedQuestion, log: QuestionLog, assistant: Assistant, ranker: Ranker, today: date | None = None
) -> Explanation:
    """The question asked again, on `today` or else on the day on which it was asked, against today's index."""
    index = assistant.index
    answer = assistant.ask(logged.question, today=today or day_in_china(logged.asked_at))
    up, down = log.votes(logged.id)
    return Explanation(
        logged=logged,
        up=up,
        down=down,
        reasons=tuple((reason.value, times) for reason, times in log.reasons(logged.id).items()),
        question=answer.question,
        answer=answer,
        index_version=index.version,
        passages=_read(answer, logged, index, ranker),
        gone=tuple(p.chunk_id for p in logged.passages if p.chunk_id not in index.rows),
    )


def _read(answer: Answer, logged: LoggedQuestion, index: Index, ranker: Ranker) -> tuple[ReadPassage, ...]:
    passages = answer.passages
    if not passages:
        return ()
    then = {passage.chunk_id: passage.score for passage in logged.passages}
    cited = {citation.chunk_id for citation in answer.citations}
    matrix = features(
        answer.question,
        [passage.chunk for passage in passages],
        [passage.dense for passage in passages],
        [passage.lexical for passage in passages],
        index.facts,
    )
    weighted = matrix * ranker.weights
    return tuple(
        ReadPassage(
            passage.chunk.id,
            passage.chunk.section,
            passage.chunk.text,
            passage.score,
            passage.dense,
            passage.lexical,
            then.get(passage.chunk.id),
            _largest([passage.read, *map(float, row)]),
            passage.chunk.id in cited,
        )
        for passage, row in zip(passages, weighted, strict=True)
    )


def _largest(row: Sequence[float]) -> tuple[tuple[str, float], ...]:
    named = sorted(zip(("reader", *FEATURES), row, strict=True), key=lambda pair: -abs(pair[1]))
    return tuple((name, round(value, 2)) for name, value in named if value)


# ---------------------------------------------------------------- as text and as JSON


def to_text(explanation: Explanation) -> str:
    """What a member of staff reads."""
    return "\n".join(_lines(explanation)) + "\n"


def _lines(explanation: Explanation) -> Iterator[str]:
    logged, question = explanation.logged, explanation.question
    yield f"问题 {logged.id}：{logged.question}"
    yield f"时间 {moment_words(logged.asked_at)}，渠道 {logged.channel}，用时 {logged.took_ms:.0f} 毫秒"
    votes = f"评价 👍 {explanation.up}，👎 {explanation.down}"
    if explanation.reasons:
        votes += "（" + "，".join(f"{REASONS[name]} {times}" for name, times in explanation.reasons) + "）"
    yield votes
    yield ""
    yield "【怎样理解】"
    yield f"整理后：{question.normalised}"
    yield f"意图：{'、'.join(intent.value for intent in question.intents)}"
    yield f"关键词：{'、'.join(question.terms) or '无'}；通知里的说法：{'、'.join(question.synonyms) or '无'}"
    named = {
        "年度": question.years,
        "批次": question.batches,
        "级别": question.levels,
        "地方": question.places,
        "问题里的数值": question.values,
    }
    yield "；".join(f"{name}：{'、'.join(map(str, values)) or '未提'}" for name, values in named.items())
    yield f"通知范围：{'、'.join(explanation.answer.notice_ids) or '无'}"
    yield ""
    yield f"【当时的回答】{STATUSES[logged.status.value]}（索引 {logged.index_version or '未记'}）"
    yield logged.answer
    yield ""
    same = "" if explanation.changed else "，和当时一样"
    yield f"【现在的回答】{STATUSES[explanation.answer.status.value]}（索引 {explanation.index_version}{same}）"
    if explanation.changed:
        yield body_to_plain(explanation.answer)
    yield ""
    yield "【读了哪些条款】分数越大越合适；“向量”“词”是第一步的分，“总分”是第二步的分（reader 是阅读模型加上的）"
    for place, passage in enumerate(explanation.passages[:SHOWN_PASSAGES], 1):
        yield from _passage_lines(place, passage)
    if explanation.gone:
        yield f"当时读过、现在索引里没有的：{'、'.join(explanation.gone)}"


def _passage_lines(place: int, passage: ReadPassage) -> Iterator[str]:
    then = "" if passage.score_then is None else f"，当时 {passage.score_then:.2f}"
    cited = "，已引用" if passage.cited else ""
    text = " ".join(passage.text.split())
    yield (
        f"{place}. 总分 {passage.score:.2f}{then}（向量 {passage.dense:.3f}，词 {passage.lexical:.1f}{cited}）"
        f" {passage.section} {text[:SHOWN_CHARACTERS]}"
    )
    parts = "，".join(f"{name} {value:+.2f}" for name, value in passage.contributions[:SHOWN_FEATURES])
    yield f"   {passage.chunk_id}：{parts}"


def to_json(explanation: Explanation) -> dict[str, Any]:
    """The same for programs."""
    logged, question = explanation.logged, explanation.question
    return {
        "id": logged.id,
        "question": logged.question,
        "asked_at": logged.asked_at.isoformat(),
        "channel": logged.channel,
        "votes": {"up": explanation.up, "down": explanation.down, "reasons": dict(explanation.reasons)},
        "understood": {
            "normalised": question.normalised,
            "intents": [intent.value for intent in question.intents],
            "terms": question.terms,
            "synonyms": question.synonyms,
            "values": question.values,
            "years": question.years,
            "batches": question.batches,
            "levels": question.levels,
            "places": question.places,
            "notices": explanation.answer.notice_ids,
        },
        "then": {
            "status": logged.status.value,
            "answer": logged.answer,
            "index_version": logged.index_version,
            "citations": [asdict(citation) for citation in logged.citations],
            "passages": [asdict(passage) for passage in logged.passages],
        },
        "now": {
            "status": explanation.answer.status.value,
            "answer": body_to_plain(explanation.answer),
            "index_version": explanation.index_version,
            "citations": [asdict(citation) for citation in explanation.answer.citations],
            "passages": [_passage_json(passage) for passage in explanation.passages],
        },
        "changed": explanation.changed,
        "gone": explanation.gone,
    }


def _passage_json(passage: ReadPassage) -> dict[str, Any]:
    return {**asdict(passage), "contributions": dict(passage.contributions)}
