"""``lookalike lab bench``: the benchmarks, by name."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from lookalike.errors import UsageError
from lookalike.labs.bench import NAMES

PASSING_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""What typer must leave alone, ``--help`` too, which is asked of the benchmark."""


def bench(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(help=f"One of {', '.join(NAMES)}. NAME --help lists its options."),
    ],
) -> None:
    """Run a benchmark, such as lookalike lab bench growth --random."""
    if name in ("-h", "--help"):
        typer.echo(context.get_help())
        return
    if name not in NAMES:
        raise UsageError(f"there is no benchmark {name!r}; choose from {', '.join(NAMES)}")
    # In a process of its own: some need to set the number of threads before anything is imported.
    command = [sys.executable, "-m", "lookalike.labs.bench", name, *context.args]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603
