"""What a chat remembers: its last questions and its chosen notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from bot.conversation import Conversation, Conversations

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_minutes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_conversations(database_url: str, clock: Clock) -> Callable[..., Conversations]:
    return lambda **options: Conversations.open(database_url, clock, **options)


def test_unknown_chat_has_no_history(open_conversations: Callable[..., Conversations]) -> None:
    assert open_conversations().get("telegram:1:0:2") == Conversation((), None)


def test_last_five_questions_are_kept_oldest_first(open_conversations: Callable[..., Conversations]) -> None:
    conversations = open_conversations()
    for number in range(7):
        conversations.remember("terminal", f"问题{number}")
    assert conversations.get("terminal").history == ("问题2", "问题3", "问题4", "问题5", "问题6")


def test_length_of_history_can_be_chosen(open_conversations: Callable[..., Conversations]) -> None:
    conversations = open_conversations(history_length=10)
    for number in range(12):
        conversations.remember("terminal", str(number))
    assert conversations.get("terminal").history == tuple(map(str, range(2, 12)))


def test_history_outlives_the_process(open_conversations: Callable[..., Conversations]) -> None:
    open_conversations().remember("terminal", "什么时候截止")
    assert open_conversations().get("terminal").history == ("什么时候截止",)


def test_chats_do_not_mix(open_conversations: Callable[..., Conversations]) -> None:
    conversations = open_conversations()
    conversations.remember("telegram:1:0:2", "甲的问题")
    conversations.set_notice("telegram:1:0:2", "甲")
    assert conversations.get("telegram:1:0:3") == Conversation((), None)


def test_history_is_forgotten_after_thirty_silent_minutes(
    open_conversations: Callable[..., Conversations], clock: Clock
) -> None:
    conversations = open_conversations()
    conversations.remember("terminal", "甲", clock())
    clock.pass_minutes(30)
    assert conversations.get("terminal").history == ("甲",)
    clock.pass_minutes(0.1)
    assert conversations.get("terminal").history == ()


def test_silence_counts_from_the_last_question_not_the_first(
    open_conversations: Callable[..., Conversations], clock: Clock
) -> None:
    conversations = open_conversations()
    for text in ("甲", "乙", "丙"):
        conversations.remember("terminal", text)
        clock.pass_minutes(20)
    assert conversations.get("terminal").history == ("甲", "乙", "丙")


def test_questions_from_before_a_silence_do_not_come_back(
    open_conversations: Callable[..., Conversations], clock: Clock
) -> None:
    conversations = open_conversations()
    conversations.remember("terminal", "旧话题")
    clock.pass_minutes(31)
    conversations.remember("terminal", "新话题")
    assert conversations.get("terminal").history == ("新话题",)


def test_chosen_notice_stays_until_another_is_chosen(
    open_conversations: Callable[..., Conversations], clock: Clock
) -> None:
    conversations = open_conversations()
    conversations.set_notice("terminal", "第一份")
    conversations.set_notice("terminal", "第二份")
    clock.pass_minutes(600)
    assert open_conversations().get("terminal").notice_id == "第二份"
    conversations.set_notice("terminal", None)
    assert conversations.get("terminal").notice_id is None


def test_reset_keeps_the_notice_and_forget_keeps_nothing(
    open_conversations: Callable[..., Conversations],
) -> None:
    conversations = open_conversations()
    for key in ("a", "b"):
        conversations.remember(key, "问")
        conversations.set_notice(key, "第一份")
    conversations.reset("a")
    assert conversations.get("a") == Conversation((), "第一份")
    conversations.forget("a")
    assert conversations.get("a") == Conversation((), None)
    assert conversations.get("b") == Conversation(("问",), "第一份")


def test_questions_with_controls_and_surrogates_are_kept(
    open_conversations: Callable[..., Conversations],
) -> None:
    conversations = open_conversations()
    conversations.remember("终端\ud800", "甲\x00\x1b\ud83d乙")
    assert conversations.get("终端\ud800").history == ("甲\ufffd\x1b\ufffd乙",)


def test_two_connections_write_at_once_without_loss(open_conversations: Callable[..., Conversations]) -> None:
    both = [open_conversations(history_length=100) for _ in range(2)]

    def write(number: int) -> None:
        for turn in range(20):
            both[number].remember("terminal", f"{number}-{turn}")

    threads = [Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(both[0].get("terminal").history) == sorted(f"{n}-{t}" for n in range(2) for t in range(20))


def test_unusable_database_costs_no_conversation(capfd: pytest.CaptureFixture[str]) -> None:
    conversations = Conversations.open("sqlite:////proc/nowhere/questions.db")
    conversations.remember("terminal", "甲")
    assert conversations.get("terminal").history == ("甲",)
