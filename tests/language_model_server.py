"""An OpenAI-compatible server over real HTTP, as good or as bad as a test wants it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.config import LanguageModelSettings
from bot.language_model import LanguageModel

API_KEY = "sk-test-0123456789"
Behaviour = Callable[["Handler"], None]


@dataclass
class LanguageModelServer:
    behaviour: Behaviour
    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def settings(self) -> LanguageModelSettings:
        return LanguageModelSettings(self.base_url, "test-model", API_KEY)

    def model(self, **more: Any) -> LanguageModel:
        return LanguageModel(self.settings, **more)


class Handler(BaseHTTPRequestHandler):
    plan: LanguageModelServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.plan.requests.append({"path": self.path, **json.loads(body)})
        self.plan.headers.append({name.lower(): value for name, value in self.headers.items()})
        with contextlib.suppress(ConnectionError):  # the client may have gone
            self.plan.behaviour(self)

    def begin(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""


@contextmanager
def language_model_server(behaviour: Behaviour) -> Iterator[LanguageModelServer]:
    plan = LanguageModelServer(behaviour)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("PlannedHandler", (Handler,), {"plan": plan}))
    server.daemon_threads = True
    plan.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield plan
    finally:
        plan.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


# ---------------------------------------------------------------- ways to behave


def completion(text: str, **choice: object) -> bytes:
    """The body of a sound response."""
    reply = {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, **choice}]}
    return json.dumps(reply, ensure_ascii=False).encode()


def says(text: str) -> Behaviour:
    return sends(completion(text, finish_reason="stop"))


def sends(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin(status, Content_Length=str(len(body)), **headers)
        handler.wfile.write(body)

    return behave


def dies_within(body: bytes) -> Behaviour:
    """Promises more bytes than it sends."""

    def behave(handler: Handler) -> None:
        handler.begin(Content_Length=str(len(body) + 100))
        handler.wfile.write(body)

    return behave


def never_answers(handler: Handler) -> None:
    handler.plan.stopping.wait(20)


def drips(handler: Handler) -> None:
    """A byte at a time, so that no timeout between two bytes is ever reached."""
    handler.begin()
    for _ in range(400):
        if handler.plan.stopping.is_set():
            return
        handler.wfile.write(b" ")
        time.sleep(0.05)


def floods(handler: Handler) -> None:
    """No end and no length."""
    handler.begin()
    while not handler.plan.stopping.is_set():
        handler.wfile.write(b"x" * 65_536)


def streams(handler: Handler) -> None:
    """Server-sent events, though none were asked for."""
    handler.begin(Content_Type="text/event-stream")
    for word in ("于", "2024年", "\ufffd"):
        event = json.dumps({"choices": [{"delta": {"content": word}}]})
        handler.wfile.write(f"data: {event}\n\n".encode())
    handler.wfile.write(b"data: [DONE]\n\n")
