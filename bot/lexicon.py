"""The field's words: what people say -> what notices write; English terms; cue words of each intent.

Data only. A line is one idea; add to it rather than to code.
"""

from __future__ import annotations

from bot.datamodels import FactKind, Intent

CENTRAL_ENTERPRISES = (
    r"中石[化油]|中海油|国家电网|南方电网|中国(?:石化|石油|移动|电信|联通|铁塔|中车|中铁|铁建|交建|中冶|五矿|商飞|华能|大唐|船舶|兵器)|"
    r"(?<![其集当])中车(?!间)|中航工业|航天科[技工]|国家?电投|宝武|鞍钢"
)
"""Names of enterprises of the central government, as people say them (regular expression)."""

SAID_TO_WRITTEN: tuple[tuple[str, str], ...] = (
    # what people say (regular expression) -> words that notices use for it
    (r"什么时候|啥时候|啥时|几时|何时|哪天|几号|几月|多会儿|什么时间|哪一天|时间", "时间 日期 截止"),
    (r"截止|截至|最后一天|最晚|过期|逾期|来得及|赶得上|deadline", "截止 前 之前 期限 逾期"),
    (r"多久|几天|多长时间|多少天|几个月|几年", "工作日 日内 期限 有效期"),
    (r"有效期|管几年|能用几年|管用", "有效期 有效"),
    (r"报名|申请|报(?![告送酬道销])|申领", "申报 申请 报名 填报"),
    (r"交材料|交什么|要交|带什么|要什么材料|准备什么|资料|手续|证件", "材料 提交 报送 提供"),
    (r"纸质|纸的|书面|打印", "纸质 书面 一式 装订"),
    (r"几份|多少份|几套|一式", "一式 份 套"),
    (r"盖章|公章|盖个章|签字", "加盖 公章 签字 盖章"),
    (r"装订|怎么装", "胶装 装订 成册"),
    (
        r"补多少|补几|给多少|奖多少|多少钱|多少补|补贴|补助|给钱|发钱|拿多少|奖金|奖励|好处|甜头|扶持|资助",
        "补助 补贴 奖励 奖补 资金 资助 万元 支持",
    ),
    (r"封顶|顶格|最多|上限|顶天|最高", "最高 不超过 上限"),
    (r"至少|最少|起步|下限|门槛|起码", "不低于 不少于 以上 达到"),
    (r"收费|要钱|花钱|费用|价格|交钱", "费 收取 元 缴纳 免费"),
    (r"找谁|联系谁|问谁|打给谁|联系人|找哪|咨询|打哪个|热线|客服|电话|手机", "联系人 联系电话 咨询 联系方式"),
    (r"邮箱|邮件|电邮|发到哪", "邮箱 电子邮箱 邮件"),
    (r"地址|在哪里?|哪儿|什么地方|门牌|几楼|怎么走", "地址 地点 路 号 楼"),
    (r"网址|网站|平台|系统|官网|哪里填|登录|登陆|网上", "平台 网址 系统 登录 在线 线上 网上"),
    (r"登不[上进]|打不开|进不去|崩|技术问题|账号|密码|系统问题", "技术支持 系统 平台 咨询"),
    (r"投诉|举报|反映", "投诉 举报 监督"),
    (
        r"谁(?:来|负责)?(?:审|评|批|认定|定|管)|归谁|哪个部门|哪家|由谁|主管",
        "负责 组织 评审 认定 审核 会同 由",
    ),
    (r"推荐|谁推", "推荐 择优 上报"),
    (
        r"条件|要求|资格|够格|能不能|能否|可不可以|可以吗|能报|行不行|符合|算不算|卡不卡|门槛",
        "条件 须 应 具有 不得 可以 允许",
    ),
    (r"不能|不得|禁止|不行|哪些人不|不予|排除", "不得 不予 除外 不受理 不再"),
    (r"分公司|分厂|子公司|办事处", "分支机构 独立法人 法人资格"),
    (r"个体户", "个体工商户"),
    (r"外地|异地|外省|外市", "注册 户籍 异地 本省 本市"),
    (r"造假|作假|骗补|骗|弄虚作假|虚假", "虚假 弄虚作假 取消 追回 骗取"),
    (r"后果|会怎样|怎么处理|咋处理|咋办|处罚|罚", "取消 撤销 处理 追究 不予 责令 通报"),
    (r"公示|公布|结果|名单", "公示 公布 名单"),
    (r"流程|步骤|怎么办|怎么弄|咋弄|程序|怎么报|如何", "程序 流程 申报 办理 步骤"),
    (r"名额|推荐几|报几|限额|推几|指标", "名额 不超过 推荐 限额"),
    (rf"国企|央企|中央企业|{CENTRAL_ENTERPRISES}", "中央企业 集团 国有企业"),
    (r"民企|民营", "民营企业"),
    (r"几级|级别|等级|层级|哪几级|档", "级 等级 层级 档"),
    (r"文号|几号文|第几号文", "号 文号"),
    (r"附件|表格|模板|样表|清单|下载", "附件 表 清单"),
    (r"复审|复核|年审|续|延期", "复核 复审 延续 重新认定 期满"),
    (r"评分|打分|得分|几分|多少分|分数", "分 评分 得分"),
    (r"比例|占比|百分之|几成|多少比例|点数", "比例 % 占比 不低于"),
    (r"现场|来人|上门|核查", "现场 核查 考察 实地"),
    (r"废止|作废|失效|老文件|旧文件|以前的", "废止 失效 停止执行 施行"),
    (r"什么意思|是啥|是什么|定义|怎么理解|含义|指什么|什么叫|算什么", "是指 所称 指"),
    (r"保密|涉密|机密", "国家秘密 商业秘密 涉密"),
    (r"挂靠|代办|中介|代理", "中介 代理 委托 收费"),
    (r"重复|叠加|同时享受|两样都", "重复 不重复 叠加 就高"),
    (r"优先|加分", "优先 加分 同等条件"),
)

