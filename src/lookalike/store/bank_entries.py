"""Bank entries: pictures, by the SHA-256 of their bytes, and hashes of pictures that are not here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from lookalike.errors import NotFoundError
from lookalike.kernels.arrays import Ids
from lookalike.store.banks import count_change
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of, range_below, to_path

Kind = Literal["picture", "sha256", "md5", "pdq", "lookalike"]
"""A picture that is, or was, in the collection; a hash of a file's bytes; a perceptual hash."""

_COLUMNS = "id, bank_id, kind, value, model, note, tags, added"
_PAGE = (
    100_000  # entries that are read at a time, so that ten million never lie in memory as Python's objects
)


class NewEntry(NamedTuple):
    """An entry for a bank.

    Attributes:
        kind: of the value.
        value: the hash; of a picture the SHA-256 of its bytes.
        model: fingerprint of the embedder of a hash of kind ``lookalike``; else empty.
        note: what a person wrote about it.
        tags: sorted, without repetition.
    """

    kind: Kind
    value: bytes
    model: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BankEntry:
    """An entry of a bank.

    Attributes:
        entry_id: never used again once the entry is removed.
        bank_id: of its bank.
        entry: what it says.
        added: when, in seconds since 1970.
    """

    entry_id: int
    bank_id: int
    entry: NewEntry
    added: int

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> BankEntry:
        """The entry that a row of the table describes."""
        entry_id, bank_id, kind, value, model, note, tags, added = row
        return cls(entry_id, bank_id, NewEntry(kind, value, model, note, tuple(json.loads(tags))), added)


