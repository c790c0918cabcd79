"""All that reads and writes one catalog, side by side."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.store import Catalog, Database, History, Recorder
from records import DIM, FINGERPRINT


class Store:
    """The classes of ``lookalike.store`` over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.catalog = Catalog(database)
        self.recorder = Recorder(database)
        self.history = History(database)


def ids_by_path(store: Store) -> dict[Path, int]:
    """Which image lies at each path."""
    changes = store.history.changes(0, 0, DIM, FINGERPRINT)
    ids = changes.added.tolist()
    return {place: image_id for image_id in ids for place in store.catalog.paths_of(image_id)}


def vectors_by_id(store: Store) -> dict[int, NDArray[np.float32]]:
    """The vector of each image."""
    changes = store.history.changes(0, 0, DIM, FINGERPRINT)
    return dict(zip(changes.added.tolist(), changes.vectors, strict=True))


def write_behind(file: Path, sql: str, *values: object) -> None:
    """Change a catalog's file behind the back of whoever has it open."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(sql, values)
