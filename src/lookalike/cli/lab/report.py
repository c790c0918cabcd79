"""``lookalike lab report``: all experiments, and one page that holds the reference's claims against them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.codes import INTERRUPTED, REJECTED
from lookalike.cli.lab.extras import needing
from lookalike.cli.lab.learn import Folder, TestList, TrainList
from lookalike.cli.output import note, say
from lookalike.errors import NotFoundError
from lookalike.paths import absolute, shown


def report(
    folder: Folder,
    train_list: TrainList = None,
    test_list: TestList = None,
    classifier: Annotated[
        Path | None,
        typer.Option("--classifier", help="What lab train wrote for this folder, not to train it."),
    ] = None,
    defended: Annotated[
        Path | None, typer.Option("--defended", help="What lab train --adversarial wrote, not to train it.")
    ] = None,
    transfer: Annotated[
        list[str] | None,
        typer.Option(
            "--transfer",
            help="An embedder on which the attacks are tried too, besides the fine-tuned; repeatable.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for page, results and models.")] = Path(
        "report-output"
    ),
    quick: Annotated[bool, typer.Option("--quick", help="Small samples: a few minutes.")] = False,
    only_bind: Annotated[bool, typer.Option("--only-bind", help="Run nothing; bind what there is.")] = False,
    without_pictures: Annotated[
        bool, typer.Option("--without-pictures", help="Leave out figures that show pictures of the folder.")
    ] = False,
) -> None:
    """Run every experiment that has not been run, and write one page about what the reference claims."""
    with needing("labs"):
        from lookalike.labs.report import binding, sampling, steps  # noqa: PLC0415
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {shown(folder)}")
    lists = [
        part
        for name, path in (("--train-list", train_list), ("--test-list", test_list))
        if path is not None
        for part in (name, str(absolute(path)))
    ]
    request = steps.Request(
        absolute(folder),
        tuple(lists),
        absolute(out),
        None if classifier is None else absolute(classifier),
        None if defended is None else absolute(defended),
        quick,
        tuple(transfer or ()),
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
