"""Writes .ofd packages (GB/T 33190-2016) as printing programs do: there is no writer to take instead."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from tests import documents_made as made

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
SIZE = 5.6444
"""Millimetres of a 16 point character."""
LEFT, RIGHT, TOP, LEADING = 28.0, 184.0, 37.0, 9.9
LINES_A_PAGE = 22


@dataclass(slots=True)
class Page:
    """What one Content.xml holds, as XML of its objects."""

    objects: list[str] = field(default_factory=list)
    template: bool = False
    box: str = "0 0 210 297"


def text_object(text: str, x: float, y: float, size: float = SIZE, extra: str = "") -> str:
    """One line whose distances are given as runs (`g 3 5.64`), as most writers do it."""
    widths = [size if ord(c) > 0x2000 else size / 2 for c in text]
    deltas = [f"{width:.4f}" for width in widths[:-1]]
    runs: list[str] = []
    while deltas:
        count = next((i for i, delta in enumerate(deltas) if delta != deltas[0]), len(deltas))
        runs.append(f"g {count} {deltas[0]}" if count > 1 else deltas[0])
        deltas = deltas[count:]
    return (
        f'<ofd:TextObject Boundary="{x:.3f} {y:.3f} {sum(widths):.3f} {size:.3f}" Font="3" Size="{size}" {extra}>'
        f'<ofd:TextCode X="0" Y="{0.88 * size:.3f}" DeltaX="{" ".join(runs)}">{escape(text)}</ofd:TextCode></ofd:TextObject>'
    )


def line_object(x0: float, y0: float, x1: float, y1: float) -> str:
    """A rule, drawn from the corner of its boundary."""
    return (
        f'<ofd:PathObject Boundary="{x0} {y0} {x1 - x0} {y1 - y0}" LineWidth="0.25">'
        f"<ofd:AbbreviatedData>M 0 0 L {x1 - x0} {y1 - y0}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def picture_object(resource: int, x: float, y: float, width: float, height: float) -> str:
    return f'<ofd:ImageObject Boundary="{x} {y} {width} {height}" ResourceID="{resource}" CTM="{width} 0 0 {height} 0 0"/>'


def set_text(paragraphs: Iterable[str]) -> list[Page]:
    """Paragraphs set as GB/T 9704 sets them: first lines two characters in, 28 characters a line, page numbers."""
    pages = [Page()]
    row = 0
    for paragraph in paragraphs:
        rest, indent = paragraph, 2 * SIZE
        while rest:
            room, taken = RIGHT - LEFT - indent, 0
            while taken < len(rest) and room > 0.3 * SIZE:
                room -= SIZE if ord(rest[taken]) > 0x2000 else SIZE / 2
                taken += 1
            if row == LINES_A_PAGE:
                pages.append(Page())
                row = 0
            pages[-1].objects.append(text_object(rest[:taken], LEFT + indent, TOP + row * LEADING))
            rest, indent, row = rest[taken:], 0.0, row + 1
    for number, page in enumerate(pages, 1):
        page.objects.append(text_object(f"— {number} —", 100, 275, 4.9))
    return pages


def notice_pages() -> list[Page]:
    pages = set_text(made.notice_lines())
    # The title stands in two lines of larger type above the text of the first page.
    for i, line in enumerate((made.TITLE[:16], made.TITLE[16:])):
        width = 7.76 * len(line)
        pages[0].objects.insert(i, text_object(line, (210 - width) / 2, 14 + 10 * i, 7.76))
    return pages


def criteria_page() -> Page:
    """The criteria table, ruled: a merged cell is one box, its text in its middle."""
    texts, merges = made.criteria_layout()
    columns, height = [20.0, 40.0, 70.0, 130.0, 190.0], 12.0
    covered = {
        (i, j): (t, left) for t, left, b, r in merges for i in range(t, b + 1) for j in range(left, r + 1)
    }
    page = Page()
    for i in range(len(texts) + 1):
        for j in range(4):
            owner = covered.get((i, j), (i, j))
            if i < len(texts) and texts[i][j]:
                page.objects.append(text_object(texts[i][j], columns[j] + 1, 30 + i * height + 4, 3.2))
            if i == 0 or i == len(texts) or covered.get((i - 1, j), (i - 1, j)) != owner:
                page.objects.append(line_object(columns[j], 30 + i * height, columns[j + 1], 30 + i * height))
            if i < len(texts) and (j == 0 or covered.get((i, j - 1), (i, j - 1)) != owner):
                page.objects.append(
                    line_object(columns[j], 30 + i * height, columns[j], 30 + (i + 1) * height)
                )
        if i < len(texts):
            page.objects.append(line_object(190, 30 + i * height, 190, 30 + (i + 1) * height))
    return page


def _content(page: Page) -> str:
    template = '<ofd:Template TemplateID="9" ZOrder="Background"/>' if page.template else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:Page {NS}><ofd:Area><ofd:PhysicalBox>{page.box}</ofd:PhysicalBox></ofd:Area>'
        f'{template}<ofd:Content><ofd:Layer Type="Body" ID="7">{"".join(page.objects)}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def package(
    documents: Sequence[Sequence[Page]],
    template: Page | None = None,
    pictures: Sequence[bytes] = (),
    resources: str = "",
    attachments: Sequence[str] = (),
    from_root: bool = False,
) -> bytes:
    """The zip file; `from_root` writes addresses from the root, as some programs do."""
    files: dict[str, bytes | str] = {}
    bodies = ""
    for d, pages in enumerate(documents):
        folder = f"Doc_{d}"
        base = f"/{folder}/" if from_root else ""
        bodies += f"<ofd:DocBody><ofd:DocInfo><ofd:DocID>{d}</ofd:DocID></ofd:DocInfo><ofd:DocRoot>{folder}/Document.xml</ofd:DocRoot></ofd:DocBody>"
        listed = ""
        for i, page in enumerate(pages):
            files[f"{folder}/Pages/Page_{i}/Content.xml"] = _content(page)
            listed += f'<ofd:Page ID="{i + 20}" BaseLoc="{base}Pages/Page_{i}/Content.xml"/>'
        common = "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
        if template:
            files[f"{folder}/Tpls/Tpl_0/Content.xml"] = _content(template)
            common += f'<ofd:TemplatePage ID="9" BaseLoc="{base}Tpls/Tpl_0/Content.xml"/>'
        media = ""
        for i, picture in enumerate(pictures):
            files[f"{folder}/Res/image_{i}.png"] = picture
            media += f'<ofd:MultiMedia ID="{100 + i}" Type="Image" Format="PNG"><ofd:MediaFile>image_{i}.png</ofd:MediaFile></ofd:MultiMedia>'
        files[f"{folder}/DocumentRes.xml"] = (
            f'<ofd:Res {NS} BaseLoc="Res"><ofd:MultiMedias>{media}</ofd:MultiMedias>{resources}</ofd:Res>'
        )
        attached = "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>" if attachments else ""
        files[f"{folder}/Attachs/Attachments.xml"] = (
            f"<ofd:Attachments {NS}>"
            + "".join(f'<ofd:Attachment ID="1" Name="{a}"/>' for a in attachments)
            + "</ofd:Attachments>"
        )
        files[f"{folder}/Document.xml"] = (
            f"<ofd:Document {NS}><ofd:CommonData>{common}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>{attached}</ofd:Document>"
        )
    files["OFD.xml"] = (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {NS} Version="1.0" DocType="OFD">{bodies}</ofd:OFD>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def notice_ofd(path: Path) -> None:
    path.write_bytes(package([[*notice_pages(), criteria_page()]]))
