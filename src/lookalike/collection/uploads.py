"""Pictures that came as bytes: embedded as they are, and kept as files in the collection's own folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from PIL import Image

from lookalike.collection.adding import Encoded, Taken, take_in
from lookalike.collection.leftovers import MARK, Leftovers, leftovers_in
from lookalike.collection.own_embedder import OwnEmbedder
from lookalike.collection.reports import Upload, unheard
from lookalike.disk import replacing, sync_folder
from lookalike.errors import Busy, StorageError
from lookalike.images.decoders import Decoders
from lookalike.images.given import as_file
from lookalike.paths import shown
from lookalike.settings import Settings
from lookalike.store import (
    Annotation,
    Annotations,
    Catalog,
    Change,
    Database,
    FileRecord,
    FileStamp,
    NewImage,
    Recorder,
)

UPLOADS = "uploads"
"""Name of the folder of uploaded pictures in that of a collection."""

InMemory = bytes | Image.Image
"""A picture that lies in no file of its own: encoded, or as Pillow has it."""

_UNWANTED = "removed for good before; lookalike remove --undo lets it in again"
_REMOVED = "removed meanwhile; add it again"


class Uploads:
    """The folder of uploaded pictures, each file named by its content.

    A file is written, and deleted, inside a transaction of the catalog, so that no thread or process deletes
    the file of a forgotten image while another one keeps the same bytes anew. An empty file beside it marks
    an unfinished upload: it is made before the file, and deleted once the record lasts.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        """Use a folder, which is made when the first picture comes.

        Args:
            folder: where uploaded pictures are kept.
            database: the collection's.
        """
        self._folder, self._database = folder, database
        self._catalog, self._recorder = Catalog(database), Recorder(database)
        self._annotations = Annotations(database)

    def add(
        self,
        pictures: Sequence[InMemory],
        own: OwnEmbedder,
        settings: Settings,
        decoders: Decoders | None = None,
        said: Sequence[Change] = (),
    ) -> list[Upload]:
        """Embed encoded pictures that are new, and keep all that can be used, known ones included.

        Args:
            pictures: encoded images, or Pillow images, of which ``as_file`` makes files. What cannot be
                decoded is refused and not kept.
            own: gives the collection's embedder, if a picture is new.
            settings: limits of an image, and how many threads work.
            decoders: decode them; if None, processes that end with this call do.
            said: of each picture that can be used, in their order; if empty, nothing is said.

        Returns:
            What became of each picture, in their order.

        Raises:
            UsageError: what is said makes no sense; then nothing was added.
            ImageError: a Pillow image cannot be read; then nothing was added.
            EmbedderMismatch: the collection has meanwhile moved to another embedder.
            StorageError: a file cannot be written, as when the disk is full.
        """
        files = [as_file(picture, settings.limits) for picture in pictures]
        digests = [hashlib.sha256(data).digest() for data in files]
        given = dict(zip(digests, files, strict=True))
        changes = dict(zip(digests, said, strict=True)) if said else {}
        for change in said:
            Annotation().changed(change)
        known = {sha256 for sha256 in given if self._catalog.image_of(sha256) is not None}
        outcomes = {
            sha256: Upload(None, sha256, reason=_UNWANTED)
            for sha256 in given.keys() - known
            if self._catalog.is_unwanted(sha256)
        }

        def read(sha256: bytes) -> Encoded:
            return Encoded(sha256, given[sha256])

        def record(taken: Taken[bytes]) -> None:
            new = [(given[sha256], sha256, image) for sha256, image in taken.new]
            outcomes.update(self._keep(new, changes))
            outcomes.update((sha256, Upload(None, sha256, reason=why)) for sha256, why in taken.refused)

        if known:
            outcomes.update(self._keep([(given[sha256], sha256, None) for sha256 in known], changes))
        new = list(given.keys() - outcomes.keys())
        if new:
            take_in(new, read, record, own.claim(), settings, unheard, decoders)
        return in_order(digests, outcomes)

    def delete(self, sha256: bytes, paths: Sequence[Path]) -> None:
        """Delete the file that was kept of a forgotten image, unless the same bytes were uploaded again.

        Args:
            sha256: of the image's bytes.
            paths: where it lay before it was forgotten.
        """
        for path in paths:
            if path.parent == self._folder and path.stem == sha256.hex():
                # A file that stays behind, since somebody else writes for too long, is found by ``verify``.
                with suppress(OSError, Busy, StorageError), self._database.atomic():
                    if self._catalog.stamp(path) is None:
                        path.unlink()

    def leftovers(self) -> Leftovers:
        """What lies in the folder and belongs to no image."""
        return leftovers_in(self._folder, self._catalog)

    def sweep(self, *, wait: bool = True) -> list[str]:
        """Delete what uploads left behind that were killed before they were acknowledged.

        Args:
            wait: for others that write; if false, nothing is deleted while they do.

        Returns:
            A line for each file that was deleted.
        """
        swept: list[str] = []
        if self.leftovers().unfinished:
            with suppress(Busy, StorageError), self._database.atomic(wait=wait):
                for path in self.leftovers().unfinished:
                    with suppress(OSError):
                        path.unlink(missing_ok=True)
                        swept.append(f"deleted {shown(path)}, left by an upload")
        return swept

    def _keep(
        self, pictures: Sequence[tuple[bytes, bytes, NewImage | None]], changes: Mapping[bytes, Change]
    ) -> dict[bytes, Upload]:
        """Keep and record pictures, and what is said of them, in one transaction.

        Args:
            pictures: bytes, their SHA-256, and the image if it is new.
            changes: what is said of them, by SHA-256.

        Returns:
            What became of each, by SHA-256.
        """
        written: list[Path] = []
        try:
            with self._database.atomic():
                try:
                    kept = {
                        sha256: self._kept(data, sha256, image, written) for data, sha256, image in pictures
                    }
                    used = {one for one, upload in kept.items() if upload.image_id is not None}
                    self._annotations.change({one: changes[one] for one in used & changes.keys()})
                except BaseException:
                    for path in written:
                        path.unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise StorageError(f"the picture cannot be kept in {self._folder}: {error.strerror}") from error
        for path in written:
            with suppress(OSError):
                _mark(path).unlink(missing_ok=True)
        return kept

    def _kept(self, data: bytes, sha256: bytes, image: NewImage | None, written: list[Path]) -> Upload:
        """Keep and record a picture inside a transaction, and add a file that was not there to ``written``.

        If the collection keeps vectors, no file is written.
        """
        before = self._catalog.image_of(sha256)
        if before is not None:
            form = self._catalog.image(before).format
        elif self._catalog.is_unwanted(sha256):
            return Upload(None, sha256, reason=_UNWANTED)
        elif image is not None:
            form = image.format
        else:
            return Upload(None, sha256, reason=_REMOVED)
        path = self._folder / f"{sha256.hex()}.{'jpg' if form == 'JPEG' else form.lower()}"
        if self._catalog.keeps() == "vectors":
            self._recorder.record([FileRecord(path, path, FileStamp(len(data), 0), sha256, image)])
        elif before is None or path not in self._catalog.paths_of(before) or not self._is_whole(path):
            self._write(path, data, written)
            self._recorder.record([FileRecord(path, path, _stamp(path), sha256, image)])
        return Upload(self._catalog.image_of(sha256), sha256, new=before is None)

    def _is_whole(self, path: Path) -> bool:
        """Whether a recorded file is as it was recorded."""
        with suppress(OSError):
            return self._catalog.stamp(path) == _stamp(path)
        return False

    def _write(self, path: Path, data: bytes, written: list[Path]) -> None:
        """Write a file whole or not at all, and mark it first if it was not there."""
        if not self._folder.exists():
            self._folder.mkdir(exist_ok=True)
            sync_folder(self._folder.parent)
        if not path.exists():
            written += [path]
            _mark(path).touch()
        with replacing(path) as file:
            file.write(data)


def in_order(digests: Iterable[bytes], outcomes: Mapping[bytes, Upload]) -> list[Upload]:
    """What became of pictures, by their SHA-256; a picture that comes again is not new again."""
    uploads, seen = [], set[bytes]()
    for sha256 in digests:
        uploads.append(replace(outcomes[sha256], new=outcomes[sha256].new and sha256 not in seen))
        seen.add(sha256)
    return uploads


def _mark(path: Path) -> Path:
    return path.with_name(path.name + MARK)


def _stamp(path: Path) -> FileStamp:
    status = path.stat()
    return FileStamp(status.st_size, status.st_mtime_ns)
