"""The search for duplicates: it scans what is new, makes groups of what was seen, and takes decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lookalike import sight
from lookalike.collection.basis import Bases
from lookalike.collection.duplicates import decisions as deciding
from lookalike.collection.duplicates.alikeness import Alikeness
from lookalike.collection.duplicates.assembling import groups_of
from lookalike.collection.duplicates.files import Scope
from lookalike.collection.duplicates.finding import RULES, Scan
from lookalike.collection.duplicates.group import Group
from lookalike.collection.duplicates.left import Left
from lookalike.collection.duplicates.memory import Memory
from lookalike.collection.duplicates.nearby import Neighbourhoods
from lookalike.collection.duplicates.protecting import Protection
from lookalike.collection.duplicates.sources import Sources
from lookalike.collection.duplicates.terms import Given, Terms
from lookalike.collection.reports import Progress, unheard
from lookalike.collection.uploads import UPLOADS
from lookalike.store import (
    BankEntries,
    Decision,
    Decisions,
    GroupNames,
    LandmarksOfImages,
    LookedAtPairs,
    refuse_without,
)

__all__ = ["DuplicateSearch", "Given", "Group", "Terms"]


class DuplicateSearch:
    """Finds the duplicates of a collection, and remembers what it saw and what people decided."""

    def __init__(self, bases: Bases, *, threads: int | None = None) -> None:
        """Find nothing yet.

        Args:
            bases: what the answers of the collection stand on.
            threads: how many work at the same time; None for what the settings say.

        Raises:
            NotFoundError: the collection is empty.
            UsageError: it keeps neither paths nor small pictures.
        """
        refuse_without(bases.database, "the search for duplicates")
        self._bases = bases
        basis = bases.now()
        card, fingerprint = basis.embedder.card, basis.embedder.fingerprint
        alikeness = Alikeness(basis.catalog, card, fingerprint, basis.calibration)
        self._sources = Sources(
            catalog=basis.catalog,
            looks=basis.looks,
            memory=Memory(
                LookedAtPairs(bases.database, RULES), LandmarksOfImages(bases.database, sight.LANDMARK_RULES)
            ),
            decisions=Decisions(bases.database),
            names=GroupNames(bases.database),
            alikeness=alikeness,
            near=Neighbourhoods(lambda: bases.index().current(), alikeness, basis.calibration),
            # What was passed over as unlikely is looked for again by a new measure of the likely.
            fingerprint=f"{fingerprint} {basis.calibration.images}",
            border=card.same_distance,
            limits=basis.limits,
            threads=threads or basis.threads,
        )

    def find(self, terms: Terms, on_progress: Callable[[Progress], None] | None = None) -> list[Group]:
        """Scan what is new in the collection, and group what is asked for.

        Args:
            terms: what is asked for.
            on_progress: called on this thread.

        Returns:
            See ``groups``.

        Raises:
            NotFoundError: nothing known lies at one of the places.
        """
        Scope(
            [*terms.places, *terms.references], self._sources.catalog
        )  # a slip in a path is told before the work
        note = on_progress or unheard
        self.scan(note)
        return self.groups(terms, note)

    def scan(self, on_progress: Callable[[Progress], None] = unheard) -> None:
        """Look for the copies of images that no scan has dealt with; see ``Scan.run``."""
        Scan(self._sources).run(on_progress)

    @property
    def lasting(self) -> bool:
        """Whether what was seen is kept for later searches: not where the catalog can only be read."""
        return self._sources.memory.lasting

    def waiting(self) -> tuple[int, int]:
        """How many images no scan has dealt with, and how many there are."""
        left = Left.of(self._sources)
        return left.count, left.total

    def groups(self, terms: Terms, on_progress: Callable[[Progress], None] = unheard) -> list[Group]:
        """Group what was seen so far; see ``assembling.groups_of``.

        Raises:
            NotFoundError: nothing known lies at one of the places.
        """
        return groups_of(terms, self._sources, on_progress)

    def decide(self, images: Sequence[int], decision: Decision) -> int:
        """Remember a decision about some images, by id; how many pairs it is about.

        Raises:
            NotFoundError: there is no such image.
            UsageError: there is no such decision, or it needs two images.
        """
        pairs = deciding.among(images, decision)
        return deciding.remember(pairs, decision, self._sources.catalog, self._sources.decisions)

    def decide_named(self, name: str, decision: Decision, groups: Sequence[Group]) -> int:
        """Remember a decision about a named group, or one of its images; see ``decisions.named``."""
        pairs = deciding.named(name, decision, groups)
        return deciding.remember(pairs, decision, self._sources.catalog, self._sources.decisions)

    def forget_decisions(self) -> int:
        """Forget all decisions; how many pairs of images they were about."""
        return self._sources.decisions.forget()

    def protection(self, groups: Sequence[Group], terms: Terms) -> Protection:
        """Look up what no action may touch.

        Args:
            groups: the images that are asked about.
            terms: name the folders in which nothing is touched.

        Raises:
            UsageError: one of those is no folder.
        """
        images = [member.image_id for group in groups for member in group.members]
        pairs = self._sources.decisions.pairs("keep all")
        return Protection(
            uploads=self._bases.folder / UPLOADS,
            banks=BankEntries(self._bases.database).banks_having(images),
            decided=frozenset(first for first, second in pairs if first == second),
            references=terms.references,
        )

    def decisions(self) -> int:
        """How many pairs of images there are decisions about."""
        return self._sources.decisions.count()
