"""The shipped reader -> trained weights and a model folder, from which a training can go on.

    python training/unpack_reader.py OUTPUT_FOLDER [--reader bot/models/notice-reader]

Writes `reader.pt` for `train_reader.py --start` and `average_weights.py`, and the folder's `config.json`,
`model.safetensors` and `tokenizer.json`, which stand for ENCODER_FOLDER of `train_reader.py` and `export_reader.py`.
The weights are those of 8 bits, of which a relevance differs by some hundredths from the trained one: prints by how
much between the shipped reader and what is written. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx.numpy_helper import to_array
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from cut_vocabulary import WORDS
from export_reader import compare
from train_reader import LAYERS, reader_of

from bot.reading import FOLDER

ZERO = 128
"""What stands for 0 in a matrix at 8 bits (ONNX Runtime's MatMulNBits without zero points)."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    parser.add_argument("--reader", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)

    options.output.mkdir(parents=True, exist_ok=True)
    weights = weights_of(options.reader / "model.onnx")
    encoder = {
        name.removeprefix("encoder."): tensor
        for name, tensor in weights.items()
        if name.startswith("encoder.")
    }
    config = json.loads((FOLDER.with_name("notice-encoder") / "config.json").read_text("utf-8"))
    config |= {"vocab_size": len(encoder[WORDS]), "num_hidden_layers": LAYERS}
    (options.output / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    save_file(encoder, options.output / "model.safetensors", metadata={"format": "pt"})
    shutil.copyfile(options.reader / "tokenizer.json", options.output / "tokenizer.json")
    torch.save(weights, options.output / "reader.pt")
    compare(options.reader, reader_of(options.output, options.output / "reader.pt").eval())
    return 0


def weights_of(file: Path) -> dict[str, torch.Tensor]:
    """The weights of a reader that `export_reader.py` wrote, by their names in `ReaderModel`."""
    graph = onnx.load(str(file)).graph
    tensors = {each.name: to_array(each) for each in graph.initializer}
    found: dict[str, NDArray[np.float32]] = {}
    for node in graph.node:
        if node.op_type == "MatMulNBits":  # (rows, blocks, weights of a block), (rows, blocks)
            whole, scales = (tensors[name] for name in node.input[1:3])
            blocks = (whole.astype(np.float32) - ZERO) * scales[:, :, None]
            found[_matrix_name(node.name)] = blocks.reshape(len(whole), -1)
    for name, tensor in tensors.items():
        plain, _, form = name.rpartition("_")
        if form == "quantized":
            from_zero = tensor.astype(np.float32) - tensors[f"{plain}_zero_point"]
            found[plain] = from_zero * tensors[f"{plain}_scale"]
        elif form == "Transposed":
            found[plain] = tensor.T
        elif name.endswith((".weight", ".bias")):
            found[name] = tensor
    return {name: torch.from_numpy(np.array(each, np.float32)) for name, each in found.items()}


def _matrix_name(node: str) -> str:
    """`/encoder/encoder/layer.0/output/dense/MatMul_Q8` -> `encoder.encoder.layer.0.output.dense.weight`."""
    return node.strip("/").rpartition("/")[0].replace("/", ".") + ".weight"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
