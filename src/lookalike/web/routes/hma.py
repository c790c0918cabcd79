"""The routes of Meta's Hasher-Matcher-Actioner that hash and match, so that its clients can ask this server.

Written anew from its published description, ``hasher-matcher-actioner`` of facebook/threatexchange. Its
signal types are our kinds ``pdq``, ``md5`` (``video_md5``) and ``sha256`` (``video_sha256``). Lookups never
name negative banks, and name no others if one of these knows the picture.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, BinaryIO

from fastapi import Body, File, Query, UploadFile
from starlette.responses import PlainTextResponse

from lookalike.banks.hashes import RADIUS, kind_of, value_of
from lookalike.banks.pdq import LEAST_QUALITY
from lookalike.collection.hashes import hash_difference
from lookalike.errors import UsageError
from lookalike.store import Bank, Kind
from lookalike.web import hma_schemas as shapes
from lookalike.web import schemas
from lookalike.web.given import ObjectRoute
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Serving, sent
from lookalike.web.service import Service

SIGNALS: dict[str, Kind] = {"pdq": "pdq", "video_md5": "md5", "video_sha256": "sha256"}

router = router_of("hma", route_class=ObjectRoute, takes_unknown=True)

Url = Annotated[str | None, Query(max_length=8192, description="Where the picture is.")]
Photo = Annotated[UploadFile | None, File(description="The picture.")]
Signal = Annotated[str | None, Query(max_length=200, description="The hash.")]
SignalType = Annotated[str | None, Query(max_length=40, description="pdq, video_md5 or video_sha256.")]
Names = Annotated[str | None, Query(max_length=4096, description="Only these banks, separated by commas.")]

_PICTURE = schemas.problems(*schemas.PICTURE_PROBLEMS)


@router.get("/h/hash", response_model=shapes.Hashes, responses=_PICTURE)
async def hash_url(service: Serving, url: Url = None) -> Reply:
    """Hash the picture at a public URL."""
    return Reply(shapes.Hashes(await signals_of(service, sent(url=url))))


@router.post("/h/hash", response_model=shapes.Hashes, responses=_PICTURE)
async def hash_file(service: Serving, photo: Photo = None) -> Reply:
    """Hash an upload."""
    return Reply(shapes.Hashes(await signals_of(service, sent(photo=photo))))


@router.get("/m/lookup", response_model=shapes.ByBank | shapes.BySignal, responses=_PICTURE)
async def lookup_signal(
    service: Serving,
    url: Url = None,
    signal: Signal = None,
    signal_type: SignalType = None,
    banks: Names = None,
) -> Reply:
    """Which enabled banks know a hash, or the picture at a public URL."""
    if url is not None:
        return Reply(await _by_signal(service, url, banks))
    kind, value = _given(signal, signal_type)
    return Reply(shapes.ByBank(await service.pipeline.search(partial(_known, service, kind, value, banks))))


@router.post("/m/lookup", response_model=shapes.BySignal, responses=_PICTURE)
async def lookup_file(service: Serving, photo: Photo = None, banks: Names = None) -> Reply:
    """Which enabled banks know an upload."""
    return Reply(await _by_signal(service, sent(photo=photo), banks))


@router.get("/m/raw_lookup", response_model=shapes.RawMatches, responses=schemas.problems(503))
async def lookup_distances(
    service: Serving,
    signal: Signal = None,
    signal_type: SignalType = None,
    banks: Names = None,
    include_distance: Annotated[bool, Query(description="Also tell how far apart they are.")] = False,
) -> Reply:
    """Which entries match a hash, in banks that are enabled or not."""
    kind, value = _given(signal, signal_type)
    named = {bank.bank_id: bank for bank in await service.pipeline.search(service.banks.all)}
    found = await service.pipeline.search(partial(service.banks.checking.near, kind, value))
    wanted = _wanted(banks)
    matches = [
        shapes.MatchedContent(bank_content_id=entry.entry_id, distance=_shown(differing))
        for entry, differing in found
        if entry.bank_id in named and (wanted is None or named[entry.bank_id].name in wanted)
    ]
    told: list[int | shapes.MatchedContent] = [*matches]
    return Reply(
        shapes.RawMatches(matches=told if include_distance else [m.bank_content_id for m in matches])
    )


@router.post(
    "/m/compare", response_model=shapes.Compared, responses=schemas.problems(400, 403, 408, 413, 503)
)
async def compare_signals(
    pairs: Annotated[dict[str, list[str]], Body(description="Two hashes each, by type.")],
) -> Reply:
    """Compare two hashes of each signal type."""
    compared: dict[str, tuple[bool, shapes.Distance]] = {}
    for name, hashes in pairs.items():
        kind = signal_kind(name)
        if len(hashes) != 2:
            raise UsageError(f"give two hashes of type {name!r}, not {len(hashes)}")
        first, second = (value_of(kind, text) for text in hashes)
        bits = hash_difference(first.hex(), second.hex()).differing
        match = bits <= RADIUS["pdq"] if kind == "pdq" else not bits
        compared[name] = match, shapes.Distance(distance=bits if kind == "pdq" else None)
    return Reply(shapes.Compared(compared))


@router.get("/m/index/status", response_model=shapes.IndexStates, responses=schemas.problems(503))
async def get_index_status(service: Serving, signal_type: SignalType = None) -> Reply:
    """How many hashes of each type are known; there is no index to wait for."""
    types = SIGNALS if signal_type is None else {signal_type: signal_kind(signal_type)}
    counts = await service.pipeline.search(service.banks.counts)
    now = int(time.time())
    sizes = {name: sum(some[kind] for some in counts.values()) for name, kind in types.items()}
    states = {name: shapes.IndexState(present=True, built_to=now, size=size) for name, size in sizes.items()}
    return Reply(shapes.IndexStates(states))


@router.get("/status", response_class=PlainTextResponse, responses=schemas.problems(503))
async def get_status(service: Serving) -> PlainTextResponse:
    """Say that the server can match."""
    await service.pipeline.search(service.banks.all)
    return PlainTextResponse("I-AM-ALIVE")


def signal_kind(name: str) -> Kind:
    """The kind of a signal type.

    Raises:
        UsageError: there is no such type here.
    """
    if name not in SIGNALS:
        raise UsageError(f"there is no signal type {name[:40]!r}; known are {', '.join(SIGNALS)}")
    return kind_of(name)


async def signals_of(service: Service, picture: BinaryIO | str) -> dict[str, str]:
    """The hashes of a picture, an upload or one at a URL.

    Raises:
        UsageError: the picture says too little to be hashed, as a blank one.
    """
    with service.admission.place():
        found = await service.pdq(picture)
    if found.quality < LEAST_QUALITY:
        raise UsageError("the picture has too few edges to be hashed")
    return {"pdq": found.value.hex()}


def _given(signal: str | None, signal_type: str | None) -> tuple[Kind, bytes]:
    if signal is None or signal_type is None:
        raise UsageError("give a url, or both signal and signal_type")
    kind = signal_kind(signal_type)
    return kind, value_of(kind, signal)


def _wanted(banks: str | None) -> set[str] | None:
    return set(banks.split(",")) if banks else None


def _shown(differing: int | None) -> str:
    return "" if differing is None else str(differing)


def _known(
    service: Service, kind: Kind, value: bytes, banks: str | None
) -> dict[str, list[shapes.MatchedContent]]:
    """Entries of enabled banks that match a hash, by bank; none if a negative bank knows it too."""
    enabled: dict[int, Bank] = {bank.bank_id: bank for bank in service.banks.all() if bank.enabled}
    wanted, known = _wanted(banks), dict[str, list[shapes.MatchedContent]]()
    for entry, differing in service.banks.checking.near(kind, value):
        bank = enabled.get(entry.bank_id)
        if bank is None:
            continue
        if bank.negative:
            return {}
        if wanted is None or bank.name in wanted:
            match = shapes.MatchedContent(bank_content_id=entry.entry_id, distance=_shown(differing))
            known.setdefault(bank.name, []).append(match)
    return known


async def _by_signal(service: Service, picture: BinaryIO | str, banks: str | None) -> shapes.BySignal:
    """What the enabled banks report of a picture, by signal type and bank, as ``/v1/check`` finds it."""
    with service.admission.place():
        answer = await service.check(picture)
    wanted, names = _wanted(banks), {kind: name for name, kind in SIGNALS.items()}
    found: dict[str, dict[str, list[shapes.MatchedContent]]] = {"pdq": {}}
    for result in answer.results:
        if not result.reported or (wanted is not None and result.bank not in wanted):
            continue
        for match in result.matches:
            told = shapes.MatchedContent(bank_content_id=match.entry_id, distance=_shown(match.differing))
            kind = names.get(match.kind, match.kind)
            found.setdefault(kind, {}).setdefault(result.bank, []).append(told)
    return shapes.BySignal(found)
