"""Panels of images: the pictures that an image is put together from, as a collage is, with their vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lookalike.store.database import Database

_SOUND = (
    "fingerprint = ? AND rules = ? "
    "AND checksum IS checksum_of(image_id, CAST(fingerprint AS BLOB), rules, data)"
)


class PanelsMark(NamedTuple):
    """What tells whether anything has changed in the panels of a collection: by accident two states have
    the same one time in billions.

    Attributes:
        fingerprint: of the embedder whose panels are asked for.
        images: how many have panels, sound or not.
        checksums: the sum of the checksums of their rows.
    """

    fingerprint: str
    images: int
    checksums: int


class PanelsOfImages:
    """Remembers panels, as bytes. Those of other embedders or rules, and damaged ones, are not given out."""

    def __init__(self, database: Database, fingerprint: str, rules: int) -> None:
        """Use a catalog.

        Args:
            database: the collection's.
            fingerprint: of the embedder that made the vectors of panels.
            rules: version of how panels are found, and kept.
        """
        self._database, self._fingerprint, self._rules = database, fingerprint, rules

    def mark(self) -> PanelsMark:
        """What tells whether anything has changed; it is cheap to ask for."""
        ((images, checksums),) = self._database.rows("SELECT count(*), total(checksum) FROM panels")
        return PanelsMark(self._fingerprint, images, int(checksums))

    def all(self) -> dict[int, bytes]:
        """The panels of all images that have some, by id, ascending."""
        return dict(
            self._database.rows(
                f"SELECT image_id, data FROM panels WHERE {_SOUND} ORDER BY image_id",  # noqa: S608  ours
                self._fingerprint,
                self._rules,
            )
        )

    def lost(self) -> list[int]:
        """Ids of the images whose panels are damaged, or of others, ascending: to be found again."""
        rows = self._database.rows(
            f"SELECT image_id FROM panels WHERE NOT ({_SOUND}) ORDER BY image_id",  # noqa: S608
            self._fingerprint,
            self._rules,
        )
        return [image_id for (image_id,) in rows]

    def record(self, images: Iterable[int], panels: Mapping[int, bytes]) -> None:
        """Remember what was found in some images, in place of what was known of them.

        Args:
            images: ids of all that were looked at.
            panels: of those that have some, by id; those that are gone are passed over.
        """
        with self._database.atomic() as connection:
            connection.executemany("DELETE FROM panels WHERE image_id = ?", [(one,) for one in images])
            connection.executemany(
                "INSERT INTO panels "
                "SELECT :id, :fingerprint, :rules, checksum_of(:id, :fingerprint, :rules, :data), :data "
                "WHERE EXISTS (SELECT 1 FROM images WHERE id = :id)",
                [
                    {"id": image_id, "fingerprint": self._fingerprint, "rules": self._rules, "data": data}
                    for image_id, data in panels.items()
                ],
            )
