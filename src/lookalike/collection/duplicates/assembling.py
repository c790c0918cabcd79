"""Assembling: pairs that were seen, and files that are there, become groups to be shown and acted on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from lookalike.collection.duplicates.copies import Judged, copies_among, judge
from lookalike.collection.duplicates.files import Filed, Scope, filed
from lookalike.collection.duplicates.finding import evidence_of, looked_at
from lookalike.collection.duplicates.group import Group, Member
from lookalike.collection.duplicates.grouping import Pair, Star, named, ordered, preference, stars
from lookalike.collection.duplicates.reference import copies_of_reference
from lookalike.collection.duplicates.similar import extended, similar_pairs
from lookalike.collection.duplicates.sources import Sources
from lookalike.collection.duplicates.terms import Terms
from lookalike.collection.reports import Progress
from lookalike.errors import StorageError
from lookalike.sight import Evidence
from lookalike.store import LookedAt

Key = tuple[int, int]


def groups_of(terms: Terms, sources: Sources, on_progress: Callable[[Progress], None]) -> list[Group]:
    """Group what was seen so far.

    Args:
        terms: what is asked for.
        sources: of the collection.
        on_progress: told how the search for similar images goes, if that is asked for.

    Returns:
        Groups of at least two files, those with most files first.

    Raises:
        NotFoundError: nothing known lies at one of the places.
    """
    return _Assembly(terms, sources).run(on_progress)


class _Assembly:
    """What is known while groups are made."""

    def __init__(self, terms: Terms, sources: Sources) -> None:
        self._terms, self._sources = terms, sources
        self._seen = {(pair.first, pair.second): pair for pair in sources.memory.all()}
        self._new: list[LookedAt] = []
        self._kept = sources.decisions.pairs("keep all")
        self._apart = self._kept | sources.decisions.pairs("not a match")
        self._judged: dict[Key, Judged] = {}
        self._files: dict[int, Filed] = {}

    def run(self, on_progress: Callable[[Progress], None]) -> list[Group]:
        terms, sources = self._terms, self._sources
        places = (*terms.places, terms.against) if terms.places and terms.against else terms.places
        scope = Scope(places, sources.catalog)
        copies = copies_among(list(self._seen.values()), terms.fpr, sources.alikeness)
        alike = self._similar(on_progress) if terms.similar else []
        self._judged = {ordered(*judged.pair[:2]): judged for judged in (*alike, *copies)}
        images = {image for key in self._judged for image in key}
        self._files = filed(
            images.union(sources.catalog.in_several_files()), sources.catalog, scope, sources.limits
        )
        self._keep_all_files()
        if terms.against is None:
            chosen = stars(self._usable(copies), self._preference, self._apart)
            if terms.similar:
                chosen = extended(chosen, self._usable(alike), self._preference, self._apart)
            inside = {image for star in chosen for image in (star.medoid, *star.others)}
            chosen += [
                Star(image, ())
                for image, item in self._files.items()
                if image not in inside and len(item.files) > 1
            ]
        else:
            chosen = self._against(Scope([terms.against], sources.catalog), copies)
        return self._groups(chosen)

    def _similar(self, on_progress: Callable[[Progress], None]) -> list[Judged]:
        """Pairs within the card's border, copies or not; the stronger, the more similar."""
        sources = self._sources
        pairs = similar_pairs(sources.near, sources.border, sources.threads, on_progress)
        looks = {ordered(pair.first, pair.second): pair.score for pair in self._seen.values()}
        judged = judge(list(pairs), [looks.get(key) for key in pairs], sources.alikeness)
        return [one._replace(pair=one.pair._replace(strength=one.similarity)) for one in judged]

    def _keep_all_files(self) -> None:
        """Show but one file of an image all of whose files a person decided to keep."""
        for image, item in self._files.items():
            if (image, image) in self._kept:
                self._files[image] = replace(item, files=item.files[:1])

    def _usable(self, judged: Sequence[Judged]) -> list[Pair]:
        return [
            one.pair for one in judged if one.pair.first in self._files and one.pair.second in self._files
        ]

    def _preference(self, image: int) -> tuple[float, ...]:
        item = self._files[image]
        return preference(image, item.width * item.height)

    def _against(self, reference: Scope, copies: Sequence[Judged]) -> list[Star]:
        inside = {
            image for image, item in self._files.items() if any(path in reference for path in item.paths)
        }
        outside = {
            image
            for image, item in self._files.items()
            if any(all(path not in reference for path in names) for names in item.files)
        }
        pairs = [pair for pair in self._usable(copies) if ordered(pair.first, pair.second) not in self._apart]
        both = {image for image in inside & outside if (image, image) not in self._kept}
        return copies_of_reference(pairs, inside, outside - inside | both)

    def _groups(self, chosen: Sequence[Star]) -> list[Group]:
        known = self._sources.names.all()
        digests = [[self._files[image].sha256 for image in (star.medoid, *star.others)] for star in chosen]
        names = named(digests, known, self._sources.names.given())
        new = {image: name for images, name in zip(digests, names, strict=True) for image in images}
        groups = [self._group(star, name) for star, name in zip(chosen, names, strict=True)]
        with suppress(StorageError):  # a collection that can only be read: names are made anew each time
            if new.items() - known.items():
                self._sources.names.record(new)
        if self._new:
            self._sources.memory.record(self._new)
        return sorted(
            groups,
            key=lambda group: (-group.file_count, group.members[0].paths),
        )

    def _group(self, star: Star, name: str) -> Group:
        members = (
            self._member(star.medoid, 1.0, 0.0, None),
            *(self._copy_of(star.medoid, other) for other in star.others),
        )
        return Group(name, star.medoid, members, min(member.similarity for member in members))

    def _copy_of(self, medoid: int, image: int) -> Member:
        judged = self._judged[ordered(medoid, image)]
        evidence = self._evidence(medoid, image) if judged.p <= self._terms.fpr else None
        return self._member(image, judged.similarity, judged.p, evidence)

    def _evidence(self, medoid: int, image: int) -> Evidence | None:
        """What was seen when the image was compared with the medoid; they are looked at anew if it was seen
        the other way round.
        """
        seen = self._seen.get((medoid, image))
        evidence = None if seen is None else evidence_of(seen)
        if evidence is None:
            evidence = self._sources.looks.closely_between(medoid, image)
            if evidence is not None:
                evidence = self._sources.alikeness.believed((medoid, image), evidence)
                self._new.append(looked_at((medoid, image), evidence))
                evidence = evidence_of(self._new[-1]) or evidence  # the same as it will be from memory
        return evidence

    def _member(self, image: int, similarity: float, p: float, evidence: Evidence | None) -> Member:
        item = self._files[image]
        return Member(
            image_id=image,
            sha256=item.sha256,
            paths=item.paths,
            width=item.width,
            height=item.height,
            bytes=item.bytes,
            modified=item.modified,
            similarity=similarity,
            p=p,
            evidence=evidence,
            links=item.links,
            several_frames=item.several_frames,
            doubt=item.doubt,
        )
