"""A self-check -> the words of its questions and of its summary, which never promises recognition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from bot.agenda import computed_words, day_words, short_title
from bot.changes import Version
from bot.criteria import nearest_clauses
from bot.criterion import Criterion, CriterionKind, Quote
from bot.deadlines import state
from bot.messages import REPEALED
from bot.reminders import Deadline, stated_deadlines
from bot.self_check import (
    Outcome,
    Result,
    Resumed,
    SelfCheck,
    Step,
    Verdict,
    contact_of,
    result_of,
    unsupplied,
)
from bot.supersession import repealed_by

SHOWN_DEADLINES = 3
SHOWN_MET = 40

NO_CRITERIA = "《{title}》没有逐项列出申报条件，不能逐项自查。可以直接提问，例如：谁可以申报？"
NEAREST_CLAUSES = "最接近的原文是（不一定是申报条件，请自行核对）："
BEGUN = "自查《{title}》：共 {total} 项，逐项作答，随时可以退出，下次接着做。自查不代表认定。"
GOING_ON = "接着自查《{title}》：共 {total} 项，已答 {done} 项。"
CHANGED = "通知改过：{changed} 项是新的或改了文字，要重新回答；{dropped} 项已经没有了；其余沿用你原来的回答。"
LEVEL_GONE = "通知改过，分级与原来不同，需要从头自查。"
WHICH_LEVEL = "《{title}》按级别或类别分列了要求，要自查哪一种？"
NO_SUCH_LEVEL = "请回复 1 至 {count} 的数字。"
QUESTION = "第 {place}/{total} 项"
CONDITION, BAN, OPTIONAL, ROW = "条件", "排除情形", "可选途径（不满足也不影响按其他途径申报）", "表格要求"
ANY_OF = "下列 {count} 项中满足 {least} 项，即为符合："
ASK = {
    CriterionKind.CONDITION: "是否符合？",
    CriterionKind.ROW: "是否达到？",
    CriterionKind.OPTIONAL: "是否满足？",
    CriterionKind.BAN: "有没有这种情况？没有这种情况，就是符合。",
}
NOTE = "原文还说："
LABELS = {Verdict.MET: "符合", Verdict.FAILED: "不符合", Verdict.OPEN: "待核实"}
BAN_LABELS = {
    Verdict.MET: "符合（没有这种情况）",
    Verdict.FAILED: "不符合（有这种情况）",
    Verdict.OPEN: "待核实",
}
TYPED = "1 {met}　2 {failed}　3 {open}　| 也可写数值（带单位）　| 返回　退出"
TYPED_WITHOUT_NUMBER = "1 {met}　2 {failed}　3 {open}　| 返回　退出"
COMPARED = "比较：{comparison}"
DECIDED = "记为“{verdict}”。不对的话回复“返回”。"
STILL_ASKED = "数值只是其中一部分，请看完整条文后选择。"
STOPPED = "已停下，进度已保存。再发 /check 接着做。"
AT_START = "这是第一项，前面没有了。"
AMBIGUOUS = "为免误会，请回复 1（没有这种情况，符合）、2（有这种情况，不符合）或 3（待核实）。"
NOT_UNDERSTOOD = (
    "请回复 1、2、3（或是、否、不清楚），或带单位的数值，例如 3000 万元；“返回”改上一项，“退出”停下。"
)

SUMMARY = "自查结果：《{title}》{level}共 {total} 项：符合 {met}，不符合 {failed}，待核实 {open}。"
NOT_RECOGNITION = "自查不代表认定：只汇总你自己的回答，是否认定以主管部门审核为准。"
FAILED_TITLE, OPEN_TITLE = "不符合：", "待核实："
FAILED_ADVICE = "有不符合的项目，申报前请先向主管部门核实。"
OPEN_ADVICE = "待核实的项目请对照原文和证明材料确认。"
MET_TITLE = "按你的回答符合："
OPTIONAL_TITLE = "可选途径："
YOU_SAID = "你填的数值：{compared}"
UNSUPPLIED = "没有收录、因此没有自查的附件：{names}。请向发文单位索取后对照。"
DEADLINE = "截止：{what} {day}（{state}）{section}"
NO_DEADLINE = "截止时间：通知没有写明可计算的截止日期。"
CONTACT = "可咨询：{who}（{section}）"
NO_CONTACT = "可咨询发文单位：{issuer}。"


# ---------------------------------------------------------------- asking


def opening_text(resumed: Resumed, criteria: Sequence[Criterion], title: str) -> str:
    """What is said before the first question, or before the next one of a check that goes on."""
    check, total = resumed.check, len(criteria)
    done = sum(each.id in check.replies for each in criteria)
    lines = [
        GOING_ON.format(title=short_title(title), total=total, done=done)
        if done
        else BEGUN.format(title=short_title(title), total=total)
    ]
    if resumed.level_gone:
        lines.append(LEVEL_GONE)
    elif resumed.changed or resumed.dropped:
        lines.append(CHANGED.format(changed=resumed.changed, dropped=resumed.dropped))
    return "\n".join(lines)


def no_criteria_text(version: Version, notice_id: str) -> str:
    """What is said where a notice states no criteria: so, and the sentences that come nearest."""
    lines = [NO_CRITERIA.format(title=short_title(version.notices[notice_id].title))]
    nearest = nearest_clauses(version, notice_id)
    if nearest:
        lines.append(NEAREST_CLAUSES)
    lines += [f"· {quote.section} “{quote.text}”" for quote in nearest]
    return "\n".join(lines)


def question_text(criterion: Criterion, place: int, total: int) -> str:
    """The criterion, quoted, with where it stands and what a reply means; without the choices."""
    lines = [
        " · ".join(
            part for part in (QUESTION.format(place=place, total=total), _kind_words(criterion)) if part
        )
    ]
    lines += list(_quoted(criterion))
    lines.append(ASK[criterion.kind])
    return "\n".join(lines)


def labels(criterion: Criterion) -> dict[Verdict, str]:
    """The words of the three choices; of a ban they say what 符合 means."""
    return BAN_LABELS if criterion.kind is CriterionKind.BAN else LABELS


def typed_choices(criterion: Criterion, has_number: bool) -> str:
    """The choices as a person types them."""
    words = labels(criterion)
    line = TYPED if has_number else TYPED_WITHOUT_NUMBER
    return line.format(met=words[Verdict.MET], failed=words[Verdict.FAILED], open=words[Verdict.OPEN])


def step_text(step: Step) -> str:
    """What is said about the last reply before the next question; empty where nothing needs to be."""
    lines = [COMPARED.format(comparison=each) for each in step.compared]
    match step.outcome:
        case Outcome.REPLIED if step.compared and step.decided:
            lines.append(DECIDED.format(verdict=LABELS[step.decided]))
        case Outcome.COMPARED:
            lines.append(STILL_ASKED)
        case Outcome.STOPPED:
            lines.append(STOPPED)
        case Outcome.AT_START:
            lines.append(AT_START)
        case Outcome.AMBIGUOUS:
            lines.append(AMBIGUOUS)
        case Outcome.NOT_UNDERSTOOD:
            lines.append(NOT_UNDERSTOOD)
    return "\n".join(lines)


def level_text(title: str, levels: Sequence[str]) -> str:
    """Which level is meant, numbered from 1."""
    return "\n".join(
        [
            WHICH_LEVEL.format(title=short_title(title)),
            *(f"{n}. {level}" for n, level in enumerate(levels, 1)),
        ]
    )


def _kind_words(criterion: Criterion) -> str:
    kind = {
        CriterionKind.CONDITION: CONDITION,
        CriterionKind.BAN: BAN,
        CriterionKind.OPTIONAL: OPTIONAL,
        CriterionKind.ROW: ROW,
    }[criterion.kind]
    return f"{kind}（{criterion.level}）" if criterion.level else kind


def _quoted(criterion: Criterion) -> Iterator[str]:
    where = f"《{short_title(criterion.document)}》{criterion.quote.section}"
    yield f"{where}　{criterion.introduction}".rstrip() if criterion.introduction not in where else where
    yield f"“{criterion.quote.text}”"
    if criterion.alternatives:
        yield ANY_OF.format(count=len(criterion.alternatives), least=criterion.least)
        yield from (f"· {each.section} “{each.text}”" for each in criterion.alternatives)
    for note in criterion.notes:
        yield f"{NOTE}“{note.text}”"


# ---------------------------------------------------------------- the summary


def summary_text(check: SelfCheck, criteria: Sequence[Criterion], version: Version, today: date) -> str:
    """What fails, what is open, what is met, each with its place; then the deadlines and whom to ask."""
    return "\n".join(_summary(check, criteria, version, today))


def _summary(check: SelfCheck, criteria: Sequence[Criterion], version: Version, today: date) -> Iterator[str]:
    notice, result = version.notices[check.notice_id], result_of(check, criteria)
    repealing = repealed_by(notice, version.notices.values(), today)
    if repealing is not None:
        number = f"（{repealing.doc_number}）" if repealing.doc_number else ""
        yield REPEALED.format(title=repealing.title, number=number)
    yield SUMMARY.format(
        title=short_title(notice.title),
        level=f"（{check.level}）" if check.level else "",
        total=len(result.failed) + len(result.open) + len(result.met),
        met=len(result.met),
        failed=len(result.failed),
        open=len(result.open),
    )
    yield NOT_RECOGNITION
    yield from _listed(FAILED_TITLE, result.failed, check)
    yield from _listed(OPEN_TITLE, result.open, check)
    yield from _short_lists(result, check)
    if result.failed:
        yield FAILED_ADVICE
    if result.open:
        yield OPEN_ADVICE
    if missing := unsupplied(version, check.notice_id, criteria):
        yield UNSUPPLIED.format(names="、".join(missing))
    yield from _deadlines(version, check.notice_id, today)
    yield _contact(version, check.notice_id)


def _listed(title: str, criteria: Sequence[Criterion], check: SelfCheck) -> Iterator[str]:
    if criteria:
        yield ""
        yield title
    for criterion in criteria:
        yield f"· {_place(criterion)} “{criterion.quote.text}”"
        reply = check.replies.get(criterion.id)
        if reply and reply.compared:
            yield f"  {YOU_SAID.format(compared='；'.join(reply.compared))}"


def _short_lists(result: Result, check: SelfCheck) -> Iterator[str]:
    """What is met and what is optional, by place alone."""
    yield ""
    if result.met:
        places = "、".join(_place(each) for each in result.met[:SHOWN_MET])
        yield MET_TITLE + places + ("……" if len(result.met) > SHOWN_MET else "")
    if result.optional:
        words = (
            f"{_place(each)}（{LABELS[check.replies[each.id].verdict]}）"
            for each in result.optional
            if each.id in check.replies
        )
        if line := "、".join(words):
            yield OPTIONAL_TITLE + line


def _place(criterion: Criterion) -> str:
    """Where it stands, as short as it tells: the section, else its first words."""
    quote: Quote = (
        criterion.alternatives[0]
        if criterion.alternatives and not criterion.quote.section
        else criterion.quote
    )
    if criterion.kind is CriterionKind.ROW:
        return f"《{short_title(criterion.document)}》{quote.section}".strip()
    return quote.section or f"“{criterion.quote.text[:12]}…”"


def _deadlines(version: Version, notice_id: str, today: date) -> Iterator[str]:
    stated = [each for each in stated_deadlines(version, notice_id) if each.deadline.value]
    ahead = [each for each in stated if each.deadline.day >= today]
    if not stated:
        yield NO_DEADLINE
    for each in (ahead or stated)[:SHOWN_DEADLINES]:
        deadline = each.deadline
        how = computed_words(each.due, version.notices[notice_id].issued_on)
        yield DEADLINE.format(
            what=_what(deadline),
            day=day_words(deadline),
            state="；".join(part for part in (state(deadline.value, today), how) if part),
            section=deadline.section,
        )


def _what(deadline: Deadline) -> str:
    return f"{deadline.actor}{deadline.act}"


def _contact(version: Version, notice_id: str) -> str:
    contact = contact_of(version, notice_id)
    if contact is None:
        return NO_CONTACT.format(issuer=version.notices[notice_id].issuer or version.notices[notice_id].title)
    who = " ".join(
        part for part in (contact.office, contact.person, *contact.phones, *contact.emails) if part
    )
    return CONTACT.format(who=who, section=contact.chunk.section or "文末")
