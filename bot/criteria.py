"""A notice of a published version -> its criteria, one by one: conditions, bans, and rows of tables of requirements.

Where a clause stands decides first: under a heading of conditions (申报条件, 遴选标准, 申报对象), under one of bans
(不得申报, 否决情形), or under a line that opens a list of either (应当同时具备下列条件：, 有下列情形之一的，不得申报：).
Elsewhere only a sentence that itself bans or limits an application counts, and only outside of what happens after it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.changes import Version
from bot.chunking import sentences
from bot.datamodels import Chunk, ChunkKind, Document, DocumentRole
from bot.numbering import chinese_to_int, line_number

DIGEST_CHARACTERS = 10


class CriterionKind(StrEnum):
    CONDITION = "condition"
    BAN = "ban"
    """Met by whom it does not befall."""
    ROW = "row"
    """A row of a table of requirements."""
    OPTIONAL = "optional"
    """Opens an easier or another way; nobody fails by it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a clause and where they stand."""

    chunk_id: str
    section: str
    text: str
    """Literally document.text[start:end]; of a table row, `column：cell` of the cells that count."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to be asked."""

    kind: CriterionKind
    document_id: str
    document: str
    """Title of the document."""
    quote: Quote
    """The condition, or the line that opens the alternatives."""
    introduction: str = ""
    """Words above it that say what it is: a heading, or `有下列情形之一的，不得申报`."""
    alternatives: tuple[Quote, ...] = ()
    """Where some of several suffice."""
    least: int = 0
    """How many of the alternatives suffice."""
    notes: tuple[Quote, ...] = ()
    """Exceptions and explanations that follow it."""
    level: str = ""
    """The level that it is for, as the notice names it; empty where it is for all."""

    @property
    def id(self) -> str:
        """10 letters and digits, the same as long as its words are, wherever they stand."""
        words = (self.kind, self.level, *(_bare(q.text) for q in self.quotes))
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:DIGEST_CHARACTERS]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All that is quoted, in reading order."""
        return (self.quote, *self.alternatives, *self.notes)


# ---------------------------------------------------------------- the words of criteria

_WHO = r"(?:申报|申请|报名|推荐|参评|参选|遴选|认定|评选|评定|入选|入库|备案|征集|支持|奖励|补贴|补助|受理|享受|承担|准入|资格|报考|应聘|参赛|参展|评价)"
_CONDITION_HEADING = re.compile(
    r"(?:条件|资格|门槛|(?:认定|遴选|评定|准入|入选|申报|推荐|资格|评选|基本)(?:的)?(?:标准|要求)|谁能(?:领|报|申)|哪些人可以|要素要求)"
    r"(?:及要求|和要求|与要求|和标准|及标准|和范围|及范围|与标准)?(?:$|[（(:：。])"
)
_AUDIENCE_HEADING = re.compile(
    rf"(?:{_WHO}|适用|奖补|招聘|服务|培育|政策|参与|参加)(?:的)?(?:对象|主体|范围|人群)"
    r"(?:及条件|和条件|与条件|及范围|和范围|与范围|及数量)?(?:$|[（(:：。])|^谁能(?:领|报|申)"
)
_BAN_HEADING = re.compile(
    r"(?:不得|不予|不能|不可|不受理|不纳入|禁止|限制)(?:申报|申请|参评|推荐|受理|遴选|认定|支持|参加|列入|纳入|报名|享受|评选|补贴|补助|立项|入选)"
    r"|否决(?:情形|项|条件|事项)|一票否决|负面清单|谁不能|不(?:适用|享受)的?(?:情形|对象|范围)|排除(?:情形|条件)|除外情形"
)
_NOT_A_HEADING = re.compile(
    r"(?:工作|保障|办公|支撑|组织|气象|付款|商务|终止|退出|解除|验收|复核|结项|变更|撤销|合同|放款|免担保|建设)条件"
    r"|条件保障|(?:评审|评分|打分|收费|奖励|补贴|补助|资助|支持|贴息|考核|验收|复核|发放|计分|财政)(?:的)?标准|标准化"
    r"|(?:材料|格式|装订|报送|纪律|工作|组织|时间|有关|相关|其他|其它|文本|审核|推荐工作)要求|资格(?:审核|审查|复审|确认|初审)"
)
_LIST_OF_CONDITIONS = re.compile(
    r"(?:具备|符合|满足|达到|具有)[^。；]{0,14}(?:下列|以下|如下)[^。；]{0,24}[：:。]?$"
    r"|(?:下列|以下|如下)[^。；，]{0,6}(?:条件|要求|标准(?!化))(?:之一)?(?:的)?[^。；，]{0,16}[：:]?$"
    r"|(?:条件|资格)(?:为|是|如下)?[：:]$|(?:同时|须|需|应当?)(?:具备|满足|符合)[^。；]{0,16}[：:]$"
)
_REFUSED = (
    r"(?:不得|不能|不可|不受理|不纳入|不予(?!拨付|验收|兑现|退还|公布|通过|报销|结题|发放|延)|不再(?:受理|纳入|参加|接受|推荐)"
    r"|取消(?:其)?(?:申报|参评|评审|推荐)资格|一票否决|否决)"
)
_LIST_OF_BANS = re.compile(
    rf"(?:下列|以下|如下|之一|情形|情况)[^。；]{{0,30}}{_REFUSED}[^。；]{{0,16}}[：:]?$"
    rf"|{_REFUSED}[^。；]{{0,12}}(?:下列|以下|如下)?[^。；]{{0,10}}(?:情形|情况|企业|单位|项目|人员)?[^。；]{{0,6}}[：:]$"
)
_SOME_SUFFICE = re.compile(
    r"(?:下列|以下|如下|上述|前述)?[^。；]{0,14}(?:之一|任意一[项条个]|任一|其中一[项条个]|其中之一|一项即可)"
    r"|至少(?:满足|符合|具备|达到|有)?(?:其中)?(?:的)?(?P<least>[一二两三四五六七八九]|\d)[项个条]"
    r"|(?P<any>[一二两三四五六七八九]|\d)[项个条](?:以上|及以上)?(?:条件|要求)?即可"
)
_EASIER = re.compile(
    r"可不(?:参加|考核|受)|可(?:以)?直接|直接(?:认定|推荐|入选)|优先|加分|可(?:以)?放宽|免于|予以倾斜|同等条件"
)
_ANOTHER_WAY = re.compile(r"的，?可以?(?:按[^，。]{0,10})?(?:申报|申请)(?!延)")

_BAN = re.compile(
    r"不予(?:受理|遴选|认定|支持|推荐|立项|申报|评选|列入|纳入|补贴|补助|奖励|备案)(?!延)|(?:不得|不能|不可)(?:再次|重复|同时|多头|参与|作为)?(?:申报|申请(?!延)|参评|参加(?:本|申|评|遴|认)|推荐|报名|参选)"
    r"|不参加(?:本|申|评|遴|认)|不再(?:参加|受理|纳入|推荐|接受)|不(?:纳入|列入|受理|适用本)|一票否决|方可(?:再|重新)(?:次)?申[报请]|不在(?:本次)?(?:申报|征集|支持|认定)范围"
)
_LIMIT = re.compile(
    r"(?:只能|仅能|仅可|限)(?:申报|选择|由一|报)(?:[^。；]{0,24})|(?:仅限|只限)[^。；]{2,40}(?:申报|申请|参加|报名)|不得重复(?:申报|推荐)"
)
_WHO_MAY = re.compile(
    rf"^(?:{_WHO}(?:单位|企业|主体|对象|人员?|者|项目|产品|的[^，。；]{{1,8}})|参评(?:企业|项目)?)[^，。；]{{0,8}}(?:应当?|须|需|必须|为|是|限)(?:同时)?(?:为|是|在|已|已经|具备|具有|符合|满足|属|于)"
    rf"|^(?:凡|只要)?[^，。；]{{0,24}}(?:登记|注册)[^。；]{{0,60}}(?:均可|可以|可)(?:自愿)?(?:申报|申请|参加)"
)
_PROCESS = re.compile(
    r"逾期|补报|寄送|寄达|直接(?:寄|报|向)|材料不|超(?:过)?(?:限额|名额|时)|评审(?:阶段|环节|得分|结果)|分(?:以下|（|\()|评审专家|系统(?:自动)?关闭"
    r"|重复率|邮件|邮戳|上传|提交|装订|公示期|证明[^，。；]{0,10}无效|专家|受理时间|异议|投诉|复核结论|名单|预约|退还|不予退|展期|贴息|代办|拨付|盖章的"
)
_CONSEQUENCE = re.compile(
    r"撤[销回]|追[回缴究]|停止|取消(?:其)?(?:认定|称号|资格|推荐)|(?:至少)?[一二三四五六\d]年内(?:均)?不(?:得|再|予|受理)|减半|责令|查实|通报|退回"
)
_AFTERWARDS = re.compile(
    r"管理|监督|监管|评审|审核|公示|公布|公告|奖励|扶持|政策|支持与|待遇|经费|资金|材料|程序|流程|步骤|实施步骤|验收|复核|联系|咨询|附则|保障|贷款额度|利率|期限|投诉|异议|名额|推荐数量|时间安排|领域|方向|组织实施|工作安排|责任|怎么办|领多少|什么时候"
)
_NOTE = re.compile(
    r"^(?:但|其中|对|上述|前款|以上|注[：:]|说明[：:]|因|如|若|即|原则上|本(?:条|款|通知|项)|所称|[^，。；]{1,20}(?:是指|指的是)|承担[^，。；]{0,20}除外)"
    r"|不(?:视为|在此列|受(?:此|第|上述|前)|作(?:等级|数量)?要求|必申报|适用本)|无[须需]|可(?:以)?(?:再次申报|放宽|不受|不计|参照)|参照执行|截止时点|[计视]为|合并计算|不计入|填报[。；;]?$|由[^，。；]{1,16}(?:负责|确定|认定)"
)
_AFTERTHOUGHT = re.compile(
    r"^[^，。；]{1,40}除外[。；;）)]*$|不(?:视为|在此列|受(?:此|第|上述|前)[^，。；]{0,12}限制)"
)
"""A sentence by itself that only makes an exception from the one before."""
_DEMAND = re.compile(r"不低于|不少于|不超过|(?<!无)须|必须|应当|不得|达到|≥|≤")
_DEFINITION = re.compile(r"[^。；]{1,20}(?:，是指|是指|指的是|，指)")
_QUOTA = re.compile(r"拟入库数量|推荐(?:数量|名额|限额)|名额")
_POINTER = re.compile(
    r"^(?:具体)?(?:按照?|详见|见|对照|参照|依照)[^。；]{0,40}(?:执行|要求|规定|附件[^。；]{0,6})?[。；]?$"
)
"""Points at an attachment, whose own rows are asked where it is supplied."""
_PAPERWORK = re.compile(
    r"登录|上传|提交|寄送|报送|装订|胶装|一式|盖章|填写|填报|材料|扫描|电子版|纸质|证明[^，。；]{0,16}(?:无效|出具)|提供由|平台|收费|培训|联系"
)
_SUBSTANCE = re.compile(
    r"应|须|必须|不得|不低于|不少于|不超过|以上|以内|以下|具有|具备|依法|取得|未|无|没有|满|完成|达到|符合|属于|愿意|承诺|配备|拥有|注册|登记|≥|≤|参加|缴纳|建成|从事|良好|健全"
)
_REQUIREMENTS = re.compile(r"条件|要素|要求|门槛|准入|标准(?!化)|指标")
_NOT_REQUIREMENTS = re.compile(
    r"评分|评审|评价|打分|得分|分值|满分|材料|清单|目录|名额|汇总|奖励|补贴|补助|收费|金额|时间|联系|电话|一览|费用|限额|申报书|申请表|登记表|承诺|样表|模板"
)
_LEVEL = re.compile(
    r"(?:国家|省|自治区|市|区|县|州|部|厅|院|校)级|(?:[一二三四五六]|[1-6ⅠⅡⅢⅣⅤ]|[A-E]{1,5}\+?|甲|乙|丙|特|初|中|高|基础|先进|卓越|领航|示范|标杆|优秀|良好|合格|入门|骨干|领军|成长|重点|普通|规模|贯标|星|[一二三四五1-5]星)(?:级|类|档)"
    r"|创新型中小企业|专精特新|小巨人|单项冠军|数字化车间|智能工厂|单一试点|综合试点|独角兽|瞪羚|雏鹰|领军企业|创新型|(?:首次|重新)认定"
)
_LEVEL_COLUMN = re.compile(r"^(?:级别|等级|层级|档次|类别|类型|申报类别|认定类型|称号|行业)$")
_NUMBER_COLUMN = re.compile(r"^(?:序号|编号|号|No\.?|项次)$", re.IGNORECASE)
_NOTHING = re.compile(r"^(?:[—\-–/／]*|无|不考核|不作要求|不设|不要求|不限|暂不要求)$")
_AT_LEAST_ROWS = re.compile(
    r"第(?P<rows>[\d、，,—–\-~～至到和及]+)项(?:中)?[^。；，]{0,6}至少(?:应|须)?(?:满足|符合|具备|达到|有)?(?:其中)?(?P<least>[一二两三四五]|\d)项"
)
_TABLE_NOTE = re.compile(r"^(?:注|备注|说明)[：:\d]|^[①-⑳*※ᵃ-ᶻ]")
_MARK = re.compile(r"^(?:注|备注|说明)?[：:]?\s*(?P<mark>[①-⑳※ᵃ-ᶻ])")
"""Of a note: the row that it belongs to carries the same mark."""
_INLINE_ITEM = re.compile(r"(?:(?<=[：:；;。])|^)\s*(?:[（(]\d{1,2}[）)]|\d{1,2}[.．](?!\d)|[①-⑳])")


_MARKS = "▍■●◆▌★▶【"
"""What marks a heading to the eye."""


class _Role(StrEnum):
    CONDITION = "condition"
    AUDIENCE = "audience"
    BAN = "ban"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What a chunk's ancestors say of it."""

    role: _Role
    introduction: str
    level: str = ""
    is_list: bool = False
    """True where the nearest of them opens a list."""


