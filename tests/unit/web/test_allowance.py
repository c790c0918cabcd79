from __future__ import annotations

from lookalike.web.allowance import Allowance


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_and_then_one_by_one() -> None:
    clock = Clock()
    allowance = Allowance(6, clock)
    assert [allowance.wait("ada") for _ in range(7)] == [0] * 6 + [10]
    assert allowance.wait("ben") == 0  # whose requests are counted apart
    clock.now += 9
    assert allowance.wait("ada") == 1
    clock.now += 1
    assert [allowance.wait("ada") for _ in range(2)] == [0, 10]
    clock.now += 1000
    assert [allowance.wait("ada") for _ in range(7)] == [0] * 6 + [10]


def test_never_more_than_twice_the_worth_in_any_minute() -> None:
    clock = Clock()
    allowance = Allowance(30, clock)
    passed = []
    for _ in range(2000):
        if allowance.wait("ada") == 0:
            passed.append(clock.now)
        clock.now += 0.1
    assert max(sum(at <= one < at + 60 for one in passed) for at in passed) <= 60
    later = [one for one in passed if one >= 1060]
    assert max(sum(at <= one < at + 60 for one in later) for at in later) in (30, 31)


def test_one_a_minute() -> None:
    clock = Clock()
    allowance = Allowance(1, clock)
    assert [allowance.wait("ada"), allowance.wait("ada")] == [0, 60]
    clock.now += 60
    assert allowance.wait("ada") == 0
