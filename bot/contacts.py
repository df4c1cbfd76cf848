"""Clauses with a phone or an e-mail -> contacts: office, person, numbers, and what for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.chunking import sentences
from bot.datamodels import Chunk, ChunkKind, Fact, FactKind
from bot.lexicon import GENERIC, SURNAMES
from bot.numbering import number_end

_OFFICE = re.compile(
    r"(?:厅|局|司|处|科|室|部|委|办|中心|公司|协会|学校|学院|大学|医院|所|站|院|集团|基地|银行|支行|街道|社区|平台|窗口|大厅|组|馆|队|会|党支部)(?:[（(][^（）()]*[）)])?$"
)

_CONTACT_WORDS = re.compile(
    r"(?:业务|政策)?(?:联\s*系|联\s*络|咨\s*询)\s*(?:人\s*及\s*电\s*话|人|电\s*话|方\s*式)\s*[:：]?|(?:^|(?<=[\s\u3000，,；;]))电\s*话\s*[:：]?|(?:电子)?邮\s*箱\s*[:：]?|手\s*机\s*[:：]?"
)

_LEADING = re.compile(
    r"^.*(?:咨询(?!中心|公司|有限|服务|委员会|科|处|室)|联系(?:人为)?|请[与向找至到]?|找(?!矿)|拨打|致电|直接打|可[与向到]|向(?=[驻省市县区局学协])|"
    r"报送?至?(?!社|刊)|[寄发](?:送[至到]?|[至到])|(?<=[版件书表])发|邮件[至到]|送交?[至到达]?|交(?:[至到]|(?=[省市县区]))|^寄|(?:单位|部门|机构|收件人|负责人)为|设在|由(?=.+(?:负责|解释|受理|解?答复?|咨询|服务)$)|(?:问题|统一|具体)由)"
)
"""What stands before an office in running text: `资金问题请与省商务厅财务处` -> `省商务厅财务处`."""
_TRAILING = re.compile(
    r"(?:(?:负责|统一|具体)*(?:联系|咨询|反映|受理|解释|解答|答复|举报|投诉)|提供.{0,4}服务|负责)$"
)
_PURPOSE = re.compile(
    r"(?!请)(?:有关|关于|涉及|对)?(?P<what>[^，。；：]{0,20}?(?:问题|事宜|业务|政策|咨询|投诉|举报|监督|报名|报修|退租|预约|技术支持|操作))"
    r"(?=请|可|由|找|联系|拨打|致电|咨询|$)"
)
"""What numbers in running text are for: `系统操作问题由运维单位解答`."""
_IN_CHARGE = re.compile(
    r"(?!请|具体|统一)(?P<what>[^\d，。；：]{2,16}?)"
    r"(?:(?:统一|具体)*由(?=.+(?:负责|解释|受理|解?答复?|咨询|服务)$)|请(?:联系|咨询|拨打|致电)|咨询(?!有限|顾问|服务|机构))(?P<who>.+)"
)
"""Who is there for what, in running text: `星级评定由市民政局养老服务科负责解释`, `路演安排咨询国家数据发展研究院`."""
_OFFICE_FOR = re.compile(
    r"(?P<office>[^\s，,、：:（）()]+)[（(](?P<what>[^（）()\d]{2,16})[）)](?=[\s，,：:]|$)"
)
"""An office with what it is there for: `质量发展处（质量奖）`."""
_NO_PURPOSE = re.compile(r"简称|微信|传真|(?<!申)请|可[以同向]")
_ASIDE = re.compile(
    r"[（(][^（）()]*[）)]|转\s*\d+|兼?传真|微信同号|同微信|工作日|也?可?(?:发送)?(?:邮件)?(?:发送)?[至到]|发送邮件|拨打|和|或者?|及"
)
_ASKED_HOLDER = re.compile(
    r"(?P<who>[\u4e00-\u9fff]{2,16}?)(?:那边|那里|那儿)?(?:的|是)?\s?(?:办公|联系|咨询|监督|投诉|举报|值班)?(?:座机|手机|电话|号码|热线|微信|邮箱|联系方式)"
)
_BEFORE_HOLDER = re.compile(r"^.*(?:请问|有没有|给我|告诉我|知道|查一?下|发一?下|要一?个|[市县区省]里)")
_SPACED_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])[ \u3000]+([\u4e00-\u9fff])(?![\u4e00-\u9fff])"
)
"""A name of two characters as it is set to the width of three: `周　敏`."""
_GROUP = re.compile(r"(?i:QQ)\s?(?:[\u4e00-\u9fff]{0,4}群)?\s?号?码?\s?[:：]?\s?\d{5,11}(?!\d)")
"""A number to write to: `QQ群 617204838`."""
_PERSONS_LINE = re.compile(
    r"(?:\d+[.．、])?[\u4e00-\u9fff]{0,6}联\s*系\s*人\s*[:：]\s*(?P<who>[^\d：:。；;]{2,80})$"
)
_PERSON_FOR = re.compile(r"(?P<who>[^\s，,、（）()]+)(?:[（(](?P<what>[^（）()]{2,20})[）)])?")
"""One of the persons of `联系人：韦丽娟（采购文件、质疑）、陆涛（保证金、服务费）`."""
_AFTER = re.compile(r"(?:[）)]|[（(][^（）()]*[）)])*[；;，,、。.]?")
"""Still belongs to the number before it: `（微信同号）`, a closing bracket, a stop."""
_LINKING = re.compile(
    r"(?:[请与向找可为是由至或者和及答]|可以|联[系络]|咨询|反映|拨打|致电|负责|解[释答]|受理|答复|提供|服务|(?:联系|咨询|服务)?(?:电话|热线|专线|邮箱)|(?:电子)?邮件|发送|兼传真|微信同号|同微信)*"
)
"""Words that join the parts of a contact and say nothing of their own."""
_FOR_ALL = re.compile(
    r"政策|业务|咨询|申报|报名|项目|联系|受理|办理|解答|问题|事[宜项]|有关|相关|其他|办公|电话|热线|工作|本?(?:通知|公告|办法|细则|文件)|未尽|[请与和及的人如有遇到]"
)
"""What is left of a purpose without these is what it is for in particular: `保险` of `保险业务`."""
_HOURS = re.compile(
    r"\d[:：]\d\d|\d[时点]|工作日|节假日|[周期][一二三四五六日末]|[上下]午|夜间|24\s*小时|全天"
)
_PAIR = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_LABEL = re.compile(r"((?:[^：:，。；\d（(]|[（(][一二三四五六七八九十\d]{1,3}[）)]){2,20})[：:](?!//)")
"""What stands before a colon, a numeral in brackets within it: `第（一）方向：`."""
_REFERENCE = re.compile(r"第(?P<number>[（(][一二三四五六七八九十\d]{1,3}[）)])(?P<what>[\u4e00-\u9fff]{2})")
"""A numbered part of the notice that a label names: `第（三）方向`."""
_COMPLAINTS = re.compile(r"投诉|举报|监督|纪检|纪委|信访|不满|异议|意见")
_SIDE_LINES = re.compile(r"技术(?:支持|问题|咨询|服务|故障)|系统|平台|账号|住宿|会务|发票|开票")
_SYSTEM = r"系统|平台|账号|软件|小程序|公众号|(?i:app)|网站|网上"
_FOR_TROUBLE = re.compile(
    rf"技术(?:支持|问题|咨询|服务|故障)|故障|(?:{_SYSTEM}).{{0,4}}(?:技术|操作|使用|维护|咨询|客服|问题)|^(?:系统|平台)$"
)
"""The purpose of a line that helps with a system."""
_TROUBLE = re.compile(
    rf"(?:{_SYSTEM}|上传|填报).*(?:问题|[出报]错|故障|失败|打不开|[登进上传填交]不|崩|卡|操作)|(?:打不开|[登进上传填交]不[上进了开去]|崩了?|卡住?|问题|[出报]错).*(?:{_SYSTEM})"
)
"""Says that a system does not work (regular expressions)."""
_SENT = re.compile(r"(?:传真|报送|寄送|邮寄|发送|报|寄|发|送)[至到]|报送地址|寄送地址|回执")
_ASKED = re.compile(r"咨询|联系(?!人)|请[拨致]|询问|答疑")
_ONE_KIND = re.compile(r"类(?:企业|项目|单位|产品|人员)?(?:也可)?$|也可$")
"""The purpose of a number that is there for one kind of asker: `食品类企业也可`."""
_PLACE = re.compile(r"[\u4e00-\u9fff]{1,5}?(?:[省市州区县旗镇乡]|街道)")
_TITLE = re.compile(
    r"(?:老师|医生|女士|先生|副?(?:主任|科长|处长|局长|部长|所长|站长|股长)|同志|经理|护士长|教授|会计|工)$"
)
"""What a person is called by behind the surname: `连处长`."""
_ATTACHMENT_NUMBER = r"附件\s*[0-9一二三四五六七八九十]{1,2}"
_BUREAU = re.compile(r".*?[局厅委]")
"""`市科技局` of `市科技局高新技术科`."""
NEAR, LONGEST_OFFICE = 6, 26
"""Parts of a sentence before a number among which its holder is looked for, and characters of an office."""
SHORTEST_NUMBER = 5
"""Digits of the shortest number that is somebody's: `12345`."""
LONG_REST = 100
"""Characters beyond its parts from which on the words of a contact are a rule about one case."""
ONE_CASE = 40
"""And from which on it is no contact for whatever the notice does not say."""


