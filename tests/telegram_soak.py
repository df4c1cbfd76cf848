"""Many people who ask, wait and ask again, while a share of all API calls fails: what became of each question."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channels.telegram import messages
from tests.botapi_server import BotApiServer, Person

QUESTIONS = (
    "什么时候截止申报？",
    "分公司能报吗",
    "补多少钱？",
    "联系电话多少？",
    "要交哪些材料",
    "申报条件有哪些",
    "市里什么时候报到省里",
)
HELP_ASKER = 999_999
PATIENCE_SECONDS = 120.0
"""How long a person waits for an answer before it counts as lost."""


@dataclass
class SoakResult:
    questions: int = 0
    lost: list[str] = field(default_factory=list)
    """Chat and words of each question without an answer."""
    doubled: list[str] = field(default_factory=list)
    """Chat and words of each question with two answers that nobody asked to have again."""
    sent_again: int = 0
    """Answers that a person had sent again, after the fate of the first was unknown."""
    answer_seconds: list[float] = field(default_factory=list)
    """From the question's delivery to its answer."""
    help_seconds: list[float] = field(default_factory=list)
    """From the moment when /help was given to the bot to its first try to answer."""
    seconds: float = 0.0

    def quantile(self, seconds: Sequence[float], share: float) -> float:
        ordered = sorted(seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def summary(self) -> str:
        """One line."""
        answer, help_ = self.answer_seconds, self.help_seconds
        return (
            f"{self.questions} questions in {self.seconds:.1f} s ({self.questions / self.seconds:.1f}/s): "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {self.sent_again} sent again on request; "
            f"answer median {self.quantile(answer, 0.5):.2f} s, 95 % {self.quantile(answer, 0.95):.2f} s; "
            f"/help {len(help_)} times, median {self.quantile(help_, 0.5) * 1000:.0f} ms, "
            f"95 % {self.quantile(help_, 0.95) * 1000:.0f} ms, "
            f"slowest {max(help_, default=0.0) * 1000:.0f} ms"
        )


async def soak(
    api: BotApiServer, questions: Sequence[str], people: int, updates: int, help_every: float = 0.5
) -> SoakResult:
    """Lets the people ask until so many updates were delivered; each asks when he has his answer."""
    result, left = SoakResult(), itertools.count(1)
    begun = time.monotonic()
    helping = asyncio.create_task(_ask_for_help(api, result, help_every))

    async def live(number: int) -> None:
        person, seen = api.person(1000 + number), set[str]()
        for question in itertools.cycle([*questions[number % len(questions) :], *questions]):
            if next(left) > updates:
                break
            await _ask(person, question, seen, result)
        await asyncio.sleep(1.5)  # a second copy would come now
        while not api.outbox[person.chat_id].empty():
            _read(api.outbox[person.chat_id].get_nowait(), seen, result)

    await asyncio.gather(*(live(number) for number in range(people)))
    helping.cancel()
    result.seconds = time.monotonic() - begun
    return result


async def _ask(person: Person, question: str, seen: set[str], result: SoakResult) -> None:
    """One question, until it is answered; `seen` holds the ids of the answers that this person has read."""
    result.questions += 1
    begun = time.monotonic()
    await person.say(question)
    while True:
        try:
            heard = await person.hears(PATIENCE_SECONDS)
        except TimeoutError:
            result.lost.append(f"{person.chat_id}: {question}")
            return
        if _read(heard, seen, result):
            result.answer_seconds.append(time.monotonic() - begun)
            return
        offered = _id_on_button(heard, messages.AGAIN_BUTTON)
        if offered and offered not in seen:  # else it is about an answer that did arrive
            seen.add(offered)
            result.sent_again += 1
            await person.press(heard, messages.AGAIN_BUTTON)


def _read(message: dict[str, Any], seen: set[str], result: SoakResult) -> bool:
    """True where the message is an answer that this person has not read before."""
    answer = _id_on_button(message, messages.VOTE_UP)
    if answer is None:
        return False
    if answer in seen:
        result.doubled.append(f"{message['chat']['id']}: {message['text'][:40]}")
        return False
    seen.add(answer)
    return True


def _id_on_button(message: dict[str, Any], words: str) -> str | None:
    """The question-log row that the button with these words stands for."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    data = (each["callback_data"] for each in itertools.chain.from_iterable(rows) if each["text"] == words)
    return next((each.split(":")[2] for each in data), None)


async def _ask_for_help(api: BotApiServer, result: SoakResult, every: float) -> None:
    for number in itertools.count():
        person = api.person(HELP_ASKER + number)
        update_id, seen = api.updates.last_number + 1, len(api.tries)
        await person.say("/help")
        first = None
        while first is None:
            await asyncio.sleep(0.005)
            new, seen = api.tries[seen:], len(api.tries)
            first = next((each for each in new if _is_to(each.arguments, person.chat_id)), None)
        result.help_seconds.append(first.at - api.handed[update_id])
        await asyncio.sleep(every)


def _is_to(arguments: dict[str, Any], chat_id: int) -> bool:
    return str(arguments.get("chat_id")) == str(chat_id)
