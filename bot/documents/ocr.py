"""Pictures of text -> text: the only module that knows rapidocr, and with it onnxruntime.

The models (PP-OCRv6 small, Apache-2.0) lie inside the rapidocr package. Their paths are given to it, so
that its code that would download a missing model is never reached.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from bot.documents.page_pictures import Pixels
from bot.documents.progress import step_done
from bot.errors import DocumentTooLarge, UnsupportedFormat

if TYPE_CHECKING:
    from rapidocr import RapidOCR

Quads = npt.NDArray[np.float32]
"""Shape (n, 4, 2): corners (x, y) in pixels; top left, top right, bottom right, bottom left of each line."""

DETECTION_SIDE = 1_600
"""Pixels of the longest side in which lines are looked for; they are read at full size."""
TILE_RATIO = 1.6
"""A picture taller than this times its width (a long screenshot) is searched in tiles of that shape."""
MIN_SIDE_RATIO = 0.4
"""The detector enlarges the short side of narrow pictures without bound, so they are padded to this ratio."""
MAX_THREADS = 4
MAX_LINES = 4_000
"""Lines of one page; an A3 page of small tables has some 1,000."""
_BATCH = 6
_STEP = 90
"""Lines read between two signs of progress."""


@dataclass(frozen=True, slots=True)
class Recognised:
    text: str
    confidence: float
    """Mean over its characters, 0 to 1."""


@cache
def _engine() -> RapidOCR:
    """Raises UnsupportedFormat where the packages are missing or cannot be loaded: other files still can be read."""
    try:
        spec = importlib.util.find_spec("rapidocr")
        if spec is None or spec.origin is None:
            raise ImportError("rapidocr")
        models = Path(spec.origin).parent / "models"
        threads = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2, MAX_THREADS)
        cv2.setNumThreads(threads)
        from rapidocr import RapidOCR

        engine = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.max_side_len": DETECTION_SIDE,
                "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
                "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
                "Rec.rec_batch_num": _BATCH,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            }
        )
        engine(np.full((64, 256, 3), 255, np.uint8), use_rec=False)  # loads the detector
        engine.recognize_txt([np.full((48, 96, 3), 255, np.uint8)])  # and the recogniser
    except (ImportError, OSError, ValueError) as error:
        raise UnsupportedFormat(
            f"文字识别（OCR）组件不能加载（{error}）。请运行 pip install -r requirements.txt 重新安装。"
        ) from error
    return engine


def _tiles(pixels: Pixels) -> list[tuple[int, Pixels]]:
    """(first row, tile): the picture cut where the paper shows, each tile hardly taller than TILE_RATIO."""
    height, width = pixels.shape[:2]
    tallest = int(TILE_RATIO * width)
    if height <= 1.3 * tallest:
        return [(0, pixels)]
    spread = np.ptp(pixels.min(axis=2), axis=1)  # small in rows that no ink crosses
    tiles, top = [], 0
    while height - top > tallest:
        low = top + int(0.75 * tallest)
        quiet = low + int(np.argmin(spread[low : top + tallest]))
        tiles.append((top, pixels[top:quiet]))
        top = quiet
    return [*tiles, (top, pixels[top:])]


def _padded(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    right = max(0, int(MIN_SIDE_RATIO * height) - width)
    below = max(0, int(MIN_SIDE_RATIO * width) - height)
    if not right and not below:
        return pixels
    colour = tuple(int(value) for value in np.median(pixels.reshape(-1, 3)[::97], axis=0))
    return np.asarray(
        cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_CONSTANT, value=colour), dtype=np.uint8
    )


def find_lines(pixels: Pixels) -> Quads:
    """Where lines of text stand, whatever their direction; (0, 4, 2) where there are none.

    Raises DocumentTooLarge beyond MAX_LINES.
    """
    found = []
    for top, tile in _tiles(pixels):
        result = _engine()(_padded(tile), use_det=True, use_cls=False, use_rec=False)
        boxes = getattr(result, "boxes", None)
        if boxes is not None and len(boxes):
            found.append(np.asarray(boxes, dtype=np.float32) + np.array([0, top], dtype=np.float32))
        step_done()
    if sum(map(len, found)) > MAX_LINES:
        raise DocumentTooLarge(f"一页图片上有 {MAX_LINES} 行以上的文字。请裁成几张后放回原处。")
    return np.concatenate(found) if found else np.zeros((0, 4, 2), np.float32)


def read_lines(lines: Sequence[Pixels]) -> list[Recognised]:
    """The text of each picture of one upright line, in the same order."""
    read: list[Recognised] = []
    for start in range(0, len(lines), _STEP):
        result = _engine().recognize_txt(list(lines[start : start + _STEP]))
        pairs = zip(result.txts or (), result.scores or (), strict=True)
        read += [Recognised(text, float(score)) for text, score in pairs]
        step_done()
    return read
