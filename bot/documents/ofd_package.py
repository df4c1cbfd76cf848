"""An .ofd package (GB/T 33190-2016) -> pages of positioned characters, rules and pictures.

Knows the format's files, matrices and path commands; what the positions mean is told in `ofd`.
Lengths leave this module as points; the format has millimetres.
"""

from __future__ import annotations

import math
import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TypeAlias

from lxml import etree

from bot.documents.ooxml import OfficePackage
from bot.documents.pdf_layout import Box, Character, Rule
from bot.errors import DamagedDocument, DocumentTooLarge, EncryptedDocument

Element: TypeAlias = "etree._Element"
Matrix: TypeAlias = tuple[float, float, float, float, float, float]
"""a b c d e f: x' = a x + c y + e, y' = b x + d y + f (8.5 of the standard)."""

MAX_PAGES = 1_000
MAX_CHARACTERS = 3_000_000
MAX_RULES = 20_000
"""Of a page."""
MAX_OBJECTS = 400_000
"""Of all pages, each use of a composed object or a template counted."""
MAX_DEPTH = 20
"""Objects inside one another."""
POINTS_PER_MM = 72 / 25.4
A4: Box = (0.0, 0.0, 210.0, 297.0)
FAINT = 60
"""Alpha (0 to 255) under which text is a watermark."""
THIN = 0.8
"""Millimetres up to which a filled box is a rule."""
STRAIGHT = 0.3
"""Millimetres by which a rule may leave the horizontal or the vertical."""
BASELINE_SHARE = 0.88
"""Share of a character's height that stands above the base line."""
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?")
_PATH_TOKEN = re.compile(rf"[A-Za-z]|{_NUMBER.pattern}")
_END_POINT = {"S": 0, "M": 0, "L": 0, "Q": 2, "B": 4, "A": 5}
"""Where among a path command's numbers its end point stands; `C` closes (9.1, table 36)."""
_COUNT = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on a page."""

    box: Box
    data: bytes


@dataclass(slots=True)
class OfdPage:
    """One page, filled while its objects are read."""

    number: int
    """From 1, over all documents of the package."""
    width: float
    height: float
    characters: list[Character] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OfdFile:
    """What a package holds."""

    pages: tuple[OfdPage, ...]
    attachments: tuple[str, ...]
    """Names of the files attached to it."""


# ---------------------------------------------------------------- numbers


def _numbers(words: str | None) -> list[float]:
    return [float(number) for number in _NUMBER.findall(words or "")]


def _number(element: Element, name: str, default: float) -> float:
    return next(iter(_numbers(element.get(name))), default)


def _box(words: str | None, default: Box) -> Box:
    """x y width height, as ST_Box has it, as corners."""
    numbers = _numbers(words)
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or min(numbers[2:]) < 0:
        return default
    x, y, width, height = numbers
    return (x, y, x + width, y + height)


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u
    )  # fmt: skip


def _point(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _deltas(words: str | None) -> Iterator[float]:
    """ST_Array of distances: `g 3 5.6` stands for 5.6 5.6 5.6 (11.3)."""
    tokens = iter((words or "").split())
    for token in tokens:
        if token == "g":
            count, value = next(tokens, "0"), next(tokens, "")
            for _ in range(min(int(count) if count.isdecimal() else 0, MAX_CHARACTERS)):
                yield from _numbers(value)[:1]
        else:
            yield from _numbers(token)[:1]


# ---------------------------------------------------------------- a page's objects


class _PageReader:
    """Collects what the objects of one page show."""

    def __init__(self, package: _Package, page: OfdPage, resources: _Resources) -> None:
        self._package, self._page, self._resources = package, page, resources

    def read(self, container: Element, matrix: Matrix, depth: int = 0) -> None:
        if depth > MAX_DEPTH:
            raise DamagedDocument(
                "OFD 的图元嵌套过深，可能是伪造或损坏的文件。请用 OFD 阅读器打开后另存再放回原处。"
            )
        for element in container:
            if not isinstance(element.tag, str) or element.get("Visible", "true").lower() == "false":
                continue
            self._resources.count_object()
            match etree.QName(element).localname:
                case "Layer" | "PageBlock" | "Content":
                    self.read(element, matrix, depth + 1)
                case "TextObject":
                    self._text(element, self._own(element, matrix))
                case "PathObject":
                    self._path(element, self._own(element, matrix))
                case "ImageObject":
                    self._picture(element, matrix)
                case "CompositeObject":
                    unit = self._resources.composites.get(element.get("ResourceID", ""))
                    if unit is not None:
                        self.read(unit, self._own(element, matrix), depth + 1)

    @staticmethod
    def _own(element: Element, matrix: Matrix) -> Matrix:
        """From an object's own space to points on the page."""
        left, top, _, _ = _box(element.get("Boundary"), (0.0, 0.0, 0.0, 0.0))
        own = _numbers(element.get("CTM"))
        inner: Matrix = (own[0], own[1], own[2], own[3], own[4], own[5]) if len(own) == 6 else _IDENTITY
        return _times(_times(inner, (1.0, 0.0, 0.0, 1.0, left, top)), matrix)

    def _text(self, element: Element, matrix: Matrix) -> None:
        if _number(element, "Alpha", 255) < FAINT:
            return
        a, b, c, d, _, _ = matrix
        _, top, _, bottom = _box(element.get("Boundary"), (0.0, 0.0, 0.0, 0.0))
        # The size is required, but a writer that calls it `size` is in use.
        size = _number(element, "Size", _number(element, "size", bottom - top)) * math.sqrt(
            abs(a * d - b * c)
        )
        stretch = _number(element, "HScale", 1.0)
        x = y = 0.0
        for code in element.iter("{*}TextCode"):
            x, y = _number(code, "X", x), _number(code, "Y", y)
            text = code.text or ""
            if len(self._page.characters) + len(text) > MAX_CHARACTERS:
                raise DocumentTooLarge("OFD 里的文字过多。请拆分后放回原处。")
            if size > 0 and math.isfinite(size):
                self._characters(text, code, (x, y), size, stretch, matrix)

    def _characters(
        self,
        text: str,
        code: Element,
        start: tuple[float, float],
        size: float,
        stretch: float,
        matrix: Matrix,
    ) -> None:
        """Characters of one TextCode: the first stands at `start`, each further one at its distance (11.3)."""
        across = list(islice(_deltas(code.get("DeltaX")), len(text)))
        down = list(islice(_deltas(code.get("DeltaY")), len(text)))
        scale = math.hypot(matrix[0], matrix[1]) or 1.0
        x, y = start
        upright = abs(matrix[1]) < 0.05 * scale and matrix[0] > 0
        for i, character in enumerate(text):
            nominal = (1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5) * size * stretch
            if i < len(across):
                step = across[i]
            else:
                step = across[-1] if across else 0.0 if down else nominal / scale
            to_next = step * scale
            width = to_next if 0 < to_next <= 1.05 * size else nominal
            left, base = _point(x, y, matrix)
            if math.isfinite(left) and math.isfinite(base):
                self._page.characters.append(
                    {
                        "text": character,
                        "x0": left,
                        "x1": left + max(width, 0.1),
                        "top": base - BASELINE_SHARE * size,
                        "bottom": base + (1 - BASELINE_SHARE) * size,
                        "size": size,
                        "upright": upright,
                    }
                )
            x += step
            y += down[i] if i < len(down) else down[-1] if down else 0.0

    def _path(self, element: Element, matrix: Matrix) -> None:
        stroked = element.get("Stroke", "true").lower() != "false"
        filled = element.get("Fill", "false").lower() == "true"
        data = element.findtext("{*}AbbreviatedData") or ""
        for figure in _figures(data):
            corners = [_point(x, y, matrix) for x, y in figure]
            left, right = min(x for x, _ in corners), max(x for x, _ in corners)
            top, bottom = min(y for _, y in corners), max(y for _, y in corners)
            if not all(map(math.isfinite, (left, right, top, bottom))):
                continue
            thin = THIN * POINTS_PER_MM
            if filled and min(right - left, bottom - top) <= thin < max(right - left, bottom - top):
                across, down = (left + right) / 2, (top + bottom) / 2
                wide = right - left > bottom - top
                self._rule((left, down, right, down) if wide else (across, top, across, bottom))
            elif stroked:
                for (x0, y0), (x1, y1) in pairwise(corners):
                    self._rule((x0, y0, x1, y1))

    def _rule(self, rule: Rule) -> None:
        x0, y0, x1, y1 = rule
        near = STRAIGHT * POINTS_PER_MM
        if (abs(x1 - x0) <= near) != (abs(y1 - y0) <= near) and len(self._page.rules) < MAX_RULES:
            self._page.rules.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))

    def _picture(self, element: Element, matrix: Matrix) -> None:
        location = self._resources.media.get(element.get("ResourceID", ""))
        data = self._package.read(location) if location else None
        if data:
            x0, y0, x1, y1 = _box(element.get("Boundary"), (0.0, 0.0, 0.0, 0.0))
            (left, top), (right, bottom) = _point(x0, y0, matrix), _point(x1, y1, matrix)
            self._page.pictures.append(Picture((left, top, right, bottom), data))


