"""Verifying all that a collection stores: the catalog, the index caches and the folder of uploads."""

from __future__ import annotations

from lookalike.collection.basis import Bases
from lookalike.collection.repairing import Repair
from lookalike.collection.reports import CheckReport
from lookalike.collection.uploads import Uploads
from lookalike.store import problems_in


def verify(bases: Bases, uploads: Uploads, *, repair: bool) -> CheckReport:
    """Look for damage, and mend what can be mended; see ``Collection.check``.

    Args:
        bases: of the collection.
        uploads: of the collection.
        repair: whether damaged rows of the catalog are read again from their files, or forgotten. Index
            caches are made anew in any case.
    """
    mended = Repair(bases.database, bases.settings.limits, bases.own.current).run() if repair else []
    mended += uploads.sweep() if repair else []
    problems = problems_in(bases.database)
    sound = not problems and bases.catalog.embedder() is not None
    mended += bases.index().check() if sound else []
    return CheckReport(bases.catalog.count(), problems, mended, uploads.leftovers().lines())
