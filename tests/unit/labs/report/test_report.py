"""Verdicts at their borders, and a page that says what the results say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from lookalike.labs.report import neighbours, steps
from lookalike.labs.report.binding import bind, gather
from lookalike.labs.report.claims import CLAIMS, FAILS, HOLDS, PARTLY, UNKNOWN, Results
from lookalike.labs.shared.results import read_facts, write_facts


def growth(data: str, lsh: float, exact: float, crossing: float | None) -> dict[str, Any]:
    """A growth result of two series."""
    points = [
        {"rows": rows, "query_seconds": 1e-4, "build_seconds": 0.1, "bytes_per_row": None, "recall": 0.96}
        for rows in (1000, 2000)
    ]
    return {
        "data": data,
        "sizes": [1000, 2000],
        "k": 10,
        "exact_name": "this project, exact",
        "lsh_name": "this project, LSH",
        "series": [
            {"name": "this project, exact", "kind": "exact", "exponent": exact, "points": points},
            {"name": "this project, LSH", "kind": "lsh", "exponent": lsh, "points": points},
        ],
        "crossovers": [{"exact": "this project, exact", "lsh": "this project, LSH", "rows": crossing}],
        "settings": {"recall": 0.95},
    }


def attack(success: float | None, collided: float, least: int) -> dict[str, Any]:
    """An attack's result with the entries that the claims look at."""
    common = {"label_changed": 0.1, "distance_mean": 0.1, "bits_flipped_mean": 9.0}
    search = {"original_first": 1.0, "target_first": None, "within": 1.0}

    def entry(
        objective: str, method: str, through: str, budget: float, share: float | None
    ) -> dict[str, Any]:
        return {
            **common, "objective": objective, "method": method, "through": through, "budget": budget,
            "success": share, "search": search, "target_bits_mean": 30.0, "target_bits_least": least,
        }  # fmt: skip

    ways = [("fgsm", "file"), ("fgsm", "float"), ("pgd", "file")]
    runs = [entry("misclassify", *way, budget, success) for way in ways for budget in (0.005, 0.01, 0.03)]
    runs += [entry("collide", *way, budget, collided) for way in ways for budget in (0.01, 0.03)]
    settings = {"collection": 50, "edit": "crop-80", "border": 0.3, "levels": {"0.01": 2}}
    return {
        "runs": runs,
        "pictures": 9,
        "settings": settings,
        "transfer": [],
        "defences": [],
        "costs": [],
        "colliding": {},
    }


def results(**changed: Any) -> Results:
    """Results by which every claim holds."""
    votes = {"1": 0.8, "5": 0.8, "10": 0.8}
    evaluation = {"neighbours": votes, "mean_average_precision": 0.7, "top_1": None}
    hashing = [
        {"bits": bits, "tables": 1, "ranking": ranking, "recall": 1 / bits, "candidates": 1 / bits}
        for bits in (4, 8)
        for ranking in ("cosine", "euclidean", "l1norm")
    ]
    metrics = [
        {"metric": name, "accuracy": 0.8, "agreement": 1.0, "query_seconds": 1e-3}
        for name in ("cosine", "euclidean", "manhattan", "minkowski:3", "hamming")
    ]
    numbers = {"silhouette": 0.1, "trustworthiness": 0.9}
    return {
        "evaluation-bundled": evaluation,
        "evaluation-tuned": evaluation | {"top_1": 0.95},
        "map": {
            "points": 300,
            "classes": 3,
            "methods": {
                "pca": numbers | {"neighbour_agreement": 0.3},
                "tsne": numbers | {"neighbour_agreement": 0.5},
                "tsne_direct": numbers | {"neighbour_agreement": 0.6},
            },
            "embedding": numbers | {"neighbour_agreement": 0.7},
        },
        "neighbours": {
            "metrics": metrics, "hashing": hashing, "queries": 10, "rows": 50, "settings": {"dim": 512},
        },
        "growth-animals": growth("animals", 0.05, 0.9, 1500.0),
        "growth-random": growth("random", 0.05, 0.9, 1500.0),
        "attack": attack(0.25, 0.6, 0),
        **changed,
    }  # fmt: skip


