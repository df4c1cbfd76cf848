"""`python -m benchmarks.real_notice [options of evaluate]`."""

import sys
import tempfile
from pathlib import Path

from benchmarks.real_notice import with_questions
from bot.evaluation import main

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work, "real_notice")
        folder.mkdir()
        sys.exit(main([str(with_questions(folder)), *sys.argv[1:]]))
