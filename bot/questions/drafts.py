"""Groups of frequent questions + today's answers -> Markdown drafts; an edited draft -> an approved entry.

```
knowledge/faq/
  g1a2b3c4d.md            approved: the next build indexes it
  drafts/g1a2b3c4d.md     written by `faq draft`, edited by people; no build looks at it
  drafts/rejected/        what somebody did not want: not drafted again
```
A draft that somebody has edited is never written over. All writing is by one rename.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from bot import messages
from bot.datamodels import (
    Answer,
    AnswerStatus,
    Block,
    BlockKind,
    Chunk,
    ChunkKind,
    Citation,
    CitedClause,
    FactKind,
    FaqEntry,
    SpanStyle,
)
from bot.errors import FactLockError, FaqError
from bot.faq import (
    DRAFTS,
    Clause,
    Clauses,
    FaqProblem,
    HeldEntry,
    held_back,
    pages_in,
    read_entries,
    read_page,
)
from bot.faq_answer import faq_answer
from bot.faq_markdown import FaqPage, page_to_markdown
from bot.frequent import Frequent
from bot.index.store import Index
from bot.question import understand
from bot.questions.report import AskToday, FrequentGroup
from bot.questions.report_words import REASONS
from bot.questions.titles import bare
from bot.ranking import Ranker
from bot.sameness import says_the_same
from bot.values import values_in

REJECTED = "rejected"
WORDINGS = 15
"""Wordings that a draft takes over, most frequent first."""
LONGEST_WORDING = 40
"""A longer one tells somebody's own case; it helps neither staff nor the comparison."""
HINTS = 3
"""Clauses nearest to an unanswered question that its draft names."""
_OF_THE_DAY = {
    messages.CLOSED,
    *messages.TIME_LEFT,
    messages.NEAREST,
    messages.ASK,
    messages.RECORDED,
}
_OF_THE_INDEX = tuple(
    form.partition("{")[0] for form in (messages.WHICH_NOTICE, messages.REPEALED, messages.NOT_HELD)
)


class DraftOutcome(StrEnum):
    """What became of one group."""

    WRITTEN = "新写"
    UPDATED = "更新"
    EDITED = "有人改过，没有动"
    APPROVED = "已有审定条目"
    REJECTED = "已被否决"
    REVISION = "条款有变，写出修订稿"


@dataclass(frozen=True, slots=True)
class Draft:
    """One group's or one held entry's draft."""

    id: str
    question: str
    outcome: DraftOutcome
    answered: bool
    """False where staff must write the answer."""

    @property
    def written(self) -> bool:
        """True where its page was written now."""
        return self.outcome in {DraftOutcome.WRITTEN, DraftOutcome.UPDATED, DraftOutcome.REVISION}


@dataclass(frozen=True, slots=True)
class Approval:
    """An entry that was approved, and its page before and after."""

    entry: FaqEntry
    before: str
    after: str
    taken: tuple[int, ...]
    """Numbers of the clauses that were taken as they read now."""


# ---------------------------------------------------------------- an answer as a draft


def draft_entry(
    entry_id: str, question: str, wordings: Iterable[str], answer: Answer, index: Index
) -> FaqEntry:
    """An entry that says what the answer says, with its clauses; without an answer where it abstains.

    What is computed on the day of asking (days left) is left out: it is computed anew on every day.
    """
    clauses: list[CitedClause] = []
    lines: list[str] = []
    if answer.status is AnswerStatus.ANSWERED:
        found = Clauses(_chunks_of(answer, index))
        numbers: dict[int, tuple[int, ...]] = {}
        for block in answer.blocks:
            words = _remark(block) if block.kind is BlockKind.NOTE else _words(block)
            if not words or block.kind is BlockKind.RELATED:
                continue
            for n in block.citations:
                if n not in numbers:
                    numbers[n] = _added(clauses, _cited(answer.citations[n - 1], found))
            own = dict.fromkeys(number for n in block.citations for number in numbers[n])
            bullet = "- " if block.kind is BlockKind.ITEM else ""
            lines.append(f"{bullet}{words}{''.join(f'[{number}]' for number in own)}")
    notice_id = answer.notice_ids[0] if len(answer.notice_ids) == 1 else ""
    return FaqEntry(
        id=entry_id,
        question=question,
        wordings=wordings_for(question, wordings, answer.question.today),
        answer="\n".join(lines) if clauses else "",
        clauses=tuple(clauses),
        notice_id=notice_id,
    )


