"""The peers' virtual environment, and one file read by the product or a peer -> what came of it."""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

from bot.config import PROJECT

PEERS = ("markitdown", "kreuzberg")
PACKAGES = PROJECT / "benchmarks" / "documents-peers.txt"
SECONDS_A_FILE = 900
"""Wall time of a reader with one file, its start included."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as one reader read it."""

    text: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    error: str = ""
    """Why nothing was read; empty where something was."""


def make_peers(folder: Path) -> Path:
    """The Python of a virtual environment that has the peers; made, with pip, where it is not there yet.

    Raises CalledProcessError where they cannot be installed.
    """
    python, done = folder / "bin" / "python", folder / "installed.txt"
    wanted = PACKAGES.read_text(encoding="utf-8")
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", PACKAGES], check=True)
        done.write_text(wanted, encoding="utf-8")
    return python


def read_by(reader: str, python: Path, path: Path) -> Reading:
    """One file read in a fresh process of `python`; a reader that fails, dies or does not end gives its `error`."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        command = [str(python), "-m", "benchmarks.documents_workers", reader, str(path), str(result)]
        try:
            ended = subprocess.run(
                command, cwd=PROJECT, capture_output=True, timeout=SECONDS_A_FILE, check=False
            )
        except subprocess.TimeoutExpired:
            return Reading(error=f"not done after {SECONDS_A_FILE} s")
        if not result.exists():
            words = ended.stderr.decode("utf-8", "replace").strip()
            return Reading(error=f"ended with {ended.returncode}: {words[-200:]}")
        return Reading(**json.loads(result.read_text(encoding="utf-8")))
