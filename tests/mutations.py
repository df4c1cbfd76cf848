"""Bytes of a real file and a random source -> bytes of a file that is almost one: deterministic for a seed."""

from __future__ import annotations

import copy
import io
import random
import re
import zipfile

from lxml import etree

_VALUES = (
    "", "0", "-1", "1", "65535", "2147483647", "-2147483648", "99999999999999999999", "1e999", "NaN", "true",
    "../../etc/passwd", "#", "{}", "%s%n", "\u202e", "甲" * 200, "_x000D_", "A1:XFD1048576", "$A$1", "none", " ",
)  # fmt: skip
"""What an attribute or a number may be replaced by."""


def mutated_bytes(data: bytes, source: random.Random) -> bytes:
    """One to five changes anywhere: bytes turned, cut, repeated, swapped, put in; numbers made extreme."""
    changed = bytearray(data)
    for _ in range(source.choice((1, 1, 2, 3, 5))):
        if not changed:
            break
        at, size = source.randrange(len(changed)), source.choice((1, 2, 16, 300))
        match source.randrange(8):
            case 0:
                changed[at] ^= 1 << source.randrange(8)
            case 1:
                changed[at : at + size] = source.randbytes(size)
            case 2:
                del changed[at : at + size]
            case 3:
                changed[at:at] = changed[at : at + size] * source.choice((1, 2, 50))
            case 4:
                other = source.randrange(len(changed))
                changed[at : at + size] = changed[other : other + size]
            case 5:
                changed = changed[: max(1, at)] if source.random() < 0.3 else changed
            case 6:
                numbers = list(re.finditer(rb"\d+", changed))
                if numbers:
                    number = source.choice(numbers)
                    changed[number.start() : number.end()] = source.choice(_VALUES).encode()
            case _:
                changed[at : at + size] = (
                    source.choice((b"\0", b"\xff", b"<", b"&", b'"', b"\n", b"(", b"[")) * size
                )
    return bytes(changed)


def mutated_lines(data: bytes, source: random.Random) -> bytes:
    """Lines dropped, repeated, swapped and cut: for formats that are lines of text."""
    lines = data.split(b"\n")
    for _ in range(source.choice((1, 2, 4))):
        at, other = source.randrange(len(lines)), source.randrange(len(lines))
        match source.randrange(5):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = mutated_bytes(lines[at], source) if lines[at] else source.randbytes(4)
            case _:
                lines[at : at + 1] = [lines[at]] * source.choice((2, 30))
    return b"\n".join(lines)


def mutated_package(data: bytes, source: random.Random) -> bytes:
    """A zip package with one or two of its XML members changed and the checksums right again.

    Mostly element by element, so that the XML stays well formed and the reader behind the parser is reached.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    names = sorted(name for name in members if name.endswith((".xml", ".rels")))
    # The members that hold the content are worth more than the themes and properties beside them.
    weights = [
        12 if re.search(r"document|sheet|slide\d|Content|content|numbering|styles\.xml$|strings", name) else 1
        for name in names
    ]
    for name in set(source.choices(names, weights, k=source.choice((1, 1, 2)))):
        kind = source.random()
        if kind < 0.04:
            del members[name]
            break
        members[name] = (mutated_bytes if kind < 0.12 else mutated_xml)(members[name], source)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def mutated_xml(data: bytes, source: random.Random) -> bytes:
    """Well-formed XML with elements dropped, repeated, moved, renamed, and attributes and texts replaced."""
    root = etree.fromstring(data, etree.XMLParser(huge_tree=True))
    for _ in range(source.choice((1, 2, 4, 8))):
        elements = [element for element in root.iter() if isinstance(element.tag, str)]
        element, other = source.choice(elements), source.choice(elements)
        parent = element.getparent()
        match source.randrange(8):
            case 0 if parent is not None:
                parent.remove(element)
            case 1 if parent is not None:
                for _ in range(source.choice((1, 3, 40))):
                    parent.append(copy.deepcopy(element))
            case 2 if (
                parent is not None
                and other not in element.iterancestors()
                and element not in other.iterancestors()
            ):
                if element is not other:
                    other.append(element)
            case 3:
                element.tag = other.tag
            case 4 | 5 if element.attrib:
                element.set(source.choice(list(element.attrib)), source.choice(_VALUES))
            case 6 if element.attrib:
                del element.attrib[source.choice(list(element.attrib))]
            case _:
                element.text = source.choice((*_VALUES[:-8], "甲|乙\n丙", "一、", "\t"))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
