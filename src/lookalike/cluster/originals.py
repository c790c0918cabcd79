"""Files and objects by address: what is uploaded is kept beside the table, what is imported is read."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from pyarrow import fs

from lookalike.cluster.rows import path_of
from lookalike.disk import replacing
from lookalike.errors import ImageTooLarge, StorageError, UnreadableImage, reason_of
from lookalike.images import Limits, read_file

_ONE_REQUEST = "?allow_delayed_open=true"


class Originals:
    """The folder of uploaded pictures beside a table, each named by its content."""

    def __init__(self, uri: str) -> None:
        """Use the folder that belongs to a table.

        Args:
            uri: of the table.
        """
        self._uri = uri.rstrip("/") + ".uploads"
        self._writing = threading.Lock()  # two threads may be given the same picture

    def keep(self, data: bytes, sha256: bytes, form: str) -> Path:
        """Write an uploaded picture.

        Args:
            data: its bytes.
            sha256: of them.
            form: its format, as ``"JPEG"``.

        Returns:
            Where it lies.

        Raises:
            StorageError: it cannot be written.
        """
        address = f"{self._uri}/{sha256.hex()}.{'jpg' if form == 'JPEG' else form.lower()}"
        try:
            if "://" in address:  # an object is there whole or not at all
                # In one request: an upload in parts takes three, and some stores refuse parts so small.
                store, path = store_of(address + (_ONE_REQUEST if address.startswith("s3://") else ""))
                with store.open_output_stream(path) as file:
                    file.write(data)
            else:
                Path(self._uri).mkdir(parents=True, exist_ok=True)
                with self._writing, replacing(Path(address)) as file:
                    file.write(data)
        except OSError as error:
            raise StorageError(f"the picture cannot be kept in {self._uri}: {reason_of(error)}") from error
        return path_of(address)

    def drop(self, path: Path) -> None:
        """Delete an uploaded picture, if this is one; one that cannot be deleted stays."""
        if path.parent == path_of(self._uri):
            with suppress(OSError):
                store, place = store_of(f"{self._uri}/{path.name}")
                store.delete_file(place)


def store_of(address: str) -> tuple[fs.FileSystem, str]:
    """The file system of an address such as ``s3://bucket/folder``, or of a path, and the path in it."""
    if "://" not in address:
        return fs.LocalFileSystem(), str(Path(address).absolute())
    store, path = fs.FileSystem.from_uri(address)
    return store, str(path)


def read_address(address: str, limits: Limits) -> bytes:
    """Read a file or an object.

    Raises:
        ImageError: it cannot be read, or has more bytes than a picture may.
    """
    if "://" not in address:
        return read_file(Path(address), limits)
    try:
        store, path = store_of(address)
        with store.open_input_file(path) as file:
            if file.size() > limits.file_bytes:
                raise ImageTooLarge(f"it has more than {limits.file_bytes:,} bytes (setting max_file_bytes)")
            return bytes(file.read())
    except OSError as error:
        raise UnreadableImage(f"cannot be read: {reason_of(error)}") from error