def wordings_for(question: str, wordings: Iterable[str], today: date) -> tuple[str, ...]:
    """Short wordings of a group, in Simplified characters, each saying it otherwise; none with somebody's data."""
    kept = [understand(question, today=today)]
    chosen = []
    for words in wordings:
        if len(words) > LONGEST_WORDING or any(
            value.kind in {FactKind.PHONE, FactKind.EMAIL} for value in values_in(words)
        ):
            continue
        words = "".join(bare(words))
        asked = understand(words, today=today)
        if asked.normalised and not any(says_the_same(asked, other) for other in kept):
            kept.append(asked)
            chosen.append(asked.normalised if asked.language == "zh-hant" else words)
    return tuple(chosen[:WORDINGS])


def _words(block: Block) -> str:
    """A block's words but for the computed ones, the answering words between `**`."""
    parts = []
    for span in block.spans:
        if span.style is not SpanStyle.COMPUTED:
            bold = span.style is SpanStyle.STRONG and span.text.strip()
            parts.append(f"**{span.text.strip()}**" if bold else span.text)
    return re.sub(r"\s*\n\s*", " ", "".join(parts)).strip()


def _remark(block: Block) -> str:
    """What the assistant says of the answer in its own words, where that holds on every day and counts nothing."""
    words = block.text.strip()
    if words in _OF_THE_DAY or re.search(r"\d", words) or words.startswith(_OF_THE_INDEX):
        return ""
    return words


def _chunks_of(answer: Answer, index: Index) -> list[Chunk]:
    notice_ids = dict.fromkeys(citation.notice for citation in answer.citations)
    return [index.chunks[row] for n in notice_ids for row in index.notice_rows.get(n, ())]


def _added(clauses: list[CitedClause], new: Sequence[CitedClause]) -> tuple[int, ...]:
    numbers = []
    for clause in new:
        if clause not in clauses:
            clauses.append(clause)
        numbers.append(clauses.index(clause) + 1)
    return tuple(numbers)


def _cited(citation: Citation, clauses: Clauses) -> list[CitedClause]:
    """The clauses that a quotation stands in: one where they hang together, else each with its part."""
    covered = [
        chunk
        for chunk in clauses.chunks(citation.document_id)
        if chunk.start < citation.end and chunk.end > citation.start
    ]
    whole = _holding(covered, clauses)
    if whole is not None:
        return [_cited_clause(whole, citation.quote)]
    return [
        _cited_clause(
            clauses.of(chunk),
            citation.quote[max(0, chunk.start - citation.start) : chunk.end - citation.start],
        )
        for chunk in covered
    ]


def _holding(covered: Sequence[Chunk], clauses: Clauses) -> Clause | None:
    """The clause that holds all of these chunks: the first one's, or that of the parent they share."""
    ids = {chunk.id for chunk in covered}
    parents = {chunk.parent_id for chunk in covered}
    above = clauses.chunk(next(iter(parents)) or "") if len(parents) == 1 else None
    for top in (covered[0] if covered else None, above):
        if top is not None and top.kind is not ChunkKind.TITLE:
            clause = clauses.of(top)
            if ids <= {part.id for part in clause.parts}:
                return clause
    return None


def _cited_clause(clause: Clause, quote: str) -> CitedClause:
    return CitedClause(clause.chunk.document_id, clause.chunk.section, quote.strip(), clause.digest)


# ---------------------------------------------------------------- drafting


def write_drafts(
    folder: Path, groups: Sequence[FrequentGroup], period: str, ask: AskToday, index: Index
) -> tuple[Draft, ...]:
    """Writes a draft a group, and one for each approved entry that is held back. `folder` is `knowledge/faq/`.

    `period` says which days the counts are of. An untouched draft is written anew; an edited one is left alone.
    """
    drafts = [_revision(folder, held, index) for held in held_entries(folder, index)[0]]
    done = {draft.id for draft in drafts}
    drafts += [_draft(folder, group, period, ask, index) for group in groups if group.id not in done]
    return tuple(drafts)


