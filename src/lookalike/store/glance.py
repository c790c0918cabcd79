"""A glance at a catalog, by a process that has not imported the rest of this package yet."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def probable_embedder(path: Path) -> str | None:
    """Name of the embedder of a catalog, by a glance at its file, which is not opened to be changed.

    What SQLite has not yet copied from its log into the file is not seen, and another process may be writing
    at this moment. So this is only a guess, of what will be needed.

    Args:
        path: of the catalog; it need not be there.

    Returns:
        None if the glance does not tell.
    """
    try:
        if not path.is_file():  # SQLite would wait for whoever writes to a pipe
            return None
        place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(place, uri=True)) as connection:
            row = connection.execute("SELECT value FROM facts WHERE name = 'embedder'").fetchone()
    except (OSError, sqlite3.Error, UnicodeDecodeError):
        return None
    return str(row[0]) if row else None
