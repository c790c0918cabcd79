"""The routes of Meta's Hasher-Matcher-Actioner that fill banks; see ``hma``.

Each hash of a content is an entry of the bank, and the content has the id of the first; see ``Contents``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import Body, Depends, Path, Query
from starlette.exceptions import HTTPException

from lookalike.banks.hashes import entry_of, value_of
from lookalike.errors import NotFoundError, UsageError
from lookalike.store import BankEntries, BankEntry, Contents, DisabledEntries, EntryMetadata, Kind
from lookalike.web import hma_schemas as shapes
from lookalike.web import schemas
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Banking, Caller
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

Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="Of the content.")]

_LONGEST = 5 * 365 * 86_400  # seconds for which a content may be disabled, unless it is for ever


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
    signals: Annotated[dict[str, str], Body(description="The hashes of a content, by type, and a note.")],
) -> Reply:
    """Add a content of one or more hashes."""
    return await _added(service, name, signals, Said(note_of(signals.pop("note", None))))


@router.get(
    "/c/bank/{name}/content/{content_id}", response_model=shapes.Content, responses=schemas.problems(404, 503)
)
async def get_content(
    service: Banking,
    name: Name,
    content_id: Id,
    include_signals: Annotated[bool, Query(description="Also tell its hashes.")] = False,
    include_metadata: Annotated[bool, Query(description="Also tell its metadata.")] = True,
) -> Reply:
    """Tell about a content."""
    bank = await service.pipeline.search(partial(service.banks.named, name))
    entries = await service.pipeline.search(partial(_entries, service, name, content_id))
    until, metadata = await service.pipeline.search(partial(_state, service, content_id))
    return Reply(
        shapes.Content(
            id=content_id,
            disable_until_ts=until,
            bank=shape(bank),
            signals=_signals(entries) if include_signals else None,
            note=entries[0].entry.note or None,
            metadata=_shown(metadata) if metadata and include_metadata else None,
        )
    )


@router.put("/c/bank/{name}/content/{content_id}", response_model=shapes.ChangedContent, responses=PROBLEMS)
async def change_content(
    service: Banking, caller: Caller, name: Name, content_id: Id, wanted: shapes.ContentChange
) -> Reply:
    """Write a note about a content; disable it for a time or for ever, or enable it again.

    Raises:
        HTTPException: it is to be disabled or enabled, for a caller who may not take it out of the bank.
    """
    until = wanted.disable_until_ts
    if until is not None and caller is not None and caller.role != "admin":
        raise HTTPException(403, f"disable_until_ts takes a token of the role admin; yours has {caller.role}")
    if until is not None and not 0 <= until <= time.time() + _LONGEST:
        raise UsageError(f"disable_until_ts is 0, 1, or a time within five years from now, not {until}")

    def work() -> BankEntry:
        database = service.collection.bases.database
        with database.atomic():
            ids = [one.entry_id for one in _entries(service, name, content_id)]
            if until == shapes.ENABLED:
                DisabledEntries(database).enable(ids)
            elif until is not None:
                DisabledEntries(database).disable(ids, until)
            if "note" in wanted.model_fields_set:
                for entry_id in ids:
                    service.banks.annotate_entry(name, entry_id, wanted.note or "")
            return _entries(service, name, content_id)[0]

    with service.changes.place():
        one = await service.change(work)
    bank = await service.pipeline.search(partial(service.banks.named, name))
    now, metadata = await service.pipeline.search(partial(_state, service, content_id))
    return Reply(
        shapes.ChangedContent(
            id=content_id,
            disable_until_ts=now,
            bank=shape(bank),
            note=one.entry.note or None,
            user_metadata=metadata or None,
        )
    )


@router.delete("/c/bank/{name}/content/{content_id}", response_model=shapes.Deleted, responses=PROBLEMS)
async def remove_content(service: Banking, name: Name, content_id: Id) -> Reply:
    """Remove a content with all its hashes; tells how many there were, one or none."""

    def work() -> int:
        database = service.collection.bases.database
        bank_id, entries = service.banks.named(name).bank_id, BankEntries(database)
        with database.atomic():
            try:
                found = _entries(service, name, content_id)
            except NotFoundError:
                return 0
            for one in reversed(found):
                entries.remove_id(bank_id, one.entry_id)
        return 1

    with service.changes.place():
        return Reply(shapes.Deleted(deleted=await service.change(work)))


async def _added(service: Service, name: str, signals: dict[str, str], about: Said) -> Reply:
    if not signals:
        raise UsageError(f"give a hash by its type: {', '.join(SIGNALS)}")
    kinds = {signal_type: signal_kind(signal_type) for signal_type in signals}
    values = {kind: value_of(kind, signals[signal_type]) for signal_type, kind in kinds.items()}
    work = partial(_add, service, name, values, about)
    with service.changes.place():
        content_id = await service.change(work)
    shown = {signal_type: values[kind].hex() for signal_type, kind in kinds.items()}
    return Reply(shapes.AddedContent(id=content_id, signals=shown))


def _add(service: Service, name: str, values: dict[Kind, bytes], about: Said) -> int:
    """Add a content in one transaction; its id.

    A hash that the bank has already stays the entry that it is, and the others join its content; if that is
    disabled, so are they.
    """
    database = service.collection.bases.database
    with database.atomic():
        bank_id, entries, contents = (
            service.banks.named(name).bank_id,
            BankEntries(database),
            Contents(database),
        )

        def ids() -> dict[Kind, int]:
            found = {kind: entries.holding(kind, value) for kind, value in values.items()}
            return {
                kind: one.entry_id for kind, some in found.items() for one in some if one.bank_id == bank_id
            }

        before = ids()
        met = sorted(set(contents.of(before.values()).values()))
        if len(met) > 1:
            raise UsageError(f"the bank has these hashes in several contents: {', '.join(map(str, met))}")
        entries.add(
            bank_id,
            [entry_of(kind, value, note=about.note) for kind, value in values.items()],
            int(time.time()),
        )
        now = ids()
        content_id = met[0] if met else next(iter(now.values()))
        if met:
            _refuse_second(entries, contents.entries(content_id), now)
        added = [one for kind, one in now.items() if kind not in before]
        contents.join(content_id, added)
        disabled = DisabledEntries(database)
        if until := disabled.until([content_id]):
            disabled.disable(added, until[content_id])
        if about.metadata:
            EntryMetadata(database).keep(content_id, about.metadata)
        return content_id


def _refuse_second(entries: BankEntries, held: Sequence[int], now: dict[Kind, int]) -> None:
    """Refuse a second hash of one type for a content.

    Raises:
        UsageError: it would have one.
    """
    for one in entries.entries(held):
        if now.get(one.entry.kind, one.entry_id) != one.entry_id:
            raise UsageError(f"content {held[0]} has another hash of type {one.entry.kind} already")


def _entries(service: Service, name: str, content_id: int) -> list[BankEntry]:
    """The entries of a content.

    Raises:
        NotFoundError: the bank has no such content.
    """
    database = service.collection.bases.database
    bank, contents = service.banks.named(name), Contents(database)
    if contents.of([content_id])[content_id] != content_id:
        raise NotFoundError(f"bank {name!r} has no content {content_id}")
    first = BankEntries(database).entry(bank.bank_id, content_id)
    return [first, *BankEntries(database).entries(contents.entries(content_id)[1:])]


def _state(service: Service, content_id: int) -> tuple[int, dict[str, Any]]:
    """Up to when a content is disabled, as clients know it, and its metadata."""
    database = service.collection.bases.database
    until = DisabledEntries(database).until([content_id])
    return until.get(content_id, shapes.ENABLED), EntryMetadata(database).of(content_id)


def _shown(metadata: dict[str, Any]) -> dict[str, Any]:
    return shapes.Metadata(**metadata).model_dump(by_alias=True)


def _signals(entries: Sequence[BankEntry]) -> dict[str, str]:
    names = {kind: name for name, kind in SIGNALS.items()}
    return {names.get(one.entry.kind, one.entry.kind): one.entry.value.hex() for one in entries}
