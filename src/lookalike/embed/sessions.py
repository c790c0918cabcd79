"""Sessions of ONNX Runtime on the CPU, each call on one thread.

No other module of the product imports ONNX Runtime, because since 1.32 its builds report to their vendor:
they keep a device id and a database of events in ``~/.cache/Microsoft`` and look up a host on the internet.
Only the variable below stops that, and only if it is set before the import; a call of the runtime's own
``disable_telemetry_events()`` does not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.embed.external import external_data
from lookalike.errors import DamagedError

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

_ERRORS_ONLY = 3


def open_session(
    model: bytes, path: Path, data: Mapping[str, bytes] | None = None
) -> onnxruntime.InferenceSession:
    """Open a model for many threads, each of which computes alone.

    Args:
        model: content of an ONNX file.
        path: of that file.
        data: its external data, if the caller has read it already.

    Raises:
        DamagedError: it is none, or the runtime cannot run it.
        NotFoundError: its external data is not beside it.
    """
    data = external_data(model, path) if data is None else data
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        if data:
            options.add_external_initializers_from_files_in_memory(
                list(data), list(data.values()), [len(content) for content in data.values()]
            )
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors share no public base class
        raise DamagedError(f"model file {path} cannot be loaded: {error}") from error


def run(
    session: onnxruntime.InferenceSession, output: str, given: Mapping[str, NDArray[Any]], path: Path
) -> NDArray[Any]:
    """One output of a network.

    Args:
        session: of the network.
        output: its name.
        given: the network's inputs by name.
        path: of the network's file, for messages.

    Raises:
        DamagedError: the network does not take such inputs.
    """
    try:
        return np.asarray(session.run([output], dict(given))[0])
    except Exception as error:  # the runtime's errors share no public base class
        raise DamagedError(f"{path} does not take pictures as described: {error}") from error
