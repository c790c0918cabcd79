"""Uploaded pictures, which are kept beside the table."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from lookalike.cluster.addresses import path_of, store_of
from lookalike.disk import replacing
from lookalike.errors import StorageError, reason_of

_ONE_REQUEST = "allow_delayed_open=true"


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
                store, path = store_of(address, _ONE_REQUEST if address.startswith("s3://") else "")
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
