"""What is quoted of a clause: nothing cut without a mark, no item without its opener, no case of the asker left out."""

from __future__ import annotations

from datetime import date

import pytest
from desks import desk_about

from bot.citations import check_facts
from bot.composition import clause_blocks, list_blocks, sibling_blocks
from bot.datamodels import Block, BlockKind, Chunk, ChunkKind, Notice, Passage
from bot.desk import Desk
from bot.selection import listing


def desk_of(lines: str, question: str, read: str = "") -> Desk:
    """A notice with these lines, a question, and the words in which the reader finds its answer."""
    text = f"南江市关于申报的通知\n各单位：\n{lines}\n"
    notice = Notice("n", "关于申报的通知", "n/t.txt", issued_on=date(2025, 1, 1))
    return desk_about(notice, text, question, date(2025, 6, 1), read=read)


def shown(lines: str, question: str, read: str) -> str:
    """What is said of the clause in which the reader finds the answer; the fact lock holds."""
    desk = desk_of(lines, question, read)
    blocks = clause_blocks(desk, next(c for c in desk.chunks if c.id in desk.read))
    check_facts(blocks, desk.citer.citations)
    return "\n".join(block.text for block in blocks)


REFUND = (
    "六、退费\n有下列情形之一的，可以申请退还个人缴费：（1）待遇享受期开始前参保人死亡的；（2）重复缴费的；"
    "（3）待遇享受期开始前参加职工医保的。申请退费应当由参保地经办机构审核，审核结果书面告知申请人。"
    "进入待遇享受期后，个人缴费不予退回。"
)
BANS = (
    "（四）有下列情形之一的项目，不予支持：1.同一项目已获得市级以上财政资金支持的；2.属于产业结构调整目录限制类、"
    "淘汰类的；3.企业欠税、欠薪尚未处理完毕的；4.购置二手设备或者关联企业之间交易的设备，但海关监管的进口关键设备"
    "经专家论证的除外；5.未按规定办理备案、环评、能评等手续，或者备案内容与实际建设内容明显不一致的。"
)
FEES = (
    "2.1 公办机构（含公建民营的机构）全日托保育费标准按班型确定：乳儿班（6至12个月，师生比不低于1:3）每生每月2100元，"
    "小班（12至24个月，师生比不低于1:5）每生每月1700元，大班（24至36个月，师生比不低于1:7）每生每月1300元；"
    "半日托按全日托标准的60%计收，计时托每小时不超过20元，延时照护由家长与机构协商并且签订书面协议。"
)


def test_a_short_list_is_shown_whole_with_any_of_its_items() -> None:
    text = shown(REFUND, "重复缴费能退吗", "参保人死亡的")
    assert "（1）待遇享受期开始前参保人死亡的；（2）重复缴费的；（3）待遇享受期开始前参加职工医保的。" in text


def test_what_does_not_adjoin_is_parted_by_a_mark() -> None:
    text = shown(REFUND, "死亡的能退吗，进入待遇享受期后呢", "进入待遇享受期后，个人缴费不予退回")
    assert "参加职工医保的。……进入待遇享受期后" in text or text.startswith("进入待遇享受期后")


def test_an_item_of_a_long_list_is_shown_behind_its_opener() -> None:
    text = shown(BANS, "欠薪没处理能申报吗", "企业欠税、欠薪尚未处理完毕")
    assert text.startswith("有下列情形之一的项目，不予支持：……3.企业欠税、欠薪尚未处理完毕的；")
    assert text.endswith("……")


def test_the_first_item_of_a_long_list_is_not_shown_as_the_only_one() -> None:
    text = shown(BANS, "已获得市级支持的同一项目行吗", "同一项目已获得市级以上财政资金支持")
    assert text.startswith("有下列情形之一的项目，不予支持：1.同一项目") and text.endswith("；……")


