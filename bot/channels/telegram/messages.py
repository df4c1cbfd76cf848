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
    "/reset 换个话题，忘掉前面的对话",
    "en": "Just send your question; follow-up questions work too.\n"
    "In a group use /ask with your question, or reply to one of my messages.\n\n"
    "/notices choose the notice to ask about\n"
    "/source 1 the whole clause behind [1] of the last answer\n"
    "/reset start a new topic",
}

PRIVATE_COMMANDS: Final = {
    "zh": {
        "notices": "选择要问的通知",
        "source": "查看引用的整条原文，如 /source 1",
        "reset": "新话题，忘掉前面的对话",
        "help": "怎么用",
        "start": "从头开始",
    },
    "en": {
        "notices": "Choose the notice to ask about",
        "source": "Show a whole cited clause, e.g. /source 1",
        "reset": "Start a new topic",
        "help": "How to use this bot",
        "start": "Start over",
    },
}
"""Command -> description, in the order of the menu."""
GROUP_COMMANDS: Final = {
    "zh": {"ask": "提问，如 /ask 什么时候截止", **PRIVATE_COMMANDS["zh"]},
    "en": {"ask": "Ask a question, e.g. /ask When is the deadline?", **PRIVATE_COMMANDS["en"]},
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
TOO_SLOW: Final = "抱歉，这个问题没能及时答上来，请稍后再问一次。"
INCIDENT: Final = "抱歉，出了点问题，没能完成。请稍后再试；如反复出现，请把编号 {number} 告诉工作人员。"

ASKED: Final = "问：{question}"
SOURCE_BUTTON: Final = "📄 [{n}] 原文"
VOTE_UP: Final = "👍"
VOTE_DOWN: Final = "👎"
VOTE_THANKS: Final = "谢谢反馈"
NOTHING_TO_SHOW: Final = "（没有可显示的内容）"
REPAIRED: Final = "（原网页文字有误，已校正）"

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
