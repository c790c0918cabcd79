"""Inference for many requests: pictures that wait at the same time go through the network together."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from PIL import Image

from lookalike.embed import Embedder
from lookalike.kernels.arrays import Vectors

Result = TypeVar("Result")

_MOST = 8  # pictures; measured: more run no faster on one core
_PATIENCE = 0.002  # seconds to wait for pictures that are being decoded
_FETCHES = 8  # URLs at a time; they wait for others' servers, not for a core


@dataclass(slots=True)
class _Waiting:
    embedder: Embedder
    image: Image.Image
    vector: Future[Vectors] = field(default_factory=Future)


class Pipeline:
    """The threads of one process that work on pictures: some decode, some embed, some search.

    There are as many of each kind as cores. Between decoding and embedding pictures queue up, and a thread
    takes its share of those that wait, as one batch.
    """

    def __init__(self, threads: int) -> None:
        """Start the threads."""
        self._decoders = ThreadPoolExecutor(threads, "decode")
        self._searchers = ThreadPoolExecutor(threads, "search")
        self._fetchers = ThreadPoolExecutor(_FETCHES, "fetch")
        self._queue: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._decoding = 0  # pictures that will join the queue soon
        self._idle = 0
        self._closed = False
        self._embedders = [threading.Thread(target=self._work, name="embed") for _ in range(threads)]
        for thread in self._embedders:
            thread.start()

    async def embed(self, embedder: Embedder, open_image: Callable[[], Image.Image]) -> Vectors:
        """Embed a picture.

        Args:
            embedder: the network.
            open_image: gives the picture; called on another thread.

        Returns:
            (dim,) float32.

        Raises:
            Exception: whatever ``open_image`` raises.
        """
        with self._changed:
            self._decoding += 1

        def decode() -> Future[Vectors]:
            waiting = None
            try:
                waiting = _Waiting(embedder, open_image())
                return waiting.vector
            finally:
                with self._changed:
                    self._decoding -= 1
                    if waiting is not None:
                        self._queue.append(waiting)
                    self._changed.notify()

        # Shielded: a caller that goes away must not leave the count of what is being decoded wrong.
        embedded = await asyncio.shield(asyncio.wrap_future(self._decoders.submit(decode)))
        return await asyncio.wrap_future(embedded)

    async def search(self, work: Callable[[], Result]) -> Result:
        """Run what searches, or is as short, on another thread."""
        return await asyncio.wrap_future(self._searchers.submit(work))

    async def decode(self, work: Callable[[], Result]) -> Result:
        """Run what decodes a picture, but does not embed it, on another thread."""
        return await asyncio.wrap_future(self._decoders.submit(work))

    async def fetch(self, work: Callable[[], Result]) -> Result:
        """Run what waits for another server on another thread."""
        return await asyncio.wrap_future(self._fetchers.submit(work))

    def close(self) -> None:
        """Let the threads finish what waits, and end them."""
        self._decoders.shutdown()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._embedders:
            thread.join()
        self._searchers.shutdown()
        self._fetchers.shutdown(wait=False, cancel_futures=True)

    def _work(self) -> None:
        while batch := self._next():
            try:
                vectors = batch[0].embedder.embed([waiting.image for waiting in batch])
            except BaseException as error:  # noqa: BLE001  it belongs to those who wait
                for waiting in batch:
                    waiting.vector.set_exception(error)
            else:
                for waiting, vector in zip(batch, vectors, strict=True):
                    waiting.vector.set_result(vector)

    def _next(self) -> list[_Waiting]:
        """A share of what waits, all for one embedder; empty when all is done and the pipeline is closed."""
        with self._changed:
            self._idle += 1
            try:
                while self._queue or not self._closed:
                    self._changed.wait_for(lambda: self._queue or self._closed)
                    self._changed.wait_for(lambda: len(self._queue) >= _MOST or not self._decoding, _PATIENCE)
                    if batch := self._share():
                        return batch
                return []
            finally:
                self._idle -= 1
                if self._queue:
                    self._changed.notify()

    def _share(self) -> list[_Waiting]:
        """What one of the idle threads should take; those whose callers have gone away are dropped."""
        share = min(_MOST, -(-len(self._queue) // self._idle))
        batch: list[_Waiting] = []
        while self._queue and len(batch) < share:
            if batch and self._queue[0].embedder is not batch[0].embedder:
                break
            waiting = self._queue.popleft()
            if waiting.vector.set_running_or_notify_cancel():
                batch.append(waiting)
        return batch
