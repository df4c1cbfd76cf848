"""The sentences of the assistant: all that it says in its own words."""

GREETING = (
    "你好！我可以回答知识库里通知的申报条件、截止时间、材料、联系人等问题，并附上原文出处。可以这样问："
)
THANKS = "不客气。还有问题可以接着问。"
NO_NOTICES = "知识库里还没有通知。"
OPEN_NOTICES = "还没到截止时间的通知，各列最近的一个日期（按北京时间计算，以原文为准）："
NONE_OPEN = "知识库里没有还在申报期内的通知：写明的截止时间都已过。"
NOT_YET_ISSUED = "在 {day} 这一天，知识库里没有可以回答的通知（都还没有发布，或没有这一份）。"
EXAMPLES = ("什么时候截止申报？", "需要满足哪些条件？", "有问题找谁，电话多少？")
EMPTY_QUESTION = "没有看到问题。请直接输入想问的内容，例如：什么时候截止申报？"

NOT_FOUND = "通知里没有写明这一点。"
START_NOT_STATED = "从哪天开始，通知里没有写明；截止时间是："
PART_NOT_FOUND = "“{asked}”：通知里没有写明。"
NOT_FOUND_AMOUNT = "通知没有写明这方面的金额或奖补标准。"
NOT_FOUND_CONTACT = "通知没有单独写明这个联系方式。通知里写的联系方式是："
NOT_FOUND_EMAIL = "通知没有写明电子邮箱。"
OUT_OF_SCOPE = "这个问题不在通知的范围内，我只能回答通知里写明的内容。"
GUESSED = "问题没有说是哪一份通知，下面是{title}的内容；如果不是这一份，请说明。"
GUESSED_AMONG = "问题没有说是哪一份通知，下面是{title}的内容；另有{others}，要问哪一份请说明。"
NO_PROGRAMME = "没有找到写明这一点的通知。请说明问的是哪一份通知（名称或地区），或先选定一份。"
OTHER_YEAR = "知识库里没有{years}年的相关通知，现有的是{have}。其他年度的内容不能照搬。"
OTHER_REGION = "知识库里没有{place}自己的相关通知，现有的是{have}的通知。别处的规定不能照搬。"
ATTACHMENT_MISSING = (
    "这项内容应在附件{number}《{title}》里。通知提到了这份附件，但知识库里还没有收录，所以我不能回答。"
)
ATTACHMENT_MISSING_UNNUMBERED = (
    "这项内容应在附件《{title}》里。通知提到了这份附件，但知识库里还没有收录，所以我不能回答。"
)
SEE_ATTACHMENT = (
    "通知正文没有写明这一点，可能写在附件{number}《{title}》里；这份附件知识库里还没有收录，所以我不能回答。"
)
FIRST_OF = "共 {count} 项，这里列出前 {shown} 项。"
FIRST_OF_DATES = "通知里这类时间共 {count} 个，这里列出 {shown} 个；说明谁来办、办什么，可以只看那一个。"
NOT_HELD = "上面提到的{attachments}还没有收录，其中的内容我看不到。"
LEFT_OUT = "……"
"""Stands where words of a clause were left out between those shown."""
NEAREST = "与问题最接近的条款是（请核对原文）："
CELL_EMPTY = "（表里这一格没有填写）"
BLANK = "通知的表里没有填写这一项。"
COMPARED_ROWS = "按表中“{column}”一列比较得出。"
NOT_COMPARED = "表里的内容不能逐行比出唯一的答案，请自行对照。"
ASK = "可以咨询："
ASK_ISSUER = "可以向发文单位咨询：{issuer}。"
RECORDED = "这个问题已记录，工作人员会看到。"

CLOSED = "以上时间均已过；如有新的通知，请以新通知为准。"
YEAR_INFERRED = "原文未写年份，按本通知推定为{year}年"
YEARS_INFERRED = "原文未写年份的日期，按本通知推定为{year}年。"
NOT_OPEN = "尚未开始"
BY_WORKDAYS = "按工作日推算：{year}年{month}月{day}日"
BY_CALENDAR_DAYS = "自印发次日起推算：{year}年{month}月{day}日"
NO_OWN_NUMBER = "通知文本里没有写本通知自己的文号。文中引用的上级文件文号是："
REPEALED = "注意：本通知已被《{title}》{number}废止，以下是原规定。"
WHICH_NOTICE = "以上依据{this}的通知；另有{others}的通知，要问哪一份请说明。"
CELL_SEPARATOR = " ｜ "
NOTICE_COLUMN = "通知"
NOT_STATED = "没有写明"
CHECK_CELL = "（最接近的条款，请核对）"
STILL_OPEN = "还来得及。"
ALREADY_CLOSED = "已经截止。"
CLOSED_BY_THEN = "来不及，那时已经截止。"
TIME_LEFT = frozenset({STILL_OPEN, ALREADY_CLOSED, CLOSED_BY_THEN})
PREMISE_RIGHT = "是的。"
PREMISE_WRONG = "不是。通知写的是："
EXCEPTION_ONLY = "一般不能，有例外。"
MEETS_CONDITION = "符合这条要求。"
FAILS_CONDITION = "不符合这条要求。"
BARRED = "属于排除的情形。"
NOT_BARRED = "不属于所排除的情形。"
ALLOWED, FORBIDDEN = "可以。", "不可以。"
DEPENDS = "要看情况。"
FAILS_UNLESS = "一般不符合，有例外。"
COMPARED = "（通知写的是{required}，你说的是{stated}）"
COMPARED_IN_TURN = "（你说的是{stated}：{outcomes}）"
OUTCOME = "“{required}”{outcome}"
SATISFIED, NOT_SATISFIED = "满足", "不满足"
ELSEWHERE = "另有规定：“{words}”"
ONLY_THIS = "这里只核对这一条，其他条件也须满足。"
ELAPSED = "{stated}，算到{day}"
VERDICTS = frozenset(
    {
        PREMISE_RIGHT,
        PREMISE_WRONG,
        EXCEPTION_ONLY,
        MEETS_CONDITION,
        FAILS_CONDITION,
        BARRED,
        NOT_BARRED,
        ALLOWED,
        FORBIDDEN,
        DEPENDS,
        FAILS_UNLESS,
    }
)
OTHER_CONDITIONS = "“{section}”中还有："
MORE_CONDITIONS = "这只是其中一项，“{section}”中还有其他条件；问“申报条件有哪些”可看全部。"
RECOGNISED = "，由图片识别，请核对原件"
LIST_OF_ATTACHMENTS = "通知列出的附件："
SUPPLIED = "已收录"
NOT_SUPPLIED = "未收录"
FAILED = "回答没有通过核对，已停止发送。请换个问法，或直接查看原文。"

REPHRASED = "（以上由语言模型改写，日期、数值和出处已核对；以引文为准。）"
FAQ_LABEL = "常见问题（{day} 审定）："
