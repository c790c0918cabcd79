from __future__ import annotations

from collections.abc import Iterator

import torch

from lookalike.labs.learn.replay import Replay

HALF = 2


def _coming() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for batch in range(40):
        numbers = torch.arange(2 * HALF) + 10 * batch
        yield numbers, numbers[:, None, None, None, None].expand(-1, 2, 1, 1, 3).to(torch.uint8)


def test_each_batch_comes_once_and_mixtures_of_kept_ones_between() -> None:
    replay = Replay(_coming(), 3, torch.device("cpu"))
    mixed = set()
    for step in range(60):
        numbers, views = replay.batch(step)
        assert views.shape == (2 * HALF, 2, 1, 1, 3)
        assert (views[:, 0, 0, 0, 0] == numbers.to(torch.uint8)).all()
        first, last = int(numbers[0]) // 10, int(numbers[-1]) // 10
        if step % 3 == 0:
            assert numbers.tolist() == [10 * (step // 3) + place for place in range(4)]
        else:
            assert numbers.tolist() == [10 * first, 10 * first + 1, 10 * last + 2, 10 * last + 3]
            assert step // 3 - 15 <= min(first, last) <= max(first, last) <= step // 3
            mixed.add((first, last))
    assert sum(first != last for first, last in mixed) > 20


def test_a_run_that_goes_on_between_two_batches_begins_with_a_new_one() -> None:
    replay = Replay(_coming(), 3, torch.device("cpu"))
    assert replay.batch(7)[0].tolist() == [0, 1, 2, 3]
