"""A trained reader -> bot/models/notice-reader: ONNX with 8-bit weights, tokenizer, hashes.

    python training/export_reader.py ENCODER_FOLDER TRAINED_FOLDER [--output bot/models/notice-reader]

Matrices are quantised in blocks of BLOCK weights with a scale each (ONNX Runtime's MatMulNBits), and so are the
activations as they come: one scale for a whole tensor of them, as in plain dynamic quantisation, made the relevances
ten times less exact. Prints how far the quantised reader is from the trained one, and how long it takes for eight
passages of 120 characters. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import (
    DefaultWeightOnlyQuantConfig,
    MatMulNBitsQuantizer,
)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from train_reader import reader_of

from bot.hashes import write_hashes
from bot.reading import FOLDER, OnnxReader

BLOCK, INT8_COMPUTE = 32, 4
QUESTION = "省级专精特新中小企业什么时候截止申报，材料交到哪里"
PASSAGE = (
    "（二）申报程序。符合条件的企业于2024年11月22日17:00前登录平台完成线上申报，并将纸质材料一式两份报送所在地县级主管部门；"
    "各市州主管部门对材料的完整性和真实性进行审核，于11月29日前将推荐文件和汇总表报送省厅中小企业处，逾期不予受理。"
)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("encoder", type=Path)
    parser.add_argument("trained", type=Path)
    parser.add_argument("--output", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)

    model = reader_of(options.encoder, options.trained / "reader.pt").eval()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder, "full.onnx")
        ids = torch.randint(5, 1000, (2, 40))
        torch.onnx.export(
            model,
            (ids, torch.ones_like(ids)),
            str(full),
            input_names=["input_ids", "attention_mask"],
            output_names=["relevance", "spans"],
            dynamic_axes={
                "input_ids": {0: "passages", 1: "tokens"},
                "attention_mask": {0: "passages", 1: "tokens"},
                "relevance": {0: "passages"},
                "spans": {0: "passages", 1: "tokens"},
            },
            opset_version=17,
            dynamo=False,
        )
        in_blocks = MatMulNBitsQuantizer(
            onnx.load(str(full)),
            algo_config=DefaultWeightOnlyQuantConfig(
                bits=8, block_size=BLOCK, is_symmetric=True, accuracy_level=INT8_COMPUTE
            ),
        )
        in_blocks.process()
        in_blocks.model.save_model_to_file(str(full))
        quantize_dynamic(
            full,
            options.output / "model.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["Gather"],
        )
    shutil.copyfile(options.encoder / "tokenizer.json", options.output / "tokenizer.json")
    write_hashes(options.output)
    compare(options.output, model)
    return 0


@torch.no_grad()
def compare(folder: Path, model: torch.nn.Module) -> None:
    reader = OnnxReader(folder)
    passages = [PASSAGE[i : i + 120] for i in range(0, 16, 2)]
    readings = reader.read(QUESTION, passages)
    ids = reader._rows(QUESTION, passages)[0]
    relevance = [
        float(model(torch.tensor([row]), torch.ones(1, len(row), dtype=torch.long))[0]) for row in ids
    ]
    far = np.abs(np.asarray([r.relevance for r in readings]) - np.asarray(relevance))
    times = []
    for _ in range(20):
        started = time.perf_counter()
        reader.read(QUESTION, passages)
        times.append(time.perf_counter() - started)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(
        f"{size:.1f} MB; largest difference of a relevance {far.max():.3f}; "
        f"eight passages of 120 characters in {np.median(times) * 1000:.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
