"""The background: a sample of a collection, against which each picture has a level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.kernels.arrays import Vectors

MOST = 1000
"""Rows of the largest sample."""

FEWEST = 50
"""Pictures that a collection needs to have a background."""

_LEFT_OUT = 0.02
_LEAST_LEFT_OUT = 4
_COUNTED = 3
"""The level of a picture is its mean similarity to 3 rows, those that come after the nearest 2 % of the
sample. The nearest are left out because they may be copies of the picture, or the picture itself."""

_BLOCK = 4096  # pictures compared with the sample at a time: 16 MB of similarities


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """A sample of a collection's copy parts.

    Attributes:
        rows: (m, dim) float32 rows of unit length; m is 0 if the collection has too few pictures, and at
            most 1,000.
    """

    rows: Vectors

    @classmethod
    def none(cls) -> Background:
        """No background: all levels are 0."""
        return cls(np.empty((0, 0), np.float32))

    @classmethod
    def of(cls, copies: Vectors) -> Background:
        """Draw the sample, the same from the same rows.

        Args:
            copies: (n, dim) float32 copy parts of a collection, rows of unit length.
        """
        if len(copies) < FEWEST:
            return cls.none()
        if len(copies) <= MOST:
            return cls(np.array(copies, np.float32))
        drawn = np.sort(np.random.default_rng(0).choice(len(copies), MOST, replace=False))
        return cls(np.asarray(copies[drawn], np.float32))

    def levels(self, copies: Vectors) -> Vectors:
        """What pictures score against the sample, whether they belong to the collection or not.

        Counting scores from those against a background set is the score normalisation of Pizzi et al., "A
        Self-Supervised Descriptor for Image Copy Detection", 2022; here the set's very top is left out.

        Args:
            copies: (n, dim) float32 rows of unit length.

        Returns:
            (n,) float32 mean cosines, 0 without a sample.
        """
        levels = np.zeros(len(copies), np.float32)
        size = len(self.rows)
        if not size:
            return levels
        start = max(_LEAST_LEFT_OUT, round(_LEFT_OUT * size))
        places = range(size - start - _COUNTED, size - start)
        for first in range(0, len(copies), _BLOCK):
            block = slice(first, first + _BLOCK)
            similarities = copies[block] @ self.rows.T
            similarities.partition((places[0], places[-1]), axis=1)
            levels[block] = similarities[:, places[0] : places[-1] + 1].mean(axis=1)
        return levels

    def sound(self) -> bool:
        """Whether the numbers make sense, as those of a damaged file may not."""
        return bool(
            self.rows.ndim == 2
            and self.rows.dtype == np.float32
            and (len(self.rows) == 0 or FEWEST <= len(self.rows) <= MOST)
            and np.isfinite(self.rows).all()
        )
