"""Two invented notices with their tables -> what a reader of any format must find in them.

`TUNED_ON` is the one that the readers' faults were looked for in, `HELD_OUT` the one that was only scored.
All names, numbers and places in them are invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CHINESE = "chineseCountingThousand"
"""一 二 三, as Word names it (ECMA-376 part 1, 17.18.59 ST_NumberFormat)."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A paragraph of the body; its number is counted, not written."""

    text: str
    level: int | None = None
    """0 for the outermost numbers; None without a number."""


@dataclass(frozen=True, slots=True)
class Span:
    """A cell with the columns and rows that it covers."""

    text: str
    across: int = 1
    down: int = 1


@dataclass(frozen=True, slots=True)
class TableTruth:
    """A table as an office draws it."""

    heading: str
    """附件2."""
    title: str
    introduction: str
    rows: tuple[tuple[Span, ...], ...]
    """Each with the cells that begin in it."""
    header_rows: int
    key_column: int
    """Its texts tell the data rows apart."""
    widths: tuple[float, ...]
    """Of the columns, in centimetres."""
    number_formats: tuple[str, ...] = ()
    """Of the columns' data cells in a workbook: `0.00`; empty for text."""

    @property
    def columns(self) -> int:
        return sum(span.across for span in self.rows[0])

    def placed(self) -> Iterator[tuple[int, int, Span]]:
        """(row, column, cell) of every cell, row by row."""
        covered: set[tuple[int, int]] = set()
        for row, spans in enumerate(self.rows):
            column = 0
            for span in spans:
                while (row, column) in covered:
                    column += 1
                yield row, column, span
                covered |= {(row + i, column + j) for i in range(span.down) for j in range(span.across)}
                column += span.across

    def expanded(self) -> list[list[str]]:
        """The grid with a merged cell's text in every place that it covers."""
        grid = [[""] * self.columns for _ in self.rows]
        for row, column, span in self.placed():
            for i in range(span.down):
                grid[row + i][column : column + span.across] = [span.text] * span.across
        return grid

    def is_full_width(self, row: int) -> bool:
        """Whether it is a section's name, or a note, over all columns."""
        return len(self.rows[row]) == 1 and self.rows[row][0].across == self.columns


@dataclass(frozen=True, slots=True)
class DocumentTruth:
    """A notice, and the table that is its second attachment."""

    name: str
    issuer: str
    doc_number: str
    title: str
    addressees: str
    levels: tuple[tuple[str, str], ...]
    """(number format, its frame) of each level, as Word writes them: ("decimal", "（%4）")."""
    body: tuple[Numbered, ...]
    attachments: tuple[str, ...]
    date: str
    note: str
    copies: tuple[str, str]
    """抄送 and 印发, the two lines of the imprint."""
    table: TableTruth

    def head_lines(self) -> tuple[str, str, str, str]:
        """Letterhead, number, title, addressees."""
        return f"{self.issuer}文件", self.doc_number, self.title, self.addressees

    def numbers(self) -> list[str]:
        """The number of each paragraph of the body as the paper shows it; empty where it has none."""
        counts = [0] * len(self.levels)
        numbers = []
        for paragraph in self.body:
            if paragraph.level is None:
                numbers.append("")
                continue
            counts[paragraph.level] += 1
            counts[paragraph.level + 1 :] = [0] * (len(counts) - paragraph.level - 1)
            number_format, frame = self.levels[paragraph.level]
            shown = written_number(counts[paragraph.level], number_format)
            numbers.append(frame.replace(f"%{paragraph.level + 1}", shown))
        return numbers

    def attachment_lines(self) -> list[str]:
        lines = [f"{number}.{title}" for number, title in enumerate(self.attachments, 1)]
        return [f"附件：{lines[0]}", *lines[1:]]

    def numbered_lines(self) -> list[str]:
        """The lines that open with a number: of the body, then of the list of attachments."""
        body = [number + line.text for number, line in zip(self.numbers(), self.body, strict=True) if number]
        return body + self.attachment_lines()

    def lines(self) -> list[str]:
        """The notice's lines as the paper shows them, without the table."""
        body = [number + line.text for number, line in zip(self.numbers(), self.body, strict=True)]
        closing = (self.issuer, self.date, self.note, *self.copies)
        return [*self.head_lines(), *body, *self.attachment_lines(), *closing]


