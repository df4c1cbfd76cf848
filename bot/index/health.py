"""Index folder -> what is well with it and what is not, for `doctor`; nothing is loaded, every file is compared."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.errors import IndexDamaged, KnowledgeIndexError, SettingsError
from bot.index.objects import ObjectStore
from bot.index.sources import source_hashes
from bot.index.versions import (
    BUILD_COMMAND,
    Manifest,
    check_files,
    current_version,
    leftovers,
    read_manifest,
    versions,
)

Check = tuple[str, bool, str]
"""What was checked, whether it is well, and the finding in Chinese."""

NAMED = 3
"""Files named in a finding."""


def index_health(root: Path, knowledge: Path, now: datetime) -> tuple[Check, ...]:
    """Version and age, a version that stands in, damaged copies, leftovers, failed files, changes not published."""
    problem = ""
    try:
        version = current_version(root)
        manifest = _whole(root, version)
    except KnowledgeIndexError as error:
        problem = str(error)
        found = _newest_whole(root)
        if found is None:
            return (("已发布版本", False, problem),)
        version, manifest = found
    age = _age(datetime.fromisoformat(manifest.built_at), now)
    checks = [
        ("已发布版本", False, f"{problem} 助手正用完好的版本 {version}（{age}建立）代替。")
        if problem
        else ("已发布版本", True, f"{version}，{age}建立"),
        _files_check(root, manifest),
        _failed_check(manifest),
        _changes_check(manifest, knowledge),
    ]
    return tuple(checks)


def _whole(root: Path, version: str) -> Manifest:
    """A version's manifest. Raises KnowledgeIndexError where any part of the version is lost."""
    manifest = read_manifest(root, version)
    check_files(root / version, manifest.files)
    objects = ObjectStore(root)
    if lost := sum(not objects.copies(name) for name in manifest.objects):
        raise IndexDamaged(f"版本 {version} 有 {lost} 个文件和备份都已损坏。请重新运行：{BUILD_COMMAND}")
    return manifest


def _newest_whole(root: Path) -> tuple[str, Manifest] | None:
    for version in reversed(versions(root)):
        try:
            return version, _whole(root, version)
        except KnowledgeIndexError:
            continue
    return None


def _files_check(root: Path, manifest: Manifest) -> Check:
    objects = ObjectStore(root)
    damaged = sum(objects.copies(name) == 1 for name in manifest.objects)
    if damaged:
        return (
            "索引文件",
            False,
            f"{damaged} 个文件有一份副本损坏，另一份完好。请运行 {BUILD_COMMAND} 修复；如反复出现，请检查磁盘。",
        )
    left = leftovers(root)
    words = f"；中断的更新留下 {left} 个文件，下次发布时自动清理" if left else ""
    return "索引文件", True, f"完好，每个文件两份，保留 {len(versions(root))} 个版本{words}"


def _failed_check(manifest: Manifest) -> Check:
    failed = manifest.failed
    if not failed:
        return "文件", True, f"{len(manifest.sources)} 个文件都已读取"
    return "文件", False, f"{_named('没有读成', failed)}。原因和办法见：{BUILD_COMMAND} --check"


def _changes_check(manifest: Manifest, knowledge: Path) -> Check:
    try:
        now = {source.path: source.sha256 for source in source_hashes(knowledge)}
    except SettingsError as error:
        return "未发布的改动", False, str(error)
    before = {source.path: source.sha256 for source in manifest.sources}
    changed = sorted(path for path in now.keys() | before.keys() if now.get(path) != before.get(path))
    if not changed:
        return "未发布的改动", True, "没有"
    return "未发布的改动", False, f"{_named('有改动', tuple(changed))}。发布请运行：{BUILD_COMMAND}"


def _named(what: str, paths: tuple[str, ...]) -> str:
    more = " 等" if len(paths) > NAMED else ""
    return f"{len(paths)} 个文件{what}：{'、'.join(paths[:NAMED])}{more}"


def _age(built: datetime, now: datetime) -> str:
    minutes = max(0, int((now - built).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} 分钟前"
    return f"{minutes // 60} 小时前" if minutes < 48 * 60 else f"{minutes // 1440} 天前"
