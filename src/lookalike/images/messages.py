"""Messages between this program and a process that decodes for it: a JSON object, then raw bytes.

Each message begins with the lengths of the two. None holds code, so that a decoder which a hostile picture
has taken over can send wrong pixels and nothing worse.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

_LENGTHS = struct.Struct("<IQ")
_LONGEST_HEADER = 1 << 16


def send(file: BinaryIO, header: dict[str, Any], body: bytes | bytearray = b"") -> None:
    """Write a message to an unbuffered file.

    Raises:
        OSError: nobody reads it any more.
    """
    text = json.dumps(header).encode()
    for part in (_LENGTHS.pack(len(text), len(body)) + text, body):
        left = memoryview(part)
        while left:
            left = left[file.write(left) :]


def receive(file: BinaryIO, longest: int) -> tuple[dict[str, Any], bytearray]:
    """Read a message from an unbuffered file.

    Args:
        file: read up to the message's end.
        longest: bytes that its body may have.

    Raises:
        EOFError: nobody writes any more.
        ValueError: it is no message, or longer.
    """
    header_bytes, body_bytes = _LENGTHS.unpack(_exactly(file, _LENGTHS.size))
    if header_bytes > _LONGEST_HEADER or body_bytes > longest:
        raise ValueError("a message that is too long")
    header = json.loads(_exactly(file, header_bytes))
    if not isinstance(header, dict):
        raise ValueError("a message without a header")
    return header, _exactly(file, body_bytes)


def _exactly(file: BinaryIO, count: int) -> bytearray:
    data = bytearray(count)
    left = memoryview(data)
    while left:
        read = file.readinto(left)  # type: ignore[attr-defined]
        if not read:
            raise EOFError
        left = left[read:]
    return data
