"""The ways through the house in ARCHITECTURE.md, held against what really runs."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import httpx
import pytest
import uvicorn

import lookalike
from hostile import encoded
from lookalike.web.app import build
from lookalike.web.options import ServerOptions
from pictures import write
from program import Program
from scenes import scene
from waiting import HANG_GUARD

PAGE = Path(__file__).resolve().parents[2] / "ARCHITECTURE.md"
PACKAGE = Path(lookalike.__file__).parent
MOST_ROOMS = 10

Rooms = dict[str, str]
"""Module and function of each room, in order."""


def way(beginning: str) -> Rooms:
    """The list below the line that begins so."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n{beginning}")[2]
    lines = text.split("\n\n", 2)[1].splitlines()
    found = [re.match(rf"{number}\. `(\S+)` `(\w+)`", line) for number, line in enumerate(lines, 1)]
    return {room[1]: room[2] for room in found if room}


class Steps:
    """The rooms that are entered while it watches.

    Attributes:
        entered: each room once, in the order of their first entries.
        callers: for each room, the other rooms that it was entered from; a thread's first room has none.
    """

    def __init__(self, rooms: Rooms) -> None:
        self.entered: list[str] = []
        self.callers: dict[str, set[str]] = {room: set() for room in rooms}
        self._rooms = {str(PACKAGE / room): room for room in rooms}
        self._functions = rooms

    def forget(self) -> None:
        """Begin anew."""
        self.entered.clear()
        for others in self.callers.values():
            others.clear()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """See what this thread does, and threads that it starts."""
        threading.setprofile(self._see)
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _see(self, frame: FrameType, event: str, _: object) -> None:
        room = self._rooms.get(frame.f_code.co_filename)
        if event != "call" or room is None or frame.f_code.co_name != self._functions[room]:
            return
        if room not in self.entered:
            self.entered.append(room)
        caller = frame.f_back
        while caller is not None:
            other = self._rooms.get(caller.f_code.co_filename)
            if other not in (None, room):
                self.callers[room].add(str(other))
                return
            caller = caller.f_back


def expect(steps: Steps, rooms: Rooms) -> None:
    """The rooms were entered in their order, and none again from another one."""
    assert 5 < len(rooms) <= MOST_ROOMS
    assert steps.entered == list(rooms)
    assert {room: others for room, others in steps.callers.items() if len(others) > 1} == {}


def test_a_query(program: Program) -> None:
    paths = write(program.home / "pictures", 4)
    assert program.here("index", "pictures").code == 0
    steps = Steps(rooms := way("A query"))
    with steps.watched():
        assert program.here("search", paths[1]).code == 0
    expect(steps, rooms)


def test_a_file(program: Program) -> None:
    write(program.home / "pictures", 4)
    steps = Steps(rooms := way("A file"))
    with steps.watched():
        assert program.here("index", "pictures").code == 0
    expect(steps, rooms)


@contextmanager
def served_here(program: Program) -> Iterator[str]:
    """The server's address, while a thread of this process runs it."""
    server = uvicorn.Server(
        uvicorn.Config(build(ServerOptions({"default": program.collection})), port=0, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        end = time.monotonic() + HANG_GUARD
        while not server.started:
            assert time.monotonic() < end
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_an_upload(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    write(program.home / "pictures", 1)
    assert program.here("index", "pictures").code == 0
    for name, value in program.environment.items():
        monkeypatch.setenv(name, value)
    steps = Steps(rooms := way("An upload"))
    with steps.watched(), served_here(program) as address:
        steps.forget()  # the server has tried its embedder
        answer = httpx.post(f"{address}/v1/images", files={"files": ("new.png", encoded(scene(9), "PNG"))})
    assert len(answer.json()["added"]) == 1
    expect(steps, rooms)
