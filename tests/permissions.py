"""Files and folders that cannot be opened for a while, also where the tests run as root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def without_permission(*paths: Path) -> Iterator[None]:
    """Takes the permissions away; root, whom none can stop, becomes nobody meanwhile."""
    modes = [path.stat().st_mode for path in paths]
    is_root = os.geteuid() == 0
    opened = _opened_for_all(paths[0]) if is_root else []
    for path in paths:
        path.chmod(0)
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(mode)
        for path, mode in opened:
            path.chmod(mode)


def _opened_for_all(path: Path) -> list[tuple[Path, int]]:
    """Lets everybody into the test's folder and all that is in it; (path, mode before)."""
    home = next(parent for parent in path.parents if parent.name.startswith("test_"))
    changed = []
    for each in (*home.rglob("*"), home, home.parent, home.parent.parent):
        if not each.is_symlink():
            changed.append((each, each.stat().st_mode))
            each.chmod(each.stat().st_mode | (0o777 if each.is_dir() else 0o666))
    return changed
