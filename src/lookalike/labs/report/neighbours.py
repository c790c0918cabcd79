"""Exact search by every metric, and textbook hashing by key length: two small experiments of the report.

    python -m lookalike.labs.report.neighbours FOLDER --out FOLDER [--queries N] [--train-list F …]

Exact: how often the nearest training picture has the test picture's class, and what a query costs, by each
metric. Hashing: hyperplanes through the origin, one bucket per table, candidates ranked by a distance, as the
reference did it (``compat.lshash``): which share of the true ten nearest comes back, and how many candidates
that took, by the bits of a key and by the number of tables.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.compat.lshash import LSHash
from lookalike.embed import load_embedder
from lookalike.index import ExactIndex
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.labs.shared.embedded import embed_folder
from lookalike.labs.shared.results import write_facts
from lookalike.labs.shared.splits import split
from lookalike.settings import load_settings

RESULT = "neighbours.json"
METRICS = ("cosine", "euclidean", "manhattan", "minkowski:3", "hamming")
RANKINGS = {"cosine": "cosine", "euclidean": "euclidean", "l1norm": "manhattan"}
BITS = (4, 8, 12, 16)
TABLES = (1, 5)
K = 10

Labels = NDArray[np.int64]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, measure exact search and textbook hashing, and write the result file."""
    parser = argparse.ArgumentParser(description="Exact search by every metric; hashing by key length.")
    parser.add_argument("folder", type=Path, help="pictures, in one folder per class")
    parser.add_argument("--out", type=Path, required=True, help="folder for the result")
    parser.add_argument("--queries", type=int, default=300, help="[default: %(default)s]")
    parser.add_argument("--train-list", type=Path)
    parser.add_argument("--test-list", type=Path)
    parser.add_argument("--seed", type=int, default=0, help="[default: %(default)s]")
    options = parser.parse_args(arguments)
    settings = load_settings()
    parts = split(options.folder, options.train_list, options.test_list, options.seed)
    embedder = load_embedder("resnet34")
    known = embed_folder(options.folder, embedder, options.out, settings)
    places = {path: place for place, path in enumerate(known.paths)}
    rows = [path for path in [*parts.training, *parts.validation] if path in places]
    drawn = np.random.default_rng(options.seed).permutation(len(parts.test))[: options.queries]
    asked = [parts.test[place] for place in drawn if parts.test[place] in places]
    base, queries = (known.vectors[[places[path] for path in paths]] for paths in (rows, asked))
    write_facts(
        options.out / RESULT,
        settings={"seed": options.seed, "k": K, "model": "resnet34", "dim": int(base.shape[1])},
        rows=len(rows),
        queries=len(asked),
        metrics=by_metric(base, queries, parts.labels(rows), parts.labels(asked)),
        hashing=by_bits(base, queries, options.seed),
    )


def by_metric(base: Vectors, queries: Vectors, labels: Labels, wanted: Labels) -> list[dict[str, Any]]:
    """Accuracy of the nearest row and the cost of a query, for each metric.

    Args:
        base: (n, dim) rows to search among.
        queries: (q, dim).
        labels: (n,) classes of the rows.
        wanted: (q,) classes of the queries.
    """
    found = []
    cosine: Ids | None = None
    for metric in METRICS:
        index = ExactIndex(base.shape[1], metric)
        index.add(np.arange(len(base)), base)
        started = time.perf_counter()
        ids = index.search(queries, K).ids
        seconds = time.perf_counter() - started
        cosine = ids if cosine is None else cosine
        found.append(
            {
                "metric": metric,
                "accuracy": float((labels[ids[:, 0]] == wanted).mean()),
                "agreement": _shared(ids, cosine),
                "query_seconds": seconds / len(queries),
            }
        )
    return found


def by_bits(base: Vectors, queries: Vectors, seed: int) -> list[dict[str, Any]]:
    """Recall and candidates of textbook hashing, for each number of bits and tables, and each ranking."""
    truth = {}
    for ranking, metric in RANKINGS.items():
        index = ExactIndex(base.shape[1], metric)
        index.add(np.arange(len(base)), base)
        truth[ranking] = index.search(queries, K).ids
    found = []
    for bits in BITS:
        for tables in TABLES:
            hashed = LSHash(bits, base.shape[1], tables, seed=seed)
            hashed.index_batch(base, range(len(base)))
            for ranking, ids in truth.items():
                answers = [hashed.query(query, distance_func=ranking) for query in queries]
                best = np.full((len(queries), K), -1, np.int64)
                for place, answer in enumerate(answers):
                    near = [extra for (_, extra), _ in answer[:K]]
                    best[place, : len(near)] = near
                found.append(
                    {
                        "bits": bits,
                        "tables": tables,
                        "ranking": ranking,
                        "recall": _shared(best, ids),
                        "candidates": float(np.mean([len(answer) for answer in answers])) / len(base),
                    }
                )
    return found


def _shared(found: Ids, truth: Ids) -> float:
    """Mean share of each row of ``truth`` that is in the row of ``found``."""
    pairs = zip(found, truth, strict=True)
    return float(np.mean([np.isin(wanted, row).mean() for row, wanted in pairs]))


if __name__ == "__main__":
    main()
