"""What a table answers: the row that a question means, the cells it asks for, and nothing that only looks so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from desks import desk_about

from bot.citations import check_facts
from bot.datamodels import Chunk, ChunkKind, Notice, Passage
from bot.desk import Desk
from bot.table_answers import asked_row, blank_rows, is_neighbour, row_blocks, row_first, row_states

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
TRACTORS = """# 附件2：报废补贴标准

| 机具 | 类别 | 报废补贴额（元/台） |
|---|---|---|
| 拖拉机 | 50—80马力 | 5500 |
| 拖拉机 | 80—100马力 | 8500 |
| 拖拉机 | 100马力及以上 | 12000 |
| 水稻插秧机 | 6行及以上 | 4200 |
"""
INSURED = """附件1

## 分类资助标准

| 序号 | 人员类别 | 资助标准（元/人） | 个人承担（元/人） | 认定部门 |
|---|---|---|---|---|
| 1 | 最低生活保障对象 | 350 | 90 | 民政 |
| 2 | 防止返贫监测对象（脱贫不稳定户、突发严重困难户） | 220 | 220 | 农业农村 |
| 3 | 低保边缘家庭成员 | 150 | 290 | 民政 |
| 4 | 重度残疾人（一、二级） | 440 | 0 | 残联 |
| 5 | 已稳定脱贫人口 | 0 | 440 | 乡村振兴 |

说明：雄安新区及其托管地区不适用本表。
"""
RETURNS = """# 附件1：返还比例

| 类别 | 划型参考（工业企业） | 返还比例 | 单户最高返还额 |
|---|---|---|---|
| 中型企业 | 营业收入2000万元及以上 | 60% | 150万元 |
| 小型企业 | 营业收入300万元及以上 | 60% | 80万元 |

注：1. 返还额不足500元的，按500元发放。
2. 中型和小型企业须同时满足所列指标的下限，否则下划一档。
3. 劳务派遣企业按其自身划型执行，但单户最高返还额不超过100万元。
"""
BUILDERS = """# 附件1：建造师核查标准

| 资质类别 | 等级 | 注册建造师最低人数 | 备注 |
|---|---|---|---|
| 建筑装修装饰工程 | 二级 | 3 | 一级注册建造师1人可折抵2人 |
| 消防设施工程 | 二级 | 4 | 不得折抵 |
"""
REGIONS = "说明：雄安新区及其托管地区不适用本表。"


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
        pytest.param(
            TRACTORS,
            "50—80",
            "报废拖拉机100马力以上多少钱",
            ["拖拉机 · 100马力及以上：报废补贴额（元/台） 12000"],
            id="class-of-a-number",
        ),
        pytest.param(
            TRACTORS,
            "50—80",
            "报废80马力拖拉机补多少",
            [
                "拖拉机 · 50—80马力：报废补贴额（元/台） 5500",
                "拖拉机 · 80—100马力：报废补贴额（元/台） 8500",
            ],
            id="both-classes-that-a-number-bounds",
        ),
        pytest.param(
            TRACTORS,
            "插秧机",
            "插秧机报废补多少",
            ["水稻插秧机 · 6行及以上：报废补贴额（元/台） 4200"],
            id="class-for-which-a-row-holds",
        ),
        pytest.param(
            INSURED,
            "脱贫不稳定户",
            "脱贫户个人承担多少",
            [
                "防止返贫监测对象（脱贫不稳定户、突发严重困难户）：个人承担（元/人） 220",
                "已稳定脱贫人口：个人承担（元/人） 440",
                REGIONS,
            ],
            id="all-that-a-word-may-mean",
        ),
        pytest.param(
            INSURED,
            "脱贫不稳定户",
            "重残一级个人承担多少",
            ["重度残疾人（一、二级）：个人承担（元/人） 0", REGIONS],
            id="shortened",
        ),
        pytest.param(
            INSURED,
            "低保边缘",
            "低保户个人承担多少",
            ["最低生活保障对象：个人承担（元/人） 90", REGIONS],
            id="said-otherwise",
        ),
        pytest.param(
            INSURED,
            "低保边缘",
            "雄安的低保户个人承担多少",
            [REGIONS, "最低生活保障对象：个人承担（元/人） 90"],
            id="whom-the-table-leaves-out",
        ),
        pytest.param(
            RETURNS,
            "小型",
            "小型企业最多返多少钱",
            [
                "小型企业：单户最高返还额 80万元",
                "2. 中型和小型企业须同时满足所列指标的下限，否则下划一档。",
                "3. 劳务派遣企业按其自身划型执行，但单户最高返还额不超过100万元。",
            ],
            id="most",
        ),
        pytest.param(
            BUILDERS,
            "装修",
            "装修二级，我有1个一级2个二级，够不够",
            ["建筑装修装饰工程：等级 二级；注册建造师最低人数 3；备注 一级注册建造师1人可折抵2人"],
            id="to-be-compared",
        ),
        pytest.param(RATES, "A档", "A档第二年减免多少", ["A档：第2年减免比例 80%"], id="one-of-like-names"),
        pytest.param(
            POSTS,
            "护士",
            "0305职位要几个人什么学历",
            ["0305 · 县实验小学 · 美术教师：人数 1；学历 专科及以上"],
            id="code-redirects",
        ),
        pytest.param(POSTS, "护士", "县中医院要几个人", ["县中医院 · 护士：人数 6"], id="no-code"),
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
                "单企改造 · 食品：奖补比例② 14%；单个项目上限 300万元；其他条件 须取得质量认证",
                "② 山区三县的项目，奖补比例提高2个百分点，上限不变。",
            ],
            id="both-and-note",
        ),
        pytest.param(
            SUPPORT,
            "食品",
            "食品单企改造上限多少",
            ["单企改造 · 食品：单个项目上限 300万元；其他条件 须取得质量认证"],
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


VACANCIES = """# 附件1：岗位表

