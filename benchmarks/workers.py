"""A line of JSON with a command -> a line of JSON with what it measured: one process for each thing compared.

    python -m benchmarks.workers product|bare|peer

Each side has a process of its own, so that its memory is its own and one library's threads do not spin beside
another's work. The times are taken in here; the pipe is not in them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.config import load_settings
from bot.embedding_default import PASSAGE_PREFIX, QUERY_PREFIX, model_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Command = Callable[..., dict[str, Any]]

FOUND = 10
"""Passages that the peer gives for a question."""
TEXTS, VECTORS = "embedded_texts.json", "vectors.npy"


def main(kind: str) -> int:
    """Serves commands until standard input ends."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not reach the answers
    commands = {"product": Product, "bare": Bare, "peer": Peer}[kind]()
    for line in sys.stdin:
        arguments = json.loads(line)
        command: Command = getattr(commands, arguments.pop("do"))
        output.write(json.dumps(command(**arguments)) + "\n")
        output.flush()
    return 0


class Worker:
    """What every side can tell."""

    def memory(self) -> dict[str, Any]:
        """Peak resident memory of this process, MB. Not ru_maxrss: that counts the parent's before exec."""
        for line in Path("/proc/self/status").read_text("ascii", "replace").split("\n"):
            if line.startswith("VmHWM:"):
                return {"mb": int(line.split()[1]) / 1024}
        raise RuntimeError("Peak memory is read from /proc/self/status: run this on Linux.")


class Product(Worker):
    """The assistant, and its encoder alone."""

    def __init__(self) -> None:
        from bot.embedding import load_encoder

        settings = load_settings()
        self._encoder = load_encoder(settings.embedding_model, settings.model_cache_dir, settings.threads)

    def open(self, index: str) -> dict[str, Any]:
        from bot.assistant import Assistant
        from bot.index.store import IndexStore
        from bot.ranking import Ranker
        from bot.reranking import Reranker

        started = time.perf_counter()
        self._assistant = Assistant(
            IndexStore(Path(index)), self._encoder, Ranker.from_file(), reranker=Reranker.load("default")
        )
        return {"s": time.perf_counter() - started, "chunks": len(self._assistant.index.chunks)}

    def encode(self, question: str) -> dict[str, Any]:
        started = time.perf_counter()
        self._encoder.encode_queries([question])
        return {"ms": (time.perf_counter() - started) * 1000}

    def ask(self, question: str, today: str, notice: str | None = None) -> dict[str, Any]:
        day = date.fromisoformat(today)
        started = time.perf_counter()
        answer = self._assistant.ask(question, today=day, notice_id=notice)
        return {"ms": (time.perf_counter() - started) * 1000, "status": str(answer.status)}

    def warm(self, texts: list[str]) -> dict[str, Any]:
        """Load what encodes passages, few and many."""
        self._encoder.encode_passages(texts[:1])
        self._encoder.encode_passages(texts)
        return {}

    def build(self, knowledge: str, index: str) -> dict[str, Any]:
        """A build from nothing; the passages that it encoded are kept in the index folder."""
        from benchmarks.encoders import TimedEncoder
        from bot.index.building import build_index

        timed = TimedEncoder(self._encoder)
        started = time.perf_counter()
        receipt = build_index(Path(knowledge), Path(index), timed)
        seconds = time.perf_counter() - started
        Path(index, TEXTS).write_text(json.dumps(timed.texts), "utf-8")
        return {
            "s": seconds,
            "inside_encoder_s": timed.seconds,
            "chunks": receipt.counts.chunks,
            "encoded": receipt.encoded,
        }

    def encode_built(self, index: str) -> dict[str, Any]:
        """The passages of a build, by the encoder alone; the vectors are kept beside them."""
        texts = json.loads(Path(index, TEXTS).read_text("utf-8"))
        started = time.perf_counter()
        vectors = self._encoder.encode_passages(texts)
        seconds = time.perf_counter() - started
        np.save(Path(index, VECTORS), vectors)
        return {"s": seconds}

    def build_standing_in(self, knowledge: str, index: str, encoded: list[str]) -> dict[str, Any]:
        """A build whose passages get vectors made of those kept in other index folders; all else is real."""
        from benchmarks.encoders import StandInEncoder
        from bot.index.building import build_index

        texts = [text for folder in encoded for text in json.loads(Path(folder, TEXTS).read_text("utf-8"))]
        encoder = StandInEncoder(
            self._encoder, texts, np.concatenate([np.load(Path(f, VECTORS)) for f in encoded])
        )
        started = time.perf_counter()
        receipt = build_index(Path(knowledge), Path(index), encoder)
        seconds = time.perf_counter() - started
        return {
            "s": seconds,
            "chunks": receipt.counts.chunks,
            "encoded": receipt.encoded,
            "strangers": encoder.strangers,
        }

    def export_vectors(self, index: str) -> dict[str, Any]:
        """The vectors of a published index, in a file for the peer."""
        from bot.index.store import load_index

        np.save(Path(index, VECTORS), load_index(Path(index)).vectors.vectors())
        return {}

    def export_chunks(self, index: str) -> dict[str, Any]:
        """Every chunk that could answer, with the words that were encoded for it, by notice."""
        from bot.chunking import embedding_text
        from bot.datamodels import ChunkKind

        loaded = self._assistant.index
        by_notice: dict[str, list[tuple[str, str]]] = {}
        for chunk in loaded.chunks:
            if chunk.kind is not ChunkKind.HEADER:
                words = embedding_text(
                    chunk, loaded.notices[chunk.notice_id], loaded.documents[chunk.document_id]
                )
                by_notice.setdefault(chunk.notice_id, []).append((chunk.id, words))
        Path(index, TEXTS).write_text(json.dumps(by_notice), "utf-8")
        return {}

    def gold_chunks(self, notice: str, evidence: list[tuple[str, str]]) -> dict[str, Any]:
        """Ids of the chunks that overlap the gold clauses."""
        loaded = self._assistant.index
        spans = []
        for file, words in evidence:
            document = loaded.documents.get(f"{notice}/{file}")
            at = document.text.find(words) if document else -1
            if at >= 0:
                spans.append((f"{notice}/{file}", at, at + len(words)))
        ids = [
            chunk.id
            for row in loaded.notice_rows[notice]
            for chunk in [loaded.chunks[row]]
            if any(
                chunk.document_id == d and chunk.start < end and start < chunk.end for d, start, end in spans
            )
        ]
        return {"ids": ids}

    def passages(self, question: str, today: str, notice: str) -> dict[str, Any]:
        """Ids of the passages read for a question about one notice, best first, header rows left out."""
        from bot.datamodels import ChunkKind
        from bot.question import understand
        from bot.ranking import Ranker
        from bot.retrieval import retrieve

        understood = understand(question, today=date.fromisoformat(today), notice_id=notice)
        retrieved = retrieve(understood, self._assistant.index, self._encoder, Ranker.from_file())
        found = [p.chunk.id for p in retrieved.passages if p.chunk.kind is not ChunkKind.HEADER]
        return {"ids": found[:FOUND]}


