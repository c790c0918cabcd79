"""The real program: the collection itself, and pictures without one."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from lookalike import Hasher, Settings
from lookalike.alterations import ALTERATIONS
from lookalike.embed import available_models, load_embedder
from pictures import draw, write
from program import Program
from waiting import HANG_GUARD


class TestRemove:
    def test_text_json_and_unknown(self, program: Program) -> None:
        paths = write(program.home / "pictures", 4)
        program.here("index", "pictures")
        done = program.here("remove", paths[0])
        assert (done.code, done.err) == (0, "")
        assert done.out == "1 file forgotten. The collection holds 3 images.\n"
        unknown = program.here("remove", paths[1], paths[0])
        assert (unknown.code, unknown.out) == (3, "")
        assert unknown.err == f"lookalike: nothing in the collection lies at {paths[0]}\n"
        answer = program.here("remove", "pictures", "--json").json
        assert answer == {"schema": "lookalike.remove/1", "forgotten": 3, "readmitted": 0, "images": 0}
        assert all(path.exists() for path in paths)


class TestRemoveForever:
    def test_it_is_listed_and_undone(self, program: Program) -> None:
        paths = write(program.home / "pictures", 3)
        program.here("index", "pictures")
        assert program.here("remove", "--forever", paths[0]).out.startswith("1 file forgotten.")
        done = program.here("index", "pictures")
        assert "2 unchanged, 1 left out, since removed for good" in done.out
        told = program.here("status").out
        assert "removed      1 file for good; undo: lookalike remove --undo PATH\n" in told
        assert program.here("status", "--json").json["removed"] == [str(paths[0])]
        refused = program.here("remove", "--forever", "--undo", paths[0])
        assert (refused.code, refused.out) == (2, "")
        assert program.here("remove", "--undo", paths[0], "--json").json["readmitted"] == 1
        assert program.here("index", "pictures", "--json").json["added"] == 1


class TestMetadata:
    """What pictures are said to be comes from a file or, read once, through a pipe."""

    def lines(self, program: Program) -> bytes:
        path = write(program.home / "pictures", 1)[0]
        return json.dumps({"path": str(path), "tags": ["harbour"]}).encode() + b"\n"

    def tags(self, program: Program) -> list[str]:
        found = program.here("search", "pictures/picture-0000.png", "--limit", "1", "--json").json
        tags: list[str] = found["matches"][0]["tags"]
        return tags

    def test_through_standard_input(self, program: Program) -> None:
        said = self.lines(program)
        done = program("index", "pictures", "--metadata", "-", stdin=said)
        assert (done.code, "1 picture given metadata or tags" in done.out) == (0, True)
        assert self.tags(program) == ["harbour"]
        refused = program("index", "pictures", "--metadata", "-", stdin=said + b"{}")
        assert (refused.code, "-: line 2: must be an object with a path" in refused.err) == (2, True)

    def test_through_a_named_pipe(self, program: Program) -> None:
        said = self.lines(program)
        pipe = program.home / "pipe"
        os.mkfifo(pipe)
        running = program.fork("index", "pictures", "--metadata", pipe)
        pipe.write_bytes(said)  # waits for a reader
        out, err = running.communicate(timeout=HANG_GUARD)
        assert (running.returncode, err.decode()) == (0, "")
        assert "1 picture given metadata or tags" in out.decode()
        assert self.tags(program) == ["harbour"]


class TestStatusAndVerify:
    def test_status(self, indexed: Program) -> None:
        done = indexed.here("status")
        assert (done.code, done.err) == (0, "")
        told = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in done.out.splitlines())
        assert told["collection"] == str(indexed.collection)
        assert told["images"] == "8 in 8 files"
        assert told["from"] == f"{indexed.home}/pictures (8 files)"
        assert told["index"] == "up to date"
        answer = indexed.here("status", "--json").json
        assert answer["schema"] == "lookalike.status/1"
        assert (answer["images"], answer["files"], answer["missing"]) == (8, 8, [])
        assert answer["roots"] == {str(indexed.home / "pictures"): 8}
        assert answer["fingerprint"] == load_embedder(Settings().model).fingerprint

    def test_status_names_what_is_missing(self, program: Program) -> None:
        for path in write(program.home / "pictures", 12):
            program.home.joinpath(path)
        program.here("index", "pictures")
        shutil.rmtree(program.home / "pictures")
        done = program.here("status")
        assert "missing      12 files; is the drive mounted? If so, forget with:\n" in done.out
        assert "and 2 more (all with --json)" in done.out
        assert len(program.here("status", "--json").json["missing"]) == 12

    def test_what_it_advises_against_missing_files_helps(self, program: Program) -> None:
        (gone, *_), (there, *_) = (write(program.home / name, 3) for name in ("my gone", "there"))
        program.here("index", gone.parent, there.parent)
        shutil.rmtree(gone.parent)
        there.unlink()
        lines = program.here("status").out.splitlines()
        advice = [shlex.split(line) for line in lines if line.strip().startswith("lookalike ")]
        assert [words[:-1] for words in advice] == [
            ["lookalike", "index", "--prune", "--yes"],
            ["lookalike", "index", "--prune"],
        ]
        for _, *words in advice:
            assert program.here(*words).code == 0
        assert program.here("status", "--json").json["missing"] == []
        assert program.here("status", "--json").json["files"] == 2

    def test_what_it_advises_loses_no_tags_when_a_drive_was_only_unplugged(self, program: Program) -> None:
        drive = write(program.home / "drive", 3)[0].parent
        said = program.home / "said.jsonl"
        said.write_text(json.dumps({"path": str(drive / "picture-0000.png"), "tags": ["harbour"]}))
        assert program.here("index", drive, "--metadata", said).code == 0
        drive.rename(program.home / "unplugged")
        (advice,) = [line for line in program.here("status").out.splitlines() if line.endswith(str(drive))]
        assert program.here(*shlex.split(advice)[1:]).code == 0
        assert program.here("status", "--json").json["files"] == 0
        (program.home / "unplugged").rename(drive)
        assert program.here("index", drive).code == 0
        found = program.here("search", drive / "picture-0000.png", "--limit", "1", "--json").json
        assert found["matches"][0]["tags"] == ["harbour"]

    def test_verify(self, indexed: Program) -> None:
        done = indexed.here("verify")
        assert (done.code, done.out, done.err) == (0, "8 images checked: all is well.\n", "")
        answer = indexed.here("verify", "--json").json
        assert answer == {
            "schema": "lookalike.verify/1",
            "images": 8,
            "problems": [],
            "repaired": [],
            "leftovers": [],
        }

    @pytest.mark.parametrize("command", ["status", "verify"])
    def test_without_a_collection(self, command: str, program: Program) -> None:
        done = program.here(command)
        assert (done.code, done.out) == (3, "")
        assert (
            done.err
            == f"lookalike: no collection at {program.collection}; make one with: lookalike index PATH\n"
        )

    def test_a_folder_that_cannot_hold_caches_is_no_trouble(self, indexed: Program, tmp_path: Path) -> None:
        """A file in their place stops even a privileged user, who may write to any folder."""
        moved = tmp_path / "moved"
        shutil.copytree(indexed.collection, moved)
        shutil.rmtree(moved / "index")
        (moved / "index").write_text("in the way")
        query = indexed.home / "pictures" / "picture-0001.jpg"
        found = indexed.here("search", query, "--collection", moved, "--json").json["matches"]
        assert found[0]["path"] == str(query)
        write(tmp_path / "more", 1, first_seed=20)
        assert indexed.here("index", tmp_path / "more", "--collection", moved).code == 0
        assert indexed.here("verify", "--collection", moved).out == "9 images checked: all is well.\n"


class TestHashAndCompare:
    def test_hash_agrees_with_the_library(self, indexed: Program) -> None:
        hasher = Hasher(load_embedder(Settings().model), bits=128, seed=5)
        names = ["pictures/picture-0000.png", "pictures/picture-0001.jpg"]
        expected = [hasher.hash(indexed.home / name) for name in names]
        done = indexed.here("hash", *names, "--bits", "128", "--seed", "5")
        assert (done.code, done.err) == (0, "")
        assert done.out == "".join(f"{text}  {name}\n" for text, name in zip(expected, names, strict=True))

    def test_hash_goes_on_after_a_bad_file(self, indexed: Program) -> None:
        names = ["pictures/picture-0000.png", "absent.png", "pictures/picture-0001.jpg"]
        done = indexed.here("hash", *names)
        assert done.code == 1
        assert [line.split("  ")[1] for line in done.out.splitlines()] == [names[0], names[2]]
        assert done.err == "absent.png: no such file\n"
        answer = indexed.here("hash", *names, "--json").json
        assert (answer["schema"], answer["bits"], answer["seed"]) == ("lookalike.hash/1", 256, 0)
        assert [row["path"] for row in answer["hashes"]] == [names[0], names[2]]
        assert all(re.fullmatch("[0-9a-f]{64}", row["hash"]) for row in answer["hashes"])
        assert [row["path"] for row in answer["rejected"]] == ["absent.png"]

    def test_compare(self, indexed: Program) -> None:
        first, second = "pictures/picture-0000.png", "pictures/picture-0004.jpg"
        card = load_embedder(Settings().model).card
        same = indexed.here("compare", first, first)
        assert same.code == 0
        assert same.out.splitlines()[0] == "identical"
        assert same.out.splitlines()[1:] == [
            f"copy distance   0.0000 (similar up to {card.same_distance:g})",
            "copy similarity 1.0000 (search prints the similarity of the whole embeddings)",
            "differing bits  0 of 256",
        ]
        other = indexed.here("compare", first, second, "--json")
        assert (other.code, other.err) == (1, "")
        answer = other.json
        assert (answer["schema"], answer["same"]) == ("lookalike.compare/3", False)
        assert answer["similarity"] == pytest.approx(1 - answer["distance"], abs=2e-6)
        assert (answer["verdict"], answer["evidence"]["verified"]) == ("different", False)
        same = indexed.here("compare", first, first, "--json").json
        assert (answer["p"] > 1e-5, same["p"]) == (True, 0)
        near = indexed.here("compare", first, second, "--max-distance", "2", "--json")
        assert (near.code, near.json["verdict"]) == (1, "similar")

    def test_compare_takes_one_picture_from_stdin(self, indexed: Program) -> None:
        first, second = "pictures/picture-0000.png", "pictures/picture-0001.jpg"
        data = (indexed.home / first).read_bytes()
        assert indexed.here("compare", "-", first, stdin=data).out.startswith("identical\n")
        assert indexed.here("compare", first, "-", stdin=data).code == 0
        assert indexed.here("compare", second, "-", stdin=data).code == 1
        both = indexed.here("compare", "-", "-", stdin=data)
        assert (both.code, both.out) == (2, "")
        assert "standard input holds one picture" in both.err

    def test_compare_prints_the_copy_similarity_of_search(self, indexed: Program) -> None:
        first, second = "pictures/picture-0000.png", "pictures/picture-0001.jpg"
        lines = indexed.here("compare", first, second).out.splitlines()
        (line,) = [line for line in lines if line.startswith("copy similarity ")]
        matches = indexed.here("search", first, "--json").json["matches"]
        (match,) = [match for match in matches if match["path"].endswith("picture-0001.jpg")]
        assert float(line.split()[2]) == pytest.approx(match["copy_similarity"], abs=1e-4)

    def test_compare_names_the_detail_by_which_documents_differ(self, program: Program) -> None:
        for number in ("1001", "1002"):
            page, font = Image.new("RGB", (600, 800), "white"), ImageFont.load_default(20)
            lines = [f"No. {number}", *(f"{line} parts at {line * 7}.50" for line in range(20))]
            text = "\n".join(lines)
            ImageDraw.Draw(page).multiline_text((50, 50), text, fill="black", font=font, spacing=12)
            page.save(program.home / f"{number}.png")
        done = program.here("compare", "1001.png", "1002.png")
        assert done.code == 1
        assert done.out.splitlines()[:2] == [
            "similar",
            "second picture  the same but for a detail in the upper third",
        ]
        assert "agreement" not in done.out
        assert "chance" not in done.out

    def test_hashes_are_compared_without_the_pictures(self, indexed: Program) -> None:
        names = ["pictures/picture-0000.png", "pictures/picture-0001.jpg"]
        hashes = [line.split()[0] for line in indexed.here("hash", *names).out.splitlines()]
        differing = (int(hashes[0], 16) ^ int(hashes[1], 16)).bit_count()
        answer = indexed.here("hash", "--compare", *hashes, "--json").json
        assert (answer["schema"], answer["bits"]) == ("lookalike.hash-compare/1", 256)
        assert (
            answer["differing_bits"]
            == differing
            == indexed.here("compare", *names, "--json").json["differing_bits"]
        )
        lines = indexed.here("hash", "--compare", *hashes).out.splitlines()
        assert lines[1].startswith(f"differing bits  {differing} of 256 (")
        for bits, meaning in (
            (40, "as near as copies are"),
            (90, "in between: farther apart than most copies, nearer than most different pictures"),
            (128, "as far apart as different pictures"),
        ):
            other = f"{int(hashes[0], 16) ^ ((1 << bits) - 1):064x}"
            assert indexed.here("hash", "--compare", hashes[0], other).out.splitlines()[0] == meaning
        files = indexed.here("hash", "--compare", *names)
        assert (files.code, files.out) == (2, "")
        assert "takes two hashes, not files; to compare pictures: lookalike compare A B" in files.err
        for wrong in (hashes[:1], [*hashes, hashes[0]], [hashes[0], "5f"], [hashes[0], "z" * 64]):
            refused = indexed.here("hash", "--compare", *wrong)
            assert (refused.code, refused.out) == (2, "")

    @pytest.mark.parametrize("edit", ["jpeg-10", "crop-80", "flip", "caption"])
    def test_compare_knows_an_edited_copy(self, edit: str, program: Program) -> None:
        for seed in (3, 8):
            ALTERATIONS[edit].apply(draw(seed, 320, 240)).save(program.home / f"copy-{seed}.png")
            draw(seed, 320, 240).save(program.home / f"{seed}.png")
        copy, other = (program.here("compare", "3.png", name) for name in ("copy-3.png", "copy-8.png"))
        assert (copy.code, other.code) == (0, 1)
        chance = (
            r"^chance +(about 1 in [\d,.]+( \w+)?|fewer than 1 in a trillion) pairs of different pictures "
        )
        assert re.search(chance + "look so alike$", copy.out, re.MULTILINE)

    def test_models(self, indexed: Program) -> None:
        answer, text = indexed.here("models", "--json").json["models"], indexed.here("models").out
        for listed, model in zip(answer, available_models(), strict=True):
            assert (listed["name"], listed["bytes"]) == (model.name, model.path.stat().st_size)
            assert listed["fingerprint"] == load_embedder(model.name).fingerprint
            assert f"{model.name}  512 dimensions, " in text
            assert listed["licence"] in text
