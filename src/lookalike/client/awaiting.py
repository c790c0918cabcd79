"""The client for programs that await: the operations of the other one, sent without blocking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Self, TypeVar, Unpack

import httpx

from lookalike.banks.results import CheckAnswer
from lookalike.client.operations import Asked, Operation, Operations, Wait, advance
from lookalike.collection.answers import Answer, Match
from lookalike.collection.pictures import Source
from lookalike.collection.questions import Wanted
from lookalike.errors import LookalikeError
from lookalike.store import Filters, ListedImage

Result = TypeVar("Result")


class AsyncClient:
    """Asks a server that ``lookalike serve`` started, from one event loop.

    Each method takes, gives and raises what that of the same name of ``Client`` does. Pictures are read, and
    answers understood, on threads, so that the loop goes on meanwhile.

    >>> async with AsyncClient("http://127.0.0.1:8000") as pictures:  # doctest: +SKIP
    ...     first, second = await asyncio.gather(pictures.ask("a.jpg"), pictures.ask("b.jpg"))
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
        self._operations = Operations(url, token)
        self._http = httpx.AsyncClient(**self._operations.connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def search(self, picture: Source, k: int = 10, **wanted: Unpack[Wanted]) -> list[Match]:
        """Find the images that are copies of a picture, and those that look most like it."""
        return (await self.ask(picture, k, **wanted)).matches

    async def ask(self, picture: Source, k: int = 10, **wanted: Unpack[Wanted]) -> Answer:
        """The same as ``search``, with the rate of false copies at the collection's size."""
        return await self._one(self._operations.ask(picture, k, wanted))

    def search_many(
        self, pictures: Iterable[Source], k: int = 10, **wanted: Unpack[Wanted]
    ) -> AsyncIterator[Answer | LookalikeError]:
        """Search by many pictures, up to 64 in one request: ``async for answer in …``."""
        return self._each(self._operations.ask_many(pictures, k, wanted))

    async def check(self, picture: Source, *, keep: bool = False) -> CheckAnswer:
        """Hold a picture against the server's enabled banks; with ``keep``, queue it for review."""
        return await self._one(self._operations.check(picture, keep=keep))

    def check_many(self, pictures: Iterable[Source]) -> AsyncIterator[CheckAnswer | LookalikeError]:
        """The same of many pictures, up to 64 in one request: ``async for answer in …``."""
        return self._each(self._operations.check_many(pictures))

    def images(self, **filters: Unpack[Filters]) -> AsyncIterator[ListedImage]:
        """List the server's images by id: ``async for image in …``."""
        return self._each(self._operations.images(filters))

    async def aclose(self) -> None:
        """Close the connections to the server."""
        await self._http.aclose()

    async def _one(self, operation: Operation[Result]) -> Result:
        async with aclosing(self._each(operation)) as found:
            return await anext(found)

    async def _each(self, operation: Operation[Result]) -> AsyncGenerator[Result]:
        """What an operation finds, as it sends and receives."""
        if self._http.is_closed:
            raise self._operations.closed()
        answer = None
        while (step := await asyncio.to_thread(advance, operation, answer)) is not None:
            answer = None
            if isinstance(step, Asked):
                answer = await self._send(step)
            elif isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
            else:
                yield step.value

    async def _send(self, asked: Asked) -> httpx.Response:
        if self._http.is_closed:
            raise self._operations.closed()
        try:
            return await self._http.request(asked.method, asked.path, **asked.given)
        except httpx.HTTPError as error:
            raise self._operations.unreachable(error) from error
