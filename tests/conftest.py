"""Fixtures that several test modules share."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from databases import KINDS, new_database

# A shell that runs the suite in the background has it ignore Ctrl-C, and so would every process that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind that state can be kept in."""
    return new_database(request.param, tmp_path)