@dataclass(frozen=True, slots=True)
class Contact:
    office: str
    person: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    purpose: str
    """What it is for, as the clause or its heading says; empty where nothing is said."""
    chunk: Chunk
    """The clause that states the numbers."""
    start: int
    """Where its sentence begins in the document's text."""
    end: int
    introduced_by: Chunk | None = None
    """The line above it, where that line names the office."""
    rest: str = ""
    """What its words say beyond the parts above: a second person, an address, a number that was not understood."""
    hours: bool = False
    """True where its sentence says when somebody can be reached."""
    groups: tuple[str, ...] = ()
    """Numbers that are no phone's, with what they are: `QQ群 617204838`."""
    subject: str = ""
    """The words of the numbered part of the notice that its purpose names: those of （三） for `第（三）方向`."""

    @property
    def text(self) -> str:
        """Its own words in the clause."""
        return self.chunk.text[self.start - self.chunk.start : self.end - self.chunk.start]


def contacts_in(chunks: Sequence[Chunk], facts: Mapping[str, Sequence[Fact]]) -> tuple[Contact, ...]:
    """Contacts of the chunks of one notice, in reading order; rows of tables are left to the table answer."""
    found = []
    for position, chunk in enumerate(chunks):
        if chunk.kind in {ChunkKind.ROW, ChunkKind.HEADER}:
            continue
        reached = [f for f in facts.get(chunk.id, ()) if f.kind in {FactKind.PHONE, FactKind.EMAIL}]
        groups = _groups(chunk, reached)
        reached = sorted((*reached, *groups), key=lambda f: f.start)
        if not reached:
            continue
        before = chunks[position - 1] if position else None
        label = ""
        for begin, end in sentences(chunk.text):
            stated = [f for f in reached if chunk.start + begin <= f.start < chunk.start + end]
            for start, finish, group in _by_holder(chunk, begin, end, stated):
                after = chunk.text[group[-1].end - chunk.start : finish]
                head = chunk.text[start : group[0].start - chunk.start]
                office, person, purpose = _parts(head, after)
                label = purpose or (
                    label if _goes_on(chunk.text[:start], head) and (office or person) else ""
                )
                purpose = purpose or label
                introduced_by = None
                if not office and before is not None and _names_an_office(before, chunk, facts):
                    office, introduced_by = before.text.strip(), before
                numbers = [(f.start - chunk.start, f.end - chunk.start) for f in group]
                holders = [(person, purpose)]
                rest = _rest(chunk, start, finish, numbers, (purpose, office, person))
                bare = not (office or person or purpose or rest)
                if bare and before is not None and (above := _persons_above(before, chunk, facts)):
                    holders, introduced_by = above, before
                found += [
                    Contact(
                        office=office,
                        person=who,
                        phones=tuple(
                            dict.fromkeys(
                                f.text for f in group if f.kind is FactKind.PHONE and f not in groups
                            )
                        ),
                        emails=tuple(dict.fromkeys(f.text for f in group if f.kind is FactKind.EMAIL)),
                        purpose=what,
                        chunk=chunk,
                        start=chunk.start + start,
                        end=chunk.start + finish,
                        introduced_by=introduced_by,
                        hours=bool(_HOURS.search(chunk.text, begin, end)),
                        rest=rest,
                        groups=tuple(f.text for f in group if f in groups),
                        subject=_subject(what, chunks),
                    )
                    for who, what in holders
                ]
    return tuple(found)


