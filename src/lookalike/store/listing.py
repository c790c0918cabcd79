"""Lists of the images in a catalog: a page at a time, by id, and only those that are asked for.

An id is never used again and a page goes on after an id, so pictures that come or go while somebody lists
neither repeat others nor hide them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict

from lookalike.images.names import format_named
from lookalike.paths import is_content_name
from lookalike.store.annotation import Annotation, labels_wanted
from lookalike.store.annotations import HAVING, Annotations
from lookalike.store.database import Database
from lookalike.store.encoding import range_below, to_path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_INTEGER = (1 << 63) - 1
_CHOSEN = f"""
    SELECT id, sha256, format, width, height FROM images
    WHERE id > ?1 AND (?3 IS NULL OR format = ?3)
    AND (?11 IS NULL OR sha256 IN ({HAVING.format(labels="?11")})) AND EXISTS (
        SELECT 1 FROM files WHERE image_id = id
        AND (?4 IS NULL OR path = ?4 OR (path >= ?5 AND path < ?6))
        AND (?7 IS NULL OR mtime_ns >= ?7) AND (?8 IS NULL OR mtime_ns < ?8)
        AND (?9 IS NULL OR size >= ?9) AND (?10 IS NULL OR size <= ?10)
    ) ORDER BY id LIMIT ?2
"""  # noqa: S608  a query of ours
_FILES = "SELECT path, size, mtime_ns FROM files WHERE image_id = ? ORDER BY path"


class Filters(TypedDict, total=False):
    """Which images are listed: those that fit all that is given, with a file that does; None fits any.

    Attributes:
        folder: it lies in this folder, or below it.
        since: it was last changed then or later.
        until: it was last changed before that.
        min_bytes: its least size.
        max_bytes: its greatest size.
        format: of the image, as ``"JPEG"``, or an ending of such files, as ``"jpg"``; upper and lower case
            are the same.
        tag: one tag of the image, or several, all of which it must have.
        meta: top-level keys of its metadata with their values, all of which it must have.
    """

    folder: str | Path | None
    since: datetime | None
    until: datetime | None
    min_bytes: int | None
    max_bytes: int | None
    format: str | None
    tag: str | Collection[str] | None
    meta: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class ListedImage:
    """An image in a list.

    Attributes:
        image_id: stable as long as the image is in the collection.
        sha256: of the bytes of each of its files.
        format: as ``"JPEG"``.
        width: pixels, upright.
        height: pixels, upright.
        paths: where it lies, sorted; the files may be gone.
        bytes: size of the first file when it was indexed; None if the collection keeps no paths.
        modified: when that file had last been changed, in whole seconds; None likewise.
        annotation: what people say of it.
    """

    image_id: int
    sha256: bytes
    format: str
    width: int
    height: int
    paths: tuple[Path, ...]
    bytes: int | None
    modified: datetime | None
    annotation: Annotation = field(default_factory=Annotation)

    @property
    def metadata(self) -> dict[str, Any]:
        """What people say of it, as a JSON object."""
        return self.annotation.metadata

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that people gave it."""
        return self.annotation.tags

    @property
    def name(self) -> str:
        """Of the first file, or that under which it was uploaded."""
        return self.annotation.called(self.paths[0], self.sha256)


def list_images(database: Database, filters: Filters, *, after: int, limit: int) -> list[ListedImage]:
    """List images, ascending by id.

    Args:
        database: of the catalog.
        filters: which ones.
        after: only those of a greater id.
        limit: most images.

    Raises:
        UsageError: no image can have such a tag or such metadata, or there is no such format.
    """
    kind = filters.get("format")
    labels = labels_wanted(filters.get("tag"), filters.get("meta"))
    folder = filters.get("folder")
    below = (None, None, None) if folder is None else range_below(Path(folder))
    wanted = (
        after, limit, None if kind is None else format_named(kind), *below,
        nanoseconds(filters.get("since")), nanoseconds(filters.get("until")),
        filters.get("min_bytes"), filters.get("max_bytes"), json.dumps(labels) if labels else None,
    )  # fmt: skip
    listed = []
    with database.consistent():
        rows = database.rows(_CHOSEN, *wanted)
        said = Annotations(database).of(row[0] for row in rows)
        for image_id, sha256, kind, width, height in rows:
            places = list(database.rows(_FILES, image_id))
            _, size, changed = places[0]
            paths = tuple(to_path(path) for path, _, _ in places)
            modified = None if is_content_name(paths[0]) else _EPOCH + timedelta(seconds=changed // 10**9)
            annotation = said.get(image_id, Annotation())
            facts = (image_id, sha256, kind, width, height, paths)
            listed.append(ListedImage(*facts, size if modified else None, modified, annotation))
    return listed


def nanoseconds(moment: datetime | None) -> int | None:
    """A time as files have it, since 1970; one without a zone is UTC."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    found = (aware - _EPOCH) // timedelta(microseconds=1) * 1000
    return max(-_LARGEST_INTEGER, min(found, _LARGEST_INTEGER))
