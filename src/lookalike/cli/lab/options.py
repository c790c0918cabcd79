"""Arguments and options that several commands of the lab share, each said once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(help="Pictures, one folder per class.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of every random choice.")]
Device = Annotated[str, typer.Option("--device", help="Where to compute: auto, cpu or cuda.")]


@dataclass(frozen=True)
class Lists:
    """Files that divide a folder's pictures; both are given, or neither."""

    train_list: Annotated[
        Path | None,
        typer.Option(
            "--train-list", help="File that lists the pictures to learn from: one CLASS/PICTURE per line."
        ),
    ] = None
    test_list: Annotated[
        Path | None,
        typer.Option(
            "--test-list", help="File that lists the pictures to measure on: one CLASS/PICTURE per line."
        ),
    ] = None