def written_number(number: int, number_format: str) -> str:
    """1 to 19 as `decimal`, `decimalEnclosedCircle` or Chinese counting."""
    if number_format == "decimal":
        return str(number)
    if number_format == "decimalEnclosedCircle":
        return chr(ord("①") + number - 1)
    digits = "零一二三四五六七八九十"
    return digits[number] if number <= 10 else f"十{digits[number - 10]}"


# ---------------------------------------------------------------- the notice that faults were looked for in

_SCENES: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = (
    (
        "用能管理",
        (
            ("计量", ("分项计量", "在线监测", "数据上报")),
            ("设备", ("电机更新", "锅炉改造", "变压器替换", "余热回收")),
        ),
    ),
    (
        "资源利用",
        (
            ("用水", ("中水回用", "管网检漏", "雨水收集")),
            ("用料", ("边角料回收", "包装减量")),
            ("固体废物", ("分类贮存", "综合利用", "委外处置")),
        ),
    ),
    (
        "污染防治",
        (
            ("废气", ("挥发性有机物收集", "除尘改造")),
            ("废水", ("清污分流", "重金属去除")),
            ("噪声", ("厂界降噪", "设备减振")),
        ),
    ),
    (
        "绿色管理",
        (
            ("体系", ("管理体系认证", "碳排放核算", "信息公开")),
            ("供应链", ("绿色采购", "供应商评价")),
            ("产品", ("生态设计", "碳足迹标识")),
        ),
    ),
)


def _criteria() -> tuple[tuple[Span, ...], ...]:
    """A header of two rows, 28 scenes under four sections, stages merged downwards, some levels merged sideways."""
    rows: list[tuple[Span, ...]] = [
        (
            Span("序号", down=2),
            Span("环节", down=2),
            Span("评价场景", down=2),
            Span("分级要求", across=3),
        ),
        (Span("一星级"), Span("二星级"), Span("三星级")),
    ]
    number = 0
    for section, (group, stages) in enumerate(_SCENES, 1):
        rows.append((Span(f"{written_number(section, CHINESE)}、{group}", across=6),))
        for stage, scenes in stages:
            for position, scene in enumerate(scenes):
                number += 1
                opening = (Span(stage, down=len(scenes)),) if position == 0 else ()
                low = Span(f"已建立“{scene}”台账，覆盖率不低于{30 + number}%。")
                middle = (
                    f"{scene}纳入MES、EMS等系统，关键设备联网率≥{50 + number}%，年节约{number}.5万元以上。"
                )
                high = f"{scene}实现闭环优化，指标达到GB/T {36000 + number}—2018中先进值（Ⅰ级）要求。"
                upper = (
                    (Span(f"{middle}二星级、三星级要求相同。", across=2),)
                    if number % 6 == 0
                    else (Span(middle), Span(high))
                )
                rows.append((Span(str(number)), *opening, Span(scene), low, *upper))
    note = "注：1.“关键设备”指年耗能100吨标准煤以上的设备；2.表中比例按上一年度末数据计算。"
    rows.append((Span(note, across=6),))
    return tuple(rows)


