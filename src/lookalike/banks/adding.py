"""Adding pictures and hashes to banks, with a look whether the collection had them before."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from lookalike.banks.before import Before, OwnBefore
from lookalike.banks.hashes import entry_of, parsed
from lookalike.banks.results import Added
from lookalike.collection.answers import COPIES, Match
from lookalike.collection.facade import Collection
from lookalike.collection.queries import Query
from lookalike.collection.questions import Question
from lookalike.collection.reports import AddReport, Progress, Upload
from lookalike.errors import ImageError, NotFoundError
from lookalike.images import FoundFile, read_file, scan
from lookalike.images.decoders import Decoders
from lookalike.paths import all_absolute, shown
from lookalike.store import Bank, BankEntries, Change, Kind, NewEntry

_MATCHES = 10
"""Most pictures that the collection had before of which a look back tells."""


LET_IN = "let it in again by lookalike remove --undo PATH, or add its hashes"
"""What to do about pictures that were removed for good and are to lie in a bank."""


class Labels:
    """What a person says of some entries.

    Attributes:
        note: one line.
        tags: words.
    """

    def __init__(self, note: str = "", tags: Sequence[str] = ()) -> None:
        """Keep them; they are checked when an entry is made."""
        self.note, self.tags = note, tuple(tags)

    def entry(self, entry: tuple[Kind, bytes], model: str = "") -> NewEntry:
        """An entry with these labels; ``entry`` is its kind and value."""
        kind, value = entry
        return entry_of(kind, value, model=model, note=self.note, tags=self.tags)


class Adding:
    """Adds to the banks of one collection."""

    def __init__(self, collection: Collection, elsewhere: Before | None = None) -> None:
        """Add nothing yet.

        Args:
            collection: that holds the banks.
            elsewhere: looked through for copies of what is added; if None, the collection itself is.
        """
        self._collection, self._elsewhere = collection, elsewhere
        self._entries = BankEntries(collection.bases.database)

    def files(
        self,
        bank: Bank,
        paths: Iterable[str | Path],
        labels: Labels,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> tuple[list[Added], AddReport]:
        """Add the pictures in files and folders to a bank, and to the collection if it lacks them.

        Args:
            bank: takes them.
            paths: files, and folders to walk.
            labels: for each of them.
            on_progress: told how many files have been read; called on this thread.

        Returns:
            What was added, and what became of the files.

        Raises:
            NotFoundError: no usable picture is at any of the paths, or only such as were removed for good.
        """
        labels.entry(("picture", bytes(32)))  # refused before anything is read
        places = all_absolute(paths)
        before = self._before()
        report = self._collection.add(places, on_progress=on_progress)
        images = self._images_at(places)
        if not images and not report.rejected:
            where = ", ".join(map(shown, places))
            if report.unwanted:
                raise NotFoundError(f"what is at {where} was removed for good; {LET_IN}")
            raise NotFoundError(f"no picture at {where}")
        new = self._record(bank, [labels.entry(("picture", sha256)) for sha256, _ in images.values()])
        added = [
            self._added(bank, sha256, image, before, new=one, path=path)
            for (image, (sha256, path)), one in zip(images.items(), new, strict=True)
        ]
        return added, report

    def _images_at(self, places: Sequence[Path]) -> dict[int, tuple[bytes, Path]]:
        """SHA-256 and path of the images at some paths, by id; files are read if the catalog has no paths."""
        catalog = self._collection.catalog
        found: dict[int, tuple[bytes, Path]] = {}
        if catalog.keeps() == "all":
            for place in places:
                for image, sha256, path in self._entries.images_at(place):
                    found.setdefault(image, (sha256, path))
            return found
        for item in scan(places):
            with suppress(ImageError):  # the report has it
                if isinstance(item, FoundFile):
                    sha256 = hashlib.sha256(read_file(item.path, self._collection.settings.limits)).digest()
                    known = catalog.image_of(sha256)
                    if known is not None:
                        found.setdefault(known, (sha256, item.path))
        return found

    def uploads(
        self,
        bank: Bank,
        pictures: Sequence[bytes],
        labels: Labels,
        decoders: Decoders | None = None,
        said: Sequence[Change] = (),
    ) -> list[Added | Upload]:
        """Add encoded pictures to a bank, and keep them in the collection's own folder.

        Args:
            bank: takes them.
            pictures: encoded images, as files hold them.
            labels: for each entry.
            decoders: decode them; if None, processes that end with this call do.
            said: of each picture, as ``Collection.add_uploads`` takes it.

        Returns:
            For each picture what was added, or why it was refused.
        """
        labels.entry(("picture", bytes(32)))
        before = self._before()
        kept = self._collection.add_uploads(pictures, said=said, decoders=decoders)
        new = iter(
            self._record(
                bank, [labels.entry(("picture", one.sha256)) for one in kept if one.image_id is not None]
            )
        )
        return [
            one
            if one.image_id is None
            else self._added(bank, one.sha256, one.image_id, before, new=next(new))
            for one in kept
        ]

    def hashes(self, bank: Bank, hashes: Iterable[str], labels: Labels) -> list[Added]:
        """Add hashes to a bank, each written as ``pdq:f8f8f0ce…``.

        Raises:
            UsageError: one is none; then none was added.
        """
        given = [parsed(text) for text in hashes]
        own = any(kind == "lookalike" for kind, _ in given)
        model = self._collection.embedder.fingerprint if own else ""
        new = self._record(bank, [labels.entry(one, model) for one in given])
        before = self._before()
        return [
            self._looked_back(bank, kind, value, before, new=one)
            for (kind, value), one in zip(given, new, strict=True)
        ]

    def _before(self) -> Before:
        """The pictures to look through; those that the collection gets from now on do not count."""
        return self._elsewhere or OwnBefore(self._collection, self._entries.last_image())

    def _record(self, bank: Bank, entries: Sequence[NewEntry]) -> list[bool]:
        """Put entries into a bank, all or none; for each whether the bank lacked it."""
        new: list[bool] = []
        had: set[tuple[Kind, bytes, str]] = set()
        if not entries:
            return new
        with self._collection.bases.database.atomic():
            for kind, value, model, *_ in entries:
                there = (one for one in self._entries.holding(kind, value) if one.bank_id == bank.bank_id)
                had.update((kind, value, one.entry.model) for one in there)
                new.append((kind, value, model) not in had)
                had.add((kind, value, model))
            self._entries.add(bank.bank_id, entries, int(time.time()))
        return new

    def _looked_back(self, bank: Bank, kind: Kind, value: bytes, before: Before, *, new: bool) -> Added:
        if kind not in ("sha256", "picture"):
            return Added(kind, value.hex(), new, None)
        image = before.image_of(value)
        if image is None:
            return Added(kind, value.hex(), new, known=False)
        return Added(kind, value.hex(), new, known=True, had=_had(bank, before.query_of(image), before))

    def _added(
        self, bank: Bank, sha256: bytes, image: int, before: Before, *, new: bool, path: Path | None = None
    ) -> Added:
        known, query = before.image_of(sha256) is not None, self._collection.bases.query_of(image)
        return Added("picture", sha256.hex(), new, known, _had(bank, query, before), path)


def _had(bank: Bank, query: Query, before: Before) -> tuple[Match, ...]:
    """Which images a picture is a copy of, by the bank's rate, itself included."""
    return before.copies_of(query, Question(_MATCHES, fpr=bank.fpr, verdicts=COPIES))
