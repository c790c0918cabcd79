"""Addresses of objects in a store, as ``s3://bucket/one.jpg``, where the program has paths of files."""

from __future__ import annotations

from pathlib import Path

from pyarrow import fs

from lookalike.disk import replacing
from lookalike.errors import ImageTooLarge, StorageError, UnreadableImage, UsageError, reason_of
from lookalike.images import Limits, read_file
from lookalike.images.files import Elsewhere

_ONE_REQUEST = "allow_delayed_open=true"


class Address(Elsewhere):
    """The address of an object, where an image's path is wanted; it can be read."""

    def fetch(self, limits: Limits) -> bytes:
        """Read the object; see ``read_address``."""
        return read_address(str(self), limits)


def path_of(place: str) -> Path:
    """A path, or the address of an object, as the path of an image."""
    return Address(place) if "://" in place else Path(place)


def store_of(address: str, options: str = "") -> tuple[fs.FileSystem, str]:
    """The file system of an address such as ``s3://bucket/folder``, or of a path, and the path in it.

    Args:
        address: the name of the object is taken literally, since it may hold spaces, ``?``, ``#`` and ``%``.
        options: of pyarrow's file system, as ``allow_delayed_open=true``.

    Raises:
        UsageError: no store is known by such an address.
    """
    if "://" not in address:
        return fs.LocalFileSystem(), str(Path(address).absolute())
    scheme, _, rest = address.partition("://")
    bucket, slash, name = rest.partition("/")
    if scheme == "file":
        return fs.LocalFileSystem(), slash + name
    try:
        store, _ = fs.FileSystem.from_uri(f"{scheme}://{bucket}" + (f"?{options}" if options else ""))
    except ValueError as error:
        raise UsageError(f"{address} is no address of a store: {error}") from error
    return store, bucket.rpartition("@")[2] + slash + name


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
    except (OSError, UsageError) as error:
        raise UnreadableImage(f"cannot be read: {reason_of(error)}") from error


def write_address(address: str, data: bytes) -> None:
    """Write a file or an object whole, in place of one that is there; a folder is made if it is not there.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        if "://" in address:  # an object is there whole or not at all
            # In one request: an upload in parts takes three, and some stores refuse parts so small.
            store, path = store_of(address, _ONE_REQUEST if address.startswith("s3://") else "")
            with store.open_output_stream(path) as file:
                file.write(data)
        else:
            Path(address).parent.mkdir(parents=True, exist_ok=True)
            with replacing(Path(address)) as file:
                file.write(data)
    except OSError as error:
        raise StorageError(f"{address} cannot be written: {reason_of(error)}") from error