def test_an_item_in_a_later_piece_of_a_cut_line_is_shown_behind_its_opener() -> None:
    line = (
        BANS.removesuffix("。")
        + "；"
        + "；".join(
            f"{n}.{words}"
            for n, words in enumerate(
                (
                    "近三年发生重大以上安全生产事故或者突发环境事件，且整改没有通过验收的",
                    "被列入严重失信主体名单，尚未移出名单或者没有完成信用修复的",
                    "法律、行政法规和国家有关规定明确禁止给予财政资金支持的其他项目",
                ),
                6,
            )
        )
        + "。"
    )
    desk = desk_of(line, "失信能申报吗", "严重失信主体名单")
    assert len([c for c in desk.chunks if c.number == "（四）"]) > 1
    text = shown(line, "失信能申报吗", "严重失信主体名单")
    assert text.startswith("有下列情形之一的项目，不予支持：……7.被列入严重失信主体名单")


def test_an_item_that_opens_itself_needs_no_opener() -> None:
    line = (
        "（一）对首次认定的企业：给予一次性奖励20万元，由市级财政和所在县区财政各自承担一半，资金于认定后次年拨付到企业账户；"
        "对复核通过的企业：给予一次性奖励5万元，同样由市级财政和所在县区财政各自承担一半，资金于复核通过之后次年拨付到企业账户。"
    )
    assert "首次认定" not in shown(line, "复核通过奖多少", "给予一次性奖励5万元")


@pytest.mark.parametrize(
    ("line", "question", "read", "named"),
    [
        (
            "1.医师须具有执业医师资格并注册满2年，大专及以上学历；参加心血管介入、消化内镜进修的，须本科及以上学历且注册满3年。"
            "执业助理医师仅限报全科医学、康复医学专业，须由乡镇卫生院推荐后报名。",
            "大专学历可以参加消化内镜吗",
            "大专及以上学历",
            "参加心血管介入、消化内镜进修的，须本科及以上学历",
        ),
        (
            "1.对首次入库的企业，市财政给予一次性奖励2万元；连续三年入库的，再奖励1万元。高新技术企业不享受本条奖励。"
            "奖励资金实行免申即享，由县区科技主管部门核对银行账户信息后拨付，资金由市、县两级分担。",
            "高新技术企业首次入库有奖励吗",
            "给予一次性奖励2万元",
            "。高新技术企业不享受本条奖励。",
        ),
        (
            "1.项目设备投资额（不含增值税）不低于300万元；制造业单项冠军企业和临县、昌乐县企业放宽至200万元。"
            "设备投资以开具的增值税专用发票和银行付款凭证为准，现金支付、以物抵债的部分不予计入。",
            "昌乐县企业设备投资要多少",
            "不低于300万元",
            "昌乐县企业放宽至200万元。",
        ),
    ],
    ids=["subject", "exclusion", "relaxed"],
)
def test_the_sentence_on_the_askers_own_case_is_shown(
    line: str, question: str, read: str, named: str
) -> None:
    text = shown(line, question, read)
    assert read in text and named in text


def test_a_sentence_on_another_matter_is_not_added() -> None:
    line = (
        "1.对首次入库的企业，市财政给予一次性奖励2万元。奖励资金由县区科技主管部门于次年3月底前核对账户后拨付，"
        "市、县两级按比例分担。获得奖励的企业应当配合绩效评价，并按照要求报送统计数据和经营情况。"
    )
    assert "绩效评价" not in shown(line, "首次入库奖励多少", "给予一次性奖励2万元")


def test_a_group_of_a_long_sentence_that_the_question_names_is_not_cut_away() -> None:
    text = shown(FEES, "托小班每月1300元对吗", "每生每月1300元")
    assert "小班（12至24个月，师生比不低于1:5）每生每月1700元" in text


def test_a_long_sentence_is_cut_before_a_group_and_keeps_its_subject() -> None:
    text = shown(FEES, "大班怎么规定的", "师生比不低于1:7")
    assert text.startswith(
        "公办机构（含公建民营的机构）全日托保育费标准按班型确定：……大班（24至36个月，师生比不低于1:7）每生每月1300元；"
    )


def test_the_head_of_a_long_sentence_stays_before_a_half_width_colon() -> None:
    line = (
        "一、购房补贴\n自2024年10月15日起至2025年4月14日,在市区(含河东区、河西区、高铁新城,不含临湖县、石堰县)购买新建商品住房并完成合同网签备案和契税缴纳的个人,按以下标准给予补贴:"
        "建筑面积144平方米以下的,按合同价款的1%给予补贴,最高2万元;建筑面积144平方米以上的,按合同价款的0.5%给予补贴,最高1万元;"
    )
    assert "至2025年4月14日" in shown(line, "小户型最高多少", "最高2万元")


