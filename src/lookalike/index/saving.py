"""An LSH index as named arrays and facts in an index file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.index import estimate, files
from lookalike.index.cells import Cells
from lookalike.index.hashed import Hashed
from lookalike.index.hashing import HashFunctions
from lookalike.index.rows import Rows
from lookalike.index.state import State, unhashed
from lookalike.index.tuning import RecallPoint
from lookalike.kernels.tables import Tables

_KIND = "lsh"


def write(path: Path, settings: Mapping[str, Any], state: State) -> None:
    """Write a settled state: all rows in the main part, and no changes since the tables were filled.

    Args:
        path: where; an older file there is replaced.
        settings: what JSON can hold, to be returned by ``read``.
        state: of the index.

    Raises:
        OSError: the file cannot be written.
    """
    curves = {k: [asdict(point) for point in curve] for k, curve in state.curves.items()}
    arrays: files.Arrays = {"ids": state.rows.main.ids, "vectors": state.rows.main.vectors}
    if state.hashed is not None:
        functions, tables = state.hashed
        arrays |= {"centre": functions.centre, "planes": functions.planes, "signs": functions.signs}
        arrays |= {"centres": functions.cells.centres, "weights": state.judge.weights}
        arrays |= {"farthest": np.array([state.judge.farthest]), "share": np.array([state.judge.share])}
        arrays |= tables._asdict()
    files.write(path, _KIND, {**settings, "curves": curves}, arrays)


def read(path: Path, checked: files.Stamp | None = None) -> tuple[dict[str, Any], State]:
    """Open a file that ``write`` wrote, and check every byte of it.

    Args:
        path: the file.
        checked: the stamp that it had before an earlier check; while it has that, the vectors are left out.

    Returns:
        ``(settings, state)``.

    Raises:
        DamagedError: there is no such file, or it does not hold what it should.
    """
    settings, arrays = files.read(path, _KIND, sound="vectors", as_of=checked)
    with files.damage_reported(path):
        curves = {
            int(k): tuple(RecallPoint(**point) for point in curve)
            for k, curve in settings.pop("curves").items()
        }
        ids, vectors = arrays.pop("ids"), arrays.pop("vectors")
        state = unhashed(Rows(vectors.shape[1], ids, vectors))
        if arrays:
            # A file before version 6 has no weights, one before version 7 no share.
            usual = {"weights": estimate.USUAL, "farthest": np.array([np.inf]), "share": np.array([0.0])}
            judge = estimate.checked(**{name: arrays.pop(name, usual[name]) for name in usual})
            tables = Tables(**{name: arrays.pop(name) for name in Tables._fields})
            # A file of version 4 has no centres: its keys are signs.
            cells = Cells.around(arrays.pop("centres")) if "centres" in arrays else Cells.none()
            bits = 0 if len(cells.centres) else _bits_of(tables)
            hashed = Hashed(HashFunctions(**arrays, bits=bits, cells=cells), tables)
            hashed.check(len(ids), vectors.shape[1])
            state = replace(state, hashed=hashed, curves=curves, judge=judge)
    return settings, state


def _bits_of(tables: Tables) -> int:
    """The length of keys that are signs, as the number of buckets tells it."""
    return int(tables.starts.shape[1] - 1).bit_length() - 1
