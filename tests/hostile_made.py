"""Files that somebody made to do harm, or that only look so: each maker gives the bytes of one, small and fast."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from tests import documents_made as made

SECRET = "绝密的本机内容"
"""What a file outside the knowledge folder says: it must never come out."""

_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def written(write: Callable[[Path], None], folder: Path) -> bytes:
    """The bytes of a file that a maker of `documents_made` writes."""
    path = folder / "made"
    write(path)
    data = path.read_bytes()
    path.unlink()
    return data


def zipped(members: Iterable[tuple[str, bytes | str]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(document: bytes | str, **others: bytes | str) -> bytes:
    """A .docx of this word/document.xml and of further members of word/."""
    members: list[tuple[str, bytes | str]] = [
        ("[Content_Types].xml", _TYPES),
        ("word/document.xml", document),
    ]
    return zipped([*members, *((f"word/{name}.xml", content) for name, content in others.items())])


def word_document(body: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<w:document {_W}><w:body>{body}</w:body></w:document>'


def word_paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(sheet: bytes | str, strings: bytes | str = f"<sst {_S}/>") -> bytes:
    workbook = f'<workbook {_S} {_R}><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{kind}" Target="worksheets/sheet1.xml"/></Relationships>'
    )
    return zipped(
        [
            ("[Content_Types].xml", _TYPES),
            ("xl/workbook.xml", workbook),
            ("xl/_rels/workbook.xml.rels", links),
            ("xl/worksheets/sheet1.xml", sheet),
            ("xl/sharedStrings.xml", strings),
        ]
    )


# ---------------------------------------------------------------- bombs


def docx_bomb() -> bytes:
    """80 kB that unpack to 80 MB."""
    return docx(word_document(word_paragraph("A" * 1000) * (80_000_000 // 1040)))


def xlsx_bomb() -> bytes:
    return xlsx(f"<worksheet {_S}/>", f"<sst {_S}>" + f"<si><t>{'A' * 1000}</t></si>" * 78_000 + "</sst>")


def docx_bomb_with_a_false_size() -> bytes:
    """The bomb whose directory says that the document has 1000 bytes."""
    data = bytearray(docx_bomb())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(data)


def zip_bomb() -> bytes:
    """Ten texts of 40 MB each in 400 kB."""
    return zipped((f"{i}.txt", b"\xe7\x94\xb2" * 13_000_000) for i in range(10))


def nested_zip(levels: int) -> bytes:
    data = zipped([("通知.txt", "申报截止日期为11月22日。")])
    for level in range(levels):
        data = zipped([(f"{level}.zip", data)])
    return data


def nested_zip_bomb() -> bytes:
    """Each archive holds ten of the next kind, five levels deep, as in 42.zip: a million texts of 10 MB."""
    data = zipped([("0.txt", b"\0" * 10_000_000)])
    for _ in range(5):
        data = zipped((f"{i}.zip", data) for i in range(10))
    return data


def crowded_zip() -> bytes:
    return zipped((f"{i}.txt", "通知正文若干字。") for i in range(3000))


def flate_bomb_pdf() -> bytes:
    """A page whose content unpacks to 150 MB of blanks."""
    return _pdf_with_stream(zlib.compress(b" " * 150_000_000, 9), b"/Filter /FlateDecode")


def picture_of_2_500_000_000_pixels() -> bytes:
    """A black and white PNG of 50,000 x 50,000 pixels in 0.4 MB."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    packer = zlib.compressobj(9)
    line = bytes(1 + 50_000 // 8)
    pixels = b"".join(packer.compress(line * 1000) for _ in range(50)) + packer.flush()
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


# ---------------------------------------------------------------- XML


def docx_with_external_entity(target: Path) -> bytes:
    head = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{target.as_uri()}">]>'
    return docx(word_document(word_paragraph("申报须知：&x;"), head))


def laughs() -> str:
    """The start of a document type that unfolds to 10^9 words (billion laughs)."""
    levels = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    return f'<!DOCTYPE d [<!ENTITY a0 "哈哈">{levels}]>'


def docx_of_laughs(encoding: str = "utf-8") -> bytes:
    return docx(word_document(word_paragraph("&a9;"), laughs()).replace(
        '<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>'
    ).encode(encoding))  # fmt: skip


def xlsx_of_laughs() -> bytes:
    return xlsx(f"<worksheet {_S}/>", f'<?xml version="1.0"?>{laughs()}<sst {_S}><si><t>&a9;</t></si></sst>')


def docx_of_nested_tables(levels: int = 3000) -> bytes:
    return docx(word_document("<w:tbl><w:tr><w:tc>" * levels + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * levels))


def docx_of_wide_spans() -> bytes:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc>'
    return docx(word_document(f"<w:tbl><w:tr>{cell * 3}</w:tr></w:tbl>"))


def docx_of_endless_numbers() -> bytes:
    """A list that counts from 2,000,000,000, by a style that is based on itself."""
    level = (
        '<w:lvl w:ilvl="0"><w:start w:val="2000000000"/><w:numFmt w:val="upperRoman"/>'
        '<w:lvlText w:val="%1、"/></w:lvl>'
    )
    numbering = (
        f'<w:numbering {_W}><w:abstractNum w:abstractNumId="1">{level}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    )
    styles = (
        f'<w:styles {_W}><w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="A"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>'
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="{name}" Type="{kind}/{name}" Target="{name}.xml"/>'
        for name in ("numbering", "styles")
    )
    relationships = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}'
        "</Relationships>"
    )
    body = '<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr><w:r><w:t>申报条件</w:t></w:r></w:p>'
    return zipped(
        [
            ("[Content_Types].xml", _TYPES),
            ("word/document.xml", word_document(body)),
            ("word/_rels/document.xml.rels", relationships),
            ("word/numbering.xml", numbering),
            ("word/styles.xml", styles),
        ]
    )


