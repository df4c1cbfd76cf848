"""Facts that changed between two versions, on notices that a civil servant could review."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.changes import NoticeState, changed_facts, changes_between
from bot.chunking import chunk_document
from bot.contradictions import contradictions
from bot.datamodels import Chunk, Document, Fact, Notice
from bot.documents.library import load_knowledge
from bot.facts import extract_facts

NOTICE = """\
关于开展2024年度智能工厂梯度培育行动的通知

各市州工信局：

一、申报条件

1.在湖南省内注册，具有独立法人资格。

2.近三年未发生重大安全事故。

二、申报程序

1.申报主体按要求编制申报书，于2024年11月22日前完成线上申报。

2.各市州工信局于11月23日前将推荐文件报送省工业和信息化厅。

三、资金支持

每家企业奖补50万元。

联系人：潘晓军 0731-88955383

附件：1.申报书
2.要素条件

湖南省工业和信息化厅

2024年11月4日
"""


@dataclass(frozen=True)
class Version:
    notices: dict[str, Notice]
    documents: dict[str, Document]
    chunks: list[Chunk]
    notice_rows: dict[str, NDArray[np.int64]]
    facts: dict[str, tuple[Fact, ...]]


def version_of(folder: Path, files: dict[str, str]) -> Version:
    """What an index of these files holds; names are paths under the knowledge folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    version = Version({}, {}, [], {}, {})
    for loaded in load_knowledge(folder):
        assert loaded.notice is not None
        version.notices[loaded.id] = loaded.notice
        version.documents.update((document.id, document) for document in loaded.documents)
        chunks = [chunk for document in loaded.documents for chunk in chunk_document(document)]
        version.notice_rows[loaded.id] = np.arange(len(version.chunks), len(version.chunks) + len(chunks))
        version.chunks.extend(chunks)
        for fact in extract_facts(chunks, loaded.notice):
            version.facts[fact.chunk_id] = (*version.facts.get(fact.chunk_id, ()), fact)
    return version


def changed(tmp_path: Path, *replacements: tuple[str, str]) -> tuple[list[str], list[str]]:
    """Lines of the changed facts and of the reworded clauses after these replacements in the notice."""
    text = NOTICE
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    old = version_of(tmp_path / "old", {"智能工厂/通知.txt": NOTICE})
    new = version_of(tmp_path / "new", {"智能工厂/通知.txt": text})
    (change,) = changes_between(old, new)
    assert change.state is NoticeState.CHANGED
    return [str(fact) for fact in change.facts], [str(clause) for clause in change.clauses]


def test_a_moved_deadline_is_told_with_its_clause_and_actor(tmp_path: Path) -> None:
    facts, clauses = changed(tmp_path, ("11月22日", "11月29日"))
    assert facts == ["截止日期：2024年11月22日 → 2024年11月29日（二、1.，申报主体）"]
    assert clauses == [], "the sentence says nothing else than before"


def test_a_date_without_a_year_is_told_with_the_notices_year(tmp_path: Path) -> None:
    facts, _ = changed(tmp_path, ("11月23日", "11月30日"))
    assert facts == ["截止日期：2024年11月23日 → 2024年11月30日（二、2.，各市州工信局）"]


def test_deadlines_come_before_phones_and_amounts(tmp_path: Path) -> None:
    facts, _ = changed(
        tmp_path, ("50万元", "80万元"), ("0731-88955383", "0731-88955555"), ("11月22日", "11月29日")
    )
    assert [fact.split("：")[0] for fact in facts] == ["截止日期", "电话", "金额"]
    assert "电话：0731-88955383 → 0731-88955555（三、）" in facts
    assert "金额：50万元 → 80万元（三、）" in facts


def test_a_reworded_condition_is_shown_by_what_differs(tmp_path: Path) -> None:
    facts, clauses = changed(tmp_path, ("在湖南省内注册", "在中国境内注册"))
    assert facts == []
    assert clauses == ["1.在湖南省内注册，具有独立法人资格… → 1.在中国境内注册，具有独立法人资格…（一、1.）"]


def test_a_new_and_a_deleted_clause_are_told(tmp_path: Path) -> None:
    facts, clauses = changed(
        tmp_path, ("2.近三年未发生重大安全事故。\n", "2.研发人员不少于30人，须通过体系认证。\n")
    )
    assert clauses == [
        "删去：2.近三年未发生重大安全事故。（一、2.）",
        "新增：2.研发人员不少于30人，须通过体系认证。（一、2.）",
    ]
    assert "数量：（无） → 30人（一、2.，研发人员）" in facts
    assert "期限：三年 → （删去）（一、2.）" in facts


