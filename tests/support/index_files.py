"""Index files, read and written by hand from the documented layout."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any


def parts(whole: bytes) -> tuple[dict[str, Any], bytes]:
    """A file's header and its arrays' bytes, read by hand from the documented layout."""
    assert whole[:16] == b"LOOKALIKE-INDEX\n"
    length, checksum = struct.unpack("<II", whole[16:24])
    text = whole[24 : 24 + length]
    assert zlib.crc32(text) == checksum
    base = -(-(24 + length) // 64) * 64
    assert whole[24 + length : base].strip(b"\0") == b""
    return json.loads(text), whole[base:]


def forged(path: Path, header: Any, arrays: bytes) -> None:
    """A file with any header, its checksum correct."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    head = b"LOOKALIKE-INDEX\n" + struct.pack("<II", len(text), zlib.crc32(text)) + text
    path.write_bytes(head.ljust(-(-len(head) // 64) * 64, b"\0") + arrays)
