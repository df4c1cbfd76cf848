"""A notice's data about itself -> answers: its number, who issued it and when, what it lists as attachments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import messages
from bot.datamodels import Block, BlockKind, ChunkKind, DeclaredAttachment, FactKind
from bot.desk import Desk, computed, note, plain, strong
from bot.lexicon import MONEY
from bot.ranking import missing_overlap
from bot.selection import is_generic

_ASKS_FOR_NUMBER = re.compile(
    r"文号|几号文|第几号|发文字号|(?:文件|公文|通知|公告)(?:的)?(?:编号|字号)|document number|reference number"
)
_ASKS_FOR_ISSUER = re.compile(
    r"谁发的|哪个(?:单位|部门|机关)(?:发|印发|出)|发文(?:单位|机关|部门)|who issued|issuer"
)
_GIVEN_OUT = re.compile(rf"{MONEY}|[钱款证牌奖]")
_A_DOCUMENT = re.compile(r"通知|文件|公告|办法|方案|[这份]文|notice")
_ASKS_FOR_DATE_OF_ISSUE = re.compile(
    r"(?:什么时候|什么日期|什么时间|啥时候?|哪天|何时|几号|几月).{0,4}(?:发布|印发|下发|发的|出的|公布的)"
    r"|(?:通知|文件|公告|函|文)是?(?:什么时候|啥时候?|哪天|何时|几号|几月)(?:发|出|下)|(?:发布|印发|成文|落款)(?:日期|时间)|when was (?:it|the notice) issued"
)
_ASKS_FOR_ATTACHMENTS = re.compile(
    r"(?:有哪些|有几个|有多少个?|几个|哪几个|多少个?|所有|全部)附件|附件(?:有哪些|有几个|有多少|都有|清单|列表)|(?:what|how many|list of) attachments"
)
_ASKS_WHICH_ATTACHMENT = re.compile(
    r"(?:哪|第几|几号)(?:个|份|一个)?附件|附件(?:几|多少)(?!页)|which (?:attachment|annex)"
)


def own_data(desk: Desk) -> list[Block]:
    """What a question asks of the notice itself; empty for one of what it says, as `补贴哪个单位发`."""
    words, notice = desk.question.normalised, desk.notice
    if _ASKS_FOR_ATTACHMENTS.search(words) and notice.attachments:
        return _attachment_list(desk, notice.attachments)
    if _ASKS_WHICH_ATTACHMENT.search(words):
        scored = [(missing_overlap(words, a.title), a) for a in notice.attachments]
        best = max(scored, key=lambda pair: pair[0], default=(0, None))
        if best[1] is not None and best[0] >= 2:
            return _attachment_list(desk, [best[1]])
    if len(words) > 24:
        return []
    blocks = []
    if _ASKS_FOR_NUMBER.search(words):
        blocks += _document_number(desk)
    if _ASKS_FOR_ISSUER.search(words) and (_A_DOCUMENT.search(words) or not _GIVEN_OUT.search(words)):
        blocks += _issuer(desk)
    if asks_for_date_of_issue(words) and (blocks or is_generic(desk)):
        blocks += _date_of_issue(desk)
    return blocks


def asks_for_date_of_issue(words: str) -> bool:
    """True for `这份通知是什么日期印发的`: no deadline answers it."""
    return bool(_ASKS_FOR_DATE_OF_ISSUE.search(words))


def _date_of_issue(desk: Desk) -> list[Block]:
    closing = [
        c
        for c in desk.chunks
        if c.kind is ChunkKind.CLOSING and any(f.kind is FactKind.DATE for f in desk.facts(c))
    ]
    if not closing:
        return []
    n = desk.citer.cite(closing[-1])
    return [Block(BlockKind.ANSWER, (plain("成文日期："), strong(closing[-1].text)), (n,))]


def _issuer(desk: Desk) -> list[Block]:
    """Who issued the notice, where it is signed or its title says so."""
    issuer = desk.notice.issuer
    places = [c for c in reversed(desk.chunks) if c.kind in {ChunkKind.CLOSING, ChunkKind.TITLE}]
    signed = next((c for c in places if issuer and issuer.split(" ")[0] in c.text), None)
    if signed is None:
        return []
    n = desk.citer.cite(signed)
    return [Block(BlockKind.ANSWER, (plain("发文机关："), strong(issuer)), (n,))]


def _document_number(desk: Desk) -> list[Block]:
    notice = desk.notice
    generic = not re.search(r"《|依据|根据|上级|国家|原通知|废止|引用", desk.question.normalised)
    if notice.doc_number and generic:
        holder = next((c for c in desk.chunks if notice.doc_number in c.text), None)
        if holder:
            n = desk.citer.cite(holder)
            return [Block(BlockKind.ANSWER, (plain("文号："), strong(notice.doc_number)), (n,))]
    if generic and not notice.doc_number and notice.references:
        holders = [(r, c) for r in notice.references for c in desk.chunks if r in c.text][:2]
        if holders:
            blocks = [note(messages.NO_OWN_NUMBER)]
            for reference, chunk in holders:
                at = chunk.start + chunk.text.index(reference)
                n = desk.citer.cite(chunk, [(at, at + len(reference))])
                blocks.append(Block(BlockKind.ANSWER, (strong(reference),), (n,)))
            return blocks
    return []


def _attachment_list(desk: Desk, attachments: Sequence[DeclaredAttachment]) -> list[Block]:
    blocks = [note(messages.LIST_OF_ATTACHMENTS)] if len(attachments) > 1 else []
    for attachment in attachments:
        holder = next((c for c in desk.chunks if attachment.title in c.text), None)
        have = messages.SUPPLIED if attachment.document_id else messages.NOT_SUPPLIED
        name = f"附件{attachment.number}《{attachment.title}》"
        if holder is None:
            blocks.append(note(f"{name}（{have}）"))
            continue
        at = holder.start + holder.text.index(attachment.title)
        n = desk.citer.cite(holder, [(at, at + len(attachment.title))])
        blocks.append(
            Block(
                BlockKind.ITEM,
                (
                    computed(f"附件{attachment.number}"),
                    plain(f"《{attachment.title}》"),
                    computed(f"（{have}）"),
                ),
                (n,),
            )
        )
    return blocks
