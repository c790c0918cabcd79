"""Banks: made, changed and deleted, and what lies in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import File, Form, Path, Query, UploadFile
from starlette.responses import Response

from lookalike.banks import Added
from lookalike.banks.adding import Labels
from lookalike.collection.questions import FPR
from lookalike.collection.reports import Upload
from lookalike.errors import UsageError
from lookalike.store import Bank, Change, Rule
from lookalike.web import bank_schemas as shapes
from lookalike.web import schemas
from lookalike.web.given import GivenRoute
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Banking
from lookalike.web.saying import said_of
from lookalike.web.service import Service

_MOST_FILES, _MOST_HASHES, _MOST_TAGS = 64, 1000, 32
_PROBLEMS = schemas.problems(400, 403, 404, 408, 409, 413, 503, 507)

router = router_of("banks", route_class=GivenRoute)

Name = Annotated[str, Path(max_length=100, description="Name of the bank.")]
Note = Annotated[str, Form(max_length=1000, description="One line.")]


@router.get("/v1/banks", response_model=shapes.BanksAnswer, responses=schemas.problems(503))
async def list_banks(service: Banking) -> Reply:
    """List all banks, by name."""
    banks = await service.pipeline.search(service.banks.all)
    return Reply(shapes.BanksAnswer(banks=await _states(service, banks)))


@router.post("/v1/banks", status_code=201, response_model=shapes.BankState, responses=_PROBLEMS)
async def create_bank(
    service: Banking,
    name: Annotated[str, Form(max_length=100, description="Letters, digits, spaces, dots, - and _.")],
    negative: Annotated[bool, Form(description="What matches it is not reported by others.")] = False,
    rule: Annotated[Rule, Form(description="What it reports.")] = "copies",
    fpr: Annotated[
        float, Form(gt=0, lt=1, description="Share of pairs of unrelated pictures that it may call copies.")
    ] = FPR,
    note: Note = "",
) -> Reply:
    """Make an empty bank."""
    work = partial(service.banks.create, name, negative=negative, rule=rule, fpr=fpr, note=note)
    with service.changes.place():
        bank = await service.change(work)
    return Reply((await _states(service, [bank]))[0], 201)


@router.patch("/v1/banks/{name}", response_model=shapes.BankState, responses=_PROBLEMS)
async def change_bank(
    service: Banking,
    name: Name,
    enabled: Annotated[bool | None, Form(description="Whether checks ask it.")] = None,
    rule: Annotated[Rule | None, Form(description="What it reports.")] = None,
    fpr: Annotated[
        float | None,
        Form(gt=0, lt=1, description="Share of pairs of unrelated pictures that it may call copies."),
    ] = None,
    note: Annotated[str | None, Form(max_length=1000, description="One line.")] = None,
) -> Reply:
    """Change a bank from the next check on: whether checks ask it, its rule, its rate, its note."""
    work = partial(service.banks.change, name, enabled=enabled, rule=rule, fpr=fpr, note=note)
    with service.changes.place():
        bank = await service.change(work)
    return Reply((await _states(service, [bank]))[0])


@router.delete("/v1/banks/{name}", status_code=204, responses=_PROBLEMS)
async def delete_bank(service: Banking, name: Name) -> Response:
    """Delete a bank. The pictures in it stay in the collection."""
    with service.changes.place():
        await service.change(partial(service.banks.delete, name))
    return Response(status_code=204)


@router.get("/v1/banks/{name}/entries", response_model=shapes.EntriesAnswer, responses=schemas.problems(404))
async def list_entries(
    service: Banking,
    name: Name,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="As the page before says.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most entries.")] = 100,
) -> Reply:
    """List entries of a bank with their pictures, page by page."""
    found = await service.pipeline.search(partial(service.banks.page, name, after, limit + 1))
    shown = found[:limit]
    following = shown[-1].entry_id if len(found) > limit else None
    entries = [shapes.EntryState(**one.facts()) for one in shown]
    return Reply(shapes.EntriesAnswer(entries=entries, next=following))


@router.post("/v1/banks/{name}/entries", response_model=shapes.AddedAnswer, responses=_PROBLEMS)
async def add_entries(
    service: Banking,
    name: Name,
    files: Annotated[list[UploadFile] | None, File(description="Pictures, up to 64.")] = None,
    hashes: Annotated[
        list[str] | None, Form(max_length=_MOST_HASHES, description="Each KIND:HEX, as pdq:f8f8…")
    ] = None,
    note: Note = "",
    tags: Annotated[list[str] | None, Form(max_length=_MOST_TAGS, description="Words.")] = None,
) -> Reply:
    """Add pictures, which the collection keeps, and hashes to a bank; tells what was there before."""
    pictures, listed = files or [], [one for one in hashes or [] if one]
    if not pictures and not listed:
        raise UsageError("send files, hashes, or both")
    if len(pictures) > _MOST_FILES:
        raise UsageError(f"send at most {_MOST_FILES} files at a time, not {len(pictures)}")
    labels, said = Labels(note, [tag for tag in tags or [] if tag]), said_of(pictures, None)
    with service.changes.place(), service.admission.place():
        data = [await file.read() for file in pictures]
        outcome = await service.change(partial(_add, service, name, listed, data, said, labels))
    answer = shapes.AddedAnswer(added=[], rejected=[])
    names = [""] * len(listed) + [file.filename or "" for file in pictures]
    for one, called in zip(outcome, names, strict=True):
        if isinstance(one, Upload):
            answer.rejected.append(schemas.RejectedImage.of(one, name=called))
        else:
            answer.added.append(shapes.AddedEntry.of(one, name=called, had=one.facts()["had"]))
    return Reply(answer)


@router.delete("/v1/banks/{name}/entries/{entry_id}", status_code=204, responses=_PROBLEMS)
async def remove_entry(
    service: Banking, name: Name, entry_id: Annotated[int, Path(ge=1, le=2**63 - 1)]
) -> Response:
    """Remove an entry from a bank. A picture stays in the collection."""
    with service.changes.place():
        await service.change(partial(service.banks.remove_entry, name, entry_id))
    return Response(status_code=204)


def _add(
    service: Service,
    name: str,
    hashes: list[str],
    pictures: list[bytes],
    said: list[Change],
    labels: Labels,
) -> list[Added | Upload]:
    bank, adding = service.banks.named(name), service.banks.adding
    done: list[Added | Upload] = [*adding.hashes(bank, hashes, labels)]
    return done + adding.uploads(bank, pictures, labels, service.pipeline.decoders, said)


async def _states(service: Service, banks: Sequence[Bank]) -> list[shapes.BankState]:
    """Banks as answers show them, with what lies in them."""
    counts = await service.pipeline.search(service.banks.counts)
    forgotten = await service.pipeline.search(service.banks.forgotten)
    return [
        shapes.BankState.of(
            bank,
            counts=dict(sorted(counts.get(bank.bank_id, Counter()).items())),
            forgotten=forgotten.get(bank.bank_id, 0),
        )
        for bank in banks
    ]
