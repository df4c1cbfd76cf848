"""(Question that states a person's own case, best clause) -> whether the case meets the clause, by comparison.

Wrong is far worse than nothing: only what the question states is compared, only with bounds on the same thing in
the same unit; where the clause has other bounds or exceptions, these are compared or quoted beside the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot import messages
from bot.clause_outcomes import Compared, clause_outcomes
from bot.datamodels import Block, BlockKind, Chunk, ChunkKind, Span
from bot.desk import Desk, computed, strong
from bot.named_cells import named_cells
from bot.permission import permission
from bot.stated_cases import stated_cases
from bot.stated_seat import seat_outcome

_ASKS_WHETHER = re.compile(
    r"(?:能|可以|够|符合|达标|满足|合格|资格|行(?!业|政|程)|卡|算不算|有戏|满|过得).{0,12}(?:[吗么嘛不没吧]|$)|"
    r"[吗么嘛没不吧][?!。\s]*$|^(?:can|is|are|do|does|may) "
)
_ASKS_FOR_RULE = re.compile(
    r"规定|必须|至少|起码|最低|最高|不低于|不少于|不超过|是不是|对[吗嘛么不吧]|是吗|没错|需不需|要不要|[什哪啥].{0,3}条件|(?<!够)条件是|如果|假如|还是|比如|多少|几|"
    r"怎么|奖|补[贴助]|资助|退(?!役|伍|休)|有效期|"
    r"哪[天年月日]|从哪|[什啥]么?时|何时|算到|最[少多]|[明后]年|下一?[年次批]|以后再|[得满加]分|分[吗嘛没]|(?<!成立时间的)(?<!年限的)(?<!人数的)要求(?!够|符合)"
)
"""A rule, its confirmation, a time, a bound, a choice, a consequence or another year is asked for: not whether a case
meets a condition."""
_DENYING_HEADING = re.compile(r"不|禁|除外|情形|之一|任一|奖|补|支持|优先|加分|评分")
_BARRED_LIST = re.compile(
    r"(?:下列|以下)[^，。]{0,8}(?:情[形况]|行为)[^，。]{0,6}[，,][^，。]{0,6}(?:不得|不予|不能|不可|不再|取消|撤销)[^，。；]{0,8}[：:]?\s*$|"
    r"(?:不得|不予|不能)[^，。；：]{1,8}的?情形[：:]?\s*$"
)


def case_verdict(desk: Desk, clause: Chunk, shown: str) -> Block | None:
    """`不符合这条要求。（通知写的是不低于2亿元，你说的是1.8亿元）` where the comparison decides it, else None.

    `shown` is what the answer quotes of the clause: a bound that the reader does not see decides nothing.
    """
    words = desk.question.normalised
    if not _ASKS_WHETHER.search(words) or _ASKS_FOR_RULE.search(words):
        return None
    if clause.kind is ChunkKind.ROW:
        shown = named_cells(words, clause, desk.chunks)
        clause = replace(clause, text=shown)
    elif clause.kind is not ChunkKind.CLAUSE:
        return None
    parent = desk.parent(clause)
    barred = parent is not None and bool(_BARRED_LIST.search(parent.text.strip()))
    if parent is not None and not barred and _DENYING_HEADING.search(parent.text):
        return None
    found = [c for case in stated_cases(desk) for c in clause_outcomes(desk, clause, case, barred, shown)]
    if not found and not barred and (seat := seat_outcome(desk, clause)) and seat.required in shown:
        found = [Compared((seat,))]
    if not found:
        allowed = permission(words, shown)
        if allowed is None:
            return None
        said = messages.ALLOWED if allowed else messages.FORBIDDEN
        return Block(BlockKind.ANSWER, (strong(said),), (desk.citer.cite(clause),))
    decisive = min(found, key=_rank)
    cited = [desk.citer.cite(chunk) for chunk in (clause, decisive.relief.source) if chunk]
    return Block(BlockKind.ANSWER, tuple(_spans(decisive)), tuple(cited))


def _rank(compared: Compared) -> int:
    """What fails comes first: one bound that is not met decides, one that is met does not."""
    return 2 if compared.passes else 1 if compared.is_open else 0


def _spans(compared: Compared) -> Iterator[Span]:
    yield strong(_decision(compared))
    if len(compared.outcomes) == 1:
        first = compared.outcomes[0]
        shown = messages.COMPARED.format(required=first.required, stated=first.stated)
    else:
        shown = _in_turn(compared)
    if compared.is_open and compared.relief.words:
        shown += messages.ELSEWHERE.format(words=compared.relief.words)
    yield computed(shown)
    if compared.passes:
        yield computed(messages.ONLY_THIS)


def _decision(compared: Compared) -> str:
    if compared.is_open:
        single = len(compared.outcomes) == 1
        return messages.FAILS_UNLESS if single and not compared.relief.touched else messages.DEPENDS
    if compared.barred:
        return messages.NOT_BARRED if compared.passes else messages.BARRED
    return messages.MEETS_CONDITION if compared.passes else messages.FAILS_CONDITION


def _in_turn(compared: Compared) -> str:
    labels = {True: messages.SATISFIED, False: messages.NOT_SATISFIED}
    outcomes = "；".join(
        messages.OUTCOME.format(required=each.required, outcome=labels[each.meets])
        for each in compared.outcomes
    )
    return messages.COMPARED_IN_TURN.format(stated=compared.outcomes[0].stated, outcomes=outcomes)
