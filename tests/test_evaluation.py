"""`python -m bot evaluate` on a folder made here: what counts as right, as refused, and what it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import PROJECT

NOTICE = """关于开展设备补贴申报的通知
各有关企业：
一、补贴标准
按设备投资额的百分之十给予补贴，单个企业最高不超过200万元。
二、申报时间
企业于2026年12月10日前登录平台填报。
三、联系方式
联系人：王小明，电话：010-55512345
某某市工业和信息化局
2026年11月1日
"""
QUESTIONS = [
    ("补贴最高多少钱", True, "单个企业最高不超过200万元。", ["不超过200万元"]),
    ("企业什么时候截止填报", True, "企业于2026年12月10日前登录平台填报。", ["2026年12月10日前"]),
    ("补贴最高是多少钱呢", True, "企业于2026年12月10日前登录平台填报。", ["2026年12月10日前"]),
    ("电子邮箱是多少", False, "", []),
]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, object]]]:
    root = tmp_path_factory.mktemp("evaluation")
    folder = root / "gold" / "补贴"
    folder.mkdir(parents=True)
    (folder / "notice.txt").write_text(NOTICE, "utf-8")
    lines = [
        json.dumps(
            {
                "question": text,
                "type": "amount",
                "style": "formal",
                "answerable": answerable,
                "evidence": [{"file": "notice.txt", "text": evidence}] if answerable else [],
                "answers": answers,
            },
            ensure_ascii=False,
        )
        for text, answerable, evidence, answers in QUESTIONS
    ]
    (folder / "qa.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "bot", "evaluate", str(root / "gold"), "--today", "2026-11-22", "--save", str(root / "run.jsonl")],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=300,
        env={**os.environ, "VAR_DIR": str(root / "var"), "MODEL_CACHE_DIR": str(PROJECT / "var" / "models"), "INDEX_DIR": ""},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    saved = [json.loads(line) for line in (root / "run.jsonl").read_text("utf-8").split("\n") if line]
    return run.stdout, saved


def test_right_needs_the_gold_answer_and_the_gold_clause(
    printed: tuple[str, list[dict[str, object]]],
) -> None:
    assert [item["right"] for item in printed[1]] == [True, True, False, False]


def test_an_unanswerable_question_is_to_be_refused(printed: tuple[str, list[dict[str, object]]]) -> None:
    assert [item["refused"] for item in printed[1]] == [False, False, False, True]


def test_the_figures_are_printed(printed: tuple[str, list[dict[str, object]]]) -> None:
    row = next(line.split() for line in printed[0].split("\n") if line.startswith("all "))
    assert row[1:5] == ["4", "0.667", "1.000", "0.000"]  # questions, right of 3, refused of 1, false refusals
    assert "wrong facts 0, quotations not literal 0" in printed[0]


def test_a_folder_without_questions_is_named(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bot", "evaluate", str(tmp_path)], capture_output=True, text=True, cwd=PROJECT, timeout=60
    )  # fmt: skip
    assert run.returncode == 2 and "qa.jsonl" in run.stderr
