"""Updates -> the queue of those to be handled: each once, and none lost when the process ends.

An update is kept before it is confirmed to Telegram, and let go of when its answer leaves.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from telegram import Bot, Update

from bot.channels.telegram.stores import Stores

log = logging.getLogger(__name__)


class InboxQueue(asyncio.Queue[object]):
    """The library's queue of updates; `on_taken` hears of every new one.

    All updates that come together are kept together. A poll brings many and confirms them with the next poll:
    that one waits for `kept`, so that no update waits for another here. A webhook's updates are confirmed one
    by one, when `put` returns.
    """

    def __init__(
        self, stores: Stores, on_taken: Callable[[], None] = lambda: None, *, confirmed_later: bool = True
    ) -> None:
        super().__init__()
        self._stores = stores
        self._on_taken = on_taken
        self._confirmed_later = confirmed_later
        self._arrived: list[Update] = []
        self._keeping: asyncio.Task[None] | None = None

    async def put(self, item: object) -> None:
        """Takes in an update that was not there before, and whatever else the library puts here."""
        if not isinstance(item, Update):
            await self.kept()
            await super().put(item)
            return
        self._arrived.append(item)
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())
        if not self._confirmed_later:
            await self.kept()

    async def kept(self) -> None:
        """Returns when all that was put here is kept."""
        if self._keeping is not None:
            await asyncio.shield(self._keeping)

    async def _keep(self) -> None:
        inbox = self._stores.inbox
        while self._arrived:
            arrived, self._arrived = self._arrived, []
            rows = [self._row(update) for update in arrived]
            new = await self._stores.run(inbox.take_all, rows)
            for update in arrived:
                if update.update_id in new:
                    new.discard(update.update_id)
                    self._on_taken()
                    await super().put(update)
                else:
                    log.info("update %d came again", update.update_id)

    def _row(self, update: Update) -> tuple[int, str | None, str]:
        user = update.effective_user
        person = self._stores.question_log.user_hash(str(user.id)) if user else ""
        return update.update_id, None if update.inline_query else update.to_json(), person

    async def take_up_again(self, bot: Bot) -> int:
        """Puts in what an earlier process left open, oldest first; how many."""
        payloads = await self._stores.run(self._stores.inbox.open)
        for payload in payloads:
            await super().put(Update.de_json(json.loads(payload), bot))
        return len(payloads)


@dataclass(frozen=True, slots=True)
class AnswerDeparture:
    """Lets go of an update while its answer is on the way."""

    stores: Stores
    update: Update

    async def leaves(self) -> None:
        await self.stores.run(self.stores.inbox.settle, self.update.update_id)

    async def came_back(self) -> None:
        await self.stores.run(self.stores.inbox.reopen, self.update.update_id, self.update.to_json())
