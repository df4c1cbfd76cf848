"""A web page -> Markdown: the notice without the site around it, tables with their spans written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.datamodels import Converted
from bot.documents.blocks import Block, assemble, block_text, paragraph
from bot.documents.charset import decode_text
from bot.documents.docx_numbering import letters, roman
from bot.documents.tables import HAN, Cell, Row, cell_text, table_blocks
from bot.errors import DamagedDocument

CONTAINERS = (
    ".TRS_Editor", ".trs_editor_view", "#zoom", "#Zoom", ".TRS_UEDITOR", ".view.TRS_UEDITOR", "#UCAP-CONTENT", ".pages_content",
    ".article-content", ".article_content", ".articleContent", "#articleContent", ".article-con", ".article_con",
    ".wp_articlecontent", "#vsb_content", ".v_news_content", ".ewb-article-content", ".ewb-info-content", ".xxgk_content",
    ".content-text", ".con_text", ".detail-content", ".news_content", ".ccontent", "#js_content", "#content_article", "article",
)  # fmt: skip
"""Where common content systems of Chinese government sites put the text, most specific first."""
ATTACHMENT_LINK = re.compile(
    r"\.(?:docx?|wps|xlsx?|et|pdf|ofd|zip|rar|7z|pptx?|txt)(?:$|[?#])", re.IGNORECASE
)
DOC_NUMBER = re.compile(
    r"(?:发文字号|文\s*号|文件编号)\s*[：:]?\s*([^\s：:]{2,20}[〔\[【（(]\d{4}[〕\]】）)]\s*\d{1,5}\s*号)"
)
MAX_DEPTH = 250
MAX_ATTRIBUTES = 4_000
"""Of one tag, counted by the blanks in it."""
MAX_SPAN = 200
MAX_TABLE_CELLS = 100_000
MIN_CONTENT = 40
"""Characters that a container must hold to be taken for the notice's text."""

_DROPPED = {
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas", "head", "button", "select",
    "input", "textarea", "nav", "aside", "audio", "video", "map", "#comment", "-comment", "_comment", "rt", "rp",
}  # fmt: skip
_BLOCKS = {
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary", "ul", "table",
    "tbody", "thead", "tfoot", "tr", "td", "th", "caption",
}  # fmt: skip
_SITE_PARTS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|footer|foot|sidebar|breadcrumb|crumbs?|share|related|rel|copyright|toolbar|loc|location|"
    r"position|dqwz|weizhi|login|search|friendlink|links|pager|pagination|banner|top|logo|tools?|print|qrcode|ewm)(?:$|[\s_-])",
    re.IGNORECASE,
)
_NESTING_TAG = re.compile(
    r"<(/?)(div|span|font|b|i|u|em|strong|center|table|tbody|tr|td|section|article|ul|ol|dl|blockquote|form|a|h[1-6])(?=[\s/>])",
    re.IGNORECASE,
)
_SKIPPED_SOURCE = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
"""One that is never closed reaches to the end: without that, each such start would cost the whole page again."""
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{8192,}+")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,30})", re.IGNORECASE)


def _refuse_slow_parsing(source: str) -> None:
    """Some 200,000 nested elements, or attributes of one, keep an HTML parser busy for a minute: count before."""
    depth, source = 0, _SKIPPED_SOURCE.sub("", source)
    for match in _NESTING_TAG.finditer(source):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > MAX_DEPTH:
            raise DamagedDocument(
                "网页的结构嵌套过深，不能读取。请在浏览器里打开，把正文复制到 Word 另存为 .docx 后放回原处。"
            )
    if any(
        match[0].count(" ") + match[0].count("\n") > MAX_ATTRIBUTES for match in _LONG_TAG.finditer(source)
    ):
        raise DamagedDocument(
            "网页里有标签的属性过多，不能读取。请在浏览器里打开，把正文复制到 Word 另存为 .docx 后放回原处。"
        )


def _attribute(node: LexborNode, name: str) -> str:
    return (node.attributes.get(name) or "").strip()


