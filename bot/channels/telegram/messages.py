"""Every sentence that the Telegram channel says by itself; answers come from the assistant."""

from __future__ import annotations

from typing import Final

START: Final = {
    "zh": "你好！关于这些通知的申报条件、截止时间、材料和联系方式，直接问我就行，每条回答都附原文出处。",
    "en": "Hello! Ask me anything about these official notices, in Chinese or English. "
    "Every answer quotes the clause it stands on.",
}

HELP: Final = {
    "zh": "直接发问题就行，可以接着追问。\n"
    "在群里请用 /ask 加问题，或直接回复我的消息。\n\n"
    "/notices 选择只问哪一份通知\n"
    "/source 1 查看上一条回答第 [1] 处引用的整条原文\n"
    "/deadlines 还没到期的截止日期，可存进日历\n"
    "/check 对照申报条件逐项自查\n"
    "/remind 截止前提醒我，/reminders 看看设了哪些\n"
    "/subscribe 通知有改动时告诉我，/unsubscribe 取消\n"
    "/reset 换个话题，忘掉前面的对话\n"
    "/privacy 记录了什么、留多久、怎么删",
    "en": "Just send your question; follow-up questions work too.\n"
    "In a group use /ask with your question, or reply to one of my messages.\n\n"
    "/notices choose the notice to ask about\n"
    "/source 1 the whole clause behind [1] of the last answer\n"
    "/deadlines open deadlines, soonest first, also as a calendar file\n"
    "/check go through the criteria of a notice one by one\n"
    "/remind remind me before a deadline; /reminders lists them\n"
    "/subscribe tell me when a notice changes; /unsubscribe stops it\n"
    "/reset start a new topic\n"
    "/privacy what is kept, for how long, and how to delete it",
}

PRIVATE_COMMANDS: Final = {
    "zh": {
        "notices": "选择要问的通知",
        "source": "查看引用的整条原文，如 /source 1",
        "deadlines": "还没到期的截止日期",
        "check": "对照申报条件逐项自查",
        "remind": "截止前提醒我",
        "reminders": "我设的提醒",
        "subscribe": "通知有改动时告诉我",
        "unsubscribe": "取消订阅",
        "timezone": "换提醒用的时区",
        "reset": "新话题，忘掉前面的对话",
        "privacy": "记录了什么，怎么删",
        "help": "怎么用",
        "start": "从头开始",
    },
    "en": {
        "notices": "Choose the notice to ask about",
        "source": "Show a whole cited clause, e.g. /source 1",
        "deadlines": "Open deadlines, soonest first",
        "check": "Check yourself against the criteria",
        "remind": "Remind me before a deadline",
        "reminders": "My reminders",
        "subscribe": "Tell me when a notice changes",
        "unsubscribe": "Stop telling me",
        "timezone": "Time zone of the reminders",
        "reset": "Start a new topic",
        "privacy": "What is kept, and how to delete it",
        "help": "How to use this bot",
        "start": "Start over",
    },
}
"""Command -> description, in the order of the menu."""
_IN_GROUPS: Final = ("notices", "source", "deadlines", "reset", "help", "start")


def _group_commands(language: str, ask: str) -> dict[str, str]:
    return {"ask": ask, **{name: PRIVATE_COMMANDS[language][name] for name in _IN_GROUPS}}


GROUP_COMMANDS: Final = {
    "zh": _group_commands("zh", "提问，如 /ask 什么时候截止"),
    "en": _group_commands("en", "Ask a question, e.g. /ask When is the deadline?"),
}

ASK_USAGE: Final = "请把问题写在命令后面，例如：/ask 什么时候截止申报？"
SOURCE_USAGE: Final = "请写引用的编号，例如：/source 1"
SOURCE_NONE_YET: Final = "还没有可查看的出处，请先提一个问题。"
SOURCE_UNKNOWN: Final = "上一条回答没有第 [{n}] 处引用。"
SOURCE_PLACE: Final = "出处：{file}"
SOURCE_CUT: Final = "原文较长，这里只显示前一部分，其余请看原文件。"
RESET_DONE: Final = "好的，开始新话题。"
COMMAND_UNKNOWN: Final = "没有这个命令。直接发问题就行，用法见 /help。"
ONLY_TEXT: Final = "我目前只能看懂文字，请把问题打成文字发给我。"
EXPIRED: Final = "已过期，请重新提问。"

