"""The parts of the page, each from the result files that it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lookalike.labs.report.claims import Results, growth_of
from lookalike.labs.report.parts import (
    Paragraph,
    Part,
    Section,
    Table,
    figure,
    number,
    section,
    share,
)

_NETWORKS = {
    "bundled": "resnet34, untouched",
    "tuned": "after fine-tuning",
    "defended": "after adversarial fine-tuning",
}

_AIMS = {"collide": "embedding and hash", "collide-bits": "hash alone"}


def accuracy(results: Results) -> Section | None:
    """How often each network gives the right class."""
    rows = []
    for name, words in _NETWORKS.items():
        facts = results.get(f"evaluation-{name}")
        if facts is not None:
            votes = [share(facts["neighbours"][k]) for k in ("1", "5", "10")]
            rows.append((words, share(facts["top_1"]), *votes, number(facts["mean_average_precision"], 3)))
    if not rows:
        return None
    head = ("network", "its head", "1-NN", "5-NN", "10-NN", "mAP@10")
    return section(
        "accuracy", "Classes", Table(head, rows, "Right classes of the test pictures, by head and by vote")
    )


def search(results: Results) -> Section | None:
    """Exact search by each metric, and textbook hashing."""
    facts = results.get("neighbours")
    if facts is None:
        return None
    metrics = [
        (
            each["metric"],
            share(each["accuracy"]),
            share(each["agreement"]),
            number(1e3 * each["query_seconds"]),
        )
        for each in facts["metrics"]
    ]
    hashing = [
        (
            f"{each['bits']} bits, {each['tables']} table{'s'[: each['tables'] - 1]}, {each['ranking']}",
            share(each["recall"]),
            share(each["candidates"]),
        )
        for each in facts["hashing"]
    ]
    return section(
        "search",
        "Exact search and textbook hashing",
        Table(
            ("metric", "class of the nearest", "of cosine's ten", "ms per query"),
            metrics,
            f"{facts['queries']} queries among {facts['rows']:,} rows, {facts['settings']['dim']} dimensions",
        ),
        Table(
            ("hash", "recall@10", "rows ranked"),
            hashing,
            "One bucket a table, hyperplanes through the origin, as in the reference; ranked as named",
        ),
    )


def growth(results: Results, folder: Path) -> Section | None:
    """Time over size, with laws and crossings."""
    parts: list[Part | None] = []
    for facts in growth_of(results):
        name = facts["data"]
        crossings = {
            each["lsh"]: each["rows"] for each in facts["crossovers"] if each["exact"] == facts["exact_name"]
        }
        rows = []
        for each in facts["series"]:
            last = each["points"][-1]
            crossing = crossings.get(each["name"])
            rows.append(
                (
                    each["name"],
                    "–" if each["exponent"] is None else f"N^{each['exponent']:.2f}",
                    number(1e6 * last["query_seconds"], 0),
                    number(last["recall"], 3),
                    number(last["build_seconds"]),
                    number(last["bytes_per_row"], 0),
                    "" if each["kind"] == "exact" else "never" if crossing is None else f"{crossing:,.0f}",
                )
            )
        head = ("", "law", "µs per query", "recall@10", "build s", "bytes per row", "faster than exact from")
        parts.append(
            figure(folder / f"growth-{name}.png", f"Time per query and recall by database size, {name}.")
        )
        parts.append(
            Table(head, rows, f"At {facts['sizes'][-1]:,} rows, {name}; laws over all sizes from 1,000 on")
        )
    return section("growth", "LSH against k-NN as the database grows", *parts)


def maps(results: Results, folder: Path) -> Section | None:
    """The map and how well it separates classes."""
    facts = results.get("map")
    if facts is None:
        return None
    named = {
        "PCA": facts["methods"]["pca"],
        "t-SNE after PCA to 50": facts["methods"]["tsne"],
        "t-SNE of the whole embedding": facts["methods"]["tsne_direct"],
        "all dimensions": facts["embedding"],
    }
    rows = [
        (
            name,
            number(each["silhouette"], 3),
            number(each.get("trustworthiness"), 3),
            share(each["neighbour_agreement"]),
        )
        for name, each in named.items()
    ]
    return section(
        "map",
        "Maps of the embeddings",
        figure(folder / "map.png", "Embeddings in two dimensions by PCA and by t-SNE, coloured by class."),
        Table(
            ("", "silhouette", "trustworthiness", "ten nearest of the same class"),
            rows,
            f"{facts['points']:,} pictures of {facts['classes']} classes",
        ),
    )


def attacks(results: Results, folder: Path, *, with_pictures: bool) -> Section | None:
    """Success by budget, what was done, and whether it carries over."""
    facts = results.get("attack")
    if facts is None:
        return None
    settings = facts["settings"]
    rows = [
        (
            f"{run['objective']}, {run['method'].upper()}, {run['budget']:g}",
            share(run["success"]),
            share(run["label_changed"]),
            number(run["distance_mean"], 3),
            number(run["bits_flipped_mean"], 1),
            share(run["search"]["original_first"]),
            share(run["search"]["target_first"]),
        )
        for run in facts["runs"]
        if run["through"] == "file" and run["budget"] > 0
    ]
    carried = [
        (f"{each['objective']}, {each['network']}, {each['budget']:g}", share(each["success"]))
        for each in _telling(facts["transfer"])
        if each["success"] is not None
    ]
    pairs = [
        figure(folder / "attack-pairs-misclassify.png", "Attacked pictures and what they are now taken for."),
        figure(folder / "attack-pairs-collide.png", "Innocent pictures pushed towards a target."),
    ]
    return section(
        "attacks",
        "Attacks",
        Paragraph(
            f"{facts['pictures']} test pictures, searched for among {settings['collection']:,}; the change "
            "of each pixel value is bounded by the budget. Evading copies were first edited "
            f"({settings['edit']}). A pair counts as the same picture within cosine distance "
            f"{settings['border']}. Success: the "
            "right class is lost; the original is beyond the border; the target is within it."
        ),
        figure(folder / "attack.png", "Success of attacks by budget, before and after rounding to 8 bits."),
        *(pairs if with_pictures else []),
        Table(
            (
                "attack",
                "success",
                "label changed",
                "distance moved",
                "bits of 256",
                "original first",
                "target first",
            ),
            rows,
            "Four levels, through saved 8-bit files and the program's own decoder and network",
        ),
        Table(
            ("attack, judge, budget", "success"),
            carried,
            "Judged by what the attacker did not see (PGD, 8-bit files)",
        ),
    )


def defences(results: Results) -> Section | None:
    """The section on defences: what each rule prevents, and what it costs."""
    facts = results.get("attack")
    if facts is None or not facts["defences"]:
        return None
    plain = {
        (run["objective"], run["method"], run["budget"]): run["success"]
        for run in facts["runs"]
        if run["through"] == "file"
    }
    rows = []
    for each in _telling(facts["defences"]):
        key = (each["objective"], each["method"], each["budget"])
        if each["through"] == "file" and key in plain:
            before, after = plain[key], each["success"]
            name = f"{each['defence']}: {each['objective']}, {each['budget']:g}"
            rows.append((name, share(before), share(after), _helps(before, after)))
    costs = [
        (each["defence"] or "none", share(each["clean_found"]), share(each["strangers_matched"]))
        for each in facts["costs"]
        if "clean_found" in each
    ]
    bits = [
        (
            f"{_AIMS[each['objective']]}, {each['budget']:g}",
            number(each["target_bits_clean"], 1),
            number(each["target_bits_known"], 1),
            number(each["target_bits_secret"], 1),
        )
        for each in facts["colliding"].get("aims", [])
    ]
    return section(
        "defences",
        "Defences",
        Paragraph(
            "Measured on the same attacked pictures; except for adversarial fine-tuning, whose network was "
            "attacked itself, the attacker knew nothing of them. One who does will do better."
        ),
        Table(
            ("defence", "success without", "success with", "helps"),
            rows,
            "Success of PGD with and without each defence, in 8-bit files",
        ),
        Table(
            ("defence", "edited copies found", "strangers matched"),
            costs,
            "What each rule costs where nobody attacks",
        ),
        Table(
            ("aimed at, budget", "before", "known hyperplanes", "secret hyperplanes"),
            bits,
            "Bits of 256 that differ from the target's hash, under the hyperplanes that the attacker knows "
            "and under others",
        )
        if bits
        else None,
    )


def _telling(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries by PGD at 0.01, where nothing can be seen, and at the largest budget."""
    budgets = {entry["budget"] for entry in entries}
    shown = {max(budgets, default=0.0), max((one for one in budgets if one <= 0.01), default=0.0)} - {0.0}
    return [entry for entry in entries if entry["method"] == "pgd" and entry["budget"] in shown]


