"""Which criteria a notice has: of the real notice, of a made one with a table, and by the ways in which notices put them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.chunking import chunk_document
from bot.criteria import Criterion, CriterionKind, criteria_of, for_level, levels_of
from bot.datamodels import Chunk, Document, DocumentRole, Fact, Notice
from bot.index.store import Index
from tests.check_fixtures import MADE, REAL, publish, write_knowledge

CONDITION, BAN, ROW, OPTIONAL = CriterionKind


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("criteria")
    return publish(write_knowledge(folder / "knowledge"), folder / "index")


@dataclass(frozen=True)
class Version:
    notices: dict[str, Notice]
    documents: dict[str, Document]
    chunks: tuple[Chunk, ...]
    notice_rows: dict[str, NDArray[np.int64]]
    facts: dict[str, tuple[Fact, ...]]


def version_of(text: str, attachment: str = "", title: str = "要素条件") -> Version:
    head = "关于申报数字工厂的通知\n\n各有关企业：\n\n"
    documents = [Document("n/通知.txt", "n", "关于申报数字工厂的通知", DocumentRole.MAIN, head + text, "txt")]
    if attachment:
        documents.append(
            Document(
                "n/附件1.md", "n", title, DocumentRole.ATTACHMENT, attachment, "md", attachment_number="1"
            )
        )
    chunks = tuple(chunk for document in documents for chunk in chunk_document(document))
    notice = Notice("n", documents[0].title, documents[0].id)
    return Version(
        {"n": notice}, {d.id: d for d in documents}, chunks, {"n": np.arange(len(chunks), dtype=np.int64)}, {}
    )


def found(text: str, attachment: str = "", title: str = "要素条件") -> list[tuple[CriterionKind, str]]:
    return [(each.kind, each.quote.text) for each in criteria_of(version_of(text, attachment, title), "n")]


# ---------------------------------------------------------------- whole notices


def test_the_real_notice_has_its_three_conditions_with_their_sections(index: Index) -> None:
    criteria = criteria_of(index, REAL)
    assert [(each.kind, each.quote.section, each.introduction) for each in criteria] == [
        (CONDITION, "二、（一）1.", "申报条件"),
        (CONDITION, "二、（一）2.", "申报条件"),
        (CONDITION, "二、（一）3.", "申报条件"),
    ]
    assert "具有独立法人资格" in criteria[0].quote.text and "允许法人的分支机构申报" in criteria[0].quote.text


def test_the_made_notice_has_conditions_a_choice_bans_and_rows_for_each_level(index: Index) -> None:
    criteria = criteria_of(index, MADE)
    assert levels_of(criteria) == ("示范级", "基础级")
    own = for_level(criteria, "示范级")
    assert [(each.kind, each.quote.section) for each in own] == [
        (CONDITION, "一、（一）1."),
        (CONDITION, "一、（一）2."),
        (CONDITION, "一、（一）3."),
        (BAN, "一、（二）1."),
        (BAN, "一、（二）2."),
        (ROW, "表1第1行"),
        (ROW, "表1第2行"),
        (ROW, ""),
    ]
    choice = own[2]
    assert choice.least == 1 and [each.section for each in choice.alternatives] == [
        "一、（一）3.（1）",
        "一、（一）3.（2）",
    ]
    assert own[3].introduction == "有下列情形之一的，不得申报"
    assert own[5].quote.text == "要素：关键工序数控化率；示范级：≥70%"
    at_least_one = own[7]
    assert at_least_one.quote.text == "注：第3、4项至少达到1项。" and at_least_one.least == 1
    assert [each.text for each in at_least_one.alternatives] == [
        "要素：典型场景；示范级：不少于5个",
        "要素：能耗管理；示范级：建有能源管理系统",
    ]


def test_a_level_is_not_asked_what_its_column_leaves_out(index: Index) -> None:
    rows = [each for each in for_level(criteria_of(index, MADE), "基础级") if each.kind is ROW]
    assert [each.quote.text for each in rows] == [
        "要素：关键工序数控化率；基础级：≥50%",
        "要素：设备联网率；基础级：≥60%",
        "要素：能耗管理；基础级：建有能耗台账",
    ]


def test_every_quotation_is_literal(index: Index) -> None:
    for notice_id in (REAL, MADE):
        for criterion in criteria_of(index, notice_id):
            text = index.documents[criterion.document_id].text
            for quote in criterion.quotes:
                source = text[quote.start : quote.end]
                if "：" in quote.text and source.startswith("|"):  # a row: its cells stand in it
                    assert all(part.split("：", 1)[1] in source for part in quote.text.split("；"))
                else:
                    assert source == quote.text


def test_an_unknown_notice_has_none(index: Index) -> None:
    assert criteria_of(index, "另一份") == ()


# ---------------------------------------------------------------- ways of putting it


@pytest.mark.parametrize(
    "heading",
    [
        "申报条件",
        "基本条件",
        "遴选标准",
        "认定条件",
        "推荐条件",
        "申请资格",
        "申报对象及条件",
        "参评条件和要求",
        "准入门槛",
    ],
    ids=["apply", "basic", "standard", "recognise", "recommend", "seat", "subject", "join", "threshold"],
)
def test_headings_of_conditions_are_known(heading: str) -> None:
    text = f"一、{heading}\n\n1.在本市注册登记的制造业企业；\n\n2.上年度营业收入不低于2000万元。\n\n二、联系方式\n\n1.市工信局 陈明"
    assert found(text) == [
        (CONDITION, "1.在本市注册登记的制造业企业；"),
        (CONDITION, "2.上年度营业收入不低于2000万元。"),
    ]


@pytest.mark.parametrize(
    "heading",
    ["工作条件", "评审标准", "奖励标准", "材料要求", "验收条件", "资格审核", "组织实施", "补贴标准"],
    ids=["work", "review", "award", "papers", "acceptance", "audit", "carry_out", "subsidy"],
)
def test_headings_that_only_sound_alike_are_not(heading: str) -> None:
    assert found(f"一、{heading}\n\n1.应当具有健全的制度；\n\n2.材料须一式两份。") == []


@pytest.mark.parametrize(
    "opening",
    [
        "有下列情形之一的，不得申报：",
        "存在以下情形之一的企业，不予受理：",
        "不予支持的情形：",
        "下列企业不得参加遴选：",
    ],
    ids=["not_apply", "not_taken", "not_supported", "not_join"],
)
def test_each_item_of_a_list_of_bans_is_a_ban(opening: str) -> None:
    text = f"一、申报条件\n\n（一）在本市注册登记。\n\n（二）{opening}\n\n1.被列入失信名单的；\n\n2.三年内发生较大安全事故的。"
    assert found(text) == [
        (CONDITION, "（一）在本市注册登记。"),
        (BAN, "1.被列入失信名单的；"),
        (BAN, "2.三年内发生较大安全事故的。"),
    ]


def test_a_sentence_that_lists_bans_is_taken_apart_and_keeps_its_exception() -> None:
    text = "一、不予遴选情形\n\n下列企业不予遴选：正在破产清算的；以贴牌加工为主的。直播带货不在此列。"
    criteria = criteria_of(version_of(text), "n")
    assert [(each.kind, each.quote.text) for each in criteria] == [
        (BAN, "正在破产清算的；"),
        (BAN, "以贴牌加工为主的。"),
    ]
    assert [note.text for note in criteria[1].notes] == ["直播带货不在此列。"]


def test_a_veto_in_a_run_in_heading_is_a_ban() -> None:
    text = "一、认定条件\n\n（一）否决情形。近三年发生偷漏税行为的，不予认定。\n\n（二）基础条件。在本市从事制造业满2年。"
    assert found(text) == [
        (BAN, "（一）否决情形。近三年发生偷漏税行为的，不予认定。"),
        (CONDITION, "（二）基础条件。在本市从事制造业满2年。"),
    ]


@pytest.mark.parametrize(
    ("opening", "least"),
    [
        ("符合下列条件之一：", 1),
        ("满足以下任意一项：", 1),
        ("至少具备下列条件中的两项：", None),
        ("下列条件中至少满足两项：", 2),
        ("以下条件至少符合3项：", 3),
    ],
    ids=["one_of", "any", "unclear", "two", "three"],
)
def test_some_of_several_are_asked_as_one(opening: str, least: int | None) -> None:
    text = f"一、申报条件\n\n（一）在本市注册。\n\n（二）{opening}\n\n1.有专利3项以上；\n\n2.有省级研发机构；\n\n3.获市级奖励；\n\n4.通过体系认证。"
    criteria = criteria_of(version_of(text), "n")
    if least is None:
        assert len(criteria) in {2, 5}  # as one, or each by itself: never left out
        return
    assert [(each.kind, each.least, len(each.alternatives)) for each in criteria] == [
        (CONDITION, 0, 0),
        (CONDITION, least, 4),
    ]


def test_an_easier_way_is_optional() -> None:
    text = "一、认定条件\n\n（一）在本市注册。\n\n（二）满足下列任意一项的，可直接认定：\n\n1.获国家级奖励；\n\n2.获省级奖励。"
    assert [kind for kind, _ in found(text)] == [CONDITION, OPTIONAL]


def test_all_of_several_are_asked_one_by_one() -> None:
    text = (
        "一、认定条件\n\n申报企业应当同时符合下列条件：\n\n（1）注册满一年；\n\n（2）研发费用占比不低于3%。"
    )
    assert [words for _, words in found(text)] == ["（1）注册满一年；", "（2）研发费用占比不低于3%。"]


def test_lines_that_are_headings_to_the_eye_only_count_too() -> None:
    text = "▍谁能领\n\n1. 累计缴费12个月以上。\n\n▍谁不能领\n\n（1）已办理退休的；\n\n▍领多少\n\n1. 一次性发放1000元。"
    assert found(text) == [(CONDITION, "1. 累计缴费12个月以上。"), (BAN, "（1）已办理退休的；")]


def test_a_ban_without_a_heading_counts_but_not_what_happens_later() -> None:
    text = (
        "申报主体为在本省登记、具有独立法人资格的企业。近三年因质量问题受到行政处罚的，不予受理；受到通报批评的不在此列。"
        "企业应当于7月31日前提交材料，逾期不予受理。\n\n"
        "一、监督管理\n\n提供虚假材料的，撤销称号，三年内不得申报。"
    )
    criteria = criteria_of(version_of(text), "n")
    assert [(each.kind, each.quote.text) for each in criteria] == [
        (CONDITION, "申报主体为在本省登记、具有独立法人资格的企业。"),
        (BAN, "近三年因质量问题受到行政处罚的，不予受理；"),
    ]
    assert [note.text for note in criteria[1].notes] == ["受到通报批评的不在此列。"]


def test_a_table_of_scores_or_of_papers_holds_no_criteria() -> None:
    for title, header in (("评价指标及评分表", "指标 | 满分"), ("申报材料清单", "材料 | 要求")):
        table = f"# {title}\n\n| {header} |\n|---|---|\n| 研发占比 | 不低于3% |\n"
        assert found("一、申报条件\n\n1.在本市注册。", table, title) == [(CONDITION, "1.在本市注册。")]


def test_a_column_may_name_the_level_of_its_row() -> None:
    table = "# 认定条件\n\n| 级别 | 条件 |\n|---|---|\n| 国家级 | 营业收入不低于10亿元 |\n| 省级 | 营业收入不低于2亿元 |\n"
    criteria = criteria_of(version_of("一、申报条件\n\n1.在本市注册。", table, "认定条件"), "n")
    assert levels_of(criteria) == ("国家级", "省级")
    assert [each.quote.text for each in for_level(criteria, "省级")] == [
        "1.在本市注册。",
        "条件：营业收入不低于2亿元",
    ]


# ---------------------------------------------------------------- identity


def test_a_criterion_is_the_same_wherever_it_stands_and_another_once_reworded() -> None:
    def ids(text: str) -> list[str]:
        return [each.id for each in criteria_of(version_of(text), "n")]

    before = ids("一、申报条件\n\n1.在本市注册登记；\n\n2.营业收入不低于2000万元。")
    moved = ids(
        "一、总则\n\n按本通知执行。\n\n二、申报条件\n\n1.营业收入不低于2000万元。\n\n2.在本市注册登记；"
    )
    reworded = ids("一、申报条件\n\n1.在本市注册登记；\n\n2.营业收入不低于3000万元。")
    assert moved == before[::-1]
    assert reworded[0] == before[0] and reworded[1] != before[1]


def test_the_level_and_the_kind_belong_to_a_criterion(index: Index) -> None:
    first: Criterion = criteria_of(index, MADE)[0]
    assert first.id == replace(first).id
    assert len({first.id, replace(first, level="示范级").id, replace(first, kind=BAN).id}) == 3


def test_a_list_inside_a_clause_is_taken_apart() -> None:
    text = (
        "一、申报条件\n\n（一）在本市注册。\n\n"
        "（二）有下列情形之一的项目，不予支持：1.已获财政资金支持的；2.属于限制类、淘汰类的；3.购置二手设备的。\n\n"
        "（三）具备下列条件之一的，可直接确认入库，不再打分：(1)拥有高新技术企业证书；(2)获得过国家级科技奖励。"
    )
    criteria = criteria_of(version_of(text), "n")
    assert [(each.kind, each.quote.text, len(each.alternatives)) for each in criteria] == [
        (CONDITION, "（一）在本市注册。", 0),
        (BAN, "1.已获财政资金支持的；", 0),
        (BAN, "2.属于限制类、淘汰类的；", 0),
        (BAN, "3.购置二手设备的。", 0),
        (OPTIONAL, "（三）具备下列条件之一的，可直接确认入库，不再打分：", 2),
    ]
    assert criteria[1].introduction == "有下列情形之一的项目，不予支持"


def test_a_note_under_a_table_belongs_to_the_row_with_its_mark() -> None:
    table = (
        "# 分类要求\n\n| 要求 | 国家级 | 省级 |\n|---|---|---|\n| 成立年限 | 3年以上 | 2年以上① |\n"
        "| 人员 | 30人以上 | 15人以上 |\n\n注：① 农业企业可降为1年以上；\n"
    )
    criteria = criteria_of(version_of("一、申报条件\n\n1.在本市注册。", table, "分类要求"), "n")
    noted = {each.quote.text: [note.text for note in each.notes] for each in criteria if each.notes}
    assert noted == {"要求：成立年限；省级：2年以上①": ["注：① 农业企业可降为1年以上；"]}


def test_an_item_of_a_list_of_bans_stays_one_though_it_names_an_exception() -> None:
    text = (
        "一、不得申报情形\n\n（一）正在破产清算的；\n\n（二）已列入经营异常名录，但申报截止日前已移出的除外；"
    )
    assert [kind for kind, _ in found(text)] == [BAN, BAN]
