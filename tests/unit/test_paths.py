from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import UsageError
from lookalike.paths import absolute, all_absolute, shown


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which is also the home folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    return folder


class TestAbsolute:
    @pytest.mark.parametrize(
        ("given_path", "expected"),
        [
            ("a.jpg", "here/a.jpg"),
            ("./b/../a.jpg", "here/a.jpg"),
            ("../a.jpg", "a.jpg"),
            (".", "here"),
            ("~", "here"),
            ("~/a.jpg", "here/a.jpg"),
            ("b//a.jpg/", "here/b/a.jpg"),
            ("~no-such-user-here.jpg", "here/~no-such-user-here.jpg"),
            ("a~b", "here/a~b"),
            ("new\nline", "here/new\nline"),
        ],
    )
    def test_relative_paths(self, given_path: str, expected: str, here: Path) -> None:
        assert absolute(given_path) == here.parent / expected
        assert absolute(Path(given_path)) == here.parent / expected

    def test_an_empty_one_is_not_here(self, here: Path) -> None:
        with pytest.raises(UsageError, match="a path is empty"):
            absolute("")
        with pytest.raises(UsageError, match="a path is empty"):
            all_absolute([here, ""])

    def test_symbolic_links_stay(self, here: Path) -> None:
        (here / "folder").mkdir()
        (here / "link").symlink_to("folder")
        assert absolute("link/a.jpg") == here / "link" / "a.jpg"

    def test_bytes_that_are_no_text_survive(self, here: Path) -> None:
        name = os.fsdecode(b"caf\xe9.jpg")
        assert os.fsencode(absolute(name)) == os.fsencode(here) + b"/caf\xe9.jpg"

    def test_it_is_its_own_absolute_path(self, here: Path) -> None:
        assert absolute(absolute("../x/./y")) == here.parent / "x" / "y"


class TestShown:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("plain name.jpg", "plain name.jpg"),
            ("été/写真.jpg", "été/写真.jpg"),
            ("new\nline", r"new\nline"),
            ("tab\tand\rreturn", r"tab\tand\rreturn"),
            ("\x1b[31mred", r"\x1b[31mred"),
            ("gpj.\u202eexe", r"gpj.\u202eexe"),
            ("line\u2028separator", r"line\u2028separator"),
            (os.fsdecode(b"caf\xe9"), r"caf\udce9"),
        ],
    )
    def test_one_readable_line(self, path: str, expected: str) -> None:
        assert shown(path) == expected
        assert shown(Path(path)) == expected

    @given(st.binary(min_size=1).filter(lambda name: b"\0" not in name))
    def test_any_name_becomes_printable_text_on_one_line(self, name: bytes) -> None:
        line = shown(os.fsdecode(name))
        assert line.isprintable()
        line.encode()
