"""``lookalike lab report``: all experiments, and one page that compares the reference's claims with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.codes import INTERRUPTED, REJECTED
from lookalike.cli.grouping import grouped
from lookalike.cli.lab.options import Folder, Lists
from lookalike.cli.output import note, say
from lookalike.errors import NotFoundError
from lookalike.later import needing
from lookalike.paths import absolute, shown


@dataclass(frozen=True)
class Networks:
    """Networks that there are already."""

    classifier: Annotated[
        Path | None,
        typer.Option(
            "--classifier", help="A network that lab train wrote for this folder, instead of training one."
        ),
    ] = None
    defended: Annotated[
        Path | None,
        typer.Option(
            "--defended", help="A network that lab train --adversarial wrote, instead of training one."
        ),
    ] = None
    transfer: Annotated[
        list[str] | None,
        typer.Option(
            "--transfer",
            help="An embedder on which the attacks are tried too, besides the fine-tuned; repeatable.",
        ),
    ] = None


@grouped
def report(
    *,
    folder: Folder,
    lists: Lists,
    networks: Networks,
    out: Annotated[Path, typer.Option("--out", help="Folder for page, results and models.")] = Path(
        "report-output"
    ),
    quick: Annotated[bool, typer.Option("--quick", help="Small samples: a few minutes.")] = False,
    only_bind: Annotated[
        bool, typer.Option("--only-bind", help="Run no experiment; write the page from what there is.")
    ] = False,
    without_pictures: Annotated[
        bool, typer.Option("--without-pictures", help="Leave out figures that show pictures of the folder.")
    ] = False,
) -> None:
    """Run every experiment that has not been run, and write one page about what the reference claims."""
    with needing("labs"):
        from lookalike.labs.report import binding, sampling, steps  # noqa: PLC0415
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {shown(folder)}")
    listed = [
        part
        for name, path in (("--train-list", lists.train_list), ("--test-list", lists.test_list))
        if path is not None
        for part in (name, str(absolute(path)))
    ]
    request = steps.Request(
        absolute(folder),
        tuple(listed),
        absolute(out),
        None if networks.classifier is None else absolute(networks.classifier),
        None if networks.defended is None else absolute(networks.defended),
        quick,
        tuple(networks.transfer or ()),
    )
    try:
        if only_bind:
            failures = steps.failed_before(request.results)
        else:
            failures = steps.run(steps.plan(sampling.sampled(request)), request.results, note)
    except KeyboardInterrupt:
        note("Stopped. What was finished is kept; the same command goes on.")
        raise typer.Exit(INTERRUPTED) from None
    for line in binding.bind(request, failures, with_pictures=not without_pictures):
        say(line)
    note(f"written: {shown(request.out / binding.PAGE)}")
    if failures and not only_bind:
        raise typer.Exit(REJECTED)
