"""Lookups as clients of Meta's Hasher-Matcher-Actioner ask for them: which banks know a hash or a file.

A bank of a ratio below 1 is asked in that share of lookups: each tosses one coin, which a seed decides, so
that the same file is looked up in the same banks again. Negative banks are always asked.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from lookalike.banks.hashes import value_of
from lookalike.store import Bank, Contents, Kind
from lookalike.web.hma_schemas import MatchedContent
from lookalike.web.routes.hma_content import SIGNALS, Content
from lookalike.web.service import Service

Known = dict[str, list[MatchedContent]]
"""Contents that match, by bank."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """The banks that one lookup asks.

    Attributes:
        service: whose banks they are.
        asked: those that may be named, and all enabled negative ones, by id.
        bypass: whether banks are among them that are not enabled.
    """

    service: Service
    asked: dict[int, Bank]
    bypass: bool

    @classmethod
    def of(cls, service: Service, names: str | None, seed: str | None, *, bypass: bool) -> Lookup:
        """Choose the banks.

        Args:
            service: whose banks they are.
            names: of those that may be named, separated by commas; all if it is None or empty.
            seed: decides which banks of a ratio below 1 are asked; drawn if it is None.
            bypass: ask banks whatever their ratio, and those that are not enabled.
        """
        coin = random.Random(seed).random()
        wanted = set(names.split(",")) if names else None
        asked = {
            bank.bank_id: bank for bank in service.banks.all() if _is_asked(bank, coin, wanted, bypass=bypass)
        }
        return cls(service, asked, bypass)

    def known(self, kind: Kind, value: bytes) -> Known:
        """Contents that match a hash, by bank; none if a negative bank knows it too."""
        checking = self.service.banks.checking
        hits: dict[str, list[tuple[int, int | None]]] = {}
        for entry, differing in checking.enabled_among(checking.near(kind, value)):
            bank = self.asked.get(entry.bank_id)
            if bank is None:
                continue
            if bank.negative:
                return {}
            hits.setdefault(bank.name, []).append((entry.entry_id, differing))
        return {name: told(self.service, some) for name, some in hits.items()}

    async def by_signal(self, content: Content) -> dict[str, Known]:
        """What the banks report of content, by signal type and bank.

        Enabled banks are asked for a photo as ``/v1/check`` asks them, banks that are not only for its hash.
        """
        service = self.service
        with service.admission.place():
            here = Content(io.BytesIO(await service.bytes_of(content.given)), content.signal_type)
        found: dict[str, Known] = {content.signal_type: {}}
        if content.signal_type == "pdq" and any(bank.enabled for bank in self.asked.values()):
            found |= await self._checked(here)
            if not self.bypass:
                return found
        for name, text in (await here.signals(service)).items():
            kind = SIGNALS[name]
            known = await service.pipeline.search(partial(self.known, kind, value_of(kind, text)))
            found[name] = {**known, **found[name]}
        return found

    async def _checked(self, content: Content) -> dict[str, Known]:
        """What the enabled banks report of a photo, by signal type and bank, as ``/v1/check`` finds it."""
        service = self.service
        with service.admission.place():
            answer = await service.check(content.given)
        named = {bank.name for bank in self.asked.values()}
        names = {kind: name for name, kind in SIGNALS.items()}
        hits: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
        for result in answer.results:
            if result.reported and result.bank in named:
                for match in result.matches:
                    place = names.get(match.kind, match.kind), result.bank
                    hits.setdefault(place, []).append((match.entry_id, match.differing))
        found: dict[str, Known] = {"pdq": {}}
        for (signal_type, bank), some in hits.items():
            shown = await service.pipeline.search(partial(told, service, some))
            found.setdefault(signal_type, {})[bank] = shown
        return found


def _is_asked(bank: Bank, coin: float, wanted: set[str] | None, *, bypass: bool) -> bool:
    if bank.negative:
        return bank.enabled
    if wanted is not None and bank.name not in wanted:
        return False
    return bypass or (bank.enabled and bank.ratio >= coin)


def told(service: Service, hits: Iterable[tuple[int, int | None]]) -> list[MatchedContent]:
    """Entries that match, as clients know them: by the content that each belongs to, and how far apart.

    Args:
        service: whose entries they are.
        hits: ids of entries, and in how many bits each differs; None for hashes of bytes.
    """
    found = list(hits)
    contents = Contents(service.collection.bases.database).of(entry_id for entry_id, _ in found)
    return [
        MatchedContent(
            bank_content_id=contents[entry_id], distance="-" if differing is None else str(differing)
        )
        for entry_id, differing in found
    ]
