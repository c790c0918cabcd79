"""Errors as problem details (RFC 9457): the one place that maps this package's errors to status codes.

A problem's ``type`` names the kind of error for programs, its ``detail`` says to a person what was wrong and
what to do about it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lookalike import errors

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:lookalike:problem:"

_STATUS: dict[type[errors.LookalikeError], int] = {
    errors.ImageTooLarge: 413,
    errors.UnreadableImage: 422,
    errors.FetchError: 422,
    errors.UsageError: 422,
    errors.NotFoundError: 404,
    errors.EmbedderMismatch: 409,
    errors.DamagedError: 500,
    errors.MissingExtra: 500,
}


class Busy(errors.LookalikeError):
    """More work waits than may; the same request can succeed a moment later."""


class Problem(Response):
    """An answer that says what went wrong."""

    media_type = MEDIA_TYPE

    def __init__(
        self, status: int, detail: str, *, kind: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        """Describe a problem.

        Args:
            status: of the answer.
            detail: what was wrong, and what to do about it.
            kind: of error; after the status where empty.
            headers: of the answer.
            **more: further members, which JSON can hold.
        """
        title = HTTPStatus(status).phrase
        self.members = {
            "type": _PREFIX + (kind or title.lower().replace(" ", "-")),
            "title": title,
            "status": status,
            "detail": detail,
            **more,
        }
        super().__init__(json.dumps(self.members).encode(), status, headers)


class Refused(Exception):
    """Ends a request before it reaches its route."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status_code)
        self.problem = problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the problem."""
        await self.problem(scope, receive, send)


def kind_of(error: type[errors.LookalikeError]) -> str:
    """The name of a kind of error in a problem's type: ``unreadable-image``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def problem_of(error: errors.LookalikeError) -> Problem:
    """An error of this package as an answer."""
    if isinstance(error, Busy) or isinstance(error.__cause__, sqlite3.OperationalError):
        return Problem(503, str(error), kind="busy", headers={"Retry-After": "1"})
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            return Problem(status, str(error), kind=kind_of(kind))
    return Problem(500, str(error))


def members_of(error: errors.LookalikeError) -> dict[str, Any]:
    """An error of this package as part of an answer."""
    return problem_of(error).members


def install(app: FastAPI) -> None:
    """Let every error leave the app as a problem."""

    async def of_package(_: Request, error: Exception) -> Response:
        return problem_of(error) if isinstance(error, errors.LookalikeError) else _unexpected()

    async def of_http(_: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return _unexpected()
        detail = str(error.detail)
        return Problem(error.status_code, detail, headers=dict(error.headers or {}))

    async def of_validation(_: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            return _unexpected()
        found = [
            {"field": ".".join(str(part) for part in item["loc"][1:]), "message": str(item["msg"])}
            for item in error.errors()
        ]
        detail = "; ".join(f"{item['field']}: {item['message']}" for item in found)
        return Problem(422, detail, kind="usage-error", errors=found)

    async def of_anything(_: Request, __: Exception) -> Response:
        return _unexpected()

    app.add_exception_handler(errors.LookalikeError, of_package)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(Exception, of_anything)


def _unexpected() -> Problem:
    return Problem(500, "the server met an error that it did not expect; its log says more")
