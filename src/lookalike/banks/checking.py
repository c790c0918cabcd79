"""A check: one picture compared with the pictures and hashes of all enabled banks."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from PIL import Image

from lookalike import images
from lookalike.banks.decided import Decided
from lookalike.banks.hashes import chance
from lookalike.banks.known import KnownHashes
from lookalike.banks.own import OwnHashes
from lookalike.banks.pdq import LEAST_QUALITY, SIDE, can_hash, pdq_of
from lookalike.banks.results import BankResult, CheckAnswer, EntryMatch
from lookalike.banks.uncompared import Uncompared
from lookalike.collection.answers import COPIES, Verdict
from lookalike.collection.facade import Collection
from lookalike.collection.pictures import URL_SCHEMES, Opened, Source, enough_for, open_source
from lookalike.collection.queries import Query, query_with_panels
from lookalike.collection.questions import Question, answer
from lookalike.embed import Embedder
from lookalike.errors import UsageError
from lookalike.images import read_file
from lookalike.images.decoders import Decoders
from lookalike.kernels.arrays import Ids
from lookalike.paths import given
from lookalike.store import Bank, BankEntries, BankEntry, BankTable, Cases, DisabledEntries, Kind
from lookalike.store.banks import BankRevision

_MATCHES = 10
"""Most pictures of one bank that an answer names."""

_NAMED = 5
"""Most banks that a refusal names."""

Keep = Callable[[Opened, str, CheckAnswer], CheckAnswer]
"""Keeps a picture that a bank reports: takes the picture, the fingerprint of the network that saw it, and the
answer; gives the answer with what came of that."""


class Pictures(NamedTuple):
    """The pictures of a bank that a check compares with.

    Attributes:
        banked: change of banks at which they were read.
        collected: change of the collection at which they were read.
        until: time at which an entry that is disabled is enabled again, in seconds since 1970.
        images: ids, ascending, (n,) int64.
    """

    banked: BankRevision
    collected: int
    until: float
    images: Ids


class Given(NamedTuple):
    """A picture that was opened, and the MD5 of its bytes; None for a picture in memory."""

    opened: Opened
    md5: bytes | None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A picture as banks look at it.

    Attributes:
        query: by the collection's embedder.
        model: fingerprint of that embedder.
        md5: of its bytes; None for a picture in memory.
        pdq: its PDQ hash; None if no bank needs it, if it says too little of the picture, or if
            ``pdqhash`` is not installed.
        own: its hashes by this program, without a key and by each, as far as banks need them, by model.
        remark: why only a part of it was looked at; empty if it was looked at as a whole.
    """

    query: Query
    model: str
    md5: bytes | None
    pdq: bytes | None
    own: Mapping[str, bytes]
    remark: str = ""


