"""Banks on a cluster: an ordinary collection has them, on a disk of the routers' own node.

Checks and reviews are those of one machine, over that collection. Shards are asked for the look back alone:
which pictures of the table are copies of one that was added to a bank?
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lookalike import Collection
from lookalike.banks.adding import Adding
from lookalike.cluster.collection import TableCollection
from lookalike.cluster.copying import check_embedder
from lookalike.cluster.table import Table
from lookalike.images.addresses import Permitted
from lookalike.settings import Settings
from lookalike.web.means import Means
from lookalike.web.options import ONLY
from lookalike.web.service import Service


def opened(folder: Path, table: Table, settings: Settings) -> Collection:
    """Open a collection whose banks are to be asked; one without vectors gets those of the table's embedder.

    Raises:
        NotFoundError: there is no such collection.
        EmbedderMismatch: it holds vectors of another embedder than the table.
    """
    collection = Collection.open(folder, settings=replace(settings, model=table.embedder))
    check_embedder(collection.catalog, folder, table)
    return collection


def banking(folder: Path, table: TableCollection, means: Means, permitted: Permitted) -> Service:
    """The service that checks pictures against banks.

    Args:
        folder: of the collection that has the banks.
        table: looked through for copies of what is added to them.
        means: of the process.
        permitted: says which addresses a picture's URL may lead to.

    Raises:
        LookalikeError: as ``opened``.
    """
    collection = opened(folder, table.table, means.settings)
    collection.bases.own.adopt(table.embedder)  # loaded already, and its weights fill the memory
    service = Service(ONLY, collection, folder, means, permitted)
    service.banks.adding = Adding(collection, elsewhere=table)
    return service
