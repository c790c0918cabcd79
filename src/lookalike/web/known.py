"""Unknown parameters and form fields: refused, with the nearest known name.

Otherwise a slip such as ``max_dist`` for ``max_distance`` would be ignored silently, and the caller would get
the answer to another question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Self

from fastapi import Request, params
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
META = "meta."
"""Of names such as ``meta.shop``, which routes with a field ``meta`` take: filters on any key of metadata."""

_OWN = "/v1/"
_BODIED = frozenset({"POST", "PUT", "PATCH"})
_SHOWN = 40  # characters of a name that is not known
_TOLD = 8  # names that one refusal lists


@dataclass(frozen=True, slots=True)
class Declared:
    """Names that a route takes.

    Attributes:
        query: parameters of the query string.
        form: fields of the form.
        uploads: those of them that are files.
    """

    query: tuple[str, ...]
    form: tuple[str, ...]
    uploads: tuple[str, ...]

    @classmethod
    def by(cls, route: APIRoute) -> Self:
        """Read them off a route and all that it depends on."""
        parts = list(_parts(route.dependant))
        bodies = [field for part in parts for field in part.body_params]
        forms = [field for field in bodies if isinstance(field.field_info, params.Form)]
        return cls(
            tuple(field.alias for part in parts for field in part.query_params),
            tuple(field.alias for field in forms),
            tuple(field.alias for field in forms if isinstance(field.field_info, params.File)),
        )


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    """A route and all that it depends on, in the order of OpenAPI."""
    yield dependant
    for part in dependant.dependencies:
        yield from _parts(part)


def media_type(request: Request) -> str:
    """The media type of a request's body in lower case, without its parameters; empty if it names none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def refuse_unknown(
    names: Iterable[str], known: Sequence[str], where: str, elsewhere: Sequence[str] = ()
) -> None:
    """Refuse names that are not known.

    Args:
        names: as they were sent.
        known: the right ones.
        where: "query" or "body", in which they came.
        elsewhere: names that are right in the body, if these came in the query.

    Raises:
        RequestValidationError: one is not known. Each is told with the place where it is right, or the known
            name nearest to it, or with all known names if none is near.
    """
    dotted = META if META[:-1] in known else None
    unknown = [
        name
        for name in dict.fromkeys(names)
        if name not in known and not (dotted and name.startswith(dotted))
    ]
    if unknown:
        raise RequestValidationError(
            [
                {
                    "type": "extra_forbidden",
                    "loc": (where, name[:_SHOWN]),
                    "msg": _advice(name, known, where, elsewhere),
                }
                for name in unknown[:_TOLD]
            ]
        )


def _advice(name: str, known: Sequence[str], where: str, elsewhere: Sequence[str]) -> str:
    kind = "query parameter" if where == "query" else "field"
    if name in elsewhere:
        return f"give it as a field of the body, as in curl -F {name}=…, not in the query string"
    near = get_close_matches(name[:_SHOWN], known, 1)
    if near:
        return f"there is no such {kind}; did you mean {near[0]}?"
    return f"there is no such {kind}; " + (
        f"known are {', '.join(known)}" if known else "this request takes none"
    )


async def only_known(request: Request) -> None:
    """Refuse a request that has a parameter which its route does not declare; for all routes below ``/v1/``.

    A path parameter cannot be wrong, and who follows another program's API may send what that one takes.

    Raises:
        RequestValidationError: a query parameter or a field of the form is not known.
    """
    route = request.scope["route"]
    if not isinstance(route, APIRoute) or not route.path.startswith(_OWN):
        return
    declared = Declared.by(route)
    refuse_unknown(request.query_params.keys(), declared.query, "query", declared.form)
    if request.method not in _BODIED:
        return
    refuse_unknown((await request.form()).keys(), declared.form, "body")
