"""Staff's command: knowledge folder -> published index, with a receipt for every file."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot.command_line import EXIT_USAGE, Parser, fail
from bot.config import Settings, load_settings
from bot.errors import BuildLocked, NoticeAssistantError, SettingsError
from bot.receipts import LineKind, receipt_lines

if TYPE_CHECKING:
    from bot.index.building import IndexBuilder
    from bot.index.receipts import BuildProgress, BuildReceipt

EXIT_OK, EXIT_FAILED, EXIT_LOCKED, EXIT_INTERRUPTED = 0, 1, 4, 130
SECONDS_BETWEEN_POLLS = 1.0
SECONDS_TO_SETTLE = 0.3
"""For so long nothing in the folder may change before it is read: a copy may still be running."""
SECONDS_BEFORE_RETRY = 10.0
"""After a file was being written, a folder could not be opened, or the disk was full."""
SECONDS_TO_WAIT = 60.0
"""For another builder that holds the index folder."""
STAGES = {"reading": "读取文件", "encoding": "计算向量", "writing": "写入索引", "checking": "自检"}
MARKS = {
    LineKind.HEADING: "■ ",
    LineKind.CHANGE: "→ ",
    LineKind.GOOD: "✓ ",
    LineKind.DETAIL: "",
    LineKind.WARNING: "! ",
    LineKind.ERROR: "✗ ",
    LineKind.TOTAL: "",
    LineKind.OUTCOME: "",
}
STYLES = {
    LineKind.HEADING: "bold",
    LineKind.CHANGE: "cyan",
    LineKind.WARNING: "yellow",
    LineKind.ERROR: "red",
    LineKind.OUTCOME: "bold green",
}
CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0))}
"""A file's name may hold a terminal's control sequences."""
EPILOG = """\
例子：
  python index_builder.py             读取 knowledge/，建立并发布索引
  python index_builder.py --check     只检查，不发布；有文件出错时退出码为 1
  python index_builder.py --check --report 回执.html
  python index_builder.py --status    已发布的版本，知识库此后有无变化
  python index_builder.py --rollback  退回上一版本
  python index_builder.py --watch     知识库一有变化就重建

退出码：0 正常，1 出错，2 用法或设置有误，4 另一个索引程序正在工作。"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    # Piped output gets long plain lines: wrapping to some width would break paths apart.
    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False, soft_wrap=True)
    try:
        arguments = _parser().parse_args(argv)
        settings = load_settings()
        return _run(arguments, settings, arguments.knowledge or settings.knowledge_dir, console)
    except SystemExit as stop:  # argparse has printed why
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    except SettingsError as error:
        return fail(str(error), EXIT_USAGE)
    except BuildLocked as error:
        return fail(str(error), EXIT_LOCKED)
    except NoticeAssistantError as error:
        return fail(str(error), EXIT_FAILED)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python index_builder.py",
        description="把知识库里的通知和附件建成索引并发布。",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--knowledge", type=Path, metavar="DIR", help="知识库文件夹，每份通知一个子文件夹")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="把回执另存为网页")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--status", action="store_true", help="显示已发布的版本")
    action.add_argument("--check", action="store_true", help="只检查，不发布")
    action.add_argument("--rollback", action="store_true", help="退回上一版本")
    action.add_argument("--watch", action="store_true", help="持续监视知识库，有变化就重建")
    return parser


def _run(arguments: argparse.Namespace, settings: Settings, knowledge: Path, console: Console) -> int:
    if arguments.rollback:
        return _rollback(settings.index_dir, console)
    if not knowledge.is_dir():
        return fail(f"知识库文件夹 {knowledge} 不存在。请建立它，或用 --knowledge 指定另一个。", EXIT_USAGE)
    if settings.index_dir.resolve().is_relative_to(knowledge.resolve()):
        return fail(f"索引不能放在知识库文件夹里。请改正 INDEX_DIR（{settings.index_dir}）。", EXIT_USAGE)
    if arguments.status:
        return _status(settings.index_dir, knowledge, console)
    with _builder(settings, knowledge) as builder:
        if arguments.watch:
            return _watch(builder, knowledge, console)
        receipt = _build(builder, console, publishing=not arguments.check, wait_seconds=SECONDS_TO_WAIT)
    if arguments.report:
        _save_page(receipt, arguments.report, published=not arguments.check)
        console.print(f"回执已存为 {arguments.report}。")
    return EXIT_FAILED if arguments.check and receipt.failures else EXIT_OK


# ---------------------------------------------------------------- commands


def _builder(settings: Settings, knowledge: Path) -> IndexBuilder:
    from bot.embedding import load_encoder
    from bot.index.building import IndexBuilder

    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    return IndexBuilder(knowledge, settings.index_dir, encoder)


