"""A sentence -> who acts in it, and what is to be done by its dates."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.numbering import number_end

_SUBJECT = re.compile(r"[\u4e00-\u9fffA-Za-z（）()、“”]{2,36}")
_PREDICATE = re.compile(
    r"会同|会商|参考|按照|按(?!钮)|应|须|需|于|可|登录|填写|对照|根据|将|负责|组织|在(?![^本所该各原我]单位)|要|通过|自|(?<![^甲乙丙双各资供需三对]方)(?<!意)向|联合|对|从|提出|直接|原则上|每|收到|完成|提交|报送|统一|不得|不|采用|征求|\d|"
    r"商(?!务)|先|汇总|受|委托|进行|审核|[初复]审|复核|盖章|派出|逐|牵头|择优|填报|报名|推荐(?!单位|部门)|安排|时间|截止|实行"
)
_NO_SUBJECT = re.compile(
    r"并|且|如|若|经|报|送|交|寄|向|至|到|连同|附|征求|会同|抄送|对|按|以|将|从|用|与|和|为|因|未|不|再|待|逾期|同步|分别|直接|统一|委托|结合|选择|具有|其中"
)
"""What opens a part of a sentence that goes on with the subject of the one before it."""
_SUBJECT_OF_DATE = re.compile(
    r"(?:^|(?<=[，。；：,;:]))(?P<actor>[\u4e00-\u9fffA-Za-z（）()、“”]{2,36}?)"
    r"(?:，?(?:应当|应|必须|须|需|可以|可|要|统一|务必|原则上)?(?:于|在)|应当|应|须)\s*$"
)
_PAPERS = re.compile(r"(?:文件|推荐函|材料|报告|名单|结果|档案)(?!.*[局厅委部])")
"""What is handed in, by whomever; it may end as one who acts does (`推荐文件和项目`)."""
_THING = re.compile(r"(?:平台|项目|基地)$")
LONGEST_OPENING = 4
"""Characters before a date that opens a sentence: `请务必于11月22日前，……`."""
_THING_BEFORE_DATE = re.compile(
    r"(?:^|(?<=[，；。,;]))(?P<thing>[^，；。,;由后时将]{2,24}?)(?:应当|应|须|需)?于\s*$"
)
_NO_THING = re.compile(rf"^(?:{_NO_SUBJECT.pattern})|最[迟晚早]|一律|原则上|[均分].?别?$")
_HANDED = re.compile(r"(?:[以通][^，。；]{2,20}?)?(?:报|送|发送|发至|寄|邮寄|提交|上传|交|函)")
"""The start of an act by which a thing is handed in."""
_OWNER = re.compile(r"[^、，和与及]*(?:所属|下属|直属|所辖)的?(?=.)")
_SUBJECT_REACH = 80
"""Characters before a date within which its subject begins; looking further would cost the square of a clause."""


def clause_actor(text: str) -> str:
    """Who acts in a sentence: its subject, where it opens with one; else empty."""
    words = text[number_end(text) :]
    words = (
        re.sub(r"^[^，。：:；]{2,10}[。：:]", "", words)
        if re.match(r"^[^，。；]{2,8}[。：:]", words)
        else words
    )
    return _subject(words) or _subject(re.sub(r"^[^，。；：]{2,24}[前后时]，", "", words))


def _subject(words: str) -> str:
    """The first stretch at the start of a sentence that stands before a predicate and names somebody."""
    subject = _SUBJECT.match(words)
    longest = subject.end() if subject else 0
    starts = (predicate.start() for predicate in _PREDICATE.finditer(words, 2, longest + 4))
    actors = (_bare_actor(words[:start]) for start in starts if start <= longest)
    return next((actor for actor in actors if _is_actor(actor) and not _PAPERS.search(actor)), "")


def _bare_actor(words: str) -> str:
    """`由市工信局` -> `市工信局`; whole where it is somebody's duty that another does: `省属企业由省国资委`."""
    words = _without_half_bracket(words).removeprefix("请")
    head, _, tail = words.rpartition("由")
    return words if head and _is_actor(head) else tail


