"""The values that cross module borders: documents, chunks, facts, questions, answers.

Everything here is frozen. A stage takes such values and returns new ones. Offsets are
counted in Unicode code points of `Document.text`, start inclusive, end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

# ---------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stretch of a document's text stands in the source file."""

    start: int
    """Offset in the document's text at which this place begins; it reaches to the next place."""
    label: str
    """What a person looks for in the source: `第3页`, `工作表“要素条件”第5行（A5:F5）`, `第12行`."""
    page: int | None = None
    """Page number, from 1, where the format has pages."""


@dataclass(frozen=True, slots=True)
class OcrPage:
    """A page that was read from its picture."""

    page: int
    """From 1."""
    confidence: float
    """Mean over its characters, 0 to 1, as the recogniser gives it."""


@dataclass(frozen=True, slots=True)
class Converted:
    """One file as Markdown text, before repair."""

    text: str
    """Markdown with "\\n" line ends. Automatic numbers are written out; tables are pipe tables."""
    format: str
    """txt, md, html, docx, pdf, xlsx, pptx, ofd, image ...: the form that was parsed at last."""
    places: tuple[Place, ...] = ()
    warnings: tuple[str, ...] = ()
    """Chinese sentences for the receipt: what looks wrong with this file."""
    pages: int = 0
    """Pages, slides or sheets; 0 where the format has none."""
    ocr: tuple[OcrPage, ...] = ()
    """The pages that were read from their pictures, ascending."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """One document of a file: the file itself, or a member of an archive or an e-mail."""

    name: str
    """Path inside the file, with forward slashes: `附件/附件2.docx`; empty for the file itself."""
    converted: Converted | None
    error: str = ""
    """Chinese sentence that says why this part was not read and what to do; empty where it was."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One repair: the span [start, end) of the text before became [new_start, new_end) after."""

    start: int
    end: int
    new_start: int
    new_end: int
    kind: str
    """gloss, broken_gloss, confusion, simplified, punctuation, compatibility."""
    before: str
    after: str


