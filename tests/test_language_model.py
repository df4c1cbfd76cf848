"""The client of a language model, against servers that behave and that do not, over real HTTP."""

from __future__ import annotations

import gzip
import io
import json
import logging
import socket
import time
from dataclasses import replace

import pytest
from language_model_server import (
    API_KEY,
    Behaviour,
    completion,
    dies_within,
    drips,
    floods,
    language_model_server,
    never_answers,
    says,
    sends,
    streams,
)

from bot.config import LanguageModelSettings, settings_from
from bot.errors import LanguageModelError, SettingsError
from bot.language_model import FAILURES_TO_OPEN, MAX_BYTES, LanguageModel


def test_a_server_that_behaves_gets_one_request_and_its_words_come_back() -> None:
    with language_model_server(says("  好的。 ")) as server:
        assert server.model().complete("规则", "数据\ud800") == "好的。"
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["model"] == "test-model"
    assert request["stream"] is False
    assert request["messages"] == [
        {"role": "system", "content": "规则"},
        {"role": "user", "content": "数据?"},
    ]
    assert server.headers[0]["authorization"] == f"Bearer {API_KEY}"


def test_the_thoughts_that_a_server_leaves_in_are_taken_out() -> None:
    with language_model_server(says("<think>\n先看[1]\n</think>\n答案。[1]")) as server:
        assert server.model().complete("", "") == "答案。[1]"


def test_without_a_key_none_is_sent() -> None:
    with language_model_server(says("好")) as server:
        LanguageModel(replace(server.settings, api_key="")).complete("", "")
    assert "authorization" not in server.headers[0]


