"""Tokens of several callers, each with a role, in a file that holds their hashes and not the tokens.

A token is 32 random bytes, and its hash is one SHA-256. What slows down guessing (scrypt, a salt) protects
secrets that people choose. Nobody guesses one of 2 to the 256 tokens, with or without the file; and as every
request brings a token to be hashed, scrypt's 16 MiB and tens of milliseconds would let callers who have none
keep the server busy.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lookalike.disk import replacing
from lookalike.errors import DamagedError, LookalikeError, NotFoundError, StorageError, UsageError
from lookalike.web.roles import ROLES, Role

if sys.platform != "win32":
    import fcntl

log = logging.getLogger("lookalike.access")

FILE = "tokens.json"
"""Name of the file in the folder of a collection."""

_FORMAT = "lookalike-tokens/1"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BYTES = 32
_MOST = 1000  # tokens in a file: each request is compared with all of them
_LONGEST = 1 << 20  # bytes of a file


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token.

    Attributes:
        name: who has it; logs show it.
        role: what it lets its owner do.
        digest: SHA-256 of it, 32 bytes.
        created: when it was made, as ``2026-05-01T09:30:00Z``.
        collections: names of those of a server's collections that it is for; None for all.
    """

    name: str
    role: Role
    digest: bytes
    created: str
    collections: tuple[str, ...] | None


def digest_of(token: str) -> bytes:
    """SHA-256 of a token. Digests have one length, so comparing them does not tell how long a token is."""
    return hashlib.sha256(token.encode()).digest()


def read_tokens(path: Path) -> list[Token]:
    """The tokens in a file, in the order in which they were made.

    Raises:
        NotFoundError: there is no such file.
        StorageError: it cannot be read.
        DamagedError: it is no file of tokens.
    """
    try:
        found = json.loads(_content(path))
        if found["format"] != _FORMAT:
            raise ValueError(f"its format is not {_FORMAT}")
        if len(found["tokens"]) > _MOST:
            raise ValueError(f"it holds more than {_MOST:,} tokens")
        return [_token(one) for one in found["tokens"]]
    except FileNotFoundError:
        raise NotFoundError(
            f"there is no file of tokens at {path}; make it with: lookalike token create"
        ) from None
    except OSError as error:
        raise StorageError(f"the file of tokens {path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise DamagedError(f"{path} is no file of tokens: {error}") from error


def _content(path: Path) -> bytes:
    """What a file holds; it is not waited for, as a named pipe would be.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no regular file, or much too long.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is not a regular file")
        content = file.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST:,} bytes")
    return content


def create_token(path: Path, name: str, role: Role, collections: Sequence[str] | None = None) -> str:
    """Make a token, and keep its hash in a file, which is made if it is not there.

    Args:
        path: of the file.
        name: of 1 to 64 letters, digits, dots, - and _; no other token of the file has it.
        role: what the token lets its owner do.
        collections: names of those of a server's collections that it is for; None for all, also later ones.

    Returns:
        The token, which cannot be had again.

    Raises:
        UsageError: the name is taken or no name, one of a collection cannot be one, or there are too many
            tokens.
        LookalikeError: as ``read_tokens``; or the file cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"a token's name has 1 to 64 letters, digits, dots, - and _, unlike {name!r}")
    for one in collections or ():
        if not _NAME.fullmatch(one):
            raise UsageError(
                f"a collection's name has 1 to 64 letters, digits, dots, - and _, unlike {one!r}"
            )
    own = None if collections is None else tuple(dict.fromkeys(collections))
    secret = secrets.token_urlsafe(_BYTES)
    created = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    with _locked(path):
        tokens = read_tokens(path) if path.exists() else []
        if any(one.name == name for one in tokens):
            raise UsageError(
                f"there is a token called {name!r} already; revoke it first, or take another name"
            )
        if len(tokens) >= _MOST:
            raise UsageError(f"a file may hold {_MOST:,} tokens, not more")
        _write(path, [*tokens, Token(name, role, digest_of(secret), created, own)])
    return secret


def revoke_token(path: Path, name: str) -> None:
    """Remove a token from a file. An empty file stays: a server that finds it lets nobody in.

    Raises:
        NotFoundError: there is no token of this name, or no file.
        LookalikeError: as ``read_tokens``; or the file cannot be written.
    """
    read_tokens(path)  # before a lock is made beside what is not there
    with _locked(path):
        tokens = read_tokens(path)
        left = [one for one in tokens if one.name != name]
        if len(left) == len(tokens):
            raise NotFoundError(f"there is no token called {name!r} in {path}")
        _write(path, left)


class Tokens:
    """The tokens of a file, read again whenever the file has changed.

    Attributes:
        wanted: whether callers must have a token: from the first time that something is in the file's place,
            for good. If that cannot be read, or is gone later, nobody is let in.
    """

    def __init__(self, path: Path) -> None:
        """Read the file, if there is one."""
        self._path = path
        self._known: list[Token] = []
        self._seen: tuple[int, int, int] | None = None
        self.wanted = False
        self.refresh()

    def owner(self, token: str) -> Token | None:
        """What is known of a token; None if the file does not have it.

        It is compared with all of the file's, each in constant time.
        """
        digest, found = digest_of(token), None
        for one in self._known:
            if hmac.compare_digest(one.digest, digest):
                found = one
        return found

    def refresh(self) -> None:
        """Read the file again if it has changed."""
        try:
            status = self._path.stat()
            seen: tuple[int, int, int] | None = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:  # a link that leads nowhere is no reason to let everybody in
            seen = (0, 0, 0) if os.path.lexists(self._path) else None
        if seen == self._seen:
            return
        self.wanted, self._seen, self._known = True, seen, []
        try:
            self._known = read_tokens(self._path)
        except LookalikeError as error:
            log.warning("no token is accepted: %s", error)


def _token(facts: dict[str, Any]) -> Token:
    """A token as the file has it.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    name, role, digest = facts["name"], facts["role"], bytes.fromhex(facts["sha256"])
    collections = facts.get("collections")
    if collections is not None and not (
        isinstance(collections, list) and all(isinstance(one, str) for one in collections)
    ):
        raise ValueError("a token in it has no right collections")
    if not _NAME.fullmatch(name) or role not in ROLES or len(digest) != hashlib.sha256().digest_size:
        raise ValueError("a token in it has no right name, role or hash")
    own = None if collections is None else tuple(collections)
    return Token(name, role, digest, str(facts["created"]), own)


def _write(path: Path, tokens: list[Token]) -> None:
    facts = [
        {
            "name": one.name,
            "role": one.role,
            "sha256": one.digest.hex(),
            "created": one.created,
            "collections": one.collections,
        }
        for one in tokens
    ]
    try:
        with replacing(path) as file:
            Path(file.name).chmod(0o600)
            file.write(json.dumps({"format": _FORMAT, "tokens": facts}, indent=1).encode() + b"\n")
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let no other process change the file meanwhile; Windows has no such lock."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(f"the file of tokens {path} cannot be written: {error.strerror}")
