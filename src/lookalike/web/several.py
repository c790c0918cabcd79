"""Several collections in one server: opened together, and sharing what limits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from lookalike import Collection
from lookalike.embed import Embedder
from lookalike.images.addresses import Permitted
from lookalike.settings import Settings
from lookalike.web.means import Means
from lookalike.web.service import Service


def open_all(
    folders: Mapping[str, Path], settings: Settings, queue: int, permitted: Permitted
) -> dict[str, Service]:
    """Open the collections of a server.

    Args:
        folders: where each lies, by its name.
        settings: limits and threads of the process.
        queue: most pictures in work.
        permitted: says which addresses a picture's URL may lead to.

    Raises:
        NotFoundError: one of them is not there.
    """
    collections = {name: Collection.open(folder, settings=settings) for name, folder in folders.items()}
    share_embedders(collections.values())
    means = Means(settings, queue)
    return {
        name: Service(name, collection, folders[name], means, permitted)
        for name, collection in collections.items()
    }


def share_embedders(collections: Iterable[Collection]) -> None:
    """Let collections whose embedders have one fingerprint use one of them: its weights fill the memory."""
    loaded: dict[str, Embedder] = {}
    for collection in collections:
        stored = collection.catalog.embedder()
        embedder = loaded.get(stored[1]) if stored else None
        if embedder is None:
            own = collection.embedder
            embedder = loaded.setdefault(own.fingerprint, own)
        collection.bases.own.adopt(embedder)
