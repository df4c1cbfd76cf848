"""A sentence-transformers folder of multilingual-e5-small -> the same with the pieces that notices need.

    python training/cut_vocabulary.py MODEL_FOLDER OUTPUT_FOLDER [ENGLISH_TEXT ...]

Kept are the special pieces, all Han pieces, CJK and general punctuation, all numbers, the commoner ASCII pieces, and
those that occur in the English texts given: some 33,000 to 40,000 of 250,002. A kept piece has its vector and its
score, so that a text made of kept pieces has the same tokens and the same vector as before.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

COMMON = 30_000
"""The vocabulary is in order of frequency: ASCII pieces beyond this rank are of other languages, mostly."""
_HAN = r"[\u3400-\u9fff\u3005\u3007]+"
_PUNCTUATION = (
    r"[\u3000-\u303f\uff00-\uffef\u2010-\u2027\u2190-\u2193\u2460-\u2473\u00b0-\u00b9\u00d7\u2030-\u203b"
    r"\u25a0-\u26ff\u2200-\u22ff]+"
)
_ALWAYS = re.compile(
    rf"▁?(?:{_HAN}|(?:{_PUNCTUATION}|[0-9]|[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e])+|[a-zA-Z])|▁"
)
_ASCII = re.compile(r"▁?[\x21-\x7e]+")
WORDS = "embeddings.word_embeddings.weight"


PREFIXES = "query: passage: "
"""Words that stand in front of every text that is encoded."""


def kept_pieces(vocabulary: list[list[object]], in_use: set[int]) -> list[int]:
    """Ids that stay, ascending."""
    return [
        number
        for number, (piece, _) in enumerate(vocabulary)
        if number < 4
        or number in in_use
        or piece == "<mask>"
        or _ALWAYS.fullmatch(str(piece))
        or (number < COMMON and _ASCII.fullmatch(str(piece)))
    ]


def main(source: Path, target: Path, english: Sequence[Path] = ()) -> None:
    tokenizer = json.loads((source / "tokenizer.json").read_text("utf-8"))
    whole = Tokenizer.from_file(str(source / "tokenizer.json"))
    whole.no_truncation()
    lines = [line for path in english for line in path.read_text("utf-8").split("\n")]
    in_use = {number for e in whole.encode_batch([PREFIXES, *lines]) for number in e.ids}
    kept = kept_pieces(tokenizer["model"]["vocab"], in_use)
    new_id = {old: new for new, old in enumerate(kept)}
    tokenizer["model"]["vocab"] = [tokenizer["model"]["vocab"][old] for old in kept]
    for token in tokenizer["added_tokens"]:
        token["id"] = new_id[token["id"]]
    shutil.copytree(source, target, dirs_exist_ok=True)
    (target / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), "utf-8")
    weights = load_file(source / "model.safetensors")
    weights[WORDS] = weights[WORDS][torch.tensor(kept)].contiguous()
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((source / "config.json").read_text("utf-8"))
    config["vocab_size"] = len(kept)
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    (target / "sha256.json").unlink(missing_ok=True)
    print(f"{len(kept)} pieces of {whole.get_vocab_size()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("english", type=Path, nargs="*")
    options = parser.parse_args()
    main(options.model, options.output, options.english)