@pytest.mark.parametrize(
    ("behaviour", "says_why"),
    [
        pytest.param(sends(b"{}", 401), "HTTP 401", id="key-refused"),
        pytest.param(sends(b"oops", 500), "HTTP 500", id="server-error"),
        pytest.param(sends(b"", 302, Location="http://127.0.0.1:9/"), "HTTP 302", id="redirect"),
        pytest.param(sends(b"<html>"), "不是约定的格式", id="html"),
        pytest.param(sends(b"\xff\xfe\x00rubbish"), "不是约定的格式", id="bytes"),
        pytest.param(sends(b"[" * 100_000), "不是约定的格式", id="deep"),
        pytest.param(sends(b"null"), "不是约定的格式", id="null"),
        pytest.param(sends(b'{"choices":[]}'), "不是约定的格式", id="no-choice"),
        pytest.param(sends(b'{"choices":["x"]}'), "不是约定的格式", id="choice-of-another-kind"),
        pytest.param(sends(b'{"choices":[{"message":{"content":null}}]}'), "没有给出文字", id="no-content"),
        pytest.param(sends(b'{"choices":[{"message":{"content":[1]}}]}'), "没有给出文字", id="parts"),
        pytest.param(says(" \n "), "没有给出文字", id="blank"),
        pytest.param(sends(completion("一半", finish_reason="length")), "没有写完", id="cut"),
        pytest.param(sends(completion("x" * MAX_BYTES)), "超过", id="huge"),
        pytest.param(floods, "超过", id="endless"),
        pytest.param(
            sends(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"), "压缩内容", id="compressed-bomb"
        ),
        pytest.param(dies_within(completion("答案")), "连不上", id="dies-in-its-body"),
        pytest.param(streams, "不是约定的格式", id="streams"),
    ],
)
def test_rubbish_is_refused_and_asked_for_only_once(behaviour: Behaviour, says_why: str) -> None:
    with (
        language_model_server(behaviour) as server,
        pytest.raises(LanguageModelError, match=says_why),
    ):
        server.model().complete("规则", "数据")
    assert len(server.requests) == 1


@pytest.mark.parametrize("behaviour", [never_answers, drips], ids=["silent", "drips"])
def test_nobody_waits_longer_than_the_deadline(behaviour: Behaviour) -> None:
    with language_model_server(behaviour) as server:
        started = time.monotonic()
        with pytest.raises(LanguageModelError, match=r"0\.4 秒内没有答完"):
            server.model(deadline_seconds=0.4).complete("", "")
        assert 0.4 <= time.monotonic() - started < 3


def test_a_server_that_is_not_there_is_left_alone_after_some_failures() -> None:
    with socket.socket() as taken:  # bound, not listening: refuses connections
        taken.bind(("127.0.0.1", 0))
        now = [100.0]
        model = LanguageModel(
            LanguageModelSettings(f"http://127.0.0.1:{taken.getsockname()[1]}", "m"),
            pause_seconds=60,
            clock=lambda: now[0],
        )
        for _ in range(FAILURES_TO_OPEN):
            with pytest.raises(LanguageModelError, match="连不上"):
                model.complete("", "")
        for now[0] in (100.0, 159.9):
            with pytest.raises(LanguageModelError, match="暂不使用"):
                model.complete("", "")
        now[0] = 160.1  # one tries again, and fails: closed for another pause
        with pytest.raises(LanguageModelError, match="连不上"):
            model.complete("", "")
        with pytest.raises(LanguageModelError, match="暂不使用"):
            model.complete("", "")


def test_a_server_that_comes_back_is_used_again() -> None:
    now = [0.0]
    with language_model_server(sends(b"", 503)) as server:
        model = server.model(pause_seconds=60, clock=lambda: now[0])
        for _ in range(FAILURES_TO_OPEN):
            with pytest.raises(LanguageModelError, match="503"):
                model.complete("", "")
        server.behaviour = says("好")
        now[0] = 61
        assert [model.complete("", "") for _ in range(FAILURES_TO_OPEN + 1)] == ["好"] * (
            FAILURES_TO_OPEN + 1
        )


def test_failures_count_only_in_a_row() -> None:
    with language_model_server(says("好")) as server:
        model = server.model()
        for _ in range(3 * FAILURES_TO_OPEN):
            server.behaviour = sends(b"", 500)
            with pytest.raises(LanguageModelError, match="500"):
                model.complete("", "")
            server.behaviour = says("好")
            model.complete("", "")


def test_the_key_is_in_no_log_message_or_representation() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        said = []
        for behaviour in (says("好"), sends(b"", 401), dies_within(b"{"), never_answers):
            with language_model_server(behaviour) as server:
                model = server.model(deadline_seconds=0.5)
                try:
                    model.complete("", "")
                except LanguageModelError as error:
                    said += [str(error), repr(error), repr(error.__cause__)]
                said += [repr(model), model.name, repr(server.settings), f"{server.settings}"]
        assert said and "401" in out.getvalue()
        assert API_KEY not in out.getvalue() + "".join(said)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def test_the_address_may_hold_a_password_that_nobody_sees() -> None:
    settings = settings_from(
        {"LLM_BASE_URL": "https://user:geheim@llm.example/v1/", "LLM_MODEL": "m"}
    ).language_model
    assert settings.base_url.endswith("/v1")
    assert "geheim" not in repr(settings) + repr(LanguageModel(settings)) + LanguageModel(settings).name


@pytest.mark.parametrize(
    ("environment", "setting"),
    [
        ({"LLM_MODEL": "m"}, "LLM_BASE_URL"),
        ({"LLM_API_KEY": "secret-key"}, "LLM_BASE_URL"),
        ({"LLM_BASE_URL": "http://x/v1"}, "LLM_MODEL"),
        ({"LLM_BASE_URL": "ftp://x/v1", "LLM_MODEL": "m"}, "http://"),
        ({"LLM_BASE_URL": "x/v1", "LLM_MODEL": "m"}, "http://"),
        ({"LLM_BASE_URL": "http://[::1/v1", "LLM_MODEL": "m"}, "http://"),
        ({"LLM_BASE_URL": "http://x:99999/v1", "LLM_MODEL": "m"}, "http://"),
        ({"LLM_BASE_URL": "http://x/v1?key=1", "LLM_MODEL": "m"}, "http://"),
        ({"LLM_BASE_URL": "http://x/v1", "LLM_MODEL": "m", "LLM_API_KEY": "secret-key\nX: 1"}, "LLM_API_KEY"),
        ({"LLM_BASE_URL": "http://x/v1", "LLM_MODEL": "m", "LLM_API_KEY": "secret-key 密钥"}, "LLM_API_KEY"),
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_named_without_the_key(
    environment: dict[str, str], setting: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from(environment)
    assert setting in str(refused.value)
    assert "secret-key" not in str(refused.value)


def test_it_is_off_when_unset() -> None:
    assert settings_from({}).language_model.base_url == ""
    assert settings_from({"LLM_BASE_URL": " "}).language_model == LanguageModelSettings()


def test_what_is_asked_is_json_whatever_it_holds() -> None:
    with language_model_server(says("好")) as server:
        server.model().complete('"}]', json.dumps({"x": '"}\n'}))
    assert server.requests[0]["messages"][1]["content"] == '{"x": "\\"}\\n"}'