def _goes_on(before: str, head: str) -> bool:
    """True for a contact that comes behind another one under the same label: `材料报送：甲区人社局 …；乙区人社局 …`."""
    own = _CONTACT_WORDS.search(head) or re.search(r"[：:]", head)
    return not own and bool(before) and not re.search(r"[。！？\n]\s*$", before)


def _subject(purpose: str, chunks: Sequence[Chunk]) -> str:
    """The words of the item that a purpose names by its number and by what the heading above it calls it."""
    if not (named := _REFERENCE.search(purpose)):
        return ""
    number, what = named["number"], named["what"]
    items = (c for c in chunks if c.section.endswith(number) and what in " ".join(c.heading_path[-1:]))
    return next((c.text for c in items), "")


def _groups(chunk: Chunk, reached: Sequence[Fact]) -> list[Fact]:
    """The numbers of a clause that are no phone's but can be written to, none within one that is."""
    found = []
    for match in _GROUP.finditer(chunk.text):
        start, end = chunk.start + match.start(), chunk.start + match.end()
        if not any(f.start < end and start < f.end for f in reached):
            found.append(Fact(FactKind.PHONE, match.group(), match.group(), chunk.id, start, end))
    return found


def _persons_above(before: Chunk, chunk: Chunk, facts: Mapping[str, Sequence[Fact]]) -> list[tuple[str, str]]:
    """Who is named, each with what for, in the line `联系人：…` above a line of numbers alone; empty where it is none."""
    line = _PERSONS_LINE.fullmatch(before.text.strip())
    reached = any(f.kind is FactKind.PHONE for f in facts.get(before.id, ()))
    if not line or reached or before.document_id != chunk.document_id or before.kind is not ChunkKind.CLAUSE:
        return []
    named = [(m["who"], m["what"] or "") for m in _PERSON_FOR.finditer(line["who"])]
    return named if all(_is_person(who) for who, _ in named) else []


