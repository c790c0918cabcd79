"""A forked process of the program cannot be told from one that was started."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from program import Program
from waiting import HANG_GUARD


@pytest.mark.parametrize(
    "command",
    [("--version",), ("status",), ("compare", "one.png", "two.png"), ("search", "-")],
    ids=" ".join,
)
def test_it_ends_as_one_that_was_started(command: tuple[str, ...], tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    ends = []
    for begin in (program.start, program.fork):
        process = begin(*command, stdin=subprocess.PIPE)
        out, err = process.communicate(b"no picture", timeout=HANG_GUARD)
        ends.append((process.returncode, out, err))
    assert ends[0] == ends[1]
    assert (ends[0][0] == 0) == (command == ("--version",))


def test_it_has_the_settings_of_its_environment(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    done = program("status", environment={"LOOKALIKE_COLLECTION": str(tmp_path / "another")})
    assert str(tmp_path / "another") in done.err
    assert str(program.collection) in program("status").err


def test_a_signal_reaches_it_alone(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    first, second = (program.fork("search", "-", stdin=subprocess.PIPE) for _ in range(2))
    with first, second:
        assert first.pid != second.pid
        with pytest.raises(subprocess.TimeoutExpired):
            first.wait(0.01)
        first.send_signal(signal.SIGKILL)
        assert first.wait(HANG_GUARD) == -signal.SIGKILL
        assert second.poll() is None
        second.kill()
        assert second.wait(HANG_GUARD) == -signal.SIGKILL
