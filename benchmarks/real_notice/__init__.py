"""The notice in `knowledge/` and eighty questions about it, as people type them, with their clauses and answers.

They were written against the text before the bot was asked, and nothing is trained on them. `python -m
benchmarks.real_notice` prints the figures of `python -m bot evaluate` for them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.config import PROJECT

KNOWLEDGE = PROJECT / "knowledge"
QUESTIONS = Path(__file__).with_name("qa.jsonl")


def with_questions(folder: Path) -> Path:
    """Copies the notice and its questions into an empty folder, in the form that is evaluated; that folder."""
    for notice in KNOWLEDGE.glob("*智能工厂梯度培育行动"):
        shutil.copytree(notice, folder / notice.name)
        shutil.copy(QUESTIONS, folder / notice.name / QUESTIONS.name)
    return folder