# ---------------------------------------------------------------- sheets


def xlsx_with_a_far_cell() -> bytes:
    cells = '<row r="1"><c r="A1" t="str"><v>标题</v></c></row>'
    far = '<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>'
    return xlsx(f"<worksheet {_S}><sheetData>{cells}{far}</sheetData></worksheet>")


def xlsx_with_everything_merged() -> bytes:
    cells = '<row r="1"><c r="A1" t="str"><v>标题</v></c></row>'
    merges = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    return xlsx(f"<worksheet {_S}><sheetData>{cells}</sheetData>{merges}</worksheet>")


def xlsx_with_many_merges() -> bytes:
    """20,000 merges that all cover the same 4,000 cells."""
    cells = '<row r="1"><c r="A1" t="str"><v>标题</v></c></row><row r="100"><c r="AN100" t="str"><v>尾</v></c></row>'
    merges = '<mergeCell ref="A1:AN100"/>' * 20_000
    return xlsx(
        f"<worksheet {_S}><sheetData>{cells}</sheetData><mergeCells>{merges}</mergeCells></worksheet>"
    )


def ods_of_repeated_cells() -> bytes:
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    cell = '<table:table-cell table:number-columns-repeated="16384"><text:p>甲</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="表">{row}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    return zipped([("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content)])


# ---------------------------------------------------------------- PDF


def _pdf_with_stream(stream: bytes, filters: bytes, others: bytes = b"") -> bytes:
    return (
        b"%%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n"
        b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n"
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R>> endobj\n"
        b"4 0 obj <</Length %d %b>> stream\n%b\nendstream endobj\n%b"
        b"trailer <</Root 1 0 R>>\n%%%%EOF" % (len(stream), filters, stream, others)
    )


def pdf_of_a_million_objects() -> bytes:
    objects = b"".join(b"%d 0 obj null endobj\n" % number for number in range(10, 1_000_010))
    return _pdf_with_stream(b"BT ET", b"", objects)


def pdf_of_a_million_pages() -> bytes:
    """One page, named a million times in the page tree."""
    data = _pdf_with_stream(b"BT ET", b"")
    return data.replace(b"/Kids [3 0 R] /Count 1", b"/Kids [" + b"3 0 R " * 1_000_000 + b"] /Count 1000000")


def pdf_of_a_page_tree_in_a_circle() -> bytes:
    return _pdf_with_stream(b"BT ET", b"").replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")


def pdf_of_nested_arrays() -> bytes:
    return _pdf_with_stream(b"BT ET", b"/X " + b"[" * 100_000 + b"]" * 100_000)