# ---------------------------------------------------------------- selection


def criteria_of(version: Version, notice_id: str) -> tuple[Criterion, ...]:
    """All criteria of a notice in reading order, its main document first, each once; empty for an unknown notice."""
    found = [
        criterion
        for document, chunks in _documents(version, notice_id)
        for criterion in _of_document(document, chunks)
    ]
    if any(each.kind is CriterionKind.ROW for each in found):
        found = [each for each in found if not _POINTER.match(_bare(each.quote.text))]
    if len(levels_of(found)) == 1:  # a level that has no other beside it tells nothing
        found = [replace(each, level="") for each in found]
    return tuple({each.id: each for each in reversed(found)}.values())[::-1]


def levels_of(criteria: Iterable[Criterion]) -> tuple[str, ...]:
    """The levels that some criteria are for, in reading order; empty where all are for everybody."""
    return tuple(dict.fromkeys(each.level for each in criteria if each.level))


def for_level(criteria: Iterable[Criterion], level: str) -> tuple[Criterion, ...]:
    """The criteria that concern a level: its own and those of all."""
    return tuple(each for each in criteria if each.level in {"", level})


def _documents(version: Version, notice_id: str) -> list[tuple[Document, list[Chunk]]]:
    by_document: dict[str, list[Chunk]] = {}
    for row in version.notice_rows.get(notice_id, ()):
        chunk = version.chunks[int(row)]
        by_document.setdefault(chunk.document_id, []).append(chunk)
    found = [(version.documents[document_id], chunks) for document_id, chunks in by_document.items()]
    return sorted(found, key=lambda pair: (pair[0].role is not DocumentRole.MAIN, pair[0].attachment_number))


