"""Pictures that came as bytes: embedded as they are, and kept as files in the collection's own folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lookalike.collection.adding import Encoded, Taken, take_in
from lookalike.collection.own_embedder import OwnEmbedder
from lookalike.collection.reports import Upload, unheard
from lookalike.disk import replacing, sync_folder
from lookalike.images.decoders import Decoders
from lookalike.settings import Settings
from lookalike.store import Catalog, FileRecord, FileStamp, ImageFacts, NewImage, Recorder

_UNWANTED = "removed for good before; lookalike remove --undo lets it in again"


class Uploads:
    """The folder of uploaded pictures, each file named by its content; one thread at a time may add."""

    def __init__(self, folder: Path, catalog: Catalog, recorder: Recorder) -> None:
        """Use a folder, which is made when the first picture comes.

        Args:
            folder: where uploaded pictures are kept.
            catalog: says which images there are.
            recorder: of the same catalog.
        """
        self._folder, self._catalog, self._recorder = folder, catalog, recorder

    def add(
        self,
        pictures: Sequence[bytes],
        own: OwnEmbedder,
        settings: Settings,
        decoders: Decoders | None = None,
    ) -> list[Upload]:
        """Embed encoded pictures, keep those that are new, and record them.

        Args:
            pictures: encoded images; what cannot be decoded is refused and not kept.
            own: gives the collection's embedder, if a picture is new.
            settings: limits of an image, and how many threads work.
            decoders: decode them; if None, processes that end with this call do.

        Returns:
            What became of each picture, in their order.

        Raises:
            EmbedderMismatch: the collection has meanwhile moved to another embedder.
        """
        digests = [hashlib.sha256(data).digest() for data in pictures]
        new = {
            sha256: data
            for sha256, data in zip(digests, pictures, strict=True)
            if self._catalog.image_of(sha256) is None
        }
        refused = {sha256: _UNWANTED for sha256 in new if self._catalog.is_unwanted(sha256)}

        def read(sha256: bytes) -> Encoded:
            return Encoded(sha256, new[sha256])

        def record(taken: Taken[bytes]) -> None:
            self._recorder.record([self._keep(new[sha256], image) for sha256, image in taken.new])
            refused.update(taken.refused)

        if new.keys() - refused.keys():
            wanted = list(new.keys() - refused.keys())
            take_in(wanted, read, record, own.claim(), settings, unheard, decoders)
        added = new.keys() - refused.keys()
        uploads = []
        for sha256 in digests:
            uploads.append(self._outcome(sha256, refused.get(sha256, ""), new=sha256 in added))
            added.discard(sha256)  # the same picture again is not new
        return uploads

    def delete(self, image: ImageFacts) -> None:
        """Delete the file that was kept of an image when it was uploaded, if there is one."""
        path = self._place(image.sha256, image.format)
        if path in image.paths:
            with suppress(OSError):  # a file that stays behind is known to nobody
                path.unlink()

    def _outcome(self, sha256: bytes, reason: str, *, new: bool) -> Upload:
        if reason:
            return Upload(None, sha256, reason=reason)
        image_id = self._catalog.image_of(sha256)
        if image_id is None:
            return Upload(None, sha256, reason="removed meanwhile; add it again")
        return Upload(image_id, sha256, new=new)

    def _keep(self, data: bytes, image: NewImage) -> FileRecord:
        """Write a picture's file, whole or not at all, before anything says that it is there."""
        path = self._place(image.sha256, image.format)
        if not self._folder.exists():
            self._folder.mkdir(exist_ok=True)
            sync_folder(self._folder.parent)
        with replacing(path) as file:
            file.write(data)
        status = path.stat()
        return FileRecord(path, path, FileStamp(status.st_size, status.st_mtime_ns), image.sha256, image)

    def _place(self, sha256: bytes, form: str) -> Path:
        """Where a picture is kept: nothing but its content decides the name."""
        return self._folder / f"{sha256.hex()}.{'jpg' if form == 'JPEG' else form.lower()}"
