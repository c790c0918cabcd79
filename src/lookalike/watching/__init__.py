"""Keeping a collection up with folders that change: noticing what changed, and taking it in.

``batches`` gathers changes until they pause, ``places`` tells when a folder or drive comes or goes,
``taking`` takes a batch in, and ``changed`` keeps its walk away from all else.
"""

from lookalike.watching.batches import Batch, batches
from lookalike.watching.taking import Keeper

__all__ = ["Batch", "Keeper", "batches"]
