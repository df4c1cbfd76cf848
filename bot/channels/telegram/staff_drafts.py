"""The pages of `knowledge/faq/` -> drafts that staff read and approve in the chat."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.channels.telegram import staff_messages as words
from bot.channels.telegram.staff_reports import DraftPage
from bot.errors import FaqError
from bot.faq import read_page
from bot.index.store import Index
from bot.questions.audit import Audit
from bot.questions.drafts import Approval, DraftOutcome, approve, held_entries, page_path, write_drafts
from bot.questions.report import AskToday, FrequentGroup
from bot.ranking import Ranker
from bot.today import day_in_china

DIGEST_CHARACTERS = 12
_REFUSALS = {
    DraftOutcome.APPROVED: words.ALREADY_APPROVED,
    DraftOutcome.REJECTED: words.ALREADY_REJECTED,
}


class FaqPages:
    """Drafts and approves for the staff's buttons. Raises FaqError with what to do."""

    def __init__(
        self,
        folder: Path,
        ask: AskToday,
        index: Callable[[], Index],
        ranker: Ranker,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        self._folder = folder
        self._ask = ask
        self._index = index
        self._ranker = ranker
        self._audit = audit
        self._clock = clock

    def draft(self, group: FrequentGroup, period: str, actor: str) -> DraftPage:
        """The draft for a group: a new one, or the one that somebody has edited as it is."""
        drafts = write_drafts(self._folder, [group], period, self._ask, self._index())
        for draft in drafts:
            if draft.written:
                self._audit.record(actor, "faq.drafted", draft.id, "", draft.outcome.value)
        own = next(draft for draft in drafts if draft.id == group.id)
        if refusal := _REFUSALS.get(own.outcome):
            raise FaqError(refusal.format(question=own.question, id=own.id))
        path = page_path(self._folder, own.id)
        text = path.read_text("utf-8")
        _, problems = read_page(path)
        return DraftPage(
            own.id,
            own.question,
            text,
            _digest(text),
            f"faq/{path.relative_to(self._folder).as_posix()}",
            "\n".join(map(str, problems)),
        )

    def approve(self, entry_id: str, digest: str, by: str, actor: str) -> str:
        """The approved question. Raises FaqError where the page is another one than the person saw."""
        path = page_path(self._folder, entry_id)
        if path.stem != entry_id or _digest(path.read_text("utf-8")) != digest:
            raise FaqError(words.DRAFT_CHANGED)

        def record(approval: Approval) -> None:
            self._audit.record(actor, "faq.approved", entry_id, approval.before, approval.after)

        day = day_in_china(self._clock())
        approval = approve(self._folder, entry_id, by, day, self._index(), self._ranker, record)
        return approval.entry.question

    def held_back(self) -> tuple[str, ...]:
        """Questions of the approved entries whose clauses read otherwise now."""
        return tuple(held.entry.question for held in held_entries(self._folder, self._index())[0])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]