class BankEntries:
    """Adds, removes and finds entries; each change is one transaction, and lasts once a method returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, bank_id: int, entries: Iterable[NewEntry], added: int) -> int:
        """Add entries to a bank, all or, if ``entries`` raises, none; how many of them are new.

        An entry that the bank has stays, with the new note and tags if there are any.

        Args:
            bank_id: of a bank that is there.
            entries: any number; drawn from inside the transaction.
            added: the time, in seconds since 1970.
        """
        rows = (self._row(bank_id, entry, added) for entry in entries)
        with self._database.atomic() as connection:
            (before,) = connection.execute("SELECT ifnull(max(id), 0) FROM bank_entries").fetchone()
            connection.executemany(
                "INSERT INTO bank_entries (bank_id, kind, value, model, note, tags, added, checksum) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, value, model, bank_id) DO UPDATE "
                "SET note = excluded.note, tags = excluded.tags, added = excluded.added, "
                "checksum = excluded.checksum WHERE excluded.note != '' OR excluded.tags != '[]'",
                rows,
            )
            count_change(connection)
            (new,) = connection.execute(
                "SELECT count(*) FROM bank_entries WHERE id > ?", (before,)
            ).fetchone()
        return int(new)

    def remove(self, bank_id: int, entries: Iterable[tuple[Kind, bytes]]) -> int:
        """Remove entries from a bank, by kind and value; how many were there."""
        with self._database.atomic() as connection:
            removed = connection.executemany(
                "DELETE FROM bank_entries WHERE kind = ? AND value = ? AND bank_id = ?",
                [(kind, value, bank_id) for kind, value in entries],
            ).rowcount
            count_change(connection)
        return max(0, removed)

    def remove_id(self, bank_id: int, entry_id: int) -> bool:
        """Remove one entry from a bank; whether it was there."""
        with self._database.atomic() as connection:
            removed = connection.execute(
                "DELETE FROM bank_entries WHERE id = ? AND bank_id = ?", (entry_id, bank_id)
            ).rowcount
            count_change(connection)
        return removed > 0

    def entry(self, bank_id: int, entry_id: int) -> BankEntry:
        """One entry of a bank.

        Raises:
            NotFoundError: the bank has no such entry.
        """
        for one in self.entries([entry_id]):
            if one.bank_id == bank_id:
                return one
        raise NotFoundError(f"the bank has no entry {entry_id}")

    def annotate(self, bank_id: int, entry_id: int, note: str) -> BankEntry:
        """Write a note about an entry in place of the one before.

        Raises:
            NotFoundError: the bank has no such entry.
        """
        with self._database.atomic() as connection:
            found = self.entry(bank_id, entry_id)
            *_, checksum = self._row(bank_id, found.entry._replace(note=note), found.added)
            connection.execute(
                "UPDATE bank_entries SET note = ?, checksum = ? WHERE id = ?", (note, checksum, entry_id)
            )
            count_change(connection)
            return self.entry(bank_id, entry_id)

    def page(self, bank_id: int, after: int = 0, most: int = _PAGE) -> list[BankEntry]:
        """List entries of a bank in the order in which they came: those with ids above ``after``."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM bank_entries WHERE bank_id = ? AND id > ? ORDER BY id LIMIT ?",  # noqa: S608
            bank_id,
            after,
            most,
        )
        return [BankEntry.of_row(row) for row in rows]

    def of(self, bank_id: int) -> Iterator[BankEntry]:
        """All entries of a bank in the order in which they came, read piece by piece."""
        some = self.page(bank_id)
        while some:
            yield from some
            some = self.page(bank_id, some[-1].entry_id)

    def holding(self, kind: Kind, value: bytes) -> list[BankEntry]:
        """Entries of any bank with exactly this value."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM bank_entries WHERE kind = ? AND value = ? ORDER BY id",  # noqa: S608
            kind,
            value,
        )
        return [BankEntry.of_row(row) for row in rows]

    def entries(self, ids: Iterable[int]) -> list[BankEntry]:
        """Entries by id, in the order of the ids; those that are gone are left out."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM bank_entries "  # noqa: S608
            "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            json.dumps(sorted(ids)),
        )
        return [BankEntry.of_row(row) for row in rows]

    def hashes(self, kind: Kind, model: str, after: int) -> Iterator[tuple[Ids, bytes]]:
        """Perceptual hashes of all banks, piece by piece: ids, (n,) int64, and their joined values.

        Args:
            kind: of the hashes.
            model: of the hashes.
            after: only entries with ids above this one.
        """
        # By id and not by the index of values, so that a reader who has seen most of them skips those.
        while rows := self._database.rows(
            "SELECT id, value FROM bank_entries NOT INDEXED "
            "WHERE kind = ? AND model = ? AND id > ? ORDER BY id LIMIT ?",
            kind,
            model,
            after,
            _PAGE,
        ):
            yield np.array([row[0] for row in rows], np.int64), b"".join(row[1] for row in rows)
            after = rows[-1][0]

    def images(self, bank_id: int) -> Ids:
        """Ids, ascending, of the images of a bank's pictures that are in the collection."""
        rows = self._database.rows(
            "SELECT images.id FROM bank_entries JOIN images ON sha256 = value "
            "WHERE bank_id = ? AND kind = 'picture' ORDER BY images.id",
            bank_id,
        )
        return np.array([row[0] for row in rows], np.int64)

    def banks_having(self, images: Iterable[int]) -> dict[int, list[str]]:
        """Names, sorted, of the banks that know images by their bytes, as a picture or by SHA-256.

        Args:
            images: ids; those that no bank knows are left out of the answer.
        """
        found: dict[int, list[str]] = {}
        # CROSS JOIN keeps the order: a few images are looked up among millions of entries, not the reverse.
        for image_id, name in self._database.rows(
            "SELECT DISTINCT images.id, banks.name FROM images "
            "CROSS JOIN bank_entries ON kind IN ('picture', 'sha256') AND value = sha256 "
            "CROSS JOIN banks ON banks.id = bank_id "
            "WHERE images.id IN (SELECT value FROM json_each(?)) ORDER BY images.id, banks.name",
            json.dumps(sorted(set(images))),
        ):
            found.setdefault(int(image_id), []).append(str(name))
        return found

    def images_at(self, place: Path) -> list[tuple[int, bytes, Path]]:
        """Id, SHA-256 and first path of the images at a path, or below it; the path is not opened."""
        return [
            (int(image_id), bytes(sha256), to_path(path))
            for image_id, sha256, path in self._database.rows(
                "SELECT images.id, sha256, min(path) FROM files JOIN images ON image_id = images.id "
                "WHERE path = ? OR (path >= ? AND path < ?) GROUP BY images.id ORDER BY images.id",
                *range_below(place),
            )
        ]

    def last_image(self) -> int:
        """The highest id of any image; 0 if there are none. Those of images that come later are higher."""
        return self._database.number("SELECT max(id) FROM images")

    def last(self) -> int:
        """The highest id of any entry; 0 if there are none."""
        return self._database.number("SELECT max(id) FROM bank_entries")

    def has_any(self, bank_id: int) -> bool:
        """Whether a bank holds anything."""
        return bool(
            self._database.number("SELECT EXISTS (SELECT 1 FROM bank_entries WHERE bank_id = ?)", bank_id)
        )

    def total(self) -> int:
        """How many entries all banks have together; of ten million it is known in 15 ms."""
        return self._database.number("SELECT count(*) FROM bank_entries")

    def counts(self, after: int = 0) -> dict[int, Counter[Kind]]:
        """How many entries of each kind with ids above ``after`` each bank has, by the bank's id."""
        counts: dict[int, Counter[Kind]] = {}
        for bank_id, kind, count in self._database.rows(
            "SELECT bank_id, kind, count(*) FROM bank_entries NOT INDEXED "
            "WHERE id > ? GROUP BY bank_id, kind",
            after,
        ):
            counts.setdefault(bank_id, Counter())[kind] = count
        return counts

    def forgotten(self) -> dict[int, int]:
        """How many pictures each bank has that are not in the collection any more, by the bank's id."""
        rows = self._database.rows(
            "SELECT bank_id, count(*) FROM bank_entries WHERE kind = 'picture' "
            "AND NOT EXISTS (SELECT 1 FROM images WHERE sha256 = value) GROUP BY bank_id"
        )
        return {int(bank_id): int(count) for bank_id, count in rows}

    def count(self, kind: Kind, model: str) -> int:
        """How many entries all banks have of a kind and model."""
        return self._database.number(
            "SELECT count(*) FROM bank_entries WHERE kind = ? AND model = ?", kind, model
        )

    @staticmethod
    def _row(bank_id: int, entry: NewEntry, added: int) -> Sequence[Any]:
        tags = json.dumps(entry.tags)
        values = (bank_id, entry.kind, entry.value, entry.model, entry.note, tags, added)
        return (*values, checksum_of(*values))
