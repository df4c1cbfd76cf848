"""What staff do in Telegram: uploads, the index, reports, announcements."""

from __future__ import annotations

import asyncio
import io
import shutil
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from sqlalchemy.exc import SQLAlchemyError

from bot.assistant import Assistant
from bot.catalogue import Change
from bot.changes import FactChange
from bot.channels.telegram import messages, staff_messages
from bot.channels.telegram.logs import RedactingFilter
from bot.channels.telegram.staff import StaffAction, StaffPress
from bot.channels.telegram.staff_drafts import FaqPages
from bot.channels.telegram.staff_progress import SECONDS_BETWEEN_EDITS
from bot.channels.telegram.staff_uploads import folder_name_of, likely_first
from bot.embedding import Vectors
from bot.errors import FaqError
from bot.index.building import build_index
from bot.index.receipts import BuildProgress, BuildReceipt, BuildStage, Progress
from bot.index.store import IndexStore
from bot.index.versions import current_version
from bot.publishing import Tell
from bot.quarantine import UploadState
from bot.questions.audit import Audit
from bot.questions.database import open_database
from bot.questions.log import QuestionLog
from bot.questions.outbox import Outbox
from bot.questions.recipients import Recipients
from bot.questions.reporting import Reporter
from bot.ranking import Ranker
from tests.botapi_server import BotApiServer, Json, Person, labels
from tests.bundled_encoder import bundled_encoder
from tests.staff_fixtures import (
    LATER,
    NOTICE,
    OTHER_STAFF,
    STAFF,
    STRANGER,
    TEXT,
    StaffedBot,
    group,
    published_notice,
    staffed_bot,
)
from tests.telegram_bot_process import NOW
from tests.telegram_fixtures import until

PARK = """关于开展绿色园区评价的通知

各园区：

一、评价范围
省级以上园区。

江海市生态环境局
2025年3月1日
"""


@pytest_asyncio.fixture
async def bot(tmp_path: Path) -> AsyncIterator[StaffedBot]:
    async with staffed_bot(tmp_path) as running:
        yield running


async def hears(person: Person, beginning: str) -> Json:
    """The bot's next message with these words in it; what comes before is read and passed over."""
    while True:
        message = await person.hears(20)
        if beginning in message.get("text", message.get("caption", "")):
            return message


async def checked(person: Person, name: str, text: str) -> Json:
    """The receipt of a file sent for the notice."""
    await person.send_document(name, text.encode())
    await person.press(await hears(person, "放进哪一份通知"), NOTICE)
    return await hears(person, NOTICE)


# ---------------------------------------------------------------- an upload from beginning to end


async def test_a_document_is_checked_published_and_taken_back(bot: StaffedBot) -> None:
    member, version = bot.api.person(STAFF), current_version(bot.index_root)
    await member.send_document("通知.txt", LATER.encode())
    asked = await hears(member, "收到 1 个文件")
    assert "通知.txt" in asked["text"] and "还没有进知识库" in asked["text"]
    assert labels(asked) == [NOTICE, "➕ 新通知", "🗑 放弃"]

    await member.press(asked, NOTICE)
    receipt = await hears(member, f"通知：{NOTICE}")
    assert "替换：通知.txt" in receipt["text"]
    assert "· 截止日期：2025年6月30日 → 2025年7月15日（一、，企业）" in receipt["text"]
    assert labels(receipt) == ["✅ 发布", "🗑 放弃", "换一份通知"]
    assert bot.files() == {f"{NOTICE}/通知.txt": TEXT}
    assert current_version(bot.index_root) == version

    await member.press(receipt, "✅ 发布")
    done = await hears(member, "已发布")
    assert current_version(bot.index_root) in done["text"]
    assert "2025年6月30日 → 2025年7月15日" in done["text"]
    assert bot.published_dates() == {"2025-07-15", "2025-05-06"}
    assert labels(done) == ["↩️ 回退"]

    await member.press(done, "↩️ 回退")
    sure = await hears(member, "退回这次发布？")
    assert bot.published_dates() == {"2025-07-15", "2025-05-06"}
    await member.press(sure, "确定")
    assert version in (await hears(member, "已退回"))["text"]
    assert bot.published_dates() == {"2025-06-30", "2025-05-06"}
    assert bot.files() == {f"{NOTICE}/通知.txt": TEXT}
    assert bot.acts == [
        ("telegram:7", "upload.received"),
        ("telegram:7", "upload.published"),
        ("telegram:7", "upload.taken_back"),
    ]


