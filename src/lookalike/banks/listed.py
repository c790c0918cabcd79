"""Entries of a bank as a list shows them: with the picture of the collection that each stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.store import Annotation, Annotations, BankEntry, Catalog, Database, DisabledEntries


@dataclass(frozen=True, slots=True)
class ListedEntry(BankEntry):
    """An entry of a bank, and its picture if the collection has it.

    Attributes:
        image_id: of the picture; None for a hash, and for a picture that the collection has forgotten.
        name: of the picture's first file, or under which it was uploaded; empty without a picture.
        paths: where the picture lies, sorted; nobody looked whether the files are still there. ``sha256:``
            and the digest if the collection keeps no paths; none without a picture.
        disabled_until: up to when checks leave the entry out, in seconds since 1970, 0 for ever; None if
            nobody disabled it.
    """

    image_id: int | None = None
    name: str = ""
    paths: tuple[Path, ...] = ()
    disabled_until: int | None = None

    def facts(self) -> dict[str, Any]:
        """The entry as JSON shows it, on all surfaces; docs/banks.md describes the fields."""
        return {
            "entry_id": self.entry_id,
            "kind": self.entry.kind,
            "value": self.entry.value.hex(),
            "image_id": self.image_id,
            "name": self.name,
            "paths": [str(path) for path in self.paths],
            "note": self.entry.note,
            "tags": list(self.entry.tags),
            "added": self.added,
            "disabled_until": self.disabled_until,
        }


def listed(database: Database, entries: Iterable[BankEntry]) -> list[ListedEntry]:
    """Find the pictures of entries, and whether they are disabled.

    Args:
        database: of the collection.
        entries: in the order in which they are returned.
    """
    with database.consistent():
        return _listed(database, list(entries))


def _listed(database: Database, entries: list[BankEntry]) -> list[ListedEntry]:
    catalog = Catalog(database)
    pictures = {
        one.entry_id: image_id
        for one in entries
        if one.entry.kind == "picture" and (image_id := catalog.image_of(one.entry.value)) is not None
    }
    said = Annotations(database).of(pictures.values())
    until = DisabledEntries(database).until(one.entry_id for one in entries)
    found = []
    for one in entries:
        image_id = pictures.get(one.entry_id)
        paths = () if image_id is None else tuple(catalog.paths_of(image_id))
        name = said.get(image_id or 0, Annotation()).called(paths[0], one.entry.value) if paths else ""
        found.append(
            ListedEntry(
                one.entry_id,
                one.bank_id,
                one.entry,
                one.added,
                image_id,
                name,
                paths,
                until.get(one.entry_id),
            )
        )
    return found
