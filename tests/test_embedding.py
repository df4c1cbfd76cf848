"""The bundled encoder, its making and its refusals."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from bot import embedding
from bot.embedding import OnnxEncoder, load_encoder
from bot.embedding_default import BLOCK, SHIPPED, check_hashes, model_folder, quantised, restored
from bot.errors import ModelError
from tests.bundled_encoder import MODEL_CACHE, bundled_encoder

TEXTS = [
    "什么时候截止申报？",
    "分公司能报吗",
    "Who do I contact?",
    "申報主體須在湖南省內註冊，具有獨立法人資格。",
    "",
    "（一）石油石化、有色金属等有行业特殊情况的，允许法人的分支机构申报。" * 8,
]


def test_a_block_is_quantised_as_worked_out_by_hand() -> None:
    rows = np.zeros((2, 2 * BLOCK), np.float32)
    rows[0, :3], rows[0, BLOCK] = (1.27, -0.635, 0.004), -254.0
    steps, scale = quantised(rows)
    # The largest of a block is 127 steps from 128, so that a step is 0.01 and 2; half of it rounds to the even neighbour.
    assert scale[0].tolist() == pytest.approx([0.01, 2.0])
    assert steps[0, :4].tolist() == [255, 64, 128, 128]
    assert steps[0, BLOCK : BLOCK + 2].tolist() == [1, 128]
    assert (steps[1] == 128).all()
    assert restored(steps, scale) == pytest.approx(rows, abs=0.0051)


@pytest.mark.parametrize(
    ("question", "paraphrase", "look_alike"),
    [
        ("企业什么时候截止申报", "公司最晚哪天要报上去", "市州什么时候截止推荐"),
        ("咨询电话是多少", "有问题打哪个电话", "材料发到哪个邮箱"),
        ("纸质材料要几份", "打印的材料交几套", "纸质材料寄到哪里"),
        ("分公司能不能申报", "分公司可以報嗎", "外省企业能不能申报"),
        ("县里初审截止到哪天", "县级部门初审最晚什么时候", "省里评审什么时候开始"),
        ("When is the deadline for enterprises?", "企业申报截止时间", "企业申报条件"),
        ("谁来评审", "专家评审由哪个单位组织", "评审结果在哪里公示"),
    ],
)
def test_a_paraphrase_is_nearer_than_a_look_alike(question: str, paraphrase: str, look_alike: str) -> None:
    asked, same, other = bundled_encoder().encode_queries([question, paraphrase, look_alike])
    assert asked @ same > asked @ other


def test_both_ways_to_encode_give_nearly_the_same_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = bundled_encoder()
    by_onnx = encoder.encode_passages(TEXTS)
    monkeypatch.setattr(embedding, "FEW", 0)
    by_sentence_transformers = encoder.encode_passages(TEXTS)
    assert (by_onnx * by_sentence_transformers).sum(axis=1).min() > 0.999
    assert by_onnx.dtype == by_sentence_transformers.dtype == np.float32
    assert by_onnx.shape == (len(TEXTS), encoder.dimension) == (6, 384)
    for vectors in (by_onnx, by_sentence_transformers):
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


@pytest.mark.parametrize("few", [0, 1000], ids=["sentence-transformers", "onnx"])
def test_passages_of_many_lengths_keep_their_order_and_are_counted(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "FEW", few)
    encoder = bundled_encoder()
    texts = [f"第{n}条" + "申报" * (n % 7) for n in range(70)]
    counts: list[int] = []
    vectors = encoder.encode_passages(texts, counts.append)
    assert sum(counts) == len(texts)
    for row in (0, 6, 41, 69):
        assert vectors[row] == pytest.approx(encoder.encode_passages([texts[row]])[0], abs=1e-5)


def test_no_text_gives_no_vector() -> None:
    assert bundled_encoder().encode_queries([]).shape == (0, 384)
    assert bundled_encoder().encode_passages([]).shape == (0, 384)


def test_meaning_ranks_the_right_clause_first() -> None:
    encoder = bundled_encoder()
    passages = encoder.encode_passages(
        [
            "企业于2024年11月22日前完成线上申报。",
            "联系人：潘晓军，电话0731-88955383。",
            "纸质申报书一式两份，加盖公章。",
        ]
    )
    queries = encoder.encode_queries(["什么时候截止", "联系电话是多少", "要交几份纸质材料"])
    assert (queries @ passages.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_a_text_is_cut_at_the_models_length() -> None:
    """A word is one or two tokens, so that 1,000 of them are too many already."""
    long, longer = bundled_encoder().encode_queries(["申报条件" * 1_000, "申报条件" * 25_000])
    assert longer == pytest.approx(long, abs=1e-5)


def test_a_cold_query_needs_neither_torch_nor_sentence_transformers() -> None:
    program = (
        "import sys; from pathlib import Path; from bot.embedding import load_encoder\n"
        f"load_encoder('default', Path({str(MODEL_CACHE)!r})).encode_queries(['截止时间'])\n"
        "print([name for name in ('torch', 'sentence_transformers', 'transformers') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_a_damaged_model_is_refused_and_a_cut_one_made_again(tmp_path: Path) -> None:
    folder = tmp_path / model_folder(MODEL_CACHE).name
    folder.mkdir()
    shutil.copytree(model_folder(MODEL_CACHE), folder, dirs_exist_ok=True)
    check_hashes(folder)

    config = folder / "config.json"
    whole = config.read_text("utf-8")
    config.write_text(whole.replace("12", "21", 1), "utf-8")
    with pytest.raises(ModelError, match="已损坏"):
        check_hashes(folder)

    config.write_text(whole[:-10], "utf-8")
    assert model_folder(tmp_path) == folder
    assert json.loads(config.read_text("utf-8"))["num_hidden_layers"] == 12
    check_hashes(folder)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_shipped_weights_that_are_damaged_or_gone_are_refused(tmp_path: Path) -> None:
    shipped, cache = tmp_path / "shipped", tmp_path / "cache"
    shutil.copytree(SHIPPED, shipped)
    with (shipped / "weights.safetensors").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"?")
    with pytest.raises(ModelError, match="已损坏。请重新安装"):
        model_folder(cache, shipped)
    (shipped / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="请重新安装"):
        model_folder(cache, shipped)
    with pytest.raises(ModelError, match="没有完整的默认模型"):
        model_folder(cache, tmp_path / "nowhere")
    assert not cache.exists() or not list(cache.iterdir())


def test_an_unknown_model_says_which_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="EMBEDDING_MODEL"):
        load_encoder(str(tmp_path), tmp_path)


def test_another_models_name_and_prefixes_follow_its_folder(tmp_path: Path) -> None:
    """Prompts of its own come first, so both copies lose the bundled folder's; one is trained further."""
    for name in ("my-e5", "my-model"):
        shutil.copytree(model_folder(MODEL_CACHE), tmp_path / name)
        (tmp_path / name / "config_sentence_transformers.json").unlink()
    tensors = load_file(tmp_path / "my-model" / "model.safetensors")
    tensors["encoder.layer.3.output.dense.bias"] += np.float32(0.01)
    save_file(tensors, tmp_path / "my-model" / "model.safetensors", metadata={"format": "pt"})

    e5, trained = (load_encoder(str(tmp_path / name), tmp_path) for name in ("my-e5", "my-model"))
    with_prefix, without = bundled_encoder().encode_queries(["截止"])[0], OnnxEncoder(SHIPPED).encode("截止")
    assert e5.encode_queries(["截止"])[0] @ with_prefix > 0.999
    assert e5.encode_passages(["截止"])[0] @ bundled_encoder().encode_passages(["截止"])[0] > 0.999
    assert trained.encode_queries(["截止"])[0] @ without > 0.99 > without @ with_prefix

    (e5_name, e5_digest), (trained_name, trained_digest) = e5.name.split("@"), trained.name.split("@")
    assert (e5_name, trained_name) == ("my-e5", "my-model")
    assert e5_digest != trained_digest
