"""Untrusted bytes, files and URLs, turned into upright RGB images.

What speaks to the network is imported when it is first used: most runs never do.

- Files: ``scan`` finds the pictures below some paths, by ``names``; ``files`` reads one. ``reasons`` are the
  lines that people read about one that cannot be used.
- URLs: ``remote`` fetches what one holds, ``urls`` takes it apart, ``addresses`` keeps it out of private
  networks, and ``deadline`` bounds the time.
- Safety: ``decoders`` is a pool of processes. Each is a ``worker`` to this program, runs ``decoding`` itself,
  and exchanges ``messages``. ``counting`` refuses files of too many parts; ``room`` bounds the pixels in
  memory.
- Decoding: ``formats`` chooses the decoder, ``decode`` runs it within limits and in ``silence``.
  ``raw_signs`` and ``raw`` are for cameras' files, ``jxl`` for JPEG XL, ``given`` for Pillow images.
  ``cut_short``, with ``jpeg_scans`` and ``webp``, shows what is there of a file that lacks its end.
- Frames: ``frames`` chooses the one that stands for an animation; ``sequences`` decodes all.
- Colours: ``tiff`` and ``deep`` mend greys and numbers, ``ground`` lays transparent pictures on white,
  ``profiles`` converts to sRGB, and ``rgb`` is any mode to RGB. ``finish`` calls them in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookalike.images.decode import Decoded, decode
from lookalike.images.files import read_file
from lookalike.images.scan import FoundFile, RejectedFile, scan
from lookalike.later import imported_later
from lookalike.settings import Limits

if TYPE_CHECKING:
    from lookalike.images.addresses import is_public
    from lookalike.images.remote import fetch

__all__ = [
    "Limits",
    "scan",
    "FoundFile",
    "RejectedFile",
    "read_file",
    "decode",
    "Decoded",
    "fetch",
    "is_public",
]

__getattr__ = imported_later(
    __name__,
    {
        "remote": ("fetch",),
        "addresses": ("is_public",),
    },
)
