"""Reminders, subscriptions and the outbox: kept, claimed once, moved with their dates, gone with the person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from bot.conversation import Conversations
from bot.questions.database import Database, metadata, open_database, outbox
from bot.questions.inbox import Inbox
from bot.questions.log import QuestionLog
from bot.questions.outbox import MOST_TRIES, Outbox, Outgoing
from bot.questions.privacy import PersonalData, personal_tables
from bot.questions.recipients import MOST_REMINDERS, Recipients, TooMany
from bot.reminders import Deadline
from tests.example_answers import deadline_answer

CHINA = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 1, 10, 0, tzinfo=CHINA)
DEADLINE = Deadline("n", "关于申报的通知", "2026-12-01", "申报主体", "完成线上申报", "二、（二）1.")
PERSON, OTHER = 7_000_000_007, 8


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(database_url: str) -> Database:
    return open_database(database_url)


@pytest.fixture
def people(database: Database, clock: Clock) -> Recipients:
    return Recipients(database, clock)


@pytest.fixture
def mail(database: Database, clock: Clock) -> Outbox:
    return Outbox(database, clock)


def claim_at(mail: Outbox, clock: Clock, moment: str) -> list[tuple[str, int]]:
    """(kind, days before) of what is claimed at a moment in China, and sent."""
    clock.now = datetime.fromisoformat(moment).replace(tzinfo=CHINA)
    claimed = mail.claim()
    for message in claimed:
        mail.sent(message)
    return [(message.kind, int(message.body.get("days", 0))) for message in claimed]


# ---------------------------------------------------------------- reminders


def test_a_reminder_is_due_three_times_and_each_leaves_once(
    people: Recipients, mail: Outbox, clock: Clock
) -> None:
    _, moments = people.remind(PERSON, "hash", DEADLINE)
    assert [moment.isoformat()[:16] for moment in moments] == [
        "2026-11-17T09:00",
        "2026-11-24T09:00",
        "2026-11-30T09:00",
    ]
    assert people.remind(PERSON, "hash", DEADLINE)[0] == people.reminders(PERSON)[0]
    assert claim_at(mail, clock, "2026-11-17T08:59") == []
    assert claim_at(mail, clock, "2026-11-17T09:00") == [("reminder", 14)]
    assert claim_at(mail, clock, "2026-11-17T09:01") == []
    assert claim_at(mail, clock, "2026-11-24T09:00") == [("reminder", 7)]
    assert claim_at(mail, clock, "2026-12-20T09:00") == [("reminder", 1)]


def test_a_dropped_reminder_is_not_sent_and_only_its_owner_drops_it(
    people: Recipients, mail: Outbox, clock: Clock
) -> None:
    reminder, _ = people.remind(PERSON, "hash", DEADLINE)
    assert people.drop_reminder(OTHER, reminder.id) is False
    assert people.drop_reminder(PERSON, reminder.id) is True
    assert people.reminders(PERSON) == ()
    assert claim_at(mail, clock, "2026-11-24T09:00") == []


def test_another_zone_moves_the_hours_and_repeats_nothing(
    people: Recipients, mail: Outbox, clock: Clock
) -> None:
    people.remind(PERSON, "hash", DEADLINE)
    assert claim_at(mail, clock, "2026-11-17T09:00") == [("reminder", 14)]
    people.set_time_zone(PERSON, "hash", ZoneInfo("Europe/London"))
    assert claim_at(mail, clock, "2026-11-24T16:59") == []
    assert claim_at(mail, clock, "2026-11-24T17:00") == [("reminder", 7)]
    people.set_time_zone(PERSON, "hash", CHINA)
    assert claim_at(mail, clock, "2026-11-30T09:00") == [("reminder", 1)]


def test_a_date_that_moves_takes_its_reminders_along_and_says_so_once(
    people: Recipients, mail: Outbox, clock: Clock
) -> None:
    people.remind(PERSON, "hash", DEADLINE)
    later = replace(DEADLINE, value="2026-12-15")
    assert people.follow(lambda _: (later,)) == 1
    assert people.follow(lambda _: (later,)) == 0
    (told,) = mail.claim()
    assert told.kind == "moved" and told.body["before"]["value"] == "2026-12-01"
    mail.sent(told)
    assert people.reminders(PERSON)[0].deadline == later
    assert claim_at(mail, clock, "2026-11-30T09:00") == []
    assert claim_at(mail, clock, "2026-12-01T09:00") == [("reminder", 14)]


def test_a_date_that_moves_there_and_back_is_reminded_of(
    people: Recipients, mail: Outbox, clock: Clock
) -> None:
    people.remind(PERSON, "hash", DEADLINE)
    people.follow(lambda _: (replace(DEADLINE, value="2026-12-15"),))
    clock.now += timedelta(minutes=1)
    people.follow(lambda _: (DEADLINE,))
    assert [kind for kind, _ in claim_at(mail, clock, "2026-11-01T12:00")] == ["moved", "moved"]
    assert claim_at(mail, clock, "2026-11-17T09:00") == [("reminder", 14)]


def test_a_deadline_that_is_gone_says_so_and_ends(people: Recipients, mail: Outbox, clock: Clock) -> None:
    people.remind(PERSON, "hash", DEADLINE)
    assert people.follow(lambda _: ()) == 1
    assert people.follow(lambda _: ()) == 0
    assert claim_at(mail, clock, "2026-11-24T09:00") == [("gone", 0)]
    assert people.reminders(PERSON) == ()


def test_a_past_deadline_that_is_gone_says_nothing(people: Recipients, mail: Outbox, clock: Clock) -> None:
    people.remind(PERSON, "hash", replace(DEADLINE, value="2026-11-02"))
    clock.now = datetime(2026, 11, 5, 10, tzinfo=CHINA)
    assert people.follow(lambda _: ()) == 0
    assert people.follow(lambda _: (replace(DEADLINE, value="2026-11-20"),)) == 1


def test_news_at_night_wait_for_the_morning(people: Recipients, mail: Outbox, clock: Clock) -> None:
    people.remind(PERSON, "hash", DEADLINE)
    clock.now = datetime(2026, 11, 2, 2, 0, tzinfo=CHINA)
    people.follow(lambda _: (replace(DEADLINE, value="2026-12-15"),))
    assert mail.claim() == ()
    assert claim_at(mail, clock, "2026-11-02T09:00") == [("moved", 0)]


def test_there_is_an_end_to_one_persons_reminders(people: Recipients) -> None:
    for number in range(MOST_REMINDERS):
        people.remind(PERSON, "hash", replace(DEADLINE, section=f"{number}."))
    with pytest.raises(TooMany):
        people.remind(PERSON, "hash", replace(DEADLINE, section="more"))
    people.remind(OTHER, "hash2", DEADLINE)


# ---------------------------------------------------------------- subscriptions


def test_subscribers_hear_of_a_version_once(people: Recipients, mail: Outbox, clock: Clock) -> None:
    for _ in range(2):
        people.subscribe(PERSON, "hash", "n")
    people.subscribe(OTHER, "hash2", "n")
    people.subscribe(OTHER, "hash2", "another")
    assert people.subscribers("n") == (OTHER, PERSON)
    assert people.tell_subscribers("v2", "n", "通知", ["电话：1 → 2"]) == 2
    assert people.tell_subscribers("v2", "n", "通知", ["电话：1 → 2"]) == 0
    assert claim_at(mail, clock, "2026-11-01T12:00") == [("changed", 0), ("changed", 0)]
    assert people.unsubscribe(PERSON, "n") and not people.unsubscribe(PERSON, "n")
    assert people.tell_subscribers("v3", "n", "通知", ["电话：2 → 3"]) == 1


# ---------------------------------------------------------------- the outbox


def message(key: str = "k", chat_id: int = PERSON) -> Outgoing:
    return Outgoing(key, chat_id, "changed", START, {"lines": []})


def test_of_many_that_claim_at_once_each_message_has_one_taker(mail: Outbox) -> None:
    assert mail.add([message(f"k{number}") for number in range(40)]) == 40
    assert mail.add([message("k1")]) == 0
    with ThreadPoolExecutor(8) as pool:
        claimed = [each.key for batch in pool.map(lambda _: mail.claim(10), range(8)) for each in batch]
    claimed += [each.key for each in mail.claim(40)]
    assert sorted(claimed) == sorted(f"k{number}" for number in range(40))


def test_what_did_not_leave_is_due_again(mail: Outbox, clock: Clock) -> None:
    mail.add([message()])
    (first,) = mail.claim()
    mail.released(first, START + timedelta(minutes=5))
    assert mail.claim() == ()
    clock.now += timedelta(minutes=5)
    (again,) = mail.claim()
    assert (again.doubtful, again.tries) == (False, 1)


def test_a_message_in_doubt_is_repeated_and_marked_until_its_fate_is_known(mail: Outbox) -> None:
    mail.add([message("known"), message("never known")])
    for number in range(MOST_TRIES):
        claimed = {each.key: each for each in mail.claim()}
        assert all(each.doubtful == (number > 0) for each in claimed.values())
        mail.in_doubt(claimed["never known"], START)
        if number == 0:
            mail.in_doubt(claimed["known"], START)
        elif number == 1:
            mail.sent(claimed["known"])
        else:
            assert set(claimed) == {"never known"}
    assert mail.claim() == ()


def test_what_was_on_the_way_when_the_process_ended_is_repeated_and_marked(
    mail: Outbox, database: Database, clock: Clock
) -> None:
    mail.add([message("sent"), message("on its way"), message("waiting")])
    for each in mail.claim(3):
        if each.key == "sent":
            mail.sent(each)
        elif each.key == "waiting":
            mail.released(each, START)
    restarted = Outbox(database, clock)
    assert restarted.recover() == 1
    assert {each.key: each.doubtful for each in restarted.claim()} == {"on its way": True, "waiting": False}
    assert Outbox(database, clock).recover() == 2
    assert all(each.doubtful for each in restarted.claim())


def test_who_blocks_the_bot_gets_nothing_until_he_writes(people: Recipients, mail: Outbox) -> None:
    people.subscribe(PERSON, "hash", "n")
    mail.add([message()])
    people.blocked(PERSON)
    assert mail.claim() == () and people.blocked_chats() == {PERSON} and people.subscribers("n") == ()
    people.writes_again(PERSON)
    assert [each.key for each in mail.claim()] == ["k"]


# ---------------------------------------------------------------- whose rows they are


def fill(database: Database, clock: Clock, chat_id: int) -> str:
    """Rows of one person in every table of people."""
    log = QuestionLog(database, clock)
    person = log.user_hash(str(chat_id))
    question_id = log.record(
        deadline_answer(f"{chat_id} 问：什么时候截止？"), channel="telegram", user=str(chat_id)
    )
    log.feedback(question_id, str(chat_id), -1)
    conversations = Conversations(database, clock)
    for chat in (chat_id, -100):
        conversations.remember(f"telegram:{chat}:0:{chat_id}", "什么时候截止？")
        conversations.set_notice(f"telegram:{chat}:0:{chat_id}", "n")
    Inbox(database, clock).take(chat_id, "payload", person)
    people = Recipients(database, clock)
    people.remind(chat_id, person, DEADLINE)
    people.subscribe(chat_id, person, "n")
    return person


def count(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {table.name: len(connection.execute(select(table)).all()) for table in personal_tables()}


def test_all_of_a_person_goes_and_nothing_of_another(database: Database, clock: Clock) -> None:
    fill(database, clock, OTHER)
    alone = count(database.engine)
    person = fill(database, clock, PERSON)
    data = PersonalData(database, clock)
    assert data.erase(person, PERSON) > 8
    assert count(database.engine) == alone
    assert data.export(person, PERSON) == {}


def test_every_table_that_can_hold_a_person_is_known(database: Database, clock: Clock) -> None:
    impersonal = {"meta", "heartbeats", "audit"}
    fill(database, clock, PERSON)
    filled = {name for name, rows in count(database.engine).items() if rows}
    assert {"questions", "feedback", "updates", "turns", "conversations"} <= filled
    assert {"recipients", "reminders", "subscriptions", "outbox"} <= filled
    for table in set(metadata.tables.values()) - set(personal_tables()):
        columns = {column.name for column in table.columns}
        assert table.name in impersonal or not columns & {"user", "person", "user_id", "asker"}


def test_an_export_holds_the_persons_words_and_no_hash(database: Database, clock: Clock) -> None:
    person = fill(database, clock, PERSON)
    fill(database, clock, OTHER)
    exported = PersonalData(database, clock).export(person, PERSON)
    (question,) = exported["questions"]
    assert question["question"] == f"{PERSON} 问：什么时候截止？"
    assert question["asked_at"] == START.astimezone(UTC).isoformat()
    assert exported["reminders"][0]["deadline"]["value"] == "2026-12-01"
    assert len(exported["turns"]) == 2
    assert person not in repr(exported) and f"{OTHER} 问" not in repr(exported)


def test_what_is_too_old_goes_with_its_votes(database: Database, clock: Clock) -> None:
    person = fill(database, clock, PERSON)
    data = PersonalData(database, clock)
    clock.now += timedelta(days=364)
    fill(database, clock, OTHER)
    clock.now += timedelta(days=2)
    assert data.forget_old(365) >= 2
    left = data.export(person, PERSON)
    assert not {"questions", "feedback", "turns", "reminders"} & set(left)
    assert len(QuestionLog(database, clock).recent()) == 1
    assert data.forget_old(0) == 0 and len(QuestionLog(database, clock).recent()) == 1


def test_old_rows_go_once_a_day_and_at_once_after_another_retention(database: Database, clock: Clock) -> None:
    fill(database, clock, PERSON)
    data, log = PersonalData(database, clock), QuestionLog(database, clock)
    clock.now += timedelta(days=40)
    assert data.forget_daily(60) > 0 and len(log.recent()) == 1  # the conversation
    log.record(deadline_answer(), channel="web", asked_at=START - timedelta(days=90))
    assert data.forget_daily(60) == 0 and len(log.recent()) == 2
    assert PersonalData(database, clock).forget_daily(30) >= 2 and log.recent() == ()
    log.record(deadline_answer(), channel="web", asked_at=START - timedelta(days=90))
    clock.now += timedelta(days=1)
    assert data.forget_daily(30) >= 1 and log.recent() == ()


def test_a_database_that_fails_keeps_old_rows_for_another_day(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'state.db'}")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE turns")
    assert PersonalData(database, clock).forget_daily(365) == 0
    assert "下次启动时再删" in caplog.text


def test_sent_messages_are_remembered_for_a_while(mail: Outbox, database: Database, clock: Clock) -> None:
    mail.add([message()])
    mail.sent(mail.claim()[0])
    data = PersonalData(database, clock)
    data.forget_old(365)
    assert mail.add([message()]) == 0
    clock.now += timedelta(days=31)
    data.forget_old(365)
    with database.engine.connect() as connection:
        assert connection.execute(select(outbox)).all() == []
