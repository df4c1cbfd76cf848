"""(A BertModel's sentence-transformers folder, one text) -> unit vector, in NumPy.

sentence-transformers needs seconds and most of a gigabyte only to be imported. This forward pass reads
the same folder, gives the same vectors, and lets a cold question be answered at once. It has no batches:
for many texts use sentence-transformers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Array = NDArray[np.float32]

MAX_PIECE_CHARACTERS = 16
"""No piece of the XLM-R vocabulary is longer, so that a longer text can be cut before it is tokenised."""
DTYPES = {"F16": "<f2", "F32": "<f4"}


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights of one layer, each (inputs, outputs)."""

    query_key_value: Array
    query_key_value_bias: Array
    output: Array
    output_bias: Array
    output_norm: tuple[Array, Array]
    up: Array
    up_bias: Array
    down: Array
    down_bias: Array
    down_norm: tuple[Array, Array]


class Bert:
    """A BertModel with mean pooling and unit length: text -> (hidden,) float32. Safe to share by threads."""

    def __init__(
        self, tokenizer: Tokenizer, words: NDArray[Any], positions: Array, norm: tuple[Array, Array],
        layers: Sequence[Layer], heads: int, eps: float,
    ) -> None:  # fmt: skip
        self._tokenizer = tokenizer
        self._words = words
        self._positions = positions
        self._norm = norm
        self._layers = tuple(layers)
        self._heads = heads
        self._eps = eps
        self.dimension = int(words.shape[1])

    @classmethod
    def from_folder(cls, folder: Path) -> Bert:
        """Load config.json, tokenizer.json and model.safetensors; the word table stays on disk, mapped."""
        config = json.loads((folder / "config.json").read_text("utf-8"))
        tensors = mapped_tensors(folder / "model.safetensors")

        def norm(name: str) -> tuple[Array, Array]:
            return np.array(tensors[f"{name}.weight"]), np.array(tensors[f"{name}.bias"])

        def layer(prefix: str) -> Layer:
            projections = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
            return Layer(
                np.ascontiguousarray(np.concatenate([tensors[f"{p}.weight"] for p in projections]).T),
                np.concatenate([tensors[f"{p}.bias"] for p in projections]),
                np.ascontiguousarray(tensors[f"{prefix}.attention.output.dense.weight"].T),
                np.array(tensors[f"{prefix}.attention.output.dense.bias"]),
                norm(f"{prefix}.attention.output.LayerNorm"),
                np.ascontiguousarray(tensors[f"{prefix}.intermediate.dense.weight"].T),
                np.array(tensors[f"{prefix}.intermediate.dense.bias"]),
                np.ascontiguousarray(tensors[f"{prefix}.output.dense.weight"].T),
                np.array(tensors[f"{prefix}.output.dense.bias"]),
                norm(f"{prefix}.output.LayerNorm"),
            )

        positions = tensors["embeddings.position_embeddings.weight"]
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(len(positions))
        return cls(
            tokenizer,
            tensors["embeddings.word_embeddings.weight"],
            positions + tensors["embeddings.token_type_embeddings.weight"][0],
            norm("embeddings.LayerNorm"),
            [layer(f"encoder.layer.{n}") for n in range(config["num_hidden_layers"])],
            config["num_attention_heads"],
            config["layer_norm_eps"],
        )

    def encode(self, text: str) -> Array:
        """Unit vector, (hidden,), of a text; words beyond the model's length are left out."""
        text = text[: MAX_PIECE_CHARACTERS * len(self._positions)]
        x = self._words[self._tokenizer.encode(text).ids].astype(np.float32)
        x = self._normalised(x + self._positions[: len(x)], self._norm)
        for layer in self._layers:
            attended = self._attention(x @ layer.query_key_value + layer.query_key_value_bias)
            x = self._normalised(x + attended @ layer.output + layer.output_bias, layer.output_norm)
            inner = gelu(x @ layer.up + layer.up_bias)
            x = self._normalised(x + inner @ layer.down + layer.down_bias, layer.down_norm)
        mean = x.mean(axis=0)
        unit: Array = mean / np.linalg.norm(mean)
        return unit

    def _attention(self, query_key_value: Array) -> Array:
        """(tokens, 3 hidden) -> (tokens, hidden): softmax(Q K^T / sqrt(width)) V in every head."""
        tokens = len(query_key_value)
        heads = query_key_value.reshape(tokens, 3, self._heads, -1).transpose(1, 2, 0, 3)
        query, key, value = heads
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        attended: Array = (weights @ value).transpose(1, 0, 2).reshape(tokens, -1)
        return attended

    def _normalised(self, x: Array, norm: tuple[Array, Array]) -> Array:
        """Layer normalisation of every row."""
        weight, bias = norm
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(self._eps))
        normalised: Array = centred / spread * weight + bias
        return normalised


def gelu(x: Array) -> Array:
    """x/2 (1 + erf(x / sqrt 2)); erf as in Abramowitz and Stegun 7.1.26, right to 1.5e-7."""
    z: Array = np.abs(x) * np.float32(0.7071067811865476)
    t: Array = np.reciprocal(1 + np.float32(0.3275911) * z, dtype=np.float32)
    polynomial: Array = np.full(x.shape, 1.061405429, np.float32)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        polynomial = (polynomial * t + coefficient).astype(np.float32, copy=False)
    erf = np.copysign(1 - polynomial * t * np.exp(-z * z), x)
    result: Array = np.float32(0.5) * x * (1 + erf)
    return result


def mapped_tensors(path: Path) -> Mapping[str, NDArray[Any]]:
    """Every tensor of a safetensors file, mapped: nothing is read before it is used.

    The format: eight bytes, the header's length; the header, JSON; the tensors' bytes.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    data = np.memmap(path, np.uint8, "r", offset=8 + length)
    return {
        name: np.asarray(data[slice(*entry["data_offsets"])].view(DTYPES[entry["dtype"]])).reshape(
            entry["shape"]
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }
