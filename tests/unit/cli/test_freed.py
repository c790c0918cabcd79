"""Freed memory that a process keeps: the system is not asked for the same pages again and again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

ROUNDS = 6
LOOK = f"""
import resource, sys
from lookalike.cli import freed

def faults(count, size):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range({ROUNDS}):
        pictures = [b'x' * size for _ in range(count)]
        del pictures
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

count, size = map(int, sys.argv[2:])
first = faults(count, size)
freed.keep_freed_memory(ends_soon=sys.argv[1] == "soon")
print(first, faults(count, size))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc's malloc that is told")
@pytest.mark.parametrize(
    ("ends", "count", "mebibytes", "used_again"),
    [("later", 10, 1, True), ("later", 5, 9, False), ("soon", 10, 1, True), ("soon", 5, 9, True)],
)
def test_pages_are_used_again(ends: str, count: int, mebibytes: int, used_again: bool) -> None:
    command = [sys.executable, "-c", LOOK, ends, str(count), str(mebibytes << 20)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    before, after = map(int, told.split())
    once = count * mebibytes * 256  # pages of 4 KB
    assert before > ROUNDS / 2 * once
    assert (after < 2 * once) == used_again
