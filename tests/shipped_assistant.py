"""Folder of notices -> the assistant over it, with the models that the program ships."""

from __future__ import annotations

from pathlib import Path

from bundled_encoder import bundled_encoder

from bot.assistant import Assistant
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.ranking import Ranker
from bot.reranking import Reranker


def shipped_assistant(folder: Path, index: Path) -> Assistant:
    """Builds the index of `folder` in `index`."""
    build_index(folder, index, bundled_encoder())
    reranker = Reranker.load("default", threads=1)
    return Assistant(IndexStore(index), bundled_encoder(), Ranker.from_file(), reranker=reranker)
