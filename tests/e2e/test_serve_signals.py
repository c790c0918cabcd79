"""A server that is told to stop in its first moments: as soon as it says that it serves, it hears."""

from __future__ import annotations

import signal

import pytest

from pictures import write
from program import Program
from waiting import HANG_GUARD


@pytest.mark.parametrize("options", [(), ("--processes", "2")], ids=["one process", "two processes"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_right_after_the_first_line_ends_it(
    number: signal.Signals, options: tuple[str, ...], program: Program
) -> None:
    write(program.home / "pictures", 1)
    assert program.here("index", "pictures").code == 0
    start = program.start if options else program.fork
    process = start("serve", "--port", "0", *options)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith(b"Serving http://")
        process.send_signal(number)
        _, log = process.communicate(timeout=HANG_GUARD)
    finally:
        process.kill()
    assert process.returncode == 0, log
    assert b"Traceback" not in log
