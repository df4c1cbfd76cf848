"""The layers of the system: imports go one way, and each heavy package has one owner.

The list below, bottom to top, is also the shortest description of the system.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
BOT = PROJECT / "bot"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "messages", "today", "command_line"),
    ("datamodels", "config", "records", "hashes"),
    # build: file -> Document -> chunks -> facts, vectors, terms -> a published version
    ("documents",),
    ("lexicon", "numbering", "workdays", "enumerations", "criteria_terms"),
    ("chunking", "places"),
    ("actors", "values", "faq_markdown"),
    ("facts",),
    ("contacts", "deadlines", "faq"),
    ("thresholds",),
    ("number_ranges",),
    ("changes", "contradictions", "supersession", "due_dates"),
    # who may apply: what a criterion quotes -> what headings make of a clause -> a notice's criteria
    ("criterion",),
    ("criteria_roles",),
    ("criteria_tree",),
    ("criteria_clauses", "criteria_tables"),
    ("reminders", "criteria"),
    # look up without asking: open deadlines, a calendar file; the criteria of a notice, one by one
    ("agenda", "self_check"),
    ("calendar_file", "self_check_words"),
    ("onnx_model",),
    ("embedding_default",),
    ("embedding", "reading"),
    ("index",),
    ("receipts",),
    ("receipt_page",),
    # staff: an upload -> quarantine -> tried, published, taken back
    ("quarantine",),
    ("publishing",),
    # ask: words -> Question -> retrieved, ranked -> selected, quoted, composed -> fact lock -> Answer
    ("glossary", "mistyped"),
    ("question",),
    ("notice_words", "several_questions"),
    ("follow_ups",),
    ("timeliness", "parts"),
    ("tiers",),
    ("scoping", "sides"),
    ("ranking",),
    ("retrieval", "sameness"),
    ("frequent", "reranking"),
    ("citations", "table_rows"),
    ("desk",),
    (
        "asked_contacts",
        "asked_deciders",
        "asked_names",
        "asked_sites",
        "attachment_kinds",
        "quoting",
        "selection",
    ),
    ("asked_dates", "dated", "excerpts"),
    ("asked_steps", "cards", "table_answers"),
    ("composition",),
    # may I? what the question states of a case -> the clause's bounds -> outcomes -> exemptions -> a verdict
    ("stated_cases", "named_cells", "permission"),
    ("bounds",),
    ("outcomes",),
    ("exemptions", "stated_seat"),
    ("clause_outcomes",),
    ("own_data", "premises", "refusals", "verdicts"),
    ("answering", "comparing"),
    ("open_notices", "joining", "faq_answer", "rephrasing", "language_model"),
    ("assistant",),
    ("catalogue",),
    # show and keep
    ("rendering",),
    ("questions",),
    ("conversation",),
    ("channels",),
    ("evaluation",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

OWNERS: dict[str, tuple[str, ...]] = {
    "faiss": ("bot/index/vectors.py",),
    "tantivy": ("bot/index/lexical.py",),
    "rjieba": ("bot/index/lexical.py", "bot/mistyped.py", "bot/question.py"),
    "torch": ("bot/embedding.py",),
    "onnxruntime": ("bot/onnx_model.py",),
    "sentence_transformers": ("bot/embedding.py",),
    "telegram": ("bot/channels/telegram/",),
    "sqlalchemy": ("bot/questions/", "bot/conversation.py"),
    "pdfplumber": ("bot/documents/pdf.py", "bot/documents/pdf_layout.py"),
    "lxml": ("bot/documents/",),
    "selectolax": ("bot/documents/html.py",),
    "markdown_it": ("bot/chunking.py",),
    "httpx": ("bot/language_model.py", "bot/channels/telegram/requests.py"),
    "chinese_calendar": ("bot/workdays.py",),
    "icalendar": ("bot/calendar_file.py",),
    "dotenv": ("bot/config.py",),
    "rapidocr": ("bot/documents/ocr.py",),
    "PIL": ("bot/documents/page_pictures.py", "bot/channels/telegram/charts.py"),
    "filelock": ("bot/index/locking.py", "bot/channels/telegram/instance_lock.py"),
}
"""Heavy packages, and the modules or the folder that alone know them."""

FILES = sorted(BOT.rglob("*.py"))


def layer_of(path: Path) -> str:
    return path.relative_to(BOT).parts[0].removesuffix(".py")


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """Full names of what a file imports, wherever in the file it does so."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_layers(path: Path) -> set[str]:
    names = (name.split(".") for name in imports_of(path))
    return {parts[1] for parts in names if parts[0] == "bot" and len(parts) > 1}


def test_every_module_stands_in_exactly_one_layer() -> None:
    present = {layer_of(path) for path in FILES} - {"__init__"}
    listed = [name for names in LAYERS for name in names]
    assert len(listed) == len(set(listed))
    assert present == set(listed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(BOT).as_posix())
def test_no_module_imports_from_a_higher_layer(path: Path) -> None:
    if layer_of(path) == "__init__":
        assert own_layers(path) == set()
        return
    assert own_layers(path) | {layer_of(path)} <= set(LEVEL), "a new module: give it its layer in LAYERS"
    level = LEVEL[layer_of(path)]
    assert {name for name in own_layers(path) if LEVEL[name] > level} == set()
    beside = {name for name in own_layers(path) if LEVEL[name] == level and name != layer_of(path)}
    assert beside <= {"errors", "datamodels"}, "modules of one layer do not know one another"


@pytest.mark.parametrize("package", OWNERS)
def test_a_heavy_package_is_known_to_its_owner_alone(package: str) -> None:
    users = {
        path.relative_to(PROJECT).as_posix()
        for path in FILES
        if any(name.split(".")[0] == package for name in imports_of(path))
    }
    assert users, f"nobody imports {package}"
    assert {user for user in users if not user.startswith(OWNERS[package])} == set()


def test_the_command_line_starts_without_the_heavy_packages() -> None:
    heavy = {"faiss", "tantivy", "torch", "sentence_transformers", "telegram", "sqlalchemy", "pdfplumber"}
    code = f"import sys, bot.__main__; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name", ["errors", "datamodels", "numbering", "chunking", "facts", "deadlines", "citations"]
)
def test_the_pure_stages_know_no_file_clock_or_network(name: str) -> None:
    outside = {"os", "pathlib", "time", "random", "socket", "urllib", "httpx", "subprocess", "logging", "sys"}
    assert {imported.split(".")[0] for imported in imports_of(BOT / f"{name}.py")} & outside == set()


def test_no_text_is_cut_by_splitlines() -> None:
    """It cuts at U+2028, U+0085 and form feed too, and so shifts offsets and breaks JSON lines."""
    users = [
        path.relative_to(PROJECT).as_posix()
        for path in [*FILES, PROJECT / "index_builder.py"]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "splitlines"
    ]
    assert users == []
