"""An archive or an e-mail -> a FilePart for each document in it; its members are read by `read_bytes`."""

from __future__ import annotations

import io
import mimetypes
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import cast

from bot.datamodels import Converted, FilePart
from bot.documents.charset import decode_text
from bot.documents.leftovers import is_leftover
from bot.documents.sniffing import FileKind, sniff
from bot.errors import DamagedDocument, DocumentError, DocumentTooLarge, EmptyDocument

MAX_DEPTH = 3
"""Containers inside one another: a zip in an e-mail in a zip."""
MAX_MEMBERS = 500
MAX_MEMBER_BYTES = 50 << 20
MAX_TOTAL_BYTES = 200 << 20
"""Of all members, nested ones included, as unpacked."""
MAX_NAME_CHARACTERS = 80
"""Of each part of a member's path."""

_CONTAINERS = {FileKind.ZIP, FileKind.EML}
_BODY_NAME = "邮件正文.txt"
_TOO_LARGE = f"解压后超过上限 {MAX_MEMBER_BYTES >> 20} MB，没有读取。请解压核对，拆分后放回原处。"
_TOO_DEEP = f"压缩包或邮件嵌套超过 {MAX_DEPTH} 层，没有读取。请解压后放回原处。"


@dataclass(frozen=True, slots=True)
class _Member:
    """Something inside a container."""

    name: str
    """A safe path for display."""
    data: bytes = b""
    converted: Converted | None = None
    """Its text where the container itself told it, as of an e-mail's body."""
    error: str = ""
    note: str = ""
    """What the receipt says of its name."""


@dataclass(slots=True)
class _Budget:
    """What is left of the limits of the outermost container, nested members included."""

    members: int
    bytes: int

    @property
    def spent(self) -> bool:
        return self.members < 0 or self.bytes < 0

    def take(self, size: int) -> str:
        """Counts one member of so many bytes; the error to report where that is over a limit."""
        self.members -= 1
        self.bytes -= size
        if self.members < 0:
            return f"里面的文件超过 {MAX_MEMBERS} 个，从这个起没有读取。请拆分后放回原处。"
        if self.bytes < 0:
            return (
                f"里面的内容解压后超过 {MAX_TOTAL_BYTES >> 20} MB（可能是压缩炸弹），从这个起没有读取。"
                "请解压核对，把需要的文件分别放回原处。"
            )
        return ""


def read_zip(data: bytes) -> tuple[FilePart, ...]:
    """A part for each document of a zip archive, in the archive's order; nested archives are opened too.

    A member that cannot be read is a part with its error. Raises DamagedDocument where the archive does
    not open, EmptyDocument where it holds no document.
    """
    return _all_parts(FileKind.ZIP, data)


def read_eml(data: bytes) -> tuple[FilePart, ...]:
    """A part for an e-mail's body, where that says more than a greeting, and one for each attachment.

    A saved web page (.mht, also under Word's name .doc) is one part without a name. Raises as `read_zip`.
    """
    return _all_parts(FileKind.EML, data)


def _all_parts(kind: FileKind, data: bytes) -> tuple[FilePart, ...]:
    parts = tuple(_parts(kind, data, _Budget(MAX_MEMBERS, MAX_TOTAL_BYTES), 1))
    if not parts:
        raise EmptyDocument("里面没有可读的文件。请检查内容，或把需要的文件直接放进文件夹。")
    return parts


def _parts(kind: FileKind, data: bytes, budget: _Budget, depth: int) -> Iterator[FilePart]:
    members = _zip_members(data, budget) if kind is FileKind.ZIP else _mail_members(data, budget, depth)
    for member in _distinctly_named(members):
        if member.error or member.converted:
            yield FilePart(member.name, member.converted, member.error)
        else:
            yield from (_noted(part, member.note) for part in _member_parts(member, budget, depth))
        if budget.spent:
            return


def _member_parts(member: _Member, budget: _Budget, depth: int) -> Iterator[FilePart]:
    """The parts of one member; whatever is wrong with it stays with it, so that the others go on."""
    from bot.documents import read_bytes  # it knows all readers, this one among them

    parts: Iterable[FilePart]
    try:
        kind = sniff(member.data, _suffix(member.name))
        if kind not in _CONTAINERS:
            parts = read_bytes(member.data, member.name)
        elif depth == MAX_DEPTH:
            raise DocumentTooLarge(_TOO_DEEP)
        else:
            parts = list(_parts(kind, member.data, budget, depth + 1))
    except DocumentError as error:
        parts = [FilePart("", None, str(error))]
    except (MemoryError, RecursionError):
        parts = [FilePart("", None, "文件过大或嵌套过深，没有读取。请用原软件打开，拆分或另存后放回原处。")]
    for part in parts:
        yield replace(part, name="/".join(filter(None, (member.name, part.name))))


