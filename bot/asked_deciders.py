"""(Question, passages) -> the sentences that say which office decides: `由市州工信局组织开展评审认定`, not who recommends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actors import clause_actor
from bot.chunking import sentences, stretch
from bot.datamodels import Chunk, ChunkKind, FactKind, Passage
from bot.desk import Desk
from bot.question import content_terms, expected_facts
from bot.sides import is_authority

_WHO = r"谁|哪个?(?:部门|单位|机构|级|家)|[由归找]哪[里儿]"
_OFFICE = r"(?:[省市县区州国]|市州|自治区)(?:里|级)?|(?<!全)(?<!内)[局厅委部]"
_BY = r"(?:最[后终])?(?:(?:来|去|给|负责|组织|牵头|说了)*)(?:最[后终])?"
_ACTS = (
    # how it is asked who decides, how a sentence says that somebody does (regular expressions)
    (r"评审认定", r"评审认定|认定|评定|审定"),
    (r"说了算|拍板|定夺|做主|定(?![期点向义额位时])", r"认定|审定|评定|核定|批准|审批"),
    (r"认定|评定|审定|核定", r"认定|审定|评定|核定"),
    (r"审批|批准|批(?![次量])", r"批准|审批|核准|审定|认定"),
    (r"评审|评选|评(?![价估分语])", r"评审|评定|评选|认定"),
)
_ASKS = tuple(
    (
        re.compile(
            rf"(?:{_WHO}){_BY}(?:{asked})(?!条件|标准|材料|结果|名单|费|时间|要求)|"
            rf"(?:{asked})(?:工作)?[是由归找去]+(?:{_WHO})|"
            rf"(?:{_OFFICE}){_BY}(?:{asked})的?(?:还是|[吗么嘛吧对不是]|\W*$)"
        ),
        said,
    )
    for asked, said in _ACTS
)
_DONE_BY = (
    r"(?:组织|负责|开展|进行|予以|会议|联合|会同|由)[^，。；]{{0,36}}?(?:{said})"
    r"(?!条件|标准|办法|文件|结果|名单|专家|费|时间|材料|[的为])"
)
"""An office does it in this part of a sentence; not `按认定条件`, `通过认定的`."""
_OF_OFFICE = re.compile(r"由([^，。；]{2,60})")
_OWN_WORDS = re.compile(r"[评审认批核]|部门|单位|最[后终]|说了算|[省市县区州]|局|厅|负责|组织")
"""In a word of the question: it asks who decides, or names an office, not the thing that is decided on."""


def deciding_sentences(desk: Desk, passages: Sequence[Passage]) -> list[Chunk]:
    """The sentences of one clause, the best of those passages first, that say who decides on what the question names,
    a level or a thing; empty where it does not ask who decides, or no clause says so."""
    words = desk.question.normalised
    said = next((said for asks, said in _ASKS if asks.search(words)), "")
    if not said or set(expected_facts(words)) - {FactKind.PHONE, FactKind.ADDRESS}:
        return []
    if not (desk.part.own_levels or _named(desk)):
        return []
    done = re.compile(_DONE_BY.format(said=said))
    seen = {p.chunk.id: p.chunk for p in passages} | {c.id: c for c in desk.asked_chunks}
    for chunk in seen.values():
        if chunk.kind is not ChunkKind.CLAUSE or desk.part.leaves_out(chunk):
            continue
        spans = [
            span for span in sentences(chunk.text) if _decides(desk, chunk, chunk.text[slice(*span)], done)
        ]
        own = [span for span in spans if all(term in chunk.text[slice(*span)] for term in _named(desk))]
        spans = spans if desk.part.own_levels else own or spans
        if any(_by_authority(chunk.text[slice(*span)], done) for span in spans):
            return [stretch(chunk, a, b) for a, b in spans]
    return []


def _decides(desk: Desk, chunk: Chunk, sentence: str, done: re.Pattern[str]) -> bool:
    """True where a part of the sentence says that somebody decides on the level that the question names, or where the
    sentence, its headings or the notice's title hold what it names."""
    own, others = desk.part.own_levels, desk.part.levels
    parts = re.split(r"[，,；;]", sentence)
    for at, part in enumerate(parts):
        if not done.search(part):
            continue
        if not own:
            where = " ".join((desk.notice.title, *chunk.heading_path, sentence))
            return all(term in where for term in _named(desk))
        named = (p for p in reversed(parts[: at + 1]) if any(level in p for level in own | others))
        if any(level in next(named, "") for level in own):
            return True
    return False


def _named(desk: Desk) -> list[str]:
    """The things that the question names."""
    return [term for term in content_terms(desk.question) if not _OWN_WORDS.search(term)]


def _by_authority(sentence: str, done: re.Pattern[str]) -> bool:
    """True where who decides by a sentence is an office: the one behind `由`, else the sentence's subject."""
    parts = [part for part in re.split(r"[，,；;]", sentence) if done.search(part)]
    by = (match[1] for part in parts for match in [_OF_OFFICE.search(part)] if match)
    return is_authority(clause_actor(next(by, "")) or clause_actor(sentence))
