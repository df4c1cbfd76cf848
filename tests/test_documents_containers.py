"""Archives and e-mails: every member by itself, under a safe name, within limits."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from email.encoders import encode_base64
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from bot.datamodels import Converted, FilePart
from bot.documents import containers, read_bytes, read_parts
from bot.documents.containers import MAX_NAME_CHARACTERS, read_eml, read_zip, safe_path
from bot.errors import DamagedDocument, EmptyDocument
from tests import documents_made as made

TEXT = "申报主体于2024年11月22日前完成线上申报。"


class _GbkInfo(zipfile.ZipInfo):
    """A name as Windows writes it in China: GBK, without the UTF-8 mark."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def zipped(files: Mapping[str, str | bytes], info: type[zipfile.ZipInfo] = zipfile.ZipInfo) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(info(name), content)
    return buffer.getvalue()


def texts(parts: tuple[FilePart, ...]) -> dict[str, str]:
    """Name -> text, or the error."""
    return {part.name: part.converted.text.strip() if part.converted else part.error for part in parts}


def converted(part: FilePart) -> Converted:
    assert part.converted, part.error
    return part.converted


# ---------------------------------------------------------------- zip


def test_members_are_read_each_by_its_own_reader(tmp_path: Path) -> None:
    made.notice_docx(tmp_path / "a.docx")
    made.criteria_xlsx(tmp_path / "b.xlsx")
    data = zipped(
        {
            "通知.docx": (tmp_path / "a.docx").read_bytes(),
            "附件/附件2.xlsx": (tmp_path / "b.xlsx").read_bytes(),
            "说明.txt": TEXT.encode("gbk"),
        }
    )
    parts = read_zip(data)
    assert [(part.name, converted(part).format) for part in parts] == [
        ("通知.docx", "docx"),
        ("附件/附件2.xlsx", "xlsx"),
        ("说明.txt", "txt"),
    ]
    assert texts(parts)["说明.txt"] == TEXT


@pytest.mark.parametrize("info", [zipfile.ZipInfo, _GbkInfo], ids=["utf-8", "gbk"])
def test_chinese_names_of_both_code_pages(info: type[zipfile.ZipInfo]) -> None:
    names = ["附件1：要素条件（卓越级）.txt", "联通/附件2—汇总表.txt", "plain.txt"]
    assert [part.name for part in read_zip(zipped(dict.fromkeys(names, TEXT), info))] == names


def test_utf8_names_without_the_mark_are_not_taken_for_gbk() -> None:
    class Unmarked(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:
            return self.filename.encode("utf-8"), self.flag_bits & ~0x800

    assert [part.name for part in read_zip(zipped({"附件1.txt": TEXT}, Unmarked))] == ["附件1.txt"]


def test_leftovers_and_folders_are_left_out() -> None:
    files = {
        "a/": "",
        "__MACOSX/._a.txt": "x",
        "a/Thumbs.db": "x",
        "a/~$通知.docx": "x",
        "": "x",
        ".DS_Store": "x",
        "a/b.txt": TEXT,
    }
    assert texts(read_zip(zipped(files))) == {"a/b.txt": TEXT}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("/root/附件.txt", "root/附件.txt"),
        ("C:\\windows\\附件.txt", "windows/附件.txt"),
        ("附件\x1b[31m\u202etxt.exe", "附件[31mtxt.exe"),
        ("..", "未命名"),
        ("长" * 300 + ".docx", "长" * 74 + "….docx"),
    ],
    ids=["parent", "absolute", "drive", "control", "nothing", "long"],
)
def test_names_that_lead_elsewhere_are_contained(name: str, shown: str) -> None:
    assert safe_path(name) == shown
    assert all(len(part) <= MAX_NAME_CHARACTERS for part in shown.split("/"))


def test_a_contained_name_is_told_in_the_receipt() -> None:
    (part,) = read_zip(zipped({"../../附件1.txt": TEXT}))
    assert part.name == "附件1.txt"
    assert "文件名不规范" in converted(part).warnings[0]
    (plain,) = read_zip(zipped({"附件1.txt": TEXT}))
    assert converted(plain).warnings == ()


def test_members_of_one_name_stay_apart() -> None:
    assert list(texts(read_zip(zipped({"a/../附件.txt": TEXT, "附件.txt": "另一份"})))) == [
        "a/附件.txt",
        "附件.txt",
    ]
    assert list(texts(read_zip(zipped({"../附件.txt": TEXT, "附件.txt": "另一份"})))) == [
        "附件.txt",
        "附件（2）.txt",
    ]


