"""The only module that runs LibreOffice: .doc, .wps, .ppt, .rtf, .odt, .odp -> .docx or .pptx -> Markdown.

Also .xls -> .xlsx, for number formats.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from bot.datamodels import Converted
from bot.documents.rtf import write_out_numbers
from bot.documents.sniffing import FileKind
from bot.errors import DamagedDocument, DocumentTooLarge, UnsupportedFormat

CONVERSION_SECONDS = 45
"""Wall time of one conversion; one takes 1 to 2 s."""

_TARGETS: dict[FileKind, tuple[str, str]] = {
    FileKind.DOC: ("docx", "docx:MS Word 2007 XML"),
    FileKind.RTF: ("docx", "docx:MS Word 2007 XML"),
    FileKind.ODT: ("docx", "docx:MS Word 2007 XML"),
    FileKind.PPT: ("pptx", "pptx:Impress MS PowerPoint 2007 XML"),
    FileKind.XLS: ("xlsx", "xlsx:Calc MS Excel 2007 XML"),
    FileKind.ODP: ("pptx", "pptx:Impress MS PowerPoint 2007 XML"),
}
"""Suffix and LibreOffice's export filter. Never its text or PDF: those print tracked deletions and restart 第X条."""

_MAC_PROGRAM = "/Applications/LibreOffice.app/Contents/MacOS/soffice"
_INSTALL: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"debian", "ubuntu"}),
        "sudo apt install --no-install-recommends libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
    ),
    (
        frozenset({"fedora", "rhel", "centos"}),
        "sudo dnf install libreoffice-writer libreoffice-calc libreoffice-impress",
    ),
    (
        frozenset({"suse", "opensuse"}),
        "sudo zypper install libreoffice-writer libreoffice-calc libreoffice-impress",
    ),
    (frozenset({"arch"}), "sudo pacman -S libreoffice-still"),
    (frozenset({"alpine"}), "sudo apk add libreoffice-writer libreoffice-calc libreoffice-impress"),
)
_INSTALL_ELSEWHERE = {
    "Darwin": "brew install --cask libreoffice",
    "Windows": "winget install TheDocumentFoundation.LibreOffice",
}
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
{items}</oor:items>
"""
_ITEM = '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
_VALUES: tuple[tuple[str, str, str], ...] = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
"""No macro runs, no link is followed, and where the system could not take the network away, a dead proxy does."""


def find_program() -> str | None:
    """LibreOffice's program; None where it is not installed."""
    known = shutil.which("soffice") or shutil.which("libreoffice")
    return known or (_MAC_PROGRAM if Path(_MAC_PROGRAM).exists() else None)


def install_command(system: str, os_release: str) -> str:
    """The command that installs LibreOffice; empty where none is known.

    `system` as platform.system() gives it, `os_release` the content of /etc/os-release (freedesktop.org's
    os-release: ID and ID_LIKE name the distribution and those that it descends from).
    """
    if system in _INSTALL_ELSEWHERE:
        return _INSTALL_ELSEWHERE[system]
    fields = dict(line.split("=", 1) for line in os_release.split("\n") if "=" in line)
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").replace("-", " ").split()
    return next((command for family, command in _INSTALL if family & set(names)), "")


def _how_to_install() -> str:
    release = Path("/etc/os-release")
    command = install_command(
        platform.system(), release.read_text(encoding="utf-8") if release.exists() else ""
    )
    return f"请运行 {command} 安装" if command else "请安装 LibreOffice"


@cache
def _profile() -> tempfile.TemporaryDirectory[str]:
    """LibreOffice's profile for this process: nothing of the user's, and gone with the process."""
    folder = tempfile.TemporaryDirectory(prefix="libreoffice-", ignore_cleanup_errors=True)
    user = Path(folder.name, "user")
    user.mkdir()
    items = "".join(_ITEM.format(path=path, name=name, value=value) for path, name, value in _VALUES)
    (user / "registrymodifications.xcu").write_text(_SETTINGS.format(items=items), encoding="utf-8")
    return folder


def convert_office(data: bytes, kind: FileKind) -> bytes:
    """The same document as .docx, .pptx or .xlsx.

    Raises UnsupportedFormat where LibreOffice is not installed, with the command that installs it,
    DocumentTooLarge where it takes too long, DamagedDocument where it makes nothing of the file.
    """
    program = find_program()
    if program is None:
        raise UnsupportedFormat(
            f"读取 .{kind.value} 格式需要 LibreOffice。{_how_to_install()}，再重新更新；"
            f"或用 Word、WPS 打开，另存为 .{_TARGETS[kind][0]} 后放回原处。"
        )
    suffix, target = _TARGETS[kind]
    with tempfile.TemporaryDirectory(prefix="conversion-", ignore_cleanup_errors=True) as folder:
        source, made = Path(folder, f"document.{kind.value}"), Path(folder, "out", f"document.{suffix}")
        source.write_bytes(data)
        command = [program, f"-env:UserInstallation={Path(_profile().name).as_uri()}", "--headless"]
        command += ["--norestore", "--nolockcheck", "--nodefault", "--convert-to", target]
        command += ["--outdir", str(made.parent), str(source)]
        try:
            # Into a file, not a pipe: what LibreOffice leaves running when it is stopped would hold a pipe open.
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=CONVERSION_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DocumentTooLarge(
                f"LibreOffice 转换超过 {CONVERSION_SECONDS} 秒仍未完成，已停止。"
                f"请用 Word 或 WPS 打开，另存为 .{suffix} 后放回原处。"
            ) from error
        # It ends with status 0 also where it wrote nothing.
        if not made.exists() or not made.stat().st_size:
            missing = f"或没有安装 LibreOffice Impress（{_how_to_install()}）" if suffix == "pptx" else ""
            raise DamagedDocument(
                f"LibreOffice 打不开这个文件，可能已损坏{missing}。"
                f"请用 Word 或 WPS 打开，另存为 .{suffix} 后放回原处。"
            )
        return made.read_bytes()


def read_office(data: bytes, kind: FileKind) -> Converted:
    """A .doc, .rtf, .odt, .ppt or .odp as Markdown, by way of .docx or .pptx. Raises as `convert_office`."""
    made = convert_office(write_out_numbers(data) if kind is FileKind.RTF else data, kind)
    if _TARGETS[kind][0] == "docx":
        from bot.documents.docx import read_docx

        return read_docx(made)
    from bot.documents.slides import read_pptx

    return read_pptx(made)
