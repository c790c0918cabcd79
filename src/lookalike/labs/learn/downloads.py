"""Files from the web, fetched once, checked, and kept."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import urldefrag, urlsplit

from lookalike.disk import replacing
from lookalike.errors import DamagedError, NotFoundError, UsageError
from lookalike.labs.shared.progress import progress
from lookalike.settings import cache_folder

LARGEST = 1 << 30  # bytes
_BLOCK = 1 << 20
_SECONDS = 30.0  # without an answer
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_HASH = "sha256="


def download(url: str) -> Path:
    """Fetch a file, unless it is there.

    Args:
        url: https (http to this machine itself); a fragment ``#sha256=HEX`` gives the hash, or its first
            digits, that the content must have.

    Returns:
        the file, in the cache.

    Raises:
        UsageError: not such a URL.
        NotFoundError: it cannot be fetched.
        DamagedError: the content has another hash, or is too large.
    """
    address, fragment = urldefrag(url)
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise UsageError(f"weights are fetched by https only, not from {address}")
    wanted = fragment.removeprefix(_HASH).lower() if fragment.startswith(_HASH) else ""
    name = PurePosixPath(parts.path).name or "weights"
    path = cache_folder() / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{name}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            digest = _fetch(address, file)
            _check(digest, wanted, address)
        return path
    if wanted:
        with path.open("rb") as file:
            _check(hashlib.file_digest(file, "sha256").hexdigest(), wanted, str(path))
    return path


def _fetch(address: str, file: BinaryIO) -> str:
    """Write the content of an address to a file and return its SHA-256 as hexadecimal digits."""
    digest = hashlib.sha256()
    name = PurePosixPath(urlsplit(address).path).name
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310  (checked above)
            total = int(answer.headers.get("Content-Length") or 0)
            with progress(f"Fetching {name}", total or None) as advance:
                while block := answer.read(_BLOCK):
                    file.write(block)
                    digest.update(block)
                    advance(len(block))
                    if file.tell() > LARGEST:
                        raise DamagedError(f"{address} is larger than {LARGEST >> 20} MiB")
            if total and file.tell() < total:
                raise NotFoundError(f"{address} broke off after {file.tell():,} of {total:,} bytes")
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise NotFoundError(
            f"{address} cannot be fetched: {reason}; fetch it elsewhere and name the file instead"
        ) from error
    return digest.hexdigest()


def _check(found: str, wanted: str, source: str) -> None:
    if not found.startswith(wanted):
        raise DamagedError(f"{source} has the SHA-256 {found}, not {wanted}; remove it and try again")
