"""Runs the real program so that it knows nothing of the person running the tests."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from lookalike.cli.main import build
from nursery import Nursery, Run
from waiting import HANG_GUARD

_STARTED: set[str] = set()  # commands that were started from nothing in this process


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
        self.environment = {
            **_common_environment(),
            "HOME": str(home),
            "LOOKALIKE_COLLECTION": str(self.collection),
        }

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command and return at once.

        The first run of each command starts from nothing, as a person's does. Later ones come from a nursery,
        unless they ask for more than streams and settings.

        Args:
            *arguments: the command and what follows it.
            **options: for ``subprocess.Popen``.
        """
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, "-m", "lookalike", *map(str, arguments)]
        options = {"env": self.environment, "cwd": self.home, **streams, **options}
        name = command[3] if arguments else ""
        if name in _STARTED and _only_settings(options):
            return Run(_nursery(), command, **options)
        _STARTED.add(name)
        return subprocess.Popen(command, **options)

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
        process = self.start(
            *arguments,
            stdin=subprocess.PIPE,
            env={name: value for name, value in variables.items() if value},
        )
        out, err = process.communicate(stdin, timeout=HANG_GUARD)
        done = Done(process.returncode, out.decode(), err.decode())
        assert "Traceback" not in done.err, done.err
        return done

    def here(self, *arguments: str | Path) -> Done:
        """Run a command to its end in this process, for tests that ask nothing about the process.

        It is what ``lookalike.cli.main.run`` runs once it has prepared the process. Calling the program
        instead takes 0.4 s more, and 2 s more if it imports PyTorch.
        """
        given = [str(argument) for argument in arguments]
        inherited = {name: None for name in os.environ if name.startswith(("LOOKALIKE_", "XDG_"))}
        with contextlib.chdir(self.home):
            done = CliRunner().invoke(
                build(given), given, env={**inherited, **self.environment}, catch_exceptions=False
            )
        return Done(done.exit_code, done.stdout, done.stderr)


def _common_environment() -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ},
        "COLUMNS": "200",
        # Tests share the cores, and the threads of these wait by spinning.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


@cache
def _nursery() -> Nursery:
    """The one of this process. Nothing of a home is read before there is a run, which brings its own."""
    made = Nursery(_common_environment())
    atexit.register(made.close)
    return made


def _only_settings(options: dict[str, Any]) -> bool:
    """Whether a run asks for nothing but streams, a folder, a home and settings of its own."""
    changed = {name for name, _ in options["env"].items() ^ _common_environment().items()}
    return (
        sys.platform == "linux"
        and options.keys() == {"env", "cwd", "stdin", "stdout", "stderr"}
        and all(name == "HOME" or name.startswith("LOOKALIKE_") for name in changed)
    )
