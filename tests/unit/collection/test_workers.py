from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from lookalike.collection.workers import worked
from waiting import HANG_GUARD


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_every_task_is_done_once(count: int, threads: int) -> None:
    found = list(worked(range(count), lambda number: number * number, threads))
    assert all(found)
    assert sorted(result for part in found for result in part) == [number * number for number in range(count)]


def test_tasks_are_drawn_here_and_done_elsewhere() -> None:
    here, drawn = threading.get_ident(), []

    def tasks() -> Iterator[int]:
        for number in range(20):
            drawn.append(threading.get_ident())
            yield number

    done = [place for part in worked(tasks(), lambda _: threading.get_ident(), 2) for place in part]
    assert set(drawn) == {here}
    assert len(done) == 20
    assert here not in done


def test_no_more_is_drawn_than_keeps_the_threads_busy() -> None:
    drawn: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(1000):
            drawn.append(number)
            yield number

    finished = 0
    with closing(worked(tasks(), lambda number: number, 2)) as parts:
        for part in parts:
            assert len(drawn) <= finished + 4
            finished += len(part)
    assert finished == 1000


def test_an_error_reaches_the_caller_and_ends_the_threads() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        list(worked(range(100), lambda number: 1 // (number - 10), 2))
    assert threading.active_count() == before


def test_tasks_under_way_can_be_cut_short_when_it_is_closed() -> None:
    """Before they are waited for: else this would not end."""
    cut, begun = threading.Event(), threading.Event()

    def work(number: int) -> int:
        if number:
            begun.set()
            cut.wait()
        return number

    with closing(worked([0, 1], work, 2, cut.set)) as parts:
        assert next(parts) == [0]
        assert begun.wait(HANG_GUARD)