def test_an_unreadable_member_is_named_and_the_others_go_on() -> None:
    data = bytearray(
        zipped(
            {"坏.txt": "甲" * 500, "附件.rar": b"Rar!\x1a\x07\x00" + bytes(50), "空.txt": "", "好.txt": TEXT}
        )
    )
    at = data.find("坏.txt".encode()) + len("坏.txt".encode()) + 4
    data[at : at + 4] = b"\xff\xff\xff\xff"
    found = texts(read_zip(bytes(data)))
    assert "已损坏" in found["坏.txt"]
    assert "RAR" in found["附件.rar"]
    assert "空的" in found["空.txt"]
    assert found["好.txt"] == TEXT


def test_an_encrypted_member_is_named_and_the_others_go_on() -> None:
    data = bytearray(zipped({"密.txt": TEXT, "好.txt": TEXT}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    found = texts(read_zip(bytes(data)))
    assert "密码" in found["密.txt"]
    assert found["好.txt"] == TEXT


def test_archives_inside_archives_are_opened_down_to_a_limit() -> None:
    data = zipped({"底.txt": TEXT})
    for level in ("丙", "乙", "甲"):
        data = zipped({f"{level}.zip": data, f"{level}.txt": TEXT})
    found = texts(read_zip(data))
    assert (found["甲.txt"], found["甲.zip/乙.txt"], found["甲.zip/乙.zip/丙.txt"]) == (TEXT, TEXT, TEXT)
    assert [name for name, text in found.items() if "嵌套超过 3 层" in text] == ["甲.zip/乙.zip/丙.zip"]


def test_what_members_unpack_to_is_bounded_whatever_they_declare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_MEMBER_BYTES", 1000)
    data = bytearray(zipped({"大.txt": "一" * 100_000, "好.txt": TEXT}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        data[data.find(signature) + offset : data.find(signature) + offset + 4] = (900).to_bytes(4, "little")
    found = texts(read_zip(bytes(data)))
    assert found["大.txt"]
    assert "一一" not in found["大.txt"]
    assert found["好.txt"] == TEXT
    honest = texts(read_zip(zipped({"大.txt": "一" * 100_000, "好.txt": TEXT})))
    assert "超过上限" in honest["大.txt"]
    assert honest["好.txt"] == TEXT


def test_the_whole_of_an_archive_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({f"{i}.txt": f"{TEXT}{i}" for i in range(4)})
    data = zipped({"a.zip": inner, "b.zip": inner, "c.txt": TEXT})
    monkeypatch.setattr(containers, "MAX_MEMBERS", 7)
    parts = read_zip(data)
    assert [part.name for part in parts if part.converted] == [f"a.zip/{i}.txt" for i in range(4)] + [
        "b.zip/0.txt"
    ]
    assert "超过 7 个" in parts[-1].error
    monkeypatch.setattr(containers, "MAX_TOTAL_BYTES", len(inner) + 200)
    parts = read_zip(data)
    assert 0 < len([part for part in parts if part.converted]) < 4
    assert "压缩炸弹" in parts[-1].error


def test_an_archive_without_documents_or_half_of_one_is_refused() -> None:
    with pytest.raises(EmptyDocument, match="没有可读的文件"):
        read_zip(zipped({"__MACOSX/x": "x"}))
    with pytest.raises(DamagedDocument, match="压缩包"):
        read_zip(zipped({"a.txt": TEXT})[:-30])


# ---------------------------------------------------------------- e-mail


def mail(body: str, subject: str = "转发：关于报送材料的通知", html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.gov.cn", "b@example.gov.cn", subject
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    return message


BODY = "各单位：\n请于2024年11月15日前将纸质材料报送至装备工业处，逾期不再受理。\n联系电话：0731-88955383"


def test_the_body_is_a_document_under_its_subject_and_attachments_are_documents(tmp_path: Path) -> None:
    made.notice_docx(tmp_path / "a.docx")
    message = mail(BODY)
    message.add_attachment(
        (tmp_path / "a.docx").read_bytes(),
        maintype="application",
        subtype="octet-stream",
        filename="附件1：通知.docx",
    )
    body, attachment = read_eml(bytes(message))
    assert body.name == "邮件正文.txt"
    assert converted(body).text.split("\n")[0] == "# 关于报送材料的通知"
    assert "2024年11月15日前" in converted(body).text
    assert (attachment.name, converted(attachment).format) == ("附件1：通知.docx", "docx")


@pytest.mark.parametrize(
    "body",
    ["各位同事：\n您好，请查收附件，谢谢！\n\n张三\n装备工业处\n电话：0731-88955383", "见附件", ""],
    ids=["courtesy", "pointer", "empty"],
)
def test_a_greeting_is_no_document(body: str) -> None:
    message = mail(body)
    message.add_attachment(TEXT.encode(), maintype="text", subtype="plain", filename="说明.txt")
    assert texts(read_eml(bytes(message))) == {"说明.txt": TEXT}


def test_the_html_form_is_read_for_its_tables() -> None:
    table = "<table><tr><td>企业</td><td>名额</td></tr><tr><td>江南重工</td><td>3</td></tr></table>"
    message = mail(BODY, html=f"<html><body><p>{BODY}</p>{table}</body></html>")
    (body,) = read_eml(bytes(message))
    assert "| 江南重工 | 3 |" in converted(body).text


def chinese_mail(charset: str) -> bytes:
    """A mail as older Chinese programs write it: GBK under the label gb2312, names in the same way or raw."""
    outer = MIMEMultipart()
    outer["From"], outer["To"] = "a@example.cn", "b@example.cn"
    text = MIMEText("", "plain")
    text.set_payload(f"{BODY}镕喆".encode("gbk"))
    text.replace_header("Content-Type", f'text/plain; charset="{charset}"')
    text.replace_header("Content-Transfer-Encoding", "8bit")
    outer.attach(text)
    attachment = MIMEBase("application", "octet-stream")
    attachment.set_payload(TEXT.encode("gbk"))
    encode_base64(attachment)
    attachment["Content-Disposition"] = "attachment; filename=NAME"
    outer.attach(attachment)
    data = outer.as_bytes().replace(b"filename=NAME", 'filename="朱镕基.txt"'.encode("gbk"))
    subject = b"Subject: =?gb2312?B?" + base64.b64encode("镕喆通知".encode("gbk")) + b"?=\n"
    return subject + data


def test_labels_of_older_chinese_programs_are_read_as_gb18030() -> None:
    body, attachment = read_eml(chinese_mail("gb2312"))
    assert converted(body).text.startswith("# 镕喆通知")
    assert converted(body).text.endswith("镕喆")
    assert attachment.name == "朱镕基.txt"


def test_a_mail_attached_to_a_mail_is_opened() -> None:
    inner = mail(BODY, "原通知")
    inner.add_attachment(TEXT.encode(), maintype="text", subtype="plain", filename="附件1.txt")
    outer = mail("见附件")
    outer.add_attachment(inner)
    outer.add_attachment(
        zipped({"附件2.txt": TEXT}), maintype="application", subtype="zip", filename="材料.zip"
    )
    found = texts(read_eml(bytes(outer)))
    assert list(found) == ["原通知.eml/邮件正文.txt", "原通知.eml/附件1.txt", "材料.zip/附件2.txt"]
    assert found["原通知.eml/邮件正文.txt"].startswith("# 原通知")


def test_logos_in_a_body_are_no_documents() -> None:
    message = mail(BODY, html=f'<p>{BODY}</p><img src="cid:logo">')
    html = message.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG\r\n" + bytes(300), "image", "png", cid="<logo>")
    assert list(texts(read_eml(bytes(message)))) == ["邮件正文.txt"]


# ---------------------------------------------------------------- saved web pages


def saved_page(encoding: str, extra: str = "") -> bytes:
    html = (
        f'<html><head><meta charset="{encoding}"><title>关于申报的通知</title></head><body><div class="TRS_Editor">'
        f"<p>关于申报的通知</p><p>{BODY * 2}</p></div></body></html>"
    )
    page = MIMEText("", "html")
    page.set_payload(html.encode(encoding))
    page.replace_header("Content-Type", f'text/html; charset="{encoding}"')
    page.replace_header("Content-Transfer-Encoding", "8bit")
    page["Content-Location"] = "http://example.gov.cn/a.htm"
    whole = MIMEMultipart("related", type="text/html")
    whole.attach(page)
    style = MIMEText("p {color: red}", "css")
    style["Content-Location"] = "http://example.gov.cn/a.css"
    whole.attach(style)
    return extra.encode() + whole.as_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312"])
@pytest.mark.parametrize("sender", ["", "From: <Saved by Blink>\nSubject: x\n"], ids=["word", "browser"])
@pytest.mark.parametrize("name", ["通知.mht", "通知.doc"])
def test_a_saved_page_is_one_document(encoding: str, sender: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(saved_page(encoding, sender))
    (part,) = read_parts(tmp_path / name)
    assert (part.name, converted(part).format) == ("", "html")
    assert "请于2024年11月15日前将纸质材料报送至装备工业处" in converted(part).text
    assert "color" not in converted(part).text


def test_a_zip_that_holds_a_mail_with_a_sheet(tmp_path: Path) -> None:
    made.criteria_xlsx(tmp_path / "b.xlsx")
    message = mail("见附件")
    message.add_attachment(
        (tmp_path / "b.xlsx").read_bytes(),
        maintype="application",
        subtype="octet-stream",
        filename="附件2.xlsx",
    )
    (part,) = read_bytes(zipped({"往来/邮件.eml": bytes(message)}), "材料.zip")
    assert part.name == "往来/邮件.eml/附件2.xlsx"
    assert made.pipe_rows(converted(part).text)[0] == made.criteria_rows()
