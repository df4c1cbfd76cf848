"""Eighty questions about the real notice, asked of the program as it is shipped: floors that no change may go below."""

from __future__ import annotations

from datetime import date

import pytest
from bundled_encoder import bundled_encoder

from benchmarks.real_notice import with_questions
from bot.assistant import Assistant
from bot.evaluation import Outcome, evaluate, gold_questions
from bot.index.building import build_index
from bot.index.store import IndexStore
from bot.ranking import Ranker
from bot.reranking import Reranker

RIGHT, REFUSED = 0.75, 0.9
"""What is reached; the aim for the first is 0.9."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    folder = with_questions(tmp_path_factory.mktemp("notice"))
    index = tmp_path_factory.mktemp("index")
    build_index(folder, index, bundled_encoder())
    reranker = Reranker.load("default", threads=1)
    assistant = Assistant(IndexStore(index), bundled_encoder(), Ranker.from_file(), reranker=reranker)
    return evaluate(assistant, gold_questions(folder, date(2024, 11, 20)))


def test_most_questions_that_the_notice_answers_are_answered_rightly(outcomes: list[Outcome]) -> None:
    answerable = [o for o in outcomes if o.question.answerable]
    wrong = [o.question.text for o in answerable if not o.right]
    assert 1 - len(wrong) / len(answerable) >= RIGHT, wrong


def test_most_of_what_the_notice_does_not_say_is_refused(outcomes: list[Outcome]) -> None:
    unanswerable = [o for o in outcomes if not o.question.answerable]
    answered = [o.question.text for o in unanswerable if not o.refused]
    assert 1 - len(answered) / len(unanswerable) >= REFUSED, answered


def test_no_answer_states_what_its_clauses_do_not(outcomes: list[Outcome]) -> None:
    assert [o.question.text for o in outcomes if o.wrong_fact or o.not_literal] == []
