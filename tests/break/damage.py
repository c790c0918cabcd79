"""Bits flipped in caches and catalogs: what is damaged is refused or named, and never answers wrongly."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
from tally import Attack

import pictures
from lookalike import Collection, LookalikeError
from lookalike.errors import DamagedError
from lookalike.index import LSHIndex

_ROWS, _DIM = 60_000, 512
_QUERIES = 20
_PICTURES = 24


def caches(attack: Attack) -> None:
    """Flip a bit of an index of 60,000 rows, open it and search."""
    numbers = np.random.default_rng(attack.dice.randrange(2**32))
    centres = numbers.standard_normal((600, _DIM), np.float32)
    rows = np.repeat(centres, _ROWS // len(centres), axis=0)
    rows += numbers.standard_normal((_ROWS, _DIM), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    path = attack.place / "cache.index"
    index = LSHIndex(_DIM)
    index.add(np.arange(_ROWS), rows)
    index.save(path)
    asked = rows[numbers.integers(0, _ROWS, _QUERIES)]
    exact, hashed = index.search(asked, 10, exact=True), index.search(asked, 10)
    attack.tally.figures.append(f"{_ROWS:,} rows, {path.stat().st_size / 1e6:.0f} MB")
    while attack.goes_on:
        place, bit = attack.dice.randrange(path.stat().st_size), attack.dice.randrange(8)
        _flip(path, place, bit)
        try:
            opened = LSHIndex.load(path)
        except DamagedError:
            attack.tally.refused += 1
        else:
            same = all(
                np.array_equal(opened.search(asked, 10, exact=way).ids, answer.ids)
                for way, answer in ((True, exact), (False, hashed))
            )
            attack.tally.judge(same, f"bit {bit} of byte {place:,} changed an answer")
        _flip(path, place, bit)


def catalogs(attack: Attack) -> None:
    """Flip a bit of a catalog or cut it; answers stay as they were, or an error or ``check`` says why not."""
    folder, sound = attack.place / "pictures", attack.place / "sound"
    query = pictures.write(folder, _PICTURES, first_seed=attack.dice.randrange(10**6))[3]
    with Collection.open(sound, create=True) as collection:
        collection.add([folder])
        expected = _answers(collection, query)
    whole = (sound / "catalog.sqlite").read_bytes()
    store = attack.place / "store"
    named = 0
    while attack.goes_on:
        shutil.rmtree(store, ignore_errors=True)
        store.mkdir()
        what, data = _damaged(whole, attack.dice)
        (store / "catalog.sqlite").write_bytes(data)
        try:
            with Collection.open(store) as collection:
                problems = collection.check().problems
                answers = _answers(collection, query)
        except LookalikeError:
            attack.tally.refused += 1
        else:
            named += bool(problems)
            attack.tally.judge(bool(problems) or answers == expected, f"{what}: {answers} and not a word")
    attack.tally.figures.append(f"in {named} of those answered, verify named the damage")


def _answers(collection: Collection, query: Path) -> list[tuple[int, float, list[Path]]]:
    return [(match.image_id, match.distance, list(match.paths)) for match in collection.search(query, 5)]


def _damaged(whole: bytes, dice: random.Random) -> tuple[str, bytes]:
    """What was done to a copy of a file (mostly one bit, or its end is missing), and the copy."""
    if dice.random() < 0.2:
        end = dice.randrange(len(whole))
        return f"cut at {end}", whole[:end]
    place = dice.randrange(100 if dice.random() < 0.1 else len(whole))
    bit = dice.randrange(8)
    changed = bytearray(whole)
    changed[place] ^= 1 << bit
    return f"bit {bit} of byte {place}", bytes(changed)


def _flip(path: Path, place: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))
