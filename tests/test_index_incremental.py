"""A refresh: only what has changed is read and encoded, and the result is that of a build from nothing."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.changes import NoticeState
from bot.datamodels import CitedClause, FaqEntry, FilePart
from bot.documents import read_parts
from bot.errors import DocumentChanging, SettingsError
from bot.faq import Clauses
from bot.faq_markdown import page_to_markdown
from bot.index.building import IndexBuilder
from bot.index.objects import FOLDERS
from bot.index.sources import SourceScanner
from bot.index.store import Index, load_index
from bot.index.versions import current_version, read_manifest, rollback, versions
from tests.permissions import without_permission
from tests.plain_encoder import PlainEncoder

LINES = (
    "一、申报条件",
    "申报主体须在本省注册，具有独立法人资格。",
    "二、申报时间",
    "企业于2025年{n}月{n}日前在线提交，逾期不予受理。",
    "三、支持政策",
    "对获评企业给予一次性奖励{n}00万元。",
    "四、联系方式",
    "联系人：陈明，电话0799-66612{n:02d}。",
)


def notice(n: int) -> str:
    return "\n".join(
        (f"关于组织第{n}批项目申报的通知", "", "各有关单位：", *LINES, "", "江海市工信局", "2025年1月2日")
    ).format(n=n)


class Reader:
    """Reads files, and notes which."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.fail_on: dict[str, Exception] = {}

    def __call__(self, path: Path) -> tuple[FilePart, ...]:
        self.files.append(f"{path.parent.name}/{path.name}")
        if path.name in self.fail_on:
            raise self.fail_on[path.name]
        return read_parts(path)


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    for n in range(1, 7):
        (folder / f"通知{n}").mkdir(parents=True)
        write(folder / f"通知{n}" / "通知.txt", notice(n))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def encoder() -> PlainEncoder:
    return PlainEncoder()


@pytest.fixture
def builder(knowledge: Path, root: Path, encoder: PlainEncoder, reader: Reader) -> Iterator[IndexBuilder]:
    with IndexBuilder(knowledge, root, encoder, reader) as builder:
        yield builder


