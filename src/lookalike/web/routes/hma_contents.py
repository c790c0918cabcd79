"""The routes of Meta's Hasher-Matcher-Actioner that fill banks: its contents are our entries; see ``hma``."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, Any

from fastapi import Body, Depends, Path, Query

from lookalike.banks.hashes import entry_of, value_of
from lookalike.errors import UsageError
from lookalike.store import BankEntries, BankEntry, EntryMetadata
from lookalike.web import hma_schemas as shapes
from lookalike.web import schemas
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Banking
from lookalike.web.routes.hma_banks import PROBLEMS, Name, shape
from lookalike.web.routes.hma_content import (
    SIGNALS,
    Content,
    HmaRoute,
    Said,
    note_of,
    said,
    signal_kind,
    uploaded_or_located,
)
from lookalike.web.service import Service

router = router_of("hma", route_class=HmaRoute, takes_unknown=True)

Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="Of the entry.")]


@router.post("/c/bank/{name}/content", response_model=shapes.AddedContent, responses=PROBLEMS)
async def add_content(
    service: Banking,
    name: Name,
    content: Annotated[Content, Depends(uploaded_or_located)],
    about: Annotated[Said, Depends(said)],
) -> Reply:
    """Add the hash of an upload, or of what is at a public URL; that itself is not kept."""
    await service.pipeline.search(partial(service.banks.named, name))
    return await _added(service, name, await content.signals(service), about)


@router.post("/c/bank/{name}/signal", response_model=shapes.AddedContent, responses=PROBLEMS)
async def add_signal(
    service: Banking,
    name: Name,
    signals: Annotated[dict[str, str], Body(description="One hash, by type, and a note.")],
) -> Reply:
    """Add a hash."""
    return await _added(service, name, signals, Said(note_of(signals.pop("note", None))))


@router.get(
    "/c/bank/{name}/content/{content_id}", response_model=shapes.Content, responses=schemas.problems(404, 503)
)
async def get_content(
    service: Banking,
    name: Name,
    content_id: Id,
    include_signals: Annotated[bool, Query(description="Also tell its hash.")] = False,
    include_metadata: Annotated[bool, Query(description="Also tell its metadata.")] = True,
) -> Reply:
    """Tell about an entry."""
    bank = await service.pipeline.search(partial(service.banks.named, name))
    one = await service.pipeline.search(partial(service.banks.entry, name, content_id))
    metadata = await service.pipeline.search(partial(_metadata(service).of, content_id))
    return Reply(
        shapes.Content(
            id=content_id,
            bank=shape(bank),
            signals=_signals(one) if include_signals else None,
            note=one.entry.note or None,
            metadata=_shown(metadata) if metadata and include_metadata else None,
        )
    )


@router.put("/c/bank/{name}/content/{content_id}", response_model=shapes.ChangedContent, responses=PROBLEMS)
async def change_content(service: Banking, name: Name, content_id: Id, wanted: shapes.ContentChange) -> Reply:
    """Write a note about an entry."""
    if wanted.disable_until_ts not in (None, shapes.ENABLED):
        raise UsageError("an entry cannot be disabled here; remove it, or disable its bank")

    def work() -> BankEntry:
        if wanted.note is None:
            return service.banks.entry(name, content_id)
        return service.banks.annotate_entry(name, content_id, wanted.note)

    with service.changes.place():
        one = await service.change(work)
    bank = await service.pipeline.search(partial(service.banks.named, name))
    metadata = await service.pipeline.search(partial(_metadata(service).of, content_id))
    return Reply(
        shapes.ChangedContent(
            id=content_id, bank=shape(bank), note=one.entry.note or None, user_metadata=metadata or None
        )
    )


@router.delete("/c/bank/{name}/content/{content_id}", response_model=shapes.Deleted, responses=PROBLEMS)
async def remove_content(service: Banking, name: Name, content_id: Id) -> Reply:
    """Remove an entry; tells how many there were, one or none."""

    def work() -> bool:
        bank = service.banks.named(name)
        return BankEntries(service.collection.bases.database).remove_id(bank.bank_id, content_id)

    with service.changes.place():
        return Reply(shapes.Deleted(deleted=int(await service.change(work))))


async def _added(service: Service, name: str, signals: dict[str, str], about: Said) -> Reply:
    if len(signals) != 1:
        raise UsageError(f"an entry has one hash here, not {len(signals)}")
    ((signal_type, text),) = signals.items()
    kind = signal_kind(signal_type)
    value = value_of(kind, text)

    def work() -> int:
        database = service.collection.bases.database
        with database.atomic():
            bank, entries = service.banks.named(name), BankEntries(database)
            entries.add(bank.bank_id, [entry_of(kind, value, note=about.note)], int(time.time()))
            (entry_id,) = (
                one.entry_id for one in entries.holding(kind, value) if one.bank_id == bank.bank_id
            )
            if about.metadata:
                _metadata(service).keep(entry_id, about.metadata)
        return entry_id

    with service.changes.place():
        entry_id = await service.change(work)
    return Reply(shapes.AddedContent(id=entry_id, signals={signal_type: value.hex()}))


def _metadata(service: Service) -> EntryMetadata:
    return EntryMetadata(service.collection.bases.database)


def _shown(metadata: dict[str, Any]) -> dict[str, Any]:
    return shapes.Metadata(**metadata).model_dump(by_alias=True)


def _signals(one: BankEntry) -> dict[str, str]:
    names = {kind: name for name, kind in SIGNALS.items()}
    return {names.get(one.entry.kind, one.entry.kind): one.entry.value.hex()}
