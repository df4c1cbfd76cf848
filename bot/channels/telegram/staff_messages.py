"""Every sentence that only staff read in Telegram; results of builds come from the publishing module."""

from __future__ import annotations

from typing import Final

COMMANDS: Final = {
    "status": "索引、文件、排队和待发布的上传",
    "refresh": "按知识库文件夹更新索引",
    "rollback": "退回上一版本",
    "faq": "常见问题，可加天数：/faq 30",
    "unanswered": "答不上来的问题，可加天数",
    "stats": "提问统计图，可加天数",
    "broadcast": "把通知的变化告诉订阅者",
}
"""Command -> description, in the order of the staff's menu. A document sent to the bot is an upload."""

# ---------------------------------------------------------------- uploads

TOO_LARGE: Final = (
    "“{name}”有 {size}，没有收下：Telegram 只让机器人下载 20 MB 以内的文件。"
    "请拆分或压缩其中的图片后再发，或者把它直接放进知识库文件夹再用 /refresh。"
)
WRONG_KIND: Final = "“{name}”没有收下：不认识这种文件。能读的格式有：{formats}。请另存为其中一种再发。"
AS_PICTURE: Final = "要收进知识库的图片请以“文件”方式发送（不压缩），否则文字会变模糊。"
NOT_DOWNLOADED: Final = "“{name}”没能从 Telegram 下载下来，没有收下。请把这个文件重新发一遍。"
RECEIVED: Final = "收到 {count} 个文件，放在待审区，还没有进知识库：\n{files}\n\n放进哪一份通知？"
RECEIVED_FILE: Final = "· {name}（{size}）"
ADD_OR_REPLACE: Final = "“{name}”放进“{notice}”：是新增的文件，还是替换已有的一份？"
CHECKING: Final = "正在检查，不影响现在的回答……"
FAILED: Final = "没有完成：{reason}"
RECEIPT_OLD: Final = "通知：{notice}"
RECEIPT_NEW: Final = "新通知，文件夹名：{notice}\n（要换一个名字，请直接回复这条消息，写上新名字）"
RECEIPT_REPLACES: Final = "替换：{path}"
RECEIPT_ADDS: Final = "新增：{path}"
RECEIPT_NOTICE_ADDED: Final = "知识库里原来没有这份通知。"
RECEIPT_UNCHANGED: Final = "与现在发布的内容相比，没有任何条款变化。"
RECEIPT_CHANGES: Final = "变化："
RECEIPT_MORE: Final = "……另有 {count} 处，未全部列出。"
RECEIPT_QUESTION: Final = "要发布吗？发布前，用户看到的回答不变。"
RECEIPT_PROBLEM: Final = "不能发布：\n{problem}"
SAME_FOLDER: Final = "已有名字相近的文件夹“{old}”。如果就是那一份，请点“换一份通知”。"
NAME_WRONG: Final = "这个名字不能用作文件夹名。请再回复一次，写一个不带斜杠等符号的名字。"
PUBLISHING: Final = "正在发布……"
TAKING_BACK: Final = "正在退回……"
PUBLISHED: Final = "已发布，用时 {seconds:.0f} 秒。版本 {version}。"
PUBLISHED_SAME: Final = "文件已放进知识库；内容与已发布的一样，版本仍是 {version}。"
DISCARDED: Final = "已放弃，文件已从待审区删除。知识库没有变化。"
TAKE_BACK_SURE: Final = "退回这次发布？\n{files}\n会恢复到发布前的样子，上传的文件回到待审区。"
TAKEN_BACK: Final = "已退回。现在的版本是 {version}；上传的文件回到了待审区，可重新发布或放弃。"
TAKEN_BACK_LEFT: Final = "以下文件在发布之后又被人改过，没有动：\n{files}"
UPLOAD_GONE: Final = "这批文件已经处理过了。现在的状态见 /status。"
RESUMED: Final = "机器人刚才在发布途中停过，这批文件没有发布完，请选择怎么办：\n{files}"

# ---------------------------------------------------------------- the index

REFRESHING: Final = "正在更新索引……"
COUNTS: Final = "{notices} 份通知，{documents} 个文件，{chunks} 条条款，{facts} 条事实。"
ROLLBACK_SURE: Final = (
    "退回到上一版本 {previous}（现在是 {current}）？\n"
    "知识库文件夹里的文件不会动，下次更新索引时会重新发布文件夹里的内容。"
)
ROLLBACK_UPLOAD: Final = (
    "现在的版本来自{by}发布的文件：\n{files}\n退回会把这些文件撤回待审区，恢复到发布前的样子。确定吗？"
)
ROLLBACK_NONE: Final = "没有更早的版本可以退回。"
ROLLED_BACK: Final = "已退回版本 {version}。机器人会在几秒内换用它。"
KEPT_AS_IS: Final = "好的，没有动。"

