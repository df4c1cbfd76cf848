"""Bytes of a text file -> its characters, whatever encoding a Chinese office saved them in."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import lru_cache

import chardet

from bot.errors import UnsupportedFormat

BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
GB_LABELS = {"gb2312", "gb_2312-80", "gbk", "gb18030", "cp936", "x-gbk", "hz-gb-2312"}
BIG5_FAMILY = {"big5", "big5hkscs", "big5-hkscs", "cp950"}
MAX_BAD_SHARE = 0.01
"""Share of characters that may be unreadable, private-use or control in a text that is still a text."""


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _common_characters() -> frozenset[str]:
    """Printable ASCII, Chinese punctuation, and the everyday characters of GB 2312 and Big5 (first level)."""
    simplified = bytes(b for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for b in (lead, trail))
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = bytes(b for lead in range(0xA4, 0xC6) for trail in trails for b in (lead, trail))
    marks = "\t\r\n，。、；：？！…—·“”‘’（）《》〈〉【】〔〕「」『』％＋－／～〇　①②③④⑤⑥⑦⑧⑨⑩"
    full_width = "".join(chr(code) for code in range(0xFF10, 0xFF5B))
    ascii_printable = "".join(chr(code) for code in range(0x20, 0x7F))
    return frozenset(
        simplified.decode("gb2312", "ignore")
        + traditional.decode("big5", "ignore")
        + marks
        + full_width
        + ascii_printable
    )


def _common_share(text: str) -> float:
    common = _common_characters()
    return sum(character in common for character in text) / max(1, len(text))


def _is_control(character: str) -> bool:
    code = ord(character)
    return (code < 0x20 and character not in "\t\n\r\f\v\x1a") or (0x7F <= code < 0xA0 and code != 0x85)


def _is_bad(character: str) -> bool:
    """Control, replacement or private-use characters: rare in a text, common in rubbish."""
    code = ord(character)
    return _is_control(character) or code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code >= 0xF0000


def _bad_share(text: str) -> float:
    return sum(map(_is_bad, text)) / max(1, len(text))


def _decode_strictly(data: bytes, encoding: str) -> tuple[str, bool] | None:
    """The text and whether its last character was cut in two; None where the bytes do not fit."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        text = decoder.decode(data, final=False)
    except UnicodeError:
        return None
    return text, bool(decoder.getstate()[0])


def _is_gbk_by_chance(text: str, data: bytes) -> bool:
    """Whether a few GBK characters happen to be valid UTF-8: `一` is `һ`, `展` is `չ`, all of two bytes."""
    foreign = [character for character in text if not character.isascii()]
    if not foreign or not all("\u0100" <= character < "\u0800" for character in foreign):
        return False
    chinese = _decode_strictly(data, "gb18030")
    return chinese is not None and _common_share(chinese[0]) >= 0.9


def _finish(text: str, encoding: str, cut: bool = False) -> Decoded:
    warnings = []
    if cut:
        warnings.append("文件末尾少了半个字，可能没有复制完整，请与原件核对。")
    if unreadable := text.count("\ufffd"):
        warnings.append(f"有 {unreadable} 处字符无法识别（显示为“\ufffd”），请与原件核对。")
    return Decoded(text, encoding, tuple(warnings))


def _decode_declared(data: bytes, declared: str) -> Decoded | None:
    label = declared.strip().lower()
    encoding = "gb18030" if label in GB_LABELS else "big5hkscs" if label in BIG5_FAMILY else label
    try:
        text = data.decode(encoding, "replace")
    except LookupError:
        return None
    return _finish(text, encoding) if _bad_share(text) <= MAX_BAD_SHARE else None


def decode_text(data: bytes, declared: str = "") -> Decoded:
    """Characters of a text file, its byte order mark dropped and nothing else changed.

    Order: byte order mark, strict UTF-8, `declared` (a web page's own label), UTF-16 without a mark,
    UTF-8 with a few bad bytes, GB 18030 (which contains GBK and GB 2312), Big5 where chardet says so.
    Raises UnsupportedFormat where none of them gives a text.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            text, cut = _decode_strictly(body, encoding) or (body.decode(encoding, "replace"), False)
            return _finish(text, encoding, cut)

    exact = _decode_strictly(data, "utf-8")
    is_text = exact and sum(map(_is_control, exact[0])) <= MAX_BAD_SHARE * len(exact[0])
    if exact and is_text and not _is_gbk_by_chance(exact[0], data):
        return _finish(exact[0], "utf-8", exact[1])
    if declared and (decoded := _decode_declared(data, declared)):
        return decoded
    as_gbk = _common_share(data.decode("gb18030", "replace"))
    for encoding in ("utf-16-le", "utf-16-be"):
        exact = _decode_strictly(data, encoding)
        if exact and exact[0] and not _bad_share(exact[0]) and _common_share(exact[0]) > max(0.6, as_gbk):
            return _finish(exact[0], encoding, exact[1])
    damaged = data.decode("utf-8", "replace")
    foreign = sum(character >= "\u0800" for character in damaged)
    if _bad_share(damaged) <= MAX_BAD_SHARE and foreign > 10 * damaged.count("\ufffd"):
        return _finish(damaged, "utf-8")
    return _decode_chinese(data)


def _decode_chinese(data: bytes) -> Decoded:
    exact = _decode_strictly(data, "gb18030")
    text, cut = exact or (data.decode("gb18030", "replace"), False)
    readable = bool(text) and _bad_share(text) <= MAX_BAD_SHARE
    # Short Big5 text is valid GB 18030 too, but comes out as rare characters.
    if not readable or _common_share(text) < 0.7:
        guess = str(chardet.detect(data)["encoding"] or "big5").lower()
        big5 = _decode_strictly(data, "big5hkscs") if guess in BIG5_FAMILY or not readable else None
        if (
            big5
            and _bad_share(big5[0]) <= MAX_BAD_SHARE
            and _common_share(big5[0]) > max(0.7, _common_share(text))
        ):
            return _finish(big5[0], "big5", big5[1])
    if not readable:
        raise UnsupportedFormat(
            "无法识别这个文件：不是支持的格式，也不是可读的文本。请用原软件另存为 .docx、.pdf、.xlsx 或 UTF-8 编码的 .txt 后放回原处。"
        )
    return _finish(text, "gb18030", cut)
