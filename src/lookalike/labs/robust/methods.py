"""What is compared: our embedding, our hash, and perceptual hashes that do not learn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.collection.comparison import FEWEST_BITS, HASH_BITS
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.bits import sign_bytes
from lookalike.kernels.hyperplanes import keyed
from lookalike.labs.shared.classic_hashes import ALL_HASHES, Bits
from lookalike.labs.shared.described import Described

EMBEDDING, HASH, PDQ = "embedding", "hash", "PDQ"
METHODS = (EMBEDDING, HASH, *ALL_HASHES)

HASH_SEED = 0
"""Of the hyperplanes: the one that ``lookalike hash`` uses unless told otherwise."""

_SAME_PDQ = 31  # bits up to which PDQ's makers call two pictures the same

Rows = Vectors | Bits
Distances = NDArray[np.float32] | NDArray[np.int64]


def rows_by_method(described: Described) -> dict[str, Rows]:
    """What each method knows of some pictures, one row per picture: float32 vectors, or bits packed in uint8.

    Raises:
        UsageError: the embeddings are too short for a hash.
    """
    dim = described.embeddings.shape[1]
    if dim < FEWEST_BITS:
        raise UsageError(f"a hash needs embeddings of {FEWEST_BITS} dimensions or more, not {dim}")
    planes = keyed(dim, min(HASH_BITS, dim // 8 * 8), HASH_SEED)
    hashes = sign_bytes(described.embeddings @ planes.T)
    return {EMBEDDING: described.embeddings, HASH: hashes, **described.hashes}


def between(queries: Rows, rows: Rows) -> Distances:
    """Cosine distances of vectors, or how many bits differ: (queries, rows)."""
    if queries.dtype == np.float32:
        return np.asarray(1 - queries @ rows.T, np.float32)
    found = np.zeros((len(queries), len(rows)), np.int64)
    for ours, theirs in zip(_words(queries).T, _words(rows).T, strict=True):
        found += np.bitwise_count(ours[:, None] ^ theirs)
    return found


def are_the_same(embedding: Distances, pdq: Distances, same_distance: float) -> NDArray[np.bool_]:
    """Which pairs are held to be one picture, stored twice, and not two that a method mixes up.

    Two methods that have nothing in common must both say so, each within the border that its makers state,
    so that what is left out favours neither.

    Args:
        embedding: cosine distances of the pairs by their copy parts.
        pdq: their distances by PDQ, of the same shape.
        same_distance: the embedder's border.
    """
    return np.asarray((embedding <= same_distance) & (pdq <= _SAME_PDQ))


def _words(bits: Rows) -> NDArray[np.uint64]:
    """Packed bits as words of 64, filled up with zeros."""
    return np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)
