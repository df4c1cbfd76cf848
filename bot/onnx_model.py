"""A folder with model.onnx and tokenizer.json -> a session and a tokenizer; the only module that knows ONNX Runtime
for the models that are shipped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
PAD = 1
"""Id of <pad> in the vocabulary of XLM-R and what was cut from it."""


def tokenizer_of(folder: Path) -> Tokenizer:
    """The folder's tokenizer, which neither cuts nor pads."""
    from tokenizers import Tokenizer

    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def session_of(folder: Path, threads: int = 0) -> InferenceSession:
    """The folder's model on the processor; `threads`: 0 leaves it to the machine. Threads may share it."""
    from onnxruntime import InferenceSession, SessionOptions  # late: a fifth of a second

    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # A thread that waits by spinning takes the processor from the one it waits for on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])


def run(session: InferenceSession, rows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
    """Rows of token ids, padded to the longest -> the model's outputs, each with a first axis of rows."""
    ids = np.full((len(rows), max(map(len, rows))), PAD, np.int64)
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = tokens
    mask = (ids != PAD).astype(np.int64)
    outputs = session.run(None, {"input_ids": ids, "attention_mask": mask})
    return [np.asarray(output, np.float32) for output in outputs]
