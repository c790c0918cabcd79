"""Result files: what an experiment measured, as JSON, with the machine it was measured on.

Drawings, pages and the report read result files and nothing else.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

from lookalike.errors import DamagedError, NotFoundError


def write_facts(path: Path, **facts: Any) -> None:
    """Write a result file, replaced whole; its folder is made where it is missing.

    Args:
        path: of the file.
        **facts: what JSON can hold.
    """
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps({"machine": machine, **facts}, indent=1) + "\n")
    partial.replace(path)


def read_facts(path: Path) -> dict[str, Any]:
    """Read a result file.

    Raises:
        NotFoundError: there is none.
        DamagedError: it holds something else.
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
