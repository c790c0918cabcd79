"""``python -m lookalike.labs.bench NAME [options]``: run one benchmark, as its own module would."""

from __future__ import annotations

import runpy
import sys

from lookalike.labs.bench import NAMES


def main() -> None:
    """Hand the rest of the command line to the named benchmark."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m lookalike.labs.bench {{{','.join(NAMES)}}} [options]")
    name = sys.argv.pop(1)
    runpy.run_module(f"lookalike.labs.bench.{name}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
