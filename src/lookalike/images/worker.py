"""One process that decodes, as seen by the program that it decodes for."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from typing import Any, BinaryIO, cast

from PIL import Image

from lookalike.errors import Busy, ImageError, LookalikeError, StorageError, UnreadableImage, error_of
from lookalike.images import room
from lookalike.images.decode import Decoded
from lookalike.images.messages import receive, send
from lookalike.images.room import LARGE_PIXELS
from lookalike.settings import Limits

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_START = "import sys; sys.path[:] = sys.argv[1:]; from lookalike.images.decoding import serve; serve()"
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
_PIPE_BYTES = 1 << 20  # the most that every user may have
_SLOW_SECONDS = 0.3  # of processor time; few pictures take a third of that
_LOW_PRIORITY = 10
_PROCESSOR_TIME = 2  # the clock of a process on Linux, beside its number: see clock_getcpuclockid(3)
_REQUESTS = 2  # for room: to decode a picture, and to read a damaged one again
_WALL = 30 if hasattr(signal, "setitimer") else 6
"""How many times ``decode_seconds`` may pass by the clock. Where processor time is not limited, this must do;
elsewhere it is for a process that hangs, and a busy machine may let a picture wait for its turn."""


class Gone(Exception):
    """The process ended before it was given a picture, which another one may decode."""


class PutBack(Exception):
    """The picture is large, and was not decoded, as its caller wanted."""


class Worker:
    """A process that decodes one picture at a time; `watch` and `end` may be called from other threads."""

    def __init__(self) -> None:
        """Start the process; it is ready a fifth of a second later.

        Raises:
            StorageError: the machine cannot start it.
        """
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very Python, and a constant
                [sys.executable, "-P", "-c", _START, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # where libraries complain of hostile pictures
                bufsize=0,
                env={**os.environ, **_ONE_THREAD},
                process_group=0 if os.name == "posix" else None,  # Ctrl-C is for this program to handle
            )
        except OSError as error:
            raise StorageError(f"no process that decodes can be started: {error.strerror}") from error
        self._to = cast(BinaryIO, self._process.stdin)
        self._from = cast(BinaryIO, self._process.stdout)
        _widen(self._from)
        self._ready = False
        self._since: float | None = None
        self._seconds = 0.0
        self._spent = 0.0  # processor time before the picture that is being decoded
        self._overdue = self._slowed = False
        self._idle = True
        self.ended = False

    def decode(self, data: bytes, limits: Limits, at_least: int | None, *, put_back: bool = False) -> Decoded:
        """Decode a picture, as ``decode`` does.

        Args:
            data: the encoded picture.
            limits: as of ``decode``.
            at_least: as of ``decode``.
            put_back: whether to leave a large picture alone.

        Raises:
            PutBack: the picture is large, and ``put_back`` is true.
            Gone: the process had ended before.
            ImageError: as ``decode``; or it took too long, or the process ended at it.
            Busy: ``end`` was called meanwhile.
        """
        self._idle = False
        self._seconds, self._since = limits.decode_seconds, time.monotonic()  # starting it counts, too
        request = {"limits": dataclasses.asdict(limits), "at_least": at_least}
        try:
            if not self._ready:
                receive(self._from, 0)
                self._ready = True
            self._spent = self._processor_time()
            send(self._to, request, data)
        except (OSError, EOFError, ValueError) as error:
            raise ending() if self.ended else Gone from error
        try:
            header, pixels, left_alone = self._answer(limits, put_back)
            self._idle = not header["leaving"]
            if left_alone:
                raise PutBack
            return _decoded(header, pixels)
        except LookalikeError:  # what the process says of the picture
            raise
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            self._process.kill()  # if it only wrote nonsense
            raise self._reason(limits) from error
        finally:
            self._since = None

    def _answer(self, limits: Limits, put_back: bool) -> tuple[dict[str, Any], bytearray, bool]:
        """What the process makes of the picture, for which it may ask for room once or twice.

        Returns:
            Its answer, and whether it was told to leave the picture alone.

        Raises:
            ValueError: it asks again and again, as a process would that a picture has taken over.
        """
        left_alone = False
        with ExitStack() as held:
            for _ in range(1 + _REQUESTS):
                self._seconds, self._since = limits.decode_seconds, time.monotonic()
                header, pixels = receive(self._from, 3 * limits.pixels)
                if "room" not in header:
                    return header, pixels, left_alone
                asked = int(header["room"])
                if left_alone := put_back and asked > LARGE_PIXELS:
                    send(self._to, {"later": True})
                    continue
                self._since = None  # waiting is not the picture's fault
                held.close()  # a second request, to read a damaged file again, replaces the first
                held.enter_context(room.taken(asked, lambda: self.ended))
                send(self._to, {})
        raise ValueError("a process that asks for room without end")

    def watch(self, *, give_way: bool) -> None:
        """End the process if its picture takes far too long.

        Args:
            give_way: whether a picture that is slow goes on at low priority. Few users may raise a priority
                again, so the process decodes no other picture then.
        """
        since = self._since
        if since is None:
            return
        passed = time.monotonic() - since
        if passed > _WALL * self._seconds:
            self._overdue = True
            self._process.kill()
        elif give_way and not self._slowed and self._ready and self._is_slow():
            with suppress(OSError, AttributeError):  # of Windows
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _LOW_PRIORITY)
            self._slowed = True

    def _is_slow(self) -> bool:
        return self._processor_time() - self._spent > _SLOW_SECONDS

    def _processor_time(self) -> float:
        """Seconds of processor time that the process has taken; if the system does not say, a clock's time.

        Time that passes while the machine is busy with other work says nothing about a picture.
        """
        try:
            return time.clock_gettime(~self._process.pid << 3 | _PROCESSOR_TIME)
        except (OSError, AttributeError):  # it has ended, or the system is not Linux
            return time.monotonic()

    def end(self) -> None:
        """End the process at once; who waits for it gets an error."""
        self.ended = True
        self._process.kill()
        room.wake()

    def close(self) -> int:
        """Make sure that the process has ended, and give its exit status; nobody may be waiting for it."""
        self._process.kill()
        self._to.close()
        self._from.close()
        return self._process.wait()

    @property
    def resting(self) -> bool:
        """Whether another picture may be given to it."""
        return self._idle and not self._slowed

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def _reason(self, limits: Limits) -> Exception:
        """The error for a process that gave no answer: it took too long, it was ended, or it crashed."""
        if self.ended:
            return ending()
        status = self._process.wait()
        if self._overdue or (hasattr(signal, "SIGPROF") and status == -signal.SIGPROF):
            return UnreadableImage(
                f"took more than {limits.decode_seconds:g} s to decode (setting decode_seconds)"
            )
        return UnreadableImage("decoding it failed: the process that did ended " + _how(status))


def ending() -> Busy:
    """The error for a picture that was not decoded because ``end`` or ``close`` was called."""
    return Busy("the picture was not decoded, since the program is ending")


def _widen(pipe: BinaryIO) -> None:
    """Let a pipe hold a whole small picture, so that two processes take fewer turns; Linux can."""
    with suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _how(status: int) -> str:
    try:
        return f"by {signal.Signals(-status).name}"
    except ValueError:
        return f"with exit code {status}"


def _decoded(header: dict[str, Any], pixels: bytearray) -> Decoded:
    """The picture in an answer.

    Raises:
        ImageError: the answer says so.
        ValueError, KeyError, TypeError: it is no answer.
    """
    if "kind" in header:
        raise (error_of(header["kind"]) or ImageError)(str(header["message"]))
    width, height = header["original"]
    image = Image.frombytes("RGB", tuple(header["size"]), pixels)
    about = str(header["format"]), str(header["remark"]), bool(header["several"])
    return Decoded(image, int(width), int(height), *about)
