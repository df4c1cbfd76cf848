"""An encoder as a sentence-transformers folder -> bot/models/notice-encoder: 8 bits a weight, with hashes.

    python training/pack_encoder.py ENCODER_FOLDER

Every matrix is kept as int8 rows with a scale a row, every vector in float32. Prints how near the packed encoder's
vectors are to the folder's on some sentences.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.bert import Bert
from bot.embedding_default import (
    CONFIG,
    PASSAGE_PREFIX,
    QUERY_PREFIX,
    SCALE,
    SHIPPED,
    TOKENIZER,
    WEIGHTS,
    model_folder,
    quantised,
)
from bot.hashes import write_hashes

SENTENCES = (
    f"{QUERY_PREFIX}什么时候截止申报？",
    f"{QUERY_PREFIX}who may apply, and how many copies",
    f"{PASSAGE_PREFIX}申報主體須在湖南省內註冊，具有獨立法人資格。",
    f"{PASSAGE_PREFIX}（一）石油石化、有色金属等有行业特殊情况的，允许法人的分支机构申报。联系电话：0731-88955383。",
)


def main(folder: Path) -> None:
    SHIPPED.mkdir(parents=True, exist_ok=True)
    packed = {}
    for name, values in load_file(folder / "model.safetensors").items():
        if name.startswith("pooler."):
            continue
        whole = values.astype(np.float32)
        if whole.ndim == 2:
            packed[name], packed[name + SCALE] = quantised(whole)
        else:
            packed[name] = whole
    save_file(packed, SHIPPED / WEIGHTS)
    (SHIPPED / WEIGHTS).chmod(0o644)
    shutil.copyfile(folder / "tokenizer.json", SHIPPED / TOKENIZER)
    shutil.copyfile(folder / "config.json", SHIPPED / CONFIG)
    write_hashes(SHIPPED)
    before = Bert.from_folder(folder)
    with tempfile.TemporaryDirectory() as cache:
        after = Bert.from_folder(model_folder(Path(cache)))
        cosines = [float(before.encode(s) @ after.encode(s)) for s in SENTENCES]
    size = sum(path.stat().st_size for path in SHIPPED.iterdir()) / 1e6
    print(f"{size:.1f} MB, least cosine {min(cosines):.5f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
