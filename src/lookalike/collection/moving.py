"""A collection's move to another embedder, which reads every picture again."""

from __future__ import annotations

from collections.abc import Callable

from lookalike.collection.adding import Encoded, Taken, take_in
from lookalike.collection.basis import Bases
from lookalike.collection.originals import original
from lookalike.collection.own_embedder import lasting
from lookalike.collection.reports import Progress, ReembedReport, unheard
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import NotFoundError
from lookalike.images import RejectedFile
from lookalike.store import Succession, refuse_without


def reembed(model: str, bases: Bases, on_progress: Callable[[Progress], None] | None) -> ReembedReport:
    """Move a collection to another embedder; see ``Collection.reembed``.

    Args:
        model: the new embedder, as ``load_embedder`` takes it.
        bases: the collection's.
        on_progress: called on this thread; what it is told is done is kept if the move is interrupted. If
            None, nobody is told.

    Raises:
        NotFoundError: the collection is empty.
        UsageError: it keeps no paths.
    """
    refuse_without(bases.database, "reembed")
    own = bases.catalog.embedder()
    if own is None:
        raise NotFoundError(f"the collection at {bases.folder} is empty; just index with --model {model}")
    name, embedder = lasting(model), load_embedder(model)
    if own == (name, embedder.fingerprint):
        return ReembedReport(moved=True)
    succession = Succession(bases.database)
    report = ReembedReport(dropped=succession.begin(name, embedder.fingerprint))
    while not report.missing and not report.moved:  # again if images were added meanwhile
        _read_again(embedder, bases, succession, report, on_progress or unheard)
        report.moved = not report.missing and succession.complete(embedder.fingerprint)
    if report.moved:
        bases.own.adopt(embedder)
        bases.keep()
    return report


def _read_again(
    embedder: Embedder,
    bases: Bases,
    succession: Succession,
    report: ReembedReport,
    on_progress: Callable[[Progress], None],
) -> None:
    """Give each image that waits for one its new vector, and tell ``report`` which could not get one."""
    catalog, settings = bases.catalog, bases.settings

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
