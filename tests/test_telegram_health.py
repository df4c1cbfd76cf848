"""Is the bot alive, and is it the only one: lock, sign of life, /metrics."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tornado.httpclient

from bot.channels.telegram.health import Pulse
from bot.channels.telegram.instance_lock import only_instance
from bot.channels.telegram.metrics import Metric, exposition
from bot.errors import BotAlreadyRunning, SettingsError
from bot.questions.database import open_database
from bot.questions.heartbeat import Heartbeats
from tests.botapi_server import TOKEN, BotApiServer
from tests.telegram_fixtures import free_port, running_bot, until
from tests.test_telegram_process import WRITTEN_DOWN, bot_process, ended

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def test_a_second_instance_says_who_holds_the_bot_and_another_bot_runs_beside(tmp_path: Path) -> None:
    with only_instance(tmp_path, "1:a", NOW):
        with (
            pytest.raises(BotAlreadyRunning, match=r"进程 \d+，自 2026-11-2"),
            only_instance(tmp_path, "1:b", NOW),
        ):
            pass
        with only_instance(tmp_path, "2:a", NOW):
            pass
    with only_instance(tmp_path, "1:a", NOW):
        pass


async def test_the_lock_ends_with_its_process_however_it_ends(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib, datetime\n"
        "from bot.channels.telegram.instance_lock import only_instance\n"
        "with only_instance(pathlib.Path(sys.argv[1]), '1:a', datetime.datetime.now()):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout and holder.stdout.readline() == "held\n"
    with pytest.raises(BotAlreadyRunning, match=f"进程 {holder.pid}"), only_instance(tmp_path, "1:a", NOW):
        pass
    holder.kill()
    holder.wait()
    with only_instance(tmp_path, "1:a", NOW):
        pass


async def test_a_second_process_ends_with_4_and_leaves_the_first_alone(tmp_path: Path) -> None:
    environment = {"TELEGRAM_BOT_TOKEN": TOKEN}
    async with BotApiServer() as api:
        environment["TELEGRAM_BASE_URL"] = api.root
        async with bot_process(WRITTEN_DOWN, directory=tmp_path, **environment) as first:
            await until(lambda: bool(api.commands), 15)
            async with bot_process(WRITTEN_DOWN, directory=tmp_path, **environment) as second:
                code, output = await ended(second)
            assert code == 4 and f"进程 {first.pid}" in output and TOKEN not in output
            person = api.person(7)
            await person.say("什么时候截止")
            assert "2024年11月22日" in (await person.hears())["text"]


async def test_a_running_bot_leaves_its_sign_of_life_for_doctor(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        await bot.api.person(7).say("/help")
        await bot.api.person(7).hears()
        await until(lambda: bot.stores.heartbeats.last("telegram") is not None)
        beat = bot.stores.heartbeats.last("telegram")
    assert beat is not None and beat.detail["username"] == "notice_bot" and beat.detail["mode"] == "polling"
    later = Heartbeats(open_database(f"sqlite:///{tmp_path / 'questions.db'}")).last("telegram")
    assert later == beat
    assert Heartbeats(open_database("sqlite://")).last("telegram") is None


async def test_the_pulse_is_as_old_as_the_last_answered_poll(tmp_path: Path) -> None:
    now = [10.0]
    pulse = Pulse(lambda: now[0])
    now[0] += 30
    assert pulse.age == 30
    pulse.beat()
    now[0] += 2.5
    assert pulse.age == 2.5


async def test_metrics_are_prometheus_text_on_their_own_port(tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    async with running_bot(tmp_path, metrics_listen=listen) as bot:
        person = bot.api.person(7)
        for text in ("什么时候截止？", "补多少钱？", "/help"):
            await person.say(text)
            await person.hears()
        page = await tornado.httpclient.AsyncHTTPClient().fetch(f"http://{listen}/metrics")
        text = page.body.decode()
        assert page.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert 'notice_bot_answers_total{status="answered"} 1' in text
        assert 'notice_bot_answers_total{status="not_found"} 1' in text
        assert "notice_bot_updates_total 3" in text
        age = re.search(r"^notice_bot_last_poll_age_seconds (\S+)$", text, re.MULTILINE)
        assert age and 0 <= float(age[1]) < 40
        assert TOKEN not in text
        missing = await tornado.httpclient.AsyncHTTPClient().fetch(f"http://{listen}/", raise_error=False)
        assert missing.code == 404


async def test_a_wrong_or_taken_metrics_port_is_named(tmp_path: Path) -> None:
    async with BotApiServer() as other:
        for listen in ("9464", f"127.0.0.1:{other.port}"):
            with pytest.raises(SettingsError, match="METRICS_LISTEN"):
                async with running_bot(tmp_path, metrics_listen=listen) as bot:
                    await bot.serving


async def test_numbers_keep_their_digits() -> None:
    metrics = [
        Metric("a_total", "counter", "A.", 12345678, 'status="x"'),
        Metric("a_total", "counter", "A.", 0.25, 'status="y"'),
        Metric("b", "gauge", "B.", 1.0),
    ]
    assert exposition(metrics) == (
        '# HELP a_total A.\n# TYPE a_total counter\na_total{status="x"} 12345678\na_total{status="y"} 0.25\n'
        "# HELP b B.\n# TYPE b gauge\nb 1\n"
    )


async def test_doctor_tells_how_long_ago_the_bot_was_heard(tmp_path: Path) -> None:
    from bot.__main__ import _polling_checks
    from bot.config import settings_from

    settings = settings_from({"VAR_DIR": str(tmp_path), "TELEGRAM_BOT_TOKEN": TOKEN})
    assert _polling_checks(settings) == []
    database = open_database(settings.database_url)
    detail = {"username": "notice_bot", "host": "h", "pid": 5}
    Heartbeats(database).beat("telegram", detail)
    ((_, well, words),) = _polling_checks(settings)
    assert well and "@notice_bot" in words
    Heartbeats(database, lambda: datetime.now(UTC) - timedelta(hours=1)).beat("telegram", detail)
    ((_, well, words),) = _polling_checks(settings)
    assert not well and "60 分钟前" in words