TUNED_ON = DocumentTruth(
    name="tuned_on",
    issuer="江南省工业和信息化厅",
    doc_number="江工信节能〔2026〕218号",
    title="江南省工业和信息化厅关于组织开展2026年度绿色工厂星级评价工作的通知",
    addressees="各市州工业和信息化局，有关中央企业在江南分支机构：",
    levels=((CHINESE, "%1、"), (CHINESE, "（%2）"), ("decimal", "%3."), ("decimal", "（%4）")),
    body=(
        Numbered(
            "为贯彻落实《工业绿色发展行动方案（2026—2030年）》，加快构建“企业自评、地方初审、省级评定”三级联动的评价机制，"
            "经商省生态环境厅、省市场监管局同意，现将有关事项通知如下："
        ),
        Numbered("总体要求", 0),
        Numbered(
            "坚持自愿申报、公平公正、动态管理的原则，按照《绿色工厂星级评价管理办法》（附件1）和"
            "《绿色工厂星级评价要素表》（附件2），分一星级、二星级、三星级开展评价。其中："
        ),
        Numbered("一星级由企业对照要素表自评，报县区主管部门备案。", 1),
        Numbered("二星级由市州主管部门组织评审，评审结果报省工业和信息化厅备查。", 1),
        Numbered("三星级由省工业和信息化厅组织评定，并择优推荐申报国家级绿色工厂。", 1),
        Numbered("申报条件和程序", 0),
        Numbered("申报条件", 1),
        Numbered("在江南省内注册并具有独立法人资格，建成投产满2年，上年度主营业务收入不少于2,000万元。", 2),
        Numbered("近三年单位产品能耗年均下降率不低于3.5%，清洁能源使用比例不低于15%。", 2),
        Numbered("近三年未发生较大及以上安全、环保、质量事故，且没有下列情形：", 2),
        Numbered("被列入经营异常名录或者严重失信主体名单；", 3),
        Numbered("存在国家明令淘汰的落后工艺、技术和装备；", 3),
        Numbered("提供虚假申报材料的其他情形。", 3),
        Numbered("申报程序", 1),
        Numbered(
            "企业登录江南省绿色制造服务平台（https://lvse.example.gov.cn/apply），于2026年12月18日17:00前完成线上填报，"
            "逾期系统自动关闭，不再受理。",
            2,
        ),
        Numbered(
            "各市州工业和信息化局会同生态环境、市场监管部门组织初审，每个市州推荐数量原则上不超过12个，"
            "于2026年12月28日前将推荐文件和盖章的申报书各3份报送省工业和信息化厅节能处。",
            2,
        ),
        Numbered("已获得二星级的企业在同等条件下优先推荐。", 2),
        Numbered("支持政策", 0),
        Numbered(
            "对首次评定为三星级的企业，省级财政给予一次性奖励80万元；对评定为二星级的企业，由市州给予不超过20万元的奖励。"
            "同一企业按就高不重复的原则享受。"
        ),
        Numbered("工作要求", 0),
        Numbered("加强组织领导。各地要明确专人负责，做好政策宣传和业务培训，确保评价工作公开透明。", 1),
        Numbered(
            "严格审核把关。推荐单位对申报材料的真实性、完整性负责；发现弄虚作假的，撤销称号、追回奖励资金，三年内不得再次申报。",
            1,
        ),
        Numbered("实行动态管理。称号有效期三年，期满前3个月内可申请复核，未申请的自动失效。", 1),
        Numbered("联系方式", 0),
        Numbered("联系人：周晓岚、吴启明（节能处）"),
        Numbered("联系电话：0739-88012345，0739-88012346"),
        Numbered("电子邮箱：jnc@example.gov.cn"),
    ),
    attachments=(
        "绿色工厂星级评价管理办法",
        "绿色工厂星级评价要素表",
        "绿色工厂星级评价申报书（2026年版）",
        "推荐企业汇总表",
    ),
    date="2026年11月16日",
    note="（此件公开发布）",
    copies=(
        "抄送：省生态环境厅，省市场监管局，省财政厅。",
        "江南省工业和信息化厅办公室　　2026年11月17日印发",
    ),
    table=TableTruth(
        "附件2",
        "绿色工厂星级评价要素表",
        "本表适用于一星级、二星级、三星级绿色工厂的自评、评审与评定，企业应逐项对照，并按“附件3”附上证明材料。",
        _criteria(),
        header_rows=2,
        key_column=2,
        widths=(1.4, 2.3, 3.4, 5.2, 6.6, 6.6),
    ),
)

