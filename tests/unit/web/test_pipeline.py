from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial

import numpy as np
import pytest
from PIL import Image

import hostile
from lookalike.collection.queries import Panel, Query
from lookalike.embed import ModelCard
from lookalike.errors import Busy, UnreadableImage
from lookalike.images import Limits
from lookalike.images.decoders import SPARE
from lookalike.kernels.arrays import Vectors
from lookalike.sight import Box
from lookalike.web.admission import PATIENCE, Patience
from lookalike.web.pipeline import Pipeline
from waiting import HANG_GUARD

_PATIENT = Limits(pixels=10**10, decode_seconds=HANG_GUARD)
COLOURS = [(value, 255 - value, 7) for value in range(40)]


class Averaging:
    """An embedder that gives a picture's mean colour."""

    def __init__(self) -> None:
        self.card = ModelCard("averaging", "mean colour", "public domain", 3, 8, 0.1, 4)
        self.fingerprint = "ab" * 16

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        return np.array([np.asarray(image).mean(axis=(0, 1)) for image in images], np.float32)


def embedding(embedder: Averaging, open_image: Callable[[], Image.Image]) -> Callable[[], Vectors]:
    """Work for a thread."""
    return lambda: embedder.embed([open_image()])[0]


def plain(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (4, 4), colour)


@pytest.mark.parametrize("threads", [1, 3])
def test_everyone_gets_the_vector_of_their_own_picture(threads: int) -> None:
    async def all_at_once(pipeline: Pipeline) -> list[Vectors]:
        opening = [lambda colour=colour: plain(colour) for colour in COLOURS]
        return await asyncio.gather(*(pipeline.decode(embedding(Averaging(), each)) for each in opening))

    with closing(Pipeline(threads)) as pipeline:
        vectors = asyncio.run(all_at_once(pipeline))
    np.testing.assert_array_equal(vectors, np.array(COLOURS, np.float32))


def test_what_fails_harms_nobody_else() -> None:
    class Failing(Averaging):
        def embed(self, images: Sequence[Image.Image]) -> Vectors:
            raise RuntimeError("out of memory")

    def bad() -> Image.Image:
        raise UnreadableImage("no picture")

    async def mixed(pipeline: Pipeline) -> list[Vectors | BaseException]:
        asked = [
            (Averaging(), bad),
            (Failing(), lambda: plain((1, 2, 3))),
            (Averaging(), lambda: plain((4, 5, 6))),
        ]
        return await asyncio.gather(
            *(pipeline.decode(embedding(*each)) for each in asked), return_exceptions=True
        )

    with closing(Pipeline(1)) as pipeline:
        unread, failed, found = asyncio.run(mixed(pipeline))
    assert isinstance(unread, UnreadableImage)
    assert isinstance(failed, RuntimeError)
    np.testing.assert_array_equal(np.asarray(found), [4, 5, 6])


def test_callers_that_go_away_are_dropped() -> None:
    threads = 1 + SPARE
    started, go_on, opened = threading.Barrier(threads + 1), threading.Event(), []

    def first() -> Image.Image:
        started.wait(HANG_GUARD)
        assert go_on.wait(HANG_GUARD)
        return plain((1, 2, 3))

    def later() -> Image.Image:
        opened.append(1)
        return plain((9, 9, 9))

    async def leave(pipeline: Pipeline) -> list[Vectors]:
        kept = [asyncio.create_task(pipeline.decode(embedding(Averaging(), first))) for _ in range(threads)]
        left = [asyncio.create_task(pipeline.decode(embedding(Averaging(), later))) for _ in range(5)]
        await asyncio.to_thread(started.wait, HANG_GUARD)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        go_on.set()
        return await asyncio.gather(*kept)

    with closing(Pipeline(1)) as pipeline:
        np.testing.assert_array_equal(asyncio.run(leave(pipeline)), [[1, 2, 3]] * threads)
    assert opened == []


def test_closing_ends_every_thread() -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        with closing(Pipeline(2)) as pipeline:
            asyncio.run(pipeline.decode(embedding(Averaging(), lambda: plain((1, 2, 3)))))
    assert set(threading.enumerate()) <= before


def test_there_is_a_thread_for_each_core_and_searches_have_their_own() -> None:
    pictures, searches = (threading.Barrier(2, timeout=HANG_GUARD) for _ in range(2))

    async def meet(pipeline: Pipeline) -> list[int]:
        return await asyncio.gather(
            *(pipeline.compute(pictures.wait) for _ in range(2)),
            *(pipeline.search(searches.wait) for _ in range(2)),
        )

    with closing(Pipeline(2)) as pipeline:
        assert sorted(asyncio.run(meet(pipeline))) == [0, 0, 1, 1]