def _build(
    builder: IndexBuilder, console: Console, *, publishing: bool = True, wait_seconds: float = 0
) -> BuildReceipt:
    """Builds once and prints the receipt. Raises as `IndexBuilder.build` does."""
    with _progress_bar(console) as bar:
        receipt = builder.build(
            _shown_on(bar),
            publishing=publishing,
            wait_seconds=wait_seconds,
            waiting=lambda message: console.print(Text(message, "yellow")),
        )
    for text in receipt_texts(receipt, publishing=publishing):
        console.print(text)
    return receipt


def _save_page(receipt: BuildReceipt, path: Path, *, published: bool) -> None:
    """Raises SettingsError where the page cannot be written; the build stays done."""
    from bot.receipt_page import receipt_page

    page = receipt_page(receipt, published=published, now=datetime.now())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, "utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"回执不能写入 {path}（{reason}）。索引不受影响；请换一个 --report 位置。"
        ) from error


def _status(index_dir: Path, knowledge: Path, console: Console) -> int:
    from bot.index.sources import source_hashes
    from bot.index.versions import current_version, read_manifest, versions

    version = current_version(index_dir)
    manifest = read_manifest(index_dir, version)
    counts = manifest.counts
    console.print(f"已发布版本 {version}（建于 {manifest.built_at}，模型 {manifest.encoder}）")
    console.print(
        f"通知 {counts.notices} 份，文件 {counts.documents} 个，条款 {counts.chunks} 条，事实 {counts.facts} 条"
    )
    console.print(f"保留的版本：{'、'.join(versions(index_dir))}")
    before = {source.path: source.sha256 for source in manifest.sources}
    now = {source.path: source.sha256 for source in source_hashes(knowledge)}
    changes = [f"新增 {path}" for path in now if path not in before]
    changes += [f"修改 {path}" for path in now if path in before and now[path] != before[path]]
    changes += [f"删除 {path}" for path in before if path not in now]
    if not changes:
        console.print("知识库没有变化。")
        return EXIT_OK
    console.print(f"知识库此后有 {len(changes)} 处变化，请运行 python index_builder.py：")
    for change in sorted(changes):
        console.print(Text(f"  {change}"))
    return EXIT_OK


def _rollback(index_dir: Path, console: Console) -> int:
    from bot.index.locking import build_lock
    from bot.index.store import load_version
    from bot.index.versions import rollback

    with build_lock(index_dir, SECONDS_TO_WAIT, lambda message: console.print(Text(message, "yellow"))):
        version = rollback(index_dir)
    load_version(index_dir, version)
    console.print(f"已退回版本 {version}。正在运行的助手会在几秒内换用它。")
    return EXIT_OK


def _watch(builder: IndexBuilder, knowledge: Path, console: Console) -> int:
    """Build now and after every change; ends by Ctrl-C. What could not be done is tried again a little later."""
    console.print(f"正在监视 {knowledge}，按 Ctrl-C 结束。")
    built = None
    state = folder_state(knowledge)
    again_at = 0.0
    while True:
        if state != built or time.monotonic() >= again_at > 0:
            built, again_at = state, 0.0
            try:
                if _build(builder, console).unsettled:
                    again_at = time.monotonic() + SECONDS_BEFORE_RETRY
            except BuildLocked as error:
                console.print(Text(str(error), "yellow"))
                built = None  # try again at the next poll
            except NoticeAssistantError as error:
                console.print(Text(str(error), "red"))
                again_at = time.monotonic() + SECONDS_BEFORE_RETRY
        time.sleep(SECONDS_BETWEEN_POLLS)
        state = _still_state(knowledge, state)


def _still_state(folder: Path, before: frozenset[tuple[str, int, int]]) -> frozenset[tuple[str, int, int]]:
    """State of the folder once two polls agree: a copy that is still running must not be indexed."""
    now = folder_state(folder)
    while now != before:
        time.sleep(SECONDS_TO_SETTLE)
        before, now = now, folder_state(folder)
    return now


def folder_state(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Path, size and change time (ns) of every file: cheap to take, equal as long as nothing is written."""
    state = set()
    for path in folder.rglob("*"):
        try:
            status = path.stat()
        except FileNotFoundError:  # removed since it was listed
            continue
        if path.is_file():
            state.add((path.as_posix(), status.st_size, status.st_mtime_ns))
    return frozenset(state)


# ---------------------------------------------------------------- what is shown


def receipt_texts(receipt: BuildReceipt, *, publishing: bool) -> list[Text]:
    """The receipt as a terminal shows it: of a build what is new, of a check everything."""
    lines = receipt_lines(receipt, publishing=publishing)
    return [
        Text("  " * line.depth + MARKS[line.kind] + line.text, STYLES.get(line.kind, "")) for line in lines
    ]


def _progress_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[what]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _shown_on(bar: Progress) -> Callable[[BuildProgress], None]:
    tasks: dict[str, TaskID] = {}

    def show(progress: BuildProgress) -> None:
        stage = progress.stage.value
        if stage not in tasks:
            tasks[stage] = bar.add_task(STAGES[stage], total=progress.total, what="")
        bar.update(tasks[stage], completed=progress.done, total=progress.total, what=progress.what[:40])

    return show


if __name__ == "__main__":
    sys.exit(main())
