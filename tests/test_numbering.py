"""The number that a line opens with."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.numbering import chinese_to_int, line_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二十三", 23),
        ("一百零五", 105),
        ("三百二十", 320),
        ("两千五百", 2500),
        ("二〇二四", 2024),
        ("两", 2),
        ("12", 12),
        ("", None),
        ("三点五", None),
        ("甲", None),
    ],
    ids=lambda value: str(value) or "empty",
)
def test_chinese_numerals_by_hand(text: str, number: int | None) -> None:
    assert chinese_to_int(text) == number


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, 9999))
def test_every_number_written_in_chinese_reads_back(number: int) -> None:
    digits, units = "零一二三四五六七八九", ["", "十", "百", "千"]
    written = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            written += digits[digit] + units[place]
        elif written and not written.endswith("零") and number % 10**place:
            written += "零"
    assert chinese_to_int(written or "零") == number


@pytest.mark.parametrize(
    ("line", "style", "value", "text", "label", "rest"),
    [
        ("一、申报条件", "一、", 1, "一、", "一、", "申报条件"),
        ("十二、附则", "一、", 12, "十二、", "十二、", "附则"),
        ("(一)申报条件", "（一）", 1, "(一)", "（一）", "申报条件"),
        ("（二）组织实施", "（一）", 2, "（二）", "（二）", "组织实施"),
        ("1.申报主体", "1.", 1, "1.", "1.", "申报主体"),
        ("1．申报主体", "1.", 1, "1．", "1.", "申报主体"),
        ("3、材料", "1.", 3, "3、", "3、", "材料"),
        ("2.2024年12月前入会", "1.", 2, "2.", "2.", "2024年12月前入会"),
        ("2.8月22日上午考察", "1.", 2, "2.", "2.", "8月22日上午考察"),
        ("（1）营业执照；", "（1）", 1, "（1）", "（1）", "营业执照；"),
        ("(12) 承诺书", "（1）", 12, "(12)", "（12）", "承诺书"),
        ("1) 示范区", "1)", 1, "1)", "1）", "示范区"),
        ("③获评先进级", "①", 3, "③", "③", "获评先进级"),
        ("a. 近三年", "a)", 1, "a.", "a.", "近三年"),
        ("第三章 复试安排", "chapter", 3, "第三章", "第三章", "复试安排"),
        ("第二十一条　有下列情形", "article", 21, "第二十一条", "第二十一条", "有下列情形"),
        ("第二部分　申请与审核", "part", 2, "第二部分", "第二部分", "申请与审核"),
        ("1 征集范围", "1", 1, "1", "1 ", "征集范围"),
        ("2.2 分类要求见附件1。", "1.1", 2, "2.2", "2.2 ", "分类要求见附件1。"),
        ("1.2.3 C类服务商。", "1.1.1", 3, "1.2.3", "1.2.3 ", "C类服务商。"),
        ("　　一、总体要求", "一、", 1, "一、", "一、", "总体要求"),
    ],
)
def test_the_forms_of_numbers(line: str, style: str, value: int, text: str, label: str, rest: str) -> None:
    number = line_number(line)
    assert number is not None
    assert (number.style, number.value, number.text, number.label) == (style, value, text, label)
    assert line[number.end :].lstrip() == rest


@pytest.mark.parametrize(
    "line",
    [
        "申报主体应于2024年11月22日前申报",
        "2024年11月4日",
        "2.5万元以上的企业",
        "3.5%以上",
        "1.5个百分点",
        "2.5分以下",
        "11 月 23 日",
        "5 万元",
        "一般不超过三项",
        "2024 年度通知",
        "0731-88955383",
        "apple",
        "",
    ],
)
def test_what_only_looks_like_a_number_is_none(line: str) -> None:
    assert line_number(line) is None


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_a_number_is_literally_the_lines_beginning(line: str) -> None:
    number = line_number(line)
    if number is not None:
        assert line[: number.end].strip() == number.text
        assert 0 < number.end <= len(line)
