"""Callers by the thousand that are silent, drip or never read: honest searches go on beside them."""

from __future__ import annotations

import resource
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
from tally import Attack

import hostile
import pictures
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

_DESCRIPTORS = 1024
_IDLE, _SLOW_ONES, _READERS = 3059, 300, 100
_UPLOAD_SECONDS = 3
_LOG_BYTES = 1 << 20
_WAITED = 5.0  # a search that takes so many seconds more than usual has waited for the hostile callers
_PICTURE = hostile.encoded(pictures.draw(0), "PNG")


def all_kinds(attack: Attack) -> None:
    """Let callers of one kind after another come, search meanwhile, and see that they are cut off."""
    program = Program(attack.place / "home")
    pictures.write(program.home / "pictures", 20)
    pictures.draw(99, 2400, 1800).save(program.home / "pictures" / "large.bmp")  # 13 MB
    assert program("index", "pictures").code == 0
    with ExitStack() as stack:
        with _descriptors(_DESCRIPTORS):
            limits = {"LOOKALIKE_UPLOAD_SECONDS": str(_UPLOAD_SECONDS)}
            server = stack.enter_context(serving(program, environment=limits))
        stack.enter_context(_descriptors(_IDLE + _DESCRIPTORS))
        usual = statistics.median(_search(server)[0] for _ in range(10))
        open_before = _sockets(server)
        kinds = [_idle, _dripping_heads, _dripping_bodies, _dripping_after_the_answer, _never_reading]
        attack.dice.shuffle(kinds)
        tried = 0
        while tried < len(kinds) or attack.goes_on:  # each kind once in any case
            _beside(attack, server, kinds[tried % len(kinds)], usual)
            end = time.monotonic() + 10 * _UPLOAD_SECONDS
            while _sockets(server) > open_before and time.monotonic() < end:
                time.sleep(0.1)
            left = _sockets(server) - open_before
            attack.tally.judge(
                left <= 0, f"{left} sockets are open after {kinds[tried % len(kinds)].__name__}"
            )
            tried += 1
        size = len(server.log)
        attack.tally.judge(size < _LOG_BYTES, f"the log has {size:,} bytes")
        attack.tally.figures.append(f"{tried} floods; log {size:,} bytes; a search took {usual:.3f} s before")


def _beside(
    attack: Attack, server: Served, kind: Callable[[Served], Sequence[socket.socket]], usual: float
) -> None:
    """Search while callers of a kind are there."""
    callers, stop = kind(server), threading.Event()
    dripping = threading.Thread(target=_drip, args=(callers, stop))
    if "dripping" in kind.__name__:
        dripping.start()
    took = []
    for _ in range(5):
        seconds, status = _search(server)
        took.append(seconds)
        attack.tally.judge(
            status == 200 and seconds < usual + _WAITED, f"beside {kind.__name__}: {status}, {seconds:.1f} s"
        )
    attack.tally.figures.append(
        f"{len(callers):,} {kind.__name__.strip('_')}: slowest search {max(took):.3f} s"
    )
    if "idle" in kind.__name__:  # these may stay as long as they like, up to the limit
        for caller in callers:
            caller.close()
    else:
        time.sleep(2.5 * _UPLOAD_SECONDS)
    stop.set()
    if dripping.ident:
        dripping.join()
    left = _sockets(server)
    attack.tally.judge(left < len(callers), f"{left} of {len(callers)} {kind.__name__} are not cut off")
    for caller in callers:
        caller.close()


def _idle(server: Served) -> list[socket.socket]:
    return [_connected(server) for _ in range(_IDLE)]


def _dripping_heads(server: Served) -> list[socket.socket]:
    return _sent(server, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", _SLOW_ONES)


def _dripping_bodies(server: Served) -> list[socket.socket]:
    return _sent(server, _head("localhost"), _SLOW_ONES)


def _dripping_after_the_answer(server: Served) -> list[socket.socket]:
    return _sent(server, _head("elsewhere.example"), _SLOW_ONES)


def _never_reading(server: Served) -> list[socket.socket]:
    found = httpx.post(f"{server.url}/v1/search", files={"file": _large(server)}, timeout=HANG_GUARD).json()
    image_id = found["matches"][0]["image_id"]
    return _sent(
        server, f"GET /v1/images/{image_id}/file HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), _READERS
    )


def _large(_: Served) -> bytes:
    return hostile.encoded(pictures.draw(99, 2400, 1800), "BMP")


def _head(host: str) -> bytes:
    return (
        f"POST /v1/search HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    ).encode()


def _sent(server: Served, data: bytes, count: int) -> list[socket.socket]:
    callers = [_connected(server) for _ in range(count)]
    for caller in callers:
        with suppress(ConnectionError):
            caller.sendall(data)
    return callers


def _connected(server: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=HANG_GUARD)


def _drip(callers: Sequence[socket.socket], stop: threading.Event) -> None:
    """Send a byte by each connection every half second."""
    while not stop.wait(0.5):
        for caller in callers:
            with suppress(OSError):
                caller.send(b"x", socket.MSG_DONTWAIT)


def _search(server: Served) -> tuple[float, int]:
    """Seconds that a search by new connections takes, and the status of its answer; 0 if there is none.

    Like any good client, it asks again when it is told to, twice at most.
    """
    started = time.monotonic()
    for _ in range(3):
        try:
            answer = httpx.post(f"{server.url}/v1/search", files={"file": _PICTURE}, timeout=60)
        except httpx.TransportError:
            return time.monotonic() - started, 0
        if answer.status_code != 503:
            break
        time.sleep(float(answer.headers["Retry-After"]))
    return time.monotonic() - started, answer.status_code


def _sockets(server: Served) -> int:
    """Sockets that the server has open."""
    count = 0
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with suppress(OSError):
            count += str(link.readlink()).startswith("socket:")
    return count


@contextmanager
def _descriptors(count: int) -> Iterator[None]:
    """So many descriptors for this process, as far as the system allows, and for what it starts meanwhile."""
    now = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = count if now[1] == resource.RLIM_INFINITY else min(count, now[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, now[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, now)
