"""Commands of a page of the docs, run as they are printed there."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from program import Program

ROOT = Path(__file__).resolve().parents[2]


def run_typed(program: Program, commands: str) -> None:
    """Run lines ``$ lookalike …`` and ``$ python examples/…`` in the program's home; none may fail."""
    for line in commands.splitlines():
        name, *words = shlex.split(line.removeprefix("$ "))
        if name == "lookalike":
            ran = program.here(*words)
            assert ran.code == 0, (line, ran.err)
            continue
        assert name == "python"
        done = subprocess.run(
            [sys.executable, *(str(ROOT / word) if word.startswith("examples/") else word for word in words)],
            cwd=program.home,
            env=program.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stderr)
