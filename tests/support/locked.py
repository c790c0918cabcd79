"""A view of a folder through which nothing can be written, for root too."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def locked(folder: Path, view: Path) -> Iterator[Path]:
    """Mount a folder once more, to be read only; the folder itself can still change.

    Args:
        folder: what is seen.
        view: made, and where it is seen.
    """
    view.mkdir()
    if subprocess.run(["mount", "--bind", folder, view], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", view], check=True)
        yield view
    finally:
        subprocess.run(["umount", "--lazy", view], check=True)
