"""``lookalike lab``: training and experiments, one small file a group of commands.

What computes is imported inside the commands: it needs optional packages.
"""

from __future__ import annotations

import typer

from lookalike.cli.lab import learn

app = typer.Typer(help="Train networks; repeat the experiments.", no_args_is_help=True)
for command in (learn.train, learn.evaluate, learn.export, learn.distil):
    app.command()(command)
