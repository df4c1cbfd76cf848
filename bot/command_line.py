"""What both command lines share: a parser that refuses bad usage in Chinese, with exit code 2."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

EXIT_USAGE = 2


class Parser(argparse.ArgumentParser):
    """Prints its usage and the reason, and leaves with EXIT_USAGE."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"用法有误：{message}\n")


def fail(message: str, code: int) -> int:
    """Says on stderr why the command stops; gives the exit code back."""
    print(message, file=sys.stderr)
    return code
