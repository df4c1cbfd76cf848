"""What a recogniser read -> the same text without the confusions that are certain, and what to say of doubtful pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.datamodels import OcrPage

DOUBTFUL = 0.90
"""Pages read with less confidence than this are named; a clean scan has 0.97 to 0.995."""
_HAN = r"[\u2e80-\u9fff\uf900-\ufaff〇]"
_FULL = dict(zip(",;:?!", "，；：？！", strict=True))
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # GB/T 39116—2020: a dash between a standard's number and its year, never the numeral one
        (r"(?<=\d)\s?[一ー](?=\d|$)", "—"),
        (r"^[一ー\-](?=(?:19|20)\d{2}(?![\d年]))", "—"),
        (r"(?<=\d{5})-(?=(?:19|20)\d{2}(?!\d))", "—"),
        (r"(?<![A-Za-z])(GB/T|GB|DB/T|DB|HG/T|JB/T|T/[A-Z]{2,6})·(?=\d)", r"\1 "),
        (r"(?<=[\u4e00-\u9fff%％）])[°˚]$", "。"),
        # the brackets of a document number, 〔2024〕, whatever they were taken for
        (r"(?<=[\u4e00-\u9fffA-Za-z）)])\s?[\[［【〔「]\s?((?:19|20)\d{2})\s?[\]］】〕」)）](?=\s?第?\d+\s?号)", r"〔\1〕"),
        (r"(?<=[\u4e00-\u9fff])\s?[(（]\s?((?:19|20)\d{2})\s?[\]］】〕」](?=\s?第?\d+\s?号)", r"〔\1〕"),
        (r"%[0oO](?![\d.A-Za-z%])", "‰"),
        # a speck taken for a point in a date or between a number and its unit
        (r"(?<=[年月])\.(?=\d)|(?<=\d\d)\.(?=[元万亿年月日时分个家项台套])", ""),
        # a page number between dashes
        (r"^[—一ー\-–_~]\s?(\d{1,4})\s?[—一ー\-–_~]$", r"— \1 —"),
        # blanks beside Chinese characters and marks, and behind a list number
        (rf"(?<=[{_HAN[1:-1]}，。、；：？！（）《》〈〉“”〔〕])\s+", ""),
        (rf"\s+(?=[{_HAN[1:-1]}，。、；：？！（）《》〈〉“”〔〕])", ""),
    )
)  # fmt: skip


def mended(text: str) -> str:
    """One line or cell as it was most likely printed: full-width marks in Chinese, 〔2024〕, GB/T 39116—2020."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = re.sub(rf"(?<=[{_HAN[1:-1]}）》”〕%％])[,;:?!]|[,;:?!](?={_HAN}|[（《“])", _full_width, text)
    text = re.sub(rf"(?<={_HAN})\.(?=$|{_HAN})", "。", text)
    return _brackets_widened(text.strip())


def _full_width(match: re.Match[str]) -> str:
    return _FULL[match[0]]


def _brackets_widened(text: str) -> str:
    """Round brackets in Chinese text are full-width: a half-width one of a pair was misread.

    A pair stays half-width where neither its inside nor its neighbours are Chinese, as in `f(x)`.
    """
    characters = list(text)
    opened: list[int] = []
    for i, character in enumerate(characters):
        if character in "(（":
            opened.append(i)
        elif character in ")）":
            start = opened.pop() if opened else -1
            if _is_chinese(text, start, i):
                characters[i] = "）"
                if start >= 0:
                    characters[start] = "（"
    for start in opened:  # its partner stands on the next line
        if _is_chinese(text, start, len(text)):
            characters[start] = "（"
    return "".join(characters)


def _is_chinese(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : max(0, start)] + text[start + 1 : end] + text[end + 1 : end + 2]
    if start <= 0 and re.fullmatch(r"\d{1,2}", text[start + 1 : end]):  # （1） before a clause
        return True
    return "（" in text[start : start + 1] or bool(re.search(rf"{_HAN}|[，。；：、《》“”]", around))


def pages_named(numbers: Sequence[int]) -> str:
    """`第1—3、7页`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return "第" + "、".join("—".join(map(str, run)) for run in runs) + "页"


def doubts(pages: Sequence[OcrPage], unread: Sequence[int] = ()) -> tuple[str, ...]:
    """Sentences for the receipt: pages read with little confidence, and pictured pages (`unread`) that gave no text."""
    doubtful = [page for page in pages if page.confidence < DOUBTFUL]
    sentences = []
    if doubtful:
        lowest = min(page.confidence for page in doubtful)
        sentences.append(
            f"{pages_named([page.page for page in doubtful])}是从图片识别的，把握较低（最低 {lowest:.0%}），可能有错字；"
            "请对照原件核对，或换成更清晰的扫描件、原 Word 文件。"
        )
    if unread:
        sentences.append(
            f"{pages_named(unread)}只有图片，没有识别出文字；如果其中有内容，请换成更清晰的扫描件或原 Word 文件。"
        )
    return tuple(sentences)
