"""(Question, published version) -> the notices for which there is still time, where it asks for just these."""

from __future__ import annotations

import re
from itertools import islice

from bot import messages
from bot.agenda import AgendaItem, agenda, day_words, short_title
from bot.citations import Citer, check_answer
from bot.datamodels import Answer, AnswerStatus, Block, BlockKind, Question
from bot.deadlines import state
from bot.desk import computed, note, plain
from bot.index.store import Index

MOST_NOTICES = 8
_WHAT, _MAY, _NOW = (
    r"(?:哪些|哪几[个份]|什么|啥)",
    r"(?:还|都|现在|目前|正|在)*(?:能|可以|可|要)?(?:申报|申请|报名|报|办理)",
    r"(?:现在|目前|眼下|最近|今天)",
)
_ASKS = re.compile(
    rf"{_NOW}?(?:都|还)?有?(?:{_WHAT})(?:通知|公告)(?:{_MAY}|还?没(?:有)?(?:截止|过期)|还?有效|(?:还|正)?开着)|"
    rf"{_NOW}(?:都|还)*(?:能|可以)(?:申报|申请|报)(?:{_WHAT})(?:通知|项目|政策)?|"
    r"(?:which|what) (?:notices?|calls?) (?:are|is) (?:still )?(?:open|available)(?: now)?"
)


def asks_for_open_notices(question: Question) -> bool:
    """True for `现在有哪些通知可以报`, asked of no notice in particular."""
    words = re.sub(r"[\s?!。,，的吗呢啊呀了]+$", "", question.normalised)
    return question.notice_id is None and _ASKS.fullmatch(words) is not None


def open_notices(question: Question, index: Index) -> Answer:
    """The notices with a deadline to come, the soonest first, each with the next date and what is to be done by then."""
    found = agenda(index, question.today)
    following: dict[str, AgendaItem] = {}
    for item in found.items:
        following.setdefault(item.deadline.notice_id, item)
    if not following:
        return Answer(question, AnswerStatus.NOT_FOUND, (note(messages.NONE_OPEN),))
    citer = Citer(index.documents)
    blocks = [note(messages.OPEN_NOTICES)]
    for item in islice(following.values(), MOST_NOTICES):
        chunk = index.chunks[index.rows[item.chunk_id]]
        when = f"{day_words(item.deadline)}（{state(item.deadline.value, question.today)}）"
        spans = (computed(f"【{short_title(item.deadline.notice)}】{when}："), plain(item.what))
        blocks.append(Block(BlockKind.ITEM, spans, (citer.cite(chunk),)))
    if len(following) > MOST_NOTICES:
        blocks.append(note(messages.FIRST_OF.format(count=len(following), shown=MOST_NOTICES)))
    answer = Answer(
        question,
        AnswerStatus.ANSWERED,
        tuple(blocks),
        citations=citer.citations,
        notice_ids=tuple(islice(following, MOST_NOTICES)),
    )
    check_answer(answer, index.documents)
    return answer
