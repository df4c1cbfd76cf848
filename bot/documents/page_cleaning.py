"""A picture of a page -> the same page upright, level and without the red stamp over its signature."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from bot.documents.ocr import Quads
from bot.documents.page_pictures import Pixels

STAMP_POINTS = (57.0, 185.0)
"""Width of a stamp: 2 to 6.5 cm. A letterhead's red characters are smaller, its red rule is wider."""
_STAMP_NOISE = 22
"""Steps of brightness by which the stamp's own ink varies, most at its edges."""
SPECK_POINTS = 0.95
"""Side of the smallest square of ink that is printed: a full stop of 9 points."""
MAX_SKEW = 20.0
"""Degrees; a line that leans further is a watermark or stands upright."""

Mask = npt.NDArray[np.uint8]


def without_stamps(pixels: Pixels, points_per_pixel: float) -> Pixels:
    """The page with red erased inside round red blobs of a stamp's size; black text under them stays.

    Red elsewhere stays: the issuer's letterhead is red.
    """
    hue, saturation, _ = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV))
    red = (((hue < 12) | (hue > 160)) & (saturation > 55)).astype(np.uint8)
    if not red.any():
        return pixels
    reach = max(3, round(7 / points_per_pixel))  # the ring, the star and the characters become one blob
    blobs = cv2.morphologyEx(red, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    blobs = cv2.morphologyEx(blobs, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(blobs)
    cleaned = pixels
    for label in range(1, count):
        x, y, width, height = (int(value) for value in boxes[label][:4])
        large = max(width, height) * points_per_pixel
        if not (0.72 < width / height < 1.4 and STAMP_POINTS[0] < large < STAMP_POINTS[1]):
            continue
        if not _is_round(labels[y : y + height, x : x + width] == label):
            continue
        if cleaned is pixels:
            cleaned = pixels.copy()
        part = cleaned[y : y + height, x : x + width]
        ink = cv2.dilate(red[y : y + height, x : x + width], np.ones((5, 5), np.uint8)) > 0
        # In the red channel the stamp is nearly as bright as paper, and text under it is darker than the stamp.
        brightness = part[:, :, 2].astype(np.int16)
        stamp = int(np.median(brightness[red[y : y + height, x : x + width] > 0]))
        darker = np.clip(stamp - _STAMP_NOISE - brightness, 0, None)
        paper = (
            int(np.median(part[~ink])) if not ink.all() else 245
        )  # whiter, the stamp would still be readable
        part[ink] = np.clip(paper - 4 * darker, 0, paper).astype(np.uint8)[ink][:, np.newaxis]
    return cleaned


def _is_round(blob: npt.NDArray[np.bool_]) -> bool:
    """Whether a blob reaches all four sides of its box and leaves its corners free."""
    height, width = blob.shape
    corner = blob[: height // 8, : width // 8], blob[-(height // 8) :, -(width // 8) :]
    other = blob[: height // 8, -(width // 8) :], blob[-(height // 8) :, : width // 8]
    filled = sum(int(part.sum()) for part in (*corner, *other))
    rim = blob[: height // 6], blob[-(height // 6) :], blob[:, : width // 6], blob[:, -(width // 6) :]
    return filled < 0.25 * 4 * (height // 8) * (width // 8) and all(part.any() for part in rim)


def turned(pixels: Pixels, quarters: int) -> Pixels:
    """Turned by so many quarters of a circle, clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, -quarters))


def skew_of(quads: Quads) -> float:
    """Degrees by which the lines run downhill: the median over the long ones, weighted by length.

    A positive skew is clockwise, as y grows downwards.
    """
    run = (quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]) / 2
    length = np.hypot(run[:, 0], run[:, 1])
    side = (quads[:, 3] + quads[:, 2] - quads[:, 0] - quads[:, 1]) / 2
    angle = np.degrees(np.arctan2(run[:, 1], run[:, 0]))
    usable = (length > 5 * np.hypot(side[:, 0], side[:, 1])) & (np.abs(angle) < MAX_SKEW)
    if not usable.any():
        return 0.0
    order = np.argsort(angle[usable])
    weight = np.cumsum(length[usable][order])
    return float(angle[usable][order][int(np.searchsorted(weight, weight[-1] / 2))])


def levelled(pixels: Pixels, quads: Quads, skew: float) -> tuple[Pixels, Quads]:
    """The page turned back by `skew` degrees about its centre, and its lines with it."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)
    level = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    moved = quads @ matrix[:, :2].T.astype(np.float32) + matrix[:, 2].astype(np.float32)
    return np.asarray(level, dtype=np.uint8), moved.astype(np.float32)


def ink_of(pixels: Pixels, points_per_pixel: float) -> Mask:
    """255 where something darker than its surroundings is printed, whatever the light on the page; no specks."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    block = max(15, round(11 / points_per_pixel)) | 1
    ink = cv2.adaptiveThreshold(255 - grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, -14)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(ink)
    sizes = boxes[:, cv2.CC_STAT_AREA]
    keep = sizes > max(3.0, (SPECK_POINTS / points_per_pixel) ** 2)
    return np.where(keep[labels] & (ink > 0), 255, 0).astype(np.uint8)
