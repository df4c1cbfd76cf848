"""Numbers of lists in .rtf: written out as the file's own writer showed them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents import read_file
from bot.documents.office import find_program
from bot.documents.rtf import write_out_numbers

# As Word writes it: the number before \pard of the paragraph, GBK bytes, the list table with 、 as a fallback "?".
WORD = (
    rb"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}{\f3\froman\fcharset2 Symbol;}}"
    rb"{\*\listtable{\list\listtemplateid1{\listlevel\levelnfc37\leveljc0\levelfollow0\levelstartat3"
    rb"{\leveltext\'02\'00\u12289 ?;}{\levelnumbers\'01;}}\listid1}}"
    rb"{\*\listoverridetable{\listoverride\listid1\listoverridecount0\ls1}}"
    rb"{\listtext\pard\plain\f0 \'c8\'fd\'a1\'a2\tab}\pard\plain\ql\ls1\ilvl0\f0\fs32 \'d7\'dc\'d4\'f2\par"
    rb"{\listtext\pard\plain\f0 \'cb\'c4\'a1\'a2\tab}\'b8\'bd\'d4\'f2\par"
    rb"{\listtext\pard\plain\f0 \'b5\'da\'d2\'bb\'b2\'bf\'b7\'d6\tab}\'c4\'bf\'b5\'c4\par"
    rb"{\listtext\pard\plain\f3 \'b7\tab}\'b2\'c4\'c1\'cf\par}"
)


def test_numbers_stand_as_text_and_no_paragraph_is_in_a_list() -> None:
    written = write_out_numbers(WORD)
    assert rb"{\plain\f0 \'c8\'fd\'a1\'a2}\pard\plain\ql\ilvl0\f0\fs32 \'d7\'dc\'d4\'f2" in written
    assert (
        rb"{\plain\f0 \'b5\'da\'d2\'bb\'b2\'bf\'b7\'d6 }" in written
    )  # 第一部分: its last byte is no bullet
    assert rb"{- }\'b2\'c4\'c1\'cf" in written
    assert rb"\ls1" not in written and rb"\listtext" not in written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (rb"{\listtext\pard\plain  \u19968\'3f\u12289\'3f\tab}", rb"{\plain  \u19968\'3f\u12289\'3f}"),
        (rb"{\listtext\pard\plain \u65288\'28\u20108\'3f\u65289\'29\tab}", rb"{\plain \u65288\'28\u20108\'3f\u65289\'29}"),
        (rb"{\listtext\plain {\b 1.}\tab}", rb"{\plain {\b 1.} }"),
        (rb"{\listtext\f17 \u61623\'b7\tab}", rb"{- }"),
        (rb"{\listtext\f17 \u-3913 ?\tab}", rb"{- }"),
    ],
    ids=["libreoffice", "brackets", "nested group", "bullet", "signed bullet"],
)  # fmt: skip
def test_a_number_as_programs_write_it(number: bytes, written: bytes) -> None:
    assert write_out_numbers(number) == written


def test_a_file_without_numbers_as_text_stays_as_it_is() -> None:
    plain = WORD.replace(rb"\listtext", rb"\*\other")
    assert write_out_numbers(plain) == plain


@pytest.mark.skipif(find_program() is None, reason="LibreOffice is not installed")
def test_an_rtf_is_read_with_the_numbers_that_its_writer_showed(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_bytes(WORD)
    assert read_file(tmp_path / "a.rtf").text.split("\n\n") == [
        "三、总则",
        "四、附则",
        "第一部分 目的",
        "- 材料",
    ]