async def test_an_album_is_one_upload(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    for number in (1, 2, 3):
        await member.send_document(f"附件{number}.txt", f"附件{number}\n表".encode(), media_group_id="album")
    asked = await hears(member, "收到 3 个文件")
    await member.press(asked, NOTICE)
    receipt = await hears(member, f"通知：{NOTICE}")
    assert [f"新增：附件{n}.txt" in receipt["text"] for n in (1, 2, 3)] == [True] * 3
    await member.press(receipt, "✅ 发布")
    await hears(member, "已发布")
    assert set(bot.files()) == {
        f"{NOTICE}/{name}" for name in ("通知.txt", "附件1.txt", "附件2.txt", "附件3.txt")
    }
    assert len(bot.publishing.quarantine.all()) == 1


async def test_a_new_notice_gets_a_folder_named_by_its_title_or_by_a_reply(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.send_document("新建文本文档.txt", PARK.encode())
    await member.press(await hears(member, "放进哪一份通知"), "➕ 新通知")
    receipt = await hears(member, "新通知，文件夹名：绿色园区评价")
    assert "知识库里原来没有这份通知" in receipt["text"]

    await member.say("../../绿色园区", reply_to=receipt)
    assert (await hears(member, "名字"))["text"] == staff_messages.NAME_WRONG
    await member.say("绿色园区", reply_to=receipt)
    renamed = await hears(member, "新通知，文件夹名：绿色园区")
    await member.press(renamed, "✅ 发布")
    await hears(member, "已发布")
    assert bot.files()["绿色园区/新建文本文档.txt"] == PARK


async def test_an_ordinary_reply_of_a_member_is_a_question(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.say("什么时候截止申报？")
    answer = await member.hears()
    await member.say("那纸质材料呢", reply_to=answer)
    await member.hears()
    assert [asked for asked, *_ in bot.running.assistant.asked] == ["什么时候截止申报？", "那纸质材料呢"]


async def test_a_file_of_another_name_is_added_or_takes_the_place_of_one(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.send_document("通知（修订）.txt", LATER.encode())
    await member.press(await hears(member, "放进哪一份通知"), NOTICE)
    choice = await hears(member, "新增的文件，还是替换")
    assert labels(choice) == ["新增这个文件", "替换 通知.txt", "换一份通知"]
    await member.press(choice, "替换 通知.txt")
    receipt = await hears(member, "替换：通知.txt → 通知（修订）.txt")
    await member.press(receipt, "✅ 发布")
    await hears(member, "已发布")
    assert bot.files() == {f"{NOTICE}/通知（修订）.txt": LATER}


async def test_an_upload_can_go_to_another_notice_or_be_dropped(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    receipt = await checked(member, "通知.txt", LATER)
    await member.press(receipt, "换一份通知")
    asked = await hears(member, "放进哪一份通知")
    await member.press(asked, "🗑 放弃")
    await hears(member, "已放弃")
    query = await member.press_data(
        receipt, StaffPress(StaffAction.PUBLISH, bot.publishing.quarantine.all()[0].id).data
    )
    await until(lambda: bot.api.callback_answers[query] is not None)
    await hears(member, "处理过了")
    assert bot.files() == {f"{NOTICE}/通知.txt": TEXT}
    assert bot.acts[-1] == ("telegram:7", "upload.discarded")


# ---------------------------------------------------------------- what is not taken in


async def test_a_file_over_the_limit_is_refused_before_it_is_fetched(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.send(
        document={
            "file_id": "big",
            "file_unique_id": "big",
            "file_name": "大.pdf",
            "file_size": (20 << 20) + 1,
        }
    )
    text = (await member.hears())["text"]
    assert "大.pdf" in text and "20.0 MB" in text and "20 MB 以内" in text
    assert bot.api.called("getFile") == []


async def test_a_file_whose_size_nobody_says_is_refused_by_telegram_with_the_same_words(
    bot: StaffedBot,
) -> None:
    bot.api.files["big"] = bytes((20 << 20) + 1)
    member = bot.api.person(STAFF)
    await member.send(document={"file_id": "big", "file_unique_id": "big", "file_name": "大.pdf"})
    assert "20 MB 以内" in (await hears(member, "大.pdf"))["text"]
    assert bot.publishing.quarantine.pending() == ()
    assert await member.hears_nothing(0.5)


@pytest.mark.parametrize("name", ["工具.exe", "脚本.py", "视频.mp4"], ids=["exe", "py", "mp4"])
async def test_a_file_of_no_known_kind_is_refused_with_those_that_are(bot: StaffedBot, name: str) -> None:
    member = bot.api.person(STAFF)
    await member.send_document(name, b"x")
    text = (await member.hears())["text"]
    assert name in text and "docx" in text and "pdf" in text
    assert bot.api.called("getFile") == []


async def test_a_photo_is_asked_for_as_a_file(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.send(photo=[{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}])
    assert (await member.hears())["text"] == staff_messages.AS_PICTURE


async def test_a_forwarded_document_is_an_upload(bot: StaffedBot) -> None:
    """Files often come from another chat; nothing happens to them before a member decides."""
    member = bot.api.person(STAFF)
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "某"}
    await member.send_document("通知.txt", LATER.encode(), forward_origin=origin)
    await hears(member, "收到 1 个文件")


async def test_a_broken_download_is_tried_again_and_then_told(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    bot.api.cut("download", delivered=False)
    bot.api.cut("download", delivered=False)
    await member.send_document("通知.txt", LATER.encode())
    await hears(member, "收到 1 个文件")
    for _ in range(3):
        bot.api.cut("download", delivered=False)
    await member.send_document("通知.txt", LATER.encode())
    await hears(member, "没能从 Telegram 下载下来")
    assert len(bot.publishing.quarantine.pending()) == 1


async def test_a_file_that_cannot_be_read_cannot_be_published(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.send_document("附件1.docx", b"PK\x03\x04 not a document")
    await member.press(await hears(member, "放进哪一份通知"), NOTICE)
    await member.press(await hears(member, "新增的文件，还是替换"), "新增这个文件")
    receipt = await hears(member, "不能发布")
    assert "不能发布：\n附件1.docx：" in receipt["text"]
    assert labels(receipt) == ["🗑 放弃", "换一份通知"]


async def test_a_name_with_a_path_stays_inside_the_folder(bot: StaffedBot, tmp_path: Path) -> None:
    member = bot.api.person(STAFF)
    receipt_of = "../../../evil\u202e.txt"
    await member.send_document(receipt_of, LATER.encode())
    await member.press(await hears(member, "放进哪一份通知"), NOTICE)
    await member.press(await hears(member, "新增的文件，还是替换"), "新增这个文件")
    await member.press(await hears(member, "新增：evil.txt"), "✅ 发布")
    await hears(member, "已发布")
    assert set(bot.files()) == {f"{NOTICE}/通知.txt", f"{NOTICE}/evil.txt"}
    assert not list(tmp_path.parent.glob("evil*"))


# ---------------------------------------------------------------- two people, restarts


async def test_the_second_member_sees_who_is_publishing(tmp_path: Path) -> None:
    gate, began = threading.Event(), threading.Event()

    def slow(progress: Progress, *, wait_seconds: float, waiting: Tell) -> BuildReceipt:
        began.set()
        gate.wait(20)
        return build_index(tmp_path / "knowledge", tmp_path / "index", bundled_encoder(), progress)

    async with staffed_bot(tmp_path, build=slow) as bot:
        first, second = bot.api.person(STAFF), bot.api.person(OTHER_STAFF)
        first.user["first_name"] = "李四"
        receipt = await checked(first, "通知.txt", LATER)
        await first.press(receipt, "✅ 发布")
        await asyncio.to_thread(began.wait, 20)
        await first.press(receipt, "✅ 发布") if labels(receipt) else None
        await second.say("/refresh")
        assert "李四正在发布上传的文件" in (await hears(second, "没有完成"))["text"]
        await second.say("/status")
        assert "李四正在发布上传的文件" in (await hears(second, "版本"))["text"]
        gate.set()
        await hears(first, "已发布")
        assert bot.published_dates() == {"2025-07-15", "2025-05-06"}
        assert [act for _, act in bot.acts].count("upload.published") == 1


async def test_long_work_shows_how_far_it_is_in_one_message(tmp_path: Path) -> None:
    gate = threading.Event()

    def slow(progress: Progress, *, wait_seconds: float, waiting: Tell) -> BuildReceipt:
        for done in range(200):
            progress(BuildProgress(BuildStage.ENCODING, done, 200))
        gate.wait(20)
        return build_index(tmp_path / "knowledge", tmp_path / "index", bundled_encoder(), progress)

    async with staffed_bot(tmp_path, build=slow) as bot:
        member = bot.api.person(STAFF)
        await member.say("/refresh")
        shown = await hears(member, staff_messages.REFRESHING)
        await until(lambda: "计算向量 199/200" in shown["text"], SECONDS_BETWEEN_EDITS * 2)
        gate.set()
        await hears(member, "没有变化")
        assert len(bot.api.called("editMessageText")) == 1


async def test_pending_uploads_survive_a_restart_and_status_goes_on_with_them(tmp_path: Path) -> None:
    async with staffed_bot(tmp_path) as bot:
        member = bot.api.person(STAFF)
        await checked(member, "通知.txt", LATER)
    async with staffed_bot(tmp_path, BotApiServer(first_update=1000)) as bot:
        member = bot.api.person(OTHER_STAFF)
        await member.say("/status")
        status = await hears(member, "待发布的上传 1 批")
        assert "1. 通知.txt（用户7" in status["text"]
        assert "正在回答或排队的问题：3 个。" in status["text"]
        assert "暂停使用的常见问题（所依据的条款变了）：补多少钱？" in status["text"]
        await member.press(status, "处理第 1 批")
        await member.press(await hears(member, "放进哪一份通知"), NOTICE)
        await member.press(await hears(member, "要发布吗"), "✅ 发布")
        await hears(member, "已发布")
        assert bot.published_dates() == {"2025-07-15", "2025-05-06"}


async def test_an_interrupted_publication_is_told_to_its_sender_at_the_next_start(tmp_path: Path) -> None:
    async with staffed_bot(tmp_path) as bot:
        await checked(bot.api.person(STAFF), "通知.txt", LATER)
        (upload,) = bot.publishing.quarantine.pending()
        bot.publishing.quarantine.place(upload.id, current_version(bot.index_root))
        assert bot.published_dates() == {"2025-06-30", "2025-05-06"}  # and here the process ends
    async with staffed_bot(tmp_path, BotApiServer(first_update=1000)) as bot:
        member = bot.api.person(STAFF)
        told = await hears(member, "没有发布完")
        assert labels(told) == ["✅ 继续发布", "🗑 放弃"]
        await member.press(told, "✅ 继续发布")
        await hears(member, "已发布")
        assert bot.published_dates() == {"2025-07-15", "2025-05-06"}
        assert bot.publishing.quarantine.all()[0].state is UploadState.PUBLISHED


# ---------------------------------------------------------------- the whole index


async def test_refresh_publishes_what_the_folder_holds_and_names_what_failed(bot: StaffedBot) -> None:
    (bot.knowledge / NOTICE / "通知.txt").write_text(LATER, "utf-8")
    (bot.knowledge / NOTICE / "附件1.docx").write_bytes(b"PK\x03\x04 broken")
    member = bot.api.person(STAFF)
    await member.say("/status")
    assert "2 处改动还没有发布" in (await hears(member, "版本"))["text"]
    await member.say("/refresh")
    text = (await hears(member, "已发布版本"))["text"]
    assert "有 1 个文件没有读成" in text and f"✗ {NOTICE}/附件1.docx" in text
    assert "截止日期：2025年6月30日 → 2025年7月15日" in text
    await member.say("/refresh")
    assert current_version(bot.index_root) in (await hears(member, "没有变化"))["text"]
    assert [act for _, act in bot.acts] == ["index.refreshed", "index.refreshed"]


async def test_rollback_asks_first_and_only_for_the_version_that_was_shown(bot: StaffedBot) -> None:
    member, first = bot.api.person(STAFF), current_version(bot.index_root)
    await member.say("/rollback")
    assert (await member.hears())["text"] == staff_messages.ROLLBACK_NONE
    (bot.knowledge / NOTICE / "通知.txt").write_text(LATER, "utf-8")
    await member.say("/refresh")
    await hears(member, "已发布版本")
    await member.say("/rollback")
    stale = await hears(member, "退回到上一版本")
    (bot.knowledge / NOTICE / "附件1.txt").write_text("附件1\n申报书", "utf-8")
    await member.say("/refresh")
    await hears(member, "已发布版本")
    third = current_version(bot.index_root)
    await member.press(stale, "确定")
    await hears(member, "已过期")
    assert current_version(bot.index_root) == third

    await member.say("/rollback")
    sure = await hears(member, "退回到上一版本")
    await member.press(sure, "不了")
    await hears(member, "没有动")
    assert current_version(bot.index_root) == third
    await member.say("/rollback")
    await member.press(await hears(member, "退回到上一版本"), "确定")
    await hears(member, "已退回版本")
    second = current_version(bot.index_root)
    assert first < second < third
    assert (bot.knowledge / NOTICE / "附件1.txt").exists()


async def test_rollback_of_an_uploads_version_takes_its_files_back(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.press(await checked(member, "通知.txt", LATER), "✅ 发布")
    await hears(member, "已发布")
    other = bot.api.person(OTHER_STAFF)
    await other.say("/rollback")
    await other.press(await hears(other, "现在的版本来自用户7发布的文件"), "确定")
    await hears(other, "已退回")
    assert bot.files() == {f"{NOTICE}/通知.txt": TEXT}
    assert bot.acts[-1] == ("telegram:8", "upload.taken_back")


# ---------------------------------------------------------------- reports


async def test_frequent_questions_are_listed_drafted_and_approved(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.say("/faq 30")
    listed = await hears(member, "问得最多的")
    assert listed["text"].startswith("2026-10-25 至 2026-11-23")
    assert "1. 什么时候截止？\n   20 次，20 人\n" in listed["text"]
    assert "2. 设备联网率要求多少\n   5 次，5 人，越来越多，100% 没答上来，👎 2" in listed["text"]
    assert labels(listed) == ["起草 1", "起草 2"]
    await member.press(listed, "起草 1")
    draft = await hears(member, "草稿 g00000001")
    await member.press(draft, "✅ 审定")
    await hears(member, "已审定“什么时候截止？”")
    assert bot.drafts.approved == [("g00000001", "telegram:7")]


async def test_a_draft_that_lacks_something_has_no_button_and_a_changed_one_is_not_approved(
    bot: StaffedBot,
) -> None:
    member = bot.api.person(STAFF)
    bot.drafts.problem = "还没有答案。"
    await member.say("/unanswered")
    listed = await hears(member, "答不上来的问题（共 5 次）")
    assert "问法：设备联网率要求多少；设备联网率要求多少呢；最近一次的编号 q1" in listed["text"]
    await member.press(listed, "起草 1")
    draft = await hears(member, "现在还不能审定：还没有答案。")
    assert labels(draft) == []
    await member.press_data(draft, StaffPress(StaffAction.FAQ_APPROVE, "g00000002", "old").data)
    await hears(member, "草稿在你看过之后又改动了")
    assert bot.drafts.approved == []


def test_a_draft_of_the_real_answer_is_approved_as_it_was_seen(tmp_path: Path) -> None:
    shutil.copytree(published_notice(), tmp_path, dirs_exist_ok=True)
    ranker, folder = Ranker.from_file(), tmp_path / "knowledge" / "faq"
    assistant = Assistant(IndexStore(tmp_path / "index"), bundled_encoder(), ranker)
    audit = Audit(open_database("sqlite://"))
    pages = FaqPages(
        folder,
        lambda text, notice_id: assistant.ask(text, today=date(2025, 5, 20), notice_id=notice_id),
        lambda: assistant.index,
        ranker,
        audit,
        lambda: NOW,
    )
    page = pages.draft(group(1, "什么时候截止？", 20), "2025-05-14 至 2025-05-20", "telegram:7")
    assert page.problem == "" and "2025年6月30日" in page.text
    assert page.file == "faq/drafts/g00000001.md"
    with pytest.raises(FaqError, match="又改动了"):
        pages.approve(page.id, "000000000000", "李四", "telegram:7")
    assert pages.approve(page.id, page.digest, "李四", "telegram:7") == "什么时候截止？"
    assert (folder / "g00000001.md").is_file() and not (folder / "drafts" / "g00000001.md").exists()
    assert pages.held_back() == ()
    with pytest.raises(FaqError, match="已经有审定的常见问题了"):
        pages.draft(group(1, "什么时候截止？", 20), "2025-05-14 至 2025-05-20", "telegram:7")
    assert [(act.actor, act.action) for act in audit.recent()] == [
        ("telegram:7", "faq.approved"),
        ("telegram:7", "faq.drafted"),
    ]


async def test_the_real_report_is_made_beside_the_answers_to_others(tmp_path: Path) -> None:
    """From a log of real answers; meanwhile an enterprise is answered, and a second report does no work again."""
    shutil.copytree(published_notice(), tmp_path, dirs_exist_ok=True)
    assistant = Assistant(IndexStore(tmp_path / "index"), bundled_encoder(), Ranker.from_file())
    database = open_database(f"sqlite:///{tmp_path / 'questions.db'}")
    log = QuestionLog(database, lambda: NOW)
    for person, words in enumerate(
        ("企业什么时候截止？", "企业什么时候截止", "企業什麼時候截止", "补多少钱？")
    ):
        log.record(assistant.ask(words, today=date(2026, 11, 23)), channel="telegram", user=f"u{person}")
    gate, encoding = threading.Event(), threading.Event()
    encoded: list[str] = []

    class Waiting:
        name, dimension = bundled_encoder().name, bundled_encoder().dimension
        encode_passages = bundled_encoder().encode_passages

        def encode_queries(self, texts: Sequence[str]) -> Vectors:
            encoded.extend(texts)
            encoding.set()
            gate.wait(20)
            return bundled_encoder().encode_queries(texts)

    slow = Assistant(IndexStore(tmp_path / "index"), Waiting(), Ranker.from_file())
    reporter = Reporter(slow, database, lambda: NOW)
    async with staffed_bot(tmp_path, reporting=reporter.report) as bot:
        member, stranger = bot.api.person(STAFF), bot.api.person(STRANGER)
        await member.say("/faq 30")
        await hears(member, "正在整理")
        await asyncio.to_thread(encoding.wait, 20)
        await stranger.say("什么时候截止申报？")
        await hears(stranger, "2024年11月22日前")
        await stranger.say("/help")
        await hears(stranger, "/notices")
        assert not gate.is_set()
        gate.set()
        listed = (await hears(member, "问得最多的"))["text"]
        assert "共 5 次，5 人" in listed  # that question came in time
        assert "1. 企业什么时候截止？\n   3 次，3 人" in listed
        assert "现在答：企业在线提交：2025年6月30日前" in listed and "依据：《关于组织申报2025年度" in listed
        assert "2. 补多少钱？\n   1 次，1 人，100% 没答上来" in listed

        encoded.clear()
        await member.say("/stats")
        await hears(member, "提问 5 次，5 人；没答上来 1 次")
        assert encoded == []
        await member.say("/unanswered")
        missing = (await hears(member, "答不上来的问题（共 1 次）"))["text"]
        assert "1. 补多少钱？\n   1 次，1 人，现在问也答不上来" in missing


def test_in_the_chat_too_nothing_is_approved_that_cannot_be_recorded(tmp_path: Path) -> None:
    shutil.copytree(published_notice(), tmp_path, dirs_exist_ok=True)
    ranker, folder = Ranker.from_file(), tmp_path / "knowledge" / "faq"
    assistant = Assistant(IndexStore(tmp_path / "index"), bundled_encoder(), ranker)
    database = open_database(f"sqlite:///{tmp_path / 'questions.db'}")
    reporter = Reporter(assistant, database, lambda: NOW)
    audit = Audit(database)
    pages = FaqPages(folder, reporter.ask, lambda: assistant.index, ranker, audit, lambda: NOW)
    page = pages.draft(group(1, "什么时候截止？", 20), "2025-05-14 至 2025-05-20", "telegram:7")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE audit")
    with pytest.raises(SQLAlchemyError):
        pages.approve(page.id, page.digest, "李四", "telegram:7")
    assert (folder / "drafts" / "g00000001.md").is_file() and not (folder / "g00000001.md").exists()


async def test_statistics_come_as_a_picture(bot: StaffedBot) -> None:
    member = bot.api.person(STAFF)
    await member.say("/stats 14")
    photo = await hears(member, "提问 25 次，21 人；没答上来 5 次")
    assert photo["caption"].startswith("2026-11-10 至 2026-11-23")
    picture = Image.open(io.BytesIO(bot.api.pictures[0]))
    assert (picture.format, picture.width) == ("PNG", 1200)


@pytest.mark.parametrize("days", ["0", "-3", "367", "abc", "٣", "9" * 30])
async def test_a_wrong_number_of_days_is_answered_with_an_example(bot: StaffedBot, days: str) -> None:
    member = bot.api.person(STAFF)
    await member.say(f"/stats {days}")
    assert (await member.hears())["text"] == "天数请写 1 到 366，例如：/stats 30"


# ---------------------------------------------------------------- announcements


async def test_a_change_is_sent_to_subscribers_after_the_number_of_people_was_shown(bot: StaffedBot) -> None:
    recipients = Recipients(bot.database)
    for chat in (101, 102, 103):
        recipients.subscribe(chat, f"hash{chat}", NOTICE)
    recipients.blocked(103)
    line = "截止日期：2025年6月30日 → 2025年7月15日"
    bot.announcements.note("v2", NOTICE, "补助通知", [line])
    member = bot.api.person(STAFF)
    await member.say("/broadcast")
    listed = await hears(member, "最近的变化")
    assert "还没有告诉订阅者（2 人）" in listed["text"]
    await member.press(listed, "📣")
    sure = await hears(member, "将发给订阅了这份通知的 2 个人")
    assert messages.NOTICE_CHANGED.format(title="补助通知") in sure["text"] and line in sure["text"]
    assert Outbox(bot.database).counts("changed:") == {}
    await member.press(sure, "发给 2 人")
    await hears(member, "正在发给")
    assert sum(Outbox(bot.database).counts("changed:").values()) == 3
    assert bot.acts == [("telegram:7", "broadcast.sent")]

    for stale in (listed, sure):  # a second press, here or in the list, sends nothing more
        button = (
            next(
                (
                    b
                    for row in stale["reply_markup"]["inline_keyboard"]
                    for b in row
                    if "S1:b" in b["callback_data"]
                ),
                None,
            )
            if stale.get("reply_markup")
            else None
        )
        if button:
            await member.press_data(stale, button["callback_data"])
            await hears(member, "已经决定过")
    await member.say("/broadcast")
    assert labels(await hears(member, "已于")) == []
    assert sum(Outbox(bot.database).counts("changed:").values()) == 3


async def test_what_a_new_version_changes_is_asked_of_staff_before_anybody_is_told(bot: StaffedBot) -> None:
    recipients, running = Recipients(bot.database), bot.running
    await until(lambda: recipients.followed_version() == running.catalogue.version)
    recipients.subscribe(101, "hash101", NOTICE)
    fact = FactChange(NOTICE, "补助通知", "截止日期", "2025年6月30日", "2025年7月15日", "一、")
    running.catalogue.changes = (Change(NOTICE, "补助通知", (fact,)),)
    running.catalogue.version = "v2"
    members = [bot.api.person(id) for id in (STAFF, OTHER_STAFF)]
    asked = [await hears(member, "将发给订阅了这份通知的 1 个人") for member in members]
    send = asked[0]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    subscriber = bot.api.person(101)
    assert await subscriber.hears_nothing()

    running.clock.now += timedelta(hours=10)  # half past ten in the morning, as people in China reckon it
    await members[1].press(asked[1], "发给 1 人")
    told = await hears(subscriber, "《补助通知》有改动")
    assert "截止日期：2025年6月30日 → 2025年7月15日" in told["text"]
    await members[0].press_data(asked[0], send)
    await hears(members[0], "已经决定过")
    assert await subscriber.hears_nothing()


async def test_a_change_that_one_member_drops_nobody_sends(bot: StaffedBot) -> None:
    Recipients(bot.database).subscribe(101, "hash101", NOTICE)
    bot.announcements.note("v2", NOTICE, "补助通知", ["电话：1 → 2"])
    member, other = bot.api.person(STAFF), bot.api.person(OTHER_STAFF)
    questions = []
    for person in (member, other):
        await person.say("/broadcast")
        await person.press(await hears(person, "最近的变化"), "📣")
        questions.append(await hears(person, "的 1 个人"))
    await member.press(questions[0], "不发")
    await hears(member, "不发")
    await other.press(questions[1], "发给 1 人")
    await hears(other, "已经决定过")
    assert Outbox(bot.database).counts("changed:") == {}
    await other.say("/broadcast")
    assert "决定不发" in (await hears(other, "最近的变化"))["text"]
    assert bot.acts == [("telegram:7", "broadcast.dropped")]


async def test_a_change_that_nobody_subscribed_to_has_nobody_to_send_to(bot: StaffedBot) -> None:
    bot.announcements.note("v2", NOTICE, "补助通知", ["电话：1 → 2"])
    member = bot.api.person(STAFF)
    await member.say("/broadcast")
    await member.press(await hears(member, "最近的变化"), "📣")
    assert labels(await hears(member, "没有人订阅")) == []


# ---------------------------------------------------------------- secrets


async def test_neither_token_nor_numbers_of_others_are_shown_or_logged(
    bot: StaffedBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    caplog.handler.addFilter(RedactingFilter([bot.api.token]))  # as the running program does for its handlers
    member, stranger = bot.api.person(STAFF), bot.api.person(STRANGER)
    bot.api.cut("download", delivered=False)
    await checked(member, "通知.txt", LATER)
    await stranger.say("/start")
    await stranger.press_data(await stranger.hears(), "S1:pu:00000000:-")
    other = bot.api.person(OTHER_STAFF)
    await other.say("/status")
    status = (await hears(other, "待发布"))["text"]
    assert "telegram:" not in status
    assert bot.api.token not in caplog.text
    assert bot.api.token.partition(":")[2] not in caplog.text


# ---------------------------------------------------------------- words


def test_the_folder_that_shares_most_with_the_files_name_comes_first() -> None:
    folders = ["绿色园区评价", "2024年度智能工厂", "2025年度智能工厂"]
    assert likely_first(folders, "附件2：2025年智能工厂要素条件.xlsx")[0] == "2025年度智能工厂"
    assert likely_first(folders, "") == ["绿色园区评价", "2025年度智能工厂", "2024年度智能工厂"]


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("关于开展2024年度智能工厂梯度培育行动的通知", "2024年度智能工厂梯度培育行动"),
        ("湖南省工业和信息化厅关于印发《管理办法》的通知", "管理办法"),
        ("绿色园区评价", "绿色园区评价"),
        ("关于A/B的公告", "A_B"),
        ("通知", "通知"),
    ],
    ids=["plain", "issuer", "bare", "slash", "nothing-else"],
)
def test_a_new_folder_is_named_by_what_the_title_says(title: str, folder: str) -> None:
    assert folder_name_of(title) == folder
