"""Documents cut along their numbering tree."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.chunking import MAX_CHARACTERS, chunk_document, embedding_text, sentences
from bot.datamodels import Chunk, ChunkKind, Document, DocumentRole, Place
from bot.documents.library import LoadedNotice, load_notice

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"
NOTICE_ID = "2024年度智能工厂梯度培育行动"


def document(text: str, role: DocumentRole = DocumentRole.MAIN, places: tuple[Place, ...] = ()) -> Document:
    return Document("通知/正文.txt", "通知", "关于申报的通知", role, text, "txt", places=places)


def attachment(text: str) -> tuple[Chunk, ...]:
    return chunk_document(document(text, DocumentRole.ATTACHMENT))


@lru_cache(maxsize=1)
def real_notice() -> LoadedNotice:
    return load_notice(KNOWLEDGE / NOTICE_ID, KNOWLEDGE)


@lru_cache(maxsize=1)
def real_chunks() -> tuple[Chunk, ...]:
    return chunk_document(real_notice().documents[0])


def beginning(chunks: tuple[Chunk, ...], words: str) -> Chunk:
    found = [chunk for chunk in chunks if chunk.text.startswith(words)]
    assert len(found) == 1, [chunk.text for chunk in chunks]
    return found[0]


# ---------------------------------------------------------------- every character in one place

PIECES = st.sampled_from(
    [
        "一、申报条件", "二、材料", "（一）条件", "1.", "1．企业应当", "(1)企业", "①甲", "1.1 范围", "1 范围",
        "第一部分 总则", "第一章 总则", "第三条 内容。", "| 甲 | 乙 |", "| --- | --- |", "| 1 | 2 |", "| a \\| b | |",
        "# 标题", "## 二级", "###", "- 项", "* 项", "```", "~~~", "<div>", "</div>", "<b>粗</b>", "<!-- x", "    缩进",
        "> 引", "***", "---", "===", "附件：1.方案", "附件", "2024年11月4日", "湖南省工业和信息化厅", "如下：",
        "内容，" * 130, "内容。" * 130, "甲；（1）乙" * 60, "[a]: http://x", "[x](y)", "&amp;", "\\",
        "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x00", "\r", "\t", "\u3000", "\u200b", "\ufeff",
        "- a\n  | 甲 | 乙 |\n  | --- | --- |\n  | 1 | 2 |", "> | 甲 | 乙 |\n> | --- | --- |\n> | 1 | 2 |",
    ]
)  # fmt: skip
TEXTS = st.lists(
    st.tuples(st.one_of(PIECES, st.text(max_size=20)), st.sampled_from(["\n", "\n", "\n\n", " ", ""])),
    max_size=14,
).map(lambda parts: "".join(words + end for words, end in parts))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(TEXTS, st.sampled_from(list(DocumentRole)))
@example("| 甲 | 乙 |\n| --- | --- |", DocumentRole.MAIN)
@example("甲\u2028乙\x85丙\x0c丁", DocumentRole.ATTACHMENT)
@example("", DocumentRole.MAIN)
def test_every_visible_character_lies_in_exactly_one_chunk(text: str, role: DocumentRole) -> None:
    chunks = chunk_document(document(text, role))
    holders = [0] * len(text)
    known: set[str] = set()
    reached = 0
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip() != ""
        assert chunk.start >= reached
        reached = chunk.end
        assert chunk.id not in known
        assert chunk.parent_id is None or chunk.parent_id in known
        known.add(chunk.id)
        if chunk.kind in {ChunkKind.ROW, ChunkKind.HEADER}:
            assert len(chunk.cells) == max(1, len(chunk.table_header))
        for position in range(chunk.start, chunk.end):
            holders[position] += 1
    assert [c for c, holder in zip(text, holders, strict=True) if holder != 1 and not c.isspace()] == []
    assert max(holders, default=0) <= 1


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet="甲乙。；！？”）) \n　;x", max_size=60))
def test_sentences_cover_a_text_in_order(text: str) -> None:
    spans = sentences(text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_sentences_end_at_full_stops_and_after_closing_quotes() -> None:
    text = "他说：“可以。”申报开始。材料两份；盖章！（见附件。）"
    assert [text[a:b] for a, b in sentences(text)] == [
        "他说：“可以。”",
        "申报开始。",
        "材料两份；",
        "盖章！",
        "（见附件。）",
    ]


# ---------------------------------------------------------------- the real notice


def test_the_notices_clauses_carry_the_section_that_a_person_would_cite() -> None:
    sections = {
        "(一)鼓励制造业企业": "一、（一）",
        "1.申报主体在湖南省内注册": "二、（一）1.",
        "3.申报主体愿意配合": "二、（一）3.",
        "1.申报主体参考": "二、（二）1.",
        "2.各市州工信局会同": "二、（二）2.",
        "5.项目申报、评审": "二、（二）5.",
        "潘晓军": "二、（三）",
    }
    assert {words: beginning(real_chunks(), words).section for words in sections} == sections


def test_the_third_condition_hangs_under_its_heading() -> None:
    chunks = real_chunks()
    heading = beginning(chunks, "(一)申报条件")
    third = beginning(chunks, "3.申报主体愿意")
    assert heading.kind is ChunkKind.HEADING
    assert third.kind is ChunkKind.CLAUSE
    assert third.parent_id == heading.id
    assert heading.parent_id == beginning(chunks, "二、").id
    assert third.heading_path == ("二、2024年度卓越级智能工厂申报工作", "(一)申报条件")
    assert third.number == "3."
    assert [c.number for c in chunks if c.parent_id == heading.id] == ["1.", "2.", "3."]


def test_the_four_levels_are_introduced_by_the_line_that_ends_in_a_colon() -> None:
    chunks = real_chunks()
    introduction = beginning(chunks, "按照《智能工厂梯度培育行动实施方案》")
    assert introduction.text.endswith("其中：")
    assert [c.number for c in chunks if c.parent_id == introduction.id] == ["(一)", "(二)", "(三)", "(四)"]


def test_the_title_stands_first_and_the_closing_last() -> None:
    chunks = real_chunks()
    assert [c.text for c in chunks if c.kind is ChunkKind.TITLE] == [
        "关于开展2024年度智能工厂梯度培育行动的通知",
        "各市州工信局，有关中央企业在湘分支机构：",
    ]
    assert chunks[0].kind is ChunkKind.TITLE
    assert [c.text for c in chunks if c.kind is ChunkKind.CLOSING] == [
        "附件：1.智能工厂梯度培育行动实施方案",
        "4.卓越级智能工厂项目申报材料清单",
        "湖南省工业和信息化厅",
        "2024年11月4日",
    ]
    assert all(c.parent_id is None and c.section == "文末" for c in chunks[-4:])


def test_without_places_of_the_reader_a_chunk_names_its_line() -> None:
    text = real_notice().documents[0].text
    chunk = beginning(real_chunks(), "2.各市州工信局会同")
    assert chunk.place == f"第{text[: chunk.start].count(chr(10)) + 1}行" == "第17行"
    assert chunk.page is None


def test_what_is_encoded_begins_with_the_headings() -> None:
    loaded = real_notice()
    assert loaded.notice is not None
    words = embedding_text(beginning(real_chunks(), "3.申报主体愿意"), loaded.notice, loaded.documents[0])
    assert words == (
        "二、2024年度卓越级智能工厂申报工作 > (一)申报条件\n3.申报主体愿意配合开展现场核查、技术推广和典型案例交流等工作。"
    )


# ---------------------------------------------------------------- forms of trees

TABLE = """# 附件2：受理点一览表

