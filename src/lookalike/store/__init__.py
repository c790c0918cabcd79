"""The one truth on disk, and the index caches that follow it.

``Catalog`` reads which images and files there are, ``Recorder`` adds and forgets them, ``History`` reads what
changed since a revision, and ``Succession`` moves all vectors to another embedder. All four work on one
``Database``.
"""

from lookalike.store.catalog import Catalog, ImageFacts, Totals
from lookalike.store.database import Database
from lookalike.store.history import History
from lookalike.store.recorder import Recorder
from lookalike.store.records import FileRecord, FileStamp, NewImage, Recorded
from lookalike.store.snapshots import FollowingIndex
from lookalike.store.succession import Succession
from lookalike.store.verification import problems_in

__all__ = [
    "Catalog",
    "Database",
    "FileRecord",
    "FileStamp",
    "FollowingIndex",
    "History",
    "ImageFacts",
    "NewImage",
    "Recorded",
    "Recorder",
    "Succession",
    "Totals",
    "problems_in",
]
