"""Landmarks of images: by them pictures are told apart that all look alike to the embedder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from lookalike.store.database import Database

_SOUND = "rules = ? AND checksum IS checksum_of(image_id, rules, data)"


class LandmarksOfImages:
    """Remembers landmarks, as bytes. Those of other rules, and damaged ones, are not given out."""

    def __init__(self, database: Database, rules: int) -> None:
        self._database, self._rules = database, rules

    def ids(self) -> list[int]:
        """Ids of the images that have landmarks, ascending."""
        rows = self._database.rows(
            f"SELECT image_id FROM landmarks WHERE {_SOUND} ORDER BY image_id",  # noqa: S608  ours
            self._rules,
        )
        return [image_id for (image_id,) in rows]

    def all(self) -> dict[int, bytes]:
        """The landmarks of all images that have some, by id, ascending."""
        return dict(
            self._database.rows(
                f"SELECT image_id, data FROM landmarks WHERE {_SOUND} ORDER BY image_id",  # noqa: S608
                self._rules,
            )
        )

    def of(self, images: Sequence[int]) -> dict[int, bytes]:
        """The landmarks of those of some images that have some, by id."""
        return dict(
            self._database.rows(
                "SELECT image_id, data FROM landmarks "  # noqa: S608
                f"WHERE image_id IN (SELECT value FROM json_each(?)) AND {_SOUND}",
                json.dumps(list(images)),
                self._rules,
            )
        )

    def lost(self) -> list[int]:
        """Ids of the images whose landmarks are damaged, or of other rules, ascending: to be found again."""
        rows = self._database.rows(
            f"SELECT image_id FROM landmarks WHERE NOT ({_SOUND}) ORDER BY image_id",  # noqa: S608
            self._rules,
        )
        return [image_id for (image_id,) in rows]

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
