"""Has the libraries that compute with matrices use one thread each; to be imported before they are.

Tests share the cores, and threads of these libraries that find no core wait by spinning. On a busy machine of
two cores, an orthogonal matrix of 512 x 512 takes numpy 0.5 s of computing by two threads, and 0.01 s by one.
"""

from __future__ import annotations

import os

for _library in ("OPENBLAS", "OMP"):  # numpy's and SciPy's, and PyTorch's
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
