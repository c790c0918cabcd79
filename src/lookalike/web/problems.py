"""Errors as problem details (RFC 9457): the one place that maps this package's errors to status codes.

A problem's ``type`` is the error's ``kind``, for programs; its ``detail`` tells a person what was wrong and
what to do about it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from lookalike import errors
from lookalike.disk import is_refusal
from lookalike.web import schemas
from lookalike.web.below import own_path
from lookalike.web.replies import Reply

_PREFIX = "urn:lookalike:problem:"
_RETRY_SECONDS = "1"
_PYDANTIC = "Value error, "  # which it writes before the message of a check of ours
_STATUS: dict[type[errors.LookalikeError], int] = {
    errors.LookalikeError: 500,
    errors.UsageError: 422,
    errors.ImageError: 422,
    errors.ImageTooLarge: 413,
    errors.NotFoundError: 404,
    errors.StorageError: 507,
    errors.Busy: 503,
    errors.EmbedderMismatch: 409,
    errors.Conflict: 409,
}
"""Status of each class of errors, and of those below it that are not listed themselves."""


class Problem(Reply):
    """An answer that says what went wrong."""

    media_type = "application/problem+json"

    def __init__(
        self, status: int, detail: str, *, kind: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        """Describe a problem.

        Args:
            status: of the answer.
            detail: what was wrong, and what to do about it.
            kind: of error; named after the status if empty.
            headers: of the answer.
            **more: further members, which JSON can hold.
        """
        title = HTTPStatus(status).phrase
        name = _PREFIX + (kind or title.lower().replace(" ", "-"))
        self.described = schemas.Problem(type=name, title=title, status=status, detail=detail, **more)
        super().__init__(self.described, status, headers)


def problem_of(error: errors.LookalikeError) -> Problem:
    """An error of this package as an answer."""
    return _described(error, _status_of(error))


def hma_problem_of(error: errors.LookalikeError) -> Problem:
    """The same for clients of Hasher-Matcher-Actioner: 400 if it makes no sense, and with a ``message``."""
    status = _status_of(error)
    wrong = _STATUS[errors.UsageError]
    return _described(error, 400 if status == wrong else status, message=str(error))


def _status_of(error: errors.LookalikeError) -> int:
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def _described(error: errors.LookalikeError, status: int, **more: Any) -> Problem:
    headers = {"Retry-After": _RETRY_SECONDS} if isinstance(error, errors.Busy) else None
    return Problem(status, str(error), kind=error.kind, headers=headers, **more)


def install(app: FastAPI) -> None:
    """Let every error leave the app as a problem."""

    async def of_package(_: Request, error: Exception) -> Response:
        return problem_of(error) if isinstance(error, errors.LookalikeError) else _unexpected()

    async def of_http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return _unexpected()
        detail = str(error.detail)
        if detail == HTTPStatus.NOT_FOUND.phrase:
            detail = _no_such_path(request)
        if allowed := (error.headers or {}).get("Allow"):
            detail = f"{request.url.path} takes {allowed}, not {request.method}"
        if error.status_code == _STATUS[errors.Busy]:
            return problem_of(errors.Busy(detail))
        return Problem(error.status_code, detail, headers=dict(error.headers or {}))

    async def of_validation(_: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            return _unexpected()
        found = [
            {
                "field": ".".join(str(part) for part in item["loc"][1:]),
                "message": str(item["msg"]).removeprefix(_PYDANTIC),
            }
            for item in error.errors()
        ]
        detail = "; ".join(f"{item['field']}: {item['message']}" for item in found)
        return Problem(422, detail, kind=errors.UsageError.kind, errors=found)

    async def of_system(_: Request, error: Exception) -> Response:
        if not isinstance(error, OSError) or not is_refusal(error):
            raise error
        return problem_of(errors.StorageError(f"the server's machine refused: {error.strerror}"))

    async def of_quitters(_: Request, __: Exception) -> Response:
        return Problem(400, "the caller hung up before the request had arrived")  # for the log and metrics

    async def of_anything(_: Request, __: Exception) -> Response:
        return _unexpected()

    app.add_exception_handler(errors.LookalikeError, of_package)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(OSError, of_system)
    app.add_exception_handler(ClientDisconnect, of_quitters)
    app.add_exception_handler(Exception, of_anything)


def _no_such_path(request: Request) -> str:
    """What to do about a path that no route has."""
    if len(request.app.state.services) > 1 and own_path(request.scope).startswith("/v1/"):
        return (
            "this server has several collections, and each has its routes below /v1/collections/NAME/; "
            "GET /v1/collections lists their names"
        )
    return "the server has no such path; GET /openapi.json lists all that it has"


def _unexpected() -> Problem:
    return Problem(500, "the server met an error that it did not expect; its log says more")
