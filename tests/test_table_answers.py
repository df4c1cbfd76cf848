"""What a table answers: the row that a question means, the cells it asks for, and nothing that only looks so."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot.citations import check_facts
from bot.datamodels import Chunk, ChunkKind, Notice
from bot.desk import Desk
from bot.table_answers import asked_row, blank_rows, is_neighbour, row_blocks

PARKING = """# 附件2：停车收费标准

| 类别 | 第1辆 | 第2辆 | 说明 |
|---|---|---|---|
| 地面车位（业主） | 120元/月 | 200元/月 | 限小型车 |
| 地面车位（租户） | 160元/月 | 不办理 | 凭租赁合同 |
| 摩托车 | 20元/月 | 20元/月 | 指定区域 |
"""
POSTS = """# 附件1：职位表

| 职位代码 | 招聘单位 | 职位名称 | 人数 | 学历 |
|---|---|---|---|---|
| 0301 | 县第一中学 | 数学教师★ | 2 | 本科及以上 |
| 0305 | 县实验小学 | 美术教师 | 1 | 专科及以上 |
| 0412 | 县中医院 | 护士 | 6 | 专科及以上 |

★职位笔试不设开考比例。
"""
FLATS = """# 房源及租金标准表

| 小区 | 所在区 | 户型 | 建筑面积（㎡） | 租金（元/㎡·月） | 物业费（元/㎡·月） | 配套 |
|---|---|---|---|---|---|---|
| 柳岸新村 | 河东区 | 一室 | 41 | 4.6 | 0.5 | 旧房翻新，无电梯 |
| 柳岸新村 | 河东区 | 两室 | 57 | 4.2 | 0.5 | 旧房翻新，无电梯 |
| 青年公寓A座 | 高新区 | 单间 | 26 | 8.0 | — | 精装 |
| 青年公寓B座 | 高新区 | 单间 | 30 | 8.6 | 1.5 | 精装 |
| 松苑 | 河西区 | 两室 | 60 | 4.2 | 0.8 | 简装 |
"""
SUPPORT = """# 附件1：支持标准表

| 类型 | 产业链 | 投资门槛① | 奖补比例② | 单个项目上限 | 其他条件 |
|---|---|---|---|---|---|
| 单企改造 | 纺织 | 900万元以上 | 10% | 400万元 | 数控化率提高10个百分点 |
| 单企改造 | 食品 | 700万元以上 | 14% | 300万元 | 须取得质量认证 |
| 协同改造 | 两条产业链 | 1200万元以上 | 16% | 900万元 | 参与企业不少于5家 |

注：① 进口二手设备不计入投资额。

② 山区三县的项目，奖补比例提高2个百分点，上限不变。
"""
MATERIALS = """# 附件1：申报材料清单

| 序号 | 材料名称 | 份数 | 原件/复印件 | 备注 |
|---|---|---|---|---|
| 1 | 补助资金申请表 | 3 | 原件 | 法定代表人签字 |
| 2 | 项目备案证明 | 2 | 复印件 | 变更的附前后两份 |
| 3 | 竣工证明 | 3 | 原件 | 县级部门出具 |
"""
CHECK_UPS = """# 体检医院安排

| 医院 | 地点 | 幼儿园类（元） | 非幼儿园类（元） | 报名截止 |
|---|---|---|---|---|
| 市人民医院 | 望江路1号 | 168 | 122 | 2026年4月10日 |
| 市中医医院 | 烟波路5号 | 160 | 118 | 2026年4月20日 |
"""
AGENDA = """# 活动日程

| 日期 | 时间 | 内容 | 地点 |
|---|---|---|---|
| 11月14日（周五） | 14:00—18:00 | 布展 | 2号馆 |
| 11月15日（周六） | 9:00—11:30 | 洽谈（上午场） | 2号馆 |
| 11月15日（周六） | 13:00—15:00 | 洽谈（下午场） | 3号馆 |
"""
RATES = """# 减免档次表