def test_a_sentence_does_not_end_within_brackets() -> None:
    line = (
        "1.申请人应当提交最近一期的财务报表（上年度已经审计的须附审计报告；成立不满一年的可以不附）和完税证明，逾期不予受理。"
        "申请人对所提交材料的真实性负责，提供虚假材料的取消资格，并且三年以内不再受理其申请。"
    )
    text = shown(line, "成立不满一年要附审计报告吗", "成立不满一年的可以不附")
    assert text.startswith("申请人应当提交最近一期的财务报表（上年度已经审计的须附审计报告；成立不满一年")


def test_what_stands_behind_the_mark_of_an_answer_is_no_list() -> None:
    lines = (
        "1.申请材料送到哪里？\n答：选房成功后由本人与安居公司签订租赁合同，营业时间为周二至周日，周一闭馆；"
        "委托他人办理的，须提交经过公证的委托书和双方的身份证原件，受托人不得再次转委托，原件核对以后当场退还，复印件由公司留存。"
    )
    assert shown(lines, "周一几点开门", "周一闭馆").endswith("周一闭馆；")


def test_a_long_sentence_without_groups_is_shown_whole() -> None:
    line = (
        "（一）网上申报分两批进行，第一批为2025年4月13日至4月24日，第二批为6月15日至6月26日（第二批原则上面向应届毕业生），"
        "申请人登录中国教师资格网注册并完善信息，正确选择认定机构和确认点，因选择错误而不能认定的责任自负。"
    )
    text = shown(line, "第一批什么时候", "第二批为6月15日")
    assert "第一批为2025年4月13日至4月24日" in text


def test_what_a_clause_only_announces_is_shown_below_it() -> None:
    lines = (
        "四、费用\n（二）特装展位收取场地搭建费。特装费用须于11月7日前汇入下列账户，汇款备注单位简称。\n"
        "户名：南江理工学院　开户行：南江银行城南支行　账号：3205017555550086213\n（三）不能参会的，应当书面告知。"
    )
    text = shown(lines, "费用汇到哪个账户", "汇入下列账户")
    assert text.endswith("账号：3205017555550086213")
    assert "户名" not in shown(lines, "不能参会怎么办", "应当书面告知")


@pytest.mark.parametrize(
    ("question", "items"),
    [
        pytest.param("一共分几级", (), id="answered-above"),
        pytest.param("领航级怎么报", ("（三）领航级由省厅推荐申报。",), id="one-named"),
    ],
)
def test_of_the_items_behind_an_answer_those_named_are_shown(question: str, items: tuple[str, ...]) -> None:
    lines = (
        "一、培育体系\n智能工厂分基础级、卓越级和领航级三个层级培育。其中：\n（一）基础级由市州组织评审认定。\n"
        "（二）卓越级由国家组织评审认定。\n（三）领航级由省厅推荐申报。"
    )
    desk = desk_of(lines, question, "三个层级")
    blocks = clause_blocks(desk, next(c for c in desk.chunks if c.id in desk.read))
    assert tuple(block.text for block in blocks if block.kind is BlockKind.ITEM) == items


def test_the_items_below_a_long_opener_are_shown() -> None:
    lines = (
        "第五条 申请人在本市连续缴纳社会保险费并且持有有效的居住证明，家庭成员在本市没有自有住房的，应当同时提交下列材料：\n"
        "（一）身份证明；\n（二）住房证明；\n第六条 申请人对材料的真实性负责。"
    )
    assert shown(lines, "要提交什么材料", "同时提交下列材料").endswith("（一）身份证明；\n（二）住房证明；")


def test_an_item_comes_behind_a_long_line_that_denies() -> None:
    lines = (
        "第八条 申请人或者其共同申请的家庭成员在提出申请之日前五年以内有下列情形之一，经查证属实并且已经书面告知本人的，不予受理：\n"
        "（一）转让过自有住房的；\n（二）离婚未满两年的。"
    )
    assert shown(lines, "卖过房能申请吗", "转让过自有住房").startswith("申请人或者其共同申请的家庭成员")


# ---------------------------------------------------------------- lists and siblings


