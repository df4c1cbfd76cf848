"""Texts <-> rows by their words: BM25; the only module that knows tantivy.

A text's terms are its Chinese characters, pairs of neighbouring characters and dictionary words, and
its Latin words and numbers, after one normalisation for both sides. Pairs find the words that no
dictionary has (专精特新), single characters the short and the misspelt question; a pair that is a word
counts twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import opencc
import rjieba
import tantivy

from bot.errors import IndexDamaged

HEADING_BOOST = 0.25
"""Weight of a word found in the headings above, beside 1 for the text itself."""
MAX_QUERY_CHARACTERS = 2000
MAX_QUERY_TERMS = 64
"""Of a longer query the rarest terms are searched, so that no question can hold up the others."""
ANALYZER = "terms"

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True)
class LexicalText:
    """What is searched of one chunk; its row is its position in the sequence."""

    notice_id: str
    text: str
    headings: str = ""


def terms_of(text: str) -> list[str]:
    """Search terms in the order of the text, repeats kept.

    Both scripts, both widths and both cases give the same terms; `2,000` gives `2000`.
    """
    terms = []
    for run in _RUN.findall(_normalised(text)):
        if not _IS_HAN.match(run):
            terms.append(run)
            continue
        terms.extend(run)
        terms.extend(run[at : at + 2] for at in range(len(run) - 1))
        terms.extend(word for word in rjieba.cut(run) if len(word) > 1)
    return terms


def _normalised(text: str) -> str:
    return _THOUSANDS.sub("", _to_simplified().convert(unicodedata.normalize("NFKC", text)).casefold())


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


class LexicalIndex:
    """A folder on disk, searched with BM25 (k1 1.2, b 0.75)."""

    def __init__(self, index: tantivy.Index) -> None:
        index.register_tokenizer(ANALYZER, _analyzer())
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def build(cls, path: Path, texts: Sequence[LexicalText]) -> LexicalIndex:
        """Write a new index into the folder `path`, which is made; row i is texts[i]."""
        path.mkdir(parents=True)
        index = tantivy.Index(_schema(), str(path))
        index.register_tokenizer(ANALYZER, _analyzer())
        writer = index.writer(num_threads=1)  # one segment: rows keep their order
        for row, text in enumerate(texts):
            document = tantivy.Document()
            document.add_unsigned("row", row)
            document.add_text("notice", text.notice_id)
            document.add_text("text", " ".join(terms_of(text.text)))
            document.add_text("headings", " ".join(terms_of(text.headings)))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return cls(index)

    @classmethod
    def open(cls, path: Path) -> LexicalIndex:
        """Raises IndexDamaged where the folder holds no index of this kind."""
        try:
            index = tantivy.Index.open(str(path))
        except ValueError as error:
            raise IndexDamaged(f"全文索引 {path} 无法读取。请重新运行：python index_builder.py") from error
        return cls(index)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(
        self, query: str, k: int, notice_ids: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """The k rows with the highest BM25 score above 0, best first, equals by row.

        Within these notices only, if given.

        `query` is plain words: no character of it has a meaning of its own.
        """
        terms = self._query_terms(query)
        if not terms or k < 1 or not len(self):
            return []
        schema = self._index.schema
        should = []
        for term in terms:
            in_text = tantivy.Query.term_query(schema, "text", term)
            in_headings = tantivy.Query.term_query(schema, "headings", term)
            should += [
                (tantivy.Occur.Should, in_text),
                (tantivy.Occur.Should, tantivy.Query.boost_query(in_headings, HEADING_BOOST)),
            ]
        scored = tantivy.Query.boolean_query(should)
        if notice_ids is not None:
            inside = tantivy.Query.term_set_query(schema, "notice", list(notice_ids))
            scored = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Must, scored),
                    (tantivy.Occur.Must, tantivy.Query.const_score_query(inside, 0.0)),
                ]
            )
        found = self._searcher.search(scored, limit=k, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in found])
        hits = [(int(row or 0), float(score)) for row, (score, _) in zip(rows, found, strict=True)]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def _query_terms(self, query: str) -> list[str]:
        """Distinct terms that occur in the index; the MAX_QUERY_TERMS rarest where there are more."""
        frequencies = {
            term: self._searcher.doc_freq("text", term) + self._searcher.doc_freq("headings", term)
            for term in dict.fromkeys(terms_of(query[:MAX_QUERY_CHARACTERS]))
        }
        known = [term for term, frequency in frequencies.items() if frequency]
        return sorted(known, key=lambda term: frequencies[term])[:MAX_QUERY_TERMS]


def _analyzer() -> tantivy.TextAnalyzer:
    """Cuts at blanks: a field is handed over as terms, joined by one blank each."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", fast=True)
    builder.add_text_field("notice", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name=ANALYZER, index_option="freq")
    builder.add_text_field("headings", tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()
