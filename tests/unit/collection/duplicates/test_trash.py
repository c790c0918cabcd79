"""Files are found in the trash by the records that any program may have written there."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest

from lookalike.collection.duplicates.trash import Trash, throw_away
from lookalike.errors import ImageError

DATA = b"one picture"
SHA256 = hashlib.sha256(DATA).digest()


def record(trash: Path, name: str, lines: str, data: bytes = DATA) -> Path:
    for part in ("files", "info"):
        (trash / part).mkdir(parents=True, exist_ok=True)
    (trash / "info" / f"{name}.trashinfo").write_text(lines)
    (trash / "files" / name).write_bytes(data)
    return trash / "files" / name


def info(path: Path, date: str = "2026-01-31T15:45:02") -> str:
    return f"[Trash Info]\nPath={quote(os.fsencode(path))}\nDeletionDate={date}\n"


@pytest.mark.usefixtures("home")
class TestFind:
    def test_what_was_thrown_away(self, photos: Path, trash: Path) -> None:
        path = photos / os.fsdecode(b"\xff%\n =.jpg")
        path.write_bytes(DATA)
        throw_away(path)
        assert not path.exists()
        found = Trash().find(path, SHA256)
        assert found.file == trash / path.name
        assert found.info == trash.parent / "info" / f"{path.name}.trashinfo"

    def test_the_last_with_these_bytes(self, photos: Path, trash: Path) -> None:
        path = photos / "x.jpg"
        record(trash.parent, "old", info(path, "2025-01-01T00:00:00"))
        wanted = record(trash.parent, "new", info(path, "2026-01-01T00:00:00"))
        record(trash.parent, "other", info(path, "2026-02-01T00:00:00"), b"other bytes")
        assert Trash().find(path, SHA256).file == wanted

    def test_a_record_with_links_resolved(self, photos: Path, trash: Path) -> None:
        door = photos.parent / "door"
        door.symlink_to(photos)
        wanted = record(trash.parent, "x", info(photos / "x.jpg"))
        assert Trash().find(door / "x.jpg", SHA256).file == wanted

    @pytest.mark.parametrize("name", [f".Trash-{os.getuid()}", f".Trash/{os.getuid()}"])
    def test_the_trash_of_a_volume_counts_paths_from_its_top(self, name: str, elsewhere: Path) -> None:
        top = elsewhere
        while not top.is_mount():
            top = top.parent
        first = top / name.partition("/")[0]
        if first.exists() or not os.access(top, os.W_OK):
            pytest.skip("this volume has a trash, or none can be made on it")
        try:
            wanted = record(top / name, "x", info((elsewhere / "x.jpg").relative_to(top)))
            assert Trash().find(elsewhere / "x.jpg", SHA256).file == wanted
        finally:
            shutil.rmtree(first)

    def test_odd_records_are_passed_over(self, photos: Path, trash: Path) -> None:
        path = photos / "x.jpg"
        for number, lines in enumerate(("", "Path=", "Path=%00", "\0\0", "DeletionDate=2026", "x" * 100_000)):
            record(trash.parent, f"odd{number}", lines)
        (trash.parent / "info" / "folder.trashinfo").mkdir()
        (trash.parent / "info" / "orphan.trashinfo").write_text(info(path, "2027-01-01T00:00:00"))
        (trash.parent / "info" / "notes.txt").write_text(info(path))
        wanted = record(trash.parent, "x", info(path))
        assert Trash().find(path, SHA256).file == wanted
        for missing, sha256 in ((photos / "y.jpg", SHA256), (path, bytes(32))):
            with pytest.raises(ImageError, match="not found in the trash; has it been emptied"):
                Trash().find(missing, sha256)
