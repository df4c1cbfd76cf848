"""Folders of notices with questions: gathered into one, and split the same way by every script of training.

A set is a folder with one folder a notice, each with a `qa.jsonl`. Those written for this project, in the long
sentences of real offices and with short everyday questions, are in `training/notices`. A folder with nothing but a
`qa.jsonl` has more questions about the notice of the same name in another set.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HELD_OUT_FILE = Path(__file__).with_name("held_out.txt")
QUESTIONS = "qa.jsonl"


def gathered(sets: Sequence[Path], work: Path) -> Path:
    """One folder with the notices of all sets, made anew; the set itself where there is but one."""
    if len(sets) == 1:
        return sets[0]
    shutil.rmtree(work, ignore_errors=True)
    for each in sets:
        shutil.copytree(each, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns(QUESTIONS))
        for file in sorted(each.glob(f"*/{QUESTIONS}")):
            with (work / file.parent.name / QUESTIONS).open("a", encoding="utf-8") as all_questions:
                all_questions.write(file.read_text("utf-8").rstrip("\n") + "\n")
    return work


def held_out() -> frozenset[str]:
    """Names of the notices that no model is trained on: about every fifth of each set. A list, so that the
    notices that are added to a set don't change what was held out before."""
    return frozenset(HELD_OUT_FILE.read_text("utf-8").split())


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file with one a line, blank lines apart."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
