"""Word's styles part -> inherited paragraph and run properties, and short accessors for WordprocessingML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAX_STYLE_DEPTH = 12
_OFF = {"0", "false", "off"}

Element: TypeAlias = "etree._Element"
T = TypeVar("T")


def child_value(element: Element | None, tag: str) -> str | None:
    """The w:val of a direct child; None where there is no such child or value."""
    child = None if element is None else element.find(W + tag)
    return None if child is None else child.get(W + "val")


def child_number(element: Element | None, tag: str, default: int) -> int:
    value = child_value(element, tag)
    return int(value) if value is not None and re.fullmatch(r"-?[0-9]{1,9}", value) else default


def child_is_on(element: Element | None, tag: str) -> bool | None:
    """A toggle such as w:vanish; None where it is not set at all."""
    child = None if element is None else element.find(W + tag)
    return None if child is None else child.get(W + "val", "1") not in _OFF


class Styles:
    """The style sheet of a document: looks a property up along w:basedOn."""

    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, Element] = {}
        self._default: str | None = None
        for style in root.iter(W + "style") if root is not None else ():
            style_id = style.get(W + "styleId", "")
            self._styles[style_id] = style
            if style.get(W + "type") == "paragraph" and style.get(W + "default", "0") not in _OFF:
                self._default = style_id

    def chain(self, style_id: str | None) -> Iterator[Element]:
        """The style and those that it is based on."""
        for _ in range(MAX_STYLE_DEPTH):
            style = self._styles.get(style_id or "")
            if style is None:
                return
            yield style
            style_id = child_value(style, "basedOn")

    def of_paragraph(self, paragraph: Element) -> Iterator[Element]:
        return self.chain(child_value(paragraph.find(W + "pPr"), "pStyle") or self._default)

    def names_of(self, paragraph: Element) -> list[str]:
        return [(child_value(style, "name") or "").lower() for style in self.of_paragraph(paragraph)]

    def paragraph_property(self, paragraph: Element, get: Callable[[Element | None], T | None]) -> T | None:
        """What `get` finds in the paragraph's own w:pPr, else in its styles'."""
        for owner in (paragraph, *self.of_paragraph(paragraph)):
            value = get(owner.find(W + "pPr"))
            if value is not None:
                return value
        return None

    def run_property(
        self, run: Element, paragraph: Element, get: Callable[[Element | None], T | None]
    ) -> T | None:
        """What `get` finds in the run's own w:rPr, else in its character style, else in the paragraph's styles."""
        own = run.find(W + "rPr")
        for owner in (run, *self.chain(child_value(own, "rStyle")), *self.of_paragraph(paragraph)):
            value = get(owner.find(W + "rPr"))
            if value is not None:
                return value
        return None
