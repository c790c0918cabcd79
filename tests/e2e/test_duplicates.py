"""``lookalike duplicates`` and what people do with what it finds, by the real program."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

import copies
from hostile import photo
from program import Program

pytestmark = pytest.mark.usefixtures("looks_are_kept")

FIELDS = {
    "group_id", "medoid", "keep", "keep_path", "reason", "spare", "left", "least_similarity", "members",
}  # fmt: skip
MEMBER_FIELDS = {
    "image_id", "paths", "links", "width", "height", "bytes", "modified", "similarity", "p", "verdict",
    "several_frames", "doubt", "evidence",
}  # fmt: skip


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, Path]:
    """With pictures indexed and searched for duplicates; and a copy of its home."""
    program = Program(tmp_path_factory.mktemp("duplicates") / "home")
    copies.write(program.home / "pictures")
    assert program.here("index", "pictures").code == 0
    assert program.here("duplicates", "--json").code == 0
    return program, shutil.copytree(program.home, program.home.with_name("kept"))


@pytest.fixture
def filled(searched: tuple[Program, Path]) -> Program:
    """With pictures indexed, in the folder ``pictures`` of its home, some of which are copies of others.

    Its home is as it was before the first test: the collection knows the place of every picture.
    """
    program, kept = searched
    shutil.rmtree(program.home)
    shutil.copytree(kept, program.home)
    return program


def _files(program: Program) -> set[str]:
    return {path.stem for path in (program.home / "pictures").rglob("*.png")}


def _stems(answer: dict[str, Any]) -> set[frozenset[str]]:
    return {
        frozenset(Path(path).stem for member in group["members"] for path in member["paths"])
        for group in answer["groups"]
    }


def _id_of(stem: str, answer: dict[str, Any]) -> str:
    (name,) = (
        group["group_id"]
        for group in answer["groups"]
        if any(Path(path).stem == stem for member in group["members"] for path in member["paths"])
    )
    return str(name)


def test_groups_are_told_with_the_file_to_keep(filled: Program) -> None:
    done = filled.here("duplicates", "--edited")
    assert done.code == 0
    answer = filled.here("duplicates", "--edited", "--json").json
    assert answer["schema"] == "lookalike.duplicates/1"
    assert _stems(answer) == copies.expected()
    for group in answer["groups"]:
        assert set(group) == FIELDS
        assert group["group_id"] in done.out
        assert group["reason"] in done.out
        assert group["members"][0]["image_id"] == group["medoid"]
        paths = [path for member in group["members"] for path in member["paths"]]
        assert sorted([group["keep_path"], *group["spare"]]) == sorted(paths)
        for member in group["members"]:
            assert set(member) == MEMBER_FIELDS
            assert member["bytes"] == Path(member["paths"][0]).stat().st_size
            assert member["verdict"] == ("identical" if member["image_id"] == group["medoid"] else "copy")
        for path in paths:
            assert path in done.out
    assert "turned by 90°" in done.out
    assert done.out.count(", the others are compared with it") == 3
    assert "copies of it" not in done.out
    assert answer["spare_files"] == 7
    assert answer["spare_bytes"] == sum(
        Path(path).stat().st_size for group in answer["groups"] for path in group["spare"]
    )
    assert "4 groups. 7 files could go" in done.out


def test_there_may_be_none(program: Program) -> None:
    copies.write(program.home / "pictures")
    originals = [program.home / "pictures" / f"{seed}.png" for seed in copies.SINGLE]
    assert program.here("index", *originals).code == 0
    done = program.here("duplicates")
    assert (done.code, done.out) == (3, "No duplicates found.\n")
    assert done.err == ""
    assert program.here("duplicates", "--json").json["groups"] == []
    originals[0].unlink()
    gone = "1 file of the collection cannot be found: is the drive mounted?\n"
    assert (program.here("duplicates").code, program.here("duplicates").err) == (3, gone)


def test_nothing_is_touched_unless_it_is_told_to(filled: Program) -> None:
    before = _files(filled)
    done = filled.here("duplicates", "--move-to", "aside")
    assert done.code == 0
    assert "Would be moved:" in done.out
    assert "--apply does it" in done.out
    assert _files(filled) == before
    assert not (filled.home / "aside").exists()


def test_spare_files_are_moved_and_forgotten_and_come_back(filled: Program) -> None:
    before = _files(filled)
    answer = filled.here(
        "duplicates", "--keep", "in:pictures/edited", "--edited", "--move-to", "aside", "--apply", "--json"
    ).json
    assert answer["action"]["applied"] is True
    moved = {Path(step["path"]).stem for step in answer["action"]["done"]}
    assert len(moved) == 7
    assert {"0", "1", "2", "3"} < moved
    assert _files(filled) == before - moved
    assert {path.stem for path in (filled.home / "aside").rglob("*.png")} == moved
    assert filled.here("status", "--json").json["missing"] == []
    assert filled.here("duplicates").code == 3
    assert filled.here("undo").code == 0
    assert _files(filled) == before
    assert filled.here("index", "pictures").code == 0
    assert _stems(filled.here("duplicates", "--json").json) == copies.expected()


@pytest.mark.parametrize("inside", ["pictures", "pictures/aside", "link/aside"])
def test_files_are_not_moved_to_where_the_next_index_finds_them(inside: str, filled: Program) -> None:
    (filled.home / "link").symlink_to(filled.home / "pictures")
    before = _files(filled)
    for more in ((), ("--apply",)):
        done = filled.here("duplicates", "--move-to", inside, *more)
        assert done.code == 2
        assert f"lies in {filled.home}/pictures, which is indexed" in done.err
    assert _files(filled) == before


def test_files_are_moved_into_a_hidden_folder_and_not_found_again(filled: Program) -> None:
    done = filled.here("duplicates", "--edited", "--move-to", "pictures/.aside", "--apply")
    assert done.code == 0
    assert "7 files moved.\n" in done.out
    assert filled.here("index", "pictures").code == 0
    assert filled.here("duplicates").code == 3


def test_hard_links_are_made_of_files_of_the_same_bytes_alone(filled: Program) -> None:
    said = "6 edited copies are left alone: only files with the same bytes can be linked\n"
    tried = filled.here("duplicates", "--edited", "--hardlink")
    assert (tried.code, tried.err) == (0, "")
    assert "Would be made hard links:\n" in tried.out
    assert said in tried.out
    done = filled.here("duplicates", "--edited", "--hardlink", "--apply")
    pictures = filled.home / "pictures"
    assert (pictures / "3.png").samefile(pictures / "edited" / "3-again.png")
    assert not (pictures / "1.png").samefile(pictures / "edited" / "1-jpeg-10.png")
    assert (done.code, done.err) == (0, "")
    assert "1 file made hard links.\n" in done.out
    assert "could go" not in done.out
    assert said in done.out
    left = copies.expected() - {frozenset({"3", "3-again"})}
    assert _stems(filled.here("duplicates", "--json").json) == left  # two names of one file are no two files


def test_what_shows_less_or_more_is_left_alone_unless_it_is_asked_for(filled: Program) -> None:
    """A crop does not show what its original shows, so neither can stand for the other."""
    answer = filled.here("duplicates", "--json").json
    whole = {
        path
        for group in answer["groups"]
        for member in group["members"]
        for path in member["paths"]
        if member["evidence"] is None or not {"cropped", "set", "changed"} & _verbs(member)
    }
    spare = {path for group in answer["groups"] for path in group["spare"]}
    assert spare
    assert spare < whole
    left = {item["path"] for group in answer["groups"] for item in group["left"]}
    assert spare | left | {group["keep_path"] for group in answer["groups"]} == {
        path for group in answer["groups"] for member in group["members"] for path in member["paths"]
    }
    everything = filled.here("duplicates", "--edited", "--json").json
    assert answer["spare_files"] == len(spare) < everything["spare_files"]


def test_documents_that_differ_in_a_digit_are_in_groups_of_their_own(program: Program) -> None:
    (program.home / "pictures").mkdir()
    font = ImageFont.load_default(20)
    for number in (1001, 1002):
        page = Image.new("RGB", (600, 800), "white")
        lines = [f"No. {number}", *(f"{line} parts at {line * 7}.50" for line in range(20))]
        ImageDraw.Draw(page).multiline_text((50, 50), "\n".join(lines), fill="black", font=font, spacing=12)
        page.save(program.home / "pictures" / f"{number}.png")
        page.save(program.home / "pictures" / f"{number}.jpg", quality=60)
    assert program.here("index", "pictures").code == 0
    done = program.here("duplicates", "--move-to", "aside", "--apply")
    assert done.code == 0
    assert "2 files moved.\n" in done.out
    assert "could go" not in done.out
    left = {path.stem for path in (program.home / "pictures").iterdir()}
    assert left == {"1001", "1002"}
    assert {path.name for path in (program.home / "aside").rglob("*.*")} == {"1001.jpg", "1002.jpg"}


def test_photos_that_differ_in_a_digit_are_copies_and_not_acted_on(program: Program) -> None:
    """A verdict lets a small difference in a photo pass, since an edit may leave one; an action does not."""
    box = program.home / "pictures"
    box.mkdir()
    for minute in ("03", "08"):
        taken = photo(800, 600)
        ImageDraw.Draw(taken).text((620, 560), f"12:{minute}", "white", ImageFont.load_default(18))
        taken.save(box / f"{minute}.png")
    assert program.here("index", "pictures").code == 0
    (group,) = program.here("duplicates", "--json").json["groups"]
    assert len(group["spare"]) == 1
    done = program.here("duplicates", "--move-to", "aside", "--apply")
    assert done.code == 1
    assert "looked at closely, it shows something else than the file to keep" in done.err
    assert len(list(box.iterdir())) == 2


def test_pictures_that_are_to_stay_stay_when_another_copy_comes(filled: Program) -> None:
    answer = filled.here("duplicates", "--json").json
    assert filled.here("duplicates", "--keep-all", _id_of("3", answer)).code == 0
    with Image.open(filled.home / "pictures" / "3.png") as picture:
        picture.resize((2 * picture.width, 2 * picture.height)).save(filled.home / "pictures" / "3-large.png")
    assert filled.here("index", "pictures").code == 0
    before = _files(filled)
    done = filled.here("duplicates", "--move-to", "aside", "--apply", "--edited", "--json")
    gone = {Path(step["path"]).stem for step in done.json["action"]["done"]}
    assert gone
    assert not gone & {"3", "3-again", "3-large"}
    assert _files(filled) == before - gone


def _verbs(member: dict[str, Any]) -> set[str]:
    return {words.split()[0] for words in member["evidence"]["words"]}


def test_a_reference_is_left_alone(filled: Program) -> None:
    edited = filled.home / "pictures" / "edited"
    before = {path.stem for path in edited.iterdir()}
    arguments = ("duplicates", "--against", edited, "--edited", "--move-to", "aside", "--apply", "--json")
    answer = filled.here(*arguments).json
    assert {Path(step["path"]).stem for step in answer["action"]["done"]} == {"0", "1", "2", "3"}
    assert {path.stem for path in edited.iterdir()} == before


def test_decisions_are_remembered_and_forgotten(filled: Program) -> None:
    answer = filled.here("duplicates", "--json").json
    one, three = _id_of("1", answer), _id_of("3", answer)
    assert filled.here("duplicates", "--not-a-match", one, "--keep-all", three).out == (
        f"Not a match: 2 pictures of group {one}; it is not shown again.\n"
        f"Kept: 1 picture of group {three}; it is not shown again.\n"
    )
    left = copies.expected() - {frozenset({"1", "1-jpeg-10"}), frozenset({"3", "3-again"})}
    assert _stems(filled.here("duplicates", "--json").json) == left
    done = filled.here("duplicates", "--not-a-match", one)
    assert (done.code, done.err) == (
        3,
        f"lookalike: there is no group {one}; lookalike duplicates lists them\n",
    )
    assert filled.here("duplicates", "--forget-decisions").out == "All decisions are forgotten.\n"
    assert _stems(filled.here("duplicates", "--json").json) == copies.expected()


def test_one_picture_of_a_group_is_to_stay(filled: Program) -> None:
    answer = filled.here("duplicates", "--json").json
    (group,) = (group for group in answer["groups"] if group["group_id"] == _id_of("1", answer))
    image = next(item["image_id"] for item in group["members"] if item["paths"] != [group["keep_path"]])
    name = f"{group['group_id']}/{image}"
    assert filled.here("duplicates", "--keep-all", name).out == (
        f"Kept: image {image} of group {group['group_id']}; it is not shown with the others again.\n"
    )
    assert frozenset({"1", "1-jpeg-10"}) not in _stems(filled.here("duplicates", "--json").json)


@pytest.mark.parametrize("place", ["best", "pictures/best"])
def test_a_file_lies_in_every_folder_in_which_it_has_a_name(program: Program, place: str) -> None:
    box, best = program.home / "pictures", program.home / place
    best.mkdir(parents=True)
    box.mkdir(exist_ok=True)
    small = copies.original(0).resize((200, 150))
    small.save(box / "a-first-name.png")
    (best / "z.png").hardlink_to(box / "a-first-name.png")
    copies.original(0).save(box / "larger.png")
    assert program.here("index", "pictures", place).code == 0
    for arguments in (("--keep", f"in:{best}"), ("--against", best)):
        (group,) = program.here("duplicates", *arguments, "--json").json["groups"]
        assert group["keep_path"] == str(best / "z.png")
        assert group["spare"] == [str(box / "larger.png")]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--trash", "--hardlink"], "only one of --trash, --move-to and --hardlink"),
        (["--apply"], "give one of them"),
        (["--similar", "--trash"], "an action goes neither with --similar"),
        (["--keep-all", "x", "--trash"], "an action goes neither with --similar nor with a decision"),
        (["--keep", "prettiest"], "which file to keep is largest"),
        (["--fpr", "1"], "fpr must be above 0 and below 1"),
        (["--fpr", "nan"], "fpr must be above 0 and below 1"),
        (["--similar", "--against", "pictures"], "only copies are looked for against a folder"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], why: str, indexed: Program) -> None:
    done = indexed.here("duplicates", *arguments)
    assert done.code == 2
    assert why in done.err


def test_an_empty_answer_about_a_folder_tells_where_copies_may_be(filled: Program) -> None:
    edited = filled.home / "pictures" / "edited"
    done = filled.here("duplicates", edited / "0-grey.png", edited / "3-again.png")
    assert (done.code, done.out.splitlines()) == (
        3,
        [
            "No duplicates found.",
            "Both pictures of a pair must lie at the paths given. For copies outside of a folder's pictures: "
            "lookalike duplicates --against FOLDER",
        ],
    )
    assert "must lie at" not in filled.here("duplicates", "--against", edited / "..").out
