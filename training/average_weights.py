"""Weights of some trainings of one reader -> their mean, a reader that reads better than each of them.

    python training/average_weights.py WEIGHTS WEIGHTS... --output FILE

The trainings must have gone out from common weights (a "uniform soup": Wortsman et al., 2022, arXiv:2203.05482), as a
training and the one that goes on from it with other questions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", type=Path, nargs="+", help="reader.pt of a training")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    readers = [torch.load(path, map_location="cpu", weights_only=True) for path in options.weights]
    first = readers[0]
    if any(reader.keys() != first.keys() for reader in readers):
        parser.error("these are weights of different models: give trainings of one reader")
    mean = {
        name: torch.stack([reader[name].float() for reader in readers]).mean(0).to(first[name].dtype)
        for name in first
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    torch.save(mean, options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
