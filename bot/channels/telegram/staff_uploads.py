"""A document that staff send -> quarantine -> receipt -> published, or dropped: the conversation about an upload."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

from telegram import Bot, Document, InlineKeyboardMarkup, Message
from telegram.error import BadRequest, TelegramError

from bot.agenda import bare_title
from bot.channels.telegram import staff_messages as words
from bot.channels.telegram.keyboards import short_id
from bot.channels.telegram.rendering import text_to_html
from bot.channels.telegram.staff import (
    Context,
    Member,
    PressHandling,
    StaffAction,
    StaffPress,
    drop_buttons,
    say,
    staff_keyboard,
    staff_press_from,
)
from bot.channels.telegram.staff_progress import Tasks, with_progress
from bot.channels.telegram.staff_receipts import changed_values, file_size, receipt_text
from bot.documents import supported_formats
from bot.errors import NoticeAssistantError, UploadError
from bot.publishing import Publishing, Trial
from bot.quarantine import Upload, UploadState, safe_file_name, safe_folder_name
from bot.questions.audit import Audit

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_DOWNLOAD_BYTES: Final = 20 << 20
"""The Bot API gives no larger file to a bot."""
DOWNLOAD_TRIES: Final = 3
DOWNLOADS_AT_ONCE: Final = 2
"""Each is held in memory until it is written."""
ALBUM_SECONDS: Final = 1.5
"""Telegram sends an album file by file; so long after the last one it is complete."""
FOLDERS_A_PAGE: Final = 8
LABEL_CHARACTERS: Final = 40


@dataclass
class _Batch:
    """An album that is still coming in; or a single document."""

    upload_id: asyncio.Future[str]
    coming: int = 0
    words: list[str] = field(default_factory=list)
    """File names and captions: what the list of folders is sorted by."""
    asking: asyncio.Task[None] | None = None


class StaffUploads:
    """The handlers of documents, of the buttons under them, and of the reply that names a new folder."""

    def __init__(
        self,
        publishing: Publishing,
        audit: Audit,
        clock: Callable[[], datetime],
        executor: Executor,
        album_seconds: float = ALBUM_SECONDS,
    ) -> None:
        self._publishing = publishing
        self._quarantine = publishing.quarantine
        self._audit = audit
        self._clock = clock
        self._executor = executor
        self._album_seconds = album_seconds
        self._batches: dict[str, _Batch] = {}
        self._tasks = Tasks()
        self._downloading = asyncio.Semaphore(DOWNLOADS_AT_ONCE)

    def close(self) -> None:
        """Asks nothing more; /status lists what was not asked about."""
        self._tasks.cancel()

    @property
    def presses(self) -> dict[StaffAction, PressHandling]:
        return {
            StaffAction.PAGE: self._turn_page,
            StaffAction.FOLDER: self._choose_folder,
            StaffAction.NEW_FOLDER: self._new_folder,
            StaffAction.ADD_FILE: self._add_file,
            StaffAction.REPLACE_FILE: self._replace_file,
            StaffAction.OTHER_FOLDER: self._other_folder,
            StaffAction.PUBLISH: self._publish,
            StaffAction.DISCARD: self._discard,
            StaffAction.TAKE_BACK: self._ask_take_back,
            StaffAction.TAKE_BACK_SURE: self._take_back,
            StaffAction.CONTINUE: self._continue,
        }

    # ------------------------------------------------------------ coming in

    async def document(self, member: Member, message: Message, context: Context) -> None:
        document = message.document
        if document is None:
            return
        if refusal := refusal_of(document):
            await say(message, refusal)
            return
        key = f"{message.chat_id}:{message.media_group_id or f'm{message.message_id}'}"
        batch = self._batches.get(key)
        if batch is None:
            batch = self._batches[key] = _Batch(asyncio.get_running_loop().create_future())
            self._tasks.start(self._open(member, batch.upload_id))
        batch.coming += 1
        batch.words += [_name(document), message.caption or ""]
        try:
            upload_id = await asyncio.shield(batch.upload_id)
            async with self._downloading:
                data = await _download(context.bot, document)
                upload = await self._in_thread(self._quarantine.add, upload_id, _name(document), data)
            file = upload.files[-1]
            await self._note(member, "upload.received", f"{upload_id}/{file.name}", after=file.sha256)
        finally:
            batch.coming -= 1
            if batch.asking:
                batch.asking.cancel()
            batch.asking = self._tasks.start(self._ask_when_complete(key, batch, message))

    async def _open(self, member: Member, upload_id: asyncio.Future[str]) -> None:
        try:
            upload = await self._in_thread(self._quarantine.open, member.actor, member.name, self._clock())
            upload_id.set_result(upload.id)
        except NoticeAssistantError as error:
            upload_id.set_exception(error)

    async def _ask_when_complete(self, key: str, batch: _Batch, message: Message) -> None:
        await asyncio.sleep(self._album_seconds)
        if batch.coming or self._batches.pop(key, None) is None:
            return
        if batch.upload_id.done() and not batch.upload_id.exception():
            upload = await self._in_thread(self._quarantine.get, batch.upload_id.result())
            if upload and upload.files:
                await self._ask_folder(message, upload, " ".join(batch.words))

    async def picture(self, member: Member, message: Message, context: Context) -> None:
        await say(message, words.AS_PICTURE)

    # ------------------------------------------------------------ which notice

    async def _ask_folder(self, message: Message, upload: Upload, about: str = "") -> None:
        text = words.RECEIVED.format(count=len(upload.files), files=file_lines(upload))
        await say(message, text, await self._folder_keyboard(upload, 0, about))

    async def _folder_keyboard(self, upload: Upload, page: int, about: str = "") -> InlineKeyboardMarkup:
        about = about or " ".join(file.name for file in upload.files)
        folders = likely_first(await self._in_thread(self._quarantine.folders), about)
        pages = max(1, -(-len(folders) // FOLDERS_A_PAGE))
        page = min(max(page, 0), pages - 1)
        shown = folders[page * FOLDERS_A_PAGE : (page + 1) * FOLDERS_A_PAGE]
        turns = [
            (label, StaffPress(StaffAction.PAGE, upload.id, str(to)))
            for label, to in ((words.PREVIOUS, page - 1), (words.NEXT, page + 1))
            if 0 <= to < pages
        ]
        return staff_keyboard(
            *(
                [(_shortened(folder), StaffPress(StaffAction.FOLDER, upload.id, short_id(folder)))]
                for folder in shown
            ),
            *([turns] if turns else []),
            [
                (words.NEW_NOTICE, StaffPress(StaffAction.NEW_FOLDER, upload.id)),
                (words.DISCARD, StaffPress(StaffAction.DISCARD, upload.id)),
            ],
        )

    async def _turn_page(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        upload = await self._open_upload(press)
        if press.what.isdecimal():
            await message.edit_reply_markup(await self._folder_keyboard(upload, int(press.what)))

    async def _other_folder(
        self, member: Member, message: Message, press: StaffPress, context: Context
    ) -> None:
        upload = await self._open_upload(press)
        await drop_buttons(message)
        await self._ask_folder(message, upload)

    async def _choose_folder(
        self, member: Member, message: Message, press: StaffPress, context: Context
    ) -> None:
        upload = await self._open_upload(press)
        folders = await self._in_thread(self._quarantine.folders)
        folder = next((each for each in folders if short_id(each) == press.what), None)
        if folder is None:
            raise UploadError(words.EXPIRED)
        upload = await self._in_thread(self._quarantine.choose, upload.id, folder)
        placements = await self._in_thread(self._quarantine.placements, upload)
        existing = await self._in_thread(self._quarantine.files_of, folder)
        await drop_buttons(message)
        if len(upload.files) == 1 and existing and not placements[0].replaces:
            name = upload.files[0].name
            similar = likely_first(existing, name)[:FOLDERS_A_PAGE]
            keyboard = staff_keyboard(
                [(words.AS_NEW_FILE, StaffPress(StaffAction.ADD_FILE, upload.id))],
                *(
                    [
                        (
                            words.REPLACE.format(name=_shortened(PurePosixPath(path).name)),
                            StaffPress(StaffAction.REPLACE_FILE, upload.id, short_id(path)),
                        )
                    ]
                    for path in similar
                ),
                [(words.OTHER_NOTICE, StaffPress(StaffAction.OTHER_FOLDER, upload.id))],
            )
            await say(message, words.ADD_OR_REPLACE.format(name=name, notice=folder), keyboard)
            return
        await self._check(member, message, upload)

    async def _add_file(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        upload = await self._open_upload(press)
        await drop_buttons(message)
        await self._check(member, message, upload)

    async def _replace_file(
        self, member: Member, message: Message, press: StaffPress, context: Context
    ) -> None:
        upload = await self._open_upload(press)
        existing = await self._in_thread(self._quarantine.files_of, upload.notice_id)
        path = next((each for each in existing if short_id(each) == press.what), "")
        if not path:
            raise UploadError(words.EXPIRED)
        upload = await self._in_thread(self._quarantine.choose, upload.id, upload.notice_id, path)
        await drop_buttons(message)
        await self._check(member, message, upload)

    async def _new_folder(
        self, member: Member, message: Message, press: StaffPress, context: Context
    ) -> None:
        """Reads the files under a makeshift name, then names the folder by the title that was found."""
        upload = await self._open_upload(press)
        folders = await self._in_thread(self._quarantine.folders)
        makeshift = _free_folder(PurePosixPath(upload.files[0].name).stem, folders)
        upload = await self._in_thread(self._quarantine.choose, upload.id, makeshift)
        await drop_buttons(message)
        await self._check(member, message, upload, naming=True)

    async def folder_name(self, member: Member, message: Message, context: Context) -> None:
        """A reply to a receipt: the name that the new folder shall have."""
        press = _renaming(message)
        upload = await self._in_thread(self._quarantine.get, press.id) if press else None
        if upload is None or upload.state is not UploadState.RECEIVED:
            raise UploadError(words.UPLOAD_GONE)
        wanted = (message.text or "").strip()
        name = safe_folder_name(wanted)
        if not wanted or name != wanted:
            await say(message, words.NAME_WRONG)
            return
        upload = await self._in_thread(self._quarantine.choose, upload.id, name)
        if message.reply_to_message:
            await drop_buttons(message.reply_to_message)
        await self._check(member, message, upload)

    # ------------------------------------------------------------ receipt

    async def _check(self, member: Member, message: Message, upload: Upload, *, naming: bool = False) -> None:
        started = time.monotonic()
        trial = await with_progress(
            message,
            self._executor,
            words.CHECKING,
            lambda tell: self._publishing.try_out(upload.id, member.name, tell),
        )
        log.info("an upload was checked in %.1f s", time.monotonic() - started)
        folders = await self._in_thread(self._quarantine.folders)
        note = ""
        if naming and trial.receipt and trial.receipt.title != upload.notice_id:
            wanted = folder_name_of(trial.receipt.title)
            name = _free_folder(wanted, folders)
            note = "" if name == wanted else "\n" + words.SAME_FOLDER.format(old=wanted)
            renamed = await self._in_thread(self._quarantine.choose, upload.id, name)
            trial = _under_name(trial, renamed)
        await say(message, receipt_text(trial, folders) + note, _receipt_keyboard(trial, folders))

    # ------------------------------------------------------------ the decision

    async def _publish(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        upload = await self._in_thread(self._quarantine.get, press.id)
        if upload is None or not upload.pending:
            raise UploadError(words.UPLOAD_GONE)
        await drop_buttons(message)
        try:
            published, receipt = await with_progress(
                message,
                self._executor,
                words.PUBLISHING,
                lambda tell: self._publishing.publish(press.id, member.name, tell),
            )
        except NoticeAssistantError as error:
            again = [
                (words.PUBLISH, StaffPress(StaffAction.PUBLISH, press.id)),
                (words.DISCARD, StaffPress(StaffAction.DISCARD, press.id)),
            ]
            await say(message, words.FAILED.format(reason=error), staff_keyboard(again))
            return
        await self._note(
            member,
            "upload.published",
            f"{published.id}/{published.notice_id}",
            before=published.version_before,
            after=published.version_after,
        )
        done = words.PUBLISHED if receipt.published else words.PUBLISHED_SAME
        text = done.format(seconds=receipt.seconds, version=receipt.version)
        change = next((each for each in receipt.changes if each.notice_id == published.notice_id), None)
        lines = changed_values(change) if change else []
        await say(message, "\n".join([text, *lines]), _published_keyboard(published))

    async def _discard(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        upload = await self._in_thread(self._publishing.discard, press.id)
        await drop_buttons(message)
        names = "、".join(file.name for file in upload.files)
        await self._note(member, "upload.discarded", f"{upload.id}/{upload.notice_id}", before=names)
        await say(message, words.DISCARDED)

    async def _ask_take_back(
        self, member: Member, message: Message, press: StaffPress, context: Context
    ) -> None:
        upload = await self._in_thread(self._quarantine.get, press.id)
        if upload is None or upload.state is not UploadState.PUBLISHED:
            raise UploadError(words.UPLOAD_GONE)
        await say(message, words.TAKE_BACK_SURE.format(files=file_lines(upload)), sure_keyboard(upload))

    async def _take_back(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        published = await self._in_thread(self._quarantine.get, press.id)
        if published is None or published.state is not UploadState.PUBLISHED:
            raise UploadError(words.UPLOAD_GONE)
        await drop_buttons(message)
        upload, version, left = await with_progress(
            message,
            self._executor,
            words.TAKING_BACK,
            lambda tell: self._publishing.take_back(press.id, member.name, tell),
        )
        await self._note(
            member,
            "upload.taken_back",
            f"{upload.id}/{upload.notice_id}",
            before=published.version_after,
            after=version,
        )
        text = words.TAKEN_BACK.format(version=version)
        if left:
            text += "\n" + words.TAKEN_BACK_LEFT.format(files="\n".join(left))
        await say(message, text, waiting_keyboard(upload))

    # ------------------------------------------------------------ going on later

    async def _continue(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        upload = await self._in_thread(self._quarantine.get, press.id)
        if upload is None or not upload.pending:
            raise UploadError(words.UPLOAD_GONE)
        if upload.state is UploadState.PLACING:
            await say(message, words.RESUMED.format(files=file_lines(upload)), waiting_keyboard(upload))
        else:
            await self._ask_folder(message, upload)

    async def resume(self, bot: Bot) -> None:
        """After a start: asks the senders what to do with uploads whose publication was interrupted."""
        for upload in await self._in_thread(self._quarantine.pending):
            _, _, chat = upload.by.partition("telegram:")
            if upload.state is UploadState.PLACING and chat.isdecimal():
                text = text_to_html(words.RESUMED.format(files=file_lines(upload)))
                try:
                    await bot.send_message(int(chat), text[0], reply_markup=waiting_keyboard(upload))
                except TelegramError as error:
                    log.warning("an interrupted upload could not be announced: %s", error.message)

    # ------------------------------------------------------------ steps

    async def _open_upload(self, press: StaffPress) -> Upload:
        upload = await self._in_thread(self._quarantine.get, press.id)
        if upload is None or upload.state is not UploadState.RECEIVED:
            raise UploadError(words.UPLOAD_GONE)
        return upload

    async def _note(
        self, member: Member, action: str, subject: str, *, before: str = "", after: str = ""
    ) -> None:
        await self._in_thread(lambda: self._audit.record(member.actor, action, subject, before, after))

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)


# ---------------------------------------------------------------- files


def refusal_of(document: Document) -> str:
    """Why a document is not even downloaded; empty where it is."""
    name = _name(document)
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    if suffix and suffix not in supported_formats():
        formats = "、".join(supported_formats())
        return words.WRONG_KIND.format(name=name, formats=formats)
    if (document.file_size or 0) > MAX_DOWNLOAD_BYTES:
        return words.TOO_LARGE.format(name=name, size=file_size(document.file_size or 0))
    return ""


def _name(document: Document) -> str:
    return safe_file_name(document.file_name or "")


async def _download(bot: Bot, document: Document) -> bytes:
    """The file's bytes; fetching twice does no harm, so that a broken connection is tried again."""
    name = _name(document)
    for remaining in reversed(range(DOWNLOAD_TRIES)):
        try:
            file = await bot.get_file(document.file_id)
            return bytes(await file.download_as_bytearray())
        except BadRequest as error:
            if "too big" in error.message.lower():
                size = file_size(document.file_size or MAX_DOWNLOAD_BYTES)
                raise UploadError(words.TOO_LARGE.format(name=name, size=size)) from error
            raise UploadError(words.NOT_DOWNLOADED.format(name=name)) from error
        except TelegramError as error:
            log.warning("a download failed: %s", error.message)
            if not remaining:
                raise UploadError(words.NOT_DOWNLOADED.format(name=name)) from error
    raise AssertionError("unreachable: the last try returns or raises")


