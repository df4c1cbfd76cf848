"""What the documents do not say -> refusals, each with whom to ask; and the tests that find that nothing says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import messages
from bot.asked_contacts import asks_for_contact, contacts_about
from bot.asked_names import asks_for_person, lacks_asked_name, persons_in_rows
from bot.attachment_kinds import PAPER, attachment_for
from bot.cards import contact_blocks
from bot.chunking import sentences
from bot.citations import Citer
from bot.composition import clause_blocks
from bot.contacts import Contact, asked_holder, contacts_in, is_for, is_of_row, those_of
from bot.datamodels import (
    AnswerStatus,
    Block,
    BlockKind,
    Chunk,
    ChunkKind,
    DeclaredAttachment,
    FactKind,
    Intent,
    Passage,
    Question,
)
from bot.desk import Desk, computed, note
from bot.lexicon import (
    ASKS_AMOUNT,
    ASKS_IF_MONEY,
    ASKS_REASON,
    GENERIC,
    LEGAL_FORM,
    MONEY,
    PLACE,
    REASON,
    SERVICES,
)
from bot.numbering import chinese_to_int
from bot.places import PLACES
from bot.question import asked_units, content_terms, expected_facts, stated_values, things_named
from bot.ranking import missing_overlap
from bot.selection import is_generic, without_shared
from bot.table_answers import row_states

SHORTEST_TITLE_OVERLAP = 3
BEST = 3
"""Passages among which what is asked for must stand: an e-mail, a reason, a name."""
_OF_LEVELS = {FactKind.AMOUNT, FactKind.PERCENT, FactKind.COUNT, FactKind.DURATION, FactKind.DATE}
"""Values that notices set for each level; whoever decides and where it is done is rather said of several at once."""
FAR, DISTANT = 0.55, 0.63
"""Cosines of the nearest passage, by the shipped encoder: below the first a question is about something else altogether
(half of those about the weather or a film, and one of 360 about notices), below the second where it has no word in
common with the notice either."""
RELATED = 0.1
"""Probability of an answer from which on the nearest clause is shown beside a refusal, whatever its words."""
EVERYDAY = 3
"""Words that occur more often than this outside a title do not name the attachment."""

_NAMES_ATTACHMENT = re.compile(r"附件\s*([0-9一二三四五六七八九十]{1,2})")
_CONTENTS_OF = re.compile(
    r"附件\s*[0-9一二三四五六七八九十]{1,2}[^在到从向交，,。;；？?]{0,12}(?:(?<!哪)里|有几|哪些|怎么写|写了)"
)
"""Words that ask what stands in an attachment, named by its number."""
_OTHER_MEDIA = re.compile(r"微信(?=号|群|或|和|有没有|$)|qq(?=号|群|$)|钉钉(?=号|群)|传真|wechat(?= id|$)")
"""Ways to reach somebody that no phone number answers for."""
_DIRECTORY = re.compile(
    r"(?=.*(?:电话|联系|通讯|地址|窗口|网点))(?=.*(?:各|[市县区镇乡]|街道|园区|网点|窗口|机构|名单|名录))"
)
"""The title of an attachment that says whom to reach where."""
_LOCAL = re.compile(
    r"(?=([\u4e00-\u9fff]{2}(?:(?<![各全本该我哪每所地社园辖小校景厂市郊片])区|(?<![各全本该我哪每市])县|旗|(?<!城)乡|(?<!乡)(?<!城)镇|街道|市)))"
)
"""A county, a town or a city by its last characters: `扶沟县`."""
_SENDING = re.compile(
    r"[发传交寄送递](?:到|至|给|送|邮箱|邮件|过去|上去|纸)|邮箱|邮件|快递|传真|网上交|纸质|[几多]少?份|@|e-?mail|\bpost\b|\bsend\b|\bcopies\b"
)
_FILING = re.compile(r"[迟晚][了交报]|逾期|过期|[补晚迟]交|[填申]报|报名")
"""Of handing in: such a question is about a notice, whatever its other words."""
_OTHER_YEAR = re.compile(
    r"20\d{2}\s*年?(?:度)?(?:的)?(?:通知|申报|截止|什么时候|啥时候|几号|第[一二三]批|报名|政策|补贴|奖补|名单|呢|deadline)"
)

_OPENS_WITH_YEAR = re.compile(
    r"(?:20\d{2}\s*年?(?:度)?|去年|前年|明年|后年)的?"
    r"(?:(?:怎么|咋|如何|怎样)(?:申报|申请|报名|报|办|弄|走|操作)|[补奖给]多少|多少钱|"
    r"(?:申报|报名|办理)?(?:流程|程序|步骤|条件|材料|要求)(?:是|有|都|呢|$)|"
    r"(?:还|还?能再?)(?:报(?!销)|申请|领|搞|办|评|弄))"
)
"""A question that is about the notice of a year from its first word on; `今年没评上，明年还能报吗` is not."""
_OF_YEAR = re.compile(
    r"(?<!\d)(?P<year>20\d\d)\s*年(?P<full>度)?(?:的)?(?P<about>[\u4e00-\u9fff]{2,12}?)"
    r"(?<!的)(?:还是|是|到底)?(?:什么时候|啥时候|啥时|几号|哪天|最晚|截止|还能|还可以|来得及|\d{1,2}月)"
)
"""A question for a date or whether there is time, of what is of a year."""
_NEXT_TIME = re.compile(
    r"明年(?:度|的)*(?P<about>[\u4e00-\u9fff]{0,12}?)(?:还是|是|到底|大概)?(?:什么时候|啥时候|啥时|几号|哪天|几月|何时)"
    r"(?:开始|能|可以|才)*(?:申报|申请|报|截止|启动)"
)
"""A question when something can be applied for next year."""


def other_year(desk: Desk) -> list[Block]:
    """The refusal to a question about the notice of a year that the corpus does not have; empty for any other."""
    question, notice = desk.question, desk.notice
    if not question.years or notice.year is None or notice.year in question.years:
        return []
    text = desk.text
    silent = not any(str(year) in text for year in question.years)
    programme = _programme_of_year(desk)
    words = question.normalised
    of_it = _OTHER_YEAR.search(words) or _OPENS_WITH_YEAR.match(words) or _asks_later_time(desk)
    if not (silent and of_it) and programme is None:
        return []
    years = "、".join(map(str, question.years))
    told = messages.OTHER_YEAR.format(years=years, have=f"{notice.year}年度的《{notice.title}》")
    about = programme.pattern if programme else r"(?!)"
    says = [chunk for chunk in desk.chunks if chunk.kind is ChunkKind.CLAUSE and re.search(about, chunk.text)]
    related = [block for chunk in says[:1] for block in clause_blocks(desk, chunk, BlockKind.RELATED)]
    return [note(told), *whom_to_ask(desk), *related]


def _asks_later_time(desk: Desk) -> bool:
    """True for a question for a date of what the notice is about in a later year: `明年什么时候报`, `2027年绿色工厂几号截止`."""
    words = desk.question.text.casefold()
    asked = _NEXT_TIME.search(words) or _OF_YEAR.search(words)
    later = asked is not None and min(desk.question.years) > (desk.notice.year or 0)
    return asked is not None and later and _is_of_name(desk, _beginning(asked["about"]))


def _beginning(about: str) -> str:
    """How the words begin that name what is asked about; empty for those that name nothing (`项目申报`)."""
    return "" if re.fullmatch(f"(?:{GENERIC})*", about) else about[:2]


def _is_of_name(desk: Desk, name: str) -> bool:
    """True for words that stand in the notice's title or in a heading, and where there are none."""
    headings = " ".join({heading for chunk in desk.chunks for heading in chunk.heading_path})
    return not without_shared(name, f"{desk.notice.title} {headings}").strip()


