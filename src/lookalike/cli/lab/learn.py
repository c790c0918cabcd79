"""``lookalike lab train``, ``evaluate``, ``export`` and ``distil``: embedding networks, made and measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.codes import INTERRUPTED
from lookalike.cli.grouping import grouped
from lookalike.cli.lab.copies import evaluate_copies
from lookalike.cli.lab.options import Device, Folder, Lists, Seed
from lookalike.cli.options import AsJson
from lookalike.cli.output import counted, note, say, say_json, say_table
from lookalike.errors import UsageError
from lookalike.later import needing
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings

Weights = Annotated[
    str,
    typer.Option(
        "--weights", help="Weights to start from: resnet34, lite0, resnet34-imagenet, a file, or a URL."
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where a stopped run ended.")]


@dataclass(frozen=True)
class Schedule:
    """How long a network is fine-tuned, on what size of pictures, and how much of it."""

    epochs: Annotated[
        int,
        typer.Option(
            "--epochs", help="Most passes over the pictures; training ends earlier without progress."
        ),
    ] = 10
    freeze: Annotated[
        int, typer.Option("--freeze", help="Leave this many of the network's 4 stages unchanged.")
    ] = 0
    side: Annotated[
        int | None, typer.Option("--side", help="Side of the input in pixels (default: that of the weights).")
    ] = None
    adversarial: Annotated[
        float,
        typer.Option(
            "--adversarial",
            metavar="EPS",
            help="Harden the network: mislead it in half of the pictures, by at most this much of 0 to 1.",
            show_default=False,
        ),
    ] = 0.0
    seed: Seed = 0


@grouped
def train(
    *,
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", help="The trained model's file, MODEL.pt.")],
    weights: Weights = "resnet34",
    schedule: Schedule,
    lists: Lists,
    device: Device = "auto",
    resume: Resume = False,
) -> None:
    """Fine-tune a network on the classes of a folder: Adam, cross-entropy, early stopping."""
    with needing("labs"):
        from lookalike.labs.learn import checkpoints, devices, tuning  # noqa: PLC0415
        from lookalike.labs.shared import splits  # noqa: PLC0415
    chosen = devices.device_named(device)
    parts = splits.split(folder, lists.train_list, lists.test_list, schedule.seed)
    model = checkpoints.load_model(weights)
    training = tuning.Training(
        schedule.epochs,
        schedule.freeze,
        model.side if schedule.side is None else schedule.side,
        schedule.seed,
        schedule.adversarial,
    )
    note(
        f"{counted(len(parts.training), 'picture')} of {counted(len(parts.classes), 'class', 'classes')} to "
        f"learn from, {len(parts.validation):,} to decide when to stop; {training.side} px, {chosen.type}"
    )
    out = absolute(out)
    try:
        _, accuracy = tuning.fine_tune(
            model, parts, training, out, device=chosen, settings=load_settings(), resume=resume
        )
    except KeyboardInterrupt:
        note("Stopped. Whole epochs are kept; add --resume to the same command to go on.")
        raise typer.Exit(INTERRUPTED) from None
    say(f"{shown(out)}: accuracy on the validation pictures {accuracy:.3f}.")


@dataclass(frozen=True)
class Drawn:
    """Whether edited copies are measured, of how many pictures, and what decides which."""

    copies: Annotated[
        Path | None,
        typer.Option("--copies", metavar="FOLDER", help="Measure how well edited copies of these are found."),
    ] = None
    queries: Annotated[
        int,
        typer.Option("--queries", help="With --copies: how many pictures with a match, and as many without."),
    ] = 120
    seed: Seed = 0


@grouped
def evaluate(
    *,
    model: Annotated[str, typer.Argument(help="What lab train wrote, or an embedder's name or .onnx file.")],
    folder: Annotated[Path | None, typer.Argument(help="Pictures, one folder per class.")] = None,
    drawn: Drawn,
    lists: Lists,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for evaluation.json and confusion.png, or for copies.json."),
    ] = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Measure a model on pictures it did not learn from: on classes, or on edited copies (--copies)."""
    if (folder is None) == (drawn.copies is None):
        raise UsageError("give a folder with one folder per class, or --copies FOLDER, and not both")
    if drawn.copies is not None:
        evaluate_copies(model, drawn.copies, drawn.queries, drawn.seed, out, as_json=as_json)
        return
    assert folder is not None  # noqa: S101  (one of the two is given)
    with needing("labs"):
        from lookalike.labs.learn import devices, measuring  # noqa: PLC0415
        from lookalike.labs.shared import splits  # noqa: PLC0415
    parts = splits.split(folder, lists.train_list, lists.test_list, drawn.seed)
    if not parts.test:
        raise UsageError(f"{shown(folder)} has too few pictures to measure on")
    result = measuring.measure(model, parts, devices.device_named(device), load_settings())
    if out is not None:
        measuring.write(result, absolute(out), model)
    if as_json:
        say_json("evaluate/1", model=model, **result.facts())
        return
    say(f"{counted(result.test, 'test picture')}, {result.training:,} training pictures as neighbours:")
    if result.top_1 is not None:
        say(f"  accuracy of the head         {result.top_1:.3f}")
    for voters, accuracy in result.neighbours.items():
        say(f"  accuracy by {f'{voters}-NN vote':16} {accuracy:.3f}")
    say(f"  mean average precision at 10 {result.mean_average_precision:.3f}")
    say()
    worst = sorted(result.classes, key=lambda score: (score.found, score.name))
    rows = [
        (f"{score.found:.3f}", str(score.pictures), _with_mistake(score.name, score.mistaken_for))
        for score in worst
    ]
    say_table(("found", "pictures", "class"), rows)
    if out is not None:
        note(f"written: {shown(absolute(out))}")


