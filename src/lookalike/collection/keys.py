"""Secret keys for hashes: without the key nobody can make such hashes, or compare them with others."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lookalike.errors import UsageError
from lookalike.paths import shown

_FEWEST, _MOST = 16, 65_536  # bytes


def seed_of(file: Path) -> int:
    """The seed of hyperplanes that a key file stands for: SHA-256 of its bytes, all of which count.

    Raises:
        UsageError: it cannot be read, or has fewer than 16 or more than 65,536 bytes.
    """
    try:
        with file.open("rb") as opened:
            key = opened.read(_MOST + 1)
    except OSError as error:
        raise UsageError(f"the key {shown(file)} cannot be read: {error.strerror}") from error
    if not _FEWEST <= len(key) <= _MOST:
        raise UsageError(
            f"a key has {_FEWEST} to {_MOST:,} bytes, not {len(key):,}; "
            f"make one with: head -c 32 /dev/urandom > {shown(file)}"
        )
    return int.from_bytes(hashlib.sha256(b"lookalike key\0" + key).digest())
