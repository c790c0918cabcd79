"""Sources: the parts of a collection that a search for duplicates reads, and the limits it keeps."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.collection.duplicates.alikeness import Alikeness
from lookalike.collection.duplicates.memory import Memory
from lookalike.collection.duplicates.nearby import Neighbourhoods
from lookalike.collection.looks import Looks
from lookalike.images import Limits
from lookalike.store import Catalog, Decisions, GroupNames


@dataclass(frozen=True, slots=True)
class Sources:
    """The parts of one collection that a search for duplicates draws on.

    Attributes:
        catalog: knows images and files.
        looks: compares images with each other.
        memory: pairs that were looked at.
        decisions: what people decided.
        names: of groups.
        alikeness: compares embeddings.
        near: finds neighbours.
        fingerprint: of the embedder and of the strangers by which likely copies are told from others.
        border: cosine distance of the copy parts up to which images are similar.
        limits: what reading one picture may cost.
        threads: how many work at the same time.
    """

    catalog: Catalog
    looks: Looks
    memory: Memory
    decisions: Decisions
    names: GroupNames
    alikeness: Alikeness
    near: Neighbourhoods
    fingerprint: str
    border: float
    limits: Limits
    threads: int