def children_of(desk: Desk, words: str) -> tuple[Chunk, list[Chunk]]:
    parent = next(c for c in desk.chunks if words in c.text)
    return parent, [c for c in desk.chunks if c.parent_id == parent.id and c.kind is not ChunkKind.HEADING]


def listed(lines: str, heading: str) -> list[Block]:
    desk = desk_of(lines, "需要哪些材料")
    blocks = list_blocks(desk, *children_of(desk, heading))
    check_facts(blocks, desk.citer.citations)
    return [block for block in blocks if block.kind is BlockKind.ITEM]


def test_a_paragraph_behind_a_numbered_list_is_no_item_of_it() -> None:
    lines = "三、申报材料\n1.申请表；\n2.营业执照复印件。\n材料请用A4纸双面打印。\n四、其他\n咨询请致电。"
    assert [block.text for block in listed(lines, "申报材料")] == ["1.申请表；", "2.营业执照复印件。"]


def test_a_paragraph_that_limits_the_list_stays() -> None:
    lines = "三、申报条件\n1.在本市注册；\n2.成立满两年，经营正常。\n近三年发生安全事故的不得申报。\n四、其他\n咨询请致电。"
    assert listed(lines, "申报条件")[-1].text == "近三年发生安全事故的不得申报。"


def test_rows_of_a_table_are_listed_as_rows() -> None:
    lines = "三、申报材料\n\n| 材料 | 份数 |\n| --- | --- |\n| 申请表 | 2份 |\n| 营业执照 | 1份 |\n\n四、其他\n咨询请致电。"
    assert [block.text for block in listed(lines, "申报材料")] == ["申请表：份数 2份", "营业执照：份数 1份"]


def siblings(heading: str, *clauses: str, question: str = "能申报吗") -> str:
    lines = "\n".join((heading, *(f"{n}.{words}" for n, words in enumerate(clauses, 1))))
    desk = desk_of(lines, question)
    chunk = next(c for c in desk.chunks if c.number == "1.")
    return "\n".join(block.text for block in sibling_blocks(desk, chunk))


def test_the_other_conditions_are_shown_or_their_heading_is_named() -> None:
    two = siblings("二、申报条件", "在本市注册，具有独立法人资格。", "成立满两年，经营正常。")
    assert two == "“二、申报条件”中还有：\n成立满两年，经营正常。"
    long = siblings(
        "二、申报条件",
        "在本市注册，具有独立法人资格。",
        "近三年未发生" + "重大安全、环保、质量事故，" * 7 + "信用良好。",
    )
    assert "“二、申报条件”中还有其他条件" in long
    excepted = siblings(
        "二、申报条件",
        "在本市注册，具有独立法人资格。",
        "设备投资额不低于300万元；模具行业企业降至200万元。但旧设备不计入。",
    )
    assert excepted.endswith("设备投资额不低于300万元；模具行业企业降至200万元。但旧设备不计入。")
    more = siblings("二、申报条件", "在本市注册。", "成立满两年。", "信用记录良好。", "有专职人员。")
    assert "这只是其中一项，“二、申报条件”中还有其他条件" in more


@pytest.mark.parametrize(
    ("heading", "clauses"),
    [
        ("二、有下列情形之一的，不予支持：", ("欠税欠薪没有处理完毕的；", "购置二手设备的。")),
        ("二、报名与资格初审", ("报名人员登录平台填写信息。", "缴费截止后不予补缴。")),
        ("二、补贴条件", ("报废旧车并购买新车的给予补贴。", "置换更新。转让旧车并购买新车的给予补贴。")),
        ("二、申请条件", ("申请人年满18周岁。", "有下列情形之一的，不予登记：被吊销许可的；提供假材料的。")),
        ("二、符合下列条件之一的可以申报：", ("上年度营业收入达到两亿元；", "研发投入占比达到百分之五。")),
        ("二、申报要求", ("申请人年满18周岁。", "缴费时间")),
        ("二、年限条件的例外", ("航天类可以放宽至1999年底。", "工艺类不看建成年代。")),
        ("二、申请条件", ("个人在本市经营。", "小微企业招用人员：达到职工人数的百分之十。")),
    ],
    ids=[
        "bans",
        "procedure",
        "branches",
        "ban_beside",
        "alternatives",
        "bare_title",
        "exceptions",
        "category",
    ],
)
def test_bans_branches_and_alternatives_are_no_further_conditions(
    heading: str, clauses: tuple[str, ...]
) -> None:
    assert siblings(heading, *clauses) == ""


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("分公司还能报吗", True),
        ("博士可以评吗", True),
        ("我们符合资格吗", True),
        ("外省公司能不能牵头申报", True),
        ("视频600M行不行", False),
        ("一共7家单位可以吗", False),
        ("一家能报3个吗", False),
        ("可以用申报书复印件吗", False),
    ],
)
def test_the_other_conditions_are_only_for_who_asks_whether_they_may_apply(question: str, told: bool) -> None:
    clauses = ("联合申报的不超过6家，视频不超过500M。", "成立满两年，经营正常。")
    assert bool(siblings("二、申报要求", *clauses, question=question)) is told


