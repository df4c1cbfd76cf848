"""A clause -> its criteria: where it stands in a section of them, opens a list or holds one, and by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot import criteria_terms as terms
from bot.criteria_roles import (
    OF_CONDITIONS,
    OF_CRITERIA,
    Role,
    is_note,
    kind_by_itself,
    kind_in_section,
    kind_of_choice,
    level_in_heading,
    opens_bans,
    role_of,
    run_in,
    run_in_role,
    says_nothing,
)
from bot.criteria_tree import Surroundings, Tree
from bot.criterion import (
    Criterion,
    CriterionKind,
    Quote,
    answers_of,
    bare_words,
    last_sentence,
    part_of,
    quote_of,
    sentences_of,
)
from bot.datamodels import Chunk, ChunkKind
from bot.enumerations import enumerations
from bot.numbering import chinese_to_int, number_end

# ---------------------------------------------------------------- lists


@dataclass(frozen=True, slots=True)
class _List:
    """A list in running text, offsets in the clause's text."""

    start: int
    end: int
    opener: str
    criteria: Sequence[Criterion]


def items_below(tree: Tree, chunk: Chunk) -> Criterion | None:
    """Items of which some suffice, under the line that says so; None where it opens no such list."""
    items = [
        each for each in tree.children.get(chunk.id, ()) if each.number and each.kind is not ChunkKind.ROW
    ]
    opening = last_sentence(chunk)
    some = terms.SOME_SUFFICE.search(opening)
    if len(items) < 2 or opens_bans(opening) or not (some or _are_alternatives(items, opening)):
        return None
    around, own = tree.surroundings(chunk), role_of(chunk)
    if Role.BAN in {around.role, own} or not (around.role in OF_CRITERIA or own):
        return None
    around = replace(around, level=around.level or level_in_heading(chunk))
    return _choice(tree, quote_of(chunk), [quote_of(item) for item in items], around, chunk.text, some)


def items_inside(tree: Tree, chunk: Chunk) -> list[Criterion] | None:
    """A clause that is its own list: `……不予支持：1.……；2.……`; None where it is none."""
    first = number_end(chunk.text)
    items_at = [m.start() for m in terms.INLINE_ITEM.finditer(chunk.text, first)]
    colons = [m for m in re.finditer(r"[：:]", chunk.text) if items_at and m.end() <= items_at[-1]]
    colon = next((m for m in reversed(colons) if sum(at >= m.end() for at in items_at) >= 2), None)
    if chunk.kind is not ChunkKind.CLAUSE or colon is None:
        return None
    starts = [at for at in items_at if at >= colon.end()]
    before = chunk.text[first : colon.start()]
    loose = re.search(r"[。；;]", before) or re.search(r"。.", chunk.text[starts[-1] :])
    if loose and enumerations(chunk.text, first):
        return None
    around = tree.surroundings(chunk)
    items = [part_of(chunk, start, end) for start, end in pairwise([*starts, len(chunk.text)])]
    opening = part_of(chunk, 0, colon.end())
    words = opening.text[max(opening.text.rfind(stop) for stop in "。；") + 1 :]
    if opens_bans(words):
        return _one_by_one(tree, CriterionKind.BAN, items, words, around)
    some = terms.SOME_SUFFICE.search(words)
    if some and around.role in OF_CONDITIONS:
        return [_choice(tree, opening, items, around, words, some)]
    return None


def _lists(tree: Tree, chunk: Chunk, around: Surroundings, *, all_of: bool) -> list[_List]:
    """The lists that a clause holds in running text, each with its criteria: bans one by one, alternatives as
    one; with `all_of` also conditions that must all be met."""
    found = []
    for each in enumerations(chunk.text, number_end(chunk.text)):
        opener = part_of(chunk, *each.opener)
        items = [part_of(chunk, *item) for item in each.items]
        words = opener.text
        conditions = terms.LIST_OF_CONDITIONS.search(words)
        some = terms.SOME_SUFFICE.search(words) if conditions or terms.OPEN_TO.search(words) else None
        if opens_bans(words) and not terms.CONSEQUENCE_OF_ACT.search(words):
            made = _one_by_one(tree, CriterionKind.BAN, items, words, around)
        elif some or terms.EASIER.search(words):
            made = [_choice(tree, opener, items, around, words, some)]
        elif all_of and conditions:
            made = _one_by_one(tree, CriterionKind.CONDITION, items, words, around)
        else:
            continue
        found.append(_List(each.start, each.end, words, made))
    return found


def _one_by_one(
    tree: Tree, kind: CriterionKind, items: Sequence[Quote], opener: str, around: Surroundings
) -> list[Criterion]:
    """The items of a list, each a criterion that the line above it introduces."""
    around = replace(around, introduction=bare_words(opener))
    return [tree.criterion(kind, item, around) for item in items]


def _choice(
    tree: Tree,
    opener: Quote,
    items: Sequence[Quote],
    around: Surroundings,
    words: str,
    some: re.Match[str] | None,
) -> Criterion:
    """The items of a list as one criterion, of which as many suffice as `some` says, and one where it is None."""
    least = chinese_to_int(some["least"] or some["any"] or "1") if some else 1
    return tree.criterion(kind_of_choice(words), opener, around).some_of(items, least or 1)


def _holding(lists: Sequence[_List], quote: Quote, chunk: Chunk) -> Sequence[Criterion]:
    """The criteria of the list in running text that a sentence is part of; none where it is part of none."""
    start, end = quote.start - chunk.start, quote.end - chunk.start
    return next((each.criteria for each in lists if each.start < end and start < each.end), ())


