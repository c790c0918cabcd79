"""``lookalike lab leak``: how well the class of a picture can be told from its hash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.grouping import grouped
from lookalike.cli.lab.options import Folder, Seed
from lookalike.cli.options import AsJson
from lookalike.cli.output import say, say_json, say_table
from lookalike.collection.comparison import HASH_BITS
from lookalike.embed import load_embedder
from lookalike.labs.leak import measuring, reading
from lookalike.settings import load_settings

_LABELLED = 2 / 3  # of each class


@dataclass(frozen=True)
class Drawn:
    """Which pictures are hashed, and how."""

    classes: Annotated[int, typer.Option("--classes", help="How many classes (folders) to choose.")] = 20
    pictures: Annotated[int, typer.Option("--pictures", help="How many pictures of each class.")] = 30
    bits: Annotated[int, typer.Option("--bits", help="Length of a hash.")] = HASH_BITS
    seed: Seed = 0


@grouped
def leak(
    *,
    folder: Folder,
    model: Annotated[
        str | None, typer.Option("--model", help="Embedder: a name or an .onnx file (default: lite0).")
    ] = None,
    drawn: Drawn,
    as_json: AsJson = False,
) -> None:
    """Guess the classes of hashed pictures, with and without the key of the hashes."""
    settings = load_settings({"model": model})
    embedder = load_embedder(settings.model)
    paths = reading.chosen(Path(folder), drawn.classes, drawn.pictures, drawn.seed)
    vectors, labels = reading.embedded(paths, embedder, settings)
    labelled, hashed = measuring.divided(vectors, labels, _LABELLED, drawn.seed)
    found = measuring.measure(labelled, hashed, drawn.bits, (drawn.seed + 1, drawn.seed + 2))
    if as_json:
        say_json("leak/1", model=embedder.card.name, **found.facts())
        return
    say(
        f"{found.hashed} pictures of {found.classes} classes, of which only hashes of {found.bits} bits are "
        f"seen, and {found.labelled} of known class; share of classes told rightly:"
    )
    rows = [
        (found.chance, "always the same class"),
        (found.other_key, "labelled pictures hashed with another key"),
        *((share, f"with the hashes of {count} known pictures") for count, share in found.known.items()),
        (found.same_key, "labelled pictures hashed with the same key"),
        (found.vectors, "embeddings instead of hashes"),
    ]
    say_table(("share", "what is known"), [(f"{share:.3f}", words) for share, words in rows])
    say(f"Of the hashes with another key, {found.joined:.3f} are nearest to those of the same picture.")
