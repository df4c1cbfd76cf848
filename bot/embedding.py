"""Text -> unit vectors; the only module that knows sentence-transformers."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from bot import embedding_default
from bot.errors import ModelError
from bot.onnx_model import run, session_of, tokenizer_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
"""(number of texts, dimension); every row has unit length, so that an inner product is a cosine."""
Vector = NDArray[np.float32]
"""(dimension,)"""
Progress = Callable[[int], None]
"""Called with the number of texts encoded since the last call."""

BATCH = 32
FEW = 256
"""So many passages are encoded in the time that sentence-transformers takes to be imported and loaded."""
LONGEST_PIECE = 16
"""Characters: no piece of the vocabulary is longer, so that a longer text can be cut before it is tokenised."""
E5_PREFIXES = (embedding_default.QUERY_PREFIX, embedding_default.PASSAGE_PREFIX)
"""E5 models were trained with these words in front of every query and every passage."""


class Encoder(Protocol):
    @property
    def name(self) -> str:
        """Name and digest of the weights: vectors of encoders with the same name can be compared."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of passages, in the order given."""


def load_encoder(model: str, cache: Path, threads: int = 0) -> Encoder:
    """The encoder named by `model`: `default`, or a sentence-transformers model's name or folder.

    The default model is made under `cache` at first use and needs no network. `threads` is for many
    texts, 0 leaves it to the machine; a question takes one. Raises ModelError, which says what to
    install or to set.
    """
    if model == "default":
        embedding_default.check_shipped()
        return DefaultEncoder(cache, threads)
    return SentenceTransformerEncoder(model, threads)


class OnnxEncoder:
    """A folder with an encoder's model.onnx and tokenizer.json: text -> unit vector. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = tokenizer_of(folder)
        self._tokenizer.enable_truncation(embedding_default.MAX_TOKENS)
        # One text is too little work to share out.
        self._session = session_of(folder, threads=1)

    def encode(self, text: str) -> Vector:
        """Unit vector of a text with its prefix; what lies beyond MAX_TOKENS is left out."""
        text = text[: LONGEST_PIECE * embedding_default.MAX_TOKENS]
        vector: Vector = run(self._session, [self._tokenizer.encode(text).ids])[0][0]
        return vector


class DefaultEncoder:
    """The shipped encoder: questions and a few passages by ONNX Runtime, at once; more by sentence-transformers.

    Both read the same weights; the first rounds what flows between them to 8 bits, so that their vectors differ by
    an angle whose cosine is above 0.999. Each is loaded when first needed.
    """

    name = embedding_default.name()
    dimension = embedding_default.DIMENSION

    def __init__(self, cache: Path, threads: int = 0) -> None:
        self._cache = cache
        self._threads = threads

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._one_by_one(texts, embedding_default.QUERY_PREFIX, None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if len(texts) <= FEW:
            return self._one_by_one(texts, embedding_default.PASSAGE_PREFIX, progress)
        return self._sentence_transformer.encode_passages(texts, progress)

    def _one_by_one(self, texts: Sequence[str], prefix: str, progress: Progress | None) -> Vectors:
        """Each text for itself, on as many processors as there are: batches of such short texts save little."""
        encode = self._onnx.encode
        if len(texts) == 1:  # a question: no threads are needed
            if progress:
                progress(1)
            return encode(prefix + texts[0])[np.newaxis]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        with ThreadPoolExecutor(min(self._threads or os.cpu_count() or 1, max(1, len(texts)))) as pool:
            for row, vector in enumerate(pool.map(lambda text: encode(prefix + text), texts)):
                vectors[row] = vector
                if progress:
                    progress(1)
        return vectors

    @cached_property
    def _onnx(self) -> OnnxEncoder:
        return OnnxEncoder(embedding_default.SHIPPED)

    @cached_property
    def _sentence_transformer(self) -> SentenceTransformerEncoder:
        folder = embedding_default.model_folder(self._cache)
        embedding_default.check_hashes(folder)
        return SentenceTransformerEncoder(str(folder), self._threads)


class SentenceTransformerEncoder:
    """Any model that sentence-transformers can load, on the processor."""

    def __init__(self, model: str, threads: int = 0) -> None:
        self._model = _loaded(model, threads)
        self._query_prompt, self._passage_prompt = _prompts(self._model, model)
        self.name = f"{Path(model).name}@{_weights_digest(self._model)}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoded(texts, self._query_prompt, None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encoded(texts, self._passage_prompt, progress)

    def _encoded(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        longest_first = sorted(
            range(len(texts)), key=lambda row: -len(texts[row])
        )  # little padding in a batch
        for start in range(0, len(texts), BATCH):
            rows = longest_first[start : start + BATCH]
            vectors[rows] = self._model.encode(
                [texts[row] for row in rows],
                prompt=prompt or None,
                batch_size=BATCH,
                show_progress_bar=False,
                normalize_embeddings=True,
            )
            if progress:
                progress(len(rows))
        return vectors


def _loaded(model: str, threads: int) -> SentenceTransformer:
    # Late: the import takes seconds. Quiet: the libraries draw bars and greet on standard error.
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise ModelError(f"缺少 {error.name}。请运行：pip install -r requirements.txt") from error
    if threads:
        torch.set_num_threads(threads)
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(
            model, device="cpu", backend="torch", local_files_only=Path(model).is_dir()
        )
    except Exception as error:  # a model brings its own code and its own ways to fail
        raise ModelError(
            f"无法加载向量模型“{model}”：{error}\n"
            "请检查 EMBEDDING_MODEL：应为 default、本机上的模型文件夹，或可以下载的 sentence-transformers 模型名。"
        ) from error


def _prompts(model: SentenceTransformer, name: str) -> tuple[str, str]:
    """Words to put before a query and before a passage: the model's own, else E5's for an E5 model."""
    own = model.prompts
    query = own.get("query") or ""
    passage = own.get("document") or own.get("passage") or ""
    if query or passage:
        return query, passage
    return E5_PREFIXES if "e5" in Path(name).name.lower() else ("", "")


def _weights_digest(model: SentenceTransformer) -> str:
    """Digest of some 4,000 values spread over every tensor: training any further changes it."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        values = tensor.detach().flatten()
        sample = values[:: max(1, len(values) // 4096)].float().cpu().numpy()
        digest.update(f"{name} {tuple(tensor.shape)}".encode() + sample.tobytes())
    return digest.hexdigest()[:12]
