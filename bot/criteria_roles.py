"""Words -> what they make of what stands below them, and what kind of criterion a sentence is."""

from __future__ import annotations

import re
from enum import StrEnum

from bot import criteria_terms as terms
from bot.criterion import CriterionKind, bare_words, last_sentence
from bot.datamodels import Chunk, ChunkKind
from bot.numbering import line_number


class Role(StrEnum):
    CONDITION = "condition"
    AUDIENCE = "audience"
    BAN = "ban"
    OTHER = "other"


OF_CONDITIONS = frozenset({Role.CONDITION, Role.AUDIENCE})
OF_CRITERIA = OF_CONDITIONS | {Role.BAN}

# ---------------------------------------------------------------- headings, lines, questions


def role_of(chunk: Chunk) -> Role | None:
    """What a heading, or a line that opens a list, makes of what stands below it; None where it does not tell."""
    words = bare_words(chunk.text)
    opening = last_sentence(chunk)
    if question := question_in(words):
        return _role_of_question(question)
    if opens_bans(opening):
        return Role.BAN
    if chunk.kind is ChunkKind.CLAUSE:
        if terms.LIST_OF_CONDITIONS.search(opening) and not terms.PROCESS.search(opening):
            return Role.CONDITION
        return run_in_role(chunk)
    return _role_in(words)


def role_of_line(line: Chunk) -> tuple[Role | None, str]:
    """(role, introduction) of a heading to the eye or of a question whose answer follows."""
    if question := question_in(line.text):
        return _role_of_question(question), f"{question}？"
    words = bare_words(line.text)
    return _role_in(words), words


def introduction_of(chunk: Chunk) -> str:
    """The words of a heading, or of a line that opens a list, that say what stands below it."""
    return bare_words(last_sentence(chunk) if chunk.kind is ChunkKind.CLAUSE else chunk.text)


def question_in(text: str) -> str:
    """`哪些企业可以申报` of `问1：哪些企业可以申报？`; empty where the text is no question."""
    question = terms.QUESTION.match(text.strip())
    return question["words"] if question else ""


def _role_of_question(words: str) -> Role:
    """`哪些企业可以申报` asks for conditions, `哪些情形不得申报` for bans, any other question for something else."""
    if terms.ASKS_WHO_NOT.search(words):
        return Role.BAN
    return Role.CONDITION if terms.ASKS_WHO.search(words) or _role_in(words) is Role.CONDITION else Role.OTHER


def opens_bans(words: str) -> bool:
    """True for `有下列情形之一的，不得申报`, not for `具备下列条件之一的，可直接入库，不再打分`."""
    return bool(terms.LIST_OF_BANS.search(words)) and not terms.EASIER.search(words)


def _role_in(heading: str) -> Role | None:
    if terms.BAN_HEADING.search(heading):
        return Role.BAN
    if terms.NOT_A_HEADING.search(heading):
        return Role.OTHER
    if terms.CONDITION_HEADING.search(heading):
        return Role.CONDITION
    if terms.AUDIENCE_HEADING.search(heading):
        return Role.AUDIENCE
    return Role.OTHER if terms.AFTERWARDS.search(heading) else None


def run_in(chunk: Chunk) -> str:
    """`否决情形` of `（三）否决情形。未在系统中……`; empty where no heading runs in."""
    match = re.match(r"[^。；，：:]{2,16}(?=[。：:\s\u3000])", bare_words(chunk.text))
    return match.group() if match and (chunk.number or "。" not in match.group()) else ""


def run_in_role(chunk: Chunk) -> Role | None:
    """What a heading that runs in makes of the clause; None where it makes no criteria of it."""
    heading = run_in(chunk)
    if not heading or len(heading) == len(bare_words(chunk.text)):
        return None
    role = _role_in(heading)
    return role if role in OF_CRITERIA else None


