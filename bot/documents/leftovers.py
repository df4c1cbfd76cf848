"""A file's name -> whether a program left it behind and it is nobody's document."""

from __future__ import annotations

_NAMES = {"thumbs.db", "desktop.ini", "__macosx"}


def is_leftover(name: str) -> bool:
    """True for hidden files, the owner files of open Office documents (`~$…`) and the systems' own files."""
    return name.startswith((".", "~$")) or name.lower() in _NAMES