def _of_document(document: Document, chunks: Sequence[Chunk]) -> Iterator[Criterion]:
    selection = _Selection(document, chunks)
    if document.role is DocumentRole.MAIN or selection.requires:
        yield from selection.criteria()


@dataclass(frozen=True, slots=True)
class _Selection:
    """One document's chunks as a tree."""

    document: Document
    chunks: Sequence[Chunk]
    by_id: Mapping[str, Chunk] = field(init=False)
    children: Mapping[str, Sequence[Chunk]] = field(init=False)
    under: Mapping[str, Chunk] = field(init=False)
    """Chunk id -> the short line above it that is a heading to the eye only: `▍谁能领`."""

    def __post_init__(self) -> None:
        children: dict[str, list[Chunk]] = {}
        for chunk in self.chunks:
            if chunk.parent_id:
                children.setdefault(chunk.parent_id, []).append(chunk)
        object.__setattr__(self, "by_id", {chunk.id: chunk for chunk in self.chunks})
        object.__setattr__(self, "children", children)
        under: dict[str, Chunk] = {}
        line: Chunk | None = None
        for chunk in self.chunks:
            marked = chunk.text.lstrip("# ")[:1] in _MARKS
            if (
                (marked or chunk.parent_id is None)
                and chunk.kind is ChunkKind.CLAUSE
                and _is_bare_line(chunk.text)
            ):
                line = chunk
            elif chunk.kind is ChunkKind.HEADING and chunk.parent_id is None:
                line = None
            elif line is not None:
                under[chunk.id] = line
        object.__setattr__(self, "under", under)

    @property
    def requires(self) -> bool:
        """True for an attachment whose title speaks of requirements, not of scores, papers or money."""
        title = self.document.title
        return bool(_REQUIREMENTS.search(title)) and not _NOT_REQUIREMENTS.search(title)

    def criteria(self) -> list[Criterion]:
        found: list[Criterion] = []
        taken: set[str] = set()
        for chunk in self.chunks:
            if chunk.id in taken or chunk.kind in {ChunkKind.TITLE, ChunkKind.CLOSING, ChunkKind.HEADER}:
                continue
            if chunk.kind is ChunkKind.ROW:
                found += self._row(chunk)
            elif _TABLE_NOTE.match(chunk.text) and self._rows_before(found):
                found = _with_table_note(found, chunk)
            elif (inline := self._inline(chunk)) is not None:
                found += inline
            elif (group := self._group(chunk)) is not None:
                found.append(group)
                taken.update(each.id for each in self._below(chunk))
            elif chunk.kind is ChunkKind.CLAUSE and not self._opens_list(chunk):
                found = self._clause(found, chunk)
        return found

    # -- where a chunk stands

    def _surroundings(self, chunk: Chunk) -> _Surroundings:
        """The role that the nearest telling ancestor gives, and the level that any of them names."""
        role: _Role | None = None
        introduction, is_list, level = "", False, ""
        above = self.by_id.get(chunk.parent_id or "")
        line = self.under.get(chunk.id)
        while above is not None and (line is None or above.start > line.start):
            told = _role_of(above)
            if role is None and told is not None:
                role, introduction = told, _introduction(above)
                is_list = above.kind is ChunkKind.CLAUSE
            level = level or (_level_in_heading(above) if self.role_is_criteria(role) else "")
            above = self.by_id.get(above.parent_id or "")
        if role is None and line is not None:
            role, introduction = _role_in(_bare(line.text)), _bare(line.text)
        if role is None and self.document.role is not DocumentRole.MAIN and self.requires:
            role, introduction = _Role.CONDITION, self.document.title
        return _Surroundings(role or _Role.OTHER, introduction, level, is_list)

    @staticmethod
    def role_is_criteria(role: _Role | None) -> bool:
        return role in {_Role.CONDITION, _Role.AUDIENCE, _Role.BAN}

    def _opens_list(self, chunk: Chunk) -> bool:
        """True for a line that only says what the items below it are."""
        return bool(self.children.get(chunk.id)) and (
            chunk.text.rstrip().endswith(("：", ":"))
            or bool(_LIST_OF_CONDITIONS.search(_last_sentence(chunk)))
        )

    def _below(self, chunk: Chunk) -> list[Chunk]:
        found = []
        for child in self.children.get(chunk.id, ()):
            found += [child, *self._below(child)]
        return found

    # -- what it says

    def _group(self, chunk: Chunk) -> Criterion | None:
        """Items of which some suffice, under the line that says so."""
        items = [
            each for each in self.children.get(chunk.id, ()) if each.number and each.kind is not ChunkKind.ROW
        ]
        opening = _last_sentence(chunk)
        some = _SOME_SUFFICE.search(opening)
        if len(items) < 2 or not some or _opens_bans(opening) or _role_of(chunk) is _Role.BAN:
            return None
        around = self._surroundings(chunk)
        if around.role is _Role.BAN or not (self.role_is_criteria(around.role) or _role_of(chunk)):
            return None
        kind = CriterionKind.OPTIONAL if _EASIER.search(chunk.text) else CriterionKind.CONDITION
        return Criterion(
            kind,
            self.document.id,
            self.document.title,
            _quote(chunk),
            around.introduction,
            alternatives=tuple(_quote(item) for item in items),
            least=_least(some),
            level=around.level or _level_in_heading(chunk),
        )

    def _rows_before(self, found: Sequence[Criterion]) -> bool:
        last = found[-1] if found else None
        return last is not None and last.kind is CriterionKind.ROW and last.document_id == self.document.id

    def _inline(self, chunk: Chunk) -> list[Criterion] | None:
        """A clause that holds its own list: `……不予支持：1.……；2.……`; None where it holds none."""
        colon = re.search(r"[：:]", chunk.text)
        starts = [m.start() for m in _INLINE_ITEM.finditer(chunk.text)] if colon else []
        starts = [start for start in starts if colon and start >= colon.end()]
        if chunk.kind is not ChunkKind.CLAUSE or colon is None or len(starts) < 2:
            return None
        opening = _part(chunk, 0, colon.end())
        around = self._surroundings(chunk)
        items = [
            _part(chunk, start, end)
            for start, end in zip(starts, [*starts[1:], len(chunk.text)], strict=True)
        ]
        last_words = opening.text[max(opening.text.rfind(stop) for stop in "。；") + 1 :]
        level = around.level
        if _opens_bans(last_words):
            return [self._criterion(CriterionKind.BAN, item, _bare(last_words), level) for item in items]
        some = _SOME_SUFFICE.search(last_words)
        if not self.role_is_criteria(around.role) or around.role is _Role.BAN:
            return None
        if some:
            kind = CriterionKind.OPTIONAL if _EASIER.search(last_words) else CriterionKind.CONDITION
            whole = self._criterion(kind, opening, around.introduction, level)
            return [replace(whole, alternatives=tuple(items), least=_least(some))]
        return None

    def _clause(self, before: list[Criterion], chunk: Chunk) -> list[Criterion]:
        """The criteria so far and those of a clause; what only explains becomes a note of the last."""
        around = self._surroundings(chunk)
        role, introduction, level = around.role, around.introduction, around.level
        own = _run_in_role(chunk)
        if own is not None:
            role, introduction = own, _run_in(chunk)
        found = list(before)
        if role is _Role.OTHER:
            path = " ".join((*chunk.heading_path, _run_in(chunk)))
            return [*found, *self._by_themselves(chunk, path)]
        if introduction.endswith("要求") and _PAPERWORK.search(chunk.text):
            return found
        if role is _Role.BAN:
            return self._bans(found, chunk, introduction, level)
        whole = (bool(chunk.number) or around.is_list) and role is _Role.CONDITION
        for position, quote in enumerate([_quote(chunk)] if whole else _parts(chunk)):
            first = position == 0 and (whole or not found or found[-1].introduction != introduction)
            kind = _kind_in_section(quote.text, first=first)
            if kind is not None:
                found.append(self._criterion(kind, quote, introduction, level))
            elif (
                found and found[-1].document_id == self.document.id and found[-1].introduction == introduction
            ):
                found[-1] = replace(found[-1], notes=(*found[-1].notes, quote))
        return found

    def _by_themselves(self, chunk: Chunk, path: str) -> Iterator[Criterion]:
        """Sentences of a main document that ban or limit an application, each with its exception."""
        if self.document.role is not DocumentRole.MAIN:
            return
        last: Criterion | None = None
        for quote in _parts(chunk):
            if last and _AFTERTHOUGHT.search(quote.text):
                last = replace(last, notes=(*last.notes, quote))
                continue
            if last:
                yield last
            kind = _kind_by_itself(quote.text, path)
            last = self._criterion(kind, quote, "", "") if kind else None
        if last:
            yield last

    def _bans(self, before: list[Criterion], chunk: Chunk, introduction: str, level: str) -> list[Criterion]:
        """A clause of bans: each part of an enumeration is one, an exception is a note."""
        found = list(before)
        for position, quote in enumerate(_ban_quotes(chunk)):
            item = position == 0 and bool(chunk.number)  # its own case, whatever it excepts
            same = (
                not item
                and found
                and found[-1].kind is CriterionKind.BAN
                and found[-1].introduction == introduction
            )
            if same and (_AFTERTHOUGHT.search(quote.text) or _is_note(quote.text)):
                found[-1] = replace(found[-1], notes=(*found[-1].notes, quote))
            else:
                found.append(self._criterion(CriterionKind.BAN, quote, introduction, level))
        return found

    def _criterion(self, kind: CriterionKind, quote: Quote, introduction: str, level: str) -> Criterion:
        return Criterion(kind, self.document.id, self.document.title, quote, introduction, level=level)

    # -- tables

    def _row(self, chunk: Chunk) -> Iterator[Criterion]:
        """A row of a table of requirements: one criterion, or one for each level that the columns name."""
        around = self._surroundings(chunk)
        header = chunk.table_header
        about = " ".join(
            (self.document.title if self.document.role is not DocumentRole.MAIN else "", *header)
        )
        if around.role is not _Role.CONDITION and not (self.requires and _REQUIREMENTS.search(about)):
            return
        if _NOT_REQUIREMENTS.search(" ".join(header)) or len(chunk.cells) < 2:
            return
        level_columns = [i for i, name in enumerate(header) if _LEVEL.search(name)]
        named = [i for i, name in enumerate(header) if _LEVEL_COLUMN.match(name)]
        rest = [
            i
            for i, name in enumerate(header)
            if i not in level_columns and i not in named and not _NUMBER_COLUMN.match(name) and chunk.cells[i]
        ]
        if len(level_columns) >= 2:
            for column in level_columns:
                if not _NOTHING.match(chunk.cells[column]):
                    yield self._of_cells(chunk, [*rest, column], header[column])
        elif rest:
            told = chunk.cells[named[0]] if named else ""
            level = told if header[named[0] if named else 0] == "行业" or _LEVEL.search(told) else ""
            yield self._of_cells(chunk, [*level_columns, *rest], level or around.level)

    def _of_cells(self, chunk: Chunk, columns: Sequence[int], level: str) -> Criterion:
        words = "；".join(f"{chunk.table_header[i]}：{chunk.cells[i]}" for i in columns)
        quote = Quote(chunk.id, chunk.section, words, chunk.start, chunk.end)
        return self._criterion(CriterionKind.ROW, quote, self.document.title, level)


