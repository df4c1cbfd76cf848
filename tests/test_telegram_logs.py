"""No secret in any log, whatever is logged."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from bot.channels.telegram.logs import RedactingFilter
from tests.botapi_server import TOKEN

SECRET_HALF = TOKEN.split(":")[1]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter((TOKEN, "webhook-secret", "")))
    logger = logging.getLogger("test_telegram_logs")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def test_messages_arguments_tracebacks_and_stacks_are_redacted(stream: io.StringIO) -> None:
    logger = logging.getLogger("test_telegram_logs")
    logger.warning("POST https://api.telegram.org/bot%s/getMe", TOKEN)
    logger.warning("only the half %s, and webhook-secret", SECRET_HALF)
    try:
        raise ValueError(f"the token `{TOKEN}` was rejected")
    except ValueError:
        logger.exception("failed")
    written = stream.getvalue()
    assert SECRET_HALF not in written and "webhook-secret" not in written
    assert "POST https://api.telegram.org/bot***/getMe" in written
    assert "ValueError: the token `***` was rejected" in written


def test_a_record_without_secrets_reads_as_before(stream: io.StringIO) -> None:
    logging.getLogger("test_telegram_logs").warning("%d of %s", 3, {"a": 1})
    assert stream.getvalue() == "3 of {'a': 1}\n"
