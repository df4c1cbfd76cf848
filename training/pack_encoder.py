"""An encoder as a sentence-transformers folder -> bot/models/notice-encoder: 8 bits a weight, an ONNX graph, hashes.

    python training/pack_encoder.py ENCODER_FOLDER

Every matrix is kept once, in weights.safetensors, in blocks with a scale each (`bot.embedding_default.quantised`),
and model.onnx refers to its bytes there. Prints how near the packed encoder's vectors are to the folder's on some
sentences, and how long a question takes. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file, save_file
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from transformers import BertModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.embedding import OnnxEncoder
from bot.embedding_default import (
    BLOCK,
    CONFIG,
    PASSAGE_PREFIX,
    QUERY_PREFIX,
    SCALE,
    SHIPPED,
    WEIGHTS,
    WORDS,
    ZERO,
    model_folder,
    quantised,
)
from bot.hashes import write_hashes
from bot.onnx_model import MODEL, TOKENIZER

SENTENCES = (
    f"{QUERY_PREFIX}什么时候截止申报？",
    f"{QUERY_PREFIX}who may apply, and how many copies",
    f"{PASSAGE_PREFIX}申報主體須在湖南省內註冊，具有獨立法人資格。",
    f"{PASSAGE_PREFIX}（一）石油石化、有色金属等有行业特殊情况的，允许法人的分支机构申报。联系电话：0731-88955383。",
)
BITS, INT8_COMPUTE = 8, 4
OPSETS = (("", 17), ("com.microsoft", 1))
Arrays = Mapping[str, NDArray[Any]]


class Sentence(nn.Module):
    """Token ids and mask, (n, tokens) -> unit vectors, (n, hidden)."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        shown = attention_mask.unsqueeze(-1).float()
        return nn.functional.normalize((hidden * shown).sum(1) / shown.sum(1), dim=-1)


def main(folder: Path) -> None:
    SHIPPED.mkdir(parents=True, exist_ok=True)
    whole = {
        name: values.astype(np.float32)
        for name, values in load_file(folder / "model.safetensors").items()
        if not name.startswith("pooler.")
    }
    packed = {}
    for name, values in whole.items():
        if values.ndim == 2 and len(values) > 2:
            packed[name], packed[name + SCALE] = quantised(values)
        else:
            packed[name] = values
    save_file(packed, SHIPPED / WEIGHTS)
    (SHIPPED / WEIGHTS).chmod(0o644)
    onnx.save(_packed_graph(_exported(folder), whole, packed, _places(SHIPPED / WEIGHTS)), SHIPPED / MODEL)
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    (SHIPPED / TOKENIZER).write_text(json.dumps(tokenizer, ensure_ascii=False), "utf-8")
    shutil.copyfile(folder / "config.json", SHIPPED / CONFIG)
    write_hashes(SHIPPED)
    _compare(folder)


def _exported(folder: Path) -> onnx.ModelProto:
    """The encoder's graph with its weights in float32."""
    bert = BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32).eval()
    ids = torch.randint(5, 1000, (2, 40))
    axes = {0: "texts", 1: "tokens"}
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "whole.onnx")
        torch.onnx.export(
            Sentence(bert),
            (ids, torch.ones_like(ids)),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "texts"}},
            opset_version=OPSETS[0][1],
            dynamo=False,
        )
        return onnx.load(str(path))