def _noted(part: FilePart, note: str) -> FilePart:
    if not note:
        return part
    if part.converted is None:
        return replace(part, error=f"{part.error}{note}")
    return replace(part, converted=replace(part.converted, warnings=(note, *part.converted.warnings)))


# ---------------------------------------------------------------- names


def _suffix(name: str) -> str:
    base = name.rpartition("/")[2]
    return "." + base.rpartition(".")[2].lower() if "." in base else ""


def safe_path(name: str) -> str:
    """A member's name as a path that can be shown and stays inside its container.

    Without drive letters, `..`, control and direction characters; each part at most MAX_NAME_CHARACTERS
    long, its suffix kept. Never empty.
    """
    parts = []
    for part in re.sub(r"^[A-Za-z]:", "", name.replace("\\", "/")).split("/"):
        clean = "".join(c for c in part if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
        clean = clean.strip()
        if clean in {"", ".", ".."}:
            continue
        if len(clean) > MAX_NAME_CHARACTERS:
            suffix = _suffix(clean)[:10]
            clean = clean[: MAX_NAME_CHARACTERS - len(suffix) - 1] + "…" + suffix
        parts.append(clean)
    return "/".join(parts[:4] + ["…"] * (len(parts) > 8) + parts[4:][-4:]) or "未命名"


def _name_note(name: str, shown: str) -> str:
    """What the receipt says where a name was not fit to be shown."""
    if name.replace("\\", "/") == shown:
        return ""
    return f"文件名不规范（含路径、控制字符或过长），按“{shown}”收录。"


def _distinctly_named(members: Iterable[_Member]) -> Iterator[_Member]:
    seen: set[str] = set()
    for member in members:
        name, again = member.name, 2
        while name in seen:
            stem, dot, suffix = member.name.rpartition(".")
            name = f"{stem}（{again}）{dot}{suffix}" if dot else f"{member.name}（{again}）"
            again += 1
        seen.add(name)
        yield replace(member, name=name)


# ---------------------------------------------------------------- zip

_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_UNICODE_PATH = 0x7075
"""Extra field with the name in UTF-8 (PKWARE APPNOTE.TXT 4.6.9)."""


def _zip_members(data: bytes, budget: _Budget) -> Iterator[_Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DamagedDocument("压缩包不完整或已损坏。请重新下载，或解压后把文件分别放回原处。") from error
    with archive:
        infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
        for info, name in zip(infos, _zip_names(infos), strict=True):
            shown = safe_path(name)
            if any(is_leftover(part) for part in shown.split("/")):
                continue
            yield replace(_unpacked(archive, info, shown, budget), note=_name_note(name, shown))
            if budget.spent:
                return


def _zip_names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """The members' names. Those without the UTF-8 mark are in the maker's own code page, in China GBK.

    All of an archive are in one code page, so that it is decided once: a short GBK name may pass for UTF-8.
    """
    raw = {
        i: info.orig_filename.encode("cp437")
        for i, info in enumerate(infos)
        if not info.flag_bits & _UTF8_FLAG and not info.orig_filename.isascii()
    }
    code_page = next((c for c in ("utf-8", "gb18030") if _decodes(raw.values(), c)), "cp437")
    return [
        _unicode_path(info.extra) or (raw[i].decode(code_page) if i in raw else info.orig_filename)
        for i, info in enumerate(infos)
    ]


def _decodes(names: Iterable[bytes], code_page: str) -> bool:
    try:
        for name in names:
            name.decode(code_page)
    except UnicodeDecodeError:
        return False
    return True


def _unicode_path(extra: bytes) -> str:
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == _UNICODE_PATH and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return ""


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: _Budget) -> _Member:
    if info.flag_bits & _ENCRYPTED_FLAG:
        return _Member(name, error="压缩包里的这个文件有密码保护。请去掉密码，解压后放回原处。")
    if stat.S_ISLNK(info.external_attr >> 16):
        return _Member(name, error="压缩包里的这一项是链接，没有读取。请放入文件本身。")
    limit = min(MAX_MEMBER_BYTES, budget.bytes)
    try:
        with archive.open(info) as file:
            data = file.read(limit + 1)
    except (NotImplementedError, RuntimeError) as error:
        return _Member(name, error=f"压缩方式不能识别（{error}）。请解压后把文件放回原处。")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
        return _Member(name, error="压缩包里的这个文件已损坏。请重新下载，或解压后放回原处。")
    if refusal := budget.take(len(data)):
        return _Member(name, error=refusal)
    if len(data) > MAX_MEMBER_BYTES:
        return _Member(name, error=_TOO_LARGE)
    return _Member(name, data)


# ---------------------------------------------------------------- e-mail

_CHINESE_LABEL = re.compile(
    rb"(=\?|charset\s*=\s*[\"']?|\*0?\*?=\s*[\"']?)(?:gb_?2312(?:-80)?|x-gbk|gbk|cp936|ms936|hz-gb-2312)(?=[?\"'\s;]|$)",
    re.IGNORECASE | re.MULTILINE,
)
"""Labels under which mail programs send GBK; Python's own gb2312 decoder refuses the characters beyond it."""
_PAGE_SAVER = re.compile(r"<saved by|由\s*windows|saved by windows", re.IGNORECASE)
_LOGO_BYTES = 60_000
"""Bytes under which a picture shown in a body is a logo, not a scanned page."""
_REPLY_MARK = re.compile(r"^(?:(?:re|fw|fwd|回复|答复|转发)\s*[:：]\s*)+", re.IGNORECASE)
_COURTESY = re.compile(
    r"各位|你好|您好|大家好|尊敬的|老师|领导|同事|同仁|谢谢|感谢|此致|敬礼|祝好|顺祝|商祺|请?(?:查收|查阅|知悉|见|收)附件"
    r"|附件(?:请)?(?:查收|查阅|是|为|见)|如附件|发自我的|sent from|regards|hello|hi\b|dear",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"电话|手机|传真|邮箱|邮编|地址|网址|微信|qq|@|https?:|\d{7}", re.IGNORECASE)
_SAYS_SOMETHING = 24
"""Characters besides courtesies and signature that make a body a document of its own."""


def _mail_members(data: bytes, budget: _Budget, depth: int) -> Iterator[_Member]:
    message = BytesParser(policy=policy.default).parsebytes(_CHINESE_LABEL.sub(rb"\1gb18030", data))
    if _is_saved_page(message):
        yield _saved_page(message)
    else:
        yield from _message_members(message, budget, depth)


def _is_saved_page(message: EmailMessage) -> bool:
    """True for a web page in one file: browsers and Word write it as a message that nobody sent."""
    sender = _raw_header(message, "From")
    sent = any(name in message for name in ("To", "Received", "Message-ID"))
    is_page = message.get_content_type() in {"multipart/related", "text/html"}
    return is_page and (not (sender or sent) or bool(_PAGE_SAVER.search(sender)))


def _saved_page(message: EmailMessage) -> _Member:
    page = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if page is None:
        raise DamagedDocument("网页归档里没有网页。请在浏览器里打开后另存为 .html 放回原处。")
    return _Member("", converted=_read_text(_as_utf8(page), "网页.html"))


def _message_members(message: EmailMessage, budget: _Budget, depth: int) -> Iterator[_Member]:
    """The members of a message; those of a message that is attached to it stand under its name."""
    body = _body(message)
    if body is not None:
        yield from _body_member(message, body, budget)
    for number, part in enumerate(_attachments(message, body), 1):
        if budget.spent:
            return
        attached = part.get_payload(0) if part.get_content_type() == "message/rfc822" else None
        if isinstance(attached, EmailMessage):
            shown = safe_path(_file_name(part) or f"{_subject(attached) or f'邮件{number}'}.eml")
            if depth == MAX_DEPTH:
                yield _Member(shown, error=_TOO_DEEP)
                continue
            for member in _message_members(attached, budget, depth + 1):
                yield replace(member, name=f"{shown}/{member.name}")
            continue
        name = _file_name(part) or f"附件{number}{mimetypes.guess_extension(part.get_content_type()) or ''}"
        shown = safe_path(name)
        if is_leftover(shown.rpartition("/")[2]):
            continue
        content = _payload(part)
        error = budget.take(len(content)) or (_TOO_LARGE if len(content) > MAX_MEMBER_BYTES else "")
        yield _Member(shown, b"" if error else content, error=error, note=_name_note(name, shown))


def _body(message: EmailMessage) -> EmailMessage | None:
    """The body to read: HTML where there is one, for its tables."""
    try:
        body = message.get_body(("html", "plain", "related"))
    except (KeyError, ValueError, AttributeError):  # headers of several parts over a single one
        return None
    if body is not None and body.get_content_maintype() != "text":
        body = next((part for part in body.walk() if part.get_content_type() == "text/html"), None)
    return body if isinstance(body, EmailMessage) else None


def _attachments(message: EmailMessage, body: EmailMessage | None) -> Iterator[EmailMessage]:
    """What hangs on a message; its bodies in other forms and the logos shown in them are left out."""
    for part in _leaves(message):
        attached = part.get_content_disposition() == "attachment"
        if part is body or (part.get_content_maintype() == "text" and not (attached or _file_name(part))):
            continue
        logo = part.get_content_maintype() == "image" and "Content-ID" in part and not attached
        if not (logo and len(_payload(part)) < _LOGO_BYTES):
            yield part


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts of a message that hold something; an attached message is one of them."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.iter_parts():
            yield from _leaves(cast(EmailMessage, part))
    else:
        yield message


def _payload(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _as_utf8(part: EmailMessage) -> bytes:
    """A text part in UTF-8 with its mark, which goes before any label inside a page."""
    return b"\xef\xbb\xbf" + decode_text(_payload(part), part.get_content_charset("")).text.encode(
        "utf-8", "replace"
    )


def _read_text(data: bytes, name: str) -> Converted:
    """Raises the DocumentError of a text or page that cannot be read."""
    from bot.documents import read_bytes

    (part,) = read_bytes(data, name)
    if part.converted is None:
        raise EmptyDocument(part.error)
    return part.converted


def _body_member(message: EmailMessage, body: EmailMessage, budget: _Budget) -> Iterator[_Member]:
    """The body under the message's subject; nothing where it only points to its attachments."""
    try:
        converted = _read_text(
            _as_utf8(body), "邮件.html" if body.get_content_subtype() == "html" else "邮件.txt"
        )
    except DocumentError:  # an empty body, or nothing that is text
        return
    if error := budget.take(len(converted.text)):
        yield _Member(_BODY_NAME, error=error)
    elif _says_something(converted.text):
        subject = _subject(message)
        heading = f"# {subject}\n\n" if subject and subject not in converted.text[:300] else ""
        places = tuple(replace(place, start=place.start + len(heading)) for place in converted.places)
        yield _Member(_BODY_NAME, converted=replace(converted, text=heading + converted.text, places=places))


def _says_something(text: str) -> bool:
    """Whether a body holds more than courtesies, a pointer to its attachments and a signature."""
    clauses = (clause.strip() for clause in re.split(r"[。！!？?，,；;\n]", text))
    said = [c for c in clauses if len(c) > 7 and not (_COURTESY.search(c) or _SIGNATURE.search(c))]
    return sum(map(len, said)) >= _SAYS_SOMETHING


def _subject(message: EmailMessage) -> str:
    return _REPLY_MARK.sub("", _header_words(message, "Subject")).strip()


def _raw_header(part: EmailMessage, name: str) -> str:
    return next((str(value) for key, value in part.raw_items() if key.lower() == name.lower()), "")


def _header_words(part: EmailMessage, name: str) -> str:
    """A header decoded; raw bytes in it, which no standard allows, are read as a Chinese text's."""
    raw = _raw_header(part, name)
    if re.search("[\udc80-\udcff]", raw):
        data = re.sub(r"\r?\n(?=\s)", "", raw).encode("utf-8", "surrogateescape")
        return decode_text(data).text
    return str(part.get(name, ""))


def _file_name(part: EmailMessage) -> str:
    """The name that a part was attached under; empty where it has none."""
    for header, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        words = _header_words(part, header)
        if not words.isascii() and (
            match := re.search(rf'{parameter}\s*=\s*"?([^";]+)', words, re.IGNORECASE)
        ):
            return match[1].strip()
    return part.get_filename("") or ""
