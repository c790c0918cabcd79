"""The catalog verified: its file, the references in it, and the checksum of every vector."""

from __future__ import annotations

import re

from lookalike.paths import shown
from lookalike.store.catalog import Catalog
from lookalike.store.database import Database
from lookalike.store.encoding import is_sound
from lookalike.store.migrations import MIGRATIONS

_TABLES = tuple(re.findall(r"CREATE TABLE (\w+)", "".join(MIGRATIONS)))


def problems_in(database: Database) -> list[str]:
    """Everything that is wrong with a catalog's file, a line each; empty if all is well.

    Raises:
        DamagedError: it cannot be read at all, or a table is missing.
    """
    for table in _TABLES:
        database.row(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608  names of ours
    found = [f"catalog: {text}" for (text,) in database.rows("PRAGMA integrity_check") if text != "ok"]
    found += [
        f"catalog: row {row} of {table} belongs to no row of {parent}; restore it or index anew"
        for table, row, parent, _ in database.rows("PRAGMA foreign_key_check")
    ]
    lost = database.rows("SELECT id FROM images WHERE id NOT IN (SELECT image_id FROM files)")
    found += [f"catalog: image {image_id} lies in no file; index its files again" for (image_id,) in lost]
    rows = database.rows(
        "SELECT images.id, vector, checksum FROM images LEFT JOIN embeddings ON image_id = images.id"
    )
    for image_id, vector, checksum in rows:
        if not is_sound(vector, checksum):
            paths = ", ".join(shown(path) for path in Catalog(database).paths_of(image_id))
            found.append(
                f"the vector of image {image_id} is damaged; lookalike remove, then index again: {paths}"
            )
    return found
