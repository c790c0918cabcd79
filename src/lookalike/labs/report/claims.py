"""What the reference study said, compared with what was measured.

Each claim is judged by a rule that is written here, before there are results; its words are made from the
numbers that the rule looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.labs.shared.results import OTHER_VERSION

Results = Mapping[str, dict[str, Any]]
"""Result files by their names without ending."""

HOLDS, PARTLY, FAILS, UNKNOWN = "holds", "holds partly", "does not hold", "not measured"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim.

    Attributes:
        word: one of the four.
        measured: the numbers, as a sentence.
        why: what they mean.
    """

    word: str
    measured: str
    why: str


_HALF_GROWN = Verdict(UNKNOWN, "–", "growth was not measured on both real and random data")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the reference.

    Attributes:
        name: for links.
        said: what the reference says.
        needs: result files without which nothing can be said.
        judge: from the results to a verdict.
    """

    name: str
    said: str
    needs: tuple[str, ...]
    judge: Callable[[Results], Verdict]

    def verdict(self, results: Results) -> Verdict:
        """Judge; what there are no results for, or only those of another version, is not measured."""
        missing = [name for name in self.needs if name not in results]
        if missing:
            return Verdict(UNKNOWN, "–", f"there is no result {missing[0]}")
        try:
            return self.judge(results)
        except OTHER_VERSION:
            return Verdict(UNKNOWN, "–", f"the results {', '.join(self.needs)} are of another version")


def growth_of(results: Results) -> list[dict[str, Any]]:
    """The growth results, real data first."""
    found = [facts for name, facts in results.items() if name.startswith("growth-")]
    return sorted(found, key=lambda facts: str(facts["data"]) == "random")


def _both_kinds_grew(results: Results) -> bool:
    """Whether growth was measured on real and on random data."""
    return {str(facts["data"]) == "random" for facts in growth_of(results)} == {True, False}


def series(facts: dict[str, Any], name: str) -> dict[str, Any]:
    """The series of a growth result that has this name."""
    by_name: dict[str, dict[str, Any]] = {each["name"]: each for each in facts["series"]}
    return by_name[name]


def run_of(facts: dict[str, Any], **wanted: object) -> dict[str, Any] | None:
    """The entry of an attack's result that has these values, at the largest budget of 0.01 or less."""
    entries = [
        entry
        for entry in facts["runs"]
        if all(entry[key] == value for key, value in wanted.items()) and 0 < entry["budget"] <= 0.01
    ]
    return max(entries, key=lambda entry: float(entry["budget"]), default=None)


def _accuracy(results: Results) -> Verdict:
    tuned, plain = results["evaluation-tuned"], results["evaluation-bundled"]
    top = float(tuned["top_1"])
    word = HOLDS if top >= 0.95 else PARTLY if top >= 0.85 else FAILS
    return Verdict(
        word,
        f"{top:.1%} after fine-tuning; {plain['neighbours']['1']:.1%} by the nearest neighbour before",
        "The reference starts from ImageNet's 1.28 million photos. No such checkpoint can be shipped or had "
        "offline: this run starts from resnet34, which saw 31,095 pictures.",
    )


def _clusters(results: Results) -> Verdict:
    methods, points = results["map"]["methods"], results["map"]["points"]
    pca, recipe, tsne = (methods[name]["neighbour_agreement"] for name in ("pca", "tsne", "tsne_direct"))
    whole = results["map"]["embedding"]["neighbour_agreement"]
    if pca is None or tsne is None:
        return Verdict(UNKNOWN, "–", "all pictures lie in one folder")
    word = HOLDS if tsne > pca >= 0.25 and tsne >= 0.5 else PARTLY if tsne > pca else FAILS
    return Verdict(
        word,
        f"ten nearest neighbours of the same class: {pca:.0%} in PCA, {tsne:.0%} in t-SNE of the embedding "
        f"({recipe:.0%} after PCA to 50), {whole:.0%} in all dimensions ({points:,} pictures)",
        "Two directions cannot part many classes; t-SNE keeps neighbourhoods, which look like clusters.",
    )


def _exact(results: Results) -> Verdict:
    metrics = {each["metric"]: each for each in results["neighbours"]["metrics"]}
    shown = ", ".join(f"{name} {each['accuracy']:.1%}" for name, each in metrics.items())
    spread = max(each["accuracy"] for each in metrics.values()) - min(
        each["accuracy"] for name, each in metrics.items() if name != "hamming"
    )
    return Verdict(
        HOLDS if spread <= 0.05 else PARTLY,
        f"class of the nearest picture right: {shown}",
        "Cosine and Euclidean distance give the same order for vectors of length 1. Hamming distance is on "
        "the signs of the components, which are 32 times smaller than the vectors.",
    )


def _hashing(results: Results) -> Verdict:
    found = results["neighbours"]["hashing"]
    one = [each for each in found if each["tables"] == 1 and each["ranking"] == "euclidean"]
    few, many = one[0], one[-1]
    ends = [
        max(each["recall"] for each in found if each["ranking"] == name)
        for name in ("cosine", "euclidean", "l1norm")
    ]
    works = few["recall"] > many["recall"] and few["candidates"] > many["candidates"]
    return Verdict(
        HOLDS if works else PARTLY,
        f"one table: {few['bits']} bits find {few['recall']:.0%} of the true ten among "
        f"{few['candidates']:.0%} of the rows, {many['bits']} bits {many['recall']:.0%} among "
        f"{many['candidates']:.1%}",
        "More bits mean fewer candidates and less recall; the distance that ranks them matters little "
        f"(at best {ends[0]:.0%}, {ends[1]:.0%}, {ends[2]:.0%} by cosine, Euclidean, L1).",
    )