def _programme_of_year(desk: Desk) -> re.Pattern[str] | None:
    """The programme of an earlier year whose date is asked for (`2025年的稳岗返还什么时候截止`), as a pattern for what the
    notice says of it; None where it is no part of the notice's name, or where the notice itself has rules for it."""
    question, notice = desk.question, desk.notice
    words = question.text.casefold()
    asked = _OF_YEAR.search(words)
    if asked is None or int(asked["year"]) >= (notice.year or 0) or asked["year"] in notice.title:
        return None
    if not asked["full"] and notice.issued_on and notice.issued_on.year == int(asked["year"]):
        return None  # `2026年医保什么时候交`, asked of the notice for 2027 that came out in 2026
    name = _beginning(asked["about"])
    if not _is_of_name(desk, name):
        return None
    programme = re.compile(rf"{asked['year']}年?度?的?{name}")
    ruled = name and any(programme.search(re.sub(r"《[^》]*》", "", chunk.text)) for chunk in desk.chunks)
    return None if ruled else programme


def stated_nowhere(desk: Desk, kinds: Sequence[FactKind], passages: Sequence[Passage]) -> bool:
    """True where the question asks for a kind of value that no clause of the notice states at all; for an e-mail, a
    reason or a firm's name, that none of the best clauses states; or whether there is money, where no clause speaks of any."""
    if re.search(ASKS_IF_MONEY, desk.question.normalised) and not any(
        re.search(MONEY, c.text) for c in desk.chunks
    ):
        return True
    if any(medium not in desk.text.casefold() for medium in _OTHER_MEDIA.findall(desk.question.normalised)):
        return True
    if re.search(ASKS_REASON, desk.question.normalised) and not desk.question.yes_no:
        return not any(re.search(REASON, passage.chunk.text) for passage in passages[:BEST])
    if lacks_asked_name(desk.question, [passage.chunk for passage in passages[:BEST]]):
        return True
    if not kinds or kinds[0] not in {FactKind.EMAIL, FactKind.AMOUNT, FactKind.PHONE, FactKind.URL}:
        return False
    if kinds[0] is FactKind.AMOUNT and not re.search(ASKS_AMOUNT, desk.question.normalised):
        return False
    wanted = {FactKind.AMOUNT, FactKind.PERCENT} if kinds[0] is FactKind.AMOUNT else {kinds[0]}
    chunks = [p.chunk for p in passages[:BEST]] if kinds[0] is FactKind.EMAIL else desk.chunks
    return not any(f.kind in wanted for c in chunks for f in desk.facts(c))


