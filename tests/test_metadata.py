"""What a notice's head, foot and list of attachments say is read; what they do not say stays empty."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.datamodels import DeclaredAttachment, Document, DocumentRole, Notice
from bot.documents.declared import declared_attachments, embedded_attachments
from bot.documents.letterhead import document_numbers
from bot.documents.metadata import read_metadata, superseded
from bot.documents.repair import repair

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"

NOTICE = """山西省工业和信息化厅　山西省文物局
关于开展第三批山西省工业遗产
认定申报工作的通知

晋工信产业字〔2026〕58号

各市工业和信息化局、文物局，综改示范区管委会：

根据《山西省工业遗产管理办法》（晋工信规〔2024〕3号），现将有关事项通知如下：

一、填写申请书（附件2），评分标准见附件1。
二、本通知自印发之日起施行。《关于开展第二批认定工作的通知》（晋工信产业字〔2023〕20号）同时废止。

附件：1.第三批山西省工业遗产评分标准
2.山西省工业遗产申请书
3.各市申报受理部门联系表

山西省工业和信息化厅　　山西省文物局
2026年5月27日
（此件公开发布）
"""


def _read(text: str) -> Notice:
    return read_metadata("notice", "notice/通知.txt", text)


def _declared(text: str) -> list[tuple[str, str]]:
    return [(entry.number, entry.title) for entry in declared_attachments(text)]


def _body(tail: str) -> str:
    return f"关于开展认定工作的通知\n各有关单位：\n现将有关事项通知如下。\n{tail}\n某某市科学技术局\n2025年3月5日\n"


# ---------------------------------------------------------------- whole notices


def test_real_notice() -> None:
    file = next(KNOWLEDGE.glob("2024年度智能工厂梯度培育行动/*.txt"))
    assert _read(repair(file.read_text(encoding="utf-8")).text) == Notice(
        id="notice",
        title="关于开展2024年度智能工厂梯度培育行动的通知",
        document_id="notice/通知.txt",
        doc_number="",
        issuer="湖南省工业和信息化厅",
        addressees="各市州工信局，有关中央企业在湘分支机构",
        issued_on=date(2024, 11, 4),
        year=2024,
        region="湖南省",
        references=("工信厅联通装函〔2024〕399号",),
        attachments=(
            DeclaredAttachment("1", "智能工厂梯度培育行动实施方案", None),
            DeclaredAttachment("2", "智能工厂梯度培育要素条件", None),
            DeclaredAttachment("3", "智能制造典型场景参考指引(2024年版)", None),
            DeclaredAttachment("4", "卓越级智能工厂项目申报材料清单", None),
            DeclaredAttachment("5", "推荐汇总表", None),
        ),
    )


def test_joint_notice_with_a_broken_title() -> None:
    assert _read(NOTICE) == Notice(
        id="notice",
        title="关于开展第三批山西省工业遗产认定申报工作的通知",
        document_id="notice/通知.txt",
        doc_number="晋工信产业字〔2026〕58号",
        issuer="山西省工业和信息化厅 山西省文物局",
        addressees="各市工业和信息化局、文物局，综改示范区管委会",
        issued_on=date(2026, 5, 27),
        year=2026,
        batch="第三批",
        region="山西省",
        supersedes=("关于开展第二批认定工作的通知", "晋工信产业字〔2023〕20号"),
        references=("晋工信规〔2024〕3号", "晋工信产业字〔2023〕20号"),
        attachments=(
            DeclaredAttachment("1", "第三批山西省工业遗产评分标准", None),
            DeclaredAttachment("2", "山西省工业遗产申请书", None),
            DeclaredAttachment("3", "各市申报受理部门联系表", None),
        ),
    )


def test_markdown_marks_do_not_matter() -> None:
    marked = NOTICE.replace("关于开展第三批", "# 关于开展第三批", 1).replace("一、填写", "## 一、填写")
    marked = marked.replace("附件：1.", "**附件：** 1.").replace(
        "2.山西省工业遗产申请书", "2.[山西省工业遗产申请书](https://a.cn/2.docx)"
    )
    assert _read(marked) == _read(NOTICE)


def test_blank_lines_between_all_paragraphs_do_not_matter() -> None:
    assert _read(NOTICE.replace("\n", "\n\n")) == _read(NOTICE)


def test_supplied_attachments_are_tied_to_the_declared_ones_by_number() -> None:
    def supplied(number: str, title: str) -> Document:
        return Document(
            f"n/{title}.md", "n", title, DocumentRole.ATTACHMENT, "", "md", attachment_number=number
        )

    notice = read_metadata(
        "n", "n/a.txt", NOTICE, [supplied("2", "申请书"), supplied("7", "承诺书"), supplied("", "解读")]
    )
    assert [(entry.number, entry.title, entry.document_id) for entry in notice.attachments] == [
        ("1", "第三批山西省工业遗产评分标准", None),
        ("2", "山西省工业遗产申请书", "n/申请书.md"),
        ("3", "各市申报受理部门联系表", None),
        ("7", "承诺书", "n/承诺书.md"),
        ("", "解读", "n/解读.md"),
    ]


def test_a_text_without_the_parts_of_a_notice_gives_empty_fields() -> None:
    notice = _read("会议记录\n大家讨论了下一步工作，见附件。")
    assert notice == Notice(id="notice", title="会议记录", document_id="notice/通知.txt")
    assert _read("").title == ""


# ---------------------------------------------------------------- title


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("湖南省财政厅关于申报资金的通知", "湖南省财政厅关于申报资金的通知"),
        ("湖南省财政厅文件\n湘财〔2025〕4号　　签发人：王某\n关于申报资金的通知", "关于申报资金的通知"),
        ("000012\n特急\n湖 南 省 财 政 厅\n关于申报资金的\n通知", "关于申报资金的通知"),
        ("关于编制智能工厂建设方案\n的通知", "关于编制智能工厂建设方案的通知"),
        ("湘江大学材料学院\n2026年硕士研究生复试录取工作办法", "2026年硕士研究生复试录取工作办法"),
        ("关于转发《关于开展试点的通知》并做好实施的通知", "关于转发《关于开展试点的通知》并做好实施的通知"),
        ("关于举办年会的通知（第一轮）", "关于举办年会的通知（第一轮）"),
        (
            "当前位置：首页 > 政务公开 > 通知公告\n关于申报资金的通知\n发布日期：2025-01-02　　来源：省财政厅",
            "关于申报资金的通知",
        ),
        (
            "| 索引号 | 430S00 | 发文字号 | 湘财〔2025〕4号 |\n|---|---|---|---|\n# 关于申报资金的通知",
            "关于申报资金的通知",
        ),
    ],
    ids=["issuer", "red-head", "spaced", "broken", "no-about", "forward", "round", "crumbs", "table"],
)
def test_title(head: str, title: str) -> None:
    assert _read(f"{head}\n\n各市州财政局：\n　　现将有关事项通知如下。\n").title == title


# ---------------------------------------------------------------- document number


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("湘工信〔2025〕12号", "湘工信〔2025〕12号"),
        ("湘工信[2025] 12 号", "湘工信[2025]12号"),
        ("（2025年第2号）", "2025年第2号"),
        ("〔2025〕第14号", "〔2025〕第14号"),
        ("公告编号：NNSZ-2026-02", "NNSZ-2026-02"),
        ("发文字号：湘工信〔2025〕12号", "湘工信〔2025〕12号"),
        ("", ""),
    ],
    ids=["usual", "square", "announcement", "no-office", "code", "label", "none"],
)
def test_own_document_number(line: str, number: str) -> None:
    body = "根据《管理办法》（湘政发〔2020〕5号）和湘工信〔2019〕7号文件精神，现通知如下。"
    notice = _read(f"关于开展认定的通知\n{line}\n各市州：\n{body}\n")
    assert notice.doc_number == number
    assert notice.references[:1] == ("湘政发〔2020〕5号",)


def test_numbers_in_running_text_lose_the_words_before_them() -> None:
    text = "按照湘工信〔2019〕7号要求，原财建〔2018〕3号、国办发[2020]16号和鄂经信原材料〔2025〕56号"
    assert document_numbers(text)[:3] == ("湘工信〔2019〕7号", "财建〔2018〕3号", "国办发[2020]16号")


# ---------------------------------------------------------------- signature and date


@pytest.mark.parametrize(
    "written",
    [
        "2024年11月4日",
        "2024 年 11 月 4 日",
        "二〇二四年十一月四日",
        "二○二四年十一月四日",
        "2024-11-04",
        "2024/11/4",
        "2024.11.4",
    ],
    ids=["usual", "spaced", "han", "han-circle", "dashes", "slashes", "dots"],
)
def test_date_of_issue(written: str) -> None:
    notice = _read(f"关于开展认定的通知\n各市州：\n请于2024年12月1日前报送。\n湖南省财政厅\n{written}\n")
    assert (notice.issuer, notice.issued_on) == ("湖南省财政厅", date(2024, 11, 4))


def test_date_of_printing_is_not_the_date_of_issue() -> None:
    text = _body("").replace(
        "2025年3月5日", "2025年3月5日\n\n抄送：市财政局。\n某某市科学技术局办公室　　2025年3月9日印发"
    )
    assert _read(text).issued_on == date(2025, 3, 5)


def test_signature_and_date_on_one_line() -> None:
    notice = _read("关于开展认定的通知\n各市州：\n现通知如下。\n　　湖南省财政厅　　2025年3月5日\n")
    assert (notice.issuer, notice.issued_on) == ("湖南省财政厅", date(2025, 3, 5))


def test_seal_of_another_office_does_not_make_it_the_issuer() -> None:
    notice = _read(
        "关于申报质量奖的通知\n各单位：\n现通知如下。\n\n苏州市质量强市工作领导小组办公室\n\n（苏州市市场监督管理局代章）\n\n2025年7月28日\n"
    )
    assert (notice.issuer, notice.region) == ("苏州市质量强市工作领导小组办公室", "苏州市")


def test_attachments_behind_the_signature_do_not_hide_it() -> None:
    notice = _read(_body("") + "\n附件1\n合同样本\n甲方：某某公司\n2020年1月1日\n")
    assert (notice.issuer, notice.issued_on) == ("某某市科学技术局", date(2025, 3, 5))


def test_impossible_date_is_no_date() -> None:
    assert (
        _read("关于开展认定的通知\n各市州：\n现通知如下。\n湖南省财政厅\n2024年13月40日\n").issued_on is None
    )


# ---------------------------------------------------------------- year, batch, level, region


@pytest.mark.parametrize(
    ("title", "year", "batch", "level"),
    [
        ("关于申报2024年度第二批省级绿色工厂的通知", 2024, "第二批", "省级"),
        ("关于申报2025年省级先进级智能工厂的通知", 2025, "", "省级 先进级"),
        ("关于遴选2026—2027年度备选库机构的公告", 2026, "", ""),
        ("信用修复办事指南（2026年版）", 2025, "", ""),
        ("关于举办2026届毕业生双选会的通知", 2025, "", ""),
    ],
    ids=["batch", "levels", "span", "edition", "class-of"],
)
def test_year_batch_and_level_come_from_the_title(title: str, year: int, batch: str, level: str) -> None:
    notice = _read(f"{title}\n各市州：\n现通知如下。\n湖南省财政厅\n2025年3月5日\n")
    assert (notice.year, notice.batch, notice.level) == (year, batch, level)


@pytest.mark.parametrize(
    ("office", "region"),
    [
        ("湖南省工业和信息化厅", "湖南省"),
        ("长沙市岳麓区科技和工业信息化局", "长沙市岳麓区"),
        ("国家税务总局武汉市税务局", "武汉市"),
        ("中共洛阳市委组织部", "洛阳市"),
        ("广西壮族自治区市场监督管理局", "广西壮族自治区"),
        ("恩施土家族苗族自治州财政局", "恩施土家族苗族自治州"),
        ("合肥高新技术产业开发区组织人事局", "合肥高新技术产业开发区"),
        ("国家市场监督管理总局", ""),
        ("扬州城市理工学院招生就业处", ""),
        ("锦澜湾小区业主委员会", ""),
        ("工业和信息化部办公厅", ""),
    ],
    ids=[
        "province",
        "district",
        "tax",
        "party",
        "region",
        "prefecture",
        "zone",
        "ministry",
        "college",
        "estate",
        "miit",
    ],
)
def test_region_is_where_the_issuing_office_is(office: str, region: str) -> None:
    assert _read(f"关于开展认定的通知\n各单位：\n现通知如下。\n{office}\n2025年3月5日\n").region == region


# ---------------------------------------------------------------- repeals


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("《甲办法》（湘工信〔2020〕1号）同时废止", ("甲办法", "湘工信〔2020〕1号")),
        ("2024年印发的《服务指南》（沧信用办〔2024〕6号）同时停止执行", ("服务指南", "沧信用办〔2024〕6号")),
        ("《甲办法》《乙办法》自本通知印发之日起废止", ("甲办法", "乙办法")),
        ("本指南由人事局负责解释，2024年度指南同时废止", ("2024年度指南",)),
        ("《甲办法》已废止的，按新规定办理", ()),
        ("资质证书到期后自动失效", ()),
        ("服务券自发放之日起90日内有效，逾期自动失效", ()),
    ],
    ids=["usual", "stopped", "two", "bare", "already", "certificate", "voucher"],
)
def test_repealed_papers(sentence: str, named: tuple[str, ...]) -> None:
    assert superseded(f"一、其他事项。{sentence}。") == named


# ---------------------------------------------------------------- attachments


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("附件：1．申请表\n　　　2．汇总表", [("1", "申请表"), ("2", "汇总表")]),
        ("附件：\n1、申请表\n2、汇总表。", [("1", "申请表"), ("2", "汇总表")]),
        ("附件：1、申请表；2、汇总表；3、名单", [("1", "申请表"), ("2", "汇总表"), ("3", "名单")]),
        ("附件：1　申请表\n　　　2　汇总表（样表）", [("1", "申请表"), ("2", "汇总表（样表）")]),
        ("附 件: 1.2025年度申请表\n\n2.5G工厂名单", [("1", "2025年度申请表"), ("2", "5G工厂名单")]),
        ("附件：补贴资金申请表", [("1", "补贴资金申请表")]),
        ("附件：2025年名额分配表.docx", [("1", "2025年名额分配表")]),
        ("附件：《推荐汇总表》", [("1", "推荐汇总表")]),
        ("附件1：申请表.doc\n附件2：汇总表.xls", [("1", "申请表"), ("2", "汇总表")]),
        (
            "附件：1.中小企业数字化转型典型案例推荐\n汇总表\n2.名单",
            [("1", "中小企业数字化转型典型案例推荐汇总表"), ("2", "名单")],
        ),
        ("详见附件。", []),
        ("", []),
    ],
    ids=[
        "usual",
        "own-line",
        "inline",
        "blank",
        "figures",
        "single",
        "file",
        "quoted",
        "marks",
        "wrapped",
        "see",
        "none",
    ],
)
def test_attachment_list(tail: str, expected: list[tuple[str, str]]) -> None:
    assert _declared(_body(tail)) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("按照《甲方案》《乙条件》（附件1、2）执行", [("1", "甲方案"), ("2", "乙条件")]),
        ("参考《指引（2024年版）》(附件3)、《乙条件》(附件2)", [("2", "乙条件"), ("3", "指引（2024年版）")]),
        ("按优先顺序填写推荐汇总表（附件5），于11月23日前报送", [("5", "推荐汇总表")]),
        ("各高校将加盖公章的校赛情况统计表(附件4)扫描件发至邮箱", [("4", "校赛情况统计表")]),
        ("1．信用修复申请表（附件2）；", [("2", "信用修复申请表")]),
        ("编制了《项目申报指南》（见附件1）", [("1", "项目申报指南")]),
        ("窗口电话见附件3", [("3", "附件3")]),
        ("有关表格见附件", []),
        ("附件1中的“案例”是指实施完成的项目", []),
    ],
    ids=["pair", "nested", "unquoted", "stamped", "item", "see-in", "see-number", "see", "subject"],
)
def test_attachments_named_in_the_body(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert _declared(_body(f"一、{sentence}。")) == expected


def test_the_list_has_the_last_word_on_a_title() -> None:
    assert _declared(_body("一、填写申请书（附件1）。\n附件：1.工业遗产申请书")) == [("1", "工业遗产申请书")]


def test_attachments_in_the_same_file_are_supplied() -> None:
    long = "申报主体应当具备独立法人资格，近三年无重大安全、环保、质量事故，并完成线上填报工作。" * 2
    text = (
        _body("附件：1.要素条件\n2.汇总表\n3.名单")
        + f"\n附件1\n\n要素条件\n{long}\n附件2：推荐汇总表\n{long}\n"
    )
    assert [(e.number, e.title, text[e.start :].split("\n")[0]) for e in embedded_attachments(text)] == [
        ("1", "要素条件", "附件1"),
        ("2", "推荐汇总表", "附件2：推荐汇总表"),
    ]
    notice = read_metadata("n", "n/a.docx", text)
    assert [(entry.number, entry.document_id) for entry in notice.attachments] == [
        ("1", "n/a.docx"),
        ("2", "n/a.docx"),
        ("3", None),
    ]


def test_links_below_a_web_page_are_not_the_attachments_themselves() -> None:
    text = _body("附件：1.要素条件\n2.汇总表") + "\n附件1：要素条件.docx\n附件2：汇总表.xlsx\n"
    assert embedded_attachments(text) == ()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "附件",
                "：",
                "1.",
                "2、",
                "十十",
                "附件十十",
                "\n",
                "关于",
                "的通知",
                "厅",
                "2024年",
                "99月",
                "日",
                "《",
                "》",
                "（附件",
                "）",
                "〔2024〕",
                "号",
                "废止",
                "|",
                "# ",
                "湖南省",
                "代章",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_text_gives_a_notice(text: str) -> None:
    notice = _read(text)
    numbers = [entry.number for entry in notice.attachments]
    assert numbers == sorted(set(numbers), key=int)
    assert all(entry.title for entry in notice.attachments)
