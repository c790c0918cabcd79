from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lookalike.errors import ImageTooLarge, UnreadableImage
from lookalike.images import Limits, read_file

SMALL = Limits(file_bytes=1000)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    (tmp_path / "a").write_bytes(data)
    assert read_file(tmp_path / "a", Limits()) == data


def test_the_limit_itself_is_allowed_and_one_more_is_not(tmp_path: Path) -> None:
    (tmp_path / "fits").write_bytes(bytes(1000))
    (tmp_path / "long").write_bytes(bytes(1001))
    assert len(read_file(tmp_path / "fits", SMALL)) == 1000
    with pytest.raises(ImageTooLarge, match=r"1,001 bytes or more, above the limit of 1,000"):
        read_file(tmp_path / "long", SMALL)


def test_a_huge_hole_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ImageTooLarge, match="1,099,511,627,776 bytes"):
        read_file(tmp_path / "hole", Limits())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has files that do not say how long they are")
def test_a_file_that_does_not_say_how_long_it_is_is_read_up_to_the_limit() -> None:
    status = Path("/proc/self/status")
    assert status.stat().st_size == 0
    assert read_file(status, Limits()).startswith(b"Name:")
    with pytest.raises(ImageTooLarge, match="11 bytes or more, above the limit of 10"):
        read_file(status, Limits(file_bytes=10))


def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(UnreadableImage, match="a named pipe, not a regular file"):
        read_file(tmp_path / "pipe.jpg", SMALL)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.jpg")
        with pytest.raises(UnreadableImage, match="socket"):
            read_file(tmp_path / "socket.jpg", SMALL)


def test_an_endless_device_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="a device, not a regular file"):
        read_file(Path("/dev/zero"), SMALL)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match="a folder, not a regular file"):
        read_file(tmp_path, SMALL)


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UnreadableImage, match="circle"):
        read_file(tmp_path / "a", SMALL)


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "b").symlink_to("a")
    assert read_file(tmp_path / "b", SMALL) == b"content"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "no such file"),
        ("file/below", "no such file"),
        ("n" * 300, "too long"),
        ("nul\0byte", "characters that this system cannot hold"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnreadableImage, match=reason):
        read_file(tmp_path / name, SMALL)


def test_names_with_line_breaks_and_odd_bytes_are_read(tmp_path: Path) -> None:
    for name in (b"new\nline", b"tab\tand \x01", "日本".encode(), b"caf\xe9"):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(name)
        assert read_file(path, SMALL) == name


def test_a_file_without_permission_is_refused(open_folder: Path, as_nobody: Callable[[str], str]) -> None:
    (open_folder / "locked.jpg").write_bytes(b"secret")
    (open_folder / "locked.jpg").chmod(0)
    printed = as_nobody("""
try:
    print(read_file(folder / "locked.jpg", Limits()))
except ImageError as error:
    print(type(error).__name__, error)
""")
    assert printed == "UnreadableImage permission denied\n"


def test_no_file_stays_open(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(bytes(1001))
    os.mkfifo(tmp_path / "pipe")
    before = os.dup(0)
    os.close(before)
    for name in ("long", "pipe", "."):
        with pytest.raises((UnreadableImage, ImageTooLarge)):
            read_file(tmp_path / name, SMALL)
    after = os.dup(0)
    os.close(after)
    assert after == before