def test_a_clause_that_only_moved_changes_no_fact(tmp_path: Path) -> None:
    amount = "每家企业奖补50万元。\n"
    facts, _ = changed(tmp_path, (amount, "详见下文。\n"), ("\n附件：", f"\n{amount}\n附件："))
    assert facts == []


def test_the_day_of_issue_and_the_number_are_told_once(tmp_path: Path) -> None:
    facts, _ = changed(
        tmp_path,
        ("2024年11月4日", "2024年11月6日"),
        ("各市州工信局：\n", "湘工信〔2024〕9号\n\n各市州工信局：\n"),
    )
    assert "成文日期：2024年11月4日 → 2024年11月6日" in facts
    assert "发文字号：（无） → 湘工信〔2024〕9号" in facts
    assert len([fact for fact in facts if "11月6日" in fact]) == 1


def test_an_attachment_that_is_now_supplied_is_told(tmp_path: Path) -> None:
    files = {"a/通知.txt": NOTICE}
    old = version_of(tmp_path / "old", files)
    new = version_of(
        tmp_path / "new", {**files, "a/附件2.txt": "附件2\n\n要素条件\n\n设备联网率不低于60%。\n"}
    )
    lines = [str(fact) for fact in changed_facts(old, new)]
    assert "附件：未提供 → 已提供（附件2《要素条件》）" in lines
    assert any(line.startswith("比例：（无） → 60%（附件2") for line in lines)


def test_new_and_deleted_notices_are_told_without_their_facts(tmp_path: Path) -> None:
    one = version_of(tmp_path / "one", {"a/通知.txt": NOTICE})
    two = version_of(tmp_path / "two", {"b/通知.txt": NOTICE})
    assert [(c.notice_id, c.state, c.facts) for c in changes_between(one, two)] == [
        ("a", NoticeState.REMOVED, ()),
        ("b", NoticeState.ADDED, ()),
    ]


def test_equal_versions_have_no_change(tmp_path: Path) -> None:
    files = {"a/通知.txt": NOTICE}
    assert changes_between(version_of(tmp_path / "x", files), version_of(tmp_path / "y", files)) == ()


def contradicted(tmp_path: Path, text: str) -> tuple[str, ...]:
    version = version_of(tmp_path, {"a/通知.txt": text})
    return contradictions(version.notices["a"], version.chunks, version.facts)


def test_two_dates_for_one_act_of_one_actor_are_a_contradiction(tmp_path: Path) -> None:
    text = NOTICE.replace(
        "三、资金支持\n", "3.申报主体应于2024年11月25日前完成线上申报，逾期不予受理。\n\n三、资金支持\n"
    )
    (warning,) = contradicted(tmp_path, text)
    assert warning == (
        "申报主体“完成线上申报”有两个日期：二、1.写2024年11月22日，二、3.写2024年11月25日。请核对哪一个对。"
    )


def test_a_deadline_before_the_day_of_issue_is_a_contradiction(tmp_path: Path) -> None:
    (warning,) = contradicted(tmp_path, NOTICE.replace("2024年11月22日前", "2023年11月22日前"))
    assert warning == "二、1.的截止日期2023年11月22日早于成文日期 2024-11-04。请核对年份。"


def test_whom_a_rule_is_for_is_no_deadline_before_the_day_of_issue(tmp_path: Path) -> None:
    text = NOTICE.replace(
        "三、资金支持\n", "3.2023年11月22日前已经完成网上提交的企业无须重新填报。\n\n三、资金支持\n"
    )
    assert not contradicted(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(NOTICE, id="enterprise-and-city-have-dates-of-their-own"),
        pytest.param(
            NOTICE.replace("在湖南省内注册", "于2022年12月31日前在湖南省内登记注册"),
            id="a-condition-lies-in-the-past",
        ),
        pytest.param(
            NOTICE.replace(
                "二、申报程序\n",
                "二、申报程序\n\n（一）基础级\n\n1.企业于2024年11月10日前提交申请。\n\n"
                "（二）先进级\n\n1.企业于2024年11月20日前提交申请。\n",
            ),
            id="two-levels-under-two-headings",
        ),
    ],
)
def test_what_differs_rightly_is_no_contradiction(tmp_path: Path, text: str) -> None:
    assert contradicted(tmp_path, text) == ()