def _with_table_note(found: Sequence[Criterion], note: Chunk) -> list[Criterion]:
    """`第7、8项至少达到1项` joins these rows of the table above into one; the note goes to every such group, and
    else to the last row."""
    rows = [each for each in found if each.kind is CriterionKind.ROW and each.document_id == note.document_id]
    quote = _quote(note)
    joined: list[Criterion] = list(found)
    match = _AT_LEAST_ROWS.search(note.text)
    numbers = {f"第{n}行" for n in _row_numbers(match["rows"])} if match else set()
    for level in dict.fromkeys(each.level for each in rows):
        own = [each for each in rows if each.level == level]
        group = [each for each in own if any(each.quote.section.endswith(number) for number in numbers)]
        if match and len(group) >= 2:
            least = chinese_to_int(match["least"]) or 1
            at = joined.index(group[0])
            joined = [each for each in joined if each not in group]
            alternatives = tuple(each.quote for each in group)
            whole = replace(group[0], quote=quote, alternatives=alternatives, least=least)
            joined.insert(at, whole)
        elif own:
            mark = _MARK.match(note.text)
            marked = [each for each in own if mark and mark["mark"] in each.quote.text]
            if mark and not marked and any(mark["mark"] in each.quote.text for each in rows):
                continue  # another level's
            at = joined.index((marked or own)[-1])
            joined[at] = replace(joined[at], notes=(*joined[at].notes, quote))
    return joined