def best_contact(contacts: Sequence[Contact], words: str = "", issuer: str = "") -> Contact | None:
    """Whom to ask: the first of the contacts by fitness; None where there is none."""
    return next(iter(by_fitness(contacts, words, issuer)), None)


def by_fitness(contacts: Sequence[Contact], words: str = "", issuer: str = "") -> list[Contact]:
    """Those first who are there for what the words say, then for all questions, rather at the issuer's own office than
    at another, before technical, complaint and other lines; of several that are as good the first in the notice."""

    def fitness(contact: Contact) -> float:
        score = float(bool(contact.phones)) * 2 + float(bool(contact.person))
        score -= round(min(len(contact.rest) / LONG_REST, 1), 1)
        if shared := _shared_pairs(contact, words):
            return score + 4 + shared / 10
        bureau = _BUREAU.match(contact.office)
        score -= bool(issuer and bureau and not _is_part(bureau.group(), issuer))
        score += 2 if is_for_all(contact) else -1
        return score - 3 * _is_for_complaints(contact) - 2 * _is_technical(contact)

    return sorted(contacts, key=fitness, reverse=True)


def is_for(contact: Contact, words: str) -> bool:
    """True for a contact that is there for what the words say."""
    return _shared_pairs(contact, words) > 0


def most_for(contacts: Sequence[Contact], words: str) -> list[Contact]:
    """The contacts whose words hold most of what words say, and of these the longest stretch of them; empty where none
    holds any of it."""
    shares = [_shared_pairs(c, words) for c in contacts]
    most = max(shares, default=0)
    return [c for c, share in zip(contacts, shares, strict=True) if most and share == most]


