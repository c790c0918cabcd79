"""What an attack achieved, at four levels: label, embedding, hash bits, search result.

Nothing here knows how pictures were attacked. Those on disk are read by the program's own decoder and
embedded by its own embedder, so what an attack lost on its way into 8 bits is lost here too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.collection.comparison import HASH_BITS
from lookalike.embed import ModelCard
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.bits import Bytes, differing_bits, sign_bytes
from lookalike.kernels.hyperplanes import keyed

TOP = 10  # ranks that a person looks at

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures as the program sees them.

    Attributes:
        embeddings: (n, dim) float32 unit rows.
        labels: (n,) int64 classes that a classifier gives; None without one.
    """

    embeddings: Vectors
    labels: Labels | None


@dataclass(frozen=True, slots=True)
class Aim:
    """What a set of attacked pictures is compared with.

    Attributes:
        wanted: (n,) int64 rows of the collection: the originals, or for collisions the targets.
        originals: (n,) int64 rows of the originals.
        labels: (n,) int64 true classes.
        objective: "misclassify", "evade" or "collide"; says what counts as a success.
    """

    wanted: NDArray[np.int64]
    originals: NDArray[np.int64]
    labels: Labels
    objective: str


@lru_cache(maxsize=8)
def hash_planes(dim: int, seed: int = 0) -> Vectors:
    """The hyperplanes of ``Hasher``, (256, dim); seed 0 is the one that everybody knows."""
    return keyed(dim, min(HASH_BITS, dim), seed)


def hashes(embeddings: Vectors, seed: int = 0) -> Bytes:
    """Perceptual hashes as ``Hasher`` makes them, (n, 32) uint8."""
    return sign_bytes(embeddings @ hash_planes(embeddings.shape[1], seed).T)


def bits_apart(first: Vectors, second: Vectors, seed: int = 0) -> NDArray[np.int64]:
    """Bits that differ between the hashes of each pair of rows, (n,)."""
    pairs = zip(hashes(first, seed), hashes(second, seed), strict=True)
    return np.array([differing_bits(a[None], b)[0] for a, b in pairs], np.int64)


def bits_within(distance: float) -> int:
    """How many bits of a hash differ, on average, between embeddings at a cosine distance."""
    return round(HASH_BITS * math.acos(1 - distance) / math.pi)


def cosine_distances(first: Vectors, second: Vectors) -> NDArray[np.float64]:
    """The cosine distance of each pair of rows, (n,)."""
    return np.asarray(1 - (first.astype(np.float64) * second).sum(axis=1), np.float64)


def ranks(embeddings: Vectors, rows: NDArray[np.int64], known: Vectors) -> NDArray[np.int64]:
    """The rank of one row of the collection for each query, by exact search; ties count against it.

    Args:
        embeddings: (n, dim) queries.
        rows: (n,) the row that each is asked about.
        known: (rows, dim) the collection.

    Returns:
        (n,) 1 for first.
    """
    products = embeddings @ known.T
    own = products[np.arange(len(rows)), rows]
    return np.asarray((products >= own[:, None]).sum(axis=1), np.int64)


def judge(clean: Seen, now: Seen, aim: Aim, known: Vectors, card: ModelCard) -> dict[str, Any]:
    """Compare attacked pictures with the same pictures before the attack.

    Only pictures count that were in order before: classified right, found within the border, or (for
    collisions) not already taken for the target. So nothing succeeds without a change.

    Args:
        clean: the pictures before.
        now: the pictures after.
        aim: what they are compared with.
        known: (rows, dim) embeddings of the collection.
        card: the embedder's: says which part of an embedding tells copies, and up to which distance two
            pictures count as the same. All distances are of that part; ranks are by whole embeddings, as a
            search has them.

    Returns:
        Shares and means for a result file. ``success`` is a share of ``counted`` pictures, and None where
        there are none of them; ``label_changed`` and ``label_right`` are None without a classifier.
    """
    changed, right = _labels(clean, now, aim.labels)
    parts = [card.copy_part(rows) for rows in (clean.embeddings, now.embeddings, known[aim.wanted])]
    near_before, near_now = (cosine_distances(part, parts[2]) <= card.same_distance for part in parts[:2])
    original, wanted = (ranks(now.embeddings, rows, known) for rows in (aim.originals, aim.wanted))
    first_before = ranks(clean.embeddings, aim.originals, known) == 1
    hits = {
        "misclassify": changed,
        "evade": ~near_now[near_before],
        "collide": near_now[~near_before],
    }[aim.objective]
    facts: dict[str, Any] = {
        "label_changed": None if changed is None else _share(changed),
        "label_right": right,
        "distance_mean": float(cosine_distances(parts[0], parts[1]).mean()),
        "bits_flipped_mean": float(bits_apart(clean.embeddings, now.embeddings).mean()),
        "search": {
            "original_first": _share(original == 1),
            "original_lost": _share((original != 1)[first_before]),
            "original_in_ten": _share(original <= TOP),
            "target_first": _share(wanted == 1) if aim.objective == "collide" else None,
            "within": _share(near_now),
        },
        "success": None if hits is None else _share(hits),
        "counted": 0 if hits is None else len(hits),
    }
    if aim.objective == "collide":
        to_target = bits_apart(now.embeddings, known[aim.wanted])
        facts |= {
            "target_distance_mean": float(cosine_distances(parts[1], parts[2]).mean()),
            "target_bits_mean": float(to_target.mean()),
            "target_bits_least": int(to_target.min()),
        }
    return facts


def _labels(clean: Seen, now: Seen, true: Labels) -> tuple[NDArray[np.bool_] | None, float | None]:
    """Which labels that were right are not any more, and the share of all that are right now."""
    if clean.labels is None or now.labels is None:
        return None, None
    return (now.labels != true)[clean.labels == true], _share(now.labels == true)


def _share(hits: NDArray[np.bool_]) -> float | None:
    """Share of what is true; None where nothing was counted."""
    return float(hits.mean()) if len(hits) else None
