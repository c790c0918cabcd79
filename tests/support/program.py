"""Runs the real program so that it knows nothing of the person running the tests."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from forked import Forked
from lookalike.cli.main import build
from waiting import HANG_GUARD


@dataclass(frozen=True)
class Done:
    """How a run ended.

    Attributes:
        code: exit code.
        out: standard output.
        err: standard error.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output as the one JSON object that it must be."""
        answer: dict[str, Any] = json.loads(self.out)
        assert self.out.count("\n") == 1
        return answer


class Program:
    """The command ``lookalike`` for one collection."""

    def __init__(self, home: Path) -> None:
        """Make a home folder.

        Args:
            home: where the program may write; the collection is its folder ``collection``.
        """
        self.home = home
        self.collection = home / "collection"
        home.mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        self.environment = {
            **kept,
            "HOME": str(home),
            "COLUMNS": "200",
            # Tests share the cores, and the threads of these wait by spinning.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "LOOKALIKE_COLLECTION": str(self.collection),
        }

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command and return at once.

        Args:
            *arguments: the command and what follows it.
            **options: for ``subprocess.Popen``.
        """
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, "-m", "lookalike", *map(str, arguments)]
        return subprocess.Popen(command, **{"env": self.environment, "cwd": self.home, **streams, **options})

    def fork(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command in a process forked from one that has imported the program; see ``forked``.

        Args:
            *arguments: the command and what follows it.
            **options: for ``subprocess.Popen``; in ``env`` may be more settings than usual, and nothing else.
        """
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = list(map(str, arguments))
        return Forked(command, **{"env": self.environment, "cwd": self.home, **streams, **options})

    def __call__(
        self, *arguments: str | Path, stdin: bytes = b"", environment: dict[str, str] | None = None
    ) -> Done:
        """Run a command to its end; none may show a traceback.

        Args:
            *arguments: the command and what follows it.
            stdin: what it can read.
            environment: variables to set besides the usual ones; empty ones are taken away.
        """
        variables = {**self.environment, **(environment or {})}
        only_settings = all(name.startswith("LOOKALIKE_") for name in environment or {})
        process = (self.fork if only_settings else self.start)(
            *arguments,
            stdin=subprocess.PIPE,
            env={name: value for name, value in variables.items() if value},
        )
        out, err = process.communicate(stdin, timeout=HANG_GUARD)
        done = Done(process.returncode, out.decode(), err.decode())
        assert "Traceback" not in done.err, done.err
        return done

    def here(
        self, *arguments: str | Path, stdin: bytes = b"", environment: dict[str, str] | None = None
    ) -> Done:
        """Run a command to its end in this process, for tests that ask nothing about the process.

        It is what ``lookalike.cli.main.run`` runs once it has prepared the process. Calling the program
        instead takes 0.1 s more, and 2 s more if it imports PyTorch.

        Args:
            *arguments: the command and what follows it.
            stdin: what it can read.
            environment: variables to set besides the usual ones; empty ones are taken away.
        """
        given = [str(argument) for argument in arguments]
        inherited = {name: None for name in os.environ if name.startswith(("LOOKALIKE_", "XDG_"))}
        variables = {**self.environment, **(environment or {})}
        own = {name: value or None for name, value in variables.items()}
        with contextlib.chdir(self.home):
            done = CliRunner().invoke(
                build(given), given, stdin, env={**inherited, **own}, catch_exceptions=False
            )
        return Done(done.exit_code, done.stdout, done.stderr)