def is_for_all(contact: Contact) -> bool:
    """True for a contact that is there for no question in particular: `业务咨询`, or a person of whom nothing is said."""
    about = contact.purpose + contact.rest
    return bool(contact.purpose or contact.person) and not re.search(r"\w", _FOR_ALL.sub("", about))


def is_for_trouble(contact: Contact) -> bool:
    """True for a line that helps with the system in which something is filed."""
    return bool(_FOR_TROUBLE.search(contact.purpose) or _FOR_TROUBLE.search(contact.rest))


def speaks_of_trouble(words: str) -> bool:
    """True for `系统填报出问题找谁`."""
    return bool(_TROUBLE.search(words))


def named_in(contacts: Sequence[Contact], words: str) -> list[Contact]:
    """The contacts whose person words name in full."""
    names = [re.sub(r"\s", "", c.person) for c in contacts]
    return [c for c, name in zip(contacts, names, strict=True) if len(name) > 1 and name in words]


def is_side_line(contact: Contact) -> bool:
    """True for a technical, complaint or other line that is there for no question about what the notice says."""
    return _is_for_complaints(contact) or _is_technical(contact)


def _is_for_complaints(contact: Contact) -> bool:
    about = contact.purpose + contact.rest or " ".join(contact.chunk.heading_path)
    return bool(_COMPLAINTS.search(contact.office + about))


def _is_technical(contact: Contact) -> bool:
    return bool(_SIDE_LINES.search(contact.purpose + contact.rest + contact.office))


def is_for_one_case(contact: Contact, words: str) -> bool:
    """True for a number that stands in a rule (`卧床的老人，可拨打……预约上门采集`) of which the words do not speak."""
    for_subject = bool(contact.office and contact.purpose)
    one_case = (len(contact.rest) > ONE_CASE and not for_subject) or _ONE_KIND.search(contact.purpose)
    return bool(one_case) and not is_for(contact, words)


def is_for_sending(contact: Contact) -> bool:
    """True for a number or address to which something is sent, and which nobody is told to ask at: `回执传真至`."""
    before = contact.text.partition((*contact.phones, *contact.emails, *contact.groups)[0])[0]
    return bool(_SENT.search(before)) and not _ASKED.search(contact.text)


def _shared_pairs(contact: Contact, words: str) -> float:
    """How many pairs of what is asked for the words of a contact hold, less than one where only the part of the notice
    that they name holds some; of as many, more for a longer stretch: `绿色工厂` is not `绿色工业园区`."""
    about = re.sub(r"[（）()]", "", contact.purpose) + contact.rest
    if shared := sum(pair in about for pair in _pairs(words)):
        return shared + _longest_shared(words, about) / 100
    said = (pair for pair in _PAIR.findall(words) if not re.fullmatch(GENERIC, pair))
    return sum(pair in contact.subject for pair in said) / 100


def _longest_shared(words: str, about: str) -> int:
    """Characters of the longest stretch that stands in both."""
    return SequenceMatcher(None, words, about, autojunk=False).find_longest_match().size


def _pairs(words: str) -> list[str]:
    """Every two neighbouring characters of what is asked for in particular."""
    return _PAIR.findall(re.sub(f"{_ATTACHMENT_NUMBER}|{GENERIC}", " ", words))


def asked_holder(words: str) -> str:
    """The office or person whose number a question asks for (`金融办` of `市里金融办电话呢`); empty where it names none."""
    match = _ASKED_HOLDER.search(words)
    who = _BEFORE_HOLDER.sub("", match["who"]) if match else ""
    return who if len(who) >= 2 and (_OFFICE.search(who) or who.endswith("单位") or _is_person(who)) else ""


