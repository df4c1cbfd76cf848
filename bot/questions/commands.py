"""`python -m bot faq …`: the commands by which staff turn frequent questions into approved answers."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.command_line import EXIT_USAGE, Parser, fail
from bot.config import Settings, load_settings
from bot.documents.library import FAQ_FOLDER
from bot.faq import DRAFTS, held_back, pages_in, read_entries, read_page
from bot.today import date_from, day_in_china

if TYPE_CHECKING:
    from bot.datamodels import FaqEntry
    from bot.faq import FaqProblem, HeldEntry
    from bot.faq_markdown import FaqPage
    from bot.questions.drafts import Approval

# The rest is imported inside a command: `list` and bad usage must not wait for models.

EXIT_OK, EXIT_FAILED = 0, 1
PERIOD = timedelta(days=27)
"""Before today: four weeks in all, as in the report."""
LEAST_COUNT = 3
EPILOG = """\
一般的做法：
  python -m bot faq report                 看哪些问题问得多、哪些没答上来
  python -m bot faq draft                  给问得多的问题写草稿：knowledge/faq/drafts/ 里一条一个文件
  （用记事本等任何编辑器在 knowledge/faq/drafts/ 里写、改草稿：答案怎么写、依据哪一条）
  python -m bot faq approve g1a2b3c4 --by 王敏
  python index_builder.py                  审定的条目从这一次更新起先于检索回答，并标明“常见问题”和审定日期
  python -m bot faq review                 通知改了以后，看哪些条目的依据变了、要重新审定

编号可以只写开头几位。每次审定、否决都记在数据库里：谁、什么时候、改了什么。"""
PUBLISH_HINT = "下一次更新索引后生效：python index_builder.py"
NOTHING_TO_REVIEW = "没有要重新审定的条目。"
NO_ENTRIES = "还没有常见问题条目。先在 knowledge/faq/drafts/ 里写草稿，写法见 README。"
NOTHING_FREQUENT = (
    "{since} 以来没有问过 {count} 次以上的问题。可以放宽：--min-count 2，或 --since 更早的一天。"
)
UNKNOWN_QUESTION = (
    "记录里没有编号是“{id}”的提问。编号在 faq report 里（得到 👎 的、依据可能不对的），也在 Telegram 的 /unanswered 里；"
    "超过保留期限（RETENTION_DAYS）的记录已经删除。"
)


def main(argv: Sequence[str], clock: Callable[[], datetime]) -> int:
    """Runs one `faq` command; the exit code. Raises NoticeAssistantError with what to do."""
    options = _parser().parse_args(argv)
    if options.run is None:
        _parser().print_help()
        return EXIT_OK
    try:
        code: int = options.run(options, load_settings(), clock)
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).split("\n")[0]
        return fail(f"数据库读不出或写不进（{cause}）。请检查 DATABASE_URL 和磁盘空间。", EXIT_FAILED)
    except BrokenPipeError:  # whoever read our output has enough
        raise
    except OSError as error:
        return fail(f"文件读写失败：{error}。请检查知识文件夹的权限和磁盘空间。", EXIT_FAILED)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m bot faq",
        description="整理常见问题：看报告、写草稿、审定、复查。",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(metavar="命令")

    report = commands.add_parser("report", help="什么问得多、什么没答上来、什么答得勉强；默认最近四周")
    report.add_argument("--since", type=_date, metavar="YYYY-MM-DD", help="从哪天起（含）")
    report.add_argument("--until", type=_date, metavar="YYYY-MM-DD", help="到哪天止（含），默认今天")
    report.add_argument("--format", choices=("md", "html", "csv", "json"), default="md", help="默认 md")
    report.add_argument("--output", type=Path, metavar="文件", help="默认写到标准输出")
    report.set_defaults(run=_report)

    draft = commands.add_parser(
        "draft", help="给问得多的问题写草稿，给依据变了的条目写修订稿；有人改过的草稿不动"
    )
    draft.add_argument(
        "--min-count",
        type=_count,
        default=LEAST_COUNT,
        metavar="次数",
        help=f"至少问过几次（默认 {LEAST_COUNT}）",
    )
    draft.add_argument("--since", type=_date, metavar="YYYY-MM-DD", help="从哪天算起（默认最近 28 天）")
    draft.set_defaults(run=_draft)

    approve = commands.add_parser(
        "approve", help="审定一条：核对依据和数值，移到 knowledge/faq/，下次更新索引后生效"
    )
    approve.add_argument("id", metavar="编号")
    approve.add_argument("--by", metavar="姓名", default="", help="审定人；不写就用电脑的登录名")
    approve.add_argument("--publish", action="store_true", help="审定后马上更新索引")
    approve.set_defaults(run=_approve)

    reject = commands.add_parser(
        "reject", help="不要这一条（草稿或已审定的）：移到 drafts/rejected/，以后不再写它的草稿"
    )
    reject.add_argument("id", metavar="编号")
    reject.add_argument("--by", metavar="姓名", default="", help="谁决定的；不写就用电脑的登录名")
    reject.set_defaults(run=_reject)

    listing = commands.add_parser("list", help="全部条目：编号、状态、问题")
    listing.set_defaults(run=_list)

    review = commands.add_parser(
        "review", help="依据的条款变了、被搁置的条目（新旧条文对照），和写得有问题的文件"
    )
    review.set_defaults(run=_review)

    explain = commands.add_parser(
        "explain", help="重放一次提问：怎样理解的、读了哪些条款和分数、当时和现在的回答、评价"
    )
    explain.add_argument("id", metavar="提问编号")
    explain.add_argument("--json", action="store_true", help="以 JSON 输出，含全部条款和特征")
    explain.add_argument("--today", type=_date, metavar="YYYY-MM-DD", help="按这一天回答（默认提问那天）")
    explain.set_defaults(run=_explain)

    export = commands.add_parser("export", help="把在用的条目写成一份文件，供网站、公众号使用")
    export.add_argument("--format", choices=("md", "json"), default="md", help="默认 md")
    export.add_argument("--output", type=Path, metavar="文件", help="默认写到标准输出")
    export.set_defaults(run=_export)
    return parser


def _date(text: str) -> date:
    day = date_from(text)
    if day is None:
        raise argparse.ArgumentTypeError(f"“{text}”不是 2024-11-20 这样的日期")
    return day


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}”不是正整数")
    return int(text)


def _folder(settings: Settings) -> Path:
    return settings.knowledge_dir / FAQ_FOLDER


def _who(options: argparse.Namespace) -> str:
    """The name given, else the account's; both kept to one line."""
    try:
        name = getattr(options, "by", "") or getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in a container
        name = "未署名"
    return " ".join(str(name).split())