def write(path: Path, text: str, age: float = 60) -> None:
    """A file that was written some seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))


def replace_in(path: Path, before: str, after: str, age: float = 30) -> None:
    text = path.read_text("utf-8")
    assert before in text
    write(path, text.replace(before, after), age)


def assert_same_answers(one: Index, other: Index) -> None:
    """All that an answer is made of, and what searches find, scores and order included."""
    assert (one.notices, one.documents, one.chunks) == (other.notices, other.documents, other.chunks)
    assert (one.facts, one.rows, one.faq) == (other.facts, other.rows, other.faq)
    assert list(one.notices) == list(other.notices)
    assert np.array_equal(one.vectors.vectors(), other.vectors.vectors())
    vector = one.vectors.vectors()[0]
    for scope in (None, list(one.notices)[::2]):
        rows = None if scope is None else np.concatenate([one.notice_rows[each] for each in scope])
        assert one.vectors.search(vector, 12, rows) == other.vectors.search(vector, 12, rows)
        for query in ("什么时候截止", "奖励300万元", "独立法人资格", "陈明的电话"):
            assert one.lexical.search(query, 12, scope) == other.lexical.search(query, 12, scope)


# ---------------------------------------------------------------- what is done again


def test_one_changed_line_is_one_file_read_and_one_text_encoded(
    builder: IndexBuilder, knowledge: Path, root: Path, reader: Reader, encoder: PlainEncoder
) -> None:
    write(knowledge / "通知3" / "附件1：申报书.txt", "附件1\n申报书\n一、企业名称\n二、项目名称")
    builder.build()
    assert len(reader.files) == 7
    reader.files.clear()
    encoder.passages.clear()
    replace_in(knowledge / "通知3" / "通知.txt", "3月3日", "3月13日")
    receipt = builder.build()
    assert reader.files == ["通知3/通知.txt"]
    assert len(encoder.passages) == receipt.encoded == 1 and "3月13日" in encoder.passages[0]
    assert receipt.read == ("通知3",) and len(receipt.notices) == 6
    (change,) = receipt.changes
    assert [str(fact) for fact in change.facts] == ["截止日期：2025年3月3日 → 2025年3月13日（二、，企业）"]


def test_a_new_process_reads_no_more(
    builder: IndexBuilder, knowledge: Path, root: Path, encoder: PlainEncoder
) -> None:
    builder.build()
    replace_in(knowledge / "通知3" / "通知.txt", "3月3日", "3月13日")
    reader = Reader()
    with IndexBuilder(knowledge, root, encoder, reader) as cold:
        receipt = cold.build()
    assert reader.files == ["通知3/通知.txt"] and receipt.encoded == 1
    assert [notice.title for notice in receipt.notices] == [
        f"关于组织第{n}批项目申报的通知" for n in range(1, 7)
    ]


def test_a_moved_file_and_a_copied_folder_are_not_read_again(
    builder: IndexBuilder, knowledge: Path, root: Path, reader: Reader, encoder: PlainEncoder
) -> None:
    builder.build()
    reader.files.clear()
    encoder.passages.clear()
    (knowledge / "通知2").rename(knowledge / "通知2（新）")
    shutil.copytree(knowledge / "通知3", knowledge / "通知3（副本）")
    receipt = builder.build()
    assert reader.files == [] and receipt.encoded == 0
    assert set(load_index(root).notices) == {
        "通知1", "通知2（新）", "通知3", "通知3（副本）", "通知4", "通知5", "通知6",
    }  # fmt: skip
    states = {change.notice_id: change.state for change in receipt.changes}
    assert states == {
        "通知2": NoticeState.REMOVED,
        "通知2（新）": NoticeState.ADDED,
        "通知3（副本）": NoticeState.ADDED,
    }


def test_an_untouched_file_is_not_even_hashed_but_a_fresh_one_always_is(knowledge: Path) -> None:
    """Two writes within one step of the clock leave the same size and time."""
    old, fresh = knowledge / "通知1" / "通知.txt", knowledge / "通知2" / "通知.txt"
    now = datetime.now(UTC).timestamp()
    os.utime(fresh, (now, now))
    scanner = SourceScanner(knowledge)
    before = {file.path: file.sha256 for each in scanner.scan() for file in each.files}
    for path in (old, fresh):
        status = path.stat()
        data = path.read_bytes()
        with path.open("r+b") as file:  # the same inode, size and time; another content
            file.write(data.replace("申报".encode(), "报申".encode()))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = {file.path: file.sha256 for each in scanner.scan() for file in each.files}
    assert {path for path in after if after[path] != before[path]} == {"通知2/通知.txt"}
    cold = {file.path: file.sha256 for each in SourceScanner(knowledge).scan() for file in each.files}
    assert {path for path in cold if cold[path] != before[path]} == {"通知1/通知.txt", "通知2/通知.txt"}


def test_unchanged_notices_keep_their_receipts_for_a_check(
    builder: IndexBuilder, knowledge: Path, root: Path, reader: Reader
) -> None:
    write(knowledge / "通知4" / "图纸.dwg", "\0\1\2" * 500)
    first = builder.build()
    reader.files.clear()
    checked = builder.build(publishing=False)
    assert checked.notices == first.notices and checked.failures == first.failures == 1
    assert reader.files == []
    assert current_version(root) == first.version and not checked.published


def test_what_failed_is_read_again_by_a_new_process_only(
    builder: IndexBuilder, knowledge: Path, root: Path, reader: Reader, encoder: PlainEncoder
) -> None:
    """The same bytes fail the same way; but the next process may have LibreOffice."""
    write(knowledge / "通知4" / "图纸.dwg", "\0\1\2" * 500)
    builder.build()
    reader.files.clear()
    replace_in(knowledge / "通知3" / "通知.txt", "3月3日", "3月13日")
    assert builder.build().failures == 1
    assert reader.files == ["通知3/通知.txt"]
    cold_reader = Reader()
    with IndexBuilder(knowledge, root, encoder, cold_reader) as cold:
        receipt = cold.build()
    assert cold_reader.files == ["通知4/图纸.dwg"]
    assert receipt.unchanged and receipt.failures == 1


def test_after_any_edits_the_index_is_that_of_a_build_from_nothing(
    builder: IndexBuilder, knowledge: Path, root: Path, tmp_path: Path, encoder: PlainEncoder
) -> None:
    rng = random.Random(11)
    builder.build()
    for turn in range(12):
        folders = sorted(path for path in knowledge.iterdir() if path.is_dir())
        for folder in rng.sample(folders, 2):
            match rng.randrange(4):
                case 0 if len(folders) > 3:
                    shutil.rmtree(folder)
                case 1:
                    write(
                        folder / f"附件{turn}：清单{turn}.txt", f"附件{turn}\n清单{turn}\n一、材料{turn}", 20
                    )
                case 2:
                    write(folder / "通知.txt", notice(turn + 20), 20)
                case _:
                    lines = (folder / "通知.txt").read_text("utf-8").split("\n")
                    lines[rng.randrange(3, len(lines) - 3)] += f"另行通知{turn}。"
                    write(folder / "通知.txt", "\n".join(lines), 20)
        write(knowledge / f"新{turn}" / "通知.txt", notice(turn + 40), 20)
        if turn % 3 == 0:
            write(knowledge / f"单份{turn}.txt", notice(turn + 60), 20)
        assert builder.build().published
    with IndexBuilder(knowledge, tmp_path / "fresh", encoder, read_parts) as fresh:
        fresh.build()
    assert_same_answers(load_index(root), load_index(tmp_path / "fresh"))


# ---------------------------------------------------------------- answers to frequent questions


def approve(knowledge: Path, name: str, quote: str, digest: str) -> None:
    clause = CitedClause("通知3/通知.txt", "二、", quote, digest)
    entry = FaqEntry(
        name,
        "第3批什么时候截止？",
        ("第三批最晚哪天报",),
        "2025年3月3日前。[1]",
        (clause,),
        "通知3",
        date(2025, 1, 8),
    )
    write(knowledge / "faq" / f"{name}.md", page_to_markdown(entry), 20)


def test_an_approved_answer_is_indexed_and_held_back_once_its_clause_has_changed(
    builder: IndexBuilder, knowledge: Path, root: Path, encoder: PlainEncoder
) -> None:
    builder.build()
    clauses = Clauses(load_index(root).chunks)
    deadline = next(each for each in clauses.at("通知3/通知.txt", "二、") if each.text.startswith("企业于"))
    approve(knowledge, "截止", "企业于2025年3月3日前在线提交，逾期不予受理。", deadline.digest)
    write(knowledge / "faq" / "drafts" / "草稿.md", "# 草稿", 20)
    encoder.passages.clear()
    receipt = builder.build()
    index = load_index(root)
    assert receipt.published and receipt.encoded == 0 and receipt.faq_held == () and receipt.changes == ()
    assert [entry.id for entry in index.faq] == ["截止"] and index.faq_owner == (0, 0)
    wordings = ["第3批什么时候截止？", "第三批最晚哪天报"]
    assert np.array_equal(index.faq_vectors, encoder.encode_queries(wordings))
    assert builder.build().unchanged

    replace_in(knowledge / "通知3" / "通知.txt", "3月3日", "3月13日")
    receipt = builder.build()
    assert [held.entry.id for held in receipt.faq_held] == ["截止"]
    assert load_index(root).faq == () and load_index(root).faq_vectors.shape == (0, encoder.dimension)

    replace_in(knowledge / "通知3" / "通知.txt", "3月13日", "3月3日", age=10)
    assert builder.build().faq_held == ()
    assert len(load_index(root).faq) == 1
    (knowledge / "faq" / "截止.md").unlink()
    assert builder.build().published and load_index(root).faq == ()


# ---------------------------------------------------------------- never worse than before


def test_a_file_that_is_being_written_stays_as_it_was_and_is_read_at_the_next_build(
    builder: IndexBuilder, knowledge: Path, root: Path, reader: Reader
) -> None:
    builder.build()
    replace_in(knowledge / "通知3" / "通知.txt", "3月3日", "3月13日")
    replace_in(knowledge / "通知5" / "通知.txt", "5月5日", "5月15日")
    reader.fail_on["通知.txt"] = DocumentChanging("文件正在被写入，这次没有读取。")
    before = current_version(root)
    receipt = builder.build()
    index = load_index(root)
    assert "3月3日" in index.documents["通知3/通知.txt"].text
    assert receipt.unsettled == ("通知3/通知.txt", "通知5/通知.txt")
    warnings = [w for notice in receipt.notices for file in notice.files for w in file.report.warnings]
    assert warnings == ["文件正在被写入，暂用上一版本里它的内容，下次更新时再读。"] * 2
    assert read_manifest(root, receipt.version).failed == receipt.unsettled
    reader.fail_on.clear()
    receipt = builder.build()
    assert receipt.published and receipt.unsettled == ()
    assert "3月13日" in load_index(root).documents["通知3/通知.txt"].text
    assert before in versions(root)


def test_a_file_that_changes_after_it_was_hashed_is_not_taken_for_what_was_hashed(
    knowledge: Path, root: Path, encoder: PlainEncoder
) -> None:
    path = knowledge / "通知3" / "通知.txt"

    def read_while_somebody_writes(each: Path) -> tuple[FilePart, ...]:
        if each == path:
            path.write_text(notice(3) + "\n五、补充\n请注意。", "utf-8")
        return read_parts(each)

    with IndexBuilder(knowledge, root, encoder, read_while_somebody_writes) as builder:
        receipt = builder.build()
    assert receipt.unsettled == ("通知3/通知.txt",) and "通知3" not in load_index(root).notices
    with IndexBuilder(knowledge, root, encoder, read_parts) as builder:
        assert builder.build().failures == 0
    assert "请注意" in load_index(root).documents["通知3/通知.txt"].text


def test_a_file_and_a_folder_without_permission_stay_as_they_were(
    builder: IndexBuilder, knowledge: Path, root: Path, reader: Reader
) -> None:
    write(knowledge / "通知4" / "附件" / "附件1：申报书.txt", "附件1\n申报书\n一、企业名称")
    builder.build()
    replace_in(knowledge / "通知2" / "通知.txt", "2月2日", "2月12日")
    replace_in(knowledge / "通知4" / "通知.txt", "4月4日", "4月14日")
    replace_in(knowledge / "通知5" / "通知.txt", "5月5日", "5月15日")
    with without_permission(knowledge / "通知2" / "通知.txt", knowledge / "通知4" / "附件"):
        receipt = builder.build()
        index = load_index(root)
        assert "2月2日" in index.documents["通知2/通知.txt"].text
        assert "4月4日" in index.documents["通知4/通知.txt"].text
        assert "通知4/附件/附件1：申报书.txt" in index.documents
        assert "5月15日" in index.documents["通知5/通知.txt"].text
        said = {notice.id: notice for notice in receipt.notices}
        assert "无法打开文件（Permission denied），暂用上一版本" in said["通知2"].files[0].report.warnings[0]
        assert said["通知4"].error.startswith("没有权限打开文件夹“通知4/附件”，这份通知暂用上一版本的内容")
        assert receipt.unsettled == ("通知2/通知.txt", "通知4/附件")
        with IndexBuilder(knowledge, root, PlainEncoder(), reader) as cold:
            again = cold.build()
        assert again.unchanged and again.unsettled == receipt.unsettled
    receipt = builder.build()
    index = load_index(root)
    assert receipt.failures == 0 and receipt.unsettled == ()
    assert "2月12日" in index.documents["通知2/通知.txt"].text
    assert "4月14日" in index.documents["通知4/通知.txt"].text


def test_a_knowledge_folder_that_cannot_be_opened_publishes_nothing(
    builder: IndexBuilder, knowledge: Path, root: Path
) -> None:
    version = builder.build().version
    with without_permission(knowledge), pytest.raises(SettingsError, match="知识文件夹"):
        builder.build()
    moved = knowledge.rename(knowledge.parent / "elsewhere")
    with pytest.raises(SettingsError, match="知识文件夹"):
        builder.build()
    moved.rename(knowledge)
    assert current_version(root) == version
    assert builder.build().unchanged


# ---------------------------------------------------------------- what is on disk counts


def test_a_lost_object_is_made_again(
    builder: IndexBuilder, knowledge: Path, root: Path, reader: Reader
) -> None:
    version = builder.build().version
    before = load_index(root)
    entry = read_manifest(root, version).notices[2]
    for name in (entry.records, entry.workings):
        for folder in FOLDERS:
            (root / folder / name).unlink()
    reader.files.clear()
    builder.build()
    assert reader.files == ["通知3/通知.txt"]
    assert_same_answers(load_index(root), before)


def test_a_damaged_copy_is_mended(builder: IndexBuilder, knowledge: Path, root: Path) -> None:
    version = builder.build().version
    names = list(read_manifest(root, version).objects)
    for number, name in enumerate(names):
        (root / FOLDERS[number % 2] / name).write_bytes(b"damaged")
    with IndexBuilder(knowledge, root, PlainEncoder(), read_parts) as cold:
        assert cold.build().unchanged
    assert all((root / folder / name).stat().st_size > 50 for name in names for folder in FOLDERS)


def test_after_a_lost_manifest_the_version_before_is_built_upon(
    builder: IndexBuilder, knowledge: Path, root: Path, encoder: PlainEncoder
) -> None:
    builder.build()
    replace_in(knowledge / "通知3" / "通知.txt", "3月3日", "3月13日")
    lost = builder.build().version
    (root / lost / "manifest.json").write_text("{", "utf-8")
    reader = Reader()
    with IndexBuilder(knowledge, root, encoder, reader) as cold:
        receipt = cold.build()
    assert receipt.published and receipt.encoded == 1 and reader.files == ["通知3/通知.txt"]
    assert "3月13日" in load_index(root).documents["通知3/通知.txt"].text


def test_a_warm_builder_follows_a_rollback(builder: IndexBuilder, knowledge: Path, root: Path) -> None:
    first = builder.build().version
    replace_in(knowledge / "通知3" / "通知.txt", "3月3日", "3月13日")
    builder.build()
    assert rollback(root) == first
    receipt = builder.build()
    assert receipt.published and [change.notice_id for change in receipt.changes] == ["通知3"]
