"""Each command as a person or a script meets it: streams, exit codes, text and JSON."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

import tiny_model
from pictures import draw, write
from program import Program


def _rejected_lines(err: str) -> list[str]:
    head, *lines = err.splitlines()
    assert re.fullmatch(r"\d+ files? could not be used:", head)
    assert all(line.startswith("  /") for line in lines)
    return lines


class TestIndex:
    def test_the_summary_is_all_there_is(self, program: Program) -> None:
        paths = write(program.home / "pictures", 5)
        shutil.copy(paths[0], program.home / "pictures" / "copy.png")
        first = program.here("index", "pictures")
        assert (first.code, first.err) == (0, "")
        assert re.fullmatch(
            r"5 images added, 1 more file with the same bytes in \d+\.\d s\. "
            r"The collection holds 5 images\.\n",
            first.out,
        )
        second = program.here("index", "pictures", "--quiet")
        assert (second.code, second.out, second.err) == (0, "", "")
        paths[1].unlink()
        third = program.here("index", "--prune", "pictures", "--json")
        assert (third.code, third.err) == (0, "")
        answer = third.json
        assert isinstance(answer.pop("seconds"), float)
        assert answer == {
            "schema": "lookalike.index/1",
            "added": 0,
            "linked": 0,
            "unchanged": 5,
            "pruned": 1,
            "unwanted": 0,
            "withheld": [],
            "rejected": [],
            "rejected_before": 0,
            "doubtful": [],
            "skipped": {},
            "annotated": 0,
            "images": 4,
        }

    def test_what_was_passed_by_has_one_line_and_what_is_cut_short_a_doubt(self, program: Program) -> None:
        paths = write(program.home / "pictures", 3)
        jpeg = next(path for path in paths if path.suffix == ".jpg")
        jpeg.write_bytes(jpeg.read_bytes()[:-2])
        (program.home / "pictures" / "film.mp4").touch()
        done = program.here("index", "pictures", "--exclude", "*.webp")
        assert done.code == 0
        assert done.out.splitlines()[0].startswith("2 images added in ")
        assert sorted(done.out.splitlines()[1].removeprefix("Skipped: ").rstrip(".").split(", ")) == [
            "1 .mp4",
            "1 excluded",
        ]
        told = ["1 file taken with a doubt:", f"  {jpeg}: cut short, 100 % read"]
        assert done.err.splitlines() == told
        again = program.here("index", jpeg)
        assert "1 unchanged, 1 cut short as before (--again lists them)" in again.out
        assert again.err == ""
        assert program.here("index", jpeg, "--again").err.splitlines() == told
        assert [
            item["path"] for item in program.here("index", jpeg, "--again", "--json").json["doubtful"]
        ] == [str(jpeg)]

    def test_bad_files_are_told_on_stderr_and_by_the_exit_code(self, program: Program) -> None:
        folder = program.home / "pictures"
        write(folder, 2)
        (folder / "text.png").write_text("text")
        done = program.here("index", "pictures", "absent.jpg")
        assert done.code == 1
        assert done.out.startswith("2 images added in ")
        bad, absent = sorted(_rejected_lines(done.err), reverse=True)
        assert bad.startswith(f"  {folder}/text.png: not a JPEG")
        assert absent == f"  {program.home}/absent.jpg: no such file"
        known = program.here("index", "pictures")
        assert (known.code, known.err) == (0, "")
        assert "2 unchanged, 1 unusable as before (--again lists them) in " in known.out
        told = program.here("index", "pictures", "--again")
        assert (told.code, _rejected_lines(told.err)) == (0, [bad])
        known = program.here("index", "pictures", "--json")
        assert (known.code, known.json["rejected"], known.json["rejected_before"]) == (0, [], 1)
        again = program.here("index", "pictures", "--json", "--again")
        assert (again.code, again.err) == (0, "")
        (rejected,) = again.json["rejected"]
        assert rejected["path"] == str(folder / "text.png")
        assert rejected["reason"].startswith("not a JPEG")
        assert program.here("index", "pictures", "--quiet").out == ""

    def test_paths_of_which_none_exists_are_refused_before_any_work(self, program: Program) -> None:
        done = program.here("index", "picturs", "absent.jpg")
        nothing = f"lookalike: there is nothing at {program.home}/picturs, {program.home}/absent.jpg\n"
        assert (done.code, done.out, done.err) == (3, "", nothing)
        assert not program.collection.exists()

    def test_folders_without_a_picture_are_named(self, program: Program) -> None:
        write(program.home / "pictures", 2)
        for name in ("empty", "notes"):
            (program.home / name).mkdir()
        (program.home / "notes" / "a.txt").write_text("text")
        done = program.here("index", "pictures", "empty", "notes", "./empty")
        empty = [f"No pictures in {program.home / name}." for name in ("empty", "notes")]
        assert (done.code, done.err.splitlines()) == (0, empty)
        excluded = program.here("index", "pictures", "--exclude", "picture-*")
        assert (excluded.code, excluded.err) == (0, f"No pictures in {program.home / 'pictures'}.\n")
        assert program.here("index", "empty", "-q").err == ""

    def test_a_drive_that_is_not_mounted_is_not_pruned(self, program: Program) -> None:
        paths = write(program.home / "drive", 12)
        program.here("index", "drive")
        for path in paths:
            path.unlink()
        done = program.here("index", "--prune", "drive")
        assert (done.code, done.out.splitlines()[0][:14]) == (1, "0 images added")
        assert done.err.splitlines() == [
            "Nothing was forgotten: 12 files may be on a drive that is not mounted.",
            f"  {program.home}/drive: no picture is left in it",
            "Would be forgotten (if you mean it, run the same command with --prune --yes):",
            *(f"  {path}" for path in paths[:10]),
            "  and 2 more (all with --json)",
        ]
        told = program.here("index", "--prune", "drive", "--json")
        assert (told.code, told.err, told.json["pruned"]) == (1, "", 0)
        assert [held["files"] for held in told.json["withheld"]] == [[str(path) for path in paths]]
        assert program.here("status", "--json").json["files"] == 12
        meant = program.here("index", "--prune", "--yes", "drive", "--json")
        assert (meant.code, meant.json["pruned"], meant.json["images"]) == (0, 12, 0)

    def test_a_model_that_is_none(self, program: Program) -> None:
        write(program.home / "pictures", 1)
        (program.home / "x.onnx").write_text("text")
        for model, code in (("nonsense", 2), ("absent.onnx", 3), ("x.onnx", 4)):
            done = program.here("index", "pictures", "--model", model)
            assert (done.code, done.out) == (code, "")
            assert done.err.startswith("lookalike: ")
            assert model in done.err

    def test_a_model_that_is_not_the_collections_own(self, program: Program) -> None:
        write(program.home / "pictures", 3)
        tiny_model.write(program.home / "tiny.onnx")
        assert program.here("index", "pictures/picture-0000.png", "--model", "tiny.onnx").code == 0
        refused = program.here("index", "pictures", "--model", "resnet34")
        assert (refused.code, refused.out) == (2, "")
        assert "this collection was made by 'tiny', not by 'resnet34'" in refused.err
        assert program.here("status", "--json").json["images"] == 1
        assert program.here("index", "pictures", "--model", "tiny.onnx", "--json").json["added"] == 2


class TestSearch:
    def test_text_has_a_line_for_each_place(self, program: Program) -> None:
        paths = write(program.home / "pictures", 3, first_seed=2)
        shutil.copy(paths[1], program.home / "pictures" / "twin.jpg")
        program.here("index", "pictures")
        done = program.here("search", paths[1], "-k", "2")
        assert (done.code, done.err) == (0, "")
        head, first, twin, rule, second, rate = done.out.splitlines()
        assert head.split() == ["verdict", "rank", "similarity", "distance", "path"]
        assert first.split() == ["identical", "1", "1.0000", "0.0000", str(paths[1])]
        assert twin.split() == [*first.split()[:-1], str(program.home / "pictures" / "twin.jpg")]
        assert second.split()[:2] == ["different", "2"]
        assert rule.strip("-") == ""
        assert rate == "About 1 search in 330,000 calls a different picture a copy (--fpr 1e-06)."
        assert len({line.index("/") for line in (first, twin, second)}) == 1

    def test_a_place_where_the_file_is_gone_comes_last_and_is_marked(self, program: Program) -> None:
        """As after renaming a folder and indexing it again."""
        write(program.home / "old", 2)
        program.here("index", "old")
        (program.home / "old").rename(program.home / "young")
        program.here("index", "young")
        dead, alive = (program.home / name / "picture-0000.png" for name in ("old", "young"))
        lines = program.here("search", alive, "-k", "1").out.splitlines()
        assert [line.split(maxsplit=4)[4] for line in lines[1:-1]] == [str(alive), f"{dead}  (gone)"]
        (match,) = program.here("search", alive, "-k", "1", "--json").json["matches"]
        assert (match["path"], match["paths"], match["missing"]) == (
            str(alive), [str(alive), str(dead)], [str(dead)]
        )  # fmt: skip

    def test_json_has_every_match(self, indexed: Program) -> None:
        done = indexed("search", "pictures/picture-0002.webp", "--json", "--limit", "3")
        answer = done.json
        assert (done.code, done.err) == (0, "")
        assert answer.keys() == {
            "schema",
            "query",
            "metric",
            "images",
            "fpr",
            "expected_false",
            "remark",
            "matches",
        }
        assert (answer["schema"], answer["query"]) == ("lookalike.search/3", "pictures/picture-0002.webp")
        assert [match["rank"] for match in answer["matches"]] == [1, 2, 3]
        best = answer["matches"][0]
        assert best.keys() == {
            "rank", "image_id", "verdict", "p", "p_search", "similarity", "copy_similarity", "distance",
            "path", "paths", "missing", "name", "metadata", "tags", "evidence"
        }  # fmt: skip
        assert [match["verdict"] for match in answer["matches"]] == ["identical", "different", "different"]
        assert best["path"] == best["paths"][0] == str(indexed.home / "pictures" / "picture-0002.webp")
        assert (best["similarity"], best["distance"]) == pytest.approx((1, 0), abs=1e-6)
        for match in answer["matches"]:
            assert match["distance"] == pytest.approx(1 - match["similarity"], abs=2e-6)

    @pytest.mark.parametrize("options", [("--exact",), ("--recall", "1"), ("--metric", "euclidean")])
    def test_options_change_cost_and_measure_but_not_the_winner(
        self, options: tuple[str, ...], indexed: Program
    ) -> None:
        answer = indexed.here("search", "pictures/picture-0004.jpg", "--json", *options).json
        assert answer["matches"][0]["path"].endswith("picture-0004.jpg")
        assert len(answer["matches"]) == 8
        assert answer["metric"] == (options[1] if options[0] == "--metric" else "cosine")

    def test_the_picture_can_come_from_stdin(self, indexed: Program) -> None:
        data = (indexed.home / "pictures" / "picture-0005.webp").read_bytes()
        answer = indexed("search", "-", "--json", stdin=data).json
        assert answer["query"] == "-"
        assert answer["matches"][0]["path"].endswith("picture-0005.webp")

    @pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"<html>", "not a JPEG")])
    def test_or_not(self, data: bytes, reason: str, indexed: Program) -> None:
        done = indexed.here("search", "-", stdin=data)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("lookalike: the given bytes: ")
        assert reason in done.err

    def test_stdin_has_a_limit_too(self, indexed: Program) -> None:
        done = indexed("search", "-", stdin=bytes(1001), environment={"LOOKALIKE_MAX_FILE_BYTES": "1000"})
        assert done.code == 1
        assert "more than 1,000 bytes (setting max_file_bytes)" in done.err

    @pytest.mark.parametrize(
        ("query", "reason"),
        [
            ("absent.jpg", "absent.jpg: no such file"),
            ("pictures", "pictures: a folder, not a regular file"),
            ("http://127.0.0.1:9/x.jpg", "http://127.0.0.1:9/x.jpg: "),
        ],
    )
    def test_a_picture_that_cannot_be_had(self, query: str, reason: str, indexed: Program) -> None:
        done = indexed.here("search", query)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"lookalike: {reason}")
        assert done.err.count("\n") == 1

    def test_nothing_indexed_is_an_exit_code_of_its_own(self, program: Program) -> None:
        draw(0).save(program.home / "a.png")
        missing = program.here("search", "a.png")
        assert (missing.code, missing.out) == (3, "")
        assert str(program.collection) in missing.err
        assert not program.collection.exists()
        (program.home / "empty").mkdir()
        assert program.here("index", "empty").code == 0
        empty = program.here("search", "a.png", "--json")
        assert (empty.code, empty.out) == (3, "")
        assert "is empty; add to it: lookalike index PATH" in empty.err


class TestWhereTheCollectionIs:
    def test_flag_over_variable_over_file_over_data_folder(self, program: Program) -> None:
        write(program.home / "pictures", 1)
        config = program.home / "config.toml"
        config.write_text(f"collection = '{program.home / 'by-file'}'\n")
        steps: list[tuple[tuple[str, ...], dict[str, str], str]] = [
            ((), {"LOOKALIKE_COLLECTION": ""}, ".local/share/lookalike/collection"),
            ((), {"LOOKALIKE_COLLECTION": "", "LOOKALIKE_CONFIG": str(config)}, "by-file"),
            ((), {"LOOKALIKE_CONFIG": str(config)}, "collection"),
            (("--collection", "by-flag"), {"LOOKALIKE_CONFIG": str(config)}, "by-flag"),
        ]
        made: list[Path] = []
        for flags, environment, place in steps:
            assert program.here("index", "pictures", *flags, environment=environment).code == 0
            made.append(program.home / place / "catalog.sqlite")
            assert sorted(program.home.rglob("catalog.sqlite")) == sorted(made)

    def test_a_settings_file_with_a_mistake(self, program: Program) -> None:
        config = program.home / "config.toml"
        config.write_text("colection = '/x'\n")
        done = program.here("status", environment={"LOOKALIKE_CONFIG": str(config)})
        assert (done.code, done.out) == (2, "")
        assert (
            f"settings file {config} has an unknown key 'colection'; did you mean 'collection'?" in done.err
        )


class TestOddNames:
    def test_one_line_for_people_and_every_byte_for_programs(self, program: Program) -> None:
        folder = program.home / "pictures"
        paths = write(folder, 3)
        odd = Path(os.fsdecode(bytes(folder) + b"/new\nline caf\xe9 \x1b[31m.png"))
        paths[0].rename(odd)
        bad = Path(os.fsdecode(bytes(folder) + b"/bad\n\xff.png"))
        bad.write_bytes(b"text")
        done = program.here("index", "pictures")
        assert done.code == 1
        assert [line.partition(": ")[0] for line in _rejected_lines(done.err)] == [
            f"  {folder}/bad\\n\\udcff.png"
        ]
        found = program("search", odd, "-k", "1")
        assert found.out.splitlines()[1].endswith(r"/new\nline caf\udce9 \x1b[31m.png")
        answer = program("search", odd, "-k", "1", "--json")
        assert answer.out.isascii()
        for path in (answer.json["matches"][0]["path"], answer.json["query"]):
            assert os.fsencode(path) == bytes(odd)
        hashed = program.here("hash", odd, bad)
        assert hashed.out.count("\n") == hashed.err.count("\n") == 1
        assert program.here("remove", odd, "--quiet").code == 0
        assert odd.exists()

    def test_a_terminal_that_cannot_show_them(self, program: Program) -> None:
        path = program.home / "écran-写真.png"
        draw(0).save(path)
        environment = {"PYTHONIOENCODING": "ascii"}
        assert program("index", path, environment=environment).code == 0
        done = program("search", path, environment=environment)
        assert done.code == 0
        assert done.out.splitlines()[1].endswith(r"\xe9cran-\u5199\u771f.png")
        assert "cran" in program("status", environment=environment).out
