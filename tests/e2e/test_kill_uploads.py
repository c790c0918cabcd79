"""A process that uploads is killed at random moments: what it acknowledged is kept, the rest is swept."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
from pathlib import Path

import pytest

import tiny_model
from forked import fork_code
from lookalike import Collection, Settings

KILLS = 6
CHILD = """
import io, os, sys
from dataclasses import replace
import numpy as np
from PIL import Image
from lookalike import Collection, Settings
settings = replace(Settings(), collection=sys.argv[1], model=sys.argv[2], threads=1)
random = np.random.default_rng(int(sys.argv[3]))
with Collection.open(sys.argv[1], create=True, settings=settings) as collection:
    print("begun", flush=True)
    while True:
        pictures = []
        for _ in range(3):
            file = io.BytesIO()
            Image.fromarray(random.integers(0, 256, (40, 40, 3), np.uint8)).save(file, "PNG")
            pictures.append(file.getvalue())
        for upload in collection.add_uploads(pictures):
            print(upload.sha256.hex(), flush=True)
"""


def acknowledged(collection: Path, model: Path, seed: int, delay: float) -> list[str]:
    """SHA-256 of the pictures that a process had acknowledged when it was killed.

    Of odd seeds the delay counts from the first of them, so that there are some on any machine.
    """
    with fork_code(CHILD, collection, model, seed) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        first = child.stdout.readline() if seed % 2 else ""
        timer = threading.Timer(delay, child.send_signal, [signal.SIGKILL])
        timer.start()
        lines = (first + child.stdout.read()).splitlines()
    assert child.returncode == -signal.SIGKILL
    return [line for line in lines if len(line) == 64]


@pytest.mark.slow
def test_uploads_outlive_kills(tmp_path: Path) -> None:
    model, place = tmp_path / "tiny.onnx", tmp_path / "collection"
    tiny_model.write(model, seed=1)
    chance = random.Random(7)
    told: list[str] = []
    for seed in range(KILLS):
        told += acknowledged(place, model, seed, chance.uniform(0.05, 0.4))
    assert told
    with Collection.open(place, settings=Settings(model=str(model))) as collection:
        for path in (place / "uploads").iterdir():
            os.utime(path, (1e9, 1e9))
        collection.uploads.sweep()
        recorded = set(collection.files())
        assert {f"{sha256}.png" for sha256 in told} <= {path.name for path in recorded}
        assert set((place / "uploads").iterdir()) == recorded
        for path in recorded:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
        report = collection.check()
        assert (report.problems, report.leftovers) == ([], [])
