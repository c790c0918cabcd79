"""Second looks at images of the collection: by their small pictures, or by their files."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from cachetools import LRUCache

from lookalike import sight
from lookalike.collection.originals import original
from lookalike.errors import Busy, ImageError, NotFoundError, StorageError
from lookalike.images import Decoded, Limits, decode
from lookalike.sight import SMALL_SIDE, Evidence, decode_small, encode_small, reduced
from lookalike.store import Catalog, Recorder

_KEPT = 512
"""Images whose keypoints are kept in memory: about 230 KB each."""


class Looks:
    """Holds images of a collection against each other, and against other pictures; safe in many threads.

    Attributes:
        decode: decodes the files of images, as ``images.decode``, which it is unless another is put here. A
            server puts its pool of decoders here: what is stored may be as hostile as what comes in.
    """

    def __init__(self, catalog: Catalog, recorder: Recorder, limits: Limits, *, keep: bool = True) -> None:
        """Look at nothing yet.

        Args:
            catalog: has the small pictures.
            recorder: of the same catalog.
            limits: what the file of an image without a small picture may cost.
            keep: whether the small picture that is made of such a file is kept in the catalog.
        """
        self.decode: Callable[..., Decoded] = decode
        self._catalog, self._recorder, self._limits, self._keep = catalog, recorder, limits, keep
        self._seen: LRUCache[int, sight.Sight] = LRUCache(_KEPT)
        self._lock = threading.Lock()

    def sight_of(self, image_id: int) -> sight.Sight | None:
        """An image as the second look sees it; None if neither a small picture nor its file is there."""
        with self._lock:
            seen = self._seen.get(image_id)
        if seen is None:
            seen = self._kept(image_id) or self._from_file(image_id)
            if seen is not None:
                with self._lock:
                    self._seen[image_id] = seen
        return seen

    def at(self, query: sight.Sight, image_id: int) -> Evidence | None:
        """Hold a picture against an image, which is taken for the original; None as in ``sight_of``."""
        seen = self.sight_of(image_id)
        return None if seen is None else sight.look(seen, query)

    def between(self, first: int, second: int) -> Evidence | None:
        """Hold an image, taken for the original, against another one; None as in ``sight_of``."""
        seen = self.sight_of(second)
        return None if seen is None else self.at(seen, first)

    def _kept(self, image_id: int) -> sight.Sight | None:
        data = self._catalog.small_of(image_id)
        if data is None:
            return None
        try:
            return sight.Sight(decode_small(data))
        except ImageError:
            return None  # damaged: the file is looked at instead

    def _from_file(self, image_id: int) -> sight.Sight | None:
        try:
            image = self._catalog.image(image_id)
            data = original(image.paths, image.sha256, self._limits)
            small = reduced(self.decode(data, limits=self._limits, at_least=SMALL_SIDE).image)
        except (ImageError, NotFoundError):
            return None
        if self._keep:
            with suppress(StorageError, Busy):  # it can be made again
                self._recorder.keep_small(image_id, encode_small(small))
        return sight.Sight(small)
