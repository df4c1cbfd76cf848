"""Questions to ask: those of `qa.jsonl` files, or forty about the notice in knowledge/."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ABOUT_THE_REAL_NOTICE = (
    "什么时候截止申报？", "企业线上申报到哪天为止", "市州推荐文件什么时候报送", "纸质材料要几份", "纸质材料送到哪里",
    "申报条件有哪些？", "分公司能报吗", "石油石化企业的分支机构可以申报吗", "没有独立法人资格能不能申报",
    "省外注册的企业能报吗", "联系人是谁", "联系电话多少", "电话是0731-88955555吧？", "有没有邮箱",
    "在哪个平台申报", "申报网址", "系统打不开找谁", "智能工厂分哪几个层级", "基础级由谁评审认定",
    "先进级智能工厂谁来评", "卓越级由哪些部门组织", "领航级怎么申报", "中央企业在湘分支机构怎么报",
    "补多少钱？", "奖补资金什么时候到账", "附件2的要素条件是什么", "设备联网率要求多少", "申报书要包含哪些材料",
    "国家部委的文号是多少", "这个通知是哪个单位发的", "什么时候发的文", "哪些企业优先推荐", "要现场核查吗",
    "涉密的内容能写进申报书吗", "推荐汇总表在哪里", "什麼時候截止申報", "How do I contact the office?",
    "when is the deadline for online application", "申报截至日期是12月31日吧", "今天天气怎么样",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    text: str
    notice_id: str
    evidence: tuple[tuple[str, str], ...]
    """(file name, literal text) of each gold clause; empty where the notice does not answer."""


def read_gold(folder: Path) -> list[GoldQuestion]:
    """Questions of every `*/qa.jsonl` below a folder, in the order of their paths."""
    return list(_gold(folder))


def _gold(folder: Path) -> Iterator[GoldQuestion]:
    for file in sorted(folder.glob("*/qa.jsonl")):
        for line in file.read_text("utf-8").split("\n"):
            if line.strip():
                item = json.loads(line)
                evidence = tuple((e["file"], e["text"]) for e in item["evidence"])
                yield GoldQuestion(item["question"], file.parent.name, evidence)


def chosen(questions: list[GoldQuestion], count: int, seed: int) -> list[GoldQuestion]:
    """Some of the questions, by chance but always the same ones."""
    return random.Random(seed).sample(questions, min(count, len(questions)))
