"""A Bot API server for tests: HTTP and updates as Telegram does them, TDLib's own parser for mark-up.

    async with BotApiServer() as api:
        person = api.person(7)
        await person.say("什么时候截止？")
        message = await person.hears()

It keeps Telegram's limits and its refusals in Telegram's words, and can be told to fail.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import tdjson
import tornado.httpclient
import tornado.httpserver
import tornado.netutil
import tornado.web

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
"""The example of the Bot API's documentation; no such bot exists."""
MAX_TEXT = 4096
MAX_RAW_BYTES = 32_768
MAX_CALLBACK_BYTES = 64
MAX_CAPTION = 1024
MAX_DOWNLOAD_BYTES = 20 << 20
"""The Bot API gives no larger file to a bot."""
LONGEST_POLL_SECONDS = 50

Json = dict[str, Any]

# ---------------------------------------------------------------- TDLib: mark-up and entities


def _tdlib(request: Json) -> Json:
    return json.loads(tdjson.td_execute(json.dumps(request).encode()))


_tdlib({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})

_ENTITY_TYPES = {
    "Bold": "bold",
    "Italic": "italic",
    "BlockQuote": "blockquote",
    "ExpandableBlockQuote": "expandable_blockquote",
    "Url": "url",
    "Mention": "mention",
    "BotCommand": "bot_command",
    "Hashtag": "hashtag",
    "EmailAddress": "email",
    "PhoneNumber": "phone_number",
}


class Refused(Exception):
    """What the Bot API answers instead of a result."""

    def __init__(self, description: str, code: int = 400, **parameters: Any) -> None:
        super().__init__(description)
        self.description, self.code, self.parameters = description, code, parameters


def parse_html(text: str) -> tuple[str, list[Json]]:
    """The visible text and its entities, as TDLib parses them. Raises Refused as the Bot API does."""
    parsed = _tdlib(
        {"@type": "parseTextEntities", "text": text, "parse_mode": {"@type": "textParseModeHTML"}}
    )
    if parsed["@type"] == "error":
        raise Refused(f"Bad Request: can't parse entities: {parsed['message']}")
    return parsed["text"], _entities(parsed)


def entities_found_in(text: str) -> list[Json]:
    """The commands, mentions, addresses and numbers that TDLib finds in a person's message."""
    return _entities(_tdlib({"@type": "getTextEntities", "text": text}))


def _entities(parsed: Json) -> list[Json]:
    return [
        {
            "type": _ENTITY_TYPES.get(entity["type"]["@type"].removeprefix("textEntityType"), "url"),
            "offset": entity["offset"],
            "length": entity["length"],
        }
        for entity in parsed["entities"]
    ]


# ---------------------------------------------------------------- faults


@dataclass
class Fault:
    """One call that goes wrong."""

    method: str
    code: int = 0
    description: str = "Internal Server Error"
    delivered: bool = False
    """The method is carried out, and only then the reply fails."""
    silent_seconds: float = 0.0
    """Before the connection is cut, where `code` is 0."""
    chat_id: int | None = None
    """Only calls for this chat."""
    parameters: Json = field(default_factory=dict)
    garbage: bool = False
    """The reply is HTTP 200 with a body that is not JSON."""

    def strikes(self, method: str, arguments: Json) -> bool:
        return self.method == method and self.chat_id in {None, int(arguments.get("chat_id", 0))}