| 岗位代码 | 主管部门 | 招聘单位 | 岗位名称 | 人数 | 学历 | 年龄 | 其他条件 |
|---|---|---|---|---|---|---|---|
| B01 | 县卫健局 | 县人民医院 | 临床医师 | 6 | 本科及以上 | 40周岁以下 | 具有执业医师资格证书 |
| B02 | 县卫健局 | 县中医院 | 护士 | 5 | 大专及以上 | 30周岁以下 | 具有护士执业资格证书 |
| B03 | 县水利局 | 柳溪水库管理所 | 水工管理 | 3 | 大专及以上 | 35周岁以下 | 限男性 |
"""
ABILITIES = """# 附件1：能力指标

| 指标 | 储备级 | 培育级 |
|---|---|---|
| 场地面积（平方米） | ≥1000 | ≥2000 |
| 设备原值（万元） | ≥1000 | ≥3000 |
| 年完成项目（项） | ≥5 | ≥12 |

说明：
1. 西部地区培育级平台的“年完成项目”可下浮20%。
"""


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        pytest.param(
            "B03要求",
            [
                "B03 · 县水利局 · 柳溪水库管理所 · 水工管理：人数 3；学历 大专及以上；年龄 35周岁以下；其他条件 限男性"
            ],
            id="generally",
        ),
        pytest.param(
            "B03学历要求",
            ["B03 · 县水利局 · 柳溪水库管理所 · 水工管理：学历 大专及以上；其他条件 限男性"],
            id="one-column",
        ),
        pytest.param(
            "水库管理所要几个人",
            ["县水利局 · 柳溪水库管理所 · 水工管理：人数 3；其他条件 限男性"],
            id="what-restricts",
        ),
        pytest.param(
            "大专能报哪些岗",
            [
                "县卫健局 · 县人民医院 · 临床医师：学历 本科及以上；其他条件 具有执业医师资格证书",
                "县卫健局 · 县中医院 · 护士：学历 大专及以上；其他条件 具有护士执业资格证书",
                "县水利局 · 柳溪水库管理所 · 水工管理：学历 大专及以上；其他条件 限男性",
            ],
            id="all-that-a-bound-may-admit",
        ),
    ],
)
def test_a_row_is_named_in_full_and_shown_with_what_restricts_it(question: str, lines: list[str]) -> None:
    assert answered(VACANCIES, "水工", question) == lines


def test_rows_with_one_property_are_all_shown_with_the_column_that_is_asked_for() -> None:
    fairs = "# 展会目录\n\n| 序号 | 展会名称 | 城市 | 类别 |\n|---|---|---|---|\n"
    fairs += "| 1 | 消费品展 | 柏林 | 综合 |\n| 2 | 五金展 | 河内 | 专业 |\n| 3 | 建材展 | 开罗 | 综合 |\n"
    lines = answered(fairs, "消费品", "综合展会在哪些城市")
    assert lines == ["消费品展：城市 柏林；类别 综合", "建材展：城市 开罗；类别 综合"]


@pytest.mark.parametrize(
    ("row", "remarks"),
    [("场地", []), ("年完成", ["1. 西部地区培育级平台的“年完成项目”可下浮20%。"])],
)
def test_a_remark_on_another_row_is_left_out(row: str, remarks: list[str]) -> None:
    key = "场地面积" if row == "场地" else "年完成项目"
    assert answered(ABILITIES, row, f"培育级{key}要多少")[1:] == remarks


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
        ("青年公寓物业费", "A座", "B座", True),  # both are shown
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


def test_a_clause_that_raises_what_the_attachment_states_is_shown_with_its_row() -> None:
    clause = "（四）报废补贴：标准见附件2；报废并新购置同种类机具的，在附件2标准基础上提高20%。"
    notice = Notice("n", "通知", "n/t.txt", issued_on=date(2026, 3, 1), year=2026)
    desk = desk_about(notice, f"通知\n{clause}\n", "插秧机报废补多少", date(2026, 3, 31), [TRACTORS])
    lines = [block.text for block in row_blocks(desk, row_with(tuple(desk.chunks), "插秧机"))]
    assert lines[1:] == ["报废并新购置同种类机具的，在附件2标准基础上提高20%。"]


def test_a_named_row_stands_before_a_clause_that_sends_to_its_attachment() -> None:
    clause = "二、个人缴费标准为每人440元，低保户等按附件1执行。"
    notice = Notice("n", "通知", "n/t.txt", issued_on=date(2026, 3, 1), year=2026)
    desk = desk_about(notice, f"通知\n{clause}\n", "低保户自己交多少", date(2026, 3, 31), [INSURED])
    chunks = tuple(desk.chunks)
    first = Passage(next(c for c in chunks if c.text == clause), 10.0, 0.9, 1.0)
    row = Passage(row_with(chunks, "最低生活保障"), 8.0, 0.8, 0.5)
    assert row_first(desk, [first, row], 3.0) == [row, first]
    asked = replace(desk, question=replace(desk.question, terms=("城镇",), normalised="城镇居民交多少"))
    assert row_first(asked, [first, row], 3.0) == [first, row]


@pytest.mark.parametrize(
    ("question", "stated"), [("重残补多少", True), ("重残骑手补多少", False), ("重残找谁", False)]
)
def test_a_row_states_what_is_asked_of_what_it_names(question: str, stated: bool) -> None:
    desk, chunks = desk_for(INSURED, question)
    assert row_states(desk, row_with(chunks, "重度残疾人")) is stated
