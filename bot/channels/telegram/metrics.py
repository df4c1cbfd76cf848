"""A running channel -> Prometheus text (exposition format 0.0.4) and its HTTP page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import tornado.httpserver
import tornado.netutil
import tornado.web

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    kind: str
    """counter or gauge."""
    help: str
    value: float
    label: str = ""
    """`status="answered"`; empty where the metric has one value only."""


def exposition(metrics: Iterable[Metric]) -> str:
    """The text that Prometheus reads; metrics of one name must stand together."""
    lines: list[str] = []
    named = ""
    for metric in metrics:
        if metric.name != named:
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
            named = metric.name
        label = f"{{{metric.label}}}" if metric.label else ""
        lines.append(f"{metric.name}{label} {metric.value:.15g}")
    return "\n".join(lines) + "\n"


class _Page(tornado.web.RequestHandler):
    def initialize(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def get(self) -> None:
        self.set_header("Content-Type", CONTENT_TYPE)
        self.finish(exposition(self._read()))


def serve_metrics(host: str, port: int, read: Callable[[], Iterable[Metric]]) -> Callable[[], None]:
    """Serves /metrics; what is returned ends it. Raises OSError where the port is taken."""
    application = tornado.web.Application(
        [(r"/metrics", _Page, {"read": read})], log_function=lambda handler: None
    )
    server = tornado.httpserver.HTTPServer(application)
    server.add_sockets(tornado.netutil.bind_sockets(port, host))
    return server.stop
