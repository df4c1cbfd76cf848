"""Staff's command: knowledge folder -> published index, with a receipt for every file."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot.command_line import EXIT_USAGE, Parser, fail
from bot.config import Settings, load_settings
from bot.errors import BuildLocked, NoticeAssistantError, SettingsError

if TYPE_CHECKING:
    from bot.index.building import BuildProgress, BuildReceipt, FileReceipt, NoticeReceipt

EXIT_OK, EXIT_FAILED, EXIT_LOCKED, EXIT_INTERRUPTED = 0, 1, 4, 130
SECONDS_BETWEEN_POLLS = 2.0
STAGES = {"reading": "读取文件", "encoding": "计算向量", "writing": "写入索引", "checking": "自检"}
EPILOG = """\
例子：
  python index_builder.py             读取 knowledge/，建立并发布索引
  python index_builder.py --check     只检查，不发布；有文件出错时退出码为 1
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
    build = _builder(settings, knowledge, console, publishing=not arguments.check)
    if arguments.watch:
        return _watch(build, knowledge, console)
    receipt = build()
    return EXIT_FAILED if arguments.check and receipt.failures else EXIT_OK


# ---------------------------------------------------------------- commands


def _builder(
    settings: Settings, knowledge: Path, console: Console, *, publishing: bool
) -> Callable[[], BuildReceipt]:
    """A function that builds once and prints the receipt."""
    from bot.embedding import load_encoder
    from bot.index.building import build_index

    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)

    def build() -> BuildReceipt:
        with _progress_bar(console) as bar:
            receipt = build_index(
                knowledge, settings.index_dir, encoder, _shown_on(bar), publishing=publishing
            )
        for line in receipt_lines(receipt, publishing=publishing):
            console.print(line)
        return receipt

    return build


def _status(index_dir: Path, knowledge: Path, console: Console) -> int:
    from bot.index.building import source_hashes
    from bot.index.store import current_version, read_manifest, versions

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
    from bot.index.building import build_lock
    from bot.index.store import load_version, rollback

    with build_lock(index_dir):
        version = rollback(index_dir)
    load_version(index_dir, version)
    console.print(f"已退回版本 {version}。正在运行的助手会在几秒内换用它。")
    return EXIT_OK


def _watch(build: Callable[[], BuildReceipt], knowledge: Path, console: Console) -> int:
    """Build now and after every change; ends by Ctrl-C."""
    console.print(f"正在监视 {knowledge}，按 Ctrl-C 结束。")
    built = None
    state = folder_state(knowledge)
    while True:
        if state != built:
            built = state
            try:
                build()
            except BuildLocked as error:
                console.print(Text(str(error), "yellow"))
                built = None  # try again at the next poll
            except NoticeAssistantError as error:
                console.print(Text(str(error), "red"))
        time.sleep(SECONDS_BETWEEN_POLLS)
        state = _still_state(knowledge, state)


def _still_state(folder: Path, before: frozenset[tuple[str, int, int]]) -> frozenset[tuple[str, int, int]]:
    """State of the folder once two polls agree: a copy that is still running must not be indexed."""
    now = folder_state(folder)
    while now != before:
        time.sleep(SECONDS_BETWEEN_POLLS)
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


def receipt_lines(receipt: BuildReceipt, *, publishing: bool) -> list[Text]:
    """The receipt: a paragraph a notice, a line a file, what was published at the end."""
    lines = [line for notice in receipt.notices for line in _notice_lines(notice)]
    counts = receipt.counts
    total = (
        f"共 {counts.notices} 份通知、{counts.documents} 个文件、{counts.chunks} 条条款、{counts.facts} 条事实；"
        f"新算向量 {receipt.encoded} 条，用时 {receipt.seconds:.1f} 秒。"
    )
    if receipt.failures:
        lines.append(Text(f"有 {receipt.failures} 个文件没有读成，见上面红色的行。", "red"))
    if not publishing:
        return [*lines, Text(total), Text("检查完毕，未发布。", "bold")]
    if receipt.unchanged:
        return [*lines, Text(f"没有变化，沿用已发布版本 {receipt.version}。", "bold green")]
    return [*lines, Text(total), Text(f"已发布版本 {receipt.version}", "bold green")]


def _notice_lines(notice: NoticeReceipt) -> list[Text]:
    lines = [Text(f"■ {notice.title}", "bold")]
    if notice.error:
        lines.append(Text(f"  ✗ {notice.id}：{notice.error}", "red"))
    lines += [line for file in notice.files for line in _file_lines(file)]
    if notice.missing_attachments:
        names = "、".join(_attachment_name(item.number, item.title) for item in notice.missing_attachments)
        lines.append(Text(f"  ! 通知提到但没有提供的附件：{names}", "yellow"))
    return lines


def _attachment_name(number: str, title: str) -> str:
    return f"附件{number}" + (f"《{title}》" if title else "")


def _file_lines(file: FileReceipt) -> list[Text]:
    report = file.report
    if report.error:
        return [Text(f"  ✗ {report.file}：{report.error}", "red")]
    facts = (
        f"{report.format}，{report.characters} 字，标题 {report.headings}，表格 {report.tables}，"
        f"条款 {file.chunks}，事实 {file.facts}"
    )
    return [
        Text(f"  ✓ {report.file}：{facts}"),
        *([Text(f"    修复：{report.repairs}")] if report.repairs else []),
        *(Text(f"    ! {warning}", "yellow") for warning in report.warnings),
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