class Checking:
    """Holds pictures against banks; safe to use from many threads. What banks hold is looked up each time."""

    def __init__(self, collection: Collection) -> None:
        """Nothing is read before the first picture comes."""
        self._collection = collection
        database = collection.bases.database
        self._table, self._entries = BankTable(database), BankEntries(database)
        self._cases, self._disabled = Cases(database), DisabledEntries(database)
        self._pdq, self._own = KnownHashes(database, "pdq"), OwnHashes(collection)
        self._uncompared = Uncompared(database)
        self._pictures: dict[int, Pictures] = {}
        self._lock = threading.Lock()

    def check(self, source: Source, keep: Keep | None = None) -> CheckAnswer:
        """Open a picture and compare it with all enabled banks.

        Args:
            source: a path, URL, encoded bytes or a PIL image.
            keep: told of the answer if a bank reports the picture.

        Raises:
            ImageError: it cannot be read.
            UsageError: no bank is enabled.
        """
        data: bytes | Image.Image
        limits = self._collection.settings.limits
        if isinstance(source, str) and source.lower().startswith(URL_SCHEMES):
            data = images.fetch(source, limits)
        else:
            data = read_file(given(source), limits) if not isinstance(source, bytes | Image.Image) else source
        return self.answer(data, keep=keep)

    def answer(
        self, data: bytes | Image.Image, decoders: Decoders | None = None, keep: Keep | None = None
    ) -> CheckAnswer:
        """Decode a picture and compare it with all enabled banks.

        Args:
            data: encoded, or a PIL image.
            decoders: decode it; if None, this process does.
            keep: as in ``check``.

        Raises:
            ImageError: it cannot be read.
            UsageError: no bank is enabled.
        """
        for embedder in self._collection.bases.own.attempts():
            opened = self.open(data, embedder, decoders)
            suspect = self.suspect(opened, embedder)
            answer = self.judge(suspect)
        if keep is None or not answer.reported:
            return answer
        return keep(opened.opened, suspect.model, answer)

    def open(self, data: bytes | Image.Image, embedder: Embedder, decoders: Decoders | None = None) -> Given:
        """Decode a picture, with as many pixels as looking at it takes.

        Args:
            data: encoded, or a PIL image.
            embedder: the collection's.
            decoders: decode it; if None, this process does.

        Raises:
            ImageError: it cannot be read.
        """
        limits = self._collection.settings.limits
        side = max(enough_for(embedder), SIDE if self._pdq.count() else 0)
        if isinstance(data, bytes):
            md5 = hashlib.md5(data, usedforsecurity=False).digest()
            return Given(Opened.of_bytes(data, limits, at_least=side, decoders=decoders), md5)
        return Given(open_source(data, limits, at_least=side), None)

    def suspect(self, given: Given, embedder: Embedder) -> Suspect:
        """Embed and hash a picture.

        Args:
            given: by ``open``.
            embedder: the collection's.
        """
        opened, md5 = given
        hashed = pdq_of(opened.image) if self._pdq.count() and can_hash() else None
        pdq = hashed.value if hashed is not None and hashed.quality >= LEAST_QUALITY else None
        query = query_with_panels(opened, embedder)
        own = self._own.of(query, embedder)
        return Suspect(query, embedder.fingerprint, md5, pdq, own, opened.remark)

    def enabled(self) -> list[Bank]:
        """The banks that are asked, by name.

        Raises:
            UsageError: there are none.
        """
        banks = self._table.all()
        enabled = [bank for bank in banks if bank.enabled]
        if not enabled and banks:
            names = ", ".join(repr(bank.name) for bank in banks[:_NAMED]) + (", …" if banks[_NAMED:] else "")
            raise UsageError(f"no bank is enabled, of {names}; enable one with: lookalike bank enable NAME")
        if not enabled:
            raise UsageError("no bank is enabled; make one with: lookalike bank create NAME")
        return enabled

    def judge(self, suspect: Suspect) -> CheckAnswer:
        """Hold a picture against all enabled banks.

        Raises:
            UsageError: no bank is enabled.
        """
        banks = self.enabled()
        by_hash: dict[int, list[tuple[BankEntry, int | None]]] = {}
        for entry, differing in self.enabled_among(self._hits(suspect)):
            by_hash.setdefault(entry.bank_id, []).append((entry, differing))
        decided = Decided(self._cases, suspect.query.sha256)
        results = [self._result(bank, suspect, by_hash.get(bank.bank_id, []), decided) for bank in banks]
        return CheckAnswer(
            tuple(
                replace(one, cleared_by=tuple(other.bank for other in results if other.clears(one)))
                for one in results
            ),
            remark="; ".join(filter(None, (suspect.remark, self.remark(banks)))),
        )

    def remark(self, banks: Iterable[Bank]) -> str:
        """Why not reporting a picture says less than it should, whichever it is, in a line; mostly empty.

        Args:
            banks: all that are asked.
        """
        asked = list(banks)
        return self._uncompared.nothing(asked) or self.uncompared(asked)

    def uncompared(self, banks: Iterable[Bank]) -> str:
        """Which entries of banks pictures are not compared with here, in a line; empty if there are none."""
        return self._uncompared.said(banks)

    def enabled_among(
        self, hits: Iterable[tuple[BankEntry, int | None]]
    ) -> list[tuple[BankEntry, int | None]]:
        """Hits without those by entries that are disabled now."""
        found = list(hits)
        disabled = self._disabled.among((entry.entry_id for entry, _ in found), time.time())
        return [hit for hit in found if hit[0].entry_id not in disabled]

    def near(self, kind: Kind, value: bytes) -> list[tuple[BankEntry, int | None]]:
        """Entries of all banks that match a hash, and the bits that differ: None if it is no perceptual hash.

        Disabled ones are among them.

        Args:
            kind: any but ``lookalike``.
            value: of the length of its kind.
        """
        if kind == "pdq":
            return [(entry, differing) for entry, differing in self._pdq.near(value)]
        return [(entry, None) for entry in self._entries.holding(kind, value)]

    def _hits(self, suspect: Suspect) -> Iterator[tuple[BankEntry, int | None]]:
        """Entries of all banks that match by a hash, as ``near`` gives them."""
        exact: list[tuple[Kind, bytes | None]] = [
            ("picture", suspect.query.sha256),
            ("sha256", suspect.query.sha256),
            ("md5", suspect.md5),
        ]
        for kind, value in exact:
            if value is not None:
                yield from ((entry, None) for entry in self._entries.holding(kind, value))
        if suspect.pdq is not None:
            yield from self._pdq.near(suspect.pdq)
        yield from self._own.near(suspect.own)

    def _result(
        self, bank: Bank, suspect: Suspect, hits: Iterable[tuple[BankEntry, int | None]], decided: Decided
    ) -> BankResult:
        wanted: tuple[Verdict, ...] = COPIES if bank.rule == "copies" else (*COPIES, "similar")
        images = self._images_of(bank)
        most = _MATCHES + decided.dismissed(bank)
        matches = list(self._by_picture(bank, suspect.query, images, wanted, most)) if len(images) else []
        met = {match.entry_id for match in matches}
        for entry, differing in hits:
            kind = entry.entry.kind
            p = 0.0 if differing is None else chance(kind, differing)
            verdict: Verdict = "identical" if differing is None else "copy" if p <= bank.fpr else "similar"
            if verdict in wanted and entry.entry_id not in met:
                matches.append(EntryMatch.of(entry, verdict, p, differing=differing))
        left = decided.applied(bank, matches)
        return BankResult.of(bank, len(images), left, len(matches) - len(left))

    def _by_picture(
        self, bank: Bank, query: Query, images: Ids, wanted: Iterable[Verdict], most: int
    ) -> Iterator[EntryMatch]:
        """Matches among a bank's pictures, by the collection's own search."""
        basis = self._collection.bases.now()
        found = answer(query, Question(most, fpr=bank.fpr, verdicts=frozenset(wanted)), basis, images)
        for match, facts in zip(found.matches, found.facts, strict=True):
            for entry in self._entries.holding("picture", facts.sha256):
                if entry.bank_id == bank.bank_id:
                    yield EntryMatch.of(entry, match.verdict, match.p, match=match)

    def _images_of(self, bank: Bank) -> Ids:
        """Ids of a bank's pictures that are in the collection and not disabled; kept until either changes."""
        banked, collected, now = self._table.revision(), self._collection.revision, time.time()
        with self._lock:
            kept = self._pictures.get(bank.bank_id)
        if kept is not None and kept[:2] == (banked, collected) and now < kept.until:
            return kept.images
        disabled, until = self._disabled.images(bank.bank_id, now)
        images = np.setdiff1d(self._entries.images(bank.bank_id), disabled, assume_unique=True)
        with self._lock:
            self._pictures[bank.bank_id] = Pictures(banked, collected, until, images)
        return images
