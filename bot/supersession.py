"""Notices -> which of them another one repeals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from bot.datamodels import Notice

SHORTEST_NAME = 6
"""Characters of a repealed title from which a longer title that holds it is taken for the same one."""
_BRACKETS = str.maketrans("[【（(]】）)〔〕", "〔〔〔〔〕〕〕〕〔〕")


def repealed_by(notice: Notice, notices: Iterable[Notice], on: date | None = None) -> Notice | None:
    """The first of `notices` that repeals this one by its title or its document number; None in force.

    With `on`, only what was issued by that day counts.
    """
    own_number, own_title = _number(notice.doc_number), _name(notice.title)
    for other in notices:
        if other.id == notice.id or not other.supersedes or (on and other.issued_on and other.issued_on > on):
            continue
        for named in other.supersedes:
            if own_number and _number(named) == own_number:
                return other
            name = _name(named)
            if len(name) >= SHORTEST_NAME and (name == own_title or own_title.endswith(f"关于{name}")):
                return other
            if len(name) >= SHORTEST_NAME and name.startswith("关于") and own_title.endswith(name):
                return other
    return None


def _number(text: str) -> str:
    """`湘工信〔2024〕9号` whatever its brackets; empty for what is no document number."""
    number = re.sub(r"\s", "", text).translate(_BRACKETS)
    return number if re.search(r"〔\d{4}〕\d+号$", number) else ""


def _name(title: str) -> str:
    return re.sub(r"[《》\s]", "", title)