def _tag(node: LexborNode) -> str:
    return (node.tag or "").lower()


def _hidden(node: LexborNode) -> bool:
    style = _attribute(node, "style").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style or "hidden" in node.attributes


def _span(node: LexborNode, name: str) -> int:
    value = _attribute(node, name)
    return min(MAX_SPAN, max(1, int(value))) if value.isdecimal() and len(value) < 12 else 1


# ---------------------------------------------------------------- choosing the content


def _length(text: str) -> int:
    return len(re.sub(r"\s+", "", text))


def _own_length(node: LexborNode) -> int:
    """Characters of a node outside its links: menus and link lists count nothing."""
    total = _length(node.text(deep=True))
    return total - sum(_length(link.text(deep=True)) for link in node.css("a"))


def _drop(root: LexborNode) -> None:
    for node in reversed(
        root.css('script, style, noscript, template, iframe, nav, aside, div[title="footer"]')
    ):  # inner ones first; LibreOffice saves the foot of its pages as such a div
        node.decompose()


def _content(body: LexborNode) -> LexborNode:
    """The element that holds the notice: a known container, else the smallest that holds most of the text."""
    for selector in CONTAINERS:
        found = [node for node in body.css(selector) if _length(node.text(deep=True)) >= MIN_CONTENT]
        if found:
            return max(found, key=lambda node: _length(node.text(deep=True)))
    total = _own_length(body)
    doomed = [node for node in body.css("div, ul, section, footer, p, td") if _is_site_part(node, total)]
    for node in reversed(doomed):  # inner ones first: a dropped element takes its content along
        node.decompose()
    node = body
    for _ in range(MAX_DEPTH):
        total = _own_length(node)
        children = [
            child
            for child in node.iter()
            if _tag(child) in {"div", "section", "main", "td", "table", "tbody", "tr", "form", "center"}
        ]
        best = max(children, key=_own_length, default=None)
        if (
            best is None
            or _own_length(best) < 0.75 * total
            or (_tag(best) == "table" and _is_data_table(best))
        ):
            return node
        node = best
    return node


def _is_site_part(node: LexborNode, page_length: int) -> bool:
    name = f"{_attribute(node, 'class')} {_attribute(node, 'id')}"
    return _tag(node) == "footer" or bool(_SITE_PARTS.search(name) and _own_length(node) < 0.3 * page_length)


def _title(tree: LexborHTMLParser) -> str:
    for selector in ('meta[name="ArticleTitle" i]', 'meta[property="og:title" i]'):
        meta = tree.css_first(selector)
        if meta is not None and _attribute(meta, "content"):
            return _attribute(meta, "content")
    heading = tree.css_first("h1")
    if heading is not None and 4 < _length(heading.text(deep=True)) < 120:
        return re.sub(r"\s+", "", heading.text(deep=True))
    title = tree.css_first("title")
    parts = re.split(r"\s*[_|｜]\s*|\s+[-—–]+\s+", title.text(deep=True).strip()) if title is not None else []
    return max(parts, key=len, default="").strip()


# ---------------------------------------------------------------- elements -> blocks


@dataclass(slots=True)
class _Writer:
    """Collects blocks while the elements are walked in order."""

    blocks: list[Block] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    """Text of the paragraph that is being collected."""
    prefix: str = ""
    """`# ` or a list number, written before the next paragraph."""

    def flush(self) -> None:
        text, self.inline = _tidy("".join(self.inline)), []
        for part in re.split(r"\n{2,}", text):
            if part:
                self.blocks.append(
                    paragraph(self.prefix + (part.replace("\n", "") if "#" in self.prefix else part))
                )
                self.prefix = ""


def _tidy(text: str) -> str:
    """Collapsed blanks; `\\n` only where the page has a <br>. Blanks between Chinese from source wrapping go."""
    text = re.sub(r"[ \t\r\f\u00a0\u2002\u2003\u200b\ufeff]+", " ", text)
    lines = [line.strip(" \u3000") for line in text.split("\n")]
    return "\n".join(lines).strip("\n")


