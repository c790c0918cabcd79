"""ONNX Runtime on the CPU, one thread a call."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from lookalike.errors import DamagedError

_ERRORS_ONLY = 3


def open_session(model: bytes, path: Path) -> onnxruntime.InferenceSession:
    """Open a model for many threads, each of which computes alone.

    Args:
        model: content of an ONNX file.
        path: for messages.

    Raises:
        DamagedError: it is none, or the runtime cannot run it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors share no public base class
        raise DamagedError(f"model file {path} cannot be loaded: {error}") from error
