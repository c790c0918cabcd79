"""``lookalike lab robust``: which alterations of your own pictures a search sees through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lookalike.cli.codes import INTERRUPTED
from lookalike.cli.grouping import grouped
from lookalike.cli.lab.options import Seed
from lookalike.cli.options import AsJson
from lookalike.cli.output import counted, note, note_rejected, say, say_json, say_table
from lookalike.embed import load_embedder
from lookalike.errors import UsageError
from lookalike.later import needing
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings

NOT_ROBUST = 1
_QUERIES, _QUERIES_QUICK = 100, 20


@dataclass(frozen=True)
class Measure:
    """How many pictures are altered, and where the border lies that their copies must be within."""

    queries: Annotated[
        int | None,
        typer.Option("--queries", help="How many pictures to alter (default: 100; with --quick: 20)."),
    ] = None
    false_positives: Annotated[
        float,
        typer.Option(
            "--false-positives",
            metavar="RATE",
            help="Share of pairs of different pictures that may be mixed up.",
        ),
    ] = 1e-5
    require: Annotated[
        float | None,
        typer.Option(
            "--require",
            metavar="SHARE",
            help="Exit with code 1 if the originals of a mild alteration come first less often than this.",
        ),
    ] = None
    seed: Seed = 0

    def __post_init__(self) -> None:
        if self.require is not None and not 0 <= self.require <= 1:
            raise UsageError(f"--require takes a share from 0 to 1, not {self.require}")


@grouped
def robust(
    *,
    folder: Annotated[Path, typer.Argument(help="Pictures, at any depth.")],
    model: Annotated[
        str | None, typer.Option("--model", help="Embedder: a name or an .onnx file (default: lite0).")
    ] = None,
    measure: Measure,
    out: Annotated[Path, typer.Option("--out", help="Folder for robust.json and robust.html.")] = Path(
        "robust-output"
    ),
    quick: Annotated[bool, typer.Option("--quick", help="Fewer strengths and fewer pictures.")] = False,
    as_json: AsJson = False,
) -> None:
    """Alter pictures in many ways and find their originals again, beside classic perceptual hashes."""
    with needing("labs"):
        from lookalike.labs.robust import measuring, methods, reading, result, writing  # noqa: PLC0415
    settings, out = load_settings({"model": model}), absolute(out)
    default = _QUERIES_QUICK if quick else _QUERIES
    queries = default if measure.queries is None else measure.queries
    setting = result.Setting(queries, measure.false_positives, measure.seed, quick)
    embedder = load_embedder(settings.model)
    try:
        pictures = reading.read_pictures(folder, embedder, out / "described", settings)
        if pictures.rejected:
            note(f"{counted(len(pictures.rejected), 'file')} could not be used:")
            note_rejected(pictures.rejected)
        found = measuring.measure(pictures, embedder, setting, settings)
    except KeyboardInterrupt:
        note("Stopped. What is read is kept; run the same command again to go on.")
        raise typer.Exit(INTERRUPTED) from None
    writing.write_robustness(found, out, settings)
    facts = found.facts()
    if as_json:
        say_json("robust/1", **facts)
    else:
        _say(facts)
    note(f"written: {shown(out / 'robust.html')} and robust.json")
    failing = [] if measure.require is None else found.failing(measure.require)
    if failing:
        named = ", ".join(f"{row.edit.label} ({row.first[methods.EMBEDDING]:.3f})" for row in failing)
        note(f"not robust: less than {measure.require:g} of the copies lead to their original first: {named}")
        raise typer.Exit(NOT_ROBUST)


def _say(facts: dict[str, Any]) -> None:
    """Two tables: how often originals come first, and how often they are within the border."""
    altered = f"{counted(facts['queries'], 'picture')} altered and compared with {facts['images']:,}"
    say(f"{altered}; share of copies whose original comes first (m: mild):")
    say_table((*facts["methods"], "", ""), _shares(facts, "first"))
    pairs, borders = facts["pairs"], [facts["borders"][method] for method in facts["methods"]]
    among = " in different folders" if pairs["between_folders"] else ""
    say()
    say(
        f"Share whose original is within the border that lets in {1e6 * facts['false_positive_rate']:g} in a "
        f"million of {pairs['counted']:,} pairs{among}:"
    )
    ends = [
        (*(f"{border['within']:.3g}" for border in borders), "", "Border: cosine distance, bits that differ"),
        (*(f"{1e6 * border['rate']:.1f}" for border in borders), "", "Pairs within, of a million"),
    ]
    say_table((*facts["methods"], "", ""), [*_shares(facts, "found"), *ends])


def _shares(facts: dict[str, Any], measure: str) -> list[tuple[str, ...]]:
    return [
        (
            *(f"{row[measure][method]:.3f}" for method in facts["methods"]),
            "m" if row["mild"] else "",
            row["description"],
        )
        for row in facts["alterations"]
    ]
