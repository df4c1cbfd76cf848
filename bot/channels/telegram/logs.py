"""The only module that keeps the bot's token out of the logs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

_TALKATIVE: Final = ("httpx", "httpcore", "telegram", "tornado")
"""Loggers that write request addresses, which hold the token, below WARNING."""
_formatter: Final = logging.Formatter()


class RedactingFilter(logging.Filter):
    """Replaces each secret in a record's message, traceback and stack."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        halves = (half for secret in secrets for half in (secret, secret.partition(":")[2]))
        self._secrets = sorted({half for half in halves if half}, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and not record.exc_text:
            record.exc_text = _formatter.formatException(record.exc_info)
        record.msg, record.args, record.exc_info = self.redacted(record.getMessage()), (), None
        record.exc_text = self.redacted(record.exc_text) if record.exc_text else record.exc_text
        record.stack_info = self.redacted(record.stack_info) if record.stack_info else record.stack_info
        return True

    def redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def protect_logs(secrets: Iterable[str]) -> None:
    """Puts the filter on every handler of the root logger and quiets the HTTP loggers."""
    if not logging.root.handlers:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    redacting = RedactingFilter(secrets)
    for handler in logging.root.handlers:
        handler.addFilter(redacting)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)  # what it reports, it raises as well