## 表甲 市区

| 区 | 地址 | 电话 |
| --- | --- | --- |
| 江岸区 | 六合路1号 | 027-55561101 |
| 江汉区 | 新华路2号 \\| 二楼 | |

注：周一受理。
"""


def test_a_table_row_carries_its_header() -> None:
    chunks = attachment(TABLE)
    header, first, second = (c for c in chunks if c.kind in {ChunkKind.HEADER, ChunkKind.ROW})
    assert header.cells == ("区", "地址", "电话")
    assert header.text == "| 区 | 地址 | 电话 |\n| --- | --- | --- |"
    assert first.table_header == second.table_header == header.cells
    assert first.cells == ("江岸区", "六合路1号", "027-55561101")
    assert second.cells == ("江汉区", "新华路2号 | 二楼", "")
    assert [c.section for c in (header, first, second)] == ["表1表头", "表1第1行", "表1第2行"]
    assert first.heading_path == ("表甲 市区",)
    assert first.parent_id == beginning(chunks, "## 表甲").id


def test_a_row_is_encoded_with_its_column_names() -> None:
    loaded = real_notice()
    assert loaded.notice is not None
    row = beginning(attachment(TABLE), "| 江岸区")
    assert embedding_text(row, loaded.notice, document(TABLE)) == (
        "表甲 市区\n区：江岸区；地址：六合路1号；电话：027-55561101"
    )


CHAPTERS = """某某管理办法

第一章 总则

第一条 为规范管理，制定本办法。

第二条 本办法所称企业，包括：
（一）制造业企业；
（二）服务业企业。

第二章 申报

第三条 企业应当按年度申报。
"""


def test_articles_count_on_through_the_chapters() -> None:
    chunks = attachment(CHAPTERS)
    assert beginning(chunks, "第一条").section == "第一章第一条"
    assert beginning(chunks, "（二）").section == "第一章第二条（二）"
    assert beginning(chunks, "（二）").parent_id == beginning(chunks, "第二条").id
    assert beginning(chunks, "第三条").section == "第二章第三条"
    assert beginning(chunks, "第三条").heading_path == ("第二章 申报",)


PARTS = """关于申报的通知

