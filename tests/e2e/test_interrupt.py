"""Ctrl-C, with and without a terminal: what was done is kept, and the same command goes on."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

import hostile
from children import running, wait_until_working
from lookalike import Collection, Settings
from pictures import draw, write
from program import Program
from waiting import HANG_GUARD

COUNT = 45  # fewer than those of which a calibration is measured, which is not what is stopped here
STOPPED = re.compile(r"Stopped\. ([\d,]+) files? done and kept; run the same command again to go on\.")
BAR = re.compile(rf"Indexing .*?(\d+)/{COUNT}")


@pytest.fixture
def pictures(program: Program) -> Path:
    write(program.home / "pictures", COUNT)
    return program.home / "pictures"


def _images(program: Program) -> int:
    """Images in the collection as it is now, seen by another process."""
    if not (program.collection / "catalog.sqlite").exists():
        return 0
    with Collection.open(program.collection, settings=Settings()) as collection:
        return len(collection)


def _interrupt_when_at_work(program: Program, process: subprocess.Popen[bytes], presses: int = 1) -> None:
    last = time.monotonic() + HANG_GUARD
    while not _images(program) and process.poll() is None and time.monotonic() < last:
        time.sleep(0.02)
    for _ in range(presses):
        process.send_signal(signal.SIGINT)


def _goes_on(program: Program, told: int) -> None:
    """What was said to be kept is there, is sound, and is not done again; the rest is.

    Ctrl-C can come after a few more files were stored and before they were counted.
    """
    kept = _images(program)
    assert 0 <= told <= kept < COUNT
    assert kept > 0
    assert program.here("verify").out == f"{kept} images checked: all is well.\n"
    answer = program.here("index", "pictures", "--json").json
    assert (answer["added"], answer["unchanged"], answer["images"]) == (COUNT - kept, kept, COUNT)


@pytest.mark.parametrize(("presses", "form"), [(1, ()), (2, ("--json",))], ids=["once", "twice"])
def test_without_a_terminal(presses: int, form: tuple[str, ...], program: Program, pictures: Path) -> None:
    """No part of a result is written, in either form."""
    process = program.fork("index", pictures, *form)
    _interrupt_when_at_work(program, process, presses)
    out, err = process.communicate(timeout=HANG_GUARD)
    assert (process.returncode, out) == (130, b"")
    told = STOPPED.fullmatch(err.decode().strip())
    assert told, err
    _goes_on(program, int(told[1]))


def test_on_a_terminal(program: Program, pictures: Path) -> None:
    """The key itself: the terminal sends the signal, and shows a bar that is gone in the end."""
    outer, inner = pty.openpty()
    process = program.start(
        "index",
        pictures,
        stdin=inner,
        stderr=inner,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(inner), os.O_RDWR)),  # makes it the controlling one
        env={**program.environment, "TERM": "xterm"},
    )
    os.close(inner)
    shown, pressed = b"", False
    last = time.monotonic() + HANG_GUARD
    while time.monotonic() < last:
        if not select.select([outer], [], [], 1)[0]:
            continue
        try:
            shown += os.read(outer, 4096)
        except OSError:  # what Linux answers once the other end is closed
            break
        counts = [int(count) for count in BAR.findall(shown.decode(errors="replace"))]
        if not pressed and counts and 0 < counts[-1] < COUNT:
            os.write(outer, b"\x03")
            pressed = True
    os.close(outer)
    assert process.stdout is not None
    assert process.stdout.read() == b""
    process.stdout.close()
    assert process.wait(timeout=HANG_GUARD) == 130
    text = shown.decode()
    assert pressed
    assert "images/s" in text
    assert "\x1b[?25h" in text  # the cursor is back
    told = STOPPED.search(text)
    assert told, text
    _goes_on(program, int(told[1]))


def test_the_bar_leaves_stdout_to_the_result(program: Program) -> None:
    write(program.home / "pictures", 12)
    outer, inner = pty.openpty()
    process = program.fork(
        "index", "pictures", "--json", stderr=inner, env={**program.environment, "TERM": "xterm"}
    )
    os.close(inner)
    shown = b""
    while True:
        try:
            piece = os.read(outer, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(outer)
    out, _ = process.communicate(timeout=HANG_GUARD)
    assert process.returncode == 0
    assert json.loads(out)["added"] == 12
    assert b"Indexing" in shown


def test_quiet_means_no_bar(program: Program) -> None:
    write(program.home / "pictures", 3)
    outer, inner = pty.openpty()
    process = program.fork(
        "index", "pictures", "-q", stderr=inner, env={**program.environment, "TERM": "xterm"}
    )
    assert process.wait(timeout=HANG_GUARD) == 0
    assert process.stdout is not None
    assert process.stdout.read() == b""
    process.stdout.close()
    assert select.select([outer], [], [], 0)[0] == []
    os.close(inner)
    os.close(outer)


def test_a_search_that_waits_for_stdin_can_be_stopped(program: Program) -> None:
    draw(0).save(program.home / "a.png")
    program.here("index", "a.png")
    process = program.fork("search", "-", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"\x89PNG")
    process.stdin.flush()
    last = time.monotonic() + HANG_GUARD
    while not _waits_in_read(process.pid) and time.monotonic() < last:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=HANG_GUARD)
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in err


def _waits_in_read(process_id: int) -> bool:
    """Whether the process has been asleep through a tenth of a second of no computing at all."""
    used = []
    for _ in range(3):
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        used.append((fields[0], int(fields[11]) + int(fields[12])))
        time.sleep(0.1)
    return used[0] == used[1] == used[2] and used[0][0] == "S"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_a_picture_that_takes_for_ever_does_not_keep_it(program: Program) -> None:
    """Its decoder ends with the program, even one that never answers, since it is stopped."""
    folder = program.home / "pictures"
    write(folder, 10)
    (folder / "a-bomb.png").write_bytes(hostile.png_bomb())
    patient = {"LOOKALIKE_MAX_PIXELS": str(10**10), "LOOKALIKE_DECODE_SECONDS": str(10 * HANG_GUARD)}
    process = program.fork("index", folder, env={**program.environment, **patient})
    decoder = wait_until_working(of=process.pid)
    for process_id in decoder:
        os.kill(process_id, signal.SIGSTOP)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANG_GUARD)
    assert process.returncode == 130
    assert STOPPED.fullmatch(err.decode().splitlines()[-1]), err
    assert not set(decoder) & set(running())
    done = program.here("index", folder, "--json")
    assert (done.code, done.json["images"]) == (1, 10)
    (rejected,) = done.json["rejected"]
    assert "50,000 x 50,000 pixels, above the limit" in rejected["reason"]
