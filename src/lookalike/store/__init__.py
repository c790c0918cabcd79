"""The one truth on disk, and the index caches that follow it.

``Catalog`` reads which images and files there are, ``Recorder`` adds and forgets them, ``History`` reads what
changed since a revision, ``Succession`` moves all vectors to another embedder, and ``Refusals`` remembers
which files could not be used. ``Decisions`` remembers what people said of pairs of images, ``LookedAtPairs``
what the second look saw of them, and ``GroupNames`` how groups of duplicates are called. All of them work on
one ``Database``.
"""

from lookalike.store.catalog import Catalog, ImageFacts, Totals
from lookalike.store.database import Database
from lookalike.store.decisions import Decision, Decisions
from lookalike.store.group_names import GroupNames
from lookalike.store.history import History
from lookalike.store.listing import Filters, ListedImage
from lookalike.store.looked_at import LookedAt, LookedAtPairs
from lookalike.store.recorder import Recorder
from lookalike.store.records import FileRecord, FileStamp, NewImage, Recorded
from lookalike.store.refusals import Refusal, Refusals
from lookalike.store.snapshots import FollowingIndex
from lookalike.store.succession import Succession
from lookalike.store.verification import damaged_files, damaged_images, damaged_small, problems_in

__all__ = [
    "Catalog",
    "Database",
    "Decision",
    "Decisions",
    "FileRecord",
    "FileStamp",
    "Filters",
    "FollowingIndex",
    "GroupNames",
    "History",
    "ImageFacts",
    "ListedImage",
    "LookedAt",
    "LookedAtPairs",
    "NewImage",
    "Recorded",
    "Recorder",
    "Refusal",
    "Refusals",
    "Succession",
    "Totals",
    "damaged_files",
    "damaged_images",
    "damaged_small",
    "problems_in",
]
