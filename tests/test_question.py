"""What a question asks for."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.datamodels import FactKind, Intent, Question
from bot.question import MAX_CHARACTERS, expected_facts, leans_on_history, understand

TODAY = date(2026, 11, 22)


def ask(text: str, *history: str) -> Question:
    return understand(text, today=TODAY, history=history)


@pytest.mark.parametrize(
    "text",
    [
        "你好",
        "您好！",
        "在吗？",
        "hello",
        "Hi!",
        "早上好",
        "谢谢",
        "谢谢啦！",
        "好的，谢谢",
        "ok",
        "再见",
        "收到。",
        "",
    ],
)
def test_greetings_and_thanks(text: str) -> None:
    assert ask(text).intents == (Intent.GREETING,)


@pytest.mark.parametrize("text", ["帮助", "help", "怎么用？", "你是谁", "你能做什么", "what can you do?"])
def test_calls_for_help(text: str) -> None:
    assert ask(text).intents == (Intent.HELP,)


@pytest.mark.parametrize("text", ["你好，什么时候截止？", "谢谢，那电话是多少", "请问怎么用平台申报"])
def test_a_question_with_a_greeting_is_a_question(text: str) -> None:
    assert ask(text).intents[0] not in {Intent.GREETING, Intent.HELP}


@pytest.mark.parametrize(
    "polite",
    [
        "请问{}",
        "您好，{}",
        "老师好 请问一下{}",
        "{}，谢谢！",
        "急！{}",
        "{}（急）",
        "麻烦问下{}，在线等",
        "我想咨询一下{}呀？",
    ],
)
def test_politeness_changes_nothing(polite: str) -> None:
    bare, said = ask("企业什么时候截止"), ask(polite.format("企业什么时候截止"))
    assert (said.normalised.rstrip("?"), said.intents, said.terms) == (
        bare.normalised,
        bare.intents,
        bare.terms,
    )


@pytest.mark.parametrize("text", ["领导干部能参加吗", "老师傅能报吗", "急需紧缺人才有什么补贴"])
def test_a_word_that_begins_like_an_address_stays(text: str) -> None:
    assert ask(text).normalised == text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("什么时候截止申报", Intent.DEADLINE),
        ("啥时候截止", Intent.DEADLINE),
        ("deadline是哪天", Intent.DEADLINE),
        ("联系电话是多少", Intent.CONTACT),
        ("有问题找谁", Intent.CONTACT),
        ("补多少钱", Intent.AMOUNT),
        ("分公司能报吗", Intent.ELIGIBILITY),
        ("要交哪些材料", Intent.MATERIALS),
        ("申报书要几份", Intent.MATERIALS),
        ("谁来评审卓越级", Intent.AUTHORITY),
        ("附件2的内容", Intent.ATTACHMENT),
        ("文号是什么", Intent.METADATA),
        ("卓越级和先进级有什么区别", Intent.COMPARISON),
        ("今天长沙下雨", Intent.OTHER),
    ],
)
def test_the_intent(text: str, intent: Intent) -> None:
    assert intent in ask(text).intents


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("什么时候截止", FactKind.DATE),
        ("几号之前要交", FactKind.DATE),
        ("when is the deadline", FactKind.DATE),
        ("公示多久", FactKind.DURATION),
        ("最多补多少钱", FactKind.AMOUNT),
        ("电话多少", FactKind.PHONE),
        ("邮箱是什么", FactKind.EMAIL),
        ("申报网址", FactKind.URL),
        ("材料送到哪里", FactKind.ADDRESS),
        ("补贴比例", FactKind.AMOUNT),
        ("要几份", FactKind.COUNT),
        ("文号", FactKind.DOC_NUMBER),
        ("電話幾號", FactKind.PHONE),
        ("联系电话是几号", FactKind.PHONE),
        ("电话报名几号截止", FactKind.DATE),
    ],
)
def test_the_kind_of_value_asked_for(text: str, kind: FactKind) -> None:
    assert expected_facts(ask(text).normalised)[0] is kind


def test_words_alone_ask_for_no_value() -> None:
    assert expected_facts("卓越级由哪个部门评审") == ()


def test_traditional_characters_are_read_as_simplified() -> None:
    question = ask("什麼時候截止申報？")
    assert question.language == "zh-hant"
    assert question.normalised == ask("什么时候截止申报？").normalised
    assert question.intents[0] is Intent.DEADLINE
    assert question.text == "什麼時候截止申報？"


def test_english_is_glossed_with_the_notices_words() -> None:
    question = ask("When is the application deadline?")
    assert question.language == "en"
    assert {"截止", "申报"} <= set(question.synonyms)
    assert question.intents[0] is Intent.DEADLINE


def test_simplified_chinese_is_the_rule() -> None:
    assert ask("分公司能报吗").language == "zh"
    assert ask("5G").language == "zh"


def test_full_width_and_case_are_folded() -> None:
    assert ask("ＤＥＡＤＬＩＮＥ是１１月２２日吗").normalised == "deadline是11月22日吗"


def test_what_people_say_brings_what_notices_write() -> None:
    assert {"分支机构", "独立法人"} <= set(ask("分公司能报吗").synonyms)
    assert {"奖补", "资金"} <= set(ask("补多少").synonyms)


@pytest.mark.parametrize("text", ["2023年呢", "那第二批呢？", "省级呢", "去年的呢"])
def test_a_follow_up_that_only_changes_the_turn_before_takes_it_along(text: str) -> None:
    assert leans_on_history(text)
    question = ask(text, "今天天气", "卓越级什么时候截止申报")
    assert question.normalised.startswith("卓越级什么时候截止申报")
    assert "今天天气" not in question.normalised
    assert question.history == ("今天天气", "卓越级什么时候截止申报")
    assert not ask(text).normalised.startswith("卓越级")


@pytest.mark.parametrize("text", ["那纸质材料呢", "还有电话呢？", "附件2的内容"])
def test_a_follow_up_with_a_subject_of_its_own_is_asked_by_itself(text: str) -> None:
    assert not leans_on_history(text)
    assert "截止" not in ask(text, "什么时候截止").normalised


def test_a_question_that_stands_alone_leaves_the_history() -> None:
    question = ask("分公司能不能申报卓越级智能工厂", "什么时候截止")
    assert "截止" not in question.normalised


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2023年的通知", (2023,)),
        ("2025年度能报吗", (2025,)),
        ("23年的通知", (2023,)),
        ("今年什么时候截止", (2026,)),
        ("去年的截止日期", (2025,)),
        ("前年呢", (2024,)),
        ("大前年呢", (2023,)),
        ("明年还有吗", (2027,)),
        ("2024年和2025年有什么区别", (2024, 2025)),
        ("成立3年以上", ()),
        ("去年已经交了400 现在退不退", ()),
        ("去年截止了吗", (2025,)),
        ("去年补了多少", (2025,)),
        ("电话0731-20241234", ()),
        ("什么时候截止", ()),
    ],
)
def test_the_years_that_a_question_names(text: str, years: tuple[int, ...]) -> None:
    assert ask(text).years == years


@pytest.mark.parametrize(
    "text",
    ["分公司能报吗", "是不是11月22日", "能不能延期", "可以邮寄吗？", "电话是0731-88955555吧", "can we apply"],
)
def test_questions_for_yes_or_no(text: str) -> None:
    assert ask(text).yes_no


@pytest.mark.parametrize("text", ["什么时候截止", "联系电话", "要交哪些材料", "when is the deadline"])
def test_other_questions_are_not_for_yes_or_no(text: str) -> None:
    assert not ask(text).yes_no


def test_values_that_the_question_states_are_kept_in_one_form() -> None:
    question = ask("截止是2024年12月31日吧，补贴五十万元，电话（0731）88955555")
    assert set(question.values) == {"2024-12-31", "500000 元", "0731-88955555"}


@pytest.mark.parametrize(
    "text",
    [
        "什么\x00时候\x1b[31m截止",
        "\u202e什么时候截止\u202c",
        "\ufeff什么时候\u200b截止",
        "什么时候\u2028截止\x85",
        "\ud800什么时候截止",
        "什么时候\n\t截止",
    ],
    ids=["escape", "right-to-left", "zero-width", "line-separator", "surrogate", "tab"],
)
def test_control_characters_are_dropped(text: str) -> None:
    normalised = ask(text).normalised
    assert normalised.isprintable()
    assert "截止" in normalised
    normalised.encode("utf-8")


@pytest.mark.parametrize(
    "piece", ["什么时候截止申报", "1", "千", "a@", "是不是", "（", "0731-88955383、", " ", "\u2028", "是"]
)
def test_a_hundred_thousand_characters_are_understood_within_a_second(piece: str) -> None:
    ask("什么时候截止")
    begun = time.perf_counter()
    question = ask((piece * 100_000)[:100_000])
    assert time.perf_counter() - begun < 1.0
    assert len(question.normalised) <= 2 * MAX_CHARACTERS


def test_of_a_long_question_beginning_and_end_are_read() -> None:
    question = ask("卓越级" + "啊" * 5000 + "什么时候截止")
    assert question.normalised.startswith("卓越级") and question.normalised.endswith("什么时候截止")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=2))
def test_any_words_are_understood(text: str, history: list[str]) -> None:
    question = understand(text, today=TODAY, history=history)
    assert question.intents
    assert question.text == text
    assert question.normalised == question.normalised.strip()
    question.normalised.encode("utf-8")
    assert question == understand(text, today=TODAY, history=history)


def test_a_kind_of_product_is_no_batch() -> None:
    assert understand("首批次奖励什么时候截止", today=TODAY).batches == ()
    assert understand("首批什么时候截止", today=TODAY).batches == ("第一批",)


def test_a_month_of_next_year_names_no_notice_of_that_year() -> None:
    assert understand("拖到明年1月再交，行不行", today=TODAY).years == ()
    assert understand("明年什么时候报", today=TODAY).years == (2027,)