@pytest.mark.parametrize("kind", ["decode", "compute"])
def test_no_search_waits_for_a_picture(kind: str) -> None:
    searched = threading.Event()

    async def both(pipeline: Pipeline) -> list[bool]:
        work = [getattr(pipeline, kind)(lambda: searched.wait(HANG_GUARD)) for _ in range(1 + SPARE)]
        pictures = asyncio.gather(*work)
        await pipeline.search(searched.set)
        return await pictures

    with closing(Pipeline(1)) as pipeline:
        assert asyncio.run(both(pipeline)) == [True] * (1 + SPARE)


def test_no_search_waits_for_collages() -> None:
    picture = Query(np.zeros(3, np.float32))
    framed, collage = (
        picture._replace(panels=(Panel(Box(0.0, 0.0, 0.5, 0.5), picture),) * panels) for panels in (2, 9)
    )
    searched = threading.Event()

    async def all_of_them(pipeline: Pipeline) -> list[bool]:
        waiting = asyncio.gather(
            *(pipeline.search_for(collage, lambda: searched.wait(HANG_GUARD)) for _ in range(3))
        )
        await pipeline.search_for(framed, lambda: None)
        await pipeline.search_for(picture, searched.set)
        return await waiting

    with closing(Pipeline(1)) as pipeline:
        assert asyncio.run(all_of_them(pipeline)) == [True] * 3


def test_pictures_that_take_long_leave_places_for_others() -> None:
    """Four of them may wait on a machine of one core, and a fifth picture is embedded all the same."""
    done = threading.Event()

    async def all_of_them(pipeline: Pipeline) -> Vectors:
        slow = [asyncio.create_task(pipeline.decode(lambda: done.wait(HANG_GUARD))) for _ in range(SPARE)]
        vector = await pipeline.decode(embedding(Averaging(), lambda: plain((4, 5, 6))))
        done.set()
        assert await asyncio.gather(*slow) == [True] * SPARE
        return vector

    with closing(Pipeline(1)) as pipeline:
        np.testing.assert_array_equal(asyncio.run(all_of_them(pipeline)), [4, 5, 6])


def test_no_small_picture_waits_for_large_ones() -> None:
    """More large ones than there are processes; each of them takes longer than this test waits."""
    photo, bomb = hostile.encoded(hostile.photo(640, 480), "JPEG"), hostile.png_bomb()

    async def both(pipeline: Pipeline) -> list[BaseException | Image.Image]:
        def decoded(data: bytes) -> Image.Image:
            return pipeline.decoders.decode(data, limits=_PATIENT).image

        large = [asyncio.create_task(pipeline.decode(partial(decoded, bomb))) for _ in range(3 + SPARE)]
        await asyncio.sleep(0.1)
        sizes = [(await pipeline.decode(partial(decoded, photo))).size for _ in range(5)]
        assert sizes == [(640, 480)] * 5
        assert not any(each.done() for each in large)
        await asyncio.to_thread(pipeline.close)
        return await asyncio.gather(*large, return_exceptions=True)

    assert all(isinstance(each, Busy) for each in asyncio.run(both(Pipeline(1))))


def test_closing_ends_what_is_decoded() -> None:
    begun = threading.Event()

    async def close_meanwhile(pipeline: Pipeline) -> BaseException:
        def slow() -> Image.Image:
            begun.set()
            return pipeline.decoders.decode(hostile.png_bomb(), limits=_PATIENT).image

        waiting = asyncio.create_task(pipeline.decode(slow))
        await asyncio.to_thread(begun.wait, HANG_GUARD)
        await asyncio.to_thread(pipeline.close)
        (outcome,) = await asyncio.gather(waiting, return_exceptions=True)
        return outcome

    assert isinstance(asyncio.run(close_meanwhile(Pipeline(1))), Busy)


def test_work_that_is_not_worth_it_any_more_is_not_begun() -> None:
    begun: list[int] = []

    async def late(pipeline: Pipeline) -> None:
        PATIENCE.set(Patience(-1))
        for run in (pipeline.decode, pipeline.compute, pipeline.search, pipeline.fetch):
            with pytest.raises(Busy):
                await run(lambda: begun.append(1))
        PATIENCE.set(Patience(HANG_GUARD))
        await pipeline.search(lambda: begun.append(2))

    with closing(Pipeline(1)) as pipeline:
        asyncio.run(late(pipeline))
    assert begun == [2]
