"""Answers about the 2024 smart-factory notice, as the assistant gives them, for tests of what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.datamodels import (
    Answer,
    AnswerStatus,
    Block,
    BlockKind,
    Chunk,
    ChunkKind,
    Citation,
    Fact,
    FactKind,
    Intent,
    Notice,
    Passage,
    Question,
    Span,
    SpanStyle,
)

TODAY = date(2026, 11, 22)
TITLE = "关于开展2024年度智能工厂梯度培育行动的通知"
NOTICE_ID = "2024年度智能工厂梯度培育行动"
FILE = f"{NOTICE_ID}/{TITLE}.txt"
ONLINE_CLAUSE = (
    "1.申报主体登录智能制造数据资源公共服务平台（https://www.miit-imps.com），进行注册、申报，"
    "编制申报书，于2024年11月22日前完成线上申报。"
)
CITIES_CLAUSE = "2.各市州工信局完成推荐，于11月23日前将推荐文件和纸质申报书报送至省工业和信息化厅装备工业处。"


def question(text: str) -> Question:
    return Question(text=text, normalised=text, intents=(Intent.DEADLINE,), today=TODAY)


def citation(
    n: int, quote: str, mark: str = "", *, section: str = "二、（二）1.", start: int = 900
) -> Citation:
    at = quote.index(mark) if mark else 0
    return Citation(
        n=n,
        chunk_id=f"{FILE}#{n + 10}",
        document=TITLE,
        notice=NOTICE_ID,
        file=FILE,
        section=section,
        quote=quote,
        start=start,
        end=start + len(quote),
        place="第12行",
        marks=((at, at + len(mark)),) if mark else (),
        repaired=True,
    )


def deadline_answer(text: str = "什么时候截止申报？") -> Answer:
    online = citation(1, ONLINE_CLAUSE, "于2024年11月22日前完成线上申报")
    cities = citation(2, CITIES_CLAUSE, "于11月23日前", section="二、（二）2.", start=1200)
    return Answer(
        question=question(text),
        status=AnswerStatus.ANSWERED,
        blocks=(
            Block(
                BlockKind.ANSWER,
                (
                    Span("企业线上申报："),
                    Span("2024年11月22日前", SpanStyle.STRONG),
                    Span("（已截止，逾期 730 天）", SpanStyle.COMPUTED),
                ),
                (1,),
            ),
            Block(
                BlockKind.ITEM, (Span("市州工信局报送推荐文件："), Span("11月23日前", SpanStyle.STRONG)), (2,)
            ),
            Block(BlockKind.CARD, (Span("湖南省工业和信息化厅装备工业处\n潘晓军 0731-88955383"),), (1, 2)),
            Block(BlockKind.NOTE, (Span("该批次申报已结束。"),)),
            Block(BlockKind.RELATED, (Span("纸质申报书一式两份。"),), (2,)),
        ),
        citations=(online, cities),
        facts=(
            Fact(
                FactKind.DATE,
                "2024-11-22",
                "2024年11月22日",
                online.chunk_id,
                online.start + ONLINE_CLAUSE.index("2024年11月22日"),
                online.start + ONLINE_CLAUSE.index("前完成线上申报"),
                actor="申报主体",
                act="完成线上申报",
            ),
        ),
        passages=tuple(
            Passage(
                Chunk(f"{FILE}#{row}", FILE, NOTICE_ID, ChunkKind.CLAUSE, row, row + 2, "条款"),
                score=1.0 - row / 100,
                dense=0.5,
                lexical=2.0,
            )
            for row in range(12)
        ),
        suggestions=("要交哪些材料？", "有问题找谁？"),
        took_ms=12.345,
        notice_ids=(NOTICE_ID,),
    )


def greeting_answer(text: str = "你好") -> Answer:
    return Answer(question(text), AnswerStatus.GREETING, (Block(BlockKind.ANSWER, (Span("你好！"),)),))


def subsidy_answer(text: str = "补多少钱？") -> Answer:
    block = Block(BlockKind.ANSWER, (Span("通知没有写明奖补金额。"),))
    return Answer(question(text), AnswerStatus.NOT_FOUND, (block,), notice_ids=(NOTICE_ID,))


@dataclass(frozen=True, slots=True)
class WholeClause:
    document_title: str
    section: str
    heading_path: tuple[str, ...]
    text: str
    place: str
    file: str


class ScriptedAssistant:
    """Stands where the assistant stands: real answers by what the question contains; notes what it was asked."""

    version = "20261122-1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, date, tuple[str, ...], str | None]] = []

    def ask(
        self, text: str, *, today: date, history: Sequence[str] = (), notice_id: str | None = None
    ) -> Answer:
        self.asked.append((text, today, tuple(history), notice_id))
        if "故障" in text:
            raise RuntimeError("the disk went away")
        if "截止" in text:
            answer = deadline_answer(text)
        elif "你好" in text:
            answer = greeting_answer(text)
        else:
            answer = subsidy_answer(text)
        return replace(answer, question=replace(answer.question, today=today, history=tuple(history)))

    def notices(self) -> tuple[Notice, ...]:
        first = Notice(NOTICE_ID, TITLE, FILE, issuer="湖南省工业和信息化厅", issued_on=date(2024, 11, 8))
        return first, Notice("第二份", "关于第二份的通知", "第二份/通知.txt")

    def clause(self, chunk_id: str) -> WholeClause | None:
        if chunk_id != f"{FILE}#11":
            return None
        path = ("二、2024年度智能工厂梯度培育行动申报工作", "（二）申报流程")
        return WholeClause(TITLE, "二、（二）1.", path, ONLINE_CLAUSE, "第12行", FILE)
