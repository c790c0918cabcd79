"""What a file holds, and whether it is still the file that was read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from lookalike.collection.duplicates.content import holds, read_content
from lookalike.errors import ImageError


def test_bytes_beyond_one_block(tmp_path: Path) -> None:
    data = os.urandom((1 << 20) + 17)
    (tmp_path / "a").write_bytes(data)
    assert read_content(tmp_path / "a").sha256 == hashlib.sha256(data).digest()
    assert holds(tmp_path / "a", hashlib.sha256(data).digest())
    assert not holds(tmp_path / "a", bytes(32))


def test_it_is_the_same_file_until_it_is_replaced_or_written_to(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"bytes")
    content = read_content(path)
    assert content.is_still_at(path)
    other.write_bytes(b"bytes")
    os.utime(other, ns=(0, path.stat().st_mtime_ns))
    assert not content.is_still_at(other)
    path.rename(tmp_path / "c")
    assert content.is_still_at(tmp_path / "c")
    assert not content.is_still_at(path)
    (tmp_path / "c").write_bytes(b"more bytes")
    assert not content.is_still_at(tmp_path / "c")


def test_what_is_no_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "circle").symlink_to("circle")
    os.mkfifo(tmp_path / "pipe")
    refusals = {
        "folder": "a folder, not a regular file",
        "link": "a symbolic link, not a file of its own",
        "circle": "a symbolic link, not a file of its own",
        "pipe": "a named pipe, not a regular file",
        "gone": "no such file",
        "file/below": "no such file",
        "nul\0": "the path has characters that this system cannot hold",
        "n" * 300: "the path is too long for this system",
    }
    for name, reason in refusals.items():
        with pytest.raises(ImageError) as caught:
            read_content(tmp_path / name)
        assert str(caught.value) == reason
        assert not holds(tmp_path / name, hashlib.sha256(b"").digest())
