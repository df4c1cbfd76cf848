"""Two invented notices written in every format -> a report in Markdown: what of them is read right, beside the peers.

    python -m benchmarks.documents [--without-peers] [--format WORDS] [--work DIR]

Needs LibreOffice, which writes most of the files. The peers are installed into a virtual environment of their own
in the work folder.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.documents_made import MadeFile, make_files
from benchmarks.documents_peers import PEERS, Reading, make_peers, read_by
from benchmarks.documents_scores import Score, nothing_right, score
from benchmarks.documents_truth import DOCUMENTS, DocumentTruth

PRODUCT = "product"
NAMES = {PRODUCT: "this project"}
TEXT_CHARACTERS, TEXT_CELLS, SCAN_CHARACTERS = 0.999, 0.99, 0.98


@dataclass(frozen=True, slots=True)
class Result:
    """One file, read by one reader."""

    file: MadeFile
    reader: str
    reading: Reading
    score: Score

    @property
    def shares(self) -> str:
        """characters / numbers / cells in per cent; what the file does not hold is left out."""
        if self.reading.error:
            return "—"
        parts = (self.score.characters, self.score.numbers, self.score.cells)
        return " / ".join("" if part is None else _per_cent(part) for part in parts)

    @property
    def pages_a_second(self) -> str:
        return "" if self.reading.error else f"{self.file.pages / max(self.reading.seconds, 1e-3):.3g}"


def _per_cent(share: float) -> str:
    """Cut, not rounded: 100 only where all is right."""
    return f"{_cut(100 * share):g}"


def _cut(number: float) -> float:
    """To two decimals, downwards."""
    return int(number * 100 + 1e-6) / 100


def _read(files: Sequence[MadeFile], pythons: dict[str, Path]) -> list[Result]:
    results = []
    for file in files:
        for reader, python in pythons.items():
            print(f"… {file.path.parent.name}: {file.format}, {reader}", file=sys.stderr, flush=True)
            reading = read_by(reader, python, file.path)
            right = nothing_right(file.expected) if reading.error else score(reading.text, file.expected)
            results.append(Result(file, reader, reading, right))
            (file.path.parent / f"{file.path.name}.{reader}.md").write_text(reading.text, encoding="utf-8")
    return results


def _report(truth: DocumentTruth, results: Sequence[Result], readers: Sequence[str]) -> list[str]:
    heads = [NAMES.get(reader, reader) for reader in readers]
    first = results[0].file
    lines = ["", f"## {truth.name}: {truth.title}, {first.pages} printed pages", ""]
    lines += ["Right, in %: characters / numbers kept / table cells. — was not read and counts 0.", ""]
    lines += [f"| format | written by | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    by_file: dict[str, list[Result]] = {}
    for result in results:
        by_file.setdefault(result.file.format, []).append(result)
    for format, row in by_file.items():
        lines.append(f"| {format} | {row[0].file.writer} | {' | '.join(r.shares for r in row)} |")
    best = sum(row[0].score.best_sum for row in by_file.values())
    sums = [f"**{_cut(sum(r.score.sum for r in results if r.reader == reader))}**" for reader in readers]
    lines.append(f"| sum, of {best} | | {' | '.join(sums)} |")
    lines += ["", "Pages a second, and the peak memory of the largest process in MB.", ""]
    lines += [f"| format | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    for format, row in by_file.items():
        cells = ("" if r.reading.error else f"{r.pages_a_second}, {r.reading.peak_mb:.0f}" for r in row)
        lines.append(f"| {format} | {' | '.join(cells)} |")
    failed: dict[tuple[str, str], list[str]] = {}
    for r in results:
        if r.reading.error:
            message = " ".join(r.reading.error.split())[:120]
            failed.setdefault((r.reader, message), []).append(r.file.format)
    if failed:
        lines += ["", "Not read:", ""]
        lines += [
            f"- {reader}: {', '.join(formats)} ({words})" for (reader, words), formats in failed.items()
        ]
    return lines


def _verdict(results: Sequence[Result], readers: Sequence[str]) -> list[str]:
    own = [result for result in results if result.reader == PRODUCT]
    texts = [result for result in own if "scanned" not in result.file.format]
    scans = [result for result in own if "scanned" in result.file.format]
    targets = []
    if texts:
        numbers = [r.score.numbers for r in texts if r.score.numbers is not None]
        cells = [r.score.cells for r in texts if r.score.cells is not None]
        targets.append(("text formats, characters", min(r.score.characters for r in texts), TEXT_CHARACTERS))
        targets += [("text formats, table cells", min(cells), TEXT_CELLS)] if cells else []
        targets += [("text formats, numbers kept", min(numbers), 1.0)] if numbers else []
    if scans:
        targets.append(
            ("scans at 150 dpi, characters", min(r.score.characters for r in scans), SCAN_CHARACTERS)
        )
    lines = [
        "",
        "## Targets",
        "",
        "The worst file counts.",
        "",
        "| | measured | at least | |",
        "|---|--:|--:|---|",
    ]
    for what, measured, limit in targets:
        met = "met" if measured >= limit else "**missed**"
        lines.append(f"| {what} | {_per_cent(measured)} % | {_per_cent(limit)} % | {met} |")
    own_sum = sum(r.score.sum for r in own)
    for peer in readers[1:]:
        peer_sum = sum(r.score.sum for r in results if r.reader == peer)
        met = "met" if own_sum > peer_sum else "**missed**"
        lines.append(f"| sum of all, beside {peer} | {_cut(own_sum)} | {_cut(peer_sum)} | {met} |")
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.documents", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--without-peers", action="store_true", help="read with this project alone")
    parser.add_argument(
        "--format", default="", metavar="WORDS", help="only formats with these words: pdf, docx"
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("var/benchmarks/documents"),
        help="where files and peers go (default var/benchmarks/documents)",
    )
    options = parser.parse_args(argv)
    work = options.work.resolve()
    readers = (PRODUCT,) if options.without_peers else (PRODUCT, *PEERS)
    pythons = {PRODUCT: Path(sys.executable)}
    if not options.without_peers:
        pythons |= dict.fromkeys(PEERS, make_peers(work / "peers"))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print("# Document reading", "", sep="\n")
    print(f"Machine: {os.cpu_count()} cores, Python {platform.python_version()}; load average {load}.")
    every: list[Result] = []
    for truth in DOCUMENTS:
        files = [file for file in make_files(truth, work / truth.name) if options.format in file.format]
        if not files:
            parser.error(f"no format has {options.format!r} in its name")
        results = _read(files, pythons)
        print("\n".join(_report(truth, results, readers)), flush=True)
        every += results
    print("\n".join(_verdict(every, readers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
