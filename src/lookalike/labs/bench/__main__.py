"""``python -m lookalike.labs.bench NAME [options]``: run one benchmark; a mistake costs one line."""

from __future__ import annotations

import sys
from importlib import import_module

from lookalike.errors import LookalikeError
from lookalike.labs.bench import EXTRAS, NAMES, SINGLE_THREAD, single_thread
from lookalike.later import needing

USAGE = f"usage: python -m lookalike.labs.bench {{{','.join(NAMES)}}} [options]"
HELP = ("-h", "--help")


def main() -> None:
    """Hand the rest of the command line to the named benchmark."""
    if len(sys.argv) > 1 and sys.argv[1] in HELP:
        print(f"{USAGE}\n\nNAME --help lists the options of a benchmark.")
        return
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(USAGE, file=sys.stderr)
        sys.exit(2)
    _, name, *arguments = sys.argv
    sys.argv[0] = f"lookalike lab bench {name}"  # as its help calls it
    if name in SINGLE_THREAD:
        single_thread.require()
    try:
        with needing(EXTRAS.get(name, "bench")):
            benchmark = import_module(f"lookalike.labs.bench.{name}")
        benchmark.main(arguments)
    except LookalikeError as error:
        sys.exit(f"{name}: {error}")


if __name__ == "__main__":
    main()
