"""Banks and checks on the command line, as a pipeline uses them."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pdqhash
import pytest
from PIL import Image

from hostile import encoded
from pictures import draw, write
from program import Done, Program


@pytest.fixture
def known(program: Program) -> Path:
    """A folder of pictures in the bank ``known``."""
    folder = program.home / "known"
    write(folder, 5)
    assert program.here("bank", "create", "known").code == 0
    assert program.here("bank", "add", "known", "known", "-q").code == 0
    return folder


def lines(done: Done) -> dict[str, dict[str, Any]]:
    """The JSON lines of a check, by the name of the file."""
    found = [json.loads(line) for line in done.out.splitlines()]
    assert {line["schema"] for line in found} == {"lookalike.check/1"}
    return {Path(line["path"]).name: line for line in found}


def test_exit_codes_tell_a_pipeline_what_to_do(program: Program, known: Path) -> None:
    new = write(program.home / "new", 2, first_seed=50)
    clean = program.here("check", "new")
    assert (clean.code, clean.out) == (0, "2 files checked: 0 reported.\n")
    reported = program("check", *new, known / "picture-0001.jpg")
    assert reported.code == 6
    assert reported.out == (
        f"{known / 'picture-0001.jpg'}\n  known: identical, of {known / 'picture-0001.jpg'}\n"
        "3 files checked: 1 reported.\n"
    )
    broken = program.home / "broken.jpg"
    broken.write_bytes(b"no picture")
    unusable = program.here("check", broken, *new)
    assert unusable.code == 1
    assert "broken.jpg: not a JPEG" in unusable.err
    assert unusable.out == "3 files checked: 0 reported, 1 could not be used.\n"
    # A report counts for more than a file that cannot be read.
    assert program.here("check", broken, known, "-q").code == 6
    assert program.here("check", "nowhere.jpg").code == 1
    (program.home / "empty").mkdir()
    nothing = program.here("check", "empty")
    assert (nothing.code, nothing.out) == (3, "")
    assert "no picture at" in nothing.err
    assert program.here("bank", "disable", "known").code == 0
    refused = program.here("check", "known")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "lookalike: no bank is enabled, of 'known'; enable one with: lookalike bank enable NAME\n"
    )


def test_banks_that_hold_nothing_are_told_of(program: Program) -> None:
    made = program.here("bank", "create", "odd name")
    assert made.out == "Made bank 'odd name'; add to it: lookalike bank add 'odd name' PATH\n"
    write(program.home / "new", 1)
    checked = program.here("check", "new")
    assert (checked.code, checked.out) == (1, "1 file checked: 0 reported, 1 only in part.\n")
    assert checked.err == "Nothing to compare with: every enabled bank is empty or negative.\n"


def test_standard_input_and_json_lines(program: Program, known: Path) -> None:
    copy = encoded(draw(3).crop((4, 4, 90, 70)), "JPEG")
    done = program("check", "-", "--json", stdin=copy)
    assert done.code == 6
    (line,) = lines(done).values()
    assert line["path"] == "-"
    assert line["reported"] is True
    assert line["reason"] is None
    (result,) = line["results"]
    assert (result["bank"], result["verdict"], result["images"]) == ("known", "copy", 5)
    assert result["matches"][0]["match"]["paths"] == [str(known / "picture-0003.png")]
    assert result["matches"][0]["match"]["evidence"]["verified"] is True
    (program.home / "new.png").write_bytes(encoded(draw(60), "PNG"))
    (program.home / "text.png").write_bytes(b"text")
    found = lines(program.here("check", "new.png", "text.png", "known", "--json"))
    assert len(found) == 7
    assert {name for name, line in found.items() if line["reported"]} == {p.name for p in known.iterdir()}
    assert found["new.png"]["reported"] is False
    assert found["text.png"]["reported"] is None
    assert found["text.png"]["reason"].startswith("not a JPEG")


def test_adding_tells_what_was_there_before(program: Program) -> None:
    first = write(program.home / "pictures", 3)[0]
    assert program.here("index", "pictures", "-q").code == 0
    program.here("bank", "create", "bad", "--note", "of May", "--fpr", "1e-5")
    done = program.here("bank", "add", "bad", first, "--note", "case 7", "--tag", "a")
    assert done.out == (
        f"1 entry put into bank 'bad'.\nThe collection had {first} before:\n  identical  {first}\n"
    )
    again = program.home / "again.png"
    again.write_bytes(first.read_bytes())
    told = program.here("bank", "add", "bad", again).out
    assert told.endswith(f"The collection had {again} before:\n  identical  {first}\n")
    new = program.home / "new.png"
    draw(70).save(new)
    answer = program.here("bank", "add", "bad", new, "--hash", "md5:" + 32 * "0", "--json").json
    assert answer["schema"] == "lookalike.bank-add/1"
    assert [(one["kind"], one["path"], one["known"], one["had"]) for one in answer["added"]] == [
        ("md5", None, None, []), ("picture", str(new), False, []),
    ]  # fmt: skip
    listed = program.here("bank", "list", "bad", "--json").json
    assert (listed["fpr"], listed["note"], listed["counts"]) == (1e-5, "of May", {"md5": 1, "picture": 2})
    assert [(one["kind"], one["note"], one["tags"]) for one in listed["entries"]] == [
        ("picture", "case 7", ["a"]), ("md5", "", []), ("picture", "", []),
    ]  # fmt: skip
    assert program.here("bank", "remove", "bad", new).out == "1 entry removed from 'bad'.\n"
    assert program.here("bank", "remove", "bad", new).code == 3
    assert program.here("bank", "remove", "bad").code == 2
    assert program.here("bank", "remove", "bad", "--whole").out == "Deleted bank 'bad' with 2 entries.\n"
    assert program.here("bank", "list", "bad").code == 3
    assert program.here("status", "--json").json["images"] == 4


def test_adding_tells_what_the_bank_had_already(program: Program) -> None:
    first = write(program.home / "pictures", 3)[0]
    program.here("bank", "create", "bad")
    assert program.here("bank", "add", "bad", first).out == "1 entry put into bank 'bad'.\n"
    told = program.here("bank", "add", "bad", "pictures").out.splitlines()[0]
    assert told == "3 entries put into bank 'bad': 2 new, 1 there already."
    hashes = ["--hash", "md5:" + 32 * "0", "--hash", "md5:" + 32 * "0"]
    answer = program.here("bank", "add", "bad", *hashes, "--json").json
    assert (answer["new"], [one["new"] for one in answer["added"]]) == (1, [True, False])
    program.here("bank", "create", "other")
    assert program.here("bank", "add", "other", "pictures", "--json").json["new"] == 3


def test_lists_go_out_and_come_in(program: Program, known: Path) -> None:
    program.here("bank", "add", "known", "--hash", "pdq:" + 32 * "f8", "--note", 'a, "b"', "--tag", "x")
    for name in ("list.csv", "list.jsonl"):
        assert program.here("bank", "export", "known", name).code == 0
        bank = name.replace(".", " ")
        program.here("bank", "create", bank)
        answer = program.here("bank", "import", bank, name, "--json").json
        assert (answer["read"], answer["new"], answer["left_out"]) == (6, 6, 0)
        assert program.here("bank", "import", bank, name, "--json").json["new"] == 0
        text = program.here("bank", "export", bank, "-", "--as", "csv").out
        assert text.replace(bank, "known") == program.here("bank", "export", "known").out
    program.here("bank", "create", "harmless", "--negative")
    done = program.here("bank", "import", "harmless", "list.csv")
    assert "6 entries left out: of another category than the bank's, or no hashes of files." in done.out
    done = program.here("bank", "import", "harmless", "-", "--as", "lines", stdin=b"md5 " + b"0" * 32)
    assert done.out == "1 entry read, 1 of them new in 'harmless'.\n"
    done = program.here("bank", "import", "harmless", "-", "--as", "xml", stdin=b"")
    assert (done.code, done.err) == (2, "lookalike: --as is csv, jsonl, lines, not 'xml'\n")


def test_a_list_that_is_bad_far_behind_adds_nothing(program: Program) -> None:
    program.here("bank", "create", "list")
    path = program.home / "list.txt"
    with path.open("w") as file:
        file.writelines(f"pdq {number:064x}\n" for number in range(50_000))
        file.write("pdq 0\n")
    done = program.here("bank", "import", "list", path)
    assert done.code == 2
    assert done.err.startswith("lookalike: line 50,001: a hash of kind pdq has 64 hexadecimal digits")
    assert program.here("bank", "list", "list", "--json").json["counts"] == {}
    assert program.here("bank", "import", "list", "nowhere.csv").code == 2
    refused = program.here("bank", "import", "list", ".")
    assert refused.code == 2
    assert ". is a folder, not a list; bank add takes folders of pictures" in refused.err
    assert program.here("bank", "import", "list", "/dev/zero").code == 2
    assert program.here("verify").code == 0


def test_pdq_hashes_are_those_of_the_package(program: Program) -> None:
    path = program.home / "picture.png"
    draw(5, 600, 400).save(path)
    bits, quality = pdqhash.compute(np.asarray(Image.open(path)))
    value = np.packbits(bits.astype(bool)).tobytes().hex()
    assert program.here("hash", "--pdq", path).out == f"{value}  {quality:3}  {path}\n"
    answer = program.here("hash", "--pdq", path, "nowhere.png", "--json")
    assert answer.code == 1
    assert answer.json["schema"] == "lookalike.hash-pdq/1"
    assert answer.json["hashes"] == [{"path": str(path), "hash": value, "quality": quality}]
    assert [item["path"] for item in answer.json["rejected"]] == ["nowhere.png"]
    assert program.here("hash", "--pdq", "--bits", "128", path).code == 2
    program.here("bank", "create", "pdq")
    program.here("bank", "add", "pdq", "--hash", f"pdq:{value}", "--note", "case 17")
    smaller = program.home / "smaller.jpg"
    draw(5, 600, 400).resize((300, 200)).save(smaller, quality=60)
    done = program.here("check", smaller)
    assert done.code == 6
    assert f"pdq: copy, of pdq {value[:16]}… (case 17), " in done.out


def test_no_bank_opens_what_it_names(program: Program) -> None:
    done = program.here("bank", "create", "../../etc")
    assert done.code == 2
    assert "the name of a bank is" in done.err
    assert "make one with: lookalike bank create NAME" in program.here("bank", "note", "none", "a").err
    assert "there is no bank '/etc/passwd'" in program.here("bank", "export", "/etc/passwd", "-").err


def test_a_rate_and_a_rule_can_be_changed_and_are_listed(program: Program) -> None:
    nothing = program.here("bank", "create", "stolen", "--note", "of May")
    assert nothing.code == 0
    program.here("bank", "create", "logos", "--negative")
    program.here("bank", "add", "stolen", "--hash", "md5:" + 32 * "0")
    done = program.here("bank", "set", "stolen", "--fpr", "1e-5", "--rule", "similar")
    assert (done.code, done.out) == (0, "Bank 'stolen' reports copies and similar pictures at 1e-05.\n")
    assert program.here("bank", "list").out == (
        "bank    entries  reports                       rate  state    note\n"
        "logos         0  nothing: it clears           1e-06  enabled\n"
        "stolen        1  copies and similar pictures  1e-05  enabled  of May\n"
    )
    answer = program.here("bank", "set", "stolen", "--fpr", "1e-7", "--json").json
    assert (answer["fpr"], answer["rule"], answer["note"]) == (1e-7, "similar", "of May")
    for wrong, words in (
        (["--rule", "all"], "the rule of a bank is copies or similar, not 'all'"),
        (["--fpr", "0"], "0"),
        ([], "say what to change"),
    ):
        refused = program.here("bank", "set", "stolen", *wrong)
        assert (refused.code, words in refused.err) == (2, True), refused.err
    assert program.here("bank", "set", "none", "--fpr", "1e-5").code == 3
    assert program.here("bank", "list", "stolen", "--json").json["fpr"] == 1e-7


def test_a_file_that_was_seen_only_in_part_does_not_pass_as_checked(program: Program, known: Path) -> None:
    one, two = draw(50), draw(51)
    one.save(program.home / "one.gif")
    one.save(program.home / "two.gif", save_all=True, append_images=[two])
    told = "one of its several frames or pages was looked at"
    assert (known.is_dir(), program.here("check", "one.gif").code) == (True, 0)
    done = program.here("check", "two.gif", "one.gif")
    assert (done.code, done.out) == (1, "2 files checked: 0 reported, 1 only in part.\n")
    assert done.err == f"{program.home / 'two.gif'}: {told}\n"
    assert program.here("check", "two.gif", "--json").json["remark"] == told
    data = encoded(draw(52, 300, 200), "JPEG")
    done = program.here("check", "-", "--json", stdin=data[: len(data) * 9 // 10])
    assert (done.code, done.json["reported"]) == (1, False)
    assert done.json["remark"].startswith("cut short, ")
    program.here("bank", "add", "known", "--hash", f"md5:{hashlib.md5(data).hexdigest()}")
    whole = program.here("check", "-", "--json", stdin=data)
    assert (whole.code, whole.json["reported"], whole.json["remark"]) == (6, True, "")
    program.here("bank", "add", "known", program.home / "two.gif")
    assert told in program.here("check", "two.gif").out  # also of a file that is reported


def test_without_the_package_pdq_hashes_are_passed_over_and_told_of_once(
    program: Program, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pdqhash", None)
    new = write(program.home / "new", 2, first_seed=50)
    told = "1 PDQ hash is not compared, for want of the package pdqhash: pip install 'lookalike[pdq]'"
    done = program.here("bank", "import", "known", "-", stdin=b"pdq " + b"0" * 64 + b"\n")
    assert (done.code, f"In bank 'known', {told}." in done.err) == (0, True), done
    done = program.here("check", *new)
    assert (done.code, done.out) == (1, "2 files checked: 0 reported, 2 only in part.\n")
    assert done.err == f"{told}.\n"
    assert {line["remark"] for line in lines(program.here("check", *new, "--json")).values()} == {told}
    assert program.here("check", known, "-q").code == 6


def test_a_pipeline_lets_nothing_pass_that_a_forgotten_picture_could_be(
    program: Program, known: Path
) -> None:
    crop = program.home / "crop.jpg"
    draw(1).crop((6, 4, 92, 70)).save(crop)
    assert program.here("check", crop).code == 6
    assert program.here("remove", known / "picture-0001.jpg").code == 0
    done = program.here("check", crop)
    told = "1 known picture is compared by the same bytes alone, since the collection has forgotten it"
    assert (done.code, done.err) == (1, f"{told}: index it again.\n")
    assert program.here("check", known / "picture-0001.jpg").code == 6
    assert program.here("index", known).code == 0
    assert program.here("check", crop).code == 6


def test_pictures_that_were_removed_for_good_are_told_of(program: Program, known: Path) -> None:
    first, *others = sorted(known.iterdir())
    assert program.here("remove", "--forever", first).code == 0
    program.here("bank", "create", "again")
    advice = "let it in again by lookalike remove --undo PATH, or add its hashes"
    alone = program.here("bank", "add", "again", first)
    assert (alone.code, alone.err) == (3, f"lookalike: what is at {first} was removed for good; {advice}\n")
    done = program.here("bank", "add", "again", known)
    assert done.err == f"1 file left out, removed for good before; {advice}.\n"
    assert (done.code, done.out.splitlines()[0]) == (1, f"{len(others)} entries put into bank 'again'.")
    assert program.here("bank", "add", "again", known, "--json").json["unwanted"] == 1
    assert program.here("remove", "--undo", first).code == 0
    assert program.here("bank", "add", "again", first).code == 0


def test_what_a_negative_bank_clears_is_counted(program: Program, known: Path) -> None:
    picture = sorted(known.iterdir())[0]
    program.here("bank", "create", "logos", "--negative")
    program.here("bank", "add", "logos", picture)
    done = program.here("check", picture)
    assert (done.code, done.out) == (0, "1 file checked: 0 reported, 1 cleared by a negative bank.\n")
    both = program.here("check", known)
    assert both.out.endswith("5 files checked: 4 reported, 1 cleared by a negative bank.\n")


def test_entries_are_listed_with_their_files(program: Program) -> None:
    first, second = write(program.home / "pictures", 2)
    twin = first.with_name("zz.jpg")
    twin.write_bytes(first.read_bytes())
    program.here("bank", "create", "bad")
    program.here("bank", "add", "bad", first, "--tag", "b", "--tag", "a", "--note", "case 17")
    program.here("bank", "add", "bad", "--hash", "md5:" + 32 * "0")
    program.here("index", twin, "-q")
    program.here("bank", "add", "bad", second)
    (image,) = {one["image_id"] for one in entries_of(program) if str(second) in one["paths"]}
    lines = program.here("bank", "list", "bad").out.splitlines()
    assert lines[2:] == [
        "",
        "entry  kind     image  tags  note     file, or hash",
        f"    1  picture      1  a b   case 17  {first} (and 1 more)",
        f"    2  md5                            {32 * '0'}",
        f"    3  picture  {image:5}                 {second}",
    ]
    short = program.here("bank", "list", "bad", "-k", "1").out.splitlines()
    assert short[-1] == "The first 1 of 3 entries; all: lookalike bank export bad"
    assert program.here(*short[-1].partition("lookalike ")[2].split(), "-").code == 0
    refused = program.here("bank", "remove", "bad", "--entry", "2", "--entry", "99")
    assert (refused.code, "has no entry 99" in refused.err) == (3, True)
    assert program.here("bank", "remove", "bad", "--entry", "2").out == "1 entry removed from 'bad'.\n"
    assert [one["entry_id"] for one in entries_of(program)] == [1, 3]
    program.here("remove", second)
    gone = entries_of(program)[-1]
    assert (gone["image_id"], gone["name"], gone["paths"]) == (None, "", [])
    told = program.here("bank", "list")
    assert told.err == "The collection has forgotten 1 picture of 'bad': only the same bytes match.\n"
    assert program.here("bank", "list", "--json").json["banks"][0]["forgotten"] == 1
    assert program.here("bank", "list", "bad").out.splitlines()[-1].endswith(gone["value"])


def entries_of(program: Program) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = program.here("bank", "list", "bad", "--json").json["entries"]
    return entries


@pytest.mark.parametrize("form", ["csv", "jsonl", "lines"])
def test_an_empty_list_is_one_clear_error(program: Program, form: str) -> None:
    program.here("bank", "create", "list")
    for text in (b"", b"\n  \n"):
        done = program.here("bank", "import", "list", "-", "--as", form, stdin=text)
        assert (done.code, done.err) == (2, "lookalike: the list is empty: it has no entry\n")
    (program.home / "head.csv").write_text("signal_type,signal_str\n")
    assert program.here("bank", "import", "list", "head.csv").err == done.err


def test_of_many_that_were_had_before_the_first_are_told(program: Program) -> None:
    write(program.home / "pictures", 7)
    assert program.here("index", "pictures", "-q").code == 0
    assert program.here("bank", "create", "known").code == 0
    told = program.here("bank", "add", "known", "pictures").out.splitlines()
    assert told[0] == "7 entries put into bank 'known'."
    named = [line for line in told if line.startswith(f"The collection had {program.home / 'pictures'}")]
    assert len(named) == 5
    assert told[-1] == "These are 5 of 7 which it had, or had copies of; --json tells of all."
    added = program.here("bank", "add", "known", "pictures", "--json").json["added"]
    assert [len(one["had"]) > 0 for one in added] == 7 * [True]


def test_lists_are_written_and_read_by_a_key(program: Program, known: Path) -> None:
    (program.home / "key").write_bytes(bytes(range(32)))
    assert program.here("bank", "add", "known", "--hash", "pdq:" + "0f" * 32).code == 0
    done = program.here("bank", "export", "known", "list.csv", "--key", "key")
    assert (done.code, done.out) == (0, "")
    assert done.err == "1 entry left out: only pictures in the collection can be hashed with a key.\n"
    text = (program.home / "list.csv").read_text()
    assert text.count("\nlookalike,") == 5
    assert hashlib.sha256((known / "picture-0001.jpg").read_bytes()).hexdigest() not in text
    assert program.here("bank", "create", "theirs", "--fpr", "1e-5").code == 0
    refused = program.here("bank", "import", "theirs", "list.csv")
    assert (refused.code, "line 2: it was hashed with a key" in refused.err) == (2, True)
    assert program.here("bank", "import", "theirs", "list.csv", "--key", "key", "--json").json["new"] == 5
    (program.home / "short").write_bytes(b"short")
    for command in ("import", "export"):
        done = program.here("bank", command, "theirs", "list.csv", "--key", "short")
        assert (done.code, "a key has 16 to 65,536 bytes" in done.err) == (2, True)
    draw(2).resize((94, 71)).save(program.home / "edited.png")
    results = lines(program.here("check", "edited.png", "--json"))["edited.png"]["results"]
    assert [
        one["bank"] for one in results if one["reported"] and one["matches"][0]["kind"] == "lookalike"
    ] == ["theirs"]
