"""Which criteria a notice has: of the real notice, of a made one with a table, and by the ways in which notices put them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.chunking import chunk_document
from bot.criteria import criteria_of, for_level, levels_of, nearest_clauses
from bot.criterion import Criterion, CriterionKind
from bot.datamodels import Chunk, Document, DocumentRole, Fact, Notice
from bot.index.store import Index
from bot.self_check_words import no_criteria_text
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


# ---------------------------------------------------------------- alternatives without the word 之一


@pytest.mark.parametrize(
    ("opening", "items"),
    [
        ("满足下列条件一项即可：", ("1.有省级研发机构；", "2.有发明专利5件以上。")),
        ("符合以下任一：", ("1.有省级研发机构；", "2.有发明专利5件以上。")),
        ("研发能力应达到下列要求：", ("1.有省级研发机构；或", "2.有发明专利5件以上；或者", "3.获省级奖励。")),
        ("下列条件满足其一：", ("1.有省级研发机构；", "2.有发明专利5件以上。")),
    ],
    ids=["one_will_do", "any", "joined_by_or", "one_of_them"],
)
def test_alternatives_are_asked_as_one_however_they_are_put(opening: str, items: tuple[str, ...]) -> None:
    text = "一、申报条件\n\n（一）在本市注册。\n\n（二）" + "\n\n".join((opening, *items))
    first, choice = criteria_of(version_of(text), "n")
    assert (first.quote.text, first.alternatives) == ("（一）在本市注册。", ())
    assert (choice.least, tuple(each.text for each in choice.alternatives)) == (1, items)


def test_of_a_list_that_asks_for_all_only_the_two_joined_by_or_are_alternatives() -> None:
    text = "一、申报条件\n\n（一）应同时满足以下要求：\n\n1.在本市注册；\n\n2.有发明专利5件以上；或\n\n3.有软件著作权10件以上。"
    first, choice = criteria_of(version_of(text), "n")
    assert (first.quote.text, first.alternatives) == ("1.在本市注册；", ())
    assert [each.section for each in choice.alternatives] == ["一、（一）2.", "一、（一）3."]


def test_two_of_several_are_counted_wherever_the_number_stands() -> None:
    text = "一、申报条件\n\n（一）至少具备下列条件中的两项：\n\n1.甲奖项；\n\n2.乙奖项；\n\n3.丙奖项。"
    (choice,) = criteria_of(version_of(text), "n")
    assert (choice.least, len(choice.alternatives)) == (2, 3)


def test_alternatives_in_running_text_are_one_criterion_beside_the_others() -> None:
    text = "一、申报条件\n\n（一）企业在本市注册。符合下列条件之一：建有省级研发机构；拥有发明专利5件以上。近三年无处罚。"
    criteria = criteria_of(version_of(text), "n")
    assert [(each.quote.text, [a.text for a in each.alternatives]) for each in criteria] == [
        ("（一）企业在本市注册。", []),
        ("符合下列条件之一：", ["建有省级研发机构；", "拥有发明专利5件以上。"]),
        ("近三年无处罚。", []),
    ]


# ---------------------------------------------------------------- bans wherever they are listed


def test_every_case_of_a_list_of_bans_in_running_text_is_a_ban() -> None:
    text = "一、申报条件\n\n（一）在本市注册。\n\n有下列情形之一的，不得申报：已获同类资金的；被列入失信名单的；正在破产清算的。"
    assert found(text) == [
        (CONDITION, "（一）在本市注册。"),
        (BAN, "已获同类资金的；"),
        (BAN, "被列入失信名单的；"),
        (BAN, "正在破产清算的。"),
    ]


@pytest.mark.parametrize(
    "opening",
    [
        "有下列情形之一的，不得选派：",
        "下列贷款或利息不予贴息：",
        "近三年无下列行为：",
        "有下列情形之一的人员，不得报考：",
    ],
    ids=["selected", "interest", "none_of", "exam"],
)
def test_a_numbered_line_that_opens_bans_makes_its_items_bans(opening: str) -> None:
    text = f"一、申报条件\n\n（一）在本市注册。\n\n（二）{opening}\n\n1.以前被撤销的；\n\n2.用于偿还债务的。"
    assert [kind for kind, _ in found(text)] == [CONDITION, BAN, BAN]


# ---------------------------------------------------------------- questions and answers, plain paragraphs


@pytest.mark.parametrize(
    ("question", "answer"),
    [("问：", "答："), ("【问】", "【答】"), ("Q1：", "A：")],
    ids=["colon", "bracket", "letter"],
)
def test_the_answers_to_questions_of_eligibility_are_criteria(question: str, answer: str) -> None:
    text = (
        f"{question}哪些企业可以申报？\n\n{answer}在本市注册的制造业企业。上年度营业收入不低于2000万元。\n\n"
        f"{question}哪些情形不能申报？\n\n{answer}被列入失信名单的，不能申报。\n\n"
        f"{question}什么时候申报？\n\n{answer}2026年12月1日前，应当在系统填写。\n"
    )
    assert found(text) == [
        (CONDITION, "在本市注册的制造业企业。"),
        (CONDITION, "上年度营业收入不低于2000万元。"),
        (BAN, "被列入失信名单的，不能申报。"),
    ]


def test_a_plain_paragraph_may_list_conditions_and_bans() -> None:
    text = (
        "申报企业应同时符合下列条件：在本市注册；成立满2年。有下列情形之一的，不得申报：已获同类资金的；"
        "被列入失信名单的。请各单位做好组织工作。"
    )
    assert found(text) == [
        (CONDITION, "在本市注册；"),
        (CONDITION, "成立满2年。"),
        (BAN, "已获同类资金的；"),
        (BAN, "被列入失信名单的。"),
    ]


def test_where_nothing_is_listed_the_nearest_sentences_are_at_hand() -> None:
    text = (
        "一、补贴办法\n\n在本市登记注册的企业可以享受补贴。补贴每季度发放一次。\n\n"
        "二、联系方式\n\n市工信局 陈明 0731-88950011\n"
    )
    version = version_of(text)
    assert criteria_of(version, "n") == ()
    assert [quote.text for quote in nearest_clauses(version, "n")] == ["在本市登记注册的企业可以享受补贴。"]
    assert nearest_clauses(version, "另一份") == ()
    said = no_criteria_text(version, "n").split("\n")
    assert said[0].startswith("《申报数字工厂》没有逐项列出申报条件，不能逐项自查。")
    assert said[1:] == [
        "最接近的原文是（不一定是申报条件，请自行核对）：",
        "· 一、 “在本市登记注册的企业可以享受补贴。”",
    ]


def test_who_may_and_who_is_left_out_stand_under_the_same_heading() -> None:
    text = (
        "二、申领对象\n\n1.在本市注册的企业。\n\n2.上年度已领取而未使用的企业，本年度不得申领。\n\n"
        "3.失信被执行人、申领之日前一年内受到处罚的企业除外。"
    )
    assert [kind for kind, _ in found(text)] == [CONDITION, BAN, BAN]


# ---------------------------------------------------------------- tables of attachments


CASES = (
    "# 资质延续要求\n\n| 资质类别 | 净资产 | 技术工人 |\n|---|---|---|\n"
    "| 建筑工程 | 4000万元 | 75人 |\n| 装修装饰 | 200万元 | 15人 |\n\n说明：\n\n1. 同一人员可满足多项要求。\n"
)


def test_the_rows_of_a_table_of_cases_are_for_one_case_each() -> None:
    criteria = criteria_of(version_of("一、申报条件\n\n1.在本市注册。", CASES, "资质延续要求"), "n")
    assert levels_of(criteria) == ("建筑工程", "装修装饰")
    own = for_level(criteria, "装修装饰")
    assert [each.quote.text for each in own] == ["1.在本市注册。", "净资产：200万元；技术工人：15人"]
    assert [note.text for note in own[1].notes] == ["1. 同一人员可满足多项要求。"]


def test_several_rows_for_one_case_are_alternatives() -> None:
    table = (
        "# 各层级申报条件\n\n| 申报层级 | 学历要求 | 任职年限 |\n|---|---|---|\n"
        "| 工程师 | 硕士 | 满1年 |\n| 工程师 | 本科 | 满4年 |\n| 高级工程师 | 博士 | 满2年 |\n"
    )
    criteria = criteria_of(version_of("一、申报条件\n\n1.在本省工作。", table, "各层级申报条件"), "n")
    _, row = for_level(criteria, "工程师")
    assert (row.least, [each.text for each in row.alternatives]) == (
        1,
        ["学历要求：硕士；任职年限：满1年", "学历要求：本科；任职年限：满4年"],
    )


def test_columns_beside_the_indicators_are_levels_whatever_they_are_called() -> None:
    table = "# 设站最低标准\n\n| 指标 | 大型企业 | 小微企业 |\n|---|---|---|\n| 研发人员数 | 60 | 10 |\n"
    criteria = criteria_of(version_of("一、申报条件\n\n1.在本省注册。", table, "设站最低标准"), "n")
    assert levels_of(criteria) == ("大型企业", "小微企业")


@pytest.mark.parametrize(
    "title",
    ["各类险种扶持标准", "房源及租金标准", "注册费标准及会议日程", "稳岗返还标准分档表", "学时折算标准"],
)
def test_a_table_of_benefits_or_fees_holds_no_criteria(title: str) -> None:
    table = (
        f"# {title}\n\n| 类别 | 标准 |\n|---|---|\n| 小微企业 | 不低于60% |\n\n说明：\n\n1. 应当分别计算。\n"
    )
    assert found("一、申报条件\n\n1.在本市注册。", table, title) == [(CONDITION, "1.在本市注册。")]
