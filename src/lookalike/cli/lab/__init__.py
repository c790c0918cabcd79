"""``lookalike lab``: training and experiments, one small file per group of commands.

What computes is imported inside the commands: it needs optional packages.
"""

from __future__ import annotations

import typer

from lookalike.cli.lab import learn
from lookalike.cli.lab.attack import attack
from lookalike.cli.lab.bench import PASSING_ON, bench
from lookalike.cli.lab.leak import leak
from lookalike.cli.lab.map import map_pictures
from lookalike.cli.lab.report import report
from lookalike.cli.lab.robust import robust

app = typer.Typer(help="Train networks and repeat the experiments.", no_args_is_help=True)
for command in (learn.train, learn.evaluate, learn.export, learn.distil, attack, robust, leak, report):
    app.command()(command)
app.command("map")(map_pictures)
app.command("bench", context_settings=PASSING_ON)(bench)
