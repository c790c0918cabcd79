"""Landmarks of images, which scans for duplicates found: by them pictures that look alike are told apart."""

from __future__ import annotations

from collections.abc import Mapping

from lookalike.store.database import Database

_SOUND = "checksum IS checksum_of(image_id, rules, data)"


class LandmarksOfImages:
    """Remembers landmarks, as bytes. Those of other rules, and damaged ones, are not given out."""

    def __init__(self, database: Database, rules: int) -> None:
        self._database, self._rules = database, rules

    def ids(self) -> list[int]:
        """Ids of the images that have landmarks, ascending."""
        rows = self._database.rows(
            f"SELECT image_id FROM landmarks WHERE rules = ? AND {_SOUND} ORDER BY image_id",  # noqa: S608  ours
            self._rules,
        )
        return [image_id for (image_id,) in rows]

    def all(self) -> dict[int, bytes]:
        """The landmarks of all images that have some, by id, ascending."""
        return dict(
            self._database.rows(
                f"SELECT image_id, data FROM landmarks WHERE rules = ? AND {_SOUND} ORDER BY image_id",  # noqa: S608
                self._rules,
            )
        )

    def record(self, landmarks: Mapping[int, bytes]) -> None:
        """Remember landmarks by image id, in place of older ones; passes over images that are gone."""
        with self._database.atomic() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO landmarks "
                "SELECT :id, :rules, :data, checksum_of(:id, :rules, :data) "
                "WHERE EXISTS (SELECT 1 FROM images WHERE id = :id)",
                [
                    {"id": image_id, "rules": self._rules, "data": data}
                    for image_id, data in landmarks.items()
                ],
            )