def is_of(contact: Contact, holder: str) -> bool:
    """True where the words of a contact can name the holder: `工信厅` stands, with gaps, in `工业和信息化厅`."""
    above = contact.introduced_by.text if contact.introduced_by else ""
    return _is_part(holder, " ".join((*contact.chunk.heading_path, above, contact.text)))


def those_of(contacts: Sequence[Contact], holder: str) -> list[Contact]:
    """The contacts that can be the holder's; those of `连处长` only where one person of that surname is named."""
    if own := [c for c in contacts if re.sub(r"\s", "", c.person) == holder]:
        return own
    surname = _TITLE.sub("", holder)
    if surname == holder or not _is_person(holder):
        return [c for c in contacts if is_of(c, holder)]
    if literal := [c for c in contacts if holder in c.text]:
        return literal
    named = {name for c in contacts for name in (c.person, *c.rest.split()) if name.startswith(surname)}
    return [c for c in contacts if c.person in named] if len({n for n in named if _is_person(n)}) == 1 else []


def is_of_row(row: Chunk, title: str, holder: str) -> bool:
    """True where a row of a table can be the holder's; words of the table's header or title name all of its rows. A row
    of a place alone (`海曲区`) is there for that place's offices."""
    common = " ".join((title, *row.table_header, *row.heading_path))
    own = holder
    for size in range(len(holder), 1, -1):
        for start in range(len(holder) - size + 1):
            if holder[start : start + size] in common:
                own = own.replace(holder[start : start + size], "")
    place = _PLACE.match(holder)
    return len(own) < 2 or _is_part(own, row.text) or bool(place and place.group() in row.cells)


def same_number(one: str, other: str) -> bool:
    """True for two values of one phone, of which one may lack the area code or the extension."""
    short, long = sorted((re.sub(r"\D", "", value.partition("转")[0]) for value in (one, other)), key=len)
    return len(short) >= SHORTEST_NUMBER and long.endswith(short)


def _is_part(short: str, full: str) -> bool:
    """True where the characters of one stand in the other in this order: `工信厅` in `工业和信息化厅`."""
    rest = iter(full)
    return all(character in rest for character in short)


def _names_an_office(before: Chunk, chunk: Chunk, facts: Mapping[str, Sequence[Fact]]) -> bool:
    return (
        before.document_id == chunk.document_id
        and before.kind is ChunkKind.CLAUSE
        and len(before.text) <= 40
        and bool(_OFFICE.search(before.text.strip()))
        and not any(f.kind is FactKind.PHONE for f in facts.get(before.id, ()))
    )


def _by_holder(
    chunk: Chunk, begin: int, end: int, stated: Sequence[Fact]
) -> Iterator[tuple[int, int, list[Fact]]]:
    """The numbers of a sentence by whose they are: (start, end, numbers), offsets in the chunk's text. Numbers are of
    one holder where nothing between them names another office, person or purpose."""
    groups: list[list[Fact]] = []
    for fact in stated:
        since = groups[-1][-1].end - chunk.start if groups else begin
        between = _ASIDE.sub("", chunk.text[since : fact.start - chunk.start])
        if groups and not re.search(r"[\u4e00-\u9fff]{2}", _CONTACT_WORDS.sub("", between)):
            groups[-1].append(fact)
        else:
            groups.append([fact])
    start = begin
    for number, group in enumerate(groups, 1):
        last = group[-1].end - chunk.start
        upcoming = groups[number][0].start - chunk.start if number < len(groups) else end
        after = _AFTER.match(chunk.text, last, upcoming)
        last = after.end() if after else last
        yield start, end if number == len(groups) else last, group
        start = last