def _row_numbers(words: str) -> list[int]:
    """`7、8` -> 7, 8; `1—3` -> 1, 2, 3."""
    numbers: list[int] = []
    for part in re.split(r"[、，,和及]", words):
        ends = [int(end) for end in re.findall(r"\d+", part)]
        numbers += range(ends[0], ends[-1] + 1) if ends else []
    return numbers


# ---------------------------------------------------------------- roles and kinds


def _role_of(chunk: Chunk) -> _Role | None:
    """What a heading, or a line that opens a list, makes of what stands below it; None where it does not tell."""
    words = _bare(chunk.text)
    if chunk.kind is ChunkKind.CLAUSE:
        opening = _last_sentence(chunk)
        if _opens_bans(opening):
            return _Role.BAN
        if _LIST_OF_CONDITIONS.search(opening) and not _PROCESS.search(opening):
            return _Role.CONDITION
        return _run_in_role(chunk)
    return _role_in(words)


def _opens_bans(words: str) -> bool:
    """True for `有下列情形之一的，不得申报`, not for `具备下列条件之一的，可直接入库，不再打分`."""
    return bool(_LIST_OF_BANS.search(words)) and not _EASIER.search(words)


def _role_in(heading: str) -> _Role | None:
    if _BAN_HEADING.search(heading):
        return _Role.BAN
    if _NOT_A_HEADING.search(heading):
        return _Role.OTHER
    if _CONDITION_HEADING.search(heading):
        return _Role.CONDITION
    if _AUDIENCE_HEADING.search(heading):
        return _Role.AUDIENCE
    return _Role.OTHER if _AFTERWARDS.search(heading) else None