STATUS_NONE: Final = "还没有发布过索引。请用 /refresh 建立。"
STATUS_VERSION: Final = "版本 {version}，建于 {built}。"
STATUS_FAILED: Final = "上次没有读成的文件：{files}"
STATUS_CHANGED: Final = "知识库文件夹有 {count} 处改动还没有发布，可用 /refresh 发布：{files}"
STATUS_UNCHANGED: Final = "知识库文件夹与已发布的一致。"
STATUS_WORK: Final = "{work}。"
STATUS_IDLE: Final = "现在没有人在更新。"
STATUS_QUEUE: Final = "正在回答或排队的问题：{count} 个。"
STATUS_PENDING: Final = "待发布的上传 {count} 批："
STATUS_UPLOAD: Final = "{number}. {files}（{by}，{at}）{state}"
STATUS_INTERRUPTED: Final = "：发布中断过"
STATUS_HELD: Final = "暂停使用的常见问题（所依据的条款变了）：{entries}"
STATUS_HEARD: Final = "上次与 Telegram 通话：{seconds} 秒前。"
STATUS_UNDECIDED: Final = "有 {count} 处变化还没有决定是否告诉订阅者，见 /broadcast。"
STATUS_KEPT: Final = "保留的版本 {count} 个。"

# ---------------------------------------------------------------- buttons

PUBLISH: Final = "✅ 发布"
PUBLISH_AGAIN: Final = "✅ 继续发布"
DISCARD: Final = "🗑 放弃"
OTHER_NOTICE: Final = "换一份通知"
NEW_NOTICE: Final = "➕ 新通知"
PREVIOUS: Final = "‹ 上一页"
NEXT: Final = "下一页 ›"
AS_NEW_FILE: Final = "新增这个文件"
REPLACE: Final = "替换 {name}"
TAKE_BACK: Final = "↩️ 回退"
SURE: Final = "确定"
NO: Final = "不了"
CONTINUE: Final = "处理第 {number} 批"
TELL_SUBSCRIBERS: Final = "📣 告诉订阅者"
EXPIRED: Final = "已过期，请重新操作。"

# ---------------------------------------------------------------- changes for subscribers

BROADCAST_NONE: Final = "还没有记下任何变化。通知更新发布以后，变化会列在这里。"
BROADCAST_TITLE: Final = "最近的变化："
BROADCAST_LINE: Final = "{number}. 《{title}》，{n} 处"
BROADCAST_OPEN: Final = "还没有告诉订阅者（{people} 人）"
BROADCAST_TOLD: Final = "已于 {at} 发出"
BROADCAST_DROPPED: Final = "{at} 决定不发"
BROADCAST_NO: Final = "不发"
BROADCAST_NOT_SENT: Final = "好的，这处变化不发。"
BROADCAST_SO_FAR: Final = "：{sent}/{all} 人已送达"
BROADCAST_NOBODY: Final = "没有人订阅这份通知，不用发。内容是：\n\n{text}"
BROADCAST_ASK: Final = "下面这段话将发给订阅了这份通知的 {people} 个人（夜里的会等到早上 9 点）：\n\n{text}"
BROADCAST_SURE: Final = "发给 {people} 人"
BROADCAST_SENDING: Final = "正在发给 {people} 人……"
BROADCAST_PROGRESS: Final = "发送中{state}"
BROADCAST_DONE: Final = "这处变化已经决定过了，或者已过期。现在的情况见 /broadcast。"

# ---------------------------------------------------------------- reports

REPORTING: Final = "正在整理……"
REPORTING_NEW: Final = "正在整理……新的问法已看过 {done} 种"
DAYS_WRONG: Final = "天数请写 1 到 {most}，例如：/{command} 30"
PERIOD: Final = "{since} 至 {until}"
NO_QUESTIONS: Final = "{period}没有提问。"
FAQ_TITLE: Final = "{period}问得最多的（共 {asked} 次，{people} 人）："
FAQ_LINE: Final = "{number}. {title}\n   {count} 次，{people} 人{marks}"
FAQ_TODAY: Final = "   现在答：{answer}\n   依据：{place}"
FAQ_TODAY_NONE: Final = "   现在答：{answer}"
FAQ_RISING: Final = "，越来越多"
FAQ_FALLING: Final = "，越来越少"
FAQ_UNANSWERED: Final = "，{share:.0%} 没答上来"
FAQ_DOWN: Final = "，👎 {down}"
FAQ_MORE: Final = "另有 {count} 组，完整的报告用 python -m bot faq report 生成。"
FAQ_HOW: Final = "点一个编号，起草成常见问题："
UNANSWERED_TITLE: Final = "{period}答不上来的问题（共 {unanswered} 次）："
UNANSWERED_LINE: Final = (
    "{number}. {title}\n   {count} 次，{people} 人{now}；问法：{samples}；最近一次的编号 {question_id}"
)
UNANSWERED_NONE: Final = "{period}没有答不上来的问题。"
UNANSWERED_HOW: Final = "补上材料（把文件发给我）后会自动答上来；也可以点编号起草一条答案："
STATS_CAPTION: Final = (
    "{period}：提问 {asked} 次，{people} 人；没答上来 {unanswered} 次；👍 {up}，👎 {down}。"
)
DRAFT_BUTTON: Final = "起草 {number}"
APPROVE: Final = "✅ 审定"
DRAFTED: Final = "草稿 {id}：\n\n{text}\n\n改动请编辑 {file}。"
DRAFT_PROBLEM: Final = "现在还不能审定：{problem}"
APPROVED: Final = "已审定“{question}”。下次更新索引后生效，可以现在就用 /refresh。"
ALREADY_APPROVED: Final = "“{question}”已经有审定的常见问题了，不用再起草。看全部条目：python -m bot faq list"
ALREADY_REJECTED: Final = (
    "“{question}”以前被否决过，不再起草。要重新用它，请把 faq/drafts/rejected/{id}.md 移回 faq/drafts/。"
)
DRAFT_CHANGED: Final = "草稿在你看过之后又改动了，请重新查看后再审定。"