| 档次 | 认定条件 | 第1年减免比例 | 第2年减免比例 | 开始日期 |
|---|---|---|---|---|
| A档 | 上市公司 | 100% | 80% | 2026年5月1日 |
| B档 | 专精特新企业 | 80% | 60% | 2026年6月1日 |
"""


def desk_for(text: str, question: str, today: date = date(2026, 3, 31)) -> tuple[Desk, tuple[Chunk, ...]]:
    notice = Notice("n", "通知", "n/t.txt", issued_on=date(2026, 3, 1), year=2026)
    desk = desk_about(notice, "通知\n", question, today, [text])
    return desk, tuple(desk.chunks)


def row_with(chunks: tuple[Chunk, ...], words: str) -> Chunk:
    return next(c for c in chunks if c.kind is ChunkKind.ROW and words in c.text)


def answered(text: str, row: str, question: str, today: date = date(2026, 3, 31)) -> list[str]:
    """The lines of the answer where the best passage is the row with these words."""
    desk, chunks = desk_for(text, question, today)
    blocks = row_blocks(desk, row_with(chunks, row))
    check_facts(blocks, desk.citer.citations)
    return [block.text for block in blocks]


@pytest.mark.parametrize(
    ("text", "row", "question", "lines"),
    [
        pytest.param(PARKING, "租户", "租户停第二辆多少钱", ["地面车位（租户）：第2辆 不办理"], id="second"),
        pytest.param(
            PARKING, "租户", "租户第1辆停车多少钱", ["地面车位（租户）：第1辆 160元/月"], id="first"
        ),
        pytest.param(
            PARKING,
            "租户",
            "租户停第三辆多少钱",
            ["地面车位（租户）：第1辆 160元/月；第2辆 不办理；说明 凭租赁合同"],
            id="no-such-column",
        ),
        pytest.param(RATES, "A档", "A档第二年减免多少", ["A档：第2年减免比例 80%"], id="one-of-like-names"),
        pytest.param(
            POSTS,
            "护士",
            "0305职位要几个人什么学历",
            ["0305 · 县实验小学：职位名称 美术教师；人数 1；学历 专科及以上"],
            id="code-redirects",
        ),
        pytest.param(POSTS, "护士", "县中医院要几个人", ["县中医院：人数 6"], id="no-code"),
        pytest.param(
            FLATS,
            "两室 | 57",
            "柳岸新村两室租金一平多少，有电梯吗",
            ["柳岸新村 · 两室：租金（元/㎡·月） 4.2；配套 旧房翻新，无电梯"],
            id="unique-label",
        ),
        pytest.param(
            FLATS,
            "两室 | 57",
            "柳岸新村租金多少",
            ["柳岸新村 · 一室：租金（元/㎡·月） 4.6", "柳岸新村 · 两室：租金（元/㎡·月） 4.2"],
            id="all-that-are-named",
        ),
        pytest.param(
            SUPPORT,
            "协同",
            "食品单企改造奖补比例多少，上限多少",
            [
                "单企改造 · 食品：奖补比例② 14%；单个项目上限 300万元",
                "② 山区三县的项目，奖补比例提高2个百分点，上限不变。",
            ],
            id="both-and-note",
        ),
        pytest.param(
            SUPPORT,
            "食品",
            "食品单企改造上限多少",
            ["单企改造 · 食品：单个项目上限 300万元"],
            id="no-mark-no-note",
        ),
        pytest.param(
            MATERIALS,
            "竣工",
            "竣工证明要几份，原件还是复印件",
            ["竣工证明：份数 3；原件/复印件 原件"],
            id="both",
        ),
        pytest.param(MATERIALS, "竣工", "竣工证明要几份", ["竣工证明：份数 3"], id="one"),
        pytest.param(
            FLATS,
            "A座",
            "青年公寓A座物业费",
            ["青年公寓A座：物业费（元/㎡·月） —（表里这一格没有填写）"],
            id="dash",
        ),
        pytest.param(FLATS, "B座", "青年公寓B座物业费", ["青年公寓B座：物业费（元/㎡·月） 1.5"], id="filled"),
    ],
)
def test_a_row_answers_with_the_cells_asked_for(text: str, row: str, question: str, lines: list[str]) -> None:
    assert answered(text, row, question) == lines


def test_cells_of_a_label_do_not_run_together_into_one_value() -> None:
    lines = answered(AGENDA, "上午场", "11月15日的洽谈在什么地点")
    assert lines == [
        "11月15日（周六） · 9:00—11:30：内容 洽谈（上午场）；地点 2号馆",
        "11月15日（周六） · 13:00—15:00：内容 洽谈（下午场）；地点 3号馆",
    ]


def test_a_star_brings_its_note() -> None:
    lines = answered(POSTS, "数学", "0301是什么职位")
    assert lines[-1] == "★职位笔试不设开考比例。"


@pytest.mark.parametrize(
    ("question", "best", "other", "neighbour"),
    [
        ("青年公寓A座物业费", "A座", "B座", True),
        ("青年公寓物业费", "A座", "B座", False),
        ("有两室的吗", "柳岸新村 | 河东区 | 两室", "松苑", True),
        ("物业费多少", "A座", "B座", False),
        ("青年B的租金", "A座", "B座", True),
    ],
)
def test_a_second_row_only_where_it_is_meant_as_much(
    question: str, best: str, other: str, neighbour: bool
) -> None:
    desk, chunks = desk_for(FLATS, question)
    assert is_neighbour(desk, row_with(chunks, best), row_with(chunks, other)) is neighbour


@pytest.mark.parametrize(
    ("row", "question", "blank"),
    [
        pytest.param("A座", "青年公寓A座物业费", True, id="asked-for"),
        pytest.param("B座", "青年A物业费多少", True, id="by-its-letter"),
        pytest.param("A座", "青年公寓A座多大，物业费多少", False, id="one-of-two"),
        pytest.param("A座", "青年公寓A座租金", False, id="another-cell"),
        pytest.param("B座", "青年公寓B座物业费", False, id="another-row"),
        pytest.param("A座", "青年公寓A座", False, id="none-asked-for"),
    ],
)
def test_a_cell_that_is_left_blank_is_no_answer(row: str, question: str, blank: bool) -> None:
    desk, chunks = desk_for(FLATS, question)
    assert [block.text for block in blank_rows(desk, row_with(chunks, row))] == (
        ["青年公寓A座：物业费（元/㎡·月） —（表里这一格没有填写）"] if blank else []
    )


def test_the_row_of_a_code_takes_the_place_of_another() -> None:
    desk, chunks = desk_for(POSTS, "0412要几个人")
    assert "护士" in asked_row(desk, row_with(chunks, "数学")).text
    desk, chunks = desk_for(POSTS, "教师要几个人")
    assert "数学" in asked_row(desk, row_with(chunks, "数学")).text


@pytest.mark.parametrize(
    ("text", "row", "question", "lines"),
    [
        pytest.param(
            FLATS,
            "B座",
            "哪个小区租金最便宜",
            [
                "柳岸新村 · 两室：租金（元/㎡·月） 4.2",
                "松苑：租金（元/㎡·月） 4.2",
                "按表中“租金（元/㎡·月）”一列比较得出。",
            ],
            id="least-and-its-equal",
        ),
        pytest.param(
            FLATS,
            "松苑",
            "哪个小区租金最贵",
            ["青年公寓B座：租金（元/㎡·月） 8.6", "按表中“租金（元/㎡·月）”一列比较得出。"],
            id="greatest",
        ),
        pytest.param(
            CHECK_UPS,
            "人民",
            "哪个医院幼儿园类最便宜",
            ["市中医医院：幼儿园类（元） 160", "按表中“幼儿园类（元）”一列比较得出。"],
            id="one-of-two-like-names",
        ),
        pytest.param(
            RATES,
            "A档",
            "哪个档次开始日期最晚",
            ["B档：开始日期 2026年6月1日", "按表中“开始日期”一列比较得出。"],
            id="latest",
        ),
    ],
)
def test_the_extreme_of_a_column_is_found_by_comparison(
    text: str, row: str, question: str, lines: list[str]
) -> None:
    assert answered(text, row, question) == lines


@pytest.mark.parametrize(
    ("text", "row", "question"),
    [
        pytest.param(CHECK_UPS, "中医", "哪个医院最便宜", id="two-columns"),
        pytest.param(PARKING, "摩托", "哪种车位第2辆最贵", id="not-all-numbers"),
        pytest.param(FLATS, "B座", "能养狗的小区哪个租金最便宜", id="unknown-condition"),
    ],
)
def test_what_cannot_be_compared_is_shown_whole(text: str, row: str, question: str) -> None:
    lines = answered(text, row, question)
    assert len(lines) == text.count("\n|") - 2 + 1
    assert lines[-1].startswith("表里的内容不能逐行比出唯一的答案")


def test_a_whole_table_costs_one_citation() -> None:
    desk, chunks = desk_for(CHECK_UPS, "哪个医院最便宜")
    row_blocks(desk, row_with(chunks, "中医"))
    assert [(c.quote.count("\n") + 1) for c in desk.citer.citations] == [2]


def test_a_limit_is_no_extreme() -> None:
    assert answered(SUPPORT, "协同", "协同改造哪个最高能补多少")[0].startswith("协同改造：")


def test_a_date_in_a_column_of_deadlines_has_its_state() -> None:
    question = "市中医医院报名什么时候截止"
    assert answered(CHECK_UPS, "中医", question) == ["市中医医院：报名截止 2026年4月20日（还剩 20 天）"]
    late = answered(CHECK_UPS, "中医", question, date(2026, 5, 1))
    assert late == ["市中医医院：报名截止 2026年4月20日（已截止，逾期 11 天）"]
    assert answered(RATES, "A档", "A档开始日期") == ["A档：开始日期 2026年5月1日"]