各单位：

第一部分　示范企业

一、条件

（一）注册满3年。

第二部分　专利奖

一、奖项

设特等奖1项。
"""


def test_each_part_has_its_own_numbering() -> None:
    chunks = chunk_document(document(PARTS))
    assert beginning(chunks, "（一）").section == "第一部分一、（一）"
    assert beginning(chunks, "设特等奖").section == "第二部分一、"
    assert beginning(chunks, "一、奖项").parent_id == beginning(chunks, "第二部分").id


DECIMAL = """公告

1 征集范围
1.1 行业：四个。
1.2 服务类别：
1.2.1 A类，指总体服务；
1.2.2 B类，指产品服务。
1.3 数量不限。
2 申请要求
2.1 基本要求：
（1）独立法人。
2.2 分类要求见附件1。
"""


def test_decimal_numbers_nest_and_are_cited_once() -> None:
    chunks = attachment(DECIMAL)
    assert beginning(chunks, "1.1").section == "1.1"
    assert beginning(chunks, "1.2.2").section == "1.2.2"
    assert beginning(chunks, "1.2.2").parent_id == beginning(chunks, "1.2 ").id
    assert beginning(chunks, "1.3").parent_id == beginning(chunks, "1 ").id
    assert beginning(chunks, "（1）").section == "2.1 （1）"
    assert beginning(chunks, "2.2").parent_id == beginning(chunks, "2 ").id


UPSIDE_DOWN = """关于疫苗接种的公告

一、接种对象

1．在校学生：
（一）小学生；
（二）中学生。
2．老年人：
（一）60周岁以上；
（二）65周岁以上。

二、时间
"""


def test_brackets_may_stand_under_arabic_numbers() -> None:
    chunks = attachment(UPSIDE_DOWN)
    assert [c.section for c in chunks if c.number == "（二）"] == ["一、1.（二）", "一、2.（二）"]
    assert beginning(chunks, "（一）60").parent_id == beginning(chunks, "2．").id
    assert beginning(chunks, "二、时间").parent_id is None


def test_a_list_hangs_under_the_line_that_introduces_it() -> None:
    chunks = attachment("标题\n\n一、材料\n申请人须提交以下材料：\n1.申请表；\n2.身份证。\n材料一式两份。\n")
    introduction = beginning(chunks, "申请人须提交")
    assert [c.parent_id for c in chunks if c.number in {"1.", "2."}] == [introduction.id] * 2


def test_markdown_headings_open_and_close_levels() -> None:
    chunks = attachment(
        "# 大标题\n\n## 一、条件\n\n内容甲。\n\n### 细则\n\n内容乙。\n\n## 二、材料\n\n内容丙。\n"
    )
    assert beginning(chunks, "内容甲").heading_path == ("一、条件",)
    assert beginning(chunks, "内容乙").heading_path == ("一、条件", "细则")
    assert beginning(chunks, "内容丙").heading_path == ("二、材料",)


GUIDE = """\
办事指南

【申请条件】
一、在本市注册。
二、依法纳税。
年满一年的优先。
【办理流程】
第一步，网上填报。
第二步，窗口受理。
【打印】
【关闭】
"""


def test_lines_in_square_brackets_head_what_stands_below_them() -> None:
    chunks = attachment(GUIDE)
    paths = {chunk.text: (chunk.kind, chunk.heading_path) for chunk in chunks}
    assert paths["【申请条件】"] == paths["【办理流程】"] == (ChunkKind.HEADING, ())
    assert paths["二、依法纳税。"] == (ChunkKind.CLAUSE, ("申请条件",))
    assert paths["年满一年的优先。"][1][0] == "申请条件"
    assert paths["第二步，窗口受理。"][1] == ("办理流程",)
    assert paths["【打印】"][0] is paths["【关闭】"][0] is ChunkKind.CLAUSE


def test_brackets_under_a_number_do_not_outlast_it() -> None:
    chunks = attachment(
        "指南\n\n一、申请\n【条件】\n在本市注册。\n【材料】\n申请表。\n二、办结\n当场办结。\n"
    )
    paths = {chunk.text: chunk.heading_path for chunk in chunks}
    assert paths["申请表。"] == ("一、申请", "材料")
    assert paths["当场办结。"] == ("二、办结",)


def test_a_run_in_heading_stands_in_the_path_of_what_follows() -> None:
    chunks = attachment("标题\n\n一、要求\n（一）加强领导。各地要重视。\n各部门要配合。\n")
    assert beginning(chunks, "各部门").heading_path == ("一、要求", "（一）加强领导")


# ---------------------------------------------------------------- questions and answers


QUESTIONS = """标题

