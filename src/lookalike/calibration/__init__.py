"""Calibration: the chance that two unrelated pictures (*strangers*) look as alike as these two.

A similarity of 0.6 says little among photos of one motorbike shop and much among holiday pictures. So a
similarity is counted from the *level* of both pictures, which is what they score against a sample of the
collection (``background``). Together with the second look it makes a *score* (``scoring``), and the scores of
pairs of strangers, found in the collection itself (``strangers``), say what share of strangers scores as high
(``tail``). That share is the *chance* p by which a verdict is given.

A small collection leans on strangers that ship with the program (``shipping``).

- ``background`` gives each picture its level, ``scoring`` makes one score of a pair, ``strangers`` measures
  pairs of the collection, of which ``pairs`` keeps the highest in bounded memory, and ``tail`` tells how rare
  a score is.
- ``calibrated`` is all of that for one collection, ``saved`` its file, ``shipping`` the strangers that ship.
"""

from __future__ import annotations

from lookalike.calibration.calibrated import Calibration, stale
from lookalike.calibration.strangers import measure

__all__ = ["Calibration", "measure", "stale"]
