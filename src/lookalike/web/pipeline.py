"""The threads of one server process: some wait for decoders, some embed, some search, some fetch by URL.

Work that waited for a thread until its request was not worth it any more (see ``Patience``) is not begun.

Each picture goes through the network by itself: putting up to 8 that wait at the same time through together
saves 3 % of the processor time at most (docs/http.md), too little for three times this code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from lookalike.collection.queries import Query
from lookalike.images.decoders import SPARE, Decoders, large_ones_put_back
from lookalike.images.worker import PutBack
from lookalike.web.admission import PATIENCE

Result = TypeVar("Result")

_LARGE = 2  # large pictures at a time, so that processes are left for all others
_FEW_PANELS = 2  # with more a search takes up to ten times as long as others
_FETCHES = 8  # URLs at a time; they wait for other servers, not for a core


class Pipeline:
    """Hands work from the event loop to threads; what has not begun when its caller goes away is dropped.

    Attributes:
        decoders: decode the pictures that come with requests.
    """

    def __init__(self, threads: int) -> None:
        """Make the pools.

        Args:
            threads: of those that embed, and as many again that search; one of each per core. There are
                more threads that wait for decoders, so that pictures which take long do not hold up others.
        """
        self.decoders = Decoders(threads + SPARE, give_way=True)
        self._decodes = ThreadPoolExecutor(threads + SPARE, "decode")
        self._large = ThreadPoolExecutor(_LARGE, "large")
        self._embeds = ThreadPoolExecutor(threads, "embed")
        self._searches = ThreadPoolExecutor(threads, "search")  # apart, so that no search waits for pictures
        self._collages = ThreadPoolExecutor(1, "collage")  # at a time, so that no search waits for several
        self._fetches = ThreadPoolExecutor(_FETCHES, "fetch")

    async def decode(self, work: Callable[[], Result]) -> Result:
        """Run a function that waits for a decoder, on a thread for that.

        If its picture is large, it is run once more on a thread for such, so that no small picture waits for
        large ones.
        """
        try:
            return await _run(self._decodes, partial(_for_small, work))
        except PutBack:
            return await _run(self._large, work)

    async def compute(self, work: Callable[[], Result]) -> Result:
        """Run a function that keeps a core busy, such as embedding, on a thread for that."""
        return await _run(self._embeds, work)

    async def search(self, work: Callable[[], Result]) -> Result:
        """Run a function that searches or is as short, on a thread for searches."""
        return await _run(self._searches, work, short=True)

    async def search_for(self, query: Query, work: Callable[[], Result]) -> Result:
        """Run the search for a query, on the one thread for collages if it has many panels."""
        threads = self._searches if len(query.panels) <= _FEW_PANELS else self._collages
        return await _run(threads, work, short=True)

    async def fetch(self, work: Callable[[], Result]) -> Result:
        """Run a function that waits for another server, on a thread for fetches."""
        return await _run(self._fetches, work)

    def close(self) -> None:
        """End the decoders at once, let the threads finish what was handed to them, fetches that wait
        excepted, and end them.
        """
        self.decoders.close()
        self._decodes.shutdown()
        self._large.shutdown()
        self._embeds.shutdown()
        self._searches.shutdown()
        self._collages.shutdown()
        self._fetches.shutdown(wait=False, cancel_futures=True)


def _for_small(work: Callable[[], Result]) -> Result:
    with large_ones_put_back():
        return work()


async def _run(threads: Executor, work: Callable[[], Result], *, short: bool = False) -> Result:
    """The outcome of a function on one of some threads.

    Args:
        threads: that run it in its turn.
        work: the function.
        short: whether it is so short that the request's work has hardly begun with it.

    Raises:
        Busy: the request it is for was not worth it any more when its turn came.
    """
    patience = PATIENCE.get()

    def begin() -> Result:
        if patience is not None and short:
            patience.check()
        elif patience is not None:
            patience.begin()
        return work()

    return await asyncio.wrap_future(threads.submit(begin))
