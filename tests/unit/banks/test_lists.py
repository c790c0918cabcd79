"""Lists of hashes: what is written is read again, and what makes no sense is told by its line."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.banks.hashes import LENGTHS
from lookalike.banks.lists import COLUMNS, FORMS, Form, ListReader, form_of, written
from lookalike.errors import UsageError
from lookalike.store import Bank, BankEntry, NewEntry

PDQ, MD5 = "f8" * 32, "0a" * 16
BANK = Bank(1, "known", False, True, "copies", 1e-6, "")

WORD = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
NOTE = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=30).filter(str.isprintable)


@st.composite
def entries(draw: st.DrawFn) -> NewEntry:
    kind: Any = draw(st.sampled_from(sorted(LENGTHS)))
    value = draw(st.binary(min_size=LENGTHS[kind], max_size=LENGTHS[kind]))
    model = "ab12" if kind == "lookalike" else ""
    tags = tuple(sorted(draw(st.sets(WORD, max_size=4))))
    return NewEntry(kind, value, model, draw(NOTE), tags)


def read(text: str | bytes, form: Form, *, negative: bool = False) -> list[NewEntry]:
    file = io.BytesIO(text.encode() if isinstance(text, str) else text)
    return list(ListReader(file, form, negative=negative, model="own"))


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(st.lists(entries(), max_size=6), st.sampled_from(["csv", "jsonl"]))
def test_what_is_written_is_read_again(given_entries: list[NewEntry], form: Form) -> None:
    rows = [BankEntry(number, 1, entry, 0) for number, entry in enumerate(given_entries)]
    text = "".join(written(rows, BANK, form))
    assert text.count("\n") == len(rows) + (form == "csv")
    assert read(text, form) == given_entries


def test_lines_are_what_threatexchange_reads() -> None:
    # Its "file" exchange splits each line at the first space into the signal's type and text.
    kinds: Any = ["picture", "sha256", "md5", "pdq", "lookalike"]
    rows = [BankEntry(1, 1, NewEntry(kind, bytes(LENGTHS[kind]), "m"), 0) for kind in kinds]
    lines = "".join(written(rows, BANK, "lines")).splitlines()
    assert [line.partition(" ")[::2] for line in lines] == [
        ("video_sha256", "00" * 32),
        ("video_sha256", "00" * 32),
        ("video_md5", "00" * 16),
        ("pdq", "00" * 32),
    ]


def test_csv_has_the_columns_of_threatexchange() -> None:
    row = BankEntry(1, 1, NewEntry("pdq", bytes.fromhex(PDQ), note='a "b", c', tags=("x", "y")), 0)
    (found,) = csv.DictReader(io.StringIO("".join(written([row], BANK, "csv"))))
    assert tuple(found) == COLUMNS
    assert found == {
        "signal_type": "pdq", "signal_str": PDQ, "collab": "known", "category": "POSITIVE_CLASS",
        "tags": "x y", "note": 'a "b", c', "model": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("form", "text"),
    [
        # As ``threatexchange dataset -P --csv`` writes it, with line ends of Windows.
        ("csv", f"signal_type,signal_str,collab,category,tags\r\npdq,{PDQ},C,POSITIVE_CLASS,a b\r\n"),
        # As ``threatexchange api fb_threatexchange query`` writes CSV and JSON lines.
        ("csv", f"id,indicator,type,status,tags,owner_id\n7,{PDQ.upper()},HASH_PDQ,MALICIOUS,a b,9\n"),
        ("jsonl", json.dumps({"id": "7", "indicator": PDQ, "type": "HASH_PDQ", "tags": ["b", "a"]})),
        ("csv", f"\ufeffKind, Value ,tags\n\n  pdq , {PDQ} ,b a\n"),
        ("jsonl", json.dumps({"kind": "pdq", "value": PDQ, "tags": "a b", "note": None}) + "\n\n"),
    ],
)
def test_the_names_of_others_are_understood(form: Form, text: str) -> None:
    assert read(text, form) == [NewEntry("pdq", bytes.fromhex(PDQ), tags=("a", "b"))]


def test_lines_without_tags_are_understood() -> None:
    assert read(f"video_md5 {MD5}\nlookalike {PDQ}\n", "lines") == [
        NewEntry("md5", bytes.fromhex(MD5)),
        NewEntry("lookalike", bytes.fromhex(PDQ), "own"),
    ]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (
            "csv",
            f"signal_type,signal_str\npdq,{PDQ}\nraw_text,some words\nvpdq,{PDQ}\nvideo_md5,{MD5}\n"
            'trend_query,"{""or"": [""a, b""]}"\n',
        ),
        (
            "jsonl",
            f'{{"type": "HASH_PDQ", "indicator": "{PDQ}"}}\n{{"type": "TEXT_STRING", "indicator": "words"}}\n'
            f'{{"type": "URI", "indicator": "https://a.example/"}}\n{{"type": "md5", "indicator": "{MD5}"}}\n'
            '{"type": "TREND_QUERY", "indicator": "{}"}\n',
        ),
        (
            "lines",
            f"pdq {PDQ}\nraw_text\nraw_text several words of it\nvideo_md5 {MD5}\nurl https://a.example/\n",
        ),
    ],
)
def test_signals_that_no_bank_takes_are_left_out(form: Form, text: str) -> None:
    reader = ListReader(io.BytesIO(text.encode()), form, negative=False, model="own")
    assert [(one.kind, one.value.hex()) for one in reader] == [("pdq", PDQ), ("md5", MD5)]
    assert reader.left_out == 3


@pytest.mark.parametrize(
    ("negative", "kept"),
    [(False, [("f8", ()), ("11", ("INVESTIGATION_SEED",))]), (True, [("0a", ())])],
)
def test_entries_of_another_category_are_left_out(
    negative: bool, kept: list[tuple[str, tuple[str, ...]]]
) -> None:
    """Most exchanges give no opinion; threatexchange then writes that it is to be investigated."""
    text = "signal_type,signal_str,category\n" + "".join(
        f"md5,{byte * 16},{category}\n"
        for byte, category in [
            ("f8", "POSITIVE_CLASS"),
            ("0a", "NEGATIVE_CLASS"),
            ("11", "INVESTIGATION_SEED"),
        ]
    )
    reader = ListReader(io.BytesIO(text.encode()), "csv", negative=negative, model="")
    assert [(entry.value.hex(), entry.tags) for entry in reader] == [(byte * 16, tags) for byte, tags in kept]
    assert reader.left_out == 3 - len(kept)


def test_what_nobody_has_verified_is_written_as_such() -> None:
    entry = NewEntry("pdq", bytes.fromhex(PDQ), tags=("INVESTIGATION_SEED", "x"))
    rows = [BankEntry(1, 1, entry, 0), BankEntry(2, 1, NewEntry("md5", bytes(16), tags=("x",)), 0)]
    text = "".join(written(rows, BANK, "csv"))
    assert [row["category"] for row in csv.DictReader(io.StringIO(text))] == [
        "INVESTIGATION_SEED",
        "POSITIVE_CLASS",
    ]
    assert read(text, "csv") == [row.entry for row in rows]


HEAD = "signal_type,signal_str,note,tags\n"
GOOD = f"pdq,{PDQ},,\n"


@pytest.mark.parametrize(
    ("form", "text", "message"),
    [
        ("lines", f"pdq {PDQ}\npdq {PDQ[:-1]}\n", "line 2: a hash of kind pdq has 64 hexadecimal digits"),
        ("lines", f"pdq {PDQ}\npdq {PDQ[:-1]}g\n", "line 2: a hash of kind pdq has 64 hexadecimal digits"),
        ("lines", f"pdq {'٣' * 64}\n", "line 1: a hash of kind pdq has 64 hexadecimal digits"),
        ("lines", f"\n\nqdp {PDQ}\n", "line 3: there is no kind of hash 'qdp'"),
        ("lines", PDQ, "line 1: a line is KIND HEX"),
        ("lines", f"pdq {PDQ} more", "line 1: a line is KIND HEX"),
        ("csv", "a,b\n", "line 1: the head of the list has no column signal_type"),
        ("csv", "type,b\n", "line 1: the head of the list has no column signal_str"),
        ("csv", HEAD + GOOD + "pdq\n", "line 3: 1 columns, where the head has 4"),
        ("csv", HEAD + GOOD + f'pdq,{PDQ},"open,\n', "line 3: no line of a CSV"),
        ("csv", HEAD + f"pdq,{PDQ},{'n' * 1001},\n", "line 2: a note is one line of at most 1,000"),
        ("csv", HEAD + f"pdq,{PDQ},a\x1bb,\n", "line 2: a note is one line"),
        ("csv", HEAD + f"pdq,{PDQ},,{'t' * 101}\n", "line 2: a tag is a word"),
        ("csv", HEAD + f"pdq,{PDQ},,{' '.join(map(str, range(33)))}\n", "line 2: an entry has at most 32"),
        ("csv", HEAD.encode() + b"pdq,\0,,\n", "line 2: not text but bytes"),
        ("csv", HEAD + "x" * 70_000, "line 2: longer than 65,536 bytes"),
        ("csv", b"\x1f\x8b\x08" + b"\xff" * 20, "line 1: not text in UTF-8; a list that is packed"),
        ("lines", b"PK\x03\x04\x00\x00", "line 1: not text but bytes; a list that is packed must be"),
        ("jsonl", "[]\n", "line 1: no JSON object"),
        ("jsonl", "{\n", "line 1: no JSON object"),
        ("jsonl", "[" * 60_000, "line 1: no JSON object"),
        ("jsonl", '{"kind": 3}\n', "line 1: signal_type must be a text, not 3"),
        ("jsonl", f'{{"kind": "pdq", "hash": "{PDQ}", "tags": [3]}}', "line 1: tags must be a list of texts"),
        ("jsonl", f'{{"kind": "pdq", "hash": "{PDQ}", "tags": {{"a": 1}}}}', "line 1: tags must be"),
        ("jsonl", f'{{"kind": "pdq", "hash": "{PDQ}", "note": []}}', "line 1: note must be a text"),
        *(
            ("jsonl", json.dumps({"kind": "lookalike", "hash": PDQ, "model": model}), "line 1: a model is a")
            for model in ("\ud800", "\x1b]0;x\x07", "a\nb", "m" * 60_000)
        ),
    ],
)
def test_what_makes_no_sense_is_told_by_its_line(form: Form, text: str | bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text, form)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("csv", f"type,hash\npdq,{PDQ}\n"),
        ("jsonl", json.dumps({"type": "pdq", "hash": PDQ})),
        ("lines", f"pdq {PDQ}"),
    ],
)
def test_a_mark_before_the_text_is_passed_over(form: Form, text: str) -> None:
    assert [entry.value.hex() for entry in read("\ufeff" + text, form)] == [PDQ]


@given(st.binary(max_size=300), st.sampled_from(FORMS))
def test_any_bytes_are_read_or_refused(data: bytes, form: Form) -> None:
    try:
        found = read(data, form)
    except UsageError as error:
        told = str(error)
    else:
        told = "line "
        assert all(len(entry.value) == LENGTHS[entry.kind] for entry in found)
    assert told.startswith("line ")


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.CSV", "csv"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl"), ("a.txt", "lines"), ("-", "lines")],
)
def test_the_name_of_a_file_tells_its_form(name: str, form: str) -> None:
    assert form_of(name) == form
