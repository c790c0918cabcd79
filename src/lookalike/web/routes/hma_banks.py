"""The routes of Meta's Hasher-Matcher-Actioner that make and change banks; see ``hma``."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException

from lookalike.errors import NotFoundError, UsageError
from lookalike.store import Bank
from lookalike.web import hma_schemas as shapes
from lookalike.web import schemas
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Banking
from lookalike.web.routes.hma_content import HmaRoute
from lookalike.web.service import Service

router = router_of("hma", route_class=HmaRoute, takes_unknown=True)

Name = Annotated[str, Path(max_length=100, description="Name of the bank.")]

PROBLEMS = schemas.problems(400, 403, 404, 408, 413, 503, 507)


@router.get("/c/banks", response_model=shapes.HmaBanks, responses=schemas.problems(503))
async def list_hma_banks(service: Banking) -> Reply:
    """List all banks, by name."""
    found = await service.pipeline.search(service.banks.all)
    return Reply(shapes.HmaBanks([shape(bank) for bank in found]))


@router.post("/c/banks", status_code=201, response_model=shapes.HmaBank, responses=PROBLEMS)
async def create_hma_bank(service: Banking, wanted: shapes.NewBank) -> Reply:
    """Make an empty bank."""
    enabled, ratio = _asked(wanted.enabled, wanted.enabled_ratio)

    def work() -> Bank:
        with service.collection.bases.database.atomic():
            _refuse_taken(service, wanted.name)
            name = service.banks.create(wanted.name).name
            return service.banks.change(name, enabled=enabled, ratio=ratio)

    with service.changes.place():
        return Reply(shape(await service.change(work)), 201)


@router.get("/c/bank/{name}", response_model=shapes.HmaBank, responses=schemas.problems(404, 503))
async def get_hma_bank(service: Banking, name: Name) -> Reply:
    """Tell about a bank."""
    return Reply(shape(await service.pipeline.search(partial(service.banks.named, name))))


@router.put("/c/bank/{name}", response_model=shapes.HmaBank, responses=PROBLEMS)
async def change_hma_bank(service: Banking, name: Name, wanted: shapes.BankChange) -> Reply:
    """Enable, disable or rename a bank."""
    enabled, ratio = _asked(wanted.enabled, wanted.enabled_ratio)

    def work() -> Bank:
        with service.collection.bases.database.atomic():
            bank = service.banks.named(name)
            if wanted.name is not None and wanted.name != name:
                _refuse_taken(service, wanted.name)
                bank = service.banks.rename(name, wanted.name)
            return service.banks.change(bank.name, enabled=enabled, ratio=ratio)

    with service.changes.place():
        return Reply(shape(await service.change(work)))


@router.delete("/c/bank/{name}", response_model=shapes.Done, responses=PROBLEMS)
async def delete_hma_bank(service: Banking, name: Name) -> Reply:
    """Delete a bank; it is no error if there is none."""
    with service.changes.place(), suppress(NotFoundError):
        await service.change(partial(service.banks.delete, name))
    return Reply(shapes.Done(message="Done"))


def shape(bank: Bank) -> shapes.HmaBank:
    """A bank as clients of Hasher-Matcher-Actioner know it."""
    return shapes.HmaBank(name=bank.name, matching_enabled_ratio=bank.ratio if bank.enabled else 0.0)


def _refuse_taken(service: Service, name: str) -> None:
    """Refuse the name of another bank, by the status that clients look for.

    Raises:
        HTTPException: a bank has it.
    """
    if any(bank.name == name for bank in service.banks.all()):
        raise HTTPException(403, f"there is a bank {name!r} already")


def _asked(enabled: bool | None, ratio: float | None) -> tuple[bool | None, float | None]:
    """Whether checks ask a bank, and which share of lookups does, as a client says it; None changes nothing.

    Raises:
        UsageError: the ratio is no share.
    """
    if ratio is None:
        return enabled, None
    if not 0 <= ratio <= 1:
        raise UsageError(f"enabled_ratio is from 0 to 1, not {ratio}")
    return ratio > 0, ratio or None
