"""Code that runs in a fresh Python process, which can import what this one can."""

from __future__ import annotations

import os
import subprocess
import sys

from waiting import HANG_GUARD


def run_fresh(code: str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run code to its end.

    Args:
        code: a program.
        *arguments: for it, after its name.
        **variables: of its environment, besides those of this process.
    """
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=HANG_GUARD,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables},
    )
