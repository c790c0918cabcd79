"""Result files: what an experiment measured, as JSON, with the machine it was measured on.

Drawings, pages and the report read result files and nothing else.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

from lookalike.disk import replacing
from lookalike.errors import DamagedError, NotFoundError

OTHER_VERSION = (KeyError, IndexError, TypeError, AttributeError, ValueError, StopIteration)
"""What reading the facts of a result raises if it was written by a version that wrote other facts."""


def write_facts(path: Path, **facts: Any) -> None:
    """Write a result file, replaced whole; its folder is made if it is missing.

    Args:
        path: of the file.
        **facts: what JSON can hold.
    """
    machine = {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "processor": _processor(),
        "python": platform.python_version(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write((json.dumps({"machine": machine, **facts}, indent=1) + "\n").encode())


def read_facts(path: Path) -> dict[str, Any]:
    """Read a result file.

    Raises:
        NotFoundError: there is none, or it may not be read.
        DamagedError: it does not hold a JSON object.
    """
    try:
        facts = json.loads(path.read_text())
    except OSError as error:
        raise NotFoundError(f"result {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DamagedError(f"result {path} is no JSON: {error}") from error
    if not isinstance(facts, dict):
        raise DamagedError(f"result {path} holds a {type(facts).__name__}, not facts by name")
    return facts


def kept_facts(path: Path, settings: object) -> dict[str, Any] | None:
    """What an earlier run wrote with the same settings; None if there is nothing that can be used again.

    Args:
        path: of the result file.
        settings: what its ``settings`` must be.
    """
    try:
        facts = read_facts(path)
    except (NotFoundError, DamagedError):
        return None
    return facts if facts.get("settings") == settings else None


def _processor() -> str:
    """What the processor is called, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