def _figures(data: str) -> Iterator[list[tuple[float, float]]]:
    """The strokes of a path as corners; a curve counts by its ends alone."""
    figure: list[tuple[float, float]] = []
    command = ""
    numbers: list[float] = []
    for token in (*_PATH_TOKEN.findall(data[:2_000_000]), "S"):
        if token.isalpha():
            if token in {"S", "M"} and len(figure) > 1:
                yield figure
            if token in {"S", "M"}:
                figure = []
            if token == "C" and figure:
                figure.append(figure[0])
            command, numbers = token, []
            continue
        numbers.append(float(token))
        if len(numbers) == _COUNT.get(command, 0):
            at = _END_POINT[command]
            figure.append((numbers[at], numbers[at + 1]))
            numbers = []


# ---------------------------------------------------------------- the package


@dataclass(slots=True)
class _Resources:
    media: dict[str, str]
    """Member that holds a picture, by the picture's id."""
    composites: dict[str, Element]
    objects: int = 0

    def count_object(self) -> None:
        """Composed objects may use one another, so that a small file could hold any number."""
        self.objects += 1
        if self.objects > MAX_OBJECTS:
            raise DocumentTooLarge(
                "OFD 里的图元过多，可能是伪造的文件。请用 OFD 阅读器打印成 PDF 后放回原处。"
            )


