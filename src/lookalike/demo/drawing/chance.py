"""Choosing one of several things, typed as the things are (numpy's own choice returns array scalars)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def pick(random: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, each as likely."""
    return options[int(random.integers(len(options)))]


def shuffled(random: np.random.Generator, options: Sequence[T]) -> list[T]:
    """All of the options in a random order."""
    return [options[i] for i in random.permutation(len(options)).tolist()]
