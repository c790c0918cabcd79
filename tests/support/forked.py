"""Processes of the program forked from one that has imported it already.

Each runs what ``python -m lookalike`` runs, and has its own memory, files, signals and threads: the process
that it is forked from imports, and opens the bundled network; see ``prepared``. That saves nine tenths of
what the start of a server computes. Tests of what a start itself does run ``Program.start``.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from multiprocessing import get_context, reduction
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_IMPORTED = (
    *("cli.index", "cli.main", "cli.search", "cli.serve", "sight.looking", "sight.panels"),
    *("web.app", "web.listening", "web.serving"),
)
_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload([*(f"lookalike.{name}" for name in _IMPORTED), "prepared"])

_DECODING = ("-c", "index", "serve", "watch")
_LIMITS = (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE)


class Forked(subprocess.Popen[bytes]):
    """A process that runs one command of the program; all three of its streams must be given."""

    _process: BaseProcess

    def _execute_child(self, args: Any, *rest: Any) -> None:
        """Start it in place of ``fork`` and ``exec``; ``rest`` is what ``Popen`` passes after the command."""
        folder, environment = rest[4], rest[5]
        pipes = rest[9:15]  # of stdin, stdout and stderr, the end to read from and the one to write to
        streams = [_Stream(pipes[place]) for place in (0, 3, 5)]
        limits = {kind: resource.getrlimit(kind) for kind in _LIMITS}  # which the other process may not have
        given = args, environment, folder, streams, limits
        self._process = _CONTEXT.Process(target=_run, args=given)
        self._process.start()
        assert self._process.pid
        self.pid, self._child_created = self._process.pid, True
        self._close_pipe_fds(*pipes)

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        self.returncode = self._process.exitcode
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.returncode = self._process.exitcode
        return self.returncode


def fork_code(code: str, *arguments: object) -> subprocess.Popen[Any]:
    """Start code in a forked process, which writes text; what it complains of comes where this one's does.

    Args:
        code: a program.
        *arguments: for it, after its name.
    """
    command = ["-c", code, *map(str, arguments)]
    return Forked(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=2,
        env=dict(os.environ),
        cwd=Path.cwd(),
        text=True,
    )


class _Stream:
    """A file descriptor that goes over to the new process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (reduction.DupFd(self.number),)


def _received(duplicate: Any) -> _Stream:
    return _Stream(duplicate.detach())


def _run(
    arguments: list[str],
    environment: Mapping[str, str],
    folder: Path,
    streams: list[_Stream],
    limits: Mapping[int, tuple[int, int]],
) -> None:
    """In the new process: take on what a command starts with, and run it."""
    for number, stream in enumerate(streams):
        os.dup2(stream.number, number)
        os.close(stream.number)
    for kind, limit in limits.items():
        resource.setrlimit(kind, limit)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["lookalike", *arguments]
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115
    from lookalike.__main__ import run
    from prepared import forking

    with forking() if arguments[0] in _DECODING else nullcontext():
        if arguments[0] == "-c":
            del sys.argv[1:3]
            exec(arguments[1], {"__name__": "__main__"})
        else:
            run()