ENGLISH: tuple[tuple[str, str], ...] = (
    (r"deadline|due date|closing date|last day|by when", "截止 期限 前"),
    (r"when|what time|date", "时间 日期"),
    (r"how long|how many (?:working )?days|duration|period", "期限 工作日 日内"),
    (r"valid(?:ity)?|expire", "有效期"),
    (r"eligib\w*|qualif\w*|can (?:we|i|a|an)|allowed|may ", "条件 资格 可以 申报"),
    (r"require\w*|criteri\w*|condition\w*", "条件 要求"),
    (r"appl(?:y|ies|icants?|ications?)", "申报 申请"),
    (r"declar\w+", "申报"),
    (r"register\w*|registration", "注册 登记 报名"),
    (r"contact|who should (?:i|we) call|person in charge", "联系人 联系电话"),
    (r"phone|telephone|call|hotline|number to call", "电话 联系电话"),
    (r"e-?mail|mailbox", "邮箱 电子邮箱"),
    (r"address|where|location|office", "地址 地点"),
    (r"website|platform|online|portal|url|link|system", "平台 网址 系统 线上"),
    (r"technical (?:support|problem|issue)s?", "技术支持 技术问题"),
    (r"document number|reference number", "文号"),
    (r"documents?|materials?|paperwork|submit\w*|submission", "材料 提交 报送"),
    (r"paper cop(?:y|ies)|hard cop(?:y|ies)|cop(?:y|ies)", "纸质 份"),
    (r"stamp\w*|seal\w*|signed|signature", "盖章 签字 公章"),
    (
        r"subsid\w*|fund\w*|grant\w*|reward\w*|award\w*|bonus|money|how much|amount",
        "补助 补贴 奖励 资金 万元",
    ),
    (r"maximum|cap|at most|limit|upper", "最高 不超过"),
    (r"minimum|at least", "不少于 不低于"),
    (r"fees?|cost|charge|price|pay\w*", "费 收取 缴纳"),
    (r"deposit", "押金 保证金"),
    (r"percent\w*|share|ratio|rate", "比例 %"),
    (r"scores?|points?|passing", "分 评分"),
    (r"quota|how many (?:projects|places|slots)", "名额 不超过"),
    (r"review\w*|evaluat\w*|assess\w*|approv\w*|decid\w*", "评审 审核 认定"),
    (r"recommend\w*", "推荐"),
    (r"publici[sz]ed|public notice|announce\w*|list", "公示 公布 名单"),
    (r"branch(?:es)?(?: office)?", "分支机构"),
    (r"compan(?:y|ies)|enterprises?|firms?|business(?:es)?", "企业"),
    (r"legal person|legal entity|corporate", "法人"),
    (r"central(?:ly)? (?:owned )?(?:enterprises?|soes?)", "中央企业"),
    (r"smart factor(?:y|ies)|intelligent factor(?:y|ies)", "智能工厂"),
    (r"levels?|tiers?|grades?", "级 层级"),
    (r"basic level", "基础级"),
    (r"advanced(?: level)?", "先进级"),
    (r"excellen(?:t|ce)(?: level)?", "卓越级"),
    (r"(?:leading|pilot|pioneer)(?: level)?", "领航级"),
    (r"attachments?|annex(?:es)?|appendi\w*|forms?|template", "附件 表"),
    (r"notice|circular", "通知"),
    (r"penalt\w*|punish\w*|false|fraud\w*", "处罚 虚假 取消"),
    (r"exceptions?|exempt\w*|except", "除外 免"),
    (r"definition|what is meant|mean(?:s|ing)?", "是指"),
    (r"province|provincial", "省 省级"),
    (r"cit(?:y|ies)|municipal", "市 市级"),
    (r"count(?:y|ies)|district", "县 区"),
    (r"experts?", "专家"),
    (r"patents?", "专利"),
    (r"research|r&d", "研发"),
    (r"revenue|sales|turnover", "收入 销售"),
    (r"employees?|staff|people|workers?", "人员 职工"),
    (r"train\w*", "培训"),
    (r"exam\w*|test", "考试"),
    (r"age", "年龄 周岁"),
    (r"subject line", "主题 邮件"),
    (r"site visit|on-?site|inspection", "现场 核查"),
    (r"bank|account", "账户 银行"),
    (r"conflict|prevail", "为准"),
)