# ---------------------------------------------------------------- the notice that was only scored

_BASES: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = (
    (
        "技工院校",
        (
            ("云川市本级", ("云川技师学院", "云川市高级技工学校", "云川铁路技工学校")),
            ("青浦县", ("青浦县职业技术学校", "青浦农业机械化学校")),
            ("沙湾区", ("沙湾区第一职业中学", "沙湾艺术职业学校", "沙湾旅游服务学校")),
            ("石桥县", ("石桥县中等专业学校",)),
        ),
    ),
    (
        "企业培训中心",
        (
            ("云川市本级", ("云川重型机械集团有限公司", "云川地铁运营有限公司", "云川水务（集团）股份公司")),
            ("青浦县", ("青浦铜业有限责任公司", "青浦纺织厂", "青浦县电力公司", "青浦冷链物流中心")),
            ("临江区", ("临江造船厂", "临江化工园区服务公司", "临江港务局培训站")),
        ),
    ),
    (
        "社会培训机构",
        (
            ("沙湾区", ("沙湾匠心培训学校", "沙湾家政服务中心")),
            ("临江区", ("临江启航职业培训学校", "临江养老护理学院", "临江电商实训基地")),
            ("石桥县", ("石桥竹编工坊", "石桥茶艺传习所", "石桥建筑劳务培训站", "石桥乡村工匠学校")),
        ),
    ),
)


def _subsidies() -> tuple[tuple[Span, ...], ...]:
    """Two groups of figures in the header, counties merged downwards; plans not yet made are merged sideways."""
    rows: list[tuple[Span, ...]] = [
        (
            Span("序号", down=2),
            Span("县区", down=2),
            Span("单位名称", down=2),
            Span("2025年完成", across=2),
            Span("2026年计划", across=2),
        ),
        (Span("培训人数（人）"), Span("补贴（万元）"), Span("培训人次（人次）"), Span("预算（万元）")),
    ]
    number = 0
    for section, (kind, counties) in enumerate(_BASES, 1):
        rows.append((Span(f"（{written_number(section, CHINESE)}）{kind}", across=7),))
        for county, bases in counties:
            for position, base in enumerate(bases):
                number += 1
                opening = (Span(county, down=len(bases)),) if position == 0 else ()
                done = (Span(str(137 + 41 * number)), Span(f"{8.15 + 2.35 * number:.2f}"))
                planned = (
                    (Span(f"待{base[:2]}主管部门核定后下达", across=2),)
                    if number % 9 == 4
                    else (Span(str(160 + 43 * number)), Span(f"{9.40 + 2.55 * number:.2f}"))
                )
                rows.append((Span(str(number)), *opening, Span(base), *done, *planned))
    rows.append(
        (Span("备注：补贴按云人社发〔2025〕7号文件规定的标准计算，人次以实名制系统登记为准。", across=7),)
    )
    return tuple(rows)