def words(found: Results) -> dict[str, str]:
    return {claim.name: claim.verdict(found).word for claim in CLAIMS}


def test_everything_can_hold() -> None:
    assert set(words(results()).values()) == {HOLDS}


def test_nothing_is_claimed_without_results() -> None:
    assert set(words({}).values()) == {UNKNOWN}


@pytest.mark.parametrize(
    ("name", "changed", "word"),
    [
        ("accuracy", {"evaluation-tuned": {"top_1": 0.949}}, PARTLY),
        ("accuracy", {"evaluation-tuned": {"top_1": 0.849}}, FAILS),
        (
            "clusters",
            {
                "map": results()["map"]
                | {"methods": {key: {"neighbour_agreement": 0.6} for key in ("pca", "tsne", "tsne_direct")}}
            },
            FAILS,
        ),
        ("fooled", {"attack": attack(0.2, 0.6, 0)}, HOLDS),
        ("fooled", {"attack": attack(0.19, 0.6, 0)}, PARTLY),
        ("fooled", {"attack": attack(0.09, 0.6, 0)}, FAILS),
        ("fooled", {"attack": attack(None, 0.6, 0)}, UNKNOWN),
        ("collisions", {"attack": attack(0.2, 0.6, 1)}, PARTLY),
        ("collisions", {"attack": attack(0.2, 0.0, 90)}, FAILS),
        ("faster", {"growth-random": growth("random", 0.1, 0.9, None)}, PARTLY),
        ("constant", {"growth-animals": growth("animals", 0.4, 0.9, None)}, PARTLY),
        ("constant", {"growth-animals": growth("animals", 0.8, 0.9, None)}, FAILS),
    ],
)
def test_verdicts_at_their_borders(name: str, changed: dict[str, Any], word: str) -> None:
    assert words(results(**changed))[name] == word


def test_both_kinds_of_run_name_their_settings(tmp_path: Path) -> None:
    for quick in (True, False):
        request = steps.Request(tmp_path / "animals", (), tmp_path / "out", None, None, quick)
        planned = steps.plan(request)
        assert [step.name for step in planned if "growth" in step.name] == [
            "growth on real data",
            "growth on random data",
        ]
        assert ("adversarial fine-tuning" in [step.name for step in planned]) != quick
        attack = next(step for step in planned if step.name == "attacks and defences")
        assert ("classifier.onnx" in " ".join(attack.command)) != quick
        assert len({step.result for step in planned}) == len(planned)


def _step(tmp_path: Path, name: str, line: str, needs: tuple[Path, ...] = ()) -> steps.Step:
    """A step that runs a module of one line, with the result file's name as its argument."""
    return steps.Step(name, tmp_path / f"{name}.json", (f"report_step_{name}", line), needs)


def test_steps_are_run_once_and_failures_stop_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    count = tmp_path / "count"
    for name in ("good", "bad"):
        body = f"open({str(count)!r}, 'a').write({name[0]!r})\n"
        body += (
            f"open({str(tmp_path / f'{name}.json')!r}, 'w').write('{{}}')\n"
            if name == "good"
            else "exit(3)\n"
        )
        (tmp_path / f"report_step_{name}.py").write_text(body)
    lines: list[str] = []
    planned = [
        _step(tmp_path, "bad", "x"),
        _step(tmp_path, "good", "x"),
        _step(tmp_path, "idle", "x", (tmp_path / "absent",)),
    ]
    failures = steps.run(planned, tmp_path, lines.append)
    assert failures == {
        "bad": "its command ended with code 3",
        "idle": "it needs absent, which is not there",
    }
    assert count.read_text() == "bg"
    steps.run(planned[1:2], tmp_path, lines.append)
    assert count.read_text() == "bg"
    assert lines[-1] == "good: done before"
    steps.run([_step(tmp_path, "good", "another setting")], tmp_path, lines.append)
    assert count.read_text() == "bgg"