INTENT_CUES: tuple[tuple[Intent, str], ...] = (
    (
        Intent.DEADLINE,
        r"截止|截至|deadline|due|什么时候|啥时候|啥时|几时|何时|哪天|(?<!话)(?<!话是)(?<!机)(?<!热线)几号(?!文|楼|窗)|几月|最后一天|最晚|过期|来得及|赶得上|多久|几天|多长时间|有效期|期限|when|how long|时间|几点|几年",
    ),
    (
        Intent.CONTACT,
        r"电话|联[系络]|找谁|问谁|找哪|打哪|邮箱|邮件|地址|在哪|哪里|哪儿|咨询|客服|热线|网址|网站|平台.{0,4}(?:是|地址|多少)|phone|contact|e-?mail|address|where|call|website|url",
    ),
    (
        Intent.AMOUNT,
        r"多少钱|补多少|奖多少|给多少|补贴|补助|奖励|资金|奖补|金额|费用|收费|价格|封顶|多少分|几分|比例|百分|名额|how much|subsid|fund|reward|fee|amount|money|几成|额度",
    ),
    (
        Intent.MATERIALS,
        r"材料|几份|多少份|几套|一式|盖章|公章|装订|证明|复印件|申请表|申报书|带什么|交什么|纸质|documents?|materials?|cop(?:y|ies)",
    ),
    (
        Intent.AUTHORITY,
        r"谁(?:来|负责)?(?:审|评|批|认定|定|管|推荐)|归谁|哪个部门|哪个单位|由谁|由哪|哪家|哪级|哪些部门|主管|牵头|who (?:review|decide|approve|is in charge)",
    ),
    (
        Intent.ELIGIBILITY,
        r"条件|资格|能不能|能否|可不可以|可以.{0,6}吗|能.{0,8}[吗么嘛不]|够格|要求|符合|算不算|行不行|eligib|qualif|can |不得|门槛",
    ),
    (Intent.DEFINITION, r"什么意思|是啥|定义|怎么理解|含义|指什么|什么叫|是指|mean"),
    (Intent.SCOPE, r"范围|对象|适用|哪些(?:企业|单位|人|项目)|多少家|几家|几个|哪几"),
    (Intent.ATTACHMENT, r"附件|附表|表格|清单|模板|样表|下载|attachment|annex|template"),
    (Intent.METADATA, r"文号|发文|印发|成文|哪个单位发|谁发的|几号文|哪年的通知|issued|document number"),
    (Intent.PROCESS, r"流程|步骤|怎么|如何|咋|程序|how (?:do|can|to)"),
    (Intent.COMPARISON, r"(?:和|跟|与|比).{0,12}(?:区别|不同|差别|变化|相比)|compare|difference"),
)

STILL_OPEN = r"(?:明天|后天|今天|现在|眼下|周[一二三四五六日天末]|这周|下周|下个?月|月底).{0,4}(?:[能可还来].{0,4}[报申交填投]|[报申交填投].{0,3}(?:行|可以|能|来))|还能.{0,3}[报申交填投]|还[可以]*[报交填]得|来得及|来不及|赶得上|赶不上|[还没]有?机会|晚了|晚不晚|还收|关门|过期了|过期吗|过没过期|过了没|截止了|还开着|没结束|结束了|still (?:open|possible|apply|submit)|too late"
"""Words that ask whether a date has passed (regular expression)."""
WOULD_ACT = r"[日号].{0,6}(?:[能可还再才].{0,4}[报申交填投递送寄补]|[报申交填投递送寄补].{0,6}(?:行|可以|能|晚|成|来))|(?:submit|apply|send).{0,16}(?:on|by) |(?:on|by) .{0,16}(?:submit|apply)"
NAMES_THE_DEADLINE = r"截止|截至|期限|最后|最晚|deadline|due|closing"
"""Words of a question that states a day: to do something on it, or as the deadline (regular expressions)."""

