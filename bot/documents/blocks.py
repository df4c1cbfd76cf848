"""Paragraphs and tables with their places -> Markdown text and `Place`s: what all readers end with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.datamodels import Place


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a block that comes from one place of the source file."""

    text: str
    label: str = ""
    """Label of the place; empty where it is the same as before."""
    page: int | None = None


Block = tuple[Piece, ...]
"""One paragraph, heading or table; its pieces are written one after the other, without a separator."""


def paragraph(text: str, label: str = "", page: int | None = None) -> Block:
    return (Piece(text, label, page),)


def block_text(block: Block) -> str:
    return "".join(piece.text for piece in block)


def assemble(blocks: Iterable[Block]) -> tuple[str, tuple[Place, ...]]:
    """Markdown text, blocks parted by a blank line, and one Place wherever the label changes.

    Blocks without visible text are left out.
    """
    parts: list[str] = []
    places: list[Place] = []
    offset = 0
    for block in blocks:
        if not block_text(block).strip():
            continue
        if parts:
            parts.append("\n\n")
            offset += 2
        for piece in block:
            known = (places[-1].label, places[-1].page) if places else None
            if piece.label and (piece.label, piece.page) != known:
                places.append(Place(start=offset, label=piece.label, page=piece.page))
            parts.append(piece.text)
            offset += len(piece.text)
    return "".join(parts), tuple(places)
