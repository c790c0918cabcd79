"""Pictures that come through the network into the collection: files in its own folder, named by content."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lookalike import Collection
from lookalike.disk import replacing, sync_folder
from lookalike.errors import ImageError
from lookalike.images.formats import decoder_of

_FOLDER = "uploads"
_NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{2,8}")


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of an uploaded picture.

    Attributes:
        image_id: of the image; None where it was rejected.
        sha256: of its bytes.
        new: whether the collection did not have it before.
        reason: why it was rejected.
    """

    image_id: int | None
    sha256: bytes
    new: bool = False
    reason: str = ""


class Uploads:
    """Adds and deletes such files; for one thread at a time."""

    def __init__(self, collection: Collection, folder: Path) -> None:
        """Use a collection.

        Args:
            collection: what to add to.
            folder: of the collection; pictures go into its folder ``uploads``.
        """
        self._collection, self._folder = collection, folder / _FOLDER

    def add(self, pictures: list[bytes]) -> list[Upload]:
        """Add encoded pictures; what became of each, in their order."""
        digests = [hashlib.sha256(data).digest() for data in pictures]
        written: dict[bytes, Path] = {}
        reasons: dict[bytes, str] = {}
        for data, sha256 in zip(pictures, digests, strict=True):
            if sha256 in written or self._collection.holdings.image_of(sha256) is not None:
                continue
            try:
                written[sha256] = self._write(data, sha256)
            except ImageError as error:
                reasons[sha256] = str(error)
        report = self._collection.add(written.values(), save=False) if written else None
        for rejected in report.rejected if report else []:
            rejected.path.unlink(missing_ok=True)
            reasons[bytes.fromhex(rejected.path.stem)] = rejected.reason
        return [self._upload(sha256, written, reasons) for sha256 in digests]

    def forget(self, image_id: int) -> None:
        """Forget an image; its files stay, but for those that were uploaded.

        Raises:
            NotFoundError: there is no such image.
        """
        for path in self._collection.forget(image_id):
            if path.parent == self._folder and _NAME.fullmatch(path.name):
                with suppress(OSError):  # whatever can be left behind is known to nobody
                    path.unlink()

    def _upload(self, sha256: bytes, written: dict[bytes, Path], reasons: dict[bytes, str]) -> Upload:
        if sha256 in reasons:
            return Upload(None, sha256, reason=reasons[sha256])
        image_id = self._collection.holdings.image_of(sha256)
        if image_id is None:
            return Upload(None, sha256, reason="removed meanwhile; add it again")
        return Upload(image_id, sha256, new=written.pop(sha256, None) is not None)

    def _write(self, data: bytes, sha256: bytes) -> Path:
        """Write a file whole or not at all, by a name that nothing but its content decides.

        Raises:
            UnreadableImage: it does not begin like a picture.
        """
        form = (decoder_of(data).format or "image").lower()
        path = self._folder / f"{sha256.hex()}.{'jpg' if form == 'jpeg' else form}"
        if not self._folder.exists():
            self._folder.mkdir(exist_ok=True)
            sync_folder(self._folder.parent)
        with replacing(path) as file:
            file.write(data)
        return path
