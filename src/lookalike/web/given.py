"""Request bodies other than forms: a JSON object, or a picture alone with its fields in the query string.

Each is turned into the form that says the same, before the route reads it. So a field means the same, and has
the same limits, however it is sent.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lookalike.errors import UsageError
from lookalike.web.known import FORMS, META, Declared, media_type, refuse_unknown

JSON = "application/json"
BYTES = "application/octet-stream"
ANY_IMAGE = "image/*"
_MOST_VALUES = 10_000  # in one object: a small body of many tiny values would fill the memory once it is read
UNNAMED = "image"
"""File name of a picture that came without one; FastAPI takes an empty file without a name for none."""

_OBJECT = "metadata"  # the field that is an object in JSON, and its text in a form
_JSON_NAMES = {"file": ("image",), "files": ("image", "images")}
"""Names that JSON has for fields that are files in a form, where they are others."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Filled(Request):
    """A request whose body has been read and understood as the fields of a form."""

    def __init__(self, request: Request, fields: list[tuple[str, UploadFile | str]]) -> None:
        """Take the place of another request.

        Args:
            request: that one.
            fields: what ``form`` gives from now on.
        """
        super().__init__(request.scope, request.receive)
        self._form, self._body = FormData(fields), b""  # nothing more will arrive


class GivenRoute(APIRoute):
    """A route with a form that may also come as JSON; one that takes pictures, as a picture with a query."""

    def get_route_handler(self) -> Handler:
        """What answers a request: the route's own handler, after the body was made a form."""
        handle = super().get_route_handler()
        declared = Declared.by(self)

        async def handle_form(request: Request) -> Response:
            return await handle(await as_form(request, declared))

        return handle_form


def json_names(declared: Declared) -> dict[str, str]:
    """Names that a JSON object may have, each with the field of the form that it stands for."""
    return {
        name: field
        for field in declared.form
        for name in (_JSON_NAMES.get(field, (field,)) if field in declared.uploads else (field,))
    }


async def as_form(request: Request, declared: Declared) -> Request:
    """The request, with its body as a form if it is none.

    Args:
        request: whose body has not been read.
        declared: what its route takes.

    Raises:
        UsageError: the body is of no kind that the route takes.
        RequestValidationError: a field is not known.
        HTTPException: the body is not what it says it is.
    """
    kind = media_type(request)
    if kind in FORMS or not declared.form:
        return request
    if kind == JSON:
        return Filled(request, list(_of_json(await request.body(), declared)))
    if declared.uploads and (kind == BYTES or kind.startswith("image/")):
        refuse_unknown(request.query_params.keys(), _beside(declared), "query")
        fields: list[tuple[str, UploadFile | str]] = list(request.query_params.multi_items())
        request.scope["query_string"] = b""  # its parameters are the form's now
        return Filled(request, [*fields, (declared.uploads[0], _upload(await request.body()))])
    if await request.body():
        picture = f", or a picture ({ANY_IMAGE} or {BYTES})" if declared.uploads else ""
        raise UsageError(f"send a form ({FORMS[0]}) or {JSON}{picture}")
    return request


def _beside(declared: Declared) -> tuple[str, ...]:
    """The fields that may come in the query string beside a picture."""
    return tuple(name for name in declared.form if name not in declared.uploads)


def _upload(data: bytes) -> UploadFile:
    return UploadFile(io.BytesIO(data), size=len(data), filename=UNNAMED)


def _of_json(body: bytes, declared: Declared) -> Iterator[tuple[str, UploadFile | str]]:
    """The fields that a JSON object says.

    A list repeats its field, an empty one is an empty field, and null leaves it out. An object goes as its
    JSON, but for the filter ``meta``, whose keys become fields of their own.
    """
    names = json_names(declared)
    found = read_object(body)
    refuse_unknown(found, tuple(names), "body")
    for name, value in found.items():
        field = names.get(name, name)
        if isinstance(value, dict) and field == META[:-1]:
            yield from ((META + key, _text(META + key, one)) for key, one in value.items())
            continue
        if value == [] and field not in declared.uploads:
            yield field, ""
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield field, _picture(name, one) if field in declared.uploads else _text(name, one)


def read_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        HTTPException: it is none, or one of too many values.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise HTTPException(400, f"a JSON object may hold {_MOST_VALUES:,} values, not more")
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _text(name: str, value: object) -> str:
    """A value as a form has it."""
    if isinstance(value, bool | int | float) or (isinstance(value, dict) and name == _OBJECT):
        return json.dumps(value)
    if not isinstance(value, str):
        what = "an object" if name == _OBJECT else "text, a number, true or false"
        raise UsageError(f"{name}: must be {what}")
    return value


def _picture(name: str, value: object) -> UploadFile:
    """A file that came as base64."""
    if not isinstance(value, str):
        raise UsageError(f"{name}: must be a picture's bytes in base64")
    try:
        return _upload(base64.b64decode("".join(value.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise UsageError(f"{name}: is no base64: {error}") from error
