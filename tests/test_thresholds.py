"""Numbers of criteria and of people, compared by rule; 以上 and 以下 include the number (Civil Code, 1259)."""

from __future__ import annotations

import pytest

from bot.thresholds import DAY, Interval, Relation, comparisons, measures_in, thresholds_in

REVENUE = "2.上年度研发费用总额不低于100万元，且占营业收入总额比重不低于3%；"


@pytest.mark.parametrize(
    ("text", "relation", "bound", "unit"),
    [
        ("营业收入在1000万元以上", ">=", 10_000_000, "元"),
        ("营业收入不低于2亿元", ">=", 200_000_000, "元"),
        ("得分在70分以上(不含70分)", ">", 70, "分"),
        ("累计缴费12个月（含）以上", ">=", 12, "月"),
        ("正常生产经营满2年", ">=", 24, "月"),
        ("注册成立365个日历天数以上", ">=", 365, "天"),
        ("年龄不超过55周岁", "<=", 55, "岁"),
        ("职工100人以下", "<=", 100, "人"),
        ("投入运行不满6个月的", "<", 6, "月"),
        ("负债率低于70%", "<", 70, "%"),
        ("面积超过500平方米", ">", 500, "平方米"),
        ("≥70%", ">=", 70, "%"),
        ("专利三项以上", ">=", 3, "项"),
        ("每人最多填报2个", "<=", 2, "项"),
        ("年龄上限为60周岁", "<=", 60, "岁"),
        ("申报书不能超过15页", "<=", 15, "页"),
        ("经验描述不可少于3000字", ">=", 3000, "字"),
        ("能不能超过15页", ">", 15, "页"),
    ],
    ids=lambda value: None if isinstance(value, int | float) else "case",
)
def test_words_around_a_number_say_how_it_is_measured(
    text: str, relation: str, bound: float, unit: str
) -> None:
    (threshold,) = thresholds_in(text)
    assert threshold.relation == Relation({">=": "≥", "<=": "≤"}.get(relation, relation))
    assert (threshold.bound, threshold.unit) == (bound, unit)
    assert threshold.text in text and threshold.words in text


def test_a_span_of_years_a_grade_and_a_date_are_no_thresholds() -> None:
    assert thresholds_in("近三年内未发生安全事故，2022年1月1日以来无失信记录") == ()
    assert thresholds_in("通过成熟度自诊断且达到二级及以上") == ()  # of grades, the smaller may be the better


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        ("100万元", True),
        ("99.99万元", False),
        ("1000000元", True),
        ("一百万元", True),
        ("研发 0.02 亿元", True),
    ],
    ids=["equal", "below", "yuan", "chinese", "scaled"],
)
def test_amounts_are_compared_in_yuan_and_the_bound_itself_suffices(stated: str, holds: bool) -> None:
    (comparison,) = comparisons(stated, REVENUE)
    assert comparison.holds is holds and comparison.threshold.text == "100万元"


def test_a_comparison_shows_both_numbers_as_written_and_the_clause() -> None:
    (comparison,) = comparisons("占比2.5%", REVENUE)
    assert str(comparison) == "2.5% ≥ 3%：不成立（且占营业收入总额比重不低于3%）"


def test_years_are_months_and_units_that_differ_are_not_compared() -> None:
    (comparison,) = comparisons("1年", "累计缴费12个月（含）以上")
    assert comparison.holds
    assert comparisons("3项", REVENUE) == () and comparisons("3000", REVENUE) == ()


def test_of_several_numbers_of_one_unit_the_one_that_is_named_counts() -> None:
    text = "营业收入不低于1000万元，股权融资总额不低于2000万元"
    (named,) = comparisons("股权融资1500万元", text)
    assert named.threshold.text == "2000万元" and not named.holds
    assert [c.holds for c in comparisons("1500万元", text)] == [True, False]


def test_a_range_and_days_are_measures_but_no_thresholds_of_a_check() -> None:
    text = "年龄18至60周岁，2023年1月1日至2023年12月31日成立，2024年3月前投产"
    age, founded, _ = measures_in(text)
    assert age.interval == Interval(18, 60) and founded.unit == DAY and founded.thing == {"成立"}
    assert founded.interval.high - founded.interval.low == 364
    assert thresholds_in(text) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("研发投入占2.8%", "研发费用占营业收入比例不低于3%"),
        ("软件收入120万元", "软件业务收入不低于300万元"),
        ("员工38名", "职工人数不少于50人"),
        ("负债率75%", "资产负债率不超过70%"),
        ("公司开了两年半", "注册成立满3年"),
        ("实施方案3000字", "附实施方案（不少于5000字）"),
    ],
    ids=["research", "software", "staff", "debt", "founding", "bracket"],
)
def test_one_thing_has_one_name_however_it_is_said(one: str, other: str) -> None:
    (stated,), (required,) = measures_in(one), measures_in(other)
    assert stated.thing == required.thing != frozenset() and stated.unit == required.unit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("研发人员占比2%", "研发费用占比不低于3%"),
        ("设备投资1200万元", "总投资1000万元以上"),
        ("营业收入200万元", "软件业务收入不低于300万元"),
        ("毕业1年", "从业满2年"),
    ],
    ids=["staff-or-money", "part", "part-of-revenue", "event"],
)
def test_two_things_have_two_names(one: str, other: str) -> None:
    (stated,), (required,) = measures_in(one), measures_in(other)
    assert not stated.thing & required.thing


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("签订一年以上劳动合同并缴纳社会保险满六个月", ({"签订"}, {"缴费"})),
        ("2022年3月1日前注册成立且正常经营满2年", ({"成立"}, {"经营"})),
        ("毕业后从事一线工作满3年", ({"从业"},)),
        ("公司成立2年11个月", ({"成立"}, {"成立"})),
        ("2020年1月1日至2023年12月31日合并成立", ({"成立"},)),
    ],
    ids=["joined", "day-and-length", "the-nearest", "one-length-in-two-units", "merged-is-not-joined"],
)
def test_each_time_is_counted_from_the_event_beside_it(text: str, things: tuple[set[str], ...]) -> None:
    assert tuple(measure.thing for measure in measures_in(text)) == things
