"""``lookalike models``: the embedders there are."""

from __future__ import annotations

from lookalike.cli.options import AsJson
from lookalike.cli.output import say, say_json
from lookalike.embed import available_models, load_embedder


def models(as_json: AsJson = False) -> None:
    """List the embedders inside the package."""
    listed = [(model, load_embedder(model.name)) for model in available_models()]
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
                }
                for model, embedder in listed
            ],
        )
        return
    for model, embedder in listed:
        card = embedder.card
        say(f"{model.name}  {card.dim} dimensions, {card.side} px, {model.bytes / 1e6:.1f} MB")
        say(f"  {card.summary}")
        say(f"  licence: {card.licence}")
        say(f"  fingerprint: {embedder.fingerprint}")
