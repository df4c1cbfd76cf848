"""Evidence -> blocks of an answer: a clause with what belongs to it, a list with its items.

The answer's words are the notice's own, cited as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import messages
from bot.chunking import sentences
from bot.datamodels import Block, BlockKind, Chunk, ChunkKind, Span
from bot.dated import with_states
from bot.desk import Desk, note, plain, strong
from bot.excerpts import LIMITS, adjoin, announced, excerpt, introducing_sentence
from bot.numbering import bare_heading, number_end
from bot.question import content_terms
from bot.quoting import Sentence, answer_marks, shortened, with_halves, without_number
from bot.table_answers import LISTED_ITEMS, row_blocks
from bot.values import values_in

SIBLINGS_SHOWN, SHORT_SIBLING = 2, 100
"""Other conditions shown beside the one that a question is about, and characters of each; of more, or of longer ones, only
their heading is told."""
_MAY_APPLY = re.compile(
    r"[能可够].{0,8}?(?:申|报|评|推(?!荐?[迟后\d一二两三四五六七八九十几多])|参[加赛选与]|入选|享受|领|牵头)"
    r"(?!送|告|销|审|分|[报请]?[书表材]|[报请领名]?[\d一二两三四五六七八九十几多])|"
    r"资格|条件|符合|够格|eligib|qualif|apply"
)
"""It is asked whether somebody may apply, not whether one object keeps its bound: `视频600m行不行`, `能报3个吗`."""
_BANS = re.compile(r"不予|不得(?![低少高多大超])|不能|不享受|情形|之一|禁止")
_TOGETHER = re.compile(r"条件|要求|具备|(?:符合|满足)(?:下列|以下)|同时(?:符合|满足)")
"""In the heading or opener of conditions."""
_APART = re.compile(r"不|禁|除外|例外|限制|情形|之一|任[一意]|或|材料|程序|流程|工作要求|有关要求|其他要求")
"""In one whose items are bans, alternatives, exceptions or matters of procedure."""
_TITLED = re.compile(r"[^。；，：:,;]{2,16}[。：:.](?=\s*[^\s\d])|[^。；，]{1,8}$")
"""An item that is a title or opens with one (`报废更新。……`), and with it a part of the notice."""


def clause_blocks(desk: Desk, chunk: Chunk, kind: BlockKind = BlockKind.ANSWER) -> list[Block]:
    """The answer that one clause gives: whole where it is short, else its best sentence with what belongs to it;
    then what the clause only announces (`汇入下列账户。`)."""
    if chunk.kind in {ChunkKind.ROW, ChunkKind.HEADER}:
        return row_blocks(desk, chunk, kind)
    shown = excerpt(desk, chunk, kind)
    chosen = with_halves(desk, shown.sentences) if kind is BlockKind.ANSWER else [*shown.sentences]
    if not chosen:
        return []
    marks = [mark for sentence in chosen for mark in answer_marks(desk, sentence)]
    below = announced(desk, chosen[-1]) if kind is BlockKind.ANSWER else []
    if marks and all(end <= chosen[-1].start for _, end in marks):  # the answer stands before `其中：`
        below = _named(desk, below)
    if not below and len(chosen) > 1 and re.fullmatch(r"其中\s*[：:]\s*", chosen[-1].text):
        chosen.pop()
    own = [s for s in chosen if s.chunk.id == chunk.id]
    n = desk.citer.cite(chunk, marks or [(s.start, s.end) for s in own])
    desk.citer.quote(chunk, own[0].start, own[-1].end)
    numbers = [n, *(desk.citer.cite(s.chunk) for s in chosen if s.chunk.id != chunk.id)]
    spans: list[Span] = []
    for before, sentence in zip([None, *chosen], chosen, strict=False):
        if before is not None and not adjoin(desk, before, sentence):
            spans.append(plain(messages.LEFT_OUT))
        spans += shortened(desk, without_number(sentence), marks)
    if shown.goes_on:
        spans.append(plain(messages.LEFT_OUT))
    above = introducing_sentence(desk, chunk)
    if above is not None:
        spans.insert(0, plain(bare_heading(above.text) + "："))
        numbers.append(desk.citer.cite(above.chunk))
    block = Block(kind, tuple(spans), tuple(dict.fromkeys(numbers)))
    return [with_states(desk, block, chosen), *_item_blocks(desk, below)]


def _named(desk: Desk, items: Sequence[Chunk]) -> list[Chunk]:
    """The items that hold a word of the question which not all of them hold."""
    terms = [t for t in content_terms(desk.question) if not all(t in item.text for item in items)]
    return [item for item in items if any(term in item.text for term in terms)]


def list_blocks(desk: Desk, introduction: Chunk, items: Sequence[Chunk]) -> list[Block]:
    """An enumeration: the line that introduces it, then each item with its own citation number.

    Neighbouring items of one document are quoted together, so that a list costs one citation.
    """
    items = _of_one_list(items)
    if not items:
        return clause_blocks(desk, introduction)
    head = introduction.text.lstrip("#").strip()
    cited = introduction.kind is not ChunkKind.HEADING or values_in(head) or re.search(r"\d", head)
    first = desk.citer.cite(introduction) if cited else 0
    blocks = _item_blocks(desk, items)
    opener = Block(
        BlockKind.ANSWER,
        (strong(bare_heading(head)), plain("：")),
        (first,) if first else blocks[0].citations[:1],
    )
    return [opener, *blocks]


def _of_one_list(items: Sequence[Chunk]) -> list[Chunk]:
    """The items without the header and the empty rows of a table, and without the paragraphs behind a numbered list,
    unless these limit it (`但……的除外`)."""
    items = [
        item
        for item in items
        if item.kind is not ChunkKind.HEADER and (item.kind is not ChunkKind.ROW or any(item.cells))
    ]
    last = max((n for n, item in enumerate(items) if item.number), default=len(items))
    return [
        item
        for n, item in enumerate(items)
        if n <= last or item.kind is ChunkKind.ROW or LIMITS.search(item.text)
    ]


def _item_blocks(desk: Desk, items: Sequence[Chunk]) -> list[Block]:
    """Items, each with its citation number; lines that are no table rows are quoted together."""
    items = [item for item in items if item.kind is not ChunkKind.HEADER]
    shown = items[:LISTED_ITEMS]
    blocks = []
    together = len({item.document_id for item in shown}) == 1 and all(
        item.kind is not ChunkKind.ROW for item in shown
    )
    n = desk.citer.cite(shown[0], until=shown[-1]) if together else 0
    for item in shown:
        if item.kind is ChunkKind.ROW:
            blocks += row_blocks(desk, item, BlockKind.ITEM)
        else:
            told = Block(BlockKind.ITEM, (plain(item.text.strip()),), (n or desk.citer.cite(item),))
            blocks.append(with_states(desk, told, [Sentence.from_span(item, item.start, item.end)]))
    if len(items) > len(shown):
        blocks.append(note(messages.FIRST_OF.format(count=len(items), shown=len(shown))))
    return blocks


def sibling_blocks(desk: Desk, chunk: Chunk) -> list[Block]:
    """The other conditions under the heading of one, each cited; only that there are others, where they are many.

    Empty for bans, for alternatives, where the items are parts of a notice, each with its own title, and where it is
    not asked whether somebody may apply.
    """
    question, parent = desk.question, desk.parent(chunk)
    if not (question.yes_no and _MAY_APPLY.search(question.normalised)):
        return []
    if parent is None or not _is_condition(desk, chunk):
        return []
    above = parent.text.lstrip("#").strip()
    if parent.kind is not ChunkKind.HEADING:
        above = above[slice(*sentences(above)[-1])] if above.endswith(("：", ":")) else ""
    if not _TOGETHER.search(above) or _APART.search(above):
        return []
    below = {c.number: c for c in reversed(desk.chunks) if c.parent_id == parent.id and c.number}
    others = [c for c in reversed(below.values()) if c.number != chunk.number and _is_condition(desk, c)]
    if not others:
        return []
    section = above.rstrip("：:")
    said = [without_number(Sentence.from_span(c, c.start, c.end)) for c in others]
    if len(said) > SIBLINGS_SHOWN or any(len(each.text) > SHORT_SIBLING for each in said):
        return [note(messages.MORE_CONDITIONS.format(section=section))]
    items = [Block(BlockKind.ITEM, (plain(each.text),), (desk.citer.cite(each.chunk),)) for each in said]
    return [note(messages.OTHER_CONDITIONS.format(section=section)), *items]


def _is_condition(desk: Desk, item: Chunk) -> bool:
    """True for a numbered item that states one thing: it bans nothing, and opens no list or part of its own, as an
    article (`第六条`) does."""
    words = item.text[number_end(item.text) :]
    first = sentences(words)[:1]
    return (
        item.kind is ChunkKind.CLAUSE
        and bool(item.number and first)
        and not item.number.startswith("第")
        and not _BANS.search(words[slice(*first[0])])
        and not _TITLED.match(words)
        and not any(c.parent_id == item.id for c in desk.chunks)
    )
