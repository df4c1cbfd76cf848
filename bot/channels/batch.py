"""JSON lines with questions -> JSON lines with answers, one for one and in order."""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from bot.datamodels import AnswerStatus
from bot.questions.log import QuestionLog
from bot.rendering import to_json, without_surrogates
from bot.today import date_from, day_in_china

if TYPE_CHECKING:
    from bot.assistant import Assistant

logger = logging.getLogger(__name__)

QUESTION_LIMIT = 100_000
"""Characters."""
NAMED_NOTICES = 10

NOT_UTF8 = "这一行不是 UTF-8 编码。"
NOT_JSON = "这一行不是有效的 JSON。"
NOT_OBJECT = '这一行应为 JSON 对象，例如 {"id": 1, "question": "什么时候截止申报？"}。'
BAD_ID = "id 应为字符串或整数。"
NO_QUESTION = "缺少 question，或它是空的。"
BAD_QUESTION = "question 应为字符串。"
LONG_QUESTION = "question 有 {length} 个字符，最多 {limit} 个。"
BAD_TODAY = "today 应为 2024-11-20 这样的日期。"
BAD_HISTORY = "history 应为字符串的列表。"
BAD_NOTICE = "notice 应为字符串。"
UNKNOWN_NOTICE = "没有名为“{notice}”的通知；已有：{known}。"
INTERNAL = "处理这个问题时出错，编号 {incident}；详情见错误日志。"


@dataclass(frozen=True, slots=True)
class Request:
    """One input line, checked."""

    id: str | int | None
    question: str
    today: date | None = None
    history: tuple[str, ...] = ()
    notice_id: str | None = None


class RequestError(ValueError):
    """A line that cannot be answered; `str(error)` is the Chinese sentence for its sender."""

    def __init__(self, message: str, id: str | int | None = None) -> None:
        super().__init__(message)
        self.id = id


def answer_lines(
    lines: Iterable[bytes], assistant: Assistant, question_log: QuestionLog, clock: Callable[[], datetime]
) -> Iterator[str]:
    """One JSON line for each line that is not blank, without its line end; never raises for a line."""
    for number, line in enumerate(lines):
        content = line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
        if content.strip():
            yield json_line(_response(content, assistant, question_log, clock))


def _response(
    line: bytes, assistant: Assistant, question_log: QuestionLog, clock: Callable[[], datetime]
) -> dict[str, Any]:
    try:
        request = request_from(line)
        check_notice(request, assistant)
    except RequestError as error:
        return {"id": error.id, "status": AnswerStatus.ERROR_INPUT.value, "error": str(error)}
    return answer_object(request, assistant, question_log, clock, channel="batch")


def answer_object(
    request: Request,
    assistant: Assistant,
    question_log: QuestionLog,
    clock: Callable[[], datetime],
    *,
    channel: str,
) -> dict[str, Any]:
    """The answer as an output object, logged; one of status error_internal where the assistant failed."""
    try:
        now = clock()
        answer = assistant.ask(
            request.question,
            today=request.today or day_in_china(now),
            history=request.history,
            notice_id=request.notice_id,
        )
        question_log.record(answer, channel=channel, asked_at=now, index_version=assistant.version)
        return to_json(answer, request.id)
    except Exception:
        incident = secrets.token_hex(4)
        logger.exception("incident %s", incident)
        message = INTERNAL.format(incident=incident)
        return {"id": request.id, "status": AnswerStatus.ERROR_INTERNAL.value, "error": message}


def request_from(line: bytes) -> Request:
    """The request on a line. Raises RequestError with the id, where the line has a usable one."""
    values = _json_object(line)
    id = values.get("id")
    if not isinstance(id, str | int | None):
        raise RequestError(BAD_ID)

    def refuse(message: str) -> NoReturn:
        raise RequestError(message, id)

    question, today, history = values.get("question"), values.get("today"), values.get("history")
    notice_id = values.get("notice")
    if question is None:
        refuse(NO_QUESTION)
    if not isinstance(question, str):
        refuse(BAD_QUESTION)
    if not question.strip():
        refuse(NO_QUESTION)
    if len(question) > QUESTION_LIMIT:
        refuse(LONG_QUESTION.format(length=len(question), limit=QUESTION_LIMIT))
    day = date_from(today) if isinstance(today, str) else None
    if today is not None and day is None:
        refuse(BAD_TODAY)
    if history is not None and not (
        isinstance(history, list) and all(isinstance(earlier, str) for earlier in history)
    ):
        refuse(BAD_HISTORY)
    if not isinstance(notice_id, str | None):
        refuse(BAD_NOTICE)
    return Request(
        id, without_surrogates(question), day, tuple(map(without_surrogates, history or ())), notice_id
    )


def _json_object(line: bytes) -> dict[str, Any]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(NOT_UTF8) from None
    try:
        values = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise RequestError(NOT_JSON) from None
    if not isinstance(values, dict):
        raise RequestError(NOT_OBJECT)
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")  # NaN and Infinity, which Python would take


def check_notice(request: Request, assistant: Assistant) -> None:
    """Raises RequestError, naming the known notices, where the request's scope is none of them."""
    known = [notice.id for notice in assistant.notices()]
    if request.notice_id is None or request.notice_id in known:
        return
    named = "、".join(known[:NAMED_NOTICES]) + (f" 等 {len(known)} 份" if len(known) > NAMED_NOTICES else "")
    message = UNKNOWN_NOTICE.format(notice=request.notice_id[:100], known=named or "（无）")
    raise RequestError(message, request.id)


def json_line(values: dict[str, Any]) -> str:
    r"""The values on one line by anyone's idea of a line: U+0085, U+2028 and U+2029 are escaped."""
    text = without_surrogates(json.dumps(values, ensure_ascii=False))
    return re.sub("[\x85\u2028\u2029]", lambda match: f"\\u{ord(match[0]):04x}", text)
