"""Between a collection on one machine and a table: vectors are copied, and no picture is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lookalike.cluster.rows import DOUBT, FACTS, Row, rows_of
from lookalike.cluster.table import COMMIT_ROWS, Table
from lookalike.collection.reports import Progress, unheard
from lookalike.embed import Embedder
from lookalike.errors import EmbedderMismatch, NotFoundError
from lookalike.store import (
    Annotation,
    Annotations,
    Catalog,
    Change,
    Database,
    FileRecord,
    FileStamp,
    NewImage,
    Recorder,
)

_PIECE = 1000  # images of a transaction, or of a look-up in the catalog


def copy_from(collection: Path, table: Table, *, on_progress: Callable[[Progress], None] = unheard) -> int:
    """Add the images of a collection to a table, and what is said of them; known ones stay as they are.

    Args:
        collection: its folder.
        table: of the same embedder.
        on_progress: told how many images are done and in the table.

    Returns:
        How many were added.

    Raises:
        NotFoundError: there is no such collection.
        EmbedderMismatch: it holds vectors of another embedder.
    """
    catalog = Catalog(Database(collection / "catalog.sqlite", create=False))
    check_embedder(catalog, collection, table)
    table.remember(catalog.totals().folders)
    ids = [image_id for image_id, _ in catalog.places()]
    added = 0
    waiting: list[Row] = []
    for start in range(0, len(ids), _PIECE):
        waiting += _rows(catalog, ids[start : start + _PIECE])
        if len(waiting) >= COMMIT_ROWS or start + _PIECE >= len(ids):
            added += sum(new for _, new in table.add(waiting).values())
            waiting = []
            on_progress(Progress(min(start + _PIECE, len(ids)), len(ids)))
    table.update_indexes()
    return added


def _rows(catalog: Catalog, ids: list[int]) -> Iterator[Row]:
    doubts = catalog.doubts(ids)
    for image in catalog.images(ids).values():
        stamp = catalog.stamp(image.paths[0]) or FileStamp(0, 0)
        small = catalog.small_of(image.image_id)
        facts = image.format, image.width, image.height, image.vector, small, image.annotation
        yield Row(image.sha256, image.paths, stamp, *facts, doubts.get(image.image_id, ""))


def export(table: Table, collection: Path, *, on_progress: Callable[[Progress], None] = unheard) -> int:
    """Record the images of a table, and what is said of them, in a collection, made if it is not there.

    Images get new ids there. An export that was killed goes on if it is run again.

    Args:
        table: to be read.
        collection: its folder.
        on_progress: told how many images are done and recorded.

    Returns:
        How many images were new to the collection.

    Raises:
        EmbedderMismatch: the collection holds vectors of another embedder.
    """
    total, done, added = len(table), 0, 0
    if not total:
        raise NotFoundError(f"table {table.uri} is empty")
    database = Database(collection / "catalog.sqlite", create=True)
    recorder, annotations = Recorder(database), Annotations(database)
    recorder.claim(table.embedder, table.fingerprint)
    kept = table.at().schema.names
    for batch in table.scan([name for name in (*FACTS, "small", DOUBT) if name in kept]):
        for start in range(0, batch.num_rows, _PIECE):
            rows = rows_of(batch.slice(start, _PIECE))
            added += recorder.record(record for row in rows for record in _records(row, table)).added
            annotations.change({row.sha256: _said(row) for row in rows if row.annotation != Annotation()})
            done += len(rows)
            on_progress(Progress(done, total))
    return added


def _said(row: Row) -> Change:
    return {"name": row.annotation.name, "metadata": row.annotation.metadata, "tags": row.annotation.tags}


def _records(row: Row, table: Table) -> Iterator[FileRecord]:
    facts = row.sha256, row.format, row.width, row.height, row.vector
    image = NewImage(*facts, table.fingerprint, row.small, row.doubt)
    for place, path in enumerate(row.paths):
        stamp = row.stamp if place == 0 else FileStamp(0, 0)  # another file's is not known: it is read again
        yield FileRecord(path, path.parent, stamp, row.sha256, image if place == 0 else None)


def check_embedder(catalog: Catalog, collection: Path, table: Table) -> None:
    """Make sure that a collection holds no vectors of another embedder than a table.

    Raises:
        EmbedderMismatch: it does.
    """
    own = catalog.embedder()
    if own is not None and own[1] != table.fingerprint:
        raise EmbedderMismatch(f"{collection} holds vectors of {own[0]!r}, {table.uri} of {table.embedder!r}")


def embedder_of(collection: Path) -> tuple[str, str] | None:
    """Name and fingerprint of a collection's embedder; None if it is empty.

    Raises:
        NotFoundError: there is no such collection.
    """
    return Catalog(Database(collection / "catalog.sqlite", create=False)).embedder()


def table_for(uri: str, embedder: Embedder, name: str) -> Table:
    """The table at an address, made for an embedder if it is not there.

    Args:
        uri: see ``Table.open``.
        embedder: whose vectors it holds or shall hold.
        name: by which ``load_embedder`` finds it on every node.

    Raises:
        EmbedderMismatch: it holds vectors of another embedder.
    """
    return Table.create(uri, name, embedder.fingerprint, embedder.card.dim)
