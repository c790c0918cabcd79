"""A collection's embedder: loaded once, and looked at again wherever it may have changed."""

from __future__ import annotations

from collections.abc import Iterator

from lookalike.embed import Embedder, load_embedder
from lookalike.errors import EmbedderMismatch
from lookalike.paths import absolute
from lookalike.store import Catalog, Recorder


class OwnEmbedder:
    """Finds the embedder that made a collection's vectors."""

    def __init__(self, catalog: Catalog, recorder: Recorder, model: str) -> None:
        """Nothing is loaded before ``current``.

        Args:
            catalog: names the embedder of the collection once there is one.
            recorder: writes down whose the collection is.
            model: the embedder for a collection that is still empty, as ``load_embedder`` takes it.
        """
        self._catalog, self._recorder, self._model = catalog, recorder, model
        self._loaded: Embedder | None = None

    def current(self) -> Embedder:
        """The collection's embedder; the one for an empty collection while it is empty.

        Raises:
            EmbedderMismatch: the embedder of that name is not the one that made the stored vectors.
        """
        own = self._catalog.embedder()
        name, fingerprint = own or (self._model, None)
        if self._loaded is None or fingerprint not in (None, self._loaded.fingerprint):
            embedder = load_embedder(name)
            if fingerprint not in (None, embedder.fingerprint):
                raise EmbedderMismatch(
                    f"this collection was made by another version of {name!r}; move it to the present one, "
                    f"which reads its pictures again: lookalike reembed --model {name}"
                )
            self._loaded = embedder
        return self._loaded

    def claim(self) -> Embedder:
        """Make the current embedder the collection's own if it has none, so that vectors may be recorded.

        Raises:
            EmbedderMismatch: the collection belongs to another embedder.
        """
        embedder = self.current()
        self._recorder.claim(lasting(self._model), embedder.fingerprint)
        return embedder

    def adopt(self, embedder: Embedder) -> None:
        """Use an embedder that the collection has just moved to, since it is loaded already."""
        self._loaded = embedder

    def attempts(self) -> Iterator[Embedder]:
        """Yield the embedder for an attempt to embed and search, until an attempt ends with the same one.

        Another process may move the collection to another embedder at any time. An attempt during which that
        happens may have compared vectors of two embedders, so its result must be dropped; the loop that draws
        from this iterator overwrites it. There is always a first attempt.
        """
        while True:
            embedder = self.current()
            yield embedder
            if self.current() is embedder:
                return


def lasting(model: str) -> str:
    """A model's name, or the absolute path of its file, which means the same in any working folder."""
    return str(absolute(model)) if model.endswith(".onnx") else model
