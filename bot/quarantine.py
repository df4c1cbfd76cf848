"""An uploaded file -> quarantine -> the knowledge folder, and back again: files and folders only, no index.

```
VAR_DIR/
  uploads/<id>/upload.json   who sent what, for which notice, how far it is; rewritten in one step
  uploads/<id>/files/        the files as sent, under safe names
  replaced/<day>-<id>/…      what a published upload has replaced, under its path in the knowledge folder
```

Whatever happens in between (a crash, a full disk), each file is whole, and the record tells what remains
to be done: `place` and `put_back` can be repeated until they succeed.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from bot.documents.leftovers import is_leftover
from bot.documents.library import FAQ_FOLDER
from bot.errors import UploadError
from bot.hashes import file_sha256
from bot.records import record_from_json, record_to_json

UPLOADS, REPLACED, RECORD, FILES = "uploads", "replaced", "upload.json", "files"
STAGING, STAGING_SECONDS = "staging-", 3600.0
NAME_BYTES: Final = 200
"""Of a file's or a folder's name in UTF-8; file systems take 255, and temporary names are longer."""
SUFFIX_BYTES: Final = 20
MAX_FILES: Final = 50
"""Of one upload."""

_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|]')
"""What Windows does not take in a name: the knowledge folder may be a shared one."""
_WINDOWS_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_ID: Final = re.compile(r"[0-9a-f]{8}")


class UploadState(StrEnum):
    RECEIVED = "received"
    """In quarantine; the knowledge folder knows nothing of it."""
    PLACING = "placing"
    """On its way into the knowledge folder: may be there in part, and the index may not know it yet."""
    PUBLISHED = "published"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class UploadedFile:
    name: str
    """Safe to use as a file's name."""
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one file of an upload goes. Paths are relative to the knowledge folder, with forward slashes."""

    name: str
    """Of the uploaded file."""
    path: str
    replaces: str = ""
    """Path of the file that makes room for it; empty where none does."""
    kept: str = ""
    """Where that one is kept, relative to the folder `replaced/`."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that one person sent together for one notice."""

    id: str
    by: str
    """Who sent it, as the audit names people: `telegram:7`."""
    by_name: str
    received_at: datetime
    files: tuple[UploadedFile, ...] = ()
    notice_id: str = ""
    """Folder under the knowledge folder; empty until it is chosen."""
    replaces: str = ""
    """Path of a file of another name that the (single) file replaces, relative to the notice's folder."""
    state: UploadState = UploadState.RECEIVED
    placements: tuple[Placement, ...] = ()
    made_folder: bool = False
    """Whether the notice's folder was made for this upload."""
    version_before: str = ""
    """Index version that was current before it was published."""
    version_after: str = ""

    @property
    def pending(self) -> bool:
        """Whether somebody still has to decide about it."""
        return self.state in {UploadState.RECEIVED, UploadState.PLACING}


# ---------------------------------------------------------------- names


def safe_file_name(name: str) -> str:
    """The last part of the name, free of control characters and of what file systems refuse, and not too long.

    Never empty, hidden or `..`; the suffix stays, so that two different names rarely become one.
    """
    base = _clean(re.split(r"[\\/]", name)[-1])
    stem, dot, suffix = base.rpartition(".")
    if not stem or len(suffix.encode()) > SUFFIX_BYTES:
        stem, dot, suffix = base, "", ""
    room = NAME_BYTES - len((dot + suffix).encode())
    return _not_reserved(_cut(stem, room).rstrip(". ") or "文件") + dot + suffix


def safe_folder_name(title: str) -> str:
    """A folder's name for a notice of this title; never empty, hidden, or the folder of FAQ entries."""
    name = _cut(_clean(_FORBIDDEN.sub("_", title)), NAME_BYTES).rstrip(". ") or "新通知"
    return f"{name}_" if name.casefold() == FAQ_FOLDER else _not_reserved(name)


