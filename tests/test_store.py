"""Versions: loaded, checked, followed while they change, replaced by an older one where damaged, rolled back."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from bot.datamodels import Fact, FactKind
from bot.documents import read_parts
from bot.documents.library import load_notice
from bot.errors import IndexDamaged, IndexMismatch, IndexMissing
from bot.index.building import IndexBuilder
from bot.index.making import make_notice
from bot.index.objects import FOLDERS, ObjectStore
from bot.index.store import WATCHER, IndexStore, load_index, load_version
from bot.index.versions import (
    KEPT_VERSIONS,
    MANIFEST,
    SCHEMA_VERSION,
    current_version,
    leftovers,
    read_manifest,
    rollback,
    versions,
)
from bot.records import read_records, record_to_json
from tests.plain_encoder import PlainEncoder

ENCODER = PlainEncoder()
NOTICE = """关于组织申报补助的通知

各有关企业：

一、申报时间
企业于2024年11月{day}日前完成线上申报。

二、联系方式
联系人：陈明，电话0731-8895{day}83。

江海市工业和信息化局
2024年10月8日
"""
OTHER = """关于开展绿色园区评价的通知

各园区：

一、评价范围
省级以上园区。

江海市生态环境局
2024年3月1日
"""


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    for name, text in (("补助", NOTICE.format(day=22)), ("绿色园区", OTHER)):
        (folder / name).mkdir(parents=True)
        (folder / name / "通知.txt").write_text(text, "utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


def published(knowledge: Path, root: Path, day: int = 22) -> str:
    """Name of a version that gives this day as the deadline."""
    (knowledge / "补助" / "通知.txt").write_text(NOTICE.format(day=day), "utf-8")
    return IndexBuilder(knowledge, root, ENCODER, read_parts).build().version


def deadlines(store: IndexStore) -> set[str]:
    facts = [fact for facts in store.current(ENCODER.name).facts.values() for fact in facts]
    return {fact.value for fact in facts if fact.kind is FactKind.DATE and fact.value.startswith("2024-11")}


def damage(path: Path) -> None:
    """Flips a bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


# ---------------------------------------------------------------- loading


def test_all_that_was_made_is_loaded_again(knowledge: Path, root: Path) -> None:
    version = published(knowledge, root)
    index = load_index(root, ENCODER.name)
    made = [make_notice(load_notice(knowledge / name, knowledge)) for name in ("绿色园区", "补助")]
    made.sort(key=lambda notice: notice.receipt.id)
    shards = [notice.shard for notice in made if notice.shard]
    assert index.version == version == current_version(root)
    assert index.encoder_name == ENCODER.name
    assert list(index.notices.values()) == [shard.notice for shard in shards]
    assert list(index.documents.values()) == [document for shard in shards for document in shard.documents]
    assert index.chunks == tuple(chunk for shard in shards for chunk in shard.chunks)
    assert [index.rows[chunk.id] for chunk in index.chunks] == list(range(len(index.chunks)))
    assert [fact for facts in index.facts.values() for fact in facts] == [f for s in shards for f in s.facts]
    assert all(fact.chunk_id == chunk_id for chunk_id, facts in index.facts.items() for fact in facts)
    for notice_id, rows in index.notice_rows.items():
        assert [
            row for row, chunk in enumerate(index.chunks) if chunk.notice_id == notice_id
        ] == rows.tolist()
    texts = [text for notice in made for text in notice.texts]
    assert np.allclose(index.vectors.vectors(), ENCODER.encode_queries(texts))
    best, _ = index.lexical.search("联系人陈明的电话", 1)[0]
    assert "陈明" in index.chunks[best].text
    assert index.faq == () and index.faq_vectors.shape == (0, ENCODER.dimension)


def test_a_record_is_one_line_that_people_can_read(tmp_path: Path) -> None:
    fact = Fact(
        FactKind.DATE, "2024-11-22", "11月22日", "甲/通知.txt#0", 12, 18, actor="企业", year_inferred=True
    )
    line = record_to_json(fact)
    assert line == (
        '{"kind":"date","value":"2024-11-22","text":"11月22日","chunk_id":"甲/通知.txt#0",'
        '"start":12,"end":18,"actor":"企业","year_inferred":true}'
    )
    path = tmp_path / "facts.jsonl"
    path.write_text(line + "\n", "utf-8")
    assert read_records(path, Fact) == (fact,)


def test_an_index_is_found_by_no_other_encoder(knowledge: Path, root: Path) -> None:
    published(knowledge, root)
    with pytest.raises(IndexMismatch, match=r"plain@1.*other@2.*index_builder\.py"):
        load_index(root, "other@2")