一、备案
问1：谁可以备案？
答：参保人员可以备案。
长期居住人员另附证明。
问2：钱什么时候到账？有没有期限？
答：20个工作日内。

二、附则
本问答由市局解释。
"""


def test_a_question_heads_its_answer_and_the_next_one_closes_it() -> None:
    chunks = attachment(QUESTIONS)
    assert beginning(chunks, "问1").kind is ChunkKind.HEADING
    assert beginning(chunks, "答：参保").heading_path == ("一、备案", "谁可以备案？")
    assert beginning(chunks, "长期居住").heading_path == ("一、备案", "谁可以备案？")
    answer = beginning(chunks, "答：20")
    assert answer.heading_path == ("一、备案", "钱什么时候到账？有没有期限？")
    assert answer.section == "一、问2"
    assert beginning(chunks, "本问答").heading_path == ("二、附则",)


@pytest.mark.parametrize(
    ("first", "answer", "second"),
    [
        ("一、问：谁可以申报？", "答：企业。", "二、问：交到哪里？"),
        ("一、谁可以申报？", "企业可以申报。", "二、交到哪里？"),
        ("【问】谁可以申报？", "【答】企业。", "【问】交到哪里？"),
        ("问题一:谁可以申报?", "答:企业。", "问题二:交到哪里?"),
        ("谁可以申报？", "答：企业。", "交到哪里？"),
        ("Q1：谁可以申报？", "A1：企业。", "Q2：交到哪里？"),
    ],
)
def test_questions_are_known_by_their_mark_or_by_the_answer_below(
    first: str, answer: str, second: str
) -> None:
    chunks = attachment(f"标题\n\n{first}\n{answer}\n{second}\n{answer.replace('企业', '市局')}\n")
    (path,) = beginning(chunks, answer).heading_path
    assert path.rstrip("?？").endswith("谁可以申报")
    assert not path.startswith(("问", "【", "Q"))


def test_a_sentence_that_asks_is_no_heading_where_nothing_answers_it() -> None:
    chunks = attachment("标题\n\n1.是否已经备案？\n2.是否已经公示？\n3.是否足额缴费？\n")
    assert {c.kind for c in chunks if c.text[0].isdigit()} == {ChunkKind.CLAUSE}


# ---------------------------------------------------------------- long clauses, places


def test_a_long_clause_is_cut_at_sentence_ends() -> None:
    sentence = "企业应当按照要求如实填写并对材料的真实性负责任。"
    assert len(sentence) == 24
    chunks = attachment(f"标题\n\n一、要求\n（一）{sentence * 15}\n")
    pieces = [c for c in chunks if c.section == "一、（一）"]
    # 3 + 15 x 24 = 363 characters; a piece ends as soon as it holds MAX_CHARACTERS // 2 = 120:
    # 3 + 5 x 24 = 123, then 5 x 24 = 120, then the rest, 120.
    assert MAX_CHARACTERS == 240
    assert [len(c.text) for c in pieces] == [123, 120, 120]
    assert all(c.text.endswith("。") for c in pieces)
    assert {c.number for c in pieces} == {"（一）"}


def test_a_long_clause_is_cut_at_its_inline_numbers_first() -> None:
    item = "企业应当提交经审计的财务报告、纳税证明和信用报告以及其他能够证明其符合条件的有关材料。并加盖公章"
    text = "标题\n\n一、材料\n提交：" + "；".join(f"（{n}）{item}{n}" for n in range(1, 7)) + "。\n"
    pieces = [c.text for c in attachment(text) if c.section == "一、" and c.kind is ChunkKind.CLAUSE]
    assert len(pieces) > 1
    assert all(piece.startswith("（") for piece in pieces[1:])


def test_a_sentence_without_an_end_stays_whole() -> None:
    endless = "内容" * 400
    assert [c.text for c in attachment(f"标题\n\n{endless}\n")] == ["标题", endless]


def test_a_chunk_takes_page_and_label_of_the_place_where_it_begins() -> None:
    text = "标题\n\n一、条件\n甲。\n乙。\n"
    places = (Place(0, "第1页", 1), Place(text.index("乙"), "第2页", 2))
    chunks = chunk_document(document(text, places=places))
    assert (beginning(chunks, "甲").place, beginning(chunks, "甲").page) == ("第1页", 1)
    assert (beginning(chunks, "乙").place, beginning(chunks, "乙").page) == ("第2页", 2)


@pytest.mark.parametrize("text", ["", "   \n\n\u3000", "\n" * 1000], ids=["empty", "blanks", "lines"])
def test_a_blank_document_has_no_chunks(text: str) -> None:
    assert chunk_document(document(text)) == ()
