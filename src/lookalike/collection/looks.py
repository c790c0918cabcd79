"""Second looks at images of the collection: by their small pictures, or by their files."""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from cachetools import LRUCache
from PIL import Image

from lookalike import sight
from lookalike.collection.originals import original
from lookalike.errors import Busy, ImageError, NotFoundError, StorageError
from lookalike.images import Decoded, Limits, decode
from lookalike.sight import SMALL_SIDE, Box, Evidence, decode_small, encode_small, reduced

if TYPE_CHECKING:  # ``queries``, with which a search begins, needs no catalog yet
    from lookalike.store import Catalog, ImageFacts, Recorder

_KEPT = 120 << 20
"""Bytes of images that are kept in memory as the second look sees them: 200 KB each at most."""

_FINE_KEPT = 24 << 20
"""Bytes of images that are kept as the close look sees them: at most 1.5 MB each."""

ENOUGH_FOR_FINE = 512
"""Pixels on the shorter side from which a file is decoded for the close look. A decoder leaves twice as many
if there are, so that the longer side has 1,024."""

Seen = TypeVar("Seen")


class Looks:
    """Holds images of a collection against each other, and against other pictures; safe in many threads.

    What it keeps in memory goes by content, so that a catalog may be replaced by another one meanwhile.

    Attributes:
        decode: decodes the files of images, as ``images.decode``, which it is unless another is put here. A
            server puts its pool of decoders here: what is stored may be as hostile as what comes in.
    """

    def __init__(self, catalog: Catalog, recorder: Recorder, limits: Limits, *, keep: bool = True) -> None:
        """Look at nothing yet.

        Args:
            catalog: has the small pictures.
            recorder: of the same catalog.
            limits: what the file of an image may cost.
            keep: whether the small picture that is made of such a file is kept in the catalog.
        """
        self.decode: Callable[..., Decoded] = decode
        self._catalog, self._recorder, self._limits, self._keep = catalog, recorder, limits, keep
        self._sights: LRUCache[bytes, sight.Sight] = LRUCache(_KEPT, lambda seen: seen.bytes_at_most)
        self._fine: LRUCache[bytes, sight.Fine] = LRUCache(_FINE_KEPT, lambda seen: seen.nbytes)
        self._lock = threading.Lock()

    def sight_of(self, image_id: int) -> sight.Sight | None:
        """An image as the second look sees it; None if neither a small picture nor its file is there."""
        data = self._catalog.small_of(image_id)
        if data is not None:
            key = hashlib.blake2b(data, digest_size=16).digest()
            with suppress(ImageError):  # damaged: the file is looked at instead
                return self._remembered(self._sights, key, lambda: sight.Sight(decode_small(data)))
        try:
            image = self._catalog.image(image_id)
            return self._remembered(self._sights, image.sha256, lambda: self._from_file(image))
        except (ImageError, NotFoundError):
            return None

    def panel_of(self, image_id: int, box: Box) -> sight.Sight | None:
        """A panel of an image as the second look sees it, by its small picture; None if that is not there."""
        data = self._catalog.small_of(image_id)
        if data is None:
            return None
        key = hashlib.blake2b(data + repr(box).encode(), digest_size=16).digest()
        try:
            return self._remembered(self._sights, key, lambda: sight.Sight(box.cut_out(decode_small(data))))
        except ImageError:
            return None

    def panels_in_file(
        self, image: ImageFacts, boxes: Sequence[Box], at_least: int = ENOUGH_FOR_FINE
    ) -> list[Image.Image] | None:
        """Panels of an image, cut out of its file; None if that is gone or holds other bytes.

        Args:
            image: what is known of the image.
            boxes: where its panels lie; at least one.
            at_least: pixels on the shorter side of each panel that are enough, if the file has them.
        """
        share = min(min(box.right - box.left, box.bottom - box.top) for box in boxes)
        whole = self.in_file(image, math.ceil(at_least / share))
        return None if whole is None else [box.cut_out(whole) for box in boxes]

    def in_file(self, image: ImageFacts, at_least: int) -> Image.Image | None:
        """An image by its file; None if that is gone or holds other bytes.

        Args:
            image: what is known of the image.
            at_least: pixels on its shorter side that are enough, if the file has them.
        """
        try:
            data = original(image.paths, image.sha256, self._limits)
            return self.decode(data, limits=self._limits, at_least=at_least).image
        except ImageError:
            return None

    def fine_of(self, image: ImageFacts) -> sight.Fine | None:
        """An image as the close look sees it; None if its file is gone or holds other bytes."""

        def read() -> sight.Fine:
            data = original(image.paths, image.sha256, self._limits)
            return sight.Fine(self.decode(data, limits=self._limits, at_least=ENOUGH_FOR_FINE).image)

        try:
            return self._remembered(self._fine, image.sha256, read)
        except ImageError:
            return None

    def between(self, first: int, second: int, *, frames_only: bool = False) -> Evidence | None:
        """Hold an image, taken for the original, against another one; None as in ``sight_of``.

        Args:
            first: id of the image.
            second: id of the other one.
            frames_only: as for ``sight.look``.
        """
        seen, other = self.sight_of(first), self.sight_of(second)
        return None if seen is None or other is None else sight.look(seen, other, frames_only=frames_only)

    def closely_between(self, first: int, second: int, *, frames_only: bool = False) -> Evidence | None:
        """As ``between``, and by both files if one image passes for the other, uncut."""
        evidence = self.between(first, second, frames_only=frames_only)
        if evidence is None or not evidence.told_by_files:
            return evidence
        try:
            images = [self._catalog.image(image_id) for image_id in (first, second)]
        except NotFoundError:
            return None
        fine = [self.fine_of(image) for image in images]
        evidence = sight.looked_closely(evidence, *fine)
        if not evidence.verified or evidence.whole:
            return evidence
        seen, other = (self.file_sight_of(image) for image in images)
        if seen is None or other is None:
            return evidence
        return sight.looked_closely(sight.look(seen, other, frames_only=frames_only), *fine)

    def file_sight_of(self, image: ImageFacts) -> sight.Sight | None:
        """An image as the second look sees its file, as ``compare`` does; None if that is gone or changed.

        A small picture is a JPEG of 10 KB, in which two photos of one scene may pass for a copy that was
        changed in some places.
        """

        def read() -> sight.Sight:
            data = original(image.paths, image.sha256, self._limits)
            return sight.Sight(reduced(self.decode(data, limits=self._limits, at_least=SMALL_SIDE).image))

        try:
            return self._remembered(self._sights, image.sha256, read)
        except ImageError:
            return None

    def _from_file(self, image: ImageFacts) -> sight.Sight:
        data = original(image.paths, image.sha256, self._limits)
        small = reduced(self.decode(data, limits=self._limits, at_least=SMALL_SIDE).image)
        if self._keep:
            with suppress(StorageError, Busy):  # it can be made again
                self._recorder.keep_small(image.image_id, encode_small(small))
        return sight.Sight(small)

    def _remembered(self, memory: LRUCache[bytes, Seen], key: bytes, make: Callable[[], Seen]) -> Seen:
        with self._lock:
            seen = memory.get(key)
        if seen is None:
            seen = make()
            with self._lock:
                memory[key] = seen
        return seen
