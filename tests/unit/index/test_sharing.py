"""Pieces of work that threads share."""

from __future__ import annotations

import threading

import pytest

from lookalike.index import sharing
from lookalike.index.sharing import share
from waiting import HANG_GUARD


def nothing() -> None:
    pass


@pytest.fixture(autouse=True)
def _cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "usable_cores", lambda: 3)


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_every_piece_is_done_once(count: int) -> None:
    done: list[int] = []
    share(done.append, range(count), nothing)
    assert sorted(done) == list(range(count))


def test_there_is_a_thread_for_each_core() -> None:
    before, meeting = threading.active_count(), threading.Barrier(3)
    found: list[int] = []
    share(lambda _: found.append(meeting.wait(HANG_GUARD)), range(3), nothing)  # one by one would hang
    assert sorted(found) == [0, 1, 2]
    assert threading.active_count() == before


@pytest.mark.parametrize("wrong", range(3))
def test_what_a_piece_raises_is_raised(wrong: int) -> None:
    meeting = threading.Barrier(3)  # so that each thread, also the caller's, does one piece

    def work(piece: int) -> None:
        meeting.wait(HANG_GUARD)
        if piece == wrong:
            raise KeyError(piece)

    with pytest.raises(KeyError, match=str(wrong)):
        share(work, range(3), nothing)


def test_nothing_more_is_done_once_it_is_not_wanted() -> None:
    before, done = threading.active_count(), list[int]()
    over = threading.Event()

    def work(piece: int) -> None:
        done.append(piece)
        assert over.wait(HANG_GUARD)

    def not_wanted() -> None:
        over.set()
        raise InterruptedError

    with pytest.raises(InterruptedError):
        share(work, range(10**6), not_wanted)
    assert len(done) < 10**6
    assert threading.active_count() == before
