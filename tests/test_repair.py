"""Damaged text is mended, undamaged text is left alone, and every change can be traced back."""

from __future__ import annotations

import re
import time
import unicodedata
from functools import lru_cache
from pathlib import Path

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import Style, pinyin

from bot.datamodels import Edit
from bot.documents.repair import original_span, repair, repair_summary, repaired_offset

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
REAL_NOTICE = next(KNOWLEDGE.glob("2024年度智能工厂梯度培育行动/*.txt"))

CLEAN = """关于开展2024年度数字化车间认定工作的通知
各市州工信局，有关企业：
一、申报条件
（一）已建成制造执行系统(MES)，应用人工智能（AI）的优先；单件重量不超过5(kg)。
(二)按(a)项、(de)项执行；我们(men)的产品符合GB/T 39116—2020，见①②㎡℃№…〔2024〕12号。
"""
TRADITIONAL = """關於開展二〇二四年度智慧工廠認定工作的通知
各縣市政府、有關企業：
一、申請條件：依法登記，具備獨立法人資格，並已建置製造執行系統（MES）。
聯絡人：陳先生，電話：02-2345-6789。
"""

HAN_WORDS = (
    "关于开展年度智能工厂梯度培育行动的通知各市州工信局有关企业申报主体应当具备独立法人资格于前完成线上并对内容真实性负责"
    "省工业和信息化厅会同部门组织评审认定优先推荐国家发展改革委财政国资监管数据主管"
)


@lru_cache(maxsize=1)
def _real() -> tuple[str, str, tuple[Edit, ...], tuple[str, ...]]:
    original = REAL_NOTICE.read_text(encoding="utf-8")
    repaired = repair(original)
    return original, repaired.text, repaired.edits, repaired.warnings


def _apply(original: str, edits: tuple[Edit, ...]) -> str:
    parts, position = [], 0
    for edit in edits:
        parts += [original[position : edit.start], edit.after]
        position = edit.end
    return "".join([*parts, original[position:]])


def _check_edits(original: str, text: str, edits: tuple[Edit, ...]) -> None:
    assert _apply(original, edits) == text
    end = 0
    for edit in edits:
        assert end <= edit.start < edit.end
        assert original[edit.start : edit.end] == edit.before != edit.after
        assert text[edit.new_start : edit.new_end] == edit.after
        end = edit.end


# ---------------------------------------------------------------- the real notice


def test_real_notice_begins_and_ends_in_clean_simplified_chinese() -> None:
    _, text, _, warnings = _real()
    lines = text.split("\n")
    assert lines[0] == "关于开展2024年度智能工厂梯度培育行动的通知"
    assert lines[1] == "各市州工信局，有关中央企业在湘分支机构："
    assert lines[-2:] == ["湖南省工业和信息化厅", "2024年11月4日"]
    assert opencc.OpenCC("t2s").convert(text) == text
    assert warnings == ()


def test_real_notice_loses_298_glosses_and_nothing_else_of_its_brackets() -> None:
    _, text, edits, _ = _real()
    assert sum(1 for edit in edits if edit.kind == "gloss") == 298
    brackets = re.findall(r"[(（][^()（）]*[)）]", text)
    assert brackets == [
        "(工信厅联通装函〔2024〕399号)",
        "(附件1、2)",
        "(一)",
        "(二)",
        "(三)",
        "(四)",
        "(中央企业在湘分支机构由本集团推荐)",
        "(一)",
        "(石油石化、有色金属等有行业特殊情况的，允许法人的分支机构申报)",
        "(附件2)",
        "(二)",
        "(2024年版)",
        "(附件3)",
        "(附件2)",
        "(附件4)",
        "(附件5)",
        "(包括推荐汇总表)",
        "(https://www.miit-imps.com)",
        "(三)",
    ]
    assert text.count("(") == text.count(")") == len(brackets)


def test_real_notice_gets_back_its_lost_and_its_wrong_character() -> None:
    original, text, edits, _ = _real()
    assert "按照推荐项目优先顺序填写推荐汇总表(附件5)" in text
    assert "数据主管部门择优提出卓越级智能工厂推荐名单" in text
    special = {
        edit.kind: (edit.before, edit.after) for edit in edits if edit.kind in {"broken_gloss", "confusion"}
    }
    assert special == {"broken_gloss": ("?jī)?yōu)", "优"), "confusion": ("擾", "优")}
    assert "項目?jī)?yōu)先" in re.sub(r"\(xiàng\)", "", original)


