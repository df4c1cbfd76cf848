"""Texts <-> rows by their words: BM25; the only module that knows tantivy.

A text's terms are its Chinese characters, pairs of neighbouring characters and dictionary words, and
its Latin words and numbers, after one normalisation for both sides. Pairs find the words that no
dictionary has (专精特新), single characters the short and the misspelt question; a pair that is a word
counts twice.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
SEGMENTS = 6
"""Fewer than the eight of one size that tantivy would merge into one."""
TIES = 8
"""Texts fetched beyond those asked for, to see whether the last one ties with others."""
ROUNDING = 1e-6
"""Relative difference of two scores that are the same but for the order of a sum of 32-bit numbers."""
KEY_BITS, NUMBER_BITS = 40, 24
"""Of the number under which a text is stored: its notice's, and its own within the notice."""

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


Terms = tuple[str, str]
"""Search terms of a chunk's text and of the headings above it, each joined by blanks."""


def lexical_terms(text: str, headings: str = "") -> Terms:
    """What is searched of one chunk."""
    return " ".join(terms_of(text)), " ".join(terms_of(headings))


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
    """A folder on disk, searched with BM25 (k1 1.2, b 0.75).

    Notices are dealt out to a few segments by their id. A changed notice's segment is written anew, whole:
    one that only marked the old texts as deleted would go on counting their words, and scores would hang on
    what had been changed before.
    """

    def __init__(self, index: tantivy.Index, first_rows: Mapping[str, int]) -> None:
        index.register_tokenizer(ANALYZER, _analyzer())
        self._index = index
        self._searcher = index.searcher()
        self._first_rows = {_key_of(notice_id): row for notice_id, row in first_rows.items()}

    @staticmethod
    def write(
        path: Path,
        notice_ids: Sequence[str],
        terms_of_notice: Callable[[str], Sequence[Terms]],
        changed: Collection[str] | None = None,
    ) -> None:
        """Write the index of these notices into the folder `path`.

        With `changed`, the folder holds the index of a version before, and only the notices named there, the
        gone ones among them, have changed since. Raises OSError or ValueError where the disk refuses, and
        IndexDamaged where the index before cannot be used.
        """
        touched = (
            {_segment_of(notice_id) for notice_id in changed} if changed is not None else set(range(SEGMENTS))
        )
        if changed is not None and len(touched) <= SEGMENTS // 2:
            index = _opened(path)
            _write_segments(index, touched, notice_ids, terms_of_notice)
            if _counts_deleted(index.searcher()):  # merged by the library: write all anew
                return LexicalIndex.write(path, notice_ids, terms_of_notice)
            return None
        if path.exists():
            shutil.rmtree(path)
        path.mkdir(parents=True)
        _write_segments(tantivy.Index(_schema(), str(path)), range(SEGMENTS), notice_ids, terms_of_notice)

    @classmethod
    def open(cls, path: Path, first_rows: Mapping[str, int]) -> LexicalIndex:
        """`first_rows`: notice id -> row of its first chunk.

        Raises IndexDamaged where the folder holds no index of this kind.
        """
        return cls(_opened(path), first_rows)

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
        return self._best(scored, k)

    def _best(self, query: tantivy.Query, k: int) -> list[tuple[int, float]]:
        """The k best rows; the library breaks ties by its own order, so all that tie with the last are fetched."""
        limit = k + TIES
        while True:
            found = self._searcher.search(query, limit=limit, count=False).hits
            if len(found) < limit or found[-1][0] < found[k - 1][0] * (1 - ROUNDING):
                break
            limit *= 4
        keys = self._searcher.fast_field_values("key", [address for _, address in found])
        hits = [(self._row(int(key or 0)), float(score)) for key, (score, _) in zip(keys, found, strict=True)]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _row(self, key: int) -> int:
        return self._first_rows[key >> NUMBER_BITS] + (key & (1 << NUMBER_BITS) - 1)

    def _query_terms(self, query: str) -> list[str]:
        """Distinct terms that occur in the index; the MAX_QUERY_TERMS rarest where there are more."""
        frequencies = {
            term: self._searcher.doc_freq("text", term) + self._searcher.doc_freq("headings", term)
            for term in dict.fromkeys(terms_of(query[:MAX_QUERY_CHARACTERS]))
        }
        known = [term for term, frequency in frequencies.items() if frequency]
        return sorted(known, key=lambda term: frequencies[term])[:MAX_QUERY_TERMS]


def _opened(path: Path) -> tantivy.Index:
    try:
        return tantivy.Index.open(str(path))
    except ValueError as error:
        raise IndexDamaged(f"全文索引 {path} 无法读取。请重新运行：python index_builder.py") from error


def _segment_of(notice_id: str) -> int:
    return zlib.crc32(notice_id.encode("utf-8", "surrogatepass")) % SEGMENTS


def _key_of(notice_id: str) -> int:
    """A number for a notice, below 2 ** KEY_BITS; two of 10,000 notices share one once in 20,000 folders."""
    digest = hashlib.sha256(notice_id.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[: KEY_BITS // 8], "big")


def _write_segments(
    index: tantivy.Index,
    segments: Iterable[int],
    notice_ids: Sequence[str],
    terms_of_notice: Callable[[str], Sequence[Terms]],
) -> None:
    """Each of these segments anew: all that it held goes, its notices are added in the order given."""
    index.register_tokenizer(ANALYZER, _analyzer())
    writer = index.writer(num_threads=1)  # else one commit would make several segments
    for segment in sorted(segments):
        writer.delete_documents_by_term("segment", str(segment))
        for notice_id in notice_ids:
            if _segment_of(notice_id) == segment:
                for document in _documents(notice_id, segment, terms_of_notice(notice_id)):
                    writer.add_document(document)
        writer.commit()
    writer.wait_merging_threads()
    index.reload()


def _documents(notice_id: str, segment: int, terms: Sequence[Terms]) -> Iterator[tantivy.Document]:
    first = _key_of(notice_id) << NUMBER_BITS
    for number, (text, headings) in enumerate(terms):
        document = tantivy.Document()
        document.add_unsigned("key", first | number)
        document.add_text("segment", str(segment))
        document.add_text("notice", notice_id)
        document.add_text("text", text)
        document.add_text("headings", headings)
        yield document


def _counts_deleted(searcher: tantivy.Searcher) -> bool:
    """Whether texts that are gone still weigh in the scores."""
    counted = sum(searcher.doc_freq("segment", str(segment)) for segment in range(SEGMENTS))
    return counted != searcher.num_docs


def _analyzer() -> tantivy.TextAnalyzer:
    """Cuts at blanks: a field is handed over as terms, joined by one blank each."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", fast=True)
    builder.add_text_field("segment", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("notice", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name=ANALYZER, index_option="freq")
    builder.add_text_field("headings", tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()