def names_nobody(desk: Desk, blocks: Sequence[Block]) -> bool:
    """True where somebody's name is asked for and an answer holds none: `总务科 0792-5550340`."""
    if not asks_for_person(desk.question):
        return False
    said = re.sub(r"\s", "", "".join(block.text for block in blocks))
    persons = [c.person for c in contacts_in(desk.chunks, desk.index.facts)]
    names = (re.sub(r"\s", "", who) for who in (*persons, *persons_in_rows(desk.chunks)))
    return not any(name and name in said for name in names)


def of_another(desk: Desk, best: Chunk) -> bool:
    """True where the question asks for the number of an office or person of whom the notice gives none: somebody
    else's number is no answer."""
    holder = asked_holder(desk.question.normalised)
    if holder and best.kind is ChunkKind.ROW:
        return not is_of_row(best, desk.index.documents[best.document_id].title, holder)
    return bool(holder) and not those_of(contacts_in(desk.chunks, desk.index.facts), holder)


def of_other_levels(desk: Desk, passages: Sequence[Passage]) -> bool:
    """True where every value of the kind asked for, in the best clauses, stands in words about levels that the question
    does not name: the 40% of `申报二级的，护理型床位占比不低于40%` for `四级护理床占比多少`."""
    kind = next(iter(expected_facts(desk.question.normalised)), None)
    if kind not in _OF_LEVELS or not desk.part.own_levels:
        return False
    stating = [
        chunk.text[start:end]
        for chunk in (passage.chunk for passage in passages[:BEST])
        for start, end in (sentences(chunk.text) if chunk.kind is ChunkKind.CLAUSE else ())
        if any(fact.kind is kind for fact in desk.facts(chunk, chunk.start + start, chunk.start + end))
    ]
    return bool(stating) and all(desk.part.is_for_others_alone(words) for words in stating)


