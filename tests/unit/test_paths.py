from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import UsageError
from lookalike.paths import absolute, all_absolute, at_or_below, on_disk, shown


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


_NFC, _NFD = "caf\u00e9", "cafe\u0301"


class TestSpellings:
    @pytest.mark.parametrize(("stored", "asked"), [(_NFC, _NFD), (_NFD, _NFC)])
    def test_either_unicode_spelling_finds_what_is_listed(
        self, stored: str, asked: str, tmp_path: Path
    ) -> None:
        (tmp_path / stored).mkdir()
        (tmp_path / stored / f"{stored}.jpg").touch()
        found = on_disk(tmp_path / asked / f"{asked}.jpg")
        assert str(found) == str(tmp_path / stored / f"{stored}.jpg")

    def test_two_files_that_the_disk_tells_apart_stay_two(self, tmp_path: Path) -> None:
        names = [f"{_NFC}.jpg", f"{_NFD}.jpg", "a.jpg", "A.jpg"]
        for name in names:
            (tmp_path / name).touch()
        if {path.name for path in tmp_path.iterdir()} != set(names):
            pytest.skip("this disk takes some of these names for the same")
        assert [str(on_disk(tmp_path / name)) for name in names] == [str(tmp_path / name) for name in names]

    def test_another_case_is_another_file_where_the_disk_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").touch()
        asked = tmp_path / "A.jpg"
        assert on_disk(asked).name == ("a.jpg" if asked.exists() else "A.jpg")

    def test_what_is_not_there_stays_as_it_is(self, tmp_path: Path) -> None:
        for path in (tmp_path / "no" / "such.jpg", tmp_path / "nul\0", Path("/")):
            assert on_disk(path) == path

    def test_known_paths_that_are_gone_are_found_by_either_spelling(self, tmp_path: Path) -> None:
        known = [tmp_path / _NFD / "a.jpg", tmp_path / f"{_NFD}.jpg", tmp_path / f"{_NFD}s" / "b.jpg"]
        assert at_or_below(tmp_path / _NFC, known) == known[:1]
        assert at_or_below(tmp_path / f"{_NFC}.jpg", known) == known[1:2]
        assert at_or_below(tmp_path, known) == known