class _Package:
    """The members of the zip file, found as ST_Loc names them: from a file's folder, or from the root."""

    def __init__(self, data: bytes) -> None:
        self._package = OfficePackage(data)
        self._names = {name.lstrip("/").removeprefix("./").lower(): name for name in self._package.names}
        if any(posixpath.basename(name) == "encryptions.xml" for name in self._names):
            raise EncryptedDocument("OFD 文件有密码保护。请用 OFD 阅读器去掉密码后另存，再放回原处。")

    def find(self, folder: str, location: str) -> str:
        """The member's name; some writers leave out the slash of an address from the root. "" where there is none."""
        location = location.strip().replace("\\", "/")
        tried = [location] if location.startswith("/") else [posixpath.join(folder, location), location]
        paths = (posixpath.normpath("/" + path).lstrip("/").lower() for path in tried)
        return next((self._names[path] for path in paths if path in self._names), "")

    def read(self, name: str) -> bytes | None:
        return self._package.read(name)

    def xml(self, name: str) -> Element | None:
        return self._package.xml(name) if name else None


def _texts(element: Element | None, name: str) -> list[str]:
    """Contents of all elements of that name inside."""
    return (
        [found.text.strip() for found in element.iter(f"{{*}}{name}") if found.text]
        if element is not None
        else []
    )


def _resources(package: _Package, folder: str, document: Element) -> _Resources:
    media: dict[str, str] = {}
    composites: dict[str, Element] = {}
    for location in (*_texts(document, "PublicRes"), *_texts(document, "DocumentRes")):
        name = package.find(folder, location)
        root = package.xml(name)
        if root is None:
            continue
        base = posixpath.join(posixpath.dirname(name), root.get("BaseLoc", ""))
        for element in root.iter("{*}MultiMedia"):
            file = next(iter(_texts(element, "MediaFile")), "")
            media[element.get("ID", "")] = package.find(base, file) or package.find(folder, file)
        for element in root.iter("{*}CompositeGraphicUnit"):
            composites[element.get("ID", "")] = element
    return _Resources(media, composites)


def _pages(package: _Package, folder: str, document: Element, first: int) -> Iterator[OfdPage]:
    resources = _resources(package, folder, document)
    usual = _box(next(iter(_texts(document.find("{*}CommonData"), "PhysicalBox")), None), A4)
    templates = {
        element.get("ID", ""): package.find(folder, element.get("BaseLoc", ""))
        for element in document.iter("{*}TemplatePage")
    }
    listed = document.find("{*}Pages")
    for number, element in enumerate(listed if listed is not None else (), first):
        root = package.xml(package.find(folder, element.get("BaseLoc", "")))
        if root is None:
            continue
        if number > MAX_PAGES:
            raise DocumentTooLarge(f"OFD 超过上限 {MAX_PAGES} 页。请拆分后放回原处。")
        x0, y0, x1, y1 = _box(next(iter(_texts(root, "PhysicalBox")), None), usual)
        unit = POINTS_PER_MM
        page = OfdPage(number, (x1 - x0) * unit, (y1 - y0) * unit)
        to_points: Matrix = (unit, 0.0, 0.0, unit, -x0 * unit, -y0 * unit)
        reader = _PageReader(package, page, resources)
        under = [
            package.xml(templates.get(used.get("TemplateID", ""), "")) for used in root.findall("{*}Template")
        ]
        for source in (*under, root):
            for content in source.findall("{*}Content") if source is not None else ():
                reader.read(content, to_points)
        yield page


def open_ofd(data: bytes) -> OfdFile:
    """All pages of all documents of a package, in order.

    Raises DamagedDocument, DocumentTooLarge, EncryptedDocument.
    """
    package = _Package(data)
    root = package.xml(package.find("", "OFD.xml"))
    pages: list[OfdPage] = []
    attachments: list[str] = []
    for location in _texts(root, "DocRoot"):
        name = package.find("", location)
        document = package.xml(name)
        if document is None:
            continue
        folder = posixpath.dirname(name)
        pages += _pages(package, folder, document, len(pages) + 1)
        for listed in _texts(document, "Attachments"):
            found = package.xml(package.find(folder, listed))
            attachments += (
                [a.get("Name", "") for a in found.iter("{*}Attachment")] if found is not None else []
            )
    if not pages:
        raise DamagedDocument(
            "OFD 里没有找到页面，文件已损坏。请用 OFD 阅读器打开，另存或打印成 PDF 后放回原处。"
        )
    return OfdFile(tuple(pages), tuple(filter(None, attachments)))
