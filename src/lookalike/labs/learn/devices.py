"""Where networks are trained, and in what precision."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from lookalike.errors import UsageError

DEVICES = ("auto", "cpu", "cuda")


def device_named(name: str) -> torch.device:
    """The device of a name; ``auto`` is a GPU where there is one.

    Raises:
        UsageError: no such device.
    """
    if name not in DEVICES:
        raise UsageError(f"device must be one of {', '.join(DEVICES)}, not {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("there is no GPU that PyTorch can use; leave out --device")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def fast_precision(device: torch.device) -> AbstractContextManager[Any]:
    """Products in bfloat16 where the hardware has them, which is about twice as fast; else in float32."""
    if device.type == "cuda" or _multiplies_bfloat16():
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()


def _multiplies_bfloat16() -> bool:
    """Whether the processor does; older versions of PyTorch cannot tell."""
    if not hasattr(torch.cpu, "get_capabilities"):
        return False
    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))
