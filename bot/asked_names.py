"""Questions for the name of a firm or of persons, and whether clauses name one or only its kind.

`审计机构是哪家` is not answered by `委托会计师事务所进行审计`, nor `评委都有谁` by `组织专家评审`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.datamodels import Chunk, Question
from bot.question import tagged_words

_HIRED = r"公司(?!能|可|有资格|符合|才)|事务所|事物所|会计所|银行|第三方(?:机构)?|中介(?:机构)?|(?:审计|评审|审核|检测|认证|评估)机[构够]|施工单位|开户[行航]"
_ASKS_FIRM = re.compile(
    rf"哪(?:一|几)?[家个](?:会计师?|保险|商业)?(?:{_HIRED})(?!.{{0,8}}(?:都行|都可|都能|合规|收费))|"
    rf"(?:{_HIRED})(?:的|一般)?(?:是|选|请|找|用|叫)(?:的(?:是)?)?(?:哪一?家|哪几家|啥名|什么名)|"
    r"(?:审计|审账|查账|审记)[^，。；？?]{0,6}哪一?[家个](?:所|单位|来|去|做|$)"
)
"""Asks which firm, bank or hired body it is; no office, which clauses name by its kind (`市统计局`)."""
_FIRM = re.compile(
    r"[\u4e00-\u9fff“”（）]{2,}?(?:公司|事务所|研究院|研究所|[计询测学]院|中心|协会|学会|商会|促进会|大学|银行|信用社|[支分]行|集团|医院)"
)
_KIND = re.compile(
    r"^.*(?:委托|聘请|邀请|会同|选定|选择|遴选|确定|组织|通过|具有|具备|经由|由|请|经|在|至|与|和|或者?|及|向|[的有])|"
    r"第三方|[会记]计师|税务师|律师|资产|评估|专业|专门|保险|商业|国有|大型|经办|代发|代理|合作|承贷|贷款|开户|指定|中介|社会|服务|机构|所在|其他|有关|"
    r"相关|依法|独立|[分子总母本该各]|任何|单位|企业|有限|审计|检测|认证|咨询|公司|事务所|银行|中心|协会"
)
"""What of a firm's words is no name: what it is hired for and of which kind it is."""
_ASKS_PERSON = re.compile(
    r"姓[什啥甚]|贵姓|(?:老师|[科处局组院]长|专员|联系人|经办人)(?:叫(?:啥|什么)|是谁|是哪[个位]|姓甚名谁)"
)
_HEADS_PERSONS = re.compile(r"联系人|联络员|姓名|负责人|经办人|专员|客户经理|[科处局]长")
_PERSON = re.compile(r"\s*[\u4e00-\u9fff][\s\u4e00-\u9fff]{1,3}(?![\u4e00-\u9fff])")
_ASKS_PERSONS = re.compile(r"(?:专家|评委|评审|验收组|成员)[^，。；？?]{0,3}(?:都|里)?(?:有谁|都是谁)")


def asks_for_person(question: Question) -> bool:
    """True for a question what somebody is called: `总务科的老师姓什么`."""
    return bool(_ASKS_PERSON.search(question.normalised))


def persons_in_rows(chunks: Iterable[Chunk]) -> Iterator[str]:
    """What stands in the columns of tables that hold persons: `经办人`."""
    for chunk in chunks:
        for head, cell in zip(chunk.table_header, chunk.cells, strict=False):
            if _HEADS_PERSONS.search(head) and _PERSON.match(cell):
                yield cell


def lacks_asked_name(question: Question, chunks: Sequence[Chunk]) -> bool:
    """True where a question asks for the name of a firm or of experts and none of these clauses names one."""
    words = question.normalised
    if _ASKS_FIRM.search(words) and not question.yes_no:
        return not any(_names_firm(chunk.text) for chunk in chunks)
    return bool(_ASKS_PERSONS.search(words)) and not any(_names_person(chunk.text) for chunk in chunks)


def _names_firm(text: str) -> bool:
    return any(len(_KIND.sub("", found.group())) >= 2 for found in _FIRM.finditer(text))


def _names_person(text: str) -> bool:
    return any(tag == "nr" and len(word) > 1 for word, tag in tagged_words(text))