def states_what_is_asked(desk: Desk, best: Chunk) -> bool:
    """True where the best clause states a value of the kind asked for, and holds whatever the question names."""
    kinds = expected_facts(desk.question.normalised)
    if row_states(desk, best):
        return True
    if not kinds or not any(fact.kind is kinds[0] for fact in desk.facts(best)):
        return False
    if is_generic(desk):
        return True
    if desk.question.language == "en" and kinds[0] in {FactKind.EMAIL, FactKind.URL}:
        return True  # few of these stand in a notice, and English words cannot be looked up in it
    return bool(things_named(desk.question)) and holds_things_named(desk.question, best)


def holds_things_named(question: Question, chunk: Chunk) -> bool:
    """True where all that a question names stands in a clause or above it; so of `还能报吗`, which names nothing."""
    where = " ".join((*chunk.heading_path, *chunk.table_header, chunk.text))
    return all(term in where for term in things_named(question))


def missing_attachment(desk: Desk) -> DeclaredAttachment | None:
    """The attachment, named but not supplied, that a question is about."""
    words = desk.question.normalised
    missing = [a for a in desk.notice.attachments if a.document_id is None]
    numbers = _numbers_named(words)
    for attachment in missing:
        if attachment.number in numbers:
            return attachment
    common = desk.notice.title
    scored = [(missing_overlap(words, _without(a.title, common)), a) for a in missing]
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    if (
        best[1] is None
        or best[0] < SHORTEST_TITLE_OVERLAP
        or _is_everyday(desk, words, best[1].title, best[0])
        or stating_clause(desk) is not None
    ):
        return None
    text = desk.text
    unknown = [t for t in content_terms(desk.question) if t not in text]
    return best[1] if unknown or asks_only_for_attachment(desk.question) else None


def missing_directory(desk: Desk) -> DeclaredAttachment | None:
    """The attachment, named but not supplied, that lists whom to reach in each place, where the office of a place is
    asked for with which the notice states no number (`扶沟县咨询电话`)."""
    words = desk.question.normalised
    if not {FactKind.PHONE, FactKind.ADDRESS} & set(expected_facts(words)):
        return None
    own = f"{desk.notice.title}{desk.notice.issuer}{desk.notice.region}"
    places = [p for p in _LOCAL.findall(words) if p not in own and not re.search(PLACES, p)]
    reached = [
        c.text
        for c in desk.chunks
        if c.kind is ChunkKind.ROW or any(f.kind in {FactKind.PHONE, FactKind.ADDRESS} for f in desk.facts(c))
    ]
    if not places or any(place in text for place in places for text in reached):
        return None
    missing = (a for a in desk.notice.attachments if a.document_id is None)
    return next((a for a in missing if _DIRECTORY.match(a.title)), None)


def refers_to(attachment: DeclaredAttachment, words: str) -> bool:
    """True where words name an attachment, by its title in 《》 or its number."""
    return f"《{attachment.title}》" in words or attachment.number in _numbers_named(words)


def _numbers_named(words: str) -> list[str]:
    """Numbers of the attachments that words name, `附件二` as `2`."""
    return [str(chinese_to_int(number)) for number in _NAMES_ATTACHMENT.findall(words)]


def stating_clause(desk: Desk) -> Chunk | None:
    """The clause that says of a missing attachment what is asked: a sentence with their common word and a value of the
    unit asked for, `申报书限15页以内` for `申报书是不是要写15页以上`. None where there is none."""
    words = desk.question.normalised
    stated = (v.value.rpartition(" ")[2] for v in stated_values(words) if v.kind is FactKind.COUNT)
    units = asked_units(words) | {*stated}
    titles = [_without(a.title, desk.notice.title) for a in desk.notice.attachments if a.document_id is None]
    shared = [_in_common(words, title, missing_overlap(words, title)) for title in titles]
    things = [thing for thing in shared if len(thing) >= SHORTEST_TITLE_OVERLAP]
    for chunk in desk.chunks if units and things else ():
        for start, end in sentences(chunk.text):
            facts = desk.facts(chunk, chunk.start + start, chunk.start + end)
            counted = any(f.kind is FactKind.COUNT and f.value.rpartition(" ")[2] in units for f in facts)
            if counted and any(thing in chunk.text[start:end] for thing in things):
                return chunk
    return None


