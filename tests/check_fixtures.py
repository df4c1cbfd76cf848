"""An index with the real notice and a made one, whose criteria and deadlines are known by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.assistant import Assistant
from bot.documents import read_parts
from bot.index.building import IndexBuilder
from bot.index.store import Index, IndexStore, load_index
from bot.ranking import Ranker
from tests.plain_encoder import PlainEncoder

PROJECT = Path(__file__).resolve().parent.parent
REAL = "2024年度智能工厂梯度培育行动"
MADE = "江海市数字工厂"
MADE_TITLE = "江海市工业和信息化局关于组织开展2026年江海市数字工厂申报工作的通知"
NOTICE = """江海市工业和信息化局关于组织开展2026年江海市数字工厂申报工作的通知

江工信〔2026〕8号

各区县工业和信息化局，各有关企业：

现将有关事项通知如下：

一、申报条件

（一）基本条件

1.在江海市注册登记、具有独立法人资格的制造业企业。

2.上年度营业收入不低于2000万元。

3.符合下列条件之一：

（1）近三年获得市级以上科技奖励；

（2）拥有有效发明专利3项以上。

（二）有下列情形之一的，不得申报

1.近三年发生较大以上安全事故的；

2.项目建成后投入运行不满6个月的。

（三）要素条件

按《数字工厂要素条件表》（附件1）执行。

二、申报程序

（一）企业申报。企业于{day}17:00前完成网上填报，逾期不予受理。

（二）区县推荐。各区县工业和信息化局于12月11日前将推荐文件报送市工业和信息化局，并附《推荐汇总表》（附件2）。

三、监督管理

提供虚假材料的，撤销称号，三年内不得申报。

四、联系方式

市工业和信息化局智能制造科 陈明 0731-88950011

附件：1.数字工厂要素条件表
2.推荐汇总表

江海市工业和信息化局
2026年10月20日
"""
TABLE = """# 附件1：数字工厂要素条件表

| 序号 | 要素 | 示范级 | 基础级 |
|---|---|---|---|
| 1 | 关键工序数控化率 | ≥70% | ≥50% |
| 2 | 设备联网率 | ≥80% | ≥60% |
| 3 | 典型场景 | 不少于5个 | — |
| 4 | 能耗管理 | 建有能源管理系统 | 建有能耗台账 |

注：第3、4项至少达到1项。
"""


def write_knowledge(folder: Path, day: str = "2026年12月1日", notice: str = NOTICE) -> Path:
    """The knowledge folder, with the deadline of the made notice as written."""
    shutil.copytree(PROJECT / "knowledge" / REAL, folder / REAL)
    (folder / MADE).mkdir()
    (folder / MADE / "通知.txt").write_text(notice.format(day=day), "utf-8")
    (folder / MADE / "附件1：数字工厂要素条件表.md").write_text(TABLE, "utf-8")
    return folder


def publish(knowledge: Path, root: Path) -> Index:
    """The index of a knowledge folder, published and loaded."""
    IndexBuilder(knowledge, root, PlainEncoder(), read_parts).build()
    return load_index(root)


def assistant_over(root: Path) -> Assistant:
    """The real assistant over a published index, with an encoder that needs no model."""
    return Assistant(IndexStore(root), PlainEncoder(), Ranker.from_file())
