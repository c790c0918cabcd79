"""``lookalike hash`` and ``lookalike compare``: pictures without a collection."""

from __future__ import annotations

from typing import Annotated

import typer

from lookalike.cli.codes import REJECTED
from lookalike.cli.options import AsJson
from lookalike.cli.output import note, say, say_json
from lookalike.collection.comparison import HASH_BITS, Hasher
from lookalike.errors import ImageError
from lookalike.paths import shown

Bits = Annotated[int, typer.Option("--bits", help="Length of the hash, a multiple of 8 from 96 to 512.")]
Seed = Annotated[
    int, typer.Option("--seed", help="Draws the hyperplanes; keep it secret to keep them secret.")
]


def hash_images(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE…", help="Files or web addresses.")],
    bits: Bits = HASH_BITS,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Print perceptual hashes: pictures that look alike differ in few bits."""
    hasher = Hasher(bits=bits, seed=seed)
    hashes: list[dict[str, str]] = []
    rejected: list[dict[str, str]] = []
    for image in images:
        try:
            hashes.append({"path": image, "hash": hasher.hash(image)})
        except ImageError as error:
            rejected.append({"path": image, "reason": str(error)})
            note(str(error))
            continue
        if not as_json:
            say(f"{hashes[-1]['hash']}  {shown(image)}")
    if as_json:
        say_json("hash/1", bits=bits, seed=seed, hashes=hashes, rejected=rejected)
    if rejected:
        raise typer.Exit(REJECTED)


def compare(
    first: Annotated[str, typer.Argument(help="A file or web address.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    max_distance: Annotated[
        float | None,
        typer.Option(
            "--max-distance",
            help="Distance up to which pictures that are no copies count as similar (default: the model's).",
        ),
    ] = None,
    bits: Bits = HASH_BITS,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Tell whether one picture is a copy of another. Exit code 0: identical or a copy; 1: neither."""
    found = Hasher(bits=bits, seed=seed).compare(first, second, max_distance=max_distance)
    if as_json:
        say_json(
            "compare/2",
            verdict=found.verdict,
            same=found.same,
            evidence=found.evidence and found.evidence.facts(),
            distance=round(found.distance, 6),
            similarity=round(found.similarity, 6),
            max_distance=found.max_distance,
            differing_bits=found.differing_bits,
            bits=found.bits,
        )
    else:
        say(found.verdict)
        if found.evidence is not None and found.verdict == "copy":
            say(f"second picture  {', '.join(found.evidence.words) or 'the same view'}")
            say(f"agreement       {found.evidence.agreement:.0%} of what both show")
        say(f"distance        {found.distance:.4f} (similar up to {found.max_distance:g})")
        say(f"similarity      {found.similarity:.4f}")
        say(f"differing bits  {found.differing_bits} of {found.bits}")
    if not found.same:
        raise typer.Exit(REJECTED)
