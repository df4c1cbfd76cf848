"""Features and scores, worked out by hand, and the weights file that is shipped."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.datamodels import Chunk, ChunkKind, Fact, FactKind
from bot.errors import ModelError
from bot.question import understand
from bot.ranking import EVIDENCE_FEATURES, FEATURES, WEIGHTS_FILE, Ranker, features, missing_overlap

TODAY = date(2026, 11, 22)


def chunk(number: int, text: str, **more: object) -> Chunk:
    return Chunk(f"d#{number}", "d", "n", ChunkKind.CLAUSE, 0, len(text), text, **more)  # type: ignore[arg-type]


def fact(of: Chunk, kind: FactKind, value: str, actor: str = "") -> Fact:
    return Fact(kind, value, value, of.id, 0, 0, actor)


def row(question: str, *chunks: Chunk, facts: dict[str, list[Fact]] | None = None) -> list[dict[str, float]]:
    matrix = features(
        understand(question, today=TODAY),
        chunks,
        [0.9, 0.8][: len(chunks)],
        [4.0, 1.0][: len(chunks)],
        facts or {},
    )
    return [dict(zip(FEATURES, values, strict=True)) for values in matrix]


def test_scores_are_taken_beside_the_best_of_the_candidates() -> None:
    first, second = row("截止时间", chunk(1, "申报截止时间为明天。"), chunk(2, "材料装订成册。"))
    assert first["dense"] == pytest.approx(9.0) and second["dense_gap"] == pytest.approx(-1.0)
    assert first["lexical"] == 1.0 and second["lexical"] == 0.25


def test_form_is_the_share_of_rare_pairs_that_a_clause_holds() -> None:
    # asked: 公示 示期 期限; each occurs in one of two candidates or in none, and weighs log(3 / 1.5) or log(3)
    first, _ = row("公示期限", chunk(1, "公示期为五天。"), chunk(2, "材料装订成册。"))
    one, none = math.log(3 / 1.5), math.log(3)
    assert first["form"] == pytest.approx(2 * one / (2 * one + none))


def test_a_clause_that_states_what_is_asked_says_so() -> None:
    a, b = chunk(1, "每市推荐不超过6家。"), chunk(2, "报送一式2份。")
    facts = {a.id: [fact(a, FactKind.COUNT, "6 家")], b.id: [fact(b, FactKind.COUNT, "2 份")]}
    first, second = row("一个市能推荐几家", a, b, facts=facts)
    assert first["states_what_is_asked"] == 1.0
    assert second["states_what_is_asked"] == 0.0  # 份 is no answer to 几家


def test_the_actor_that_is_asked_about_tells_two_dates_apart() -> None:
    a, b = chunk(1, "企业于5月1日前填报。"), chunk(2, "市工信局于5月9日前报送。")
    facts = {
        a.id: [fact(a, FactKind.DATE, "2026-05-01", "企业")],
        b.id: [fact(b, FactKind.DATE, "2026-05-09", "市工信局")],
    }
    enterprise, authority = row("企业几号前要填完", a, b, facts=facts)
    assert (enterprise["actor_fits"], enterprise["actor_is_another"]) == (1.0, 0.0)
    assert (authority["actor_fits"], authority["actor_is_another"]) == (0.0, 1.0)


def test_missing_overlap_is_the_longest_shared_stretch() -> None:
    assert missing_overlap("要素条件里联网率多少", "智能工厂梯度培育要素条件") == 4
    assert missing_overlap("联网率", "申报书") == 0


def test_score_and_probability_by_hand() -> None:
    weights = np.zeros(len(FEATURES))
    weights[0] = 2.0
    evidence = np.zeros(len(EVIDENCE_FEATURES))
    evidence[0] = 1.0
    ranker = Ranker(weights, evidence, -1.0, 0.5)
    matrix = np.zeros((2, len(FEATURES)))
    matrix[1, 0] = 3.0
    assert ranker.scores(matrix).tolist() == [0.0, 6.0]
    known = np.zeros(len(EVIDENCE_FEATURES))
    known[0] = 1.0 + math.log(3)  # logit log 3: odds three to one
    assert ranker.answerability(known) == pytest.approx(0.75)


def test_the_shipped_weights_are_those_of_this_program() -> None:
    ranker = Ranker.from_file()
    assert ranker.weights.shape == (len(FEATURES),) and 0.0 < ranker.threshold < 1.0


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    data = json.loads(WEIGHTS_FILE.read_text("utf-8"))
    data["weights"].pop(FEATURES[0])
    (tmp_path / "w.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(ModelError, match="fit_ranking"):
        Ranker.from_file(tmp_path / "w.json")
