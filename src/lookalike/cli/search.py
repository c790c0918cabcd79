"""``lookalike search``: find a picture in the collection."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import lookalike
from lookalike import Collection
from lookalike.cli.options import AsJson, CollectionFolder, Exact, Limit, MetricName, Recall, TokenFile
from lookalike.cli.output import say_json, say_table
from lookalike.cli.tokens import read_token
from lookalike.collection.pictures import Source
from lookalike.errors import ImageTooLarge
from lookalike.paths import shown
from lookalike.settings import load_settings


def search(
    image: Annotated[
        str, typer.Argument(metavar="IMAGE|URL|-", help="A file, a web address, or - for stdin.")
    ],
    collection: CollectionFolder = None,
    limit: Limit = 10,
    metric: MetricName = "cosine",
    exact: Exact = False,
    recall: Recall = None,
    server: Annotated[
        str | None, typer.Option("--server", metavar="URL", help="Ask a running lookalike serve instead.")
    ] = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Find the pictures that look most like IMAGE."""
    settings = load_settings({"collection": collection})
    source: Source = _standard_input(settings.max_file_bytes) if image == "-" else image
    if server is None:
        with Collection.open(settings=settings) as pictures:
            matches = pictures.search(source, limit, metric=metric, exact=exact, recall=recall)
    else:
        with lookalike.Client(server, read_token(token)) as client:
            matches = client.search(source, limit, metric=metric, exact=exact, recall=recall)
    if as_json:
        say_json(
            "search/2",
            query=image,
            metric=metric,
            matches=[
                {
                    "rank": match.rank,
                    "image_id": match.image_id,
                    "similarity": round(match.similarity, 6),
                    "copy_similarity": round(match.copy_similarity, 6),
                    "distance": round(match.distance, 6),
                    "path": str(match.path),
                    "paths": [str(path) for path in match.paths],
                    "missing": [str(path) for path in match.missing],
                }
                for match in matches
            ],
        )
        return
    rows = [
        (
            str(match.rank),
            f"{match.similarity:.4f}",
            f"{match.distance:.4f}",
            f"{shown(path)}{'  (gone)' if path in match.missing else ''}",
        )
        for match in matches
        for path in match.paths
    ]
    say_table(("rank", "similarity", "distance", "path"), rows)


def _standard_input(most: int) -> bytes:
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise ImageTooLarge(f"standard input: more than {most:,} bytes (setting max_file_bytes)")
    return data
