"""Saved indexes: whole or not at all, and nothing but DamagedError from whatever else lies there."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index_files import forged, parts
from lookalike.errors import DamagedError
from lookalike.index import LSHIndex, estimate, files


def saved_index(path: Path, **settings: Any) -> bytes:
    index = LSHIndex(6, metric="euclidean", **(settings or {"tables": 2, "bits": 3}))
    index.add(range(70), np.random.default_rng(0).standard_normal((70, 6)))
    index.save(path)
    return path.read_bytes()


def opens_as_before(path: Path, whole: bytes) -> bool:
    """Whether a file still opens; then it must hold the very same index."""
    try:
        index = LSHIndex.load(path)
    except DamagedError:
        return False
    again = path.with_name("again")
    index.save(again)
    assert again.read_bytes() == whole
    return True


def test_any_changed_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    whole = saved_index(tmp_path / "index")
    header, body = parts(whole)
    base = len(whole) - len(body)
    used = {
        base + entry["offset"] + place
        for entry in header["arrays"]
        for place in range(4 * (1 + (entry["type"] in ("<i8", "<u8", "<f8"))) * int(np.prod(entry["shape"])))
    } | set(range(24 + len(json.dumps(header).encode())))
    random = np.random.default_rng(1)
    anywhere, in_header = random.integers(0, len(whole), 120), random.integers(0, base, 100)
    places = {*anywhere.tolist(), *in_header.tolist(), len(whole) - 1}
    for place in sorted(places):
        damaged = bytearray(whole)
        damaged[place] ^= int(random.integers(1, 256))
        (tmp_path / "index").write_bytes(damaged)
        assert opens_as_before(tmp_path / "index", whole) == (place not in used), place


def test_another_digit_in_the_header_is_noticed(tmp_path: Path) -> None:
    """Such a header still reads well: as another seed, another recall, another place of an array."""
    whole = saved_index(tmp_path / "index")
    digits = [
        place for place in range(24, len(whole) - len(parts(whole)[1])) if whole[place : place + 1].isdigit()
    ]
    assert len(digits) > 100
    for place in digits[::3]:
        damaged = bytearray(whole)
        damaged[place] ^= 1
        (tmp_path / "index").write_bytes(damaged)
        assert not opens_as_before(tmp_path / "index", whole), place


def test_any_missing_end_is_noticed_or_harmless(tmp_path: Path) -> None:
    whole = saved_index(tmp_path / "index")
    last = parts(whole)[0]["arrays"][-1]
    assert last["name"] == "sketches"
    end = len(whole) - len(parts(whole)[1]) + last["offset"] + 70 * 64
    lengths = {*np.random.default_rng(2).integers(0, len(whole), 50).tolist(), 0, 16, 24, end - 1, end}
    for length in sorted(lengths):
        (tmp_path / "index").write_bytes(whole[:length])
        assert opens_as_before(tmp_path / "index", whole) == (length >= end), length


def _without_rows(_: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    arrays.update(ids=arrays["ids"][:0], vectors=arrays["vectors"][:0], rows=np.zeros_like(arrays["rows"]))


POINT = {"reach": 1.0, "codes": 9, "sketches": 5, "probes": 2.5, "recall": 0.9, "lower": 0.8, "upper": 0.97}


def _point(**changes: Any) -> Callable[[dict[str, Any], dict[str, NDArray[Any]]], Any]:
    return lambda about, _: about.update(curves={"10": [POINT | changes]})


HARMFUL: dict[str, Callable[[dict[str, Any], dict[str, NDArray[Any]]], Any]] = {
    "rows outside": lambda _, arrays: arrays["rows"].fill(10**6),
    "negative rows": lambda _, arrays: arrays["rows"].fill(-1),
    "starts outside": lambda _, arrays: arrays["starts"].fill(10**9),
    "no codes": lambda _, arrays: arrays.pop("codes"),
    "tables only": lambda _, arrays: [arrays.pop(name) for name in ("ids", "vectors")],
    "an array too many": lambda _, arrays: arrays.update(more=arrays["rows"]),
    "falling ids": lambda _, arrays: arrays.update(ids=arrays["ids"][::-1]),
    "fewer ids": lambda _, arrays: arrays.update(ids=arrays["ids"][1:]),
    "longer vectors": lambda _, arrays: arrays.update(vectors=np.ones((70, 7), np.float32)),
    "a row of vectors": lambda _, arrays: arrays.update(vectors=np.ones(420, np.float32)),
    "vectors of int": lambda _, arrays: arrays.update(vectors=np.ones((70, 6), np.int32)),
    "slots outside": lambda _, arrays: arrays["slots"].fill(70),
    "negative slots": lambda _, arrays: arrays["slots"].fill(-1),
    "no signs": lambda _, arrays: arrays.pop("signs"),
    "signs of another length": lambda _, arrays: arrays.update(signs=arrays["signs"][:, :256]),
    "tables over no rows": _without_rows,
    "an unknown metric": lambda about, _: about.update(metric="chebyshev"),
    "a metric that is no text": lambda about, _: about.update(metric=5),
    "bits of text": lambda about, _: about.update(bits="3"),
    "an unknown fact": lambda about, _: about.update(more=1),
    "no curves": lambda about, _: about.pop("curves"),
    "a list of curves": lambda about, _: about.update(curves=[[]]),
    "a curve for no number": lambda about, _: about.update(curves={"ten": []}),
    "a curve of numbers": lambda about, _: about.update(curves={"10": [1, 2]}),
    "a curve that is a number": lambda about, _: about.update(curves={"10": 1}),
    "negative reach": _point(reach=-1.0),
    "reach of text": _point(reach="1"),
    "codes of text": _point(codes="4"),
    "fractional codes": _point(codes=4.5),
    "no sketches": _point(sketches=0),
    "fractional sketches": _point(sketches=4.5),
    "a recall above 1": _point(recall=1.5),
    "a bound above the recall": _point(lower=0.95),
    "a bound of text": _point(lower="0.5"),
    "an unknown number": _point(more=1),
    "a missing number": lambda about, _: about.update(curves={"10": [{"reach": 1.0}]}),
    "weights of another shape": lambda _, arrays: arrays.update(weights=arrays["weights"][:1]),
    "weights of float64": lambda _, arrays: arrays.update(weights=arrays["weights"].astype(np.float64)),
    "weights that are no numbers": lambda _, arrays: arrays["weights"].fill(np.nan),
    "a farthest of nothing": lambda _, arrays: arrays["farthest"].fill(np.nan),
    "a share of more than all": lambda _, arrays: arrays["share"].fill(1.01),
}


@pytest.mark.parametrize("harm", HARMFUL)
def test_a_well_formed_file_that_makes_no_sense_is_refused(harm: str, tmp_path: Path) -> None:
    """Such a file has correct checksums; its numbers would send compiled code out of its arrays."""
    saved_index(tmp_path / "index")
    about, mapped = files.read(tmp_path / "index", "lsh")
    arrays = {name: array.copy() for name, array in mapped.items()}
    files.write(tmp_path / "index", "lsh", about | {"curves": {"10": [POINT]}}, arrays)
    assert asdict(LSHIndex.load(tmp_path / "index").recall_curve()[0]) == POINT
    HARMFUL[harm](about, arrays)
    files.write(tmp_path / "index", "lsh", about, arrays)
    with pytest.raises(DamagedError):
        LSHIndex.load(tmp_path / "index")


HARMFUL_CELLS: dict[str, Callable[[dict[str, Any], dict[str, NDArray[Any]]], Any]] = {
    "no centres": lambda _, arrays: arrays.pop("centres"),
    "fewer centres": lambda _, arrays: arrays.update(centres=arrays["centres"][1:]),
    "centres of another length": lambda _, arrays: arrays.update(centres=arrays["centres"][:, :127]),
    "centres in a row": lambda _, arrays: arrays.update(centres=arrays["centres"].reshape(-1)),
    "centres nowhere": lambda _, arrays: arrays["centres"].fill(np.nan),
    "centres of int": lambda _, arrays: arrays.update(centres=np.ones((9, 128), np.int32)),
    "cells and bits": lambda about, _: about.update(bits=3),
}


@pytest.mark.parametrize("harm", HARMFUL_CELLS)
def test_a_file_whose_cells_make_no_sense_is_refused(harm: str, tmp_path: Path) -> None:
    saved_index(tmp_path / "index", cells=9)
    about, mapped = files.read(tmp_path / "index", "lsh")
    arrays = {name: array.copy() for name, array in mapped.items()}
    assert arrays["centres"].shape == (9, 128)
    HARMFUL_CELLS[harm](about, arrays)
    files.write(tmp_path / "index", "lsh", about, arrays)
    with pytest.raises(DamagedError):
        LSHIndex.load(tmp_path / "index")


@pytest.mark.parametrize("settings", [{"tables": 2, "bits": 3}, {"tables": None, "bits": None}], ids=str)
def test_a_file_from_before_there_were_cells_opens(settings: dict[str, Any], tmp_path: Path) -> None:
    """Such a file is of version 4, has no centres and no weights, and its facts do not speak of cells."""
    path = tmp_path / "index"
    saved_index(path)
    kept = LSHIndex.load(path)
    about, arrays = files.read(path, "lsh")
    assert not arrays.pop("centres").size
    del arrays["weights"], arrays["farthest"], arrays["share"], about["cells"]
    files.write(path, "lsh", about | settings, arrays)
    header, body = parts(path.read_bytes())
    forged(path, header | {"version": 4}, body)
    old = LSHIndex.load(path)
    assert old.hashed
    queries = np.random.default_rng(1).standard_normal((20, 6))
    one, other = kept.search(queries, 5, probes=2), old.search(queries, 5, probes=2)
    np.testing.assert_array_equal(one.ids, other.ids)
    assert one.work == other.work


def test_a_file_from_before_there_were_rows_of_float16_opens(tmp_path: Path) -> None:
    """Such a file is of version 5, and else as those of today."""
    saved_index(tmp_path / "index", cells=9)
    header, body = parts((tmp_path / "index").read_bytes())
    forged(tmp_path / "index", header | {"version": 5}, body)
    assert LSHIndex.load(tmp_path / "index").hashed


def test_weights_are_kept_and_a_file_from_before_them_is_judged_by_the_usual_ones(tmp_path: Path) -> None:
    """A file of version 5 has no weights."""
    path = tmp_path / "index"
    rows = np.random.default_rng(0).standard_normal((3000, 40)) * np.geomspace(1, 0.1, 40)
    index = LSHIndex(40, metric="euclidean", cells=30)
    index.add(range(3000), rows)
    index.save(path)
    learned, farthest, share = index._state.judge
    again = LSHIndex.load(path)._state.judge
    np.testing.assert_array_equal(again.weights, learned)
    assert again.farthest == farthest < np.inf
    assert again.share == share > 0
    about, arrays = files.read(path, "lsh")
    del arrays["weights"], arrays["farthest"], arrays["share"]
    files.write(path, "lsh", about, arrays)
    header, body = parts(path.read_bytes())
    forged(path, header | {"version": 5}, body)
    old = LSHIndex.load(path)
    np.testing.assert_array_equal(old._state.judge.weights, estimate.USUAL)
    assert old._state.judge.farthest == np.inf
    assert old._state.judge.share == 0
    assert (learned != estimate.USUAL).all()
    near = index.search(rows[:50] + 1, 5, recall=0.6)
    assert near.work.probes > 0
    assert (old.search(rows[:50] + 1, 5, recall=0.6).recall <= 1).all()


def test_what_happens_to_a_file_after_it_was_read_changes_nothing(tmp_path: Path) -> None:
    """In a process of its own, since the system ends one that looks at a mapped file beyond its end."""
    saved_index(tmp_path / "index")
    program = """
