"""``verify --repair``: what is damaged in the catalog is read again from the pictures, or forgotten."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lookalike.collection.originals import original
from lookalike.collection.pictures import enough_for
from lookalike.embed import Embedder
from lookalike.errors import ImageError
from lookalike.images import Limits, read_file
from lookalike.images.decoders import Decoders
from lookalike.paths import shown
from lookalike.store import (
    Annotations,
    Catalog,
    Database,
    FileRecord,
    FileStamp,
    NewImage,
    Recorder,
    damaged_files,
    damaged_images,
    damaged_revisions,
    damaged_small,
)


class Repair:
    """Puts right what ``problems_in`` finds in single rows of a catalog; no picture is touched.

    An image whose picture can still be had keeps its id, and with it whatever else is stored of it. Any other
    is forgotten, so that ``add`` takes its files as new ones.
    """

    def __init__(self, database: Database, limits: Limits, embedder: Callable[[], Embedder]) -> None:
        """Repair nothing yet.

        Args:
            database: the catalog's.
            limits: what reading a picture may cost.
            embedder: gives the collection's own; called only if a vector has to be made anew.
        """
        self._database, self._limits, self._embedder = database, limits, embedder
        self._catalog, self._recorder = Catalog(database), Recorder(database)

    def run(self) -> list[str]:
        """Repair everything that can be.

        Returns:
            A line for each thing that was put right or forgotten.
        """
        with Decoders(1) as decoders:
            done = [
                self._image(image_id, reason, decoders)
                for image_id, reason in damaged_images(self._database).items()
            ]
        done += [self._file(path) for path in damaged_files(self._database)]
        small = damaged_small(self._database)
        self._recorder.drop_small(small)
        revisions = damaged_revisions(self._database)
        self._recorder.drop_revisions(revisions)
        done += [f"dropped the damaged change {number} of the catalog" for number in revisions]
        if self._recorder.acknowledge_losses():
            done.append("took note that changes may be missing")
        if said := Annotations(self._database).drop_damaged():
            done.append(f"forgot the damaged metadata and tags of {said} images")
        return done + [f"dropped the damaged small picture of image {image_id}" for image_id in small]

    def _image(self, image_id: int, reason: str, decoders: Decoders) -> str:
        """Read an image again, or forget it; what was done."""
        try:
            self._recorder.mend(image_id, self._read(image_id, decoders))
        except ImageError as error:
            paths = ", ".join(shown(path) for path in self._recorder.forget_image(image_id, wholly=False))
            return f"{reason}; forgotten, since its file cannot be used: {error}; index again: {paths}"
        return f"{reason}; read again from its file"

    def _read(self, image_id: int, decoders: Decoders) -> NewImage:
        """An image as it is read anew from one of its files.

        Raises:
            ImageError: none of them still holds it, or the network has no vector for it.
        """
        embedder = self._embedder()
        sha256 = self._sha256(image_id)
        data = original(self._catalog.paths_of(image_id), sha256, self._limits)
        decoded = decoders.decode(data, limits=self._limits, at_least=enough_for(embedder))
        (vector,) = embedder.embed([decoded.image])
        size = decoded.width, decoded.height
        facts = sha256, decoded.format, *size, vector, embedder.fingerprint
        return NewImage(*facts, remark=decoded.remark)

    def _sha256(self, image_id: int) -> bytes:
        row = self._database.row("SELECT sha256 FROM images WHERE id = ?", image_id)
        return bytes(row[0]) if row else b""

    def _file(self, path: Path) -> str:
        """Record a file anew if it still holds its image, or forget it; what was done."""
        row = self._database.row("SELECT root, image_id FROM files WHERE path = ?", os.fsencode(path))
        name = f"what was stored of the file {shown(path)} was damaged"
        if row is None:
            return f"{name}; it is gone with its image"
        with suppress(ImageError, OSError):
            before = path.stat()
            sha256 = hashlib.sha256(read_file(path, self._limits)).digest()
            if sha256 == self._sha256(int(row[1])):
                root = Path(os.fsdecode(row[0]))
                place = root if root == path or root in path.parents else path
                stamp = FileStamp(before.st_size, before.st_mtime_ns)
                self._recorder.record([FileRecord(path, place, stamp, sha256, None)])
                return f"{name}; read again from it"
        self._recorder.forget([path])
        return f"{name}; forgotten, since it does not hold that image; index it again"
