"""The routes of Meta's Hasher-Matcher-Actioner about exchanges, from which it fetches hashes; see ``hma``.

This program fetches from none. Its answers are those of a server for which no kind of exchange is installed.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException

from lookalike.errors import NotFoundError, UsageError
from lookalike.web import hma_schemas as shapes
from lookalike.web import schemas
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.hma_content import HmaRoute

router = router_of("hma", route_class=HmaRoute, takes_unknown=True)

Exchange = Annotated[str, Path(max_length=100, description="Name of the exchange.")]
Api = Annotated[str, Path(max_length=100, description="Kind of exchange.")]

_INSTEAD = "this server fetches from no exchange; import its list into a bank: lookalike bank import"


@router.get("/c/exchanges", response_model=shapes.Texts)
async def list_exchanges() -> Reply:
    """List the exchanges: there are none."""
    return Reply(shapes.Texts([]))


@router.post("/c/exchanges", responses=schemas.problems(400, 403, 408, 413))
async def create_exchange() -> Reply:
    """Refuse to fetch from an exchange."""
    raise UsageError(_INSTEAD)


@router.get("/c/exchanges/apis", response_model=shapes.Texts)
async def list_exchange_apis() -> Reply:
    """List the kinds of exchanges: there are none."""
    return Reply(shapes.Texts([]))


@router.get("/c/exchanges/api/{api}", responses=schemas.problems(400))
async def get_exchange_api(api: Api) -> Reply:
    """Tell that there is no such kind of exchange."""
    raise UsageError(f"there is no kind of exchange {api[:40]!r}; {_INSTEAD}")


@router.post("/c/exchanges/api/{api}", responses=schemas.problems(400, 403, 408, 413))
async def change_exchange_api(api: Api) -> Reply:
    """Refuse credentials for a kind of exchange."""
    raise UsageError(f"there is no kind of exchange {api[:40]!r}; {_INSTEAD}")


@router.get("/c/exchanges/api/{api}/schema", responses=schemas.problems(404))
async def get_exchange_schema(api: Api) -> Reply:
    """Tell that there is no such kind of exchange."""
    raise HTTPException(404, f"there is no kind of exchange {api[:40]!r}; {_INSTEAD}")


@router.get("/c/exchange/{name}", responses=schemas.problems(404))
async def get_exchange(name: Exchange) -> Reply:
    """Tell that there is no such exchange."""
    raise _missing(name)


@router.get("/c/exchange/{name}/status", responses=schemas.problems(404))
async def get_exchange_status(name: Exchange) -> Reply:
    """Tell that there is no such exchange."""
    raise _missing(name)


@router.put("/c/exchange/{name}", responses=schemas.problems(403, 404, 408, 413))
async def change_exchange(name: Exchange) -> Reply:
    """Tell that there is no such exchange."""
    raise _missing(name)


@router.delete("/c/exchange/{name}", response_model=shapes.Done, responses=schemas.problems(403))
async def delete_exchange(name: Exchange) -> Reply:
    """Delete an exchange, of which there is none; that is no error."""
    return Reply(shapes.Done(message="Exchange deleted"))


def _missing(name: str) -> NotFoundError:
    return NotFoundError(f"there is no exchange {name[:40]!r}; {_INSTEAD}")
