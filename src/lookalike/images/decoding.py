"""What runs in a process that decodes for another one: `decode` on pictures that come in, one at a time.

The process bounds itself, since nobody else can: by a timer of processor time whose signal ends it, and by
the memory that it may map. It ends when nobody writes to it any more.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import pi_heif.options
from PIL import AvifImagePlugin

from lookalike.errors import ImageError, ImageTooLarge, LookalikeError
from lookalike.images.counting import BYTES_PER_PIXEL
from lookalike.images.decode import decode
from lookalike.images.messages import receive, send
from lookalike.images.room import SMALL_PIXELS
from lookalike.settings import Limits

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_SPARE = 128 << 20  # bytes: small pictures, tables, and libraries that are loaded for rare formats
_COPIES = 4  # of a file: as it came, and as decoders keep it
_PER_PIXEL = 24  # bytes: most formats take 9, WebP 17, JPEG 2000 20
_GROWN = 64 << 20  # bytes that a process may keep after a picture before it has to go
_STATM = Path("/proc/self/statm")


def serve() -> None:
    """Decode what comes in by standard input until that is closed; answers leave by standard output."""
    source, sink = _own_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # there is a process for each core, and none needs more
    pi_heif.options.DECODE_THREADS = 1
    mapped, resident = _memory()
    send(sink, {"ready": True})
    with suppress(EOFError, BrokenPipeError):
        leaving = False
        while not leaving:
            request, data = receive(source, 1 << 40)
            header, body = _answer(request, bytes(data), mapped, source, sink)
            del data
            leaving = _memory()[1] > resident + len(body) + _GROWN
            send(sink, {**header, "leaving": leaving}, body)


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes, moved away from the places to which libraries write messages."""
    source, sink = os.dup(0), os.dup(1)
    with Path(os.devnull).open("r+b") as nothing:
        for place in (0, 1):
            os.dup2(nothing.fileno(), place)
    return os.fdopen(source, "rb", buffering=0), os.fdopen(sink, "wb", buffering=0)


def _answer(
    request: dict[str, Any], data: bytes, mapped: int, source: BinaryIO, sink: BinaryIO
) -> tuple[dict[str, Any], bytes]:
    """Decode one picture: the answer's header and the pixels, or the header of an error."""

    limits = Limits(**request["limits"])
    mapped += _COPIES * len(data)

    @contextmanager
    def room(pixels: int) -> Iterator[None]:
        if pixels > SMALL_PIXELS:
            send(sink, {"room": pixels})
            reply, _ = receive(source, 0)
            if "later" in reply:
                raise ImageError("put back")  # nobody reads this: who replied so knows
            _bound_memory(mapped, min(_PER_PIXEL * pixels, BYTES_PER_PIXEL * limits.pixels + _SPARE))
        yield

    try:
        with _bounded(limits, mapped):
            decoded = decode(data, limits=limits, at_least=request["at_least"], room=room)
            header = {
                "size": decoded.image.size,
                "original": (decoded.width, decoded.height),
                "format": decoded.format,
                "remark": decoded.remark,
                "several": decoded.several,
            }
            return header, decoded.image.tobytes()
    except LookalikeError as error:
        return {"kind": error.kind, "message": str(error)}, b""
    except MemoryError:
        return {"kind": ImageTooLarge.kind, "message": "an image that is too large to decode here"}, b""


@contextmanager
def _bounded(limits: Limits, mapped: int) -> Iterator[None]:
    """End this process, or let it run out of memory, if the ``with`` block takes too much of either.

    The memory is that of a small picture until room has been given to a larger one: what a file makes its
    decoder take beyond its pixels (tables, tiles, precincts, frames larger than the first) is not in the sum
    that ``room`` bounds.
    """
    if resource is None:
        yield
        return
    _bound_memory(mapped, 0)
    signal.setitimer(signal.ITIMER_PROF, limits.decode_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _bound_memory(mapped: int, more: int) -> None:
    """Let this process map so many bytes more than it had mapped, and what any picture may take."""
    if resource is None or not mapped:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    allowed = mapped + more + _SPARE
    if most == resource.RLIM_INFINITY or allowed < most:
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))


def _memory() -> tuple[int, int]:
    """Bytes that this process has mapped and that are resident; 0 where the system does not say."""
    try:
        mapped, resident = _STATM.read_text().split()[:2]
    except OSError:
        return 0, 0
    page = os.sysconf("SC_PAGE_SIZE")
    return int(mapped) * page, int(resident) * page