def _are_alternatives(items: Sequence[Chunk], opening: str) -> bool:
    """True for items that `或` joins: all of them, or the last two of a list that does not ask for all."""
    joined = [_joined(before, item) for before, item in pairwise(items)]
    return all(joined) or (joined[-1] and not terms.ALL_OF.search(opening))


def _joined(before: Chunk, item: Chunk) -> bool:
    """True where `或` ends the one item or begins the other."""
    ends = bool(terms.OR.search(before.text.strip()))
    return ends or item.text[len(item.number) :].lstrip().startswith("或")


# ---------------------------------------------------------------- clauses


def with_clause(tree: Tree, before: Sequence[Criterion], chunk: Chunk) -> list[Criterion]:
    """The document's criteria so far and those of a clause; what only explains becomes a note of the last."""
    around = tree.surroundings(chunk)
    if own := run_in_role(chunk):
        around = replace(around, role=own, introduction=run_in(chunk))
    if around.role is Role.OTHER:
        return [*before, *_by_themselves(tree, chunk)]
    if around.introduction.endswith("要求") and terms.PAPERWORK.search(chunk.text):
        return list(before)
    if around.role is Role.BAN:
        return _with_bans(tree, before, chunk, around)
    return _with_conditions(tree, before, chunk, around)


def _with_conditions(
    tree: Tree, before: Sequence[Criterion], chunk: Chunk, around: Surroundings
) -> list[Criterion]:
    """An item of a list is one criterion; elsewhere each sentence is, or each item of the list that it holds."""
    found = list(before)
    item = (bool(chunk.number) or around.is_list) and around.role is Role.CONDITION
    lists = _lists(tree, chunk, around, all_of=not item)
    whole = item and not lists
    for position, quote in enumerate([quote_of(chunk)] if whole else answers_of(chunk)):
        if listed := _holding(lists, quote, chunk):
            found += [each for each in listed if each not in found]
        elif says_nothing(quote.text):
            continue
        elif position == 0 and chunk.number and terms.EXCLUDED.search(quote.text):
            found.append(tree.criterion(CriterionKind.BAN, quote, around))
        elif whole and _is_alternative(tree, found, chunk):
            found[-1] = found[-1].or_else(quote)
        else:
            same = bool(found) and found[-1].introduction == around.introduction
            kind = kind_in_section(quote.text, first=position == 0 and (whole or not same))
            if kind is not None:
                found.append(tree.criterion(kind, quote, around))
            elif same:
                found[-1] = found[-1].with_note(quote)
    return found


def _is_alternative(tree: Tree, found: Sequence[Criterion], chunk: Chunk) -> bool:
    """True for an item that `或` joins to the one before it."""
    if not found or not chunk.number:
        return False
    before = tree.by_id[(found[-1].alternatives or (found[-1].quote,))[-1].chunk_id]
    return before.parent_id == chunk.parent_id and _joined(before, chunk)


def _with_bans(
    tree: Tree, before: Sequence[Criterion], chunk: Chunk, around: Surroundings
) -> list[Criterion]:
    """A clause of bans: each part of an enumeration is one, an exception is a note."""
    found = list(before)
    for position, quote in enumerate(_ban_quotes(chunk)):
        item = position == 0 and bool(chunk.number)  # its own case, whatever it excepts
        last = found[-1] if found and not item else None
        same = (
            last is not None and last.kind is CriterionKind.BAN and last.introduction == around.introduction
        )
        if last is not None and same and is_note(quote.text):
            found[-1] = last.with_note(quote)
        else:
            found.append(tree.criterion(CriterionKind.BAN, quote, around))
    return found


def _ban_quotes(chunk: Chunk) -> list[Quote]:
    """Each excluded case: of `下列企业不予遴选：甲；乙；丙。` the three behind the colon."""
    lead = re.match(r"[^。；]*?(?:下列|以下|如下)[^。；：:]*[：:]", chunk.text)
    parts = answers_of(chunk)
    if lead and len(parts) > 1:
        first = parts[0]
        return [part_of(chunk, lead.end(), first.end - chunk.start), *parts[1:]]
    if chunk.number and len(parts) > 1 and not terms.NOTE.search(parts[1].text):
        return [quote_of(chunk)]
    return parts


def _by_themselves(tree: Tree, chunk: Chunk) -> list[Criterion]:
    """Sentences of a main document that ban or limit an application, each with its exception."""
    if not tree.is_main:
        return []
    found: list[Criterion] = []
    path = " ".join((*chunk.heading_path, run_in(chunk)))
    nowhere = Surroundings(Role.OTHER)
    lists = [] if terms.AFTERWARDS.search(path) else _lists(tree, chunk, nowhere, all_of=True)
    lists = [
        each
        for each in lists
        if each.criteria[0].kind is CriterionKind.BAN or terms.APPLICANTS.search(each.opener)
    ]
    given: set[str] = set()
    alone = False
    """Where the sentence before is a criterion by itself."""
    for quote in sentences_of(chunk):
        if listed := _holding(lists, quote, chunk):
            found += [each for each in listed if each.id not in given]
            given.update(each.id for each in listed)
            alone = False
        elif alone and terms.AFTERTHOUGHT.search(quote.text):
            found[-1] = found[-1].with_note(quote)
        else:
            kind = kind_by_itself(quote.text, path)
            alone = kind is not None
            if kind is not None:
                found.append(tree.criterion(kind, quote, nowhere))
    return found
