"""The one truth on disk, and the index caches that follow it.

``Catalog`` reads which images and files there are, ``Recorder`` adds and forgets them, ``History`` reads what
changed since a revision, ``Succession`` moves all vectors to another embedder, and ``Refusals`` remembers
which files could not be used. ``Decisions`` remembers what people said of pairs of images, ``LookedAtPairs``
what the second look saw of them, ``LandmarksOfImages`` what tells images apart that look alike,
``PanelsOfImages`` the pictures in collages, and ``GroupNames`` how groups of duplicates are called.
``Annotations`` are what people said of single images. ``BankTable`` and ``BankEntries`` hold banks of known
pictures and hashes, ``Cases`` what matched them and waits for a person or was decided, and ``AuditLog`` who
decided it. All of them work on one ``Database``.

- The file: ``opening`` makes a catalog ready, by ``migrations`` if it is an older one, which are
  ``steps_of_images`` and ``steps_of_banks``. ``database`` has one connection to read and one to write; each
  is an ``access``, which follows its file. ``reader`` opens a catalog that may not be written; ``log`` finds
  damage in changes that SQLite has not copied into the file yet.
- Images: ``catalog`` reads and ``recorder`` writes ``records``, as the bytes that ``encoding`` makes of them.
  ``listing`` gives pages of images, ``history`` what changed since a revision, ``keeping`` how much a
  collection keeps. ``verification`` checks all of it.
- Vectors: ``ownership`` tells which embedder made them, ``succession`` moves all to another one,
  ``snapshots`` are index caches, of which ``checked`` notes that they are sound.
- What people say: an ``annotation`` of an image, and ``annotations`` of the catalog; ``decisions`` about
  pairs; ``banks`` and ``bank_entries``, with ``entry_metadata`` and ``hash_keys``; ``contents`` join entries,
  ``disabled_entries`` are left out; ``cases`` for review, as rows ``case_rows``, and ``audit``, the log.
- What scans found: ``looked_at`` pairs, ``landmarks`` and ``panels`` of images, ``group_names``, and
  ``refusals``, files that could not be used.

Each module is imported when something of it is first used: a search does not need banks, and before it reads
a catalog, ``glance`` tells which network it will need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookalike.later import imported_later

if TYPE_CHECKING:
    from lookalike.store.annotation import Annotation, Change, keys_with_values, labels_wanted
    from lookalike.store.annotations import Annotations
    from lookalike.store.audit import AuditEntry, AuditLog
    from lookalike.store.bank_entries import BankEntries, BankEntry, Kind, NewEntry
    from lookalike.store.banks import Bank, BankTable, Rule
    from lookalike.store.case_rows import (
        CASE_DECISIONS,
        CASE_STATES,
        DECISION_WORDS,
        STATE_WORDS,
        CaseDecision,
        CaseRow,
        CaseState,
        CheckedPicture,
        NewCase,
    )
    from lookalike.store.cases import Cases
    from lookalike.store.catalog import Catalog, ImageFacts, Totals
    from lookalike.store.contents import Contents
    from lookalike.store.database import Database
    from lookalike.store.decisions import Decision, Decisions
    from lookalike.store.disabled_entries import FOR_EVER, DisabledEntries
    from lookalike.store.entry_metadata import EntryMetadata
    from lookalike.store.group_names import GroupNames
    from lookalike.store.hash_keys import HashKeys
    from lookalike.store.history import History
    from lookalike.store.keeping import Keep, kept_by, refuse_without, settle
    from lookalike.store.landmarks import LandmarksOfImages
    from lookalike.store.listing import Filters, ListedImage
    from lookalike.store.looked_at import LookedAt, LookedAtPairs
    from lookalike.store.panels import PanelsMark, PanelsOfImages
    from lookalike.store.recorder import Recorder
    from lookalike.store.records import FileRecord, FileStamp, NewImage, Recorded
    from lookalike.store.refusals import Refusal, Refusals
    from lookalike.store.snapshots import FollowingIndex
    from lookalike.store.succession import Succession
    from lookalike.store.verification import (
        damaged_files,
        damaged_images,
        damaged_revisions,
        damaged_small,
        problems_in,
    )

__all__ = [
    "Annotation",
    "Annotations",
    "AuditEntry",
    "AuditLog",
    "Bank",
    "BankEntries",
    "BankEntry",
    "BankTable",
    "CASE_DECISIONS",
    "CASE_STATES",
    "DECISION_WORDS",
    "STATE_WORDS",
    "CaseDecision",
    "CaseRow",
    "CaseState",
    "Cases",
    "Catalog",
    "Change",
    "CheckedPicture",
    "Contents",
    "Database",
    "Decision",
    "Decisions",
    "DisabledEntries",
    "FOR_EVER",
    "FileRecord",
    "FileStamp",
    "EntryMetadata",
    "Filters",
    "FollowingIndex",
    "GroupNames",
    "HashKeys",
    "History",
    "ImageFacts",
    "Keep",
    "Kind",
    "LandmarksOfImages",
    "ListedImage",
    "LookedAt",
    "LookedAtPairs",
    "NewCase",
    "NewEntry",
    "NewImage",
    "PanelsMark",
    "PanelsOfImages",
    "Recorded",
    "Recorder",
    "Refusal",
    "Refusals",
    "Rule",
    "Succession",
    "Totals",
    "damaged_files",
    "damaged_images",
    "damaged_revisions",
    "damaged_small",
    "kept_by",
    "keys_with_values",
    "labels_wanted",
    "problems_in",
    "refuse_without",
    "settle",
]

__getattr__ = imported_later(
    __name__,
    {
        "annotation": ("Annotation", "Change", "keys_with_values", "labels_wanted"),
        "annotations": ("Annotations",),
        "catalog": ("Catalog", "ImageFacts", "Totals"),
        "database": ("Database",),
        "decisions": ("Decision", "Decisions"),
        "history": ("History",),
        "keeping": ("Keep", "kept_by", "refuse_without", "settle"),
        "recorder": ("Recorder",),
        "records": ("FileRecord", "FileStamp", "NewImage", "Recorded"),
        "audit": ("AuditEntry", "AuditLog"),
        "bank_entries": ("BankEntries", "BankEntry", "Kind", "NewEntry"),
        "banks": ("Bank", "BankTable", "Rule"),
        "case_rows": (
            "CASE_DECISIONS",
            "CASE_STATES",
            "DECISION_WORDS",
            "STATE_WORDS",
            "CaseDecision",
            "CaseRow",
            "CaseState",
            "CheckedPicture",
            "NewCase",
        ),
        "cases": ("Cases",),
        "contents": ("Contents",),
        "disabled_entries": ("FOR_EVER", "DisabledEntries"),
        "entry_metadata": ("EntryMetadata",),
        "group_names": ("GroupNames",),
        "hash_keys": ("HashKeys",),
        "landmarks": ("LandmarksOfImages",),
        "listing": ("Filters", "ListedImage"),
        "looked_at": ("LookedAt", "LookedAtPairs"),
        "panels": ("PanelsMark", "PanelsOfImages"),
        "refusals": ("Refusal", "Refusals"),
        "snapshots": ("FollowingIndex",),
        "succession": ("Succession",),
        "verification": (
            "damaged_files",
            "damaged_images",
            "damaged_revisions",
            "damaged_small",
            "problems_in",
        ),
    },
)