def test_real_notice_has_full_width_marks_but_keeps_its_address_and_phone() -> None:
    _, text, _, _ = _real()
    assert re.findall(r".[,;:]", text) == ["s:"]
    assert "联系电话：0731-88955383" in text
    assert "附件：1.智能工厂梯度培育行动实施方案\n4.卓越级智能工厂项目申报材料清单" in text


def test_real_notice_maps_back_to_the_scraped_words() -> None:
    original, text, edits, _ = _real()
    _check_edits(original, text, edits)
    start = text.index("关于开展")
    assert original[slice(*original_span(edits, start, start + 4))] == "關(guān)于開(kāi)展"
    start = text.index("优先顺序")
    assert original[slice(*original_span(edits, start, start + 1))] == "?jī)?yōu)"
    start = text.index("0731-88955383")
    assert original[slice(*original_span(edits, start, start + 13))] == "0731-88955383"


def test_summary_counts_repairs_by_kind() -> None:
    _, _, edits, _ = _real()
    assert repair_summary(edits) == (
        "去除拼音注音 298 处，补回注音残缺的字 1 处，改正错字 1 处，繁转简 474 字，标点改全角 35 处"
    )
    assert repair_summary(()) == ""


# ---------------------------------------------------------------- undamaged text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        CLEAN,
        TRADITIONAL,
        "位于黄埔（pǔ）区、亳（bó）州市、蚌埠（bù）市、涪（fú）城区的企业,可以申报:见附件",
        "为什么?怎么办?他(tā)说:行(xíng)。",
        "龜（guī）茲古國的歷史與文化，記載於許多典籍之中，學者認為其語言屬於印歐語系。",
        "選擇擾動、择扰",
    ],
    ids=["empty", "newline", "clean", "traditional", "rare-readings", "marks", "one-gloss", "confusable"],
)
def test_undamaged_text_comes_out_unchanged(text: str) -> None:
    assert repair(text).text == text
    assert repair(text).edits == ()


def test_many_readings_in_a_clean_text_are_reported_and_left() -> None:
    text = "位于黄埔（pǔ）区、亳（bó）州市、涪（fú）城区的企业可以申报。"
    assert repair(text).text == text
    assert repair(text).warnings == ("文中有 3 处拼音注音，未达到乱码的程度，没有改动。",)


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        st.one_of(st.sampled_from(HAN_WORDS + "關開業(（）)一二附件MESaikgden,:;?、。\n"), st.characters()),
        max_size=80,
    )
)
def test_text_without_toned_glosses_keeps_every_character(text: str) -> None:
    repaired = repair(text)
    _check_edits(text, repaired.text, repaired.edits)
    assert len(repaired.text) == len(text)
    for before, after in zip(text, repaired.text, strict=True):
        # A radical or a compatibility ideograph may become the common character; nothing else changes.
        assert before == after or unicodedata.name(before).startswith(
            ("KANGXI", "CJK RADICAL", "CJK COMPATIBILITY")
        )


def test_radicals_of_pdf_writers_become_common_characters_in_any_text() -> None:
    repaired = repair("⽅案：⾼新技术企业由⻓沙市⻔户⽹站公布，面积100㎡①，第⼀批")
    assert repaired.text == "方案：高新技术企业由长沙市门户网站公布，面积100㎡①，第一批"
    assert {edit.kind for edit in repaired.edits} == {"compatibility"}
    assert repair_summary(repaired.edits) == "兼容字形改常用字 6 字"


# ---------------------------------------------------------------- damaged text


@lru_cache(maxsize=1)
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _glossed(text: str) -> str:
    """What the scraper makes of a Simplified text: Traditional characters, each with its reading behind it."""
    traditional = _to_traditional().convert(text)
    out = []
    for before, after in zip(text, traditional, strict=True):
        out.append(after)
        if before != after:
            out.append(f"({pinyin(before, style=Style.TONE)[0][0]})")
    return "".join(out)


