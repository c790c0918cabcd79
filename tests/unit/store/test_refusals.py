from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from lookalike.store import Database, FileStamp, Refusal, Refusals


def test_what_is_remembered_is_found_below_its_folder_alone(file: Path) -> None:
    odd = Path(os.fsdecode(b"/a/new\nline\xff.jpg"))
    inside = {
        Refusal(Path("/a/x.jpg"), FileStamp(3, 1 << 80), "not a JPEG"),
        Refusal(odd, FileStamp(0, -5), "empty"),
        Refusal(Path("/a/locked"), None, "Permission denied"),
    }
    beside = Refusal(Path("/ab/x.jpg"), FileStamp(1, 1), "empty")
    with closing(Database(file, create=True)) as database:
        Refusals(database).replace([], [*inside, beside])
    with closing(Database(file, create=False)) as database:
        refusals = Refusals(database)
        assert refusals.below([Path("/a")]) == inside
        assert refusals.below([Path("/ab/x.jpg"), Path("/none")]) == {beside}
        refusals.replace(inside, [])
        assert refusals.below([Path("/")]) == {beside}


def test_a_file_has_one_refusal(file: Path) -> None:
    old = Refusal(Path("/a.jpg"), FileStamp(1, 1), "empty")
    new = Refusal(Path("/a.jpg"), FileStamp(2, 2), "empty")
    with closing(Database(file, create=True)) as database:
        Refusals(database).replace([], [old])
        Refusals(database).replace([], [new])
        assert Refusals(database).below([Path("/a.jpg")]) == {new}
