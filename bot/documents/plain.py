"""Text and Markdown files -> Converted, character for character; only line ends are normalised."""

from __future__ import annotations

from bot.datamodels import Converted
from bot.documents.charset import decode_text


def normalise_line_ends(text: str) -> str:
    """CR LF and lone CR as LF. U+2028, U+0085 and form feed are no line ends here."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_plain(data: bytes, format: str = "txt") -> Converted:
    """`format` is txt or md. Raises UnsupportedFormat where the bytes are no text."""
    decoded = decode_text(data)
    return Converted(text=normalise_line_ends(decoded.text), format=format, warnings=decoded.warnings)
