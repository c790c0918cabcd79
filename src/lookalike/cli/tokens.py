"""The secret that lets a client in: from a file or the environment, never from the command line."""

from __future__ import annotations

import os
from pathlib import Path

from lookalike.errors import UsageError, reason_of

_VARIABLE = "LOOKALIKE_TOKEN"


def read_token(file: Path | None) -> str | None:
    """The token in a file, or else in the environment; None where neither is given.

    Raises:
        UsageError: the file cannot be read, or the token is empty or no plain ASCII.
    """
    if file is None:
        token = os.environ.get(_VARIABLE)
        if token is None:
            return None
        place = _VARIABLE
    else:
        place = f"token file {file}"
        try:
            token = file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{place} cannot be read: {reason_of(error)}") from error
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{place} must hold one word of printable ASCII")
    return token
