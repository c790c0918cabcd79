"""Options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CollectionFolder = Annotated[
    Path | None,
    typer.Option(
        "--collection", metavar="DIR", help="Folder of the collection (default: in your data folder)."
    ),
]
Limit = Annotated[int, typer.Option("--limit", "-k", min=1, help="Most matches to show.")]
MetricName = Annotated[
    str,
    typer.Option(
        "--metric", help="How distance is measured: cosine, euclidean, manhattan, minkowski:P or hamming."
    ),
]
Exact = Annotated[bool, typer.Option("--exact", help="Compare with every image instead of hashing.")]
Recall = Annotated[
    float | None,
    typer.Option("--recall", help="Share of the true nearest pictures to find, up to 1 (default: 0.95)."),
]
FalseRate = Annotated[
    float,
    typer.Option(
        "--fpr", metavar="P", help="Share of pairs of different pictures that may be called copies."
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="GLOB",
        help="Leave out files and folders whose name or path fits this pattern; repeatable.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
AllowPrivateUrls = Annotated[
    bool,
    typer.Option(
        "--allow-private-urls", help="Also fetch pictures from your own network and from this machine."
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token",
        metavar="FILE",
        help="File with the server's secret (default: the variable LOOKALIKE_TOKEN).",
    ),
]