def _steps_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a module that a step can run: it executes its argument."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "report_line.py").write_text("import sys; exec(sys.argv[1])\n")


def _making(path: Path) -> str:
    return f"open({str(path)!r}, 'a').write('{{}}')"


def test_what_depends_on_a_failed_step_fails_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _steps_by_line(tmp_path, monkeypatch)
    model, judged = tmp_path / "model.pt", tmp_path / "judged.json"

    def planned(line: str) -> list[steps.Step]:
        return [
            steps.Step("training", model, ("report_line", line)),
            steps.Step("judging", judged, ("report_line", _making(judged)), (model,)),
        ]

    lines: list[str] = []
    assert steps.run(planned(_making(model)), tmp_path, lines.append) == {}
    assert judged.read_text() == "{}"
    failures = steps.run(planned("exit(3)"), tmp_path, lines.append)  # the older model is still there
    assert failures == {
        "training": "its command ended with code 3",
        "judging": "it needs model.pt, which is not there",
    }
    assert steps.failed_before(tmp_path) == failures
    assert steps.run(planned(_making(model)), tmp_path, lines.append) == {}
    assert judged.read_text() == "{}{}"  # the model is another one, so it is judged again
    assert steps.failed_before(tmp_path) == {}
    steps.run(planned(_making(model)), tmp_path, lines.append)
    assert lines[-2:] == ["training: done before", "judging: done before"]


def test_a_damaged_record_costs_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _steps_by_line(tmp_path, monkeypatch)
    made = tmp_path / "made.json"
    (tmp_path / steps.DONE).write_text('{"making": ')
    assert steps.run([steps.Step("making", made, ("report_line", _making(made)))], tmp_path, print) == {}
    assert made.exists()


def written(request: steps.Request, found: Results) -> None:
    for name, facts in found.items():
        place = f"{name}/evaluation.json" if name.startswith("evaluation") else f"{name}.json"
        write_facts(request.results / place, **facts)


@pytest.mark.parametrize(
    ("step", "claims"),
    [
        ("growth on real data", {"faster", "constant"}),
        ("growth on random data", {"faster", "constant"}),
        ("map", {"clusters"}),
        ("exact search and textbook hashing", {"exact", "hashing"}),
        ("attacks and defences", {"fooled", "collisions"}),
        ("evaluation of the tuned network", {"accuracy"}),
        ("evaluation of the bundled network", {"accuracy"}),
    ],
)
def test_what_a_failed_step_left_is_not_judged(tmp_path: Path, step: str, claims: set[str]) -> None:
    request = steps.Request(tmp_path / "animals", (), tmp_path / "out", None, None, True)
    assert step in [planned.name for planned in steps.plan(request)]
    written(request, results())
    bind(request, {step: "its command ended with code 1"}, with_pictures=False)
    verdicts = read_facts(request.out / "report.json")["claims"]
    assert {claim["name"] for claim in verdicts if claim["verdict"] == UNKNOWN} == claims
    assert f"{step} is missing: its command ended with code 1" in (request.out / "report.html").read_text()


@pytest.mark.parametrize("name", sorted(results()))
@pytest.mark.parametrize("content", ['{"machine": {}}', '{"machine": ', "[]"])
def test_a_result_of_another_version_is_named_and_not_judged(tmp_path: Path, name: str, content: str) -> None:
    request = steps.Request(tmp_path / "animals", (), tmp_path / "out", None, None, True)
    written(request, results())
    place = f"{name}/evaluation.json" if name.startswith("evaluation") else f"{name}.json"
    (request.results / place).write_text(content)
    bind(request, {}, with_pictures=False)
    facts = read_facts(request.out / "report.json")
    assert "its result file" in facts["failures"][name]
    judged = {claim["name"]: claim["verdict"] for claim in facts["claims"]}
    by_name = {claim.name: claim for claim in CLAIMS}
    for claim, verdict in judged.items():
        needed = name in by_name[claim].needs or (
            name.startswith("growth") and claim in ("faster", "constant")
        )
        assert verdict == (UNKNOWN if needed else HOLDS)


