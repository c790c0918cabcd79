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
from lookalike.collection.answers import Match
from lookalike.collection.queries import query_of
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


def test_answers_are_those_of_one_process(one: Collection, many: TableCollection, tmp_path: Path) -> None:
    verdicts = set()
    for name, data in QUERIES.items():
        file = tmp_path / "query"
        file.write_bytes(data)
        query = query_of(file, many.embedder, many.settings.limits)
        for question in QUESTIONS:
            wanted, found = one.answer(query, question), many.answer(query, question).found
            assert same(told(found.matches), told(wanted.matches)), (name, found.matches, wanted.matches)
            assert same([m.distance for m in found.matches], [m.distance for m in wanted.matches])
            for fact in ("images", "fpr", "expected_false"):
                assert getattr(found, fact) == getattr(wanted, fact)
            verdicts |= {match.verdict for match in found.matches}
            if name == "a page with another number" and question.tag is None:
                (page,) = [match for match in found.matches if match.name == "8.png"]
                assert page.evidence is not None
                assert page.evidence.differs_in_detail
    assert verdicts == {"identical", "copy", "similar", "different"}


@pytest.mark.parametrize("place", ["disk", "bucket"])
def test_strangers_are_measured_as_in_a_collection(
    place: str, request: pytest.FixtureRequest, uri: str, tmp_path: Path
) -> None:
    """The chance of each match is that of a collection of these pictures, and not what ships."""
    settings = Settings(tmp_path / "one", threads=1)
    write(tmp_path / "pictures", 64)
    address = uri if place == "disk" else f"{request.getfixturevalue(place)}/pictures.lance"
    with Collection.open(tmp_path / "one", create=True, settings=settings) as one:
        one.add([tmp_path / "pictures"])
        assert one.status().calibrated_on == 64
        with one.bases.database.atomic() as connection:  # each is one more chance, and tables have none
            connection.execute("DELETE FROM panels")
        table = table_for(address, one.embedder, "lite0")
        copy_from(tmp_path / "one", table)
        shards = LocalShards([Shard(table, span) for span in spans(2)])
        shipped, measured = (
            TableCollection(table, shards, settings)  # type: ignore[arg-type]
            for _ in range(2)
        )
        question = Question(20)
        draw(3).resize((80, 60)).save(tmp_path / "query.png")
        query = query_of(tmp_path / "query.png", one.embedder, settings.limits)
        by_shipped = told(shipped.answer(query, question).found.matches)
        TableCalibration(table).measure(one.embedder, settings)
        wanted = told(one.answer(query, question).matches)
        # Which pairs stand for those around them depends on the order of ids, so chances are only near.
        assert same(told(measured.answer(query, question).found.matches), wanted, within=0.05)
        assert not same(by_shipped, wanted, within=0.5)
        again = TableCalibration(table)
        before = again.current()
        again.measure(one.embedder, settings)
        assert again.current() is before  # the table has not grown