def _rest(
    chunk: Chunk, start: int, end: int, numbers: Sequence[tuple[int, int]], parts: Sequence[str]
) -> str:
    """The words of a contact, a stretch of its clause, without its numbers, its parts and what joins them."""
    said, at = "", number_end(chunk.text) if start == 0 else start
    for first, last in numbers:
        said, at = f"{said}{chunk.text[at:first]} ", last
    said += chunk.text[at:end]
    for part in parts:
        said = said if "传真" in part else said.replace(part, " ", 1)
    words = re.findall(r"[\u3400-\u9fffA-Za-z\d]+", _CONTACT_WORDS.sub(" ", said))
    return " ".join(word for word in words if not _LINKING.fullmatch(word))


def _parts(head: str, after: str = "") -> tuple[str, str, str]:
    """(office, person, purpose) by the words before a contact's numbers, each literally in them or empty; an office or
    a person also by a bracket right behind them (`0731-88955383（李明）`)."""
    head = re.sub(
        r"^[\s\u3000；;，,、。）)]*(?:答[：:])?(?:[（(]?[\d一二三四五六七八九十]+[）).、．]\s*)?", "", head
    )
    head = _CONTACT_WORDS.sub(" ", head)
    purpose = ""
    label = _LABEL.match(head)
    if label:
        purpose = label.group(1).strip()
        head = head[label.end() :]
    elif (aside := _OFFICE_FOR.search(head)) and _is_office(aside["office"]) and _is_purpose(aside["what"]):
        purpose = aside["what"]
        head = f"{head[: aside.end('office')]} {head[aside.end() :]}"
    spaced = next((m for m in _SPACED_NAME.finditer(head) if m[1] in SURNAMES), None)
    if spaced:
        head = f"{head[: spaced.start()]} {head[spaced.end() :]}"
    pieces = _pieces(head)
    outside = _pieces(re.sub(r"[（(][^（）()]*[）)](?!\W*$)", " ", head))
    person = spaced[0] if spaced else next((p for p in reversed(outside) if _is_person(p)), "")
    offices = (_TRAILING.sub("", _LEADING.sub("", p)) for p in reversed(pieces) if p != person)
    office = next((p for p in offices if _is_office(p)), "")
    if not office and purpose and _is_office(purpose):
        office, purpose = purpose, ""
    if behind := re.match(r"[（(]([^（）()]*)[）)]", after):
        office = office or behind[1] * _is_office(behind[1])
        person = person or behind[1] * _is_person(behind[1])
    said = re.split(r"[\s，,；;：:。（）()【】]+", head)
    return office, person, purpose or next((what for p in reversed(said) if (what := _purpose(p))), "")


def _purpose(piece: str) -> str:
    """What a piece of running text says that a number is for; empty where it says nothing of that."""
    if about := _PURPOSE.match(piece):
        what = about["what"]
        return "" if _is_office(_TRAILING.sub("", what)) or _NO_PURPOSE.search(what) else what
    about = _IN_CHARGE.match(piece)
    who = _TRAILING.sub("", about["who"]) if about else ""
    return about["what"] if about and (_is_office(who) or _is_person(who)) else ""


def _is_purpose(words: str) -> bool:
    """True for words in a bracket behind an office that name no other office, no person and no hours."""
    other = _NO_PURPOSE.search(words) or _HOURS.search(words)
    return not (other or _is_office(words) or _is_person(words))


def _pieces(head: str) -> list[str]:
    return [p for p in re.split(r"[\s\u3000，,、；;：:。（）()【】]+", head) if p][-NEAR:]


def _is_office(piece: str) -> bool:
    return (
        3 <= len(piece) <= LONGEST_OFFICE
        and bool(_OFFICE.search(piece))
        and not re.search(r"\d|[代帮]办$", piece)
    )


def _is_person(piece: str) -> bool:
    bare = _TITLE.sub("", piece)
    if not re.fullmatch(r"[\u4e00-\u9fff·]{1,4}", bare) or bare[0] not in SURNAMES or _OFFICE.search(piece):
        return False
    return (2 <= len(bare) <= 3 or bare != piece) and not re.search(
        r"电话|邮箱|联系|咨询|投诉|传真|热线|地址|方式|公章|董事长|周[一二三四五六日]|[省市县区镇乡证]$",
        piece,
    )
