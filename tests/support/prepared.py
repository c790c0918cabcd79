"""What a forked process need not do again: open the bundled network, build a server, start what decodes.

Only the process that others are forked from imports this module. Its session of the network is the real one,
and computes on the thread that calls it: it has no threads of its own, which a forked process would lack. To
open it takes 60 ms of computing, to start a process that decodes 180 ms, and to start one more process of a
server 700 ms.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NoReturn

import pytest
from prometheus_client import values
from uvicorn import _subprocess

from kept_sessions import kept_sessions
from lookalike.embed.registry import load_embedder
from lookalike.images import decoders
from lookalike.images.decoding import serve
from lookalike.images.worker import Worker
from lookalike.settings import Settings
from lookalike.web.app import OTHERS, OWN, routed

_KEPT = ExitStack()
_KEPT.enter_context(kept_sessions())
load_embedder(Settings().model)
routed("", OWN, OTHERS)  # compiles the patterns of all paths

_AHEAD = 2  # for pictures that come one after the other there is need of one


@contextmanager
def forking() -> Iterator[None]:
    """Let a server fork the processes that it needs, and not start them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", _Decoding)  # while this process has no other threads
        ahead = [Worker() for _ in range(_AHEAD)]
    owner = os.getpid()

    def start() -> Worker:
        with suppress(IndexError):
            if os.getpid() == owner:
                return ahead.pop()
        return Worker()

    os.register_at_fork(after_in_child=_count_by_files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoders, "Worker", start)
        patch.setattr(_subprocess, "spawn", get_context("fork"))  # by which several processes serve
        yield


class _Decoding(subprocess.Popen[bytes]):
    """A process that decodes, forked from this one."""

    def _execute_child(self, args: Any, *rest: Any) -> None:
        """Start it in place of ``fork`` and ``exec``; ``rest`` is what ``Popen`` passes after the command."""
        pipes = rest[9:15]  # of stdin, stdout and stderr, the end to read from and the one to write to
        self.pid = os.fork()
        if not self.pid:
            _decode(pipes[0], pipes[3])
        self._child_created = True
        self._close_pipe_fds(*pipes)


def _decode(source: int, sink: int) -> NoReturn:
    """In the new process: keep nothing of the other one's files, and decode."""
    try:
        os.setpgid(0, 0)
        with Path(os.devnull).open("wb") as nothing:
            for number, file in enumerate((source, sink, nothing.fileno())):
                os.dup2(file, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        serve()
    finally:
        os._exit(0)


def _count_by_files() -> None:
    """Have Prometheus count as the variables of now say, and not as those did when it was imported."""
    values.ValueClass = values.get_value_class()
