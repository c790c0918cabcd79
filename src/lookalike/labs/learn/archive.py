"""A ResNet-34's weights in a NumPy archive, convolutions rounded to 8 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lookalike.errors import DamagedError


def read_archive(path: Path) -> dict[str, Tensor]:
    """Read a state dict with torchvision's names.

    Args:
        path: a ``.npz`` file; an int8 array NAME is to be multiplied by the array ``NAME.scale``.

    Returns:
        float32 tensors by name.

    Raises:
        DamagedError: not such a file.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise DamagedError(f"weights {path} cannot be read: {error}") from error
    state = {}
    for name, values in arrays.items():
        if not name.endswith(".scale"):
            scale = arrays.get(f"{name}.scale", np.float32(1))
            state[name] = torch.from_numpy(np.asarray(values * scale, np.float32))
    return state