def robustness(results: Results) -> Section | None:
    """Edited copies found, beside other hashes."""
    facts = results.get("robust")
    if facts is None:
        return None
    methods: list[str] = facts["methods"]
    rows = [
        (
            f"{each['description']}",
            *(f"{number(each['first'][name])} / {number(each['found'][name])}" for name in methods),
        )
        for each in facts["alterations"]
    ]
    return section(
        "robustness",
        "Robustness against edits",
        Table(
            ("edit", *methods),
            rows,
            f"{facts['queries']} pictures, {facts['images']:,} in the collection: share found first / share "
            f"within the border at {facts['false_positive_rate']:g} false positives a pair",
        ),
    )


def _helps(before: float | None, after: float | None) -> str:
    """Whether a share of successes fell by more than a few pictures' worth."""
    if before is None or after is None:
        return "–"
    if max(before, after) < 0.1:
        return "too rare to tell"
    gap = before - after
    return "much" if gap >= 0.4 else "somewhat" if gap >= 0.1 else "no" if gap > -0.1 else "harms"


def how(settings: dict[str, Any], machine: dict[str, Any], failures: dict[str, str]) -> Section | None:
    """Settings, seeds, machine, and what failed."""
    rows = [
        (f"{group}: {name}", ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for group, values in settings.items()
        if isinstance(values, dict)
        for name, value in values.items()
    ]
    failed = [Paragraph(f"{name} is missing: {why}.") for name, why in failures.items()]
    return section(
        "how",
        "How this was made",
        Paragraph(
            f"The {settings['name']} run, seed {settings['seed']}; {machine['cores']} cores, "
            f"{machine['machine']}, Python {machine['python']}. Repeat it with: lookalike lab report FOLDER"
            + (" --quick" if settings["name"] == "quick" else "")
        ),
        *failed,
        Table(("setting", "value"), rows, "Settings"),
    )
