"""The bot as a process of its own: signals, exit codes, output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.botapi_server import TOKEN, BotApiServer, labels
from tests.telegram_fixtures import free_port, until

pytestmark = pytest.mark.asyncio
PROJECT = Path(__file__).resolve().parent.parent
WRITTEN_DOWN = "tests.telegram_bot_process"
"""The channel with an assistant whose answers are written down."""


@asynccontextmanager
async def bot_process(
    module: str, *arguments: str, directory: Path, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, killed at the end if it has not ended by itself."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TELEGRAM_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=PROJECT,
        env=plain | {"VAR_DIR": str(directory), "PYTHONUNBUFFERED": "1"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process: asyncio.subprocess.Process, seconds: float = 15.0) -> tuple[int, str]:
    """The exit code and all that the process has written."""
    output, _ = await asyncio.wait_for(process.communicate(), seconds)
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_sigterm_answers_what_is_open_ends_with_0_and_nothing_has_shown_the_token(
    tmp_path: Path,
) -> None:
    async with (
        BotApiServer() as api,
        bot_process(
            WRITTEN_DOWN,
            directory=tmp_path,
            TELEGRAM_BOT_TOKEN=TOKEN,
            TELEGRAM_BASE_URL=api.root,
            LOG_LEVEL="DEBUG",
        ) as process,
    ):
        person = api.person(7)
        await person.say("故障")
        assert "编号" in (await person.hears(15))["text"]
        api.fail("sendMessage", 502, "Bad Gateway")
        await person.say("什么时候截止")
        await person.hears()
        askers = [api.person(100 + number) for number in range(5)]
        for asker in askers:
            await asker.say("慢，什么时候截止")
        await until(lambda: not api.updates.waiting)
        process.terminate()
        code, output = await ended(process)
        assert code == 0
        for asker in askers:
            assert any("2024年11月22日" in text for text in api.sent_to(asker.chat_id))
        assert "incident" in output and "the disk went away" in output and "DEBUG" in output
        assert TOKEN not in output and TOKEN.split(":")[1] not in output


async def test_sigint_ends_an_idle_bot_at_once(tmp_path: Path) -> None:
    async with (
        BotApiServer() as api,
        bot_process(
            WRITTEN_DOWN, directory=tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_BASE_URL=api.root
        ) as process,
    ):
        await until(lambda: bool(api.commands), 15)
        process.send_signal(2)
        code, output = await ended(process, 10)
        assert code == 0
        assert "@notice_bot" in output


async def test_a_webhook_process_keeps_its_secret_out_of_its_output(tmp_path: Path) -> None:
    port = free_port()
    async with (
        BotApiServer() as api,
        bot_process(
            WRITTEN_DOWN,
            directory=tmp_path,
            TELEGRAM_BOT_TOKEN=TOKEN,
            TELEGRAM_BASE_URL=api.root,
            TELEGRAM_WEBHOOK_URL=f"http://127.0.0.1:{port}/hook/telegram",
            TELEGRAM_WEBHOOK_SECRET="never-shown-secret",
            TELEGRAM_WEBHOOK_LISTEN=f"127.0.0.1:{port}",
            LOG_LEVEL="DEBUG",
        ) as process,
    ):
        await until(lambda: bool(api.commands), 15)
        person = api.person(7)
        await person.say("什么时候截止")
        assert "2024年11月22日" in (await person.hears())["text"]
        wrong = {"X-Telegram-Bot-Api-Secret-Token": "wrong"}
        assert await api.deliver({"update_id": 900}, wrong) == 403
        process.terminate()
        code, output = await ended(process)
        assert code == 0
        assert "never-shown-secret" not in output and TOKEN not in output


@pytest.mark.parametrize(
    ("token", "path"), [("1:wrong", ""), (TOKEN, "/somewhere")], ids=["wrong_token", "wrong_root"]
)
async def test_a_refused_token_ends_with_2_and_a_reason(tmp_path: Path, token: str, path: str) -> None:
    async with (
        BotApiServer() as api,
        bot_process(
            WRITTEN_DOWN, directory=tmp_path, TELEGRAM_BOT_TOKEN=token, TELEGRAM_BASE_URL=api.root + path
        ) as process,
    ):
        code, output = await ended(process)
        assert code == 2
        assert "TELEGRAM_BOT_TOKEN" in output and "TELEGRAM_BASE_URL" in output
        assert token not in output
        assert "Traceback" not in output


# ---------------------------------------------------------------- the real thing


async def test_the_real_notice_answers_on_telegram(tmp_path: Path) -> None:
    """`python -m bot telegram` with an index built from the notice that comes with the project."""
    environment = {"INDEX_DIR": str(tmp_path / "index"), "KNOWLEDGE_DIR": str(PROJECT / "knowledge")}
    builder = await asyncio.create_subprocess_exec(
        sys.executable,
        "index_builder.py",
        cwd=PROJECT,
        env={**os.environ, "VAR_DIR": str(tmp_path), **environment},
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await asyncio.wait_for(builder.wait(), 120) == 0
    async with (
        BotApiServer() as api,
        bot_process(
            "bot",
            "telegram",
            directory=tmp_path,
            TELEGRAM_BOT_TOKEN=TOKEN,
            TELEGRAM_BASE_URL=api.root,
            LOG_LEVEL="DEBUG",
            **environment,
        ) as process,
    ):
        person = api.person(7)
        await person.say("什么时候截止申报？")
        answer = await person.hears(60)
        assert "2024年11月22日" in answer["text"] and "已截止" in answer["text"]
        assert any(entity["type"] == "expandable_blockquote" for entity in answer["entities"])
        assert {"📄 [1] 原文", "👍", "👎"} <= set(labels(answer))
        await person.press(answer, "📄 [1]")
        assert "2024年11月22日前完成线上申报" in (await person.hears())["text"]
        await person.say("联系电话多少？")
        assert "0731-88955383" in (await person.hears())["text"]
        await person.press(answer, "👍")
        await until(lambda: any(label == "👍 1" for label in labels(api.messages[7, answer["message_id"]])))
        process.terminate()
        code, output = await ended(process, 30)
        assert code == 0
        assert TOKEN not in output and TOKEN.split(":")[1] not in output