class DocumentRole(StrEnum):
    MAIN = "main"
    ATTACHMENT = "attachment"
    FAQ = "faq"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the knowledge folder, read and repaired: mostly a file."""

    id: str
    """Path under the knowledge folder, with forward slashes; a document that follows in another one's file has
    its own name behind the file's: `通知.docx/附件2 要素条件`."""
    notice_id: str
    """Name of the folder right under the knowledge folder that holds the file."""
    title: str
    """标题; for an attachment its own title, without `附件2：`."""
    role: DocumentRole
    text: str
    format: str
    attachment_number: str = ""
    """`2` for 附件2; empty where the file is no attachment or has no number."""
    places: tuple[Place, ...] = ()
    edits: tuple[Edit, ...] = ()
    warnings: tuple[str, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    """Pages whose text was read from a picture: a citation of them asks to check the original."""
    file: str = ""
    """Path of the file, where that holds other documents too; empty where it is the id."""
    file_start: int = 0
    """Offset of the text in the file's whole text."""
    doc_number: str = ""
    """Of a notice that follows in another one's file: its own 发文字号."""
    issued_on: date | None = None
    """Of such a notice: its own 成文日期."""


@dataclass(frozen=True, slots=True)
class DeclaredAttachment:
    """An attachment that a notice names."""

    number: str
    title: str
    document_id: str | None
    """The document that holds it; None where nobody supplied it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A main document with its attachments, and what its head and foot say about it."""

    id: str
    """The folder's name under the knowledge folder."""
    title: str
    document_id: str
    doc_number: str = ""
    """发文字号 of this notice itself; empty where it shows none."""
    issuer: str = ""
    """发文机关; several are joined by one space."""
    addressees: str = ""
    """主送机关, as written, without the final colon."""
    issued_on: date | None = None
    """成文日期."""
    year: int | None = None
    """The year that the notice is about (2024年度), else the year of issue."""
    batch: str = ""
    """`第二批`, where the title names one."""
    level: str = ""
    """Level that the title names: 先进级, 卓越级, 省级 ..."""
    region: str = ""
    """Province, city or county whose office issued it: `湖南省`, `长沙市`."""
    supersedes: tuple[str, ...] = ()
    """Titles or document numbers that this notice repeals."""
    references: tuple[str, ...] = ()
    """Document numbers of other papers that the text names."""
    attachments: tuple[DeclaredAttachment, ...] = ()


# ---------------------------------------------------------------- chunks and facts


class ChunkKind(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    CLAUSE = "clause"
    ROW = "row"
    """A data row of a table."""
    HEADER = "header"
    """The header row of a table."""
    CLOSING = "closing"
    """Attachment list, signature, date of issue."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A slice of a document made at index time."""

    id: str
    """`<document id>#<running number>`."""
    document_id: str
    notice_id: str
    kind: ChunkKind
    start: int
    end: int
    text: str
    """document.text[start:end], without surrounding blanks."""
    heading_path: tuple[str, ...] = ()
    """Headings above, outermost first, as written: `二、2024年度…申报工作`, `（一）申报条件`."""
    number: str = ""
    """Its own number as written: `1.`, `（二）`, `第三条`; empty where it has none."""
    section: str = ""
    """Numbers of the path and its own, as a person cites it: `二、（一）1.`; `表1第3行` for a row."""
    parent_id: str | None = None
    """The chunk that introduces this one: heading, or the clause that ends in a colon before a list."""
    page: int | None = None
    place: str = ""
    """Label of the place in the source file where it begins."""
    table_header: tuple[str, ...] = ()
    """Column names, where the chunk is a table row."""
    cells: tuple[str, ...] = ()
    """Cell texts, as many as `table_header`, where the chunk is a table row."""


class FactKind(StrEnum):
    DATE = "date"
    DURATION = "duration"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    ADDRESS = "address"
    AMOUNT = "amount"
    PERCENT = "percent"
    COUNT = "count"
    DOC_NUMBER = "doc_number"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed value with the clause that states it."""

    kind: FactKind
    value: str
    """Normalised: `2024-11-22`, `2024-11-22T17:00`, `0731-88955383`, `2000000 元`, `3.5 %`, `2 份`."""
    text: str
    """The words as written; literally document.text[start:end]."""
    chunk_id: str
    start: int
    end: int
    actor: str = ""
    """Who must act or who is meant: `申报主体`, `各市州工信局`."""
    act: str = ""
    """What: `完成线上申报`."""
    year_inferred: bool = False
    """True where a date was written without its year and got the notice's."""


# ---------------------------------------------------------------- frequent questions


@dataclass(frozen=True, slots=True)
class CitedClause:
    """A clause that an FAQ entry stands on, as it read when the entry was approved."""

    document_id: str
    section: str
    quote: str
    """Literally in the document's text."""
    digest: str
    """First 16 hexadecimal digits of the SHA-256 of the clause's text, with the items below it, without blanks;
    empty on a page that takes the clause as it reads on approval."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """An approved answer to a frequent question: one Markdown file of `knowledge/faq/`."""

    id: str
    """Name of its file without suffix."""
    question: str
    wordings: tuple[str, ...]
    """Other ways in which people asked it."""
    answer: str
    """Lines of text; `[1]` marks the clause at that place in `clauses`."""
    clauses: tuple[CitedClause, ...]
    notice_id: str = ""
    """Notice that it is about; empty for all."""
    approved_on: date | None = None
    approved_by: str = ""


# ---------------------------------------------------------------- questions and answers


class Intent(StrEnum):
    DEADLINE = "deadline"
    ELIGIBILITY = "eligibility"
    CONTACT = "contact"
    MATERIALS = "materials"
    PROCESS = "process"
    AMOUNT = "amount"
    AUTHORITY = "authority"
    SCOPE = "scope"
    DEFINITION = "definition"
    ATTACHMENT = "attachment"
    METADATA = "metadata"
    """The notice's own data: document number, issuer, date of issue."""
    COMPARISON = "comparison"
    GREETING = "greeting"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Question:
    """The user's words, understood."""

    text: str
    """As typed."""
    normalised: str
    """Simplified, half-width, typos mended, English terms glossed: what is searched."""
    intents: tuple[Intent, ...]
    """Most likely first, never empty."""
    today: date
    language: str = "zh"
    """zh, zh-hant or en: the script that the user wrote."""
    terms: tuple[str, ...] = ()
    """Content words after normalisation."""
    synonyms: tuple[str, ...] = ()
    """Words that notices use for what the user said: 补多少 -> 奖补, 资金, 补助."""
    values: tuple[str, ...] = ()
    """Normalised values that the question itself states (dates, phones, amounts)."""
    years: tuple[int, ...] = ()
    """Years that say which notice is meant, not years of a condition."""
    batches: tuple[str, ...] = ()
    """`第二批`, where the question names one."""
    levels: tuple[str, ...] = ()
    """Levels of office that the question names: province, city, district."""
    places: tuple[str, ...] = ()
    """Cities and districts whose own rules are asked for: `株洲` of `株洲市自己的补贴`."""
    notice_id: str | None = None
    """Scope set by hand or carried over; None searches all."""
    yes_no: bool = False
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk retrieved for a question. Every score is larger-is-better."""

    chunk: Chunk
    score: float
    dense: float = 0.0
    lexical: float = 0.0
    read: float = 0.0
    """What the reader added to the score."""


class AnswerStatus(StrEnum):
    ANSWERED = "answered"
    ANSWERED_FAQ = "answered_faq"
    CLARIFY = "clarify"
    NOT_FOUND = "not_found"
    ATTACHMENT_MISSING = "attachment_missing"
    OUT_OF_SCOPE = "out_of_scope"
    GREETING = "greeting"
    ERROR_INPUT = "error_input"
    ERROR_INTERNAL = "error_internal"

    @property
    def abstained(self) -> bool:
        """True where the documents hold no answer."""
        return self in {self.NOT_FOUND, self.ATTACHMENT_MISSING, self.OUT_OF_SCOPE}


class SpanStyle(StrEnum):
    PLAIN = "plain"
    STRONG = "strong"
    """The answering words themselves."""
    COMPUTED = "computed"
    """Computed from a cited fact and the day of asking (days left, inferred year): outside the fact lock."""


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    style: SpanStyle = SpanStyle.PLAIN


class BlockKind(StrEnum):
    ANSWER = "answer"
    ITEM = "item"
    """One entry of a list."""
    CARD = "card"
    """A contact card; its lines are separated by "\\n"."""
    ROW = "row"
    """First cells of a row of a table: the name of what it is about, computed, then a value."""
    CELL = "cell"
    """A further value of the same row."""
    NOTE = "note"
    """A remark of the bot: superseded, computed, whom to ask."""
    RELATED = "related"
    """Offered as related, marked as not answering."""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of an answer: styled words, then the citations it stands on."""

    kind: BlockKind
    spans: tuple[Span, ...]
    citations: tuple[int, ...] = ()
    """Numbers `n` of `Answer.citations`, shown as [n] at the block's end."""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)

    @property
    def quoted(self) -> str:
        """Its text without what is computed."""
        return "".join(span.text for span in self.spans if span.style is not SpanStyle.COMPUTED)


@dataclass(frozen=True, slots=True)
class Citation:
    """A quoted clause and where it stands."""

    n: int
    """From 1, in order of first use."""
    chunk_id: str
    document: str
    """Title of the document."""
    notice: str
    """Id of the notice (its folder's name)."""
    file: str
    """Path under the knowledge folder of the file that holds the document."""
    section: str
    quote: str
    """Literally document.text[start:end]."""
    start: int
    end: int
    page: int | None = None
    place: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    """Spans within `quote` of the answering words."""
    repaired: bool = False
    """True where the source text was damaged here and has been repaired."""
    recognised: bool = False
    """True where the text was read from a picture of its page: dates and sums want a look at the original."""
    file_start: int = 0
    """Offset of the document's text in the file's text: 0 unless the file holds several documents."""

    @property
    def document_id(self) -> str:
        """The document whose text `start` and `end` count in."""
        return self.chunk_id.rpartition("#")[0] or self.file


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    status: AnswerStatus
    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...] = ()
    facts: tuple[Fact, ...] = ()
    """The facts that the answer states."""
    passages: tuple[Passage, ...] = ()
    """All that was read, best first, so that a bad answer can be explained."""
    suggestions: tuple[str, ...] = ()
    """Questions that the user can ask next by a tap; each at most 60 characters."""
    took_ms: float = 0.0
    notice_ids: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """The answer's words without quotes and markers, a block a line."""
        return "\n".join(block.text for block in self.blocks)
