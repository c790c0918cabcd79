"""Which files ``lookalike duplicates`` lists and leaves alone, and why, by the real program."""

from __future__ import annotations

import os
import re
import shutil

import pytest

import copies
from hostile import encoded, photo
from lookalike import Collection
from lookalike.alterations import ALTERATIONS
from pictures import write
from program import Program

pytestmark = pytest.mark.usefixtures("looks_are_kept")


def test_a_crop_is_told_with_the_reason_why_it_stays(program: Program) -> None:
    box = program.home / "pictures"
    box.mkdir()
    copies.original(0).save(box / "whole.png")
    ALTERATIONS["crop-80"].apply(copies.original(0)).save(box / "crop.png")
    assert program.here("index", "pictures").code == 0
    left = "Left alone: 1 file showing less or more than the file that stays"
    for arguments in ((), ("--move-to", "aside")):
        said = program.here("duplicates", *arguments).out
        assert f"1 group. No file could go.\n{left} (--edited acts on it).\n" in said
        (line,) = (line for line in said.splitlines() if line.startswith("  left "))
        assert re.search(r"left alone: [^;]*cropped to \d+ %; --edited acts on it\)$", line)
    said = program.here("duplicates", "--hardlink").out
    assert f"1 group.\n{left}.\n" in said
    assert "--edited" not in said
    said = program.here("duplicates", "--edited").out
    assert "1 group. 1 file could go, " in said
    assert "left" not in said.lower()


@pytest.mark.parametrize("deed", [("--move-to", "aside"), ("--hardlink",)])
def test_the_pictures_of_a_bank_and_uploads_are_left_alone(deed: tuple[str, ...], program: Program) -> None:
    """A bank has a picture that lies in two files, and an upload has two copies outside."""
    box = program.home / "pictures"
    (box / "again").mkdir(parents=True)
    for name, seed in (("known", 0), ("mine", 1)):
        copies.original(seed).save(box / f"{name}.png")
        shutil.copy(box / f"{name}.png", box / "again" / f"{name}.png")
    with Collection.open(program.collection, create=True) as pictures:
        pictures.add_uploads([(box / "mine.png").read_bytes()])
    assert program.here("index", "pictures").code == 0
    (upload,) = (program.collection / "uploads").iterdir()
    assert program.here("bank", "create", "stolen").code == 0
    assert program.here("bank", "add", "stolen", "pictures/known.png").code == 0
    answer = program.here("duplicates", "--edited", *deed, "--apply", "--json")
    assert answer.code == 0
    done = [step["path"] for step in answer.json["action"]["done"]]
    assert done == [str(box / "again" / "mine.png")]
    left = [item for group in answer.json["groups"] for item in group["left"]]
    assert left == [
        {"path": str(upload), "kind": "upload", "reason": "an upload, which the collection keeps itself"},
        {"path": str(box / "again" / "known.png"), "kind": "bank", "reason": "in bank stolen"},
    ]
    assert all((box / name).is_file() for name in ("known.png", "mine.png", "again/known.png"))
    assert upload.is_file()
    assert not upload.samefile(box / "mine.png")
    said = program.here("duplicates").out
    (line,) = (line for line in said.splitlines() if f"{box}/again/known.png" in line)
    assert line.startswith("  left ")
    assert line.endswith("; left alone: in bank stolen)")


def test_a_file_of_several_frames_is_told_of_and_left_alone(program: Program) -> None:
    box = program.home / "pictures"
    box.mkdir()
    for name, second in (("one", 1), ("two", 2)):
        later = copies.original(second).resize((480, 360))
        photo(480, 360).save(box / f"{name}.gif", save_all=True, append_images=[later])
    assert program.here("index", "pictures").code == 0
    assert program.here("duplicates").out.count("of its frames or pages only one was compared") == 2
    done = program.here("duplicates", "--edited", "--move-to", "aside", "--apply")
    assert (done.code, sorted(path.name for path in box.iterdir())) == (1, ["one.gif", "two.gif"])
    assert "several frames or pages, and not all agree" in done.err


@pytest.mark.parametrize("rule", ["largest", "oldest", "shortest-path", "in:pictures/a"])
def test_a_file_that_is_cut_short_never_stays_beside_a_complete_one(program: Program, rule: str) -> None:
    part, full = program.home / "pictures" / "a" / "p.jpg", program.home / "pictures" / "full.jpg"
    part.parent.mkdir(parents=True)
    photo(640, 480).save(full, quality=90)
    part.write_bytes(full.read_bytes()[:-40])
    os.utime(part, (1_500_000_000, 1_500_000_000))
    assert program.here("index", "pictures").code == 0
    told = program.here("index", "--rescan", "pictures").err.splitlines()
    assert told[0] == "1 file taken with a doubt:"
    assert told[1].startswith(f"  {part}: cut short, ")
    assert "cut short    1 picture" in program.here("status").out
    assert program.here("status", "--json").json["doubtful"] == 1
    (group,) = program.here("duplicates", "--keep", rule, "--json").json["groups"]
    assert group["keep_path"] == str(full)
    assert group["reason"] == "The only complete one."
    assert [member["doubt"].split(",")[0] for member in group["members"] if member["doubt"]] == ["cut short"]
    done = program.here("duplicates", "--keep", rule, "--edited", "--move-to", "aside", "--apply")
    assert full.exists()
    assert "cut short, " in done.out


def test_nothing_is_done_to_files_that_are_all_cut_short(program: Program) -> None:
    box = program.home / "pictures"
    box.mkdir()
    whole = encoded(photo(640, 480), "JPEG", quality=90)
    for name, cut in (("one", 2), ("two", 30), ("three", 30)):
        (box / f"{name}.jpg").write_bytes(whole[:-cut])
    assert program.here("index", "pictures").code == 0
    done = program.here("duplicates", "--edited", "--move-to", "aside", "--apply")
    assert "3 are cut short, none is complete; of these" in done.out
    assert "Left alone: 2 files beside a file that is not complete." in done.out
    assert len(list(box.iterdir())) == 3


def test_symbolic_links_are_left_alone_and_do_not_count(program: Program) -> None:
    (known, hidden) = write(program.home / "files", 2)
    folder = program.home / "pictures"
    folder.mkdir()
    shutil.copy(known, folder / "file.png")
    (folder / "link.png").symlink_to(known)
    for name in ("one", "two"):
        (folder / f"{name}.jpg").symlink_to(hidden)
    assert program.here("index", folder).code == 0
    done = program.here("duplicates")
    (of_link,) = [line for line in done.out.splitlines() if "link.png" in line]
    assert of_link.split()[0] == "left"
    assert of_link.endswith("(the same bytes; left alone: a symbolic link, which takes no space)")
    assert "Symbolic links alone, which take no space: none is suggested for removal." in done.out
    assert "Only similar" not in done.out
    assert done.out.endswith(
        "2 groups. No file could go.\nLeft alone: 1 file in name only, as a symbolic link.\n"
    )
    applied = program.here("duplicates", "--trash", "--apply")
    assert (applied.code, "0 files put into the trash." in applied.out) == (0, True)
    assert (folder / "link.png").is_symlink()
