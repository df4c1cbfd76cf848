"""Question -> the heading under which a notice tells how one goes about it, with its steps: `申报流程是什么`.

Notices head these steps `申报程序`, and as often `组织实施`, which says to no model that a process stands below.
"""

from __future__ import annotations

import re

from bot.datamodels import Chunk, ChunkKind
from bot.desk import Desk
from bot.numbering import bare_heading
from bot.selection import children, says_nothing

_ASKS = re.compile(
    r"流程|(?<!小)程序|步骤|(?<!第)几步|几个步|(?:怎么|咋|如何)(?:走|操作)|\b(?:process|procedures?|steps?)\b"
)
_BESIDE = re.compile(
    r"整个|完整|大致|一般|经过|需要|怎样|办理|[啥咋样个第步走办分哪]|\b(?:application|apply(?:ing)?)\b"
)
_OF_OTHERS = re.compile(
    r"推荐|评审|评定|审核|初审|复核|复审|公示|认定|验收|拨付|审批|检查|考核|评价|变更|注销|退出|查询|登录|平台|系统"
)
"""A stage of the process, whose steps these are not."""
_OWN = r"申报|申请|报名|办理|申领|工作|实施|组织|遴选|认定|推荐|评选"
_HEADING = re.compile(
    rf"(?:(?:{_OWN}|[与和及、])*(?:流程|程序|步骤)(?:[与和及、]时间(?:安排)?)?|(?:工作)?组织实施|(?:申报|申请|报名|办理)方式)"
)
MOST_STEPS = 8


def steps(desk: Desk) -> tuple[Chunk, list[Chunk]] | None:
    """(heading, the steps below it), where the question asks for the process as a whole and exactly one heading of
    the notice is one of a process."""
    asked = desk.question.normalised
    rest = _BESIDE.sub(" ", _ASKS.sub(" ", desk.part.rest or asked))
    if not _ASKS.search(asked) or _OF_OTHERS.search(asked) or not says_nothing(rest, desk.notice):
        return None
    headings = [
        chunk
        for chunk in desk.chunks
        if chunk.kind is ChunkKind.HEADING
        and _HEADING.fullmatch(re.sub(r"[\s。]", "", bare_heading(chunk.text)))
    ]
    if len(headings) != 1:
        return None
    items = [item for item in children(desk, headings[0]) if not desk.part.leaves_out(item)]
    return (headings[0], items) if 2 <= len(items) <= MOST_STEPS else None