def export(
    model: Annotated[str, typer.Argument(help="What lab train wrote, resnet34-imagenet, a file or a URL.")],
    out: Annotated[Path, typer.Option("--out", help="The embedder's file, NAME.onnx.")],
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            help="Sample of the pictures to be searched. With it, the embedder computes in 8-bit integers.",
        ),
    ] = None,
    licence: Annotated[str, typer.Option("--licence", help="Licence of the weights.")] = "not stated",
) -> None:
    """Make an embedder for --model from a trained model; its head is left out."""
    with needing("labs"):
        from lookalike.labs.learn import checkpoints, conversion, decoded  # noqa: PLC0415
    out = absolute(out)
    if out.suffix != ".onnx":
        raise UsageError(f"an embedder's file ends in .onnx, and {shown(out)} does not")
    loaded = checkpoints.load_model(model)
    sample = None if pictures is None else decoded.sample(absolute(pictures), loaded.side, load_settings())
    result = conversion.convert(loaded, out, licence, sample)
    size = out.stat().st_size / 1e6
    say(f"{shown(out)}: {size:.1f} MB, {result.card.dim} dimensions, {result.card.side} px")
    if result.agreement is not None:
        least, mean = result.agreement
        say(f"  cosine with the float32 network: {mean:.4f} on average, {least:.4f} at least")
        say(f"  pictures within distance {result.card.same_distance} count as similar")


def distil(
    recipe: Annotated[Path, typer.Argument(help="TOML file that names pictures, steps and weights.")],
    data: Annotated[Path, typer.Option("--data", help="Folder with all that the recipe names.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for checkpoint, log and embedders.")],
    device: Device = "auto",
) -> None:
    """Make the bundled network by its recipe. Stopped, the same command goes on at the last checkpoint."""
    with needing("labs"):
        from lookalike.labs.learn import bundle, devices  # noqa: PLC0415
        from lookalike.labs.learn.recipe import Recipe  # noqa: PLC0415
    settings, chosen = load_settings(), devices.device_named(device)
    made = bundle.make_bundle(Recipe.read(recipe), data, absolute(out), settings.threads, chosen)
    say(f"{shown(made)}: {made.stat().st_size / 1e6:.1f} MB")


def _with_mistake(name: str, mistaken_for: str) -> str:
    return f"{name}  (else most often {mistaken_for})" if mistaken_for else name
