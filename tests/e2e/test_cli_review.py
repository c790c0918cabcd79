"""Matches kept, decided and logged on the command line."""

from __future__ import annotations

import getpass
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hostile import encoded
from pictures import draw, write
from program import Program
from served import serving


@pytest.fixture
def copies(program: Program) -> list[Path]:
    """Two edited copies of pictures in the bank ``stolen``, which were checked and kept."""
    write(program.home / "known", 3)
    program.here("bank", "create", "stolen")
    assert program.here("bank", "add", "stolen", "known", "-q").code == 0
    uploads = program.home / "uploads"
    uploads.mkdir()
    for seed in (0, 2):
        (uploads / f"{seed}.jpg").write_bytes(encoded(draw(seed).crop((3, 2, 92, 70)), "JPEG"))
    done = program.here("check", "uploads", "--keep")
    assert done.code == 6
    assert done.out.endswith("2 files checked: 2 reported.\n2 matches to review: lookalike review list\n"), (
        done.out
    )
    return sorted(uploads.iterdir())


def test_cases_are_listed_shown_decided_and_purged(program: Program, copies: list[Path]) -> None:
    listed = program.here("review", "list").out.splitlines()
    assert listed[0].split() == ["case", "state", "verdict", "p", "bank", "name"]
    assert {line.split()[-1] for line in listed[1:3]} == set(map(str, copies))
    assert listed[3] == "2 waiting"
    answer = program.here("review", "list", "--json", "-k", "1").json
    assert answer["schema"] == "lookalike.reviews/1"
    assert answer["counts"] == {"waiting": 2, "gone": 0, "confirmed": 0, "not a match": 0, "unsure": 0}
    (first,) = answer["cases"]
    shown = program.here("review", "show", "1", "--json").json
    assert {name: shown[name] for name in first} == first
    assert shown["sha256"] == hashlib.sha256(Path(shown["name"]).read_bytes()).hexdigest()
    text = program.here("review", "show", "1").out
    assert all(words in text for words in ("stolen, at a rate of 1e-06", shown["paths"][0], "cropped to"))
    done = program.here("review", "decide", "not-a-match", "1", "--by", "Ada")
    assert done.out == "Case 1 is not a match (entry 1 of the audit log).\n"
    assert program.here("review", "decide", "confirm", "2").code == 0
    refused = program.here("review", "decide", "unsure", "1", "--by", "Bob")
    assert (refused.code, refused.out) == (2, "")
    assert "lookalike: case 1 was decided: not a match, by Ada, " in refused.err
    assert refused.err.endswith(
        "; to decide otherwise, say that this replaces entry 1 of the audit log: --replaces 1\n"
    )
    several = program.here("review", "decide", "unsure", "1", "2", "--replaces", "1")
    assert (several.code, "--replaces names the decision of one case" in several.err) == (2, True)
    again = program.here("check", "uploads", "--keep")
    assert again.code == 6
    assert (str(Path(shown["name"])) in again.out, "stolen: copy (confirmed by review)" in again.out) == (
        False, True,
    )  # fmt: skip
    assert again.out.splitlines()[-2:] == [
        "2 files checked: 1 reported.", "1 match passed over: people decided 'not a match'.",
    ]  # fmt: skip
    assert program.here("review", "list", "--state", "all").out.endswith("1 confirmed, 1 not a match\n")
    assert program.here("review", "purge", "--by", "Ada").out == "2 kept pictures deleted.\n"
    assert "picture   purged" in program.here("review", "show", "2").out
    assert "\n2 files checked: 1 reported.\n" in program.here("check", "uploads").out
    lines = [json.loads(line) for line in program.here("audit", "export").out.splitlines()]
    assert [(line["who"], line["what"]) for line in lines] == [
        ("Ada", "not a match"), (getpass.getuser(), "confirmed"), ("Ada", "purge"),
    ]  # fmt: skip


def test_of_an_identical_file_nothing_more_is_said(program: Program, copies: list[Path]) -> None:
    known = program.home / "known" / "picture-0000.png"
    assert program.here("check", known, "--keep").code == 6
    (case,) = [
        one for one in program.here("review", "list", "--json").json["cases"] if one["name"] == str(known)
    ]
    lines = program.here("review", "show", str(case["case_id"])).out.splitlines()
    place = lines.index("verdict   identical")
    assert lines[place + 1].startswith("network ")