def _faster(results: Results) -> Verdict:
    if not _both_kinds_grew(results):
        return _HALF_GROWN
    parts, verdicts = [], []
    for facts in growth_of(results):
        ours = next(
            each["rows"]
            for each in facts["crossovers"]
            if (each["exact"], each["lsh"]) == (facts["exact_name"], facts["lsh_name"])
        )
        theirs = [
            each["rows"]
            for each in facts["crossovers"]
            if each["lsh"].startswith("lshashpy3") and each["exact"] == facts["exact_name"]
        ]
        first = facts["sizes"][0]
        place = "never" if ours is None else "at every size" if ours <= first else f"from {ours:,.0f} rows on"
        crossed = [rows for rows in theirs if rows is not None]
        also = f"from {min(crossed):,.0f} rows on" if crossed else "never" if theirs else "not measured"
        parts.append(f"{facts['data']}: ours {place}, lshashpy3 {also}")
        verdicts.append(ours is not None)
    word = HOLDS if all(verdicts) else PARTLY if any(verdicts) else FAILS
    return Verdict(
        word,
        "hashing is faster than an exact scan on " + "; on ".join(parts),
        "On real embeddings neighbours share buckets. Rows drawn at random have no neighbours worth the "
        "name: hashing that shall still find the nearest of them has to look at nearly all.",
    )


def _constant(results: Results) -> Verdict:
    if not _both_kinds_grew(results):
        return _HALF_GROWN
    facts = growth_of(results)[0]
    lsh, exact = (series(facts, facts[name])["exponent"] for name in ("lsh_name", "exact_name"))
    if lsh is None or exact is None:
        return Verdict(UNKNOWN, "–", "two sizes or more are needed for a law")
    word = HOLDS if lsh <= 0.1 and exact >= 0.8 else PARTLY if lsh < exact - 0.2 else FAILS
    return Verdict(
        word,
        f"time grows as N^{lsh:.2f} with hashing at recall {facts['settings']['recall']}, as N^{exact:.2f} "
        f"by exact search ({facts['data']})",
        "At a fixed recall the work of hashing grows, but far slower than the database; it is constant only "
        "where recall may fall.",
    )


def _fooled(results: Results) -> Verdict:
    facts = results["attack"]
    file, floats = (
        run_of(facts, objective="misclassify", method="fgsm", through=through)
        for through in ("file", "float")
    )
    if file is None or floats is None or file["success"] is None:
        return Verdict(UNKNOWN, "–", "no classifier was attacked")
    share = float(file["success"])
    levels = facts["settings"]["levels"][f"{file['budget']:g}"]
    return Verdict(
        HOLDS if share >= 0.2 else PARTLY if share >= 0.1 else FAILS,
        f"FGSM with at most {file['budget']:g} changes {share:.0%} of the right predictions in saved 8-bit "
        f"files, {floats['success']:.0%} before rounding",
        f"A file keeps to its budget, so no value changes by more than {levels} of 255 levels, unseen.",
    )


def _collisions(results: Results) -> Verdict:
    facts = results["attack"]
    budget = max(entry["budget"] for entry in facts["runs"])
    found = next(
        (
            entry
            for entry in facts["runs"]
            if (entry["objective"], entry["method"], entry["through"], entry["budget"])
            == ("collide", "pgd", "file", budget)
        ),
        None,
    )
    if found is None or found["success"] is None:
        return Verdict(UNKNOWN, "–", "no collision was tried")
    share, bits = float(found["success"]), found["target_bits_mean"]
    least = found["target_bits_least"]
    return Verdict(
        HOLDS if share >= 0.5 and least == 0 else PARTLY if share > 0 else FAILS,
        f"with at most {budget:g}, {share:.0%} of innocent pictures come within the border of their target; "
        f"hashes then differ in {bits:.0f} of 256 bits on average, in {least} at least",
        "An attacker who has the network makes some pictures count as their targets. Equal hashes take "
        "larger changes, more steps or shorter hashes than were tried.",
    )


CLAIMS = (
    Claim("accuracy", "Transfer learning reaches 96 % on Caltech-101.",
          ("evaluation-bundled", "evaluation-tuned"), _accuracy),
    Claim("clusters", "Embeddings of 512 dimensions cluster by class in PCA, and better in t-SNE.",
          ("map",), _clusters),
    Claim("exact", "Exact k-NN works with Euclidean, Manhattan, Minkowski and Hamming distance.",
          ("neighbours",), _exact),
    Claim("hashing", "K random hyperplanes name a bucket; its rows are ranked by cosine, Euclidean or L1.",
          ("neighbours",), _hashing),
    Claim("faster", "LSH is faster than brute force on large databases and slower on small ones.",
          ("growth-random",), _faster),
    Claim("constant", "A look-up by LSH takes the same time at any size on average; k-NN grows linearly.",
          ("growth-random",), _constant),
    Claim("fooled", "FGSM with at most 0.01 changes 20 % of predictions, invisibly.", ("attack",), _fooled),
    Claim("collisions", "Perturbations cause hash collisions.", ("attack",), _collisions),
)  # fmt: skip
"""In the order of the reference."""