def test_a_ban_is_no_condition_that_others_stand_beside() -> None:
    bans = "有下列情形之一的，不予支持：欠税欠薪没有处理完毕的；购置二手设备的。"
    assert siblings("二、申报条件", bans, "在本市注册。", "成立满两年。") == ""


@pytest.mark.parametrize(
    ("question", "told"),
    [
        pytest.param("企业什么时候报材料", False, id="an-enterprise"),
        pytest.param("县里什么时候报材料", True, id="the-office"),
    ],
)
def test_where_a_date_stands_is_told_to_whom_it_is_for(question: str, told: bool) -> None:
    lines = "三、报送\n1.县工业和信息化局于2025年8月29日前将汇总材料报送市工业和信息化局。"
    assert ("还剩" in shown(lines, question, "2025年8月29日前")) is told


QUOTAS = (
    "（六）推荐名额。各省推荐不超过15个，每个领域原则上不超过2个；计划单列市、新疆生产建设兵团各不超过6个，不占用所在省名额；"
    "推荐函须加盖公章。名额不得跨领域调剂，未用完的名额不结转到下一年度，各地应当按照排序先后报送，逾期报送的名额视为自动放弃。"
)
RETURNS = (
    "（十）获资助企业3年内迁出我省或者申请人转让股份致使持股比例低于20%的，应当全额退回资助经费；企业因市场变化等原因终止经营的，"
    "经人力资源社会保障局会同财政部门清算后，退回结余部分。知识产权归属从其约定，并报送备案。"
)


@pytest.mark.parametrize(
    ("line", "question", "read", "whole"),
    [
        (QUOTAS, "青岛市推荐8个可以吗", "各省推荐不超过15个", True),
        (QUOTAS, "青岛市推荐8个可以吗，都是工业的", "各省推荐不超过15个", True),
        (QUOTAS, "各省推荐多少个", "各省推荐不超过15个", False),
        (RETURNS, "公司亏了要全额退钱对吧", "应当全额退回资助经费", True),
    ],
    ids=["yes-or-no", "with-more-behind-it", "how-many", "another-case"],
)
def test_with_a_yes_or_no_the_half_that_says_the_same_of_others_is_shown(
    line: str, question: str, read: str, whole: bool
) -> None:
    text = shown(line, question, read)
    assert read in text
    assert ("计划单列市" in text or "退回结余部分" in text) is whole
    assert "加盖公章" not in text


