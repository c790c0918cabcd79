"""A table's answers, held against those of one process with the same pictures: every field of every match."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from hostile import encoded
from local_shards import LocalShards
from lookalike import Collection
from lookalike.cluster.calibrating import TableCalibration
from lookalike.cluster.collection import TableCollection
from lookalike.cluster.copying import copy_from, table_for
from lookalike.cluster.ids import spans
from lookalike.cluster.shard import Shard
from lookalike.collection.answers import Answer, Match
from lookalike.collection.queries import Query, query_of
from lookalike.collection.questions import Question
from lookalike.embed import load_embedder
from lookalike.images.decoders import Decoders
from lookalike.settings import Settings
from pictures import draw, write

pytestmark = pytest.mark.slow


def statement(number: int) -> Image.Image:
    """A page that differs from another in its number alone, which only a close look at its file can tell."""
    page = Image.new("RGB", (600, 800), "white")
    pen, small, large = ImageDraw.Draw(page), ImageFont.load_default(16), ImageFont.load_default(32)
    pen.text((50, 40), "STATEMENT", fill="black", font=large)
    pen.text((50, 100), f"No. {number}", fill="black", font=small)
    for line in range(24):
        pen.text((50, 150 + 24 * line), f"{line:02} item {line * 37 % 90}.00", fill="black", font=small)
    return page


PICTURES = [*(draw(seed, 320, 240) for seed in range(8)), statement(1001)]
UPLOADS = [encoded(picture, "PNG") for picture in PICTURES]
SAID: list[Any] = [{"name": f"{place}.png", "tags": ["even"] * (place % 2 == 0)} for place in range(9)]
QUERIES = {
    "the same bytes": encoded(PICTURES[0], "PNG"),
    "smaller": encoded(PICTURES[1].resize((200, 150)), "JPEG", quality=80),
    "cropped": encoded(PICTURES[2].crop((30, 20, 300, 230)), "PNG"),
    "brighter": encoded(ImageEnhance.Brightness(PICTURES[3]).enhance(1.2), "JPEG", quality=90),
    "turned": encoded(PICTURES[4].transpose(Image.Transpose.ROTATE_90), "PNG"),
    "unknown": encoded(draw(77, 320, 240), "PNG"),
    "the same page": encoded(statement(1001), "JPEG", quality=60),
    "a page with another number": encoded(statement(1801), "JPEG", quality=60),
}
QUESTIONS = (Question(9), Question(3, metric="euclidean", exact=True), Question(9, tag="even", fpr=1e-4))
OF_THE_COLLECTION = {"image_id", "path", "paths", "rank"}
"""What need not be the same: ids, where uploads are kept, and the order of ids among equal distances."""


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    pool = Decoders(1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, decoders: Decoders) -> Iterator[Collection]:
    """A collection of one machine."""
    folder = tmp_path_factory.mktemp("one")
    with Collection.open(folder, create=True, settings=Settings(folder, threads=1)) as collection:
        collection.add_uploads(
            [encoded(picture, "PNG") for picture in PICTURES], said=SAID, decoders=decoders
        )
        yield collection


@pytest.fixture(scope="module")
def wanted(
    one: Collection, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[str, Query, list[Answer]]]:
    """The queries, and what one process answers to each of the questions."""
    folder = tmp_path_factory.mktemp("queries")
    asked = []
    for name, data in QUERIES.items():
        (folder / name).write_bytes(data)
        query = query_of(folder / name, one.embedder, one.settings.limits)
        asked.append((name, query, [one.answer(query, question) for question in QUESTIONS]))
    return asked


@pytest.fixture(params=["disk", "bucket", "google_tables"])
def many(request: pytest.FixtureRequest, uri: str, tmp_path: Path, decoders: Decoders) -> TableCollection:
    """The same pictures in a table of two shards, on a disk or in an object store."""
    place = uri if request.param == "disk" else f"{request.getfixturevalue(request.param)}/pictures.lance"
    table = table_for(place, load_embedder("lite0"), "lite0")
    shards = LocalShards([Shard(table, span) for span in spans(2)])
    settings = Settings(tmp_path / "unused", threads=1)
    collection = TableCollection(table, shards, settings)  # type: ignore[arg-type]  # asked as handles are
    collection.add_uploads(UPLOADS, decoders, SAID)
    return collection


def told(matches: list[Match]) -> list[dict[str, Any]]:
    """The matches by their names, without what need not be the same."""
    facts = [match.facts() for match in sorted(matches, key=lambda match: match.name)]
    return [{key: value for key, value in one.items() if key not in OF_THE_COLLECTION} for one in facts]


def same(one: Any, other: Any, within: float = 1e-3) -> bool:
    """Whether two values are the same, but for an embedding's last digits, which depend on its batch."""
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=within, abs_tol=1e-6)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], within) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b, within) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def test_answers_are_those_of_one_process(
    wanted: list[tuple[str, Query, list[Answer]]], many: TableCollection
) -> None:
    verdicts = set()
    for name, query, answers in wanted:
        for question, answer in zip(QUESTIONS, answers, strict=True):
            found = many.answer(query, question).found
            assert same(told(found.matches), told(answer.matches)), (name, found.matches, answer.matches)
            assert same([m.distance for m in found.matches], [m.distance for m in answer.matches])
            for fact in ("images", "fpr", "expected_false"):
                assert getattr(found, fact) == getattr(answer, fact)
            verdicts |= {match.verdict for match in found.matches}
            if name == "a page with another number" and question.tag is None:
                (page,) = [match for match in found.matches if match.name == "8.png"]
                assert page.evidence is not None
                assert page.evidence.differs_in_detail
    assert verdicts == {"identical", "copy", "similar", "different"}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """A collection of one machine, with enough pictures to be measured, and without panels."""
    folder = tmp_path_factory.mktemp("measured")
    write(folder / "pictures", 64)
    settings = Settings(folder / "one", threads=1)
    with Collection.open(folder / "one", create=True, settings=settings) as collection:
        collection.add([folder / "pictures"])
        assert collection.status().calibrated_on == 64
        with (
            collection.bases.database.atomic() as connection
        ):  # each is one more chance, and tables have none
            connection.execute("DELETE FROM panels")
        yield collection


@pytest.mark.parametrize("place", ["disk", "bucket"])
def test_strangers_are_measured_as_in_a_collection(
    place: str, measured: Collection, request: pytest.FixtureRequest, uri: str, tmp_path: Path
) -> None:
    """The chance of each match is that of a collection of these pictures, and not what ships."""
    one, embedder = measured, measured.embedder
    address = uri if place == "disk" else f"{request.getfixturevalue(place)}/pictures.lance"
    table = table_for(address, embedder, "lite0")
    copy_from(one.settings.collection, table)
    shards = LocalShards([Shard(table, span) for span in spans(2)])
    before, after = (
        TableCollection(table, shards, one.settings)  # type: ignore[arg-type]
        for _ in range(2)
    )
    question = Question(20)
    draw(3).resize((80, 60)).save(tmp_path / "query.png")
    query = query_of(tmp_path / "query.png", embedder, one.settings.limits)
    by_shipped = told(before.answer(query, question).found.matches)
    TableCalibration(table).measure(embedder, one.settings)
    wanted = told(one.answer(query, question).matches)
    # Which pairs stand for those around them depends on the order of ids, so chances are only near.
    assert same(told(after.answer(query, question).found.matches), wanted, within=0.05)
    assert not same(by_shipped, wanted, within=0.5)
    again = TableCalibration(table)
    current = again.current()
    again.measure(embedder, one.settings)
    assert again.current() is current  # the table has not grown