EXPECTED_FACTS: tuple[tuple[str, tuple[FactKind, ...]], ...] = (
    # question words (regular expression on the normalised question) -> kinds of value that answer them
    (
        r"什么时候|啥时|几时|何时|哪天|哪一天|(?<!话)(?<!话是)(?<!机)(?<!热线)几号(?!文|楼|窗)|几月|截止|截至|最后一天|最晚|日期|when|deadline|due date|几点|哪年|时间|last day|final day|cut ?off|by when|"
        + STILL_OPEN,
        (FactKind.DATE,),
    ),
    (
        r"多久|几天|多长时间|多少天|几个月|几年|有效期|期限|how long|how many (?:working )?days|几个工作日|多少日|多长",
        (FactKind.DURATION, FactKind.DATE),
    ),
    (
        r"多少钱|补多少|奖多少|给多少|金额|几块|多少元|几万|收费|费用|学费|会费|租金|押金|保证金|价格|价钱|单价|房价|多贵|补贴|补助|奖励|奖补|资金|资助|经费|花多少|交多少|how much|subsid|reward|fee|cost|奖金|封顶|额度",
        (FactKind.AMOUNT, FactKind.PERCENT),
    ),
    (
        r"电话|热线|客服|打哪|打给(?!我)|打谁|问哪|号码|phone|call|联[系络](?:方式|人)|找谁|问谁|contact|找哪",
        (FactKind.PHONE,),
    ),
    (r"邮箱|电邮|邮件|e-?mail", (FactKind.EMAIL,)),
    (r"网址|网站|官网|平台地址|website|url|登录哪|哪个平台|什么平台", (FactKind.URL,)),
    (r"比例|百分|占比|几成|percent|ratio|share|几个点", (FactKind.PERCENT,)),
    (
        r"几份|多少份|几套|多少人|几人|几个|多少个|几家|多少家|几项|多少项|几次|几张|几名|多少名|几岁|多大|年龄|名额|多少分|几分|字数|多少字|几页|how many|数量|几条|几种|几类|几级",
        (FactKind.COUNT,),
    ),
    (r"文号|几号文", (FactKind.DOC_NUMBER,)),
    (
        r"地址|在哪|哪里|哪儿|[到送交寄往]哪(?!天|个|些|位|年|月|[级种类])|几楼|门牌|什么地方|address|where",
        (FactKind.ADDRESS,),
    ),
)

GREETINGS = r"^(?:你好|您好|hi|hello|hey|嗨|哈[喽罗啰]|在吗|在不在|早上好|下午好|晚上好|早安|晚安|nihao|喂|good (?:morning|evening|afternoon))[呀啊吗哦~～!！。,.，?？\s]*$"
THANKS = r"^(?:好的?|知道了|明白了?|谢谢(?:你|您|啦|了)?|多谢|感谢|辛苦了|ok|okay|thanks?(?: you)?|thx|再见|拜拜|bye|收到|嗯+|哦+)(?:[，,！!。.\s呀啊了哈~～]*(?:谢谢(?:你|您|啦|了)?|知道了|明白了?|好的?)?)[呀啊哦~～!！。,.，\s]*$"
HELP = r"^(?:帮助|help|怎么用|使用说明|你(?:能|会|可以)(?:做|干|帮我?)?(?:什么|啥)?(?:做什么|干什么)?|你是谁|你是什么|能问(?:什么|啥)|what can you do|who are you)[呀啊吗呢?？。!！\s]*$"

_PAUSE = r"[，,。.！!：:～~、\s]"
ADDRESS = rf"^(?:(?:您好|你好|hello|hi|老师们?好?|领导好?|打扰一?下?了?|不好意思|请问(?:一下)?|麻烦(?:请问|问)?一?下?|我?想(?:请问|咨询|问|了解)(?:一?下)?|请?问一?下|我?再?问一?[个下](?:问题)?(?={_PAUSE})|急+(?={_PAUSE}))(?:[啊呀哈]?{_PAUSE}+|(?<=[问下])|(?<=好)))+"
"""What is said before a question and asks nothing."""
CLOSING_WORDS = rf"(?:{_PAUSE}*(?:谢谢(?:老师|领导|您|你|啦|了)?|多谢|感谢|拜托了?|在线等|thanks?(?: you)?|急+|[（(]急+[）)]|[呀啊哈](?=[？?！!。.～~\s]*$)))+[！!。.～~\s]*(?=[？?！!。.～~\s]*$)"
"""What is said after it."""