HOSPITAL = (
    "（一）住院：一级医疗机构起付线200元，报销90%；二级600元，75%；三级1500元，60%；市外转诊备案的在同级基础上报销比例下降10个百分点，"
    "未备案的下降20个百分点。年度基本医保基金最高支付限额15万元。"
)
DEPOSIT = (
    "六、磋商保证金\n分标1：人民币9000元；分标2：人民币4000元。以转账、保函方式提交的，应于2026年12月2日17:00前到账（以到账时间为准），禁止以现金"
    "或个人账户转账。小微企业凭声明函减半缴纳。"
)
BORN = (
    "（三）其中新生儿自出生之日起90日内办理参保缴费的，自出生之日起享受待遇；出生在2026年10月1日至12月31日之间的，可同时缴纳2026、2027两个年度费用，"
    "2026年度费用标准为400元，只缴2027年度的，待遇自2027年1月1日起算。"
)
LATE = (
    "（三）2027年3月1日后原则上不再受理。下列人员除外：新生儿；退役士兵、刑满释放人员；当年新认定的困难人员。上述人员（除新生儿外）自身份变化之日起"
    "90日内缴费的，自缴费之日起享受待遇；超过90日的，设置3个月待遇等待期。"
)
REWARDS = (
    "（二）当年基金零报销的，次年大病保险最高支付限额提高2000元；连续参保激励和零报销激励累计提高总额不超过大病保险原封顶线的20%。发生大病报销并使用"
    "奖励额度的，前期积累的零报销激励额度清零，连续参保年数不清零。"
)
LICENCES = (
    "（一）资质证书有效期于2026年12月31日届满的，应当在届满60日前提出延续申请；因系统升级，本年度可放宽至2026年12月10日。有效期在2027年1月1日至6月30日"
    "届满的，按原规定在届满60日前提出。"
)
ACCIDENTS = (
    "（三）2026年1月1日以来发生亡人安全生产责任事故、环保行政处罚单次20万元以上或者欠缴社会保险费未补缴的企业，取消申报资格；罚款已缴清且在申报截止日前"
    "完成信用修复的除外，但亡人事故不适用本除外规定。"
)
FACTORIES = (
    "（三）卓越级。除符合基本条件外，还应当获评先进级智能工厂满6个月，智能制造能力成熟度经第三方评估达到三级以上，2025年度营业收入不低于2亿元，研发投入"
    "强度不低于3%。赣州、吉安、抚州三市原中央苏区县的企业，营业收入可放宽至1.5亿元，但研发投入强度要求不变。"
)


@pytest.mark.parametrize(
    ("line", "question", "read", "told"),
    [
        (ACCIDENTS, "罚款交了信用也修复了，能报吗", "完成信用修复的除外", "取消申报资格；"),
        (FACTORIES, "赣州的企业营收要多少", "营业收入可放宽至1.5亿元", "营业收入不低于2亿元"),
        (HOSPITAL, "居民医保二级医院起付线", "起付线200元", "二级600元，75%；"),
        (DEPOSIT, "小微企业保证金交多少 分标1", "人民币4000元", "分标1：人民币9000元；"),
        (BORN, "小孩11月出生的咋交", "自出生之日起享受待遇", "10月1日至12月31日之间的，可同时缴纳"),
        (BORN, "2026年度费用是多少", "2026年度费用标准为400元", "其中新生儿自出生之日起"),
        (LATE, "退役的还能参保吗", "退役士兵、刑满释放人员", "超过90日的，设置3个月待遇等待期。"),
        (LATE, "过了时间要等多久", "设置3个月待遇等待期", "下列人员除外：新生儿；退役士兵、刑满释放人员；"),
        (REWARDS, "零报销能加多少", "提高2000元", "累计提高总额不超过大病保险原封顶线的20%。"),
        (
            LICENCES,
            "2027年3月到期的啥时候申请延续",
            "放宽至2026年12月10日",
            "有效期在2027年1月1日至6月30日届满的",
        ),
    ],
    ids=["exception", "eased", "level", "lot", "case", "subject", "who-leans", "leans", "bound", "year"],
)
def test_of_parallel_parts_the_asked_one_is_shown_and_what_it_leans_on(
    line: str, question: str, read: str, told: str
) -> None:
    text = shown(line, question, read)
    assert read in text and told in text


@pytest.mark.parametrize(
    ("line", "question", "read", "another"),
    [
        (
            "（一）企业净资产：总承包二级不低于4000万元，总承包三级不低于800万元；专业承包二级不低于400万元，专业承包不分等级不低于150万元。"
            "以2025年度经审计的财务报表为准，成立不足一年的，以最近一期财务报表为准。",
            "总承包三级净资产多少",
            "总承包三级不低于800万元",
            "专业承包二级",
        ),
        (
            "（二）上述材料以电子扫描件形式上传，单个文件不超过20MB，不需要交纸质材料；现场评审时由评审组核对原件，原件与扫描件不一致的终止评审，"
            "企业6个月内不得再次申请。评审组不少于3人，其中至少1人具有相应行业中级以上职称。",
            "纸质材料怎么交",
            "不需要交纸质材料",
            "6个月内不得再次申请",
        ),
    ],
    ids=["asked-by-name", "another-matter"],
)
def test_parts_on_another_than_the_asked_thing_are_left_out(
    line: str, question: str, read: str, another: str
) -> None:
    text = shown(line, question, read)
    assert read in text and another not in text