def test_another_schema_is_refused(knowledge: Path, root: Path) -> None:
    manifest = root / published(knowledge, root) / MANIFEST
    values = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**values, "schema_version": SCHEMA_VERSION + 1}), "utf-8")
    with pytest.raises(IndexMismatch, match=r"index_builder\.py"):
        load_index(root)


def test_no_index_names_the_command_that_builds_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"python index_builder\.py"):
        load_index(tmp_path / "nowhere")


def test_one_changed_bit_in_a_version_is_noticed(knowledge: Path, root: Path) -> None:
    """All but the receipts, which no answer depends on."""
    folder = root / published(knowledge, root)
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert len(files) > 5
    for path in files:
        whole = path.read_bytes()
        damage(path)
        if path.name == "receipts.jsonl":
            load_index(root)
        else:
            with pytest.raises(IndexDamaged, match=path.name.replace(".", r"\.")):
                load_index(root)
        path.write_bytes(whole)
    load_index(root)


def test_an_object_is_read_from_its_other_copy(
    knowledge: Path, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    published(knowledge, root)
    before = load_index(root)
    for path in (root / FOLDERS[0]).iterdir():
        damage(path)
    after = load_index(root)
    assert (after.chunks, after.facts) == (before.chunks, before.facts)
    assert np.array_equal(after.vectors.vectors(), before.vectors.vectors())
    assert "改读备份" in caplog.text
    entry = before.manifest.notices[0]
    (root / FOLDERS[1] / entry.records).unlink()
    with pytest.raises(IndexDamaged, match="备份都已缺失或损坏"):
        load_index(root)


def test_counts_that_do_not_fit_are_noticed(knowledge: Path, root: Path) -> None:
    """An object that is whole but not the right one."""
    version = published(knowledge, root)
    first, second = read_manifest(root, version).notices
    manifest = root / version / MANIFEST
    data = manifest.read_bytes().replace(first.records.encode(), second.records.encode())
    manifest.write_bytes(data)
    other = root / f"{version[:-8]}{hashlib.sha256(data).hexdigest()[:8]}"
    (root / version).rename(other)
    with pytest.raises(IndexDamaged, match="条数不符"):
        load_version(root, other.name)


@pytest.mark.parametrize(
    "pointer",
    [b"", b"\n", b"../elsewhere\n", b"20200101-000000-000-00000000\n", b"\x00\xff\xfe garbage", b"9" * 5000],
    ids=["empty", "blank", "outside", "gone", "binary", "long"],
)
def test_a_wrong_pointer_is_noticed(knowledge: Path, root: Path, pointer: bytes) -> None:
    published(knowledge, root)
    (root / "current").write_bytes(pointer)
    with pytest.raises(IndexDamaged, match=r"current.*python index_builder\.py"):
        load_index(root)


# ---------------------------------------------------------------- publishing


def test_the_last_five_versions_are_kept_and_no_object_more(knowledge: Path, root: Path) -> None:
    names = [published(knowledge, root, day) for day in range(10, 17)]
    assert versions(root) == names[-KEPT_VERSIONS:]
    assert current_version(root) == names[-1]
    needed = {name for version in versions(root) for name in read_manifest(root, version).objects}
    assert needed == ObjectStore(root).names() == set(os.listdir(root / FOLDERS[1]))
    # three objects for each of the five wordings, three for the notice that never changed
    assert len(needed) == 18
    assert leftovers(root) == 0
    for version in versions(root):
        load_version(root, version, ENCODER.name)


def test_rollback_goes_back_one_version_at_a_time(knowledge: Path, root: Path) -> None:
    first, second, third = (published(knowledge, root, day) for day in (10, 11, 12))
    store = IndexStore(root)
    assert rollback(root) == second
    assert deadlines(store) == {"2024-11-11"}
    assert rollback(root) == first
    with pytest.raises(IndexMissing):
        rollback(root)
    assert current_version(root) == first
    assert versions(root) == [first, second, third]


# ---------------------------------------------------------------- a store that follows


def wait_for(condition: object, seconds: float = 2.0) -> bool:
    """Whether the condition, a callable, came true in time."""
    assert callable(condition)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_a_new_version_is_there_within_two_seconds_without_a_question(knowledge: Path, root: Path) -> None:
    store = IndexStore(root)
    published(knowledge, root, 22)
    first = store.current(ENCODER.name)
    assert deadlines(store) == {"2024-11-22"}
    published(knowledge, root, 29)
    assert wait_for(lambda: deadlines(store) == {"2024-11-29"})
    assert "22日" in first.documents["补助/通知.txt"].text  # a question that is open goes on with the old one
    rollback(root)
    assert wait_for(lambda: deadlines(store) == {"2024-11-22"})
    store.close()


def test_no_question_waits_for_a_new_version(
    knowledge: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a version is being loaded, however long that takes, the one before answers."""
    published(knowledge, root, 22)
    store = IndexStore(root, seconds_between_looks=3600)
    store.current(ENCODER.name)
    version = published(knowledge, root, 29)
    loading, go_on = threading.Event(), threading.Event()
    get = ObjectStore.get

    def slow_get(self: ObjectStore, name: str) -> bytes:
        loading.set()
        assert go_on.wait(10)
        return get(self, name)

    monkeypatch.setattr(ObjectStore, "get", slow_get)
    looking = threading.Thread(target=store.look)
    looking.start()
    assert loading.wait(2)
    started = time.perf_counter()
    assert deadlines(store) == {"2024-11-22"}
    assert time.perf_counter() - started < 0.1
    go_on.set()
    looking.join()
    assert store.current(ENCODER.name).version == version
    store.close()


def test_what_has_not_changed_is_not_loaded_again(knowledge: Path, root: Path) -> None:
    published(knowledge, root, 22)
    first = load_index(root, ENCODER.name)
    second = load_version(root, published(knowledge, root, 29), ENCODER.name, first)
    alone = load_index(root, ENCODER.name)
    assert second.documents["绿色园区/通知.txt"] is first.documents["绿色园区/通知.txt"]
    assert second.documents["补助/通知.txt"] is not first.documents["补助/通知.txt"]
    assert (second.chunks, second.facts, second.rows) == (alone.chunks, alone.facts, alone.rows)
    assert np.array_equal(second.vectors.vectors(), alone.vectors.vectors())


def test_a_damaged_new_version_leaves_the_good_one(
    knowledge: Path, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    published(knowledge, root, 22)
    store = IndexStore(root, seconds_between_looks=3600)
    good = store.current(ENCODER.name)
    bad = published(knowledge, root, 29)
    damage(root / bad / "lexical" / "meta.json")
    with caplog.at_level(logging.ERROR):
        store.look()
    assert store.current(ENCODER.name) is good
    assert bad in caplog.text and "meta.json" in caplog.text
    published(knowledge, root, 30)
    store.look()
    assert deadlines(store) == {"2024-11-30"}
    store.close()


def test_a_running_store_needs_no_file_of_its_version(knowledge: Path, root: Path) -> None:
    published(knowledge, root, 22)
    store = IndexStore(root, seconds_between_looks=0.01)
    before = store.current(ENCODER.name).lexical.search("什么时候截止申报", 5)
    for path in root.rglob("*"):  # first cut in place, as a disk gone mad would, then gone
        if path.is_file():
            os.truncate(path, 0)
    shutil.rmtree(root)
    time.sleep(0.1)
    assert store.current(ENCODER.name).lexical.search("什么时候截止申报", 5) == before
    assert deadlines(store) == {"2024-11-22"}
    store.close()


@pytest.mark.parametrize("fault", ["version damaged", "version gone", "pointer", "no pointer"])
def test_a_starting_store_falls_back_to_the_newest_good_version(
    knowledge: Path, root: Path, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    published(knowledge, root, 10)
    good, bad = published(knowledge, root, 22), published(knowledge, root, 29)
    match fault:
        case "version damaged":
            damage(root / bad / MANIFEST)
        case "version gone":
            shutil.rmtree(root / bad)
        case "pointer":
            damage(root / bad / "lexical" / "meta.json")
            (root / "current").write_bytes(b"\xff")
        case "no pointer":
            damage(root / bad / MANIFEST)
            (root / "current").unlink()
    store = IndexStore(root)
    assert store.current(ENCODER.name).version == good
    assert deadlines(store) == {"2024-11-22"}
    assert f"改用完好的版本 {good}" in caplog.text
    store.close()


def test_a_store_without_an_index_finds_the_first_one(knowledge: Path, root: Path) -> None:
    store = IndexStore(root)
    with pytest.raises(IndexMissing):
        store.current(ENCODER.name)
    published(knowledge, root)
    assert deadlines(store) == {"2024-11-22"}
    with pytest.raises(IndexMismatch):
        store.current("other@2")


def test_a_store_that_nobody_needs_stops_looking(knowledge: Path, root: Path) -> None:
    published(knowledge, root)
    running = sum(thread.name == WATCHER for thread in threading.enumerate())
    store = IndexStore(root, seconds_between_looks=0.01)
    store.current(ENCODER.name)
    assert sum(thread.name == WATCHER for thread in threading.enumerate()) == running + 1
    del store
    gc.collect()
    assert wait_for(lambda: sum(t.name == WATCHER for t in threading.enumerate()) <= running)