FILLERS = frozenset(
    [
        "的",
        "了",
        "吗",
        "呢",
        "吧",
        "啊",
        "呀",
        "么",
        "嘛",
        "哦",
        "我",
        "我们",
        "你",
        "你们",
        "您",
        "他",
        "它",
        "咱",
        "咱们",
        "请问",
        "请",
        "想",
        "问",
        "一下",
        "这个",
        "那个",
        "这",
        "那",
        "是",
        "有",
        "要",
        "在",
        "就",
        "都",
        "也",
        "还",
        "和",
        "与",
        "或",
        "给",
        "把",
        "被",
        "对",
        "从",
        "到",
        "能",
        "会",
        "可以",
        "什么",
        "怎么",
        "如何",
        "多少",
        "哪",
        "哪些",
        "哪个",
        "哪里",
        "谁",
        "几",
        "啥",
        "咋",
        "吗",
        "是不是",
        "有没有",
        "能不能",
        "the",
        "a",
        "an",
        "is",
        "are",
        "of",
        "to",
        "for",
        "in",
        "on",
        "do",
        "does",
        "i",
        "we",
        "you",
        "my",
        "our",
        "it",
        "this",
        "that",
        "what",
        "how",
        "can",
        "be",
        "and",
        "or",
        "with",
        "at",
        "by",
        "from",
        "must",
        "should",
        "will",
        "who",
        "when",
        "where",
        "which",
    ]
)

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚"
    "娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
)

GENERIC = (
    r"[交报送]名单|前[报交送填]|时间节点|节点|时间安排|哪些|[上下]午|晚上|中午|\d{1,2}[点时]半?|可以|行不行|行吗|行不|一天|"
    r"政策|拿不准|不懂|不明白|弄不清|不清楚|不会|打给|该|"
    r"那个|这个|那份|咱们?|厂子?|"
    r"什么时候|啥时候|啥时|几时|何时|哪天|几号|几月|什么时间|时间|日期|截止|截至|最后一天|最晚|期限|deadline|when|what|the|is|"
    r"申报|申请|报名|提交|交材料|材料|企业|我们|公司|单位|通知|项目|这个|这次|本次|这份|今年|本年度|请问|请|的|是|吗|呢|了|啊|呀|吧|要|在|到|为|有|还|能|会|就|"
    r"线上|网上|在线|最终|具体|大概|到底|什么|多少|怎么|如何|哪里|哪儿|哪个|哪|谁|几|多|少|一下|想|问|知道|告诉|下|"
    r"找谁|联系谁|问谁|打给谁|联[系络](?:人|方式|电话)|联[系络]|咨询|电话|号码|手机|热线|客服|方式|contact|phone|number|who|should|call|person|for|of|to|can|how|do|we|"
    r"邮箱|邮件|电子|e-?mail|address|网址|网站|平台|"
    r"补贴|补助|奖励|奖补|资金|补|奖|给|钱|金额|拿|subsidy|money|much|amount|are|there|any|get|"
    r"市州|市里|省里|工信局|主管部门|申报主体|推荐|报送|分别|各自|各是|都|和|与|及|哪一天|"
    r"现在|这会儿|明天|后天|今天|[昨前]天|才?听说|[这下]?个?(?:周|星期|礼拜)[一二三四五六日天末]?|月底|眼下|\d{1,2}[号日]|目前|那边|交|递|收不收|收|不收|没有|没|不上|不|"
    + STILL_OPEN
    + r"|"
    r"文号|文件|几号文|发文|发布|印发|下发|发的|出的|成文|单位|机关|部门|谁发的|本|号|document|notice|application|online|"
    r"软件|app|小程序|公众号|上?填报?|登[录陆]|注册|系统|入口|链接|官网|名字|名称|地址|叫|web ?site|web ?page|which|where|platform|portal|system|log ?in|compan(?:y|ies)|applicants?|apply|submit|submission|file|bureaus?|offices?|departments?|my|our|us|on|by|last|final|day|date"
)
"""Words that say of which kind a question is, or nothing at all (regular expression)."""

