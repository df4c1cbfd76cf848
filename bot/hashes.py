"""A file, or a folder with its recorded hashes -> whether it is what it was when they were written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

HASHES = "sha256.json"
"""Name of the file that lists size and hash of a folder's other files."""


def file_sha256(path: Path) -> str:
    """In hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_hashes(folder: Path) -> None:
    """Record `{name: {"bytes", "sha256"}}` of every file of the folder, its card and the logs beside it aside."""
    files = sorted(
        p for p in folder.rglob("*") if p.is_file() and p.suffix not in {".md", ".log"} and p.name != HASHES
    )
    hashes = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": file_sha256(path)}
        for path in files
    }
    (folder / HASHES).write_text(json.dumps(hashes, indent=2) + "\n", "utf-8")


def recorded_hashes(folder: Path) -> dict[str, dict[str, Any]]:
    """What `write_hashes` recorded; empty where nothing readable is recorded."""
    try:
        recorded: dict[str, dict[str, Any]] = json.loads((folder / HASHES).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return recorded


def changed_file(folder: Path) -> str:
    """Name of the first recorded file that is gone or is not as recorded; empty where all are."""
    for name, entry in recorded_hashes(folder).items():
        try:
            if file_sha256(folder / name) != entry["sha256"]:
                return name
        except OSError:
            return name
    return ""
