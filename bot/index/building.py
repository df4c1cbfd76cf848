"""Knowledge folder -> published index version: what has changed is read and encoded, the rest is taken over.

A version is built beside the published one, checked, and published by one rename. Whatever happens before,
the published one stays what it was.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

import bot
from bot.changes import NoticeChange, changes_between
from bot.chunking import CHUNKER
from bot.datamodels import Chunk, Document, Fact, FilePart, Notice
from bot.documents.isolation import ReaderProcess
from bot.documents.library import FAQ_FOLDER, Read, load_notice
from bot.embedding import Encoder
from bot.errors import IndexMissing, KnowledgeIndexError
from bot.faq import FaqProblem, HeldEntry, held_back, read_entries
from bot.hashes import file_sha256
from bot.index.checking import check_staged
from bot.index.lexical import LexicalIndex, Terms
from bot.index.locking import build_lock
from bot.index.making import make_notice, text_digest
from bot.index.objects import ObjectStore, disk_errors, sync_all
from bot.index.reading import UNEXPECTED, ContentKey, Reading, Refused, content_key
from bot.index.receipts import (
    BuildProgress,
    BuildReceipt,
    BuildStage,
    NoticeReceipt,
    Progress,
    with_copies_told,
    with_repeals_told,
)
from bot.index.shards import (
    FaqShard,
    ReadFile,
    Shard,
    embedded_from_bytes,
    embedded_to_bytes,
    files_from_workings,
    shard_from_bytes,
    shard_to_bytes,
    terms_from_workings,
    workings_to_bytes,
)
from bot.index.sources import NoticeSources, SourceScanner
from bot.index.store import facts_by_chunk, faq_wordings, sum_of
from bot.index.versions import (
    LEXICAL,
    MANIFEST,
    RECEIPTS,
    SCHEMA_VERSION,
    UNFINISHED,
    Counts,
    FaqObjects,
    FileHash,
    Manifest,
    NoticeEntry,
    check_files,
    current_version,
    prune,
    publish,
    read_manifest,
    versions,
)
from bot.records import read_records, record_to_json, write_records

logger = logging.getLogger(__name__)

READERS = ("documents/*.py", "datamodels.py")
"""Modules on which it depends what is read in a file."""
PIPELINE = (
    *READERS,
    "chunking.py",
    "numbering.py",
    "actors.py",
    "values.py",
    "facts.py",
    "index/lexical.py",
    "index/making.py",
)
"""Modules on which an index's content depends: after a change of one, a build makes every notice anew."""
STAYS = "{reason}，这份通知暂用上一版本的内容，下次更新时再读。"


@dataclass(frozen=True, slots=True)
class _Base:
    """The version on which a build stands: the published one, or where that is lost the newest that can be read."""

    version: str
    manifest: Manifest
    receipts: Mapping[str, NoticeReceipt]
    """By id."""
    lost: frozenset[str]
    """Objects of which no copy is whole."""
    has_lexical: bool
    is_current: bool
    """Whether it is the published version, complete and undamaged."""

    def entry(self, path: str) -> NoticeEntry | None:
        return next((entry for entry in self.manifest.notices if entry.path == path), None)


@dataclass(frozen=True, slots=True)
class _Built:
    """One notice of the new version."""

    entry: NoticeEntry
    """Without vectors, where they are still to be made."""
    receipt: NoticeReceipt
    texts: tuple[str, ...] = ()
    """What its vectors are made of, one a chunk, where they are still to be made."""
    unsettled: tuple[str, ...] = ()


