"""``lookalike lab attack``: how little must change in a picture for the search to be fooled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lookalike.cli.codes import INTERRUPTED
from lookalike.cli.grouping import grouped
from lookalike.cli.lab.options import Device, Folder, Lists, Seed
from lookalike.cli.options import AsJson
from lookalike.cli.output import counted, note, say, say_json, say_table
from lookalike.later import needing
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings

if TYPE_CHECKING:
    from lookalike.labs.attack.plan import Plan


@dataclass(frozen=True)
class Aim:
    """What is attacked, how, and by what else the attacked pictures are judged."""

    model: Annotated[
        str,
        typer.Option("--model", help="The embedder to attack: resnet34, lite0, or what lab export wrote."),
    ] = "resnet34"
    classifier: Annotated[
        Path | None,
        typer.Option(
            "--classifier", help="A network that lab train wrote: it names the classes, and is attacked."
        ),
    ] = None
    objective: Annotated[
        list[str] | None,
        typer.Option(
            "--objective", help="misclassify, evade or collide; repeatable (default: all that are possible)."
        ),
    ] = None
    budget: Annotated[
        list[float] | None,
        typer.Option(
            "--budget",
            help="Greatest change of a pixel value, on a scale of 0 to 1; repeatable (default: six values).",
        ),
    ] = None
    pictures: Annotated[int, typer.Option("--pictures", min=1, help="How many pictures are attacked.")] = 48
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of projected gradient descent.")] = 10
    transfer: Annotated[
        list[str] | None,
        typer.Option(
            "--transfer",
            help="Also try the attacked pictures on this embedder, unknown to the attacker; repeatable.",
        ),
    ] = None
    defended: Annotated[
        Path | None, typer.Option("--defended", help="A classifier from lab train --adversarial.")
    ] = None

    def plan(self, seed: int) -> Plan:
        """The experiment that is asked for; without a classifier, nothing can be misclassified."""
        from lookalike.labs.attack import plan, runs  # noqa: PLC0415  needs PyTorch

        possible = tuple(n for n in runs.OBJECTIVES if n != "misclassify" or self.classifier is not None)
        return plan.Plan(
            self.model,
            tuple(self.objective or possible),
            tuple(self.budget or plan.BUDGETS),
            self.pictures,
            self.steps,
            seed,
            tuple(self.transfer or ()),
        )


@grouped
def attack(
    *,
    folder: Folder,
    aim: Aim,
    seed: Seed = 0,
    lists: Lists,
    out: Annotated[Path, typer.Option("--out", help="Folder for results and pictures.")] = Path(
        "attack-output"
    ),
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Attack the search with pictures changed too little to see, and measure what helps against it."""
    with needing("labs"):
        from lookalike.labs.attack import curves, experiment, pairs, victim  # noqa: PLC0415
        from lookalike.labs.learn import devices  # noqa: PLC0415
        from lookalike.labs.shared import results, splits  # noqa: PLC0415
    settings, chosen, out = load_settings(), devices.device_named(device), absolute(out)
    plan = aim.plan(seed)
    parts = splits.split(folder, lists.train_list, lists.test_list, seed)
    labelling, hardened = (
        None if path is None else victim.load_classifier(path, parts.classes, chosen)
        for path in (aim.classifier, aim.defended)
    )
    try:
        runner = experiment.experiment(
            folder, parts, plan, labelling, hardened, out, device=chosen, settings=settings
        )
    except KeyboardInterrupt:
        note("Stopped. Attacks that were finished are kept; the same command goes on.")
        raise typer.Exit(INTERRUPTED) from None
    facts = results.read_facts(out / experiment.RESULT)
    curves.draw(facts, out / "attack.png")
    pairs.draw(runner, plan, parts.classes, out)
    if as_json:
        say_json("attack/1", **facts)
        return
    say(f"{counted(facts['pictures'], 'picture')} attacked; share of successes")
    say_table(("budget", "before rounding", "in 8-bit files", "attack"), _rows(facts["runs"]))
    note(f"written: {shown(out)}")


def _rows(entries: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """One a run; each has an entry before rounding and one after."""
    shares = {
        (entry["objective"], entry["method"], entry["budget"], entry["through"]): entry["success"]
        for entry in entries
    }
    return [
        (f"{budget:g}", _share(shares[objective, method, budget, "float"]), _share(share),
         f"{objective} by {method.upper()}")
        for (objective, method, budget, through), share in shares.items()
        if through == "file"
    ]  # fmt: skip


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