def _in_common(words: str, title: str, size: int) -> str:
    """The first stretch of this size that words and a title share."""
    return next(
        (words[i : i + size] for i in range(len(words) - size + 1) if words[i : i + size] in title), ""
    )


def _is_everyday(desk: Desk, words: str, title: str, size: int) -> bool:
    """True where what a question shares with a title stands all over the notice, and so names no attachment."""
    shared = _in_common(words, title, size)
    elsewhere = sum(chunk.text.replace(title, "").count(shared) for chunk in desk.chunks)
    return bool(shared) and elsewhere > EVERYDAY


def _without(title: str, common: str) -> str:
    """A title without the stretches of four or more characters that it shares with the notice's title."""
    kept, at = [], 0
    while at < len(title):
        size = 0
        while at + size < len(title) and title[at : at + size + 1] in common:
            size += 1
        if size < 4:
            kept.append(title[at])
            at += 1
        else:
            kept.append("\n")
            at += size
    return "".join(kept)


def asks_only_for_attachment(question: Question) -> bool:
    """True where nothing but the contents of an attachment answers a question."""
    return bool(
        _CONTENTS_OF.search(question.normalised)
        or re.search(
            r"内容|写了?[什啥]|里面?[写有讲说]|是什么|什么格式|啥格式|有什么|发(?:给)?我(?!们)|给我(?:发|来|一份)|模板|样表|下载|哪里有|在哪|怎么填|要写|几栏|哪几?[栏列]|几列|填什么|要填|content",
            question.normalised,
        )
    )


def asks_how_it_is_sent(question: Question) -> bool:
    """True for a question of how or where something is handed in (`申报书发邮箱行不`), which its contents don't answer."""
    return bool(_SENDING.search(question.normalised)) and not asks_only_for_attachment(question)


def attachment_refusal(desk: Desk, attachment: DeclaredAttachment) -> list[Block]:
    form = messages.ATTACHMENT_MISSING if attachment.number else messages.ATTACHMENT_MISSING_UNNUMBERED
    return [*_sent_to(desk, attachment, form), note(messages.RECORDED)]


def _sent_to(desk: Desk, attachment: DeclaredAttachment, form: str = messages.SEE_ATTACHMENT) -> list[Block]:
    """That what is asked stands in an attachment that is not supplied, and whom to ask."""
    holder = next((c for c in desk.chunks if attachment.title in c.text), None)
    numbers = (desk.citer.cite(holder),) if holder else ()
    missing = Block(
        BlockKind.NOTE, (computed(form.format(number=attachment.number, title=attachment.title)),), numbers
    )
    return [missing, *whom_to_ask(desk, attachment.title)]


def far_from_everything(
    desk: Desk, passages: Sequence[Passage], kinds: Sequence[FactKind], cosine: float = FAR
) -> bool:
    """True for a question that has none of the field's words and no passage as near as this: it is about something
    else altogether; and for one that asks for a service."""
    if asks_for_service(desk):
        return True
    words = desk.question.normalised
    plain = not (kinds or _FILING.search(words) or re.search(PAPER, words)) and set(
        desk.question.intents
    ) <= {
        Intent.OTHER,
        Intent.PROCESS,
    }
    return plain and max(passage.dense for passage in passages) < cosine


def asks_for_service(desk: Desk) -> bool:
    """True for a request to write a poem, to translate, to play a part, to forget instructions; not where the notice
    speaks of such a thing itself."""
    asked = re.search(SERVICES, desk.question.normalised)
    return bool(asked) and not any(
        thing and thing in desk.text for thing in (asked.groups() if asked else ())
    )


