"""More than the server can do: it turns some away at once, answers the others, and ends in order."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from hostile import encoded
from lookalike.labs.bench.load import ask, search_form
from pictures import draw, write
from program import Program
from served import serving
from waiting import HANG_GUARD

QUEUE = 4


@pytest.fixture
def filled(program: Program) -> Program:
    write(program.home / "pictures", 3)
    assert program.here("index", "pictures").code == 0
    return program


@pytest.mark.slow
def test_beyond_the_queue_there_is_503_and_nothing_worse(filled: Program) -> None:
    forms = [search_form(file=encoded(draw(seed, 900, 700), "PNG")) for seed in range(4)]
    with serving(filled, "--queue", str(QUEUE)) as server:
        few = ask(server.port, forms, QUEUE, most=16)
        assert few.statuses == {200: 16}
        many = ask(server.port, forms, 8 * QUEUE, most=64)
        assert set(many.statuses) == {200, 503}
        assert many.statuses[200] >= QUEUE
        assert server.metric("lookalike_turned_away_total") >= 1
        after = ask(server.port, forms, QUEUE, most=8)
        assert after.statuses == {200: 8}


def test_who_is_turned_away_is_told_when_to_come_again(filled: Program) -> None:
    picture = encoded(draw(0), "PNG")
    with serving(filled, "--queue", "1") as server:
        answer = server.client.post("/v1/search/batch", files=[("files", picture)] * 2)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["type"] == "urn:lookalike:problem:busy"
        assert server.search(picture)["matches"]


def test_answers_under_way_are_given_before_the_end(filled: Program, tmp_path: Path) -> None:
    large = encoded(draw(0, 1600, 1200), "PNG")
    statuses = []
    with (tmp_path / "log").open("wb") as log:
        process = filled.fork("serve", "--port", "0", stderr=log)
    assert process.stdout is not None
    url = process.stdout.readline().decode().split()[1]
    httpx.get(f"{url}readyz", timeout=HANG_GUARD)

    def search() -> None:
        statuses.append(httpx.post(f"{url}v1/search", files={"file": large}, timeout=HANG_GUARD).status_code)

    threads = [threading.Thread(target=search) for _ in range(6)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + HANG_GUARD
    while (
        "lookalike_pictures_in_work 6" not in httpx.get(f"{url}metrics", timeout=HANG_GUARD).text
        and not statuses
    ):
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    for thread in threads:
        thread.join()
    with process.stdout:
        assert process.wait(HANG_GUARD) == 0
    assert statuses == [200] * 6
    assert "Traceback" not in (tmp_path / "log").read_text()