NOTICES_TITLE: Final = "要问哪一份通知？"
NOTICES_NONE: Final = "知识库里还没有通知。"
NOTICES_ALL: Final = "全部"
NOTICES_PREVIOUS: Final = "‹ 上一页"
NOTICES_NEXT: Final = "下一页 ›"
NOTICE_CHOSEN: Final = "好的，接下来只回答《{title}》的问题。想问别的，用 /notices 换。"
NOTICE_ALL_CHOSEN: Final = "好的，接下来在全部通知里找答案。"
NOTICE_GONE: Final = "这份通知已不在知识库里，请用 /notices 重新选择。"

BUSY: Final = "现在问的人多，请稍后再试。"
WAITING: Final = "前面还有 {n} 个问题，请稍等。"
TOO_MANY: Final = {
    "question": "问得有点多了，请过一会儿再问（每人每分钟最多 {a_minute} 个问题，每天最多 {a_day} 个）。",
    "touch": "点得太快了，请过一会儿再试。",
}
TOO_MANY_IN_GROUP: Final = "这个群里问得有点多了，请过一会儿再问，或者私聊我。"
TOO_SLOW: Final = "抱歉，这个问题没能及时答上来，请稍后再问一次。"
INCIDENT: Final = "抱歉，出了点问题，没能完成。请稍后再试；如反复出现，请把编号 {number} 告诉工作人员。"

ASKED: Final = "问：{question}"
SOURCE_BUTTON: Final = "📄 [{n}] 原文"
VOTE_UP: Final = "👍"
VOTE_DOWN: Final = "👎"
VOTE_THANKS: Final = "谢谢反馈"
VOTE_WHY: Final = "谢谢反馈。哪里不好？点一下原因。"
REASONS: Final = {
    "wrong": "答错了",
    "incomplete": "不完整",
    "outdated": "过时了",
    "not_asked": "答非所问",
}
REASON_THANKS: Final = "已记下：{reason}。谢谢，工作人员会看到。"
MAYBE_LOST: Final = "网络出了点问题，刚才的回答不一定送到了。没收到的话，点一下再发。"
AGAIN_BUTTON: Final = "🔁 再发一次"
SENT_AGAIN: Final = "好的，再发一次。"
NOTHING_TO_SHOW: Final = "（没有可显示的内容）"
REPAIRED: Final = "（原网页文字有误，已校正）"

# ---------------------------------------------------------------- links and inline mode

LINK_UNKNOWN: Final = (
    "这个链接指向的内容已经不在知识库里了，可能改过或者删掉了。直接问我，或用 /notices 选一份通知。"
)
CLAUSE_OF: Final = "出自《{notice}》"
INLINE_TOO_MANY: Final = "查得太快，请稍后再试"
INLINE_OPEN: Final = "在机器人里提问"
INLINE_LINK: Final = "查看原文"

# ---------------------------------------------------------------- reminders and subscriptions

ONLY_IN_PRIVATE: Final = "提醒、订阅和个人数据请在私聊里办。"
OPEN_PRIVATE_BUTTON: Final = "打开私聊"
REMIND_BUTTON: Final = "⏰ 提醒我"
REMIND_WHICH_NOTICE: Final = "要提醒哪一份通知的截止日期？"
REMIND_WHICH: Final = "《{title}》还没到期的截止日期，点一个我来提醒："
REMIND_NONE: Final = "《{title}》没有还没到期的截止日期。"
REMIND_NONE_AT_ALL: Final = "知识库里的通知都没有还没到期的截止日期。新通知出来后可以再来设。"
REMIND_DEADLINE_BUTTON: Final = "{what} {day}"
REMIND_DONE: Final = "好的，我会在 {moments} 提醒你（{zone}）：\n{deadline}\n日期改了我也会告诉你。"
REMIND_TOO_LATE: Final = "已记下：{deadline}\n离截止不到一天，来不及提前提醒了；日期改了我会告诉你。"
REMIND_GONE: Final = "这个截止日期已经变了或过了，请用 /remind 重新选。"
REMIND_TOO_MANY: Final = "已经设了 {n} 个，不能再多了。先用 {command} 删掉一些。"
REMINDERS_TITLE: Final = "你设的提醒（点一下就删除）："
REMINDERS_NONE: Final = "还没有设提醒。用 /remind 设一个。"
REMINDER_BUTTON: Final = "🗑 {what} {day}"
REMINDER_DROPPED: Final = "已删除这个提醒。"
DEADLINE: Final = "《{title}》{what}：{day}截止"
DEADLINE_WITHOUT_ACT: Final = "截止日期"

