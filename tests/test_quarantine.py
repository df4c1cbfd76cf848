"""Files on their way into the knowledge folder: names, places, interruptions, and the way back."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import UploadError
from bot.quarantine import (
    MAX_FILES,
    NAME_BYTES,
    Quarantine,
    Upload,
    UploadState,
    safe_file_name,
    safe_folder_name,
)

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NOTICE = "智能工厂"
OLD, NEW = "企业于2024年11月22日前提交。".encode(), "企业于2024年11月29日前提交。".encode()


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    (folder / NOTICE / "附件").mkdir(parents=True)
    (folder / NOTICE / "通知.txt").write_bytes(OLD)
    (folder / NOTICE / "附件" / "附件2.xlsx").write_bytes(b"old sheet")
    return folder


@pytest.fixture
def store(tmp_path: Path, knowledge: Path) -> Quarantine:
    return Quarantine(tmp_path / "var", knowledge)


def upload_of(store: Quarantine, *files: tuple[str, bytes], notice: str = NOTICE) -> Upload:
    upload = store.open("telegram:7", "李四", AT)
    for name, data in files:
        store.add(upload.id, name, data)
    return store.choose(upload.id, notice)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, hidden ones included."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("通知.docx", "通知.docx"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\win.ini", "win.ini"),
        ("/absolute/附件2.xlsx", "附件2.xlsx"),
        ("..", "文件"),
        ("", "文件"),
        (".env", "env"),
        ("~$通知.docx", "通知.docx"),
        ("a\x00b\nc\u202etxt.exe", "abctxt.exe"),
        ('附件2:"要素"?.xlsx', "附件2__要素__.xlsx"),
        ("con.txt", "_con.txt"),
        ("e\u0301.txt", "é.txt"),
        ("通知 . . ", "通知"),
    ],
    ids=lambda value: ascii(value),
)
def test_a_sent_name_becomes_one_that_is_safe(sent: str, kept: str) -> None:
    assert safe_file_name(sent) == kept


def test_an_over_long_name_is_cut_at_whole_characters_and_keeps_its_suffix() -> None:
    name = safe_file_name("关于" * 200 + ".docx")
    assert len(name.encode()) <= NAME_BYTES
    assert name == "关于" * 32 + "关" + ".docx"
    assert len(safe_file_name("x." + "y" * 300).encode()) <= NAME_BYTES


def test_a_folder_is_never_hidden_nor_the_folder_of_faq_entries() -> None:
    assert safe_folder_name("关于A/B的通知") == "关于A_B的通知"
    assert safe_folder_name("FAQ") == "FAQ_"
    assert safe_folder_name("...") == "新通知"
    assert safe_folder_name("../faq") == "_faq"


# ---------------------------------------------------------------- coming in


def test_nothing_reaches_the_knowledge_folder_before_it_is_placed(store: Quarantine, knowledge: Path) -> None:
    before = tree(knowledge)
    upload = upload_of(store, ("通知.txt", NEW))
    with store.staged(upload) as staging:
        assert tree(staging) == {
            f"{NOTICE}/通知.txt": NEW,
            f"{NOTICE}/附件/附件2.xlsx": b"old sheet",
        }
        assert tree(knowledge) == before
    assert tree(knowledge) == before
    assert not staging.exists()


def test_two_files_of_one_name_are_both_kept(store: Quarantine) -> None:
    upload = upload_of(store, ("表.xlsx", b"1"), ("表.XLSX", b"2"), ("表.xlsx", b"3"))
    assert [file.name for file in upload.files] == ["表.xlsx", "表（2）.XLSX", "表（3）.xlsx"]


def test_an_upload_survives_a_restart(tmp_path: Path, knowledge: Path, store: Quarantine) -> None:
    upload = upload_of(store, ("通知.txt", NEW))
    assert Quarantine(tmp_path / "var", knowledge).pending() == (upload,)


def test_what_a_killed_trial_left_is_removed_later(
    tmp_path: Path, knowledge: Path, store: Quarantine
) -> None:
    upload_of(store, ("通知.txt", NEW))
    left = tmp_path / "var" / "uploads" / "staging-x"
    left.mkdir()
    Quarantine(tmp_path / "var", knowledge)
    assert left.exists()
    os.utime(left, (1.0, 1.0))
    assert len(Quarantine(tmp_path / "var", knowledge).pending()) == 1
    assert not left.exists()


def test_an_upload_takes_so_many_files_and_no_more(store: Quarantine) -> None:
    upload = store.open("telegram:7", "李四", AT)
    for number in range(MAX_FILES):
        store.add(upload.id, f"{number}.txt", b"x")
    with pytest.raises(UploadError, match="最多"):
        store.add(upload.id, "more.txt", b"x")


@pytest.mark.parametrize("upload_id", ["", "../uploads", "zzzzzzzz", "0" * 8, "0" * 9])
def test_an_unknown_upload_is_none(store: Quarantine, upload_id: str) -> None:
    assert store.get(upload_id) is None


@pytest.mark.parametrize("notice", ["../outside", "a/b", "faq", ".hidden", ""])
def test_no_folder_outside_the_notices_can_be_chosen(store: Quarantine, notice: str) -> None:
    upload = store.open("telegram:7", "李四", AT)
    with pytest.raises(UploadError):
        store.choose(upload.id, notice)


@pytest.mark.parametrize("path", ["../other.txt", "没有.txt", "附件"])
def test_only_a_file_of_the_notice_can_be_replaced(store: Quarantine, path: str) -> None:
    upload = upload_of(store, ("新.txt", NEW))
    with pytest.raises(UploadError):
        store.choose(upload.id, NOTICE, path)


def test_a_linked_folder_is_not_offered(store: Quarantine, knowledge: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (knowledge / "链接").symlink_to(tmp_path / "elsewhere")
    (knowledge / "faq").mkdir()
    assert store.folders() == (NOTICE,)


# ---------------------------------------------------------------- going in and coming back


def test_a_file_of_the_same_name_is_replaced_wherever_it_lies_and_kept(
    store: Quarantine, knowledge: Path, tmp_path: Path
) -> None:
    upload = upload_of(store, ("附件2.XLSX", b"new sheet"), ("通知.txt", NEW), ("附件3.txt", b"third"))
    placed = store.place(upload.id, "v1")
    assert placed.state is UploadState.PLACING
    assert tree(knowledge) == {
        f"{NOTICE}/通知.txt": NEW,
        f"{NOTICE}/附件/附件2.xlsx": b"new sheet",
        f"{NOTICE}/附件3.txt": b"third",
    }
    kept = f"2026-11-22-{upload.id}/{NOTICE}"
    assert tree(tmp_path / "var" / "replaced") == {
        f"{kept}/通知.txt": OLD,
        f"{kept}/附件/附件2.xlsx": b"old sheet",
    }


def test_a_file_of_another_name_takes_the_place_of_the_one_named(store: Quarantine, knowledge: Path) -> None:
    upload = upload_of(store, ("附件2（修订）.xlsx", b"new sheet"))
    upload = store.choose(upload.id, NOTICE, "附件/附件2.xlsx")
    store.place(upload.id, "v1")
    assert tree(knowledge) == {
        f"{NOTICE}/通知.txt": OLD,
        f"{NOTICE}/附件/附件2（修订）.xlsx": b"new sheet",
    }
    store.put_back(upload.id)
    assert tree(knowledge) == {f"{NOTICE}/通知.txt": OLD, f"{NOTICE}/附件/附件2.xlsx": b"old sheet"}


def test_putting_back_leaves_the_knowledge_folder_as_it_was_and_the_upload_pending(
    store: Quarantine, knowledge: Path
) -> None:
    before = tree(knowledge)
    upload = upload_of(store, ("通知.txt", NEW), ("附件3.txt", b"third"))
    store.place(upload.id, "v1")
    store.published(upload.id, "v2")
    assert store.pending() == ()
    back, left = store.put_back(upload.id)
    assert (tree(knowledge), left) == (before, ())
    assert store.pending() == (back,)
    store.place(upload.id, "v1")
    assert tree(knowledge)[f"{NOTICE}/通知.txt"] == NEW


def test_a_new_notice_gets_a_folder_and_putting_back_removes_it(store: Quarantine, knowledge: Path) -> None:
    upload = upload_of(store, ("通知.txt", NEW), notice="绿色工厂")
    store.place(upload.id, "")
    assert tree(knowledge)["绿色工厂/通知.txt"] == NEW
    store.put_back(upload.id)
    assert store.folders() == (NOTICE,)


def test_what_somebody_changed_after_publication_is_left_and_named(
    store: Quarantine, knowledge: Path
) -> None:
    upload = upload_of(store, ("通知.txt", NEW))
    store.place(upload.id, "v1")
    store.published(upload.id, "v2")
    (knowledge / NOTICE / "通知.txt").write_bytes(b"edited by hand")
    _, left = store.put_back(upload.id)
    assert left == (f"{NOTICE}/通知.txt",)
    assert tree(knowledge)[f"{NOTICE}/通知.txt"] == b"edited by hand"


def test_a_decided_upload_cannot_be_decided_again(store: Quarantine) -> None:
    upload = upload_of(store, ("通知.txt", NEW))
    store.discard(upload.id)
    for act in (
        lambda: store.discard(upload.id),
        lambda: store.place(upload.id, "v1"),
        lambda: store.add(upload.id, "b.txt", b"b"),
        lambda: store.choose(upload.id, NOTICE),
        lambda: store.put_back(upload.id),
    ):
        with pytest.raises(UploadError):
            act()


def test_a_discarded_upload_leaves_no_file_behind(store: Quarantine, tmp_path: Path) -> None:
    upload = upload_of(store, ("通知.txt", NEW))
    store.discard(upload.id)
    assert list(tree(tmp_path / "var")) == [f"uploads/{upload.id}/upload.json"]


# ---------------------------------------------------------------- interruptions


class Crash(BaseException):
    """The end of the process."""


@pytest.mark.parametrize("step", range(1, 12))
def test_wherever_the_process_ends_placing_can_be_finished_or_undone(
    store: Quarantine, knowledge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Ends at the n-th rename: each is a moment at which something has become visible on the disk."""
    before = tree(knowledge)
    upload = upload_of(store, ("通知.txt", NEW), ("附件2（修订）.xlsx", b"new"), ("附件2.xlsx", b"new sheet"))
    renames = 0
    rename = Path.replace

    def crashing(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if renames == step:
            raise Crash
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", crashing)
    try:
        store.place(upload.id, "v1")
        store.published(upload.id, "v2")
        store.put_back(upload.id)
    except Crash:
        pass
    else:
        assert step > 8, "the crash never came"
    monkeypatch.undo()
    for content in tree(knowledge).values():
        assert content in (*before.values(), NEW, b"new", b"new sheet") or not content
    again = Quarantine(tmp_path / "var", knowledge)
    assert again.get(upload.id) is not None
    state = again.get(upload.id).state  # type: ignore[union-attr]
    if state is not UploadState.PUBLISHED:
        again.place(upload.id, "v1")
        again.published(upload.id, "v2")
        assert tree(knowledge) == {
            f"{NOTICE}/通知.txt": NEW,
            f"{NOTICE}/附件/附件2.xlsx": b"new sheet",
            f"{NOTICE}/附件2（修订）.xlsx": b"new",
        }
    again.put_back(upload.id)
    assert tree(knowledge) == before


def test_a_full_disk_says_so_and_loses_nothing(
    store: Quarantine, knowledge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(knowledge)
    upload = upload_of(store, ("通知.txt", NEW))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UploadError, match="磁盘"):
        store.place(upload.id, "v1")
    monkeypatch.undo()
    assert {path: data for path, data in tree(knowledge).items() if "/." not in path} == before
    assert store.pending()[0].files == upload.files
