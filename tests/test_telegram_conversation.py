"""What people see in private chats, groups and topics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from bot.channels.telegram import messages
from bot.channels.telegram.keyboards import short_id
from bot.messages import EXAMPLES
from bot.questions.log import FeedbackReason
from tests.botapi_server import BotApiServer, labels
from tests.example_answers import NOTICE_ID, ONLINE_CLAUSE, TITLE
from tests.telegram_bot_process import LONG_ITEMS
from tests.telegram_fixtures import RunningBot, running_bot, until

pytestmark = pytest.mark.asyncio
GROUP = -1001
QUESTION = "什么时候截止申报？"


@pytest_asyncio.fixture
async def bot(tmp_path: Path) -> AsyncIterator[RunningBot]:
    async with running_bot(tmp_path) as running:
        yield running


# ---------------------------------------------------------------- private chats


async def test_a_question_gets_its_answer_with_quotes_and_buttons(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say(QUESTION)
    answer = await person.hears()
    assert answer["text"].startswith("企业线上申报：2024年11月22日前（已截止，逾期 730 天）[1]")
    assert {entity["type"] for entity in answer["entities"]} == {"bold", "italic", "expandable_blockquote"}
    assert labels(answer) == ["📄 [1] 原文", "📄 [2] 原文", "👍", "👎", "要交哪些材料？", "有问题找谁？"]
    assert "reply_to_message" not in answer
    (sent,) = bot.api.called("sendMessage")
    assert sent.arguments["link_preview_options"] == '{"is_disabled": true}'


async def test_the_day_is_the_day_in_china_and_the_question_is_logged_without_a_name(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say(QUESTION)
    await person.hears()
    assert bot.assistant.asked == [(QUESTION, date(2026, 11, 23), (), None)]
    (logged,) = bot.question_log.recent()
    assert (logged.channel, logged.question) == ("telegram", QUESTION)
    assert logged.user_hash == bot.question_log.user_hash("7") != ""


async def test_a_follow_up_carries_the_history_and_reset_drops_it(bot: RunningBot) -> None:
    person = bot.api.person(7)
    for text in (QUESTION, "那纸质材料呢", "/reset", "补多少钱"):
        await person.say(text)
        await person.hears()
    assert [history for _, _, history, _ in bot.assistant.asked] == [(), (QUESTION,), ()]


async def test_two_questions_in_a_row_are_answered_in_their_order(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("慢一点也行，什么时候截止？")
    await person.say("补多少钱？")
    assert "2024年11月22日" in (await person.hears())["text"]
    assert "没有写明" in (await person.hears())["text"]


async def test_start_is_one_sentence_with_three_examples_that_can_be_tapped(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("/start")
    welcome = await person.hears()
    assert welcome["text"] == messages.START["zh"]
    assert labels(welcome) == list(EXAMPLES)
    query = await person.press(welcome, EXAMPLES[0])
    answer = await person.hears()
    assert answer["text"].startswith(f"问：{EXAMPLES[0]}\n\n企业线上申报")
    assert bot.api.callback_answers[query] is not None


async def test_help_speaks_english_to_an_english_client(bot: RunningBot) -> None:
    for language, expected in (("en-GB", "en"), ("zh-hant", "zh"), (None, "zh")):
        person = bot.api.person(8, language=language)
        await person.say("/help")
        assert (await person.hears())["text"] == messages.HELP[expected]


async def test_the_command_menu_is_set_in_two_languages_and_two_scopes(bot: RunningBot) -> None:
    await until(lambda: len(bot.api.commands) == 4)
    menus = {key: [each["command"] for each in menu] for key, menu in bot.api.commands.items()}
    private = [
        *(
            "notices",
            "source",
            "deadlines",
            "check",
            "remind",
            "reminders",
            "subscribe",
            "unsubscribe",
            "timezone",
            "reset",
        ),
        *("privacy", "help", "start"),
    ]
    group = ["ask", "notices", "source", "deadlines", "reset", "help", "start"]
    assert menus == {
        ("all_private_chats", ""): private,
        ("all_private_chats", "zh"): private,
        ("all_group_chats", ""): group,
        ("all_group_chats", "zh"): group,
    }
    assert bot.api.commands["all_private_chats", "zh"][0]["description"] == "选择要问的通知"
    assert bot.api.commands["all_private_chats", ""][0]["description"] == "Choose the notice to ask about"


async def test_a_notice_is_chosen_by_button_and_unchosen(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("/notices")
    menu = await person.hears()
    assert labels(menu) == [TITLE, "关于第二份的通知", "全部"]
    await person.press(menu, TITLE)
    assert f"《{TITLE}》" in (await person.hears())["text"]
    await person.say(QUESTION)
    await person.hears()
    await person.press(menu, "全部")
    assert (await person.hears())["text"] == messages.NOTICE_ALL_CHOSEN
    await person.say(QUESTION)
    await person.hears()
    assert [notice for *_, notice in bot.assistant.asked] == [NOTICE_ID, None]


async def test_a_deep_link_chooses_the_notice(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say(f"/start n_{short_id(NOTICE_ID)}")
    assert f"《{TITLE}》" in (await person.hears())["text"]
    await person.say("/start n_<b>")
    assert (await person.hears())["text"] == messages.NOTICE_GONE
    assert bot.conversations.get("telegram:7:0:7").notice_id == NOTICE_ID


async def test_the_source_command_and_button_show_the_whole_clause(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("/source 1")
    assert (await person.hears())["text"] == messages.SOURCE_NONE_YET
    await person.say(QUESTION)
    answer = await person.hears()
    await person.say("/source 1")
    clause = (await person.hears())["text"]
    assert ONLINE_CLAUSE in clause and "第12行" in clause
    await person.press(answer, "📄 [1]")
    assert (await person.hears())["text"] == clause
    await person.say("/source 9")
    assert (await person.hears())["text"] == messages.SOURCE_UNKNOWN.format(n=9)
    await person.say("/source 哪里")
    assert (await person.hears())["text"] == messages.SOURCE_USAGE


async def test_a_suggestion_is_asked_by_a_tap(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say(QUESTION)
    await person.press(await person.hears(), "要交哪些材料？")
    assert (await person.hears())["text"].startswith("问：要交哪些材料？\n\n")
    assert bot.assistant.asked[-1][:3:2] == ("要交哪些材料？", (QUESTION,))


async def test_votes_count_once_a_person_and_can_be_changed(bot: RunningBot) -> None:
    asker, reader = bot.api.person(7, GROUP), bot.api.person(8, GROUP)
    await asker.say(f"/ask {QUESTION}")
    answer = await asker.hears()
    sent = bot.api.messages[GROUP, answer["message_id"]]
    question_id = bot.question_log.recent()[0].id
    for person, label, votes in (
        (asker, "👍", (1, 0)),
        (asker, "👍", (1, 0)),
        (reader, "👍", (2, 0)),
        (reader, "👎", (1, 1)),
    ):
        query = await person.press(sent, label)
        await until(lambda query=query: bot.api.callback_answers[query] is not None)
        await until(lambda votes=votes: bot.question_log.votes(question_id) == votes)
    await until(lambda: labels(sent)[2:4] == ["👍 1", "👎 1"])
    assert bot.api.callback_answers[query]["text"] == messages.VOTE_WHY


async def test_a_thumb_down_asks_why_and_a_changed_mind_replaces_it(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say(QUESTION)
    answer = await person.hears()
    shown = bot.api.messages[7, answer["message_id"]]
    question_id = bot.question_log.recent()[0].id
    reasons = list(messages.REASONS.values())

    await person.press(shown, "👎")
    await until(lambda: labels(shown)[3:8] == ["👎 1", *reasons])
    query = await person.press(shown, "过时了")
    await until(lambda: bot.question_log.reasons(question_id) == {FeedbackReason.OUTDATED: 1})
    assert bot.api.callback_answers[query]["text"] == messages.REASON_THANKS.format(reason="过时了")
    await until(lambda: labels(shown)[3:5] == ["👎 1", "要交哪些材料？"])

    await person.press_data(shown, f"1:r:{question_id}:1")
    await until(lambda: bot.question_log.reasons(question_id) == {FeedbackReason.WRONG: 1})
    assert bot.question_log.votes(question_id) == (0, 1)
    await person.press(shown, "👍")
    await until(lambda: bot.question_log.votes(question_id) == (1, 0))
    assert bot.question_log.reasons(question_id) == {}


async def test_buttons_of_forgotten_answers_and_older_bots_say_so(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say(QUESTION)
    answer = await person.hears()
    for data in ("1:c:unknownrow:1", "1:u:unknownrow"):
        await person.press_data(answer, data)
        assert (await person.hears())["text"] == messages.EXPIRED
    for data in ("0:c:x:1", "1:zz:x", "1", "1:c:a:b:c", "1:c:x:１"):
        query = await person.press_data(answer, data)
        await until(lambda query=query: bot.api.callback_answers[query] is not None)
        assert bot.api.callback_answers[query]["text"] == messages.EXPIRED
    assert await person.hears_nothing()


async def test_what_is_no_text_gets_one_line_and_an_album_only_one(bot: RunningBot) -> None:
    person = bot.api.person(7)
    picture = [{"file_id": "F", "file_unique_id": "u", "width": 1, "height": 1}]
    await person.send(photo=picture, media_group_id="1")
    await person.send(photo=picture, media_group_id="1")
    await person.send(voice={"file_id": "F", "file_unique_id": "u", "duration": 3})
    assert (await person.hears())["text"] == messages.ONLY_TEXT
    assert (await person.hears())["text"] == messages.ONLY_TEXT
    assert await person.hears_nothing()


async def test_service_messages_and_unknown_commands(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.send(pinned_message=bot.api.new_message(person.user, 7, text="旧"))
    assert await person.hears_nothing()
    await person.say("/weather")
    assert (await person.hears())["text"] == messages.COMMAND_UNKNOWN


async def test_mark_up_in_a_question_is_text(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("<b>截止</b> & </blockquote> \u202e?")
    assert "2024年11月22日" in (await person.hears())["text"]
    assert bot.assistant.asked[0][0].startswith("<b>截止</b> & </blockquote>")


async def test_a_long_answer_comes_in_numbered_parts_with_the_buttons_under_the_last(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("长一点，什么时候截止")
    parts = [await person.hears() for _ in range(3)]
    assert [part["text"].rsplit("\n", 1)[1] for part in parts] == ["(1/3)", "(2/3)", "(3/3)"]
    assert [bool(labels(part)) for part in parts] == [False, False, True]
    assert "第0项：<b>智能制造&" in parts[0]["text"]
    assert sum(part["text"].count("项：") for part in parts) == LONG_ITEMS


async def test_a_failure_is_named_by_a_number_that_the_log_has_too(
    bot: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    person = bot.api.person(7)
    await person.say("故障")
    text = (await person.hears())["text"]
    incidents = [record for record in caplog.records if record.message.startswith("incident")]
    assert len(incidents) == 1
    assert incidents[0].message.split()[1] in text
    await person.say(QUESTION)
    assert "2024年11月22日" in (await person.hears())["text"]


async def test_typing_shows_while_a_question_is_answered(bot: RunningBot) -> None:
    person = bot.api.person(7)
    await person.say("慢")
    await person.hears()
    (typing,) = bot.api.called("sendChatAction")
    (sent,) = bot.api.called("sendMessage")
    assert typing.arguments["action"] == "typing" and typing.at < sent.at


# ---------------------------------------------------------------- edited questions


async def test_an_edited_question_is_answered_in_place(bot: RunningBot) -> None:
    person = bot.api.person(7)
    asked = await person.say("补多少钱？")
    answer = await person.hears()
    assert "没有写明" in answer["text"]
    await person.edit(asked, QUESTION)
    shown = bot.api.messages[7, answer["message_id"]]
    await until(lambda: "2024年11月22日" in shown["text"])
    assert "📄 [1] 原文" in labels(shown)
    assert await person.hears_nothing()
    await person.edit(asked, "长一点，什么时候截止")
    await until(lambda: "(1/3)" in shown["text"])
    assert [(await person.hears())["text"][-5:] for _ in range(2)] == ["(2/3)", "(3/3)"]
    await person.edit(asked, "补多少钱？")
    await until(lambda: len(bot.api.sent_to(7)) == 1)
    assert "没有写明" in bot.api.sent_to(7)[0]


async def test_an_edit_that_changes_no_word_or_comes_late_changes_no_answer(bot: RunningBot) -> None:
    person = bot.api.person(7)
    asked = await person.say(QUESTION)
    answer = await person.hears()
    await person.edit(asked, QUESTION)
    await person.edit(asked, "补多少钱？", after_seconds=301)
    assert await person.hears_nothing()
    assert bot.api.called("editMessageText") == []
    assert "2024年11月22日" in bot.api.messages[7, answer["message_id"]]["text"]


async def test_an_edit_while_the_first_words_are_being_answered_waits_for_them(bot: RunningBot) -> None:
    person = bot.api.person(7)
    asked = await person.say("慢，补多少钱？")
    await person.edit(asked, QUESTION)
    answer = await person.hears()
    await until(lambda: "2024年11月22日" in bot.api.messages[7, answer["message_id"]]["text"])
    assert await person.hears_nothing()


async def test_in_a_group_an_edit_counts_where_the_question_did(bot: RunningBot) -> None:
    person = bot.api.person(7, GROUP)
    chatter = await person.say("大家好")
    await person.edit(chatter, "什么时候截止？")
    assert await person.hears_nothing()
    asked = await person.say("/ask 补多少钱？")
    answer = await person.hears()
    await person.edit(asked, f"/ask {QUESTION}")
    await until(lambda: "2024年11月22日" in bot.api.messages[GROUP, answer["message_id"]]["text"])


# ---------------------------------------------------------------- inline mode and deep links


async def test_a_clause_is_cited_in_any_chat_with_a_link_to_the_whole(bot: RunningBot) -> None:
    person = bot.api.person(7)
    query = await person.types_inline("  截止  时间 ")
    await until(lambda: query in bot.api.inline_answers)
    given = bot.api.inline_answers[query]
    (result,) = given["results"]
    assert result["title"] == f"二、（二）1. 《{TITLE}》"
    assert ONLINE_CLAUSE in result["input_message_content"]["text"]
    url = result["reply_markup"]["inline_keyboard"][0][0]["url"]
    assert url == "https://t.me/notice_bot?start=c_abcdefabcdef"
    assert given["cache_time"] == "300" and given.get("is_personal", "False").lower() == "false"
    assert bot.question_log.recent() == ()

    await bot.api.person(8).say("/start " + url.partition("start=")[2])
    linked = await bot.api.person(8).hears()
    assert ONLINE_CLAUSE in linked["text"] and "第12行" in linked["text"]


async def test_inline_queries_are_remembered_and_those_without_a_clause_lead_to_the_bot(
    bot: RunningBot,
) -> None:
    queries = [await bot.api.person(7 + number).types_inline("截止") for number in range(3)]
    await until(lambda: set(queries) <= set(bot.api.inline_answers))
    nothing = await bot.api.person(7).types_inline("股票")
    empty = await bot.api.person(8).types_inline("")
    await until(lambda: {nothing, empty} <= set(bot.api.inline_answers))
    assert bot.api.inline_answers[nothing]["results"] == []
    assert json.loads(bot.api.inline_answers[empty]["button"])["text"] == messages.INLINE_OPEN
    assert bot.catalogue.searched.count("截止") <= 3 and "" not in bot.catalogue.searched


async def test_unknown_links_are_answered_politely(bot: RunningBot) -> None:
    person = bot.api.person(7)
    for payload in ("c_000000000000", "c_", "c_<b>", "c_" + "a" * 60):
        await person.say(f"/start {payload}")
        assert (await person.hears())["text"] == messages.LINK_UNKNOWN
    for payload in ("inline", "private", "x" * 64, "%00"):
        await person.say(f"/start {payload}")
        assert (await person.hears())["text"] == messages.START["zh"]


# ---------------------------------------------------------------- groups and topics


async def test_in_a_group_the_bot_answers_ask_replies_and_mentions_only(bot: RunningBot) -> None:
    person = bot.api.person(7, GROUP)
    asked = await person.say(f"/ask@notice_bot {QUESTION}")
    answer = await person.hears()
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    await person.say("补多少钱？", reply_to=answer)
    assert "没有写明" in (await person.hears())["text"]
    await person.say(f"@Notice_Bot {QUESTION}")
    assert "2024年11月22日" in (await person.hears())["text"]
    assert [text for text, *_ in bot.assistant.asked] == [QUESTION, "补多少钱？", QUESTION]
    await person.say("什么时候截止，谁知道？")
    await person.say("@other_bot 什么时候截止")
    await person.say("我也想问截止", reply_to=asked)
    assert await person.hears_nothing()


async def test_a_mention_under_someone_elses_question_asks_that_question(bot: RunningBot) -> None:
    first, second = bot.api.person(7, GROUP), bot.api.person(8, GROUP)
    asked = await first.say(QUESTION)
    await second.say("@notice_bot", reply_to=asked)
    await second.hears()
    await second.say("/ask", reply_to=asked)
    await second.hears()
    assert [text for text, *_ in bot.assistant.asked] == [QUESTION, QUESTION]
    await second.say("/ask")
    assert (await second.hears())["text"] == messages.ASK_USAGE


async def test_every_part_of_a_long_answer_in_a_group_quotes_the_question(bot: RunningBot) -> None:
    person = bot.api.person(7, GROUP)
    asked = await person.say("/ask 长，什么时候截止")
    for _ in range(3):
        assert (await person.hears())["reply_to_message"]["message_id"] == asked["message_id"]


async def test_a_deleted_question_is_answered_all_the_same(bot: RunningBot) -> None:
    person = bot.api.person(7, GROUP)
    asked = await person.say("/ask 慢，什么时候截止")
    del bot.api.messages[GROUP, asked["message_id"]]
    assert "reply_to_message" not in await person.hears()


async def test_a_private_chat_does_not_show_in_a_group(bot: RunningBot) -> None:
    alone, in_group = bot.api.person(7), bot.api.person(7, GROUP)
    await alone.say(QUESTION)
    await alone.hears()
    await in_group.say("/ask 那材料呢")
    await in_group.hears()
    assert [history for _, _, history, _ in bot.assistant.asked] == [(), ()]


async def test_a_topic_is_answered_in_the_topic_and_a_chain_of_replies_is_none(bot: RunningBot) -> None:
    person = bot.api.person(7, GROUP, topic=55)
    await person.say("/ask 慢，什么时候截止")
    answer = await person.hears()
    assert answer["message_thread_id"] == 55
    assert bot.api.called("sendChatAction")[0].arguments["message_thread_id"] == "55"
    chain = bot.api.person(7, GROUP)
    await chain.say(f"/ask {QUESTION}", message_thread_id=77)
    assert "message_thread_id" not in await chain.hears()
    await chain.say("/ask 那材料呢")
    await chain.hears()
    assert [history for _, _, history, _ in bot.assistant.asked] == [(), (), (QUESTION,)]


async def test_the_root_of_a_topic_is_no_reply_to_the_bot(tmp_path: Path) -> None:
    async with running_bot(tmp_path, BotApiServer()) as bot:
        person = bot.api.person(7, GROUP, topic=55)
        root = bot.api.new_message(
            bot.api.me, GROUP, forum_topic_created={"name": "申报", "icon_color": 7322096}
        )
        await person.say("大家好，什么时候截止？", reply_to=root)
        assert await person.hears_nothing()
        await asyncio.sleep(0)
    assert bot.assistant.asked == []