def _run_in(chunk: Chunk) -> str:
    """`否决情形` of `（三）否决情形。未在系统中……`; empty where no heading runs in."""
    match = re.match(r"[^。；，：:]{2,16}(?=[。：:\s\u3000])", _bare(chunk.text))
    return match.group() if match and (chunk.number or "。" not in match.group()) else ""


def _run_in_role(chunk: Chunk) -> _Role | None:
    run_in = _run_in(chunk)
    if not run_in or len(run_in) == len(_bare(chunk.text)):
        return None
    role = _role_in(run_in)
    return role if role in {_Role.CONDITION, _Role.AUDIENCE, _Role.BAN} else None


def _kind_in_section(words: str, first: bool) -> CriterionKind | None:
    """What a part of a section of conditions is; None for an explanation of the part before."""
    if _DEFINITION.match(_bare(words)) or _QUOTA.search(words) or (not first and _is_note(words)):
        return None
    if _BAN.search(words) and not re.search(r"(?:不得|不予)[^，。；]{0,8}除外", words):
        return CriterionKind.BAN if not first or _opens_with_case(words) else CriterionKind.CONDITION
    if _EASIER.search(words) and not _SUBSTANCE.search(_EASIER.split(words)[0]):
        return CriterionKind.OPTIONAL
    return CriterionKind.CONDITION


