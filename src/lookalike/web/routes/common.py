"""Parameters that several routes take, and the service that they ask."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, BinaryIO
from urllib.parse import quote

from fastapi import Depends, Form, Request, UploadFile

from lookalike.collection.questions import FPR, Question, Wanted, as_verdicts
from lookalike.errors import NotFoundError, UsageError
from lookalike.store import keys_with_values
from lookalike.store.annotation import MOST_TAGS
from lookalike.web.known import META
from lookalike.web.service import Picture, Service
from lookalike.web.tokens import Token

_SHOWN = 40  # characters of a collection's name that is not known


def services_of(request: Request) -> dict[str, Service]:
    """The services that ``web.app`` put behind the routes, by the names of their collections."""
    services: dict[str, Service] = request.app.state.services
    return services


async def service_of(request: Request) -> Service:
    """The service of the collection that the path names, or of the only one.

    Raises:
        NotFoundError: there is no such collection.
    """
    services, name = services_of(request), request.path_params.get("collection")
    if name is None:
        (service,) = services.values()
        return service
    if name not in services:
        raise NotFoundError(f"there is no collection {name[:_SHOWN]!r}; GET /v1/collections lists them")
    return services[name]


Serving = Annotated[Service, Depends(service_of)]


async def banking_of(request: Request) -> Service:
    """The service of the collection that holds the banks; on a cluster no search looks through that."""
    return (await service_of(request)).banking


Banking = Annotated[Service, Depends(banking_of)]


def caller_of(request: Request) -> Token | None:
    """Whose token came with a request; None if the server wants none."""
    caller: Token | None = request.scope.get("caller")
    return caller


Caller = Annotated[Token | None, Depends(caller_of)]


async def base_of(request: Request) -> str:
    """Where the routes of the collection begin, as a browser sees it: ``/v1``, or below a proxy's prefix."""
    name = request.path_params.get("collection")
    return f"{request.scope['root_path']}/v1" + ("" if name is None else f"/collections/{quote(name)}")


Base = Annotated[str, Depends(base_of)]

Identity = Annotated[int | None, Form(ge=1, le=2**63 - 1, description="An image of the collection.")]


ABOUT_TAG = "Only images with this tag; several must all be there."
ABOUT_META = "Only images with this KEY=VALUE in their metadata, as shop=12; the same as a field meta.shop."


def meta_of(pairs: Iterable[str] | None, fields: Iterable[tuple[str, object]]) -> dict[str, str]:
    """The filter on metadata of a request.

    Args:
        pairs: texts such as ``shop=12``.
        fields: all names of the request with their values; those such as ``meta.shop`` count.

    Raises:
        UsageError: a text has no equals sign, or a key comes twice.
    """
    dotted = [f"{name[len(META) :]}={value}" for name, value in fields if name.startswith(META)]
    return keys_with_values([*(pairs or ()), *dotted])


async def labelled(
    request: Request,
    tag: Annotated[list[str] | None, Form(max_length=MOST_TAGS, description=ABOUT_TAG)] = None,
    meta: Annotated[list[str] | None, Form(max_length=MOST_TAGS, description=ABOUT_META)] = None,
) -> Wanted:
    """The fields of a search that ask for tags and metadata."""
    return {"tag": list(filter(None, tag or ())), "meta": meta_of(meta, (await request.form()).multi_items())}


async def judged(
    verdict: Annotated[
        str | None,
        Form(
            max_length=100,
            description="Only matches of these verdicts, separated by commas: identical, copy, similar, "
            "different.",
            examples=["identical,copy"],
        ),
    ] = None,
    fpr: Annotated[
        float,
        Form(gt=0, lt=1, description="Share of pairs of different pictures that may be called copies."),
    ] = FPR,
    max_distance: Annotated[
        float | None, Form(ge=0, allow_inf_nan=False, description="Leave out what is farther away.")
    ] = None,
    folder: Annotated[
        str | None,
        Form(max_length=4096, description="Only images that lie below this folder of /v1/stats."),
    ] = None,
) -> Wanted:
    """The fields of a search that say which matches are wanted.

    Raises:
        UsageError: there is no such verdict.
    """
    return {
        "verdicts": as_verdicts(verdict.split(",")) if verdict else None,
        "fpr": fpr,
        "max_distance": max_distance,
        "folder": Path(folder) if folder else None,
    }


async def asked(
    wanted: Annotated[Wanted, Depends(judged)],
    labels: Annotated[Wanted, Depends(labelled)],
    k: Annotated[int, Form(ge=1, le=100, description="Most matches.")] = 10,
    metric: Annotated[
        str,
        Form(max_length=40, description="cosine, euclidean, manhattan, hamming or minkowski:P."),
    ] = "cosine",
    exact: Annotated[bool, Form(description="Compare with every image.")] = False,
    recall: Annotated[
        float | None, Form(gt=0, le=1, description="Share of the true nearest that is good enough.")
    ] = None,
) -> Question:
    """The fields of a search, as a question."""
    everything: Wanted = {**wanted, **labels, "metric": metric, "exact": exact, "recall": recall}
    return Question(k, **everything)


Asked = Annotated[Question, Depends(asked)]


def one_of(**given: UploadFile | str | int | None) -> Picture:
    """The one picture among the fields of a form.

    Raises:
        UsageError: there is none, or more than one.
    """
    there = [value for value in given.values() if value is not None]
    if len(there) != 1:
        raise UsageError(f"give exactly one of {', '.join(given)}")
    (value,) = there
    return value if isinstance(value, str | int) else value.file


def sent(**given: UploadFile | str | None) -> BinaryIO | str:
    """The one picture that came with a request, an upload or a URL, among the fields of a form.

    Raises:
        UsageError: there is none, or more than one.
    """
    picture = one_of(**given)
    if isinstance(picture, int):
        raise UsageError(f"give exactly one of {', '.join(given)}")
    return picture