import os, sys
import numpy as np
from lookalike.index import LSHIndex
index = LSHIndex.load(sys.argv[1])
queries = np.random.default_rng(0).standard_normal((70, 6))
before = index.search(queries, 5)
with open(sys.argv[1], "r+b") as file:
    file.write(bytes(os.path.getsize(sys.argv[1])))
os.truncate(sys.argv[1], 0)
for exact in (False, True):
    after = index.search(queries, 5, exact=exact)
    print((after.ids == before.ids).mean() > 0.8, after.ids[:, 0].tolist() == list(range(70)))
"""
    command = [sys.executable, "-c", program, str(tmp_path / "index")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True True\nTrue True\n", "")


def test_a_failed_save_leaves_nothing_behind(tmp_path: Path) -> None:
    index = LSHIndex(2)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"not a folder")
    for path in (tmp_path / "missing" / "index", tmp_path / "file" / "index", tmp_path / "folder"):
        with pytest.raises(OSError, match=r"missing|file|folder"):
            index.save(path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    before = saved_index(tmp_path / "index")
    program = """
import resource, sys
from pathlib import Path
from lookalike.index import LSHIndex
index = LSHIndex(500)
index.add(range(300), [[i] * 500 for i in range(300)])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    index.save(Path(sys.argv[1]))
except OSError as error:
    print(error.strerror)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "index")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "File too large\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    assert (tmp_path / "index").read_bytes() == before


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "exploded",))

    (tmp_path / "index").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DamagedError):
        LSHIndex.load(tmp_path / "index")
    assert not (tmp_path / "exploded").exists()
    with pytest.raises(TypeError):
        files.write(tmp_path / "index", "test", {}, {"objects": np.array([Bomb()])})
    program = """
import sys
from pathlib import Path
from lookalike.index import LSHIndex
def refuse(event, _):
    if event.startswith(("pickle.", "marshal.load", "exec")) and armed:
        raise SystemExit(event)
armed = False
sys.addaudithook(refuse)
index = LSHIndex(2)
index.add([1], [[1, 2]])
index.save(Path(sys.argv[1]))
LSHIndex.load(Path(sys.argv[1]))
armed = True
index.save(Path(sys.argv[1]))
print(LSHIndex.load(Path(sys.argv[1])).ids())
"""
    command = [sys.executable, "-c", program, str(tmp_path / "index")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[1]\n", "")
