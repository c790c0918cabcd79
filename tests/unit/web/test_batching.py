from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

from lookalike.embed import ModelCard
from lookalike.errors import UnreadableImage
from lookalike.kernels.arrays import Vectors
from lookalike.web.batching import Pipeline

COLOURS = [(value, 255 - value, 7) for value in range(40)]


class Averaging:
    """An embedder that gives a picture's mean colour, and writes down how many it took at a time."""

    def __init__(self, seconds: float = 0.01) -> None:
        self.batches: list[int] = []
        self._seconds = seconds
        self.card = ModelCard("averaging", "mean colour", "public domain", 3, 8, 0.1, 4)
        self.fingerprint = "ab" * 16

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        self.batches.append(len(images))
        time.sleep(self._seconds)
        return np.array([np.asarray(image).mean(axis=(0, 1)) for image in images], np.float32)


def plain(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (4, 4), colour)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_everyone_gets_the_vector_of_their_own_picture(threads: int) -> None:
    embedder = Averaging()

    async def all_at_once(pipeline: Pipeline) -> list[Vectors]:
        return await asyncio.gather(
            *(pipeline.embed(embedder, lambda colour=colour: plain(colour)) for colour in COLOURS)
        )

    with closing(Pipeline(threads)) as pipeline:
        vectors = asyncio.run(all_at_once(pipeline))
    np.testing.assert_array_equal(vectors, np.array(COLOURS, np.float32))
    assert sum(embedder.batches) == len(COLOURS)
    assert max(embedder.batches) <= 8
    assert len(embedder.batches) < len(COLOURS)  # some went together


def test_a_lone_picture_waits_for_nobody() -> None:
    embedder = Averaging(0)

    async def one_by_one(pipeline: Pipeline) -> None:
        for colour in COLOURS:
            await pipeline.embed(embedder, lambda colour=colour: plain(colour))

    with closing(Pipeline(2)) as pipeline:
        asyncio.run(one_by_one(pipeline))
    assert embedder.batches == [1] * len(COLOURS)


def test_a_picture_that_cannot_be_opened_harms_nobody_else() -> None:
    embedder = Averaging()

    def bad() -> Image.Image:
        raise UnreadableImage("no picture")

    async def mixed(pipeline: Pipeline) -> list[Vectors | BaseException]:
        opening = [
            bad if place % 3 == 0 else lambda c=colour: plain(c) for place, colour in enumerate(COLOURS)
        ]
        return await asyncio.gather(
            *(pipeline.embed(embedder, open_image) for open_image in opening), return_exceptions=True
        )

    with closing(Pipeline(2)) as pipeline:
        found = asyncio.run(mixed(pipeline))
    for place, (colour, each) in enumerate(zip(COLOURS, found, strict=True)):
        if place % 3 == 0:
            assert isinstance(each, UnreadableImage)
        else:
            np.testing.assert_array_equal(np.asarray(each), np.array(colour, np.float32))


def test_a_failing_network_fails_those_who_asked_it() -> None:
    class Failing(Averaging):
        def embed(self, images: Sequence[Image.Image]) -> Vectors:
            raise RuntimeError("out of memory")

    good = Averaging()

    async def both(pipeline: Pipeline) -> list[Vectors | BaseException]:
        return await asyncio.gather(
            *(
                pipeline.embed(embedder, lambda: plain((1, 2, 3)))
                for embedder in (Failing(), good, Failing(), good)
            ),
            return_exceptions=True,
        )

    with closing(Pipeline(1)) as pipeline:
        found = asyncio.run(both(pipeline))
    assert [isinstance(each, RuntimeError) for each in found] == [True, False, True, False]


def test_callers_that_go_away_are_dropped() -> None:
    embedder = Averaging(0.05)

    async def leave(pipeline: Pipeline) -> Vectors:
        tasks = [asyncio.create_task(pipeline.embed(embedder, lambda: plain((9, 9, 9)))) for _ in range(30)]
        await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return await pipeline.embed(embedder, lambda: plain((1, 2, 3)))

    with closing(Pipeline(1)) as pipeline:
        np.testing.assert_array_equal(asyncio.run(leave(pipeline)), [1, 2, 3])
    assert sum(embedder.batches) < 31


def test_closing_ends_every_thread() -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        with closing(Pipeline(2)) as pipeline:
            asyncio.run(pipeline.embed(Averaging(0), lambda: plain((1, 2, 3))))
    assert set(threading.enumerate()) <= before


def test_searches_run_side_by_side_in_their_own_threads() -> None:
    meeting = threading.Barrier(2, timeout=20)

    async def meet(pipeline: Pipeline) -> list[int]:
        return await asyncio.gather(pipeline.search(meeting.wait), pipeline.search(meeting.wait))

    with closing(Pipeline(2)) as pipeline:
        assert sorted(asyncio.run(meet(pipeline))) == [0, 1]
