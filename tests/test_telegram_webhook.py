"""Updates by webhook: only Telegram, which knows the secret, is listened to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tornado.httpclient

from bot.errors import SettingsError
from tests.botapi_server import BotApiServer
from tests.telegram_fixtures import free_port, running_bot, until

pytestmark = pytest.mark.asyncio
SECRET = "a-Secret_256"


def webhook_settings(secret: str = SECRET) -> dict[str, str]:
    port = free_port()
    return {
        "webhook_url": f"http://127.0.0.1:{port}/telegram",
        "webhook_secret": secret,
        "webhook_listen": f"127.0.0.1:{port}",
    }


async def listening(url: str) -> None:
    client = tornado.httpclient.AsyncHTTPClient()

    for _ in range(200):
        response = await client.fetch(url, raise_error=False)
        if response.code == 405:  # only POST is served
            return
    raise TimeoutError(url)


async def test_questions_arrive_and_a_wrong_secret_is_refused(tmp_path: Path) -> None:
    hook = webhook_settings()
    async with running_bot(tmp_path, **hook) as bot:
        await until(lambda: len(bot.api.called("setWebhook")) == 2)
        await listening(hook["webhook_url"])
        assert bot.api.webhook["secret_token"] == SECRET
        allowed = json.loads(bot.api.webhook["allowed_updates"])
        assert allowed == ["message", "edited_message", "callback_query", "inline_query"]
        person = bot.api.person(7)
        await person.say("什么时候截止？")
        answer = await person.hears()
        assert "2024年11月22日" in answer["text"]
        await person.press(answer, "📄 [1]")
        assert "第12行" in (await person.hears())["text"]
        message = bot.api.new_message(person.user, 7, text="什么时候截止？")
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}):
            assert await bot.api.deliver({"update_id": 901, "message": message}, headers) == 403
        assert await person.hears_nothing()
        assert bot.api.called("getUpdates") == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"webhook_secret": "with blank"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"webhook_listen": "8080"}, "TELEGRAM_WEBHOOK_LISTEN"),
        ({"webhook_listen": "127.0.0.1:99999"}, "TELEGRAM_WEBHOOK_LISTEN"),
        ({"webhook_url": "http://bot.example.cn/telegram"}, "TELEGRAM_WEBHOOK_URL"),
        ({"proxy": "ftp://127.0.0.1"}, "TELEGRAM_PROXY"),
    ],
)
async def test_a_wrong_setting_is_named(tmp_path: Path, changed: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        async with running_bot(tmp_path, **{**webhook_settings(), **changed}) as bot:
            await bot.serving


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    async with BotApiServer() as other:
        taken = {**webhook_settings(), "webhook_listen": f"127.0.0.1:{other.port}"}
        with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_LISTEN"):
            async with running_bot(tmp_path, **taken) as bot:
                await bot.serving
