"""What people look up over a real index: deadlines, clauses by words and by link, what a new version changed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.catalogue import Catalogue
from bot.config import PROJECT
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.ranking import Ranker
from tests.bundled_encoder import bundled_encoder

NOTICE = "2024年度智能工厂梯度培育行动"
TODAY = date(2024, 11, 10)


class Office:
    """A knowledge folder, its index and the catalogue over it."""

    def __init__(self, root: Path) -> None:
        self.knowledge, self.index = root / "knowledge", root / "index"
        shutil.copytree(PROJECT / "knowledge" / NOTICE, self.knowledge / NOTICE)
        self.publish()
        self.store = IndexStore(self.index)
        self.catalogue = Catalogue(Assistant(self.store, bundled_encoder(), Ranker.from_file()))

    def publish(self) -> None:
        build_index(self.knowledge, self.index, bundled_encoder())

    def rewrite(self, before: str, after: str) -> None:
        """Changes words of the notice's main document and publishes it."""
        (path,) = (each for each in (self.knowledge / NOTICE).iterdir() if each.suffix == ".txt")
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
        self.publish()
        self.store.look()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_the_deadlines_of_the_real_notice_have_their_actors(office: Office) -> None:
    found = {each.value: each.actor for each in office.catalogue.deadlines(NOTICE)}
    assert found == {"2024-11-22": "申报主体", "2024-11-23": "各市州工信局"}


def test_a_clause_is_found_by_its_words_and_opened_by_its_link(office: Office) -> None:
    clauses = office.catalogue.clauses("线上申报 截止时间", today=TODAY, limit=5)
    assert "2024年11月22日" in clauses[0].text and len({each.link for each in clauses}) == len(clauses) <= 5
    opened = office.catalogue.clause_by_link(clauses[0].link)
    assert opened is not None and opened[0].text == clauses[0].text and opened[1].id == NOTICE
    assert office.catalogue.clause_by_link("0" * 12) is None


def test_links_and_changes_follow_a_new_version(office: Office) -> None:
    before = office.catalogue.version
    moved, kept = (
        next(each for each in office.catalogue.clauses(words, today=TODAY, limit=9) if value in each.text)
        for words, value in (("线上申报 截止", "11月22日"), ("联系电话", "0731-88955383"))
    )
    office.rewrite("2024年11月22日", "2024年11月29日")
    assert office.catalogue.version != before
    (change,) = office.catalogue.changes_since(before) or ()
    assert [(fact.label, fact.before, fact.after) for fact in change.facts] == [
        ("截止日期", "2024年11月22日", "2024年11月29日")
    ]
    assert office.catalogue.clause_by_link(moved.link) is None, "no other clause stands in for it"
    assert office.catalogue.clause_by_link(kept.link) is not None
    assert office.catalogue.changes_since("20200101-000000-000-00000000") is None
