"""The annotations of images in the catalog: read, changed, and searched for.

They are kept by the SHA-256 of an image's bytes, as decisions about duplicates are. So they outlive ids,
embedders, and files that move, and hold again when pruned pictures come back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

import numpy as np

from lookalike.errors import DamagedError
from lookalike.kernels.arrays import Ids
from lookalike.store.annotation import Annotation, Change
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of
from lookalike.store.keeping import kept_by

HAVING = """
    SELECT sha256 FROM annotation_labels WHERE label IN (SELECT value FROM json_each({labels}))
    GROUP BY sha256 HAVING count(*) = json_array_length({labels})
"""
"""Query of the images that have all labels of a JSON list; ``labels`` is its parameter."""

_OF_IMAGES = """
    SELECT images.id, name, metadata, tags FROM images JOIN annotations USING (sha256)
    WHERE images.id IN (SELECT value FROM json_each(?))
"""
_SOUND = (
    "annotations.checksum IS checksum_of(sha256, CAST(name AS BLOB), CAST(metadata AS BLOB), "
    "CAST(tags AS BLOB))"
)


class Annotations:
    """What is said of the images of one catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, ids: Iterable[int]) -> dict[int, Annotation]:
        """What is said of images, by id; those of which nothing is said are left out."""
        rows = self._database.rows(_OF_IMAGES, json.dumps(list(ids)))
        return {image_id: _read(*values) for image_id, *values in rows}

    def having(self, labels: Sequence[str]) -> Ids:
        """Ids, ascending, of the images that have all of some labels; see ``labels_wanted``."""
        query = f"SELECT id FROM images WHERE sha256 IN ({HAVING.format(labels='?1')}) ORDER BY id"  # noqa: S608
        return np.array([row[0] for row in self._database.rows(query, json.dumps(labels))], np.int64)

    def change(self, changes: Mapping[bytes, Change]) -> dict[bytes, Annotation]:
        """Change what is said of images, by the SHA-256 of their bytes, in one transaction.

        A collection that keeps vectors takes no names.

        Returns:
            What is said of each of them now.

        Raises:
            UsageError: a change is not what it should be; nothing was changed.
        """
        done = {}
        with self._database.atomic() as connection:
            nameless = kept_by(self._database) == "vectors"
            for sha256, given in changes.items():
                change: Change = {**given, "name": None} if nameless else given
                row = connection.execute(
                    "SELECT name, metadata, tags FROM annotations WHERE sha256 = ?", (sha256,)
                ).fetchone()
                done[sha256] = (_read(*row) if row else Annotation()).changed(change)
                _write(connection, sha256, done[sha256])
        return done

    def damaged(self) -> int:
        """How many are not what was stored."""
        return self._database.number(f"SELECT count(*) FROM annotations WHERE NOT {_SOUND}")  # noqa: S608

    def drop_damaged(self) -> int:
        """Forget those that are not what was stored; how many there were."""
        with self._database.atomic() as connection:
            return connection.execute(f"DELETE FROM annotations WHERE NOT {_SOUND}").rowcount  # noqa: S608


def _read(name: Any, metadata: Any, tags: Any) -> Annotation:
    try:
        return Annotation(str(name), dict(json.loads(metadata)), tuple(map(str, json.loads(tags))))
    except (TypeError, ValueError) as error:
        raise DamagedError(
            "what is said of an image is damaged; forget it with: lookalike verify --repair"
        ) from error


def _write(connection: Connection, sha256: bytes, annotation: Annotation) -> None:
    connection.execute("DELETE FROM annotations WHERE sha256 = ?", (sha256,))  # its labels go with it
    if annotation == Annotation():
        return
    metadata = json.dumps(annotation.metadata, ensure_ascii=False, separators=(",", ":"))
    values = (sha256, annotation.name, metadata, json.dumps(annotation.tags, ensure_ascii=False))
    connection.execute("INSERT INTO annotations VALUES (?, ?, ?, ?, ?)", (*values, checksum_of(*values)))
    connection.executemany(
        "INSERT INTO annotation_labels VALUES (?, ?)", [(label, sha256) for label in set(annotation.labels())]
    )
