"""Index files: whole or not at all, and nothing but DamagedError from whatever else lies there."""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import DamagedError, UsageError
from lookalike.index import LSHIndex, files

ARRAYS: dict[str, NDArray[Any]] = {
    "floats": np.array([[1.5, -2.5, 3.5], [np.inf, np.nan, -0.0]], np.float32),
    "words": np.array([2**64 - 1, 0, 5], np.uint64),
    "ids": np.array([-1, 2**63 - 1]),
    "places": np.arange(100, dtype=np.int32).reshape(2, 5, 10),
    "none": np.empty((0, 7), np.float32),
}
ABOUT = {"metric": "cosine", "bits": None, "curves": {"10": [{"codes": 4, "recall": 0.1}]}, "name": "Füße"}


def written(path: Path) -> bytes:
    files.write(path, "test", ABOUT, ARRAYS)
    return path.read_bytes()


def parts(whole: bytes) -> tuple[dict[str, Any], bytes]:
    """A file's header and its arrays' bytes, read by hand from the documented layout."""
    assert whole[:16] == b"LOOKALIKE-INDEX\n"
    length, checksum = struct.unpack("<II", whole[16:24])
    text = whole[24 : 24 + length]
    assert zlib.crc32(text) == checksum
    base = -(-(24 + length) // 64) * 64
    assert whole[24 + length : base].strip(b"\0") == b""
    return json.loads(text), whole[base:]


def forged(path: Path, header: Any, arrays: bytes) -> None:
    """A file with any header, its checksum correct."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    head = b"LOOKALIKE-INDEX\n" + struct.pack("<II", len(text), zlib.crc32(text)) + text
    path.write_bytes(head.ljust(-(-len(head) // 64) * 64, b"\0") + arrays)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written(tmp_path / "file")
    about, arrays = files.read(tmp_path / "file", "test")
    assert about == ABOUT
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        assert not arrays[name].flags.writeable
        assert arrays[name].size == 0 or arrays[name].ctypes.data % 64 == 0


def test_the_layout_is_as_documented(tmp_path: Path) -> None:
    header, body = parts(written(tmp_path / "file"))
    assert (header["version"], header["kind"], header["about"]) == (4, "test", ABOUT)
    for entry in header["arrays"]:
        array = ARRAYS[entry["name"]]
        assert entry["offset"] % 64 == 0
        raw = body[entry["offset"] : entry["offset"] + array.nbytes]
        assert raw == array.astype(array.dtype.newbyteorder("<")).tobytes()
        blocks = range(0, len(raw), 1 << 20)
        assert entry["crc32"] == [zlib.crc32(raw[start : start + (1 << 20)]) for start in blocks]


def test_arrays_of_any_order_are_written_as_little_endian_rows(tmp_path: Path) -> None:
    odd = {
        "big": np.arange(6, dtype=">i8").reshape(2, 3),
        "columns": np.asfortranarray(ARRAYS["floats"])[:, ::-2],
    }
    files.write(tmp_path / "file", "test", {}, odd)
    _, arrays = files.read(tmp_path / "file", "test")
    for name, array in odd.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype.str[0] == "<"


def test_another_kind_or_version_is_refused(tmp_path: Path) -> None:
    header, body = parts(written(tmp_path / "file"))
    with pytest.raises(DamagedError, match="it is 'test' version 4, not 'lsh' version 4"):
        files.read(tmp_path / "file", "lsh")
    forged(tmp_path / "file", header | {"version": 1}, body)
    with pytest.raises(DamagedError, match="version 1, not"):
        files.read(tmp_path / "file", "test")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"LOOKALIKE",
        files.MAGIC,
        files.MAGIC + b"\xff" * 8,
        b"\x89PNG\r\n\x1a\n" * 50,
        b"\0" * 500,
    ],
)
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(DamagedError) as raised:
        files.read(tmp_path / "file", "test")
    assert "delete" not in str(raised.value)  # it may be anything, and belong to anybody
    if not content.startswith(files.MAGIC):
        assert str(raised.value) == f"{tmp_path / 'file'} is not an index file: it does not begin like one"


def test_no_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "missing", "there is no index file"), (tmp_path, "is a folder, not an")):
        with pytest.raises(DamagedError, match=reason):
            LSHIndex.load(path)


def test_a_path_may_be_text(tmp_path: Path) -> None:
    index = LSHIndex(2)
    index.add([5], [[1, 2]])
    index.save(str(tmp_path / "x.index"))
    assert LSHIndex.load(f"{tmp_path}/x.index").ids().tolist() == [5]


@pytest.mark.parametrize("path", [None, 3, b"x.index", ["x.index"]])
def test_what_is_no_path_is_refused(path: Any) -> None:
    for call in (LSHIndex(2).save, LSHIndex.load):
        with pytest.raises(UsageError, match="path of an index file must be text or a Path, not"):
            call(path)


def _entry(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    def change(header: dict[str, Any]) -> Any:
        header["arrays"][0] |= changes
        return header

    return change


FORGERIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no JSON": lambda _: b"{",
    "not UTF-8": lambda _: b"\xff\xfe",
    "a list": lambda _: [1, 2],
    "a number": lambda _: 7,
    "null": lambda _: None,
    "very deep": lambda _: b"[" * 100_000,
    "no arrays": lambda header: {**header, "arrays": None},
    "arrays of text": lambda header: {**header, "arrays": ["floats"]},
    "no about": lambda header: {key: header[key] for key in ("version", "kind", "arrays")},
    "no offset": lambda header: {**header, "arrays": [{"name": "floats", "type": "<f4", "shape": [1]}]},
    "objects": _entry(type="|O"),
    "a type of Python": _entry(type=["<f4"]),
    "a huge shape": _entry(shape=[2**62, 2**62]),
    "a shape that wraps around": _entry(shape=[2**62, 4]),
    "a negative shape": _entry(shape=[-1, 3]),
    "a hugely negative shape": _entry(shape=[-(2**70), 3]),
    "a shape of text": _entry(shape=["2", "3"]),
    "a fractional shape": _entry(shape=[2.0, 3.0]),
    "no shape": _entry(shape=None),
    "one row more": _entry(shape=[3, 3]),
    "an offset beyond the end": _entry(offset=1 << 20),
    "a huge offset": _entry(offset=2**80),
    "a negative offset": _entry(offset=-64),
    "an uneven offset": _entry(offset=1),
    "an offset of text": _entry(offset="0"),
    "no offset at all": _entry(offset=None),
    "another checksum": _entry(crc32=[0]),
    "a checksum too many": _entry(crc32=[0, 0]),
    "checksums of text": _entry(crc32="0"),
    "a checksum that is no list": _entry(crc32=0),
    "no checksums": _entry(crc32=[]),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_headers_are_refused(forgery: str, tmp_path: Path) -> None:
    header, body = parts(written(tmp_path / "file"))
    forged(tmp_path / "file", FORGERIES[forgery](header), body)
    with pytest.raises(DamagedError):
        files.read(tmp_path / "file", "test")


def saved_index(path: Path) -> bytes:
    index = LSHIndex(6, metric="euclidean", tables=2, bits=3)
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
        for place in range(4 * (1 + (entry["type"] in ("<i8", "<u8"))) * int(np.prod(entry["shape"])))
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


@pytest.fixture(params=["read", "mapped"])
def large(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of 66 MiB, to be read into memory or, as if it had more than a GiB, to be mapped."""
    if request.param == "mapped":
        monkeypatch.setattr(files, "LARGEST_READ", 1 << 20)
    words = np.random.default_rng(3).integers(0, 1 << 63, (66 << 20) // 8, np.uint64)
    files.write(tmp_path / "large", "test", {}, {"words": words, "last": words[:100]})
    return tmp_path / "large"


def test_one_flipped_bit_in_a_large_file_is_noticed(large: Path) -> None:
    files.read(large, "test")
    chance = np.random.default_rng(4)
    body = large.stat().st_size - (66 << 20) - 100 * 8 - 64
    for place in [body + 100, large.stat().st_size - 300, *chance.integers(body + 64, 66 << 20, 6).tolist()]:
        flip(large, place)
        with pytest.raises(DamagedError, match=r"array '(words|last)' does not match its checksum"):
            files.read(large, "test")
        flip(large, place)
    files.read(large, "test")


def test_a_large_file_without_its_end_is_refused(large: Path) -> None:
    os.truncate(large, large.stat().st_size - 4096)
    with pytest.raises(DamagedError, match="it ends inside array 'words'"):
        files.read(large, "test")


def flip(path: Path, place: int) -> None:
    """Flip one bit in a file where it lies."""
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1 << place % 8]))


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
