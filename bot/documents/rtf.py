"""An .rtf -> the same .rtf with the numbers of its lists written out, as the program that saved it showed them.

LibreOffice loses 、 and （） of a Chinese list's numbers and an instance's own first number; but every writer also
leaves each paragraph's number as text, for readers without lists ({\\listtext …}, RTF Specification 1.9.1,
"Bullets and Numbering"), and that text is right.
"""

from __future__ import annotations

import re

_SHOWN_NUMBER = re.compile(rb"\{\\listtext(?![a-z])([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_IN_A_LIST = re.compile(rb"\\ls\d+(?: |(?=[\\{}\r\n]))")
"""Makes a paragraph, or those of a style, a member of a list; `\\lsd…` are other words."""
_TAB_OR_RESET = re.compile(rb"\\(?:tab|pard)(?![a-z])-?\d* ?")
_CONTROL = re.compile(rb"\\(?!u-?\d)[a-z]+-?\d* ?|[{}\s]")
_BULLET = re.compile(
    rb"(?:\\'b7|\\u(?:-3[89]\d\d|-40\d\d|61[456]\d\d|8226|9632|9670|9679) ?)(?:\?|\\'[0-9a-f]{2})*",
    re.IGNORECASE,
)
"""A code of a symbol font (U+F020 to U+F0FF, or its last byte) or one of •■◆●."""
_CLOSED = re.compile(
    rb"(?:[.)]|\\'a1\\'a2|\\'a3\\'a9|\\u(?:12289|65289|-247) ?(?:\?|(?:\\'[0-9a-f]{2})*))\s*$"
)
"""Behind 、 or ） (also as GBK bytes), a full stop or a bracket the text follows without a blank."""


def _written_out(number: re.Match[bytes]) -> bytes:
    shown = _TAB_OR_RESET.sub(b"", number[1])
    if _BULLET.fullmatch(_CONTROL.sub(b"", shown)):
        return b"{- }"
    return b"{" + shown + (b"" if _CLOSED.search(shown) else b" ") + b"}"


def write_out_numbers(data: bytes) -> bytes:
    """The file with every list paragraph's number as ordinary text; unchanged where no number is left as text."""
    written, count = _SHOWN_NUMBER.subn(_written_out, data)
    return _IN_A_LIST.sub(b"", written) if count else data