class IndexBuilder:
    """Builds the index of one knowledge folder, again and again.

    From build to build it keeps what it has hashed and refused, and a process that reads files, so that a
    small change is published at once. What it remembers counts only as far as the version on disk says the
    same. A context manager; for one thread at a time.
    """

    def __init__(self, knowledge: Path, index_root: Path, encoder: Encoder, read: Read | None = None) -> None:
        """`read` reads a file; by default a confined process does."""
        self._knowledge = knowledge
        self._root = index_root
        self._encoder = encoder
        self._objects = ObjectStore(index_root)
        self._scanner = SourceScanner(knowledge)
        self._reader = ReaderProcess()
        self._read_file: Read = read or self._reader.read
        self._refused: Refused = {}
        self._base: _Base | None = None
        self._held: dict[str, frozenset[str]] = {}
        """Digests of the embedded texts in each object of vectors."""
        self._kept: dict[str, frozenset[str]] = {}
        """Objects of each version kept."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process that reads files; the next build starts another one."""
        self._reader.__exit__(None, None, None)

    def build(
        self,
        progress: Progress = lambda _: None,
        *,
        publishing: bool = True,
        wait_seconds: float = 0,
        waiting: Callable[[str], None] = lambda _: None,
    ) -> BuildReceipt:
        """Builds a version of every notice folder, checks it, and publishes it where anything has changed.

        One unreadable file or notice is reported and left out, or stays as it was in the version before where
        it only cannot be opened now. Waits up to `wait_seconds` for another builder and says so through
        `waiting`.

        Raises BuildLocked while another builder works on the index folder, IndexMissing where no text could be
        read at all, IndexDamaged where the new version fails its check, IndexNotWritten where the disk is full
        or refuses, SettingsError where the knowledge folder cannot be opened. The published version stays.
        """
        started = time.monotonic()
        with build_lock(self._root, wait_seconds, waiting):
            before = self._objects.names()
            published = False
            try:
                receipt = self._build(progress, publishing)
                published = receipt.published
            finally:
                if published or self._objects.names() != before:
                    prune(self._root, self._kept)
        return replace(receipt, seconds=time.monotonic() - started)

    # ------------------------------------------------------------ the stages

    def _build(self, progress: Progress, publishing: bool) -> BuildReceipt:
        base = self._base = self._base_of_build()
        built = self._read(base, progress)
        entries = tuple(notice.entry for notice in built)
        if not sum_of([entry.counts for entry in entries]).chunks:
            raise IndexMissing(
                f"{self._knowledge} 里没有读出任何文字，未发布新版本。请在其中为每份通知建一个文件夹，放入通知和附件。"
                + "".join(f"\n{line}" for notice in built for line in _error_lines(notice.receipt))
            )
        entries, encoded = self._encode(base, built, progress)
        faq, held, problems = self._faq(base, entries)
        receipts = tuple(sorted((notice.receipt for notice in built), key=lambda receipt: receipt.id))
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            encoder=self._encoder.name,
            dimension=self._encoder.dimension,
            pipeline=pipeline_digest(),
            readers=readers_digest(),
            notices=entries,
            counts=sum_of([entry.counts for entry in entries]),
            built_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            faq=faq,
        )
        self._objects.sync()
        unchanged = base is not None and base.is_current and _says_the_same(manifest, base.manifest)
        changed = _changed_ids(base, entries)
        version = base.version if base else ""
        if not unchanged:
            version = self._version(base, manifest, receipts, changed, progress, publishing) or version
        return BuildReceipt(
            with_repeals_told(
                with_copies_told(receipts, (source for entry in entries for source in entry.sources))
            ),
            manifest.counts,
            version,
            publishing and not unchanged,
            unchanged,
            encoded,
            0.0,
            self._changes(base, entries, changed),
            tuple(notice.receipt.id for notice in built if notice.texts),
            tuple(path for notice in built for path in notice.unsettled),
            held,
            problems,
        )

    def _read(self, base: _Base | None, progress: Progress) -> list[_Built]:
        scan = self._scanner.scan()
        before = {entry.path: entry for entry in base.manifest.notices} if base else {}
        taken_over = {
            sources.path.name: taken
            for sources in scan
            if base and (taken := self._taken_over(base, before.get(sources.path.name), sources))
        }
        total, done = len(scan) - len(taken_over), 0
        documents = _KnownDocuments(base, self._objects)
        built = []
        for sources in scan:
            if sources.path.name in taken_over:
                built.append(taken_over[sources.path.name])
                continue
            progress(BuildProgress(BuildStage.READING, done, total, sources.path.name))
            built.append(self._made(base, before.get(sources.path.name), sources, documents))
            done += 1
        progress(BuildProgress(BuildStage.READING, total, total))
        return built

    def _taken_over(self, base: _Base, entry: NoticeEntry | None, sources: NoticeSources) -> _Built | None:
        """The notice as it is in the version before; None where it has to be made anew."""
        if entry is None or entry.id not in base.receipts or not self._is_usable(base, entry):
            return None
        if sources.unreadable and entry.is_read:
            reason = f"没有权限打开文件夹“{'”“'.join(sources.unreadable)}”"
            return _as_before(base, entry, reason, sources.unreadable)
        unchanged = (entry.id, entry.sources) == (sources.id, sources.files) and not sources.unreadable
        return _Built(entry, base.receipts[entry.id]) if unchanged and self._is_settled(entry) else None

    def _is_usable(self, base: _Base, entry: NoticeEntry) -> bool:
        """Whether its objects are there and made by the same encoder and program."""
        made_by = (base.manifest.encoder, base.manifest.pipeline)
        objects = {entry.records, entry.vectors, entry.workings}
        return made_by == (self._encoder.name, pipeline_digest()) and not objects & base.lost

    def _is_settled(self, entry: NoticeEntry) -> bool:
        """Whether reading it again could give nothing else; a file that failed may be readable today."""
        hashes = {source.path: source.sha256 for source in entry.sources}
        return all(content_key(file, hashes.get(file, "")) in self._refused for file in entry.failed)

    def _made(
        self,
        base: _Base | None,
        entry: NoticeEntry | None,
        sources: NoticeSources,
        documents: _KnownDocuments,
    ) -> _Built:
        reading = Reading(
            self._knowledge,
            {file.path: file.sha256 for file in sources.files},
            self._scanner.identity,
            self._read_file,
            documents.parts,
            lambda: documents.of_notice(entry),
            self._refused,
        )
        name = sources.path.name
        try:
            loaded = load_notice(sources.path, self._knowledge, reading)
            made = make_notice(loaded)
        except Exception as error:  # one notice must never keep the others out of the index
            logger.exception("读取通知 %s 时出错", name)
            if (
                base
                and entry
                and entry.is_read
                and entry.id in base.receipts
                and self._is_usable(base, entry)
            ):
                return _as_before(base, entry, f"读取时出现意外错误（{error}）", (name,))
            nothing = NoticeEntry(sources.id, name, sources.files, Counts(0, 0, 0, 0), (name,))
            return _Built(nothing, NoticeReceipt(sources.id, name, (), error=UNEXPECTED.format(error=error)))
        errors = (report.file for report in loaded.reports if report.error)
        entry = NoticeEntry(
            loaded.id, name, sources.files, Counts(0, 0, 0, 0), tuple(sorted({*errors, *reading.failed}))
        )
        if made.shard is not None:
            shard = made.shard
            entry = replace(
                entry,
                counts=Counts(1, len(shard.documents), len(shard.chunks), len(shard.facts)),
                records=self._objects.add(shard_to_bytes(shard)),
                workings=self._objects.add(workings_to_bytes(made.terms, reading.files)),
            )
        return _Built(entry, made.receipt, made.texts, tuple(sorted(reading.unsettled)))

    def _encode(
        self, base: _Base | None, built: Sequence[_Built], progress: Progress
    ) -> tuple[tuple[NoticeEntry, ...], int]:
        """(entries with their vectors, number of texts that were encoded: each new one, however frequent, once)."""
        texts = {text_digest(text): text for notice in built for text in notice.texts}
        vectors = self._known_vectors(base, texts.keys())
        new = {digest: text for digest, text in texts.items() if digest not in vectors}
        done = 0

        def encoded(count: int) -> None:
            nonlocal done
            done += count
            progress(BuildProgress(BuildStage.ENCODING, done, len(new)))

        progress(BuildProgress(BuildStage.ENCODING, 0, len(new)))
        if new:
            fresh = self._encoder.encode_passages(list(new.values()), encoded)
            vectors.update(zip(new, fresh, strict=True))
        entries = []
        for notice in built:
            entry = notice.entry
            if entry.is_read and not entry.vectors:
                digests = [text_digest(text) for text in notice.texts]
                table = np.array([vectors[digest] for digest in digests], np.float32)
                data = embedded_to_bytes(digests, table.reshape(len(digests), self._encoder.dimension))
                entry = replace(entry, vectors=self._objects.add(data))
            entries.append(entry)
        return tuple(entries), len(new)

    def _known_vectors(self, base: _Base | None, digests: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of these digests, as far as the version before holds them."""
        if base is None or base.manifest.encoder != self._encoder.name:
            return {}
        wanted = frozenset(digests)
        found: dict[str, NDArray[np.float32]] = {}
        held: dict[str, frozenset[str]] = {}
        for entry in base.manifest.notices:
            name = entry.vectors
            if not entry.is_read or name in base.lost:
                continue
            held[name] = self._held[name] if name in self._held else frozenset(self._named_vectors(name))
            if not wanted.isdisjoint(held[name]):
                found |= self._named_vectors(name)
        self._held = held
        return found

    def _named_vectors(self, name: str) -> dict[str, NDArray[np.float32]]:
        """Digest of each embedded text -> its vector, of one object. Raises IndexDamaged."""
        embedded = embedded_from_bytes(self._objects.get(name))
        digests = (digest.decode() for digest in embedded.digests.tolist())
        return dict(zip(digests, embedded.vectors, strict=True))

    def _faq(
        self, base: _Base | None, entries: Sequence[NoticeEntry]
    ) -> tuple[FaqObjects, tuple[HeldEntry, ...], tuple[FaqProblem, ...]]:
        """(the approved answers to frequent questions, those held back, pages that cannot be used)."""
        sources = self._scanner.faq()
        approved, problems = read_entries(self._knowledge / FAQ_FOLDER)
        cited = {clause.document_id.split("/")[0] for entry in approved for clause in entry.clauses}
        chunks = [
            chunk
            for entry in entries
            if entry.is_read and entry.path in cited
            for chunk in self._shard(entry).chunks
        ]
        kept, held = held_back(approved, chunks)
        if not kept:
            return FaqObjects(sources), held, problems
        wordings = [wording for _, wording in faq_wordings(kept)]
        digests = [text_digest(wording) for wording in wordings]
        known: dict[str, NDArray[np.float32]] = {}
        if base and base.manifest.encoder == self._encoder.name and base.manifest.faq.vectors:
            with suppress(KnowledgeIndexError):
                known = self._named_vectors(base.manifest.faq.vectors)
        new = {d: w for d, w in zip(digests, wordings, strict=True) if d not in known}
        if new:
            known.update(zip(new, self._encoder.encode_queries(list(new.values())), strict=True))
        vectors = np.array([known[digest] for digest in digests], np.float32)
        objects = FaqObjects(
            sources,
            self._objects.add(shard_to_bytes(FaqShard(kept))),
            self._objects.add(embedded_to_bytes(digests, vectors)),
        )
        return objects, held, problems

    def _version(
        self,
        base: _Base | None,
        manifest: Manifest,
        receipts: Sequence[NoticeReceipt],
        changed: frozenset[str],
        progress: Progress,
        publishing: bool,
    ) -> str:
        """Name of the new version, written, checked and published; empty where publishing is off."""
        progress(BuildProgress(BuildStage.WRITING, 0, 1))
        with self._folder() as folder:
            with disk_errors():
                self._write_lexical(base, manifest, changed, folder / LEXICAL)
                write_records(folder / RECEIPTS, receipts)
                manifest = replace(manifest, files=_hashes_in(folder))
                (folder / MANIFEST).write_text(record_to_json(manifest) + "\n", "utf-8")
                sync_all([*folder.rglob("*"), folder])
            progress(BuildProgress(BuildStage.WRITING, 1, 1))
            progress(BuildProgress(BuildStage.CHECKING, 0, 1))
            check_staged(self._root, folder, manifest, changed)
            progress(BuildProgress(BuildStage.CHECKING, 1, 1))
            if not publishing:
                return ""
            with disk_errors():
                version = publish(self._root, folder)
        self._base = _Base(
            version, manifest, {receipt.id: receipt for receipt in receipts}, frozenset(), True, True
        )
        return version

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """A new folder beside the versions; removed where it was not published."""
        with disk_errors():
            folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self._root))
            folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _write_lexical(
        self, base: _Base | None, manifest: Manifest, changed: frozenset[str], path: Path
    ) -> None:
        entries = {entry.id: entry for entry in manifest.notices if entry.is_read}

        def terms(notice_id: str) -> tuple[Terms, ...]:
            return terms_from_workings(self._objects.get(entries[notice_id].workings))

        same_terms = base is not None and base.has_lexical and base.manifest.pipeline == manifest.pipeline
        if base is None or not same_terms:
            LexicalIndex.write(path, list(entries), terms)
            return
        shutil.copytree(self._root / base.version / LEXICAL, path, ignore=shutil.ignore_patterns("*.lock"))
        LexicalIndex.write(path, list(entries), terms, changed)

    def _changes(
        self, base: _Base | None, entries: Sequence[NoticeEntry], changed: frozenset[str]
    ) -> tuple[NoticeChange, ...]:
        """What changed against the version before; notices one by one, since all at once would be much in memory."""
        if base is None:
            return ()
        before = {entry.id: entry for entry in base.manifest.notices if entry.is_read}
        after = {entry.id: entry for entry in entries if entry.is_read}
        found: list[NoticeChange] = []
        for notice_id in sorted(changed):
            with suppress(
                KnowledgeIndexError
            ):  # a lost object of the version before: nothing to compare with
                found += changes_between(self._view(before.get(notice_id)), self._view(after.get(notice_id)))
        return tuple(found)

    def _view(self, entry: NoticeEntry | None) -> _NoticeView:
        return _NoticeView.of(self._shard(entry) if entry else None)

    def _shard(self, entry: NoticeEntry) -> Shard:
        return shard_from_bytes(self._objects.get(entry.records))

    # ------------------------------------------------------------ the version before

    def _base_of_build(self) -> _Base | None:
        """The version to stand on; None where there is none that can be read."""
        current = ""
        with suppress(KnowledgeIndexError):
            current = current_version(self._root)
        if self._base and self._base.is_current and self._base.version == current and self._still_there():
            return self._base
        for version in (current, *(v for v in reversed(versions(self._root)) if v != current)):
            with suppress(KnowledgeIndexError):
                if version:
                    return self._loaded_base(version, version == current)
        return None

    def _still_there(self) -> bool:
        assert self._base is not None
        manifest = self._base.manifest
        folder = self._root / self._base.version
        return set(manifest.objects) <= self._objects.names() and all(
            (folder / file.path).is_file() for file in (FileHash(MANIFEST, ""), *manifest.files)
        )

    def _loaded_base(self, version: str, is_current: bool) -> _Base:
        """A version with every file and object of it compared with its hash, damaged copies mended.

        Raises KnowledgeIndexError where its manifest cannot be read.
        """
        manifest = read_manifest(self._root, version)
        folder = self._root / version
        lost = frozenset(name for name in manifest.objects if not self._objects.mend(name))
        receipts: tuple[NoticeReceipt, ...] = ()
        with suppress(KnowledgeIndexError, OSError, ValueError, KeyError, TypeError):
            check_files(folder, [file for file in manifest.files if file.path == RECEIPTS])
            receipts = read_records(folder / RECEIPTS, NoticeReceipt)
        try:
            check_files(folder, [file for file in manifest.files if file.path != RECEIPTS])
            has_lexical = True
        except KnowledgeIndexError:
            has_lexical = False
        whole = is_current and has_lexical and not lost and bool(receipts)
        by_id = {receipt.id: receipt for receipt in receipts}
        return _Base(version, manifest, by_id, lost, has_lexical, whole)


def build_index(
    knowledge: Path,
    index_root: Path,
    encoder: Encoder,
    progress: Progress = lambda _: None,
    *,
    publishing: bool = True,
) -> BuildReceipt:
    """One build of an `IndexBuilder`. Raises as that does."""
    with IndexBuilder(knowledge, index_root, encoder) as builder:
        return builder.build(progress, publishing=publishing)


@cache
def pipeline_digest() -> str:
    """Name of the chunker's rules and digest of the modules that make chunks, facts and terms of files."""
    return f"{CHUNKER} {_digest_of_modules(PIPELINE)}"


@cache
def readers_digest() -> str:
    """Digest of the modules that read files."""
    return _digest_of_modules(READERS)


def _digest_of_modules(patterns: Sequence[str]) -> str:
    package = Path(bot.__file__).parent
    digest = hashlib.sha256()
    for part in sorted(path for pattern in patterns for path in package.glob(pattern)):
        digest.update(part.name.encode() + part.read_bytes())
    return digest.hexdigest()[:16]


# ---------------------------------------------------------------- parts of the stages


class _KnownDocuments:
    """The documents of the version before, by the content of the files that they were read in."""

    def __init__(self, base: _Base | None, objects: ObjectStore) -> None:
        self._objects = objects
        self._files: dict[str, dict[str, ReadFile]] = {}
        """Files by path, by the name of the object that holds them."""
        self._holders: dict[ContentKey, str] = {}
        if base and base.manifest.readers == readers_digest():
            self._holders = {
                content_key(source.path, source.sha256): entry.workings
                for entry in base.manifest.notices
                if entry.workings and entry.workings not in base.lost
                for source in entry.sources
            }

    def parts(self, key: ContentKey) -> tuple[FilePart, ...] | None:
        """The documents of a file with this content; None where they are not known."""
        if key not in self._holders:
            return None
        files = self._loaded(self._holders[key]).values()
        return next((file.parts for file in files if content_key(file.path, file.sha256) == key), None)

    def of_notice(self, entry: NoticeEntry | None) -> Mapping[str, ReadFile]:
        """The files of a notice, by path, whatever program read them."""
        return self._loaded(entry.workings) if entry and entry.workings else {}

    def _loaded(self, name: str) -> dict[str, ReadFile]:
        if name not in self._files:
            files: tuple[ReadFile, ...] = ()
            with suppress(KnowledgeIndexError):
                files = files_from_workings(self._objects.get(name))
            self._files = {
                name: {file.path: file for file in files}
            }  # one at a time: all would be the corpus
        return self._files[name]


@dataclass(frozen=True, slots=True)
class _NoticeView:
    """One notice, or none, in the form in which versions are compared."""

    notices: Mapping[str, Notice]
    documents: Mapping[str, Document]
    chunks: tuple[Chunk, ...]
    notice_rows: Mapping[str, NDArray[np.int64]]
    facts: Mapping[str, tuple[Fact, ...]]

    @classmethod
    def of(cls, shard: Shard | None) -> _NoticeView:
        if shard is None:
            return cls({}, {}, (), {}, {})
        return cls(
            {shard.notice.id: shard.notice},
            {document.id: document for document in shard.documents},
            shard.chunks,
            {shard.notice.id: np.arange(len(shard.chunks))},
            facts_by_chunk(shard.facts),
        )


def _as_before(base: _Base, entry: NoticeEntry, reason: str, unsettled: tuple[str, ...]) -> _Built:
    """The notice as it is in the version before, since it cannot be read now."""
    receipt = replace(base.receipts[entry.id], error=STAYS.format(reason=reason))
    failed = tuple(sorted({*entry.failed, *unsettled}))
    return _Built(replace(entry, failed=failed), receipt, unsettled=unsettled)


def _says_the_same(new: Manifest, old: Manifest) -> bool:
    """Whether two versions hold the same, were made of the same and by the same."""
    return replace(new, built_at="", files=()) == replace(old, built_at="", files=())


def _changed_ids(base: _Base | None, entries: Sequence[NoticeEntry]) -> frozenset[str]:
    """Notices that the version before did not hold as the new one does, the gone ones among them."""

    def content(entries: Sequence[NoticeEntry]) -> set[tuple[str, str, str]]:
        return {(entry.id, entry.records, entry.workings) for entry in entries if entry.is_read}

    before = content(base.manifest.notices) if base else set()
    return frozenset(notice_id for notice_id, *_ in before ^ content(entries))


def _hashes_in(folder: Path) -> tuple[FileHash, ...]:
    return tuple(
        FileHash(path.relative_to(folder).as_posix(), file_sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    )


def _error_lines(receipt: NoticeReceipt) -> list[str]:
    lines = [f"{file.report.file}：{file.report.error}" for file in receipt.files if file.report.error]
    return lines + ([f"{receipt.id}：{receipt.error}"] if receipt.error else [])