def test_a_result_that_lacks_what_a_claim_looks_at_is_not_judged() -> None:
    stale = {name: {**facts, "series": [], "runs": [{}], "methods": {}} for name, facts in results().items()}
    assert {words(stale)[name] for name in ("clusters", "constant", "fooled", "collisions")} == {UNKNOWN}


def test_the_page_escapes_and_fetches_nothing(tmp_path: Path) -> None:
    request = steps.Request(tmp_path / "<script>alert(1)</script>", (), tmp_path / "out", None, None, True)
    for name, facts in results().items():
        place = f"{name}/evaluation.json" if name.startswith("evaluation") else f"{name}.json"
        write_facts(request.results / place, **facts)
    assert gather(request.results) == (gather(request.results)[0], {})
    assert set(gather(request.results)[0]) == set(results())
    lines = bind(request, {"robustness": "a <b> failed"}, with_pictures=True)
    assert [line.split()[0] for line in lines] == ["holds"] * len(CLAIMS)
    page = (request.out / "report.html").read_text()
    assert "<script" not in page
    assert "a &lt;b&gt; failed" in page
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", page)
    assert "http" not in page.replace("http-equiv", "")
    for claim in CLAIMS:
        assert f'id="claim-{claim.name}"' in page
    assert {claim["verdict"] for claim in read_facts(request.out / "report.json")["claims"]} == {HOLDS}


def test_the_committed_settings_bind_without_any_result(tmp_path: Path) -> None:
    request = steps.Request(tmp_path / "animals", (), tmp_path / "out", None, None, False)
    lines = bind(request, {}, with_pictures=False)
    assert all(line.startswith(UNKNOWN) for line in lines)


@pytest.fixture(scope="module")
def vectors() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    centres = random.standard_normal((6, 32))
    labels = random.integers(6, size=220)
    rows = centres[labels] + 0.4 * random.standard_normal((220, 32))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), labels


def test_metrics_agree_with_scikit_learn(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    rows, labels = vectors
    found = neighbours.by_metric(rows[:200], rows[200:], labels[:200], labels[200:])
    assert [each["metric"] for each in found] == list(neighbours.METRICS)
    for each in found[:4]:
        name, _, power = each["metric"].partition(":")
        given = {"p": float(power)} if power else {}
        theirs = NearestNeighbors(n_neighbors=10, metric=name, **given).fit(rows[:200])
        ids = theirs.kneighbors(rows[200:], return_distance=False)
        assert each["accuracy"] == (labels[:200][ids[:, 0]] == labels[200:]).mean()
    assert found[0]["agreement"] == 1
    assert found[1]["agreement"] == 1  # the same order for vectors of length 1


def test_hashing_is_what_its_definition_says(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    rows, _ = vectors
    found = neighbours.by_bits(rows[:200], rows[200:], seed=3)
    one = [each for each in found if each["tables"] == 1 and each["ranking"] == "cosine"]
    assert [each["bits"] for each in one] == list(neighbours.BITS)
    for each in one:
        planes = neighbours.LSHash(each["bits"], 32, 1, seed=3).uniform_planes[0]
        keys = rows @ planes.T > 0
        same = (keys[200:, None] == keys[None, :200]).all(axis=2)
        assert each["candidates"] == pytest.approx(same.mean())
        products = rows[200:] @ rows[:200].T
        nearest = np.argsort(-products, axis=1)[:, :10]
        assert each["recall"] == pytest.approx(np.take_along_axis(same, nearest, 1).mean(), abs=0.01)
