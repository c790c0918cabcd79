"""Duplicates over HTTP: the groups found so far, while a scan goes on in the background."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass

from cachetools import LRUCache

from lookalike import Collection
from lookalike.collection.duplicates.found import KeptGroups
from lookalike.collection.duplicates.group import Group
from lookalike.collection.duplicates.keeping import Rule
from lookalike.collection.duplicates.search import DuplicateSearch
from lookalike.collection.duplicates.terms import Terms
from lookalike.collection.reports import Progress
from lookalike.errors import LookalikeError, StorageError
from lookalike.store import Decision

PAGE = 20
"""Groups on a page."""

_KEPT = 4  # answers to different questions
_RULE = Rule("largest")


@dataclass(frozen=True, slots=True)
class DuplicatesPage:
    """Some of the groups that were found.

    Attributes:
        found: the groups of the page.
        total: how many there are on all pages.
        complete: whether everything that was asked for has been looked for.
        progress: how far the scan is.
    """

    found: KeptGroups
    total: int
    complete: bool
    progress: Progress


class Duplicates:
    """Answers from what was seen before, however long a scan takes; safe to call from many threads."""

    def __init__(self, collection: Collection) -> None:
        """Look at nothing yet.

        Args:
            collection: that is served.
        """
        self._collection = collection
        self._background = ThreadPoolExecutor(1, "duplicates")
        self._lock = threading.Lock()
        self._wanted: set[Terms] = set()
        self._kept: LRUCache[object, list[Group]] = LRUCache(_KEPT)
        self._decided = 0
        self._closing = False
        self._failed: tuple[int, LookalikeError] | None = None  # at which revision, and why

    def page(self, terms: Terms, number: int) -> DuplicatesPage:
        """Tell some of the groups, and see to it that what is new is looked at soon.

        Similar images are looked for in the background, too; until that is done, groups hold copies alone.

        Args:
            terms: what is asked for.
            number: of the page, from 1.

        Raises:
            LookalikeError: the collection cannot be scanned.
        """
        limits = self._collection.settings.limits
        if not len(self._collection):
            return DuplicatesPage(KeptGroups.of([], _RULE, terms, limits), 0, True, Progress(0, 0))
        search = DuplicateSearch(self._collection.bases)
        waiting, images = search.waiting()
        groups = self._groups(search, terms, waiting)
        complete = groups is not None and not waiting
        if not complete:
            self._refuse_in_vain()
            self._look(terms)
        if groups is None:
            groups = self._groups(search, Terms(fpr=terms.fpr), waiting) or []
        some = groups[PAGE * (number - 1) : PAGE * number]
        found = KeptGroups.of(some, _RULE, terms, limits, protection=search.protection(some, terms))
        return DuplicatesPage(found, len(groups), complete, Progress(images - waiting, images))

    def decide(self, images: list[int], decision: Decision) -> int:
        """Remember a decision; see ``DuplicateSearch.decide``."""
        pairs = DuplicateSearch(self._collection.bases).decide(images, decision)
        self._decided += 1
        return pairs

    def close(self) -> None:
        """Stop the scan; what it has seen is kept."""
        with self._lock:
            self._closing = True
        self._background.shutdown(cancel_futures=True)

    def _groups(self, search: DuplicateSearch, terms: Terms, waiting: int) -> list[Group] | None:
        """The groups, from memory if nothing has changed since; None if they take too long for an answer."""
        key = self._key(search, terms, waiting)
        with self._lock:
            groups = self._kept.get(key)
        if groups is None and not terms.similar:
            groups = search.groups(terms)
            with self._lock:
                self._kept[key] = groups
        return groups

    def _key(self, search: DuplicateSearch, terms: Terms, waiting: int) -> object:
        return self._collection.revision, waiting, search.decisions(), self._decided, terms

    def _look(self, terms: Terms) -> None:
        """Let the background look for what is asked for, unless it is going to anyway."""
        with self._lock:
            if terms not in self._wanted and not self._closing:
                self._wanted.add(terms)
                self._background.submit(self._work, terms)

    def _refuse_in_vain(self) -> None:
        """Raise what stopped the last scan, unless the collection has changed since."""
        with self._lock:
            failed, self._failed = self._failed, None  # told once: who asks again tries again
        if failed is not None and failed[0] == self._collection.revision:
            raise failed[1]

    def _work(self, terms: Terms) -> None:
        revision = self._collection.revision
        try:
            search = DuplicateSearch(self._collection.bases, threads=1)
            search.scan(self._heed)
            if not search.lasting:  # the next page would begin anew
                raise StorageError("what was seen cannot be kept, so duplicates cannot be looked for here")
            if terms.similar:
                key = self._key(search, terms, search.waiting()[0])
                groups = search.groups(terms, self._heed)
                with self._lock:
                    self._kept[key] = groups
        except CancelledError:
            pass  # the server ends
        except LookalikeError as error:
            with self._lock:
                self._failed = revision, error
        finally:
            with self._lock:
                self._wanted.discard(terms)

    def _heed(self, _: Progress) -> None:
        """Stop if the server ends."""
        if self._closing:
            raise CancelledError
