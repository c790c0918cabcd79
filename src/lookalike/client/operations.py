"""What a client asks and what comes of the answers, apart from the sending.

An operation is a generator. It yields what is to be sent, and is sent the answer; it yields the seconds that
a busy server wants to be left alone; and it yields what it found. So clients that block and clients that
await run the same operations.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx

from lookalike.banks.results import CheckAnswer
from lookalike.client.requests import Fields, fields_of, form_of, line_of, query_of
from lookalike.collection.answers import Answer, Match
from lookalike.collection.pictures import Source
from lookalike.collection.questions import Wanted
from lookalike.errors import ImageError, LookalikeError, NotFoundError, UsageError, error_of
from lookalike.store import Annotation, Filters, ListedImage

_SECONDS = 60.0  # that a server may stay silent
_TRIES = 3
_LINES, _BYTES = 64, 8 << 20  # lines in one request, and bytes after which no more are added
_LISTED = 1000  # images that are asked for at a time, the most that a server gives
_OF_ONE = "/v1/collections/"
_NOT_NOW = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
_LONGEST_WAIT = 5  # seconds before asking a busy server again

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to be sent; ``given`` are arguments of httpx, such as ``params`` or ``content``."""

    method: str
    path: str
    given: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds to wait before the operation goes on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Found(Generic[Result]):
    """What an operation found: an answer, an image of a list, or the error of one of many pictures."""

    value: Result


Step = Asked | Wait | Found[Result]
Operation = Generator[Step[Result], Any, None]
_Answered = Generator[Asked | Wait, Any, Any]


def advance(operation: Operation[Result], answer: httpx.Response | None) -> Step[Result] | None:
    """The next step of an operation, which is sent the answer to the last one; None at its end."""
    try:
        return operation.send(answer)
    except StopIteration:
        return None