SENTENCES = (
    "关于开展年度数字车间认定工作的通知",
    "各县级财政局（国资办），有关单位：",
    "（一）申报单位应当为独立法人（分支机构除外），并于11月22日前完成线上申报；",
    "联系电话：0731-88955383（工作时间），传真、邮箱见附件2（AI、MES类项目）。",
    "为贯彻落实国务院关于发展实体经济的决策部署，现将有关事项通知如下：",
    "对经济效益显著的项目给予资金奖励，优先推荐（不含税）。",
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), min_size=4, max_size=12))
def test_repair_undoes_glossing(sentences: list[str]) -> None:
    text = "\n".join(sentences)
    damaged = _glossed(text)
    repaired = repair(damaged)
    assert repaired.text == text
    _check_edits(damaged, repaired.text, repaired.edits)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*SENTENCES, *SENTENCES, "⽅案、⾼新"]), min_size=4, max_size=8).map("\n".join),
    st.data(),
)
def test_spans_map_into_the_original_and_back(text: str, data: st.DataObject) -> None:
    damaged = _glossed(text)
    repaired = repair(damaged)
    start = data.draw(st.integers(0, len(repaired.text)))
    end = data.draw(st.integers(start, len(repaired.text)))
    original_start, original_end = original_span(repaired.edits, start, end)
    assert 0 <= original_start <= original_end <= len(damaged)
    assert repaired_offset(repaired.edits, original_start) == start
    assert repaired_offset(repaired.edits, original_end) == end
    inside = tuple(
        edit for edit in repaired.edits if original_start <= edit.start and edit.end <= original_end
    )
    moved = tuple(
        Edit(edit.start - original_start, edit.end - original_start, 0, 0, "", "", edit.after)
        for edit in inside
    )
    assert _apply(damaged[original_start:original_end], moved) == repaired.text[start:end]


def test_toneless_glosses_go_only_where_they_are_readings() -> None:
    text = (
        _glossed("各单位为贯彻落实国务院关于发展实体经济的决策部署，现将有关事项通知如下：联系电话见后")
        + "\n我們(men)的產品(MES)、條款(de)、甲(an)"
    )
    assert repair(text).text.endswith("\n我们的产品(MES)、条款(de)、甲(an)")


def test_full_width_brackets_and_detached_accents_are_glosses_too() -> None:
    damaged = unicodedata.normalize("NFD", "關（guān）于開（kāi）展業（yè）務（wù）").replace("a", "ɑ")
    assert repair(damaged).text == "关于开展业务"


def test_a_lost_character_that_nothing_tells_is_reported() -> None:
    damaged = _glossed("各单位为贯彻落实国务院关于发展实体经济的决策部署") + "為?zhuó)越"
    repaired = repair(damaged)
    assert repaired.text.endswith("为?zhuó)越")
    assert len(repaired.warnings) == 1
    assert "疑似乱码" in repaired.warnings[0]
    assert "?zhuó)" in repaired.warnings[0]


def test_a_lost_character_is_told_by_the_same_word_elsewhere() -> None:
    damaged = _glossed("各单位应当建立用户档案，对发展实体经济的决策") + "，賬?jī)?dàng)案"
    assert repair(damaged).text.endswith("，账档案")


def test_marks_inside_tables_and_addresses_stay() -> None:
    damaged = _glossed("单位联系电话与发展务") + "\n| 項目:名 | 值 |\n|:---|---:|\n時間 9:00,http://a.cn:80/x"
    assert repair(damaged).text.split("\n")[1:] == [
        "| 项目：名 | 值 |",
        "|:---|---:|",
        "时间 9:00,http://a.cn:80/x",
    ]


def test_ten_thousand_clean_characters_take_less_than_50_ms() -> None:
    text = (CLEAN * 80)[:10_000]
    repair(text)
    started = time.perf_counter()
    assert repair(text).text == text
    assert time.perf_counter() - started < 0.05


def test_clean_text_loads_neither_pinyin_nor_opencc() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from bot.documents.repair import repair; repair('关于（一）开展(MES)的通知'); "
        "print('pypinyin' in sys.modules or 'opencc' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=KNOWLEDGE.parent, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
