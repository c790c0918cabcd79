"""Vectors of another program, brought in by the real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike import Collection, Settings
from lookalike.collection.queries import Query
from lookalike.collection.questions import Question
from lookalike.embed import load_embedder
from lookalike.images import decode
from pictures import draw, write
from program import Done, Program
from served import serving

DIM = 48
COUNT = 12


def drawn(count: int = COUNT) -> NDArray[np.float16]:
    """Vectors as clip-retrieval keeps them, but of any length."""
    return np.random.default_rng(5).normal(size=(count, DIM)).astype(np.float16) * 3


def bring(
    program: Program,
    vectors: NDArray[np.floating],
    names: list[str],
    *more: str,
    model: str = "vectors:other",
) -> Done:
    np.save(program.home / "vectors.npy", vectors)
    (program.home / "ids.txt").write_text("".join(f"{name}\n" for name in names))
    return program.here(
        "index", "pictures", "--vectors", "vectors.npy", "--ids", "ids.txt", "--model", model, *more
    )


def units(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    rows = vectors.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def names(program: Program) -> list[str]:
    return [path.name for path in write(program.home / "pictures", COUNT)]


def test_they_are_searched_as_they_are(program: Program, names: list[str]) -> None:
    given = drawn()
    done = bring(program, given, names)
    assert (done.code, done.err.strip()) == (0, ""), done.err
    status = program.here("status", "--json").json
    assert status["embedder"] == f"vectors:other:{DIM}"
    assert status["roots"] == {str(program.home / "pictures"): COUNT}
    rows = units(given)
    with Collection.open(program.collection, settings=Settings()) as collection:
        ids = {path.name: image_id for image_id, path in collection.images()}
        stored = collection.vectors([ids[name] for name in names])
        np.testing.assert_allclose(stored, rows, atol=1e-6)
        for query in (collection.bases.query_of(ids[names[3]]), Query(stored[3])):
            found = collection.answer(query, Question(COUNT)).matches
            nearest = [names[i] for i in np.argsort(-(rows @ rows[3]), kind="stable")]
            assert [match.path.name for match in found] == nearest
            assert found[0].similarity == pytest.approx(1)
        assert {match.verdict for match in found} == {"similar", "different"}  # a vector has no pixels


def test_a_picture_cannot_be_embedded_and_the_program_says_so(program: Program, names: list[str]) -> None:
    assert bring(program, drawn(), names).code == 0
    draw(70).save(program.home / "pictures" / "new.png")
    for words in (["search", "pictures/new.png"], ["index", "pictures"]):
        refused = program.here(*words)
        assert (refused.code, refused.out) == (2, "")
        assert "holds vectors of 'other' that were made elsewhere" in refused.err
        assert refused.err.strip().endswith("lookalike reembed --model lite0")
        assert refused.err.count("\n") == 1
    with serving(program) as server:
        assert len(server.search(1, k=3)["matches"]) == 3
        answer = server.ask((program.home / "pictures" / "new.png").read_bytes())
        assert answer.status_code == 422
        assert "made elsewhere" in answer.json()["detail"]


def test_copies_are_found_and_the_collection_can_move(program: Program, names: list[str]) -> None:
    image = draw(1, 640, 480)
    image.save(program.home / "pictures" / names[1], quality=95)
    image.resize((320, 240)).save(program.home / "pictures" / "smaller.png")
    given = np.vstack([drawn(), drawn()[1:2] + np.float16(0.01)])
    assert bring(program, given, [*names, "smaller.png"]).code == 0
    (group,) = program.here("duplicates", "--json").json["groups"]
    assert {Path(one["paths"][0]).name for one in group["members"]} == {names[1], "smaller.png"}
    assert program.here("reembed", "--model", "lite0").code == 0
    found = program.here("search", "pictures/smaller.png", "--json").json["matches"]
    assert [match["verdict"] for match in found[:3]] == ["identical", "copy", "different"]


def test_vectors_of_a_network_that_is_here(program: Program, names: list[str]) -> None:
    network = load_embedder("lite0")
    images = [decode((program.home / "pictures" / name).read_bytes()).image for name in names]
    own = network.embed(images)
    refused = bring(program, own[::-1], names, model="lite0")
    assert refused.code == 2
    assert "these are not vectors of 'lite0'" in refused.err
    assert program.here("status", "--json").json["images"] == 0
    assert bring(program, own * 7, names, model="lite0").code == 0
    best = program.here("search", f"pictures/{names[5]}", "--json").json["matches"][0]
    assert (best["verdict"], Path(best["path"]).name) == ("identical", names[5])
    draw(70).save(program.home / "pictures" / "new.png")
    assert program.here("index", "pictures", "--json").json["added"] == 1


def test_rows_without_a_picture_and_pictures_without_a_row(program: Program, names: list[str]) -> None:
    given = drawn(COUNT + 2)
    given[1], given[2, 0] = 0, np.nan
    (program.home / "pictures" / names[3]).write_bytes(b"no picture")
    outside = program.home / "outside.png"
    draw(71).save(outside)
    told = bring(program, given, [*names, "gone.png", str(outside)], "--json")
    assert told.code == 1
    reasons = {Path(item["path"]).name: item["reason"] for item in told.json["rejected"]}
    assert reasons.keys() == {names[1], names[2], names[3], "gone.png"}
    assert reasons[names[1]] == reasons[names[2]] == "its vector is zero, or holds NaN or infinity"
    assert told.json["added"] == COUNT - 3 + 1
    again = bring(program, given, [*names, "gone.png", str(outside)], "--json").json
    assert (again["added"], again["unchanged"]) == (0, COUNT - 2)


def test_a_file_that_holds_no_picture_any_more_is_forgotten(program: Program, names: list[str]) -> None:
    assert bring(program, drawn(), names).code == 0
    (program.home / "pictures" / names[3]).write_bytes(b"no picture")
    told = bring(program, drawn(), names, "--json").json
    assert (told["pruned"], told["unchanged"], told["images"]) == (1, COUNT - 1, COUNT - 1)


def test_what_does_not_fit_is_refused(program: Program, names: list[str]) -> None:
    objects = np.array([{"a": 1}], object)
    cases: list[tuple[NDArray[np.generic], list[str], str]] = [
        (objects, names[:1], "cannot be read as vectors"),
        (np.ones(5, np.float32), names[:5], "must hold a floating-point array"),
        (np.ones((5, 3), np.int64), names[:5], "must hold a floating-point array"),
        (np.ones((5, 0), np.float32), names[:5], "must hold a floating-point array"),
        (np.ones((5, 3), np.float32), names[:4], "has 5 rows, but"),
        (np.ones((2, 3), np.float32), [names[0], f"./{names[0]}"], "line 2 names a path twice"),
        (np.ones((2, 3), np.float32), [names[0], ""], "line 2 is empty"),
    ]
    for vectors, lines, words in cases:
        refused = bring(program, vectors, lines)
        assert (refused.code, refused.out) == (2, ""), words
        assert words in refused.err
        assert refused.err.count("\n") == 1
    (program.home / "vectors.npy").write_bytes(b"\x93NUMPY\x01\x00")
    refused = program.here(
        "index", "pictures", "--vectors", "vectors.npy", "--ids", "ids.txt", "--model", "vectors:other"
    )
    assert "cannot be read as vectors" in refused.err
    assert "--vectors and --ids need each other" in program.here("index", "pictures", "--ids", "ids.txt").err
    assert "must be vectors:NAME" in bring(program, drawn(), names, model="vectors:a/b").err
    assert not program.collection.exists()


def test_those_of_two_networks_do_not_meet(program: Program, names: list[str]) -> None:
    assert bring(program, drawn(), names).code == 0
    for model, vectors in (("vectors:another", drawn()), ("vectors:other", drawn()[:, :40])):
        refused = bring(program, vectors, names, model=model)
        assert refused.code == 2
        assert "use another --collection" in refused.err
