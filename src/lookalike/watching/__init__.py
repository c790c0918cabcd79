"""Keeping a collection up with folders that change: noticing what changed, and taking it in."""

from lookalike.watching.batches import Batch, batches
from lookalike.watching.taking import Keeper

__all__ = ["Batch", "Keeper", "batches"]