def _source_text(text: str) -> str:
    """Characters of a text node: line breaks of the source are blanks, or nothing between Chinese."""
    text = re.sub(rf"(?<={HAN}|[，。、；：）》”])[ \t]*[\r\n]\s*(?={HAN}|[，。、；：（《“])", "", text)
    return re.sub(r"[\r\n\t]+", " ", text)


def _is_data_table(table: LexborNode) -> bool:
    """False for a table that only lays out the page: it nests tables, is one column, or holds whole texts."""
    cells = [cell for cell in table.css("td, th")]
    return (
        not any(cell.css_first("table") for cell in cells)
        and len(cells) > 1
        and not any(_length(cell.text(deep=True)) > 1500 for cell in cells)
    )


def _walk(node: LexborNode, writer: _Writer) -> None:
    for child in node.iter(include_text=True):
        tag = _tag(child)
        if tag == "-text":
            writer.inline.append(_source_text(child.text(deep=False)))
        elif tag in _DROPPED or _hidden(child):
            continue
        elif tag == "br":
            writer.inline.append("\n")
        elif tag == "table" and _is_data_table(child):
            writer.flush()
            writer.blocks.extend(table_blocks(_rows(child)))
        elif re.fullmatch(r"h[1-6]", tag):
            writer.flush()
            writer.prefix = "#" * int(tag[1]) + " "
            _walk(child, writer)
            writer.flush()
            writer.prefix = ""
        elif tag in {"ol", "ul"}:
            writer.flush()
            _walk_list(child, writer)
        elif tag == "a":
            inner = _Writer()
            _walk(child, inner)
            if inner.blocks:  # a link around whole blocks
                writer.flush()
                inner.flush()
                writer.blocks.extend(inner.blocks)
            else:
                writer.inline.append(_linked("".join(inner.inline), _attribute(child, "href")))
        elif tag in _BLOCKS:
            writer.flush()
            _walk(child, writer)
            writer.flush()
        else:
            _walk(child, writer)


def _walk_list(node: LexborNode, writer: _Writer) -> None:
    """List items with the number that a browser shows."""
    start = _attribute(node, "start")
    number = int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1
    kind = _attribute(node, "type")
    for item in node.iter():
        if _tag(item) != "li":
            if _tag(item) not in _DROPPED:
                _walk(item, writer)
                writer.flush()
            continue
        if _hidden(item):
            continue
        value = _attribute(item, "value")
        number = int(value) if re.fullmatch(r"-?\d{1,6}", value) else number
        writer.prefix = "- " if _tag(node) == "ul" else f"{_item_number(number, kind)}."
        _walk(item, writer)
        writer.flush()
        writer.prefix = ""
        number += 1


def _item_number(number: int, kind: str) -> str:
    if number < 1:
        return str(number)
    return {
        "a": letters(number),
        "A": letters(number).upper(),
        "i": roman(number),
        "I": roman(number).upper(),
    }.get(kind, str(number))


def _linked(text: str, href: str) -> str:
    """Links to attachments and to other addresses keep their href; scripts and anchors only their text."""
    shown = text.strip()
    if not shown or not (ATTACHMENT_LINK.search(href) or re.match(r"https?://", href, re.IGNORECASE)):
        return text
    if (
        unquote(href).rstrip("/") in shown
        or "\n" in shown
        or re.match(r"(?:javascript|data|vbscript):", href, re.IGNORECASE)
    ):
        return text
    address = re.sub(r"\s", "%20", href).replace("(", "%28").replace(")", "%29")
    return text.replace(shown, f"[{shown}]({address})")


