"""TelegramChannel + settings -> a running bot: builds the application, connects, serves, stops."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import re
import signal
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    Defaults,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.channels.telegram import messages
from bot.channels.telegram.channel import TelegramChannel, report_error
from bot.channels.telegram.courier import Courier
from bot.channels.telegram.flood_control import SIMULTANEOUS_REQUESTS, FloodControl, Limits
from bot.channels.telegram.health import Pulse, metrics_of
from bot.channels.telegram.inbox_queue import InboxQueue
from bot.channels.telegram.metrics import Metric, serve_metrics
from bot.channels.telegram.requests import CarefulRequest, PollingRequest
from bot.channels.telegram.staff_desk import StaffDesk
from bot.channels.telegram.stores import Stores
from bot.config import TelegramSettings
from bot.errors import SettingsError

log = logging.getLogger(__name__)
T = TypeVar("T")
BotApplication = Application[Any, Any, Any, Any, Any, Any]

CONCURRENT_UPDATES: Final = 32
POLL_SECONDS: Final = 30
DRAIN_SECONDS: Final = 20.0
"""Open questions may take so long after the signal to stop; a supervisor should wait a little longer."""
GOODBYE_SECONDS: Final = 5.0
"""For telling Telegram which updates have been taken."""
LONGEST_RETRY_PAUSE: Final = 30.0
ALLOWED_UPDATES: Final = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
)
HEARTBEAT: Final = "telegram"
HEARTBEAT_SECONDS: Final = 10.0
"""The sign of life that other processes read is not written more often."""
CONFLICT_REPEATED_SECONDS: Final = 60.0
_TELEGRAM: Final = "https://api.telegram.org"
TIMEOUTS: Final[Mapping[str, Any]] = {
    "connect_timeout": 10.0,
    "read_timeout": 20.0,
    "write_timeout": 20.0,
    "pool_timeout": 10.0,
}
"""Of one HTTP request, in seconds."""
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")


# ---------------------------------------------------------------- building


def build_application(
    channel: TelegramChannel,
    settings: TelegramSettings,
    pulse: Pulse,
    flood_control: FloodControl,
    on_refused: Callable[[], None],
    timeouts: Mapping[str, Any] = TIMEOUTS,
    desk: StaffDesk | None = None,
) -> BotApplication:
    """The application with its handlers, not yet connected; `on_refused` hears of a withdrawn token.

    Raises SettingsError where a setting cannot be right.
    """
    if not settings.token:
        raise SettingsError(messages.TOKEN_MISSING)
    if settings.base_url and urlsplit(settings.base_url).scheme not in {"http", "https"}:
        raise SettingsError(messages.BASE_URL_WRONG)
    root = settings.base_url or _TELEGRAM
    proxy = settings.proxy or None
    queue = InboxQueue(channel.stores, pulse.update, confirmed_later=not settings.webhook_url)
    try:
        request = CarefulRequest(connection_pool_size=SIMULTANEOUS_REQUESTS * 2, proxy=proxy, **timeouts)
        polling = PollingRequest(
            kept=queue.kept,
            on_refused=on_refused,
            on_polled=pulse.beat,
            connection_pool_size=4,
            proxy=proxy,
            **timeouts,
        )
    except (ValueError, RuntimeError, ImportError) as error:
        raise SettingsError(messages.PROXY_WRONG) from error
    try:
        application = (
            Application.builder()
            .token(settings.token)
            .base_url(f"{root}/bot")
            .base_file_url(f"{root}/file/bot")
            .request(request)
            .get_updates_request(polling)
            .rate_limiter(flood_control)
            .update_queue(queue)
            .defaults(
                Defaults(
                    parse_mode=ParseMode.HTML,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                    allow_sending_without_reply=True,
                    block=False,
                )
            )
            .concurrent_updates(CONCURRENT_UPDATES)
            .build()
        )
    except InvalidToken as error:
        raise SettingsError(messages.TOKEN_REFUSED) from error
    if desk:  # before everybody's handlers, which take what is left
        desk.add_handlers(application)
    _add_handlers(application, channel)
    return application


def _add_handlers(application: BotApplication, channel: TelegramChannel) -> None:
    new, edit = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
    private, group = filters.ChatType.PRIVATE, filters.ChatType.GROUPS
    quick, in_private = channel.quick, channel.in_private
    for command, callback in {
        "start": quick(channel.start),
        "help": quick(channel.help),
        "ask": channel.ask,
        "notices": quick(channel.notices),
        "source": quick(channel.source),
        "reset": quick(channel.reset),
        "deadlines": quick(channel.deadlines),
        "check": in_private(channel.check),
        "remind": in_private(channel.remind),
        "reminders": in_private(channel.reminders),
        "timezone": in_private(channel.time_zone),
        "subscribe": in_private(channel.subscribe),
        "unsubscribe": in_private(channel.unsubscribe),
        "privacy": in_private(channel.privacy),
        "my_data": in_private(channel.my_data),
        "forget_me": in_private(channel.forget_me),
    }.items():
        application.add_handler(CommandHandler(command, callback, filters=new))
    application.add_handler(CallbackQueryHandler(channel.press))
    application.add_handler(InlineQueryHandler(channel.inline))
    application.add_handler(MessageHandler(new & private & filters.COMMAND, quick(channel.unknown_command)))
    application.add_handler(MessageHandler(new & private & filters.TEXT, channel.private_text))
    application.add_handler(MessageHandler(new & group & filters.TEXT & ~filters.COMMAND, channel.group_text))
    application.add_handler(MessageHandler(edit & (private | group) & filters.TEXT, channel.edited))
    application.add_handler(MessageHandler(new & private & ~filters.StatusUpdate.ALL, quick(channel.no_text)))
    application.add_handler(TypeHandler(Update, channel.nothing_to_do))
    application.add_error_handler(report_error)


# ---------------------------------------------------------------- serving


async def serve(
    channel: TelegramChannel,
    courier: Courier,
    settings: TelegramSettings,
    stop: asyncio.Event | None = None,
    timeouts: Mapping[str, Any] = TIMEOUTS,
    limits: Limits | None = None,
    desk: StaffDesk | None = None,
) -> None:
    """Answers until `stop` is set or the process is told to end, then finishes what is open.

    Raises SettingsError where Telegram refuses the token or the webhook, or a port is taken.
    """
    stop = stop or _stop_on_signals()
    refused = asyncio.Event()

    def on_refused() -> None:
        refused.set()
        stop.set()

    pulse, flood_control = Pulse(), FloodControl(limits)
    application = build_application(channel, settings, pulse, flood_control, on_refused, timeouts, desk)
    end_metrics = _start_metrics(settings, lambda: metrics_of(pulse, flood_control, channel, courier))
    beside: list[asyncio.Task[None]] = []
    try:
        if await _until_stopped(_connect(application, settings), stop):
            await application.start()
            pulse.beat()
            print(messages.STARTED.format(username=application.bot.username), flush=True)
            beside = [
                asyncio.create_task(_set_commands(application)),
                asyncio.create_task(_keep_beating(pulse, channel.stores, application, settings)),
            ]
            if desk:
                beside.append(asyncio.create_task(desk.open(application.bot)))
            sending = asyncio.create_task(courier.run(application.bot))
            await stop.wait()
            courier.stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(sending, GOODBYE_SECONDS)
    except InvalidToken as error:
        raise SettingsError(messages.TOKEN_REFUSED) from error
    finally:
        for task in beside:
            task.cancel()
        if desk:
            desk.close()
        await _wind_down(application, channel)
        end_metrics()
    if refused.is_set():
        raise SettingsError(messages.TOKEN_REFUSED)


async def _connect(application: BotApplication, settings: TelegramSettings) -> bool:
    """True once updates come in; tries for as long as Telegram cannot be reached."""
    updater = application.updater
    assert updater is not None
    await _insist(application.initialize)
    if isinstance(application.update_queue, InboxQueue):
        count = await application.update_queue.take_up_again(application.bot)
        if count:
            log.warning("%d updates were open when the bot ended; they are handled now", count)
    if not settings.webhook_url:
        await updater.start_polling(
            timeout=POLL_SECONDS,
            bootstrap_retries=-1,
            allowed_updates=ALLOWED_UPDATES,
            error_callback=_PollingReport(),
        )
        return True
    host, port = _listen_address(settings.webhook_listen, messages.LISTEN_WRONG)
    if not _SECRET.fullmatch(settings.webhook_secret):
        raise SettingsError(messages.SECRET_WRONG)
    webhook: dict[str, Any] = {
        "allowed_updates": ALLOWED_UPDATES,
        "secret_token": settings.webhook_secret,
        "max_connections": CONCURRENT_UPDATES,
    }
    try:
        await _insist(lambda: application.bot.set_webhook(settings.webhook_url, **webhook))
        await updater.start_webhook(
            listen=host,
            port=port,
            url_path=re.escape(urlsplit(settings.webhook_url).path.strip("/")),
            webhook_url=settings.webhook_url,
            bootstrap_retries=-1,
            **webhook,
        )
    except BadRequest as error:
        raise SettingsError(messages.WEBHOOK_REFUSED.format(reason=error.message)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            messages.WEBHOOK_PORT_TAKEN.format(listen=settings.webhook_listen, reason=reason)
        ) from error
    return True


def _start_metrics(settings: TelegramSettings, read: Callable[[], Iterable[Metric]]) -> Callable[[], None]:
    """Serves /metrics where a port is set; what is returned ends it."""
    if not settings.metrics_listen:
        return lambda: None
    host, port = _listen_address(settings.metrics_listen, messages.METRICS_LISTEN_WRONG)
    try:
        return serve_metrics(host, port, read)
    except OSError as error:
        reason = error.strerror or str(error)
        words = messages.METRICS_PORT_TAKEN.format(listen=settings.metrics_listen, reason=reason)
        raise SettingsError(words) from error


async def _keep_beating(
    pulse: Pulse, stores: Stores, application: BotApplication, settings: TelegramSettings
) -> None:
    """Writes down, for `doctor`, when Telegram was last heard from; a webhook's health has to be asked for."""
    detail = {
        "username": application.bot.username,
        "mode": "webhook" if settings.webhook_url else "polling",
        "host": platform.node(),
        "pid": os.getpid(),
    }
    written = 0
    while True:
        if settings.webhook_url:
            with suppress(TelegramError):
                await application.bot.get_webhook_info()
                pulse.beat()
        if pulse.beats != written:
            written = pulse.beats
            await stores.run(stores.heartbeats.beat, HEARTBEAT, detail)
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def _insist(action: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """Does the action, again and again while the network fails. Raises InvalidToken and BadRequest."""
    pause = 1.0
    while True:
        try:
            await action()
            return
        except (InvalidToken, BadRequest):
            raise
        except TelegramError as error:
            log.warning(messages.UNREACHABLE.format(reason=error.message))
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_RETRY_PAUSE)


