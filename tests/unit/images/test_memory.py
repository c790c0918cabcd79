"""How much memory a decode takes, measured in a process of its own by the operating system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import hostile
from waiting import HANG_GUARD

resource = pytest.importorskip("resource")

# glibc keeps what threads free for their next use, which would be counted as used.
_GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": "1000000"}
_MEASURE = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from lookalike.errors import ImageError
from lookalike.images import Limits, decode

def peak():
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says on Linux counts the parent process in
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def outcome(path):
    try:
        return decode(Path(path).read_bytes(), at_least=256).image.size
    except ImageError as error:
        return type(error).__name__

small, threads, *files = sys.argv[1:]
outcome(small)  # the decoder itself takes memory once
before = peak()
with ThreadPoolExecutor(int(threads)) as pool:
    outcomes = list(pool.map(outcome, files))
print(repr((peak() - before, outcomes)))
"""


def _growth(small: Path, files: list[Path], *, threads: int = 1) -> tuple[int, list[object]]:
    """Bytes by which the peak of the memory grew, and what became of each file."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(small), str(threads), *map(str, files)],
        capture_output=True,
        text=True,
        timeout=HANG_GUARD,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path), **_GIVE_BACK},
    )
    growth, outcomes = eval(done.stdout)
    return growth, outcomes


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.png"
    path.write_bytes(hostile.encoded(hostile.photo(), "PNG"))
    return path


def test_a_bomb_takes_no_memory(tmp_path: Path, small: Path) -> None:
    """It would take 2.5 GB at a byte a pixel."""
    (tmp_path / "bomb.png").write_bytes(hostile.png_bomb())
    growth, outcomes = _growth(small, [tmp_path / "bomb.png"])
    assert outcomes == ["ImageTooLarge"]
    assert growth < 32 << 20


def test_lying_headers_take_no_memory(tmp_path: Path, small: Path) -> None:
    cases = [case for case in hostile.build(tmp_path) if case.path.name.startswith("wide-claim")]
    growth, outcomes = _growth(small, [case.path for case in cases])
    assert set(outcomes) <= {"ImageTooLarge", "UnreadableImage"}
    assert len(outcomes) == 5
    assert growth < 32 << 20


def test_big_images_are_decoded_one_at_a_time(tmp_path: Path, small: Path) -> None:
    """One takes 80 MB as decoded and 80 MB as RGB; six at once would take 960 MB."""
    big = tmp_path / "big.png"
    big.write_bytes(hostile.encoded(Image.new("RGB", (5000, 4000), "teal"), "PNG", compress_level=1))
    growth, outcomes = _growth(small, [big] * 6, threads=6)
    assert len(set(outcomes)) == 1
    assert growth < 300 << 20
