"""The catalog verified: its file, the references in it, and the checksum of every vector."""

from __future__ import annotations

from lookalike.paths import shown
from lookalike.store.catalog import Catalog
from lookalike.store.database import Database
from lookalike.store.encoding import is_sound


def problems_in(database: Database) -> list[str]:
    """Everything that is wrong with a catalog's file, a line each; empty if all is well."""
    found = [f"catalog: {text}" for (text,) in database.rows("PRAGMA integrity_check") if text != "ok"]
    found += [
        f"catalog: row {row} of {table} belongs to no row of {parent}; restore it or index anew"
        for table, row, parent, _ in database.rows("PRAGMA foreign_key_check")
    ]
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
