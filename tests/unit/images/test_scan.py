from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

import hostile
from lookalike.images import FoundFile, RejectedFile, scan


def _tree(folder: Path, *names: str) -> None:
    """Write each name, below ``folder``, as a file that holds its own name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def _names(folder: Path, *roots: Path) -> list[str]:
    """What a scan finds, relative to ``folder``; nothing may be rejected."""
    found = list(scan(roots or [folder]))
    assert [entry for entry in found if isinstance(entry, RejectedFile)] == []
    return [entry.path.relative_to(folder).as_posix() for entry in found]


def _rejections(*roots: Path) -> list[tuple[str, str]]:
    return [(entry.path.name, entry.reason) for entry in scan(roots) if isinstance(entry, RejectedFile)]


class TestWalking:
    def test_files_with_an_image_suffix_are_found_in_order(self, tmp_path: Path) -> None:
        _tree(
            tmp_path,
            "b.png",
            "a.JPG",
            "c/z.tiff",
            "c/a/deep.webp",
            "b/x.gif",
            "notes.txt",
            "c/movie.mp4",
            "jpg",
        )
        assert _names(tmp_path) == ["a.JPG", "b.png", "b/x.gif", "c/z.tiff", "c/a/deep.webp"]

    def test_a_found_file_says_what_the_disk_says(self, tmp_path: Path) -> None:
        _tree(tmp_path, "below/a.jpg")
        os.utime(tmp_path / "below/a.jpg", ns=(1, 1_234_567_890_123_456_789))
        assert list(scan([tmp_path])) == [
            FoundFile(tmp_path / "below/a.jpg", len("below/a.jpg"), 1_234_567_890_123_456_789, tmp_path)
        ]

    def test_hidden_names_are_skipped(self, tmp_path: Path) -> None:
        _tree(tmp_path, "seen.jpg", ".hidden.jpg", ".thumbnails/a.jpg", "b/.c/d.jpg")
        assert _names(tmp_path) == ["seen.jpg"]

    def test_a_hidden_folder_that_is_named_is_walked(self, tmp_path: Path) -> None:
        _tree(tmp_path, ".album/a.jpg", "b.jpg")
        assert _names(tmp_path, tmp_path, tmp_path / ".album") == ["b.jpg", ".album/a.jpg"]

    def test_a_folder_that_looks_like_an_image_is_walked(self, tmp_path: Path) -> None:
        _tree(tmp_path, "folder.jpg/a.png")
        assert _names(tmp_path) == ["folder.jpg/a.png"]

    def test_a_thousand_levels_are_walked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for _ in range(1100):
            Path("d").mkdir()
            os.chdir("d")
        Path("a.jpg").write_text("deep")
        os.chdir(tmp_path)
        found = _names(tmp_path)
        Path("d/" * 1100 + "a.jpg").unlink()
        for depth in range(1100, 0, -1):
            Path("d/" * depth).rmdir()  # as deep as this, pytest could not clean up
        assert found == ["d/" * 1100 + "a.jpg"]

    def test_a_walk_is_lazy(self, tmp_path: Path) -> None:
        _tree(tmp_path, "a/1.jpg", "b/2.jpg")
        walk = scan([tmp_path])
        assert next(walk).path.name == "1.jpg"
        (tmp_path / "b/3.jpg").write_text("written after the walk began")
        assert [entry.path.name for entry in walk] == ["2.jpg", "3.jpg"]

    def test_roots_are_taken_one_by_one_from_an_endless_iterable(self, tmp_path: Path) -> None:
        _tree(tmp_path, *(f"{number}.jpg" for number in range(5)))
        endless = (tmp_path / f"{number}.jpg" for number in iter(int, 1))
        assert [entry.path.name for entry in islice(scan(endless), 1)] == ["0.jpg"]

    def test_names_that_are_no_text_are_found(self, tmp_path: Path) -> None:
        names = [b"caf\xe9.jpg", "日本.png".encode(), b"new\nline.gif", b"\xff\xfe.webp", b" .jpg"]
        for name in names:
            (tmp_path / os.fsdecode(name)).write_bytes(name)
        found = list(scan([tmp_path]))
        assert sorted(os.fsencode(entry.path.name) for entry in found) == sorted(names)
        assert [entry.path.read_bytes() for entry in found] == [
            os.fsencode(entry.path.name) for entry in found
        ]


class TestNaming:
    def test_a_named_file_is_taken_whatever_it_is_called(self, tmp_path: Path) -> None:
        _tree(tmp_path, "no-suffix", ".hidden", "a.txt")
        roots = [tmp_path / name for name in ("no-suffix", ".hidden", "a.txt")]
        assert _names(tmp_path, *roots) == ["no-suffix", ".hidden", "a.txt"]
        assert [entry.root for entry in scan(roots) if isinstance(entry, FoundFile)] == roots

    def test_a_relative_path_becomes_absolute_without_resolving_links(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _tree(tmp_path, "real/a.jpg")
        (tmp_path / "link").symlink_to("real")
        monkeypatch.chdir(tmp_path)
        (found,) = scan([Path("./real/../link")])
        assert found == FoundFile(
            tmp_path / "link/a.jpg", 10, found.path.stat().st_mtime_ns, tmp_path / "link"
        )

    def test_no_paths_no_files(self) -> None:
        assert list(scan([])) == []

    def test_missing_paths_are_rejected_and_the_scan_goes_on(self, tmp_path: Path) -> None:
        _tree(tmp_path, "a.jpg")
        missing, below = tmp_path / "missing.jpg", tmp_path / "a.jpg" / "below"
        entries = list(scan([missing, below, tmp_path / "nul\0", tmp_path / "a.jpg"]))
        assert entries[:3] == [
            RejectedFile(missing, "no such file"),
            RejectedFile(below, "no such file"),
            RejectedFile(tmp_path / "nul\0", "the path has characters that this system cannot hold"),
        ]
        assert entries[3].path == tmp_path / "a.jpg"


class TestTwice:
    @pytest.mark.parametrize(
        "roots",
        [
            ["", ""],
            ["", "b"],
            ["b", ""],
            ["a.jpg", ""],
            ["", "a.jpg"],
            ["b/c.jpg", "b", "b/c.jpg", "", "b/../b"],
            ["a.jpg", "a.jpg", ""],
        ],
    )
    def test_a_file_reached_twice_is_found_once(self, tmp_path: Path, roots: list[str]) -> None:
        _tree(tmp_path, "a.jpg", "b/c.jpg", "b/d/e.jpg")
        found = _names(tmp_path, *(tmp_path / root for root in roots))
        assert sorted(found) == ["a.jpg", "b/c.jpg", "b/d/e.jpg"]

    def test_what_the_walk_left_out_is_found_when_named(self, tmp_path: Path) -> None:
        _tree(tmp_path, "a.jpg", "b.txt", ".c.jpg")
        roots = [tmp_path, tmp_path / "b.txt", tmp_path / ".c.jpg", tmp_path / "b.txt"]
        assert _names(tmp_path, *roots) == ["a.jpg", "b.txt", ".c.jpg"]

    def test_a_bad_path_named_twice_is_rejected_once(self, tmp_path: Path) -> None:
        (tmp_path / "circle.jpg").symlink_to("circle.jpg")
        assert len(_rejections(tmp_path, tmp_path / "circle.jpg", tmp_path)) == 1
        assert len(_rejections(tmp_path / "circle.jpg", tmp_path, tmp_path / "circle.jpg")) == 1
        assert len(_rejections(tmp_path / "gone", tmp_path / "gone")) == 1


class TestLinks:
    def test_links_to_files_are_followed_and_links_to_folders_are_not(self, tmp_path: Path) -> None:
        _tree(tmp_path, "album/a.jpg", "elsewhere/b.jpg")
        (tmp_path / "album/link.jpg").symlink_to("../elsewhere/b.jpg")
        (tmp_path / "album/folder").symlink_to("../elsewhere")
        (tmp_path / "album/folder.jpg").symlink_to("../elsewhere")
        (tmp_path / "album/up").symlink_to("..")
        assert _names(tmp_path, tmp_path / "album") == ["album/a.jpg", "album/link.jpg"]

    def test_a_link_to_a_folder_that_is_named_is_walked(self, tmp_path: Path) -> None:
        _tree(tmp_path, "real/a.jpg", "real/b/c.jpg")
        (tmp_path / "link").symlink_to("real")
        link = tmp_path / "link"
        assert _names(tmp_path, link) == ["link/a.jpg", "link/b/c.jpg"]
        assert {entry.root for entry in scan([link]) if isinstance(entry, FoundFile)} == {link}

    def test_circles_and_dangling_links_are_rejected_and_the_walk_goes_on(self, tmp_path: Path) -> None:
        (tmp_path / "b.jpg").symlink_to("c.jpg")
        (tmp_path / "c.jpg").symlink_to("b.jpg")
        (tmp_path / "d.jpg").symlink_to("nowhere")
        (tmp_path / "not-an-image").symlink_to("not-an-image")
        _tree(tmp_path, "a.jpg", "e.jpg")
        assert _rejections(tmp_path) == [
            ("b.jpg", "symbolic links that lead in a circle"),
            ("c.jpg", "symbolic links that lead in a circle"),
            ("d.jpg", "no such file"),
        ]
        assert len(list(scan([tmp_path]))) == 5


class TestNoRegularFiles:
    def test_a_missing_file_is_told_even_beside_its_folder(self, tmp_path: Path) -> None:
        _tree(tmp_path, "there.jpg")
        absent = tmp_path / "absent.jpg"
        assert _rejections(absent, tmp_path, absent) == [("absent.jpg", "no such file")]
        assert _rejections(tmp_path, absent) == [("absent.jpg", "no such file")]

    def test_pipes_and_sockets_are_rejected(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)  # a socket's path may not be long
        os.mkfifo("pipe.jpg")
        os.mkfifo("pipe")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket.png")
            assert _rejections(tmp_path) == [
                ("pipe.jpg", "a named pipe, not a regular file"),
                ("socket.png", "a socket, not a regular file"),
            ]

    def test_a_named_pipe_or_device_is_rejected(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert _rejections(tmp_path / "pipe") == [("pipe", "a named pipe, not a regular file")]
        assert _rejections(Path("/dev/null")) == [("null", "a device, not a regular file")]

    def test_a_closed_folder_is_rejected_and_the_walk_goes_on(
        self, open_folder: Path, as_nobody: Callable[[str], str]
    ) -> None:
        _tree(open_folder, "a/1.jpg", "b/2.jpg", "c/3.jpg")
        (open_folder / "b").chmod(0)
        printed = as_nobody("""
