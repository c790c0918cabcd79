from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from lookalike.images.room import LARGE_PIXELS, SMALL_PIXELS, Room, taken
from waiting import HANG_GUARD

UNIT = SMALL_PIXELS + 1


class Gauge:
    """Counts the pixels inside a room, and the most that were inside at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.inside = self.most = 0

    def add(self, pixels: int) -> None:
        with self._lock:
            self.inside += pixels
            self.most = max(self.most, self.inside)


def test_the_sum_stays_within_the_room_and_everybody_gets_in() -> None:
    room, gauge = Room(10 * UNIT), Gauge()
    sizes = [UNIT, 3 * UNIT, 7 * UNIT, 10 * UNIT] * 25

    def visit(pixels: int) -> int:
        with room.taken(pixels):
            gauge.add(pixels)
            gauge.add(-pixels)
        return pixels

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(visit, sizes)) == sizes
    assert gauge.inside == 0
    assert gauge.most <= 10 * UNIT


def test_what_is_larger_than_the_room_is_let_in_alone() -> None:
    room, entered = Room(2 * UNIT), threading.Event()

    def visit() -> None:
        with room.taken(UNIT):
            entered.set()

    with ThreadPoolExecutor(1) as pool:
        with room.taken(50 * UNIT):
            later = pool.submit(visit)
            assert not entered.wait(0.1)
        later.result(HANG_GUARD)
    assert entered.is_set()


def test_small_pictures_never_wait() -> None:
    room = Room(UNIT)
    with room.taken(UNIT), room.taken(SMALL_PIXELS), room.taken(SMALL_PIXELS):
        pass


def test_a_large_picture_is_not_passed_by_smaller_ones_for_ever() -> None:
    room, order = Room(4 * UNIT), []
    waiting = threading.Barrier(2)

    def large() -> None:
        waiting.wait(HANG_GUARD)
        with room.taken(4 * UNIT):
            order.append("large")

    with ThreadPoolExecutor(2) as pool:
        with room.taken(UNIT):
            first = pool.submit(large)
            waiting.wait(HANG_GUARD)
            while not room._waiting:  # it stands in the queue
                assert not first.done()

            def small() -> None:
                with room.taken(UNIT):
                    order.append("small")

            second = pool.submit(small)
            while len(room._waiting) < 2:
                assert not second.done()
        first.result(HANG_GUARD)
        second.result(HANG_GUARD)
    assert order == ["large", "small"]


def test_who_gives_up_leaves_the_queue_to_those_behind() -> None:
    room, given_up = Room(UNIT), threading.Event()

    def visit() -> None:
        with room.taken(UNIT, given_up.is_set):
            pass

    with ThreadPoolExecutor(1) as pool:
        with room.taken(UNIT):
            leaving = pool.submit(visit)
            while not room._waiting:
                assert not leaving.done()
            given_up.set()
            room.wake()
            leaving.result(HANG_GUARD)  # while the room is full
        with room.taken(UNIT):
            pass


def test_others_do_not_wait_for_large_ones() -> None:
    with taken(10**9), taken(LARGE_PIXELS):
        pass
