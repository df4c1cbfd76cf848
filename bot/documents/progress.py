"""A reader at long work -> a sign that one page, slide or member is done: its time limit starts anew."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def step_done() -> None:
    """Called by readers after each page that was read from its picture, and after each member of a container."""
    for listener in _listeners:
        listener()


def on_step(listener: Callable[[], None]) -> None:
    """`listener` is called at every step from now on, in the thread that reads."""
    _listeners.append(listener)