def _draft(folder: Path, group: FrequentGroup, period: str, ask: AskToday, index: Index) -> Draft:
    path = folder / DRAFTS / f"{group.id}.md"
    if (folder / f"{group.id}.md").exists():
        return Draft(group.id, group.title, DraftOutcome.APPROVED, True)
    if (folder / DRAFTS / REJECTED / path.name).exists():
        return Draft(group.id, group.title, DraftOutcome.REJECTED, True)
    if path.exists():
        page, _ = read_page(path)
        if page is None or not page.untouched:
            return Draft(group.id, page.entry.question if page else "", DraftOutcome.EDITED, True)
    about = [notice_id for notice_id in group.notice_ids if notice_id in index.notices]
    answer = ask(group.title, about[0] if len(about) == 1 else None)
    if answer.status is AnswerStatus.ANSWERED_FAQ:
        return Draft(group.id, group.title, DraftOutcome.APPROVED, True)
    outcome = DraftOutcome.UPDATED if path.exists() else DraftOutcome.WRITTEN
    entry = draft_entry(group.id, group.title, group.wordings, answer, index)
    hints = () if entry.answer else _hints(answer, index)
    write_page(path, page_to_markdown(entry, (*_statistics(group, period), *hints)))
    return Draft(group.id, group.title, outcome, bool(entry.answer))


def _revision(folder: Path, held: HeldEntry, index: Index) -> Draft:
    """A draft that says what the entry says, with the clauses as they read now and what they were."""
    entry = held.entry
    path = folder / DRAFTS / f"{entry.id}.md"
    if path.exists():
        page, _ = read_page(path)
        if page is None or not page.untouched:
            return Draft(entry.id, entry.question, DraftOutcome.EDITED, True)
    changed = {change.number: change for change in held.changes}
    clauses, remarks = [], []
    for number, cited in enumerate(entry.clauses, 1):
        change = changed.get(number)
        if change is None:
            clauses.append(cited)
            continue
        remarks.append(f"依据 [{number}] 审定时：{cited.quote}")
        if change.now is None:
            clauses.append(replace(cited, digest=""))
            remarks.append(f"依据 [{number}] 现在：找不到了，请换成别的条款")
        else:
            now = Clauses(_folder_chunks(index, (cited,))).of(change.now)
            clauses.append(_cited_clause(now, change.text_now))
            remarks.append(f"依据 [{number}] 现在：{change.text_now}")
    revised = replace(entry, clauses=tuple(clauses), approved_on=None, approved_by="")
    write_page(path, page_to_markdown(revised, tuple(remarks)))
    return Draft(entry.id, entry.question, DraftOutcome.REVISION, True)


def _statistics(group: FrequentGroup, period: str) -> list[str]:
    lines = [f"{period}：问了 {group.count} 次，{group.people} 人，没答上来的占 {group.unanswered:.0%}"]
    if group.up or group.down:
        reasons = "，".join(f"{REASONS.get(reason, reason)} {times}" for reason, times in group.reasons)
        lines.append(f"👍 {group.up}，👎 {group.down}" + (f"（{reasons}）" if reasons else ""))
    if len(group.by_week) > 1:
        lines.append(f"每周次数：{'、'.join(map(str, group.by_week))}")
    return lines


def _hints(answer: Answer, index: Index) -> list[str]:
    """Clauses that may hold the answer, for whoever writes it."""
    near = [p.chunk for p in answer.passages if p.chunk.kind in {ChunkKind.CLAUSE, ChunkKind.ROW}]
    return [
        f"可能有关的条款：文件 {chunk.document_id}，条款 {chunk.section or '（无编号）'}：{chunk.text[:60]}"
        for chunk in near[:HINTS]
        if chunk.document_id in index.documents
    ]


# ---------------------------------------------------------------- approval