class Bare(Worker):
    """sentence-transformers on the same weights, and nothing around it."""

    def __init__(self) -> None:
        self._model = bare_model()

    def encode(self, question: str) -> dict[str, Any]:
        started = time.perf_counter()
        self._model.encode(
            [question], prompt=QUERY_PREFIX, normalize_embeddings=True, show_progress_bar=False
        )
        return {"ms": (time.perf_counter() - started) * 1000}


def bare_model() -> SentenceTransformer:
    """The same weights, loaded by sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(model_folder(load_settings().model_cache_dir)), device="cpu", local_files_only=True
    )


class Peer(Worker):
    """txtai over FAISS with the same weights: question -> ids of ten passages; it writes no answers."""

    def __init__(self) -> None:
        from txtai import Embeddings

        self._models: dict[str, Any] = {}
        self._config = {
            "path": str(model_folder(load_settings().model_cache_dir)),
            "instructions": {"query": QUERY_PREFIX, "data": PASSAGE_PREFIX},
            "backend": "faiss",
        }
        self._embeddings = Embeddings(self._config, models=self._models)
        self._by_notice: dict[str, tuple[list[str], Any]] = {}

    def build(self, index: str, peer_index: str) -> dict[str, Any]:
        """Index and save the passages that a build of the product encoded."""
        texts = json.loads(Path(index, TEXTS).read_text("utf-8"))
        started = time.perf_counter()
        self._embeddings.index(list(enumerate(texts)))
        self._embeddings.save(peer_index)
        return {"s": time.perf_counter() - started}

    def build_of_vectors(self, index: str, peer_index: str) -> dict[str, Any]:
        """Index and save given vectors; questions go through the peer's own encoder."""
        from txtai import Embeddings

        vectors = np.load(Path(index, VECTORS))
        started = time.perf_counter()
        embeddings = Embeddings(
            {"method": "external", "transform": self._query_encoder(), "backend": "faiss"}
        )
        embeddings.index((row, vector, None) for row, vector in enumerate(vectors))
        embeddings.save(peer_index)
        return {"s": time.perf_counter() - started}

    def open(self, peer_index: str) -> dict[str, Any]:
        from txtai import Embeddings

        config = (
            json.loads(Path(peer_index, "config.json").read_text("utf-8"))
            if Path(peer_index, "config.json").is_file()
            else {}
        )
        started = time.perf_counter()
        embeddings = Embeddings(models=self._models)
        external = {"transform": self._query_encoder()} if config.get("method") == "external" else {}
        embeddings.load(peer_index, config=external or None)
        self._embeddings = embeddings
        return {"s": time.perf_counter() - started}

    def _query_encoder(self) -> Callable[[list[str]], Any]:
        from txtai import Embeddings

        own = Embeddings(self._config, models=self._models)
        own.index([(0, "")])  # makes its encoder ready

        def encode(texts: list[str]) -> Any:
            return own.batchtransform(texts, "query")

        return encode

    def search(self, question: str) -> dict[str, Any]:
        started = time.perf_counter()
        self._embeddings.search(question, FOUND)
        return {"ms": (time.perf_counter() - started) * 1000}

    def build_by_notice(self, index: str) -> dict[str, Any]:
        """An index a notice, of the product's chunks."""
        from txtai import Embeddings

        for notice, chunks in json.loads(Path(index, TEXTS).read_text("utf-8")).items():
            embeddings = Embeddings(self._config, models=self._models)
            embeddings.index([(row, words) for row, (_, words) in enumerate(chunks)])
            self._by_notice[notice] = ([chunk_id for chunk_id, _ in chunks], embeddings)
        return {}

    def passages(self, question: str, notice: str) -> dict[str, Any]:
        ids, embeddings = self._by_notice[notice]
        return {"ids": [ids[row] for row, _ in embeddings.search(question, FOUND)]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