def pdf_of_lines(count: int) -> bytes:
    """A page of so many ruled lines."""
    drawn = b"".join(b"%d %d m %d %d l S\n" % (i % 500, i % 800, i % 500 + 9, i % 800) for i in range(count))
    return _pdf_with_stream(drawn, b"")


# ---------------------------------------------------------------- web pages, mail, text


def scripted_html() -> bytes:
    return (
        '<html><head><title>关于申报的通知</title><script>document.write("脚本写的字")</script></head>'
        '<body onload="alert(1)"><p>申报截止日期为2024年11月22日，逾期不予受理，请各单位按时报送。</p>'
        '<iframe src="file:///etc/passwd">框架</iframe><p><a href="javascript:alert(2)">点我</a></p>'
        '<img src="http://127.0.0.1:9/x.png" onerror="alert(3)"><object data="x.swf">对象</object></body></html>'
    ).encode()


def deep_html(levels: int = 200_000) -> bytes:
    return ("<div>" * levels + "文" + "</div>" * levels).encode()


def html_of_open_comments() -> bytes:
    return b"<html><body>" + b"<!--<script>" * 300_000


def html_of_comments_before_nothing() -> bytes:
    """Comments that a careless pattern could divide in 2^400 ways before it finds no <html>."""
    return b"<!---->" * 400 + "申报须知".encode()


def html_of_wide_spans() -> bytes:
    row = '<tr><td rowspan="65534" colspan="1000">甲</td><td colspan="999999999">乙</td></tr>'
    return f"<html><body><table>{row * 600}</table></body></html>".encode()


def html_of_attributes() -> bytes:
    attributes = " ".join(f'a{i}="{i}"' for i in range(200_000))
    return f"<html><body><p {attributes}>申报截止日期为11月22日。</p></body></html>".encode()


def nested_mail(levels: int = 200) -> bytes:
    """A message that is attached to a message that is attached …"""
    head = "From: a@example.com\r\nDate: Mon, 4 Nov 2024 08:00:00 +0800\r\nMIME-Version: 1.0\r\n"
    forwarded = "Content-Type: message/rfc822\r\n\r\n"
    body = "Content-Type: text/plain; charset=utf-8\r\n\r\n申报截止日期为11月22日，请各单位按时报送材料。"
    return ((head + forwarded) * levels + head + body).encode()


def mail_of_many_headers() -> bytes:
    headers = "".join(f"X-Header-{i}: {i}\r\n" for i in range(200_000))
    return f"From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n{headers}\r\n申报截止日期为11月22日。".encode()


def endless_line() -> bytes:
    return "申报截止日期为2024年11月22日，".encode() * 250_000  # 4.75 million characters, one paragraph


def endless_list() -> bytes:
    return "- 甲\n".encode() * 300_000


# ---------------------------------------------------------------- passwords and macros


def encrypted_docx() -> bytes:
    return made.ole_file("EncryptionInfo", "EncryptedPackage")


def encrypted_zip_office() -> bytes:
    """A .docx whose members are marked as encrypted, as some archivers leave it."""
    data = bytearray(docx(word_document(word_paragraph("甲"))))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 1)
    return bytes(data)


def docx_with_macros() -> bytes:
    members = [
        ("[Content_Types].xml", _TYPES),
        ("word/document.xml", word_document(word_paragraph("申报截止日期为2024年11月22日。"))),
        ("word/vbaProject.bin", made.ole_file("VBA") + b'Sub AutoOpen()\r\nShell "calc"\r\nEnd Sub'),
    ]
    return zipped(members)


# ---------------------------------------------------------------- files that LibreOffice opens

_ODF_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("draw", "drawing"), ("table", "table"), ("script", "script"),
        ("presentation", "presentation"), ("style", "style"), ("svg", "svg-compatible"),
    )
) + ' xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip


def open_document(kind: str, body: str, further: Iterable[tuple[str, str]] = (), scripts: str = "") -> bytes:
    """An OpenDocument file; `kind` is text, presentation or spreadsheet, `body` what stands in its content."""
    further = list(further)
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{media}"/>'
        for name, media in (("/", media_type), ("content.xml", "text/xml"), *((name, "text/xml") for name, _ in further))
    )  # fmt: skip
    manifest = f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{entries}</manifest:manifest>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODF_NAMES} office:version="1.2">'
        f"{scripts}<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    return zipped(
        [("mimetype", media_type), ("META-INF/manifest.xml", manifest), ("content.xml", content), *further]
    )


