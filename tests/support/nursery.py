"""Starts the program many times from one process that has imported it already.

Python and the program's imports take half a second of computing, most of what a short command costs. A
*nursery* is a process that imports them once, and is copied (by ``fork``) for each run. The copy has its own
process id, environment, folder, streams and end like any other run, and is a child of the process that asked.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from lookalike.cli.main import build

_LOADED = (
    "lookalike.collection.facade",
    "lookalike.sight.agreement",
    "lookalike.web.serving",
    "onnxruntime",
    "uvicorn",
)
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, see prctl(2)
_STREAMS = (("stdin", "r", -1), ("stdout", "w", -1), ("stderr", "w", 1))


class Nursery:
    """A process to copy, which ends with this one."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            command = [sys.executable, __file__, str(other.fileno())]
            self._process = subprocess.Popen(command, env=environment, pass_fds=[other.fileno()])
        self._one_at_a_time = threading.Lock()

    def copy(self, wanted: dict[str, Any], streams: list[int]) -> int:
        """Start a run of the program; returns its process id.

        Args:
            wanted: its ``arguments``, ``environment`` and ``folder``.
            streams: file descriptors of its standard input, output and errors.
        """
        with self._one_at_a_time:
            _adopt(True)
            try:
                socket.send_fds(self._own, [json.dumps(wanted).encode()], streams)
                process_id = int(self._own.recv(100))
                self._own.recv(1)  # now nobody stands between this process and that one
            finally:
                _adopt(False)
        return process_id

    def close(self) -> None:
        self._own.close()
        self._process.wait()


class Run(subprocess.Popen[bytes]):
    """A run of the program that is copied from a nursery."""

    def __init__(self, nursery: Nursery, command: list[str], **options: Any) -> None:
        self._nursery = nursery
        super().__init__(command, **options)

    def _execute_child(self, *given: Any) -> None:
        """What ``Popen`` calls, by position, once its pipes are made."""
        command, folder, environment, pipes = given[0], given[5], given[6], given[10:16]
        wanted = {"arguments": command[3:], "environment": environment, "folder": os.fspath(folder)}
        streams = [own if own != -1 else place for place, own in enumerate((pipes[0], pipes[3], pipes[5]))]
        self.pid = self._nursery.copy(wanted, streams)
        self._child_created = True
        self._close_pipe_fds(*pipes)


def _adopt(orphans: bool) -> None:
    """Become the parent of processes whose parent ended, if it was one's own child; or leave them to init."""
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, int(orphans), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _serve(connection: socket.socket, set_by_imports: dict[str, str]) -> None:
    """Copy this process for each request; in a copy, return once it is what was asked for."""
    while True:
        message, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
        if not message:
            os._exit(0)
        between = os.fork()
        if not between:
            if child := os.fork():
                connection.send(str(child).encode())
                os._exit(0)
            connection.close()
            wanted = json.loads(message)
            wanted["environment"] = {**set_by_imports, **wanted["environment"]}
            _become(wanted, streams)
            return
        os.waitpid(between, 0)
        connection.send(b".")
        for stream in streams:
            os.close(stream)


def _become(wanted: dict[str, Any], streams: list[int]) -> None:
    """Take on the streams, environment, folder and arguments of a run."""
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    for (name, mode, buffering), place in zip(_STREAMS, range(3), strict=True):
        old = getattr(sys, name)
        new = open(place, mode, buffering, old.encoding, old.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    os.chdir(wanted["folder"])
    sys.argv[1:] = wanted["arguments"]


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    before = dict(os.environ)
    for module in _LOADED:
        import_module(module)
    CliRunner().invoke(build([]), ["--help"])  # which imports all commands
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])), dict(os.environ.items() - before.items()))
    runpy.run_module("lookalike", run_name="__main__", alter_sys=True)