class Chaos:
    """Faults at random, the same for the same seed: a share of all calls goes wrong in one of many ways."""

    KINDS = ("429", "502", "500", "reset", "reset_after", "silent_after", "garbage_after")
    NEVER = frozenset({"getMe", "setMyCommands", "deleteMyCommands"})

    def __init__(self, share: float, seed: int = 1, silent_seconds: float = 1.0) -> None:
        self.share, self.silent_seconds = share, silent_seconds
        self.random = random.Random(seed)
        self.calls = 0
        self.struck: Counter[str] = Counter()
        """Faults by kind."""
        self.doubtful: set[int] = set()
        """Chats to which a message's fate could not be known."""

    def fault(self, method: str, arguments: Json) -> Fault | None:
        if method in self.NEVER:
            return None
        self.calls += 1
        if self.random.random() >= self.share:
            return None
        kinds = (*self.KINDS, "409") if method == "getUpdates" else self.KINDS
        kind = self.random.choice(kinds)
        self.struck[kind] += 1
        if method.startswith("send") and kind in {"reset", "reset_after", "silent_after", "garbage_after"}:
            self.doubtful.add(int(arguments.get("chat_id", 0)))
        match kind:
            case "429":
                return Fault(method, 429, "Too Many Requests: retry after 1", parameters={"retry_after": 1})
            case "502":
                return Fault(method, 502, "Bad Gateway")
            case "500":
                return Fault(method, 500, "Internal Server Error")
            case "409":
                return Fault(method, 409, "Conflict: terminated by other getUpdates request")
            case "reset":
                return Fault(method)
            case "reset_after":
                return Fault(method, delivered=True)
            case "silent_after":
                return Fault(method, delivered=True, silent_seconds=self.silent_seconds)
        return Fault(method, delivered=True, garbage=True)


@dataclass(frozen=True)
class Call:
    method: str
    arguments: Json
    at: float
    """Of a monotonic clock, in seconds."""


# ---------------------------------------------------------------- the server