def approve(
    folder: Path,
    entry_id: str,
    approver: str,
    day: date,
    index: Index,
    ranker: Ranker,
    record: Callable[[Approval], None] = lambda _: None,
) -> Approval:
    """Checks a draft (or an approved page that was edited) and makes it an approved page.

    `record` hears of the approval before the page is written: where it raises, nothing is approved.

    A clause without its check line is taken as it reads now. Raises FaqError that lists all that is wrong: what
    the page says, clauses that read otherwise or are gone, values that no clause states, a wording that another
    approved entry has.
    """
    path = page_path(folder, entry_id)
    page, wrong = read_page(path)
    if page is None or wrong:
        raise FaqError(_listed(entry_id, [str(problem) for problem in wrong]))
    name = path.relative_to(folder).as_posix()
    entry, clauses, taken = _with_current_clauses(page, index, name)
    entry = replace(entry, approved_on=day, approved_by=approver)
    if entry.notice_id and entry.notice_id not in index.notices:
        raise FaqError(
            f"faq/{name}：通知“{entry.notice_id}”不在索引里。请写知识文件夹下那份通知的文件夹名，"
            "或删掉“通知”这一行（表示适用于所有通知）。"
        )
    notice = index.notices[entry.notice_id or clauses[0].chunk.notice_id]
    try:
        question = understand(entry.question, today=day, notice_id=notice.id)
        faq_answer(question, Frequent(entry, clauses, notice, 1.0), index, ranker)
    except FactLockError as error:
        raise FaqError(
            f"faq/{name}：{error}请改正答案，或在“## 依据”里补上写明它的条款，再审定一次。"
        ) from error
    _check_wordings(folder, entry, name, day)
    before = path.read_text("utf-8", "replace")
    after = page_to_markdown(entry, page.statistics)
    approval = Approval(entry, before, after, taken)
    record(approval)
    target = folder / f"{entry.id}.md"
    write_page(target, after)
    if path != target:
        path.unlink()
    return approval


def reject(
    folder: Path, entry_id: str, record: Callable[[str, str], None] = lambda _id, _text: None
) -> tuple[str, str]:
    """Takes a draft or an approved entry out of use; (its id, its text). Raises FaqError where there is none.

    `record` hears of it first, as in `approve`.
    """
    path = page_path(folder, entry_id)
    text = path.read_text("utf-8", "replace")
    record(path.stem, text)
    write_page(folder / DRAFTS / REJECTED / path.name, text)
    path.unlink()
    return path.stem, text


def page_path(folder: Path, entry_id: str) -> Path:
    """The page of an id, or of the one id that begins so; a draft before the approved page. Raises FaqError."""
    wanted = entry_id.removesuffix(".md")
    pages = [*pages_in(folder / DRAFTS), *pages_in(folder)]
    exact = [path for path in pages if path.stem == wanted]
    if exact:
        return exact[0]
    ids = sorted({path.stem for path in pages})
    starting = [each for each in ids if wanted and each.startswith(wanted)]
    if len(starting) == 1:
        return next(path for path in pages if path.stem == starting[0])
    if starting:
        raise FaqError(f"“{entry_id}”不止一个：{'、'.join(starting)}。请写全编号。")
    near = get_close_matches(wanted, ids, 1)
    raise FaqError(
        f"没有编号是“{entry_id}”的常见问题{f'，是不是 {near[0]}' if near else ''}。"
        "看全部编号：python -m bot faq list"
    )


def held_entries(folder: Path, index: Index) -> tuple[tuple[HeldEntry, ...], tuple[FaqProblem, ...]]:
    """(approved entries whose clauses read otherwise now, pages that are not in use and why)."""
    entries, problems = read_entries(folder)
    cited = [clause for entry in entries for clause in entry.clauses]
    return held_back(entries, _folder_chunks(index, cited))[1], problems