def _without_half_bracket(words: str) -> str:
    """Words cut out of a sentence, without the bracket at their ends whose other half was left there."""
    balanced = all(words.count(opening) == words.count(closing) for opening, closing in ("（）", "()"))
    return words if balanced else words.strip("（）()")


def actor_of_date(sentence: str, at: int, end: int) -> str:
    """Who acts on a date that stands at [at, end): the words right before it (`市财政局于`), where they name somebody, else the subject of the
    nearest part of the sentence that has one (`县级部门汇总后于`), with those before it of whom it says the same; empty
    where none has. Words right behind it that name somebody come first: `6月15日前由市农业农村局统一报送`."""
    by = re.match(r"[^，。；由]{0,4}由(.{2,40})", sentence[end:])
    if by and (actor := _subject(by[1])):
        return actor
    match = _SUBJECT_OF_DATE.search(sentence, max(0, at - _SUBJECT_REACH), at)
    actor = _bare_actor(match.group("actor").partition("不经")[0]) if match else ""
    actor = actor[number_end(actor) :]
    if _is_actor(actor) and not re.search(r"[报送交寄向至到]|^(?:并|且|如|若)", actor.rpartition("的")[2]):
        return actor
    parts = re.split(r"[，；,;]", sentence[:at])
    for n in range(len(parts) - 1, 0, -1):
        subject = "" if _NO_SUBJECT.match(parts[n]) else _subject(parts[n])
        if subject and not _THING.search(subject):
            return _with_parallel(parts[: n + 1], subject)
    return ""


def _with_parallel(parts: Sequence[str], subject: str) -> str:
    """The subject of the last part with those of the parts before it that say the same but for a number:
    `省直单位推荐不超过5个，高校推荐不超过3个，` -> `省直单位、高校`."""
    said = parts[-1].removeprefix(subject)
    subjects = [subject]
    for part in reversed(parts[:-1]):
        words = part[number_end(part) :]
        other = _subject(words)
        if not other or re.sub(r"\d", "", words) != re.sub(r"\d", "", f"{other}{said}"):
            break
        subjects.insert(0, other)
    return "、".join(subjects)


def without_owner(actor: str) -> str:
    """Who acts, without those to whom they belong: `主管部门所属中等职业学校` -> `中等职业学校`."""
    return _OWNER.sub("", actor)


def _is_actor(words: str) -> bool:
    return bool(
        re.search(
            r"(?:企业|单位|主体|机构|个人|人员|申请人|申报人|局|厅|部门|委|部|处|中心|[协学商委员]会|办公室|公司|学校|高校|院校|大学|院|[究务院]所|总部|市州|设区市|各市|办|政府|者|人|方|机关|银行|基地|平台|集团|街道|社区|项目|学生|职工)(?:（[^（）]*）)?$",
            words,
        )
    )


def act_of_date(sentence: str, start: int, end: int) -> str:
    """What is to be done by a date, or within a time, that stands at [start, end).

    `于2024年11月22日前完成线上申报` -> `完成线上申报`; `名单于3月9日前报省厅` -> `将名单报省厅`.
    """
    after = re.match(
        r"(?:\d{1,2}[:：]\d{2})?(?:之?前|以前|内|止|为止|截止|起)?(?P<comma>[，,]?)(?P<act>[^，。；;]{2,80})",
        sentence[end:],
    )
    before = re.split(r"[，,。；;]", sentence[:start])[-1]
    if after and after["comma"] and len(before.strip()) > LONGEST_OPENING:
        after = None  # the date ends a part of its own, and what follows is another's
    act = _without_half_bracket(after.group("act").strip()) if after else ""
    if act.startswith("由") and (actor := _subject(act[1:])):
        act = act[1:].removeprefix(actor)
    thing = _THING_BEFORE_DATE.search(sentence, max(0, start - _SUBJECT_REACH), start)
    if (
        thing is None
        or not _HANDED.match(act)
        or _is_actor(thing["thing"])
        or _NO_THING.search(thing["thing"])
    ):
        return act
    return f"将{thing['thing']}{act}"
