"""What a collection holds, read past the collection: by nothing but sqlite3."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike import AddReport, Collection


def catalog(collection: Collection) -> sqlite3.Connection:
    """A connection of its own to the collection's catalog."""
    return sqlite3.connect(collection.status().folder / "catalog.sqlite")


def stored(collection: Collection) -> tuple[list[int], NDArray[np.float32]]:
    """All ids, ascending, and the vectors that belong to them."""
    with closing(catalog(collection)) as connection:
        rows = connection.execute("SELECT image_id, vector FROM embeddings ORDER BY image_id").fetchall()
    return [row[0] for row in rows], np.array([np.frombuffer(row[1], "<f4") for row in rows])


def image_at(collection: Collection, path: Path) -> int:
    """The id of the image that lies at a path."""
    with closing(catalog(collection)) as connection:
        (row,) = connection.execute("SELECT image_id FROM files WHERE path = ?", (os.fsencode(path),))
    return int(row[0])


def counts(report: AddReport) -> tuple[int, int, int, int, int]:
    """Added, linked, unchanged, pruned, and the number of rejected."""
    return report.added, report.linked, report.unchanged, report.pruned, len(report.rejected)