# ---------------------------------------------------------------- report, draft


def _report(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    from bot.questions.report_command import run_report

    return run_report(options, settings, clock)


def _draft(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    from bot.assistant import Assistant
    from bot.questions.audit import Audit
    from bot.questions.database import open_database
    from bot.questions.drafts import write_drafts
    from bot.questions.reporting import Reporter

    today = day_in_china(clock())
    since = options.since or today - PERIOD
    if since > today:
        return fail(f"--since {since} 在今天（{today}）以后。请写更早的一天。", EXIT_USAGE)
    database = open_database(settings.database_url)
    if database.problem:
        return fail(database.problem, EXIT_FAILED)
    assistant = Assistant.open(settings)
    reporter = Reporter(assistant, database, clock)
    report = reporter.report(since, today, answered=0)
    drafts = write_drafts(
        _folder(settings),
        [group for group in report.groups if group.count >= options.min_count],
        f"{since} 至 {today}",
        reporter.ask,
        assistant.index,
    )
    audit, who = Audit(database, clock), f"cli:{_who(options)}"
    for draft in drafts:
        if draft.written:
            audit.record(who, "faq.drafted", draft.id, "", draft.outcome.value)
        print(
            f"{draft.id}  {draft.question}\n    {draft.outcome.value}{'' if draft.answered else '，答案要人来写'}"
        )
    if not drafts:
        print(NOTHING_FREQUENT.format(since=since, count=options.min_count))
    else:
        print(f"草稿在 {_folder(settings) / DRAFTS}。改好后：python -m bot faq approve 编号")
    return EXIT_OK


# ---------------------------------------------------------------- approve, reject


def _approve(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    from bot.index.store import load_index
    from bot.questions.audit import Audit
    from bot.questions.database import open_database
    from bot.questions.drafts import approve
    from bot.ranking import Ranker

    who, day = _who(options), day_in_china(clock())
    database = open_database(settings.database_url)
    if database.problem:
        return fail(f"{database.problem}审定必须留下记录，所以没有审定。", EXIT_FAILED)
    audit = Audit(database, clock)

    def record(approval: Approval) -> None:
        audit.record(f"cli:{who}", "faq.approved", approval.entry.id, approval.before, approval.after)

    index = load_index(settings.index_dir)
    approval = approve(_folder(settings), options.id, who, day, index, Ranker.from_file(), record)
    print(f"已审定 {approval.entry.id}：{approval.entry.question}（{day.isoformat()} {who}）")
    for number in approval.taken:
        clause = approval.entry.clauses[number - 1]
        print(f"依据 [{number}] 按现在的条文记下：{clause.document_id} {clause.section}：“{clause.quote}”")
    if not options.publish:
        print(PUBLISH_HINT)
        return EXIT_OK
    return _publish(settings)


def _publish(settings: Settings) -> int:
    from bot.embedding import load_encoder
    from bot.index.building import build_index

    encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)
    receipt = build_index(settings.knowledge_dir, settings.index_dir, encoder)
    print(f"索引已更新，版本 {receipt.version}。")
    return EXIT_OK


def _reject(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    from bot.questions.audit import Audit
    from bot.questions.database import open_database
    from bot.questions.drafts import page_path, reject

    database = open_database(settings.database_url)
    if database.problem:
        return fail(f"{database.problem}否决必须留下记录，所以没有动它。", EXIT_FAILED)
    approved = page_path(_folder(settings), options.id).parent == _folder(settings)
    audit, who = Audit(database, clock), _who(options)
    entry_id, _ = reject(
        _folder(settings),
        options.id,
        lambda entry_id, text: audit.record(f"cli:{who}", "faq.rejected", entry_id, text),
    )
    print(f"已否决 {entry_id}，移到 faq/{DRAFTS}/rejected/。{PUBLISH_HINT if approved else ''}")
    return EXIT_OK


# ---------------------------------------------------------------- list, review


def _list(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    folder = _folder(settings)
    entries, unused = read_entries(folder)
    states = {problem.file: f"没有使用：{problem.message}" for problem in reversed(unused)}
    states |= {f"{e.id}.md": f"已审定 {e.approved_on} {e.approved_by}".strip() for e in entries}
    try:
        states |= {f"{held.entry.id}.md": "搁置：依据的条款变了，见 faq review" for held in _held(settings)}
    except NoIndex as error:
        print(error, file=sys.stderr)
    rows = []
    for path in pages_in(folder):
        page, _ = read_page(path)
        rows.append((path.stem, states[path.name], page.entry.question if page else ""))
    for path in pages_in(folder / DRAFTS):
        page, problems = read_page(path)
        rows.append((path.stem, _draft_state(page, problems), page.entry.question if page else ""))
    for entry_id, state, question in rows:
        print(f"{entry_id}  {question}\n    {state}")
    if not rows:
        print(NO_ENTRIES)
    return EXIT_OK


def _draft_state(page: FaqPage | None, problems: Sequence[FaqProblem]) -> str:
    if page is not None and not page.entry.answer:
        return "草稿，还要写答案"
    if problems:
        return f"草稿，{problems[0].message}"
    return "草稿，等待审定" if page and page.untouched else "草稿，有人改过，等待审定"


class NoIndex(Exception):
    """There is no index to compare the clauses with."""


def _held(settings: Settings) -> tuple[HeldEntry, ...]:
    """Approved entries that the published index does not bear out. Raises NoIndex."""
    from bot.errors import KnowledgeIndexError
    from bot.index.store import load_index
    from bot.questions.drafts import held_entries

    try:
        index = load_index(settings.index_dir)
    except KnowledgeIndexError as error:
        raise NoIndex(str(error)) from error
    return held_entries(_folder(settings), index)[0]


def _review(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    from bot.index.store import load_index
    from bot.questions.drafts import held_entries

    held, problems = held_entries(_folder(settings), load_index(settings.index_dir))
    for each in held:
        print(f"{each.entry.id}  {each.entry.question}")
        for change in each.changes:
            place = f"{change.before.document_id} {change.before.section}".strip()
            print(f"  依据 [{change.number}] {place}")
            print(f"    审定时：{_one_line(change.before.quote)}")
            print(f"    现在：　{_one_line(change.text_now) or '找不到相近的条文'}")
        print(f"  写修订稿：python -m bot faq draft；改好后：python -m bot faq approve {each.entry.id}\n")
    for problem in problems:
        print(problem)
    if not held and not problems:
        print(NOTHING_TO_REVIEW)
    return EXIT_OK


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ---------------------------------------------------------------- explain


def _explain(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    from bot.assistant import Assistant
    from bot.questions.explain import explained, to_json, to_text
    from bot.questions.log import QuestionLog
    from bot.ranking import Ranker

    log = QuestionLog.open(settings.database_url, clock)
    logged = log.get(options.id)
    if logged is None:
        return fail(log.problem or UNKNOWN_QUESTION.format(id=options.id), EXIT_FAILED)
    explanation = explained(logged, log, Assistant.open(settings), Ranker.from_file(), options.today)
    if options.json:
        print(json.dumps(to_json(explanation), ensure_ascii=False, indent=2))
    else:
        print(to_text(explanation), end="")
    return EXIT_OK


# ---------------------------------------------------------------- export


def _export(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    from bot.index.store import load_index

    index = load_index(settings.index_dir)
    kept, _ = held_back(read_entries(_folder(settings))[0], index.chunks)
    titles = {document.id: document.title for document in index.documents.values()}
    text = _as_json(kept) if options.format == "json" else _as_markdown(kept, titles)
    if options.output:
        options.output.write_text(text, "utf-8", newline="\n")
        print(f"已写出 {len(kept)} 条：{options.output}")
    else:
        sys.stdout.write(text)
    return EXIT_OK


def _as_markdown(entries: Sequence[FaqEntry], titles: dict[str, str]) -> str:
    lines = ["# 常见问题", ""]
    for entry in entries:
        lines += [f"## {entry.question}", "", *entry.answer.split("\n"), ""]
        for number, clause in enumerate(entry.clauses, 1):
            title = titles.get(clause.document_id, clause.document_id)
            lines.append(f"> [{number}] 《{title}》{clause.section}：{_one_line(clause.quote)}")
            lines.append(">")
        lines[-1] = ""
        lines += [f"（{entry.approved_on} 审定）", ""]
    return "\n".join(lines).rstrip() + "\n"


def _as_json(entries: Sequence[FaqEntry]) -> str:
    from bot.records import record_to_json

    return "".join(f"{record_to_json(entry)}\n" for entry in entries)
