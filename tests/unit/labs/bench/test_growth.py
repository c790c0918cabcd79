"""The experiment on growth, whole, on little random data and on points whose law is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lookalike.labs.bench import growth

pytestmark = pytest.mark.usefixtures("small_heap")

SIZES = (300, 600, 900)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("growth")
    sizes = [str(size) for size in SIZES]
    growth.main(["--random", "--queries", "5", "--rounds", "1", "--out", str(folder), "--sizes", *sizes])
    return folder


def read(out: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((out / "growth-random.json").read_text())
    return facts


def test_exact_search_finds_everything_and_hashing_what_it_was_asked_for(out: Path) -> None:
    facts = read(out)
    assert facts["sizes"] == list(SIZES)
    exact = [each for each in facts["series"] if each["kind"] == "exact"]
    assert {"this project, exact", "scikit-learn brute force"} <= {each["name"] for each in exact}
    assert {point["recall"] for each in exact for point in each["points"]} == {1.0}
    asked = next(each for each in facts["series"] if each["name"] == facts["lsh_name"])
    assert all(point["recall"] >= 0.8 for point in asked["points"])  # 50 answers at 0.95
    theirs = [each for each in facts["series"] if each["name"].startswith("lshashpy3")]
    assert len(theirs) == 2
    assert all(point["recall"] < 0.9 for each in theirs for point in each["points"])
    assert all(point["query_seconds"] > 0 for each in facts["series"] for point in each["points"])


def test_it_is_drawn(out: Path) -> None:
    with Image.open(out / "growth-random.png") as picture:
        assert min(picture.size) > 600


def test_what_was_measured_is_not_measured_again(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = read(out)
    arguments = ["--random", "--queries", "5", "--rounds", "1", "--out", str(out), "--sizes", "300", "600"]
    growth.main(arguments)
    assert capsys.readouterr().out.count("measured before") == 2
    assert [each["points"] for each in read(out)["series"]] == [each["points"] for each in before["series"]]
    growth.main([*arguments[:-2], "300", "--rounds", "2"])
    assert "measured before" not in capsys.readouterr().out
    assert read(out)["sizes"] == [300]


@pytest.mark.parametrize(
    "stale",
    [
        lambda facts: {},
        lambda facts: {**facts, "settings": {}},
        lambda facts: {**facts, "series": [{"name": "this project, exact"}]},
        lambda facts: {**facts, "series": [{**each, "points": [{"rows": 300}]} for each in facts["series"]]},
        lambda facts: {key: value for key, value in facts.items() if key != "series"},
        lambda facts: [],
    ],
)
def test_a_result_of_another_version_is_measured_again(
    out: Path, tmp_path: Path, stale: Callable[[dict[str, Any]], object]
) -> None:
    path = tmp_path / "growth-random.json"
    path.write_text(json.dumps(stale(read(out))))
    settings = read(out)["settings"]
    assert growth._kept_points(path, settings) == []
    kept = [point for each in read(out)["series"] for point in each["points"]]
    assert len(growth._kept_points(out / path.name, settings)) == len(kept)


def test_contenders_that_were_not_there_before_cross_where_both_were_measured() -> None:
    def points(name: str, kind: str, seconds: float, sizes: tuple[int, ...]) -> list[dict[str, Any]]:
        return [{"name": name, "kind": kind, "rows": rows, "query_seconds": seconds} for rows in sizes]

    older = [*points("scan", "exact", 2.0, (100, 200, 400)), *points("hash", "lsh", 1.0, (200, 400))]
    (crossing,) = growth._facts([*older, *points("hash", "lsh", 9.0, (800,))], "x", {})["crossovers"]
    assert crossing == {"exact": "scan", "lsh": "hash", "rows": 200}
    (never,) = growth._facts(
        [*points("scan", "exact", 2.0, (100,)), *points("hash", "lsh", 1.0, (200,))], "x", {}
    )["crossovers"]
    assert never["rows"] is None


def test_laws_and_crossings_of_known_points() -> None:
    def points(name: str, kind: str, factor: float, exponent: float) -> list[dict[str, Any]]:
        return [
            {"name": name, "kind": kind, "rows": rows, "query_seconds": factor * rows**exponent}
            for rows in (100, 1000, 4000, 16_000)
        ]

    facts = growth._facts([*points("scan", "exact", 1.0, 1.0), *points("hash", "lsh", 50.0, 0.5)], "x", {})
    laws = {each["name"]: each["exponent"] for each in facts["series"]}
    assert laws == {"scan": pytest.approx(1.0), "hash": pytest.approx(0.5)}
    assert facts["crossovers"] == [
        {"exact": "scan", "lsh": "hash", "rows": pytest.approx(3025)}
    ]  # 50² and a tenth


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--random", "--sizes", "50"], "sizes start at 100 rows"),
        (["--pictures", "nowhere"], "no folder nowhere"),
        (["--random", "--pictures", "x"], "not allowed with"),
    ],
)
def test_mistakes(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        growth.main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
