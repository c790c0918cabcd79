"""The command, and what is left when its process is killed."""

from __future__ import annotations

import random
import signal
import threading
from pathlib import Path

import pytest

import pictures
import tiny_model
from forked import fork_code
from lookalike import Collection
from lookalike.settings import Settings
from program import Program
from waiting import HANG_GUARD

KILLS = 6
PICTURES = 64
CHILD = """
import sys
from lookalike import Collection
with Collection.open(sys.argv[1]) as collection:
    print(0, flush=True)
    collection.reembed(sys.argv[2], on_progress=lambda progress: print(progress.done, flush=True))
print("finished", flush=True)
"""


def test_the_command(program: Program, tmp_path: Path) -> None:
    first = tiny_model.write(tmp_path / "first.onnx", seed=1)
    second = tiny_model.write(tmp_path / "second.onnx", seed=2)
    files = pictures.write(program.home / "pictures", 5)
    assert program.here("index", "pictures", "--model", first).code == 0
    files[4].rename(tmp_path / "away")
    refused = program.here("reembed", "--model", second)
    assert refused.code == 1
    assert f"1 image could not be read again:\n  {files[4]}: " in refused.err
    assert "keeps its embedder for now" in refused.err
    assert "is their drive mounted?" in refused.err
    assert "lookalike remove" not in refused.err  # which would forget tags, too
    assert program.here("status", "--json").json["embedder"] == str(first)
    (tmp_path / "away").rename(files[4])
    moved = program.here("reembed", "--model", second, "--json")
    assert (moved.code, moved.json["moved"], moved.json["embedded"]) == (0, True, 1)
    assert program.here("status", "--json").json["embedder"] == str(second)
    again = program.here("reembed", "--model", second)
    assert (again.code, again.out) == (0, f"Nothing to do: all 5 images have their vectors of '{second}'.\n")
    assert program.here("search", files[3], "--limit", "1").out.count(files[3].name) == 1


def test_refusals(program: Program) -> None:
    assert program.here("reembed", "--model", "resnet34").code == 3
    pictures.write(program.home / "pictures", 1)
    program.here("index", "pictures")
    assert program.here("reembed", "--model", "no-such-model").code == 2
    assert program.here("reembed").code == 2


@pytest.mark.slow
def test_killed_at_any_moment_it_is_wholly_the_old_or_wholly_the_new(tmp_path: Path) -> None:
    pictures.write(tmp_path / "pictures", PICTURES)
    models = [str(tiny_model.write(tmp_path / f"{seed}.onnx", seed=seed)) for seed in (1, 2)]
    expected = []
    for place, model in enumerate(models):
        with Collection.open(
            create=True, settings=Settings(collection=tmp_path / f"expected-{place}", model=model)
        ) as collection:
            collection.add([tmp_path / "pictures"])
            expected.append({path: collection.search(path, 5, exact=True) for path in collection.files()[:6]})
    store = tmp_path / "expected-0"
    chance = random.Random(4)
    target, kills, finished = 1, 0, 0
    while kills < KILLS:
        child = fork_code(CHILD, store, models[target])
        assert child.stdout is not None
        child.stdout.readline()
        timer = threading.Timer(chance.uniform(0.0, 0.25), child.send_signal, [signal.SIGKILL])
        timer.start()
        done = "finished\n" in child.stdout.readlines()
        child.wait(timeout=HANG_GUARD)
        timer.cancel()
        child.stdout.close()
        kills += not done
        finished += done
        with Collection.open(store) as collection:
            now = models.index(str(collection.status().embedder))
            assert now == target or not done
            for path, matches in expected[now].items():
                found = collection.search(path, 5, exact=True)
                assert [match.path for match in found] == [match.path for match in matches]
                assert [match.distance for match in found] == [match.distance for match in matches]
            assert collection.check().problems == []
        target = 1 - now
    with Collection.open(store) as collection:
        assert collection.reembed(models[target]).moved
