"""One conversation against a Bot API emulator that nobody of this project wrote: lo-bot-api-emulator.

It refuses every field that it does not know. Three things are bridged on the way to it: it knows no
`link_preview_options`, it refuses the default `parse_mode` that python-telegram-bot adds to an edited
keyboard, and its `getMe` has no username, which command handlers need.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import tornado.httpclient
import tornado.httpserver
import tornado.netutil
import tornado.web

from tests.botapi_server import TOKEN, BotApiServer, Refused
from tests.telegram_fixtures import free_port, running_bot

pytestmark = pytest.mark.asyncio
PERSON = {"id": 7, "is_bot": False, "first_name": "某人", "language_code": "zh-hans"}
CHAT = {"id": 7, "type": "private", "first_name": "某人"}
EMULATOR = str(Path(sys.executable).with_name("lo-bot-api-emulator"))


async def post(url: str, body: str, content_type: str) -> tuple[int, Any]:
    response = await tornado.httpclient.AsyncHTTPClient().fetch(
        url,
        method="POST",
        body=body,
        headers={"Content-Type": content_type},
        raise_error=False,
        request_timeout=60,
    )
    return response.code, json.loads(response.body or b"null")


@asynccontextmanager
async def emulator(journal: Path) -> AsyncIterator[str]:
    """The emulator as a process of its own; its root address."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        EMULATOR, "--port", str(port), "--enable-control", "--journal", str(journal),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


class Bridge(BotApiServer):
    """Stands where the Bot API server stands and passes every call on to the emulator."""

    def __init__(self, emulator_root: str) -> None:
        super().__init__()
        self.emulator_root = emulator_root
        self.replies: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._polling = asyncio.Lock()

    async def _getUpdates(self, arguments: dict[str, Any]) -> Any:
        """One poll after another, each short: a poll that the bot has left cannot be ended from here."""
        async with self._polling:
            return await self._pass_on("getUpdates", {**arguments, "timeout": 1})

    async def call(self, method: str, arguments: dict[str, Any]) -> Any:
        if method == "getUpdates":
            return await self._getUpdates(arguments)
        return await self._pass_on(method, arguments)

    async def _pass_on(self, method: str, arguments: dict[str, Any]) -> Any:
        unknown = {"link_preview_options", *(["parse_mode"] if method == "editMessageReplyMarkup" else [])}
        passed = {name: value for name, value in arguments.items() if name not in unknown}
        url = f"{self.emulator_root}/bot{TOKEN}/{method}"
        code, reply = await post(url, urlencode(passed), "application/x-www-form-urlencoded")
        if code != 200:
            raise Refused(reply["description"], code)
        if method not in {"getMe", "getUpdates", "setMyCommands", "deleteWebhook", "sendChatAction"}:
            self.replies.put_nowait({"method": method, **arguments})
        return reply["result"] | {"username": "notice_bot"} if method == "getMe" else reply["result"]

    async def enqueue(self, **update: Any) -> None:
        body = json.dumps({"token": TOKEN, "update": update})
        code, reply = await post(f"{self.emulator_root}/__fixture/updates", body, "application/json")
        assert code == 200, reply

    async def reply(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.replies.get(), 10)


async def listening(root: str) -> None:
    for _ in range(100):
        try:
            if (await post(f"{root}/bot{TOKEN}/getMe", "", "application/x-www-form-urlencoded"))[0] == 200:
                return
        except (OSError, tornado.httpclient.HTTPError, ValueError):
            pass
        await asyncio.sleep(0.05)
    raise TimeoutError(root)


async def test_a_conversation_passes_a_foreign_emulator(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"

    def message(number: int, text: str) -> dict[str, Any]:
        command = [{"type": "bot_command", "offset": 0, "length": len(text)}] if text[0] == "/" else []
        return {
            "message_id": number,
            "date": 1,
            "from": PERSON,
            "chat": CHAT,
            "text": text,
            "entities": command,
        }

    async with emulator(journal) as root:
        await listening(root)
        bridge = Bridge(root)
        async with running_bot(tmp_path, bridge):
            await bridge.enqueue(message=message(1, "/start"))
            welcome = await bridge.reply()
            assert welcome["method"] == "sendMessage"
            await bridge.enqueue(message=message(2, "什么时候截止申报？"))
            answer = await bridge.reply()
            assert "<b>2024年11月22日前</b>" in answer["text"]
            keyboard = json.loads(answer["reply_markup"])
            for label, methods in (
                ("📄 [1]", ["answerCallbackQuery", "sendMessage"]),
                ("👍", ["answerCallbackQuery", "editMessageReplyMarkup"]),
            ):
                data = next(
                    button["callback_data"]
                    for row in keyboard["inline_keyboard"]
                    for button in row
                    if button["text"].startswith(label)
                )
                pressed = {**message(3, "答"), "from": bridge.me, "reply_markup": keyboard}
                await bridge.enqueue(
                    callback_query={
                        "id": f"query{label}", "from": PERSON, "chat_instance": "1", "data": data,
                        "message": pressed,
                    }
                )  # fmt: skip
                assert [(await bridge.reply())["method"] for _ in methods] == methods
    verdict = await asyncio.create_subprocess_exec(
        EMULATOR, "verdict", str(journal), "--require-response",
        *(part for method in ("sendMessage", "sendChatAction", "setMyCommands", "answerCallbackQuery",
                              "editMessageReplyMarkup") for part in ("--require-method", method)),
    )  # fmt: skip
    assert await verdict.wait() == 0
