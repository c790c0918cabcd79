"""The one truth on disk, and the index caches that follow it."""

from lookalike.store.catalog import Catalog, FileRecord, FileStamp, NewImage
from lookalike.store.database import Database
from lookalike.store.holdings import Holdings, ImageFacts, Totals
from lookalike.store.snapshots import FollowingIndex
from lookalike.store.succession import Succession

__all__ = [
    "Catalog",
    "Database",
    "FileRecord",
    "FileStamp",
    "FollowingIndex",
    "Holdings",
    "ImageFacts",
    "NewImage",
    "Succession",
    "Totals",
]
