"""Version folders: written, checked, published, reloaded, rolled back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.datamodels import (
    Chunk,
    ChunkKind,
    DeclaredAttachment,
    Document,
    DocumentRole,
    Edit,
    Fact,
    FactKind,
    Notice,
    Place,
)
from bot.errors import IndexDamaged, IndexMismatch, IndexMissing
from bot.index.lexical import LexicalText
from bot.index.records import read_records, record_to_json
from bot.index.store import (
    MANIFEST,
    SCHEMA_VERSION,
    Content,
    Counts,
    FileHash,
    IndexStore,
    Manifest,
    current_version,
    load_index,
    publish,
    published_vectors,
    rollback,
    versions,
    write_version,
)

ENCODER = "two-dimensions@1"
ODD = "一、截止\u2028日期\x85：\x0c2024年11月22日\u2029前。"
"""str.splitlines would cut it into five."""


def content(title: str = "关于申报的通知") -> Content:
    document = Document(
        id="甲/通知.txt",
        notice_id="甲",
        title=title,
        role=DocumentRole.MAIN,
        text=ODD + "\n二、联系方式",
        format="txt",
        places=(Place(0, "第1行"), Place(25, "第2页", 2)),
        edits=(Edit(0, 2, 0, 1, "gloss", "一(yī)", "一"),),
    )
    notice = Notice(
        id="甲",
        title=title,
        document_id=document.id,
        issued_on=date(2024, 11, 4),
        year=2024,
        supersedes=("旧通知",),
        attachments=(DeclaredAttachment("1", "汇总表", None),),
    )
    first = Chunk(
        f"{document.id}#0",
        document.id,
        "甲",
        ChunkKind.CLAUSE,
        0,
        len(ODD),
        ODD,
        ("一、申报",),
        "一、",
        page=2,
    )
    second = Chunk(
        f"{document.id}#1", document.id, "甲", ChunkKind.HEADING, 25, 31, "二、联系方式", parent_id=first.id
    )
    fact = Fact(FactKind.DATE, "2024-11-22", "11月22日", first.id, 12, 18, actor="企业", year_inferred=True)
    return Content(
        notices=(notice,),
        documents=(document,),
        chunks=(first, second),
        facts=(fact,),
        lexical_texts=(LexicalText("甲", first.text), LexicalText("甲", second.text)),
        vectors=np.array([[1, 0], [0.6, 0.8]], np.float32),
        embedded=("digest of the first", "digest of the second"),
    )


def manifest(of: Content) -> Manifest:
    return Manifest(
        schema_version=SCHEMA_VERSION,
        encoder=ENCODER,
        dimension=2,
        pipeline="by hand",
        sources=(FileHash("甲/通知.txt", "0" * 64),),
        failed=(),
        counts=Counts(len(of.notices), len(of.documents), len(of.chunks), len(of.facts)),
        built_at="2026-11-22T09:00:00+08:00",
    )


def published(
    root: Path, title: str = "关于申报的通知", change: Callable[[Manifest], Manifest] = lambda m: m
) -> str:
    of = content(title)
    return publish(root, write_version(root, of, change(manifest(of))))


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


# ---------------------------------------------------------------- writing and loading


def test_all_that_is_written_is_loaded_again(tmp_path: Path) -> None:
    version = published(tmp_path)
    index, before = load_index(tmp_path, ENCODER), content()
    assert index.version == version == current_version(tmp_path)
    assert index.encoder_name == ENCODER
    assert index.notices == {"甲": before.notices[0]}
    assert index.documents == {"甲/通知.txt": before.documents[0]}
    assert index.chunks == before.chunks
    assert index.rows == {"甲/通知.txt#0": 0, "甲/通知.txt#1": 1}
    assert {notice: rows.tolist() for notice, rows in index.notice_rows.items()} == {"甲": [0, 1]}
    assert index.facts == {"甲/通知.txt#0": before.facts}
    assert index.vectors.vectors().tolist() == before.vectors.tolist()
    assert [row for row, _ in index.lexical.search("联系方式", 5)] == [1]


def test_a_record_is_one_line_that_people_can_read(tmp_path: Path) -> None:
    line = record_to_json(content().facts[0])
    assert line == (
        '{"kind":"date","value":"2024-11-22","text":"11月22日","chunk_id":"甲/通知.txt#0",'
        '"start":12,"end":18,"actor":"企业","year_inferred":true}'
    )
    path = tmp_path / "facts.jsonl"
    path.write_text(line + "\n", "utf-8")
    assert read_records(path, Fact) == content().facts


def test_an_index_is_found_by_no_other_encoder(tmp_path: Path) -> None:
    published(tmp_path)
    with pytest.raises(IndexMismatch, match=r"two-dimensions@1.*other@2.*index_builder\.py"):
        load_index(tmp_path, "other@2")
    assert published_vectors(tmp_path, "other@2") == {}


def test_another_schema_is_refused(tmp_path: Path) -> None:
    published(tmp_path, change=lambda m: replace(m, schema_version=SCHEMA_VERSION + 1))
    with pytest.raises(IndexMismatch, match=r"index_builder\.py"):
        load_index(tmp_path)


def test_no_index_names_the_command_that_builds_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"python index_builder\.py"):
        load_index(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["chunks.jsonl", "index.faiss", "facts.jsonl", "lexical/meta.json"])
def test_one_changed_bit_is_noticed(tmp_path: Path, name: str) -> None:
    version = published(tmp_path)
    damage(tmp_path / version / name)
    with pytest.raises(IndexDamaged, match=name):
        load_index(tmp_path)


def test_a_missing_file_a_broken_manifest_and_a_lost_version_are_noticed(tmp_path: Path) -> None:
    version = published(tmp_path)
    (tmp_path / version / "facts.jsonl").unlink()
    with pytest.raises(IndexDamaged, match=r"facts\.jsonl"):
        load_index(tmp_path)
    (tmp_path / version / MANIFEST).write_text("{", "utf-8")
    with pytest.raises(IndexDamaged, match=MANIFEST):
        load_index(tmp_path)
    (tmp_path / "current").write_text("20200101-000000-000-00000000\n", "utf-8")
    with pytest.raises(IndexDamaged, match="20200101"):
        load_index(tmp_path)
    (tmp_path / "current").write_text("../elsewhere\n", "utf-8")
    with pytest.raises(IndexDamaged, match="elsewhere"):
        load_index(tmp_path)


def test_counts_that_do_not_fit_are_noticed(tmp_path: Path) -> None:
    published(tmp_path, change=lambda m: replace(m, counts=replace(m.counts, chunks=3)))
    with pytest.raises(IndexDamaged, match="条数不符"):
        load_index(tmp_path)


def test_published_vectors_are_kept_by_the_digest_of_their_text(tmp_path: Path) -> None:
    published(tmp_path)
    vectors = published_vectors(tmp_path, ENCODER)
    assert list(vectors) == ["digest of the first", "digest of the second"]
    assert vectors["digest of the second"] == pytest.approx([0.6, 0.8])
    damage(tmp_path / current_version(tmp_path) / "index.faiss")
    assert published_vectors(tmp_path, ENCODER) == {}


# ---------------------------------------------------------------- publishing


def test_nothing_is_current_before_it_is_published(tmp_path: Path) -> None:
    of = content()
    write_version(tmp_path, of, manifest(of))
    with pytest.raises(IndexMissing):
        current_version(tmp_path)
    assert versions(tmp_path) == []


def test_the_last_five_versions_are_kept(tmp_path: Path) -> None:
    names = [published(tmp_path, f"通知{n}") for n in range(7)]
    assert versions(tmp_path) == names[2:]
    assert current_version(tmp_path) == names[-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names[2:], "current"])


def test_rollback_goes_back_one_version_at_a_time(tmp_path: Path) -> None:
    first, second, third = (published(tmp_path, f"通知{n}") for n in range(3))
    assert rollback(tmp_path) == second
    assert load_index(tmp_path).notices["甲"].title == "通知1"
    assert rollback(tmp_path) == first
    with pytest.raises(IndexMissing):
        rollback(tmp_path)
    assert current_version(tmp_path) == first
    assert versions(tmp_path) == [first, second, third]


# ---------------------------------------------------------------- hot reload


class Clock:
    """Seconds, set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_new_version_is_picked_up_within_a_second(tmp_path: Path) -> None:
    clock = Clock()
    store = IndexStore(tmp_path, clock)
    published(tmp_path, "第一版")
    first = store.current(ENCODER)
    assert first.notices["甲"].title == "第一版"
    published(tmp_path, "第二版")
    clock.now = 0.9
    assert store.current(ENCODER) is first
    clock.now = 1.1
    second = store.current(ENCODER)
    assert second.notices["甲"].title == "第二版"
    assert first.notices["甲"].title == "第一版"
    clock.now = 2.2
    assert store.current(ENCODER) is second
    rollback(tmp_path)
    clock.now = 3.3
    assert store.current(ENCODER).notices["甲"].title == "第一版"


def test_a_damaged_new_version_leaves_the_good_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    store = IndexStore(tmp_path, clock)
    published(tmp_path, "第一版")
    good = store.current(ENCODER)
    damage(tmp_path / published(tmp_path, "第二版") / "chunks.jsonl")
    clock.now = 2.0
    with caplog.at_level(logging.ERROR):
        assert store.current(ENCODER) is good
    assert "chunks.jsonl" in caplog.text
    published(tmp_path, "第三版")
    clock.now = 4.0
    assert store.current(ENCODER).notices["甲"].title == "第三版"


def test_a_store_without_an_index_finds_the_first_one(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    with pytest.raises(IndexMissing):
        store.current(ENCODER)
    published(tmp_path)
    assert store.current(ENCODER).notices["甲"].title == "关于申报的通知"
    with pytest.raises(IndexMismatch):
        store.current("other@2")
