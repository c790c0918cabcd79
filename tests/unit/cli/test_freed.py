"""Freed memory that a process keeps: the system is not asked for the same pages again and again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

ROUNDS = 20
LOOK = f"""
import resource
import numpy as np
from lookalike.cli.freed import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range({ROUNDS}):
        pictures = [np.ones((512, 512), np.float32) for _ in range(10)]
        del pictures
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

first = faults()
keep_freed_memory()
print(first, faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc's malloc that is told")
def test_pages_are_used_again() -> None:
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True).stdout
    before, after = map(int, told.split())
    once = 10 * 256  # pages of 4 KB in ten pictures of 1 MB
    assert before > ROUNDS / 2 * once
    assert after < 2 * once
