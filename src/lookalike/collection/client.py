"""A client that searches a collection on another machine, or in another process, over HTTP."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack
from urllib.parse import urlsplit

import httpx
from PIL import Image

from lookalike.collection.pictures import URL_SCHEMES, Source
from lookalike.collection.questions import Wanted
from lookalike.collection.reports import Answer, Match
from lookalike.errors import ImageError, LookalikeError, NotFoundError, UsageError, error_of
from lookalike.images import Limits, read_file
from lookalike.images.given import from_pillow
from lookalike.paths import given
from lookalike.store import Filters, ListedImage

_SECONDS = 60.0  # that the server may stay silent
_TRIES = 3
_LINES, _BYTES = 64, 8 << 20  # searches in one request, and bytes after which no more are added
_LISTED = 1000  # images that are asked for at a time, the most that a server gives
_OF_ONE = "/v1/collections/"
_NOT_NOW = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
_LONGEST_WAIT = 5  # seconds before asking a busy server again


class Client:
    """Asks a server that ``lookalike serve`` started; safe to use from many threads.

    >>> with Client("http://127.0.0.1:8000") as pictures:  # doctest: +SKIP
    ...     pictures.search("beach.jpg")[0].path
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        """Remember where the server is; nothing is sent before ``search``.

        Args:
            url: of the server, as it prints it; or of one of its collections, as
                ``http://127.0.0.1:8000/v1/collections/teapots``.
            token: the server's secret, if it wants one.

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
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self._url, self._routes = url, "" if _OF_ONE in parts.path else "v1/"
        # Asked directly, whatever proxy the environment names: most servers are this machine or near it.
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def search(self, picture: Source, k: int = 10, **wanted: Unpack[Wanted]) -> list[Match]:
        """Find the images that are copies of a picture, and those that look most like it.

        Args:
            picture: a path of this machine, a URL that the server can reach, encoded bytes or a PIL image.
            k: most matches to return; a server gives 100 at most.
            **wanted: as for ``Collection.search``; ``folder`` is one of the server's machine.

        Returns:
            What ``Collection.search`` returns, with the paths of the server's machine. Of the evidence, the
            mask of differences is not sent.

        Raises:
            ImageError: the picture cannot be read, here or there.
            NotFoundError: the collection is empty, or the server cannot be reached.
            UsageError: not a picture, or the server does not take what was asked or wants a token; or this
                client is closed.
            Busy: the server has too much to do.
        """
        return self.ask(picture, k, **wanted).matches

    def ask(self, picture: Source, k: int = 10, **wanted: Unpack[Wanted]) -> Answer:
        """The same as ``search``, with the rate of false copies at the collection's size."""
        self._check_open()  # first: a picture may take long to be read
        form = {"k": str(k), **_form(wanted)}
        files = {}
        if isinstance(picture, str) and picture.lower().startswith(URL_SCHEMES):
            form["url"] = picture
        else:
            files["file"] = _encoded(picture)
        return self._answer(self._ask("POST", f"{self._routes}search", data=form, files=files))

    def search_many(
        self, pictures: Iterable[Source], k: int = 10, **wanted: Unpack[Wanted]
    ) -> Iterator[Answer | LookalikeError]:
        """Search by many pictures, up to 64 in one request.

        Args:
            pictures: as for ``search``; they are read as the answers are asked for.
            k: most matches of each; a server gives 100 at most.
            **wanted: as for ``search``.

        Yields:
            What ``ask`` returns for each picture, in order, or the error that it would raise about that one.

        Raises:
            NotFoundError: the server cannot be reached.
            Busy: it has too much to do.
        """
        fields, lines = {"k": k, **_form(wanted)}, list[bytes | ImageError]()
        for picture in pictures:
            lines.append(_line(picture, fields))
            if len(lines) >= _LINES or sum(len(line) for line in lines if isinstance(line, bytes)) > _BYTES:
                yield from self._answers(lines)
                lines = []
        yield from self._answers(lines)

    def images(self, **filters: Unpack[Filters]) -> Iterator[ListedImage]:
        """List the server's images by id, asking for 1,000 at a time.

        Args:
            **filters: ``folder`` (of the server's machine), ``since`` and ``until`` (when a file was last
                changed), ``min_bytes``, ``max_bytes`` and ``format``: only images with a file that fits all.

        Raises:
            UsageError: the server does not take what was asked.
            NotFoundError: the server cannot be reached.
        """
        query = {name: _filter(name, value) for name, value in filters.items() if value is not None}
        query["limit"] = str(_LISTED)
        while True:
            answer = self._ask("GET", f"{self._routes}images", params=query)
            try:
                yield from map(_listed, answer["images"])
                following = answer["next"]
            except (KeyError, TypeError, ValueError) as error:
                raise self._strange() from error
            if following is None:
                return
            query["cursor"] = str(following)

    def close(self) -> None:
        """Close the connections to the server."""
        self._http.close()

    def _answers(self, lines: list[bytes | ImageError]) -> Iterator[Answer | LookalikeError]:
        """What the server says to some lines; an error among them is passed on in its place."""
        content = b"\n".join(line for line in lines if isinstance(line, bytes))
        answers: Iterator[str] = iter(())
        if content:
            headers = {"Content-Type": "application/x-ndjson"}
            answers = iter(
                self._send(
                    "POST", f"{self._routes}search", content=content, headers=headers
                ).text.splitlines()
            )
        for line in lines:
            if isinstance(line, ImageError):
                yield line
                continue
            try:
                found = json.loads(next(answers))
                problem = found.get("problem")
                yield self._refusal(problem["status"], problem) if problem else self._answer(found)
            except (AttributeError, KeyError, StopIteration, TypeError, ValueError) as error:
                raise self._strange() from error

    def _answer(self, facts: dict[str, Any]) -> Answer:
        """The answer that the server described."""
        try:
            return Answer(
                [Match.of_facts(match) for match in facts["matches"]],
                int(facts["images"]),
                float(facts["fpr"]),
                float(facts["expected_false"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._strange() from error

    def _check_open(self) -> None:
        if self._http.is_closed:
            raise UsageError(f"this client of {self._url} is closed; make another")

    def _ask(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        """The JSON object that the server answers."""
        return self._object(self._send(method, path, **given))

    def _send(self, method: str, path: str, **given: Any) -> httpx.Response:
        """The server's answer if it is no problem; it is asked again if it is busy."""
        self._check_open()
        for tries in range(_TRIES):
            try:
                answer = self._http.request(method, path, **given)
            except httpx.HTTPError as error:
                reason = re.sub(r"^\[Errno -?\d+\] ", "", str(error)) or type(error).__name__
                raise NotFoundError(f"the server at {self._url} cannot be reached: {reason}") from error
            wait = answer.headers.get("Retry-After", "")
            if answer.status_code not in _NOT_NOW or not wait.isdigit():
                break
            if tries < _TRIES - 1:
                time.sleep(min(int(wait), _LONGEST_WAIT))
        if answer.status_code != HTTPStatus.OK:
            raise self._refusal(answer.status_code, self._object(answer))
        return answer

    def _object(self, answer: httpx.Response) -> dict[str, Any]:
        """The JSON object in an answer."""
        try:
            found = answer.json()
        except ValueError as error:
            raise self._strange() from error
        if not isinstance(found, dict):
            raise self._strange()
        return found

    def _refusal(self, status: int, problem: dict[str, Any]) -> LookalikeError:
        """The error behind a problem that the server described."""
        kind = str(problem.get("type", "")).rpartition(":")[2]
        detail = str(problem.get("detail") or problem.get("title") or "it does not say why")
        error = error_of(kind) or UsageError
        return error(f"the server at {self._url} answered {status}: {detail}")

    def _strange(self) -> LookalikeError:
        return UsageError(f"what answers at {self._url} is no server of this program")


def _form(wanted: Wanted) -> dict[str, str]:
    """The fields of a form that say what is wanted.

    Raises:
        TypeError: no search takes one of them.
    """
    form = {}
    for name, value in wanted.items():
        if name not in Wanted.__annotations__:
            raise TypeError(f"search() got an unexpected keyword argument {name!r}")
        if isinstance(value, bool):
            form[name] = str(value).lower()
        elif name == "verdicts" and isinstance(value, Iterable) and not isinstance(value, str):
            form["verdict"] = ",".join(sorted(map(str, value)))
        elif value is not None:
            form["verdict" if name == "verdicts" else name] = str(value)
    return form


def _line(picture: Source, fields: dict[str, Any]) -> bytes | ImageError:
    """A search by a picture as a line of JSON, or why the picture cannot be read."""
    if isinstance(picture, str) and picture.lower().startswith(URL_SCHEMES):
        return json.dumps({**fields, "url": picture}).encode()
    try:
        return json.dumps({**fields, "image": base64.b64encode(_encoded(picture)).decode()}).encode()
    except ImageError as error:
        return error


def _filter(name: str, value: object) -> str:
    """A filter as a query string has it.

    Raises:
        TypeError: no list takes it.
    """
    if name not in Filters.__annotations__:
        raise TypeError(f"images() got an unexpected keyword argument {name!r}")
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _listed(facts: dict[str, Any]) -> ListedImage:
    """An image of a list, as the server described it."""
    return ListedImage(
        image_id=int(facts["image_id"]),
        sha256=bytes.fromhex(facts["sha256"]),
        format=str(facts["format"]),
        width=int(facts["width"]),
        height=int(facts["height"]),
        paths=tuple(map(Path, facts["paths"])),
        bytes=int(facts["bytes"]),
        modified=datetime.fromisoformat(facts["modified"]),
    )


def _encoded(picture: Source) -> bytes:
    """The picture as a file."""
    if isinstance(picture, bytes):
        return picture
    if isinstance(picture, str | Path):
        return read_file(given(picture), Limits())
    if not isinstance(picture, Image.Image):
        raise UsageError(f"cannot search with a {type(picture).__name__}; give a path, URL, bytes or picture")
    file = io.BytesIO()
    from_pillow(picture, Limits()).save(file, "PNG", compress_level=1)
    return file.getvalue()
