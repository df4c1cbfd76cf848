"""A comparison of years, batches or levels as a small table: a row a notice, each cell cited."""

from __future__ import annotations

from datetime import date

import pytest
from bundled_encoder import bundled_encoder
from example_answers import TODAY, question

from bot import messages
from bot.assistant import Assistant
from bot.channels.telegram.rendering import answer_to_html, html_to_plain
from bot.citations import check_answer, check_facts
from bot.comparing import CELL_CHARACTERS, aspects_of, compared
from bot.datamodels import Answer, AnswerStatus, Block, BlockKind, Span, SpanStyle
from bot.errors import FactLockError
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.question import understand
from bot.ranking import Ranker
from bot.rendering import body_to_plain, to_terminal


def said(*blocks: Block, status: AnswerStatus = AnswerStatus.ANSWERED) -> Answer:
    return Answer(question("奖励有什么不同"), status, blocks)


def paragraph(*spans: str | Span) -> Block:
    return Block(BlockKind.ANSWER, tuple(Span(s) if isinstance(s, str) else s for s in spans), (1,))


def strong(text: str) -> Span:
    return Span(text, SpanStyle.STRONG)


def computed(text: str) -> Span:
    return Span(text, SpanStyle.COMPUTED)


def note(text: str) -> Block:
    return Block(BlockKind.NOTE, (computed(text),))


def cells(*answers: Answer) -> list[str] | None:
    rows = compared([f"{2023 + n}年" for n in range(len(answers))], [answers])
    return None if rows is None else [block.text for row in rows for block in row.blocks]


OTHER = said(paragraph("对通过的企业，给予", strong("20万元"), "奖励。"))


@pytest.mark.parametrize(
    ("answer", "cell"),
    [
        pytest.param(
            said(paragraph("对认定的工厂，省级一次性给予", strong("50万元"), "奖励，另行发文。")),
            "省级一次性给予50万元奖励",
            id="part-of-the-value",
        ),
        pytest.param(
            said(paragraph("推荐不超过", strong("12家"), "，其他类别不限名额。由各市报送。")),
            "推荐不超过12家，其他类别不限名额",
            id="with-its-exception",
        ),
        pytest.param(
            said(paragraph(strong("20万元"), "；二是未获补贴的，补", strong("3万元"), "。")),
            "20万元；二是未获补贴的，补3万元",
            id="with-the-condition-between",
        ),
        pytest.param(
            said(
                paragraph("于", strong("5月24日"), "前填报，过期不候。", computed("（还剩 3 天）")),
                note(messages.CLOSED),
            ),
            "于5月24日前填报（还剩 3 天）",
            id="with-its-state",
        ),
        pytest.param(said(paragraph("奖励标准与第一批相同。")), "奖励标准与第一批相同", id="no-value"),
        pytest.param(
            said(note(messages.NEAREST), paragraph("奖励另行通知。")),
            "奖励另行通知" + messages.CHECK_CELL,
            id="unsure",
        ),
        pytest.param(
            said(note("没有写明金额。"), status=AnswerStatus.NOT_FOUND), messages.NOT_STATED, id="refused"
        ),
    ],
)
def test_a_cell_holds_the_value_with_what_belongs_to_it(answer: Answer, cell: str) -> None:
    assert cells(answer, OTHER) == [f"2023年 ｜ {cell}", "2024年 ｜ 给予20万元奖励"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(said(paragraph("很长" * CELL_CHARACTERS)), id="long"),
        pytest.param(said(paragraph("条件"), Block(BlockKind.ITEM, (Span("一"),), (1,))), id="list"),
        pytest.param(said(Block(BlockKind.CARD, (Span("电话"),), (1,))), id="contact"),
        pytest.param(said(paragraph(strong(messages.PREMISE_WRONG)), paragraph("是20万元")), id="verdict"),
        pytest.param(said(note("注意：本通知已被废止。"), paragraph("20万元")), id="banner"),
    ],
)
def test_what_fits_no_cell_makes_no_table(answer: Answer) -> None:
    assert cells(answer, OTHER) is None


def test_one_notice_or_too_many_columns_make_no_table() -> None:
    assert compared(["2024年"], [[OTHER]]) is None
    assert compared(["2023年", "2024年"], [[OTHER, OTHER]] * 3) is None


