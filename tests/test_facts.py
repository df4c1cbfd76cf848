"""Typed values: dates, amounts, shares, counts, phones, addresses."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.actors import clause_actor
from bot.chunking import chunk_document
from bot.datamodels import Chunk, ChunkKind, Document, DocumentRole, Fact, FactKind, Notice
from bot.facts import extract_facts
from bot.values import values_in

ISSUED = date(2024, 11, 4)


def values(text: str, kind: FactKind, year: int | None = 2024, issued_on: date | None = None) -> list[str]:
    return [value.value for value in values_in(text, year, issued_on) if value.kind is kind]


def cases(**of: tuple[str, list[str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("text", "expected"), list(of.values()), ids=list(of))


# ---------------------------------------------------------------- dates


@cases(
    full=("于2024年11月22日前完成", ["2024-11-22"]),
    spaced=("2024 年 11 月 22 日", ["2024-11-22"]),
    hour=("2024年11月22日17:00前", ["2024-11-22T17:00"]),
    full_width_colon=("2024年11月22日17：00前", ["2024-11-22T17:00"]),
    afternoon=("11月22日下午5点", ["2024-11-22T17:00"]),
    half_past=("11月22日下午5点半", ["2024-11-22T17:30"]),
    morning=("11月22日上午9时30分", ["2024-11-22T09:30"]),
    midnight=("2026年6月15日24:00", ["2026-06-15T24:00"]),
    weekday_between=("2024年11月22日（星期五）17:00前", ["2024-11-22T17:00"]),
    without_year=("于11月23日前", ["2024-11-23"]),
    day_called_hao=("11月23号", ["2024-11-23"]),
    chinese=("二〇二四年十一月二十二日", ["2024-11-22"]),
    chinese_circle=("二○二四年十一月四日", ["2024-11-04"]),
    chinese_zero=("二零二五年三月十九日", ["2025-03-19"]),
    chinese_without_year=("十一月三十日前", ["2024-11-30"]),
    full_width=("２０２４年１１月２２日", ["2024-11-22"]),
    short_year=("24年11月22日", ["2024-11-22"]),
    dashes=("2024-11-22", ["2024-11-22"]),
    dashes_hour=("截止2025-08-22 17:00", ["2025-08-22T17:00"]),
    slashes=("2024/11/22", ["2024-11-22"]),
    dots=("2024.11.22", ["2024-11-22"]),
    digits_only=("20241122", ["2024-11-22"]),
    month=("2024年11月", ["2024-11"]),
    end_of_month=("于11月底前", ["2024-11"]),
    early_in_month=("3月上旬", ["2024-03"]),
    yearly=("每年3月15日前", ["--03-15"]),
    monthly=("每月15日前", ["---15"]),
    next_year=("次年1月31日前", ["--01-31"]),
    two=("2024年3月1日和2025年4月2日", ["2024-03-01", "2025-04-02"]),
    leap_day=("2024年2月29日", ["2024-02-29"]),
)
def test_dates(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.DATE) == expected


@cases(
    two_months=("10月13日至10月31日", ["2024-10-13", "2024-10-31"]),
    one_month=("2025年10月13日至31日", ["2025-10-13", "2025-10-31"]),
    one_month_short=("5月12-30日", ["2024-05-12", "2024-05-30"]),
    from_to=("自3月1日起至8日止", ["2024-03-01", "2024-03-08"]),
    with_weekday=("4月7日（周一）至9日17:00", ["2024-04-07", "2024-04-09T17:00"]),
    over_new_year=("2024年12月30日至1月8日", ["2024-12-30", "2025-01-08"]),
    yearly=("每年3月15日至4月15日", ["--03-15", "--04-15"]),
    other_year=("2026年5月6日0:00至6月5日18:00", ["2026-05-06T00:00", "2026-06-05T18:00"]),
)
def test_both_ends_of_a_range_of_dates(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.DATE) == expected


@pytest.mark.parametrize(
    "text",
    ["2024年13月32日", "13月5日", "11月31日", "2024-13-01", "2024-02-30", "2024年度", "20249999", "0月3日"],
)
def test_a_day_that_does_not_exist_is_no_date(text: str) -> None:
    assert values(text, FactKind.DATE) == []


def test_part_of_a_bank_account_is_no_phone() -> None:
    found = values_in("户名市建筑业协会，账号2201 0260 0920 0107 655，开户行工行龙昆支行")
    assert not [v for v in found if v.kind is FactKind.PHONE]


def test_a_missing_year_is_marked_and_a_range_takes_the_year_of_its_first_day() -> None:
    found = values_in("2025年5月12日至5月30日，于6月13日前", 2024)
    assert [(v.value, v.year_missing) for v in found] == [
        ("2025-05-12", False),
        ("2025-05-30", False),
        ("2025-06-13", True),
    ]
    assert [(v.value, v.year_missing) for v in values_in("于6月13日前")] == [("--06-13", True)]


@cases(
    # issued on 4 November 2024
    same_year=("于11月23日前", ["2024-11-23"]),
    next_year=("于1月10日前", ["2025-01-10"]),
    just_past=("9月30日已发文", ["2024-09-30"]),
    past_year_is_no_context=("2022年度获评的企业，于11月23日前", ["2024-11-23"]),
    past_date_is_no_context=("2023年1月1日以来，于11月23日前", ["2023-01-01", "2024-11-23"]),
    later_date_is_context=("2026年1月15日报名，3月2日报到", ["2026-01-15", "2026-03-02"]),
)
def test_a_date_without_year_comes_round_next_after_the_day_of_issue(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.DATE, 2023, ISSUED) == expected


# ---------------------------------------------------------------- amounts, shares, numbers


@cases(
    wan=("20万元", ["200000 元"]),
    yi=("1.5亿元", ["150000000 元"]),
    thousands=("2,000万元", ["20000000 元"]),
    chinese=("五十万元", ["500000 元"]),
    chinese_hundred=("一百二十万元", ["1200000 元"]),
    chinese_thousands=("三千五百万元", ["35000000 元"]),
    chinese_plain=("两千五百元", ["2500 元"]),
    joined=("1亿2000万元", ["120000000 元"]),
    joined_small=("3万5千元", ["35000 元"]),
    formal=("贰拾万元", ["200000 元"]),
    plain=("每户 320 元", ["320 元"]),
    price=("0.5元/平方米", ["0.5 元"]),
    dollars=("3万美元", ["30000 美元"]),
    range_=("50至100万元", ["500000-1000000 元"]),
    range_both_scales=("5万—10万元", ["50000-100000 元"]),
    range_both_units=("300元至500元", ["300-500 元"]),
    full_width=("２０万元", ["200000 元"]),
    two=("奖励20万元，最高50万元", ["200000 元", "500000 元"]),
)
def test_amounts_in_yuan(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.AMOUNT) == expected


@cases(
    percent=("3.5%", ["3.5 %"]),
    full_width=("３．５％", ["3.5 %"]),
    chinese=("百分之五", ["5 %"]),
    chinese_thirty=("百分之三十", ["30 %"]),
    chinese_decimal=("百分之三点五", ["3.5 %"]),
    fraction=("三分之二", ["66.66666667 %"]),
    half=("二分之一", ["50 %"]),
    per_mille=("5‰", ["0.5 %"]),
    chinese_per_mille=("千分之五", ["0.5 %"]),
    points=("2个百分点", ["2 百分点"]),
    range_=("30%—50%", ["30-50 %"]),
    range_one_sign=("10至20%", ["10-20 %"]),
)
def test_shares(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.PERCENT) == expected


@cases(
    working_days=("15个工作日内", ["15 工作日"]),
    chinese=("三十个工作日", ["30 工作日"]),
    years=("有效期3年", ["3 年"]),
    chinese_years=("两年", ["2 年"]),
    half_year=("半年", ["0.5 年"]),
    year_and_a_half=("1年半", ["1.5 年"]),
    months=("三个月", ["3 月"]),
    month_and_a_half=("一个半月", ["1.5 月"]),
    days=("公示30日，", ["30 日"]),
    hours=("24小时", ["24 小时"]),
    range_=("3至5个工作日", ["3-5 工作日"]),
    range_chinese=("三至五个工作日", ["3-5 工作日"]),
    year_is_none=("2024年", []),
    financial_year_is_none=("3年级", []),
)
def test_durations(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.DURATION) == expected


@cases(
    copies=("一式两份", ["2 份"]),
    thousand=("1,200人", ["1200 人"]),
    about=("100多家", ["100 家"]),
    range_=("3—5个", ["3-5 个"]),
    batch=("第三批", ["3 批"]),
    age=("年满60周岁", ["60 周岁"]),
    points=("80分以上", ["80 分"]),
    area=("200平方米", ["200 平方米"]),
    scale_alone=("不超过2000万", ["20000000"]),
    size=("不超过80MB", ["80 MB"]),
    network_is_none=("5G工厂", []),
    phrase_is_none=("一次性奖励、三位一体", []),
    time_of_day=("周五17:00前", ["17:00 时"]),
)
def test_counts(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.COUNT) == expected


@pytest.mark.parametrize(
    ("chinese", "arabic"),
    [
        ("五份", "5份"),
        ("两年", "2年"),
        ("百分之三十", "30%"),
        ("五十万元", "50万元"),
        ("五十万元", "500000元"),
        ("十五个工作日", "15个工作日"),
        ("二〇二四年十一月四日", "2024年11月4日"),
        ("三至五个工作日", "3—5个工作日"),
        ("一百二十人", "120人"),
        ("下午5点", "17:00"),
    ],
)
def test_chinese_and_arabic_forms_are_equal(chinese: str, arabic: str) -> None:
    if "点" in chinese:
        chinese, arabic = f"11月4日{chinese}", f"11月4日{arabic}"
    first, second = values_in(chinese, 2024), values_in(arabic, 2024)
    assert [(v.kind, v.value) for v in first] == [(v.kind, v.value) for v in second] != []


# ---------------------------------------------------------------- how to reach somebody


@cases(
    landline=("电话：0731-88955383", ["0731-88955383"]),
    seven_digits=("0513-5550110", ["0513-5550110"]),
    beijing=("010-12345678", ["010-12345678"]),
    service=("400-555-0188", ["400-555-0188"]),
    service_joined=("4005550188", ["400-555-0188"]),
    extension=("024-55530299转3", ["024-55530299转3"]),
    extension_dash=("010-12345678-801", ["010-12345678转801"]),
    mobile=("13800138000", ["13800138000"]),
    mobile_spaced=("138 0013 8000", ["13800138000"]),
    hotline=("拨打12345热线", ["12345"]),
    en_dash=("0731–88955383", ["0731-88955383"]),
    em_dash=("0731—88955383", ["0731-88955383"]),
    full_width=("０７３１－８８９５５３８３", ["0731-88955383"]),
    brackets=("(0591)5556201", ["0591-5556201"]),
    full_width_brackets=("（0591）5556201", ["0591-5556201"]),
    blank=("0731 88955383", ["0731-88955383"]),
    blank_inside=("027-5556 0099", ["027-55560099"]),
    country=("+86-0731-88955383", ["0731-88955383"]),
    second_by_slash=("0731-88955383/88955384", ["0731-88955383", "0731-88955384"]),
    second_by_comma=(
        "0731-88955383、88955384、88955385",
        ["0731-88955383", "0731-88955384", "0731-88955385"],
    ),
    without_area=("联系电话：88955383", ["88955383"]),
    hotline_of_an_area=("电话0719-12345反映", ["0719-12345"]),
    hotline_in_brackets=("（0731）12333", ["0731-12333"]),
    less_known_hotline_of_an_area=("可拨打0912-12393留言", ["0912-12393"]),
    hotline_with_extension=("12366 转 3，或0311-85550622转5", ["12366转3", "0311-85550622转5"]),
    four_and_three=("稳岗0951-5670 218（区就业局）", ["0951-5670218"]),
    service_by_threes=("热线4006-885-210", ["400-688-5210"]),
    bank=("操作问题请拨打95516", ["95516"]),
    year_and_number_are_none=("第2024 12345号", []),
    four_and_three_of_a_sum_are_none=("共投入5670 218元", []),
    sum_is_none=("12345元", []),
    identity_number_is_none=("430102199001011234", []),
    postcode_is_none=("邮编410000", []),
)
def test_phones(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.PHONE) == expected


@cases(
    plain=("邮箱zph@yjlm.example.cn，", ["zph@yjlm.example.cn"]),
    full_stop=("a.b-c@example.gov.cn。", ["a.b-c@example.gov.cn"]),
    ascii_stop=("msnjk@example.gov.cn.", ["msnjk@example.gov.cn"]),
    full_width=("zph＠example.cn", ["zph@example.cn"]),
    none=("@某人", []),
)
def test_emails(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.EMAIL) == expected


@cases(
    brackets=("平台(https://www.miit-imps.com)开展", ["https://www.miit-imps.com"]),
    full_width_brackets=("（https://a.gov.cn/b?c=1&d=2）", ["https://a.gov.cn/b?c=1&d=2"]),
    chinese_after=("登录https://x.gov.cn/a/b填写", ["https://x.gov.cn/a/b"]),
    full_stop=("见http://x.gov.cn/a.html。", ["http://x.gov.cn/a.html"]),
    ascii_stop=("see http://x.gov.cn/a.", ["http://x.gov.cn/a"]),
    trailing_slash=("http://x.gov.cn/，", ["http://x.gov.cn/"]),
    www=("www.example.gov.cn", ["www.example.gov.cn"]),
    bare=("网址szhzx.example.gov.cn/a，", ["szhzx.example.gov.cn/a"]),
    email_is_none=("a@example.gov.cn", []),
)
def test_urls(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.URL) == expected


@cases(
    six_corner=("(工信厅联通装函〔2024〕399号)", ["工信厅联通装函〔2024〕399号"]),
    square=("皖经信科技函[2025]133号", ["皖经信科技函〔2025〕133号"]),
    round_=("（沧信用办（2024）6号）", ["沧信用办〔2024〕6号"]),
    lens=("国发【2024】12号", ["国发〔2024〕12号"]),
    full_width_square=("国发［2024］12号", ["国发〔2024〕12号"]),
    blanks=("湘工信 〔 2024 〕 3 号", ["湘工信〔2024〕3号"]),
    after_a_verb=("根据湘工信〔2024〕3号执行", ["湘工信〔2024〕3号"]),
    without_office=("〔2025〕第14号", ["〔2025〕第14号"]),
    of_a_year=("（2025年第2号）", ["2025年第2号"]),
)
def test_document_numbers(text: str, expected: list[str]) -> None:
    assert values(text, FactKind.DOC_NUMBER) == expected


# ---------------------------------------------------------------- invariants

WORDS = st.sampled_from(
    [
        "2024年11月22日", "11月23日", "至31日", "每年", "下午5点", "17:00", "2024-11-22", "50", "至", "—", "万元", "亿", "千",
        "百分之", "三分之二", "3.5%", "‰", "个工作日", "两年", "半年", "五十", "份", "个", "第三批", "0731-88955383", "转3",
        "、88955384", "(0591)5556201", "400-555-0188", "12345热线", "a@b.cn", "https://x.gov.cn/a", "www.", "工信〔2024〕399号",
        "，", "。", "（", "）", "电话：", "壹", "２０", "．", " ",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=12).map("".join)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(TEXTS)
@example("\u2028\x85\x0c2024年11月22日\x00")
def test_values_do_not_overlap_and_stand_in_order(text: str) -> None:
    found = values_in(text, 2024)
    reached = 0
    for value in found:
        assert reached <= value.start < value.end <= len(text)
        assert value.value
        reached = value.end


SINGLE = st.sampled_from(
    [
        "2024年11月22日", "2024年11月22日17:00", "11月23日", "每年3月15日", "2024-11-22", "50至100万元", "五十万元", "3.5%",
        "百分之三十", "30%—50%", "15个工作日", "两年", "3至5个工作日", "一百二十人", "5份", "17:00", "0731-88955383",
        "024-55530299转3", "13800138000", "a@b.cn", "https://x.gov.cn/a", "工信〔2024〕399号",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(SINGLE, min_size=1, max_size=5), st.sampled_from(["，甲：", "；（乙）", "。\n", " ，"]))
def test_the_words_of_a_value_give_the_same_value_again(parts: list[str], between: str) -> None:
    text = between + between.join(parts) + between
    found = values_in(text, 2024)
    assert [text[v.start : v.end] for v in found] == parts
    for value in found:
        again = values_in(text[value.start : value.end], 2024)
        assert [(v.kind, v.value) for v in again] == [(value.kind, value.value)]


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "千",
        "一至",
        "1万",
        "a.",
        "a@",
        "壹",
        "甲",
        "0731-88955383、",
        "1,111,",
        "2024年1月",
        "月1日至",
        "（",
        " ",
    ],
)
def test_time_grows_with_the_length_of_the_text_only(unit: str) -> None:
    """Backtracking would take minutes here; a run that ends shows that there is none."""
    assert values_in((unit * 6000)[:6000]) is not None


# ---------------------------------------------------------------- facts of clauses


NOTICE = Notice("通知", "关于申报的通知", "通知/正文.txt", issued_on=ISSUED, year=2024)


def facts_of(body: str) -> tuple[tuple[Chunk, ...], tuple[Fact, ...], str]:
    text = f"关于申报的通知\n各单位：\n{body}\n"
    chunks = chunk_document(
        Document("通知/正文.txt", "通知", "关于申报的通知", DocumentRole.ATTACHMENT, text, "txt")
    )
    return chunks, extract_facts(chunks, NOTICE), text


def test_a_fact_names_who_must_do_what_until_when() -> None:
    _, facts, text = facts_of(
        "一、实施\n1.申报主体按照《清单》（附件4）编制申报书，于2024年11月22日前完成线上申报。"
    )
    (fact,) = facts
    assert (fact.kind, fact.value, fact.text) == (FactKind.DATE, "2024-11-22", "2024年11月22日")
    assert (fact.actor, fact.act, fact.year_inferred) == ("申报主体", "完成线上申报", False)
    assert text[fact.start : fact.end] == fact.text


def test_a_fact_says_where_its_year_was_inferred() -> None:
    _, facts, _ = facts_of("2.各市州工信局会同有关部门推荐，于11月23日前将申报书2份报送省厅。")
    day, copies = facts
    assert (day.value, day.year_inferred, day.actor) == ("2024-11-23", True, "各市州工信局")
    assert (copies.kind, copies.value) == (FactKind.COUNT, "2 份")


def test_each_date_of_a_sentence_has_its_own_actor() -> None:
    _, facts, _ = facts_of("企业应于6月14日前填写申报书，报所在市工信局；市工信局于6月28日前审核。")
    assert [(f.value, f.actor) for f in facts] == [("2024-06-14", "企业"), ("2024-06-28", "市工信局")]


def test_items_of_a_list_take_the_actor_of_the_line_above() -> None:
    _, facts, _ = facts_of("企业应当完成以下工作：\n1.11月20日前注册账号；\n2.11月22日前提交材料。")
    assert [(f.value, f.actor) for f in facts] == [("2024-11-20", "企业"), ("2024-11-22", "企业")]


def test_every_fact_stands_literally_in_its_clause() -> None:
    chunks, facts, text = facts_of(
        "联系人：潘晓军、李明，联系电话：0731-88955383/88955384。\n材料寄至：长沙市天心区新韶东路467号，10月13日至31日，一式两份。"
    )
    by_id = {chunk.id: chunk for chunk in chunks}
    assert {f.kind for f in facts} == {
        FactKind.PERSON,
        FactKind.PHONE,
        FactKind.ADDRESS,
        FactKind.DATE,
        FactKind.COUNT,
    }
    for fact in facts:
        assert text[fact.start : fact.end] == fact.text
        assert by_id[fact.chunk_id].start <= fact.start < fact.end <= by_id[fact.chunk_id].end
    assert [f.value for f in facts if f.kind is FactKind.PERSON] == ["潘晓军、李明"]
    assert [f.value for f in facts if f.kind is FactKind.ADDRESS] == ["长沙市天心区新韶东路467号"]


def test_the_header_of_a_table_states_no_facts_but_its_rows_do() -> None:
    chunks, facts, _ = facts_of("\n| 2025年3月1日前 | 名额 |\n| --- | --- |\n| 长沙市 | 12个 |\n")
    assert [c.kind for c in chunks if c.table_header] == [ChunkKind.HEADER, ChunkKind.ROW]
    assert [(f.kind, f.value) for f in facts] == [(FactKind.COUNT, "12 个")]


def test_a_time_of_day_alone_is_no_fact() -> None:
    assert facts_of("工作日9:00—17:00受理。")[1] == ()


@pytest.mark.parametrize(
    ("sentence", "actor"),
    [
        ("1.申报主体参考《指引》，编制申报书。", "申报主体"),
        ("2.各市州工信局会同发展改革部门组织推荐。", "各市州工信局"),
        (
            "3.部门联审：公安、人社、自然资源、卫健等部门在6月6日前完成核验。",
            "公安、人社、自然资源、卫健等部门",
        ),
        ("获得补助的吸纳方应于2026年3月31日前提交报告。", "获得补助的吸纳方"),
        ("由市州工信局于3月1日前审核。", "市州工信局"),
        ("公示无异议后，市财政局将资金下达至区县。", "市财政局"),
        ("2024年11月22日前，企业完成申报。", "企业"),
        ("单个项目最高不超过400万元。", ""),
        ("自2025年7月1日起施行。", ""),
        ("", ""),
    ],
)
def test_the_actor_of_a_clause(sentence: str, actor: str) -> None:
    assert clause_actor(sentence) == actor


@pytest.mark.parametrize(
    ("sentence", "actor"),
    [
        ("省属企业由省国资委汇总，于6月9日前提出推荐建议。", "省属企业由省国资委"),
        ("填报自评表，县级部门汇总后于4月15日前报市局。", "县级部门"),
        ("高等学校由本校教务处（或者科研处）盖章，于8月1日前报送。", "高等学校由本校教务处（或者科研处）"),
        ("设区市工信局商同级财政部门后，形成推荐函，于6月12日前报送。", "设区市工信局"),
        ("推荐文件（加盖公章）和项目汇总表一式2份，于9月26日前送达。", ""),
        ("得分达标的，平台自动开放端口，并于5月18日前填写申报书。", ""),
        ("县级部门核验后提交；市（州）人社局、省直部门人事处进行复审，于6月9日前上报。", "市（州）人社局、省直部门人事处"),
        ("管委会应当安排干部查看，出具查验单，最迟于10月31日前汇总报县局。", "管委会"),
        ("指导委员会可以推荐学院1个，意见于6月4日前发送至邮箱。", "指导委员会"),
        ("经县、市两级审核，于6月15日前由市（州）农业农村局统一报送。", "市（州）农业农村局"),
        ("省直单位推荐不超过5个，中央企业在云单位和高校推荐不超过3个，于9月4日前完成。",
         "省直单位、中央企业在云单位和高校"),
        ("县级部门负责初审，市级部门负责复审汇总，于9月4日前完成。", "市级部门"),
        ("省属学校不经设区市，于6月6日前直接报送。", "省属学校"),
        ("第（一）方向分两个窗口申报，10月开展的活动于11月20日前申报。", ""),
    ],
)  # fmt: skip
def test_who_acts_on_a_date_in_a_long_sentence(sentence: str, actor: str) -> None:
    (fact,) = [f for f in facts_of(sentence)[1] if f.kind is FactKind.DATE]
    assert fact.actor == actor


@pytest.mark.parametrize(
    ("sentence", "act"),
    [
        ("联络员名单于3月9日前发送至邮箱。", "将联络员名单发送至邮箱"),
        ("企业于3月9日前报送材料。", "报送材料"),
        ("企业应当申请，最迟于3月9日前提交。", "提交"),
        ("省级部门延至6月25日，中央企业延至6月30日。", ""),
        ("请于11月22日前，完成线上申报。", "完成线上申报"),
        ("申报书于6月15日前由市农业农村局统一报送。", "统一报送"),
    ],
)
def test_what_is_done_by_a_date(sentence: str, act: str) -> None:
    assert next(f for f in facts_of(sentence)[1] if f.kind is FactKind.DATE).act == act
