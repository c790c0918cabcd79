"""This program's own hashes of a picture, without a key and by each key that a list was imported with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lookalike.banks.keyed import HashKey
from lookalike.banks.known import KnownHashes
from lookalike.collection.comparison import Hasher
from lookalike.collection.facade import Collection
from lookalike.collection.queries import Query
from lookalike.embed import Embedder
from lookalike.store import BankEntry, HashKeys


class OwnHashes:
    """Hashes pictures as the banks of one collection need it; safe to use from many threads."""

    def __init__(self, collection: Collection) -> None:
        """Nothing is read before the first picture comes."""
        self._collection, self._keys = collection, HashKeys(collection.bases.database)
        self._known: dict[str, KnownHashes] = {}
        self._hashers: tuple[Embedder | None, dict[str, Hasher]] = None, {}

    def of(self, query: Query, embedder: Embedder) -> dict[str, bytes]:
        """The hashes of a picture by which some bank holds entries, by model.

        Args:
            query: the picture.
            embedder: the collection's, which made the query.
        """
        fingerprint = embedder.fingerprint
        keys = [HashKey.of_bytes(seed) for seed in self._keys.all().values()]
        seeds = {fingerprint: 0, **{key.model(fingerprint): key.seed for key in keys}}
        return {
            model: bytes.fromhex(self._hasher(model, seed, embedder).hash_vector(query.vector))
            for model, seed in seeds.items()
            if self._of_model(model).count(model)
        }

    def near(self, hashes: Mapping[str, bytes]) -> Iterator[tuple[BankEntry, int]]:
        """Entries of all banks that are near a hash of a picture, and in how many bits they differ."""
        for model, value in hashes.items():
            yield from self._of_model(model).near(value, model)

    def _of_model(self, model: str) -> KnownHashes:
        return self._known.setdefault(model, KnownHashes(self._collection.bases.database, "lookalike"))

    def _hasher(self, model: str, seed: int, embedder: Embedder) -> Hasher:
        """The hyperplanes of a model, which are drawn once."""
        if self._hashers[0] is not embedder:
            self._hashers = embedder, {}
        hashers = self._hashers[1]
        if model not in hashers:
            hashers[model] = Hasher(embedder, seed=seed, settings=self._collection.settings)
        return hashers[model]
