"""Lists by a secret key: who has it finds copies by them, and who has not can do nothing with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike import Collection, Hasher, Settings
from lookalike.banks import Banks
from lookalike.banks.keyed import HashKey
from lookalike.errors import NotFoundError, UsageError
from lookalike.kernels.bits import differing_bits
from lookalike.store import problems_in
from pictures import draw

ADA, BEN = HashKey(1_234_567_890_123_456_789), HashKey(2**256 - 1)
Open = Callable[[str], Collection]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens collections by the bundled network, each of a name."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(
            Collection.open(tmp_path / name, create=True, settings=Settings(threads=1))
        )


def banked(collection: Collection, folder: Path) -> Banks:
    banks = Banks(collection)
    banks.create("stolen", fpr=1e-5)
    banks.add("stolen", [folder], note="case 17", tags=["safe"])
    return banks


def lines(banks: Banks, key: HashKey) -> tuple[str, list[dict[str, str]], int]:
    written, left_out = banks.export_keyed("stolen", "csv", key)
    text = "".join(written)
    return text, list(csv.DictReader(io.StringIO(text))), left_out


def values(rows: list[dict[str, str]]) -> NDArray[np.uint8]:
    return np.array([list(bytes.fromhex(row["signal_str"])) for row in rows], np.uint8)


def test_two_owners_lists_of_the_same_pictures_cannot_be_joined(opened: Open, folder: Path) -> None:
    ada, ben = banked(opened("ada"), folder), banked(opened("ben"), folder)
    assert ada.add_hashes("stolen", ["md5:" + 32 * "0", "pdq:" + 64 * "f"])[0].known is None
    _, of_ada, left_out = lines(ada, ADA)
    _, of_ben, _ = lines(ben, BEN)
    assert (len(of_ada), len(of_ben), left_out) == (6, 6, 2)
    for rows, key in ((of_ada, ADA), (of_ben, BEN)):
        assert {(row["signal_type"], row["note"], row["tags"]) for row in rows} == {("lookalike", "", "")}
        assert {row["model"].partition("+")[2] for row in rows} == {key.name}
        assert [row["signal_str"] for row in rows] == sorted(row["signal_str"] for row in rows)
    between = [int(differing_bits(values(of_ben), one).min()) for one in values(of_ada)]
    assert min(between) > 80, between  # of 256; those of strangers, half of the bits
    # By one key they are the same.
    assert [row["signal_str"] for row in lines(ben, ADA)[1]] == [row["signal_str"] for row in of_ada]
    assert str(ADA.seed) not in lines(ada, ADA)[0]


def test_who_has_the_key_finds_edited_copies_by_the_list(opened: Open, folder: Path) -> None:
    text, rows, _ = lines(banked(opened("ada"), folder), ADA)
    partner = opened("partner")
    banks = Banks(partner)
    banks.create("theirs", fpr=1e-5)
    file = io.BytesIO(text.encode())
    for key in (None, BEN):
        with pytest.raises(UsageError, match=r"line 2: it was hashed with a key .* --key FILE"):
            banks.import_list("theirs", file, "csv", key)
        file.seek(0)
    assert list(banks.entries("theirs")) == []
    assert banks.import_list("theirs", file, "csv", ADA) == (6, 6, 0)
    (result,) = banks.check(draw(3).resize((90, 68))).results
    assert result.reported
    assert result.matches[0].kind == "lookalike"
    assert result.matches[0].value in {row["signal_str"] for row in rows}
    assert not banks.check(draw(50)).reported
    # The key is known by now; a list without models is by the key that is given.
    file.seek(0)
    assert banks.import_list("theirs", file, "csv") == (6, 0, 0)
    bare = "".join(f"lookalike {row['signal_str']}\n" for row in rows)
    assert banks.import_list("theirs", io.BytesIO(bare.encode()), "lines", ADA) == (6, 0, 0)
    # What came by a key can be passed on by it, and is no hash by another.
    assert [row["signal_str"] for row in lines_of(banks, ADA)] == [row["signal_str"] for row in rows]
    assert lines_of(banks, BEN) == []
    assert problems_in(partner.bases.database) == []


def lines_of(banks: Banks, key: HashKey) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(banks.export_keyed("theirs", "csv", key)[0]))))


def test_a_bank_by_a_key_and_one_without_are_asked_together(opened: Open, folder: Path) -> None:
    ada = banked(opened("ada"), folder)
    text, _, _ = lines(ada, ADA)
    collection = opened("both")
    banks = Banks(collection)
    for name, key in (("keyed", ADA), ("plain", None)):
        banks.create(name, fpr=1e-5)
        if key is not None:
            banks.import_list(name, io.BytesIO(text.encode()), "csv", key)
    plain = Hasher(collection.embedder).hash(draw(3))
    banks.add_hashes("plain", [f"lookalike:{plain}"])
    reported = {result.bank: result.reported for result in banks.check(draw(3)).results}
    assert reported == {"keyed": True, "plain": True}


def test_an_entry_by_a_key_is_removed_by_its_number_alone(banks: Banks) -> None:
    banks.create("theirs")
    bare = f"lookalike {64 * '7'}\n".encode()
    for key in (None, ADA):  # once without the key, by mistake
        assert banks.import_list("theirs", io.BytesIO(bare), "lines", key) == (1, 1, 0)
    mistaken, right = banks.entries("theirs")
    with pytest.raises(NotFoundError, match=r"no entry 99"):
        banks.remove("theirs", entry_ids=[mistaken.entry_id, 99])
    assert list(banks.entries("theirs")) == [mistaken, right]
    assert banks.remove("theirs", entry_ids=[mistaken.entry_id, mistaken.entry_id]) == 1
    assert list(banks.entries("theirs")) == [right]


def test_lines_have_no_place_for_a_key(opened: Open, folder: Path) -> None:
    banks = banked(opened("ada"), folder)
    with pytest.raises(UsageError, match="write it as csv or jsonl"):
        banks.export_keyed("stolen", "lines", ADA)


def test_a_damaged_key_is_noticed_and_finds_nothing(opened: Open, folder: Path) -> None:
    text, _, _ = lines(banked(opened("ada"), folder), ADA)
    collection = opened("partner")
    banks = Banks(collection)
    banks.create("theirs", fpr=1e-5)
    banks.import_list("theirs", io.BytesIO(text.encode()), "csv", ADA)
    with collection.bases.database.atomic() as connection:
        connection.execute("UPDATE hash_keys SET seed = ?", (bytes(32),))
    assert not banks.check(draw(3)).reported
    assert problems_in(collection.bases.database) == [
        "of the keys of hashes 1 are damaged; import the lists again with their keys"
    ]
