"""Arguments and options that several commands of the lab share, each said once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(help="Pictures, in one folder a class.")]
Seed = Annotated[int, typer.Option("--seed", help="Of everything that is drawn.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")]


@dataclass(frozen=True)
class Lists:
    """Files that divide a folder's pictures; both are given, or neither."""

    train_list: Annotated[
        Path | None, typer.Option("--train-list", help="Pictures to learn from, CLASS/PICTURE a line.")
    ] = None
    test_list: Annotated[
        Path | None, typer.Option("--test-list", help="Pictures to measure on, CLASS/PICTURE a line.")
    ] = None
