"""What a contender can do: build, search at a setting, add or remove one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors

Setting = Mapping[str, Any]
Found = NDArray[np.integer]


class Contender(ABC):
    """An index over rows of length 1, whose numbers are their ids.

    Attributes:
        name: of the curve to which all points of this contender belong.
        variant: what was chosen when it was built; empty if there is no choice.
        copied_bytes: bytes per number in the contender's own copy of the vectors: 4 for float32, 0 if it
            keeps none. They are subtracted from its growth in memory, to leave what it needs besides.
        alone: whether to time it one query at a time as well.
        most_queries: how many queries it is given if it is too slow for all of them.
    """

    name: ClassVar[str]
    variant: str = ""
    copied_bytes: int = 4
    alone: ClassVar[bool] = False
    most_queries: ClassVar[int | None] = None

    @property
    def key(self) -> str:
        """Name and variant, which tell it from all others."""
        return f"{self.name} {self.variant}".strip()

    def warm_up(self, vectors: Vectors) -> None:  # noqa: B027 -- most have nothing to do
        """Do what the first build and search of a process do once, such as to compile.

        Args:
            vectors: (n, dim) the rows that will be indexed.
        """

    @abstractmethod
    def build(self, vectors: Vectors) -> None:
        """Index (n, dim) rows of length 1, which nobody changes afterwards."""

    @abstractmethod
    def settings(self) -> Sequence[Setting]:
        """The settings at which searches are measured, each a point of the contender's curve."""

    @abstractmethod
    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """The ids of the k nearest to each query, (q, k); padded with -1 if fewer were found."""

    def add(self, row_id: int, vector: Vectors) -> None:
        """Add one row, (1, dim), to a built index.

        Raises:
            NotImplementedError: it cannot.
        """
        raise NotImplementedError

    def remove(self, row_id: int) -> None:
        """Remove one row from a built index.

        Raises:
            NotImplementedError: it cannot.
        """
        raise NotImplementedError