FIELD_WORDS = tuple(
    "申报 截止 截至 申请 报名 材料 通知 企业 条件 联系 电话 补贴 补助 奖励 资金 推荐 附件 盖章 公章 公示 认定 资格 期限 审核 评审 提交 网址 "
    "平台 系统 注册 登录 邮箱 邮寄 地址 时间 日期 项目 单位 负责 咨询 办理 证明 复印 打印 纸质 汇总 核查 验收 复核 年度 流程 代码 模板 窗口 要求 缴费 收费".split()
)
"""Words that are corrected where they are mistyped by sound; of two that sound alike the first that shares a character counts."""

ASKS_REASON = r"为啥|为什么|凭啥|凭什么|什么原因|啥原因|\bwhy\b"
REASON = r"因(?!此|而|素)|由于|原因|鉴于|考虑到?|避免|防止|为了|以便|有利于"
"""Asks for a reason, and states one (regular expressions)."""

ASKS_SITE = (
    r"(?:哪个?|什么|啥)(?:网站|网址|平台|系统|网页|官网|软件|app|小程序|公众号)|(?:网站|平台|系统)(?:是?叫|名字|名称|地址|网址|入口|链接|是(?:哪|什么|啥))|网址|"
    r"(?:网上|线上|在线|填报|申报|登[录陆]|注册|报名|申请)(?:地址|入口|链接)|(?:网上|线上|在线)[在从]?哪|[在从上]哪儿?里?(?:网上|线上|在线|登[录陆]|填|申报|报名)|"
    r"(?:where|how).{0,30}\b(?:online|log ?in|website)|(?:which|what)(?:'s| is| are)?(?: the)? (?:web ?site|site|web ?page|platform|portal|system)|\burl\b|log ?in"
)
"""Asks on which site one files (regular expression on the normalised question)."""

ENTERPRISE = r"企业|公司|我们|我司|单位自己|用人单位|所在单位|申报主体|申报单位|申报人|申请人|个人|厂|店|company|enterprise|applicant|online"
AUTHORITY = r"市州|市里|市级|各市|区县|县里|县级|州市|[\u4e00-\u9fff](?<![布结格邮当])局(?![部面势限])|主管部门|推荐单位|(?<!(?<![直级属央])单位)推荐|省厅|省里|上报|汇总|city|cities|bureau|recommend"
"""Words of a question that say whose date is asked for (regular expressions)."""
ENTERPRISE_ACTOR = r"企业|申报主体|申报单位|申报人|申请人|个人|用人单位|参评|申请单位|投稿人|考生|人员$|者$|主体$|(?:揭榜|报名|填报|承担|运营|实施|完成|建设)(?:单位|方)"
TIERS = (
    # tier, how a question names it, how a clause names who acts (regular expressions)
    (
        "county",
        r"区县|县区|各?[县区](?:里|级|局|上|直)|[县区][\u4e00-\u9fff]{1,6}局|[\u4e00-\u9fff]{2}县(?![级区域])|各县|街道|乡镇|镇里|\bcount(?:y|ies)\b|\bdistricts?\b",
        r"县|(?<!设)(?<!自治)(?<!社)(?<!园)区(?![域块])|旗|街道|乡镇",
    ),
    (
        "city",
        r"市州|州市|各?市(?:里|级|局|上|直)|市[\u4e00-\u9fff]{1,6}[局委]|各市|地市|设区市|\bcit(?:y|ies)\b|\bmunicipal\w*|\bprefectures?\b",
        r"(?<!直辖)(?<!单列)市(?![场民属])|州|设区",
    ),
    (
        "province",
        r"省(?:里|级|厅|局|上|直)|省[\u4e00-\u9fff]{1,6}[厅局委]|各省|\bprovinc\w+",
        r"省(?![辖属])|自治区|直辖市|计划单列市",
    ),
    (
        "central",
        rf"央企|中央(?:企业|单位|驻)|集团|总部|{CENTRAL_ENTERPRISES}|\bcentral\b|\bsoes?\b",
        r"中央|集团|总部|央企",
    ),
    ("association", r"协会|学会|商会|\bassociations?\b", r"协会|学会|商会"),
    (
        "person",
        r"个人|本人|我自己|职工|员工|老师|教师|考生|\bmyself\b|\bindividuals?\b",
        r"申报人|申请人|申报者|申请者|报名者|个人|本人|考生|报考人员",
    ),
    ("university", r"高校|大学(?!生)|院校|\buniversit\w+|\bcolleges?\b", r"高校|大学|高等院校|高等学校|院所"),
)

AUTHORITY_ACTOR = r"局|省直|厅|部门|委|办|中心|市|县|区|州|推荐单位|受理单位|归口|初审|协会|政府|[^总]部$|院$"
"""The same for the actor of a fact."""