class BotApiServer:
    """Serves one bot over HTTP on a free port of 127.0.0.1."""

    def __init__(
        self, username: str = "notice_bot", token: str = TOKEN, port: int = 0, first_update: int = 1
    ) -> None:
        self.token = token
        self.me = {
            "id": int(token.split(":")[0]),
            "is_bot": True,
            "first_name": "通知助手",
            "username": username,
        }
        self.calls: list[Call] = []
        self.messages: dict[tuple[int, int], Json] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.files: dict[str, bytes] = {}
        """File id -> content, of the documents that people have sent."""
        self.pictures: list[bytes] = []
        """Of the bot's own photos, in order."""
        self.callback_answers: dict[str, Json | None] = {}
        self.webhook: Json = {}
        self.updates = Updates(first_update)
        self.faults: list[Fault] = []
        self.chaos: Chaos | None = None
        self.tries: list[Call] = []
        """Every request but the polls, whether it was carried out or not."""
        self.handed: dict[int, float] = {}
        """Update -> when a poll first gave it to the bot, by a monotonic clock."""
        self.inline_answers: dict[str, Json] = {}
        self.outbox: defaultdict[int, asyncio.Queue[Json]] = defaultdict(asyncio.Queue)
        self.port = port
        self._ids = {kind: itertools.count(1) for kind in ("message", "callback", "file")}

    async def __aenter__(self) -> BotApiServer:
        application = tornado.web.Application(
            [
                (r"/bot([^/]+)/(\w+)", _MethodHandler, {"api": self}),
                (r"/file/bot([^/]+)/documents/(\w+)", _FileHandler, {"api": self}),
            ],
            log_function=lambda handler: None,
        )
        self._server = tornado.httpserver.HTTPServer(application)
        sockets = tornado.netutil.bind_sockets(self.port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        self._server.add_sockets(sockets)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.stop()
        await self._server.close_all_connections()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, method: str, code: int, description: str, *, times: int = 1, **options: Any) -> None:
        """The next calls of the method are refused; further options as in Fault."""
        self.faults += [Fault(method, code, description, **options)] * times

    def cut(self, method: str, *, delivered: bool, silent_seconds: float = 0.0) -> None:
        """The next call of the method gets no reply: the connection ends."""
        self.faults.append(Fault(method, delivered=delivered, silent_seconds=silent_seconds))

    def sent_to(self, chat_id: int) -> list[str]:
        """The visible texts of all that the bot has sent to a chat."""
        return [
            message.get("text", message.get("caption", ""))
            for (chat, _), message in sorted(self.messages.items())
            if chat == chat_id and message["from"]["id"] == self.me["id"]
        ]

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def person(
        self,
        id: int,
        chat_id: int | None = None,
        language: str | None = "zh-hans",
        topic: int | None = None,
    ) -> Person:
        """Someone who writes to the bot: in private, or in the group with the (negative) `chat_id`."""
        return Person(self, id, chat_id or id, language, topic)

    async def deliver(self, update: Json, headers: Json | None = None) -> int:
        """Hands an update to the bot: by webhook where one is set, else by its next poll."""
        if not self.webhook:
            self.updates.put(update)
            return 0
        secret = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        response = await tornado.httpclient.AsyncHTTPClient().fetch(
            self.webhook["url"],
            method="POST",
            body=json.dumps(update),
            headers={"Content-Type": "application/json", **(secret if headers is None else headers)},
            raise_error=False,
        )
        return response.code

    def next_id(self, kind: str) -> int:
        return next(self._ids[kind])

    async def call(self, method: str, arguments: Json) -> Any:
        """The result of a Bot API method. Raises Refused."""
        if method != "getUpdates":
            self.calls.append(Call(method, arguments, time.monotonic()))
        carry_out: Callable[[Json], Any] | None = getattr(self, f"_{method}", None)
        if carry_out is None:
            raise Refused("Not Found: method not found", 404)
        result = carry_out(arguments)
        return await result if isinstance(result, Coroutine) else result

    # ------------------------------------------------------------ methods: the bot itself

    def _getMe(self, arguments: Json) -> Json:
        return self.me

    def _setMyCommands(self, arguments: Json) -> bool:
        self.commands[_scope(arguments)] = json.loads(arguments["commands"])
        return True

    def _deleteMyCommands(self, arguments: Json) -> bool:
        self.commands.pop(_scope(arguments), None)
        return True

    def _setWebhook(self, arguments: Json) -> bool:
        if not arguments["url"].startswith(("https://", "http://127.0.0.1:")):
            raise Refused("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = arguments
        return True

    def _deleteWebhook(self, arguments: Json) -> bool:
        self.webhook = {}
        return True

    async def _getUpdates(self, arguments: Json) -> list[Json]:
        if self.webhook:
            raise Refused("Conflict: can't use getUpdates method while webhook is active", 409)
        return await self.updates.take(int(arguments.get("offset", 0)), float(arguments.get("timeout", 0)))

    # ------------------------------------------------------------ methods: messages

    def _sendMessage(self, arguments: Json) -> Json:
        message = self.new_message(
            self.me, int(arguments["chat_id"]), **_text(arguments), **_keyboard(arguments)
        )
        if arguments.get("message_thread_id"):
            message |= {"message_thread_id": int(arguments["message_thread_id"]), "is_topic_message": True}
        if arguments.get("reply_parameters"):
            message |= self._reply(message["chat"]["id"], json.loads(arguments["reply_parameters"]))
        self.outbox[message["chat"]["id"]].put_nowait(message)
        return message

    def _editMessageReplyMarkup(self, arguments: Json) -> Json:
        message = self.messages.get((int(arguments["chat_id"]), int(arguments["message_id"])))
        if message is None:
            raise Refused("Bad Request: message to edit not found")
        keyboard = _keyboard(arguments).get("reply_markup")
        if keyboard == message.get("reply_markup"):
            raise Refused(
                "Bad Request: message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.pop("reply_markup", None)
        return message.update({"reply_markup": keyboard} if keyboard else {}) or message

    def _editMessageText(self, arguments: Json) -> Json:
        message = self.messages.get((int(arguments["chat_id"]), int(arguments["message_id"])))
        if message is None:
            raise Refused("Bad Request: message to edit not found")
        content = {**_text(arguments), **_keyboard(arguments)}
        kept = {key: part for key, part in message.items() if key not in {"text", "entities", "reply_markup"}}
        if {**kept, **content} == message:
            raise Refused(
                "Bad Request: message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.clear()
        message.update({**kept, **content})
        return message

    def _sendPhoto(self, arguments: Json) -> Json:
        caption, entities = arguments.get("caption", ""), []
        if arguments.get("parse_mode"):
            caption, entities = parse_html(caption)
        if len(caption) > MAX_CAPTION:
            raise Refused("Bad Request: message caption is too long")
        picture = next(iter(arguments["uploaded"].values()))
        if not picture.startswith(b"\x89PNG\r\n"):
            raise Refused("Bad Request: IMAGE_PROCESS_FAILED")
        self.pictures.append(picture)
        message = self.new_message(
            self.me,
            int(arguments["chat_id"]),
            photo=[{"file_id": "p1", "file_unique_id": "p1", "width": 1, "height": 1}],
            caption=caption,
            **({"caption_entities": entities} if entities else {}),
            **_keyboard(arguments),
        )
        self.outbox[message["chat"]["id"]].put_nowait(message)
        return message

    def _sendDocument(self, arguments: Json) -> Json:
        caption = arguments.get("caption", "")
        if len(caption) > MAX_CAPTION:
            raise Refused("Bad Request: message caption is too long")
        content = next(iter(arguments["uploaded"].values()))
        file_id = f"D{self.next_id('file')}"
        self.files[file_id] = content
        message = self.new_message(
            self.me,
            int(arguments["chat_id"]),
            document={"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)},
            caption=caption,
        )
        self.outbox[message["chat"]["id"]].put_nowait(message)
        return message

    def _deleteMessage(self, arguments: Json) -> bool:
        place = int(arguments["chat_id"]), int(arguments["message_id"])
        if self.messages.pop(place, None) is None:
            raise Refused("Bad Request: message to delete not found")
        return True

    def _answerInlineQuery(self, arguments: Json) -> bool:
        query, results = arguments["inline_query_id"], json.loads(arguments["results"])
        if query in self.inline_answers:
            raise Refused("Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(results) > 50 or len({result["id"] for result in results}) < len(results):
            raise Refused("Bad Request: RESULT_ID_DUPLICATE")
        for result in results:
            content = result["input_message_content"]
            if not 1 <= len(result["id"].encode()) <= 64:
                raise Refused("Bad Request: RESULT_ID_INVALID")
            content["text"], _ = parse_html(content["message_text"])
            if len(content["text"]) > MAX_TEXT:
                raise Refused("Bad Request: MESSAGE_TOO_LONG")
            _keyboard({"reply_markup": json.dumps(result["reply_markup"])})
        self.inline_answers[query] = {**arguments, "results": results}
        return True

    def _getWebhookInfo(self, arguments: Json) -> Json:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": 0,
        }

    def _getFile(self, arguments: Json) -> Json:
        data = self.files.get(arguments["file_id"])
        if data is None:
            raise Refused("Bad Request: invalid file_id")
        if len(data) > MAX_DOWNLOAD_BYTES:
            raise Refused("Bad Request: file is too big")
        name = arguments["file_id"]
        return {
            "file_id": name,
            "file_unique_id": name,
            "file_size": len(data),
            "file_path": f"documents/{name}",
        }

    def _sendChatAction(self, arguments: Json) -> bool:
        return True

    def _answerCallbackQuery(self, arguments: Json) -> bool:
        query = arguments["callback_query_id"]
        if self.callback_answers.get(query, {}) is not None:
            raise Refused("Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(arguments.get("text", "")) > 200:
            raise Refused("Bad Request: MESSAGE_TOO_LONG")
        self.callback_answers[query] = arguments
        return True

    # ------------------------------------------------------------ what they share

    def new_message(self, sender: Json, chat_id: int, **content: Any) -> Json:
        kind = (
            {"type": "private", "first_name": "某人"}
            if chat_id > 0
            else {"type": "supergroup", "title": "群"}
        )
        message = {
            "message_id": self.next_id("message"),
            "date": int(time.time()),
            "from": sender,
            "chat": {"id": chat_id, **kind},
            **content,
        }
        self.messages[chat_id, message["message_id"]] = message
        return message

    def _reply(self, chat_id: int, parameters: Json) -> Json:
        original = self.messages.get((chat_id, parameters["message_id"]))
        if original is None:
            if parameters.get("allow_sending_without_reply"):
                return {}
            raise Refused("Bad Request: message to be replied not found")
        return {
            "reply_to_message": {key: part for key, part in original.items() if key != "reply_to_message"}
        }


def _scope(arguments: Json) -> tuple[str, str]:
    """Type of the scope, with the chat's id where it has one, and the language."""
    scope = json.loads(arguments["scope"]) if arguments.get("scope") else {"type": "default"}
    name = ":".join(map(str, filter(None, (scope["type"], scope.get("chat_id")))))
    return name, arguments.get("language_code", "")


def _text(arguments: Json) -> Json:
    text, entities = arguments.get("text", ""), []
    if len(text.encode()) > MAX_RAW_BYTES:
        raise Refused("Bad Request: text is too long")
    if arguments.get("parse_mode"):
        if arguments["parse_mode"].lower() != "html":
            raise Refused("Bad Request: unsupported parse_mode")
        text, entities = parse_html(text)
    if len(text) > MAX_TEXT:
        raise Refused("Bad Request: message is too long")
    if not text.strip():
        raise Refused("Bad Request: message text is empty")
    return {"text": text, **({"entities": entities} if entities else {})}


def _keyboard(arguments: Json) -> Json:
    if not arguments.get("reply_markup"):
        return {}
    keyboard = json.loads(arguments["reply_markup"])
    for button in itertools.chain.from_iterable(keyboard["inline_keyboard"]):
        if not button.get("text"):
            raise Refused("Bad Request: BUTTON_TEXT_INVALID")
        if button.get("url", "").startswith("https://"):
            continue
        if not 1 <= len(button["callback_data"].encode()) <= MAX_CALLBACK_BYTES:
            raise Refused("Bad Request: BUTTON_DATA_INVALID")
    return {"reply_markup": keyboard}


class Updates:
    """The queue behind getUpdates: an update stays until a later offset confirms it."""

    def __init__(self, first: int = 1) -> None:
        self.waiting: list[Json] = []
        self.last_number = 0
        self._numbers = itertools.count(first)
        self._changed = asyncio.Event()
        self._polls = 0

    def put(self, update: Json) -> None:
        self.waiting.append(update)
        self._changed.set()

    def next_number(self) -> int:
        self.last_number = next(self._numbers)
        return self.last_number

    async def take(self, offset: int, timeout: float) -> list[Json]:
        """Waits for updates; as at Telegram, a newer poll ends an older one with 409."""
        self._polls += 1
        poll, end = self._polls, time.monotonic() + min(timeout, LONGEST_POLL_SECONDS)
        self._changed.set()
        if offset > 0:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]
        while not self.waiting and (left := end - time.monotonic()) > 0:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                break
            if poll != self._polls:
                raise Refused("Conflict: terminated by other getUpdates request", 409)
        return self.waiting[:100]


class _MethodHandler(tornado.web.RequestHandler):
    """HTTP -> a method of the server, and its result or refusal -> HTTP."""

    def initialize(self, api: BotApiServer) -> None:
        self.api = api

    async def post(self, token: str, method: str) -> None:
        arguments: Json = {name: values[-1].decode() for name, values in self.request.arguments.items()}
        if self.request.files:
            arguments["uploaded"] = {name: files[0].body for name, files in self.request.files.items()}
        fault = next((fault for fault in self.api.faults if fault.strikes(method, arguments)), None)
        if fault:
            self.api.faults.remove(fault)
        elif self.api.chaos:
            fault = self.api.chaos.fault(method, arguments)
        if method != "getUpdates":
            self.api.tries.append(Call(method, arguments, time.monotonic()))
        try:
            if token != self.api.token:
                raise Refused("Unauthorized", 401)
            if fault and not fault.delivered:
                await self._strike(fault)
                return
            result = await self.api.call(method, arguments)
            if fault:
                await self._strike(fault)
                return
            if method == "getUpdates":
                for update in result:
                    self.api.handed.setdefault(update["update_id"], time.monotonic())
            self._reply({"ok": True, "result": result})
        except Refused as refusal:
            parameters = {"parameters": refusal.parameters} if refusal.parameters else {}
            self._reply(
                {
                    "ok": False,
                    "error_code": refusal.code,
                    "description": refusal.description,
                    **parameters,
                },
                refusal.code,
            )

    async def _strike(self, fault: Fault) -> None:
        if fault.code:
            raise Refused(fault.description, fault.code, **fault.parameters)
        if fault.garbage:
            self.finish("<html><body>upstream said nothing</body></html>")
            return
        await asyncio.sleep(fault.silent_seconds)
        self.request.connection.stream.close()  # type: ignore[attr-defined]

    def _reply(self, body: Json, status: int = 200) -> None:
        if not self.request.connection.stream.closed():  # type: ignore[attr-defined]
            self.set_status(status)
            self.finish(body)


class _FileHandler(tornado.web.RequestHandler):
    """The files that getFile names."""

    def initialize(self, api: BotApiServer) -> None:
        self.api = api

    async def get(self, token: str, name: str) -> None:
        fault = next((fault for fault in self.api.faults if fault.strikes("download", {})), None)
        if fault:
            self.api.faults.remove(fault)
            self.request.connection.stream.close()  # type: ignore[attr-defined]
        elif token != self.api.token or name not in self.api.files:
            self.send_error(404)
        else:
            await self.finish(self.api.files[name])


# ---------------------------------------------------------------- people


class Person:
    """Someone with a Telegram client: writes, presses buttons, reads what the bot sends to the chat."""

    def __init__(
        self, api: BotApiServer, id: int, chat_id: int, language: str | None, topic: int | None
    ) -> None:
        self.api, self.chat_id, self.topic = api, chat_id, topic
        self.user = {"id": id, "is_bot": False, "first_name": f"用户{id}"}
        if language:
            self.user["language_code"] = language

    async def say(self, text: str, reply_to: Json | None = None, **more: Any) -> Json:
        """Sends a text message, as a reply where `reply_to` is given."""
        return await self.send(text=text, entities=entities_found_in(text), reply_to=reply_to, **more)

    async def send(self, *, reply_to: Json | None = None, **content: Any) -> Json:
        """Sends a message with any content of the Bot API's Message."""
        if self.topic:
            content |= {"message_thread_id": self.topic, "is_topic_message": True}
        if reply_to:
            content["reply_to_message"] = {
                key: part for key, part in reply_to.items() if key != "reply_to_message"
            }
        message = self.api.new_message(self.user, self.chat_id, **content)
        await self.deliver(message=message)
        return message

    async def send_document(self, name: str, data: bytes, **more: Any) -> Json:
        """Sends a file, as a client's paper clip does."""
        file_id = f"file{self.api.next_id('file')}"
        self.api.files[file_id] = data
        document = {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_name": name,
            "file_size": len(data),
            "mime_type": "application/octet-stream",
        }
        return await self.send(document=document, **more)

    async def edit(self, message: Json, text: str, after_seconds: int = 5) -> None:
        """Changes the words of a message that this person has sent."""
        message |= {"text": text, "entities": entities_found_in(text)}
        message["edit_date"] = message["date"] + after_seconds
        await self.deliver(edited_message=dict(message))

    async def types_inline(self, words: str) -> str:
        """Types words behind the bot's name in some chat; the id of the query."""
        query = f"inline{self.api.next_id('callback')}"
        await self.deliver(inline_query={"id": query, "from": self.user, "query": words, "offset": ""})
        return query

    async def press(self, message: Json, label: str) -> str:
        """Presses the first button whose words begin with `label`; the id of the callback query."""
        buttons = itertools.chain.from_iterable(message["reply_markup"]["inline_keyboard"])
        data = next(button["callback_data"] for button in buttons if button["text"].startswith(label))
        return await self.press_data(message, data)

    async def press_data(self, message: Json, data: str) -> str:
        query = f"query{self.api.next_id('callback')}"
        self.api.callback_answers[query] = None
        await self.deliver(
            callback_query={
                "id": query,
                "from": self.user,
                "chat_instance": "1",
                "data": data,
                "message": self.api.messages[message["chat"]["id"], message["message_id"]],
            }
        )
        return query

    async def deliver(self, **update: Any) -> int:
        return await self.api.deliver({"update_id": self.api.updates.next_number(), **update})

    async def hears(self, timeout: float = 5.0) -> Json:
        """The bot's next message to this chat."""
        return await asyncio.wait_for(self.api.outbox[self.chat_id].get(), timeout)

    async def hears_nothing(self, seconds: float = 0.3) -> bool:
        await asyncio.sleep(seconds)
        return self.api.outbox[self.chat_id].empty()


def labels(message: Json) -> list[str]:
    """The words on a message's buttons, in reading order."""
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for button in itertools.chain.from_iterable(keyboard)]