HELD_OUT = DocumentTruth(
    name="held_out",
    issuer="云川市人力资源和社会保障局",
    doc_number="云人社函〔2026〕63号",
    title="云川市人力资源和社会保障局关于做好2026年高技能人才培训基地建设及补贴资金申领工作的通知",
    addressees="各县区人力资源和社会保障局，市直有关单位，各培训基地：",
    levels=((CHINESE, "%1、"), (CHINESE, "（%2）"), ("decimal", "%3."), ("decimalEnclosedCircle", "%4")),
    body=(
        Numbered(
            "根据《云川市职业技能提升三年行动计划》（云政办发〔2024〕31号）和市委人才工作会议精神，为进一步规范培训基地建设，"
            "提高补贴资金使用效益，现就有关工作通知如下。"
        ),
        Numbered("建设目标", 0),
        Numbered("2026年，全市新建市级高技能人才培训基地8家，全年开展高级工及以上培训不少于1.2万人次。"),
        Numbered("建设类型", 0),
        Numbered("技工院校类，重点面向先进制造、轨道交通等产业；", 1),
        Numbered("企业类，重点开展岗位技能提升和新型学徒制培训；", 1),
        Numbered("社会机构类，重点面向养老护理、家政服务、电子商务等急需紧缺职业。", 1),
        Numbered("申报条件", 0),
        Numbered("基本条件", 1),
        Numbered("具有独立法人资格，依法取得办学许可或者经营范围含职业技能培训。", 2),
        Numbered("实训场地面积不少于1,500平方米，实训设备总值不低于300万元。", 2),
        Numbered("专兼职教师应当满足以下要求：", 2),
        Numbered("专职教师不少于15人；", 3),
        Numbered("高级职业技能等级及以上教师占比达到60%；", 3),
        Numbered("“双师型”教师不少于5人。", 3),
        Numbered("优先条件", 1),
        Numbered("建有省级以上技能大师工作室的；", 2),
        Numbered("近两年承办过市级一类以上职业技能竞赛的。", 2),
        Numbered("申报时间", 0),
        Numbered("自本通知印发之日起至2027年1月15日18:00止，逾期不予受理。"),
        Numbered("申报材料", 0),
        Numbered("申报单位应提交申报表（附件1）一式4份，并附法人登记证书、设备清单、师资名册复印件。"),
        Numbered("评审程序", 0),
        Numbered("县区人力资源和社会保障局初审后，于2027年1月31日前报送市局职业能力建设科。", 1),
        Numbered("市局组织专家评审，结果在门户网站公示5个工作日。", 1),
        Numbered("补贴标准", 0),
        Numbered(
            "取得高级工、技师、高级技师证书的，分别按每人2,000元、3,500元、5,000元给予补贴；"
            "紧缺职业（工种）上浮20%，每人每年享受不超过3次。"
        ),
        Numbered("资金拨付", 0),
        Numbered("补贴资金实行“先培训后补贴”，每季度集中拨付一次，各基地2025年完成情况和2026年计划见附件2。"),
        Numbered("监督管理", 0),
        Numbered("建立实名制信息系统，培训全程人脸识别签到，视频资料保存不少于3年。", 1),
        Numbered("骗取套取补贴资金的，责令退回，列入失信名单并移送司法机关处理。", 1),
        Numbered("工作分工", 0),
        Numbered("市局负责统筹协调，县区负责日常监管，基地承担培训质量主体责任。"),
        Numbered("附则", 0),
        Numbered(
            "本通知自印发之日起施行，有效期至2027年12月31日；《关于做好培训基地建设的通知》（云人社函〔2023〕41号）同时废止。"
        ),
        Numbered("咨询电话：0891-6677123（职业能力建设科，何敏）"),
    ),
    attachments=("云川市高技能人才培训基地申报表", "培训基地完成情况及计划表", "专家评审评分细则"),
    date="2026年10月29日",
    note="（联系人：郑海涛，电话：0891-6677125）",
    copies=(
        "抄送：市财政局、市审计局。",
        "云川市人力资源和社会保障局办公室　　2026年10月30日印发",
    ),
    table=TableTruth(
        "附件2",
        "培训基地完成情况及计划表",
        "填报单位：云川市人力资源和社会保障局职业能力建设科。数据截至2025年12月31日，金额保留两位小数。",
        _subsidies(),
        header_rows=2,
        key_column=2,
        widths=(1.4, 2.8, 6.4, 3.4, 3.4, 4.0, 3.4),
        number_formats=("0", "", "", "0", "0.00", "0", "0.00"),
    ),
)

DOCUMENTS: Sequence[DocumentTruth] = (TUNED_ON, HELD_OUT)
