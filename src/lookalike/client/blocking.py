"""A client that searches a collection on another machine, or in another process, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
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
        self._operations = Operations(url, token)
        self._http = httpx.Client(**self._operations.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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
        return self._one(self._operations.ask(picture, k, wanted))

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
        return self._each(self._operations.ask_many(pictures, k, wanted))

    def check(self, picture: Source, *, keep: bool = False) -> CheckAnswer:
        """Hold a picture against all enabled banks of the server.

        Args:
            picture: as for ``search``.
            keep: whether the picture waits for review if a bank reports it. If it is a file, the server then
                gets its path too, and shows it to reviewers.

        Returns:
            What ``Banks.check`` returns, or with ``keep``, what ``Review.check`` does.

        Raises:
            ImageError: the picture cannot be read, here or there.
            NotFoundError: the server cannot be reached.
            UsageError: no bank is enabled; and as for ``search``.
            Busy: the server has too much to do.
        """
        return self._one(self._operations.check(picture, keep=keep))

    def check_many(self, pictures: Iterable[Source]) -> Iterator[CheckAnswer | LookalikeError]:
        """The same of many pictures, in order, or the error that ``check`` would raise about one."""
        return self._each(self._operations.check_many(pictures))

    def images(self, **filters: Unpack[Filters]) -> Iterator[ListedImage]:
        """List the server's images by id, asking for 1,000 at a time.

        Args:
            **filters: ``folder`` (of the server's machine), ``since`` and ``until`` (when a file was last
                changed), ``min_bytes``, ``max_bytes``, ``format``, ``tag`` and ``meta``: see ``Filters``.

        Raises:
            UsageError: the server does not take what was asked.
            NotFoundError: the server cannot be reached.
        """
        return self._each(self._operations.images(filters))

    def close(self) -> None:
        """Close the connections to the server."""
        self._http.close()

    def _one(self, operation: Operation[Result]) -> Result:
        return next(self._each(operation))

    def _each(self, operation: Operation[Result]) -> Iterator[Result]:
        """What an operation finds, as it sends and receives."""
        if self._http.is_closed:  # said first: a picture may take long to be read
            raise self._operations.closed()
        answer = None
        while (step := advance(operation, answer)) is not None:
            answer = None
            if isinstance(step, Asked):
                answer = self._send(step)
            elif isinstance(step, Wait):
                time.sleep(step.seconds)
            else:
                yield step.value

    def _send(self, asked: Asked) -> httpx.Response:
        if self._http.is_closed:
            raise self._operations.closed()
        try:
            return self._http.request(asked.method, asked.path, **asked.given)
        except httpx.HTTPError as error:
            raise self._operations.unreachable(error) from error
