"""A photo that a collage of the collection shows: asked for on the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lookalike import Client
from lookalike.alterations.compositions import collage
from program import Program
from scenes import scene
from served import Served, serving

pytestmark = pytest.mark.usefixtures("looks_are_kept")

SHOWN = range(100, 109)
"""Seeds of the pictures in the collage; by the embedding of the whole of it, the first is never found."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """With photos and a collage of nine others indexed, and two queries."""
    program = Program(tmp_path_factory.mktemp("collages"))
    folder = program.home / "pictures"
    folder.mkdir()
    for seed in range(12):
        scene(seed).save(folder / f"{seed}.png")
    first, *others = (scene(seed) for seed in SHOWN)
    collage(first, others, columns=3, rows=3).save(folder / "collage.jpg", quality=90)
    first.save(program.home / "shown.jpg", quality=85)
    scene(50).save(program.home / "stranger.jpg", quality=85)
    assert program.here("index", "pictures").code == 0
    return program


@pytest.fixture(scope="module")
def server(program: Program) -> Iterator[Served]:
    with serving(program) as running:
        yield running


def test_a_search_finds_the_collage_and_says_where_the_photo_is(program: Program) -> None:
    shown = program.here("search", "shown.jpg", "--copies-only")
    assert shown.code == 0
    assert "collage.jpg" in shown.out
    assert "shown in a part of it, 10 %: the upper left" in " ".join(shown.out.split())
    assert program.here("search", "stranger.jpg", "--copies-only").code == 3


def test_a_server_says_the_same(program: Program, server: Served) -> None:
    told = program.here("search", "shown.jpg", "--json").json
    with Client(server.url) as client:
        (first, *_) = client.search(program.home / "shown.jpg")
    assert first.verdict == "copy"
    assert first.path.name == "collage.jpg"
    assert first.facts() == told["matches"][0]


def test_comparing_with_the_collage_of_the_collection_says_the_same(program: Program, server: Served) -> None:
    shown = (program.home / "shown.jpg").read_bytes()
    collage_id = server.search(shown, k=1)["matches"][0]["image_id"]
    for photo, image in (("a", "b_id"), ("b", "a_id")):
        answer = server.client.post("/v1/compare", files={photo: shown}, data={image: collage_id}).json()
        assert (answer["verdict"], answer["evidence"]["verified"]) == ("copy", True)