def _places(path: Path) -> dict[str, tuple[int, int]]:
    """(offset, length) of every tensor's bytes in a safetensors file: eight bytes, the JSON header's length; the
    header; the tensors."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    return {
        name: (8 + length + entry["data_offsets"][0], entry["data_offsets"][1] - entry["data_offsets"][0])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _packed_graph(
    model: onnx.ModelProto, whole: Arrays, packed: Arrays, places: Mapping[str, tuple[int, int]]
) -> onnx.ModelProto:
    """The graph with its matrix products and word vectors in blocks of 8 bits, all weights outside of it."""
    by_content = {_key(values): name for name, values in whole.items()}
    by_content |= {_key(values.T): name for name, values in whole.items() if values.ndim == 2}
    name_of, kept = {}, []
    for tensor in model.graph.initializer:
        name = by_content.get(_key(numpy_helper.to_array(tensor)))
        if name is None:
            kept.append(tensor)
        else:
            name_of[tensor.name] = name
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        weights = [name_of[each] for each in node.input if each in name_of]
        in_blocks = [name for name in weights if name + SCALE in packed]
        if node.op_type == "MatMul" and in_blocks:
            rows, columns = packed[in_blocks[0]].shape
            nodes.append(
                helper.make_node(
                    "MatMulNBits", [node.input[0], in_blocks[0], in_blocks[0] + SCALE], node.output,
                    domain="com.microsoft", K=columns, N=rows, bits=BITS, block_size=BLOCK,
                    accuracy_level=INT8_COMPUTE,
                )
            )  # fmt: skip
        elif node.op_type == "Gather" and in_blocks:
            nodes += _gathered(in_blocks[0], node.input[1], node.output[0])
        else:
            if in_blocks:
                raise ValueError(f"{node.op_type} {node.name} reads the matrix {in_blocks[0]}")
            for place, each in enumerate(node.input):
                node.input[place] = name_of.get(each, each)
            nodes.append(node)
    used = {each for node in nodes for each in node.input} & packed.keys()
    constants = [
        numpy_helper.from_array(np.array(ZERO, np.float32), "zero"),
        numpy_helper.from_array(np.array([0, 0, -1, BLOCK], np.int64), "blocks"),
        numpy_helper.from_array(np.array([0, 0, whole[WORDS].shape[1]], np.int64), "hidden"),
        numpy_helper.from_array(np.array([-1], np.int64), "last"),
    ]
    outside = [_outside(name, packed[name], places[name]) for name in sorted(used)]
    graph = helper.make_graph(
        nodes, "notice-encoder", model.graph.input, model.graph.output, [*kept, *constants, *outside]
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid(*each) for each in OPSETS], ir_version=8
    )


def _key(values: NDArray[Any]) -> tuple[tuple[int, ...], bytes]:
    return values.shape, np.ascontiguousarray(values).tobytes()


def _gathered(name: str, ids: str, output: str) -> Iterator[onnx.NodeProto]:
    """Rows of a matrix in blocks: (texts, tokens) ids -> (texts, tokens, columns) float32."""
    made = {
        each: f"{name}/{each}" for each in ("steps", "float", "from_zero", "cut", "scale", "scales", "times")
    }
    yield helper.make_node("Gather", [name, ids], [made["steps"]])
    yield helper.make_node("Cast", [made["steps"]], [made["float"]], to=TensorProto.FLOAT)
    yield helper.make_node("Sub", [made["float"], "zero"], [made["from_zero"]])
    yield helper.make_node("Reshape", [made["from_zero"], "blocks"], [made["cut"]])
    yield helper.make_node("Gather", [name + SCALE, ids], [made["scale"]])
    yield helper.make_node("Unsqueeze", [made["scale"], "last"], [made["scales"]])
    yield helper.make_node("Mul", [made["cut"], made["scales"]], [made["times"]])
    yield helper.make_node("Reshape", [made["times"], "hidden"], [output])


def _outside(name: str, values: NDArray[Any], place: tuple[int, int]) -> TensorProto:
    """A tensor whose bytes lie in WEIGHTS. MatMulNBits wants its matrix as (rows, blocks, block)."""
    kind = TensorProto.UINT8 if values.dtype == np.uint8 else TensorProto.FLOAT
    in_product = values.dtype == np.uint8 and not name.startswith("embeddings.")
    shape = (len(values), values.shape[1] // BLOCK, BLOCK) if in_product else values.shape
    tensor = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", WEIGHTS), ("offset", place[0]), ("length", place[1])):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)
    return tensor


def _compare(folder: Path) -> None:
    before = SentenceTransformer(str(folder), device="cpu").encode(list(SENTENCES), normalize_embeddings=True)
    after = OnnxEncoder(SHIPPED)
    cosines = [float(after.encode(s) @ v) for s, v in zip(SENTENCES, before, strict=True)]
    with tempfile.TemporaryDirectory() as cache:
        unpacked = SentenceTransformer(str(model_folder(Path(cache))), device="cpu")
        again = unpacked.encode(list(SENTENCES), normalize_embeddings=True)
    times = []
    for _ in range(40):
        started = time.perf_counter()
        after.encode(SENTENCES[0])
        times.append(time.perf_counter() - started)
    size = sum(path.stat().st_size for path in SHIPPED.iterdir()) / 1e6
    print(
        f"{size:.1f} MB; least cosine {min(cosines):.5f}, unpacked {(before * again).sum(1).min():.5f}; "
        f"a question in {np.median(times) * 1000:.1f} ms"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("encoder", type=Path)
    main(parser.parse_args().encoder)