def _is_note(words: str) -> bool:
    return bool(_AFTERTHOUGHT.search(words)) or bool(
        _NOTE.search(words) and not _BAN.search(words) and not _DEMAND.search(words)
    )


def _opens_with_case(words: str) -> bool:
    """`……的，不予受理`: a case that is excluded."""
    return bool(re.search(r"的[，,]?(?:一律|均)?(?:不予|不得|不能|不可|不再)", words))


def _kind_by_itself(words: str, path: str) -> CriterionKind | None:
    """What a sentence outside of the sections of criteria is; mostly nothing."""
    if _PROCESS.search(words) or _CONSEQUENCE.search(words):
        return None
    if _AFTERWARDS.search(path):
        return None
    if _WHO_MAY.search(_bare(words)) and not _opens_with_case(words):
        return CriterionKind.CONDITION
    if _BAN.search(words):
        return CriterionKind.BAN
    if _ANOTHER_WAY.search(words):
        return CriterionKind.OPTIONAL
    if _LIMIT.search(words):
        return CriterionKind.CONDITION
    return None


def _level_in_heading(chunk: Chunk) -> str:
    """The level that a heading of conditions is for: `专精特新中小企业` of `（二）专精特新中小企业认定条件`."""
    if chunk.kind is not ChunkKind.HEADING:
        return ""
    words = re.sub(
        r"(?:的)?(?:申报|认定|遴选|推荐|基本|评定|具体)*(?:条件|标准|要求|资格|对象|范围)$",
        "",
        _bare(chunk.text),
    )
    return words if _LEVEL.search(words) and re.fullmatch(r"[^，。；：、]{2,16}", words) else ""


def _least(match: re.Match[str]) -> int:
    return chinese_to_int(match.group("least") or match.group("any") or "1") or 1


# ---------------------------------------------------------------- quotations


def _bare(text: str) -> str:
    """Without its number, mark-up and blanks at the ends."""
    words = text.strip().lstrip(f"# {_MARKS}").rstrip("】 ")
    number = line_number(words)
    return (words[number.end :] if number else words).strip().rstrip("：:").strip()


def _is_bare_line(text: str) -> bool:
    """True for a short line without a number or a stop: a heading to the eye."""
    return line_number(text) is None and bool(re.fullmatch(r"[\u4e00-\u9fff（）()“”、]{2,16}", _bare(text)))


def _introduction(chunk: Chunk) -> str:
    return _bare(_last_sentence(chunk)) if chunk.kind is ChunkKind.CLAUSE else _bare(chunk.text)


def _last_sentence(chunk: Chunk) -> str:
    spans = sentences(chunk.text)
    return chunk.text[slice(*spans[-1])].strip() if spans else chunk.text


def _quote(chunk: Chunk) -> Quote:
    return Quote(chunk.id, chunk.section, chunk.text, chunk.start, chunk.end)


def _part(chunk: Chunk, start: int, end: int) -> Quote:
    return Quote(chunk.id, chunk.section, chunk.text[start:end], chunk.start + start, chunk.start + end)


def _parts(chunk: Chunk) -> list[Quote]:
    """The sentences of a clause."""
    return [_part(chunk, start, end) for start, end in sentences(chunk.text)]


def _ban_quotes(chunk: Chunk) -> list[Quote]:
    """Each excluded case: of `下列企业不予遴选：甲；乙；丙。` the three behind the colon."""
    lead = re.match(r"[^。；]*?(?:下列|以下|如下)[^。；：:]*[：:]", chunk.text)
    parts = _parts(chunk)
    if lead and len(parts) > 1:
        first = parts[0]
        return [_part(chunk, lead.end(), first.end - chunk.start), *parts[1:]]
    if chunk.number and len(parts) > 1 and not _NOTE.search(parts[1].text):
        return [_quote(chunk)]
    return parts