def not_found(
    desk: Desk, passages: Sequence[Passage], kinds: Sequence[FactKind], sure: float
) -> tuple[AnswerStatus, list[Block]]:
    """The refusal, with the nearest clause where it has a word of the question or could be meant; `sure` is the
    probability that it answers."""
    best = passages[0]
    attachment = attachment_for(desk)
    if attachment is None and far_from_everything(
        desk, passages, kinds, DISTANT if _has_nothing_in_common(desk) else FAR
    ):
        return AnswerStatus.OUT_OF_SCOPE, [note(messages.OUT_OF_SCOPE), *whom_to_ask(desk)]
    for chunk in (stating_clause(desk), *(passage.chunk for passage in passages[:BEST])):
        if chunk is not None and (nearest := _nearest_condition(desk, chunk)):
            return AnswerStatus.ANSWERED, nearest
    text = messages.NOT_FOUND
    if kinds[:1] == (FactKind.AMOUNT,) and re.search(
        f"{ASKS_AMOUNT}|{ASKS_IF_MONEY}", desk.question.normalised
    ):
        text = messages.NOT_FOUND_AMOUNT
    elif kinds[:1] == (FactKind.EMAIL,) and not any(
        f.kind is FactKind.EMAIL for c in desk.chunks for f in desk.facts(c)
    ):
        text = messages.NOT_FOUND_EMAIL
    asked = FactKind.PHONE in kinds and asks_for_contact(desk.question)
    if attachment is not None and not asked:
        blocks = _sent_to(desk, attachment)
    elif asked and (contacts := contacts_about(desk)):
        for_this = is_for(contacts[0], desk.question.normalised)
        if for_this and _is_all_for(desk, contacts[0]):
            return AnswerStatus.ANSWERED, contact_blocks(desk, contacts)
        opener = messages.ASK if for_this else messages.NOT_FOUND_CONTACT
        blocks = [note(opener), *contact_blocks(desk, contacts)]
    else:
        blocks = [note(text), *whom_to_ask(desk)]
    near = sure >= RELATED or _shares_words(desk.question, best.chunk)
    told = any(c.chunk_id == best.chunk.id for c in desk.citer.citations)
    if near and not told and best.chunk.kind in {ChunkKind.CLAUSE, ChunkKind.ROW}:
        blocks += clause_blocks(desk, best.chunk, BlockKind.RELATED)
    status = (
        AnswerStatus.ATTACHMENT_MISSING if attachment is not None and not asked else AnswerStatus.NOT_FOUND
    )
    return status, [*blocks, note(messages.RECORDED)]


def _is_all_for(desk: Desk, contact: Contact) -> bool:
    """True where all that a question names is what a contact is there for."""
    terms = things_named(desk.question)
    return bool(terms) and all(term in contact.purpose for term in terms)


def _nearest_condition(desk: Desk, chunk: Chunk) -> list[Block]:
    """A clause that comes close without deciding, introduced as such: one that states the unit asked for, or a
    condition of the kind that a question turns on (`在江苏境内注册` for `安徽的工厂能报吗`); empty for any other."""
    if chunk.kind not in {ChunkKind.CLAUSE, ChunkKind.ROW}:
        return []
    tried = clause_blocks(replace(desk, citer=Citer(desk.index.documents)), chunk)
    shown = "\n".join(block.text for block in tried)
    if chunk != stating_clause(desk) and not re.search(_condition_asked(desk.question), shown):
        return []
    return [note(messages.NEAREST), *clause_blocks(desk, chunk)]


def _condition_asked(question: Question) -> str:
    """What a condition of the kind asked about reads like (regular expression that fits nothing, where none is)."""
    words = question.normalised
    kinds = [
        condition
        for asked, condition in (LEGAL_FORM, (f"{PLACE[0]}|{PLACES}", PLACE[1]))
        if re.search(asked, words)
    ]
    return "|".join(kinds) if kinds and question.yes_no else r"(?!)"


def _has_nothing_in_common(desk: Desk) -> bool:
    """True where no content word of the question occurs anywhere in the notice."""
    text = desk.text + desk.notice.title
    terms = content_terms(desk.question)
    return bool(terms) and not any(term in text for term in (*terms, *desk.question.synonyms))


def _shares_words(question: Question, chunk: Chunk) -> bool:
    return any(term in chunk.text for term in content_terms(question))


def whom_to_ask(desk: Desk, title: str = "") -> list[Block]:
    """Whom to ask about the question, or about an attachment of this title; the issuer where nobody is named."""
    if contacts := contacts_about(desk, title):
        return [note(messages.ASK), *contact_blocks(desk, contacts)]
    issuer = desk.notice.issuer
    return [note(messages.ASK_ISSUER.format(issuer=issuer))] if issuer else []
