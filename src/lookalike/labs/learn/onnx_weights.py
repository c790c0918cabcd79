"""Back from an ONNX embedder that ``export`` wrote to a network that trains on."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from lookalike.errors import DamagedError, NotFoundError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.glance import Glance
from lookalike.labs.learn.network import EmbeddingNetwork
from lookalike.labs.learn.two_readings import COPY, TwoReadings

NORMS_KEY = "lookalike.batch_norms"
"""Metadata: what folding loses of each batch normalisation."""

Network = EmbeddingNetwork | TwoReadings
"""What can be exported, and read back."""

_CENTRES = "glance.negatives.centres"
_LOST = ("weight", "running_mean", "running_var")


def pack_norms(network: nn.Module) -> str:
    """Weight, mean and variance of each batch normalisation, in the order of the modules, as base64."""
    state = network.state_dict()
    values = [state[f"{norm}.{part}"].numpy(force=True) for norm, _ in _norms(network) for part in _LOST]
    return base64.b64encode(np.concatenate(values).astype("<f4").tobytes()).decode()


def read_network(path: Path) -> Network:
    """Read the weights of an embedder.

    Weights that were rounded to 8 bits come back rounded.

    Args:
        path: an ONNX file that ``lookalike lab export`` wrote.

    Returns:
        the network, in evaluation mode.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is no ONNX file, or holds no such network.
    """
    try:
        model = onnx.load(path)
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no model file {path}") from error
    except Exception as error:  # protobuf's errors share no public base class with the system's
        raise DamagedError(f"{path} is no ONNX file: {error}") from error
    packed = {entry.key: entry.value for entry in model.metadata_props}.get(NORMS_KEY)
    if packed is None:
        raise DamagedError(f"{path} was not written by 'lookalike lab export': it cannot be trained on")
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    try:
        return _network(arrays, np.frombuffer(base64.b64decode(packed, validate=True), "<f4"))
    except (KeyError, ValueError, RuntimeError) as error:
        raise DamagedError(f"{path} holds no complete network: {error}") from error


def _network(arrays: dict[str, NDArray[np.generic]], norms: Vectors) -> Network:
    network: Network
    if any(name.startswith("copy.") for name in arrays):
        network = TwoReadings(glance=_glance(arrays))
    else:
        exponent = float(arrays["exponent"].item()) if "exponent" in arrays else 1.0
        network = EmbeddingNetwork(exponent=exponent, projected="projection.bias" in arrays)
    state = dict(network.state_dict())
    place = 0
    for norm, convolution in _norms(network):
        for part in _LOST:
            size = len(state[f"{norm}.{part}"])
            state[f"{norm}.{part}"] = torch.from_numpy(norms[place : place + size].copy())
            place += size
        epsilon = network.get_submodule(norm).eps
        factor = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + epsilon)
        weight, bias = (
            torch.from_numpy(_floats(arrays, f"{convolution}.{part}")) for part in ("weight", "bias")
        )
        state[f"{convolution}.weight"] = weight / factor[:, None, None, None]
        state[f"{norm}.bias"] = bias + state[f"{norm}.running_mean"] * factor
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear):
            for part in ("weight", "bias"):
                state[f"{name}.{part}"] = torch.from_numpy(_floats(arrays, f"{name}.{part}"))
    if isinstance(network, TwoReadings) and network.glance is not None:
        state[_CENTRES] = torch.from_numpy(_floats(arrays, _CENTRES))
    network.load_state_dict(state)
    return network.eval()


def _glance(arrays: dict[str, NDArray[np.generic]]) -> Glance | None:
    """A second glance of the size that the file's has, with other values; None if the file has none."""
    found = [array for name, array in arrays.items() if name in (_CENTRES, f"{_CENTRES}_quantized")]
    return Glance(COPY, len(found[0])) if found else None


def _norms(network: nn.Module) -> list[tuple[str, str]]:
    """Names of all batch normalisations, each with the convolution before it."""
    names = [
        name for name, module in network.named_modules() if isinstance(module, nn.Conv2d | nn.BatchNorm2d)
    ]
    pairs = list(zip(names[1::2], names[::2], strict=True))
    return sorted(pairs)


def _floats(arrays: dict[str, NDArray[np.generic]], name: str) -> Vectors:
    """A weight by its name, or from its 8-bit form: values times a scale an output channel."""
    if name in arrays:
        return np.array(arrays[name], np.float32)
    values = arrays[f"{name}_quantized"].astype(np.float32)
    scale = arrays[f"{name}_scale" if f"{name}_scale" in arrays else f"{name}_quantized_scale"]
    return values * scale.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
