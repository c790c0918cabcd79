"""The routes of Meta's Hasher-Matcher-Actioner that make and fill banks; see ``hma``."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated

from fastapi import Body, Path

from lookalike.banks.hashes import entry_of, value_of
from lookalike.errors import NotFoundError, UsageError
from lookalike.store import Bank, BankEntries, BankEntry
from lookalike.web import hma_schemas as shapes
from lookalike.web import schemas
from lookalike.web.given import ObjectRoute
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Serving, sent
from lookalike.web.routes.hma import SIGNALS, Photo, Url, signal_kind, signals_of
from lookalike.web.service import Service

router = router_of("hma", route_class=ObjectRoute, takes_unknown=True)

Name = Annotated[str, Path(max_length=100, description="Name of the bank.")]
Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="Of the entry.")]

_PROBLEMS = schemas.problems(400, 403, 404, 408, 413, 503, 507)


@router.get("/c/banks", response_model=shapes.HmaBanks, responses=schemas.problems(503))
async def list_hma_banks(service: Serving) -> Reply:
    """List all banks."""
    found = await service.pipeline.search(service.banks.all)
    return Reply(shapes.HmaBanks([_shape(bank) for bank in found]))


@router.post("/c/banks", status_code=201, response_model=shapes.HmaBank, responses=_PROBLEMS)
async def create_hma_bank(service: Serving, wanted: shapes.NewBank) -> Reply:
    """Make an empty bank."""
    enabled = _enabled(wanted.enabled, wanted.enabled_ratio)

    def work() -> Bank:
        bank = service.banks.create(wanted.name)
        return bank if enabled is not False else service.banks.enable(bank.name, enabled=False)

    with service.changes.place():
        return Reply(_shape(await service.change(work)), 201)


@router.get("/c/bank/{name}", response_model=shapes.HmaBank, responses=schemas.problems(404, 503))
async def get_hma_bank(service: Serving, name: Name) -> Reply:
    """Tell about a bank."""
    return Reply(_shape(await service.pipeline.search(partial(service.banks.named, name))))


@router.put("/c/bank/{name}", response_model=shapes.HmaBank, responses=_PROBLEMS)
async def change_hma_bank(service: Serving, name: Name, wanted: shapes.BankChange) -> Reply:
    """Enable or disable a bank."""
    enabled = _enabled(wanted.enabled, wanted.enabled_ratio)
    with service.changes.place():
        if enabled is None:
            bank = await service.pipeline.search(partial(service.banks.named, name))
        else:
            bank = await service.change(partial(service.banks.enable, name, enabled=enabled))
    return Reply(_shape(bank))


@router.delete("/c/bank/{name}", response_model=shapes.Done, responses=_PROBLEMS)
async def delete_hma_bank(service: Serving, name: Name) -> Reply:
    """Delete a bank."""
    with service.changes.place():
        await service.change(partial(service.banks.delete, name))
    return Reply(shapes.Done(message="Done"))


@router.post("/c/bank/{name}/content", response_model=shapes.AddedContent, responses=_PROBLEMS)
async def add_content(service: Serving, name: Name, url: Url = None, photo: Photo = None) -> Reply:
    """Add the hash of an upload, or of the picture at a public URL; the picture is not kept."""
    signals = await signals_of(service, sent(url=url, photo=photo))
    return await _added(service, name, signals)


@router.post("/c/bank/{name}/signal", response_model=shapes.AddedContent, responses=_PROBLEMS)
async def add_signal(
    service: Serving, name: Name, signals: Annotated[dict[str, str], Body(description="One hash, by type.")]
) -> Reply:
    """Add a hash."""
    return await _added(service, name, signals)


@router.get(
    "/c/bank/{name}/content/{content_id}", response_model=shapes.Content, responses=schemas.problems(404, 503)
)
async def get_content(service: Serving, name: Name, content_id: Id) -> Reply:
    """Tell about an entry."""
    bank = await service.pipeline.search(partial(service.banks.named, name))
    found = await service.pipeline.search(partial(service.banks.page, name, content_id - 1, 1))
    if not found or found[0].entry_id != content_id:
        raise NotFoundError(f"bank {name!r} has no entry {content_id}")
    return Reply(shapes.Content(id=content_id, bank=_shape(bank), signals=_signals(found[0])))


@router.delete("/c/bank/{name}/content/{content_id}", response_model=shapes.Deleted, responses=_PROBLEMS)
async def remove_content(service: Serving, name: Name, content_id: Id) -> Reply:
    """Remove an entry."""
    with service.changes.place():
        await service.change(partial(service.banks.remove_entry, name, content_id))
    return Reply(shapes.Deleted(deleted=1))


async def _added(service: Service, name: str, signals: dict[str, str]) -> Reply:
    if len(signals) != 1:
        raise UsageError(f"an entry has one hash here, not {len(signals)}")
    ((signal_type, text),) = signals.items()
    kind = signal_kind(signal_type)
    value = value_of(kind, text)

    def work() -> int:
        bank, entries = service.banks.named(name), BankEntries(service.collection.bases.database)
        entries.add(bank.bank_id, [entry_of(kind, value)], int(time.time()))
        for one in entries.holding(kind, value):
            if one.bank_id == bank.bank_id:
                return one.entry_id
        raise NotFoundError(f"bank {name!r} was deleted meanwhile")  # by another process

    with service.changes.place():
        entry_id = await service.change(work)
    return Reply(shapes.AddedContent(id=entry_id, signals={signal_type: value.hex()}))


def _enabled(enabled: bool | None, ratio: float | None) -> bool | None:
    if ratio is None:
        return enabled
    if ratio not in (0, 1):
        raise UsageError(f"a bank is enabled (enabled_ratio 1) or not (0); {ratio} is neither")
    return bool(ratio)


def _shape(bank: Bank) -> shapes.HmaBank:
    return shapes.HmaBank(name=bank.name, matching_enabled_ratio=float(bank.enabled))


def _signals(one: BankEntry) -> dict[str, str]:
    names = {kind: name for name, kind in SIGNALS.items()}
    return {names.get(one.entry.kind, one.entry.kind): one.entry.value.hex()}
