"""The shipped weights, 8 bits each -> the notice encoder as a sentence-transformers folder, without a network.

`bot/models/notice-encoder` holds the weights once, and an ONNX graph that refers to them: questions go through that.
The folder that sentence-transformers reads is made of the same weights at the first build that is large enough for
it, in a second or two, and is then loaded like any other model.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import ModelError
from bot.hashes import changed_file, recorded_hashes, write_hashes
from bot.onnx_model import MODEL, TOKENIZER

NAME = "notice-encoder"
SHIPPED = Path(__file__).with_name("models") / NAME
WEIGHTS, CONFIG = "weights.safetensors", "config.json"
LAYOUT = "3"
"""Raised when the folder's content changes, so that an older one is not taken for it."""
REINSTALL = "请重新安装程序，或用 EMBEDDING_MODEL 指定另一个模型。"

DIMENSION = 384
MAX_TOKENS = 512
QUERY_PREFIX = "query: "
PASSAGE_PREFIX = "passage: "
SCALE, BLOCK, ZERO = ".scale", 32, 128
"""A matrix `m`, (rows, columns), is kept as uint8; a weight is (m - ZERO) times the float32 of its block of BLOCK
columns under `m.scale`, (rows, columns / BLOCK): the layout of ONNX Runtime's MatMulNBits at 8 bits."""
WORDS = "embeddings.word_embeddings.weight"


def name() -> str:
    """Name and digest of the default weights: vectors of encoders with the same name can be compared."""
    return f"{NAME}@{_digest(SHIPPED)}"


def model_folder(cache_folder: Path, shipped: Path = SHIPPED) -> Path:
    """Folder of the default model under `cache_folder`; made now if it is not there or is not whole.

    Raises ModelError when a shipped file is missing or damaged, or the folder cannot be written.
    """
    folder = cache_folder / f"{NAME}-{_digest(shipped)}"
    if is_whole(folder):
        return folder
    check_shipped(shipped)
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=cache_folder))
        try:
            _write(new, shipped)
            _replace(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"无法在 {cache_folder} 里写入默认模型（{error.strerror or error}）。"
            "请检查磁盘空间（约 130 MB）和写权限，或用 MODEL_CACHE_DIR 换一个文件夹。"
        ) from error
    return folder


def is_whole(folder: Path) -> bool:
    """Whether every file of the folder is there at its full size: milliseconds, for each start."""
    sizes = recorded_hashes(folder)
    return bool(sizes) and all(
        (folder / name).is_file() and (folder / name).stat().st_size == entry["bytes"]
        for name, entry in sizes.items()
    )


def check_hashes(folder: Path) -> None:
    """Compare every file with its recorded hash: about 0.1 s. Raises ModelError when one differs."""
    if damaged := changed_file(folder):
        raise ModelError(
            f"默认模型的文件 {folder / damaged} 已损坏。请删除文件夹 {folder} 后重试，它会自动重建。"
        )


def check_shipped(shipped: Path = SHIPPED) -> None:
    """Compare the shipped files with their hashes. Raises ModelError when one is missing or differs."""
    if not {MODEL, WEIGHTS, TOKENIZER, CONFIG} <= recorded_hashes(shipped).keys():
        raise ModelError(f"{shipped} 里没有完整的默认模型。{REINSTALL}")
    if damaged := changed_file(shipped):
        raise ModelError(f"默认模型的文件 {shipped / damaged} 已损坏。{REINSTALL}")


def quantised(weights: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(rows, columns) -> (uint8 of the same shape, scales (rows, columns / BLOCK)); the largest of a block is 127
    steps from ZERO."""
    blocks = weights.reshape(len(weights), -1, BLOCK)
    scale = np.maximum(np.abs(blocks).max(axis=2), 1e-12) / np.float32(127)
    steps = np.rint(blocks / scale[..., None]) + ZERO
    return steps.astype(np.uint8).reshape(weights.shape), scale.astype(np.float32)


def restored(steps: NDArray[np.uint8], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """What `quantised` gave -> the weights, each to half a step."""
    blocks = (steps.astype(np.float32) - ZERO).reshape(*scale.shape, BLOCK)
    return (blocks * scale[..., None]).reshape(steps.shape)


# ---------------------------------------------------------------- the parts


@cache
def _digest(shipped: Path) -> str:
    recorded = json.dumps(recorded_hashes(shipped), sort_keys=True)
    return hashlib.sha256(f"{recorded}\n{LAYOUT}".encode()).hexdigest()[:12]


def _replace(new: Path, folder: Path) -> None:
    """Rename `new` to `folder`; another process may have done the same a moment before."""
    if folder.exists() and not is_whole(folder):
        shutil.rmtree(folder)
    try:
        new.rename(folder)
    except OSError:
        if not is_whole(folder):
            raise


def _write(folder: Path, shipped: Path) -> None:
    from safetensors.numpy import load_file, save_file  # late: only the first start makes the folder

    tensors = dict(_tensors(load_file(shipped / WEIGHTS)))
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # its writer leaves it readable by the owner alone
    shutil.copyfile(shipped / TOKENIZER, folder / "tokenizer.json")
    shutil.copyfile(shipped / CONFIG, folder / "config.json")
    for name, content in SETTINGS.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    write_hashes(folder)
    folder.chmod(0o755)


def _tensors(shipped: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Name in a BertModel and values of every tensor; the word table in float16, the others in float32.

    Half precision of the word table, a third of the weights, costs a relative 2^-11 a value: less than a tenth of
    a quantisation step.
    """
    for name, values in shipped.items():
        if name.endswith(SCALE):
            continue
        scale = shipped.get(name + SCALE)
        whole = values if scale is None else restored(values, scale)
        yield name, whole.astype(np.float16 if name == WORDS else np.float32)
    # Mean pooling never looks at the pooler; zeros keep a loader from drawing random ones with a warning.
    yield "pooler.dense.weight", np.zeros((DIMENSION, DIMENSION), np.float32)
    yield "pooler.dense.bias", np.zeros(DIMENSION, np.float32)


SETTINGS: Mapping[str, Any] = {
    "tokenizer_config.json": {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
        "model_max_length": MAX_TOKENS,
        "model_input_names": ["input_ids", "attention_mask"],
    },
    "modules.json": [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ],
    "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
    "1_Pooling/config.json": {"word_embedding_dimension": DIMENSION, "pooling_mode_mean_tokens": True},
    "2_Normalize/config.json": {},
    "config_sentence_transformers.json": {
        "prompts": {"query": QUERY_PREFIX, "document": PASSAGE_PREFIX},
        "similarity_fn_name": "cosine",
    },
}