def write_page(path: Path, text: str) -> None:
    """Replaces a page in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}-{os.getpid()}")
    new.write_text(text, "utf-8", newline="\n")
    new.replace(path)


def _folder_chunks(index: Index, cited: Iterable[CitedClause]) -> list[Chunk]:
    folders = {clause.document_id.split("/")[0] for clause in cited}
    notice_ids = {d.notice_id for d in index.documents.values() if d.id.split("/")[0] in folders}
    return [index.chunks[row] for n in sorted(notice_ids) for row in index.notice_rows.get(n, ())]


def _with_current_clauses(
    page: FaqPage, index: Index, name: str
) -> tuple[FaqEntry, tuple[Clause, ...], tuple[int, ...]]:
    """(the entry with digests, its clauses, numbers of those taken as they read now). Raises FaqError."""
    entry = page.entry
    clauses = Clauses(_folder_chunks(index, entry.clauses))
    cited, found, taken, wrong = [], [], [], []
    for number, clause in enumerate(entry.clauses, 1):
        try:
            now = _standing(number, clause, clauses, index)
        except FaqError as error:
            wrong.append(f"faq/{name}：{error}")
            continue
        found.append(now)
        if clause.digest:
            cited.append(clause)
        else:
            taken.append(number)
            cited.append(_taken(clause, now))
    if wrong:
        raise FaqError(_listed(entry.id, wrong))
    return replace(entry, clauses=tuple(cited)), tuple(found), tuple(taken)


def _standing(number: int, cited: CitedClause, clauses: Clauses, index: Index) -> Clause:
    """The clause as it reads now. Raises FaqError that says what to do."""
    if cited.digest:
        if (same := clauses.find(cited)) is not None:
            return same
        now = clauses.nearest(cited)
        raise FaqError(
            f"依据 [{number}] 的条文和起草时不一样了。"
            + (f"现在是：“{now.text}”。" if now else "原处已找不到相近的条文。")
            + "请核对答案；认可现在的条文，就删掉这条依据的“校验”一行，再审定一次。"
        )
    if cited.document_id not in clauses.documents():
        near = get_close_matches(cited.document_id, list(index.documents), 1, 0.4)
        raise FaqError(
            f"依据 [{number}] 的文件“{cited.document_id}”不在索引里"
            f"{f'，是不是“{near[0]}”' if near else ''}。请改正“文件”一行。"
        )
    quoted = re.sub(r"\s", "", cited.quote)
    there = clauses.at(cited.document_id, cited.section)
    if not cited.section and quoted:
        there = tuple(
            clauses.of(chunk)
            for chunk in clauses.chunks(cited.document_id)
            if quoted in re.sub(r"\s", "", chunk.text)
        )
    holding = [clause for clause in there if quoted and quoted in re.sub(r"\s", "", clause.text)]
    if len(there) == 1 or holding:
        return (holding or list(there))[0]
    if there:
        raise FaqError(
            f"依据 [{number}]：“{cited.section}”在文件里有 {len(there)} 处。"
            "请在它下面用“> ”抄上要引的那一句，再审定一次。"
        )
    raise FaqError(
        f"依据 [{number}]：文件里没有“{cited.section}”。请写原文的条款号，例如“### [{number}] 二、（一）1.”；"
        "没有条款号的，在它下面用“> ”抄上要引的那一句。"
    )


def _taken(cited: CitedClause, now: Clause) -> CitedClause:
    quoted = re.sub(r"\s", "", cited.quote)
    quote = cited.quote if quoted and quoted in re.sub(r"\s", "", now.text) else now.text
    return _cited_clause(now, quote)


def _check_wordings(folder: Path, entry: FaqEntry, name: str, day: date) -> None:
    """Raises FaqError where another approved entry has one of the wordings."""
    own = [understand(words, today=day) for words in (entry.question, *entry.wordings)]
    for other in read_entries(folder)[0]:
        elsewhere = other.notice_id and entry.notice_id and other.notice_id != entry.notice_id
        if other.id == entry.id or elsewhere:
            continue
        for words in (other.question, *other.wordings):
            theirs = understand(words, today=day)
            if any(says_the_same(theirs, each) for each in own):
                raise FaqError(
                    f"faq/{name}：问法“{words}”在已审定的 {other.id}（{other.question}）里已经有了。"
                    "请从其中一条删去，或把两条合并，再审定一次。"
                )


def _listed(entry_id: str, wrong: Sequence[str]) -> str:
    return f"{entry_id} 还不能审定：\n" + "\n".join(f"· {each}" for each in wrong)
