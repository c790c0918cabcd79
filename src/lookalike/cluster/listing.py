"""Lists of the images of a table: a page at a time, by id, and only those that are asked for.

Ids are spread evenly, so the next ones lie in a range whose length the number of rows tells. The index of ids
finds them there, and a page costs about as much in a large table as in a small one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.cluster import labels
from lookalike.cluster.ids import END
from lookalike.cluster.rows import LISTED, paths_of
from lookalike.cluster.table import Table
from lookalike.kernels.arrays import Ids
from lookalike.store import Filters, ListedImage, labels_wanted
from lookalike.store.listing import nanoseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMPARED = {"min_bytes": "bytes >=", "max_bytes": "bytes <=", "since": "modified >=", "until": "modified <"}


def list_images(table: Table, filters: Filters, *, after: int, limit: int) -> list[ListedImage]:
    """List images, ascending by id; see ``store.listing.list_images``.

    Args:
        table: frozen, so that all of the page is of one moment.
        filters: which ones. Sizes and times are those of an image's first file.
        after: only those of a greater id.
        limit: most images.

    Raises:
        UsageError: no image can have such a tag or such metadata.
    """
    ids = _ids(table, list(_conditions(filters)), after, limit)
    if not len(ids):
        return []
    there = f"image_id IN ({','.join(map(str, ids.tolist()))})"
    rows = [row for batch in table.scan(LISTED, there) for row in batch.to_pylist()]
    return [_listed(row) for row in sorted(rows, key=lambda row: int(row["image_id"])) if row["paths"]]


def _ids(table: Table, conditions: list[str], after: int, limit: int) -> Ids:
    """The next ids: from ranges that become longer until they hold enough."""
    found: list[Ids] = []
    missing, start = limit, after
    length = max(1, END * limit // max(1, len(table)))
    while missing > 0 and start < END:
        end = min(start + length, END)
        part = np.sort(table.ids(" AND ".join((f"image_id > {start}", f"image_id <= {end}", *conditions))))
        found.append(part)
        missing, start, length = missing - len(part), end, 2 * length
    return np.concatenate(found)[:limit] if found else np.empty(0, np.int64)


def _conditions(filters: Filters) -> Iterator[str]:
    """Filters as conditions in SQL."""
    wanted = [*labels_wanted(filters.get("tag"), filters.get("meta"))]
    if (folder := filters.get("folder")) is not None:
        wanted.append(labels.folder_label(Path(folder)))
    if wanted:
        yield labels.having(wanted)
    if (form := filters.get("format")) is not None:
        yield f"upper(format) = {labels.as_sql(form.upper())}"
    bounds = {
        "min_bytes": filters.get("min_bytes"),
        "max_bytes": filters.get("max_bytes"),
        "since": nanoseconds(filters.get("since")),
        "until": nanoseconds(filters.get("until")),
    }
    yield from (f"{_COMPARED[name]} {value}" for name, value in bounds.items() if value is not None)


def _listed(row: dict[str, Any]) -> ListedImage:
    return ListedImage(
        row["image_id"],
        row["sha256"],
        row["format"],
        row["width"],
        row["height"],
        paths_of(row["paths"]),
        row["bytes"],
        _EPOCH + timedelta(seconds=row["modified"] // 10**9),
        labels.of_text(row["said"]),
    )
