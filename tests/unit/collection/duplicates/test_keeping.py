"""Which file of a group stays, and the sentence that says why."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from groups import group, member
from lookalike.collection.duplicates.keeping import Choice, Rule, choose
from lookalike.collection.duplicates.protecting import Left, Protection
from lookalike.errors import UsageError
from pictures import draw


def write(path: Path, data: bytes, changed: int = 1_500_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (changed, changed))
    return path


def linked(path: Path, name: Path) -> Path:
    """Give a file a further name."""
    name.parent.mkdir(parents=True, exist_ok=True)
    name.hardlink_to(path)
    return name


def chosen(rule: str, *members: object, **options: object) -> Choice:
    found = choose(group(*members), Rule.read(rule), **options)  # type: ignore[arg-type]
    assert found is not None
    return found


CUT = "cut short, 90 % read"


class TestDoubt:
    """A file that is cut short does not stay beside a complete one, and stands for no other file."""

    @pytest.mark.parametrize("rule", ["largest", "oldest", "newest", "shortest-path", "sharpest", "in:."])
    def test_the_complete_file_stays_whatever_the_rule(
        self, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        first = member(write(tmp_path / "here/a.jpg", b"cut"), image_id=1, size=(400, 300))
        old, new = write(tmp_path / "long-a.jpg", b"whole"), write(tmp_path / "long-b.jpg", b"whole")
        os.utime(new, (1_600_000_000, 1_600_000_000))
        for age in (1_400_000_000, 1_700_000_000):
            os.utime(first.paths[0], (age, age))
            found = chosen(rule, replace(first, doubt=CUT), member(old, new, image_id=2, size=(40, 30)))
            assert found.keep in (old, new)
            assert found.reason.startswith("2 are complete; of these ")
            assert first.paths[0] in found.others

    def test_a_reference_folder_does_not_make_it_stay(self, tmp_path: Path) -> None:
        cut = replace(member(write(tmp_path / "best/a.jpg", b"cut"), image_id=1), doubt=CUT)
        whole = member(write(tmp_path / "b.jpg", b"whole"), image_id=2)
        found = chosen("largest", cut, whole, protection=Protection(references=[tmp_path / "best"]))
        assert (found.keep, found.others) == (whole.paths[0], ())
        assert found.left[cut.paths[0]].kind == "reference"

    @pytest.mark.parametrize("edited", [False, True])
    def test_if_all_are_cut_short_none_is_touched(self, edited: bool, tmp_path: Path) -> None:
        one = replace(member(write(tmp_path / "a.jpg", b"1"), write(tmp_path / "b.jpg", b"1")), doubt=CUT)
        two = replace(member(write(tmp_path / "c.jpg", b"2"), image_id=2), doubt=CUT)
        found = chosen("largest", one, two, edited=edited)
        assert found.others == ()
        why = Left("doubt", f"the file that stays is not complete: {CUT}")
        assert found.left == dict.fromkeys({*one.paths, *two.paths} - {found.keep}, why)
        assert found.reason.startswith("3 are cut short, none is complete; of these ")

    def test_a_complete_upload_does_not_let_the_files_of_people_go(self, tmp_path: Path) -> None:
        kept = tmp_path / "uploads"
        whole = member(write(kept / "a.jpg", b"whole"), image_id=1)
        cut = replace(
            member(write(tmp_path / "b.jpg", b"cut"), write(tmp_path / "c.jpg", b"cut"), image_id=2),
            doubt=CUT,
        )
        assert chosen("largest", whole, cut, protection=Protection(uploads=kept)).others == ()


class TestRules:
    def test_largest(self, tmp_path: Path) -> None:
        small = member(write(tmp_path / "small.jpg", b"small"), image_id=1, size=(400, 300))
        large = member(write(tmp_path / "large.jpg", b"large"), image_id=2, size=(300, 500))
        found = chosen("largest", small, large)
        assert (found.keep, found.others) == (large.paths[0], small.paths)
        assert found.reason == "The largest (300 x 500 pixels)."
        assert found.digests == {large.paths[0]: large.sha256, small.paths[0]: small.sha256}

    @pytest.mark.parametrize(("rule", "kept"), [("oldest", "b.jpg"), ("newest", "a.jpg")])
    def test_oldest_and_newest_look_at_each_file(self, rule: str, kept: str, tmp_path: Path) -> None:
        paths = [write(tmp_path / "a.jpg", b"same", 1_600_000_000), write(tmp_path / "b.jpg", b"same")]
        found = chosen(rule, member(*paths))
        assert found.keep == tmp_path / kept
        assert found.reason in (
            "The oldest (last changed 2017-07-14 02:40:00 UTC).",
            "The newest (last changed 2020-09-13 12:26:40 UTC).",
        )

    def test_shortest_path(self, tmp_path: Path) -> None:
        found = chosen(
            "shortest-path", member(write(tmp_path / "deep/a.jpg", b""), write(tmp_path / "ab.jpg", b""))
        )
        assert found.keep == tmp_path / "ab.jpg"
        assert found.reason == f"The one with the shortest path ({len(str(found.keep))} characters)."

    def test_in_a_folder(self, tmp_path: Path) -> None:
        inside = member(write(tmp_path / "archive/sub/a.jpg", b"inside"), size=(10, 10))
        outside = member(write(tmp_path / "b.jpg", b"outside"), size=(20, 20))
        door = tmp_path / "door"
        door.symlink_to(tmp_path / "archive")
        for folder in (tmp_path / "archive", door):
            found = chosen(f"in:{folder}", outside, inside)
            assert (found.keep, found.reason) == (inside.paths[0], f"The only one in {folder}.")
        (tmp_path / "empty").mkdir()
        found = chosen(f"in:{tmp_path}/empty", outside, inside)
        assert found.keep == outside.paths[0]
        assert found.reason == (
            f"2 are outside {tmp_path}/empty, none in it; of these the largest (20 x 20 pixels)."
        )

    def test_sharpest(self, tmp_path: Path) -> None:
        sharp = draw(3, 320, 240)
        small = sharp.resize((80, 60), Image.Resampling.LANCZOS)
        pictures = {
            "blurred": sharp.filter(ImageFilter.GaussianBlur(2)),
            "enlarged": small.resize((640, 480), Image.Resampling.LANCZOS),
            "sharp": sharp,
            "small": small,
        }
        members = []
        for number, (name, picture) in enumerate(pictures.items(), 1):
            path = tmp_path / f"{name}.png"
            picture.save(path)
            members.append(member(path, image_id=number, size=picture.size))
        (tmp_path / "broken.png").write_bytes(b"no picture")
        members.append(member(tmp_path / "broken.png", image_id=9, size=(640, 480)))
        found = chosen("sharpest", *members)
        assert found.keep.name == "sharp.png"
        assert found.reason.startswith("The sharpest (detail ")

    def test_equally_sharp_goes_on_to_the_larger(self, tmp_path: Path) -> None:
        picture = draw(5, 320, 240)
        first, second = tmp_path / "first.png", tmp_path / "second.png"
        picture.save(first)
        picture.save(second, compress_level=0)
        found = chosen("sharpest", member(first, size=picture.size), member(second, size=picture.size))
        assert found.keep == second
        assert found.reason == (
            f"2 are equally sharp ({found.reason.split('(')[1].split(')')[0]}); "
            f"of these the one with the most bytes ({second.stat().st_size:,})."
        )

    @pytest.mark.parametrize("text", ["", "biggest", "in", "in:/no/such/folder", "LARGEST"])
    def test_no_rule(self, text: str) -> None:
        with pytest.raises(UsageError, match=r"which file to keep is largest, oldest|there is no folder"):
            Rule.read(text)


class TestTies:
    def test_each_is_broken_by_the_next_measure_and_said(self, tmp_path: Path) -> None:
        first = write(tmp_path / "aa.jpg", b"1234")
        newer = write(tmp_path / "b.jpg", b"1234", 1_600_000_000)
        longer = write(tmp_path / "aaa.jpg", b"1234")
        second = write(tmp_path / "bb.jpg", b"1234")
        fewer = member(write(tmp_path / "c.jpg", b"123"), image_id=2)
        found = chosen("largest", fewer, member(first, newer, longer, second))
        assert found.keep == first
        assert found.reason == (
            "5 are equally large (96 x 72 pixels); "
            "of these 4 are equally old (last changed 2017-07-14 02:40:00 UTC); "
            "of these 3 are equal in bytes (4); "
            f"of these 2 are equal in the length of their paths ({len(str(first))} characters); "
            f"of these the first by path ({first})."
        )
        assert found.others == tuple(sorted([longer, newer, second, fewer.paths[0]]))

    def test_it_does_not_depend_on_the_order(self, tmp_path: Path) -> None:
        members = [member(write(tmp_path / f"{name}.jpg", b"1234")) for name in "dbca"]
        assert {chosen("newest", *order).keep for order in (members, members[::-1])} == {tmp_path / "a.jpg"}


class TestFiles:
    def test_gone_files_are_left_out_and_links_never_stay(self, tmp_path: Path) -> None:
        real = write(tmp_path / "long-name.jpg", b"bytes")
        link, gone = tmp_path / "l.jpg", write(tmp_path / "g.jpg", b"bytes")
        link.symlink_to(real)
        found_member = member(real, link, gone)
        gone.unlink()
        found = chosen("shortest-path", found_member)
        assert (found.keep, found.others) == (real, ())
        assert found.left == {link: Left("link", "a symbolic link, which takes no space")}
        assert found.reason == "The only file that can stay."
        real.unlink()
        assert choose(group(found_member), Rule("largest")) is None

    def test_a_file_that_was_replaced_by_a_folder_is_gone(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jpg", b"bytes")
        known = member(path)
        path.unlink()
        path.mkdir()
        assert choose(group(known), Rule("oldest")) is None


class TestHardLinks:
    def test_any_name_may_be_the_one_in_the_folder(self, tmp_path: Path) -> None:
        name = write(tmp_path / "a" / "one.jpg", b"first")
        wanted = linked(name, tmp_path / "best" / "one.jpg")
        other = member(write(tmp_path / "b.jpg", b"second"), size=(500, 500))
        found = chosen(f"in:{tmp_path / 'best'}", member(name, wanted), other)
        assert found.keep == wanted
        assert found.others == other.paths

    def test_a_file_that_goes_goes_by_all_its_names(self, tmp_path: Path) -> None:
        name = write(tmp_path / "one.jpg", b"first")
        further = linked(name, tmp_path / "two.jpg")
        large = member(write(tmp_path / "large.jpg", b"second"), size=(500, 500))
        assert chosen("largest", member(name, further), large).others == (name, further)


class TestReferenceFolders:
    def test_one_in_them_stays_and_none_is_touched(self, tmp_path: Path) -> None:
        old = member(write(tmp_path / "reference/a.jpg", b"first"), size=(10, 10))
        other = member(write(tmp_path / "reference/b.jpg", b"second"), size=(12, 12))
        inbox = member(write(tmp_path / "inbox/c.jpg", b"third"), size=(100, 100))
        protection = Protection(references=[tmp_path / "reference"])
        found = chosen("largest", inbox, old, other, protection=protection)
        assert (found.keep, found.others) == (other.paths[0], inbox.paths)
        assert found.reason == "2 are in a reference folder; of these the largest (12 x 12 pixels)."
        found = chosen("largest", inbox, old, protection=protection)
        assert (found.keep, found.reason) == (old.paths[0], "The only one in a reference folder.")

    def test_a_file_with_another_name_in_one_is_touched_by_no_name(self, tmp_path: Path) -> None:
        here = write(tmp_path / "inbox/a.jpg", b"first")
        there = linked(here, tmp_path / "reference/a.jpg")
        both = member(here, there)
        larger = member(write(tmp_path / "inbox/b.jpg", b"second"), size=(500, 500))
        found = chosen("largest", larger, both, protection=Protection(references=[tmp_path / "reference"]))
        assert (found.keep, found.others) == (there, larger.paths)

    def test_no_such_folder(self, tmp_path: Path) -> None:
        known = member(write(tmp_path / "a.jpg", b"first"))
        with pytest.raises(UsageError, match="there is no folder"):
            choose(group(known), Rule("largest"), protection=Protection(references=[tmp_path / "a.jpg"]))


class TestProtection:
    def test_an_upload_stays_and_does_not_stand_for_files_of_people(self, tmp_path: Path) -> None:
        uploads = tmp_path / "uploads"
        upload = member(write(uploads / "a.jpg", b"first"), image_id=1, size=(500, 500))
        mine = member(write(tmp_path / "b.jpg", b"second"), image_id=2)
        copy = member(write(tmp_path / "c.jpg", b"third"), image_id=3, size=(10, 10))
        protection = Protection(uploads=uploads)
        found = chosen("largest", upload, mine, copy, protection=protection)
        assert (found.keep, found.others) == (mine.paths[0], copy.paths)
        assert {path: why.kind for path, why in found.left.items()} == {upload.paths[0]: "upload"}
        other = member(write(uploads / "d.jpg", b"fourth"), image_id=4)
        found = chosen("largest", upload, other, protection=protection)
        assert (found.keep, found.others, list(found.left)) == (upload.paths[0], (), list(other.paths))

    def test_a_further_name_of_an_upload_stays(self, tmp_path: Path) -> None:
        here = write(tmp_path / "uploads" / "a.jpg", b"first")
        there = linked(here, tmp_path / "b.jpg")
        large = member(write(tmp_path / "large.jpg", b"second"), image_id=2, size=(500, 500))
        found = chosen(
            "largest", large, member(here, there), protection=Protection(uploads=tmp_path / "uploads")
        )
        assert (found.keep, found.others, set(found.left)) == (large.paths[0], (), {here, there})

    def test_pictures_in_banks_and_those_that_were_decided_stay(self, tmp_path: Path) -> None:
        large, known, decided, spare = (
            member(write(tmp_path / f"{number}.jpg", b"%d" % number), image_id=number, size=(size, size))
            for number, size in ((1, 500), (2, 100), (3, 100), (4, 100))
        )
        protection = Protection(banks={2: ["logos", "stolen"]}, decided=[3])
        found = chosen("largest", large, known, decided, spare, protection=protection)
        assert (found.keep, found.others) == (large.paths[0], spare.paths)
        assert {path: why.reason for path, why in found.left.items()} == {
            known.paths[0]: "in bank logos, stolen",
            decided.paths[0]: "you decided to keep it",
        }


def test_a_group_may_name_sizes_that_no_file_has(tmp_path: Path) -> None:
    known = replace(member(write(tmp_path / "a.jpg", b"first")), width=0, height=0)
    other = replace(member(write(tmp_path / "b.jpg", b"second")), width=0, height=0)
    assert chosen("sharpest", known, other).keep == tmp_path / "b.jpg"


class TestContent:
    def test_a_copy_that_nobody_could_look_at_stays(self, tmp_path: Path) -> None:
        """Nothing proves that it shows what the kept file shows."""
        first, second = write(tmp_path / "a.jpg", b"1234"), write(tmp_path / "b.jpg", b"56")
        unseen = member(second, image_id=2, p=1e-9)
        found = choose(group(member(first), unseen), Rule("largest"))
        assert found is not None
        assert (found.keep, found.others) == (first, ())
        assert found.left == {second: Left("edited", "not verified by a second look")}
        everything = choose(group(member(first), unseen), Rule("largest"), edited=True)
        assert everything is not None
        assert everything.others == (second,)
