"""A trash of the test's own, another file system, and a few files that are copies of each other."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from send2trash import plat_other, send2trash


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home for this test: ``send2trash`` looks it up only when it is imported."""
    home = tmp_path / "home"
    data = home / ".local" / "share"
    data.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    if send2trash is not plat_other.send2trash:
        pytest.skip("the desktop's own trash cannot be pointed elsewhere")
    monkeypatch.setattr(plat_other, "XDG_DATA_HOME", os.fsencode(data))
    monkeypatch.setattr(plat_other, "HOMETRASH_B", os.fsencode(data / "Trash"))
    return home


@pytest.fixture
def trash(home: Path) -> Path:
    """Where the trash keeps the files of this test."""
    return home / ".local" / "share" / "Trash" / "files"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A collection's folder, in which the journal is."""
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with ``a.jpg``, the same bytes twice more, and ``edited.jpg``, which holds others."""
    folder = tmp_path / "photos"
    (folder / "2021").mkdir(parents=True)
    (folder / "2022").mkdir()
    for place in ("a.jpg", "2021/b.jpg", "2022/b.jpg"):
        (folder / place).write_bytes(b"one picture")
    (folder / "edited.jpg").write_bytes(b"the same picture, edited")
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than ``tmp_path``."""
    for place in ("/dev/shm", "/var/tmp", "/run"):
        other = Path(place)
        if other.is_dir() and os.access(other, os.W_OK) and other.stat().st_dev != tmp_path.stat().st_dev:
            folder = Path(tempfile.mkdtemp(prefix="lookalike-test-", dir=other))
            yield folder
            shutil.rmtree(folder)
            return
    pytest.skip("this machine has one file system only")