RETIRED = (
    "（一）人员范围。在本市企业、事业单位从事工程技术工作的在职在岗专业技术人员可以申报；公务员以及已办理退休手续的人员不得申报，"
    "受到记过以上处分的不予受理。达到退休年龄但经批准延长退休的，凭批准文件可正常申报。申报人应当如实填写从业经历，并对材料负责。"
)


@pytest.mark.parametrize(
    ("question", "read", "barred"),
    [
        ("我退休了返聘还能评吗", "经批准延长退休的，凭批准文件可正常申报", True),
        ("填报从业经历有什么要求", "申报人应当如实填写从业经历", False),
    ],
    ids=["the-exception", "another-sentence"],
)
def test_with_those_who_may_stand_those_who_may_not(question: str, read: str, barred: bool) -> None:
    text = shown(RETIRED, question, read)
    assert read in text and ("已办理退休手续的人员不得申报" in text) is barred


CONDITIONS = "（一）企业应当依法取得各项行政许可，近一年内没有发生死亡事故，没有被列入严重失信主体名单，并且管理体系连续运行满六个月，生产经营正常，信用良好。"
PAPERS = "（二）申请时提交申请表、自评报告、主要负责人承诺书和特种作业人员证件清单，粉尘涉爆企业另附专项排查表，材料以电子扫描件形式上传，每个文件不超过20兆字节。"


@pytest.mark.parametrize(
    ("heading", "papers", "question", "numbers"),
    [
        ("二、申请条件与材料", PAPERS, "申报要交哪些材料", ["（二）"]),
        ("二、申请条件与材料", PAPERS, "申报条件和材料有哪些", ["（一）", "（二）"]),
        ("二、申请条件与材料", PAPERS, "申报条件有哪些", ["（一）", "（二）"]),
        ("二、申请条件与材料", "（二）材料清单。", "申报要交哪些材料", ["（一）", "（二）"]),
        ("二、申请材料", PAPERS, "申报要交哪些材料", ["（一）", "（二）"]),
    ],
    ids=["materials", "both", "conditions", "short-items", "of-one-thing"],
)
def test_under_a_heading_on_two_things_the_paragraphs_on_materials_are_listed(
    heading: str, papers: str, question: str, numbers: list[str]
) -> None:
    desk = desk_of(f"{heading}\n{CONDITIONS}\n{papers}\n三、其他\n咨询请致电。", question)
    found = listing(desk, [Passage(chunk, 0.0) for chunk in desk.chunks])
    assert found is not None and [item.number for item in found[1]] == numbers