async def _until_stopped(work: Coroutine[Any, Any, bool], stop: asyncio.Event) -> bool:
    """What the work returns; False where `stop` comes first."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        return False
    return working.result()


async def _wind_down(application: BotApplication, channel: TelegramChannel) -> None:
    """Takes no more updates, finishes the open ones within DRAIN_SECONDS, closes the connections.

    What is unfinished then stays in the inbox for the next start.
    """
    updater = application.updater
    if updater is not None and updater.running:
        with suppress(TimeoutError, TelegramError):
            await asyncio.wait_for(updater.stop(), GOODBYE_SECONDS)
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            if application.running:
                await application.stop()
            await channel.answers.drain()
    except TimeoutError:
        log.warning("stopped with questions unanswered after %.0f s", DRAIN_SECONDS)
    await channel.answers.abandon()
    with suppress(TimeoutError, TelegramError, RuntimeError):
        await asyncio.wait_for(application.shutdown(), GOODBYE_SECONDS)
    channel.stores.close()


async def _set_commands(application: BotApplication) -> None:
    """The command menu: Chinese for Chinese users, English for all others."""
    for scope, texts in (
        (BotCommandScopeAllPrivateChats(), messages.PRIVATE_COMMANDS),
        (BotCommandScopeAllGroupChats(), messages.GROUP_COMMANDS),
    ):
        for language, language_code in (("en", None), ("zh", "zh")):
            commands = [BotCommand(name, words) for name, words in texts[language].items()]
            try:
                await application.bot.set_my_commands(commands, scope=scope, language_code=language_code)
            except TelegramError as error:
                log.warning("command menu not set: %s", error.message)


class _PollingReport:
    """Says why a poll failed; that another program polls with the same token, once a minute."""

    def __init__(self) -> None:
        self._said_at = -CONFLICT_REPEATED_SECONDS

    def __call__(self, error: TelegramError) -> None:
        if not isinstance(error, Conflict):
            log.warning(messages.UNREACHABLE.format(reason=error.message))
        elif time.monotonic() - self._said_at >= CONFLICT_REPEATED_SECONDS:
            self._said_at = time.monotonic()
            log.warning(messages.UNREACHABLE.format(reason=messages.TOKEN_IN_USE))


def _listen_address(listen: str, complaint: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingsError(complaint)
    return host.strip("[]"), int(port)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl+C ends the loop instead
            loop.add_signal_handler(number, stop.set)
    return stop