class Operations:
    """The operations on one server.

    Attributes:
        url: of the server, as it was given.
        connection: arguments of an httpx client that talks to it.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        """Check the address; nothing is sent.

        Raises:
            UsageError: not the URL of a server, or a token that no request can carry.
        """
        if not isinstance(url, str):
            raise UsageError(f"url must be text, as http://127.0.0.1:8000, not {url!r}")
        if not isinstance(token, str | None) or (token and not (token.isascii() and token.isprintable())):
            raise UsageError("token must be text of printable ASCII")
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018  raises where it is no number
        except ValueError as error:
            raise UsageError(f"{url!r} is not the address of a server: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or "@" in parts.netloc:
            raise UsageError(f"{url!r} is not the address of a server, as http://127.0.0.1:8000")
        self.url = url
        self._routes = "" if _OF_ONE in parts.path else "v1/"
        secret = {} if token is None else {"Authorization": f"Bearer {token}"}
        self.connection: dict[str, Any] = {
            "base_url": url,
            "headers": {"Accept": "application/json", **secret},
            # Nobody is to be trusted if the address is unencrypted: reading the authorities takes 30 ms.
            "verify": parts.scheme == "https" or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            "timeout": _SECONDS,
            "trust_env": False,  # whatever proxy it names: most servers are this machine or near it
        }

    def ask(self, picture: Source, k: int, wanted: Wanted) -> Operation[Answer]:
        """Search by a picture."""
        fields: Fields = {"k": str(k), **fields_of(wanted)}
        found = yield from self._json(Asked("POST", f"{self._routes}search", form_of(picture, fields)))
        yield Found(self._read(_answer, found))

    def ask_many(
        self, pictures: Iterable[Source], k: int, wanted: Wanted
    ) -> Operation[Answer | LookalikeError]:
        """Search by many pictures."""
        return self._by_lines(f"{self._routes}search", pictures, {"k": str(k), **fields_of(wanted)}, _answer)

    def check(self, picture: Source, *, keep: bool) -> Operation[CheckAnswer]:
        """Hold a picture against the banks; with ``keep``, let what they report wait for review."""
        form = form_of(picture, {"keep": "true"} if keep else {}, named=keep)
        found = yield from self._json(Asked("POST", f"{self._routes}check", form))
        yield Found(self._read(CheckAnswer.of_facts, found))

    def check_many(self, pictures: Iterable[Source]) -> Operation[CheckAnswer | LookalikeError]:
        """Hold many pictures against the banks."""
        return self._by_lines(f"{self._routes}check", pictures, {}, CheckAnswer.of_facts)

    def images(self, filters: Filters) -> Operation[ListedImage]:
        """List the images, page after page."""
        query: Fields = {**query_of(filters), "limit": str(_LISTED)}
        while True:
            page = yield from self._json(Asked("GET", f"{self._routes}images", {"params": query}))
            for listed in self._read(_page, page):
                yield Found(listed)
            if page.get("next") is None:
                return
            query["cursor"] = str(page["next"])

    def closed(self) -> UsageError:
        """The error of a client that is closed."""
        return UsageError(f"this client of {self.url} is closed; make another")

    def unreachable(self, error: httpx.HTTPError) -> NotFoundError:
        """The error of a server that does not answer."""
        reason = re.sub(r"^\[Errno -?\d+\] ", "", str(error)) or type(error).__name__
        return NotFoundError(f"the server at {self.url} cannot be reached: {reason}")

    def _by_lines(
        self,
        path: str,
        pictures: Iterable[Source],
        fields: Fields,
        read: Callable[[Mapping[str, Any]], Result],
    ) -> Operation[Result | LookalikeError]:
        """Ask about many pictures, up to 64 in one request; one that is unusable does not stop the others."""
        lines = list[bytes | ImageError]()
        for picture in pictures:
            lines.append(line_of(picture, fields))
            if len(lines) >= _LINES or sum(len(line) for line in lines if isinstance(line, bytes)) > _BYTES:
                yield from self._answers(path, lines, read)
                lines = []
        yield from self._answers(path, lines, read)

    def _answers(
        self, path: str, lines: list[bytes | ImageError], read: Callable[[Mapping[str, Any]], Result]
    ) -> Operation[Result | LookalikeError]:
        """What the server says to some lines; an error among them is passed on in its place."""
        content = b"\n".join(line for line in lines if isinstance(line, bytes))
        answers = iter(())
        if content:
            headers = {"Content-Type": "application/x-ndjson"}
            asked = Asked("POST", path, {"content": content, "headers": headers})
            answers = iter((yield from self._answered(asked)).text.splitlines())
        for line in lines:
            yield Found(line if isinstance(line, ImageError) else self._line(next(answers, ""), read))

    def _line(self, line: str, read: Callable[[Mapping[str, Any]], Result]) -> Result | LookalikeError:
        """What a line of an answer says, or the problem that it tells of."""

        def understood(text: str) -> Result | LookalikeError:
            found = json.loads(text)
            problem = found.get("problem")
            return self._refusal(problem["status"], problem) if problem else read(found)

        return self._read(understood, line)

    def _json(self, asked: Asked) -> _Answered:
        """Ask for a JSON object."""
        return self._object((yield from self._answered(asked)))

    def _answered(self, asked: Asked) -> _Answered:
        """The server's answer if it is no problem; it is asked again if it is busy."""
        for tries in range(_TRIES):
            answer: httpx.Response = yield asked
            wait = answer.headers.get("Retry-After", "")
            if answer.status_code not in _NOT_NOW or not wait.isdigit():
                break
            if tries < _TRIES - 1:
                yield Wait(min(int(wait), _LONGEST_WAIT))
        if answer.status_code != HTTPStatus.OK:
            raise self._refusal(answer.status_code, self._object(answer))
        return answer

    def _object(self, answer: httpx.Response) -> dict[str, Any]:
        found = self._read(httpx.Response.json, answer)
        if not isinstance(found, dict):
            raise self._strange()
        return found

    def _read(self, read: Callable[[Any], Result], what: Any) -> Result:
        """Understand a part of an answer.

        Raises:
            UsageError: it is not what a server of this program says.
        """
        try:
            return read(what)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._strange() from error

    def _refusal(self, status: int, problem: dict[str, Any]) -> LookalikeError:
        """The error behind a problem that the server described."""
        kind = str(problem.get("type", "")).rpartition(":")[2]
        detail = str(problem.get("detail") or problem.get("title") or "it does not say why")
        if status == HTTPStatus.UNAUTHORIZED:
            detail += " (give it by --token FILE or LOOKALIKE_TOKEN, in Python as token)"
        error = error_of(kind) or UsageError
        return error(f"the server at {self.url} answered {status}: {detail}")

    def _strange(self) -> UsageError:
        return UsageError(f"what answers at {self.url} is no server of this program")


def _answer(facts: Mapping[str, Any]) -> Answer:
    """The answer to a search that a server described."""
    return Answer(
        [Match.of_facts(match) for match in facts["matches"]],
        int(facts["images"]),
        float(facts["fpr"]),
        float(facts["expected_false"]),
        str(facts["remark"]),
    )


def _page(facts: Mapping[str, Any]) -> list[ListedImage]:
    """The images on a page of a list."""
    return [
        ListedImage(
            image_id=int(one["image_id"]),
            sha256=bytes.fromhex(one["sha256"]),
            format=str(one["format"]),
            width=int(one["width"]),
            height=int(one["height"]),
            paths=tuple(map(Path, one["paths"])),
            bytes=None if one["bytes"] is None else int(one["bytes"]),
            modified=None if one["modified"] is None else datetime.fromisoformat(one["modified"]),
            annotation=Annotation(str(one["name"]), dict(one["metadata"]), tuple(map(str, one["tags"]))),
        )
        for one in facts["images"]
    ]