QUESTION_WORDS = (
    r"请问|想问一?下|要(?=[几交带准什哪多报填写盖不])|是不是|能不能|可不可以|有没有|要不要|什么时候|啥时候|多少|怎么样|怎么|什么|哪[些个里儿天家位]?|几[号天个份时月]|由谁|谁来|谁|啥|咋|如何|"
    r"一下|我们|你们|我|你|吗|呢|吧|啊|呀|么|的|了|呗|嘛"
)
"""Words that carry a question and name nothing (regular expression)."""

ASKS_AMOUNT = r"多少钱|[补奖给拿领返]多少|多少元|几万|几块钱|金额|多少补|(?:补贴|补助|奖励|奖补|资金|奖金|经费|补偿).{0,4}(?:多少|几|标准)|how much (?:money|subsid|is|do|can|will)"
"""Words that ask for nothing but an amount of money (regular expression)."""
ASKS_IF_MONEY = r"(?:给|发|拿|领)(?:不给|点|些|得到|到)?(?:钱|奖金|补贴|补助|奖励)|有(?:没有|没)?(?:什么|啥)?(?:钱|奖金|补贴|补助|奖励)"
MONEY = r"奖励|奖补|奖金|补助|补贴|资金|经费|贴息|资助|扶持|拨付|[万亿]元|\d元"
"""Words that ask whether there is money at all, and those of a clause that could say so (regular expressions)."""

TECHNICAL = (
    r"(?:登|登录|登陆|注册|提交|上传|打|进|上|下载|填|保存)不(?:上|进|了|开|去|成)|崩溃|卡死|闪退|技术(?:问题|故障|支持)|系统(?:问题|故障|报错)|报错|"
    r"收不到验证码|忘记?了?密码|密码忘"
)
"""Trouble with a platform: whoever supports it is asked for, whether or not a number is given (regular expression)."""
TECHNICAL_GLOSS = "技术问题 技术支持"

LEVELS: tuple[tuple[str, str], ...] = (
    ("province", r"省里|省级|省厅|本省|全省|省(?=的|给|报|补|这|、|和|市|区)|自治区|provinc"),
    ("city", r"市里|市级|本市|市(?=的|给|补|这|、|和|区(?!县))|(?<=省)市|municipal|city"),
    ("district", r"区里|区级|县里|县级|区县级|街道|(?<=[省市、])区(?!县)|(?<=市、)区|district|county"),
)
"""Words of a question that name a level of office (regular expressions)."""

