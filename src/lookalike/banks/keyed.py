"""Hashes by a secret key: a list of them tells whoever lacks the key nothing about a picture, and cannot be
joined with a list by another key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lookalike.banks.hashes import entry_of
from lookalike.collection.comparison import Hasher
from lookalike.collection.facade import Collection
from lookalike.store import BankEntry

_SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class HashKey:
    """A key of hashes.

    Attributes:
        seed: of its hyperplanes, from 0 to 2^256 - 1: ``collection.keys.seed_of``.
    """

    seed: int

    @classmethod
    def of_bytes(cls, seed: bytes) -> HashKey:
        """The key of a stored seed."""
        return cls(int.from_bytes(seed))

    @property
    def stored(self) -> bytes:
        """The seed as it is stored."""
        return self.seed.to_bytes(_SEED_BYTES)

    @property
    def name(self) -> str:
        """What lists call the key, 16 hexadecimal digits, which do not tell the seed."""
        return hashlib.sha256(b"lookalike key name\0" + self.stored).hexdigest()[:16]

    def model(self, fingerprint: str) -> str:
        """What lists call the network of a fingerprint together with this key."""
        return f"{fingerprint}+{self.name}"


@dataclass(frozen=True, slots=True)
class KeyedEntries:
    """The pictures of a bank as hashes by a key.

    Attributes:
        entries: sorted by their hashes, without notes and tags, since order and words could join two lists.
        left_out: how many entries of the bank have no such hash.
    """

    entries: list[BankEntry]
    left_out: int

    @classmethod
    def of(cls, entries: Iterable[BankEntry], key: HashKey, collection: Collection) -> KeyedEntries:
        """Hash the pictures that the collection has by their vectors; others need their pictures.

        Args:
            entries: of a bank.
            key: of the hashes.
            collection: that of the bank.
        """
        embedder = collection.embedder
        hasher, model = Hasher(embedder, seed=key.seed), key.model(embedder.fingerprint)
        hashed: list[BankEntry] = []
        left_out = 0
        for one in entries:
            entry = one.entry
            image = collection.catalog.image_of(entry.value) if entry.kind == "picture" else None
            if image is not None:
                value = bytes.fromhex(hasher.hash_vector(collection.vectors([image])[0]))
                hashed.append(replace(one, entry=entry_of("lookalike", value, model=model)))
            elif entry.model == model:
                hashed.append(replace(one, entry=entry_of("lookalike", entry.value, model=model)))
            else:
                left_out += 1
        return cls(sorted(hashed, key=lambda one: one.entry.value), left_out)
