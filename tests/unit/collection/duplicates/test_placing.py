"""Files get other names, on any file system, and never in place of a file that is there."""

from __future__ import annotations

import hashlib
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fresh import run_fresh
from groups import tree
from lookalike.collection.duplicates.placing import free_name, place, remove_second
from lookalike.errors import ImageError

DATA = b"one picture" * 20_000
SHA256 = hashlib.sha256(DATA).digest()


@contextmanager
def longest_file(size: int) -> Iterator[None]:
    """No file can grow beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(params=["here", "elsewhere"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A free name on the same or on another file system."""
    folder = tmp_path / "to" if request.param == "here" else request.getfixturevalue("elsewhere") / "to"
    folder.mkdir()
    return Path(folder / "b.jpg")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a.jpg").write_bytes(DATA)
    return tmp_path / "from" / "a.jpg"


class TestPlace:
    def test_it_moves(self, source: Path, target: Path) -> None:
        inode = source.stat().st_ino, source.stat().st_dev
        place(source, target, target.with_name("aside"), SHA256)
        assert (tree(source.parent), tree(target.parent)) == ({}, {b"b.jpg": DATA})
        if target.stat().st_dev == inode[1]:
            assert target.stat().st_ino == inode[0]

    @pytest.mark.parametrize("kind", ["file", "broken link", "folder"])
    def test_what_is_there_stays(self, kind: str, source: Path, target: Path) -> None:
        if kind == "file":
            target.write_bytes(b"of somebody else")
        elif kind == "folder":
            target.mkdir()
        else:
            target.symlink_to("nowhere")
        with pytest.raises(FileExistsError):
            place(source, target, target.with_name("aside"), SHA256)
        assert tree(source.parent) == {b"a.jpg": DATA}
        assert [path.name for path in target.parent.iterdir()] == ["b.jpg"]
        assert kind != "file" or target.read_bytes() == b"of somebody else"

    def test_a_full_disk_leaves_nothing_behind(self, source: Path, elsewhere: Path) -> None:
        with longest_file(len(DATA) // 2), pytest.raises(OSError, match="too large"):
            place(source, elsewhere / "b.jpg", elsewhere / "aside", SHA256)
        assert (tree(source.parent), tree(elsewhere)) == ({b"a.jpg": DATA}, {})

    def test_other_bytes_than_expected_are_not_carried_over(self, source: Path, elsewhere: Path) -> None:
        with pytest.raises(ImageError, match="its copy turned out different"):
            place(source, elsewhere / "b.jpg", elsewhere / "aside", hashlib.sha256(b"others").digest())
        assert (tree(source.parent), tree(elsewhere)) == ({b"a.jpg": DATA}, {})


NO_LINKS = """
import os, sys
from pathlib import Path
from lookalike.collection.duplicates.placing import place
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
top = Path(sys.argv[1])
try:
    os.link(top / "a.jpg", top / "linked.jpg")
except PermissionError:
    print("no links")
place(top / "a.jpg", top / "b.jpg", top / "aside", bytes(32))
try:
    place(top / "c.jpg", top / "b.jpg", top / "aside", bytes(32))
except FileExistsError:
    print("stays")
"""


@pytest.mark.skipif(
    os.geteuid() != 0 or Path("/proc/sys/fs/protected_hardlinks").read_bytes().strip() != b"1",
    reason="needs root, and a system that lets nobody link to files of others",
)
def test_where_no_hard_links_can_be_made() -> None:
    with tempfile.TemporaryDirectory(prefix="lookalike-test-") as name:
        top = Path(name)
        os.chown(top, 65534, 65534)
        (top / "a.jpg").write_bytes(DATA)
        (top / "c.jpg").write_bytes(b"another")
        done = run_fresh(NO_LINKS, name)
        assert (done.stdout, done.stderr) == ("no links\nstays\n", "")
        assert tree(top) == {b"b.jpg": DATA, b"c.jpg": b"another"}


def test_free_names(tmp_path: Path) -> None:
    wanted = tmp_path / "sea.side.jpg"
    assert free_name(wanted, set()) == wanted
    wanted.symlink_to("nowhere")
    second, third = tmp_path / "sea.side (2).jpg", tmp_path / "sea.side (3).jpg"
    assert free_name(wanted, set()) == second
    assert free_name(wanted, {second}) == third


class TestRemoveSecond:
    def test_a_second_name_a_copy_and_an_empty_file_go(self, source: Path) -> None:
        second = source.with_name("second.jpg")
        for make in (
            lambda: second.hardlink_to(source),
            lambda: second.write_bytes(DATA),
            lambda: second.write_bytes(b""),
        ):
            make()
            remove_second(source, second, SHA256)
            assert tree(source.parent) == {b"a.jpg": DATA}

    def test_nothing_else_goes(self, source: Path) -> None:
        door = source.parent.parent / "door"
        door.symlink_to(source.parent)
        other, link = source.with_name("other.jpg"), source.with_name("link.jpg")
        other.write_bytes(b"others")
        link.symlink_to(source)
        before = tree(source.parent)
        for first, second in ((source, source), (source, door / "a.jpg"), (source, other), (source, link)):
            remove_second(first, second, SHA256)
        remove_second(other, source, SHA256)
        remove_second(source.with_name("gone"), source, SHA256)
        assert tree(source.parent) == before
