"""Knowledge folder -> published index, and the command that staff type."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import index_builder
from bot.config import PROJECT
from bot.errors import BuildLocked, IndexMissing
from bot.index.building import PIPELINE, build_index
from bot.index.locking import build_lock
from bot.index.receipts import BuildProgress, BuildStage
from bot.index.store import load_index
from bot.index.versions import current_version, versions
from tests.bundled_encoder import MODEL_CACHE, NotingEncoder, bundled_encoder

GRANT = """关于组织申报2025年度数字化改造补助的通知

各县（市、区）工信局：

一、申报条件
（一）在本市注册，具有独立法人资格。
（二）2024年营业收入不低于2000万元。

二、申报时间
企业于2025年6月30日前在线提交，逾期不予受理。

附件：1.申报书
2.承诺书

江海市工业和信息化局
2025年5月6日
"""
PARK = """关于开展绿色园区评价的通知

各园区：

一、评价范围
省级以上园区。

二、联系方式
联系人：陈明，电话0799-6661234。

江海市生态环境局
2025年3月1日
"""


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    for name, text in (("数字化补助", GRANT), ("绿色园区", PARK)):
        (folder / name).mkdir(parents=True)
        (folder / name / "通知.txt").write_text(text, "utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def encoder() -> NotingEncoder:
    return NotingEncoder(bundled_encoder())


# ---------------------------------------------------------------- building


def test_every_clause_is_indexed_and_can_be_found(
    knowledge: Path, root: Path, encoder: NotingEncoder
) -> None:
    receipt = build_index(knowledge, root, encoder)
    index = load_index(root, encoder.name)
    assert receipt.published and receipt.version == index.version
    assert [notice.title for notice in receipt.notices] == [
        "关于组织申报2025年度数字化改造补助的通知",
        "关于开展绿色园区评价的通知",
    ]
    assert receipt.failures == 0
    assert receipt.counts.chunks == len(index.chunks) == len(index.vectors) == len(index.lexical)
    assert [(item.number, item.title) for item in receipt.notices[0].missing_attachments] == [
        ("1", "申报书"),
        ("2", "承诺书"),
    ]
    for chunk in index.chunks:
        assert index.documents[chunk.document_id].text[chunk.start : chunk.end] == chunk.text
    query = "逾期还能交吗"
    dense = index.vectors.search(encoder.encode_queries([query])[0], 3)
    lexical = index.lexical.search(query, 1)
    assert any("逾期不予受理" in index.chunks[row].text for row, _ in dense)
    assert "逾期不予受理" in index.chunks[lexical[0][0]].text
    assert any(fact.value == "2025-06-30" for facts in index.facts.values() for fact in facts)


def test_only_changed_clauses_are_encoded_again(knowledge: Path, root: Path, encoder: NotingEncoder) -> None:
    before = build_index(knowledge, root, encoder)
    assert before.encoded == len(encoder.passages) == len(set(encoder.passages))
    encoder.passages.clear()

    (knowledge / "绿色园区" / "通知.txt").write_text(PARK.replace("0799-6661234", "0799-6665678"), "utf-8")
    after = build_index(knowledge, root, encoder)
    assert after.published and after.version != before.version
    assert after.encoded == len(encoder.passages) == 1
    assert "0799-6665678" in encoder.passages[0]

    index = load_index(root, encoder.name)
    anew = bundled_encoder().encode_passages(encoder.passages)[0]
    row = next(row for row, chunk in enumerate(index.chunks) if "0799-6665678" in chunk.text)
    assert index.vectors.vectors()[row] == pytest.approx(anew, abs=1e-6)


def test_nothing_is_published_where_nothing_has_changed(
    knowledge: Path, root: Path, encoder: NotingEncoder
) -> None:
    first = build_index(knowledge, root, encoder)
    second = build_index(knowledge, root, encoder)
    assert (second.unchanged, second.published, second.version) == (True, False, first.version)
    assert versions(root) == [first.version]


def test_a_damaged_version_is_built_anew(knowledge: Path, root: Path, encoder: NotingEncoder) -> None:
    version = build_index(knowledge, root, encoder).version
    with (root / version / "lexical" / "meta.json").open("a", encoding="utf-8") as file:
        file.write("{}\n")
    again = build_index(knowledge, root, encoder)
    assert again.published and not again.unchanged
    assert load_index(root, encoder.name).version == again.version != version


def test_another_encoder_encodes_everything_again(
    knowledge: Path, root: Path, encoder: NotingEncoder
) -> None:
    first = build_index(knowledge, root, encoder)
    other = NotingEncoder(bundled_encoder(), "other@1")
    second = build_index(knowledge, root, other)
    assert second.published and second.encoded == first.encoded
    assert load_index(root, "other@1").version == second.version


def test_one_bad_file_never_stops_the_others(knowledge: Path, root: Path, encoder: NotingEncoder) -> None:
    folder = knowledge / "数字化补助"
    (folder / "附件1-申报书.docx").write_bytes(b"PK\x03\x04 cut off")
    (folder / "图纸.dwg").write_bytes(bytes(range(256)) * 20)
    (folder / "空.txt").write_bytes(b"")
    (knowledge / "只有图片").mkdir()
    (knowledge / "只有图片" / "封面.bmp").write_bytes(b"BM" + bytes(500))
    receipt = build_index(knowledge, root, encoder)
    errors = {file.report.file for notice in receipt.notices for file in notice.files if file.report.error}
    assert errors == {
        "数字化补助/附件1-申报书.docx",
        "数字化补助/图纸.dwg",
        "数字化补助/空.txt",
        "只有图片/封面.bmp",
    }
    assert receipt.failures == 4
    assert receipt.counts.notices == receipt.counts.documents == 2

    again = build_index(knowledge, root, encoder)
    assert again.unchanged and again.failures == 4 and again.version == receipt.version


def test_a_folder_without_text_leaves_the_published_version(
    knowledge: Path, root: Path, encoder: NotingEncoder
) -> None:
    version = build_index(knowledge, root, encoder).version
    for folder in knowledge.iterdir():
        shutil.rmtree(folder)
    with pytest.raises(IndexMissing, match="未发布"):
        build_index(knowledge, root, encoder)
    assert current_version(root) == version


def test_two_equal_clauses_are_encoded_once_and_both_found(
    knowledge: Path, root: Path, encoder: NotingEncoder
) -> None:
    shutil.copytree(knowledge / "绿色园区", knowledge / "绿色园区（副本）")
    receipt = build_index(knowledge, root, encoder)
    assert len(encoder.passages) == len(set(encoder.passages)) < receipt.counts.chunks
    index = load_index(root, encoder.name)
    rows = [row for row, chunk in enumerate(index.chunks) if "陈明" in chunk.text]
    assert len(rows) == 2
    vectors = index.vectors.vectors()
    assert vectors[rows[0]].tolist() == vectors[rows[1]].tolist()


def test_progress_ends_at_its_total(knowledge: Path, root: Path, encoder: NotingEncoder) -> None:
    seen: list[BuildProgress] = []
    build_index(knowledge, root, encoder, seen.append)
    last = {progress.stage: progress for progress in seen}
    assert list(last) == list(BuildStage)
    assert all(progress.done == progress.total for progress in last.values())
    assert last[BuildStage.READING].total == 2
    assert last[BuildStage.ENCODING].total == len(encoder.passages)


def test_a_second_builder_is_told_who_is_at_work(knowledge: Path, root: Path, encoder: NotingEncoder) -> None:
    with build_lock(root), pytest.raises(BuildLocked, match=f"进程 {os.getpid()}"):
        build_index(knowledge, root, encoder)
    assert build_index(knowledge, root, encoder).published


def test_every_module_that_makes_the_content_is_part_of_the_digest() -> None:
    """Else a changed rule would leave an old index that nobody rebuilds."""
    program = (
        "import sys, bot.documents.library, bot.chunking, bot.facts, bot.index.lexical\n"
        "for name in ('docx', 'html', 'pdf', 'plain', 'sheets'): __import__(f'bot.documents.{name}')\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('bot.') and m.__file__))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    used = {Path(name).relative_to(PROJECT / "bot") for name in run.stdout.split()}
    digested = {
        path.relative_to(PROJECT / "bot") for pattern in PIPELINE for path in (PROJECT / "bot").glob(pattern)
    }
    without_rules = {Path("errors.py"), Path("index/__init__.py")}
    assert used - digested - without_rules == set()


# ---------------------------------------------------------------- the command


@pytest.fixture
def command_settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INDEX_DIR", str(root))
    monkeypatch.setenv("MODEL_CACHE_DIR", str(MODEL_CACHE))
    monkeypatch.setenv("EMBEDDING_MODEL", "default")


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and all that was printed."""
    code = index_builder.main(arguments)
    output = capsys.readouterr()
    return code, output.out + output.err