# ---------------------------------------------------------------- folders


def likely_first(names: Sequence[str], about: str) -> list[str]:
    """The names by how many character pairs they share with the words, the latest by name first among equals."""
    wanted = _pairs(about)

    def likeness(name: str) -> float:
        own = _pairs(name)
        return len(own & wanted) / max(1, len(own))

    return sorted(sorted(names, reverse=True), key=likeness, reverse=True)


def folder_name_of(title: str) -> str:
    """`关于开展2024年度…行动的通知` -> `2024年度…行动`: the title without what every title has."""
    return safe_folder_name(bare_title(title))


def _free_folder(name: str, folders: Sequence[str]) -> str:
    """The name, or one with a number where a folder of that name is there already."""
    taken = {folder.casefold() for folder in folders}
    names = (name, *(f"{name}（{number}）" for number in range(2, len(folders) + 3)))
    return next(each for each in map(safe_folder_name, names) if each.casefold() not in taken)


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _under_name(trial: Trial, upload: Upload) -> Trial:
    """The trial of the same files under the folder's final name."""

    def moved(path: str) -> str:
        return f"{upload.notice_id}/{path.partition('/')[2]}" if path else ""

    return replace(
        trial,
        upload=upload,
        placements=tuple(
            replace(each, path=moved(each.path), replaces=moved(each.replaces)) for each in trial.placements
        ),
        receipt=trial.receipt
        and replace(
            trial.receipt,
            id=upload.notice_id,
            files=tuple(
                replace(file, report=replace(file.report, file=moved(file.report.file)))
                for file in trial.receipt.files
            ),
        ),
    )


