"""The shipped reader: what it reads, how it refuses, and that its word counts."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from bot.glossary import in_chinese
from bot.hashes import HASHES
from bot.reading import FOLDER, SPAN_TOKENS, OnnxReader, best_span, load_reader
from bot.reranking import (
    EVIDENCE,
    WEIGHTS_FILE,
    ReadingWeights,
    Reranker,
    read_in_chinese,
    read_in_english,
)

CLAUSES = (
    "企业应于2024年11月22日前完成线上申报，逾期不予受理。",
    "各市州工信局于11月29日前将推荐文件和汇总表报送省厅。",
    "联系人：潘晓军，电话0731-88955383。",
    "纸质申报书一式两份，加盖公章，报送所在地县级主管部门。",
)


@cache
def reader() -> OnnxReader:
    return OnnxReader(FOLDER, threads=1)


@pytest.mark.parametrize(
    ("question", "clause", "words"),
    [
        ("企业什么时候截止申报", 0, "2024年11月22日"),
        ("市州什么时候报推荐文件", 1, "11月29日"),
        ("联系电话是多少", 2, "0731-88955383"),
        ("纸质材料交几份", 3, "两份"),
    ],
)
def test_the_clause_that_answers_is_the_most_relevant_and_its_words_are_found(
    question: str, clause: int, words: str
) -> None:
    readings = reader().read(question, CLAUSES)
    assert max(range(len(CLAUSES)), key=lambda i: readings[i].relevance) == clause
    found = CLAUSES[clause][readings[clause].start : readings[clause].end]
    assert set(words) & set(found), found


def test_a_question_that_nothing_answers_has_less_relevance_than_one_that_is_answered() -> None:
    def best(question: str) -> float:
        return max(reading.relevance for reading in reader().read(question, CLAUSES))

    assert best("企业什么时候截止申报") > best("食堂中午吃什么") + 2


def test_a_reading_does_not_depend_on_what_is_read_beside_it() -> None:
    """Padding and the order of the passages change the quantised activations a little, and nothing else."""
    alone = reader().read("联系电话是多少", CLAUSES[2:3])[0]
    among = reader().read("联系电话是多少", [*CLAUSES, "很长的一段。" * 100])[2]
    assert among.relevance == pytest.approx(alone.relevance, abs=0.5)
    assert (among.start, among.end) == (alone.start, alone.end)


def test_empty_and_endless_texts_are_read() -> None:
    assert reader().read("截止", []) == []
    (empty,) = reader().read("截止", [""])
    assert (empty.start, empty.end) == (0, 0)
    (long,) = reader().read("截止时间" * 500, ["申报条件" * 5_000])
    assert 0 <= long.start < long.end <= 20_000


def test_the_best_span_is_the_one_worked_out_by_hand() -> None:
    logits = np.array([[0, 9], [5, 0], [0, 1], [1, 4]], np.float32)
    # An end before its start does not count: 5 + 4 from 1 to 3; 0 + 9 from 0 to 0 is as good but 0 comes first.
    assert best_span(logits) == (0, 0)
    logits[1, 0] = 6
    assert best_span(logits) == (1, 3)
    far = np.zeros((SPAN_TOKENS + 2, 2), np.float32)
    far[0, 0], far[-1, 1], far[3, 1] = 10, 10, 1
    assert best_span(far) == (0, 3), "the end that is too far does not count"


def test_a_damaged_or_missing_reader_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(FOLDER, folder)
    assert OnnxReader(folder).name.startswith("reader@")
    with (folder / "model.onnx").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"?")
    with pytest.raises(ModelError, match="已损坏"):
        OnnxReader(folder)
    (folder / HASHES).unlink()
    with pytest.raises(ModelError, match="READER_MODEL"):
        OnnxReader(folder)


def test_a_question_is_read_in_the_words_of_the_passage_too() -> None:
    reader = OnnxReader(FOLDER)
    passages = ["资金于公示结束后30日内拨付到位。", "材料一式三份。"]
    said, written = (reader.read(words, passages) for words in ("钱啥时候打下来", "钱啥时候拨付"))
    best = max(said[0].relevance, written[0].relevance)
    assert [r.relevance for r in read_in_chinese("钱啥时候打下来", passages, reader)] == pytest.approx(
        [best, said[1].relevance], abs=1e-3
    )


def test_an_english_question_is_read_in_chinese_too() -> None:
    reader = OnnxReader(FOLDER)
    passages = ["申报平台出现技术问题的，请咨询技术支持单位，电话010-5555。", "材料一式三份。"]
    asked = "who do i call if the site is down"
    english, chinese = (reader.read(words, passages) for words in (asked, in_chinese(asked)))
    read = read_in_english(asked, passages, reader)
    means = [(a.relevance + b.relevance) / 2 for a, b in zip(english, chinese, strict=True)]
    assert [r.relevance for r in read] == pytest.approx(means, abs=1e-3)
    assert read[0].relevance > read[1].relevance


def test_without_a_reader_there_is_no_second_stage() -> None:
    assert load_reader("none") is None
    assert Reranker.load("none") is None


def test_weights_of_another_reader_are_refused(tmp_path: Path) -> None:
    name = reader().name
    assert len(ReadingWeights.from_file(name).evidence_weights) == len(EVIDENCE)
    with pytest.raises(ModelError, match="READER_MODEL=none"):
        ReadingWeights.from_file("another@0")
    data = json.loads(WEIGHTS_FILE.read_text("utf-8"))
    del data["evidence_weights"]["yes_no"]
    (tmp_path / "w.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(ModelError, match="版本不符"):
        ReadingWeights.from_file(name, tmp_path / "w.json")


def test_reading_needs_neither_torch_nor_transformers() -> None:
    program = (
        "import sys; from bot.reading import load_reader\n"
        "load_reader('default').read('截止时间', ['11月22日截止'])\n"
        "print([name for name in ('torch', 'transformers', 'onnx') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")
