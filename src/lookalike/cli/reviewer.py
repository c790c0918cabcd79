"""Who decides, for commands that are written into the audit log."""

from __future__ import annotations

import getpass
import os
from typing import Annotated

import typer

Who = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who decides, for the audit log (default: your login name)."),
]


def reviewer(name: str | None) -> str:
    """The name that was given, or that of the user who runs the program; a bare number if it has none."""
    if name is not None:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run a user of whom nothing is known
        return f"user {os.getuid()}"