def test_a_cell_without_a_citation_does_not_pass_the_lock() -> None:
    answer = said(Block(BlockKind.ROW, (computed("2024年 ｜ "), Span("有奖励"))))
    with pytest.raises(FactLockError, match="没有出处"):
        check_answer(answer, {})
    check_answer(said(Block(BlockKind.ROW, (computed("2024年 ｜ 没有写明"),))), {})


def test_a_value_in_a_cell_is_held_by_the_fact_lock() -> None:
    with pytest.raises(FactLockError, match="50万元"):
        check_facts([Block(BlockKind.CELL, (Span("50万元"),), (1,))], [])


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("2023年和2024年的奖励和截止时间有什么不同", ["奖补", "截止时间"]),
        ("截止时间以及奖励标准比去年有啥变化", ["截止时间", "奖补"]),
        ("推荐名额、截止日期分别是", ["名额", "截止时间"]),
        ("2023年和2024年的奖励有什么不同", []),
        ("奖励和补贴有什么不同", []),
        ("奖励什么时候截止", []),
        ("今年跟去年一样吗", []),
    ],
    ids=range(7),
)
def test_two_things_that_are_asked_for_are_told_apart(text: str, labels: list[str]) -> None:
    assert [aspect.label for aspect in aspects_of(understand(text, today=TODAY))] == labels


def test_each_of_two_things_is_asked_for_alone() -> None:
    one, other = aspects_of(understand("奖励和截止时间有什么不同", today=TODAY))
    assert (one.question.normalised, other.question.normalised) == ("奖励有什么不同", "截止时间有什么不同")


# ---------------------------------------------------------------- the whole way

NOTICE = """湖南省工业和信息化厅关于组织申报{year}年湖南省先进级智能工厂的通知
各市州工业和信息化局：
一、申报程序
（一）企业申报。企业登录平台在线填报，截止时间为{due}。
二、支持政策
对认定的湖南省先进级智能工厂，省级一次性给予{sum}万元奖励。
三、联系方式
联系人：王小明，电话：0731-12345678
湖南省工业和信息化厅
{year}年4月9日
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    root = tmp_path_factory.mktemp("comparing")
    for year, due, amount in ((2023, "2023年6月9日17:00", 50), (2024, "2024年5月24日18:00", 30)):
        folder = root / "knowledge" / f"智能工厂{year}"
        folder.mkdir(parents=True)
        text = NOTICE.format(year=year, due=due, sum=amount)
        (folder / "通知.txt").write_text(text, "utf-8")
    build_index(root / "knowledge", root / "index", bundled_encoder())
    return Assistant(IndexStore(root / "index"), bundled_encoder(), Ranker.from_file())


def ask(assistant: Assistant, text: str) -> Answer:
    answer = assistant.ask(text, today=date(2024, 5, 20))
    check_answer(answer, assistant.index.documents)
    return answer


def test_years_stand_below_one_another_earliest_first(assistant: Assistant) -> None:
    answer = ask(assistant, "2023年和2024年智能工厂的奖励有什么不同")
    assert body_to_plain(answer) == (
        "2023年 ｜ 省级一次性给予50万元奖励[1]\n2024年 ｜ 省级一次性给予30万元奖励[2]"
    )
    assert [citation.notice for citation in answer.citations] == ["智能工厂2023", "智能工厂2024"]


def test_two_things_make_two_columns_with_a_citation_in_each_cell(assistant: Assistant) -> None:
    answer = ask(assistant, "2023年和2024年智能工厂的奖励和截止时间有什么不同")
    lines = [
        "通知 ｜ 奖补 ｜ 截止时间",
        "2023年 ｜ 省级一次性给予50万元奖励[1] ｜ 截止时间为2023年6月9日17:00（已截止，逾期 346 天）[2]",
        "2024年 ｜ 省级一次性给予30万元奖励[3] ｜ 截止时间为2024年5月24日18:00（还剩 4 天）[4]",
    ]
    assert body_to_plain(answer).split("\n") == lines
    (part,) = answer_to_html(answer)
    assert html_to_plain(part).split("\n\n")[0].split("\n") == lines
    assert "<b>50万元</b>" in part
    shown = to_terminal(answer, 200).plain.split("\n")
    assert shown[:3] == lines
    assert all(len(line) <= 60 for line in to_terminal(answer, 60).plain.split("\n"))
