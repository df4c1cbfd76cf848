"""Hundreds of questions of many people while a third of all API calls fails, and a bot killed in the middle.

The full run of 5,000 updates from 200 people is `python -m benchmarks.telegram_soak`.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.channels.telegram import messages
from bot.channels.telegram.courier import AT_ONCE
from bot.config import PROJECT
from bot.index.building import build_index
from bot.questions.database import open_database
from bot.questions.inbox import Inbox
from bot.questions.log import QuestionLog
from bot.questions.recipients import Recipients
from bot.reminders import Deadline
from tests.botapi_server import TOKEN, BotApiServer, Chaos, labels
from tests.bundled_encoder import MODEL_CACHE, bundled_encoder
from tests.example_answers import NOTICE_ID, TITLE, ScriptedAssistant
from tests.telegram_fixtures import until
from tests.telegram_soak import QUESTIONS, soak
from tests.test_telegram_process import bot_process

pytestmark = pytest.mark.asyncio
PEOPLE, UPDATES = 50, 520
CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 9, 0, 5, tzinfo=CHINA)
PROCESS = "tests.telegram_soak_process"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    build_index(PROJECT / "knowledge", folder, bundled_encoder())
    return folder


def environment(api: BotApiServer, **more: str) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_BASE_URL": api.root,
        "NOW": NOW.isoformat(),
        "MODEL_CACHE_DIR": str(MODEL_CACHE),
        **more,
    }


async def test_no_question_is_lost_and_none_answered_twice_while_a_third_of_all_calls_fails(
    tmp_path: Path, index: Path
) -> None:
    async with (
        BotApiServer() as api,
        bot_process(PROCESS, directory=tmp_path, **environment(api, INDEX_DIR=str(index))),
    ):
        await api.person(1).say("/help")
        await api.person(1).hears(60)
        api.chaos = chaos = Chaos(1 / 3, silent_seconds=1.5)
        result = await soak(api, QUESTIONS, PEOPLE, UPDATES)
        api.chaos = None
        print(result.summary(), dict(chaos.struck))
        database = open_database(f"sqlite:///{tmp_path / 'questions.db'}")
        assert (result.lost, result.doubled) == ([], [])
        assert result.questions == UPDATES
        assert len(QuestionLog(database).recent(10_000)) == UPDATES + result.sent_again
        assert result.quantile(result.help_seconds, 0.5) < 0.5
        assert set(chaos.struck) == {*Chaos.KINDS, "409"} and sum(chaos.struck.values()) > UPDATES / 2
        await until(lambda: Inbox(database, lambda: NOW).open() == ())


async def test_a_bot_killed_again_and_again_loses_no_reminder_and_no_logged_answer(tmp_path: Path) -> None:
    """Each person has a reminder that is due and asks a question; the process is killed at random moments."""
    database = open_database(f"sqlite:///{tmp_path / 'questions.db'}")
    people = Recipients(database, lambda: NOW - timedelta(days=1))
    deadline = Deadline(NOTICE_ID, TITLE, "2026-12-01", "申报主体", "完成线上申报", "二、（二）1.")
    reminded, askers, kills = range(5000, 5240), range(6000, 6040), 4
    people.set_followed_version(ScriptedAssistant.version)
    for chat in reminded:
        people.remind(chat, f"hash{chat}", deadline)
    chance = random.Random(7)
    async with BotApiServer() as api:
        for asker in askers:
            await api.person(asker).say("慢，什么时候截止？")
        start = environment(api, ANSWERS="written")
        for _ in range(kills):
            async with bot_process(PROCESS, directory=tmp_path, **start) as process:
                sent = len(api.called("sendMessage"))
                await until(lambda sent=sent: len(api.called("sendMessage")) >= sent + 3, 20)
                await asyncio.sleep(chance.uniform(0, 0.3))
                process.kill()
        async with bot_process(PROCESS, directory=tmp_path, **start):
            await until(lambda: all(api.sent_to(chat) for chat in reminded), 20)
            await until(lambda: Inbox(database, lambda: NOW).open() == (), 20)
            await asyncio.sleep(0.5)

    repeats = 0
    for chat in reminded:
        told = api.sent_to(chat)
        marked = [text for text in told if text.startswith(messages.MAYBE_TOLD)]
        assert len(told) - len(marked) <= 1 and "还剩 7 天" in told[0]
        repeats += len(marked)
    assert repeats <= AT_ONCE * kills
    answers = Counter(
        match[1]
        for message in api.messages.values()
        if messages.VOTE_UP in labels(message)
        and (match := re.search(r'"1:u:([^":]+)"', str(message).replace("'", '"')))
    )
    logged = {row.id for row in QuestionLog(database).recent(10_000)}
    assert set(answers) <= logged, "what was answered is in the log"
    assert max(answers.values()) == 1
    unanswered = [asker for asker in askers if not api.sent_to(asker)]
    assert len(unanswered) <= 2 * kills, "only what was on its way when the bot was killed"
    assert sum(answers.values()) == len(askers) - len(unanswered)
