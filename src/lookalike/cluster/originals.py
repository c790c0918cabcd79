"""Uploaded pictures, which are kept beside the table."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress
from pathlib import Path

from lookalike.cluster.addresses import path_of, store_of, write_address


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
        with nullcontext() if "://" in address else self._writing:
            write_address(address, data)
        return path_of(address)

    def drop(self, path: Path) -> None:
        """Delete an uploaded picture, if this is one; one that cannot be deleted stays."""
        if path.parent == path_of(self._uri):
            with suppress(OSError):
                store, place = store_of(f"{self._uri}/{path.name}")
                store.delete_file(place)
