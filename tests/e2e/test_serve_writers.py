"""A served collection to which another process writes, and does not come to an end."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from hostile import encoded
from pictures import draw, write
from program import Program
from served import serving
from waiting import HANG_GUARD

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
print("given back", flush=True)
sys.stdin.readline()
"""


@contextmanager
def writing(catalog: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the write lock of a catalog until it is sent a line."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, catalog], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("processes", [1, 2])
def test_everything_but_changes_goes_on_while_another_process_writes(
    processes: int, program: Program
) -> None:
    """The other process ends its change only after all these answers, so none of them can have waited."""
    write(program.home / "pictures", 4)
    assert program.here("index", "pictures").code == 0
    catalog = program.collection / "catalog.sqlite"
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute("DELETE FROM sights")  # a search would keep new ones
    new = encoded(draw(50), "PNG")
    with serving(program, "--processes", str(processes)) as server, ThreadPoolExecutor(8) as pool:
        with writing(catalog) as writer:
            assert writer.stdin is not None
            assert writer.stdout is not None

            def change() -> httpx.Response:
                with httpx.Client(base_url=server.url, timeout=HANG_GUARD) as client:
                    return client.post("/v1/images", files={"files": ("new.png", new)})

            changes = [pool.submit(change) for _ in range(6)]
            for seed in range(4):
                for _ in range(2 * processes):  # by new connections, which all processes take
                    with httpx.Client(base_url=server.url, timeout=HANG_GUARD) as client:
                        assert client.get("/livez").status_code == 200
                        assert client.get("/v1/stats").json()["images"] == 4
                picture = encoded(draw(seed), "PNG")
                (match,) = server.search(picture, k=1, folder=program.home / "pictures")["matches"]
                again = server.search(int(match["image_id"]), k=4)["matches"]
                assert again[0]["image_id"] == match["image_id"]
                assert server.client.get(match["thumbnail"]).status_code == 200
                answer = server.client.post("/v1/compare", files={"a": picture}, data={"b_id": "1"})
                assert answer.status_code == 200
            assert not any(done.done() for done in changes)
            writer.stdin.write("\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == "given back\n"
            answers = [done.result() for done in changes]
        assert [answer.status_code for answer in answers] == [200] * 6
        assert sorted(answer.json()["added"][0]["new"] for answer in answers) == [False] * 5 + [True]
        assert server.search(new, k=1)["images"] == 5
