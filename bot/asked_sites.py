"""(Question, passages) -> the clause that says on which website, platform or system one files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.chunking import sentences
from bot.datamodels import Chunk, ChunkKind, FactKind, Passage
from bot.desk import Desk
from bot.lexicon import ASKS_SITE
from bot.question import content_terms

_FILING = re.compile(r"申报|申请|申领|填报|填写|报名|登[录陆]|注册|提交|报送|上传|预约|办理")
_NAMED = re.compile(r"平台|系统|网站|官网|门户|公众号|小程序|网上办事大厅|APP", re.I)
_NOT_USED = re.compile(r"不使用|不适用|不通过")
_KEPT_OFF = re.compile(r"不使用|不适用|不通过|请勿|无需")
_AT = re.compile(r"登[录陆]|通过|进入|访问|基于|使用|依托|关注|搜索|打开|[在由]")


def site_clause(desk: Desk, passages: Sequence[Passage]) -> Chunk | None:
    """The best passage that states an address or names a system on which something is filed. None where the question
    asks for no site, none does so, or the notice keeps some of what is asked off a platform."""
    if not re.search(ASKS_SITE, desk.question.normalised) or _kept_off(desk, _KEPT_OFF):
        return None
    clauses = [p.chunk for p in passages if p.chunk.kind in {ChunkKind.CLAUSE, ChunkKind.ROW}]
    filing = [c for c in (*clauses, *desk.chunks) if _FILING.search(c.text)]
    with_address = [c for c in filing if any(f.kind is FactKind.URL for f in desk.facts(c))]
    named = [c for c in filing if _NAMED.search(c.text) and _AT.search(c.text)]
    best = [c for c in with_address if _NAMED.search(c.text)]
    return next(iter((*best, *with_address, *named)), None)


def filed_elsewhere(desk: Desk) -> Chunk | None:
    """The sentence that says of a thing for whose site the question asks that no platform is used: `质量奖申报不使用该平台`."""
    if not re.search(ASKS_SITE, desk.question.normalised):
        return None
    return next(iter(_kept_off(desk, _NOT_USED)), None)


def _kept_off(desk: Desk, words: re.Pattern[str]) -> list[Chunk]:
    """The sentences that keep, in these words, a thing that the question names off a platform."""
    things = [t for t in content_terms(desk.question) if not (_FILING.fullmatch(t) or _NAMED.search(t))]
    said = [
        replace(c, start=c.start + start, end=c.start + end, text=c.text[start:end])
        for c in desk.chunks
        if c.kind is ChunkKind.CLAUSE
        for start, end in sentences(c.text)
    ]
    return [
        part
        for part in said
        if words.search(part.text)
        and _NAMED.search(part.text)
        and any(thing in part.text for thing in things)
    ]
