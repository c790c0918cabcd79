"""A way to meet real permissions: the tests may run as root, whom no permission stops."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fresh import run_fresh

_NOBODY = 65534
_AS_NOBODY = f"""
import os, sys
from pathlib import Path
from lookalike.errors import ImageError
from lookalike.images import Limits, RejectedFile, read_file, scan
folder = Path(sys.argv[1])
list(scan([folder]))  # imports whatever is imported late, while that can still be read
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({_NOBODY})
    os.setuid({_NOBODY})
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach; ``tmp_path`` is closed to them."""
    with tempfile.TemporaryDirectory(prefix="lookalike-test-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
        for path in folder.iterdir():
            path.chmod(0o755)


@pytest.fixture
def as_nobody(open_folder: Path) -> Callable[[str], str]:
    """Run code, which may use ``folder``, in a process without privileges, and return what it prints."""

    def run(code: str) -> str:
        done = run_fresh(_AS_NOBODY + code, open_folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
