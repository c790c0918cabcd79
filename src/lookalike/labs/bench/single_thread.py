"""One thread for every library that a benchmark calls."""

from __future__ import annotations

import os
import sys

VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def require() -> None:
    """Start this process afresh with one thread a library, unless it was started so.

    The libraries read these variables once, when they are loaded, which has happened by the time that a
    program's own code runs.
    """
    if any(os.environ.get(variable) != "1" for variable in VARIABLES):
        sys.stdout.flush()
        os.execve(sys.executable, sys.orig_argv, os.environ | dict.fromkeys(VARIABLES, "1"))  # noqa: S606