for found in scan([folder, folder / "b", folder / "b" / "2.jpg"]):
    print(found.path.name, getattr(found, "reason", "found"))
""")
        assert printed.splitlines() == [
            "1.jpg found",
            "b permission denied: this folder cannot be listed",
            "3.jpg found",
            "2.jpg permission denied",
        ]

    def test_a_folder_that_lists_but_does_not_open_rejects_each_file(
        self, open_folder: Path, as_nobody: Callable[[str], str]
    ) -> None:
        _tree(open_folder, "a/1.jpg", "a/2.jpg")
        (open_folder / "a").chmod(0o444)
        printed = as_nobody("""
for found in scan([folder]):
    print(found.path.name, getattr(found, "reason", "found"))
""")
        assert printed.splitlines() == ["1.jpg permission denied", "2.jpg permission denied"]


def _skipped(*roots: Path, exclude: tuple[str, ...] = ()) -> dict[str, int]:
    counts: Counter[str] = Counter()
    list(scan(roots, exclude=exclude, skipped=counts))
    return dict(counts)


class TestPassedBy:
    def test_everything_that_is_left_out_is_counted_by_kind(self, tmp_path: Path) -> None:
        _tree(tmp_path, "a.jpg", "b.mp4", "c.MP4", "notes.txt", "README", ".hidden.jpg", ".git/x.png")
        _tree(tmp_path, "@eaDir/a.jpg/thumb.jpg", "#recycle/old.jpg", "lost+found/x.jpg", "elsewhere/y.jpg")
        (tmp_path / "album").symlink_to("elsewhere")
        assert _skipped(tmp_path) == {
            ".mp4": 2, ".txt": 1, "no suffix": 1, "hidden": 2, "link to a folder": 1,
            "folder @eaDir": 1, "folder #recycle": 1, "folder lost+found": 1,
        }  # fmt: skip
        assert _names(tmp_path) == ["a.jpg", "elsewhere/y.jpg"]

    @pytest.mark.parametrize("name", ["@eaDir", "#recycle", ".thumbnails", "$RECYCLE.BIN", "lost+found"])
    def test_a_folder_of_programs_is_walked_if_it_is_named(self, name: str, tmp_path: Path) -> None:
        _tree(tmp_path, f"{name}/a.jpg")
        assert _names(tmp_path, tmp_path) == []
        assert _names(tmp_path, tmp_path / name) == [f"{name}/a.jpg"]

    @pytest.mark.parametrize("name", ["no-suffix", "x.jpg_large", "photo.jpg.1", "5e1c.d4f2", "IMG.tmp"])
    def test_a_name_that_says_nothing_is_judged_by_its_first_bytes(self, name: str, tmp_path: Path) -> None:
        _tree(tmp_path, f"text/{name}")
        (tmp_path / name).write_bytes(hostile.encoded(hostile.photo(), "JPEG"))
        assert _names(tmp_path) == [name]

    def test_patterns_leave_out_names_and_paths(self, tmp_path: Path) -> None:
        _tree(tmp_path, "a.jpg", "a.png", "raw/b.jpg", "c/raw/d.jpg", "c/e.jpg")
        assert _skipped(tmp_path, exclude=("*.png", "raw")) == {"excluded": 3}
        found = scan([tmp_path], exclude=("c/*.jpg",))
        assert [entry.path.name for entry in found] == ["a.jpg", "a.png", "b.jpg"]
        assert list(scan([tmp_path / "a.png"], exclude=("*.png",))) == []

    def test_a_readable_file_is_never_counted(self, tmp_path: Path) -> None:
        _tree(tmp_path, "a.HIF", "b.jp2", "c.avifs")
        assert _names(tmp_path) == ["a.HIF", "b.jp2", "c.avifs"]
        assert _skipped(tmp_path) == {}