def test_decisions_and_states_are_taken_as_json_tells_them(program: Program, copies: list[Path]) -> None:
    assert len(copies) == 2
    told = program.here("review", "decide", "not a match", "1", "--json").json["decision"]
    assert program.here("review", "decide", "confirmed", "2", "--json").json["decision"] == "confirmed"
    for state in (told, "not-a-match"):
        (case,) = program.here("review", "list", "--state", state, "--json").json["cases"]
        assert (case["case_id"], case["state"], case["decision"]) == (1, "not a match", "not a match")
    counts = program.here("review", "list", "--json").json["counts"]
    with serving(program) as server:
        assert server.client.get("/v1/reviews").json()["counts"] == counts


def test_json_lines_name_the_cases(program: Program, copies: list[Path]) -> None:
    lines = [
        json.loads(line) for line in program.here("check", "uploads", "--keep", "--json").out.splitlines()
    ]
    assert sorted(case for line in lines for case in line["cases"]) == [1, 2]
    lines = [json.loads(line) for line in program.here("check", "uploads", "--json").out.splitlines()]
    assert [line["cases"] for line in lines] == [[], []]
    done = program.here("check", "-", "--keep", "--json", stdin=copies[0].read_bytes())
    assert done.json["cases"] != []
    assert program.here("review", "list").out.endswith("2 waiting\n")


def test_the_log_is_verified_and_its_first_broken_entry_named(program: Program, copies: list[Path]) -> None:
    assert program.here("audit", "verify").out == "0 entries, each as it was written.\n"
    for number, word in enumerate(("unsure", "confirm", "not-a-match")):
        for case in (1, 2):
            options = ("--replaces", str(2 * number - 2 + case)) if number else ()
            assert program.here("review", "decide", word, str(case), *options).code == 0
    whole = program.here("audit", "verify")
    export = program.here("audit", "export", "log.jsonl")
    last = json.loads((program.home / "log.jsonl").read_text().splitlines()[-1])
    assert (whole.code, export.code) == (0, 0)
    assert whole.out == (
        f"6 entries, each as it was written.\nDigest of the last one, to note elsewhere: {last['digest']}\n"
    )
    assert program.here("audit", "verify", "--json").json == {
        "schema": "lookalike.audit/1", "broken": None, "entries": 6, "digest": last["digest"],
    }  # fmt: skip
    with closing(sqlite3.connect(program.collection / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("DROP TRIGGER audit_is_never_changed")
        catalog.execute("UPDATE audit SET entry = replace(entry, 'unsure', 'confirmed') WHERE number = 2")
    broken = program.here("audit", "verify")
    assert (broken.code, broken.out) == (4, "")
    assert "entry 2 of the audit log was changed: its digest is another" in broken.err
    assert "entry 2 of the audit log" in program.here("verify").out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["review", "show", "99"], 3, "there is no case 99"),
        (["review", "decide", "confirm", "99"], 3, "there is no case 99"),
        (["review", "decide", "1", "confirmed"], 2, "'confirmed' is no number of a case; the decision comes"),
        (["review", "decide", "confirmed", "0"], 2, "'0' is no number of a case"),
        (["review", "decide", "maybe", "1"], 2, "a decision is confirmed, not-a-match, unsure"),
        (["review", "decide", "confirm", "1", "--by", " "], 2, "say who decides"),
        (["review", "list", "--state", "maybe"], 2, "--state is waiting"),
        (["review", "list", "--bank", "none"], 3, "there is no bank 'none'"),
        (["audit", "export", "nowhere/log.jsonl"], 5, "cannot be written"),
    ],
)
def test_what_makes_no_sense_is_refused(program: Program, words: list[str], code: int, told: str) -> None:
    program.here("bank", "create", "stolen")
    done = program.here(*words)
    assert (done.code, told in done.err) == (code, True), done.err


def test_without_a_case_there_is_nothing_to_show(program: Program) -> None:
    program.here("bank", "create", "stolen")
    done = program.here("review", "list")
    assert (done.code, done.out) == (0, "No case yet.\n")
    assert program.here("review", "purge").out == "0 kept pictures deleted.\n"
