"""The only module that opens Office zip packages: bounded, without DTDs, never trusting a declared size."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass

from lxml import etree

from bot.errors import DamagedDocument, DocumentTooLarge

MAX_MEMBERS = 5_000
MAX_MEMBER_BYTES = 48 << 20
MAX_TOTAL_BYTES = 160 << 20

OFFICE_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_NAMESPACES = (
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", OFFICE_RELATIONSHIPS.encode()),
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    ),
)
"""ISO 29500 Strict writes other namespace names for the same elements."""

_DAMAGED = "文件不完整或已损坏，里面的“{}”读不出来。请重新下载，或用原软件打开后另存再放回原处。"


@dataclass(frozen=True, slots=True)
class Relationship:
    kind: str
    """Last part of the relationship's type: hyperlink, header, footnotes, worksheet ..."""
    target: str
    """Member name in the package, or an address where `external`."""
    external: bool


class OfficePackage:
    """Members of a .docx or .xlsx. Every method raises DamagedDocument or DocumentTooLarge."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise DamagedDocument(_DAMAGED.format("目录")) from error
        self._names = set(self._archive.namelist())
        self._bytes_read = 0
        if len(self._names) > MAX_MEMBERS:
            raise DocumentTooLarge(
                f"文件内含 {len(self._names)} 个部件，超过上限 {MAX_MEMBERS} 个。请拆分后放回原处。"
            )

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._names)

    def read(self, name: str) -> bytes | None:
        """Bytes of a member; None where the package has none of this name."""
        if name not in self._names:
            return None
        try:
            with self._archive.open(name) as member:
                data = member.read(MAX_MEMBER_BYTES + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise DamagedDocument(_DAMAGED.format(name)) from error
        self._bytes_read += len(data)
        if len(data) > MAX_MEMBER_BYTES or self._bytes_read > MAX_TOTAL_BYTES:
            raise DocumentTooLarge(
                f"文件解压后过大（“{name}”处超过上限），可能是压缩炸弹。请用原软件打开核对，拆分后放回原处。"
            )
        return data

    def xml(self, name: str) -> etree._Element | None:
        """Root element of an XML member; None where the package has none of this name."""
        data = self.read(name)
        if data is None:
            return None
        for strict, transitional in _STRICT_NAMESPACES:
            data = data.replace(strict, transitional)
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        if b"<!ENTITY" in data[:65536].upper():
            raise DamagedDocument(
                f"文件的“{name}”含有外部实体定义，为安全起见不予读取。请用 Word、Excel 或 WPS 打开后另存。"
            )
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise DamagedDocument(_DAMAGED.format(name)) from error
        if root.getroottree().docinfo.doctype:
            raise DamagedDocument(
                f"文件的“{name}”含有 DTD，为安全起见不予读取。请用 Word、Excel 或 WPS 打开后另存。"
            )
        return root

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Relationships of a member by id; `part` is "" for the package itself."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, Relationship] = {}
        for element in root if root is not None else ():
            target, external = element.get("Target", ""), element.get("TargetMode") == "External"
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[element.get("Id", "")] = Relationship(
                element.get("Type", "").rpartition("/")[2], target, external
            )
        return found

    def main_part(self, usual: str) -> str:
        """Name of the part that the package names as its document, else `usual`."""
        targets = [r.target for r in self.relationships("").values() if r.kind == "officeDocument"]
        return next((target for target in targets if target in self._names), usual)
