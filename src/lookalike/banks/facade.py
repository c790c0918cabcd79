"""The banks of a collection: what the command line, the server and programs work with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, get_args

from lookalike.banks.adding import Adding, Labels
from lookalike.banks.checking import Checking
from lookalike.banks.counts import EntryCounts
from lookalike.banks.hashes import as_note, parsed
from lookalike.banks.importing import take_list
from lookalike.banks.keyed import HashKey, KeyedEntries
from lookalike.banks.listed import ListedEntry, listed
from lookalike.banks.lists import Form, written
from lookalike.banks.results import Added, CheckAnswer
from lookalike.collection.facade import Collection
from lookalike.collection.pictures import Source
from lookalike.collection.questions import FPR, check_fpr
from lookalike.collection.reports import AddReport, Progress
from lookalike.errors import NotFoundError, UsageError
from lookalike.paths import all_absolute
from lookalike.store import Bank, BankEntries, BankEntry, BankTable, Kind, Rule

_NAME = re.compile(r"\w[\w .-]{0,98}\w|\w")


class Banks:
    """Named sets of known pictures and hashes inside a collection.

    A change holds from the next check on, in whichever process, and lasts once a method returns.

    Attributes:
        checking: compares pictures with the banks.
        adding: adds pictures and hashes to them.

    >>> with Collection.open("/tmp/holiday") as pictures:  # doctest: +SKIP
    ...     banks = Banks(pictures)
    ...     banks.create("stolen")
    ...     banks.add("stolen", ["known/"])
    ...     banks.check("upload.jpg").reported
    """

    def __init__(self, collection: Collection) -> None:
        """Use the banks of an open collection."""
        database = collection.bases.database
        self._collection = collection
        self._table, self._entries = BankTable(database), BankEntries(database)
        self._counts = EntryCounts(database)
        self.checking, self.adding = Checking(collection), Adding(collection)

    def create(
        self, name: str, *, negative: bool = False, rule: Rule = "copies", fpr: float = FPR, note: str = ""
    ) -> Bank:
        """Make an empty bank.

        Args:
            name: 1 to 100 letters, digits, spaces, dots, hyphens and underscores.
            negative: whether pictures that match it are not to be reported by other banks.
            rule: "copies" reports identical pictures and copies, "similar" also what only looks similar.
            fpr: share of pairs of different pictures that it may call copies, above 0 and below 1.
            note: one line about it.

        Raises:
            UsageError: there is one of that name, or something makes no sense.
        """
        _check_name(name)
        _check_rule(rule)
        check_fpr(fpr)
        return self._table.create(name, negative=negative, rule=rule, fpr=fpr, note=as_note(note))

    def change(
        self,
        name: str,
        *,
        enabled: bool | None = None,
        rule: Rule | None = None,
        fpr: float | None = None,
        note: str | None = None,
        ratio: float | None = None,
    ) -> Bank:
        """Change a bank, all that is named at once; None leaves something as it is.

        Args:
            name: of the bank.
            enabled: whether checks ask it.
            rule: what it reports, as in ``create``.
            fpr: share of pairs of different pictures that it may call copies, above 0 and below 1.
            note: one line about it, in place of the one before.
            ratio: as in ``Bank``; 1 if ``enabled`` is said and it is not.

        Raises:
            NotFoundError: there is none of that name.
            UsageError: something makes no sense; then nothing was changed.
        """
        if rule is not None:
            _check_rule(rule)
        if fpr is not None:
            check_fpr(fpr)
        if ratio is not None and not 0 < ratio <= 1:
            raise UsageError(f"the ratio of a bank is above 0 and at most 1, not {ratio}")
        note = None if note is None else as_note(note)
        return self._table.change(name, enabled=enabled, rule=rule, fpr=fpr, note=note, ratio=ratio)

    def rename(self, name: str, new: str) -> Bank:
        """Give a bank another name, as in ``create``.

        Raises:
            NotFoundError: there is none of that name.
            UsageError: another bank has the new name, or no bank may have it.
        """
        _check_name(new)
        return self._table.rename(name, new)

    def delete(self, name: str) -> None:
        """Delete a bank; the pictures in it stay in the collection.

        Raises:
            NotFoundError: there is none of that name.
        """
        self._table.delete(name)

    def enable(self, name: str, *, enabled: bool = True) -> Bank:
        """Let checks ask a bank, or leave it out.

        Raises:
            NotFoundError: there is none of that name.
        """
        return self.change(name, enabled=enabled)

    def annotate(self, name: str, note: str) -> Bank:
        """Write a note about a bank, one line, in place of the one before.

        Raises:
            NotFoundError: there is none of that name.
            UsageError: it is no line of at most 1,000 characters.
        """
        return self.change(name, note=note)

    def all(self) -> list[Bank]:
        """List all banks, by name."""
        return self._table.all()

    def named(self, name: str) -> Bank:
        """The bank of a name.

        Raises:
            NotFoundError: there is none.
        """
        return self._table.named(name)

    def counts(self) -> dict[int, Counter[Kind]]:
        """How many entries of each kind each bank has, by the bank's id; empty banks are left out."""
        return self._counts.now()

    def forgotten(self) -> dict[int, int]:
        """How many pictures of each bank the collection has forgotten, by the bank's id.

        Only files of the same bytes match those; banks that have none are left out.
        """
        return self._counts.forgotten()

    def entries(self, name: str) -> Iterator[BankEntry]:
        """The entries of a bank, in the order in which they came.

        Raises:
            NotFoundError: there is no such bank.
        """
        return self._entries.of(self.named(name).bank_id)

    def page(self, name: str, after: int, most: int) -> list[ListedEntry]:
        """At most so many entries of a bank, those with ids above ``after``, with their pictures."""
        found = self._entries.page(self.named(name).bank_id, after, most)
        return listed(self._collection.bases.database, found)

    def add(
        self,
        name: str,
        paths: Iterable[str | Path],
        *,
        note: str = "",
        tags: Sequence[str] = (),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> tuple[list[Added], AddReport]:
        """Add the pictures in files and folders to a bank, and to the collection if it lacks them.

        Args:
            name: of the bank.
            paths: files, and folders to walk.
            note: one line about each of them.
            tags: words for each of them.
            on_progress: told how many files have been read.

        Returns:
            What was added, each with what the collection had of it before, and what became of the files.

        Raises:
            NotFoundError: there is no such bank, or no picture at any of the paths.
        """
        return self.adding.files(self.named(name), paths, Labels(note, tags), on_progress)

    def add_hashes(
        self, name: str, hashes: Iterable[str], *, note: str = "", tags: Sequence[str] = ()
    ) -> list[Added]:
        """Add hashes to a bank, each written as ``pdq:f8f8f0ce…``, with labels as in ``add``.

        Raises:
            NotFoundError: there is no such bank.
            UsageError: one is no hash; then none was added.
        """
        return self.adding.hashes(self.named(name), hashes, Labels(note, tags))

    def remove(
        self,
        name: str,
        hashes: Iterable[str] = (),
        paths: Iterable[str | Path] = (),
        entry_ids: Iterable[int] = (),
    ) -> int:
        """Remove entries from a bank; pictures stay in the collection.

        Args:
            name: of the bank.
            hashes: entries by kind and value, as ``pdq:f8f8f0ce…`` or ``picture:9f86d081…``.
            paths: files, and folders above them, that the collection knows.
            entry_ids: entries by number; if one is not there, nothing is removed.

        Returns:
            How many entries were removed.

        Raises:
            NotFoundError: there is no such bank, or it has none of what is named.
        """
        bank, numbers = self.named(name), set(entry_ids)
        given: list[tuple[Kind, bytes]] = [parsed(text) for text in hashes]
        for place in all_absolute(paths):
            given += [("picture", sha256) for _, sha256, _ in self._entries.images_at(place)]
        with self._collection.bases.database.atomic():
            for entry_id in numbers:
                self.remove_entry(name, entry_id)
            removed = len(numbers) + (self._entries.remove(bank.bank_id, given) if given else 0)
        if not removed:
            raise NotFoundError(f"bank {name!r} has nothing of that")
        return removed

    def remove_entry(self, name: str, entry_id: int) -> None:
        """Remove one entry from a bank.

        Raises:
            NotFoundError: there is no such bank, or it has no such entry.
        """
        if not self._entries.remove_id(self.named(name).bank_id, entry_id):
            raise NotFoundError(f"bank {name!r} has no entry {entry_id}")

    def annotate_entry(self, name: str, entry_id: int, note: str) -> BankEntry:
        """Write a note about an entry, one line, in place of the one before.

        Raises:
            NotFoundError: there is no such bank, or it has no such entry.
            UsageError: it is no line of at most 1,000 characters.
        """
        return self._entries.annotate(self.named(name).bank_id, entry_id, as_note(note))

    def entry(self, name: str, entry_id: int) -> BankEntry:
        """One entry of a bank.

        Raises:
            NotFoundError: there is no such bank, or it has no such entry.
        """
        return self._entries.entry(self.named(name).bank_id, entry_id)

    def import_list(
        self, name: str, file: BinaryIO, form: Form, key: HashKey | None = None
    ) -> tuple[int, int, int]:
        """Add all hashes of a list to a bank, or none if any line makes no sense.

        The list is read twice: it is checked as a whole before anybody else has to wait for the change.

        Args:
            name: of the bank.
            file: of text in UTF-8, which can be read from its start again.
            form: "csv", "jsonl" or "lines"; see ``lists``.
            key: of hashes that were made with one. It is kept, so that checks can hash by it.

        Returns:
            Entries read, those of them that are new, and those left out because of their category.

        Raises:
            NotFoundError: there is no such bank.
            UsageError: a line makes no sense; the message gives its number. Or there is no entry at all.
        """
        return take_list(self._collection, self.named(name), file, form, key)

    def export(self, name: str, form: Form) -> Iterator[str]:
        """The entries of a bank as the lines of a list, each with its line end; see ``lists``.

        Raises:
            NotFoundError: there is no such bank.
        """
        bank = self.named(name)
        return written(self._entries.of(bank.bank_id), bank, form)

    def export_keyed(self, name: str, form: Form, key: HashKey) -> tuple[Iterator[str], int]:
        """The pictures of a bank as hashes by a key, as the lines of a list; see ``KeyedEntries``.

        Returns:
            The lines, and how many entries are left out.

        Raises:
            NotFoundError: there is no such bank.
            UsageError: ``form`` is "lines", which have no place for the name of a key.
        """
        if form == "lines":
            raise UsageError("a list of lines cannot say that hashes have a key; write it as csv or jsonl")
        bank = self.named(name)
        found = KeyedEntries.of(self._entries.of(bank.bank_id), key, self._collection)
        return written(found.entries, bank, form), found.left_out

    def check(self, picture: Source) -> CheckAnswer:
        """Hold a picture against all enabled banks.

        Args:
            picture: a path, URL, encoded bytes or a PIL image.

        Raises:
            ImageError: it cannot be read.
            UsageError: no bank is enabled.
        """
        return self.checking.check(picture)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(
            "the name of a bank is 1 to 100 letters, digits, spaces, dots, hyphens and underscores, "
            f"not {str(name)[:120]!r}"
        )


def _check_rule(rule: object) -> None:
    if rule not in get_args(Rule):
        raise UsageError(f"the rule of a bank is {' or '.join(get_args(Rule))}, not {rule!r}")
