"""A collection's move to another embedder, which reads every picture again."""

from __future__ import annotations

from collections.abc import Callable

from lookalike.collection.adding import Encoded, Taken, take_in
from lookalike.collection.basis import Bases
from lookalike.collection.originals import original
from lookalike.collection.own_embedder import lasting
from lookalike.collection.reports import Progress, ReembedReport
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import NotFoundError
from lookalike.images import RejectedFile
from lookalike.settings import Settings
from lookalike.store import Catalog, Database, Succession, refuse_without


def reembed(
    model: str, bases: Bases, database: Database, on_progress: Callable[[Progress], None]
) -> ReembedReport:
    """Move a collection to another embedder; see ``Collection.reembed``.

    Args:
        model: the new embedder, as ``load_embedder`` takes it.
        bases: the collection's.
        database: the collection's.
        on_progress: called on this thread.

    Raises:
        NotFoundError: the collection is empty.
        UsageError: it keeps no paths.
    """
    refuse_without(database, "reembed")
    own = bases.catalog.embedder()
    if own is None:
        raise NotFoundError(f"the collection at {bases.folder} is empty; just index with --model {model}")
    name, embedder = lasting(model), load_embedder(model)
    if own == (name, embedder.fingerprint):
        return ReembedReport(moved=True)
    report = move(name, embedder, bases.catalog, Succession(database), bases.settings, on_progress)
    if report.moved:
        bases.own.adopt(embedder)
        bases.keep()
    return report


def move(
    name: str,
    embedder: Embedder,
    catalog: Catalog,
    succession: Succession,
    settings: Settings,
    on_progress: Callable[[Progress], None],
) -> ReembedReport:
    """Give every image a vector by another embedder, then let that embedder take over.

    Args:
        name: the new embedder's, as ``load_embedder`` takes it in any working folder.
        embedder: the new embedder.
        catalog: says where the images lie.
        succession: keeps the new vectors until they are complete.
        settings: limits of an image, and how many threads work.
        on_progress: called on this thread; what it is told is done is kept if the move is interrupted.
    """
    report = ReembedReport(dropped=succession.begin(name, embedder.fingerprint))
    while not report.missing and not report.moved:  # again if images were added meanwhile
        _read_again(embedder, catalog, succession, settings, report, on_progress)
        report.moved = not report.missing and succession.complete(embedder.fingerprint)
    return report


def _read_again(
    embedder: Embedder,
    catalog: Catalog,
    succession: Succession,
    settings: Settings,
    report: ReembedReport,
    on_progress: Callable[[Progress], None],
) -> None:
    """Give each image that waits for one its new vector, and tell ``report`` which could not get one."""

    def read(image: tuple[int, bytes]) -> Encoded:
        image_id, sha256 = image
        return Encoded(sha256, original(catalog.paths_of(image_id), sha256, settings.limits))

    def record(taken: Taken[tuple[int, bytes]]) -> None:
        succession.record(
            [(image_id, image.vector) for (image_id, _), image in taken.new], embedder.fingerprint
        )
        report.embedded += len(taken.new)
        for (image_id, _), reason in taken.refused:
            # No path at all: the image was removed meanwhile, so that nobody misses it.
            report.missing += [RejectedFile(path, reason) for path in catalog.paths_of(image_id)[:1]]

    waiting = succession.waiting()
    on_progress(Progress(0, len(waiting)))
    take_in(waiting, read, record, embedder, settings, on_progress)
