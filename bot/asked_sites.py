"""(Question, passages) -> the clause that says on which website, platform or system one files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.datamodels import Chunk, ChunkKind, FactKind, Passage
from bot.desk import Desk
from bot.lexicon import ASKS_SITE

_FILING = re.compile(r"申报|申请|申领|填报|填写|报名|登[录陆]|注册|提交|报送|上传|预约|办理")
_NAMED = re.compile(r"平台|系统|网站|官网|门户|公众号|小程序|网上办事大厅|APP", re.I)
_AT = re.compile(r"登[录陆]|通过|进入|访问|基于|使用|依托|关注|搜索|打开|[在由]")


def site_clause(desk: Desk, passages: Sequence[Passage]) -> Chunk | None:
    """The best passage that states an address or names a system on which something is filed; None where the question
    asks for no site, or none does so."""
    if not re.search(ASKS_SITE, desk.question.normalised):
        return None
    clauses = [p.chunk for p in passages if p.chunk.kind in {ChunkKind.CLAUSE, ChunkKind.ROW}]
    filing = [c for c in clauses if _FILING.search(c.text) and _NAMED.search(c.text)]
    with_address = [c for c in filing if any(f.kind is FactKind.URL for f in desk.facts(c))]
    named = [c for c in filing if _AT.search(c.text)]
    return next(iter((*with_address, *named)), None)
