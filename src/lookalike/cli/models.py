"""``lookalike models``: the embedders there are."""

from __future__ import annotations

import statistics
import time
from typing import Annotated

import typer
from PIL import Image

from lookalike.cli.options import AsJson
from lookalike.cli.output import say, say_json
from lookalike.embed import Embedder, Offer, available_models, load_embedder, provider, provider_names

_PICTURES = 8  # embedded at once, as index does
_ROUNDS = 7


def models(
    measure: Annotated[
        bool, typer.Option("--measure", help="Also measure how fast each is on one core.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the embedders, the networks that turn pictures into vectors: bundled ones and plug-ins."""
    bundled = [(model, load_embedder(model.name)) for model in available_models()]
    speeds = {model.name: _images_a_second(embedder) for model, embedder in bundled} if measure else {}
    offers = [offer for name in provider_names() for offer in provider(name).offers()]
    if as_json:
        say_json(
            "models/1",
            models=[
                {
                    "name": model.name,
                    "bytes": model.bytes,
                    "dim": embedder.card.dim,
                    "side": embedder.card.side,
                    "licence": embedder.card.licence,
                    "summary": embedder.card.summary,
                    "fingerprint": embedder.fingerprint,
                    "images_per_second": speeds.get(model.name),
                }
                for model, embedder in bundled
            ],
            plugged=[_plain(offer) for offer in offers],
        )
        return
    for model, embedder in bundled:
        card = embedder.card
        speed = f", {speeds[model.name]:.0f} images/s on one core" if measure else ""
        say(f"{model.name}  {card.dim} dimensions, {card.side} px, {model.bytes / 1e6:.1f} MB{speed}")
        say(f"  {card.summary}")
        say(f"  licence: {card.licence}")
        say(f"  fingerprint: {embedder.fingerprint}")
    for offer in offers:
        size = f"  {offer.bytes / 1e6:.0f} MB" if offer.bytes else ""
        say(f"{offer.name}{size}")
        say(f"  {offer.summary}")
        say(f"  licence: {offer.licence}")
        if offer.missing:
            say(f"  {'present; ' if offer.present else 'not present: '}{offer.missing}")
    say("NAME.onnx")
    say("  any file that lookalike lab export wrote, or with a description beside it (docs/embedders.md)")


def _plain(offer: Offer) -> dict[str, object]:
    return {
        "name": offer.name,
        "bytes": offer.bytes,
        "licence": offer.licence,
        "summary": offer.summary,
        "present": offer.present,
        "missing": offer.missing,
    }


def _images_a_second(embedder: Embedder) -> float:
    """Median rate of embedding pictures that are decoded already."""
    side = embedder.card.side
    images = [Image.linear_gradient("L").resize((2 * side, 2 * side)).convert("RGB")] * _PICTURES
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        embedder.embed(images)
        times.append(time.perf_counter() - started)
    return _PICTURES / statistics.median(times[1:])
