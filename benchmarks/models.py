"""How fast and how large the shipped models are, beside the start model where it is installed.

    python -m benchmarks.models [--log LOG_DIR]

Every figure is the median of RUNS in a fresh process with as many threads as the bot takes: a query of 16 characters
through the encoder; eight passages of 120 characters with the same query through the reader; resident memory after
both. The start model is multilingual-e5-small with its whole vocabulary (`training/base_encoder.py`), run by
sentence-transformers on one thread, as the encoder is.

`--log` prints instead how well both tell the questions of a log apart that look alike (`log.jsonl`, `clusters.json` as for
`benchmarks.grouping`): of every question, the share of pairs of one that asks the same and one that asks something
else of the same notice in which the first is nearer (AUC, mean over questions).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.grouping_scores import twins_nearer

RUNS = 40
QUERY = "企业什么时候截止申报，找谁问？"
PASSAGE = (
    "（二）申报程序。符合条件的企业于2024年11月22日17:00前登录平台完成线上申报，并将纸质材料一式两份报送所在地县级主管部门；"
    "各市州主管部门对材料的完整性和真实性进行审核，于11月29日前将推荐文件和汇总表报送省厅中小企业处，逾期不予受理。"
    "联系人和电话见附件，工作日可以咨询。"
)
PARTS = ("encoder", "start model", "reader", "both")


def _median_ms(act: Callable[[], object]) -> float:
    act()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def _resident_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


def measure(part: str) -> str:
    """One line of the report."""
    from bot.config import load_settings
    from bot.embedding import load_encoder
    from bot.reading import load_reader

    settings = load_settings()
    passages = [PASSAGE[i : i + 120] for i in range(8)]
    started, times = time.perf_counter(), []
    if part == "start model":
        with tempfile.TemporaryDirectory() as folder:
            _write_start_model(Path(folder))
            started = time.perf_counter()
            model = load_encoder(folder, settings.model_cache_dir, threads=1)
            times.append(_median_ms(lambda: model.encode_queries([QUERY])))
    if part in {"encoder", "both"}:
        encoder = load_encoder("default", settings.model_cache_dir)
        times.append(_median_ms(lambda: encoder.encode_queries([QUERY])))
    if part in {"reader", "both"}:
        reader = load_reader("default", settings.threads)
        assert reader is not None
        times.append(_median_ms(lambda: reader.read(QUERY, passages)))
    loaded = time.perf_counter() - started - sum(times) * (RUNS + 1) / 1000
    return f"| {part} | {' + '.join(f'{ms:.1f}' for ms in times)} | {max(loaded, 0):.2f} | {_resident_mb():.0f} |"


def told_apart(log: Path) -> None:
    """Print the table of look-alikes."""
    from bot.config import load_settings
    from bot.embedding import load_encoder

    settings = load_settings()
    clusters = json.loads((log / "clusters.json").read_text("utf-8"))
    lines = [json.loads(line) for line in (log / "log.jsonl").read_text("utf-8").split("\n") if line]
    asked = {line["question"]: line["cluster"] for line in lines if line["cluster"]}
    of = np.asarray(list(asked.values()))
    about = np.asarray([str(clusters[cluster]["notice"]) for cluster in of])
    print(
        f"\n| {len(asked)} questions of {len(set(of))} clusters | the same nearer than a look-alike |\n|---|--:|"
    )
    with tempfile.TemporaryDirectory() as folder:
        _write_start_model(Path(folder))
        for name, model in (("start model", folder), ("encoder", "default")):
            vectors = load_encoder(model, settings.model_cache_dir).encode_queries(list(asked))
            same = of[:, None] == of[None]
            shares = twins_nearer(vectors @ vectors.T, same, ~same & (about[:, None] == about[None]))
            print(f"| {name} | {np.mean(shares):.4f} |")


def _write_start_model(folder: Path) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "training"))
    import base_encoder

    base_encoder.main(folder)


def main() -> int:
    if sys.argv[1:2] == ["--log"]:
        told_apart(Path(sys.argv[2]))
        return 0
    if len(sys.argv) > 1:
        print(measure(" ".join(sys.argv[1:])))
        return 0
    print("| | ms | s to load | MB resident |\n|---|--:|--:|--:|")
    for part in PARTS:
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.models", part], capture_output=True, text=True
        )
        print(run.stdout.strip() or f"| {part} | {run.stderr.strip().split(chr(10))[-1]} | | |")
    models = Path(__file__).resolve().parent.parent / "bot" / "models"
    for folder in sorted(models.iterdir()):
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        print(f"{folder.name}: {size:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