ZONE_TITLE: Final = "提醒用哪个时区？现在是 {zone}。也可以写：/timezone Europe/Paris"
ZONE_UNKNOWN: Final = "没有“{name}”这个时区。请写成 Asia/Shanghai、Europe/Paris 这样，或点下面的按钮。"
ZONE_DONE: Final = "好的，提醒按 {zone} 的上午 9 点发。"
ZONES: Final = {
    "Asia/Shanghai": "北京时间",
    "Asia/Urumqi": "乌鲁木齐",
    "Asia/Tokyo": "东京",
    "Asia/Singapore": "新加坡",
    "Europe/London": "伦敦",
    "Europe/Berlin": "柏林",
    "America/New_York": "纽约",
    "America/Los_Angeles": "洛杉矶",
}

# ---------------------------------------------------------------- deadlines and self-check

DEADLINES_MORE: Final = "……还有 {n} 个，见日历文件。"
DEADLINES_NONE: Final = "没有还没到期的截止日期，没有日历文件可发。"
ICS_ALL: Final = "📅 全部存进日历（.ics）"
ICS_ONE: Final = "📅 {title}"
ICS_CAPTION: Final = "{n} 个截止日期。点开文件，用日历打开即可；日期改了请重新下载。"
CHECK_WHICH: Final = "要自查哪一份通知？逐项对照申报条件，自查不代表认定。"
CHECK_GONE: Final = "这次自查已经不在了，请用 /check 重新开始。"
CHECK_SCOPE: Final = "中途可以提问，只在这份通知里找答案（用 /notices 换）。"
CHECK_NUMBER: Final = "也可以直接发数值（带单位），例如：3000 万元"
CHECK_BACK: Final = "‹ 上一项"
CHECK_STOP: Final = "先到这里"
CHECK_AGAIN: Final = "从头再来"
CHECK_LAST: Final = "改最后一项"

# ---------------------------------------------------------------- subscriptions

SUBSCRIBE_WHICH: Final = "要订阅哪一份通知的改动？截止日期、联系方式、金额等变了，我会告诉你旧的和新的。"
SUBSCRIBE_DONE: Final = (
    "好的，《{title}》的截止日期、联系方式、金额等有改动时我会告诉你。用 /unsubscribe 取消。"
)
UNSUBSCRIBE_WHICH: Final = "点一下取消订阅："
UNSUBSCRIBE_NONE: Final = "没有订阅任何通知。用 /subscribe 订阅。"
UNSUBSCRIBE_DONE: Final = "已取消订阅。"

REMINDER: Final = "⏰ {deadline}，{state}。"
REMINDER_LATE: Final = "（本应在 {planned} 提醒，因故迟到，抱歉。）"
REMINDER_MOVED: Final = (
    "📌 截止日期改了：《{title}》{what}\n原来：{before}\n现在：{after}（{state}）\n提醒已跟着改。"
)
REMINDER_DEADLINE_GONE: Final = (
    "📌 《{title}》里已经没有这个截止日期了：{what}，{day}。\n提醒已取消，请查看最新通知。"
)
NOTICE_CHANGED: Final = "📌 《{title}》有改动："
NOTICE_REMOVED: Final = "📌 《{title}》已从知识库里撤下，请以发文单位的最新通知为准。"
NOTICE_CHANGED_MORE: Final = "……另有 {n} 处改动，直接问我就行。"
MAYBE_TOLD: Final = "（这一条刚才可能已经发过，没能确认，再发一次；已收到请忽略。）"