def odt_that_includes(*targets: str) -> bytes:
    """A text with sections that are to be filled from other files, and pictures from elsewhere."""
    included = "".join(
        f'<text:section text:name="a{i}"><text:section-source xlink:href="{target}"/></text:section>'
        f'<text:p><draw:frame svg:width="2cm" svg:height="2cm"><draw:image xlink:href="{target}"/></draw:frame></text:p>'
        for i, target in enumerate(targets)
    )
    return open_document("text", f"<text:p>申报须知</text:p>{included}")


def rtf_that_includes(target: str) -> bytes:
    fields = "".join(
        f'{{\\field{{\\*\\fldinst {name} "{target}"}}{{\\fldrslt }}}}'
        for name in ("INCLUDEPICTURE", "INCLUDETEXT")
    )
    return rtf("申报须知")[:-1] + fields.encode() + b"}"


def odt_with_a_macro(mark: Path) -> bytes:
    """A text whose macro writes the file `mark` when the document opens."""
    basic = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">'
        f'Sub Main\nOpen "{mark}" For Output As #1\nPrint #1, "x"\nClose #1\nEnd Sub</script:module>'
    )
    library = (
        '<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false">'
        '<library:element library:name="Module1"/></library:library>'
    )
    libraries = (
        '<library:libraries xmlns:library="http://openoffice.org/2000/library">'
        '<library:library library:name="Standard" library:link="false"/></library:libraries>'
    )
    listener = (
        '<office:scripts><office:event-listeners><script:event-listener script:language="ooo:script" '
        'script:event-name="dom:load" xlink:type="simple" '
        'xlink:href="vnd.sun.star.script:Standard.Module1.Main?language=Basic&amp;location=document"/>'
        "</office:event-listeners></office:scripts>"
    )
    return open_document(
        "text",
        "<text:p>申报须知</text:p>",
        [
            ("Basic/script-lc.xml", libraries),
            ("Basic/Standard/script-lb.xml", library),
            ("Basic/Standard/Module1.xml", basic),
        ],
        listener,
    )


def rtf(*paragraphs: str) -> bytes:
    """Paragraphs in rich text, Chinese as \\u escapes (RTF specification 1.9.1)."""

    def escaped(text: str) -> str:
        return "".join(
            c if c.isascii() else f"\\u{ord(c) - 65536 if ord(c) > 32767 else ord(c)}?" for c in text
        )

    return ("{\\rtf1\\ansi\\uc1 " + "".join(escaped(p) + "\\par " for p in paragraphs) + "}").encode("ascii")


def numbered_rtf(paragraphs: Iterable[tuple[int, str]]) -> bytes:
    """Paragraphs in a list of three levels, 一、（一） 1., as Word writes it: (level, text) each."""
    levels = ((39, r"\'02\'00\'a1\'a2", 1), (39, r"\'03\'a3\'a8\'01\'a3\'a9", 2), (0, r"\'02\'02.", 1))
    list_levels = "".join(
        f"{{\\listlevel\\levelnfc{kind}\\levelnfcn{kind}\\leveljc0\\levelstartat1\\levelfollow2"
        f"{{\\leveltext{text};}}{{\\levelnumbers\\'{at:02x};}}}}"
        for kind, text, at in levels
    )
    body = "".join(
        f"\\pard\\ls1\\ilvl{level} " + "".join(f"\\'{byte:02x}" for byte in text.encode("gbk")) + "\\par"
        for level, text in paragraphs
    )
    return (
        "{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fnil\\fcharset134 SimSun;}}"
        f"{{\\*\\listtable{{\\list\\listtemplateid1{list_levels}\\listid1}}}}"
        "{\\*\\listoverridetable{\\listoverride\\listid1\\listoverridecount0\\ls1}}"
        f"{body}}}"
    ).encode("ascii")


def deep_rtf(levels: int = 100_000) -> bytes:
    return b"{\\rtf1\\ansi " + b"{" * levels + b"a" + b"}" * levels + b"}"
