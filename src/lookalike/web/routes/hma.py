"""The routes of Meta's Hasher-Matcher-Actioner that hash and match, so that its clients can ask this server.

Written anew from its published description, ``hasher-matcher-actioner`` of facebook/threatexchange. Its
signal types are our kinds ``pdq``, ``md5`` (``video_md5``) and ``sha256`` (``video_sha256``). Lookups never
name negative banks, and name no others if one of these knows the picture.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, Any

from fastapi import Body, Depends, Query
from pydantic import WithJsonSchema
from starlette.responses import PlainTextResponse

from lookalike.banks.hashes import RADIUS, value_of
from lookalike.collection.hashes import hash_difference
from lookalike.errors import UsageError
from lookalike.store import Kind
from lookalike.web import hma_schemas as shapes
from lookalike.web import schemas
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Banking
from lookalike.web.routes.hma_content import (
    Content,
    HmaRoute,
    located,
    looked_up,
    signal_kind,
    sizes_by_type,
    uploaded,
)
from lookalike.web.routes.hma_lookup import Lookup, told

router = router_of("hma", route_class=HmaRoute, takes_unknown=True)

Signal = Annotated[str | None, Query(max_length=200, description="The hash.")]
SignalType = Annotated[str | None, Query(max_length=40, description="pdq, video_md5 or video_sha256.")]
Names = Annotated[str | None, Query(max_length=4096, description="Only these banks, separated by commas.")]
Bypass = Annotated[bool, Query(description="Also ask banks that are not enabled, for hashes.")]
Seed = Annotated[
    str | None,
    Query(max_length=200, description="Any text: with the same one, the same banks of a ratio are asked."),
]
Uploaded = Annotated[Content, Depends(uploaded)]
Pairs = Annotated[
    Any,
    Body(description="Two hashes each, by type."),
    WithJsonSchema(
        {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
    ),
]


async def _lookup(
    service: Banking, banks: Names = None, seed: Seed = None, bypass_coinflip: Bypass = False
) -> Lookup:
    """The banks that a lookup asks."""
    return await service.pipeline.search(partial(Lookup.of, service, banks, seed, bypass=bypass_coinflip))


_PICTURE = schemas.problems(*schemas.PICTURE_PROBLEMS)
_HASH = schemas.problems(400, 503)


@router.get("/h/hash", response_model=shapes.Hashes, responses=_PICTURE)
async def hash_url(service: Banking, content: Annotated[Content, Depends(located)]) -> Reply:
    """Hash what is at a public URL."""
    return Reply(shapes.Hashes(await content.signals(service)))


@router.post("/h/hash", response_model=shapes.Hashes, responses=_PICTURE)
async def hash_file(service: Banking, content: Uploaded) -> Reply:
    """Hash an uploaded photo or video."""
    return Reply(shapes.Hashes(await content.signals(service)))


@router.get("/m/lookup", response_model=shapes.ByBank | shapes.BySignal, responses=_PICTURE)
async def lookup_signal(
    service: Banking,
    asked: Annotated[Lookup, Depends(_lookup)],
    content: Annotated[Content | None, Depends(looked_up)],
    signal: Signal = None,
    signal_type: SignalType = None,
) -> Reply:
    """Which enabled banks know a hash, or what is at a public URL."""
    if content is not None:
        found = await asked.by_signal(content)
        return Reply(
            shapes.BySignal(found) if signal_type is None else shapes.ByBank(found.get(signal_type, {}))
        )
    kind, value = _given(signal, signal_type)
    return Reply(shapes.ByBank(await service.pipeline.search(partial(asked.known, kind, value))))


@router.post("/m/lookup", response_model=shapes.BySignal, responses=_PICTURE)
async def lookup_file(asked: Annotated[Lookup, Depends(_lookup)], content: Uploaded) -> Reply:
    """Which enabled banks know an upload."""
    return Reply(shapes.BySignal(await asked.by_signal(content)))


@router.get("/m/raw_lookup", response_model=shapes.RawMatches, responses=_HASH)
async def lookup_distances(
    service: Banking,
    signal: Annotated[str, Query(max_length=200, description="The hash.")],
    signal_type: Annotated[str, Query(max_length=40, description="pdq, video_md5 or video_sha256.")],
    banks: Names = None,
    include_distance: Annotated[bool, Query(description="Also tell how far apart they are.")] = False,
) -> Reply:
    """Which contents match a hash, whether they or their banks are enabled or not."""
    kind, value = _given(signal, signal_type)
    named = {bank.bank_id: bank.name for bank in await service.pipeline.search(service.banks.all)}
    wanted = set(banks.split(",")) if banks else set(named.values())
    found = await service.pipeline.search(partial(service.banks.checking.near, kind, value))
    hits = [(entry.entry_id, bits) for entry, bits in found if named.get(entry.bank_id) in wanted]
    matches = await service.pipeline.search(partial(told, service, hits))
    shown: list[int | shapes.MatchedContent] = [*matches]
    return Reply(
        shapes.RawMatches(matches=shown if include_distance else [one.bank_content_id for one in matches])
    )


@router.post(
    "/m/compare", response_model=shapes.Compared, responses=schemas.problems(400, 403, 408, 413, 503)
)
async def compare_signals(pairs: Pairs) -> Reply:
    """Compare two hashes of each signal type."""
    if not isinstance(pairs, dict):
        raise UsageError("send an object with two hashes for each signal type")
    compared: dict[str, tuple[bool, shapes.Distance]] = {}
    for name, hashes in pairs.items():
        kind = signal_kind(name)
        if (
            not isinstance(hashes, list)
            or len(hashes) != 2
            or not all(isinstance(one, str) for one in hashes)
        ):
            raise UsageError(f"give a list of two hashes of type {name!r}")
        first, second = (value_of(kind, text) for text in hashes)
        bits = hash_difference(first.hex(), second.hex()).differing
        match = bits <= RADIUS["pdq"] if kind == "pdq" else not bits
        compared[name] = match, shapes.Distance(distance=bits if kind == "pdq" else None)
    return Reply(shapes.Compared(compared))


@router.get("/m/index/status", response_model=shapes.IndexStates, responses=_HASH)
async def get_index_status(service: Banking, signal_type: SignalType = None) -> Reply:
    """How many hashes of each type are known; there is no index to wait for."""
    sizes, now = await sizes_by_type(service, signal_type), int(time.time())
    states = {name: shapes.IndexState(present=True, built_to=now, size=size) for name, size in sizes.items()}
    return Reply(shapes.IndexStates(states))


@router.get("/status", response_class=PlainTextResponse, responses=schemas.problems(503))
async def get_status(service: Banking) -> PlainTextResponse:
    """Say that the server can match."""
    await service.pipeline.search(service.banks.all)
    return await get_life()


@router.get("/status/live", response_class=PlainTextResponse)
async def get_life() -> PlainTextResponse:
    """Say that the process answers."""
    return PlainTextResponse("I-AM-ALIVE")


def _given(signal: str | None, signal_type: str | None) -> tuple[Kind, bytes]:
    if signal is None or signal_type is None:
        raise UsageError("give a url, or both signal and signal_type")
    kind = signal_kind(signal_type)
    return kind, value_of(kind, signal)