@pytest.mark.usefixtures("command_settings")
def test_the_commands_tell_one_story(knowledge: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--knowledge", str(knowledge))
    code, output = run_command(capsys, *where, "--status")
    assert code == 1 and "python index_builder.py" in output

    code, output = run_command(capsys, *where)
    first = current_version(root)
    assert code == 0
    assert "■ 关于组织申报2025年度数字化改造补助的通知" in output
    assert "✓ 数字化补助/通知.txt：txt，" in output
    assert "没有提供的附件：附件1《申报书》、附件2《承诺书》" in output
    assert output.rstrip().endswith(f"已发布版本 {first}")

    code, output = run_command(capsys, *where)
    assert code == 0 and "没有变化" in output and current_version(root) == first

    (knowledge / "绿色园区" / "图纸.dwg").write_bytes(bytes(range(256)) * 20)
    code, output = run_command(capsys, *where, "--status")
    assert code == 0 and first in output and "新增 绿色园区/图纸.dwg" in output

    code, output = run_command(capsys, *where, "--check")
    assert code == 1 and "✗ 绿色园区/图纸.dwg" in output and "未发布" in output
    assert current_version(root) == first

    code, output = run_command(capsys, *where)
    second = current_version(root)
    assert code == 0 and second != first and "✗ 绿色园区/图纸.dwg" in output

    code, output = run_command(capsys, "--rollback")
    assert code == 0 and first in output and current_version(root) == first
    code, output = run_command(capsys, "--rollback")
    assert code == 1 and current_version(root) == first


@pytest.mark.usefixtures("command_settings")
def test_bad_usage_and_a_missing_folder_exit_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = run_command(capsys, "--knowledge", str(tmp_path / "nowhere"))
    assert code == 2 and "nowhere" in output
    assert run_command(capsys, "--status", "--check")[0] == 2
    assert run_command(capsys, "--sideways")[0] == 2


@pytest.mark.usefixtures("command_settings")
def test_a_check_saves_its_receipt_as_a_page(
    knowledge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_command(capsys, "--knowledge", str(knowledge))
    notice = knowledge / "数字化补助" / "通知.txt"
    notice.write_text(GRANT.replace("6月30日", "7月15日"), "utf-8")
    page = tmp_path / "回执" / "回执.html"
    code, output = run_command(capsys, "--knowledge", str(knowledge), "--check", "--report", str(page))
    assert code == 0
    assert "截止日期：2025年6月30日 → 2025年7月15日（二、，企业）" in output
    assert "<ins>2025年7月15日</ins>" in page.read_text("utf-8")


@pytest.mark.usefixtures("command_settings")
def test_a_page_that_cannot_be_written_says_so(
    knowledge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = run_command(capsys, "--knowledge", str(knowledge), "--report", str(tmp_path))
    assert code == 2
    assert "回执不能写入" in output
    assert "已发布版本" in output


@pytest.mark.usefixtures("command_settings")
def test_another_builder_is_waited_for_and_then_exits_with_4(
    knowledge: Path, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_builder, "SECONDS_TO_WAIT", 0.5)
    with build_lock(root):
        code, output = run_command(capsys, "--knowledge", str(knowledge))
    assert code == 4 and output.count(f"进程 {os.getpid()}") == 2 and "等它结束" in output


@pytest.mark.usefixtures("command_settings")
def test_an_empty_folder_says_what_belongs_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    code, output = run_command(capsys, "--knowledge", str(tmp_path / "empty"))
    assert code == 1 and "为每份通知建一个文件夹" in output


@pytest.mark.usefixtures("command_settings")
def test_an_index_inside_the_knowledge_folder_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = run_command(capsys, "--knowledge", str(root.parent))
    assert code == 2 and "INDEX_DIR" in output
    assert not root.exists()


@pytest.mark.usefixtures("command_settings")
def test_watching_rebuilds_after_a_change_and_ends_on_ctrl_c(knowledge: Path) -> None:
    command = [
        sys.executable,
        "-u",
        str(PROJECT / "index_builder.py"),
        "--knowledge",
        str(knowledge),
        "--watch",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        guard = threading.Timer(60, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            first = next(line for line in process.stdout if line.startswith("已发布版本"))
            (knowledge / "绿色园区" / "通知.txt").write_text(PARK.replace("陈明", "林红"), "utf-8")
            second = next(line for line in process.stdout if line.startswith("已发布版本"))
            assert first != second
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            assert process.wait() == 130
        finally:
            guard.cancel()
            process.kill()
