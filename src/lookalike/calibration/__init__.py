"""Calibration: the chance that two unrelated pictures (*strangers*) look as alike as these two.

A similarity of 0.6 says little among photos of one motorbike shop and much among holiday pictures. So a
similarity is counted from the *level* of both pictures, which is what they score against a sample of the
collection (``background``). Together with the second look it makes a *score* (``scoring``), and the scores of
pairs of strangers, found in the collection itself (``strangers``), say what share of strangers scores as high
(``tail``). That share is the *chance* p by which a verdict is given.

A small collection leans on strangers that ship with the program (``shipping``).
"""

from __future__ import annotations

from lookalike.calibration.calibrated import Calibration, stale
from lookalike.calibration.strangers import measure

__all__ = ["Calibration", "measure", "stale"]
