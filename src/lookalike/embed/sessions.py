"""Sessions of ONNX Runtime on the CPU, each call on one thread.

No other module of the product imports ONNX Runtime, because since 1.32 its builds report to their vendor:
they keep a device id and a database of events in ``~/.cache/Microsoft`` and look up a host on the internet.
Only the variable below stops that, and only if it is set before the import; a call of the runtime's own
``disable_telemetry_events()`` does not.
"""

from __future__ import annotations

import os
from pathlib import Path

from lookalike.errors import DamagedError

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

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
