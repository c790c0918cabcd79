"""Index files: what is written is read, and nothing but DamagedError comes from other files."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index_files import forged, parts
from lookalike.errors import DamagedError, UsageError
from lookalike.index import LSHIndex, files

ARRAYS: dict[str, NDArray[Any]] = {
    "floats": np.array([[1.5, -2.5, 3.5], [np.inf, np.nan, -0.0]], np.float32),
    "halves": np.array([[0.1, -65504.0], [6e-8, np.inf]], np.float16),
    "words": np.array([2**64 - 1, 0, 5], np.uint64),
    "ids": np.array([-1, 2**63 - 1]),
    "places": np.arange(100, dtype=np.int32).reshape(2, 5, 10),
    "none": np.empty((0, 7), np.float32),
}


ABOUT = {"metric": "cosine", "bits": None, "curves": {"10": [{"codes": 4, "recall": 0.1}]}, "name": "Füße"}


def written(path: Path) -> bytes:
    files.write(path, "test", ABOUT, ARRAYS)
    return path.read_bytes()


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
    assert (header["version"], header["kind"], header["about"]) == (7, "test", ABOUT)
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
    with pytest.raises(DamagedError, match="it is 'test' version 7, not 'lsh' version 7"):
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


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DamagedError, match="is a pipe, not an index file"):
        LSHIndex.load(tmp_path / "pipe")


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


def test_a_file_is_not_taken_for_damaged_where_memory_lacks_to_map_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    written(tmp_path / "file")
    monkeypatch.setattr(np, "memmap", refuse)
    monkeypatch.setattr(files, "LARGEST_READ", 0)
    with pytest.raises(MemoryError):
        files.read(tmp_path / "file", "test")


@pytest.mark.skipif(not hasattr(os, "pread"), reason="a file that is mapped cannot be cut short here")
def test_a_mapped_file_that_is_cut_short_while_it_is_opened_is_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    files.write(path, "test", {}, {"words": np.arange(1 << 20)})
    cut = """
import os, sys, numpy
from lookalike.errors import DamagedError
from lookalike.index import files
map_file = numpy.memmap
def cutting(file, *arguments, **options):
    content = map_file(file, *arguments, **options)
    os.truncate(sys.argv[1], 1 << 20)
    return content
numpy.memmap, files.LARGEST_READ = cutting, 0
try:
    files.read(files.as_path(sys.argv[1]), "test")
except DamagedError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", cut, path], capture_output=True, text=True, check=False)
    assert (done.returncode, "does not match its checksum" in done.stdout) == (0, True)


def flip(path: Path, place: int) -> None:
    """Flip one bit in a file where it lies."""
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1 << place % 8]))


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A file of two arrays; what follows takes "rows" for sound, as of the moment when it is opened."""
    arrays = {"rows": np.arange(3_000_000, dtype=np.float32), "places": np.arange(1000)}
    files.write(tmp_path / "known", "test", {}, arrays)
    return tmp_path / "known"


def read_known(path: Path) -> files.Arrays:
    return files.read(path, "test", sound="rows", as_of=files.Stamp.of(path.stat()))[1]


def test_an_array_that_is_known_to_be_sound_is_not_read(known: Path) -> None:
    """So a flipped bit in it is not noticed, and one in any other array is."""
    first, second = (entry["offset"] for entry in parts(known.read_bytes())[0]["arrays"])
    base = known.stat().st_size - second - 8000
    flip(known, base + first + 5_000_003)
    arrays = read_known(known)
    right = np.arange(3_000_000, dtype=np.float32)
    assert np.flatnonzero(arrays["rows"] != right).tolist() == [1_250_000]
    assert arrays["places"].tolist() == list(range(1000))
    assert not arrays["rows"].flags.writeable
    with pytest.raises(DamagedError, match="array 'rows' does not match its checksum"):
        files.read(known, "test")
    flip(known, base + second + 100)
    with pytest.raises(DamagedError, match="array 'places' does not match its checksum"):
        read_known(known)


def test_it_is_read_if_the_file_was_written_to_since(known: Path) -> None:
    """Even if its size and time are made to look as before: nobody can do that to ``ctime``."""
    status = known.stat()
    flip(known, known.stat().st_size // 2)
    os.utime(known, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(DamagedError, match="array 'rows' does not match its checksum"):
        files.read(known, "test", sound="rows", as_of=files.Stamp.of(status))


@pytest.mark.parametrize("name", ["_POPULATE_READ", "_POPULATED_AT_ONCE"])
def test_where_the_system_cannot_map_it_safely_it_is_read_into_memory(
    name: str, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An advice that no system knows, and a place in the middle of a page."""
    monkeypatch.setattr(files, name, 12_345)
    rows = read_known(known)["rows"]
    os.truncate(known, 0)
    np.testing.assert_array_equal(rows, np.arange(3_000_000, dtype=np.float32))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such an array is read, not mapped")
def test_a_sound_array_that_is_cut_short_while_it_is_mapped_ends_in_an_error(known: Path) -> None:
    cut = """
import mmap, os, sys
from lookalike.errors import DamagedError
from lookalike.index import files
class Cutting(mmap.mmap):
    def madvise(self, *arguments):
        os.truncate(sys.argv[1], 1 << 20)
        return super().madvise(*arguments)
mmap.mmap = Cutting
path = files.as_path(sys.argv[1])
try:
    files.read(path, "test", sound="rows", as_of=files.Stamp.of(path.stat()))
except DamagedError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", cut, known], capture_output=True, text=True, check=False)
    assert (done.returncode, "it was cut short while it was read" in done.stdout) == (0, True)