# ---------------------------------------------------------------- privacy

PRIVACY: Final = (
    "记录了什么：\n"
    "· 你的问题、我的回答和你的评价，用加盐散列代替你的账号，{questions}；\n"
    "· 最近几个问题，用来接着聊，最多 {conversations} 天；\n"
    "· 还没答完的消息原样暂存，答完就删；\n"
    "· 自查（/check）的进度和你的选择，最多 {conversations} 天；\n"
    "· 如果你设了提醒或订阅：你的聊天编号、时区和所设的内容，删除或到期后清除。\n"
    "不记录姓名、用户名和电话。数据只存在本机构的服务器上，用来回答问题和整理常见问题。"
    "Telegram 的机器人聊天不是端到端加密的，请不要发送敏感信息。\n\n"
    "/my_data 导出你的全部数据\n"
    "/forget_me 删除你的全部数据"
)
KEPT_DAYS: Final = "保留 {days} 天"
KEPT_FOR_GOOD: Final = "不定期清理"
FORGET_SURE: Final = "要删除你的全部数据吗？包括提问记录、评价、对话、自查、提醒和订阅。删了就找不回来。"
FORGET_YES: Final = "删除全部"
FORGET_NO: Final = "不删"
FORGET_DONE: Final = "已全部删除。之后再提问会重新开始记录。"
FORGET_KEPT: Final = "好的，什么都没删。"
MY_DATA_CAPTION: Final = "这是保存的与你有关的全部数据。"
MY_DATA_NONE: Final = "没有保存任何与你有关的数据。"

# ---------------------------------------------------------------- running

RUNNING_ELSEWHERE: Final = (
    "这个机器人已经在运行：{holder}。同一个令牌只能有一个程序接收消息，请先停掉那一个再启动。"
)
METRICS_LISTEN_WRONG: Final = "METRICS_LISTEN 应为“主机:端口”，例如 127.0.0.1:9464。"
METRICS_PORT_TAKEN: Final = (
    "不能在 {listen} 上提供 /metrics（{reason}）。请改 METRICS_LISTEN 或停掉占用端口的程序。"
)
WARM_UP: Final = "什么时候截止申报？"
"""A question whose answer nobody reads."""
STARTED: Final = "Telegram 机器人已启动：@{username}"
UNREACHABLE: Final = "连不上 Telegram（{reason}），将继续重试。如所在网络不能直连，请设置 TELEGRAM_PROXY。"
TOKEN_IN_USE: Final = "另有一个程序正用同一个令牌接收消息"
TOKEN_MISSING: Final = "没有设置 TELEGRAM_BOT_TOKEN。请向 @BotFather 申请机器人令牌，写入 .env 后再启动。"
TOKEN_REFUSED: Final = (
    "Telegram 不认这个令牌。请核对 TELEGRAM_BOT_TOKEN；"
    "如设了 TELEGRAM_BASE_URL，请确认它是 Bot API 服务器的根地址，例如 http://127.0.0.1:8081。"
)
PROXY_WRONG: Final = (
    "TELEGRAM_PROXY 不是可用的代理地址，应形如 http://127.0.0.1:7890 或 socks5://127.0.0.1:1080。"
)
BASE_URL_WRONG: Final = "TELEGRAM_BASE_URL 应为 http:// 或 https:// 开头的地址，例如 http://127.0.0.1:8081。"
LISTEN_WRONG: Final = "TELEGRAM_WEBHOOK_LISTEN 应为“主机:端口”，例如 127.0.0.1:8080。"
SECRET_WRONG: Final = "TELEGRAM_WEBHOOK_SECRET 应为 1 至 256 个字母、数字、_ 或 -。"
WEBHOOK_PORT_TAKEN: Final = (
    "不能在 {listen} 上监听（{reason}）。请改 TELEGRAM_WEBHOOK_LISTEN 或停掉占用端口的程序。"
)
WEBHOOK_REFUSED: Final = (
    "Telegram 不接受这个回调地址（{reason}）。请核对 TELEGRAM_WEBHOOK_URL，须为公网 HTTPS 地址。"
)