CORRECTIONS = (
    "答：用人单位应在12月10日前自行更正。12月11日至12月31日期间发现错误的，须携带工资表、会计凭证和单位说明到主管税务机关"
    "办税服务厅现场更正。2027年1月1日以后不再受理下调更正，上调更正可随时办理。"
)
BASES = (
    "答：2025年度全口径城镇单位就业人员平均工资为6890元/月。自2026年7月1日起，企业职工基本养老保险、失业保险、工伤保险缴费基数"
    "下限为4134元/月，上限为20670元/月。职工基本医疗保险（含生育保险）缴费基数下限为4480元/月，上限按照20670元/月执行。"
    "期间个人缴费基数低于下限的按下限核定，高于上限的按上限核定。"
)
LEVELS = (
    "制造业中试平台分为储备级、培育级、国家级三个层级。储备级由省级工业和信息化主管部门自行组织认定并报我部备案，培育级由省级"
    "工业和信息化主管部门推荐、我部组织评审确定，国家级从运行满2年的培育级平台中遴选。2026年度仅组织培育级申报和储备级备案，"
    "不开展国家级遴选。"
)
PLACES = (
    "（二）企业登录省外经贸业务平台填报后，将申请材料一式2份（申请表加盖公章、法定代表人签字，发票及付款凭证复印件逐页加盖公章）报送所在"
    "区市商务主管部门；国家级开发区内的企业报开发区经济发展局。逾期提交的不予受理，其中第（一）方向错过本窗口的可以在下一窗口一并申报，仅限一次。"
)
FIRST_TIME = (
    "（一）支持2025年度进出口额不超过6500万美元的企业参加境外展会、产品认证和商标注册，其中境外展会展位费按照实际支出的50%补助，"
    "每个标准展位不超过2万元；产品认证和境外商标注册费用按照70%补助，单个企业全年不超过20万元。"
    "2026年首次开展外贸业务的企业补助比例可以提高10个百分点。"
)
OPEN_TIME = (
    "（四）标杆级由省工业和信息化厅从示范级企业中择优推荐、工业和信息化部组织评审并发布名单，企业和市（州）不直接向部里申报。有意愿的"
    "企业应于2026年12月4日前提交书面意向书1份（加盖公章），逾期不再受理；省工业和信息化厅于2027年1月15日前择优推荐不超过6家，"
    "工业和信息化部评审时间以部通知为准。"
)
EXTENSION = (
    "（二）新建申报的网上提交截止时间仍为2026年11月10日17:00，不予延期；因平台故障未能完成提交且在11月10日前已向平台技术支持"
    "报障登记的企业（名单见附件2），可于本通知印发之日起10个工作日内补充提交。"
)
LADDER = (
    "制造业企业数字化水平分为起步级、规范级、示范级、标杆级四个层级，实行自下而上、逐级申报，已获得较低层级认定是申报高一层级的前提条件；"
    "2025年12月31日以前获得“贵州省数字化车间”称号的视同规范级，可以直接申报示范级，获得国家级试点示范称号的经省工业和信息化厅同意可以"
    "不受逐级申报限制。"
)
SCORES = (
    "（四）面试采用结构化面试，教师岗位加试讲。面试满分100分，60分合格。总成绩=笔试成绩×50%+面试成绩×50%；卫生类岗位总成绩="
    "笔试成绩×40%+面试成绩×60%。总成绩相同的，按笔试成绩高低排序。"
)


@pytest.mark.parametrize(
    ("line", "question", "read", "deciding"),
    [
        (CORRECTIONS, "报错了还能改吗", "不再受理下调更正", "期间发现错误的，须携带"),
        (BASES, "缴费基数下限", "缴费基数下限为4480元/月", "下限为4134元/月"),
        (LEVELS, "国家级怎么选", "国家级从运行满2年的培育级平台中遴选", "不开展国家级遴选"),
        (
            PLACES,
            "逾期提交会怎么样，申请材料几份",
            "申请材料一式2份",
            "国家级开发区内的企业报开发区经济发展局",
        ),
        (FIRST_TIME, "展会展位费补多少", "展位费按照实际支出的50%补助", "可以提高10个百分点"),
        (OPEN_TIME, "什么时候评审", "组织评审并发布名单", "评审时间以部通知为准"),
        (
            EXTENSION,
            "新建什么时候截止",
            "截止时间仍为2026年11月10日17:00",
            "可于本通知印发之日起10个工作日内",
        ),
        (LADDER, "没拿规范级能直接报示范级吗", "可以直接申报示范级", "前提条件；"),
        (SCORES, "总成绩怎么排序", "按笔试成绩高低排序", "卫生类岗位总成绩=笔试成绩×40%"),
    ],
    ids=[
        "may-i",
        "as-much",
        "denied",
        "short-hole",
        "more-for-some",
        "open-time",
        "eased",
        "exempted",
        "same-score",
    ],
)
def test_the_sentence_that_decides_stands_beside_the_one_that_is_read(
    line: str, question: str, read: str, deciding: str
) -> None:
    text = shown(line, question, read)
    assert read in text and deciding in text


def test_a_line_that_only_opens_items_that_are_not_shown_is_left_out() -> None:
    lines = (
        "一、体系\n按照《实施方案》《要素条件》，分基础级、先进级、卓越级和领航级四个层级开展智能工厂梯度培育，本年度只组织开展申报和推荐，"
        "其余工作由各地按照要求自行安排并做好指导和服务。其中：\n（一）鼓励制造业企业开展自建自评。\n（二）由省厅组织评审。"
    )
    assert "其中" not in shown(lines, "智能工厂分几个层级", "分基础级、先进级、卓越级和领航级四个层级")