def _clean(name: str) -> str:
    """In composed form, without control, format and unassigned characters, forbidden signs as `_`."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(char for char in composed if unicodedata.category(char)[0] != "C")
    return _FORBIDDEN.sub("_", " ".join(visible.split())).lstrip(".~$ ").rstrip(". ")


def _cut(name: str, limit: int) -> str:
    return name.encode()[:limit].decode(errors="ignore")


def _not_reserved(name: str) -> str:
    return f"_{name}" if _WINDOWS_DEVICES.fullmatch(name) else name


def _same_name(one: str, other: str) -> bool:
    """Whether a shared folder could take two names for one."""
    return unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold()


# ---------------------------------------------------------------- the quarantine


class Quarantine:
    """Uploads that wait for a decision, and the way of their files into the knowledge folder. Thread-safe."""

    def __init__(self, var: Path, knowledge: Path) -> None:
        self._uploads = var / UPLOADS
        self._replaced = var / REPLACED
        self._knowledge = knowledge
        self._lock = threading.RLock()
        for folder in self._uploads.glob(f"{STAGING}*"):
            if time.time() - folder.stat().st_mtime > STAGING_SECONDS:  # a process ended in the middle
                shutil.rmtree(folder, ignore_errors=True)

    # ------------------------------------------------------------ coming in

    def open(self, by: str, by_name: str, at: datetime) -> Upload:
        """A new upload without files. Raises UploadError where the disk refuses."""
        upload = Upload(secrets.token_hex(4), by, by_name, at)
        with self._lock, _disk_errors():
            (self._folder(upload.id) / FILES).mkdir(parents=True)
            self._save(upload)
        return upload

    def add(self, upload_id: str, name: str, data: bytes) -> Upload:
        """The upload with one more file; a second one of the same name gets a number.

        Raises UploadError where the upload is decided already or full, or the disk refuses.
        """
        with self._lock, _disk_errors():
            upload = self.get(upload_id)
            if upload is None or upload.state is not UploadState.RECEIVED:
                raise UploadError("这批文件已经处理完了。请把文件重新发一遍。")
            if len(upload.files) >= MAX_FILES:
                raise UploadError(f"一次最多收 {MAX_FILES} 个文件，其余没有收下。请分几次发。")
            path = _free_name(self._folder(upload_id) / FILES / safe_file_name(name))
            _write(path, data)
            file = UploadedFile(path.name, len(data), file_sha256(path))
            return self._save(replace(upload, files=(*upload.files, file)))

    def choose(self, upload_id: str, notice_id: str, replaces: str = "") -> Upload:
        """The upload, meant for this notice's folder. Raises UploadError where it is decided already."""
        with self._lock, _disk_errors():
            upload = self._received(upload_id)
            known = notice_id in self.folders()
            there = not replaces or (known and replaces in self.files_of(notice_id))
            if not there or not (known or notice_id == safe_folder_name(notice_id)):
                raise UploadError("这个文件夹或文件已经不在了。请重新选择。")
            return self._save(replace(upload, notice_id=notice_id, replaces=replaces))

    def get(self, upload_id: str) -> Upload | None:
        if not _ID.fullmatch(upload_id):
            return None
        try:
            return record_from_json(Upload, (self._folder(upload_id) / RECORD).read_text("utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def all(self) -> tuple[Upload, ...]:
        """Every upload there is a record of, oldest first."""
        found = (self.get(path.parent.name) for path in self._uploads.glob(f"*/{RECORD}"))
        return tuple(sorted((u for u in found if u), key=lambda u: (u.received_at, u.id)))

    def pending(self) -> tuple[Upload, ...]:
        """Uploads with files that nobody has decided about, oldest first."""
        return tuple(upload for upload in self.all() if upload.pending and upload.files)

    def discard(self, upload_id: str) -> Upload:
        """Deletes the files in quarantine. Raises UploadError where they are in the knowledge folder."""
        with self._lock, _disk_errors():
            upload = self._received(upload_id)
            shutil.rmtree(self._folder(upload_id) / FILES, ignore_errors=True)
            return self._save(replace(upload, state=UploadState.DISCARDED))

    # ------------------------------------------------------------ the knowledge folder

    def folders(self) -> tuple[str, ...]:
        """Names of the notices' folders, by name; a link to a folder is none."""
        if not self._knowledge.is_dir():
            return ()
        names = (path.name for path in self._knowledge.iterdir() if path.is_dir() and not path.is_symlink())
        return tuple(sorted(n for n in names if not n.startswith((".", "~$")) and n.casefold() != FAQ_FOLDER))

    def files_of(self, notice_id: str) -> tuple[str, ...]:
        """Paths of a notice's files relative to its folder, by name; hidden ones left out."""
        folder = self._knowledge / notice_id
        paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return tuple(sorted(p.as_posix() for p in paths if not any(map(is_leftover, p.parts))))

    def placements(self, upload: Upload) -> tuple[Placement, ...]:
        """Where each file would go now: over a file of the same name wherever it lies in the notice's folder."""
        existing = self.files_of(upload.notice_id)
        placed = []
        for file in upload.files:
            same = [path for path in existing if _same_name(PurePosixPath(path).name, file.name)]
            old = same[0] if len(same) == 1 else next((p for p in same if "/" not in p), "")
            path = old or file.name
            if upload.replaces and not old:
                old = upload.replaces
                path = (PurePosixPath(old).parent / file.name).as_posix()
            within = f"{upload.notice_id}/"
            placed.append(Placement(file.name, within + path, within + old if old else ""))
        return tuple(placed)

    @contextmanager
    def staged(self, upload: Upload) -> Iterator[Path]:
        """A knowledge folder of this one notice as it would be; the real one stays as it is."""
        with TemporaryDirectory(prefix=STAGING, dir=self._uploads) as folder, _disk_errors():
            staging = Path(folder)
            home = staging / upload.notice_id
            if (self._knowledge / upload.notice_id).is_dir():
                shutil.copytree(self._knowledge / upload.notice_id, home, symlinks=True)
            for placement in self.placements(upload):
                if placement.replaces:
                    (staging / placement.replaces).unlink()
                target = staging / placement.path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._folder(upload.id) / FILES / placement.name, target)
            yield staging

    # ------------------------------------------------------------ going in and coming back

    def place(self, upload_id: str, version_before: str) -> Upload:
        """Moves the files into the knowledge folder, each in one step; what they replace is kept.

        May be repeated after an interruption. Raises UploadError where it is decided already or the disk
        refuses; then nothing is lost, and `put_back` undoes what has been done.
        """
        with self._lock, _disk_errors():
            upload = self.get(upload_id)
            if upload is None or not upload.pending or not upload.notice_id:
                raise UploadError("这批文件已经处理过了，或还没有选定放进哪一份通知。")
            if upload.state is UploadState.RECEIVED:
                placements = tuple(self._keep(upload, each) for each in self.placements(upload))
                new = not (self._knowledge / upload.notice_id).is_dir()
                upload = self._save(
                    replace(
                        upload,
                        state=UploadState.PLACING,
                        placements=placements,
                        made_folder=new,
                        version_before=version_before,
                    )
                )
            for placement in upload.placements:
                source = self._folder(upload_id) / FILES / placement.name
                if source.is_file():
                    self._into_knowledge(upload, source, placement.path)
                    if placement.replaces and placement.replaces != placement.path:
                        (self._knowledge / placement.replaces).unlink(missing_ok=True)
                    source.unlink()
            return upload

    def published(self, upload_id: str, version_after: str) -> Upload:
        """Notes that the index holds the upload now."""
        with self._lock, _disk_errors():
            upload = self.get(upload_id)
            if upload is None:
                raise UploadError("找不到这批文件的记录。请用 /status 查看现在的状态。")
            return self._save(replace(upload, state=UploadState.PUBLISHED, version_after=version_after))

    def put_back(self, upload_id: str) -> tuple[Upload, tuple[str, ...]]:
        """The files back in quarantine, what they had replaced back in its place, and what could not be undone.

        A file that somebody has changed since is left alone and named. May be repeated. Raises UploadError
        where nothing of the upload is in the knowledge folder, or the disk refuses.
        """
        with self._lock, _disk_errors():
            upload = self.get(upload_id)
            if upload is None or upload.state not in {UploadState.PLACING, UploadState.PUBLISHED}:
                raise UploadError("这批文件不在知识库里，没有可退回的。")
            digests = {file.name: file.sha256 for file in upload.files}
            left = []
            for placement in upload.placements:
                target = self._knowledge / placement.path
                if target.is_file() and file_sha256(target) == digests[placement.name]:
                    back = self._folder(upload_id) / FILES / placement.name
                    back.parent.mkdir(parents=True, exist_ok=True)
                    _copy(target, back)
                    self._restore(upload, placement)
                elif target.is_file() and not (self._folder(upload_id) / FILES / placement.name).is_file():
                    left.append(placement.path)
                elif placement.replaces and not (self._knowledge / placement.replaces).exists():
                    self._restore(upload, placement)
                (target.parent / _part_name(upload)).unlink(missing_ok=True)  # of an interrupted copy
            if upload.made_folder:
                self._remove_if_empty(self._knowledge / upload.notice_id)
            gone = replace(upload, state=UploadState.RECEIVED, placements=(), made_folder=False)
            return self._save(replace(gone, version_before="", version_after="")), tuple(left)

    # ------------------------------------------------------------ steps

    def _keep(self, upload: Upload, placement: Placement) -> Placement:
        """Copies the file that will be replaced to where it stays."""
        if not placement.replaces:
            return placement
        kept = f"{upload.received_at:%Y-%m-%d}-{upload.id}/{placement.replaces}"
        target = self._replaced / kept
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(self._knowledge / placement.replaces, target)
        return replace(placement, kept=kept)

    def _into_knowledge(self, upload: Upload, source: Path, path: str) -> None:
        target = self._knowledge / path
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, target, hidden=_part_name(upload))

    def _restore(self, upload: Upload, placement: Placement) -> None:
        if placement.kept:
            self._into_knowledge(upload, self._replaced / placement.kept, placement.replaces)
        if placement.path != placement.replaces:
            (self._knowledge / placement.path).unlink(missing_ok=True)

    def _remove_if_empty(self, folder: Path) -> None:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def _received(self, upload_id: str) -> Upload:
        upload = self.get(upload_id)
        if upload is None or upload.state is not UploadState.RECEIVED:
            raise UploadError("这批文件已经处理过了。现在的状态见 /status。")
        return upload

    def _folder(self, upload_id: str) -> Path:
        return self._uploads / upload_id

    def _save(self, upload: Upload) -> Upload:
        _write(self._folder(upload.id) / RECORD, record_to_json(upload).encode())
        return upload


# ---------------------------------------------------------------- writing


def _part_name(upload: Upload) -> str:
    """Of a file that is being copied into the knowledge folder: hidden, so that no builder reads it."""
    return f".{upload.id}.part"


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UploadError(f"磁盘操作失败（{reason}）。请检查磁盘空间和文件夹权限后再试。") from error


def _free_name(path: Path) -> Path:
    """The path, or with `（2）`, `（3）` … before its suffix where another file has that name."""
    taken = [other.name for other in path.parent.iterdir()]
    names = [path.name, *(f"{path.stem}（{number}）{path.suffix}" for number in range(2, MAX_FILES + 2))]
    return path.with_name(next(n for n in names if not any(_same_name(n, other) for other in taken)))


def _write(path: Path, data: bytes) -> None:
    """The whole file or none of it, on disk when this returns."""
    part = path.with_name(f".{path.name[:40]}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def _copy(source: Path, target: Path, hidden: str = ".part") -> None:
    """The whole file or none of it, on disk when this returns."""
    part = target.with_name(hidden)
    shutil.copyfile(source, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
