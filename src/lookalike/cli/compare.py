"""``lookalike hash`` and ``lookalike compare``: pictures without a collection."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lookalike.banks.pdq import pdq_of
from lookalike.cli.codes import REJECTED
from lookalike.cli.options import AllowPrivateUrls, AsJson
from lookalike.cli.output import note, say, say_json
from lookalike.cli.standard_input import advising_private, source_of
from lookalike.cli.words import WHOLE_PICTURE, often
from lookalike.collection.comparison import HASH_BITS, Comparison, Hasher
from lookalike.collection.hashes import COPIES_DIFFER, MEASURED, HashDifference, hash_difference
from lookalike.collection.keys import seed_of
from lookalike.collection.pictures import open_picture
from lookalike.errors import ImageError, UsageError
from lookalike.paths import shown
from lookalike.settings import load_settings
from lookalike.sight.evidence import DIFFERS_IN

Bits = Annotated[int, typer.Option("--bits", help="Length of the hash, a multiple of 8 from 96 to 512.")]
Seed = Annotated[
    int,
    typer.Option("--seed", help="Draws the hyperplanes; hashes of different seeds cannot be compared."),
]


def hash_images(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE…", help="Files or web addresses.")],
    compare: Annotated[
        bool, typer.Option("--compare", help="Compare two hashes instead, given in hexadecimal.")
    ] = False,
    pdq: Annotated[
        bool, typer.Option("--pdq", help="Meta's PDQ hash instead, with its quality, 0 to 100.")
    ] = False,
    bits: Bits = HASH_BITS,
    seed: Seed = 0,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="Secret file to draw the hyperplanes from instead; only hashes of one key can be compared.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print perceptual hashes: pictures that look alike differ in few bits."""
    if key is not None and (compare or seed):
        raise UsageError("--key goes with neither --compare nor --seed")
    if pdq:
        if compare or bits != HASH_BITS or seed or key:
            raise UsageError("--pdq goes with none of --compare, --bits, --seed and --key")
        _pdq_hashes(images, as_json=as_json)
        return
    if compare:
        _compare_hashes(images, as_json=as_json)
        return
    hasher = Hasher(bits=bits, seed=seed if key is None else seed_of(key))
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
        seeded = seed if key is None else None  # that of a key is as secret as the key
        say_json("hash/1", bits=bits, seed=seeded, hashes=hashes, rejected=rejected)
    if rejected:
        raise typer.Exit(REJECTED)


def _pdq_hashes(images: Sequence[str], *, as_json: bool) -> None:
    limits = load_settings().limits
    hashes: list[dict[str, Any]] = []
    rejected: list[dict[str, str]] = []
    for image in images:
        try:
            found = pdq_of(open_picture(image, limits))
        except ImageError as error:
            rejected.append({"path": image, "reason": str(error)})
            note(str(error))
            continue
        hashes.append({"path": image, "hash": found.value.hex(), "quality": found.quality})
        if not as_json:
            say(f"{found.value.hex()}  {found.quality:3}  {shown(image)}")
    if as_json:
        say_json("hash-pdq/1", hashes=hashes, rejected=rejected)
    if rejected:
        raise typer.Exit(REJECTED)


def _compare_hashes(hashes: Sequence[str], *, as_json: bool) -> None:
    if len(hashes) != 2:
        raise UsageError(f"--compare takes two hashes, not {len(hashes)}")
    try:
        found = hash_difference(*hashes)
    except UsageError:
        if any(map(os.path.exists, hashes)):
            raise UsageError(
                "--compare takes two hashes, not files; to compare pictures: lookalike compare A B"
            ) from None
        raise
    if as_json:
        say_json(
            "hash-compare/1",
            differing_bits=found.differing,
            bits=found.bits,
            similarity=found.similarity,
            chance=found.chance,
            pairs=found.pairs,
        )
        return
    say(_meaning(found))
    say(f"differing bits  {found.differing} of {found.bits} ({found.differing / found.bits:.0%})")
    if found.pairs > 1:
        say(f"chance          1 in {found.pairs:,} pairs of different photos comes so close ({MEASURED})")
    else:
        say(f"chance          pairs of different photos often come so close ({MEASURED})")
    half, most = COPIES_DIFFER
    say(f"copies          half of edited copies differ in at most {half:.0%}, 9 of 10 in at most {most:.0%}")
    say(f"similarity      about {found.similarity:.2f}: the cosine at which so many bits differ on average")


def _meaning(found: HashDifference) -> str:
    """What a distance speaks for, by what was measured of copies and of different photos."""
    if found.differing <= COPIES_DIFFER[1] * found.bits:
        return "as near as copies are"
    if found.pairs > 1:
        return "in between: farther apart than most copies, nearer than most different pictures"
    return "as far apart as different pictures"


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A file, a web address, or - for stdin.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The other picture.")],
    max_distance: Annotated[
        float | None,
        typer.Option(
            "--max-distance",
            help="Distance up to which pictures that are no copies count as similar (default: the model's).",
        ),
    ] = None,
    bits: Bits = HASH_BITS,
    seed: Seed = 0,
    allow_private_urls: AllowPrivateUrls = False,
    as_json: AsJson = False,
) -> None:
    """Tell whether one picture is a copy of another. Exit code 0: identical or a copy; 1: neither."""
    if first == second == "-":
        raise UsageError("standard input holds one picture; name a file for the other")
    settings = load_settings()
    private = settings.limits if allow_private_urls else None
    a, b = (source_of(one, settings.max_file_bytes, private=private) for one in (first, second))
    with advising_private():
        found = Hasher(bits=bits, seed=seed, settings=settings).compare(a, b, max_distance=max_distance)
    if as_json:
        say_json("compare/3", **_facts(found))
    else:
        _say(found)
    if not found.same:
        raise typer.Exit(REJECTED)


def _facts(found: Comparison) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "p": found.p,
        "same": found.same,
        "evidence": found.evidence and found.evidence.facts(),
        "distance": round(found.distance, 6),
        "similarity": round(found.similarity, 6),
        "max_distance": found.max_distance,
        "differing_bits": found.differing_bits,
        "bits": found.bits,
        "remark": found.remark,
    }


def _say(found: Comparison) -> None:
    say(found.verdict)
    evidence = found.evidence
    if evidence is not None and evidence.differs_in_detail:
        # By the embeddings alone any two such pictures look alike, so a chance would only puzzle.
        *words, detail = evidence.words
        place = detail.removeprefix(DIFFERS_IN).strip()
        say(f"second picture  {', '.join([*words, f'the same but for a detail in {place}'])}")
    elif found.verdict != "identical":
        if evidence is not None and found.verdict == "copy":
            say(f"second picture  {', '.join(evidence.words) or WHOLE_PICTURE}")
            say(f"agreement       {evidence.agreement:.0%} of what both show")
        say(f"chance          {often(found.p)} pairs of different pictures look so alike")
    say(f"copy distance   {found.distance:.4f} (similar up to {found.max_distance:g})")
    say(f"copy similarity {found.similarity:.4f} (search prints the similarity of the whole embeddings)")
    say(f"differing bits  {found.differing_bits} of {found.bits}")
    if found.remark:
        say(f"only a part     {found.remark}")
