"""Empty databases for tests: SQLite always, PostgreSQL where a server of our own can be started."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

KINDS = ("sqlite", "postgresql")
START_SECONDS = 60
_numbers = count(1)


def new_database(kind: str, folder: Path) -> str:
    """The URL of a database without tables; skips the test where there is no server of this kind."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'state.db'}"
    server, reason = postgresql_server()
    if reason:
        pytest.skip(reason)
    name = f"test_{next(_numbers)}"  # a schema is made in a moment, a database takes 8 MB
    administrator = create_engine(server)
    with administrator.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    administrator.dispose()
    own = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    return own.render_as_string(hide_password=False)


@cache
def postgresql_server() -> tuple[str, str]:
    """(URL of a server that ends with this process, nothing), else (nothing, why there is none)."""
    try:
        import psycopg
    except ImportError:
        return "", "psycopg is not installed"
    programs = _programs()
    if programs is None:
        return "", "no PostgreSQL server is installed: no initdb was found"
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path has 107 characters at most
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    user = "nobody" if os.geteuid() == 0 else None  # the server refuses to run as root
    if user:
        shutil.chown(folder, user)
    initdb = [programs / "initdb", "-D", folder / "data", "-U", "tester", "-A", "trust", "-E", "UTF8"]
    made = subprocess.run(
        [*initdb, "--no-locale", "--no-sync"], user=user, cwd=folder, capture_output=True, text=True
    )
    if made.returncode:
        return "", f"initdb failed: {made.stderr.strip()[-200:]}"
    # Another time zone than UTC: nothing may depend on the server's.
    options = (
        "listen_addresses=",
        f"unix_socket_directories={folder}",
        "fsync=off",
        "timezone=Asia/Shanghai",
    )
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *(part for each in options for part in ("-c", each))],
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    atexit.register(_end, server)
    given_up = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < given_up:
        try:
            psycopg.connect(f"host={folder} user=tester dbname=postgres").close()
            return f"postgresql+psycopg://tester@/postgres?host={folder}", ""
        except psycopg.OperationalError:
            time.sleep(0.05)
    return "", "the PostgreSQL server did not start"


def _programs() -> Path | None:
    """The folder of the server's programs, which distributions keep off the search path."""
    places = [Path(found).parent] if (found := shutil.which("postgres")) else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # at once: nothing of it is needed again
    server.wait()
