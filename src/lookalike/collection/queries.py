"""Queries: the embedding, bytes and pixels of the picture that is searched for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from lookalike import sight
from lookalike.collection.looks import ENOUGH_FOR_FINE, Looks
from lookalike.collection.originals import original
from lookalike.collection.pictures import Opened, Source, Whole, enough_for, open_source, wholly
from lookalike.embed import Embedder
from lookalike.errors import ImageError
from lookalike.images import Limits
from lookalike.kernels.arrays import Vectors

if TYPE_CHECKING:
    from lookalike.sight import Fine
    from lookalike.store import ImageFacts

_NEAR = 0.98
"""Least cosine of two embeddings of the same pixels: a JPEG is decoded at a reduced size, a PNG is not."""

_LEVELS = 10.0
"""Most that small pictures of the same pixels may differ, on average, in levels of 255: one may be a coarse
JPEG."""

_STRIP = 256  # rows of two large pictures that are compared at a time

_ahead: dict[tuple[str, Limits], tuple[Future[Embedder], Future[Query]]] = {}
"""Pictures that are being embedded before anybody asks, with their embedders; each is given out once."""


class Query(NamedTuple):
    """A picture to compare with others.

    Attributes:
        vector: (dim,) float32 of unit length, by the embedder of those others.
        sight: as the second look sees it; None if there is nothing to look at.
        sha256: of its bytes; None if it has none, or they are not known.
        size: width and height of the upright picture; None if not known.
        whole: decodes it, or raises an ``ImageError``; None if it cannot be had.
        panels: the pictures that it is put together from, if it is a collage and they were looked for.
        remark: why it is only a part of what was given, one line; empty if it is all, or if it is an image of
            the collection.
    """

    vector: Vectors
    sight: sight.Sight | None = None
    sha256: bytes | None = None
    size: tuple[int, int] | None = None
    whole: Whole | None = None
    panels: tuple[Panel, ...] = ()
    remark: str = ""

    def is_identical(self, other: Query) -> bool:
        """Whether both are made of the same bytes or the same pixels.

        Both are decoded at full size only if nothing else tells them apart: size, embedding, small picture.
        Files of several frames or pages are identical only if their bytes are.
        """
        if self.sha256 is not None and self.sha256 == other.sha256:
            return True
        if self.whole is None or other.whole is None or not self._may_be(other):
            return False
        try:
            return _same_pixels(self.whole(), other.whole())
        except ImageError:
            return False

    def fine(self) -> Fine | None:
        """The picture as the close look sees it, decoded anew; None if it cannot be had."""
        if self.whole is None:
            return None
        try:
            return sight.Fine(self.whole(ENOUGH_FOR_FINE))
        except ImageError:
            return None

    def _may_be(self, other: Query) -> bool:
        if self.size is not None and other.size is not None and self.size != other.size:
            return False
        if float(self.vector @ other.vector) < _NEAR:
            return False
        if self.sight is None or other.sight is None:
            return True
        one, two = self.sight.grey, other.sight.grey
        return one.shape == two.shape and float(np.abs(one - two.astype(np.float32)).mean()) <= _LEVELS


@dataclass(frozen=True)
class Panel:
    """A picture that is part of another one.

    Attributes:
        box: where it lies.
        made: cuts it out and embeds it.
    """

    box: sight.Box
    made: Callable[[], Query]

    @cached_property
    def query(self) -> Query:
        """It as a picture of its own, embedded when it is first asked for."""
        return self.made()

    def place_in(self, whole: Query) -> sight.Place | None:
        """Where it lies in the picture that it is part of; None if either cannot be looked at."""
        seen = self.query.sight
        if seen is None or whole.sight is None:
            return None
        return sight.Place(self.box, seen.grey.shape, whole.sight.grey.shape, seen.drawn)


def query_of(source: Source, embedder: Embedder, limits: Limits) -> Query:
    """Open and embed a picture; see ``query_of_opened``.

    Raises:
        ImageError: it cannot be had.
        UsageError: not a picture.
    """
    return query_of_opened(open_source(source, limits, at_least=enough_for(embedder)), embedder)


def query_ahead(path: str, opening: Future[Embedder], limits: Limits) -> None:
    """Begin ``query_for_many`` on another thread, whose next call with the same arguments waits for it.

    Decoder, network and OpenCV let other threads of Python work meanwhile, such as one that imports modules.
    What goes wrong is raised by ``query_for_many``.

    Args:
        path: of the picture, as it will be given.
        opening: the embedder, once it is open.
        limits: what the picture may cost.
    """
    # Imported on this thread: two that import modules of one package can hold each other up.
    _ = sight.Sight, sight.find_panels
    beside = ThreadPoolExecutor(1)
    begun = beside.submit(lambda: _looked_at(path, opening.result(), limits))
    beside.shutdown(wait=False)
    _ahead[path, limits] = opening, begun


def query_for_many(source: Source, embedder: Embedder, limits: Limits) -> Query:
    """Open and embed a picture that will be compared with many images, and find its keypoints meanwhile.

    The network works on another thread, so both together take as long as the longer of them. The keypoints
    will be needed for the first image that is no copy.

    Raises:
        ImageError: it cannot be had.
        UsageError: not a picture.
    """
    if isinstance(source, str) and (source, limits) in _ahead:
        opening, begun = _ahead.pop((source, limits))
        with suppress(Exception):  # it goes wrong again below, where it is told
            if opening.result() is embedder:
                return begun.result()
    return _looked_at(source, embedder, limits)


def _looked_at(source: Source, embedder: Embedder, limits: Limits) -> Query:
    opened = open_source(source, limits, at_least=enough_for(embedder))
    small = sight.reduced(opened.image)
    with ThreadPoolExecutor(1) as beside:
        embedding = beside.submit(embedder.embed, [opened.image])
        seen = sight.Sight(small)
        _ = seen.keypoints
        boxes = sight.find_panels(small)
        vector = embedding.result()[0]
    return _with_panels(_made_of(opened, vector, seen, _panels(opened, boxes, embedder)))


def query_with_panels(opened: Opened, embedder: Embedder) -> Query:
    """Embed a picture that was opened with at least as many pixels as ``enough_for`` says, and its panels."""
    return _with_panels(query_of_opened(opened, embedder))


def query_of_opened(opened: Opened, embedder: Embedder) -> Query:
    """Embed a picture that was opened with at least as many pixels as ``enough_for`` says.

    Its panels are found, and each is embedded when it is first asked for: for two pictures that are the same
    as wholes, none is.
    """
    vector = embedder.embed([opened.image])[0]
    small = sight.reduced(opened.image)
    panels = _panels(opened, sight.find_panels(small), embedder)
    return _made_of(opened, vector, sight.Sight(small), panels)


def _made_of(opened: Opened, vector: Vectors, seen: sight.Sight, panels: tuple[Panel, ...]) -> Query:
    return Query(vector, seen, opened.sha256, opened.size, opened.whole, panels, opened.remark)


def _panels(opened: Opened, boxes: Sequence[sight.Box], embedder: Embedder) -> tuple[Panel, ...]:
    """The panels of a picture, each embedded by itself: beside others, its last digit would vary."""
    return tuple(Panel(box, partial(_panel, opened, box, embedder)) for box in boxes)


def _with_panels(query: Query) -> Query:
    """The query, once its panels are embedded: here and now, not on the thread that asks for them first."""
    for panel in query.panels:
        _ = panel.query
    return query


def _panel(opened: Opened, box: sight.Box, embedder: Embedder) -> Query:
    def whole(at_least: int | None = None) -> Image.Image:
        share = min(box.right - box.left, box.bottom - box.top)
        return box.cut_out(opened.whole(None if at_least is None else math.ceil(at_least / share)))

    image = box.cut_out(opened.image)
    return Query(embedder.embed([image])[0], sight.Sight(image), whole=whole)


def query_of_image(
    image: ImageFacts, looks: Looks, limits: Limits, embedder: Embedder | None = None
) -> Query:
    """An image of the collection, by what the catalog keeps of it and by its file, if that is left.

    Args:
        image: what is known of the image.
        looks: has its small picture.
        limits: what reading its file may cost.
        embedder: embeds its panels, which are found in the file; if None, they are not looked for.
    """

    def whole(at_least: int | None = None) -> Image.Image:
        data = original(image.paths, image.sha256, limits)
        return wholly(looks.decode(data, limits=limits, at_least=at_least), at_least)

    size = image.width, image.height
    query = Query(image.vector, looks.sight_of(image.image_id), image.sha256, size, whole)
    seen = None if embedder is None else looks.in_file(image, enough_for(embedder))
    if embedder is None or seen is None:
        return query
    panels = _panels(Opened(seen, whole), sight.find_panels(seen), embedder)
    return query._replace(panels=panels)


def _same_pixels(first: Image.Image, second: Image.Image) -> bool:
    """Whether two pictures of mode ``RGB`` are the same, strip by strip, so that neither is held twice."""
    width, height = first.size
    return first.size == second.size and all(
        first.crop(strip).tobytes() == second.crop(strip).tobytes()
        for strip in ((0, top, width, min(top + _STRIP, height)) for top in range(0, height, _STRIP))
    )