def _rows(table: LexborNode) -> list[Row]:
    """Rows with rowspan and colspan written out. Raises DamagedDocument beyond MAX_TABLE_CELLS."""
    grid: dict[tuple[int, int], Cell] = {}
    marked: list[bool] = []
    height = 0
    sources = list(_table_rows(table))
    for i, (row, in_head) in enumerate(sources):
        column = 0
        cells = [cell for cell in row.iter() if _tag(cell) in {"td", "th"}]
        for source in cells:
            while (i, column) in grid:
                column += 1
            inner = _Writer()
            _walk(source, inner)
            inner.flush()
            lines = [line for block in inner.blocks for piece in block for line in piece.text.split("\n")]
            cell = Cell(cell_text(lines))
            wide, tall = _span(source, "colspan"), min(_span(source, "rowspan"), len(sources) - i)
            if len(grid) + wide * tall > MAX_TABLE_CELLS:
                raise DamagedDocument("网页里的表格过大，不能读取。请把表格另存为 .xlsx 后放回原处。")
            for down in range(tall):
                for right in range(wide):
                    grid.setdefault((i + down, column + right), cell)
            column += wide
        marked.append(in_head or (bool(cells) and all(_tag(cell) == "th" for cell in cells)))
        height = i + 1
    width = max((column + 1 for _, column in grid), default=0)
    blank = Cell("")
    return [
        Row(tuple(grid.get((i, j), blank) for j in range(width)), header=marked[i])
        for i in range(height)
        if width
    ]


def _table_rows(table: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    for child in table.iter():
        if _tag(child) == "tr":
            yield child, False
        elif _tag(child) in {"thead", "tbody", "tfoot"}:
            for row in child.iter():
                if _tag(row) == "tr":
                    yield row, _tag(child) == "thead"


# ---------------------------------------------------------------- page


def _attachment_links(body: LexborNode, known: str) -> list[Block]:
    """Links to files that stand outside the chosen content, such as a list of 相关附件."""
    found: dict[str, str] = {}
    for link in body.css("a"):
        href = _attribute(link, "href")
        name = re.sub(r"\s+", " ", link.text(deep=True)).strip() or _attribute(link, "title")
        if name and ATTACHMENT_LINK.search(href) and _linked(name, href) not in known:
            found.setdefault(href, name)
    return [paragraph(_linked(name, href)) for href, name in found.items()]


def _with_title(blocks: list[Block], title: str) -> list[Block]:
    """The page's title as a heading: where it already stands among the first paragraphs, else on top."""

    def squeezed(text: str) -> str:
        return re.sub(r"[\s#]+", "", text)

    for i, block in enumerate(blocks[:6]):
        if squeezed(block_text(block)) == squeezed(title):
            heading = paragraph("# " + re.sub(r"^#+\s*|\s*\n\s*", "", block_text(block)))
            return [*blocks[:i], heading, *blocks[i + 1 :]]
    if squeezed(title) in squeezed("".join(map(block_text, blocks[:6]))):
        return blocks
    return [paragraph(f"# {title}"), *blocks]


def read_html(data: bytes) -> Converted:
    """The page's notice as Markdown, its title first; without places, since a page has no lines to look up.

    Raises UnsupportedFormat where the bytes are no text, DamagedDocument where the page is nested too deep.
    """
    declared = _META_CHARSET.search(data[:8192])
    decoded = decode_text(data, declared[1].decode("ascii") if declared else "")
    _refuse_slow_parsing(decoded.text)
    tree = LexborHTMLParser(decoded.text)
    body = tree.body
    if body is None:
        return Converted(text="", format="html", warnings=decoded.warnings)
    _drop(body)
    title = _title(tree)
    number = DOC_NUMBER.search(re.sub(r"\s+", " ", body.text(deep=True, separator=" ")))
    links_of = LexborHTMLParser(body.html or "").body  # the choice below removes parts of the page
    writer = _Writer()
    _walk(_content(body), writer)
    writer.flush()
    text, _ = assemble(writer.blocks)
    blocks = writer.blocks
    if number and number[1] not in text[:600]:
        blocks = [paragraph(number[1]), *blocks]
    if title:
        blocks = _with_title(blocks, title)
    tail = _attachment_links(links_of, text) if links_of is not None else []
    text, _ = assemble([*blocks, *tail])
    return Converted(text=text, format="html", warnings=decoded.warnings)