UNITS: tuple[frozenset[str], ...] = (
    frozenset("家 个 户 项".split()),
    frozenset("人 名 位 个".split()),
    frozenset("份 套 本 册".split()),
    frozenset("岁 周岁".split()),
    frozenset("级 档 个 类 种".split()),
    *(frozenset({unit}) for unit in "页 张 篇 字 次 分 亩 台 批 辆 间 条 件".split()),
)
"""Measure words that ask for the same number."""
ASKED_UNIT = r"(?:几|多少)\s*(周岁|家|个|户|项|人|名|位|份|套|本|册|岁|级|档|类|种|页|张|篇|字|次|分|亩|台|批|辆|间|条|件)(?!月|工作日|小时|钱)"
SERVICES = (
    r"(?:写|作|编|念|来|讲|说).{0,6}?(诗|笑话|段子|小说|情书|对联|绕口令|代码)|唱.{0,4}(歌)|(?:讲|编).{0,4}(故事)|"
    r"(?:忽略|无视|忘记|忘掉|别管).{0,10}(指令|提示词|设定|指示)|(提示词)|(扮演|假装)(?:成|一|你|我|个)|"
    r"(?:^|(?:帮我|给我|请(?!问)|把).{0,8})(翻译)(?:成|一下|下面|以下|这|:)(?!.*[吗么嘛])|"
    r"(?:write|compose|tell|sing).{0,16}\b(poem|joke|story|song|essay)|(?:ignore|disregard).{0,24}(instructions?|prompts?)|(system prompt)"
)
"""Words that ask for a service and for nothing that a notice says (regular expression; its groups name the thing)."""
LEGAL_FORM = (
    r"个体|分公司|分支机构|子公司|合伙|独资|自然人|个人(?!信息)|事业单位|社会组织|民办|合作社",
    r"法人资格|独立法人|(?:企业|事业|社团)法人|个体工商户|合伙企业|自然人",
)
PLACE = (
    r"外[省市地县区]|异地|[省市县]外的",
    r"(?:境内|辖区|区域|[省市区县州旗]|本地|所在地)内?.{0,6}(?:注册|登记|成立|纳税|落户|经营)|"
    r"(?:注册|登记|纳税|户籍|落户|生产经营|坐落).{0,8}(?:[省市区县州旗]|境内|辖区|区域|本地)|户籍",
)
"""Words of a question whether those of some legal form, or from elsewhere, may; those of a condition of that kind."""
PROVINCES = (
    r"北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|"
    r"陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
"""Provinces and what ranks with them, by their short names (regular expression)."""
NO_PLACES = frozenset(
    "东西 上门 上台 立马 回国 城市 新区 河滩 山坡 台风 中国 国内 全国 省内 市内 境内 本地 当地".split()
)
"""Words that the segmenter takes for places."""

PREMISE = r"[吧啵][?!。\s]*$|对[吗嘛么不吧]|没错|是不是|是吗|^(?:is|are) |.是(?:(?!能|可以|[,，;；。]).){1,24}[吗嘛么][?!。\s]*$|right\?"
"""Words of a question that states something and wants it confirmed (regular expression)."""

ASPECTS: tuple[tuple[str, str], ...] = (
    # what a question can be about besides its thing: two questions of which one has it are not the same
    ("cap", r"最高|封顶|上限|顶格|最多|顶天|\bcap\b|maximum|at most"),
    (
        "start",
        r"开[放启始通]|(?:系统|通道|平台|填报|申报).{0,3}开了|几号开|(?:从|自).{0,4}(?:什么时候|哪天|几号|几点)|"
        r"(?:什么时候|啥时候|何时|几时|哪天|哪一天|几号|几点).{0,4}(?:开|启动|可以|起)|还没到时间|\bopens?\b|\bstarts?\b",
    ),
    (
        "late",
        r"错过|逾期|过期了|没赶上|赶不上怎|补报|补交|补救|补上|晚了|过了截止|通融|关了|missed|\blate\b",
    ),
    ("repair", r"维修|漏水|报修|坏了"),
    ("complaint", r"投诉|举报|complain"),
    ("again", r"重新认定|再次认定|二次认定|复[审核]|期满|到期|续[期贷租]|\brenew|\bagain"),
    ("first", r"首次|头一[次回]|第一次|初次|首家|新认定|first[- ]time"),
    ("national", r"国家级|国家(?=小巨人)|全国|national"),
    ("paper", r"纸质|纸的|书面|打印|胶装|装订|hard cop|paper"),
    ("email", r"邮箱|e-?mail|电邮|邮件"),
    ("address", r"地址|寄|在哪|哪里|哪条路|几楼|address|where"),
    ("names", r"名单"),
    ("result", r"结果|公示|公布|list of"),
    ("payment", r"到账|发放|拨付|什么时候(?:给|发)钱"),
    ("issue", r"印发|发布|出台|发文"),
    ("share", r"占(?:几|多)|几成|比重|比例|百分|几个点|ratio|percent|\brate\b"),
    ("both", r"同时|一起报|两[类样个]|兼|二选一|双保险|都报|\bboth\b"),
    ("upgrade", r"升级|评[过上]了?(?:再|还|今年)|拿过|已经是|已获|称号的"),
    ("quota", r"名额|指标|[推报]几[家个]|能推|quota|nominate"),
    ("revoked", r"退[回款吗]|要退|追回|取消|撤销|假"),
    ("meaning", r"定义|什么意思|是指|指什么|含义|meaning"),
    ("form", r"模板|样表|表样|下载|template"),
    ("validity", r"有效期|管几年|失效|终身|能用多久|几年有效|\bvalid"),
    ("move", r"搬|更名|改.{0,3}名|重组|变更"),
    ("size", r"多大|大小|[mM]\b|兆|\bsize\b"),
    ("stage", r"答辩|现场核查|defen[cs]e"),
    ("choice", r"自[己我].{0,3}[选请定]|指定"),
    ("score", r"几分|多少分|得分|分数|自评\d|\d分|\bscore"),
    ("audit", r"审计"),
    ("copies", r"[几多一两]少?[份套本册]|份数|cop(?:y|ies)"),
    ("password", r"密码|password"),
    ("code", r"验证码"),
    ("abstract", r"摘要|abstract"),
    ("full text", r"全文|full paper"),
    ("person", r"个人|自己名义"),
    ("partners", r"合伙|几个人一起"),
)
"""Marks by which questions about one thing differ (regular expressions on the normalised question)."""
SYSTEM = (
    r"系统|平台(?!地址)|登[录陆不]|账号|密码|验证码|打不开|进不去|报错|崩|转圈|传不上|技术|小程序|网页|"
    r"portal|\btech|platform|system"
)
"""Words by which whoever supports the platform is asked for, in a question for a contact (regular expression)."""