# ---------------------------------------------------------------- words and buttons


def _receipt_keyboard(trial: Trial, folders: Sequence[str]) -> InlineKeyboardMarkup:
    upload_id = trial.upload.id
    decide = [(words.DISCARD, StaffPress(StaffAction.DISCARD, upload_id))]
    if not trial.problem:
        decide.insert(0, (words.PUBLISH, StaffPress(StaffAction.PUBLISH, upload_id)))
    new = trial.upload.notice_id not in folders
    other = StaffPress(StaffAction.OTHER_FOLDER, upload_id, "new" if new else "-")
    return staff_keyboard(decide, [(words.OTHER_NOTICE, other)])


def _renaming(message: Message) -> StaffPress | None:
    """The receipt of a new notice that a message replies to, by the button under it."""
    replied = message.reply_to_message
    keyboard = replied.reply_markup if replied else None
    for row in keyboard.inline_keyboard if keyboard else ():
        for button in row:
            press = staff_press_from(str(button.callback_data))
            if press and press.action is StaffAction.OTHER_FOLDER and press.what == "new":
                return press
    return None


def names_new_folder(message: Message) -> bool:
    """Whether a message replies to the receipt of a new notice."""
    return _renaming(message) is not None


def _published_keyboard(upload: Upload) -> InlineKeyboardMarkup:
    return staff_keyboard([(words.TAKE_BACK, StaffPress(StaffAction.TAKE_BACK, upload.id))])


def sure_keyboard(upload: Upload) -> InlineKeyboardMarkup:
    return staff_keyboard(
        [
            (words.SURE, StaffPress(StaffAction.TAKE_BACK_SURE, upload.id)),
            (words.NO, StaffPress(StaffAction.NO)),
        ]
    )


def waiting_keyboard(upload: Upload) -> InlineKeyboardMarkup:
    """What can be done with an upload whose notice is chosen."""
    publish = words.PUBLISH_AGAIN if upload.state is UploadState.PLACING else words.PUBLISH
    return staff_keyboard(
        [
            (publish, StaffPress(StaffAction.PUBLISH, upload.id)),
            (words.DISCARD, StaffPress(StaffAction.DISCARD, upload.id)),
        ]
    )


def file_lines(upload: Upload) -> str:
    return "\n".join(
        words.RECEIVED_FILE.format(name=file.name, size=file_size(file.size)) for file in upload.files
    )


def _shortened(name: str) -> str:
    return name if len(name) <= LABEL_CHARACTERS else name[: LABEL_CHARACTERS - 1] + "…"