def level_in_heading(chunk: Chunk) -> str:
    """The level that a heading of conditions is for: `专精特新中小企业` of `（二）专精特新中小企业认定条件`."""
    if chunk.kind is not ChunkKind.HEADING:
        return ""
    words = re.sub(
        r"(?:的)?(?:申报|认定|遴选|推荐|基本|评定|具体)*(?:条件|标准|要求|资格|对象|范围)$",
        "",
        bare_words(chunk.text).partition("：")[0],
    )
    return words if terms.LEVEL.search(words) and re.fullmatch(r"[^，。；：、]{2,16}", words) else ""


def is_bare_line(text: str) -> bool:
    """True for a short line without a number or a stop: a heading to the eye."""
    return line_number(text) is None and bool(
        re.fullmatch(r"[\u4e00-\u9fff（）()“”、]{2,16}", bare_words(text))
    )


# ---------------------------------------------------------------- sentences


def says_nothing(words: str) -> bool:
    """True for a sentence of a section of conditions that states none: `(二)申请条件。`, `请各单位认真组织`."""
    return _is_bare_heading(words) or _only_points(words) or bool(terms.TO_OFFICES.match(words))


def _is_bare_heading(text: str) -> bool:
    words = bare_words(text).rstrip("。：: ")
    return len(words) <= 12 and "，" not in words and _role_in(words) in OF_CONDITIONS


def _only_points(text: str) -> bool:
    """True for `岗位资格条件：见附件1`, whose rows are asked where they are supplied."""
    words = bare_words(text)
    return (
        bool(re.search(r"附件\s*\d{0,2}[^，。；]{0,4}[。；]?$", words))
        and len(words) <= 40
        and "，" not in words
        and not terms.SUBSTANCE.search(words)
    )


def kind_in_section(words: str, first: bool) -> CriterionKind | None:
    """What a part of a section of conditions is; None for an explanation of the part before."""
    if (
        terms.DEFINITION.match(bare_words(words))
        or terms.QUOTA.search(words)
        or (not first and is_note(words))
    ):
        return None
    if terms.BAN.search(words) and not re.search(r"(?:不得|不予)[^，。；]{0,8}除外", words):
        return CriterionKind.BAN if not first or _opens_with_case(words) else CriterionKind.CONDITION
    if terms.EASIER.search(words) and not terms.SUBSTANCE.search(terms.EASIER.split(words)[0]):
        return CriterionKind.OPTIONAL
    return CriterionKind.CONDITION


def kind_by_itself(words: str, path: str) -> CriterionKind | None:
    """What a sentence outside of the sections of criteria is; mostly nothing."""
    if terms.PROCESS.search(words) or terms.CONSEQUENCE.search(words) or terms.AFTERWARDS.search(path):
        return None
    if terms.WHO_MAY.search(bare_words(words)) and not _opens_with_case(words):
        return CriterionKind.CONDITION
    if terms.BAN.search(words):
        return CriterionKind.BAN
    if terms.ANOTHER_WAY.search(words):
        return CriterionKind.OPTIONAL
    return CriterionKind.CONDITION if terms.LIMIT.search(words) else None


def kind_of_choice(words: str) -> CriterionKind:
    """What alternatives are, by the words that open them: `可直接认定` opens an easier way."""
    return CriterionKind.OPTIONAL if terms.EASIER.search(words) else CriterionKind.CONDITION


def is_note(words: str) -> bool:
    """True for a sentence that excepts from the one before, or explains it."""
    return bool(terms.AFTERTHOUGHT.search(words)) or bool(
        terms.NOTE.search(words) and not terms.BAN.search(words) and not terms.DEMAND.search(words)
    )


def _opens_with_case(words: str) -> bool:
    """`……的，不予受理`: a case that is excluded."""
    return bool(
        re.search(
            r"的(?:企业|单位|人员|项目)?[，,]?(?:本年度|当年|一律|均)?(?:不予|不得|不能|不可|不再)", words
        )
    )
